/* wording.c - names and descriptions; see wording.h. */
#include "wording.h"

#include "filling.h"

enum { NAME_WORDS = 10, DESCRIPTION_WORDS = 60, NAME_TOPICS = 5, FEW_TOPICS = 2 };

/* Shares of members that must hold one of the topics' very words for "about", and for "often
 * about". Members of a cluster are near each other in meaning, so more are about a topic than
 * use its word. `worth`: the share that a topic must add. */
static const double about = 0.5, often = 0.25, worth = 0.04, deeds_about = 0.4,
                    objects_share = 0.55, topics_say_more = 0.6;

static clio_span span_of(const char *text) { return clio_span_of(text, (int64_t)strlen(text)); }

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

/* ---- names ---- */

static void note_used(subject *s, const topic *topics, uint32_t count) {
  for (uint32_t i = 0; i < count && s->used_count < MAX_USED; i++)
    s->used[s->used_count++] = topics[i].phrase;
}

static filling with_topics(const subject *s, uint32_t topics) {
  filling f = {.topics = topics, .slots = s->topics.slots};
  for (uint32_t i = 0; i < topics; i++) f.topic[i] = span_of(s->topics.topic[i].text);
  for (uint32_t i = 0; i < s->topics.slots; i++) f.slot[i] = span_of(s->topics.slot[i].text);
  return f;
}

/* The topics worth a place in the name: those that add members, and fewer of them
 * while few are spoken for. */
static uint32_t useful_topics(const subject *s) {
  const topic *t = s->topics.topic;
  uint32_t count = s->topics.topics < NAME_TOPICS ? s->topics.topics : NAME_TOPICS;
  while (count > 0) {
    double before = topics_coverage(s->node, t, count - 1);
    if (topics_coverage(s->node, t, count) - before >= (before < 0.6 ? worth / 2 : worth)) break;
    count--;
  }
  return count;
}

/* How a name may speak of the first `count` topics, honestly. */
static clio_span topic_template(const subject *s, const name_set *set, uint32_t count) {
  double cover = topics_coverage(s->node, s->topics.topic, count);
  return cover >= about ? set->topics : cover >= often ? set->often : set->some;
}

/* One name of the set, with `k` topics and at most `verbs` verbs. */
static clio_status try_one(subject *s, const name_set *set, uint32_t k, uint32_t verbs,
                           int *ret_done) {
  char text[FILLED_TEXT];
  filling f = with_topics(s, k);
  uint32_t kinds = k > FEW_TOPICS ? 1 : k > 0 ? 2 : MAX_KINDS; /* many topics want the room */
  f.kinds = profile_kinds(s, kinds, f.kind);
  f.verbs = profile_verbs(s, verbs, f.verb);
  clio_span alone = f.kinds == 0 && set->bare.s ? set->bare : set->alone;
  clio_span template = k > 0 ? topic_template(s, set, k) : alone;
  if (!template.s) return CLIO_OK;
  filling_write(s->language, template, &f, text);
  CLIO_TRY(offer(s, text, ret_done));
  if (*ret_done) note_used(s, s->topics.topic, k);
  return CLIO_OK;
}

/* Topics fewer and fewer, and with each number of them verbs, until a name passes. */
static clio_status try_set(subject *s, int names, int *ret_done) {
  const name_set *set = &s->language->name_set[names];
  uint32_t topics = useful_topics(s), verbs = names == NAME_DO ? MAX_NAME_VERBS : 1;
  if (names == NAME_DO && topics > 2) topics = 2; /* leave room for verbs */
  for (uint32_t k = topics + 1; k > 0 && !*ret_done; k--)
    for (uint32_t v = verbs; v > 0 && !*ret_done; v--)
      CLIO_TRY(try_one(s, set, k - 1, v, ret_done));
  return CLIO_OK;
}

/* "How to make, get or steal something", where the verbs say more than topics do. */
static clio_status try_slots(subject *s, const form *f, int *ret_done) {
  char text[FILLED_TEXT];
  double cover = topics_coverage(s->node, s->topics.slot, s->topics.slots);
  double topics = topics_coverage(s->node, s->topics.topic, useful_topics(s));
  if (!f->verbs.s || s->topics.slots == 0 || cover < 0.8 * topics) return CLIO_OK;
  if (topics >= topics_say_more) return CLIO_OK;
  for (uint32_t k = s->topics.slots; k > 0 && !*ret_done; k--) {
    filling filled = with_topics(s, 0);
    filled.slots = k;
    filling_write(s->language, cover >= about ? f->verbs : f->verbs_more, &filled, text);
    CLIO_TRY(offer(s, text, ret_done));
  }
  return CLIO_OK;
}

/* One name from `count` deeds of `objects` objects each. */
static clio_status try_deed(subject *s, uint32_t count, uint32_t objects, int *ret_done) {
  char item[MAX_DEEDS][DEED_TEXT], text[FILLED_TEXT];
  filling f = {.deeds = count};
  for (uint32_t i = 0; i < count; i++) {
    if (s->deeds.deed[i].objects < objects) return CLIO_OK;
    deeds_text(s->language, &s->deeds.deed[i], objects, item[i]);
    f.deed[i] = span_of(item[i]);
  }
  filling_write(s->language, s->language->name_set[NAME_DO].topics, &f, text);
  CLIO_TRY(offer(s, text, ret_done));
  for (uint32_t i = 0; i < count && *ret_done; i++) note_used(s, s->deeds.deed[i].object, objects);
  return CLIO_OK;
}

/* "Write or create something, such as a story or a list", and the like. */
static clio_status try_verbs(subject *s, clio_span template, const topic *objects, uint32_t count,
                             uint32_t verbs, int *ret_done) {
  char text[FILLED_TEXT];
  filling f = {.topics = count};
  if (*ret_done || !template.s) return CLIO_OK;
  for (uint32_t i = 0; i < count; i++) f.topic[i] = span_of(objects[i].text);
  f.verbs = profile_verbs(s, verbs, f.verb);
  filling_write(s->language, template, &f, text);
  CLIO_TRY(offer(s, text, ret_done));
  if (*ret_done) note_used(s, objects, count);
  return CLIO_OK;
}

/* The topics that can be objects; returns how many. */
static uint32_t objects_of(const subject *s, topic ret[MAX_USED]) {
  uint32_t topics = useful_topics(s), count = 0;
  for (uint32_t i = 0; i < topics; i++)
    if (!s->topics.topic[i].is_verb && !s->topics.topic[i].is_aside)
      ret[count++] = s->topics.topic[i];
  return count;
}

/* Verbs with their objects, where these speak for enough members. */
static clio_status try_all_deeds(subject *s, int *ret_done) {
  const node_deeds *d = &s->deeds;
  for (uint32_t k = d->count > 0 ? d->deed[0].objects : 0; k > 0 && !*ret_done; k--)
    if (deeds_coverage(s->node, s->forms, s->language_number, d, 1, k) >= deeds_about)
      CLIO_TRY(try_deed(s, 1, k, ret_done));
  for (uint32_t n = d->count; n > 1 && !*ret_done; n--)
    if (deeds_coverage(s->node, s->forms, s->language_number, d, n, 1) >= deeds_about)
      CLIO_TRY(try_deed(s, n, 1, ret_done));
  return CLIO_OK;
}

/* The verbs, with up to `count` objects as examples. */
static clio_status try_examples(subject *s, const topic *object, uint32_t count, int *ret_done) {
  clio_span such = s->language->name_set[NAME_DO].such;
  for (uint32_t k = count; k > 0 && !*ret_done; k--)
    for (uint32_t v = MAX_NAME_VERBS; v > 0 && !*ret_done; v--)
      CLIO_TRY(try_verbs(s, such, object, k, v, ret_done));
  return CLIO_OK;
}

/* Names by what is asked to be done: verbs with their objects; verbs, and what is
 * made; what it is about, where that speaks for many; verbs, and objects as examples. */
static clio_status try_deeds(subject *s, int *ret_done) {
  topic object[MAX_USED];
  CLIO_TRY(try_all_deeds(s, ret_done));
  uint32_t count = objects_of(s, object);
  double share = topics_coverage(s->node, object, count);
  for (uint32_t v = share >= objects_share ? 2 : 0; v > 0; v--)
    CLIO_TRY(try_verbs(s, s->language->name_set[NAME_DO].objects, object, count, v, ret_done));
  if (!*ret_done && topics_coverage(s->node, s->topics.topic, useful_topics(s)) >= about)
    CLIO_TRY(try_set(s, NAME_REQUEST, ret_done));
  if (share >= often) CLIO_TRY(try_examples(s, object, count < 3 ? count : 3, ret_done));
  count = deeds_objects(&s->deeds, object);
  return try_examples(s, object, count < 2 ? count : 2, ret_done);
}

/* "Requests in various languages", in the language most common in the run. */
static clio_status try_languages(subject *s, int *ret_done) {
  char text[FILLED_TEXT];
  filling_write(s->common, s->common->name_set[NAME_LANGUAGES].alone, &(filling){0}, text);
  return offer(s, text, ret_done);
}

/* Names of last resort, made of frame words; taken ones rather than none. */
static clio_status take_other(subject *s) {
  char text[FILLED_TEXT] = "";
  int done = 0;
  for (uint32_t i = 0; i < s->language->other.count && !done; i++) {
    filling_write(s->language, s->language->other.item[i], &(filling){0}, text);
    CLIO_TRY(offer(s, text, &done));
  }
  return done ? CLIO_OK : keep(s, text, &s->node->name);
}

/* For whoever tunes templates: shares, and no word of anyone. */
static void log_profile(const subject *s) {
  char text[FILLED_TEXT] = "";
  for (uint32_t f = 0; f < s->language->forms; f++) {
    size_t used = strlen(text);
    clio_span id = s->language->form[f].id;
    if (s->profile.form[f] >= 0.05)
      snprintf(text + used, FILLED_TEXT - used, " %.*s %.2f", (int)id.len, id.s,
               s->profile.form[f]);
  }
  clio_logf(s->corpus->host, s->corpus->call, CLIO_LOG_DEBUG,
            "cluster %lld, %llu members read: forms%s; topics in %.2f, verbs in %.2f",
            (long long)s->node->id, (unsigned long long)s->node->members, text,
            topics_coverage(s->node, s->topics.topic, useful_topics(s)),
            topics_coverage(s->node, s->topics.slot, s->topics.slots));
}

clio_status wording_name(subject *s) {
  int done = 0, names = profile_names(s);
  const form *main_form = profile_main_form(s);
  s->used_count = 0;
  log_profile(s);
  if (names == NAME_LANGUAGES) CLIO_TRY(try_languages(s, &done));
  if (names == NAME_LANGUAGES) names = NAME_MIXED;
  if (!done && main_form) CLIO_TRY(try_slots(s, main_form, &done));
  if (!done && names == NAME_DO) CLIO_TRY(try_deeds(s, &done));
  if (!done) CLIO_TRY(try_set(s, names, &done));
  if (!done && names != NAME_MIXED) CLIO_TRY(try_set(s, NAME_MIXED, &done));
  return done ? CLIO_OK : take_other(s);
}

/* ---- descriptions ---- */

/* The first sentence: what members do. */
static clio_span tell_of(const subject *s, const language *l) {
  const form *main_form = profile_main_form(s);
  int names = profile_names(s);
  if (names == NAME_LANGUAGES) return l->name_set[NAME_MIXED].tell;
  return main_form && main_form->tell.s ? main_form->tell : l->name_set[names].tell;
}

clio_status wording_describe(subject *s) {
  char tell[FILLED_TEXT], mentions[FILLED_TEXT], text[2 * FILLED_TEXT];
  int done = 0;
  const language *l = s->language;
  if (profile_names(s) == NAME_LANGUAGES) {
    l = s->common;
    s->topics.topics = 0; /* they are in one of the languages */
  }
  filling_write(l, tell_of(s, l), &(filling){0}, tell);
  for (uint32_t k = s->topics.topics; k > 0 && !done; k--) {
    double cover = topics_coverage(s->node, s->topics.topic, k);
    const filling f = with_topics(s, k);
    filling_write(l, cover >= 0.6 ? l->most : cover >= 0.3 ? l->many : l->some, &f, mentions);
    snprintf(text, sizeof text, "%s%s%s", tell, (unsigned char)tell[0] < 0xE3 ? " " : "", mentions);
    CLIO_TRY(passes(s, text, 0, &done));
  }
  if (done) return keep(s, text, &s->node->description);
  CLIO_TRY(passes(s, tell, 0, &done));
  return done ? keep(s, tell, &s->node->description) : CLIO_OK;
}
