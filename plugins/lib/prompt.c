/* prompt.c - growing texts, fences, templates; see prompt.h. */
#include "prompt.h"

#include <inttypes.h>

#include "digest.h"

/* ---- a text that grows ---- */

prompt_text prompt_begin(const clio_host *host, clio_call *call) {
  return (prompt_text){.host = host, .call = call};
}

/* Room for `more` bytes and a NUL behind what there is. */
static int prompt_reserve(prompt_text *t, int64_t more) {
  if (t->failed) return 0;
  int64_t need = t->len + more + 1;
  if (need <= t->room) return 1;
  int64_t room = need > 2 * t->room ? need : 2 * t->room;
  char *s = t->host->scratch(t->call, (uint64_t)(room < 256 ? 256 : room));
  t->failed = !s;
  if (!s) return 0;
  if (t->len) memcpy(s, t->s, (size_t)t->len);
  t->s = s;
  t->room = room < 256 ? 256 : room;
  return 1;
}

void prompt_put(prompt_text *t, clio_span words) {
  if (words.len <= 0 || !prompt_reserve(t, words.len)) return;
  memcpy(t->s + t->len, words.s, (size_t)words.len);
  t->len += words.len;
}

void prompt_say(prompt_text *t, const char *format, ...) {
  char text[512];
  va_list args;
  va_start(args, format);
  clio_format_(text, sizeof text, format, args);
  va_end(args);
  prompt_put(t, clio_span_of(text, (int64_t)strlen(text)));
}

clio_status prompt_end(prompt_text *t, clio_span *ret) {
  *ret = clio_span_of("", 0);
  if (!prompt_reserve(t, 0)) return clio_nomem(t->host, t->call);
  t->s[t->len] = '\0';
  *ret = clio_span_of(t->s, t->len);
  return CLIO_OK;
}

/* ---- foreign text ---- */

/* One character at `i`, its bytes in *ret_len; -1 where there is none (RFC 3629), one byte. */
static int32_t prompt_char(clio_span text, int64_t i, int64_t *ret_len) {
  const unsigned char *p = (const unsigned char *)text.s + i;
  int64_t left = text.len - i, n = p[0] < 0x80 ? 1 : p[0] < 0xe0 ? 2 : p[0] < 0xf0 ? 3 : 4;
  static const int32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
  *ret_len = 1;
  if (n == 1) return p[0];
  if (p[0] < 0xc2 || p[0] > 0xf4 || n > left) return -1;
  int32_t c = p[0] & (0x7f >> n);
  for (int64_t k = 1; k < n; k++) {
    if ((p[k] & 0xc0) != 0x80) return -1;
    c = c << 6 | (p[k] & 0x3f);
  }
  if (c < least[n] || c > 0x10ffff || (c >= 0xd800 && c < 0xe000)) return -1;
  *ret_len = n;
  return c;
}

/* Characters without a picture that change nothing but what a model reads. The joiners of
 * Persian, Indic scripts and emoji (U+200C, U+200D) stay. */
static int is_unseen(int32_t c) {
  if (c < 0x80) return 0;
  return c == 0xad || c == 0x61c || c == 0x180e || c == 0x200b || c == 0x200e || c == 0x200f ||
         (c >= 0x202a && c <= 0x202e) || (c >= 0x2060 && c <= 0x206f) || c == 0xfeff ||
         (c >= 0xfff9 && c <= 0xfffb) || (c >= 0xe0000 && c <= 0xe0fff);
}

static int is_control(int32_t c) {
  return (c < ' ' && c != '\n' && c != '\t') || (c >= 0x7f && c < 0xa0);
}

static int is_blank(int32_t c) { return c == ' ' || c == '\t' || c == '\n' || is_control(c); }

/* Could the '<' before byte `i` begin a tag? Not before a number, a blank line or a sign, as in
 * "a <= b" and "x < 3". */
static int begins_tag(clio_span text, int64_t i) {
  while (i < text.len && (text.s[i] == ' ' || text.s[i] == '\t')) i++;
  if (i >= text.len) return 1;
  unsigned char c = (unsigned char)text.s[i];
  return c >= 0x80 || c < ' ' || (unsigned)((c | 32) - 'a') < 26 || strchr("/!?_:&%", c) != NULL;
}

/* How foreign text is put. */
enum { ONE_LINE = 1, ESCAPED = 2 };

/* Appends one character; the room is there. Returns the bytes of it that were read: our own escape,
 * which a model may have copied, is read back. */
static int64_t put_char(prompt_text *t, clio_span text, int64_t i, int64_t len, int how) {
  if (!(how & ESCAPED) && text.len - i >= 4 && memcmp(text.s + i, "&lt;", 4) == 0) {
    t->s[t->len++] = '<';
    return 4;
  }
  if (how & ESCAPED && text.s[i] == '<' && begins_tag(text, i + 1)) {
    memcpy(t->s + t->len, "&lt;", 4);
    t->len += 4;
    return len;
  }
  memcpy(t->s + t->len, text.s + i, (size_t)len);
  t->len += len;
  return len;
}

static int64_t count_openers(clio_span text) {
  int64_t n = 0;
  for (int64_t i = 0; i < text.len; i++) n += text.s[i] == '<';
  return n;
}

static void put_foreign(prompt_text *t, clio_span text, int how) {
  int64_t len, begin = t->len;
  int one_line = how & ONE_LINE;
  if (text.len <= 0 || !prompt_reserve(t, text.len + 3 * count_openers(text))) return;
  for (int64_t i = 0; i < text.len; i += len) {
    int32_t c = prompt_char(text, i, &len);
    if (c < 0 || is_unseen(c)) continue;
    int blank = one_line ? is_blank(c) : is_control(c);
    if (!blank)
      len = put_char(t, text, i, len, how);
    else if (!one_line || (t->len > begin && t->s[t->len - 1] != ' '))
      t->s[t->len++] = ' ';
  }
  if (one_line && t->len > begin && t->s[t->len - 1] == ' ') t->len--;
}

void prompt_data(prompt_text *t, clio_span foreign) { put_foreign(t, foreign, ESCAPED); }

void prompt_data_line(prompt_text *t, clio_span foreign) {
  put_foreign(t, foreign, ESCAPED | ONE_LINE);
}

void prompt_clean_line(prompt_text *t, clio_span foreign) { put_foreign(t, foreign, ONE_LINE); }

/* ---- fences ---- */

static int holds(clio_span text, const char *mark) {
  const char *at = text.s, *end = text.s + text.len;
  while (end - at >= PROMPT_MARK - 1) {
    at = memchr(at, mark[0], (size_t)(end - at) - (PROMPT_MARK - 2));
    if (!at) return 0;
    if (memcmp(at, mark, PROMPT_MARK - 1) == 0) return 1;
    at++;
  }
  return 0;
}

clio_status prompt_mark(const clio_host *host, clio_call *call, const clio_span *texts, uint64_t n,
                        char ret[PROMPT_MARK]) {
  digest d = {0, 0};
  for (uint64_t i = 0; i < n; i++) digest_add(&d, texts[i].s, (size_t)texts[i].len);
  for (uint64_t attempt = 0; attempt < 16; attempt++) {
    int found = 0;
    snprintf(ret, PROMPT_MARK, "%016" PRIx64, host->random(call, (d.low ^ d.high) + attempt));
    for (uint64_t i = 0; i < n && !found; i++) found = holds(texts[i], ret);
    if (!found) return CLIO_OK;
  }
  return host->fail(call, CLIO_E_INTERNAL, "no mark was found that a text does not hold");
}

void prompt_fence(prompt_text *t, const char *kind, const char *mark, clio_span inside) {
  prompt_say(t, "<%s-%s>\n", kind, mark);
  prompt_put(t, inside);
  if (inside.len > 0 && inside.s[inside.len - 1] != '\n') prompt_say(t, "\n");
  prompt_say(t, "</%s-%s>", kind, mark);
}

/* ---- templates ---- */

enum { NAME_ROOM = 40 };

/* A piece of a template: words, then a place or the end. */
typedef struct piece {
  clio_span words, name; /* name.s = NULL: the end */
  int broken;            /* two braces that begin no place */
} piece;

static int64_t skip_blanks(const char *s, int64_t i) {
  while (s[i] == ' ' || s[i] == '\t') i++;
  return i;
}

/* Reads from *at on and moves it behind what was read. */
static piece next_piece(const char **at) {
  static const char letters[] = "abcdefghijklmnopqrstuvwxyz_0123456789";
  const char *open = strstr(*at, "{{");
  piece p = {.words = clio_span_of(*at, open ? open - *at : (int64_t)strlen(*at))};
  *at += p.words.len;
  if (!open) return p;
  int64_t start = skip_blanks(open, 2), len = (int64_t)strspn(open + start, letters);
  int64_t end = skip_blanks(open, start + len);
  p.broken = len == 0 || len >= NAME_ROOM || strncmp(open + end, "}}", 2) != 0;
  p.name = p.broken ? clio_span_of(NULL, 0) : clio_span_of(open + start, len);
  *at += p.broken ? 2 : end + 2;
  return p;
}

static const char *bare(const char *name) { return name[0] == '?' ? name + 1 : name; }

/* The names as a list in words: "{{a}}, {{b}}". */
static void list_names(const char *const *names, char *ret, size_t room) {
  size_t used = 0;
  ret[0] = '\0';
  for (; *names && used < room; names++) {
    int n = snprintf(ret + used, room - used, "%s{{%s}}", used ? ", " : "", bare(*names));
    used += n > 0 ? (size_t)n : room;
  }
}

static clio_status unknown_place(const clio_host *host, clio_plan *plan, const char *param,
                                 clio_span name, const char *const *names) {
  char list[256];
  list_names(names, list, sizeof list);
  if (!name.s)
    return clio_plan_failf(host, plan, CLIO_E_CONFIG, "%s: '{{' begins no place; a place is %s",
                           param, list);
  return clio_plan_failf(host, plan, CLIO_E_CONFIG, "%s: unknown place '{{%.*s}}'; there %s %s",
                         param, (int)name.len, name.s, names[0] && names[1] ? "are" : "is", list);
}

clio_status prompt_check(const clio_host *host, clio_plan *plan, const char *param,
                         const char *template, const char *const *names) {
  uint64_t seen = 0; /* bits by the place's number: stages have a handful */
  for (const char *at = template; *at;) {
    piece p = next_piece(&at);
    uint32_t k = 0;
    if (!p.name.s && !p.broken) continue;
    while (names[k] && !clio_span_is(p.name, bare(names[k]))) k++;
    if (!names[k]) return unknown_place(host, plan, param, p.name, names);
    seen |= (uint64_t)1 << k;
  }
  for (uint32_t k = 0; names[k]; k++)
    if (names[k][0] != '?' && !(seen >> k & 1))
      return clio_plan_failf(host, plan, CLIO_E_CONFIG,
                             "%s: lacks the place '{{%s}}'; put it where that text goes", param,
                             names[k]);
  return CLIO_OK;
}

int64_t prompt_find(const char *template, const char *name) {
  for (const char *at = template; *at;) {
    const char *start = at;
    piece p = next_piece(&at);
    if (p.name.s && clio_span_is(p.name, name)) return start - template + p.words.len;
  }
  return (int64_t)strlen(template);
}

void prompt_render(prompt_text *t, const char *template, const prompt_place *places, uint64_t n) {
  for (const char *at = template; *at;) {
    piece p = next_piece(&at);
    prompt_put(t, p.words);
    for (uint64_t k = 0; p.name.s && k < n; k++)
      if (clio_span_is(p.name, places[k].name)) prompt_put(t, places[k].text);
  }
}
