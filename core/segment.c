/* segment.c - carries batches from the source through the row-wise stages to
 * the barrier. A worker takes the next block, lets the source parse it, passes
 * the door, and carries the block's batches through all row-wise stages of the
 * segment; a SERIAL stage is a turnstile in block order; results are committed
 * in block order. See core/README.md. */
#include <stdlib.h>
#include <string.h>

#include "segment.h"
#include "source.h"

enum { BATCH_BYTES = 4 << 20, QUEUE_MAX = 8 };

/* One block on its way. */
typedef struct item {
  uint64_t seq, block, rows;
  input_block *bytes;  /* a line source's block, or NULL */
  clio_table *emitted; /* or the table a source without blocks emitted */
  GPtrArray *batches;  /* batch* */
  GArray *entries;     /* roll_entry */
  uint64_t read, bad;  /* rows that came out of the source; lines that failed */
} item;

static void item_free(item *it) {
  if (!it) return;
  input_block_free(it->bytes);
  table_unref(it->emitted);
  g_ptr_array_free(it->batches, TRUE);
  g_array_free(it->entries, TRUE);
  g_free(it);
}

static item *item_new(uint64_t block) {
  item *it = g_new0(item, 1);
  it->block = block;
  it->batches = g_ptr_array_new_with_free_func(batch_free);
  it->entries = g_array_new(FALSE, FALSE, sizeof(roll_entry));
  return it;
}

static clio_status seg_fail(segment *s, const error *e) {
  g_mutex_lock(&s->lock);
  if (!s->failed) s->err = *e;
  s->failed = true;
  g_cond_broadcast(&s->turn);
  g_mutex_unlock(&s->lock);
  return e->status;
}

/* ---- the source and the door ---- */

/* Keeps what the sampler picked, each cut behind its `upto`-th answer. */
static clio_status apply_pick(segment *s, clio_table **t, error *e) {
  const clio_table *picked = s->r->picked;
  if (!picked) return CLIO_OK;
  clio_table *joined = table_join(*t, picked, &s->r->memory);
  clio_table *cut = joined ? batch_cut_messages(joined, &s->r->memory) : NULL;
  table_unref(joined);
  table_unref(*t);
  *t = cut;
  return cut ? CLIO_OK : error_set(e, CLIO_E_NOMEM, "no memory for the sample");
}

static void keep_entries(item *it, const clio_table *t, const roll_entry *entries, uint64_t n) {
  uint64_t k = 0;
  for (uint64_t i = 0; i < n && k < t->rows; i++) {
    if (entries[i].key != t->keys->key[k]) continue;
    g_array_append_val(it->entries, entries[i]);
    k++;
  }
}

/* Takes a table that the source emitted: door, pick, batches. */
static clio_status take_emitted(segment *s, item *it, const clio_table *emitted, error *e) {
  clio_table *t = NULL;
  roll_entry *entries = NULL;
  clio_status r =
      door_pass(emitted, it->block, it->rows, s->r->project_key, &s->r->memory, &t, &entries, e);
  if (r != CLIO_OK) return r;
  it->rows += emitted->rows;
  it->read += emitted->rows;
  r = apply_pick(s, &t, e);
  if (r == CLIO_OK) {
    keep_entries(it, t, entries, emitted->rows);
    r = batch_split(s->r, t, BATCH_BYTES, it->batches, e);
  }
  table_unref(t);
  g_free(entries);
  return r;
}

typedef struct take_ctx {
  segment *s;
  item *it;
} take_ctx;

static clio_status on_line_emit(clio_call *call, clio_table *t, void *ctx) {
  take_ctx *tc = ctx;
  error e = {0};
  clio_status r = take_emitted(tc->s, tc->it, t, &e);
  table_unref(t);
  return r == CLIO_OK ? r : host_fail(call, r, e.text);
}

static clio_status parse_block(segment *s, item *it, error *e) {
  run_stage *st = &s->r->stages[s->source->index];
  clio_table *in = source_block(s->r, it->bytes);
  if (!in) return error_set(e, CLIO_E_NOMEM, "no memory for a block of input");
  take_ctx tc = {s, it};
  clio_call call;
  call_begin(&call, s->r, st);
  call.in = in;
  call.file = it->bytes->file;
  call.first_line = it->bytes->first_line;
  call.items = it->bytes->items;
  call.on_emit = on_line_emit;
  call.emit_ctx = &tc;
  gint64 start = g_get_monotonic_time();
  clio_status r = s->source->ps->s.process(s->self, &call, 0, in);
  __atomic_add_fetch(&st->microseconds, g_get_monotonic_time() - start, __ATOMIC_RELAXED);
  if (r == CLIO_OK && call.err.status != CLIO_OK) r = call.err.status;
  if (r != CLIO_OK) call_error(&call, r, e);
  it->bad = it->bytes->too_long + call.bad_lines;
  source_say_too_long(s->r, it->bytes);
  call_end(&call);
  table_unref(in);
  input_block_free(it->bytes);
  it->bytes = NULL;
  return r;
}

/* ---- row-wise stages ---- */

static bool wait_turn(segment *s, const uint64_t *next, uint64_t seq) {
  g_mutex_lock(&s->lock);
  while (*next != seq && !s->failed) g_cond_wait(&s->turn, &s->lock);
  bool mine = !s->failed;
  g_mutex_unlock(&s->lock);
  return mine;
}

static void pass_turn(segment *s, uint64_t *next) {
  g_mutex_lock(&s->lock);
  (*next)++;
  g_cond_broadcast(&s->turn);
  g_mutex_unlock(&s->lock);
}

static clio_status carry(segment *s, item *it, error *e) {
  clio_status r = CLIO_OK;
  for (guint m = 0; m < s->members->len && r == CLIO_OK; m++) {
    int stage = g_array_index(s->members, int, m);
    const flow_stage *fs = flow_at(s->r->f, stage);
    bool serial = fs->ps->s.threads != CLIO_PARALLEL;
    if (serial && !wait_turn(s, &s->next_at[stage], it->seq)) return CLIO_E_CANCELLED;
    for (guint b = 0; b < it->batches->len && r == CLIO_OK; b++)
      r = batch_through(s->r, it->batches->pdata[b], stage, e);
    if (serial && r == CLIO_OK) pass_turn(s, &s->next_at[stage]);
  }
  return r;
}

static clio_status commit_batch(segment *s, const batch *b, error *e) {
  clio_status r = CLIO_OK;
  for (guint i = 0; i < s->sinks->len && r == CLIO_OK; i++) {
    const sink *k = &g_array_index(s->sinks, sink, i);
    if (k->spool) r = spool_append(k->spool, b->out[k->stage], e);
  }
  return r;
}

static clio_status commit_counts(segment *s, const item *it, error *e) {
  run *r = s->r;
  run_stage *st = &r->stages[s->source->index];
  if (s->sampling || !r->picked) {
    st->rows_in += it->read + it->bad;
    st->rows_out += it->read;
    st->bad += it->bad;
    r->rows_read += it->read + it->bad;
    roll_note_ids(r->roll, (const roll_entry *)(void *)it->entries->data, it->entries->len);
  }
  if (!s->sampling) {
    if (!roll_append(r->roll, (const roll_entry *)(void *)it->entries->data, it->entries->len))
      return error_set(e, CLIO_E_NOMEM,
                       "no memory for the accounts of so many conversations; "
                       "raise --max-memory");
    if (r->picked) r->rows_sampled_out += it->read - it->entries->len;
  }
  uint64_t done = 0, total = 0;
  if (s->in)
    input_progress(s->in, &done, &total);
  else
    done = r->rows_read;
  run_progress(r, st, done, total);
  clio_status status = run_check_bad(st, false, e);
  for (guint b = 0; b < it->batches->len; b++) batch_count_in(r, it->batches->pdata[b]);
  for (guint m = 0; m < s->members->len && status == CLIO_OK; m++)
    status = run_check_bad(&r->stages[g_array_index(s->members, int, m)], false, e);
  return status;
}

static clio_status commit(segment *s, item *it, error *e) {
  if (!wait_turn(s, &s->next_commit, it->seq)) return CLIO_E_CANCELLED;
  clio_status r = CLIO_OK;
  for (guint b = 0; b < it->batches->len && r == CLIO_OK; b++)
    r = commit_batch(s, it->batches->pdata[b], e);
  if (r == CLIO_OK) r = commit_counts(s, it, e);
  if (r != CLIO_OK) return r;
  pass_turn(s, &s->next_commit);
  return CLIO_OK;
}

/* A SERIAL source parses one block at a time, in order. */
static clio_status parse_in_turn(segment *s, item *it, error *e) {
  if (s->source->ps->s.threads == CLIO_PARALLEL) return parse_block(s, it, e);
  uint64_t *next = &s->next_at[s->source->index];
  if (!wait_turn(s, next, it->seq)) return CLIO_E_CANCELLED;
  clio_status r = parse_block(s, it, e);
  if (r == CLIO_OK) pass_turn(s, next);
  return r;
}

/* Inputs have ended: finish() of the source over blocks and of the row-wise
 * stages, which may not emit any more. */
static clio_status finish_stage(segment *s, const flow_stage *fs, error *e) {
  run_stage *st = &s->r->stages[fs->index];
  if (!fs->ps->s.finish) return CLIO_OK;
  clio_call call;
  call_begin(&call, s->r, st);
  clio_status r = fs->ps->s.finish(st->self, &call);
  if (r == CLIO_OK && call.err.status != CLIO_OK) r = call.err.status;
  if (r != CLIO_OK)
    call_error(&call, r, e);
  else if (call.emitted->len)
    r = error_set(e, CLIO_E_INTERNAL, "stage '%s': %s emitted from finish(), after its last batch",
                  fs->gs->id, fs->use);
  call_end(&call);
  return r;
}

static clio_status finish_stages(segment *s, error *e) {
  clio_status r = s->in ? finish_stage(s, s->source, e) : CLIO_OK;
  for (guint m = 0; m < s->members->len && r == CLIO_OK; m++)
    r = finish_stage(s, flow_at(s->r->f, g_array_index(s->members, int, m)), e);
  return r;
}

/* ---- workers ---- */

/* The next block of input, numbered in order. NULL: the end, or a failure. */
static item *next_block(segment *s, error *e) {
  g_mutex_lock(&s->lock);
  item *it = NULL;
  input_block *b = NULL;
  if (!s->failed && input_next(s->in, &b, e) == CLIO_OK && b) {
    it = item_new(b->number);
    it->bytes = b;
    it->seq = s->next_seq++;
  }
  g_mutex_unlock(&s->lock);
  return it;
}

static item *next_queued(segment *s) {
  g_mutex_lock(&s->lock);
  while (!s->failed && !s->source_done && g_queue_is_empty(&s->queue))
    g_cond_wait(&s->turn, &s->lock);
  item *it = s->failed ? NULL : g_queue_pop_head(&s->queue);
  if (it) it->seq = s->next_seq++;
  g_cond_broadcast(&s->turn);
  g_mutex_unlock(&s->lock);
  return it;
}

/* A failure waits for the blocks before it: the first block that fails is the one
 * that is named, at any number of threads. */
static clio_status work_item(segment *s, item *it, error *e) {
  clio_status r = it->bytes ? parse_in_turn(s, it, e) : take_emitted(s, it, it->emitted, e);
  if (r == CLIO_OK && !s->sampling) r = carry(s, it, e);
  if (r == CLIO_OK) return commit(s, it, e);
  if (!run_is_cancelled(s->r)) wait_turn(s, &s->next_commit, it->seq);
  return r;
}

static clio_status work(void *ctx, uint64_t i) {
  (void)i;
  segment *s = ctx;
  for (;;) {
    error e = {0};
    if (run_is_cancelled(s->r)) {
      error_set(&e, CLIO_E_CANCELLED, "stopped");
      return seg_fail(s, &e);
    }
    item *it = s->in ? next_block(s, &e) : next_queued(s);
    if (!it) return e.status == CLIO_OK ? CLIO_OK : seg_fail(s, &e);
    clio_status r = work_item(s, it, &e);
    item_free(it);
    if (r == CLIO_OK) continue;
    if (e.status == CLIO_OK) error_set(&e, r, "stopped");
    return seg_fail(s, &e);
  }
}

static clio_status on_source_emit(clio_call *call, clio_table *t, void *ctx) {
  segment *s = ctx;
  g_mutex_lock(&s->lock);
  while (!s->failed && g_queue_get_length(&s->queue) >= QUEUE_MAX) {
    gint64 now = g_get_monotonic_time(); /* it waits for us, it does not stall */
    __atomic_store_n(&call->stage->last_call, now, __ATOMIC_RELAXED);
    g_cond_wait_until(&s->turn, &s->lock, now + G_USEC_PER_SEC);
  }
  bool failed = s->failed;
  if (failed) {
    table_unref(t);
  } else {
    item *it = item_new(0);
    it->emitted = t;
    it->block = (uint64_t)call->first_line++;
    g_queue_push_tail(&s->queue, it);
    g_cond_broadcast(&s->turn);
  }
  g_mutex_unlock(&s->lock);
  return failed ? CLIO_E_CANCELLED : CLIO_OK;
}

/* A source without blocks, in a thread of its own; the n-th table is block n. */
static void *produce(void *arg) {
  segment *s = arg;
  run_stage *st = &s->r->stages[s->source->index];
  pool_enter(s->r->pool);
  clio_call call;
  call_begin(&call, s->r, st);
  call.on_emit = on_source_emit;
  call.emit_ctx = s;
  clio_status r = CLIO_OK;
  if (s->source->ps->s.finish) r = s->source->ps->s.finish(s->self, &call);
  if (r == CLIO_OK && call.err.status != CLIO_OK) r = call.err.status;
  error e = {0};
  if (r != CLIO_OK) call_error(&call, r, &e);
  s->source_bad = call.bad_lines;
  call_end(&call);
  if (r != CLIO_OK) seg_fail(s, &e);
  g_mutex_lock(&s->lock);
  s->source_done = true;
  g_cond_broadcast(&s->turn);
  g_mutex_unlock(&s->lock);
  return NULL;
}

static clio_status run_workers(segment *s, error *e) {
  GThread *producer = s->in ? NULL : g_thread_new("clio-source", produce, s);
  pool_run(s->r->pool, (uint64_t)pool_threads(s->r->pool), work, s);
  if (producer) g_thread_join(producer);
  if (s->sampling || !s->r->picked) {
    s->r->stages[s->source->index].bad += s->source_bad;
    s->r->stages[s->source->index].rows_in += s->source_bad;
    s->r->rows_read += s->source_bad;
  }
  if (s->failed) return error_set(e, s->err.status, "%s", s->err.text);
  return CLIO_OK;
}

static void segment_clear(segment *s) {
  segment_unplan(s);
  for (item *it; (it = g_queue_pop_head(&s->queue));) item_free(it);
  g_mutex_clear(&s->lock);
  g_cond_clear(&s->turn);
  g_free(s->next_at);
}

clio_status segment_run(run *r, bool sampling, error *e) {
  segment s = {.r = r, .sampling = sampling};
  s.source = flow_at(r->f, r->f->source);
  s.self = r->stages[r->f->source].self;
  s.in = r->input;
  s.next_at = g_new0(uint64_t, r->f->stages->len + 1);
  g_mutex_init(&s.lock);
  g_cond_init(&s.turn);
  g_queue_init(&s.queue);
  bool done = false;
  clio_status st = segment_plan(&s, &done, e);
  if (st == CLIO_OK && !done) {
    st = run_workers(&s, e);
    if (st == CLIO_OK && !sampling) st = finish_stages(&s, e);
    if (st == CLIO_OK) st = segment_seal(&s, e);
  }
  segment_clear(&s);
  return st;
}
