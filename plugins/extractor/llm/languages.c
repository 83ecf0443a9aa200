/* languages.c - see languages.h. */
#include "languages.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unicode/uloc.h>
#include <unicode/ustring.h>

/* The English name of a code; 0 where it is the name of none. Norwegian is one, however it is
 * written; names of old stages of a language come with their years, which nobody answers. */
static int name_of(const char *code, char ret[LANGUAGE_BYTES]) {
  UErrorCode error = U_ZERO_ERROR;
  UChar wide[LANGUAGE_BYTES];
  int32_t length = 0;
  ret[0] = '\0';
  if (strcmp(code, "nb") == 0 || strcmp(code, "nn") == 0) code = "no";
  if (strcmp(code, "und") == 0 || strcmp(code, "mul") == 0 || strcmp(code, "zxx") == 0) return 0;
  uloc_getDisplayLanguage(code, "en", wide, LANGUAGE_BYTES, &error);
  if (error == U_ZERO_ERROR) u_strToUTF8(ret, LANGUAGE_BYTES, &length, wide, -1, &error);
  if (error != U_ZERO_ERROR || strcmp(ret, code) == 0 || strchr(ret, '(')) ret[0] = '\0';
  return ret[0] != '\0';
}

static int by_text(const void *a, const void *b) {
  return strcmp(*(const char *const *)a, *(const char *const *)b);
}

void languages_fill(languages *ret) {
  size_t n = 0, kept = 0;
  for (const char *const *code = uloc_getISOLanguages(); *code && n < LANGUAGES_MAX; code++)
    if (name_of(*code, ret->bytes[n])) ret->name[n] = ret->bytes[n], n++;
  qsort(ret->name, n, sizeof *ret->name, by_text);
  for (size_t i = 0; i < n; i++)
    if (kept == 0 || strcmp(ret->name[kept - 1], ret->name[i]) != 0)
      ret->name[kept++] = ret->name[i];
  ret->name[kept] = NULL;
  ret->count = kept;
}

static const char *listed(const languages *l, const char *name) {
  for (size_t i = 0; i < l->count; i++)
    if (strcasecmp(l->name[i], name) == 0) return l->name[i];
  return NULL;
}

/* Names that models use and ICU does not. */
static const char *usual_name(const char *name) {
  static const char *const other[][2] = {{"mandarin", "Chinese"},
                                         {"mandarin chinese", "Chinese"},
                                         {"simplified chinese", "Chinese"},
                                         {"traditional chinese", "Chinese"},
                                         {"bengali", "Bangla"},
                                         {"farsi", "Persian"},
                                         {"castilian", "Spanish"},
                                         {"valencian", "Catalan"},
                                         {"flemish", "Dutch"},
                                         {"moldovan", "Romanian"},
                                         {"oriya", "Odia"},
                                         {"slovene", "Slovenian"},
                                         {"haitian", "Haitian Creole"},
                                         {"gaelic", "Scottish Gaelic"},
                                         {"irish gaelic", "Irish"},
                                         {"norwegian bokm\xc3\xa5l", "Norwegian"},
                                         {"bokm\xc3\xa5l", "Norwegian"},
                                         {"nynorsk", "Norwegian"},
                                         {"norwegian nynorsk", "Norwegian"},
                                         {"brazilian portuguese", "Portuguese"},
                                         {"european portuguese", "Portuguese"},
                                         {"american english", "English"},
                                         {"british english", "English"},
                                         {"modern greek", "Greek"},
                                         {"uighur", "Uyghur"},
                                         {"kirghiz", "Kyrgyz"},
                                         {"pushto", "Pashto"},
                                         {"panjabi", "Punjabi"}};
  for (size_t i = 0; i < sizeof other / sizeof *other; i++)
    if (strcasecmp(other[i][0], name) == 0) return other[i][1];
  return NULL;
}

/* "en", "pt-BR", "zh_Hans". */
static const char *by_code(const languages *l, const char *text) {
  size_t n = strspn(text, "abcdefghijklmnopqrstuvwxyz");
  char code[4], name[LANGUAGE_BYTES];
  if (n < 2 || n > 3 || (text[n] && text[n] != '-' && text[n] != '_')) return NULL;
  memcpy(code, text, n);
  code[n] = '\0';
  return name_of(code, name) ? listed(l, name) : NULL;
}

static const char *find_one(const languages *l, const char *name) {
  const char *usual = usual_name(name), *found = usual ? listed(l, usual) : listed(l, name);
  return found ? found : by_code(l, name);
}

const char *languages_find(const languages *l, const char *text, int64_t len) {
  static const char *const ends[] = {",", "/", ";", "(", " and ", " & ", "."};
  char name[2 * LANGUAGE_BYTES];
  while (len > 0 && strchr(" \t\n\"'", text[0])) text++, len--;
  if (len <= 0) return NULL;
  size_t n = (size_t)len < sizeof name ? (size_t)len : sizeof name - 1;
  memcpy(name, text, n);
  name[n] = '\0';
  for (size_t i = 0; i < sizeof ends / sizeof *ends; i++) {
    char *end = strstr(name, ends[i]);
    if (end) *end = '\0';
  }
  for (n = strlen(name); n > 0 && strchr(" \t\n\"'", name[n - 1]); n--) name[n - 1] = '\0';
  return n ? find_one(l, name) : NULL;
}
