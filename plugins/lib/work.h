/* work.h - what a whole-table stage needs of its host, in one handle: loops over
 * blocks on the pool, memory that dies with the call, and buffers that blocks
 * share. A handle lives on the stack of one call. */
#ifndef CLIO_LIB_WORK_H
#define CLIO_LIB_WORK_H
#include <stdatomic.h>

#include "clio_util.h"

enum { WORK_BLOCK = 4096, WORK_SLOTS = 256 };

typedef struct work {
  const clio_host *host;
  clio_call *call;
  const clio_parallel *parallel; /* NULL: loops run on this thread */
} work;

/* Fills the handle; asks the host for clio.parallel/1. [call] */
void work_init(work *w, const clio_host *host, clio_call *call);

/* count * size zeroed bytes, 64-byte aligned, until the call returns. NULL when
 * there is none or the product overflows: return work_nomem(). [any] */
void *work_alloc(const work *w, uint64_t count, uint64_t size);

/* Sets the call's error text and returns CLIO_E_NOMEM. `what`: "the term matrix". [any] */
clio_status work_nomem(const work *w, const char *what);

/* fn(ctx, 0) ... fn(ctx, n - 1), in any order, on the pool; stops with
 * CLIO_E_CANCELLED when the run does. Which thread runs which i must not
 * matter. [call] */
clio_status work_each(const work *w, uint64_t n, clio_status (*fn)(void *ctx, uint64_t i),
                      void *ctx);

/* Number of blocks of `size` rows, and the rows [*ret_from, *ret_to) of block b. */
uint64_t work_blocks(uint64_t rows, uint64_t size);
void work_block(uint64_t rows, uint64_t size, uint64_t b, uint64_t *ret_from, uint64_t *ret_to);

/* Buffers of one size for the blocks of a loop: as many as run at once, not as
 * many as there are blocks. Their content is whatever the last user left. */
typedef struct work_slots {
  const work *w;
  uint64_t bytes;
  atomic_flag busy[WORK_SLOTS];
  void *memory[WORK_SLOTS];
} work_slots;

/* A new set of buffers of that size, itself memory of the call; NULL: none left. [call] */
work_slots *work_slots_new(const work *w, uint64_t bytes);

/* A buffer for this block alone until it is given back; NULL when memory is
 * out. *ret_slot is for work_give(). [any] */
void *work_take(work_slots *s, uint32_t *ret_slot);
void work_give(work_slots *s, uint32_t slot);

#endif
