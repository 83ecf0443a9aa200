/* store.h - a run's private folder (OUT/private): what earlier runs made and the
 * next one may take again.
 *
 * An *entry* is what one cache key stands for: the tables a step made, as column
 * files, with the counts that account for its rows. It is in the catalogue
 * (SQLite) whole, written, synced and checksummed, or not at all; a folder that
 * the catalogue does not name is removed when the store is opened. RAW columns
 * never come here. One process at a time; one thread at a time. */
#ifndef CLIO_CORE_STORE_H
#define CLIO_CORE_STORE_H
#include "cache_key.h"
#include "roll.h"
#include "schema.h"
#include "table.h"

typedef struct store store;

/* Opens OUT/private (0700), locked against a second process. `fresh`: empties it. */
clio_status store_open(const char *out, bool fresh, store **ret, error *e);
void store_close(store *s);

/* Empties it: what was refused leaves no summaries behind. */
clio_status store_forget(store *s, error *e);

/* Removes every entry that was neither taken nor made since store_open. */
clio_status store_prune(store *s, error *e);

/* Had the catalogue any entry when it was opened? */
bool store_was_used(const store *s);

/* ---- an entry being made (entry.c) ---- */

typedef struct entry entry;

/* Begins the entry of `key` (hex), in place of what was there under that key. */
clio_status entry_new(store *s, const char *key, entry **ret, error *e);

/* Ends it; what was not committed is removed. Takes NULL. */
void entry_free(entry *en);

/* Writes the hidden keys and the named columns of a table; those that it lacks are
 * passed over. One table of each row kind. */
clio_status entry_put_table(entry *en, const clio_table *t, const char *const *names, size_t count,
                            error *e);

/* A number to be given back with the entry: `name` of the stage with that id. */
void entry_put_count(entry *en, const char *stage, const char *name, int64_t value);

/* A condition beside the key: the entry counts only while `name` has this value. */
void entry_put_need(entry *en, const char *name, const char *value);

/* What a stage's result rests on, to name the difference next time. */
void entry_put_parts(entry *en, const char *stage, const cache_key *parts);

/* Enters them all in one transaction; with `accounts`, that too, under `roll_key`. */
clio_status entries_commit(store *s, entry *const *entries, size_t count, const roll *accounts,
                           const char *roll_key, error *e);

/* ---- an entry of an earlier run (entry_load.c) ---- */

typedef struct stored {
  clio_table *table[ROW_KINDS]; /* mapped; those of conversations with their keys */
  GHashTable *counts;           /* "stage name" -> int64_t* */
} stored;

/* *ret = NULL: there is none of that key; one that is damaged is removed, and
 * *ret_damaged says so. */
clio_status entry_load(store *s, const char *key, stored **ret, bool *ret_damaged, error *e);
void stored_free(stored *st);
int64_t stored_count(const stored *st, const char *stage, const char *name);

/* Calls fn for each condition of an entry until it returns false; that result. */
bool entry_needs(store *s, const char *key, bool (*fn)(void *ctx, const char *name, const char *v),
                 void *ctx);

/* What was last known of a stage, name -> value; NULL: nothing. */
GHashTable *store_parts(store *s, const char *stage);

/* Fills an empty roll with the one kept under that key; false: it is not there. */
bool store_load_roll(store *s, const char *roll_key, roll *ret);

/* ---- a conversations table being written, batch by batch (spool.c) ---- */

typedef struct spool spool;

/* `names`: the columns of each appended table that are kept, besides the hidden
 * keys; those the plan lacks are passed over. */
clio_status spool_new(entry *en, const schema *columns, const char *const *names, size_t count,
                      spool **ret, error *e);

/* Appends a batch. Not thread-safe: called in commit order. */
clio_status spool_append(spool *sp, const clio_table *t, error *e);

/* Ends it: files written and synced into the entry; returns the table, mapped.
 * Consumes the spool. */
clio_status spool_seal(spool *sp, clio_table **ret, error *e);
void spool_free(spool *sp);

/* ---- small things kept beside the entries (store.c) ---- */

/* An exact count of the last run. */
clio_status store_put_count(store *s, const char *name, int64_t value, error *e);
int64_t store_count(store *s, const char *name);

/* A remembered text by name; NULL: none. New string. */
clio_status store_put_note(store *s, const char *name, const char *value, error *e);
char *store_note(store *s, const char *name);

/* The SHA-256 of a file by what stat says of it: *ret = NULL when it is not known
 * to be the same file as then. */
char *store_known_file(store *s, const char *path, const char *stamp);
void store_know_file(store *s, const char *path, const char *stamp, const char *sha256);
#endif
