/* released.c - the released tables as plain arrays; see released.h. */
#include "released.h"

#define COLUMN(n, t, fl) \
  { .name = n, .type = t, .privacy = CLIO_P_RELEASED, .flags = fl }

const clio_column released_run_columns[10] = {
    COLUMN("mode", CLIO_T_UTF8, 0),
    COLUMN("graph_hash", CLIO_T_UTF8, CLIO_COL_NULLABLE),
    COLUMN("assume", CLIO_T_UTF8, CLIO_COL_NULLABLE),
    COLUMN("privacy", CLIO_T_UTF8, CLIO_COL_NULLABLE),
    COLUMN("seed", CLIO_T_I64, 0),
    COLUMN("conversations", CLIO_T_I64, 0),
    COLUMN("accounts", CLIO_T_I64, 0),
    COLUMN("suppressed", CLIO_T_I64, 0),
    COLUMN("public_why", CLIO_T_UTF8, CLIO_COL_OPTIONAL | CLIO_COL_NULLABLE),
    COLUMN("caveat", CLIO_T_UTF8, CLIO_COL_OPTIONAL | CLIO_COL_NULLABLE),
};

const clio_column released_cluster_columns[15] = {
    COLUMN("id", CLIO_T_UTF8, 0),
    COLUMN("facet", CLIO_T_UTF8, 0),
    COLUMN("level", CLIO_T_I64, 0),
    COLUMN("parent", CLIO_T_UTF8, CLIO_COL_NULLABLE),
    COLUMN("name", CLIO_T_UTF8, CLIO_COL_NULLABLE),
    COLUMN("description", CLIO_T_UTF8, CLIO_COL_NULLABLE),
    COLUMN("conversations", CLIO_T_I64, 0),
    COLUMN("accounts", CLIO_T_I64, 0),
    COLUMN("organizations", CLIO_T_I64, 0),
    COLUMN("rest", CLIO_T_BOOL, 0),
    COLUMN("x", CLIO_T_F64, CLIO_COL_OPTIONAL | CLIO_COL_NULLABLE),
    COLUMN("y", CLIO_T_F64, CLIO_COL_OPTIONAL | CLIO_COL_NULLABLE),
    COLUMN("rating", CLIO_T_I64, CLIO_COL_OPTIONAL | CLIO_COL_NULLABLE),
    COLUMN("auditor", CLIO_T_UTF8, CLIO_COL_OPTIONAL | CLIO_COL_NULLABLE),
    COLUMN("node", CLIO_T_I64, CLIO_COL_OPTIONAL | CLIO_COL_NULLABLE),
};

const clio_column released_cell_columns[6] = {
    COLUMN("id", CLIO_T_UTF8, 0),     COLUMN("facet", CLIO_T_UTF8, 0),
    COLUMN("column", CLIO_T_UTF8, 0), COLUMN("value", CLIO_T_UTF8, 0),
    COLUMN("count", CLIO_T_I64, 0),   COLUMN("ratio", CLIO_T_F64, 0),
};

/* One row of a table, for reading cells by column name. A failure sticks. */
typedef struct reader {
  const clio_host *host;
  clio_call *call;
  const clio_table *table;
  clio_status status;
} reader;

/* The column's cells; all null where an optional one is not there. */
static clio_view look(reader *r, const char *name, clio_type type, int optional) {
  clio_view view = {.type = CLIO_T_ANY};
  if (optional) {
    clio_look(r->host, r->table, name, type, &view);
  } else {
    clio_status status = clio_get(r->host, r->call, r->table, name, type, &view);
    if (r->status == CLIO_OK) r->status = status;
  }
  return view;
}

static clio_span text_at(const clio_view *view, uint64_t row) {
  return view->offsets ? clio_utf8(view, row) : clio_span_of(NULL, 0);
}

static int64_t i64_at(const clio_view *view, uint64_t row, int64_t null) {
  return view->data && clio_valid(view, row) ? ((const int64_t *)view->data)[row] : null;
}

clio_status released_read_run(const clio_host *host, clio_call *call, const clio_table *table,
                              released_run *ret) {
  reader r = {host, call, table, CLIO_OK};
  if (host->rows(table) != 1)
    return host->fail(call, CLIO_E_INTERNAL, "the run table must have one row");
  const clio_view mode = look(&r, "mode", CLIO_T_UTF8, 0);
  const clio_view hash = look(&r, "graph_hash", CLIO_T_UTF8, 0);
  const clio_view assume = look(&r, "assume", CLIO_T_UTF8, 0);
  const clio_view privacy = look(&r, "privacy", CLIO_T_UTF8, 0);
  const clio_view why = look(&r, "public_why", CLIO_T_UTF8, 1);
  const clio_view caveat = look(&r, "caveat", CLIO_T_UTF8, 1);
  const clio_view seed = look(&r, "seed", CLIO_T_I64, 0);
  const clio_view conversations = look(&r, "conversations", CLIO_T_I64, 0);
  const clio_view accounts = look(&r, "accounts", CLIO_T_I64, 0);
  const clio_view suppressed = look(&r, "suppressed", CLIO_T_I64, 0);
  CLIO_TRY(r.status);
  *ret = (released_run){
      .mode = text_at(&mode, 0),
      .graph_hash = text_at(&hash, 0),
      .assume = text_at(&assume, 0),
      .privacy = text_at(&privacy, 0),
      .public_why = text_at(&why, 0),
      .caveat = text_at(&caveat, 0),
      .seed = i64_at(&seed, 0, 0),
      .conversations = i64_at(&conversations, 0, 0),
      .accounts = i64_at(&accounts, 0, 0),
      .suppressed = i64_at(&suppressed, 0, 0),
  };
  return CLIO_OK;
}

/* Which node each cell belongs to. Cells come in the order of the clusters, so
 * the search goes on from the last hit: linear where they do. */
static clio_status match_cells(reader *r, const released_tree *tree, const clio_view *id,
                               uint64_t *ret_node) {
  uint64_t at = 0;
  for (uint64_t row = 0; row < id->rows; row++) {
    clio_span want = text_at(id, row);
    uint64_t tried = 0;
    for (; tried < tree->nodes; tried++, at = at + 1 < tree->nodes ? at + 1 : 0) {
      clio_span have = tree->node[at].id;
      if (have.len == want.len && memcmp(have.s, want.s, (size_t)want.len) == 0) break;
    }
    if (tried == tree->nodes)
      return r->host->fail(r->call, CLIO_E_INTERNAL, "a released cell names no released cluster");
    ret_node[row] = at;
    tree->node[at].cells++;
  }
  return CLIO_OK;
}

/* Lays the cells out node by node, each node's in their order. */
static clio_status read_cells(reader *r, released_tree *tree) {
  const clio_view id = look(r, "id", CLIO_T_UTF8, 0);
  const clio_view column = look(r, "column", CLIO_T_UTF8, 0);
  const clio_view value = look(r, "value", CLIO_T_UTF8, 0);
  const clio_view count = look(r, "count", CLIO_T_I64, 0);
  const clio_view ratio = look(r, "ratio", CLIO_T_F64, 0);
  CLIO_TRY(r->status);
  uint64_t rows = r->host->rows(r->table);
  released_cell *cell = clio_scratch_array(r->host, r->call, rows, sizeof *cell);
  uint64_t *node = clio_scratch_array(r->host, r->call, rows, sizeof *node);
  uint64_t *next = clio_scratch_array(r->host, r->call, tree->nodes, sizeof *next);
  if (!cell || !node || !next) return clio_nomem(r->host, r->call);
  CLIO_TRY(match_cells(r, tree, &id, node));
  for (uint64_t n = 0, start = 0; n < tree->nodes; start += tree->node[n++].cells) {
    next[n] = start;
    tree->node[n].cell = cell + start;
  }
  for (uint64_t row = 0; row < rows; row++)
    cell[next[node[row]]++] = (released_cell){.column = text_at(&column, row),
                                              .value = text_at(&value, row),
                                              .count = i64_at(&count, row, 0),
                                              .ratio = clio_f64(&ratio, row)};
  return CLIO_OK;
}

static clio_status read_names(reader *r, released_tree *tree) {
  const clio_view id = look(r, "id", CLIO_T_UTF8, 0), facet = look(r, "facet", CLIO_T_UTF8, 0);
  const clio_view parent = look(r, "parent", CLIO_T_UTF8, 0);
  const clio_view name = look(r, "name", CLIO_T_UTF8, 0);
  const clio_view description = look(r, "description", CLIO_T_UTF8, 0);
  const clio_view auditor = look(r, "auditor", CLIO_T_UTF8, 1);
  CLIO_TRY(r->status);
  for (uint64_t n = 0; n < tree->nodes; n++) {
    released_node *node = &tree->node[n];
    node->id = text_at(&id, n);
    node->facet = text_at(&facet, n);
    node->parent = text_at(&parent, n);
    node->name = text_at(&name, n);
    node->description = text_at(&description, n);
    node->auditor = text_at(&auditor, n);
  }
  return CLIO_OK;
}

static clio_status read_numbers(reader *r, released_tree *tree) {
  const clio_view level = look(r, "level", CLIO_T_I64, 0);
  const clio_view conversations = look(r, "conversations", CLIO_T_I64, 0);
  const clio_view accounts = look(r, "accounts", CLIO_T_I64, 0);
  const clio_view organizations = look(r, "organizations", CLIO_T_I64, 0);
  const clio_view rest = look(r, "rest", CLIO_T_BOOL, 0);
  const clio_view rating = look(r, "rating", CLIO_T_I64, 1),
                  source = look(r, "node", CLIO_T_I64, 1);
  const clio_view x = look(r, "x", CLIO_T_F64, 1), y = look(r, "y", CLIO_T_F64, 1);
  CLIO_TRY(r->status);
  for (uint64_t n = 0; n < tree->nodes; n++) {
    released_node *node = &tree->node[n];
    node->level = i64_at(&level, n, 0);
    node->conversations = i64_at(&conversations, n, 0);
    node->accounts = i64_at(&accounts, n, 0);
    node->organizations = i64_at(&organizations, n, 0);
    node->is_rest = clio_bool(&rest, n);
    node->rating = i64_at(&rating, n, 0);
    node->source = i64_at(&source, n, -1);
    node->has_position = x.data && y.data && clio_valid(&x, n) && clio_valid(&y, n);
    node->x = node->has_position ? clio_f64(&x, n) : 0;
    node->y = node->has_position ? clio_f64(&y, n) : 0;
  }
  return CLIO_OK;
}

clio_status released_read_tree(const clio_host *host, clio_call *call, const clio_table *clusters,
                               const clio_table *cells, released_tree *ret) {
  reader r = {host, call, clusters, CLIO_OK};
  released_tree tree = {.nodes = host->rows(clusters)};
  tree.node = clio_scratch_array(host, call, tree.nodes, sizeof *tree.node);
  if (!tree.node) return clio_nomem(host, call);
  CLIO_TRY(read_names(&r, &tree));
  CLIO_TRY(read_numbers(&r, &tree));
  if (cells) {
    r.table = cells;
    CLIO_TRY(read_cells(&r, &tree));
  }
  *ret = tree;
  return CLIO_OK;
}
