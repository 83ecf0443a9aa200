/* model.h - GATE.md's algorithm once more (model*.c), breakable on purpose. It
 * shares no code with the gate. */
#ifndef CLIO_ORACLE_MODEL_H
#define CLIO_ORACLE_MODEL_H
#include "view.h"

/* Rules to break, for the self-test. */
typedef enum model_fault {
  FAULT_NONE,
  FAULT_NO_A,
  FAULT_NO_B,
  FAULT_NO_C,
  FAULT_SINGLE,
  FAULT_ZERO_SHOWN,
  FAULT_NO_CLOSURE,
  FAULT_REST_UNSAFE,
  FAULT_TRUE_ORDER,
  FAULT_NO_CAP,
  FAULT_NO_ORGS,
  FAULT_MEAN_OF_ROWS,
  FAULT_STRICT,
  FAULT_NO_FLOOR,
  FAULT_NO_TEXT,
  FAULT_EXACT_BAND,
  FAULT_ROUND_FIRST,
  FAULT_NOT_SENSITIVE,
  FAULTS
} model_fault;
const char *model_fault_name(model_fault fault);

/* Step 4 for one tree, all arrays by 1 + node. `rest` is NULL where that node
 * has no rest. */
typedef struct model_tree {
  bool *shown, *named; /* named: its name stands */
  rowset *rest;
  bool refused; /* nothing of it may be printed */
} model_tree;
model_tree model_tree_make(view *v, int tree, model_fault fault);

/* safe(S, T) as the fault has it. */
bool model_safe(const view *v, const uint64_t *a, const gate_threshold *t, model_fault fault);

/* Step 5 at the root: which values are shown. */
void model_root(const view *v, const question *q, model_fault fault, bool *ret_shown);

/* Step 5 below it: one family. Columns stand in the order in which they are
 * tried; ret_shown[column * q->values + value]. */
typedef struct model_columns {
  int count;
  const uint64_t **rows;
  const char **name;
  const bool *is_rest;
} model_columns;
void model_family(const view *v, const question *q, const model_columns *cols,
                  const bool *parent_shown, model_fault fault, bool *ret_shown);

/* The text of a value, as ties are broken by it. */
const char *value_text(const view *v, const question *q, int value);

/* The whole gate, for the self-test. Free with model_release_free. */
clio_status model_apply(const sample *t, model_fault fault, gate_release **ret);
void model_release_free(gate_release *r);

#endif
