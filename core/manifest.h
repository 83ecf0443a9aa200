/* manifest.h - OUT/manifest.json (0600): what ran, for the operator. Exact
 * counts and times; not to be published. */
#ifndef CLIO_CORE_MANIFEST_H
#define CLIO_CORE_MANIFEST_H
#include "run.h"

/* The resolved graph as canonical JSON: names, seed, privacy, every stage with
 * its parameters; no path of input or output. New string. */
char *manifest_graph(const graph *g, const flow *f);

/* Writes the manifest. `outcome`: "done" or the error's text. */
clio_status manifest_write(const run *r, const char *outcome, gint64 started, error *e);
#endif
