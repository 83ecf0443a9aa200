/* llm_parts.h - what the files of llm.h share. Internal. */
#ifndef CLIO_CORE_LLM_PARTS_H
#define CLIO_CORE_LLM_PARTS_H
#include "lane.h"
#include "ledger_summary.h"
#include "llm.h"
#include "prices.h"

/* Decoded bytes of an answer. */
enum { CHAT_BODY_MAX = 8 << 20, EMBED_BODY_MAX = 64 << 20 };

/* Questions of stages (a text to be embedded is one too), through atomics. */
typedef struct llm_counts {
  gint64 wanted;                    /* asked for by stages so far */
  gint64 fresh, known;              /* answered now; answered by the ledger alone */
  gint64 unanswered;                /* that got no answer */
  gint64 again;                     /* asked again: of the wrong form, or cut short */
  gint64 outcomes[LEDGER_OUTCOMES]; /* of those that were answered */
} llm_counts;

/* What llm_watch.c remembers of a role between two looks. */
typedef struct llm_seen {
  gint64 at, ended;   /* the last look; what had ended by then */
  double rate;        /* a second, smoothed */
  gint64 told_at;     /* the last line about trouble; 0: none yet, or it has passed */
  llm_counts counted; /* by the last line of a step */
  uint64_t sent, retries;
} llm_seen;

/* One role at run time. */
typedef struct llm_role {
  run *r;
  const flow_model *m;
  const clio_model *model;
  const void *config;
  run_stage stage; /* for calls into the plugin; self is the local model's */
  GMutex serial;   /* a local model that answers one question at a time */
  /* A wire model's. */
  lane *lane;              /* NULL before the first question that is sent; through atomics */
  bool numbered;           /* `number` is known; under llm.opening */
  error unopened;          /* why it has no lane; under llm.opening */
  uint32_t number;         /* in the ledger */
  char *identity, *params; /* of ledger keys */
  const price *price;
  char *key;     /* the secret; wiped at the end */
  guint64 lacks; /* bits of model->features that the provider refused; written by the loop,
                    read by all, through atomics */
  gint fatal;    /* HTTP status of what stopped the lane; 0: none */
  llm_counts counts;
  llm_seen seen;
} llm_role;

struct llm {
  run *r;
  GPtrArray *roles; /* llm_role* */
  http *http;
  ledger *ledger;
  char *repair;   /* the text of prompts/repair.txt */
  GMutex opening; /* of http, ledger and the roles' lanes */
  GMutex lock;    /* guards stop */
  error stop;     /* why the run is being stopped; the first reason stays */
};

/* The role of that name, or NULL. */
llm_role *llm_find(llm *l, const char *role);

/* Records why the run stops; the first reason stays. [any] */
void llm_stop(llm *l, clio_status status, const char *why);

/* The environment variable that holds the role's key, or NULL: it has none. */
const char *llm_key_variable(const llm_role *role);

/* What a wire model needs before its first question: the ledger. [any] */
clio_status llm_wire_ready(llm_role *role, error *e);

/* And before the first that is sent: its key, the HTTP loop, its lane. [any] */
clio_status llm_wire_connect(llm_role *role, error *e);

/* Its lane, or NULL. [any] */
lane *llm_lane(const llm_role *role);

/* Adds to one of the counts. [any] */
void llm_count(gint64 *count, gint64 n);
llm_counts llm_counts_now(const llm_role *role);

/* A question has been answered for good: counts it. [any] */
void llm_count_answer(llm_role *role, uint32_t outcome, bool fresh);

/* Models behind HTTP: llm_wire.c, llm_chat.c, llm_embed.c. */
clio_status llm_wire_open(llm *l, llm_role *role, error *e);
clio_status llm_wire_new_lane(llm_role *role, lane **ret, error *e);
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
