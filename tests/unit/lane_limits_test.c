/* lane_limits_test.c - windows, buckets, Retry-After, backoff, budget, breaker: pure, on a
 * clock that the test turns. */
#include <glib.h>
#include <string.h>

#include "lane_limits.h"
#include "lane_retry.h"
#include "rng.h"
#include "unit.h"

/* ---- Retry-After ---- */

static const int64_t unix_s = 784111700; /* Sun, 06 Nov 1994 08:48:20 GMT */

static void test_retry_forms(void) {
  static const struct {
    const char *value;
    int64_t ms;
  } all[] = {
      {"0", 0},
      {"12", 12000},
      {"1.5", 1500},
      {"0.001", 1},
      {"+3", 3000},
      {"1e2", 100000},
      {"1000000000", 1000000000000},
      {"1e300", 1000000000000000},
      {"Sun, 06 Nov 1994 08:49:37 GMT", 77000},
      {"Sunday, 06-Nov-94 08:49:37 GMT", 77000},
      {"Sun Nov  6 08:49:37 1994", 77000},
      {"Sun, 06 Nov 1994 08:00:00 GMT", 0},
      {"-5", -1},
      {"-0.1", -1},
      {"", -1},
      {" ", -1},
      {"soon", -1},
      {"12 s", -1},
      {"0x10", -1},
      {"inf", -1},
      {"nan", -1},
      {"1e999", -1},
      {"--1", -1},
      {"1.2.3", -1},
      {"next Tuesday: maybe", -1},
      {"12:30", -1},
  };
  for (size_t i = 0; i < G_N_ELEMENTS(all); i++) {
    int64_t got = lane_retry_parse(all[i].value, unix_s);
    if (got != all[i].ms) g_printerr("'%s': %" G_GINT64_FORMAT "\n", all[i].value, got);
    CU_ASSERT_EQUAL(got, all[i].ms);
  }
}

static int64_t retry_of(const char *const *headers) {
  const http_reply r = {.headers = headers, .body = ""};
  return lane_retry_after(&r, unix_s);
}

static void test_retry_headers(void) {
  const char *const none[] = {"content-type: text/html", NULL};
  const char *const both[] = {"retry-after: 9", "retry-after-ms: 250", NULL};
  const char *const bad_ms[] = {"retry-after-ms: soon", "retry-after: 9", NULL};
  const char *const negative[] = {"retry-after-ms: -4", NULL};
  const char *const skewed[] = {"date: Sun, 06 Nov 2011 08:49:30 GMT",
                                "retry-after: Sun, 06 Nov 2011 08:49:37 GMT", NULL};
  CU_ASSERT_EQUAL(retry_of(none), -1);
  CU_ASSERT_EQUAL(retry_of(both), 250);
  CU_ASSERT_EQUAL(retry_of(bad_ms), 9000);
  CU_ASSERT_EQUAL(retry_of(negative), -1);
  CU_ASSERT_EQUAL(retry_of(skewed), 7000); /* whatever our clock says */
}

/* Pieces of the real forms, thrown together: never a crash, never below -1, never huge. */
static void test_retry_fuzz(void) {
  static const char *const pieces[] = {
      "Sun", ", ", "06", " Nov ", "1994", " 08:49:37", " GMT", "-",  "1",   ".",
      "e",   "9",  "+",  "\xff",  ":",    "\t",        "inf",  "0x", "NaN", "999999999999",
      "UTC", "Z",  "T",  "00"};
  for (uint64_t n = 0; n < 200000; n++) {
    char value[256] = "";
    for (uint64_t i = 0, length = rng_random(1, "length", n) % 9; i < length; i++)
      g_strlcat(value, pieces[rng_random(2, "piece", n * 16 + i) % G_N_ELEMENTS(pieces)],
                sizeof value);
    int64_t got = lane_retry_parse(value, unix_s);
    if (got < -1 || got > INT64_C(1000000000000000)) g_printerr("'%s'\n", value);
    CU_ASSERT_TRUE_FATAL(got >= -1 && got <= INT64_C(1000000000000000));
  }
}

/* ---- backoff, budget, breaker ---- */

static void test_backoff(void) {
  int64_t least = INT64_MAX, most = 0, sum = 0;
  for (uint64_t i = 0; i < 10000; i++) {
    int64_t ms = lane_backoff(1, i, 3, 500, 60000);
    least = MIN(least, ms);
    most = MAX(most, ms);
    sum += ms;
    CU_ASSERT_TRUE_FATAL(ms >= 0 && ms < 4000);
    CU_ASSERT_TRUE_FATAL(lane_backoff(1, i, 4000000, 500, 60000) < 60000);
  }
  CU_ASSERT_TRUE(least < 10 && most > 3990);
  CU_ASSERT_TRUE(sum / 10000 > 1900 && sum / 10000 < 2100);
  CU_ASSERT_EQUAL(lane_backoff(7, 5, 3, 500, 60000), lane_backoff(7, 5, 3, 500, 60000));
}

static void test_budget(void) {
  lane_budget b;
  int taken = 0;
  lane_budget_init(&b, 0.1, 10);
  for (int i = 0; i < 1000; i++) lane_budget_first(&b, i);
  while (lane_budget_take(&b)) taken++;
  CU_ASSERT_TRUE(taken >= 109 && taken <= 110); /* a tenth of 1,000, and 10 */
  taken = 0; /* nothing new is left: a tenth of the busiest second */
  for (int64_t now = 1000; now < 11000; now += 10) {
    lane_budget_trickle(&b, now);
    while (lane_budget_take(&b)) taken++;
  }
  CU_ASSERT_TRUE(taken > 990 && taken <= 1012);
}

static void test_breaker(void) {
  lane_breaker b;
  lane_breaker_init(&b, 20, 5000, 60000);
  for (int i = 0; i < 19; i++) CU_ASSERT_FALSE(lane_breaker_result(&b, false, true, 0));
  CU_ASSERT_FALSE(lane_breaker_result(&b, false, false, 0)); /* the row is broken */
  for (int i = 0; i < 19; i++) CU_ASSERT_FALSE(lane_breaker_result(&b, false, true, 0));
  CU_ASSERT_EQUAL(lane_breaker_wait(&b, 0), 0);
  CU_ASSERT_TRUE(lane_breaker_result(&b, false, true, 0));
  CU_ASSERT_EQUAL(lane_breaker_wait(&b, 1000), 4000);
  CU_ASSERT_FALSE(lane_breaker_result(&b, false, true, 1000)); /* a straggler says nothing new */
  CU_ASSERT_EQUAL(lane_breaker_wait(&b, 1000), 4000);
  CU_ASSERT_EQUAL(lane_breaker_wait(&b, 5000), 0);
  CU_ASSERT_TRUE(lane_breaker_send(&b));
  CU_ASSERT_EQUAL(lane_breaker_wait(&b, 5000), -1); /* one try at a time */
  CU_ASSERT_FALSE(lane_breaker_result(&b, true, true, 6000));
  CU_ASSERT_EQUAL(lane_breaker_wait(&b, 6000), 10000); /* twice as long */
  CU_ASSERT_TRUE(lane_breaker_send(&b));
  lane_breaker_result(&b, true, false, 16000);
  CU_ASSERT_EQUAL(lane_breaker_wait(&b, 16000), 0);
  CU_ASSERT_FALSE(lane_breaker_send(&b));
}

/* ---- window ---- */

static void test_window(void) {
  lane_window w;
  int rounds = 0;
  lane_window_init(&w, 8, 256);
  for (; w.width < 256; rounds++)
    for (uint32_t i = 0, n = (uint32_t)w.width; i < n; i++) lane_window_good(&w, (uint32_t)w.width);
  CU_ASSERT_EQUAL(rounds, 5); /* doubled every round trip */
  CU_ASSERT_TRUE(lane_window_congested(&w, 256, 1000, 1256));
  CU_ASSERT_EQUAL(w.width, 179);
  CU_ASSERT_FALSE(lane_window_congested(&w, 256, 1256, 1300)); /* sent before the cut */
  CU_ASSERT_EQUAL(w.width, 179);
  double before = w.width;
  for (int i = 0; i < 179; i++) lane_window_good(&w, (uint32_t)w.width);
  CU_ASSERT_TRUE(w.width > before + 9 && w.width < before + 12); /* a sixteenth a round */
  before = w.width;
  for (int i = 0; i < 100; i++) lane_window_good(&w, 3); /* not in full use */
  CU_ASSERT_EQUAL(w.width, before);
  for (uint64_t i = 2000; i < 2100; i++) lane_window_congested(&w, 256, i, i);
  CU_ASSERT_EQUAL(w.width, 1);
}

/* A provider that bears 50 at once: the window settles around it. */
static void test_window_settles(void) {
  lane_window w;
  uint64_t sent = 0;
  double low = 1e9, high = 0;
  lane_window_init(&w, 8, 1000);
  for (int round = 0; round < 400; round++) {
    uint32_t n = (uint32_t)w.width;
    uint64_t first = sent + 1;
    sent += n;
    for (uint32_t i = 0; i < n; i++) {
      if (i < 50)
        lane_window_good(&w, n);
      else
        lane_window_congested(&w, n, first + i, sent);
    }
    if (round >= 20) low = MIN(low, w.width), high = MAX(high, w.width);
  }
  CU_ASSERT_TRUE(low >= 34 && high <= 56);
}

/* ---- buckets ---- */

static const clio_rate silent = {-1, -1, -1};

/* Requests sent in `ms` under a bucket, each needing `need`. */
static int run_bucket(lane_bucket *b, double need, int64_t from, int64_t ms) {
  int sent = 0;
  for (int64_t now = from; now < from + ms;) {
    int64_t wait = lane_bucket_wait(b, need, now);
    CU_ASSERT_TRUE_FATAL(wait >= 0 && wait <= 60000);
    if (wait == 0) {
      double mark = lane_bucket_take(b, need, now);
      lane_bucket_settle(b, need, need);
      lane_bucket_learn(b, &silent, mark, now);
      sent++;
    }
    now += wait;
  }
  return sent;
}

static void test_bucket_ours(void) {
  lane_bucket b;
  lane_bucket_init(&b, 600, 0);
  int sent = run_bucket(&b, 1, 0, 60000); /* a tenth of a minute ahead */
  CU_ASSERT_TRUE(sent >= 658 && sent <= 660);
  sent = run_bucket(&b, 1, 60000, 60000);
  CU_ASSERT_TRUE(sent >= 598 && sent <= 600);
  lane_bucket_init(&b, 1000, 0);
  CU_ASSERT_EQUAL(run_bucket(&b, 5000, 0, 600000), 2); /* larger than the bucket: still goes */
  lane_bucket_init(&b, 0, 0);
  CU_ASSERT_EQUAL(lane_bucket_wait(&b, 1e12, 0), 0);
}

/* Output is charged by its bound and given back. */
static void test_bucket_settle(void) {
  lane_bucket b;
  lane_bucket_init(&b, 60000, 0);
  lane_bucket_take(&b, 6000, 0);
  CU_ASSERT_TRUE(lane_bucket_wait(&b, 1000, 0) > 0);
  lane_bucket_settle(&b, 6000, 200);
  CU_ASSERT_EQUAL(lane_bucket_wait(&b, 1000, 0), 0);
  lane_bucket_settle(&b, 0, 50000); /* used more than it had taken */
  CU_ASSERT_TRUE(lane_bucket_wait(&b, 1, 0) > 40000);
}

/* An honest provider of `limit` a minute, with a bucket of its own. */
typedef struct provider {
  double level, limit;
  int64_t at;
} provider;

static bool provider_takes(provider *p, int64_t now, clio_rate *ret) {
  p->level = MIN(p->limit, p->level + (double)(now - p->at) * p->limit / 60000);
  p->at = now;
  bool ok = p->level >= 1;
  if (ok) p->level -= 1;
  *ret = (clio_rate){(int64_t)p->limit, (int64_t)p->level,
                     (int64_t)((p->limit - p->level) * 60000 / p->limit)};
  return ok;
}

static void test_bucket_learns(void) {
  provider p = {.level = 100, .limit = 100};
  lane_bucket b;
  int good = 0, bad = 0;
  lane_bucket_init(&b, 0, 0);
  for (int64_t now = 0; now < 600000;) {
    int64_t wait = lane_bucket_wait(&b, 1, now);
    now += wait;
    if (wait > 0) continue;
    clio_rate r;
    double mark = lane_bucket_take(&b, 1, now);
    bool ok = provider_takes(&p, now, &r);
    good += ok;
    bad += !ok;
    lane_bucket_learn(&b, &r, mark, now);
    lane_bucket_tried(&b, ok);
    now += 10;
  }
  CU_ASSERT_TRUE(good >= 1050); /* 100 and ten minutes of 100 */
  CU_ASSERT_TRUE(bad <= 3);
}

/* "0 left, reset tomorrow", and every request answered: not believed for long. */
static void test_bucket_lies(void) {
  static const clio_rate lies[] = {{100, 0, 86400000}, {1, 0, 3600000}, {5, 0, INT64_MAX}};
  for (size_t i = 0; i < G_N_ELEMENTS(lies); i++) {
    lane_bucket b;
    int sent = 0;
    lane_bucket_init(&b, 0, 0);
    for (int64_t now = 0; now < 600000 && sent < 5000;) {
      int64_t wait = lane_bucket_wait(&b, 1, now);
      CU_ASSERT_TRUE_FATAL(wait >= 0 && wait <= 60000);
      now += wait;
      if (wait > 0) continue;
      double mark = lane_bucket_take(&b, 1, now);
      lane_bucket_learn(&b, &lies[i], mark, now);
      lane_bucket_tried(&b, true);
      sent++;
      now++;
    }
    CU_ASSERT_EQUAL(sent, 5000);
  }
}

/* Numbers that make no sense change nothing for the worse, and never make a wait negative. */
static void test_bucket_nonsense(void) {
  static const int64_t odd[] = {-1, 0, 1, -1000000, INT64_MAX, INT64_MIN, 60000, 86400000};
  lane_bucket b, ours;
  lane_bucket_init(&b, 0, 0);
  lane_bucket_init(&ours, 6000, 0);
  int64_t now = 0;
  for (uint64_t n = 0; n < 100000; n++) {
    const clio_rate r = {odd[rng_random(1, "l", n) % 8], odd[rng_random(1, "r", n) % 8],
                         odd[rng_random(1, "t", n) % 8]};
    now += (int64_t)(rng_random(1, "now", n) % 100);
    double mark = lane_bucket_take(&b, 1, now);
    lane_bucket_learn(&b, &r, mark, now);
    lane_bucket_learn(&ours, &r, lane_bucket_take(&ours, 1, now), now);
    int64_t wait = lane_bucket_wait(&b, 1, now), other = lane_bucket_wait(&ours, 1, now);
    CU_ASSERT_TRUE_FATAL(wait >= 0 && wait <= 60000 && other >= 0 && other <= 60000);
    lane_bucket_tried(&b, true);
  }
}

int main(void) {
  static const unit_test tests[] = {
      {"Retry-After, all forms", test_retry_forms},
      {"Retry-After, headers", test_retry_headers},
      {"Retry-After, fuzzed", test_retry_fuzz},
      {"backoff", test_backoff},
      {"retry budget", test_budget},
      {"breaker", test_breaker},
      {"window", test_window},
      {"window settles", test_window_settles},
      {"our limit", test_bucket_ours},
      {"settled", test_bucket_settle},
      {"limit learnt", test_bucket_learns},
      {"lies", test_bucket_lies},
      {"nonsense", test_bucket_nonsense},
  };
  return unit_main("lane_limits", tests, G_N_ELEMENTS(tests));
}
