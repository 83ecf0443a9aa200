/* model.c - GATE.md's steps 4 and 5 once more, in the order of the text and
 * without regard to speed. It can be told to break one rule: that shows that the
 * attacker finds what it should. It shares no code with the gate. */
#include <string.h>

#include "oracle.h"

const char *model_fault_name(model_fault fault) {
  static const char *const name[FAULTS] = {
      [FAULT_NONE] = "whole",
      [FAULT_NO_A] = "no (a)",
      [FAULT_NO_B] = "no (b)",
      [FAULT_NO_C] = "no (c)",
      [FAULT_SINGLE] = "(c) per single cell",
      [FAULT_ZERO_SHOWN] = "zero shown",
      [FAULT_NO_CLOSURE] = "no subtree closure",
      [FAULT_REST_UNSAFE] = "rest unsafe",
      [FAULT_TRUE_ORDER] = "order by true count",
      [FAULT_NO_CAP] = "no cap",
      [FAULT_NO_ORGS] = "no organisation clause",
      [FAULT_MEAN_OF_ROWS] = "mean of rows",
      [FAULT_STRICT] = "> for >=",
      [FAULT_NO_FLOOR] = "no rating floor",
      [FAULT_NO_TEXT] = "no text rule",
      [FAULT_EXACT_BAND] = "exact accounts",
      [FAULT_ROUND_FIRST] = "rounding before decisions",
      [FAULT_NOT_SENSITIVE] = "sensitive ignored",
  };
  return name[fault];
}

bool model_safe(const view *v, const uint64_t *a, const gate_threshold *t, model_fault fault) {
  gate_threshold as = *t;
  if (fault == FAULT_NO_ORGS) as.organizations = 1;
  if (fault == FAULT_STRICT) as.conversations++, as.accounts++;
  if (fault == FAULT_ROUND_FIRST) {
    int64_t unit = v->in->policy.round_to, n = set_count(v, a);
    if ((n + unit / 2) / unit * unit < as.conversations) return false;
    as.conversations = 0;
  }
  return set_safe(v, a, &as);
}

/* ---- step 4 ---- */

typedef struct step4 {
  view *v;
  int tree;
  model_fault fault;
  model_tree *out;
} step4;

/* The name that ties are broken by; a refused one must not matter. */
static const char *tie_name(const step4 *s, int node) {
  const char *name = s->v->in->tree[s->tree].node[node].name;
  return s->out->named[1 + node] && name ? name : "(withheld)";
}

static bool is_smaller(const step4 *s, int a, int b) {
  rowset *rows = s->v->node[s->tree];
  int64_t na = set_count(s->v, rows[1 + a]), nb = set_count(s->v, rows[1 + b]);
  return na != nb ? na < nb : strcmp(tie_name(s, a), tie_name(s, b)) < 0;
}

/* The smallest child of `parent` still shown, or -1. */
static int smallest_child(const step4 *s, int parent) {
  const gate_tree *tree = &s->v->in->tree[s->tree];
  int best = -1;
  for (int i = 0; i < (int)tree->nodes; i++)
    if (tree->node[i].parent == parent && s->out->shown[1 + i])
      if (best < 0 || is_smaller(s, i, best)) best = i;
  return best;
}

static void divide(const step4 *s, int parent) {
  view *v = s->v;
  const gate_tree *tree = &v->in->tree[s->tree];
  rowset *rows = v->node[s->tree], rest = view_set(v);
  set_or(v, rest, rows[1 + parent]);
  int children = 0, node;
  for (int i = 0; i < (int)tree->nodes; i++) {
    if (tree->node[i].parent != parent) continue;
    children++;
    bool bad = tree->node[i].level == 0 && !s->out->named[1 + i];
    bool good = !bad && model_safe(v, rows[1 + i], &v->in->policy.cluster, s->fault);
    s->out->shown[1 + i] = good;
    if (good) set_minus(v, rest, rest, rows[1 + i]);
  }
  if (children == 0) return;
  while (s->fault != FAULT_REST_UNSAFE && set_count(v, rest) > 0 &&
         !model_safe(v, rest, &v->in->policy.cell, s->fault) &&
         (node = smallest_child(s, parent)) >= 0) {
    s->out->shown[1 + node] = false;
    set_or(v, rest, rows[1 + node]);
  }
  if (smallest_child(s, parent) < 0) {
    if (parent < 0) s->out->refused = true;
    return;
  }
  if (set_count(v, rest) > 0) s->out->rest[1 + parent] = rest;
  for (int i = 0; i < (int)tree->nodes; i++)
    if (tree->node[i].parent == parent && s->out->shown[1 + i]) divide(s, i);
}

model_tree model_tree_make(view *v, int tree, model_fault fault) {
  size_t nodes = v->in->tree[tree].nodes;
  model_tree out = {.shown = g_new0(bool, nodes + 1), .named = g_new0(bool, nodes + 1)};
  out.rest = g_new0(rowset, nodes + 1);
  g_ptr_array_add(v->owned, out.shown);
  g_ptr_array_add(v->owned, out.named);
  g_ptr_array_add(v->owned, out.rest);
  for (size_t i = 0; i < nodes; i++) out.named[1 + i] = name_stands(v, tree, (int)i);
  step4 s = {v, tree, fault, &out};
  out.shown[0] = model_safe(v, v->kept, &v->in->policy.cluster, fault);
  if (!out.shown[0])
    out.refused = true;
  else
    divide(&s, -1);
  return out;
}

/* ---- step 5 ---- */

const char *value_text(const view *v, const question *q, int value) {
  if (q->list_value >= 0) return value == 0 ? "yes" : "no";
  if (value + 1 == q->values) return "unknown";
  return v->in->facet[q->facet].value[value];
}

/* For a sensitive facet: would this set's share say 'all of them', or nearly? */
static bool says_all(const view *v, const question *q, const uint64_t *column, const uint64_t *cell,
                     model_fault fault) {
  if (!q->sensitive || fault == FAULT_NOT_SENSITIVE) return false;
  g_autofree uint64_t *left = g_new0(uint64_t, v->words + 1);
  set_minus(v, left, column, cell);
  return !model_safe(v, left, &v->in->policy.cell, fault);
}

void model_root(const view *v, const question *q, model_fault fault, bool *ret_shown) {
  g_autofree uint64_t *other = g_new0(uint64_t, v->words + 1);
  set_or(v, other, v->kept);
  for (int i = 0; i < q->values; i++) {
    ret_shown[i] = q->printable[i] && model_safe(v, q->value[i], &v->in->policy.cell, fault) &&
                   !says_all(v, q, v->kept, q->value[i], fault);
    if (ret_shown[i]) set_minus(v, other, other, q->value[i]);
  }
  while (set_count(v, other) > 0 && !model_safe(v, other, &v->in->policy.cell, fault)) {
    int least = -1;
    for (int i = 0; i < q->values; i++) {
      if (!ret_shown[i]) continue;
      int64_t n = set_count(v, q->value[i]);
      int64_t m = least < 0 ? INT64_MAX : set_count(v, q->value[least]);
      if (n < m || (n == m && strcmp(value_text(v, q, i), value_text(v, q, least)) < 0)) least = i;
    }
    if (least < 0) return;
    ret_shown[least] = false;
    set_or(v, other, q->value[least]);
  }
}
