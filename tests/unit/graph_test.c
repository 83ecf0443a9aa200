/* graph_test.c - graphs that are right: what the reader makes of them. Graphs
 * that are wrong are tests/graph's. */
#include "graph.h"

#include <string.h>

#include "unit.h"

static graph *parse(const char *text, const char *const *set) {
  graph *g = NULL;
  diag *d = NULL;
  error e = {0};
  clio_status status = graph_parse("test.yaml", ".", text, strlen(text), set, &g, &d, &e);
  if (status != CLIO_OK) diag_print(d, stderr, false);
  CU_ASSERT_EQUAL_FATAL(status, CLIO_OK);
  diag_free(d);
  return g;
}

static graph *read_design(const char *name) {
  const char *src = g_getenv("CLIO_SRC");
  g_autofree char *path = g_build_filename(src ? src : ".", "tests/graph", name, NULL);
  graph *g = NULL;
  diag *d = NULL;
  error e = {0};
  clio_status status = graph_read(path, NULL, &g, &d, &e);
  CU_ASSERT_EQUAL_FATAL(status, CLIO_OK);
  CU_ASSERT_EQUAL(diag_warnings(d), 0);
  diag_free(d);
  return g;
}

static const char *word(const GPtrArray *nodes, guint i) {
  return ((const doc_node *)g_ptr_array_index(nodes, i))->text;
}

static const doc_node *param(const graph *g, const char *id, const char *name) {
  const graph_stage *gs = graph_find(g, id, NULL);
  for (guint i = 0; i + 1 < gs->params->len; i += 2)
    if (strcmp(word(gs->params, i), name) == 0) return g_ptr_array_index(gs->params, i + 1);
  return NULL;
}

static void check_design(const graph *g) {
  size_t index = 0;
  CU_ASSERT_EQUAL(g->seed, 1);
  CU_ASSERT_STRING_EQUAL(g->name, "local");
  CU_ASSERT_EQUAL(g->stages->len, 14);
  CU_ASSERT_PTR_NOT_NULL_FATAL(graph_find(g, "vectors", &index));
  CU_ASSERT_EQUAL(index, 6);
  const graph_stage *vectors = graph_find(g, "vectors", NULL);
  CU_ASSERT_EQUAL_FATAL(vectors->use->len, 2);
  CU_ASSERT_STRING_EQUAL(word(vectors->use, 1), "embedder/lsa");
  CU_ASSERT_EQUAL_FATAL(vectors->from->len, 1);
  CU_ASSERT_STRING_EQUAL(word(vectors->from, 0), "request");
  CU_ASSERT_EQUAL(vectors->max_bad_rows, 0.01);
  CU_ASSERT_PTR_NULL(vectors->sha256);
  CU_ASSERT_STRING_EQUAL(param(g, "vectors", "column")->text, "request");
  CU_ASSERT_STRING_EQUAL(param(g, "conversations", "path")->unset, "input");
  CU_ASSERT_TRUE(param(g, "conversations", "path")->null);
  CU_ASSERT_EQUAL(param(g, "cells", "columns")->items->len, 4);
  CU_ASSERT_PTR_NULL(graph_find(g, "nobody", NULL));
}

static void check_design_privacy(const graph_privacy *p) {
  CU_ASSERT_EQUAL(p->mode, GRAPH_RELEASE);
  CU_ASSERT_PTR_NULL(p->public_why);
  CU_ASSERT_PTR_NULL(p->reason);
  CU_ASSERT_FALSE(p->one_account_per_conversation);
  CU_ASSERT_EQUAL_FATAL(p->declassify->len, 4);
  CU_ASSERT_STRING_EQUAL(word(p->declassify, 3), "request");
  CU_ASSERT_EQUAL(p->cluster.accounts, 25);
  CU_ASSERT_EQUAL(p->cluster.conversations, 50);
  CU_ASSERT_EQUAL(p->cluster.organizations, -1);
  CU_ASSERT_EQUAL(p->cell.accounts, 10);
  CU_ASSERT_EQUAL(p->cell.conversations, 15);
  CU_ASSERT_EQUAL(p->cell.organizations, 1);
  CU_ASSERT_EQUAL(p->word_accounts, 10);
  CU_ASSERT_FALSE(p->word_exempt_common);
  CU_ASSERT_EQUAL(p->account_cap, 5);
  CU_ASSERT_EQUAL(p->audit_floor, 3);
  CU_ASSERT_EQUAL(p->round_to, 5);
}

static bool same(const doc_node *a, const doc_node *b) {
  if (a->kind != b->kind || a->null != b->null) return false;
  if (a->kind == DOC_SCALAR) return strcmp(a->text, b->text) == 0;
  if (a->items->len != b->items->len) return false;
  for (guint i = 0; i < a->items->len; i++)
    if (!same(g_ptr_array_index(a->items, i), g_ptr_array_index(b->items, i))) return false;
  return true;
}

static void test_design(void) {
  graph *yaml = read_design("design.yaml"), *json = read_design("design.json");
  check_design(yaml);
  check_design_privacy(&yaml->privacy);
  check_design(json);
  check_design_privacy(&json->privacy);
  CU_ASSERT_TRUE(same(yaml->root, json->root));
  CU_ASSERT_TRUE(g_str_has_suffix(yaml->dir, "tests/graph"));
  graph_free(yaml);
  graph_free(json);
}

static void test_defaults(void) {
  graph *g = parse("\xEF\xBB\xBF"
                   "clio: 1\nstages: { a: { use: source/x } }\n",
                   NULL);
  CU_ASSERT_STRING_EQUAL(g->name, "test");
  CU_ASSERT_EQUAL(g->seed, 1);
  CU_ASSERT_PTR_NULL(g->models);
  CU_ASSERT_EQUAL(g->privacy.declassify->len, 0);
  CU_ASSERT_EQUAL(g->privacy.cluster.organizations, -1);
  CU_ASSERT_EQUAL(((graph_stage *)g_ptr_array_index(g->stages, 0))->at.column, 11);
  graph_free(g);
}

static void test_privacy(void) {
  graph *g = parse("clio: 1\nstages: { a: { use: source/x } }\nprivacy:\n  mode: public\n"
                   "  public: our own\n  assume: one_account_per_conversation\n  declassify: a\n"
                   "  cluster: { accounts: 1, organizations: 3 }\n  cell: { organizations: 2 }\n"
                   "  word: { exempt: common }\n  round: 1\n  audit_floor: 1\n"
                   "  sensitive: [concern, health]\n",
                   NULL);
  const graph_privacy *p = &g->privacy;
  CU_ASSERT_EQUAL(p->mode, GRAPH_PUBLIC);
  CU_ASSERT_STRING_EQUAL(graph_mode_name(p->mode), "public");
  CU_ASSERT_STRING_EQUAL(p->public_why, "our own");
  CU_ASSERT_TRUE(p->one_account_per_conversation);
  CU_ASSERT_EQUAL(p->declassify->len, 1);
  CU_ASSERT_EQUAL(p->cluster.accounts, 1);
  CU_ASSERT_EQUAL(p->cluster.conversations, 50);
  CU_ASSERT_EQUAL(p->cluster.organizations, 3);
  CU_ASSERT_EQUAL(p->cell.organizations, 2);
  CU_ASSERT_TRUE(p->word_exempt_common);
  CU_ASSERT_EQUAL(p->round_to, 1);
  CU_ASSERT_EQUAL(p->audit_floor, 1);
  CU_ASSERT_STRING_EQUAL(word(p->sensitive, 1), "health");
  CU_ASSERT_EQUAL(p->at.line, 3);
  graph_free(g);
}

static void expect_param(const graph *g, const char *name, const char *text, bool plain) {
  const doc_node *node = param(g, "a", name);
  CU_ASSERT_PTR_NOT_NULL_FATAL(node);
  CU_ASSERT_STRING_EQUAL(node->text, text);
  CU_ASSERT_EQUAL(node->plain, plain);
  CU_ASSERT_FALSE(node->null);
  CU_ASSERT_PTR_NULL(node->unset);
}

static void test_variables(void) {
  static const char *const set[] = {"n=1", "n=22", "input=a=b.jsonl", "evil=${n}", "e=", NULL};
  g_setenv("CLIO_TEST_WORD", "from env", TRUE);
  graph *g =
      parse("clio: 1\nseed: ${n}\nvars: { n: 5, input: null, s: \"7\", evil: x, e: y, "
            "env: \"${env:CLIO_TEST_WORD}\" }\n"
            "stages:\n  a:\n    use: source/x\n    n: \"${n}\"\n    path: ${input}\n"
            "    s: ${s}\n    part: \"x${n}y${n}\"\n    evil: ${evil}\n    e: ${e}\n"
            "    env: ${env}\n    escape: $${n} $n $\n    list: [\"${n}\", { k: \"${s}\" }]\n",
            set);
  CU_ASSERT_EQUAL(g->seed, 22);
  expect_param(g, "n", "22", true);
  expect_param(g, "path", "a=b.jsonl", true);
  expect_param(g, "s", "7", false);
  expect_param(g, "part", "x22y22", false);
  expect_param(g, "evil", "${n}", true); /* put in once, never again */
  expect_param(g, "e", "", true);
  expect_param(g, "env", "from env", true);
  expect_param(g, "escape", "${n} $n $", true);
  CU_ASSERT_STRING_EQUAL(word(param(g, "a", "list")->items, 0), "22");
  CU_ASSERT_STRING_EQUAL(g_hash_table_lookup(g->vars, "n"), "22");
  CU_ASSERT_STRING_EQUAL(g_hash_table_lookup(g->vars, "s"), "7");
  graph_free(g);
}

static void test_merge(void) {
  graph *g = parse("clio: 1\nstages:\n  b: { use: sampler/x, from: [a, c], max_bad_rows: 0 }\n"
                   "  a: { use: source/x }\n  c: { use: extractor/x, from: a, max_bad_rows: 1 }\n",
                   NULL);
  const graph_stage *b = graph_find(g, "b", NULL);
  CU_ASSERT_EQUAL_FATAL(b->from->len, 2);
  CU_ASSERT_STRING_EQUAL(word(b->from, 1), "c");
  CU_ASSERT_EQUAL(b->max_bad_rows, 0);
  CU_ASSERT_EQUAL(graph_find(g, "c", NULL)->max_bad_rows, 1);
  CU_ASSERT_EQUAL(b->params->len, 0);
  graph_free(g);
}

/* The first error of a text that is too much to keep as a file. */
static void expect_error(const char *text, size_t length, const char *part) {
  graph *g = NULL;
  diag *d = NULL;
  error e = {0};
  CU_ASSERT_EQUAL(graph_parse("t", ".", text, length, NULL, &g, &d, &e), CLIO_E_CONFIG);
  g_autofree char *json = diag_json(d);
  CU_ASSERT_PTR_NOT_NULL(strstr(json, part));
  graph_free(g);
  diag_free(d);
}

static void test_limits(void) {
  g_autoptr(GString) text = g_string_new("clio: 1\nstages:\n  s: { use: source/x }\n");
  for (int i = 0; i < 1000; i++) g_string_append_printf(text, "  s%d: { use: sampler/x }\n", i);
  expect_error(text->str, text->len, "the graph has 1001 stages; 1000 are the most");
  g_string_set_size(text, DOC_BYTES_MAX + 1);
  memset(text->str, '#', text->len);
  expect_error(text->str, text->len, "the file is larger than 1 MiB");
  memset(text->str, '[', text->len);
  expect_error(text->str, 100000, "nested more than 32 deep");
  expect_error("", 0, "the file is empty");
}

static void test_unreadable(void) {
  graph *g = NULL;
  diag *d = NULL;
  error e = {0};
  CU_ASSERT_EQUAL(graph_read("no-such-file.yaml", NULL, &g, &d, &e), CLIO_E_IO);
  CU_ASSERT_PTR_NULL(d);
  CU_ASSERT_PTR_NULL(g);
  CU_ASSERT_STRING_EQUAL(e.text,
                         "cannot open the graph 'no-such-file.yaml': No such file or directory");
  error_clear(&e);
  CU_ASSERT_EQUAL(graph_read(".", NULL, &g, &d, &e), CLIO_E_IO);
  CU_ASSERT_STRING_EQUAL(e.text, "cannot read the graph '.': Is a directory");
}

int main(void) {
  static const unit_test tests[] = {
      {"the graph of the design", test_design},
      {"defaults", test_defaults},
      {"privacy", test_privacy},
      {"variables", test_variables},
      {"merge", test_merge},
      {"limits", test_limits},
      {"unreadable", test_unreadable},
  };
  return unit_main("graph", tests, G_N_ELEMENTS(tests));
}
