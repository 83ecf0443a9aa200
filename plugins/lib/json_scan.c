/* json_scan.c - see json_scan.h. Recursive descent, one function for each rule
 * of the grammar; every function returns 1, or 0 after fault(). */
#include "json_scan.h"

#include <stdlib.h>
#include <string.h>

enum { LITTLE_ENDIAN_WORDS = __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__ };

static int fault_at(json_scan *s, size_t at, const char *reason) {
  s->reason = reason;
  s->fault = at;
  return 0;
}

/* A fault here; where the text has ended, that is what is wrong. */
static int fault(json_scan *s, const char *reason) {
  return fault_at(s, s->at, s->at >= s->len ? "ends too early" : reason);
}

static int peek(const json_scan *s) { return s->at < s->len ? (unsigned char)s->text[s->at] : -1; }

static void skip_space(json_scan *s) {
  for (int c = peek(s); c == ' ' || c == '\t' || c == '\n' || c == '\r'; c = peek(s)) s->at++;
}

static int is_digit(int c) { return c >= '0' && c <= '9'; }

/* ---- strings ---- */

/* The length of the UTF-8 character at p, 2 to 4; 0 when it is not one
 * (overlong, surrogate, past U+10FFFF or cut). RFC 3629, section 4. */
static size_t utf8_length(const unsigned char *p, size_t left) {
  unsigned char low = 0x80, high = 0xbf;
  size_t n = p[0] >= 0xc2 && p[0] <= 0xdf ? 2 : (p[0] & 0xf0) == 0xe0 ? 3 : 0;
  if (p[0] >= 0xf0 && p[0] <= 0xf4) n = 4;
  if (n == 0 || left < n) return 0;
  if (p[0] == 0xe0) low = 0xa0;
  if (p[0] == 0xed) high = 0x9f;
  if (p[0] == 0xf0) low = 0x90;
  if (p[0] == 0xf4) high = 0x8f;
  if (p[1] < low || p[1] > high) return 0;
  for (size_t i = 2; i < n; i++)
    if ((p[i] & 0xc0) != 0x80) return 0;
  return n;
}

/* A bit in each byte of w that is '"', '\\', a control or not ASCII; bits above
 * a true one may be set too, which only ends the run early. */
static uint64_t special_bytes(uint64_t w) {
  const uint64_t ones = 0x0101010101010101u, tops = 0x8080808080808080u;
  uint64_t quote = w ^ (ones * '"'), slash = w ^ (ones * '\\');
  return (w | (w - ones * 0x20) | ((quote - ones) & ~quote) | ((slash - ones) & ~slash)) & tops;
}

static void skip_plain(json_scan *s) {
  uint64_t w;
  while (s->len - s->at >= sizeof w) {
    memcpy(&w, s->text + s->at, sizeof w);
    uint64_t special = special_bytes(w);
    if (special && !LITTLE_ENDIAN_WORDS) return;
    s->at += special ? (size_t)__builtin_ctzll(special) / 8 : sizeof w;
    if (special) return;
  }
}

static int scan_escape(json_scan *s) {
  s->at++;
  int c = peek(s);
  if (c < 0 || !strchr("\"\\/bfnrtu", c) || c == 0) return fault(s, "unknown escape");
  s->at++;
  for (int i = 0; c == 'u' && i < 4; i++, s->at++) {
    int h = peek(s);
    if (!is_digit(h) && !((h | 32) >= 'a' && (h | 32) <= 'f'))
      return fault(s, "\\u needs four hexadecimal digits");
  }
  return 1;
}

/* At the opening quote; ends behind the closing one. */
static int scan_string(json_scan *s) {
  s->at++;
  for (;;) {
    skip_plain(s);
    int c = peek(s);
    if (c < 0) return fault(s, "");
    if (c == '"') break;
    if (c < 0x20) return fault(s, "control character in a string");
    size_t n = 1;
    if (c >= 0x80) n = utf8_length((const unsigned char *)s->text + s->at, s->len - s->at);
    if (n == 0) return fault(s, "invalid UTF-8");
    if (c == '\\') {
      if (!scan_escape(s)) return 0;
      n = 0;
    }
    s->at += n;
  }
  s->at++;
  return 1;
}

/* ---- numbers and words ---- */

static int scan_digits(json_scan *s, const char *reason) {
  if (!is_digit(peek(s))) return fault(s, reason);
  while (is_digit(peek(s))) s->at++;
  return 1;
}

static int scan_number(json_scan *s) {
  if (peek(s) == '-') s->at++;
  size_t start = s->at;
  if (!scan_digits(s, "expected a digit")) return 0;
  if (s->text[start] == '0' && s->at - start > 1)
    return fault_at(s, start, "a number cannot start with 0");
  if (peek(s) == '.') {
    s->at++;
    if (!scan_digits(s, "expected a digit after '.'")) return 0;
  }
  if (peek(s) != 'e' && peek(s) != 'E') return 1;
  s->at++;
  if (peek(s) == '+' || peek(s) == '-') s->at++;
  return scan_digits(s, "expected a digit in the exponent");
}

static int scan_word(json_scan *s) {
  static const char *const words[] = {"true", "false", "null"};
  for (size_t i = 0; i < 3; i++) {
    size_t n = strlen(words[i]);
    if (s->len - s->at < n || memcmp(s->text + s->at, words[i], n) != 0) continue;
    s->at += n;
    return 1;
  }
  return fault(s, "expected a value");
}

/* ---- keys: each at most once in its object ---- */

static uint64_t hash_byte(uint64_t h, unsigned c) { return (h ^ c) * 0x100000001b3u; } /* FNV-1a */

static unsigned hex4(const char *p) {
  unsigned v = 0;
  for (int i = 0; i < 4; i++) {
    unsigned c = (unsigned char)p[i];
    v = v * 16 + (c <= '9' ? c - '0' : (c | 32) - 'a' + 10);
  }
  return v;
}

static uint64_t hash_unit(uint64_t h, unsigned u) {
  if (u < 0x80) return hash_byte(h, u);
  if (u < 0x800) return hash_byte(hash_byte(h, 0xc0 | u >> 6), 0x80 | (u & 63));
  if (u < 0x10000)
    h = hash_byte(h, 0xe0 | u >> 12);
  else
    h = hash_byte(hash_byte(h, 0xf0 | u >> 18), 0x80 | (u >> 12 & 63));
  return hash_byte(hash_byte(h, 0x80 | (u >> 6 & 63)), 0x80 | (u & 63));
}

/* The character an escape stands for, and *at behind it. */
static unsigned escaped(const char *text, size_t *at) {
  static const char from[] = "bfnrt", to[] = "\b\f\n\r\t";
  char c = text[*at + 1];
  const char *known = strchr(from, c);
  *at += 2;
  if (c != 'u') return known ? (unsigned char)to[known - from] : (unsigned char)c;
  unsigned u = hex4(text + *at);
  *at += 4;
  if (u < 0xd800 || u > 0xdfff) return u;
  int pair = u < 0xdc00 && text[*at] == '\\' && text[*at + 1] == 'u';
  unsigned second = pair ? hex4(text + *at + 2) : 0;
  if (second < 0xdc00 || second > 0xdfff) return 0xfffd;
  *at += 6;
  return 0x10000 + ((u & 0x3ff) << 10) + (second & 0x3ff);
}

static uint64_t hash_key(const char *text, size_t start, size_t end) {
  uint64_t h = 0xcbf29ce484222325u;
  for (size_t i = start; i < end;) {
    if (text[i] == '\\')
      h = hash_unit(h, escaped(text, &i));
    else
      h = hash_byte(h, (unsigned char)text[i++]);
  }
  return h;
}

/* Room for one more item; 0: no memory. */
static int grow(void **items, size_t *room, size_t count, size_t size) {
  if (count < *room) return 1;
  size_t more = *room ? *room * 2 : 64;
  void *bigger = realloc(*items, more * size);
  if (!bigger) return 0;
  *items = bigger;
  *room = more;
  return 1;
}

static int add_key(json_scan *s, size_t start, size_t end) {
  void *keys = s->keys;
  int ok = grow(&keys, &s->key_room, s->key_count, sizeof *s->keys);
  s->keys = keys;
  if (!ok) return fault_at(s, start, "out of memory");
  s->keys[s->key_count++] = (json_key_mark){hash_key(s->text, start, end), start};
  return 1;
}

static int by_hash(const void *a, const void *b) {
  const json_key_mark *x = a, *y = b;
  if (x->hash != y->hash) return x->hash < y->hash ? -1 : 1;
  return x->at < y->at ? -1 : x->at > y->at;
}

static int check_keys(json_scan *s, size_t first) {
  size_t n = s->key_count - first, twice = SIZE_MAX;
  json_key_mark *k = s->keys + first;
  s->key_count = first;
  if (n < 2) return 1;
  qsort(k, n, sizeof *k, by_hash);
  for (size_t i = 1; i < n; i++)
    if (k[i].hash == k[i - 1].hash && k[i].at < twice) twice = k[i].at;
  return twice == SIZE_MAX ? 1 : fault_at(s, twice - 1, "the same key twice in one object");
}

/* ---- values ---- */

static int scan_value(json_scan *s);

static int add_member(json_scan *s, const json_span *m) {
  void *members = s->members;
  int ok = grow(&members, &s->member_room, s->member_count, sizeof *s->members);
  s->members = members;
  if (!ok) return fault(s, "out of memory");
  s->members[s->member_count++] = *m;
  return 1;
}

static int scan_member(json_scan *s) {
  json_span m = {.key = s->at + 1};
  skip_space(s);
  m.key = s->at + 1;
  if (peek(s) != '"') return fault(s, "expected a key in double quotes");
  if (!scan_string(s)) return 0;
  m.key_end = s->at - 1;
  if (!add_key(s, m.key, m.key_end)) return 0;
  skip_space(s);
  if (peek(s) != ':') return fault(s, "expected ':'");
  s->at++;
  skip_space(s);
  m.value = s->at;
  if (!scan_value(s)) return 0;
  m.value_end = s->at;
  return s->depth > 1 || add_member(s, &m);
}

/* The items of an object or array, from behind the opening bracket on. */
static int scan_items(json_scan *s, int close, int (*item)(json_scan *), const char *expected) {
  skip_space(s);
  if (peek(s) == close) {
    s->at++;
    return 1;
  }
  for (;;) {
    if (!item(s)) return 0;
    skip_space(s);
    int c = peek(s);
    if (c != ',' && c != close) return fault(s, expected);
    s->at++;
    if (c == close) return 1;
  }
}

static int scan_nested(json_scan *s) {
  if (s->depth == s->depth_max) return fault(s, "nested deeper than max_depth allows");
  int object = peek(s) == '{';
  size_t first = s->key_count;
  s->depth++;
  s->at++;
  int ok = object ? scan_items(s, '}', scan_member, "expected ',' or '}'") && check_keys(s, first)
                  : scan_items(s, ']', scan_value, "expected ',' or ']'");
  s->depth--;
  return ok;
}

static int scan_value(json_scan *s) {
  skip_space(s);
  int c = peek(s);
  if (c == '"') return scan_string(s);
  if (c == '{' || c == '[') return scan_nested(s);
  if (c == '-' || is_digit(c)) return scan_number(s);
  return scan_word(s);
}

int json_scan_text(json_scan *s, const char *text, size_t len) {
  s->text = text;
  s->len = len;
  s->at = s->fault = s->depth = 0;
  s->reason = NULL;
  s->member_count = s->key_count = 0;
  if (!scan_value(s)) return 0;
  skip_space(s);
  return s->at == len ? 1 : fault(s, "text after the value");
}

size_t json_scan_column(const char *text, size_t offset) {
  size_t column = 1;
  for (size_t i = 0; i < offset; i++) column += (text[i] & 0xc0) != 0x80;
  return column;
}

void json_scan_clear(json_scan *s) {
  free(s->members);
  free(s->keys);
  memset(s, 0, sizeof *s);
}
