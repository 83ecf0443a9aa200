/* phrases.h - a text column as numbered words, and the phrases in it that
 * enough accounts share.
 *
 * A word is counted by its stem (clio.text/1, fold) and shown as it stands. A
 * phrase is a run of one to four words, starting with a content word, that no
 * punctuation parts. Everything is the call's scratch; order of numbers follows
 * the rows, so that equal input gives equal numbers. */
#ifndef CLIO_PLUGINS_PHRASES_H
#define CLIO_PLUGINS_PHRASES_H
#include "clio.h"
#include "clio_util.h"
#include "strmap.h"

enum { PHRASE_MAX = 4 };
#define PHRASE_NONE UINT32_MAX

enum {
  TOKEN_SENTENCE = 1u << 0, /* first of a sentence */
  TOKEN_BREAK = 1u << 1,    /* no phrase spans the gap before it */
  TOKEN_JOINED = 1u << 2,   /* nothing stands between it and the word before */
  TOKEN_HYPHEN = 1u << 3    /* a hyphen does */
};

typedef struct phrase_token {
  uint32_t stem, surface, flags;
} phrase_token;

/* A phrase is the phrase without its last word, and that word. */
typedef struct phrase {
  uint32_t prefix, stem; /* prefix: PHRASE_NONE where it is one word */
  uint32_t words, df;    /* df: accounts of the corpus that use it */
} phrase;

enum {
  STEM_FRAME = 1u << 0,  /* on the frame list */
  STEM_CONTENT = 1u << 1 /* fit to start or end a phrase */
};

typedef struct phrase_corpus {
  const clio_host *host;
  clio_call *call;
  const clio_text *text;
  strmap stems, surfaces;
  uint8_t *stem_kind; /* by stem: STEM_* */
  uint32_t *common;   /* by stem: its most common surface */
  uint32_t *stem_of;  /* by surface */
  uint64_t kinds_room, stem_of_room;
  uint64_t rows;
  uint64_t *start; /* row r holds tokens [start[r], start[r + 1]) */
  phrase_token *token;
  uint64_t tokens, room;
  uint8_t *asks;          /* by row: holds a question mark */
  uint64_t *order;        /* rows of which each account's stand together */
  const int64_t *account; /* by row */
  phrase *phrase;
  uint32_t phrases;
  uint32_t *at; /* token t, length n: phrase at[t * PHRASE_MAX + n - 1] */
} phrase_corpus;

/* Cuts the rows' texts into words. `account[r]`: who wrote row r, never null;
 * borrowed. Rows that `skip[r]` marks (may be NULL) stay empty. [call] */
clio_status phrases_read(const clio_host *host, clio_call *call, const clio_text *text,
                         const clio_view *texts, const int64_t *account, const uint8_t *skip,
                         phrase_corpus *ret);

/* Finds the phrases that at least `accounts` accounts use. [call] */
clio_status phrases_find(phrase_corpus *corpus, uint32_t accounts);

/* How many accounts among `rows` use each phrase: ret_df[corpus->phrases]. Each
 * account's rows must stand together. `stamp`: room for a number per phrase. [call] */
void phrases_count(const phrase_corpus *corpus, const uint64_t *rows, uint64_t count,
                   uint64_t *stamp, uint32_t *ret_df);

/* The stems of a phrase, first to last; returns how many. [any] */
uint32_t phrases_stems(const phrase_corpus *corpus, uint32_t phrase, uint32_t ret[PHRASE_MAX]);

/* Does a part of a sentence end with this token of the row: is what follows
 * punctuation, a function word, or nothing? [any] */
int phrases_part_ends(const phrase_corpus *corpus, uint64_t token, uint64_t row);

/* The stem of one word of ours (a template's); UINT32_MAX where no text holds
 * it. [call] */
clio_status phrases_stem_of(const phrase_corpus *corpus, const char *word, int64_t len,
                            uint32_t *ret);
#endif
