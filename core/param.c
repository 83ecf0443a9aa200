/* param.c - soundness of a parameter table's entry; see param.h. */
#include "clio-build.h"

#include "param.h"

#include <json-c/json.h>
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

uint64_t param_field_size(clio_ptype type) {
  switch (type) {
  case CLIO_PT_BOOL: return sizeof(int32_t);
  case CLIO_PT_INT:
  case CLIO_PT_AUTO: return sizeof(int64_t);
  case CLIO_PT_FLOAT: return sizeof(double);
  case CLIO_PT_STRING:
  case CLIO_PT_ENUM:
  case CLIO_PT_TEXT:
  case CLIO_PT_PATH:
  case CLIO_PT_SECRET: return sizeof(const char *);
  case CLIO_PT_STRLIST: return sizeof(clio_strlist);
  case CLIO_PT_RECORDS: return sizeof(clio_records);
  default: return 0;
  }
}

const char *param_type_name(clio_ptype type) {
  switch (type) {
  case CLIO_PT_BOOL: return "true or false";
  case CLIO_PT_INT: return "integer";
  case CLIO_PT_FLOAT: return "number";
  case CLIO_PT_STRING: return "string";
  case CLIO_PT_ENUM: return "one of its choices";
  case CLIO_PT_TEXT: return "text or \"@file\"";
  case CLIO_PT_PATH: return "path";
  case CLIO_PT_SECRET: return "name of an environment variable";
  case CLIO_PT_STRLIST: return "list of strings";
  case CLIO_PT_AUTO: return "integer or \"auto\"";
  case CLIO_PT_RECORDS: return "list of mappings";
  default: return "unknown";
  }
}

static bool is_numeric(clio_ptype type) {
  return type == CLIO_PT_INT || type == CLIO_PT_FLOAT || type == CLIO_PT_AUTO;
}

/* ---- the default, as JSON text ---- */

static bool is_choice(const clio_param *p, const char *word) {
  for (const char *const *choice = p->choices; *choice; choice++)
    if (strcmp(*choice, word) == 0) return true;
  return false;
}

static bool number_fits(const clio_param *p, json_object *value) {
  json_type is = json_object_get_type(value);
  const char *text = json_object_get_string(value);
  if (p->type == CLIO_PT_AUTO && is == json_type_string) return strcmp(text, "auto") == 0;
  if (is != json_type_int && !(p->type == CLIO_PT_FLOAT && is == json_type_double)) return false;
  double number = json_object_get_double(value);
  return number >= p->min && number <= p->max;
}

static bool strings_fit(json_object *value) {
  if (json_object_get_type(value) == json_type_string) return true;
  if (json_object_get_type(value) != json_type_array) return false;
  for (size_t i = 0; i < json_object_array_length(value); i++)
    if (json_object_get_type(json_object_array_get_idx(value, i)) != json_type_string) return false;
  return true;
}

/* A default's records stand in files, or are mappings as a user would write them, which
 * are looked at when they are filled in. */
static bool records_fit(json_object *value) {
  if (json_object_get_type(value) != json_type_array) return false;
  for (size_t i = 0; i < json_object_array_length(value); i++) {
    json_object *item = json_object_array_get_idx(value, i);
    if (json_object_get_type(item) == json_type_object) continue;
    if (json_object_get_type(item) != json_type_string) return false;
    if (json_object_get_string(item)[0] != '@') return false;
  }
  return true;
}

/* `null` is a default for strings and lists alone: nothing was said. */
static bool value_fits(const clio_param *p, json_object *value) {
  if (is_numeric(p->type)) return value && number_fits(p, value);
  if (p->type == CLIO_PT_BOOL) return json_object_get_type(value) == json_type_boolean;
  if (!value) return true;
  if (p->type == CLIO_PT_STRLIST) return strings_fit(value);
  if (p->type == CLIO_PT_RECORDS) return records_fit(value);
  if (json_object_get_type(value) != json_type_string) return false;
  return p->type != CLIO_PT_ENUM || is_choice(p, json_object_get_string(value));
}

static clio_status check_default(const clio_param *p, error *e) {
  json_tokener *tokener = json_tokener_new();
  if (!tokener) return error_set(e, CLIO_E_NOMEM, "out of memory");
  json_tokener_set_flags(tokener, JSON_TOKENER_STRICT | JSON_TOKENER_VALIDATE_UTF8);
  json_object *value = json_tokener_parse_ex(tokener, p->def, (int)strlen(p->def) + 1);
  bool parsed = json_tokener_get_error(tokener) == json_tokener_success;
  bool fits = parsed && value_fits(p, value);
  json_object_put(value);
  json_tokener_free(tokener);
  if (!parsed)
    return error_set(e, CLIO_E_UNSUPPORTED, "parameter '%s': its default %s is not JSON text",
                     p->name, p->def);
  if (!fits)
    return error_set(e, CLIO_E_UNSUPPORTED,
                     "parameter '%s': its default %s does not fit (%s, in range)", p->name, p->def,
                     param_type_name(p->type));
  return CLIO_OK;
}

/* ---- the rest ---- */

static clio_status check_place(const clio_param *p, uint64_t config_size, error *e) {
  uint64_t size = param_field_size(p->type), align = size > 8 ? 8 : size;
  if (p->offset > config_size || size > config_size - p->offset)
    return error_set(e, CLIO_E_UNSUPPORTED,
                     "parameter '%s' lies outside its config struct (%llu bytes at %llu of %llu)",
                     p->name, (unsigned long long)size, (unsigned long long)p->offset,
                     (unsigned long long)config_size);
  if (p->offset % align != 0)
    return error_set(e, CLIO_E_UNSUPPORTED, "parameter '%s' is not aligned (offset %llu)", p->name,
                     (unsigned long long)p->offset);
  return CLIO_OK;
}

static clio_status check_flags(const clio_param *p, error *e) {
  bool names = p->type == CLIO_PT_STRING || p->type == CLIO_PT_STRLIST;
  const char *flag = NULL;
  if ((p->flags & CLIO_PARAM_INPUT) && p->type != CLIO_PT_PATH) flag = "INPUT";
  if ((p->flags & CLIO_PARAM_COLUMN) && !names) flag = "COLUMN";
  if ((p->flags & CLIO_PARAM_MODEL) && !names) flag = "MODEL";
  if (!flag) return CLIO_OK;
  return error_set(e, CLIO_E_UNSUPPORTED, "parameter '%s' is flagged %s and is of type %s", p->name,
                   flag, param_type_name(p->type));
}

clio_status param_check(const clio_param *p, uint64_t config_size, error *e) {
  if (!param_field_size(p->type))
    return error_set(e, CLIO_E_UNSUPPORTED, "parameter '%s' has the unknown type %u", p->name,
                     p->type);
  clio_status status = check_place(p, config_size, e);
  if (status == CLIO_OK) status = check_flags(p, e);
  if (status != CLIO_OK) return status;
  if (is_numeric(p->type) && !(p->min <= p->max))
    return error_set(e, CLIO_E_UNSUPPORTED,
                     "parameter '%s': its least value %g is above its most %g", p->name, p->min,
                     p->max);
  if (p->type == CLIO_PT_ENUM && (!p->choices || !p->choices[0]))
    return error_set(e, CLIO_E_UNSUPPORTED, "parameter '%s' is an enumeration without choices",
                     p->name);
  return p->def ? check_default(p, e) : CLIO_OK;
}
