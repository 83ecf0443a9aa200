/* pii_lexicon.h - the word lists of the scanner for personal information:
 * configs/words/given-names.txt, surnames.txt, pii-forms.txt. Immutable once
 * loaded. Part of the scanner; see pii_parts.h. */
#ifndef CLIO_CORE_PII_LEXICON_H
#define CLIO_CORE_PII_LEXICON_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "error.h"

/* What a word or phrase is: bits, for one may be several. */
enum {
  PII_GIVEN = 1u << 0,  /* a given name */
  PII_UNSURE = 1u << 1, /* ... that is also a word or a place */
  PII_SURNAME = 1u << 2,
  PII_TITLE = 1u << 3,
  PII_DOTTED_TITLE = 1u << 4,
  PII_INTRO = 1u << 5, /* 'my name is' */
  PII_WEAK_INTRO = 1u << 6,
  PII_PARTICLE = 1u << 7,
  PII_NOT_NAME = 1u << 8,
  PII_PLACE = 1u << 9,  /* ends the name of a place or a thing */
  PII_SAINT = 1u << 10, /* begins the name of a place: 'San', 'Saint' */
  PII_ORG_AFTER = 1u << 11,
  PII_ORG_FRONT = 1u << 12,
  PII_LABEL_NAME = 1u << 13,
  PII_LABEL_ADDRESS = 1u << 14,
  PII_LABEL_PHONE = 1u << 15,
  PII_LABEL_ID = 1u << 16,
  PII_LABEL_SECRET = 1u << 17,
  PII_STREET = 1u << 18,
  PII_STREET_LAST = 1u << 19,
  PII_STREET_FRONT = 1u << 20,
  PII_NOT_STREET = 1u << 21,
  PII_UNIT = 1u << 22,
  PII_LIVES = 1u << 23,
  PII_DOMAIN = 1u << 24,      /* a top-level domain that nothing else ends with */
  PII_DOMAIN_PATH = 1u << 25, /* one that words also end with: needs a path */
  PII_NOT_HANDLE = 1u << 26,
  PII_STARTS = 1u << 27, /* the first word of a phrase */

  /* Lists that are only read whole, by pii_lexicon_forms() and _regex(). */
  PII_WHOLE = 1u << 30,
  PII_STREET_END = PII_WHOLE | 1u,
  PII_EAST_INTRO = PII_WHOLE | 2u,
  PII_EAST_FAMILY = PII_WHOLE | 3u,
  PII_EAST_AFTER = PII_WHOLE | 4u,
  PII_EAST_HONORIFIC = PII_WHOLE | 5u,
  PII_EAST_COMPANY = PII_WHOLE | 6u,
  PII_KOREAN_FAMILY = PII_WHOLE | 7u
};

/* Reads the lists under `dir`; once, before any scan. */
clio_status pii_lexicon_load(const char *dir, error *e);

/* What the lower-cased word with this hash is: PII_* bits, 0 if nothing. */
uint32_t pii_lexicon_word(uint64_t hash);

/* Does the word stand in a list of kind TITLE or ORG exactly as written? */
bool pii_lexicon_exact(const char *word, size_t len);

/* Does the lower-cased word end as family names do (`alone`: as nothing else
 * does)? As streets do, with an ending of at least `shortest` bytes? */
bool pii_lexicon_surname_end(const char *lower, size_t len, bool alone);
bool pii_lexicon_street_end(const char *lower, size_t len, size_t shortest);

/* The forms of one kind, sorted, longest first, quoted for a regular
 * expression and joined by '|'; new string. */
char *pii_lexicon_regex(uint32_t kind);

/* The forms of one kind as they stand, NULL-ended, longest first; borrowed. */
const char *const *pii_lexicon_forms(uint32_t kind);

/* Lower-cases a word, character by character, into `out`; false when it does
 * not fit. */
bool pii_lower(const char *word, size_t len, char *out, size_t room, size_t *ret_len);

/* The word without its accents; false when it has none or does not fit. */
bool pii_plain(const char *lower, size_t len, char *out, size_t room, size_t *ret_len);

/* The hash of a word, and the same byte by byte (FNV-1a). */
uint64_t pii_hash(const char *bytes, size_t len);
#define PII_HASH_START UINT64_C(0xcbf29ce484222325)
static inline uint64_t pii_hash_step(uint64_t h, unsigned char c) {
  return (h ^ c) * UINT64_C(0x100000001b3);
}
static inline uint64_t pii_hash_end(uint64_t h) { return h ^ (h >> 29); }
#endif
