/* load.h - from a graph's file name to a typed flow, for the commands. */
#ifndef CLIO_CORE_LOAD_H
#define CLIO_CORE_LOAD_H
#include "flow.h"

/* A graph, its registry and its flow; what is NULL could not be made. */
typedef struct loaded {
  graph *g;
  diag *d;
  registry *r;
  flow *f;
} loaded;

/* Reads and types `path`. `input`: of -i, or NULL; `set`: of --set, or NULL.
 * `inputs_may_be_unset`: for `check`. Prints every finding to stderr (as JSON
 * to stdout when `json`). Returns the exit code: 0, 74 or 78. */
int load_graph(const char *path, const char *input, char **set, bool inputs_may_be_unset, bool json,
               loaded *ret);
void loaded_clear(loaded *l);
#endif
