/* llm_embed.c - texts put to a model behind HTTP, many in one request: every text is its
 * own question in the ledger, and one that spoils its request is asked again alone, so
 * that what a text gets does not depend on its neighbours. */
#include <string.h>

#include "llm_question.h"

enum { PER_ASK_MAX = 4096 }; /* texts of one ask */

/* One call of embed(). */
typedef struct embedding {
  clio_call *call;
  llm_role *m;
  const char *const *texts;
  const int64_t *lens;
  float *ret;
  uint64_t n, next, most; /* texts; the next to be claimed; of one ask */
  uint32_t dim;
  GArray *busy; /* uint64_t: texts that are being asked already, here or elsewhere */
  waiter w;
} embedding;

static ledger_key key_of_text(const embedding *v, uint64_t i) {
  return ledger_key_embed(ledger_secret_in(v->m->r->llm->ledger), v->m->identity, v->m->params,
                          v->texts[i], v->lens[i], v->dim);
}

static void add_text(const embedding *v, question *q, uint64_t i, ledger_key key) {
  uint64_t at = q->ask.count++;
  q->index[at] = i;
  ((const char **)(uintptr_t)q->ask.texts)[at] = v->texts[i];
  ((int64_t *)(uintptr_t)q->ask.lens)[at] = v->lens[i];
  q->keys[at] = key;
}

static question *ask_for(embedding *v, uint64_t most) {
  question *q = question_new(v->m, &v->w, CLIO_ASK_EMBED, most);
  q->ask.dim = v->dim;
  return q;
}

static void ask_alone(embedding *v, uint64_t i, ledger_key key) {
  question *q = ask_for(v, 1);
  add_text(v, q, i, key);
  question_send(q);
}

static void take_known(const embedding *v, uint64_t i, const ledger_answer *known, bool fresh) {
  llm_count_answer(v->m, CLIO_OUT_OK, fresh);
  if (known->vector && known->dim == v->dim)
    memcpy(v->ret + i * v->dim, known->vector, v->dim * sizeof *v->ret);
}

/* Claims texts until an ask is full, and sends it. */
static void send_next(embedding *v) {
  question *q = ask_for(v, v->most);
  for (; v->next < v->n && q->ask.count < v->most; v->next++) {
    ledger_answer known = {0};
    ledger_key key = key_of_text(v, v->next);
    ledger_claimed c = ledger_claim(v->m->r->llm->ledger, v->m->number, &key, &known);
    if (c == LEDGER_MINE)
      add_text(v, q, v->next, key);
    else if (c == LEDGER_BUSY)
      g_array_append_val(v->busy, v->next);
    else
      take_known(v, v->next, &known, false);
    ledger_answer_clear(&known);
  }
  if (q->ask.count)
    question_send(q);
  else
    question_free(q);
}

/* What another was asking. Called when nothing of our own is under way, or two threads
 * could wait for each other. */
static void take_busy(embedding *v) {
  uint64_t i = g_array_index(v->busy, uint64_t, v->busy->len - 1);
  ledger_answer known = {0};
  ledger_key key = key_of_text(v, i);
  g_array_set_size(v->busy, v->busy->len - 1);
  ledger_claimed c = ledger_await(v->m->r->llm->ledger, v->m->number, &key, &known);
  if (c == LEDGER_MINE)
    ask_alone(v, i, key);
  else
    take_known(v, i, &known, false);
  ledger_answer_clear(&known);
}

/* ---- what came back ---- */

static bool vectors_fit(const question *q) {
  return q->outcome == CLIO_OUT_OK && q->reply.vectors && q->reply.count == q->ask.count &&
         q->reply.dim == q->ask.dim;
}

static void refuse_vectors(embedding *v, const question *q) {
  char text[200];
  g_snprintf(text, sizeof text,
             "model '%s' gives vectors of %u numbers where %u were asked for; set 'dimension'",
             v->m->m->gm->written->id, q->reply.dim, v->dim);
  v->w.failed = host_fail(v->call, CLIO_E_CONFIG, text);
}

static void take_vectors(embedding *v, const question *q) {
  for (uint64_t i = 0; i < q->ask.count; i++) {
    ledger_answer a = {.dim = v->dim, .vector = (float *)(uintptr_t)q->reply.vectors + i * v->dim};
    take_known(v, q->index[i], &a, true);
    uint64_t ticket = ledger_settle(v->m->r->llm->ledger, &q->keys[i], &a);
    v->w.ticket = MAX(v->w.ticket, ticket);
  }
}

static void take_ended(embedding *v, question *q) {
  v->w.under_way--;
  bool alone = q->ask.count == 1;
  if (q->stop) {
    question_stopped(q);
    v->w.failed = CLIO_E_CANCELLED;
  } else if (q->outcome == CLIO_OUT_OK && !vectors_fit(q)) {
    refuse_vectors(v, q);
  } else if (q->outcome == CLIO_OUT_OK) {
    take_vectors(v, q);
  }
  bool again = q->outcome != CLIO_OUT_OK && !q->stop && !alone && v->w.failed == CLIO_OK;
  if (again) /* their claims stay ours */
    for (uint64_t i = 0; i < q->ask.count; i++) ask_alone(v, q->index[i], q->keys[i]);
  else if (!vectors_fit(q) || q->stop)
    question_release(q);
  if (q->outcome != CLIO_OUT_OK && !q->stop && alone) question_unanswered(q, v->call);
  question_free(q);
}

clio_status llm_wire_embed(clio_call *call, llm_role *m, const char *const *texts,
                           const int64_t *lens, uint64_t n, float *ret, uint32_t dim) {
  embedding v = {
      .call = call, .m = m, .texts = texts, .lens = lens, .ret = ret, .n = n, .dim = dim};
  uint64_t at_once = 2 * (uint64_t)m->m->gm->in_flight;
  bool told = false;
  error e = {0};
  if (llm_wire_ready(m, &e) != CLIO_OK) return host_fail(call, e.status, e.text);
  llm_count(&m->counts.wanted, (gint64)n);
  v.most = CLAMP(m->model->embeds_at_once, 1, PER_ASK_MAX);
  v.busy = g_array_new(FALSE, FALSE, sizeof(uint64_t));
  waiter_init(&v.w);
  while (v.w.under_way > 0 || (v.w.failed == CLIO_OK && (v.next < n || v.busy->len))) {
    waiter_heed_stop(m, &v.w, &told);
    bool goes_on = v.w.failed == CLIO_OK;
    if (goes_on && v.next < n && v.w.under_way < at_once) {
      send_next(&v);
    } else if (goes_on && v.next == n && v.w.under_way == 0) {
      take_busy(&v);
    } else {
      question *q = waiter_next(&v.w, call);
      if (q) take_ended(&v, q);
    }
  }
  g_array_unref(v.busy);
  return waiter_end(&v.w, m);
}
