/* cache_whole.c - whole-table stages known by the content they read, and a whole
 * release known by all that led to it; see cache.h. */
#include <stdlib.h>
#include <string.h>

#include "batch.h"
#include "cache_parts.h"
#include "column_file.h"
#include "manifest.h"
#include "output.h"

/* ---- the content of tables ---- */

void cache_put_rows(cache_key *k, const clio_table *t) {
  column c = {.type = CLIO_T_I64, .rows = t->keys->rows, .data = t->keys->key};
  cache_key_put(k, "rows", column_content(&c));
}

void cache_put_column(cache_key *k, const char *word, column *c) {
  g_autofree char *name = g_strdup_printf("%s %s", word, c->name);
  cache_key_put(k, name, column_content(c));
}

/* A column as planned, beside its content: what it was made of, which values it may
 * have, and its help, which a stage can read too (criteria of names). */
static void put_plan(cache_key *k, const schema_column *c) {
  g_autofree char *name = g_strdup_printf("planned %s", c->name);
  g_autofree char *choices = c->choices ? g_strjoinv("\n", c->choices) : g_strdup("");
  g_autofree char *text = g_strdup_printf("%u %u %u %u %s %s\n%s", c->c.type, c->c.dim, c->c.flags,
                                          c->c.privacy, c->of ? c->of : "", choices, c->help);
  cache_key_put(k, name, text);
}

static void put_conversations(const run *r, int stage, uint32_t port, const clio_table *t,
                              cache_key *k) {
  const flow_stage *fs = flow_at(r->f, stage);
  size_t n;
  const char **names = batch_used_columns(fs, port, &n);
  qsort(names, n, sizeof *names, batch_compare_names);
  cache_put_rows(k, t);
  for (size_t i = 0; i < n; i++) {
    column *c = table_column(t, names[i]);
    const schema_column *plan = schema_find(fs->in.kind[t->kind], names[i]);
    if (c && plan) put_plan(k, plan);
    if (c) cache_put_column(k, "column", c);
  }
  g_free(names);
}

/* Tables of other kinds are small: all they hold counts, since it may be passed on. */
static void put_table(const clio_table *t, cache_key *k) {
  g_autofree char *rows = g_strdup_printf("rows of %s", row_kind_name(t->kind));
  cache_key_put_int(k, rows, (int64_t)t->rows);
  for (guint i = 0; i < t->columns->len; i++) {
    g_autofree char *word = g_strdup_printf("column %s", row_kind_name(t->kind));
    cache_put_column(k, word, t->columns->pdata[i]);
  }
}

cache_key *cache_whole_parts(run *r, int stage, const bundle *in) {
  const flow_stage *fs = flow_at(r->f, stage);
  cache_key *k = cache_key_new();
  cache_put_static(r, stage, k);
  for (uint32_t p = 0; p < fs->ps->s.inputs.count; p++) {
    const clio_table *t = in->table[fs->ps->inputs[p].rows];
    if (!t) continue;
    cache_key_put_int(k, "port", (int64_t)p);
    if (t->kind == CLIO_ROWS_CONVERSATION)
      put_conversations(r, stage, p, t, k);
    else
      put_table(t, k);
  }
  for (guint i = 0; i < fs->adds->len; i++)
    put_plan(k, g_array_index(fs->adds, flow_add, i).column);
  return k;
}

const char **cache_added(const flow_stage *fs, size_t *ret_count) {
  const char **names = g_new0(const char *, fs->adds->len + 1);
  size_t n = 0;
  for (guint i = 0; i < fs->adds->len; i++) {
    const flow_add *a = &g_array_index(fs->adds, flow_add, i);
    bool known = false; /* declared, and told again by plan() */
    for (size_t k = 0; k < n && !known; k++) known = !strcmp(names[k], a->column->name);
    bool mine = fs->ps->outputs[a->port].rows == CLIO_ROWS_CONVERSATION;
    if (mine && !known) names[n++] = a->column->name;
  }
  *ret_count = n;
  return names;
}

/* ---- whole-table stages ---- */

/* The kept columns beside what flows past the stage now. NULL: no memory. */
static clio_table *beside_input(run *r, const clio_table *in, const clio_table *kept) {
  clio_table *t = in ? table_join(in, kept, &r->memory) : NULL;
  for (guint i = 0; t && t->rows == kept->rows && i < kept->columns->len; i++)
    table_take_column(t, column_ref(kept->columns->pdata[i]));
  return t;
}

clio_status cache_take_whole(run *r, int stage, const cache_key *parts, const bundle *in,
                             GPtrArray *emitted, bool *ret_taken, error *e) {
  run_stage *st = &r->stages[stage];
  g_autofree char *key = cache_key_digest(parts);
  const char *why;
  stored *kept;
  *ret_taken = false;
  clio_status s = cache_find(r, key, &kept, &why, e);
  if (s == CLIO_OK && !kept) cache_explain(r, stage, parts, why ? why : "no longer kept");
  if (s != CLIO_OK || !kept) return s;
  cache_restore(r, stage, kept);
  for (int k = 0; k < ROW_KINDS && s == CLIO_OK; k++) {
    clio_table *t = kept->table[k];
    if (!t) continue;
    t = k == CLIO_ROWS_CONVERSATION ? beside_input(r, in->table[k], t) : table_ref(t);
    if (t)
      g_ptr_array_add(emitted, t);
    else
      s = error_set(e, CLIO_E_NOMEM, "stage '%s': no memory for its kept rows", st->fs->gs->id);
  }
  *ret_taken = s == CLIO_OK;
  stored_free(kept);
  return s;
}

static bool adds_raw(const flow_stage *fs) {
  for (guint i = 0; i < fs->adds->len; i++)
    if (g_array_index(fs->adds, flow_add, i).column->c.privacy == CLIO_P_RAW) return true;
  return false;
}

static clio_status keep_table(const flow_stage *fs, const clio_table *t, entry *en, error *e) {
  size_t n;
  const char **names = t->kind == CLIO_ROWS_CONVERSATION ? cache_added(fs, &n) : NULL;
  if (!names) {
    names = g_new0(const char *, t->columns->len + 1);
    for (n = 0; n < t->columns->len; n++) names[n] = ((const column *)t->columns->pdata[n])->name;
  }
  clio_status s = entry_put_table(en, t, names, n, e);
  g_free(names);
  return s;
}

clio_status cache_keep_whole(run *r, int stage, const cache_key *parts, const GPtrArray *emitted,
                             error *e) {
  const flow_stage *fs = flow_at(r->f, stage);
  if (adds_raw(fs)) return CLIO_OK; /* RAW lies on no disk; the stage runs again */
  g_autofree char *key = cache_key_digest(parts);
  entry *en = NULL;
  clio_status s = entry_new(r->store, key, &en, e);
  for (guint i = 0; i < emitted->len && s == CLIO_OK; i++)
    s = keep_table(fs, emitted->pdata[i], en, e);
  if (s == CLIO_OK) cache_describe(r, stage, parts, en);
  if (s == CLIO_OK) s = entries_commit(r->store, &en, 1, NULL, NULL, e);
  entry_free(en);
  return s;
}

/* ---- the release ---- */

/* All that leads to the release, and what the release folder is when it is whole. */
static char *release_key(run *r) {
  cache_key *k = cache_key_new();
  g_autofree char *text = manifest_graph(r->g, r->f);
  cache_key_put(k, "graph", text);
  for (guint i = 0; i < r->f->stages->len; i++) {
    g_autofree char *parameters =
        config_json(flow_at(r->f, (int)i)->cfg, flow_at(r->f, (int)i)->ps, true);
    cache_put_static(r, (int)i, k);
    cache_key_put(k, "parameters", parameters);
  }
  cache_key_put(k, "input", r->cache->input ? input_key_text(r->cache->input) : NULL);
  cache_key_put(k, "words", r->cache->words);
  cache_key_put(k, "key", r->cache->project);
  char *key = cache_key_digest(k);
  cache_key_free(k);
  return key;
}

bool cache_is_done(run *r) {
  if (!r->cache->repeatable) return false;
  g_autofree char *manifest = g_build_filename(r->options.out, "manifest.json", NULL);
  g_autofree char *key = release_key(r), *was = store_note(r->store, "release key");
  if (!was || strcmp(was, key) != 0 || !g_file_test(manifest, G_FILE_TEST_IS_REGULAR)) return false;
  g_autofree char *content = output_content(r->output);
  g_autofree char *expected = store_note(r->store, "release content");
  return content && expected && !strcmp(content, expected);
}

/* Did a question to a model stay without answer? Then the next run asks it again. */
static bool is_unanswered(const run *r) {
  for (guint i = 0; i < r->f->stages->len; i++)
    if (g_atomic_int_get(&r->stages[i].asked) & CACHE_ASKED_UNANSWERED) return true;
  return false;
}

clio_status cache_finish(run *r, error *e) {
  g_autofree char *key = is_unanswered(r) ? g_strdup("") : release_key(r);
  g_autofree char *content = output_content(r->output);
  if (!content) return error_set(e, CLIO_E_IO, "cannot read %s again", output_dir(r->output));
  clio_status s = store_put_note(r->store, "release content", content, e);
  if (s == CLIO_OK) s = store_put_note(r->store, "release key", key, e);
  return s == CLIO_OK ? store_prune(r->store, e) : s;
}
