/* ward_tree.h - the tree that hierarchizer/ward grows from its leaves. */
#ifndef CLIO_WARD_TREE_H
#define CLIO_WARD_TREE_H
#include "work.h"

/* The tree as it grows: node i has a centroid, a weight, a level and a parent
 * (an index, or -1); its number in the table is id[i]. Leaves come first. */
typedef struct ward_tree {
  const work *w;
  uint64_t nodes, room, d;
  float *centroid;
  double *weight;
  int64_t *id, *level, *parent;
} ward_tree;

/* Nodes of the top level and number of levels, leaves included. `top` and
 * `levels` are the parameters, -1 for auto. */
void ward_shape(int64_t top, int64_t levels, uint64_t leaves, uint64_t *ret_top,
                uint64_t *ret_levels);

/* Adds the levels above the leaves, which are all nodes so far; stops early when
 * a level would have a single node. There is room for as many nodes again. [call] */
clio_status ward_grow(ward_tree *t, uint64_t top, uint64_t levels);
#endif
