/* gate_facets_test.c - what the gate prints of facets: root, subtree closure,
 * lists, sensitive and free-text facets, periods, the order of cells, and that
 * neither the order of rows nor of nodes' numbers reaches the output. */
#include <CUnit/Basic.h>
#include <string.h>

#include "gate.h"
#include "gate_fixture.h"

static const char *const abc[] = {"alpha", "beta", "gamma", "delta"};

/* One leaf 'amber' under the root, one facet of n values. */
static fix *one_leaf(size_t n) {
  fix *f = fix_new();
  fix_facet(f, "kind", abc, n);
  fix_node(f, 0, -1, 0, "amber");
  return f;
}

static void expect_counts(const fix *f, const gate_printed *node, const int64_t *want, size_t n) {
  for (size_t v = 0; v < n; v++) CU_ASSERT_EQUAL(fix_count(f, node, 0, (int32_t)v), want[v]);
}

/* At k - 1, k and k + 1 conversations, and at a - 1 and a accounts. */
static void test_cell_thresholds(void) {
  struct {
    size_t rows, accounts;
    int64_t want;
  } cases[] = {{4, 4, -1}, {5, 5, 5}, {6, 6, 6}, {9, 2, -1}, {9, 3, 9}};
  for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
    fix *f = one_leaf(2);
    fix_rows(f, 0, 30, 100, 30, 0);
    fix_rows(f, 0, cases[i].rows, 500, cases[i].accounts, 1);
    fix_rows(f, 0, 7, 900, 7, -1); /* unknown: safe by itself, so 'o' is */
    CU_ASSERT_EQUAL_FATAL(fix_run(f), CLIO_OK);
    for (size_t n = 0; n < 2; n++) {
      CU_ASSERT_EQUAL(fix_count(f, &f->release->node[n], 0, 1), cases[i].want);
      CU_ASSERT_EQUAL(fix_count(f, &f->release->node[n], 0, 0), 30);
    }
    fix_free(f);
  }
}

/* n less all that is shown must be zero or safe: the smallest is hidden too. */
static void test_root_remainder(void) {
  fix *f = one_leaf(3);
  fix_rows(f, 0, 20, 100, 20, 0);
  fix_rows(f, 0, 12, 300, 12, 1);
  CU_ASSERT_EQUAL_FATAL(fix_run(f), CLIO_OK);
  expect_counts(f, &f->release->node[0], (int64_t[]){20, 12, -1}, 3); /* zero is not printed */
  fix_rows(f, 0, 2, 500, 2, 2);
  CU_ASSERT_EQUAL_FATAL(fix_run(f), CLIO_OK);
  expect_counts(f, &f->release->node[0], (int64_t[]){20, -1, -1}, 3);
  expect_counts(f, &f->release->node[1], (int64_t[]){20, -1, -1}, 3);
  fix_free(f);
}

/* Equal counts: the value that comes first by its bytes is hidden. */
static void test_root_tie(void) {
  fix *f = one_leaf(4);
  fix_rows(f, 0, 12, 100, 12, 1); /* beta */
  fix_rows(f, 0, 12, 300, 12, 2); /* gamma */
  fix_rows(f, 0, 2, 500, 2, 3);
  CU_ASSERT_EQUAL_FATAL(fix_run(f), CLIO_OK);
  expect_counts(f, &f->release->node[0], (int64_t[]){-1, -1, 12, -1}, 4);
  fix_free(f);
}

/* Three leaves under one inner node; the counts given per leaf and value. */
static fix *three_leaves(const size_t count[3][3], size_t values) {
  fix *f = one_leaf(values);
  g_array_set_size(f->node[0], 0);
  int32_t top = fix_node(f, 0, -1, 1, "fern");
  static const char *const name[] = {"amber", "birch", "cedar"};
  for (size_t l = 0; l < 3; l++) {
    int32_t leaf = fix_node(f, 0, top, 0, name[l]);
    for (size_t v = 0; v < values; v++)
      fix_rows(f, leaf, count[l][v], 1000 * (l + 1) + 100 * v, count[l][v], (int32_t)v);
  }
  return f;
}

static void test_family_all_safe(void) {
  static const size_t count[3][3] = {{20, 10, 6}, {9, 20, 5}, {7, 5, 30}};
  fix *f = three_leaves(count, 3);
  CU_ASSERT_EQUAL_FATAL(fix_run(f), CLIO_OK);
  expect_counts(f, fix_named(f, "amber"), (int64_t[]){20, 10, 6}, 3);
  expect_counts(f, fix_named(f, "cedar"), (int64_t[]){7, 5, 30}, 3);
  expect_counts(f, fix_named(f, "fern"), (int64_t[]){36, 35, 41}, 3);
  fix_free(f);
}

/* One small cell: its row and column need company, and every printed sum and
 * difference stays zero or safe. */
static void test_family_differences(void) {
  static const size_t count[3][3] = {{20, 10, 2}, {9, 20, 5}, {7, 5, 30}};
  fix *f = three_leaves(count, 3);
  CU_ASSERT_EQUAL_FATAL(fix_run(f), CLIO_OK);
  const gate_printed *leaf[3] = {fix_named(f, "amber"), fix_named(f, "birch"),
                                 fix_named(f, "cedar")};
  CU_ASSERT_EQUAL(fix_count(f, leaf[0], 0, 2), -1);
  for (int32_t v = 0; v < 3; v++) {
    int64_t hidden = fix_count(f, fix_named(f, "fern"), 0, v);
    for (size_t l = 0; l < 3; l++) hidden -= MAX(fix_count(f, leaf[l], 0, v), 0);
    CU_ASSERT_TRUE(hidden == 0 || hidden >= 5);
  }
  for (size_t l = 0; l < 3; l++) {
    int64_t hidden = leaf[l]->exact;
    for (int32_t v = 0; v < 3; v++) hidden -= MAX(fix_count(f, leaf[l], 0, v), 0);
    CU_ASSERT_TRUE(hidden == 0 || hidden >= 5);
  }
  fix_free(f);
}

/* A value hidden at a node is hidden in its whole subtree. */
static void test_subtree_closure(void) {
  fix *f = one_leaf(2);
  g_array_set_size(f->node[0], 0);
  int32_t one = fix_node(f, 0, -1, 1, "elm"), two = fix_node(f, 0, -1, 1, "fern");
  int32_t a = fix_node(f, 0, one, 0, "amber"), b = fix_node(f, 0, one, 0, "birch");
  int32_t c = fix_node(f, 0, two, 0, "cedar");
  fix_rows(f, a, 20, 100, 20, 0);
  fix_rows(f, b, 20, 200, 20, 0);
  fix_rows(f, b, 2, 300, 2, 1); /* alpha is hidden at elm for want of a safe rest */
  fix_rows(f, c, 20, 400, 20, 0);
  fix_rows(f, c, 20, 500, 20, 1);
  CU_ASSERT_EQUAL_FATAL(fix_run(f), CLIO_OK);
  CU_ASSERT_EQUAL(fix_count(f, fix_named(f, "elm"), 0, 0), -1);
  CU_ASSERT_EQUAL(fix_count(f, fix_named(f, "amber"), 0, 0), -1);
  CU_ASSERT_EQUAL(fix_count(f, fix_named(f, "birch"), 0, 0), -1);
  CU_ASSERT_EQUAL(fix_count(f, fix_id(f, "topic-root"), 0, 0), 60);
  fix_free(f);
}

/* Facet 0 as a list: row r gets the values whose bits are set. */
static void add_list(fix *f, size_t rows, uint64_t first, unsigned bits) {
  for (size_t i = 0; i < rows; i++) {
    fix_row(f, first + i, 0);
    for (int32_t v = 0; v < 4; v++)
      if (bits & (1U << v)) g_array_append_val(f->code[0], v);
    int64_t end = f->code[0]->len;
    if (bits & 1) g_array_append_val(f->code[0], (int32_t){0}); /* twice: counts once */
    end = f->code[0]->len;
    g_array_append_val(f->offset[0], end);
  }
}

static void test_list(void) {
  fix *f = one_leaf(4);
  int64_t zero = 0;
  g_array_append_val(f->offset[0], zero);
  add_list(f, 20, 100, 1 | 2);
  add_list(f, 10, 200, 2);
  add_list(f, 8, 300, 0);
  add_list(f, 3, 400, 4);
  CU_ASSERT_EQUAL_FATAL(fix_run(f), CLIO_OK);
  /* beta's complement is 11 rows, gamma's 3 are too few, delta is in none. */
  expect_counts(f, fix_named(f, "amber"), (int64_t[]){20, 30, -1, -1}, 4);
  CU_ASSERT_EQUAL(f->release->node[0].cells, 2);
  fix_free(f);
}

/* 'Yes' is not printed where the 'no' it would give away is small. */
static void test_list_complement(void) {
  fix *f = one_leaf(4);
  int64_t zero = 0;
  g_array_append_val(f->offset[0], zero);
  add_list(f, 30, 100, 1);
  add_list(f, 2, 200, 2);
  CU_ASSERT_EQUAL_FATAL(fix_run(f), CLIO_OK);
  CU_ASSERT_EQUAL(f->release->node[0].cells + f->release->node[1].cells, 0);
  fix_free(f);
}

/* Sensitive: what everyone of a node holds is not shown there. */
static void test_sensitive(void) {
  static const size_t count[3][3] = {{20, 0, 0}, {10, 20, 0}, {15, 12, 0}};
  for (int sensitive = 0; sensitive < 2; sensitive++) {
    fix *f = three_leaves(count, 3);
    f->facet[0].sensitive = sensitive;
    CU_ASSERT_EQUAL_FATAL(fix_run(f), CLIO_OK);
    CU_ASSERT_EQUAL(fix_count(f, fix_named(f, "amber"), 0, 0), sensitive ? -1 : 20);
    CU_ASSERT_EQUAL(fix_count(f, fix_named(f, "fern"), 0, 0), 45);
    /* nor can it be had as a difference: a sibling's share is hidden with it */
    int64_t shown = 0;
    for (size_t l = 0; l < 3; l++)
      shown +=
          MAX(fix_count(f, fix_named(f, (const char *[]){"amber", "birch", "cedar"}[l]), 0, 0), 0);
    CU_ASSERT_EQUAL(shown, sensitive ? 10 : 45);
    fix_free(f);
  }
}

static void test_sensitive_root(void) {
  fix *f = one_leaf(2);
  fix_rows(f, 0, 30, 100, 30, 0);
  f->facet[0].sensitive = true;
  CU_ASSERT_EQUAL_FATAL(fix_run(f), CLIO_OK);
  CU_ASSERT_EQUAL(f->release->node[0].cells, 0);
  f->facet[0].sensitive = false;
  CU_ASSERT_EQUAL_FATAL(fix_run(f), CLIO_OK);
  CU_ASSERT_EQUAL(f->release->node[0].cells, 1);
  fix_free(f);
}

/* Free text: unrated, or not by the members' words, is unknown. */
static void test_free_text(void) {
  static const char *const value[] = {"amber things", "unheard words", "birch"};
  static const int32_t unrated[] = {5, 5, 0}, rated[] = {5, 5, 5};
  fix *f = fix_new();
  fix_facet(f, "subject", value, 3);
  f->facet[0].closed = false;
  fix_node(f, 0, -1, 0, "amber");
  for (int32_t v = 0; v < 3; v++) fix_rows(f, 0, 10, 100 * (uint64_t)(v + 1), 10, v);
  f->facet[0].value_rating = unrated;
  CU_ASSERT_EQUAL_FATAL(fix_run(f), CLIO_OK);
  expect_counts(f, &f->release->node[1], (int64_t[]){10, -1, -1}, 3);
  CU_ASSERT_EQUAL(f->release->texts_refused, 2);
  f->facet[0].value_rating = rated;
  CU_ASSERT_EQUAL_FATAL(fix_run(f), CLIO_OK);
  expect_counts(f, &f->release->node[1], (int64_t[]){10, -1, 10}, 3);
  f->facet[0].value_rating = NULL;
  CU_ASSERT_EQUAL_FATAL(fix_run(f), CLIO_OK);
  CU_ASSERT_EQUAL(f->release->node[0].cells, 0);
  f->facet[0].closed = true;
  CU_ASSERT_EQUAL_FATAL(fix_run(f), CLIO_OK);
  expect_counts(f, &f->release->node[1], (int64_t[]){10, 10, 10}, 3);
  fix_free(f);
}

/* A value one tree's texts refuse is unknown in the other too. */
static void test_free_text_two_trees(void) {
  static const char *const value[] = {"amber things", "elm"};
  static const int32_t rated[] = {5, 5};
  fix *f = fix_new();
  fix_facet(f, "subject", value, 2);
  f->facet[0].closed = false;
  f->facet[0].value_rating = rated;
  f->trees = 2;
  fix_node(f, 0, -1, 0, "amber");
  fix_node(f, 1, -1, 0, "birch");
  fix_rows(f, 0, 12, 100, 12, 0);
  fix_rows(f, 0, 12, 200, 12, 1);
  for (size_t i = 0; i < f->leaf[1]->len; i++) g_array_index(f->leaf[1], int32_t, i) = 0;
  CU_ASSERT_EQUAL_FATAL(fix_run(f), CLIO_OK);
  for (size_t n = 0; n < f->release->nodes; n++) CU_ASSERT_EQUAL(f->release->node[n].cells, 2);
  f->zone_text = "birch elm"; /* does not know amber */
  CU_ASSERT_EQUAL_FATAL(fix_run(f), CLIO_OK);
  for (size_t n = 0; n < f->release->nodes; n++)
    expect_counts(f, &f->release->node[n], (int64_t[]){-1, 12}, 2);
  fix_free(f);
}

/* A period grid is a facet like any other; cells: count down, then value. */
static void test_cell_order(void) {
  static const char *const week[] = {"2026-11-09", "2026-11-02", "2026-11-16"};
  fix *f = one_leaf(2);
  fix_facet(f, "period", week, 3)->is_period = true;
  static const int32_t size[3] = {14, 13, 21};
  for (int32_t p = 0; p < 3; p++)
    for (int32_t i = 0; i < size[p]; i++) {
      fix_row(f, (uint64_t)(100 * p + i), 0);
      int32_t half = i % 2;
      g_array_append_val(f->code[0], half);
      g_array_append_val(f->code[1], p);
    }
  f->policy.round_to = 5;
  CU_ASSERT_EQUAL_FATAL(fix_run(f), CLIO_OK);
  const gate_printed *n = fix_named(f, "amber");
  CU_ASSERT_EQUAL_FATAL(n->cells, 5);
  static const int32_t facet[] = {0, 0, 1, 1, 1}, value[] = {0, 1, 2, 1, 0};
  static const int64_t count[] = {25, 25, 20, 15, 15};
  for (size_t i = 0; i < 5; i++) {
    CU_ASSERT_EQUAL(n->cell[i].facet, facet[i]);
    CU_ASSERT_EQUAL(n->cell[i].value, value[i]);
    CU_ASSERT_EQUAL(n->cell[i].count, count[i]);
  }
  fix_free(f);
}

static void test_unbound_facet(void) {
  for (int32_t wrong = -2; wrong <= 2; wrong += 4) {
    fix *f = one_leaf(2);
    fix_rows(f, 0, 30, 100, 30, 0);
    g_array_index(f->code[0], int32_t, 5) = wrong;
    CU_ASSERT_EQUAL(fix_run(f), CLIO_E_PRIVACY);
    CU_ASSERT_PTR_NOT_NULL(strstr(f->error.text, "the facet 'kind' is not bound"));
    fix_free(f);
  }
}

static void swap_u64(GArray *a, size_t i, size_t j) {
  uint64_t x = g_array_index(a, uint64_t, i);
  g_array_index(a, uint64_t, i) = g_array_index(a, uint64_t, j);
  g_array_index(a, uint64_t, j) = x;
}

static void swap_i32(GArray *a, size_t i, size_t j) {
  int32_t x = g_array_index(a, int32_t, i);
  g_array_index(a, int32_t, i) = g_array_index(a, int32_t, j);
  g_array_index(a, int32_t, j) = x;
}

static void swap_f64(GArray *a, size_t i, size_t j) {
  double x = g_array_index(a, double, i);
  g_array_index(a, double, i) = g_array_index(a, double, j);
  g_array_index(a, double, j) = x;
}

static void swap_rows(fix *f, size_t i, size_t j) {
  swap_u64(f->account, i, j);
  swap_u64(f->org, i, j);
  swap_u64(f->key, i, j);
  swap_i32(f->leaf[0], i, j);
  swap_i32(f->code[0], i, j);
  swap_f64(f->x, i, j);
  swap_f64(f->y, i, j);
}

/* A random tree: two inner nodes, six leaves, some too small, a skewed facet. */
static fix *random_tree(GRand *r) {
  static const char *const name[] = {"amber", "birch", "cedar", "dune", "elm", "fern"};
  fix *f = fix_new();
  fix_facet(f, "kind", abc, 4);
  fix_node(f, 0, -1, 1, "grove");
  fix_node(f, 0, -1, 1, "hazel");
  for (int32_t l = 0; l < 6; l++) fix_node(f, 0, l % 2, 0, name[l]);
  f->has_positions = true;
  f->policy.account_cap = 3;
  f->policy.round_to = 5;
  for (size_t i = 0; i < 300; i++) {
    int32_t leaf = g_rand_int_range(r, 0, 60) == 0 ? -1 : 2 + g_rand_int_range(r, 0, 6);
    if (leaf == 7 && g_rand_int_range(r, 0, 6)) leaf = 3;
    size_t row = fix_row(f, (uint64_t)g_rand_int_range(r, 0, 80), leaf);
    int32_t code = g_rand_int_range(r, -1, 4) & g_rand_int_range(r, -1, 4);
    g_array_append_val(f->code[0], code);
    g_array_index(f->x, double, row) = g_rand_double_range(r, -9, 9);
    g_array_index(f->y, double, row) = g_rand_double_range(r, -9, 9);
  }
  return f;
}

/* Leaves 2 and 4 trade numbers; so do the inner nodes 0 and 1. */
static void renumber(fix *f) {
  gate_node *node = (gate_node *)(void *)f->node[0]->data, x = node[2];
  node[2] = node[4];
  node[4] = x;
  x = node[0];
  node[0] = node[1];
  node[1] = x;
  for (size_t i = 2; i < 8; i++) node[i].parent = 1 - node[i].parent;
  for (size_t i = 0; i < f->leaf[0]->len; i++) {
    int32_t *leaf = &g_array_index(f->leaf[0], int32_t, i);
    if (*leaf == 2 || *leaf == 4) *leaf = 6 - *leaf;
  }
}

static void test_permutation(void) {
  g_autoptr(GRand) r = g_rand_new_with_seed(7);
  for (int round = 0; round < 60; round++) {
    fix *f = random_tree(r);
    CU_ASSERT_EQUAL_FATAL(fix_run(f), CLIO_OK);
    g_autofree char *before = fix_dump(f);
    for (size_t i = f->account->len; i-- > 1;)
      swap_rows(f, i, (size_t)g_rand_int_range(r, 0, (int32_t)i + 1));
    renumber(f);
    for (size_t i = 0; i < f->account->len; i++)
      g_array_index(f->account, uint64_t, i) ^= 0x5555555555555555; /* renamed */
    CU_ASSERT_EQUAL_FATAL(fix_run(f), CLIO_OK);
    g_autofree char *after = fix_dump(f);
    CU_ASSERT_STRING_EQUAL(before, after);
    if (strcmp(before, after)) fprintf(stderr, "%s\n%s\n", before, after);
    fix_free(f);
  }
}

/* Thresholds of 1, as in public mode, print every cell that is not zero. */
static void test_public(void) {
  static const size_t count[3][3] = {{20, 1, 2}, {9, 20, 1}, {1, 0, 30}};
  fix *f = three_leaves(count, 3);
  f->policy.cluster = f->policy.cell = (gate_threshold){1, 1, 1};
  f->policy.word_accounts = 1;
  f->policy.publish_all = true;
  CU_ASSERT_EQUAL_FATAL(fix_run(f), CLIO_OK);
  expect_counts(f, fix_named(f, "amber"), (int64_t[]){20, 1, 2}, 3);
  expect_counts(f, fix_named(f, "cedar"), (int64_t[]){1, -1, 30}, 3);
  fix_free(f);
}

int main(void) {
  if (CU_initialize_registry() != CUE_SUCCESS) return 1;
  CU_pSuite s = CU_add_suite("gate facets", NULL, NULL);
  CU_add_test(s, "cell thresholds", test_cell_thresholds);
  CU_add_test(s, "root remainder", test_root_remainder);
  CU_add_test(s, "root tie", test_root_tie);
  CU_add_test(s, "family, all safe", test_family_all_safe);
  CU_add_test(s, "family, differences", test_family_differences);
  CU_add_test(s, "subtree closure", test_subtree_closure);
  CU_add_test(s, "list", test_list);
  CU_add_test(s, "list complement", test_list_complement);
  CU_add_test(s, "sensitive", test_sensitive);
  CU_add_test(s, "sensitive root", test_sensitive_root);
  CU_add_test(s, "free text", test_free_text);
  CU_add_test(s, "free text, two trees", test_free_text_two_trees);
  CU_add_test(s, "cell order", test_cell_order);
  CU_add_test(s, "unbound facet", test_unbound_facet);
  CU_add_test(s, "permutation", test_permutation);
  CU_add_test(s, "public", test_public);
  CU_basic_set_mode(CU_BRM_NORMAL);
  CU_basic_run_tests();
  unsigned failed = CU_get_number_of_failures();
  CU_cleanup_registry();
  return failed ? 1 : 0;
}
