/* store.h - a run's private folder: column files, and their catalogue in
 * SQLite. A table is in the catalogue whole (written, synced, checksummed) or
 * not at all. RAW columns never come here. */
#ifndef CLIO_CORE_STORE_H
#define CLIO_CORE_STORE_H
#include "roll.h"
#include "schema.h"
#include "table.h"

typedef struct store store;

/* Opens OUT/private (0700), empty, locked against a second process. */
clio_status store_open(const char *out, store **ret, error *e);
void store_close(store *s);

/* Removes the column files: what was refused leaves no summaries behind. */
clio_status store_forget(store *s, error *e);

/* A conversations table being written, batch by batch. */
typedef struct spool spool;

/* `names`: the columns of each appended table that are kept, besides the hidden
 * keys. `stage` labels it in the catalogue, `key` is its name there. */
clio_status spool_new(store *s, const char *stage, const char *key, const schema *columns,
                      const char *const *names, size_t count, spool **ret, error *e);

/* Appends a batch. Not thread-safe: called in commit order. */
clio_status spool_append(spool *sp, const clio_table *t, error *e);

/* Ends it: files written, synced, in the catalogue; returns the table, mapped.
 * Consumes the spool. */
clio_status spool_seal(spool *sp, clio_table **ret, error *e);
void spool_free(spool *sp);

/* Writes the roll and exact counts. */
clio_status store_put_roll(store *s, const roll *r, error *e);
clio_status store_put_count(store *s, const char *name, int64_t value, error *e);
#endif
