/* tree_check.c - checks a proposed tree's shape; see tree_check.h. */
#include "tree_check.h"

enum { LEVEL_MAX = 64 };

typedef struct checker {
  const char *id, *use;
  const clio_table *t;
  const column *facet, *node, *level, *parent;
  GHashTable *row_of; /* "facet\0node" as text -> row + 1 */
  error *e;
} checker;

#define BROKEN(c, ...) tree_broken((c), __VA_ARGS__)

static clio_status tree_broken(const checker *c, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

static clio_status tree_broken(const checker *c, const char *format, ...) {
  va_list args;
  va_start(args, format);
  char *why = g_strdup_vprintf(format, args);
  va_end(args);
  error_set(c->e, CLIO_E_INTERNAL, "stage '%s': %s made a broken tree: %s", c->id, c->use, why);
  g_free(why);
  return CLIO_E_INTERNAL;
}

static int64_t cell(const column *c, uint64_t row) { return ((const int64_t *)c->data)[row]; }

static char *key_of(const checker *c, uint64_t row, int64_t node) {
  int64_t len;
  const char *facet = column_text(c->facet, row, &len);
  return g_strdup_printf("%lld/%.*s", (long long)node, (int)len, facet ? facet : "");
}

static clio_status enter_nodes(checker *c) {
  for (uint64_t row = 0; row < c->t->rows; row++) {
    if (column_is_null(c->facet, row) || column_is_null(c->node, row) ||
        column_is_null(c->level, row) || cell(c->node, row) < 0 || cell(c->level, row) < 0)
      return BROKEN(c, "facet, node or level is missing or negative");
    if (cell(c->level, row) > LEVEL_MAX)
      return BROKEN(c, "node %lld is above level %d", (long long)cell(c->node, row), LEVEL_MAX);
    char *key = key_of(c, row, cell(c->node, row));
    if (!g_hash_table_insert(c->row_of, key, (void *)(uintptr_t)(row + 1)))
      return BROKEN(c, "node %lld is there twice", (long long)cell(c->node, row));
  }
  return CLIO_OK;
}

static clio_status check_parent(checker *c, uint64_t row, uint32_t *children) {
  if (!c->parent || column_is_null(c->parent, row)) return CLIO_OK;
  char *key = key_of(c, row, cell(c->parent, row));
  uintptr_t at = (uintptr_t)g_hash_table_lookup(c->row_of, key);
  g_free(key);
  if (!at) return BROKEN(c, "the parent of node %lld is not there", (long long)cell(c->node, row));
  if (cell(c->level, at - 1) != cell(c->level, row) + 1)
    return BROKEN(c, "the parent of node %lld is not one level up", (long long)cell(c->node, row));
  children[at - 1]++;
  return CLIO_OK;
}

static clio_status check_children(checker *c, const uint32_t *children, bool complete) {
  for (uint64_t row = 0; row < c->t->rows && complete; row++) {
    bool leaf = cell(c->level, row) == 0;
    if (leaf && children[row])
      return BROKEN(c, "leaf %lld has children", (long long)cell(c->node, row));
    if (!leaf && !children[row])
      return BROKEN(c, "inner node %lld has no children", (long long)cell(c->node, row));
    if (!leaf && children[row] == 1)
      return BROKEN(c, "inner node %lld has a single child", (long long)cell(c->node, row));
  }
  return CLIO_OK;
}

clio_status tree_check(const char *id, const char *use, const clio_table *clusters, bool complete,
                       error *e) {
  checker c = {.id = id, .use = use, .t = clusters, .e = e};
  c.facet = table_column(clusters, "facet");
  c.node = table_column(clusters, "node");
  c.level = table_column(clusters, "level");
  c.parent = table_column(clusters, "parent");
  if (!c.facet || !c.node || !c.level || c.facet->type != CLIO_T_UTF8 ||
      c.node->type != CLIO_T_I64 || c.level->type != CLIO_T_I64)
    return BROKEN(&c, "it lacks facet, node or level");
  if (c.parent && c.parent->type != CLIO_T_I64) return BROKEN(&c, "parent is no i64");
  c.row_of = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
  uint32_t *children = g_new0(uint32_t, clusters->rows + 1);
  clio_status r = enter_nodes(&c);
  for (uint64_t row = 0; row < clusters->rows && r == CLIO_OK; row++)
    r = check_parent(&c, row, children);
  if (r == CLIO_OK) r = check_children(&c, children, complete);
  g_free(children);
  g_hash_table_unref(c.row_of);
  return r;
}
