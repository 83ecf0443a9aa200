/* test_kmeans.c - clusterer/kmeans: known answers, degenerate inputs, the floor,
 * small clusters, and the same bytes from any number of threads. */
#define _POSIX_C_SOURCE 200809L
#include "numeric_rows.h"

extern const clio_plugin clio_plugin_v0_clusterer_kmeans;

static clio_test *open_kmeans(const char *schema, const char *rows) {
  clio_test *t = clio_test_open(clio_plugin_v0_clusterer_kmeans.stages[0]);
  clio_test_rows(t, "conversations", schema, rows);
  clio_test_param(t, "min_size", "0");
  clio_test_param(t, "outliers", "1");
  clio_test_param(t, "floor", "0");
  return t;
}

#define VEC2 "vector:vec2?<request"
#define VEC3 "vector:vec3?<request"

/* Three directions; lengths do not matter; numbers by size, then by first row. */
static void test_known(void) {
  clio_test *t = open_kmeans(VEC3, "[{\"vector\":[0,0,2]},{\"vector\":[1,0,0]},"
                                   "{\"vector\":[0,0.5,0]},{\"vector\":[0,3,0]},{},"
                                   "{\"vector\":[0,0,0]},{\"vector\":[0,7,0]},"
                                   "{\"vector\":[9,0,0]}]");
  clio_test_param(t, "k", "3");
  CHECK_RUN(t);
  CHECK_TEXT(clio_test_planned(t, "conversations", "cluster_request"),
             "cluster_request:i64?<request");
  CHECK_TEXT(clio_test_planned(t, "clusters", "centroid"), "centroid:vec3?<request");
  CHECK_TEXT(clio_test_json(t, "conversations", "cluster_request distance_request"),
             "[{\"cluster_request\":2,\"distance_request\":0},\n"
             "{\"cluster_request\":1,\"distance_request\":0},\n"
             "{\"cluster_request\":0,\"distance_request\":0},\n"
             "{\"cluster_request\":0,\"distance_request\":0},\n"
             "{\"cluster_request\":null,\"distance_request\":null},\n"
             "{\"cluster_request\":null,\"distance_request\":null},\n"
             "{\"cluster_request\":0,\"distance_request\":0},\n"
             "{\"cluster_request\":1,\"distance_request\":0}]");
  CHECK_TEXT(clio_test_json(t, "clusters", "facet node level parent centroid name description"),
             "[{\"facet\":\"request\",\"node\":0,\"level\":0,\"parent\":null,\"centroid\":[0,1,0],"
             "\"name\":null,\"description\":null},\n"
             "{\"facet\":\"request\",\"node\":1,\"level\":0,\"parent\":null,\"centroid\":[1,0,0],"
             "\"name\":null,\"description\":null},\n"
             "{\"facet\":\"request\",\"node\":2,\"level\":0,\"parent\":null,\"centroid\":[0,0,1],"
             "\"name\":null,\"description\":null}]");
  clio_test_close(t);
}

static void test_names(void) {
  clio_test *t = open_kmeans("v:vec2<task", "[{\"v\":[1,0]},{\"v\":[0,1]}]");
  CHECK_REFUSED(t, CLIO_E_CONFIG, "parameter 'column': no column 'vector' reaches the stage");
  clio_test_param(t, "column", "\"v\"");
  clio_test_param(t, "facet", "\"topic\"");
  CHECK_RUN(t);
  CHECK_TEXT(clio_test_json(t, "conversations", "cluster_topic"),
             "[{\"cluster_topic\":0},\n{\"cluster_topic\":1}]");
  CHECK_TEXT(clio_test_planned(t, "conversations", "cluster_topic"), "cluster_topic:i64?<task");
  clio_test_rows(t, "conversations", "v:utf8", "[]");
  CHECK_REFUSED(t, CLIO_E_CONFIG, "column 'v' is not a vector; put an embedder before this stage");
  clio_test_close(t);
}

/* No rows, one row, fewer than k, all the same, all null: fewer clusters, no error. */
static void test_degenerate(void) {
  static const struct {
    const char *rows, *labels;
    uint64_t clusters;
  } cases[] = {
      {"[]", "[]", 0},
      {"[{},{}]", "[{\"cluster_request\":null},\n{\"cluster_request\":null}]", 0},
      {"[{\"vector\":[1,2]}]", "[{\"cluster_request\":0}]", 1},
      {"[{\"vector\":[1,0]},{\"vector\":[0,1]}]",
       "[{\"cluster_request\":0},\n{\"cluster_request\":1}]", 2},
      {"[{\"vector\":[3,1]},{\"vector\":[3,1]},{\"vector\":[6,2]}]",
       "[{\"cluster_request\":0},\n{\"cluster_request\":0},\n{\"cluster_request\":0}]", 1},
  };
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    clio_test *t = open_kmeans(VEC2, cases[i].rows);
    clio_test_param(t, "k", "5");
    CHECK_RUN(t);
    CHECK_TEXT(clio_test_json(t, "conversations", "cluster_request"), cases[i].labels);
    CHECK(clio_test_host()->rows(clio_test_out(t, "clusters")) == cases[i].clusters);
    clio_test_close(t);
  }
}

/* One number a vector: a row is either + or -. */
static void test_one_dimension(void) {
  clio_test *t =
      open_kmeans("vector:vec1<request", "[{\"vector\":[1]},{\"vector\":[-2]},{\"vector\":[5]}]");
  CHECK_RUN(t);
  CHECK_TEXT(clio_test_json(t, "conversations", "cluster_request"),
             "[{\"cluster_request\":0},\n{\"cluster_request\":1},\n{\"cluster_request\":0}]");
  clio_test_close(t);
}

/* Rows around `groups` directions of d numbers, sizes[g] of each, shuffled evenly. */
static rows_text blobs(const int *sizes, int groups, int d, double noise, uint64_t seed) {
  rows_text r = {0};
  double x[64];
  for (int i = 0, more = 1; more; i++) {
    more = 0;
    for (int g = 0; g < groups; g++) {
      if (i >= sizes[g]) continue;
      more = 1;
      for (int e = 0; e < d; e++) x[e] = (e == g ? 1 : 0) + noise * (rows_random(&seed) - 0.5);
      rows_vector(&r, "vector", x, d);
    }
  }
  rows_end(&r);
  return r;
}

/* Well apart groups are found exactly. */
static void test_groups(void) {
  static const int sizes[] = {90, 70, 50, 30, 10, 5};
  rows_text r = blobs(sizes, 6, 8, 0.4, 3);
  clio_test *t = open_kmeans("vector:vec8<request", r.text);
  clio_test_param(t, "k", "6");
  CHECK_RUN(t);
  clio_view label = rows_view(t, "conversations", "cluster_request");
  uint64_t row = 0;
  for (int i = 0; i < 90; i++)
    for (int g = 0; g < 6; g++)
      if (i < sizes[g]) CHECK(clio_i64(&label, row++) == g);
  CHECK(row == label.rows);
  clio_test_close(t);
  free(r.text);
}

/* Clusters below min_size are dissolved; two are left at least. */
static void test_min_size(void) {
  static const int sizes[] = {90, 70, 50, 30, 10, 5};
  static const struct {
    const char *min_size;
    uint64_t least, most_clusters;
  } cases[] = {{"6", 6, 6}, {"20", 20, 6}, {"60", 60, 4}, {"1000", 1, 2}, {"\"auto\"", 50, 5}};
  rows_text r = blobs(sizes, 6, 8, 0.4, 3);
  clio_test *t = open_kmeans("vector:vec8<request", r.text);
  clio_test_param(t, "k", "6");
  clio_test_param(t, "floor", "-1");
  for (size_t c = 0; c < sizeof cases / sizeof cases[0]; c++) {
    uint64_t size[6] = {0};
    clio_test_param(t, "min_size", cases[c].min_size);
    CHECK_RUN(t);
    clio_view label = rows_view(t, "conversations", "cluster_request");
    for (uint64_t i = 0; i < label.rows; i++) {
      CHECK(clio_valid(&label, i) && clio_i64(&label, i) < 6);
      size[clio_i64(&label, i) % 6]++;
    }
    uint64_t clusters = clio_test_host()->rows(clio_test_out(t, "clusters"));
    CHECK(clusters >= 2 && clusters <= cases[c].most_clusters);
    for (uint64_t j = 0; j < clusters; j++) CHECK(size[j] >= cases[c].least);
    for (uint64_t j = 1; j < clusters; j++) CHECK(size[j] <= size[j - 1]);
  }
  clio_test_close(t);
  free(r.text);
}

static int unassigned(const clio_test *t) {
  int count = 0;
  clio_view label = rows_view(t, "conversations", "cluster_request");
  for (uint64_t i = 0; i < label.rows; i++) count += !clio_valid(&label, i);
  return count;
}

/* A row on the far side of its centroid is in no cluster; a higher floor takes more out. */
static void test_floor(void) {
  clio_test *t = open_kmeans(VEC2, "[{\"vector\":[1,0]},{\"vector\":[1,0.1]},{\"vector\":[1,-0.1]},"
                                   "{\"vector\":[1,0]},{\"vector\":[0,1]},{\"vector\":[0.1,1]},"
                                   "{\"vector\":[0,1]},{\"vector\":[0.5,1]},{\"vector\":[-1,-1]}]");
  clio_test_param(t, "k", "2");
  CHECK_RUN(t);
  CHECK_TEXT(clio_test_json(t, "conversations", "cluster_request"),
             "[{\"cluster_request\":0},\n{\"cluster_request\":0},\n{\"cluster_request\":0},\n"
             "{\"cluster_request\":0},\n{\"cluster_request\":1},\n{\"cluster_request\":1},\n"
             "{\"cluster_request\":1},\n{\"cluster_request\":1},\n{\"cluster_request\":null}]");
  clio_test_param(t, "floor", "0.98");
  CHECK_RUN(t);
  CHECK_TEXT(clio_test_json(t, "conversations", "cluster_request"),
             "[{\"cluster_request\":0},\n{\"cluster_request\":0},\n{\"cluster_request\":0},\n"
             "{\"cluster_request\":0},\n{\"cluster_request\":1},\n{\"cluster_request\":1},\n"
             "{\"cluster_request\":1},\n{\"cluster_request\":null},\n{\"cluster_request\":null}]");
  clio_test_param(t, "outliers", "0.2");
  clio_test_param(t, "floor", "1");
  CHECK_RUN(t);
  CHECK(unassigned(t) == 1); /* 0.2 of 9 */
  clio_test_param(t, "outliers", "1");
  clio_test_param(t, "min_size", "3");
  CHECK_RUN(t);
  CHECK(unassigned(t) == 3); /* three of each cluster stay */
  clio_test_close(t);
}

/* k is 2 for few rows, else rows / max(100, 3 * cluster.conversations). */
static void test_auto_k(void) {
  static const int sizes[] = {150, 150, 150, 150};
  rows_text r = blobs(sizes, 4, 4, 0.2, 5);
  clio_test *t = open_kmeans("vector:vec4<request", r.text);
  CHECK_RUN(t);
  CHECK(clio_test_host()->rows(clio_test_out(t, "clusters")) == 4);
  clio_test_policy(t)->cluster_conversations = 10;
  CHECK_RUN(t);
  CHECK(clio_test_host()->rows(clio_test_out(t, "clusters")) == 6);
  clio_test_policy(t)->cluster_conversations = 1000;
  CHECK_RUN(t);
  CHECK(clio_test_host()->rows(clio_test_out(t, "clusters")) == 2);
  clio_test_close(t);
  free(r.text);
}

/* Several blocks of rows, bounds and all: the bytes are the same on 1, 2 and 3
 * threads and with blocks in falling order; another seed may differ, but is as good. */
static void test_threads(void) {
  static const uint32_t threads[] = {1, 2, 3, 0};
  int sizes[12];
  for (int g = 0; g < 12; g++) sizes[g] = 100 + 90 * g;
  rows_text r = blobs(sizes, 12, 16, 2.5, 7);
  clio_test *t = open_kmeans("vector:vec16<request", r.text);
  char *rows = NULL, *clusters = NULL;
  clio_test_param(t, "k", "20");
  clio_test_param(t, "min_size", "100");
  clio_test_param(t, "restarts", "2");
  for (size_t i = 0; i < 4; i++) {
    clio_test_threads(t, threads[i]);
    CHECK_RUN(t);
    if (!rows) {
      rows = strdup(clio_test_json(t, "conversations", NULL));
      clusters = strdup(clio_test_json(t, "clusters", NULL));
      continue;
    }
    CHECK(strcmp(rows, clio_test_json(t, "conversations", NULL)) == 0);
    CHECK(strcmp(clusters, clio_test_json(t, "clusters", NULL)) == 0);
  }
  free(rows);
  free(clusters);
  clio_test_close(t);
  free(r.text);
}

static void test_torture(void) {
  static const int sizes[] = {9, 5, 3};
  rows_text r = blobs(sizes, 3, 4, 0.2, 5);
  clio_test *t = open_kmeans("vector:vec4<request", r.text);
  clio_test_param(t, "k", "3");
  clio_test_param(t, "min_size", "4");
  CHECK_TEXT(clio_test_torture(t) == CLIO_OK ? "" : clio_test_error(t), "");
  clio_test_fail_alloc(t, 0);
  clio_test_cancel_after(t, 20);
  CHECK(clio_test_run(t) == CLIO_E_CANCELLED);
  clio_test_close(t);
  free(r.text);
}

int main(void) {
  test_known();
  test_names();
  test_degenerate();
  test_one_dimension();
  test_groups();
  test_min_size();
  test_floor();
  test_auto_k();
  test_threads();
  test_torture();
  return CHECK_DONE();
}
