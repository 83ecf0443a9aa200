/* language_text.h - what of a text tells its language, and what the script
 * alone tells. */
#ifndef CLIO_EXTRACTOR_LANGUAGE_TEXT_H
#define CLIO_EXTRACTOR_LANGUAGE_TEXT_H
#include <stddef.h>

/* Copies `len` bytes of valid UTF-8 to `to`, which has room for as many, with
 * fenced and inline code, URLs and e-mail addresses left out. A fence that is
 * never closed takes the rest. Returns the bytes written. */
size_t language_strip(const char *from, size_t len, char *to);

/* The language of a text in a script that one language has (nearly) for itself,
 * as a code ("ja", "el"); NULL where the script does not tell. */
const char *language_of_script(const char *utf8, size_t len);
#endif
