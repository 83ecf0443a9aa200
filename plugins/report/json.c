/* json.c - report/json: the release as clusters.json, for programs.
 *
 * Writes what the gate let through and nothing else: no time, host, path or
 * version, so that equal runs give equal bytes. In a public run it can add a
 * few member texts to each leaf. */
#include "clio.h"
#include "clio_util.h"
#include "jsonout.h"
#include "released.h"

typedef struct json_config {
  int64_t examples;
} json_config;

enum { PORT_RUN = 0, PORT_CLUSTERS, PORT_CELLS, PORT_CONVERSATIONS, PORTS };

typedef struct json_self {
  const clio_host *host;
  const json_config *config;
  const clio_table *table[PORTS];
} json_self;

/* The examples chosen for one leaf: the `count` rows with the lowest draw. */
typedef struct sample {
  int64_t source; /* the leaf's number in the memberships */
  uint64_t count;
  uint64_t *row, *draw;
} sample;

/* ---- planning ---- */

static int is_membership(const clio_column *column) {
  return strncmp(column->name, "cluster_", 8) == 0 && column->type == CLIO_T_I64 && column->of;
}

static const clio_column *column_at(const clio_columns *columns, uint32_t i) {
  const char *at = (const char *)columns->items + (size_t)i * columns->item_size;
  return (const clio_column *)(const void *)at;
}

static clio_status json_plan(const clio_host *host, clio_plan *plan, const void *config) {
  if (((const json_config *)config)->examples == 0) return CLIO_OK;
  const clio_columns *columns = host->plan_input(plan, PORT_CONVERSATIONS);
  if (!columns)
    return host->plan_fail(plan, CLIO_E_PRIVACY,
                           "'examples' prints conversations, which only a public run may; set it "
                           "to 0, or privacy.mode to public where the data are public");
  int found = 0;
  for (uint32_t i = 0; i < columns->count; i++) {
    const clio_column *column = column_at(columns, i);
    if (!is_membership(column)) continue;
    CLIO_TRY(host->plan_use(plan, PORT_CONVERSATIONS, column->name));
    CLIO_TRY(host->plan_use(plan, PORT_CONVERSATIONS, column->of));
    found = 1;
  }
  if (found) return CLIO_OK;
  return host->plan_fail(plan, CLIO_E_CONFIG,
                         "'examples' needs a clusterer's memberships, and none reaches this stage");
}

/* ---- examples ---- */

/* Keeps `row` if its draw is among the lowest; ties go to the lower row. */
static void sample_offer(sample *s, uint64_t limit, uint64_t row, uint64_t draw) {
  uint64_t at = s->count;
  while (at > 0 && draw < s->draw[at - 1]) at--;
  if (at == limit) return;
  if (s->count < limit) s->count++;
  for (uint64_t i = s->count - 1; i > at; i--) {
    s->row[i] = s->row[i - 1];
    s->draw[i] = s->draw[i - 1];
  }
  s->row[at] = row;
  s->draw[at] = draw;
}

static sample *sample_find(sample *samples, uint64_t count, int64_t source) {
  for (uint64_t i = 0; i < count; i++)
    if (samples[i].source == source) return &samples[i];
  return NULL;
}

/* The leaves of one facet, each with room for its examples. */
static clio_status samples_of(json_self *self, clio_call *call, const released_tree *tree,
                              const char *facet, sample **ret, uint64_t *ret_count) {
  uint64_t limit = (uint64_t)self->config->examples, count = 0;
  sample *samples = clio_scratch_array(self->host, call, tree->nodes, sizeof *samples);
  if (!samples) return clio_nomem(self->host, call);
  for (uint64_t n = 0; n < tree->nodes; n++) {
    const released_node *node = &tree->node[n];
    if (node->is_rest || node->level != 0 || node->source < 0) continue;
    if (!clio_span_is(node->facet, facet)) continue;
    sample *s = &samples[count++];
    s->source = node->source;
    s->row = clio_scratch_array(self->host, call, limit, sizeof *s->row);
    s->draw = clio_scratch_array(self->host, call, limit, sizeof *s->draw);
    if (!s->row || !s->draw) return clio_nomem(self->host, call);
  }
  *ret = samples;
  *ret_count = count;
  return CLIO_OK;
}

/* Draws the members of each leaf of the tree whose membership is `column`. */
static clio_status draw_examples(json_self *self, clio_call *call, const clio_column *column,
                                 const released_tree *tree, sample **ret, uint64_t *ret_count) {
  const clio_table *table = self->table[PORT_CONVERSATIONS];
  clio_view member = {0}, text = {0};
  CLIO_TRY(clio_get(self->host, call, table, column->name, CLIO_T_I64, &member));
  CLIO_TRY(clio_get(self->host, call, table, column->of, CLIO_T_UTF8, &text));
  CLIO_TRY(samples_of(self, call, tree, column->name + 8, ret, ret_count));
  for (uint64_t row = 0; row < member.rows; row++) {
    if (!clio_valid(&member, row) || !clio_valid(&text, row)) continue;
    sample *s = sample_find(*ret, *ret_count, clio_i64(&member, row));
    if (s) sample_offer(s, (uint64_t)self->config->examples, row, self->host->random(call, row));
  }
  return CLIO_OK;
}

/* The examples of all trees; `trees` is 0 where none are wanted. */
typedef struct examples {
  uint64_t trees;
  const clio_column **column;
  sample **samples;
  uint64_t *count;
} examples;

static clio_status examples_draw(json_self *self, clio_call *call, const released_tree *tree,
                                 examples *ret) {
  if (self->config->examples == 0 || !self->table[PORT_CONVERSATIONS]) return CLIO_OK;
  const clio_columns *columns = self->host->input(call, PORT_CONVERSATIONS);
  ret->column = clio_scratch_array(self->host, call, columns->count, sizeof *ret->column);
  ret->samples = clio_scratch_array(self->host, call, columns->count, sizeof *ret->samples);
  ret->count = clio_scratch_array(self->host, call, columns->count, sizeof *ret->count);
  if (!ret->column || !ret->samples || !ret->count) return clio_nomem(self->host, call);
  for (uint32_t i = 0; i < columns->count; i++) {
    const clio_column *column = column_at(columns, i);
    if (!is_membership(column)) continue;
    uint64_t t = ret->trees++;
    ret->column[t] = column;
    CLIO_TRY(draw_examples(self, call, column, tree, &ret->samples[t], &ret->count[t]));
  }
  return CLIO_OK;
}

static void write_examples(json_self *self, jsonout *j, const examples *e,
                           const released_node *node) {
  for (uint64_t t = 0; t < e->trees; t++) {
    if (!clio_span_is(node->facet, e->column[t]->name + 8) || node->level != 0) continue;
    const sample *s = sample_find(e->samples[t], e->count[t], node->source);
    clio_view text;
    if (!s || !clio_look(self->host, self->table[PORT_CONVERSATIONS], e->column[t]->of, CLIO_T_UTF8,
                         &text))
      continue;
    jsonout_array(j, "examples");
    for (uint64_t i = 0; i < s->count; i++) {
      clio_span span = clio_utf8(&text, s->row[i]);
      jsonout_text(j, NULL, span.s, span.len);
    }
    jsonout_end(j);
  }
}

/* ---- the file ---- */

static void put_span(jsonout *j, const char *key, clio_span span) {
  jsonout_text(j, key, span.s, span.s ? span.len : -1);
}

static void write_run(jsonout *j, const released_run *run) {
  jsonout_object(j, "run");
  put_span(j, "mode", run->mode);
  if (clio_span_is(run->mode, "public")) {
    jsonout_string(j, "notice",
                   "made in public mode from data stated to be public; thresholds "
                   "are lifted and conversations may be shown");
    put_span(j, "public", run->public_why);
  } else if (clio_span_is(run->mode, "restricted")) {
    jsonout_string(j, "notice",
                   "made in restricted mode for an authorised investigation; not to "
                   "be published");
  }
  jsonout_int(j, "seed", run->seed);
  put_span(j, "graph_hash", run->graph_hash);
  jsonout_int(j, "conversations", run->conversations);
  jsonout_int(j, "accounts", run->accounts);
  jsonout_json(j, "privacy", run->privacy.s, run->privacy.s ? run->privacy.len : -1);
  put_span(j, "assume", run->assume);
  if (run->caveat.s) put_span(j, "caveat", run->caveat);
  jsonout_end(j);
}

static int is_period(const released_cell *cell) { return clio_span_is(cell->column, "period"); }

static int same_column(const released_cell *a, const released_cell *b) {
  return a->column.len == b->column.len &&
         memcmp(a->column.s, b->column.s, (size_t)a->column.len) == 0;
}

static void write_facets(jsonout *j, const released_node *node) {
  const released_cell *open = NULL;
  jsonout_object(j, "facets");
  for (uint64_t i = 0; i < node->cells; i++) {
    const released_cell *cell = &node->cell[i];
    if (is_period(cell)) continue;
    if (!open || !same_column(open, cell)) {
      if (open) jsonout_end(j);
      jsonout_array_named(j, cell->column.s, cell->column.len);
      open = cell;
    }
    jsonout_object(j, NULL);
    put_span(j, "value", cell->value);
    jsonout_int(j, "count", cell->count);
    jsonout_real(j, "ratio", cell->ratio);
    jsonout_end(j);
  }
  if (open) jsonout_end(j);
  jsonout_end(j);
}

static void write_periods(jsonout *j, const released_node *node) {
  jsonout_array(j, "periods");
  for (uint64_t i = 0; i < node->cells; i++) {
    if (!is_period(&node->cell[i])) continue;
    jsonout_object(j, NULL);
    put_span(j, "start", node->cell[i].value);
    jsonout_int(j, "count", node->cell[i].count);
    jsonout_end(j);
  }
  jsonout_end(j);
}

/* What a rest has: a count and its place in the tree, nothing else. */
static void write_rest(jsonout *j, const released_node *node) {
  jsonout_object(j, NULL);
  put_span(j, "id", node->id);
  put_span(j, "facet", node->facet);
  jsonout_int(j, "level", node->level);
  put_span(j, "parent", node->parent);
  jsonout_int(j, "conversations", node->conversations);
  jsonout_bool(j, "rest", 1);
  jsonout_end(j);
}

static void write_node(json_self *self, jsonout *j, const examples *e, const released_node *node) {
  jsonout_object(j, NULL);
  put_span(j, "id", node->id);
  put_span(j, "facet", node->facet);
  jsonout_int(j, "level", node->level);
  put_span(j, "parent", node->parent);
  put_span(j, "name", node->name);
  put_span(j, "description", node->description);
  jsonout_int(j, "conversations", node->conversations);
  jsonout_int(j, "accounts", node->accounts);
  jsonout_int(j, "organizations", node->organizations);
  if (node->has_position) {
    jsonout_real(j, "x", node->x);
    jsonout_real(j, "y", node->y);
  }
  if (node->rating > 0) {
    jsonout_object(j, "audit");
    jsonout_int(j, "rating", node->rating);
    put_span(j, "auditor", node->auditor);
    jsonout_end(j);
  }
  write_facets(j, node);
  write_periods(j, node);
  write_examples(self, j, e, node);
  jsonout_end(j);
}

static clio_status write_file(json_self *self, clio_call *call, const released_run *run,
                              const released_tree *tree, const examples *e) {
  jsonout *j = jsonout_open(self->host, call, "clusters.json");
  if (!j) return clio_nomem(self->host, call);
  jsonout_object(j, NULL);
  jsonout_int(j, "clio", 1);
  write_run(j, run);
  jsonout_array(j, "clusters");
  for (uint64_t n = 0; n < tree->nodes; n++) {
    if (tree->node[n].is_rest)
      write_rest(j, &tree->node[n]);
    else
      write_node(self, j, e, &tree->node[n]);
  }
  jsonout_end(j);
  jsonout_object(j, "suppressed");
  jsonout_int(j, "conversations", run->suppressed);
  jsonout_end(j);
  jsonout_end(j);
  return jsonout_close(j);
}

/* ---- the stage ---- */

static clio_status json_create(const clio_host *host, clio_call *call, const void *config,
                               void **ret_self) {
  json_self *self = calloc(1, sizeof *self);
  if (!self) return clio_nomem(host, call);
  self->host = host;
  self->config = config;
  *ret_self = self;
  return CLIO_OK;
}

static clio_status json_process(void *state, clio_call *call, uint32_t port, const clio_table *in) {
  (void)call;
  json_self *self = state;
  self->table[port] = self->host->ref(in);
  return CLIO_OK;
}

static clio_status json_finish(void *state, clio_call *call) {
  json_self *self = state;
  released_run run;
  released_tree tree;
  examples e = {0};
  CLIO_TRY(released_read_run(self->host, call, self->table[PORT_RUN], &run));
  CLIO_TRY(released_read_tree(self->host, call, self->table[PORT_CLUSTERS], self->table[PORT_CELLS],
                              &tree));
  CLIO_TRY(examples_draw(self, call, &tree, &e));
  return write_file(self, call, &run, &tree, &e);
}

static void json_destroy(void *state) {
  json_self *self = state;
  if (!self) return;
  for (int port = 0; port < PORTS; port++) self->host->unref(self->table[port]);
  free(self);
}

static const clio_port json_inputs[] = {
    {.name = "run",
     .help = "the run",
     .columns = CLIO_LIST(released_run_columns),
     .flags = CLIO_PORT_WHOLE,
     .rows = CLIO_ROWS_RUN},
    {.name = "clusters",
     .help = "the released clusters",
     .columns = CLIO_LIST(released_cluster_columns),
     .flags = CLIO_PORT_WHOLE,
     .rows = CLIO_ROWS_CLUSTER},
    {.name = "cells",
     .help = "the released cells",
     .columns = CLIO_LIST(released_cell_columns),
     .flags = CLIO_PORT_WHOLE | CLIO_PORT_OPTIONAL,
     .rows = CLIO_ROWS_CELL},
    {.name = "conversations",
     .help = "members' texts, for examples; public runs only",
     .flags = CLIO_PORT_WHOLE | CLIO_PORT_OPTIONAL,
     .rows = CLIO_ROWS_CONVERSATION},
};

static const clio_param json_params[] = {
    CLIO_INT(json_config, examples, "0", 0, 20,
             "member texts printed with each leaf; public runs only"),
};

static const clio_stage json_stage = {
    .struct_size = sizeof(clio_stage),
    .threads = CLIO_SERIAL,
    .kind = "report",
    .name = "json",
    .summary = "the release as clusters.json, for programs",
    .help =
        "Writes clusters.json: what the run was, the tree of clusters with the root first, each "
        "with its counts, breakdowns and periods, and how many conversations were suppressed. "
        "Equal runs give equal bytes. A cluster marked \"rest\" stands for clusters too small "
        "to be shown and has a count only.",
    .inputs = CLIO_LIST(json_inputs),
    .params = CLIO_LIST(json_params),
    .config_size = sizeof(json_config),
    .plan = json_plan,
    .create = json_create,
    .process = json_process,
    .finish = json_finish,
    .destroy = json_destroy,
};

static const clio_stage *const stages[] = {&json_stage, NULL};
CLIO_PLUGIN_DEFINE(report_json) = {CLIO_PLUGIN_INIT,   .id = "clio.report.json",
                                   .version = "0.1.0", .license = "Apache-2.0",
                                   .vendor = "Clio",   .stages = stages};
