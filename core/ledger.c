/* ledger.c - the ledger opened and closed, claims on questions, attempts and the
 * account they are held against; see ledger.h. Everything here is in memory under one
 * lock; what must last is queued for ledger_write.c. */
#include "ledger.h"

#include <string.h>

#include "ledger_parts.h"
#include "util.h"

enum { LEDGER_VERSION = 1, TOKENS_MAX = 1000000000 };

/* attempts.state: open, then 1 + how it ended (ledger_fate). */
static const char schema_sql[] =
    "PRAGMA journal_mode=WAL; BEGIN IMMEDIATE;"
    "CREATE TABLE IF NOT EXISTS meta(name TEXT PRIMARY KEY, value BLOB);"
    "CREATE TABLE IF NOT EXISTS runs(id INTEGER PRIMARY KEY, started INTEGER, ended INTEGER,"
    " done INTEGER);"
    "CREATE TABLE IF NOT EXISTS roles(run INTEGER, id INTEGER, role TEXT, model TEXT,"
    " PRIMARY KEY(run, id));"
    "CREATE TABLE IF NOT EXISTS prices(id TEXT, row TEXT, PRIMARY KEY(id, row));"
    "CREATE TABLE IF NOT EXISTS attempts(id INTEGER PRIMARY KEY, run INTEGER, role INTEGER,"
    " key BLOB, questions INTEGER, started INTEGER, ended INTEGER, state INTEGER,"
    " upper_tokens INTEGER, upper INTEGER, outcome INTEGER, status INTEGER, request TEXT,"
    " why TEXT, input INTEGER, cache_read INTEGER, cache_write_5m INTEGER,"
    " cache_write_1h INTEGER, output INTEGER, batch INTEGER, price TEXT, cost INTEGER);"
    "CREATE INDEX IF NOT EXISTS attempts_open ON attempts(state) WHERE state=0;"
    "CREATE TABLE IF NOT EXISTS answers(id INTEGER PRIMARY KEY, key BLOB UNIQUE, role INTEGER,"
    " attempt INTEGER, run INTEGER, time INTEGER, outcome INTEGER, dim INTEGER, reply BLOB,"
    " sum INTEGER, input INTEGER, cache_read INTEGER, cache_write_5m INTEGER,"
    " cache_write_1h INTEGER, output INTEGER, cost INTEGER);"
    "PRAGMA user_version=1; COMMIT;";

clio_status ledger_db_error(sqlite3 *db, const char *path, const char *what, error *e) {
  int code = db ? sqlite3_extended_errcode(db) : SQLITE_NOMEM;
  const char *cure = (code & 0xff) == SQLITE_CORRUPT || (code & 0xff) == SQLITE_NOTADB
                         ? "it is damaged: put back a copy, or move it away (its answers will be "
                           "asked, and paid for, again)"
                         : "see that the disk has room and can be written, then run the same "
                           "command again: what was written before is kept";
  return error_set(e, CLIO_E_IO, "cannot %s %s: %s; %s", what, path,
                   db ? sqlite3_errmsg(db) : "out of memory", cure);
}

guint ledger_key_hash(gconstpointer key) {
  guint hash;
  memcpy(&hash, key, sizeof hash);
  return hash;
}

gboolean ledger_key_equal(gconstpointer a, gconstpointer b) {
  return memcmp(a, b, sizeof(ledger_key)) == 0;
}

/* ---- opening ---- */

static int64_t ask_number(ledger *l, const char *sql) {
  bool failed;
  sqlite3_stmt *stmt = db_query(l->db, sql, "");
  int64_t n = db_next(stmt, &failed) ? sqlite3_column_int64(stmt, 0) : 0;
  sqlite3_finalize(stmt);
  return n;
}

/* A ledger is never thrown away for its form: it was paid for. */
static clio_status make_tables(ledger *l, error *e) {
  int64_t version = ask_number(l, "PRAGMA user_version");
  if (version > LEDGER_VERSION)
    return error_set(e, CLIO_E_IO,
                     "%s was written by a newer clio (form %" G_GINT64_FORMAT
                     ", this one knows %d); use that one, or choose another -o",
                     l->path, (gint64)version, LEDGER_VERSION);
  if (db_script(l->db, schema_sql)) return CLIO_OK;
  clio_status s = ledger_db_error(l->db, l->path, "open", e);
  db_script(l->db, "ROLLBACK");
  return s;
}

/* Under another key no answer would be found, and all would be paid for again. */
static clio_status check_key(ledger *l, error *e) {
  static const char label[] = "the ledger's own";
  ledger_key mine = ledger_hmac(&l->secret, label, sizeof label);
  g_autofree char *hex = sha256_hex(mine.bytes, sizeof mine.bytes);
  static const char put[] = "INSERT OR IGNORE INTO meta VALUES('key', ?)";
  if (!db_run(l->db, put, "s", hex)) return ledger_db_error(l->db, l->path, "write to", e);
  bool failed;
  sqlite3_stmt *stmt = db_query(l->db, "SELECT value FROM meta WHERE name='key'", "");
  bool same = db_next(stmt, &failed) && strcmp(db_text(stmt, 0), hex) == 0;
  sqlite3_finalize(stmt);
  if (same) return CLIO_OK;
  return error_set(e, CLIO_E_IO,
                   "%s was written under another project key, so its answers cannot be found; put "
                   "the project's .clio/key (or CLIO_PROJECT_KEY) back, or run 'clio purge' to "
                   "start anew, which pays for every answer again",
                   l->path);
}

/* What was open when a process ended may have been processed: nobody knows. */
static clio_status begin_run(ledger *l, error *e) {
  int64_t now = g_get_real_time();
  bool ok =
      db_script(l->db, "BEGIN IMMEDIATE") &&
      db_run(l->db, "UPDATE attempts SET state=3, ended=?, why='the process ended' WHERE state=0",
             "i", now) &&
      db_run(l->db, "INSERT INTO runs(started, done) VALUES(?, 0)", "i", now);
  l->run = sqlite3_last_insert_rowid(l->db);
  if (ok && db_script(l->db, "COMMIT")) return CLIO_OK;
  clio_status s = ledger_db_error(l->db, l->path, "write to", e);
  db_script(l->db, "ROLLBACK");
  return s;
}

/* What the unfinished runs before this one came to. */
static clio_status read_account(ledger *l, error *e) {
  static const char sql[] =
      "SELECT coalesce(sum(cost), 0),"
      " coalesce(sum(CASE WHEN state=3 OR (state=1 AND cost IS NULL) THEN upper END), 0),"
      " coalesce(sum(CASE WHEN state=1 THEN input + output END), 0),"
      " coalesce(sum(CASE WHEN state=3 THEN upper_tokens END), 0)"
      " FROM attempts WHERE run > (SELECT coalesce(max(id), 0) FROM runs WHERE done=1)";
  bool failed;
  sqlite3_stmt *stmt = db_query(l->db, sql, "");
  if (db_next(stmt, &failed)) {
    l->spent = sqlite3_column_int64(stmt, 0);
    l->unknown = sqlite3_column_int64(stmt, 1);
    l->spent_tokens = sqlite3_column_int64(stmt, 2);
    l->unknown_tokens = sqlite3_column_int64(stmt, 3);
  }
  sqlite3_finalize(stmt);
  l->next_attempt = 1 + ask_number(l, "SELECT coalesce(max(id), 0) FROM attempts");
  return failed ? ledger_db_error(l->db, l->path, "read", e) : CLIO_OK;
}

static clio_status open_database(ledger *l, error *e) {
  const char *why = NULL;
  l->db = db_open(l->path, &why);
  if (!l->db) return error_set(e, CLIO_E_IO, "cannot open %s: %s", l->path, why);
  clio_status s = make_tables(l, e);
  if (s == CLIO_OK) s = check_key(l, e);
  if (s == CLIO_OK) s = ledger_open_intents(l, e);
  if (s == CLIO_OK) s = begin_run(l, e);
  if (s == CLIO_OK) ledger_clear_intents(l);
  if (s == CLIO_OK) s = read_account(l, e);
  if (s == CLIO_OK) s = ledger_start_reading(l, e);
  return s == CLIO_OK ? ledger_start_writing(l, e) : s;
}

static void role_free(void *data) {
  ledger_role *r = data;
  g_free(r->name);
  g_free(r->model);
  g_free(r);
}

static void attempt_free(void *data) {
  ledger_attempt *a = data;
  g_free(a->keys);
  g_free(a);
}

static void ledger_free(ledger *l) {
  g_ptr_array_unref(l->roles);
  g_hash_table_unref(l->claims);
  g_hash_table_unref(l->attempts);
  g_mutex_clear(&l->lock);
  g_mutex_clear(&l->read_lock);
  g_cond_clear(&l->work);
  g_cond_clear(&l->changed);
  g_free(l->path);
  g_free(l);
}

clio_status ledger_open(const char *out, rng_key project, ledger_budget budget, ledger **ret,
                        error *e) {
  ledger *l = g_new0(ledger, 1);
  l->path = g_build_filename(out, "private", "ledger.db", NULL);
  l->secret = ledger_secret_of(project);
  l->budget = budget;
  l->roles = g_ptr_array_new_with_free_func(role_free);
  l->claims = g_hash_table_new_full(ledger_key_hash, ledger_key_equal, NULL, g_free);
  l->attempts = g_hash_table_new_full(g_int64_hash, g_int64_equal, g_free, attempt_free);
  g_mutex_init(&l->lock);
  g_mutex_init(&l->read_lock);
  g_cond_init(&l->work);
  g_cond_init(&l->changed);
  clio_status s = open_database(l, e);
  if (s == CLIO_OK)
    *ret = l;
  else
    ledger_close(l, NULL);
  return s;
}

clio_status ledger_close(ledger *l, error *e) {
  if (!l) return CLIO_OK;
  ledger_stop_writing(l);
  ledger_stop_reading(l);
  ledger_close_intents(l);
  clio_status s = l->broken ? error_set(e, CLIO_E_IO, "%s", l->why.text) : CLIO_OK;
  ledger_free(l);
  return s;
}

void ledger_done(ledger *l) {
  g_mutex_lock(&l->lock);
  ledger_enqueue(l, &(ledger_op){.kind = OP_DONE});
  g_mutex_unlock(&l->lock);
}

const ledger_secret *ledger_secret_in(const ledger *l) { return &l->secret; }

uint32_t ledger_add_role(ledger *l, const char *role, const char *model) {
  ledger_role *r = g_new0(ledger_role, 1);
  r->name = g_strdup(role);
  r->model = g_strdup(model);
  g_mutex_lock(&l->lock);
  uint32_t at = l->roles->len;
  g_ptr_array_add(l->roles, r);
  ledger_op op = {.kind = OP_ROLE, .id = at, .text = g_strdup(role), .other = g_strdup(model)};
  ledger_enqueue(l, &op);
  g_mutex_unlock(&l->lock);
  return at;
}

/* ---- claims ---- */

/* True: it is ours now. */
static bool take_claim(ledger *l, uint32_t role, const ledger_key *key) {
  if (l->broken) return true;
  if (g_hash_table_contains(l->claims, key)) return false;
  ledger_claim_entry *c = g_new0(ledger_claim_entry, 1);
  c->key = *key;
  c->role = role;
  g_hash_table_insert(l->claims, &c->key, c);
  return true;
}

ledger_claimed ledger_claim(ledger *l, uint32_t role, const ledger_key *key, ledger_answer *ret) {
  *ret = (ledger_answer){0};
  g_mutex_lock(&l->lock);
  bool mine = take_claim(l, role, key), broken = l->broken;
  g_mutex_unlock(&l->lock);
  if (!mine) return LEDGER_BUSY;
  if (broken || !ledger_find(l, key, ret)) return LEDGER_MINE;
  g_mutex_lock(&l->lock);
  g_hash_table_remove(l->claims, key);
  ledger_count_answer(l, role, ret, true);
  g_cond_broadcast(&l->changed);
  g_mutex_unlock(&l->lock);
  return LEDGER_ANSWERED;
}

ledger_claimed ledger_await(ledger *l, uint32_t role, const ledger_key *key, ledger_answer *ret) {
  ledger_claimed got = LEDGER_BUSY;
  while (got == LEDGER_BUSY) {
    g_mutex_lock(&l->lock);
    while (!l->broken && g_hash_table_contains(l->claims, key)) g_cond_wait(&l->changed, &l->lock);
    g_mutex_unlock(&l->lock);
    got = ledger_claim(l, role, key, ret);
  }
  return got;
}

uint64_t ledger_settle(ledger *l, const ledger_key *key, const ledger_answer *a) {
  const void *bytes = a->dim ? (const void *)a->vector : a->text;
  int64_t length = a->dim ? (int64_t)(a->dim * sizeof(float)) : a->text ? a->length : 0;
  ledger_op op = {.kind = OP_ANSWER, .key = *key, .outcome = a->outcome, .dim = a->dim};
  op.length = length;
  if (bytes) op.bytes = length ? g_memdup2(bytes, (gsize)length) : g_strdup("");
  g_mutex_lock(&l->lock);
  ledger_claim_entry *c = g_hash_table_lookup(l->claims, key);
  if (c) {
    c->settled = true;
    op.role = c->role;
    op.id = c->attempt;
    op.usage = c->usage;
    op.cost = c->cost;
    ledger_count_answer(l, c->role, a, false);
  }
  uint64_t ticket = ledger_enqueue(l, &op);
  g_mutex_unlock(&l->lock);
  return ticket;
}

void ledger_release(ledger *l, const ledger_key *key) {
  g_mutex_lock(&l->lock);
  ledger_claim_entry *c = g_hash_table_lookup(l->claims, key);
  if (c && !c->settled) g_hash_table_remove(l->claims, key);
  g_cond_broadcast(&l->changed);
  g_mutex_unlock(&l->lock);
}

/* ---- the account ---- */

/* Would `more` go over the limit, with what is held for others or without? */
static ledger_verdict judge(int64_t limit, int64_t used, int64_t reserved, int64_t more) {
  if (limit < 0) return LEDGER_GO;
  if (money_add(used, more) > limit) return LEDGER_STOP;
  return money_add(money_add(used, reserved), more) > limit ? LEDGER_WAIT : LEDGER_GO;
}

static ledger_verdict judge_both(const ledger *l, int64_t upper, int64_t tokens) {
  if (l->broken) return LEDGER_BROKEN;
  ledger_verdict money =
      judge(l->budget.cost, money_add(l->spent, l->unknown), l->reserved, MAX(upper, 0));
  ledger_verdict counted = judge(l->budget.tokens, money_add(l->spent_tokens, l->unknown_tokens),
                                 l->reserved_tokens, tokens);
  return MAX(money, counted);
}

static ledger_role *role_at(ledger *l, uint32_t role) { return l->roles->pdata[role]; }

static void add_attempt(ledger *l, const ledger_op *op, const ledger_key *keys) {
  ledger_attempt *a = g_new0(ledger_attempt, 1);
  *a = (ledger_attempt){.role = op->role, .count = op->count, .tokens = op->in, .upper = op->upper};
  a->keys = g_memdup2(keys, op->count * sizeof *keys);
  int64_t *id = g_new(int64_t, 1);
  *id = op->id;
  g_hash_table_insert(l->attempts, id, a);
  for (uint32_t i = 0; i < op->count; i++) {
    ledger_claim_entry *c = g_hash_table_lookup(l->claims, &keys[i]);
    if (c) c->attempt = op->id;
  }
  l->reserved += MAX(op->upper, 0);
  l->reserved_tokens += op->in;
  role_at(l, op->role)->tally.attempts++;
  role_at(l, op->role)->tally.open++;
}

ledger_verdict ledger_reserve(ledger *l, uint32_t role, const ledger_key *keys, uint32_t count,
                              int64_t in, int64_t out, int64_t upper, int64_t *ret_attempt,
                              uint64_t *ret_ticket) {
  ledger_op op = {.kind = OP_OPEN, .role = role, .count = count, .key = keys[0]};
  op.in = CLAMP(in, 0, TOKENS_MAX) + CLAMP(out, 0, TOKENS_MAX);
  op.upper = upper < 0 ? MONEY_UNKNOWN : MIN(upper, MONEY_MAX);
  op.when = g_get_real_time();
  g_mutex_lock(&l->lock);
  ledger_verdict v = judge_both(l, op.upper, op.in);
  op.id = l->next_attempt;
  op.slot = v == LEDGER_GO ? ledger_intend(l, &op) : -1;
  if (v == LEDGER_GO && op.slot < 0) v = LEDGER_WAIT;
  if (v == LEDGER_GO) {
    l->next_attempt++;
    add_attempt(l, &op, keys);
    *ret_attempt = op.id;
    *ret_ticket = ledger_enqueue(l, &op);
  }
  g_mutex_unlock(&l->lock);
  return v;
}

/* ---- how an attempt ended ---- */

static int64_t clamp_tokens(int64_t n) { return CLAMP(n, 0, TOKENS_MAX); }

/* A provider's numbers are foreign: none may be negative or absurd. */
static price_usage clamp_usage(const price_usage *u) {
  return (price_usage){.input = clamp_tokens(u->input),
                       .cache_read = clamp_tokens(u->cache_read),
                       .cache_write_5m = clamp_tokens(u->cache_write_5m),
                       .cache_write_1h = clamp_tokens(u->cache_write_1h),
                       .output = clamp_tokens(u->output),
                       .batch = u->batch};
}

static int64_t share(int64_t whole, uint32_t count, uint32_t i) {
  return whole / count + (i < whole % count);
}

/* Each question's part of what an attempt came to. */
static void share_out(ledger *l, const ledger_attempt *a, const price_usage *u, int64_t cost) {
  for (uint32_t i = 0; i < a->count; i++) {
    ledger_claim_entry *c = g_hash_table_lookup(l->claims, &a->keys[i]);
    if (!c) continue;
    ledger_add_usage(&c->usage,
                     &(price_usage){.input = share(u->input, a->count, i),
                                    .cache_read = share(u->cache_read, a->count, i),
                                    .cache_write_5m = share(u->cache_write_5m, a->count, i),
                                    .cache_write_1h = share(u->cache_write_1h, a->count, i),
                                    .output = share(u->output, a->count, i)});
    bool known = cost != MONEY_UNKNOWN && c->cost != MONEY_UNKNOWN;
    c->cost = known ? money_add(c->cost, share(cost, a->count, i)) : MONEY_UNKNOWN;
  }
}

static void account_paid(ledger *l, const ledger_attempt *a, const price_usage *u, int64_t cost) {
  ledger_tally *t = &role_at(l, a->role)->tally;
  ledger_add_usage(&t->usage, u);
  l->spent_tokens += u->input + u->output;
  share_out(l, a, u, cost);
  if (cost == MONEY_UNKNOWN && a->upper == MONEY_UNKNOWN) {
    t->unpriced += u->input + u->output;
  } else if (cost == MONEY_UNKNOWN) {
    l->unknown = money_add(l->unknown, a->upper);
    t->high = money_add(t->high, a->upper);
  } else {
    l->spent = money_add(l->spent, cost);
    t->low = money_add(t->low, cost);
    t->high = money_add(t->high, cost);
  }
}

static void account_lost(ledger *l, const ledger_attempt *a) {
  ledger_tally *t = &role_at(l, a->role)->tally;
  t->lost++;
  t->high = money_add(t->high, MAX(a->upper, 0));
  l->unknown = money_add(l->unknown, MAX(a->upper, 0));
  l->unknown_tokens += a->tokens;
}

static ledger_op op_of_report(int64_t attempt, const ledger_report *r, const price_usage *u) {
  ledger_op op = {.kind = OP_END, .id = attempt, .fate = 1 + (int32_t)r->fate};
  op.outcome = r->outcome;
  op.http_status = r->http_status;
  op.usage = *u;
  op.text = g_strdup(r->request_id);
  op.other = g_strdup(r->why);
  op.cost = r->fate == LEDGER_PAID ? price_cost(r->price, u) : r->fate == LEDGER_FREED ? 0 : -1;
  if (r->fate == LEDGER_PAID && r->price) {
    op.price = g_strdup(r->price->id);
    op.price_row = price_json(r->price);
  }
  return op;
}

uint64_t ledger_end(ledger *l, int64_t attempt, const ledger_report *report) {
  price_usage u = clamp_usage(&report->usage);
  if (report->fate != LEDGER_PAID) u = (price_usage){0};
  ledger_op op = op_of_report(attempt, report, &u);
  g_mutex_lock(&l->lock);
  ledger_attempt *a = g_hash_table_lookup(l->attempts, &attempt);
  if (a) {
    ledger_tally *t = &role_at(l, a->role)->tally;
    t->open--;
    l->reserved -= MAX(a->upper, 0);
    l->reserved_tokens -= a->tokens;
    if (report->fate == LEDGER_PAID) account_paid(l, a, &u, op.cost);
    if (report->fate == LEDGER_LOST) account_lost(l, a);
    t->freed += report->fate == LEDGER_FREED;
    g_hash_table_remove(l->attempts, &attempt);
  }
  uint64_t ticket = ledger_enqueue(l, &op);
  g_mutex_unlock(&l->lock);
  return ticket;
}

/* ---- durability ---- */

clio_status ledger_wait(ledger *l, uint64_t ticket, error *e) {
  g_mutex_lock(&l->lock);
  while (!l->broken && l->durable < ticket) g_cond_wait(&l->changed, &l->lock);
  bool there = l->durable >= ticket;
  clio_status s = there ? CLIO_OK : error_set(e, CLIO_E_IO, "%s", l->why.text);
  g_mutex_unlock(&l->lock);
  return s;
}

uint64_t ledger_durable(ledger *l) {
  g_mutex_lock(&l->lock);
  uint64_t durable = l->durable;
  g_mutex_unlock(&l->lock);
  return durable;
}

clio_status ledger_status(ledger *l, error *e) {
  g_mutex_lock(&l->lock);
  clio_status s = l->broken ? error_set(e, CLIO_E_IO, "%s", l->why.text) : CLIO_OK;
  g_mutex_unlock(&l->lock);
  return s;
}
