/* show_load.c - reads a release back from its clusters.json; see show.h. */
#include <errno.h>
#include <string.h>

#include "show.h"

/* ---- fields of an object, NULL or 0 where missing or of another type ---- */

static json_object *member(json_object *object, const char *key, json_type type) {
  json_object *value = NULL;
  if (!json_object_is_type(object, json_type_object)) return NULL;
  if (!json_object_object_get_ex(object, key, &value)) return NULL;
  return json_object_is_type(value, type) ? value : NULL;
}

static const char *text(json_object *object, const char *key) {
  json_object *value = member(object, key, json_type_string);
  return value ? json_object_get_string(value) : NULL;
}

static int64_t number(json_object *object, const char *key) {
  json_object *value = member(object, key, json_type_int);
  return value ? json_object_get_int64(value) : 0;
}

/* ---- reading ---- */

static void node_free(void *data) {
  show_node *n = data;
  g_ptr_array_unref(n->children);
  g_free(n);
}

static void read_node(show_release *r, json_object *object) {
  show_node *n = g_new0(show_node, 1);
  n->id = text(object, "id");
  n->facet = text(object, "facet");
  n->parent = text(object, "parent");
  n->name = text(object, "name");
  n->conversations = number(object, "conversations");
  n->level = number(object, "level");
  n->is_rest = json_object_get_boolean(member(object, "rest", json_type_boolean));
  n->facets = member(object, "facets", json_type_object);
  n->children = g_ptr_array_new();
  g_ptr_array_add(r->nodes, n);
}

/* Hangs every node under its parent, a rest behind its siblings. */
static clio_status hang_nodes(show_release *r, error *e) {
  g_autoptr(GHashTable) by_id = g_hash_table_new(g_str_hash, g_str_equal);
  for (guint i = 0; i < r->nodes->len; i++) {
    show_node *n = g_ptr_array_index(r->nodes, i);
    if (!n->id || !n->facet) return error_set(e, CLIO_E_INPUT, "a cluster has no id or facet");
    g_hash_table_insert(by_id, (gpointer)n->id, n);
  }
  for (int rest = 0; rest < 2; rest++)
    for (guint i = 0; i < r->nodes->len; i++) {
      show_node *n = g_ptr_array_index(r->nodes, i);
      if (!n->parent || n->is_rest != (rest == 1)) continue;
      show_node *parent = g_hash_table_lookup(by_id, n->parent);
      if (!parent || parent->level <= n->level)
        return error_set(e, CLIO_E_INPUT, "a cluster has no parent above it");
      g_ptr_array_add(parent->children, n);
    }
  return CLIO_OK;
}

static clio_status read_release(show_release *r, error *e) {
  json_object *run = member(r->json, "run", json_type_object);
  json_object *clusters = member(r->json, "clusters", json_type_array);
  if (number(r->json, "clio") != 1 || !run || !clusters)
    return error_set(e, CLIO_E_INPUT, "it is no clusters.json of this version of clio");
  json_object *cluster =
      member(member(run, "privacy", json_type_object), "cluster", json_type_object);
  r->mode = text(run, "mode");
  r->assume = text(run, "assume");
  r->public_why = text(run, "public");
  r->caveat = text(run, "caveat");
  r->conversations = number(run, "conversations");
  r->accounts = number(run, "accounts");
  r->suppressed = number(member(r->json, "suppressed", json_type_object), "conversations");
  r->least_accounts = number(cluster, "accounts");
  r->least_conversations = number(cluster, "conversations");
  for (size_t i = 0; i < json_object_array_length(clusters); i++)
    read_node(r, json_object_array_get_idx(clusters, i));
  return hang_nodes(r, e);
}

/* ---- finding ---- */

/* The path of the file that `out` means, or NULL. */
static char *find_file(const char *out) {
  static const char *const folders[] = {"release", "public", "restricted", "."};
  if (g_file_test(out, G_FILE_TEST_IS_REGULAR)) return g_strdup(out);
  for (size_t i = 0; i < G_N_ELEMENTS(folders); i++) {
    char *path = g_build_filename(out, folders[i], "clusters.json", NULL);
    if (g_file_test(path, G_FILE_TEST_IS_REGULAR)) return path;
    g_free(path);
  }
  return NULL;
}

static json_object *parse(const char *bytes, gsize length) {
  json_tokener *tokener = json_tokener_new();
  json_object *json = NULL;
  if (length <= G_MAXINT) json = json_tokener_parse_ex(tokener, bytes, (int)length);
  bool whole = json_tokener_get_error(tokener) == json_tokener_success;
  json_tokener_free(tokener);
  if (whole) return json;
  json_object_put(json);
  return NULL;
}

show_release *show_load(const char *out, error *e) {
  g_autofree char *path = find_file(out), *bytes = NULL;
  g_autoptr(GError) failed = NULL;
  gsize length = 0;
  if (!path) {
    error_set(e, CLIO_E_IO,
              "'%s' holds no release: there is no clusters.json in its release, public or "
              "restricted folder; make one with 'clio run GRAPH -o %s'",
              out, out);
    return NULL;
  }
  if (!g_file_get_contents(path, &bytes, &length, &failed)) {
    error_set(e, CLIO_E_IO, "%s", failed->message);
    return NULL;
  }
  show_release *r = g_new0(show_release, 1);
  r->nodes = g_ptr_array_new_with_free_func(node_free);
  r->json = parse(bytes, length);
  clio_status status = r->json ? read_release(r, e) : error_set(e, CLIO_E_INPUT, "it is not JSON");
  if (status == CLIO_OK) return r;
  error_prefix(e, "'%s' cannot be shown", path);
  show_free(r);
  return NULL;
}

void show_free(show_release *r) {
  if (!r) return;
  g_ptr_array_unref(r->nodes);
  json_object_put(r->json);
  g_free(r);
}
