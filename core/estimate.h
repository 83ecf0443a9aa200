/* estimate.h - the arithmetic of `clio plan`: what a stage will ask of a model, from
 * tokens of sampled rows to calls, tokens, money and time, low and high; and what other
 * ways to ask the same would cost. Asks nobody. [any] */
#ifndef CLIO_CORE_ESTIMATE_H
#define CLIO_CORE_ESTIMATE_H
#include "prices.h"

/* A low and a high reckoning of the same number. */
typedef struct estimate_range {
  int64_t low, high;
} estimate_range;

/* What one stage asks of one role: `calls` texts (conversations, clusters), and about
 * each of them `parts` things (facets). Tokens over all calls. */
typedef struct estimate_load {
  int64_t calls;
  int32_t parts;            /* 1 or more */
  estimate_range text;      /* of the texts, each once */
  estimate_range cacheable; /* of those texts that are long enough for the provider's cache */
  estimate_range question;  /* of what is asked about them: all parts of all calls */
  estimate_range answer;    /* likewise */
  const price *price;       /* NULL: not known */
} estimate_load;

/* A role's limits per minute (0: none), how many calls at once, and how long one takes. */
typedef struct estimate_limits {
  int64_t requests, in_tokens, out_tokens, concurrency;
  double seconds;
} estimate_limits;

/* How it is asked. FUSED: all parts in one call; else one call each, and then with CACHED
 * the text is written to the provider's cache once and read from it for the other parts.
 * BATCH: through the provider's batch interface, which answers within a day. */
enum { ESTIMATE_FUSED = 1u << 0, ESTIMATE_CACHED = 1u << 1, ESTIMATE_BATCH = 1u << 2 };

typedef struct estimate {
  int64_t calls;
  estimate_range in, out;
  estimate_range cost; /* micro-dollars; both MONEY_UNKNOWN without a price */
  double seconds_low, seconds_high;
} estimate;

estimate estimate_way(const estimate_load *load, const estimate_limits *limits, uint32_t way);

/* Adds what one stage comes to (one after the other: times add up). Money that is unknown
 * stays so. Start from a zeroed `to`. */
void estimate_add(estimate *to, const estimate *e);

/* `rows` rows from the tokens of `n` sampled ones: their mean, give or take two standard
 * errors (less the larger the share that was seen), and `doubt` per cent for the
 * reckoning of tokens itself. Nothing sampled: nothing. */
estimate_range estimate_scale(const int64_t *tokens, size_t n, int64_t rows, int doubt);

/* About how many tokens a text has for the models of our day, by its characters. */
int64_t estimate_tokens(const char *utf8, int64_t length);
#endif
