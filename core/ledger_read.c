/* ledger_read.c - answers looked up by their key, on a connection of their own, so that
 * no reader waits for a commit. Each row carries a checksum over all of it; one that
 * does not agree is no answer, and is removed. */
#include <string.h>

#include "ledger_parts.h"

static const char find_sql[] =
    "SELECT id, outcome, dim, reply, sum, input, cache_read, cache_write_5m, cache_write_1h,"
    " output, cost FROM answers WHERE key=?";

clio_status ledger_start_reading(ledger *l, error *e) {
  const char *why = NULL;
  l->reader = db_open(l->path, &why);
  if (!l->reader) return error_set(e, CLIO_E_IO, "cannot open %s: %s", l->path, why);
  if (sqlite3_prepare_v3(l->reader, find_sql, -1, SQLITE_PREPARE_PERSISTENT, &l->find, NULL) !=
      SQLITE_OK)
    return ledger_db_error(l->reader, l->path, "read", e);
  return CLIO_OK;
}

void ledger_stop_reading(ledger *l) {
  sqlite3_finalize(l->find);
  sqlite3_close(l->reader);
  l->find = NULL;
  l->reader = NULL;
}

void ledger_answer_clear(ledger_answer *a) {
  g_free(a->text);
  g_free(a->vector);
  *a = (ledger_answer){0};
}

int64_t ledger_row_sum(const ledger *l, const ledger_key *key, uint32_t outcome, uint32_t dim,
                       const void *bytes, int64_t length) {
  sha256_sum sum = l->secret.inner;
  uint32_t head[2] = {outcome, dim};
  sha256_add(&sum, key->bytes, sizeof key->bytes);
  sha256_add(&sum, head, sizeof head);
  sha256_add(&sum, bytes, (size_t)length);
  uint8_t digest[SHA256_BYTES];
  sha256_end(&sum, digest);
  int64_t ret;
  memcpy(&ret, digest, sizeof ret);
  return ret;
}

/* The row that `find` stands on. False where it is not what was written. */
static bool read_row(const ledger *l, const ledger_key *key, ledger_answer *ret) {
  sqlite3_stmt *row = l->find;
  uint32_t outcome = (uint32_t)sqlite3_column_int64(row, 1);
  uint32_t dim = (uint32_t)sqlite3_column_int64(row, 2);
  const void *bytes = sqlite3_column_blob(row, 3);
  int64_t length = sqlite3_column_bytes(row, 3);
  bool whole = ledger_row_sum(l, key, outcome, dim, bytes, length) == sqlite3_column_int64(row, 4);
  if (!whole || (dim && (uint64_t)length != dim * sizeof(float))) return false;
  *ret = (ledger_answer){.outcome = outcome, .dim = dim, .length = dim ? 0 : length};
  ret->usage = (price_usage){.input = sqlite3_column_int64(row, 5),
                             .cache_read = sqlite3_column_int64(row, 6),
                             .cache_write_5m = sqlite3_column_int64(row, 7),
                             .cache_write_1h = sqlite3_column_int64(row, 8),
                             .output = sqlite3_column_int64(row, 9)};
  bool priced = sqlite3_column_type(row, 10) != SQLITE_NULL;
  ret->cost = priced ? sqlite3_column_int64(row, 10) : MONEY_UNKNOWN;
  if (dim)
    ret->vector = g_memdup2(bytes, (gsize)length);
  else if (sqlite3_column_type(row, 3) != SQLITE_NULL)
    ret->text = g_strndup(bytes ? bytes : "", (gsize)length);
  return true;
}

/* Its place in the queue is before any later answer to the same question. */
static void remove_damaged(ledger *l, int64_t id) {
  g_mutex_lock(&l->lock);
  ledger_enqueue(l, &(ledger_op){.kind = OP_DAMAGED, .id = id});
  g_mutex_unlock(&l->lock);
}

/* What cannot be read must not be paid for again: no attempt begins any more. */
static void break_reading(ledger *l) {
  error why = {0};
  ledger_db_error(l->reader, l->path, "read", &why);
  g_mutex_lock(&l->lock);
  if (!l->broken) l->why = why;
  l->broken = true;
  g_mutex_unlock(&l->lock);
}

bool ledger_find(ledger *l, const ledger_key *key, ledger_answer *ret) {
  *ret = (ledger_answer){0};
  g_mutex_lock(&l->read_lock);
  sqlite3_bind_blob(l->find, 1, key->bytes, sizeof key->bytes, SQLITE_STATIC);
  int how = sqlite3_step(l->find);
  bool there = how == SQLITE_ROW;
  int64_t id = there ? sqlite3_column_int64(l->find, 0) : 0;
  bool good = there && read_row(l, key, ret);
  sqlite3_reset(l->find);
  g_mutex_unlock(&l->read_lock);
  if (!there && how != SQLITE_DONE) break_reading(l);
  if (there && !good) remove_damaged(l, id);
  return good;
}
