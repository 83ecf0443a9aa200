/* clio_test_plan.c - schemas of the bench: what reaches the stage against what
 * it declares, and what its plan() adds. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "clio_test_priv.h"
#include "clio_util.h"

/* ---- what the stage may ask in plan() ---- */

const clio_columns *bench_plan_input(clio_plan *plan, uint32_t port) {
  const clio_test *t = plan->t;
  return port < t->stage->inputs.count && t->inputs[port] ? &t->schemas[port] : NULL;
}

/* The stage may read this column of that input. */
static void mark_used(clio_test *t, uint32_t port, const char *name) {
  for (uint32_t i = 0; i < t->inputs[port]->count; i++)
    if (strcmp(t->inputs[port]->columns[i].name, name) == 0) t->used[port][i] = true;
}

clio_status bench_plan_use(clio_plan *plan, uint32_t port, const char *column) {
  if (clio_planned(bench_plan_input(plan, port), column)) {
    mark_used(plan->t, port, column);
    return CLIO_OK;
  }
  snprintf(plan->text, sizeof plan->text, "plan_use: no column '%s' reaches input %u", column,
           port);
  return CLIO_E_CONFIG;
}

/* The core copies what a plan is told; a stage may have it on its stack. */
static const char *const *copy_choices(const char *const *from) {
  uint64_t n = 0;
  if (!from) return NULL;
  while (from[n]) n++;
  const char **to = bench_alloc((n + 1) * sizeof *to);
  for (uint64_t i = 0; i < n; i++) to[i] = bench_copy(from[i]);
  return to;
}

static void free_choices(const char *const *choices) {
  for (uint64_t i = 0; choices && choices[i]; i++) free((char *)(uintptr_t)choices[i]);
  free((char **)(uintptr_t)choices);
}

static clio_column copy_planned(const clio_column *from) {
  clio_column to = *from;
  to.name = bench_copy(from->name);
  to.of = bench_copy(from->of);
  to.help = bench_copy(from->help);
  to.choices = copy_choices(from->choices);
  return to;
}

clio_status bench_plan_output(clio_plan *plan, uint32_t port, const clio_column *column) {
  clio_test *t = plan->t;
  if (port >= t->stage->outputs.count || !column->name || column->type == CLIO_T_ANY) {
    snprintf(plan->text, sizeof plan->text, "plan_output: no such output, name or type");
    return CLIO_E_INTERNAL;
  }
  bench_planned *p = &t->planned[port];
  for (uint32_t i = 0; i < p->count; i++)
    if (strcmp(p->columns[i].name, column->name) == 0) {
      snprintf(plan->text, sizeof plan->text, "plan_output: column '%s' twice", column->name);
      return CLIO_E_INTERNAL;
    }
  p->columns = bench_regrow(p->columns, p->count * sizeof *column, (p->count + 1) * sizeof *column);
  p->columns[p->count++] = copy_planned(column);
  return CLIO_OK;
}

clio_status bench_plan_fail(clio_plan *plan, clio_status status, const char *msg) {
  if (!plan->text[0]) snprintf(plan->text, sizeof plan->text, "%s", msg);
  return status;
}

/* ---- the bench's side ---- */

void bench_plan_clear(clio_test *t) {
  for (uint32_t port = 0; port < t->stage->outputs.count; port++) {
    bench_planned *p = &t->planned[port];
    for (uint32_t i = 0; i < p->count; i++) {
      free((char *)(uintptr_t)p->columns[i].name);
      free((char *)(uintptr_t)p->columns[i].of);
      free((char *)(uintptr_t)p->columns[i].help);
      free_choices(p->columns[i].choices);
    }
    free(p->columns);
    memset(p, 0, sizeof *p);
  }
  for (uint32_t port = 0; port < t->stage->inputs.count; port++) {
    free((clio_column *)(uintptr_t)t->schemas[port].items);
    memset(&t->schemas[port], 0, sizeof t->schemas[port]);
    free(t->used[port]);
    t->used[port] = NULL;
  }
}

const clio_column *bench_plan_find(const clio_test *t, uint32_t port, const char *name) {
  const bench_planned *p = &t->planned[port];
  for (uint32_t i = 0; i < p->count; i++)
    if (strcmp(p->columns[i].name, name) == 0) return &p->columns[i];
  const clio_port *declared = bench_port(&t->stage->outputs, port);
  for (uint32_t i = 0; i < declared->columns.count; i++) {
    const clio_column *column = bench_declared(&declared->columns, i);
    if (strcmp(column->name, name) == 0) return column;
  }
  return NULL;
}

static void make_schema(clio_test *t, uint32_t port) {
  const clio_table *table = t->inputs[port];
  clio_column *columns = bench_alloc(table->count * sizeof *columns);
  for (uint32_t i = 0; i < table->count; i++) {
    const bench_column *c = &table->columns[i];
    columns[i].name = c->name;
    columns[i].of = c->of;
    columns[i].type = c->type;
    columns[i].dim = c->dim;
    columns[i].privacy = c->privacy;
    columns[i].flags = c->flags;
  }
  t->schemas[port].items = columns;
  t->schemas[port].count = table->count;
  t->schemas[port].item_size = sizeof *columns;
}

/* A declared input column against the one that is there. */
static clio_status check_column(clio_test *t, const clio_port *port, const clio_column *want,
                                const bench_column *have) {
  char a[16], b[16];
  if (!have && (want->flags & CLIO_COL_OPTIONAL)) return CLIO_OK;
  if (!have)
    return bench_fail(t, CLIO_E_CONFIG, "input '%s' needs a column '%s'", port->name, want->name);
  if ((want->type != CLIO_T_ANY && want->type != have->type) ||
      (want->dim && want->dim != have->dim))
    return bench_fail(t, CLIO_E_CONFIG, "input '%s': column '%s' is %s, the stage wants %s",
                      port->name, want->name, bench_type_text(have->type, have->dim, a, sizeof a),
                      bench_type_text(want->type, want->dim, b, sizeof b));
  if ((have->flags & CLIO_COL_NULLABLE) && !(want->flags & CLIO_COL_NULLABLE))
    return bench_fail(t, CLIO_E_CONFIG, "input '%s': column '%s' may be null, the stage says never",
                      port->name, want->name);
  return CLIO_OK;
}

static clio_status check_input(clio_test *t, uint32_t number) {
  const clio_port *port = bench_port(&t->stage->inputs, number);
  const clio_table *table = t->inputs[number];
  if (!table && (port->flags & CLIO_PORT_OPTIONAL)) return CLIO_OK;
  if (!table) return bench_fail(t, CLIO_E_CONFIG, "input '%s' is not connected", port->name);
  t->used[number] = bench_alloc(table->count * sizeof **t->used);
  for (uint32_t i = 0; i < port->columns.count; i++) {
    const clio_column *want = bench_declared(&port->columns, i);
    clio_status status = check_column(t, port, want, bench_table_find(table, want->name));
    if (status != CLIO_OK) return status;
    mark_used(t, number, want->name);
  }
  make_schema(t, number);
  return CLIO_OK;
}

/* The column a COLUMN parameter names reaches the conversations input. */
static clio_status check_named(clio_test *t, const clio_param *p, const char *name) {
  for (uint32_t i = 0; name && i < t->stage->inputs.count; i++) {
    const clio_port *port = bench_port(&t->stage->inputs, i);
    if (port->rows != CLIO_ROWS_CONVERSATION || !t->inputs[i]) continue;
    if (!bench_table_find(t->inputs[i], name)) continue;
    mark_used(t, i, name);
    return CLIO_OK;
  }
  if (!name) return CLIO_OK;
  return bench_fail(t, CLIO_E_CONFIG, "parameter '%s': no column '%s' reaches the stage", p->name,
                    name);
}

static clio_status check_column_params(clio_test *t) {
  for (uint32_t i = 0; i < t->stage->params.count; i++) {
    const clio_param *p = bench_param(&t->stage->params, i);
    const char *field = (const char *)t->config + p->offset;
    clio_strlist list = {NULL, 0};
    const char *name = NULL;
    if (!(p->flags & CLIO_PARAM_COLUMN)) continue;
    if (p->type == CLIO_PT_STRLIST)
      memcpy(&list, field, sizeof list);
    else
      memcpy(&name, field, sizeof name);
    if (name && check_named(t, p, name) != CLIO_OK) return t->status;
    for (uint64_t k = 0; k < list.count; k++)
      if (check_named(t, p, list.items[k]) != CLIO_OK) return t->status;
  }
  return CLIO_OK;
}

/* Declared vectors whose width plan() had to decide have one. */
static clio_status check_planned(clio_test *t) {
  for (uint32_t port = 0; port < t->stage->outputs.count; port++)
    for (uint32_t i = 0; i < t->planned[port].count; i++) {
      const clio_column *column = &t->planned[port].columns[i];
      if (column->type == CLIO_T_VEC && column->dim == 0)
        return bench_fail(t, CLIO_E_CONFIG, "plan_output: vector '%s' has no dim", column->name);
    }
  return CLIO_OK;
}

clio_status bench_plan(clio_test *t) {
  bench_plan_clear(t);
  for (uint32_t i = 0; i < t->stage->inputs.count; i++)
    if (check_input(t, i) != CLIO_OK) return t->status;
  if (check_column_params(t) != CLIO_OK || !t->stage->plan) return t->status;
  clio_plan plan = {.t = t};
  clio_status status = t->stage->plan(&bench_host, &plan, t->config);
  if (status == CLIO_OK && plan.text[0]) status = CLIO_E_CONFIG; /* an error it did not return */
  if (status != CLIO_OK)
    return bench_fail(t, status, "%s", plan.text[0] ? plan.text : "plan() failed, without a word");
  return check_planned(t);
}
