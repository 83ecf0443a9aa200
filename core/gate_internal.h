/* gate_internal.h - what the parts of the gate share. Nothing outside
 * core/gate*.c and its tests includes it. GATE.md is the text; its words are
 * used here: safe, hidden, rest, o (what a parent does not show). */
#ifndef CLIO_CORE_GATE_INTERNAL_H
#define CLIO_CORE_GATE_INTERNAL_H
#include <glib.h>

#include "gate.h"

/* Some rows of the roll, borrowed. */
typedef struct gate_span {
  const uint32_t *row;
  size_t count;
} gate_span;

/* Counts distinct accounts and organisations of any set of rows. Holds
 * scratch memory: one thread at a time. */
typedef struct gate_counter gate_counter;
gate_counter *gate_counter_new(const gate_roll *roll, int64_t cell_accounts);
void gate_counter_free(gate_counter *counter);

/* safe(S, T) of GATE.md for the union of disjoint spans: enough conversations,
 * accounts and organisations, and, where T asks for more than one
 * organisation, cell.accounts accounts left without any single one. Cost: rows
 * read until the thresholds are met. */
bool gate_safe(gate_counter *counter, const gate_span *span, size_t spans,
               const gate_threshold *threshold);

/* The distinct accounts and organisations of one span. */
void gate_measure(gate_counter *counter, gate_span span, int64_t *ret_accounts,
                  int64_t *ret_organizations);

/* How many rows the `top` accounts with most rows have together. */
int64_t gate_heaviest(gate_counter *counter, const gate_span *span, size_t spans, int64_t top);

/* Writes one row per account, the one with the lowest cap_key (ties: the lower
 * row), to ret_rows (room for span.count); returns how many. */
size_t gate_one_per_account(gate_counter *counter, gate_span span, uint32_t *ret_rows);

/* One call of gate_apply. */
typedef struct gate_run {
  const gate_input *in;
  gate_policy policy; /* as given, every threshold at least 1, cluster >= cell */
  gate_counter *counter;
  bool *is_kept;  /* per roll row: left by the account cap */
  uint32_t *kept; /* the kept rows, increasing */
  size_t kept_count, repeats;
  bool **refused; /* per facet and value: must not be printed; NULL = closed */
  int64_t texts_refused;
} gate_run;

/* A node that will be printed. */
typedef struct gate_group {
  int32_t node;   /* index in the tree; -1: the root or a rest */
  int32_t parent; /* index of a group; -1: the root */
  int32_t level;
  bool is_rest, name_passes, description_passes;
  gate_span rows;               /* kept rows; increasing within a leaf only */
  uint64_t least_key;           /* the lowest cap_key of its rows: breaks ties */
  size_t first_child, children; /* groups, in canonical order, a rest last */
  int64_t rank;                 /* 1-based within its level; a rest has none */
  uint32_t *shown;              /* step 5: values shown here, by bytes */
  size_t shown_count;
  GArray *cell; /* of gate_cell, `exact` filled in */
} gate_group;

/* What will be printed of one tree. */
typedef struct gate_plan {
  const gate_tree *tree;
  int32_t tree_index;
  GArray *group;        /* of gate_group; the root first, parents before children */
  uint32_t *order;      /* memory behind the groups' rows */
  GPtrArray *rest_rows; /* memory behind the rests' rows */
} gate_plan;

/* Which texts of one tree may be printed (step 3 with step 7). */
typedef struct gate_texts gate_texts;
gate_texts *gate_texts_new(gate_run *run, const gate_tree *tree);
void gate_texts_free(gate_texts *texts);

/* Is this name (description) rated and does it pass the text rule for these
 * kept rows? `all`: every roll row of the node, those over the cap too.
 * Refusals are counted in the run. A NULL text does not pass. */
bool gate_text_passes(gate_texts *texts, const char *text, int32_t rating, bool is_name,
                      gate_span kept, gate_span all);

/* Marks in run->refused the free-text values that this tree's texts forbid. */
void gate_texts_judge_values(gate_texts *texts);

/* Step 4. Refuses with CLIO_E_PRIVACY where nothing can be printed. */
clio_status gate_plan_make(gate_run *run, gate_texts *texts, int32_t tree, gate_plan **ret,
                           error *e);
void gate_plan_free(gate_plan *plan);

/* Step 5 for every facet: fills the groups' cells. */
void gate_facets_apply(gate_run *run, gate_plan *plan);

/* One family of step 5: children of one parent (columns) by what the parent
 * shows and `o` (rows, o last). Cell (c, v) is number c * rows + v; its members
 * are member[start[cell]] ... member[start[cell + 1] - 1]. Columns stand in
 * canonical order, rows in the order of their bytes, so ties go to the lower. */
typedef struct gate_family {
  gate_counter *counter;
  gate_threshold cell;
  size_t columns, rows;
  const uint32_t *member;
  const size_t *start;
  bool *hidden;     /* per cell: H */
  bool *safe;       /* per cell: safe(cell) by itself */
  size_t *shown_in; /* per column: cells not in H */
  size_t shown;     /* of all columns */
  bool sensitive;
  size_t guarded;  /* sensitive: rows 0 ... guarded - 1 are never 'all of them' */
  gate_span *span; /* scratch: max(columns, rows) + 2 */
} gate_family;

/* Grows H from every cell that is unsafe, of row o, of a rest (`rest_last`: the
 * last column is one), until the family is settled. */
void gate_family_settle(gate_family *family, bool rest_last);

/* Step 6: rounds, ranks, names and orders what the plans hold. */
gate_release *gate_print(gate_run *run, gate_plan *const *plan, size_t plans);
/* What stands for the refused name of an inner node. */
extern const char gate_withheld[];
#endif
