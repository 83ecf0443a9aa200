/* patterns.c - see patterns.h. Words are compared by 64-bit hashes of their
 * folded forms; a phrase is looked up by its last word, and the words before it
 * in a ring of the last ones seen. */
#define PCRE2_CODE_UNIT_WIDTH 8
#include "patterns.h"

#include <pcre2.h>
#include <string.h>

enum { RING = 64, STEPS_MAX = 1000000, HEAP_KIB = 16384, REGEX_MAX = 8192 };

typedef struct phrase {
  uint64_t last;
  uint64_t *words;
  uint64_t count;
} phrase;

struct patterns {
  phrase *phrases; /* in the order of `last` */
  uint64_t phrase_count, phrase_room;
  pcre2_code **codes;
  uint64_t code_count, code_room;
};

struct patterns_search {
  pcre2_match_data *data;
  pcre2_match_context *context;
};

/* ---- one line ---- */

typedef struct line {
  clio_span text; /* trimmed; of a regular expression, between the slashes */
  unsigned number;
  int is_regex;
  uint32_t options;
} line;

static clio_span trim(clio_span s) {
  while (s.len && strchr(" \t\r", s.s[0])) s.s++, s.len--;
  while (s.len && strchr(" \t\r", s.s[s.len - 1])) s.len--;
  return s;
}

/* Letters behind the closing slash; 0: one that is unknown. */
static int read_options(clio_span letters, uint32_t *ret) {
  *ret = PCRE2_UTF | PCRE2_UCP | PCRE2_NEVER_BACKSLASH_C;
  for (int64_t i = 0; i < letters.len; i++) {
    char c = letters.s[i];
    uint32_t option = c == 'i' ? PCRE2_CASELESS : c == 'm' ? PCRE2_MULTILINE : PCRE2_DOTALL;
    if (!c || !strchr("ims", c)) return 0;
    *ret |= option;
  }
  return 1;
}

static void see_regex(line *l) {
  int64_t close = l->text.len - 1;
  if (l->text.s[0] != '/') return;
  while (close > 0 && l->text.s[close] != '/') close--;
  clio_span letters = clio_span_of(l->text.s + close + 1, l->text.len - close - 1);
  if (close == 0 || !read_options(letters, &l->options)) return; /* a word like /etc */
  l->is_regex = 1;
  l->text = clio_span_of(l->text.s + 1, close - 1);
}

/* The next line that says something, from *at on; 0: none is left. */
static int next_line(const char **at, unsigned *number, line *ret) {
  while (**at) {
    size_t n = strcspn(*at, "\n");
    clio_span text = trim(clio_span_of(*at, (int64_t)n));
    *at += n + ((*at)[n] == '\n');
    ++*number;
    if (text.len == 0 || text.s[0] == '#') continue;
    *ret = (line){.text = text, .number = *number};
    see_regex(ret);
    return 1;
  }
  return 0;
}

/* ---- regular expressions ---- */

static pcre2_code *compile(const line *l, char *ret_why, size_t size) {
  int code = 0;
  PCRE2_SIZE place = 0;
  if (l->text.len > REGEX_MAX) {
    snprintf(ret_why, size, "line %u: a regular expression of more than %d bytes", l->number,
             (int)REGEX_MAX);
    return NULL;
  }
  pcre2_code *re = pcre2_compile((PCRE2_SPTR)l->text.s, (PCRE2_SIZE)l->text.len, l->options, &code,
                                 &place, NULL);
  if (re) return re;
  PCRE2_UCHAR why[160] = "";
  pcre2_get_error_message(code, why, sizeof why);
  snprintf(ret_why, size, "line %u, column %zu of the regular expression: %s", l->number, place + 1,
           (const char *)why);
  return NULL;
}

/* Anything that could be a word: a letter or digit, or beyond ASCII. */
static int could_be_word(clio_span s) {
  for (int64_t i = 0; i < s.len; i++) {
    unsigned char c = (unsigned char)s.s[i];
    if (c >= 0x80 || (c >= '0' && c <= '9') || ((c | 32) >= 'a' && (c | 32) <= 'z')) return 1;
  }
  return 0;
}

int patterns_check(const char *text, char *ret_why, size_t size) {
  unsigned number = 0;
  line l = {.number = 0};
  int empty = !*text;
  while (next_line(&text, &number, &l)) {
    pcre2_code *re = l.is_regex ? compile(&l, ret_why, size) : NULL;
    if (l.is_regex && !re) return 0;
    pcre2_code_free(re);
    if (l.is_regex || could_be_word(l.text)) continue;
    snprintf(ret_why, size, "line %u holds no word; write signs as a regular expression, /.../",
             l.number);
    return 0;
  }
  if (!empty && l.number == 0) snprintf(ret_why, size, "the list holds nothing but remarks");
  return empty || l.number > 0;
}

/* ---- words ---- */

typedef struct ring {
  const clio_host *host;
  clio_call *call;
  const clio_text *text;
  const patterns *patterns; /* NULL: the words are only collected */
  uint64_t words[RING], count;
  int found;
} ring;

static uint64_t hash_of(const char *s, int64_t n) { /* FNV-1a */
  uint64_t h = 0xcbf29ce484222325u;
  for (int64_t i = 0; i < n; i++) h = (h ^ (unsigned char)s[i]) * 0x100000001b3u;
  return h;
}

static int ends_phrase(const ring *r, const phrase *p) {
  if (p->count > r->count) return 0;
  for (uint64_t i = 0; i < p->count; i++)
    if (p->words[i] != r->words[(r->count - p->count + i) % RING]) return 0;
  return 1;
}

/* The first phrase whose last word has that hash, or where it would stand. */
static uint64_t first_with(const patterns *p, uint64_t last) {
  uint64_t low = 0, high = p->phrase_count;
  while (low < high) {
    uint64_t middle = low + (high - low) / 2;
    if (p->phrases[middle].last < last)
      low = middle + 1;
    else
      high = middle;
  }
  return low;
}

static clio_status take_word(void *ctx, const char *word, int64_t len) {
  ring *r = ctx;
  const char *folded = NULL;
  int64_t n = 0;
  if (r->found) return CLIO_OK;
  CLIO_TRY(r->text->fold(r->call, word, len, &folded, &n));
  uint64_t hash = hash_of(folded, n);
  r->words[r->count++ % RING] = hash;
  if (!r->patterns) return CLIO_OK;
  const patterns *p = r->patterns;
  for (uint64_t i = first_with(p, hash); i < p->phrase_count && p->phrases[i].last == hash; i++)
    r->found |= ends_phrase(r, &p->phrases[i]);
  return CLIO_OK;
}

static clio_status add_phrase(patterns *p, const clio_host *host, clio_call *call,
                              const clio_text *text, const line *l) {
  ring r = {.host = host, .call = call, .text = text};
  CLIO_TRY(text->words(call, l->text.s, l->text.len, take_word, &r));
  if (r.count == 0 || r.count > RING)
    return clio_failf(host, call, CLIO_E_CONFIG, "line %u holds %s", l->number,
                      r.count ? "more than 64 words" : "no word");
  CLIO_TRY(CLIO_GROW(p->phrases, p->phrase_room, p->phrase_count + 1));
  uint64_t *words = malloc(r.count * sizeof *words);
  if (!words) return CLIO_E_NOMEM;
  memcpy(words, r.words, r.count * sizeof *words);
  p->phrases[p->phrase_count++] = (phrase){words[r.count - 1], words, r.count};
  return CLIO_OK;
}

static clio_status add_regex(patterns *p, const clio_host *host, clio_call *call, const line *l) {
  char why[256];
  CLIO_TRY(CLIO_GROW(p->codes, p->code_room, p->code_count + 1));
  pcre2_code *re = compile(l, why, sizeof why);
  if (!re) return clio_failf(host, call, CLIO_E_CONFIG, "%s", why);
  pcre2_jit_compile(re, PCRE2_JIT_COMPLETE); /* without it the interpreter does */
  p->codes[p->code_count++] = re;
  return CLIO_OK;
}

static int by_last(const void *a, const void *b) {
  const phrase *x = a, *y = b;
  return (x->last > y->last) - (x->last < y->last);
}

clio_status patterns_new(const clio_host *host, clio_call *call, const char *text, patterns **ret) {
  patterns *p = calloc(1, sizeof *p);
  const clio_text *service = NULL;
  unsigned number = 0;
  line l;
  if (!p) return clio_nomem(host, call);
  *ret = p;
  while (next_line(&text, &number, &l)) {
    if (!l.is_regex && !service)
      service = clio_need(host, call, CLIO_TEXT_ID, offsetof(clio_text, redact));
    if (!l.is_regex && !service) return CLIO_E_UNSUPPORTED;
    clio_status s =
        l.is_regex ? add_regex(p, host, call, &l) : add_phrase(p, host, call, service, &l);
    if (s == CLIO_E_NOMEM) return clio_nomem(host, call);
    CLIO_TRY(s);
  }
  if (p->phrase_count) qsort(p->phrases, p->phrase_count, sizeof *p->phrases, by_last);
  return CLIO_OK;
}

void patterns_free(patterns *p) {
  if (!p) return;
  for (uint64_t i = 0; i < p->phrase_count; i++) free(p->phrases[i].words);
  for (uint64_t i = 0; i < p->code_count; i++) pcre2_code_free(p->codes[i]);
  free(p->phrases);
  free(p->codes);
  free(p);
}

int patterns_any(const patterns *p) { return p && (p->phrase_count || p->code_count); }
int patterns_need_words(const patterns *p) { return p && p->phrase_count; }

/* ---- searching ---- */

patterns_search *patterns_search_new(void) {
  patterns_search *s = calloc(1, sizeof *s);
  if (!s) return NULL;
  s->data = pcre2_match_data_create(1, NULL);
  s->context = pcre2_match_context_create(NULL);
  if (s->data && s->context) {
    pcre2_set_match_limit(s->context, STEPS_MAX);
    pcre2_set_heap_limit(s->context, HEAP_KIB);
    return s;
  }
  patterns_search_free(s);
  return NULL;
}

void patterns_search_free(patterns_search *s) {
  if (!s) return;
  pcre2_match_data_free(s->data);
  pcre2_match_context_free(s->context);
  free(s);
}

clio_status patterns_find(const patterns *p, patterns_search *s, const clio_host *host,
                          clio_call *call, const clio_text *text_service, clio_span text,
                          int *ret) {
  *ret = 0;
  if (p->phrase_count) {
    ring r = {.host = host, .call = call, .text = text_service, .patterns = p};
    CLIO_TRY(text_service->words(call, text.s, text.len, take_word, &r));
    *ret = r.found;
  }
  for (uint64_t i = 0; i < p->code_count && *ret != 1; i++) {
    int n = pcre2_match(p->codes[i], (PCRE2_SPTR)text.s, (PCRE2_SIZE)text.len, 0, 0, s->data,
                        s->context);
    if (n >= 0)
      *ret = 1;
    else if (n != PCRE2_ERROR_NOMATCH)
      *ret = -1;
  }
  return CLIO_OK;
}
