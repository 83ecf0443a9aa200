/* ledger.h - every question to a model, what came back and what it cost, so that none
 * is paid for twice: OUT/private/ledger.db, a database of its own (`clio purge
 * --keep-ledger` keeps it). It holds keyed hashes, replies and numbers; never a
 * question. Knows nothing of HTTP.
 *
 * The life of one question, all calls [any] thread unless said otherwise:
 *   ledger_claim    answered before? asked by another thread? or yours to ask
 *   ledger_reserve  right before each attempt: is there money for it; does not block, and
 *                   from then on no death of the process makes us forget the attempt
 *   ledger_end      what became of the attempt: its usage, or that it surely was not
 *                   processed, or that nobody knows
 *   ledger_settle   the final answer; first wins. Use it downstream after ledger_wait
 *   ledger_release  no answer this time
 * What is written goes through one thread that commits many at once; every write has
 * a ticket. A process that dies leaves open attempts: the next ledger_open counts them
 * as unknown, and their upper cost is the difference between the low and the high end
 * of what was spent. A disk that fails ends it: every later call is CLIO_E_IO. */
#ifndef CLIO_CORE_LEDGER_H
#define CLIO_CORE_LEDGER_H
#include <glib.h>

#include "error.h"
#include "ledger_key.h"
#include "prices.h"

typedef struct ledger ledger;

/* The most that may be spent, -1: no limit. It holds for an account: this run and
 * those before it that did not end (crashed, stopped by the budget); a run that ended
 * with ledger_done closes the account. */
typedef struct ledger_budget {
  int64_t cost, tokens; /* micro-dollars; tokens of questions and answers */
} ledger_budget;

/* Opens (making it) OUT/private/ledger.db. The caller holds the lock of OUT (store.h).
 * CLIO_E_IO also when it was written under another project key, or by a newer clio. [main] */
clio_status ledger_open(const char *out, rng_key project, ledger_budget budget, ledger **ret,
                        error *e);

/* Writes what is queued and closes it. Takes NULL. CLIO_E_IO when something could not
 * be written. [main] */
clio_status ledger_close(ledger *l, error *e);

/* This run is at its end: the next one has a budget of its own. [main] */
void ledger_done(ledger *l);

const ledger_secret *ledger_secret_in(const ledger *l);

/* A role of the graph's models; the number that stands for it below. `model`: its name
 * at the provider. */
uint32_t ledger_add_role(ledger *l, const char *role, const char *model);

/* ---- answers ---- */

/* An answer: a text, or a vector of `dim` floats, or neither (a refusal without words). */
typedef struct ledger_answer {
  uint32_t outcome; /* CLIO_OUT_* that is final */
  uint32_t dim;
  char *text; /* NUL-ended */
  int64_t length;
  float *vector;
  /* Filled by the ledger: what all attempts on it came to; of an attempt on several
   * questions, its share. */
  price_usage usage;
  int64_t cost; /* micro-dollars or MONEY_UNKNOWN */
} ledger_answer;

/* Frees what it holds, not itself. */
void ledger_answer_clear(ledger_answer *a);

typedef enum {
  LEDGER_ANSWERED, /* *ret is filled; counted as cached */
  LEDGER_MINE,     /* ask, then settle or release */
  LEDGER_BUSY      /* another is asking: ledger_await it, after you asked your own */
} ledger_claimed;

/* A failed disk shows as LEDGER_MINE; ledger_reserve then says so. `role` is for the
 * summary. */
ledger_claimed ledger_claim(ledger *l, uint32_t role, const ledger_key *key, ledger_answer *ret);

/* Waits until the one who asks has settled (durably) or released; then as
 * ledger_claim. Blocks. */
ledger_claimed ledger_await(ledger *l, uint32_t role, const ledger_key *key, ledger_answer *ret);

/* Only looks: claims and counts nothing, and never blocks on another's asking. */
bool ledger_find(ledger *l, const ledger_key *key, ledger_answer *ret);

/* ---- attempts ---- */

typedef enum {
  LEDGER_GO,    /* reserved */
  LEDGER_WAIT,  /* not now, but there may be money once what is in flight has ended */
  LEDGER_STOP,  /* the budget is spent: not even with nothing in flight */
  LEDGER_BROKEN /* the disk failed: ledger_status says how */
} ledger_verdict;

/* Before each attempt: `count` questions in one request of at most `in` + `out` tokens
 * that cost at most `upper` (MONEY_UNKNOWN: no money is counted for it). Reserved
 * money is never more than the budget leaves, so that it is overshot only by what an
 * attempt costs above its own `upper`. With LEDGER_GO *ret_attempt is its number, and it
 * may be sent: the process may die, the attempt is known. It outlives the machine's death
 * once *ret_ticket is durable. After LEDGER_WAIT ask again when an attempt has ended. */
ledger_verdict ledger_reserve(ledger *l, uint32_t role, const ledger_key *keys, uint32_t count,
                              int64_t in, int64_t out, int64_t upper, int64_t *ret_attempt,
                              uint64_t *ret_ticket);

typedef enum {
  LEDGER_PAID,  /* a whole response came: usage and price say what it cost */
  LEDGER_FREED, /* surely not processed: costs nothing */
  LEDGER_LOST   /* sent, and no whole response: may have cost up to its upper bound */
} ledger_fate;

typedef struct ledger_report {
  ledger_fate fate;
  uint32_t outcome;       /* CLIO_OUT_* */
  int32_t http_status;    /* 0: none */
  const char *request_id; /* the provider's, or NULL */
  const char *why;        /* a word or two, or NULL; never of a question or an answer */
  price_usage usage;      /* LEDGER_PAID */
  const price *price;     /* LEDGER_PAID: NULL where it is not known */
} ledger_report;

/* Ends an attempt, once. Where a paid response counted nothing and has a price, its
 * cost is unknown, as if lost. */
uint64_t ledger_end(ledger *l, int64_t attempt, const ledger_report *report);

/* The final answer of a claimed question, after its attempts have ended; `a` is copied.
 * A ticket. */
uint64_t ledger_settle(ledger *l, const ledger_key *key, const ledger_answer *a);

/* Gives a claim back without an answer; what was paid for it stays counted. */
void ledger_release(ledger *l, const ledger_key *key);

/* ---- durability ---- */

/* Blocks until what has this ticket, and all before it, is on disk. */
clio_status ledger_wait(ledger *l, uint64_t ticket, error *e);

/* The last ticket that is on disk. */
uint64_t ledger_durable(ledger *l);

/* CLIO_OK, or what broke it. */
clio_status ledger_status(ledger *l, error *e);
#endif
