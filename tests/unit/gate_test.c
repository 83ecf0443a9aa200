/* gate_test.c - the release gate's trees: thresholds, cap, texts, rest, ids,
 * order, rounding, positions. Facets: gate_facets_test.c. */
#include "gate.h"

#include <CUnit/Basic.h>
#include <math.h>
#include <string.h>

#include "gate_fixture.h"
#include "gate_internal.h"

/* Two leaves under the root: 'amber' with rows enough, 'birch' as asked. */
static fix *two_leaves(size_t rows, size_t accounts) {
  fix *f = fix_new();
  fix_node(f, 0, -1, 0, "amber");
  fix_node(f, 0, -1, 0, "birch");
  fix_rows(f, 0, 30, 1000, 30, 0);
  fix_rows(f, 1, rows, 2000, accounts, 0);
  return f;
}

static void expect_refusal(fix *f, const char *part) {
  CU_ASSERT_EQUAL(fix_run(f), CLIO_E_PRIVACY);
  CU_ASSERT_PTR_NULL(f->release);
  CU_ASSERT_PTR_NOT_NULL(strstr(f->error.text, part));
  CU_ASSERT_PTR_NULL(strpbrk(f->error.text, "0123456789"));
  CU_ASSERT_PTR_NULL(strstr(f->error.text, "amber"));
  fix_free(f);
}

static void test_root_thresholds(void) {
  struct {
    size_t rows, accounts;
    bool passes;
  } cases[] = {{9, 9, false}, {10, 4, false}, {10, 5, true}, {11, 6, true}};
  for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
    fix *f = fix_new();
    fix_node(f, 0, -1, 0, "amber");
    fix_rows(f, 0, cases[i].rows, 1, cases[i].accounts, 0);
    if (!cases[i].passes) {
      expect_refusal(f, "do not reach the thresholds");
      continue;
    }
    CU_ASSERT_EQUAL_FATAL(fix_run(f), CLIO_OK);
    CU_ASSERT_EQUAL(f->release->nodes, 2);
    fix_free(f);
  }
}

static void test_nothing_left(void) {
  fix *f = fix_new();
  fix_node(f, 0, -1, 0, "amber");
  fix_node(f, 0, -1, 0, "birch");
  fix_rows(f, 0, 9, 1, 9, 0);
  fix_rows(f, 1, 9, 20, 9, 0);
  expect_refusal(f, "every cluster fell into 'rest'");
  f = fix_new();
  fix_rows(f, -1, 30, 1, 30, 0);
  expect_refusal(f, "every cluster fell into 'rest'");
  f = fix_new();
  fix_rows(f, -1, 30, 1, 30, 0);
  f->trees = 0;
  expect_refusal(f, "no tree");
}

static void test_unbound(void) {
  fix *f = two_leaves(10, 10);
  g_array_index(f->leaf[0], int32_t, 3) = 7;
  expect_refusal(f, "the tree 'topic' is not bound");
  f = two_leaves(10, 10);
  g_array_index(f->leaf[0], int32_t, 3) = -2;
  expect_refusal(f, "is not bound");
  f = two_leaves(10, 10);
  g_array_index(f->node[0], gate_node, 1).level = 1; /* rows in a node that is no leaf */
  expect_refusal(f, "is not bound");
  f = two_leaves(10, 10);
  g_array_index(f->node[0], gate_node, 1).parent = 1; /* its own parent */
  expect_refusal(f, "is not bound");
}

static void test_leaf_thresholds(void) {
  struct {
    size_t rows, accounts;
    bool printed;
  } cases[] = {{9, 9, false}, {10, 9, true}, {11, 9, true}, {12, 4, false}, {12, 5, true}};
  for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
    fix *f = two_leaves(cases[i].rows, cases[i].accounts);
    CU_ASSERT_EQUAL_FATAL(fix_run(f), CLIO_OK);
    CU_ASSERT_EQUAL(fix_named(f, "birch") != NULL, cases[i].printed);
    const gate_printed *rest = fix_id(f, "topic-0-rest");
    CU_ASSERT_EQUAL(rest != NULL, !cases[i].printed);
    if (rest) CU_ASSERT_EQUAL(rest->exact, (int64_t)cases[i].rows);
    CU_ASSERT_EQUAL(f->release->suppressed, rest ? (int64_t)cases[i].rows : 0);
    fix_free(f);
  }
}

static void test_rest_is_bare(void) {
  fix *f = two_leaves(9, 9);
  f->has_positions = true;
  CU_ASSERT_EQUAL_FATAL(fix_run(f), CLIO_OK);
  const gate_printed *rest = fix_id(f, "topic-0-rest");
  CU_ASSERT_PTR_NOT_NULL_FATAL(rest);
  CU_ASSERT_TRUE(rest->is_rest && !rest->name && !rest->description && !rest->auditor);
  CU_ASSERT_TRUE(!rest->has_position && !rest->accounts && !rest->organizations && !rest->cells);
  CU_ASSERT_EQUAL(rest->node, -1);
  CU_ASSERT_DOUBLE_EQUAL(f->release->rest_share, 9.0 / 39.0, 1e-12);
  fix_free(f);
}

/* A rest of 4 conversations is not safe(cell): the smallest child joins it. */
static void test_rest_takes_smallest(void) {
  fix *f = two_leaves(4, 4);
  fix_node(f, 0, -1, 0, "cedar");
  fix_node(f, 0, -1, 0, "dune");
  fix_rows(f, 2, 14, 3000, 14, 0);
  fix_rows(f, 3, 12, 4000, 12, 0);
  CU_ASSERT_EQUAL_FATAL(fix_run(f), CLIO_OK);
  CU_ASSERT_PTR_NULL(fix_named(f, "dune"));
  CU_ASSERT_PTR_NOT_NULL(fix_named(f, "cedar"));
  CU_ASSERT_EQUAL(fix_id(f, "topic-0-rest")->exact, 16);
  fix_free(f);
}

/* Equal sizes: the name that comes first by its bytes goes. */
static void test_rest_tie(void) {
  fix *f = two_leaves(4, 4);
  fix_node(f, 0, -1, 0, "dune");
  fix_node(f, 0, -1, 0, "cedar");
  fix_rows(f, 2, 12, 3000, 12, 0);
  fix_rows(f, 3, 12, 4000, 12, 0);
  CU_ASSERT_EQUAL_FATAL(fix_run(f), CLIO_OK);
  CU_ASSERT_PTR_NOT_NULL(fix_named(f, "dune"));
  CU_ASSERT_PTR_NULL(fix_named(f, "cedar"));
  fix_free(f);
}

/* Unassigned rows are under the root and in no child. */
static void test_unassigned(void) {
  fix *f = two_leaves(12, 12);
  fix_rows(f, -1, 6, 5000, 6, 0);
  CU_ASSERT_EQUAL_FATAL(fix_run(f), CLIO_OK);
  CU_ASSERT_EQUAL(fix_id(f, "topic-root")->exact, 48);
  CU_ASSERT_EQUAL(fix_id(f, "topic-0-rest")->exact, 6);
  fix_free(f);
}

/* Rows of too few accounts make no safe rest either, though they are many. */
static void test_rest_accounts(void) {
  fix *f = two_leaves(12, 12);
  fix_rows(f, -1, 40, 5000, 2, 0);
  CU_ASSERT_EQUAL_FATAL(fix_run(f), CLIO_OK);
  CU_ASSERT_EQUAL(fix_id(f, "topic-0-rest")->exact, 52);
  CU_ASSERT_PTR_NULL(fix_named(f, "birch"));
  fix_free(f);
}

/* An inner node whose leaves are all too small keeps its level, childless. */
static void test_inner_without_children(void) {
  fix *f = fix_new();
  int32_t top = fix_node(f, 0, -1, 1, "amber"), other = fix_node(f, 0, -1, 1, "birch");
  int32_t a = fix_node(f, 0, top, 0, "cedar"), b = fix_node(f, 0, top, 0, "dune");
  int32_t c = fix_node(f, 0, other, 0, "elm"), d = fix_node(f, 0, other, 0, "fern");
  fix_rows(f, a, 8, 100, 8, 0);
  fix_rows(f, b, 8, 200, 8, 0);
  fix_rows(f, c, 20, 300, 20, 0);
  fix_rows(f, d, 6, 400, 6, 0);
  CU_ASSERT_EQUAL_FATAL(fix_run(f), CLIO_OK);
  CU_ASSERT_EQUAL(f->release->nodes, 5);
  CU_ASSERT_STRING_EQUAL(fix_named(f, "amber")->id, "topic-1-2");
  CU_ASSERT_STRING_EQUAL(fix_named(f, "birch")->id, "topic-1-1");
  const gate_printed *rest = fix_id(f, "topic-0-rest-1");
  CU_ASSERT_PTR_NOT_NULL_FATAL(rest);
  CU_ASSERT_EQUAL(rest->exact, 6);
  CU_ASSERT_PTR_EQUAL(&f->release->node[rest->parent], fix_named(f, "birch"));
  CU_ASSERT_EQUAL(fix_id(f, "topic-root")->level, 2);
  fix_free(f);
}

static void test_texts(void) {
  fix *f = fix_new();
  int32_t top = fix_node(f, 0, -1, 1, "secret");
  int32_t a = fix_node(f, 0, top, 0, "amber"), b = fix_node(f, 0, top, 0, "birch");
  int32_t c = fix_node(f, 0, top, 0, "cedar"), d = fix_node(f, 0, top, 0, NULL);
  fix_rows(f, a, 20, 100, 20, 0);
  fix_rows(f, b, 20, 200, 20, 0);
  fix_rows(f, c, 20, 300, 20, 0);
  fix_rows(f, d, 20, 400, 20, 0);
  gate_node *node = (gate_node *)(void *)f->node[0]->data;
  node[a].description = "things asked by many";
  node[a].description_rating = 4;
  node[a].description_auditor = "auditor/other";
  node[b].description = "things asked by nobody else";
  node[b].description_rating = 5;
  node[c].name_rating = 2;
  CU_ASSERT_EQUAL_FATAL(fix_run(f), CLIO_OK);
  const gate_printed *inner = &f->release->node[fix_named(f, "amber")->parent];
  CU_ASSERT_STRING_EQUAL(inner->name, "(withheld)");
  CU_ASSERT_EQUAL(inner->rating, 0);
  CU_ASSERT_PTR_NULL(inner->auditor);
  CU_ASSERT_STRING_EQUAL(fix_named(f, "amber")->description, "things asked by many");
  CU_ASSERT_EQUAL(fix_named(f, "amber")->rating, 4);
  CU_ASSERT_STRING_EQUAL(fix_named(f, "amber")->auditor, "auditor/other");
  CU_ASSERT_STRING_EQUAL(fix_named(f, "birch")->description, "");
  CU_ASSERT_EQUAL(fix_named(f, "birch")->rating, 5);
  CU_ASSERT_PTR_NULL(fix_named(f, "cedar"));
  CU_ASSERT_EQUAL(fix_id(f, "topic-0-rest-1")->exact, 40);
  CU_ASSERT_EQUAL(f->release->texts_refused, 3); /* secret, birch's description, cedar */
  fix_free(f);
}

static void test_ratings(void) {
  for (int32_t rating = 0; rating <= 5; rating++) {
    fix *f = two_leaves(20, 20);
    g_array_index(f->node[0], gate_node, 1).name_rating = rating;
    CU_ASSERT_EQUAL_FATAL(fix_run(f), CLIO_OK);
    CU_ASSERT_EQUAL(fix_named(f, "birch") != NULL, rating >= 3);
    fix_free(f);
  }
  fix *f = two_leaves(20, 20);
  f->policy.audit_floor = 0;
  g_array_index(f->node[0], gate_node, 1).name_rating = 0;
  CU_ASSERT_EQUAL_FATAL(fix_run(f), CLIO_OK);
  CU_ASSERT_PTR_NULL(fix_named(f, "birch")); /* nobody rated it */
  fix_free(f);
}

/* Text of rows over the cap counts nowhere, but must not be printed either. */
static void test_text_over_cap(void) {
  fix *f = two_leaves(20, 20);
  g_array_index(f->node[0], gate_node, 1).name = "amber birch cedar elm";
  f->policy.account_cap = 1;
  size_t first = fix_row(f, 2000, 1), second = fix_row(f, 2000, 1);
  g_array_index(f->key, uint64_t, first) = UINT64_MAX - 1;
  g_array_index(f->key, uint64_t, second) = UINT64_MAX;
  CU_ASSERT_EQUAL_FATAL(fix_run(f), CLIO_OK);
  CU_ASSERT_PTR_NOT_NULL(fix_named(f, "amber birch cedar elm"));
  f->text->pdata[second] = (gpointer)(uintptr_t) "my amber birch cedar elm";
  CU_ASSERT_EQUAL_FATAL(fix_run(f), CLIO_OK);
  CU_ASSERT_PTR_NULL(fix_named(f, "amber birch cedar elm"));
  fix_free(f);
}

static void test_cap(void) {
  fix *f = two_leaves(20, 20);
  fix_rows(f, 1, 8, 7000, 1, 0);   /* one account, eight times */
  fix_rows(f, 0, 3, 7000, 1, 0);   /* in another leaf too */
  fix_rows(f, -1, 50, 7000, 1, 0); /* and in none */
  f->policy.account_cap = 5;
  CU_ASSERT_EQUAL_FATAL(fix_run(f), CLIO_OK);
  CU_ASSERT_EQUAL(fix_named(f, "amber")->exact, 33);
  CU_ASSERT_EQUAL(fix_id(f, "topic-root")->exact, 30 + 3 + 20 + 5 + 5);
  CU_ASSERT_EQUAL(f->release->over_cap, 3 + 45);
  f->policy.account_cap = 0; /* is 1 at least */
  CU_ASSERT_EQUAL_FATAL(fix_run(f), CLIO_OK);
  CU_ASSERT_EQUAL(fix_named(f, "amber")->exact, 31);
  fix_free(f);
}

/* The cap keeps the lowest keys, wherever they stand. */
static void test_cap_keys(void) {
  static const char *const value[] = {"kept", "lost"};
  fix *f = fix_new();
  fix_facet(f, "side", value, 2);
  fix_node(f, 0, -1, 0, "amber");
  for (size_t i = 0; i < 60; i++) {
    size_t row = fix_row(f, i % 20, 0);
    int32_t code = i / 20 == 1 ? 0 : 1;
    g_array_append_val(f->code[0], code);
    g_array_index(f->key, uint64_t, row) = code ? 1000 + i : i;
  }
  f->policy.account_cap = 1;
  CU_ASSERT_EQUAL_FATAL(fix_run(f), CLIO_OK);
  CU_ASSERT_EQUAL(fix_count(f, fix_named(f, "amber"), 0, 0), 20);
  CU_ASSERT_EQUAL(fix_count(f, fix_named(f, "amber"), 0, 1), -1);
  fix_free(f);
}

/* A conversation of one account counts once, by its first row; the same id in another account is
 * another one. */
static void test_repeats(void) {
  static const char *const value[] = {"first", "again"};
  fix *f = fix_new();
  fix_facet(f, "side", value, 2);
  fix_node(f, 0, -1, 0, "amber");
  for (size_t i = 0; i < 120; i++) {
    size_t row = fix_row(f, i % 60, 0);
    int32_t code = i < 60 ? 0 : 1;
    g_array_append_val(f->code[0], code);
    g_array_index(f->key, uint64_t, row) = i % 60 < 40 ? 1000 + i % 60 : i < 60 ? 7 : 8;
  }
  CU_ASSERT_EQUAL_FATAL(fix_run(f), CLIO_OK);
  CU_ASSERT_EQUAL(f->release->repeated, 40);
  CU_ASSERT_EQUAL(f->release->over_cap, 0);
  CU_ASSERT_EQUAL(fix_named(f, "amber")->exact, 80);
  CU_ASSERT_EQUAL(fix_count(f, fix_named(f, "amber"), 0, 0), 60);
  CU_ASSERT_EQUAL(fix_count(f, fix_named(f, "amber"), 0, 1), 20);
  fix_free(f);
}

static gate_counter *counter_of(const fix *f, gate_roll *roll, int64_t cell_accounts) {
  *roll = (gate_roll){.rows = f->account->len,
                      .account = (const uint64_t *)(const void *)f->account->data,
                      .org = (const uint64_t *)(const void *)f->org->data,
                      .cap_key = (const uint64_t *)(const void *)f->key->data};
  return gate_counter_new(roll, cell_accounts);
}

/* 12 accounts in one organisation, `others` in a second. */
static bool safe_with(size_t others, bool shared, int64_t organizations) {
  fix *f = fix_new();
  uint32_t row[64];
  for (size_t i = 0; i < 12 + others; i++) {
    row[i] = (uint32_t)fix_row(f, i, 0);
    g_array_index(f->org, uint64_t, i) = i < 12 ? 1 : 2;
    if (shared && i >= 12) g_array_index(f->account, uint64_t, i) = i - 12;
  }
  gate_roll roll;
  gate_counter *counter = counter_of(f, &roll, 3);
  gate_span span[2] = {{row, 5}, {row + 5, 7 + others}};
  gate_threshold t = {5, 10, organizations};
  bool safe = gate_safe(counter, span, 2, &t);
  gate_counter_free(counter);
  fix_free(f);
  return safe;
}

static void test_safe_organizations(void) {
  CU_ASSERT_TRUE(safe_with(0, false, 1));
  CU_ASSERT_FALSE(safe_with(0, false, 2));
  CU_ASSERT_FALSE(safe_with(2, false, 2)); /* without the first, 2 accounts are left */
  CU_ASSERT_TRUE(safe_with(3, false, 2));
  CU_ASSERT_FALSE(safe_with(3, false, 3)); /* only two organisations */
  CU_ASSERT_FALSE(safe_with(2, true, 2));
  CU_ASSERT_TRUE(safe_with(3, true, 2)); /* accounts of both count without either */
}

static void test_safe_large(void) {
  fix *f = fix_new();
  uint32_t row[500];
  for (size_t i = 0; i < 500; i++) {
    row[i] = (uint32_t)fix_row(f, i < 490 ? i % 2 : i, 0);
    g_array_index(f->org, uint64_t, i) = i < 490 ? 1 : i;
  }
  gate_roll roll;
  gate_counter *counter = counter_of(f, &roll, 9);
  gate_span most = {row, 490}, all = {row, 500}, none = {row, 0};
  gate_threshold plain = {3, 10, 1}, orgs = {3, 10, 2};
  CU_ASSERT_FALSE(gate_safe(counter, &most, 1, &plain));
  CU_ASSERT_TRUE(gate_safe(counter, &all, 1, &plain));
  CU_ASSERT_TRUE(gate_safe(counter, &all, 1, &orgs));
  CU_ASSERT_FALSE(gate_safe(counter, &none, 1, &plain));
  int64_t accounts, organizations;
  gate_measure(counter, all, &accounts, &organizations);
  CU_ASSERT_EQUAL(accounts, 12);
  CU_ASSERT_EQUAL(organizations, 11);
  CU_ASSERT_EQUAL(gate_heaviest(counter, &all, 1, 1), 245);
  CU_ASSERT_EQUAL(gate_heaviest(counter, &all, 1, 3), 491);
  CU_ASSERT_EQUAL(gate_heaviest(counter, &all, 1, 99), 500);
  CU_ASSERT_EQUAL(gate_heaviest(counter, &all, 1, 0), 0);
  gate_counter_free(counter);
  fix_free(f);
}

/* A leaf of one organisation is printed only where none is asked for. */
static void test_leaf_organizations(void) {
  for (int64_t organizations = 1; organizations <= 2; organizations++) {
    fix *f = two_leaves(20, 20);
    f->has_orgs = true;
    f->policy.cluster.organizations = organizations;
    for (size_t i = 30; i < 50; i++) g_array_index(f->org, uint64_t, i) = 9;
    CU_ASSERT_EQUAL_FATAL(fix_run(f), CLIO_OK);
    CU_ASSERT_EQUAL(fix_named(f, "birch") != NULL, organizations == 1);
    CU_ASSERT_EQUAL(fix_named(f, "amber")->organizations, 25);
    if (organizations == 1) CU_ASSERT_EQUAL(fix_named(f, "birch")->organizations, 1);
    fix_free(f);
  }
}

static void test_bands_and_rounding(void) {
  static const int64_t band[][2] = {{0, 0},     {1, 1},     {2, 1},       {3, 3},       {4, 3},
                                    {5, 5},     {9, 5},     {10, 10},     {24, 10},     {25, 25},
                                    {49, 25},   {50, 50},   {99, 50},     {100, 100},   {249, 100},
                                    {250, 250}, {999, 250}, {1000, 1000}, {99999, 1000}};
  for (size_t i = 0; i < G_N_ELEMENTS(band); i++)
    CU_ASSERT_EQUAL(gate_band(band[i][0]), band[i][1]);
  static const int64_t rounded[][3] = {{0, 5, 0},  {2, 5, 0},    {3, 5, 5},   {7, 5, 5},
                                       {8, 5, 10}, {12, 5, 10},  {13, 1, 13}, {5, 10, 10},
                                       {4, 10, 0}, {15, 10, 20}, {7, 0, 7}};
  for (size_t i = 0; i < G_N_ELEMENTS(rounded); i++)
    CU_ASSERT_EQUAL(gate_round(rounded[i][0], rounded[i][1]), rounded[i][2]);
  fix *f = two_leaves(12, 12);
  f->policy.round_to = 5;
  CU_ASSERT_EQUAL_FATAL(fix_run(f), CLIO_OK);
  CU_ASSERT_EQUAL(fix_named(f, "birch")->conversations, 10);
  CU_ASSERT_EQUAL(fix_named(f, "birch")->accounts, 10);
  CU_ASSERT_EQUAL(fix_named(f, "birch")->organizations, 1); /* no ids in the input */
  CU_ASSERT_EQUAL(f->release->conversations, 40);
  CU_ASSERT_EQUAL(f->release->accounts, 25);
  fix_free(f);
}

/* Ranks follow the printed count, then the name: never the true count. */
static void test_order(void) {
  fix *f = fix_new();
  int32_t top = fix_node(f, 0, -1, 1, "fern"), other = fix_node(f, 0, -1, 1, "elm");
  int32_t leaf[4] = {fix_node(f, 0, top, 0, "dune"), fix_node(f, 0, top, 0, "amber"),
                     fix_node(f, 0, other, 0, "cedar"), fix_node(f, 0, other, 0, "birch")};
  static const size_t rows[4] = {22, 18, 21, 40};
  for (size_t i = 0; i < 4; i++) fix_rows(f, leaf[i], rows[i], 100 * i, rows[i], 0);
  f->policy.round_to = 5;
  CU_ASSERT_EQUAL_FATAL(fix_run(f), CLIO_OK);
  static const char *const names[] = {NULL, "birch", "amber", "cedar", "dune", "elm", "fern"};
  static const char *const ids[] = {"topic-root", "topic-0-1", "topic-0-2", "topic-0-3",
                                    "topic-0-4",  "topic-1-1", "topic-1-2"};
  CU_ASSERT_EQUAL_FATAL(f->release->nodes, 7);
  for (size_t i = 0; i < 7; i++) {
    CU_ASSERT_STRING_EQUAL(f->release->node[i].id, ids[i]);
    CU_ASSERT_EQUAL(g_strcmp0(f->release->node[i].name, names[i]), 0);
  }
  CU_ASSERT_EQUAL(f->release->node[0].parent, -1);
  CU_ASSERT_EQUAL(f->release->node[1].parent, 5);
  CU_ASSERT_EQUAL(f->release->node[6].parent, 0);
  fix_free(f);
}

static void set_place(fix *f, size_t row, double x, double y) {
  g_array_index(f->x, double, row) = x;
  g_array_index(f->y, double, row) = y;
}

/* An account's many rows pull no more than one: that of its lowest key. */
static void test_positions(void) {
  fix *f = two_leaves(20, 20);
  for (size_t i = 0; i < 50; i++) set_place(f, i, i < 30 ? 0 : 100, i < 30 ? -3 : 5);
  fix_rows(f, 1, 100, 2000, 1, 0);
  for (size_t i = 50; i < 150; i++) {
    set_place(f, i, 1e6, 1e6);
    g_array_index(f->key, uint64_t, i) = UINT64_MAX - i;
  }
  f->has_positions = true;
  CU_ASSERT_EQUAL_FATAL(fix_run(f), CLIO_OK);
  const gate_printed *amber = fix_named(f, "amber"), *birch = fix_named(f, "birch");
  CU_ASSERT_TRUE(amber->has_position && birch->has_position);
  CU_ASSERT_FALSE(f->release->node[0].has_position);
  CU_ASSERT_DOUBLE_EQUAL(amber->x, 0, 0.5);
  CU_ASSERT_DOUBLE_EQUAL(birch->x, 100, 0.5);
  CU_ASSERT_DOUBLE_EQUAL(amber->y, -3, 0.1);
  CU_ASSERT_DOUBLE_EQUAL(birch->y, 5, 0.1);
  CU_ASSERT_EQUAL(fmod(birch->x, 0.25), 0); /* on the grid */
  CU_ASSERT_TRUE(birch->x - amber->x < 256 * 0.5);
  fix_free(f);
}

/* A node of which the projector placed too few accounts has no position. */
static void test_positions_of_few(void) {
  fix *f = two_leaves(20, 20);
  for (size_t i = 30; i < 50; i++) set_place(f, i, i < 34 ? 1 : NAN, 2);
  f->has_positions = true;
  CU_ASSERT_EQUAL_FATAL(fix_run(f), CLIO_OK);
  CU_ASSERT_TRUE(fix_named(f, "amber")->has_position);
  CU_ASSERT_FALSE(fix_named(f, "birch")->has_position);
  fix_free(f);
}

/* Two trees over the same kept rows; the cap is the first tree's. */
static void test_two_trees(void) {
  fix *f = two_leaves(20, 20);
  f->trees = 2;
  fix_node(f, 1, -1, 0, "cedar");
  fix_rows(f, 0, 9, 1000, 1, 0);
  f->policy.account_cap = 2;
  for (size_t i = 0; i < f->leaf[1]->len; i++) g_array_index(f->leaf[1], int32_t, i) = 0;
  CU_ASSERT_EQUAL_FATAL(fix_run(f), CLIO_OK);
  CU_ASSERT_EQUAL(f->release->nodes, 5);
  CU_ASSERT_STRING_EQUAL(f->release->node[0].id, "topic-root");
  CU_ASSERT_STRING_EQUAL(f->release->node[3].id, "zone-root");
  CU_ASSERT_EQUAL(f->release->node[4].parent, 3);
  CU_ASSERT_EQUAL(f->release->node[4].tree, 1);
  CU_ASSERT_EQUAL(fix_named(f, "amber")->exact, 31);
  CU_ASSERT_EQUAL(fix_named(f, "cedar")->exact, 51);
  g_array_index(f->node[1], gate_node, 0).name_rating = 0;
  CU_ASSERT_EQUAL(fix_run(f), CLIO_E_PRIVACY); /* one tree refused: nothing leaves */
  fix_free(f);
}

int main(void) {
  if (CU_initialize_registry() != CUE_SUCCESS) return 1;
  CU_pSuite s = CU_add_suite("gate", NULL, NULL);
  CU_add_test(s, "root thresholds", test_root_thresholds);
  CU_add_test(s, "nothing left", test_nothing_left);
  CU_add_test(s, "unbound", test_unbound);
  CU_add_test(s, "leaf thresholds", test_leaf_thresholds);
  CU_add_test(s, "rest is bare", test_rest_is_bare);
  CU_add_test(s, "rest takes the smallest", test_rest_takes_smallest);
  CU_add_test(s, "rest tie", test_rest_tie);
  CU_add_test(s, "unassigned", test_unassigned);
  CU_add_test(s, "rest accounts", test_rest_accounts);
  CU_add_test(s, "inner without children", test_inner_without_children);
  CU_add_test(s, "texts", test_texts);
  CU_add_test(s, "ratings", test_ratings);
  CU_add_test(s, "text over cap", test_text_over_cap);
  CU_add_test(s, "cap", test_cap);
  CU_add_test(s, "cap keys", test_cap_keys);
  CU_add_test(s, "repeats", test_repeats);
  CU_add_test(s, "safe with organisations", test_safe_organizations);
  CU_add_test(s, "safe of large sets", test_safe_large);
  CU_add_test(s, "leaf organisations", test_leaf_organizations);
  CU_add_test(s, "bands and rounding", test_bands_and_rounding);
  CU_add_test(s, "order", test_order);
  CU_add_test(s, "positions", test_positions);
  CU_add_test(s, "positions of few", test_positions_of_few);
  CU_add_test(s, "two trees", test_two_trees);
  CU_basic_set_mode(CU_BRM_NORMAL);
  CU_basic_run_tests();
  unsigned failed = CU_get_number_of_failures();
  CU_cleanup_registry();
  return failed ? 1 : 0;
}
