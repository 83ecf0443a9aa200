/* flow_live.c - which conversations columns of each stage's output later stages
 * still read (the rest is dropped at barriers), and pictures of the graph. */
#include <string.h>

#include "flow.h"

static void add_live(flow_stage *st, const char *name) {
  const schema *s = st->out.kind[CLIO_ROWS_CONVERSATION];
  if (schema_find(s, name)) g_hash_table_add(st->live, g_strdup(name));
}

static void add_gate_reads(flow *f, flow_stage *st) {
  for (guint i = 0; i < f->trees->len; i++) {
    const flow_tree *t = f->trees->pdata[i];
    add_live(st, t->cluster_column);
    if (t->text_column) add_live(st, t->text_column);
  }
  for (guint i = 0; i < f->facets->len; i++) add_live(st, f->facets->pdata[i]);
  add_live(st, "x");
  add_live(st, "y");
  if (f->g->privacy.mode == GRAPH_RELEASE) return;
  const schema *s = st->out.kind[CLIO_ROWS_CONVERSATION];
  for (guint i = 0; s && i < s->columns->len; i++) {
    const schema_column *c = s->columns->pdata[i];
    if (c->c.privacy >= CLIO_P_DERIVED && c->c.type != CLIO_T_VEC) add_live(st, c->name);
  }
}

static void add_reads(flow_stage *up, const flow_stage *st) {
  for (guint i = 0; i < st->uses->len; i++) {
    const flow_use *u = &g_array_index(st->uses, flow_use, i);
    if (st->ps->inputs[u->port].rows == CLIO_ROWS_CONVERSATION) add_live(up, u->column);
  }
  GHashTableIter it;
  void *name;
  g_hash_table_iter_init(&it, st->live);
  while (g_hash_table_iter_next(&it, &name, NULL)) add_live(up, name);
}

void flow_find_live(flow *f) {
  for (guint i = 0; i < f->gate_from->len; i++)
    add_gate_reads(f, f->stages->pdata[g_array_index(f->gate_from, int, i)]);
  for (guint i = f->order->len; i-- > 0;) {
    flow_stage *st = f->stages->pdata[g_array_index(f->order, int, i)];
    if (st->role == FLOW_AFTER_GATE) continue;
    for (guint k = 0; k < st->from->len; k++)
      add_reads(f->stages->pdata[g_array_index(st->from, int, k)], st);
  }
}

static void describe_declassifier(const flow_stage *st, GString *out) {
  g_string_append_printf(out, "declassifies: %s (%s) turns RAW text into ", st->gs->id, st->use);
  bool first = true;
  for (guint i = 0; i < st->adds->len; i++) {
    const flow_add *a = &g_array_index(st->adds, flow_add, i);
    if (a->column->c.privacy != CLIO_P_DERIVED) continue;
    g_string_append_printf(out, "%s%s", first ? "" : ", ", a->column->name);
    first = false;
  }
  g_string_append_c(out, '\n');
}

void flow_describe_choice(const flow_stage *st, GString *out) {
  for (guint i = 0; i < st->passed->len; i++)
    g_string_append_printf(out, "uses: %s takes %s; %s\n", st->gs->id, st->use,
                           (const char *)st->passed->pdata[i]);
}

char *flow_describe(const flow *f) {
  GString *out = g_string_new(NULL);
  for (guint i = 0; i < f->order->len; i++) {
    const flow_stage *st = flow_at(f, g_array_index(f->order, int, i));
    flow_describe_choice(st, out);
    if (st->declassifies) describe_declassifier(st, out);
  }
  flow_describe_models(f, out);
  g_autofree char *note = graph_privacy_note(f->g);
  if (note) g_string_append_printf(out, "%s\n", note);
  return g_string_free(out, FALSE);
}

char *flow_dot(const flow *f) {
  GString *out = g_string_new("digraph clio {\n  rankdir=LR;\n  node [shape=box];\n");
  bool gate = false;
  for (guint i = 0; i < f->stages->len; i++) {
    const flow_stage *st = f->stages->pdata[i];
    g_string_append_printf(out, "  \"%s\" [label=\"%s\\n%s\"];\n", st->gs->id, st->gs->id, st->use);
    bool behind = st->role == FLOW_AFTER_GATE;
    if (behind) {
      g_string_append_printf(out, "  gate -> \"%s\";\n", st->gs->id);
      gate = true;
      continue;
    }
    for (guint k = 0; k < st->from->len; k++)
      g_string_append_printf(out, "  \"%s\" -> \"%s\";\n",
                             flow_at(f, g_array_index(st->from, int, k))->gs->id, st->gs->id);
  }
  for (guint i = 0; gate && i < f->gate_from->len; i++)
    g_string_append_printf(out, "  \"%s\" -> gate;\n",
                           flow_at(f, g_array_index(f->gate_from, int, i))->gs->id);
  if (gate) g_string_append(out, "  gate [shape=octagon];\n");
  g_string_append(out, "}\n");
  return g_string_free(out, FALSE);
}
