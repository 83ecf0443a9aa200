/* batch.c - one batch through one stage; see batch.h. */
#include "batch.h"

#include <string.h>

void batch_free(void *p) {
  batch *b = p;
  if (!b) return;
  for (guint i = 0; i < b->stages; i++) table_unref(b->out[i]);
  g_free(b->out);
  g_free(b->count);
  g_free(b);
}

int batch_compare_names(const void *a, const void *b) {
  return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static uint64_t row_bytes(const clio_table *t, uint64_t row) {
  const column *c = table_column(t, "content");
  if (!c || c->type != CLIO_T_LIST) return 0;
  return (uint64_t)(c->items[c->offsets[row + 1]] - c->items[c->offsets[row]]);
}

batch *batch_new(run *r, clio_table *t, const int *stages, size_t count) {
  batch *b = g_new0(batch, 1);
  b->stages = r->f->stages->len;
  b->out = g_new0(clio_table *, b->stages + 1);
  b->count = g_new0(batch_count, b->stages + 1);
  for (size_t i = 0; i < count; i++) {
    table_unref(b->out[stages[i]]);
    b->out[stages[i]] = table_ref(t);
  }
  table_unref(t);
  return b;
}

clio_status batch_split(run *r, const clio_table *t, uint64_t bytes, GPtrArray *ret, error *e) {
  int heads[2] = {r->f->source, r->f->sampler};
  size_t count = r->f->sampler >= 0 ? 2 : 1;
  for (uint64_t first = 0; first < t->rows;) {
    uint64_t n = 0, size = 0;
    while (first + n < t->rows && n < r->options.batch_rows) {
      size += row_bytes(t, first + n);
      if (n && size > bytes) break;
      n++;
    }
    clio_table *part = n == t->rows ? table_ref(t) : table_slice(t, first, n, &r->memory);
    if (!part) return error_set(e, CLIO_E_NOMEM, "no memory for a batch");
    g_ptr_array_add(ret, batch_new(r, part, heads, count));
    first += n;
  }
  return CLIO_OK;
}

const char **batch_used_columns(const flow_stage *fs, uint32_t port, size_t *ret_count) {
  const char **names = g_new0(const char *, fs->uses->len + 1);
  size_t n = 0;
  for (guint i = 0; i < fs->uses->len; i++) {
    const flow_use *u = &g_array_index(fs->uses, flow_use, i);
    if (u->port == port) names[n++] = u->column;
  }
  *ret_count = n;
  return names;
}

static clio_table *batch_input(run *r, const batch *b, const flow_stage *fs, error *e) {
  clio_table *in = NULL;
  for (guint i = 0; i < fs->from->len; i++) {
    clio_table *up = b->out[g_array_index(fs->from, int, i)];
    clio_table *both = in ? table_join(in, up, &r->memory) : table_ref(up);
    table_unref(in);
    in = both;
    if (!in) break;
  }
  if (!in) error_set(e, CLIO_E_NOMEM, "no memory for a batch");
  return in;
}

clio_status batch_check_rows(const flow_stage *fs, const clio_table *in, const clio_table *out,
                             error *e) {
  uint64_t i = 0;
  for (uint64_t k = 0; k < out->rows; k++) {
    uint64_t key = out->keys->key[k];
    while (i < in->rows && in->keys->key[i] < key) i++;
    if (i == in->rows || in->keys->key[i] != key)
      return error_set(e, CLIO_E_INTERNAL, "stage '%s': %s emitted a conversation it was not given",
                       fs->gs->id, fs->use);
    i++;
  }
  return CLIO_OK;
}

/* Does the stage add a column that must have a value? */
static bool adds_required(const flow_stage *fs) {
  for (guint i = 0; i < fs->adds->len; i++) {
    const flow_add *a = &g_array_index(fs->adds, flow_add, i);
    if (!(a->column->c.flags & (CLIO_COL_NULLABLE | CLIO_COL_OPTIONAL))) return true;
  }
  return false;
}

static int compare_u64(const void *a, const void *b) {
  uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
  return (x > y) - (x < y);
}

/* Failed rows of `in` leave `out`; counted bad. */
static clio_status drop_failed(run *r, clio_call *call, clio_table **out, error *e) {
  GArray *failed = call->failed_rows;
  uint64_t *pick = g_new(uint64_t, (*out)->rows + 1);
  uint64_t n = 0;
  guint at = 0;
  for (uint64_t row = 0; row < (*out)->rows; row++) {
    uint64_t key = (*out)->keys->key[row];
    while (at < failed->len && call->in->keys->key[g_array_index(failed, uint64_t, at)] < key) at++;
    bool bad = at < failed->len && call->in->keys->key[g_array_index(failed, uint64_t, at)] == key;
    if (!bad) pick[n++] = row;
  }
  clio_table *kept = table_gather(*out, pick, n, &r->memory);
  g_free(pick);
  if (!kept) return error_set(e, CLIO_E_NOMEM, "no memory to drop failed rows");
  table_unref(*out);
  *out = kept;
  return CLIO_OK;
}

static uint64_t unique_failed(GArray *failed) {
  g_array_sort(failed, compare_u64);
  guint n = 0;
  for (guint i = 0; i < failed->len; i++) {
    uint64_t row = g_array_index(failed, uint64_t, i);
    if (n && g_array_index(failed, uint64_t, n - 1) == row) continue;
    g_array_index(failed, uint64_t, n++) = row;
  }
  g_array_set_size(failed, n);
  return n;
}

void batch_count_in(run *r, const batch *b) {
  for (guint i = 0; i < b->stages; i++) {
    run_stage *st = &r->stages[i];
    const batch_count *n = &b->count[i];
    st->rows_in += n->rows_in;
    st->rows_out += n->rows_out;
    st->failed += n->failed;
    st->bad += n->bad;
    st->dropped += n->dropped;
  }
}

/* Counts, failed rows, and the one table that must have been emitted. */
static clio_status settle(run *r, clio_call *call, batch_count *ret_count, clio_table **ret,
                          error *e) {
  const flow_stage *fs = call->stage->fs;
  if (call->emitted->len != 1)
    return error_set(e, CLIO_E_INTERNAL,
                     "stage '%s': %s emitted %u tables for one batch; a "
                     "row-wise stage emits exactly one",
                     fs->gs->id, fs->use, call->emitted->len);
  clio_table *out = call_take(call, CLIO_ROWS_CONVERSATION);
  if (!out)
    return error_set(e, CLIO_E_INTERNAL, "stage '%s': %s emitted no conversations", fs->gs->id,
                     fs->use);
  clio_status s = batch_check_rows(fs, call->in, out, e);
  uint64_t failed = unique_failed(call->failed_rows), bad = 0;
  uint64_t dropped = call->in->rows - out->rows;
  if (s == CLIO_OK && failed && adds_required(fs)) {
    uint64_t before = out->rows;
    s = drop_failed(r, call, &out, e);
    bad = s == CLIO_OK ? before - out->rows : 0;
    failed -= bad;
  }
  *ret_count = (batch_count){.rows_in = call->in->rows,
                             .rows_out = out->rows,
                             .failed = failed,
                             .bad = bad,
                             .dropped = dropped};
  if (s == CLIO_OK)
    *ret = out;
  else
    table_unref(out);
  return s;
}

clio_status batch_through(run *r, batch *b, int stage, error *e) {
  run_stage *st = &r->stages[stage];
  const flow_stage *fs = st->fs;
  clio_table *full = batch_input(r, b, fs, e);
  if (!full) return CLIO_E_NOMEM;
  size_t n;
  const char **names = batch_used_columns(fs, 0, &n);
  clio_table *in = table_project(full, names, n);
  g_free(names);
  clio_call call;
  call_begin(&call, r, st);
  call.in = in;
  gint64 start = g_get_monotonic_time();
  clio_status s = fs->ps->s.process(st->self, &call, 0, in);
  if (s == CLIO_OK && call.err.status != CLIO_OK) s = call.err.status;
  if (s != CLIO_OK)
    call_error(&call, s, e);
  else
    s = settle(r, &call, &b->count[stage], &b->out[stage], e);
  __atomic_add_fetch(&st->microseconds, g_get_monotonic_time() - start, __ATOMIC_RELAXED);
  call_end(&call);
  table_unref(in);
  table_unref(full);
  return s;
}

/* ---- messages cut to `upto` ---- */

clio_status batch_check_upto(const flow_stage *fs, const clio_table *out, error *e) {
  const column *upto = table_column(out, "upto");
  if (!upto || upto->type != CLIO_T_I64) return CLIO_OK;
  for (uint64_t row = 0; row < out->rows; row++)
    if (!column_is_null(upto, row) && ((const int64_t *)upto->data)[row] < 0)
      return error_set(e, CLIO_E_INTERNAL,
                       "stage '%s': %s keeps less than no answer of a conversation ('upto' is "
                       "negative)",
                       fs->gs->id, fs->use);
  return CLIO_OK;
}

static bool is_answer(const column *role, int64_t item) {
  static const char answer[] = "assistant";
  int64_t start = role->items[item], length = role->items[item + 1] - start;
  return length == sizeof answer - 1 &&
         memcmp((const char *)role->data + start, answer, (size_t)length) == 0;
}

/* How many messages of each row are kept: those up to the upto-th answer of the
 * model, all where there are fewer or `upto` is null. A sampler sees only how many answers there
 * are, not where they stand. */
static int64_t *count_kept(const column *role, const column *upto) {
  int64_t *kept = g_new0(int64_t, role->rows + 1);
  for (uint64_t row = 0; row < role->rows; row++) {
    int64_t from = role->offsets[row], n = role->offsets[row + 1] - from;
    int64_t left = column_is_null(upto, row) ? INT64_MAX : ((const int64_t *)upto->data)[row];
    while (kept[row] < n && left > 0) left -= is_answer(role, from + kept[row]++);
  }
  return kept;
}

/* `kept` of a list's items; a list that is shorter is kept whole. */
static column *cut_list(const column *c, const int64_t *kept, memory *m) {
  uint64_t bytes = 0, items = 0;
  for (uint64_t row = 0; row < c->rows; row++) {
    int64_t from = c->offsets[row], n = MIN(kept[row], c->offsets[row + 1] - from);
    items += (uint64_t)n;
    bytes += (uint64_t)(c->items[from + n] - c->items[from]);
  }
  column *to = column_new(c->name, c->type, 0, c->rows, bytes, items, c->valid != NULL, m);
  if (!to) return NULL;
  if (c->valid) memcpy(to->valid, c->valid, (c->rows + 7) / 8);
  int64_t at = 0, end = 0;
  for (uint64_t row = 0; row < c->rows; row++) {
    int64_t from = c->offsets[row], n = MIN(kept[row], c->offsets[row + 1] - from);
    for (int64_t i = from; i < from + n; i++) {
      int64_t len = c->items[i + 1] - c->items[i];
      memcpy((char *)to->data + end, (const char *)c->data + c->items[i], (size_t)len);
      end += len;
      to->items[++at] = end;
    }
    to->offsets[row + 1] = at;
  }
  return to;
}

clio_table *batch_cut_messages(const clio_table *t, memory *m) {
  static const char *const lists[] = {"role", "content", "sent"};
  const column *upto = table_column(t, "upto");
  const column *role = table_column(t, "role");
  if (!upto || upto->type != CLIO_T_I64 || !role || role->type != CLIO_T_LIST) return table_ref(t);
  g_autofree int64_t *kept = count_kept(role, upto);
  clio_table *to = table_new(t->kind, t->rows);
  to->keys = keys_ref(t->keys);
  for (guint i = 0; i < t->columns->len; i++)
    table_take_column(to, column_ref(t->columns->pdata[i]));
  for (size_t i = 0; i < G_N_ELEMENTS(lists); i++) {
    column *c = table_column(to, lists[i]);
    column *cut = c && c->type == CLIO_T_LIST ? cut_list(c, kept, m) : NULL;
    if (cut) table_take_column(to, cut);
    if (c && c->type == CLIO_T_LIST && !cut) {
      table_unref(to);
      return NULL;
    }
  }
  return to;
}
