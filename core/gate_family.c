/* gate_family.c - step 5 of GATE.md for one family: which cells of a parent's
 * children are hidden, so that no printed sum or difference gives a small one
 * away. It hides; it never counts a printed number.
 *
 * H only grows and every check is monotone in H: once a column, a row or a
 * value of the swap test holds, it holds for good. So 'start again at a' needs
 * no second look at what held, and one pass over a, b and c in that order does
 * what the text says. All arithmetic is in integers: rows taken in part are
 * rounded up.
 *
 * A reading, the safer one: where a facet is `sensitive`, (c, v) is hidden when
 * the rest of column c is not safe, but the printed sums could still prove that
 * nearly all of c is v. So these must allow a world in which at least k of c
 * are something else (settle_sensitive). */
#include "gate_internal.h"

#include <stdlib.h>

/* A row w of the swap test that may itself be part of an unsafe union. */
typedef struct rival {
  int64_t donors, size;
} rival;

static size_t cell_at(const gate_family *f, size_t column, size_t row) {
  return column * f->rows + row;
}

static int64_t cell_size(const gate_family *f, size_t column, size_t row) {
  size_t i = cell_at(f, column, row);
  return (int64_t)(f->start[i + 1] - f->start[i]);
}

static bool is_hidden(const gate_family *f, size_t column, size_t row) {
  return f->hidden[cell_at(f, column, row)];
}

static gate_span cell_span(const gate_family *f, size_t column, size_t row) {
  size_t i = cell_at(f, column, row);
  return (gate_span){f->member + f->start[i], f->start[i + 1] - f->start[i]};
}

static size_t column_size(const gate_family *f, size_t column) {
  return f->start[(column + 1) * f->rows] - f->start[column * f->rows];
}

static void hide(gate_family *f, size_t column, size_t row) {
  size_t i = cell_at(f, column, row);
  if (f->hidden[i]) return;
  f->hidden[i] = true;
  f->shown_in[column]--;
  f->shown--;
}

/* Hides the smallest shown cell of a column, which has one. */
static void hide_in_column(gate_family *f, size_t column) {
  size_t smallest = f->rows;
  for (size_t v = 0; v < f->rows; v++) {
    if (is_hidden(f, column, v)) continue;
    if (smallest == f->rows || cell_size(f, column, v) < cell_size(f, column, smallest))
      smallest = v;
  }
  hide(f, column, smallest);
}

/* Hides the smallest shown cell of a row; false where it shows none. */
static bool hide_in_row(gate_family *f, size_t row) {
  size_t smallest = f->columns;
  for (size_t c = 0; c < f->columns; c++) {
    if (is_hidden(f, c, row)) continue;
    if (smallest == f->columns || cell_size(f, c, row) < cell_size(f, smallest, row)) smallest = c;
  }
  if (smallest == f->columns) return false;
  hide(f, smallest, row);
  return true;
}

/* Hides the smallest shown cell of the smallest column that shows one; false
 * where the family shows nothing. */
static bool hide_anywhere(gate_family *f) {
  size_t smallest = f->columns;
  for (size_t c = 0; c < f->columns; c++) {
    if (!f->shown_in[c]) continue;
    if (smallest == f->columns || column_size(f, c) < column_size(f, smallest)) smallest = c;
  }
  if (smallest == f->columns) return false;
  hide_in_column(f, smallest);
  return true;
}

/* Is the union of these spans zero or safe(cell)? */
static bool union_holds(gate_family *f, size_t spans) {
  for (size_t s = 0; s < spans; s++)
    if (f->span[s].count) return gate_safe(f->counter, f->span, spans, &f->cell);
  return true;
}

static bool column_holds(gate_family *f, size_t column) {
  size_t n = 0;
  for (size_t v = 0; v < f->rows; v++)
    if (is_hidden(f, column, v)) f->span[n++] = cell_span(f, column, v);
  return union_holds(f, n);
}

static bool row_holds(gate_family *f, size_t row) {
  size_t n = 0;
  for (size_t c = 0; c < f->columns; c++)
    if (is_hidden(f, c, row)) f->span[n++] = cell_span(f, c, row);
  return union_holds(f, n);
}

/* Step a. */
static void settle_columns(gate_family *f) {
  for (size_t c = 0; c < f->columns; c++)
    while (f->shown_in[c] && !column_holds(f, c)) hide_in_column(f, c);
}

/* Step b. */
static void settle_rows(gate_family *f) {
  for (size_t v = 0; v < f->rows; v++)
    while (!row_holds(f, v) && hide_in_row(f, v)) {
    }
}

/* A of GATE.md holds this cell: hidden, not zero, not safe by itself. */
static bool is_exposed(const gate_family *f, size_t column, size_t row) {
  return is_hidden(f, column, row) && cell_size(f, column, row) > 0 &&
         !f->safe[cell_at(f, column, row)];
}

/* An upper bound of the conversations of any unsafe union in the column. */
static int64_t column_need(gate_family *f, size_t column) {
  size_t n = 0;
  int64_t together = 0;
  for (size_t v = 0; v < f->rows; v++) {
    if (!is_exposed(f, column, v)) continue;
    f->span[n++] = cell_span(f, column, v);
    together += cell_size(f, column, v);
  }
  int64_t k = f->cell.conversations;
  if (together < k || f->cell.organizations > 1) return together;
  int64_t most = gate_heaviest(f->counter, f->span, n, f->cell.accounts - 1);
  return MIN(together, MAX(k - 1, most));
}

/* Rows of `row` in sibling columns where both it and `other` are hidden: they
 * could trade labels with (column, other) unseen. */
static int64_t donors(const gate_family *f, size_t column, size_t row, size_t other) {
  int64_t sum = 0;
  for (size_t d = 0; d < f->columns; d++)
    if (d != column && is_hidden(f, d, row) && is_hidden(f, d, other))
      sum += cell_size(f, d, other);
  return sum;
}

/* Most donors per row first. */
static int compare_rivals(const void *a, const void *b) {
  const rival *x = a, *y = b;
  int64_t left = x->donors * y->size, right = y->donors * x->size;
  return (left < right) - (left > right);
}

/* G of GATE.md for what was found: all donors less what the rest of an unsafe
 * union, `room` rows of it, could take away. */
static int64_t guaranteed(int64_t certain, rival *r, size_t rivals, int64_t room) {
  int64_t sum = certain;
  for (size_t i = 0; i < rivals; i++) sum += r[i].donors;
  qsort(r, rivals, sizeof *r, compare_rivals);
  for (size_t i = 0; i < rivals && room > 0; i++) {
    if (r[i].size <= room)
      sum -= r[i].donors;
    else
      sum -= (room * r[i].donors + r[i].size - 1) / r[i].size;
    room -= MIN(room, r[i].size);
  }
  return sum;
}

/* The swap test of value `row` in `column`: G >= need. G only grows with the
 * rows looked at, so it stops at the first that suffice; `o`, which donates
 * most, comes first. `scratch` has room for f->rows. Cost: rows x columns. */
static bool swap_holds(const gate_family *f, size_t column, size_t row, int64_t need,
                       rival *scratch) {
  int64_t certain = 0, room = need - cell_size(f, column, row);
  size_t rivals = 0, next_look = 64;
  for (size_t i = f->rows; i-- > 0;) {
    if (i == row || !is_hidden(f, column, i) || !cell_size(f, column, i)) continue;
    int64_t given = donors(f, column, row, i);
    if (is_exposed(f, column, i))
      scratch[rivals++] = (rival){given, cell_size(f, column, i)};
    else
      certain += given;
    if (certain >= need) return true;
    if (rivals < next_look) continue;
    if (guaranteed(certain, scratch, rivals, room) >= need) return true;
    next_look *= 2;
  }
  return guaranteed(certain, scratch, rivals, room) >= need;
}

/* Step c for one column; false when the family shows nothing any more. */
static bool settle_swaps_of(gate_family *f, size_t column, rival *scratch) {
  int64_t need = column_need(f, column);
  for (size_t v = 0; v < f->rows; v++) {
    if (!is_exposed(f, column, v)) continue;
    while (!swap_holds(f, column, v, need, scratch)) {
      if (f->shown_in[column])
        hide_in_column(f, column);
      else if (!hide_anywhere(f))
        return false;
    }
  }
  return true;
}

/* Step c. */
static void settle_swaps(gate_family *f) {
  rival *scratch = g_new(rival, f->rows + 1);
  for (size_t c = 0; c < f->columns && settle_swaps_of(f, c, scratch); c++) {
  }
  g_free(scratch);
}

/* Is everything in the column but `row` zero or unsafe? */
static bool is_nearly_all(gate_family *f, size_t column, size_t row) {
  size_t begin = column * f->rows, end = begin + f->rows, i = begin + row;
  gate_span other[2] = {{f->member + f->start[begin], f->start[i] - f->start[begin]},
                        {f->member + f->start[i + 1], f->start[end] - f->start[i + 1]}};
  return !gate_safe(f->counter, other, 2, &f->cell);
}

/* Could k rows of the column hold another value than `row`, by trading labels
 * with siblings, and no printed number change? */
static bool others_possible(const gate_family *f, size_t column, size_t row) {
  int64_t sum = 0;
  for (size_t w = 0; w < f->rows; w++)
    if (w != row && is_hidden(f, column, w)) sum += donors(f, column, row, w);
  return sum >= f->cell.conversations;
}

/* Sensitive facets: no printed number proves that (nearly) all of c is v. */
static void settle_sensitive(gate_family *f) {
  for (size_t c = 0; c < f->columns; c++)
    for (size_t v = 0; v < f->guarded; v++) {
      if (!column_size(f, c) || !is_nearly_all(f, c, v)) continue;
      while (!others_possible(f, c, v) && hide_anywhere(f)) {
      }
    }
}

static bool starts_hidden(gate_family *f, size_t column, size_t row, bool rest_last) {
  if (row == f->rows - 1 || (rest_last && column == f->columns - 1)) return true;
  if (!f->safe[cell_at(f, column, row)]) return true;
  return f->sensitive && is_nearly_all(f, column, row);
}

void gate_family_settle(gate_family *f, bool rest_last) {
  f->shown = 0;
  for (size_t c = 0; c < f->columns; c++) {
    f->shown_in[c] = 0;
    for (size_t v = 0; v < f->rows; v++) {
      gate_span span = cell_span(f, c, v);
      f->safe[cell_at(f, c, v)] = gate_safe(f->counter, &span, 1, &f->cell);
      bool hidden = starts_hidden(f, c, v, rest_last);
      f->hidden[cell_at(f, c, v)] = hidden;
      f->shown_in[c] += !hidden;
      f->shown += !hidden;
    }
  }
  settle_columns(f);
  settle_rows(f);
  settle_swaps(f);
  if (f->sensitive) settle_sensitive(f);
}
