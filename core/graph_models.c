/* graph_models.c - the models section of a graph: a role is read like a stage
 * without `from`, and has limits; see graph.h. What its parameters mean is the
 * model plugin's table's to say. */
#include <string.h>

#include "graph.h"
#include "graph_parts.h"

/* One key of `limits`. */
typedef struct limit {
  const char *key;
  size_t offset; /* of an int64_t in graph_model */
  int64_t least, most, otherwise;
} limit;
static const limit limits[] = {
    {"requests_per_minute", offsetof(graph_model, requests_per_minute), 1, 100000000, 0},
    {"input_tokens_per_minute", offsetof(graph_model, input_tokens_per_minute), 1, G_MAXINT64, 0},
    {"output_tokens_per_minute", offsetof(graph_model, output_tokens_per_minute), 1, G_MAXINT64, 0},
    {"in_flight", offsetof(graph_model, in_flight), 1, 4096, 64},
    {"timeout", offsetof(graph_model, timeout), 1, 86400, 600},
    {"give_up", offsetof(graph_model, give_up), 1, 86400, 600},
    {"attempts", offsetof(graph_model, attempts), 1, 100, 8},
    {"repairs", offsetof(graph_model, repairs), 0, 5, 1},
};
static const char limits_keys[] =
    "limits are requests_per_minute, input_tokens_per_minute, output_tokens_per_minute, in_flight, "
    "timeout, give_up, attempts, repairs, http2";

static int64_t *field(graph_model *m, const limit *l) {
  return (int64_t *)(void *)((char *)m + l->offset);
}

static void complain(const graph_model *m, const doc_node *node, const char *key, const char *want,
                     const char *why, diag *d) {
  g_autofree char *who = g_strdup_printf("model '%s': limits: %s", m->written->id, key);
  doc_complain(node, d, false, who, want, why);
}

static void read_number(graph_model *m, const limit *l, const doc_node *node, diag *d) {
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

static void read_limit(graph_model *m, const doc_node *key, const doc_node *value, diag *d) {
  const char *names[G_N_ELEMENTS(limits) + 1], *why = NULL;
  for (size_t i = 0; i < G_N_ELEMENTS(limits); i++) {
    names[i] = limits[i].key;
    if (strcmp(limits[i].key, key->text) != 0) continue;
    read_number(m, &limits[i], value, d);
    return;
  }
  names[G_N_ELEMENTS(limits)] = "http2";
  if (strcmp(key->text, "http2") != 0) {
    g_autofree char *hint = graph_hint(key->text, names, G_N_ELEMENTS(names), limits_keys);
    diag_error(d, key->at, "model '%s': limits: unknown key '%s'%s", m->written->id, key->text,
               hint);
  } else if (!doc_bool(value, &m->http2, &why)) {
    complain(m, value, "http2", "true or false", why, d);
  }
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
  for (size_t i = 0; i < G_N_ELEMENTS(limits); i++) *field(m, &limits[i]) = limits[i].otherwise;
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

graph_model *graph_find_model(const graph *g, const char *role) {
  for (guint i = 0; i < g->roles->len; i++) {
    graph_model *m = g_ptr_array_index(g->roles, i);
    if (strcmp(m->written->id, role) == 0) return m;
  }
  return NULL;
}
