/* topics.c - the few phrases that say what a node's members are about; see
 * topics.h. */
#include "chooser.h"

#include <math.h>

#include "surface.h"

/* Where fewer members hold one of the few topics that a name has room for, wider
 * themes are looked at. */
enum { NAMED_TOPICS = 5 };
static const double speaks_for = 0.62, many_more = 0.15;

/* ---- candidates ---- */

static double log_ratio(uint32_t own, uint64_t own_rows, uint32_t other, uint64_t other_rows) {
  uint64_t left = other > own ? other - own : 0;
  uint64_t rows = other_rows > own_rows ? other_rows - own_rows : 0;
  if (rows == 0) return 0;
  double p = ((double)own + 0.5) / ((double)own_rows + 1);
  double q = ((double)left + 0.5) / ((double)rows + 1);
  return log2(p / q);
}

double topics_lift(const contrast *a, uint32_t own, uint32_t siblings_own, uint32_t whole_own) {
  double whole = log_ratio(own, a->own_rows, whole_own, a->whole_rows);
  double siblings = log_ratio(own, a->own_rows, siblings_own, a->siblings_rows);
  double lift = (whole + siblings) / 2 / 3;
  return lift < 0 ? 0 : lift > 1 ? 1 : lift;
}

static double lift_of(const contrast *a, uint32_t id) {
  return topics_lift(a, a->own[id], a->siblings[id], a->whole[id]);
}

/* A content word: not on a frame list, which many a function word is not because it is also a name
 * somewhere ("mit", "du"), and none of the language's own function words. */
static int is_content(const chooser *c, uint32_t stem) {
  return (c->corpus->stem_kind[stem] & STEM_CONTENT) && !c->language->mark[MARK_STOP][stem];
}

/* Begins and ends in a content word, with no others between but the likes of
 * "of". Weak words alone must be what sets the node apart: "the best way". */
static int may_stand(const chooser *c, uint32_t id) {
  uint32_t stems[PHRASE_MAX], words = phrases_stems(c->corpus, id, stems), strong = 0;
  int ends = c->language->mark[MARK_TAIL][stems[words - 1]];
  if (!is_content(c, stems[words - 1]) && !ends) return 0;
  if (c->language->mark[MARK_STOP][stems[0]]) return 0;
  for (uint32_t i = 0; i < words; i++) {
    int content = is_content(c, stems[i]);
    if (!content && !c->language->mark[MARK_INNER][stems[i]] && !(ends && i + 1 == words)) return 0;
    if (c->language->mark[MARK_ASKS][stems[i]] && !c->language->gerund) return 0;
    strong += content && !c->language->mark[MARK_WEAK][stems[i]];
  }
  return strong > 0 || (words > 1 && c->against->own[id] * 3 > c->node->members);
}

static int by_first_guess(const void *a, const void *b) {
  const candidate *x = a, *y = b;
  if (x->first != y->first) return x->first > y->first ? -1 : 1;
  return (x->topic.phrase > y->topic.phrase) - (x->topic.phrase < y->topic.phrase);
}

/* The phrases worth a closer look: common among members, and more so than elsewhere. */
static clio_status gather(chooser *c) {
  const contrast *a = c->against;
  uint64_t room = MAX_THEMES, n = 0;
  for (uint32_t i = 0; i < c->corpus->phrases; i++) room += a->own[i] >= a->least;
  candidate *all = clio_scratch_array(c->corpus->host, c->corpus->call, room, sizeof *all);
  if (!all) return clio_nomem(c->corpus->host, c->corpus->call);
  for (uint32_t i = 0; i < c->corpus->phrases; i++) {
    if (a->own[i] < a->least || !may_stand(c, i)) continue;
    double lift = lift_of(a, i);
    all[n++] = (candidate){.topic = {.phrase = i, .df = a->own[i]},
                           .lift = lift,
                           .first = (double)a->own[i] * (0.1 + lift) * c->corpus->phrase[i].words};
  }
  qsort(all, n, sizeof *all, by_first_guess);
  c->item = all;
  c->count = n < MAX_CANDIDATES ? (uint32_t)n : MAX_CANDIDATES;
  return CLIO_OK;
}

/* ---- what stands around them ---- */

static void look_around(const chooser *c, candidate *k, uint64_t token, uint64_t row) {
  const phrase_corpus *corpus = c->corpus;
  uint64_t last = token + corpus->phrase[k->topic.phrase].words - 1;
  k->uses++;
  k->free_right += (uint64_t)phrases_part_ends(corpus, last, row);
  if (corpus->token[token].flags & TOKEN_SENTENCE) {
    k->after_verb++; /* as imperatives stand */
  } else if (token > corpus->start[row] && !(corpus->token[token].flags & TOKEN_BREAK)) {
    uint32_t before = corpus->token[token - 1].stem;
    k->compound += is_content(c, before) != 0;
    k->after_preposition += c->language->mark[MARK_PREPOSITION][before];
    k->after_noun += c->language->mark[MARK_NOUN_AFTER][before];
    k->after_verb += c->language->mark[MARK_VERB_AFTER][before];
  }
}

static clio_status scan_members(chooser *c) {
  const phrase_corpus *corpus = c->corpus;
  c->place = room_numbers(c->room, 1);
  for (uint32_t i = 0; i < c->count; i++) {
    c->place[c->item[i].topic.phrase] = i + 1;
    c->item[i].topic.covers = room_take(c->room, c->node->members);
    if (!c->item[i].topic.covers) return clio_nomem(corpus->host, corpus->call);
  }
  for (uint64_t m = 0; m < c->node->members; m++) {
    uint64_t row = c->node->member[m];
    for (uint64_t k = corpus->start[row] * PHRASE_MAX; k < corpus->start[row + 1] * PHRASE_MAX;
         k++) {
      uint32_t id = corpus->at[k], place = id == PHRASE_NONE ? 0 : c->place[id];
      if (place == 0) continue;
      c->item[place - 1].topic.covers[m] = 1;
      look_around(c, &c->item[place - 1], k / PHRASE_MAX, row);
    }
  }
  return CLIO_OK;
}

/* ---- weights ---- */

static int is_verb(const chooser *c, const candidate *k) {
  uint32_t stems[PHRASE_MAX];
  phrases_stems(c->corpus, k->topic.phrase, stems);
  if (c->language->verb_ends.count > 0)
    return surface_ends_with(c->corpus, stems[0], &c->language->verb_ends);
  if (c->language->mark[MARK_ASKS][stems[0]] && k->after_verb > k->after_noun + k->compound)
    return 1;
  return k->after_verb * 2 > k->uses && k->after_verb > k->after_noun;
}

/* Do mostly members of another language use it? It would read ill in the name. */
static int is_foreign(const chooser *c, const topic *t) {
  uint64_t own = 0, foreign = 0;
  for (uint64_t m = 0; m < c->node->members; m++) {
    uint8_t written = c->against->forms[c->node->member[m]].language;
    if (!t->covers[m] || written == FORM_UNKNOWN) continue;
    if (written == c->against->language)
      own++;
    else
      foreign++;
  }
  return foreign > own;
}

static double weigh(const chooser *c, candidate *k) {
  uint32_t stems[PHRASE_MAX], words = phrases_stems(c->corpus, k->topic.phrase, stems);
  uint32_t content = 0, weak = 0;
  double taken = 1;
  for (uint32_t i = 0; i < words; i++) {
    content += is_content(c, stems[i]) != 0;
    weak += c->language->mark[MARK_WEAK][stems[i]];
    if (c->against->taken[stems[i]] < taken) taken = c->against->taken[stems[i]];
  }
  double weight = (0.1 + k->lift) * taken * (1 + 0.3 * (content - 1));
  weight *= 0.35 + 0.65 * (double)k->free_right / (double)k->uses;
  if (k->compound * 5 > k->uses * 3) weight *= 0.5; /* the longer phrase says more */
  if (weak > 0) weight *= 0.6;
  if (weak == content && (k->lift < 0.5 || is_verb(c, k))) return 0;
  if (words == 1 && surface_ends_with(c->corpus, stems[0], &c->language->drop_ends)) return 0;
  if (is_foreign(c, &k->topic)) return 0;
  if (k->lift < 0.1 && k->topic.df * 4 < c->node->members) return 0;
  k->topic.is_verb = is_verb(c, k);
  k->topic.is_aside = k->after_preposition * 4 > k->uses;
  if (!k->topic.is_verb) return weight;
  if (!c->language->gerund || words > 1 || c->language->mark[MARK_ASKS][stems[0]]) return 0;
  return surface_has_gerund(c->corpus, stems[0]) ? 0.6 * weight : 0;
}

static int share_stem(const phrase_corpus *c, const uint32_t *x, uint32_t n, const uint32_t *y,
                      uint32_t m) {
  for (uint32_t i = 0; i < n; i++)
    for (uint32_t j = 0; j < m; j++)
      if (x[i] == y[j] && (c->stem_kind[x[i]] & STEM_CONTENT)) return 1;
  return 0;
}

int topics_share_word(const phrase_corpus *c, uint32_t a, uint32_t b) {
  uint32_t x[PHRASE_MAX], y[PHRASE_MAX];
  uint32_t n = phrases_stems(c, a, x), m = phrases_stems(c, b, y);
  return share_stem(c, x, n, y, m);
}

/* The stems that a topic is shown by; returns how many. */
static uint32_t stems_of(const phrase_corpus *c, const topic *t, uint32_t ret[PHRASE_MAX]) {
  if (!t->is_theme) return phrases_stems(c, t->phrase, ret);
  memcpy(ret, t->said, sizeof t->said);
  return t->saids;
}

/* Is `part` a run of words inside `whole`? */
static int is_inside(const chooser *c, uint32_t part, uint32_t whole) {
  uint32_t x[PHRASE_MAX], y[PHRASE_MAX];
  uint32_t n = phrases_stems(c->corpus, part, x), m = phrases_stems(c->corpus, whole, y);
  for (uint32_t from = 0; from + n <= m; from++)
    if (memcmp(x, y + from, n * sizeof *x) == 0) return n < m;
  return 0;
}

/* A word that mostly stands in one longer phrase gives way to it. */
static void drop_parts(chooser *c) {
  for (uint32_t i = 0; i < c->count; i++)
    for (uint32_t j = 0; j < c->count; j++) {
      const candidate *longer = &c->item[j];
      if (longer->topic.df * 2 < c->item[i].topic.df || longer->topic.weight <= 0) continue;
      if (!is_inside(c, c->item[i].topic.phrase, longer->topic.phrase)) continue;
      c->item[i].topic.weight = 0;
      break;
    }
}

/* ---- choosing ---- */

/* Members that only this phrase speaks for count in full, others a little. */
static double gain_of(const chooser *c, const topic *t, const uint8_t *covered) {
  uint64_t fresh = 0, again = 0;
  for (uint64_t m = 0; m < c->node->members; m++) {
    if (!t->covers[m]) continue;
    fresh += !covered[m];
    again += covered[m];
  }
  return t->weight * ((double)fresh + (t->is_theme ? 0.02 : 0.15) * (double)again);
}

/* Would one of them say again what the other says? */
static int says_again(const chooser *c, const topic *a, const topic *b) {
  uint32_t x[PHRASE_MAX], y[PHRASE_MAX];
  if ((a->bit | a->parts) & (b->bit | b->parts) & (a->bit | b->bit)) return 1;
  uint32_t n = stems_of(c->corpus, a, x), m = stems_of(c->corpus, b, y);
  return share_stem(c->corpus, x, n, y, m);
}

/* The best that is left; `wide`: among wide themes too. */
static const candidate *best_left(const chooser *c, const uint8_t *covered,
                                  const node_topics *chosen, int wide) {
  const candidate *best = NULL;
  double most = 0;
  for (uint32_t i = 0; i < c->count; i++) {
    const candidate *k = &c->item[i];
    int clash = k->topic.weight <= 0 || (k->topic.parts && !wide);
    for (uint32_t t = 0; t < chosen->topics && !clash; t++)
      clash = says_again(c, &k->topic, &chosen->topic[t]);
    double gain = clash ? 0 : gain_of(c, &k->topic, covered);
    if (gain <= most) continue;
    most = gain;
    best = k;
  }
  return best;
}

/* Keeps what has weight, for whoever looks for objects of verbs. */
static clio_status keep_candidates(const chooser *c, node_topics *ret) {
  ret->candidate =
      clio_scratch_array(c->corpus->host, c->corpus->call, c->count, sizeof *ret->candidate);
  if (!ret->candidate) return clio_nomem(c->corpus->host, c->corpus->call);
  for (uint32_t i = 0; i < c->count; i++)
    if (c->item[i].topic.weight > 0) ret->candidate[ret->candidates++] = c->item[i].topic;
  return CLIO_OK;
}

/* Takes topics, best first, until none adds anything; returns the share of members that
 * those which a name has room for speak for. */
static double choose_greedily(const chooser *c, int wide, uint8_t *covered, node_topics *ret) {
  ret->topics = 0;
  memset(covered, 0, c->node->members);
  while (ret->topics < MAX_TOPICS) {
    const candidate *best = best_left(c, covered, ret, wide);
    if (!best) break;
    ret->topic[ret->topics++] = best->topic;
    for (uint64_t m = 0; m < c->node->members; m++) covered[m] |= best->topic.covers[m];
  }
  uint32_t named = ret->topics < NAMED_TOPICS ? ret->topics : NAMED_TOPICS;
  return topics_coverage(c->node, ret->topic, named);
}

/* Narrow topics; or where these speak for few, wider ones, if they speak for many more. */
static void choose_best(const chooser *c, uint8_t *covered, node_topics *ret) {
  double narrow = choose_greedily(c, 0, covered, ret);
  if (narrow >= speaks_for) return;
  node_topics wide = *ret;
  if (choose_greedily(c, 1, covered, &wide) >= narrow + many_more) *ret = wide;
}

clio_status topics_choose(const phrase_corpus *corpus, const language *l, const tree_node *node,
                          const contrast *against, node_room *room, node_topics *ret) {
  chooser c = {corpus, l, node, against, room, NULL, 0, NULL};
  uint8_t *covered = room_take(room, node->members);
  if (!covered) return clio_nomem(corpus->host, corpus->call);
  CLIO_TRY(gather(&c));
  CLIO_TRY(scan_members(&c));
  for (uint32_t i = 0; i < c.count; i++) c.item[i].topic.weight = weigh(&c, &c.item[i]);
  drop_parts(&c);
  *ret = (node_topics){0};
  CLIO_TRY(keep_candidates(&c, ret));
  CLIO_TRY(themes_add(&c));
  choose_best(&c, covered, ret);
  for (uint32_t i = 0; i < ret->topics; i++) {
    topic *t = &ret->topic[i];
    if (!t->is_theme) CLIO_TRY(surface_of(corpus, l, node, t, NULL, &t->text));
  }
  return CLIO_OK;
}

double topics_coverage(const tree_node *node, const topic *topics, uint32_t count) {
  uint64_t covered = 0;
  for (uint64_t m = 0; m < node->members; m++) {
    int hit = 0;
    for (uint32_t t = 0; t < count && !hit; t++) hit = topics[t].covers && topics[t].covers[m];
    covered += (uint64_t)hit;
  }
  return node->members > 0 ? (double)covered / (double)node->members : 0;
}
