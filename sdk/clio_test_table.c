/* clio_test_table.c - the bench's tables: cells in Arrow's layout, written row
 * by row, copied freely (a bench has no need to share). */
#include <stdlib.h>
#include <string.h>

#include "clio_test_priv.h"

uint64_t bench_width(clio_type type, uint32_t dim) {
  switch (type) {
  case CLIO_T_I64:
  case CLIO_T_F64:
  case CLIO_T_TIME: return 8;
  case CLIO_T_BOOL: return 1;
  case CLIO_T_VEC: return (uint64_t)dim * sizeof(float);
  default: return 0;
  }
}

/* ---- columns ---- */

void bench_column_init(bench_column *c, const char *name, clio_type type, uint32_t dim,
                       uint64_t rows) {
  memset(c, 0, sizeof *c);
  c->name = bench_copy(name);
  c->type = type;
  c->dim = dim;
  c->rows = rows;
  c->valid = bench_alloc(rows / 8 + 1);
  uint64_t width = bench_width(type, dim);
  if (width) {
    c->room = rows * width;
    c->data = bench_alloc(c->room);
    memset(c->valid, 0xFF, rows / 8 + 1);
    return;
  }
  c->nulls = rows;
  c->offsets = bench_alloc((rows + 1) * sizeof(int64_t));
  c->data = bench_alloc(1);
  if (type == CLIO_T_LIST) c->items = bench_alloc(sizeof(int64_t));
}

void bench_column_clear(bench_column *c) {
  free(c->name);
  free(c->of);
  free(c->valid);
  free(c->offsets);
  free(c->items);
  free(c->data);
  memset(c, 0, sizeof *c);
}

bool bench_column_valid(const bench_column *c, uint64_t row) {
  return (c->valid[row >> 3] >> (row & 7)) & 1;
}

void bench_column_null(bench_column *c, uint64_t row) {
  if (!bench_column_valid(c, row)) return;
  c->valid[row >> 3] = (uint8_t)(c->valid[row >> 3] & ~(1u << (row & 7)));
  c->nulls++;
}

static void column_set_valid(bench_column *c, uint64_t row) {
  if (bench_column_valid(c, row)) return;
  c->valid[row >> 3] = (uint8_t)(c->valid[row >> 3] | (1u << (row & 7)));
  c->nulls--;
}

static void column_append(bench_column *c, const char *s, uint64_t len) {
  if (c->used + len > c->room) {
    c->room = (c->used + len) * 2 + 64;
    c->data = bench_regrow(c->data, c->used, c->room);
  }
  if (len) memcpy(c->data + c->used, s, len);
  c->used += len;
}

/* Writes the offsets of every row up to and including `row`. */
static void column_advance(bench_column *c, uint64_t row) {
  uint64_t at = c->type == CLIO_T_LIST ? c->item_count : c->used;
  while (c->next <= row) c->offsets[c->next++] = (int64_t)at;
}

void bench_column_put(bench_column *c, uint64_t row, const char *s, uint64_t len) {
  column_advance(c, row);
  column_set_valid(c, row);
  column_append(c, s, len);
}

void bench_column_list(bench_column *c, uint64_t row) {
  column_advance(c, row);
  column_set_valid(c, row);
}

void bench_column_item(bench_column *c, const char *s, uint64_t len) {
  column_append(c, s, len);
  if (c->item_count + 1 >= c->item_room) {
    uint64_t old = (c->item_count + 1) * sizeof(int64_t);
    c->item_room = c->item_count * 2 + 16;
    c->items = bench_regrow(c->items, old, c->item_room * sizeof(int64_t));
  }
  c->items[++c->item_count] = (int64_t)c->used;
}

void bench_column_seal(bench_column *c) {
  if (c->offsets) column_advance(c, c->rows);
}

static void column_copy_cell(bench_column *to, uint64_t row, const bench_column *from,
                             uint64_t source) {
  uint64_t width = bench_width(from->type, from->dim);
  if (width) memcpy(to->data + row * width, from->data + source * width, width);
  if (!bench_column_valid(from, source)) {
    bench_column_null(to, row);
    return;
  }
  if (width) return;
  int64_t start = from->offsets[source], end = from->offsets[source + 1];
  if (from->type == CLIO_T_UTF8) {
    bench_column_put(to, row, from->data + start, (uint64_t)(end - start));
    return;
  }
  bench_column_list(to, row);
  for (int64_t i = start; i < end; i++) {
    uint64_t len = (uint64_t)(from->items[i + 1] - from->items[i]);
    bench_column_item(to, from->data + from->items[i], len);
  }
}

static void column_like(bench_column *to, const bench_column *from, uint64_t rows) {
  bench_column_init(to, from->name, from->type, from->dim, rows);
  to->of = bench_copy(from->of);
  to->privacy = from->privacy;
  to->flags = from->flags;
  to->added = from->added;
}

void bench_column_gather(bench_column *to, const bench_column *from, const uint64_t *pick,
                         uint64_t rows) {
  column_like(to, from, rows);
  for (uint64_t i = 0; i < rows; i++) column_copy_cell(to, i, from, pick ? pick[i] : i);
  bench_column_seal(to);
}

/* ---- tables ---- */

static void count_table(clio_test *t, int delta) {
  pthread_mutex_lock(&t->lock);
  t->live_tables += (uint64_t)(int64_t)delta;
  pthread_mutex_unlock(&t->lock);
}

clio_table *bench_table_new(clio_test *t, clio_row_kind kind, uint64_t rows, uint32_t columns) {
  clio_table *table = bench_alloc(sizeof *table);
  table->refs = 1;
  table->owner = t;
  table->kind = kind;
  table->rows = rows;
  table->count = columns;
  table->columns = bench_alloc((uint64_t)columns * sizeof *table->columns);
  count_table(t, 1);
  return table;
}

clio_table *bench_table_pick(const clio_table *from, const uint64_t *pick, uint64_t rows) {
  clio_table *table = bench_table_new(from->owner, from->kind, rows, from->count);
  for (uint32_t i = 0; i < from->count; i++)
    bench_column_gather(&table->columns[i], &from->columns[i], pick, rows);
  return table;
}

clio_table *bench_table_slice(const clio_table *from, uint64_t first, uint64_t rows) {
  uint64_t *pick = bench_alloc(rows * sizeof *pick);
  for (uint64_t i = 0; i < rows; i++) pick[i] = first + i;
  clio_table *table = bench_table_pick(from, pick, rows);
  table->first = first;
  free(pick);
  return table;
}

static bool same_columns(const clio_table *a, const clio_table *b) {
  if (a->count != b->count) return false;
  for (uint32_t i = 0; i < a->count; i++) {
    const bench_column *x = &a->columns[i], *y = &b->columns[i];
    if (strcmp(x->name, y->name) != 0 || x->type != y->type || x->dim != y->dim) return false;
  }
  return true;
}

clio_table *bench_table_join(clio_test *t, clio_table **tables, uint64_t count, const char *port) {
  uint64_t rows = 0;
  for (uint64_t i = 0; i < count; i++) {
    rows += tables[i]->rows;
    if (!same_columns(tables[0], tables[i])) {
      bench_fail(t, CLIO_E_INTERNAL, "output '%s': emissions 1 and %llu differ in their columns",
                 port, (unsigned long long)i + 1);
      return NULL;
    }
  }
  clio_table *all = bench_table_new(t, tables[0]->kind, rows, tables[0]->count);
  for (uint32_t c = 0; c < all->count; c++) {
    bench_column *to = &all->columns[c];
    column_like(to, &tables[0]->columns[c], rows);
    uint64_t row = 0;
    for (uint64_t i = 0; i < count; i++)
      for (uint64_t r = 0; r < tables[i]->rows; r++)
        column_copy_cell(to, row++, &tables[i]->columns[c], r);
    bench_column_seal(to);
  }
  return all;
}

const bench_column *bench_table_find(const clio_table *table, const char *name) {
  int32_t i = bench_table_number(table, name);
  return i < 0 ? NULL : &table->columns[i];
}

/* ---- the host's functions ---- */

bool bench_table_gone(const clio_table *table) {
  if (__atomic_load_n(&table->refs, __ATOMIC_ACQUIRE) > 0) return false;
  clio_test *t = table->owner;
  pthread_mutex_lock(&t->lock);
  bench_fail(t, CLIO_E_INTERNAL,
             "a table is used after the call that gave it, and was not kept "
             "with ref()");
  pthread_mutex_unlock(&t->lock);
  return true;
}

uint64_t bench_table_rows(const clio_table *table) {
  return bench_table_gone(table) ? 0 : table->rows;
}

int32_t bench_table_number(const clio_table *table, const char *name) {
  if (bench_table_gone(table)) return -1;
  for (uint32_t i = 0; i < table->count; i++)
    if (!table->columns[i].hidden && strcmp(table->columns[i].name, name) == 0) return (int32_t)i;
  return -1;
}

clio_status bench_table_view(const clio_table *table, int32_t column, clio_view *ret,
                             uint64_t size) {
  if (column < 0 || bench_table_gone(table) || (uint32_t)column >= table->count)
    return CLIO_E_INTERNAL;
  const bench_column *c = &table->columns[column];
  clio_view view = {c->type,    c->dim,   table->rows, c->nulls ? c->valid : NULL,
                    c->offsets, c->items, c->data};
  memcpy(ret, &view, size < sizeof view ? size : sizeof view);
  return CLIO_OK;
}

const clio_table *bench_table_ref(const clio_table *table) {
  clio_table *own = (clio_table *)(uintptr_t)table;
  if (!bench_table_gone(table)) __atomic_add_fetch(&own->refs, 1, __ATOMIC_RELAXED);
  return table;
}

/* Views of the table that were kept show rubbish from now on. */
static uint64_t column_spoil(bench_column *c) {
  uint64_t width = bench_width(c->type, c->dim), bytes = width ? c->rows * width : c->used;
  if (bytes && c->data) memset(c->data, 0xDB, bytes);
  return bytes;
}

static void table_clear(clio_table *table) {
  for (uint32_t i = 0; i < table->count; i++) bench_column_clear(&table->columns[i]);
  table->count = 0;
}

/* Beyond this many bytes what is gone is freed at once but for its head. */
enum { GONE_BYTES_MAX = 64 << 20 };

void bench_table_unref(const clio_table *table) {
  clio_table *own = (clio_table *)(uintptr_t)table;
  if (!own || bench_table_gone(table)) return;
  if (__atomic_sub_fetch(&own->refs, 1, __ATOMIC_ACQ_REL) > 0) return;
  clio_test *t = own->owner;
  uint64_t bytes = 0;
  for (uint32_t i = 0; i < own->count; i++) bytes += column_spoil(&own->columns[i]);
  count_table(t, -1);
  pthread_mutex_lock(&t->lock);
  if (t->gone_bytes + bytes > GONE_BYTES_MAX)
    table_clear(own);
  else
    t->gone_bytes += bytes;
  own->next_gone = t->gone;
  t->gone = own;
  pthread_mutex_unlock(&t->lock);
}

void bench_table_sweep(clio_test *t) {
  while (t->gone) {
    clio_table *table = t->gone;
    t->gone = table->next_gone;
    table_clear(table);
    free(table->columns);
    free(table);
  }
  t->gone_bytes = 0;
}
