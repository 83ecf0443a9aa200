/* recount.c - T1: every printed set and every difference of printed sets,
 * recounted from the input. */
#include <string.h>

#include "oracle.h"

static int64_t band(int64_t n) {
  static const int64_t edge[] = {1, 3, 5, 10, 25, 50, 100, 250, 1000};
  int64_t low = 0;
  for (size_t i = 0; i < G_N_ELEMENTS(edge); i++)
    if (n >= edge[i]) low = edge[i];
  return low;
}

static int64_t rounded(const view *v, int64_t n) {
  int64_t unit = v->in->policy.round_to, below = n - n % unit;
  return 2 * (n - below) >= unit ? below + unit : below;
}

/* ---- nodes ---- */

static void check_node(const reading *rd, int i, findings *f) {
  const view *v = rd->v;
  const gate_printed *p = &rd->r->node[i];
  const gate_policy *policy = &v->in->policy;
  int64_t n = set_count(v, rd->rows[i]);
  if (p->exact != n)
    found(f, "T1.count", "%s: printed %" G_GINT64_FORMAT ", recounted %" G_GINT64_FORMAT, p->id,
          p->exact, n);
  if (p->conversations != rounded(v, n)) found(f, "T1.round", "%s: not its count rounded", p->id);
  if (!set_safe(v, rd->rows[i], p->is_rest ? &policy->cell : &policy->cluster))
    found(f, "T1.unsafe", "%s: below a threshold", p->id);
  int64_t accounts = p->is_rest ? 0 : band(set_accounts(v, rd->rows[i]));
  int64_t orgs = p->is_rest ? 0 : band(set_orgs(v, rd->rows[i]));
  if (p->accounts != accounts) found(f, "T1.band", "%s: accounts are not their band", p->id);
  bool none = !v->in->roll.has_orgs && p->organizations <= 1; /* nothing is known of them */
  if (p->organizations != orgs && !none)
    found(f, "T1.band", "%s: organisations are not their band", p->id);
  if (p->parent < 0) return;
  g_autofree uint64_t *left = g_new0(uint64_t, v->words + 1);
  set_minus(v, left, rd->rows[p->parent], rd->rows[i]);
  if (!set_safe_or_zero(v, left, &policy->cell))
    found(f, "T1.difference", "%s: its parent's others are too few", p->id);
}

static void check_sum(const reading *rd, int i, findings *f) {
  int64_t sum = 0;
  for (int j = 0; j < rd->nodes; j++)
    if (rd->r->node[j].parent == i) sum += rd->r->node[j].exact;
  if (!rd->is_leaf[i] && sum != rd->r->node[i].exact)
    found(f, "T1.sum", "%s: its children do not add up to it", rd->r->node[i].id);
}

/* The printed tree is the one that step 4 leaves, no smaller and no larger. */
static void check_tree(reading *rd, int tree, findings *f) {
  view *v = rd->v;
  size_t nodes = v->in->tree[tree].nodes;
  model_tree m = model_tree_make(v, tree, FAULT_NONE);
  g_autofree bool *shown = g_new0(bool, nodes + 1), *rest = g_new0(bool, nodes + 1);
  for (int i = 0; i < rd->nodes; i++) {
    const gate_printed *p = &rd->r->node[i];
    if (p->tree != tree) continue;
    if (p->is_rest)
      rest[1 + rd->r->node[p->parent].node] = true;
    else
      shown[1 + p->node] = true;
  }
  if (m.refused) found(f, "T1.tree", "tree %d should have been refused", tree);
  for (size_t i = 0; i <= nodes && !m.refused; i++) {
    if (shown[i] != m.shown[i])
      found(f, "T1.tree", "tree %d, proposed node %d: %s", tree, (int)i - 1,
            shown[i] ? "printed, but step 4 hides it" : "not printed, but step 4 keeps it");
    else if (rest[i] != (m.shown[i] && m.rest[i]))
      found(f, "T1.tree", "tree %d, proposed node %d: rest %s", tree, (int)i - 1,
            rest[i] ? "printed, but empty" : "not printed");
  }
}

void check_nodes(reading *rd, findings *f) {
  for (int i = 0; i < rd->nodes; i++) {
    check_node(rd, i, f);
    check_sum(rd, i, f);
  }
  for (int i = 0; i < (int)rd->v->in->trees; i++) check_tree(rd, i, f);
}

/* ---- cells ---- */

/* One question at one node, with scratch sets. */
typedef struct asked {
  const reading *rd;
  int ask, node;
  const question *q;
  const gate_printed *p;
  rowset cell, left;
  findings *f;
} asked;

static void check_cell(const asked *a, int value) {
  const view *v = a->rd->v;
  const gate_threshold *cell = &v->in->policy.cell;
  int64_t n = reading_exact(a->rd, a->ask, a->node, value);
  if (n < 0) return;
  const char *text = value_text(v, a->q, value), *facet = v->in->facet[a->q->facet].name;
  set_and(v, a->cell, a->rd->rows[a->node], a->q->value[value]);
  if (n != set_count(v, a->cell))
    found(a->f, "T1.cell-count", "%s, %s, %s: miscounted", a->p->id, facet, text);
  if (!set_safe(v, a->cell, cell))
    found(a->f, "T1.cell-unsafe", "%s, %s, %s: below a threshold", a->p->id, facet, text);
  if (!a->q->printable[value])
    found(a->f, "T1.unknown", "%s, %s: prints unknown, or text that may not stand", a->p->id,
          facet);
  if (a->p->is_rest) found(a->f, "T1.rest", "%s: a rest with a facet", a->p->id);
  set_minus(v, a->left, a->rd->rows[a->node], a->cell);
  if (a->q->sensitive && !set_safe(v, a->left, cell))
    found(a->f, "T1.sensitive", "%s, %s, %s: all of them, or nearly", a->p->id, facet, text);
  if (!set_safe_or_zero(v, a->left, cell))
    found(a->f, "T1.cell-difference", "%s, %s: those without %s are too few", a->p->id, facet,
          text);
  if (a->p->parent < 0) return;
  if (reading_exact(a->rd, a->ask, a->p->parent, value) < 0)
    found(a->f, "T1.closure", "%s, %s: %s is hidden above and shown here", a->p->id, facet, text);
  set_and(v, a->left, a->rd->rows[a->p->parent], a->q->value[value]);
  set_minus(v, a->left, a->left, a->cell);
  if (!set_safe_or_zero(v, a->left, cell))
    found(a->f, "T1.cell-difference", "%s, %s, %s: the parent's others are too few", a->p->id,
          facet, text);
}

/* The margins: what a node, and what a family's value, does not show. */
static void check_column(const asked *a) {
  const view *v = a->rd->v;
  memcpy(a->left, a->rd->rows[a->node], v->words * sizeof *a->left);
  for (int i = 0; i < a->q->values; i++)
    if (reading_exact(a->rd, a->ask, a->node, i) >= 0)
      set_minus(v, a->left, a->left, a->q->value[i]);
  if (!set_safe_or_zero(v, a->left, &v->in->policy.cell))
    found(a->f, "T1.margin", "%s, %s: what is not shown here is too few", a->p->id,
          v->in->facet[a->q->facet].name);
}

static void check_row(const asked *a, int value) {
  const reading *rd = a->rd;
  const view *v = rd->v;
  if (rd->is_leaf[a->node] || reading_exact(rd, a->ask, a->node, value) < 0) return;
  set_and(v, a->left, rd->rows[a->node], a->q->value[value]);
  for (int j = 0; j < rd->nodes; j++)
    if (rd->r->node[j].parent == a->node && reading_exact(rd, a->ask, j, value) >= 0)
      set_minus(v, a->left, a->left, rd->rows[j]);
  if (!set_safe_or_zero(v, a->left, &v->in->policy.cell))
    found(a->f, "T1.margin", "%s, %s, %s: the children that do not show it have too few", a->p->id,
          v->in->facet[a->q->facet].name, value_text(v, a->q, value));
}

/* At the root the shown values follow from step 5 whatever the order of work. */
static void check_root(const asked *a) {
  g_autofree bool *shown = g_new0(bool, a->q->values);
  model_root(a->rd->v, a->q, FAULT_NONE, shown);
  int last = a->q->list_value >= 0 ? 1 : a->q->values;
  for (int i = 0; i < last; i++)
    if (shown[i] != (reading_exact(a->rd, a->ask, a->node, i) >= 0))
      found(a->f, "T1.root", "%s, %s, %s: %s", a->p->id, a->rd->v->in->facet[a->q->facet].name,
            value_text(a->rd->v, a->q, i), shown[i] ? "hidden without need" : "should be hidden");
}

void check_cells(reading *rd, findings *f) {
  view *v = rd->v;
  asked a = {.rd = rd, .f = f, .cell = view_set(v), .left = view_set(v)};
  for (a.ask = 0; a.ask < v->questions; a.ask++)
    for (a.node = 0; a.node < rd->nodes; a.node++) {
      a.q = &v->question[a.ask];
      a.p = &rd->r->node[a.node];
      for (int i = 0; i < a.q->values; i++) {
        check_cell(&a, i);
        check_row(&a, i);
      }
      check_column(&a);
      if (a.p->is_root) check_root(&a);
    }
}

/* ---- how much is shown ---- */

static void count_family(reading *rd, int ask, int parent, cell_stats *stats, findings *f) {
  view *v = rd->v;
  const question *q = &v->question[ask];
  g_autofree const uint64_t **rows = g_new0(const uint64_t *, rd->nodes + 1);
  g_autofree const char **name = g_new0(const char *, rd->nodes + 1);
  g_autofree bool *is_rest = g_new0(bool, rd->nodes + 1), *above = g_new0(bool, q->values + 1);
  g_autofree bool *shown = g_new0(bool, rd->nodes * q->values + 1);
  g_autofree int *node = g_new0(int, rd->nodes + 1);
  model_columns cols = {0, rows, name, is_rest};
  for (int rest = 0; rest < 2; rest++)
    for (int j = 0; j < rd->nodes; j++) {
      const gate_printed *p = &rd->r->node[j];
      if (p->parent != parent || p->is_rest != (rest == 1)) continue;
      int to = cols.count++;
      for (; to > 0 && !rest && g_strcmp0(name[to - 1], p->name) > 0; to--)
        rows[to] = rows[to - 1], name[to] = name[to - 1], node[to] = node[to - 1];
      rows[to] = rd->rows[j], name[to] = p->name ? p->name : "", node[to] = j;
      is_rest[cols.count - 1] = rest == 1;
    }
  for (int i = 0; i < q->values; i++) above[i] = reading_exact(rd, ask, parent, i) >= 0;
  model_family(v, q, &cols, above, FAULT_NONE, shown);
  bool same = true;
  for (int c = 0; c < cols.count; c++)
    for (int i = 0; i < q->values; i++)
      same &= shown[c * q->values + i] == (reading_exact(rd, ask, node[c], i) >= 0);
  for (int c = 0; c < cols.count; c++) { /* of twins and nameless ones either may come first */
    if (c && strcmp(name[c - 1], name[c]) == 0) return;
    if (strcmp(name[c], "(withheld)") == 0) return;
  }
  stats->families++;
  stats->agreeing += same;
  if (!same && f)
    found(f, "T0.family", "%s, %s: other cells than the model", rd->r->node[parent].id,
          v->in->facet[q->facet].name);
}

void count_cells(reading *rd, cell_stats *stats, findings *f) {
  view *v = rd->v;
  g_autofree uint64_t *cell = g_new0(uint64_t, v->words + 1);
  for (int i = 0; i < v->questions; i++) {
    const question *q = &v->question[i];
    for (int node = 0; node < rd->nodes; node++) {
      for (int value = 0; value < (q->list_value >= 0 ? 1 : q->values - 1); value++) {
        set_and(v, cell, rd->rows[node], q->value[value]);
        stats->shown += reading_exact(rd, i, node, value) >= 0;
        stats->safe += !rd->r->node[node].is_rest && q->printable[value] &&
                       set_safe(v, cell, &v->in->policy.cell);
      }
      if (!rd->is_leaf[node] && q->list_value < 0 && !q->sensitive)
        count_family(rd, i, node, stats, f);
    }
  }
}
