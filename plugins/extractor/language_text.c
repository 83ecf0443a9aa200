/* language_text.c - see language_text.h. Scripts are ICU's. */
#include "language_text.h"

#include <string.h>
#include <unicode/uchar.h>
#include <unicode/uscript.h>
#include <unicode/utf8.h>

static int starts(const char *p, const char *end, const char *word) {
  size_t n = strlen(word);
  return (size_t)(end - p) >= n && memcmp(p, word, n) == 0;
}

/* Behind the next `mark`, or the end. */
static const char *behind(const char *p, const char *end, const char *mark) {
  while (p < end && !starts(p, end, mark)) p++;
  return p < end ? p + strlen(mark) : end;
}

static int is_space(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }

static const char *word_end(const char *p, const char *end) {
  while (p < end && !is_space(*p)) p++;
  return p;
}

/* Inline code ends on its line, else the backtick is a backtick. */
static const char *inline_end(const char *p, const char *end) {
  for (const char *q = p + 1; q < end && *q != '\n'; q++)
    if (*q == '`') return q + 1;
  return p;
}

static int is_address(const char *p, const char *end) {
  if (starts(p, end, "http://") || starts(p, end, "https://") || starts(p, end, "www.")) return 1;
  const char *at = memchr(p, '@', (size_t)(end - p));
  return at && at > p && at + 1 < end;
}

/* Behind what has to be left out at p, or p. */
static const char *skip(const char *p, const char *end, int word_starts) {
  if (starts(p, end, "```")) return behind(p + 3, end, "```");
  if (starts(p, end, "~~~")) return behind(p + 3, end, "~~~");
  if (*p == '`') return inline_end(p, end);
  if (!word_starts || is_space(*p)) return p;
  const char *stop = word_end(p, end);
  return is_address(p, stop) ? stop : p;
}

size_t language_strip(const char *from, size_t len, char *to) {
  const char *p = from, *end = from + len;
  char *out = to;
  while (p < end) {
    const char *next = skip(p, end, p == from || is_space(p[-1]));
    if (next == p)
      *out++ = *p++;
    else
      *out++ = ' ';
    p = next > p ? next : p;
  }
  return (size_t)(out - to);
}

/* ---- scripts ---- */

static const struct {
  UScriptCode script;
  const char *code;
} single[] = {{USCRIPT_HANGUL, "ko"},    {USCRIPT_GREEK, "el"},    {USCRIPT_THAI, "th"},
              {USCRIPT_HEBREW, "iw"},    {USCRIPT_GEORGIAN, "ka"}, {USCRIPT_ARMENIAN, "hy"},
              {USCRIPT_TAMIL, "ta"},     {USCRIPT_TELUGU, "te"},   {USCRIPT_KANNADA, "kn"},
              {USCRIPT_MALAYALAM, "ml"}, {USCRIPT_GUJARATI, "gu"}, {USCRIPT_GURMUKHI, "pa"},
              {USCRIPT_SINHALA, "si"},   {USCRIPT_KHMER, "km"},    {USCRIPT_LAO, "lo"},
              {USCRIPT_MYANMAR, "my"},   {USCRIPT_ETHIOPIC, "am"}, {USCRIPT_BENGALI, "bn"},
              {USCRIPT_ORIYA, "or"},     {USCRIPT_THAANA, "dv"},   {USCRIPT_TIBETAN, "bo"},
              {USCRIPT_HAN, "zh"},       {USCRIPT_HIRAGANA, "ja"}};
enum { SINGLE = sizeof single / sizeof *single, HAN = SINGLE - 2, KANA = SINGLE - 1 };

static int single_of(UChar32 c) {
  UErrorCode error = U_ZERO_ERROR;
  UScriptCode script = uscript_getScript(c, &error);
  if (script == USCRIPT_KATAKANA || script == USCRIPT_KATAKANA_OR_HIRAGANA)
    script = USCRIPT_HIRAGANA;
  for (int i = 0; i < SINGLE; i++)
    if (single[i].script == script) return i;
  return -1;
}

/* Han with some kana is Japanese. */
static int most_of(const size_t *count) {
  size_t kana = count[KANA], han = count[HAN];
  int best = 0;
  if (kana && kana * 8 >= han && kana + han > 0) return KANA;
  for (int i = 1; i < SINGLE; i++)
    if (count[i] > count[best]) best = i;
  return best;
}

/* ICU's macro is not written for -Wconversion. */
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wconversion"
#pragma GCC diagnostic ignored "-Wsign-conversion"
static UChar32 next_char(const char *utf8, int32_t *at, int32_t len) {
  UChar32 c;
  U8_NEXT(utf8, *at, len, c);
  return c;
}
#pragma GCC diagnostic pop

const char *language_of_script(const char *utf8, size_t len) {
  size_t count[SINGLE] = {0}, letters = 0;
  for (int32_t i = 0, n = (int32_t)len; i < n;) {
    UChar32 c = next_char(utf8, &i, n);
    if (c < 0 || !u_isalpha(c)) continue;
    int found = c < 0x250 ? -1 : single_of(c);
    letters++;
    if (found >= 0) count[found]++;
  }
  int best = most_of(count);
  size_t share = count[best] + (best == KANA ? count[HAN] : 0);
  return letters && share * 5 >= letters * 4 ? single[best].code : NULL;
}
