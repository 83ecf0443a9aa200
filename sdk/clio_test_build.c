/* clio_test_build.c - the bench's builder: writes one table and holds the stage
 * to the rules of the ABI. Every broken rule is a sticky error that emit names. */
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "clio_test_priv.h"

static clio_status stick(clio_builder *b, clio_status status, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
static clio_status stick(clio_builder *b, clio_status status, const char *format, ...) {
  if (b->status != CLIO_OK) return b->status;
  va_list args;
  va_start(args, format);
  vsnprintf(b->text, sizeof b->text, format, args);
  va_end(args);
  b->status = status;
  return status;
}

/* ---- start ---- */

static clio_status check_pick(clio_builder *b, const uint64_t *pick) {
  for (uint64_t i = 0; i < b->rows; i++) {
    if (pick[i] >= b->base->rows)
      return stick(b, CLIO_E_INTERNAL, "start: pick[%llu] is row %llu of a base of %llu",
                   (unsigned long long)i, (unsigned long long)pick[i],
                   (unsigned long long)b->base->rows);
    if (i && pick[i] <= pick[i - 1])
      return stick(b, CLIO_E_INTERNAL, "start: pick is not strictly increasing at %llu",
                   (unsigned long long)i);
  }
  return CLIO_OK;
}

static clio_status check_start(clio_builder *b, const uint64_t *pick) {
  const clio_stage *stage = b->call->t->stage;
  if (b->port >= stage->outputs.count)
    return stick(b, CLIO_E_INTERNAL, "start: the stage has no output %u", b->port);
  const clio_port *port = bench_port(&stage->outputs, b->port);
  if (!b->base) {
    if (port->rows == CLIO_ROWS_CONVERSATION && strcmp(stage->kind, "source") != 0)
      return stick(b, CLIO_E_INTERNAL, "start: only a source starts conversations without a base");
    if (pick) return stick(b, CLIO_E_INTERNAL, "start: a pick needs a base");
    return CLIO_OK;
  }
  if (b->base->kind != port->rows)
    return stick(b, CLIO_E_INTERNAL, "start: the base holds %s, output '%s' holds %s",
                 bench_kind_text(b->base->kind), port->name, bench_kind_text(port->rows));
  if (pick) return check_pick(b, pick);
  if (b->rows != b->base->rows)
    return stick(b, CLIO_E_INTERNAL, "start: %llu rows over a base of %llu without a pick",
                 (unsigned long long)b->rows, (unsigned long long)b->base->rows);
  return CLIO_OK;
}

clio_builder *bench_start(clio_call *call, uint32_t port, const clio_table *base,
                          const uint64_t *pick, uint64_t rows) {
  if (!bench_may_alloc(call->t)) return NULL;
  clio_builder *b = bench_alloc(sizeof *b);
  b->call = call;
  b->port = port;
  b->rows = rows;
  b->base = base ? bench_table_ref(base) : NULL;
  b->next = call->builders;
  call->builders = b;
  if (check_start(b, pick) != CLIO_OK || !pick) return b;
  b->pick = bench_alloc(rows * sizeof *pick);
  memcpy(b->pick, pick, rows * sizeof *pick);
  return b;
}

void bench_builder_free(clio_builder *b) {
  for (uint32_t i = 0; i < b->count; i++) bench_column_clear(&b->columns[i]);
  bench_table_unref(b->base);
  free(b->columns);
  free(b->pick);
  free(b);
}

/* ---- add, data, put, item ---- */

/* Names that only the host writes; a source hands it account and org. */
static bool host_name(const clio_builder *b, const char *name) {
  static const char *const names[] = {"account", "org", "time", "outputs", "simhash"};
  size_t first = strcmp(b->call->t->stage->kind, "source") == 0 ? 3 : 0;
  const clio_port *port = bench_port(&b->call->t->stage->outputs, b->port);
  for (size_t i = first; port->rows == CLIO_ROWS_CONVERSATION && i < 5; i++)
    if (strcmp(names[i], name) == 0) return true;
  return false;
}

static clio_status check_add(clio_builder *b, const char *name, clio_type type, uint32_t dim) {
  if (b->status != CLIO_OK) return b->status;
  char want[16], got[16];
  const clio_column *column = bench_plan_find(b->call->t, b->port, name);
  if (host_name(b, name)) return stick(b, CLIO_E_PRIVACY, "add: column '%s' is the host's", name);
  if (!column)
    return stick(b, CLIO_E_INTERNAL, "add: column '%s' was neither declared nor planned", name);
  if (column->type != type || (column->dim && column->dim != dim) ||
      (type == CLIO_T_VEC) != (dim > 0))
    return stick(b, CLIO_E_INTERNAL, "add: column '%s' was planned as %s, not %s", name,
                 bench_type_text(column->type, column->dim, want, sizeof want),
                 bench_type_text(type, dim, got, sizeof got));
  if (b->base && bench_table_find(b->base, name))
    return stick(b, CLIO_E_INTERNAL, "add: the base has a column '%s' already", name);
  for (uint32_t i = 0; i < b->count; i++)
    if (strcmp(b->columns[i].name, name) == 0)
      return stick(b, CLIO_E_INTERNAL, "add: column '%s' twice", name);
  return CLIO_OK;
}

int32_t bench_add(clio_builder *b, const char *name, clio_type type, uint32_t dim) {
  if (!b || check_add(b, name, type, dim) != CLIO_OK) return -1;
  if (!bench_may_alloc(b->call->t)) {
    stick(b, CLIO_E_NOMEM, "add: out of memory");
    return -1;
  }
  b->columns =
      bench_regrow(b->columns, b->count * sizeof *b->columns, (b->count + 1) * sizeof *b->columns);
  bench_column *c = &b->columns[b->count];
  const clio_column *column = bench_plan_find(b->call->t, b->port, name);
  bench_column_init(c, name, type, dim, b->rows);
  c->of = bench_copy(column->of);
  c->flags = column->flags;
  c->privacy = column->privacy;
  c->added = true;
  return (int32_t)b->count++;
}

static bench_column *builder_column(clio_builder *b, const char *what, int32_t column) {
  if (b->status != CLIO_OK) return NULL;
  if (column >= 0 && (uint32_t)column < b->count) return &b->columns[column];
  stick(b, CLIO_E_INTERNAL, "%s: the builder has no column %d", what, column);
  return NULL;
}

void *bench_data(clio_builder *b, int32_t column) {
  bench_column *c = b ? builder_column(b, "data", column) : NULL;
  if (!c) return NULL;
  if (!bench_width(c->type, c->dim)) {
    stick(b, CLIO_E_INTERNAL, "data: column '%s' is of strings; use put or item", c->name);
    return NULL;
  }
  if (bench_may_alloc(b->call->t)) return c->data;
  stick(b, CLIO_E_NOMEM, "data: out of memory");
  return NULL;
}

/* Strict UTF-8: no overlong forms, surrogates, or code points past U+10FFFF. */
static bool is_utf8(const char *s, uint64_t len) {
  static const uint32_t least[] = {0, 0x80, 0x800, 0x10000};
  for (uint64_t i = 0; i < len;) {
    unsigned char lead = (unsigned char)s[i++];
    if (lead < 0x80) continue;
    uint32_t more = lead >= 0xF0 ? 3 : lead >= 0xE0 ? 2 : 1;
    uint32_t code = lead & (0x3Fu >> more);
    if (lead < 0xC2 || lead > 0xF4 || i + more > len) return false;
    for (uint32_t k = 0; k < more; k++, i++) {
      if (((unsigned char)s[i] & 0xC0) != 0x80) return false;
      code = code << 6 | ((unsigned char)s[i] & 0x3F);
    }
    if (code < least[more] || code > 0x10FFFF || (code >= 0xD800 && code < 0xE000)) return false;
  }
  return true;
}

/* The rows of a column of strings only grow; `again`: the last may come again. */
static clio_status check_string(clio_builder *b, const bench_column *c, const char *what,
                                uint64_t row, bool again, const char *s, uint64_t len) {
  if (row + (again ? 1 : 0) < c->next)
    return stick(b, CLIO_E_INTERNAL, "%s: column '%s': row %llu after row %llu", what, c->name,
                 (unsigned long long)row, (unsigned long long)c->next - 1);
  if (!is_utf8(s, len))
    return stick(b, CLIO_E_INTERNAL, "%s: column '%s', row %llu: not UTF-8", what, c->name,
                 (unsigned long long)row);
  return CLIO_OK;
}

static clio_status check_row(clio_builder *b, const char *what, const bench_column *c,
                             uint64_t row) {
  if (row < b->rows) return CLIO_OK;
  return stick(b, CLIO_E_INTERNAL, "%s: column '%s': row %llu of %llu", what, c->name,
               (unsigned long long)row, (unsigned long long)b->rows);
}

clio_status bench_put(clio_builder *b, int32_t column, uint64_t row, const char *s, int64_t len) {
  if (!b) return CLIO_E_NOMEM;
  bench_column *c = builder_column(b, "put", column);
  if (!c || check_row(b, "put", c, row) != CLIO_OK) return b->status;
  if (len < 0 && bench_width(c->type, c->dim)) {
    bench_column_null(c, row);
    return CLIO_OK;
  }
  if (bench_width(c->type, c->dim) || (c->type == CLIO_T_LIST && len > 0))
    return stick(b, CLIO_E_INTERNAL, "put: column '%s' is not of type utf8", c->name);
  if (check_string(b, c, "put", row, false, s, len < 0 ? 0 : (uint64_t)len) != CLIO_OK)
    return b->status;
  if (len < 0) return CLIO_OK; /* a skipped row is null */
  if (c->type == CLIO_T_LIST)
    bench_column_list(c, row);
  else
    bench_column_put(c, row, s, (uint64_t)len);
  return CLIO_OK;
}

clio_status bench_item(clio_builder *b, int32_t column, uint64_t row, const char *s, int64_t len) {
  if (!b) return CLIO_E_NOMEM;
  bench_column *c = builder_column(b, "item", column);
  if (!c || check_row(b, "item", c, row) != CLIO_OK) return b->status;
  if (c->type != CLIO_T_LIST || len < 0)
    return stick(b, CLIO_E_INTERNAL, "item: column '%s' is not a list, or len is negative",
                 c->name);
  if (check_string(b, c, "item", row, true, s, (uint64_t)len) != CLIO_OK) return b->status;
  bench_column_list(c, row);
  bench_column_item(c, s, (uint64_t)len);
  return CLIO_OK;
}

/* ---- emit ---- */

static bool has_choice(const clio_column *column, const char *s, uint64_t len) {
  for (const char *const *choice = column->choices; *choice; choice++)
    if (strlen(*choice) == len && memcmp(*choice, s, len) == 0) return true;
  return false;
}

/* One valid cell: a finite vector, a bool of 0 or 1, a declared choice. */
static clio_status check_cell(clio_builder *b, const bench_column *c, const clio_column *column,
                              uint64_t row) {
  const float *vec = (const float *)(const void *)c->data + row * c->dim;
  for (uint32_t i = 0; c->type == CLIO_T_VEC && i < c->dim; i++)
    if (!isfinite(vec[i]))
      return stick(b, CLIO_E_INTERNAL,
                   "emit: column '%s', row %llu: a vector holds NaN or infinity", c->name,
                   (unsigned long long)row);
  if (c->type == CLIO_T_BOOL && (unsigned char)c->data[row] > 1)
    return stick(b, CLIO_E_INTERNAL, "emit: column '%s', row %llu: a bool is 0 or 1", c->name,
                 (unsigned long long)row);
  if (c->type != CLIO_T_UTF8 || !column->choices) return CLIO_OK;
  int64_t start = c->offsets[row];
  if (has_choice(column, c->data + start, (uint64_t)(c->offsets[row + 1] - start))) return CLIO_OK;
  return stick(b, CLIO_E_INTERNAL, "emit: column '%s', row %llu: not one of its choices", c->name,
               (unsigned long long)row);
}

static bool row_failed(const clio_call *call, uint64_t row) {
  for (uint64_t i = 0; i < call->failed; i++)
    if (call->failed_rows[i] == row) return true;
  return false;
}

/* Checks a column's cells. A null in a column that is not nullable marks its
 * row for dropping where fail_row named it, and is an error where not. */
static clio_status check_column(clio_builder *b, bench_column *c, uint8_t *drop) {
  const clio_column *column = bench_plan_find(b->call->t, b->port, c->name);
  for (uint64_t row = 0; row < c->rows; row++) {
    uint64_t source = b->pick ? b->pick[row] : row;
    bool failed = b->base == b->call->in && b->base && row_failed(b->call, source);
    if (failed && !(column->flags & CLIO_COL_NULLABLE)) drop[row] = 1;
    if (failed) bench_column_null(c, row);
    if (bench_column_valid(c, row)) {
      clio_status status = check_cell(b, c, column, row);
      if (status != CLIO_OK) return status;
    } else if (!failed && !(column->flags & CLIO_COL_NULLABLE)) {
      return stick(b, CLIO_E_INTERNAL, "emit: column '%s', row %llu is null and not nullable",
                   c->name, (unsigned long long)row);
    }
  }
  return CLIO_OK;
}

/* Every declared column that is neither optional nor nullable was added. */
static clio_status check_complete(clio_builder *b) {
  const clio_test *t = b->call->t;
  const clio_port *port = bench_port(&t->stage->outputs, b->port);
  for (uint32_t i = 0; i < port->columns.count; i++) {
    const clio_column *column = bench_declared(&port->columns, i);
    bool there = b->base && bench_table_find(b->base, column->name);
    for (uint32_t k = 0; k < b->count; k++)
      if (strcmp(b->columns[k].name, column->name) == 0) there = true;
    if (!there && !(column->flags & (CLIO_COL_OPTIONAL | CLIO_COL_NULLABLE)))
      return stick(b, CLIO_E_INTERNAL, "emit: output '%s' declares column '%s' and has none",
                   port->name, column->name);
  }
  return CLIO_OK;
}

/* Was a column of that name added? It takes the place of one that is hidden. */
static bool is_added(const clio_builder *b, const char *name) {
  for (uint32_t i = 0; i < b->count; i++)
    if (strcmp(b->columns[i].name, name) == 0) return true;
  return false;
}

/* The base's columns, gathered, and the added ones, without dropped rows. */
static clio_table *assemble(clio_builder *b, const uint8_t *drop) {
  uint64_t *keep = bench_alloc(b->rows * sizeof *keep);
  uint64_t *rows = bench_alloc(b->rows * sizeof *rows), count = 0;
  for (uint64_t i = 0; i < b->rows; i++) {
    if (drop[i]) continue;
    keep[count] = i;
    rows[count++] = b->pick ? b->pick[i] : i;
  }
  uint32_t based = b->base ? b->base->count : 0;
  const clio_port *port = bench_port(&b->call->t->stage->outputs, b->port);
  clio_table *table = bench_table_new(b->call->t, port->rows, count, based + b->count);
  table->count = 0;
  for (uint32_t i = 0; i < based; i++) {
    if (is_added(b, b->base->columns[i].name)) continue;
    bench_column_gather(&table->columns[table->count], &b->base->columns[i], rows, count);
    table->columns[table->count++].added = false;
  }
  for (uint32_t i = 0; i < b->count; i++)
    bench_column_gather(&table->columns[table->count++], &b->columns[i], keep, count);
  free(keep);
  free(rows);
  return table;
}

static void keep_emitted(clio_call *call, uint32_t port, clio_table *table) {
  uint64_t count = call->emits++;
  call->emitted = bench_regrow(call->emitted, count * sizeof *call->emitted,
                               (count + 1) * sizeof *call->emitted);
  call->emitted[count] = (bench_emitted){port, table};
}

static void unlink_builder(clio_builder *b) {
  clio_builder **at = &b->call->builders;
  while (*at != b) at = &(*at)->next;
  *at = b->next;
}

clio_status bench_emit(clio_builder *b) {
  if (!b) return CLIO_E_NOMEM;
  clio_call *call = b->call;
  unlink_builder(b);
  uint8_t *drop = bench_alloc(b->rows + 1);
  for (uint32_t i = 0; i < b->count; i++) bench_column_seal(&b->columns[i]);
  if (b->status == CLIO_OK) check_complete(b);
  for (uint32_t i = 0; b->status == CLIO_OK && i < b->count; i++)
    check_column(b, &b->columns[i], drop);
  if (b->status == CLIO_OK && !bench_may_alloc(call->t))
    stick(b, CLIO_E_NOMEM, "emit: out of memory");
  if (b->status == CLIO_OK && bench_stop(call->t))
    stick(b, CLIO_E_CANCELLED, "emit: the run was stopped");
  clio_status status = b->status;
  if (status == CLIO_OK) {
    keep_emitted(call, b->port, assemble(b, drop));
  } else if (call->broken == CLIO_OK) {
    call->broken = status;
    snprintf(call->text, sizeof call->text, "%s", b->text);
  }
  free(drop);
  bench_builder_free(b);
  return status;
}
