/* work.c - loops over blocks, call memory and shared buffers; see work.h. */
#include "work.h"

#include <sched.h>

void work_init(work *w, const clio_host *host, clio_call *call) {
  *w = (work){.host = host, .call = call};
  w->parallel = host->service(call, CLIO_PARALLEL_ID);
}

void *work_alloc(const work *w, uint64_t count, uint64_t size) {
  return clio_scratch_array(w->host, w->call, count, size);
}

clio_status work_nomem(const work *w, const char *what) {
  return clio_failf(w->host, w->call, CLIO_E_NOMEM,
                    "no memory for %s; raise --max-memory or sample fewer conversations", what);
}

clio_status work_each(const work *w, uint64_t n, clio_status (*fn)(void *ctx, uint64_t i),
                      void *ctx) {
  if (w->host->cancelled(w->call)) return CLIO_E_CANCELLED;
  if (w->parallel != NULL) return w->parallel->each(w->call, n, fn, ctx);
  clio_status status = CLIO_OK;
  for (uint64_t i = 0; i < n && status == CLIO_OK; i++) status = fn(ctx, i);
  return status;
}

uint64_t work_blocks(uint64_t rows, uint64_t size) { return (rows + size - 1) / size; }

void work_block(uint64_t rows, uint64_t size, uint64_t b, uint64_t *ret_from, uint64_t *ret_to) {
  *ret_from = b * size;
  *ret_to = rows - *ret_from < size ? rows : *ret_from + size;
}

work_slots *work_slots_new(const work *w, uint64_t bytes) {
  work_slots *s = work_alloc(w, 1, sizeof *s);
  if (s == NULL) return NULL;
  s->w = w;
  s->bytes = bytes;
  for (uint32_t i = 0; i < WORK_SLOTS; i++) atomic_flag_clear(&s->busy[i]);
  return s;
}

void *work_take(work_slots *s, uint32_t *ret_slot) {
  for (uint32_t i = 0;; i = (i + 1) % WORK_SLOTS) {
    if (!atomic_flag_test_and_set_explicit(&s->busy[i], memory_order_acquire)) {
      if (s->memory[i] == NULL) s->memory[i] = work_alloc(s->w, s->bytes, 1);
      if (s->memory[i] == NULL) work_give(s, i);
      *ret_slot = i;
      return s->memory[i];
    }
    if (i == WORK_SLOTS - 1) sched_yield();
  }
}

void work_give(work_slots *s, uint32_t slot) {
  atomic_flag_clear_explicit(&s->busy[slot], memory_order_release);
}
