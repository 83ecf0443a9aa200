/* view.h - a gate input by brute force: sets of rows, who is safe, which texts
 * stand. */
#ifndef CLIO_ORACLE_VIEW_H
#define CLIO_ORACLE_VIEW_H
#include "sample.h"

/* ---- sets of rows ---- */

/* A bit per roll row. */
typedef uint64_t *rowset;

/* A facet as the reader asks about it: a single-valued facet with `unknown` as
 * its last value, or one value of a list facet as yes (0) and no (1). */
typedef struct question {
  int facet, list_value; /* list_value -1: single-valued */
  int values;            /* of `value`, the last never printed */
  rowset *value;         /* kept rows with that value; disjoint, cover all */
  bool *printable;       /* may be shown at all: not unknown, not refused */
  bool sensitive;
} question;

/* What a toy gate leaves out on purpose (model.c); all false for the truth. */
typedef struct view_faults {
  bool no_cap, no_floor, no_text;
} view_faults;

/* An input seen by brute force: which rows the cap keeps, and who has what. */
typedef struct view {
  const sample *t;
  const gate_input *in;
  view_faults faults;
  size_t rows, words; /* words of a rowset */
  int *account, *org; /* dense numbers */
  int accounts, orgs;
  int *seen;    /* scratch of `safe`, by account or organisation */
  int seen_now; /* stamp */
  rowset kept;
  int64_t over_cap, repeated;
  rowset **node;   /* [tree][1 + node]; [tree][0] is the root */
  rowset **member; /* the same with the rows over the cap */
  int questions;
  question *question;
  GPtrArray *owned;
  struct word_table *word; /* T4's index, made when first asked for */
} view;
view *view_new(const sample *t, view_faults faults);
void view_free(view *v);
rowset view_set(const view *v); /* a new empty set, owned by the view */
void set_and(const view *v, rowset to, const uint64_t *a, const uint64_t *b);
void set_or(const view *v, rowset to, const uint64_t *a);
void set_minus(const view *v, rowset to, const uint64_t *a, const uint64_t *b);
int64_t set_count(const view *v, const uint64_t *a);
int64_t set_accounts(const view *v, const uint64_t *a);
int64_t set_orgs(const view *v, const uint64_t *a);

/* GATE.md, "Words": safe(S, T). */
bool set_safe(const view *v, const uint64_t *a, const gate_threshold *t);
bool set_safe_or_zero(const view *v, const uint64_t *a, const gate_threshold *t);

/* ---- texts (texts.c) ---- */

/* Does the text rule let `text` stand for this node (-1: the root)? NULL, or the
 * clause broken. Brute force over the members' texts: kept rows speak for its
 * words, any row may have been quoted. */
const char *text_broken(view *v, int tree, int node, const char *text, int max_words);
bool rating_stands(const view *v, int rating);
bool name_stands(view *v, int tree, int node);
bool description_stands(view *v, int tree, int node);

#endif
