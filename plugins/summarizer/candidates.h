/* candidates.h - the sentences of a user's messages that may say what was asked,
 * with a score each; for summarizer/extractive. */
#ifndef CLIO_SUMMARIZER_CANDIDATES_H
#define CLIO_SUMMARIZER_CANDIDATES_H
#include "formlist.h"

/* Kinds of the list of request forms, in this order. */
extern const char *const candidate_kinds[];

typedef struct candidate {
  clio_span text;
  int32_t message; /* which of the user's messages */
  int32_t words;   /* of the sentence, at most 80 */
  int32_t score;
  int32_t asks;     /* a question, or a form of request is in it */
  int32_t question; /* it ends as one */
  int32_t pasted;   /* an earlier line announced it */
  int32_t greeting; /* says nothing else */
} candidate;

/* Enough for any message worth reading; what lies between is not looked at. */
enum { MAX_CANDIDATES = 64 };

/* Adds the sentences of the user's message number `message` to found[*count].
 * Code, tables, quotations and empty lines give none. [call] */
clio_status candidates_add(const clio_host *host, clio_call *call, const clio_text *text,
                           const formlist *forms, clio_span content, int32_t message,
                           candidate *found, int32_t *count);
#endif
