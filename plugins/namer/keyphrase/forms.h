/* forms.h - what kind of request each conversation is: how-to question, request
 * to write something ... Told from the first words of its sentences and the
 * patterns of its language's templates. */
#ifndef CLIO_PLUGINS_FORMS_H
#define CLIO_PLUGINS_FORMS_H
#include "templates.h"

enum { FORM_UNKNOWN = 255, LANGUAGE_FOREIGN = 254 }; /* foreign: known, but without templates */

/* One row's. A row without a known opening still has a class: it asks, or not.
 * `slot`: the token after the opening words, or UINT64_MAX. */
typedef struct row_form {
  uint8_t language, form, verb; /* numbers in templates, language; FORM_UNKNOWN: none */
  uint8_t class;
  uint64_t slot;
  uint64_t themes; /* bit t: holds a word of its language's theme t */
} row_form;

/* The form of every row: ret[corpus->rows]. `names`: the language column, or
 * NULL; a name that no template bears is guessed from the words. Scratch. [call] */
clio_status forms_read(const phrase_corpus *corpus, const templates *t, const clio_view *names,
                       row_form **ret);
#endif
