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

/* `file`: the name to print; `text`: the whole file, for the source lines. Both
 * are copied. */
diag *diag_new(const char *file, const char *text, size_t length);
void diag_free(diag *d);

/* Findings about a further file that the first one names: counted, printed and freed
 * with those of `d`, behind them. The same one for the same name. Borrowed. */
diag *diag_of_file(diag *d, const char *file, const char *text, size_t length);

void diag_error(diag *d, diag_pos at, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
void diag_warning(diag *d, diag_pos at, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* What stands there (a secret) is shown as asterisks in every source line. */
void diag_mask(diag *d, diag_pos at);

/* An error of kind privacy counts as an error and is marked in --json. */
void diag_privacy(diag *d, diag_pos at, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

size_t diag_errors(const diag *d);
size_t diag_warnings(const diag *d);

/* Prints everything; `color`: with ANSI colours. Nothing of the file or of a
 * message reaches the terminal as a control: such characters are shown as '?'.
 * Of a long source line the part around the place is shown. */
void diag_print(const diag *d, FILE *to, bool color);

/* A JSON array of {"file","line","column","severity","kind","message","hint"}.
 * `hint`: what the message says behind its first "; ", or null. */
char *diag_json(const diag *d);

/* The candidate nearest to `word` within Damerau-Levenshtein distance 2 (1 for
 * words under 5 letters, none for a single letter), capitals aside, or NULL;
 * of equally near ones the first. */
const char *diag_suggest(const char *word, const char *const *candidates, size_t count);
#endif
