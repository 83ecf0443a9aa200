/* levels.h - how many levels a tree has and how many nodes each: sizes shrink by a constant
 * factor, n(l) / n(l-1) = (top / leaves)^(1 / (levels - 1)) (Clio paper, appendix G.7). */
#ifndef CLIO_LIB_LEVELS_H
#define CLIO_LIB_LEVELS_H
#include <stdint.h>

typedef struct levels_shape {
  uint64_t leaves, top, levels; /* levels: leaves included */
} levels_shape;

/* `top` and `levels` are parameters, -1 for auto: the square root of the leaves, at most 10
 * nodes; one level for each tenfold. [any] */
levels_shape levels_plan(int64_t top, int64_t levels, uint64_t leaves);

/* Nodes that level `l` (1 ... levels - 1) should have, above one of `below` nodes: never
 * more than half of them. Less than 2: the level is not worth making. [any] */
uint64_t levels_size(const levels_shape *s, uint64_t l, uint64_t below);
#endif
