/* check.h - assertions for stage tests: a failed one prints where and what, and
 * counts; CHECK_DONE() is what main returns. */
#ifndef CLIO_TESTS_CHECK_H
#define CLIO_TESTS_CHECK_H
#include <stdio.h>
#include <string.h>

static int check_failures;

#define CHECK(condition) \
  do { \
    if (!(condition)) { \
      fprintf(stderr, "%s:%d: not so: %s\n", __FILE__, __LINE__, #condition); \
      check_failures++; \
    } \
  } while (0)

static inline void check_text(const char *file, int line, const char *got, const char *want) {
  if (got && strcmp(got, want) == 0) return;
  fprintf(stderr, "%s:%d:\n  got  %s\n  want %s\n", file, line, got ? got : "(nothing)", want);
  check_failures++;
}

/* `got` is exactly `want`. */
#define CHECK_TEXT(got, want) check_text(__FILE__, __LINE__, (got), (want))

/* A bench's run succeeds, or says why it did not. */
#define CHECK_RUN(t) CHECK_TEXT(clio_test_run(t) == CLIO_OK ? "" : clio_test_error(t), "")

/* A bench's run fails with exactly this status and error. */
#define CHECK_REFUSED(t, status, text) \
  do { \
    CHECK(clio_test_run(t) == (status)); \
    CHECK_TEXT(clio_test_error(t), text); \
  } while (0)

#define CHECK_DONE() (check_failures ? 1 : 0)
#endif
