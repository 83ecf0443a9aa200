/* malformed.c - inputs that are not bound to the roll, or are no tree: each must
 * be refused, without a crash and without a number in the message. */
#include <string.h>

#include "oracle_run.h"

/* Spoils a table; false: this table has nothing to spoil in that way. */
typedef bool spoil_fn(sample *t);

static gate_tree *tree_of(sample *t) { return (gate_tree *)t->in.tree; }
static gate_node *node_of(sample *t) { return (gate_node *)t->in.tree->node; }
static int32_t *leaf_of(sample *t) { return (int32_t *)t->in.tree->leaf; }

static bool leaf_beyond(sample *t) {
  leaf_of(t)[3] = (int32_t)t->in.tree->nodes;
  return true;
}

static bool leaf_below(sample *t) {
  leaf_of(t)[3] = -2;
  return true;
}

static bool leaf_is_inner(sample *t) {
  for (size_t i = 0; i < t->in.tree->nodes; i++)
    if (t->in.tree->node[i].level > 0) {
      leaf_of(t)[3] = (int32_t)i;
      return true;
    }
  return false;
}

static bool parent_beyond(sample *t) {
  node_of(t)[0].parent = (int32_t)t->in.tree->nodes + 7;
  return true;
}

static bool parent_is_self(sample *t) {
  node_of(t)[0].parent = 0;
  return true;
}

static bool parents_in_a_ring(sample *t) {
  for (size_t i = 0; i < t->in.tree->nodes; i++) {
    int up = t->in.tree->node[i].parent;
    if (up < 0) continue;
    node_of(t)[up].parent = (int32_t)i;
    return true;
  }
  return false;
}

static bool code_beyond(sample *t) {
  if (t->in.facet->offset) return false;
  ((int32_t *)t->in.facet->code)[2] = (int32_t)t->in.facet->values;
  return true;
}

static bool code_below(sample *t) {
  if (t->in.facet->offset) return false;
  ((int32_t *)t->in.facet->code)[2] = -2;
  return true;
}

static bool list_code_beyond(sample *t) {
  if (!t->in.facet->offset || t->in.facet->offset[t->in.roll.rows] == 0) return false;
  ((int32_t *)t->in.facet->code)[0] = (int32_t)t->in.facet->values;
  return true;
}

static bool offsets_fall(sample *t) {
  if (!t->in.facet->offset) return false;
  ((int64_t *)t->in.facet->offset)[2] = t->in.facet->offset[1] - 1;
  return true;
}

static bool no_rows(sample *t) {
  t->in.roll.rows = 0;
  return true;
}

static bool no_trees(sample *t) {
  t->in.trees = 0;
  return true;
}

static bool no_nodes(sample *t) {
  tree_of(t)->nodes = 0;
  for (size_t r = 0; r < t->in.roll.rows; r++) leaf_of(t)[r] = -1;
  return true;
}

static bool same_facet_twice(sample *t) {
  if (t->in.trees < 2) return false;
  tree_of(t)[1].facet = tree_of(t)[0].facet;
  return true;
}

static const struct {
  const char *name;
  spoil_fn *spoil;
} ways[] = {
    {"a leaf beyond the tree", leaf_beyond},
    {"a leaf below -1", leaf_below},
    {"an inner node as a leaf", leaf_is_inner},
    {"a parent beyond the tree", parent_beyond},
    {"a node its own parent", parent_is_self},
    {"two nodes each other's parent", parents_in_a_ring},
    {"a code beyond the values", code_beyond},
    {"a code below -1", code_below},
    {"a list code beyond the values", list_code_beyond},
    {"offsets that fall", offsets_fall},
    {"a roll without rows", no_rows},
    {"no tree", no_trees},
    {"a tree without nodes", no_nodes},
    {"two trees of one name", same_facet_twice},
};

static bool try_one(const run_options *o, uint64_t seed, size_t way, findings *f) {
  sample *t = sample_random(seed, o->lex, o->low);
  bool spoilt = t->in.roll.rows > 3 && ways[way].spoil(t);
  gate_release *r = NULL;
  error e = {0};
  f->seed = seed;
  if (spoilt && gate_apply(&t->in, &r, &e) == CLIO_OK)
    found(f, "malformed", "released with %s", ways[way].name);
  else if (spoilt && (!e.text[0] || strpbrk(e.text, "0123456789")))
    found(f, "malformed", "%s: the message is empty or has a number: %s", ways[way].name, e.text);
  if (r) gate_release_free(r);
  sample_free(t);
  return spoilt;
}

void check_malformed(const run_options *o, uint64_t seed, findings *f) {
  for (size_t way = 0; way < G_N_ELEMENTS(ways); way++) {
    int tried = 0;
    for (uint64_t i = 0; i < 100 && tried < 5; i++) tried += try_one(o, seed + i, way, f);
    if (tried == 0) found(f, "malformed", "no table to try: %s", ways[way].name);
  }
}
