/* recount_print.c - T1, the rest of what is printed: ids, order, totals, cells'
 * rounding and order, positions. */
#include <math.h>
#include <string.h>

#include "oracle.h"

static int64_t rounded(const view *v, int64_t n) {
  int64_t unit = v->in->policy.round_to, below = n - n % unit;
  return 2 * (n - below) >= unit ? below + unit : below;
}

/* ---- order and ids ---- */

/* What the order goes by must itself be printed. */
static int order_of(const gate_printed *a, const gate_printed *b) {
  if (a->tree != b->tree) return a->tree < b->tree ? -1 : 1;
  if (a->is_root != b->is_root) return a->is_root ? -1 : 1;
  if (a->level != b->level) return a->level < b->level ? -1 : 1;
  if (a->conversations != b->conversations) return a->conversations > b->conversations ? -1 : 1;
  return a->name && b->name ? strcmp(a->name, b->name) : 0;
}

/* A rest without a rank stands apart, under an id of its own. GATE.md numbers
 * all nodes; the gate gives rests 'facet-level-rest'. Either is let pass here. */
static bool is_ranked(const gate_printed *p) {
  return !p->is_root && !(p->is_rest && strstr(p->id, "-rest"));
}

static void check_id(const reading *rd, const gate_printed *p, int rank, findings *f) {
  const char *facet = rd->v->in->tree[p->tree].facet;
  g_autofree char *zero = g_strdup_printf("%s-%d-%d", facet, p->level, rank);
  g_autofree char *one = g_strdup_printf("%s-%d-%d", facet, p->level, rank + 1);
  g_autofree char *root = g_strdup_printf("%s-root", facet);
  g_autofree char *rest = g_strdup_printf("%s-%d-rest", facet, p->level);
  bool right = p->is_root     ? !strcmp(p->id, root)
               : is_ranked(p) ? !strcmp(p->id, zero) || !strcmp(p->id, one)
                              : g_str_has_prefix(p->id, rest);
  if (!right) found(f, "T1.id", "%s should be %s", p->id, p->is_root ? root : one);
  if (p->is_root && p->name) found(f, "T1.id", "%s: a root with a name", p->id);
  for (int i = 0; i < rd->nodes; i++)
    if (&rd->r->node[i] != p && strcmp(rd->r->node[i].id, p->id) == 0)
      found(f, "T1.id", "%s: two nodes have this id", p->id);
}

static void check_order(const reading *rd, findings *f) {
  const gate_printed *last = NULL; /* root or ranked */
  int rank = 0;
  for (int i = 0; i < rd->nodes; i++) {
    const gate_printed *p = &rd->r->node[i];
    if (is_ranked(p)) {
      bool same = last && !last->is_root && last->tree == p->tree && last->level == p->level;
      rank = same ? rank + 1 : 0;
    }
    check_id(rd, p, rank, f);
    if (!is_ranked(p) && !p->is_root) continue;
    if (last && order_of(last, p) > 0) found(f, "T1.order", "%s stands after %s", p->id, last->id);
    last = p;
  }
}

/* A rest is a count and nothing else; its siblings stand on its level. */
static void check_rest(const reading *rd, int i, findings *f) {
  const gate_printed *p = &rd->r->node[i];
  if (!p->is_rest) return;
  if (p->cells || p->has_position || p->accounts || p->organizations || p->rating || p->auditor)
    found(f, "T1.rest", "%s: more than a count", p->id);
  if (!rd->is_leaf[i]) found(f, "T1.rest", "%s: a rest with descendants", p->id);
  for (int j = 0; j < rd->nodes; j++)
    if (rd->r->node[j].parent == p->parent && rd->r->node[j].level != p->level)
      found(f, "T1.rest", "%s: not on its siblings' level", p->id);
}

/* ---- cells ---- */

static void check_cell_order(const reading *rd, int i, findings *f) {
  const gate_printed *p = &rd->r->node[i];
  for (size_t c = 0; c < p->cells; c++) {
    const gate_cell *a = &p->cell[c];
    if (a->count != rounded(rd->v, a->exact))
      found(f, "T1.round", "%s: a cell is not its count rounded", p->id);
    if (c == 0) continue;
    const gate_cell *b = a - 1;
    const gate_facet *facet = &rd->v->in->facet[a->facet];
    int order = (b->facet > a->facet) - (b->facet < a->facet);
    if (!order) order = (b->count < a->count) - (b->count > a->count);
    if (!order) order = strcmp(facet->value[b->value], facet->value[a->value]);
    if (order > 0) found(f, "T1.order", "%s: cells of %s out of order", p->id, facet->name);
  }
}

/* ---- positions ---- */

typedef struct span {
  double low, high;
} span;

static void widen(span *s, double x) { s->low = fmin(s->low, x), s->high = fmax(s->high, x); }

/* The mean over one row per account, whichever row that is, within one step of
 * the grid. Our positions hang on the account, so the span is narrow. */
static bool position_right(const reading *rd, int i, const double *at, double printed) {
  const view *v = rd->v;
  const span empty = {HUGE_VAL, -HUGE_VAL};
  span run = empty, mean = {0, 0};
  g_autofree span *own = g_new0(span, v->accounts + 1);
  for (int a = 0; a < v->accounts; a++) own[a] = empty;
  for (size_t r = 0; r < v->rows; r++) {
    widen(&run, at[r]);
    if (rd->rows[i][r / 64] >> (r % 64) & 1) widen(&own[v->account[r]], at[r]);
  }
  int n = 0;
  for (int a = 0; a < v->accounts; a++) {
    if (own[a].low > own[a].high) continue;
    mean.low += own[a].low, mean.high += own[a].high, n++;
  }
  double step = (run.high - run.low) / 255 + 1e-9;
  return printed >= mean.low / n - step && printed <= mean.high / n + step;
}

static void check_position(const reading *rd, int i, findings *f) {
  const gate_printed *p = &rd->r->node[i];
  const gate_tree *tree = &rd->v->in->tree[p->tree];
  if (p->is_rest) return;
  if (p->has_position != (tree->x && tree->y) && !p->is_root)
    found(f, "T1.position", "%s: position %s", p->id, p->has_position ? "invented" : "missing");
  if (!p->has_position || !tree->x) return;
  if (!position_right(rd, i, tree->x, p->x) || !position_right(rd, i, tree->y, p->y))
    found(f, "T1.position", "%s: not the mean over one row per account", p->id);
}

/* Do all positions of a tree lie on a grid of at most 256 steps? A mean that
 * was not snapped does not, once there are three of them. */
static bool fits_grid(const double *at, int count) {
  double low = at[0], high = at[0];
  for (int i = 1; i < count; i++) low = fmin(low, at[i]), high = fmax(high, at[i]);
  if (high - low < 1e-9) return true;
  for (int steps = 1; steps <= 256; steps++) {
    bool fits = true;
    for (int i = 0; i < count && fits; i++) {
      double place = (at[i] - low) / (high - low) * steps;
      fits = fabs(place - nearbyint(place)) < 1e-6;
    }
    if (fits) return true;
  }
  return false;
}

static void check_grid(const reading *rd, int tree, findings *f) {
  g_autofree double *x = g_new0(double, rd->nodes + 1), *y = g_new0(double, rd->nodes + 1);
  int count = 0;
  for (int i = 0; i < rd->nodes; i++) {
    const gate_printed *p = &rd->r->node[i];
    if (p->tree != tree || !p->has_position) continue;
    x[count] = p->x;
    y[count++] = p->y;
  }
  if (count && !(fits_grid(x, count) && fits_grid(y, count)))
    found(f, "T1.grid", "tree %d: positions are not on a grid of 256 steps", tree);
}

/* ---- totals ---- */

static void check_totals(const reading *rd, findings *f) {
  const gate_release *r = rd->r;
  const view *v = rd->v;
  const gate_printed *root = &r->node[0];
  int64_t rest = 0, first = 0;
  for (int i = 0; i < rd->nodes; i++)
    if (r->node[i].is_rest) {
      rest += r->node[i].exact;
      first += r->node[i].tree == 0 ? r->node[i].exact : 0;
    }
  if (r->suppressed != rounded(v, rest))
    found(f, "T1.suppressed", "suppressed is not the sum over all rest nodes, rounded");
  if (r->conversations != root->conversations || r->accounts != root->accounts)
    found(f, "T1.total", "the run's totals are not its root's");
  if (r->over_cap != v->over_cap) found(f, "T1.over-cap", "over_cap is miscounted");
  if (r->repeated != v->repeated) found(f, "T1.repeated", "repeated is miscounted");
  double share = (double)first / (double)root->exact;
  if (fabs(r->rest_share - share) > .5 * (double)v->in->policy.round_to / (double)root->exact + .01)
    found(f, "T1.share", "rest_share is %.3f, recounted %.3f", r->rest_share, share);
}

void check_print(reading *rd, findings *f) {
  check_order(rd, f);
  for (int i = 0; i < rd->nodes; i++) {
    check_rest(rd, i, f);
    check_cell_order(rd, i, f);
    check_position(rd, i, f);
  }
  for (int i = 0; i < (int)rd->v->in->trees; i++) check_grid(rd, i, f);
  check_totals(rd, f);
}
