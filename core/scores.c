/* scores.c - the scores of a run, shown; see scores.h. */
#include "scores.h"

#include <string.h>

#include "layout.h"
#include "table.h"
#include "text.h"
#include "util.h"

enum { NUMBERS = 5 };
static const char *const numbers[NUMBERS] = {"value", "low", "high", "reference", "n"};

/* The columns of one table of scores; NULL: it has none of that name. */
typedef struct sheet {
  const char *stage;
  uint64_t rows;
  const column *metric, *slice, *number[NUMBERS];
} sheet;

static sheet sheet_of(const char *stage, const clio_table *t) {
  sheet s = {.stage = stage, .rows = t->rows};
  s.metric = table_column(t, "metric");
  s.slice = table_column(t, "slice");
  for (int i = 0; i < NUMBERS; i++) s.number[i] = table_column(t, numbers[i]);
  return s;
}

/* Calls fn for the scores that each stage made itself. */
static void each_sheet(const run *r, void (*fn)(const sheet *, void *ctx), void *ctx) {
  for (guint i = 0; i < r->f->stages->len; i++) {
    const flow_stage *fs = flow_at(r->f, (int)i);
    const clio_table *t = r->bundles ? r->bundles[i].table[CLIO_ROWS_SCORE] : NULL;
    bool own = r->stages[i].made == CLIO_ROWS_SCORE;
    if (!t || !own || t->rows == 0) continue;
    sheet s = sheet_of(fs->gs->id, t);
    fn(&s, ctx);
  }
}

static char *text_at(const column *c, uint64_t row) {
  int64_t length;
  if (!c || column_is_null(c, row)) return g_strdup("");
  const char *text = column_text(c, row, &length);
  return text_for_terminal(text, length);
}

static bool number_at(const column *c, uint64_t row, double *ret) {
  if (!c || column_is_null(c, row)) return false;
  if (c->type == CLIO_T_I64)
    *ret = (double)((const int64_t *)c->data)[row];
  else if (c->type == CLIO_T_F64)
    *ret = ((const double *)c->data)[row];
  else
    return false;
  return true;
}

/* ---- for people ---- */

static char *shown_number(double value) {
  char text[G_ASCII_DTOSTR_BUF_SIZE];
  bool whole = value == (double)(int64_t)value && (value > 1 || value < -1);
  if (whole) return format_count((int64_t)value);
  return g_strdup(g_ascii_formatd(text, sizeof text, "%.3f", value));
}

/* "0.950 (0.940 to 0.958)", with what is given. */
static char *shown_value(const sheet *s, uint64_t row) {
  double value, low, high;
  if (!number_at(s->number[0], row, &value)) return g_strdup("");
  char *text = shown_number(value);
  if (!number_at(s->number[1], row, &low) || !number_at(s->number[2], row, &high)) return text;
  g_autofree char *from = shown_number(low), *to = shown_number(high), *alone = text;
  return g_strdup_printf("%s (%s to %s)", alone, from, to);
}

static char *shown_at(const sheet *s, int which, uint64_t row) {
  double value;
  return number_at(s->number[which], row, &value) ? shown_number(value) : g_strdup("");
}

static char *shown_count(const sheet *s, uint64_t row) {
  double value;
  return number_at(s->number[4], row, &value) ? format_count((int64_t)value) : g_strdup("");
}

enum { CELLS = 5, SLICES_SHOWN = 40 };
typedef struct grid {
  GPtrArray *cell; /* char*, CELLS of each line */
  int width[CELLS];
} grid;

static void grid_put(grid *g, int at, char *text) {
  g->width[at] = MAX(g->width[at], text_columns(text));
  g_ptr_array_add(g->cell, text);
}

/* Is it a metric of so many parts that only the evaluation shows them? */
static bool has_many(const sheet *s, uint64_t row) {
  g_autofree char *metric = text_at(s->metric, row);
  uint64_t same = 0;
  for (uint64_t i = 0; i < s->rows && same <= SLICES_SHOWN; i++) {
    g_autofree char *other = text_at(s->metric, i);
    same += strcmp(metric, other) == 0;
  }
  return same > SLICES_SHOWN;
}

/* Returns how many rows were left out. */
static uint64_t grid_fill(grid *g, const sheet *s) {
  static const char *const heads[CELLS] = {"metric", "of", "value", "paper", "n"};
  uint64_t hidden = 0;
  for (int i = 0; i < CELLS; i++) grid_put(g, i, g_strdup(heads[i]));
  for (uint64_t row = 0; row < s->rows; row++) {
    if (has_many(s, row)) {
      hidden++;
      continue;
    }
    grid_put(g, 0, text_at(s->metric, row));
    grid_put(g, 1, text_at(s->slice, row));
    grid_put(g, 2, shown_value(s, row));
    grid_put(g, 3, shown_at(s, 3, row));
    grid_put(g, 4, shown_count(s, row));
  }
  return hidden;
}

/* Texts to the left, numbers to the right; a column that says nothing is left out. */
static void grid_print(const grid *g, FILE *to) {
  for (guint i = 0; i < g->cell->len; i += CELLS) {
    g_autoptr(GString) line = g_string_new(" ");
    for (int k = 0; k < CELLS; k++) {
      const char *text = g->cell->pdata[i + (guint)k];
      int blank = g->width[k] - text_columns(text);
      bool number = k > 2;
      g_string_append_printf(line, " %*s%s%*s", number ? blank : 0, "", text, number ? 0 : blank,
                             "");
    }
    g_strchomp(line->str);
    fprintf(to, "%s\n", line->str);
  }
}

static void print_sheet(const sheet *s, void *ctx) {
  FILE *to = ctx;
  grid g = {.cell = g_ptr_array_new_with_free_func(g_free)};
  uint64_t hidden = grid_fill(&g, s);
  fprintf(to, "%s\n", s->stage);
  grid_print(&g, to);
  if (hidden) fprintf(to, "  and %llu more, in the run's evaluation\n", (unsigned long long)hidden);
  g_ptr_array_free(g.cell, TRUE);
}

void scores_print(const run *r, FILE *to) { each_sheet(r, print_sheet, to); }

/* ---- for programs ---- */

static void put_sheet(const sheet *s, void *ctx) {
  json *j = ctx;
  for (uint64_t row = 0; row < s->rows; row++) {
    g_autofree char *metric = text_at(s->metric, row), *slice = text_at(s->slice, row);
    json_object(j);
    json_put_string(j, "stage", s->stage);
    json_put_string(j, "metric", metric);
    json_put_string(j, "slice", *slice ? slice : NULL);
    for (int i = 0; i < NUMBERS; i++) {
      double value;
      json_key(j, numbers[i]);
      if (number_at(s->number[i], row, &value))
        json_double(j, value);
      else
        json_null(j);
    }
    json_end(j);
  }
}

static void notice(const sheet *s, void *ctx) {
  (void)s;
  *(bool *)ctx = true;
}

void scores_put(const run *r, json *j) {
  bool any = false;
  each_sheet(r, notice, &any);
  if (!any) return;
  json_key(j, "scores");
  json_array(j);
  each_sheet(r, put_sheet, j);
  json_end(j);
}
