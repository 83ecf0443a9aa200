/* linalg.h - dense products on OpenBLAS with one BLAS thread, and sums that do
 * not depend on their order. Matrices are row-major and packed. Threads come
 * from loops over row blocks (work.h), never from BLAS. All [any]. */
#ifndef CLIO_LIB_LINALG_H
#define CLIO_LIB_LINALG_H
#include <stdint.h>

/* Tells OpenBLAS to use the calling thread only; call it in create(). */
void linalg_init(void);

/* c(m x n) = a(m x d) * b(n x d)' */
void linalg_abt(const float *a, uint64_t m, const float *b, uint64_t n, uint64_t d, float *c);

/* c(m x n) = a(m x d) * b(d x n) */
void linalg_ab(const float *a, uint64_t m, const float *b, uint64_t d, uint64_t n, float *c);

/* The scalar product, summed in double in index order. */
double linalg_dot(const float *a, const float *b, uint64_t d);

/* 1 / |x|, or 0 where |x| is 0 or too small to divide by: such a row has no direction. */
float linalg_inverse_norm(const float *x, uint64_t d);

/* x *= factor */
void linalg_scale(float *x, float factor, uint64_t d);

/* Fixed point with 30 fraction bits for values in [-4, 4]: sums of at most
 * FIXED_ROWS_MAX of them are exact and fit an int64, whatever their order. */
enum { FIXED_BITS = 30 };
#define FIXED_ONE ((double)(1 << FIXED_BITS))
#define FIXED_ROWS_MAX ((uint64_t)1 << 30)
int64_t fixed_from(double x);

/* sum[i] += sign * fixed(x[i] * factor) */
void fixed_add(int64_t *sum, const float *x, float factor, int64_t sign, uint64_t d);
#endif
