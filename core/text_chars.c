/* text_chars.c - text character by character: is it valid, what does it hide,
 * what may reach a terminal and how wide it is there; see text.h. */
#include "text.h"

#include <glib.h>
#include <string.h>
#include <unicode/ubrk.h>
#include <unicode/uchar.h>
#include <unicode/uscript.h>
#include <unicode/utext.h>
#include <unicode/utf8.h>

/* ICU's macros narrow integers without saying so. */
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wconversion"
#pragma GCC diagnostic ignored "-Wsign-conversion"
int32_t text_next_char(const char *utf8, int64_t *i, int64_t len) {
  UChar32 c;
  U8_NEXT(utf8, *i, len, c);
  return c;
}
#pragma GCC diagnostic pop

/* As text_next_char, but an invalid sequence is U+FFFD. */
static UChar32 next_char(const char *utf8, int64_t *i, int64_t len) {
  UChar32 c = text_next_char(utf8, i, len);
  return c < 0 ? 0xFFFD : c;
}

bool text_is_utf8(const char *bytes, int64_t len, int64_t *ret_bad) {
  for (int64_t i = 0; i < len;) {
    uint64_t eight;
    if (len - i >= 8) {
      memcpy(&eight, bytes + i, 8);
      if (!(eight & UINT64_C(0x8080808080808080))) {
        i += 8;
        continue;
      }
    }
    int64_t start = i;
    if (text_next_char(bytes, &i, len) >= 0) continue;
    if (ret_bad) *ret_bad = start;
    return false;
  }
  return true;
}

/* Control characters, line separators, and what shows nothing but changes what
 * is seen: bidi, zero-width, tags, variation selectors, annotations. */
static bool is_hidden(UChar32 c) {
  if (c < 0xA0) return c < 0x20 || c >= 0x7F;
  return u_hasBinaryProperty(c, UCHAR_DEFAULT_IGNORABLE_CODE_POINT) ||
         u_hasBinaryProperty(c, UCHAR_BIDI_CONTROL) || c == 0x2028 || c == 0x2029 ||
         (c >= 0xFFF9 && c <= 0xFFFB);
}

bool text_has_control(const char *utf8, int64_t len) {
  for (int64_t i = 0; i < len;) {
    UChar32 c = next_char(utf8, &i, len);
    if (c != '\t' && c != '\n' && is_hidden(c)) return true;
  }
  return false;
}

/* Scripts that one word may mix: those that one language writes together, and
 * Latin beside an East Asian script (Unicode UTS 39, "highly restrictive"). */
enum { LATIN = 1, HAN = 2, KANA = 4, HANGUL = 8, BOPOMOFO = 16, OTHER = 32 };
static const unsigned together[] = {LATIN | HAN | KANA, LATIN | HAN | HANGUL,
                                    LATIN | HAN | BOPOMOFO, OTHER};

static unsigned script_bit(UScriptCode script) {
  switch (script) {
  case USCRIPT_LATIN: return LATIN;
  case USCRIPT_HAN: return HAN;
  case USCRIPT_HIRAGANA:
  case USCRIPT_KATAKANA:
  case USCRIPT_KATAKANA_OR_HIRAGANA: return KANA;
  case USCRIPT_HANGUL: return HANGUL;
  case USCRIPT_BOPOMOFO: return BOPOMOFO;
  default: return OTHER;
  }
}

/* Stops with CLIO_E_INPUT at the first word that mixes scripts. */
static clio_status check_word_script(void *ctx, const char *word, int64_t len) {
  (void)ctx;
  unsigned met = 0;
  UScriptCode other = USCRIPT_INVALID_CODE;
  for (int64_t i = 0; i < len;) {
    UErrorCode code = U_ZERO_ERROR;
    UScriptCode script = uscript_getScript(next_char(word, &i, len), &code);
    if (U_FAILURE(code) || script <= USCRIPT_INHERITED || script == USCRIPT_UNKNOWN) continue;
    unsigned bit = script_bit(script);
    if (bit == OTHER && (met & OTHER) && script != other) return CLIO_E_INPUT;
    if (bit == OTHER) other = script;
    met |= bit;
  }
  for (size_t k = 0; k < G_N_ELEMENTS(together); k++)
    if (!(met & ~together[k])) return CLIO_OK;
  return CLIO_E_INPUT;
}

bool text_has_mixed_script(const char *utf8, int64_t len) {
  return text_words(utf8, len, check_word_script, NULL) != CLIO_OK;
}

int text_digit_run(const char *utf8, int64_t len) {
  int longest = 0, run = 0;
  for (int64_t i = 0; i < len;) {
    run = u_isdigit(next_char(utf8, &i, len)) ? run + 1 : 0;
    longest = MAX(longest, run);
  }
  return longest;
}

char *text_for_terminal(const char *utf8, int64_t len) {
  GString *out = g_string_sized_new((gsize)len + 1);
  for (int64_t i = 0; i < len;) {
    UChar32 c = next_char(utf8, &i, len);
    if (c == '\t' || c == '\n')
      g_string_append_c(out, ' ');
    else if (!is_hidden(c))
      g_string_append_unichar(out, (gunichar)c);
  }
  return g_string_free(out, FALSE);
}

static int char_columns(UChar32 c) {
  if (is_hidden(c)) return 0;
  int8_t type = u_charType(c);
  if (type == U_NON_SPACING_MARK || type == U_ENCLOSING_MARK) return 0;
  int hangul = u_getIntPropertyValue(c, UCHAR_HANGUL_SYLLABLE_TYPE);
  if (hangul == U_HST_VOWEL_JAMO || hangul == U_HST_TRAILING_JAMO) return 0;
  int width = u_getIntPropertyValue(c, UCHAR_EAST_ASIAN_WIDTH);
  return width == U_EA_WIDE || width == U_EA_FULLWIDTH ? 2 : 1;
}

static int range_columns(const char *utf8, int64_t start, int64_t end) {
  int columns = 0;
  for (int64_t i = start; i < end;) columns += char_columns(next_char(utf8, &i, end));
  return columns;
}

int text_columns(const char *utf8) { return range_columns(utf8, 0, (int64_t)strlen(utf8)); }

size_t text_fit(const char *utf8, int columns) {
  size_t len = strlen(utf8), fits = 0;
  UErrorCode code = U_ZERO_ERROR;
  UText *text = utext_openUTF8(NULL, utf8, (int64_t)len, &code);
  UBreakIterator *it = ubrk_open(UBRK_CHARACTER, "", NULL, 0, &code);
  ubrk_setUText(it, text, &code);
  if (U_SUCCESS(code)) {
    int32_t start = ubrk_first(it);
    for (int32_t end = ubrk_next(it); end != UBRK_DONE; start = end, end = ubrk_next(it)) {
      columns -= range_columns(utf8, start, end);
      if (columns < 0) break;
      fits = (size_t)end;
    }
  }
  ubrk_close(it);
  utext_close(text);
  return fits;
}
