/* model_family.c - step 5 below the root: one family of one facet. After
 * shared/gate/prototype.py and GATE.md, which adds organisations, sensitive
 * facets and the rounding up. */
#include <string.h>

#include "oracle.h"

/* Rows of the table: the values the parent shows, in order of their bytes, and
 * last `o`, all that it does not show. Cells: column * rows + row. */
typedef struct family {
  const view *v;
  const question *q;
  const model_columns *col;
  model_fault fault;
  int rows;
  int *value; /* of each row but the last */
  rowset *cell;
  int64_t *n, *column_n;
  bool *safe, *hidden;
} family;

static int at(const family *f, int c, int r) { return c * f->rows + r; }

static const char *row_name(const family *f, int r) {
  return r + 1 == f->rows ? "o" : value_text(f->v, f->q, f->value[r]);
}

/* Hides the smallest shown cell of the column (c >= 0) or row; false: none. */
static bool hide_smallest(family *f, int column, int row) {
  int best = -1;
  for (int c = column < 0 ? 0 : column; c < (column < 0 ? f->col->count : column + 1); c++)
    for (int r = row < 0 ? 0 : row; r < (row < 0 ? f->rows : row + 1); r++) {
      int i = at(f, c, r);
      if (f->hidden[i]) continue;
      bool less = best < 0 || f->n[i] < f->n[best];
      if (!less && f->n[i] == f->n[best])
        less = column < 0 ? strcmp(f->col->name[c], f->col->name[best / f->rows]) < 0
                          : strcmp(row_name(f, r), row_name(f, best % f->rows)) < 0;
      if (less) best = i;
    }
  if (best >= 0) f->hidden[best] = true;
  return best >= 0;
}

/* Steps a and b for one column or row. */
static bool margin_unsafe(const family *f, int column, int row) {
  g_autofree uint64_t *all = g_new0(uint64_t, f->v->words + 1);
  for (int c = 0; c < f->col->count; c++)
    for (int r = 0; r < f->rows; r++)
      if ((column < 0 || c == column) && (row < 0 || r == row) && f->hidden[at(f, c, r)])
        set_or(f->v, all, f->cell[at(f, c, r)]);
  return set_count(f->v, all) > 0 && !model_safe(f->v, all, &f->v->in->policy.cell, f->fault);
}

static bool step_margins(family *f, bool columns) {
  int count = columns ? f->col->count : f->rows;
  for (int i = 0; i < count; i++) {
    int c = columns ? i : -1, r = columns ? -1 : i;
    if (margin_unsafe(f, c, r) && hide_smallest(f, c, r)) return true;
  }
  return false;
}

static bool in_a(const family *f, int i) { return f->hidden[i] && f->n[i] > 0 && !f->safe[i]; }

static int by_size_down(const void *a, const void *b) {
  int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
  return (x < y) - (x > y);
}

/* Rows of the set that belong to its `count` most active accounts. */
static int64_t most_active(const view *v, const uint64_t *set, int64_t count) {
  g_autofree int64_t *n = g_new0(int64_t, v->accounts + 1);
  for (size_t r = 0; r < v->rows; r++)
    if (set[r / 64] >> (r % 64) & 1) n[v->account[r]]++;
  qsort(n, (size_t)v->accounts, sizeof *n, by_size_down);
  int64_t sum = 0;
  for (int i = 0; i < v->accounts && i < count; i++) sum += n[i];
  return sum;
}

/* No unsafe union within A is larger than this. */
static int64_t need_of(const family *f, int c) {
  const gate_policy *p = &f->v->in->policy;
  g_autofree uint64_t *all = g_new0(uint64_t, f->v->words + 1);
  for (int r = 0; r < f->rows; r++)
    if (in_a(f, at(f, c, r))) set_or(f->v, all, f->cell[at(f, c, r)]);
  int64_t total = set_count(f->v, all);
  if (p->cell.organizations > 1 && f->fault != FAULT_NO_ORGS) return total;
  int64_t m = most_active(f->v, all, p->cell.accounts - 1);
  return MIN(total, MAX(p->cell.conversations - 1, m));
}

static int64_t donors(const family *f, int c, int r, int w) {
  int64_t sum = 0;
  for (int d = 0; d < f->col->count; d++)
    if (d != c && f->hidden[at(f, d, r)] && f->hidden[at(f, d, w)]) sum += f->n[at(f, d, w)];
  return sum;
}

/* What the rest of A could take of G: by donors per conversation, descending. */
static int64_t taken(const family *f, int c, int r, int64_t room, const int64_t *give) {
  g_autofree bool *done = g_new0(bool, f->rows);
  int64_t sum = 0;
  while (room > 0) {
    int best = -1;
    for (int w = 0; w < f->rows; w++) {
      if (w == r || done[w] || !in_a(f, at(f, c, w))) continue;
      if (best < 0 || give[w] * f->n[at(f, c, best)] > give[best] * f->n[at(f, c, w)]) best = w;
    }
    if (best < 0) break;
    int64_t n = f->n[at(f, c, best)];
    sum += n <= room ? give[best] : (give[best] * room + n - 1) / n;
    room -= n;
    done[best] = true;
  }
  return sum;
}

static bool swap_fails(const family *f, int c, int r, int64_t need) {
  g_autofree int64_t *give = g_new0(int64_t, f->rows);
  int64_t all = 0, own = f->n[at(f, c, r)];
  for (int w = 0; w < f->rows; w++)
    if (w != r && f->hidden[at(f, c, w)] && f->n[at(f, c, w)] > 0)
      all += give[w] = donors(f, c, r, w);
  if (f->fault == FAULT_SINGLE) return all < own;
  return all - taken(f, c, r, need - own, give) < need;
}

/* The column with the fewest conversations that still shows a cell, or -1. */
static int smallest_column(const family *f) {
  int best = -1;
  for (int c = 0; c < f->col->count; c++) {
    bool shows = false;
    for (int r = 0; r < f->rows; r++) shows |= !f->hidden[at(f, c, r)];
    if (!shows) continue;
    if (best < 0 || f->column_n[c] < f->column_n[best] ||
        (f->column_n[c] == f->column_n[best] && strcmp(f->col->name[c], f->col->name[best]) < 0))
      best = c;
  }
  return best;
}

/* Hides one more cell, of column c while it shows any; false: none is shown. */
static bool hide_for(family *f, int c) {
  if (hide_smallest(f, c, -1)) return true;
  int other = smallest_column(f);
  return other >= 0 && hide_smallest(f, other, -1);
}

static bool step_swap(family *f) {
  for (int c = 0; c < f->col->count; c++) {
    int64_t need = need_of(f, c);
    for (int r = 0; r < f->rows; r++)
      if (in_a(f, at(f, c, r)) && swap_fails(f, c, r, need)) return hide_for(f, c);
  }
  return false;
}

/* A sensitive facet: where all of column c, or all but fewer than k, have the
 * hidden value, enough rows of it must be able to change places with other
 * values of sibling columns. GATE.md asks only that such a cell start hidden;
 * without this it is read by subtraction all the same. */
static bool reads_all(const family *f, int c, int r) {
  int64_t own = f->n[at(f, c, r)], give = 0;
  int64_t lack = f->v->in->policy.cell.conversations - (f->column_n[c] - own);
  if (!f->hidden[at(f, c, r)] || r + 1 == f->rows || lack <= 0) return false;
  for (int w = 0; w < f->rows; w++)
    if (w != r && f->hidden[at(f, c, w)]) give += donors(f, c, r, w);
  return MIN(give, own) < lack;
}

static bool step_all(family *f) {
  if (!f->q->sensitive || f->fault == FAULT_NOT_SENSITIVE) return false;
  for (int c = 0; c < f->col->count; c++)
    for (int r = 0; r < f->rows; r++)
      if (reads_all(f, c, r)) return hide_for(f, c);
  return false;
}

static bool step(family *f) {
  if (f->fault != FAULT_NO_A && step_margins(f, true)) return true;
  if (f->fault != FAULT_NO_B && step_margins(f, false)) return true;
  if (f->fault != FAULT_NO_C && step_swap(f)) return true;
  return step_all(f);
}

/* Which rows the table has, in order of their bytes. */
static void set_rows(family *f, const bool *parent_shown) {
  f->value = g_new0(int, f->q->values + 1);
  for (int i = 0; i < f->q->values; i++) {
    bool here = f->fault == FAULT_NO_CLOSURE ? f->q->printable[i] : parent_shown[i];
    if (!here) continue;
    int to = f->rows++;
    const char *text = value_text(f->v, f->q, i);
    for (; to > 0 && strcmp(value_text(f->v, f->q, f->value[to - 1]), text) > 0; to--)
      f->value[to] = f->value[to - 1];
    f->value[to] = i;
  }
  f->rows++;
}

static bool starts_hidden(const family *f, int c, int r) {
  int i = at(f, c, r);
  if (r + 1 == f->rows || f->col->is_rest[c]) return true;
  if (f->q->sensitive && f->fault != FAULT_NOT_SENSITIVE) {
    g_autofree uint64_t *left = g_new0(uint64_t, f->v->words + 1);
    set_minus(f->v, left, f->col->rows[c], f->cell[i]);
    if (!model_safe(f->v, left, &f->v->in->policy.cell, f->fault)) return true;
  }
  return f->n[i] == 0 ? f->fault != FAULT_ZERO_SHOWN : !f->safe[i];
}

static void fill(family *f) {
  for (int c = 0; c < f->col->count; c++) {
    g_autofree uint64_t *other = g_new0(uint64_t, f->v->words + 1);
    set_or(f->v, other, f->col->rows[c]);
    f->column_n[c] = set_count(f->v, other);
    for (int r = 0; r < f->rows; r++) {
      int i = at(f, c, r);
      f->cell[i] = g_new0(uint64_t, f->v->words + 1);
      if (r + 1 < f->rows)
        set_and(f->v, f->cell[i], f->col->rows[c], f->q->value[f->value[r]]);
      else
        set_or(f->v, f->cell[i], other);
      set_minus(f->v, other, other, f->cell[i]);
      f->n[i] = set_count(f->v, f->cell[i]);
      f->safe[i] = model_safe(f->v, f->cell[i], &f->v->in->policy.cell, f->fault);
    }
    for (int r = 0; r < f->rows; r++) f->hidden[at(f, c, r)] = starts_hidden(f, c, r);
  }
}

void model_family(const view *v, const question *q, const model_columns *cols,
                  const bool *parent_shown, model_fault fault, bool *ret_shown) {
  family f = {.v = v, .q = q, .col = cols, .fault = fault};
  set_rows(&f, parent_shown);
  int cells = cols->count * f.rows;
  f.cell = g_new0(rowset, cells + 1);
  f.n = g_new0(int64_t, cells + 1);
  f.column_n = g_new0(int64_t, cols->count + 1);
  f.safe = g_new0(bool, cells + 1);
  f.hidden = g_new0(bool, cells + 1);
  fill(&f);
  while (step(&f)) continue;
  memset(ret_shown, 0, (size_t)(cols->count * q->values) * sizeof *ret_shown);
  for (int c = 0; c < cols->count; c++)
    for (int r = 0; r + 1 < f.rows; r++)
      ret_shown[c * q->values + f.value[r]] = !f.hidden[at(&f, c, r)];
  for (int i = 0; i < cells; i++) g_free(f.cell[i]);
  g_free(f.value);
  g_free(f.cell);
  g_free(f.n);
  g_free(f.column_n);
  g_free(f.safe);
  g_free(f.hidden);
}
