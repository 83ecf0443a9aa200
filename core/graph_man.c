/* graph_man.c - the manual page clio-graph(5), from the JSON Schema of the graph
 * language: what an editor is told and what a person reads are one text. See
 * command.h. */
#include <json-c/json.h>
#include <string.h>

#include "command.h"
#include "graph_schema.h"
#include "registry.h"
#include "roff.h"

static json_object *member(json_object *object, const char *key) {
  json_object *value = NULL;
  if (json_object_is_type(object, json_type_object)) json_object_object_get_ex(object, key, &value);
  return value;
}

static const char *text_of(json_object *object, const char *key) {
  json_object *value = member(object, key);
  return json_object_is_type(value, json_type_string) ? json_object_get_string(value) : NULL;
}

static void append_part(GString *to, const char *part) {
  if (!part || !*part) return;
  if (to->len) g_string_append(to, "; ");
  g_string_append(to, part);
}

/* "one of a, b" */
static void append_choices(GString *to, json_object *words) {
  if (!json_object_is_type(words, json_type_array)) return;
  g_autoptr(GString) list = g_string_new("one of ");
  for (size_t i = 0; i < json_object_array_length(words); i++) {
    json_object *word = json_object_array_get_idx(words, i);
    g_string_append_printf(list, "%s%s", i ? ", " : "",
                           word ? json_object_get_string(word) : "null");
  }
  append_part(to, list->str);
}

/* The forms that a value may have: the choices among them are worth telling. */
static void append_forms(GString *to, json_object *value) {
  append_choices(to, member(value, "enum"));
  json_object *forms = member(value, "anyOf");
  if (!json_object_is_type(forms, json_type_array)) return;
  for (size_t i = 0; i < json_object_array_length(forms); i++)
    append_choices(to, member(json_object_array_get_idx(forms, i), "enum"));
}

/* A key of a map: what it means, what it may be, its default; or the map's own. */
static void put_key(GString *out, const char *name, json_object *value, json_object *defs) {
  const char *ref = text_of(value, "$ref");
  if (ref && g_str_has_prefix(ref, "#/$defs/")) value = member(defs, ref + strlen("#/$defs/"));
  g_autoptr(GString) about = g_string_new(text_of(value, "description"));
  append_forms(about, value);
  json_object *def = member(value, "default");
  if (def) {
    g_autofree char *said = g_strconcat("default ", json_object_to_json_string(def), NULL);
    append_part(about, said);
  }
  json_object *inner = member(value, "properties");
  if (inner) {
    g_autoptr(GString) keys = g_string_new("a map with ");
    json_object_object_foreach(inner, key, unused) {
      (void)unused;
      g_string_append_printf(keys, "%s%s", g_str_has_suffix(keys->str, "with ") ? "" : ", ", key);
    }
    append_part(about, keys->str);
  }
  roff_item(out, name, about->len ? about->str : "see below");
}

static void put_keys(GString *out, json_object *map, json_object *defs) {
  json_object *properties = member(map, "properties");
  if (!properties) return;
  json_object_object_foreach(properties, name, value) put_key(out, name, value, defs);
}

/* One installed stage; the reserved keys are told once, above. */
static void put_stage(GString *out, const char *name, json_object *stage, json_object *defs) {
  static const char *const reserved[] = {"use", "from", "max_bad_rows", "sha256", NULL};
  g_autofree char *use = g_strdup(name);
  *strchr(use, '.') = '/';
  roff_subsection(out, use);
  const char *about = text_of(stage, "description");
  if (about) roff_text(out, about);
  json_object *properties = member(stage, "properties");
  if (!properties) return;
  json_object_object_foreach(properties, key, value) {
    if (!g_strv_contains(reserved, key)) put_key(out, key, value, defs);
  }
}

static void put_stages(GString *out, json_object *defs) {
  roff_section(out, "INSTALLED STAGES");
  roff_text(out, "Those that were there when this page was written; clio inspect KIND/NAME tells "
                 "more of each, and of stages installed since.");
  json_object_object_foreach(defs, name, value) {
    if (strchr(name, '.')) put_stage(out, name, value, defs);
  }
}

static char *page_of(json_object *schema) {
  json_object *defs = member(schema, "$defs");
  GString *out = g_string_new(NULL);
  roff_head(out, "clio-graph", 5, "the graphs that clio runs");
  roff_section(out, "DESCRIPTION");
  roff_text(out,
            "A graph is a YAML or JSON file that names stages, which stage reads from which, and "
            "under which privacy rules their results may be released. A scalar takes a variable "
            "with ${name}, or one of the environment with ${env:NAME}; privacy takes none. Secrets "
            "are names of environment variables. A text parameter of the form @FILE is that file's "
            "content. Anchors, aliases, tags and duplicate keys are refused.");
  roff_section(out, "KEYS OF A GRAPH");
  put_keys(out, schema, defs);
  roff_section(out, "KEYS OF PRIVACY");
  put_keys(out, member(member(schema, "properties"), "privacy"), defs);
  roff_section(out, "KEYS OF BUDGET");
  put_keys(out, member(member(schema, "properties"), "budget"), defs);
  roff_section(out, "KEYS OF EVERY MODEL");
  put_keys(out, member(defs, "model"), defs);
  roff_section(out, "KEYS OF LIMITS");
  put_keys(out, member(defs, "limits"), defs);
  roff_section(out, "KEYS OF EVERY STAGE");
  put_keys(out, member(defs, "stage"), defs);
  put_stages(out, defs);
  roff_section(out, "EXAMPLE");
  roff_example(out, TRUE, "clio check graph.yaml", "");
  roff_section(out, "SEE ALSO");
  roff_page(out, "clio", 1, FALSE);
  roff_page(out, "clio-check", 1, FALSE);
  roff_page(out, "clio-inspect", 1, TRUE);
  return g_string_free(out, FALSE);
}

char *command_man_graph(void) {
  registry *r = NULL;
  error e = {0};
  char *text = NULL;
  if (registry_new(&r, &e) != CLIO_OK) return NULL;
  if (graph_schema_of(r, &text, &e) != CLIO_OK) text = NULL;
  registry_free(r);
  if (!text) return NULL;
  json_object *schema = json_tokener_parse(text);
  g_free(text);
  char *page = schema ? page_of(schema) : NULL;
  json_object_put(schema);
  return page;
}
