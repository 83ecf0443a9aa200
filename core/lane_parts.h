/* lane_parts.h - what the files of lane share: the lane and one job. Everything but what
 * stands under the lock belongs to the loop thread. */
#ifndef CLIO_CORE_LANE_PARTS_H
#define CLIO_CORE_LANE_PARTS_H
#include <glib.h>

#include "lane.h"
#include "lane_limits.h"
#include "lane_retry.h"

/* Why nothing is sent just now; words are made of it when somebody asks. */
typedef enum lane_pause {
  PAUSE_NONE = 0,
  PAUSE_WINDOW, /* the provider bears no more at once */
  PAUSE_FIRST,  /* the first answer is awaited */
  PAUSE_RETRY_AFTER,
  PAUSE_BACKOFF,
  PAUSE_BREAKER,
  PAUSE_PROBE,
  PAUSE_REQUESTS, /* these three in the order of CLIO_RATE_* */
  PAUSE_IN_TOKENS,
  PAUSE_OUT_TOKENS,
  PAUSE_RETRY_BUDGET,
  PAUSE_MONEY
} lane_pause;

typedef struct lane_job {
  GList link; /* in exactly one queue */
  lane *l;
  void *ctx;
  uint64_t id, sequence;
  uint32_t attempts, faults, adapts, deferrals;
  bool known, probe, trying;
  double need[CLIO_RATES], mark[CLIO_RATES];
  int64_t due;
} lane_job;

struct lane {
  lane_options o;
  char *name;
  /* Shared, under the lock. */
  GMutex lock;
  GCond closed_cond;
  GQueue inbox; /* of lane_job */
  bool asked, closed;
  int stop_asked; /* 1: let end what is in flight, 2: cancel it */
  lane_status shown;
  lane_pause shown_pause;
  int64_t shown_until, shown_heard, shown_bad;
  /* The loop thread's. */
  GQueue ready, fresh, held, flying; /* again now; never sent; waiting for the retry budget */
  GSequence *delayed;                /* by due */
  lane_window window;
  lane_bucket buckets[CLIO_RATES];
  lane_budget budget;
  lane_breaker breaker;
  lane_status s;
  lane_pause pause;
  int64_t pause_until; /* Retry-After or backoff of all */
  bool pause_told;     /* by Retry-After */
  int64_t wait_until;  /* of `pause`; 0: until something comes back */
  bool proven;         /* there was an answer */
  int64_t heard_at;    /* something came back, or the first of what is in flight was sent */
  uint32_t rejected;   /* requests that were not accepted, while none was */
  uint32_t cuts;       /* of the window in a row, without an answer between */
  int64_t bad_since;   /* 0: the last answer was good */
  bool pumping;
  uint64_t draws, timer;
  int64_t timer_due;
};

/* Takes one job's reply apart and decides what becomes of it; see lane_reply.c. */
void lane_on_reply(void *job, const http_reply *reply);

/* Ends a job: done() and gone. `v` gets the lane's own fields. */
void lane_end(lane_job *job, lane_verdict *v);

/* Nothing more is sent, for the first reason given. */
void lane_halt(lane *l, uint32_t stop, const char *why);

/* Ends a job that the stop leaves unanswered. */
void lane_end_stopped(lane_job *job, lane_verdict *v);

/* Sends what may be sent; sets when to look again. */
void lane_pump(lane *l);

/* Lets a job wait until `due`, then be sent before new ones. */
void lane_delay(lane_job *job, int64_t due);

/* Marks that a pump follows, so that submits from callbacks ask for none. */
void lane_mute(lane *l);
#endif
