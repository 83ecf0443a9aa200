/* hierarchizer.c - two parents, each over every other leaf. Makes orphans,
 * chains and loops, drops leaves, claims that its tree is released. */
#include "evil.h"

enum { LEAVES_MAX = 8, PARENTS = 2, PARENT_BASE = 100 };

static const clio_column in_columns[] = {{.name = "facet", .type = CLIO_T_UTF8},
                                         {.name = "node", .type = CLIO_T_I64},
                                         {.name = "level", .type = CLIO_T_I64}};
static const clio_column out_columns[] = {
    {.name = "facet", .type = CLIO_T_UTF8},
    {.name = "node", .type = CLIO_T_I64},
    {.name = "level", .type = CLIO_T_I64},
    {.name = "parent", .type = CLIO_T_I64, .flags = CLIO_COL_NULLABLE}};

static clio_status hierarchizer_plan(const clio_host *host, clio_plan *plan, const void *config) {
  clio_column column = {.name = "name", .type = CLIO_T_UTF8, .privacy = CLIO_P_RELEASED};
  if (strcmp(((const evil_config *)config)->sin, "released") != 0) return CLIO_OK;
  return host->plan_output(plan, 0, &column);
}

/* One row of the tree, as the sin wants it. */
typedef struct tree_row {
  int64_t node, level, parent; /* parent -1: null */
} tree_row;

static uint64_t hierarchizer_rows(const evil *e, const clio_view *nodes, tree_row *ret) {
  uint64_t rows = 0;
  for (uint64_t i = 0; i < nodes->rows && i < LEAVES_MAX; i++) {
    int64_t node = clio_i64(nodes, i);
    if (sins(e, "drop") && i == 0) continue;
    ret[rows++] = (tree_row){node, 0, PARENT_BASE + (int64_t)(i % PARENTS)};
  }
  for (int64_t p = 0; p < PARENTS; p++)
    ret[rows++] = (tree_row){PARENT_BASE + p, 1, sins(e, "loop") ? 0 : -1};
  if (sins(e, "orphan")) ret[0].parent = 777;
  if (sins(e, "skip")) ret[rows - 1].level = 2;
  if (sins(e, "chain")) ret[rows++] = (tree_row){500, 2, -1}, ret[rows - 2].parent = 500;
  if (sins(e, "barren")) ret[rows++] = (tree_row){500, 1, -1};
  return rows;
}

static clio_status hierarchizer_process(void *self, clio_call *call, uint32_t port,
                                        const clio_table *in) {
  const evil *e = (const evil *)self;
  tree_row tree[LEAVES_MAX + PARENTS + 2];
  clio_view nodes;
  (void)port;
  CLIO_TRY(clio_get(e->host, call, in, "node", CLIO_T_I64, &nodes));
  uint64_t rows = hierarchizer_rows(e, &nodes, tree);
  clio_builder *b = e->host->start(call, 0, NULL, NULL, rows);
  int32_t facet = e->host->add(b, "facet", CLIO_T_UTF8, 0);
  int64_t *node = (int64_t *)e->host->data(b, e->host->add(b, "node", CLIO_T_I64, 0));
  int64_t *level = (int64_t *)e->host->data(b, e->host->add(b, "level", CLIO_T_I64, 0));
  int32_t up = e->host->add(b, "parent", CLIO_T_I64, 0);
  int64_t *parent = (int64_t *)e->host->data(b, up);
  for (uint64_t i = 0; node && level && parent && i < rows; i++) {
    clio_put_text(e->host, b, facet, i, "request");
    node[i] = tree[i].node;
    level[i] = tree[i].level;
    parent[i] = tree[i].parent;
    if (tree[i].parent < 0) clio_put_null(e->host, b, up, i);
  }
  return e->host->emit(b);
}

static const clio_port inputs[] = {{.name = "clusters",
                                    .columns = CLIO_LIST(in_columns),
                                    .flags = CLIO_PORT_WHOLE,
                                    .rows = CLIO_ROWS_CLUSTER}};
static const clio_port outputs[] = {
    {.name = "clusters", .columns = CLIO_LIST(out_columns), .rows = CLIO_ROWS_CLUSTER}};
EVIL_STAGE("hierarchizer", .inputs = CLIO_LIST(inputs), .outputs = CLIO_LIST(outputs),
           .plan = hierarchizer_plan, .process = hierarchizer_process);
