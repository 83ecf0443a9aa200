/* ledger_summary.c - what the models were asked, and what it cost; see
 * ledger_summary.h. */
#include "ledger_summary.h"

#include "json.h"
#include "ledger_parts.h"
#include "util.h"

/* ---- counting ---- */

void ledger_add_usage(price_usage *to, const price_usage *what) {
  to->input += what->input;
  to->cache_read += what->cache_read;
  to->cache_write_5m += what->cache_write_5m;
  to->cache_write_1h += what->cache_write_1h;
  to->output += what->output;
}

void ledger_count_answer(ledger *l, uint32_t role, const ledger_answer *a, bool cached) {
  ledger_tally *t = &((ledger_role *)l->roles->pdata[role])->tally;
  if (a->outcome < LEDGER_OUTCOMES) t->outcomes[a->outcome]++;
  t->answered += !cached;
  t->cached += cached;
  if (!cached) return;
  t->reused_cost = money_add(t->reused_cost, MAX(a->cost, 0));
  t->reused_tokens += a->usage.input + a->usage.output;
}

static void add_tally(ledger_tally *to, const ledger_tally *t) {
  to->answered += t->answered;
  to->cached += t->cached;
  for (int i = 0; i < LEDGER_OUTCOMES; i++) to->outcomes[i] += t->outcomes[i];
  to->attempts += t->attempts;
  to->freed += t->freed;
  to->lost += t->lost;
  to->open += t->open;
  ledger_add_usage(&to->usage, &t->usage);
  to->low = money_add(to->low, t->low);
  to->high = money_add(to->high, t->high);
  to->unpriced += t->unpriced;
  to->reused_cost = money_add(to->reused_cost, t->reused_cost);
  to->reused_tokens += t->reused_tokens;
}

void ledger_summarize(ledger *l, ledger_summary *ret) {
  g_mutex_lock(&l->lock);
  uint32_t n = l->roles->len;
  const char **name = g_new(const char *, n + 1), **model = g_new(const char *, n + 1);
  *ret = (ledger_summary){.roles = n, .role = g_new(ledger_tally, n + 1), .name = name};
  ret->model = model;
  for (uint32_t i = 0; i < n; i++) {
    const ledger_role *r = l->roles->pdata[i];
    name[i] = r->name;
    model[i] = r->model;
    ret->role[i] = r->tally;
    add_tally(&ret->all, &r->tally);
  }
  ret->account_low = l->spent;
  ret->account_high = money_add(l->spent, l->unknown);
  ret->account_tokens = l->spent_tokens + l->unknown_tokens;
  ret->reserved = l->reserved;
  ret->budget = l->budget;
  g_mutex_unlock(&l->lock);
}

void ledger_summary_clear(ledger_summary *s) {
  g_free(s->role);
  g_free((void *)s->name);
  g_free((void *)s->model);
  *s = (ledger_summary){0};
}

/* ---- for the manifest ---- */

static void put_dollars(json *j, const char *key, int64_t micro) {
  json_put_double(j, key, money_dollars(micro));
}

static void put_tally(json *j, const ledger_tally *t) {
  static const char *const outcomes[] = {"ok", "refusal", "length", "filtered", "invalid"};
  json_put_int(j, "answered", t->answered);
  json_put_int(j, "cached", t->cached);
  json_key(j, "outcomes"), json_object(j);
  for (int i = 0; i < LEDGER_OUTCOMES; i++) json_put_int(j, outcomes[i], t->outcomes[i]);
  json_end(j);
  json_key(j, "attempts"), json_object(j);
  json_put_int(j, "all", t->attempts);
  json_put_int(j, "not_processed", t->freed);
  json_put_int(j, "unknown", t->lost + t->open);
  json_end(j);
  json_key(j, "tokens"), json_object(j);
  json_put_int(j, "input", t->usage.input);
  json_put_int(j, "cache_read", t->usage.cache_read);
  json_put_int(j, "cache_write", t->usage.cache_write_5m + t->usage.cache_write_1h);
  json_put_int(j, "output", t->usage.output);
  json_put_int(j, "without_price", t->unpriced);
  json_put_int(j, "reused", t->reused_tokens);
  json_end(j);
  json_key(j, "usd"), json_object(j);
  put_dollars(j, "low", t->low);
  put_dollars(j, "high", t->high);
  put_dollars(j, "reused", t->reused_cost);
  json_end(j);
}

static void put_account(json *j, const ledger_summary *s) {
  json_key(j, "account"), json_object(j);
  put_dollars(j, "low", s->account_low);
  put_dollars(j, "high", s->account_high);
  json_put_int(j, "tokens", s->account_tokens);
  json_key(j, "max_cost");
  if (s->budget.cost >= 0)
    json_double(j, money_dollars(s->budget.cost));
  else
    json_null(j);
  json_key(j, "max_tokens");
  if (s->budget.tokens >= 0)
    json_int(j, s->budget.tokens);
  else
    json_null(j);
  json_end(j);
}

void ledger_summary_put(json *j, const ledger_summary *s) {
  json_object(j);
  put_tally(j, &s->all);
  put_account(j, s);
  json_key(j, "roles"), json_array(j);
  for (uint32_t i = 0; i < s->roles; i++) {
    json_object(j);
    json_put_string(j, "role", s->name[i]);
    json_put_string(j, "model", s->model[i]);
    put_tally(j, &s->role[i]);
    json_end(j);
  }
  json_end(j);
  json_end(j);
}

/* ---- for people ---- */

/* "950", "12.3k", "1.2M" */
static char *short_count(int64_t n) {
  if (n < 10000) return format_count(n);
  if (n < 1000000) return g_strdup_printf("%.1fk", (double)n / 1e3);
  if (n < 1000000000) return g_strdup_printf("%.1fM", (double)n / 1e6);
  return g_strdup_printf("%.1fG", (double)n / 1e9);
}

static void append_money(GString *line, const ledger_summary *s) {
  const ledger_tally *t = &s->all;
  if (t->unpriced > 0 && t->high == 0) {
    g_string_append(line, ", price unknown");
    return;
  }
  g_autofree char *low = money_format(t->low), *high = money_format(t->high);
  g_string_append_printf(line, ", %s", low);
  if (t->high > t->low) g_string_append_printf(line, "-%s", high);
  if (t->unpriced > 0) g_string_append(line, " and what has no known price");
  if (s->budget.cost < 0) return;
  g_autofree char *most = money_format(s->budget.cost);
  g_autofree char *account = money_format(s->account_high);
  if (s->account_high > t->high)
    g_string_append_printf(line, " (%s with the runs before it that did not end)", account);
  g_string_append_printf(line, " of %s", most);
}

char *ledger_summary_spent(const ledger_summary *s) {
  g_autofree char *tokens = short_count(s->all.usage.input + s->all.usage.output);
  GString *line = g_string_new(NULL);
  g_string_append_printf(line, "%s tokens", tokens);
  append_money(line, s);
  return g_string_free(line, FALSE);
}

char *ledger_summary_line(const ledger_summary *s) {
  g_autofree char *answered = format_count(s->all.answered), *cached = format_count(s->all.cached);
  g_autofree char *spent = ledger_summary_spent(s);
  return g_strdup_printf("%s asked, %s from the ledger, %s", answered, cached, spent);
}

/* ---- what lies there ---- */

ledger_worth ledger_worth_of(const char *out) {
  static const char sql[] =
      "SELECT count(*), coalesce(sum(input + output), 0), coalesce(sum(cost), 0),"
      " coalesce(sum(CASE WHEN cost IS NULL THEN input + output END), 0) FROM answers";
  ledger_worth w = {0};
  sqlite3 *db = NULL;
  bool failed;
  g_autofree char *path = g_build_filename(out, "private", "ledger.db", NULL);
  if (sqlite3_open_v2(path, &db, SQLITE_OPEN_READONLY, NULL) == SQLITE_OK) {
    sqlite3_stmt *stmt = db_query(db, sql, "");
    if (db_next(stmt, &failed))
      w = (ledger_worth){.known = true,
                         .answers = sqlite3_column_int64(stmt, 0),
                         .tokens = sqlite3_column_int64(stmt, 1),
                         .cost = sqlite3_column_int64(stmt, 2),
                         .unpriced = sqlite3_column_int64(stmt, 3)};
    sqlite3_finalize(stmt);
  }
  sqlite3_close(db);
  return w;
}
