/* groups.c - assignments made fit for a tree; see groups.h. */
#include "groups.h"

#include "linalg.h"

typedef struct settling {
  const groups_items *items;
  uint32_t *group;
  uint64_t groups;
  uint64_t *size;
  int64_t *from;
  float *mean; /* groups x d: sums of their items' directions */
} settling;

static void settle_means(settling *s) {
  uint64_t d = s->items->d;
  memset(s->size, 0, s->items->n * sizeof *s->size);
  memset(s->mean, 0, s->groups * d * sizeof *s->mean);
  for (uint64_t i = 0; i < s->items->n; i++) {
    uint64_t g = s->group[i];
    s->size[g]++;
    for (uint64_t e = 0; e < d; e++) s->mean[g * d + e] += s->items->place[i * d + e];
  }
}

/* Numbers the groups that have items from 0, in order. */
static clio_status settle_number(settling *s, uint64_t parents) {
  uint32_t *number = work_alloc(s->items->w, parents, sizeof *number);
  uint8_t *used = work_alloc(s->items->w, parents, 1);
  if (!number || !used) return work_nomem(s->items->w, "the tree");
  for (uint64_t i = 0; i < s->items->n; i++) used[s->group[i]] = 1;
  s->groups = 0;
  for (uint64_t p = 0; p < parents; p++) {
    if (!used[p]) continue;
    s->from[s->groups] = (int64_t)p;
    number[p] = (uint32_t)s->groups++;
  }
  for (uint64_t i = 0; i < s->items->n; i++) s->group[i] = number[s->group[i]];
  return CLIO_OK;
}

static double cosine(const settling *s, const float *a, uint64_t g) {
  const float *b = s->mean + g * s->items->d;
  return linalg_dot(a, b, s->items->d) * (double)linalg_inverse_norm(a, s->items->d) *
         (double)linalg_inverse_norm(b, s->items->d);
}

static uint64_t nearest_group(const settling *s, uint64_t to) {
  uint64_t best = to == 0 ? 1 : 0;
  double most = -2;
  for (uint64_t g = 0; g < s->groups; g++) {
    double here = g == to ? -3 : cosine(s, s->mean + to * s->items->d, g);
    if (here <= most) continue;
    most = here;
    best = g;
  }
  return best;
}

/* Group g's items go to `to`; the last group takes its number. */
static void join(settling *s, uint64_t g, uint64_t to) {
  uint64_t last = s->groups - 1, d = s->items->d;
  for (uint64_t i = 0; i < s->items->n; i++) {
    if (s->group[i] == g) s->group[i] = (uint32_t)to;
    if (s->group[i] == last) s->group[i] = (uint32_t)g;
  }
  s->size[to] += s->size[g];
  for (uint64_t e = 0; e < d; e++) s->mean[to * d + e] += s->mean[g * d + e];
  s->size[g] = s->size[last];
  s->from[g] = s->from[last];
  memmove(s->mean + g * d, s->mean + last * d, d * sizeof *s->mean);
  s->groups--;
}

static uint64_t smallest_group(const settling *s) {
  uint64_t best = 0;
  for (uint64_t g = 1; g < s->groups; g++)
    if (s->size[g] < s->size[best]) best = g;
  return best;
}

static uint64_t largest_group(const settling *s) {
  uint64_t best = 0;
  for (uint64_t g = 1; g < s->groups; g++)
    if (s->size[g] > s->size[best]) best = g;
  return best;
}

/* ---- parting a group that is too large ---- */

typedef struct lean {
  double lean; /* how much nearer to the first pole than to the second */
  uint64_t item;
} lean;

static int by_lean(const void *a, const void *b) {
  const lean *x = a, *y = b;
  if (x->lean != y->lean) return x->lean > y->lean ? -1 : 1;
  return (x->item > y->item) - (x->item < y->item);
}

/* The member of g that is least like `pole`. */
static uint64_t least_like(const settling *s, uint64_t g, const float *pole) {
  uint64_t best = UINT64_MAX, d = s->items->d;
  double least = 0;
  for (uint64_t i = 0; i < s->items->n; i++) {
    if (s->group[i] != g) continue;
    double here = linalg_dot(pole, s->items->place + i * d, d);
    if (best != UINT64_MAX && here >= least) continue;
    best = i;
    least = here;
  }
  return best;
}

/* In two, by which of two members far apart each is nearer to; two or more on each side. */
static clio_status part(settling *s, uint64_t g) {
  uint64_t n = 0, d = s->items->d, first = 0;
  const float *place = s->items->place;
  lean *member = work_alloc(s->items->w, s->size[g], sizeof *member);
  if (!member) return work_nomem(s->items->w, "the tree");
  uint64_t a = least_like(s, g, s->mean + g * d), b = least_like(s, g, place + a * d);
  for (uint64_t i = 0; i < s->items->n; i++) {
    if (s->group[i] != g) continue;
    double to_a = linalg_dot(place + a * d, place + i * d, d);
    member[n++] = (lean){to_a - linalg_dot(place + b * d, place + i * d, d), i};
  }
  qsort(member, n, sizeof *member, by_lean);
  while (first < n && member[first].lean > 0) first++;
  if (first < 2 || n - first < 2) first = n / 2;
  for (uint64_t i = first; i < n; i++) s->group[member[i].item] = (uint32_t)s->groups;
  s->from[s->groups++] = GROUPS_NEW;
  settle_means(s);
  return CLIO_OK;
}

/* ---- all of it ---- */

clio_status groups_settle(const groups_items *items, uint32_t *group, uint64_t parents,
                          uint64_t want, int64_t *ret_from, uint64_t *ret_groups) {
  settling s = {.items = items, .group = group, .from = ret_from};
  uint64_t most = want + want / 2, least = (want + 1) / 2;
  uint64_t room = parents > items->n ? parents : items->n;
  s.size = work_alloc(items->w, items->n, sizeof *s.size);
  s.mean = work_alloc(items->w, room, items->d * sizeof *s.mean);
  if (!s.size || !s.mean) return work_nomem(items->w, "the tree");
  if (most < 2) most = 2;
  if (least < 2) least = 2;
  CLIO_TRY(settle_number(&s, parents));
  settle_means(&s);
  while (s.groups > 1) {
    uint64_t g = smallest_group(&s);
    if (s.groups <= most && s.size[g] >= 2) break;
    if (items->w->host->cancelled(items->w->call)) return CLIO_E_CANCELLED;
    join(&s, g, nearest_group(&s, g));
  }
  while (s.groups < least) {
    uint64_t g = largest_group(&s);
    if (s.size[g] < 4) break;
    CLIO_TRY(part(&s, g));
  }
  *ret_groups = s.groups;
  return CLIO_OK;
}
