/* slots.c - the verbs that follow an opening such as "how do I"; see topics.h.
 * They may be frame words ("make", "get"): those say little, and say it truly. */
#include "surface.h"
#include "topics.h"

/* How many accounts put a word there. */
typedef struct slot_word {
  uint32_t stem, df;
} slot_word;

static int by_df(const void *a, const void *b) {
  const slot_word *x = a, *y = b;
  if (x->df != y->df) return x->df > y->df ? -1 : 1;
  return (x->stem > y->stem) - (x->stem < y->stem);
}

/* The stem in a row's slot, or UINT32_MAX. */
static uint32_t slot_stem(const phrase_corpus *c, const row_form *f, uint32_t opening) {
  return f->form == opening && f->slot != UINT64_MAX ? c->token[f->slot].stem : UINT32_MAX;
}

static clio_status count_slots(const phrase_corpus *c, const tree_node *node, const row_form *forms,
                               uint32_t opening, slot_word *words) {
  uint64_t *seen = clio_scratch_array(c->host, c->call, c->stems.count, sizeof *seen), mark = 0;
  if (!seen) return clio_nomem(c->host, c->call);
  for (uint32_t i = 0; i < c->stems.count; i++) words[i].stem = i;
  for (uint64_t m = 0; m < node->members; m++) {
    uint64_t row = node->member[m];
    uint32_t stem = slot_stem(c, &forms[row], opening);
    if (m == 0 || c->account[row] != c->account[node->member[m - 1]]) mark = m + 1;
    if (stem == UINT32_MAX || seen[stem] == mark) continue;
    seen[stem] = mark;
    words[stem].df++;
  }
  return CLIO_OK;
}

static clio_status fill_slot(const phrase_corpus *c, const tree_node *node, const row_form *forms,
                             uint32_t opening, slot_word word, topic *ret) {
  *ret = (topic){.phrase = word.stem, .df = word.df};
  ret->covers = clio_scratch_array(c->host, c->call, node->members, 1);
  if (!ret->covers) return clio_nomem(c->host, c->call);
  for (uint64_t m = 0; m < node->members; m++)
    ret->covers[m] = slot_stem(c, &forms[node->member[m]], opening) == word.stem;
  return surface_in_slots(c, node, forms, opening, word.stem, &ret->text);
}

clio_status topics_choose_slots(const phrase_corpus *c, const language *l, const tree_node *node,
                                const row_form *forms, uint32_t opening, uint32_t least,
                                node_topics *ret) {
  ret->slots = 0;
  slot_word *words = clio_scratch_array(c->host, c->call, c->stems.count, sizeof *words);
  if (!words) return clio_nomem(c->host, c->call);
  CLIO_TRY(count_slots(c, node, forms, opening, words));
  qsort(words, c->stems.count, sizeof *words, by_df);
  for (uint32_t i = 0; i < c->stems.count && ret->slots < MAX_SLOTS; i++) {
    if (words[i].df < least || words[i].df * 4 < words[0].df) break;
    if (l->mark[MARK_STOP][words[i].stem] || l->mark[MARK_NOUN_AFTER][words[i].stem]) continue;
    CLIO_TRY(fill_slot(c, node, forms, opening, words[i], &ret->slot[ret->slots++]));
  }
  return CLIO_OK;
}
