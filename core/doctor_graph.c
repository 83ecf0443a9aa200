/* doctor_graph.c - a graph's stages and secrets; see doctor.h. What else is
 * wrong with a graph is `clio check`'s to say. */
#include <string.h>

#include "asset.h"
#include "doctor.h"
#include "graph.h"

/* ---- stages ---- */

/* "a, b or c" */
static char *joined(const GPtrArray *use) {
  GString *s = g_string_new(NULL);
  for (guint i = 0; i < use->len; i++)
    g_string_append_printf(s, "%s%s",
                           i == 0             ? ""
                           : i + 1 < use->len ? ", "
                                              : " or ",
                           ((const doc_node *)use->pdata[i])->text);
  return g_string_free(s, FALSE);
}

/* The first of the list that is installed and has its data files, or NULL. */
static const plugin_stage *chosen(registry *r, const GPtrArray *use) {
  for (guint i = 0; i < use->len; i++) {
    const char *name = ((const doc_node *)use->pdata[i])->text;
    const plugin_stage *ps = NULL;
    error e = {0};
    if (!name || !registry_has(r, name) || registry_load(r, name, &ps, &e) != CLIO_OK) continue;
    if (!asset_missing(ps)) return ps;
  }
  return NULL;
}

static bool look_at_stage(GPtrArray *to, registry *r, const graph_stage *gs) {
  if (gs->use->len == 0) return true; /* reported by graph_read */
  const plugin_stage *ps = chosen(r, gs->use);
  const char *first = ((const doc_node *)gs->use->pdata[0])->text;
  g_autofree char *wanted = joined(gs->use);
  g_autofree char *use = ps ? g_strdup_printf("%s/%s", ps->s.kind, ps->s.name) : NULL;
  if (!use)
    doctor_say(to, DOCTOR_FAIL, "graph",
               "install a plugin that holds it, with its data files; 'clio inspect' lists what is "
               "installed",
               "%s '%s' needs %s, which is not installed or not ready", gs->what, gs->id, wanted);
  else if (strcmp(use, first) != 0)
    doctor_say(to, DOCTOR_WARN, "graph", "install it, or leave it out of the list",
               "%s '%s' takes %s: %s is not installed or not ready", gs->what, gs->id, use, first);
  return use != NULL;
}

/* ---- secrets: parameters that name a variable of the environment ---- */

static void look_at_variable(GPtrArray *to, const char *who, const char *variable) {
  const char *value = g_getenv(variable);
  if (value && *value) {
    doctor_say(to, DOCTOR_OK, "secrets", NULL, "%s: %s is set", who, variable);
    return;
  }
  g_autofree char *cure = g_strdup_printf("export %s=...", variable);
  doctor_say(to, DOCTOR_FAIL, "secrets", cure, "%s: %s is not set", who, variable);
}

static void look_at_parameter(GPtrArray *to, const graph_stage *gs, const clio_param *p) {
  if (p->type != CLIO_PT_SECRET) return;
  g_autofree char *who = g_strdup_printf("%s '%s', parameter '%s'", gs->what, gs->id, p->name);
  for (guint i = 0; i + 1 < gs->params->len; i += 2) {
    const doc_node *key = gs->params->pdata[i], *value = gs->params->pdata[i + 1];
    if (strcmp(key->text, p->name) != 0 || value->kind != DOC_SCALAR) continue;
    if (!value->null) look_at_variable(to, who, value->text);
    return;
  }
}

static void look_at_parameters(GPtrArray *to, registry *r, const graph_stage *gs) {
  const plugin_stage *ps = chosen(r, gs->use);
  for (uint32_t i = 0; ps && i < ps->s.params.count; i++) look_at_parameter(to, gs, &ps->params[i]);
}

/* The variable of a backend that is not here to say which of its parameters it is. */
static void look_at_key(GPtrArray *to, const graph_stage *gs) {
  static const clio_param key = {.name = "key", .type = CLIO_PT_SECRET};
  look_at_parameter(to, gs, &key);
}

static void look_at_models(GPtrArray *to, registry *r, const graph *g) {
  for (guint i = 0; i < g->roles->len; i++) {
    const graph_model *m = g->roles->pdata[i];
    if (look_at_stage(to, r, m->written))
      look_at_parameters(to, r, m->written);
    else
      look_at_key(to, m->written);
  }
}

static void look_at_stages(GPtrArray *to, registry *r, const graph *g) {
  guint ready = 0;
  for (guint i = 0; i < g->stages->len; i++) {
    const graph_stage *gs = g_ptr_array_index(g->stages, i);
    ready += look_at_stage(to, r, gs) ? 1 : 0;
    look_at_parameters(to, r, gs);
  }
  if (ready == g->stages->len)
    doctor_say(to, DOCTOR_OK, "graph", NULL, "all %u stages of %s are installed", ready, g->file);
}

void doctor_graph(GPtrArray *to, registry *r, const char *path) {
  graph *g = NULL;
  diag *d = NULL;
  error e = {0};
  clio_status s = graph_read(path, NULL, &g, &d, &e);
  g_autofree char *cure = g_strdup_printf("clio check %s", path);
  if (!d)
    doctor_say(to, DOCTOR_FAIL, "graph", "name a graph that can be read", "%s", e.text);
  else if (s != CLIO_OK)
    doctor_say(to, DOCTOR_FAIL, "graph", cure, "%s has %zu mistake%s", path, diag_errors(d),
               diag_errors(d) == 1 ? "" : "s");
  if (g) look_at_stages(to, r, g);
  if (g) look_at_models(to, r, g);
  diag_free(d);
  graph_free(g);
}
