/* vocab.c - words that enough accounts of a group share; see vocab.h. */
#include "vocab.h"

/* ---- which rows are read ---- */

typedef struct draw {
  int32_t leaf;
  uint64_t draw, row;
} draw;

static int by_leaf_and_draw(const void *a, const void *b) {
  const draw *x = a, *y = b;
  if (x->leaf != y->leaf) return x->leaf < y->leaf ? -1 : 1;
  if (x->draw != y->draw) return x->draw < y->draw ? -1 : 1;
  return (x->row > y->row) - (x->row < y->row);
}

static clio_status choose_rows(vocab *v, const int32_t *leaf, uint64_t rows, uint64_t limit) {
  const work *w = v->w;
  draw *draws = work_alloc(w, rows, sizeof *draws);
  v->skip = work_alloc(w, rows, 1);
  if (!draws || !v->skip) return work_nomem(w, "the words of the groups");
  for (uint64_t row = 0; row < rows; row++)
    draws[row] = (draw){leaf[row], w->host->random(w->call, row), row};
  if (rows > 0) qsort(draws, rows, sizeof *draws, by_leaf_and_draw);
  uint64_t taken = 0;
  for (uint64_t i = 0; i < rows; i++) {
    taken = i > 0 && draws[i].leaf == draws[i - 1].leaf ? taken + 1 : 1;
    v->skip[draws[i].row] = draws[i].leaf < 0 || taken > limit;
  }
  return CLIO_OK;
}

/* ---- reading ---- */

static clio_status read_accounts(vocab *v, const clio_table *conversations, uint64_t rows) {
  clio_view view;
  int known = clio_look(v->w->host, conversations, "account", CLIO_T_I64, &view);
  v->account = work_alloc(v->w, rows, sizeof *v->account);
  if (!v->account) return work_nomem(v->w, "the words of the groups");
  for (uint64_t row = 0; row < rows; row++)
    v->account[row] = known && clio_valid(&view, row) ? clio_i64(&view, row) : -1 - (int64_t)row;
  return CLIO_OK;
}

static clio_status find_singles(vocab *v) {
  const phrase_corpus *c = &v->corpus;
  v->single = work_alloc(v->w, c->stems.count, sizeof *v->single);
  v->stamp = work_alloc(v->w, c->phrases, sizeof *v->stamp);
  v->df = work_alloc(v->w, c->phrases, sizeof *v->df);
  if (!v->single || !v->stamp || !v->df) return work_nomem(v->w, "the words of the groups");
  for (uint32_t i = 0; i < c->stems.count; i++) v->single[i] = PHRASE_NONE;
  for (uint32_t p = 0; p < c->phrases; p++)
    if (c->phrase[p].words == 1) v->single[c->phrase[p].stem] = p;
  return CLIO_OK;
}

clio_status vocab_read(const work *w, const clio_table *conversations, const char *column,
                       const int32_t *leaf, uint64_t limit, vocab *ret) {
  clio_view texts;
  const clio_policy *policy = w->host->service(w->call, CLIO_POLICY_ID);
  const clio_text *text = clio_need(w->host, w->call, CLIO_TEXT_ID, sizeof(clio_text));
  if (!text) return CLIO_E_UNSUPPORTED;
  *ret = (vocab){.w = w};
  ret->least = policy && policy->word_accounts > 1 ? (uint32_t)policy->word_accounts : 2;
  CLIO_TRY(clio_get(w->host, w->call, conversations, column, CLIO_T_UTF8, &texts));
  CLIO_TRY(choose_rows(ret, leaf, texts.rows, limit));
  CLIO_TRY(read_accounts(ret, conversations, texts.rows));
  CLIO_TRY(phrases_read(w->host, w->call, text, &texts, ret->account, ret->skip, &ret->corpus));
  CLIO_TRY(phrases_find(&ret->corpus, ret->least));
  return find_singles(ret);
}

/* ---- groups ---- */

static clio_status make_room(const work *w, vocab_group *g, uint64_t groups) {
  for (uint64_t i = 0; i < groups; i++) {
    g[i].member = work_alloc(w, g[i].members, sizeof *g[i].member);
    g[i].all = work_alloc(w, g[i].count, sizeof *g[i].all);
    if (!g[i].member || !g[i].all) return work_nomem(w, "the groups");
    g[i].members = g[i].count = 0;
  }
  return CLIO_OK;
}

clio_status vocab_split(const vocab *v, const int32_t *leaf, const int32_t *group, uint64_t groups,
                        vocab_group **ret) {
  const phrase_corpus *c = &v->corpus;
  vocab_group *g = work_alloc(v->w, groups, sizeof *g);
  if (!g) return work_nomem(v->w, "the groups");
  for (int pass = 0; pass < 2; pass++) {
    for (uint64_t i = 0; i < c->rows; i++) {
      uint64_t read = c->order[i];
      int32_t in = leaf[i] < 0 ? -1 : group[leaf[i]];
      int32_t of = leaf[read] < 0 || v->skip[read] ? -1 : group[leaf[read]];
      if (in >= 0 && pass) g[in].all[g[in].count] = i;
      if (in >= 0) g[in].count++;
      if (of >= 0 && pass) g[of].member[g[of].members] = read;
      if (of >= 0) g[of].members++;
    }
    if (pass == 0) CLIO_TRY(make_room(v->w, g, groups));
  }
  *ret = g;
  return CLIO_OK;
}

/* ---- words ---- */

void vocab_count(vocab *v, const uint64_t *member, uint64_t members) {
  phrases_count(&v->corpus, member, members, v->stamp, v->df);
}

/* A list of words that grows. */
typedef struct words {
  const vocab *v;
  char *s;
  uint64_t len, room;
  uint32_t count, most;
} words;

static int add_word(words *l, clio_span word) {
  uint64_t need = l->len + (uint64_t)word.len + 3;
  if (need > l->room) {
    uint64_t room = 2 * need + 64;
    char *more = work_alloc(l->v->w, room, 1);
    if (!more) return 0;
    if (l->len) memcpy(more, l->s, l->len);
    l->s = more;
    l->room = room;
  }
  if (l->len) l->len += (uint64_t)snprintf(l->s + l->len, 3, ", ");
  memcpy(l->s + l->len, word.s, (size_t)word.len);
  l->len += (uint64_t)word.len;
  l->count++;
  return 1;
}

static char *words_end(words *l) {
  if (!l->s) l->s = work_alloc(l->v->w, 1, 1);
  if (l->s) l->s[l->len] = '\0';
  return l->s;
}

typedef struct common {
  uint32_t df, phrase;
} common;

static int by_df(const void *a, const void *b) {
  const common *x = a, *y = b;
  if (x->df != y->df) return x->df > y->df ? -1 : 1;
  return (x->phrase > y->phrase) - (x->phrase < y->phrase);
}

char *vocab_list(const vocab *v, uint32_t most) {
  const phrase_corpus *c = &v->corpus;
  words list = {.v = v, .most = most};
  uint32_t found = 0;
  common *word = work_alloc(v->w, c->phrases, sizeof *word);
  if (!word) return NULL;
  for (uint32_t p = 0; p < c->phrases; p++)
    if (c->phrase[p].words == 1 && v->df[p] >= v->least) word[found++] = (common){v->df[p], p};
  if (found > 0) qsort(word, found, sizeof *word, by_df);
  for (uint32_t i = 0; i < found && i < most; i++)
    if (!add_word(&list, c->surfaces.key[c->common[c->phrase[word[i].phrase].stem]])) return NULL;
  return words_end(&list);
}

/* The words of a text that are looked at. */
typedef struct search {
  words list;
  clio_call *call;
} search;

static int is_listed(const words *l, clio_span word) {
  for (uint64_t at = 0; at + (uint64_t)word.len <= l->len; at++) {
    uint64_t end = at + (uint64_t)word.len;
    int starts = at == 0 || l->s[at - 1] == ' ', ends = end == l->len || l->s[end] == ',';
    if (starts && ends && memcmp(l->s + at, word.s, (size_t)word.len) == 0) return 1;
  }
  return 0;
}

static clio_status look_at(void *ctx, const char *word, int64_t len) {
  search *s = ctx;
  const vocab *v = s->list.v;
  const phrase_corpus *c = &v->corpus;
  const char *folded;
  int64_t folded_len;
  CLIO_TRY(c->text->fold(s->call, word, len, &folded, &folded_len));
  if (c->text->frame(s->call, folded, folded_len)) return CLIO_OK;
  uint32_t stem = strmap_find(&c->stems, folded, folded_len);
  uint32_t known = stem == UINT32_MAX ? PHRASE_NONE : v->single[stem];
  if (known != PHRASE_NONE && v->df[known] >= v->least) return CLIO_OK;
  if (s->list.count >= s->list.most || is_listed(&s->list, clio_span_of(word, len))) return CLIO_OK;
  return add_word(&s->list, clio_span_of(word, len)) ? CLIO_OK : clio_nomem(v->w->host, s->call);
}

clio_status vocab_faults(const vocab *v, const char *text, char **ret) {
  enum { FAULTS = 20 };
  search s = {.list = {.v = v, .most = FAULTS}, .call = v->w->call};
  CLIO_TRY(v->corpus.text->words(v->w->call, text, (int64_t)strlen(text), look_at, &s));
  *ret = words_end(&s.list);
  return *ret ? CLIO_OK : clio_nomem(v->w->host, v->w->call);
}
