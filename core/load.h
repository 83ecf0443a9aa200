/* load.h - from a graph's file name to a typed flow, for the commands. */
#ifndef CLIO_CORE_LOAD_H
#define CLIO_CORE_LOAD_H
#include "flow.h"

/* A graph, its registry and its flow; what is NULL could not be made. `failed`:
 * why the graph could not even be looked at; then there are no findings. */
typedef struct loaded {
  graph *g;
  diag *d;
  registry *r;
  flow *f;
  error failed;
} loaded;

/* Reads and types `path`. `input`: of -i, or NULL; `set`: of --set, or NULL.
 * `inputs_may_be_unset`: for `check`. Prints every finding to stderr unless
 * `silent`. Returns the exit code: 0, 1, 74 or 78. */
int load_graph(const char *path, const char *input, char **set, bool inputs_may_be_unset,
               bool silent, loaded *ret);

/* What it found, as a JSON array (diag_json). New string. */
char *loaded_findings(const loaded *l, const char *path);
void loaded_clear(loaded *l);
#endif
