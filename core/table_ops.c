/* table_ops.c - tables made of other tables' rows: gather, join, concat. */
#include <string.h>

#include "table.h"

/* How much text and how many list items the picked rows hold. */
static void measure(const column *c, const uint64_t *pick, uint64_t rows, uint64_t *ret_bytes,
                    uint64_t *ret_items) {
  uint64_t bytes = 0, items = 0;
  if (!c->offsets) {
    *ret_bytes = *ret_items = 0;
    return;
  }
  for (uint64_t i = 0; i < rows; i++) {
    int64_t from = c->offsets[pick[i]], to = c->offsets[pick[i] + 1];
    if (c->type == CLIO_T_UTF8) {
      bytes += (uint64_t)(to - from);
    } else {
      items += (uint64_t)(to - from);
      bytes += (uint64_t)(c->items[to] - c->items[from]);
    }
  }
  *ret_bytes = bytes;
  *ret_items = items;
}

/* Where the next text byte and list item of a column being filled go. */
typedef struct fill {
  int64_t bytes, items;
} fill;

static void copy_list(column *to, uint64_t at, const column *from, uint64_t row, fill *f) {
  for (int64_t i = from->offsets[row]; i < from->offsets[row + 1]; i++) {
    int64_t n = from->items[i + 1] - from->items[i];
    memcpy((char *)to->data + f->bytes, (const char *)from->data + from->items[i], (size_t)n);
    f->bytes += n;
    to->items[++f->items] = f->bytes;
  }
  to->offsets[at + 1] = f->items;
}

static void copy_cell(column *to, uint64_t at, const column *from, uint64_t row, fill *f) {
  if (to->valid && !column_is_null(from, row)) column_set_valid(to, at);
  if (from->type == CLIO_T_LIST) {
    copy_list(to, at, from, row, f);
  } else if (from->type == CLIO_T_UTF8) {
    int64_t start = from->offsets[row], n = from->offsets[row + 1] - start;
    memcpy((char *)to->data + f->bytes, (const char *)from->data + start, (size_t)n);
    f->bytes += n;
    to->offsets[at + 1] = f->bytes;
  } else {
    size_t width = type_width(from->type, from->dim);
    memcpy((char *)to->data + at * width, (const char *)from->data + row * width, width);
  }
}

static column *gather_column(const column *c, const uint64_t *pick, uint64_t rows, memory *m) {
  uint64_t bytes, items;
  measure(c, pick, rows, &bytes, &items);
  column *to = column_new(c->name, c->type, c->dim, rows, bytes, items, c->valid != NULL, m);
  fill f = {0, 0};
  for (uint64_t i = 0; to && i < rows; i++) copy_cell(to, i, c, pick[i], &f);
  return to;
}

clio_table *table_gather(const clio_table *t, const uint64_t *pick, uint64_t rows, memory *m) {
  clio_table *to = table_new(t->kind, rows);
  for (guint i = 0; i < t->columns->len; i++) {
    column *c = gather_column(t->columns->pdata[i], pick, rows, m);
    if (!c) {
      table_unref(to);
      return NULL;
    }
    table_take_column(to, c);
  }
  if (t->keys) {
    to->keys = keys_new(rows);
    for (uint64_t i = 0; i < rows; i++) to->keys->key[i] = t->keys->key[pick[i]];
  }
  return to;
}

clio_table *table_slice(const clio_table *t, uint64_t first, uint64_t rows, memory *m) {
  uint64_t *pick = g_new(uint64_t, rows ? rows : 1);
  for (uint64_t i = 0; i < rows; i++) pick[i] = first + i;
  clio_table *to = table_gather(t, pick, rows, m);
  g_free(pick);
  return to;
}

/* The rows of a and of b that hold the same keys. */
static uint64_t match_keys(const keys *a, const keys *b, uint64_t *pick_a, uint64_t *pick_b) {
  uint64_t n = 0;
  for (uint64_t i = 0, j = 0; i < a->rows && j < b->rows;) {
    if (a->key[i] < b->key[j]) {
      i++;
    } else if (a->key[i] > b->key[j]) {
      j++;
    } else {
      pick_a[n] = i++;
      pick_b[n++] = j++;
    }
  }
  return n;
}

static clio_table *gather_or_share(const clio_table *t, const uint64_t *pick, uint64_t rows,
                                   memory *m) {
  if (rows != t->rows) return table_gather(t, pick, rows, m);
  clio_table *same = table_new(t->kind, rows);
  same->keys = keys_ref(t->keys);
  for (guint i = 0; i < t->columns->len; i++)
    table_take_column(same, column_ref(t->columns->pdata[i]));
  return same;
}

clio_table *table_join(const clio_table *a, const clio_table *b, memory *m) {
  uint64_t most = a->rows < b->rows ? a->rows : b->rows;
  uint64_t *pick_a = g_new(uint64_t, most + 1), *pick_b = g_new(uint64_t, most + 1);
  uint64_t rows = match_keys(a->keys, b->keys, pick_a, pick_b);
  clio_table *left = gather_or_share(a, pick_a, rows, m);
  clio_table *right = left ? gather_or_share(b, pick_b, rows, m) : NULL;
  g_free(pick_a);
  g_free(pick_b);
  if (!right) {
    table_unref(left);
    return NULL;
  }
  for (guint i = 0; i < right->columns->len; i++) {
    column *c = right->columns->pdata[i];
    if (table_find(left, c->name) < 0) table_take_column(left, column_ref(c));
  }
  table_unref(right);
  return left;
}

/* One column of two tables, one below the other; either may be NULL (null). */
static column *concat_column(const column *a, uint64_t rows_a, const column *b, uint64_t rows_b,
                             memory *m) {
  const column *model = a ? a : b;
  uint64_t bytes = 0, items = 0;
  const column *part[2] = {a, b};
  uint64_t rows[2] = {rows_a, rows_b};
  for (int i = 0; i < 2; i++) {
    if (!part[i] || !part[i]->offsets) continue;
    int64_t end = part[i]->offsets[rows[i]];
    items += part[i]->items ? (uint64_t)end : 0;
    bytes += (uint64_t)(part[i]->items ? part[i]->items[end] : end);
  }
  bool nullable = !a || !b || a->valid || b->valid;
  column *to =
      column_new(model->name, model->type, model->dim, rows_a + rows_b, bytes, items, nullable, m);
  fill f = {0, 0};
  uint64_t at = 0;
  for (int i = 0; to && i < 2; i++)
    for (uint64_t row = 0; row < rows[i]; row++, at++) {
      if (part[i])
        copy_cell(to, at, part[i], row, &f);
      else if (to->offsets)
        to->offsets[at + 1] = to->offsets[at];
    }
  return to;
}

clio_table *table_concat(const clio_table *a, const clio_table *b, memory *m) {
  clio_table *to = table_new(a->kind, a->rows + b->rows);
  const clio_table *side[2] = {a, b};
  for (int s = 0; s < 2; s++)
    for (guint i = 0; i < side[s]->columns->len; i++) {
      const column *c = side[s]->columns->pdata[i];
      if (table_find(to, c->name) >= 0) continue;
      column *both =
          concat_column(table_column(a, c->name), a->rows, table_column(b, c->name), b->rows, m);
      if (!both) {
        table_unref(to);
        return NULL;
      }
      table_take_column(to, both);
    }
  return to;
}
