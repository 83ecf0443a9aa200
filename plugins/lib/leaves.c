/* leaves.c - the leaves of one tree read, levels added, the tree written; see leaves.h. */
#include "leaves.h"

#include <math.h>

/* ---- which tree ---- */

static const char leaves_prefix[] = "cluster_";

/* The only membership column, or that of the wanted facet; *ret_count of them
 * are there, listed in `text`. */
static const clio_column *leaves_membership(const clio_columns *columns, const char *facet,
                                            uint32_t *ret_count, char *text, size_t size) {
  const clio_column *found = NULL;
  size_t length = 0;
  *ret_count = 0;
  text[0] = '\0';
  for (uint32_t i = 0; columns && i < columns->count; i++) {
    const char *at = (const char *)columns->items + (size_t)i * columns->item_size;
    const clio_column *column = (const clio_column *)(const void *)at;
    const char *name = column->name + sizeof leaves_prefix - 1;
    if (strncmp(column->name, leaves_prefix, sizeof leaves_prefix - 1) != 0) continue;
    if (length < size)
      length += (size_t)snprintf(text + length, size - length, "%s'%s'", length ? ", " : "", name);
    ++*ret_count;
    if (!facet || !facet[0] || strcmp(name, facet) == 0) found = column;
  }
  return found;
}

clio_status leaves_plan(const clio_host *host, clio_plan *plan, const char *facet,
                        const clio_column **ret_member) {
  uint32_t count;
  char have[256];
  const clio_columns *columns = host->plan_input(plan, LEAVES_CONVERSATIONS);
  const clio_column *member = leaves_membership(columns, facet, &count, have, sizeof have);
  int wanted = facet && facet[0];
  if (count == 0)
    return host->plan_fail(plan, CLIO_E_CONFIG,
                           "no column cluster_FACET arrives; put a clusterer before this stage");
  if (wanted && !member)
    return clio_plan_failf(host, plan, CLIO_E_CONFIG, "no tree '%s' arrives; there is %s", facet,
                           have);
  if (!wanted && count > 1)
    return clio_plan_failf(host, plan, CLIO_E_CONFIG,
                           "several trees arrive: %s; choose one with 'facet'", have);
  if (ret_member) *ret_member = member;
  CLIO_TRY(host->plan_use(plan, LEAVES_CONVERSATIONS, member->name));
  const clio_column *from = clio_planned(host->plan_input(plan, LEAVES_CLUSTERS), "centroid");
  if (!from || from->type != CLIO_T_VEC)
    return host->plan_fail(plan, CLIO_E_CONFIG,
                           "the clusters have no centroids; use a clusterer that makes them");
  clio_column centroid = *from;
  centroid.help = "of an inner node: the mean of its conversations' leaves";
  centroid.flags = CLIO_COL_NULLABLE;
  return host->plan_output(plan, 0, &centroid);
}

/* ---- the leaves ---- */

static clio_status read_clusters(const work *w, const clio_table *clusters, leaves_input *ret) {
  const clio_host *host = w->host;
  ret->rows = host->rows(clusters);
  CLIO_TRY(clio_get(host, w->call, clusters, "facet", CLIO_T_UTF8, &ret->facet));
  CLIO_TRY(clio_get(host, w->call, clusters, "node", CLIO_T_I64, &ret->node));
  CLIO_TRY(clio_get(host, w->call, clusters, "level", CLIO_T_I64, &ret->level));
  CLIO_TRY(clio_get(host, w->call, clusters, "centroid", CLIO_T_VEC, &ret->centroid));
  ret->has_parent = clio_look(host, clusters, "parent", CLIO_T_I64, &ret->parent);
  ret->has_name = clio_look(host, clusters, "name", CLIO_T_UTF8, &ret->name);
  ret->has_description = clio_look(host, clusters, "description", CLIO_T_UTF8, &ret->description);
  return CLIO_OK;
}

/* Makes the tree's first nodes from the rows of its facet. */
static clio_status read_leaves(const work *w, leaves_input *in, leaves_tree *t) {
  const char *facet = in->tree;
  uint64_t leaves = 0;
  for (uint64_t i = 0; i < in->rows; i++)
    leaves += clio_span_is(clio_utf8(&in->facet, i), facet) ? 1 : 0;
  *t = (leaves_tree){.w = w, .room = 2 * leaves, .d = in->centroid.dim};
  t->centroid = work_alloc(w, t->room, t->d * sizeof *t->centroid);
  t->weight = work_alloc(w, t->room, sizeof *t->weight);
  t->id = work_alloc(w, t->room, sizeof *t->id);
  t->level = work_alloc(w, t->room, sizeof *t->level);
  t->parent = work_alloc(w, t->room, sizeof *t->parent);
  t->name = work_alloc(w, t->room, sizeof *t->name);
  t->description = work_alloc(w, t->room, sizeof *t->description);
  in->leaf_row = work_alloc(w, leaves, sizeof *in->leaf_row);
  if (!t->centroid || !t->weight || !t->id || !t->level || !t->parent || !t->name ||
      !t->description || !in->leaf_row)
    return work_nomem(w, "the tree");
  for (uint64_t i = 0; i < in->rows; i++) {
    if (!clio_span_is(clio_utf8(&in->facet, i), facet)) continue;
    const float *centroid = clio_vec(&in->centroid, i);
    if (clio_i64(&in->level, i) != 0 || !centroid)
      return clio_failf(w->host, w->call, CLIO_E_INPUT,
                        "node %lld of facet '%s' %s; this stage builds the tree from its leaves",
                        (long long)clio_i64(&in->node, i), facet,
                        centroid ? "is not a leaf" : "has no centroid");
    memcpy(t->centroid + t->nodes * t->d, centroid, t->d * sizeof *centroid);
    t->id[t->nodes] = clio_i64(&in->node, i);
    t->parent[t->nodes] = -1;
    in->leaf_row[t->nodes++] = i;
  }
  t->leaves = t->nodes;
  return CLIO_OK;
}

typedef struct leaves_number {
  int64_t id;
  uint64_t at;
} leaves_number;

static int leaves_by_id(const void *a, const void *b) {
  const leaves_number *x = a, *y = b;
  return (x->id > y->id) - (x->id < y->id);
}

/* Weights: the conversations of each leaf; 1 for an empty one. */
static clio_status weigh_leaves(const clio_view *member, leaves_input *in, leaves_tree *t) {
  leaves_number *leaf = work_alloc(t->w, t->nodes, sizeof *leaf);
  in->leaf = work_alloc(t->w, member->rows, sizeof *in->leaf);
  in->conversations = member->rows;
  if (!leaf || !in->leaf) return work_nomem(t->w, "the tree");
  for (uint64_t i = 0; i < t->nodes; i++) leaf[i] = (leaves_number){t->id[i], i};
  if (t->nodes > 0) qsort(leaf, t->nodes, sizeof *leaf, leaves_by_id);
  for (uint64_t row = 0; row < member->rows; row++) {
    in->leaf[row] = -1;
    leaves_number key = {.id = clio_i64(member, row)}, *found;
    if (!clio_valid(member, row)) continue;
    found = t->nodes ? bsearch(&key, leaf, t->nodes, sizeof *leaf, leaves_by_id) : NULL;
    if (!found)
      return clio_failf(t->w->host, t->w->call, CLIO_E_INPUT,
                        "row %llu is in node %lld, which is not among the clusters",
                        (unsigned long long)row, (long long)key.id);
    in->leaf[row] = (int32_t)found->at;
    t->weight[found->at]++;
  }
  for (uint64_t i = 0; i < t->nodes; i++) t->weight[i] = fmax(t->weight[i], 1);
  return CLIO_OK;
}

clio_status leaves_read(const work *w, const clio_table *clusters, const clio_table *conversations,
                        const char *facet, leaves_input *ret, leaves_tree *ret_tree) {
  uint32_t count;
  char have[256];
  clio_view member;
  *ret = (leaves_input){0};
  ret->member = leaves_membership(w->host->input(w->call, LEAVES_CONVERSATIONS), facet, &count,
                                  have, sizeof have);
  ret->tree = ret->member->name + sizeof leaves_prefix - 1;
  CLIO_TRY(clio_get(w->host, w->call, conversations, ret->member->name, CLIO_T_I64, &member));
  CLIO_TRY(read_clusters(w, clusters, ret));
  CLIO_TRY(read_leaves(w, ret, ret_tree));
  return weigh_leaves(&member, ret, ret_tree);
}

/* ---- growing ---- */

void leaves_add(leaves_tree *t, uint64_t first, uint64_t n, const uint32_t *group,
                uint64_t groups) {
  uint64_t next = t->nodes, d = t->d;
  for (uint64_t i = first; i < first + n; i++) {
    uint64_t parent = next + group[i - first];
    t->parent[i] = (int64_t)parent;
    t->weight[parent] += t->weight[i];
    for (uint64_t e = 0; e < d; e++)
      t->centroid[parent * d + e] += (float)t->weight[i] * t->centroid[i * d + e];
  }
  int64_t id = 0;
  for (uint64_t i = 0; i < next; i++) id = t->id[i] >= id ? t->id[i] + 1 : id;
  for (uint64_t p = next; p < next + groups; p++) {
    t->id[p] = id++;
    t->level[p] = t->level[first] + 1;
    t->parent[p] = -1;
    for (uint64_t e = 0; e < d; e++) t->centroid[p * d + e] /= (float)t->weight[p];
  }
  t->nodes += groups;
}

/* ---- emitting ---- */

typedef struct leaves_output {
  clio_builder *b;
  int32_t facet, parent, column, name, description;
  int64_t *node, *level, *above;
  float *centroid;
  uint64_t d;
} leaves_output;

static void leaves_start(const work *w, uint64_t rows, uint64_t d, leaves_output *ret) {
  const clio_host *host = w->host;
  ret->b = host->start(w->call, 0, NULL, NULL, rows);
  ret->d = d;
  ret->facet = host->add(ret->b, "facet", CLIO_T_UTF8, 0);
  ret->node = host->data(ret->b, host->add(ret->b, "node", CLIO_T_I64, 0));
  ret->level = host->data(ret->b, host->add(ret->b, "level", CLIO_T_I64, 0));
  ret->parent = host->add(ret->b, "parent", CLIO_T_I64, 0);
  ret->above = host->data(ret->b, ret->parent);
  ret->column = host->add(ret->b, "centroid", CLIO_T_VEC, (uint32_t)d);
  ret->centroid = host->data(ret->b, ret->column);
  ret->name = host->add(ret->b, "name", CLIO_T_UTF8, 0);
  ret->description = host->add(ret->b, "description", CLIO_T_UTF8, 0);
}

/* A row of another tree, or a leaf (but for its parent), as it came. */
static void leaves_copy(const clio_host *host, const leaves_input *in, uint64_t from,
                        leaves_output *o, uint64_t row) {
  const float *centroid = clio_vec(&in->centroid, from);
  clio_put_span(host, o->b, o->facet, row, clio_utf8(&in->facet, from));
  o->node[row] = clio_i64(&in->node, from);
  o->level[row] = clio_i64(&in->level, from);
  if (centroid)
    memcpy(o->centroid + row * o->d, centroid, o->d * sizeof *centroid);
  else
    clio_put_null(host, o->b, o->column, row);
  if (in->has_name) clio_put_span(host, o->b, o->name, row, clio_utf8(&in->name, from));
  if (in->has_description)
    clio_put_span(host, o->b, o->description, row, clio_utf8(&in->description, from));
}

static void leaves_put_parent(const clio_host *host, leaves_output *o, uint64_t row, int known,
                              int64_t parent) {
  if (known)
    o->above[row] = parent;
  else
    clio_put_null(host, o->b, o->parent, row);
}

/* The rows as they came, the leaves with their parents, then the inner nodes. */
clio_status leaves_emit(const leaves_tree *t, const leaves_input *in) {
  const clio_host *host = t->w->host;
  uint64_t leaves = t->leaves;
  leaves_output o;
  leaves_start(t->w, in->rows + t->nodes - leaves, t->d, &o);
  if (!o.node || !o.level || !o.above || !o.centroid) return host->emit(o.b);
  for (uint64_t row = 0, leaf = 0; row < in->rows; row++) {
    leaves_copy(host, in, row, &o, row);
    if (leaf < leaves && in->leaf_row[leaf] == row) {
      int64_t parent = t->parent[leaf++];
      leaves_put_parent(host, &o, row, parent >= 0, parent >= 0 ? t->id[parent] : 0);
    } else {
      int known = in->has_parent && clio_valid(&in->parent, row);
      leaves_put_parent(host, &o, row, known, known ? clio_i64(&in->parent, row) : 0);
    }
  }
  for (uint64_t i = leaves; i < t->nodes; i++) {
    uint64_t row = in->rows + i - leaves;
    clio_put_text(host, o.b, o.facet, row, in->tree);
    o.node[row] = t->id[i];
    o.level[row] = t->level[i];
    leaves_put_parent(host, &o, row, t->parent[i] >= 0,
                      t->parent[i] >= 0 ? t->id[t->parent[i]] : 0);
    memcpy(o.centroid + row * t->d, t->centroid + i * t->d, t->d * sizeof *t->centroid);
    clio_put_text(host, o.b, o.name, row, t->name[i]);
    clio_put_text(host, o.b, o.description, row, t->description[i]);
  }
  return host->emit(o.b);
}

/* ---- ports ---- */

#define LEAVES_COLUMN(n, t, f, h) \
  { .name = (n), .help = (h), .type = (t), .privacy = CLIO_P_GROUPED, .flags = (f) }
static const clio_column leaves_in[] = {
    LEAVES_COLUMN("facet", CLIO_T_UTF8, 0, "the tree's name"),
    LEAVES_COLUMN("node", CLIO_T_I64, 0, "number of the cluster"),
    LEAVES_COLUMN("level", CLIO_T_I64, 0, "0: a leaf"),
    LEAVES_COLUMN("parent", CLIO_T_I64, CLIO_COL_OPTIONAL | CLIO_COL_NULLABLE, "of other trees"),
    LEAVES_COLUMN("centroid", CLIO_T_VEC, CLIO_COL_NULLABLE, "where the leaf is"),
    LEAVES_COLUMN("name", CLIO_T_UTF8, CLIO_COL_OPTIONAL | CLIO_COL_NULLABLE, "kept"),
    LEAVES_COLUMN("description", CLIO_T_UTF8, CLIO_COL_OPTIONAL | CLIO_COL_NULLABLE, "kept"),
};
static const clio_column leaves_out[] = {
    LEAVES_COLUMN("facet", CLIO_T_UTF8, 0, "the tree's name"),
    LEAVES_COLUMN("node", CLIO_T_I64, 0, "leaves keep theirs"),
    LEAVES_COLUMN("level", CLIO_T_I64, 0, "0: a leaf"),
    LEAVES_COLUMN("parent", CLIO_T_I64, CLIO_COL_NULLABLE, "null: a top node"),
    LEAVES_COLUMN("name", CLIO_T_UTF8, CLIO_COL_NULLABLE, "of new nodes by the stage, or null"),
    LEAVES_COLUMN("description", CLIO_T_UTF8, CLIO_COL_NULLABLE,
                  "of new nodes by the stage, or null"),
};
const clio_port leaves_inputs[LEAVES_INPUTS] = {
    {.name = "clusters",
     .help = "the leaves; other trees pass through",
     .columns = CLIO_LIST(leaves_in),
     .flags = CLIO_PORT_WHOLE,
     .rows = CLIO_ROWS_CLUSTER},
    {.name = "conversations",
     .help = "with cluster_FACET: how many are in each leaf",
     .flags = CLIO_PORT_WHOLE,
     .rows = CLIO_ROWS_CONVERSATION}};
const clio_port leaves_outputs[1] = {{.name = "clusters",
                                      .help = "the complete tree",
                                      .columns = CLIO_LIST(leaves_out),
                                      .rows = CLIO_ROWS_CLUSTER}};
