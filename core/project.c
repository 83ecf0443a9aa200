/* project.c - the project's key and its registry of releases; see project.h. */
#include "project.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include "db.h"
#include "util.h"

enum { KEY_BYTES = 16 };

static char *project_file(const char *out, const char *name) {
  char *whole = g_canonicalize_filename(out, NULL);
  char *dir = g_path_get_dirname(whole);
  char *path = g_build_filename(dir, ".clio", name, NULL);
  g_free(whole);
  g_free(dir);
  return path;
}

static bool parse_key(const char *hex, rng_key *ret) {
  uint8_t bytes[KEY_BYTES];
  for (int i = 0; i < KEY_BYTES; i++) {
    int high = g_ascii_xdigit_value(hex[2 * i]);
    int low = high < 0 ? -1 : g_ascii_xdigit_value(hex[2 * i + 1]);
    if (low < 0) return false;
    bytes[i] = (uint8_t)(high << 4 | low);
  }
  memcpy(&ret->k0, bytes, 8);
  memcpy(&ret->k1, bytes + 8, 8);
  return true;
}

/* Puts a new key in place unless another process was faster: then its key holds. */
static clio_status put_key(const char *path, const char *hex, error *e) {
  g_autofree char *temporary = g_strconcat(path, ".XXXXXX", NULL);
  int fd = g_mkstemp_full(temporary, O_RDWR | O_CLOEXEC, 0600);
  if (fd < 0) return error_errno(e, CLIO_E_IO, errno, "cannot create %s", temporary);
  size_t n = strlen(hex);
  int code = write(fd, hex, n) == (ssize_t)n && fsync(fd) == 0 ? 0 : errno;
  if (close(fd) != 0 && !code) code = errno;
  if (!code && renameat2(AT_FDCWD, temporary, AT_FDCWD, path, RENAME_NOREPLACE) != 0) code = errno;
  if (code == EINVAL) code = link(temporary, path) == 0 ? 0 : errno; /* no such rename here */
  unlink(temporary);
  if (code && code != EEXIST) return error_errno(e, CLIO_E_IO, code, "cannot create %s", path);
  g_autofree char *dir = g_path_get_dirname(path);
  return sync_dir(dir, e);
}

static clio_status make_key(const char *path, error *e) {
  uint8_t bytes[KEY_BYTES];
  if (getrandom(bytes, sizeof bytes, 0) != (ssize_t)sizeof bytes)
    return error_errno(e, CLIO_E_IO, errno, "cannot get random bytes for %s", path);
  GString *hex = g_string_new(NULL);
  for (size_t i = 0; i < sizeof bytes; i++) g_string_append_printf(hex, "%02x", bytes[i]);
  g_string_append_c(hex, '\n');
  char *dir = g_path_get_dirname(path);
  clio_status r = make_dir(dir, 0700, e);
  if (r == CLIO_OK && chmod(dir, 0700) != 0)
    r = error_errno(e, CLIO_E_IO, errno, "cannot protect %s", dir);
  if (r == CLIO_OK) r = put_key(path, hex->str, e);
  g_free(dir);
  g_string_free(hex, TRUE);
  return r;
}

static clio_status read_key(const char *path, rng_key *ret, error *e) {
  struct stat st;
  if (stat(path, &st) == 0 && st.st_mode & 077)
    return error_set(e, CLIO_E_PRIVACY, "%s can be read by others; chmod 600 it", path);
  char *hex = NULL;
  GError *failed = NULL;
  if (!g_file_get_contents(path, &hex, NULL, &failed)) {
    error_set(e, CLIO_E_IO, "cannot read the project's key: %s", failed->message);
    g_error_free(failed);
    return CLIO_E_IO;
  }
  bool ok = parse_key(hex, ret);
  g_free(hex);
  return ok ? CLIO_OK : error_set(e, CLIO_E_IO, "%s does not hold 32 hex digits", path);
}

clio_status project_key(const char *out, rng_key *ret, error *e) {
  const char *given = g_getenv("CLIO_PROJECT_KEY");
  if (given && *given) {
    if (parse_key(given, ret)) return CLIO_OK;
    return error_set(e, CLIO_E_CONFIG, "CLIO_PROJECT_KEY does not begin with 32 hex digits");
  }
  char *path = project_file(out, "key");
  clio_status r = CLIO_OK;
  if (!g_file_test(path, G_FILE_TEST_EXISTS)) r = make_key(path, e);
  if (r == CLIO_OK) r = read_key(path, ret, e);
  g_free(path);
  return r;
}

/* ---- the registry ---- */

/* A (conversation, account) pair, both keyed hashes. Sorted by both. */
typedef struct pair {
  uint64_t conversation, account;
} pair;

static int compare_pairs(const void *a, const void *b) {
  const pair *x = a, *y = b;
  if (x->conversation != y->conversation) return x->conversation < y->conversation ? -1 : 1;
  return (x->account > y->account) - (x->account < y->account);
}

static int compare_u64(const void *a, const void *b) {
  uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
  return (x > y) - (x < y);
}

/* Drops what comes twice: a release is a set of pairs, however often a row is repeated. */
static size_t unique_pairs(pair *pairs, size_t n) {
  size_t kept = 0;
  for (size_t i = 0; i < n; i++)
    if (!kept || compare_pairs(&pairs[i], &pairs[kept - 1]) != 0) pairs[kept++] = pairs[i];
  return kept;
}

static pair *pairs_of(const gate_input *in, rng_key key, size_t *ret_count) {
  size_t n = in->roll.rows;
  pair *pairs = g_new0(pair, n + 1);
  rng_key mine = rng_derive(key, "registry");
  for (size_t i = 0; i < n; i++) {
    pairs[i].conversation = rng_siphash(mine, &in->roll.cap_key[i], sizeof(uint64_t));
    pairs[i].account = rng_siphash(mine, &in->roll.account[i], sizeof(uint64_t));
  }
  qsort(pairs, n, sizeof *pairs, compare_pairs);
  *ret_count = unique_pairs(pairs, n);
  return pairs;
}

/* Distinct accounts among the pairs that only one of two releases has. */
static size_t differing_accounts(const pair *a, size_t na, const pair *b, size_t nb) {
  uint64_t *account = g_new(uint64_t, na + nb + 1);
  size_t n = 0, i = 0, j = 0;
  while (i < na || j < nb) {
    int order = i == na ? 1 : j == nb ? -1 : compare_pairs(&a[i], &b[j]);
    if (order < 0)
      account[n++] = a[i++].account;
    else if (order > 0)
      account[n++] = b[j++].account;
    else
      i++, j++;
  }
  qsort(account, n, sizeof *account, compare_u64);
  size_t distinct = 0;
  for (size_t k = 0; k < n; k++) distinct += !k || account[k] != account[k - 1];
  g_free(account);
  return distinct;
}

static clio_status registry_error(sqlite3 *db, const char *what, const char *path, error *e) {
  return error_set(e, CLIO_E_IO, "cannot %s the project's registry %s: %s", what, path,
                   sqlite3_errmsg(db));
}

/* A registry of a clio that did not keep thresholds gets their column; what it holds already is
 * judged by the other release's alone. */
static bool has_thresholds(sqlite3 *db) {
  bool failed = false;
  sqlite3_stmt *stmt =
      db_query(db, "SELECT 1 FROM pragma_table_info('releases') WHERE name = 'accounts'", "");
  bool there = db_next(stmt, &failed);
  sqlite3_finalize(stmt);
  if (failed) return false;
  return there || db_script(db, "ALTER TABLE releases ADD COLUMN accounts INTEGER");
}

static clio_status open_registry(run *r, sqlite3 **ret, char **ret_path, error *e) {
  static const char sql[] = "CREATE TABLE IF NOT EXISTS releases(id INTEGER PRIMARY KEY,"
                            " hash TEXT UNIQUE, pairs BLOB, accounts INTEGER)";
  char *path = project_file(r->options.out, "registry.db"), *dir = g_path_get_dirname(path);
  const char *why = NULL;
  *ret_path = path;
  *ret = NULL;
  clio_status s = make_dir(dir, 0700, e);
  g_free(dir);
  if (s != CLIO_OK) return s;
  *ret = db_open(path, &why);
  if (!*ret) return error_set(e, CLIO_E_IO, "cannot open the project's registry %s: %s", path, why);
  if (!db_script(*ret, sql) || !has_thresholds(*ret)) return registry_error(*ret, "open", path, e);
  return CLIO_OK;
}

static clio_status check_pairs(run *r, sqlite3 *db, const char *path, const pair *mine, size_t rows,
                               error *e) {
  sqlite3_stmt *stmt = db_query(db, "SELECT pairs, coalesce(accounts, 0) FROM releases", "");
  bool failed = false;
  clio_status s = CLIO_OK;
  while (s == CLIO_OK && db_next(stmt, &failed)) {
    size_t n = (size_t)sqlite3_column_bytes(stmt, 0) / sizeof(pair);
    pair *other = g_memdup2(sqlite3_column_blob(stmt, 0), n * sizeof(pair));
    n = unique_pairs(other, n); /* of a clio that kept repeats */
    size_t d = differing_accounts(mine, rows, other, n);
    g_free(other);
    int64_t least = MAX(r->gate_policy.cluster.accounts, (int64_t)sqlite3_column_int64(stmt, 1));
    if (d > 0 && (int64_t)d < least)
      s = error_set(e, CLIO_E_PRIVACY,
                    "an earlier release of this project differs from this one "
                    "by the conversations of too few accounts: the two side by side would tell "
                    "about them; release the same input, or one that differs by more");
  }
  if (s == CLIO_OK && failed) s = registry_error(db, "read", path, e);
  sqlite3_finalize(stmt);
  return s;
}

clio_status project_check_release(run *r, const gate_input *in, error *e) {
  sqlite3 *db = NULL;
  char *path = NULL;
  clio_status s = open_registry(r, &db, &path, e);
  size_t count = 0;
  pair *mine = pairs_of(in, r->project_key, &count);
  if (s == CLIO_OK) s = check_pairs(r, db, path, mine, count, e);
  sqlite3_close(db);
  g_free(mine);
  g_free(path);
  return s;
}

/* The same conversations again under other thresholds: the larger one stays. */
static bool insert_pairs(sqlite3 *db, const pair *mine, size_t bytes, int64_t accounts) {
  static const char sql[] =
      "INSERT INTO releases(hash, pairs, accounts) VALUES(?,?,?) ON CONFLICT(hash) DO UPDATE SET"
      " accounts = max(coalesce(accounts, 0), excluded.accounts)";
  g_autofree char *hash = sha256_hex(mine, bytes);
  sqlite3_stmt *stmt = db_query(db, sql, "");
  bool ok = stmt && sqlite3_bind_text(stmt, 1, hash, -1, SQLITE_STATIC) == SQLITE_OK &&
            sqlite3_bind_blob64(stmt, 2, mine, bytes, SQLITE_STATIC) == SQLITE_OK &&
            sqlite3_bind_int64(stmt, 3, accounts) == SQLITE_OK && sqlite3_step(stmt) == SQLITE_DONE;
  sqlite3_finalize(stmt);
  return ok;
}

/* Looked at again and entered in one transaction: of two runs that end at the same
 * time, the second sees the first. */
clio_status project_record(run *r, const gate_input *in, error *e) {
  sqlite3 *db = NULL;
  char *path = NULL;
  clio_status s = open_registry(r, &db, &path, e);
  size_t count = 0;
  pair *mine = pairs_of(in, r->project_key, &count);
  if (s == CLIO_OK && !db_script(db, "BEGIN IMMEDIATE")) s = registry_error(db, "lock", path, e);
  if (s == CLIO_OK) s = check_pairs(r, db, path, mine, count, e);
  bool ok = s == CLIO_OK &&
            insert_pairs(db, mine, count * sizeof(pair), r->gate_policy.cluster.accounts) &&
            db_script(db, "COMMIT");
  if (s == CLIO_OK && !ok) s = registry_error(db, "write", path, e);
  sqlite3_close(db);
  g_free(mine);
  g_free(path);
  return s;
}
