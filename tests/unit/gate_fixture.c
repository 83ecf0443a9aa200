/* gate_fixture.c - see gate_fixture.h. */
#include "gate_fixture.h"

#include <string.h>

static const char common_text[] =
    "amber birch cedar dune elm fern grove hazel iris juniper things asked by many";

fix *fix_new(void) {
  fix *f = g_new0(fix, 1);
  f->policy = (gate_policy){.cluster = {5, 10, 1},
                            .cell = {3, 5, 1},
                            .word_accounts = 3,
                            .account_cap = 1000000,
                            .audit_floor = 3,
                            .round_to = 1};
  f->trees = 1;
  f->account = g_array_new(FALSE, TRUE, sizeof(uint64_t));
  f->org = g_array_new(FALSE, TRUE, sizeof(uint64_t));
  f->key = g_array_new(FALSE, TRUE, sizeof(uint64_t));
  f->x = g_array_new(FALSE, TRUE, sizeof(double));
  f->y = g_array_new(FALSE, TRUE, sizeof(double));
  f->text = g_ptr_array_new();
  for (size_t t = 0; t < FIX_TREES; t++) {
    f->leaf[t] = g_array_new(FALSE, TRUE, sizeof(int32_t));
    f->node[t] = g_array_new(FALSE, TRUE, sizeof(gate_node));
  }
  for (size_t i = 0; i < FIX_FACETS; i++) {
    f->code[i] = g_array_new(FALSE, TRUE, sizeof(int32_t));
    f->offset[i] = g_array_new(FALSE, TRUE, sizeof(int64_t));
  }
  return f;
}

void fix_free(fix *f) {
  gate_release_free(f->release);
  g_array_free(f->account, TRUE);
  g_array_free(f->org, TRUE);
  g_array_free(f->key, TRUE);
  g_array_free(f->x, TRUE);
  g_array_free(f->y, TRUE);
  g_ptr_array_free(f->text, TRUE);
  for (size_t t = 0; t < FIX_TREES; t++) {
    g_array_free(f->leaf[t], TRUE);
    g_array_free(f->node[t], TRUE);
  }
  for (size_t i = 0; i < FIX_FACETS; i++) {
    g_array_free(f->code[i], TRUE);
    g_array_free(f->offset[i], TRUE);
  }
  g_free(f);
}

int32_t fix_node(fix *f, size_t t, int32_t parent, int32_t level, const char *name) {
  gate_node node = {.parent = parent, .level = level, .name = name, .name_rating = 5};
  node.name_auditor = "auditor/test";
  g_array_append_val(f->node[t], node);
  return (int32_t)f->node[t]->len - 1;
}

/* A fixed scrambling of the row's number: keys in no order of input. */
static uint64_t scrambled(uint64_t n) {
  n = (n + 1) * UINT64_C(0x9e3779b97f4a7c15);
  n ^= n >> 32;
  return n * UINT64_C(0xd6e8feb86659fd93);
}

size_t fix_row(fix *f, uint64_t account, int32_t leaf) {
  size_t row = f->account->len;
  uint64_t key = scrambled(row);
  double zero = 0;
  int32_t unassigned = -1;
  g_array_append_val(f->account, account);
  g_array_append_val(f->org, account);
  g_array_append_val(f->key, key);
  g_array_append_val(f->x, zero);
  g_array_append_val(f->y, zero);
  g_array_append_val(f->leaf[0], leaf);
  g_array_append_val(f->leaf[1], unassigned);
  g_ptr_array_add(f->text, (gpointer)(uintptr_t)common_text);
  return row;
}

void fix_rows(fix *f, int32_t leaf, size_t rows, uint64_t first, size_t accounts, int32_t code) {
  for (size_t i = 0; i < rows; i++) {
    fix_row(f, first + i % accounts, leaf);
    if (f->facets) g_array_append_val(f->code[0], code);
  }
}

gate_facet *fix_facet(fix *f, const char *name, const char *const *value, size_t n) {
  gate_facet *facet = &f->facet[f->facets++];
  *facet = (gate_facet){.name = name, .values = n, .value = value, .closed = true};
  return facet;
}

static gate_tree fix_tree(const fix *f, size_t t, const int64_t *len) {
  return (gate_tree){.facet = t ? "zone" : "topic",
                     .nodes = f->node[t]->len,
                     .node = (const gate_node *)(const void *)f->node[t]->data,
                     .leaf = (const int32_t *)(const void *)f->leaf[t]->data,
                     .text = (const char *const *)f->text->pdata,
                     .text_len = len,
                     .x = f->has_positions ? (const double *)(const void *)f->x->data : NULL,
                     .y = f->has_positions ? (const double *)(const void *)f->y->data : NULL};
}

clio_status fix_run(fix *f) {
  gate_release_free(f->release);
  f->release = NULL;
  error_clear(&f->error);
  int64_t *len = g_new0(int64_t, f->text->len + 1);
  for (size_t r = 0; r < f->text->len; r++)
    len[r] = f->text->pdata[r] ? (int64_t)strlen(f->text->pdata[r]) : 0;
  for (size_t i = 0; i < f->facets; i++) {
    f->facet[i].code = (const int32_t *)(const void *)f->code[i]->data;
    if (f->offset[i]->len) f->facet[i].offset = (const int64_t *)(const void *)f->offset[i]->data;
  }
  gate_tree tree[FIX_TREES] = {fix_tree(f, 0, len), fix_tree(f, 1, len)};
  g_autofree int64_t *zone_len = g_new(int64_t, f->text->len + 1);
  g_autofree const char **zone_text = g_new(const char *, f->text->len + 1);
  for (size_t r = 0; f->zone_text && r < f->text->len; r++) {
    zone_text[r] = f->zone_text;
    zone_len[r] = (int64_t)strlen(f->zone_text);
  }
  if (f->zone_text) {
    tree[1].text = zone_text;
    tree[1].text_len = zone_len;
  }
  gate_input in = {.policy = f->policy, .trees = f->trees, .facets = f->facets};
  in.roll = (gate_roll){.rows = f->account->len,
                        .account = (const uint64_t *)(const void *)f->account->data,
                        .org = (const uint64_t *)(const void *)f->org->data,
                        .cap_key = (const uint64_t *)(const void *)f->key->data,
                        .has_orgs = f->has_orgs};
  in.tree = tree;
  in.facet = f->facet;
  clio_status status = gate_apply(&in, &f->release, &f->error);
  g_free(len);
  return status;
}

const gate_printed *fix_id(const fix *f, const char *id) {
  for (size_t i = 0; i < f->release->nodes; i++)
    if (!strcmp(f->release->node[i].id, id)) return &f->release->node[i];
  return NULL;
}

const gate_printed *fix_named(const fix *f, const char *name) {
  for (size_t i = 0; i < f->release->nodes; i++)
    if (f->release->node[i].name && !strcmp(f->release->node[i].name, name))
      return &f->release->node[i];
  return NULL;
}

int64_t fix_count(const fix *f, const gate_printed *node, int32_t facet, int32_t value) {
  (void)f;
  for (size_t i = 0; i < node->cells; i++)
    if (node->cell[i].facet == facet && node->cell[i].value == value) return node->cell[i].exact;
  return -1;
}

char *fix_dump(const fix *f) {
  GString *s = g_string_new(NULL);
  const gate_release *r = f->release;
  g_string_append_printf(s, "%ld %ld %ld %ld\n", (long)r->conversations, (long)r->accounts,
                         (long)r->suppressed, (long)r->over_cap);
  for (size_t i = 0; i < r->nodes; i++) {
    const gate_printed *n = &r->node[i];
    g_string_append_printf(s, "%s %d %d %d %s|%s %d %ld %ld %ld %d %a %a", n->id, n->parent,
                           n->level, n->is_rest, n->name ? n->name : "-",
                           n->description ? n->description : "-", n->rating, (long)n->conversations,
                           (long)n->accounts, (long)n->organizations, n->has_position, n->x, n->y);
    for (size_t c = 0; c < n->cells; c++)
      g_string_append_printf(s, " %d/%d=%ld", n->cell[c].facet, n->cell[c].value,
                             (long)n->cell[c].count);
    g_string_append_c(s, '\n');
  }
  return g_string_free(s, FALSE);
}
