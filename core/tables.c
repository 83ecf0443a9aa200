/* tables.c - the tables that reports read, made of what the gate released and
 * of nothing else. */
#include <string.h>

#include "release.h"

/* A column of a table being made; UTF8 text is gathered until it is closed. */
typedef struct maker {
  clio_table *t;
  memory *m;
  bool failed;
} maker;

static void take(maker *mk, column *c) {
  if (c)
    table_take_column(mk->t, c);
  else
    mk->failed = true;
}

static void put_texts(maker *mk, const char *name, const char *const *text) {
  take(mk, column_of_texts(name, text, mk->t->rows, mk->m));
}

/* INT64_MIN stands for null: it never is a value here. */
static void put_ints(maker *mk, const char *name, const int64_t *value) {
  column *c = column_new(name, CLIO_T_I64, 0, mk->t->rows, 0, 0, true, mk->m);
  for (uint64_t i = 0; c && i < mk->t->rows; i++) {
    if (value[i] == INT64_MIN) continue;
    ((int64_t *)c->data)[i] = value[i];
    column_set_valid(c, i);
  }
  take(mk, c);
}

static void put_doubles(maker *mk, const char *name, const double *value, const bool *there) {
  column *c = column_new(name, CLIO_T_F64, 0, mk->t->rows, 0, 0, true, mk->m);
  for (uint64_t i = 0; c && i < mk->t->rows; i++) {
    if (there && !there[i]) continue;
    ((double *)c->data)[i] = value[i];
    column_set_valid(c, i);
  }
  take(mk, c);
}

static void put_bools(maker *mk, const char *name, const bool *value) {
  column *c = column_new(name, CLIO_T_BOOL, 0, mk->t->rows, 0, 0, false, mk->m);
  for (uint64_t i = 0; c && i < mk->t->rows; i++) ((uint8_t *)c->data)[i] = value[i];
  take(mk, c);
}

static void put_text(maker *mk, const char *name, const char *text) { put_texts(mk, name, &text); }
static void put_int(maker *mk, const char *name, int64_t value) { put_ints(mk, name, &value); }

static clio_table *finish(maker *mk, error *e) {
  if (!mk->failed) return mk->t;
  table_unref(mk->t);
  error_set(e, CLIO_E_NOMEM, "no memory for the released tables");
  return NULL;
}

static void thresholds(GString *out, const char *name, const gate_threshold *t) {
  g_string_append_printf(out,
                         "\"%s\":{\"accounts\":%lld,\"conversations\":%lld,"
                         "\"organizations\":%lld},",
                         name, (long long)t->accounts, (long long)t->conversations,
                         (long long)t->organizations);
}

/* The rules that this release was made under, as JSON text. */
static char *privacy_json(const gate_policy *p) {
  GString *out = g_string_new("{");
  thresholds(out, "cluster", &p->cluster);
  thresholds(out, "cell", &p->cell);
  g_string_append_printf(out,
                         "\"word\":{\"accounts\":%lld,\"exempt\":\"%s\"},"
                         "\"account_cap\":%lld,\"audit_floor\":%lld,\"round\":%lld}",
                         (long long)p->word_accounts, p->word_exempt_common ? "common" : "frame",
                         (long long)p->account_cap, (long long)p->audit_floor,
                         (long long)p->round_to);
  return g_string_free(out, FALSE);
}

/* GATE.md, "Words of names": what a report says where everyday words are exempt. */
static const char names_caveat[] = "names are not proof against poisoning by common words";

static clio_table *make_run(run *r, const gate_input *in, const gate_release *rel, error *e) {
  maker mk = {.t = table_new(CLIO_ROWS_RUN, 1), .m = &r->memory};
  char *privacy = privacy_json(&in->policy);
  const graph_privacy *p = &r->g->privacy;
  put_text(&mk, "mode", graph_mode_name(p->mode));
  put_text(&mk, "name", r->g->name);
  put_text(&mk, "graph_hash", r->graph_hash);
  put_text(&mk, "assume", p->one_account_per_conversation ? "one_account_per_conversation" : NULL);
  put_text(&mk, "privacy", privacy);
  put_text(&mk, "public_why", p->mode == GRAPH_PUBLIC ? p->public_why : NULL);
  put_text(&mk, "caveat", p->word_exempt_common ? names_caveat : NULL);
  put_int(&mk, "seed", r->g->seed);
  put_int(&mk, "conversations", rel->conversations);
  put_int(&mk, "accounts", rel->accounts);
  put_int(&mk, "suppressed", rel->suppressed);
  g_free(privacy);
  return finish(&mk, e);
}

/* The arrays of one clusters table. */
typedef struct cluster_arrays {
  const char **id, **facet, **parent, **name, **description, **auditor;
  int64_t *level, *conversations, *accounts, *organizations, *rating, *node;
  double *x, *y;
  bool *rest, *placed;
} cluster_arrays;

static void fill_cluster(cluster_arrays *a, size_t i, const gate_input *in, const gate_release *rel,
                         const GArray *numbers[]) {
  const gate_printed *n = &rel->node[i];
  a->id[i] = n->id;
  a->facet[i] = in->tree[n->tree].facet;
  a->parent[i] = n->parent >= 0 ? rel->node[n->parent].id : NULL;
  a->name[i] = n->is_rest ? NULL : n->name;
  a->description[i] = n->is_rest || n->is_root ? NULL : n->description;
  a->auditor[i] = n->is_rest || n->is_root ? NULL : n->auditor;
  a->level[i] = n->level;
  a->conversations[i] = n->conversations;
  a->accounts[i] = n->accounts;
  a->organizations[i] = n->organizations;
  a->rating[i] = n->rating > 0 && !n->is_rest && !n->is_root ? n->rating : INT64_MIN;
  a->x[i] = n->x;
  a->y[i] = n->y;
  a->placed[i] = n->has_position;
  a->rest[i] = n->is_rest;
  bool open = in->policy.publish_all && n->node >= 0 && numbers;
  a->node[i] = open ? g_array_index(numbers[n->tree], int64_t, n->node) : INT64_MIN;
}

static clio_table *make_clusters(run *r, const gate_input *in, const gate_release *rel,
                                 const GArray *numbers[], error *e) {
  size_t n = rel->nodes;
  GPtrArray *owned = g_ptr_array_new_with_free_func(g_free);
  cluster_arrays a;
  const char ***texts[] = {&a.id, &a.facet, &a.parent, &a.name, &a.description, &a.auditor};
  int64_t **ints[] = {&a.level,         &a.conversations, &a.accounts,
                      &a.organizations, &a.rating,        &a.node};
  for (size_t i = 0; i < G_N_ELEMENTS(texts); i++) {
    *texts[i] = g_new0(const char *, n + 1);
    g_ptr_array_add(owned, (void *)*texts[i]);
  }
  for (size_t i = 0; i < G_N_ELEMENTS(ints); i++) {
    *ints[i] = g_new0(int64_t, n + 1);
    g_ptr_array_add(owned, *ints[i]);
  }
  double *xy = g_new0(double, 2 * n + 1);
  bool *flags = g_new0(bool, 2 * n + 1);
  g_ptr_array_add(owned, xy);
  g_ptr_array_add(owned, flags);
  a.x = xy, a.y = xy + n, a.rest = flags, a.placed = flags + n;
  for (size_t i = 0; i < n; i++) fill_cluster(&a, i, in, rel, numbers);
  maker mk = {.t = table_new(CLIO_ROWS_CLUSTER, n), .m = &r->memory};
  put_texts(&mk, "id", a.id);
  put_texts(&mk, "facet", a.facet);
  put_ints(&mk, "level", a.level);
  put_texts(&mk, "parent", a.parent);
  put_texts(&mk, "name", a.name);
  put_texts(&mk, "description", a.description);
  put_ints(&mk, "conversations", a.conversations);
  put_ints(&mk, "accounts", a.accounts);
  put_ints(&mk, "organizations", a.organizations);
  put_bools(&mk, "rest", a.rest);
  put_doubles(&mk, "x", a.x, a.placed);
  put_doubles(&mk, "y", a.y, a.placed);
  put_ints(&mk, "rating", a.rating);
  put_texts(&mk, "auditor", a.auditor);
  put_ints(&mk, "node", a.node);
  g_ptr_array_free(owned, TRUE);
  return finish(&mk, e);
}

static size_t count_cells(const gate_release *rel) {
  size_t n = 0;
  for (size_t i = 0; i < rel->nodes; i++) n += rel->node[i].cells;
  return n;
}

static clio_table *make_cells(run *r, const gate_input *in, const gate_release *rel, error *e) {
  size_t n = count_cells(rel), at = 0;
  const char **text = g_new0(const char *, 4 * n + 4);
  const char **id = text, **facet = text + n, **name = text + 2 * n, **value = text + 3 * n;
  int64_t *count = g_new0(int64_t, n + 1);
  double *ratio = g_new0(double, n + 1);
  for (size_t i = 0; i < rel->nodes; i++) {
    const gate_printed *node = &rel->node[i];
    for (size_t k = 0; k < node->cells; k++, at++) {
      const gate_cell *cell = &node->cell[k];
      id[at] = node->id;
      facet[at] = in->tree[node->tree].facet;
      name[at] = in->facet[cell->facet].name;
      value[at] = in->facet[cell->facet].value[cell->value];
      count[at] = cell->count;
      ratio[at] = node->conversations ? (double)cell->count / (double)node->conversations : 0;
    }
  }
  maker mk = {.t = table_new(CLIO_ROWS_CELL, n), .m = &r->memory};
  put_texts(&mk, "id", id);
  put_texts(&mk, "facet", facet);
  put_texts(&mk, "column", name);
  put_texts(&mk, "value", value);
  put_ints(&mk, "count", count);
  put_doubles(&mk, "ratio", ratio, NULL);
  g_free(text);
  g_free(count);
  g_free(ratio);
  return finish(&mk, e);
}

clio_status tables_make(run *r, const gate_input *in, const gate_release *rel,
                        const GArray *numbers[], bundle *ret, error *e) {
  clio_table *about = make_run(r, in, rel, e);
  clio_table *clusters = about ? make_clusters(r, in, rel, numbers, e) : NULL;
  clio_table *cells = clusters ? make_cells(r, in, rel, e) : NULL;
  if (about) bundle_take(ret, about);
  if (clusters) bundle_take(ret, clusters);
  if (cells) bundle_take(ret, cells);
  return cells ? CLIO_OK : e->status;
}
