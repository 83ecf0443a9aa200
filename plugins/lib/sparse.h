/* sparse.h - sparse matrices in compressed rows, and their products with dense
 * ones, in parallel over blocks of rows. */
#ifndef CLIO_LIB_SPARSE_H
#define CLIO_LIB_SPARSE_H
#include "work.h"

/* Row r holds entries [start[r], start[r + 1]), by increasing column. */
typedef struct sparse {
  uint64_t rows, columns;
  uint64_t *start;
  uint32_t *column;
  float *value;
} sparse;

/* *ret = m'; memory of the call. [call] */
clio_status sparse_transpose(const work *w, const sparse *m, sparse *ret);

/* c(rows x d) = m * b(columns x d). Each row is summed in the order of its
 * entries. [call] */
clio_status sparse_times(const work *w, const sparse *m, const float *b, uint64_t d, float *c);
#endif
