/* sentence.c - sentences by their marks; see sentence.h. */
#include "sentence.h"

#include <string.h>

static int is_blank(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; }

static int is_lower(char c) { return c >= 'a' && c <= 'z'; }

static int is_letter(char c) { return is_lower(c) || (c >= 'A' && c <= 'Z'); }

/* Marks that end a sentence wherever they stand: ! ? and those of scripts that
 * put no blank behind them. Returns the mark's bytes, 0 if there is none. */
static int64_t mark_at(const char *s, int64_t left) {
  static const char *const marks[] = {"?", "!", "。", "！", "？", "؟", "।", "۔", "…", "︒", "｡"};
  for (uint64_t i = 0; i < sizeof marks / sizeof *marks; i++) {
    int64_t n = (int64_t)strlen(marks[i]);
    if (n <= left && memcmp(s, marks[i], (uint64_t)n) == 0) return n;
  }
  return 0;
}

/* Quotes and brackets that belong to the sentence before them. */
static int64_t closer_at(const char *s, int64_t left) {
  static const char *const closers[] = {"\"", "'", ")", "]", "»", "”", "’", "」", "』", "）", "*"};
  for (uint64_t i = 0; i < sizeof closers / sizeof *closers; i++) {
    int64_t n = (int64_t)strlen(closers[i]);
    if (n <= left && memcmp(s, closers[i], (uint64_t)n) == 0) return n;
  }
  return 0;
}

/* Is the full stop at `i` the end of a sentence? */
static int stop_ends(const char *s, int64_t len, int64_t start, int64_t i) {
  int64_t next = i + 1, n;
  while (next < len && (n = closer_at(s + next, len - next)) > 0) next += n;
  if (next < len && !is_blank(s[next])) return 0;
  /* one letter before it, or a digit alone: 'J. R.', 'e.g.', '1. First' */
  int64_t word = i;
  while (word > start && !is_blank(s[word - 1]) && s[word - 1] != '.') word--;
  if (i - word == 1 && (is_letter(s[word]) || word == start)) return 0;
  while (next < len && (s[next] == ' ' || s[next] == '\t')) next++;
  return next >= len || !is_lower(s[next]);
}

/* Is the '?' or '!' at `i` inside a word, as in 'watch?v=1'? */
static int inside_word(const char *s, int64_t len, int64_t i) {
  if (s[i] != '?' && s[i] != '!') return 0;
  if (i + 1 >= len) return 0;
  char next = s[i + 1];
  return is_letter(next) || (next >= '0' && next <= '9') || next == '=' || next == '/';
}

/* A lower-case letter, Latin or Cyrillic, at `i`? */
static int lower_at(const char *s, int64_t len, int64_t i) {
  if (i >= len) return 0;
  unsigned char c = (unsigned char)s[i], next = i + 1 < len ? (unsigned char)s[i + 1] : 0;
  if (c < 0x80) return is_lower(s[i]);
  if (c == 0xC3) return next >= 0x9F;
  if (c == 0xD0) return next >= 0xB0;
  return c == 0xD1 && next <= 0x9F;
}

/* Is the newline at `i` only where a long line was broken? Then the line before
 * is no short one, has no mark at its end, and the next goes on in lower case. */
static int is_wrap(const char *s, int64_t len, int64_t start, int64_t i) {
  int64_t before = i, line = i;
  while (before > start && is_blank(s[before - 1])) before--;
  while (line > start && s[line - 1] != '\n') line--;
  if (before == start || before - line < 30 || strchr(".:;!?", s[before - 1])) return 0;
  return lower_at(s, len, i + 1);
}

/* Bytes of the end of a sentence at `i`, its marks and closers; 0 if it goes on. */
static int64_t end_at(const char *s, int64_t len, int64_t start, int64_t i) {
  int64_t end = i, n;
  if (s[i] == '\n') return !is_wrap(s, len, start, i);
  if (inside_word(s, len, i)) return 0;
  if (s[i] == '.' && stop_ends(s, len, start, i)) end++;
  while (end < len && (n = mark_at(s + end, len - end)) > 0) end += n;
  if (end == i) return 0;
  while (end < len && ((n = mark_at(s + end, len - end)) > 0 || s[end] == '.')) end += n ? n : 1;
  while (end < len && (n = closer_at(s + end, len - end)) > 0) end += n;
  return end - i;
}

int sentence_next(const char *text, int64_t len, int64_t *pos, int64_t *ret_start,
                  int64_t *ret_end) {
  int64_t i = *pos;
  while (i < len && is_blank(text[i])) i++;
  if (i >= len) return 0;
  int64_t start = i, end = len, after = len;
  for (; i < len; i++) {
    int64_t n = end_at(text, len, start, i);
    if (n == 0) continue;
    end = after = i + n;
    break;
  }
  while (end > start && is_blank(text[end - 1])) end--;
  *pos = after;
  *ret_start = start;
  *ret_end = end;
  return 1;
}

int sentence_is_question(const char *text, int64_t len) {
  static const char *const marks[] = {"?", "？", "؟", "⁇", "⁈"};
  int64_t tail = len > 12 ? len - 12 : 0;
  for (int64_t i = tail; i < len; i++)
    for (uint64_t k = 0; k < sizeof marks / sizeof *marks; k++) {
      int64_t n = (int64_t)strlen(marks[k]);
      if (n > len - i || memcmp(text + i, marks[k], (uint64_t)n) != 0) continue;
      int64_t rest = i + n, c = 1;
      while (rest < len && c > 0) {
        c = closer_at(text + rest, len - rest);
        if (c == 0) c = mark_at(text + rest, len - rest);
        if (c == 0 && is_blank(text[rest])) c = 1;
        rest += c;
      }
      if (rest >= len) return 1;
    }
  return 0;
}

int64_t sentence_cut(const char *text, int64_t len, int64_t characters) {
  int64_t i = 0, seen = 0;
  while (i < len && seen <= characters) {
    if (((unsigned char)text[i] & 0xC0u) != 0x80u) seen++;
    if (seen > characters) break;
    i++;
  }
  if (i >= len) return len;
  int64_t blank = i;
  while (blank > i / 2 && !is_blank(text[blank])) blank--;
  if (blank <= i / 2) return i;
  while (blank > 0 && is_blank(text[blank - 1])) blank--;
  return blank;
}
