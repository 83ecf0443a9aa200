/* themes.c - topics wider than words: a theme is spoken of in many words ("oven",
 * "bake", "dough"), and called by one that enough members use; see topics.h. */
#include "chooser.h"

enum { SHARE = 16 }; /* of the members, one in so many must speak of a theme */

/* ---- counting ---- */

void themes_count(const phrase_corpus *c, const row_form *forms, const uint64_t *rows,
                  uint64_t count, theme_counts *ret) {
  uint64_t seen[MAX_LANGUAGES];
  memset(ret, 0, sizeof *ret);
  for (uint64_t i = 0; i < count; i++) {
    const row_form *f = &forms[rows[i]];
    if (i == 0 || c->account[rows[i]] != c->account[rows[i - 1]]) memset(seen, 0, sizeof seen);
    if (f->language >= MAX_LANGUAGES) continue;
    uint64_t fresh = f->themes & ~seen[f->language];
    seen[f->language] |= fresh;
    for (uint32_t t = 0; fresh >> t; t++) {
      ret->accounts[f->language][t] += (fresh >> t) & 1;
      if (t + 1 == MAX_THEMES) break;
    }
  }
}

clio_status themes_singles(const phrase_corpus *c, uint32_t **ret) {
  uint32_t *single = clio_scratch_array(c->host, c->call, c->stems.count, sizeof *single);
  if (!single) return clio_nomem(c->host, c->call);
  for (uint32_t i = 0; i < c->stems.count; i++) single[i] = PHRASE_NONE;
  for (uint32_t i = 0; i < c->phrases; i++)
    if (c->phrase[i].words == 1) single[c->phrase[i].stem] = i;
  *ret = single;
  return CLIO_OK;
}

/* ---- labels ---- */

/* The words of a label that say something, as the corpus numbers them. */
typedef struct labelling {
  const phrase_corpus *corpus;
  topic *topic;
} labelling;

static clio_status look_for_word(void *ctx, const char *word, int64_t len) {
  labelling *g = ctx;
  uint32_t stem;
  CLIO_TRY(phrases_stem_of(g->corpus, word, len, &stem));
  int says = stem != UINT32_MAX && !(g->corpus->stem_kind[stem] & STEM_FRAME);
  if (says && g->topic->saids < PHRASE_MAX) g->topic->said[g->topic->saids++] = stem;
  return CLIO_OK;
}

/* May the node be called so, by the text rule? */
static clio_status may_call(const phrase_corpus *c, const contrast *against, clio_span label,
                            topic *ret, int *ret_may) {
  labelling g = {c, ret};
  const char *reason = NULL;
  ret->saids = 0;
  CLIO_TRY(c->text->words(c->call, label.s, label.len, look_for_word, &g));
  if (c->text->rule)
    CLIO_TRY(c->text->rule(c->call, against->members, 1, label.s, label.len, &reason));
  *ret_may = reason == NULL;
  return CLIO_OK;
}

/* What the language calls theme `number`, into `text` and `said` of *ret: the first
 * label that passes the text rule for the node. `phrase`: that of its first content
 * word, or PHRASE_NONE. `text` stays NULL where no label may be. */
static clio_status find_label(const phrase_corpus *c, const language *l, const contrast *against,
                              uint32_t number, topic *ret) {
  const text_list *labels = &l->theme[number].label;
  for (uint32_t i = 0; i < labels->count; i++) {
    clio_span label = labels->item[i];
    int may;
    CLIO_TRY(may_call(c, against, label, ret, &may));
    if (!may) continue;
    char *text = c->host->scratch(c->call, (uint64_t)label.len + 1);
    if (!text) return clio_nomem(c->host, c->call);
    memcpy(text, label.s, (size_t)label.len);
    ret->text = text;
    ret->phrase = ret->saids > 0 ? against->single[ret->said[0]] : PHRASE_NONE;
    return CLIO_OK;
  }
  return CLIO_OK;
}

/* ---- candidates ---- */

static double weigh_theme(const chooser *c, const topic *t, double lift) {
  double taken = 1;
  for (uint32_t i = 0; i < t->saids; i++)
    if (c->against->taken[t->said[i]] < taken) taken = c->against->taken[t->said[i]];
  if (t->parts) return (0.4 + 0.6 * lift) * taken; /* these are to speak for many */
  return lift < 0.08 ? 0 : 1.25 * (0.2 + 0.8 * lift) * taken;
}

/* For each theme the word that most members say it by, where nearly all do: then
 * it is the word they share, and the theme may be none of theirs. Else UINT32_MAX. */
static void lone_words(const chooser *c, uint32_t ret[MAX_THEMES]) {
  const contrast *a = c->against;
  uint32_t most[MAX_THEMES] = {0};
  for (uint32_t t = 0; t < c->language->themes; t++) ret[t] = UINT32_MAX;
  for (uint32_t stem = 0; c->language->theme_of && stem < c->corpus->stems.count; stem++) {
    uint64_t themes = c->language->theme_of[stem];
    uint32_t held = themes && a->single[stem] != PHRASE_NONE ? a->own[a->single[stem]] : 0;
    for (uint32_t t = 0; held > 0 && t < c->language->themes; t++) {
      if (!(themes >> t & 1) || held <= most[t]) continue;
      most[t] = held;
      ret[t] = held * 5 > a->own_themes->accounts[a->language][t] * 4 ? stem : UINT32_MAX;
    }
  }
}

static int is_said(const topic *t, uint32_t stem) {
  for (uint32_t i = 0; i < t->saids; i++)
    if (t->said[i] == stem) return 1;
  return 0;
}

/* Adds theme `number`, if it can be called by words of the members. `lone`: the
 * only word it is said by, or UINT32_MAX. */
static clio_status add_theme(chooser *c, uint32_t number, uint32_t lone) {
  const contrast *a = c->against;
  const theme *known = &c->language->theme[number];
  topic t = {.df = a->own_themes->accounts[a->language][number], .is_theme = 1};
  if (t.df < 3 || (uint64_t)t.df * SHARE < c->node->members) return CLIO_OK;
  CLIO_TRY(find_label(c->corpus, c->language, a, number, &t));
  if (!t.text || (lone != UINT32_MAX && !is_said(&t, lone))) return CLIO_OK;
  t.parts = known->parts;
  t.bit = UINT64_C(1) << number;
  t.is_aside = !known->is_made;
  t.weight = weigh_theme(c, &t,
                         topics_lift(a, t.df, a->siblings_themes->accounts[a->language][number],
                                     a->whole_themes->accounts[a->language][number]));
  t.covers = room_take(c->room, c->node->members);
  if (!t.covers) return clio_nomem(c->corpus->host, c->corpus->call);
  for (uint64_t m = 0; m < c->node->members; m++) {
    const row_form *f = &a->forms[c->node->member[m]];
    t.covers[m] = f->language == a->language && (f->themes & t.bit);
  }
  c->item[c->count++].topic = t;
  return CLIO_OK;
}

/* A word by which a theme can be called says less than the theme, and in whichever
 * form members use it. */
static void drop_labels(const chooser *c, uint32_t words) {
  for (uint32_t t = words; t < c->count; t++) {
    const topic *label = &c->item[t].topic;
    if (label->saids != 1 || label->weight <= 0 || label->parts) continue;
    for (uint32_t i = 0; i < words; i++) {
      topic *word = &c->item[i].topic;
      if (word->phrase == label->phrase && word->df <= label->df) word->weight = 0;
    }
  }
}

clio_status themes_add(chooser *c) {
  uint32_t words = c->count, lone[MAX_THEMES];
  lone_words(c, lone);
  for (uint32_t t = 0; t < c->language->themes; t++) CLIO_TRY(add_theme(c, t, lone[t]));
  drop_labels(c, words);
  return CLIO_OK;
}
