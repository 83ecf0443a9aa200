/* attack.c - T2: a reader with a linear program.
 *
 * Unknowns: printed leaf (a rest is one) x value, `unknown` and all hidden ones
 * among the values. Equations: every printed count, and, where there are two
 * trees, that a value has as many rows in one as in the other. For every union
 * of up to `max_union` hidden cells of a node that is neither empty nor safe,
 * the least and the greatest number the equations allow. One program for each
 * question; only the objective changes, so the simplex method starts warm
 * (GLPK, Makhorin). The equations of one tree are two laminar families, hence
 * totally unimodular: the bounds are attained by whole numbers. */
#include <glpk.h>
#include <math.h>
#include <string.h>

#include "oracle.h"

#define NEAR 1e-6

typedef struct attack {
  const reading *rd;
  int ask;
  const question *q;
  int *first; /* of each printed leaf: its first unknown, from 1; 0: no leaf */
  glp_prob *lp;
  int rows, unknowns;
  GArray *objective; /* int: unknowns in the objective now */
  rowset target, cell;
} attack;

static bool is_under(const reading *rd, int node, int above) {
  for (; node >= 0; node = rd->r->node[node].parent)
    if (node == above) return true;
  return false;
}

/* Unknowns of one value (-1: all) below a printed node, appended to `to`. */
static void unknowns_below(const attack *a, int node, int value, GArray *to) {
  for (int leaf = 0; leaf < a->rd->nodes; leaf++) {
    if (!a->first[leaf] || !is_under(a->rd, leaf, node)) continue;
    for (int v = 0; v < a->q->values; v++) {
      int column = a->first[leaf] + v;
      if (value < 0 || v == value) g_array_append_val(to, column);
    }
  }
}

static void add_equation(attack *a, const GArray *plus, const GArray *minus, double right) {
  int count = (int)(plus->len + (minus ? minus->len : 0));
  g_autofree int *index = g_new0(int, count + 1);
  g_autofree double *factor = g_new0(double, count + 1);
  for (int i = 0; i < count; i++) {
    bool second = i >= (int)plus->len;
    index[i + 1] =
        second ? g_array_index(minus, int, i - (int)plus->len) : g_array_index(plus, int, i);
    factor[i + 1] = second ? -1 : 1;
  }
  int row = glp_add_rows(a->lp, 1);
  glp_set_row_bnds(a->lp, row, GLP_FX, right, right);
  glp_set_mat_row(a->lp, row, count, index, factor);
  a->rows++;
}

/* All that is printed of a node. Sums over children need no equation. */
static void add_node(attack *a, int node) {
  g_autoptr(GArray) terms = g_array_new(FALSE, FALSE, sizeof(int));
  if (a->rd->is_leaf[node]) {
    unknowns_below(a, node, -1, terms);
    add_equation(a, terms, NULL, (double)a->rd->r->node[node].exact);
  }
  for (int v = 0; v < a->q->values; v++) {
    int64_t n = reading_exact(a->rd, a->ask, node, v);
    if (n < 0) continue;
    g_array_set_size(terms, 0);
    unknowns_below(a, node, v, terms);
    add_equation(a, terms, NULL, (double)n);
  }
}

static void couple_trees(attack *a) {
  const gate_release *r = a->rd->r;
  for (int root = 1; root < a->rd->nodes; root++) {
    if (!r->node[root].is_root) continue;
    for (int v = 0; v < a->q->values; v++) {
      g_autoptr(GArray) one = g_array_new(FALSE, FALSE, sizeof(int));
      g_autoptr(GArray) other = g_array_new(FALSE, FALSE, sizeof(int));
      unknowns_below(a, 0, v, one);
      unknowns_below(a, root, v, other);
      add_equation(a, one, other, 0);
    }
  }
}

static void attack_init(attack *a, const reading *rd, int ask) {
  *a = (attack){.rd = rd, .ask = ask, .q = &rd->v->question[ask]};
  a->first = g_new0(int, rd->nodes + 1);
  a->lp = glp_create_prob();
  a->objective = g_array_new(FALSE, FALSE, sizeof(int));
  a->target = g_new0(uint64_t, rd->v->words + 1);
  a->cell = g_new0(uint64_t, rd->v->words + 1);
  for (int i = 0; i < rd->nodes; i++) {
    if (!rd->is_leaf[i]) continue;
    a->first[i] = a->unknowns + 1;
    a->unknowns += a->q->values;
  }
  glp_add_cols(a->lp, a->unknowns);
  for (int i = 1; i <= a->unknowns; i++) glp_set_col_bnds(a->lp, i, GLP_LO, 0, 0);
  for (int i = 0; i < rd->nodes; i++) add_node(a, i);
  couple_trees(a);
}

static void attack_clear(attack *a) {
  glp_delete_prob(a->lp);
  g_array_free(a->objective, TRUE);
  g_free(a->first);
  g_free(a->target);
  g_free(a->cell);
}

static double optimum(attack *a, int direction, attack_stats *stats, findings *f) {
  glp_smcp how;
  glp_init_smcp(&how);
  how.msg_lev = GLP_MSG_OFF;
  glp_set_obj_dir(a->lp, direction);
  int rc = glp_simplex(a->lp, &how);
  if (rc != 0) { /* a lost basis: once more from the start */
    glp_std_basis(a->lp);
    rc = glp_simplex(a->lp, &how);
  }
  stats->solved++;
  int status = glp_get_status(a->lp);
  if (rc == 0 && status == GLP_OPT) return glp_get_obj_val(a->lp);
  found(f, "T2.program", "the program has no optimum (%d, %d): counts that contradict one another",
        rc, status);
  return NAN;
}

static void set_objective(attack *a, int node, const int *value, int count) {
  for (guint i = 0; i < a->objective->len; i++)
    glp_set_obj_coef(a->lp, g_array_index(a->objective, int, i), 0);
  g_array_set_size(a->objective, 0);
  for (int i = 0; i < count; i++) unknowns_below(a, node, value[i], a->objective);
  for (guint i = 0; i < a->objective->len; i++)
    glp_set_obj_coef(a->lp, g_array_index(a->objective, int, i), 1);
}

/* Is the union of these hidden cells one that must not be known? */
static bool is_target(attack *a, int node, const int *value, int count) {
  const view *v = a->rd->v;
  memset(a->target, 0, v->words * sizeof *a->target);
  for (int i = 0; i < count; i++) {
    set_and(v, a->cell, a->rd->rows[node], a->q->value[value[i]]);
    set_or(v, a->target, a->cell);
  }
  return set_count(v, a->target) > 0 && !set_safe(v, a->target, &v->in->policy.cell);
}

static void attack_union(attack *a, int node, const int *value, int count, attack_stats *stats,
                         findings *f) {
  const view *v = a->rd->v;
  if (!is_target(a, node, value, count)) return;
  stats->targets++;
  set_objective(a, node, value, count);
  double least = optimum(a, GLP_MIN, stats, f);
  if (!(least >= 1 - NEAR)) return;
  double most = optimum(a, GLP_MAX, stats, f);
  stats->bounded++;
  if (!(most < (double)v->in->policy.cell.conversations - NEAR) && !(most - least < NEAR)) return;
  found(f, count == 1 ? "T2.cell" : "T2.union",
        "%s, %s, %s%s: %" G_GINT64_FORMAT " rows, provably %.0f to %.0f", a->rd->r->node[node].id,
        v->in->facet[a->q->facet].name, value_text(v, a->q, value[0]), count > 1 ? " and more" : "",
        set_count(v, a->target), least, most);
}

/* All unions of up to `most` hidden values of a node. */
static void attack_node(attack *a, int node, int most, attack_stats *stats, findings *f) {
  int hidden[32], pick[32], count = 0;
  for (int v = 0; v < a->q->values; v++)
    if (reading_exact(a->rd, a->ask, node, v) < 0) hidden[count++] = v;
  for (unsigned set = 1; set < 1u << count; set++) {
    int size = 0;
    for (int i = 0; i < count; i++)
      if (set >> i & 1) pick[size++] = hidden[i];
    if (size <= most) attack_union(a, node, pick, size, stats, f);
  }
}

/* A sensitive facet: can the reader prove of a hidden value that all of a node
 * have it, or all but fewer than k? What is not that value is then bounded. */
static void attack_all(attack *a, int node, attack_stats *stats, findings *f) {
  const view *v = a->rd->v;
  int other[32];
  for (int value = 0; value + 1 < a->q->values || value == 0; value++) {
    int count = 0;
    if (reading_exact(a->rd, a->ask, node, value) >= 0) continue;
    for (int i = 0; i < a->q->values; i++)
      if (i != value) other[count++] = i;
    set_objective(a, node, other, count);
    double most = optimum(a, GLP_MAX, stats, f);
    if (most > (double)v->in->policy.cell.conversations - 1 + NEAR) continue;
    found(f, most < NEAR ? "T2.all" : "T2.nearly", "%s, %s, %s: all but %.0f",
          a->rd->r->node[node].id, v->in->facet[a->q->facet].name, value_text(v, a->q, value),
          most);
  }
}

void check_attack(reading *rd, int max_union, attack_stats *stats, findings *f) {
  for (int i = 0; i < rd->v->questions; i++) {
    attack a;
    attack_init(&a, rd, i);
    stats->programs++;
    for (int node = 0; node < rd->nodes; node++) {
      attack_node(&a, node, max_union, stats, f);
      if (a.q->sensitive) attack_all(&a, node, stats, f);
    }
    attack_clear(&a);
  }
}
