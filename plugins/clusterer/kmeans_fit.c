/* kmeans_fit.c - from vectors to numbered clusters; see kmeans_fit.h. */
#include "kmeans_fit.h"

#include "linalg.h"
#include "lloyd.h"
#include "seeding.h"

/* What the parameters come to for these rows. */
typedef struct kmeans_size {
  uint64_t usable, k, least, restarts;
} kmeans_size;

/* ---- how many ---- */

/* Rows a cluster needs to be released at all, by the graph's thresholds. */
static uint64_t kmeans_threshold(const work *w) {
  const clio_policy *policy = w->host->service(w->call, CLIO_POLICY_ID);
  return policy && policy->cluster_conversations > 0 ? (uint64_t)policy->cluster_conversations : 50;
}

static uint64_t kmeans_k(const work *w, const kmeans_config *c, uint64_t usable) {
  uint64_t least = 3 * kmeans_threshold(w), k = usable / (least > 100 ? least : 100);
  if (c->k >= 0) k = (uint64_t)c->k;
  if (k < 2) k = 2;
  return k < usable ? k : usable;
}

/* More starts where they are cheap: small inputs have the worst local optima. */
static uint64_t kmeans_restarts(const kmeans_config *c, uint64_t usable, uint64_t k) {
  if (c->restarts >= 0) return (uint64_t)c->restarts;
  uint64_t distances = usable * k;
  return distances <= 4000000 ? 8 : distances <= 20000000 ? 3 : 1;
}

/* ---- clustering ---- */

/* 1 / length of each row; 0 for null and zero vectors. */
static uint64_t kmeans_scales(const clio_view *vectors, float *ret_scale) {
  uint64_t usable = 0;
  for (uint64_t row = 0; row < vectors->rows; row++) {
    const float *x = clio_vec(vectors, row);
    ret_scale[row] = x ? linalg_inverse_norm(x, vectors->dim) : 0;
    usable += ret_scale[row] > 0;
  }
  return usable;
}

/* Rows to seed from: with more of them k-means ends up no better (measured), and
 * seeding would take longer than all else. */
static uint64_t kmeans_sample(const kmeans_config *c, uint64_t k) {
  if (c->sample >= 0) return (uint64_t)c->sample;
  return 12 * k > 4096 ? 12 * k : 4096;
}

static clio_status kmeans_once(lloyd *l, const kmeans_config *c, const kmeans_size *size,
                               uint64_t key, float *start) {
  uint64_t seeds;
  CLIO_TRY(seeding_run(l->w, &l->rows, size->k, kmeans_sample(c, size->k), key, start, &seeds));
  lloyd_start(l, start, seeds);
  CLIO_TRY(lloyd_run(l, (uint64_t)c->iterations, c->tolerance));
  return lloyd_dissolve(l, size->least);
}

typedef struct kmeans_row {
  float fit;
  uint32_t row;
} kmeans_row;

static int kmeans_by_fit(const void *a, const void *b) {
  const kmeans_row *x = a, *y = b;
  if (x->fit != y->fit) return x->fit < y->fit ? -1 : 1;
  return (x->row > y->row) - (x->row < y->row);
}

/* Marks the rows below the floor, worst first: at most the share `outliers` of
 * all, and none that would leave its cluster too small. */
static clio_status kmeans_outliers(const lloyd *l, const kmeans_config *c, const kmeans_size *size,
                                   uint8_t *ret_out) {
  uint64_t n = l->rows.n, below = 0, most = (uint64_t)(c->outliers * (double)size->usable);
  kmeans_row *row = work_alloc(l->w, n, sizeof *row);
  uint64_t *left = work_alloc(l->w, l->k, sizeof *left);
  if (!row || !left) return work_nomem(l->w, "the outliers");
  memset(ret_out, 0, n);
  for (uint64_t j = 0; j < l->k; j++) left[j] = l->size[j];
  for (uint64_t i = 0; i < n; i++)
    if (l->label[i] >= 0 && (double)l->fit[i] < c->floor)
      row[below++] = (kmeans_row){l->fit[i], (uint32_t)i};
  if (below > 0) qsort(row, below, sizeof *row, kmeans_by_fit);
  for (uint64_t i = 0; i < below && most > 0; i++) {
    uint64_t *rest = &left[l->label[row[i].row]];
    if (*rest <= size->least) continue;
    ret_out[row[i].row] = 1;
    --*rest;
    most--;
  }
  return CLIO_OK;
}

/* Keeps this start's clusters: centres without the rows that fit nowhere, then
 * the rows that do not fit those. */
static clio_status kmeans_keep(lloyd *l, const kmeans_config *c, const kmeans_size *size,
                               kmeans_result *ret) {
  int64_t ignored;
  CLIO_TRY(kmeans_outliers(l, c, size, ret->out));
  lloyd_trim(l, ret->out);
  CLIO_TRY(lloyd_fit(l, l->fit, &ignored));
  CLIO_TRY(kmeans_outliers(l, c, size, ret->out));
  ret->k = l->k;
  memcpy(ret->centre, l->centre, l->k * l->rows.d * sizeof *ret->centre);
  memcpy(ret->fit, l->fit, l->rows.n * sizeof *ret->fit);
  for (uint64_t i = 0; i < l->rows.n; i++) ret->label[i] = ret->out[i] ? -1 : l->label[i];
  return CLIO_OK;
}

/* The best of several starts into ret. */
static clio_status kmeans_best(lloyd *l, const kmeans_config *c, const kmeans_size *size,
                               kmeans_result *ret) {
  const work *w = l->w;
  uint64_t n = l->rows.n, d = l->rows.d;
  int64_t best = INT64_MIN, sum;
  float *start = work_alloc(w, size->k, d * sizeof *start);
  ret->centre = work_alloc(w, size->k, d * sizeof *ret->centre);
  ret->label = work_alloc(w, n, sizeof *ret->label);
  ret->fit = work_alloc(w, n, sizeof *ret->fit);
  ret->out = work_alloc(w, n, 1);
  if (!start || !ret->centre || !ret->label || !ret->fit || !ret->out)
    return work_nomem(w, "k-means");
  for (uint64_t r = 0; r < size->restarts; r++) {
    CLIO_TRY(kmeans_once(l, c, size, (r + 1) << 40, start));
    CLIO_TRY(lloyd_fit(l, l->fit, &sum));
    if (sum <= best) continue;
    best = sum;
    CLIO_TRY(kmeans_keep(l, c, size, ret));
  }
  return CLIO_OK;
}

/* ---- the clusters in order ---- */

typedef struct kmeans_rank {
  uint64_t size, first, old;
} kmeans_rank;

static int kmeans_by_size(const void *a, const void *b) {
  const kmeans_rank *x = a, *y = b;
  if (x->size != y->size) return x->size > y->size ? -1 : 1;
  return (x->first > y->first) - (x->first < y->first);
}

/* Numbers the clusters by size, then by first row; one without rows is dropped. */
static clio_status kmeans_order(const work *w, uint64_t rows, uint64_t d, kmeans_result *r) {
  kmeans_rank *rank = work_alloc(w, r->k, sizeof *rank);
  int32_t *number = work_alloc(w, r->k, sizeof *number);
  float *centre = work_alloc(w, r->k, d * sizeof *centre);
  if (!rank || !number || !centre) return work_nomem(w, "the clusters");
  for (uint64_t j = 0; j < r->k; j++) rank[j] = (kmeans_rank){.first = rows, .old = j};
  for (uint64_t i = rows; i-- > 0;) {
    if (r->label[i] < 0) continue;
    rank[r->label[i]].size++;
    rank[r->label[i]].first = i;
  }
  if (r->k > 0) qsort(rank, r->k, sizeof *rank, kmeans_by_size);
  uint64_t kept = 0;
  for (; kept < r->k && rank[kept].size > 0; kept++) {
    number[rank[kept].old] = (int32_t)kept;
    memcpy(centre + kept * d, r->centre + rank[kept].old * d, d * sizeof *centre);
  }
  for (uint64_t i = 0; i < rows; i++)
    if (r->label[i] >= 0) r->label[i] = number[r->label[i]];
  r->centre = centre;
  r->k = kept;
  return CLIO_OK;
}

clio_status kmeans_fit(const work *w, const kmeans_config *c, const clio_view *vectors,
                       kmeans_result *ret) {
  lloyd l;
  float *scale = work_alloc(w, vectors->rows, sizeof *scale);
  if (!scale) return work_nomem(w, "k-means");
  kmeans_size size = {.usable = kmeans_scales(vectors, scale)};
  size.k = kmeans_k(w, c, size.usable);
  size.least = c->min_size >= 0 ? (uint64_t)c->min_size : kmeans_threshold(w);
  size.restarts = kmeans_restarts(c, size.usable, size.k);
  lloyd_rows rows = {vectors->data, scale, vectors->rows, vectors->dim};
  CLIO_TRY(lloyd_init(&l, w, &rows, size.k));
  CLIO_TRY(kmeans_best(&l, c, &size, ret));
  return kmeans_order(w, vectors->rows, vectors->dim, ret);
}
