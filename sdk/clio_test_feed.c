/* clio_test_feed.c - feeds a stage of the bench: batches, blocks and whole tables,
 * each in a call of its own; several calls at once where the stage says that it is
 * parallel and the bench was given threads. What a call put out is taken in the order
 * of the batches. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "clio_test_priv.h"

/* ---- one call ---- */

void bench_call_clear(clio_call *call) {
  while (call->builders) {
    clio_builder *b = call->builders;
    call->builders = b->next;
    bench_builder_free(b);
  }
  while (call->arena) {
    bench_arena *arena = call->arena;
    call->arena = arena->next;
    free(arena->memory);
    free(arena);
  }
  for (uint64_t i = 0; i < call->emits; i++) bench_table_unref(call->emitted[i].table);
  for (uint64_t i = 0; i < call->failed; i++) free(call->failures[i].text);
  free(call->emitted);
  free(call->failures);
  free(call->failed_rows);
}

/* The tables and failed rows of a call become the run's. */
static void call_commit(clio_call *call) {
  clio_test *t = call->t;
  for (uint64_t i = 0; i < call->emits; i++) {
    uint32_t port = call->emitted[i].port;
    uint64_t count = t->emit_counts[port]++;
    t->emitted[port] = bench_regrow(t->emitted[port], count * sizeof(clio_table *),
                                    (count + 1) * sizeof(clio_table *));
    t->emitted[port][count] = call->emitted[i].table;
  }
  t->failures = bench_regrow(t->failures, t->failure_count * sizeof *t->failures,
                             (t->failure_count + call->failed) * sizeof *t->failures);
  for (uint64_t i = 0; i < call->failed; i++) t->failures[t->failure_count++] = call->failures[i];
  call->emits = call->failed = 0;
}

/* Ends a call. A failed emit fails the run even when the stage took it unheeded. */
clio_status bench_call_end(clio_call *call, clio_status status) {
  if (status == CLIO_OK) status = call->broken;
  if (status != CLIO_OK)
    bench_fail(call->t, status, "%s: %s", call->where,
               call->text[0] ? call->text : "the stage failed without a word");
  else
    call_commit(call);
  bench_call_clear(call);
  return call->t->status;
}

/* ---- batches, several at once ---- */

/* One batch on its way through process(). */
typedef struct feed_slot {
  clio_call call;
  void *self;
  uint32_t port;
  clio_table *in;
  clio_status status;
} feed_slot;

static void *slot_run(void *argument) {
  feed_slot *slot = argument;
  slot->status = slot->call.t->stage->process(slot->self, &slot->call, slot->port, slot->in);
  return NULL;
}

static void run_slots(feed_slot *slots, uint64_t count) {
  if (count == 1) {
    slot_run(&slots[0]);
    return;
  }
  pthread_t *threads = bench_alloc(count * sizeof *threads);
  for (uint64_t i = 0; i < count; i++)
    if (pthread_create(&threads[i], NULL, slot_run, &slots[i]) != 0)
      bench_misuse("cannot start a thread");
  for (uint64_t i = 0; i < count; i++) pthread_join(threads[i], NULL);
  free(threads);
}

/* Conversations stream unless some input wants every row; blocks come one by one. */
static bool stage_is_rowwise(const clio_stage *stage) {
  bool streams = false;
  for (uint32_t i = 0; i < stage->inputs.count; i++) {
    const clio_port *port = bench_port(&stage->inputs, i);
    if (port->flags & CLIO_PORT_WHOLE) return false;
    if (port->rows == CLIO_ROWS_CONVERSATION) streams = true;
  }
  return streams;
}

static clio_status slot_end(feed_slot *slot) {
  clio_test *t = slot->call.t;
  uint64_t emits = slot->call.emits;
  clio_status status = bench_call_end(&slot->call, slot->status);
  bench_table_unref(slot->in);
  if (status != CLIO_OK) return status;
  if (stage_is_rowwise(t->stage) && t->stage->outputs.count && emits != 1)
    return bench_fail(t, CLIO_E_INTERNAL,
                      "process: a row-wise stage emits once per batch, not %llu times",
                      (unsigned long long)emits);
  return CLIO_OK;
}

/* ---- one port ---- */

/* Where in a port's rows the next batch starts. */
typedef struct feed_place {
  clio_test *t;
  void *self;
  uint32_t number;
  uint64_t step, first, lines;
  bool streams, ended;
} feed_place;

/* Lines of text in one block, so that fail_row's line becomes one of the text. */
static uint64_t block_lines(const clio_table *block) {
  const bench_column *bytes = &block->columns[0];
  uint64_t lines = 0;
  for (uint64_t i = 0; i < bytes->used; i++) lines += bytes->data[i] == '\n';
  return lines;
}

/* What the stage did not declare or name is not there for it, as in the core. */
static void hide_columns(const clio_test *t, uint32_t port, clio_table *part) {
  for (uint32_t i = 0; i < part->count; i++) part->columns[i].hidden = !t->used[port][i];
}

/* The next batch, into a slot; false at the end. */
static bool next_slot(feed_place *at, feed_slot *ret) {
  const clio_table *all = at->t->inputs[at->number];
  uint64_t left = all->rows - at->first, rows = left < at->step ? left : at->step;
  if (at->ended || (rows == 0 && at->streams)) return false; /* no batch of nothing */
  clio_table *part = bench_table_slice(all, at->first, rows);
  if (part->kind == CLIO_ROWS_BLOCK) {
    part->first = at->lines;
    at->lines += block_lines(part);
  } else {
    hide_columns(at->t, at->number, part);
  }
  *ret = (feed_slot){.self = at->self, .port = at->number, .in = part};
  ret->call = (clio_call){.t = at->t, .where = "process", .in = part};
  at->first += rows;
  at->ended = at->first >= all->rows;
  return true;
}

static clio_status feed_waves(feed_place *at, uint64_t width) {
  clio_test *t = at->t;
  feed_slot *slots = bench_alloc(width * sizeof *slots);
  for (uint64_t count = 1; count > 0 && t->status == CLIO_OK;) {
    count = 0;
    while (count < width && next_slot(at, &slots[count])) count++;
    if (count > 0) run_slots(slots, count);
    for (uint64_t i = 0; i < count; i++) slot_end(&slots[i]);
    if (t->between && t->status == CLIO_OK) t->between(t->between_ctx, at->self);
    if (bench_is_stopped(t) && !at->ended)
      bench_fail(t, CLIO_E_CANCELLED, "the run was stopped between two batches");
  }
  free(slots);
  return t->status;
}

static clio_status feed_port(clio_test *t, void *self, uint32_t number) {
  const clio_table *all = t->inputs[number];
  const clio_port *port = bench_port(&t->stage->inputs, number);
  if (!all) return CLIO_OK;
  bool batches = !(port->flags & CLIO_PORT_WHOLE) && port->rows == CLIO_ROWS_CONVERSATION;
  bool blocks = port->rows == CLIO_ROWS_BLOCK;
  feed_place at = {.t = t, .self = self, .number = number, .streams = batches || blocks};
  at.step = blocks ? 1 : batches ? t->batch : all->rows;
  bool parallel = at.streams && t->stage->threads == CLIO_PARALLEL && t->threads > 1;
  return feed_waves(&at, parallel ? t->threads : 1);
}

clio_status bench_feed_all(clio_test *t, void *self) {
  if (t->between) t->between(t->between_ctx, self);
  for (uint32_t i = 0; i < t->stage->inputs.count; i++)
    if (feed_port(t, self, i) != CLIO_OK) return t->status;
  if (!t->stage->finish) return CLIO_OK;
  clio_call call = {.t = t, .where = "finish"};
  clio_status status = t->stage->finish(self, &call);
  return bench_call_end(&call, status);
}
