/* error.h - one error, as text for a person. What failed, on which thing,
 * where, why, and what to try; lower case, no full stop at the end. Never
 * holds conversation text. */
#ifndef CLIO_CORE_ERROR_H
#define CLIO_CORE_ERROR_H
#include "clio.h"

/* Failures that only the core makes, beside those of clio.h. */
enum {
  STATUS_BUDGET = -100, /* our own budget is reached; the run is resumable */
  STATUS_PROVIDER =
      -101 /* a model's provider is unavailable or its spend limit reached; likewise */
};

/* Room for one message; zero it (or error_clear) before use. The first error
 * set stays: later ones do not overwrite it. Not thread-safe. */
typedef struct error {
  clio_status status;
  char text[1024];
} error;

/* Sets `e` (may be NULL) unless it holds an error already; returns `status`. */
clio_status error_set(error *e, clio_status status, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* As error_set, with ": " and the text of errno `code` at the end, and what to do
 * about it where that is known (a full disk, one that is read-only). */
clio_status error_errno(error *e, clio_status status, int code, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

/* Puts "WHAT: " before the text of an error already set. */
void error_prefix(error *e, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Empties it. */
void error_clear(error *e);

/* "input", "privacy" ...: the kind of failure, for messages and --json. */
const char *status_name(clio_status status);

/* The process exit code for a failure of this kind (DESIGN section 9). */
int status_exit_code(clio_status status);
#endif
