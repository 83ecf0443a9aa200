/* model_print.c - step 6 for the model: what it decided, as a gate_release. */
#include <string.h>

#include "oracle.h"

static int64_t band(int64_t n) {
  static const int64_t edge[] = {1000, 250, 100, 50, 25, 10, 5, 3, 1};
  for (size_t i = 0; i < G_N_ELEMENTS(edge); i++)
    if (n >= edge[i]) return edge[i];
  return 0;
}

static int64_t rounded(const view *v, int64_t n) {
  int64_t unit = v->in->policy.round_to;
  return (n + unit / 2) / unit * unit;
}

/* A printed node before it has a place. */
typedef struct draft {
  gate_printed p;
  const uint64_t *rows;
  int parent;  /* index among the drafts */
  bool *shown; /* [question values, one after the other] */
} draft;

typedef struct printer {
  view *v;
  model_fault fault;
  GArray *draft;
  int values; /* of all questions together */
} printer;

static draft *draft_at(const printer *pr, int i) { return &g_array_index(pr->draft, draft, i); }

static int first_value(const view *v, int ask) {
  int sum = 0;
  for (int i = 0; i < ask; i++) sum += v->question[i].values;
  return sum;
}

static void set_position(const printer *pr, gate_printed *p, const uint64_t *rows) {
  const view *v = pr->v;
  const gate_tree *tree = &v->in->tree[p->tree];
  if (!tree->x) return;
  double low[2] = {1e300, 1e300}, high[2] = {-1e300, -1e300}, sum[2] = {0, 0};
  g_autofree long *pick = g_new0(long, v->accounts + 1);
  int64_t n = 0;
  for (size_t r = 0; r < v->rows; r++) {
    if (!(v->kept[r / 64] >> (r % 64) & 1)) continue;
    const double at[2] = {tree->x[r], tree->y[r]};
    for (int i = 0; i < 2; i++) low[i] = MIN(low[i], at[i]), high[i] = MAX(high[i], at[i]);
    if (!(rows[r / 64] >> (r % 64) & 1)) continue;
    long *mine = &pick[v->account[r]];
    if (pr->fault == FAULT_MEAN_OF_ROWS)
      sum[0] += at[0], sum[1] += at[1], n++;
    else if (*mine == 0 || v->in->roll.cap_key[*mine - 1] > v->in->roll.cap_key[r])
      *mine = (long)r + 1;
  }
  for (int a = 0; a < v->accounts && pr->fault != FAULT_MEAN_OF_ROWS; a++)
    if (pick[a]) sum[0] += tree->x[pick[a] - 1], sum[1] += tree->y[pick[a] - 1], n++;
  double out[2];
  for (int i = 0; i < 2; i++) {
    double cell = (high[i] - low[i]) / 256, mean = sum[i] / (double)n;
    int64_t step = cell > 0 ? (int64_t)((mean - low[i]) / cell) : 0;
    out[i] = low[i] + ((double)MIN(step, 255) + .5) * cell;
  }
  p->has_position = true, p->x = out[0], p->y = out[1];
}

static int add_draft(printer *pr, int tree, int node, int parent, const uint64_t *rows, bool rest) {
  view *v = pr->v;
  draft d = {.rows = rows, .parent = parent, .shown = g_new0(bool, pr->values + 1)};
  gate_printed *p = &d.p;
  p->tree = tree, p->node = node, p->is_root = parent < 0, p->is_rest = rest;
  p->exact = set_count(v, rows);
  p->conversations = rounded(v, p->exact);
  if (rest) p->name = g_strdup("(rest)");
  if (!rest) {
    p->accounts = set_accounts(v, rows), p->organizations = set_orgs(v, rows);
    if (pr->fault != FAULT_EXACT_BAND) p->accounts = band(p->accounts);
    p->organizations = band(p->organizations);
    set_position(pr, p, rows);
  }
  g_array_append_val(pr->draft, d);
  return (int)pr->draft->len - 1;
}

static void set_texts(const printer *pr, const model_tree *m, gate_printed *p) {
  const gate_node *n = &pr->v->in->tree[p->tree].node[p->node];
  bool described = n->description && description_stands(pr->v, p->tree, p->node);
  bool named = m->named[1 + p->node];
  p->name = g_strdup(named ? n->name : "(withheld)");
  if (described) p->description = g_strdup(n->description);
  if (named) p->rating = n->name_rating, p->auditor = n->name_auditor;
  if (described && (!named || n->description_rating < p->rating))
    p->rating = n->description_rating, p->auditor = n->description_auditor;
}

static void draft_tree(printer *pr, const model_tree *m, int tree, int node, int at) {
  const gate_tree *tr = &pr->v->in->tree[tree];
  int level = node < 0 ? 0 : tr->node[node].level - 1;
  for (int i = 0; i < (int)tr->nodes; i++) {
    if (tr->node[i].parent != node) continue;
    level = tr->node[i].level;
    if (!m->shown[1 + i]) continue;
    int to = add_draft(pr, tree, i, at, pr->v->node[tree][1 + i], false);
    draft_at(pr, to)->p.level = level;
    set_texts(pr, m, &draft_at(pr, to)->p);
    draft_tree(pr, m, tree, i, to);
  }
  if (!m->rest[1 + node]) return;
  int to = add_draft(pr, tree, -1, at, m->rest[1 + node], true);
  draft_at(pr, to)->p.level = level;
}

/* The children of a draft in order of their names, the rest last. */
static GArray *columns_of(const printer *pr, int parent) {
  GArray *out = g_array_new(FALSE, FALSE, sizeof(int));
  for (int i = 0; i < (int)pr->draft->len; i++) {
    const draft *d = draft_at(pr, i);
    if (d->parent != parent) continue;
    guint to = 0;
    for (; to < out->len; to++) {
      const draft *o = draft_at(pr, g_array_index(out, int, to));
      if (o->p.is_rest || (!d->p.is_rest && strcmp(o->p.name, d->p.name) > 0)) break;
    }
    g_array_insert_val(out, to, i);
  }
  return out;
}

static void show_family(printer *pr, int parent, int ask) {
  const question *q = &pr->v->question[ask];
  int first = first_value(pr->v, ask);
  GArray *order = columns_of(pr, parent);
  model_columns cols = {.count = (int)order->len};
  g_autofree const uint64_t **rows = g_new0(const uint64_t *, order->len + 1);
  g_autofree const char **name = g_new0(const char *, order->len + 1);
  g_autofree bool *is_rest = g_new0(bool, order->len + 1);
  g_autofree bool *shown = g_new0(bool, (int)order->len * q->values + 1);
  for (guint c = 0; c < order->len; c++) {
    const draft *d = draft_at(pr, g_array_index(order, int, c));
    rows[c] = d->rows, name[c] = d->p.name, is_rest[c] = d->p.is_rest;
  }
  cols.rows = rows, cols.name = name, cols.is_rest = is_rest;
  if (cols.count)
    model_family(pr->v, q, &cols, draft_at(pr, parent)->shown + first, pr->fault, shown);
  for (int c = 0; c < cols.count; c++)
    memcpy(draft_at(pr, g_array_index(order, int, c))->shown + first, shown + c * q->values,
           (size_t)q->values * sizeof *shown);
  g_array_free(order, TRUE);
}

static int cell_order(const void *a, const void *b, void *data) {
  const gate_cell *x = a, *y = b;
  const view *v = data;
  if (x->facet != y->facet) return x->facet < y->facet ? -1 : 1;
  if (x->count != y->count) return x->count > y->count ? -1 : 1;
  const gate_facet *f = &v->in->facet[x->facet];
  return strcmp(f->value[x->value], f->value[y->value]);
}

static void set_cells(const printer *pr, draft *d) {
  view *v = pr->v;
  GArray *cells = g_array_new(FALSE, TRUE, sizeof(gate_cell));
  g_autofree uint64_t *rows = g_new0(uint64_t, v->words + 1);
  for (int i = 0; i < v->questions; i++) {
    const question *q = &v->question[i];
    int last = q->list_value >= 0 ? 1 : q->values - 1;
    for (int value = 0; value < last; value++) {
      if (!d->shown[first_value(v, i) + value]) continue;
      set_and(v, rows, d->rows, q->value[value]);
      int64_t n = set_count(v, rows);
      gate_cell c = {q->facet, q->list_value >= 0 ? q->list_value : value, rounded(v, n), n};
      g_array_append_val(cells, c);
    }
  }
  d->p.cells = cells->len;
  d->p.cell = (gate_cell *)(void *)g_array_free(cells, FALSE);
  if (d->p.cells) g_qsort_with_data(d->p.cell, (int)d->p.cells, sizeof(gate_cell), cell_order, v);
}

static int print_order(const void *a, const void *b, void *data) {
  const printer *pr = data;
  const draft *x = draft_at(pr, *(const int *)a), *y = draft_at(pr, *(const int *)b);
  if (x->p.tree != y->p.tree) return x->p.tree < y->p.tree ? -1 : 1;
  if (x->p.is_root != y->p.is_root) return x->p.is_root ? -1 : 1;
  if (x->p.level != y->p.level) return x->p.level < y->p.level ? -1 : 1;
  int64_t m = x->p.conversations, n = y->p.conversations;
  if (pr->fault == FAULT_TRUE_ORDER) m = x->p.exact, n = y->p.exact;
  return m != n ? (m > n ? -1 : 1) : g_strcmp0(x->p.name, y->p.name);
}

static void number(const printer *pr, gate_release *r, const int *order) {
  g_autofree int *place = g_new0(int, r->nodes + 1);
  for (size_t i = 0; i < r->nodes; i++) place[order[i]] = (int)i;
  int rank = 0;
  for (size_t i = 0; i < r->nodes; i++) {
    const draft *d = draft_at(pr, order[i]);
    gate_printed *p = &r->node[i];
    const gate_printed *before = i ? &r->node[i - 1] : NULL;
    *p = d->p;
    p->parent = d->parent < 0 ? -1 : place[d->parent];
    bool same = before && !before->is_root && before->tree == p->tree && before->level == p->level;
    rank = same ? rank + 1 : 0;
    const char *facet = pr->v->in->tree[p->tree].facet;
    p->id = p->is_root ? g_strdup_printf("%s-root", facet)
                       : g_strdup_printf("%s-%d-%d", facet, p->level, rank);
  }
}

static gate_release *assemble(printer *pr) {
  gate_release *r = g_new0(gate_release, 1);
  r->nodes = pr->draft->len;
  r->node = g_new0(gate_printed, r->nodes);
  g_autofree int *order = g_new0(int, r->nodes + 1);
  int64_t rest = 0, first_rest = 0;
  for (size_t i = 0; i < r->nodes; i++) {
    const draft *d = draft_at(pr, (int)i);
    order[i] = (int)i;
    if (d->p.is_rest) rest += d->p.exact;
    if (d->p.is_rest && d->p.tree == 0) first_rest += d->p.exact;
  }
  g_qsort_with_data(order, (int)r->nodes, sizeof *order, print_order, pr);
  number(pr, r, order);
  r->conversations = r->node[0].conversations;
  r->accounts = r->node[0].accounts;
  r->suppressed = rounded(pr->v, rest);
  r->over_cap = pr->v->over_cap;
  r->repeated = pr->v->repeated;
  r->rest_share = (double)first_rest / (double)r->node[0].exact;
  return r;
}

static bool draft_all(printer *pr) {
  view *v = pr->v;
  for (int tree = 0; tree < (int)v->in->trees; tree++) {
    model_tree m = model_tree_make(v, tree, pr->fault);
    if (m.refused) return false;
    int root = add_draft(pr, tree, -1, -1, v->kept, false);
    for (int i = 0; i < v->questions; i++)
      model_root(v, &v->question[i], pr->fault, draft_at(pr, root)->shown + first_value(v, i));
    draft_tree(pr, &m, tree, -1, root);
  }
  for (int i = 0; i < (int)pr->draft->len; i++) /* parents stand before children */
    for (int q = 0; q < v->questions; q++) show_family(pr, i, q);
  for (int i = 0; i < (int)pr->draft->len; i++) set_cells(pr, draft_at(pr, i));
  return true;
}

clio_status model_apply(const sample *t, model_fault fault, gate_release **ret) {
  view_faults faults = {fault == FAULT_NO_CAP, fault == FAULT_NO_FLOOR, fault == FAULT_NO_TEXT};
  view *v = view_new(t, faults);
  printer pr = {v, fault, g_array_new(FALSE, TRUE, sizeof(draft)), first_value(v, v->questions)};
  bool done = draft_all(&pr);
  if (done) *ret = assemble(&pr);
  for (guint i = 0; i < pr.draft->len; i++) {
    draft *d = draft_at(&pr, (int)i);
    g_free(d->shown);
    if (!done) g_free(d->p.name), g_free(d->p.description), g_free(d->p.cell);
  }
  g_array_free(pr.draft, TRUE);
  view_free(v);
  return done ? CLIO_OK : CLIO_E_PRIVACY;
}

void model_release_free(gate_release *r) {
  if (!r) return;
  for (size_t i = 0; i < r->nodes; i++) {
    g_free(r->node[i].id);
    g_free(r->node[i].name);
    g_free(r->node[i].description);
    g_free(r->node[i].cell);
  }
  g_free(r->node);
  g_free(r);
}
