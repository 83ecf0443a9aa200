/* table.c - tables, columns, keys, bundles; see table.h. Building new columns
 * from rows is builder.c; joining and gathering is table_ops.c. */
#include "table.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

const char *row_kind_name(clio_row_kind kind) {
  static const char *const names[ROW_KINDS] = {
      "none", "block", "conversations", "clusters", "cells", "texts", "findings", "scores", "run"};
  return kind < ROW_KINDS ? names[kind] : "unknown";
}

const char *type_name(clio_type type) {
  static const char *const names[] = {"any", "i64", "f64", "utf8", "vec", "list", "bool", "time"};
  return type < sizeof names / sizeof *names ? names[type] : "unknown";
}

size_t type_width(clio_type type, uint32_t dim) {
  switch (type) {
  case CLIO_T_I64:
  case CLIO_T_F64:
  case CLIO_T_TIME: return 8;
  case CLIO_T_BOOL: return 1;
  case CLIO_T_VEC: return sizeof(float) * dim;
  default: return 0;
  }
}

bool memory_charge(memory *m, int64_t bytes) {
  if (!m) return true;
  gint64 used = __atomic_add_fetch(&m->used, bytes, __ATOMIC_RELAXED);
  if (bytes <= 0 || !m->limit || used <= m->limit) return true;
  __atomic_sub_fetch(&m->used, bytes, __ATOMIC_RELAXED);
  return false;
}

void *memory_alloc(memory *m, uint64_t bytes) {
  uint64_t size = (bytes + 63) & ~(uint64_t)63;
  if (size < bytes || size > G_MAXINT64) return NULL;
  if (!size) size = 64;
  if (!memory_charge(m, (int64_t)size)) return NULL;
  void *p = aligned_alloc(64, size);
  if (p)
    memset(p, 0, size);
  else
    memory_charge(m, -(int64_t)size);
  return p;
}

void memory_free(memory *m, void *p, uint64_t bytes) {
  if (!p) return;
  uint64_t size = (bytes + 63) & ~(uint64_t)63;
  if (!size) size = 64;
  if (m) __atomic_sub_fetch(&m->used, (gint64)size, __ATOMIC_RELAXED);
  free(p);
}

static bool alloc_buffer(column *c, void *ret, uint64_t bytes) {
  void *p = memory_alloc(c->memory, bytes);
  if (!p) return false;
  c->bytes += bytes ? (bytes + 63) & ~(uint64_t)63 : 64;
  *(void **)ret = p;
  return true;
}

column *column_new(const char *name, clio_type type, uint32_t dim, uint64_t rows,
                   uint64_t data_bytes, uint64_t items, bool nullable, memory *m) {
  column *c = g_new0(column, 1);
  c->refs = 1;
  c->name = g_strdup(name);
  c->type = type;
  c->dim = dim;
  c->rows = rows;
  c->memory = m;
  bool text = type == CLIO_T_UTF8 || type == CLIO_T_LIST;
  uint64_t width = type_width(type, dim);
  bool ok = text || !width || rows <= UINT64_MAX / width;
  ok = ok && alloc_buffer(c, &c->data, text ? data_bytes : rows * width);
  if (text) ok = ok && alloc_buffer(c, &c->offsets, (rows + 1) * sizeof(int64_t));
  if (type == CLIO_T_LIST) ok = ok && alloc_buffer(c, &c->items, (items + 1) * sizeof(int64_t));
  if (nullable) ok = ok && alloc_buffer(c, &c->valid, (rows + 7) / 8);
  if (ok) return c;
  column_unref(c);
  return NULL;
}

column *column_ref(column *c) {
  g_atomic_int_inc(&c->refs);
  return c;
}

void column_unref(column *c) {
  if (!c || !g_atomic_int_dec_and_test(&c->refs)) return;
  if (c->map) {
    munmap(c->map, c->map_size);
  } else {
    free(c->valid);
    free(c->offsets);
    free(c->items);
    free(c->data);
    if (c->memory) __atomic_sub_fetch(&c->memory->used, (gint64)c->bytes, __ATOMIC_RELAXED);
  }
  g_free(c->name);
  g_free(c);
}

bool column_is_null(const column *c, uint64_t row) {
  return c->valid && !(c->valid[row >> 3] >> (row & 7) & 1);
}

const char *column_text(const column *c, uint64_t row, int64_t *ret_len) {
  if (column_is_null(c, row)) return NULL;
  *ret_len = c->offsets[row + 1] - c->offsets[row];
  return (const char *)c->data + c->offsets[row];
}

char *column_copy(const column *c, uint64_t row) {
  int64_t len = 0;
  const char *text = c && c->type == CLIO_T_UTF8 ? column_text(c, row, &len) : NULL;
  return text ? g_strndup(text, (gsize)len) : NULL;
}

column *column_of_texts(const char *name, const char *const *text, uint64_t rows, memory *m) {
  uint64_t bytes = 0;
  for (uint64_t i = 0; i < rows; i++) bytes += text[i] ? strlen(text[i]) : 0;
  column *c = column_new(name, CLIO_T_UTF8, 0, rows, bytes, 0, true, m);
  int64_t at = 0;
  for (uint64_t i = 0; c && i < rows; i++) {
    size_t n = text[i] ? strlen(text[i]) : 0;
    if (n) memcpy((char *)c->data + at, text[i], n);
    if (text[i]) column_set_valid(c, i);
    at += (int64_t)n;
    c->offsets[i + 1] = at;
  }
  return c;
}

keys *keys_new(uint64_t rows) {
  keys *k = g_new0(keys, 1);
  k->refs = 1;
  k->rows = rows;
  k->key = g_new0(uint64_t, rows ? rows : 1);
  return k;
}

keys *keys_ref(keys *k) {
  if (k) g_atomic_int_inc(&k->refs);
  return k;
}

void keys_unref(keys *k) {
  if (!k || !g_atomic_int_dec_and_test(&k->refs)) return;
  g_free(k->key);
  g_free(k);
}

static void unref_column(void *c) { column_unref(c); }

clio_table *table_new(clio_row_kind kind, uint64_t rows) {
  clio_table *t = g_new0(clio_table, 1);
  t->refs = 1;
  t->kind = kind;
  t->rows = rows;
  t->columns = g_ptr_array_new_with_free_func(unref_column);
  return t;
}

clio_table *table_ref(const clio_table *t) {
  clio_table *mine = (clio_table *)t;
  if (mine) g_atomic_int_inc(&mine->refs);
  return mine;
}

void table_unref(const clio_table *t) {
  clio_table *mine = (clio_table *)t;
  if (!mine || !g_atomic_int_dec_and_test(&mine->refs)) return;
  g_ptr_array_free(mine->columns, TRUE);
  keys_unref(mine->keys);
  table_unref(mine->full);
  g_free(mine);
}

int32_t table_find(const clio_table *t, const char *name) {
  for (guint i = 0; i < t->columns->len; i++) {
    const column *c = t->columns->pdata[i];
    if (!strcmp(c->name, name)) return (int32_t)i;
  }
  return -1;
}

column *table_column(const clio_table *t, const char *name) {
  int32_t i = table_find(t, name);
  return i < 0 ? NULL : t->columns->pdata[i];
}

void table_take_column(clio_table *t, column *c) {
  int32_t i = table_find(t, c->name);
  if (i < 0) {
    g_ptr_array_add(t->columns, c);
    return;
  }
  column_unref(t->columns->pdata[i]);
  t->columns->pdata[i] = c;
}

clio_table *table_project(const clio_table *t, const char *const *names, size_t count) {
  clio_table *p = table_new(t->kind, t->rows);
  p->keys = keys_ref(t->keys);
  p->full = table_ref(t);
  for (size_t i = 0; i < count; i++) {
    column *c = table_column(t, names[i]);
    if (c && table_find(p, names[i]) < 0) table_take_column(p, column_ref(c));
  }
  return p;
}

clio_table *table_keep(const clio_table *t, const char *const *names, size_t count) {
  clio_table *p = table_project(t, names, count);
  table_unref(p->full);
  p->full = NULL;
  return p;
}

void bundle_clear(bundle *b) {
  for (int k = 0; k < ROW_KINDS; k++) {
    table_unref(b->table[k]);
    b->table[k] = NULL;
  }
}

void bundle_copy(bundle *to, const bundle *from) {
  for (int k = 0; k < ROW_KINDS; k++) to->table[k] = table_ref(from->table[k]);
}

void bundle_take(bundle *b, clio_table *t) {
  table_unref(b->table[t->kind]);
  b->table[t->kind] = t;
}

clio_status bundle_merge(bundle *to, const bundle *from, memory *m, error *e) {
  for (int k = 0; k < ROW_KINDS; k++) {
    clio_table *a = to->table[k], *b = from->table[k];
    if (!b || a == b) continue;
    if (!a) {
      to->table[k] = table_ref(b);
      continue;
    }
    bool join = k == CLIO_ROWS_CONVERSATION;
    clio_table *both = join ? table_join(a, b, m) : table_concat(a, b, m);
    if (!both)
      return error_set(e, CLIO_E_NOMEM, "no memory to merge two %s tables",
                       row_kind_name((clio_row_kind)k));
    table_unref(a);
    to->table[k] = both;
  }
  return CLIO_OK;
}
