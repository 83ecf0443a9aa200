/* form.c - the JSON Schemas of answers, of the part that every provider takes: objects with all
 * properties required, enums, unions with null. Bounds that providers refuse are checked
 * when an answer is read. See facet.h. */
#include <json-c/json.h>

#include "facet.h"

enum { SCALE_MOST = 32 }; /* a scale of so many steps is an enum */

static json_object *type_of(const facet *f) {
  json_object *type = json_object_new_array();
  const char *name = facet_is(f, "number") ? "integer" : "string";
  json_object_array_add(type, json_object_new_string(name));
  json_object_array_add(type, json_object_new_string("null"));
  return type;
}

/* The closed set of values; NULL: there is none that is short enough to be told. Languages are
 * not told: their list would cost more than the conversation. */
static json_object *values_of(const facet *f) {
  json_object *values = NULL;
  int is_scale = facet_is(f, "number") && f->max - f->min < SCALE_MOST;
  if (!is_scale && !facet_is(f, "category")) return NULL;
  values = json_object_new_array();
  for (uint64_t i = 0; i < f->choices.count; i++)
    json_object_array_add(values, json_object_new_string(f->choices.items[i]));
  for (int64_t n = f->min; is_scale && n <= f->max; n++)
    json_object_array_add(values, json_object_new_int64(n));
  json_object_array_add(values, NULL);
  return values;
}

static json_object *form_of(const facet *f) {
  json_object *form = json_object_new_object(), *values = values_of(f);
  json_object_object_add(form, "type", type_of(f));
  if (values) json_object_object_add(form, "enum", values);
  return form;
}

static void add_property(json_object *properties, json_object *required, const char *name,
                         const facet *f) {
  json_object_object_add(properties, name, form_of(f));
  json_object_array_add(required, json_object_new_string(name));
}

char *facet_copy(const char *text, size_t len) {
  char *copy = malloc(len + 1);
  if (!copy) return NULL;
  memcpy(copy, text, len);
  copy[len] = '\0';
  return copy;
}

/* The text of the form; frees what it is made of. */
static char *finish(json_object *properties, json_object *required) {
  json_object *form = json_object_new_object();
  json_object_object_add(form, "type", json_object_new_string("object"));
  json_object_object_add(form, "properties", properties);
  json_object_object_add(form, "required", required);
  json_object_object_add(form, "additionalProperties", json_object_new_boolean(0));
  const char *text = json_object_to_json_string_ext(form, JSON_C_TO_STRING_PLAIN);
  char *own = text ? facet_copy(text, strlen(text)) : NULL;
  json_object_put(form);
  return own;
}

char *facet_form_of_all(const facet_config *c) {
  json_object *properties = json_object_new_object(), *required = json_object_new_array();
  for (uint64_t i = 0; i < facet_count(c); i++) {
    facet f = facet_at(c, i);
    add_property(properties, required, f.name, &f);
  }
  return finish(properties, required);
}

char *facet_form_of_one(const facet *f) {
  json_object *properties = json_object_new_object(), *required = json_object_new_array();
  add_property(properties, required, "answer", f);
  return finish(properties, required);
}
