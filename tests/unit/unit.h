/* unit.h - the end of every CUnit program: runs what is registered and exits
 * with a failure if any assertion failed. */
#ifndef CLIO_TESTS_UNIT_H
#define CLIO_TESTS_UNIT_H
#include <CUnit/Basic.h>
#include <stdlib.h>

typedef struct unit_test {
  const char *name;
  void (*run)(void);
} unit_test;

static inline int unit_main(const char *suite_name, const unit_test *tests, size_t count) {
  CU_initialize_registry();
  CU_pSuite suite = CU_add_suite(suite_name, NULL, NULL);
  for (size_t i = 0; i < count; i++) CU_add_test(suite, tests[i].name, tests[i].run);
  CU_basic_set_mode(CU_BRM_NORMAL);
  CU_basic_run_tests();
  unsigned failed = CU_get_number_of_failures();
  unsigned ran = CU_get_number_of_tests_run();
  CU_cleanup_registry();
  return failed == 0 && ran == count ? EXIT_SUCCESS : EXIT_FAILURE;
}
#endif
