/* svd.c - randomized singular value decomposition of sparse matrices; see svd.h. */
#include "svd.h"

#include <cblas.h>
#include <lapacke.h>
#include <math.h>
#include <string.h>

#include "linalg.h"

enum { SVD_ROWS = 256, SVD_GROUPS = 16 };
static const double svd_noise = 1e-13; /* squared length, of the largest, that is rounding */

/* ---- x'x in double, in groups of rows that depend on the shape only ---- */

typedef struct svd_gram {
  const float *x;
  uint64_t rows, width, group;
  double *partial;
  work_slots *slots;
} svd_gram;

static clio_status svd_gram_group(void *ctx, uint64_t g) {
  const svd_gram *a = ctx;
  uint64_t from, to;
  uint32_t slot;
  work_block(a->rows, a->group, g, &from, &to);
  double *sum = a->partial + g * a->width * a->width, *copy = work_take(a->slots, &slot);
  if (copy == NULL) return work_nomem(a->slots->w, "a block of the sketch");
  for (uint64_t r = from; r < to; r += SVD_ROWS) {
    uint64_t rows = to - r < SVD_ROWS ? to - r : SVD_ROWS;
    const float *x = a->x + r * a->width;
    for (uint64_t i = 0; i < rows * a->width; i++) copy[i] = (double)x[i];
    cblas_dsyrk(CblasRowMajor, CblasUpper, CblasTrans, (blasint)a->width, (blasint)rows, 1.0, copy,
                (blasint)a->width, 1.0, sum, (blasint)a->width);
  }
  work_give(a->slots, slot);
  return CLIO_OK;
}

/* Buffers of one decomposition. */
typedef struct svd_state {
  const work *w;
  uint64_t width;
  work_slots *slots; /* SVD_ROWS x width doubles */
  double *partial;   /* SVD_GROUPS Gram matrices, then their eigenvectors in the first */
  double *lambda;    /* width eigenvalues, rising */
  float *turn;       /* width x width: what a block is multiplied by */
} svd_state;

/* Eigenvalues of x'x into lambda, rising; eigenvectors in the columns of partial. */
static clio_status svd_eigen(const svd_state *s, const float *x, uint64_t rows) {
  uint64_t size = s->width * s->width;
  uint64_t group = (work_blocks(rows, SVD_ROWS) + SVD_GROUPS - 1) / SVD_GROUPS * SVD_ROWS;
  uint64_t groups = work_blocks(rows, group);
  svd_gram gram = {.x = x, .rows = rows, .width = s->width, .group = group};
  gram.partial = s->partial;
  gram.slots = s->slots;
  memset(s->partial, 0, groups * size * sizeof *s->partial);
  clio_status status = work_each(s->w, groups, svd_gram_group, &gram);
  if (status != CLIO_OK) return status;
  for (uint64_t g = 1; g < groups; g++)
    for (uint64_t i = 0; i < size; i++) s->partial[i] += s->partial[g * size + i];
  lapack_int width = (lapack_int)s->width;
  if (LAPACKE_dsyevd(LAPACK_ROW_MAJOR, 'V', 'U', width, s->partial, width, s->lambda) == 0)
    return CLIO_OK;
  return s->w->host->fail(s->w->call, CLIO_E_INTERNAL,
                          "the eigenvalues of the sketch did not converge");
}

/* ---- x * turn, block by block ---- */

typedef struct svd_turn {
  const svd_state *s;
  const float *x;
  float *to;
  uint64_t rows, width; /* columns of turn and of `to` */
} svd_turn;

static clio_status svd_turn_block(void *ctx, uint64_t block) {
  const svd_turn *t = ctx;
  uint64_t from, to;
  uint32_t slot;
  work_block(t->rows, SVD_ROWS, block, &from, &to);
  float *out = work_take(t->s->slots, &slot);
  if (out == NULL) return work_nomem(t->s->w, "a block of the sketch");
  linalg_ab(t->x + from * t->s->width, to - from, t->s->turn, t->s->width, t->width, out);
  memcpy(t->to + from * t->width, out, (to - from) * t->width * sizeof *out);
  work_give(t->s->slots, slot);
  return CLIO_OK;
}

static clio_status svd_apply(const svd_state *s, const float *x, uint64_t rows, uint64_t width,
                             float *ret) {
  svd_turn turn = {.s = s, .x = x, .to = ret, .rows = rows, .width = width};
  return work_each(s->w, work_blocks(rows, SVD_ROWS), svd_turn_block, &turn);
}

/* Makes the columns of x orthonormal in place; those past the rank become zero. */
static clio_status svd_orthonormal(const svd_state *s, float *x, uint64_t rows) {
  uint64_t n = s->width;
  clio_status status = svd_eigen(s, x, rows);
  if (status != CLIO_OK) return status;
  double least = s->lambda[n - 1] * svd_noise;
  for (uint64_t j = 0; j < n; j++) {
    double factor = s->lambda[j] > least && least > 0 ? 1.0 / sqrt(s->lambda[j]) : 0.0;
    for (uint64_t i = 0; i < n; i++) s->turn[i * n + j] = (float)(s->partial[i * n + j] * factor);
  }
  return svd_apply(s, x, rows, n, x);
}

/* ---- the sketch ---- */

typedef struct svd_start {
  const work *w;
  const svd_options *o;
  float *z;
  uint64_t rows, width;
} svd_start;

/* Random signs; a row's are a function of its key alone. */
static clio_status svd_start_block(void *ctx, uint64_t block) {
  const svd_start *a = ctx;
  uint64_t from, to, bits = 0;
  work_block(a->rows, WORK_BLOCK, block, &from, &to);
  for (uint64_t r = from; r < to; r++)
    for (uint64_t j = 0; j < a->width; j++, bits >>= 1) {
      if (j % 64 == 0) bits = a->w->host->random(a->w->call, a->o->key[r] + (j / 64 << 32));
      a->z[r * a->width + j] = (bits & 1) != 0 ? 1.0f : -1.0f;
    }
  return CLIO_OK;
}

static clio_status svd_sketch(const svd_state *s, const sparse *m, const svd_options *o, float *z,
                              float *y) {
  svd_start start = {.w = s->w, .o = o, .z = z, .rows = m->columns, .width = s->width};
  clio_status status =
      work_each(s->w, work_blocks(m->columns, WORK_BLOCK), svd_start_block, &start);
  sparse t = {0};
  if (status == CLIO_OK) status = sparse_transpose(s->w, m, &t);
  for (uint32_t i = 0; i < o->iterations && status == CLIO_OK; i++) {
    status = svd_orthonormal(s, z, m->columns);
    if (status == CLIO_OK) status = sparse_times(s->w, m, z, s->width, y);
    if (status == CLIO_OK) status = sparse_times(s->w, &t, y, s->width, z);
    s->w->host->progress(s->w->call, i + 1, o->iterations + 1);
  }
  /* Twice: a single pass leaves errors as large as the condition number. */
  for (int pass = 0; pass < 2 && status == CLIO_OK; pass++)
    status = svd_orthonormal(s, z, m->columns);
  if (status == CLIO_OK) status = sparse_times(s->w, m, z, s->width, y);
  return status;
}

static uint64_t svd_width(const sparse *m, const svd_options *o) {
  uint64_t width = (uint64_t)o->dim + o->oversample;
  width = m->rows < width ? m->rows : width;
  return m->columns < width ? m->columns : width;
}

static int svd_state_init(svd_state *s, const work *w, uint64_t width) {
  *s = (svd_state){.w = w, .width = width};
  s->slots = work_slots_new(w, SVD_ROWS * width * sizeof(double));
  s->partial = work_alloc(w, SVD_GROUPS * width, width * sizeof *s->partial);
  s->lambda = work_alloc(w, width, sizeof *s->lambda);
  s->turn = work_alloc(w, width, width * sizeof *s->turn);
  return s->slots != NULL && s->partial != NULL && s->lambda != NULL && s->turn != NULL;
}

clio_status svd_left(const work *w, const sparse *m, const svd_options *o, float *ret_us,
                     double *ret_s) {
  uint64_t n = svd_width(m, o), dim = o->dim;
  for (uint64_t j = 0; j < dim; j++) ret_s[j] = 0;
  memset(ret_us, 0, m->rows * dim * sizeof *ret_us);
  if (n == 0) return CLIO_OK;
  svd_state s;
  float *z = work_alloc(w, m->columns, n * sizeof *z), *y = work_alloc(w, m->rows, n * sizeof *y);
  if (!svd_state_init(&s, w, n) || z == NULL || y == NULL) return work_nomem(w, "the sketch");
  clio_status status = svd_sketch(&s, m, o, z, y);
  if (status == CLIO_OK) status = svd_eigen(&s, y, m->rows);
  if (status != CLIO_OK) return status;
  for (uint64_t j = 0; j < dim && j < n; j++) ret_s[j] = sqrt(fmax(s.lambda[n - 1 - j], 0));
  /* Columns of m z w, by falling singular value, padded with zeros up to dim. */
  float *wide = work_alloc(w, n, dim * sizeof *wide);
  if (wide == NULL) return work_nomem(w, "the singular vectors");
  for (uint64_t j = 0; j < dim && j < n; j++)
    for (uint64_t i = 0; i < n; i++) wide[i * dim + j] = (float)s.partial[i * n + n - 1 - j];
  s.turn = wide;
  s.slots = work_slots_new(w, SVD_ROWS * dim * sizeof(float));
  if (s.slots == NULL) return work_nomem(w, "the singular vectors");
  return svd_apply(&s, y, m->rows, dim, ret_us);
}
