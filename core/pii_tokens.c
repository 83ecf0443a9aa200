/* pii_tokens.c - a text cut into runs of letters and digits. Cheaper and blunter
 * than text_words(): names and labels are looked for in these. */
#include <string.h>
#include <unicode/uchar.h>

#include "pii_parts.h"
#include "text.h"

enum { LOWER = 1, UPPER = 2, NUMERAL = 4, EAST = 8, MARK = 16 };
enum { LONGEST_WORD = 48, MAX_LOWER = 2 * LONGEST_WORD };

/* By ASCII character: its kind, and itself in lower case. */
static uint8_t ascii_kind[128], ascii_lower[128];

void pii_tokens_init(void) {
  for (int c = 0; c < 128; c++) {
    ascii_lower[c] = (uint8_t)g_ascii_tolower((char)c);
    if (g_ascii_islower(c) || c == '_') ascii_kind[c] = LOWER;
    if (g_ascii_isupper(c)) ascii_kind[c] = UPPER;
    if (g_ascii_isdigit(c)) ascii_kind[c] = NUMERAL;
  }
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
    return ascii_kind[c];
  }
  return unicode_kind(text_next_char(t->s, i, t->len));
}

/* What the letters of a token are like so far. */
typedef struct letters {
  unsigned first, second, seen; /* kinds of the first two letters, and of all */
  int count;
} letters;

static void letter_add(letters *l, unsigned kind) {
  l->seen |= kind;
  if (!(kind & (UPPER | LOWER))) return;
  if (l->count == 1) l->second = kind;
  l->count++;
}

static uint32_t letter_marks(const letters *l) {
  if (l->first == NUMERAL) return PII_T_DIGIT;
  if (l->first == EAST) return PII_T_EAST;
  if (l->first != UPPER) return 0;
  if (l->count == 1) return l->seen & NUMERAL ? 0 : PII_T_INITIAL;
  return (l->second == LOWER ? PII_T_CAPITAL : 0) | (l->seen & LOWER ? 0 : PII_T_UPPER);
}

/* A token of any script from token->start on; East Asian text and other letters
 * part. */
static void unicode_token(const pii_text *t, pii_token *token) {
  int64_t i = token->start;
  letters l = {0};
  l.first = kind_at(t, &i);
  letter_add(&l, l.first);
  token->end = i;
  while (i < t->len) {
    unsigned kind = kind_at(t, &i);
    if (!kind || (kind != MARK && (kind == EAST) != (l.first == EAST))) break;
    letter_add(&l, kind);
    token->end = i;
  }
  token->marks |= letter_marks(&l);
}

/* Latin letters with accents (U+00C0 to U+024F, U+1E00 to U+1EFF) in it? */
static bool latin_accent(const char *s, size_t len) {
  for (size_t i = 0; i < len; i++) {
    unsigned char c = (unsigned char)s[i];
    if ((c >= 0xC3 && c <= 0xC9) || c == 0xE1) return true;
  }
  return false;
}

static void unicode_look_up(const pii_text *t, pii_token *token) {
  char lower[MAX_LOWER], plain[MAX_LOWER];
  size_t len, n = (size_t)(token->end - token->start);
  if (n > LONGEST_WORD || token->marks & (PII_T_DIGIT | PII_T_EAST)) return;
  if (!pii_lower(t->s + token->start, n, lower, sizeof lower, &len)) return;
  token->hash = pii_hash(lower, len);
  token->words = pii_lexicon_word(token->hash);
  if (!token->words && token->marks & PII_T_CAPITAL && latin_accent(lower, len) &&
      pii_plain(lower, len, plain, sizeof plain, &len))
    token->words = pii_lexicon_word(pii_hash(plain, len)) & (PII_GIVEN | PII_UNSURE | PII_SURNAME);
}

/* A token of ASCII from token->start on, looked up in one go; false when it holds
 * anything else. */
static bool ascii_token(const pii_text *t, pii_token *token) {
  const unsigned char *s = (const unsigned char *)t->s;
  int64_t i = token->start;
  uint64_t h = PII_HASH_START;
  letters l = {0};
  if (s[i] < 0x80) l.first = ascii_kind[s[i]];
  for (; i < t->len; i++) {
    if (s[i] >= 0x80) return false;
    unsigned kind = ascii_kind[s[i]];
    if (!kind) break;
    letter_add(&l, kind);
    h = pii_hash_step(h, ascii_lower[s[i]]);
  }
  token->end = i;
  token->marks |= letter_marks(&l);
  if (l.first == NUMERAL || i - token->start > LONGEST_WORD) return true;
  token->hash = pii_hash_end(h);
  token->words = pii_lexicon_word(token->hash);
  return true;
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
    pii_token token = {.start = i};
    unsigned kind = kind_at(t, &i);
    if (!kind || kind == MARK) continue;
    token.marks = gap_marks(t->s, last, token.start);
    if (!ascii_token(t, &token)) {
      unicode_token(t, &token);
      unicode_look_up(t, &token);
    }
    t->has_east = t->has_east || token.marks & PII_T_EAST;
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

bool pii_east_stretch(const pii_text *t, guint *i, int64_t *ret_from, int64_t *ret_to) {
  enum { APART = 16, LONGEST = 4096 };
  while (*i < t->tokens->len && !(PII_TOKEN(t, *i).marks & PII_T_EAST)) ++*i;
  if (*i >= t->tokens->len) return false;
  *ret_from = PII_TOKEN(t, *i).start;
  *ret_to = PII_TOKEN(t, *i).end;
  for (; *i < t->tokens->len; ++*i) {
    const pii_token *token = &PII_TOKEN(t, *i);
    if (token->start > *ret_to + APART || token->start > *ret_from + LONGEST) break;
    if (token->marks & PII_T_EAST) *ret_to = token->end;
  }
  *ret_to = MIN(t->len, *ret_to + APART);
  return true;
}

void pii_east_scan(pii_text *t, const pcre2_code *code, uint32_t kind) {
  int64_t from, to, start, end;
  if (!t->has_east) return;
  for (guint i = 0; pii_east_stretch(t, &i, &from, &to);)
    while (pii_match(t, code, from, to, false, &start, &end)) {
      pii_add(t, kind, start, end);
      from = MAX(end, from + 1);
    }
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
