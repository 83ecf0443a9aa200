/* lloyd.c - spherical k-means with Hamerly's bounds; see lloyd.h. A distance is
 * that between two points on the unit sphere, sqrt(2 - 2 cosine), for which the
 * triangle inequality holds. */
#include "lloyd.h"

#include <math.h>
#include <string.h>

#include "linalg.h"

enum {
  LLOYD_TILE = 512, /* rows of one sgemm */
  LLOYD_LANES = 16, /* a row of products is read in so many lanes */
  LLOYD_RANGES = 16 /* ranges of centres whose sums are brought up to date at once */
};
static const float lloyd_slack = 1e-5f; /* of a squared distance: rounding of sgemm */

clio_status lloyd_init(lloyd *l, const work *w, const lloyd_rows *rows, uint64_t most) {
  uint64_t n = rows->n, d = rows->d, blocks = work_blocks(n, WORK_BLOCK);
  *l = (lloyd){.w = w, .rows = *rows};
  if (n > FIXED_ROWS_MAX)
    return clio_failf(w->host, w->call, CLIO_E_UNSUPPORTED,
                      "%llu rows are more than k-means adds up exactly; sample fewer",
                      (unsigned long long)n);
  l->centre = work_alloc(w, most, d * sizeof *l->centre);
  l->sum = work_alloc(w, most, d * sizeof *l->sum);
  l->size = work_alloc(w, most, sizeof *l->size);
  l->half = work_alloc(w, most, sizeof *l->half);
  l->moved = work_alloc(w, most, sizeof *l->moved);
  l->label = work_alloc(w, n, sizeof *l->label);
  l->counted = work_alloc(w, n, sizeof *l->counted);
  l->fit = work_alloc(w, n, sizeof *l->fit);
  l->upper = work_alloc(w, n, sizeof *l->upper);
  l->lower = work_alloc(w, n, sizeof *l->lower);
  l->changed = work_alloc(w, n, sizeof *l->changed);
  l->changes = work_alloc(w, blocks, sizeof *l->changes);
  uint64_t padded = (most + LLOYD_LANES - 1) / LLOYD_LANES * LLOYD_LANES;
  l->tiles = work_slots_new(w, LLOYD_TILE * (padded + d) * sizeof(float));
  if (l->centre == NULL || l->sum == NULL || l->size == NULL || l->half == NULL ||
      l->moved == NULL || l->label == NULL || l->counted == NULL || l->fit == NULL ||
      l->upper == NULL || l->lower == NULL || l->changed == NULL || l->changes == NULL ||
      l->tiles == NULL)
    return work_nomem(w, "k-means");
  return CLIO_OK;
}

void lloyd_start(lloyd *l, const float *centre, uint64_t k) {
  l->k = k;
  memcpy(l->centre, centre, k * l->rows.d * sizeof *centre);
  memset(l->sum, 0, k * l->rows.d * sizeof *l->sum);
  memset(l->size, 0, k * sizeof *l->size);
  memset(l->moved, 0, k * sizeof *l->moved);
  for (uint64_t i = 0; i < l->rows.n; i++) l->label[i] = l->counted[i] = -1;
}

static float lloyd_distance(float cosine, float slack) {
  return sqrtf(fmaxf(2 - 2 * cosine + slack, 0));
}

/* ---- assignment ---- */

/* The largest of k products, where it is first, and the second largest (the
 * same if it is there twice). Lanes, so that compilers vectorise it. */
static uint64_t lloyd_best(const float *g, uint64_t k, float *ret_best, float *ret_next) {
  float best[LLOYD_LANES], next[LLOYD_LANES], first = -INFINITY, second = -INFINITY;
  for (int j = 0; j < LLOYD_LANES; j++) best[j] = next[j] = -INFINITY;
  uint64_t i = 0;
  for (; i + LLOYD_LANES <= k; i += LLOYD_LANES)
    for (int j = 0; j < LLOYD_LANES; j++) {
      float v = g[i + (uint64_t)j], low = v < best[j] ? v : best[j];
      next[j] = low > next[j] ? low : next[j];
      best[j] = v > best[j] ? v : best[j];
    }
  for (int j = 0; i < k; i++, j++) {
    float v = g[i], low = v < best[j] ? v : best[j];
    next[j] = low > next[j] ? low : next[j];
    best[j] = v > best[j] ? v : best[j];
  }
  for (int j = 0; j < LLOYD_LANES; j++) {
    float low = best[j] < first ? best[j] : first;
    second = fmaxf(second, fmaxf(low, next[j]));
    first = best[j] > first ? best[j] : first;
  }
  *ret_best = first;
  *ret_next = second;
  uint64_t at = 0;
  while (at + 1 < k && g[at] < first) at++;
  return at;
}

/* Half the way from each centre to the nearest other: a row closer than that
 * to its centre stays. */
static clio_status lloyd_half_block(void *ctx, uint64_t block) {
  const lloyd *l = ctx;
  uint64_t from, to, d = l->rows.d;
  uint32_t slot;
  work_block(l->k, LLOYD_TILE, block, &from, &to);
  float *g = work_take(l->tiles, &slot), best, next;
  if (g == NULL) return work_nomem(l->w, "a tile of k-means");
  linalg_abt(l->centre + from * d, to - from, l->centre, l->k, d, g);
  for (uint64_t j = from; j < to; j++) {
    float *row = g + (j - from) * l->k;
    row[j] = -INFINITY;
    lloyd_best(row, l->k, &best, &next);
    l->half[j] = 0.5f * lloyd_distance(best, -lloyd_slack);
  }
  work_give(l->tiles, slot);
  return CLIO_OK;
}

/* The two largest steps of this iteration, and whose the largest is. */
typedef struct lloyd_step {
  lloyd *l;
  float most, other;
  uint64_t top;
} lloyd_step;

static lloyd_step lloyd_steps(lloyd *l) {
  lloyd_step s = {.l = l};
  for (uint64_t j = 0; j < l->k; j++)
    if (l->moved[j] > s.most) {
      s.other = s.most;
      s.most = l->moved[j];
      s.top = j;
    } else if (l->moved[j] > s.other) {
      s.other = l->moved[j];
    }
  return s;
}

/* Must this row be compared with all centres? Moves its bounds. */
static int lloyd_is_open(const lloyd_step *s, uint64_t i) {
  lloyd *l = s->l;
  if (l->rows.scale[i] == 0) return 0;
  if (l->label[i] < 0) return 1;
  uint64_t own = (uint64_t)l->label[i], d = l->rows.d;
  l->upper[i] += l->moved[own];
  l->lower[i] -= own == s->top ? s->other : s->most;
  float safe = fmaxf(l->lower[i], l->half[own]);
  if (l->upper[i] < safe) return 0;
  double cosine = linalg_dot(l->rows.x + i * d, l->centre + own * d, d) * (double)l->rows.scale[i];
  l->upper[i] = lloyd_distance((float)cosine, lloyd_slack);
  return l->upper[i] >= safe;
}

/* Compares the m rows listed, all of one block, with every centre. */
static void lloyd_assign(const lloyd_step *s, float *tile, const uint32_t *list, uint64_t m,
                         uint64_t block) {
  lloyd *l = s->l;
  uint64_t d = l->rows.d;
  float *packed = tile, *g = tile + LLOYD_TILE * d, best, next;
  const float *x = l->rows.x + list[0] * d;
  if (list[m - 1] - list[0] + 1 != m) {
    for (uint64_t r = 0; r < m; r++)
      memcpy(packed + r * d, l->rows.x + list[r] * d, d * sizeof *packed);
    x = packed;
  }
  linalg_abt(x, m, l->centre, l->k, d, g);
  for (uint64_t r = 0; r < m; r++) {
    uint32_t i = list[r];
    int32_t at = (int32_t)lloyd_best(g + r * l->k, l->k, &best, &next);
    l->upper[i] = lloyd_distance(best * l->rows.scale[i], lloyd_slack);
    l->lower[i] = lloyd_distance(next * l->rows.scale[i], -lloyd_slack);
    if (at == l->label[i]) continue;
    l->label[i] = at;
    l->changed[block * WORK_BLOCK + l->changes[block]++] = i;
  }
}

static clio_status lloyd_assign_block(void *ctx, uint64_t block) {
  const lloyd_step *s = ctx;
  lloyd *l = s->l;
  uint32_t slot, list[LLOYD_TILE];
  uint64_t from, to, m = 0;
  work_block(l->rows.n, WORK_BLOCK, block, &from, &to);
  if (l->w->host->cancelled(l->w->call)) return CLIO_E_CANCELLED;
  float *tile = work_take(l->tiles, &slot);
  if (tile == NULL) return work_nomem(l->w, "a tile of k-means");
  l->changes[block] = 0;
  for (uint64_t i = from; i < to; i++) {
    if (lloyd_is_open(s, i)) list[m++] = (uint32_t)i;
    if (m == 0 || (m < LLOYD_TILE && i + 1 < to)) continue;
    lloyd_assign(s, tile, list, m, block);
    m = 0;
  }
  work_give(l->tiles, slot);
  return CLIO_OK;
}

static clio_status lloyd_assign_all(lloyd *l, uint64_t *ret_changes) {
  uint64_t blocks = work_blocks(l->rows.n, WORK_BLOCK);
  clio_status status = work_each(l->w, work_blocks(l->k, LLOYD_TILE), lloyd_half_block, l);
  lloyd_step step = lloyd_steps(l);
  if (status == CLIO_OK) status = work_each(l->w, blocks, lloyd_assign_block, &step);
  *ret_changes = 0;
  for (uint64_t b = 0; b < blocks; b++) *ret_changes += l->changes[b];
  return status;
}

/* ---- sums and centres ---- */

static void lloyd_count(lloyd *l, uint64_t row, int64_t sign, uint64_t at) {
  uint64_t d = l->rows.d;
  fixed_add(l->sum + at * d, l->rows.x + row * d, l->rows.scale[row], sign, d);
  l->size[at] += (uint64_t)sign;
}

/* The centre's new place from its sum, and how far that is from the old one. A
 * sum of length 0 leaves the centre where it was. */
static void lloyd_place(lloyd *l, uint64_t at) {
  uint64_t d = l->rows.d;
  const int64_t *sum = l->sum + at * d;
  float *centre = l->centre + at * d;
  double square = 0, step = 0;
  for (uint64_t i = 0; i < d; i++) square += (double)sum[i] * (double)sum[i];
  l->moved[at] = 0;
  if (square < 1) return;
  double factor = 1 / sqrt(square);
  for (uint64_t i = 0; i < d; i++) {
    float now = (float)((double)sum[i] * factor);
    step += ((double)now - (double)centre[i]) * ((double)now - (double)centre[i]);
    centre[i] = now;
  }
  l->moved[at] = (float)(sqrt(step) * (1 + 1e-6));
}

/* Adds the changed rows to the sums of one range of centres, and takes them from it. */
static clio_status lloyd_update_range(void *ctx, uint64_t range) {
  lloyd *l = ctx;
  uint64_t size = (l->k + LLOYD_RANGES - 1) / LLOYD_RANGES;
  uint64_t from = range * size, to = from + size < l->k ? from + size : l->k;
  uint64_t blocks = work_blocks(l->rows.n, WORK_BLOCK);
  for (uint64_t b = 0; b < blocks; b++)
    for (uint64_t c = 0; c < l->changes[b]; c++) {
      uint32_t row = l->changed[b * WORK_BLOCK + c];
      int64_t now = l->label[row], was = l->counted[row];
      if (now >= (int64_t)from && now < (int64_t)to) lloyd_count(l, row, 1, (uint64_t)now);
      if (was >= (int64_t)from && was < (int64_t)to) lloyd_count(l, row, -1, (uint64_t)was);
    }
  for (uint64_t j = from; j < to; j++) lloyd_place(l, j);
  return CLIO_OK;
}

typedef struct lloyd_fits {
  const lloyd *l;
  float *fit;
  int64_t *sum; /* of each block */
} lloyd_fits;

static clio_status lloyd_fit_block(void *ctx, uint64_t block) {
  const lloyd_fits *f = ctx;
  const lloyd *l = f->l;
  uint64_t from, to, d = l->rows.d;
  work_block(l->rows.n, WORK_BLOCK, block, &from, &to);
  for (uint64_t i = from; i < to; i++) {
    if (l->label[i] < 0) continue;
    double dot = linalg_dot(l->rows.x + i * d, l->centre + (uint64_t)l->label[i] * d, d);
    double cosine = fmin(fmax(dot * (double)l->rows.scale[i], -1), 1);
    f->fit[i] = (float)cosine;
    f->sum[block] += fixed_from(cosine);
  }
  return CLIO_OK;
}

clio_status lloyd_fit(const lloyd *l, float *ret_fit, int64_t *ret_sum) {
  uint64_t blocks = work_blocks(l->rows.n, WORK_BLOCK);
  lloyd_fits fits = {.l = l, .fit = ret_fit, .sum = work_alloc(l->w, blocks, sizeof *fits.sum)};
  if (fits.sum == NULL) return work_nomem(l->w, "the fits of the rows");
  memset(ret_fit, 0, l->rows.n * sizeof *ret_fit);
  clio_status status = work_each(l->w, blocks, lloyd_fit_block, &fits);
  *ret_sum = 0;
  for (uint64_t b = 0; b < blocks; b++) *ret_sum += fits.sum[b];
  return status;
}

/* ---- centres that gain or lose single rows ---- */

/* Moves one row; its bounds then hold for any centres. */
static void lloyd_move(lloyd *l, uint64_t row, uint64_t to) {
  if (l->counted[row] >= 0) lloyd_count(l, row, -1, (uint64_t)l->counted[row]);
  lloyd_count(l, row, 1, to);
  l->label[row] = l->counted[row] = (int32_t)to;
  l->upper[row] = 4;
  l->lower[row] = 0;
}

/* As lloyd_place, when the bounds do not know of the last step yet. */
static void lloyd_shift(lloyd *l, uint64_t at) {
  float before = l->moved[at];
  lloyd_place(l, at);
  l->moved[at] += before;
}

/* The row of worst fit in a centre that keeps another row; -1: none differs. */
static int64_t lloyd_worst(const lloyd *l) {
  int64_t worst = -1;
  for (uint64_t i = 0; i < l->rows.n; i++) {
    if (l->label[i] < 0 || l->size[l->label[i]] < 2 || l->fit[i] > 1 - 1e-5f) continue;
    if (worst < 0 || l->fit[i] < l->fit[worst]) worst = (int64_t)i;
  }
  return worst;
}

static clio_status lloyd_refill(lloyd *l) {
  uint64_t empty = 0;
  int64_t ignored, row;
  for (uint64_t j = 0; j < l->k; j++) empty += l->size[j] == 0;
  if (empty == 0) return CLIO_OK;
  clio_status status = lloyd_fit(l, l->fit, &ignored);
  for (uint64_t j = 0; j < l->k && status == CLIO_OK; j++) {
    if (l->size[j] != 0) continue;
    if ((row = lloyd_worst(l)) < 0) break;
    uint64_t was = (uint64_t)l->label[row];
    lloyd_move(l, (uint64_t)row, j);
    lloyd_shift(l, was);
    lloyd_shift(l, j);
    l->fit[row] = 1;
  }
  return status;
}

/* Takes centre `at` away: the last one gets its number. Its rows, if any, are
 * left without a label. */
static void lloyd_remove(lloyd *l, uint64_t at) {
  uint64_t last = --l->k, d = l->rows.d;
  for (uint64_t i = 0; i < l->rows.n; i++) {
    if (l->label[i] == (int32_t)at) l->label[i] = l->counted[i] = -1;
    if (l->label[i] == (int32_t)last) l->label[i] = l->counted[i] = (int32_t)at;
  }
  if (at == last) return;
  memcpy(l->centre + at * d, l->centre + last * d, d * sizeof *l->centre);
  memcpy(l->sum + at * d, l->sum + last * d, d * sizeof *l->sum);
  l->size[at] = l->size[last];
  l->moved[at] = l->moved[last];
}

clio_status lloyd_run(lloyd *l, uint64_t iterations, double tolerance) {
  clio_status status = CLIO_OK;
  uint64_t changes = 0;
  for (uint64_t i = 0; i < iterations && status == CLIO_OK; i++) {
    status = lloyd_assign_all(l, &changes);
    if (status == CLIO_OK) status = work_each(l->w, LLOYD_RANGES, lloyd_update_range, l);
    if (status != CLIO_OK) return status;
    memcpy(l->counted, l->label, l->rows.n * sizeof *l->label);
    status = lloyd_refill(l);
    l->w->host->progress(l->w->call, i + 1, iterations);
    if ((double)changes <= tolerance * (double)l->rows.n) break;
  }
  for (uint64_t j = l->k; j-- > 0;)
    if (l->size[j] == 0) lloyd_remove(l, j);
  return status;
}

/* Gives rows without a label, at most a tile of them, to the nearest centre. */
static void lloyd_adopt(lloyd *l, const uint32_t *row, uint64_t m, float *tile) {
  uint64_t d = l->rows.d;
  float *g = tile + LLOYD_TILE * d, best, next;
  for (uint64_t r = 0; r < m; r++) memcpy(tile + r * d, l->rows.x + row[r] * d, d * sizeof *tile);
  linalg_abt(tile, m, l->centre, l->k, d, g);
  for (uint64_t r = 0; r < m; r++)
    lloyd_move(l, row[r], lloyd_best(g + r * l->k, l->k, &best, &next));
}

clio_status lloyd_dissolve(lloyd *l, uint64_t least) {
  uint32_t slot, row[LLOYD_TILE];
  float *tile = work_take(l->tiles, &slot);
  if (tile == NULL) return work_nomem(l->w, "a tile of k-means");
  while (l->k > 2) {
    uint64_t at = 0, m = 0;
    for (uint64_t j = 1; j < l->k; j++) at = l->size[j] < l->size[at] ? j : at;
    if (l->size[at] >= least) break;
    lloyd_remove(l, at);
    for (uint64_t i = 0; i < l->rows.n; i++) {
      if (l->label[i] < 0 && l->rows.scale[i] != 0) row[m++] = (uint32_t)i;
      if (m == 0 || (m < LLOYD_TILE && i + 1 < l->rows.n)) continue;
      lloyd_adopt(l, row, m, tile);
      m = 0;
    }
    for (uint64_t j = 0; j < l->k; j++) lloyd_shift(l, j);
  }
  work_give(l->tiles, slot);
  return CLIO_OK;
}

void lloyd_trim(lloyd *l, const uint8_t *out) {
  uint64_t d = l->rows.d;
  for (uint64_t i = 0; i < l->rows.n; i++)
    if (l->label[i] >= 0 && out[i])
      fixed_add(l->sum + (uint64_t)l->label[i] * d, l->rows.x + i * d, l->rows.scale[i], -1, d);
  for (uint64_t j = 0; j < l->k; j++) lloyd_place(l, j);
}
