/* deeds.c - requests as a verb and what it is done to; see deeds.h. */
#include "deeds.h"

#include "surface.h"

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

/* Finds the objects of one verb; words of `taken` are gone. */
static clio_status find_objects(const phrase_corpus *c, const language *l, const tree_node *node,
                                const node_topics *known, const uint8_t *mask, uint64_t asked,
                                topic *taken, uint32_t *taken_count, deed *ret) {
  while (ret->objects < MAX_OBJECTS) {
    uint64_t least = asked / (ret->objects == 0 ? 8 : 12);
    const topic *best =
        topics_best_among(c, node, known, mask, least > 3 ? least : 3, taken, *taken_count);
    if (!best) break;
    topic *object = &ret->object[ret->objects++];
    *object = taken[(*taken_count)++] = *best;
    CLIO_TRY(surface_of(c, l, node, object, mask, &object->text));
  }
  return CLIO_OK;
}

clio_status deeds_choose(const phrase_corpus *c, const language *l, uint8_t number,
                         const tree_node *node, const row_form *forms, const node_topics *topics,
                         node_deeds *ret) {
  uint64_t asked[MAX_VERBS], all = 0;
  uint8_t tried[MAX_VERBS] = {0}, *mask = clio_scratch_array(c->host, c->call, node->members, 1);
  topic taken[MAX_DEEDS * MAX_OBJECTS];
  uint32_t taken_count = 0;
  if (!mask) return clio_nomem(c->host, c->call);
  count_verbs(number, node, forms, asked);
  for (uint32_t v = 0; v < l->verbs; v++) all += asked[v];
  ret->count = 0;
  while (ret->count < MAX_DEEDS) {
    uint32_t v = next_verb(l, asked, tried);
    if (v == UINT32_MAX || asked[v] * 8 < all) break;
    tried[v] = 1;
    for (uint64_t m = 0; m < node->members; m++) {
      const row_form *f = &forms[node->member[m]];
      mask[m] = f->language == number && f->verb == v;
    }
    deed *d = &ret->deed[ret->count];
    *d = (deed){.verb = v, .share = (double)asked[v] / (double)node->members};
    CLIO_TRY(find_objects(c, l, node, topics, mask, asked[v], taken, &taken_count, d));
    ret->count += d->objects > 0;
  }
  return CLIO_OK;
}
