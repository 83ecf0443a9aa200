/* named_emit.h - the clusters table with names and descriptions filled in. */
#ifndef CLIO_LIB_NAMED_EMIT_H
#define CLIO_LIB_NAMED_EMIT_H
#include "named_tree.h"

/* Is this a column that the namer fills, rather than copies? [any] */
int emit_fills(const char *column);

/* Emits `clusters` on port 0: every column that `columns` lists, and in `name`
 * and `description`, where they are null, what the tree's nodes got. [call] */
clio_status emit_clusters(const clio_host *host, clio_call *call, const clio_table *clusters,
                          const clio_columns *columns, const tree *t);
#endif
