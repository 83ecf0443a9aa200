/* conform_parts.h - what the files of `clio conform` share among themselves: benches to run a
 * stage on (conform_bench.c), the checks that each file adds to the lists of conform_checks.c. */
#ifndef CLIO_CORE_CONFORM_PARTS_H
#define CLIO_CORE_CONFORM_PARTS_H
#include <glib.h>

#include "clio_test_model.h"
#include "conform.h"

enum { CONFORM_ROWS = 40 };

/* ---- verdicts ---- */

/* What a check has found. `cure` is static, or NULL; so is what conform_cure gives. */
void conform_say(conform_verdict *v, conform_outcome outcome, const char *cure, const char *format,
                 ...) G_GNUC_PRINTF(4, 5);

/* What to do about a sentence of the bench, by the rule it names; else `otherwise`. */
const char *conform_cure(const char *sentence, const char *otherwise);

/* ---- benches; the caller closes them ---- */

/* A bench of the stage, or of the model, with its parameters and rows of that mood. */
clio_test *conform_open(const conform_subject *s, conform_mood mood, uint64_t rows);

/* The same with a source's lines in blocks of so many bytes. */
clio_test *conform_open_cut(const conform_subject *s, conform_mood mood, uint64_t rows,
                            uint64_t block_bytes);

/* Only plan(), of a stage or a model. */
clio_status conform_plan(const conform_subject *s, clio_test *t);

/* All that a run put out, as text: status, error, rows, files. New string. */
char *conform_outcome_of(clio_test *t, const conform_subject *s, clio_status status);

/* Runs once on a bench of its own. New string, as conform_outcome_of. */
char *conform_run_once(const conform_subject *s, conform_mood mood, uint64_t rows);

bool conform_went_well(const char *outcome);

/* The run's error: the first line, without the status. New string. */
char *conform_error_in(const char *outcome);

/* ---- parameters ---- */

/* Finds values for the parameters that must be given, with which plan() is content. */
bool conform_settle(conform_subject *s);

/* Says why the stage cannot be run here; true where it can. */
bool conform_can_run(conform_subject *s, conform_verdict *v);

/* The value of a parameter with the content of files in the place of "@file", as JSON; NULL: it
 * names none. New string. */
char *conform_resolve(const clio_param *p, const char *json);

/* A clio.llm/1 that answers by itself: of the wanted form, the same to the same question. */
extern const clio_llm conform_llm;

/* ---- checks ---- */

void conform_check_parameters(conform_subject *s, conform_verdict *v);
void conform_check_calls(conform_subject *s, conform_verdict *v);   /* conform_calls.c */
void conform_check_batches(conform_subject *s, conform_verdict *v); /* conform_ways.c */
void conform_check_threads(conform_subject *s, conform_verdict *v);
void conform_check_memory(conform_subject *s, conform_verdict *v);
void conform_check_cancel(conform_subject *s, conform_verdict *v);
void conform_check_state(conform_subject *s, conform_verdict *v); /* conform_state.c */
void conform_check_leaks(conform_subject *s, conform_verdict *v);
void conform_check_build(conform_subject *s, conform_verdict *v); /* conform_model.c */
void conform_check_parse(conform_subject *s, conform_verdict *v);
void conform_check_answer(conform_subject *s, conform_verdict *v);
void conform_check_model_state(conform_subject *s, conform_verdict *v);
void conform_check_model_memory(conform_subject *s, conform_verdict *v);

/* Does no life of it write to the plugin's static memory? Says so where one does. */
bool conform_keeps_statics(const conform_subject *s, conform_verdict *v,
                           void (*live)(const conform_subject *s));

/* One more life of a model under test, from plan to destroy, for counting what stays. */
void conform_live_once(const conform_subject *s);
#endif
