/* flow_privacy.c - the rules about privacy classes and about what must stand
 * before the gate. Static: holds for every input there will ever be. */
#include <string.h>

#include "flow.h"

#define COLUMN(n, t, f, h) \
  { .name = (n), .type = (t), .privacy = CLIO_P_RELEASED, .flags = (f), .help = (h) }

static const clio_column released_run[] = {
    COLUMN("mode", CLIO_T_UTF8, 0, "release, public or restricted"),
    COLUMN("name", CLIO_T_UTF8, 0, "the graph's name"),
    COLUMN("graph_hash", CLIO_T_UTF8, 0, "SHA-256 of the resolved graph"),
    COLUMN("assume", CLIO_T_UTF8, CLIO_COL_NULLABLE, "the assumption the counts rest on"),
    COLUMN("privacy", CLIO_T_UTF8, 0, "thresholds, as JSON"),
    COLUMN("public_why", CLIO_T_UTF8, CLIO_COL_NULLABLE, "which public data, and why"),
    COLUMN("caveat", CLIO_T_UTF8, CLIO_COL_NULLABLE, "what every report must say of its names"),
    COLUMN("seed", CLIO_T_I64, 0, "the run's seed"),
    COLUMN("conversations", CLIO_T_I64, 0, "in the whole run, rounded"),
    COLUMN("accounts", CLIO_T_I64, 0, "lower bound of the band"),
    COLUMN("suppressed", CLIO_T_I64, 0, "conversations in rest nodes, rounded"),
};
static const clio_column released_clusters[] = {
    COLUMN("id", CLIO_T_UTF8, 0, "facet-level-rank"),
    COLUMN("facet", CLIO_T_UTF8, 0, "the tree's name"),
    COLUMN("level", CLIO_T_I64, 0, "0 = leaf"),
    COLUMN("parent", CLIO_T_UTF8, CLIO_COL_NULLABLE, "the parent's id"),
    COLUMN("name", CLIO_T_UTF8, CLIO_COL_NULLABLE, "what its conversations share"),
    COLUMN("description", CLIO_T_UTF8, CLIO_COL_NULLABLE, "the same in two sentences"),
    COLUMN("conversations", CLIO_T_I64, 0, "rounded"),
    COLUMN("accounts", CLIO_T_I64, 0, "lower bound of the band"),
    COLUMN("organizations", CLIO_T_I64, 0, "lower bound of the band"),
    COLUMN("rest", CLIO_T_BOOL, 0, "what is too small to be shown"),
    COLUMN("x", CLIO_T_F64, CLIO_COL_NULLABLE, "position on the map's grid"),
    COLUMN("y", CLIO_T_F64, CLIO_COL_NULLABLE, "position on the map's grid"),
    COLUMN("rating", CLIO_T_I64, CLIO_COL_NULLABLE, "lowest rating of its texts"),
    COLUMN("auditor", CLIO_T_UTF8, CLIO_COL_NULLABLE, "who gave it"),
    COLUMN("node", CLIO_T_I64, CLIO_COL_NULLABLE, "the proposed node; public mode only"),
};
static const clio_column released_cells[] = {
    COLUMN("id", CLIO_T_UTF8, 0, "the cluster's id"),
    COLUMN("facet", CLIO_T_UTF8, 0, "the tree's name"),
    COLUMN("column", CLIO_T_UTF8, 0, "the breakdown's column"),
    COLUMN("value", CLIO_T_UTF8, 0, "its value"),
    COLUMN("count", CLIO_T_I64, 0, "conversations, rounded"),
    COLUMN("ratio", CLIO_T_F64, 0, "count over the cluster's conversations"),
};
static const clio_column host_texts[] = {
    {.name = "text", .type = CLIO_T_UTF8, .privacy = CLIO_P_GROUPED, .help = "what would be shown"},
    {.name = "place",
     .type = CLIO_T_UTF8,
     .privacy = CLIO_P_GROUPED,
     .help = "name, description or value"},
    {.name = "facet",
     .type = CLIO_T_UTF8,
     .privacy = CLIO_P_GROUPED,
     .flags = CLIO_COL_NULLABLE,
     .help = "the tree it belongs to"},
    {.name = "node",
     .type = CLIO_T_I64,
     .privacy = CLIO_P_GROUPED,
     .flags = CLIO_COL_NULLABLE,
     .help = "the node it belongs to"},
};

static schema *schema_of(const clio_column *columns, size_t count) {
  schema *s = schema_new();
  for (size_t i = 0; i < count; i++) {
    schema_column *c = schema_column_new(&columns[i], -1);
    schema_put(s, c);
    schema_column_unref(c);
  }
  return s;
}

static schema *host_schema[ROW_KINDS];
static GOnce host_schema_once = G_ONCE_INIT;

static void *make_host_schemas(void *unused) {
  (void)unused;
  host_schema[CLIO_ROWS_RUN] = schema_of(released_run, G_N_ELEMENTS(released_run));
  host_schema[CLIO_ROWS_CLUSTER] = schema_of(released_clusters, G_N_ELEMENTS(released_clusters));
  host_schema[CLIO_ROWS_CELL] = schema_of(released_cells, G_N_ELEMENTS(released_cells));
  host_schema[CLIO_ROWS_TEXT] = schema_of(host_texts, G_N_ELEMENTS(host_texts));
  return NULL;
}

const schema *flow_released_schema(clio_row_kind kind) {
  g_once(&host_schema_once, make_host_schemas, NULL);
  return kind == CLIO_ROWS_TEXT ? NULL : host_schema[kind];
}

const schema *flow_texts_schema(void) {
  g_once(&host_schema_once, make_host_schemas, NULL);
  return host_schema[CLIO_ROWS_TEXT];
}

static bool is_granted(const flow *f, const char *id) {
  for (guint i = 0; i < f->g->privacy.declassify->len; i++)
    if (!strcmp(((const doc_node *)f->g->privacy.declassify->pdata[i])->text, id)) return true;
  return false;
}

/* RAW to DERIVED needs the capability and the grant. */
static void check_raised(flow *f, flow_stage *st, const schema_column *c, diag *d) {
  const char *id = st->gs->id;
  if (!(st->ps->s.caps & CLIO_CAP_DECLASSIFY)) {
    diag_privacy(d, st->gs->at,
                 "stage '%s': %s reads RAW text and makes '%s' DERIVED, but declares "
                 "no capability to declassify; let it read a DERIVED column",
                 id, st->use, c->name);
    return;
  }
  if (!is_granted(f, id)) {
    diag_privacy(d, st->gs->at,
                 "stage '%s': %s turns RAW text into the DERIVED column '%s'; if "
                 "that is meant, add '%s' to privacy.declassify",
                 id, st->use, c->name, id);
    return;
  }
  st->declassifies = true;
}

static void check_source_column(flow *f, flow_stage *st, const schema_column *c, diag *d) {
  bool label = g_str_has_prefix(c->name, "label_");
  if (label && f->g->privacy.mode != GRAPH_PUBLIC)
    diag_privacy(d, st->gs->at,
                 "stage '%s': column '%s' is a label, and labels are read in public "
                 "mode only",
                 st->gs->id, c->name);
  if (!label && c->c.privacy > CLIO_P_RAW && c->origin == st->index)
    diag_privacy(d, st->gs->at,
                 "stage '%s': a source makes RAW columns only, and '%s' is declared "
                 "%s",
                 st->gs->id, c->name, privacy_name(c->c.privacy));
}

/* A facet is counted, and RAW is not: said once, here, where it is made. From here on the column
 * passes as what it is meant to be, so that no later stage complains of it. */
static void refuse_raw_facet(flow *f, flow_stage *st, schema_column *c, diag *d) {
  bool can = st->ps->s.caps & CLIO_CAP_DECLASSIFY, granted = is_granted(f, st->gs->id);
  diag_privacy(d, st->gs->at,
               "stage '%s': %s makes the facet '%s' of RAW text and gives it no class of its own, "
               "so it is RAW, and RAW is never counted; its plugin must declare the column "
               "CLIO_P_DERIVED%s%s%s%s",
               st->gs->id, st->use, c->name, can ? "" : " and the capability CLIO_CAP_DECLASSIFY",
               granted ? "" : ", and the graph grant it: add '", granted ? "" : st->gs->id,
               granted ? "" : "' to privacy.declassify");
  c->c.privacy = CLIO_P_DERIVED;
}

/* What the gate reads of a projector. */
static void check_place(const flow_stage *st, const schema_column *c, diag *d) {
  if (strcmp(st->ps->s.kind, "projector") || (strcmp(c->name, "x") && strcmp(c->name, "y"))) return;
  if (c->c.type == CLIO_T_F64) return;
  diag_error(d, st->gs->at,
             "stage '%s': %s makes '%s', a place on the map, of type %s; it must be f64",
             st->gs->id, st->use, c->name, type_name(c->c.type));
}

static void check_added(flow *f, flow_stage *st, const flow_add *a, diag *d) {
  schema_column *c = a->column;
  clio_row_kind rows = st->ps->outputs[a->port].rows;
  if (c->c.privacy == CLIO_P_RELEASED && st->role != FLOW_AFTER_GATE) {
    diag_privacy(d, st->gs->at, "stage '%s': %s declares '%s' RELEASED; only the gate releases",
                 st->gs->id, st->use, c->name);
    return;
  }
  if (st->role == FLOW_SOURCE)
    check_source_column(f, st, c, d);
  else if (rows == CLIO_ROWS_CONVERSATION && c->c.privacy > CLIO_P_DERIVED)
    diag_privacy(d, st->gs->at,
                 "stage '%s': column '%s' has one value per conversation and cannot "
                 "be %s",
                 st->gs->id, c->name, privacy_name(c->c.privacy));
  else if (st->reads == CLIO_P_RAW && c->c.privacy > CLIO_P_RAW)
    check_raised(f, st, c, d);
  else if (rows == CLIO_ROWS_CONVERSATION && c->c.privacy == CLIO_P_RAW &&
           c->c.flags & CLIO_COL_FACET)
    refuse_raw_facet(f, st, c, d);
  check_place(st, c, d);
}

/* A stage that needs every row reads what outlives the barrier: no RAW. */
static void check_barrier(flow_stage *st, diag *d) {
  bool barrier = st->role == FLOW_WHOLE || st->role == FLOW_SAMPLER;
  for (guint i = 0; barrier && i < st->uses->len; i++) {
    const flow_use *u = &g_array_index(st->uses, flow_use, i);
    const schema_column *c = schema_find(st->in.kind[st->ps->inputs[u->port].rows], u->column);
    if (!c) continue;
    if (c->c.privacy == CLIO_P_RAW)
      diag_privacy(d, st->gs->at,
                   "stage '%s': %s needs every row of the RAW column '%s', and RAW "
                   "text is never kept; let an extractor or a summarizer before it make a DERIVED "
                   "column",
                   st->gs->id, st->use, c->name);
    else if (st->role == FLOW_SAMPLER && !type_width(c->c.type, 1))
      diag_privacy(d, st->gs->at,
                   "stage '%s': a sampler sees fixed-width columns only, and '%s' "
                   "is %s",
                   st->gs->id, c->name, type_name(c->c.type));
  }
}

void flow_check_privacy(flow *f, flow_stage *st, diag *d) {
  if (st->ps->s.caps & CLIO_CAP_NETWORK)
    diag_privacy(d, st->gs->at,
                 "stage '%s': %s opens sockets of its own, which is refused; use a "
                 "model plugin",
                 st->gs->id, st->use);
  bool streams = st->role == FLOW_ROWWISE || st->role == FLOW_SOURCE;
  if (streams && st->ps->s.threads == CLIO_EXCLUSIVE)
    diag_error(d, st->gs->at,
               "stage '%s': %s wants to run alone (CLIO_EXCLUSIVE), which only a "
               "stage that needs every row can",
               st->gs->id, st->use);
  check_barrier(st, d);
  for (guint i = 0; i < st->adds->len; i++)
    check_added(f, st, &g_array_index(st->adds, flow_add, i), d);
  if (st->role != FLOW_SAMPLER || !st->from->len) return;
  const flow_stage *up = flow_at(f, g_array_index(st->from, int, 0));
  if (up->role != FLOW_SOURCE || st->from->len != 1)
    diag_error(d, st->gs->at,
               "stage '%s': a sampler reads the source itself, so that it never "
               "holds text; set from: %s",
               st->gs->id, flow_at(f, f->source)->gs->id);
}

/* ---- what stands before the gate ---- */

static void add_once(GArray *list, int value) {
  for (guint i = 0; i < list->len; i++)
    if (g_array_index(list, int, i) == value) return;
  g_array_append_val(list, value);
}

/* The stages before the gate that `st` reads, through others behind it. */
static void find_gate_inputs(const flow *f, const flow_stage *st, GArray *ret) {
  for (guint i = 0; i < st->from->len; i++) {
    int up = g_array_index(st->from, int, i);
    if (flow_at(f, up)->role == FLOW_AFTER_GATE)
      find_gate_inputs(f, flow_at(f, up), ret);
    else
      add_once(ret, up);
  }
}

static bool same_ints(const GArray *a, const GArray *b) {
  return a->len == b->len && (!a->len || !memcmp(a->data, b->data, a->len * sizeof(int)));
}

static const flow_stage *find_gate(flow *f, diag *d) {
  const flow_stage *first = NULL;
  for (guint i = 0; i < f->stages->len; i++) {
    const flow_stage *st = f->stages->pdata[i];
    if (st->role != FLOW_AFTER_GATE) continue;
    GArray *mine = g_array_new(FALSE, FALSE, sizeof(int));
    find_gate_inputs(f, st, mine);
    if (!first) {
      first = st;
      g_array_append_vals(f->gate_from, mine->data, mine->len);
    } else if (!same_ints(f->gate_from, mine)) {
      diag_error(d, st->gs->at,
                 "stage '%s': the gate stands once, and '%s' and '%s' read from "
                 "different stages; give both the same 'from'",
                 st->gs->id, first->gs->id, st->gs->id);
    }
    g_array_free(mine, TRUE);
  }
  return first;
}

static void mark_ancestors(const flow *f, int index, bool *mark) {
  if (mark[index]) return;
  mark[index] = true;
  const flow_stage *st = flow_at(f, index);
  for (guint i = 0; i < st->from->len; i++)
    mark_ancestors(f, g_array_index(st->from, int, i), mark);
}

static void add_facets(flow *f, const flow_stage *st) {
  for (guint i = 0; i < st->uses->len; i++) {
    const flow_use *u = &g_array_index(st->uses, flow_use, i);
    const schema_column *c = schema_find(st->in.kind[CLIO_ROWS_CONVERSATION], u->column);
    if (st->ps->inputs[u->port].rows == CLIO_ROWS_CONVERSATION && c && c->c.flags & CLIO_COL_FACET)
      g_ptr_array_add(f->facets, g_strdup(u->column));
  }
  const char *period = config_string(st->cfg, st->ps, "period");
  if (period) f->period = period;
}

/* Can names be checked against this column? What it says of a conversation must
 * be by the stage that was granted to read its text: any other could write one
 * person's words into every row, and the text rule would count them as common. */
static bool is_vouched(const flow *f, const schema_column *c) {
  bool text = c->c.type == CLIO_T_UTF8 && !(c->c.flags & CLIO_COL_FACET);
  return text && c->origin >= 0 && flow_at(f, c->origin)->declassifies;
}

/* The vouched text column that `st` reads beside `cluster`; NULL: none. */
static const char *text_column_read(const flow *f, const flow_stage *st, const char *cluster) {
  bool reads = false;
  const char *text = NULL;
  for (guint i = 0; i < st->uses->len; i++) {
    const flow_use *u = &g_array_index(st->uses, flow_use, i);
    if (st->ps->inputs[u->port].rows != CLIO_ROWS_CONVERSATION) continue;
    const schema_column *c = schema_find(st->in.kind[CLIO_ROWS_CONVERSATION], u->column);
    if (!strcmp(u->column, cluster))
      reads = true;
    else if (c && is_vouched(f, c))
      text = c->name;
  }
  return reads ? text : NULL;
}

/* The text column that the tree's namer reads, if one does. */
static const char *text_column_of(const flow *f, const char *cluster, const bool *before) {
  for (guint s = 0; s < f->stages->len; s++) {
    const flow_stage *st = f->stages->pdata[s];
    if (!before[s] || strcmp(st->ps->s.kind, "namer")) continue;
    const char *text = text_column_read(f, st, cluster);
    if (text) return text;
  }
  return NULL;
}

/* A namer that reads the tree, but no text its names can be checked against. */
static const flow_stage *unvouched_namer(const flow *f, const char *cluster, const bool *before) {
  for (guint s = 0; s < f->stages->len; s++) {
    const flow_stage *st = f->stages->pdata[s];
    bool namer = before[s] && !strcmp(st->ps->s.kind, "namer");
    for (uint32_t p = 0; namer && p < st->ps->s.inputs.count; p++)
      if (flow_uses(st, p, cluster)) return st;
  }
  return NULL;
}

static void say_no_text(const flow *f, const flow_tree *t, const bool *before,
                        const flow_stage *reader, diag *d) {
  const flow_stage *namer = unvouched_namer(f, t->cluster_column, before);
  if (namer)
    diag_privacy(d, namer->gs->at,
                 "stage '%s': %s reads no text that the names of the tree '%s' can be checked "
                 "against; let it read a column that a stage under privacy.declassify makes",
                 namer->gs->id, namer->use, t->facet);
  else
    diag_error(d, reader->gs->at,
               "stage '%s': no namer names the tree '%s'; add one, for "
               "example { use: namer/keyphrase, from: ... }",
               reader->gs->id, t->facet);
}

static void add_trees(flow *f, const bool *before, const flow_stage *reader, diag *d) {
  const schema *s = f->gate_in.kind[CLIO_ROWS_CONVERSATION];
  for (guint i = 0; s && i < s->columns->len; i++) {
    const schema_column *c = s->columns->pdata[i];
    if (!g_str_has_prefix(c->name, "cluster_") || c->origin < 0) continue;
    const flow_stage *maker = flow_at(f, c->origin);
    if (strcmp(maker->ps->s.kind, "clusterer")) continue;
    if (c->c.type != CLIO_T_I64)
      diag_error(d, maker->gs->at,
                 "stage '%s': %s makes '%s', a membership, of type %s; it must be "
                 "i64, the number of a node",
                 maker->gs->id, maker->use, c->name, type_name(c->c.type));
    flow_tree *t = g_new0(flow_tree, 1);
    t->facet = g_strdup(c->name + strlen("cluster_"));
    t->cluster_column = g_strdup(c->name);
    t->text_column = g_strdup(text_column_of(f, c->name, before));
    g_ptr_array_add(f->trees, t);
    if (!t->text_column) say_no_text(f, t, before, reader, d);
  }
}

static void merge_gate_inputs(flow *f) {
  for (guint i = 0; i < f->gate_from->len; i++) {
    const flow_stage *up = flow_at(f, g_array_index(f->gate_from, int, i));
    for (int k = 0; k < ROW_KINDS; k++) {
      const schema *s = up->out.kind[k];
      if (s && !f->gate_in.kind[k]) f->gate_in.kind[k] = schema_copy(s);
      for (guint c = 0; s && c < s->columns->len; c++)
        schema_put(f->gate_in.kind[k], s->columns->pdata[c]);
    }
  }
}

static void check_sensitive(flow *f, diag *d) {
  for (guint i = 0; i < f->g->privacy.sensitive->len; i++) {
    const doc_node *n = f->g->privacy.sensitive->pdata[i];
    if (!g_ptr_array_find_with_equal_func(f->facets, n->text, g_str_equal, NULL))
      diag_error(d, n->at, "privacy.sensitive: no aggregator publishes a column '%s'", n->text);
  }
}

void flow_check_gate(flow *f, diag *d) {
  const flow_stage *reader = find_gate(f, d);
  if (!reader) {
    diag_error(d, (diag_pos){0, 0, 0},
               "the graph reports nothing; add a report, for example "
               "{ use: report/json, from: ... }");
    return;
  }
  merge_gate_inputs(f);
  bool *before = g_new0(bool, f->stages->len + 1);
  for (guint i = 0; i < f->gate_from->len; i++)
    mark_ancestors(f, g_array_index(f->gate_from, int, i), before);
  bool audited = false;
  for (guint i = 0; i < f->stages->len; i++) {
    const flow_stage *st = f->stages->pdata[i];
    if (!before[i]) continue;
    audited = audited || !strcmp(st->ps->s.kind, "auditor");
    if (!strcmp(st->ps->s.kind, "aggregator")) add_facets(f, st);
  }
  if (!f->gate_in.kind[CLIO_ROWS_CLUSTER])
    diag_error(d, reader->gs->at,
               "stage '%s': nothing can be released: no clusterer and "
               "hierarchizer stand before it",
               reader->gs->id);
  else if (!audited)
    diag_error(d, reader->gs->at,
               "stage '%s': no auditor rates the texts before the gate; put one "
               "before it, for example { use: auditor/rules, from: ... }",
               reader->gs->id);
  else
    add_trees(f, before, reader, d);
  check_sensitive(f, d);
  g_free(before);
}
