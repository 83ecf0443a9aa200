/* near.c - neighbourhoods by k-means; see near.h. */
#include "near.h"

#include "linalg.h"
#include "seeding.h"

enum { ITERATIONS = 50 };

/* Labels of k-means; items without a direction are dealt out. */
static clio_status cluster(const groups_items *items, uint64_t k, uint64_t key, uint32_t *label) {
  const work *w = items->w;
  uint64_t made = 0;
  lloyd l;
  float *scale = work_alloc(w, items->n, sizeof *scale);
  float *centre = work_alloc(w, k, items->d * sizeof *centre);
  if (!scale || !centre) return work_nomem(w, "neighbourhoods");
  for (uint64_t i = 0; i < items->n; i++)
    scale[i] = linalg_inverse_norm(items->place + i * items->d, items->d);
  lloyd_rows rows = {items->place, scale, items->n, items->d};
  CLIO_TRY(lloyd_init(&l, w, &rows, k));
  CLIO_TRY(seeding_run(w, &rows, k, items->n, key, centre, &made));
  if (made > 0) {
    lloyd_start(&l, centre, made);
    CLIO_TRY(lloyd_run(&l, ITERATIONS, 0));
  }
  for (uint64_t i = 0; i < items->n; i++) {
    int32_t found = made > 0 ? l.label[i] : -1;
    label[i] = found >= 0 ? (uint32_t)found : (uint32_t)(i % k);
  }
  return CLIO_OK;
}

/* Cuts what is too large, by index, and numbers anew. */
static clio_status cut(const groups_items *items, uint64_t k, uint64_t most, near *ret) {
  uint64_t *count = work_alloc(items->w, k, sizeof *count);
  uint32_t *number = work_alloc(items->w, k, sizeof *number);
  if (!count || !number) return work_nomem(items->w, "neighbourhoods");
  for (uint64_t i = 0; i < items->n; i++) {
    uint32_t label = ret->hood[i];
    if (count[label]++ % most == 0) number[label] = (uint32_t)ret->hoods++;
    ret->hood[i] = number[label];
  }
  return CLIO_OK;
}

clio_status near_find(const groups_items *items, uint64_t size, uint64_t key, near *ret) {
  uint64_t k = (items->n + size - 1) / size, d = items->d;
  *ret = (near){.hood = work_alloc(items->w, items->n, sizeof *ret->hood)};
  if (!ret->hood) return work_nomem(items->w, "neighbourhoods");
  if (k > 1) CLIO_TRY(cluster(items, k, key, ret->hood));
  CLIO_TRY(cut(items, k ? k : 1, 2 * size, ret));
  ret->centre = work_alloc(items->w, ret->hoods, d * sizeof *ret->centre);
  if (!ret->centre) return work_nomem(items->w, "neighbourhoods");
  for (uint64_t i = 0; i < items->n; i++)
    for (uint64_t e = 0; e < d; e++) ret->centre[ret->hood[i] * d + e] += items->place[i * d + e];
  for (uint64_t h = 0; h < ret->hoods; h++)
    linalg_scale(ret->centre + h * d, linalg_inverse_norm(ret->centre + h * d, d), d);
  return CLIO_OK;
}

typedef struct like {
  double like;
  uint64_t item;
} like;
_Static_assert(sizeof(like) <= NEAR_ROOM, "what near_items needs for an item");

static int by_like(const void *a, const void *b) {
  const like *x = a, *y = b;
  if (x->like != y->like) return x->like > y->like ? -1 : 1;
  return (x->item > y->item) - (x->item < y->item);
}

clio_status near_items(const groups_items *items, const float *pole, const uint8_t *skip,
                       uint64_t most, uint64_t *ret_item, uint64_t *ret_count) {
  like *all = items->room ? items->room : work_alloc(items->w, items->n, sizeof *all);
  uint64_t n = 0;
  if (!all) return work_nomem(items->w, "neighbourhoods");
  for (uint64_t i = 0; i < items->n; i++)
    if (!skip || !skip[i])
      all[n++] = (like){linalg_dot(pole, items->place + i * items->d, items->d), i};
  if (n > 0) qsort(all, n, sizeof *all, by_like);
  *ret_count = n < most ? n : most;
  for (uint64_t i = 0; i < *ret_count; i++) ret_item[i] = all[i].item;
  return CLIO_OK;
}
