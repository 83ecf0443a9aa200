/* sample.c - which conversations a model is shown; see sample.h. */
#include "sample.h"

enum { NEAR_BITS = 3 };

static int by_account(const void *a, const void *b) {
  const sample_row *x = a, *y = b;
  if (x->account != y->account) return x->account < y->account ? -1 : 1;
  if (x->order != y->order) return x->order < y->order ? -1 : 1;
  return (x->row > y->row) - (x->row < y->row);
}

static int by_turn(const void *a, const void *b) {
  const sample_row *x = a, *y = b;
  if (x->turn != y->turn) return x->turn < y->turn ? -1 : 1;
  if (x->order != y->order) return x->order < y->order ? -1 : 1;
  return (x->row > y->row) - (x->row < y->row);
}

static int is_near(uint64_t hash, const uint64_t *known, uint64_t count) {
  for (uint64_t i = 0; i < count; i++)
    if (__builtin_popcountll(hash ^ known[i]) <= NEAR_BITS) return 1;
  return 0;
}

clio_status sample_take(const sample *s, sample_row *rows, uint64_t n, uint64_t *ret_row,
                        uint64_t *ret_count) {
  const clio_text *text = s->vocab->corpus.text;
  uint64_t *hash = work_alloc(s->vocab->w, s->most, sizeof *hash);
  if (!hash) return work_nomem(s->vocab->w, "a sample");
  *ret_count = 0;
  if (n == 0) return CLIO_OK;
  qsort(rows, n, sizeof *rows, by_account);
  for (uint64_t i = 0; i < n; i++)
    rows[i].turn = i > 0 && rows[i].account == rows[i - 1].account ? rows[i - 1].turn + 1 : 0;
  qsort(rows, n, sizeof *rows, by_turn);
  for (uint64_t i = 0; i < n && *ret_count < s->most && rows[i].turn < s->per_account; i++) {
    clio_span words = clio_utf8(&s->texts, rows[i].row);
    if (words.len <= 0) continue;
    uint64_t own = text->simhash(s->vocab->w->call, words.s, words.len);
    if (is_near(own, hash, *ret_count)) continue;
    hash[*ret_count] = own;
    ret_row[(*ret_count)++] = rows[i].row;
  }
  return CLIO_OK;
}
