/* graph_schema.h - a JSON Schema (draft 2020-12) of the graph language with the
 * parameters of every installed stage, for editors. It takes what the reader
 * takes, save rules that no schema can say (that ids exist, circles, floors). */
#ifndef CLIO_CORE_GRAPH_SCHEMA_H
#define CLIO_CORE_GRAPH_SCHEMA_H
#include "registry.h"

/* `stages`: const plugin_stage*, by kind and name. New string. */
char *graph_schema(const GPtrArray *stages);
/* The same with every installed stage, each of which is loaded. New string. */
clio_status graph_schema_of(registry *r, char **ret, error *e);
#endif
