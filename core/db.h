/* db.h - statements of SQLite in one call each: bind, step, read. */
#ifndef CLIO_CORE_DB_H
#define CLIO_CORE_DB_H
#include <sqlite3.h>
#include <stdbool.h>

/* Opens (making it) a database of 0600 that keeps its temporary data in memory,
 * never in a file, and waits up to ten seconds for another process. NULL on
 * failure, with *ret_why (static or until close) set; `path` may lie in a folder
 * that cannot be written. */
sqlite3 *db_open(const char *path, const char **ret_why);

/* Several statements without parameters. */
bool db_script(sqlite3 *db, const char *sql);

/* One statement with its parameters by `types`: s = const char * (NULL: null),
 * i = int64_t. False: sqlite3_errmsg says why. */
bool db_run(sqlite3 *db, const char *sql, const char *types, ...);

/* The same, prepared for reading; NULL on failure. The strings must outlive it.
 * Step with db_next, end with sqlite3_finalize. */
sqlite3_stmt *db_query(sqlite3 *db, const char *sql, const char *types, ...);

/* Is there another row? False at the end and on failure: *ret_failed tells. */
bool db_next(sqlite3_stmt *stmt, bool *ret_failed);

/* A text cell; "" where null. Lives until the next step. */
const char *db_text(sqlite3_stmt *stmt, int column);
#endif
