/* terms.c - texts to TF-IDF rows over hashed terms; see terms.h. */
#include "terms.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum {
  TERMS_BITS = 22,
  TERMS_KINDS = 2, /* the lowest bit of a bucket: 0 a word or words, 1 characters */
  TERMS_ROWS = 1024,
  TERMS_CACHE = 1 << 15, /* words whose terms a block remembers */
  TERMS_ARENA = 1 << 20, /* terms of those words */
  TERMS_WORD = 128,      /* bytes of a folded word, at most */
  TERMS_CHUNK = 1 << 17  /* entries taken from the host at a time */
};
#define TERMS_BUCKETS ((uint64_t)1 << TERMS_BITS)

/* A word as it stands, and its terms: [first, first + count) of the arena. */
typedef struct terms_word {
  uint64_t raw;  /* hash of the word as it stands; 0: free */
  uint64_t fold; /* hash of the folded word; 0: nothing to count */
  uint32_t first, count;
  int frame; /* a function word */
} terms_word;

typedef struct terms_entry {
  uint32_t bucket, count;
} terms_entry;

/* What one block works with; words stay known from block to block. */
typedef struct terms_reader {
  terms_word cache[TERMS_CACHE];
  uint32_t arena[TERMS_ARENA];
  uint32_t cached, used;
  uint64_t recent[8]; /* folded hashes of the last words */
  uint64_t seen;      /* words of this text so far */
  uint64_t skipped;   /* function words among them that were left out */
  int all;            /* leave none out */
  uint32_t *found;    /* buckets of this text, one for each occurrence */
  uint64_t count, room;
  terms_entry *chunk;
  uint64_t chunk_used, chunk_room;
} terms_reader;

typedef struct terms_job {
  const work *w;
  const clio_text *text;
  const clio_view *texts;
  const terms_options *o;
  work_slots *readers;
  terms_entry **row; /* entries of each row, and how many */
  uint32_t *length;
  _Atomic uint32_t *df; /* texts that hold each bucket */
  uint32_t *id;         /* column of each kept bucket, UINT32_MAX: dropped */
  float *idf;
  sparse *m;
} terms_job;

/* ---- hashing ---- */

static uint64_t terms_mix(uint64_t x) {
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9u;
  x = (x ^ (x >> 27)) * 0x94d049bb133111ebu;
  return x ^ (x >> 31);
}

static uint64_t terms_hash(const char *bytes, size_t len, uint64_t seed) {
  uint64_t h = seed ^ (len * 0x9e3779b97f4a7c15u);
  for (; len >= 8; bytes += 8, len -= 8) {
    uint64_t part;
    memcpy(&part, bytes, 8);
    h = terms_mix(h ^ part);
  }
  uint64_t tail = 0;
  memcpy(&tail, bytes, len);
  return terms_mix(h ^ tail) | 1;
}

static uint32_t terms_bucket(uint64_t hash, uint32_t kind) {
  return (uint32_t)(hash >> (64 - TERMS_BITS)) / TERMS_KINDS * TERMS_KINDS + kind;
}

/* ---- one word ---- */

/* Offsets of the characters of a UTF-8 word, its end included; returns how many. */
static uint32_t terms_characters(const char *word, uint32_t len, uint32_t *ret_offset) {
  uint32_t n = 0;
  for (uint32_t i = 0; i < len; i++)
    if (((unsigned char)word[i] & 0xc0) != 0x80) ret_offset[n++] = i;
  ret_offset[n] = len;
  return n;
}

/* Runs of characters of the word between two marks, into the arena. */
static void terms_add_characters(terms_reader *r, const terms_options *o, const char *word,
                                 size_t len) {
  char marked[TERMS_WORD + 2];
  uint32_t offset[TERMS_WORD + 3];
  if (o->chars_from == 0 || len > TERMS_WORD) return;
  marked[0] = '\x02';
  memcpy(marked + 1, word, len);
  marked[len + 1] = '\x03';
  uint32_t n = terms_characters(marked, (uint32_t)len + 2, offset);
  uint32_t from = n < o->chars_from ? n : o->chars_from;
  for (uint32_t run = from; run <= o->chars_to && run <= n; run++)
    for (uint32_t i = 0; i + run <= n; i++) {
      uint64_t hash = terms_hash(marked + offset[i], offset[i + run] - offset[i], run);
      r->arena[r->used++] = terms_bucket(hash, 1);
    }
}

/* Where the word is, or belongs. */
static terms_word *terms_slot(terms_reader *r, uint64_t raw) {
  uint64_t at = raw % TERMS_CACHE;
  while (r->cache[at].raw != 0 && r->cache[at].raw != raw) at = (at + 1) % TERMS_CACHE;
  return &r->cache[at];
}

/* Forgets all words when the cache or the arena is nearly full. */
static void terms_make_room(terms_reader *r, const terms_options *o) {
  uint64_t most = (uint64_t)(o->chars_to + 1) * (TERMS_WORD + 2);
  if (r->cached < TERMS_CACHE / 2 && r->used + most < TERMS_ARENA) return;
  memset(r->cache, 0, sizeof r->cache);
  r->cached = r->used = 0;
}

static clio_status terms_learn(const terms_job *j, terms_reader *r, uint64_t raw, const char *word,
                               int64_t len, const terms_word **ret) {
  const char *folded = NULL;
  int64_t folded_len = 0;
  clio_status status = j->text->fold(j->w->call, word, len, &folded, &folded_len);
  if (status != CLIO_OK) return status;
  terms_make_room(r, j->o);
  terms_word *slot = terms_slot(r, raw);
  *slot = (terms_word){.raw = raw, .first = r->used};
  r->cached++;
  if (folded_len > 0) {
    slot->fold = terms_hash(folded, (size_t)folded_len, 0);
    slot->frame = j->o->frame && j->text->frame(j->w->call, folded, folded_len);
    terms_add_characters(r, j->o, folded, (size_t)folded_len);
    slot->count = r->used - slot->first;
  }
  *ret = slot;
  return CLIO_OK;
}

/* ---- one text ---- */

typedef struct terms_visit {
  const terms_job *j;
  terms_reader *r;
} terms_visit;

static clio_status terms_reserve(const work *w, terms_reader *r, uint64_t more) {
  if (r->count + more <= r->room) return CLIO_OK;
  uint64_t room = (r->count + more) * 2;
  uint32_t *found = work_alloc(w, room, sizeof *found);
  if (found == NULL) return work_nomem(w, "the terms of a text");
  if (r->count != 0) memcpy(found, r->found, r->count * sizeof *found);
  r->found = found;
  r->room = room;
  return CLIO_OK;
}

/* The word itself and the runs of words that end with it. */
static void terms_add_words(terms_reader *r, const terms_options *o, uint64_t fold) {
  uint64_t hash = 0;
  r->recent[r->seen++ % 8] = fold;
  for (uint32_t run = 1; run <= o->ngrams && run <= r->seen; run++) {
    hash = terms_mix(hash * 3 + r->recent[(r->seen - run) % 8]);
    r->found[r->count++] = terms_bucket(hash, 0);
  }
}

static clio_status terms_on_word(void *ctx, const char *word, int64_t len) {
  terms_visit *v = ctx;
  terms_reader *r = v->r;
  if (r->seen >= v->j->o->words || len <= 0) return CLIO_OK;
  uint64_t raw = terms_hash(word, (size_t)len, 0);
  const terms_word *known = terms_slot(r, raw);
  clio_status status = CLIO_OK;
  if (known->raw == 0) status = terms_learn(v->j, r, raw, word, len, &known);
  if (status == CLIO_OK)
    status = terms_reserve(v->j->w, r, (uint64_t)known->count + v->j->o->ngrams);
  if (status != CLIO_OK || known->fold == 0) return status;
  if (known->frame && !r->all) {
    r->skipped++;
    return CLIO_OK;
  }
  terms_add_words(r, v->j->o, known->fold);
  if (known->count != 0)
    memcpy(r->found + r->count, r->arena + known->first, known->count * sizeof *r->found);
  r->count += known->count;
  return CLIO_OK;
}

static int terms_compare(const void *a, const void *b) {
  uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
  return (x > y) - (x < y);
}

/* Keeps the text's terms with their counts as row `row`. */
static clio_status terms_close(const terms_job *j, terms_reader *r, uint64_t row) {
  if (r->count == 0) return CLIO_OK;
  qsort(r->found, r->count, sizeof *r->found, terms_compare);
  if (r->chunk_used + r->count > r->chunk_room) {
    r->chunk_room = r->count > TERMS_CHUNK ? r->count : TERMS_CHUNK;
    r->chunk = work_alloc(j->w, r->chunk_room, sizeof *r->chunk);
    r->chunk_used = 0;
    if (r->chunk == NULL) {
      r->chunk_room = 0;
      return work_nomem(j->w, "the terms of the texts");
    }
  }
  terms_entry *entry = r->chunk + r->chunk_used;
  uint32_t n = 0;
  for (uint64_t i = 0; i < r->count; i++) {
    if (n == 0 || entry[n - 1].bucket != r->found[i]) {
      entry[n++] = (terms_entry){.bucket = r->found[i]};
      atomic_fetch_add_explicit(&j->df[r->found[i]], 1, memory_order_relaxed);
    }
    entry[n - 1].count++;
  }
  j->row[row] = entry;
  j->length[row] = n;
  r->chunk_used += n;
  return CLIO_OK;
}

/* Finds the terms of a text; one of function words alone ("how are you?") is
 * read with them. */
static clio_status terms_read(terms_visit *v, clio_span text) {
  clio_status status = CLIO_OK;
  for (v->r->all = 0; v->r->all < 2 && status == CLIO_OK; v->r->all++) {
    v->r->count = v->r->seen = v->r->skipped = 0;
    status = v->j->text->words(v->j->w->call, text.s, text.len, terms_on_word, v);
    if (v->r->count > 0 || v->r->skipped == 0) break;
  }
  return status;
}

static clio_status terms_read_block(void *ctx, uint64_t block) {
  const terms_job *j = ctx;
  uint64_t from, to;
  uint32_t slot;
  clio_status status = CLIO_OK;
  work_block(j->texts->rows, TERMS_ROWS, block, &from, &to);
  terms_visit v = {.j = j, .r = work_take(j->readers, &slot)};
  if (v.r == NULL) return work_nomem(j->w, "reading a block of texts");
  for (uint64_t row = from; row < to && status == CLIO_OK; row++) {
    clio_span text = clio_utf8(j->texts, row);
    if (text.s == NULL) continue;
    status = terms_read(&v, text);
    if (status == CLIO_OK) status = terms_close(j, v.r, row);
  }
  work_give(j->readers, slot);
  if (status == CLIO_OK && j->w->host->cancelled(j->w->call)) return CLIO_E_CANCELLED;
  return status;
}

/* ---- all texts ---- */

/* The smallest number of texts, min_df or more, that leaves at most `most` terms. */
static uint32_t terms_floor(const terms_job *j) {
  enum { TOP = 1 << 12 };
  uint64_t with[TOP] = {0}, kept = 0;
  for (uint64_t b = 0; b < TERMS_BUCKETS; b++) with[j->df[b] < TOP ? j->df[b] : TOP - 1]++;
  uint32_t floor = TOP - 1;
  while (floor > j->o->min_df && kept + with[floor] <= j->o->most) kept += with[floor--];
  if (kept + with[floor] > j->o->most) floor++;
  return floor > j->o->min_df ? floor : j->o->min_df;
}

/* Numbers the kept terms in bucket order. */
static clio_status terms_select(terms_job *j, uint64_t **ret_key) {
  uint64_t texts = 0, kept = 0;
  for (uint64_t row = 0; row < j->texts->rows; row++) texts += j->length[row] != 0;
  uint32_t floor = terms_floor(j);
  double ceiling = fmax(j->o->max_df * (double)texts, (double)floor);
  for (uint64_t b = 0; b < TERMS_BUCKETS; b++) {
    int keep = j->df[b] >= floor && (double)j->df[b] <= ceiling;
    j->id[b] = keep ? (uint32_t)kept++ : UINT32_MAX;
  }
  j->idf = work_alloc(j->w, kept, sizeof *j->idf);
  *ret_key = work_alloc(j->w, kept, sizeof **ret_key);
  if (j->idf == NULL || *ret_key == NULL) return work_nomem(j->w, "the vocabulary");
  for (uint64_t b = 0; b < TERMS_BUCKETS; b++) {
    if (j->id[b] == UINT32_MAX) continue;
    double idf = log((double)(1 + texts) / (double)(1 + j->df[b])) + 1;
    j->idf[j->id[b]] = (float)pow(idf, j->o->rarity);
    (*ret_key)[j->id[b]] = b;
  }
  j->m->columns = kept;
  return CLIO_OK;
}

/* Drops the other terms of a row, and counts what is left. */
static clio_status terms_prune_block(void *ctx, uint64_t block) {
  const terms_job *j = ctx;
  uint64_t from, to;
  work_block(j->texts->rows, TERMS_ROWS, block, &from, &to);
  for (uint64_t row = from; row < to; row++) {
    uint32_t n = 0;
    for (uint32_t i = 0; i < j->length[row]; i++)
      if (j->id[j->row[row][i].bucket] != UINT32_MAX) j->row[row][n++] = j->row[row][i];
    j->length[row] = n;
    j->m->start[row + 1] = n;
  }
  return CLIO_OK;
}

/* (1 + ln count) * idf; words and characters each scaled to their share. */
static clio_status terms_weigh_block(void *ctx, uint64_t block) {
  const terms_job *j = ctx;
  uint64_t from, to;
  work_block(j->texts->rows, TERMS_ROWS, block, &from, &to);
  for (uint64_t row = from; row < to; row++) {
    const terms_entry *entry = j->row[row];
    uint32_t *column = j->m->column + j->m->start[row];
    float *value = j->m->value + j->m->start[row];
    double square[TERMS_KINDS] = {0, 0};
    double share[TERMS_KINDS] = {1 - j->o->chars_weight, j->o->chars_weight};
    for (uint32_t i = 0; i < j->length[row]; i++) {
      column[i] = j->id[entry[i].bucket];
      value[i] = (1 + logf((float)entry[i].count)) * j->idf[column[i]];
      square[entry[i].bucket % TERMS_KINDS] += (double)value[i] * (double)value[i];
    }
    for (int kind = 0; kind < TERMS_KINDS; kind++)
      if (square[kind] <= 0) share[kind] = 0;
    for (uint32_t i = 0; i < j->length[row]; i++) {
      uint32_t kind = entry[i].bucket % TERMS_KINDS;
      value[i] *= (float)sqrt(share[kind] / (square[kind] * (share[0] + share[1])));
    }
  }
  return CLIO_OK;
}

static clio_status terms_fill(terms_job *j) {
  sparse *m = j->m;
  uint64_t blocks = work_blocks(j->texts->rows, TERMS_ROWS);
  clio_status status = work_each(j->w, blocks, terms_prune_block, j);
  if (status != CLIO_OK) return status;
  for (uint64_t row = 0; row < m->rows; row++) m->start[row + 1] += m->start[row];
  m->column = work_alloc(j->w, m->start[m->rows], sizeof *m->column);
  m->value = work_alloc(j->w, m->start[m->rows], sizeof *m->value);
  if (m->column == NULL || m->value == NULL) return work_nomem(j->w, "the term matrix");
  return work_each(j->w, blocks, terms_weigh_block, j);
}

clio_status terms_matrix(const work *w, const clio_text *text, const clio_view *texts,
                         const terms_options *o, sparse *ret, uint64_t **ret_key) {
  terms_job j = {.w = w, .text = text, .texts = texts, .o = o, .m = ret};
  *ret = (sparse){.rows = texts->rows};
  ret->start = work_alloc(w, texts->rows + 1, sizeof *ret->start);
  j.row = work_alloc(w, texts->rows, sizeof(terms_entry *));
  j.length = work_alloc(w, texts->rows, sizeof *j.length);
  j.df = work_alloc(w, TERMS_BUCKETS, sizeof *j.df);
  j.id = work_alloc(w, TERMS_BUCKETS, sizeof *j.id);
  j.readers = work_slots_new(w, sizeof(terms_reader));
  if (ret->start == NULL || j.row == NULL || j.length == NULL || j.df == NULL || j.id == NULL ||
      j.readers == NULL)
    return work_nomem(w, "the term table");
  clio_status status = work_each(w, work_blocks(texts->rows, TERMS_ROWS), terms_read_block, &j);
  if (status == CLIO_OK) status = terms_select(&j, ret_key);
  return status == CLIO_OK ? terms_fill(&j) : status;
}
