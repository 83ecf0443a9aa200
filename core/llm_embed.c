/* llm_embed.c - texts put to a model behind HTTP, many in one request: every text is its
 * own question in the ledger. */
#include <string.h>

#include "llm_question.h"

enum { PER_ASK_MAX = 4096 }; /* texts of one ask */

static void add_text(question *q, uint64_t i, const char *text, int64_t length, ledger_key key) {
  uint64_t at = q->ask.count++;
  q->index[at] = i;
  ((const char **)(uintptr_t)q->ask.texts)[at] = text;
  ((int64_t *)(uintptr_t)q->ask.lens)[at] = length;
  q->keys[at] = key;
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
    question_stopped(q);
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
  if (!good) question_release(q);
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
    waiter_heed_stop(m, &w, &told);
    if (next < n && w.failed == CLIO_OK && w.under_way < at_once) {
      question *q = question_new(m, &w, CLIO_ASK_EMBED, most);
      q->ask.dim = dim;
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
        question_send(q);
      else
        question_free(q);
      continue;
    }
    question *q = waiter_next(&w, call);
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
