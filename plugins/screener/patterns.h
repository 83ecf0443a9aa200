/* patterns.h - a list of words, phrases and regular expressions, one on each
 * line, and whether a text holds any of them.
 *
 * A line is a word or a phrase, compared word by word in clio.text/1's folded
 * form (case, width and endings do not matter), or /REGEX/ with the letters i
 * (case), m and s behind it. Blank lines and those that begin with '#' say
 * nothing. */
#ifndef CLIO_SCREENER_PATTERNS_H
#define CLIO_SCREENER_PATTERNS_H
#include "clio_util.h"

typedef struct patterns patterns;

/* Checks a list without a host: 1, or 0 and why not, with its line. */
int patterns_check(const char *text, char *ret_why, size_t size);

/* Makes a list ready; patterns_free frees it with the C library's memory. [call] */
clio_status patterns_new(const clio_host *host, clio_call *call, const char *text, patterns **ret);
void patterns_free(patterns *p); /* takes NULL */

/* Does the list say anything? */
int patterns_any(const patterns *p); /* takes NULL */

/* What searching needs beside the list, for one call: memory of its own for
 * each thread. */
typedef struct patterns_search patterns_search;
patterns_search *patterns_search_new(void);
void patterns_search_free(patterns_search *s); /* takes NULL */

/* *ret: 1 found, 0 not, -1 undecided: an expression needed more than the allowed
 * number of steps. `text_service` may be NULL where there are expressions only. */
clio_status patterns_find(const patterns *p, patterns_search *s, const clio_host *host,
                          clio_call *call, const clio_text *text_service, clio_span text, int *ret);

/* Does it hold words, so that patterns_find needs clio.text/1? */
int patterns_need_words(const patterns *p);
#endif
