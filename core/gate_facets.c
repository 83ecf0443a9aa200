/* gate_facets.c - step 5 of GATE.md: which values of a facet are shown at which
 * nodes. Each facet, each value of a list facet and each tree goes alone. Here:
 * the root, and the walk over the families; gate_family.c settles one.
 *
 * A list facet is one yes/no facet per value. Both sides are counted and
 * protected; only 'yes' is printed, since printing less proves less. */
#include "gate_internal.h"

#include <stdlib.h>
#include <string.h>

enum { YES = 0, NO = 1 };

/* One breakdown of the rows into values: a facet, or one value of a list. */
typedef struct breakdown {
  gate_run *run;
  gate_plan *plan;
  const int32_t *code; /* per roll row; -1: unknown */
  size_t values;
  const uint32_t *by_bytes; /* values in the order of their bytes */
  const bool *refused;      /* per value, or NULL */
  bool sensitive, is_list;
  int32_t facet, list_value;
  /* scratch */
  uint32_t *local;  /* per value: its row in the family */
  uint32_t *member; /* rows by cell */
  size_t *start;
} breakdown;

typedef struct named {
  const char *name;
  uint32_t index;
} named;

static int compare_named(const void *a, const void *b) {
  const named *x = a, *y = b;
  int c = strcmp(x->name, y->name);
  return c ? c : (x->index > y->index) - (x->index < y->index);
}

static uint32_t *values_by_bytes(const gate_facet *f) {
  named *sorted = g_new(named, f->values + 1);
  for (size_t v = 0; v < f->values; v++) sorted[v] = (named){f->value[v], (uint32_t)v};
  qsort(sorted, f->values, sizeof *sorted, compare_named);
  uint32_t *order = g_new(uint32_t, f->values + 1);
  for (size_t v = 0; v < f->values; v++) order[v] = sorted[v].index;
  g_free(sorted);
  return order;
}

static gate_group *group_at(const breakdown *b, size_t i) {
  return &g_array_index(b->plan->group, gate_group, i);
}

/* Puts the rows of a group into buckets: bucket base + local[code], or base +
 * other where the code is unknown. `next` is advanced; `member` may be NULL. */
static void bucket_rows(const breakdown *b, gate_span rows, size_t base, uint32_t other,
                        size_t *next, uint32_t *member) {
  for (size_t i = 0; i < rows.count; i++) {
    int32_t code = b->code[rows.row[i]];
    size_t cell = base + (code < 0 ? other : b->local[code]);
    if (member) member[next[cell]] = rows.row[i];
    next[cell]++;
  }
}

/* Fills start and member for `columns` groups from `first` on, with `rows`
 * buckets each, the last of which is 'o'. Cost: rows of the groups + cells. */
static void fill_cells(breakdown *b, size_t first, size_t columns, size_t rows) {
  size_t cells = columns * rows, total = 0;
  size_t *next = g_new0(size_t, cells + 1);
  uint32_t other = (uint32_t)(rows - 1);
  for (size_t c = 0; c < columns; c++)
    bucket_rows(b, group_at(b, first + c)->rows, c * rows, other, next, NULL);
  b->start = g_renew(size_t, b->start, cells + 1);
  for (size_t i = 0; i < cells; i++) {
    b->start[i] = total;
    total += next[i];
    next[i] = b->start[i];
  }
  b->start[cells] = total;
  for (size_t c = 0; c < columns; c++)
    bucket_rows(b, group_at(b, first + c)->rows, c * rows, other, next, b->member);
  g_free(next);
}

static gate_span cell_span(const breakdown *b, size_t cell) {
  return (gate_span){b->member + b->start[cell], b->start[cell + 1] - b->start[cell]};
}

/* Is everything at the root but value v zero or unsafe? */
static bool root_is_nearly_all(const breakdown *b, size_t v) {
  size_t cells = b->values + 1;
  gate_span other[2] = {{b->member, b->start[v]},
                        {b->member + b->start[v + 1], b->start[cells] - b->start[v + 1]}};
  return !gate_safe(b->run->counter, other, 2, &b->run->policy.cell);
}

static bool root_may_show(const breakdown *b, size_t v) {
  gate_span span = cell_span(b, v);
  if (b->refused && b->refused[v]) return false;
  if (!gate_safe(b->run->counter, &span, 1, &b->run->policy.cell)) return false;
  return !b->sensitive || !root_is_nearly_all(b, v);
}

/* n - sum(V): is it zero or safe? */
static bool root_holds(const breakdown *b, const bool *shown, gate_span *scratch) {
  size_t n = 0, rows = 0;
  for (size_t v = 0; v <= b->values; v++) {
    if (v < b->values && shown[v]) continue;
    scratch[n] = cell_span(b, v);
    rows += scratch[n++].count;
  }
  return !rows || gate_safe(b->run->counter, scratch, n, &b->run->policy.cell);
}

/* Hides the smallest value shown, ties by bytes; false when none is. */
static bool root_hide_smallest(const breakdown *b, bool *shown) {
  size_t smallest = b->values;
  for (size_t i = 0; i < b->values; i++) {
    size_t v = b->by_bytes[i];
    if (!shown[v]) continue;
    if (smallest == b->values || cell_span(b, v).count < cell_span(b, smallest).count) smallest = v;
  }
  if (smallest == b->values) return false;
  shown[smallest] = false;
  return true;
}

/* The root: V is what is safe, less the smallest while the others are not. */
static void settle_root(breakdown *b) {
  gate_group *root = group_at(b, 0);
  for (size_t v = 0; v < b->values; v++) b->local[v] = (uint32_t)v;
  fill_cells(b, 0, 1, b->values + 1);
  bool *shown = g_new(bool, b->values + 1);
  gate_span *scratch = g_new(gate_span, b->values + 1);
  for (size_t v = 0; v < b->values; v++) shown[v] = root_may_show(b, v);
  while (!root_holds(b, shown, scratch) && root_hide_smallest(b, shown)) {
  }
  root->shown = g_new(uint32_t, b->values + 1);
  root->shown_count = 0;
  for (size_t i = 0; i < b->values; i++)
    if (shown[b->by_bytes[i]]) root->shown[root->shown_count++] = b->by_bytes[i];
  g_free(shown);
  g_free(scratch);
}

/* Adds a shown value to the cells of a group. */
static void emit_cell(const breakdown *b, gate_group *group, uint32_t value, size_t rows) {
  if (b->is_list && value != YES) return;
  gate_cell cell = {.facet = b->facet, .exact = (int64_t)rows};
  cell.value = b->is_list ? b->list_value : (int32_t)value;
  if (!group->cell) group->cell = g_array_new(FALSE, TRUE, sizeof cell);
  g_array_append_val(group->cell, cell);
}

/* A list's value that is not shown here is shown nowhere below. */
static bool shows_anything(const breakdown *b, const gate_group *group) {
  return group->shown_count && (!b->is_list || group->shown[0] == YES);
}

static void emit_root(breakdown *b) {
  gate_group *root = group_at(b, 0);
  for (size_t i = 0; i < root->shown_count; i++)
    emit_cell(b, root, root->shown[i], cell_span(b, root->shown[i]).count);
}

/* Rows of the family: what the parent shows, by bytes, and 'o' for the rest. */
static void number_rows(breakdown *b, const gate_group *parent) {
  for (size_t v = 0; v < b->values; v++) b->local[v] = (uint32_t)parent->shown_count;
  for (size_t i = 0; i < parent->shown_count; i++) b->local[parent->shown[i]] = (uint32_t)i;
}

static void take_shown(const breakdown *b, const gate_family *f, const gate_group *parent,
                       size_t column) {
  gate_group *child = group_at(b, parent->first_child + column);
  child->shown = g_new(uint32_t, f->shown_in[column] + 1);
  child->shown_count = 0;
  for (size_t v = 0; v + 1 < f->rows; v++) {
    size_t cell = column * f->rows + v;
    if (f->hidden[cell]) continue;
    child->shown[child->shown_count++] = parent->shown[v];
    emit_cell(b, child, parent->shown[v], cell_span(b, cell).count);
  }
}

/* How many rows, from the first, must never be read as 'all of them': of a
 * yes/no facet 'yes', if it is shown; else every one. */
static size_t guarded_rows(const breakdown *b, size_t rows) { return b->is_list ? 1 : rows; }

static void settle_family(breakdown *b, const gate_group *parent) {
  size_t columns = parent->children, rows = parent->shown_count + 1;
  number_rows(b, parent);
  fill_cells(b, parent->first_child, columns, rows);
  gate_family f = {.counter = b->run->counter,
                   .cell = b->run->policy.cell,
                   .columns = columns,
                   .rows = rows,
                   .member = b->member,
                   .start = b->start,
                   .sensitive = b->sensitive,
                   .guarded = guarded_rows(b, rows)};
  f.hidden = g_new0(bool, columns *rows);
  f.safe = g_new0(bool, columns *rows);
  f.shown_in = g_new0(size_t, columns);
  f.span = g_new(gate_span, MAX(columns, rows) + 2);
  gate_family_settle(&f, group_at(b, parent->first_child + columns - 1)->is_rest);
  for (size_t c = 0; c < columns; c++)
    if (f.shown_in[c]) take_shown(b, &f, parent, c);
  g_free(f.hidden);
  g_free(f.safe);
  g_free(f.shown_in);
  g_free(f.span);
}

/* Root first, then each family whose parent shows something. */
static void apply_breakdown(breakdown *b) {
  settle_root(b);
  emit_root(b);
  for (size_t i = 0; i < b->plan->group->len; i++) {
    gate_group *group = group_at(b, i);
    if (group->children && shows_anything(b, group)) settle_family(b, group);
    g_clear_pointer(&group->shown, g_free);
    group->shown_count = 0;
  }
}

static void breakdown_run(breakdown *b) {
  b->local = g_new(uint32_t, b->values + 1);
  b->member = g_new(uint32_t, b->run->kept_count + 1);
  apply_breakdown(b);
  g_free(b->local);
  g_free(b->member);
  g_free(b->start);
}

static void apply_single(gate_run *run, gate_plan *plan, size_t facet) {
  const gate_facet *f = &run->in->facet[facet];
  uint32_t *by_bytes = values_by_bytes(f);
  breakdown b = {.run = run,
                 .plan = plan,
                 .code = f->code,
                 .values = f->values,
                 .by_bytes = by_bytes,
                 .refused = run->refused[facet],
                 .sensitive = f->sensitive,
                 .facet = (int32_t)facet};
  breakdown_run(&b);
  g_free(by_bytes);
}

/* The places in f->code that hold each value: place[at[v]] ... */
static size_t *places_by_value(const gate_facet *f, size_t rows, uint32_t **ret_row) {
  size_t *at = g_new0(size_t, f->values + 2), codes = (size_t)f->offset[rows];
  for (size_t i = (size_t)f->offset[0]; i < codes; i++)
    if (f->code[i] >= 0) at[f->code[i] + 2]++;
  for (size_t v = 0; v < f->values; v++) at[v + 2] += at[v + 1];
  uint32_t *row = g_new(uint32_t, codes + 1);
  for (size_t r = 0; r < rows; r++)
    for (int64_t i = f->offset[r]; i < f->offset[r + 1]; i++)
      if (f->code[i] >= 0) row[at[f->code[i] + 1]++] = (uint32_t)r;
  *ret_row = row;
  return at;
}

/* One yes/no breakdown per value; an empty list is a 'no' to each. */
static void apply_list(gate_run *run, gate_plan *plan, size_t facet) {
  static const uint32_t yes_no[] = {YES, NO};
  const gate_facet *f = &run->in->facet[facet];
  size_t rows = run->in->roll.rows;
  uint32_t *row;
  size_t *at = places_by_value(f, rows, &row);
  int32_t *code = g_new(int32_t, rows + 1);
  for (size_t r = 0; r < rows; r++) code[r] = NO;
  for (size_t v = 0; v < f->values; v++) {
    bool is_rare = (int64_t)(at[v + 1] - at[v]) < run->policy.cell.conversations;
    if (is_rare || (run->refused[facet] && run->refused[facet][v])) continue;
    for (size_t i = at[v]; i < at[v + 1]; i++) code[row[i]] = YES;
    breakdown b = {.run = run,
                   .plan = plan,
                   .code = code,
                   .values = 2,
                   .by_bytes = yes_no,
                   .sensitive = f->sensitive,
                   .is_list = true,
                   .facet = (int32_t)facet,
                   .list_value = (int32_t)v};
    breakdown_run(&b);
    for (size_t i = at[v]; i < at[v + 1]; i++) code[row[i]] = NO;
  }
  g_free(code);
  g_free(row);
  g_free(at);
}

void gate_facets_apply(gate_run *run, gate_plan *plan) {
  for (size_t f = 0; f < run->in->facets; f++) {
    if (!run->in->facet[f].values) continue;
    if (run->in->facet[f].offset)
      apply_list(run, plan, f);
    else
      apply_single(run, plan, f);
  }
}
