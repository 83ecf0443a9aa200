/* matrix.c - every fault of the fault server against a lane: at a tenth of all requests, at
 * half and at all of them; and providers that are out for a while and come back. Nothing is
 * lost, nothing counted twice, what we counted as used is what the server counted, and it
 * ends in bounded time. Arguments: jobs of a run, faults;
 * MATRIX_SHARES in the environment: other shares. Skipped (77) where there is no fault server. */
#include <glib.h>
#include <json-c/json.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lane.h"

/* Lanes here wait a hundredth of what they usually do, so that an outage of 600 ms is one of a
 * minute: far longer than a lane's breaker rests at first. */
enum { ROUND_JOBS = 50, ALL_JOBS = 4, MOST_JOBS = 100000, OUTAGE_MS = 600 };

/* What becomes of a job that meets the fault. */
typedef enum fate {
  AGAIN = 0, /* it is asked again, and answered in the end */
  ANSWERED,  /* it is an answer, of the outcome that is said */
  STOPS      /* the lane stops at the first */
} fate;

typedef struct rule {
  const char *fault;
  fate fate;
  uint32_t outcome;
} rule;

/* All others: AGAIN. */
static const rule rules[] = {
    {"429_spent", STOPS, CLIO_OUT_SPENT},
    {"402", STOPS, CLIO_OUT_SPENT},
    {"401", STOPS, CLIO_OUT_FATAL},
    {"403", STOPS, CLIO_OUT_FATAL},
    {"404", STOPS, CLIO_OUT_FATAL},
    {"302", STOPS, CLIO_OUT_FATAL},
    {"500_no_retry", ANSWERED, CLIO_OUT_INVALID},
    {"400", ANSWERED, CLIO_OUT_INVALID},
    {"400_temperature", ANSWERED, CLIO_OUT_INVALID},
    {"400_prefill", ANSWERED, CLIO_OUT_INVALID},
    {"400_schema", ANSWERED, CLIO_OUT_INVALID},
    {"400_max_tokens", ANSWERED, CLIO_OUT_INVALID},
    {"400_filter", ANSWERED, CLIO_OUT_INVALID},
    {"413", ANSWERED, CLIO_OUT_INVALID},
    {"refusal", ANSWERED, CLIO_OUT_REFUSAL},
    {"length", ANSWERED, CLIO_OUT_LENGTH},
    {"context_exceeded", ANSWERED, CLIO_OUT_LENGTH},
    {"filtered", ANSWERED, CLIO_OUT_FILTERED},
};

typedef struct round_of {
  char url[64];
  GMutex lock;
  GCond cond;
  int jobs, ended, outcomes[CLIO_OUT_FATAL + 1], stopped;
  int64_t in_tokens, out_tokens, delivered, unsent, judged, late;
} round_of;

typedef struct job {
  round_of *r;
  int number;
  char body[160];
} job;

static http *h, *control_http; /* broken connections are not for control */
static int port, bad;

#define CHECK(condition, ...) \
  do { \
    if (!(condition)) { \
      bad++; \
      fprintf(stderr, "matrix: " __VA_ARGS__); \
      fprintf(stderr, ": %s\n", #condition); \
    } \
  } while (0)

/* ---- the owner of the lane ---- */

static json_object *get(json_object *o, const char *name) {
  json_object *v = NULL;
  return json_object_is_type(o, json_type_object) && json_object_object_get_ex(o, name, &v) ? v
                                                                                            : NULL;
}

static clio_status build(void *ctx, uint32_t attempt, lane_request *ret) {
  static const char *const headers[] = {"content-type: application/json", NULL};
  job *j = ctx;
  (void)attempt;
  snprintf(j->body, sizeof j->body,
           "{\"model\":\"m\",\"messages\":[{\"role\":\"user\",\"content\":\"question %d\"}]}",
           j->number);
  ret->http = (http_request){.url = j->r->url, .headers = headers, .body = j->body};
  ret->http.body_len = strlen(j->body);
  return CLIO_OK;
}

static uint32_t outcome_of(json_object *choice) {
  const char *finish = json_object_get_string(get(choice, "finish_reason"));
  json_object *message = get(choice, "message"), *content = get(message, "content");
  if (get(message, "refusal")) return CLIO_OUT_REFUSAL;
  if (finish && !strcmp(finish, "content_filter")) return CLIO_OUT_FILTERED;
  if (finish && !strcmp(finish, "length")) return CLIO_OUT_LENGTH;
  if (!json_object_is_type(content, json_type_string)) return CLIO_OUT_TRANSIENT;
  return json_object_get_string_len(content) > 0 ? CLIO_OUT_OK : CLIO_OUT_TRANSIENT;
}

/* A small reading of an OpenAI answer: enough to tell good from bad. */
static void judge(void *ctx, const http_reply *reply, lane_verdict *v) {
  round_of *r = ((job *)ctx)->r;
  r->judged++;
  r->unsent += reply->end == HTTP_UNSENT;
  r->late += reply->end == HTTP_LOST && strstr(reply->why, "in time");
  if (reply->end != HTTP_WHOLE) return;
  if (reply->status == 429 && strstr(reply->body, "insufficient_quota"))
    v->outcome = CLIO_OUT_SPENT;
  if (reply->status != 200) return;
  json_object *o = json_tokener_parse(reply->body), *usage = get(o, "usage");
  json_object *choices = get(o, "choices");
  v->outcome = CLIO_OUT_TRANSIENT;
  v->why = "the answer is none";
  if (usage && json_object_is_type(choices, json_type_array)) {
    v->outcome = outcome_of(json_object_array_get_idx(choices, 0));
    v->in_tokens = json_object_get_int64(get(usage, "prompt_tokens"));
    v->out_tokens = json_object_get_int64(get(usage, "completion_tokens"));
    r->delivered++;
    r->in_tokens += v->in_tokens;
    r->out_tokens += v->out_tokens;
  }
  json_object_put(o);
}

static void done(void *ctx, const lane_verdict *v) {
  job *j = ctx;
  g_mutex_lock(&j->r->lock);
  j->r->outcomes[v->outcome]++;
  j->r->stopped += v->stop != 0;
  j->r->ended++;
  g_cond_signal(&j->r->cond);
  g_mutex_unlock(&j->r->lock);
  g_free(j);
}

/* ---- the server ---- */

typedef struct control {
  GMutex lock;
  GCond cond;
  char *body;
} control;

static void on_control(void *ctx, const http_reply *r) {
  control *c = ctx;
  g_mutex_lock(&c->lock);
  c->body = g_strdup(r->body);
  g_cond_signal(&c->cond);
  g_mutex_unlock(&c->lock);
}

static json_object *ask_control(const char *path, const char *body) {
  control c = {0};
  char url[64];
  snprintf(url, sizeof url, "http://127.0.0.1:%d/control/%s", port, path);
  http_post(control_http, &(http_request){.url = url, .body = body, .body_len = strlen(body)},
            on_control, &c);
  g_mutex_lock(&c.lock);
  while (!c.body) g_cond_wait(&c.cond, &c.lock);
  g_mutex_unlock(&c.lock);
  json_object *o = json_tokener_parse(c.body);
  g_free(c.body);
  return o;
}

static int64_t number(json_object *o, const char *name) {
  return json_object_get_int64(get(o, name));
}

static GPid start_server(int *ret_in, int *ret_port) {
  const char *build_dir = g_getenv("CLIO_BUILD");
  g_autofree char *path =
      g_build_filename(build_dir ? build_dir : ".", "tests/server/fault_server", NULL);
  char *argv[] = {path, "--seed", "7", "--hold", "400", NULL}, line[64] = "";
  GPid pid = 0;
  int out = -1;
  if (!g_file_test(path, G_FILE_TEST_IS_EXECUTABLE)) exit(77);
  if (!g_spawn_async_with_pipes(NULL, argv, NULL, G_SPAWN_DO_NOT_REAP_CHILD, NULL, NULL, &pid,
                                ret_in, &out, NULL, NULL))
    exit(77);
  FILE *f = fdopen(out, "r");
  if (!fgets(line, sizeof line, f) || !g_str_has_prefix(line, "listening on ")) exit(1);
  *ret_port = (int)g_ascii_strtoll(line + 13, NULL, 10);
  fclose(f);
  return pid;
}

/* ---- one round ---- */

static lane *new_lane(round_of *r, int jobs, uint32_t attempts, int64_t give_up_ms) {
  const lane_options o = {.http = h,
                          .calls = {build, NULL, judge, done},
                          .in_flight = 16,
                          .attempts = attempts,
                          .retry_share = 1,
                          .backoff_ms = 4,
                          .max_wait_ms = 60,
                          .breaker_ms = 5,
                          .give_up_ms = give_up_ms};
  lane *l = NULL;
  lane_new(&o, &l, NULL);
  r->jobs = jobs;
  for (int i = 0; i < jobs; i++) {
    job *j = g_new0(job, 1);
    j->r = r;
    j->number = i;
    lane_submit(l, j);
  }
  return l;
}

static void end_lane(lane *l, round_of *r, lane_status *ret) {
  int64_t until = g_get_monotonic_time() + 30 * G_TIME_SPAN_SECOND;
  g_mutex_lock(&r->lock);
  while (r->ended < r->jobs && g_cond_wait_until(&r->cond, &r->lock, until)) {
  }
  g_mutex_unlock(&r->lock);
  lane_get_status(l, ret);
  lane_free(l);
}

static void run_lane(round_of *r, int jobs, uint32_t attempts, int64_t give_up_ms,
                     lane_status *ret) {
  end_lane(new_lane(r, jobs, attempts, give_up_ms), r, ret);
}

static const rule *rule_of(const char *fault) {
  static const rule other = {NULL, AGAIN, CLIO_OUT_OK};
  for (size_t i = 0; i < G_N_ELEMENTS(rules); i++)
    if (!strcmp(fault, rules[i].fault)) return &rules[i];
  return &other;
}

/* The counts, once the server is through with all it was asked. */
static json_object *settled_tally(void) {
  json_object *o = ask_control("tally", "");
  for (int i = 0; i < 1000 && number(o, "at_once") > 0; i++) {
    json_object_put(o);
    g_usleep(5000);
    o = ask_control("tally", "");
  }
  return o;
}

static void check_sums(const char *fault, const round_of *r, const lane_status *s) {
  json_object *o = settled_tally();
  CHECK(r->ended == r->jobs, "%s", fault);
  CHECK(r->judged == (int64_t)s->sent, "%s", fault);
  /* What was lost may have been counted, or not. */
  int64_t most = (int64_t)s->sent - r->unsent;
  CHECK(number(o, "requests") <= most, "%s", fault);
  /* A slow client may take the garbage for its next answer, a 500, and ask again. */
  bool all = strcmp(fault, "trailing_garbage") != 0;
  CHECK(!all || number(o, "requests") >= most - (int64_t)s->lost, "%s: %d of %d, %d lost", fault,
        (int)number(o, "requests"), (int)most, (int)s->lost);
  /* An answer may have gone out to a client that had given up waiting. */
  int64_t unread = number(o, "delivered") - r->delivered;
  CHECK(unread >= 0 && unread <= r->late, "%s", fault);
  CHECK(unread || number(o, "in_tokens") == r->in_tokens, "%s", fault);
  CHECK(unread || number(o, "out_tokens") == r->out_tokens, "%s", fault);
  json_object_put(o);
}

static void start_round(const char *fault, const char *share, round_of *r) {
  g_autofree char *text = g_strdup_printf("%s=%s", fault, share);
  memset(r, 0, sizeof *r);
  snprintf(r->url, sizeof r->url, "http://127.0.0.1:%d/v1/chat/completions", port);
  json_object_put(settled_tally());
  json_object_put(ask_control("faults", text));
  json_object_put(ask_control("reset", ""));
}

static void check_some(const char *fault, int jobs, const char *share) {
  const rule *u = rule_of(fault);
  round_of r;
  lane_status s;
  start_round(fault, share, &r);
  run_lane(&r, jobs, 30, 10000, &s);
  check_sums(fault, &r, &s);
  int good = r.outcomes[CLIO_OUT_OK];
  if (u->fate == STOPS)
    CHECK(s.stop && r.outcomes[u->outcome] >= 1 && good + r.stopped == jobs, "%s", fault);
  else if (u->fate == ANSWERED)
    CHECK(good + r.outcomes[u->outcome] == jobs && r.outcomes[u->outcome] > 0, "%s", fault);
  else
    CHECK(good == jobs, "%s: %d of %d, stop %u (%s)", fault, good, jobs, s.stop, s.stopped);
}

static void check_all(const char *fault) {
  const rule *u = rule_of(fault);
  round_of r;
  lane_status s;
  start_round(fault, "1", &r);
  run_lane(&r, ALL_JOBS, 2, 300, &s);
  check_sums(fault, &r, &s);
  if (u->fate == STOPS)
    CHECK(s.sent == 1 && r.stopped == ALL_JOBS, "all %s", fault);
  else if (u->fate == ANSWERED)
    CHECK(r.outcomes[u->outcome] == ALL_JOBS && s.sent == ALL_JOBS, "all %s", fault);
  else
    CHECK(r.outcomes[CLIO_OUT_OK] == ALL_JOBS ||
              r.outcomes[CLIO_OUT_INVALID] + r.stopped == ALL_JOBS,
          "all %s", fault);
}

/* All fail, then none: every job is answered, and in between the provider was left alone. */
static void check_outage(const char *fault, int jobs) {
  round_of r;
  lane_status s;
  start_round(fault, "1", &r);
  r.jobs = jobs;
  lane *l = new_lane(&r, jobs, 8, 10000);
  g_usleep(OUTAGE_MS * 1000);
  lane_get_status(l, &s);
  CHECK(r.ended == 0 && !s.stop, "outage %s: %d ended", fault, r.ended);
  CHECK(s.seen[0] && s.bad_ms > OUTAGE_MS / 2 && s.where[0], "outage %s", fault);
  uint64_t during = s.sent;
  json_object_put(ask_control("faults", ""));
  end_lane(l, &r, &s);
  check_sums(fault, &r, &s);
  CHECK(r.outcomes[CLIO_OUT_OK] == jobs, "outage %s: %d of %d", fault, r.outcomes[CLIO_OUT_OK],
        jobs);
  /* A row of failures that opens the breaker, and tries. */
  CHECK(during < 20 + 2 * 16 + OUTAGE_MS / 5, "outage %s: %d sent", fault, (int)during);
}

static char **fault_names(void) {
  const char *build_dir = g_getenv("CLIO_BUILD");
  g_autofree char *path =
      g_build_filename(build_dir ? build_dir : ".", "tests/server/fault_server", NULL);
  char *argv[] = {path, "--list", NULL}, *out = NULL;
  if (!g_spawn_sync(NULL, argv, NULL, 0, NULL, NULL, &out, NULL, NULL, NULL)) exit(77);
  char **names = g_strsplit(g_strstrip(out), "\n", -1);
  g_free(out);
  return names;
}

int main(int argc, char **argv) {
  const http_options o = {.stall_ms = 60, .total_ms = 600, .max_body = 1 << 20};
  int in = -1, jobs = argc > 1 ? (int)g_ascii_strtoll(argv[1], NULL, 10) : ROUND_JOBS;
  error e = {0};
  GPid pid = start_server(&in, &port);
  if (jobs < 1 || jobs > MOST_JOBS || http_new(&o, &h, &e) || http_new(NULL, &control_http, &e))
    return 1;
  g_auto(GStrv) names = argc > 2 ? g_strdupv(argv + 2) : fault_names();
  const char *named = g_getenv("MATRIX_SHARES");
  g_auto(GStrv) shares = g_strsplit(named ? named : "0.1 0.5", " ", -1);
  int64_t began = http_now();
  for (char **n = names; *n; n++) {
    int64_t at = http_now();
    for (char **share = shares; *share; share++) check_some(*n, jobs, *share);
    check_all(*n);
    if (http_now() - at > 3000) printf("%s took %d ms\n", *n, (int)(http_now() - at));
  }
  static const char *const outages[] = {"500", "503", "529", "429", "reset_before", NULL};
  for (int i = 0; argc <= 2 && outages[i]; i++) check_outage(outages[i], jobs);
  printf("matrix: %u faults, %d ms, %d bad\n", g_strv_length(names), (int)(http_now() - began),
         bad);
  http_free(h);
  http_free(control_http);
  close(in);
  waitpid(pid, NULL, 0);
  return bad != 0;
}
