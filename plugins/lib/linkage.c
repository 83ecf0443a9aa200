/* linkage.c - Ward's agglomeration by nearest-neighbour chain; see linkage.h. */
#include "linkage.h"

#include <math.h>

/* Two slots that became one; a slot is named by one of its points. */
typedef struct linkage_merge {
  double height;
  uint32_t a, b;
} linkage_merge;

typedef struct linkage {
  const work *w;
  const linkage_points *p;
  double *distance; /* of slots i < j, condensed */
  double *weight;   /* of each slot; 0: merged away */
  uint32_t *chain;
  linkage_merge *merge;
  uint64_t merges;
} linkage;

/* Where the distance of slots i and j is: the upper triangle, row by row. */
static double *linkage_at(const linkage *l, uint64_t i, uint64_t j) {
  uint64_t a = i < j ? i : j, b = i < j ? j : i;
  return l->distance + a * (2 * l->p->n - a - 1) / 2 + (b - a - 1);
}

/* What merging adds to the sum of squares. */
static double linkage_cost(const double *a, double wa, const double *b, double wb, uint64_t d) {
  double square = 0;
  for (uint64_t i = 0; i < d; i++) square += (a[i] - b[i]) * (a[i] - b[i]);
  return square * wa * wb / (wa + wb);
}

static clio_status linkage_first_row(void *ctx, uint64_t i) {
  const linkage *l = ctx;
  uint64_t d = l->p->d;
  const float *x = l->p->x + i * d;
  for (uint64_t j = i + 1; j < l->p->n; j++) {
    const float *y = l->p->x + j * d;
    double square = 0, wi = l->weight[i], wj = l->weight[j];
    for (uint64_t e = 0; e < d; e++)
      square += ((double)x[e] - (double)y[e]) * ((double)x[e] - (double)y[e]);
    *linkage_at(l, i, j) = square * wi * wj / (wi + wj);
  }
  return CLIO_OK;
}

/* The nearest other slot. Of equal ones `before`, the last of the chain, so that
 * the chain cannot run in a circle; else the lowest. */
static uint32_t linkage_nearest(const linkage *l, uint32_t slot, uint32_t before) {
  uint32_t best = before;
  double least = before != UINT32_MAX ? *linkage_at(l, slot, before) : INFINITY;
  for (uint32_t j = 0; j < l->p->n; j++) {
    if (j == slot || l->weight[j] <= 0) continue;
    double distance = *linkage_at(l, slot, j);
    if (distance < least || best == UINT32_MAX) {
      least = distance;
      best = j;
    }
  }
  return best;
}

/* Slot a takes slot b in: Lance and Williams (1967) for Ward. */
static void linkage_unite(linkage *l, uint32_t a, uint32_t b) {
  double wa = l->weight[a], wb = l->weight[b], height = *linkage_at(l, a, b);
  for (uint32_t j = 0; j < l->p->n; j++) {
    double wj = l->weight[j];
    if (j == a || j == b || wj <= 0) continue;
    double *to = linkage_at(l, a, j);
    *to = ((wa + wj) * *to + (wb + wj) * *linkage_at(l, b, j) - wj * height) / (wa + wb + wj);
  }
  l->weight[a] = wa + wb;
  l->weight[b] = 0;
  l->merge[l->merges++] = (linkage_merge){.height = height, .a = a, .b = b};
}

static void linkage_chain(linkage *l) {
  uint64_t n = l->p->n, length = 0;
  while (l->merges + 1 < n) {
    if (length == 0) {
      uint32_t first = 0;
      while (l->weight[first] <= 0) first++;
      l->chain[length++] = first;
    }
    uint32_t top = l->chain[length - 1];
    uint32_t before = length > 1 ? l->chain[length - 2] : UINT32_MAX;
    uint32_t next = linkage_nearest(l, top, before);
    if (next != before) {
      l->chain[length++] = next;
      continue;
    }
    linkage_unite(l, top < next ? top : next, top < next ? next : top);
    length -= 2;
  }
}

static int linkage_by_height(const void *a, const void *b) {
  const linkage_merge *x = a, *y = b;
  if (x->height != y->height) return x->height < y->height ? -1 : 1;
  if (x->a != y->a) return x->a < y->a ? -1 : 1;
  return (x->b > y->b) - (x->b < y->b);
}

static uint32_t linkage_root(uint32_t *up, uint32_t i) {
  while (up[i] != i) i = up[i] = up[up[i]];
  return i;
}

/* Numbers groups 0, 1 ... by first member; returns how many. `number` holds n. */
static uint64_t linkage_renumber(uint32_t *group, uint64_t n, uint32_t *number) {
  uint32_t next = 0;
  for (uint64_t i = 0; i < n; i++) number[i] = UINT32_MAX;
  for (uint64_t i = 0; i < n; i++) {
    if (number[group[i]] == UINT32_MAX) number[group[i]] = next++;
    group[i] = number[group[i]];
  }
  return next;
}

clio_status linkage_cut(const work *w, const linkage_points *p, uint64_t groups,
                        uint32_t *ret_group) {
  uint64_t n = p->n;
  linkage l = {.w = w, .p = p};
  l.distance = work_alloc(w, n, (n > 0 ? n - 1 : 0) * sizeof *l.distance / 2 + sizeof *l.distance);
  l.weight = work_alloc(w, n, sizeof *l.weight);
  l.chain = work_alloc(w, n + 2, sizeof *l.chain);
  l.merge = work_alloc(w, n, sizeof *l.merge);
  if (!l.distance || !l.weight || !l.chain || !l.merge) return work_nomem(w, "the dendrogram");
  for (uint64_t i = 0; i < n; i++) {
    l.weight[i] = p->weight[i];
    ret_group[i] = (uint32_t)i;
  }
  CLIO_TRY(work_each(w, n, linkage_first_row, &l));
  linkage_chain(&l);
  if (l.merges > 0) qsort(l.merge, l.merges, sizeof *l.merge, linkage_by_height);
  for (uint64_t m = 0; m + groups < n; m++) {
    uint32_t a = linkage_root(ret_group, l.merge[m].a), b = linkage_root(ret_group, l.merge[m].b);
    ret_group[a < b ? b : a] = a < b ? a : b;
  }
  for (uint64_t i = 0; i < n; i++) ret_group[i] = linkage_root(ret_group, (uint32_t)i);
  linkage_renumber(ret_group, n, l.chain);
  return CLIO_OK;
}

/* ---- groups of one ---- */

/* Weighted means, weights and sizes of the groups. */
static void linkage_means(const linkage_points *p, const uint32_t *group, uint64_t groups,
                          double *mean, double *weight, double *size) {
  for (uint64_t i = 0; i < groups * p->d; i++) mean[i] = 0;
  for (uint64_t g = 0; g < groups; g++) weight[g] = size[g] = 0;
  for (uint64_t i = 0; i < p->n; i++) {
    weight[group[i]] += p->weight[i];
    size[group[i]]++;
    for (uint64_t e = 0; e < p->d; e++)
      mean[group[i] * p->d + e] += p->weight[i] * (double)p->x[i * p->d + e];
  }
  for (uint64_t g = 0; g < groups; g++)
    for (uint64_t e = 0; e < p->d; e++) mean[g * p->d + e] /= weight[g];
}

uint64_t linkage_join_singles(const linkage_points *p, uint32_t *group, uint64_t groups,
                              double *scratch) {
  double *mean = scratch, *weight = mean + groups * p->d, *size = weight + groups;
  while (groups > 1) {
    linkage_means(p, group, groups, mean, weight, size);
    uint64_t single = 0, best = UINT64_MAX;
    while (single < groups && size[single] > 1) single++;
    if (single == groups) break;
    double least = INFINITY;
    for (uint64_t g = 0; g < groups; g++) {
      if (g == single) continue;
      double cost =
          linkage_cost(mean + single * p->d, weight[single], mean + g * p->d, weight[g], p->d);
      if (best == UINT64_MAX || cost < least) {
        least = cost;
        best = g;
      }
    }
    uint64_t low = single < best ? single : best, high = single < best ? best : single;
    for (uint64_t i = 0; i < p->n; i++)
      group[i] = group[i] == high ? (uint32_t)low : group[i] > high ? group[i] - 1 : group[i];
    groups--;
  }
  return groups;
}
