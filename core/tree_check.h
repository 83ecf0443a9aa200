/* tree_check.h - is a clusters table a forest as DESIGN section 5 wants it? */
#ifndef CLIO_CORE_TREE_CHECK_H
#define CLIO_CORE_TREE_CHECK_H
#include "table.h"

/* Nodes unique within a facet and not negative; a parent that is there, one
 * level up; levels contiguous from 0; and, when `complete`, no inner node with
 * a single child and every leaf at level 0. `id` and `use` name the stage. */
clio_status tree_check(const char *id, const char *use, const clio_table *clusters, bool complete,
                       error *e);
#endif
