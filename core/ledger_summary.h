/* ledger_summary.h - what a run asked of its models and what it cost: for the progress
 * line, the manifest, and what `clio purge` says. */
#ifndef CLIO_CORE_LEDGER_SUMMARY_H
#define CLIO_CORE_LEDGER_SUMMARY_H
#include "ledger.h"

typedef struct json json;

enum { LEDGER_OUTCOMES = CLIO_OUT_INVALID + 1 };

/* Counts of this run, of one role or of all. Money in micro-dollars. */
typedef struct ledger_tally {
  int64_t answered, cached;            /* questions: answered by a model now, or from the ledger */
  int64_t outcomes[LEDGER_OUTCOMES];   /* of both, by CLIO_OUT_* */
  int64_t attempts, freed, lost, open; /* of `attempts`: not processed, unknown, in flight */
  price_usage usage;                   /* paid now */
  int64_t low, high;                   /* spent now: known, and with all that is unknown */
  int64_t unpriced;                    /* tokens paid now that have no known price */
  int64_t reused_cost, reused_tokens;  /* what the cached answers once came to */
} ledger_tally;

typedef struct ledger_summary {
  ledger_tally all;
  uint32_t roles;
  ledger_tally *role;                /* as many */
  const char *const *name;           /* of the roles, and their models: borrowed of the */
  const char *const *model;          /* ledger */
  int64_t account_low, account_high; /* this run and the unfinished ones before it */
  int64_t account_tokens,
      reserved; /* the most it may have used; money held for what is in flight */
  ledger_budget budget;
} ledger_summary;

/* The counts now. Free with ledger_summary_clear. [any] */
void ledger_summarize(ledger *l, ledger_summary *ret);
void ledger_summary_clear(ledger_summary *s);

/* As an object of JSON: the value of a key that the caller has written. */
void ledger_summary_put(json *j, const ledger_summary *s);

/* "1,204 asked, 310 from the ledger, 1.2M tokens, $0.83 of $5.00": for a line of
 * progress. New string. */
char *ledger_summary_line(const ledger_summary *s);

/* Its part about tokens and money, "1.2M tokens, $0.83 of $5.00". New string. */
char *ledger_summary_spent(const ledger_summary *s);

/* What lies in a ledger that nobody has open. */
typedef struct ledger_worth {
  bool known; /* there is one, and it can be read */
  int64_t answers, tokens, cost, unpriced;
} ledger_worth;
ledger_worth ledger_worth_of(const char *out);
#endif
