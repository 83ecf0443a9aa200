/* db.c - see db.h. */
#include "db.h"

#include <errno.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>
#include <sys/stat.h>

enum { WAIT_MS = 10000 };

sqlite3 *db_open(const char *path, const char **ret_why) {
  sqlite3 *db = NULL;
  bool ok = sqlite3_open(path, &db) == SQLITE_OK && sqlite3_busy_timeout(db, WAIT_MS) == SQLITE_OK;
  if (ok && chmod(path, 0600) != 0) {
    *ret_why = strerror(errno);
    sqlite3_close(db);
    return NULL;
  }
  if (ok && db_script(db, "PRAGMA temp_store=MEMORY; PRAGMA synchronous=FULL")) return db;
  *ret_why = sqlite3_errstr(sqlite3_extended_errcode(db));
  sqlite3_close(db);
  return NULL;
}

bool db_script(sqlite3 *db, const char *sql) {
  return sqlite3_exec(db, sql, NULL, NULL, NULL) == SQLITE_OK;
}

static sqlite3_stmt *prepare(sqlite3 *db, const char *sql, const char *types, va_list values) {
  sqlite3_stmt *stmt = NULL;
  bool ok = sqlite3_prepare_v2(db, sql, -1, &stmt, NULL) == SQLITE_OK;
  for (int i = 0; ok && types[i]; i++) {
    int code = types[i] == 's'
                   ? sqlite3_bind_text(stmt, i + 1, va_arg(values, const char *), -1, SQLITE_STATIC)
                   : sqlite3_bind_int64(stmt, i + 1, va_arg(values, int64_t));
    ok = code == SQLITE_OK;
  }
  if (ok) return stmt;
  sqlite3_finalize(stmt);
  return NULL;
}

bool db_run(sqlite3 *db, const char *sql, const char *types, ...) {
  va_list values;
  va_start(values, types);
  sqlite3_stmt *stmt = prepare(db, sql, types, values);
  va_end(values);
  bool ok = stmt && sqlite3_step(stmt) == SQLITE_DONE;
  return sqlite3_finalize(stmt) == SQLITE_OK && ok;
}

sqlite3_stmt *db_query(sqlite3 *db, const char *sql, const char *types, ...) {
  va_list values;
  va_start(values, types);
  sqlite3_stmt *stmt = prepare(db, sql, types, values);
  va_end(values);
  return stmt;
}

bool db_next(sqlite3_stmt *stmt, bool *ret_failed) {
  int step = stmt ? sqlite3_step(stmt) : SQLITE_ERROR;
  *ret_failed = step != SQLITE_ROW && step != SQLITE_DONE;
  return step == SQLITE_ROW;
}

const char *db_text(sqlite3_stmt *stmt, int column) {
  const char *text = (const char *)sqlite3_column_text(stmt, column);
  return text ? text : "";
}
