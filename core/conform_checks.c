/* conform_checks.c - what `clio conform` asks of a stage: its parameters, its classes, a plain run,
 * and runs on little, on nulls and on hostile texts. What changes in how it is run is
 * conform_ways.c's. */
#include "clio-build.h"

#include <string.h>

#include "asset.h"
#include "conform_parts.h"
#include "json.h"
#include "table.h"
#include "tree_check.h"
#include "util.h"

static void try_extreme(conform_subject *s, const clio_param *p, double value, conform_verdict *v) {
  GString *quoted = g_string_new(NULL);
  if (p->type == CLIO_PT_FLOAT)
    json_append_double(quoted, value);
  else
    g_string_append_printf(quoted, "%.0f", value);
  clio_test *t = conform_open(s, CONFORM_PLAIN, CONFORM_ROWS);
  clio_test_param(t, p->name, quoted->str);
  clio_status status = conform_plan(s, t);
  if (status != CLIO_OK && strstr(clio_test_error(t), "without a word"))
    conform_say(v, CONFORM_FAILED,
                "return plan_fail() with a sentence, or narrow the parameter's range",
                "plan() refuses %s = %s, which its range allows, and does not say why", p->name,
                quoted->str);
  clio_test_close(t);
  g_string_free(quoted, TRUE);
}

void conform_check_parameters(conform_subject *s, conform_verdict *v) {
  uint32_t count = s->ps->s.params.count;
  for (uint32_t i = 0; i < count; i++) {
    const clio_param *p = &s->ps->params[i];
    if (!p->help || !p->help[0]) {
      conform_say(v, CONFORM_FAILED, "say in its help what it does, in one lower-case line",
                  "parameter '%s' has no help", p->name);
      return;
    }
  }
  bool plans = conform_settle(s);
  for (uint32_t i = 0; i < count && plans && v->outcome == CONFORM_OK; i++) {
    const clio_param *p = &s->ps->params[i];
    bool number = p->type == CLIO_PT_INT || p->type == CLIO_PT_FLOAT || p->type == CLIO_PT_AUTO;
    if (number) try_extreme(s, p, p->min, v);
    if (number && v->outcome == CONFORM_OK) try_extreme(s, p, p->max, v);
  }
  if (v->outcome != CONFORM_OK) return;
  if (count == 0)
    conform_say(v, CONFORM_OK, NULL, "it has none");
  else
    conform_say(v, CONFORM_OK, NULL, "%u; each has help, defaults fit, least and most are planned",
                count);
}

/* ---- privacy classes ---- */

static bool reads_raw(const conform_subject *s, const char **ret_column) {
  for (uint32_t i = 0; i < s->ps->s.inputs.count; i++) {
    const clio_port *port = &s->ps->inputs[i];
    for (uint32_t k = 0; port->rows == CLIO_ROWS_CONVERSATION && k < port->columns.count; k++) {
      *ret_column = port->columns.items[k].name;
      if (conform_class(*ret_column) == CLIO_P_RAW) return true;
    }
  }
  return false;
}

/* A column that the core or the door makes, and that the stage reads by another type. */
static bool has_wrong_type(const conform_subject *s, conform_verdict *v) {
  for (uint32_t i = 0; i < s->ps->s.inputs.count; i++) {
    const clio_port *port = &s->ps->inputs[i];
    for (uint32_t k = 0; k < port->columns.count; k++) {
      const clio_column *c = &port->columns.items[k];
      clio_type type = conform_host_type(port, c->name);
      if (type == CLIO_T_ANY || c->type == CLIO_T_ANY || c->type == type) continue;
      conform_say(v, CONFORM_FAILED, "declare the column with the type that it has",
                  "it reads column '%s' of input '%s' as %s, and it is %s", c->name, port->name,
                  type_name(c->type), type_name(type));
      return true;
    }
  }
  return false;
}

static void judge_class(const conform_subject *s, const clio_column *c, const char *raw,
                        conform_verdict *v) {
  bool source = strcmp(s->ps->s.kind, "source") == 0;
  bool label = g_str_has_prefix(c->name, "label_");
  if (source && !label && c->privacy > CLIO_P_RAW)
    conform_say(v, CONFORM_FAILED,
                "declare the column CLIO_P_RAW; a stage behind the source derives",
                "a source makes RAW columns only, and '%s' is of a higher class", c->name);
  else if (!source && c->privacy > CLIO_P_DERIVED)
    conform_say(v, CONFORM_FAILED, "declare the column CLIO_P_DERIVED",
                "column '%s' has one value per conversation and is declared GROUPED", c->name);
  else if (!source && raw && c->privacy <= CLIO_P_RAW && (c->flags & CLIO_COL_FACET))
    conform_say(v, CONFORM_FAILED,
                "declare the column CLIO_P_DERIVED, and add CLIO_CAP_DECLASSIFY to caps, so that a "
                "graph may grant it",
                "it reads the RAW column '%s', so that the facet '%s', whose class is %s, would be "
                "RAW, and RAW is never counted",
                raw, c->name, c->privacy == CLIO_P_RAW ? "RAW" : "inherited");
  else if (!source && raw && c->privacy == CLIO_P_DERIVED && !(s->ps->s.caps & CLIO_CAP_DECLASSIFY))
    conform_say(
        v, CONFORM_FAILED,
        "add CLIO_CAP_DECLASSIFY to caps, so that a graph may grant it; or read DERIVED columns",
        "it reads the RAW column '%s' and makes '%s' DERIVED without the capability to", raw,
        c->name);
}

static void check_classes(conform_subject *s, conform_verdict *v) {
  const char *raw = NULL;
  if (!reads_raw(s, &raw)) raw = NULL;
  if (has_wrong_type(s, v)) return;
  if (s->ps->s.caps & (CLIO_CAP_NETWORK | CLIO_CAP_EXEC)) {
    conform_say(v, CONFORM_FAILED,
                "drop the capability; ask a model through the host's service instead",
                "it wants to open sockets or start programs, which clio refuses");
    return;
  }
  if (raw && conform_is_whole(s->ps) && !conform_after_gate(s->ps)) {
    conform_say(v, CONFORM_FAILED,
                "read a DERIVED column that a stage before it makes, or work in batches",
                "it needs every row of the RAW column '%s', and RAW text is never kept", raw);
    return;
  }
  if (!conform_can_run(s, v)) return;
  clio_test *t = conform_open(s, CONFORM_PLAIN, CONFORM_ROWS);
  clio_test_plan(t);
  for (uint32_t i = 0; i < s->ps->s.outputs.count && v->outcome == CONFORM_OK; i++) {
    const clio_column *c;
    if (s->ps->outputs[i].rows != CLIO_ROWS_CONVERSATION) continue;
    for (uint32_t k = 0; (c = clio_test_column(t, s->ps->outputs[i].name, k)) != NULL; k++)
      if (v->outcome == CONFORM_OK) judge_class(s, c, raw, v);
  }
  clio_test_close(t);
  if (v->outcome == CONFORM_OK)
    conform_say(v, CONFORM_OK, NULL, "%s",
                raw ? "it reads RAW text, and what it makes is of a class that it may make"
                    : "it reads no RAW text");
}

/* ---- a plain run ---- */

/* A column of what was put out, as one of the core's. */
static column *copy_column(const clio_table *out, const char *name, clio_type type, memory *m) {
  const clio_host *host = clio_test_host();
  clio_view view;
  int32_t at = host->find(out, name);
  if (at < 0 || host->view(out, at, &view, sizeof view) != CLIO_OK || view.type != type)
    return NULL;
  uint64_t bytes = type == CLIO_T_UTF8 ? (uint64_t)view.offsets[view.rows] : 0;
  column *c = column_new(name, type, 0, view.rows, bytes, 0, true, m);
  for (uint64_t row = 0; c && row < view.rows; row++)
    if (!view.valid || (view.valid[row >> 3] >> (row & 7) & 1)) column_set_valid(c, row);
  if (c && type == CLIO_T_UTF8) {
    memcpy(c->offsets, view.offsets, (view.rows + 1) * sizeof *c->offsets);
    if (bytes) memcpy(c->data, view.data, bytes);
  } else if (c && view.rows) {
    memcpy(c->data, view.data, view.rows * sizeof(int64_t));
  }
  return c;
}

/* The core's rules about trees, on what a clusterer, hierarchizer or namer put out. */
static void judge_tree(clio_test *t, const conform_subject *s, conform_verdict *v) {
  static const struct {
    const char *name;
    clio_type type;
  } parts[] = {
      {"facet", CLIO_T_UTF8}, {"node", CLIO_T_I64}, {"level", CLIO_T_I64}, {"parent", CLIO_T_I64}};
  for (uint32_t i = 0; i < s->ps->s.outputs.count; i++) {
    const clio_table *out = clio_test_out(t, s->ps->outputs[i].name);
    if (s->ps->outputs[i].rows != CLIO_ROWS_CLUSTER || !out || v->outcome != CONFORM_OK) continue;
    memory m = {0};
    error e = {0};
    clio_table *copy = table_new(CLIO_ROWS_CLUSTER, clio_test_host()->rows(out));
    for (size_t k = 0; k < G_N_ELEMENTS(parts); k++) {
      column *c = copy_column(out, parts[k].name, parts[k].type, &m);
      if (c) table_take_column(copy, c);
    }
    bool complete = strcmp(s->ps->s.kind, "hierarchizer") == 0;
    if (tree_check("conform", s->ps->s.name, copy, complete, &e) != CLIO_OK)
      conform_say(v, CONFORM_FAILED, "see the rules about clusters in the SDK's README", "%.400s",
                  e.text);
    table_unref(copy);
  }
}

/* A source whose lines have a form of their own finds every line of ours bad. */
static bool knows_no_line(const clio_test *t, const conform_subject *s) {
  bool blocks = s->ps->s.inputs.count && s->ps->inputs[0].rows == CLIO_ROWS_BLOCK;
  return blocks && clio_test_failed(t) > 0;
}

/* A declared column that is never added is null in every row, and nothing complains of it. */
static void judge_columns(clio_test *t, const clio_port *port, conform_verdict *v) {
  const clio_table *out = clio_test_out(t, port->name);
  for (uint32_t i = 0; out && i < port->columns.count && v->outcome == CONFORM_OK; i++) {
    const clio_column *c = &port->columns.items[i];
    if ((c->flags & CLIO_COL_OPTIONAL) || clio_test_host()->find(out, c->name) >= 0) continue;
    conform_say(v, CONFORM_FAILED,
                "add() the column and fill it, or take it out of the output's columns",
                "the output '%s' declares column '%s' and never adds it: it is null in every row",
                port->name, c->name);
  }
}

static void judge_emitted(clio_test *t, const conform_subject *s, conform_verdict *v) {
  bool after = conform_after_gate(s->ps);
  if (knows_no_line(t, s) && !clio_test_emits(t, s->ps->outputs[0].name)) {
    conform_say(v, CONFORM_SKIPPED, NULL,
                "it takes none of the lines that conform makes: its input has a form of its own");
    return;
  }
  for (uint32_t i = 0; i < s->ps->s.outputs.count && !after; i++)
    if (!clio_test_emits(t, s->ps->outputs[i].name) &&
        !(s->ps->outputs[i].flags & CLIO_PORT_OPTIONAL))
      conform_say(v, CONFORM_FAILED, "emit it from process() of the last port or from finish()",
                  "it ended without emitting its output '%s'", s->ps->outputs[i].name);
  bool source = strcmp(s->ps->s.kind, "source") == 0;
  for (uint32_t i = 0; i < s->ps->s.outputs.count && !after && !source; i++)
    judge_columns(t, &s->ps->outputs[i], v);
  if (v->outcome == CONFORM_OK) judge_tree(t, s, v);
}

static void check_run(conform_subject *s, conform_verdict *v) {
  const clio_asset_file *missing = asset_missing(s->ps);
  if (missing) {
    g_autofree char *text = asset_missing_text(missing);
    conform_say(v, CONFORM_SKIPPED, NULL, "%.600s", text);
  }
  if (missing || !conform_can_run(s, v)) return;
  clio_test *t = conform_open(s, CONFORM_PLAIN, CONFORM_ROWS);
  clio_status status = clio_test_run(t);
  if (!conform_is_discreet(t))
    conform_say(v, CONFORM_FAILED, "say which row, and what is wrong with it, never what it says",
                "a message repeats the text of a conversation");
  else if (status == CLIO_E_UNSUPPORTED)
    conform_say(v, CONFORM_SKIPPED, NULL, "it wants what is not here: %.400s", clio_test_error(t));
  else if (status != CLIO_OK)
    conform_say(v, CONFORM_FAILED,
                conform_cure(clio_test_error(t),
                             "the bench names the rule; see 'What to know' in the SDK's guide "
                             "(sdk/README.md of the documentation)"),
                "%.600s", clio_test_error(t));
  else
    judge_emitted(t, s, v);
  if (v->outcome == CONFORM_OK)
    conform_say(v, CONFORM_OK, NULL,
                "%d rows; it reads and emits what it declared and nothing else", CONFORM_ROWS);
  clio_test_close(t);
}

/* ---- little, nothing, nulls, hostile texts ---- */

/* One run that must go well, or fail as `may_fail` allows: with a reason. */
static bool must_run(conform_subject *s, conform_mood mood, uint64_t rows, bool may_fail,
                     const char *what, const char *cure, conform_verdict *v) {
  g_autofree char *outcome = conform_run_once(s, mood, rows);
  if (conform_went_well(outcome)) return true;
  g_autofree char *why = conform_error_in(outcome);
  if (may_fail && !strstr(why, "without a word")) return true;
  conform_say(v, CONFORM_FAILED, conform_cure(why, cure), "%s: %.400s", what, why);
  return false;
}

/* A validator may say that there is nothing to measure. */
static bool may_refuse(const conform_subject *s) { return strcmp(s->ps->s.kind, "validator") == 0; }

static void check_small(conform_subject *s, conform_verdict *v) {
  static const char cure[] = "no row and one row are inputs like others: emit no row, or one";
  if (s->ps->s.inputs.count == 0) {
    conform_say(v, CONFORM_SKIPPED, NULL, "it has no input");
    return;
  }
  if (must_run(s, CONFORM_PLAIN, 0, may_refuse(s), "an input without rows", cure, v) &&
      must_run(s, CONFORM_PLAIN, 1, false, "an input of one row", cure, v))
    conform_say(v, CONFORM_OK, NULL, "no row, one row");
}

static void check_nulls(conform_subject *s, conform_verdict *v) {
  static const char cure[] =
      "ask clio_valid() before a cell, and put a null where there is no value";
  uint32_t nullable = 0, tables = 0;
  for (uint32_t i = 0; i < s->ps->s.inputs.count; i++) {
    const clio_port *port = &s->ps->inputs[i];
    tables += port->rows != CLIO_ROWS_BLOCK;
    for (uint32_t k = 0; k < port->columns.count; k++) {
      const clio_column *c = &port->columns.items[k];
      nullable += (c->flags & CLIO_COL_NULLABLE) != 0;
      if (!(c->flags & CLIO_COL_NULLABLE) && conform_host_nulls(s->ps, port, c->name)) {
        conform_say(v, CONFORM_FAILED, "add CLIO_COL_NULLABLE to its flags, and handle a null",
                    "column '%s' may be null in any input, and is declared as never null", c->name);
        return;
      }
    }
  }
  if (tables == 0) {
    conform_say(v, CONFORM_SKIPPED, NULL, "it reads no table");
    return;
  }
  if (must_run(s, CONFORM_SPARSE, CONFORM_ROWS, false, "every second cell null", cure, v) &&
      must_run(s, CONFORM_NULLS, CONFORM_ROWS, may_refuse(s), "every cell null that may be", cure,
               v))
    conform_say(v, CONFORM_OK, NULL,
                "%u declared columns that may be null, and those that parameters name", nullable);
}

static void check_text(conform_subject *s, conform_verdict *v) {
  if (s->ps->s.inputs.count == 0) {
    conform_say(v, CONFORM_SKIPPED, NULL, "it has no input");
    return;
  }
  bool source = strcmp(s->ps->s.kind, "source") == 0;
  if (must_run(s, CONFORM_HOSTILE, CONFORM_ROWS, source, "hostile texts",
               "any text is an input: empty, long, with control characters and NUL; use fail_row "
               "for a row that cannot be done",
               v))
    conform_say(v, CONFORM_OK, NULL,
                "control characters, NUL, bidi, 100,000 bytes, 300 messages, none");
}

/* ---- the lists ---- */

static const conform_check stage_checks[] = {
    {"parameters", conform_check_parameters, false},
    {"classes", check_classes, false},
    {"calls", conform_check_calls, false},
    {"run", check_run, true},
    {"small", check_small, false},
    {"nulls", check_nulls, false},
    {"text", check_text, false},
    {"batches", conform_check_batches, false},
    {"threads", conform_check_threads, false},
    {"state", conform_check_state, false},
    {"leaks", conform_check_leaks, false},
    {"memory", conform_check_memory, false},
    {"cancel", conform_check_cancel, false},
    {NULL, NULL, false},
};

static const conform_check wire_checks[] = {
    {"parameters", conform_check_parameters, false},
    {"calls", conform_check_calls, false},
    {"build", conform_check_build, true},
    {"parse", conform_check_parse, false},
    {"state", conform_check_model_state, false},
    {"leaks", conform_check_leaks, false},
    {"memory", conform_check_model_memory, false},
    {NULL, NULL, false},
};

static const conform_check local_checks[] = {
    {"parameters", conform_check_parameters, false}, {"calls", conform_check_calls, false},
    {"answer", conform_check_answer, true},          {"leaks", conform_check_leaks, false},
    {"memory", conform_check_model_memory, false},   {NULL, NULL, false},
};

const conform_check *conform_checks(const plugin_stage *ps) {
  if (!ps->model) return stage_checks;
  return ps->model->answer ? local_checks : wire_checks;
}
