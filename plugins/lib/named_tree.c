/* named_tree.c - the nodes of one tree and the rows that belong to each; see named_tree.h. */
#include "named_tree.h"

/* Nodes are sorted by id. */
int64_t tree_find(const tree *t, int64_t id) {
  uint64_t low = 0, high = t->nodes;
  while (low < high) {
    uint64_t mid = low + (high - low) / 2;
    if (t->node[mid].id < id)
      low = mid + 1;
    else
      high = mid;
  }
  return low < t->nodes && t->node[low].id == id ? (int64_t)low : TREE_NONE;
}

static int by_id(const void *a, const void *b) {
  const tree_node *x = a, *y = b;
  return (x->id > y->id) - (x->id < y->id);
}

/* The columns of a clusters table that say what is where. */
typedef struct cluster_views {
  clio_view facet, node, level, parent, name, description;
} cluster_views;

static clio_status look(const clio_host *host, clio_call *call, const clio_table *clusters,
                        cluster_views *v) {
  *v = (cluster_views){0};
  CLIO_TRY(clio_get(host, call, clusters, "facet", CLIO_T_UTF8, &v->facet));
  CLIO_TRY(clio_get(host, call, clusters, "node", CLIO_T_I64, &v->node));
  CLIO_TRY(clio_get(host, call, clusters, "level", CLIO_T_I64, &v->level));
  clio_look(host, clusters, "parent", CLIO_T_I64, &v->parent);
  clio_look(host, clusters, "name", CLIO_T_UTF8, &v->name);
  clio_look(host, clusters, "description", CLIO_T_UTF8, &v->description);
  return CLIO_OK;
}

static int is_null(const clio_view *view, uint64_t row) {
  return view->type == CLIO_T_ANY || !clio_valid(view, row);
}

clio_status tree_read(const clio_host *host, clio_call *call, const clio_table *clusters,
                      const char *facet, tree *ret) {
  cluster_views v;
  CLIO_TRY(look(host, call, clusters, &v));
  uint64_t rows = host->rows(clusters);
  tree t = {.node = clio_scratch_array(host, call, rows, sizeof *t.node)};
  if (!t.node) return clio_nomem(host, call);
  for (uint64_t row = 0; row < rows; row++) {
    if (!clio_span_is(clio_utf8(&v.facet, row), facet)) continue;
    t.node[t.nodes++] = (tree_node){
        .id = clio_i64(&v.node, row),
        .level = clio_i64(&v.level, row),
        .parent = is_null(&v.parent, row) ? TREE_NONE : clio_i64(&v.parent, row),
        .table_row = row,
        .wants_name = is_null(&v.name, row),
        .wants_description = is_null(&v.description, row),
    };
  }
  qsort(t.node, t.nodes, sizeof *t.node, by_id);
  for (uint64_t n = 0; n < t.nodes; n++)
    if (t.node[n].parent != TREE_NONE) t.node[n].parent = tree_find(&t, t.node[n].parent);
  *ret = t;
  return CLIO_OK;
}

typedef struct draw {
  int64_t node;
  uint64_t draw, row;
} draw;

static int by_node_and_draw(const void *a, const void *b) {
  const draw *x = a, *y = b;
  if (x->node != y->node) return x->node < y->node ? -1 : 1;
  if (x->draw != y->draw) return x->draw < y->draw ? -1 : 1;
  return (x->row > y->row) - (x->row < y->row);
}

clio_status tree_sample(const clio_host *host, clio_call *call, const tree *t,
                        const clio_view *member, uint64_t limit, uint8_t *ret_skip) {
  draw *draws = clio_scratch_array(host, call, member->rows, sizeof *draws);
  if (!draws) return clio_nomem(host, call);
  for (uint64_t row = 0; row < member->rows; row++) {
    int64_t node = clio_valid(member, row) ? tree_find(t, clio_i64(member, row)) : TREE_NONE;
    draws[row] = (draw){node, host->random(call, row), row};
  }
  qsort(draws, member->rows, sizeof *draws, by_node_and_draw);
  uint64_t taken = 0;
  for (uint64_t i = 0; i < member->rows; i++) {
    taken = i > 0 && draws[i].node == draws[i - 1].node ? taken + 1 : 1;
    ret_skip[draws[i].row] = draws[i].node == TREE_NONE || taken > limit;
  }
  return CLIO_OK;
}

/* Calls for every node on the way from a row's leaf to the top. */
static int64_t leaf_of(const tree *t, const clio_view *member, uint64_t row) {
  return clio_valid(member, row) ? tree_find(t, clio_i64(member, row)) : TREE_NONE;
}

static clio_status make_room(tree *t, const phrase_corpus *c) {
  for (uint64_t n = 0; n < t->nodes; n++) {
    tree_node *node = &t->node[n];
    node->member = clio_scratch_array(c->host, c->call, node->members, sizeof *node->member);
    node->all = clio_scratch_array(c->host, c->call, node->count, sizeof *node->all);
    if (!node->member || !node->all) return clio_nomem(c->host, c->call);
    node->members = node->count = 0;
  }
  return CLIO_OK;
}

clio_status tree_fill(tree *t, const phrase_corpus *c, const clio_view *member,
                      const uint8_t *skip) {
  for (int pass = 0; pass < 2; pass++) {
    for (uint64_t i = 0; i < c->rows; i++) {
      int64_t leaf = leaf_of(t, member, i), read = leaf_of(t, member, c->order[i]);
      for (int64_t n = leaf; n != TREE_NONE; n = t->node[n].parent) {
        if (pass) t->node[n].all[t->node[n].count] = i;
        t->node[n].count++;
      }
      for (int64_t n = skip[c->order[i]] ? TREE_NONE : read; n != TREE_NONE;
           n = t->node[n].parent) {
        if (pass) t->node[n].member[t->node[n].members] = c->order[i];
        t->node[n].members++;
      }
    }
    if (pass == 0) CLIO_TRY(make_room(t, c));
  }
  return CLIO_OK;
}
