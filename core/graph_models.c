/* graph_models.c - the models section of a graph: a role is read like a stage
 * without `from`, and has limits; see graph.h. What its parameters mean is the
 * model plugin's table's to say. */
#include <string.h>

#include "graph.h"
#include "graph_parts.h"

#define LIMIT(k, low, high, unset, text) \
  { #k, text, offsetof(graph_model, k), low, high, unset }
const graph_limit graph_limits[] = {
    LIMIT(requests_per_minute, 1, 100000000, 0,
          "most requests in a minute; where unset, as the provider's answers say"),
    LIMIT(input_tokens_per_minute, 1, G_MAXINT64, 0,
          "most tokens of questions in a minute; likewise"),
    LIMIT(output_tokens_per_minute, 1, G_MAXINT64, 0,
          "most tokens of answers in a minute; likewise"),
    LIMIT(in_flight, 1, 4096, 64, "most requests at once"),
    LIMIT(timeout, 1, 86400, 600, "seconds of one request"),
    LIMIT(give_up, 1, 86400, 600,
          "seconds without a good answer after which the run stops (exit 75)"),
    LIMIT(attempts, 1, 100, 8, "most attempts at one question that fail"),
    LIMIT(repairs, 0, 5, 1, "further questions after an answer of the wrong form"),
    {NULL, NULL, 0, 0, 0, 0}};

/* "limits are a, b, http2". New string. */
static char *keys_text(void) {
  GString *text = g_string_new("limits are ");
  for (const graph_limit *l = graph_limits; l->key; l++)
    g_string_append_printf(text, "%s, ", l->key);
  g_string_append(text, "http2");
  return g_string_free(text, FALSE);
}

static int64_t *field(graph_model *m, const graph_limit *l) {
  return (int64_t *)(void *)((char *)m + l->offset);
}

static void complain(const graph_model *m, const doc_node *node, const char *key, const char *want,
                     const char *why, diag *d) {
  g_autofree char *who = g_strdup_printf("model '%s': limits: %s", m->written->id, key);
  doc_complain(node, d, false, who, want, why);
}

static void read_number(graph_model *m, const graph_limit *l, const doc_node *node, diag *d) {
  const char *why = NULL;
  int64_t value = 0;
  if (doc_int(node, &value, &why) && value >= l->least && value <= l->most) {
    *field(m, l) = value;
    return;
  }
  g_autofree char *want =
      l->most == G_MAXINT64
          ? g_strdup_printf("a whole number of %" G_GINT64_FORMAT " or more", l->least)
          : g_strdup_printf("a whole number from %" G_GINT64_FORMAT " to %" G_GINT64_FORMAT,
                            l->least, l->most);
  complain(m, node, l->key, want, why, d);
}

static void refuse_key(const graph_model *m, const doc_node *key, diag *d) {
  g_autoptr(GPtrArray) names = g_ptr_array_new();
  for (const graph_limit *l = graph_limits; l->key; l++) g_ptr_array_add(names, (char *)l->key);
  g_ptr_array_add(names, (char *)"http2");
  g_autofree char *all = keys_text();
  g_autofree char *hint = graph_hint(key->text, (const char *const *)names->pdata, names->len, all);
  diag_error(d, key->at, "model '%s': limits: unknown key '%s'%s", m->written->id, key->text, hint);
}

static void read_limit(graph_model *m, const doc_node *key, const doc_node *value, diag *d) {
  const char *why = NULL;
  for (const graph_limit *l = graph_limits; l->key; l++) {
    if (strcmp(l->key, key->text) != 0) continue;
    read_number(m, l, value, d);
    return;
  }
  if (strcmp(key->text, "http2") != 0)
    refuse_key(m, key, d);
  else if (!doc_bool(value, &m->http2, &why))
    complain(m, value, "http2", "true or false", why, d);
}

static void read_limits(graph_model *m, const doc_node *node, diag *d) {
  if (node->kind != DOC_MAP) {
    g_autofree char *who = g_strdup_printf("model '%s': limits", m->written->id);
    doc_complain(node, d, false, who, "a map such as { requests_per_minute: 50 }", NULL);
    return;
  }
  for (guint i = 0; i < doc_entries(node); i++)
    read_limit(m, doc_key(node, i), doc_value(node, i), d);
}

static void read_map(graph_model *m, const doc_node *map, diag *d) {
  graph_stage *gs = m->written;
  for (guint i = 0; i < doc_entries(map); i++) {
    const doc_node *key = doc_key(map, i), *value = doc_value(map, i);
    bool is_stages = !strcmp(key->text, "from") || !strcmp(key->text, "max_bad_rows");
    if (!strcmp(key->text, "limits")) read_limits(m, value, d);
    if (is_stages)
      diag_error(d, key->at, "model '%s': %s belongs to a stage; leave it out", gs->id, key->text);
    if (is_stages || !strcmp(key->text, "limits") || !strcmp(key->text, "use") ||
        !strcmp(key->text, "sha256"))
      continue;
    g_ptr_array_add(gs->params, (doc_node *)key);
    g_ptr_array_add(gs->params, (doc_node *)value);
  }
  graph_read_use(gs, map, d);
  graph_read_sha256(gs, map, d);
}

static void read_role(graph *g, const doc_node *key, const doc_node *value, diag *d) {
  if (!graph_is_id(key->text, strlen(key->text))) {
    diag_error(d, key->at,
               "'%s' cannot be a model's name; names are lower-case letters, digits, '_' and '-', "
               "the first a letter",
               key->text);
    return;
  }
  graph_model *m = g_new0(graph_model, 1);
  m->written = graph_stage_new("model", key);
  for (const graph_limit *l = graph_limits; l->key; l++) *field(m, l) = l->otherwise;
  g_ptr_array_add(g->roles, m);
  if (value->kind == DOC_MAP) {
    read_map(m, value, d);
    return;
  }
  g_autofree char *who = g_strdup_printf("model '%s'", key->text);
  doc_complain(value, d, false, who, "a map such as { use: model/openai, model: NAME }", NULL);
}

void graph_models_read(graph *g, diag *d) {
  for (guint i = 0; g->models && i < doc_entries(g->models); i++)
    read_role(g, doc_key(g->models, i), doc_value(g->models, i), d);
}

void graph_model_free(void *model) {
  graph_model *m = model;
  graph_stage_free(m->written);
  g_free(m);
}
