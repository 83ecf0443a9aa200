/* lane_retry.h - when to ask again, and when to leave a provider alone: Retry-After,
 * backoff, the budget of retries, the circuit breaker. Pure: the time comes in. */
#ifndef CLIO_CORE_LANE_RETRY_H
#define CLIO_CORE_LANE_RETRY_H
#include "http.h"

/* Milliseconds that a reply asks us to wait: `retry-after-ms`, then `retry-after` as whole
 * or decimal seconds or as an HTTP date (counted from the reply's own `date` if it has one,
 * else from `unix_s`). As given, however long; -1: nothing usable was said. */
int64_t lane_retry_after(const http_reply *reply, int64_t unix_s);

/* The same of one value: seconds, or a date. */
int64_t lane_retry_parse(const char *value, int64_t unix_s);

/* Full jitter: uniform in [0, min(cap, base * 2^n)] (Brooker, "Exponential backoff and
 * jitter", 2015). `draw` numbers the draws of one seed. */
int64_t lane_backoff(uint64_t seed, uint64_t draw, uint32_t n, int64_t base_ms, int64_t cap_ms);

/* Retries are at most `share` of first requests, and `floor` more. While nothing new is
 * left to send they come by time: a tenth of the busiest second, at least one a second. */
typedef struct lane_budget {
  double tokens, share;
  double busiest; /* first requests in the busiest second */
  double this_second;
  int64_t second, trickled_at;
} lane_budget;

void lane_budget_init(lane_budget *b, double share, double floor);

/* A job's first request leaves. */
void lane_budget_first(lane_budget *b, int64_t now);

/* Takes one retry; false: none is left. */
bool lane_budget_take(lane_budget *b);

/* Nothing new is left to send, retries wait: fills by time. Milliseconds to the next. */
int64_t lane_budget_trickle(lane_budget *b, int64_t now);

/* Opens after `row` failures in a row; then one try after a rest that doubles. */
typedef struct lane_breaker {
  uint32_t failures, row;
  bool open, probing;
  int64_t until, rest_ms, first_rest_ms, longest_ms;
} lane_breaker;

void lane_breaker_init(lane_breaker *b, uint32_t row, int64_t rest_ms, int64_t longest_ms);

/* Milliseconds until something may be sent: 0: now, -1: when the try has come back. */
int64_t lane_breaker_wait(const lane_breaker *b, int64_t now);

/* Something is sent; true if it is the try. */
bool lane_breaker_send(lane_breaker *b);

/* It came back: was it the try, and did the provider fail? True when this opened it. */
bool lane_breaker_result(lane_breaker *b, bool probe, bool failed, int64_t now);
#endif
