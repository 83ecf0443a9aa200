/* gate_text.c - step 3 of GATE.md: which names, descriptions and free-text
 * facet values may be printed. The rule itself is words.c; ratings come from
 * the auditors.
 *
 * Two readings, both the safer one. Rows over the account cap count nowhere,
 * but their text must not leak either: a text is put to the rule for the kept
 * rows and, where the node has others, for all its rows. A facet value is
 * printed at any node, so it is put to the rule for the rows that hold it and
 * for the whole run, by every tree's text column. */
#include "gate_internal.h"

#include <stdlib.h>
#include <string.h>

struct gate_texts {
  gate_run *run;
  words_index *index;
  uint32_t *sorted; /* scratch: rows in increasing order */
};

gate_texts *gate_texts_new(gate_run *run, const gate_tree *tree) {
  const gate_roll *roll = &run->in->roll;
  gate_texts *t = g_new0(gate_texts, 1);
  t->run = run;
  t->index = words_index_new(roll->rows, tree->text, tree->text_len, roll->account, roll->org);
  t->sorted = g_new(uint32_t, roll->rows + 1);
  return t;
}

void gate_texts_free(gate_texts *t) {
  if (!t) return;
  words_index_free(t->index);
  g_free(t->sorted);
  g_free(t);
}

static int compare_u32(const void *a, const void *b) {
  uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
  return (x > y) - (x < y);
}

/* The rows in increasing order, as words_check wants them. */
static gate_span increasing(gate_texts *t, gate_span rows) {
  size_t i = 1;
  while (i < rows.count && rows.row[i - 1] < rows.row[i]) i++;
  if (i >= rows.count) return rows;
  memcpy(t->sorted, rows.row, rows.count * sizeof *t->sorted);
  qsort(t->sorted, rows.count, sizeof *t->sorted, compare_u32);
  return (gate_span){t->sorted, rows.count};
}

static bool rule_passes(gate_texts *t, const char *text, int max_words, gate_span rows) {
  const gate_policy *policy = &t->run->policy;
  words_rule rule = {.accounts = policy->word_accounts,
                     .organizations = policy->cluster.organizations,
                     .exempt_common = policy->word_exempt_common,
                     .max_words = max_words};
  gate_span sorted = increasing(t, rows);
  return !words_check(t->index, t->run->in->words, &rule, sorted.row, sorted.count, text);
}

bool gate_text_passes(gate_texts *t, const char *text, int32_t rating, bool is_name, gate_span kept,
                      gate_span all) {
  if (!text || !*text) return false;
  int max_words = is_name ? WORDS_NAME : WORDS_DESCRIPTION;
  bool passes = rating > 0 && rating >= t->run->policy.audit_floor &&
                rule_passes(t, text, max_words, kept) &&
                (all.count == kept.count || rule_passes(t, text, max_words, all));
  if (!passes) t->run->texts_refused++;
  return passes;
}

/* Rows by value: those of value v are row[at[v]] ... row[at[v + 1] - 1]. */
typedef struct value_rows {
  size_t *at;
  uint32_t *row;
} value_rows;

static size_t row_begin(const gate_facet *f, size_t row) {
  return f->offset ? (size_t)f->offset[row] : row;
}

/* Calls for each value of each kept row; a value twice in a row comes once. */
static void count_values(const gate_run *run, const gate_facet *f, size_t *last, size_t *at,
                         uint32_t *rows) {
  for (size_t v = 0; v < f->values; v++) last[v] = SIZE_MAX;
  for (size_t i = 0; i < run->kept_count; i++) {
    uint32_t row = run->kept[i];
    for (size_t c = row_begin(f, row), end = row_begin(f, (size_t)row + 1); c < end; c++) {
      int32_t v = f->code[c];
      if (v < 0 || last[v] == row) continue;
      last[v] = row;
      if (rows) rows[at[v]] = row;
      at[v]++;
    }
  }
}

static value_rows value_rows_new(const gate_run *run, const gate_facet *f) {
  size_t *last = g_new(size_t, f->values + 1), *next = g_new0(size_t, f->values + 1);
  value_rows r = {g_new0(size_t, f->values + 1), NULL};
  count_values(run, f, last, next, NULL);
  for (size_t v = 0; v < f->values; v++) r.at[v + 1] = r.at[v] + next[v];
  for (size_t v = 0; v < f->values; v++) next[v] = r.at[v];
  r.row = g_new(uint32_t, r.at[f->values] + 1);
  count_values(run, f, last, next, r.row);
  g_free(last);
  g_free(next);
  return r;
}

/* May this free-text value be printed? Values too rare to be shown anywhere
 * are not looked at. */
static void judge_value(gate_texts *t, size_t facet, size_t value, gate_span rows,
                        gate_span everyone) {
  gate_run *run = t->run;
  const gate_facet *f = &run->in->facet[facet];
  if (run->refused[facet][value]) return;
  if (!gate_safe(run->counter, &rows, 1, &run->policy.cell)) return;
  int32_t rating = f->value_rating ? f->value_rating[value] : 0;
  run->refused[facet][value] =
      !gate_text_passes(t, f->value[value], rating, false, rows, rows) ||
      !gate_text_passes(t, f->value[value], rating, false, everyone, everyone);
}

void gate_texts_judge_values(gate_texts *t) {
  gate_run *run = t->run;
  uint32_t *everyone = g_new(uint32_t, run->in->roll.rows + 1);
  for (size_t r = 0; r < run->in->roll.rows; r++) everyone[r] = (uint32_t)r;
  gate_span all = {everyone, run->in->roll.rows};
  for (size_t f = 0; f < run->in->facets; f++) {
    const gate_facet *facet = &run->in->facet[f];
    if (facet->closed) continue;
    value_rows rows = value_rows_new(run, facet);
    for (size_t v = 0; v < facet->values; v++) {
      gate_span held = {rows.row + rows.at[v], rows.at[v + 1] - rows.at[v]};
      judge_value(t, f, v, held, all);
    }
    g_free(rows.at);
    g_free(rows.row);
  }
  g_free(everyone);
}
