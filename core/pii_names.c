/* pii_names.c - persons by title, by 'my name is', by a listed given name, by a
 * family name; organisations by their legal form. No statistics: a capitalised
 * word nobody listed is no name on its own. */
#include <string.h>

#include "pii_parts.h"
#include "text.h"

enum { MAX_NAME = 5 };

static pcre2_code *east_person;

/* Chinese, Japanese and Korean names have no capitals: what stands behind 'I am
 * called', and what begins as family names do and stands before an address. */
clio_status pii_names_init(error *e) {
  g_autofree char *intro = pii_lexicon_regex(PII_EAST_INTRO);
  g_autofree char *family = pii_lexicon_regex(PII_EAST_FAMILY);
  g_autofree char *after = pii_lexicon_regex(PII_EAST_AFTER);
  g_autofree char *honorific = pii_lexicon_regex(PII_EAST_HONORIFIC);
  g_autofree char *korean = pii_lexicon_regex(PII_KOREAN_FAMILY);
  g_autofree char *text = g_strdup_printf(
      "(?:%s)[\\p{P}\\p{Z}]{0,2}\\K"
      "(?:\\p{Han}{2,4}|\\p{Katakana}{2,12}|\\p{Hangul}{2,4}|\\p{Lu}\\p{Ll}+(?: \\p{Lu}\\p{Ll}+)?)|"
      "(?:%s)\\p{Han}{0,2}(?=(?:%s))|"
      "(?:\\p{Han}{2,4}|\\p{Katakana}{3,12})(?=(?:%s)(?!\\p{Han}))|"
      "(?:%s)\\p{Hangul}{2}(?=[ ]?(?:%s)(?!\\p{Hangul}))",
      intro, family, after, honorific, korean, honorific);
  return pii_compile(text, 0, &east_person, e);
}

/* ---- runs of name-like words ---- */

static bool is_name_word(const pii_text *t, guint i) {
  const pii_token *token = &PII_TOKEN(t, i);
  return token->marks & PII_T_CAPITAL &&
         !(token->words & (PII_NOT_NAME | PII_STREET | PII_UNIT | PII_PLACE)) &&
         !(token->marks & PII_T_TAKEN);
}

/* Do tokens i and i + 1 stand in one name: a blank, a hyphen, an apostrophe, or
 * the dot of an initial between them? */
static bool joined(const pii_text *t, guint i) {
  if (i + 1 >= t->tokens->len) return false;
  const pii_token *a = &PII_TOKEN(t, i), *b = &PII_TOKEN(t, i + 1);
  int64_t gap = b->start - a->end;
  const char *s = t->s + a->end;
  if (pii_blank_after(t, i)) return true;
  if (gap == 2 && s[0] == '.' && a->words & PII_SAINT) return true;
  if (gap == 1 && (*s == '-' || *s == '\'' || (*s == '.' && a->marks & PII_T_INITIAL))) return true;
  if (gap == 3 && memcmp(s, "\xE2\x80\x99", 3) == 0) return true;
  return gap == 2 && s[0] == '.' && s[1] == ' ' && a->marks & PII_T_INITIAL;
}

/* The last token of the name that starts at token i: capitalised words,
 * initials, and particles between them. */
static guint run_end(const pii_text *t, guint i) {
  guint last = i;
  for (guint k = i, words = 1; joined(t, k) && words < MAX_NAME; k++) {
    const pii_token *next = &PII_TOKEN(t, k + 1);
    if (is_name_word(t, k + 1)) {
      last = k + 1;
      words++;
    } else if (next->marks & PII_T_INITIAL && !(next->words & PII_NOT_NAME)) {
      /* an initial counts when something follows, or a dot */
      bool dot = next->end < t->len && t->s[next->end] == '.';
      if (dot) last = k + 1;
    } else if (!(next->words & PII_PARTICLE)) {
      break;
    }
  }
  return last;
}

/* A family name by the list or by its ending, in whatever case. `alone`: and by
 * itself, so that only an ending that nothing else has counts. */
static bool is_surname_word(const pii_text *t, guint i, bool alone) {
  const pii_token *token = &PII_TOKEN(t, i);
  char lower[128];
  size_t len;
  if (token->words & PII_SURNAME) return true;
  return pii_lower(t->s + token->start, (size_t)(token->end - token->start), lower, sizeof lower,
                   &len) &&
         pii_lexicon_surname_end(lower, len, alone);
}

static bool is_surname(const pii_text *t, guint i) {
  return is_name_word(t, i) && is_surname_word(t, i, false);
}

static bool is_given(const pii_text *t, guint i) {
  return PII_TOKEN(t, i).words & PII_GIVEN && is_name_word(t, i);
}

static bool is_sure(const pii_text *t, guint i) { return !(PII_TOKEN(t, i).words & PII_UNSURE); }

/* Does an organisation's legal form follow token i? *ret_end: where it ends. */
static bool org_follows(const pii_text *t, guint i, int64_t *ret_end) {
  if (i + 1 >= t->tokens->len) return false;
  int64_t gap = PII_TOKEN(t, i + 1).start - PII_TOKEN(t, i).end;
  const char *s = t->s + PII_TOKEN(t, i).end;
  if (!pii_blank_after(t, i) && !(gap == 2 && s[0] == ',') && !(gap == 3 && s[1] == '&'))
    return false;
  guint next;
  if (!(pii_form_at(t, i + 1, &next) & PII_ORG_AFTER)) return false;
  int64_t start = PII_TOKEN(t, i + 1).start, end = PII_TOKEN(t, next - 1).end;
  if (!pii_lexicon_exact(t->s + start, (size_t)(end - start))) return false;
  /* 'AG', 'SE', 'AS' are also words in capitals. */
  uint32_t marks = PII_TOKEN(t, i).marks;
  int64_t name = PII_TOKEN(t, i).end - PII_TOKEN(t, i).start;
  bool shouted = marks & PII_T_UPPER && name > 4;
  if (end - start == 2 && (shouted || marks & PII_T_SENTENCE || t->title_case)) return false;
  if (end < t->len && t->s[end] == '.' && end - start <= 4) end++;
  *ret_end = end;
  return true;
}

static void add_person(pii_text *t, guint first, guint last) {
  int64_t end;
  bool org = org_follows(t, last, &end);
  if (!org) end = PII_TOKEN(t, last).end;
  pii_add(t, org ? CLIO_PII_ORG : CLIO_PII_PERSON, PII_TOKEN(t, first).start, end);
}

/* ---- the forms of a person ---- */

/* The token that follows `i` in the text of a name field or introduction:
 * blanks, a colon, quotes between; never another line. */
static bool follows_closely(const pii_text *t, guint i) {
  if (i + 1 >= t->tokens->len || PII_TOKEN(t, i + 1).marks & PII_T_LINE) return false;
  int64_t from = PII_TOKEN(t, i).end, to = PII_TOKEN(t, i + 1).start;
  if (to - from > 8) return false;
  for (int64_t k = from; k < to; k++)
    if (!strchr(" \t:,\"'*_", t->s[k]) && !(t->s[k] & 0x80)) return false;
  return true;
}

/* 'Dr. Novak', 'mrs. smith': a title and the name behind it. */
static bool title_at(pii_text *t, guint i, guint *ret_next) {
  const pii_token *token = &PII_TOKEN(t, i);
  int64_t after = token->end;
  bool dot = after < t->len && t->s[after] == '.';
  if (!(token->words & (PII_TITLE | PII_DOTTED_TITLE)) || i + 1 >= t->tokens->len) return false;
  if (!(token->words & PII_TITLE) && !dot) return false;
  int64_t gap = PII_TOKEN(t, i + 1).start - after - (dot ? 1 : 0);
  if (gap < 0 || gap > 2 || (gap == 0 && !dot) || t->s[after + dot] == '\n') return false;
  const pii_token *name = &PII_TOKEN(t, i + 1);
  bool written = pii_lexicon_exact(t->s + token->start, (size_t)(token->end - token->start));
  bool lower_name =
      dot && token->end - token->start <= 4 && name->words & (PII_GIVEN | PII_SURNAME);
  bool initial = written && name->marks & PII_T_INITIAL && !(name->words & PII_NOT_NAME);
  if (!(written && (is_name_word(t, i + 1) || (name->marks & PII_T_UPPER && dot))) && !lower_name &&
      !initial)
    return false;
  guint last = run_end(t, i + 1);
  pii_add(t, CLIO_PII_PERSON, token->start, PII_TOKEN(t, last).end);
  *ret_next = last + 1;
  return true;
}

/* What follows 'my name is', or the label of a name field. */
static bool intro_at(pii_text *t, guint i, guint *ret_next) {
  guint name;
  uint32_t form = pii_form_at(t, i, &name);
  bool label = form & PII_LABEL_NAME && name <= t->tokens->len &&
               PII_TOKEN(t, name - 1).end < t->len && t->s[PII_TOKEN(t, name - 1).end] == ':';
  if (!(form & (PII_INTRO | PII_WEAK_INTRO)) && !label) return false;
  if (name >= t->tokens->len || !follows_closely(t, name - 1)) return false;
  const pii_token *token = &PII_TOKEN(t, name);
  bool listed = token->words & PII_GIVEN && !(token->words & PII_UNSURE);
  guint last = run_end(t, name);
  int64_t past = PII_TOKEN(t, last).end;
  bool greeting = form & PII_WEAK_INTRO && past < t->len &&
                  (t->s[past] == ',' || t->s[past] == '!') &&
                  PII_TOKEN(t, i).marks & PII_T_SENTENCE && !(form & PII_INTRO);
  bool capital = is_name_word(t, name) && (form & PII_INTRO || label || greeting);
  if (!listed && !capital) return false;
  if (last == name && listed && joined(t, name) && name + 1 < t->tokens->len &&
      PII_TOKEN(t, name + 1).words & PII_SURNAME)
    last = name + 1; /* 'my name is ann smith' */
  add_person(t, name, last);
  *ret_next = last + 1;
  return true;
}

/* Is the run from `i` to `last` a name, given what is known of its words? */
static bool run_is_name(const pii_text *t, guint i, guint last) {
  if (is_sure(t, i)) return true;
  for (guint k = i + 1; k <= last; k++)
    if (is_surname(t, k) || (is_given(t, k) && is_sure(t, k)) ||
        PII_TOKEN(t, k).marks & PII_T_INITIAL || PII_TOKEN(t, k).words & PII_PARTICLE)
      return true;
  return false;
}

/* 'Beverly Hills', 'Johns Hopkins University': a place named after a person. */
static bool is_place(const pii_text *t, guint last) {
  return joined(t, last) && last + 1 < t->tokens->len && PII_TOKEN(t, last + 1).words & PII_PLACE &&
         PII_TOKEN(t, last + 1).marks & PII_T_CAPITAL;
}

/* 'Soib K. Kishiev': a capitalised word, a dotted initial, another one. */
static bool initial_at(pii_text *t, guint i, guint *ret_next) {
  if (!is_name_word(t, i) || !joined(t, i) || i + 2 >= t->tokens->len || t->title_case)
    return false;
  const pii_token *middle = &PII_TOKEN(t, i + 1);
  bool dotted = middle->marks & PII_T_INITIAL && t->s[middle->end] == '.';
  if (!dotted || !joined(t, i + 1) || !is_name_word(t, i + 2)) return false;
  guint last = run_end(t, i + 2);
  add_person(t, i, last);
  *ret_next = last + 1;
  return true;
}

/* A listed given name, with what belongs to it before and behind. */
static bool given_at(pii_text *t, guint i, guint *ret_next) {
  if (!is_given(t, i)) return false;
  if (i > 0 && PII_TOKEN(t, i - 1).words & PII_SAINT && joined(t, i - 1)) return false;
  guint last = run_end(t, i);
  *ret_next = last + 1;
  if (is_place(t, last)) return true;
  if (!run_is_name(t, i, last)) return false;
  guint first = i;
  if (i > 0 && joined(t, i - 1) && is_surname(t, i - 1)) first = i - 1; /* Nagy Anna */
  add_person(t, first, last);
  return true;
}

/* 'ann smith' */
static bool lower_at(pii_text *t, guint i, guint *ret_next) {
  const pii_token *token = &PII_TOKEN(t, i);
  bool lower = !(token->marks & (PII_T_CAPITAL | PII_T_UPPER | PII_T_INITIAL));
  if (!lower || !(token->words & PII_GIVEN) || !is_sure(t, i) || !pii_blank_after(t, i))
    return false;
  if (PII_TOKEN(t, i + 1).marks & PII_T_TAKEN || !is_surname_word(t, i + 1, false)) return false;
  pii_add(t, CLIO_PII_PERSON, token->start, PII_TOKEN(t, i + 1).end);
  *ret_next = i + 2;
  return true;
}

/* A family name: with the capitalised word before it, or, where capitals tell
 * something, alone. */
static bool surname_at(pii_text *t, guint i, guint *ret_next) {
  if (!is_surname(t, i)) return false;
  bool alone = is_surname_word(t, i, true) && !t->title_case;
  bool pair = i > 0 && joined(t, i - 1) &&
              (is_name_word(t, i - 1) || PII_TOKEN(t, i - 1).marks & PII_T_INITIAL) &&
              !(PII_TOKEN(t, i - 1).marks & PII_T_SENTENCE) && !t->title_case;
  if (!pair && !alone) return false;
  add_person(t, pair ? i - 1 : i, i);
  *ret_next = i + 1;
  return true;
}

/* JOHN SMITH */
static bool upper_at(pii_text *t, guint i, guint *ret_next) {
  if (i + 1 >= t->tokens->len || !pii_blank_after(t, i)) return false;
  const pii_token *a = &PII_TOKEN(t, i), *b = &PII_TOKEN(t, i + 1);
  if (!(a->marks & b->marks & PII_T_UPPER)) return false;
  if (!(a->words & PII_GIVEN) || a->words & PII_UNSURE || !(b->words & PII_SURNAME)) return false;
  pii_add(t, CLIO_PII_PERSON, a->start, b->end);
  *ret_next = i + 2;
  return true;
}

/* Does an address, a telephone number or a mail address follow closely? */
static bool contact_follows(const pii_text *t, int64_t end) {
  enum { NEAR = 240 };
  for (guint k = 0; k < t->finds->len; k++) {
    const pii_find *find = &g_array_index(t->finds, pii_find, k);
    bool contact = find->kind == CLIO_PII_ADDRESS || find->kind == CLIO_PII_PHONE ||
                   find->kind == CLIO_PII_EMAIL;
    if (contact && find->start >= end && find->start < end + NEAR) return true;
  }
  return false;
}

/* Two or three capitalised words alone on a line, with the means to reach
 * someone below them: the head of a letter or a card. */
static bool contact_at(pii_text *t, guint i, guint *ret_next) {
  if (!(PII_TOKEN(t, i).marks & PII_T_LINE) || !is_name_word(t, i)) return false;
  guint last = run_end(t, i);
  bool alone = last + 1 < t->tokens->len && PII_TOKEN(t, last + 1).marks & PII_T_LINE;
  if (last == i || last > i + 3 || !alone) return false;
  int64_t end = PII_TOKEN(t, last).end;
  for (int64_t k = end; k < PII_TOKEN(t, last + 1).start && t->s[k] != '\n'; k++)
    if (t->s[k] != ' ' && t->s[k] != '\r' && t->s[k] != ',') return false;
  if (!contact_follows(t, end)) return false;
  add_person(t, i, last);
  *ret_next = last + 1;
  return true;
}

/* ---- organisations ---- */

/* 'Acme Widgets GmbH' from its legal form at token i back to its first
 * capitalised word; 'ООО «Ромашка»' forwards. */
static void org_at(pii_text *t, guint i) {
  int64_t end;
  const pii_token *token = &PII_TOKEN(t, i);
  if (token->marks & (PII_T_CAPITAL | PII_T_UPPER) && org_follows(t, i, &end)) {
    guint first = i;
    while (first > 0 && i - first < 4 && joined(t, first - 1) &&
           PII_TOKEN(t, first - 1).marks & (PII_T_CAPITAL | PII_T_UPPER | PII_T_INITIAL) &&
           !(PII_TOKEN(t, first - 1).words & PII_NOT_NAME))
      first--;
    if (!(token->words & PII_NOT_NAME)) pii_add(t, CLIO_PII_ORG, PII_TOKEN(t, first).start, end);
  }
  if (!(token->words & PII_ORG_FRONT) || i + 1 >= t->tokens->len ||
      !pii_lexicon_exact(t->s + token->start, (size_t)(token->end - token->start)))
    return;
  const pii_token *name = &PII_TOKEN(t, i + 1);
  if (name->marks & (PII_T_CAPITAL | PII_T_UPPER) && name->start - token->end <= 4)
    pii_add(t, CLIO_PII_ORG, token->start, PII_TOKEN(t, run_end(t, i + 1)).end);
}

/* ---- East Asia ---- */

static void east_companies(pii_text *t) {
  for (const char *const *form = pii_lexicon_forms(PII_EAST_COMPANY); *form; form++) {
    int64_t n = (int64_t)strlen(*form);
    const char *end = t->s + t->len;
    for (const char *at = t->s; (at = memmem(at, (size_t)(end - at), *form, (size_t)n)); at += n) {
      guint i = pii_token_at(t, at - t->s + 1);
      const pii_token *token = &PII_TOKEN(t, i ? i - 1 : 0);
      pii_add(t, CLIO_PII_ORG, MIN(token->start, at - t->s), MAX(token->end, at - t->s + n));
    }
  }
}

void pii_names(pii_text *t) {
  for (guint i = 0; i < t->tokens->len;) {
    const pii_token *token = &PII_TOKEN(t, i);
    guint next = i + 1;
    if (token->marks & PII_T_TAKEN) {
      i = next;
      continue;
    }
    if (token->words)
      (void)(title_at(t, i, &next) || intro_at(t, i, &next) || given_at(t, i, &next) ||
             upper_at(t, i, &next) || lower_at(t, i, &next));
    if (next == i + 1 && token->marks & PII_T_CAPITAL)
      (void)(initial_at(t, i, &next) || contact_at(t, i, &next) || surname_at(t, i, &next));
    for (; i < next; i++) org_at(t, i);
  }
  pii_east_scan(t, east_person, CLIO_PII_PERSON);
  if (t->has_east) east_companies(t);
}
