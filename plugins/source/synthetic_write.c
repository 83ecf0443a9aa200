/* synthetic_write.c - one template written out, and how hurried people type; see
 * synthetic_words.h. */
#include "synthetic_words.h"

enum { NESTING = 4 };

uint64_t dice_roll(dice *d, uint64_t sides) {
  uint64_t x = d->state += 0x9e3779b97f4a7c15u;
  x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9u;
  x = (x ^ x >> 27) * 0x94d049bb133111ebu;
  return (x ^ x >> 31) % sides;
}

void text_add(text *out, const char *bytes, uint64_t length) {
  if (CLIO_GROW(out->bytes, out->room, out->length + length) != CLIO_OK) out->failed = 1;
  if (out->failed || length == 0) return;
  memcpy(out->bytes + out->length, bytes, length);
  out->length += length;
}

/* ---- templates ---- */

/* Behind the bracket that closes the one before s; NULL: there is none. */
static const char *closing(const char *s, const char *end) {
  int depth = 1;
  for (; s < end; s++) {
    depth += (*s == '{') - (*s == '}');
    if (depth == 0) return s + 1;
  }
  return NULL;
}

static uint64_t count_parts(clio_span all) {
  uint64_t n = 1;
  while (words_part(all, n).s) n++;
  return n;
}

/* {9} is any digit, {secret} what the teller knows. 0: it is neither. */
static int write_known(clio_span inside, const teller *by, text *out) {
  if (clio_span_is(inside, "9")) {
    char digit = by ? (char)('0' + dice_roll(by->slots, 10)) : '0';
    if (by) text_add(out, &digit, 1);
    return 1;
  }
  if (!clio_span_is(inside, "secret")) return 0;
  if (by && by->secret) text_add(out, by->secret, strlen(by->secret));
  return 1;
}

static int write_out(const words *w, const section *s, clio_span t, int depth, const teller *by,
                     text *out);

static int write_bracket(const words *w, const section *s, clio_span inside, int depth,
                         const teller *by, text *out) {
  uint64_t n = count_parts(inside);
  if (n == 1 && write_known(inside, by, out)) return 1;
  const word_list *list = n == 1 ? words_find(w, s, inside) : NULL;
  if (n == 1 && !list) return 0;
  if (list) n = list->count;
  uint64_t first = by ? dice_roll(list ? by->slots : by->own, n) : 0, last = by ? first : n - 1;
  for (uint64_t i = first; i <= last; i++) {
    clio_span one = list ? list->items[i].text : words_part(inside, i);
    if (!write_out(w, s, one, depth + 1, by, out)) return 0;
  }
  return 1;
}

static int write_out(const words *w, const section *s, clio_span t, int depth, const teller *by,
                     text *out) {
  const char *at = t.s, *end = t.s + t.len;
  if (depth > NESTING) return 0;
  while (at < end) {
    const char *open = memchr(at, '{', (size_t)(end - at));
    if (by) text_add(out, at, (uint64_t)((open ? open : end) - at));
    if (!open) return 1;
    const char *after = closing(open + 1, end);
    if (!after) return 0;
    clio_span inside = clio_span_of(open + 1, after - open - 2);
    if (!write_bracket(w, s, inside, depth, by, out)) return 0;
    at = after;
  }
  return 1;
}

int words_template(const words *w, const section *s, clio_span t, const teller *by, text *out) {
  return write_out(w, s, t, 0, by, out);
}

const word_item *words_write(const words *w, const section *s, const char *list, const teller *by,
                             text *out) {
  const word_list *l = words_list(w, s, list);
  if (!l) return NULL;
  const word_item *item = &l->items[dice_roll(by->slots, l->count)];
  write_out(w, s, item->text, 0, by, out);
  return item;
}

/* ---- hurry ---- */

static int is_lower(char c) { return c >= 'a' && c <= 'z'; }

/* The bytes of the letter at i, 0 where none is: a small ASCII one, or a character of
 * two bytes as Cyrillic, Armenian and Arabic have. */
static uint64_t letter_at(const text *t, uint64_t i) {
  if (i >= t->length) return 0;
  if (is_lower(t->bytes[i])) return 1;
  unsigned char c = (unsigned char)t->bytes[i];
  return c >= 0xd0 && c < 0xe0 && i + 1 < t->length ? 2 : 0;
}

void text_mistype(text *t, uint64_t start, dice *d) {
  if (t->failed || t->length <= start) return;
  uint64_t at = start + dice_roll(d, t->length - start);
  for (; at < t->length; at++) {
    uint64_t one = letter_at(t, at), other = one ? letter_at(t, at + one) : 0;
    char first[2];
    if (other == 0 || one != other) continue;
    memcpy(first, t->bytes + at, one);
    memmove(t->bytes + at, t->bytes + at + one, one);
    memcpy(t->bytes + at + one, first, one);
    return;
  }
}

void text_lower(text *t, uint64_t start) {
  if (t->failed || t->length <= start) return;
  for (uint64_t i = start; i < t->length; i++)
    if (t->bytes[i] >= 'A' && t->bytes[i] <= 'Z') t->bytes[i] = (char)(t->bytes[i] + ('a' - 'A'));
  if (t->bytes[t->length - 1] == '.') t->length--;
}
