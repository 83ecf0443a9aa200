/* repeats.c - see repeats.h. Few rows are compared each with each. Many are
 * looked up by the four 16-bit quarters of their simhash: two that differ in at
 * most three bits have a quarter in common (Manku, Jain and Das Sarma,
 * "Detecting near-duplicates for web crawling", 2007, section 3). */
#include "repeats.h"

enum { QUARTERS = 4, VALUES = 1 << 16, FEW_ROWS = 1024 };

static int is_near(const sample_row *a, const sample_row *b) {
  return __builtin_popcountll(a->simhash ^ b->simhash) <= REPEATS_BITS;
}

static void drop_few(sample_row *rows, uint64_t n) {
  for (uint64_t i = 1; i < n; i++)
    for (uint64_t k = 0; k < i && !rows[i].dropped; k++)
      rows[i].dropped = !rows[k].dropped && is_near(&rows[i], &rows[k]);
}

static size_t quarter(const sample_row *r, int q) {
  return (size_t)q * VALUES + (r->simhash >> (16 * q) & (VALUES - 1));
}

/* space->first: by quarter and value, the number + 1 of the last kept row that
 * has it; space->next: by row and quarter, that of the one before. */
static int has_near(const repeats_space *c, const sample_row *rows, const sample_row *r) {
  for (int q = 0; q < QUARTERS; q++)
    for (uint64_t k = c->first[quarter(r, q)]; k; k = c->next[(k - 1) * QUARTERS + (unsigned)q])
      if (is_near(r, &rows[k - 1])) return 1;
  return 0;
}

static void add(repeats_space *c, const sample_row *rows, uint64_t i) {
  for (int q = 0; q < QUARTERS; q++) {
    uint64_t *first = &c->first[quarter(&rows[i], q)];
    c->next[i * QUARTERS + (unsigned)q] = *first;
    *first = i + 1;
  }
}

static clio_status clear(const clio_host *host, clio_call *call, repeats_space *c) {
  const size_t bytes = QUARTERS * VALUES * sizeof *c->first;
  if (!c->first) c->first = host->scratch(call, bytes);
  if (!c->next) c->next = clio_scratch_array(host, call, c->most, QUARTERS * sizeof *c->next);
  if (!c->first || !c->next) return clio_nomem(host, call);
  memset(c->first, 0, bytes);
  return CLIO_OK;
}

clio_status repeats_drop(const clio_host *host, clio_call *call, repeats_space *space,
                         sample_row *rows, uint64_t n) {
  if (n <= FEW_ROWS) {
    drop_few(rows, n);
    return CLIO_OK;
  }
  CLIO_TRY(clear(host, call, space));
  for (uint64_t i = 0; i < n; i++) {
    rows[i].dropped = has_near(space, rows, &rows[i]);
    if (!rows[i].dropped) add(space, rows, i);
  }
  return CLIO_OK;
}
