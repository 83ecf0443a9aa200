/* sample.h - which conversations a model is shown of a group: few of each account, no text
 * nearly twice, so that nobody fills the sample. */
#ifndef CLIO_NAMER_LLM_SAMPLE_H
#define CLIO_NAMER_LLM_SAMPLE_H
#include "vocab.h"

/* A row that may be shown; lower `order` comes first. */
typedef struct sample_row {
  int64_t account;
  uint64_t order, row, turn;
} sample_row;

typedef struct sample {
  const vocab *vocab;
  clio_view texts;
  uint64_t most;        /* rows wanted */
  uint64_t per_account; /* at most */
} sample;

/* Chooses up to s->most of `n` rows, into ret_row: first one of each account, then the second
 * of each, and so on; none without text, none whose simhash is within three bits of one that
 * is shown. Reorders `rows`. *ret_count: how many. [call] */
clio_status sample_take(const sample *s, sample_row *rows, uint64_t n, uint64_t *ret_row,
                        uint64_t *ret_count);
#endif
