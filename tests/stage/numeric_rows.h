/* numeric_rows.h - JSON rows of vectors for the tests of numeric stages, and
 * reading numbers back. */
#ifndef CLIO_TESTS_NUMERIC_ROWS_H
#define CLIO_TESTS_NUMERIC_ROWS_H
#include <math.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>

#include "check.h"
#include "clio_test.h"
#include "clio_util.h"

/* A JSON array as it is written; `text` is freed by the caller. */
typedef struct rows_text {
  char *text;
  size_t length, room, rows;
} rows_text;

static inline void rows_printf(rows_text *r, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
static inline void rows_printf(rows_text *r, const char *format, ...) {
  va_list args;
  if (r->room - r->length < 4096) {
    r->room = 2 * r->room + 65536;
    r->text = realloc(r->text, r->room);
    if (!r->text) abort();
  }
  va_start(args, format);
  r->length += (size_t)vsnprintf(r->text + r->length, r->room - r->length, format, args);
  va_end(args);
}

/* Opens a row: "[" or ",". */
static inline void rows_next(rows_text *r) { rows_printf(r, r->rows++ ? ",\n" : "["); }

/* {"name":[...]}, the vector given as doubles. */
static inline void rows_vector(rows_text *r, const char *name, const double *x, int d) {
  rows_next(r);
  rows_printf(r, "{\"%s\":[", name);
  for (int i = 0; i < d; i++) rows_printf(r, "%s%.9g", i ? "," : "", x[i]);
  rows_printf(r, "]}");
}

static inline const char *rows_end(rows_text *r) {
  rows_printf(r, r->rows ? "]" : "[]");
  return r->text;
}

/* Evenly spread in [0, 1), the same everywhere. */
static inline double rows_random(uint64_t *state) {
  uint64_t x = *state += 0x9e3779b97f4a7c15u;
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9u;
  x = (x ^ (x >> 27)) * 0x94d049bb133111ebu;
  return (double)((x ^ (x >> 31)) >> 11) / 9007199254740992.0;
}

/* The column of an output; a view without rows when it is not there. */
static inline clio_view rows_view(const clio_test *t, const char *port, const char *column) {
  clio_view view = {0};
  const clio_table *table = clio_test_out(t, port);
  CHECK(table && clio_look(clio_test_host(), table, column, CLIO_T_ANY, &view));
  return view;
}
#endif
