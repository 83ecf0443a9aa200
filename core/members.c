/* members.c - the gate's text rule, put to a stage's own table; see members.h.
 * Advice only: the gate asks again with its own copy of the rows. */
#include "members.h"

#include "roll.h"
#include "run.h"

struct members_cache {
  GMutex lock;
  const clio_table *table;
  int32_t text_column;
  words_index *index;
  const char **text;
  int64_t *len;
  uint64_t *account, *org;
};

static void clear(members_cache *c) {
  words_index_free(c->index);
  table_unref(c->table);
  g_free(c->text);
  g_free(c->len);
  g_free(c->account);
  g_free(c->org);
  c->index = NULL;
  c->table = NULL;
}

void members_forget(run *r) {
  if (!r->members) return;
  clear(r->members);
  g_mutex_clear(&r->members->lock);
  g_free(r->members);
  r->members = NULL;
}

members_cache *members_new(void) {
  members_cache *c = g_new0(members_cache, 1);
  g_mutex_init(&c->lock);
  return c;
}

/* The same accounts and organisations as the gate will count. */
static void fill_ids(members_cache *c, const run *r, const clio_table *t) {
  bool assumed = r->g->privacy.one_account_per_conversation;
  for (uint64_t i = 0; i < t->rows; i++) {
    const roll_entry *entry = roll_find(r->roll, t->keys->key[i]);
    c->account[i] = entry ? roll_account(entry, assumed) : UINT64_MAX;
    c->org[i] = entry ? roll_org(entry, assumed) : ~c->account[i];
  }
}

static void build(members_cache *c, const run *r, const clio_members *m) {
  const clio_table *t = m->table;
  const column *col = t->columns->pdata[m->text_column];
  clear(c);
  c->table = table_ref(t);
  c->text_column = m->text_column;
  c->text = g_new0(const char *, t->rows + 1);
  c->len = g_new0(int64_t, t->rows + 1);
  c->account = g_new0(uint64_t, t->rows + 1);
  c->org = g_new0(uint64_t, t->rows + 1);
  for (uint64_t i = 0; i < t->rows; i++) c->text[i] = column_text(col, i, &c->len[i]);
  fill_ids(c, r, t);
  c->index = words_index_new(t->rows, c->text, c->len, c->account, c->org);
}

static bool is_sound(const clio_members *m) {
  if (!m || !m->table || !m->table->keys || m->text_column < 0) return false;
  if (m->count && !m->rows) return false;
  if ((guint)m->text_column >= m->table->columns->len) return false;
  const column *c = m->table->columns->pdata[m->text_column];
  if (c->type != CLIO_T_UTF8) return false;
  for (uint64_t i = 0; i < m->count; i++)
    if (m->rows[i] >= m->table->rows || (i && m->rows[i] <= m->rows[i - 1])) return false;
  return true;
}

clio_status members_rule(clio_call *call, const clio_members *m, bool is_name, const char *text,
                         const char **ret_reason) {
  run *r = call->run;
  if (call->stage->fs->role != FLOW_WHOLE)
    return host_fail(call, CLIO_E_UNSUPPORTED,
                     "rule: who a cluster's members are is known behind the barrier only; ask from "
                     "a stage that needs every row");
  if (!is_sound(m))
    return host_fail(call, CLIO_E_INTERNAL,
                     "rule: members need a conversations table, a text "
                     "column of it, and rows in rising order");
  members_cache *c = r->members;
  uint32_t *rows = g_new(uint32_t, m->count + 1);
  for (uint64_t i = 0; i < m->count; i++) rows[i] = (uint32_t)m->rows[i];
  words_rule rule = {.accounts = r->gate_policy.word_accounts,
                     .organizations = r->gate_policy.cluster.organizations,
                     .exempt_common = r->gate_policy.word_exempt_common,
                     .max_words = is_name ? WORDS_NAME : WORDS_DESCRIPTION};
  g_mutex_lock(&c->lock);
  if (c->table != m->table || c->text_column != m->text_column) build(c, r, m);
  *ret_reason = words_check(c->index, r->words, &rule, rows, m->count, text);
  g_mutex_unlock(&c->lock);
  g_free(rows);
  return CLIO_OK;
}
