/* sample.c - random gate inputs: the policy, the roll and the shape of the trees.
 *
 * What is drawn is skewed on purpose towards the edges of the gate: counts near
 * the thresholds, accounts with heavy tails, a dominant child, an empty column,
 * few rows in no leaf. sample_facets.c and sample_names.c add the rest. */
#include "oracle.h"

sample *sample_empty(uint64_t seed, const lexicon *lex) {
  sample *t = g_new0(sample, 1);
  t->seed = seed;
  t->lex = lex;
  t->owned = g_ptr_array_new_with_free_func(g_free);
  t->in.words = lex->for_gate;
  return t;
}

void *sample_alloc(sample *t, size_t count, size_t size) {
  void *memory = g_malloc0_n(count ? count : 1, size);
  g_ptr_array_add(t->owned, memory);
  return memory;
}

char *sample_text(sample *t, const char *format, ...) {
  va_list args;
  va_start(args, format);
  char *text = g_strdup_vprintf(format, args);
  va_end(args);
  g_ptr_array_add(t->owned, text);
  return text;
}

void sample_free(sample *t) {
  if (!t) return;
  g_ptr_array_free(t->owned, TRUE);
  g_free(t);
}

static void make_policy(sample *t, dice *d, bool low) {
  gate_policy *p = &t->in.policy;
  bool orgs = t->in.roll.has_orgs;
  int k = low ? dice_of(d, 4, (const int[]){5, 5, 6, 8}) : dice_of(d, 3, (const int[]){10, 12, 15});
  int a = low ? dice_of(d, 3, (const int[]){3, 3, 4}) : dice_of(d, 4, (const int[]){5, 5, 6, 8});
  p->cell = (gate_threshold){a, k, orgs && dice_chance(d, .3) ? 2 : 1};
  p->cluster.accounts = a + dice_of(d, 3, (const int[]){0, 1, 4});
  p->cluster.conversations = k + dice_of(d, 3, (const int[]){0, 3, 10});
  p->cluster.organizations = orgs ? dice_int(d, (int)p->cell.organizations, 3) : 1;
  p->word_accounts = dice_int(d, 2, a);
  p->word_exempt_common = dice_chance(d, .15);
  p->account_cap = dice_of(d, 7, (const int[]){1, 2, 3, 5, 5, 1000, 1000});
  p->audit_floor = dice_of(d, 4, (const int[]){3, 3, 2, 4});
  p->round_to = dice_of(d, 3, (const int[]){5, 5, 10});
  if (dice_chance(d, .98)) return;
  p->publish_all = true;
  p->cell = p->cluster = (gate_threshold){1, 1, 1};
  p->word_accounts = p->round_to = 1;
}

/* Appends the subtree under `parent`, `level` counting down to the leaves. */
static void grow(GArray *nodes, dice *d, int parent, int level, int least) {
  int width = dice_int(d, least, dice_chance(d, .15) ? 5 : 3);
  for (int i = 0; i < width; i++) {
    gate_node node = {.parent = parent, .level = level};
    int at = (int)nodes->len;
    g_array_append_val(nodes, node);
    if (level > 0) grow(nodes, d, at, level - 1, dice_chance(d, .3) ? 1 : 2);
  }
}

/* Moves every node to a random index, so that order says nothing. */
static gate_node *shuffled(sample *t, dice *d, const GArray *nodes) {
  size_t n = nodes->len;
  gate_node *out = sample_alloc(t, n, sizeof *out);
  int *to = sample_alloc(t, n, sizeof *to);
  for (size_t i = 0; i < n; i++) {
    size_t j = (size_t)dice_int(d, 0, (int)i);
    to[i] = to[j];
    to[j] = (int)i;
  }
  for (size_t i = 0; i < n; i++) {
    gate_node node = g_array_index(nodes, gate_node, i);
    if (node.parent >= 0) node.parent = to[node.parent];
    out[to[i]] = node;
  }
  return out;
}

gate_tree *sample_make_nodes(sample *t, dice *d, int index) {
  static const char *const facet[] = {"request", "task", "tone"};
  gate_tree *tree = &((gate_tree *)t->in.tree)[index];
  GArray *nodes = g_array_new(FALSE, TRUE, sizeof(gate_node));
  int top = dice_of(d, 10, (const int[]){0, 1, 1, 1, 1, 1, 1, 1, 1, 2});
  grow(nodes, d, -1, top, dice_chance(d, .1) ? 1 : 2);
  tree->facet = facet[index];
  tree->nodes = nodes->len;
  tree->node = shuffled(t, d, nodes);
  tree->leaf = sample_alloc(t, t->in.roll.rows, sizeof(int32_t));
  g_array_free(nodes, TRUE);
  return tree;
}

static int leaves_of(sample *t, const gate_tree *tree, int **ret) {
  int count = 0;
  *ret = sample_alloc(t, tree->nodes, sizeof(int));
  for (size_t i = 0; i < tree->nodes; i++)
    if (tree->node[i].level == 0) (*ret)[count++] = (int)i;
  return count;
}

/* How many rows each leaf of the first tree gets, around the thresholds. */
static size_t draw_sizes(sample *t, dice *d, int leaves, int *ret_size) {
  int k = (int)MAX(t->in.policy.cluster.conversations, 5), total = 0;
  bool rich = t->in.policy.account_cap < 5 || t->in.roll.has_orgs;
  for (int i = 0; i < leaves; i++) {
    int top = k * dice_of(d, 4, (const int[]){2, 3, 6, 12});
    ret_size[i] = dice_int(d, k, top) * (rich && dice_chance(d, .5) ? 2 : 1);
    if (dice_chance(d, .05)) ret_size[i] = dice_int(d, 0, k);
    if (dice_chance(d, .02)) ret_size[i] = 0;
  }
  if (dice_chance(d, .1)) ret_size[dice_int(d, 0, leaves - 1)] *= 6;
  for (int i = 0; i < leaves; i++) total += ret_size[i];
  return (size_t)total;
}

/* An account for a row: heavy tails, accounts of one leaf, one great account. */
static uint64_t draw_account(dice *d, int style, int many, int leaf, uint64_t row) {
  double u = dice_unit(d);
  switch (style) {
  case 0: /* as in the prototype */
    if (dice_chance(d, .7)) return (uint64_t)(many * u * u);
    return 1000 + (uint64_t)leaf * 8 + dice_next(d) % 6;
  case 1: return 1000000 + row; /* one each */
  case 2: /* one great account */ return dice_chance(d, .3) ? 0 : 1 + (uint64_t)(4 * many * u);
  case 3: return (uint64_t)(10 * many * u * u * u * u);
  default: /* few in each leaf, shared by none */
    return 1000 + (uint64_t)leaf * 64 + (uint64_t)(MIN(many, 60) * u * u);
  }
}

static void fill_roll(sample *t, dice *d, const gate_tree *tree) {
  gate_roll *roll = &t->in.roll;
  uint64_t *account = sample_alloc(t, roll->rows, sizeof *account);
  uint64_t *org = sample_alloc(t, roll->rows, sizeof *org);
  uint64_t *key = sample_alloc(t, roll->rows, sizeof *key);
  int style = dice_int(d, 0, 4), orgs = dice_of(d, 5, (const int[]){2, 3, 6, 15, 40});
  int many = (int)t->in.policy.cell.accounts * dice_of(d, 4, (const int[]){2, 3, 8, 20});
  for (size_t r = 0; r < roll->rows; r++) {
    uint64_t who = draw_account(d, style, MAX(many, 4), tree->leaf[r], r);
    account[r] = hash64(who ^ t->seed) >> 1;
    double u = (double)(hash64(who + 77) >> 11) * 0x1.0p-53;
    uint64_t where = dice_chance(d, .05) ? dice_next(d) % 3 : (uint64_t)(orgs * u * u);
    org[r] = hash64(roll->has_orgs ? where + 5 : account[r]) >> 1;
    key[r] = dice_next(d);
  }
  size_t half = roll->rows / 2;
  bool repeats = dice_chance(d, .15);
  for (size_t r = half; repeats && r < 2 * half; r++) { /* two rows, one conversation */
    if (!dice_chance(d, .05)) continue;
    account[r] = account[r - half], org[r] = org[r - half], key[r] = key[r - half];
  }
  roll->account = account, roll->org = org, roll->cap_key = key;
}

/* Positions that are an account's own, so that a mean over rows shows. */
static void place(sample *t, dice *d, gate_tree *tree) {
  double *x = sample_alloc(t, t->in.roll.rows, sizeof *x);
  double *y = sample_alloc(t, t->in.roll.rows, sizeof *y);
  for (size_t r = 0; r < t->in.roll.rows; r++) {
    uint64_t h = hash64(t->in.roll.account[r]);
    double heavy = (double)(h % 1000) / 1000;
    x[r] = heavy * heavy * 8 + dice_unit(d) * .01;
    y[r] = (double)(h / 1000 % 1000) / 1000 + dice_unit(d) * .01;
  }
  tree->x = x, tree->y = y;
}

/* Later trees: leaves that go with the first tree's, or not. */
static void assign_leaves(sample *t, dice *d, gate_tree *tree, const gate_tree *first) {
  int *leaf, leaves = leaves_of(t, tree, &leaf);
  int32_t *to = (int32_t *)tree->leaf;
  double loose = dice_of(d, 3, (const int[]){10, 40, 100}) / 100.;
  for (size_t r = 0; r < t->in.roll.rows; r++) {
    int pick = dice_chance(d, loose) ? dice_int(d, 0, leaves - 1) : (first->leaf[r] + 1) % leaves;
    to[r] = dice_chance(d, .01) ? -1 : leaf[pick];
  }
}

sample *sample_random(uint64_t seed, const lexicon *lex, bool low) {
  sample *t = sample_empty(seed, lex);
  dice die = {hash64(seed)}, *d = &die;
  t->in.roll.has_orgs = dice_chance(d, .33);
  make_policy(t, d, low);
  t->in.trees = dice_chance(d, .2) ? 2 : 1;
  t->in.tree = sample_alloc(t, t->in.trees, sizeof(gate_tree));
  gate_tree *first = sample_make_nodes(t, d, 0);
  int *leaf, leaves = leaves_of(t, first, &leaf),
             *size = sample_alloc(t, first->nodes, sizeof *size);
  size_t in_leaves = draw_sizes(t, d, leaves, size);
  double stray = dice_of(d, 6, (const int[]){0, 0, 0, 0, 2, 100}) / 1000.;
  size_t strays = (size_t)((double)in_leaves * stray + (stray > 0));
  t->in.roll.rows = in_leaves + strays;
  int32_t *to = sample_alloc(t, t->in.roll.rows, sizeof *to);
  size_t at = 0;
  for (int i = 0; i < leaves; i++)
    for (int n = 0; n < size[i]; n++) to[at++] = leaf[i];
  while (at < t->in.roll.rows) to[at++] = -1;
  first->leaf = to;
  fill_roll(t, d, first);
  for (int i = 1; i < (int)t->in.trees; i++) assign_leaves(t, d, sample_make_nodes(t, d, i), first);
  for (size_t i = 0; i < t->in.trees; i++)
    if (dice_chance(d, .3)) place(t, d, &((gate_tree *)t->in.tree)[i]);
  sample_make_facets(t, d, dice_of(d, 4, (const int[]){0, 1, 1, 10}) / 100.);
  t->has_texts = dice_chance(d, .2);
  if (t->has_texts) sample_make_texts(t, d);
  t->unique_names = true;
  for (int i = 0; i < (int)t->in.trees; i++) sample_make_names(t, d, i);
  return t;
}
