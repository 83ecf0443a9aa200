/* pii_places.c - postal addresses: '12 Main Street', 'Musterstraße 12', '5 rue
 * de la Paix', 'ul. Długa 7', 'Apt. 4', 'PO Box 12', post codes, and what stands
 * behind the label of an address. The kinds of street come from the word lists;
 * a pattern runs only near a number that has such a word beside it. */
#include <string.h>

#include "pii_parts.h"

enum { REACH = 7, AHEAD = 160, MAX_TAIL = 4 };

static pcre2_code *number_first, *front_after_number, *street_number, *joined_number, *unit,
    *post_code, *lives, *labelled, *tail, *east;

/* ---- patterns ---- */

/* A word of a street's name, and what may stand before the last one. */
#define WORD "[\\p{Lu}\\d][\\p{L}\\p{M}\\d.'’-]{0,30}"
#define SMALL \
  "(?:de|del|della|dei|da|do|dos|das|di|du|des|d|la|le|les|l|el|los|las|van|von|" \
  "der|den|het|ter|of|the|y|e|na|am|an|im|zum|zur|ter|op|aan|sur|st)"
#define GAP "[ \\t\\x{a0}]+"
#define NUMBER "\\d{1,5}(?:[ ]?[A-Za-z](?![\\p{L}\\d]))?"
#define STATE \
  "(?:A[AEKLPRZ]|C[AOT]|D[CE]|FL|GA|HI|I[ADLN]|K[SY]|LA|M[ADEINOST]|N[CDEHJMVY]|O[HKR]|PA|RI|" \
  "S[CD]|T[NX]|UT|V[AT]|W[AIVY])"
#define CITY "都道府県省市区區县縣郡町村"
#define DIGITS "(?:[0-9]|[０-９])"
#define HYPHEN "[-－−]"
#define UK_CODE "[A-Z]{1,2}\\d[A-Z\\d]? ?\\d[ABD-HJLNP-UW-Z]{2}"

typedef struct pattern {
  pcre2_code **code;
  uint32_t kind; /* the list whose forms stand for %s */
  const char *text;
  uint32_t options;
} pattern;

static const pattern patterns[] = {
    {&number_first, PII_STREET,
     "\\d{1,6}[A-Za-z]?(?:[-/]\\d{1,4}[A-Za-z]?)?,?" GAP "(?:(?:" WORD "|" SMALL ")" GAP
     "){1,5}?(?:%s)(?![\\p{L}\\d])\\.?",
     0},
    {&front_after_number, PII_STREET_FRONT,
     "\\d{1,5}(?:[ ]?(?:bis|ter|[A-Za-z]))?,?" GAP "(?i:%s)\\.?(?![\\p{L}\\d])[ \\t]*"
     "(?:(?:(?:" SMALL ")[ '’\\t]+){0,3}(?:" WORD ")(?:" GAP ")?){1,4}",
     0},
    {&street_number, PII_STREET_FRONT,
     "(?<![\\p{L}\\d])(?i:%s)\\.?(?![\\p{L}\\d])[ \\t]*(?:(?:" SMALL "|" WORD ")[ '’,.\\t]+){1,6}?"
     "(?:(?i:no|nr|nº|n°|n|д|дом|буд|num|número|numéro)\\.?:?[ \\t]*)?" NUMBER,
     0},
    {&joined_number, PII_STREET_LAST,
     "(?<![\\p{L}\\d])(?:" WORD GAP "){1,4}?(?:%s)\\.?[ ,\\t]+(?:(?i:no|nr)\\.?:?[ \\t]*)?" NUMBER,
     0},
    {&unit, PII_UNIT,
     "(?<![\\p{L}\\d])(?:%s)\\.?(?![\\p{L}])[ \\t]*(?:#|no\\.?|nº)?[ "
     "\\t]*\\d{1,6}[A-Za-z]?(?![\\p{L}\\d])"
     "(?:,?[ ]box[ ]\\d{1,6})?",
     PCRE2_CASELESS},
    {&lives, PII_LIVES,
     "(?i:%s)[ :]+(?:(?i:at|in|the corner of)[ ]+)?\\K\\d{1,5}[A-Za-z]?,?[ ]+(?:" WORD
     "[ ,]*){1,6}",
     0},
    {&post_code, 0,
     "(?<![\\p{L}\\d])(?:" STATE ",?[ ]\\d{5}(?:-\\d{4})?|" UK_CODE "|[A-Z]\\d[A-Z][ -]\\d[A-Z]\\d|"
     "〒[ ]?\\d{3}-?\\d{4}|(?i:zip|zip code|postcode|postal code|plz|cp)(?![A-Za-z])[.:]?[ "
     "]*[A-Z0-9][A-Z0-9 "
     "-]{2,8}"
     "[A-Z0-9])(?![\\p{L}\\d])",
     0},
    {&labelled, 0,
     "(?:[ \\t]*+[:=：][ \\t]*+(?:\\n[ \\t]*+){0,2}+|[ ]++(?:is|lautet|est|es|è)[ :]++)\\K"
     "(?!0x|\\d{1,2}[.)][ ])(?=[^\\n]{0,100}\\d)[^\\n]{4,120}?(?=\\n|$|\\.[ ]\\p{Lu}|[?!;])",
     0},
    {&tail, 0,
     "[, \\t\\n]{1,6}"
     "(?:(?i:apt|apartment|suite|ste|unit|floor)\\.?[ ]?#?\\d{1,5}[A-Za-z]?(?![\\p{L}\\d])|"
     "(?:[A-Z]{1,2}-)?\\d{4,5}[ ]" WORD "(?:[ -]" WORD ")?|"
     "(?:" WORD "[ ,]+){1,3}(?:[A-Z]{2}[ ,]+)?"
     "(?:\\d{4,6}(?:-\\d{3,4})?|" UK_CODE ")(?![\\p{L}\\d]))",
     0},
    /* prefecture or city, then street and number or block numbers; Korean road
     * addresses */
    {&east, 0,
     "\\p{Han}{2,8}?(?:[" CITY "]|自治区)[\\p{Han}\\p{Katakana}\\p{Hiragana}ー]{0,12}?"
     "(?:\\p{Han}{1,8}[路街道巷弄]" DIGITS "{1,5}[号號]|"
     "(?:" DIGITS "|[一二三四五六七八九十]){1,4}(?:丁目|番地?|" HYPHEN ")"
     "" DIGITS "{1,4}(?:(?:" HYPHEN "|番)" DIGITS "{1,4})?号?)|"
     "\\p{Hangul}{1,8}(?:시|도|군|구)[ ](?:\\p{Hangul}|[0-9 ]){0,16}?"
     "\\p{Hangul}{1,8}(?:로|길)[ ]?\\d{1,4}(?:-\\d{1,4})?",
     0},
};

static clio_status pattern_compile(const pattern *p, error *e) {
  g_autofree char *forms = p->kind ? pii_lexicon_regex(p->kind) : NULL;
  const char *hole = forms ? strstr(p->text, "%s") : NULL;
  g_autofree char *text = NULL;
  if (hole) text = g_strdup_printf("%.*s%s%s", (int)(hole - p->text), p->text, forms, hole + 2);
  return pii_compile(text ? text : p->text, p->options, p->code, e);
}

clio_status pii_places_init(error *e) {
  clio_status status = CLIO_OK;
  for (size_t i = 0; status == CLIO_OK && i < G_N_ELEMENTS(patterns); i++)
    status = pattern_compile(&patterns[i], e);
  return status;
}

/* ---- around one number ---- */

static bool ends_as_street(const pii_text *t, guint i) {
  char lower[128];
  size_t len;
  const pii_token *token = &PII_TOKEN(t, i);
  bool capital = token->marks & (PII_T_CAPITAL | PII_T_UPPER);
  if (token->words & PII_NOT_STREET) return false;
  return pii_lower(t->s + token->start, (size_t)(token->end - token->start), lower, sizeof lower,
                   &len) &&
         pii_lexicon_street_end(lower, len, capital ? 3 : 5);
}

/* An address in a block of lines: from the end of one line, the short lines down
 * to one that ends with a post code. Returns `end` if there is none. */
static int64_t block_end(const pii_text *t, int64_t end) {
  int64_t i = end, result = end;
  while (i < t->len && strchr(" ,.\r\t", t->s[i])) i++;
  for (int lines = 0; lines < 4 && i < t->len && t->s[i] == '\n'; lines++) {
    int64_t start = ++i, digits = 0;
    while (i < t->len && t->s[i] != '\n' && i - start < 40) {
      digits = g_ascii_isdigit(t->s[i]) ? digits + 1 : (t->s[i] == ' ' ? digits : 0);
      i++;
      if (digits >= 4 && (i == t->len || !g_ascii_isdigit(t->s[i]))) result = i;
    }
    if (result > end || i - start >= 40) break;
  }
  return result;
}

/* Where the street stands before a flat or a box at `start`: from the first
 * number of this line, or the whole line before; `start` if there is none. */
static int64_t block_start(const pii_text *t, int64_t start) {
  int64_t line = start;
  while (line > 0 && t->s[line - 1] != '\n' && start - line < 60) line--;
  int64_t first = line;
  while (first < start && !g_ascii_isdigit(t->s[first])) first++;
  if (first < start) return first;
  while (first > line && strchr(" >?*|\t", t->s[first - 1])) first--;
  if (first > line || line == 0) return start; /* other words on this line */
  int64_t above = line - 1, digits = 0;
  while (above > 0 && t->s[above - 1] != '\n' && line - above < 60)
    digits += g_ascii_isdigit(t->s[--above]) ? 1 : 0;
  return digits ? above : start;
}

/* A find and the town, the post code, the flat behind it. */
static void add_with_tail(pii_text *t, int64_t start, int64_t end) {
  int64_t from, to;
  for (int k = 0; k < MAX_TAIL && pii_match(t, tail, end, end + AHEAD, true, &from, &to); k++)
    end = to;
  while (end > start && strchr(" ,\t", t->s[end - 1])) end--;
  end = block_end(t, end);
  pii_add(t, CLIO_PII_ADDRESS, start, end);
}

/* The kinds of the words within REACH of token i on its line, going `step`. */
static uint32_t kinds_beside(const pii_text *t, guint i, int step) {
  uint32_t kinds = 0;
  for (int k = 1; k <= REACH; k++) {
    int64_t at = (int64_t)i + step * k;
    if (at < 0 || at >= (int64_t)t->tokens->len) break;
    guint edge = (guint)(step > 0 ? at : at + 1);
    if (PII_TOKEN(t, edge).marks & PII_T_LINE) break;
    guint next;
    kinds |= pii_form_at(t, (guint)at, &next);
  }
  return kinds;
}

/* A four-digit number of this millennium or the last is more likely a year. */
static bool is_year(const pii_text *t, guint i) {
  const pii_token *token = &PII_TOKEN(t, i);
  const char *s = t->s + token->start;
  return token->end - token->start == 4 && (memcmp(s, "19", 2) == 0 || memcmp(s, "20", 2) == 0);
}

/* Addresses that begin with the number at token i. */
static bool number_before(pii_text *t, guint i) {
  int64_t start, end, at = PII_TOKEN(t, i).start;
  uint32_t beside = kinds_beside(t, i, 1);
  bool found =
      (beside & PII_STREET && pii_match(t, number_first, at, at + AHEAD, true, &start, &end)) ||
      (beside & PII_STREET_FRONT &&
       pii_match(t, front_after_number, at, at + AHEAD, true, &start, &end));
  if (!found && i + 1 < t->tokens->len && pii_blank_after(t, i) && !is_year(t, i) &&
      ends_as_street(t, i + 1)) {
    start = at;
    end = PII_TOKEN(t, i + 1).end;
    found = true;
  }
  if (found) add_with_tail(t, start, end);
  return found;
}

/* Addresses that end with the number at token i. */
static bool number_behind(pii_text *t, guint i) {
  int64_t start, end, stop = MIN(t->len, PII_TOKEN(t, i).end + 2);
  guint first = i > REACH ? i - REACH : 0;
  while (first < i && PII_TOKEN(t, first + 1).marks & PII_T_LINE) first++;
  for (guint k = i; k > first; k--)
    if (PII_TOKEN(t, k).marks & PII_T_LINE) first = k;
  if (first >= i) return false;
  int64_t from = PII_TOKEN(t, first).start;
  uint32_t beside = kinds_beside(t, i, -1);
  bool found =
      (beside & PII_UNIT &&
       pii_match(t, unit, from, MIN(t->len, stop + 16), false, &start, &end)) ||
      (beside & PII_STREET_FRONT && pii_match(t, street_number, from, stop, false, &start, &end)) ||
      (beside & PII_STREET_LAST && pii_match(t, joined_number, from, stop, false, &start, &end));
  bool adjoins = PII_TOKEN(t, i).start - PII_TOKEN(t, i - 1).end <= 2 && !is_year(t, i);
  if (!found && adjoins && PII_TOKEN(t, i).end - PII_TOKEN(t, i).start <= 5 &&
      ends_as_street(t, i - 1)) {
    start = PII_TOKEN(t, i - 1).start;
    end = PII_TOKEN(t, i).end;
    found = true;
  }
  if (!found || end < PII_TOKEN(t, i).start) return false;
  if (beside & PII_UNIT) start = block_start(t, start);
  add_with_tail(t, start, end);
  return true;
}

/* Post codes, which have a capital or a label before their digits. */
static void post_code_at(pii_text *t, guint i) {
  int64_t start, end;
  const pii_token *token = &PII_TOKEN(t, i);
  bool code = token->marks & (PII_T_UPPER | PII_T_INITIAL) && token->end - token->start <= 4;
  if (!code && !(token->words & PII_LABEL_ADDRESS)) return;
  if (pii_match(t, post_code, token->start, MIN(t->len, token->start + 32), true, &start, &end))
    pii_add(t, CLIO_PII_ADDRESS, start, end);
}

/* 'Address: ...' up to the end of its line, where a number is in it. An IP or
 * mail address is found as what it is. */
static void label_at(pii_text *t, guint i, guint next) {
  int64_t start, end;
  if (i > 0 && PII_TOKEN(t, i - 1).marks & PII_T_UPPER) return;
  int64_t from = PII_TOKEN(t, next - 1).end;
  if (!pii_match(t, labelled, from, MIN(t->len, from + 240), true, &start, &end)) return;
  pii_add(t, CLIO_PII_ADDRESS, start, end);
}

void pii_places(pii_text *t) {
  for (guint i = 0; i < t->tokens->len; i++) {
    const pii_token *token = &PII_TOKEN(t, i);
    if (token->marks & PII_T_TAKEN) continue;
    if (token->marks & PII_T_DIGIT) {
      bool before = number_before(t, i);
      if (!before && i > 0) number_behind(t, i);
      continue;
    }
    if (token->marks & (PII_T_UPPER | PII_T_INITIAL)) post_code_at(t, i);
    guint next;
    uint32_t form = token->words ? pii_form_at(t, i, &next) : 0;
    int64_t start, end;
    if (form & PII_LABEL_ADDRESS) label_at(t, i, next);
    if (form & PII_LIVES &&
        pii_match(t, lives, token->start, MIN(t->len, token->start + AHEAD), true, &start, &end))
      add_with_tail(t, start, end);
  }
  pii_east_scan(t, east, CLIO_PII_ADDRESS);
}
