/* snap.c - the nearest legal choice; see snap.h. */
#include "snap.h"

#include <string.h>

enum { LOOK = 200, WORDS = 64, SHORT = 80 };

/* A text as words: letters in small, everything else a single blank. */
typedef struct plain {
  char s[LOOK + 1];
  uint32_t len, words, start[WORDS], size[WORDS];
} plain;

static int is_word_byte(unsigned char c) {
  return c >= 0x80 || (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static void plain_of(const char *text, plain *ret) {
  int inside = 0;
  ret->len = ret->words = 0;
  for (uint32_t i = 0; i < LOOK && text[i]; i++) {
    unsigned char c = (unsigned char)text[i];
    int letter = is_word_byte(c);
    if (letter && !inside && ret->len > 0) ret->s[ret->len++] = ' ';
    if (letter && !inside && ret->words < WORDS) {
      ret->start[ret->words] = ret->len;
      ret->size[ret->words++] = 0;
    }
    inside = letter;
    if (!letter) continue;
    ret->s[ret->len++] = (char)(c >= 'A' && c <= 'Z' ? c | 32 : c);
    ret->size[ret->words - 1]++;
    if (ret->len >= LOOK) break;
  }
  ret->s[ret->len] = '\0';
}

static int same_word(const plain *a, uint32_t i, const plain *b, uint32_t k) {
  return a->size[i] == b->size[k] &&
         memcmp(a->s + a->start[i], b->s + b->start[k], a->size[i]) == 0;
}

static uint32_t overlap(const plain *a, const plain *b) {
  uint64_t used = 0;
  uint32_t shared = 0;
  if (a->words + b->words == 0) return 0;
  for (uint32_t i = 0; i < a->words; i++)
    for (uint32_t k = 0; k < b->words; k++) {
      if (used >> k & 1 || !same_word(a, i, b, k)) continue;
      used |= 1ull << k;
      shared++;
      break;
    }
  return 2000 * shared / (a->words + b->words);
}

/* Levenshtein's distance of the first 80 bytes. */
static uint32_t edits(const plain *a, const plain *b) {
  uint32_t row[SHORT + 1], n = a->len < SHORT ? a->len : SHORT, m = b->len < SHORT ? b->len : SHORT;
  for (uint32_t k = 0; k <= m; k++) row[k] = k;
  for (uint32_t i = 1; i <= n; i++) {
    uint32_t before = row[0];
    row[0] = i;
    for (uint32_t k = 1; k <= m; k++) {
      uint32_t best = before + (a->s[i - 1] != b->s[k - 1]);
      before = row[k];
      if (row[k] + 1 < best) best = row[k] + 1;
      if (row[k - 1] + 1 < best) best = row[k - 1] + 1;
      row[k] = best;
    }
  }
  return row[m];
}

uint32_t snap_overlap(const char *a, const char *b) {
  plain x, y;
  plain_of(a, &x);
  plain_of(b, &y);
  return overlap(&x, &y);
}

uint64_t snap_find(const char *said, const char *const *choice, uint64_t n) {
  plain want, have;
  uint64_t best = 0;
  uint32_t best_overlap = 0, best_edits = UINT32_MAX;
  plain_of(said, &want);
  for (uint64_t i = 0; i < n; i++) {
    plain_of(choice[i], &have);
    if (have.len == want.len && have.len > 0 && memcmp(have.s, want.s, have.len) == 0) return i;
    uint32_t shared = overlap(&want, &have);
    if (shared < best_overlap) continue;
    uint32_t far = edits(&want, &have);
    if (shared == best_overlap && far >= best_edits) continue;
    best = i;
    best_overlap = shared;
    best_edits = far;
  }
  return best;
}
