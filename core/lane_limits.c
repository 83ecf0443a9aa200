/* lane_limits.c - see lane_limits.h. */
#include "lane_limits.h"

#include <glib.h>
#include <math.h>

enum { MINUTE = 60 * 1000, DAY = 24 * 60 * MINUTE, PATIENCE = 15 * 1000, LIES = 3 };

static const double decrease = 0.7;

/* ---- window ---- */

void lane_window_init(lane_window *w, uint32_t start, uint32_t cap) {
  *w = (lane_window){.width = MIN(start, cap), .cap = cap, .step = 1, .slow = true};
}

void lane_window_good(lane_window *w, uint32_t in_flight) {
  if (in_flight + 1 < w->width) return;
  w->width += w->slow ? 1 : w->step / w->width;
  w->width = MIN(w->width, w->cap);
}

bool lane_window_congested(lane_window *w, uint32_t in_flight, uint64_t sequence, uint64_t last) {
  if (sequence <= w->cut_at) return false;
  w->width = MAX(1, floor(MIN(w->width, in_flight) * decrease));
  w->step = MAX(1, w->width / 16);
  w->slow = false;
  w->cut_at = last;
  return true;
}

/* ---- buckets ---- */

/* Our own limit is spent evenly, a tenth of a minute ahead at most; a provider's is filled
 * as it says. */
void lane_bucket_init(lane_bucket *b, int64_t per_minute, int64_t now) {
  double limit = (double)MAX(per_minute, 0);
  *b = (lane_bucket){.at = now, .patience = PATIENCE, .ours = per_minute > 0};
  b->per_ms = limit / MINUTE;
  b->size = limit > 0 ? MAX(limit / 10, 1) : 0;
  b->level = b->size;
}

static void refill(lane_bucket *b, int64_t now) {
  if (now > b->at) b->level = MIN(b->size, b->level + (double)(now - b->at) * b->per_ms);
  b->at = MAX(b->at, now);
}

int64_t lane_bucket_wait(lane_bucket *b, double need, int64_t now) {
  if (b->size <= 0) return 0;
  refill(b, now);
  double missing = MIN(need, b->size) - b->level;
  if (missing <= 1e-9) {
    b->blocked_since = 0;
    return 0;
  }
  if (!b->blocked_since) b->blocked_since = MAX(now, 1);
  double wait = ceil(missing / b->per_ms);
  if (!b->ours) {
    double patient = (double)(b->blocked_since + b->patience - now);
    if (patient <= 0 && !b->trying) return 0;
    if (!b->trying) wait = MIN(wait, patient);
  }
  return (int64_t)CLAMP(wait, 1, MINUTE);
}

double lane_bucket_take(lane_bucket *b, double need, int64_t now) {
  refill(b, now);
  if (b->size > 0 && b->level < MIN(need, b->size) - 1e-9) b->trying = true;
  b->blocked_since = 0;
  b->level -= need;
  b->taken += need;
  return b->taken;
}

void lane_bucket_settle(lane_bucket *b, double taken, double used) {
  b->level = MIN(b->size, b->level + taken - used);
}

/* The rate that the headers imply: what is missing comes back until the reset. */
static double implied_rate(double limit, double remaining, int64_t reset_ms) {
  double rate = limit / MINUTE;
  if (reset_ms > 0 && remaining < limit) rate = (limit - remaining) / (double)reset_ms;
  return MAX(rate, limit / DAY);
}

void lane_bucket_learn(lane_bucket *b, const clio_rate *rate, double mark, int64_t now) {
  if (b->lies >= LIES || rate->remaining < 0) return;
  double remaining = (double)rate->remaining, limit = (double)rate->limit;
  if (!b->ours && limit <= 0) return;
  refill(b, now);
  /* The provider had not seen what we have sent since. */
  double left = (b->ours ? remaining : MIN(remaining, limit)) - (b->taken - mark);
  if (b->ours) {
    b->level = MIN(b->level, MAX(left, -b->size));
    return;
  }
  b->size = limit;
  b->per_ms = implied_rate(limit, MIN(remaining, limit), rate->reset_ms);
  b->level = MAX(left, -limit);
}

void lane_bucket_tried(lane_bucket *b, bool passed) {
  if (!b->trying) return;
  b->trying = false;
  if (!passed) {
    b->patience = MIN(b->patience * 2, MINUTE);
    return;
  }
  if (++b->lies < LIES) return;
  b->size = b->level = 0; /* as if nothing had been said */
}
