/* ask.h - what namer/llm asks a model: it reads the clusters and their conversations, and
 * puts the questions together. */
#ifndef CLIO_NAMER_LLM_ASK_H
#define CLIO_NAMER_LLM_ASK_H
#include "contrast.h"
#include "naming.h"

typedef struct llm_config {
  const char *facet, *model, *prompt, *repair, *criteria;
  int64_t inside, outside, together, repairs, vocabulary, members, bytes;
  double temperature;
} llm_config;

/* Everything one run of the stage works with. */
typedef struct llm_run {
  work w;
  const llm_config *config;
  const clio_columns *columns; /* of conversations */
  const clio_column *column;   /* the membership */
  const clio_column *vectors;  /* of the same text, or NULL */
  tree tree;
  vocab vocab;
  sample sample;
  contrast contrast;
  naming naming;
  naming_node *node; /* by place in the tree */
  naming_question *question;
  uint64_t questions;
} llm_run;

/* Reads what the run has to work with; `w`, `config`, `column` and `vectors` are set. [call] */
clio_status ask_read(llm_run *r, const clio_table *conversations, const clio_table *clusters);

/* Puts the questions together: the children of one node in one where they fit, else each in
 * its own, set against what lies nearest outside. [call] */
clio_status ask_prepare(llm_run *r, const clio_table *conversations);
#endif
