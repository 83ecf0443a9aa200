/* lane_test.c - whole lanes against a server that answers by script: what is sent, how
 * often, when, and how each job ends. */
#include <string.h>

#include "../server/raw.h"
#include "lane.h"
#include "unit.h"
#include "wire.h"

enum { MOST = 4000, RESET = -1 };

/* What the server answers to the n-th request of a job; RESET: nothing, and hangs up. */
typedef struct script script;
typedef int (*script_fn)(script *s, int job, int nth, const char **headers);
struct script {
  script_fn answer;
  int latency_ms, bears; /* bears: more at once get 429; 0: any number */
  GMutex lock;
  int seen[MOST], delivered[MOST], at_once, most_at_once, requests;
  int64_t times[MOST * 4]; /* of the requests, in ms */
};

/* One job's end, and the owner's side of the lane. */
typedef struct task {
  struct fleet *f;
  int number, done, judged, sent;
  lane_verdict v;
} task;

typedef struct fleet {
  script s;
  wire *w;
  http *h;
  lane *l;
  char url[64];
  int jobs, ended, sends;
  int budget;      /* most may_send; 0: any */
  int money_waits; /* may_send answers WAIT this often first */
  int adapt_until; /* judge: ADAPT while fewer were sent; 0: never */
  bool spends;     /* judge: 429 with x-spent is SPENT */
  GMutex lock;
  GCond cond;
  task tasks[MOST];
} fleet;

/* ---- the server ---- */

/* The status of this request; what it was counted under is locked meanwhile. */
static int enter(script *s, int job, const char **ret_headers) {
  g_mutex_lock(&s->lock);
  int nth = ++s->seen[job];
  s->at_once++;
  s->most_at_once = MAX(s->most_at_once, s->at_once);
  if (s->requests < MOST * 4) s->times[s->requests] = http_now();
  s->requests++;
  int status = s->bears && s->at_once > s->bears ? 429 : s->answer(s, job, nth, ret_headers);
  g_mutex_unlock(&s->lock);
  return status;
}

static int count_at_once(script *s) {
  g_mutex_lock(&s->lock);
  int n = s->at_once;
  g_mutex_unlock(&s->lock);
  return n;
}

static int count_requests(fleet *f) {
  g_mutex_lock(&f->s.lock);
  int n = f->s.requests;
  g_mutex_unlock(&f->s.lock);
  return n;
}

static void leave(script *s, int job, gboolean delivered) {
  g_mutex_lock(&s->lock);
  s->at_once--;
  s->delivered[job] += delivered;
  g_mutex_unlock(&s->lock);
}

static gboolean serve(int fd, const wire_request *r, void *ctx) {
  script *s = ctx;
  int job = (int)g_ascii_strtoll(r->body, NULL, 10);
  const char *headers = "";
  int status = enter(s, job, &headers);
  if (s->latency_ms && status != 429) g_usleep((gulong)s->latency_ms * 1000);
  leave(s, job, status == 200);
  if (status == RESET) {
    raw_play(fd, "reset_before", "", 0, 0);
    return FALSE;
  }
  return wire_send(fd, status, headers, "{}", 2);
}

/* ---- the owner ---- */

static clio_status build(void *job, uint32_t attempt, lane_request *ret) {
  static const char *const headers[] = {"content-type: application/json", NULL};
  static _Thread_local char body[16];
  task *t = job;
  if (attempt == 0) return CLIO_E_INTERNAL;
  g_snprintf(body, sizeof body, "%d", t->number);
  ret->http = (http_request){.url = t->f->url, .headers = headers, .body = body};
  ret->http.body_len = strlen(body);
  ret->in_tokens = 100;
  ret->out_tokens = 50;
  return CLIO_OK;
}

static uint32_t may_send(void *job) {
  task *t = job;
  if (t->f->money_waits > 0) {
    t->f->money_waits--;
    return LANE_WAIT;
  }
  if (t->f->budget && t->f->budget == t->f->sends) return LANE_STOP;
  t->f->sends++;
  t->sent++;
  return LANE_SEND;
}

static void judge(void *job, const http_reply *r, lane_verdict *v) {
  task *t = job;
  t->judged++;
  v->in_tokens = 80;
  v->out_tokens = 20;
  if (t->f->spends && http_header(r, "x-spent")) v->outcome = CLIO_OUT_SPENT;
  if (t->f->adapt_until && r->status == 400 && t->sent < t->f->adapt_until)
    v->outcome = CLIO_OUT_ADAPT;
}

static void done(void *job, const lane_verdict *v) {
  task *t = job;
  g_mutex_lock(&t->f->lock);
  t->done++;
  t->v = *v;
  t->v.why = NULL;
  t->f->ended++;
  g_cond_signal(&t->f->cond);
  g_mutex_unlock(&t->f->lock);
}

static fleet *fleet_new(script_fn answer, const lane_options *options) {
  fleet *f = g_new0(fleet, 1);
  const http_options ho = {.total_ms = 5000, .stall_ms = 2000};
  lane_options o = *options;
  error e = {0};
  f->s.answer = answer;
  f->w = wire_new(serve, &f->s);
  g_snprintf(f->url, sizeof f->url, "http://127.0.0.1:%d/v1", wire_port(f->w));
  CU_ASSERT_EQUAL_FATAL(http_new(&ho, &f->h, &e), CLIO_OK);
  o.http = f->h;
  o.name = "small";
  o.calls = (lane_calls){build, may_send, judge, done};
  if (!o.backoff_ms) o.backoff_ms = 5;
  if (!o.max_wait_ms) o.max_wait_ms = 2000;
  if (!o.breaker_ms) o.breaker_ms = 50;
  CU_ASSERT_EQUAL_FATAL(lane_new(&o, &f->l, &e), CLIO_OK);
  return f;
}

static void fleet_submit(fleet *f, int jobs) {
  for (int i = 0; i < jobs; i++) {
    task *t = &f->tasks[f->jobs];
    t->f = f;
    t->number = f->jobs++;
    lane_submit(f->l, t);
  }
}

static void fleet_wait(fleet *f) {
  int64_t until = g_get_monotonic_time() + 20 * G_TIME_SPAN_SECOND;
  g_mutex_lock(&f->lock);
  while (f->ended < f->jobs)
    if (!g_cond_wait_until(&f->cond, &f->lock, until)) break;
  g_mutex_unlock(&f->lock);
  CU_ASSERT_EQUAL(f->ended, f->jobs);
}

/* What holds of every run: one end a job, one judgement a sent attempt. */
static lane_status fleet_free(fleet *f) {
  lane_status s;
  lane_get_status(f->l, &s);
  lane_free(f->l);
  http_free(f->h);
  wire_free(f->w);
  for (int i = 0; i < f->jobs; i++) {
    const task *t = &f->tasks[i];
    if (t->done != 1 || t->judged != t->sent)
      g_printerr("job %d: done %d, judged %d, sent %d\n", i, t->done, t->judged, t->sent);
    CU_ASSERT_EQUAL(t->done, 1);
    CU_ASSERT_EQUAL(t->judged, t->sent);
    CU_ASSERT_EQUAL(t->v.attempts, (uint32_t)t->sent);
  }
  return s;
}

static int count_outcome(const fleet *f, uint32_t outcome) {
  int n = 0;
  for (int i = 0; i < f->jobs; i++) n += f->tasks[i].v.outcome == outcome && !f->tasks[i].v.stop;
  return n;
}

static int count_stopped(const fleet *f, uint32_t stop) {
  int n = 0;
  for (int i = 0; i < f->jobs; i++) n += f->tasks[i].v.stop == stop;
  return n;
}

/* ---- scripts ---- */

static int always_good(script *s, int job, int nth, const char **headers) {
  (void)s;
  (void)job;
  (void)nth;
  (void)headers;
  return 200;
}

static unsigned hash(int job, int nth) {
  unsigned x = (unsigned)(job * 31 + nth) * 2654435761u;
  return (x >> 16) % 100;
}

/* ---- tests ---- */

static void test_good(void) {
  fleet *f = fleet_new(always_good, &(lane_options){.in_flight = 64});
  f->s.latency_ms = 20;
  int64_t began = http_now();
  fleet_submit(f, 1000);
  fleet_wait(f);
  CU_ASSERT_EQUAL(count_outcome(f, CLIO_OUT_OK), 1000);
  CU_ASSERT_EQUAL(count_requests(f), 1000);
  CU_ASSERT_TRUE(f->s.most_at_once > 40 && f->s.most_at_once <= 64);
  CU_ASSERT_TRUE(http_now() - began < 5000);
  lane_status s = fleet_free(f);
  CU_ASSERT_EQUAL(s.done, 1000);
  CU_ASSERT_EQUAL(s.sent, 1000);
  CU_ASSERT_EQUAL(s.retries, 0);
  CU_ASSERT_EQUAL(s.in_flight, 0);
  CU_ASSERT_EQUAL(s.window, 64);
  CU_ASSERT_STRING_EQUAL(s.waits, "");
  g_free(f);
}

static int tenth_500(script *s, int job, int nth, const char **headers) {
  (void)s;
  (void)headers;
  static const int kinds[] = {500, 502, 504, 408, 409, RESET};
  return hash(job, nth) < 10 ? kinds[job % 6] : 200;
}

static void test_faults(void) {
  fleet *f = fleet_new(tenth_500, &(lane_options){.in_flight = 32});
  fleet_submit(f, 1000);
  fleet_wait(f);
  CU_ASSERT_EQUAL(count_outcome(f, CLIO_OUT_OK), 1000);
  for (int i = 0; i < 1000; i++) CU_ASSERT_EQUAL(f->s.delivered[i], 1);
  lane_status s = fleet_free(f);
  CU_ASSERT_TRUE(s.retries > 50 && s.retries <= 130);
  CU_ASSERT_TRUE(s.lost > 0);
  CU_ASSERT_EQUAL(s.sent, (uint64_t)count_requests(f));
  g_free(f);
}

static int half_500(script *s, int job, int nth, const char **headers) {
  (void)s;
  (void)headers;
  return hash(job, nth) < 50 ? 500 : 200;
}

/* Half of all requests fail: retries come as the budget allows, nothing is lost. */
static void test_half(void) {
  fleet *f =
      fleet_new(half_500, &(lane_options){.in_flight = 32, .attempts = 30, .retry_share = 0.4});
  fleet_submit(f, 300);
  fleet_wait(f);
  CU_ASSERT_EQUAL(count_outcome(f, CLIO_OUT_OK), 300);
  fleet_free(f);
  g_free(f);
}

static int one_bad_job(script *s, int job, int nth, const char **headers) {
  (void)s;
  (void)nth;
  (void)headers;
  return job == 3 ? 500 : 200;
}

static void test_attempts(void) {
  fleet *f = fleet_new(one_bad_job, &(lane_options){.in_flight = 4, .attempts = 5});
  fleet_submit(f, 10);
  fleet_wait(f);
  CU_ASSERT_EQUAL(f->s.seen[3], 5);
  CU_ASSERT_EQUAL(f->tasks[3].v.outcome, CLIO_OUT_INVALID);
  CU_ASSERT_EQUAL(count_outcome(f, CLIO_OUT_OK), 9);
  lane_status s = fleet_free(f);
  CU_ASSERT_EQUAL(s.failed, 1);
  g_free(f);
}

static int retry_after(script *s, int job, int nth, const char **headers) {
  (void)s;
  if (job != 0 || nth > 1) return 200;
  *headers = "Retry-After: 0.3\r\n";
  return 429;
}

/* Nobody is sent before the time that one was told. */
static void test_retry_after(void) {
  fleet *f = fleet_new(retry_after, &(lane_options){.in_flight = 8});
  lane_status s;
  fleet_submit(f, 5);
  while (lane_get_status(f->l, &s), s.congested == 0 || (!s.waits[0] && !s.done)) g_usleep(1000);
  CU_ASSERT_STRING_EQUAL(s.waits, "retry-after 1 s");
  CU_ASSERT_EQUAL(s.waiting, 5);
  fleet_wait(f);
  CU_ASSERT_EQUAL(count_outcome(f, CLIO_OUT_OK), 5);
  for (int i = 1; i < count_requests(f); i++)
    CU_ASSERT_TRUE(f->s.times[i] - f->s.times[0] >= 299 && f->s.times[i] - f->s.times[0] < 10000);
  fleet_free(f);
  g_free(f);
}

static int retry_after_long(script *s, int job, int nth, const char **headers) {
  static const char *const all[] = {"Retry-After: 1000000000\r\n",
                                    "Retry-After: Sun, 06 Nov 2094 08:49:37 GMT\r\n",
                                    "Retry-After: -5\r\n", "Retry-After: soon\r\n", ""};
  (void)s;
  if (nth > 1) return 200;
  *headers = all[job];
  return job % 2 ? 503 : 429;
}

static void test_retry_after_capped(void) {
  fleet *f = fleet_new(retry_after_long, &(lane_options){.max_wait_ms = 100});
  int64_t began = http_now();
  fleet_submit(f, 5);
  fleet_wait(f);
  CU_ASSERT_EQUAL(count_outcome(f, CLIO_OUT_OK), 5);
  CU_ASSERT_TRUE(http_now() - began >= 200 && http_now() - began < 3000);
  fleet_free(f);
  g_free(f);
}

/* The server bears 20 at once: the window finds it, and every job ends well. */
static void test_congestion(void) {
  fleet *f = fleet_new(always_good, &(lane_options){.in_flight = 256});
  f->s.latency_ms = 10;
  f->s.bears = 20;
  fleet_submit(f, 2000);
  fleet_wait(f);
  CU_ASSERT_EQUAL(count_outcome(f, CLIO_OUT_OK), 2000);
  lane_status s = fleet_free(f);
  CU_ASSERT_TRUE(s.window < 40);
  CU_ASSERT_TRUE(s.congested > 0 && s.congested < 400);
  g_free(f);
}

static int down(script *s, int job, int nth, const char **headers) {
  (void)job;
  (void)nth;
  (void)headers;
  return s->requests > 30 && s->requests <= 70 ? 500 : 200;
}

/* An outage: the breaker opens, nothing but tries goes out, nothing is lost. */
static void test_breaker(void) {
  fleet *f = fleet_new(down, &(lane_options){.in_flight = 4, .attempts = 3, .breaker_ms = 10});
  f->s.latency_ms = 1;
  fleet_submit(f, 200);
  fleet_wait(f);
  CU_ASSERT_TRUE(count_outcome(f, CLIO_OUT_OK) >= 199);
  CU_ASSERT_TRUE(count_requests(f) <= 245);
  fleet_free(f);
  g_free(f);
}

static int dead(script *s, int job, int nth, const char **headers) {
  (void)job;
  (void)nth;
  (void)headers;
  return s->requests > 10 ? RESET : 200;
}

static void test_unavailable(void) {
  fleet *f = fleet_new(dead, &(lane_options){.in_flight = 8, .give_up_ms = 400});
  int64_t began = http_now();
  fleet_submit(f, 500);
  fleet_wait(f);
  CU_ASSERT_TRUE(http_now() - began < 3000);
  CU_ASSERT_TRUE(count_stopped(f, LANE_UNAVAILABLE) >= 480);
  CU_ASSERT_TRUE(count_requests(f) < 60);
  lane_status s = fleet_free(f);
  CU_ASSERT_EQUAL(s.stop, LANE_UNAVAILABLE);
  CU_ASSERT_TRUE(s.stopped[0] != 0);
  g_free(f);
}

static int bad_key(script *s, int job, int nth, const char **headers) {
  return always_good(s, job, nth, headers) + 201;
}

static void test_fatal(void) {
  fleet *f = fleet_new(bad_key, &(lane_options){0});
  fleet_submit(f, 300);
  fleet_wait(f);
  CU_ASSERT_EQUAL(count_requests(f), 1);
  CU_ASSERT_EQUAL(count_stopped(f, LANE_FATAL), 300);
  CU_ASSERT_EQUAL(f->tasks[0].v.outcome, CLIO_OUT_FATAL);
  fleet_submit(f, 5);
  fleet_wait(f);
  CU_ASSERT_EQUAL(count_requests(f), 1);
  lane_status s = fleet_free(f);
  CU_ASSERT_STRING_EQUAL(s.stopped, "the key is not accepted (401)");
  g_free(f);
}

static int not_accepted(script *s, int job, int nth, const char **headers) {
  return 2 * always_good(s, job, nth, headers);
}

static void test_all_rejected(void) {
  fleet *f = fleet_new(not_accepted, &(lane_options){.in_flight = 4});
  fleet_submit(f, 1000);
  fleet_wait(f);
  CU_ASSERT_TRUE(count_requests(f) >= 20 && count_requests(f) < 30);
  lane_status s = fleet_free(f);
  CU_ASSERT_EQUAL(s.stop, LANE_FATAL);
  g_free(f);
}

static int spent_later(script *s, int job, int nth, const char **headers) {
  (void)job;
  (void)nth;
  if (s->requests <= 50) return 200;
  *headers = "x-spent: yes\r\n";
  return 429;
}

/* What was in flight still counts; nothing follows. */
static void test_spent(void) {
  fleet *f = fleet_new(spent_later, &(lane_options){.in_flight = 10});
  f->spends = true;
  f->s.latency_ms = 5;
  fleet_submit(f, 500);
  fleet_wait(f);
  CU_ASSERT_EQUAL(count_outcome(f, CLIO_OUT_OK), 50);
  CU_ASSERT_EQUAL(count_stopped(f, LANE_SPENT), 450);
  CU_ASSERT_TRUE(count_requests(f) <= 60);
  fleet_free(f);
  g_free(f);
}

static void test_budget_stop(void) {
  fleet *f = fleet_new(always_good, &(lane_options){.in_flight = 1});
  f->budget = 40;
  fleet_submit(f, 100);
  fleet_wait(f);
  CU_ASSERT_EQUAL(count_requests(f), 40);
  CU_ASSERT_EQUAL(count_outcome(f, CLIO_OUT_OK), 40);
  CU_ASSERT_EQUAL(count_stopped(f, LANE_BUDGET), 60);
  fleet_free(f);
  g_free(f);
}

static void test_money_wait(void) {
  fleet *f = fleet_new(always_good, &(lane_options){0});
  f->money_waits = 10;
  fleet_submit(f, 10);
  fleet_wait(f);
  CU_ASSERT_EQUAL(count_outcome(f, CLIO_OUT_OK), 10);
  fleet_free(f);
  g_free(f);
}

static int adapts(script *s, int job, int nth, const char **headers) {
  (void)s;
  (void)headers;
  (void)job;
  return nth < 3 ? 400 : 200;
}

static void test_adapt(void) {
  fleet *f = fleet_new(adapts, &(lane_options){.in_flight = 4});
  f->adapt_until = 3;
  fleet_submit(f, 20);
  fleet_wait(f);
  CU_ASSERT_EQUAL(count_outcome(f, CLIO_OUT_OK), 20);
  lane_status s = fleet_free(f);
  CU_ASSERT_EQUAL(s.adapted, 40);
  g_free(f);
}

/* A request that is adapted and adapted ends. */
static void test_adapt_ends(void) {
  fleet *f = fleet_new(not_accepted, &(lane_options){.in_flight = 1});
  f->adapt_until = 1000;
  fleet_submit(f, 1);
  fleet_wait(f);
  CU_ASSERT_EQUAL(f->tasks[0].v.outcome, CLIO_OUT_INVALID);
  CU_ASSERT_EQUAL(count_requests(f), 9);
  fleet_free(f);
  g_free(f);
}

static int should_retry(script *s, int job, int nth, const char **headers) {
  (void)s;
  if (job == 1 && nth == 1) {
    *headers = "x-should-retry: true\r\n";
    return 400;
  }
  if (job == 2) {
    *headers = "x-should-retry: false\r\n";
    return 500;
  }
  return 200;
}

static void test_should_retry(void) {
  fleet *f = fleet_new(should_retry, &(lane_options){0});
  fleet_submit(f, 4);
  fleet_wait(f);
  CU_ASSERT_EQUAL(f->s.seen[1], 2);
  CU_ASSERT_EQUAL(f->tasks[1].v.outcome, CLIO_OUT_OK);
  CU_ASSERT_EQUAL(f->s.seen[2], 1);
  CU_ASSERT_EQUAL(f->tasks[2].v.outcome, CLIO_OUT_INVALID);
  fleet_free(f);
  g_free(f);
}

/* 600 requests a minute: after the first 60, ten a second, and never faster. */
static void test_rate(void) {
  fleet *f = fleet_new(always_good, &(lane_options){.per_minute = {600, 0, 0}});
  lane_status s;
  fleet_submit(f, 75);
  while (lane_get_status(f->l, &s), strcmp(s.waits, "rate limit: requests") != 0 && s.done < 75)
    g_usleep(1000);
  CU_ASSERT_TRUE(s.done < 75);
  fleet_wait(f);
  CU_ASSERT_EQUAL_FATAL(count_requests(f), 75);
  CU_ASSERT_TRUE(f->s.times[74] - f->s.times[0] >= 1300);
  fleet_free(f);
  g_free(f);
}

static void test_stop_and_free(void) {
  fleet *f = fleet_new(always_good, &(lane_options){.in_flight = 10, .start = 10});
  f->s.latency_ms = 100;
  fleet_submit(f, 100);
  while (count_at_once(&f->s) < 5) g_usleep(1000);
  lane_stop(f->l, false);
  fleet_wait(f);
  CU_ASSERT_TRUE(count_outcome(f, CLIO_OUT_OK) >= 5);
  CU_ASSERT_TRUE(count_stopped(f, LANE_CANCELLED) >= 70);
  fleet_free(f);
  g_free(f);
  f = fleet_new(always_good, &(lane_options){.in_flight = 10, .start = 10});
  f->s.latency_ms = 1000;
  fleet_submit(f, 100);
  while (count_at_once(&f->s) < 1) g_usleep(1000);
  int64_t began = http_now();
  lane_free(f->l);
  CU_ASSERT_TRUE(http_now() - began < 900); /* it does not wait for the answers */
  CU_ASSERT_EQUAL(count_stopped(f, LANE_CANCELLED), 100);
  http_free(f->h);
  wire_free(f->w);
  g_free(f);
}

int main(void) {
  static const unit_test tests[] = {
      {"all good", test_good},
      {"a tenth fails", test_faults},
      {"half fails", test_half},
      {"attempts are bounded", test_attempts},
      {"Retry-After", test_retry_after},
      {"Retry-After is capped", test_retry_after_capped},
      {"congestion", test_congestion},
      {"breaker", test_breaker},
      {"unavailable", test_unavailable},
      {"a wrong key", test_fatal},
      {"nothing is accepted", test_all_rejected},
      {"spent", test_spent},
      {"our budget", test_budget_stop},
      {"money in flight", test_money_wait},
      {"adapt", test_adapt},
      {"adapt ends", test_adapt_ends},
      {"x-should-retry", test_should_retry},
      {"rate limit", test_rate},
      {"stop and free", test_stop_and_free},
  };
  return unit_main("lane", tests, G_N_ELEMENTS(tests));
}
