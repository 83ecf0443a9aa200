/* principal.c - principal coordinates of weighted points; see principal.h. */
#include "principal.h"

#include <cblas.h>
#include <lapacke.h>
#include <math.h>
#include <string.h>

#include "linalg.h"

/* The points less their mean, each times the root of its weight, so that sums of
 * squares are weighted; and the leading eigenvectors of their products. */
typedef struct principal {
  const work *w;
  uint64_t n, d, side, p; /* side: of the matrix, the smaller of n and d */
  double *y;              /* n x d */
  double *matrix;         /* side x side */
  double *value, *vector; /* p of side; vectors in columns, side x p */
  double noise;           /* an eigenvalue that is rounding */
} principal;

static void principal_centre(const linkage_points *points, double *mean, principal *a) {
  double total = 0, square = 0;
  uint64_t d = points->d;
  for (uint64_t i = 0; i < points->n; i++) {
    total += points->weight[i];
    square += points->weight[i] * linalg_dot(points->x + i * d, points->x + i * d, d);
    for (uint64_t e = 0; e < d; e++) mean[e] += points->weight[i] * (double)points->x[i * d + e];
  }
  a->noise = square * 1e-10;
  for (uint64_t i = 0; i < points->n; i++)
    for (uint64_t e = 0; e < d; e++)
      a->y[i * d + e] = ((double)points->x[i * d + e] - mean[e] / total) * sqrt(points->weight[i]);
}

/* The p largest eigenvalues, rising. Of y'y when there are more points than
 * numbers, else of yy', which has the same. */
static clio_status principal_eigen(principal *a) {
  CBLAS_TRANSPOSE turned = a->d <= a->n ? CblasTrans : CblasNoTrans;
  lapack_int side = (lapack_int)a->side, found = 0, *support;
  cblas_dsyrk(CblasRowMajor, CblasUpper, turned, side, (blasint)(a->d <= a->n ? a->n : a->d), 1.0,
              a->y, (blasint)a->d, 0.0, a->matrix, side);
  support = work_alloc(a->w, 2 * a->p, sizeof *support);
  if (!support) return work_nomem(a->w, "the principal directions");
  lapack_int failed = LAPACKE_dsyevr(LAPACK_ROW_MAJOR, 'V', 'I', 'U', side, a->matrix, side, 0, 0,
                                     side - (lapack_int)a->p + 1, side, 0, &found, a->value,
                                     a->vector, (lapack_int)a->p, support);
  if (failed == 0 && found == (lapack_int)a->p) return CLIO_OK;
  return a->w->host->fail(a->w->call, CLIO_E_INTERNAL,
                          "the principal directions of the centroids did not converge");
}

/* Column q of the coordinates: the q-th largest direction. */
static void principal_column(const principal *a, const double *weight, uint64_t q, uint64_t width,
                             float *ret) {
  uint64_t from = a->p - 1 - q;
  if (a->value[from] <= a->noise) return;
  for (uint64_t i = 0; i < a->n; i++) {
    double at = 0;
    if (a->d > a->n)
      at = a->vector[i * a->p + from] * sqrt(a->value[from]);
    else
      for (uint64_t e = 0; e < a->d; e++) at += a->y[i * a->d + e] * a->vector[e * a->p + from];
    ret[i * width + q] = (float)(at / sqrt(weight[i]));
  }
}

clio_status principal_directions(const work *w, const linkage_points *points, uint64_t p,
                                 float *ret) {
  principal a = {.w = w, .n = points->n, .d = points->d};
  a.side = a.n < a.d ? a.n : a.d;
  a.p = p < a.side ? p : a.side;
  memset(ret, 0, a.n * p * sizeof *ret);
  if (a.p == 0) return CLIO_OK;
  double *mean = work_alloc(w, a.d, sizeof *mean);
  a.y = work_alloc(w, a.n, a.d * sizeof *a.y);
  a.matrix = work_alloc(w, a.side, a.side * sizeof *a.matrix);
  a.value = work_alloc(w, a.side, sizeof *a.value);
  a.vector = work_alloc(w, a.side, a.p * sizeof *a.vector);
  if (!mean || !a.y || !a.matrix || !a.value || !a.vector)
    return work_nomem(w, "the principal directions");
  principal_centre(points, mean, &a);
  CLIO_TRY(principal_eigen(&a));
  for (uint64_t q = 0; q < a.p; q++) principal_column(&a, points->weight, q, p, ret);
  for (uint64_t i = 0; i < a.n; i++)
    linalg_scale(ret + i * p, linalg_inverse_norm(ret + i * p, p), p);
  return CLIO_OK;
}
