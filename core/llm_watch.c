/* llm_watch.c - what the operator sees of models while they are asked; see llm.h. Runs on the
 * thread that watches the stages. Shows counts, addresses and sentences of ours: nothing of a
 * question, an answer or a key. */
#include "llm_parts.h"
#include "log.h"
#include "util.h"

enum {
  SILENT_MS = 30000, /* without any answer: worth a line */
  BAD_MS = 2000,     /* of errors only, by one that has answered before */
  PAUSE_MS = 2000,
  TELL_EVERY = 30 /* seconds between two lines about the same trouble */
};

static const double weight_of_new = 0.3; /* of one look in the smoothed rate */

/* ---- trouble ---- */

static bool is_in_trouble(const lane_status *s) {
  if (s->stop || s->in_flight + s->waiting == 0) return false;
  if (s->bad_ms > 0 && (!s->answered || s->bad_ms >= BAD_MS)) return true;
  return s->pause_ms >= PAUSE_MS || s->silent_ms >= SILENT_MS;
}

/* ": no connection: refused; 40 questions wait: provider is failing, next try in 5 s; gives up
 * in 595 s" */
static char *trouble_text(const lane_status *s) {
  GString *text = g_string_new(NULL);
  g_autofree char *waiting = format_count((int64_t)(s->waiting + s->in_flight));
  if (s->seen[0])
    g_string_append_printf(text, ": %s", s->seen);
  else if (s->silent_ms >= SILENT_MS)
    g_string_append_printf(text, ": no answer for %d s yet", (int)(s->silent_ms / 1000));
  bool one = s->waiting + s->in_flight == 1;
  g_string_append_printf(text, "; %s %s%s%s", waiting, one ? "request waits" : "requests wait",
                         s->waits[0] ? ": " : "", s->waits);
  if (s->bad_ms)
    g_string_append_printf(text, "; gives up in %d s (limits: give_up)", (int)(s->left_ms / 1000));
  return g_string_free(text, FALSE);
}

static void tell_trouble(llm_role *m, const lane_status *s, gint64 now) {
  const char *id = m->m->gm->written->id;
  bool due = now - m->seen.told_at >= TELL_EVERY * G_USEC_PER_SEC;
  if (is_in_trouble(s) && (!m->seen.told_at || due)) {
    g_autofree char *text = trouble_text(s);
    run_log(m->r, CLIO_LOG_WARN, "model '%s' (%s)%s", id, s->where, text);
    m->seen.told_at = now;
  } else if (m->seen.told_at && s->answered && !s->bad_ms && !s->pause_ms && due) {
    m->seen.told_at = 0;
  }
}

/* ---- progress ---- */

static gint64 ended_of(const llm_counts *c) { return c->fresh + c->known + c->unanswered; }

static void measure(llm_seen *seen, gint64 ended, gint64 now) {
  double seconds = (double)(now - seen->at) / G_USEC_PER_SEC;
  if (seen->at && seconds > 0) {
    double rate = (double)(ended - seen->ended) / seconds;
    seen->rate += weight_of_new * (rate - seen->rate);
  }
  seen->at = now;
  seen->ended = ended;
}

/* "vec 120/1,200, 35/s, 8 in flight (rate limit: requests), 3 retries" */
static void append_role(GString *to, const llm_role *m, const llm_counts *c, const lane_status *s) {
  g_autofree char *ended = format_count(ended_of(c)), *wanted = format_count(c->wanted);
  g_autofree char *rate = format_count((int64_t)(m->seen.rate + 0.5));
  if (to->len) g_string_append(to, "; ");
  g_string_append_printf(to, "%s %s/%s, %s/s, %d in flight", m->m->gm->written->id, ended, wanted,
                         rate, (int)s->in_flight);
  bool bad = s->bad_ms >= BAD_MS && s->seen[0];
  if (bad || s->waits[0])
    g_string_append_printf(to, " (%s%s%s)", bad ? s->seen : "", bad && s->waits[0] ? "; " : "",
                           s->waits);
  if (s->retries) g_string_append_printf(to, ", %d retries", (int)s->retries);
}

static void append_spent(GString *to, llm *l) {
  ledger_summary sum;
  ledger_summarize(l->ledger, &sum);
  g_autofree char *spent = ledger_summary_spent(&sum);
  g_string_append_printf(to, "; %s", spent);
  ledger_summary_clear(&sum);
}

void llm_watch(run *r) {
  llm *l = r->llm;
  gint64 now = g_get_monotonic_time();
  g_autoptr(GString) line = g_string_new(NULL);
  for (guint i = 0; l && i < l->roles->len; i++) {
    llm_role *m = l->roles->pdata[i];
    llm_counts c = llm_counts_now(m);
    lane_status s;
    if (!llm_lane(m)) continue;
    lane_get_status(llm_lane(m), &s);
    measure(&m->seen, ended_of(&c), now);
    tell_trouble(m, &s, now);
    if (s.in_flight + s.waiting > 0) append_role(line, m, &c, &s);
  }
  if (!line->len || !log_is_terminal()) return;
  append_spent(line, l);
  log_status("models", line->str);
}
