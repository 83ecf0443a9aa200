/* surface.c - phrases as people write them; see surface.h. */
#include "surface.h"

enum { TEXT = 256 };

/* ---- letters ---- */

/* Adds `step` to a small letter to make it large, and back: ASCII, Latin-1,
 * Greek and Cyrillic, whose two cases stand at a fixed distance. Returns the
 * code point after the change. */
static uint32_t change_case(uint32_t c, int upper) {
  static const struct {
    uint32_t low, high, distance; /* of the small letters */
  } ranges[] = {
      {'a', 'z', 32}, {0xE0, 0xFE, 32}, {0x3B1, 0x3C9, 32}, {0x430, 0x44F, 32}, {0x450, 0x45F, 80}};
  for (size_t i = 0; i < sizeof ranges / sizeof ranges[0]; i++) {
    uint32_t d = ranges[i].distance;
    if (c == 0xF7 || c == 0xD7) return c; /* division and multiplication signs */
    if (upper && c >= ranges[i].low && c <= ranges[i].high) return c - d;
    if (!upper && c + d >= ranges[i].low && c + d <= ranges[i].high) return c + d;
  }
  return c;
}

static void change_first(char *text, int upper) {
  unsigned char *s = (unsigned char *)text;
  if (s[0] < 0x80) {
    s[0] = (unsigned char)change_case(s[0], upper);
  } else if ((s[0] & 0xE0) == 0xC0 && s[1]) {
    uint32_t c = change_case((uint32_t)(s[0] & 0x1F) << 6 | (s[1] & 0x3F), upper);
    s[0] = (unsigned char)(0xC0 | c >> 6);
    s[1] = (unsigned char)(0x80 | (c & 0x3F));
  }
}

void surface_lower_first(char *text) { change_first(text, 0); }
void surface_upper_first(char *text) { change_first(text, 1); }

/* ---- counting forms ---- */

/* How often each form was met; the first of the most common by bytes wins. */
typedef struct tally {
  strmap forms;
  uint32_t *count;
  uint64_t room;
} tally;

static int tally_add(tally *t, const char *text) {
  uint32_t id = strmap_add(&t->forms, text, (int64_t)strlen(text));
  if (id == UINT32_MAX) return 0;
  if (id >= t->room) {
    uint64_t room = t->room ? 2 * t->room : 64;
    uint32_t *count = clio_scratch_array(t->forms.host, t->forms.call, room, sizeof *count);
    if (!count) return 0;
    if (t->room > 0) memcpy(count, t->count, t->room * sizeof *count);
    t->count = count;
    t->room = room;
  }
  t->count[id]++;
  return 1;
}

/* The number of the most common form, UINT32_MAX if there is none. */
static uint32_t tally_best(const tally *t) {
  uint32_t best = UINT32_MAX;
  for (uint32_t i = 0; i < t->forms.count; i++) {
    if (best == UINT32_MAX || t->count[i] > t->count[best] ||
        (t->count[i] == t->count[best] && strcmp(t->forms.key[i].s, t->forms.key[best].s) < 0))
      best = i;
  }
  return best;
}

/* Appends what stands at a token to `text` of TEXT bytes; too long is cut. */
static void append_word(const phrase_corpus *c, uint64_t token, int first, char *text) {
  size_t used = strlen(text);
  clio_span word = c->surfaces.key[c->token[token].surface];
  const char *gap = c->token[token].flags & TOKEN_JOINED   ? ""
                    : c->token[token].flags & TOKEN_HYPHEN ? "-"
                                                           : " ";
  snprintf(text + used, TEXT - used, "%s%.*s", first ? "" : gap, (int)word.len, word.s);
}

/* All forms of a phrase, and of the article before it. */
typedef struct forms_seen {
  tally phrase, article, definite;
  uint64_t uses, free, articles, definites, possessives; /* free: ends a part of a sentence */
} forms_seen;

static int see(const phrase_corpus *c, const language *l, uint64_t token, uint64_t row,
               uint32_t words, forms_seen *f) {
  char text[TEXT] = "", article[TEXT] = "";
  uint32_t flags = c->token[token].flags;
  for (uint32_t i = 0; i < words; i++) append_word(c, token + i, i == 0, text);
  if (flags & TOKEN_SENTENCE) surface_lower_first(text);
  f->uses++;
  if (!tally_add(&f->phrase, text)) return 0;
  f->free += (uint64_t)phrases_part_ends(c, token + words - 1, row);
  if (token == c->start[row] || (flags & (TOKEN_SENTENCE | TOKEN_BREAK | TOKEN_JOINED))) return 1;
  if (!phrases_part_ends(c, token + words - 1, row)) return 1; /* of a longer phrase */
  f->possessives += l->mark[MARK_POSSESSIVE][c->token[token - 1].stem];
  int definite = l->mark[MARK_DEFINITE][c->token[token - 1].stem];
  if (!definite && !l->mark[MARK_ARTICLE][c->token[token - 1].stem]) return 1;
  append_word(c, token - 1, 1, article);
  surface_lower_first(article);
  ++*(definite ? &f->definites : &f->articles);
  return tally_add(definite ? &f->definite : &f->article, article);
}

static int see_all(const phrase_corpus *c, const language *l, const tree_node *node, uint32_t id,
                   const uint8_t *mask, forms_seen *ret) {
  uint32_t words = c->phrase[id].words;
  for (uint64_t m = 0; m < node->members; m++) {
    uint64_t row = node->member[m];
    if (mask && !mask[m]) continue;
    for (uint64_t t = c->start[row]; t < c->start[row + 1]; t++)
      if (c->at[t * PHRASE_MAX + words - 1] == id && !see(c, l, t, row, words, ret)) return 0;
  }
  return 1;
}

/* ---- which form to show ---- */

static int ends_with(const char *text, clio_span end) {
  size_t len = strlen(text), tail = (size_t)end.len;
  return len > tail && memcmp(text + len - tail, end.s, tail) == 0;
}

/* The first form of those that end as the citation list says, in its order, and
 * are no rarity; UINT32_MAX where none does. "-" stands for the shortest form. */
static uint32_t citation_form(const tally *t, const text_list *ends, uint64_t uses) {
  for (uint32_t e = 0; e < ends->count; e++) {
    uint32_t best = UINT32_MAX;
    int shortest = clio_span_is(ends->item[e], "-");
    for (uint32_t i = 0; i < t->forms.count; i++) {
      if (!shortest && !ends_with(t->forms.key[i].s, ends->item[e])) continue;
      if (best == UINT32_MAX ||
          (shortest ? t->forms.key[i].len < t->forms.key[best].len : t->count[i] > t->count[best]))
        best = i;
    }
    if (best != UINT32_MAX && t->count[best] * 100 >= uses * (shortest ? 18 : 8)) return best;
  }
  return UINT32_MAX;
}

/* Is form `id` another one with a plural's ending? */
static int is_plural(const tally *t, uint32_t id, clio_span end) {
  clio_span text = t->forms.key[id];
  if (!ends_with(text.s, end)) return 0;
  return strmap_find(&t->forms, text.s, text.len - end.len) != UINT32_MAX;
}

/* A plural that is no rarity: it reads better than a bare singular. */
static uint32_t plural_form(const forms_seen *f, const text_list *ends) {
  const tally *t = &f->phrase;
  uint32_t best = UINT32_MAX;
  for (uint32_t i = 0; i < t->forms.count; i++)
    for (uint32_t e = 0; e < ends->count; e++)
      if (is_plural(t, i, ends->item[e]) && (best == UINT32_MAX || t->count[i] > t->count[best]))
        best = i;
  uint64_t rarity = f->possessives * 4 >= f->free ? 16 : 8; /* "my card" can be counted */
  int rare = best == UINT32_MAX || t->count[best] < 2 || t->count[best] * rarity < f->uses;
  return rare ? UINT32_MAX : best;
}

/* ---- English verbs ---- */

/* The -ing form of a stem, as someone in the corpus wrote it; s = NULL where
 * nobody did. In small letters, and the first of several. */
static clio_span gerund_of(const phrase_corpus *c, uint32_t stem) {
  for (uint32_t i = 0; i < c->surfaces.count; i++) {
    clio_span word = c->surfaces.key[i];
    if (c->stem_of[i] != stem || word.len < 5 || word.s[0] < 'a' || word.s[0] > 'z') continue;
    if (memcmp(word.s + word.len - 3, "ing", 3) == 0) return word;
  }
  return clio_span_of(NULL, 0);
}

int surface_has_gerund(const phrase_corpus *c, uint32_t stem) {
  return gerund_of(c, stem).s != NULL;
}

/* ---- for others ---- */

/* The article to show: what takes "a" now and then can be counted, and a bare
 * singular of it reads ill; "the" only where it mostly stands there. Or NULL. */
static const char *article_of(const forms_seen *f, const language *l, const char *word) {
  uint32_t article = tally_best(&f->article), definite = tally_best(&f->definite);
  if (definite != UINT32_MAX && f->definites * 2 >= f->free)
    return f->definite.forms.key[definite].s;
  if (article != UINT32_MAX && f->articles * 8 >= f->free) return f->article.forms.key[article].s;
  if (!l->gerund || f->possessives * 3 < f->free || f->possessives < 3) return NULL;
  return strchr("aeiou", word[0]) ? "an" : "a"; /* English: "my letter", so "a letter" */
}

static int is_capital(char c) { return c >= 'A' && c <= 'Z'; }

/* "SQL", "HTML and CSS" bear no article. */
static int is_acronym(const char *text) { return is_capital(text[0]) && is_capital(text[1]); }

clio_status surface_of(const phrase_corpus *c, const language *l, const tree_node *node,
                       const topic *t, const uint8_t *mask, const char **ret) {
  forms_seen f = {.phrase.forms = strmap_new(c->host, c->call),
                  .article.forms = strmap_new(c->host, c->call),
                  .definite.forms = strmap_new(c->host, c->call)};
  char *text = c->host->scratch(c->call, 2 * TEXT), words[TEXT];
  uint32_t stems[PHRASE_MAX];
  if (!text || !see_all(c, l, node, t->phrase, mask, &f)) return clio_nomem(c->host, c->call);
  *ret = text;
  uint32_t most = tally_best(&f.phrase), plural = plural_form(&f, &l->plural_ends);
  if (most == UINT32_MAX) return CLIO_OK;
  uint32_t cited = mask ? UINT32_MAX : citation_form(&f.phrase, &l->citation, f.uses);
  uint32_t show = cited != UINT32_MAX ? cited : plural != UINT32_MAX && !t->is_verb ? plural : most;
  snprintf(words, TEXT, "%s", f.phrase.forms.key[show].s);
  const char *article = NULL;
  if (plural == UINT32_MAX && !t->is_verb && !is_acronym(words)) article = article_of(&f, l, words);
  phrases_stems(c, t->phrase, stems);
  clio_span gerund = t->is_verb ? gerund_of(c, stems[0]) : clio_span_of(NULL, 0);
  if (gerund.s) snprintf(words, TEXT, "%.*s", (int)gerund.len, gerund.s);
  snprintf(text, 2 * TEXT, "%s%s%s", article ? article : "", article ? " " : "", words);
  return CLIO_OK;
}

clio_status surface_in_slots(const phrase_corpus *c, const tree_node *node, const row_form *forms,
                             uint32_t opening, uint32_t stem, const char **ret) {
  tally seen = {.forms = strmap_new(c->host, c->call)};
  for (uint64_t m = 0; m < node->members; m++) {
    const row_form *f = &forms[node->member[m]];
    char text[TEXT] = "";
    if (f->form != opening || f->slot == UINT64_MAX || c->token[f->slot].stem != stem) continue;
    append_word(c, f->slot, 1, text);
    surface_lower_first(text);
    if (!tally_add(&seen, text)) return clio_nomem(c->host, c->call);
  }
  uint32_t best = tally_best(&seen);
  *ret = best == UINT32_MAX ? "" : seen.forms.key[best].s;
  return CLIO_OK;
}

int surface_ends_with(const phrase_corpus *c, uint32_t stem, const text_list *ends) {
  clio_span word = c->surfaces.key[c->common[stem]];
  for (uint32_t i = 0; i < ends->count; i++) {
    clio_span end = ends->item[i];
    if (end.len < word.len && memcmp(word.s + word.len - end.len, end.s, (size_t)end.len) == 0)
      return 1;
  }
  return 0;
}
