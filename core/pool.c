/* pool.c - worker threads; see pool.h. */
#include "pool.h"

#include <glib.h>
#include <stdbool.h>

struct pool {
  int threads;
  GThread **worker;
  GMutex lock;
  GCond wake, done;
  bool stop;
  uint64_t round; /* counts pool_run calls */
  int busy;       /* workers still in this round */
  uint64_t next, n, failed_at;
  clio_status failed;
  pool_fn *fn;
  void *ctx;
};

static GPrivate inside_key;

/* Takes indices until there are none; called with the lock held. */
static void drain(pool *p) {
  while (p->failed == CLIO_OK && p->next < p->n) {
    uint64_t i = p->next++;
    g_mutex_unlock(&p->lock);
    clio_status r = p->fn(p->ctx, i);
    g_mutex_lock(&p->lock);
    if (r != CLIO_OK && (p->failed == CLIO_OK || i < p->failed_at)) {
      p->failed = r;
      p->failed_at = i;
    }
  }
}

static void *work(void *arg) {
  pool *p = arg;
  g_private_set(&inside_key, p);
  uint64_t seen = 0;
  g_mutex_lock(&p->lock);
  for (;;) {
    while (!p->stop && p->round == seen) g_cond_wait(&p->wake, &p->lock);
    if (p->stop) break;
    seen = p->round;
    drain(p);
    if (--p->busy == 0) g_cond_signal(&p->done);
  }
  g_mutex_unlock(&p->lock);
  return NULL;
}

pool *pool_new(int threads) {
  pool *p = g_new0(pool, 1);
  p->threads = threads < 1 ? 1 : threads;
  g_mutex_init(&p->lock);
  g_cond_init(&p->wake);
  g_cond_init(&p->done);
  p->worker = g_new0(GThread *, (gsize)p->threads);
  for (int i = 1; i < p->threads; i++) p->worker[i] = g_thread_new("clio-worker", work, p);
  return p;
}

void pool_free(pool *p) {
  if (!p) return;
  g_mutex_lock(&p->lock);
  p->stop = true;
  g_cond_broadcast(&p->wake);
  g_mutex_unlock(&p->lock);
  for (int i = 1; i < p->threads; i++) g_thread_join(p->worker[i]);
  g_free(p->worker);
  g_mutex_clear(&p->lock);
  g_cond_clear(&p->wake);
  g_cond_clear(&p->done);
  g_free(p);
}

void pool_enter(pool *p) { g_private_set(&inside_key, p); }

int pool_threads(const pool *p) { return p->threads; }

static clio_status run_alone(uint64_t n, pool_fn *fn, void *ctx) {
  for (uint64_t i = 0; i < n; i++) {
    clio_status r = fn(ctx, i);
    if (r != CLIO_OK) return r;
  }
  return CLIO_OK;
}

clio_status pool_run(pool *p, uint64_t n, pool_fn *fn, void *ctx) {
  if (p->threads == 1 || n == 1 || g_private_get(&inside_key) == p) return run_alone(n, fn, ctx);
  g_private_set(&inside_key, p);
  g_mutex_lock(&p->lock);
  p->fn = fn;
  p->ctx = ctx;
  p->n = n;
  p->next = 0;
  p->failed = CLIO_OK;
  p->busy = p->threads - 1;
  p->round++;
  g_cond_broadcast(&p->wake);
  drain(p);
  while (p->busy) g_cond_wait(&p->done, &p->lock);
  clio_status r = p->failed;
  g_mutex_unlock(&p->lock);
  g_private_set(&inside_key, NULL);
  return r;
}
