/* llm_chat.c - questions put to a model behind HTTP: claimed in the ledger, sent, checked
 * against the form that was asked for, asked again where that helps, settled. */
#include <string.h>

#include "llm_question.h"
#include "llm_schema.h"

enum { LONGER = 2 }; /* times max_tokens, once, where an answer of a wanted form was cut */

static ledger_key key_of_job(const llm_role *m, const clio_llm_job *job) {
  return ledger_key_chat(ledger_secret_in(m->r->llm->ledger), m->identity, m->params, job);
}

static question *chat_new(llm_role *m, waiter *w, uint64_t i, const clio_llm_job *job) {
  question *q = question_new(m, w, CLIO_ASK_CHAT, 1);
  q->first = i;
  q->job = *job;
  q->job.struct_size = sizeof q->job;
  q->repairs = m->m->gm->repairs;
  q->ask.job = &q->job;
  q->ask.count = 1;
  q->keys[0] = key_of_job(m, &q->job);
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
  question_close(q);
  q->built = (clio_request){0};
  llm_count(&q->role->counts.again, 1);
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
    question_send(q);
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
  char room[LLM_WHY_ROOM];
  int64_t start = 0;
  bool goes_on = a->w->failed == CLIO_OK, is_answer = is_final(outcome);
  if (outcome == CLIO_OUT_LENGTH && job->schema && !q->longer && goes_on) {
    q->longer = true;
    again(q, g_strdup(q->job.prompt), q->job.max_tokens * LONGER);
    put(a, q);
    return;
  }
  bool checked = outcome == CLIO_OUT_OK && job->schema && text;
  if (checked && !llm_schema_check(job->schema, text, length, &start, &length, room, &why)) {
    if (q->repairs-- > 0 && goes_on) {
      again(q, llm_repair_prompt(q->role->r->llm, job->prompt, why), q->job.max_tokens);
      put(a, q);
      return;
    }
    outcome = CLIO_OUT_INVALID;
  }
  const char *given = outcome == CLIO_OUT_INVALID || !text ? NULL : text + start;
  if (is_answer) llm_count_answer(q->role, outcome, q->fresh);
  clio_status s = llm_give(a->call, job, outcome, given, length);
  if (s != CLIO_OK) a->w->failed = s;
  question_free(q);
}

static void take_ended(asked *a, question *q) {
  a->w->under_way--;
  if (q->stop) {
    question_stopped(q);
    question_release(q);
    a->w->failed = CLIO_E_CANCELLED;
    question_free(q);
    return;
  }
  settle_chat(q);
  if (!is_final(q->outcome)) question_unanswered(q, a->call);
  take_answer(a, q, q->outcome, q->reply.text, q->reply.text ? q->reply.text_len : 0);
}

clio_status llm_wire_complete(clio_call *call, llm_role *m, clio_llm_job *jobs, uint64_t n) {
  waiter w;
  asked a = {call, jobs, &w, G_QUEUE_INIT};
  bool told = false;
  error e = {0};
  if (llm_wire_ready(m, &e) != CLIO_OK) return host_fail(call, e.status, e.text);
  llm_count(&m->counts.wanted, (gint64)n);
  waiter_init(&w);
  uint64_t next = 0, most = 2 * (uint64_t)m->m->gm->in_flight;
  while (w.under_way > 0 || (w.failed == CLIO_OK && (next < n || !g_queue_is_empty(&a.later)))) {
    waiter_heed_stop(m, &w, &told);
    if (w.under_way == 0 && next == n) {
      put_later(&a, g_queue_pop_head(&a.later));
      continue;
    }
    if (next < n && w.failed == CLIO_OK && w.under_way < most) {
      put(&a, chat_new(m, &w, next, llm_job(jobs, next)));
      next++;
      continue;
    }
    question *q = waiter_next(&w, call);
    if (q) take_ended(&a, q);
  }
  g_queue_clear_full(&a.later, (GDestroyNotify)question_free);
  return waiter_end(&w, m);
}
