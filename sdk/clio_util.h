/* clio_util.h - small helpers for stage authors, all static inline: formatted
 * messages, reading cells, checked scratch, growing own memory. No ABI of its
 * own; everything goes through the clio_host table. C11 and C++17. */
#ifndef CLIO_UTIL_H
#define CLIO_UTIL_H
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "clio.h"
#ifdef __cplusplus
extern "C" {
#endif

/* Returns the status of `expr` from the calling function unless it is CLIO_OK. */
#define CLIO_TRY(expr) \
  do { \
    clio_status clio_try_ = (expr); \
    if (clio_try_ != CLIO_OK) return clio_try_; \
  } while (0)

#define CLIO_PRINTF(f, a) __attribute__((format(printf, f, a)))

/* ---- messages: as the host's function, with a format. Cut at 511 bytes, never
 * inside a character. Never put conversation text into one. [any] ---- */

static inline void clio_format_(char *buffer, size_t size, const char *format, va_list args) {
  int want = vsnprintf(buffer, size, format, args);
  if (want < 0) buffer[0] = '\0';
  if (want < (int)size) return;
  size_t end = size - 1;
  while (end > 0 && ((unsigned char)buffer[end - 1] & 0xC0u) == 0x80u) end--;
  if (end > 0 && (unsigned char)buffer[end - 1] >= 0xC0u) end--;
  buffer[end] = '\0';
}

/* return clio_failf(host, call, CLIO_E_INPUT, "column '%s' ...", name); */
static inline clio_status clio_failf(const clio_host *, clio_call *, clio_status, const char *, ...)
    CLIO_PRINTF(4, 5);
static inline clio_status clio_failf(const clio_host *host, clio_call *call, clio_status status,
                                     const char *format, ...) {
  char text[512];
  va_list args;
  va_start(args, format);
  clio_format_(text, sizeof text, format, args);
  va_end(args);
  return host->fail(call, status, text);
}

/* The same for one row of the input: the stage goes on when it returns CLIO_OK. */
static inline clio_status clio_fail_rowf(const clio_host *, clio_call *, uint64_t, clio_status,
                                         const char *, ...) CLIO_PRINTF(5, 6);
static inline clio_status clio_fail_rowf(const clio_host *host, clio_call *call, uint64_t row,
                                         clio_status status, const char *format, ...) {
  char text[512];
  va_list args;
  va_start(args, format);
  clio_format_(text, sizeof text, format, args);
  va_end(args);
  return host->fail_row(call, row, status, text);
}

/* The same inside plan(). [main] */
static inline clio_status clio_plan_failf(const clio_host *, clio_plan *, clio_status, const char *,
                                          ...) CLIO_PRINTF(4, 5);
static inline clio_status clio_plan_failf(const clio_host *host, clio_plan *plan,
                                          clio_status status, const char *format, ...) {
  char text[512];
  va_list args;
  va_start(args, format);
  clio_format_(text, sizeof text, format, args);
  va_end(args);
  return host->plan_fail(plan, status, text);
}

static inline void clio_logf(const clio_host *, clio_call *, int32_t, const char *, ...)
    CLIO_PRINTF(4, 5);
static inline void clio_logf(const clio_host *host, clio_call *call, int32_t level,
                             const char *format, ...) {
  char text[512];
  va_list args;
  va_start(args, format);
  clio_format_(text, sizeof text, format, args);
  va_end(args);
  host->log(call, level, text);
}

/* "no memory", for the usual line: if (!p) return clio_nomem(host, call); */
static inline clio_status clio_nomem(const clio_host *host, clio_call *call) {
  return host->fail(call, CLIO_E_NOMEM, "out of memory; try a higher --max-memory");
}

/* ---- a stage without state of its own ---- */

/* What create() has to keep: .create = clio_self_create, .destroy = clio_self_destroy. */
typedef struct clio_self {
  const clio_host *host;
  const void *config;
} clio_self;

static inline clio_status clio_self_create(const clio_host *host, clio_call *call,
                                           const void *config, void **ret_self) {
  clio_self *self = (clio_self *)malloc(sizeof *self);
  if (!self) return clio_nomem(host, call);
  self->host = host;
  self->config = config;
  *ret_self = self;
  return CLIO_OK;
}
static inline void clio_self_destroy(void *self) { free(self); }

/* ---- schemas, inside plan() ---- */

/* The column of that name among those that reach a port, or NULL. Takes NULL
 * (a port that is not connected). */
static inline const clio_column *clio_planned(const clio_columns *columns, const char *name) {
  if (!columns || !name) return NULL;
  for (uint32_t i = 0; i < columns->count; i++) {
    const char *at = (const char *)columns->items + (size_t)i * columns->item_size;
    const clio_column *column = (const clio_column *)(const void *)at;
    if (strcmp(column->name, name) == 0) return column;
  }
  return NULL;
}

/* ---- reading cells ---- */

/* A string that is not NUL-ended; s is NULL for a null cell. Borrowed from the
 * table it was read from. */
typedef struct clio_span {
  const char *s;
  int64_t len;
} clio_span;

static inline clio_span clio_span_of(const char *s, int64_t len) {
  clio_span span;
  span.s = s;
  span.len = len;
  return span;
}

static inline int clio_span_is(clio_span span, const char *word) {
  return span.s && strlen(word) == (size_t)span.len && memcmp(span.s, word, (size_t)span.len) == 0;
}

/* Looks at column `name`: 1 and *ret filled, or 0 and *ret of no rows when the
 * table has none of that name and type (CLIO_T_ANY takes every type). [any] */
static inline int clio_look(const clio_host *host, const clio_table *table, const char *name,
                            clio_type type, clio_view *ret) {
  int32_t column = host->find(table, name);
  memset(ret, 0, sizeof *ret);
  if (column < 0) return 0;
  if (host->view(table, column, ret, sizeof *ret) == CLIO_OK &&
      (type == CLIO_T_ANY || ret->type == type))
    return 1;
  memset(ret, 0, sizeof *ret);
  return 0;
}

static inline const char *clio_type_text(clio_type type) {
  static const char *const names[] = {"any", "i64", "f64", "utf8", "vec", "list", "bool", "time"};
  return type < sizeof names / sizeof *names ? names[type] : "an unknown type";
}

/* The same for a column that must be there: otherwise fails the call. [any] */
static inline clio_status clio_get(const clio_host *host, clio_call *call, const clio_table *table,
                                   const char *name, clio_type type, clio_view *ret) {
  if (clio_look(host, table, name, type, ret)) return CLIO_OK;
  if (clio_look(host, table, name, CLIO_T_ANY, ret))
    return clio_failf(host, call, CLIO_E_INPUT, "column '%s' is %s and is read as %s", name,
                      clio_type_text(ret->type), clio_type_text(type));
  return clio_failf(host, call, CLIO_E_INPUT,
                    "there is no column '%s', or the stage has not asked for it", name);
}

static inline int clio_valid(const clio_view *view, uint64_t row) {
  return !view->valid || ((view->valid[row >> 3] >> (row & 7)) & 1);
}

/* Cells by type. Of a null cell: 0, or a span with s = NULL. */
static inline int64_t clio_i64(const clio_view *view, uint64_t row) {
  return clio_valid(view, row) ? ((const int64_t *)view->data)[row] : 0;
}
static inline double clio_f64(const clio_view *view, uint64_t row) {
  return clio_valid(view, row) ? ((const double *)view->data)[row] : 0;
}
static inline int clio_bool(const clio_view *view, uint64_t row) {
  return clio_valid(view, row) && ((const uint8_t *)view->data)[row] != 0;
}
static inline const float *clio_vec(const clio_view *view, uint64_t row) {
  return clio_valid(view, row) ? (const float *)view->data + row * view->dim : NULL;
}
static inline clio_span clio_utf8(const clio_view *view, uint64_t row) {
  if (!clio_valid(view, row)) return clio_span_of(NULL, 0);
  int64_t start = view->offsets[row];
  return clio_span_of((const char *)view->data + start, view->offsets[row + 1] - start);
}

/* Items of a LIST cell: how many, and the i-th of them. A null list has none. */
static inline int64_t clio_list_count(const clio_view *view, uint64_t row) {
  return clio_valid(view, row) ? view->offsets[row + 1] - view->offsets[row] : 0;
}
static inline clio_span clio_list_at(const clio_view *view, uint64_t row, int64_t i) {
  int64_t item = view->offsets[row] + i;
  int64_t start = view->items[item];
  return clio_span_of((const char *)view->data + start, view->items[item + 1] - start);
}

/* ---- writing ---- */

/* Puts a span; one with s = NULL makes the cell null. Errors stick until emit. [call] */
static inline clio_status clio_put_span(const clio_host *host, clio_builder *builder,
                                        int32_t column, uint64_t row, clio_span span) {
  return host->put(builder, column, row, span.s, span.s ? span.len : -1);
}
static inline clio_status clio_put_null(const clio_host *host, clio_builder *builder,
                                        int32_t column, uint64_t row) {
  return host->put(builder, column, row, NULL, -1);
}
/* Puts a NUL-ended string; NULL makes the cell null. */
static inline clio_status clio_put_text(const clio_host *host, clio_builder *builder,
                                        int32_t column, uint64_t row, const char *text) {
  return host->put(builder, column, row, text, text ? (int64_t)strlen(text) : -1);
}

/* ---- memory ---- */

/* Scratch for `count` items of `size` bytes, zeroed; NULL when there is no
 * memory or the product overflows. Dies with the call. [any] */
static inline void *clio_scratch_array(const clio_host *host, clio_call *call, uint64_t count,
                                       uint64_t size) {
  if (size && count > UINT64_MAX / 2 / size) return NULL;
  uint64_t bytes = count * size;
  return host->scratch(call, bytes > 0 ? bytes : 1);
}

/* Memory a stage keeps across calls: makes room for `need` items of `size`
 * bytes in `array` (a pointer variable), doubling `capacity` (a uint64_t).
 * CLIO_E_NOMEM leaves both as they were. Freed with free() in destroy(). */
static inline clio_status clio_grow_(void *array, uint64_t *capacity, uint64_t need,
                                     uint64_t size) {
  if (need <= *capacity) return CLIO_OK;
  uint64_t room = *capacity ? *capacity : 16;
  while (room < need && room <= UINT64_MAX / 4) room *= 2;
  if (room < need || (size && room > (uint64_t)SIZE_MAX / 2 / size)) return CLIO_E_NOMEM;
  void *items; /* through memcpy: *array is an int ** or any other pointer's address */
  memcpy(&items, array, sizeof items);
  items = realloc(items, (size_t)(room * size));
  if (!items) return CLIO_E_NOMEM;
  memcpy(array, &items, sizeof items);
  *capacity = room;
  return CLIO_OK;
}
#define CLIO_GROW(array, capacity, need) clio_grow_(&(array), &(capacity), (need), sizeof *(array))

/* ---- services ---- */

/* A service that must be there and know the first `size` bytes of its table;
 * NULL, with the call failed, where not. Every service table starts with
 * struct_size. [any] */
static inline const void *clio_need(const clio_host *host, clio_call *call, const char *id,
                                    uint64_t size) {
  const void *service = host->service(call, id);
  uint32_t have = 0;
  if (service) memcpy(&have, service, sizeof have);
  if (have >= size) return service;
  clio_failf(host, call, CLIO_E_UNSUPPORTED, "this host does not offer the service '%s'", id);
  return NULL;
}

#ifdef __cplusplus
}
#endif
#endif /* CLIO_UTIL_H */
