/* entry.c - entries being made: files first, then one transaction; see store.h. */
#include <errno.h>
#include <string.h>

#include "column_file.h"
#include "store_parts.h"
#include "util.h"

static void clear_column(void *p) { g_free(((entry_column *)p)->name); }

clio_status entry_new(store *s, const char *key, entry **ret, error *e) {
  clio_status r = store_remove_entry(s, key, e);
  if (r != CLIO_OK) return r;
  entry *en = g_new0(entry, 1);
  en->s = s;
  en->key = g_strdup(key);
  en->dir = g_build_filename(s->tables, key, NULL);
  en->columns = g_array_new(FALSE, TRUE, sizeof(entry_column));
  g_array_set_clear_func(en->columns, clear_column);
  en->counts = g_ptr_array_new_with_free_func(g_free);
  en->needs = g_ptr_array_new_with_free_func(g_free);
  en->parts = g_ptr_array_new_with_free_func(g_free);
  r = make_dir(en->dir, 0700, e);
  if (r == CLIO_OK)
    *ret = en;
  else
    entry_free(en);
  return r;
}

void entry_free(entry *en) {
  if (!en) return;
  error ignored = {0};
  if (!en->committed) remove_tree(en->dir, &ignored);
  g_array_free(en->columns, TRUE);
  g_ptr_array_free(en->counts, TRUE);
  g_ptr_array_free(en->needs, TRUE);
  g_ptr_array_free(en->parts, TRUE);
  g_free(en->key);
  g_free(en->dir);
  g_free(en);
}

/* ---- filling ---- */

void entry_note_column(entry *en, clio_row_kind kind, const char *name, const column *c,
                       const char *class, uint64_t bytes) {
  entry_column ec = {.kind = kind,
                     .name = g_strdup(name),
                     .type = c->type,
                     .dim = c->dim,
                     .class = class,
                     .bytes = bytes};
  memcpy(ec.sha256, c->sha256, sizeof ec.sha256);
  g_array_append_val(en->columns, ec);
}

static clio_status put_column(entry *en, clio_row_kind kind, const char *name, column *c,
                              const char *class, error *e) {
  g_autofree char *path = store_column_path(en->dir, kind, name);
  clio_status r = column_file_write(path, c, e);
  if (r == CLIO_OK) entry_note_column(en, kind, name, c, class, 0);
  return r;
}

static clio_status put_keys(entry *en, const keys *k, error *e) {
  column c = {.type = CLIO_T_I64, .rows = k->rows, .data = k->key};
  return put_column(en, CLIO_ROWS_CONVERSATION, store_keys_name, &c, "HOST", e);
}

clio_status entry_put_table(entry *en, const clio_table *t, const char *const *names, size_t count,
                            error *e) {
  if (en->has[t->kind])
    return error_set(e, CLIO_E_INTERNAL, "two tables of %s in one entry", row_kind_name(t->kind));
  en->has[t->kind] = true;
  en->rows[t->kind] = t->rows;
  const char *class = t->kind == CLIO_ROWS_CONVERSATION ? "DERIVED" : "GROUPED";
  clio_status r = t->keys ? put_keys(en, t->keys, e) : CLIO_OK;
  for (size_t i = 0; i < count && r == CLIO_OK; i++) {
    column *c = table_column(t, names[i]);
    if (c) r = put_column(en, t->kind, names[i], c, class, e);
  }
  return r;
}

static void put_text(GPtrArray *list, const char *text) { g_ptr_array_add(list, g_strdup(text)); }

void entry_put_count(entry *en, const char *stage, const char *name, int64_t value) {
  put_text(en->counts, stage);
  put_text(en->counts, name);
  g_ptr_array_add(en->counts, g_strdup_printf("%" G_GINT64_FORMAT, value));
}

void entry_put_need(entry *en, const char *name, const char *value) {
  put_text(en->needs, name);
  put_text(en->needs, value);
}

void entry_put_parts(entry *en, const char *stage, const cache_key *parts) {
  for (size_t i = 0; i < cache_key_count(parts); i++) {
    put_text(en->parts, stage);
    put_text(en->parts, cache_key_name(parts, i));
    put_text(en->parts, cache_key_value(parts, i));
  }
}

/* ---- entering ---- */

static bool enter_tables(const entry *en) {
  sqlite3 *db = en->s->db;
  bool ok = db_run(db, "INSERT INTO entries VALUES(?)", "s", en->key);
  for (int k = 0; k < ROW_KINDS && ok; k++)
    if (en->has[k])
      ok = db_run(db, "INSERT INTO tables VALUES(?,?,?)", "ssi", en->key,
                  row_kind_name((clio_row_kind)k), (int64_t)en->rows[k]);
  for (guint i = 0; i < en->columns->len && ok; i++) {
    const entry_column *c = &g_array_index(en->columns, entry_column, i);
    ok = db_run(db, "INSERT INTO columns VALUES(?,?,?,?,?,?,?,?)", "ssssisis", en->key,
                row_kind_name(c->kind), c->name, type_name(c->type), (int64_t)c->dim, c->class,
                (int64_t)c->bytes, c->sha256);
  }
  return ok;
}

static bool enter_texts(const entry *en) {
  sqlite3 *db = en->s->db;
  bool ok = true;
  for (guint i = 0; i < en->counts->len && ok; i += 3)
    ok = db_run(db, "INSERT OR REPLACE INTO entry_counts VALUES(?,?,?,?)", "sssi", en->key,
                en->counts->pdata[i], en->counts->pdata[i + 1],
                g_ascii_strtoll(en->counts->pdata[i + 2], NULL, 10));
  for (guint i = 0; i < en->needs->len && ok; i += 2)
    ok = db_run(db, "INSERT OR REPLACE INTO needs VALUES(?,?,?)", "sss", en->key,
                en->needs->pdata[i], en->needs->pdata[i + 1]);
  for (guint i = 0; i < en->parts->len && ok; i += 3)
    ok = db_run(db, "DELETE FROM parts WHERE stage=?", "s", en->parts->pdata[i]);
  for (guint i = 0; i < en->parts->len && ok; i += 3)
    ok = db_run(db, "INSERT OR REPLACE INTO parts VALUES(?,?,?)", "sss", en->parts->pdata[i],
                en->parts->pdata[i + 1], en->parts->pdata[i + 2]);
  return ok;
}

static bool put_roll_entry(sqlite3_stmt *stmt, const roll_entry *one) {
  sqlite3_bind_int64(stmt, 1, (sqlite3_int64)one->key);
  if (one->account >= 0) sqlite3_bind_int64(stmt, 2, one->account);
  if (one->org >= 0) sqlite3_bind_int64(stmt, 3, one->org);
  if (one->time != INT64_MIN) sqlite3_bind_int64(stmt, 4, one->time);
  sqlite3_bind_int64(stmt, 5, (sqlite3_int64)one->cap_key);
  bool ok = sqlite3_step(stmt) == SQLITE_DONE;
  sqlite3_reset(stmt);
  sqlite3_clear_bindings(stmt);
  return ok;
}

/* The roll, its name and its checksum: entries of another roll's rows cannot be
 * counted any more and are removed with it when the run ends. */
static bool enter_roll(sqlite3 *db, const roll *r, const char *key) {
  g_autofree char *content = roll_content(r);
  bool ok = db_run(db, "DELETE FROM roll", "");
  sqlite3_stmt *stmt = ok ? db_query(db, "INSERT INTO roll VALUES(?,?,?,?,?)", "") : NULL;
  ok = stmt != NULL;
  for (size_t i = 0; ok && i < roll_count(r); i++) ok = put_roll_entry(stmt, roll_at(r, i));
  sqlite3_finalize(stmt);
  ok = ok && db_run(db, "INSERT OR REPLACE INTO notes VALUES('roll key',?)", "s", key);
  return ok && db_run(db, "INSERT OR REPLACE INTO notes VALUES('roll content',?)", "s", content);
}

static clio_status sync_files(store *s, entry *const *entries, size_t count, error *e) {
  clio_status r = CLIO_OK;
  for (size_t i = 0; i < count && r == CLIO_OK; i++) r = sync_dir(entries[i]->dir, e);
  return r == CLIO_OK ? sync_dir(s->tables, e) : r;
}

clio_status entries_commit(store *s, entry *const *entries, size_t count, const roll *accounts,
                           const char *roll_key, error *e) {
  clio_status r = sync_files(s, entries, count, e);
  if (r != CLIO_OK) return r;
  bool ok = db_script(s->db, "BEGIN IMMEDIATE");
  for (size_t i = 0; i < count && ok; i++) ok = enter_tables(entries[i]) && enter_texts(entries[i]);
  if (ok && accounts) ok = enter_roll(s->db, accounts, roll_key);
  if (!ok || !db_script(s->db, "COMMIT")) {
    r = store_db_error(s, "enter tables", e);
    db_script(s->db, "ROLLBACK");
    return r;
  }
  for (size_t i = 0; i < count; i++) {
    entries[i]->committed = true;
    g_hash_table_add(s->used, g_strdup(entries[i]->key));
  }
  return CLIO_OK;
}
