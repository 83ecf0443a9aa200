/* phrases.c - words and shared phrases of a text column; see phrases.h. */
#include "phrases.h"

/* ---- gaps between words ---- */

static const char *const sentence_marks[] = {".",  "!",  "?", ";", ":", "\n", "。", "！", "？",
                                             "；", "：", "…", "؟", "।", "·",  "•",  NULL};
static const char *const question_marks[] = {"?", "？", "؟", NULL};

static int starts_with_any(const char *at, int64_t len, const char *const *marks) {
  for (; *marks; marks++) {
    size_t n = strlen(*marks);
    if ((size_t)len >= n && memcmp(at, *marks, n) == 0) return 1;
  }
  return 0;
}

/* What the gap before a word says of it. White space alone says nothing. */
static uint32_t gap_flags(const char *gap, int64_t len) {
  uint32_t flags = len == 0 ? TOKEN_JOINED : 0;
  if (len == 1 && gap[0] == '-') return TOKEN_HYPHEN;
  for (int64_t i = 0; i < len; i++) {
    unsigned char c = (unsigned char)gap[i];
    if (c == ' ' || c == '\t' || c == '\r' || (c & 0xC0) == 0x80) continue;
    flags |= TOKEN_BREAK;
    if (starts_with_any(gap + i, len - i, sentence_marks)) return flags | TOKEN_SENTENCE;
  }
  return flags;
}

static int asks(clio_span text) {
  for (int64_t i = 0; i < text.len; i++)
    if (starts_with_any(text.s + i, text.len - i, question_marks)) return 1;
  return 0;
}

/* ---- reading ---- */

/* One row on its way into the corpus. */
typedef struct reading {
  phrase_corpus *corpus;
  clio_span text;
  int64_t end; /* of the word before */
  uint32_t carry;
} reading;

static int64_t characters(const char *s, int64_t len) {
  int64_t n = 0;
  for (int64_t i = 0; i < len; i++) n += ((unsigned char)s[i] & 0xC0) != 0x80;
  return n;
}

/* Fit to start or end a phrase: no number, and not one letter, unless it is an
 * ideograph (four bytes, or three from U+3040 on). */
static int is_content(const char *stem, int64_t len) {
  unsigned char first = len > 0 ? (unsigned char)stem[0] : '0';
  if (first >= '0' && first <= '9') return 0;
  for (int64_t i = 0, digits = 0; i < len; i++)
    if (stem[i] >= '0' && stem[i] <= '9' && ++digits >= 4) return 0;
  return characters(stem, len) > 1 || first >= 0xE3;
}

/* Room for one more stem, and for one more surface. */
static clio_status make_room(phrase_corpus *c) {
  if (c->stems.count >= c->kinds_room) {
    uint64_t room = c->kinds_room ? 2 * c->kinds_room : 1024;
    uint8_t *kind = c->host->scratch(c->call, room);
    if (!kind) return clio_nomem(c->host, c->call);
    if (c->kinds_room > 0) memcpy(kind, c->stem_kind, c->kinds_room);
    c->stem_kind = kind;
    c->kinds_room = room;
  }
  if (c->surfaces.count >= c->stem_of_room) {
    uint64_t room = c->stem_of_room ? 2 * c->stem_of_room : 1024;
    uint32_t *stem = clio_scratch_array(c->host, c->call, room, sizeof *stem);
    if (!stem) return clio_nomem(c->host, c->call);
    if (c->stem_of_room > 0) memcpy(stem, c->stem_of, c->stem_of_room * sizeof *stem);
    c->stem_of = stem;
    c->stem_of_room = room;
  }
  return CLIO_OK;
}

/* The stem of a surface met for the first time. */
static clio_status learn_surface(phrase_corpus *c, uint32_t surface) {
  clio_span word = c->surfaces.key[surface];
  const char *folded;
  int64_t len;
  CLIO_TRY(c->text->fold(c->call, word.s, word.len, &folded, &len));
  uint32_t known = c->stems.count, stem = strmap_add(&c->stems, folded, len);
  if (stem == UINT32_MAX) return clio_nomem(c->host, c->call);
  c->stem_of[surface] = stem;
  if (stem < known) return CLIO_OK;
  if (c->text->frame(c->call, folded, len))
    c->stem_kind[stem] = STEM_FRAME;
  else if (is_content(folded, len))
    c->stem_kind[stem] = STEM_CONTENT;
  return CLIO_OK;
}

static phrase_token *next_token(phrase_corpus *c) {
  if (c->tokens == c->room) {
    uint64_t room = c->room ? 2 * c->room : 1 << 14;
    phrase_token *token = clio_scratch_array(c->host, c->call, room, sizeof *token);
    if (!token) return NULL;
    if (c->tokens > 0) memcpy(token, c->token, c->tokens * sizeof *token);
    c->token = token;
    c->room = room;
  }
  return &c->token[c->tokens++];
}

/* Where a word of the text stands: the host may hand out a copy of it. */
static int64_t find_word(const reading *r, const char *word, int64_t len) {
  for (int64_t at = r->end; at + len <= r->text.len; at++)
    if (memcmp(r->text.s + at, word, (size_t)len) == 0) return at;
  return r->end;
}

/* Stands for something taken out of the text, as "[email]" does. */
static int is_placeholder(const reading *r, int64_t start, int64_t end) {
  return start > 0 && end < r->text.len && r->text.s[start - 1] == '[' && r->text.s[end] == ']';
}

static clio_status read_word(void *ctx, const char *word, int64_t len) {
  reading *r = ctx;
  phrase_corpus *c = r->corpus;
  int64_t start = find_word(r, word, len), before = r->end;
  r->end = start + len;
  uint32_t flags = r->carry | gap_flags(r->text.s + before, start - before);
  r->carry = 0;
  if (is_placeholder(r, start, r->end)) {
    r->carry = (flags & TOKEN_SENTENCE) | TOKEN_BREAK;
    return CLIO_OK;
  }
  CLIO_TRY(make_room(c));
  uint32_t known = c->surfaces.count, surface = strmap_add(&c->surfaces, word, len);
  phrase_token *token = next_token(c);
  if (surface == UINT32_MAX || !token) return clio_nomem(c->host, c->call);
  if (surface == known) CLIO_TRY(learn_surface(c, surface));
  *token = (phrase_token){c->stem_of[surface], surface, flags};
  return CLIO_OK;
}

typedef struct sort_row {
  int64_t account;
  uint64_t row;
} sort_row;

static int by_account(const void *a, const void *b) {
  const sort_row *x = a, *y = b;
  if (x->account != y->account) return x->account < y->account ? -1 : 1;
  return (x->row > y->row) - (x->row < y->row);
}

static clio_status order_rows(phrase_corpus *c) {
  sort_row *sorted = clio_scratch_array(c->host, c->call, c->rows, sizeof *sorted);
  c->order = clio_scratch_array(c->host, c->call, c->rows, sizeof *c->order);
  if (!sorted || !c->order) return clio_nomem(c->host, c->call);
  for (uint64_t r = 0; r < c->rows; r++) sorted[r] = (sort_row){c->account[r], r};
  qsort(sorted, c->rows, sizeof *sorted, by_account);
  for (uint64_t r = 0; r < c->rows; r++) c->order[r] = sorted[r].row;
  return CLIO_OK;
}

/* Finds every stem's most common surface; the first of equals. */
static clio_status find_common(phrase_corpus *c) {
  uint32_t *uses = clio_scratch_array(c->host, c->call, c->surfaces.count, sizeof *uses);
  c->common = clio_scratch_array(c->host, c->call, c->stems.count, sizeof *c->common);
  if (!uses || !c->common) return clio_nomem(c->host, c->call);
  for (uint64_t t = 0; t < c->tokens; t++) uses[c->token[t].surface]++;
  for (uint32_t i = c->surfaces.count; i > 0; i--) {
    uint32_t *best = &c->common[c->stem_of[i - 1]];
    if (c->stem_of[*best] != c->stem_of[i - 1] || uses[i - 1] >= uses[*best]) *best = i - 1;
  }
  return CLIO_OK;
}

clio_status phrases_read(const clio_host *host, clio_call *call, const clio_text *text,
                         const clio_view *texts, const int64_t *account, const uint8_t *skip,
                         phrase_corpus *ret) {
  phrase_corpus c = {.host = host, .call = call, .text = text, .rows = texts->rows};
  c.account = account;
  c.stems = strmap_new(host, call);
  c.surfaces = strmap_new(host, call);
  c.start = clio_scratch_array(host, call, c.rows + 1, sizeof *c.start);
  c.asks = clio_scratch_array(host, call, c.rows, 1);
  if (!c.start || !c.asks) return clio_nomem(host, call);
  for (uint64_t row = 0; row < c.rows; row++) {
    c.start[row + 1] = c.tokens;
    if (!clio_valid(texts, row) || (skip && skip[row])) continue;
    reading r = {.corpus = &c, .text = clio_utf8(texts, row), .carry = TOKEN_SENTENCE};
    CLIO_TRY(text->words(call, r.text.s, r.text.len, read_word, &r));
    c.asks[row] = (uint8_t)asks(r.text);
    c.start[row + 1] = c.tokens;
    if (row % 256 == 0 && host->cancelled(call)) return CLIO_E_CANCELLED;
  }
  CLIO_TRY(find_common(&c));
  CLIO_TRY(order_rows(&c));
  *ret = c;
  return CLIO_OK;
}

/* ---- finding phrases ---- */

/* The candidates of one length: a phrase a word longer for each (phrase, stem). */
typedef struct level {
  strmap keys; /* (prefix, stem), eight bytes */
  uint32_t *df, *final;
  uint64_t *seen; /* 1 + the place in `order` of the account's first row */
  uint64_t room;
} level;

static int level_room(phrase_corpus *c, level *l) {
  if (l->keys.count <= l->room) return 1;
  uint64_t room = l->room ? 2 * l->room : 1024;
  uint32_t *df = clio_scratch_array(c->host, c->call, room, sizeof *df);
  uint64_t *seen = clio_scratch_array(c->host, c->call, room, sizeof *seen);
  if (!df || !seen) return 0;
  if (l->room > 0) memcpy(df, l->df, l->room * sizeof *df);
  if (l->room > 0) memcpy(seen, l->seen, l->room * sizeof *seen);
  l->df = df;
  l->seen = seen;
  l->room = room;
  return 1;
}

/* The phrase of `n` words that starts at token t would end in this stem, after
 * this prefix; 0 where there is none. */
static int candidate_at(const phrase_corpus *c, uint64_t t, uint64_t end, uint32_t n,
                        uint32_t ret_key[2]) {
  uint64_t last = t + n - 1;
  if (n == 1) {
    ret_key[0] = PHRASE_NONE;
    ret_key[1] = c->token[t].stem;
    return (c->stem_kind[c->token[t].stem] & STEM_CONTENT) != 0;
  }
  if (last >= end || (c->token[last].flags & (TOKEN_BREAK | TOKEN_SENTENCE))) return 0;
  ret_key[0] = c->at[t * PHRASE_MAX + n - 2];
  ret_key[1] = c->token[last].stem;
  return ret_key[0] != PHRASE_NONE;
}

static clio_status count_level(phrase_corpus *c, uint32_t n, level *l) {
  uint64_t first = 0;
  uint32_t key[2];
  for (uint64_t i = 0; i < c->rows; i++) {
    uint64_t row = c->order[i];
    if (i > 0 && c->account[row] != c->account[c->order[i - 1]]) first = i;
    for (uint64_t t = c->start[row]; t < c->start[row + 1]; t++) {
      if (!candidate_at(c, t, c->start[row + 1], n, key)) continue;
      uint32_t id = strmap_add(&l->keys, (const char *)key, sizeof key);
      if (id == UINT32_MAX || !level_room(c, l)) return clio_nomem(c->host, c->call);
      if (l->seen[id] != first + 1) l->df[id]++;
      l->seen[id] = first + 1;
    }
  }
  return CLIO_OK;
}

/* Gives the frequent ones their numbers. */
static clio_status keep_level(phrase_corpus *c, uint32_t n, level *l, uint32_t accounts) {
  uint32_t kept = 0;
  l->final = clio_scratch_array(c->host, c->call, l->keys.count, sizeof *l->final);
  for (uint32_t i = 0; i < l->keys.count; i++) kept += l->df[i] >= accounts;
  phrase *all = clio_scratch_array(c->host, c->call, (uint64_t)c->phrases + kept, sizeof *all);
  if (!all || !l->final) return clio_nomem(c->host, c->call);
  if (c->phrases > 0) memcpy(all, c->phrase, c->phrases * sizeof *all);
  c->phrase = all;
  for (uint32_t i = 0; i < l->keys.count; i++) {
    uint32_t key[2];
    l->final[i] = PHRASE_NONE;
    if (l->df[i] < accounts) continue;
    memcpy(key, l->keys.key[i].s, sizeof key);
    c->phrase[c->phrases] = (phrase){key[0], key[1], n, l->df[i]};
    l->final[i] = c->phrases++;
  }
  return CLIO_OK;
}

static void mark_level(phrase_corpus *c, uint32_t n, const level *l) {
  uint32_t key[2];
  for (uint64_t row = 0; row < c->rows; row++)
    for (uint64_t t = c->start[row]; t < c->start[row + 1]; t++) {
      uint32_t *at = &c->at[t * PHRASE_MAX + n - 1];
      *at = PHRASE_NONE;
      if (candidate_at(c, t, c->start[row + 1], n, key))
        *at = l->final[strmap_find(&l->keys, (const char *)key, sizeof key)];
    }
}

clio_status phrases_find(phrase_corpus *c, uint32_t accounts) {
  c->at = clio_scratch_array(c->host, c->call, c->tokens * PHRASE_MAX, sizeof *c->at);
  if (!c->at) return clio_nomem(c->host, c->call);
  for (uint32_t n = 1; n <= PHRASE_MAX; n++) {
    level l = {.keys = strmap_new(c->host, c->call)};
    CLIO_TRY(count_level(c, n, &l));
    CLIO_TRY(keep_level(c, n, &l, accounts));
    mark_level(c, n, &l);
    if (c->host->cancelled(c->call)) return CLIO_E_CANCELLED;
  }
  return CLIO_OK;
}

void phrases_count(const phrase_corpus *c, const uint64_t *rows, uint64_t count, uint64_t *stamp,
                   uint32_t *ret_df) {
  uint64_t mark = 0;
  memset(stamp, 0, c->phrases * sizeof *stamp);
  memset(ret_df, 0, c->phrases * sizeof *ret_df);
  for (uint64_t i = 0; i < count; i++) {
    if (i == 0 || c->account[rows[i]] != c->account[rows[i - 1]]) mark = i + 1;
    uint64_t from = c->start[rows[i]] * PHRASE_MAX, to = c->start[rows[i] + 1] * PHRASE_MAX;
    for (uint64_t k = from; k < to; k++) {
      uint32_t id = c->at[k];
      if (id == PHRASE_NONE || stamp[id] == mark) continue;
      stamp[id] = mark;
      ret_df[id]++;
    }
  }
}

uint32_t phrases_stems(const phrase_corpus *c, uint32_t id, uint32_t ret[PHRASE_MAX]) {
  uint32_t words = c->phrase[id].words;
  for (uint32_t n = words; n > 0; n--, id = c->phrase[id].prefix) ret[n - 1] = c->phrase[id].stem;
  return words;
}

int phrases_part_ends(const phrase_corpus *c, uint64_t token, uint64_t row) {
  if (token + 1 >= c->start[row + 1]) return 1;
  if (c->token[token + 1].flags & (TOKEN_BREAK | TOKEN_SENTENCE)) return 1;
  return (c->stem_kind[c->token[token + 1].stem] & STEM_CONTENT) == 0;
}

clio_status phrases_stem_of(const phrase_corpus *c, const char *word, int64_t len, uint32_t *ret) {
  const char *folded;
  int64_t folded_len;
  CLIO_TRY(c->text->fold(c->call, word, len, &folded, &folded_len));
  *ret = strmap_find(&c->stems, folded, folded_len);
  return CLIO_OK;
}
