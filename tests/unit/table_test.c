/* table_test.c - gathering, joining and concatenating tables; memory charged. */
#include <string.h>

#include "table.h"
#include "unit.h"

/* A conversations table with keys first, first + step ..., a number and a text. */
static clio_table *make(uint64_t first, uint64_t step, uint64_t rows, const char *number,
                        memory *m) {
  clio_table *t = table_new(CLIO_ROWS_CONVERSATION, rows);
  t->keys = keys_new(rows);
  column *n = column_new(number, CLIO_T_I64, 0, rows, 0, 0, true, m);
  column *s = column_new("text", CLIO_T_UTF8, 0, rows, rows * 2, 0, true, m);
  for (uint64_t i = 0; i < rows; i++) {
    t->keys->key[i] = first + i * step;
    ((int64_t *)n->data)[i] = (int64_t)(first + i * step);
    if (i % 3) n->valid[i >> 3] |= (uint8_t)(1u << (i & 7));
    memcpy((char *)s->data + 2 * i, i % 2 ? "ab" : "cd", 2);
    s->offsets[i + 1] = (int64_t)(2 * (i + 1));
    s->valid[i >> 3] |= (uint8_t)(1u << (i & 7));
  }
  table_take_column(t, n);
  table_take_column(t, s);
  return t;
}

static void test_gather(void) {
  memory m = {0, 0};
  clio_table *t = make(10, 1, 20, "n", &m);
  static const uint64_t pick[] = {1, 2, 3, 19};
  clio_table *g = table_gather(t, pick, 4, &m);
  CU_ASSERT_EQUAL(g->rows, 4);
  CU_ASSERT_EQUAL(g->keys->key[3], 29);
  const column *n = table_column(g, "n"), *s = table_column(g, "text");
  CU_ASSERT_EQUAL(((int64_t *)n->data)[0], 11);
  CU_ASSERT_FALSE(column_is_null(n, 0));
  CU_ASSERT_TRUE(column_is_null(n, 2)); /* row 3 of t */
  int64_t len;
  CU_ASSERT_EQUAL(memcmp(column_text(s, 3, &len), "ab", 2), 0);
  CU_ASSERT_EQUAL(len, 2);
  table_unref(t);
  table_unref(g);
  CU_ASSERT_EQUAL(m.used, 0);
}

static void test_join(void) {
  memory m = {0, 0};
  clio_table *a = make(0, 2, 10, "even", &m), *b = make(0, 3, 10, "third", &m);
  clio_table *j = table_join(a, b, &m);
  CU_ASSERT_EQUAL(j->rows, 4); /* 0 6 12 18 */
  CU_ASSERT_EQUAL(j->keys->key[2], 12);
  CU_ASSERT_EQUAL(((int64_t *)table_column(j, "even")->data)[3], 18);
  CU_ASSERT_EQUAL(((int64_t *)table_column(j, "third")->data)[3], 18);
  clio_table *same = table_join(a, a, &m);
  CU_ASSERT_PTR_EQUAL(table_column(same, "even"), table_column(a, "even")); /* shared, not copied */
  table_unref(a);
  table_unref(b);
  table_unref(j);
  table_unref(same);
  CU_ASSERT_EQUAL(m.used, 0);
}

static void test_concat(void) {
  memory m = {0, 0};
  clio_table *a = make(0, 1, 3, "x", &m), *b = make(0, 1, 2, "y", &m);
  clio_table *c = table_concat(a, b, &m);
  CU_ASSERT_EQUAL(c->rows, 5);
  CU_ASSERT_TRUE(column_is_null(table_column(c, "x"), 3)); /* b has no x */
  CU_ASSERT_TRUE(column_is_null(table_column(c, "y"), 0));
  CU_ASSERT_FALSE(column_is_null(table_column(c, "y"), 4));
  int64_t len;
  CU_ASSERT_EQUAL(memcmp(column_text(table_column(c, "text"), 4, &len), "ab", 2), 0);
  table_unref(a);
  table_unref(b);
  table_unref(c);
}

static void test_project(void) {
  clio_table *t = make(0, 1, 3, "n", NULL);
  static const char *const names[] = {"text", "absent", "text"};
  clio_table *p = table_project(t, names, 3);
  CU_ASSERT_EQUAL(p->columns->len, 1);
  CU_ASSERT_PTR_EQUAL(p->full, t);
  CU_ASSERT_EQUAL(table_find(p, "n"), -1);
  table_unref(t);
  table_unref(p);
}

static void test_memory_limit(void) {
  memory m = {0, 4096};
  void *p = memory_alloc(&m, 4000);
  CU_ASSERT_PTR_NOT_NULL(p);
  CU_ASSERT_PTR_NULL(memory_alloc(&m, 4000));
  CU_ASSERT_PTR_NULL(column_new("c", CLIO_T_VEC, 100, 1000, 0, 0, false, &m));
  CU_ASSERT_PTR_NULL(column_new("c", CLIO_T_VEC, UINT32_MAX, UINT64_MAX / 2, 0, 0, false, NULL));
  memory_free(&m, p, 4000);
  CU_ASSERT_EQUAL(m.used, 0);
}

int main(void) {
  static const unit_test tests[] = {{"gather", test_gather},
                                    {"join", test_join},
                                    {"concat", test_concat},
                                    {"project", test_project},
                                    {"memory limit", test_memory_limit}};
  return unit_main("table", tests, sizeof tests / sizeof *tests);
}
