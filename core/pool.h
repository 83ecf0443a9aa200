/* pool.h - a fixed set of worker threads that run indexed work. */
#ifndef CLIO_CORE_POOL_H
#define CLIO_CORE_POOL_H
#include <stdint.h>

#include "clio.h"

typedef struct pool pool;
typedef clio_status pool_fn(void *ctx, uint64_t i);

/* `threads` in all, the caller of pool_run included; at least 1. */
pool *pool_new(int threads);
void pool_free(pool *p);
int pool_threads(const pool *p);

/* Marks the calling thread as one of the pool's: pool_run in it runs alone. For
 * a thread that the pool's workers wait for. */
void pool_enter(pool *p);

/* fn(ctx, 0) ... fn(ctx, n - 1), indices taken in rising order, several at
 * once; returns when all that were begun have ended. After a failure no new
 * index is begun, and the failure of the lowest index is returned, so that the
 * result does not depend on scheduling. Called from inside fn, it runs in the
 * calling thread alone. One caller at a time. */
clio_status pool_run(pool *p, uint64_t n, pool_fn *fn, void *ctx);
#endif
