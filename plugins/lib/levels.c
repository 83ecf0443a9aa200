/* levels.c - the sizes of a tree's levels; see levels.h. */
#include "levels.h"

#include <math.h>

enum { RATIO = 10, TOP = 10 };

levels_shape levels_plan(int64_t top, int64_t levels, uint64_t leaves) {
  uint64_t nodes = (uint64_t)lround(sqrt((double)leaves)), auto_levels = 1;
  nodes = nodes < 2 ? 2 : nodes > TOP ? TOP : nodes;
  if (top >= 0) nodes = (uint64_t)top;
  if (leaves > TOP && leaves > nodes) {
    double steps = round(log((double)leaves / (double)nodes) / log(RATIO));
    auto_levels = 1 + (uint64_t)fmax(steps, 1);
  }
  return (levels_shape){leaves, nodes, levels >= 0 ? (uint64_t)levels : auto_levels};
}

uint64_t levels_size(const levels_shape *s, uint64_t l, uint64_t below) {
  double share = (double)l / (double)(s->levels - 1);
  double size = (double)s->leaves * pow((double)s->top / (double)s->leaves, share);
  uint64_t want = (uint64_t)lround(size);
  return want < below / 2 ? want : below / 2;
}
