/* facet.h - what extractor/llm and summarizer/llm share: facets as they are declared, the
 * form of an answer that follows from them, and what is kept of an answer. */
#ifndef CLIO_EXTRACTOR_FACET_H
#define CLIO_EXTRACTOR_FACET_H
#include "languages.h"
#include "prompt.h"

enum { FACETS_MAX = 32, CHOICES_MAX = 64, NAME_MAX_BYTES = 40, CHOICE_MAX_BYTES = 80 };

/* A record of `facets`. */
typedef struct facet {
  const char *name, *question, *type; /* type: text, category, number or language */
  clio_strlist choices;
  int64_t min, max;
  const char *prefill, *criteria; /* or NULL */
  int32_t sensitive;
} facet;

/* The configuration of both stages; the fields of one only are empty in the other. */
typedef struct facet_config {
  const char *model;
  clio_records facets; /* of extractor/llm */
  clio_records facet;  /* of summarizer/llm: one */
  const char *name;    /* of summarizer/llm: the column, or NULL */
  const char *mode;    /* "fused" or "single" */
  int64_t transcript, max_tokens, max_chars;
  double temperature;
  const char *system, *prompt;
  const char *text_prompt, *category_prompt, *number_prompt, *language_prompt;
} facet_config;

/* How many facets there are, and the i-th. [any] */
uint64_t facet_count(const facet_config *c);
facet facet_at(const facet_config *c, uint64_t i);
int facet_is(const facet *f, const char *type);
int facet_is_fused(const facet_config *c);

/* The stages' plan(): checks, and the columns. [main] */
clio_status facet_plan(const clio_host *host, clio_plan *plan, const void *config);

/* A stage while it runs. */
typedef struct facet_counts {
  uint64_t asked, cut, empty, refused, unanswered, illegal, shortened;
} facet_counts;
typedef struct facet_stage {
  const clio_host *host;
  const facet_config *config;
  uint64_t count;          /* of facets */
  char *form;              /* fused: the JSON Schema of an answer to all of them */
  char *forms[FACETS_MAX]; /* single: of each; NULL: plain text after a prefill */
  char *beginning;         /* of the prompt's template, up to the questions */
  const char *ending;      /* its rest, in the configuration */
  languages *languages;    /* where a facet is of that type */
  facet_counts counts;     /* written with atomics; for the log alone */
} facet_stage;

/* The forms, as JSON Schemas of the part that clio_llm_job names; NULL: no memory. Freed with
 * free(). [main] */
char *facet_form_of_all(const facet_config *c);
char *facet_form_of_one(const facet *f);

/* Does the i-th facet, asked alone, get a plain text that begins with its prefill? [any] */
int facet_is_plain(const facet *f);

/* The questions about the conversations of a batch, in `jobs`: one each, or one for each facet,
 * at row * jobs_per_row + i. No prompt: there is nothing to ask about, or the conversation
 * cannot be cut; ret_outcome[row] says which (TRANSCRIPT_*). [call] */
clio_status facet_ask(facet_stage *s, clio_call *call, const clio_table *in, clio_llm_job *jobs,
                      uint32_t *ret_outcome);

/* What is kept of an answer. */
enum { VALUE_NONE, VALUE_TEXT, VALUE_NUMBER, VALUE_ILLEGAL };
typedef struct facet_value {
  uint32_t kind;
  clio_span text;
  int64_t number;
} facet_value;

/* Reads the answer to all facets, or to the i-th, into ret[0 .. count) or ret[i]. Only legal
 * values come out: one of the choices, a number in range, a language of the list, a redacted
 * text of at most two sentences and max_chars characters. [call] */
clio_status facet_read_all(facet_stage *s, clio_call *call, const clio_llm_job *job,
                           facet_value *ret);
clio_status facet_read_one(facet_stage *s, clio_call *call, const clio_llm_job *job, uint64_t i,
                           facet_value *ret);

/* A NUL-ended copy, freed with free(); NULL: no memory. [any] */
char *facet_copy(const char *text, size_t len);

/* Counts, from any thread. */
void facet_note(uint64_t *counter, uint64_t n);
#endif
