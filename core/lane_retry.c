/* lane_retry.c - see lane_retry.h. */
#include "lane_retry.h"

#include <curl/curl.h>
#include <glib.h>
#include <math.h>
#include <string.h>

#include "rng.h"

static const double longest_ms = 1e15;

/* ---- Retry-After ---- */

/* A decimal number and nothing else; strtod alone would take "inf", "0x10" and "1 day". */
static bool parse_number(const char *text, double *ret) {
  size_t length = strspn(text, "0123456789.+-eE");
  char *end = NULL;
  if (length == 0 || text[length] || length > 40) return false;
  *ret = g_ascii_strtod(text, &end);
  return end == text + length && isfinite(*ret);
}

/* The three forms of RFC 9110 5.6.7 begin with a weekday and hold a time of day. */
static int64_t parse_date(const char *text) {
  if (!g_ascii_isalpha(text[0]) || !strchr(text, ':') || strlen(text) > 64) return -1;
  return (int64_t)curl_getdate(text, NULL);
}

static int64_t as_ms(double ms) {
  if (!(ms >= 0)) return -1;
  return (int64_t)ceil(MIN(ms, longest_ms));
}

int64_t lane_retry_parse(const char *value, int64_t unix_s) {
  double number = 0;
  if (parse_number(value, &number)) return as_ms(number * 1000);
  int64_t date = parse_date(value);
  if (date < 0) return -1;
  return as_ms(MAX((double)(date - unix_s), 0) * 1000);
}

int64_t lane_retry_after(const http_reply *reply, int64_t unix_s) {
  const char *ms = http_header(reply, "retry-after-ms");
  const char *plain = http_header(reply, "retry-after"), *date = http_header(reply, "date");
  double number = 0;
  if (ms && parse_number(ms, &number) && number >= 0) return as_ms(number);
  if (!plain) return -1;
  int64_t theirs = date ? parse_date(date) : -1;
  return lane_retry_parse(plain, theirs >= 0 ? theirs : unix_s);
}

/* ---- backoff ---- */

int64_t lane_backoff(uint64_t seed, uint64_t draw, uint32_t n, int64_t base_ms, int64_t cap_ms) {
  double longest = MIN((double)cap_ms, ldexp((double)base_ms, (int)MIN(n, 40u)));
  double unit = (double)(rng_random((int64_t)seed, "lane", draw) >> 11) * 0x1.0p-53;
  return (int64_t)(unit * longest);
}

/* ---- budget ---- */

void lane_budget_init(lane_budget *b, double share, double floor) {
  *b = (lane_budget){.tokens = floor, .share = share};
}

void lane_budget_first(lane_budget *b, int64_t now) {
  if (now / 1000 != b->second) b->this_second = 0;
  b->second = now / 1000;
  b->this_second += 1;
  b->busiest = MAX(b->busiest, b->this_second);
  b->tokens += b->share;
  b->trickled_at = now;
}

bool lane_budget_take(lane_budget *b) {
  if (b->tokens < 1) return false;
  b->tokens -= 1;
  return true;
}

int64_t lane_budget_trickle(lane_budget *b, int64_t now) {
  double per_ms = MAX(b->busiest * b->share, 1) / 1000;
  double room = MAX(1, per_ms * 100);
  if (now > b->trickled_at && b->tokens < room)
    b->tokens = MIN(room, b->tokens + (double)(now - b->trickled_at) * per_ms);
  b->trickled_at = MAX(b->trickled_at, now);
  return b->tokens >= 1 ? 0 : (int64_t)ceil((1 - b->tokens) / per_ms);
}

/* ---- breaker ---- */

void lane_breaker_init(lane_breaker *b, uint32_t row, int64_t rest_ms, int64_t most_ms) {
  *b = (lane_breaker){
      .row = row, .rest_ms = rest_ms, .first_rest_ms = rest_ms, .longest_ms = most_ms};
}

int64_t lane_breaker_wait(const lane_breaker *b, int64_t now) {
  if (!b->open) return 0;
  if (b->probing) return -1;
  return MAX(b->until - now, 0);
}

bool lane_breaker_send(lane_breaker *b) {
  if (!b->open) return false;
  b->probing = true;
  return true;
}

static void rest(lane_breaker *b, int64_t now) {
  b->until = now + b->rest_ms;
  b->rest_ms = MIN(b->rest_ms * 2, b->longest_ms);
}

bool lane_breaker_result(lane_breaker *b, bool probe, bool failed, int64_t now) {
  if (probe) b->probing = false;
  if (!failed) {
    b->failures = 0;
    b->open = false;
    b->rest_ms = b->first_rest_ms;
    return false;
  }
  if (b->open) {
    if (probe) rest(b, now);
    return false;
  }
  if (++b->failures < b->row) return false;
  b->open = true;
  rest(b, now);
  return true;
}
