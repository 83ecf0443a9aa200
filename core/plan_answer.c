/* plan_answer.c - answers made up for a plan: of the wanted form, and as long as answers
 * are; see plan.h. */
#include <json-c/json.h>
#include <string.h>

#include "estimate.h"
#include "plan.h"
#include "rng.h"

enum { DEPTH_MAX = 16, LIST_ITEMS = 4, TEXT_TOKENS = 24 };

typedef struct maker {
  uint64_t seed, drawn;
  int64_t tokens; /* of a text */
} maker;

static uint64_t draw(maker *m) { return rng_random((int64_t)m->seed, "plan", m->drawn++); }

/* Words that say nothing, different enough for texts to differ. */
static void append_words(GString *to, maker *m, int64_t tokens) {
  static const char *const words[] = {"asks",  "about", "help",  "with",  "writing", "plans",
                                      "code",  "text",  "for",   "small", "travel",  "and",
                                      "study", "of",    "music", "work",  "letters", "data"};
  while (estimate_tokens(to->str, (int64_t)to->len) < tokens)
    g_string_append_printf(to, "%s%s", to->len ? " " : "", words[draw(m) % G_N_ELEMENTS(words)]);
}

static json_object *text(maker *m) {
  g_autoptr(GString) words = g_string_new(NULL);
  append_words(words, m, m->tokens);
  return json_object_new_string_len(words->str, (int)words->len);
}

static json_object *member(json_object *object, const char *key) {
  json_object *value = NULL;
  if (json_object_is_type(object, json_type_object)) json_object_object_get_ex(object, key, &value);
  return value;
}

static size_t length_of(json_object *list) {
  return json_object_is_type(list, json_type_array) ? json_object_array_length(list) : 0;
}

/* The type's name; of several the first that is not null. */
static const char *type_of(json_object *schema) {
  json_object *type = member(schema, "type");
  for (size_t i = 0; i < length_of(type); i++) {
    const char *one = json_object_get_string(json_object_array_get_idx(type, i));
    if (one && strcmp(one, "null") != 0) return one;
  }
  const char *name =
      json_object_is_type(type, json_type_string) ? json_object_get_string(type) : "";
  return member(schema, "properties") ? "object" : name;
}

static json_object *value_of(json_object *schema, maker *m, int depth);

static json_object *object_of(json_object *schema, maker *m, int depth) {
  json_object *made = json_object_new_object(), *properties = member(schema, "properties");
  if (!json_object_is_type(properties, json_type_object)) return made;
  json_object_object_foreach(properties, key, value) {
    json_object_object_add(made, key, value_of(value, m, depth + 1));
  }
  return made;
}

static json_object *list_of(json_object *schema, maker *m, int depth) {
  json_object *made = json_object_new_array(), *items = member(schema, "items");
  for (int i = 0; items && i < LIST_ITEMS; i++)
    json_object_array_add(made, value_of(items, m, depth + 1));
  return made;
}

static json_object *choice_of(json_object *choices, maker *m) {
  return json_object_get(json_object_array_get_idx(choices, draw(m) % length_of(choices)));
}

static json_object *value_of(json_object *schema, maker *m, int depth) {
  json_object *choices = member(schema, "enum"), *forms = member(schema, "anyOf");
  const char *type = type_of(schema);
  if (depth > DEPTH_MAX) return NULL;
  if (length_of(choices)) return choice_of(choices, m);
  if (length_of(forms)) return value_of(json_object_array_get_idx(forms, 0), m, depth + 1);
  if (!strcmp(type, "object")) return object_of(schema, m, depth);
  if (!strcmp(type, "array")) return list_of(schema, m, depth);
  if (!strcmp(type, "integer")) return json_object_new_int((int32_t)(1 + draw(m) % 5));
  if (!strcmp(type, "number")) return json_object_new_double(0.5);
  if (!strcmp(type, "boolean")) return json_object_new_boolean(draw(m) % 8 == 0);
  if (!strcmp(type, "null")) return NULL;
  return text(m);
}

int32_t plan_parts(const char *schema) {
  json_object *parsed = schema ? json_tokener_parse(schema) : NULL;
  json_object *properties = member(parsed, "properties");
  bool any = json_object_is_type(properties, json_type_object);
  int32_t count = any ? (int32_t)json_object_object_length(properties) : 1;
  json_object_put(parsed);
  return MAX(count, 1);
}

char *plan_answer(const char *schema, int64_t tokens, uint64_t seed) {
  maker m = {.seed = seed, .tokens = tokens > 0 ? tokens : TEXT_TOKENS};
  json_object *parsed = schema ? json_tokener_parse(schema) : NULL;
  json_object *made = parsed ? value_of(parsed, &m, 0) : NULL;
  char *ret = NULL;
  if (made) ret = g_strdup(json_object_to_json_string_ext(made, JSON_C_TO_STRING_NOSLASHESCAPE));
  json_object_put(made);
  json_object_put(parsed);
  if (ret) return ret;
  GString *words = g_string_new(NULL);
  append_words(words, &m, m.tokens);
  return g_string_free(words, FALSE);
}
