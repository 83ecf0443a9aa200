/* repeats.h - near-repeats among the conversations of one account. */
#ifndef CLIO_SAMPLER_REPEATS_H
#define CLIO_SAMPLER_REPEATS_H
#include "clio_util.h"

/* One row in a draw. */
typedef struct sample_row {
  uint64_t row, random, simhash;
  int64_t account;
  int has_account, dropped;
} sample_row;

enum { REPEATS_BITS_MAX = 7 };

/* What a search among many rows needs; made when it is first wanted and used
 * again. Set `most`, the largest n there will be, and `bits`, in how many bits
 * two simhashes may differ (at most REPEATS_BITS_MAX); zero the rest. */
typedef struct repeats_space {
  uint64_t most;
  unsigned bits;
  uint64_t *first, *next;
} repeats_space;

/* Marks rows as dropped whose simhash is within space->bits bits of an earlier
 * row that is kept; a text without words (simhash 0) is nobody's repeat.
 * CLIO_E_NOMEM fails the call. */
clio_status repeats_drop(const clio_host *host, clio_call *call, repeats_space *space,
                         sample_row *rows, uint64_t n);
#endif
