/* repeats.c - see repeats.h. Few rows are compared each with each. Many are
 * looked up by the parts of their simhash: where two may differ in k bits and are
 * cut into k + 1 parts, one part is the same in both (Manku, Jain and Das Sarma,
 * "Detecting near-duplicates for web crawling", 2007, section 3). */
#include "repeats.h"

enum { PARTS_MAX = REPEATS_BITS_MAX + 1, VALUES = 1 << 16, FEW_ROWS = 1024 };

static int is_near(const repeats_space *c, const sample_row *a, const sample_row *b) {
  if (!a->simhash || !b->simhash) return 0;
  return (unsigned)__builtin_popcountll(a->simhash ^ b->simhash) <= c->bits;
}

static void drop_few(const repeats_space *c, sample_row *rows, uint64_t n) {
  for (uint64_t i = 1; i < n; i++)
    for (uint64_t k = 0; k < i && !rows[i].dropped; k++)
      rows[i].dropped = !rows[k].dropped && is_near(c, &rows[i], &rows[k]);
}

/* Part p of the hash, of which at most 16 bits are looked at. */
static size_t part(const repeats_space *c, const sample_row *r, unsigned p) {
  unsigned parts = c->bits + 1, from = 64 * p / parts, to = 64 * (p + 1) / parts;
  unsigned width = to - from < 16 ? to - from : 16;
  return (size_t)p * VALUES + (r->simhash >> from & ((1u << width) - 1));
}

/* space->first: by part and value, the number + 1 of the last kept row that has
 * it; space->next: by row and part, that of the one before. */
static int has_near(const repeats_space *c, const sample_row *rows, const sample_row *r) {
  for (unsigned p = 0; p <= c->bits; p++)
    for (uint64_t k = c->first[part(c, r, p)]; k; k = c->next[(k - 1) * PARTS_MAX + p])
      if (is_near(c, r, &rows[k - 1])) return 1;
  return 0;
}

static void add(repeats_space *c, const sample_row *rows, uint64_t i) {
  for (unsigned p = 0; p <= c->bits; p++) {
    uint64_t *first = &c->first[part(c, &rows[i], p)];
    c->next[i * PARTS_MAX + p] = *first;
    *first = i + 1;
  }
}

static clio_status clear(const clio_host *host, clio_call *call, repeats_space *c) {
  const size_t bytes = (size_t)PARTS_MAX * VALUES * sizeof *c->first;
  if (!c->first) c->first = host->scratch(call, bytes);
  if (!c->next) c->next = clio_scratch_array(host, call, c->most, PARTS_MAX * sizeof *c->next);
  if (!c->first || !c->next) return clio_nomem(host, call);
  memset(c->first, 0, bytes);
  return CLIO_OK;
}

clio_status repeats_drop(const clio_host *host, clio_call *call, repeats_space *space,
                         sample_row *rows, uint64_t n) {
  if (n <= FEW_ROWS) {
    drop_few(space, rows, n);
    return CLIO_OK;
  }
  CLIO_TRY(clear(host, call, space));
  for (uint64_t i = 0; i < n; i++) {
    if (!rows[i].simhash) continue;
    rows[i].dropped = has_near(space, rows, &rows[i]);
    if (!rows[i].dropped) add(space, rows, i);
  }
  return CLIO_OK;
}
