/* contrast.h - conversations just outside a group: those of the leaves nearest to it that
 * lie nearest to its centre, so that its name says what sets it apart. */
#ifndef CLIO_NAMER_LLM_CONTRAST_H
#define CLIO_NAMER_LLM_CONTRAST_H
#include "named_tree.h"
#include "sample.h"

typedef struct contrast {
  const work *w;
  const vocab *vocab;
  const tree *tree;
  clio_view centroids; /* of the clusters; no rows: there are none */
  clio_view vectors;   /* of the conversations; no rows: there are none */
  const int32_t *leaf; /* by conversation: place in the tree, -1: none */
  uint64_t conversations;
} contrast;

/* Rows outside node `at`, up to `most`, each with its nearness as order: memory of the call.
 * Without centroids they are drawn at random. [call] */
clio_status contrast_rows(const contrast *c, int64_t at, uint64_t most, sample_row **ret,
                          uint64_t *ret_count);
#endif
