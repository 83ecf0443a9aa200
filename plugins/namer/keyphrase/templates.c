/* templates.c - reads the words put around topics; see templates.h. */
#include "templates.h"

enum { MAX_PATTERN = 8 };

typedef struct parser {
  const clio_host *host;
  clio_call *call;
  const phrase_corpus *corpus;
  templates *out;
  language *language; /* being read */
  form *form;         /* being read, or NULL */
  name_set *set;      /* being read, or NULL */
  const char *source; /* the parameter being read */
  uint64_t line;
} parser;

static clio_status fail_line(parser *p, const char *what) {
  return clio_failf(p->host, p->call, CLIO_E_CONFIG, "%s: line %llu: %s", p->source,
                    (unsigned long long)p->line, what);
}

/* ---- small parts ---- */

static int is_space(char c) { return c == ' ' || c == '\t' || c == '\r'; }

static clio_span trim(clio_span s) {
  while (s.len > 0 && is_space(s.s[0])) s.s++, s.len--;
  while (s.len > 0 && is_space(s.s[s.len - 1])) s.len--;
  return s;
}

static int same(clio_span a, clio_span b) {
  return a.len == b.len && memcmp(a.s, b.s, (size_t)a.len) == 0;
}

/* Cuts what stands before `mark` off the front of *rest. */
static clio_span cut(clio_span *rest, char mark) {
  int64_t at = 0;
  while (at < rest->len && rest->s[at] != mark) at++;
  clio_span part = clio_span_of(rest->s, at);
  int64_t used = at < rest->len ? at + 1 : at;
  rest->s += used;
  rest->len -= used;
  return trim(part);
}

/* Doubles a list's room in scratch; the new array, or NULL. */
static void *grown(parser *p, const void *items, uint32_t count, uint32_t *room, size_t size) {
  uint32_t wanted = *room ? *room * 2 : 16;
  void *fresh = clio_scratch_array(p->host, p->call, wanted, size);
  if (!fresh) return NULL;
  if (count > 0) memcpy(fresh, items, count * size);
  *room = wanted;
  return fresh;
}

static clio_status add_text(parser *p, text_list *list, clio_span item) {
  if (list->count == list->room) {
    clio_span *items = grown(p, list->item, list->count, &list->room, sizeof *items);
    if (!items) return clio_nomem(p->host, p->call);
    list->item = items;
  }
  list->item[list->count++] = item;
  return CLIO_OK;
}

/* The stems of a pattern's words, as the corpus numbers them. */
typedef struct compiling {
  parser *parser;
  uint32_t stem[MAX_PATTERN], words;
  int unknown;
} compiling;

static clio_status compile_word(void *ctx, const char *word, int64_t len) {
  compiling *c = ctx;
  uint32_t stem;
  CLIO_TRY(phrases_stem_of(c->parser->corpus, word, len, &stem));
  if (stem == UINT32_MAX) c->unknown = 1;
  if (c->words == MAX_PATTERN) return fail_line(c->parser, "a pattern has more than 8 words");
  c->stem[c->words++] = stem;
  return CLIO_OK;
}

static clio_status add_pattern(parser *p, pattern_list *list, clio_span item) {
  compiling c = {.parser = p};
  CLIO_TRY(p->corpus->text->words(p->call, item.s, item.len, compile_word, &c));
  if (c.unknown || c.words == 0) return CLIO_OK;
  if (list->count == list->room) {
    pattern *items = grown(p, list->item, list->count, &list->room, sizeof *items);
    if (!items) return clio_nomem(p->host, p->call);
    list->item = items;
  }
  uint32_t *stem = clio_scratch_array(p->host, p->call, c.words, sizeof *stem);
  if (!stem) return clio_nomem(p->host, p->call);
  memcpy(stem, c.stem, c.words * sizeof *stem);
  list->item[list->count++] = (pattern){stem, c.words};
  return CLIO_OK;
}

static clio_status add_patterns(parser *p, pattern_list *list, clio_span rest) {
  if (!p->corpus) return CLIO_OK;
  while (rest.len > 0) CLIO_TRY(add_pattern(p, list, cut(&rest, '|')));
  return CLIO_OK;
}

/* Marks the stems of a list of words. */
static clio_status mark_words(parser *p, uint8_t *mark, clio_span rest, char between) {
  if (!p->corpus) return CLIO_OK;
  while (rest.len > 0) {
    clio_span word = cut(&rest, between);
    uint32_t stem = UINT32_MAX;
    if (word.len > 0) CLIO_TRY(phrases_stem_of(p->corpus, word.s, word.len, &stem));
    if (stem != UINT32_MAX) mark[stem] = 1;
  }
  return CLIO_OK;
}

/* ---- lines ---- */

/* Opens the section of a language once more; 0 where it is new. */
static int reopen_language(parser *p, clio_span rest) {
  clio_span inside = clio_span_of(rest.s + 1, rest.len - 2), code = cut(&inside, ' ');
  p->form = NULL;
  p->set = NULL;
  p->language = NULL;
  for (uint32_t i = 0; i < p->out->count && !p->language; i++) {
    if (same(p->out->language[i].code, code)) p->language = &p->out->language[i];
  }
  return p->language != NULL;
}

static clio_status begin_language(parser *p, clio_span rest) {
  if (reopen_language(p, rest)) return CLIO_OK;
  if (p->out->count == MAX_LANGUAGES) return fail_line(p, "too many languages");
  language *l = p->language = &p->out->language[p->out->count++];
  for (int i = 0; p->corpus && i < MARKS; i++) {
    l->mark[i] = clio_scratch_array(p->host, p->call, p->corpus->stems.count, 1);
    if (!l->mark[i]) return clio_nomem(p->host, p->call);
  }
  clio_span inside = clio_span_of(rest.s + 1, rest.len - 2);
  l->code = cut(&inside, ' ');
  l->name = trim(inside);
  return CLIO_OK;
}

static clio_status begin_form(parser *p, clio_span rest) {
  static const char *const classes[CLASSES] = {"question", "request", "other"};
  if (p->language->forms == MAX_FORMS) return fail_line(p, "a language has more than 32 forms");
  p->form = &p->language->form[p->language->forms++];
  p->set = NULL;
  p->form->id = cut(&rest, ' ');
  for (p->form->class = 0; p->form->class < CLASSES; p->form->class ++)
    if (clio_span_is(rest, classes[p->form->class])) return CLIO_OK;
  return fail_line(p, "a form's class is question, request or other");
}

static clio_status begin_names(parser *p, clio_span rest) {
  static const char *const ids[NAMES] = {"question", "do",    "request",
                                         "other",    "mixed", "languages"};
  p->form = NULL;
  for (int i = 0; i < NAMES; i++) {
    p->set = &p->language->name_set[i];
    if (clio_span_is(rest, ids[i])) return CLIO_OK;
  }
  return fail_line(p, "names are of: question, do, request, other, mixed, languages");
}

static clio_status read_do(parser *p, clio_span rest) {
  if (p->language->verbs == MAX_VERBS)
    return fail_line(p, "a language has more than 64 'do' lines");
  request_verb *verb = &p->language->verb[p->language->verbs++];
  verb->shown = cut(&rest, '=');
  CLIO_TRY(mark_words(p, p->language->mark[MARK_ASKS], rest, '|'));
  return add_patterns(p, &verb->open, rest);
}

static clio_status read_join(parser *p, clio_span rest) {
  for (int i = 0; i < 3; i++) p->language->join[i] = cut(&rest, '|');
  return CLIO_OK;
}

static clio_status read_texts(parser *p, text_list *list, clio_span rest) {
  while (rest.len > 0) CLIO_TRY(add_text(p, list, cut(&rest, '|')));
  return CLIO_OK;
}

/* The next theme of the language, with its labels cut off the front of *rest. */
static clio_status add_theme(parser *p, clio_span *rest, theme **ret) {
  language *l = p->language;
  if (l->themes == MAX_THEMES) return fail_line(p, "a language has more than 64 themes");
  *ret = &l->theme[l->themes++];
  return read_texts(p, &(*ret)->label, cut(rest, '='));
}

/* A theme: its labels, and the words that speak of it. */
static clio_status read_theme(parser *p, clio_span rest, int is_made) {
  language *l = p->language;
  uint64_t bit = UINT64_C(1) << (l->themes % MAX_THEMES);
  theme *t = NULL;
  CLIO_TRY(add_theme(p, &rest, &t));
  t->is_made = is_made;
  if (!p->corpus) return CLIO_OK;
  uint64_t stems = p->corpus->stems.count;
  if (!l->theme_of) l->theme_of = clio_scratch_array(p->host, p->call, stems, sizeof *l->theme_of);
  if (!l->theme_of) return clio_nomem(p->host, p->call);
  while (rest.len > 0) {
    clio_span word = cut(&rest, ' ');
    uint32_t stem = UINT32_MAX;
    if (word.len > 0) CLIO_TRY(phrases_stem_of(p->corpus, word.s, word.len, &stem));
    if (stem != UINT32_MAX) l->theme_of[stem] |= bit;
  }
  return CLIO_OK;
}

/* A wide theme: its labels, and the first labels of the themes it stands for. */
static clio_status read_wide(parser *p, clio_span rest) {
  language *l = p->language;
  uint32_t known = l->themes;
  theme *t = NULL;
  CLIO_TRY(add_theme(p, &rest, &t));
  while (rest.len > 0) {
    clio_span part = cut(&rest, '|');
    uint32_t i = 0;
    while (i < known && (l->theme[i].parts || !same(l->theme[i].label.item[0], part))) i++;
    if (i == known) return fail_line(p, "a wide theme names one that does not stand above it");
    t->parts |= UINT64_C(1) << i;
  }
  return t->parts ? CLIO_OK : fail_line(p, "a wide theme names no theme");
}

static clio_span *set_field(name_set *set, clio_span key) {
  if (clio_span_is(key, "topics")) return &set->topics;
  if (clio_span_is(key, "objects")) return &set->objects;
  if (clio_span_is(key, "such")) return &set->such;
  if (clio_span_is(key, "often")) return &set->often;
  if (clio_span_is(key, "some")) return &set->some;
  if (clio_span_is(key, "alone")) return &set->alone;
  if (clio_span_is(key, "bare")) return &set->bare;
  return clio_span_is(key, "tell") ? &set->tell : NULL;
}

/* The field of a template named by its key, or NULL. */
static clio_span *template_field(parser *p, clio_span key) {
  language *l = p->language;
  if (p->set) return set_field(p->set, key);
  if (clio_span_is(key, "most")) return &l->most;
  if (clio_span_is(key, "many")) return &l->many;
  if (clio_span_is(key, "some")) return &l->some;
  if (!p->form) return NULL;
  if (clio_span_is(key, "kind")) return &p->form->kind;
  if (clio_span_is(key, "verbs")) return &p->form->verbs;
  if (clio_span_is(key, "verbs_more")) return &p->form->verbs_more;
  return clio_span_is(key, "tell") ? &p->form->tell : NULL;
}

/* The list of words named by its key, MARKS if there is none. */
static int mark_of(clio_span key) {
  static const char *const keys[MARK_ASKS] = {"stop",       "article",    "definite", "possessive",
                                              "noun_after", "verb_after", "weak",     "inner",
                                              "tail",       "preposition"};
  for (int i = 0; i < MARK_ASKS; i++)
    if (clio_span_is(key, keys[i])) return i;
  return MARKS;
}

static text_list *text_field(language *l, clio_span key) {
  if (clio_span_is(key, "verb_ends")) return &l->verb_ends;
  if (clio_span_is(key, "drop_ends")) return &l->drop_ends;
  if (clio_span_is(key, "plural_ends")) return &l->plural_ends;
  if (clio_span_is(key, "citation")) return &l->citation;
  return clio_span_is(key, "other") ? &l->other : NULL;
}

static clio_status read_key(parser *p, clio_span key, clio_span rest) {
  language *l = p->language;
  if (clio_span_is(key, "form")) return begin_form(p, rest);
  if (clio_span_is(key, "names")) return begin_names(p, rest);
  if (clio_span_is(key, "do")) return read_do(p, rest);
  if (clio_span_is(key, "theme")) return read_theme(p, rest, 0);
  if (clio_span_is(key, "made")) return read_theme(p, rest, 1);
  if (clio_span_is(key, "wide")) return read_wide(p, rest);
  if (clio_span_is(key, "join")) return read_join(p, rest);
  if (clio_span_is(key, "lead")) return add_patterns(p, &l->lead, rest);
  if (clio_span_is(key, "open") && p->form) return add_patterns(p, &p->form->open, rest);
  text_list *texts = text_field(l, key);
  if (texts) return read_texts(p, texts, rest);
  if (clio_span_is(key, "gerund")) {
    l->gerund = 1;
    return CLIO_OK;
  }
  int mark = mark_of(key);
  if (mark < MARKS) return mark_words(p, l->mark[mark], rest, mark == MARK_STOP ? ' ' : '|');
  clio_span *field = template_field(p, key);
  if (!field) return fail_line(p, "unknown key");
  *field = rest;
  return CLIO_OK;
}

static clio_status read_line(parser *p, clio_span line) {
  if (line.len == 0 || line.s[0] == '#') return CLIO_OK;
  if (line.s[0] == '[' && line.s[line.len - 1] == ']') return begin_language(p, line);
  if (!p->language) return fail_line(p, "a [CODE NAME] line must come first");
  clio_span rest = line, key = cut(&rest, ' ');
  return read_key(p, key, trim(rest));
}

/* Every language needs a whole set of last resorts. */
static clio_status check(parser *p) {
  if (p->out->count == 0) return fail_line(p, "no language");
  for (uint32_t i = 0; i < p->out->count; i++) {
    const language *l = &p->out->language[i];
    if (l->other.count == 0 || !l->name_set[NAME_MIXED].alone.s)
      return clio_failf(p->host, p->call, CLIO_E_CONFIG,
                        "templates: language '%.*s' lacks 'other', or 'alone' of 'names mixed'",
                        (int)l->code.len, l->code.s);
  }
  return CLIO_OK;
}

static clio_status read_lines(parser *p, const char *source, const char *text) {
  clio_span rest = clio_span_of(text, (int64_t)strlen(text));
  p->source = source;
  p->line = 0;
  p->language = NULL;
  while (rest.len > 0) {
    p->line++;
    CLIO_TRY(read_line(p, cut(&rest, '\n')));
  }
  return CLIO_OK;
}

clio_status templates_read(const clio_host *host, clio_call *call, const char *text,
                           const char *themes, const phrase_corpus *corpus, templates *ret) {
  parser p = {.host = host, .call = call, .corpus = corpus, .out = ret};
  ret->count = 0;
  ret->language = clio_scratch_array(host, call, MAX_LANGUAGES, sizeof *ret->language);
  if (!ret->language) return clio_nomem(host, call);
  CLIO_TRY(read_lines(&p, "templates", text));
  if (themes) CLIO_TRY(read_lines(&p, "themes", themes));
  return check(&p);
}

uint64_t templates_widen(const language *l, uint64_t themes) {
  uint64_t wide = themes;
  for (uint32_t t = 0; t < l->themes; t++)
    if (themes & l->theme[t].parts) wide |= UINT64_C(1) << t;
  return wide;
}

const form *templates_form(const language *l, const char *id) {
  for (uint32_t i = 0; i < l->forms; i++)
    if (clio_span_is(l->form[i].id, id)) return &l->form[i];
  return NULL;
}
