/* release.c - feeds the gate and what stands behind it; see release.h. */
#include "release.h"

#include <math.h>
#include <string.h>

#include "gate.h"
#include "output.h"
#include "project.h"
#include "roll.h"
#include "util.h"

/* ---- texts and ratings ---- */

typedef struct text_list {
  GPtrArray *text, *facet;
  GArray *place, *node; /* int: 0 name, 1 description, 2 value; int64_t, -1 none */
  GHashTable *seen;
} text_list;

/* Takes `text`; drops it when it was seen. */
static void add_text(text_list *l, char *text, int place, char *facet, int64_t node) {
  if (!text || !*text || g_hash_table_contains(l->seen, text)) {
    g_free(text);
    g_free(facet);
    return;
  }
  g_ptr_array_add(l->text, text);
  g_hash_table_add(l->seen, text);
  g_ptr_array_add(l->facet, facet);
  g_array_append_val(l->place, place);
  g_array_append_val(l->node, node);
}

static void add_cluster_texts(text_list *l, const clio_table *t) {
  const column *facet = table_column(t, "facet"), *node = table_column(t, "node");
  static const char *const names[] = {"name", "description"};
  for (uint64_t row = 0; row < t->rows; row++)
    for (int place = 0; place < 2; place++)
      add_text(l, column_copy(table_column(t, names[place]), row), place, column_copy(facet, row),
               node ? ((const int64_t *)node->data)[row] : -1);
}

/* Values of closed columns need no rating: they cannot carry anyone's words. */
static void add_value_texts(const run *r, text_list *l, const clio_table *cells) {
  const column *names = table_column(cells, "column"), *values = table_column(cells, "value");
  for (uint64_t row = 0; names && values && row < cells->rows; row++) {
    char *name = column_copy(names, row);
    int origin = 0;
    for (guint i = 0; name && i < r->f->stages->len && !origin; i++) {
      const schema_column *c =
          schema_find(flow_at(r->f, (int)i)->out.kind[CLIO_ROWS_CONVERSATION], name);
      bool text = c && (c->c.type == CLIO_T_UTF8 || c->c.type == CLIO_T_LIST);
      if (c) origin = text && !c->choices ? 1 : 2;
    }
    if (origin == 1) add_text(l, column_copy(values, row), 2, NULL, -1);
    g_free(name);
  }
}

static column *text_column(const char *name, const GPtrArray *text, memory *m) {
  return column_of_texts(name, (const char *const *)text->pdata, text->len, m);
}

static clio_table *texts_table(const text_list *l, memory *m, error *e) {
  static char *const places[] = {"name", "description", "value"};
  GPtrArray *place = g_ptr_array_new();
  for (guint i = 0; i < l->text->len; i++)
    g_ptr_array_add(place, places[g_array_index(l->place, int, i)]);
  column *columns[4] = {text_column("text", l->text, m), text_column("place", place, m),
                        text_column("facet", l->facet, m),
                        column_new("node", CLIO_T_I64, 0, l->text->len, 0, 0, true, m)};
  g_ptr_array_free(place, TRUE);
  clio_table *t = table_new(CLIO_ROWS_TEXT, l->text->len);
  bool ok = true;
  for (int i = 0; i < 4; i++) {
    if (columns[i])
      table_take_column(t, columns[i]);
    else
      ok = false;
  }
  for (guint i = 0; ok && i < l->text->len; i++) {
    int64_t node = g_array_index(l->node, int64_t, i);
    ((int64_t *)columns[3]->data)[i] = node;
    if (node >= 0) column_set_valid(columns[3], i);
  }
  if (ok) return t;
  table_unref(t);
  error_set(e, CLIO_E_NOMEM, "no memory for the texts");
  return NULL;
}

clio_table *release_make_texts(run *r, const bundle *b, error *e) {
  text_list l = {.text = g_ptr_array_new_with_free_func(g_free),
                 .facet = g_ptr_array_new_with_free_func(g_free)};
  l.place = g_array_new(FALSE, FALSE, sizeof(int));
  l.node = g_array_new(FALSE, FALSE, sizeof(int64_t));
  l.seen = g_hash_table_new(g_str_hash, g_str_equal);
  if (b->table[CLIO_ROWS_CLUSTER]) add_cluster_texts(&l, b->table[CLIO_ROWS_CLUSTER]);
  if (b->table[CLIO_ROWS_CELL]) add_value_texts(r, &l, b->table[CLIO_ROWS_CELL]);
  clio_table *t = texts_table(&l, &r->memory, e);
  g_hash_table_unref(l.seen);
  g_ptr_array_free(l.text, TRUE);
  g_ptr_array_free(l.facet, TRUE);
  g_array_free(l.place, TRUE);
  g_array_free(l.node, TRUE);
  return t;
}

static clio_status take_rating(run *r, const flow_stage *fs, char *text, int64_t rating, error *e) {
  if (rating < 1 || rating > 5) {
    g_free(text);
    return error_set(e, CLIO_E_INTERNAL, "stage '%s': %s gave a rating that is not 1 to 5",
                     fs->gs->id, fs->use);
  }
  char *hash = sha256_hex(text, strlen(text));
  g_free(text);
  run_rating *have = g_hash_table_lookup(r->ratings, hash);
  if (have && have->rating <= rating) {
    g_free(hash);
    return CLIO_OK;
  }
  run_rating *mine = g_new0(run_rating, 1);
  mine->rating = (int32_t)rating;
  mine->auditor = fs->use;
  g_hash_table_insert(r->ratings, hash, mine);
  return CLIO_OK;
}

clio_status release_take_ratings(run *r, const flow_stage *fs, const clio_table *texts, error *e) {
  const column *text = table_column(texts, "text"), *rating = table_column(texts, "rating");
  if (!text || !rating || rating->type != CLIO_T_I64)
    return error_set(e, CLIO_E_INTERNAL, "stage '%s': %s emitted texts without rating", fs->gs->id,
                     fs->use);
  clio_status s = CLIO_OK;
  for (uint64_t row = 0; row < texts->rows && s == CLIO_OK; row++) {
    char *copy = column_copy(text, row);
    if (copy && !column_is_null(rating, row))
      s = take_rating(r, fs, copy, ((const int64_t *)rating->data)[row], e);
    else
      g_free(copy);
  }
  return s;
}

int32_t release_rating(const run *r, const char *text, const char **ret_auditor) {
  char *hash = sha256_hex(text, strlen(text));
  const run_rating *have = g_hash_table_lookup(r->ratings, hash);
  g_free(hash);
  if (ret_auditor) *ret_auditor = have ? have->auditor : NULL;
  return have ? have->rating : 0;
}

/* ---- policy and accounts ---- */

static clio_status refuse_no_accounts(error *e) {
  return error_set(e, CLIO_E_PRIVACY,
                   "the input has no account ids, so nobody can tell how many "
                   "people share a cluster; give account_id in the input, or, if every "
                   "conversation does come from another account, say so in the graph: "
                   "privacy: { assume: one_account_per_conversation }");
}

clio_status release_check_door(const run *r, const clio_table *t, error *e) {
  const column *account = t ? table_column(t, "account") : NULL;
  if (r->g->privacy.one_account_per_conversation || !account) return CLIO_OK;
  for (uint64_t row = 0; row < account->rows; row++)
    if (!column_is_null(account, row)) return CLIO_OK;
  return account->rows ? refuse_no_accounts(e) : CLIO_OK;
}

static clio_status check_accounts(run *r, error *e) {
  size_t rows = roll_count(r->roll), missing = roll_without_account(r->roll);
  bool assumed = r->g->privacy.one_account_per_conversation;
  if (assumed && missing)
    run_log(r, CLIO_LOG_WARN,
            "rows without an account id are counted as one account each, as "
            "privacy.assume says; the counts rest on that");
  if (!assumed && missing == rows && rows) return refuse_no_accounts(e);
  if (!assumed && missing * 100 > rows)
    return error_set(e, CLIO_E_PRIVACY,
                     "more than 1 %% of the conversations have no account id; "
                     "give account_id in the input, or state in the graph: "
                     "privacy: { assume: one_account_per_conversation }");
  size_t have = rows - missing;
  if (have >= 1000 && roll_accounts(r->roll) * 100 > have * 98)
    run_log(r, CLIO_LOG_WARN,
            "nearly every conversation has an account of its own; is account_id "
            "a conversation id?");
  return CLIO_OK;
}

void release_fill_policies(run *r) {
  const graph_privacy *p = &r->g->privacy;
  gate_policy *g = &r->gate_policy;
  int64_t auto_orgs = roll_has_orgs(r->roll) ? 3 : 1;
  *g = (gate_policy){.cluster = p->cluster,
                     .cell = p->cell,
                     .word_accounts = p->word_accounts,
                     .word_exempt_common = p->word_exempt_common,
                     .account_cap = p->account_cap,
                     .audit_floor = p->audit_floor,
                     .round_to = p->round_to};
  if (g->cluster.organizations < 0) g->cluster.organizations = auto_orgs;
  if (g->cell.organizations < 0) g->cell.organizations = 1;
  r->policy = (clio_policy){.struct_size = sizeof r->policy,
                            .cluster_accounts = g->cluster.accounts,
                            .cluster_conversations = g->cluster.conversations,
                            .cluster_organizations = g->cluster.organizations,
                            .cell_accounts = g->cell.accounts,
                            .cell_conversations = g->cell.conversations,
                            .cell_organizations = g->cell.organizations,
                            .word_accounts = g->word_accounts,
                            .account_cap = g->account_cap,
                            .audit_floor = g->audit_floor,
                            .round_to = g->round_to,
                            .mode = graph_mode_name(p->mode)};
  if (p->mode != GRAPH_PUBLIC) return;
  g->publish_all = true;
  g->cluster = g->cell = (gate_threshold){1, 1, 1};
  g->word_accounts = 1;
}

clio_status release_settle_policy(run *r, error *e) {
  release_fill_policies(r);
  if (!roll_count(r->roll))
    return error_set(e, CLIO_E_PRIVACY,
                     "the input holds no conversations, so there is nothing to "
                     "release");
  return check_accounts(r, e);
}

/* ---- the gate's input ---- */

/* Everything the gate reads, and the memory behind it. */
typedef struct feed {
  run *r;
  const clio_table *rows;
  GPtrArray *owned;
  gate_input in;
  GArray *trees;    /* gate_tree */
  GArray **numbers; /* per tree: int64_t proposed node numbers */
  facet_set facets;
} feed;

static void *own(feed *f, void *p) {
  g_ptr_array_add(f->owned, p);
  return p;
}

static clio_status feed_roll(feed *f, error *e) {
  size_t n = f->rows->rows;
  uint64_t *account = own(f, g_new0(uint64_t, n + 1)), *org = own(f, g_new0(uint64_t, n + 1));
  uint64_t *cap = own(f, g_new0(uint64_t, n + 1));
  bool assumed = f->r->g->privacy.one_account_per_conversation;
  for (size_t i = 0; i < n; i++) {
    const roll_entry *entry = roll_find(f->r->roll, f->rows->keys->key[i]);
    if (!entry)
      return error_set(e, CLIO_E_INTERNAL, "a row before the gate did not come through the door");
    account[i] = roll_account(entry, assumed);
    org[i] = roll_org(entry, assumed);
    cap[i] = entry->cap_key;
  }
  f->in.roll = (gate_roll){.rows = n,
                           .account = account,
                           .org = org,
                           .cap_key = cap,
                           .has_orgs = roll_has_orgs(f->r->roll)};
  return CLIO_OK;
}

static int64_t int_cell(const column *c, uint64_t row, int64_t absent) {
  return c && !column_is_null(c, row) ? ((const int64_t *)c->data)[row] : absent;
}

static void feed_node(feed *f, const clio_table *t, uint64_t row, GHashTable *number,
                      gate_node *node) {
  int64_t parent = int_cell(table_column(t, "parent"), row, -1);
  node->parent = parent < 0 ? -1 : GPOINTER_TO_INT(g_hash_table_lookup(number, &parent)) - 1;
  node->level = (int32_t)int_cell(table_column(t, "level"), row, 0);
  node->name = own(f, column_copy(table_column(t, "name"), row));
  node->description = own(f, column_copy(table_column(t, "description"), row));
  if (node->name) node->name_rating = release_rating(f->r, node->name, &node->name_auditor);
  if (node->description)
    node->description_rating = release_rating(f->r, node->description, &node->description_auditor);
}

/* The rows of the clusters table that belong to `facet`, numbered. */
static GArray *tree_rows(const clio_table *t, const char *facet, GArray *ret_numbers,
                         GHashTable *number) {
  GArray *rows = g_array_new(FALSE, FALSE, sizeof(uint64_t));
  const column *facets = table_column(t, "facet"), *nodes = table_column(t, "node");
  for (uint64_t row = 0; row < t->rows; row++) {
    char *mine = column_copy(facets, row);
    if (mine && !strcmp(mine, facet)) {
      g_array_append_val(rows, row);
      int64_t n = ((const int64_t *)nodes->data)[row];
      g_array_append_val(ret_numbers, n);
    }
    g_free(mine);
  }
  for (guint i = 0; i < ret_numbers->len; i++)
    g_hash_table_insert(number, &g_array_index(ret_numbers, int64_t, i),
                        GINT_TO_POINTER((int)i + 1));
  return rows;
}

static clio_status feed_leaves(feed *f, const flow_tree *ft, const gate_node *nodes,
                               GHashTable *number, gate_tree *tree, error *e) {
  const column *membership = table_column(f->rows, ft->cluster_column);
  int32_t *leaf = own(f, g_new0(int32_t, f->rows->rows + 1));
  for (uint64_t row = 0; row < f->rows->rows; row++) {
    int64_t n = int_cell(membership, row, -1);
    leaf[row] = n < 0 ? -1 : GPOINTER_TO_INT(g_hash_table_lookup(number, &n)) - 1;
    if (n >= 0 && (leaf[row] < 0 || nodes[leaf[row]].level != 0))
      return error_set(e, CLIO_E_INTERNAL,
                       "the gate: '%s' names a node that is no leaf of the tree "
                       "'%s'; its clusterer or hierarchizer is broken",
                       ft->cluster_column, ft->facet);
  }
  tree->leaf = leaf;
  return CLIO_OK;
}

/* A projector's coordinate of each row, NaN where it gave none; or NULL. */
static const double *feed_places(feed *f, const char *name) {
  const column *c = table_column(f->rows, name);
  if (!c || c->type != CLIO_T_F64) return NULL;
  double *place = own(f, g_new0(double, c->rows + 1));
  for (uint64_t row = 0; row < c->rows; row++)
    place[row] = column_is_null(c, row) ? (double)NAN : ((const double *)c->data)[row];
  return place;
}

static void feed_texts(feed *f, const flow_tree *ft, gate_tree *tree) {
  size_t n = f->rows->rows;
  const char **text = own(f, g_new0(const char *, n + 1));
  int64_t *len = own(f, g_new0(int64_t, n + 1));
  const column *c = ft->text_column ? table_column(f->rows, ft->text_column) : NULL;
  for (size_t i = 0; c && i < n; i++) text[i] = column_text(c, i, &len[i]);
  tree->text = text;
  tree->text_len = len;
  tree->x = feed_places(f, "x");
  tree->y = feed_places(f, "y");
}

static clio_status feed_tree(feed *f, const clio_table *clusters, guint i, error *e) {
  const flow_tree *ft = f->r->f->trees->pdata[i];
  GHashTable *number = g_hash_table_new(g_int64_hash, g_int64_equal);
  f->numbers[i] = g_array_new(FALSE, FALSE, sizeof(int64_t));
  GArray *rows = tree_rows(clusters, ft->facet, f->numbers[i], number);
  gate_node *nodes = own(f, g_new0(gate_node, rows->len + 1));
  for (guint k = 0; k < rows->len; k++)
    feed_node(f, clusters, g_array_index(rows, uint64_t, k), number, &nodes[k]);
  gate_tree tree = {.facet = ft->facet, .nodes = rows->len, .node = nodes};
  clio_status s = feed_leaves(f, ft, nodes, number, &tree, e);
  feed_texts(f, ft, &tree);
  g_array_append_val(f->trees, tree);
  g_array_free(rows, TRUE);
  g_hash_table_unref(number);
  return s;
}

static clio_status feed_make(feed *f, run *r, const bundle *b, error *e) {
  f->r = r;
  f->rows = b->table[CLIO_ROWS_CONVERSATION];
  f->owned = g_ptr_array_new_with_free_func(g_free);
  f->trees = g_array_new(FALSE, TRUE, sizeof(gate_tree));
  f->numbers = g_new0(GArray *, r->f->trees->len + 1);
  f->in.policy = r->gate_policy;
  f->in.words = r->words;
  clio_status s = feed_roll(f, e);
  for (guint i = 0; i < r->f->trees->len && s == CLIO_OK; i++)
    s = feed_tree(f, b->table[CLIO_ROWS_CLUSTER], i, e);
  if (s == CLIO_OK) s = facets_make(r, f->rows, b->table[CLIO_ROWS_CELL], &f->facets, e);
  if (s != CLIO_OK) return s;
  f->in.trees = f->trees->len;
  f->in.tree = (const gate_tree *)(void *)f->trees->data;
  f->in.facets = f->facets.facets->len;
  f->in.facet = (const gate_facet *)(void *)f->facets.facets->data;
  return CLIO_OK;
}

static void feed_clear(feed *f) {
  if (f->owned) g_ptr_array_free(f->owned, TRUE);
  if (f->trees) g_array_free(f->trees, TRUE);
  for (guint i = 0; f->numbers && f->numbers[i]; i++) g_array_free(f->numbers[i], TRUE);
  g_free(f->numbers);
  facets_clear(&f->facets);
}

/* ---- the gate, and what stands behind it ---- */

static void warn_of_rest(run *r, const gate_release *rel) {
  r->rows_over_cap = (uint64_t)rel->over_cap;
  r->rows_repeated = (uint64_t)rel->repeated;
  r->texts_refused = (uint64_t)rel->texts_refused;
  if (rel->rest_share > 0.2)
    run_log(r, CLIO_LOG_WARN,
            "more than 20 %% of the conversations lie in 'rest': too few accounts "
            "or conversations share their clusters; try fewer, larger clusters (k)");
}

/* What was released, with the findings and scores of the stages before this one. */
static clio_status behind_input(run *r, const flow_stage *fs, const bundle *released, bundle *ret,
                                error *e) {
  clio_status s = CLIO_OK;
  bundle_copy(ret, released);
  for (guint i = 0; i < fs->from->len && s == CLIO_OK; i++) {
    int up = g_array_index(fs->from, int, i);
    bundle made = {{0}};
    if (flow_at(r->f, up)->role != FLOW_AFTER_GATE) continue;
    for (int kind = 0; kind < ROW_KINDS; kind++)
      if (flow_made_behind(kind)) made.table[kind] = r->bundles[up].table[kind];
    s = bundle_merge(ret, &made, &r->memory, e);
  }
  return s;
}

static clio_status run_behind(run *r, const bundle *released, error *e) {
  clio_status s = CLIO_OK;
  for (guint i = 0; i < r->f->order->len && s == CLIO_OK; i++) {
    const flow_stage *fs = flow_at(r->f, g_array_index(r->f->order, int, i));
    if (fs->role != FLOW_AFTER_GATE) continue;
    bundle in = {{0}};
    s = behind_input(r, fs, released, &in, e);
    if (s == CLIO_OK) s = whole_run_on(r, fs->index, &in, e);
    bundle_clear(&in);
  }
  return s;
}

static clio_status merge_gate_bundle(run *r, bundle *b, error *e) {
  clio_status s = CLIO_OK;
  for (guint i = 0; i < r->f->gate_from->len && s == CLIO_OK; i++)
    s = bundle_merge(b, &r->bundles[g_array_index(r->f->gate_from, int, i)], &r->memory, e);
  if (s == CLIO_OK && (!b->table[CLIO_ROWS_CONVERSATION] || !b->table[CLIO_ROWS_CLUSTER]))
    s = error_set(e, CLIO_E_INTERNAL, "no clusters reached the gate");
  return s;
}

clio_status release_run(run *r, error *e) {
  bundle before = {{0}}, released = {{0}};
  feed f = {0};
  gate_release *rel = NULL;
  clio_status s = merge_gate_bundle(r, &before, e);
  if (s == CLIO_OK) s = feed_make(&f, r, &before, e);
  if (s == CLIO_OK) s = gate_apply(&f.in, &rel, e);
  if (s == CLIO_OK && r->g->privacy.mode == GRAPH_RELEASE) s = project_check_release(r, &f.in, e);
  if (s == CLIO_OK) {
    r->rows_used = f.rows->rows;
    warn_of_rest(r, rel);
    s = tables_make(r, &f.in, rel, (const GArray **)f.numbers, &released, e);
  }
  if (s == CLIO_OK && r->g->privacy.mode != GRAPH_RELEASE)
    bundle_take(&released, table_ref(before.table[CLIO_ROWS_CONVERSATION]));
  if (s == CLIO_OK) s = run_behind(r, &released, e);
  if (s == CLIO_OK && r->g->privacy.mode == GRAPH_RELEASE) s = project_record(r, &f.in, e);
  if (s == CLIO_OK) s = output_commit(r->output, e);
  gate_release_free(rel);
  feed_clear(&f);
  bundle_clear(&before);
  bundle_clear(&released);
  return s;
}
