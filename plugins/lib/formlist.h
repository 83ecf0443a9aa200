/* formlist.h - forms of speech, read from a list and found in sentences: 'how do
 * I', 'I cannot help'. Both sides are words by clio.text/1, folded, so case,
 * inflection and script do not matter.
 *
 *   # comment
 *   KIND: form, form        kinds are the caller's; a word '*' stands for up to
 *   KIND: form              three words
 *
 * Immutable once made, so any thread may match. */
#ifndef CLIO_LIB_FORMLIST_H
#define CLIO_LIB_FORMLIST_H
#include "clio_util.h"

typedef struct formlist formlist;

/* Parses `list`. `kinds`: the known ones, NULL-ended, at most 32; the i-th is
 * bit i of a match. On failure the call is failed: the parameter's name, line
 * and reason. [call] */
clio_status formlist_new(const clio_host *host, clio_call *call, const clio_text *text,
                         const char *param, const char *list, const char *const *kinds,
                         formlist **ret);
void formlist_free(formlist *list); /* takes NULL */

/* A sentence as it is matched: one hash for each of its words. */
typedef struct folded {
  uint64_t *word;
  int64_t count;
} folded;

/* Folds at most `limit` words of a text, into scratch memory. [call] */
clio_status formlist_fold(const clio_host *host, clio_call *call, const clio_text *text,
                          clio_span span, int64_t limit, folded *ret);

/* The kinds of the forms found. *ret_front (may be NULL): of those that begin the
 * sentence, or follow one that is its first word ('please', 'ok'). */
uint32_t formlist_match(const formlist *list, const folded *words, uint32_t *ret_front);
#endif
