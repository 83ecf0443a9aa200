/* facets.c - the breakdowns that an aggregator proposed, cut to codes the gate
 * can count: closed sets, numeric bins, lists, periods. Which columns and which
 * values is the aggregator's; who holds them is read from the core's own
 * columns and the roll. */
#include <stdlib.h>
#include <string.h>

#include "release.h"
#include "roll.h"

/* One column being cut. */
typedef struct cutter {
  run *r;
  const clio_table *t;
  GPtrArray *values;  /* char*, in the proposed order */
  GHashTable *number; /* value -> index + 1 */
  GArray *code;       /* int32_t */
  GArray *offset;     /* int64_t, lists only */
} cutter;

/* The distinct proposed values of one column. */
static void collect_values(cutter *c, const clio_table *cells, const char *name) {
  const column *columns = table_column(cells, "column"), *values = table_column(cells, "value");
  for (uint64_t row = 0; row < cells->rows; row++) {
    char *col = column_copy(columns, row), *value = column_copy(values, row);
    bool mine = col && value && !strcmp(col, name);
    if (mine && !g_hash_table_contains(c->number, value)) {
      g_ptr_array_add(c->values, value);
      g_hash_table_insert(c->number, value, GINT_TO_POINTER((int)c->values->len));
      value = NULL;
    }
    g_free(col);
    g_free(value);
  }
}

static int32_t number_of(const cutter *c, const char *value) {
  return GPOINTER_TO_INT(g_hash_table_lookup(c->number, value)) - 1;
}

static int32_t number_of_len(const cutter *c, const char *text, int64_t len) {
  char *value = g_strndup(text, (gsize)len);
  int32_t n = number_of(c, value);
  g_free(value);
  return n;
}

/* "3", "2-3" (i64: inclusive; f64: [2, 3)) or "8+". */
typedef struct bin {
  double low, high;
  bool open, single;
} bin;

/* A bin's label is printed as it was proposed, and no text rule reads it, so
 * its edges must be round: who proposed it has seen the data, and a telephone
 * number is an edge too. Three digits and zeros, or a power of two or the next. */
static bool is_round(const char *digits, size_t n, bool whole) {
  size_t first = strspn(digits, "0."), last = n;
  while (whole && last > first && digits[last - 1] == '0') last--;
  size_t significant = 0;
  for (size_t i = first; i < last; i++) significant += digits[i] != '.';
  if (significant <= 3) return true;
  uint64_t value = whole && n <= 18 ? g_ascii_strtoull(digits, NULL, 10) : 0;
  return value && ((value & (value - 1)) == 0 || ((value - 1) & (value - 2)) == 0);
}

/* One edge: digits, perhaps a point and digits; no sign, exponent or needless
 * zero. What follows it; NULL where there is none. */
static const char *read_edge(const char *at, double *ret) {
  size_t whole = strspn(at, "0123456789"), n = whole;
  if (!whole || (at[0] == '0' && whole > 1)) return NULL;
  if (at[n] == '.') {
    size_t part = strspn(at + n + 1, "0123456789");
    if (!part) return NULL;
    n += 1 + part;
  }
  char *end;
  *ret = g_ascii_strtod(at, &end);
  return end == at + n && is_round(at, n, n == whole) ? end : NULL;
}

static bool parse_bin(const char *text, bool integer, bin *ret) {
  bin b = {0};
  const char *end = read_edge(text, &b.low);
  if (!end) return false;
  b.high = b.low;
  b.open = *end == '+' && !end[1];
  b.single = !*end;
  if (*end == '-') {
    end = read_edge(end + 1, &b.high);
    if (!end || *end) return false;
    if (integer) b.high += 1;
  } else if (!b.open && !b.single) {
    return false;
  } else if (b.single && integer) {
    b.high = b.low + 1;
  }
  *ret = b;
  return true;
}

static bool in_bin(const bin *b, double x) {
  if (b->open) return x >= b->low;
  if (b->single && b->high <= b->low) return x >= b->low && x <= b->low;
  return x >= b->low && x < b->high;
}

static void cut_numbers(cutter *c, const column *col) {
  bool integer = col->type == CLIO_T_I64;
  bin *bins = g_new0(bin, c->values->len + 1);
  bool *good = g_new0(bool, c->values->len + 1);
  for (guint i = 0; i < c->values->len; i++)
    good[i] = parse_bin(c->values->pdata[i], integer, &bins[i]);
  for (uint64_t row = 0; row < c->t->rows; row++) {
    int32_t code = -1;
    bool null = column_is_null(col, row);
    double x =
        integer ? (double)((const int64_t *)col->data)[row] : ((const double *)col->data)[row];
    for (guint i = 0; i < c->values->len && code < 0 && !null; i++)
      if (good[i] && in_bin(&bins[i], x)) code = (int32_t)i;
    g_array_append_val(c->code, code);
  }
  g_free(bins);
  g_free(good);
}

static void cut_texts(cutter *c, const column *col) {
  for (uint64_t row = 0; row < c->t->rows; row++) {
    int64_t len;
    const char *text = column_text(col, row, &len);
    int32_t code = text ? number_of_len(c, text, len) : -1;
    g_array_append_val(c->code, code);
  }
}

static void cut_bools(cutter *c, const column *col) {
  for (uint64_t row = 0; row < c->t->rows; row++) {
    bool yes = ((const uint8_t *)col->data)[row];
    int32_t code = column_is_null(col, row) ? -1 : number_of(c, yes ? "true" : "false");
    g_array_append_val(c->code, code);
  }
}

/* A list's values, each once. */
static void cut_lists(cutter *c, const column *col) {
  c->offset = g_array_new(FALSE, FALSE, sizeof(int64_t));
  int64_t at = 0;
  g_array_append_val(c->offset, at);
  for (uint64_t row = 0; row < c->t->rows; row++) {
    int64_t first = at;
    for (int64_t i = col->offsets[row]; i < col->offsets[row + 1]; i++) {
      int32_t code = number_of_len(c, (const char *)col->data + col->items[i],
                                   col->items[i + 1] - col->items[i]);
      bool seen = code < 0;
      for (int64_t k = first; k < at && !seen; k++)
        seen = g_array_index(c->code, int32_t, k) == code;
      if (seen) continue;
      g_array_append_val(c->code, code);
      at++;
    }
    g_array_append_val(c->offset, at);
  }
}

/* The first day of the period that a time lies in, UTC, "2026-11-01". */
static char *period_start(int64_t microseconds, const char *period) {
  int64_t seconds = microseconds / G_USEC_PER_SEC - (microseconds % G_USEC_PER_SEC < 0);
  GDateTime *t = g_date_time_new_from_unix_utc(seconds);
  if (!t) return NULL;
  int back = 0;
  if (!strcmp(period, "week")) back = g_date_time_get_day_of_week(t) - 1;
  if (!strcmp(period, "month")) back = g_date_time_get_day_of_month(t) - 1;
  GDateTime *start = g_date_time_add_days(t, -back);
  char *text = start ? g_date_time_format(start, "%Y-%m-%d") : NULL;
  g_date_time_unref(t);
  if (start) g_date_time_unref(start);
  return text;
}

static void cut_periods(cutter *c) {
  for (uint64_t row = 0; row < c->t->rows; row++) {
    const roll_entry *entry = roll_find(c->r->roll, c->t->keys->key[row]);
    int32_t code = -1;
    if (entry && entry->time != INT64_MIN) {
      char *start = period_start(entry->time, c->r->f->period);
      code = start ? number_of(c, start) : -1;
      g_free(start);
    }
    g_array_append_val(c->code, code);
  }
}

static bool cut_column(cutter *c, const column *col) {
  switch (col->type) {
  case CLIO_T_I64:
  case CLIO_T_F64: cut_numbers(c, col); return true;
  case CLIO_T_UTF8: cut_texts(c, col); return true;
  case CLIO_T_BOOL: cut_bools(c, col); return true;
  case CLIO_T_LIST: cut_lists(c, col); return true;
  default: return false;
  }
}

static void rate_values(cutter *c, gate_facet *f, facet_set *ret) {
  int32_t *rating = g_new0(int32_t, c->values->len + 1);
  for (guint i = 0; i < c->values->len; i++)
    rating[i] = release_rating(c->r, c->values->pdata[i], NULL);
  f->value_rating = rating;
  g_ptr_array_add(ret->owned, rating);
}

static bool is_sensitive(const run *r, const schema_column *plan, const char *name) {
  if (plan && plan->c.flags & CLIO_COL_SENSITIVE) return true;
  for (guint i = 0; i < r->g->privacy.sensitive->len; i++)
    if (!strcmp(((const doc_node *)r->g->privacy.sensitive->pdata[i])->text, name)) return true;
  return false;
}

/* Hands the cutter's memory over to the set. */
static void own_cut(cutter *c, gate_facet *f, facet_set *ret) {
  g_ptr_array_add(c->values, NULL);
  char **values = (char **)g_ptr_array_free(c->values, FALSE);
  for (size_t i = 0; i < f->values; i++) g_ptr_array_add(ret->owned, values[i]);
  g_ptr_array_add(ret->owned, values);
  f->value = (const char *const *)values;
  f->code = (int32_t *)(void *)g_array_free(c->code, FALSE);
  g_ptr_array_add(ret->owned, (void *)f->code);
  if (c->offset) {
    f->offset = (int64_t *)(void *)g_array_free(c->offset, FALSE);
    g_ptr_array_add(ret->owned, (void *)f->offset);
  }
  g_hash_table_unref(c->number);
}

static void add_facet(run *r, const clio_table *t, const clio_table *cells, const char *name,
                      facet_set *ret) {
  bool period = !strcmp(name, "period");
  const schema_column *plan = schema_find(r->f->gate_in.kind[CLIO_ROWS_CONVERSATION], name);
  const column *col = period ? NULL : table_column(t, name);
  if (!period && (!plan || !col)) return;
  cutter c = {.r = r, .t = t};
  c.values = g_ptr_array_new();
  c.number = g_hash_table_new(g_str_hash, g_str_equal);
  c.code = g_array_new(FALSE, FALSE, sizeof(int32_t));
  collect_values(&c, cells, name);
  bool cut = true;
  if (period)
    cut_periods(&c);
  else
    cut = cut_column(&c, col);
  char *own_name = g_strdup(name);
  g_ptr_array_add(ret->owned, own_name);
  gate_facet f = {.name = own_name, .values = c.values->len, .is_period = period};
  f.sensitive = is_sensitive(r, plan, name);
  bool text = col && (col->type == CLIO_T_UTF8 || col->type == CLIO_T_LIST);
  f.closed = !text || (col->type == CLIO_T_UTF8 && plan->choices);
  if (!f.closed) rate_values(&c, &f, ret);
  bool empty = !c.values->len || !cut;
  own_cut(&c, &f, ret);
  if (!empty) g_array_append_val(ret->facets, f);
}

static int compare_text(const void *a, const void *b) {
  return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* Every value proposed for a column of numbers is a bin. */
static clio_status check_bins(const clio_table *conversations, const clio_table *cells, error *e) {
  const column *names = table_column(cells, "column"), *values = table_column(cells, "value");
  clio_status s = CLIO_OK;
  for (uint64_t row = 0; row < cells->rows && s == CLIO_OK; row++) {
    char *name = column_copy(names, row), *value = column_copy(values, row);
    bin unused;
    const column *col = name ? table_column(conversations, name) : NULL;
    bool numbers = col && (col->type == CLIO_T_I64 || col->type == CLIO_T_F64);
    if (numbers && (!value || !parse_bin(value, col->type == CLIO_T_I64, &unused)))
      s = error_set(e, CLIO_E_INTERNAL,
                    "the gate: a bin proposed for '%s' is not 3, 2-3 or 8+ with "
                    "round edges: at most three digits and zeros, or a power of two; mend the "
                    "aggregator's bins",
                    name);
    g_free(name);
    g_free(value);
  }
  return s;
}

clio_status facets_make(run *r, const clio_table *conversations, const clio_table *cells,
                        facet_set *ret, error *e) {
  ret->facets = g_array_new(FALSE, TRUE, sizeof(gate_facet));
  ret->owned = g_ptr_array_new_with_free_func(g_free);
  if (!cells) return CLIO_OK;
  const column *names = table_column(cells, "column");
  const column *values = table_column(cells, "value");
  if (!names || !values || names->type != CLIO_T_UTF8 || values->type != CLIO_T_UTF8)
    return error_set(e, CLIO_E_INTERNAL, "the cells lack column or value");
  clio_status s = check_bins(conversations, cells, e);
  if (s != CLIO_OK) return s;
  GPtrArray *columns = g_ptr_array_new_with_free_func(g_free);
  for (guint i = 0; i < r->f->facets->len; i++)
    g_ptr_array_add(columns, g_strdup(r->f->facets->pdata[i]));
  if (r->f->period) g_ptr_array_add(columns, g_strdup("period"));
  g_ptr_array_sort(columns, compare_text);
  for (guint i = 0; i < columns->len; i++) {
    bool again = i && !strcmp(columns->pdata[i], columns->pdata[i - 1]);
    if (!again) add_facet(r, conversations, cells, columns->pdata[i], ret);
  }
  g_ptr_array_free(columns, TRUE);
  return CLIO_OK;
}

void facets_clear(facet_set *f) {
  if (f->facets) g_array_free(f->facets, TRUE);
  if (f->owned) g_ptr_array_free(f->owned, TRUE);
}
