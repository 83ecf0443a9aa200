/* llm_parts.h - what the files of llm.h share. Internal. */
#ifndef CLIO_CORE_LLM_PARTS_H
#define CLIO_CORE_LLM_PARTS_H
#include "lane.h"
#include "ledger.h"
#include "llm.h"
#include "prices.h"

/* Decoded bytes of an answer. */
enum { CHAT_BODY_MAX = 8 << 20, EMBED_BODY_MAX = 64 << 20 };

/* One role at run time. */
typedef struct llm_role {
  run *r;
  const flow_model *m;
  const clio_model *model;
  const void *config;
  run_stage stage; /* for calls into the plugin; self is the local model's */
  GMutex serial;   /* a local model that answers one question at a time */
  /* A wire model's. */
  lane *lane;
  uint32_t number;         /* in the ledger */
  char *identity, *params; /* of ledger keys */
  const price *price;
  char *key;       /* the secret; wiped at the end */
  guint64 lacks;   /* bits of model->features that the provider refused; written by the loop,
                      read by all, through atomics */
  gint unanswered; /* questions that got no answer */
} llm_role;

struct llm {
  run *r;
  GPtrArray *roles; /* llm_role* */
  http *http;
  ledger *ledger;
  char *repair; /* the text of prompts/repair.txt */
  GMutex lock;  /* guards stop */
  error stop;   /* why the run is being stopped; the first reason stays */
};

/* The role of that name, or NULL. */
llm_role *llm_find(llm *l, const char *role);

/* Records why the run stops; the first reason stays. [any] */
void llm_stop(llm *l, clio_status status, const char *why);

/* Takes the role's key out of the environment variable that its model names. */
clio_status llm_take_key(llm_role *role, error *e);

/* Opens the ledger and the HTTP loop of the run, once for all roles. */
clio_status llm_open_shared(llm *l, error *e);

/* Models behind HTTP: llm_wire.c, llm_chat.c, llm_embed.c. */
clio_status llm_wire_open(llm *l, llm_role *role, error *e);
clio_status llm_wire_complete(clio_call *call, llm_role *role, clio_llm_job *jobs, uint64_t n);
clio_status llm_wire_embed(clio_call *call, llm_role *role, const char *const *texts,
                           const int64_t *lens, uint64_t n, float *ret, uint32_t dim);

/* In place of the wire half, for a plan (llm_plan.c). */
void llm_plan_open(llm *l, llm_role *role);
clio_status llm_plan_complete(clio_call *call, llm_role *role, clio_llm_job *jobs, uint64_t n);
clio_status llm_plan_embed(clio_call *call, llm_role *role, const char *const *texts,
                           const int64_t *lens, uint64_t n, float *ret, uint32_t dim);

/* jobs[i] of a list whose items may be larger than ours. */
clio_llm_job *llm_job(clio_llm_job *jobs, uint64_t i);

/* Puts an answer into a job: a copy in the call's memory. */
clio_status llm_give(clio_call *call, clio_llm_job *job, uint32_t outcome, const char *text,
                     int64_t length);

/* The same question again after an answer of the wrong form (`why`), in the words of
 * prompts/repair.txt. New string. */
char *llm_repair_prompt(const llm *l, const char *prompt, const char *why);
#endif
