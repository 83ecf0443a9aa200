/* themes.c - topics wider than words: a theme is spoken of in many words ("oven",
 * "bake", "dough"), and called by one that enough members use; see topics.h. */
#include <stdlib.h>

#include "topics.h"

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

/* May the node be called so, by the text rule? Not by words that say nothing. */
static clio_status may_call(const phrase_corpus *c, const contrast *against, clio_span label,
                            topic *ret, int *ret_may) {
  labelling g = {c, ret};
  const char *reason = NULL;
  ret->saids = 0;
  CLIO_TRY(c->text->words(c->call, label.s, label.len, look_for_word, &g));
  if (ret->saids > 0 && c->text->rule)
    CLIO_TRY(c->text->rule(c->call, against->members, 1, label.s, label.len, &reason));
  *ret_may = ret->saids > 0 && reason == NULL;
  return CLIO_OK;
}

clio_status themes_label(const phrase_corpus *c, const language *l, const contrast *against,
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
    ret->phrase = against->single[ret->said[0]];
    return CLIO_OK;
  }
  return CLIO_OK;
}
