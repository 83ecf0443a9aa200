/* llm_question.h - one ask on its way to a model behind HTTP, and the thread that waits
 * for it: what llm_wire.c (sending), llm_chat.c (questions and their repairs) and
 * llm_embed.c (vectors) share. Internal. */
#ifndef CLIO_CORE_LLM_QUESTION_H
#define CLIO_CORE_LLM_QUESTION_H
#include "llm_parts.h"

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
  bool fresh;       /* a model was asked for it in this run */
  /* The request as it stands, in the memory of `call`. */
  clio_call call;
  bool open, reserved;
  guint64 built_without;
  clio_request built;
  int64_t attempt;
  clio_reply reply;
  /* How it ended. */
  uint32_t outcome, stop;
} question;

/* An ask of a kind (CLIO_ASK_*) of at most `most` questions, none of them set yet. */
question *question_new(llm_role *role, waiter *w, uint32_t kind, uint64_t most);
void question_free(question *q);

/* Drops the request that was built, and with it the reply. */
void question_close(question *q);

/* Builds it and gives it to the lane; it comes back by waiter_next, also where
 * that failed. [any] */
void question_send(question *q);

/* Gives its claims back to the ledger without an answer. [any] */
void question_release(const question *q);

/* It got no answer that may be kept: counted, and what `call` makes is made again by
 * the next run. [call] */
void question_unanswered(const question *q, clio_call *call);

/* The lane ended it because it stopped: why goes to the run (llm_stop). [any] */
void question_stopped(const question *q);

void waiter_init(waiter *w);

/* The next question that has ended, or NULL after a while. [call] */
question *waiter_next(waiter *w, clio_call *call);

/* When the run stops, nothing more is sent; what is in flight is let end. [call] */
void waiter_heed_stop(const llm_role *m, waiter *w, bool *told);

/* Waits until every answer of the call is on disk. What the service returns. [call] */
clio_status waiter_end(waiter *w, const llm_role *m);
#endif
