/* reading.c - a release as its reader has it: which set of rows each printed
 * node stands for, and what is printed of each question there. */
#include "oracle.h"

/* The printed tree must be one: parents in range, of the same tree, one root
 * per tree, no cycle, and as the proposed tree has it. */
static bool node_readable(const reading *rd, int i) {
  const gate_printed *p = &rd->r->node[i];
  const gate_input *in = rd->v->in;
  if (p->tree < 0 || (size_t)p->tree >= in->trees || !p->id) return false;
  if (p->is_root) return p->parent == -1 && p->node == -1 && !p->is_rest;
  if (p->parent < 0 || p->parent >= rd->nodes) return false;
  const gate_printed *up = &rd->r->node[p->parent];
  if (up->tree != p->tree || up->is_rest) return false;
  if (p->is_rest) return p->node == -1;
  const gate_tree *tree = &in->tree[p->tree];
  if (p->node < 0 || (size_t)p->node >= tree->nodes) return false;
  return tree->node[p->node].parent == up->node && tree->node[p->node].level == p->level;
}

static bool tree_readable(const reading *rd) {
  for (int t = 0; t < (int)rd->v->in->trees; t++) {
    int roots = 0;
    for (int i = 0; i < rd->nodes; i++) roots += rd->r->node[i].is_root && rd->r->node[i].tree == t;
    if (roots != 1) return false;
  }
  for (int i = 0; i < rd->nodes; i++) {
    if (!node_readable(rd, i)) return false;
    for (int j = 0; j < i; j++) { /* each node once, each rest once */
      const gate_printed *a = &rd->r->node[i], *b = &rd->r->node[j];
      bool twice = a->is_rest ? b->is_rest && a->parent == b->parent
                              : !a->is_root && !b->is_rest && a->node == b->node;
      if (a->tree == b->tree && twice) return false;
    }
  }
  return true;
}

static void find_rows(reading *rd) {
  for (int i = 0; i < rd->nodes; i++) {
    const gate_printed *p = &rd->r->node[i];
    rd->is_leaf[i] = true;
    rd->rows[i] = view_set(rd->v);
    if (!p->is_rest) set_or(rd->v, rd->rows[i], rd->v->node[p->tree][1 + p->node]);
  }
  for (int i = 0; i < rd->nodes; i++) {
    const gate_printed *p = &rd->r->node[i];
    if (p->parent >= 0) rd->is_leaf[p->parent] = false;
    if (!p->is_rest) continue;
    set_or(rd->v, rd->rows[i], rd->rows[p->parent]);
    for (int j = 0; j < rd->nodes; j++)
      if (j != i && rd->r->node[j].parent == p->parent)
        set_minus(rd->v, rd->rows[i], rd->rows[i], rd->rows[j]);
  }
}

static bool read_cell(reading *rd, int node, const gate_cell *c) {
  for (int i = 0; i < rd->v->questions; i++) {
    const question *q = &rd->v->question[i];
    if (q->facet != c->facet) continue;
    if (q->list_value >= 0 && q->list_value != c->value) continue;
    int value = q->list_value >= 0 ? 0 : c->value;
    if (value < 0 || value >= q->values) return false;
    int64_t *to = &rd->exact[i][node * q->values + value];
    if (*to >= 0) return false; /* twice */
    *to = c->exact;
    return true;
  }
  return false;
}

static void read_cells(reading *rd, findings *f) {
  rd->exact = g_new0(int64_t *, rd->v->questions + 1);
  for (int i = 0; i < rd->v->questions; i++) {
    int cells = rd->nodes * rd->v->question[i].values;
    rd->exact[i] = g_new0(int64_t, cells + 1);
    for (int c = 0; c < cells; c++) rd->exact[i][c] = -1;
  }
  for (int i = 0; i < rd->nodes; i++) {
    const gate_printed *p = &rd->r->node[i];
    for (size_t c = 0; c < p->cells; c++)
      if (!read_cell(rd, i, &p->cell[c]))
        found(f, "T1.cell", "%s: a cell is printed twice or names no value", p->id);
  }
}

reading *reading_new(view *v, const gate_release *r, findings *f) {
  reading *rd = g_new0(reading, 1);
  rd->v = v, rd->r = r, rd->nodes = (int)r->nodes;
  if (!tree_readable(rd)) {
    found(f, "T1.shape", "the printed nodes are no tree, or not the proposed one");
    g_free(rd);
    return NULL;
  }
  rd->rows = g_new0(rowset, rd->nodes + 1);
  rd->is_leaf = g_new0(bool, rd->nodes + 1);
  find_rows(rd);
  read_cells(rd, f);
  return rd;
}

void reading_free(reading *rd) {
  if (!rd) return;
  for (int i = 0; i < rd->v->questions; i++) g_free(rd->exact[i]);
  g_free(rd->exact);
  g_free(rd->rows);
  g_free(rd->is_leaf);
  g_free(rd);
}

int64_t reading_exact(const reading *rd, int ask, int node, int value) {
  return rd->exact[ask][node * rd->v->question[ask].values + value];
}
