/* groups.h - an assignment of items to parents, made into one that a tree can have: every
 * parent has at least two children, and there are about as many parents as were wanted,
 * whatever somebody proposed. */
#ifndef CLIO_HIERARCHIZER_LLM_GROUPS_H
#define CLIO_HIERARCHIZER_LLM_GROUPS_H
#include "work.h"

/* Items: n x d, rows of length 1 or 0. Borrowed. */
typedef struct groups_items {
  const work *w;
  const float *place;
  uint64_t n, d;
  void *room; /* n * NEAR_ROOM bytes that near_items() may use again and again; or NULL */
} groups_items;

enum { GROUPS_NEW = -1, NEAR_ROOM = 16 };

/* `group[i]` is the proposed parent of item i, below `parents`. Afterwards groups are
 * numbered from 0 without gaps, and ret_from[g] (room for `parents` + n of them) is the proposed
 * parent that group g was, or GROUPS_NEW. There are between half of `want` and one and a half times
 * as many (2 at the least), and each has two items or more; *ret_groups is 1 only for fewer than
 * four items. What is too much goes to the nearest, smallest first; what is too large is parted;
 * ties go to the lower index. [call] */
clio_status groups_settle(const groups_items *items, uint32_t *group, uint64_t parents,
                          uint64_t want, int64_t *ret_from, uint64_t *ret_groups);
#endif
