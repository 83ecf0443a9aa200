/* gate_family_test.c - one family of facet cells: against the text of GATE.md
 * taken word by word (start again at a after every change), on random tables,
 * and by what must hold of any result. Also the guard of sensitive facets. */
#include <CUnit/Basic.h>
#include <stdlib.h>
#include <string.h>

#include "gate_fixture.h"
#include "gate_internal.h"

enum { MOST_COLUMNS = 5, MOST_ROWS = 6, MOST_CELLS = MOST_COLUMNS * MOST_ROWS, TABLES = 4000 };

/* A table of random cells: skewed, near the threshold, accounts heavy-tailed. */
typedef struct table {
  size_t columns, rows, members;
  uint64_t account[MOST_CELLS * 40], org[MOST_CELLS * 40], key[MOST_CELLS * 40];
  uint32_t member[MOST_CELLS * 40];
  size_t start[MOST_CELLS + 1];
  gate_threshold cell;
  bool rest_last, sensitive;
  gate_counter *counter;
  gate_roll roll;
} table;

static void fill_cell(table *t, GRand *r, size_t most, uint64_t accounts) {
  size_t n = g_rand_double(r) < 0.3 ? 0 : (size_t)g_rand_int_range(r, 0, (int)most);
  for (size_t i = 0; i < n; i++, t->members++) {
    double u = g_rand_double(r);
    t->account[t->members] = (uint64_t)((double)accounts * u * u);
    t->org[t->members] = g_rand_int(r) % 4;
    t->member[t->members] = (uint32_t)t->members;
  }
}

static void table_init(table *t, uint32_t seed) {
  static const size_t most[] = {4, 8, 15, 40};
  static const uint64_t accounts[] = {3, 8, 20, 1000};
  g_autoptr(GRand) r = g_rand_new_with_seed(seed);
  memset(t, 0, sizeof *t);
  t->columns = (size_t)g_rand_int_range(r, 1, MOST_COLUMNS + 1);
  t->rows = (size_t)g_rand_int_range(r, 2, MOST_ROWS + 1);
  t->cell =
      (gate_threshold){g_rand_int_range(r, 1, 4), g_rand_int_range(r, 2, 7), seed % 5 ? 1 : 2};
  t->rest_last = seed % 3 == 0;
  t->sensitive = seed % 7 == 0;
  uint64_t a = accounts[g_rand_int(r) % 4];
  for (size_t i = 0; i < t->columns * t->rows; i++) {
    t->start[i] = t->members;
    fill_cell(t, r, most[g_rand_int(r) % 4], a);
  }
  t->start[t->columns * t->rows] = t->members;
  t->roll = (gate_roll){t->members, t->account, t->org, t->key, true};
  t->counter = gate_counter_new(&t->roll, t->cell.accounts);
}

/* ---- the reference: GATE.md's words, no shortcuts ---- */

static gate_span span_of(const table *t, size_t c, size_t v) {
  size_t i = c * t->rows + v;
  return (gate_span){t->member + t->start[i], t->start[i + 1] - t->start[i]};
}

static size_t size_of(const table *t, size_t c, size_t v) { return span_of(t, c, v).count; }

/* Safe, counted naively; organisations too. */
static bool naive_safe(const table *t, const bool *in) {
  bool account[1024] = {false}, by_org[4][1024] = {{false}}, org[4] = {false};
  int64_t rows = 0, accounts = 0, orgs = 0;
  for (size_t i = 0; i < t->columns * t->rows; i++)
    for (size_t m = t->start[i]; in[i] && m < t->start[i + 1]; m++) {
      rows++;
      account[t->account[m]] = by_org[t->org[m]][t->account[m]] = org[t->org[m]] = true;
    }
  for (size_t a = 0; a < 1024; a++) accounts += account[a];
  for (size_t o = 0; o < 4; o++) orgs += org[o];
  if (rows < t->cell.conversations || accounts < t->cell.accounts) return false;
  if (t->cell.organizations <= 1) return true;
  if (orgs < t->cell.organizations) return false;
  for (size_t without = 0; without < 4; without++) {
    int64_t left = 0;
    for (size_t a = 0; a < 1024; a++)
      for (size_t o = 0; o < 4; o++)
        if (o != without && by_org[o][a]) {
          left++;
          break;
        }
    if (left < t->cell.accounts) return false;
  }
  return true;
}

/* Is the union of the cells of one column or row that are in H zero or safe? */
static bool line_holds(const table *t, const bool *hidden, size_t column, size_t row) {
  bool in[MOST_CELLS] = {false};
  size_t members = 0;
  for (size_t c = 0; c < t->columns; c++)
    for (size_t v = 0; v < t->rows; v++) {
      bool here = (c == column || column == SIZE_MAX) && (v == row || row == SIZE_MAX);
      in[c * t->rows + v] = here && hidden[c * t->rows + v];
      if (in[c * t->rows + v]) members += size_of(t, c, v);
    }
  return !members || naive_safe(t, in);
}

/* Hides the smallest shown cell of a column (row); false where none is. */
static bool hide_smallest(const table *t, bool *hidden, size_t column, size_t row) {
  size_t best = SIZE_MAX, best_size = SIZE_MAX;
  for (size_t c = 0; c < t->columns; c++)
    for (size_t v = 0; v < t->rows; v++) {
      size_t i = c * t->rows + v;
      if (hidden[i] || (column != SIZE_MAX && c != column) || (row != SIZE_MAX && v != row))
        continue;
      if (size_of(t, c, v) >= best_size) continue;
      best = i;
      best_size = size_of(t, c, v);
    }
  if (best != SIZE_MAX) hidden[best] = true;
  return best != SIZE_MAX;
}

static bool in_a(const table *t, const bool *hidden, size_t c, size_t v) {
  bool one[MOST_CELLS] = {false};
  one[c * t->rows + v] = true;
  return hidden[c * t->rows + v] && size_of(t, c, v) && !naive_safe(t, one);
}

static int compare_down(const void *a, const void *b) {
  int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
  return (x < y) - (x > y);
}

static int64_t need_of(const table *t, const bool *hidden, size_t c) {
  int64_t rows[1024] = {0}, together = 0, most = 0;
  for (size_t v = 0; v < t->rows; v++) {
    if (!in_a(t, hidden, c, v)) continue;
    together += (int64_t)size_of(t, c, v);
    for (size_t i = 0; i < size_of(t, c, v); i++) rows[t->account[span_of(t, c, v).row[i]]]++;
  }
  if (t->cell.organizations > 1) return together;
  qsort(rows, 1024, sizeof *rows, compare_down);
  for (int64_t i = 0; i < t->cell.accounts - 1; i++) most += rows[i];
  return MIN(together, MAX(t->cell.conversations - 1, most));
}

static double donors_of(const table *t, const bool *hidden, size_t c, size_t v, size_t w) {
  double sum = 0;
  for (size_t d = 0; d < t->columns; d++)
    if (d != c && hidden[d * t->rows + v] && hidden[d * t->rows + w])
      sum += (double)size_of(t, d, w);
  return sum;
}

/* G, by the prototype's arithmetic in doubles. */
static double g_of(const table *t, const bool *hidden, size_t c, size_t v, int64_t need) {
  double g = 0, room = (double)need - (double)size_of(t, c, v);
  bool taken[MOST_ROWS] = {false};
  for (size_t w = 0; w < t->rows; w++)
    if (w != v && hidden[c * t->rows + w] && size_of(t, c, w)) g += donors_of(t, hidden, c, v, w);
  while (room > 0) {
    size_t best = SIZE_MAX;
    double ratio = -1;
    for (size_t w = 0; w < t->rows; w++) {
      if (w == v || taken[w] || !in_a(t, hidden, c, w)) continue;
      double here = donors_of(t, hidden, c, v, w) / (double)size_of(t, c, w);
      if (here > ratio) best = w, ratio = here;
    }
    if (best == SIZE_MAX) break;
    double part = MIN(1.0, room / (double)size_of(t, c, best));
    g -= part * donors_of(t, hidden, c, v, best);
    room -= part * (double)size_of(t, c, best);
    taken[best] = true;
  }
  return g;
}

static bool shows(const table *t, const bool *hidden, size_t c) {
  for (size_t v = 0; v < t->rows; v++)
    if (!hidden[c * t->rows + v]) return true;
  return false;
}

static bool hide_in_smallest_column(const table *t, bool *hidden) {
  size_t best = SIZE_MAX, best_size = SIZE_MAX;
  for (size_t c = 0; c < t->columns; c++) {
    size_t n = t->start[(c + 1) * t->rows] - t->start[c * t->rows];
    if (shows(t, hidden, c) && n < best_size) best = c, best_size = n;
  }
  return best != SIZE_MAX && hide_smallest(t, hidden, best, SIZE_MAX);
}

/* One change by a, b or c; false when nothing is left to do. */
static bool reference_step(const table *t, bool *hidden) {
  for (size_t c = 0; c < t->columns; c++)
    if (!line_holds(t, hidden, c, SIZE_MAX) && hide_smallest(t, hidden, c, SIZE_MAX)) return true;
  for (size_t v = 0; v < t->rows; v++)
    if (!line_holds(t, hidden, SIZE_MAX, v) && hide_smallest(t, hidden, SIZE_MAX, v)) return true;
  for (size_t c = 0; c < t->columns; c++) {
    int64_t need = need_of(t, hidden, c);
    for (size_t v = 0; v < t->rows; v++) {
      if (!in_a(t, hidden, c, v)) continue;
      if (g_of(t, hidden, c, v, need) >= (double)need - 1e-9) continue;
      return shows(t, hidden, c) ? hide_smallest(t, hidden, c, SIZE_MAX)
                                 : hide_in_smallest_column(t, hidden);
    }
  }
  return false;
}

static bool all_but_unsafe(const table *t, size_t c, size_t v) {
  bool in[MOST_CELLS] = {false};
  for (size_t w = 0; w < t->rows; w++) in[c * t->rows + w] = w != v;
  return !naive_safe(t, in);
}

static void reference(const table *t, bool *hidden) {
  for (size_t c = 0; c < t->columns; c++)
    for (size_t v = 0; v < t->rows; v++) {
      bool one[MOST_CELLS] = {false};
      one[c * t->rows + v] = true;
      hidden[c * t->rows + v] = v == t->rows - 1 || (t->rest_last && c == t->columns - 1) ||
                                !naive_safe(t, one) || (t->sensitive && all_but_unsafe(t, c, v));
    }
  while (reference_step(t, hidden)) {
  }
}

/* ---- ours ---- */

static void settle(table *t, bool *hidden, size_t guarded) {
  bool safe[MOST_CELLS];
  size_t shown_in[MOST_COLUMNS];
  gate_span span[MOST_COLUMNS + MOST_ROWS + 2];
  gate_family f = {.counter = t->counter,
                   .cell = t->cell,
                   .columns = t->columns,
                   .rows = t->rows,
                   .member = t->member,
                   .start = t->start,
                   .hidden = hidden,
                   .safe = safe,
                   .shown_in = shown_in,
                   .sensitive = t->sensitive,
                   .guarded = guarded,
                   .span = span};
  gate_family_settle(&f, t->rest_last);
}

/* Without the guard of step 'sensitive' ours is the reference, cell by cell. */
static void test_as_written(void) {
  size_t different = 0, shown = 0, all_hidden = 0;
  table *t = g_new(table, 1);
  for (uint32_t seed = 0; seed < TABLES; seed++) {
    bool ours[MOST_CELLS] = {false}, theirs[MOST_CELLS] = {false};
    table_init(t, seed);
    settle(t, ours, 0);
    reference(t, theirs);
    different += memcmp(ours, theirs, t->columns * t->rows) != 0;
    size_t before = shown;
    for (size_t i = 0; i < t->columns * t->rows; i++) shown += !ours[i];
    all_hidden += shown == before;
    gate_counter_free(t->counter);
  }
  CU_ASSERT_EQUAL(different, 0);
  CU_ASSERT_TRUE(shown > TABLES && all_hidden > TABLES / 20); /* the tables try both ends */
  g_free(t);
}

/* What hides for a sensitive facet hides no less than without, and leaves every
 * nearly uniform column a way to be something else, or the family bare. */
static void test_sensitive_guard(void) {
  size_t more = 0, broken = 0;
  table *t = g_new(table, 1);
  for (uint32_t seed = 0; seed < TABLES; seed++) {
    bool bare[MOST_CELLS] = {false}, guarded[MOST_CELLS] = {false};
    table_init(t, seed);
    t->sensitive = true;
    settle(t, bare, 0);
    settle(t, guarded, t->rows);
    bool shows_any = false;
    for (size_t i = 0; i < t->columns * t->rows; i++) {
      broken += bare[i] && !guarded[i];
      more += guarded[i] && !bare[i];
      shows_any |= !guarded[i];
    }
    for (size_t i = 0; shows_any && i < t->columns * t->rows; i++) {
      size_t c = i / t->rows, v = i % t->rows;
      double others = 0;
      for (size_t w = 0; w < t->rows; w++)
        if (w != v && guarded[c * t->rows + w]) others += donors_of(t, guarded, c, v, w);
      bool empty = t->start[c * t->rows] == t->start[(c + 1) * t->rows];
      broken += !empty && all_but_unsafe(t, c, v) && others < (double)t->cell.conversations;
    }
    gate_counter_free(t->counter);
  }
  CU_ASSERT_EQUAL(broken, 0);
  CU_ASSERT_TRUE(more > 0);
  g_free(t);
}

int main(void) {
  if (CU_initialize_registry() != CUE_SUCCESS) return 1;
  CU_pSuite s = CU_add_suite("gate family", NULL, NULL);
  CU_add_test(s, "as GATE.md is written", test_as_written);
  CU_add_test(s, "sensitive guard", test_sensitive_guard);
  CU_basic_set_mode(CU_BRM_NORMAL);
  CU_basic_run_tests();
  unsigned failed = CU_get_number_of_failures();
  CU_cleanup_registry();
  return failed ? 1 : 0;
}
