/* plain_host.c - a host for measurements; see plain_host.h. */
#define _POSIX_C_SOURCE 200809L
#include "plain_host.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

typedef struct plain_block {
  struct plain_block *next;
} plain_block;

enum { PLAIN_ALIGN = 64, PLAIN_THREADS = 64 };
static pthread_mutex_t plain_lock = PTHREAD_MUTEX_INITIALIZER;
static plain_block *plain_blocks;
static unsigned plain_threads = 1;

static void *plain_scratch(clio_call *call, uint64_t bytes) {
  (void)call;
  size_t size = (size_t)(bytes + 2 * PLAIN_ALIGN - 1) / PLAIN_ALIGN * PLAIN_ALIGN;
  plain_block *block = aligned_alloc(PLAIN_ALIGN, size);
  if (!block) return NULL;
  memset(block, 0, size);
  pthread_mutex_lock(&plain_lock);
  block->next = plain_blocks;
  plain_blocks = block;
  pthread_mutex_unlock(&plain_lock);
  return (char *)block + PLAIN_ALIGN;
}

void plain_host_reset(void) {
  while (plain_blocks) {
    plain_block *next = plain_blocks->next;
    free(plain_blocks);
    plain_blocks = next;
  }
}

typedef struct plain_loop {
  clio_status (*fn)(void *ctx, uint64_t i);
  void *ctx;
  uint64_t n;
  _Atomic uint64_t next;
  _Atomic clio_status status;
} plain_loop;

static void *plain_work(void *arg) {
  plain_loop *loop = arg;
  for (uint64_t i; (i = atomic_fetch_add(&loop->next, 1)) < loop->n;) {
    clio_status status = loop->fn(loop->ctx, i);
    if (status != CLIO_OK) loop->status = status;
  }
  return NULL;
}

static clio_status plain_each(clio_call *call, uint64_t n, clio_status (*fn)(void *ctx, uint64_t i),
                              void *ctx) {
  (void)call;
  plain_loop loop = {.fn = fn, .ctx = ctx, .n = n};
  pthread_t thread[PLAIN_THREADS];
  unsigned started = 0, want = plain_threads < n ? plain_threads : (unsigned)n;
  while (started + 1 < want && !pthread_create(&thread[started], NULL, plain_work, &loop))
    started++;
  plain_work(&loop);
  while (started > 0) pthread_join(thread[--started], NULL);
  return loop.status;
}

static const clio_parallel plain_parallel = {.struct_size = sizeof plain_parallel,
                                             .each = plain_each};

static const void *plain_service(clio_call *call, const char *id) {
  (void)call;
  return strcmp(id, CLIO_PARALLEL_ID) == 0 ? &plain_parallel : NULL;
}

static uint64_t plain_random(clio_call *call, uint64_t key) {
  (void)call;
  uint64_t x = key * 0xd1342543de82ef95u + 0x9e3779b97f4a7c15u;
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9u;
  x = (x ^ (x >> 27)) * 0x94d049bb133111ebu;
  return x ^ (x >> 31);
}

static int32_t plain_cancelled(clio_call *call) {
  (void)call;
  return 0;
}

static void plain_progress(clio_call *call, uint64_t done, uint64_t total) {
  (void)call, (void)done, (void)total;
}

static clio_status plain_fail(clio_call *call, clio_status status, const char *msg) {
  (void)call;
  fprintf(stderr, "%s\n", msg);
  return status;
}

static const clio_host plain = {.struct_size = sizeof plain,
                                .scratch = plain_scratch,
                                .random = plain_random,
                                .cancelled = plain_cancelled,
                                .progress = plain_progress,
                                .fail = plain_fail,
                                .service = plain_service};

const clio_host *plain_host(unsigned threads) {
  plain_threads = threads < 1 ? 1 : threads > PLAIN_THREADS ? PLAIN_THREADS : threads;
  return &plain;
}

static double bench_seconds(clockid_t clock) {
  struct timespec t;
  clock_gettime(clock, &t);
  return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

double bench_wall(void) { return bench_seconds(CLOCK_MONOTONIC); }
double bench_cpu(void) { return bench_seconds(CLOCK_PROCESS_CPUTIME_ID); }
