/* leaves.h - what hierarchizers share: the leaves of one tree read from a clusters table,
 * levels added above them, and the complete tree written again. Rows of other trees pass
 * through. */
#ifndef CLIO_LIB_LEAVES_H
#define CLIO_LIB_LEAVES_H
#include "work.h"

enum { LEAVES_CLUSTERS, LEAVES_CONVERSATIONS, LEAVES_INPUTS };

/* The tree as it grows: node i has a centroid, a weight, a level and a parent
 * (an index, or -1); its number in the table is id[i]. Leaves come first. Names are those
 * of nodes that were added, NULL: none. */
typedef struct leaves_tree {
  const work *w;
  uint64_t nodes, leaves, room, d;
  float *centroid;
  double *weight;
  int64_t *id, *level, *parent;
  const char **name, **description;
} leaves_tree;

/* The clusters as they came, and who is in which leaf. */
typedef struct leaves_input {
  uint64_t rows;
  clio_view facet, node, level, parent, centroid, name, description;
  int has_parent, has_name, has_description;
  const char *tree;          /* the facet's name */
  const clio_column *member; /* its column of the conversations */
  uint64_t *leaf_row;        /* of the clusters table, by leaf */
  int32_t *leaf;             /* by conversation; -1: in none */
  uint64_t conversations;
} leaves_input;

/* The ports of a stage that reads and writes a tree with these functions. */
extern const clio_port leaves_inputs[LEAVES_INPUTS], leaves_outputs[1];

/* plan() of such a stage: finds the tree, `facet` or the only one, and says so if there is
 * none. *ret_member (may be NULL): its membership column. [main] */
clio_status leaves_plan(const clio_host *host, clio_plan *plan, const char *facet,
                        const clio_column **ret_member);

/* Reads the leaves of the tree; there is room in *ret_tree for as many nodes again. All is
 * memory of the call. CLIO_E_INPUT for a tree that has inner nodes already. [call] */
clio_status leaves_read(const work *w, const clio_table *clusters, const clio_table *conversations,
                        const char *facet, leaves_input *ret, leaves_tree *ret_tree);

/* Adds the parents of nodes [first, first + n), one for each group; each group has a
 * member. [any] */
void leaves_add(leaves_tree *t, uint64_t first, uint64_t n, const uint32_t *group, uint64_t groups);

/* Emits all rows as they came, leaves with their parents, then the inner nodes. [call] */
clio_status leaves_emit(const leaves_tree *t, const leaves_input *in);
#endif
