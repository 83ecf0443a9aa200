/* synthetic_talk.c - see synthetic_talk.h. */
#include "synthetic_talk.h"

/* Between sentences stands a blank, but not behind a full-width stop. */
static void add_blank(text *out) {
  static const char *const wide[] = {"\xe3\x80\x82", "\xef\xbc\x9f", "\xef\xbc\x81"};
  int blank = out->length > 0;
  for (size_t i = 0; i < 3 && out->length >= 3 && !out->failed; i++)
    if (memcmp(out->bytes + out->length - 3, wide[i], 3) == 0) blank = 0;
  if (blank) text_add(out, " ", 1);
}

/* A sentence more; NULL: there is no such list. */
static const word_item *add_sentence(talk *t, const section *s, const char *list,
                                     const teller *by) {
  if (!words_list(t->words, s, list)) return NULL;
  add_blank(&t->text);
  return words_write(t->words, s, list, by, &t->text);
}

/* The number of a request's subtopic, 0 for none. */
static char sub_of(const word_item *ask) { return ask->tag.s ? ask->tag.s[0] : '\0'; }

/* A campaign's request: always of one subtopic and with the same words in its templates. */
static const word_item *add_repeated(talk *t, const section *s, const teller *by) {
  const word_list *asks = words_list(t->words, s, "ask");
  const word_item *first = &asks->items[dice_roll(by->slots, asks->count)];
  char sub = sub_of(first);
  uint64_t alike = 0, k = 0;
  for (uint64_t i = 0; i < asks->count; i++) alike += sub_of(&asks->items[i]) == sub;
  for (uint64_t left = dice_roll(by->own, alike);; k++)
    if (sub_of(&asks->items[k]) == sub && left-- == 0) break;
  add_blank(&t->text);
  words_template(t->words, s, asks->items[k].text, by, &t->text);
  return &asks->items[k];
}

static void hurry(talk *t, plot *p) {
  uint64_t how = dice_roll(&p->dice, 100);
  if (how < 10)
    for (uint64_t i = 1 + t->text.length / 80; i > 0; i--) text_mistype(&t->text, 0, &p->dice);
  else if (how < 16)
    text_lower(&t->text, 0);
}

static clio_span tag_of(const word_item *item) {
  if (!item) return clio_span_of(NULL, 0);
  return item->tag.s ? item->tag : clio_span_of("other", 5);
}

/* The same sentence in the first language, where this one has none. */
static const word_item *add_planted(talk *t, const section *s, const char *list, const teller *by) {
  if (!words_list(t->words, s, list)) s = words_section(t->words, 0, 0);
  return s ? add_sentence(t, s, list, by) : NULL;
}

/* A sentence of the topic in the first language. */
static void add_mixed(talk *t, const plot *p, const teller *by) {
  const section *other = words_section(t->words, p->topic, 0);
  if (other) add_sentence(t, other, "more", by);
}

static void tell_request(talk *t, const section *s, plot *p, truth *ret) {
  const teller by = {&p->dice, &p->dice, p->secret};
  const teller same = {&p->dice, &p->campaign_dice, p->secret};
  uint64_t more = dice_roll(&p->dice, 10), aside = dice_roll(&p->dice, 10);
  if (dice_roll(&p->dice, 4)) add_sentence(t, s, "hello", &by);
  if (aside < 2) add_sentence(t, s, "aside", &by);
  const word_item *ask =
      p->campaign >= 0 ? add_repeated(t, s, &same) : add_sentence(t, s, "ask", &by);
  if (more < 6) add_sentence(t, s, "more", &by);
  if (aside > 5) add_sentence(t, s, "aside", &by);
  if (p->mixed) add_mixed(t, p, &by);
  if (more < 3) add_sentence(t, s, "end", &by);
  hurry(t, p);
  if (p->campaign >= 0) add_planted(t, s, "campaign", &by);
  if (p->tells && !p->tells_later) ret->pii = tag_of(add_sentence(t, s, "pii", &by));
  if (p->canary >= 0) ret->canary = add_planted(t, s, "canary", &by) != NULL;
  if (p->injection >= 0) ret->injection = tag_of(add_planted(t, s, "inject", &by));
  const words_topic *topic = &t->words->topics[p->topic];
  if (ask && ask->tag.s) ret->subtopic = words_sub(topic, ask->tag);
}

/* Half of a topic's later requests are its own, where it has any; the others are
 * what anyone says. */
static void tell_later(talk *t, const section *s, plot *p, uint64_t turn, truth *ret) {
  const teller by = {&p->dice, &p->dice, p->secret};
  const section *common = words_section(t->words, 0, s->lang);
  add_sentence(t, dice_roll(&p->dice, 2) ? s : common, "then", &by);
  hurry(t, p);
  if (p->tells_later && turn == 1) ret->pii = tag_of(add_sentence(t, s, "pii", &by));
}

static void tell_answer(talk *t, const section *s, plot *p) {
  static const char *const lists[] = {"say", "no", "no", "yes", "care"};
  const teller by = {&p->dice, &p->dice, p->secret};
  const char *list = lists[p->outcome];
  add_sentence(t, s, words_list(t->words, s, list) ? list : "say", &by);
}

static void end_message(talk *t, const char *role) {
  t->put(t->to, role, &t->text);
  t->text.length = 0;
}

truth talk_tell(talk *t, plot *p) {
  truth ret = {0};
  const section *s = words_section(t->words, p->topic, p->lang);
  int refused = p->outcome == OUT_RIGHT || p->outcome == OUT_OVER;
  uint64_t turns = refused && p->turns > 2 ? 2 : p->turns;
  for (uint64_t turn = 0; turn < turns; turn++) {
    if (turn == 0)
      tell_request(t, s, p, &ret);
    else
      tell_later(t, s, p, turn, &ret);
    end_message(t, "user");
    tell_answer(t, s, p);
    end_message(t, "assistant");
  }
  return ret;
}
