/* lloyd.h - spherical k-means: rows go to the centre of highest cosine, centres
 * are the directions of their rows' sums. Exact Lloyd iterations on blocked
 * sgemm, less the rows that Hamerly's bounds (SDM 2010) leave where they are;
 * sums are kept in fixed point, so only changes are added and nothing depends
 * on the order. Memory: 24 bytes a row, 16 a number of a centre. */
#ifndef CLIO_LIB_LLOYD_H
#define CLIO_LIB_LLOYD_H
#include "work.h"

/* The rows: n x d floats of any length, with scale[i] = 1 / |row i|, or 0 for a
 * row that takes no part. Both borrowed. */
typedef struct lloyd_rows {
  const float *x, *scale;
  uint64_t n, d;
} lloyd_rows;

typedef struct lloyd {
  const work *w;
  lloyd_rows rows;
  uint64_t k;
  float *centre;  /* k x d, of length 1 */
  int32_t *label; /* of each row; -1: takes no part */
  uint64_t *size; /* rows of each centre */
  float *fit;     /* scratch of n floats; lloyd_fit() may fill it */
  /* what follows is the engine's own */
  int64_t *sum;         /* k x d, fixed point */
  int32_t *counted;     /* the label under which a row is in its sum */
  float *upper, *lower; /* bounds of the distances to the own and the next centre */
  float *half, *moved;  /* half the way to the nearest centre; the last step */
  uint32_t *changed;    /* rows with a new label, block by block */
  uint64_t *changes;    /* how many of each block */
  work_slots *tiles;
} lloyd;

/* Memory of the call for at most `most` centres. [call] */
clio_status lloyd_init(lloyd *l, const work *w, const lloyd_rows *rows, uint64_t most);

/* Starts again from k <= most centres of length 1, copied. [call] */
void lloyd_start(lloyd *l, const float *centre, uint64_t k);

/* Iterates until fewer than tolerance * rows change their centre, at most
 * `iterations` times; ends with each centre where its rows are. A centre that
 * lost all rows takes the row that fits its own centre worst; when rows do not
 * differ enough, fewer than k centres are left. [call] */
clio_status lloyd_run(lloyd *l, uint64_t iterations, double tolerance);

/* Dissolves the smallest centre into the others, row by row, until each has
 * `least` rows or only two are left. [call] */
clio_status lloyd_dissolve(lloyd *l, uint64_t least);

/* Puts each centre where those of its rows are that are not marked in `out` (a
 * byte a row); labels and sizes stay. The last thing to do, once. [call] */
void lloyd_trim(lloyd *l, const uint8_t *out);

/* The cosine of each row to its centre (0 where it has none), and their sum in
 * fixed point. [call] */
clio_status lloyd_fit(const lloyd *l, float *ret_fit, int64_t *ret_sum);
#endif
