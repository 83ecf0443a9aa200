/* ledger_write.c - the thread that writes the ledger: it takes all that is queued,
 * writes it in one transaction and says which tickets are on disk. While a commit
 * waits for the disk the next one gathers, so its size follows the load. After a
 * failure nothing more is written. */
#include <string.h>

#include "ledger_parts.h"

static const char put_role_sql[] = "INSERT INTO roles(run, id, role, model) VALUES(?,?,?,?)";
static const char put_price_sql[] = "INSERT OR IGNORE INTO prices(id, row) VALUES(?,?)";
static const char put_open_sql[] =
    "INSERT INTO attempts(id, run, role, key, questions, started, state, upper_tokens, upper)"
    " VALUES(?1,?2,?3,?4,?5,?6,0,?7,?8)";
static const char put_end_sql[] =
    "UPDATE attempts SET ended=?2, state=?3, outcome=?4, status=?5, request=?6, why=?7, input=?8,"
    " cache_read=?9, cache_write_5m=?10, cache_write_1h=?11, output=?12, batch=?13, price=?14,"
    " cost=?15 WHERE id=?1";
static const char put_answer_sql[] =
    "INSERT OR IGNORE INTO answers(key, role, attempt, run, time, outcome, dim, reply, sum, input,"
    " cache_read, cache_write_5m, cache_write_1h, output, cost)"
    " VALUES(?1,?2,?3,?4,?5,?6,?7,?8,?9,?10,?11,?12,?13,?14,?15)";
static const char drop_answer_sql[] = "DELETE FROM answers WHERE id=?";
static const char put_done_sql[] = "UPDATE runs SET ended=?2, done=1 WHERE id=?1";

/* ---- the queue ---- */

uint64_t ledger_enqueue(ledger *l, const ledger_op *op) {
  ledger_op *copy = g_new(ledger_op, 1);
  *copy = *op;
  copy->ticket = ++l->next_ticket;
  if (!copy->when) copy->when = g_get_real_time();
  g_ptr_array_add(l->queue, copy);
  if (l->queue->len == 1) g_cond_signal(&l->work);
  return copy->ticket;
}

static void op_free(void *data) {
  ledger_op *op = data;
  g_free(op->text);
  g_free(op->other);
  g_free(op->price);
  g_free(op->price_row);
  g_free(op->bytes);
  g_free(op);
}

/* ---- one operation ---- */

static void bind_number(sqlite3_stmt *s, int at, int64_t value) {
  sqlite3_bind_int64(s, at, value);
}

static void bind_text(sqlite3_stmt *s, int at, const char *text) {
  sqlite3_bind_text(s, at, text, -1, SQLITE_STATIC);
}

static void bind_money(sqlite3_stmt *s, int at, int64_t micro) {
  if (micro == MONEY_UNKNOWN)
    sqlite3_bind_null(s, at);
  else
    sqlite3_bind_int64(s, at, micro);
}

/* Five columns from `at` on. */
static void bind_usage(sqlite3_stmt *s, int at, const price_usage *u) {
  bind_number(s, at, u->input);
  bind_number(s, at + 1, u->cache_read);
  bind_number(s, at + 2, u->cache_write_5m);
  bind_number(s, at + 3, u->cache_write_1h);
  bind_number(s, at + 4, u->output);
}

static bool run_statement(sqlite3_stmt *s) {
  int code = sqlite3_step(s);
  return sqlite3_reset(s) == SQLITE_OK && code == SQLITE_DONE;
}

static bool write_role(ledger *l, const ledger_op *op) {
  bind_number(l->put_role, 1, l->run);
  bind_number(l->put_role, 2, op->id);
  bind_text(l->put_role, 3, op->text);
  bind_text(l->put_role, 4, op->other);
  return run_statement(l->put_role);
}

static bool write_open(ledger *l, const ledger_op *op) {
  sqlite3_stmt *s = l->put_open;
  bind_number(s, 1, op->id);
  bind_number(s, 2, l->run);
  bind_number(s, 3, op->role);
  sqlite3_bind_blob(s, 4, op->key.bytes, sizeof op->key.bytes, SQLITE_STATIC);
  bind_number(s, 5, op->count);
  bind_number(s, 6, op->when);
  bind_number(s, 7, money_add(op->in, op->out));
  bind_money(s, 8, op->upper);
  return run_statement(s);
}

static bool write_price(ledger *l, const ledger_op *op) {
  if (!op->price) return true;
  bind_text(l->put_price, 1, op->price);
  bind_text(l->put_price, 2, op->price_row);
  return run_statement(l->put_price);
}

static bool write_end(ledger *l, const ledger_op *op) {
  sqlite3_stmt *s = l->put_end;
  bind_number(s, 1, op->id);
  bind_number(s, 2, op->when);
  bind_number(s, 3, op->fate);
  bind_number(s, 4, op->outcome);
  bind_number(s, 5, op->http_status);
  bind_text(s, 6, op->text);
  bind_text(s, 7, op->other);
  bind_usage(s, 8, &op->usage);
  bind_number(s, 13, op->usage.batch);
  bind_text(s, 14, op->price);
  bind_money(s, 15, op->cost);
  return write_price(l, op) && run_statement(s);
}

static bool write_answer(ledger *l, const ledger_op *op) {
  sqlite3_stmt *s = l->put_answer;
  sqlite3_bind_blob(s, 1, op->key.bytes, sizeof op->key.bytes, SQLITE_STATIC);
  bind_number(s, 2, op->role);
  bind_number(s, 3, op->id);
  bind_number(s, 4, l->run);
  bind_number(s, 5, op->when);
  bind_number(s, 6, op->outcome);
  bind_number(s, 7, op->dim);
  if (op->bytes)
    sqlite3_bind_blob64(s, 8, op->bytes, (sqlite3_uint64)op->length, SQLITE_STATIC);
  else
    sqlite3_bind_null(s, 8);
  bind_number(s, 9, ledger_row_sum(l, &op->key, op->outcome, op->dim, op->bytes, op->length));
  bind_usage(s, 10, &op->usage);
  bind_money(s, 15, op->cost);
  return run_statement(s);
}

static bool write_done(ledger *l, const ledger_op *op) {
  bind_number(l->put_done, 1, l->run);
  bind_number(l->put_done, 2, op->when);
  return run_statement(l->put_done);
}

static bool write_op(ledger *l, const ledger_op *op) {
  switch (op->kind) {
  case OP_ROLE: return write_role(l, op);
  case OP_OPEN: return write_open(l, op);
  case OP_END: return write_end(l, op);
  case OP_ANSWER: return write_answer(l, op);
  case OP_DONE: return write_done(l, op);
  case OP_DAMAGED: bind_number(l->drop_answer, 1, op->id); return run_statement(l->drop_answer);
  }
  return false;
}

/* ---- many at once ---- */

static bool write_all(ledger *l, const GPtrArray *ops) {
  bool ok = db_script(l->db, "BEGIN IMMEDIATE");
  for (guint i = 0; ok && i < ops->len; i++) ok = write_op(l, ops->pdata[i]);
  return ok && db_script(l->db, "COMMIT");
}

/* Answers that are on disk now can be found there, and so can attempts. The lock is held. */
static void drop_claims(ledger *l, const GPtrArray *ops) {
  for (guint i = 0; i < ops->len; i++) {
    const ledger_op *op = ops->pdata[i];
    if (op->kind == OP_ANSWER) g_hash_table_remove(l->claims, &op->key);
    if (op->kind == OP_OPEN) ledger_forget_intent(l, op->slot);
  }
}

/* One transaction of what is queued; the lock is held, but not while it writes. */
static void write_queue(ledger *l) {
  GPtrArray *ops = l->queue;
  l->queue = g_ptr_array_new_with_free_func(op_free);
  uint64_t last = l->next_ticket;
  bool broken = l->broken;
  g_mutex_unlock(&l->lock);
  error why = {0};
  bool ok = !broken && write_all(l, ops);
  if (!ok && !broken) {
    ledger_db_error(l->db, l->path, "write to", &why);
    db_script(l->db, "ROLLBACK");
  }
  g_mutex_lock(&l->lock);
  if (ok) {
    l->durable = last;
    drop_claims(l, ops);
  } else if (!broken) {
    l->broken = true;
    l->why = why;
  }
  g_cond_broadcast(&l->changed);
  g_ptr_array_unref(ops);
}

static void *writing(void *data) {
  ledger *l = data;
  g_mutex_lock(&l->lock);
  for (;;) {
    while (l->queue->len == 0 && !l->closing) g_cond_wait(&l->work, &l->lock);
    if (l->queue->len == 0) break;
    write_queue(l);
  }
  g_mutex_unlock(&l->lock);
  return NULL;
}

/* ---- beginning and end ---- */

static bool prepare(ledger *l, const char *sql, sqlite3_stmt **ret) {
  return sqlite3_prepare_v3(l->db, sql, -1, SQLITE_PREPARE_PERSISTENT, ret, NULL) == SQLITE_OK;
}

/* Keys are spread evenly, so a commit of many answers touches much of their index: it
 * is kept in memory (32 MiB) and brought into the file only now and then (64 MiB). */
static const char tuning_sql[] = "PRAGMA cache_size=-32768; PRAGMA wal_autocheckpoint=16384";

clio_status ledger_start_writing(ledger *l, error *e) {
  bool ok = db_script(l->db, tuning_sql) && prepare(l, put_role_sql, &l->put_role) &&
            prepare(l, put_price_sql, &l->put_price) && prepare(l, put_open_sql, &l->put_open) &&
            prepare(l, put_end_sql, &l->put_end) && prepare(l, put_answer_sql, &l->put_answer) &&
            prepare(l, put_done_sql, &l->put_done) && prepare(l, drop_answer_sql, &l->drop_answer);
  if (!ok) return ledger_db_error(l->db, l->path, "write to", e);
  l->queue = g_ptr_array_new_with_free_func(op_free);
  l->thread = g_thread_new("ledger", writing, l);
  return CLIO_OK;
}

void ledger_stop_writing(ledger *l) {
  if (l->thread) {
    g_mutex_lock(&l->lock);
    l->closing = true;
    g_cond_signal(&l->work);
    g_mutex_unlock(&l->lock);
    g_thread_join(l->thread);
  }
  sqlite3_stmt *const all[] = {l->put_role,   l->put_price, l->put_open,   l->put_end,
                               l->put_answer, l->put_done,  l->drop_answer};
  for (size_t i = 0; i < G_N_ELEMENTS(all); i++) sqlite3_finalize(all[i]);
  if (l->queue) g_ptr_array_unref(l->queue);
  sqlite3_close(l->db);
}
