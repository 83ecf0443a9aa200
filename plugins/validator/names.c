/* names.c - measures of a released tree; see names.h. */
#include "names.h"

#include "released.h"

enum { WORDS_MAX = 64 };

/* The words of a name: runs of bytes between spaces and ASCII punctuation. */
typedef struct bag {
  clio_span word[WORDS_MAX];
  uint32_t count;
} bag;

static int is_between(char c) { return strchr(" ,.;:!?()'\"/-", c) != NULL; }

static bag bag_of(clio_span name) {
  bag b = {.count = 0};
  for (int64_t i = 0, start = 0; i <= name.len; i++) {
    if (i < name.len && !is_between(name.s[i])) continue;
    if (i > start && b.count < WORDS_MAX)
      b.word[b.count++] = (clio_span){name.s + start, i - start};
    start = i + 1;
  }
  return b;
}

static char small(char c) { return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c; }

static int same_word(clio_span a, clio_span b) {
  if (a.len != b.len) return 0;
  for (int64_t i = 0; i < a.len; i++)
    if (small(a.s[i]) != small(b.s[i])) return 0;
  return 1;
}

static uint32_t shared_words(const bag *a, const bag *b) {
  uint32_t shared = 0;
  for (uint32_t i = 0; i < a->count; i++)
    for (uint32_t k = 0; k < b->count; k++)
      if (same_word(a->word[i], b->word[k])) {
        shared++;
        break;
      }
  return shared;
}

static int near_duplicates(const bag *a, const bag *b) {
  uint32_t most = a->count > b->count ? a->count : b->count;
  return most > 0 && 4 * shared_words(a, b) >= 3 * most;
}

/* ---- the tree ---- */

typedef struct shape {
  uint64_t leaves, named, twins, inner, single;
  int64_t all, top, rest;
} shape;

static int of_facet(const released_node *n, const char *facet) {
  return clio_span_is(n->facet, facet);
}

static uint64_t children_of(const released_tree *t, const released_node *n) {
  uint64_t count = 0;
  for (uint64_t i = 0; i < t->nodes; i++) {
    clio_span parent = t->node[i].parent;
    count += parent.s && parent.len == n->id.len && !t->node[i].is_rest &&
             memcmp(parent.s, n->id.s, (size_t)parent.len) == 0;
  }
  return count;
}

static clio_status count_twins(const clio_host *host, clio_call *call, const released_tree *t,
                               const char *facet, shape *s) {
  bag *bags = clio_scratch_array(host, call, s->named + 1, sizeof *bags);
  uint64_t count = 0;
  if (!bags) return clio_nomem(host, call);
  for (uint64_t i = 0; i < t->nodes; i++) {
    const released_node *n = &t->node[i];
    if (of_facet(n, facet) && n->level == 0 && !n->is_rest && n->name.s)
      bags[count++] = bag_of(n->name);
  }
  for (uint64_t i = 0; i < count; i++)
    for (uint64_t k = 0; k < count; k++)
      if (k != i && near_duplicates(&bags[i], &bags[k])) {
        s->twins++;
        break;
      }
  return CLIO_OK;
}

static void look_at(const released_tree *t, const released_node *n, shape *s) {
  if (n->is_rest) {
    s->rest += n->conversations;
    return;
  }
  if (!n->parent.s) {
    s->all = n->conversations;
    return;
  }
  if (n->level == 0) {
    s->leaves++;
    s->named += n->name.s != NULL;
    return;
  }
  s->inner++;
  s->single += children_of(t, n) == 1;
}

/* The largest node right below the root. */
static void find_top(const released_tree *t, const char *facet, shape *s) {
  for (uint64_t r = 0; r < t->nodes; r++) {
    const released_node *root = &t->node[r];
    if (!of_facet(root, facet) || root->parent.s) continue;
    for (uint64_t i = 0; i < t->nodes; i++) {
      const released_node *n = &t->node[i];
      int below = n->parent.s && !n->is_rest && n->parent.len == root->id.len &&
                  memcmp(n->parent.s, root->id.s, (size_t)root->id.len) == 0;
      if (below && n->conversations > s->top) s->top = n->conversations;
    }
  }
}

static void put(scoresheet *to, const char *metric, double part, double whole, uint64_t n) {
  score row = {.metric = metric, .value = whole > 0 ? part / whole : 0, .n = (int64_t)n};
  scoresheet_add(to, &row);
}

clio_status names_measure(const clio_host *host, clio_call *call, const clio_table *clusters,
                          const char *facet, scoresheet *to) {
  released_tree t;
  shape s = {0};
  CLIO_TRY(released_read_tree(host, call, clusters, NULL, &t));
  for (uint64_t i = 0; i < t.nodes; i++)
    if (of_facet(&t.node[i], facet)) look_at(&t, &t.node[i], &s);
  CLIO_TRY(count_twins(host, call, &t, facet, &s));
  find_top(&t, facet, &s);
  put(to, "released leaves", (double)s.leaves, 1, s.leaves);
  put(to, "leaves with a name", (double)s.named, (double)s.leaves, s.leaves);
  put(to, "near-duplicate names", (double)s.twins, (double)s.named, s.named);
  put(to, "nodes with a single child", (double)s.single, (double)s.inner, s.inner);
  put(to, "largest share of a top node", (double)s.top, (double)s.all, (uint64_t)s.all);
  put(to, "share in too small clusters", (double)s.rest, (double)s.all, (uint64_t)s.all);
  return CLIO_OK;
}
