/* pii_tokens.c - a text cut into runs of letters and digits. Cheaper and blunter
 * than text_words(): names and labels are looked for in these. */
#include <string.h>
#include <unicode/uchar.h>

#include "pii_parts.h"
#include "text.h"

enum { LOWER = 1, UPPER = 2, NUMERAL = 4, EAST = 8, MARK = 16 };
enum { MAX_LOWER = 96 };

/* Latin letters and digits are what most texts are made of. */
static unsigned ascii_kind(unsigned char c) {
  if (c >= 'a' && c <= 'z') return LOWER;
  if (c >= 'A' && c <= 'Z') return UPPER;
  if (c >= '0' && c <= '9') return NUMERAL;
  return c == '_' ? LOWER : 0;
}

static bool is_east(UChar32 c) {
  return (c >= 0x3005 && c <= 0x3007) || (c >= 0x3041 && c <= 0x30FE && c != 0x30FB) ||
         (c >= 0x3400 && c <= 0x9FFF) || (c >= 0xAC00 && c <= 0xD7A3) ||
         (c >= 0xF900 && c <= 0xFAFF) || (c >= 0x20000 && c <= 0x3FFFF);
}

static unsigned unicode_kind(UChar32 c) {
  if (c < 0) return 0;
  if (is_east(c)) return EAST;
  switch (u_charType(c)) {
  case U_UPPERCASE_LETTER:
  case U_TITLECASE_LETTER: return UPPER;
  case U_LOWERCASE_LETTER:
  case U_MODIFIER_LETTER:
  case U_OTHER_LETTER: return LOWER;
  case U_DECIMAL_DIGIT_NUMBER: return NUMERAL;
  case U_NON_SPACING_MARK:
  case U_COMBINING_SPACING_MARK: return MARK;
  default: return 0;
  }
}

/* The kind of the character at *i, which it steps over. */
static unsigned kind_at(const pii_text *t, int64_t *i) {
  unsigned char c = (unsigned char)t->s[*i];
  if (c < 0x80) {
    ++*i;
    return ascii_kind(c);
  }
  return unicode_kind(text_next_char(t->s, i, t->len));
}

/* The token from token->start, whose first character is of kind `first` and
 * ends at `i`: its end and marks. East Asian text and other letters part. */
static void token_finish(const pii_text *t, pii_token *token, unsigned first, int64_t i) {
  unsigned seen = 0, second = 0;
  int letters = first & (UPPER | LOWER) ? 1 : 0;
  token->end = i;
  while (i < t->len) {
    unsigned kind = kind_at(t, &i);
    if (!kind || (kind != MARK && (kind == EAST) != (first == EAST))) break;
    if (!second && kind & (UPPER | LOWER)) second = kind;
    if (kind & (UPPER | LOWER)) letters++;
    seen |= kind;
    token->end = i;
  }
  if (first == NUMERAL) token->marks |= PII_T_DIGIT;
  if (first == EAST) token->marks |= PII_T_EAST;
  if (first != UPPER) return;
  if (letters == 1 && !(seen & NUMERAL)) token->marks |= PII_T_INITIAL;
  if (letters > 1 && second == LOWER) token->marks |= PII_T_CAPITAL;
  if (letters > 1 && !(seen & LOWER)) token->marks |= PII_T_UPPER;
}

/* Latin letters with accents (U+00C0 to U+024F, U+1E00 to U+1EFF) in it? */
static bool latin_accent(const char *s, size_t len) {
  for (size_t i = 0; i < len; i++) {
    unsigned char c = (unsigned char)s[i];
    if ((c >= 0xC3 && c <= 0xC9) || c == 0xE1) return true;
  }
  return false;
}

static void token_look_up(const pii_text *t, pii_token *token) {
  char lower[MAX_LOWER];
  size_t len;
  size_t n = (size_t)(token->end - token->start);
  if (n > sizeof lower / 2 || token->marks & (PII_T_DIGIT | PII_T_EAST)) return;
  if (!pii_lower(t->s + token->start, n, lower, sizeof lower, &len)) return;
  token->hash = pii_hash(lower, len);
  token->words = pii_lexicon_word(token->hash);
  char plain[MAX_LOWER];
  if (!token->words && token->marks & PII_T_CAPITAL && latin_accent(lower, len) &&
      pii_plain(lower, len, plain, sizeof plain, &len))
    token->words = pii_lexicon_word(pii_hash(plain, len)) & (PII_GIVEN | PII_UNSURE | PII_SURNAME);
}

/* Marks of what stands between two tokens. */
static uint32_t gap_marks(const char *s, int64_t from, int64_t to) {
  uint32_t marks = from == 0 ? PII_T_LINE | PII_T_SENTENCE : 0;
  for (int64_t i = from; i < to; i++) {
    if (s[i] == '\n' || s[i] == '\r') marks |= PII_T_LINE | PII_T_SENTENCE;
    if (strchr(".!?:;*#>|\"()[]{}", s[i]) && s[i]) marks |= PII_T_SENTENCE;
    /* typographic quotes, ellipses, bullets; full-width stops */
    if ((unsigned char)s[i] == 0xE2 || (unsigned char)s[i] == 0xE3) marks |= PII_T_SENTENCE;
  }
  return marks;
}

/* Is the text written as a title, with most longer words capitalised? Then a
 * capital tells nothing. */
static bool is_title_case(const pii_text *t) {
  guint words = 0, capitals = 0;
  for (guint i = 0; i < t->tokens->len && i < 400; i++) {
    const pii_token *token = &PII_TOKEN(t, i);
    if (token->end - token->start < 4 || token->marks & (PII_T_DIGIT | PII_T_EAST)) continue;
    words++;
    capitals += token->marks & (PII_T_CAPITAL | PII_T_UPPER) ? 1 : 0;
  }
  return words >= 2 && capitals * 10 >= words * 6;
}

void pii_tokenize(pii_text *t) {
  int64_t last = 0;
  g_array_set_size(t->tokens, 0);
  t->has_east = false;
  for (int64_t i = 0; i < t->len;) {
    int64_t start = i;
    unsigned kind = kind_at(t, &i);
    if (!kind || kind == MARK) continue;
    pii_token token = {.start = start, .marks = gap_marks(t->s, last, start)};
    token_finish(t, &token, kind, i);
    token_look_up(t, &token);
    t->has_east = t->has_east || kind == EAST;
    g_array_append_val(t->tokens, token);
    i = last = token.end;
  }
  t->title_case = is_title_case(t);
}

bool pii_blank_after(const pii_text *t, guint i) {
  if (i + 1 >= t->tokens->len) return false;
  int64_t from = PII_TOKEN(t, i).end, to = PII_TOKEN(t, i + 1).start;
  if (from == to || to - from > 3) return false;
  for (int64_t k = from; k < to; k++)
    if (t->s[k] != ' ' && t->s[k] != '\t') return false;
  return true;
}

guint pii_token_at(const pii_text *t, int64_t at) {
  guint low = 0, high = t->tokens->len;
  while (low < high) {
    guint middle = low + (high - low) / 2;
    if (PII_TOKEN(t, middle).start < at)
      low = middle + 1;
    else
      high = middle;
  }
  return low;
}

bool pii_label_before(const pii_text *t, guint token, uint32_t kind, guint reach) {
  guint next;
  for (guint back = 1; back <= reach && back <= token; back++) {
    bool line =
        token - back + 1 < t->tokens->len && PII_TOKEN(t, token - back + 1).marks & PII_T_LINE;
    if (line && back > 1) return false;
    if (pii_form_at(t, token - back, &next) & kind && next <= token) return true;
    if (line) return false; /* a label alone on the line before still counts */
  }
  return false;
}
