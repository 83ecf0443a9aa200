/* clio_test_param.c - parameters of the bench: JSON text into the config struct
 * through the stage's parameter table, defaults by the same way. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "clio_test_priv.h"

static char *keep_string(clio_test *t, char *own) {
  t->strings =
      bench_regrow(t->strings, t->string_count * sizeof own, (t->string_count + 1) * sizeof own);
  t->strings[t->string_count++] = own;
  return own;
}

static clio_status bad(clio_test *t, const clio_param *p, const char *want) {
  return bench_fail(t, CLIO_E_CONFIG, "parameter '%s': want %s", p->name, want);
}

static clio_status set_number(clio_test *t, const clio_param *p, json_object *value, char *field) {
  json_type is = json_object_get_type(value);
  double real = json_object_get_double(value);
  int64_t whole = json_object_get_int64(value);
  if (p->type == CLIO_PT_AUTO && is == json_type_string &&
      strcmp(json_object_get_string(value), "auto") == 0) {
    whole = -1;
    memcpy(field, &whole, sizeof whole);
    return CLIO_OK;
  }
  if (is != json_type_int && !(p->type == CLIO_PT_FLOAT && is == json_type_double))
    return bad(t, p, p->type == CLIO_PT_FLOAT ? "a number" : "an integer");
  if (real < p->min || real > p->max)
    return bench_fail(t, CLIO_E_CONFIG, "parameter '%s': %s is outside %g to %g", p->name,
                      json_object_get_string(value), p->min, p->max);
  if (p->type == CLIO_PT_FLOAT)
    memcpy(field, &real, sizeof real);
  else
    memcpy(field, &whole, sizeof whole);
  return CLIO_OK;
}

/* "@file" of a TEXT parameter, from the working directory. */
static char *read_file(const char *path) {
  FILE *file = fopen(path, "rb");
  if (!file) return NULL;
  bench_text text = {0};
  char part[4096];
  for (size_t n; (n = fread(part, 1, sizeof part, file)) > 0;) bench_append(&text, part, n);
  fclose(file);
  bench_append(&text, "", 1);
  return text.s;
}

static clio_status check_choice(clio_test *t, const clio_param *p, const char *text) {
  for (const char *const *choice = p->choices; choice && *choice; choice++)
    if (strcmp(*choice, text) == 0) return CLIO_OK;
  return bench_fail(t, CLIO_E_CONFIG, "parameter '%s': no choice '%s'", p->name, text);
}

static clio_status set_string(clio_test *t, const clio_param *p, json_object *value, char *field) {
  const char *text = json_object_get_string(value);
  if (value && json_object_get_type(value) != json_type_string) return bad(t, p, "a string");
  if (p->type == CLIO_PT_ENUM && text && check_choice(t, p, text) != CLIO_OK) return t->status;
  char *own = bench_copy(text);
  if (p->type == CLIO_PT_TEXT && text && text[0] == '@') {
    free(own);
    own = read_file(text + 1);
    if (!own)
      return bench_fail(t, CLIO_E_CONFIG, "parameter '%s': cannot read '%s'", p->name, text + 1);
  }
  if (own) keep_string(t, own);
  memcpy(field, &own, sizeof own);
  return CLIO_OK;
}

static clio_status set_list(clio_test *t, const clio_param *p, json_object *value, char *field) {
  bool one = json_object_get_type(value) == json_type_string;
  if (value && !one && json_object_get_type(value) != json_type_array)
    return bad(t, p, "a list of strings");
  size_t count = !value ? 0 : one ? 1 : json_object_array_length(value);
  char **items = bench_alloc((count + 1) * sizeof *items);
  keep_string(t, (char *)items);
  for (size_t i = 0; i < count; i++) {
    json_object *item = one ? value : json_object_array_get_idx(value, i);
    if (json_object_get_type(item) != json_type_string) return bad(t, p, "a list of strings");
    items[i] = keep_string(t, bench_copy(json_object_get_string(item)));
  }
  clio_strlist list = {(const char *const *)items, count};
  memcpy(field, &list, sizeof list);
  return CLIO_OK;
}

static clio_status set_value(clio_test *t, const clio_param *p, json_object *value, void *to);

/* One record: what is said of each of its parameters, else the default. */
static clio_status set_record(clio_test *t, const clio_param *p, json_object *map, void *to) {
  if (json_object_get_type(map) != json_type_object) return bad(t, p, "a list of objects");
  json_object_object_foreach(map, key, unused) {
    bool known = false;
    for (uint32_t i = 0; i < p->fields.count && !known; i++)
      known = strcmp(bench_param(&p->fields, i)->name, key) == 0;
    (void)unused;
    if (!known) return bench_fail(t, CLIO_E_CONFIG, "parameter '%s': no key '%s'", p->name, key);
  }
  for (uint32_t i = 0; i < p->fields.count; i++) {
    const clio_param *inner = bench_param(&p->fields, i);
    json_object *value = NULL;
    bool given = json_object_object_get_ex(map, inner->name, &value);
    if (!given && !inner->def)
      return bench_fail(t, CLIO_E_CONFIG, "parameter '%s': a record has no '%s'", p->name,
                        inner->name);
    json_object *own = given ? json_object_get(value) : json_tokener_parse(inner->def);
    clio_status status = set_value(t, inner, own, to);
    json_object_put(own);
    if (status != CLIO_OK) return status;
  }
  return CLIO_OK;
}

static clio_status set_records(clio_test *t, const clio_param *p, json_object *value, char *field) {
  if (value && json_object_get_type(value) != json_type_array)
    return bad(t, p, "a list of objects");
  size_t count = value ? json_object_array_length(value) : 0;
  char *items = keep_string(t, bench_alloc((count + 1) * p->record_size));
  clio_records records = {items, count};
  memcpy(field, &records, sizeof records);
  for (size_t i = 0; i < count; i++) {
    json_object *map = json_object_array_get_idx(value, i);
    clio_status status = set_record(t, p, map, items + i * p->record_size);
    if (status != CLIO_OK) return status;
  }
  return CLIO_OK;
}

static clio_status set_value(clio_test *t, const clio_param *p, json_object *value, void *to) {
  char *field = (char *)to + p->offset;
  int32_t flag = json_object_get_boolean(value);
  switch (p->type) {
  case CLIO_PT_BOOL:
    if (json_object_get_type(value) != json_type_boolean) return bad(t, p, "true or false");
    memcpy(field, &flag, sizeof flag);
    return CLIO_OK;
  case CLIO_PT_INT:
  case CLIO_PT_FLOAT:
  case CLIO_PT_AUTO: return set_number(t, p, value, field);
  case CLIO_PT_STRLIST: return set_list(t, p, value, field);
  case CLIO_PT_RECORDS: return set_records(t, p, value, field);
  default: return set_string(t, p, value, field);
  }
}

clio_status bench_config(clio_test *t) {
  for (uint64_t i = 0; i < t->string_count; i++) free(t->strings[i]);
  t->string_count = 0;
  free(t->config);
  t->config = bench_alloc(t->stage->config_size);
  for (uint32_t i = 0; i < t->stage->params.count; i++) {
    const clio_param *p = bench_param(&t->stage->params, i);
    const char *text = t->params[i] ? t->params[i] : p->def;
    if (!text)
      return bench_fail(t, CLIO_E_CONFIG, "parameter '%s' has no default and is not given",
                        p->name);
    enum json_tokener_error error = json_tokener_success;
    json_object *value = json_tokener_parse_verbose(text, &error);
    clio_status status =
        error != json_tokener_success ? bad(t, p, "JSON text") : set_value(t, p, value, t->config);
    json_object_put(value);
    if (status != CLIO_OK) return status;
  }
  return CLIO_OK;
}
