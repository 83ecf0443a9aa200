/* gate_tree.c - step 4 of GATE.md: which nodes of a proposed tree are printed,
 * and which rows go into a `rest`. Where it stands on judgement: a `leaf` is a
 * node without proposed children; a rest stands one level below its parent. */
#include "gate_internal.h"

#include <stdlib.h>
#include <string.h>

/* Rows by node: those of a node, its descendants' with them, lie together.
 * Entry `nodes` of begin and count: the rows that are in no node. */
typedef struct layout {
  uint32_t *row;
  size_t *begin, *count;
} layout;

typedef struct planner {
  gate_run *run;
  gate_texts *texts;
  const gate_tree *tree;
  int32_t *by_level;  /* nodes, lowest level first */
  uint32_t *all_rows; /* 0, 1, 2 ... */
  layout kept, all;   /* kept rows; every roll row */
  size_t *child_at;   /* children of node p: child[child_at[p]] ...; p = nodes: top nodes */
  int32_t *child;     /* in canonical order */
  uint64_t *least_key;
  bool *name_passes, *description_passes;
  gate_plan *plan;
} planner;

/* What becomes of one parent's children. */
typedef struct choice {
  int32_t *good; /* canonical order */
  size_t goods;
  gate_span *rest;
  size_t rests, rest_rows;
} choice;

static int32_t highest_level(const gate_tree *tree) {
  int32_t top = -1;
  for (size_t i = 0; i < tree->nodes; i++) top = MAX(top, tree->node[i].level);
  return top;
}

/* A counting sort; ties by index. */
static int32_t *nodes_by_level(const gate_tree *tree) {
  size_t levels = (size_t)(highest_level(tree) + 1);
  size_t *next = g_new0(size_t, levels + 1);
  int32_t *sorted = g_new(int32_t, tree->nodes + 1);
  for (size_t i = 0; i < tree->nodes; i++) next[tree->node[i].level + 1]++;
  for (size_t l = 1; l <= levels; l++) next[l] += next[l - 1];
  for (size_t i = 0; i < tree->nodes; i++) sorted[next[tree->node[i].level]++] = (int32_t)i;
  g_free(next);
  return sorted;
}

static size_t node_slot(const gate_tree *tree, int32_t node) {
  return node < 0 ? tree->nodes : (size_t)node;
}

/* Row totals go up the tree, then begins come down it. */
static layout layout_new(const planner *p, const uint32_t *rows, size_t count) {
  const gate_tree *tree = p->tree;
  size_t n = tree->nodes;
  layout at = {g_new(uint32_t, count + 1), g_new0(size_t, n + 1), g_new0(size_t, n + 1)};
  for (size_t i = 0; i < count; i++) at.count[node_slot(tree, tree->leaf[rows[i]])]++;
  size_t *next = g_new0(size_t, n + 1);
  for (size_t i = 0; i < n; i++) {
    int32_t node = p->by_level[i], parent = tree->node[node].parent;
    if (parent >= 0) at.count[parent] += at.count[node];
  }
  for (size_t i = n; i-- > 0;) {
    int32_t node = p->by_level[i];
    size_t parent = node_slot(tree, tree->node[node].parent);
    at.begin[node] = next[node] = next[parent];
    next[parent] += at.count[node];
  }
  at.begin[n] = next[n];
  for (size_t i = 0; i < count; i++) {
    size_t slot = node_slot(tree, tree->leaf[rows[i]]);
    at.row[next[slot]++] = rows[i];
  }
  g_free(next);
  return at;
}

static void layout_clear(layout *at) {
  g_free(at->row);
  g_free(at->begin);
  g_free(at->count);
}

static gate_span layout_span(const layout *at, size_t slot) {
  return (gate_span){at->row + at->begin[slot], at->count[slot]};
}

static uint64_t least_key_of(const gate_run *run, gate_span span) {
  uint64_t least = UINT64_MAX;
  for (size_t i = 0; i < span.count; i++) least = MIN(least, run->in->roll.cap_key[span.row[i]]);
  return least;
}

static const char *printed_name(const planner *p, int32_t node) {
  return p->name_passes[node] ? p->tree->node[node].name : gate_withheld;
}

/* The order of siblings: bytes of the name as it will be printed, then the
 * lowest keyed hash of a member, which says nothing; never by count or input
 * order. A refused name decides nothing, or its bytes would show in what is
 * hidden; before the texts are judged, none has passed. */
static int compare_nodes(const void *a, const void *b, void *data) {
  const planner *p = data;
  int32_t x = *(const int32_t *)a, y = *(const int32_t *)b;
  int names = g_strcmp0(printed_name(p, x), printed_name(p, y));
  if (names) return names;
  if (p->least_key[x] != p->least_key[y]) return p->least_key[x] < p->least_key[y] ? -1 : 1;
  return (x > y) - (x < y);
}

static void find_children(planner *p) {
  size_t n = p->tree->nodes;
  p->child_at = g_new0(size_t, n + 2);
  p->child = g_new(int32_t, n + 1);
  for (size_t i = 0; i < n; i++) p->child_at[node_slot(p->tree, p->tree->node[i].parent) + 1]++;
  for (size_t i = 0; i <= n; i++) p->child_at[i + 1] += p->child_at[i];
  size_t *next = g_new(size_t, n + 1);
  memcpy(next, p->child_at, (n + 1) * sizeof *next);
  for (size_t i = 0; i < n; i++)
    p->child[next[node_slot(p->tree, p->tree->node[i].parent)]++] = (int32_t)i;
  g_free(next);
  for (size_t i = 0; i <= n; i++)
    g_qsort_with_data(p->child + p->child_at[i], (int)(p->child_at[i + 1] - p->child_at[i]),
                      sizeof *p->child, compare_nodes, p);
}

static void planner_init(planner *p, gate_run *run, gate_texts *texts, int32_t tree_index) {
  const gate_tree *tree = &run->in->tree[tree_index];
  size_t n = tree->nodes, rows = run->in->roll.rows;
  *p = (planner){.run = run, .texts = texts, .tree = tree};
  p->by_level = nodes_by_level(tree);
  p->all_rows = g_new(uint32_t, rows + 1);
  for (size_t r = 0; r < rows; r++) p->all_rows[r] = (uint32_t)r;
  p->kept = layout_new(p, run->kept, run->kept_count);
  p->all = layout_new(p, p->all_rows, rows);
  p->least_key = g_new(uint64_t, n + 1);
  for (size_t i = 0; i < n; i++) p->least_key[i] = least_key_of(run, layout_span(&p->kept, i));
  p->name_passes = g_new0(bool, n + 1);
  p->description_passes = g_new0(bool, n + 1);
  find_children(p);
  p->plan = g_new0(gate_plan, 1);
  p->plan->tree = tree;
  p->plan->tree_index = tree_index;
  p->plan->group = g_array_new(FALSE, TRUE, sizeof(gate_group));
  p->plan->rest_rows = g_ptr_array_new_with_free_func(g_free);
}

/* The plan keeps the kept rows' memory; the rest goes. */
static void planner_clear(planner *p) {
  p->plan->order = g_steal_pointer(&p->kept.row);
  layout_clear(&p->kept);
  layout_clear(&p->all);
  g_free(p->by_level);
  g_free(p->all_rows);
  g_free(p->least_key);
  g_free(p->name_passes);
  g_free(p->description_passes);
  g_free(p->child_at);
  g_free(p->child);
}

/* Judges a node's texts. */
static void judge_texts(planner *p, int32_t node) {
  const gate_node *g = &p->tree->node[node];
  gate_span kept = layout_span(&p->kept, (size_t)node), all = layout_span(&p->all, (size_t)node);
  p->name_passes[node] = gate_text_passes(p->texts, g->name, g->name_rating, true, kept, all);
  p->description_passes[node] =
      gate_text_passes(p->texts, g->description, g->description_rating, false, kept, all);
}

/* Safe, and not a leaf whose name was refused. Texts of unsafe nodes are not
 * looked at: their rows go into the rest in any case. */
static bool node_is_good(planner *p, int32_t node) {
  gate_span span = layout_span(&p->kept, (size_t)node);
  if (!gate_safe(p->run->counter, &span, 1, &p->run->policy.cluster)) return false;
  judge_texts(p, node);
  bool is_leaf = p->child_at[node] == p->child_at[node + 1];
  return p->name_passes[node] || !is_leaf;
}

static void choice_add_rest(choice *c, gate_span span) {
  if (!span.count) return;
  c->rest[c->rests++] = span;
  c->rest_rows += span.count;
}

/* Moves the smallest good child into the rest; ties to the canonical order. */
static void choice_drop_smallest(const planner *p, choice *c) {
  size_t smallest = 0;
  for (size_t i = 1; i < c->goods; i++)
    if (p->kept.count[c->good[i]] < p->kept.count[c->good[smallest]]) smallest = i;
  choice_add_rest(c, layout_span(&p->kept, (size_t)c->good[smallest]));
  c->goods--;
  memmove(c->good + smallest, c->good + smallest + 1, (c->goods - smallest) * sizeof *c->good);
}

/* B of GATE.md, and the children that stay. */
static void choose_children(planner *p, size_t slot, choice *c) {
  size_t first = p->child_at[slot], end = p->child_at[slot + 1];
  c->good = g_new(int32_t, end - first + 1);
  c->rest = g_new(gate_span, end - first + 2);
  if (slot == p->tree->nodes) choice_add_rest(c, layout_span(&p->kept, slot));
  for (size_t i = first; i < end; i++) {
    if (node_is_good(p, p->child[i]))
      c->good[c->goods++] = p->child[i];
    else
      choice_add_rest(c, layout_span(&p->kept, (size_t)p->child[i]));
  }
  if (c->goods) g_qsort_with_data(c->good, (gint)c->goods, sizeof *c->good, compare_nodes, p);
  const gate_threshold *cell = &p->run->policy.cell;
  while (c->rest_rows && c->goods && !gate_safe(p->run->counter, c->rest, c->rests, cell))
    choice_drop_smallest(p, c);
}

static void add_child(planner *p, size_t parent, int32_t node) {
  gate_group group = {.node = node, .parent = (int32_t)parent};
  group.level = p->tree->node[node].level;
  group.name_passes = p->name_passes[node];
  group.description_passes = p->description_passes[node];
  group.rows = layout_span(&p->kept, (size_t)node);
  group.least_key = p->least_key[node];
  g_array_append_val(p->plan->group, group);
}

static void add_rest(planner *p, size_t parent, const choice *c) {
  uint32_t *row = g_new(uint32_t, c->rest_rows);
  size_t n = 0;
  for (size_t s = 0; s < c->rests; s++) {
    memcpy(row + n, c->rest[s].row, c->rest[s].count * sizeof *row);
    n += c->rest[s].count;
  }
  g_ptr_array_add(p->plan->rest_rows, row);
  gate_group group = {.node = -1, .parent = (int32_t)parent, .is_rest = true};
  group.level = g_array_index(p->plan->group, gate_group, parent).level - 1;
  group.rows = (gate_span){row, n};
  group.least_key = least_key_of(p->run, group.rows);
  g_array_append_val(p->plan->group, group);
}

/* Gives a printed group its children; none when no good child is left. */
static void expand(planner *p, size_t index) {
  gate_group *group = &g_array_index(p->plan->group, gate_group, index);
  if (group->is_rest) return;
  choice c = {0};
  choose_children(p, node_slot(p->tree, group->node), &c);
  group->first_child = p->plan->group->len;
  group->children = c.goods ? c.goods + (c.rest_rows > 0) : 0;
  for (size_t i = 0; i < c.goods; i++) add_child(p, index, c.good[i]);
  if (c.goods && c.rest_rows) add_rest(p, index, &c);
  g_free(c.good);
  g_free(c.rest);
}

static clio_status plan_fill(planner *p, error *e) {
  gate_group root = {.node = -1, .parent = -1, .level = highest_level(p->tree) + 1};
  root.rows = (gate_span){p->kept.row, p->run->kept_count};
  root.least_key = least_key_of(p->run, root.rows);
  if (!gate_safe(p->run->counter, &root.rows, 1, &p->run->policy.cluster))
    return error_set(e, CLIO_E_PRIVACY,
                     "nothing can be released: all conversations together do not reach the "
                     "thresholds of privacy.cluster, counted after account_cap; add "
                     "conversations of more accounts");
  g_array_append_val(p->plan->group, root);
  for (size_t i = 0; i < p->plan->group->len; i++) expand(p, i);
  if (g_array_index(p->plan->group, gate_group, 0).children) return CLIO_OK;
  return error_set(e, CLIO_E_PRIVACY,
                   "nothing can be released of tree '%s': every cluster fell into 'rest', being "
                   "smaller than the thresholds of privacy.cluster or having a name that was "
                   "refused; ask for fewer, larger clusters, or add conversations",
                   p->tree->facet);
}

clio_status gate_plan_make(gate_run *run, gate_texts *texts, int32_t tree, gate_plan **ret,
                           error *e) {
  planner p;
  planner_init(&p, run, texts, tree);
  clio_status status = plan_fill(&p, e);
  planner_clear(&p);
  if (status == CLIO_OK)
    *ret = p.plan;
  else
    gate_plan_free(p.plan);
  return status;
}

void gate_plan_free(gate_plan *plan) {
  if (!plan) return;
  for (size_t i = 0; i < plan->group->len; i++) {
    gate_group *group = &g_array_index(plan->group, gate_group, i);
    g_free(group->shown);
    if (group->cell) g_array_free(group->cell, TRUE);
  }
  g_array_free(plan->group, TRUE);
  g_ptr_array_free(plan->rest_rows, TRUE);
  g_free(plan->order);
  g_free(plan);
}
