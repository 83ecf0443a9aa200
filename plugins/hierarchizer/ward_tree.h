/* ward_tree.h - the tree that hierarchizer/ward grows from its leaves. */
#ifndef CLIO_WARD_TREE_H
#define CLIO_WARD_TREE_H
#include "leaves.h"
#include "levels.h"

/* Adds the levels above the leaves, which are all nodes so far; stops early when
 * a level would have a single node. [call] */
clio_status ward_grow(leaves_tree *t, const levels_shape *shape);
#endif
