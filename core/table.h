/* table.h - immutable, refcounted tables of columns in Arrow's layout.
 *
 * A column's buffers are 64-byte aligned and either owned or mapped from a
 * column file. Tables share columns. A conversations table also carries the
 * rows' hidden keys, which no plugin can see. All [any] once built. */
#ifndef CLIO_CORE_TABLE_H
#define CLIO_CORE_TABLE_H
#include <glib.h>
#include <stdbool.h>

#include "clio.h"
#include "error.h"

/* How many row kinds there are, for arrays by kind. */
enum { ROW_KINDS = CLIO_ROWS_RUN + 1 };
const char *row_kind_name(clio_row_kind kind);
const char *type_name(clio_type type);

/* Bytes that count against --max-memory. One for a run. */
typedef struct memory {
  gint64 used, limit; /* limit 0: none; used through atomics */
} memory;

/* One column. `data` of VEC: float[rows][dim]; BOOL: uint8_t; see clio_view. */
typedef struct column {
  gint refs;
  char *name;
  clio_type type;
  uint32_t dim;
  uint64_t rows;
  uint8_t *valid;
  int64_t *offsets, *items;
  void *data;
  uint64_t bytes; /* charged to `memory` */
  memory *memory; /* or NULL */
  void *map;      /* base of the mapped column file, or NULL: buffers are owned */
  size_t map_size;
  char sha256[65]; /* of its content (column_file.h); empty: not computed yet */
} column;

/* A column with zeroed buffers: `data_bytes` of text for UTF8 and LIST, `items`
 * list items for LIST; a validity bitmap (all zero: null) when `nullable`.
 * NULL: out of memory. */
column *column_new(const char *name, clio_type type, uint32_t dim, uint64_t rows,
                   uint64_t data_bytes, uint64_t items, bool nullable, memory *m);

column *column_ref(column *c);
void column_unref(column *c);
bool column_is_null(const column *c, uint64_t row);

/* A UTF8 cell's bytes; NULL where null. */
const char *column_text(const column *c, uint64_t row, int64_t *ret_len);

/* A text cell copied, or NULL where it is null, `c` is NULL or no text column. */
char *column_copy(const column *c, uint64_t row);

/* A text column of `rows` NUL-ended strings; NULL ones are null. NULL: no memory. */
column *column_of_texts(const char *name, const char *const *text, uint64_t rows, memory *m);

static inline void column_set_valid(column *c, uint64_t row) {
  c->valid[row >> 3] |= (uint8_t)(1u << (row & 7));
}

/* Bytes of a fixed-width cell; 0 for UTF8 and LIST. */
size_t type_width(clio_type type, uint32_t dim);

/* Zeroed, 64-byte aligned; NULL when past the limit or out of memory. Frees
 * take the size back. */
void *memory_alloc(memory *m, uint64_t bytes);

/* Counts `bytes` that are allocated elsewhere (less than 0: given back). False:
 * that would be past the limit, and nothing was counted. */
bool memory_charge(memory *m, int64_t bytes);
void memory_free(memory *m, void *p, uint64_t bytes);

/* The hidden keys of a conversations table, strictly increasing. */
typedef struct keys {
  gint refs;
  uint64_t rows;
  uint64_t *key;
} keys;
keys *keys_new(uint64_t rows);
keys *keys_ref(keys *k);
void keys_unref(keys *k);

struct clio_table {
  gint refs;
  clio_row_kind kind;
  uint64_t rows;
  GPtrArray *columns; /* column* */
  keys *keys;         /* conversations only */
  clio_table *full;   /* a projection's whole table, or NULL */
};

clio_table *table_new(clio_row_kind kind, uint64_t rows);
clio_table *table_ref(const clio_table *t);
void table_unref(const clio_table *t);

/* Puts a column into a table that nobody else holds yet, taking its reference;
 * one of the same name is replaced in place. */
void table_take_column(clio_table *t, column *c);

column *table_column(const clio_table *t, const char *name);
int32_t table_find(const clio_table *t, const char *name);

/* What a stage is handed: only the named columns, `full` remembered. */
clio_table *table_project(const clio_table *t, const char *const *names, size_t count);

/* The same rows with only the named columns, nothing else remembered. */
clio_table *table_keep(const clio_table *t, const char *const *names, size_t count);

/* The rows `pick` of all columns and keys. NULL: out of memory. */
clio_table *table_gather(const clio_table *t, const uint64_t *pick, uint64_t rows, memory *m);

/* Rows first ... first + rows - 1, copied. */
clio_table *table_slice(const clio_table *t, uint64_t first, uint64_t rows, memory *m);

/* Inner join of two conversations tables on the hidden key: b's columns that a
 * lacks join a's. NULL: out of memory. */
clio_table *table_join(const clio_table *a, const clio_table *b, memory *m);

/* b's rows below a's, for the other row kinds; columns by name, those that one
 * lacks are null there. NULL: out of memory. */
clio_table *table_concat(const clio_table *a, const clio_table *b, memory *m);

/* At most one table per row kind; an edge of the graph. Holds references. */
typedef struct bundle {
  clio_table *table[ROW_KINDS];
} bundle;
void bundle_clear(bundle *b);
void bundle_copy(bundle *to, const bundle *from);
void bundle_take(bundle *b, clio_table *t);

/* Merges `from` into `to` by the rule of DESIGN section 5. */
clio_status bundle_merge(bundle *to, const bundle *from, memory *m, error *e);
#endif
