/* main.c - the fault server's program: options, libmicrohttpd, control paths. See server.h.
 *
 *   fault_server [--port N] [--latency MS] [--fault NAME=SHARE]... [--most N] [--seed N]
 *                [--bears N] [--per-minute N] [--rate-headers honest|lies|none] [--obey]
 *                [--cert FILE --key FILE] [--hold MS] | --list
 *
 * Prints "listening on PORT" and serves until its standard input ends or it gets SIGTERM.
 * GET /control/tally and /control/contents print the counts as JSON; POST /control/faults
 * with "NAME=SHARE ..." sets the faults anew, POST /control/reset forgets the counts. */
#include <arpa/inet.h>
#include <fcntl.h>
#include <microhttpd.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "raw.h"
#include "server.h"

enum { RATE_NONE = 0, RATE_HONEST, RATE_LIES };

static struct {
  gint port, latency, most, bears, per_minute, hold;
  gint64 seed;
  gboolean obey, list;
  char **faults, *rate_headers, *cert, *key;
} options = {.hold = 2000};

static GMutex lock; /* of the plan and the limit */
static plan faults;
static int rate_headers;
static double level;
static int64_t level_at;

/* One request, from its first call to completion. */
typedef struct request {
  GString *in;
  asked a;
  bool read, entered, processed, good;
  int64_t in_tokens, out_tokens;
} request;

/* ---- answers ---- */

static struct MHD_Response *response_of(GString *body, const char *headers) {
  struct MHD_Response *r =
      MHD_create_response_from_buffer(body->len, body->str, MHD_RESPMEM_MUST_COPY);
  g_auto(GStrv) lines = g_strsplit(headers ? headers : "", "|", -1);
  bool typed = false;
  for (char **l = lines; *l; l++) {
    char *colon = strstr(*l, ": ");
    if (!colon) continue;
    *colon = 0;
    g_autofree char *value = g_strdup(colon + 2);
    if (!strcmp(value, "@date")) {
      g_autoptr(GDateTime) now = g_date_time_new_now_utc();
      g_autoptr(GDateTime) then = g_date_time_add_seconds(now, 2);
      g_free(value);
      value = g_date_time_format(then, "%a, %d %b %Y %H:%M:%S GMT");
    }
    typed |= !strcmp(*l, "Content-Type");
    MHD_add_response_header(r, *l, value);
  }
  if (!typed) MHD_add_response_header(r, "Content-Type", "application/json");
  g_string_free(body, TRUE);
  return r;
}

static enum MHD_Result queue(struct MHD_Connection *c, unsigned status, struct MHD_Response *r) {
  enum MHD_Result ok = MHD_queue_response(c, status, r);
  MHD_destroy_response(r);
  return ok;
}

/* ---- limits ---- */

/* Takes one request of the limit; false: too many. */
static bool take_limit(double *ret_left) {
  int64_t now = g_get_monotonic_time();
  g_mutex_lock(&lock);
  double limit = options.per_minute;
  if (!level_at) level = limit;
  if (level_at) level = MIN(limit, level + (double)(now - level_at) * limit / 60e6);
  level_at = now;
  bool ok = level >= 1;
  if (ok) level -= 1;
  *ret_left = level;
  g_mutex_unlock(&lock);
  return ok;
}

static void add_rate(struct MHD_Response *r, const asked *a, double left) {
  bool lies = rate_headers == RATE_LIES;
  double ms = lies ? 86400e3 : (options.per_minute - left) * 60e3 / MAX(options.per_minute, 1);
  g_autofree char *limit = g_strdup_printf("%d", MAX(options.per_minute, 1));
  g_autofree char *rest = g_strdup_printf("%d", lies ? 0 : (int)left);
  if (rate_headers == RATE_NONE) return;
  if (a->dialect == DIALECT_ANTHROPIC) {
    g_autoptr(GDateTime) now = g_date_time_new_now_utc();
    g_autoptr(GDateTime) then = g_date_time_add(now, (GTimeSpan)(ms * 1000));
    g_autofree char *reset = g_date_time_format(then, "%Y-%m-%dT%H:%M:%SZ");
    MHD_add_response_header(r, "anthropic-ratelimit-requests-limit", limit);
    MHD_add_response_header(r, "anthropic-ratelimit-requests-remaining", rest);
    MHD_add_response_header(r, "anthropic-ratelimit-requests-reset", reset);
    return;
  }
  g_autofree char *reset = g_strdup_printf("%dms", (int)ms);
  MHD_add_response_header(r, "x-ratelimit-limit-requests", limit);
  MHD_add_response_header(r, "x-ratelimit-remaining-requests", rest);
  MHD_add_response_header(r, "x-ratelimit-reset-requests", reset);
}

/* ---- one request ---- */

static enum MHD_Result refuse(struct MHD_Connection *c, const asked *a, const mishap *f,
                              double left) {
  struct MHD_Response *r =
      response_of(answer_error(a->dialect, f->type, f->code, f->message), f->headers);
  add_rate(r, a, left);
  return queue(c, (unsigned)f->status, r);
}

static enum MHD_Result break_http(struct MHD_Connection *c, request *q, const mishap *f) {
  int fd = MHD_get_connection_info(c, MHD_CONNECTION_INFO_CONNECTION_FD)->connect_fd;
  answered good = answer_make(&q->a, NULL, options.obey);
  q->in_tokens = good.in_tokens;
  q->out_tokens = good.out_tokens;
  q->processed = true;
  fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) & ~O_NONBLOCK);
  q->good = raw_play(fd, f->name, good.body->str, good.body->len, options.hold);
  g_string_free(good.body, TRUE);
  return MHD_NO;
}

static enum MHD_Result answer(struct MHD_Connection *c, request *q, const mishap *f, double left) {
  const char *headers = f ? f->headers : NULL;
  bool spoilt = f && f->kind == FAULT_SPOILT;
  answered r = answer_make(&q->a, spoilt ? f->name : NULL, options.obey);
  q->in_tokens = r.in_tokens;
  q->out_tokens = r.out_tokens;
  q->processed = true;
  q->good = !f || (spoilt && strcmp(f->name, "no_usage") != 0);
  if (f && f->kind == FAULT_BYTES) {
    GString *bytes = fault_bytes(f->name, r.body, &headers);
    g_string_free(r.body, TRUE);
    r.body = bytes;
  }
  struct MHD_Response *response = response_of(r.body, headers);
  add_rate(response, &q->a, left);
  return queue(c, 200, response);
}

static const mishap *choose(const asked *a, int nth) {
  g_mutex_lock(&lock);
  const mishap *f = plan_choose(&faults, a->hash, nth);
  g_mutex_unlock(&lock);
  return f;
}

static enum MHD_Result serve(struct MHD_Connection *c, request *q, const char *path) {
  double left = 0;
  q->read = true;
  if (!asked_read(&q->a, path, q->in->str, q->in->len)) {
    GString *error = answer_error(DIALECT_OPENAI, "not_found_error", "unknown", "No such path.");
    return queue(c, 404, response_of(error, NULL));
  }
  const mishap *f = choose(&q->a, tally_enter(&q->a));
  q->entered = true;
  if (options.per_minute && !take_limit(&left)) f = fault_find("429");
  if (options.bears && tally_at_once() > options.bears) f = fault_find("429");
  if (f) tally_fault(f->name);
  if (f && f->kind == FAULT_STATUS) return refuse(c, &q->a, f, left);
  if (options.latency) g_usleep((gulong)options.latency * 1000);
  return f && f->kind == FAULT_RAW ? break_http(c, q, f) : answer(c, q, f, left);
}

static enum MHD_Result control(struct MHD_Connection *c, request *q, const char *path) {
  bool ok = true;
  if (!strcmp(path, "/control/tally") || !strcmp(path, "/control/contents")) {
    g_autofree char *text = tally_print(!strcmp(path, "/control/contents"));
    return queue(c, 200, response_of(g_string_new(text), NULL));
  }
  if (!strcmp(path, "/control/reset"))
    tally_reset();
  else if (!strcmp(path, "/control/faults")) {
    g_mutex_lock(&lock);
    ok = plan_set(&faults, q->in->str);
    g_mutex_unlock(&lock);
  } else
    ok = false;
  return queue(c, ok ? 200 : 400,
               response_of(g_string_new(ok ? "{}\n" : "{\"error\": 1}\n"), NULL));
}

static enum MHD_Result on_request(void *ctx, struct MHD_Connection *c, const char *path,
                                  const char *method, const char *version, const char *upload,
                                  size_t *size, void **state) {
  (void)ctx;
  (void)method;
  (void)version;
  request *q = *state;
  if (!q) {
    q = *state = g_new0(request, 1);
    q->in = g_string_new(NULL);
    return MHD_YES;
  }
  if (*size > 0) {
    g_string_append_len(q->in, upload, (gssize)*size);
    *size = 0;
    return MHD_YES;
  }
  return g_str_has_prefix(path, "/control/") ? control(c, q, path) : serve(c, q, path);
}

static void on_completed(void *ctx, struct MHD_Connection *c, void **state,
                         enum MHD_RequestTerminationCode how) {
  (void)ctx;
  (void)c;
  request *q = *state;
  if (!q) return;
  bool sent = q->good && (how == MHD_REQUEST_TERMINATED_COMPLETED_OK ||
                          how == MHD_REQUEST_TERMINATED_WITH_ERROR);
  /* A raw answer that went out whole ends "with error" too: its connection is closed. */
  if (how == MHD_REQUEST_TERMINATED_WITH_ERROR && !q->processed) sent = false;
  if (q->entered) tally_leave(&q->a, q->processed, sent, q->in_tokens, q->out_tokens);
  if (q->read) asked_clear(&q->a);
  g_string_free(q->in, TRUE);
  g_free(q);
  *state = NULL;
}

/* ---- the program ---- */

static const GOptionEntry entries[] = {
    {"port", 0, 0, G_OPTION_ARG_INT, &options.port, "0: any free one", "N"},
    {"latency", 0, 0, G_OPTION_ARG_INT, &options.latency, "of every answer", "MS"},
    {"fault", 0, 0, G_OPTION_ARG_STRING_ARRAY, &options.faults, "how often", "NAME=SHARE"},
    {"most", 0, 0, G_OPTION_ARG_INT, &options.most, "faults of one content", "N"},
    {"seed", 0, 0, G_OPTION_ARG_INT64, &options.seed, "of the choice", "N"},
    {"bears", 0, 0, G_OPTION_ARG_INT, &options.bears, "at once; above it 429", "N"},
    {"per-minute", 0, 0, G_OPTION_ARG_INT, &options.per_minute, "requests", "N"},
    {"rate-headers", 0, 0, G_OPTION_ARG_STRING, &options.rate_headers, "honest, lies, none", "HOW"},
    {"obey", 0, 0, G_OPTION_ARG_NONE, &options.obey, "answers do what the material says", NULL},
    {"cert", 0, 0, G_OPTION_ARG_FILENAME, &options.cert, "TLS", "FILE"},
    {"key", 0, 0, G_OPTION_ARG_FILENAME, &options.key, "TLS", "FILE"},
    {"hold", 0, 0, G_OPTION_ARG_INT, &options.hold, "what never ends ends after", "MS"},
    {"list", 0, 0, G_OPTION_ARG_NONE, &options.list, "prints the faults", NULL},
    {0}};

static bool read_options(int argc, char **argv) {
  g_autoptr(GOptionContext) context = g_option_context_new(NULL);
  g_autoptr(GError) error = NULL;
  g_option_context_add_main_entries(context, entries, NULL);
  if (!g_option_context_parse(context, &argc, &argv, &error)) {
    fprintf(stderr, "fault_server: %s\n", error->message);
    return false;
  }
  g_autofree char *all = options.faults ? g_strjoinv(" ", options.faults) : g_strdup("");
  faults.seed = (uint64_t)options.seed;
  faults.most = options.most;
  rate_headers = !options.rate_headers || !strcmp(options.rate_headers, "none") ? RATE_NONE
                 : !strcmp(options.rate_headers, "lies")                        ? RATE_LIES
                                                                                : RATE_HONEST;
  if (plan_set(&faults, all)) return true;
  fprintf(stderr, "fault_server: an unknown fault among '%s'; --list\n", all);
  return false;
}

static struct MHD_Daemon *start(void) {
  struct sockaddr_in a = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  unsigned flags = MHD_USE_INTERNAL_POLLING_THREAD | MHD_USE_THREAD_PER_CONNECTION | MHD_USE_POLL;
  g_autofree char *cert = NULL, *key = NULL;
  a.sin_port = htons((uint16_t)options.port);
  if (!options.cert)
    return MHD_start_daemon(flags, 0, NULL, NULL, on_request, NULL, MHD_OPTION_SOCK_ADDR, &a,
                            MHD_OPTION_NOTIFY_COMPLETED, on_completed, NULL,
                            MHD_OPTION_LISTEN_BACKLOG_SIZE, 1024u, MHD_OPTION_CONNECTION_LIMIT,
                            4096u, MHD_OPTION_THREAD_STACK_SIZE, (size_t)262144, MHD_OPTION_END);
  if (!g_file_get_contents(options.cert, &cert, NULL, NULL) || !options.key ||
      !g_file_get_contents(options.key, &key, NULL, NULL))
    return NULL;
  return MHD_start_daemon(flags | MHD_USE_TLS, 0, NULL, NULL, on_request, NULL,
                          MHD_OPTION_SOCK_ADDR, &a, MHD_OPTION_NOTIFY_COMPLETED, on_completed, NULL,
                          MHD_OPTION_HTTPS_MEM_CERT, cert, MHD_OPTION_HTTPS_MEM_KEY, key,
                          MHD_OPTION_CONNECTION_LIMIT, 4096u, MHD_OPTION_END);
}

int main(int argc, char **argv) {
  char line[256];
  signal(SIGPIPE, SIG_IGN);
  if (!read_options(argc, argv)) return 2;
  if (options.list) {
    fault_list();
    return 0;
  }
  tally_reset();
  struct MHD_Daemon *d = start();
  if (!d) {
    fprintf(stderr, "fault_server: cannot listen\n");
    return 1;
  }
  printf("listening on %d\n", MHD_get_daemon_info(d, MHD_DAEMON_INFO_BIND_PORT)->port);
  fflush(stdout);
  while (fgets(line, sizeof line, stdin)) {
  }
  /* Connections that are being held are not waited for. */
  _exit(0);
}
