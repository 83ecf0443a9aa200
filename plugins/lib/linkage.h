/* linkage.h - agglomeration of weighted points by Ward's criterion: nearest-
 * neighbour chain (Murtagh 1983) over the Lance-Williams recurrence. Work
 * n^2 * d once and then n^2; memory 4 n^2 bytes. */
#ifndef CLIO_LIB_LINKAGE_H
#define CLIO_LIB_LINKAGE_H
#include "work.h"

/* Points: n x d, each with a weight > 0 (the rows it stands for). Borrowed. */
typedef struct linkage_points {
  const float *x;
  const double *weight;
  uint64_t n, d;
} linkage_points;

/* Cuts the dendrogram at `groups` groups (1 ... n): ret_group[i] is the group of
 * point i, numbered by first member. Ties go to the lower index. [call] */
clio_status linkage_cut(const work *w, const linkage_points *p, uint64_t groups,
                        uint32_t *ret_group);

/* Joins each group of one point with the group next to it, again by Ward's
 * criterion, until every group has two points or one group is left; returns how
 * many are left, numbered anew. `scratch`: n * (d + 2) doubles. [any] */
uint64_t linkage_join_singles(const linkage_points *p, uint32_t *group, uint64_t groups,
                              double *scratch);
#endif
