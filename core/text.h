/* text.h - text as the gate and the stages see it: words, folding, simhash,
 * control bytes. ICU lives behind this file only. All functions are pure and
 * thread-safe; text is UTF-8 and invalid bytes are treated as U+FFFD. */
#ifndef CLIO_CORE_TEXT_H
#define CLIO_CORE_TEXT_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "error.h"

/* One word of a text: bytes [start, start + len). Not NUL-ended. Return a
 * failure to stop. */
typedef clio_status text_word_fn(void *ctx, const char *word, int64_t len);

/* Calls fn for each word (letters, digits, ideographs; dictionary-based for
 * Thai, Chinese, Japanese ...), in order, as it stands. */
clio_status text_words(const char *utf8, int64_t len, text_word_fn *fn, void *ctx);

/* The form in which words are counted: NFKC, case-folded, stemmed with the
 * Snowball stemmer of its script (Latin: English; Cyrillic: Russian; Greek,
 * Arabic, Devanagari, Armenian, Tamil ...) so that both sides of a comparison
 * are cut alike. Returns a new string. */
char *text_fold(const char *word, int64_t len);

/* As text_fold without stemming: NFKC and case-folding only. */
char *text_fold_plain(const char *word, int64_t len);

/* 64-bit simhash over the folded words; 0 for a text without words. */
uint64_t text_simhash(const char *utf8, int64_t len);

/* Steps over one character at *i < len; returns it, or -1 where the bytes are
 * no UTF-8 (then *i has moved past what Unicode calls the maximal subpart). */
int32_t text_next_char(const char *utf8, int64_t *i, int64_t len);

/* Is it valid UTF-8? *ret_bad (may be NULL): offset of the first bad byte. */
bool text_is_utf8(const char *bytes, int64_t len, int64_t *ret_bad);

/* Holds a control (other than tab and newline), bidi control, zero-width or
 * other default-ignorable character? */
bool text_has_control(const char *utf8, int64_t len);

/* Holds a word that mixes scripts (Latin with Cyrillic or Greek ...; Han with
 * kana is one script)? */
bool text_has_mixed_script(const char *utf8, int64_t len);

/* The longest run of decimal digits of any script. */
int text_digit_run(const char *utf8, int64_t len);

/* What may reach a terminal: control, bidi and zero-width characters dropped,
 * tab and newline made spaces. New string. */
char *text_for_terminal(const char *utf8, int64_t len);

/* Columns a terminal needs (East Asian wide = 2, combining = 0), and the byte
 * length of the longest prefix that fits `columns`, cut between graphemes. */
int text_columns(const char *utf8);
size_t text_fit(const char *utf8, int columns);
#endif
