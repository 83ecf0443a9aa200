/* segment_plan.c - before and after a segment's batches: which stages it carries
 * them through, where tables leave it, which of these an earlier run made already,
 * and how the others are entered in the store. */
#include <stdlib.h>
#include <string.h>

#include "cache.h"
#include "roll.h"
#include "segment.h"

static bool is_listed(const GArray *list, int stage) {
  for (guint i = 0; i < list->len; i++)
    if (g_array_index(list, int, i) == stage) return true;
  return false;
}

static bool is_head(const flow_stage *fs) {
  return fs->role == FLOW_SOURCE || fs->role == FLOW_SAMPLER;
}

/* All row-wise stages that the source reaches without a barrier. */
static void find_members(segment *s) {
  const flow *f = s->r->f;
  for (guint i = 0; i < f->order->len; i++) {
    const flow_stage *fs = flow_at(f, g_array_index(f->order, int, i));
    bool mine = fs->role == FLOW_ROWWISE;
    for (guint k = 0; k < fs->from->len && mine; k++) {
      const flow_stage *up = flow_at(f, g_array_index(fs->from, int, k));
      mine = is_head(up) || is_listed(s->members, up->index);
    }
    if (!mine) continue;
    g_array_append_val(s->members, fs->index);
    s->r->stages[fs->index].done = true;
  }
}

/* ---- sinks ---- */

/* Does a stage outside the segment, or the gate, read this stage's output, or
 * nobody at all (its counts are wanted all the same)? */
static bool leaves_segment(const segment *s, int stage) {
  const flow *f = s->r->f;
  if (is_listed(f->gate_from, stage)) return true;
  bool read = false;
  for (guint i = 0; i < f->stages->len; i++) {
    const flow_stage *fs = flow_at(f, (int)i);
    if (!is_listed(fs->from, stage)) continue;
    read = true;
    bool inside = fs->role == FLOW_ROWWISE && is_listed(s->members, fs->index);
    bool behind_door = fs->role == FLOW_SAMPLER; /* fed by the first pass */
    if (!inside && !behind_door && fs->role != FLOW_AFTER_GATE) return true;
  }
  return !read;
}

static void add_sink(segment *s, int stage) {
  const flow_stage *fs = flow_at(s->r->f, stage);
  sink k = {.stage = stage};
  guint n;
  k.names = (const char **)g_hash_table_get_keys_as_array(fs->live, &n);
  k.count = n;
  qsort(k.names, k.count, sizeof *k.names, batch_compare_names);
  g_array_append_val(s->sinks, k);
}

static void add_sampling_sink(segment *s) {
  static const char *const names[] = {"account", "org", "time", "outputs", "simhash"};
  sink k = {.stage = s->source->index, .count = G_N_ELEMENTS(names)};
  k.names = g_memdup2(names, sizeof names);
  g_array_append_val(s->sinks, k);
}

static void find_sinks(segment *s) {
  if (s->sampling) {
    add_sampling_sink(s);
    return;
  }
  const flow *f = s->r->f;
  for (guint i = 0; i < f->order->len; i++) {
    const flow_stage *fs = flow_at(f, g_array_index(f->order, int, i));
    bool mine = is_head(fs) || is_listed(s->members, fs->index);
    if (mine && leaves_segment(s, fs->index)) add_sink(s, fs->index);
  }
}

/* ---- what an earlier run made ---- */

/* The columns that must be there: those of the plan; a name that only lies further
 * up is live too. */
static bool has_columns(const segment *s, const sink *k, const clio_table *t) {
  const schema *plan = flow_at(s->r->f, k->stage)->out.kind[CLIO_ROWS_CONVERSATION];
  for (size_t i = 0; t && i < k->count; i++)
    if (schema_find(plan, k->names[i]) && !table_column(t, k->names[i])) return false;
  return t != NULL;
}

static clio_status look_up(segment *s, sink *k, const char **ret_why, error *e) {
  k->key = cache_row_key(s->r, k->stage);
  if (!cache_is_repeatable(s->r)) {
    *ret_why = "what it reads can be read only once";
    return CLIO_OK;
  }
  clio_status r = cache_find(s->r, k->key, &k->kept, ret_why, e);
  if (r != CLIO_OK || !k->kept) return r;
  if (has_columns(s, k, k->kept->table[CLIO_ROWS_CONVERSATION])) return CLIO_OK;
  stored_free(k->kept);
  k->kept = NULL;
  *ret_why = "a later stage reads a column that was not kept";
  return CLIO_OK;
}

/* The rows of the roll are those of the source, or of the pick. */
static const char *roll_key(segment *s) {
  int head = s->r->picked ? s->r->f->sampler : s->r->f->source;
  return cache_row_key(s->r, head);
}

static clio_status look_up_all(segment *s, const char **ret_why, bool *ret_all, error *e) {
  bool all = true, accounts = true;
  clio_status r = CLIO_OK;
  *ret_why = NULL;
  for (guint i = 0; i < s->sinks->len && r == CLIO_OK; i++) {
    sink *k = &g_array_index(s->sinks, sink, i);
    const char *why = NULL;
    r = look_up(s, k, &why, e);
    if (why) *ret_why = why;
    all = all && k->kept;
  }
  if (r == CLIO_OK && !s->sampling && all)
    accounts = store_load_roll(s->r->store, roll_key(s), s->r->roll);
  if (!accounts) *ret_why = "its accounts were not kept";
  for (guint i = 0; i < s->sinks->len && !accounts; i++) {
    sink *k = &g_array_index(s->sinks, sink, i);
    stored_free(k->kept);
    k->kept = NULL;
  }
  *ret_all = all && accounts;
  return r;
}

/* Marks `stage` and what it reads inside the segment. */
static void mark_upstream(const segment *s, int stage, GArray *marked) {
  const flow_stage *fs = flow_at(s->r->f, stage);
  if (is_listed(marked, stage)) return;
  g_array_append_val(marked, stage);
  for (guint k = 0; k < fs->from->len && !is_head(fs); k++)
    mark_upstream(s, g_array_index(fs->from, int, k), marked);
}

static void restore_sink(segment *s, sink *k) {
  run *r = s->r;
  GArray *up = g_array_new(FALSE, FALSE, sizeof(int));
  mark_upstream(s, k->stage, up);
  bool counted = s->sampling || !r->picked;
  for (guint i = 0; i < up->len; i++) {
    int stage = g_array_index(up, int, i);
    if (!is_head(flow_at(r->f, stage))) cache_restore(r, stage, k->kept);
  }
  if (counted) {
    cache_restore(r, s->source->index, k->kept);
    r->rows_read = r->stages[s->source->index].rows_in;
  }
  g_array_free(up, TRUE);
  bundle_take(&r->bundles[k->stage], table_ref(k->kept->table[CLIO_ROWS_CONVERSATION]));
}

/* Of the members only those run that a missing sink needs. */
static void keep_needed(segment *s) {
  GArray *needed = g_array_new(FALSE, FALSE, sizeof(int));
  for (guint i = 0; i < s->sinks->len; i++) {
    const sink *k = &g_array_index(s->sinks, sink, i);
    if (!k->kept) mark_upstream(s, k->stage, needed);
  }
  for (guint i = 0; i < s->members->len;) {
    if (is_listed(needed, g_array_index(s->members, int, i)))
      i++;
    else
      g_array_remove_index(s->members, i);
  }
  g_array_free(needed, TRUE);
}

/* What runs counts from nothing, and its line says why. */
static void begin_again(segment *s, const char *why) {
  run *r = s->r;
  if (!why) why = "its columns are needed again";
  for (guint i = 0; i < s->members->len; i++) {
    run_stage *st = &r->stages[g_array_index(s->members, int, i)];
    st->rows_in = st->rows_out = st->failed = st->bad = st->dropped = 0;
    cache_explain(r, st->fs->index, NULL, why);
  }
  if (!s->sampling && r->picked) return;
  run_stage *st = &r->stages[s->source->index];
  st->rows_in = st->rows_out = st->failed = st->bad = st->dropped = 0;
  r->rows_read = 0;
  cache_explain(r, st->fs->index, NULL, why);
}

static clio_status open_sink(segment *s, sink *k, error *e) {
  const flow_stage *fs = flow_at(s->r->f, k->stage);
  clio_status r = entry_new(s->r->store, k->key, &k->entry, e);
  if (r != CLIO_OK) return r;
  return spool_new(k->entry, fs->out.kind[CLIO_ROWS_CONVERSATION], k->names, k->count, &k->spool,
                   e);
}

clio_status segment_plan(segment *s, bool *ret_done, error *e) {
  s->members = g_array_new(FALSE, FALSE, sizeof(int));
  s->sinks = g_array_new(FALSE, TRUE, sizeof(sink));
  if (!s->sampling) find_members(s);
  find_sinks(s);
  const char *why;
  clio_status r = look_up_all(s, &why, ret_done, e);
  for (guint i = 0; i < s->sinks->len && r == CLIO_OK; i++) {
    sink *k = &g_array_index(s->sinks, sink, i);
    if (k->kept) restore_sink(s, k);
  }
  if (r == CLIO_OK && *ret_done && s->r->picked && !s->sampling)
    s->r->rows_sampled_out = s->r->stages[s->source->index].rows_out - roll_count(s->r->roll);
  if (r != CLIO_OK || *ret_done) return r;
  keep_needed(s);
  begin_again(s, why);
  for (guint i = 0; i < s->sinks->len && r == CLIO_OK; i++) {
    sink *k = &g_array_index(s->sinks, sink, i);
    if (!k->kept) r = open_sink(s, k, e);
  }
  return r;
}

/* ---- the end ---- */

static void describe_sink(segment *s, const sink *k) {
  GArray *up = g_array_new(FALSE, FALSE, sizeof(int));
  mark_upstream(s, k->stage, up);
  for (guint i = 0; i < up->len; i++) {
    int stage = g_array_index(up, int, i);
    if (!is_head(flow_at(s->r->f, stage))) cache_describe(s->r, stage, NULL, k->entry);
  }
  if (s->sampling || !s->r->picked) cache_describe(s->r, s->source->index, NULL, k->entry);
  g_array_free(up, TRUE);
}

static clio_status seal_sink(segment *s, sink *k, error *e) {
  clio_table *t = NULL;
  clio_status r = spool_seal(k->spool, &t, e);
  k->spool = NULL;
  if (t) bundle_take(&s->r->bundles[k->stage], t);
  describe_sink(s, k);
  return r;
}

clio_status segment_seal(segment *s, error *e) {
  entry **made = g_new0(entry *, s->sinks->len + 1);
  size_t count = 0;
  clio_status r = cache_check_input(s->r, e);
  if (r == CLIO_OK) r = cache_keep_input_sha256(s->r, e);
  for (guint i = 0; i < s->sinks->len && r == CLIO_OK; i++) {
    sink *k = &g_array_index(s->sinks, sink, i);
    if (!k->spool) continue;
    r = seal_sink(s, k, e);
    made[count++] = k->entry;
  }
  if (r == CLIO_OK)
    r = entries_commit(s->r->store, made, count, s->sampling ? NULL : s->r->roll, roll_key(s), e);
  g_free(made);
  return r;
}

void segment_unplan(segment *s) {
  for (guint i = 0; s->sinks && i < s->sinks->len; i++) {
    sink *k = &g_array_index(s->sinks, sink, i);
    spool_free(k->spool);
    entry_free(k->entry);
    stored_free(k->kept);
    g_free(k->names);
  }
  if (s->sinks) g_array_free(s->sinks, TRUE);
  if (s->members) g_array_free(s->members, TRUE);
}
