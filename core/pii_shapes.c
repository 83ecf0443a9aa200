/* pii_shapes.c - what shows by its characters: mail and web addresses, handles,
 * machine addresses, keys and tokens. One pass parts the text at blanks and
 * notes what each piece holds; a pattern runs only on a piece that could match. */
#include <string.h>

#include "pii_parts.h"

enum {
  HAS_AT = 1,
  HAS_DOT = 2,
  HAS_COLON = 4,
  HAS_SLASH = 8,
  HAS_DIGIT = 16,
  HAS_LETTER = 32,
  HAS_DASH = 64,
  HAS_LOW_LINE = 128,
  HAS_FOREIGN = 256
};
/* How far up what waits for a letter behind it is kept. */
enum { INSIDE = 9 };
/* Longer pieces are looked at in windows of this size. */
enum { WINDOW = 4096, MAX_PEM = 16384 };

typedef bool check_fn(const char *s, int64_t len);

/* ---- checks of what a pattern cannot say ---- */

/* Hex or base64 that is a secret and no word: digits, and letters of at least
 * two kinds or only hexadecimal ones. */
static bool looks_random(const char *s, int64_t len) {
  int digits = 0, upper = 0, lower = 0, changes = 0;
  for (int64_t i = 0; i < len; i++) {
    digits += g_ascii_isdigit(s[i]) ? 1 : 0;
    upper += g_ascii_isupper(s[i]) ? 1 : 0;
    lower += g_ascii_islower(s[i]) ? 1 : 0;
    if (i && g_ascii_isdigit(s[i]) != g_ascii_isdigit(s[i - 1])) changes++;
  }
  bool mixed = (upper && lower) || upper == 0 || lower == 0;
  return digits >= 3 && upper + lower >= 6 && changes >= 5 && mixed;
}

static bool base64_random(const char *s, int64_t len) {
  int upper = 0, lower = 0;
  for (int64_t i = 0; i < len; i++) {
    upper += g_ascii_isupper(s[i]) ? 1 : 0;
    lower += g_ascii_islower(s[i]) ? 1 : 0;
  }
  return upper >= 4 && lower >= 4 && looks_random(s, len);
}

static bool ip4_valid(const char *s, int64_t len) {
  int value = 0;
  for (int64_t i = 0; i <= len; i++) {
    if (i < len && s[i] != '.') {
      value = value * 10 + (s[i] - '0');
      if (value > 255) return false;
    } else {
      value = 0;
    }
  }
  return true;
}

/* Eight groups, or '::' with a digit and a group or number of groups that a slice
 * ('a[1::2]') or a C++ name does not have. */
static bool ip6_valid(const char *s, int64_t len) {
  int colons = 0, digits = 0, group = 0, longest = 0;
  bool gap = false;
  for (int64_t i = 0; i < len; i++) {
    gap = gap || (s[i] == ':' && i + 1 < len && s[i + 1] == ':');
    group = s[i] == ':' ? 0 : group + 1;
    longest = MAX(longest, group);
    colons += s[i] == ':' ? 1 : 0;
    digits += g_ascii_isdigit(s[i]) ? 1 : 0;
  }
  return colons == 7 || (gap && digits && (colons > 2 || longest > 2));
}

/* The check character of a Chinese identity number (GB 11643). */
static bool china_id_valid(const char *s, int64_t len) {
  static const int weight[17] = {7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2};
  int sum = 0;
  for (int i = 0; i < 17 && i < len; i++) sum += (s[i] - '0') * weight[i];
  return "10X98765432"[sum % 11] == g_ascii_toupper(s[17]);
}

/* The check letter of a Spanish DNI or NIE. */
static bool spain_id_valid(const char *s, int64_t len) {
  int64_t number = 0;
  if (strchr("XYZ", s[0])) number = s[0] - 'X';
  for (int64_t i = 0; i + 1 < len; i++)
    if (g_ascii_isdigit(s[i])) number = number * 10 + (s[i] - '0');
  return "TRWAGMYFPDXBNJZSQVHLCKE"[number % 23] == s[len - 1];
}

/* ---- the patterns ---- */

#define NOT_AFTER "(?<![A-Za-z0-9_])"
#define NOT_BEFORE "(?![A-Za-z0-9_])"
#define HEX "[0-9A-Fa-f]"
/* Latin, Greek and Cyrillic letters, digits: what mail addresses are made of. */
#define MAIL "A-Za-z0-9_\\x{C0}-\\x{24F}\\x{370}-\\x{52F}"

/* `hint`: what every match holds, plain enough for an automaton. */
static struct shape {
  uint32_t kind, needs;
  int64_t shortest;
  const char *hint, *pattern;
  check_fn *check;
  pcre2_code *code;
} shapes[] = {
    {CLIO_PII_EMAIL, HAS_AT | HAS_DOT, 6, "@[^ ]",
     "(?<![" MAIL ".+%-])[" MAIL "+%-][" MAIL ".+%'-]{0,63}@"
     "(?:[" MAIL "](?:[" MAIL "-]{0,61}[" MAIL "])?\\.){1,6}(?=[^0-9_])[" MAIL "]{2,24}(?![" MAIL
     "-])",
     NULL, NULL},
    {CLIO_PII_URL, HAS_COLON | HAS_SLASH, 8, "://",
     NOT_AFTER "(?i:https?|ftps?|wss?|ssh|git|file|s3)://[^\\s<>\"'`\\x{3000}-\\x{303f}]{2,2048}"
               "(?<![.,;:!?)\\]}*_])",
     NULL, NULL},
    {CLIO_PII_URL, HAS_DOT, 7, "[Ww][Ww][Ww]\\.",
     NOT_AFTER "(?i:www)\\.(?:[\\p{L}0-9-]{1,63}\\.){1,5}[\\p{L}]{2,24}(?:/[^\\s<>\"'`]{0,1024})?"
               "(?<![.,;:!?)\\]}*_-])",
     NULL, NULL},
    {CLIO_PII_KEY, HAS_DASH, 20, "sk-",
     NOT_AFTER "sk-(?:[a-z]{2,10}-)*[A-Za-z0-9_-]{16,200}" NOT_BEFORE, NULL, NULL},
    {CLIO_PII_KEY, HAS_LOW_LINE, 20, "[sprw]k_|gh[pousr]_|github_pat_|hf_|npm_|pypi-|whsec_",
     NOT_AFTER "(?:[sprw]k_(?:live|test)_[A-Za-z0-9]{10,}|gh[pousr]_[A-Za-z0-9]{20,255}|"
               "github_pat_[A-Za-z0-9_]{20,255}|hf_[A-Za-z0-9]{20,}|npm_[A-Za-z0-9]{30,}|"
               "pypi-[A-Za-z0-9_-]{30,}|whsec_[A-Za-z0-9]{20,})" NOT_BEFORE,
     NULL, NULL},
    {CLIO_PII_KEY, HAS_DASH, 15, "xox[abeoprs]-|glpat-",
     NOT_AFTER "(?:xox[abeoprs]-[A-Za-z0-9-]{10,}|glpat-[A-Za-z0-9_-]{16,})", NULL, NULL},
    {CLIO_PII_KEY, HAS_LETTER, 16, "AKIA|ASIA|AROA|AIDA|AIza|ya29|SG\\.|eyJ|AAAA",
     NOT_AFTER "(?:(?:AKIA|ASIA|AROA|AIDA)[A-Z0-9]{16}|AIza[A-Za-z0-9_-]{35}|"
               "ya29\\.[A-Za-z0-9_-]{20,}|SG\\.[A-Za-z0-9_-]{16,}\\.[A-Za-z0-9_-]{16,}|"
               "eyJ[A-Za-z0-9_-]{8,4096}\\.eyJ[A-Za-z0-9_-]{4,4096}(?:\\.[A-Za-z0-9_-]{0,4096})?|"
               "AAAA[A-Za-z0-9+/]{60,4096}={0,2})" NOT_BEFORE,
     NULL, NULL},
    {CLIO_PII_ID, HAS_DASH | HAS_DIGIT, 36, HEX "{4}-" HEX "{4}-" HEX "{4}-",
     NOT_AFTER HEX "{8}-" HEX "{4}-" HEX "{4}-" HEX "{4}-" HEX "{12}" NOT_BEFORE, NULL, NULL},
    {CLIO_PII_ID, HAS_COLON | HAS_DIGIT, 17, HEX "{2}:" HEX "{2}:" HEX "{2}:",
     "(?<![A-Za-z0-9_:])" HEX "{2}(?::" HEX "{2}){5}(?![A-Za-z0-9_:])", NULL, NULL},
    {CLIO_PII_ID, HAS_DASH | HAS_DIGIT, 17, HEX "{2}-" HEX "{2}-" HEX "{2}-",
     "(?<![A-Za-z0-9_-])" HEX "{2}(?:-" HEX "{2}){5}(?![A-Za-z0-9_-])", looks_random, NULL},
    {CLIO_PII_IP, HAS_COLON, 3, ":" HEX "{0,4}:",
     "(?<![A-Za-z0-9_:.])(?:(?:" HEX "{1,4}:){1,7}(?:(?::" HEX "{1,4}){1,7}|" HEX
     "{1,4}|:)|:(?::" HEX "{1,4}){1,7})(?![A-Za-z0-9_:])",
     ip6_valid, NULL},
    {CLIO_PII_IP, HAS_DOT | HAS_DIGIT, 7, "[0-9]\\.[0-9]{1,3}\\.[0-9]{1,3}\\.[0-9]",
     "(?<![A-Za-z0-9_.])[0-9]{1,3}(?:\\.[0-9]{1,3}){3}(?![A-Za-z0-9_]|\\.[0-9])", ip4_valid, NULL},
    {CLIO_PII_KEY, HAS_DIGIT | HAS_LETTER, 32, HEX "{32}",
     NOT_AFTER "(?:[0-9a-f]{32,256}|[0-9A-F]{32,256})" NOT_BEFORE, looks_random, NULL},
    {CLIO_PII_KEY, HAS_DIGIT | HAS_LETTER, 40, "[A-Za-z0-9+/_-]{40}",
     "(?<![A-Za-z0-9_+/=.-])[A-Za-z0-9+/_-]{40,2048}={0,2}(?![A-Za-z0-9_+/=-])", base64_random,
     NULL},
    {CLIO_PII_ID, HAS_DIGIT, 18, "[0-9]{17}",
     "(?<![A-Za-z0-9_])[1-9][0-9]{5}(?:19|20)[0-9]{2}[01][0-9][0-3][0-9]{4}[0-9Xx]" NOT_BEFORE,
     china_id_valid, NULL},
    {CLIO_PII_ID, HAS_DIGIT | HAS_LETTER, 9, "[0-9]{7}-?[A-Z]",
     NOT_AFTER "(?:[0-9]{8}-?|[XYZ]-?[0-9]{7}-?)[A-HJ-NP-TV-Z]" NOT_BEFORE, spain_id_valid, NULL},
    {CLIO_PII_ID, HAS_DIGIT | HAS_LETTER, 16, "[A-Z]{6}[0-9]{2}",
     NOT_AFTER "[A-Z]{6}[0-9]{2}[A-EHLMPRST][0-9]{2}[A-Z][0-9]{3}[A-Z]" NOT_BEFORE, NULL, NULL},
};

/* What may stretch over blanks, tried where a piece begins. */
static pcre2_code *iban, *national_insurance, *domain, *handle, *secret_value;

/* ---- pieces ---- */

/* Runs one pattern over [from, to). */
static void shape_run(pii_text *t, const struct shape *shape, int64_t from, int64_t to) {
  int64_t start, end;
  while (to - from >= shape->shortest && pii_match(t, shape->code, from, to, false, &start, &end)) {
    if (!shape->check || shape->check(t->s + start, end - start))
      pii_add(t, shape->kind, start, end);
    from = end > from ? end : from + 1;
  }
}

/* A domain name without "www.": one of the listed endings, and a path unless
 * the ending is one that nothing else ends with. */
static void domains_run(pii_text *t, int64_t from, int64_t to) {
  int64_t start, end;
  while (pii_match(t, domain, from, to, false, &start, &end)) {
    int64_t name_end = start;
    while (name_end < end && t->s[name_end] != '/') name_end++;
    int64_t dot = name_end;
    while (dot > start && t->s[dot - 1] != '.') dot--;
    uint64_t hash = pii_hash(t->s + dot, (size_t)(name_end - dot));
    uint32_t ending = pii_lexicon_word(hash);
    if (ending & PII_DOMAIN || (ending & PII_DOMAIN_PATH && name_end < end))
      pii_add(t, CLIO_PII_URL, start, end);
    from = end;
  }
}

/* '@name', but not '@media {', '@Override' alone on its line, or '@app.get('. */
static void handles_run(pii_text *t, int64_t from, int64_t to) {
  int64_t start, end;
  while (pii_match(t, handle, from, to, false, &start, &end)) {
    char after = end < t->len ? t->s[end] : '\n';
    int64_t line = start;
    while (line > 0 && (t->s[line - 1] == ' ' || t->s[line - 1] == '\t')) line--;
    bool first = line == 0 || t->s[line - 1] == '\n';
    bool code = after == '(' || after == '{' || after == '/' || after == '=' || after == '"' ||
                (first && (after == '\n' || after == ' ' || after == '\r'));
    const pii_token *word = &PII_TOKEN(t, pii_token_at(t, start));
    if (!code && !(word->words & PII_NOT_HANDLE)) pii_add(t, CLIO_PII_HANDLE, start, end);
    from = end;
  }
}

static void piece_scan(pii_text *t, int64_t from, int64_t to, unsigned has) {
  int64_t start, end;
  if (to - from < 3) return;
  for (size_t i = 0; i < G_N_ELEMENTS(shapes); i++)
    if ((has & shapes[i].needs) == shapes[i].needs && t->shapes >> i & 1)
      shape_run(t, &shapes[i], from, to);
  if (has & HAS_DOT && has & HAS_LETTER && to - from > 4) domains_run(t, from, to);
  if (has & HAS_AT) handles_run(t, from, to);
  int64_t past = MIN(t->len, to + 48);
  if (!(has & HAS_DIGIT) || !(has & HAS_LETTER)) return;
  if (pii_match(t, iban, from, past, false, &start, &end) && start < to) {
    while (end > start + 14 && !pii_mod97(t->s + start, end - start)) end--;
    if (end > start + 14) pii_add(t, CLIO_PII_IBAN, start, end);
  }
  if (pii_match(t, national_insurance, from, past, true, &start, &end))
    pii_add(t, CLIO_PII_ID, start, end);
}

/* A private key from its first line to its last. Returns where to go on. */
static int64_t pem_at(pii_text *t, int64_t at) {
  static const char head[] = "-----BEGIN ", tail[] = "-----END ";
  int64_t left = MIN(t->len - at, MAX_PEM);
  if (left < (int64_t)sizeof head || memcmp(t->s + at, head, sizeof head - 1) != 0) return at;
  const char *line_end = memchr(t->s + at, '\n', (size_t)MIN(left, 80));
  int64_t first = line_end ? line_end - (t->s + at) : MIN(left, 80);
  if (!g_strstr_len(t->s + at, first, "KEY")) return at;
  const char *last = g_strstr_len(t->s + at, left, tail);
  int64_t end = last ? last - t->s + (int64_t)sizeof tail : at + left;
  while (last && end < t->len && t->s[end] != '\n') end++;
  pii_add(t, CLIO_PII_KEY, at, end);
  return end;
}

/* 'password: hunter2' - the value after the label of a secret. */
static void secrets_run(pii_text *t) {
  int64_t start, end;
  for (guint i = 0; i < t->tokens->len;) {
    guint next;
    uint32_t form = pii_form_at(t, i, &next);
    int64_t from = PII_TOKEN(t, next - 1).end;
    if (form & PII_LABEL_SECRET &&
        pii_match(t, secret_value, from, MIN(t->len, from + 256), true, &start, &end))
      pii_add(t, CLIO_PII_KEY, start, end);
    i = next;
  }
}

static uint32_t has_table[256];

static void has_table_fill(void) {
  for (int c = 0; c < 128; c++)
    if (g_ascii_isalnum(c)) has_table[c] = g_ascii_isdigit(c) ? HAS_DIGIT : HAS_LETTER;
  has_table['@'] = HAS_AT;
  has_table[':'] = HAS_COLON;
  has_table['/'] = HAS_SLASH;
  has_table['_'] = HAS_LOW_LINE;
  /* These count inside a piece only, so that most full stops do not. */
  has_table['.'] = HAS_DOT << INSIDE;
  has_table['-'] = HAS_DASH << INSIDE;
  for (int c = 128; c < 256; c++) has_table[c] = HAS_FOREIGN;
}

/* The piece of non-blank bytes that starts at `from`: its end and what it holds. */
static int64_t piece_end(const pii_text *t, int64_t from, unsigned *ret_has) {
  unsigned has = 0, waiting = 0;
  int64_t i = from;
  for (; i < t->len && i - from < WINDOW && (unsigned char)t->s[i] > ' '; i++) {
    unsigned here = has_table[(unsigned char)t->s[i]];
    if (here & (HAS_DIGIT | HAS_LETTER | HAS_FOREIGN)) has |= here | waiting >> INSIDE;
    waiting |= here & ~((1u << INSIDE) - 1);
    has |= here & ((1u << INSIDE) - 1);
  }
  *ret_has = has;
  return i;
}

/* The numbers that start in [from, to). Returns where the next may start. */
static int64_t numbers_run(pii_text *t, int64_t from, int64_t to, int64_t floor) {
  for (int64_t i = MAX(from, floor); i < to;) {
    if (!g_ascii_isdigit(t->s[i])) {
      i++;
      continue;
    }
    floor = pii_number(t, i, floor, pii_token_at(t, i));
    i = floor;
  }
  return floor;
}

void pii_shapes(pii_text *t) {
  int64_t numbers_from = 0;
  t->shapes = pii_prefilter_scan(t);
  secrets_run(t);
  for (int64_t i = 0; i < t->len;) {
    if ((unsigned char)t->s[i] <= ' ') {
      i++;
      continue;
    }
    unsigned has;
    int64_t pem = t->s[i] == '-' ? pem_at(t, i) : i;
    if (pem > i) {
      i = numbers_from = pem;
      continue;
    }
    int64_t end = piece_end(t, i, &has);
    const unsigned plain = HAS_LETTER | HAS_DASH | HAS_SLASH | HAS_FOREIGN;
    if (has & ~plain || end - i >= 16) piece_scan(t, i, end, has);
    if (has & HAS_DIGIT) numbers_from = numbers_run(t, i, end, numbers_from);
    i = end;
  }
}

clio_status pii_shapes_init(error *e) {
  has_table_fill();
  clio_status status = CLIO_OK;
  for (size_t i = 0; status == CLIO_OK && i < G_N_ELEMENTS(shapes); i++)
    status = pii_compile(shapes[i].pattern, 0, &shapes[i].code, e);
  if (status != CLIO_OK) return status;
  const char *hints[G_N_ELEMENTS(shapes)];
  for (size_t i = 0; i < G_N_ELEMENTS(shapes); i++) hints[i] = shapes[i].hint;
  pii_prefilter_init(hints, G_N_ELEMENTS(shapes));
  const struct {
    const char *pattern;
    pcre2_code **code;
  } more[] = {
      {NOT_AFTER "[A-Z]{2}[0-9]{2}(?:[ -]?[A-Z0-9]{4}){2,7}(?:[ -]?[A-Z0-9]{1,3})?" NOT_BEFORE,
       &iban},
      {"[A-CEGHJ-PR-TW-Z][A-CEGHJ-NPR-TW-Z][ -]?(?:[0-9]{2}[ -]?){3}[A-D]" NOT_BEFORE,
       &national_insurance},
      {"(?<![\\w.@/-])(?:[\\p{L}0-9](?:[\\p{L}0-9-]{0,62})\\.){1,5}[a-z]{2,12}"
       "(?:/[^\\s<>\"'`]{0,1024})?(?<![.,;:!?)\\]}*_])(?![\\w@(])",
       &domain},
      {"(?<![\\w.@/+%-])@[A-Za-z_][A-Za-z0-9_.]{1,38}[A-Za-z0-9_]", &handle},
      {"[\"'`]?[ \\t]{0,3}(?:[:=]|is|=>)[ \\t]{0,3}[\"'`]?\\K(?![$%<{*]|(?i:your|xxx|example))"
       "(?:(?<=[\"'])[^\"'\\s]{4,128}(?=[\"'])|"
       "(?=[^\\s]{0,40}[0-9!#$%^&*])[^\\s\"'`(){}\\[\\],;]{6,128}(?![(\\[.]))",
       &secret_value},
  };
  for (size_t i = 0; status == CLIO_OK && i < G_N_ELEMENTS(more); i++)
    status = pii_compile(more[i].pattern, 0, more[i].code, e);
  return status;
}
