/* lane_limits.h - how much a lane may send: the window of requests at once, and buckets
 * of requests and tokens per minute. Pure: the time comes in, nothing waits. */
#ifndef CLIO_CORE_LANE_LIMITS_H
#define CLIO_CORE_LANE_LIMITS_H
#include <stdbool.h>
#include <stdint.h>

#include "clio.h"

/* Requests at once: doubled every round trip up to the first congestion (slow start),
 * then cut by three tenths at congestion and grown a sixteenth of itself every round trip
 * (additive increase, multiplicative decrease; Chiu and Jain, 1989). */
typedef struct lane_window {
  double width, cap, step;
  bool slow;
  uint64_t cut_at; /* sequence number of the last request sent before the last cut */
} lane_window;

void lane_window_init(lane_window *w, uint32_t start, uint32_t cap);

/* A good answer came while `in_flight` were under way; grows only a window in full use. */
void lane_window_good(lane_window *w, uint32_t in_flight);

/* Congestion, told by the answer to request number `sequence` when `last` had been sent.
 * True if it cut: what was sent before the last cut says nothing new. */
bool lane_window_congested(lane_window *w, uint32_t in_flight, uint64_t sequence, uint64_t last);

/* One limit per minute. Without a limit everything passes. */
typedef struct lane_bucket {
  double level, size, per_ms; /* size 0: no limit known */
  double taken;               /* of all requests, ever */
  int64_t at;                 /* time of `level` */
  bool ours;                  /* the limit is the user's: headers can only lower the level */
  int64_t blocked_since;      /* 0: not blocked */
  int64_t patience;           /* how long headers are believed without a try */
  bool trying;                /* a request was let go against what headers said */
  uint32_t lies;              /* such tries that went well; at 3 headers are ignored */
} lane_bucket;

/* per_minute 0: unknown. */
void lane_bucket_init(lane_bucket *b, int64_t per_minute, int64_t now);

/* Milliseconds until `need` may pass; 0: now. Never negative, at most a minute. What is
 * larger than the whole bucket passes when it is full. */
int64_t lane_bucket_wait(lane_bucket *b, double need, int64_t now);

/* Takes `need`; returns what `taken` is now, for lane_bucket_learn. */
double lane_bucket_take(lane_bucket *b, double need, int64_t now);

/* A request that had taken `taken` has used `used`. */
void lane_bucket_settle(lane_bucket *b, double taken, double used);

/* What the headers of an answer say. `mark`: the result of its take. Values that make no
 * sense are passed over. */
void lane_bucket_learn(lane_bucket *b, const clio_rate *rate, double mark, int64_t now);

/* The try against the headers' word ended: with an answer, or with congestion. */
void lane_bucket_tried(lane_bucket *b, bool passed);
#endif
