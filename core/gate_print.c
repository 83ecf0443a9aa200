/* gate_print.c - step 6 of GATE.md: rounding, bands, positions, ranks, ids and
 * order. Every decision has been taken before; nothing here looks at a true
 * count to place or name a thing.
 *
 * Choices where GATE.md is silent. A rest's id is 'facet-level-rest' under the
 * root, else 'facet-level-rest-R', R being its parent's rank; it stands at the
 * end of its level. Ranks that printed count and name leave equal follow the
 * parent's rank, then the lowest keyed hash of a member. Without organisation
 * ids the printed band of organisations is 1. Positions keep the projector's
 * coordinates: each axis is snapped to multiples of a power of two, chosen so
 * that the nodes span at most 256 steps, so not even the extreme nodes' means
 * are printed exactly. The root has none. */
#include "gate_internal.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { GRID = 256, FIXED_BITS = 36 };

const char gate_withheld[] = "(withheld)";

/* A printed node while it is put in order. */
typedef struct slot {
  const gate_run *run;
  const gate_plan *plan;
  gate_group *group;
  size_t index; /* of the group in its plan */
  int64_t conversations;
  const char *name;
  int64_t parent_rank;
} slot;

int64_t gate_band(int64_t n) {
  static const int64_t bands[] = {1000, 250, 100, 50, 25, 10, 5, 3, 1};
  for (size_t i = 0; i < G_N_ELEMENTS(bands); i++)
    if (n >= bands[i]) return bands[i];
  return 0;
}

int64_t gate_round(int64_t n, int64_t multiple) {
  return multiple > 1 ? (n + multiple / 2) / multiple * multiple : n;
}

static const gate_node *proposed(const gate_plan *plan, const gate_group *group) {
  return group->node < 0 ? NULL : &plan->tree->node[group->node];
}

static const char *printed_name(const gate_plan *plan, const gate_group *group) {
  const gate_node *node = proposed(plan, group);
  if (!node) return NULL;
  return group->name_passes ? node->name : gate_withheld;
}

/* Root, then levels upwards; within one, ranks, then rests. */
static int compare_slots(const void *a, const void *b) {
  const slot *x = a, *y = b;
  bool x_below = x->group->parent >= 0, y_below = y->group->parent >= 0;
  if (x_below != y_below) return x_below - y_below;
  if (x->group->level != y->group->level) return x->group->level < y->group->level ? -1 : 1;
  if (x->group->is_rest != y->group->is_rest) return x->group->is_rest - y->group->is_rest;
  if (!x->group->is_rest && x->conversations != y->conversations)
    return x->conversations > y->conversations ? -1 : 1;
  int names = x->group->is_rest ? 0 : g_strcmp0(x->name, y->name);
  if (names) return names;
  if (x->parent_rank != y->parent_rank) return x->parent_rank < y->parent_rank ? -1 : 1;
  if (x->group->least_key != y->group->least_key)
    return x->group->least_key < y->group->least_key ? -1 : 1;
  return (x->index > y->index) - (x->index < y->index);
}

static slot slot_of(const gate_run *run, const gate_plan *plan, size_t index) {
  gate_group *group = &g_array_index(plan->group, gate_group, index);
  slot s = {.run = run, .plan = plan, .group = group, .index = index};
  s.conversations = gate_round((int64_t)group->rows.count, run->policy.round_to);
  s.name = printed_name(plan, group);
  if (group->parent > 0) s.parent_rank = g_array_index(plan->group, gate_group, group->parent).rank;
  return s;
}

/* Ranks the groups of one level, whose parents have their ranks. */
static void rank_level(const gate_run *run, gate_plan *plan, int32_t level) {
  slot *s = g_new(slot, plan->group->len);
  size_t n = 0;
  for (size_t i = 1; i < plan->group->len; i++) {
    const gate_group *group = &g_array_index(plan->group, gate_group, i);
    if (group->level == level && !group->is_rest) s[n++] = slot_of(run, plan, i);
  }
  qsort(s, n, sizeof *s, compare_slots);
  for (size_t i = 0; i < n; i++) s[i].group->rank = (int64_t)i + 1;
  g_free(s);
}

static slot *ordered_slots(const gate_run *run, gate_plan *plan) {
  int32_t top = g_array_index(plan->group, gate_group, 0).level;
  for (int32_t level = top - 1; level >= 0; level--) rank_level(run, plan, level);
  slot *s = g_new(slot, plan->group->len);
  for (size_t i = 0; i < plan->group->len; i++) s[i] = slot_of(run, plan, i);
  qsort(s, plan->group->len, sizeof *s, compare_slots);
  return s;
}

static char *id_of(const slot *s) {
  const char *facet = s->plan->tree->facet;
  const gate_group *g = s->group;
  if (g->parent < 0) return g_strdup_printf("%s-root", facet);
  if (!g->is_rest) return g_strdup_printf("%s-%d-%" G_GINT64_FORMAT, facet, g->level, g->rank);
  if (g->parent == 0) return g_strdup_printf("%s-%d-rest", facet, g->level);
  return g_strdup_printf("%s-%d-rest-%" G_GINT64_FORMAT, facet, g->level, s->parent_rank);
}

/* Name, description, and the lowest rating of what is printed of them. */
static void print_texts(const slot *s, gate_printed *out) {
  const gate_node *node = proposed(s->plan, s->group);
  if (!node) return;
  out->name = g_strdup(s->name);
  out->description = g_strdup(s->group->description_passes ? node->description : "");
  if (s->group->name_passes) {
    out->rating = node->name_rating;
    out->auditor = node->name_auditor;
  }
  if (!s->group->description_passes) return;
  if (out->rating && out->rating <= node->description_rating) return;
  out->rating = node->description_rating;
  out->auditor = node->description_auditor;
}

typedef struct cell_order {
  gate_cell cell;
  const char *value;
} cell_order;

static int compare_cells(const void *a, const void *b) {
  const cell_order *x = a, *y = b;
  if (x->cell.facet != y->cell.facet) return x->cell.facet < y->cell.facet ? -1 : 1;
  if (x->cell.count != y->cell.count) return x->cell.count > y->cell.count ? -1 : 1;
  int values = strcmp(x->value, y->value);
  return values ? values : (x->cell.value > y->cell.value) - (x->cell.value < y->cell.value);
}

static void print_cells(const slot *s, gate_printed *out) {
  const GArray *cell = s->group->cell;
  if (!cell) return;
  cell_order *order = g_new(cell_order, cell->len);
  for (size_t i = 0; i < cell->len; i++) {
    gate_cell c = g_array_index(cell, gate_cell, i);
    c.count = gate_round(c.exact, s->run->policy.round_to);
    order[i] = (cell_order){c, s->run->in->facet[c.facet].value[c.value]};
  }
  qsort(order, cell->len, sizeof *order, compare_cells);
  out->cells = cell->len;
  out->cell = g_new(gate_cell, cell->len);
  for (size_t i = 0; i < cell->len; i++) out->cell[i] = order[i].cell;
  g_free(order);
}

static void print_counts(const slot *s, gate_printed *out) {
  int64_t accounts, organizations;
  out->conversations = s->conversations;
  out->exact = (int64_t)s->group->rows.count;
  if (s->group->is_rest) return;
  gate_measure(s->run->counter, s->group->rows, &accounts, &organizations);
  out->accounts = gate_band(accounts);
  out->organizations = s->run->in->roll.has_orgs ? gate_band(organizations) : 1;
}

/* Sums in fixed point, so that the order of rows cannot matter. `bits`: x times
 * 2^bits fits FIXED_BITS bits for every row of the run. */
static double mean_of(const double *x, const uint32_t *row, size_t rows, int bits) {
  int64_t sum = 0;
  for (size_t i = 0; i < rows; i++) sum += llrint(ldexp(x[row[i]], bits));
  return ldexp((double)sum / (double)rows, -bits);
}

static int fixed_bits(const double *x, const gate_run *run) {
  double most = 0;
  for (size_t i = 0; i < run->kept_count; i++)
    if (isfinite(x[run->kept[i]])) most = fmax(most, fabs(x[run->kept[i]]));
  int exponent = 0;
  frexp(most, &exponent);
  return FIXED_BITS - exponent;
}

/* The rows of a node that a projector placed; one per account. Too few of them
 * (not safe) have no mean that may be printed. */
static size_t placed_rows(const slot *s, uint32_t *ret_rows) {
  const gate_tree *tree = s->plan->tree;
  size_t n = 0;
  for (size_t i = 0; i < s->group->rows.count; i++) {
    uint32_t row = s->group->rows.row[i];
    if (isfinite(tree->x[row]) && isfinite(tree->y[row])) ret_rows[n++] = row;
  }
  gate_span placed = {ret_rows, n};
  if (!gate_safe(s->run->counter, &placed, 1, &s->run->policy.cluster)) return 0;
  uint32_t *one = g_new(uint32_t, n);
  n = gate_one_per_account(s->run->counter, placed, one);
  memcpy(ret_rows, one, n * sizeof *one);
  g_free(one);
  return n;
}

/* The least power of two that spans [low, high] in fewer than GRID steps. */
static double grid_step(double low, double high) {
  double span = high - low;
  if (span <= 0) span = fabs(high);
  int exponent = 0;
  double fraction = frexp(span / (GRID - 2), &exponent);
  return ldexp(1, fraction == 0.5 ? exponent - 1 : exponent);
}

static void snap(gate_printed *node, size_t nodes, size_t axis) {
  double low = INFINITY, high = -INFINITY;
  for (size_t i = 0; i < nodes; i++) {
    if (!node[i].has_position) continue;
    double at = axis ? node[i].y : node[i].x;
    low = fmin(low, at);
    high = fmax(high, at);
  }
  if (low > high) return;
  double step = grid_step(low, high);
  for (size_t i = 0; i < nodes; i++) {
    if (!node[i].has_position) continue;
    double *at = axis ? &node[i].y : &node[i].x;
    *at = step > 0 ? step * floor(*at / step + 0.5) + 0.0 : 0.0;
  }
}

static void print_positions(const slot *s, gate_printed *out) {
  size_t nodes = s[0].plan->group->len;
  const gate_tree *tree = s[0].plan->tree;
  const gate_run *run = s[0].run;
  if (!tree->x || !tree->y) return;
  int x_bits = fixed_bits(tree->x, run), y_bits = fixed_bits(tree->y, run);
  uint32_t *rows = g_new(uint32_t, run->kept_count + 1);
  for (size_t i = 0; i < nodes; i++) {
    if (s[i].group->node < 0) continue;
    size_t n = placed_rows(&s[i], rows);
    if (!n) continue;
    out[i].has_position = true;
    out[i].x = mean_of(tree->x, rows, n, x_bits);
    out[i].y = mean_of(tree->y, rows, n, y_bits);
  }
  g_free(rows);
  snap(out, nodes, 0);
  snap(out, nodes, 1);
}

/* Prints one tree at out[0] ..., which is entry `base` of the release. */
static void print_plan(gate_run *run, gate_plan *plan, size_t base, gate_printed *out) {
  size_t nodes = plan->group->len;
  slot *s = ordered_slots(run, plan);
  size_t *place = g_new(size_t, nodes);
  for (size_t i = 0; i < nodes; i++) place[s[i].index] = base + i;
  for (size_t i = 0; i < nodes; i++) {
    const gate_group *g = s[i].group;
    out[i].id = id_of(&s[i]);
    out[i].tree = plan->tree_index;
    out[i].node = g->node;
    out[i].parent = g->parent < 0 ? -1 : (int32_t)place[g->parent];
    out[i].level = g->level;
    out[i].is_root = g->parent < 0;
    out[i].is_rest = g->is_rest;
    print_texts(&s[i], &out[i]);
    print_counts(&s[i], &out[i]);
    print_cells(&s[i], &out[i]);
  }
  print_positions(s, out);
  g_free(place);
  g_free(s);
}

static int64_t rest_rows(const gate_plan *plan) {
  int64_t rows = 0;
  for (size_t i = 0; i < plan->group->len; i++) {
    const gate_group *group = &g_array_index(plan->group, gate_group, i);
    if (group->is_rest) rows += (int64_t)group->rows.count;
  }
  return rows;
}

static int compare_plans(const void *a, const void *b) {
  const gate_plan *x = *(gate_plan *const *)a, *y = *(gate_plan *const *)b;
  return strcmp(x->tree->facet, y->tree->facet);
}

gate_release *gate_print(gate_run *run, gate_plan *const *plan, size_t plans) {
  gate_release *r = g_new0(gate_release, 1);
  int64_t rest = 0;
  for (size_t p = 0; p < plans; p++) {
    r->nodes += plan[p]->group->len;
    rest += rest_rows(plan[p]);
  }
  r->node = g_new0(gate_printed, r->nodes);
  gate_plan **sorted = g_new(gate_plan *, plans);
  memcpy(sorted, plan, plans * sizeof *sorted);
  qsort(sorted, plans, sizeof *sorted, compare_plans);
  for (size_t p = 0, base = 0; p < plans; base += sorted[p++]->group->len)
    print_plan(run, sorted[p], base, r->node + base);
  g_free(sorted);
  r->conversations = r->node[0].conversations;
  r->accounts = r->node[0].accounts;
  r->suppressed = gate_round(rest, run->policy.round_to);
  r->over_cap = (int64_t)(run->in->roll.rows - run->repeats - run->kept_count);
  r->repeated = (int64_t)run->repeats;
  r->texts_refused = run->texts_refused;
  r->rest_share = (double)rest_rows(plan[0]) / (double)run->kept_count;
  return r;
}

void gate_release_free(gate_release *r) {
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
