/* kmeans.c - k-means against the limit of its own matrix products, in one
 * process, round by round: `gemm` multiplies every tile of rows with all centres
 * and does nothing else; `lloyd` is what clusterer/kmeans runs, from the same
 * start and for the same number of iterations; `seeding` is its k-means++.
 *
 *   bench/kmeans [N D K ITERATIONS THREADS ROUNDS]     100000 384 1000 20 2 5 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "linalg.h"
#include "lloyd.h"
#include "plain_host.h"
#include "seeding.h"

enum { TILE = 512, TOPICS = 600, ROUNDS = 99 };

typedef struct bench {
  uint64_t n, d, k, iterations, rounds;
  unsigned threads;
  work w;
  lloyd_rows rows;
  float *x, *scale;
} bench;

typedef struct bench_time {
  double wall, cpu;
} bench_time;

static bench_time bench_now(void) { return (bench_time){bench_wall(), bench_cpu()}; }

static bench_time bench_since(bench_time t) {
  return (bench_time){bench_wall() - t.wall, bench_cpu() - t.cpu};
}

/* ---- data: a mixture on the sphere ---- */

static double bench_uniform(uint64_t *state) {
  *state = *state * 6364136223846793005u + 1442695040888963407u;
  return (double)(*state >> 11) / 9007199254740992.0;
}

/* Nearly normal: the sum of four even ones. */
static float bench_normal(uint64_t *state) {
  double sum = 0;
  for (int i = 0; i < 4; i++) sum += bench_uniform(state);
  return (float)((sum - 2) * 1.7320508);
}

static int bench_fill(bench *b) {
  uint64_t state = 7;
  float *topic = malloc(TOPICS * b->d * sizeof *topic);
  b->x = aligned_alloc(64, (b->n * b->d * sizeof *b->x + 63) / 64 * 64);
  b->scale = malloc(b->n * sizeof *b->scale);
  if (!topic || !b->x || !b->scale) return 0;
  for (uint64_t i = 0; i < TOPICS * b->d; i++) topic[i] = bench_normal(&state);
  for (uint64_t r = 0; r < b->n; r++) {
    double u = bench_uniform(&state);
    const float *t = topic + (uint64_t)(u * u * TOPICS) * b->d;
    float *x = b->x + r * b->d;
    for (uint64_t e = 0; e < b->d; e++) x[e] = t[e] + 0.8f * bench_normal(&state);
    b->scale[r] = linalg_inverse_norm(x, b->d);
  }
  free(topic);
  b->rows = (lloyd_rows){b->x, b->scale, b->n, b->d};
  return 1;
}

/* ---- the limit ---- */

typedef struct bench_tiles {
  const bench *b;
  const float *centre;
  work_slots *slots;
} bench_tiles;

static clio_status bench_tile(void *ctx, uint64_t block) {
  const bench_tiles *t = ctx;
  uint64_t from, to;
  uint32_t slot;
  float *g = work_take(t->slots, &slot);
  if (!g) return CLIO_E_NOMEM;
  work_block(t->b->n, TILE, block, &from, &to);
  linalg_abt(t->b->x + from * t->b->d, to - from, t->centre, t->b->k, t->b->d, g);
  work_give(t->slots, slot);
  return CLIO_OK;
}

static clio_status bench_gemm(const bench *b, const float *centre) {
  bench_tiles t = {b, centre, work_slots_new(&b->w, TILE * b->k * sizeof(float))};
  if (!t.slots) return CLIO_E_NOMEM;
  for (uint64_t i = 0; i < b->iterations; i++)
    CLIO_TRY(work_each(&b->w, work_blocks(b->n, TILE), bench_tile, &t));
  return CLIO_OK;
}

/* ---- a round ---- */

typedef struct bench_round {
  bench_time gemm, lloyd, seeding;
  double fit;
} bench_round;

static clio_status bench_run(const bench *b, bench_round *ret) {
  lloyd l;
  int64_t sum;
  uint64_t k;
  float *centre = work_alloc(&b->w, b->k, b->d * sizeof *centre);
  if (!centre) return CLIO_E_NOMEM;
  bench_time start = bench_now();
  CLIO_TRY(seeding_run(&b->w, &b->rows, b->k, 12 * b->k, 1, centre, &k));
  ret->seeding = bench_since(start);
  start = bench_now();
  CLIO_TRY(bench_gemm(b, centre));
  ret->gemm = bench_since(start);
  start = bench_now();
  CLIO_TRY(lloyd_init(&l, &b->w, &b->rows, b->k));
  lloyd_start(&l, centre, k);
  CLIO_TRY(lloyd_run(&l, b->iterations, 0));
  ret->lloyd = bench_since(start);
  CLIO_TRY(lloyd_fit(&l, l.fit, &sum));
  ret->fit = (double)sum / FIXED_ONE / (double)b->n;
  return CLIO_OK;
}

static int bench_compare(const void *a, const void *b) {
  double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

static void bench_ratio(const char *what, double *ratio, uint64_t n) {
  qsort(ratio, n, sizeof *ratio, bench_compare);
  printf("%s median=%.3f least=%.3f most=%.3f\n", what, ratio[n / 2], ratio[0], ratio[n - 1]);
}

static int bench_all(bench *b) {
  double cpu[ROUNDS], wall[ROUNDS], seeding[ROUNDS];
  for (uint64_t r = 0; r < b->rounds; r++) {
    bench_round o;
    work_init(&b->w, plain_host(b->threads), NULL);
    if (bench_run(b, &o) != CLIO_OK) return 0;
    cpu[r] = o.lloyd.cpu / o.gemm.cpu;
    wall[r] = o.lloyd.wall / o.gemm.wall;
    seeding[r] = o.seeding.cpu / o.gemm.cpu;
    printf("bench=kmeans n=%llu d=%llu k=%llu iterations=%llu threads=%u gemm_s=%.2f gemm_cpu=%.2f "
           "lloyd_s=%.2f lloyd_cpu=%.2f seeding_s=%.2f seeding_cpu=%.2f fit=%.5f\n",
           (unsigned long long)b->n, (unsigned long long)b->d, (unsigned long long)b->k,
           (unsigned long long)b->iterations, b->threads, o.gemm.wall, o.gemm.cpu, o.lloyd.wall,
           o.lloyd.cpu, o.seeding.wall, o.seeding.cpu, o.fit);
    fflush(stdout);
    plain_host_reset();
  }
  bench_ratio("ratio=lloyd/gemm clock=cpu", cpu, b->rounds);
  bench_ratio("ratio=lloyd/gemm clock=wall", wall, b->rounds);
  bench_ratio("ratio=seeding/gemm clock=cpu", seeding, b->rounds);
  return 1;
}

int main(int argc, char **argv) {
  uint64_t value[6] = {100000, 384, 1000, 20, 2, 5};
  for (int i = 1; i < argc && i <= 6; i++) value[i - 1] = strtoull(argv[i], NULL, 10);
  bench b = {.n = value[0], .d = value[1], .k = value[2], .iterations = value[3]};
  b.threads = (unsigned)value[4];
  b.rounds = value[5] < ROUNDS ? value[5] : ROUNDS;
  linalg_init();
  int ok = b.n && b.d && b.k && b.rounds && bench_fill(&b) && bench_all(&b);
  free(b.x);
  free(b.scale);
  return ok ? 0 : 1;
}
