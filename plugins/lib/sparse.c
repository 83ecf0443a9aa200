/* sparse.c - transpose of compressed rows, and sparse times dense; see sparse.h. */
#include "sparse.h"

#include <string.h>

clio_status sparse_transpose(const work *w, const sparse *m, sparse *ret) {
  uint64_t entries = m->start[m->rows];
  sparse t = {.rows = m->columns, .columns = m->rows};
  t.start = work_alloc(w, t.rows + 1, sizeof *t.start);
  t.column = work_alloc(w, entries, sizeof *t.column);
  t.value = work_alloc(w, entries, sizeof *t.value);
  uint64_t *next = work_alloc(w, t.rows + 1, sizeof *next);
  if (t.start == NULL || t.column == NULL || t.value == NULL || next == NULL)
    return work_nomem(w, "the transposed term matrix");
  for (uint64_t e = 0; e < entries; e++) t.start[m->column[e] + 1]++;
  for (uint64_t r = 0; r < t.rows; r++) t.start[r + 1] += t.start[r];
  memcpy(next, t.start, (t.rows + 1) * sizeof *next);
  for (uint64_t r = 0; r < m->rows; r++)
    for (uint64_t e = m->start[r]; e < m->start[r + 1]; e++) {
      uint64_t at = next[m->column[e]]++;
      t.column[at] = (uint32_t)r;
      t.value[at] = m->value[e];
    }
  *ret = t;
  return CLIO_OK;
}

typedef struct sparse_product {
  const work *w;
  const sparse *m;
  const float *b;
  float *c;
  uint64_t d;
} sparse_product;

enum { SPARSE_BLOCK = 512 };

/* One row of the product. Four entries at a time: a quarter of the loads and
 * stores of the sum, which the rows of b otherwise share the cache with. */
static void sparse_row(const sparse_product *p, uint64_t r) {
  const uint32_t *column = p->m->column;
  const float *value = p->m->value;
  uint64_t d = p->d, e = p->m->start[r], end = p->m->start[r + 1];
  float *restrict out = p->c + r * d;
  memset(out, 0, d * sizeof *out);
  for (; e + 4 <= end; e += 4) {
    const float *restrict b0 = p->b + column[e] * d, *restrict b1 = p->b + column[e + 1] * d;
    const float *restrict b2 = p->b + column[e + 2] * d, *restrict b3 = p->b + column[e + 3] * d;
    float v0 = value[e], v1 = value[e + 1], v2 = value[e + 2], v3 = value[e + 3];
    for (uint64_t i = 0; i < d; i++)
      out[i] += (v0 * b0[i] + v1 * b1[i]) + (v2 * b2[i] + v3 * b3[i]);
  }
  for (; e < end; e++) {
    const float *restrict b0 = p->b + column[e] * d;
    float v0 = value[e];
    for (uint64_t i = 0; i < d; i++) out[i] += v0 * b0[i];
  }
}

static clio_status sparse_block(void *ctx, uint64_t block) {
  const sparse_product *p = ctx;
  uint64_t from, to;
  work_block(p->m->rows, SPARSE_BLOCK, block, &from, &to);
  if (p->w->host->cancelled(p->w->call)) return CLIO_E_CANCELLED;
  for (uint64_t r = from; r < to; r++) sparse_row(p, r);
  return CLIO_OK;
}

clio_status sparse_times(const work *w, const sparse *m, const float *b, uint64_t d, float *c) {
  sparse_product p = {.w = w, .m = m, .b = b, .c = c, .d = d};
  return work_each(w, work_blocks(m->rows, SPARSE_BLOCK), sparse_block, &p);
}
