/* contrast.c - conversations just outside a group; see contrast.h. */
#include "contrast.h"

#include <math.h>

enum { LEAVES = 4 }; /* the nearest ones that share the room */
#define LAST (1ull << 62)

/* Is node `at` on the way from `node` to the top? */
static int is_inside(const tree *t, int64_t node, int64_t at) {
  for (int64_t n = node; n != TREE_NONE; n = t->node[n].parent)
    if (n == at) return 1;
  return 0;
}

/* How far apart two directions are, as a whole number: 0 ... 2^31; -1: one is none. */
static int64_t distance(const float *a, const float *b, uint32_t dim) {
  double product = 0, aa = 0, bb = 0;
  if (!a || !b) return -1;
  for (uint32_t i = 0; i < dim; i++) {
    product += (double)a[i] * (double)b[i];
    aa += (double)a[i] * (double)a[i];
    bb += (double)b[i] * (double)b[i];
  }
  if (!(aa > 0) || !(bb > 0)) return -1;
  return (int64_t)llrint((1 - product / sqrt(aa * bb)) * (double)(1 << 30));
}

typedef struct near_leaf {
  int64_t distance;
  uint64_t at;
} near_leaf;

static int by_distance(const void *a, const void *b) {
  const near_leaf *x = a, *y = b;
  if (x->distance != y->distance) return x->distance < y->distance ? -1 : 1;
  return (x->at > y->at) - (x->at < y->at);
}

/* Leaves outside the node, nearest first. */
static clio_status near_leaves(const contrast *c, int64_t at, const float *centre, near_leaf **ret,
                               uint64_t *ret_count) {
  const tree *t = c->tree;
  near_leaf *leaf = work_alloc(c->w, t->nodes, sizeof *leaf);
  uint64_t n = 0;
  if (!leaf) return work_nomem(c->w, "a contrast");
  for (uint64_t i = 0; i < t->nodes; i++) {
    if (t->node[i].level != 0 || is_inside(t, (int64_t)i, at)) continue;
    int64_t far = distance(centre, clio_vec(&c->centroids, t->node[i].table_row), c->centroids.dim);
    if (far >= 0) leaf[n++] = (near_leaf){far, i};
  }
  if (n > 0) qsort(leaf, n, sizeof *leaf, by_distance);
  *ret = leaf;
  *ret_count = n;
  return CLIO_OK;
}

/* Rows of the nearest leaves; where rows have no vectors, a leaf's in random order. */
static clio_status near_rows(const contrast *c, int64_t at, const float *centre, uint64_t most,
                             sample_row *rows, uint64_t *ret_count) {
  near_leaf *leaf = NULL;
  uint64_t leaves = 0, n = 0;
  int same = c->vectors.rows > 0 && c->vectors.dim == c->centroids.dim;
  CLIO_TRY(near_leaves(c, at, centre, &leaf, &leaves));
  for (uint64_t l = 0; l < leaves && n < most; l++) {
    const tree_node *node = &c->tree->node[leaf[l].at];
    uint64_t share = most / LEAVES + 1, take = node->members < share ? node->members : share;
    for (uint64_t i = 0; i < take && n < most; i++) {
      uint64_t row = node->member[i * node->members / take];
      int64_t far = same ? distance(centre, clio_vec(&c->vectors, row), c->vectors.dim) : -1;
      uint64_t order = far >= 0 ? (uint64_t)far : LAST | c->w->host->random(c->w->call, row) >> 2;
      rows[n++] = (sample_row){.account = c->vocab->account[row], .order = order, .row = row};
    }
  }
  *ret_count = n;
  return CLIO_OK;
}

/* Rows drawn anywhere outside. */
static void random_rows(const contrast *c, int64_t at, uint64_t most, sample_row *rows,
                        uint64_t *ret_count) {
  enum { TRIES = 4 };
  uint64_t n = 0, key = ((uint64_t)at + 1) << 40;
  for (uint64_t i = 0; i < TRIES * most && n < most && c->conversations > 0; i++) {
    uint64_t draw = c->w->host->random(c->w->call, key + i), row = draw % c->conversations;
    int known = 0;
    if (c->leaf[row] < 0 || is_inside(c->tree, c->leaf[row], at)) continue;
    for (uint64_t k = 0; k < n && !known; k++) known = rows[k].row == row;
    if (!known)
      rows[n++] = (sample_row){.account = c->vocab->account[row], .order = draw, .row = row};
  }
  *ret_count = n;
}

clio_status contrast_rows(const contrast *c, int64_t at, uint64_t most, sample_row **ret,
                          uint64_t *ret_count) {
  *ret_count = 0;
  *ret = work_alloc(c->w, most, sizeof **ret);
  if (!*ret) return work_nomem(c->w, "a contrast");
  const float *centre =
      c->centroids.rows > 0 ? clio_vec(&c->centroids, c->tree->node[at].table_row) : NULL;
  if (centre) CLIO_TRY(near_rows(c, at, centre, most, *ret, ret_count));
  if (*ret_count == 0) random_rows(c, at, most, *ret, ret_count);
  return CLIO_OK;
}
