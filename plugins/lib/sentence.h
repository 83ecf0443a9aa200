/* sentence.h - cuts a text into sentences by their marks alone, whatever the
 * language: . ? ! and their like in other scripts, and newlines save those that
 * only break a long line. No word lists, no memory. [any] */
#ifndef CLIO_LIB_SENTENCE_H
#define CLIO_LIB_SENTENCE_H
#include <stdint.h>

/* The next sentence at or after *pos of text[0, len), without blanks around it:
 * bytes [*ret_start, *ret_end), never empty. Moves *pos behind it. 0: there is
 * none left. A full stop ends a sentence only before a blank or the end, not
 * after a single letter ('J. R.', 'e.g.') nor before a lower-case letter. */
int sentence_next(const char *text, int64_t len, int64_t *pos, int64_t *ret_start,
                  int64_t *ret_end);

/* Does the sentence end with a question mark of any script, quotes and brackets
 * behind it aside? */
int sentence_is_question(const char *text, int64_t len);

/* Bytes of the first `characters` characters of the text, cut back to the last
 * blank where there is one in its second half. `len` if it is no longer. */
int64_t sentence_cut(const char *text, int64_t len, int64_t characters);
#endif
