/* flow.c - resolves a graph's stages, orders them and types every edge; see
 * flow.h. */
#include "flow.h"

#include <string.h>

#include "asset.h"
#include "prices.h"

static void clear_use(void *p) { g_free(((flow_use *)p)->column); }
static void clear_add(void *p) { schema_column_unref(((flow_add *)p)->column); }

flow_stage *flow_stage_new(const graph_stage *gs, int index) {
  flow_stage *st = g_new0(flow_stage, 1);
  st->gs = gs;
  st->index = index;
  st->passed = g_ptr_array_new_with_free_func(g_free);
  st->from = g_array_new(FALSE, FALSE, sizeof(int));
  st->uses = g_array_new(FALSE, TRUE, sizeof(flow_use));
  g_array_set_clear_func(st->uses, clear_use);
  st->adds = g_array_new(FALSE, TRUE, sizeof(flow_add));
  g_array_set_clear_func(st->adds, clear_add);
  st->live = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
  return st;
}

void flow_stage_free(void *p) {
  flow_stage *st = p;
  if (st->cfg) config_free(st->cfg);
  schema_bundle_clear(&st->in);
  schema_bundle_clear(&st->out);
  g_ptr_array_free(st->passed, TRUE);
  g_array_free(st->from, TRUE);
  g_array_free(st->uses, TRUE);
  g_array_free(st->adds, TRUE);
  g_hash_table_unref(st->live);
  g_free(st);
}

static void tree_free(void *p) {
  flow_tree *t = p;
  g_free(t->facet);
  g_free(t->cluster_column);
  g_free(t->text_column);
  g_free(t);
}

void flow_free(flow *f) {
  if (!f) return;
  g_ptr_array_free(f->stages, TRUE);
  g_ptr_array_free(f->models, TRUE);
  prices_free(f->prices);
  g_array_free(f->order, TRUE);
  g_array_free(f->gate_from, TRUE);
  schema_bundle_clear(&f->gate_in);
  g_ptr_array_free(f->trees, TRUE);
  g_ptr_array_free(f->facets, TRUE);
  g_free(f);
}

const flow_stage *flow_at(const flow *f, int index) { return f->stages->pdata[index]; }

bool flow_uses(const flow_stage *st, uint32_t port, const char *name) {
  for (guint i = 0; i < st->uses->len; i++) {
    const flow_use *u = &g_array_index(st->uses, flow_use, i);
    if (u->port == port && !strcmp(u->column, name)) return true;
  }
  return false;
}

/* Loads "kind/name" and looks for its data files; what is wrong goes to `e`. */
static clio_status load_ready(registry *r, const char *use, const plugin_stage **ret, error *e) {
  clio_status s = registry_load(r, use, ret, e);
  const clio_asset_file *missing = s == CLIO_OK ? asset_missing(*ret) : NULL;
  if (!missing) return s;
  g_autofree char *why = asset_missing_text(missing);
  return error_set(e, CLIO_E_CONFIG, "%s is not ready: %s", use, why);
}

/* The first of a stage's `use` list that is installed and ready. */
static bool resolve_stage(flow_stage *st, registry *r, diag *d) {
  const doc_node *first = st->gs->use->pdata[0];
  for (guint i = 0; i < st->gs->use->len; i++) {
    const doc_node *use = st->gs->use->pdata[i];
    bool last = i + 1 == st->gs->use->len;
    error e = {0};
    if (!registry_has(r, use->text) && !last) {
      g_ptr_array_add(st->passed, g_strdup_printf("%s is not installed", use->text));
      continue;
    }
    if (load_ready(r, use->text, &st->ps, &e) == CLIO_OK) {
      st->use = use->text;
      return true;
    }
    if (last) diag_error(d, first->at, "%s '%s': %s", st->gs->what, st->gs->id, e.text);
    g_ptr_array_add(st->passed, g_strdup(e.text));
  }
  return false;
}

/* A graph may pin a plugin's file by its hash. */
static bool check_pin(const flow_stage *st, diag *d) {
  const char *pin = st->gs->sha256;
  if (!pin || !g_ascii_strcasecmp(pin, st->ps->owner->sha256)) return true;
  diag_error(d, st->gs->sha256_at,
             "%s '%s': the file of %s has SHA-256 %.16s..., and the graph pins %.16s...; look "
             "at what changed, then set sha256: %s",
             st->gs->what, st->gs->id, st->use, st->ps->owner->sha256, pin, st->ps->owner->sha256);
  return false;
}

static flow_role role_of(const plugin_stage *ps) {
  const char *kind = ps->s.kind;
  if (!strcmp(kind, "source")) return FLOW_SOURCE;
  if (!strcmp(kind, "sampler")) return FLOW_SAMPLER;
  if (!strcmp(kind, "report") || !strcmp(kind, "validator")) return FLOW_AFTER_GATE;
  bool whole = false;
  for (uint32_t p = 0; p < ps->s.inputs.count; p++) {
    const clio_port *port = &ps->inputs[p];
    if (port->rows == CLIO_ROWS_RUN) return FLOW_AFTER_GATE;
    for (uint32_t c = 0; c < port->columns.count; c++)
      if (port->columns.items[c].privacy == CLIO_P_RELEASED) return FLOW_AFTER_GATE;
    if (port->rows != CLIO_ROWS_CONVERSATION || port->flags & CLIO_PORT_WHOLE) whole = true;
  }
  return whole ? FLOW_WHOLE : FLOW_ROWWISE;
}

static void link_stage(flow *f, flow_stage *st, diag *d) {
  st->role = role_of(st->ps);
  for (guint i = 0; i < st->gs->from->len; i++) {
    const doc_node *from = st->gs->from->pdata[i];
    size_t index;
    if (!graph_find(f->g, from->text, &index)) continue;
    int at = (int)index;
    g_array_append_val(st->from, at);
  }
  if (st->role == FLOW_SOURCE) {
    if (st->from->len)
      diag_error(d, st->gs->at, "stage '%s': %s is a source and takes no 'from'", st->gs->id,
                 st->use);
    else if (f->source >= 0)
      diag_error(d, st->gs->at, "stage '%s': a graph has one source, and '%s' is one already",
                 st->gs->id, flow_at(f, f->source)->gs->id);
    else
      f->source = st->index;
  } else if (st->role == FLOW_SAMPLER && f->sampler >= 0) {
    diag_error(d, st->gs->at, "stage '%s': a graph has one sampler, and '%s' is one already",
               st->gs->id, flow_at(f, f->sampler)->gs->id);
  } else if (!st->gs->from->len) {
    diag_error(d, st->gs->at, "stage '%s': %s needs 'from', the stage it reads", st->gs->id,
               st->use);
  }
  if (st->role == FLOW_SAMPLER && f->sampler < 0) f->sampler = st->index;
}

static bool placed(const flow *f, int index) {
  for (guint i = 0; i < f->order->len; i++)
    if (g_array_index(f->order, int, i) == index) return true;
  return false;
}

/* A topological order; graph.c has refused cycles already. */
static void order_stages(flow *f) {
  for (guint round = 0; round < f->stages->len; round++)
    for (guint i = 0; i < f->stages->len; i++) {
      const flow_stage *st = f->stages->pdata[i];
      bool ready = !placed(f, st->index);
      for (guint k = 0; ready && k < st->from->len; k++)
        ready = placed(f, g_array_index(st->from, int, k));
      if (ready) g_array_append_val(f->order, st->index);
    }
}

/* Merges schema `from` into the stage's input of that kind. */
static void merge_kind(const flow *f, flow_stage *st, int kind, const schema *from, diag *d) {
  if (!st->in.kind[kind]) {
    st->in.kind[kind] = schema_copy(from);
    return;
  }
  for (guint i = 0; i < from->columns->len; i++) {
    const schema_column *c = from->columns->pdata[i];
    const schema_column *have = schema_find(st->in.kind[kind], c->name);
    if (have && have->c.type != c->c.type) {
      diag_error(d, st->gs->at,
                 "stage '%s': column '%s' of %s is %s in one input and %s in another", st->gs->id,
                 c->name, row_kind_name((clio_row_kind)kind), type_name(have->c.type),
                 type_name(c->c.type));
      continue;
    }
    if (have && have->origin != c->origin && kind == CLIO_ROWS_CONVERSATION) {
      diag_error(d, st->gs->at,
                 "stage '%s': column '%s' comes from both '%s' and '%s'; rename one of them",
                 st->gs->id, c->name, flow_at(f, have->origin)->gs->id,
                 flow_at(f, c->origin)->gs->id);
      continue;
    }
    if (!have) schema_put(st->in.kind[kind], c);
  }
}

bool flow_made_behind(int kind) { return kind == CLIO_ROWS_FINDING || kind == CLIO_ROWS_SCORE; }

/* Does this kind of rows flow from `up` to `st`? Findings about what is only proposed do not
 * pass the gate. */
static bool flows(const flow_stage *up, const flow_stage *st, int kind) {
  bool crosses = up->role != FLOW_AFTER_GATE && st->role == FLOW_AFTER_GATE;
  return up->out.kind[kind] && !(crosses && flow_made_behind(kind));
}

static void merge_inputs(flow *f, flow_stage *st, diag *d) {
  for (guint i = 0; i < st->from->len; i++) {
    const flow_stage *up = flow_at(f, g_array_index(st->from, int, i));
    for (int kind = 0; kind < ROW_KINDS; kind++)
      if (flows(up, st, kind)) merge_kind(f, st, kind, up->out.kind[kind], d);
  }
  schema_free(st->in.kind[CLIO_ROWS_TEXT]);
  st->in.kind[CLIO_ROWS_TEXT] = NULL;
  if (!strcmp(st->ps->s.kind, "auditor") && st->in.kind[CLIO_ROWS_CLUSTER])
    st->in.kind[CLIO_ROWS_TEXT] = schema_copy(flow_texts_schema());
  if (st->role != FLOW_AFTER_GATE) return;
  for (int kind = 0; kind < ROW_KINDS; kind++) {
    const schema *released = flow_released_schema((clio_row_kind)kind);
    bool open = kind == CLIO_ROWS_CONVERSATION && f->g->privacy.mode != GRAPH_RELEASE;
    if (open || flow_made_behind(kind)) continue;
    schema_free(st->in.kind[kind]);
    st->in.kind[kind] = released ? schema_copy(released) : NULL;
  }
}

static bool reads_broken(const flow *f, const flow_stage *st) {
  for (guint i = 0; i < st->from->len; i++)
    if (flow_at(f, g_array_index(st->from, int, i))->broken) return true;
  return false;
}

/* What follows from a broken stage cannot be typed, and is not complained of. A
 * breach of privacy leaves a stage typed, so that the next one is found too. */
static void build_stage(flow *f, flow_stage *st, diag *d) {
  size_t before = diag_errors(d);
  st->broken = st->broken || reads_broken(f, st);
  if (st->broken) return;
  merge_inputs(f, st, d);
  flow_plan_stage(f, st, d);
  st->broken = diag_errors(d) != before;
  flow_check_privacy(f, st, d);
}

static flow *flow_new(const graph *g) {
  flow *f = g_new0(flow, 1);
  f->g = g;
  f->source = f->sampler = -1;
  f->stages = g_ptr_array_new_with_free_func(flow_stage_free);
  f->models = g_ptr_array_new_with_free_func(flow_model_free);
  f->order = g_array_new(FALSE, FALSE, sizeof(int));
  f->gate_from = g_array_new(FALSE, FALSE, sizeof(int));
  f->trees = g_ptr_array_new_with_free_func(tree_free);
  f->facets = g_ptr_array_new_with_free_func(g_free);
  return f;
}

bool flow_load_stage(const flow *f, flow_stage *st, registry *r, diag *d) {
  if (!st->gs->use->len || !resolve_stage(st, r, d) || !check_pin(st, d)) return false;
  st->cfg = config_new(f->g, st->gs, st->ps, d);
  return st->cfg != NULL;
}

/* Resolves, configures and links. In a graph that is not sound (graph.c found
 * errors) the edges are not as they were meant, and linking would be noise. */
static void load_stage(flow *f, flow_stage *st, registry *r, bool sound, diag *d) {
  size_t before = diag_errors(d);
  bool found = flow_load_stage(f, st, r, d);
  if (st->ps && sound) link_stage(f, st, d);
  st->broken = !found || diag_errors(d) != before;
}

static void load_stages(flow *f, registry *r, bool sound, diag *d) {
  for (guint i = 0; i < f->g->stages->len; i++)
    g_ptr_array_add(f->stages, flow_stage_new(f->g->stages->pdata[i], (int)i));
  for (guint i = 0; i < f->stages->len; i++) load_stage(f, f->stages->pdata[i], r, sound, d);
}

static void type_stages(flow *f, diag *d) {
  order_stages(f);
  for (guint i = 0; i < f->order->len; i++)
    build_stage(f, f->stages->pdata[g_array_index(f->order, int, i)], d);
}

flow *flow_build(const graph *g, registry *r, diag *d) {
  flow *f = flow_new(g);
  bool sound = diag_errors(d) == 0;
  load_stages(f, r, sound, d);
  flow_load_models(f, r, sound, d);
  if (f->source < 0 && diag_errors(d) == 0)
    diag_error(d, (diag_pos){0, 0, 0},
               "the graph has no source; add one, for example { use: source/jsonl, path: ... }");
  if (sound) type_stages(f, d);
  if (sound) flow_check_models(f, d);
  if (diag_errors(d) == 0) flow_check_gate(f, d);
  if (diag_errors(d) == 0) {
    flow_find_live(f);
    return f;
  }
  flow_free(f);
  return NULL;
}
