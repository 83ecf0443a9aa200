/* llm_wire.c - one ask on its way to a model behind HTTP: built by the model's plugin,
 * its cost reserved in the ledger, sent by the role's lane, read by the plugin again;
 * see llm_question.h. build() happens on the asking thread first, the rest on the loop's. */
#include <string.h>

#include "cache.h"
#include "graph_budget.h"
#include "llm_question.h"
#include "log.h"
#include "util.h"

enum {
  POLL_MS = 200, /* how soon a waiting stage sees that the run stops */
  REQUEST_ID_MAX = 100
};

/* ---- opening ---- */

static clio_status question_build(void *job, uint32_t attempt, lane_request *ret);
static uint32_t question_may_send(void *job);
static void question_judge(void *job, const http_reply *reply, lane_verdict *verdict);
static void question_done(void *job, const lane_verdict *verdict);

clio_status llm_wire_new_lane(llm_role *m, lane **ret, error *e) {
  const graph_model *gm = m->m->gm;
  const llm *l = m->r->llm;
  lane_options o = {.name = gm->written->id,
                    .http = l->http,
                    .calls = {question_build, question_may_send, question_judge, question_done},
                    .in_flight = (uint32_t)gm->in_flight,
                    .per_minute = {gm->requests_per_minute, gm->input_tokens_per_minute,
                                   gm->output_tokens_per_minute},
                    .attempts = (uint32_t)gm->attempts,
                    .give_up_ms = gm->give_up * 1000,
                    .seed = (uint64_t)l->r->g->seed};
  return lane_new(&o, ret, e);
}

clio_status llm_wire_open(llm *l, llm_role *m, error *e) {
  const flow_stage *st = m->m->st;
  if (graph_budget_limits(l->r->g, l->r->options.max_cost).cost >= 0 && !m->m->price)
    return error_set(
        e, CLIO_E_CONFIG,
        "the price of model '%s' is not known, so no budget of money can be held; add it to "
        "a file of prices (budget.prices), or set budget.max_tokens instead",
        m->m->gm->written->id);
  m->identity = g_strdup_printf("%s %s", st->use, st->ps->owner->p.version);
  m->params = config_json(st->cfg, st->ps, true);
  m->price = m->m->price;
  return CLIO_OK;
}

/* ---- questions ---- */

void question_close(question *q) {
  if (q->open) call_end(&q->call);
  q->open = false;
}

question *question_new(llm_role *role, waiter *w, uint32_t kind, uint64_t most) {
  question *q = g_new0(question, 1);
  q->role = role;
  q->w = w;
  q->ask = (clio_ask){.struct_size = sizeof q->ask, .kind = kind};
  q->keys = g_new0(ledger_key, most);
  if (kind != CLIO_ASK_EMBED) return q;
  q->ask.texts = g_new0(const char *, most);
  q->ask.lens = g_new0(int64_t, most);
  q->index = g_new0(uint64_t, most);
  return q;
}

void question_free(question *q) {
  question_close(q);
  g_free(q->prompt);
  g_free(q->index);
  g_free(q->keys);
  g_free((void *)(uintptr_t)q->ask.texts);
  g_free((void *)(uintptr_t)q->ask.lens);
  g_free(q);
}

/* The request, built anew where the provider was found to lack another part. [any] */
static clio_status build(question *q) {
  llm_role *m = q->role;
  guint64 lacks = __atomic_load_n(&m->lacks, __ATOMIC_RELAXED);
  if (q->open && q->built.url && q->built_without == lacks) return CLIO_OK;
  question_close(q);
  call_begin(&q->call, m->r, &m->stage);
  q->open = true;
  q->built = (clio_request){.struct_size = sizeof q->built};
  q->ask.without = q->built_without = lacks;
  clio_status s = m->model->build(host_table(), &q->call, m->config, &q->ask, &q->built);
  if (s == CLIO_OK && q->call.err.status != CLIO_OK) s = q->call.err.status;
  call_pause(&q->call);
  return s == CLIO_OK && !q->built.url ? CLIO_E_INTERNAL : s;
}

static int64_t upper_cost(const question *q) {
  return price_upper(q->role->price, q->built.in_tokens, q->built.out_tokens, 0);
}

static ledger_verdict reserve(question *q) {
  uint64_t ticket = 0; /* of its row on disk; the attempt itself is safe from our death already */
  ledger_verdict v =
      ledger_reserve(q->role->r->llm->ledger, q->role->number, q->keys, (uint32_t)q->ask.count,
                     q->built.in_tokens, q->built.out_tokens, upper_cost(q), &q->attempt, &ticket);
  q->reserved = v == LEDGER_GO;
  return v;
}

/* ---- the lane's callbacks: the loop thread ---- */

static clio_status question_build(void *job, uint32_t attempt, lane_request *ret) {
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

static uint32_t question_may_send(void *job) {
  ledger_verdict v = reserve(job);
  if (v == LEDGER_GO) return LANE_SEND;
  return v == LEDGER_WAIT ? LANE_WAIT : LANE_STOP;
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
  error_clear(&q->call.err); /* an earlier attempt's */
  call_resume(&q->call);
  clio_status s =
      q->role->model->parse(host_table(), &q->call, q->role->config, &q->ask, &response, &q->reply);
  call_pause(&q->call);
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

/* The provider's number for its answer: foreign, so only what such numbers are made of. */
static void request_id(const http_reply *reply, char ret[REQUEST_ID_MAX + 1]) {
  const char *id = http_header(reply, "request-id");
  if (!id) id = http_header(reply, "x-request-id");
  size_t n = 0;
  for (; id && id[n] && n < REQUEST_ID_MAX; n++)
    ret[n] = g_ascii_isalnum(id[n]) || strchr("-_.", id[n]) ? id[n] : '_';
  ret[n] = '\0';
}

static void question_judge(void *job, const http_reply *reply, lane_verdict *verdict) {
  question *q = job;
  ledger_fate fate = fate_of(reply);
  if (reply->end == HTTP_WHOLE) read_reply(q, reply, verdict);
  char id[REQUEST_ID_MAX + 1];
  request_id(reply, id);
  ledger_report report = {.fate = fate,
                          .outcome = verdict->outcome,
                          .http_status = (int32_t)reply->status,
                          .request_id = id[0] ? id : NULL,
                          .why = verdict->why};
  if (fate == LEDGER_PAID) {
    report.usage = usage_of(&q->reply);
    report.price = q->role->price;
  }
  ledger_end(q->role->r->llm->ledger, q->attempt, &report);
  q->reserved = false;
  if (verdict->outcome == CLIO_OUT_FATAL) g_atomic_int_set(&q->role->fatal, (gint)reply->status);
}

void question_unanswered(const question *q, clio_call *call) {
  llm_count(&q->role->counts.unanswered, 1);
  g_atomic_int_or(&call->stage->asked, CACHE_ASKED_UNANSWERED);
}

static void hand_back(question *q) {
  waiter *w = q->w;
  g_mutex_lock(&w->lock);
  g_queue_push_tail(&w->ended, q);
  g_cond_signal(&w->changed);
  g_mutex_unlock(&w->lock);
}

static void question_done(void *job, const lane_verdict *verdict) {
  question *q = job;
  ledger_report freed = {.fate = LEDGER_FREED, .outcome = CLIO_OUT_TRANSIENT};
  if (q->reserved) ledger_end(q->role->r->llm->ledger, q->attempt, &freed);
  q->reserved = false;
  q->outcome = verdict->outcome;
  q->stop = verdict->stop;
  hand_back(q);
}

/* ---- the asking thread ---- */

/* "$0.0021 of $0.0025 is spent, and the next request may cost $0.0009". New string. */
static char *budget_text(const question *q, const ledger_summary *s) {
  int64_t cost = upper_cost(q), tokens = q->built.in_tokens + q->built.out_tokens;
  bool money = s->budget.cost >= 0 && money_add(s->account_high, MAX(cost, 0)) > s->budget.cost;
  g_autofree char *spent = money ? money_format(s->account_high) : format_count(s->account_tokens);
  g_autofree char *most = money ? money_format(s->budget.cost) : format_count(s->budget.tokens);
  g_autofree char *next = money ? money_format(cost) : format_count(tokens);
  return g_strdup_printf("%s of %s %s, and the next request may %s %s", spent, most,
                         money ? "is spent" : "tokens are used", money ? "cost" : "use", next);
}

static void stop_of_budget(const question *q) {
  llm *l = q->role->r->llm;
  error broken = {0};
  ledger_summary sum;
  if (ledger_status(l->ledger, &broken) != CLIO_OK) {
    llm_stop(l, CLIO_E_IO, broken.text);
    return;
  }
  ledger_summarize(l->ledger, &sum);
  g_autofree char *spent = budget_text(q, &sum);
  g_autofree char *text = g_strdup_printf(
      "the budget is reached: %s; raise it (budget.max_cost, budget.max_tokens of the graph, "
      "--max-cost) and run the same command again: what was answered is kept",
      spent);
  llm_stop(l, STATUS_BUDGET, text);
  ledger_summary_clear(&sum);
}

/* What to do about an answer that stopped the lane for good. New string. */
static char *cure_of(const llm_role *m) {
  const char *variable = llm_key_variable(m);
  int status = g_atomic_int_get(&m->fatal);
  if (status / 100 == 2) return g_strdup("; set the dimension that the model has");
  if (status == 401 && !variable)
    return g_strdup("; name the environment variable that holds the key as 'key' of this model");
  if (status == 401 || status == 403)
    return g_strdup_printf("; see that %s holds a key of this provider that may use the model",
                           variable ? variable : "'key' names a variable that");
  if (status == 404) return g_strdup("; change 'model' or 'base_url' of this model");
  if (status / 100 == 3) return g_strdup("; change 'base_url' of this model");
  return g_strdup(status ? "; change the parameters of this model" : "");
}

void question_stopped(const question *q) {
  llm *l = q->role->r->llm;
  const char *id = q->role->m->gm->written->id;
  bool fatal = q->stop == LANE_FATAL;
  lane_status s;
  if (q->stop == LANE_CANCELLED) return;
  if (q->stop == LANE_BUDGET) {
    stop_of_budget(q);
    return;
  }
  lane_get_status(llm_lane(q->role), &s);
  g_autofree char *cure =
      fatal ? cure_of(q->role) : g_strdup("; run the same command again to go on");
  g_autofree char *text =
      g_strdup_printf("model '%s' (%s): %s%s", id, s.where,
                      s.stopped[0] ? s.stopped : "the provider answers no more", cure);
  llm_stop(l, fatal ? CLIO_E_CONFIG : STATUS_PROVIDER, text);
}

void question_release(const question *q) {
  for (uint64_t i = 0; i < q->ask.count; i++) ledger_release(q->role->r->llm->ledger, &q->keys[i]);
}

/* What cannot be built is handed back at once. */
void question_send(question *q) {
  error e = {0};
  q->w->under_way++;
  q->stop = 0;
  q->outcome = CLIO_OUT_INVALID;
  q->fresh = true;
  if (llm_wire_connect(q->role, &e) != CLIO_OK) {
    llm_stop(q->role->r->llm, e.status, e.text);
    q->stop = LANE_CANCELLED;
    hand_back(q);
    return;
  }
  if (build(q) == CLIO_OK) {
    lane_submit(llm_lane(q->role), q);
    return;
  }
  run_log(q->role->r, CLIO_LOG_WARN, "model '%s': a question could not be put: %s",
          q->role->m->gm->written->id, q->call.err.text);
  hand_back(q);
}

question *waiter_next(waiter *w, clio_call *call) {
  g_mutex_lock(&w->lock);
  if (g_queue_is_empty(&w->ended))
    g_cond_wait_until(&w->changed, &w->lock,
                      g_get_monotonic_time() + POLL_MS * G_TIME_SPAN_MILLISECOND);
  question *q = g_queue_pop_head(&w->ended);
  g_mutex_unlock(&w->lock);
  __atomic_store_n(&call->stage->last_call, g_get_monotonic_time(), __ATOMIC_RELAXED);
  return q;
}

void waiter_init(waiter *w) {
  memset(w, 0, sizeof *w);
  g_mutex_init(&w->lock);
  g_cond_init(&w->changed);
  g_queue_init(&w->ended);
}

/* Waits for the commit of what was answered. */
clio_status waiter_end(waiter *w, const llm_role *m) {
  error e = {0};
  g_mutex_clear(&w->lock);
  g_cond_clear(&w->changed);
  clio_status s = w->ticket ? ledger_wait(m->r->llm->ledger, w->ticket, &e) : CLIO_OK;
  if (s != CLIO_OK) llm_stop(m->r->llm, s, e.text);
  if (w->failed == CLIO_E_CANCELLED || s != CLIO_OK) return CLIO_E_CANCELLED;
  return w->failed; /* whoever set it has failed the call */
}

/* When the run stops, nothing more is sent; what is in flight is let end. */
void waiter_heed_stop(const llm_role *m, waiter *w, bool *told) {
  if (!run_is_cancelled(m->r) || *told) return;
  if (llm_lane(m)) lane_stop(llm_lane(m), false);
  w->failed = CLIO_E_CANCELLED;
  *told = true;
}
