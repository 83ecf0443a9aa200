/* llm_schema.c - the part of JSON Schema that every provider understands, checked
 * here too, since providers' own promises do not hold for all models; see llm_schema.h. */
#include "llm_schema.h"

#include <glib.h>
#include <json-c/json.h>
#include <math.h>
#include <string.h>

enum { DEPTH_MAX = 32 };

typedef struct check {
  char *room; /* LLM_WHY_ROOM bytes */
  const char *why;
} check;

typedef struct json_object value;

static bool wrong(check *c, const char *key, const char *what) {
  if (c->why) return false;
  if (key)
    g_snprintf(c->room, LLM_WHY_ROOM, "'%.60s' %s", key, what);
  else
    g_snprintf(c->room, LLM_WHY_ROOM, "the answer %s", what);
  c->why = c->room;
  return false;
}

static bool get(value *schema, const char *key, value **ret) {
  return json_object_object_get_ex(schema, key, ret);
}

/* ---- types ---- */

static bool is_whole(value *v) {
  if (json_object_is_type(v, json_type_int)) return true;
  double d = json_object_is_type(v, json_type_double) ? json_object_get_double(v) : 0.5;
  return isfinite(d) && floor(d) == d;
}

static bool is_of(value *v, const char *type) {
  static const struct {
    const char *name;
    json_type type;
  } plain[] = {{"string", json_type_string},
               {"boolean", json_type_boolean},
               {"object", json_type_object},
               {"array", json_type_array},
               {"null", json_type_null}};
  if (!strcmp(type, "integer")) return is_whole(v);
  if (!strcmp(type, "number"))
    return json_object_is_type(v, json_type_int) || json_object_is_type(v, json_type_double);
  for (size_t i = 0; i < G_N_ELEMENTS(plain); i++)
    if (!strcmp(type, plain[i].name)) return json_object_is_type(v, plain[i].type);
  return false;
}

static bool check_type(check *c, value *schema, value *v, const char *key) {
  value *type = NULL;
  if (!get(schema, "type", &type)) return true;
  if (json_object_is_type(type, json_type_string)) {
    char text[64];
    if (is_of(v, json_object_get_string(type))) return true;
    g_snprintf(text, sizeof text, "must be of type %.20s", json_object_get_string(type));
    return wrong(c, key, text);
  }
  for (size_t i = 0; i < json_object_array_length(type); i++)
    if (is_of(v, json_object_get_string(json_object_array_get_idx(type, i)))) return true;
  return wrong(c, key, "is of the wrong type");
}

static bool check_enum(check *c, value *schema, value *v, const char *key) {
  value *all = NULL;
  if (!get(schema, "enum", &all)) return true;
  for (size_t i = 0; i < json_object_array_length(all); i++)
    if (json_object_equal(json_object_array_get_idx(all, i), v)) return true;
  return wrong(c, key, "is not one of the allowed values");
}

/* ---- bounds ---- */

static bool bound(value *schema, const char *key, double *ret) {
  value *v = NULL;
  if (!get(schema, key, &v)) return false;
  *ret = json_object_get_double(v);
  return true;
}

static bool check_range(check *c, value *schema, double have, const char *low, const char *high,
                        const char *key, const char *what) {
  double limit = 0;
  if (bound(schema, low, &limit) && have < limit) return wrong(c, key, what);
  if (bound(schema, high, &limit) && have > limit) return wrong(c, key, what);
  return true;
}

static bool check_size(check *c, value *schema, value *v, const char *key) {
  if (json_object_is_type(v, json_type_string)) {
    double length = (double)g_utf8_strlen(json_object_get_string(v), -1);
    return check_range(c, schema, length, "minLength", "maxLength", key,
                       "is too long or too short");
  }
  if (json_object_is_type(v, json_type_array)) {
    double count = (double)json_object_array_length(v);
    return check_range(c, schema, count, "minItems", "maxItems", key,
                       "has too many or too few items");
  }
  if (!json_object_is_type(v, json_type_int) && !json_object_is_type(v, json_type_double))
    return true;
  return check_range(c, schema, json_object_get_double(v), "minimum", "maximum", key,
                     "is out of range");
}

/* ---- inside ---- */

static bool check_value(check *c, value *schema, value *v, const char *key, int depth);

static bool check_object(check *c, value *schema, value *v, int depth) {
  value *properties = NULL, *required = NULL, *others = NULL, *inner = NULL;
  get(schema, "properties", &properties);
  if (get(schema, "required", &required))
    for (size_t i = 0; i < json_object_array_length(required); i++) {
      const char *key = json_object_get_string(json_object_array_get_idx(required, i));
      if (!json_object_object_get_ex(v, key, &inner)) return wrong(c, key, "is missing");
    }
  bool closed = get(schema, "additionalProperties", &others) &&
                json_object_is_type(others, json_type_boolean) && !json_object_get_boolean(others);
  json_object_object_foreach(v, name, item) {
    if (properties && json_object_object_get_ex(properties, name, &inner)) {
      if (!check_value(c, inner, item, name, depth + 1)) return false;
    } else if (closed) {
      return wrong(c, NULL, "has a property that was not asked for");
    }
  }
  return true;
}

static bool check_array(check *c, value *schema, value *v, const char *key, int depth) {
  value *items = NULL;
  if (!get(schema, "items", &items)) return true;
  for (size_t i = 0; i < json_object_array_length(v); i++)
    if (!check_value(c, items, json_object_array_get_idx(v, i), key, depth + 1)) return false;
  return true;
}

static bool check_value(check *c, value *schema, value *v, const char *key, int depth) {
  if (depth > DEPTH_MAX) return wrong(c, key, "is nested too deeply");
  if (!json_object_is_type(schema, json_type_object)) return true;
  if (!check_type(c, schema, v, key) || !check_enum(c, schema, v, key) ||
      !check_size(c, schema, v, key))
    return false;
  if (json_object_is_type(v, json_type_object)) return check_object(c, schema, v, depth);
  if (json_object_is_type(v, json_type_array)) return check_array(c, schema, v, key, depth);
  return true;
}

/* ---- the value in the answer ---- */

/* One JSON value from `start`; NULL if there is none. *ret_used: its bytes. */
static value *parse_at(const char *start, int64_t length, int64_t *ret_used) {
  struct json_tokener *t = json_tokener_new_ex(DEPTH_MAX);
  if (!t) return NULL;
  json_tokener_set_flags(t, JSON_TOKENER_VALIDATE_UTF8);
  value *v = json_tokener_parse_ex(t, start, (int)MIN(length, G_MAXINT));
  enum json_tokener_error how = json_tokener_get_error(t);
  if (how == json_tokener_continue && !v) /* a number at the very end */
    v = json_tokener_parse_ex(t, "\n", 1), how = json_tokener_get_error(t);
  *ret_used = (int64_t)MIN(json_tokener_get_parse_end(t), (size_t)length);
  json_tokener_free(t);
  if (how == json_tokener_success) return v;
  json_object_put(v);
  return NULL;
}

static bool is_blank(char c) { return c == ' ' || c == '\n' || c == '\r' || c == '\t'; }

bool llm_schema_check(const char *schema, const char *text, int64_t length, int64_t *ret_start,
                      int64_t *ret_length, char room[LLM_WHY_ROOM], const char **ret_why) {
  check c = {.room = room};
  value *form = json_tokener_parse(schema), *v = NULL;
  int64_t start = 0, used = 0;
  while (start < length && is_blank(text[start])) start++;
  if (start < length) v = parse_at(text + start, length - start, &used);
  if (!v) { /* words or a fence before it: from the first brace or bracket on */
    while (start < length && text[start] != '{' && text[start] != '[') start++;
    if (start < length) v = parse_at(text + start, length - start, &used);
  }
  bool good = v ? check_value(&c, form, v, NULL, 0) : wrong(&c, NULL, "is not JSON");
  *ret_start = start;
  *ret_length = v ? used : 0;
  json_object_put(v);
  json_object_put(form);
  *ret_why = c.why;
  return good;
}
