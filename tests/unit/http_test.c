/* http_test.c - how requests end, against a server that breaks every rule. */
#include <string.h>
#include <zlib.h>

#include "../server/raw.h"
#include "ask.h"
#include "unit.h"
#include "wire.h"

static const char GOOD[] =
    "{\"answer\": \"fine\", \"padding\": \"0123456789012345678901234567890\"}";

static outcome ask(http *h, const wire *w, const char *path) {
  char url[256];
  g_snprintf(url, sizeof url, "http://127.0.0.1:%d%s?token=private", wire_port(w), path);
  http_request r = post_to(url);
  return ask_with(h, &r);
}

static http *new_http_with(int64_t stall_ms, int64_t total_ms) {
  const http_options o = {.connect_ms = total_ms,
                          .stall_ms = stall_ms,
                          .total_ms = total_ms,
                          .max_body = 1 << 20,
                          .in_flight = 64};
  http *h = NULL;
  error e = {0};
  CU_ASSERT_EQUAL_FATAL(http_new(&o, &h, &e), CLIO_OK);
  return h;
}

static http *new_http(void) { return new_http_with(300, 1000); }

/* ---- the server ---- */

static GString *gzip(const char *bytes, size_t length, size_t times) {
  GString *out = g_string_new(NULL);
  z_stream z = {0};
  unsigned char part[65536];
  deflateInit2(&z, 9, Z_DEFLATED, 31, 8, Z_DEFAULT_STRATEGY);
  for (size_t i = 0; i <= times; i++) {
    z.next_in = (unsigned char *)bytes;
    z.avail_in = i < times ? (unsigned)length : 0;
    do {
      z.next_out = part;
      z.avail_out = sizeof part;
      deflate(&z, i < times ? Z_NO_FLUSH : Z_FINISH);
      g_string_append_len(out, (char *)part, (gssize)(sizeof part - z.avail_out));
    } while (z.avail_out == 0);
  }
  deflateEnd(&z);
  return out;
}

static gboolean send_gzip(int fd, const char *bytes, size_t length, size_t times) {
  g_autoptr(GString) packed = gzip(bytes, length, times);
  return wire_send(fd, 200, "Content-Encoding: gzip\r\n", packed->str, packed->len);
}

static gboolean answer(int fd, const wire_request *r, void *ctx) {
  (void)ctx;
  static char zeros[65536];
  g_autofree char *path = g_strndup(r->path, strcspn(r->path, "?"));
  if (raw_knows(path + 1)) {
    raw_play(fd, path + 1, GOOD, sizeof GOOD - 1, 3000);
    return FALSE;
  }
  if (!strcmp(path, "/redirect"))
    return wire_send(fd, 302, "Location: http://127.0.0.1:1/\r\n", "", 0);
  if (!strcmp(path, "/gzip")) return send_gzip(fd, GOOD, sizeof GOOD - 1, 1);
  if (!strcmp(path, "/bomb")) return send_gzip(fd, zeros, sizeof zeros, 300);
  if (!strcmp(path, "/broken-gzip"))
    return wire_send(fd, 200, "Content-Encoding: gzip\r\n", GOOD, sizeof GOOD - 1);
  if (!strcmp(path, "/large")) {
    g_autofree char *body = g_malloc0(1 << 20);
    return wire_send(fd, 200, "", body, 1 << 20);
  }
  if (!strcmp(path, "/slow")) g_usleep(150000);
  if (!strcmp(path, "/429"))
    return wire_send(fd, 429, "Retry-After: 3\r\nX-TEST:  spaced \r\n", "{}", 2);
  if (!strcmp(path, "/once") && r->number > 1) {
    raw_play(fd, "close_before", "", 0, 0);
    return FALSE;
  }
  if (!strcmp(path, "/echo")) return wire_send(fd, 200, "", r->head, strlen(r->head));
  return wire_send(fd, 200, "X-Test: here\r\n", GOOD, sizeof GOOD - 1);
}

/* ---- tests ---- */

static void test_whole(void) {
  wire *w = wire_new(answer, NULL);
  http *h = new_http();
  outcome o = ask(h, w, "/ok");
  CU_ASSERT_EQUAL(o.end, HTTP_WHOLE);
  CU_ASSERT_EQUAL(o.status, 200);
  CU_ASSERT_STRING_EQUAL(o.body, GOOD);
  CU_ASSERT_STRING_EQUAL(o.header, "here");
  outcome_clear(&o);
  o = ask(h, w, "/429");
  CU_ASSERT_EQUAL(o.end, HTTP_WHOLE);
  CU_ASSERT_EQUAL(o.status, 429);
  CU_ASSERT_STRING_EQUAL(o.header, "spaced");
  outcome_clear(&o);
  o = ask(h, w, "/redirect");
  CU_ASSERT_EQUAL(o.end, HTTP_WHOLE);
  CU_ASSERT_EQUAL(o.status, 302);
  outcome_clear(&o);
  o = ask(h, w, "/gzip");
  CU_ASSERT_STRING_EQUAL(o.body, GOOD);
  outcome_clear(&o);
  o = ask(h, w, "/large");
  CU_ASSERT_EQUAL(o.end, HTTP_WHOLE);
  CU_ASSERT_EQUAL(o.length, 1 << 20);
  outcome_clear(&o);
  CU_ASSERT_EQUAL(wire_connections(w), 1);
  http_free(h);
  wire_free(w);
}

/* The server sees the key and the headers, and no Expect. */
static void test_request(void) {
  wire *w = wire_new(answer, NULL);
  http *h = new_http();
  outcome o = ask(h, w, "/echo");
  CU_ASSERT_PTR_NOT_NULL(strstr(o.body, "POST /echo?token=private HTTP/1.1\r\n"));
  CU_ASSERT_PTR_NOT_NULL(strstr(o.body, "authorization: Bearer sk-secret-0123456789\r\n"));
  CU_ASSERT_PTR_NOT_NULL(strstr(o.body, "content-type: application/json\r\n"));
  CU_ASSERT_PTR_NOT_NULL(strstr(o.body, "Content-Length: 25\r\n"));
  CU_ASSERT_PTR_NULL(strcasestr(o.body, "expect"));
  outcome_clear(&o);
  http_free(h);
  wire_free(w);
}

typedef struct expected {
  const char *path;
  uint32_t end;
  bool left;
} expected;

/* Every fault ends, in bounded time, as what it is. */
static void test_faults(void) {
  static const expected all[] = {
      {"/reset_before", HTTP_LOST, true},
      {"/close_before", HTTP_LOST, true},
      {"/reset_middle", HTTP_LOST, true},
      {"/half_close", HTTP_LOST, true},
      {"/stall_before", HTTP_LOST, true},
      {"/stall_headers", HTTP_LOST, true},
      {"/stall_body", HTTP_LOST, true},
      {"/slow_loris", HTTP_LOST, true},
      {"/length_large", HTTP_LOST, true},
      {"/length_small", HTTP_WHOLE, true},
      {"/trailing_garbage", HTTP_WHOLE, true},
      {"/chunked_endless", HTTP_TOO_BIG, true},
      {"/chunked_broken", HTTP_LOST, true},
      {"/not_http", HTTP_LOST, true},
      {"/headers_many", HTTP_TOO_BIG, true},
      {"/headers_long", HTTP_TOO_BIG, true},
      {"/interim_endless", HTTP_TOO_BIG, true},
      {"/body_huge", HTTP_TOO_BIG, true},
      {"/bomb", HTTP_TOO_BIG, true},
      {"/broken-gzip", HTTP_LOST, true},
  };
  wire *w = wire_new(answer, NULL);
  for (size_t i = 0; i < G_N_ELEMENTS(all); i++) {
    http *h = new_http();
    outcome o = ask(h, w, all[i].path);
    if (o.end != all[i].end)
      g_printerr("%s: end %u, not %u (%s)\n", all[i].path, o.end, all[i].end, o.why);
    CU_ASSERT_EQUAL(o.end, all[i].end);
    CU_ASSERT_EQUAL(o.left, all[i].left);
    CU_ASSERT_TRUE(o.seconds < 1.5);
    CU_ASSERT_TRUE(o.length <= 1 << 20);
    outcome_clear(&o);
    http_free(h);
  }
  CU_ASSERT_EQUAL(wire_requests(w), G_N_ELEMENTS(all));
  for (const char *const *name = raw_names(); *name; name++) {
    bool seen = false;
    for (size_t i = 0; i < G_N_ELEMENTS(all); i++) seen |= !strcmp(*name, all[i].path + 1);
    CU_ASSERT_TRUE(seen);
  }
  wire_free(w);
}

/* A kept connection that dies with the next request on it: curl alone would send that
 * again in silence, and it might be paid for twice. */
static void test_never_sent_twice(void) {
  wire *w = wire_new(answer, NULL);
  http *h = new_http();
  outcome o = ask(h, w, "/once");
  CU_ASSERT_EQUAL(o.end, HTTP_WHOLE);
  outcome_clear(&o);
  o = ask(h, w, "/once");
  CU_ASSERT_EQUAL(o.end, HTTP_LOST);
  CU_ASSERT_EQUAL(wire_requests(w), 2);
  outcome_clear(&o);
  http_free(h);
  wire_free(w);
}

/* Bytes that an answer left on its connection are not taken for the next one's answer. */
static gboolean smuggle(int fd, const wire_request *r, void *ctx) {
  (void)ctx;
  if (strcmp(r->path, "/first?token=private") != 0) return wire_send(fd, 200, "", "second", 6);
  wire_send(fd, 200, "", "first", 5);
  g_usleep(20000);
  return wire_send(fd, 200, "", "forged", 6);
}

static void test_stale_answer(void) {
  wire *w = wire_new(smuggle, NULL);
  http *h = new_http();
  outcome o = ask(h, w, "/first");
  CU_ASSERT_STRING_EQUAL(o.body, "first");
  outcome_clear(&o);
  g_usleep(60000);
  o = ask(h, w, "/second");
  CU_ASSERT_TRUE(o.end == HTTP_UNSENT || !strcmp(o.body, "second"));
  CU_ASSERT_FALSE(o.left && o.end != HTTP_WHOLE);
  outcome_clear(&o);
  o = ask(h, w, "/second");
  CU_ASSERT_STRING_EQUAL(o.body, "second");
  outcome_clear(&o);
  http_free(h);
  wire_free(w);
}

static void test_unsent(void) {
  http *h = new_http();
  wire *w = wire_new(answer, NULL);
  char url[64];
  g_snprintf(url, sizeof url, "http://127.0.0.1:%d/", wire_port(w));
  wire_free(w);
  http_request r = post_to(url);
  outcome o = ask_with(h, &r);
  CU_ASSERT_EQUAL(o.end, HTTP_UNSENT);
  CU_ASSERT_FALSE(o.left);
  CU_ASSERT_PTR_NOT_NULL(strstr(o.why, "no connection"));
  outcome_clear(&o);
  r.url = "https://no-such-name.invalid/v1";
  o = ask_with(h, &r);
  CU_ASSERT_EQUAL(o.end, HTTP_UNSENT);
  CU_ASSERT_FALSE(o.left);
  outcome_clear(&o);
  http_free(h);
}

static void test_refused(void) {
  static const char *const bad[] = {"http://example.com/",
                                    "http://127.0.0.1.example.com/",
                                    "http://localhost.example.com/",
                                    "http://[::2]/",
                                    "http://10.0.0.1/",
                                    "ftp://127.0.0.1/",
                                    "file:///etc/passwd",
                                    "https://user:pass@example.com/",
                                    "https://exa mple.com/",
                                    "https://example.com/\r\nx: y",
                                    "",
                                    "nonsense"};
  http *h = new_http();
  for (size_t i = 0; i < G_N_ELEMENTS(bad); i++) {
    http_request r = post_to(bad[i]);
    outcome o = ask_with(h, &r);
    CU_ASSERT_EQUAL(o.end, HTTP_REFUSED);
    CU_ASSERT_FALSE(o.left);
    CU_ASSERT_PTR_NULL(strstr(o.why, "pass@"));
    outcome_clear(&o);
  }
  http_request r = post_to("https://127.0.0.1:1/");
  r.key = "sk-secret-0123456789\r\nx-evil: 1";
  outcome o = ask_with(h, &r);
  CU_ASSERT_EQUAL(o.end, HTTP_REFUSED);
  CU_ASSERT_PTR_NOT_NULL(strstr(o.why, "the key holds a line break"));
  outcome_clear(&o);
  http_free(h);
}

static void test_allowed(void) {
  static const char *const good[] = {"https://example.com/v1", "http://127.0.0.1:8080/",
                                     "http://127.9.9.9/",      "http://[::1]:11434/api",
                                     "http://localhost/",      "HTTP://LOCALHOST/"};
  for (size_t i = 0; i < G_N_ELEMENTS(good); i++) {
    error e = {0};
    CU_ASSERT_TRUE(http_url_allowed(good[i], &e));
  }
  error e = {0};
  CU_ASSERT_FALSE(http_url_allowed("http://example.com/x?key=1", &e));
  CU_ASSERT_STRING_EQUAL(e.text,
                         "plain http to example.com would show conversations and key to the "
                         "network; use https (http goes to this machine only)");
  char *shown = http_url_shown("https://me:pw@example.com:8443/v1/x?key=1#f");
  CU_ASSERT_STRING_EQUAL(shown, "https://example.com:8443/v1/x");
  g_free(shown);
}

/* ---- many, cancelled, timers ---- */

typedef struct crowd {
  GMutex lock;
  GCond cond;
  int ended, whole, cancelled;
} crowd;

static void on_one(void *ctx, const http_reply *r) {
  crowd *c = ctx;
  g_mutex_lock(&c->lock);
  c->ended++;
  c->whole += r->end == HTTP_WHOLE;
  c->cancelled += r->end == HTTP_CANCELLED;
  g_cond_signal(&c->cond);
  g_mutex_unlock(&c->lock);
}

static void crowd_wait(crowd *c, int n) {
  g_mutex_lock(&c->lock);
  while (c->ended < n) g_cond_wait(&c->cond, &c->lock);
  g_mutex_unlock(&c->lock);
}

static void post_many(http *h, const wire *w, const char *path, int n, crowd *c) {
  char url[64];
  g_snprintf(url, sizeof url, "http://127.0.0.1:%d%s", wire_port(w), path);
  http_request r = post_to(url);
  for (int i = 0; i < n; i++) http_post(h, &r, on_one, c);
}

static void test_many(void) {
  wire *w = wire_new(answer, NULL);
  http *h = new_http_with(20000, 30000);
  crowd c = {0};
  int64_t began = http_now();
  post_many(h, w, "/slow", 60, &c);
  crowd_wait(&c, 60);
  CU_ASSERT_EQUAL(c.whole, 60);
  CU_ASSERT_TRUE(http_now() - began < 4500); /* one after another: 9 seconds */
  post_many(h, w, "/slow", 60, &c);
  crowd_wait(&c, 120);
  CU_ASSERT_EQUAL(c.whole, 120);
  CU_ASSERT_TRUE(wire_connections(w) <= 60);
  http_free(h);
  wire_free(w);
}

static void test_free_cancels(void) {
  wire *w = wire_new(answer, NULL);
  http *h = new_http();
  crowd c = {0};
  post_many(h, w, "/stall_before", 20, &c);
  while (wire_requests(w) < 20) g_usleep(1000);
  post_many(h, w, "/ok", 5, &c);
  http_free(h);
  CU_ASSERT_EQUAL(c.ended, 25);
  CU_ASSERT_TRUE(c.cancelled >= 20);
  wire_free(w);
}

typedef struct canceller {
  http *h;
  uint64_t id;
  crowd *c;
} canceller;

static void cancel_it(void *ctx) {
  const canceller *k = ctx;
  http_cancel(k->h, k->id);
  http_cancel(k->h, k->id);
  http_cancel(k->h, 999999);
}

static void test_cancel(void) {
  wire *w = wire_new(answer, NULL);
  http *h = new_http();
  crowd c = {0};
  char url[64];
  g_snprintf(url, sizeof url, "http://127.0.0.1:%d/stall_before", wire_port(w));
  http_request r = post_to(url);
  canceller k = {h, http_post(h, &r, on_one, &c), &c};
  http_call(h, cancel_it, &k);
  crowd_wait(&c, 1);
  CU_ASSERT_EQUAL(c.cancelled, 1);
  http_free(h);
  CU_ASSERT_EQUAL(c.ended, 1);
  wire_free(w);
}

typedef struct clocked {
  http *h;
  GString *order;
  uint64_t forgotten;
  crowd done;
} clocked;

static void tick_a(void *ctx) { g_string_append_c(((clocked *)ctx)->order, 'a'); }
static void tick_b(void *ctx) { g_string_append_c(((clocked *)ctx)->order, 'b'); }
static void tick_end(void *ctx) {
  clocked *k = ctx;
  const http_reply r = {.end = HTTP_WHOLE};
  on_one(&k->done, &r);
}
static void set_timers(void *ctx) {
  clocked *k = ctx;
  http_after(k->h, 60, tick_end, k);
  http_after(k->h, 30, tick_b, k);
  http_after(k->h, -5, tick_a, k);
  http_forget(k->h, http_after(k->h, 10, tick_b, k));
  http_after(k->h, 30, tick_a, k);
}

static void test_timers(void) {
  clocked k = {.h = new_http(), .order = g_string_new(NULL)};
  int64_t began = http_now();
  http_call(k.h, set_timers, &k);
  crowd_wait(&k.done, 1);
  CU_ASSERT_STRING_EQUAL(k.order->str, "aba");
  CU_ASSERT_TRUE(http_now() - began >= 60);
  http_free(k.h);
  g_string_free(k.order, TRUE);
}

int main(void) {
  static const unit_test tests[] = {
      {"a whole answer", test_whole},
      {"what is sent", test_request},
      {"faults", test_faults},
      {"never sent twice", test_never_sent_twice},
      {"a stale answer", test_stale_answer},
      {"unsent", test_unsent},
      {"refused", test_refused},
      {"addresses", test_allowed},
      {"many at once", test_many},
      {"free cancels", test_free_cancels},
      {"cancel", test_cancel},
      {"timers", test_timers},
  };
  return unit_main("http", tests, G_N_ELEMENTS(tests));
}
