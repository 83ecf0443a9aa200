/* llm_wire.c - questions to models at the other end of HTTP: claimed in the ledger,
 * built by the model's plugin, sent by the role's lane, read by the plugin again,
 * settled in the ledger; see llm.h. build() and the first reservation happen on the
 * asking thread, so that many are made durable by one commit; retries and replies are
 * the loop thread's. */
#include <string.h>

#include "llm_parts.h"
#include "llm_schema.h"
#include "log.h"

enum {
  POLL_MS = 200,      /* how soon a waiting stage sees that the run stops */
  PER_ASK_MAX = 4096, /* texts of one ask */
  LONGER = 2          /* times max_tokens, once, where an answer of a wanted form was cut */
};

/* The asking thread's side: what it waits for. */
typedef struct waiter {
  GMutex lock;
  GCond changed;
  GQueue ended; /* question*, whose lane is done with them */
  uint64_t under_way;
  uint64_t ticket; /* of the ledger: all answers of this call are durable with it */
  clio_status failed;
} waiter;

/* One ask on its way. The loop thread owns it between lane_submit and done(). */
typedef struct question {
  llm_role *role;
  waiter *w;
  uint64_t first;   /* of the stage's jobs or texts */
  uint64_t *index;  /* EMBED: which of the stage's texts each is */
  clio_llm_job job; /* CHAT: a copy, its prompt maybe a repaired one */
  char *prompt;     /* owned, or NULL: the stage's own */
  clio_ask ask;
  ledger_key *keys; /* one per question of the ask */
  int64_t repairs;  /* left */
  bool longer;      /* max_tokens was raised already */
  /* The request as it stands, in the memory of `call`. */
  clio_call call;
  bool open, reserved;
  guint64 built_without;
  clio_request built;
  int64_t attempt;
  uint64_t ticket;
  clio_reply reply;
  /* How it ended. */
  uint32_t outcome, stop;
} question;

/* ---- opening ---- */

static clio_status lane_build(void *job, uint32_t attempt, lane_request *ret);
static uint32_t lane_may_send(void *job);
static void lane_judge(void *job, const http_reply *reply, lane_verdict *verdict);
static void lane_done(void *job, const lane_verdict *verdict);

static clio_status open_lane(llm *l, llm_role *m, error *e) {
  const graph_model *gm = m->m->gm;
  lane_options o = {.name = gm->written->id,
                    .http = l->http,
                    .calls = {lane_build, lane_may_send, lane_judge, lane_done},
                    .in_flight = (uint32_t)gm->in_flight,
                    .per_minute = {gm->requests_per_minute, gm->input_tokens_per_minute,
                                   gm->output_tokens_per_minute},
                    .attempts = (uint32_t)gm->attempts,
                    .seed = (uint64_t)l->r->g->seed};
  return lane_new(&o, &m->lane, e);
}

clio_status llm_wire_open(llm *l, llm_role *m, error *e) {
  const flow_stage *st = m->m->st;
  clio_status s = llm_take_key(m, e);
  if (s == CLIO_OK) s = llm_open_shared(l, e);
  if (s != CLIO_OK) return s;
  const char *model = config_string(st->cfg, st->ps, "model");
  m->identity = g_strdup_printf("%s %s", st->use, st->ps->owner->p.version);
  m->params = config_json(st->cfg, st->ps, true);
  m->price = m->m->price;
  m->number = ledger_add_role(l->ledger, m->m->gm->written->id, model ? model : st->use);
  return open_lane(l, m, e);
}

/* ---- questions ---- */

static void close_call(question *q) {
  if (q->open) call_end(&q->call);
  q->open = false;
}

static void question_free(question *q) {
  close_call(q);
  g_free(q->prompt);
  g_free(q->index);
  g_free(q->keys);
  if (q->ask.kind == CLIO_ASK_EMBED) {
    g_free((void *)(uintptr_t)q->ask.texts);
    g_free((void *)(uintptr_t)q->ask.lens);
  }
  g_free(q);
}

static ledger_key key_of_job(const llm_role *m, const clio_llm_job *job) {
  return ledger_key_chat(ledger_secret_in(m->r->llm->ledger), m->identity, m->params, job);
}

static question *chat_new(llm_role *m, waiter *w, uint64_t i, const clio_llm_job *job) {
  question *q = g_new0(question, 1);
  q->role = m;
  q->w = w;
  q->first = i;
  q->job = *job;
  q->job.struct_size = sizeof q->job;
  q->repairs = m->m->gm->repairs;
  q->ask = (clio_ask){.struct_size = sizeof q->ask, .kind = CLIO_ASK_CHAT, .count = 1};
  q->ask.job = &q->job;
  q->keys = g_new(ledger_key, 1);
  q->keys[0] = key_of_job(m, &q->job);
  return q;
}

/* The request, built anew where the provider was found to lack another part. [any] */
static clio_status build(question *q) {
  llm_role *m = q->role;
  guint64 lacks = __atomic_load_n(&m->lacks, __ATOMIC_RELAXED);
  if (q->open && q->built.url && q->built_without == lacks) return CLIO_OK;
  close_call(q);
  call_begin(&q->call, m->r, &m->stage);
  q->open = true;
  q->built = (clio_request){.struct_size = sizeof q->built};
  q->ask.without = q->built_without = lacks;
  clio_status s = m->model->build(host_table(), &q->call, m->config, &q->ask, &q->built);
  if (s == CLIO_OK && q->call.err.status != CLIO_OK) s = q->call.err.status;
  return s == CLIO_OK && !q->built.url ? CLIO_E_INTERNAL : s;
}

static int64_t upper_cost(const question *q) {
  return price_upper(q->role->price, q->built.in_tokens, q->built.out_tokens, 0);
}

static ledger_verdict reserve(question *q) {
  ledger_verdict v = ledger_reserve(q->role->r->llm->ledger, q->role->number, q->keys,
                                    (uint32_t)q->ask.count, q->built.in_tokens, q->built.out_tokens,
                                    upper_cost(q), &q->attempt, &q->ticket);
  q->reserved = v == LEDGER_GO;
  return v;
}

/* ---- the lane's callbacks: the loop thread ---- */

static clio_status lane_build(void *job, uint32_t attempt, lane_request *ret) {
  question *q = job;
  (void)attempt;
  clio_status s = build(q);
  if (s != CLIO_OK) return s;
  ret->http =
      (http_request){.url = q->built.url,
                     .headers = q->built.headers,
                     .key_header = q->role->key ? q->built.key_header : NULL,
                     .key = q->role->key,
                     .body = q->built.body,
                     .body_len = q->built.body_len,
                     .max_body = q->ask.kind == CLIO_ASK_EMBED ? EMBED_BODY_MAX : CHAT_BODY_MAX,
                     .total_ms = q->role->m->gm->timeout * 1000};
  ret->in_tokens = q->built.in_tokens;
  ret->out_tokens = q->built.out_tokens;
  return CLIO_OK;
}

static uint32_t lane_may_send(void *job) {
  question *q = job;
  ledger *l = q->role->r->llm->ledger;
  if (!q->reserved) {
    ledger_verdict v = reserve(q);
    if (v == LEDGER_WAIT) return LANE_WAIT;
    if (v != LEDGER_GO) return LANE_STOP;
  }
  return ledger_durable(l) >= q->ticket ? LANE_SEND : LANE_WAIT;
}

static void learn(question *q) {
  llm_role *m = q->role;
  guint64 fresh = q->reply.without & ~m->lacks;
  for (int i = 0; m->model->features && m->model->features[i] && fresh; i++)
    if (fresh >> i & 1)
      run_log(m->r, CLIO_LOG_WARN,
              "model '%s': the provider does not take %s; left out from now on",
              m->m->gm->written->id, m->model->features[i]);
  __atomic_store_n(&m->lacks, m->lacks | q->reply.without, __ATOMIC_RELAXED);
}

/* What the plugin makes of a whole answer. */
static void read_reply(question *q, const http_reply *reply, lane_verdict *verdict) {
  clio_response response = {.struct_size = sizeof response,
                            .http_status = reply->status,
                            .headers = reply->headers,
                            .body = reply->body,
                            .body_len = reply->body_len};
  q->reply = (clio_reply){.struct_size = sizeof q->reply, .outcome = verdict->outcome};
  for (int i = 0; i < CLIO_RATES; i++) q->reply.rates[i] = (clio_rate){-1, -1, -1};
  clio_status s =
      q->role->model->parse(host_table(), &q->call, q->role->config, &q->ask, &response, &q->reply);
  if (s != CLIO_OK || q->call.err.status != CLIO_OK) {
    q->reply.outcome = CLIO_OUT_TRANSIENT;
    q->reply.why = "the answer could not be read";
  }
  if (q->reply.outcome == CLIO_OUT_ADAPT) learn(q);
  verdict->outcome = q->reply.outcome;
  if (q->reply.why) verdict->why = q->reply.why;
  memcpy(verdict->rates, q->reply.rates, sizeof verdict->rates);
  verdict->in_tokens = q->reply.in_tokens ? q->reply.in_tokens : -1;
  verdict->out_tokens = q->reply.out_tokens ? q->reply.out_tokens : -1;
}

static ledger_fate fate_of(const http_reply *reply) {
  bool lost = reply->end == HTTP_LOST || reply->end == HTTP_TOO_BIG ||
              (reply->end == HTTP_CANCELLED && reply->left);
  if (reply->end == HTTP_WHOLE && reply->status >= 200 && reply->status < 300) return LEDGER_PAID;
  return lost ? LEDGER_LOST : LEDGER_FREED;
}

static price_usage usage_of(const clio_reply *r) {
  return (price_usage){.input = r->in_tokens,
                       .cache_read = r->cached_tokens,
                       .cache_write_5m = r->cache_write_tokens,
                       .output = r->out_tokens};
}

static void lane_judge(void *job, const http_reply *reply, lane_verdict *verdict) {
  question *q = job;
  ledger_fate fate = fate_of(reply);
  if (reply->end == HTTP_WHOLE) read_reply(q, reply, verdict);
  const char *id = http_header(reply, "request-id");
  ledger_report report = {.fate = fate,
                          .outcome = verdict->outcome,
                          .http_status = (int32_t)reply->status,
                          .request_id = id ? id : http_header(reply, "x-request-id"),
                          .why = verdict->why};
  if (fate == LEDGER_PAID) {
    report.usage = usage_of(&q->reply);
    report.price = q->role->price;
  }
  ledger_end(q->role->r->llm->ledger, q->attempt, &report);
  q->reserved = false;
}

static void hand_back(question *q) {
  waiter *w = q->w;
  g_mutex_lock(&w->lock);
  g_queue_push_tail(&w->ended, q);
  g_cond_signal(&w->changed);
  g_mutex_unlock(&w->lock);
}

static void lane_done(void *job, const lane_verdict *verdict) {
  question *q = job;
  ledger_report freed = {.fate = LEDGER_FREED, .outcome = CLIO_OUT_TRANSIENT};
  if (q->reserved) ledger_end(q->role->r->llm->ledger, q->attempt, &freed);
  q->reserved = false;
  q->outcome = verdict->outcome;
  q->stop = verdict->stop;
  hand_back(q);
}

/* ---- the asking thread ---- */

static void stopped_by(const question *q) {
  llm *l = q->role->r->llm;
  char text[400];
  lane_status s;
  lane_get_status(q->role->lane, &s);
  const char *id = q->role->m->gm->written->id;
  if (q->stop == LANE_CANCELLED) return;
  if (q->stop == LANE_BUDGET) {
    error broken = {0};
    if (ledger_status(l->ledger, &broken) != CLIO_OK)
      llm_stop(l, CLIO_E_IO, broken.text);
    else
      llm_stop(l, STATUS_BUDGET,
               "the budget is reached; raise it (--max-cost) and run the same command again: what "
               "was answered is kept");
    return;
  }
  g_snprintf(text, sizeof text, "model '%s': %s; run the same command again to go on", id,
             s.stopped[0] ? s.stopped : "the provider answers no more");
  llm_stop(l, q->stop == LANE_FATAL ? CLIO_E_CONFIG : STATUS_PROVIDER, text);
}

static void release(const question *q) {
  for (uint64_t i = 0; i < q->ask.count; i++) ledger_release(q->role->r->llm->ledger, &q->keys[i]);
}

/* Builds, reserves and sends; waits for money where what is in flight may free some.
 * What cannot be sent is handed back at once. */
static void send_off(question *q) {
  ledger_verdict v = LEDGER_STOP;
  error broken = {0};
  q->w->under_way++;
  q->stop = 0;
  q->outcome = CLIO_OUT_INVALID;
  if (build(q) == CLIO_OK) {
    v = reserve(q);
    if (v == LEDGER_GO || v == LEDGER_WAIT) {
      lane_submit(q->role->lane, q); /* may_send() waits for the commit, or for money */
      return;
    }
    q->stop = LANE_BUDGET;
  } else {
    error_set(&broken, CLIO_E_CONFIG, "%s", q->call.err.text);
    run_log(q->role->r, CLIO_LOG_WARN, "model '%s': a question could not be put: %s",
            q->role->m->gm->written->id, broken.text);
  }
  hand_back(q);
}

static question *next_ended(waiter *w, clio_call *call) {
  g_mutex_lock(&w->lock);
  if (g_queue_is_empty(&w->ended))
    g_cond_wait_until(&w->changed, &w->lock,
                      g_get_monotonic_time() + POLL_MS * G_TIME_SPAN_MILLISECOND);
  question *q = g_queue_pop_head(&w->ended);
  g_mutex_unlock(&w->lock);
  __atomic_store_n(&call->stage->last_call, g_get_monotonic_time(), __ATOMIC_RELAXED);
  return q;
}

static bool is_final(uint32_t outcome) {
  return outcome == CLIO_OUT_OK || outcome == CLIO_OUT_REFUSAL || outcome == CLIO_OUT_LENGTH ||
         outcome == CLIO_OUT_FILTERED;
}

/* The answer of a chat into the ledger. */
static void settle_chat(question *q) {
  llm *l = q->role->r->llm;
  ledger_answer a = {.outcome = q->outcome,
                     .text = (char *)(uintptr_t)q->reply.text,
                     .length = q->reply.text ? q->reply.text_len : 0};
  if (is_final(q->outcome))
    q->w->ticket = MAX(q->w->ticket, ledger_settle(l->ledger, &q->keys[0], &a));
  else
    ledger_release(l->ledger, &q->keys[0]);
}

/* Another question in this one's place: its claim is open, or it is answered. */
static void again(question *q, char *prompt, uint32_t max_tokens) {
  g_free(q->prompt);
  q->prompt = prompt;
  q->job.prompt = prompt;
  q->job.max_tokens = max_tokens;
  close_call(q);
  q->built = (clio_request){0};
  q->keys[0] = key_of_job(q->role, &q->job);
}

typedef struct asked {
  clio_call *call;
  clio_llm_job *jobs;
  waiter *w;
  GQueue later; /* question*: the same is being asked already, here or by another thread */
} asked;

static void take_answer(asked *a, question *q, uint32_t outcome, const char *text, int64_t length);

static void take_claimed(asked *a, question *q, ledger_claimed c, ledger_answer *known) {
  if (c == LEDGER_MINE)
    send_off(q);
  else
    take_answer(a, q, known->outcome, known->text, known->length);
  ledger_answer_clear(known);
}

/* Claims what it asks and sends it, or takes the answer that is there. */
static void put(asked *a, question *q) {
  llm *l = q->role->r->llm;
  ledger_answer known = {0};
  ledger_claimed c = ledger_claim(l->ledger, q->role->number, &q->keys[0], &known);
  if (c == LEDGER_BUSY)
    g_queue_push_tail(&a->later, q);
  else
    take_claimed(a, q, c, &known);
}

/* What another was asking. Called when nothing of our own is under way, or two threads
 * could wait for each other. */
static void put_later(asked *a, question *q) {
  ledger_answer known = {0};
  ledger_claimed c = ledger_await(q->role->r->llm->ledger, q->role->number, &q->keys[0], &known);
  take_claimed(a, q, c, &known);
}

/* An answer, new or kept: given to the stage, or asked for again. Frees the question
 * unless it goes on. */
static void take_answer(asked *a, question *q, uint32_t outcome, const char *text, int64_t length) {
  clio_llm_job *job = llm_job(a->jobs, q->first);
  const char *why = NULL;
  char room[160];
  int64_t start = 0;
  if (outcome == CLIO_OUT_LENGTH && job->schema && !q->longer) {
    q->longer = true;
    again(q, g_strdup(q->job.prompt), q->job.max_tokens * LONGER);
    put(a, q);
    return;
  }
  bool checked = outcome == CLIO_OUT_OK && job->schema && text;
  if (checked && !llm_schema_check(job->schema, text, length, &start, &length, room, &why)) {
    if (q->repairs-- > 0) {
      again(q, llm_repair_prompt(q->role->r->llm, job->prompt, why), q->job.max_tokens);
      put(a, q);
      return;
    }
    outcome = CLIO_OUT_INVALID;
  }
  const char *given = outcome == CLIO_OUT_INVALID || !text ? NULL : text + start;
  clio_status s = llm_give(a->call, job, outcome, given, length);
  if (s != CLIO_OK) a->w->failed = s;
  question_free(q);
}

static void take_ended(asked *a, question *q) {
  a->w->under_way--;
  if (q->stop) {
    stopped_by(q);
    release(q);
    a->w->failed = CLIO_E_CANCELLED;
    question_free(q);
    return;
  }
  settle_chat(q);
  take_answer(a, q, q->outcome, q->reply.text, q->reply.text ? q->reply.text_len : 0);
}

static void waiter_init(waiter *w) {
  memset(w, 0, sizeof *w);
  g_mutex_init(&w->lock);
  g_cond_init(&w->changed);
  g_queue_init(&w->ended);
}

/* Waits for the commit of what was answered. */
static clio_status waiter_end(waiter *w, clio_call *call, const llm_role *m) {
  error e = {0};
  g_mutex_clear(&w->lock);
  g_cond_clear(&w->changed);
  clio_status s = w->ticket ? ledger_wait(m->r->llm->ledger, w->ticket, &e) : CLIO_OK;
  if (s != CLIO_OK) llm_stop(m->r->llm, s, e.text);
  if (w->failed == CLIO_E_CANCELLED || s != CLIO_OK) return CLIO_E_CANCELLED;
  return w->failed == CLIO_OK ? CLIO_OK : host_fail(call, w->failed, "no memory for answers");
}

/* When the run stops, nothing more is sent; what is in flight is let end. */
static void heed_stop(const llm_role *m, waiter *w, bool *told) {
  if (!run_is_cancelled(m->r) || *told) return;
  lane_stop(m->lane, false);
  w->failed = CLIO_E_CANCELLED;
  *told = true;
}

clio_status llm_wire_complete(clio_call *call, llm_role *m, clio_llm_job *jobs, uint64_t n) {
  waiter w;
  waiter_init(&w);
  asked a = {call, jobs, &w, G_QUEUE_INIT};
  bool told = false;
  uint64_t next = 0, most = 2 * (uint64_t)m->m->gm->in_flight;
  while (w.under_way > 0 || (w.failed == CLIO_OK && (next < n || !g_queue_is_empty(&a.later)))) {
    heed_stop(m, &w, &told);
    if (w.under_way == 0 && next == n) {
      put_later(&a, g_queue_pop_head(&a.later));
      continue;
    }
    if (next < n && w.failed == CLIO_OK && w.under_way < most) {
      put(&a, chat_new(m, &w, next, llm_job(jobs, next)));
      next++;
      continue;
    }
    question *q = next_ended(&w, call);
    if (q) take_ended(&a, q);
  }
  g_queue_clear_full(&a.later, (GDestroyNotify)question_free);
  return waiter_end(&w, call, m);
}

/* ---- embeddings ---- */

static void add_text(question *q, uint64_t i, const char *text, int64_t length, ledger_key key) {
  uint64_t at = q->ask.count++;
  q->index[at] = i;
  ((const char **)(uintptr_t)q->ask.texts)[at] = text;
  ((int64_t *)(uintptr_t)q->ask.lens)[at] = length;
  q->keys[at] = key;
}

static question *embed_new(llm_role *m, waiter *w, uint64_t most, uint32_t dim) {
  question *q = g_new0(question, 1);
  q->role = m;
  q->w = w;
  q->ask = (clio_ask){.struct_size = sizeof q->ask, .kind = CLIO_ASK_EMBED, .dim = dim};
  q->ask.texts = g_new0(const char *, most);
  q->ask.lens = g_new0(int64_t, most);
  q->index = g_new0(uint64_t, most);
  q->keys = g_new0(ledger_key, most);
  return q;
}

static bool vectors_fit(const question *q) {
  return q->outcome == CLIO_OUT_OK && q->reply.vectors && q->reply.count == q->ask.count &&
         q->reply.dim == q->ask.dim;
}

static clio_status refuse_vectors(clio_call *call, const question *q) {
  char text[200];
  g_snprintf(text, sizeof text,
             "model '%s' gives vectors of %u numbers where %u were asked for; set 'dimension'",
             q->role->m->gm->written->id, q->reply.dim, q->ask.dim);
  return host_fail(call, CLIO_E_CONFIG, text);
}

static void take_vectors(clio_call *call, question *q, float *ret) {
  waiter *w = q->w;
  uint32_t dim = q->ask.dim;
  w->under_way--;
  if (q->stop) {
    stopped_by(q);
    w->failed = CLIO_E_CANCELLED;
  } else if (q->outcome == CLIO_OUT_OK && !vectors_fit(q)) {
    refuse_vectors(call, q);
    w->failed = CLIO_E_CONFIG;
  }
  bool good = w->failed == CLIO_OK && vectors_fit(q);
  for (uint64_t i = 0; good && i < q->ask.count; i++) {
    ledger_answer a = {.dim = dim, .vector = (float *)(uintptr_t)q->reply.vectors + i * dim};
    memcpy(ret + q->index[i] * dim, a.vector, dim * sizeof *ret);
    w->ticket = MAX(w->ticket, ledger_settle(q->role->r->llm->ledger, &q->keys[i], &a));
  }
  if (!good) release(q);
  question_free(q);
}

/* Takes what the ledger has; the others of the same text are asked for once. */
static bool claim_text(llm_role *m, const ledger_key *key, uint32_t dim, float *ret,
                       bool *ret_busy) {
  ledger_answer known = {0};
  ledger_claimed c = ledger_claim(m->r->llm->ledger, m->number, key, &known);
  *ret_busy = c == LEDGER_BUSY;
  if (c == LEDGER_ANSWERED && known.vector && known.dim == dim)
    memcpy(ret, known.vector, dim * sizeof *ret);
  ledger_answer_clear(&known);
  return c == LEDGER_MINE;
}

clio_status llm_wire_embed(clio_call *call, llm_role *m, const char *const *texts,
                           const int64_t *lens, uint64_t n, float *ret, uint32_t dim) {
  waiter w;
  waiter_init(&w);
  bool told = false;
  uint64_t most = CLAMP(m->model->embeds_at_once, 1, PER_ASK_MAX), next = 0;
  uint64_t at_once = 2 * (uint64_t)m->m->gm->in_flight;
  const ledger_secret *secret = ledger_secret_in(m->r->llm->ledger);
  g_autoptr(GArray) busy = g_array_new(FALSE, FALSE, sizeof(uint64_t));
  while (w.under_way > 0 || (next < n && w.failed == CLIO_OK)) {
    heed_stop(m, &w, &told);
    if (next < n && w.failed == CLIO_OK && w.under_way < at_once) {
      question *q = embed_new(m, &w, most, dim);
      for (; next < n && q->ask.count < most; next++) {
        bool is_busy = false;
        ledger_key key =
            ledger_key_embed(secret, m->identity, m->params, texts[next], lens[next], dim);
        if (claim_text(m, &key, dim, ret + next * dim, &is_busy))
          add_text(q, next, texts[next], lens[next], key);
        else if (is_busy)
          g_array_append_val(busy, next);
      }
      if (q->ask.count)
        send_off(q);
      else
        question_free(q);
      continue;
    }
    question *q = next_ended(&w, call);
    if (q) take_vectors(call, q, ret);
  }
  for (guint i = 0; i < busy->len && w.failed == CLIO_OK; i++) {
    uint64_t at = g_array_index(busy, uint64_t, i);
    ledger_answer known = {0};
    ledger_key key = ledger_key_embed(secret, m->identity, m->params, texts[at], lens[at], dim);
    ledger_claimed c = ledger_await(m->r->llm->ledger, m->number, &key, &known);
    if (c == LEDGER_MINE) ledger_release(m->r->llm->ledger, &key);
    if (c == LEDGER_ANSWERED && known.vector && known.dim == dim)
      memcpy(ret + at * dim, known.vector, dim * sizeof *ret);
    ledger_answer_clear(&known);
  }
  return waiter_end(&w, call, m);
}
