/* pii_numbers.c - what shows by its digits: cards, identity numbers, telephone
 * numbers, and any other long run. A number is read once into groups of digits;
 * how they are grouped tells the kinds apart. */
#include <string.h>

#include "pii_parts.h"

enum { MAX_GROUPS = 10, MAX_BYTES = 48 };

/* "+49 (0)30 123-456": groups 49 0 30 123 456. separator[k] stands before
 * group k, as gap_at() names it; '\0' for the first. */
typedef struct number {
  int64_t start, end;
  int groups, digits;
  int length[MAX_GROUPS];
  int64_t at[MAX_GROUPS];
  char separator[MAX_GROUPS];
  bool plus, bracket;
} number;

bool pii_luhn(const char *s, int64_t len) {
  int sum = 0;
  bool twice = false;
  for (int64_t i = len; i-- > 0;) {
    if (!g_ascii_isdigit(s[i])) continue;
    int digit = s[i] - '0';
    if (twice) digit = digit * 2 > 9 ? digit * 2 - 9 : digit * 2;
    sum += digit;
    twice = !twice;
  }
  return sum % 10 == 0;
}

bool pii_mod97(const char *s, int64_t len) {
  char plain[64];
  int n = 0, rest = 0;
  for (int64_t i = 0; i < len; i++) {
    if (!g_ascii_isalnum(s[i])) continue;
    if (n == (int)sizeof plain) return false;
    plain[n++] = s[i];
  }
  if (n < 15) return false;
  for (int i = 0; i < n; i++) {
    char c = plain[(i + 4) % n];
    if (g_ascii_isdigit(c))
      rest = (rest * 10 + (c - '0')) % 97;
    else
      rest = (rest * 100 + (g_ascii_toupper(c) - 'A' + 10)) % 97;
  }
  return rest == 1;
}

/* ---- reading ---- */

/* Bytes of the gap at `i` that may stand inside one number: a blank, a sign, or a
 * closing bracket and a blank or an opening one; 0 if none. *ret_separator: ' ',
 * '-', '.', '/', or ')' for brackets. */
static int64_t gap_at(const pii_text *t, int64_t i, char *ret_separator) {
  int64_t start = i;
  char separator = '\0';
  while (i < t->len && i - start < 3) {
    char c = t->s[i];
    if (c == (char)0xC2 && i + 1 < t->len && t->s[i + 1] == (char)0xA0) {
      c = ' ';
      i++;
    }
    if (!strchr(" -./()", c) || !c) break;
    bool bracket = c == '(' || c == ')';
    if (separator && !bracket && separator != ')') return 0; /* two signs */
    separator = bracket ? ')' : (separator ? separator : c);
    i++;
  }
  *ret_separator = separator;
  return i < t->len && g_ascii_isdigit(t->s[i]) ? i - start : 0;
}

static void number_read(const pii_text *t, int64_t at, int64_t floor, number *n) {
  memset(n, 0, sizeof *n);
  n->start = at;
  int64_t close = at;
  while (close < t->len && g_ascii_isdigit(t->s[close])) close++;
  n->bracket = at > floor && t->s[at - 1] == '(' && close < t->len && t->s[close] == ')';
  if (n->bracket) n->start--;
  n->plus = n->start > floor && t->s[n->start - 1] == '+';
  if (n->plus) n->start--;
  for (int64_t i = at; n->groups < MAX_GROUPS;) {
    int64_t start = i;
    while (i < t->len && g_ascii_isdigit(t->s[i])) i++;
    n->at[n->groups] = start;
    n->length[n->groups++] = (int)MIN(i - start, 64);
    n->digits += (int)MIN(i - start, 64);
    n->end = i;
    char separator;
    int64_t gap = gap_at(t, i, &separator);
    if (!gap || n->groups == MAX_GROUPS || i + gap - at > MAX_BYTES) break;
    n->separator[n->groups] = separator;
    i += gap;
  }
}

static int value_of(const pii_text *t, const number *n, int group) {
  int value = 0;
  for (int i = 0; i < n->length[group] && i < 8; i++)
    value = value * 10 + (t->s[n->at[group] + i] - '0');
  return value;
}

static bool all_separators(const number *n, char c) {
  for (int k = 1; k < n->groups; k++)
    if (n->separator[k] != c) return false;
  return n->groups > 1;
}

static bool lengths_are(const number *n, const int *lengths, int count) {
  if (n->groups != count) return false;
  for (int k = 0; k < count; k++)
    if (n->length[k] != lengths[k]) return false;
  return true;
}

#define LENGTHS(n, ...) \
  lengths_are(n, (const int[]){__VA_ARGS__}, \
              (int)(sizeof((const int[]){__VA_ARGS__}) / sizeof(int)))

/* ---- what is no telephone number ---- */

static bool is_year(const pii_text *t, const number *n, int group) {
  int value = value_of(t, n, group);
  return n->length[group] == 4 && value >= 1000 && value < 2100;
}

static bool is_date(const pii_text *t, const number *n) {
  if (n->groups < 3 || n->separator[1] != n->separator[2]) return false;
  bool first = n->length[0] == 4 && is_year(t, n, 0);
  bool last = n->length[2] == 4 || n->length[2] == 2;
  if (first) return n->length[1] <= 2 && n->length[2] <= 2;
  return n->length[0] <= 2 && n->length[1] <= 2 && last && n->groups <= 4 &&
         value_of(t, n, 0) <= 31 && value_of(t, n, 1) <= 31 && n->separator[1] != ' ' &&
         !(n->groups == 4 && n->separator[3] == n->separator[1]);
}

/* 12 000 000, 1.500.000, 1990-1995, 3.14159 */
static bool is_quantity(const pii_text *t, const number *n) {
  bool years = true, thousands = n->groups > 1 && n->length[0] <= 3 && t->s[n->at[0]] != '0';
  for (int k = 0; k < n->groups; k++) years = years && is_year(t, n, k);
  for (int k = 1; k < n->groups; k++)
    thousands = thousands && n->length[k] == 3 && n->separator[k] != '-' &&
                (n->separator[k] == '.' || value_of(t, n, k) % 100 == 0);
  return years || thousands || (n->groups == 2 && n->separator[1] == '.');
}

/* ---- kinds ---- */

static bool is_card(const pii_text *t, const number *n) {
  char first = t->s[n->at[0]];
  if (n->digits < 12 || n->digits > 19 || n->plus || n->bracket) return false;
  bool one = n->groups == 1;
  bool grouped = (all_separators(n, ' ') || all_separators(n, '-')) &&
                 (LENGTHS(n, 4, 4, 4, 4) || LENGTHS(n, 4, 6, 5) || LENGTHS(n, 4, 4, 4, 4, 3) ||
                  LENGTHS(n, 4, 6, 4) || LENGTHS(n, 4, 4, 4));
  bool issuer = (first >= '2' && first <= '6') || strncmp(t->s + n->at[0], "1800", 4) == 0;
  return (one || grouped) && issuer && pii_luhn(t->s + n->start, n->end - n->start);
}

/* Identity numbers by their grouping: US, Brazil (person, company), Korea,
 * Russia, France. */
static bool is_identity(const pii_text *t, const number *n) {
  const char *s = t->s + n->at[0];
  if (n->plus || n->bracket) return false;
  if (LENGTHS(n, 3, 2, 4) && (all_separators(n, '-') || all_separators(n, ' ')))
    return strncmp(s, "000", 3) != 0 && strncmp(s, "666", 3) != 0;
  if (LENGTHS(n, 3, 3, 3, 2) && n->separator[3] == '-' && n->separator[1] == n->separator[2])
    return n->separator[1] == '.' || n->separator[1] == '-';
  if (LENGTHS(n, 3, 3, 3, 2)) return n->separator[3] == ' ' && n->separator[1] == '-';
  if (LENGTHS(n, 2, 3, 3, 4, 2)) return n->separator[1] == '.' && n->separator[3] == '/';
  if (LENGTHS(n, 6, 7)) return n->separator[1] == '-' && strchr("12345678", t->s[n->at[1]]);
  return LENGTHS(n, 1, 2, 2, 2, 3, 3, 2) && (*s == '1' || *s == '2');
}

/* Without blanks: a mobile number of Russia or China, or any with a leading 0. */
static bool is_plain_phone(const pii_text *t, const number *n) {
  const char *s = t->s + n->at[0];
  if (n->digits == 11 && (s[0] == '7' || s[0] == '8') && s[1] == '9') return true;
  if (n->digits == 11 && s[0] == '1' && s[1] >= '2') return true;
  return (n->digits == 10 || n->digits == 11) && s[0] == '0' && s[1] != '0';
}

/* 10.218.6.131: an address or a version, found elsewhere. */
static bool is_dotted_four(const number *n) {
  if (n->groups != 4 || !all_separators(n, '.')) return false;
  for (int k = 0; k < 4; k++)
    if (n->length[k] > 3) return false;
  return true;
}

static bool has_dots(const number *n) {
  for (int k = 1; k < n->groups; k++)
    if (n->separator[k] == '.') return true;
  return false;
}

static bool is_phone(const pii_text *t, const number *n, guint token) {
  const char *s = t->s + n->at[0];
  if (n->plus) return n->digits >= 8 && n->digits <= 15;
  if (n->digits < 6 || n->digits > 15 || is_date(t, n) || is_dotted_four(n)) return false;
  bool label = pii_label_before(t, token, PII_LABEL_PHONE, 4);
  if (n->digits == 6 || is_quantity(t, n)) return label && n->groups > 1 && !is_year(t, n, 0);
  if (label) return true;
  if (n->groups == 1) return is_plain_phone(t, n);
  if (n->bracket) return n->digits <= 13 && n->groups > 1 && n->separator[1] == ')' && !has_dots(n);
  if (has_dots(n) && !all_separators(n, '.')) return false;
  if (n->separator[1] == '/') return s[0] == '0' && n->digits >= 8 && n->length[0] <= 5;
  if (s[0] == '0' && n->digits >= 9) return n->separator[1] != '.' || n->groups > 2;
  for (int k = 0; k < n->groups; k++)
    if (n->length[k] > 4 || n->length[k] < 2)
      return k == 0 && (LENGTHS(n, 1, 3, 3, 4) || LENGTHS(n, 1, 3, 3, 2, 2));
  if (LENGTHS(n, 3, 4)) return n->separator[1] == '-' && value_of(t, n, 1) % 100 != 0;
  if (LENGTHS(n, 4, 4)) return false;
  bool dashed = all_separators(n, '-') || all_separators(n, '.');
  if (LENGTHS(n, 3, 3, 4) || LENGTHS(n, 3, 3, 3)) return true;
  return n->groups >= 3 && n->digits >= 8 && (dashed || n->length[n->groups - 1] == 4);
}

/* An extension: ' x123', ' ext. 123'. */
static int64_t extension_end(const pii_text *t, int64_t end) {
  int64_t i = end;
  while (i < t->len && i - end < 2 && t->s[i] == ' ') i++;
  if (t->len - i > 5 && g_ascii_strncasecmp(t->s + i, "ext", 3) == 0)
    i += 3;
  else if (i < t->len && (t->s[i] == 'x' || t->s[i] == 'X'))
    i++;
  else
    return end;
  while (i < t->len && (t->s[i] == '.' || t->s[i] == ' ')) i++;
  int64_t digits = i;
  while (i < t->len && i - digits < 6 && g_ascii_isdigit(t->s[i])) i++;
  return i > digits ? i : end;
}

/* Is it glued to a letter, so that only its digits count? */
static bool is_glued(const pii_text *t, int64_t start, int64_t end) {
  bool before = start > 0 && (g_ascii_isalnum(t->s[start - 1]) || t->s[start - 1] == '_');
  bool after = end < t->len && (g_ascii_isalpha(t->s[end]) || t->s[end] == '_');
  return before || after;
}

static uint32_t number_kind(const pii_text *t, const number *n, guint token) {
  if (n->digits < 6) return 0;
  if (is_glued(t, n->start, n->end) && extension_end(t, n->end) == n->end) return 0;
  if (is_card(t, n)) return CLIO_PII_CARD;
  if (is_identity(t, n)) return CLIO_PII_ID;
  if (is_phone(t, n, token)) return CLIO_PII_PHONE;
  return 0;
}

int64_t pii_number(pii_text *t, int64_t at, int64_t floor, guint token) {
  number n;
  number_read(t, at, floor, &n);
  uint32_t kind = number_kind(t, &n, token);
  if (!kind && n.groups > 1) { /* perhaps the first group alone */
    number first = n;
    first.groups = 1;
    first.digits = n.length[0];
    first.end = n.at[0] + n.length[0];
    kind = number_kind(t, &first, token);
    n.end = kind ? first.end : n.end;
  }
  if (kind) {
    int64_t end = kind == CLIO_PII_PHONE ? extension_end(t, n.end) : n.end;
    pii_add(t, kind, n.start, end);
    return end;
  }
  bool labelled = n.digits >= 5 && pii_label_before(t, token, PII_LABEL_ID, 4);
  if (labelled) {
    while (n.start > floor && g_ascii_isalnum(t->s[n.start - 1])) n.start--; /* 'F162823' */
    pii_add(t, CLIO_PII_ID, n.start, n.end);
    return n.end;
  }
  for (int k = 0; k < n.groups; k++)
    if (n.length[k] >= 4) pii_add(t, CLIO_PII_NUMBER, n.at[k], n.at[k] + n.length[k]);
  return n.end;
}
