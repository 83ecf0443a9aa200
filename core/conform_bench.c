/* conform_bench.c - how `clio conform` runs a stage: a bench for each run, so that nothing of one
 * check is left in another; values for the parameters that must be given; all that a run put out,
 * as text to compare. */
#include "clio-build.h"

#include <stdarg.h>
#include <string.h>

#include "conform_parts.h"
#include "json.h"
#include "util.h"

enum { TRIES_MAX = 512 };

void conform_say(conform_verdict *v, conform_outcome outcome, const char *cure, const char *format,
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

clio_test *conform_open_cut(const conform_subject *s, conform_mood mood, uint64_t rows,
                            uint64_t block_bytes) {
  clio_test *t = s->ps->model ? clio_test_open_model(s->ps->model) : clio_test_open(&s->ps->s);
  error e = {0};
  const clio_text *text = conform_text(&e);
  if (text) clio_test_service(t, CLIO_TEXT_ID, text);
  clio_test_service(t, CLIO_LLM_ID, &conform_llm);
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

clio_status conform_plan(const conform_subject *s, clio_test *t) {
  return s->ps->model ? clio_test_model_plan(t) : clio_test_plan(t);
}

clio_test *conform_open(const conform_subject *s, conform_mood mood, uint64_t rows) {
  return conform_open_cut(s, mood, rows, 1 << 20);
}

/* All that a run put out, as text: status, rows, files. */
char *conform_outcome_of(clio_test *t, const conform_subject *s, clio_status status) {
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

char *conform_run_once(const conform_subject *s, conform_mood mood, uint64_t rows) {
  clio_test *t = conform_open(s, mood, rows);
  char *outcome = conform_outcome_of(t, s, clio_test_run(t));
  clio_test_close(t);
  return outcome;
}

bool conform_went_well(const char *outcome) { return g_str_has_prefix(outcome, "0 "); }

/* The run's error: the first line, without the status. */
char *conform_error_in(const char *outcome) {
  const char *text = strchr(outcome, ' ');
  return g_strndup(text + 1, strcspn(text + 1, "\n"));
}

/* ---- parameters ---- */

/* The values to try for a parameter that must be given; NULL-ended. */
static char **candidates(const clio_param *p) {
  GPtrArray *list = g_ptr_array_new();
  bool texts = p->type == CLIO_PT_STRING || p->type == CLIO_PT_STRLIST;
  if (texts && strstr(p->name, "url"))
    g_ptr_array_add(list, g_strdup("\"https://model.example.com/v1\""));
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
static void resolve_default(conform_subject *s, const clio_param *p) {
  char *text = conform_resolve(p, p->def);
  if (text) g_hash_table_insert(s->params, g_strdup(p->name), text);
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
  char *written = g_string_free(text, FALSE), *resolved = conform_resolve(p, written);
  g_hash_table_insert(s->params, g_strdup(p->name), resolved ? resolved : written);
  if (resolved) g_free(written);
  g_autofree char *plain = g_strdup(value);
  g_strdelimit(plain, "\"[]", ' ');
  if ((p->flags & CLIO_PARAM_COLUMN) && !strchr(plain, ','))
    g_ptr_array_add(s->columns, g_strdup(g_strstrip(plain)));
}

void conform_subject_init(conform_subject *s, const plugin_stage *ps, char **sets) {
  *s = (conform_subject){.ps = ps, .sets = sets};
  s->params = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
  s->columns = g_ptr_array_new_with_free_func(g_free);
  for (uint32_t i = 0; i < ps->s.params.count; i++) resolve_default(s, &ps->params[i]);
  for (char **set = sets; set && *set; set++) take_set(s, *set);
}

void conform_subject_clear(conform_subject *s) {
  g_hash_table_destroy(s->params);
  g_ptr_array_free(s->columns, TRUE);
  g_free(s->why_not);
}

static bool plan_takes(conform_subject *s) {
  clio_test *t = conform_open(s, CONFORM_PLAIN, CONFORM_ROWS);
  clio_status status = conform_plan(s, t);
  g_free(s->why_not);
  s->why_not = status == CLIO_OK ? NULL : g_strdup(clio_test_error(t));
  clio_test_close(t);
  return status == CLIO_OK;
}

/* Finds values for the parameters that must be given, with which plan() is
 * content: every combination of a few names in turn, the last one fastest. */
bool conform_settle(conform_subject *s) {
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
bool conform_can_run(conform_subject *s, conform_verdict *v) {
  if (conform_settle(s)) return true;
  conform_say(
      v, CONFORM_SKIPPED, NULL,
      "its plan() takes none of the inputs that conform makes (%.300s); give parameters with --set",
      s->why_not);
  return false;
}
