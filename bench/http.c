/* http.c - requests a second and processor time a request of core/http.h and core/lane.h,
 * against a bare curl_multi loop over epoll in the same process and round, and against
 * what the server's delay allows. Arguments: rounds, delay in ms, numbers in flight. */
#include <curl/curl.h>
#include <glib.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <unistd.h>

#include "delay_server.h"
#include "lane.h"

enum { BODY = 2048, WAVES = 15, MOST = 4096 };

static char body[BODY + 1], url[64];

typedef struct figure {
  double seconds, cpu;
  int requests, failed;
} figure;

static double cpu_seconds(void) {
  struct rusage u;
  getrusage(RUSAGE_SELF, &u);
  return (double)u.ru_utime.tv_sec + (double)u.ru_stime.tv_sec +
         1e-6 * (double)(u.ru_utime.tv_usec + u.ru_stime.tv_usec);
}

static void begin(figure *f) {
  f->seconds = -1e-6 * (double)g_get_monotonic_time();
  f->cpu = -cpu_seconds();
}

static void end(figure *f) {
  f->seconds += 1e-6 * (double)g_get_monotonic_time();
  f->cpu += cpu_seconds();
}

/* ---- the bare loop ---- */

typedef struct bare {
  CURLM *multi;
  int epoll, started, finished, failed, total;
  int64_t due;
} bare;

static size_t on_data(char *p, size_t size, size_t n, void *ctx) {
  (void)p;
  (void)ctx;
  return size * n;
}

static int on_socket(CURL *e, curl_socket_t fd, int what, void *ctx, void *known) {
  bare *b = ctx;
  struct epoll_event ev = {.data.fd = fd};
  (void)e;
  if (what == CURL_POLL_REMOVE) return epoll_ctl(b->epoll, EPOLL_CTL_DEL, fd, &ev), 0;
  ev.events = (what & CURL_POLL_IN ? (uint32_t)EPOLLIN : 0) |
              (what & CURL_POLL_OUT ? (uint32_t)EPOLLOUT : 0);
  if (epoll_ctl(b->epoll, known ? EPOLL_CTL_MOD : EPOLL_CTL_ADD, fd, &ev) != 0)
    epoll_ctl(b->epoll, known ? EPOLL_CTL_ADD : EPOLL_CTL_MOD, fd, &ev);
  curl_multi_assign(b->multi, fd, b);
  return 0;
}

static int on_timer(CURLM *m, long ms, void *ctx) {
  (void)m;
  ((bare *)ctx)->due = ms < 0 ? -1 : http_now() + ms;
  return 0;
}

static void bare_reap(bare *b) {
  int left = 0;
  for (CURLMsg *m = curl_multi_info_read(b->multi, &left); m;
       m = curl_multi_info_read(b->multi, &left)) {
    CURL *e = m->easy_handle;
    b->failed += m->data.result != CURLE_OK;
    b->finished++;
    curl_multi_remove_handle(b->multi, e);
    if (b->started >= b->total) continue;
    b->started++;
    curl_multi_add_handle(b->multi, e);
  }
}

static CURL *bare_easy(struct curl_slist *headers) {
  CURL *e = curl_easy_init();
  curl_easy_setopt(e, CURLOPT_URL, url);
  curl_easy_setopt(e, CURLOPT_HTTPHEADER, headers);
  curl_easy_setopt(e, CURLOPT_POSTFIELDS, body);
  curl_easy_setopt(e, CURLOPT_POSTFIELDSIZE, (long)BODY);
  curl_easy_setopt(e, CURLOPT_WRITEFUNCTION, on_data);
  curl_easy_setopt(e, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(e, CURLOPT_PROXY, "");
  return e;
}

static void bare_step(bare *b) {
  struct epoll_event events[256];
  int running = 0;
  int64_t wait = b->due < 0 ? 1000 : MAX(b->due - http_now(), 0);
  int n = epoll_wait(b->epoll, events, 256, (int)wait);
  for (int i = 0; i < n; i++) {
    int mask = (events[i].events & (EPOLLIN | EPOLLHUP | EPOLLERR) ? CURL_CSELECT_IN : 0) |
               (events[i].events & EPOLLOUT ? CURL_CSELECT_OUT : 0);
    curl_multi_socket_action(b->multi, events[i].data.fd, mask, &running);
  }
  if (b->due >= 0 && b->due <= http_now()) {
    b->due = -1;
    curl_multi_socket_action(b->multi, CURL_SOCKET_TIMEOUT, 0, &running);
  }
  bare_reap(b);
}

static figure run_bare(int in_flight) {
  bare b = {.multi = curl_multi_init(), .epoll = epoll_create1(0), .due = -1};
  figure f = {.requests = in_flight * WAVES};
  static CURL *easy[MOST];
  struct curl_slist *headers = curl_slist_append(NULL, "content-type: application/json");
  headers = curl_slist_append(headers, "expect:");
  b.total = f.requests;
  curl_multi_setopt(b.multi, CURLMOPT_SOCKETFUNCTION, on_socket);
  curl_multi_setopt(b.multi, CURLMOPT_SOCKETDATA, &b);
  curl_multi_setopt(b.multi, CURLMOPT_TIMERFUNCTION, on_timer);
  curl_multi_setopt(b.multi, CURLMOPT_TIMERDATA, &b);
  curl_multi_setopt(b.multi, CURLMOPT_MAXCONNECTS, (long)in_flight + 16);
  for (int i = 0; i < in_flight; i++) easy[i] = bare_easy(headers);
  begin(&f);
  for (; b.started < in_flight; b.started++) curl_multi_add_handle(b.multi, easy[b.started]);
  while (b.finished < b.total) bare_step(&b);
  end(&f);
  f.failed = b.failed;
  for (int i = 0; i < in_flight; i++) curl_easy_cleanup(easy[i]);
  curl_multi_cleanup(b.multi);
  curl_slist_free_all(headers);
  close(b.epoll);
  return f;
}

/* ---- http.h and lane.h ---- */

typedef struct run {
  http *h;
  GMutex lock;
  GCond cond;
  int started, finished, failed, total;
  bool over;
} run;

static const char *const lines[] = {"content-type: application/json", NULL};

static http_request request(void) {
  return (http_request){.url = url,
                        .headers = lines,
                        .key_header = "authorization: Bearer ",
                        .key = "sk-none",
                        .body = body,
                        .body_len = BODY};
}

static void finish_one(run *r, bool failed) {
  r->failed += failed;
  if (++r->finished < r->total) return;
  g_mutex_lock(&r->lock);
  r->over = true;
  g_cond_signal(&r->cond);
  g_mutex_unlock(&r->lock);
}

static void wait_for(run *r) {
  g_mutex_lock(&r->lock);
  while (!r->over) g_cond_wait(&r->cond, &r->lock);
  g_mutex_unlock(&r->lock);
}

static void on_reply(void *ctx, const http_reply *reply) {
  run *r = ctx;
  if (r->started < r->total) {
    const http_request next = request();
    r->started++;
    http_post(r->h, &next, on_reply, r);
  }
  finish_one(r, reply->end != HTTP_WHOLE);
}

static void start_posts(void *ctx) {
  run *r = ctx;
  const http_request first = request();
  int n = r->started;
  for (int i = 0; i < n; i++) http_post(r->h, &first, on_reply, r);
}

static figure run_http(int in_flight) {
  const http_options o = {.in_flight = (uint32_t)in_flight};
  figure f = {.requests = in_flight * WAVES};
  run r = {.started = in_flight, .total = f.requests};
  if (http_new(&o, &r.h, NULL)) return f;
  begin(&f);
  http_call(r.h, start_posts, &r);
  wait_for(&r);
  end(&f);
  f.failed = r.failed;
  http_free(r.h);
  return f;
}

static clio_status build(void *job, uint32_t attempt, lane_request *ret) {
  (void)job;
  (void)attempt;
  ret->http = request();
  ret->in_tokens = 500;
  ret->out_tokens = 200;
  return CLIO_OK;
}

static void done(void *job, const lane_verdict *v) { finish_one(job, v->outcome != CLIO_OUT_OK); }

static figure run_lane(int in_flight) {
  const http_options ho = {.in_flight = (uint32_t)in_flight};
  figure f = {.requests = in_flight * WAVES};
  run r = {.total = f.requests};
  lane *l = NULL;
  if (http_new(&ho, &r.h, NULL)) return f;
  const lane_options lo = {.http = r.h,
                           .calls = {build, NULL, NULL, done},
                           .in_flight = (uint32_t)in_flight,
                           .start = (uint32_t)in_flight};
  if (lane_new(&lo, &l, NULL)) return f;
  begin(&f);
  for (int i = 0; i < f.requests; i++) lane_submit(l, &r);
  wait_for(&r);
  end(&f);
  f.failed = r.failed;
  lane_free(l);
  http_free(r.h);
  return f;
}

/* ---- the program ---- */

/* `idle`: round trips that a client must spend before it is at full width. */
static void print(const char *who, int in_flight, int delay_ms, int idle, figure f, figure base) {
  double ideal = (double)(WAVES + idle) * delay_ms * 1e-3, us = f.cpu / f.requests * 1e6;
  printf("bench=http client=%s in_flight=%d delay_ms=%d requests=%d failed=%d req_s=%.0f "
         "of_possible=%.3f of_bare=%.3f cpu_us=%.1f cpu_ratio=%.2f\n",
         who, in_flight, delay_ms, f.requests, f.failed, f.requests / f.seconds,
         delay_ms ? ideal / f.seconds : 0, base.seconds / (f.seconds - idle * delay_ms * 1e-3), us,
         f.cpu / base.cpu);
  fflush(stdout);
}

static void run_round(int in_flight, int delay_ms) {
  figure b = run_bare(in_flight), h = run_http(in_flight), l = run_lane(in_flight);
  print("bare", in_flight, delay_ms, 0, b, b);
  print("http", in_flight, delay_ms, 0, h, b);
  print("lane", in_flight, delay_ms, 1, l, b);
}

static int number(const char *text, int least, int most) {
  return (int)CLAMP(g_ascii_strtoll(text, NULL, 10), least, most);
}

int main(int argc, char **argv) {
  int rounds = argc > 1 ? number(argv[1], 1, 100) : 3, port = 0;
  int delay_ms = argc > 2 ? number(argv[2], 0, 10000) : 200;
  static char *usual[] = {"64", "256", "1024", NULL};
  char **in_flight = argc > 3 ? argv + 3 : usual;
  memset(body, 'x', BODY);
  memcpy(body, "{\"p\":\"", 6);
  memcpy(body + BODY - 2, "\"}", 2);
  pid_t server = delay_server_start(delay_ms, &port);
  snprintf(url, sizeof url, "http://127.0.0.1:%d/v1/chat/completions", port);
  for (int i = 0; i < rounds; i++)
    for (char **n = in_flight; *n; n++) run_round(number(*n, 1, MOST), delay_ms);
  kill(server, SIGKILL);
  return 0;
}
