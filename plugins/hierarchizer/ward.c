/* ward.c - hierarchizer/ward: a tree over the leaves of one facet, by Ward's
 * linkage of their centroids weighted by their conversations, along the leading
 * principal directions of each level (ward_tree.c says why). Levels shrink by
 * a constant factor, as in the Clio paper: n(l) / n(l-1) = (top / leaves)^(1 /
 * (levels - 1)). No inner node has a single child. It names nothing: a namer
 * after it names leaves and parents alike. */
#include <math.h>

#include "linalg.h"
#include "ward_tree.h"

typedef struct ward_config {
  const char *facet;
  int64_t levels, top;
} ward_config;

enum { WARD_CLUSTERS, WARD_CONVERSATIONS, WARD_FACET = 128 };

/* What is kept between the two inputs. */
typedef struct ward_self {
  const clio_host *host;
  const ward_config *config;
  const clio_table *clusters;
} ward_self;

/* ---- which tree ---- */

static const char ward_prefix[] = "cluster_";

/* The only membership column, or that of the wanted facet; *ret_count of them
 * are there, listed in `text`. */
static const clio_column *ward_membership(const clio_columns *columns, const char *facet,
                                          uint32_t *ret_count, char *text, size_t size) {
  const clio_column *found = NULL;
  size_t length = 0;
  *ret_count = 0;
  text[0] = '\0';
  for (uint32_t i = 0; columns && i < columns->count; i++) {
    const char *at = (const char *)columns->items + (size_t)i * columns->item_size;
    const clio_column *column = (const clio_column *)(const void *)at;
    const char *name = column->name + sizeof ward_prefix - 1;
    if (strncmp(column->name, ward_prefix, sizeof ward_prefix - 1) != 0) continue;
    if (length < size)
      length += (size_t)snprintf(text + length, size - length, "%s'%s'", length ? ", " : "", name);
    ++*ret_count;
    if (!facet || !facet[0] || strcmp(name, facet) == 0) found = column;
  }
  return found;
}

static clio_status ward_plan(const clio_host *host, clio_plan *plan, const void *config) {
  const ward_config *c = config;
  uint32_t count;
  char have[256];
  const clio_columns *columns = host->plan_input(plan, WARD_CONVERSATIONS);
  const clio_column *member = ward_membership(columns, c->facet, &count, have, sizeof have);
  int wanted = c->facet && c->facet[0];
  if (count == 0)
    return host->plan_fail(plan, CLIO_E_CONFIG,
                           "no column cluster_FACET arrives; put a clusterer before this stage");
  if (wanted && !member)
    return clio_plan_failf(host, plan, CLIO_E_CONFIG, "no tree '%s' arrives; there is %s", c->facet,
                           have);
  if (!wanted && count > 1)
    return clio_plan_failf(host, plan, CLIO_E_CONFIG,
                           "several trees arrive: %s; choose one with 'facet'", have);
  if (strlen(member->name) >= WARD_FACET)
    return clio_plan_failf(host, plan, CLIO_E_CONFIG, "column name '%s' is too long", member->name);
  CLIO_TRY(host->plan_use(plan, WARD_CONVERSATIONS, member->name));
  const clio_column *from = clio_planned(host->plan_input(plan, WARD_CLUSTERS), "centroid");
  if (!from || from->type != CLIO_T_VEC)
    return host->plan_fail(plan, CLIO_E_CONFIG,
                           "the clusters have no centroids; use a clusterer that makes them");
  clio_column centroid = *from;
  centroid.help = "of an inner node: the mean of its conversations' leaves";
  centroid.flags = CLIO_COL_NULLABLE;
  return host->plan_output(plan, 0, &centroid);
}

static clio_status ward_create(const clio_host *host, clio_call *call, const void *config,
                               void **ret_self) {
  ward_self *self = calloc(1, sizeof *self);
  if (!self) return clio_nomem(host, call);
  *self = (ward_self){.host = host, .config = config};
  linalg_init();
  *ret_self = self;
  return CLIO_OK;
}

static void ward_destroy(void *self) {
  ward_self *s = self;
  if (!s) return;
  s->host->unref(s->clusters);
  free(s);
}

/* ---- the leaves ---- */

/* The clusters as they came. */
typedef struct ward_input {
  uint64_t rows;
  clio_view facet, node, level, parent, centroid, name, description;
  int has_parent, has_name, has_description;
} ward_input;

static clio_status ward_read(const work *w, const clio_table *clusters, ward_input *ret) {
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

/* Makes the tree's first nodes from the rows of its facet; *ret_row has their rows. */
static clio_status ward_leaves(const work *w, const ward_input *in, const char *facet, ward_tree *t,
                               uint64_t **ret_row) {
  uint64_t leaves = 0;
  for (uint64_t i = 0; i < in->rows; i++)
    leaves += clio_span_is(clio_utf8(&in->facet, i), facet) ? 1 : 0;
  *t = (ward_tree){.w = w, .room = 2 * leaves, .d = in->centroid.dim};
  t->centroid = work_alloc(w, t->room, t->d * sizeof *t->centroid);
  t->weight = work_alloc(w, t->room, sizeof *t->weight);
  t->id = work_alloc(w, t->room, sizeof *t->id);
  t->level = work_alloc(w, t->room, sizeof *t->level);
  t->parent = work_alloc(w, t->room, sizeof *t->parent);
  *ret_row = work_alloc(w, leaves, sizeof **ret_row);
  if (!t->centroid || !t->weight || !t->id || !t->level || !t->parent || !*ret_row)
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
    (*ret_row)[t->nodes++] = i;
  }
  return CLIO_OK;
}

typedef struct ward_number {
  int64_t id;
  uint64_t at;
} ward_number;

static int ward_by_id(const void *a, const void *b) {
  const ward_number *x = a, *y = b;
  return (x->id > y->id) - (x->id < y->id);
}

/* Weights: the conversations of each leaf; 1 for an empty one. */
static clio_status ward_weigh(const clio_view *member, ward_tree *t) {
  ward_number *leaf = work_alloc(t->w, t->nodes, sizeof *leaf);
  if (!leaf) return work_nomem(t->w, "the tree");
  for (uint64_t i = 0; i < t->nodes; i++) leaf[i] = (ward_number){t->id[i], i};
  if (t->nodes > 0) qsort(leaf, t->nodes, sizeof *leaf, ward_by_id);
  for (uint64_t row = 0; row < member->rows && t->nodes > 0; row++) {
    ward_number key = {.id = clio_i64(member, row)}, *found;
    if (!clio_valid(member, row)) continue;
    found = bsearch(&key, leaf, t->nodes, sizeof *leaf, ward_by_id);
    if (!found)
      return clio_failf(t->w->host, t->w->call, CLIO_E_INPUT,
                        "row %llu is in node %lld, which is not among the clusters",
                        (unsigned long long)row, (long long)key.id);
    t->weight[found->at]++;
  }
  for (uint64_t i = 0; i < t->nodes; i++) t->weight[i] = fmax(t->weight[i], 1);
  return CLIO_OK;
}

/* ---- emitting ---- */

typedef struct ward_output {
  clio_builder *b;
  int32_t facet, parent, column, name, description;
  int64_t *node, *level, *above;
  float *centroid;
  uint64_t d;
} ward_output;

static void ward_start(const work *w, uint64_t rows, uint64_t d, ward_output *ret) {
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
static void ward_copy(const clio_host *host, const ward_input *in, uint64_t from, ward_output *o,
                      uint64_t row) {
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

static void ward_put_parent(const clio_host *host, ward_output *o, uint64_t row, int known,
                            int64_t parent) {
  if (known)
    o->above[row] = parent;
  else
    clio_put_null(host, o->b, o->parent, row);
}

/* The rows as they came, the leaves with their parents, then the inner nodes. */
static clio_status ward_emit(const ward_tree *t, const ward_input *in, const uint64_t *leaf_row,
                             uint64_t leaves, const char *facet) {
  const clio_host *host = t->w->host;
  ward_output o;
  ward_start(t->w, in->rows + t->nodes - leaves, t->d, &o);
  if (!o.node || !o.level || !o.above || !o.centroid) return host->emit(o.b);
  for (uint64_t row = 0, leaf = 0; row < in->rows; row++) {
    ward_copy(host, in, row, &o, row);
    if (leaf < leaves && leaf_row[leaf] == row) {
      int64_t parent = t->parent[leaf++];
      ward_put_parent(host, &o, row, parent >= 0, parent >= 0 ? t->id[parent] : 0);
    } else {
      int known = in->has_parent && clio_valid(&in->parent, row);
      ward_put_parent(host, &o, row, known, known ? clio_i64(&in->parent, row) : 0);
    }
  }
  for (uint64_t i = leaves; i < t->nodes; i++) {
    uint64_t row = in->rows + i - leaves;
    clio_put_text(host, o.b, o.facet, row, facet);
    o.node[row] = t->id[i];
    o.level[row] = t->level[i];
    ward_put_parent(host, &o, row, t->parent[i] >= 0, t->parent[i] >= 0 ? t->id[t->parent[i]] : 0);
    memcpy(o.centroid + row * t->d, t->centroid + i * t->d, t->d * sizeof *t->centroid);
  }
  return host->emit(o.b);
}

static clio_status ward_build(ward_self *s, clio_call *call, const clio_table *conversations) {
  const clio_host *host = s->host;
  uint32_t count;
  char have[256];
  work w;
  ward_tree tree;
  ward_input in = {0};
  clio_view member;
  uint64_t *leaf_row, leaves, top, levels;
  const clio_column *column = ward_membership(host->input(call, WARD_CONVERSATIONS),
                                              s->config->facet, &count, have, sizeof have);
  const char *facet = column->name + sizeof ward_prefix - 1;
  CLIO_TRY(clio_get(host, call, conversations, column->name, CLIO_T_I64, &member));
  work_init(&w, host, call);
  CLIO_TRY(ward_read(&w, s->clusters, &in));
  CLIO_TRY(ward_leaves(&w, &in, facet, &tree, &leaf_row));
  CLIO_TRY(ward_weigh(&member, &tree));
  leaves = tree.nodes;
  ward_shape(s->config->top, s->config->levels, leaves, &top, &levels);
  CLIO_TRY(ward_grow(&tree, top, levels));
  return ward_emit(&tree, &in, leaf_row, leaves, facet);
}

static clio_status ward_process(void *self, clio_call *call, uint32_t port, const clio_table *in) {
  ward_self *s = self;
  if (port == WARD_CONVERSATIONS) return ward_build(s, call, in);
  s->clusters = s->host->ref(in);
  return CLIO_OK;
}

#define WARD_COLUMN(n, t, f, h) \
  { .name = (n), .help = (h), .type = (t), .privacy = CLIO_P_GROUPED, .flags = (f) }
static const clio_column ward_in[] = {
    WARD_COLUMN("facet", CLIO_T_UTF8, 0, "the tree's name"),
    WARD_COLUMN("node", CLIO_T_I64, 0, "number of the cluster"),
    WARD_COLUMN("level", CLIO_T_I64, 0, "0: a leaf"),
    WARD_COLUMN("parent", CLIO_T_I64, CLIO_COL_OPTIONAL | CLIO_COL_NULLABLE, "of other trees"),
    WARD_COLUMN("centroid", CLIO_T_VEC, CLIO_COL_NULLABLE, "where the leaf is"),
    WARD_COLUMN("name", CLIO_T_UTF8, CLIO_COL_OPTIONAL | CLIO_COL_NULLABLE, "kept"),
    WARD_COLUMN("description", CLIO_T_UTF8, CLIO_COL_OPTIONAL | CLIO_COL_NULLABLE, "kept"),
};
static const clio_column ward_out[] = {
    WARD_COLUMN("facet", CLIO_T_UTF8, 0, "the tree's name"),
    WARD_COLUMN("node", CLIO_T_I64, 0, "leaves keep theirs"),
    WARD_COLUMN("level", CLIO_T_I64, 0, "0: a leaf"),
    WARD_COLUMN("parent", CLIO_T_I64, CLIO_COL_NULLABLE, "null: a top node"),
    WARD_COLUMN("name", CLIO_T_UTF8, CLIO_COL_NULLABLE, "null for new nodes"),
    WARD_COLUMN("description", CLIO_T_UTF8, CLIO_COL_NULLABLE, "null for new nodes"),
};
static const clio_port ward_inputs[] = {{.name = "clusters",
                                         .help = "the leaves; other trees pass through",
                                         .columns = CLIO_LIST(ward_in),
                                         .flags = CLIO_PORT_WHOLE,
                                         .rows = CLIO_ROWS_CLUSTER},
                                        {.name = "conversations",
                                         .help = "with cluster_FACET: how many are in each leaf",
                                         .flags = CLIO_PORT_WHOLE,
                                         .rows = CLIO_ROWS_CONVERSATION}};
static const clio_port ward_outputs[] = {{.name = "clusters",
                                          .help = "the complete tree",
                                          .columns = CLIO_LIST(ward_out),
                                          .rows = CLIO_ROWS_CLUSTER}};
static const clio_param ward_params[] = {
    CLIO_STR(ward_config, facet, "null", "which tree; null: the only one that arrives"),
    CLIO_AUTO(ward_config, levels, "\"auto\"", 1, 20,
              "levels, leaves included; auto: 1 for up to 10 leaves, else about one for each "
              "tenfold"),
    CLIO_AUTO(ward_config, top, "\"auto\"", 2, 10000,
              "nodes of the top level; auto: the square root of the leaves, at most 10"),
};
static const clio_stage ward_stage = {
    .struct_size = sizeof(clio_stage),
    .threads = CLIO_SERIAL,
    .kind = "hierarchizer",
    .name = "ward",
    .summary = "a tree over the clusters by Ward's linkage of their centroids",
    .help = "Merges leaves bottom-up so that the sum of squares grows least, each weighted by its\n"
            "conversations, and cuts at level sizes that shrink by a constant factor. Each level\n"
            "of n nodes is linked along the n - 1 directions in which its nodes' centroids differ\n"
            "most: over all directions they are nearly orthogonal and would chain. A node that\n"
            "would have a single child is joined with the node next to it, so that every inner\n"
            "node has at least two; a level that would leave a single node is not made.",
    .inputs = CLIO_LIST(ward_inputs),
    .outputs = CLIO_LIST(ward_outputs),
    .params = CLIO_LIST(ward_params),
    .config_size = sizeof(ward_config),
    .plan = ward_plan,
    .create = ward_create,
    .process = ward_process,
    .destroy = ward_destroy,
};
static const clio_stage *const ward_stages[] = {&ward_stage, NULL};
extern CLIO_PLUGIN_DEFINE(hierarchizer_ward);
CLIO_PLUGIN_DEFINE(hierarchizer_ward) = {CLIO_PLUGIN_INIT,   .id = "clio.hierarchizer.ward",
                                         .version = "0.1.0", .license = "Apache-2.0",
                                         .vendor = "Clio",   .stages = ward_stages};
