/* ward_tree.c - levels above the leaves, by Ward's linkage; see ward_tree.h. */
#include "ward_tree.h"

#include "linkage.h"
#include "principal.h"

/* Groups nodes [first, first + n) into `want` groups or fewer. Centroids of many
 * topics are nearly orthogonal: every merge then costs the same, and one node
 * swallows most of the tree. So they are linked along as few directions as tell
 * that many groups apart, where topics that share words come together. */
static clio_status ward_group(const leaves_tree *t, uint64_t first, uint64_t n, uint64_t want,
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

clio_status ward_grow(leaves_tree *t, const levels_shape *shape) {
  uint64_t leaves = t->nodes, first = 0, n = leaves, groups = 0;
  uint32_t *group = work_alloc(t->w, leaves, sizeof *group);
  if (!group) return work_nomem(t->w, "the tree");
  for (uint64_t l = 1; l < shape->levels; l++) {
    uint64_t want = levels_size(shape, l, n);
    if (want < 2) break;
    CLIO_TRY(ward_group(t, first, n, want, group, &groups));
    if (groups < 2) break;
    leaves_add(t, first, n, group, groups);
    first += n;
    n = groups;
  }
  return CLIO_OK;
}
