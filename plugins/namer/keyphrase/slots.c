/* slots.c - the verbs that follow an opening such as "how do I"; see topics.h.
 * They may be frame words ("make", "get"): those say little, and say it truly. */
#include "surface.h"
#include "topics.h"

/* The stem in a row's slot, or UINT32_MAX. */
static uint32_t slot_stem(const phrase_corpus *c, const row_form *f, uint32_t opening) {
  return f->form == opening && f->slot != UINT64_MAX ? c->token[f->slot].stem : UINT32_MAX;
}

/* Accounts that put a stem there, by stem. */
static void count_slots(const phrase_corpus *c, const tree_node *node, const row_form *forms,
                        uint32_t opening, node_room *room, uint32_t *ret_df) {
  uint64_t mark = 0;
  memset(room->stamp, 0, room->numbers * sizeof *room->stamp);
  for (uint64_t m = 0; m < node->members; m++) {
    uint64_t row = node->member[m];
    uint32_t stem = slot_stem(c, &forms[row], opening);
    if (m == 0 || c->account[row] != c->account[node->member[m - 1]]) mark = m + 1;
    if (stem == UINT32_MAX || room->stamp[stem] == mark) continue;
    room->stamp[stem] = mark;
    ret_df[stem]++;
  }
}

static clio_status fill_slot(const phrase_corpus *c, const tree_node *node, const row_form *forms,
                             uint32_t opening, node_room *room, topic *ret) {
  ret->covers = room_take(room, node->members);
  if (!ret->covers) return clio_nomem(c->host, c->call);
  for (uint64_t m = 0; m < node->members; m++)
    ret->covers[m] = slot_stem(c, &forms[node->member[m]], opening) == ret->phrase;
  return surface_in_slots(c, node, forms, opening, ret->phrase, &ret->text);
}

/* The stem of most accounts; the lower number of equals. */
static uint32_t most_used(const uint32_t *df, uint32_t stems) {
  uint32_t best = 0;
  for (uint32_t i = 1; i < stems; i++)
    if (df[i] > df[best]) best = i;
  return best;
}

clio_status topics_choose_slots(const phrase_corpus *c, const language *l, const tree_node *node,
                                const row_form *forms, uint32_t opening, uint32_t least,
                                node_room *room, node_topics *ret) {
  uint32_t *df = room_numbers(room, 1), most = 0;
  ret->slots = 0;
  count_slots(c, node, forms, opening, room, df);
  while (ret->slots < MAX_SLOTS && c->stems.count > 0) {
    uint32_t stem = most_used(df, c->stems.count), held = df[stem];
    if (held < least || held * 4 < most) break;
    most = held > most ? held : most;
    df[stem] = 0;
    if (l->mark[MARK_STOP][stem] || l->mark[MARK_NOUN_AFTER][stem]) continue;
    topic *slot = &ret->slot[ret->slots++];
    *slot = (topic){.phrase = stem, .df = held};
    CLIO_TRY(fill_slot(c, node, forms, opening, room, slot));
  }
  return CLIO_OK;
}
