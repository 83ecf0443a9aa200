/* ward_tree.c - levels above the leaves, by Ward's linkage; see ward_tree.h. */
#include "ward_tree.h"

#include <math.h>

#include "linkage.h"
#include "principal.h"

enum { WARD_RATIO = 10, WARD_TOP = 10 };

void ward_shape(int64_t top, int64_t levels, uint64_t leaves, uint64_t *ret_top,
                uint64_t *ret_levels) {
  uint64_t nodes = (uint64_t)lround(sqrt((double)leaves)), auto_levels = 1;
  nodes = nodes < 2 ? 2 : nodes > WARD_TOP ? WARD_TOP : nodes;
  if (top >= 0) nodes = (uint64_t)top;
  if (leaves > WARD_TOP && leaves > nodes) {
    double steps = round(log((double)leaves / (double)nodes) / log(WARD_RATIO));
    auto_levels = 1 + (uint64_t)fmax(steps, 1);
  }
  *ret_top = nodes;
  *ret_levels = levels >= 0 ? (uint64_t)levels : auto_levels;
}

/* Adds the parents of nodes [first, first + n): one for each group. */
static void ward_add(ward_tree *t, uint64_t first, uint64_t n, const uint32_t *group,
                     uint64_t groups) {
  uint64_t next = t->nodes, d = t->d;
  for (uint64_t i = first; i < first + n; i++) {
    uint64_t parent = next + group[i - first];
    t->parent[i] = (int64_t)parent;
    t->weight[parent] += t->weight[i];
    for (uint64_t e = 0; e < d; e++)
      t->centroid[parent * d + e] += (float)t->weight[i] * t->centroid[i * d + e];
  }
  int64_t id = 0;
  for (uint64_t i = 0; i < next; i++) id = t->id[i] >= id ? t->id[i] + 1 : id;
  for (uint64_t p = next; p < next + groups; p++) {
    t->id[p] = id++;
    t->level[p] = t->level[first] + 1;
    t->parent[p] = -1;
    for (uint64_t e = 0; e < d; e++) t->centroid[p * d + e] /= (float)t->weight[p];
  }
  t->nodes += groups;
}

/* Groups nodes [first, first + n) into `want` groups or fewer. Centroids of many
 * topics are nearly orthogonal: every merge then costs the same, and one node
 * swallows most of the tree. So they are linked along as few directions as tell
 * that many groups apart, where topics that share words come together. */
static clio_status ward_group(const ward_tree *t, uint64_t first, uint64_t n, uint64_t want,
                              uint32_t *group, uint64_t *ret_groups) {
  uint64_t p = want > 3 ? want - 1 : 2;
  linkage_points points = {t->centroid + first * t->d, t->weight + first, n, t->d};
  float *place = work_alloc(t->w, n, p * sizeof *place);
  double *scratch = work_alloc(t->w, n, (p + 2) * sizeof *scratch);
  if (!place || !scratch) return work_nomem(t->w, "the tree");
  CLIO_TRY(principal_directions(t->w, &points, p, place));
  points.x = place;
  points.d = p;
  CLIO_TRY(linkage_cut(t->w, &points, want, group));
  *ret_groups = linkage_join_singles(&points, group, want, scratch);
  return CLIO_OK;
}

clio_status ward_grow(ward_tree *t, uint64_t top, uint64_t levels) {
  uint64_t leaves = t->nodes, first = 0, n = leaves, groups = 0;
  uint32_t *group = work_alloc(t->w, leaves, sizeof *group);
  if (!group) return work_nomem(t->w, "the tree");
  for (uint64_t l = 1; l < levels; l++) {
    double share = (double)l / (double)(levels - 1);
    uint64_t want = (uint64_t)lround((double)leaves * pow((double)top / (double)leaves, share));
    want = want < n / 2 ? want : n / 2;
    if (want < 2) break;
    CLIO_TRY(ward_group(t, first, n, want, group, &groups));
    if (groups < 2) break;
    ward_add(t, first, n, group, groups);
    first += n;
    n = groups;
  }
  return CLIO_OK;
}
