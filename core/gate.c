/* gate.c - the release gate: checks what it was given, applies the account cap,
 * and takes the steps of GATE.md in their order. Steps: gate_text.c (3),
 * gate_tree.c (4), gate_facets.c and gate_family.c (5), gate_print.c (6);
 * words.c holds the text rule (7), gate_count.c 'safe'. Refusals for missing
 * account ids and for thresholds under the floor are the caller's.
 *
 * Choices where GATE.md is silent, each the safer one. A conversation of an
 * account that stands in several rows counts once, by its first row. The cap also
 * holds for the rows that the first tree leaves unassigned: per account they
 * count as one more leaf. A cluster's thresholds are never lower than a cell's,
 * since a cluster holds its cells. All trees must be releasable, or nothing is.
 * A free-text value refused by one tree's texts is unknown in all, so that the
 * trees share their margins. */
#include "gate_internal.h"

#include <stdlib.h>
#include <string.h>

static clio_status refuse(error *e, const char *what, const char *name) {
  return error_set(e, CLIO_E_PRIVACY, "nothing is released: %s '%s' %s", what, name,
                   "is not bound to the conversations of this run; this is a fault of the stage "
                   "that made it");
}

static bool node_is_sound(const gate_tree *t, size_t i) {
  const gate_node *node = &t->node[i];
  if (node->level < 0 || node->parent < -1 || node->parent >= (int32_t)t->nodes) return false;
  return node->parent < 0 || t->node[node->parent].level > node->level;
}

/* Parents are above their children, and every row is in one leaf or in none. */
static bool tree_is_sound(const gate_tree *t, size_t rows) {
  if (t->nodes >= INT32_MAX) return false;
  for (size_t i = 0; i < t->nodes; i++)
    if (!node_is_sound(t, i)) return false;
  for (size_t r = 0; r < rows; r++) {
    int32_t leaf = t->leaf[r];
    if (leaf < -1 || leaf >= (int32_t)t->nodes) return false;
    if (leaf >= 0 && t->node[leaf].level != 0) return false;
  }
  return true;
}

static bool offsets_are_sound(const gate_facet *f, size_t rows) {
  if (f->offset[0] < 0) return false;
  for (size_t r = 0; r < rows; r++)
    if (f->offset[r + 1] < f->offset[r]) return false;
  return true;
}

static bool facet_is_sound(const gate_facet *f, size_t rows) {
  if (f->values >= INT32_MAX) return false;
  if (f->offset && !offsets_are_sound(f, rows)) return false;
  size_t first = f->offset ? (size_t)f->offset[0] : 0;
  size_t end = f->offset ? (size_t)f->offset[rows] : rows;
  for (size_t i = first; i < end; i++)
    if (f->code[i] < -1 || f->code[i] >= (int32_t)f->values) return false;
  return true;
}

static clio_status check_names(const gate_input *in, error *e) {
  for (size_t i = 0; i < in->trees; i++)
    for (size_t j = 0; j < i; j++)
      if (!strcmp(in->tree[i].facet, in->tree[j].facet))
        return error_set(e, CLIO_E_CONFIG, "two trees are named '%s'; give one another 'facet'",
                         in->tree[i].facet);
  return CLIO_OK;
}

/* Step 1. */
static clio_status check_input(const gate_input *in, error *e) {
  size_t rows = in->roll.rows;
  if (rows >= UINT32_MAX)
    return error_set(e, CLIO_E_UNSUPPORTED, "more than 4294967294 conversations in one run");
  if (!in->trees)
    return error_set(e, CLIO_E_PRIVACY,
                     "nothing can be released: no tree of clusters reached the gate; let a "
                     "clusterer and a hierarchizer stand before the report");
  for (size_t t = 0; t < in->trees; t++)
    if (!tree_is_sound(&in->tree[t], rows)) return refuse(e, "the tree", in->tree[t].facet);
  for (size_t f = 0; f < in->facets; f++)
    if (!facet_is_sound(&in->facet[f], rows)) return refuse(e, "the facet", in->facet[f].name);
  return check_names(in, e);
}

static void raise_to_one(gate_threshold *t) {
  t->accounts = MAX(t->accounts, 1);
  t->conversations = MAX(t->conversations, 1);
  t->organizations = MAX(t->organizations, 1);
}

static gate_policy effective_policy(const gate_policy *given) {
  gate_policy p = *given;
  raise_to_one(&p.cell);
  raise_to_one(&p.cluster);
  p.cluster.accounts = MAX(p.cluster.accounts, p.cell.accounts);
  p.cluster.conversations = MAX(p.cluster.conversations, p.cell.conversations);
  p.cluster.organizations = MAX(p.cluster.organizations, p.cell.organizations);
  p.account_cap = MAX(p.account_cap, 1);
  p.word_accounts = MAX(p.word_accounts, 1);
  return p;
}

/* A row as the account cap sees it. */
typedef struct cap_row {
  uint64_t account, key;
  int32_t leaf;
  uint32_t row;
} cap_row;

static int compare_cap_rows(const void *a, const void *b) {
  const cap_row *x = a, *y = b;
  if (x->account != y->account) return x->account < y->account ? -1 : 1;
  if (x->leaf != y->leaf) return x->leaf < y->leaf ? -1 : 1;
  if (x->key != y->key) return x->key < y->key ? -1 : 1;
  return (x->row > y->row) - (x->row < y->row);
}

static int compare_conversations(const void *a, const void *b) {
  const cap_row *x = a, *y = b;
  if (x->account != y->account) return x->account < y->account ? -1 : 1;
  if (x->key < y->key || x->key > y->key) return x->key < y->key ? -1 : 1;
  return (x->row > y->row) - (x->row < y->row);
}

/* Conversations are distinct: of several rows with one account and one id the
 * first stays. Returns how many are left. */
static size_t drop_repeats(cap_row *c, size_t rows) {
  qsort(c, rows, sizeof *c, compare_conversations);
  size_t n = 0;
  for (size_t i = 0; i < rows; i++)
    if (!n || c[i].account != c[n - 1].account || c[i].key != c[n - 1].key) c[n++] = c[i];
  return n;
}

/* Step 2: of each account and leaf of the first tree, the rows with the lowest
 * keys. */
static void apply_cap(gate_run *run) {
  const gate_roll *roll = &run->in->roll;
  cap_row *c = g_new(cap_row, roll->rows + 1);
  for (size_t r = 0; r < roll->rows; r++)
    c[r] = (cap_row){roll->account[r], roll->cap_key[r], run->in->tree[0].leaf[r], (uint32_t)r};
  size_t rows = drop_repeats(c, roll->rows);
  run->repeats = roll->rows - rows;
  qsort(c, rows, sizeof *c, compare_cap_rows);
  run->is_kept = g_new0(bool, roll->rows + 1);
  int64_t before = 0; /* rows of this account and leaf */
  for (size_t i = 0; i < rows; i++) {
    bool same = i && c[i].account == c[i - 1].account && c[i].leaf == c[i - 1].leaf;
    before = same ? before + 1 : 0;
    run->is_kept[c[i].row] = before < run->policy.account_cap;
  }
  g_free(c);
  run->kept = g_new(uint32_t, roll->rows + 1);
  for (size_t r = 0; r < roll->rows; r++)
    if (run->is_kept[r]) run->kept[run->kept_count++] = (uint32_t)r;
}

static void run_init(gate_run *run, const gate_input *in) {
  *run = (gate_run){.in = in, .policy = effective_policy(&in->policy)};
  run->counter = gate_counter_new(&in->roll, run->policy.cell.accounts);
  run->refused = g_new0(bool *, in->facets + 1);
  for (size_t f = 0; f < in->facets; f++)
    if (!in->facet[f].closed) run->refused[f] = g_new0(bool, in->facet[f].values + 1);
  apply_cap(run);
}

static void run_clear(gate_run *run) {
  for (size_t f = 0; f < run->in->facets; f++) g_free(run->refused[f]);
  g_free(run->refused);
  g_free(run->is_kept);
  g_free(run->kept);
  gate_counter_free(run->counter);
}

/* Steps 3 and 4 for every tree. */
static clio_status make_plans(gate_run *run, gate_plan **plan, error *e) {
  for (size_t t = 0; t < run->in->trees; t++) {
    gate_texts *texts = gate_texts_new(run, &run->in->tree[t]);
    clio_status status = gate_plan_make(run, texts, (int32_t)t, &plan[t], e);
    if (status == CLIO_OK) gate_texts_judge_values(texts);
    gate_texts_free(texts);
    if (status != CLIO_OK) return status;
  }
  return CLIO_OK;
}

clio_status gate_apply(const gate_input *in, gate_release **ret, error *e) {
  clio_status status = check_input(in, e);
  if (status != CLIO_OK) return status;
  gate_run run;
  run_init(&run, in);
  gate_plan **plan = g_new0(gate_plan *, in->trees);
  status = make_plans(&run, plan, e);
  if (status == CLIO_OK) {
    for (size_t t = 0; t < in->trees; t++) gate_facets_apply(&run, plan[t]);
    *ret = gate_print(&run, plan, in->trees);
  }
  for (size_t t = 0; t < in->trees; t++) gate_plan_free(plan[t]);
  g_free(plan);
  run_clear(&run);
  return status;
}
