/* linalg.c - dense products and fixed-point sums; see linalg.h. */
#include "linalg.h"

#include <cblas.h>
#include <math.h>

void linalg_init(void) { openblas_set_num_threads(1); }

void linalg_abt(const float *a, uint64_t m, const float *b, uint64_t n, uint64_t d, float *c) {
  cblas_sgemm(CblasRowMajor, CblasNoTrans, CblasTrans, (blasint)m, (blasint)n, (blasint)d, 1.0f, a,
              (blasint)d, b, (blasint)d, 0.0f, c, (blasint)n);
}

void linalg_ab(const float *a, uint64_t m, const float *b, uint64_t d, uint64_t n, float *c) {
  cblas_sgemm(CblasRowMajor, CblasNoTrans, CblasNoTrans, (blasint)m, (blasint)n, (blasint)d, 1.0f,
              a, (blasint)d, b, (blasint)n, 0.0f, c, (blasint)n);
}

double linalg_dot(const float *a, const float *b, uint64_t d) {
  double s[4] = {0, 0, 0, 0};
  uint64_t i = 0;
  for (; i + 4 <= d; i += 4)
    for (int j = 0; j < 4; j++) s[j] += (double)a[i + (uint64_t)j] * (double)b[i + (uint64_t)j];
  for (; i < d; i++) s[0] += (double)a[i] * (double)b[i];
  return (s[0] + s[1]) + (s[2] + s[3]);
}

float linalg_inverse_norm(const float *x, uint64_t d) {
  double norm = sqrt(linalg_dot(x, x, d));
  return norm > 1e-18 ? (float)(1.0 / norm) : 0.0f;
}

void linalg_scale(float *x, float factor, uint64_t d) {
  for (uint64_t i = 0; i < d; i++) x[i] *= factor;
}

int64_t fixed_from(double x) { return llrint(x * FIXED_ONE); }

void fixed_add(int64_t *sum, const float *x, float factor, int64_t sign, uint64_t d) {
  for (uint64_t i = 0; i < d; i++)
    sum[i] += sign * (int64_t)lrint((double)(x[i] * factor) * FIXED_ONE);
}
