/* oracle_run.h - running the oracle over many tables. */
#ifndef CLIO_ORACLE_RUN_H
#define CLIO_ORACLE_RUN_H
#include <stdio.h>

#include "oracle.h"

/* What is under test: the gate, or the model with a fault. */
typedef struct subject {
  clio_status (*apply)(const struct subject *s, const sample *t, gate_release **ret, error *e);
  void (*free)(gate_release *r);
  model_fault fault;
} subject;

typedef struct run_options {
  const lexicon *lex;
  bool low;        /* thresholds below the compiled floors */
  int max_union;   /* of hidden cells, for T2 */
  bool same_cells; /* the model's cells exactly, or it is a finding */
  bool print;      /* the release too, exact counts and all */
} run_options;

typedef struct run_stats {
  int64_t tables, refused, failed, nodes;
  attack_stats attack;
  cell_stats cells;
} run_stats;

void findings_init(findings *f, int show);
void findings_clear(findings *f);

/* Makes the table of this seed, puts it through the subject, checks it all. */
void examine(const subject *s, uint64_t seed, const run_options *o, run_stats *stats, findings *f);

/* Inputs that are none: each must be refused (malformed.c). */
void check_malformed(const run_options *o, uint64_t seed, findings *f);
#endif
