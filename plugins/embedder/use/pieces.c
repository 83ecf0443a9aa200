/* pieces.c - the tokenizer; see pieces.h. */
#include "pieces.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unicode/unorm2.h>
#include <unicode/ustring.h>
#include <unicode/utf16.h>

enum {
  SLOTS = 1 << 17,       /* of the trie's hash table */
  NODES_MAX = SLOTS / 2, /* so that it is never full */
  MARK = 0x2581,         /* what a space becomes */
  GROWTH = 18            /* UTF-16 units that NFKC makes of one at most */
};

/* An edge of the trie: from a node by a character to a node. */
typedef struct edge {
  uint32_t from, symbol, to; /* to 0: free */
} edge;

struct pieces {
  const model *m;
  edge *edges;
  int32_t *piece;  /* by node: the piece that ends there, or -1 */
  uint16_t *units; /* by piece: its length in UTF-16 units */
  uint32_t nodes;
};

struct pieces_room {
  UChar raw[PIECES_TEXT * 2], clean[PIECES_TEXT * 2 * GROWTH];
  uint32_t symbol[PIECES_TEXT * 2];
  double best[PIECES_TEXT * 2 + 1];
  int32_t word[PIECES_TEXT * 2 + 1], back[PIECES_TEXT * 2 + 1];
};

/* The character at *at, which moves behind it; -1 for bytes that are no UTF-8 (one is passed). */
static int32_t utf8_next(const char *text, int64_t length, int64_t *at) {
  static const int32_t least[] = {0, 0x80, 0x800, 0x10000};
  const unsigned char *s = (const unsigned char *)text + *at;
  int64_t left = length - *at;
  int32_t symbol = s[0], more = s[0] < 0x80 ? 0 : s[0] < 0xE0 ? 1 : s[0] < 0xF0 ? 2 : 3;
  ++*at;
  if (more == 0) return symbol;
  if (s[0] < 0xC2 || s[0] > 0xF4 || more >= left) return -1;
  symbol &= 0x3F >> more;
  for (int32_t i = 1; i <= more; i++) {
    if ((s[i] & 0xC0) != 0x80) return -1;
    symbol = symbol << 6 | (s[i] & 0x3F);
  }
  bool good = symbol >= least[more] && symbol <= 0x10FFFF && (symbol < 0xD800 || symbol > 0xDFFF);
  if (good) *at += more;
  return good ? symbol : -1;
}

/* ---- the trie ---- */

static edge *pieces_slot(const pieces *p, uint32_t from, uint32_t symbol) {
  uint64_t key = ((uint64_t)from << 32 | symbol) * 0x9E3779B97F4A7C15u;
  for (uint32_t i = (uint32_t)(key >> 40);; i++) {
    edge *e = &p->edges[i % SLOTS];
    if (!e->to || (e->from == from && e->symbol == symbol)) return e;
  }
}

static const char *pieces_insert(pieces *p, uint32_t index) {
  const char *text = p->m->text + p->m->starts[index];
  int64_t length = (int64_t)(p->m->starts[index + 1] - p->m->starts[index]), at = 0;
  uint32_t node = 0;
  if (length == 0) return "a piece of its vocabulary is empty";
  while (at < length) {
    int32_t symbol = utf8_next(text, length, &at);
    if (symbol < 0) return "a piece of its vocabulary is no UTF-8";
    edge *e = pieces_slot(p, node, (uint32_t)symbol);
    if (!e->to) {
      if (p->nodes == NODES_MAX) return "its vocabulary is too large";
      *e = (edge){node, (uint32_t)symbol, p->nodes++};
      p->piece[e->to] = -1;
    }
    node = e->to;
  }
  p->piece[node] = (int32_t)index;
  return NULL;
}

/* How far one goes back over a piece: its length in UTF-16 units, as the reference does. */
static uint16_t pieces_units(const model *m, uint32_t index) {
  const char *text = m->text + m->starts[index];
  int64_t length = (int64_t)(m->starts[index + 1] - m->starts[index]), at = 0, units = 0;
  while (at < length) units += utf8_next(text, length, &at) > 0xFFFF ? 2 : 1;
  return (uint16_t)(units > 0 && units < UINT16_MAX ? units : 1);
}

pieces *pieces_new(const model *m, const char **ret_why) {
  pieces *p = calloc(1, sizeof *p);
  *ret_why = NULL;
  if (!p) return NULL;
  *p = (pieces){.m = m, .nodes = 1};
  p->edges = calloc(SLOTS, sizeof *p->edges);
  p->piece = calloc(NODES_MAX, sizeof *p->piece);
  p->units = calloc(m->pieces, sizeof *p->units);
  bool good = p->edges && p->piece && p->units;
  if (good) p->piece[0] = -1;
  for (uint32_t i = 0; good && i < m->pieces; i++) {
    p->units[i] = pieces_units(m, i);
    if (i >= MODEL_RESERVED) *ret_why = pieces_insert(p, i);
    good = !*ret_why;
  }
  if (good) return p;
  pieces_free(p);
  return NULL;
}

void pieces_free(pieces *p) {
  if (!p) return;
  free(p->edges);
  free(p->piece);
  free(p->units);
  free(p);
}

uint64_t pieces_room_bytes(void) { return sizeof(pieces_room); }

/* ---- normalisation ---- */

/* Up to PIECES_TEXT characters as UTF-16; *ret_plain: all ASCII. */
static int32_t pieces_read(pieces_room *r, const char *utf8, int64_t length, bool *ret_plain) {
  int32_t units = 0;
  int64_t at = 0;
  *ret_plain = true;
  for (int32_t n = 0; at < length && n < PIECES_TEXT; n++) {
    int32_t symbol = utf8_next(utf8, length, &at);
    if (symbol < 0) symbol = 0xFFFD;
    if (symbol > 0x7F) *ret_plain = false;
    if (symbol > 0xFFFF) r->raw[units++] = U16_LEAD(symbol);
    r->raw[units++] = (UChar)(symbol > 0xFFFF ? U16_TRAIL(symbol) : symbol);
  }
  return units;
}

/* The text's symbols, the mark in front; 0 when there is nothing. */
static uint32_t pieces_symbols(pieces_room *r, const char *utf8, int64_t length) {
  bool plain;
  int32_t units = pieces_read(r, utf8, length, &plain);
  const UChar *from = r->raw;
  UErrorCode code = U_ZERO_ERROR;
  if (!plain) {
    const UNormalizer2 *nfkc = unorm2_getNFKCInstance(&code);
    units = unorm2_normalize(nfkc, r->raw, units, r->clean, PIECES_TEXT * 2 * GROWTH, &code);
    from = r->clean;
  }
  if (U_FAILURE(code) || units <= 0) return 0;
  uint32_t n = 0;
  r->symbol[n++] = MARK;
  for (int32_t at = 0; at < units && n < PIECES_TEXT * 2;) {
    uint32_t symbol = from[at++];
    if (U16_IS_LEAD(symbol) && at < units)
      symbol = (uint32_t)U16_GET_SUPPLEMENTARY(symbol, from[at++]);
    r->symbol[n++] = symbol == ' ' ? MARK : symbol;
  }
  return n;
}

/* ---- the best way ---- */

static void pieces_offer(pieces_room *r, uint32_t from, uint32_t to, double piece_score,
                         int32_t piece) {
  double score = piece_score + r->best[from];
  bool unset = !(r->best[to] < 0 || r->best[to] > 0); /* so a best of 0 gives way, as there */
  if (!unset && score < r->best[to]) return;
  r->best[to] = score;
  r->word[to] = piece;
}

static void pieces_from(const pieces *p, pieces_room *r, uint32_t at, uint32_t end) {
  uint32_t node = 0;
  bool any = false;
  for (uint32_t i = at; i < end; i++) {
    node = pieces_slot(p, node, r->symbol[i])->to;
    if (!node) break;
    int32_t piece = p->piece[node];
    if (piece < 0) continue;
    any = true;
    pieces_offer(r, at, i + 1, p->m->scores[piece], piece);
  }
  if (!any) pieces_offer(r, at, at + 1, 0, 0);
}

/* From the end back to the start; runs of unknown tokens become one. */
static uint32_t pieces_walk_back(const pieces *p, pieces_room *r, uint32_t end) {
  uint32_t n = 0;
  bool after_unknown = false;
  for (int64_t at = end; at > 0; at -= p->units[r->word[at]]) {
    int32_t piece = r->word[at];
    if (!after_unknown || piece != 0) r->back[n++] = piece;
    after_unknown = piece == 0;
  }
  return n;
}

uint32_t pieces_encode(const pieces *p, pieces_room *r, const char *utf8, int64_t length,
                       int32_t *ids) {
  uint32_t n = pieces_symbols(r, utf8, length);
  if (n == 0) return 0;
  memset(r->best, 0, (n + 1) * sizeof *r->best);
  memset(r->word, 0, (n + 1) * sizeof *r->word);
  for (uint32_t i = 0; i < n; i++) pieces_from(p, r, i, n);
  uint32_t tokens = pieces_walk_back(p, r, n);
  uint32_t kept = tokens < MODEL_TOKENS ? tokens : MODEL_TOKENS;
  for (uint32_t i = 0; i < kept; i++) ids[i] = r->back[tokens - 1 - i];
  return kept;
}
