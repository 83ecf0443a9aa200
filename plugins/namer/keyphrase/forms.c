/* forms.c - what kind of request each conversation is; see forms.h. */
#include "forms.h"

/* ---- languages ---- */

static uint8_t language_named(const templates *t, clio_span name) {
  for (uint32_t i = 0; i < t->count; i++) {
    clio_span n = t->language[i].name, c = t->language[i].code;
    if (n.len == name.len && memcmp(n.s, name.s, (size_t)n.len) == 0) return (uint8_t)i;
    if (c.len == name.len && memcmp(c.s, name.s, (size_t)c.len) == 0) return (uint8_t)i;
  }
  return LANGUAGE_FOREIGN;
}

/* How many words of the row are common ones of each language. */
static void count_stops(const phrase_corpus *c, const templates *t, uint64_t row, uint32_t *ret) {
  memset(ret, 0, t->count * sizeof *ret);
  for (uint64_t k = c->start[row]; k < c->start[row + 1]; k++)
    for (uint32_t i = 0; i < t->count; i++)
      ret[i] += t->language[i].mark[MARK_STOP][c->token[k].stem];
}

/* The language with most hits; among equals the one more common in the corpus. */
static uint8_t most_hits(const templates *t, const uint32_t *hits, const uint64_t *total) {
  uint8_t best = FORM_UNKNOWN;
  for (uint32_t i = 0; i < t->count; i++) {
    if (hits[i] == 0) continue;
    if (best == FORM_UNKNOWN || hits[i] > hits[best] ||
        (hits[i] == hits[best] && total[i] > total[best]))
      best = (uint8_t)i;
  }
  return best;
}

static clio_status read_languages(const phrase_corpus *c, const templates *t,
                                  const clio_view *names, row_form *forms) {
  uint32_t *hits = clio_scratch_array(c->host, c->call, t->count, sizeof *hits);
  uint64_t *total = clio_scratch_array(c->host, c->call, t->count, sizeof *total);
  if (!hits || !total) return clio_nomem(c->host, c->call);
  for (uint64_t row = 0; row < c->rows; row++) {
    count_stops(c, t, row, hits);
    for (uint32_t i = 0; i < t->count; i++) total[i] += hits[i];
  }
  for (uint64_t row = 0; row < c->rows; row++) {
    forms[row].language = FORM_UNKNOWN;
    if (names && clio_valid(names, row))
      forms[row].language = language_named(t, clio_utf8(names, row));
    if (forms[row].language != FORM_UNKNOWN) continue;
    count_stops(c, t, row, hits);
    forms[row].language = most_hits(t, hits, total);
  }
  return CLIO_OK;
}

/* ---- openings ---- */

/* How many words of the pattern list's longest match at token `at`; 0: none. */
static uint32_t match(const phrase_corpus *c, const pattern_list *list, uint64_t at, uint64_t end) {
  uint32_t best = 0;
  for (uint32_t i = 0; i < list->count; i++) {
    const pattern *p = &list->item[i];
    if (p->words <= best || p->words > end - at) continue;
    uint32_t k = 0;
    while (k < p->words && c->token[at + k].stem == p->stem[k] &&
           (k == 0 || !(c->token[at + k].flags & TOKEN_SENTENCE)))
      k++;
    if (k == p->words) best = k;
  }
  return best;
}

/* The longest opening at a token, into *ret; 0 where none is there. */
static int open_at(const phrase_corpus *c, const language *l, uint64_t at, uint64_t end,
                   row_form *ret) {
  uint32_t best = 0;
  for (uint32_t f = 0; f < l->forms; f++) {
    uint32_t words = match(c, &l->form[f].open, at, end);
    if (words <= best) continue;
    best = words;
    ret->form = (uint8_t)f;
    ret->verb = FORM_UNKNOWN;
  }
  const form *request = templates_form(l, "do");
  for (uint32_t v = 0; request && v < l->verbs; v++) {
    uint32_t words = match(c, &l->verb[v].open, at, end);
    if (words <= best) continue;
    best = words;
    ret->form = (uint8_t)(request - l->form);
    ret->verb = (uint8_t)v;
  }
  if (best > 0) ret->slot = at + best < end ? at + best : UINT64_MAX;
  return best > 0;
}

/* The opening of a sentence, past polite beginnings: "please", "can you". */
static int open_sentence(const phrase_corpus *c, const language *l, uint64_t at, uint64_t end,
                         row_form *ret) {
  int found = 0;
  while (at < end) {
    found |= open_at(c, l, at, end, ret);
    uint32_t lead = match(c, &l->lead, at, end);
    if (lead == 0) break;
    at += lead;
  }
  return found;
}

static void read_form(const phrase_corpus *c, const templates *t, uint64_t row, row_form *ret) {
  ret->form = ret->verb = FORM_UNKNOWN;
  ret->slot = UINT64_MAX;
  ret->class = c->asks[row] ? CLASS_QUESTION : CLASS_OTHER;
  if (ret->language >= t->count) return;
  const language *l = &t->language[ret->language];
  uint64_t end = c->start[row + 1];
  for (uint64_t k = c->start[row]; k < end; k++)
    if ((c->token[k].flags & TOKEN_SENTENCE) && open_sentence(c, l, k, end, ret)) break;
  if (ret->form != FORM_UNKNOWN) ret->class = (uint8_t)l->form[ret->form].class;
}

/* The themes that a row's words speak of. */
static uint64_t themes_of(const phrase_corpus *c, const templates *t, uint64_t row,
                          uint8_t number) {
  const uint64_t *theme_of = number < t->count ? t->language[number].theme_of : NULL;
  uint64_t themes = 0;
  for (uint64_t k = c->start[row]; theme_of && k < c->start[row + 1]; k++)
    themes |= theme_of[c->token[k].stem];
  return theme_of ? templates_widen(&t->language[number], themes) : 0;
}

/* A row without common words may still open as requests of some language do. */
static void guess_language(const phrase_corpus *c, const templates *t, uint64_t row,
                           row_form *ret) {
  for (uint32_t i = 0; i < t->count && ret->form == FORM_UNKNOWN; i++) {
    row_form guess = {.language = (uint8_t)i};
    read_form(c, t, row, &guess);
    if (guess.form != FORM_UNKNOWN) *ret = guess;
  }
}

clio_status forms_read(const phrase_corpus *corpus, const templates *t, const clio_view *names,
                       row_form **ret) {
  row_form *forms = clio_scratch_array(corpus->host, corpus->call, corpus->rows, sizeof *forms);
  if (!forms) return clio_nomem(corpus->host, corpus->call);
  CLIO_TRY(read_languages(corpus, t, names, forms));
  for (uint64_t row = 0; row < corpus->rows; row++) {
    read_form(corpus, t, row, &forms[row]);
    if (forms[row].language == FORM_UNKNOWN) guess_language(corpus, t, row, &forms[row]);
    forms[row].themes = themes_of(corpus, t, row, forms[row].language);
  }
  *ret = forms;
  return CLIO_OK;
}
