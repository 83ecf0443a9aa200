/* deeds.c - requests as a verb and what it is done to; see deeds.h. */
#include "deeds.h"

#include "surface.h"

enum { NEAR = 6 }; /* words after a verb in which its object begins */

/* ---- joining ---- */

static void append(char *text, size_t size, const char *part, int64_t len) {
  size_t used = strlen(text);
  snprintf(text + used, size - used, "%.*s", (int)len, part);
}

static int is_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || ((unsigned char)c & 0x80);
}

/* A join as written, with the spaces its marks need: ", " but " and ". Scripts
 * without spaces write none. */
static void append_join(char *text, size_t size, clio_span join) {
  if (join.len == 0) return;
  int wide = (unsigned char)join.s[0] >= 0xE3;
  if (!wide && is_letter(join.s[0])) append(text, size, " ", 1);
  append(text, size, join.s, join.len);
  if (!wide) append(text, size, " ", 1);
}

void deeds_join(const language *l, const clio_span *items, uint32_t count, int last, char *text,
                size_t size) {
  for (uint32_t i = 0; i < count; i++) {
    if (i > 0) append_join(text, size, l->join[i + 1 < count ? 0 : last]);
    append(text, size, items[i].s, items[i].len);
  }
}

void deeds_text(const language *l, const deed *d, uint32_t objects, char *ret) {
  clio_span item[MAX_OBJECTS];
  ret[0] = '\0';
  append(ret, DEED_TEXT, l->verb[d->verb].shown.s, l->verb[d->verb].shown.len);
  surface_lower_first(ret);
  if ((unsigned char)ret[0] < 0xE3) append(ret, DEED_TEXT, " ", 1);
  for (uint32_t i = 0; i < objects; i++)
    item[i] = clio_span_of(d->object[i].text, (int64_t)strlen(d->object[i].text));
  deeds_join(l, item, objects, 1, ret, DEED_TEXT);
}

/* ---- choosing ---- */

/* Rows that ask for a verb, by verb. */
static void count_verbs(uint8_t number, const tree_node *node, const row_form *forms,
                        uint64_t ret[MAX_VERBS]) {
  memset(ret, 0, MAX_VERBS * sizeof *ret);
  for (uint64_t m = 0; m < node->members; m++) {
    const row_form *f = &forms[node->member[m]];
    if (f->language == number && f->verb != FORM_UNKNOWN) ret[f->verb]++;
  }
}

static uint32_t next_verb(const language *l, const uint64_t *asked, const uint8_t *tried) {
  uint32_t best = UINT32_MAX;
  for (uint32_t v = 0; v < l->verbs; v++)
    if (!tried[v] && asked[v] > 0 && (best == UINT32_MAX || asked[v] > asked[best])) best = v;
  return best;
}

/* The candidates that stand right after a verb, and in which members. */
typedef struct nearby {
  const phrase_corpus *corpus;
  const tree_node *node;
  node_room *room;
  topic *item; /* copies of the candidates, with covers of their own */
  uint64_t *hits;
  uint32_t count, *place; /* by phrase: item + 1 */
} nearby;

static clio_status nearby_new(const phrase_corpus *c, const tree_node *node,
                              const node_topics *known, node_room *room, nearby *ret) {
  *ret = (nearby){.corpus = c, .node = node, .room = room, .count = known->candidates};
  ret->item = clio_scratch_array(c->host, c->call, ret->count, sizeof *ret->item);
  ret->hits = clio_scratch_array(c->host, c->call, ret->count, sizeof *ret->hits);
  ret->place = room_numbers(room, 1);
  if (!ret->item || !ret->hits) return clio_nomem(c->host, c->call);
  for (uint32_t i = 0; i < ret->count; i++) {
    ret->item[i] = known->candidate[i];
    ret->item[i].covers = room_take(room, node->members);
    if (!ret->item[i].covers) return clio_nomem(c->host, c->call);
    ret->place[ret->item[i].phrase] = i + 1;
  }
  return CLIO_OK;
}

/* Looks for candidates in the few words after one member's verb, up to the first
 * preposition: what follows that is no object. */
static void look_after(nearby *n, const language *l, uint64_t member, uint64_t slot) {
  const phrase_corpus *c = n->corpus;
  uint64_t end = c->start[n->node->member[member] + 1];
  for (uint64_t t = slot; t < end && t < slot + NEAR; t++) {
    if (t > slot && (c->token[t].flags & TOKEN_SENTENCE)) return;
    if (l->mark[MARK_PREPOSITION][c->token[t].stem]) return;
    for (uint64_t k = t * PHRASE_MAX; k < (t + 1) * PHRASE_MAX; k++) {
      uint32_t place = c->at[k] == PHRASE_NONE ? 0 : n->place[c->at[k]];
      if (place == 0 || n->item[place - 1].covers[member]) continue;
      n->item[place - 1].covers[member] = 1;
      n->hits[place - 1]++;
    }
  }
}

static void look_after_verb(nearby *n, const language *l, const row_form *forms, uint8_t number,
                            uint32_t verb) {
  memset(n->hits, 0, n->count * sizeof *n->hits);
  for (uint32_t i = 0; i < n->count; i++) memset(n->item[i].covers, 0, n->node->members);
  for (uint64_t m = 0; m < n->node->members; m++) {
    const row_form *f = &forms[n->node->member[m]];
    if (f->language == number && f->verb == verb && f->slot != UINT64_MAX)
      look_after(n, l, m, f->slot);
  }
}

/* The object that most stand before, of those that share no word with `taken`. */
static const topic *best_object(const nearby *n, uint64_t least, const topic *taken,
                                uint32_t count) {
  const topic *best = NULL;
  double most = 0;
  for (uint32_t i = 0; i < n->count; i++) {
    const topic *t = &n->item[i];
    int clash = t->is_verb || t->is_aside || n->hits[i] < least;
    for (uint32_t k = 0; k < count && !clash; k++)
      clash = topics_share_word(n->corpus, t->phrase, taken[k].phrase);
    double worth = (double)n->hits[i] * (0.3 + t->weight);
    if (clash || worth <= most) continue;
    most = worth;
    best = t;
  }
  return best;
}

/* Finds the objects of one verb; the words of `taken` are gone. */
static clio_status find_objects(const nearby *n, const language *l, uint64_t asked, topic *taken,
                                uint32_t *taken_count, deed *ret) {
  const phrase_corpus *c = n->corpus;
  while (ret->objects < MAX_OBJECTS) {
    uint64_t least = asked / (ret->objects == 0 ? 10 : 14);
    const topic *best = best_object(n, least > 3 ? least : 3, taken, *taken_count);
    if (!best) break;
    topic *object = &ret->object[ret->objects++];
    *object = taken[(*taken_count)++] = *best;
    object->covers = room_take(n->room, n->node->members);
    if (!object->covers) return clio_nomem(c->host, c->call);
    memcpy(object->covers, best->covers, n->node->members);
    CLIO_TRY(surface_of(c, l, n->node, object, object->covers, &object->text));
  }
  return CLIO_OK;
}

clio_status deeds_choose(const phrase_corpus *c, const language *l, uint8_t number,
                         const tree_node *node, const row_form *forms, const node_topics *topics,
                         node_room *room, node_deeds *ret) {
  uint64_t asked[MAX_VERBS], all = 0;
  uint8_t tried[MAX_VERBS] = {0};
  topic taken[MAX_DEEDS * MAX_OBJECTS];
  uint32_t taken_count = 0;
  nearby near;
  ret->count = 0;
  CLIO_TRY(nearby_new(c, node, topics, room, &near));
  count_verbs(number, node, forms, asked);
  for (uint32_t v = 0; v < l->verbs; v++) all += asked[v];
  while (ret->count < MAX_DEEDS) {
    uint32_t v = next_verb(l, asked, tried);
    if (v == UINT32_MAX || asked[v] * 10 < all) break;
    tried[v] = 1;
    look_after_verb(&near, l, forms, number, v);
    deed *d = &ret->deed[ret->count];
    *d = (deed){.verb = v, .share = (double)asked[v] / (double)node->members};
    CLIO_TRY(find_objects(&near, l, asked[v], taken, &taken_count, d));
    ret->count += d->objects > 0;
  }
  return CLIO_OK;
}

/* Does this member ask for the deed, with one of its objects? */
static int does(const row_form *f, const deed *d, uint32_t objects, uint64_t member) {
  if (f->verb != d->verb) return 0;
  for (uint32_t k = 0; k < objects && k < d->objects; k++)
    if (d->object[k].covers[member]) return 1;
  return 0;
}

double deeds_coverage(const tree_node *node, const row_form *forms, uint8_t number,
                      const node_deeds *d, uint32_t count, uint32_t objects) {
  uint64_t covered = 0;
  for (uint64_t m = 0; m < node->members; m++) {
    const row_form *f = &forms[node->member[m]];
    int hit = 0;
    for (uint32_t i = 0; i < count && f->language == number && !hit; i++)
      hit = does(f, &d->deed[i], objects, m);
    covered += (uint64_t)hit;
  }
  return node->members > 0 ? (double)covered / (double)node->members : 0;
}

uint32_t deeds_objects(const node_deeds *d, topic ret[MAX_DEEDS * MAX_OBJECTS]) {
  uint32_t count = 0;
  for (uint32_t k = 0; k < MAX_OBJECTS; k++)
    for (uint32_t i = 0; i < d->count; i++)
      if (k < d->deed[i].objects) ret[count++] = d->deed[i].object[k];
  return count;
}
