/* seeding.c - greedy k-means++ on a sample; see seeding.h. */
#include "seeding.h"

#include <math.h>
#include <string.h>

#include "linalg.h"

enum { SEEDING_ROWS = 1024, SEEDING_MOST = 16 };
static const float seeding_least = 1e-5f; /* a squared distance that is rounding */

typedef struct seeding {
  const work *w;
  const lloyd_rows *rows;
  uint64_t n, d, key, draws, candidates;
  uint64_t *row;  /* the sample, rising */
  float *x;       /* n x d, rows of length 1 */
  float *nearest; /* squared distance to the nearest centre so far */
  float *product; /* n x candidates */
  float *tried;   /* candidates x d */
  double *cost;   /* of each block: what its distances would add up to with each candidate */
  int64_t *total; /* of each block: its distances now, fixed point */
} seeding;

static uint64_t seeding_random(seeding *s, uint64_t below) {
  return s->w->host->random(s->w->call, s->key + ++s->draws) % below;
}

/* The sample: the first rows of a partial Fisher-Yates shuffle, in order. */
static clio_status seeding_sample(seeding *s, uint64_t most) {
  uint64_t usable = 0, n = s->rows->n;
  uint64_t *pool = work_alloc(s->w, n, sizeof *pool);
  uint8_t *taken = work_alloc(s->w, n, 1);
  if (pool == NULL || taken == NULL) return work_nomem(s->w, "the sample of k-means++");
  for (uint64_t i = 0; i < n; i++)
    if (s->rows->scale[i] != 0) pool[usable++] = i;
  s->n = usable < most ? usable : most;
  for (uint64_t i = 0; i < s->n; i++) {
    uint64_t j = i + (s->n < usable ? seeding_random(s, usable - i) : 0), chosen = pool[j];
    pool[j] = pool[i];
    taken[chosen] = 1;
  }
  s->row = pool;
  for (uint64_t i = 0, at = 0; i < n; i++)
    if (taken[i]) s->row[at++] = i;
  return CLIO_OK;
}

static clio_status seeding_init(seeding *s, uint64_t k, uint64_t most) {
  clio_status status = seeding_sample(s, most);
  if (status != CLIO_OK) return status;
  s->candidates = 2 + (k > 1 ? (uint64_t)log((double)k) : 0);
  if (s->candidates > SEEDING_MOST) s->candidates = SEEDING_MOST;
  s->x = work_alloc(s->w, s->n, s->d * sizeof *s->x);
  s->nearest = work_alloc(s->w, s->n, sizeof *s->nearest);
  s->product = work_alloc(s->w, s->n, s->candidates * sizeof *s->product);
  s->tried = work_alloc(s->w, s->candidates, s->d * sizeof *s->tried);
  uint64_t blocks = work_blocks(s->n, SEEDING_ROWS);
  s->cost = work_alloc(s->w, blocks, SEEDING_MOST * sizeof *s->cost);
  s->total = work_alloc(s->w, blocks, sizeof *s->total);
  if (!s->x || !s->nearest || !s->product || !s->tried || !s->cost || !s->total)
    return work_nomem(s->w, "the sample of k-means++");
  for (uint64_t i = 0; i < s->n; i++) {
    memcpy(s->x + i * s->d, s->rows->x + s->row[i] * s->d, s->d * sizeof *s->x);
    linalg_scale(s->x + i * s->d, s->rows->scale[s->row[i]], s->d);
    s->nearest[i] = 4;
    s->total[i / SEEDING_ROWS] += fixed_from(4);
  }
  return CLIO_OK;
}

/* What the distances would add up to with each candidate as the next centre. */
static clio_status seeding_try_block(void *ctx, uint64_t block) {
  seeding *s = ctx;
  uint64_t from, to, m = s->candidates;
  double cost[SEEDING_MOST] = {0};
  work_block(s->n, SEEDING_ROWS, block, &from, &to);
  linalg_abt(s->x + from * s->d, to - from, s->tried, m, s->d, s->product + from * m);
  for (uint64_t i = from; i < to; i++) {
    float *product = s->product + i * m, nearest = s->nearest[i];
    for (uint64_t c = 0; c < m; c++) {
      float distance = 2 - 2 * product[c];
      distance = distance < seeding_least ? 0 : distance;
      product[c] = distance < nearest ? distance : nearest;
      cost[c] += (double)product[c];
    }
  }
  memcpy(s->cost + block * SEEDING_MOST, cost, sizeof cost);
  return CLIO_OK;
}

/* The row at which the distances, added up in order, pass `target`. */
static uint64_t seeding_find(const seeding *s, int64_t target) {
  uint64_t block = 0;
  while (target >= s->total[block]) target -= s->total[block++];
  uint64_t at = block * SEEDING_ROWS;
  while ((target -= fixed_from((double)s->nearest[at])) >= 0) at++;
  return at;
}

/* Candidates by squared distance; the first ones evenly. 0: all rows are centres. */
static int seeding_draw(seeding *s) {
  int64_t total = 0;
  for (uint64_t b = 0; b < work_blocks(s->n, SEEDING_ROWS); b++) total += s->total[b];
  if (total <= 0) return 0;
  for (uint64_t c = 0; c < s->candidates; c++) {
    uint64_t at = seeding_find(s, (int64_t)seeding_random(s, (uint64_t)total));
    memcpy(s->tried + c * s->d, s->x + at * s->d, s->d * sizeof *s->tried);
  }
  return 1;
}

/* The candidate of least cost becomes a centre. */
static void seeding_choose(seeding *s, float *ret_centre) {
  double cost[SEEDING_MOST] = {0};
  uint64_t best = 0, m = s->candidates, blocks = work_blocks(s->n, SEEDING_ROWS);
  for (uint64_t b = 0; b < blocks; b++)
    for (uint64_t c = 0; c < m; c++) cost[c] += s->cost[b * SEEDING_MOST + c];
  for (uint64_t c = 1; c < m; c++) best = cost[c] < cost[best] ? c : best;
  memcpy(ret_centre, s->tried + best * s->d, s->d * sizeof *ret_centre);
  memset(s->total, 0, blocks * sizeof *s->total);
  for (uint64_t i = 0; i < s->n; i++) {
    s->nearest[i] = s->product[i * m + best];
    s->total[i / SEEDING_ROWS] += fixed_from((double)s->nearest[i]);
  }
}

clio_status seeding_run(const work *w, const lloyd_rows *rows, uint64_t k, uint64_t sample,
                        uint64_t key, float *ret_centre, uint64_t *ret_k) {
  seeding s = {.w = w, .rows = rows, .d = rows->d, .key = key};
  clio_status status = seeding_init(&s, k, sample);
  uint64_t made = 0, blocks = work_blocks(s.n, SEEDING_ROWS);
  while (status == CLIO_OK && made < k && seeding_draw(&s)) {
    status = work_each(w, blocks, seeding_try_block, &s);
    if (status == CLIO_OK) seeding_choose(&s, ret_centre + made++ * rows->d);
  }
  *ret_k = made;
  return status;
}
