/* synthetic_words.c - see synthetic_words.h. */
#include "synthetic_words.h"

enum { NESTING = 4 };

uint64_t dice_roll(dice *d, uint64_t sides) {
  uint64_t x = d->state += 0x9e3779b97f4a7c15u;
  x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9u;
  x = (x ^ x >> 27) * 0x94d049bb133111ebu;
  return (x ^ x >> 31) % sides;
}

static clio_span trim(const char *s, const char *end) {
  while (s < end && *s == ' ') s++;
  while (end > s && end[-1] == ' ') end--;
  return clio_span_of(s, end - s);
}

static int same(clio_span a, clio_span b) {
  return a.len == b.len && memcmp(a.s, b.s, (size_t)a.len) == 0;
}

/* The k-th part between bars that are in no inner brackets; s = NULL past the last. */
static clio_span part(clio_span all, uint64_t k) {
  const char *start = all.s, *end = all.s + all.len;
  int depth = 0;
  for (const char *p = start; p < end; p++) {
    depth += (*p == '{') - (*p == '}');
    if (*p != '|' || depth) continue;
    if (k-- == 0) return clio_span_of(start, p - start);
    start = p + 1;
  }
  return k == 0 ? clio_span_of(start, end - start) : clio_span_of(NULL, 0);
}

/* ---- reading ---- */

/* Where the reader stands. */
typedef struct reader {
  words *w;
  uint64_t topic, lang;
  section *section; /* NULL before the first lang of a topic */
  char *why;
} reader;

static clio_status wrong(const reader *r, const char *what) {
  snprintf(r->why, 150, "%s", what);
  return CLIO_E_CONFIG;
}

/* "weight 9" in "NAME; weight 9; trend 150"; `other` where it is not there. */
static uint64_t setting(clio_span value, const char *name, uint64_t other) {
  size_t n = strlen(name);
  for (int64_t i = 0; i + (int64_t)n < value.len; i++)
    if (memcmp(value.s + i, name, n) == 0) return strtoull(value.s + i + n, NULL, 10);
  return other;
}

static clio_status start_topic(reader *r, clio_span value) {
  words *w = r->w;
  const char *semicolon = memchr(value.s, ';', (size_t)value.len);
  const char *end = semicolon ? semicolon : value.s + value.len;
  CLIO_TRY(CLIO_GROW(w->topics, w->topic_room, w->topic_count + 1));
  words_topic t = {trim(value.s, end), setting(value, "; weight ", 1),
                   setting(value, "; trend ", 100), 0};
  if (w->topic_count == 0 && !clio_span_is(t.name, "*")) return wrong(r, "the first topic is '*'");
  if (t.weight < 1 || t.weight > 1000 || t.trend < 1 || t.trend > 10000)
    return wrong(r, "weight is 1 to 1000, trend 1 to 10000");
  r->topic = w->topic_count;
  r->section = NULL;
  w->topics[w->topic_count++] = t;
  return CLIO_OK;
}

static clio_status start_lang(reader *r, clio_span value) {
  words *w = r->w;
  if (w->topic_count == 0) return wrong(r, "a language before the first topic");
  for (r->lang = 0; r->lang < w->lang_count; r->lang++)
    if (same(w->langs[r->lang], value)) break;
  if (r->lang == w->lang_count) {
    if (r->topic != 0) return wrong(r, "topic '*' does not have this language");
    CLIO_TRY(CLIO_GROW(w->langs, w->lang_room, w->lang_count + 1));
    w->langs[w->lang_count++] = value;
  }
  CLIO_TRY(CLIO_GROW(w->sections, w->section_room, w->section_count + 1));
  r->section = &w->sections[w->section_count++];
  *r->section = (section){.topic = r->topic, .lang = r->lang};
  return CLIO_OK;
}

static clio_status list_for(section *s, clio_span name, word_list **ret) {
  for (uint64_t i = 0; i < s->count; i++)
    if (same(s->lists[i].name, name)) {
      *ret = &s->lists[i];
      return CLIO_OK;
    }
  CLIO_TRY(CLIO_GROW(s->lists, s->room, s->count + 1));
  *ret = &s->lists[s->count++];
  **ret = (word_list){.name = name};
  return CLIO_OK;
}

static clio_status add_item(word_list *list, clio_span item) {
  CLIO_TRY(CLIO_GROW(list->items, list->room, list->count + 1));
  list->items[list->count++] = item;
  return CLIO_OK;
}

static int is_sentence(clio_span key) {
  static const char *const kinds[] = {"ask", "more", "then", "say", "no", "pii"};
  for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
    if (clio_span_is(key, kinds[i])) return 1;
  return 0;
}

/* A sentence is one item; anything else is a choice, "a | b | c". */
static clio_status add_line(reader *r, clio_span key, clio_span value) {
  word_list *list;
  if (!r->section) return wrong(r, "a line before the first language of its topic");
  CLIO_TRY(list_for(r->section, key, &list));
  if (is_sentence(key)) return add_item(list, value);
  for (uint64_t k = 0;; k++) {
    clio_span one = part(value, k);
    if (!one.s) return CLIO_OK;
    CLIO_TRY(add_item(list, trim(one.s, one.s + one.len)));
  }
}

static clio_status read_line(reader *r, const char *line, const char *end) {
  const char *colon = memchr(line, ':', (size_t)(end - line));
  if (line == end || *line == '#') return CLIO_OK;
  if (!colon) return wrong(r, "want 'NAME: ...'");
  clio_span key = trim(line, colon), value = trim(colon + 1, end);
  if (clio_span_is(key, "topic")) return start_topic(r, value);
  if (clio_span_is(key, "lang")) return start_lang(r, value);
  if (!clio_span_is(key, "refused")) return add_line(r, key, value);
  if (r->w->topic_count == 0) return wrong(r, "a line before the first topic");
  r->w->topics[r->topic].refused = strtoull(value.s, NULL, 10);
  return CLIO_OK;
}

/* ---- writing out ---- */

void text_add(text *out, const char *bytes, uint64_t length) {
  if (CLIO_GROW(out->bytes, out->room, out->length + length) != CLIO_OK) out->failed = 1;
  if (out->failed || length == 0) return;
  memcpy(out->bytes + out->length, bytes, length);
  out->length += length;
}

const section *words_section(const words *w, uint64_t topic, uint64_t lang) {
  for (uint64_t i = 0; i < w->section_count; i++)
    if (w->sections[i].topic == topic && w->sections[i].lang == lang) return &w->sections[i];
  return NULL;
}

static const word_list *own_list(const section *s, clio_span name) {
  for (uint64_t i = 0; s && i < s->count; i++)
    if (same(s->lists[i].name, name)) return &s->lists[i];
  return NULL;
}

static const word_list *find_list(const words *w, const section *s, clio_span name) {
  const word_list *list = own_list(s, name);
  return list ? list : own_list(words_section(w, 0, s->lang), name);
}

const word_list *words_list(const words *w, const section *s, const char *name) {
  return find_list(w, s, clio_span_of(name, (int64_t)strlen(name)));
}

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
  while (part(all, n).s) n++;
  return n;
}

/* Writes a template out. 0: a bracket without its other half, a name that is no
 * list, or nested too deep. Without dice: checks every choice, writes nothing. */
static int write_out(const words *w, const section *s, clio_span t, int depth, dice *d, text *out);

static int write_bracket(const words *w, const section *s, clio_span inside, int depth, dice *d,
                         text *out) {
  uint64_t n = count_parts(inside);
  const word_list *list = n == 1 ? find_list(w, s, inside) : NULL;
  if (n == 1 && !list) return 0;
  if (list) n = list->count;
  uint64_t first = d ? dice_roll(d, n) : 0, last = d ? first : n - 1;
  for (uint64_t i = first; i <= last; i++)
    if (!write_out(w, s, list ? list->items[i] : part(inside, i), depth + 1, d, out)) return 0;
  return 1;
}

static int write_out(const words *w, const section *s, clio_span t, int depth, dice *d, text *out) {
  const char *at = t.s, *end = t.s + t.len;
  if (depth > NESTING) return 0;
  while (at < end) {
    const char *open = memchr(at, '{', (size_t)(end - at));
    if (d) text_add(out, at, (uint64_t)((open ? open : end) - at));
    if (!open) return 1;
    const char *after = closing(open + 1, end);
    if (!after) return 0;
    clio_span inside = clio_span_of(open + 1, after - open - 2);
    if (!write_bracket(w, s, inside, depth, d, out)) return 0;
    at = after;
  }
  return 1;
}

void words_write(const words *w, const section *s, const char *list, dice *d, text *out) {
  const word_list *l = words_list(w, s, list);
  if (l) write_out(w, s, l->items[dice_roll(d, l->count)], 0, d, out);
}

/* ---- the whole ---- */

static clio_status wrong_section(const reader *r, const section *s, const char *what) {
  clio_span t = r->w->topics[s->topic].name, l = r->w->langs[s->lang];
  snprintf(r->why, 200, "topic '%.*s' in '%.*s': %s", (int)(t.len > 60 ? 60 : t.len), t.s,
           (int)(l.len > 20 ? 20 : l.len), l.s, what);
  return CLIO_E_CONFIG;
}

static int is_whole(const words *w, const section *s) {
  if (!words_list(w, s, "then")) return 0;
  return s->topic == 0 ||
         (words_list(w, s, "ask") && words_list(w, s, "say") && words_list(w, s, "no"));
}

static clio_status check_section(const reader *r, const section *s) {
  if (!is_whole(r->w, s)) return wrong_section(r, s, "it lacks ask, then, say or no");
  for (uint64_t k = 0; k < s->count; k++)
    for (uint64_t m = 0; m < s->lists[k].count; m++)
      if (!write_out(r->w, s, s->lists[k].items[m], 0, NULL, NULL))
        return wrong_section(r, s, "a '{' without '}', or a {NAME} that is no list");
  return CLIO_OK;
}

/* Every template can be written out, every section can ask and answer. */
static clio_status check(const reader *r) {
  const words *w = r->w;
  if (w->topic_count < 2 || w->lang_count == 0) return wrong(r, "no topic beside '*'");
  for (uint64_t i = 0; i < w->section_count; i++) CLIO_TRY(check_section(r, &w->sections[i]));
  return CLIO_OK;
}

clio_status words_read(const char *source, words *ret, char why[200]) {
  reader r = {.w = ret, .why = why};
  clio_status s = CLIO_OK;
  int line = 0;
  why[0] = '\0';
  while (s == CLIO_OK && *source) {
    const char *end = source + strcspn(source, "\n");
    line++;
    s = read_line(&r, source, end);
    source = *end ? end + 1 : end;
  }
  if (s == CLIO_E_CONFIG) {
    char what[150];
    memcpy(what, why, sizeof what);
    snprintf(why, 200, "line %d: %s", line, what);
    return s;
  }
  return s == CLIO_OK ? check(&r) : s;
}

void words_clear(words *w) {
  for (uint64_t i = 0; i < w->section_count; i++) {
    for (uint64_t k = 0; k < w->sections[i].count; k++) free(w->sections[i].lists[k].items);
    free(w->sections[i].lists);
  }
  free(w->sections);
  free(w->topics);
  free(w->langs);
  memset(w, 0, sizeof *w);
}
