/* synthetic_words.c - the files of topics and texts, read line by line; see
 * synthetic_words.h. Foreign bytes: whatever stands there, an error names its line. */
#include "synthetic_words.h"

static clio_span trim(const char *s, const char *end) {
  while (s < end && *s == ' ') s++;
  while (end > s && end[-1] == ' ') end--;
  return clio_span_of(s, end - s);
}

static int same(clio_span a, clio_span b) {
  return a.len == b.len && memcmp(a.s, b.s, (size_t)a.len) == 0;
}

clio_span words_part(clio_span all, uint64_t k) {
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

clio_span words_sub(const words_topic *topic, clio_span digit) {
  clio_span none = clio_span_of(NULL, 0);
  if (!topic->subs.s || digit.len != 1 || digit.s[0] < '1' || digit.s[0] > '9') return none;
  clio_span sub = words_part(topic->subs, (uint64_t)(digit.s[0] - '1'));
  return sub.s ? trim(sub.s, sub.s + sub.len) : none;
}

/* ---- reading ---- */

/* Where the reader stands. */
typedef struct reader {
  words *w;
  uint64_t topic, lang;
  int in_topic, in_lang;
  section *section; /* NULL until both are known */
  uint32_t file, line;
  char *why; /* 200 bytes */
} reader;

static clio_status wrong(const reader *r, const char *what) {
  snprintf(r->why, 200, "%s", what);
  return CLIO_E_CONFIG;
}

static clio_status wrong_name(const reader *r, const char *what, clio_span name) {
  snprintf(r->why, 200, "%s '%.*s'", what, (int)(name.len > 60 ? 60 : name.len), name.s);
  return CLIO_E_CONFIG;
}

/* "weight 9" in "NAME; weight 9; trend 150"; `other` where it is not there. */
static uint64_t setting(clio_span value, const char *name, uint64_t other) {
  size_t n = strlen(name);
  for (int64_t i = 0; i + (int64_t)n < value.len; i++)
    if (memcmp(value.s + i, name, n) == 0) return strtoull(value.s + i + n, NULL, 10);
  return other;
}

/* The section of the topic and the language the reader stands at, made where new. */
static clio_status open_section(reader *r) {
  words *w = r->w;
  r->section = NULL;
  if (!r->in_topic || !r->in_lang) return CLIO_OK;
  for (uint64_t i = w->section_count; i-- > 0 && !r->section;)
    if (w->sections[i].topic == r->topic && w->sections[i].lang == r->lang)
      r->section = &w->sections[i];
  if (r->section) return CLIO_OK;
  CLIO_TRY(CLIO_GROW(w->sections, w->section_room, w->section_count + 1));
  r->section = &w->sections[w->section_count++];
  *r->section = (section){.topic = r->topic, .lang = r->lang, .file = r->file, .line = r->line};
  return CLIO_OK;
}

static clio_status new_topic(reader *r, clio_span name, clio_span value) {
  words *w = r->w;
  words_topic t = {.name = name,
                   .weight = setting(value, "; weight ", 1),
                   .trend = setting(value, "; trend ", 100),
                   .concern = setting(value, "; concern ", 1)};
  if (w->topic_count == 0 && !clio_span_is(name, "*")) return wrong(r, "the first topic is '*'");
  if (t.weight < 1 || t.weight > 1000 || t.trend < 1 || t.trend > 10000)
    return wrong(r, "weight is 1 to 1000, trend 1 to 10000");
  if (t.concern < 1 || t.concern > 5) return wrong(r, "concern is 1 to 5");
  CLIO_TRY(CLIO_GROW(w->topics, w->topic_room, w->topic_count + 1));
  w->topics[w->topic_count++] = t;
  return CLIO_OK;
}

/* A topic's first line tells its settings; a later one goes on with it. */
static clio_status start_topic(reader *r, clio_span value) {
  words *w = r->w;
  const char *semicolon = memchr(value.s, ';', (size_t)value.len);
  clio_span name = trim(value.s, semicolon ? semicolon : value.s + value.len);
  for (r->topic = 0; r->topic < w->topic_count; r->topic++)
    if (same(w->topics[r->topic].name, name)) break;
  if (r->topic < w->topic_count && semicolon)
    return wrong_name(r, "settings a second time for topic", name);
  if (r->topic == w->topic_count) CLIO_TRY(new_topic(r, name, value));
  r->in_topic = 1;
  return open_section(r);
}

static clio_status start_lang(reader *r, clio_span value) {
  words *w = r->w;
  if (w->topic_count == 0) return wrong(r, "a language before the first topic");
  for (r->lang = 0; r->lang < w->lang_count; r->lang++)
    if (same(w->langs[r->lang], value)) break;
  if (r->lang == w->lang_count) {
    CLIO_TRY(CLIO_GROW(w->langs, w->lang_room, w->lang_count + 1));
    w->langs[w->lang_count++] = value;
  }
  r->in_lang = 1;
  return open_section(r);
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

static clio_status add_item(const reader *r, word_list *list, clio_span item, clio_span tag) {
  CLIO_TRY(CLIO_GROW(list->items, list->room, list->count + 1));
  list->items[list->count++] = (word_item){item, tag, r->file, r->line};
  return CLIO_OK;
}

static int is_sentence(clio_span key) {
  static const char *const kinds[] = {"ask",  "more", "then",   "say",    "no",       "yes",
                                      "care", "pii",  "canary", "inject", "campaign", "aside"};
  for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
    if (clio_span_is(key, kinds[i])) return 1;
  return 0;
}

/* "2" is a request about the second subtopic. */
static clio_status add_request(reader *r, clio_span digit, clio_span value) {
  word_list *list;
  if (!words_sub(&r->w->topics[r->topic], digit).s)
    return wrong_name(r, "the topic has no subtopic", digit);
  CLIO_TRY(list_for(r->section, clio_span_of("ask", 3), &list));
  return add_item(r, list, value, digit);
}

/* A sentence is one item; anything else is a choice, "a | b | c". */
static clio_status add_line(reader *r, clio_span key, clio_span value) {
  word_list *list;
  if (!r->section) return wrong(r, "a line before the first language of its topic");
  if (key.len == 1 && key.s[0] >= '1' && key.s[0] <= '9') return add_request(r, key, value);
  const char *space = memchr(key.s, ' ', (size_t)key.len), *end = key.s + key.len;
  clio_span tag = space ? trim(space, end) : clio_span_of(NULL, 0);
  if (space) key = trim(key.s, space);
  if (space && !is_sentence(key)) return wrong_name(r, "a kind behind", key);
  CLIO_TRY(list_for(r->section, key, &list));
  if (is_sentence(key)) return add_item(r, list, value, tag);
  for (uint64_t k = 0;; k++) {
    clio_span one = words_part(value, k);
    if (!one.s) return CLIO_OK;
    CLIO_TRY(add_item(r, list, trim(one.s, one.s + one.len), tag));
  }
}

/* Lines about the topic itself, in no language; 0: the line is not of these. */
static int set_topic(reader *r, clio_span key, clio_span value, clio_status *ret) {
  int refused = clio_span_is(key, "refused");
  if (!refused && !clio_span_is(key, "subs")) return 0;
  words_topic *t = r->in_topic ? &r->w->topics[r->topic] : NULL;
  *ret = CLIO_OK;
  if (!t)
    *ret = wrong(r, "a line before the first topic");
  else if (refused)
    t->refused = strtoull(value.s, NULL, 10);
  else
    t->subs = value;
  if (t && t->refused > 100) *ret = wrong(r, "refused is 0 to 100, in percent");
  return 1;
}

static clio_status read_line(reader *r, const char *line, const char *end) {
  const char *colon = memchr(line, ':', (size_t)(end - line));
  clio_status status;
  if (line == end || *line == '#') return CLIO_OK;
  if (!colon) return wrong(r, "want 'NAME: ...'");
  clio_span key = trim(line, colon), value = trim(colon + 1, end);
  if (clio_span_is(key, "topic")) return start_topic(r, value);
  if (clio_span_is(key, "lang")) return start_lang(r, value);
  return set_topic(r, key, value, &status) ? status : add_line(r, key, value);
}

static clio_status read_file(reader *r, const char *source) {
  r->line = 0;
  r->in_lang = r->in_topic = 0;
  r->section = NULL;
  while (*source) {
    const char *end = source + strcspn(source, "\n");
    r->line++;
    CLIO_TRY(read_line(r, source, end));
    source = *end ? end + 1 : end;
  }
  return CLIO_OK;
}

/* ---- finding ---- */

const section *words_section(const words *w, uint64_t topic, uint64_t lang) {
  uint64_t number = w->index[topic * w->lang_count + lang];
  return number ? &w->sections[number - 1] : NULL;
}

static const word_list *own_list(const section *s, clio_span name) {
  for (uint64_t i = 0; s && i < s->count; i++)
    if (same(s->lists[i].name, name)) return &s->lists[i];
  return NULL;
}

const word_list *words_find(const words *w, const section *s, clio_span name) {
  const word_list *list = own_list(s, name);
  return list ? list : own_list(words_section(w, 0, s->lang), name);
}

const word_list *words_list(const words *w, const section *s, const char *name) {
  return words_find(w, s, clio_span_of(name, (int64_t)strlen(name)));
}

/* ---- the whole ---- */

static clio_status wrong_section(reader *r, const section *s, uint32_t file, uint32_t line,
                                 const char *what) {
  clio_span t = r->w->topics[s->topic].name, l = r->w->langs[s->lang];
  r->file = file;
  r->line = line;
  snprintf(r->why, 200, "topic '%.*s' in '%.*s': %s", (int)(t.len > 60 ? 60 : t.len), t.s,
           (int)(l.len > 20 ? 20 : l.len), l.s, what);
  return CLIO_E_CONFIG;
}

static int is_whole(const words *w, const section *s) {
  if (!words_list(w, s, "then")) return 0;
  return s->topic == 0 ||
         (words_list(w, s, "ask") && words_list(w, s, "say") && words_list(w, s, "no"));
}

static clio_status check_section(reader *r, const section *s) {
  if (!words_section(r->w, 0, s->lang))
    return wrong_section(r, s, s->file, s->line, "topic '*' does not have this language");
  if (!is_whole(r->w, s))
    return wrong_section(r, s, s->file, s->line, "it lacks ask, then, say or no");
  for (uint64_t k = 0; k < s->count; k++)
    for (uint64_t m = 0; m < s->lists[k].count; m++) {
      const word_item *item = &s->lists[k].items[m];
      if (!words_template(r->w, s, item->text, NULL, NULL))
        return wrong_section(r, s, item->file, item->line,
                             "a '{' without '}', or a {NAME} that is no list");
    }
  return CLIO_OK;
}

static clio_status make_index(words *w) {
  w->index = calloc(w->topic_count * w->lang_count, sizeof *w->index);
  if (!w->index) return CLIO_E_NOMEM;
  for (uint64_t i = 0; i < w->section_count; i++)
    w->index[w->sections[i].topic * w->lang_count + w->sections[i].lang] = i + 1;
  return CLIO_OK;
}

/* Every topic has a text, every template can be written out, every section can ask
 * and answer. */
static clio_status check(reader *r) {
  const words *w = r->w;
  if (w->topic_count < 2 || w->lang_count == 0) return wrong(r, "no topic beside '*'");
  CLIO_TRY(make_index(r->w));
  for (uint64_t i = 0; i < w->section_count; i++) CLIO_TRY(check_section(r, &w->sections[i]));
  for (uint64_t t = 1; t < w->topic_count; t++) {
    uint64_t langs = 0;
    for (uint64_t l = 0; l < w->lang_count; l++) langs += words_section(w, t, l) != NULL;
    if (langs == 0)
      return wrong_name(r, "there is no text in any language for topic", w->topics[t].name);
  }
  return CLIO_OK;
}

clio_status words_read(const char *const *files, uint64_t count, words *ret, char why[240]) {
  char what[200] = "";
  reader r = {.w = ret, .why = what};
  clio_status s = CLIO_OK;
  for (r.file = 0; r.file < count; r.file++) {
    s = read_file(&r, files[r.file]);
    if (s != CLIO_OK) break;
  }
  if (s == CLIO_OK) s = check(&r);
  if (s != CLIO_E_CONFIG) return s;
  if (count > 1)
    snprintf(why, 240, "file %u, line %u: %s", r.file + 1, r.line, what);
  else
    snprintf(why, 240, "line %u: %s", r.line, what);
  return s;
}

void words_clear(words *w) {
  for (uint64_t i = 0; i < w->section_count; i++) {
    for (uint64_t k = 0; k < w->sections[i].count; k++) free(w->sections[i].lists[k].items);
    free(w->sections[i].lists);
  }
  free(w->sections);
  free(w->topics);
  free(w->langs);
  free(w->index);
  memset(w, 0, sizeof *w);
}
