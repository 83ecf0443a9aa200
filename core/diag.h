/* diag.h - findings about one file, all at once, printed as a compiler does:
 *
 *   local.yaml:26:52: error: stage 'vectors': unknown parameter 'colum'; did you mean 'column'?
 *      26 |   vectors:  { use: embedder/lsa, from: request, colum: request }
 *         |                                                 ^~~~~
 *
 * Sorted by position; the same finding twice is kept once. Not thread-safe. */
#ifndef CLIO_CORE_DIAG_H
#define CLIO_CORE_DIAG_H
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

/* A place in a file: 1-based line and column (in characters); length of what
 * is underlined, at least 1. Line 0: the file as a whole. */
typedef struct diag_pos {
  uint32_t line, column, length;
} diag_pos;

typedef struct diag diag;

/* `file`: the name to print; `text`: the whole file, borrowed, for the source
 * lines. */
diag *diag_new(const char *file, const char *text, size_t length);
void diag_free(diag *d);

void diag_error(diag *d, diag_pos at, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
void diag_warning(diag *d, diag_pos at, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* An error of kind privacy counts as an error and is marked in --json. */
void diag_privacy(diag *d, diag_pos at, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

size_t diag_errors(const diag *d);
size_t diag_warnings(const diag *d);

/* Prints everything; `color`: with ANSI colours. Untrusted text is stripped of
 * control bytes. */
void diag_print(const diag *d, FILE *to, bool color);

/* A JSON array of {"file","line","column","severity","kind","message"}. */
char *diag_json(const diag *d);

/* The candidate nearest to `word` within Damerau-Levenshtein distance 2 (1 for
 * words under 5 letters), or NULL. */
const char *diag_suggest(const char *word, const char *const *candidates, size_t count);
#endif
