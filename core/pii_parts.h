/* pii_parts.h - what the parts of the scanner share; see pii.h. Nobody else
 * includes it.
 *   pii_lexicon.c  the word lists: names, titles, labels, kinds of street
 *   pii_tokens.c   a text cut into runs of letters and digits, looked up
 *   pii_shapes.c   what shows by its characters: addresses of machines, keys
 *   pii_prefilter.c  rules shapes out by Vectorscan, where it was found
 *   pii_numbers.c  what shows by its digits: cards, phones, identity numbers
 *   pii_names.c    persons and organisations
 *   pii_places.c   postal addresses
 *   pii.c          puts the finds in order */
#ifndef CLIO_CORE_PII_PARTS_H
#define CLIO_CORE_PII_PARTS_H
#define PCRE2_CODE_UNIT_WIDTH 8
#include <glib.h>
#include <pcre2.h>
#include <stdbool.h>

#include "pii.h"
#include "pii_lexicon.h"

/* ---- one scan ---- */

/* How a token is written, and what stands before it. */
enum {
  PII_T_CAPITAL = 1u << 0,  /* first letter upper, the second not */
  PII_T_UPPER = 1u << 1,    /* all letters upper */
  PII_T_INITIAL = 1u << 2,  /* a single upper letter */
  PII_T_DIGIT = 1u << 3,    /* begins with a digit */
  PII_T_EAST = 1u << 4,     /* Han, kana or Hangul */
  PII_T_LINE = 1u << 5,     /* first of its line */
  PII_T_SENTENCE = 1u << 6, /* first of a sentence, or after a quote or bullet */
  PII_T_TAKEN = 1u << 7     /* inside a find already made */
};

typedef struct pii_token {
  int64_t start, end;
  uint64_t hash;  /* of the lower-cased word */
  uint32_t words; /* PII_* */
  uint32_t marks; /* PII_T_* */
} pii_token;

typedef struct pii_find {
  int64_t start, end;
  uint32_t kind; /* CLIO_PII_* */
} pii_find;

/* A text being scanned; belongs to one thread and is used again. */
typedef struct pii_text {
  const char *s;
  int64_t len;
  GArray *tokens; /* pii_token */
  GArray *finds;  /* pii_find */
  bool has_east, title_case;
  pcre2_match_data *match;
  pcre2_match_context *limits;
  pcre2_jit_stack *stack;
  uint32_t shapes; /* those that may be in it, by index */
  void *prefilter; /* its memory */
} pii_text;

#define PII_TOKEN(t, i) g_array_index((t)->tokens, pii_token, i)

void pii_add(pii_text *t, uint32_t kind, int64_t start, int64_t end);

/* Fills t->tokens, has_east, title_case. */
void pii_tokenize(pii_text *t);

/* The kinds of the longest listed form that starts at token i; *ret_next: the
 * token after it. */
uint32_t pii_form_at(const pii_text *t, guint i, guint *ret_next);

/* Does a form of this kind start at one of the `reach` tokens before `token`, on
 * its line, or end the line before? */
bool pii_label_before(const pii_text *t, guint token, uint32_t kind, guint reach);

/* The text between tokens i and i + 1, and whether it is blanks of one line. */
bool pii_blank_after(const pii_text *t, guint i);

/* The next stretch of East Asian text from token *i on, with what stands little
 * apart from it: bytes [*ret_from, *ret_to). Moves *i behind it; false if none. */
bool pii_east_stretch(const pii_text *t, guint *i, int64_t *ret_from, int64_t *ret_to);

/* Adds what `code` finds in East Asian text as `kind`. */
void pii_east_scan(pii_text *t, const pcre2_code *code, uint32_t kind);

/* The first token that starts at or after byte `at`. */
guint pii_token_at(const pii_text *t, int64_t at);

/* ---- regular expressions ---- */

/* Compiles with JIT; a mistake in `pattern` is an internal error. */
clio_status pii_compile(const char *pattern, uint32_t options, pcre2_code **ret, error *e);

/* Matches within [from, to) of the text, anchored at `from` or anywhere; true
 * with the match's range. Past its limits a match counts as none. */
bool pii_match(pii_text *t, const pcre2_code *code, int64_t from, int64_t to, bool anchored,
               int64_t *ret_start, int64_t *ret_end);

/* ---- the prefilter: which of at most 32 hints occur in a text ---- */

void pii_prefilter_init(const char *const *hints, size_t count);
uint32_t pii_prefilter_scan(pii_text *t); /* a bit for each; all, where it cannot tell */
void pii_prefilter_free(void *scratch);   /* takes NULL */

/* ---- the parts ---- */

void pii_tokens_init(void);
clio_status pii_shapes_init(error *e);
clio_status pii_names_init(error *e);
clio_status pii_places_init(error *e);
void pii_shapes(pii_text *t);
void pii_names(pii_text *t);
void pii_places(pii_text *t);

/* What the digits from `at` on are; adds finds; returns where to go on. `floor`:
 * nothing before it may be taken. */
int64_t pii_number(pii_text *t, int64_t at, int64_t floor, guint token);

/* Do the digits (others skipped) pass Luhn's test? The bytes ISO 7064 mod 97? */
bool pii_luhn(const char *s, int64_t len);
bool pii_mod97(const char *s, int64_t len);
#endif
