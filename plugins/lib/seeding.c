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
  int64_t *cost;  /* of each block: of each candidate, fixed point */
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
  s->candidates = 2 + (uint64_t)log((double)k);
  if (s->candidates > SEEDING_MOST) s->candidates = SEEDING_MOST;
  s->x = work_alloc(s->w, s->n, s->d * sizeof *s->x);
  s->nearest = work_alloc(s->w, s->n, sizeof *s->nearest);
  s->product = work_alloc(s->w, s->n, s->candidates * sizeof *s->product);
  s->tried = work_alloc(s->w, s->candidates, s->d * sizeof *s->tried);
  s->cost = work_alloc(s->w, work_blocks(s->n, SEEDING_ROWS), SEEDING_MOST * sizeof *s->cost);
  if (s->x == NULL || s->nearest == NULL || s->product == NULL || s->tried == NULL ||
      s->cost == NULL)
    return work_nomem(s->w, "the sample of k-means++");
  for (uint64_t i = 0; i < s->n; i++) {
    memcpy(s->x + i * s->d, s->rows->x + s->row[i] * s->d, s->d * sizeof *s->x);
    linalg_scale(s->x + i * s->d, s->rows->scale[s->row[i]], s->d);
    s->nearest[i] = 4;
  }
  return CLIO_OK;
}

/* What the distances would add up to with each candidate as the next centre. */
static clio_status seeding_try_block(void *ctx, uint64_t block) {
  seeding *s = ctx;
  uint64_t from, to, m = s->candidates;
  int64_t *cost = s->cost + block * SEEDING_MOST;
  work_block(s->n, SEEDING_ROWS, block, &from, &to);
  memset(cost, 0, SEEDING_MOST * sizeof *cost);
  linalg_abt(s->x + from * s->d, to - from, s->tried, m, s->d, s->product + from * m);
  for (uint64_t i = from; i < to; i++)
    for (uint64_t c = 0; c < m; c++) {
      float *distance = s->product + i * m + c;
      *distance = fmaxf(2 - 2 * *distance, 0);
      if (*distance < seeding_least) *distance = 0;
      cost[c] += fixed_from((double)fminf(*distance, s->nearest[i]));
    }
  return CLIO_OK;
}

/* Candidates by squared distance; the first ones evenly. 0: all rows are centres. */
static int seeding_draw(seeding *s) {
  int64_t total = 0;
  for (uint64_t i = 0; i < s->n; i++) total += fixed_from((double)s->nearest[i]);
  if (total <= 0) return 0;
  for (uint64_t c = 0; c < s->candidates; c++) {
    int64_t target = (int64_t)seeding_random(s, (uint64_t)total);
    uint64_t at = 0;
    while ((target -= fixed_from((double)s->nearest[at])) >= 0) at++;
    memcpy(s->tried + c * s->d, s->x + at * s->d, s->d * sizeof *s->tried);
  }
  return 1;
}

/* The candidate of least cost becomes a centre. */
static void seeding_choose(seeding *s, float *ret_centre) {
  int64_t cost[SEEDING_MOST] = {0};
  uint64_t best = 0, m = s->candidates;
  for (uint64_t b = 0; b < work_blocks(s->n, SEEDING_ROWS); b++)
    for (uint64_t c = 0; c < m; c++) cost[c] += s->cost[b * SEEDING_MOST + c];
  for (uint64_t c = 1; c < m; c++) best = cost[c] < cost[best] ? c : best;
  memcpy(ret_centre, s->tried + best * s->d, s->d * sizeof *ret_centre);
  for (uint64_t i = 0; i < s->n; i++)
    s->nearest[i] = fminf(s->nearest[i], s->product[i * m + best]);
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
