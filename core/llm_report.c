/* llm_report.c - what the models of a run were asked and what it cost: counted as questions
 * of stages, whatever was asked again; told in lines and in the manifest. See llm.h. */
#include "llm_parts.h"
#include "log.h"
#include "util.h"

/* ---- counting ---- */

void llm_count(gint64 *count, gint64 n) { __atomic_fetch_add(count, n, __ATOMIC_RELAXED); }

static gint64 now_of(const gint64 *count) { return __atomic_load_n(count, __ATOMIC_RELAXED); }

llm_counts llm_counts_now(const llm_role *m) {
  const llm_counts *c = &m->counts;
  llm_counts now = {.wanted = now_of(&c->wanted),
                    .fresh = now_of(&c->fresh),
                    .known = now_of(&c->known),
                    .unanswered = now_of(&c->unanswered),
                    .again = now_of(&c->again)};
  for (int i = 0; i < LEDGER_OUTCOMES; i++) now.outcomes[i] = now_of(&c->outcomes[i]);
  return now;
}

void llm_count_answer(llm_role *m, uint32_t outcome, bool fresh) {
  llm_count(fresh ? &m->counts.fresh : &m->counts.known, 1);
  if (outcome < LEDGER_OUTCOMES) llm_count(&m->counts.outcomes[outcome], 1);
}

static void add_counts(llm_counts *to, const llm_counts *c, int sign) {
  to->wanted += sign * c->wanted;
  to->fresh += sign * c->fresh;
  to->known += sign * c->known;
  to->unanswered += sign * c->unanswered;
  to->again += sign * c->again;
  for (int i = 0; i < LEDGER_OUTCOMES; i++) to->outcomes[i] += sign * c->outcomes[i];
}

static llm_counts counts_of_all(const llm *l) {
  llm_counts sum = {0};
  for (guint i = 0; i < l->roles->len; i++) {
    llm_counts one = llm_counts_now(l->roles->pdata[i]);
    add_counts(&sum, &one, 1);
  }
  return sum;
}

/* The ledger's tally with the questions of stages in place of its own: it holds a repaired
 * question as another one. */
static void put_counts(ledger_tally *t, const llm_counts *c) {
  t->answered = c->fresh;
  t->cached = c->known;
  for (int i = 0; i < LEDGER_OUTCOMES; i++) t->outcomes[i] = c->outcomes[i];
}

static void summarize(const llm *l, ledger_summary *ret) {
  llm_counts all = counts_of_all(l);
  ledger_summarize(l->ledger, ret);
  put_counts(&ret->all, &all);
  for (guint i = 0; i < l->roles->len; i++) {
    const llm_role *m = l->roles->pdata[i];
    llm_counts one = llm_counts_now(m);
    if (m->numbered && m->number < ret->roles) put_counts(&ret->role[m->number], &one);
  }
}

/* ---- in words ---- */

/* ", 3 refused, 2 cut short": what is neither a plain answer nor an error. */
static void append_outcomes(GString *to, const llm_counts *c) {
  static const char *const words[LEDGER_OUTCOMES] = {NULL, "refused", "cut short", "filtered",
                                                     "of the wrong form"};
  for (int i = 0; i < LEDGER_OUTCOMES; i++) {
    g_autofree char *count = format_count(c->outcomes[i]);
    if (words[i] && c->outcomes[i]) g_string_append_printf(to, ", %s %s", count, words[i]);
  }
  g_autofree char *again = format_count(c->again);
  if (c->again) g_string_append_printf(to, ", %s asked again", again);
}

char *llm_line(const run *r) {
  if (!r->llm || !r->llm->ledger) return NULL;
  ledger_summary sum;
  llm_counts c = counts_of_all(r->llm);
  summarize(r->llm, &sum);
  GString *line = g_string_new(NULL);
  g_autofree char *all = ledger_summary_line(&sum);
  g_string_append(line, all);
  append_outcomes(line, &c);
  g_autofree char *open = format_count(c.unanswered);
  if (c.unanswered)
    g_string_append_printf(line, "; %s got no answer, the same command asks them again", open);
  ledger_summary_clear(&sum);
  return g_string_free(line, FALSE);
}

static void say_role(llm_role *m) {
  llm_counts c = llm_counts_now(m), before = m->seen.counted;
  lane_status s = {0};
  m->seen.counted = c;
  add_counts(&c, &before, -1);
  if (c.fresh + c.known + c.unanswered == 0) return;
  if (llm_lane(m)) lane_get_status(llm_lane(m), &s);
  uint64_t sent = s.sent - m->seen.sent, retries = s.retries - m->seen.retries;
  m->seen.sent = s.sent;
  m->seen.retries = s.retries;
  GString *text = g_string_new(NULL);
  g_autofree char *fresh = format_count(c.fresh), *known = format_count(c.known);
  g_string_append_printf(text, "%9s answers by model '%s', %s from the ledger", fresh,
                         m->m->gm->written->id, known);
  append_outcomes(text, &c);
  if (c.unanswered)
    g_string_append_printf(text, ", %" G_GINT64_FORMAT " without answer", c.unanswered);
  g_string_append_printf(text, "; %" G_GUINT64_FORMAT " requests", sent);
  if (retries) g_string_append_printf(text, ", %" G_GUINT64_FORMAT " of them again", retries);
  log_step("", "%s", text->str);
  g_string_free(text, TRUE);
}

clio_status llm_end_step(run *r, error *e) {
  clio_status s = CLIO_OK;
  for (guint i = 0; r->llm && !r->plan && i < r->llm->roles->len; i++) {
    llm_role *m = r->llm->roles->pdata[i];
    llm_counts c = llm_counts_now(m);
    say_role(m);
    if (c.unanswered > 0 && c.fresh + c.known == 0)
      s = error_set(e, STATUS_PROVIDER,
                    "model '%s' answered none of %" G_GINT64_FORMAT
                    " questions; see private/log.jsonl and `clio doctor`, then run the same "
                    "command again",
                    m->m->gm->written->id, c.unanswered);
  }
  return s;
}

/* ---- in the manifest ---- */

/* Dollars, or null: some of what was paid for has no known price. */
static void put_usd(json *j, const ledger_tally *t) {
  json_key(j, "usd");
  if (t->unpriced)
    json_null(j);
  else
    json_double(j, money_dollars(t->low));
}

void llm_put(json *j, const run *r) {
  ledger_summary sum = {0};
  bool asked = r->llm && r->llm->ledger;
  if (asked) summarize(r->llm, &sum);
  json_put_int(j, "tokens", sum.all.usage.input + sum.all.usage.output);
  put_usd(j, &sum.all);
  if (!asked) return;
  json_put_int(j, "unanswered", counts_of_all(r->llm).unanswered);
  json_key(j, "models");
  ledger_summary_put(j, &sum);
  ledger_summary_clear(&sum);
}
