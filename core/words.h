/* words.h - the gate's text rule (GATE.md step 7): may this text be printed as
 * the name or description of these members? Pure once the lists are loaded. */
#ifndef CLIO_CORE_WORDS_H
#define CLIO_CORE_WORDS_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "error.h"

/* The frame lists (configs/words/frame-LANG.txt) and, where asked for, the list
 * of everyday words (common-LANG.txt), folded. */
typedef struct words_lists words_lists;
clio_status words_lists_load(const char *dir, words_lists **ret, error *e);
void words_lists_free(words_lists *lists);
bool words_is_frame(const words_lists *lists, const char *folded);
bool words_is_common(const words_lists *lists, const char *folded);

/* Every member's text, indexed once: which folded words and runs of 4 words
 * occur in which rows. The strings, `account` and `org` are borrowed until
 * words_index_free. */
typedef struct words_index words_index;
words_index *words_index_new(size_t rows, const char *const *text, const int64_t *len,
                             const uint64_t *account, const uint64_t *org);
void words_index_free(words_index *index);

/* Most words of a name; of a description or value. */
enum { WORDS_NAME = 10, WORDS_DESCRIPTION = 60 };

typedef struct words_rule {
  int64_t accounts;      /* word.accounts */
  int64_t organizations; /* cluster.organizations */
  bool exempt_common;
  int max_words;
} words_rule;

/* Does `text` pass for the node whose members are these rows (indices into the
 * index, strictly increasing)? NULL if it does, else a static sentence that
 * names the rule broken and no text. */
const char *words_check(const words_index *index, const words_lists *lists, const words_rule *rule,
                        const uint32_t *rows, size_t count, const char *text);
#endif
