/* svd.h - the leading part of a large sparse matrix's singular value
 * decomposition, by randomized subspace iteration: Halko, Martinsson and Tropp,
 * "Finding structure with randomness", SIAM Review 53 (2011), algorithms 4.4 and
 * 5.1, applied to the row space. The basis is made orthonormal through its Gram
 * matrix in double (SVQB: Stathopoulos and Wu, SIAM J. Sci. Comput. 23, 2002),
 * which finds the rank by the way. */
#ifndef CLIO_LIB_SVD_H
#define CLIO_LIB_SVD_H
#include "sparse.h"

typedef struct svd_options {
  uint32_t dim;        /* singular values wanted */
  uint32_t oversample; /* more columns than that in the sketch */
  uint32_t iterations; /* passes of power iteration */
  const uint64_t
      *key; /* one per column of the matrix, below 2^32: what its random row comes from */
} svd_options;

/* Rows of U * S for m = U * S * V': `ret_us` is rows x dim, and `ret_s` gets dim
 * singular values, falling; columns past the rank are zero. Work:
 * (2 * iterations + 1) products of m with dim + oversample columns. Memory:
 * m' and (rows + columns) * (dim + oversample) floats, of the call. [call] */
clio_status svd_left(const work *w, const sparse *m, const svd_options *o, float *ret_us,
                     double *ret_s);
#endif
