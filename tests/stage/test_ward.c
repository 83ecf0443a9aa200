/* test_ward.c - hierarchizer/ward: the shape of the tree for any number of
 * leaves, known merges, other trees passing through, errors as text. */
#define _POSIX_C_SOURCE 200809L
#include "numeric_rows.h"

extern const clio_plugin clio_plugin_v0_hierarchizer_ward;

#define CLUSTERS "facet:utf8 node:i64 level:i64 parent:i64? centroid:vec2? name:utf8?"

static clio_test *open_wide(const char *schema, const char *clusters, const char *conversations) {
  clio_test *t = clio_test_open(clio_plugin_v0_hierarchizer_ward.stages[0]);
  clio_test_rows(t, "clusters", schema, clusters);
  clio_test_rows(t, "conversations", "cluster_request:i64?<request", conversations);
  return t;
}

static clio_test *open_ward(const char *clusters, const char *conversations) {
  return open_wide(CLUSTERS, clusters, conversations);
}

/* Four pairs of leaves: each pair becomes a node; numbers and rows in order. */
static void test_pairs(void) {
  rows_text r = {0};
  static const char *const x[] = {"5,0,3,0",  "5,0,-3,0",  "5,0,4,0",  "5,0,-4,0",
                                  "-5,0,0,3", "-5,0,0,-3", "-5,0,0,4", "-5,0,0,-4"};
  for (int i = 0; i < 8; i++) {
    rows_next(&r);
    rows_printf(&r, "{\"facet\":\"request\",\"node\":%d,\"level\":0,\"centroid\":[%s]}", i, x[i]);
  }
  clio_test *t = open_wide("facet:utf8 node:i64 level:i64 centroid:vec4", rows_end(&r),
                           "[{\"cluster_request\":0},{\"cluster_request\":2},{},"
                           "{\"cluster_request\":0},{\"cluster_request\":0}]");
  clio_test_param(t, "levels", "2");
  clio_test_param(t, "top", "4");
  CHECK_RUN(t);
  CHECK_TEXT(clio_test_json(t, "clusters", "node level parent centroid"),
             "[{\"node\":0,\"level\":0,\"parent\":8,\"centroid\":[5,0,3,0]},\n"
             "{\"node\":1,\"level\":0,\"parent\":9,\"centroid\":[5,0,-3,0]},\n"
             "{\"node\":2,\"level\":0,\"parent\":8,\"centroid\":[5,0,4,0]},\n"
             "{\"node\":3,\"level\":0,\"parent\":9,\"centroid\":[5,0,-4,0]},\n"
             "{\"node\":4,\"level\":0,\"parent\":10,\"centroid\":[-5,0,0,3]},\n"
             "{\"node\":5,\"level\":0,\"parent\":11,\"centroid\":[-5,0,0,-3]},\n"
             "{\"node\":6,\"level\":0,\"parent\":10,\"centroid\":[-5,0,0,4]},\n"
             "{\"node\":7,\"level\":0,\"parent\":11,\"centroid\":[-5,0,0,-4]},\n"
             "{\"node\":8,\"level\":1,\"parent\":null,\"centroid\":[5,0,3.25,0]},\n"
             "{\"node\":9,\"level\":1,\"parent\":null,\"centroid\":[5,0,-3.5,0]},\n"
             "{\"node\":10,\"level\":1,\"parent\":null,\"centroid\":[-5,0,0,3.5]},\n"
             "{\"node\":11,\"level\":1,\"parent\":null,\"centroid\":[-5,0,0,-3.5]}]");
  clio_test_param(t, "levels", "3");
  clio_test_param(t, "top", "2");
  CHECK_RUN(t);
  clio_view parent = rows_view(t, "clusters", "parent"), node = rows_view(t, "clusters", "node");
  CHECK(node.rows == 14 && clio_i64(&node, 13) == 13);
  CHECK(clio_i64(&parent, 8) == 12 && clio_i64(&parent, 9) == 12);
  CHECK(clio_i64(&parent, 10) == 13 && clio_i64(&parent, 11) == 13);
  clio_test_close(t);
  free(r.text);
}

/* Up to ten leaves there is one level: the leaves are the top. */
static void test_few(void) {
  clio_test *t = open_ward("[{\"facet\":\"request\",\"node\":7,\"level\":0,\"centroid\":[1,0],"
                           "\"name\":\"kept\"}]",
                           "[]");
  CHECK_RUN(t);
  CHECK_TEXT(clio_test_json(t, "clusters", NULL),
             "[{\"facet\":\"request\",\"node\":7,\"level\":0,\"parent\":null,\"centroid\":[1,0],"
             "\"name\":\"kept\",\"description\":null}]");
  clio_test_param(t, "levels", "3");
  CHECK_RUN(t);
  CHECK(clio_test_host()->rows(clio_test_out(t, "clusters")) == 1);
  clio_test_rows(t, "clusters", CLUSTERS, "[]");
  CHECK_RUN(t);
  CHECK(clio_test_host()->rows(clio_test_out(t, "clusters")) == 0);
  clio_test_close(t);
}

/* Rows of another facet keep their places and all their cells. */
static void test_other_trees(void) {
  clio_test *t =
      open_ward("[{\"facet\":\"task\",\"node\":0,\"level\":0,\"parent\":1,\"name\":\"a\"},"
                "{\"facet\":\"request\",\"node\":0,\"level\":0,\"centroid\":[1,0]},"
                "{\"facet\":\"task\",\"node\":1,\"level\":1,\"centroid\":[0,3],\"name\":\"b\"}]",
                "[{\"cluster_request\":0}]");
  CHECK_RUN(t);
  CHECK_TEXT(clio_test_json(t, "clusters", "facet node level parent centroid name"),
             "[{\"facet\":\"task\",\"node\":0,\"level\":0,\"parent\":1,\"centroid\":null,"
             "\"name\":\"a\"},\n"
             "{\"facet\":\"request\",\"node\":0,\"level\":0,\"parent\":null,\"centroid\":[1,0],"
             "\"name\":null},\n"
             "{\"facet\":\"task\",\"node\":1,\"level\":1,\"parent\":null,\"centroid\":[0,3],"
             "\"name\":\"b\"}]");
  clio_test_rows(t, "conversations", "cluster_request:i64? cluster_task:i64?", "[]");
  CHECK_REFUSED(t, CLIO_E_CONFIG,
                "several trees arrive: 'request', 'task'; choose one with 'facet'");
  clio_test_param(t, "facet", "\"tsak\"");
  CHECK_REFUSED(t, CLIO_E_CONFIG, "no tree 'tsak' arrives; there is 'request', 'task'");
  clio_test_param(t, "facet", "\"task\"");
  CHECK_REFUSED(
      t, CLIO_E_INPUT,
      "process: node 0 of facet 'task' has no centroid; this stage builds the tree from its "
      "leaves");
  clio_test_rows(t, "conversations", "request:utf8", "[]");
  CHECK_REFUSED(t, CLIO_E_CONFIG,
                "no column cluster_FACET arrives; put a clusterer before this stage");
  clio_test_close(t);
}

static void test_strangers(void) {
  clio_test *t = open_ward("[{\"facet\":\"request\",\"node\":0,\"level\":0,\"centroid\":[1,0]}]",
                           "[{\"cluster_request\":0},{\"cluster_request\":3}]");
  CHECK_REFUSED(t, CLIO_E_INPUT, "process: row 1 is in node 3, which is not among the clusters");
  clio_test_rows(t, "clusters", "facet:utf8 node:i64 level:i64", "[]");
  CHECK(clio_test_run(t) == CLIO_E_CONFIG);
  clio_test_close(t);
}

/* ---- random leaves ---- */

static rows_text random_leaves(int leaves, uint64_t seed) {
  rows_text r = {0};
  for (int i = 0; i < leaves; i++) {
    rows_next(&r);
    rows_printf(&r, "{\"facet\":\"request\",\"node\":%d,\"level\":0,\"centroid\":[%.6f,%.6f]}", i,
                rows_random(&seed), i % 7 == 0 ? 50.0 : rows_random(&seed));
  }
  rows_end(&r);
  return r;
}

/* Every parent is one level up and there, every inner node has two children or
 * more, and the top is not smaller than two (unless all there is, is a leaf). */
static void check_tree(clio_test *t, int leaves) {
  clio_view node = rows_view(t, "clusters", "node"), level = rows_view(t, "clusters", "level");
  clio_view parent = rows_view(t, "clusters", "parent");
  int children[512] = {0};
  int64_t tops = 0;
  for (uint64_t i = 0; i < node.rows; i++) {
    CHECK(clio_i64(&node, i) == (int64_t)i);
    CHECK((clio_i64(&level, i) == 0) == (i < (uint64_t)leaves));
    if (!clio_valid(&parent, i)) {
      CHECK(clio_i64(&level, i) == clio_i64(&level, node.rows - 1));
      tops++;
      continue;
    }
    uint64_t above = (uint64_t)clio_i64(&parent, i);
    CHECK(above < node.rows && clio_i64(&level, above) == clio_i64(&level, i) + 1);
    children[above % 512]++;
  }
  for (uint64_t i = (uint64_t)leaves; i < node.rows; i++) CHECK(children[i] >= 2);
  CHECK(tops >= 2 || leaves < 2);
}

static void test_shapes(void) {
  for (int leaves = 1; leaves < 240; leaves += leaves < 40 ? 1 : 37) {
    rows_text r = random_leaves(leaves, (uint64_t)leaves);
    clio_test *t = open_ward(r.text, "[]");
    CHECK_RUN(t);
    check_tree(t, leaves);
    for (int levels = 1; levels <= 5; levels++) {
      char number[16];
      snprintf(number, sizeof number, "%d", levels);
      clio_test_param(t, "levels", number);
      CHECK_RUN(t);
      check_tree(t, leaves);
    }
    clio_test_close(t);
    free(r.text);
  }
}

/* The paper's level sizes: 200 leaves and 2 at the top make 200, 20, 2. */
static void test_sizes(void) {
  uint64_t seed = 5, count[3] = {0};
  rows_text r = {0};
  for (int i = 0; i < 200; i++) {
    rows_next(&r);
    rows_printf(&r, "{\"facet\":\"request\",\"node\":%d,\"level\":0,\"centroid\":[", i);
    for (int e = 0; e < 20; e++)
      rows_printf(&r, "%.6f,", (e == i / 10 ? 1 : 0) + 0.2 * rows_random(&seed));
    rows_printf(&r, "%d]}", i < 100 ? 2 : -2);
  }
  clio_test *t = open_wide("facet:utf8 node:i64 level:i64 centroid:vec21", rows_end(&r), "[]");
  clio_test_param(t, "top", "2");
  clio_test_param(t, "levels", "3");
  CHECK_RUN(t);
  clio_view level = rows_view(t, "clusters", "level"), parent = rows_view(t, "clusters", "parent");
  for (uint64_t i = 0; i < level.rows; i++) count[clio_i64(&level, i) % 3]++;
  CHECK(count[0] == 200 && count[1] == 20 && count[2] == 2);
  for (uint64_t i = 0; i < 200; i++) CHECK(clio_i64(&parent, i) == 200 + (int64_t)i / 10);
  for (uint64_t i = 200; i < 220; i++) CHECK(clio_i64(&parent, i) == (i < 210 ? 220 : 221));
  clio_test_close(t);
  free(r.text);
}

/* All leaves in one place, and any number of threads: the same bytes. */
static void test_threads(void) {
  rows_text r = {0};
  char *first = NULL;
  for (int i = 0; i < 60; i++) {
    rows_next(&r);
    rows_printf(&r, "{\"facet\":\"request\",\"node\":%d,\"level\":0,\"centroid\":[1,0]}", i);
  }
  clio_test *t = open_ward(rows_end(&r), "[]");
  for (uint32_t threads = 0; threads < 4; threads++) {
    clio_test_threads(t, threads);
    CHECK_RUN(t);
    check_tree(t, 60);
    if (!first) first = strdup(clio_test_json(t, "clusters", NULL));
    CHECK_TEXT(clio_test_json(t, "clusters", NULL), first);
  }
  free(first);
  CHECK_TEXT(clio_test_torture(t) == CLIO_OK ? "" : clio_test_error(t), "");
  clio_test_close(t);
  free(r.text);
}

int main(void) {
  test_pairs();
  test_few();
  test_other_trees();
  test_strangers();
  test_shapes();
  test_sizes();
  test_threads();
  return CHECK_DONE();
}
