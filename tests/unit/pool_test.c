/* pool_test.c - every index once, the lowest failure returned, nesting. */
#include <glib.h>

#include "pool.h"
#include "unit.h"

enum { N = 1000 };

typedef struct counts {
  gint seen[N];
  uint64_t fail_from;
  pool *p;
  gint inner;
} counts;

static clio_status count(void *ctx, uint64_t i) {
  counts *c = ctx;
  g_atomic_int_inc(&c->seen[i]);
  return i >= c->fail_from ? CLIO_E_INPUT - (clio_status)(i == c->fail_from) : CLIO_OK;
}

static void test_every_index(void) {
  for (int threads = 1; threads <= 3; threads++) {
    counts c = {.fail_from = N};
    pool *p = pool_new(threads);
    for (int round = 0; round < 5; round++) CU_ASSERT_EQUAL(pool_run(p, N, count, &c), CLIO_OK);
    for (int i = 0; i < N; i++) CU_ASSERT_EQUAL(c.seen[i], 5);
    pool_free(p);
  }
}

static void test_lowest_failure(void) {
  for (int threads = 1; threads <= 3; threads++) {
    counts c = {.fail_from = 100};
    pool *p = pool_new(threads);
    CU_ASSERT_EQUAL(pool_run(p, N, count, &c), CLIO_E_INPUT - 1);
    for (int i = 0; i < 100; i++) CU_ASSERT_EQUAL(c.seen[i], 1);
    CU_ASSERT_EQUAL(c.seen[N - 1], 0);
    pool_free(p);
  }
}

static clio_status add(void *ctx, uint64_t i) {
  (void)i;
  g_atomic_int_inc(&((counts *)ctx)->inner);
  return CLIO_OK;
}

static clio_status nest(void *ctx, uint64_t i) {
  (void)i;
  return pool_run(((counts *)ctx)->p, 10, add, ctx);
}

static void test_nested(void) {
  counts c = {.fail_from = N};
  c.p = pool_new(3);
  CU_ASSERT_EQUAL(pool_run(c.p, 20, nest, &c), CLIO_OK);
  CU_ASSERT_EQUAL(c.inner, 200);
  pool_free(c.p);
}

int main(void) {
  static const unit_test tests[] = {{"every index once", test_every_index},
                                    {"the lowest failure", test_lowest_failure},
                                    {"nested runs", test_nested}};
  return unit_main("pool", tests, sizeof tests / sizeof *tests);
}
