/* lane.h - the traffic of one model role: as many requests at once as the provider bears,
 * within its limits, again where that helps, and a stop where it does not. Knows HTTP and
 * CLIO_OUT_*, nothing of model plugins, ledger or money: those come in as callbacks. All
 * callbacks run on the loop thread of `http` and must be quick. */
#ifndef CLIO_CORE_LANE_H
#define CLIO_CORE_LANE_H
#include "http.h"

typedef struct lane lane;

/* What build() gives for one attempt; zeroed before. It may be thrown away and asked for
 * again when the limits have no room yet. */
typedef struct lane_request {
  http_request http;
  int64_t in_tokens, out_tokens; /* upper bounds, for the buckets; 0: unknown */
} lane_request;

/* Why a lane sends nothing more. */
enum {
  LANE_RUNS = 0,
  LANE_BUDGET,      /* may_send() said so: our own budget */
  LANE_SPENT,       /* the provider's spend limit or quota */
  LANE_FATAL,       /* a wrong key, no such model, or 20 requests refused and none answered */
  LANE_UNAVAILABLE, /* no good answer for give_up_ms: exit 75 */
  LANE_CANCELLED    /* lane_stop(), lane_free() */
};

/* What is said of a failed attempt, beside its outcome. */
enum { LANE_RETRY_USUAL = 0, LANE_RETRY_NEVER, LANE_RETRY_ALWAYS };

/* How one attempt, and in the end a job, came out. judge() gets it filled with what the
 * bare HTTP end says (lane_judge_status) and changes what it knows better. */
typedef struct lane_verdict {
  uint32_t outcome; /* CLIO_OUT_*. TRANSIENT: again, if attempts are left; ADAPT: again at once;
                       SPENT, FATAL: the lane stops. In done(): OK .. INVALID, SPENT, FATAL, and
                       TRANSIENT only with `stop` */
  uint32_t retry;   /* LANE_RETRY_*: the provider's word (x-should-retry) */
  int64_t wait_ms;  /* Retry-After, as given, not negative; -1: nothing (usable) was said */
  bool congested;   /* too much at once (429, 529, 503 with Retry-After): the window narrows */
  bool failing;     /* the provider is ill (5xx, no connection): counts for the breaker */
  clio_rate rates[CLIO_RATES];   /* the provider's word on its limits; -1: nothing */
  int64_t in_tokens, out_tokens; /* counted by the provider, against its limits; -1: unknown */
  const char *why;               /* a sentence about a failure, or NULL; must live to the end of
                                    the callback it was set in; the lane copies it */
  /* Filled by the lane, for done(). */
  uint32_t attempts; /* requests sent for this job */
  uint32_t stop;     /* LANE_*: the job is unanswered because the lane has stopped; 0: it ended */
} lane_verdict;

/* What may_send() answers. */
enum {
  LANE_SEND = 0,
  LANE_WAIT, /* not now: ask again when something has come back, or in 20 ms */
  LANE_STOP  /* the budget is reached: the lane stops with LANE_BUDGET */
};

/* The owner's side. `job` is the pointer given to lane_submit. */
typedef struct lane_calls {
  /* The request of attempt 1, 2 ... Its memory must live until the next callback of any kind.
   * What is not CLIO_OK ends the job as INVALID. */
  clio_status (*build)(void *job, uint32_t attempt, lane_request *ret);
  /* Asked right before an attempt leaves, after its last build(): reserve money, write the
   * intent. LANE_SEND is followed by exactly one judge() for it. NULL: always SEND. */
  uint32_t (*may_send)(void *job);
  /* Every attempt that may_send() let go, exactly once, whatever its end: settle the
   * reservation by reply->end (UNSENT, REFUSED: nothing was spent; LOST, TOO_BIG, CANCELLED
   * with `left`: unknown), read the answer, set *verdict. NULL: as prefilled. */
  void (*judge)(void *job, const http_reply *reply, lane_verdict *verdict);
  /* The end of a job, exactly once; the lane has forgotten it. */
  void (*done)(void *job, const lane_verdict *verdict);
} lane_calls;

/* Zero means the default that stands beside it. */
typedef struct lane_options {
  const char *name; /* the role, for messages; copied */
  http *http;       /* must outlive the lane */
  lane_calls calls;
  uint32_t in_flight;             /* 256: most at once */
  uint32_t start;                 /* 8: at once after the first good answer; before it, one alone */
  int64_t per_minute[CLIO_RATES]; /* requests, input and output tokens; 0: learnt from headers */
  uint32_t attempts;              /* 8 of a job that fail; waiting for a limit is no failure */
  double retry_share;             /* 0.1: retries per request, beyond the first 10 */
  int64_t backoff_ms;             /* 500: first retry within this, then twice as long ... */
  int64_t max_wait_ms;            /* 120 s: longest wait, Retry-After included */
  int64_t breaker_ms; /* 5 s: first rest after 20 failures in a row, doubling to 12 times that */
  int64_t give_up_ms; /* 600 s without a good answer: LANE_UNAVAILABLE */
  uint64_t seed;      /* of the jitter */
} lane_options;

/* For the progress line and the manifest. */
typedef struct lane_status {
  uint64_t submitted, done, in_flight, waiting;
  uint64_t sent, retries; /* requests in all; those that were not a job's first */
  uint64_t congested, failed, lost, adapted;
  double window;     /* how many at once are allowed now */
  uint32_t stop;     /* LANE_* */
  bool answered;     /* there was an answer, ever */
  int64_t silent_ms; /* nothing has come back for so long, though something is in flight */
  int64_t bad_ms;    /* no good answer for so long; 0: the last one was good */
  int64_t left_ms;   /* with bad_ms: until it gives up */
  int64_t pause_ms;  /* how long what is said in `waits` lasts yet; 0: until something comes back */
  char where[160];   /* the address that it asks, as it may be shown; "" before the first */
  char seen[200];    /* what went wrong last, without the address; "" after a good answer */
  char waits[96];    /* why it waits, if it does: "retry-after 12 s", "rate limit: input
                        tokens", "provider is failing, next try in 5 s"; else "" */
  char stopped[256]; /* why it stopped, a sentence; else "" */
} lane_status;

/* A lane over options->http. [any] */
clio_status lane_new(const lane_options *options, lane **ret, error *e);

/* Stops it, cancels what is in flight, waits for the last done(), frees. Takes NULL. Not
 * from the loop thread. */
void lane_free(lane *l);

/* Takes a job; done() will be called. Jobs are sent in the order they came. [any] */
void lane_submit(lane *l, void *job);

/* Sends nothing more; what waits ends with `stop` = LANE_CANCELLED, what is in flight is
 * let end unless `now`. [any] */
void lane_stop(lane *l, bool now);

/* A snapshot. [any] */
void lane_get_status(lane *l, lane_status *ret);

/* Fills *ret with what the status line, the headers and the way of ending say by themselves,
 * after the policy of the providers' own clients: 408, 409, 429, 5xx and lost connections
 * TRANSIENT; 401, 403, 404, 3xx and REFUSED FATAL; 402 SPENT; other 4xx INVALID; 2xx OK. */
void lane_judge_status(const http_reply *reply, lane_verdict *ret);
#endif
