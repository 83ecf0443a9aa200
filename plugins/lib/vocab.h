/* vocab.h - the words that enough accounts of a group of conversations share: what a name
 * may be made of, and which words of a name are none of them. Advice for a model that is
 * to name the group; the text rule of clio.text/1 decides. */
#ifndef CLIO_LIB_VOCAB_H
#define CLIO_LIB_VOCAB_H
#include "phrases.h"
#include "work.h"

typedef struct vocab {
  const work *w;
  phrase_corpus corpus;
  uint32_t least;   /* accounts that a word needs */
  uint32_t *single; /* by stem: the phrase of that one word, or PHRASE_NONE */
  uint64_t *stamp;
  uint32_t *df;     /* by phrase: accounts of the group counted last */
  int64_t *account; /* by row; a row without account stands for itself */
  uint8_t *skip;    /* by row: its words were not read */
} vocab;

/* A group's rows: `member` those that were read, each account's together; `all` in rising
 * order. */
typedef struct vocab_group {
  uint64_t *member, members, *all, count;
} vocab_group;

/* Reads the texts of at most `limit` rows of each leaf, drawn at random: leaf[row], -1: in
 * none. `least`: of policy or 2. Memory of the call. [call] */
clio_status vocab_read(const work *w, const clio_table *conversations, const char *column,
                       const int32_t *leaf, uint64_t limit, vocab *ret);

/* The rows of each of `groups` groups: group[leaf[row]], leaves without one are -1. Memory of
 * the call. [call] */
clio_status vocab_split(const vocab *v, const int32_t *leaf, const int32_t *group, uint64_t groups,
                        vocab_group **ret);

/* Counts the words of a group, for the next two. [call] */
void vocab_count(vocab *v, const uint64_t *member, uint64_t members);

/* Up to `most` words that enough accounts share, the most common first, with ", " between;
 * "" if there is none. NULL: no memory. [call] */
char *vocab_list(const vocab *v, uint32_t most);

/* Those words of `text` that too few accounts share, each once, with ", " between; "" if
 * there is none. *ret may be NULL: no memory. [call] */
clio_status vocab_faults(const vocab *v, const char *text, char **ret);
#endif
