/* llm.h - clio.llm/1: questions of stages, put to the models of the graph. A role is a
 * model in this process (plugin's answer()), or one at the other end of HTTP: then its
 * plugin builds requests and reads replies, lane.h sends them, and ledger.h remembers
 * every answer. Answers of the wrong form are asked for again, a bounded number of
 * times. llm.c holds the roles and local models, llm_question.h
 * the way to the others. */
#ifndef CLIO_CORE_LLM_H
#define CLIO_CORE_LLM_H
#include "json.h"
#include "run.h"

typedef struct llm llm;

/* Opens every role that a stage names: creates local models. A wire model needs its ledger
 * with the first question and its key with the first that has to be sent, so that a run of
 * which everything is answered asks for neither. Does nothing without roles. [main] */
clio_status llm_open(run *r, error *e);

/* Ends traffic, writes the ledger out. CLIO_E_IO where that failed. [main] */
clio_status llm_close(run *r, error *e);

/* The run is over, whole: the next one's budget starts anew. [main] */
void llm_done(run *r);

/* Why the models stopped the run (STATUS_BUDGET, STATUS_PROVIDER ...); CLIO_OK: they
 * did not. [any] */
clio_status llm_stopped(const run *r, error *e);

/* What is to be said of the models just now: on a terminal a line that moves; everywhere
 * one about a provider that gives no answer, at once and every half a minute. To be called
 * a few times a second while stages run. */
void llm_watch(run *r);

/* A step has ended: a line for each model that was asked in it. STATUS_PROVIDER where one has
 * left every question of the run without answer. [main] */
clio_status llm_end_step(run *r, error *e);

/* What was asked and what it cost, for the line at the end; NULL: nothing. New string. */
char *llm_line(const run *r);

/* The same for the manifest: the keys `tokens` and `usd` of a run, and `models` where
 * there were any. */
void llm_put(json *j, const run *r);

/* The service. Static. */
const clio_llm *llm_service(void);
#endif
