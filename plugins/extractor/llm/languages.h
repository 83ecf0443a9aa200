/* languages.h - the closed list of languages by their full English names, from ICU, and what
 * models call them besides. */
#ifndef CLIO_EXTRACTOR_LANGUAGES_H
#define CLIO_EXTRACTOR_LANGUAGES_H
#include <stddef.h>
#include <stdint.h>

enum { LANGUAGES_MAX = 1000, LANGUAGE_BYTES = 48 };

typedef struct languages {
  size_t count;
  const char *name[LANGUAGES_MAX + 1]; /* sorted, each once, NULL-ended */
  char bytes[LANGUAGES_MAX][LANGUAGE_BYTES];
} languages;

/* Fills the list; the names point into it. [any] */
void languages_fill(languages *ret);

/* The name in the list that a text stands for, whatever its case: the name itself, a code such
 * as "pt-BR", another usual name ("Mandarin"), the first of several ("English and Spanish"), a
 * name with more in brackets. NULL: none. [any] */
const char *languages_find(const languages *l, const char *text, int64_t len);
#endif
