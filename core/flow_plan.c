/* flow_plan.c - one stage planned: its ports matched to what reaches it, its
 * plan() called with the plan half of the host table, its output typed. */
#include <string.h>

#include "flow.h"
#include "host.h"
#include "plugin_check.h"

/* What plan() is given; the host functions below unpack it. */
struct clio_plan {
  flow *f;
  flow_stage *st;
  error e;
  GPtrArray *lists;   /* clio_column arrays handed to the plugin */
  clio_columns *seen; /* per input port, filled when asked */
};

/* The door's own columns, added to every source's output (DESIGN section 5). */
static const clio_column door_columns[] = {
    {.name = "account",
     .type = CLIO_T_I64,
     .privacy = CLIO_P_DERIVED,
     .flags = CLIO_COL_NULLABLE,
     .help = "pseudonym of the account"},
    {.name = "org",
     .type = CLIO_T_I64,
     .privacy = CLIO_P_DERIVED,
     .flags = CLIO_COL_NULLABLE,
     .help = "pseudonym of the organisation"},
    {.name = "time",
     .type = CLIO_T_TIME,
     .privacy = CLIO_P_DERIVED,
     .flags = CLIO_COL_NULLABLE,
     .help = "when the conversation began"},
    {.name = "outputs",
     .type = CLIO_T_I64,
     .privacy = CLIO_P_DERIVED,
     .help = "number of assistant messages"},
    {.name = "simhash",
     .type = CLIO_T_I64,
     .privacy = CLIO_P_DERIVED,
     .help = "simhash of the text"},
};

static bool is_door_column(const char *name) {
  for (size_t i = 0; i < G_N_ELEMENTS(door_columns); i++)
    if (!strcmp(door_columns[i].name, name)) return true;
  return false;
}

const clio_columns *host_plan_input(clio_plan *plan, uint32_t port) {
  const plugin_stage *ps = plan->st->ps;
  if (port >= ps->s.inputs.count) return NULL;
  const schema *s = plan->st->in.kind[ps->inputs[port].rows];
  if (!s) return NULL;
  clio_columns *list = &plan->seen[port];
  if (list->items) return list;
  clio_column *items = g_new0(clio_column, s->columns->len + 1);
  for (guint i = 0; i < s->columns->len; i++)
    items[i] = ((const schema_column *)s->columns->pdata[i])->c;
  g_ptr_array_add(plan->lists, items);
  *list = (clio_columns){items, s->columns->len, sizeof(clio_column)};
  return list;
}

static void add_use(flow_stage *st, uint32_t port, const char *name) {
  if (flow_uses(st, port, name)) return;
  flow_use u = {port, g_strdup(name)};
  g_array_append_val(st->uses, u);
}

clio_status host_plan_use(clio_plan *plan, uint32_t port, const char *name) {
  const plugin_stage *ps = plan->st->ps;
  const schema *s = port < ps->s.inputs.count ? plan->st->in.kind[ps->inputs[port].rows] : NULL;
  if (!name) return error_set(&plan->e, CLIO_E_INTERNAL, "plan_use: no column named");
  if (!schema_find(s, name))
    return error_set(&plan->e, CLIO_E_CONFIG, "no column '%s' reaches input %u", name, port);
  add_use(plan->st, port, name);
  return CLIO_OK;
}

/* Names of columns are printed, and trees are called after them. */
#define COLUMN_LETTERS "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-."
enum { COLUMN_NAME_MAX = 64 };

clio_status host_plan_output(clio_plan *plan, uint32_t port, const clio_column *c) {
  flow_stage *st = plan->st;
  if (port >= st->ps->s.outputs.count)
    return error_set(&plan->e, CLIO_E_INTERNAL, "plan_output: there is no output %u", port);
  if (!c || !c->name || !*c->name || !c->type)
    return error_set(&plan->e, CLIO_E_INTERNAL, "plan_output: a column without name or type");
  if (c->type > CLIO_T_TIME || c->privacy > CLIO_P_RELEASED)
    return error_set(&plan->e, CLIO_E_INTERNAL,
                     "plan_output: the column '%s' is of a type or class this clio does not know",
                     c->name);
  if (strlen(c->name) > COLUMN_NAME_MAX || c->name[strspn(c->name, COLUMN_LETTERS)])
    return error_set(
        &plan->e, CLIO_E_INTERNAL,
        "plan_output: a column's name is of letters, digits, '_', '-' and '.', at most "
        "%d",
        COLUMN_NAME_MAX);
  if (c->choices && c->type != CLIO_T_UTF8)
    return error_set(&plan->e, CLIO_E_INTERNAL,
                     "plan_output: '%s' is %s, and only a utf8 column may have choices", c->name,
                     type_name(c->type));
  if (!plugin_choices_end(c->choices))
    return error_set(&plan->e, CLIO_E_INTERNAL,
                     "plan_output: the choices of '%s' do not end; put NULL behind the last one",
                     c->name);
  flow_add a = {port, schema_column_new(c, st->index)};
  g_array_append_val(st->adds, a);
  return CLIO_OK;
}

clio_status host_plan_fail(clio_plan *plan, clio_status status, const char *msg) {
  return error_set(&plan->e, status == CLIO_OK ? CLIO_E_CONFIG : status, "%s", msg ? msg : "");
}

/* What could make a column that is missing. */
static const char *maker_of(const char *name) {
  if (!strcmp(name, "vector")) return "; an embedder makes it, such as embedder/lsa";
  if (!strcmp(name, "role") || !strcmp(name, "content"))
    return "; conversations end at the first stage that needs every row";
  if (g_str_has_prefix(name, "cluster_")) return "; a clusterer makes it";
  return "";
}

static void check_declared(flow_stage *st, uint32_t p, diag *d) {
  const clio_port *port = &st->ps->inputs[p];
  const schema *s = st->in.kind[port->rows];
  for (uint32_t i = 0; i < port->columns.count; i++) {
    const clio_column *want = &port->columns.items[i];
    const schema_column *have = schema_find(s, want->name);
    if (!have) {
      if (!(want->flags & CLIO_COL_OPTIONAL))
        diag_error(d, st->gs->at,
                   "stage '%s': %s reads column '%s' of %s, which no stage before "
                   "it makes%s",
                   st->gs->id, st->use, want->name, row_kind_name(port->rows),
                   maker_of(want->name));
      continue;
    }
    if (want->type && want->type != have->c.type)
      diag_error(d, st->gs->at, "stage '%s': column '%s' is %s, and %s needs %s", st->gs->id,
                 want->name, type_name(have->c.type), st->use, type_name(want->type));
    add_use(st, p, want->name);
  }
}

/* Blocks are the host's; texts are made for auditors. */
static bool port_is_fed(const flow_stage *st, const clio_port *port) {
  return port->rows == CLIO_ROWS_BLOCK || st->in.kind[port->rows];
}

static const char *maker_of_rows(clio_row_kind rows) {
  switch (rows) {
  case CLIO_ROWS_CLUSTER: return "a clusterer";
  case CLIO_ROWS_CELL: return "an aggregator";
  case CLIO_ROWS_TEXT: return "a clusterer and a namer";
  case CLIO_ROWS_FINDING: return "a detector";
  case CLIO_ROWS_SCORE: return "a validator";
  default: return "a source";
  }
}

static void check_ports(flow_stage *st, diag *d) {
  for (uint32_t p = 0; p < st->ps->s.inputs.count; p++) {
    const clio_port *port = &st->ps->inputs[p];
    bool conversations = port->rows == CLIO_ROWS_CONVERSATION;
    if (port_is_fed(st, port)) {
      if (port->rows != CLIO_ROWS_BLOCK) check_declared(st, p, d);
    } else if (conversations && st->role == FLOW_AFTER_GATE) {
      if (!(port->flags & CLIO_PORT_OPTIONAL))
        diag_privacy(d, st->gs->at,
                     "stage '%s': %s reads conversations, and in release mode none "
                     "leave the gate; a %s reads released tables only",
                     st->gs->id, st->use, st->ps->s.kind);
    } else if (!(port->flags & CLIO_PORT_OPTIONAL)) {
      diag_error(d, st->gs->at,
                 "stage '%s': %s needs %s, and what it reads from has none; %s "
                 "must stand before it",
                 st->gs->id, st->use, row_kind_name(port->rows), maker_of_rows(port->rows));
    }
  }
}

typedef struct column_param {
  flow_stage *st;
  uint32_t port;
  const schema *s;
  diag *d;
} column_param;

static void check_column_param(void *ctx, const char *param, const char *name) {
  column_param *cp = ctx;
  if (schema_find(cp->s, name)) {
    add_use(cp->st, cp->port, name);
    return;
  }
  size_t n;
  const char **names = schema_names(cp->s, &n);
  const char *near = diag_suggest(name, names, n);
  char *hint = near ? g_strdup_printf("; did you mean '%s'?", near) : g_strdup("");
  diag_error(cp->d, config_at_item(cp->st->cfg, cp->st->gs, param, name),
             "stage '%s': %s: no stage before it makes a column '%s'%s", cp->st->gs->id, param,
             name, hint);
  g_free(hint);
  g_free(names);
}

static void check_column_params(flow_stage *st, diag *d) {
  for (uint32_t p = 0; p < st->ps->s.inputs.count; p++) {
    if (st->ps->inputs[p].rows != CLIO_ROWS_CONVERSATION) continue;
    const schema *s = st->in.kind[CLIO_ROWS_CONVERSATION];
    column_param cp = {st, p, s, d};
    if (s) config_columns(st->cfg, st->ps, check_column_param, &cp);
    return;
  }
}

static void add_static_outputs(flow_stage *st) {
  for (uint32_t p = 0; p < st->ps->s.outputs.count; p++) {
    const clio_columns *columns = &st->ps->outputs[p].columns;
    for (uint32_t i = 0; i < columns->count; i++) {
      flow_add a = {p, schema_column_new(&columns->items[i], st->index)};
      g_array_append_val(st->adds, a);
    }
  }
}

/* A message "NAME: ..." of plan() is about that parameter: where it was written. */
static diag_pos place_of(const flow_stage *st, const char *why) {
  size_t n = strcspn(why, ":");
  for (uint32_t i = 0; i < st->ps->s.params.count; i++) {
    const char *name = st->ps->params[i].name;
    if (strlen(name) == n && memcmp(name, why, n) == 0) return config_at(st->cfg, st->gs, name);
  }
  return st->gs->at;
}

void flow_call_plan(flow *f, flow_stage *st, diag *d) {
  if (!st->ps->s.plan) return;
  clio_plan plan = {.f = f, .st = st};
  plan.lists = g_ptr_array_new_with_free_func(g_free);
  plan.seen = g_new0(clio_columns, st->ps->s.inputs.count + 1);
  clio_status r = st->ps->s.plan(host_table(), &plan, st->cfg->data);
  if (r == CLIO_OK && plan.e.status != CLIO_OK) r = plan.e.status;
  if (r != CLIO_OK) {
    const char *why = plan.e.status != CLIO_OK ? plan.e.text : "it could not be planned";
    if (r == CLIO_E_PRIVACY)
      diag_privacy(d, st->gs->at, "%s '%s': %s", st->gs->what, st->gs->id, why);
    else
      diag_error(d, place_of(st, why), "%s '%s': %s", st->gs->what, st->gs->id, why);
  }
  g_ptr_array_free(plan.lists, TRUE);
  g_free(plan.seen);
}

static clio_privacy lowest_read(const flow_stage *st) {
  clio_privacy low = CLIO_P_RELEASED;
  for (guint i = 0; i < st->uses->len; i++) {
    const flow_use *u = &g_array_index(st->uses, flow_use, i);
    const schema_column *c = schema_find(st->in.kind[st->ps->inputs[u->port].rows], u->column);
    if (c && c->c.privacy < low) low = c->c.privacy;
  }
  return low;
}

/* What a conversations column may not be, whoever adds it. */
static void check_column(const flow_stage *st, const schema_column *c, diag *d) {
  bool facet = c->c.flags & CLIO_COL_FACET;
  const char *why = NULL;
  if (!strcmp(c->name, "period"))
    why = "belongs to the core, which cuts it from the time";
  else if (c->c.type == CLIO_T_VEC && !c->c.dim)
    why = "is a vector without dimensions";
  else if (facet && (c->c.type == CLIO_T_VEC || c->c.type == CLIO_T_TIME))
    why = "is a facet of a type that cannot be counted";
  if (why)
    diag_error(d, st->gs->at, "stage '%s': %s would add the column '%s', which %s", st->gs->id,
               st->use, c->name, why);
}

/* Puts an added column into the output schema, with its class settled. */
static void put_added(flow_stage *st, const flow_add *a, diag *d) {
  const clio_port *port = &st->ps->outputs[a->port];
  schema_column *c = a->column;
  bool conversations = port->rows == CLIO_ROWS_CONVERSATION;
  if (c->c.privacy == CLIO_P_INHERIT) c->c.privacy = st->reads;
  if (!conversations && c->c.privacy < CLIO_P_GROUPED) c->c.privacy = CLIO_P_GROUPED;
  if (!st->out.kind[port->rows]) st->out.kind[port->rows] = schema_new();
  const schema_column *have = schema_find(st->out.kind[port->rows], c->name);
  if (have && conversations && have->origin != st->index) {
    bool door = is_door_column(c->name) && have->origin == -1;
    diag_error(d, st->gs->at,
               "stage '%s': %s would add the column '%s', which %s; give it "
               "another name",
               st->gs->id, st->use, c->name,
               door ? "belongs to the host" : "an earlier stage makes already");
    return;
  }
  schema_put(st->out.kind[port->rows], c);
}

static void type_output(flow_stage *st, diag *d) {
  if (st->role != FLOW_SOURCE) schema_bundle_copy(&st->out, &st->in);
  for (uint32_t p = 0; p < st->ps->s.outputs.count; p++) {
    const clio_port *port = &st->ps->outputs[p];
    bool pass = port->flags & CLIO_PORT_PASS || port->rows == CLIO_ROWS_CONVERSATION;
    if (pass && st->role != FLOW_SOURCE) continue;
    schema_free(st->out.kind[port->rows]);
    st->out.kind[port->rows] = schema_new();
  }
  for (guint i = 0; i < st->adds->len; i++) put_added(st, &g_array_index(st->adds, flow_add, i), d);
  const schema *made = st->out.kind[CLIO_ROWS_CONVERSATION];
  for (guint i = 0; made && i < made->columns->len; i++) {
    const schema_column *c = made->columns->pdata[i];
    if (c->origin == st->index) check_column(st, c, d);
  }
}

/* The door replaces a source's ids by pseudonyms and adds its own columns. */
/* The door reads these itself, so their types are fixed. */
static void check_door_types(const flow_stage *st, const schema *s, diag *d) {
  static const struct {
    const char *name;
    clio_type type;
  } wanted[] = {{"id", CLIO_T_UTF8},   {"account", CLIO_T_UTF8}, {"org", CLIO_T_UTF8},
                {"time", CLIO_T_TIME}, {"role", CLIO_T_LIST},    {"content", CLIO_T_LIST}};
  for (size_t i = 0; i < G_N_ELEMENTS(wanted); i++) {
    const schema_column *c = schema_find(s, wanted[i].name);
    if (c && c->c.type != wanted[i].type)
      diag_error(d, st->gs->at, "stage '%s': %s makes the column '%s' as %s; it must be %s",
                 st->gs->id, st->use, c->name, type_name(c->c.type), type_name(wanted[i].type));
  }
}

static void type_door(flow_stage *st, diag *d) {
  schema *s = st->out.kind[CLIO_ROWS_CONVERSATION];
  if (s) check_door_types(st, s, d);
  if (!s || !schema_find(s, "id")) {
    diag_error(d, st->gs->at, "stage '%s': %s makes no conversations with an 'id'", st->gs->id,
               st->use);
    return;
  }
  for (size_t i = 0; i < G_N_ELEMENTS(door_columns); i++) {
    schema_column *c = schema_column_new(&door_columns[i], -1);
    schema_put(s, c);
    schema_column_unref(c);
  }
}

void flow_plan_stage(flow *f, flow_stage *st, diag *d) {
  size_t before = diag_errors(d);
  check_ports(st, d);
  check_column_params(st, d);
  if (diag_errors(d) != before) return;
  add_static_outputs(st);
  flow_call_plan(f, st, d);
  if (diag_errors(d) != before) return;
  st->reads = st->role == FLOW_SOURCE ? CLIO_P_RAW : lowest_read(st);
  type_output(st, d);
  if (st->role == FLOW_SOURCE) type_door(st, d);
}
