/* conform_files.c - parameters that name files of the data folder, "@prompts/x.txt": a graph's core
 * puts the content in their place, and so must who runs a stage without a graph. */
#include "clio-build.h"

#include <json-c/json.h>
#include <string.h>

#include "conform_parts.h"
#include "diag.h"
#include "doc.h"
#include "util.h"

/* The content of "@file"; NULL: it is none, or cannot be read. */
static char *read_named(const char *text) {
  char *content = NULL;
  if (!text || text[0] != '@') return NULL;
  g_autofree char *path = g_build_filename(data_dir(), text + 1, NULL);
  return g_file_get_contents(path, &content, NULL, NULL) ? content : NULL;
}

/* ---- YAML as JSON ---- */

static json_object *value_of(const doc_node *node);

static json_object *scalar_of(const doc_node *node) {
  const char *why = NULL;
  int64_t whole = 0;
  double real = 0;
  bool truth = false;
  if (node->null) return NULL;
  if (node->plain && doc_int(node, &whole, &why)) return json_object_new_int64(whole);
  if (node->plain && doc_bool(node, &truth, &why)) return json_object_new_boolean(truth);
  if (node->plain && doc_double(node, &real, &why)) return json_object_new_double(real);
  return json_object_new_string(node->text);
}

static json_object *map_of(const doc_node *node) {
  json_object *map = json_object_new_object();
  for (guint i = 0; i < doc_entries(node); i++)
    json_object_object_add(map, doc_key(node, i)->text, value_of(doc_value(node, i)));
  return map;
}

static json_object *value_of(const doc_node *node) {
  if (node->kind == DOC_SCALAR) return scalar_of(node);
  if (node->kind == DOC_MAP) return map_of(node);
  json_object *list = json_object_new_array();
  for (guint i = 0; i < node->items->len; i++)
    json_object_array_add(list, value_of(node->items->pdata[i]));
  return list;
}

/* A record in a file of its own; NULL: it cannot be read. */
static json_object *record_in(const char *named) {
  g_autofree char *text = read_named(named);
  if (!text) return NULL;
  diag *d = diag_new(named, text, strlen(text));
  doc_node *node = doc_parse(text, strlen(text), d);
  json_object *record = node ? value_of(node) : NULL;
  doc_node_free(node);
  diag_free(d);
  return record;
}

/* ---- parameters ---- */

/* Texts of a record that are files; what is not written is the default. */
static void fill_texts(const clio_param *p, json_object *record) {
  for (uint32_t i = 0; i < p->fields.count; i++) {
    const clio_param *field = &p->fields.items[i];
    json_object *value = NULL;
    if (field->type != CLIO_PT_TEXT || !json_object_is_type(record, json_type_object)) continue;
    bool written = json_object_object_get_ex(record, field->name, &value);
    json_object *own = written || !field->def ? NULL : json_tokener_parse(field->def);
    g_autofree char *text = read_named(json_object_get_string(written ? value : own));
    json_object_put(own);
    if (text) json_object_object_add(record, field->name, json_object_new_string(text));
  }
}

static json_object *records_of(const clio_param *p, json_object *value) {
  json_object *list = json_object_new_array();
  bool many = json_object_is_type(value, json_type_array);
  for (size_t i = 0; i < (many ? json_object_array_length(value) : 1); i++) {
    json_object *item = many ? json_object_array_get_idx(value, i) : value;
    bool named = json_object_is_type(item, json_type_string);
    json_object *record = named ? record_in(json_object_get_string(item)) : json_object_get(item);
    if (record) fill_texts(p, record);
    if (record) json_object_array_add(list, record);
  }
  return list;
}

char *conform_resolve(const clio_param *p, const char *json) {
  json_object *value = json ? json_tokener_parse(json) : NULL, *made = NULL;
  if (p->type == CLIO_PT_RECORDS && value) made = records_of(p, value);
  if (p->type == CLIO_PT_TEXT && json_object_is_type(value, json_type_string)) {
    g_autofree char *text = read_named(json_object_get_string(value));
    if (text) made = json_object_new_string(text);
  }
  char *text = made ? g_strdup(json_object_to_json_string(made)) : NULL;
  json_object_put(value);
  json_object_put(made);
  return text;
}
