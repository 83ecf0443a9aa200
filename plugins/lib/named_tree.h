/* named_tree.h - the nodes of one tree and the rows that belong to each. */
#ifndef CLIO_LIB_NAMED_TREE_H
#define CLIO_LIB_NAMED_TREE_H
#include "phrases.h"

enum { TREE_NONE = -1 };

typedef struct tree_node {
  int64_t id, level;
  int64_t parent;     /* place in the tree, TREE_NONE: a top node */
  uint64_t table_row; /* of the clusters table */
  int wants_name, wants_description;
  uint64_t *member; /* rows that were read; each account's stand together */
  uint64_t members;
  uint64_t *all; /* every row, in rising order, for the text rule */
  uint64_t count;
  char *name, *description; /* NULL until written */
} tree_node;

typedef struct tree {
  tree_node *node;
  uint64_t nodes;
} tree;

/* Reads the nodes of `facet` from a clusters table. Scratch. [call] */
clio_status tree_read(const clio_host *host, clio_call *call, const clio_table *clusters,
                      const char *facet, tree *ret);

/* The place of a node by its number, or TREE_NONE. [any] */
int64_t tree_find(const tree *t, int64_t id);

/* Marks in ret_skip[rows] the rows whose text need not be read: those in no
 * leaf, and those past `limit` of a leaf, drawn by the host's random numbers. [call] */
clio_status tree_sample(const clio_host *host, clio_call *call, const tree *t,
                        const clio_view *member, uint64_t limit, uint8_t *ret_skip);

/* Gives every node the rows of its leaves. [call] */
clio_status tree_fill(tree *t, const phrase_corpus *corpus, const clio_view *member,
                      const uint8_t *skip);
#endif
