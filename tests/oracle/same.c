/* same.c - T5: an equal table, whose release must have the same bytes.
 *
 * Rows are permuted and accounts and organisations renamed, one to one. On
 * demand the nodes and the values of facets change places as well: order of
 * input must not decide which of two equal things is hidden. */
#include <string.h>

#include "oracle.h"

static void print_node(const sample *t, const gate_release *r, const gate_printed *p, GString *to) {
  g_string_append_printf(to, "%s < %s level %d%s%s \"%s\" \"%s\" rating %d by %s\n", p->id,
                         p->parent < 0 ? "-" : r->node[p->parent].id, p->level,
                         p->is_root ? " root" : "", p->is_rest ? " rest" : "",
                         p->name ? p->name : "", p->description ? p->description : "", p->rating,
                         p->auditor ? p->auditor : "-");
  g_string_append_printf(to,
                         "  %" G_GINT64_FORMAT " (%" G_GINT64_FORMAT ") accounts %" G_GINT64_FORMAT
                         "+ organisations %" G_GINT64_FORMAT "+",
                         p->conversations, p->exact, p->accounts, p->organizations);
  if (p->has_position) g_string_append_printf(to, " at %.17g %.17g", p->x, p->y);
  g_string_append_c(to, '\n');
  for (size_t i = 0; i < p->cells; i++) {
    const gate_cell *c = &p->cell[i];
    const gate_facet *f = &t->in.facet[c->facet];
    g_string_append_printf(to, "  %s = %s: %" G_GINT64_FORMAT " (%" G_GINT64_FORMAT ")\n", f->name,
                           f->value[c->value], c->count, c->exact);
  }
}

char *printed_bytes(const sample *t, const gate_release *r) {
  GString *to = g_string_new(NULL);
  for (size_t i = 0; i < r->nodes; i++) print_node(t, r, &r->node[i], to);
  g_string_append_printf(to,
                         "run %" G_GINT64_FORMAT " accounts %" G_GINT64_FORMAT
                         "+ suppressed %" G_GINT64_FORMAT " rest %.17g\n",
                         r->conversations, r->accounts, r->suppressed, r->rest_share);
  return g_string_free(to, FALSE);
}

static size_t *permutation(sample *t, dice *d, size_t n, bool identity) {
  size_t *to = sample_alloc(t, n, sizeof *to);
  for (size_t i = 0; i < n; i++) {
    size_t j = identity ? i : (size_t)dice_int(d, 0, (int)i);
    to[i] = to[j];
    to[j] = i;
  }
  return to;
}

/* new[to[i]] = old[i] */
static void *moved(sample *t, const void *old, size_t n, size_t size, const size_t *to) {
  if (!old) return NULL;
  char *fresh = sample_alloc(t, n, size);
  for (size_t i = 0; i < n; i++) memcpy(fresh + to[i] * size, (const char *)old + i * size, size);
  return fresh;
}

/* One to one: an odd factor and a mask. */
static void rename_all(uint64_t *name, size_t rows, uint64_t mask) {
  for (size_t r = 0; r < rows; r++) name[r] = name[r] * UINT64_C(0xD1342543DE82EF95) ^ mask;
}

static gate_tree move_tree(sample *t, dice *d, const gate_tree *old, size_t rows, const size_t *to,
                           bool nodes_too) {
  gate_tree tree = *old;
  size_t *node_to = permutation(t, d, old->nodes, !nodes_too);
  gate_node *node = moved(t, old->node, old->nodes, sizeof *node, node_to);
  int32_t *leaf = moved(t, old->leaf, rows, sizeof *leaf, to);
  for (size_t i = 0; i < old->nodes; i++)
    if (node[i].parent >= 0) node[i].parent = (int32_t)node_to[node[i].parent];
  for (size_t r = 0; r < rows; r++)
    if (leaf[r] >= 0) leaf[r] = (int32_t)node_to[leaf[r]];
  tree.node = node, tree.leaf = leaf;
  tree.text = moved(t, old->text, rows, sizeof *old->text, to);
  tree.text_len = moved(t, old->text_len, rows, sizeof *old->text_len, to);
  tree.x = moved(t, old->x, rows, sizeof *old->x, to);
  tree.y = moved(t, old->y, rows, sizeof *old->y, to);
  return tree;
}

static void move_list(sample *t, gate_facet *f, const gate_facet *old, size_t rows,
                      const size_t *to) {
  size_t *from = sample_alloc(t, rows, sizeof *from);
  for (size_t r = 0; r < rows; r++) from[to[r]] = r;
  int64_t *offset = sample_alloc(t, rows + 1, sizeof *offset), at = 0;
  int32_t *code = sample_alloc(t, (size_t)old->offset[rows], sizeof *code);
  for (size_t r = 0; r < rows; r++) {
    for (int64_t i = old->offset[from[r]]; i < old->offset[from[r] + 1]; i++)
      code[at++] = old->code[i];
    offset[r + 1] = at;
  }
  f->code = code, f->offset = offset;
}

static gate_facet move_facet(sample *t, dice *d, const gate_facet *old, size_t rows,
                             const size_t *to, bool values_too) {
  gate_facet f = *old;
  size_t *value_to = permutation(t, d, old->values, !values_too);
  f.value = moved(t, old->value, old->values, sizeof *old->value, value_to);
  f.value_rating = moved(t, old->value_rating, old->values, sizeof *old->value_rating, value_to);
  if (old->offset)
    move_list(t, &f, old, rows, to);
  else
    f.code = moved(t, old->code, rows, sizeof *old->code, to);
  int32_t *code = (int32_t *)f.code;
  size_t codes = old->offset ? (size_t)old->offset[rows] : rows;
  for (size_t i = 0; i < codes; i++)
    if (code[i] >= 0) code[i] = (int32_t)value_to[code[i]];
  return f;
}

/* Of two rows that are one conversation the first stays the first: the gate keeps that one. */
static void keep_order_of_repeats(const gate_roll *roll, size_t *to) {
  g_autoptr(GHashTable) first = g_hash_table_new(g_int64_hash, g_int64_equal);
  for (size_t r = 0; r < roll->rows; r++) {
    const uint64_t *before = g_hash_table_lookup(first, &roll->cap_key[r]);
    if (!before) {
      g_hash_table_insert(first, (gpointer)&roll->cap_key[r], (gpointer)&roll->cap_key[r]);
      continue;
    }
    size_t at = (size_t)(before - roll->cap_key), swap = to[at];
    if (to[at] < to[r]) continue;
    to[at] = to[r];
    to[r] = swap;
  }
}

sample *sample_permuted(const sample *old, bool nodes_too) {
  sample *t = sample_empty(old->seed, old->lex);
  dice die = {hash64(old->seed ^ 0x5555)}, *d = &die;
  const gate_roll *roll = &old->in.roll;
  size_t rows = roll->rows, *to = permutation(t, d, rows, false);
  keep_order_of_repeats(roll, to);
  t->in = old->in;
  t->has_texts = old->has_texts, t->unique_names = old->unique_names;
  uint64_t *account = moved(t, roll->account, rows, sizeof *account, to);
  uint64_t *org = moved(t, roll->org, rows, sizeof *org, to);
  rename_all(account, rows, dice_next(d));
  rename_all(org, rows, dice_next(d));
  t->in.roll.account = account, t->in.roll.org = org;
  t->in.roll.cap_key = moved(t, roll->cap_key, rows, sizeof *roll->cap_key, to);
  gate_tree *tree = sample_alloc(t, old->in.trees, sizeof *tree);
  gate_facet *facet = sample_alloc(t, old->in.facets, sizeof *facet);
  for (size_t i = 0; i < old->in.trees; i++)
    tree[i] = move_tree(t, d, &old->in.tree[i], rows, to, nodes_too);
  for (size_t i = 0; i < old->in.facets; i++)
    facet[i] = move_facet(t, d, &old->in.facet[i], rows, to, nodes_too);
  t->in.tree = tree, t->in.facet = facet;
  return t;
}
