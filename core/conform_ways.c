/* conform_ways.c - what `clio conform` asks of a stage: the same result however it is run, in
 * batches, on threads, with another instance in between; an end where memory fails or the run is
 * stopped; and nothing left behind. */
#include "clio-build.h"

#include <string.h>
#include <unistd.h>

#include "conform_parts.h"
#include "util.h"

enum { FEW_ROWS = 12, MANY_ROWS = 2000, PROMPT_SECONDS = 2, MEMORY_SECONDS = 4 };

/* ---- the same however it is run ---- */

static bool is_nondeterministic(const conform_subject *s, conform_verdict *v) {
  if (!(s->ps->s.caps & CLIO_CAP_NONDETERMINISTIC)) return false;
  conform_say(v, CONFORM_SKIPPED, NULL, "it declares that its results are not repeatable");
  return true;
}

void conform_check_batches(conform_subject *s, conform_verdict *v) {
  static const uint64_t sizes[] = {1, 7, 16};
  if (is_nondeterministic(s, v)) return;
  g_autofree char *want = conform_run_once(s, CONFORM_PLAIN, CONFORM_ROWS);
  g_autofree char *again = conform_run_once(s, CONFORM_PLAIN, CONFORM_ROWS);
  if (strcmp(want, again) != 0) {
    conform_say(v, CONFORM_FAILED, "use host->random() for chance; keep no state outside self",
                "the same input gave two results in two runs");
    return;
  }
  if (conform_is_whole(s->ps) || s->ps->s.inputs.count == 0) {
    conform_say(v, CONFORM_OK, NULL, "the same in two runs; it does not work in batches");
    return;
  }
  for (size_t i = 0; i < G_N_ELEMENTS(sizes); i++) {
    clio_test *t = conform_open_cut(s, CONFORM_PLAIN, CONFORM_ROWS, 100 * sizes[i]);
    clio_test_batch(t, sizes[i]);
    g_autofree char *got = conform_outcome_of(t, s, clio_test_run(t));
    clio_test_close(t);
    if (strcmp(got, want) == 0) continue;
    if (conform_went_well(want) && !conform_went_well(got)) {
      g_autofree char *why = conform_error_in(got);
      conform_say(v, CONFORM_FAILED, conform_cure(why, "a batch is an input like a whole"),
                  "in batches of %u rows: %.400s", (unsigned)sizes[i], why);
      return;
    }
    conform_say(v, CONFORM_FAILED,
                "a row's result may depend on that row alone; carry nothing over",
                "another result in batches of %u rows than in one", (unsigned)sizes[i]);
    return;
  }
  conform_say(v, CONFORM_OK, NULL, "the same in two runs, and in batches of 1, 7 and 16 rows");
}

/* In batches of four rows, with this many threads. */
static char *run_threads(const conform_subject *s, uint32_t threads) {
  clio_test *t = conform_open_cut(s, CONFORM_PLAIN, CONFORM_ROWS, 400);
  clio_test_batch(t, 4);
  clio_test_threads(t, threads);
  char *outcome = conform_outcome_of(t, s, clio_test_run(t));
  clio_test_close(t);
  return outcome;
}

/* ---- self ---- */

/* self as it was after create(). */
typedef struct self_copy {
  const uint8_t *self;
  uint8_t *copy;
  size_t size;
  bool changed;
} self_copy;

/* The bytes of a block of the C heap; 0 where `memory` is not known to be the start of one. The
 * size stands before it, with a mark for "the one before is in use" in the next block's (glibc,
 * malloc/malloc.c, "malloc_chunk"). */
static size_t heap_block_size(const void *memory) {
  enum { HEAD = 2 * sizeof(size_t), FLAGS = 7, IN_USE = 1, LARGEST = 1 << 20 };
  uintptr_t at = (uintptr_t)memory, low = 0, high = (uintptr_t)sbrk(0);
  g_autofree char *maps = NULL;
  if (at % HEAD != 0 || !g_file_get_contents("/proc/self/maps", &maps, NULL, NULL)) return 0;
  const char *heap = strstr(maps, "[heap]");
  while (heap && heap > maps && heap[-1] != '\n') heap--;
  if (heap) low = (uintptr_t)g_ascii_strtoull(heap, NULL, 16);
  if (!heap || at < low + HEAD || at >= high) return 0;
  size_t size = ((const size_t *)memory)[-1] & ~(size_t)FLAGS;
  if (size < 2 * HEAD || size > LARGEST || at + size > high) return 0;
  size_t next = *(const size_t *)(at + size - sizeof(size_t));
  return next & IN_USE ? size - sizeof(size_t) : 0;
}

static void compare_self(void *ctx, void *self) {
  self_copy *c = ctx;
  if (!self || c->changed) return;
  if (c->self != self) {
    c->self = self;
    c->size = heap_block_size(self);
    g_free(c->copy);
    c->copy = c->size ? g_memdup2(self, c->size) : NULL;
    return;
  }
  c->changed = c->size && memcmp(c->copy, self, c->size) != 0;
}

/* A parallel stage only reads self in process(): a write that is not atomic is a race, whether or
 * not a run on a few threads shows it. From outside the two look alike. */
static bool writes_self(const conform_subject *s) {
  self_copy c = {0};
  if (s->ps->s.threads != CLIO_PARALLEL || conform_is_whole(s->ps)) return false;
  clio_test *t = conform_open_cut(s, CONFORM_PLAIN, CONFORM_ROWS, 400);
  clio_test_batch(t, 4);
  clio_test_between(t, compare_self, &c);
  clio_test_run(t);
  clio_test_close(t);
  g_free(c.copy);
  return c.changed;
}

void conform_check_threads(conform_subject *s, conform_verdict *v) {
  static const uint32_t counts[] = {0, 2, 4};
  if (is_nondeterministic(s, v)) return;
  g_autofree char *want = run_threads(s, 1);
  g_autofree char *again = run_threads(s, 1);
  if (strcmp(want, again) != 0) {
    conform_say(v, CONFORM_SKIPPED, NULL, "two runs with one thread differ; see 'batches'");
    return;
  }
  for (size_t i = 0; i < G_N_ELEMENTS(counts); i++) {
    g_autofree char *got = run_threads(s, counts[i]);
    if (strcmp(got, want) == 0) continue;
    conform_say(
        v, CONFORM_FAILED,
        counts[i] && s->ps->s.threads == CLIO_PARALLEL
            ? "process() may only read self and may use no static variable; or declare CLIO_SERIAL"
            : "what clio.parallel/1 runs may not depend on the order of blocks; sum integers",
        counts[i] ? "another result with %u threads than with one"
                  : "another result where blocks come in falling order (%u thread)",
        counts[i] ? counts[i] : 1);
    return;
  }
  conform_say(v, CONFORM_OK, NULL, "the same with 1, 2 and 4 threads, blocks in falling order%s",
              writes_self(s) ? "; but process() writes to self, which only an atomic counter may, "
                               "and no result may rest on it"
                             : "");
}

/* ---- memory, cancellation ---- */

void conform_check_memory(conform_subject *s, conform_verdict *v) {
  gint64 end = g_get_monotonic_time() + (gint64)MEMORY_SECONDS * G_USEC_PER_SEC;
  clio_test *t = conform_open(s, CONFORM_PLAIN, FEW_ROWS);
  uint64_t n = 0;
  bool whole = false;
  while (!whole && v->outcome == CONFORM_OK && g_get_monotonic_time() < end) {
    clio_test_fail_alloc(t, ++n);
    clio_status status = clio_test_run(t);
    whole = status == CLIO_OK && !clio_test_alloc_failed(t);
    if (!whole && status != CLIO_E_NOMEM)
      conform_say(v, CONFORM_FAILED, "check what scratch() and data() return; return CLIO_E_NOMEM",
                  "allocation %u failed, and the stage answered: %.300s", (unsigned)n,
                  status == CLIO_OK ? "done" : clio_test_error(t));
  }
  clio_test_close(t);
  if (v->outcome != CONFORM_OK) return;
  conform_say(v, CONFORM_OK, NULL, "each of %s%u allocations failed in turn",
              whole ? "" : "the first ", (unsigned)(whole ? n - 1 : n));
}

void conform_check_cancel(conform_subject *s, conform_verdict *v) {
  clio_test *t = conform_open(s, CONFORM_PLAIN, s->ps->s.inputs.count ? MANY_ROWS : CONFORM_ROWS);
  clio_test_cancel_after(t, 1);
  gint64 start = g_get_monotonic_time();
  clio_status status = clio_test_run(t);
  double seconds = (double)(g_get_monotonic_time() - start) / G_USEC_PER_SEC;
  if (status != CLIO_OK && status != CLIO_E_CANCELLED)
    conform_say(v, CONFORM_FAILED, "return CLIO_E_CANCELLED, or the status of the host's function",
                "the run was stopped, and it answered: %.300s", clio_test_error(t));
  else if (seconds > PROMPT_SECONDS)
    conform_say(v, CONFORM_FAILED,
                "ask host->cancelled() per row or block, and return CLIO_E_CANCELLED",
                "it went on for more than %d s after the run was stopped", PROMPT_SECONDS);
  else
    conform_say(v, CONFORM_OK, NULL, "it ends within %d s of being stopped", PROMPT_SECONDS);
  clio_test_close(t);
}
