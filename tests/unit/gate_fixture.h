/* gate_fixture.h - builds small inputs for the gate's tests: nodes and rows are
 * added one by one, arrays and their lengths look after themselves. Every row's
 * text holds the names used, unless it is given another. */
#ifndef CLIO_TESTS_GATE_FIXTURE_H
#define CLIO_TESTS_GATE_FIXTURE_H
#include <glib.h>

#include "gate.h"

enum { FIX_FACETS = 3, FIX_TREES = 2 };

typedef struct fix {
  gate_policy policy;
  bool has_orgs;
  GArray *account, *org, *key; /* uint64_t */
  GArray *leaf[FIX_TREES];     /* int32_t */
  GArray *node[FIX_TREES];     /* gate_node */
  GArray *x, *y;               /* double */
  GPtrArray *text;             /* borrowed */
  const char *zone_text;       /* every row's text in tree 1, if not NULL */
  GArray *code[FIX_FACETS];    /* int32_t */
  GArray *offset[FIX_FACETS];  /* int64_t, of list facets */
  gate_facet facet[FIX_FACETS];
  size_t facets, trees;
  bool has_positions;
  /* made by fix_run */
  gate_release *release;
  error error;
} fix;

/* cluster 5 accounts and 10 conversations, cell 3 and 5, words of 3 accounts,
 * no cap to speak of, exact counts; one tree 'topic'. */
fix *fix_new(void);
void fix_free(fix *f);

/* Adds a node rated 5 to tree t; returns its index. */
int32_t fix_node(fix *f, size_t t, int32_t parent, int32_t level, const char *name);

/* Adds a row; its key is a hash of its number, its organisation its account. */
size_t fix_row(fix *f, uint64_t account, int32_t leaf);

/* Adds `rows` rows of one leaf and of `accounts` accounts in turn, numbered from
 * `first`, all with value `code` in facet 0 (when there is one). */
void fix_rows(fix *f, int32_t leaf, size_t rows, uint64_t first, size_t accounts, int32_t code);

/* Declares the next facet with n values; closed. */
gate_facet *fix_facet(fix *f, const char *name, const char *const *value, size_t n);

/* Runs the gate; the release (or the error) stays in the fixture. */
clio_status fix_run(fix *f);

/* The printed node of that id or name, or NULL. */
const gate_printed *fix_id(const fix *f, const char *id);
const gate_printed *fix_named(const fix *f, const char *name);

/* The exact count of a value at a node, -1 when it is not printed. */
int64_t fix_count(const fix *f, const gate_printed *node, int32_t facet, int32_t value);

/* Everything printed, as text: what two equal runs must agree in. */
char *fix_dump(const fix *f);
#endif
