/* lane_reply.c - what becomes of a job when an attempt has come back: the limits learn
 * from it, then it ends, goes again, or stops the lane. */
#include <string.h>

#include "lane_parts.h"

enum { MOST_ADAPTS = 8, MOST_DEFERRALS = 64, MOST_REJECTED = 20 };

static bool was_answered(const lane_verdict *v) {
  return v->outcome <= CLIO_OUT_INVALID || v->outcome == CLIO_OUT_ADAPT;
}

/* ---- what the lane learns ---- */

static void settle_buckets(lane_job *job, const http_reply *reply, const lane_verdict *v) {
  lane *l = job->l;
  bool unsent = reply->end == HTTP_UNSENT || reply->end == HTTP_REFUSED;
  double used[CLIO_RATES] = {1, (double)v->in_tokens, (double)v->out_tokens};
  for (int i = 0; i < CLIO_RATES; i++) {
    lane_bucket *b = &l->buckets[i];
    if (unsent)
      used[i] = 0;
    else if (used[i] < 0)
      used[i] = job->need[i];
    lane_bucket_settle(b, job->need[i], used[i]);
    lane_bucket_learn(b, &v->rates[i], job->mark[i], http_now());
    if (job->trying) lane_bucket_tried(b, !v->congested);
  }
  job->trying = false;
}

/* Of all jobs, not only this one: the provider said when, or bears nothing at all. */
static void rest(lane *l, const lane_verdict *v, int64_t now, bool cut) {
  int64_t until = 0;
  bool told = v->wait_ms > 0;
  if (told)
    until = now + MIN(v->wait_ms, l->o.max_wait_ms);
  else if (cut && ++l->cuts > 1)
    until =
        now + lane_backoff(l->o.seed, ++l->draws, l->cuts - 1, l->o.backoff_ms, l->o.max_wait_ms);
  if (until <= l->pause_until) return;
  l->pause_until = until;
  l->pause_told = told;
}

/* Sentences about a connection begin with its address, which stands elsewhere. */
static void note_trouble(lane *l, const char *why) {
  size_t known = strlen(l->s.where);
  if (why && known && !strncmp(why, l->s.where, known) && why[known] == ':') why += known + 1;
  while (why && *why == ' ') why++;
  if (why) g_strlcpy(l->s.seen, why, sizeof l->s.seen);
}

static void learn(lane_job *job, const lane_verdict *v, uint32_t flying, int64_t now) {
  lane *l = job->l;
  /* One that has been ill is not met with all we had under way before. */
  if (lane_breaker_result(&l->breaker, job->probe, v->failing, now))
    lane_window_init(&l->window, l->o.start, l->o.in_flight);
  if (v->congested) {
    l->s.congested++;
    bool cut = lane_window_congested(&l->window, flying, job->sequence, l->s.sent);
    rest(l, v, now, cut);
  }
  if (was_answered(v)) {
    lane_window_good(&l->window, flying);
    l->proven = true;
    l->cuts = 0;
    l->bad_since = 0;
    l->s.seen[0] = '\0';
    return;
  }
  note_trouble(l, v->why);
  if (!l->bad_since) l->bad_since = MAX(now, 1);
}

/* Every request refused and none ever accepted: it is not the rows. */
static void count_rejected(lane *l, const http_reply *reply, const lane_verdict *v) {
  if (v->outcome <= CLIO_OUT_FILTERED) l->rejected = UINT32_MAX;
  if (v->outcome != CLIO_OUT_INVALID || reply->status / 100 != 4) return;
  if (l->rejected == UINT32_MAX) return;
  if (++l->rejected >= MOST_REJECTED) lane_halt(l, LANE_FATAL, v->why);
}

/* ---- what becomes of the job ---- */

static void end_invalid(lane_job *job, lane_verdict *v) {
  job->l->s.failed++;
  v->outcome = CLIO_OUT_INVALID;
  lane_end(job, v);
}

/* Too much at once is nobody's fault: it costs no attempt and no retry. */
static void defer(lane_job *job, lane_verdict *v, int64_t now) {
  lane *l = job->l;
  if (++job->deferrals > MOST_DEFERRALS) {
    end_invalid(job, v);
    return;
  }
  int64_t wait =
      lane_backoff(l->o.seed, ++l->draws, job->deferrals - 1, l->o.backoff_ms, l->o.max_wait_ms);
  lane_delay(job, now + MAX(wait, MIN(v->wait_ms, l->o.max_wait_ms)));
}

/* While the provider is known to be down, no attempt is held against a job. */
static void try_again(lane_job *job, lane_verdict *v, int64_t now) {
  lane *l = job->l;
  if (!l->breaker.open) job->faults++;
  if (job->faults >= l->o.attempts || v->retry == LANE_RETRY_NEVER) {
    end_invalid(job, v);
    return;
  }
  if (!job->probe && !lane_budget_take(&l->budget)) {
    g_queue_push_tail_link(&l->held, &job->link);
    return;
  }
  int64_t wait =
      lane_backoff(l->o.seed, ++l->draws, job->faults, l->o.backoff_ms, l->o.max_wait_ms);
  lane_delay(job, now + MAX(wait, MIN(v->wait_ms, l->o.max_wait_ms)));
}

static void adapt(lane_job *job, lane_verdict *v) {
  job->l->s.adapted++;
  if (++job->adapts > MOST_ADAPTS)
    end_invalid(job, v);
  else
    g_queue_push_head_link(&job->l->ready, &job->link);
}

static void settle_job(lane_job *job, lane_verdict *v, int64_t now) {
  lane *l = job->l;
  if (v->outcome == CLIO_OUT_SPENT) lane_halt(l, LANE_SPENT, v->why);
  if (v->outcome == CLIO_OUT_FATAL) lane_halt(l, LANE_FATAL, v->why);
  if (v->outcome <= CLIO_OUT_INVALID)
    lane_end(job, v);
  else if (l->s.stop)
    lane_end_stopped(job, v);
  else if (v->outcome == CLIO_OUT_ADAPT)
    adapt(job, v);
  else if (v->congested && v->retry != LANE_RETRY_NEVER)
    defer(job, v, now);
  else
    try_again(job, v, now);
}

/* The verdict on one attempt; `why` keeps its words beyond judge(). */
static void judge(lane_job *job, const http_reply *reply, lane_verdict *v, char *why, size_t size) {
  const lane_calls *calls = &job->l->o.calls;
  lane_judge_status(reply, v);
  if (calls->judge) calls->judge(job->ctx, reply, v);
  if (v->retry == LANE_RETRY_ALWAYS && v->outcome == CLIO_OUT_INVALID && reply->status >= 400)
    v->outcome = CLIO_OUT_TRANSIENT;
  g_strlcpy(why, v->why ? v->why : "", size);
  if (v->why) v->why = why;
}

void lane_on_reply(void *ctx, const http_reply *reply) {
  lane_job *job = ctx;
  lane *l = job->l;
  int64_t now = http_now();
  uint32_t flying = g_queue_get_length(&l->flying);
  lane_verdict v;
  char why[512];
  l->heard_at = now;
  g_queue_unlink(&l->flying, &job->link);
  if (!l->pumping) lane_mute(l);
  judge(job, reply, &v, why, sizeof why);
  if (reply->end == HTTP_LOST) l->s.lost++;
  if (reply->end == HTTP_CANCELLED) {
    lane_halt(l, LANE_CANCELLED, "stopped");
  } else {
    settle_buckets(job, reply, &v);
    learn(job, &v, flying, now);
    count_rejected(l, reply, &v);
  }
  settle_job(job, &v, now);
  lane_pump(l);
}
