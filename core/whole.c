/* whole.c - stages that need every row: fed port by port from what earlier
 * stages put out, one stage at a time; and row-wise stages that come after a
 * barrier. */
#include <stdlib.h>
#include <string.h>

#include "batch.h"
#include "cache.h"
#include "release.h"
#include "run.h"
#include "store.h"
#include "tree_check.h"

clio_status run_input(run *r, const flow_stage *fs, bundle *ret, error *e) {
  clio_status s = CLIO_OK;
  for (guint i = 0; i < fs->from->len && s == CLIO_OK; i++)
    s = bundle_merge(ret, &r->bundles[g_array_index(fs->from, int, i)], &r->memory, e);
  const clio_table *clusters = ret->table[CLIO_ROWS_CLUSTER];
  if (s == CLIO_OK && clusters && fs->from->len > 1)
    s = tree_check(fs->gs->id, "the merge of its inputs", clusters, false, e);
  return s;
}

/* Feeds one port. Emitted tables are moved to `out`. */
static clio_status feed_call(run *r, run_stage *st, int port, const clio_table *in, GPtrArray *out,
                             error *e) {
  const clio_stage *stage = &st->fs->ps->s;
  clio_call call;
  call_begin(&call, r, st);
  call.in = in;
  clio_status s = CLIO_OK;
  if (port >= 0)
    s = stage->process(st->self, &call, (uint32_t)port, in);
  else if (stage->finish)
    s = stage->finish(st->self, &call);
  if (s == CLIO_OK && call.err.status != CLIO_OK) s = call.err.status;
  if (s != CLIO_OK) call_error(&call, s, e);
  st->failed += call.failed_rows->len;
  for (guint i = 0; i < call.emitted->len && s == CLIO_OK; i++)
    g_ptr_array_add(out, table_ref(g_array_index(call.emitted, host_emitted, i).table));
  call_end(&call);
  return s;
}

static clio_status feed_ports(run *r, run_stage *st, const bundle *in, GPtrArray *out, error *e) {
  const flow_stage *fs = st->fs;
  clio_status s = CLIO_OK;
  for (uint32_t p = 0; p < fs->ps->s.inputs.count && s == CLIO_OK; p++) {
    const clio_table *full = in->table[fs->ps->inputs[p].rows];
    if (!full) continue;
    size_t n;
    const char **names = batch_used_columns(fs, p, &n);
    clio_table *t = table_project(full, names, n);
    g_free(names);
    if (fs->ps->inputs[p].rows == CLIO_ROWS_CONVERSATION) st->rows_in = t->rows;
    s = feed_call(r, st, (int)p, t, out, e);
    table_unref(t);
  }
  if (s == CLIO_OK) s = feed_call(r, st, -1, NULL, out, e);
  return s;
}

/* Checks an emitted table and puts it into the stage's bundle. */
static clio_status take_table(run *r, run_stage *st, const bundle *in, bundle *out, clio_table *t,
                              error *e) {
  const flow_stage *fs = st->fs;
  clio_status s = CLIO_OK;
  if (out->table[t->kind] && out->table[t->kind] != in->table[t->kind])
    return error_set(e, CLIO_E_INTERNAL, "stage '%s': %s emitted %s twice", fs->gs->id, fs->use,
                     row_kind_name(t->kind));
  if (t->kind == CLIO_ROWS_CONVERSATION) {
    s = batch_check_rows(fs, in->table[t->kind], t, e);
    if (s == CLIO_OK && fs->role == FLOW_SAMPLER) s = batch_check_upto(fs, t, e);
    st->rows_out = t->rows;
    st->dropped = in->table[t->kind]->rows - t->rows;
  } else if (t->kind == CLIO_ROWS_CLUSTER) {
    s = tree_check(fs->gs->id, fs->use, t, !strcmp(fs->ps->s.kind, "hierarchizer"), e);
  } else if (t->kind == CLIO_ROWS_TEXT && strcmp(fs->ps->s.kind, "auditor") != 0) {
    s = error_set(e, CLIO_E_PRIVACY, "stage '%s': %s is no auditor and may not rate texts",
                  fs->gs->id, fs->use);
  } else if (t->kind == CLIO_ROWS_TEXT) {
    s = release_take_ratings(r, fs, t, e);
  }
  if (s != CLIO_OK) return s;
  st->made = t->kind;
  st->made_rows = t->rows;
  bundle_take(out, table_ref(t));
  return CLIO_OK;
}

static clio_status check_emitted(const flow_stage *fs, const bundle *in, const bundle *out,
                                 error *e) {
  for (uint32_t p = 0; p < fs->ps->s.outputs.count; p++) {
    const clio_port *port = &fs->ps->outputs[p];
    bool there = out->table[port->rows] && out->table[port->rows] != in->table[port->rows];
    if (!there && !(port->flags & CLIO_PORT_OPTIONAL) && fs->role != FLOW_AFTER_GATE)
      return error_set(e, CLIO_E_INTERNAL, "stage '%s': %s ended without emitting %s", fs->gs->id,
                       fs->use, row_kind_name(port->rows));
  }
  return CLIO_OK;
}

/* Of the conversations only what later stages read is kept. */
static void keep_live(const flow_stage *fs, bundle *out) {
  clio_table *t = out->table[CLIO_ROWS_CONVERSATION];
  if (!t || fs->role == FLOW_SAMPLER) return;
  guint n;
  const char **names = (const char **)g_hash_table_get_keys_as_array(fs->live, &n);
  qsort(names, n, sizeof *names, batch_compare_names);
  bundle_take(out, table_keep(t, names, n));
  g_free(names);
}

/* What the stage emits for this input: an earlier run's tables, or its own, which
 * are kept. Behind the gate nothing is. */
static clio_status make_tables(run *r, run_stage *st, const bundle *in, bundle *out,
                               GPtrArray *emitted, error *e) {
  int stage = st->fs->index;
  bool kept = st->fs->role != FLOW_AFTER_GATE, taken = false;
  cache_key *parts = kept ? cache_whole_parts(r, stage, in) : NULL;
  clio_status s = kept ? cache_take_whole(r, stage, parts, in, emitted, &taken, e) : CLIO_OK;
  if (s == CLIO_OK && !taken) s = feed_ports(r, st, in, emitted, e);
  for (guint i = 0; i < emitted->len && s == CLIO_OK; i++)
    s = take_table(r, st, in, out, emitted->pdata[i], e);
  if (s == CLIO_OK) s = check_emitted(st->fs, in, out, e);
  if (s == CLIO_OK) s = run_check_bad(st, true, e);
  if (s == CLIO_OK && kept && !taken) s = cache_keep_whole(r, stage, parts, emitted, e);
  cache_key_free(parts);
  return s;
}

clio_status whole_run_on(run *r, int stage, const bundle *in, error *e) {
  run_stage *st = &r->stages[stage];
  GPtrArray *emitted = g_ptr_array_new();
  gint64 start = g_get_monotonic_time();
  bundle out = {{0}};
  bundle_copy(&out, in);
  table_unref(out.table[CLIO_ROWS_TEXT]);
  out.table[CLIO_ROWS_TEXT] = NULL;
  clio_status s = make_tables(r, st, in, &out, emitted, e);
  if (s == CLIO_OK) keep_live(st->fs, &out);
  bundle_clear(&r->bundles[stage]);
  if (s == CLIO_OK)
    r->bundles[stage] = out;
  else
    bundle_clear(&out);
  for (guint i = 0; i < emitted->len; i++) table_unref(emitted->pdata[i]);
  g_ptr_array_free(emitted, TRUE);
  st->microseconds += g_get_monotonic_time() - start;
  return s;
}

clio_status whole_run(run *r, int stage, error *e) {
  const flow_stage *fs = flow_at(r->f, stage);
  bundle in = {{0}};
  clio_status s = run_input(r, fs, &in, e);
  if (s == CLIO_OK && !strcmp(fs->ps->s.kind, "auditor")) {
    clio_table *texts = release_make_texts(r, &in, e);
    if (texts)
      bundle_take(&in, texts);
    else
      s = e->status;
  }
  if (s == CLIO_OK) s = whole_run_on(r, stage, &in, e);
  bundle_clear(&in);
  return s;
}

/* ---- a row-wise stage behind a barrier ---- */

static clio_status pass_slices(run *r, int stage, const clio_table *t, spool *sp, error *e) {
  const flow_stage *fs = flow_at(r->f, stage);
  clio_status s = CLIO_OK;
  for (uint64_t first = 0; first < t->rows && s == CLIO_OK; first += r->options.batch_rows) {
    uint64_t n = MIN(r->options.batch_rows, t->rows - first);
    clio_table *part = table_slice(t, first, n, &r->memory);
    if (!part) return error_set(e, CLIO_E_NOMEM, "no memory for a batch");
    batch *b = batch_new(r, part, (const int *)(void *)fs->from->data, fs->from->len);
    s = batch_through(r, b, stage, e);
    if (s == CLIO_OK) s = spool_append(sp, b->out[stage], e);
    if (s == CLIO_OK) batch_count_in(r, b);
    if (s == CLIO_OK) s = run_check_bad(&r->stages[stage], false, e);
    batch_free(b);
  }
  return s;
}

/* Runs it and keeps what it adds; *ret: those columns alone, mapped. */
static clio_status make_added(run *r, int stage, const cache_key *parts, const clio_table *in,
                              clio_table **ret, error *e) {
  const flow_stage *fs = flow_at(r->f, stage);
  g_autofree char *key = cache_key_digest(parts);
  size_t n;
  const char **names = cache_added(fs, &n);
  entry *en = NULL;
  spool *sp = NULL;
  clio_status s = entry_new(r->store, key, &en, e);
  if (s == CLIO_OK) s = spool_new(en, fs->out.kind[CLIO_ROWS_CONVERSATION], names, n, &sp, e);
  if (s == CLIO_OK) s = pass_slices(r, stage, in, sp, e);
  if (s == CLIO_OK)
    s = spool_seal(sp, ret, e);
  else
    spool_free(sp);
  if (s == CLIO_OK) cache_describe(r, stage, parts, en);
  if (s == CLIO_OK) s = entries_commit(r->store, &en, 1, NULL, NULL, e);
  entry_free(en);
  g_free(names);
  return s;
}

/* The stage's conversations: an earlier run's, or made now. */
static clio_status make_rows(run *r, int stage, const bundle *in, clio_table **ret, error *e) {
  clio_table *rows = in->table[CLIO_ROWS_CONVERSATION], *added = NULL;
  GPtrArray *emitted = g_ptr_array_new();
  bool taken = false;
  cache_key *parts = cache_whole_parts(r, stage, in);
  clio_status s = cache_take_whole(r, stage, parts, in, emitted, &taken, e);
  if (s == CLIO_OK && taken) {
    *ret = emitted->pdata[0];
  } else if (s == CLIO_OK) {
    s = make_added(r, stage, parts, rows, &added, e);
    *ret = s == CLIO_OK ? table_join(rows, added, &r->memory) : NULL;
    if (s == CLIO_OK && !*ret) s = error_set(e, CLIO_E_NOMEM, "no memory for a stage's rows");
  }
  table_unref(added);
  cache_key_free(parts);
  g_ptr_array_free(emitted, TRUE);
  return s;
}

clio_status segment_run_table(run *r, int stage, error *e) {
  const flow_stage *fs = flow_at(r->f, stage);
  bundle in = {{0}};
  clio_table *t = NULL;
  clio_status s = run_input(r, fs, &in, e);
  if (s == CLIO_OK) s = make_rows(r, stage, &in, &t, e);
  if (s == CLIO_OK) {
    bundle_copy(&r->bundles[stage], &in);
    bundle_take(&r->bundles[stage], t);
    keep_live(fs, &r->bundles[stage]);
  }
  bundle_clear(&in);
  return s;
}
