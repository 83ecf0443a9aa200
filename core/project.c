/* project.c - the project's key and its registry of releases; see project.h. */
#include "project.h"

#include <errno.h>
#include <fcntl.h>
#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include "util.h"

enum { KEY_BYTES = 16, REGISTRY_WAIT_MS = 10000 };

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
  if (r == CLIO_OK) r = write_file(path, hex->str, hex->len, 0600, e);
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

static pair *pairs_of(const gate_input *in, rng_key key) {
  size_t n = in->roll.rows;
  pair *pairs = g_new0(pair, n + 1);
  rng_key mine = rng_derive(key, "registry");
  for (size_t i = 0; i < n; i++) {
    pairs[i].conversation = rng_siphash(mine, &in->roll.cap_key[i], sizeof(uint64_t));
    pairs[i].account = rng_siphash(mine, &in->roll.account[i], sizeof(uint64_t));
  }
  qsort(pairs, n, sizeof *pairs, compare_pairs);
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

static clio_status open_registry(run *r, sqlite3 **ret, char **ret_path, error *e) {
  static const char sql[] = "PRAGMA synchronous=FULL;"
                            "CREATE TABLE IF NOT EXISTS releases(id INTEGER PRIMARY KEY,"
                            " hash TEXT UNIQUE, pairs BLOB)";
  char *path = project_file(r->options.out, "registry.db");
  char *dir = g_path_get_dirname(path);
  clio_status s = make_dir(dir, 0700, e);
  g_free(dir);
  bool ok = s == CLIO_OK && sqlite3_open(path, ret) == SQLITE_OK &&
            sqlite3_busy_timeout(*ret, REGISTRY_WAIT_MS) == SQLITE_OK &&
            sqlite3_exec(*ret, sql, NULL, NULL, NULL) == SQLITE_OK;
  if (!ok)
    s = error_set(e, CLIO_E_IO, "cannot open the project's registry %s: %s", path,
                  *ret ? sqlite3_errmsg(*ret) : "no folder");
  *ret_path = path;
  return s;
}

clio_status project_check_release(run *r, const gate_input *in, error *e) {
  sqlite3 *db = NULL;
  sqlite3_stmt *stmt = NULL;
  char *path = NULL;
  clio_status s = open_registry(r, &db, &path, e);
  pair *mine = pairs_of(in, r->project_key);
  bool ok = s == CLIO_OK &&
            sqlite3_prepare_v2(db, "SELECT pairs FROM releases", -1, &stmt, NULL) == SQLITE_OK;
  int step = SQLITE_DONE;
  while (ok && s == CLIO_OK && (step = sqlite3_step(stmt)) == SQLITE_ROW) {
    size_t n = (size_t)sqlite3_column_bytes(stmt, 0) / sizeof(pair);
    pair *other = g_memdup2(sqlite3_column_blob(stmt, 0), n * sizeof(pair));
    size_t d = differing_accounts(mine, in->roll.rows, other, n);
    g_free(other);
    if (d > 0 && (int64_t)d < r->gate_policy.cluster.accounts)
      s = error_set(e, CLIO_E_PRIVACY,
                    "an earlier release of this project differs from this one "
                    "by the conversations of too few accounts: the two side by side would tell "
                    "about them; release the same input, or one that differs by more");
  }
  if (s == CLIO_OK && (!ok || step != SQLITE_DONE))
    s = error_set(e, CLIO_E_IO, "cannot read the project's registry %s: %s", path,
                  sqlite3_errmsg(db));
  sqlite3_finalize(stmt);
  sqlite3_close(db);
  g_free(mine);
  g_free(path);
  return s;
}

clio_status project_record(run *r, const gate_input *in, error *e) {
  sqlite3 *db = NULL;
  sqlite3_stmt *stmt = NULL;
  char *path = NULL;
  clio_status s = open_registry(r, &db, &path, e);
  pair *mine = pairs_of(in, r->project_key);
  size_t bytes = in->roll.rows * sizeof(pair);
  char *hash = sha256_hex(mine, bytes);
  static const char sql[] = "INSERT OR IGNORE INTO releases(hash, pairs) VALUES(?,?)";
  if (s == CLIO_OK) {
    bool ok = sqlite3_prepare_v2(db, sql, -1, &stmt, NULL) == SQLITE_OK;
    ok = ok && sqlite3_bind_text(stmt, 1, hash, -1, SQLITE_STATIC) == SQLITE_OK &&
         sqlite3_bind_blob64(stmt, 2, mine, bytes, SQLITE_STATIC) == SQLITE_OK &&
         sqlite3_step(stmt) == SQLITE_DONE;
    if (!ok) s = error_set(e, CLIO_E_IO, "cannot write %s: %s", path, sqlite3_errmsg(db));
  }
  sqlite3_finalize(stmt);
  sqlite3_close(db);
  if (s == CLIO_OK && chmod(path, 0600) != 0)
    s = error_errno(e, CLIO_E_IO, errno, "cannot protect %s", path);
  g_free(mine);
  g_free(hash);
  g_free(path);
  return s;
}
