/* oracle.h - the release gate's adversary, written apart from the gate.
 *
 * It makes random tables, puts them through gate_apply and then knows only what
 * is printed. It recounts every printed set by brute force (T1), attacks the
 * hidden ones by linear programming (T2), recounts the words of texts (T4), and
 * asks for the same bytes from an equal table (T5) and from one without the
 * ungated data (T6). GATE.md, "Test oracle", states what each must find. */
#ifndef CLIO_ORACLE_H
#define CLIO_ORACLE_H
#include "model.h"

/* ---- what was found (main.c) ---- */

/* Failures by code, such as "T1.count", in order of first sight. The first few
 * of each code are printed as they come, with the seed that makes the table. */
typedef struct findings {
  uint64_t seed;      /* of the table under test */
  GPtrArray *code;    /* static strings */
  GArray *count;      /* int64_t, parallel to code */
  int64_t total;      /* of all codes */
  int64_t this_table; /* of the table under test */
  int show;           /* print this many of each code; 0: none */
} findings;
void found(findings *f, const char *code, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* ---- reading what is printed ---- */

/* The printed nodes as sets of rows, and the printed cells by question. */
typedef struct reading {
  view *v;
  const gate_release *r;
  int nodes;
  rowset *rows;    /* of each printed node */
  bool *is_leaf;   /* has no printed children */
  int64_t **exact; /* [question][node * values + value]: the printed count, or -1 */
} reading;

/* NULL after a finding where the tree itself cannot be read. */
reading *reading_new(view *v, const gate_release *r, findings *f);
void reading_free(reading *rd);
int64_t reading_exact(const reading *rd, int ask, int node, int value);

/* T1 (recount*.c). */
void check_nodes(reading *rd, findings *f);
void check_cells(reading *rd, findings *f);
void check_print(reading *rd, findings *f);

/* How the printed cells compare: shown, of those safe taken alone, and with the
 * model (families of which both show the same cells). */
typedef struct cell_stats {
  int64_t shown, safe, families, agreeing;
} cell_stats;
void count_cells(reading *rd, cell_stats *stats, findings *f); /* f may be NULL */

/* T4 (texts.c). */
void check_texts(view *v, const gate_release *r, findings *f);

/* T2 (attack.c). */
typedef struct attack_stats {
  int64_t programs, targets, solved, bounded; /* bounded: min >= 1, yet protected */
} attack_stats;
void check_attack(reading *rd, int max_union, attack_stats *stats, findings *f);

/* T5 and T6 (same.c, wiped.c): tables whose release must have the same bytes. */
char *printed_bytes(const sample *t, const gate_release *r);
sample *sample_permuted(const sample *t, bool nodes_too);
sample *sample_wiped(view *v, const gate_release *r);
#endif
