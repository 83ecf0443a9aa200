/* entry_load.c - entries of earlier runs, checked and mapped; see store.h. */
#include <string.h>

#include "column_file.h"
#include "store_parts.h"

static clio_row_kind kind_of(const char *name) {
  for (int k = 0; k < ROW_KINDS; k++)
    if (!strcmp(row_kind_name((clio_row_kind)k), name)) return (clio_row_kind)k;
  return CLIO_ROWS_NONE;
}

void stored_free(stored *st) {
  if (!st) return;
  for (int k = 0; k < ROW_KINDS; k++) table_unref(st->table[k]);
  g_hash_table_unref(st->counts);
  g_free(st);
}

int64_t stored_count(const stored *st, const char *stage, const char *name) {
  g_autofree char *full = g_strdup_printf("%s %s", stage, name);
  const int64_t *n = g_hash_table_lookup(st->counts, full);
  return n ? *n : 0;
}

/* ---- reading ---- */

static bool load_counts(store *s, const char *key, stored *st) {
  bool failed;
  sqlite3_stmt *stmt =
      db_query(s->db, "SELECT stage, name, value FROM entry_counts WHERE key=?", "s", key);
  while (db_next(stmt, &failed)) {
    int64_t *n = g_new(int64_t, 1);
    *n = sqlite3_column_int64(stmt, 2);
    char *full = g_strdup_printf("%s %s", db_text(stmt, 0), db_text(stmt, 1));
    g_hash_table_insert(st->counts, full, n);
  }
  sqlite3_finalize(stmt);
  return !failed;
}

static bool load_tables(store *s, const char *key, stored *st) {
  bool failed, ok = true;
  sqlite3_stmt *stmt = db_query(s->db, "SELECT kind, rows FROM tables WHERE key=?", "s", key);
  while (db_next(stmt, &failed)) {
    clio_row_kind kind = kind_of(db_text(stmt, 0));
    int64_t rows = sqlite3_column_int64(stmt, 1);
    ok = ok && kind != CLIO_ROWS_NONE && rows >= 0 && !st->table[kind];
    if (ok) st->table[kind] = table_new(kind, (uint64_t)rows);
  }
  sqlite3_finalize(stmt);
  return ok && !failed;
}

/* The hidden keys, which must rise. */
static bool take_keys(clio_table *t, column *c) {
  bool ok = c->type == CLIO_T_I64 && !t->keys;
  if (ok) {
    t->keys = keys_new(t->rows);
    if (t->rows) memcpy(t->keys->key, c->data, t->rows * sizeof(uint64_t));
  }
  for (uint64_t i = 1; ok && i < t->rows; i++) ok = t->keys->key[i] > t->keys->key[i - 1];
  column_unref(c);
  return ok;
}

static bool load_column(const char *dir, stored *st, sqlite3_stmt *stmt, error *e) {
  clio_row_kind kind = kind_of(db_text(stmt, 0));
  const char *name = db_text(stmt, 1);
  clio_table *t = st->table[kind];
  if (!t) return false;
  g_autofree char *path = store_column_path(dir, kind, name);
  column *c = NULL;
  if (column_file_map(path, name, db_text(stmt, 2), &c, e) != CLIO_OK) return false;
  if (c->rows != t->rows) {
    column_unref(c);
    return false;
  }
  if (!strcmp(name, store_keys_name)) return take_keys(t, c);
  table_take_column(t, c);
  return true;
}

static bool load_columns(store *s, const char *key, stored *st) {
  g_autofree char *dir = g_build_filename(s->tables, key, NULL);
  bool failed, ok = true;
  error e = {0};
  sqlite3_stmt *stmt = db_query(
      s->db, "SELECT kind, name, sha256 FROM columns WHERE key=? ORDER BY rowid", "s", key);
  while (db_next(stmt, &failed)) ok = ok && load_column(dir, st, stmt, &e);
  sqlite3_finalize(stmt);
  const clio_table *rows = st->table[CLIO_ROWS_CONVERSATION];
  return ok && !failed && (!rows || rows->keys);
}

static bool is_there(store *s, const char *key, bool *ret_failed) {
  sqlite3_stmt *stmt = db_query(s->db, "SELECT 1 FROM entries WHERE key=?", "s", key);
  bool there = db_next(stmt, ret_failed);
  sqlite3_finalize(stmt);
  return there;
}

clio_status entry_load(store *s, const char *key, stored **ret, bool *ret_damaged, error *e) {
  bool failed;
  *ret = NULL;
  *ret_damaged = false;
  if (!is_there(s, key, &failed))
    return failed ? store_db_error(s, "look up an entry", e) : CLIO_OK;
  stored *st = g_new0(stored, 1);
  st->counts = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
  if (load_counts(s, key, st) && load_tables(s, key, st) && load_columns(s, key, st)) {
    g_hash_table_add(s->used, g_strdup(key));
    *ret = st;
    return CLIO_OK;
  }
  stored_free(st);
  *ret_damaged = true;
  return store_remove_entry(s, key, e);
}

bool entry_needs(store *s, const char *key, bool (*fn)(void *ctx, const char *name, const char *v),
                 void *ctx) {
  bool failed, ok = true;
  sqlite3_stmt *stmt =
      db_query(s->db, "SELECT name, value FROM needs WHERE key=? ORDER BY name", "s", key);
  while (ok && db_next(stmt, &failed)) ok = fn(ctx, db_text(stmt, 0), db_text(stmt, 1));
  sqlite3_finalize(stmt);
  return ok && !failed;
}

GHashTable *store_parts(store *s, const char *stage) {
  GHashTable *parts = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
  bool failed;
  sqlite3_stmt *stmt = db_query(s->db, "SELECT name, value FROM parts WHERE stage=?", "s", stage);
  while (db_next(stmt, &failed))
    g_hash_table_insert(parts, g_strdup(db_text(stmt, 0)), g_strdup(db_text(stmt, 1)));
  sqlite3_finalize(stmt);
  if (g_hash_table_size(parts)) return parts;
  g_hash_table_unref(parts);
  return NULL;
}

/* ---- the roll ---- */

static int64_t number_or(sqlite3_stmt *stmt, int at, int64_t absent) {
  bool null = sqlite3_column_type(stmt, at) == SQLITE_NULL;
  return null ? absent : sqlite3_column_int64(stmt, at);
}

static bool read_roll(store *s, roll *to) {
  bool failed, ok = true;
  sqlite3_stmt *stmt =
      db_query(s->db, "SELECT key, account, org, time, cap_key FROM roll ORDER BY key", "");
  while (db_next(stmt, &failed)) {
    roll_entry one = {.key = (uint64_t)sqlite3_column_int64(stmt, 0),
                      .account = number_or(stmt, 1, -1),
                      .org = number_or(stmt, 2, -1),
                      .time = number_or(stmt, 3, INT64_MIN),
                      .cap_key = (uint64_t)sqlite3_column_int64(stmt, 4)};
    ok = ok && roll_append(to, &one, 1);
  }
  sqlite3_finalize(stmt);
  return ok && !failed;
}

bool store_load_roll(store *s, const char *roll_key, roll *ret) {
  g_autofree char *key = store_note(s, "roll key"), *content = store_note(s, "roll content");
  if (!key || !content || strcmp(key, roll_key) != 0) return false;
  roll *mine = roll_new(NULL);
  g_autofree char *found = read_roll(s, mine) ? roll_content(mine) : NULL;
  bool ok = found && strcmp(found, content) == 0;
  if (ok) ok = roll_append(ret, roll_count(mine) ? roll_at(mine, 0) : NULL, roll_count(mine));
  roll_free(mine);
  return ok;
}
