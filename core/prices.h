/* prices.h - what models cost: a data file (configs/prices.yaml, or a user's own
 * through the graph's budget) of rows in force from a day on, in bands by the
 * length of the question, by provider, host and model.
 *
 *   clio: 1
 *   prices:
 *     - { provider: anthropic, host: api.anthropic.com, models: [claude-haiku-4-5],
 *         from: 2025-10-15, input: 1.00, output: 5.00, cache_read: 0.10,
 *         cache_write_5m: 1.25, cache_write_1h: 2.00, batch: 0.5 }
 *     - { provider: ollama, models: ["*"], free: true }
 *
 * Prices are dollars per million tokens. A model's name stands for its dated forms too
 * (-20261124, -2026-11-24); in every name '*' stands for any text. `up_to: 100000` makes a
 * row a band: it holds for questions of at most that many tokens, and one row of the same
 * names and day without it for the others. Of the rows that match and are in force, the one with
 * the most literal characters counts (models, then host, then provider), then the latest. A model
 * without a row has no price, and nobody may make one up: its tokens are shown, its
 * money is unknown. */
#ifndef CLIO_CORE_PRICES_H
#define CLIO_CORE_PRICES_H
#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

#include "diag.h"
#include "error.h"
#include "money.h"

/* Micro-dollars per million tokens. */
typedef struct price_band {
  int64_t up_to; /* tokens of the question; the last band's is INT64_MAX */
  int64_t input, output, cache_read, cache_write_5m, cache_write_1h;
  int64_t batch; /* what a batch costs, in thousandths: 500 */
} price_band;

/* What one model costs on one day; bands in rising order, at least one. */
typedef struct price {
  char *id; /* "anthropic/claude-haiku-4-5@2025-10-15": for the ledger */
  bool free;
  uint32_t count;
  price_band *bands;
} price;

/* What was counted of one request. `input` is the whole question: what was read from
 * the provider's cache and written to it is among it. */
typedef struct price_usage {
  int64_t input, cache_read, cache_write_5m, cache_write_1h, output;
  bool batch;
} price_usage;

typedef struct prices prices;

/* The price of what costs nothing. */
extern const price price_nothing;

/* Reads a file. `path` NULL: the shipped one. What is wrong in it is in *ret_diag
 * (made here, also on success, freed by the caller; NULL when the file cannot be
 * read, then `e` says why) with CLIO_E_CONFIG. */
clio_status prices_read(const char *path, prices **ret, diag **ret_diag, error *e);

/* The same from memory. NULL with errors in `d`. */
prices *prices_parse(const char *text, size_t length, diag *d);
void prices_free(prices *p); /* takes NULL */

/* SHA-256 (hex) of the file. Borrowed. */
const char *prices_hash(const prices *p);

/* The price in force on `day` ("2026-11-24"; NULL: today, UTC) of `model` asked for by
 * model/PROVIDER at `host` (NULL: in process). NULL: not known. Lives as long as
 * `p`. [any] */
const price *prices_find(const prices *p, const char *provider, const char *host, const char *model,
                         const char *day);

/* What a request cost, rounded up once; MONEY_UNKNOWN where `pr` is NULL, or where
 * nothing at all was counted and it is not free. [any] */
int64_t price_cost(const price *pr, const price_usage *usage);

/* The same of many requests whose questions have `prompt` tokens each: `total` is counted
 * by the band of that length, and rounded up once. [any] */
int64_t price_cost_of_many(const price *pr, int64_t prompt, const price_usage *total);

/* What a request does that changes what it can cost at most. */
enum { PRICE_BATCH = 1u << 0, PRICE_CACHES_1H = 1u << 1 };

/* The most that a request of at most that many tokens can cost, also where the provider
 * writes it to its cache unasked; `flags`: PRICE_*. MONEY_UNKNOWN where `pr` is NULL. [any] */
int64_t price_upper(const price *pr, int64_t in_tokens, int64_t out_tokens, uint32_t flags);

/* The row as one line of canonical JSON, for the ledger. New string. */
char *price_json(const price *pr);
#endif
