/* conform_checks.c - what `clio conform` asks of a stage, one function a check. Each
 * opens a bench of its own, so that nothing of one check is left in another. */
#include "clio-build.h"

#include <stdarg.h>
#include <string.h>

#include "asset.h"
#include "conform.h"
#include "json.h"
#include "tree_check.h"
#include "util.h"

enum {
  ROWS = 40,
  FEW_ROWS = 12,
  MANY_ROWS = 2000,
  PROMPT_SECONDS = 2,
  MEMORY_SECONDS = 4,
  TRIES_MAX = 512
};

static void say(conform_verdict *v, conform_outcome outcome, const char *cure, const char *format,
                ...) G_GNUC_PRINTF(4, 5);
static void say(conform_verdict *v, conform_outcome outcome, const char *cure, const char *format,
                ...) {
  va_list args;
  va_start(args, format);
  g_vsnprintf(v->text, sizeof v->text, format, args);
  va_end(args);
  v->outcome = outcome;
  v->cure = cure;
}

/* ---- a bench ---- */

static void set_param(gpointer name, gpointer value, gpointer bench) {
  clio_test_param(bench, name, value);
}

static clio_test *open_cut(const conform_subject *s, conform_mood mood, uint64_t rows,
                           uint64_t block_bytes) {
  clio_test *t = clio_test_open(&s->ps->s);
  error e = {0};
  const clio_text *text = conform_text(&e);
  if (text) clio_test_service(t, CLIO_TEXT_ID, text);
  clio_test_assets(t, data_dir());
  g_hash_table_foreach(s->params, set_param, t);
  clio_test_policy(t)->cluster_conversations = 1;
  clio_test_policy(t)->cluster_accounts = 1;
  clio_test_policy(t)->cell_conversations = 1;
  clio_test_policy(t)->cell_accounts = 1;
  conform_rows r = {s->ps, s->columns, mood, rows, block_bytes};
  conform_fill(t, &r);
  return t;
}

static clio_test *open_bench(const conform_subject *s, conform_mood mood, uint64_t rows) {
  return open_cut(s, mood, rows, 1 << 20);
}

/* All that a run put out, as text: status, rows, files. */
static char *outcome_of(clio_test *t, const conform_subject *s, clio_status status) {
  GString *all = g_string_new(NULL);
  g_string_append_printf(all, "%d %s\n", status, clio_test_error(t));
  for (uint32_t i = 0; status == CLIO_OK && i < s->ps->s.outputs.count; i++) {
    const char *port = s->ps->outputs[i].name;
    const clio_table *out = clio_test_out(t, port);
    g_string_append_printf(all, "%s\n%s\n", port, clio_test_json(t, port, NULL));
    if (out && clio_test_host()->find(out, "id") >= 0)
      g_string_append(all, clio_test_json(t, port, "id"));
  }
  const char *name;
  for (uint64_t i = 0; (name = clio_test_file_name(t, i)) != NULL; i++) {
    uint64_t length = 0;
    const char *bytes = clio_test_file(t, name, &length);
    g_string_append_printf(all, "\n%s\n", name);
    if (bytes) g_string_append_len(all, bytes, (gssize)length);
  }
  return g_string_free(all, FALSE);
}

static char *run_once(const conform_subject *s, conform_mood mood, uint64_t rows) {
  clio_test *t = open_bench(s, mood, rows);
  char *outcome = outcome_of(t, s, clio_test_run(t));
  clio_test_close(t);
  return outcome;
}

static bool went_well(const char *outcome) { return g_str_has_prefix(outcome, "0 "); }

/* The run's error: the first line, without the status. */
static char *error_in(const char *outcome) {
  const char *text = strchr(outcome, ' ');
  return g_strndup(text + 1, strcspn(text + 1, "\n"));
}

/* ---- parameters ---- */

/* The values to try for a parameter that must be given; NULL-ended. */
static char **candidates(const clio_param *p) {
  GPtrArray *list = g_ptr_array_new();
  bool texts = p->type == CLIO_PT_STRING || p->type == CLIO_PT_STRLIST;
  for (size_t i = 0; texts && conform_names[i]; i++)
    g_ptr_array_add(list, g_strdup_printf("\"%s\"", conform_names[i]));
  if (p->type == CLIO_PT_ENUM) g_ptr_array_add(list, g_strdup_printf("\"%s\"", p->choices[0]));
  if (p->type == CLIO_PT_TEXT) g_ptr_array_add(list, g_strdup("\"a text\""));
  if (p->type == CLIO_PT_PATH) g_ptr_array_add(list, g_strdup("\"-\""));
  if (p->type == CLIO_PT_SECRET) g_ptr_array_add(list, g_strdup("\"CLIO_CONFORM_SECRET\""));
  if (p->type == CLIO_PT_BOOL) g_ptr_array_add(list, g_strdup("false"));
  if (list->len == 0) g_ptr_array_add(list, g_strdup_printf("%.0f", MAX(p->min, MIN(p->max, 1))));
  g_ptr_array_add(list, NULL);
  return (char **)g_ptr_array_free(list, FALSE);
}

/* A default "@file" is read where the core would find it. */
static void resolve_text(conform_subject *s, const clio_param *p) {
  if (p->type != CLIO_PT_TEXT || !p->def || strncmp(p->def, "\"@", 2) != 0) return;
  g_autofree char *name = g_strndup(p->def + 2, strlen(p->def) - 3);
  g_autofree char *path = g_build_filename(data_dir(), name, NULL);
  g_autofree char *text = NULL;
  GString *quoted = g_string_new(NULL);
  if (g_file_get_contents(path, &text, NULL, NULL)) {
    json_append_string(quoted, text, strlen(text));
    g_hash_table_insert(s->params, g_strdup(p->name), g_strdup(quoted->str));
  }
  g_string_free(quoted, TRUE);
}

static const clio_param *find_param(const plugin_stage *ps, const char *name, size_t length) {
  for (uint32_t i = 0; i < ps->s.params.count; i++)
    if (strlen(ps->params[i].name) == length && strncmp(ps->params[i].name, name, length) == 0)
      return &ps->params[i];
  return NULL;
}

/* NAME=VALUE of the command line; a word that is not JSON stands for itself. */
static void take_set(conform_subject *s, const char *set) {
  const char *equals = strchr(set, '=');
  const clio_param *p = equals ? find_param(s->ps, set, (size_t)(equals - set)) : NULL;
  if (!p) return;
  const char *value = equals + 1;
  bool is_json = *value && strchr("\"[{-0123456789", *value);
  bool word = !strcmp(value, "true") || !strcmp(value, "false") || !strcmp(value, "null");
  GString *text = g_string_new(is_json || word ? value : NULL);
  if (!is_json && !word) json_append_string(text, value, strlen(value));
  g_hash_table_insert(s->params, g_strdup(p->name), g_string_free(text, FALSE));
  g_autofree char *plain = g_strdup(value);
  g_strdelimit(plain, "\"[]", ' ');
  if ((p->flags & CLIO_PARAM_COLUMN) && !strchr(plain, ','))
    g_ptr_array_add(s->columns, g_strdup(g_strstrip(plain)));
}

void conform_subject_init(conform_subject *s, const plugin_stage *ps, char **sets) {
  *s = (conform_subject){.ps = ps, .sets = sets};
  s->params = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
  s->columns = g_ptr_array_new_with_free_func(g_free);
  for (uint32_t i = 0; i < ps->s.params.count; i++) resolve_text(s, &ps->params[i]);
  for (char **set = sets; set && *set; set++) take_set(s, *set);
}

void conform_subject_clear(conform_subject *s) {
  g_hash_table_destroy(s->params);
  g_ptr_array_free(s->columns, TRUE);
  g_free(s->why_not);
}

static bool plan_takes(conform_subject *s) {
  clio_test *t = open_bench(s, CONFORM_PLAIN, ROWS);
  clio_status status = clio_test_plan(t);
  g_free(s->why_not);
  s->why_not = status == CLIO_OK ? NULL : g_strdup(clio_test_error(t));
  clio_test_close(t);
  return status == CLIO_OK;
}

/* Finds values for the parameters that must be given, with which plan() is
 * content: every combination of a few names in turn, the last one fastest. */
static bool settle(conform_subject *s) {
  if (s->settled || s->why_not) return s->settled;
  g_autoptr(GPtrArray) open = g_ptr_array_new();
  g_autoptr(GPtrArray) values = g_ptr_array_new_with_free_func((GDestroyNotify)g_strfreev);
  for (uint32_t i = 0; i < s->ps->s.params.count; i++) {
    const clio_param *p = &s->ps->params[i];
    if (p->def || g_hash_table_contains(s->params, p->name)) continue;
    g_ptr_array_add(open, (gpointer)(uintptr_t)p);
    g_ptr_array_add(values, candidates(p));
  }
  for (uint64_t k = 0; k < TRIES_MAX && !s->settled; k++) {
    uint64_t left = k;
    for (guint i = open->len; i-- > 0;) {
      char **list = values->pdata[i];
      uint64_t count = g_strv_length(list);
      const clio_param *p = open->pdata[i];
      g_hash_table_insert(s->params, g_strdup(p->name), g_strdup(list[left % count]));
      left /= count;
    }
    if (left > 0) break;
    s->settled = plan_takes(s);
  }
  return s->settled;
}

/* Says why the stage cannot be run here; true where it can. */
static bool can_run(conform_subject *s, conform_verdict *v) {
  if (s->ps->model) {
    say(v, CONFORM_SKIPPED, NULL, "a model is asked, not run; its bench is clio_test_model.h");
    return false;
  }
  if (settle(s)) return true;
  say(v, CONFORM_SKIPPED, NULL,
      "its plan() takes none of the inputs that conform makes (%.300s); give parameters with --set",
      s->why_not);
  return false;
}

static void try_extreme(conform_subject *s, const clio_param *p, double value, conform_verdict *v) {
  GString *quoted = g_string_new(NULL);
  if (p->type == CLIO_PT_FLOAT)
    json_append_double(quoted, value);
  else
    g_string_append_printf(quoted, "%.0f", value);
  clio_test *t = open_bench(s, CONFORM_PLAIN, ROWS);
  clio_test_param(t, p->name, quoted->str);
  clio_status status = clio_test_plan(t);
  if (status != CLIO_OK && strstr(clio_test_error(t), "without a word"))
    say(v, CONFORM_FAILED, "return plan_fail() with a sentence, or narrow the parameter's range",
        "plan() refuses %s = %s, which its range allows, and does not say why", p->name,
        quoted->str);
  clio_test_close(t);
  g_string_free(quoted, TRUE);
}

static void check_parameters(conform_subject *s, conform_verdict *v) {
  uint32_t count = s->ps->s.params.count;
  for (uint32_t i = 0; i < count; i++) {
    const clio_param *p = &s->ps->params[i];
    if (!p->help || !p->help[0]) {
      say(v, CONFORM_FAILED, "say in its help what it does, in one lower-case line",
          "parameter '%s' has no help", p->name);
      return;
    }
  }
  bool plans = settle(s);
  for (uint32_t i = 0; i < count && plans && v->outcome == CONFORM_OK; i++) {
    const clio_param *p = &s->ps->params[i];
    bool number = p->type == CLIO_PT_INT || p->type == CLIO_PT_FLOAT || p->type == CLIO_PT_AUTO;
    if (number) try_extreme(s, p, p->min, v);
    if (number && v->outcome == CONFORM_OK) try_extreme(s, p, p->max, v);
  }
  if (v->outcome != CONFORM_OK) return;
  if (count == 0)
    say(v, CONFORM_OK, NULL, "it has none");
  else
    say(v, CONFORM_OK, NULL, "%u; each has help, defaults fit, least and most are planned", count);
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

static void judge_class(const conform_subject *s, const clio_column *c, const char *raw,
                        conform_verdict *v) {
  bool source = strcmp(s->ps->s.kind, "source") == 0;
  bool label = g_str_has_prefix(c->name, "label_");
  if (source && !label && c->privacy > CLIO_P_RAW)
    say(v, CONFORM_FAILED, "declare the column CLIO_P_RAW; a stage behind the source derives",
        "a source makes RAW columns only, and '%s' is of a higher class", c->name);
  else if (!source && c->privacy > CLIO_P_DERIVED)
    say(v, CONFORM_FAILED, "declare the column CLIO_P_DERIVED",
        "column '%s' has one value per conversation and is declared GROUPED", c->name);
  else if (!source && raw && c->privacy == CLIO_P_DERIVED && !(s->ps->s.caps & CLIO_CAP_DECLASSIFY))
    say(v, CONFORM_FAILED,
        "add CLIO_CAP_DECLASSIFY to caps, so that a graph may grant it; or read DERIVED columns",
        "it reads the RAW column '%s' and makes '%s' DERIVED without the capability to", raw,
        c->name);
}

static void check_classes(conform_subject *s, conform_verdict *v) {
  const char *raw = NULL;
  if (!reads_raw(s, &raw)) raw = NULL;
  if (s->ps->s.caps & (CLIO_CAP_NETWORK | CLIO_CAP_EXEC)) {
    say(v, CONFORM_FAILED, "drop the capability; ask a model through the host's service instead",
        "it wants to open sockets or start programs, which clio refuses");
    return;
  }
  if (raw && conform_is_whole(s->ps) && !conform_after_gate(s->ps)) {
    say(v, CONFORM_FAILED, "read a DERIVED column that a stage before it makes, or work in batches",
        "it needs every row of the RAW column '%s', and RAW text is never kept", raw);
    return;
  }
  if (!can_run(s, v)) return;
  clio_test *t = open_bench(s, CONFORM_PLAIN, ROWS);
  clio_test_plan(t);
  for (uint32_t i = 0; i < s->ps->s.outputs.count && v->outcome == CONFORM_OK; i++) {
    const clio_column *c;
    if (s->ps->outputs[i].rows != CLIO_ROWS_CONVERSATION) continue;
    for (uint32_t k = 0; (c = clio_test_column(t, s->ps->outputs[i].name, k)) != NULL; k++)
      if (v->outcome == CONFORM_OK) judge_class(s, c, raw, v);
  }
  clio_test_close(t);
  if (v->outcome == CONFORM_OK)
    say(v, CONFORM_OK, NULL, "%s",
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
      say(v, CONFORM_FAILED, "see the rules about clusters in the SDK's README", "%.400s", e.text);
    table_unref(copy);
  }
}

/* A source whose lines have a form of their own finds every line of ours bad. */
static bool knows_no_line(const clio_test *t, const conform_subject *s) {
  bool blocks = s->ps->s.inputs.count && s->ps->inputs[0].rows == CLIO_ROWS_BLOCK;
  return blocks && clio_test_failed(t) > 0;
}

static void judge_emitted(clio_test *t, const conform_subject *s, conform_verdict *v) {
  bool after = conform_after_gate(s->ps);
  if (knows_no_line(t, s) && !clio_test_emits(t, s->ps->outputs[0].name)) {
    say(v, CONFORM_SKIPPED, NULL,
        "it takes none of the lines that conform makes: its input has a form of its own");
    return;
  }
  for (uint32_t i = 0; i < s->ps->s.outputs.count && !after; i++)
    if (!clio_test_emits(t, s->ps->outputs[i].name) &&
        !(s->ps->outputs[i].flags & CLIO_PORT_OPTIONAL))
      say(v, CONFORM_FAILED, "emit it from process() of the last port or from finish()",
          "it ended without emitting its output '%s'", s->ps->outputs[i].name);
  if (v->outcome == CONFORM_OK) judge_tree(t, s, v);
}

static void check_run(conform_subject *s, conform_verdict *v) {
  const clio_asset_file *missing = asset_missing(s->ps);
  if (missing) {
    g_autofree char *text = asset_missing_text(missing);
    say(v, CONFORM_SKIPPED, NULL, "%.600s", text);
  }
  if (missing || !can_run(s, v)) return;
  clio_test *t = open_bench(s, CONFORM_PLAIN, ROWS);
  clio_status status = clio_test_run(t);
  if (!conform_is_discreet(t))
    say(v, CONFORM_FAILED, "say which row, and what is wrong with it, never what it says",
        "a message repeats the text of a conversation");
  else if (status == CLIO_E_UNSUPPORTED)
    say(v, CONFORM_SKIPPED, NULL, "it wants what is not here: %.400s", clio_test_error(t));
  else if (status != CLIO_OK)
    say(v, CONFORM_FAILED,
        "the bench names the rule; see 'What to know' in the SDK's guide (sdk/README.md of the "
        "documentation)",
        "%.600s", clio_test_error(t));
  else
    judge_emitted(t, s, v);
  if (v->outcome == CONFORM_OK)
    say(v, CONFORM_OK, NULL, "%d rows; it reads and emits what it declared and nothing else", ROWS);
  clio_test_close(t);
}

/* ---- little, nothing, nulls, hostile texts ---- */

/* One run that must go well, or fail as `may_fail` allows: with a reason. */
static bool must_run(conform_subject *s, conform_mood mood, uint64_t rows, bool may_fail,
                     const char *what, const char *cure, conform_verdict *v) {
  g_autofree char *outcome = run_once(s, mood, rows);
  if (went_well(outcome)) return true;
  g_autofree char *why = error_in(outcome);
  if (may_fail && !strstr(why, "without a word")) return true;
  say(v, CONFORM_FAILED, cure, "%s: %.400s", what, why);
  return false;
}

static void check_small(conform_subject *s, conform_verdict *v) {
  static const char cure[] = "no row and one row are inputs like others: emit no row, or one";
  if (s->ps->s.inputs.count == 0) {
    say(v, CONFORM_SKIPPED, NULL, "it has no input");
    return;
  }
  if (must_run(s, CONFORM_PLAIN, 0, false, "an input without rows", cure, v) &&
      must_run(s, CONFORM_PLAIN, 1, false, "an input of one row", cure, v))
    say(v, CONFORM_OK, NULL, "no row, one row");
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
        say(v, CONFORM_FAILED, "add CLIO_COL_NULLABLE to its flags, and handle a null",
            "column '%s' may be null in any input, and is declared as never null", c->name);
        return;
      }
    }
  }
  if (tables == 0) {
    say(v, CONFORM_SKIPPED, NULL, "it reads no table");
    return;
  }
  if (must_run(s, CONFORM_SPARSE, ROWS, false, "every second cell null", cure, v) &&
      must_run(s, CONFORM_NULLS, ROWS, false, "every cell null that may be", cure, v))
    say(v, CONFORM_OK, NULL, "%u declared columns that may be null, and those that parameters name",
        nullable);
}

static void check_text(conform_subject *s, conform_verdict *v) {
  if (s->ps->s.inputs.count == 0) {
    say(v, CONFORM_SKIPPED, NULL, "it has no input");
    return;
  }
  bool source = strcmp(s->ps->s.kind, "source") == 0;
  if (must_run(s, CONFORM_HOSTILE, ROWS, source, "hostile texts",
               "any text is an input: empty, long, with control characters and NUL; use fail_row "
               "for a row that cannot be done",
               v))
    say(v, CONFORM_OK, NULL, "control characters, NUL, bidi, 100,000 bytes, 300 messages, none");
}

/* ---- the same however it is run ---- */

static bool same_as(const conform_subject *s, const char *want, clio_test *t) {
  g_autofree char *got = outcome_of(t, s, clio_test_run(t));
  return strcmp(got, want) == 0;
}

static bool is_nondeterministic(const conform_subject *s, conform_verdict *v) {
  if (!(s->ps->s.caps & CLIO_CAP_NONDETERMINISTIC)) return false;
  say(v, CONFORM_SKIPPED, NULL, "it declares that its results are not repeatable");
  return true;
}

static void check_batches(conform_subject *s, conform_verdict *v) {
  static const uint64_t sizes[] = {1, 7, 16};
  if (is_nondeterministic(s, v)) return;
  g_autofree char *want = run_once(s, CONFORM_PLAIN, ROWS);
  g_autofree char *again = run_once(s, CONFORM_PLAIN, ROWS);
  if (strcmp(want, again) != 0) {
    say(v, CONFORM_FAILED, "use host->random() for chance; keep no state outside self",
        "the same input gave two results in two runs");
    return;
  }
  if (conform_is_whole(s->ps) || s->ps->s.inputs.count == 0) {
    say(v, CONFORM_OK, NULL, "the same in two runs; it does not work in batches");
    return;
  }
  for (size_t i = 0; i < G_N_ELEMENTS(sizes); i++) {
    clio_test *t = open_cut(s, CONFORM_PLAIN, ROWS, 100 * sizes[i]);
    clio_test_batch(t, sizes[i]);
    bool same = same_as(s, want, t);
    clio_test_close(t);
    if (same) continue;
    say(v, CONFORM_FAILED, "a row's result may depend on that row alone; carry nothing over",
        "another result in batches of %u rows than in one", (unsigned)sizes[i]);
    return;
  }
  say(v, CONFORM_OK, NULL, "the same in two runs, and in batches of 1, 7 and 16 rows");
}

/* In batches of four rows, with this many threads. */
static char *run_threads(const conform_subject *s, uint32_t threads) {
  clio_test *t = open_cut(s, CONFORM_PLAIN, ROWS, 400);
  clio_test_batch(t, 4);
  clio_test_threads(t, threads);
  char *outcome = outcome_of(t, s, clio_test_run(t));
  clio_test_close(t);
  return outcome;
}

static void check_threads(conform_subject *s, conform_verdict *v) {
  static const uint32_t counts[] = {0, 2, 4};
  if (is_nondeterministic(s, v)) return;
  g_autofree char *want = run_threads(s, 1);
  g_autofree char *again = run_threads(s, 1);
  if (strcmp(want, again) != 0) {
    say(v, CONFORM_SKIPPED, NULL, "two runs with one thread differ; see 'batches'");
    return;
  }
  for (size_t i = 0; i < G_N_ELEMENTS(counts); i++) {
    g_autofree char *got = run_threads(s, counts[i]);
    if (strcmp(got, want) == 0) continue;
    say(v, CONFORM_FAILED,
        counts[i] && s->ps->s.threads == CLIO_PARALLEL
            ? "process() may only read self and may use no static variable; or declare CLIO_SERIAL"
            : "what clio.parallel/1 runs may not depend on the order of blocks; sum integers",
        counts[i] ? "another result with %u threads than with one"
                  : "another result where blocks come in falling order (%u thread)",
        counts[i] ? counts[i] : 1);
    return;
  }
  say(v, CONFORM_OK, NULL, "the same with 1, 2 and 4 threads, and with blocks in falling order");
}

/* ---- memory, cancellation ---- */

static void check_memory(conform_subject *s, conform_verdict *v) {
  gint64 end = g_get_monotonic_time() + (gint64)MEMORY_SECONDS * G_USEC_PER_SEC;
  clio_test *t = open_bench(s, CONFORM_PLAIN, FEW_ROWS);
  uint64_t n = 0;
  bool whole = false;
  while (!whole && v->outcome == CONFORM_OK && g_get_monotonic_time() < end) {
    clio_test_fail_alloc(t, ++n);
    clio_status status = clio_test_run(t);
    whole = status == CLIO_OK && !clio_test_alloc_failed(t);
    if (!whole && status != CLIO_E_NOMEM)
      say(v, CONFORM_FAILED, "check what scratch() and data() return; return CLIO_E_NOMEM",
          "allocation %u failed, and the stage answered: %.300s", (unsigned)n,
          status == CLIO_OK ? "done" : clio_test_error(t));
  }
  clio_test_close(t);
  if (v->outcome != CONFORM_OK) return;
  say(v, CONFORM_OK, NULL, "each of %s%u allocations failed in turn", whole ? "" : "the first ",
      (unsigned)(whole ? n - 1 : n));
}

static void check_cancel(conform_subject *s, conform_verdict *v) {
  clio_test *t = open_bench(s, CONFORM_PLAIN, s->ps->s.inputs.count ? MANY_ROWS : ROWS);
  clio_test_cancel_after(t, 1);
  gint64 start = g_get_monotonic_time();
  clio_status status = clio_test_run(t);
  double seconds = (double)(g_get_monotonic_time() - start) / G_USEC_PER_SEC;
  if (status != CLIO_OK && status != CLIO_E_CANCELLED)
    say(v, CONFORM_FAILED, "return CLIO_E_CANCELLED, or the status of the host's function",
        "the run was stopped, and it answered: %.300s", clio_test_error(t));
  else if (seconds > PROMPT_SECONDS)
    say(v, CONFORM_FAILED, "ask host->cancelled() per row or block, and return CLIO_E_CANCELLED",
        "it went on for more than %d s after the run was stopped", PROMPT_SECONDS);
  else
    say(v, CONFORM_OK, NULL, "it ends within %d s of being stopped", PROMPT_SECONDS);
  clio_test_close(t);
}

const conform_check conform_checks[] = {
    {"parameters", check_parameters},
    {"classes", check_classes},
    {CONFORM_RUN, check_run},
    {"small", check_small},
    {"nulls", check_nulls},
    {"text", check_text},
    {"batches", check_batches},
    {"threads", check_threads},
    {"memory", check_memory},
    {"cancel", check_cancel},
    {NULL, NULL},
};
