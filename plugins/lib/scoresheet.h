/* scoresheet.h - the scores of a validator: gathered row by row, emitted as one table
 * of `scores`. Memory is the call's scratch; the first failure sticks. [call] */
#ifndef CLIO_PLUGINS_SCORESHEET_H
#define CLIO_PLUGINS_SCORESHEET_H
#include "clio.h"
#include "clio_util.h"

/* The columns of `scores`, for an output port's declaration. */
extern const clio_column scoresheet_columns[7];

/* One measurement. `slice`: of which part; NULL: of all. `reference`: a published
 * figure; 0: none. `n`: how many things it was measured on. */
typedef struct score {
  const char *metric, *slice;
  double value, low, high, reference;
  int64_t n;
  int has_interval;
} score;

typedef struct scoresheet {
  const clio_host *host;
  clio_call *call;
  score *rows;
  uint64_t count, room;
  clio_status status;
} scoresheet;

/* An empty sheet. */
scoresheet scoresheet_new(const clio_host *host, clio_call *call);

/* Adds a row; its strings must live until the sheet is emitted. */
void scoresheet_add(scoresheet *s, const score *row);

/* NUL-ended copies: of a span, and "A > B". "" where there is no memory. */
const char *scoresheet_keep(scoresheet *s, clio_span text);
const char *scoresheet_pair(scoresheet *s, clio_span a, clio_span b);

/* Emits the rows through that output port. */
clio_status scoresheet_emit(scoresheet *s, uint32_t port);
#endif
