/* lane.c - one lane's queues and the pump that sends from them. What becomes of a reply is
 * in lane_reply.c, how much may be sent in lane_limits.c, when again in lane_retry.c. */
#include "lane_parts.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

enum { BREAKER_ROW = 20, BUDGET_FLOOR = 10, MONEY_WAIT = 20 };

static uint32_t allowed(const lane *l) {
  return l->proven ? (uint32_t)MAX(floor(l->window.width), 1) : 1;
}

static void publish(lane *l) {
  l->s.in_flight = g_queue_get_length(&l->flying);
  l->s.window = allowed(l);
  l->s.answered = l->proven;
  g_mutex_lock(&l->lock);
  l->shown = l->s;
  l->shown_pause = l->pause;
  l->shown_until = l->wait_until;
  l->shown_heard = l->s.in_flight ? l->heard_at : 0;
  l->shown_bad = l->bad_since;
  g_mutex_unlock(&l->lock);
}

/* ---- stopping ---- */

void lane_halt(lane *l, uint32_t stop, const char *why) {
  if (l->s.stop) return;
  l->s.stop = stop;
  g_strlcpy(l->s.stopped, why ? why : "", sizeof l->s.stopped);
}

void lane_end(lane_job *job, lane_verdict *v) {
  lane *l = job->l;
  v->attempts = job->attempts;
  l->s.done++;
  publish(l);
  l->o.calls.done(job->ctx, v);
  g_free(job);
}

void lane_end_stopped(lane_job *job, lane_verdict *v) {
  static const lane_verdict none = {.outcome = CLIO_OUT_TRANSIENT,
                                    .wait_ms = -1,
                                    .in_tokens = -1,
                                    .out_tokens = -1,
                                    .rates = {{-1, -1, -1}, {-1, -1, -1}, {-1, -1, -1}}};
  lane_verdict own = v ? *v : none;
  own.stop = job->l->s.stop;
  if (!v) own.why = job->l->s.stopped;
  lane_end(job, &own);
}

static lane_job *take(GQueue *queue) {
  GList *link = g_queue_pop_head_link(queue);
  return link ? link->data : NULL;
}

static lane_job *take_delayed(lane *l, int64_t until) {
  GSequenceIter *i = g_sequence_get_begin_iter(l->delayed);
  if (g_sequence_iter_is_end(i)) return NULL;
  lane_job *job = g_sequence_get(i);
  if (job->due > until) return NULL;
  g_sequence_remove(i);
  return job;
}

static lane_job *take_any(lane *l) {
  lane_job *job = take(&l->ready);
  if (!job) job = take(&l->fresh);
  if (!job) job = take(&l->held);
  return job ? job : take_delayed(l, INT64_MAX);
}

static void end_waiting(lane *l) {
  for (lane_job *job = take_any(l); job; job = take_any(l)) lane_end_stopped(job, NULL);
}

static void cancel_flying(lane *l) {
  for (lane_job *job = g_queue_peek_head(&l->flying); job; job = g_queue_peek_head(&l->flying))
    http_cancel(l->o.http, job->id);
}

/* ---- what keeps a job back ---- */

static void hold(lane *l, lane_pause why, int64_t until) {
  l->pause = why;
  l->wait_until = until;
}

/* The bucket that keeps back longest what the job needs. */
static bool buckets_open(lane *l, const lane_job *job, int64_t now) {
  int64_t longest = 0;
  for (int i = 0; i < CLIO_RATES; i++) {
    int64_t wait = lane_bucket_wait(&l->buckets[i], job->need[i], now);
    if (wait <= longest) continue;
    longest = wait;
    hold(l, (lane_pause)(PAUSE_REQUESTS + i), now + wait);
  }
  return longest == 0;
}

/* May anything be sent at all? Says why not. */
static bool gate_open(lane *l, int64_t now) {
  int64_t rest = lane_breaker_wait(&l->breaker, now);
  uint32_t flying = g_queue_get_length(&l->flying);
  if (rest < 0)
    hold(l, PAUSE_PROBE, 0);
  else if (rest > 0)
    hold(l, PAUSE_BREAKER, now + rest);
  else if (l->pause_until > now)
    hold(l, l->pause_told ? PAUSE_RETRY_AFTER : PAUSE_BACKOFF, l->pause_until);
  else if (flying >= allowed(l))
    hold(l, l->proven ? PAUSE_WINDOW : PAUSE_FIRST, 0);
  else
    return true;
  return false;
}

/* ---- sending ---- */

static void note_sending(lane *l, const char *url, int64_t now) {
  if (g_queue_is_empty(&l->flying)) l->heard_at = now;
  if (l->s.where[0]) return;
  g_autofree char *shown = http_url_shown(url);
  g_strlcpy(l->s.where, shown, sizeof l->s.where);
}

static void fly(lane_job *job, const lane_request *r, int64_t now) {
  lane *l = job->l;
  for (int i = 0; i < CLIO_RATES; i++) {
    job->mark[i] = lane_bucket_take(&l->buckets[i], job->need[i], now);
    job->trying |= l->buckets[i].trying;
  }
  if (job->attempts++ == 0)
    lane_budget_first(&l->budget, now);
  else
    l->s.retries++;
  job->probe = lane_breaker_send(&l->breaker);
  note_sending(l, r->http.url, now);
  job->sequence = ++l->s.sent;
  g_queue_push_tail_link(&l->flying, &job->link);
  job->id = http_post(l->o.http, &r->http, lane_on_reply, job);
}

static void end_unbuilt(lane_job *job) {
  lane_verdict v = {.outcome = CLIO_OUT_INVALID, .wait_ms = -1, .why = "no request could be built"};
  v.in_tokens = v.out_tokens = -1;
  lane_end(job, &v);
}

/* True when the job is gone, sent or ended; else it has been put back. */
static bool try_send(lane_job *job, GQueue *from, int64_t now) {
  lane *l = job->l;
  lane_request r = {0};
  if (job->known && !buckets_open(l, job, now)) goto back;
  if (l->o.calls.build(job->ctx, job->attempts + 1, &r) != CLIO_OK) {
    end_unbuilt(job);
    return true;
  }
  job->known = true;
  job->need[CLIO_RATE_REQUESTS] = 1;
  job->need[CLIO_RATE_IN_TOKENS] = (double)r.in_tokens;
  job->need[CLIO_RATE_OUT_TOKENS] = (double)r.out_tokens;
  if (!buckets_open(l, job, now)) goto back;
  switch (l->o.calls.may_send ? l->o.calls.may_send(job->ctx) : LANE_SEND) {
  case LANE_SEND: fly(job, &r, now); return true;
  case LANE_WAIT: hold(l, PAUSE_MONEY, now + MONEY_WAIT); break;
  default: lane_halt(l, LANE_BUDGET, "the budget is reached"); break;
  }
back:
  g_queue_push_head_link(from, &job->link);
  return false;
}

static void take_inbox(lane *l) {
  g_mutex_lock(&l->lock);
  l->asked = false;
  int stop = l->stop_asked;
  for (GList *i = g_queue_pop_head_link(&l->inbox); i; i = g_queue_pop_head_link(&l->inbox)) {
    g_queue_push_tail_link(&l->fresh, i);
    l->s.submitted++;
  }
  g_mutex_unlock(&l->lock);
  if (stop) lane_halt(l, LANE_CANCELLED, "stopped");
  if (stop > 1) cancel_flying(l);
}

/* Retries that the budget lets go now; while new jobs wait, they earn it. */
static void release_held(lane *l, int64_t now) {
  if (g_queue_is_empty(&l->held)) return;
  if (g_queue_is_empty(&l->fresh)) lane_budget_trickle(&l->budget, now);
  while (!g_queue_is_empty(&l->held) && lane_budget_take(&l->budget))
    g_queue_push_tail_link(&l->ready, g_queue_pop_head_link(&l->held));
}

static void send_all(lane *l, int64_t now) {
  hold(l, PAUSE_NONE, 0);
  while (!l->s.stop) {
    GQueue *from = g_queue_is_empty(&l->ready) ? &l->fresh : &l->ready;
    if (g_queue_is_empty(from) || !gate_open(l, now)) return;
    if (!try_send(take(from), from, now)) return;
  }
}

/* ---- looking again ---- */

static void on_timer(void *ctx) {
  lane *l = ctx;
  l->timer = 0;
  lane_pump(l);
}

static int64_t earlier(int64_t a, int64_t b) { return b > 0 && (a == 0 || b < a) ? b : a; }

static int64_t next_look(lane *l, int64_t now) {
  int64_t due = l->wait_until;
  GSequenceIter *i = g_sequence_get_begin_iter(l->delayed);
  if (!g_sequence_iter_is_end(i)) due = earlier(due, ((lane_job *)g_sequence_get(i))->due);
  if (!g_queue_is_empty(&l->held) && g_queue_is_empty(&l->fresh))
    due = earlier(due, now + lane_budget_trickle(&l->budget, now));
  if (l->bad_since && l->s.waiting) due = earlier(due, l->bad_since + l->o.give_up_ms);
  return due;
}

static void arm(lane *l, int64_t now) {
  int64_t due = next_look(l, now);
  if (l->timer && l->timer_due == due) return;
  if (l->timer) http_forget(l->o.http, l->timer);
  l->timer = due ? http_after(l->o.http, due - now, on_timer, l) : 0;
  l->timer_due = due;
}

/* Retries that wait are the only thing left, or the first that comes to pass. */
static void explain_idle(lane *l) {
  if (l->pause != PAUSE_NONE || !g_queue_is_empty(&l->flying)) return;
  if (!g_queue_is_empty(&l->held))
    hold(l, PAUSE_RETRY_BUDGET, 0);
  else if (g_sequence_get_length(l->delayed) > 0)
    hold(l, PAUSE_BACKOFF, 0);
}

static void give_up(lane *l) {
  char why[sizeof l->s.stopped];
  g_snprintf(why, sizeof why, "no good answer for %" PRId64 " s%s%s%s", l->o.give_up_ms / 1000,
             l->s.seen[0] ? " (" : "", l->s.seen, l->s.seen[0] ? ")" : "");
  lane_halt(l, LANE_UNAVAILABLE, why);
}

void lane_pump(lane *l) {
  int64_t now = http_now();
  if (l->pumping) return; /* a request that is being cancelled has come back */
  l->pumping = true;
  take_inbox(l);
  if (l->bad_since && now - l->bad_since >= l->o.give_up_ms) give_up(l);
  for (lane_job *job = take_delayed(l, now); job; job = take_delayed(l, now))
    g_queue_push_tail_link(&l->ready, &job->link);
  release_held(l, now);
  send_all(l, now);
  if (l->s.stop) end_waiting(l);
  explain_idle(l);
  l->s.waiting = g_queue_get_length(&l->fresh) + g_queue_get_length(&l->ready) +
                 g_queue_get_length(&l->held) + (uint32_t)g_sequence_get_length(l->delayed);
  if (!l->s.waiting && g_queue_is_empty(&l->flying)) l->bad_since = 0;
  arm(l, now);
  publish(l);
  l->pumping = false;
}

static gint by_due(gconstpointer a, gconstpointer b, gpointer unused) {
  (void)unused;
  const lane_job *x = a, *y = b;
  return (x->due > y->due) - (x->due < y->due);
}

void lane_delay(lane_job *job, int64_t due) {
  job->due = due;
  g_sequence_insert_sorted(job->l->delayed, job, by_due, NULL);
}

/* ---- from other threads ---- */

static void on_call(void *ctx) { lane_pump(ctx); }

/* With the lock held: does a call have to be made? */
static bool ask(lane *l) {
  bool call = !l->asked && !l->closed;
  l->asked = true;
  return call;
}

void lane_mute(lane *l) {
  g_mutex_lock(&l->lock);
  l->asked = true;
  g_mutex_unlock(&l->lock);
}

void lane_submit(lane *l, void *ctx) {
  lane_job *job = g_new0(lane_job, 1);
  job->link.data = job;
  job->l = l;
  job->ctx = ctx;
  g_mutex_lock(&l->lock);
  g_queue_push_tail_link(&l->inbox, &job->link);
  bool call = ask(l);
  g_mutex_unlock(&l->lock);
  if (call) http_call(l->o.http, on_call, l);
}

void lane_stop(lane *l, bool now) {
  g_mutex_lock(&l->lock);
  l->stop_asked = MAX(l->stop_asked, now ? 2 : 1);
  bool call = ask(l);
  g_mutex_unlock(&l->lock);
  if (call) http_call(l->o.http, on_call, l);
}

static void words(lane_pause pause, int64_t ms, char *to, size_t size) {
  static const char *const all[] = {
      [PAUSE_FIRST] = "for the first answer",
      [PAUSE_BACKOFF] = "before trying again",
      [PAUSE_PROBE] = "provider is failing, trying whether it answers",
      [PAUSE_REQUESTS] = "rate limit: requests",
      [PAUSE_IN_TOKENS] = "rate limit: input tokens",
      [PAUSE_OUT_TOKENS] = "rate limit: output tokens",
      [PAUSE_RETRY_BUDGET] = "retry budget is used up",
      [PAUSE_MONEY] = "budget is reserved for what is in flight",
  };
  int64_t s = (MAX(ms, 0) + 999) / 1000;
  to[0] = 0;
  if (pause == PAUSE_RETRY_AFTER)
    g_snprintf(to, size, "retry-after %" PRId64 " s", s);
  else if (pause == PAUSE_BREAKER)
    g_snprintf(to, size, "provider is failing, next try in %" PRId64 " s", s);
  else if (pause != PAUSE_NONE && pause != PAUSE_WINDOW)
    g_strlcpy(to, all[pause], size);
}

void lane_get_status(lane *l, lane_status *ret) {
  g_mutex_lock(&l->lock);
  *ret = l->shown;
  uint64_t unseen = g_queue_get_length(&l->inbox);
  lane_pause pause = l->shown_pause;
  int64_t until = l->shown_until, now = http_now(), heard = l->shown_heard, bad = l->shown_bad;
  g_mutex_unlock(&l->lock);
  ret->submitted += unseen;
  ret->waiting += unseen;
  ret->silent_ms = heard ? now - heard : 0;
  ret->bad_ms = bad ? MAX(now - bad, 1) : 0;
  ret->left_ms = bad ? MAX(bad + l->o.give_up_ms - now, 0) : 0;
  ret->pause_ms = pause != PAUSE_NONE && until ? MAX(until - now, 0) : 0;
  words(pause, until - now, ret->waits, sizeof ret->waits);
  if (pause == PAUSE_WINDOW && ret->window < (double)l->o.in_flight)
    g_snprintf(ret->waits, sizeof ret->waits, "provider bears %.0f at once", ret->window);
}

/* ---- making and freeing ---- */

static void set_defaults(lane_options *o) {
  if (!o->in_flight) o->in_flight = 256;
  if (!o->start) o->start = 8;
  if (!o->attempts) o->attempts = 8;
  if (o->retry_share <= 0) o->retry_share = 0.1;
  if (!o->backoff_ms) o->backoff_ms = 500;
  if (!o->max_wait_ms) o->max_wait_ms = 120 * 1000;
  if (!o->breaker_ms) o->breaker_ms = 5 * 1000;
  if (!o->give_up_ms) o->give_up_ms = 600 * 1000;
}

clio_status lane_new(const lane_options *options, lane **ret, error *e) {
  if (!options->http || !options->calls.build || !options->calls.done)
    return error_set(e, CLIO_E_INTERNAL, "a lane needs http, build() and done()");
  lane *l = g_new0(lane, 1);
  int64_t now = http_now();
  l->o = *options;
  set_defaults(&l->o);
  l->name = g_strdup(options->name ? options->name : "");
  l->o.name = l->name;
  g_mutex_init(&l->lock);
  g_cond_init(&l->closed_cond);
  l->delayed = g_sequence_new(NULL);
  lane_window_init(&l->window, l->o.start, l->o.in_flight);
  for (int i = 0; i < CLIO_RATES; i++) lane_bucket_init(&l->buckets[i], l->o.per_minute[i], now);
  lane_budget_init(&l->budget, l->o.retry_share, BUDGET_FLOOR);
  lane_breaker_init(&l->breaker, BREAKER_ROW, l->o.breaker_ms, l->o.breaker_ms * 12);
  *ret = l;
  return CLIO_OK;
}

static bool inbox_empty(lane *l) {
  g_mutex_lock(&l->lock);
  bool empty = g_queue_is_empty(&l->inbox);
  g_mutex_unlock(&l->lock);
  return empty;
}

static void on_close(void *ctx) {
  lane *l = ctx;
  do lane_pump(l);
  while (!inbox_empty(l) || !g_queue_is_empty(&l->flying));
  if (l->timer) http_forget(l->o.http, l->timer);
  g_mutex_lock(&l->lock);
  l->stop_asked = 3;
  g_cond_signal(&l->closed_cond);
  g_mutex_unlock(&l->lock);
}

void lane_free(lane *l) {
  if (!l) return;
  g_mutex_lock(&l->lock);
  l->stop_asked = 2;
  l->closed = true;
  g_mutex_unlock(&l->lock);
  http_call(l->o.http, on_close, l);
  g_mutex_lock(&l->lock);
  while (l->stop_asked != 3) g_cond_wait(&l->closed_cond, &l->lock);
  g_mutex_unlock(&l->lock);
  g_sequence_free(l->delayed);
  g_mutex_clear(&l->lock);
  g_cond_clear(&l->closed_cond);
  g_free(l->name);
  g_free(l);
}
