/* naming.h - names and descriptions of groups asked of a model: each is put to the text
 * rule of clio.text/1, and what it refuses is asked for again, with the reason and the words
 * at fault, a bounded number of times. What no answer passes stays without a text, for
 * another namer. */
#ifndef CLIO_LIB_NAMING_H
#define CLIO_LIB_NAMING_H
#include "prompt.h"
#include "vocab.h"

/* A group that wants a name, a description, or both. */
typedef struct naming_node {
  vocab_group rows;
  int64_t family; /* names within one family differ */
  int wants_name, wants_description;
  const char *name, *description; /* what passed; NULL: nothing. Memory of the call */
  /* what follows is the engine's own: what was refused last, and why */
  const char *said_name, *said_description, *why_name, *why_description;
  int late; /* the attempt that brought the name */
} naming_node;

/* One question: it names node[0 ... count - 1], which the prompt numbers from 1. */
typedef struct naming_question {
  const char *prompt;
  naming_node **node;
  uint64_t count;
} naming_question;

/* How many texts passed at the first answer, after a repair, and not at all. */
typedef struct naming_tally {
  uint64_t first, repaired, never;
} naming_tally;

typedef struct naming {
  const work *w;
  vocab *vocab;
  const clio_table *conversations;
  int32_t text_column;
  const char *role, *repair; /* repair: a template with the place {{problems}} */
  double temperature;
  int64_t repairs;
  naming_tally names, descriptions;
  clio_span criteria; /* what a good name is */
} naming;

/* Sets the criteria: `own`, and behind it what the facet `text` says of names, where the help
 * of its column says anything (PROMPT_NAMES). [call] */
clio_status naming_criteria(naming *n, const clio_columns *columns, const char *text,
                            const char *own);

/* Asks all questions at once, then the repairs. An answer is {"groups": [{"number",
 * "description", "name"}]}; anything else counts as refused. [call] */
clio_status naming_run(naming *n, naming_question *questions, uint64_t count);

/* Tells the operator the tally, in one line. `what`: "names of clusters". [call] */
void naming_report(const naming *n, const char *what);
#endif
