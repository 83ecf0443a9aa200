/* wording.c - names and descriptions; see wording.h. */
#include "wording.h"

#include "deeds.h"
#include "surface.h"

enum { TEXT = 512, NAME_WORDS = 10, DESCRIPTION_WORDS = 60, NAME_TOPICS = 3 };

/* Shares of members above which a form names all of them, and topics speak for
 * them without "and more". */
static const double form_share = 0.55, class_share = 0.6, topic_share = 0.5;

/* ---- filling templates ---- */

static void append(char *text, clio_span part) {
  size_t used = strlen(text);
  if (part.s) snprintf(text + used, TEXT - used, "%.*s", (int)part.len, part.s);
}

static clio_span span_of(const char *text) { return clio_span_of(text, (int64_t)strlen(text)); }

enum { PLAIN = 0, AND = 1, OR = 2 }; /* how a list ends: as join[] */

/* What goes into a template. */
typedef struct filling {
  clio_span topic[MAX_TOPICS], slot[MAX_SLOTS];
  clio_span deed[MAX_SLOTS]; /* "write an email", "create a list" */
  uint32_t topics, slots, deeds;
} filling;

static void fill_mark(const language *l, char mark, const filling *f, char *text) {
  switch (mark) {
  case 'T': deeds_join(l, f->topic, f->topics, AND, text, TEXT); break;
  case 't': deeds_join(l, f->topic, f->topics, PLAIN, text, TEXT); break;
  case 'V': deeds_join(l, f->slot, f->slots, OR, text, TEXT); break;
  case 'v': deeds_join(l, f->slot, f->slots, PLAIN, text, TEXT); break;
  case 'D': deeds_join(l, f->deed, f->deeds, OR, text, TEXT); break;
  case 'd': deeds_join(l, f->deed, f->deeds, PLAIN, text, TEXT); break;
  default: break;
  }
}

static void fill(const language *l, clio_span template, const filling *f, char ret[TEXT]) {
  ret[0] = '\0';
  for (int64_t i = 0; i < template.len; i++) {
    if (i + 2 < template.len && template.s[i] == '{' && template.s[i + 2] == '}') {
      fill_mark(l, template.s[i + 1], f, ret);
      i += 2;
    } else {
      append(ret, clio_span_of(template.s + i, 1));
    }
  }
  surface_upper_first(ret);
}

/* ---- may it be used? ---- */

static clio_status count_word(void *ctx, const char *word, int64_t len) {
  (void)word;
  (void)len;
  ++*(int *)ctx;
  return CLIO_OK;
}

static clio_status passes(const subject *s, const char *text, int is_name, int *ret) {
  const phrase_corpus *c = s->corpus;
  int64_t len = (int64_t)strlen(text);
  int words = 0;
  const char *reason = NULL;
  CLIO_TRY(c->text->words(c->call, text, len, count_word, &words));
  *ret = words > 0 && words <= (is_name ? NAME_WORDS : DESCRIPTION_WORDS);
  if (!*ret || !c->text->rule) return CLIO_OK;
  const clio_members members = {.struct_size = sizeof members,
                                .text_column = s->text_column,
                                .table = s->table,
                                .rows = s->node->all,
                                .count = s->node->count};
  CLIO_TRY(c->text->rule(c->call, &members, is_name, text, len, &reason));
  *ret = reason == NULL;
  return CLIO_OK;
}

/* Do siblings, or the parent, bear this name already? */
static int is_taken(const subject *s, const char *name) {
  for (uint64_t n = 0; n < s->tree->nodes; n++) {
    const tree_node *other = &s->tree->node[n];
    if (other == s->node || !other->name) continue;
    int near = other->parent == s->node->parent ||
               (s->node->parent != TREE_NONE && other == &s->tree->node[s->node->parent]);
    if (near && strcmp(other->name, name) == 0) return 1;
  }
  return 0;
}

static clio_status keep(const subject *s, const char *text, char **ret) {
  size_t len = strlen(text);
  *ret = s->corpus->host->scratch(s->corpus->call, len + 1);
  if (!*ret) return clio_nomem(s->corpus->host, s->corpus->call);
  memcpy(*ret, text, len);
  return CLIO_OK;
}

/* Takes `text` for the name if it may be; *ret_done says so. */
static clio_status offer(subject *s, const char *text, int *ret_done) {
  *ret_done = 0;
  if (is_taken(s, text)) return CLIO_OK;
  CLIO_TRY(passes(s, text, 1, ret_done));
  return *ret_done ? keep(s, text, &s->node->name) : CLIO_OK;
}

/* ---- what members do ---- */

/* Shares of the node's members by form, class and verb. */
typedef struct profile {
  double form[MAX_FORMS], class[CLASSES], verb[MAX_VERBS];
} profile;

static void take_profile(const subject *s, profile *ret) {
  memset(ret, 0, sizeof *ret);
  double one = s->node->members > 0 ? 1 / (double)s->node->members : 0;
  for (uint64_t m = 0; m < s->node->members; m++) {
    const row_form *f = &s->forms[s->node->member[m]];
    if (f->language != s->language_number || f->form == FORM_UNKNOWN) continue;
    ret->form[f->form] += one;
    ret->class[s->language->form[f->form].class] += one;
    if (f->verb != FORM_UNKNOWN) ret->verb[f->verb] += one;
  }
}

static const form *pick_form(const subject *s, const profile *p) {
  const language *l = s->language;
  uint32_t best = 0;
  for (uint32_t f = 1; f < l->forms; f++)
    if (p->form[f] > p->form[best]) best = f;
  if (l->forms > 0 && p->form[best] >= form_share) return &l->form[best];
  static const char *const general[CLASSES] = {"question", "request", "other"};
  for (int class = 0; class < CLASSES; class ++)
    if (p->class[class] >= class_share && templates_form(l, general[class]))
      return templates_form(l, general[class]);
  return templates_form(l, "mixed");
}

/* ---- names ---- */

static filling with_topics(const subject *s, uint32_t topics, uint32_t slots) {
  filling f = {.topics = topics, .slots = slots};
  for (uint32_t i = 0; i < topics; i++) f.topic[i] = span_of(s->topics.topic[i].text);
  for (uint32_t i = 0; i < slots; i++) f.slot[i] = span_of(s->topics.slot[i].text);
  return f;
}

static void note_used(subject *s, const topic *topics, uint32_t count) {
  s->used_count = 0;
  for (uint32_t i = 0; i < count; i++) s->used[s->used_count++] = topics[i].phrase;
}

/* A template tried with fewer and fewer topics, or slots. */
static clio_status try_template(subject *s, clio_span template, uint32_t topics, uint32_t slots,
                                int *ret_done) {
  char text[TEXT];
  if (!template.s) return CLIO_OK;
  for (uint32_t k = topics + slots; k > 0 && !*ret_done; k--) {
    filling f = with_topics(s, topics ? k : 0, slots ? k : 0);
    fill(s->language, template, &f, text);
    CLIO_TRY(offer(s, text, ret_done));
    if (*ret_done) note_used(s, s->topics.topic, topics ? k : 0);
  }
  return CLIO_OK;
}

/* The topics worth a place in the name: those that add members. */
static uint32_t useful_topics(const subject *s) {
  uint32_t count = s->topics.topics < NAME_TOPICS ? s->topics.topics : NAME_TOPICS;
  while (count > 1 && topics_coverage(s->node, s->topics.topic, count) -
                              topics_coverage(s->node, s->topics.topic, count - 1) <
                          0.04)
    count--;
  return count;
}

/* All names of one form, the best first. */
static clio_status try_form(subject *s, const form *f, int *ret_done) {
  uint32_t topics = useful_topics(s), slots = f->verbs.s ? s->topics.slots : 0;
  double topic_cover = topics_coverage(s->node, s->topics.topic, topics);
  double slot_cover = topics_coverage(s->node, s->topics.slot, slots);
  if (slots > 0 && slot_cover >= 0.8 * topic_cover) {
    if (slot_cover >= topic_share) CLIO_TRY(try_template(s, f->verbs, 0, slots, ret_done));
    if (!*ret_done) CLIO_TRY(try_template(s, f->verbs_more, 0, slots, ret_done));
  }
  if (!*ret_done && topic_cover < topic_share)
    CLIO_TRY(try_template(s, f->more, topics, 0, ret_done));
  if (!*ret_done) CLIO_TRY(try_template(s, f->topics, topics, 0, ret_done));
  if (*ret_done || !f->alone.s) return CLIO_OK;
  char text[TEXT];
  fill(s->language, f->alone, &(filling){0}, text);
  return offer(s, text, ret_done);
}

/* One name from `count` deeds of `objects` objects each. */
static clio_status try_deed(subject *s, const form *f, const node_deeds *d, uint32_t count,
                            uint32_t objects, int *ret_done) {
  char item[MAX_DEEDS][DEED_TEXT], text[TEXT];
  filling filled = {.deeds = count};
  double share = 0;
  for (uint32_t i = 0; i < count; i++) {
    deeds_text(s->language, &d->deed[i], objects, item[i]);
    filled.deed[i] = span_of(item[i]);
    share += d->deed[i].share;
  }
  fill(s->language, share < topic_share ? f->more : f->topics, &filled, text);
  CLIO_TRY(offer(s, text, ret_done));
  if (!*ret_done) return CLIO_OK;
  s->used_count = 0;
  for (uint32_t i = 0; i < count; i++)
    for (uint32_t k = 0; k < objects; k++) s->used[s->used_count++] = d->deed[i].object[k].phrase;
  return CLIO_OK;
}

/* Names by what is asked to be done: one verb with several objects where it is
 * most of what is asked for, else several with one each. */
static clio_status try_deeds(subject *s, const form *f, int *ret_done) {
  node_deeds d;
  double all = 0;
  CLIO_TRY(
      deeds_choose(s->corpus, s->language, s->language_number, s->node, s->forms, &s->topics, &d));
  for (uint32_t i = 0; i < d.count; i++) all += d.deed[i].share;
  uint32_t most = d.count > 0 && d.deed[0].share >= 0.7 * all ? 0 : d.count;
  for (uint32_t n = most; n > 1 && !*ret_done; n--) CLIO_TRY(try_deed(s, f, &d, n, 1, ret_done));
  for (uint32_t k = d.count > 0 ? d.deed[0].objects : 0; k > 0 && !*ret_done; k--)
    CLIO_TRY(try_deed(s, f, &d, 1, k, ret_done));
  return CLIO_OK;
}

/* Names of last resort, made of frame words; taken ones rather than none. */
static clio_status take_other(subject *s) {
  char text[TEXT] = "";
  int done = 0;
  for (uint32_t i = 0; i < s->language->other.count && !done; i++) {
    text[0] = '\0';
    append(text, s->language->other.item[i]);
    CLIO_TRY(offer(s, text, &done));
  }
  return done ? CLIO_OK : keep(s, text, &s->node->name);
}

clio_status wording_name(subject *s) {
  profile p;
  int done = 0;
  const language *l = s->language;
  take_profile(s, &p);
  const form *picked = pick_form(s, &p), *mixed = templates_form(l, "mixed");
  const form *act = templates_form(l, "do"), *request = templates_form(l, "request");
  if (act && (picked == act || picked == request)) {
    CLIO_TRY(try_deeds(s, act, &done));
    picked = request ? request : mixed;
  }
  if (!done) CLIO_TRY(try_form(s, picked, &done));
  if (!done && picked != mixed) CLIO_TRY(try_form(s, mixed, &done));
  return done ? CLIO_OK : take_other(s);
}

/* ---- descriptions ---- */

clio_status wording_describe(subject *s) {
  profile p;
  char tell[TEXT], text[TEXT], mentions[TEXT];
  int done = 0;
  take_profile(s, &p);
  fill(s->language, pick_form(s, &p)->tell, &(filling){0}, tell);
  for (uint32_t k = s->topics.topics; k > 0 && !done; k--) {
    double cover = topics_coverage(s->node, s->topics.topic, k);
    filling f = with_topics(s, k, 0);
    const language *l = s->language;
    fill(l, cover >= 0.6 ? l->most : cover >= 0.3 ? l->many : l->some, &f, mentions);
    text[0] = '\0';
    append(text, span_of(tell));
    if ((unsigned char)text[0] < 0xE3) append(text, span_of(" "));
    append(text, span_of(mentions));
    CLIO_TRY(passes(s, text, 0, &done));
  }
  if (!done) {
    CLIO_TRY(passes(s, tell, 0, &done));
    return done ? keep(s, tell, &s->node->description) : CLIO_OK;
  }
  return keep(s, text, &s->node->description);
}
