/* released.h - the released tables as plain arrays, for reports.
 *
 * Reads what the gate let through: the run, the clusters in print order, and
 * the cells of each cluster. It computes nothing and decides nothing. */
#ifndef CLIO_PLUGINS_RELEASED_H
#define CLIO_PLUGINS_RELEASED_H
#include "clio.h"
#include "clio_util.h"

/* The columns a report's ports read, for the stage's table of inputs. */
extern const clio_column released_run_columns[10];
extern const clio_column released_cluster_columns[15];
extern const clio_column released_cell_columns[6];

/* About the whole run. Spans are borrowed from the table; s = NULL is null.
 * Every report prints `caveat` where it is not null. */
typedef struct released_run {
  clio_span mode, graph_hash, assume, privacy, public_why, caveat;
  int64_t seed, conversations, accounts, suppressed;
} released_run;

/* One value of one column at one cluster. */
typedef struct released_cell {
  clio_span column, value;
  int64_t count;
  double ratio;
} released_cell;

/* One cluster, or the root (no parent), or a rest. `source`: the number of the
 * cluster in the memberships, -1 where it is not told (outside public mode). */
typedef struct released_node {
  clio_span id, facet, parent, name, description, auditor;
  int64_t level, conversations, accounts, organizations, rating, source;
  int is_rest, has_position;
  double x, y;
  const released_cell *cell;
  uint64_t cells;
} released_node;

typedef struct released_tree {
  released_node *node;
  uint64_t nodes;
} released_tree;

/* Reads the one row of `table`. Fails where a column is missing. [call] */
clio_status released_read_run(const clio_host *host, clio_call *call, const clio_table *table,
                              released_run *ret);

/* Reads clusters, and their cells where `cells` is not NULL; both keep their
 * order. The arrays are scratch. Fails on a cell of an unknown cluster. [call] */
clio_status released_read_tree(const clio_host *host, clio_call *call, const clio_table *clusters,
                               const clio_table *cells, released_tree *ret);
#endif
