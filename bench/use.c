/* use.c - the sentence encoder alone: texts a second, and the share of its time
 * that is spent inside sgemm (every call is timed; linked with --wrap=cblas_sgemm).
 *
 *   bench/use TEXTS [THREADS [OUT.f32]]     one text a line; 2 threads
 *
 * CLIO_DATA_PATH: the folder that holds models/. With OUT the vectors are written as
 * rows of 512 float32, for use-reference.mjs to compare. */
#define _POSIX_C_SOURCE 200809L
#include <cblas.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "encoder.h"
#include "linalg.h"
#include "plain_host.h"
#include "vectors.h"
#include "work.h"

enum { RUN = 1024 };

/* ---- sgemm, timed ---- */

static _Atomic int64_t gemm_ns;

static int64_t thread_ns(void) {
  struct timespec t;
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
  return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

void __real_cblas_sgemm(CBLAS_LAYOUT, CBLAS_TRANSPOSE, CBLAS_TRANSPOSE, blasint, blasint, blasint,
                        float, const float *, blasint, const float *, blasint, float, float *,
                        blasint);
void __wrap_cblas_sgemm(CBLAS_LAYOUT, CBLAS_TRANSPOSE, CBLAS_TRANSPOSE, blasint, blasint, blasint,
                        float, const float *, blasint, const float *, blasint, float, float *,
                        blasint);

void __wrap_cblas_sgemm(CBLAS_LAYOUT order, CBLAS_TRANSPOSE ta, CBLAS_TRANSPOSE tb, blasint m,
                        blasint n, blasint k, float alpha, const float *a, blasint lda,
                        const float *b, blasint ldb, float beta, float *c, blasint ldc) {
  int64_t start = thread_ns();
  __real_cblas_sgemm(order, ta, tb, m, n, k, alpha, a, lda, b, ldb, beta, c, ldc);
  atomic_fetch_add(&gemm_ns, thread_ns() - start);
}

/* ---- the model and the texts ---- */

static char *read_all(const char *path, uint64_t *ret_size) {
  FILE *file = fopen(path, "rb");
  char *bytes = NULL;
  if (file && fseek(file, 0, SEEK_END) == 0) {
    uint64_t size = (uint64_t)ftell(file);
    rewind(file);
    bytes = aligned_alloc(64, (size + 64) / 64 * 64);
    *ret_size = bytes ? fread(bytes, 1, size, file) : 0;
    if (bytes) bytes[*ret_size] = '\0';
  }
  if (file) fclose(file);
  return bytes;
}

static const char *open_model(vectors *v) {
  char path[4096];
  uint64_t size = 0;
  const char *data = getenv("CLIO_DATA_PATH"), *why = "no memory";
  snprintf(path, sizeof path, "%s/%s", data ? data : "configs", MODEL_ASSET);
  char *bytes = read_all(path, &size);
  if (!bytes) return "the model is not there (./autogen.sh model)";
  *v = (vectors){.block = 256};
  if ((why = model_read(bytes, size, &v->model))) return why;
  v->pieces = pieces_new(&v->model, &why);
  v->positions = malloc(sizeof *v->positions * MODEL_TOKENS * MODEL_EMBED);
  if (!v->pieces || !v->positions) return "no memory";
  encoder_positions(&v->model, v->positions);
  return NULL;
}

/* Lines that are not empty, as a column. */
static clio_view read_texts(const char *path) {
  uint64_t size = 0, room = 0, rows = 0;
  char *bytes = read_all(path, &size), *to = bytes;
  int64_t *offsets = NULL;
  clio_view view = {.type = CLIO_T_UTF8, .data = bytes};
  for (char *at = bytes; bytes && at < bytes + size;) {
    size_t length = strcspn(at, "\n");
    if (CLIO_GROW(offsets, room, rows + 2) != CLIO_OK) return view;
    if (length > 0) offsets[rows++] = to - bytes;
    memmove(to, at, length);
    to += length;
    at += length + 1;
    offsets[rows] = to - bytes;
  }
  view.rows = rows;
  view.offsets = offsets;
  return view;
}

/* ---- the measurement ---- */

typedef struct bench {
  const vectors *v;
  const work *w;
  const clio_view *texts;
  float *out;
  uint32_t *tokens;
} bench;

static clio_status bench_run(void *ctx, uint64_t block) {
  const bench *b = ctx;
  uint64_t from, to;
  work_block(b->texts->rows, RUN, block, &from, &to);
  return vectors_fill(b->v, b->w->host, b->w->call, b->texts, from, to, b->out + from * MODEL_DIM,
                      MODEL_DIM, b->tokens + from);
}

static int bench_all(const vectors *v, const clio_view *texts, unsigned threads, const char *out) {
  work w;
  work_init(&w, plain_host(threads), NULL);
  bench b = {.v = v, .w = &w, .texts = texts};
  b.out = calloc(texts->rows, MODEL_DIM * sizeof *b.out);
  b.tokens = calloc(texts->rows, sizeof *b.tokens);
  if (!b.out || !b.tokens) return 1;
  double wall = bench_wall(), cpu = bench_cpu();
  int bad = work_each(&w, work_blocks(texts->rows, RUN), bench_run, &b) != CLIO_OK;
  wall = bench_wall() - wall;
  cpu = bench_cpu() - cpu;
  uint64_t tokens = 0;
  for (uint64_t i = 0; i < texts->rows; i++) tokens += b.tokens[i];
  printf("bench=use engine=clio threads=%u texts=%llu tokens=%llu wall_s=%.2f cpu_s=%.2f "
         "per_s=%.1f per_cpu_s=%.1f sgemm_share=%.3f kernel=%s\n",
         threads, (unsigned long long)texts->rows, (unsigned long long)tokens, wall, cpu,
         (double)texts->rows / wall, (double)texts->rows / cpu, (double)gemm_ns * 1e-9 / cpu,
         openblas_get_corename());
  FILE *file = out ? fopen(out, "wb") : NULL;
  if (out)
    bad |= !file || fwrite(b.out, MODEL_DIM * sizeof *b.out, texts->rows, file) != texts->rows;
  if (file) bad |= fclose(file) != 0;
  free(b.out);
  free(b.tokens);
  return bad;
}

int main(int argc, char **argv) {
  vectors v = {0};
  if (argc < 2) return fputs("usage: bench/use TEXTS [THREADS [OUT.f32]]\n", stderr), 2;
  const char *why = open_model(&v);
  if (why) return fprintf(stderr, "bench/use: %s\n", why), 1;
  clio_view texts = read_texts(argv[1]);
  linalg_init();
  unsigned threads = argc > 2 ? (unsigned)strtoul(argv[2], NULL, 10) : 2;
  return bench_all(&v, &texts, threads, argc > 3 ? argv[3] : NULL);
}
