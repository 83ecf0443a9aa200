/* store_parts.h - what the files of the store share: the store and an entry being
 * made. Nobody else includes it. */
#ifndef CLIO_CORE_STORE_PARTS_H
#define CLIO_CORE_STORE_PARTS_H
#include "db.h"
#include "sha256.h"
#include "store.h"

struct store {
  char *dir, *tables; /* OUT/private, OUT/private/tables */
  sqlite3 *db;
  int lock;
  bool was_used;
  GHashTable *used; /* keys of entries that this run took or made */
};

/* A column of an entry: its row in the catalogue. */
typedef struct entry_column {
  clio_row_kind kind;
  char *name;
  clio_type type;
  uint32_t dim;
  const char *class; /* static */
  uint64_t bytes;
  char sha256[SHA256_HEX];
} entry_column;

struct entry {
  store *s;
  char *key, *dir;
  bool has[ROW_KINDS], committed;
  uint64_t rows[ROW_KINDS];
  GArray *columns;   /* entry_column */
  GPtrArray *counts; /* char*: stage, name, value by threes */
  GPtrArray *needs;  /* char*: name, value by twos */
  GPtrArray *parts;  /* char*: stage, name, value by threes */
};

/* What the hidden keys are called among columns; no column can be named so. */
extern const char store_keys_name[];

/* Where a column lies in an entry's folder: COLUMN for conversations, else KIND.COLUMN
 * (so that no name leads out of it). New string. */
char *store_column_path(const char *dir, clio_row_kind kind, const char *name);

/* The error of the catalogue; the cure is in it. */
clio_status store_db_error(const store *s, const char *what, error *e);

/* Removes an entry from the catalogue, then its folder. */
clio_status store_remove_entry(store *s, const char *key, error *e);

/* Notes a written column. */
void entry_note_column(entry *en, clio_row_kind kind, const char *name, const column *c,
                       const char *class, uint64_t bytes);
#endif
