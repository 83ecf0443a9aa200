/* store.c - the private folder: its lock, its catalogue, what is removed from it;
 * see store.h. Entries are written in entry.c and read in entry_load.c. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "store_parts.h"
#include "util.h"

/* The catalogue's form; one of another form is thrown away. */
enum { CATALOGUE_VERSION = 2 };

static const char catalogue_sql[] =
    "PRAGMA journal_mode=WAL; BEGIN IMMEDIATE;"
    "CREATE TABLE IF NOT EXISTS entries(key TEXT PRIMARY KEY);"
    "CREATE TABLE IF NOT EXISTS tables(key TEXT, kind TEXT, rows INTEGER, PRIMARY KEY(key, kind));"
    "CREATE TABLE IF NOT EXISTS columns(key TEXT, kind TEXT, name TEXT, type TEXT, dim INTEGER,"
    " class TEXT, bytes INTEGER, sha256 TEXT, PRIMARY KEY(key, kind, name));"
    "CREATE TABLE IF NOT EXISTS entry_counts(key TEXT, stage TEXT, name TEXT, value INTEGER,"
    " PRIMARY KEY(key, stage, name));"
    "CREATE TABLE IF NOT EXISTS needs(key TEXT, name TEXT, value TEXT, PRIMARY KEY(key, name));"
    "CREATE TABLE IF NOT EXISTS parts(stage TEXT, name TEXT, value TEXT, PRIMARY KEY(stage, name));"
    "CREATE TABLE IF NOT EXISTS roll(key INTEGER PRIMARY KEY, account INTEGER, org INTEGER,"
    " time INTEGER, cap_key INTEGER);"
    "CREATE TABLE IF NOT EXISTS counts(name TEXT PRIMARY KEY, value INTEGER);"
    "CREATE TABLE IF NOT EXISTS notes(name TEXT PRIMARY KEY, value TEXT);"
    "CREATE TABLE IF NOT EXISTS files(path TEXT PRIMARY KEY, stamp TEXT, sha256 TEXT);"
    "PRAGMA user_version=2; COMMIT;";

static const char clear_sql[] = "BEGIN IMMEDIATE; DELETE FROM entries; DELETE FROM tables;"
                                "DELETE FROM columns; DELETE FROM entry_counts; DELETE FROM needs;"
                                "DELETE FROM parts; DELETE FROM roll; DELETE FROM counts;"
                                "DELETE FROM notes; DELETE FROM files; COMMIT;";

const char store_keys_name[] = "#keys";

clio_status store_db_error(const store *s, const char *what, error *e) {
  return error_set(e, CLIO_E_IO,
                   "cannot %s in %s/run.db: %s; see that the disk has room and can be written, or "
                   "remove %s to start anew",
                   what, s->dir, sqlite3_errmsg(s->db), s->dir);
}

char *store_column_path(const char *dir, clio_row_kind kind, const char *name) {
  bool plain = kind == CLIO_ROWS_CONVERSATION && !strchr(name, '.');
  if (plain) return g_build_filename(dir, name, NULL);
  g_autofree char *file = g_strdup_printf("%s.%s", row_kind_name(kind), name);
  return g_build_filename(dir, file, NULL);
}

/* ---- opening ---- */

static clio_status lock_dir(store *s, error *e) {
  g_autofree char *path = g_build_filename(s->dir, "lock", NULL);
  s->lock = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (s->lock < 0) return error_errno(e, CLIO_E_IO, errno, "cannot create %s", path);
  if (flock(s->lock, LOCK_EX | LOCK_NB) == 0) return CLIO_OK;
  if (errno != EWOULDBLOCK) return error_errno(e, CLIO_E_IO, errno, "cannot lock %s", path);
  return error_set(e, CLIO_E_IO, "another clio is writing to %s; wait for it or choose another -o",
                   s->dir);
}

static int64_t ask_number(store *s, const char *sql) {
  bool failed;
  sqlite3_stmt *stmt = db_query(s->db, sql, "");
  int64_t n = db_next(stmt, &failed) ? sqlite3_column_int64(stmt, 0) : 0;
  sqlite3_finalize(stmt);
  return n;
}

/* A catalogue of another clio's form is of no use; its tables go with it. */
static clio_status drop_other_form(store *s, const char *path, error *e) {
  int64_t version = ask_number(s, "PRAGMA user_version");
  bool any = ask_number(s, "SELECT count(*) FROM sqlite_master") > 0;
  if (!any || version == CATALOGUE_VERSION) return CLIO_OK;
  sqlite3_close(s->db);
  s->db = NULL;
  static const char *const ends[] = {"", "-wal", "-shm"};
  for (size_t i = 0; i < G_N_ELEMENTS(ends); i++) {
    g_autofree char *file = g_strconcat(path, ends[i], NULL);
    clio_status r = remove_tree(file, e);
    if (r != CLIO_OK) return r;
  }
  const char *why = NULL;
  s->db = db_open(path, &why);
  return s->db ? CLIO_OK : error_set(e, CLIO_E_IO, "cannot open %s: %s", path, why);
}

static clio_status open_catalogue(store *s, error *e) {
  g_autofree char *path = g_build_filename(s->dir, "run.db", NULL);
  const char *why = NULL;
  s->db = db_open(path, &why);
  if (!s->db)
    return error_set(e, CLIO_E_IO, "cannot open %s: %s; remove %s to start anew", path, why,
                     s->dir);
  clio_status r = drop_other_form(s, path, e);
  if (r == CLIO_OK && !db_script(s->db, catalogue_sql))
    r = store_db_error(s, "make the catalogue", e);
  return r;
}

/* Folders that the catalogue does not name were being written when a run ended. */
static clio_status remove_leftovers(store *s, error *e) {
  GDir *dir = g_dir_open(s->tables, 0, NULL);
  clio_status r = CLIO_OK;
  for (const char *name; dir && r == CLIO_OK && (name = g_dir_read_name(dir));) {
    bool failed;
    sqlite3_stmt *stmt = db_query(s->db, "SELECT 1 FROM entries WHERE key=?", "s", name);
    bool known = db_next(stmt, &failed);
    sqlite3_finalize(stmt);
    g_autofree char *path = g_build_filename(s->tables, name, NULL);
    if (failed) r = store_db_error(s, "look up an entry", e);
    if (!known && r == CLIO_OK) r = remove_tree(path, e);
  }
  if (dir) g_dir_close(dir);
  return r;
}

clio_status store_open(const char *out, bool fresh, store **ret, error *e) {
  store *s = g_new0(store, 1);
  s->lock = -1;
  s->dir = g_build_filename(out, "private", NULL);
  s->tables = g_build_filename(s->dir, "tables", NULL);
  s->used = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
  clio_status r = make_dir(s->dir, 0700, e);
  if (r == CLIO_OK && chmod(s->dir, 0700) != 0)
    r = error_errno(e, CLIO_E_IO, errno, "cannot protect %s", s->dir);
  if (r == CLIO_OK) r = lock_dir(s, e);
  if (r == CLIO_OK) r = make_dir(s->tables, 0700, e);
  if (r == CLIO_OK) r = open_catalogue(s, e);
  if (r == CLIO_OK) s->was_used = ask_number(s, "SELECT count(*) FROM parts") > 0;
  if (r == CLIO_OK) r = fresh ? store_forget(s, e) : remove_leftovers(s, e);
  if (r == CLIO_OK)
    *ret = s;
  else
    store_close(s);
  return r;
}

void store_close(store *s) {
  if (!s) return;
  sqlite3_close(s->db);
  if (s->lock >= 0) close(s->lock);
  if (s->used) g_hash_table_unref(s->used);
  g_free(s->dir);
  g_free(s->tables);
  g_free(s);
}

bool store_was_used(const store *s) { return s->was_used; }

/* ---- removing ---- */

clio_status store_forget(store *s, error *e) {
  if (!db_script(s->db, clear_sql)) {
    clio_status r = store_db_error(s, "clear the catalogue", e);
    db_script(s->db, "ROLLBACK");
    return r;
  }
  g_hash_table_remove_all(s->used);
  clio_status r = remove_tree(s->tables, e);
  return r == CLIO_OK ? make_dir(s->tables, 0700, e) : r;
}

clio_status store_remove_entry(store *s, const char *key, error *e) {
  static const char *const sql[] = {
      "DELETE FROM entries WHERE key=?", "DELETE FROM tables WHERE key=?",
      "DELETE FROM columns WHERE key=?", "DELETE FROM entry_counts WHERE key=?",
      "DELETE FROM needs WHERE key=?"};
  bool ok = db_script(s->db, "BEGIN IMMEDIATE");
  for (size_t i = 0; ok && i < G_N_ELEMENTS(sql); i++) ok = db_run(s->db, sql[i], "s", key);
  if (!ok || !db_script(s->db, "COMMIT")) {
    clio_status r = store_db_error(s, "remove an entry", e);
    db_script(s->db, "ROLLBACK");
    return r;
  }
  g_autofree char *dir = g_build_filename(s->tables, key, NULL);
  return remove_tree(dir, e);
}

clio_status store_prune(store *s, error *e) {
  GPtrArray *old = g_ptr_array_new_with_free_func(g_free);
  bool failed;
  sqlite3_stmt *stmt = db_query(s->db, "SELECT key FROM entries", "");
  while (db_next(stmt, &failed)) {
    const char *key = db_text(stmt, 0);
    if (!g_hash_table_contains(s->used, key)) g_ptr_array_add(old, g_strdup(key));
  }
  sqlite3_finalize(stmt);
  clio_status r = failed ? store_db_error(s, "list the entries", e) : CLIO_OK;
  for (guint i = 0; i < old->len && r == CLIO_OK; i++) r = store_remove_entry(s, old->pdata[i], e);
  g_ptr_array_free(old, TRUE);
  return r;
}

/* ---- notes, counts, known files ---- */

clio_status store_put_count(store *s, const char *name, int64_t value, error *e) {
  bool ok = db_run(s->db, "INSERT OR REPLACE INTO counts VALUES(?,?)", "si", name, value);
  return ok ? CLIO_OK : store_db_error(s, "enter a count", e);
}

int64_t store_count(store *s, const char *name) {
  bool failed;
  sqlite3_stmt *stmt = db_query(s->db, "SELECT value FROM counts WHERE name=?", "s", name);
  int64_t n = db_next(stmt, &failed) ? sqlite3_column_int64(stmt, 0) : 0;
  sqlite3_finalize(stmt);
  return n;
}

clio_status store_put_note(store *s, const char *name, const char *value, error *e) {
  bool ok = db_run(s->db, "INSERT OR REPLACE INTO notes VALUES(?,?)", "ss", name, value);
  return ok ? CLIO_OK : store_db_error(s, "enter a note", e);
}

char *store_note(store *s, const char *name) {
  bool failed;
  sqlite3_stmt *stmt = db_query(s->db, "SELECT value FROM notes WHERE name=?", "s", name);
  char *value = db_next(stmt, &failed) ? g_strdup(db_text(stmt, 0)) : NULL;
  sqlite3_finalize(stmt);
  return value;
}

char *store_known_file(store *s, const char *path, const char *stamp) {
  bool failed;
  sqlite3_stmt *stmt =
      db_query(s->db, "SELECT sha256 FROM files WHERE path=? AND stamp=?", "ss", path, stamp);
  char *value = db_next(stmt, &failed) ? g_strdup(db_text(stmt, 0)) : NULL;
  sqlite3_finalize(stmt);
  return value;
}

void store_know_file(store *s, const char *path, const char *stamp, const char *sha256) {
  db_run(s->db, "INSERT OR REPLACE INTO files VALUES(?,?,?)", "sss", path, stamp, sha256);
}
