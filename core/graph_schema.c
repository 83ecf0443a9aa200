/* graph_schema.c - the graph language as JSON Schema; see graph_schema.h. */
#include "graph_schema.h"

#include <string.h>

#include "graph_parts.h"
#include "json.h"

/* ---- pieces ---- */

static void put_ref(json *j, const char *name) {
  g_autofree char *ref = g_strdup_printf("#/$defs/%s", name);
  json_object(j);
  json_put_string(j, "$ref", ref);
  json_end(j);
}

static void key_ref(json *j, const char *key, const char *name) {
  json_key(j, key);
  put_ref(j, name);
}

/* { "type": TYPE }, or with a description. */
static void put_type(json *j, const char *type, const char *description) {
  json_object(j);
  json_put_string(j, "type", type);
  if (description) json_put_string(j, "description", description);
  json_end(j);
}

static void key_type(json *j, const char *key, const char *type, const char *description) {
  json_key(j, key);
  put_type(j, type, description);
}

static void put_strings(json *j, const char *key, const char *const *words) {
  json_key(j, key);
  json_array(j);
  for (; *words; words++) json_string(j, *words);
  json_end(j);
}

/* Opens an object type that takes no other keys than those that follow in its
 * "properties"; end it with two json_end. */
static void open_object(json *j) {
  json_object(j);
  json_put_string(j, "type", "object");
  json_put_bool(j, "additionalProperties", false);
  json_key(j, "properties");
  json_object(j);
}

static void close_object(json *j) {
  json_end(j);
  json_end(j);
}

static void key_count(json *j, const char *key, int64_t least, const char *description) {
  json_key(j, key);
  json_object(j);
  json_put_string(j, "type", "integer");
  json_put_int(j, "minimum", least);
  json_put_string(j, "description", description);
  json_end(j);
}

static void key_enum(json *j, const char *key, const char *const *words, bool or_null) {
  json_key(j, key);
  json_object(j);
  json_key(j, "enum");
  json_array(j);
  for (; *words; words++) json_string(j, *words);
  if (or_null) json_null(j);
  json_end(j);
  json_end(j);
}

static void key_text_or_null(json *j, const char *key, const char *description) {
  static const char *const types[] = {"string", "null", NULL};
  json_key(j, key);
  json_object(j);
  put_strings(j, "type", types);
  json_put_string(j, "description", description);
  json_end(j);
}

/* ---- one parameter ---- */

static void put_range(json *j, const clio_param *p) {
  if (p->min > -9e15) json_put_double(j, "minimum", p->min);
  if (p->max < 9e15) json_put_double(j, "maximum", p->max);
}

static void put_number(json *j, const clio_param *p) {
  json_object(j);
  json_put_string(j, "type", p->type == CLIO_PT_FLOAT ? "number" : "integer");
  put_range(j, p);
  json_end(j);
}

static void put_const(json *j, const char *word) {
  json_object(j);
  json_put_string(j, "const", word);
  json_end(j);
}

static void put_text_list(json *j) {
  json_object(j);
  json_put_string(j, "type", "array");
  key_ref(j, "items", "scalar");
  json_end(j);
}

static void put_choices(json *j, const clio_param *p) {
  json_object(j);
  put_strings(j, "enum", p->choices);
  json_end(j);
}

static void put_secret(json *j) {
  json_object(j);
  json_put_string(j, "type", "string");
  json_put_string(j, "pattern", "^[A-Za-z_][A-Za-z0-9_]*$");
  json_end(j);
}

static void put_param(json *j, const clio_param *p);

/* The rest of an object's properties, and their end. */
static void put_params(json *j, const clio_params *table) {
  for (uint32_t i = 0; i < table->count; i++) put_param(j, &table->items[i]);
  json_end(j);
}

static void put_required(json *j, const clio_params *table) {
  for (uint32_t i = 0; i < table->count; i++)
    if (!table->items[i].def) json_string(j, table->items[i].name);
}

/* A mapping of the record's own keys, or "@FILE". */
static void put_record(json *j, const clio_param *p) {
  json_object(j);
  json_key(j, "anyOf");
  json_array(j);
  open_object(j);
  put_params(j, &p->fields);
  json_key(j, "required");
  json_array(j);
  put_required(j, &p->fields);
  json_end(j);
  json_end(j);
  json_object(j);
  json_put_string(j, "type", "string");
  json_put_string(j, "pattern", "^@.");
  json_end(j);
  json_end(j);
  json_end(j);
}

static void put_records(json *j, const clio_param *p) {
  json_object(j);
  json_put_string(j, "type", "array");
  json_key(j, "items");
  put_record(j, p);
  json_end(j);
}

/* The forms that a value of the parameter's own type may have. */
static void put_forms(json *j, const clio_param *p) {
  switch (p->type) {
  case CLIO_PT_BOOL: put_type(j, "boolean", NULL); break;
  case CLIO_PT_AUTO:
    put_const(j, "auto");
    put_number(j, p);
    break;
  case CLIO_PT_INT:
  case CLIO_PT_FLOAT: put_number(j, p); break;
  case CLIO_PT_ENUM: put_choices(j, p); break;
  case CLIO_PT_SECRET: put_secret(j); break;
  case CLIO_PT_STRLIST:
    put_text_list(j);
    put_ref(j, "scalar");
    break;
  case CLIO_PT_RECORDS:
    put_records(j, p);
    put_record(j, p);
    break;
  default: put_ref(j, "scalar"); break;
  }
}

static void put_param(json *j, const clio_param *p) {
  g_autofree char *description =
      g_strdup_printf("%s%s%s%s", p->help ? p->help : "", p->unit ? " (" : "",
                      p->unit ? p->unit : "", p->unit ? ")" : "");
  json_key(j, p->name);
  json_object(j);
  json_put_string(j, "description", description);
  json_key(j, "anyOf");
  json_array(j);
  put_forms(j, p);
  if (p->def && strcmp(p->def, "null") == 0) put_type(j, "null", NULL);
  put_ref(j, "variable");
  json_end(j);
  if (p->def) json_key(j, "default"), json_raw(j, p->def);
  if (p->flags & CLIO_PARAM_DEPRECATED) json_put_bool(j, "deprecated", true);
  json_end(j);
}

/* ---- stages ---- */

static char *stage_name(const plugin_stage *ps) {
  return g_strdup_printf("%s/%s", ps->s.kind, ps->s.name);
}

/* The reserved names, which every stage takes. */
static void put_reserved(json *j) {
  key_ref(j, "use", "use");
  key_ref(j, "from", "ids");
  key_ref(j, "max_bad_rows", "share");
  key_ref(j, "sha256", "sha256");
}

/* What a role of models takes whatever its backend. */
static void put_reserved_of_model(json *j) {
  key_ref(j, "use", "model_use");
  key_ref(j, "sha256", "sha256");
  key_ref(j, "limits", "limits");
}

static void define_stage(json *j, const plugin_stage *ps) {
  g_autofree char *name = g_strdup_printf("%s.%s", ps->s.kind, ps->s.name);
  json_key(j, name);
  open_object(j);
  if (ps->model)
    put_reserved_of_model(j);
  else
    put_reserved(j);
  put_params(j, &ps->s.params);
  json_put_string(j, "description", ps->s.summary);
  json_key(j, "required");
  json_array(j);
  json_string(j, "use");
  put_required(j, &ps->s.params);
  json_end(j);
  json_end(j);
}

/* if use is this stage: then its parameters. */
static void put_case(json *j, const plugin_stage *ps) {
  g_autofree char *use = stage_name(ps);
  g_autofree char *definition = g_strdup_printf("%s.%s", ps->s.kind, ps->s.name);
  json_object(j);
  json_key(j, "if");
  json_object(j);
  json_key(j, "properties");
  json_object(j);
  json_key(j, "use");
  put_const(j, use);
  json_end(j);
  json_key(j, "required");
  json_array(j);
  json_string(j, "use");
  json_end(j);
  json_end(j);
  key_ref(j, "then", definition);
  json_end(j);
}

/* A stage that names several under use takes the parameters of whichever is
 * taken, which a schema cannot know. */
static void define_any(json *j, bool model, const GPtrArray *stages) {
  json_key(j, model ? "model" : "stage");
  json_object(j);
  json_put_string(j, "type", "object");
  json_key(j, "required");
  json_array(j);
  json_string(j, "use");
  json_end(j);
  json_key(j, "properties");
  json_object(j);
  if (model)
    put_reserved_of_model(j);
  else
    put_reserved(j);
  json_end(j);
  json_key(j, "allOf");
  json_array(j);
  json_raw(j, "true"); /* a list without items is not allowed */
  for (guint i = 0; i < stages->len; i++) {
    const plugin_stage *ps = g_ptr_array_index(stages, i);
    if (!ps->model == !model) put_case(j, ps);
  }
  json_end(j);
  json_end(j);
}

static void define_use(json *j, bool model, const GPtrArray *stages) {
  json_key(j, model ? "model_use" : "use");
  json_object(j);
  json_put_string(j, "description", "KIND/NAME; of a list, the first that is installed");
  json_key(j, "anyOf");
  json_array(j);
  json_object(j);
  json_key(j, "enum");
  json_array(j);
  for (guint i = 0; i < stages->len; i++) {
    const plugin_stage *ps = g_ptr_array_index(stages, i);
    g_autofree char *name = stage_name(ps);
    if (!ps->model == !model) json_string(j, name);
  }
  json_end(j);
  json_end(j);
  json_raw(j, "{\"type\":\"array\",\"minItems\":1,\"uniqueItems\":true,"
              "\"items\":{\"type\":\"string\",\"pattern\":\"^[a-z]+/[a-z][a-z0-9_-]*$\"}}");
  put_ref(j, "variable");
  json_end(j);
  json_end(j);
}

/* ---- small definitions ---- */

static void define_basics(json *j) {
  json_key(j, "variable");
  json_raw(j, "{\"type\":\"string\",\"pattern\":\"\\\\$\\\\{[^}]+\\\\}\","
              "\"description\":\"a value with ${name} or ${env:NAME} in it\"}");
  json_key(j, "scalar");
  json_raw(j, "{\"type\":[\"string\",\"number\",\"boolean\"]}");
  json_key(j, "id");
  json_raw(j, "{\"type\":\"string\",\"pattern\":\"^[a-z][a-z0-9_-]{0,63}$\"}");
  json_key(j, "ids");
  json_raw(j, "{\"description\":\"the stage this one reads from, or several\",\"anyOf\":["
              "{\"$ref\":\"#/$defs/id\"},{\"$ref\":\"#/$defs/variable\"},{\"type\":\"array\","
              "\"uniqueItems\":true,\"items\":{\"$ref\":\"#/$defs/id\"}}]}");
  json_key(j, "share");
  json_raw(j,
           "{\"description\":\"the share of rows that may fail; default 0.01\",\"anyOf\":["
           "{\"type\":\"number\",\"minimum\":0,\"maximum\":1},{\"$ref\":\"#/$defs/variable\"}]}");
  json_key(j, "sha256");
  json_raw(j, "{\"type\":\"string\",\"pattern\":\"^[0-9a-f]{64}$\","
              "\"description\":\"the plugin file must have this hash\"}");
}

/* ---- privacy ---- */

static void key_names(json *j, const char *key, const char *description) {
  json_key(j, key);
  json_object(j);
  json_put_string(j, "description", description);
  json_key(j, "anyOf");
  json_array(j);
  put_type(j, "string", NULL);
  put_type(j, "null", NULL);
  json_raw(j, "{\"type\":\"array\",\"uniqueItems\":true,\"items\":{\"type\":\"string\"}}");
  json_end(j);
  json_end(j);
}

static void key_threshold(json *j, const char *key, bool has_auto) {
  json_key(j, key);
  open_object(j);
  key_count(j, "accounts", 1, "least number of accounts");
  key_count(j, "conversations", 1, "least number of conversations");
  json_key(j, "organizations");
  json_raw(j, has_auto ? "{\"anyOf\":[{\"const\":\"auto\"},{\"type\":\"integer\",\"minimum\":1}]}"
                       : "{\"type\":\"integer\",\"minimum\":1}");
  close_object(j);
}

static void key_word(json *j) {
  static const char *const exempt[] = {"frame", "common", NULL};
  json_key(j, "word");
  open_object(j);
  key_count(j, "accounts", 1, "least number of accounts that use a word of a name");
  key_enum(j, "exempt", exempt, false);
  close_object(j);
}

static void key_privacy(json *j) {
  static const char *const modes[] = {"release", "public", "restricted", NULL};
  static const char *const assumptions[] = {"one_account_per_conversation", NULL};
  json_key(j, "privacy");
  open_object(j);
  key_enum(j, "mode", modes, false);
  key_text_or_null(j, "public", "which data set this is and why it is public");
  key_text_or_null(j, "reason", "who authorised it and what for");
  key_enum(j, "assume", assumptions, true);
  key_names(j, "declassify", "stages that may make DERIVED columns of RAW ones");
  key_names(j, "sensitive", "facet columns of which nobody may read 'all of them'");
  key_threshold(j, "cluster", true);
  key_threshold(j, "cell", false);
  key_word(j);
  key_count(j, "account_cap", 1, "conversations of one account that count in one leaf");
  json_key(j, "audit_floor");
  json_raw(j, "{\"type\":\"integer\",\"minimum\":1,\"maximum\":5,"
              "\"description\":\"texts rated below are not published\"}");
  key_count(j, "round", 1, "published counts are multiples of this; 1 in public mode only");
  close_object(j);
}

/* ---- budget ---- */

static void key_limit(json *j, const char *key, const char *type, const char *description) {
  json_key(j, key);
  json_object(j);
  json_put_string(j, "description", description);
  json_key(j, "anyOf"), json_array(j);
  json_object(j);
  json_put_string(j, "type", type);
  json_put_int(j, "minimum", 0);
  json_end(j);
  put_type(j, "null", NULL);
  put_ref(j, "variable");
  json_end(j);
  json_end(j);
}

static void key_budget(json *j) {
  json_key(j, "budget");
  open_object(j);
  key_limit(j, "max_cost", "number", "the most that models may cost, in dollars");
  key_limit(j, "max_tokens", "integer", "the most tokens of questions and answers");
  key_text_or_null(j, "prices", "a file of prices beside the graph, for the one that is shipped");
  key_names(j, "free", "roles of the models that cost nothing");
  json_end(j);
  json_put_string(j, "description", "limits on spending");
  json_end(j);
}

/* ---- the graph ---- */

static void put_properties(json *j) {
  json_key(j, "properties");
  json_object(j);
  json_key(j, "clio");
  json_raw(j, "{\"const\":1,\"description\":\"version of the graph language\"}");
  json_key(j, "name");
  json_raw(j, "{\"description\":\"a short name of the run and of its folder\","
              "\"type\":[\"string\",\"null\"],\"maxLength\":80,"
              "\"pattern\":\"^[^./\\\\\\\\][^/\\\\\\\\]*$\"}");
  json_key(j, "seed");
  json_raw(j,
           "{\"description\":\"what random numbers are made of; default "
           "1\",\"anyOf\":[{\"type\":\"integer\",\"minimum\":0},{\"$ref\":\"#/$defs/variable\"}]}");
  json_key(j, "vars");
  json_raw(j, "{\"type\":\"object\",\"description\":\"variables; null: must be set\","
              "\"additionalProperties\":{\"type\":[\"string\",\"number\",\"boolean\",\"null\"]}}");
  json_key(j, "models");
  json_raw(j, "{\"description\":\"language models by role\",\"type\":[\"object\",\"null\"],"
              "\"propertyNames\":{\"$ref\":\"#/$defs/id\"},"
              "\"additionalProperties\":{\"$ref\":\"#/$defs/model\"}}");
  key_privacy(j);
  json_key(j, "stages");
  json_raw(j, "{\"type\":\"object\",\"minProperties\":1,"
              "\"propertyNames\":{\"$ref\":\"#/$defs/id\"},"
              "\"additionalProperties\":{\"$ref\":\"#/$defs/stage\"}}");
  key_budget(j);
  key_type(j, "ledger", "object", "where answers of models are kept");
  json_end(j);
}

static void define_limits(json *j) {
  json_key(j, "limits");
  open_object(j);
  for (const graph_limit *l = graph_limits; l->key; l++) {
    json_key(j, l->key);
    json_object(j);
    json_put_string(j, "type", "integer");
    json_put_int(j, "minimum", l->least);
    if (l->most != G_MAXINT64) json_put_int(j, "maximum", l->most);
    if (l->otherwise) json_put_int(j, "default", l->otherwise);
    json_put_string(j, "description", l->help);
    json_end(j);
  }
  key_type(j, "http2", "boolean", "offer HTTP/2, many requests on one connection");
  json_end(j);
  json_put_string(j, "description", "what the provider allows, and what to do while it does not");
  json_end(j);
}

char *graph_schema(const GPtrArray *stages) {
  static const char *const required[] = {"clio", "stages", NULL};
  json *j = json_new(true);
  json_object(j);
  json_put_string(j, "$schema", "https://json-schema.org/draft/2020-12/schema");
  json_put_string(j, "title", "A graph of clio");
  json_put_string(j, "type", "object");
  put_strings(j, "required", required);
  json_put_bool(j, "additionalProperties", false);
  put_properties(j);
  json_key(j, "$defs");
  json_object(j);
  define_basics(j);
  define_limits(j);
  define_use(j, false, stages);
  define_use(j, true, stages);
  define_any(j, false, stages);
  define_any(j, true, stages);
  for (guint i = 0; i < stages->len; i++) define_stage(j, g_ptr_array_index(stages, i));
  json_end(j);
  json_end(j);
  return json_take(j);
}

clio_status graph_schema_of(registry *r, char **ret, error *e) {
  const GPtrArray *entries = registry_entries(r);
  g_autoptr(GPtrArray) stages = g_ptr_array_new();
  for (guint i = 0; i < entries->len; i++) {
    const registry_entry *entry = g_ptr_array_index(entries, i);
    g_autofree char *use = g_strdup_printf("%s/%s", entry->kind, entry->name);
    const plugin_stage *ps = NULL;
    clio_status s = registry_load(r, use, &ps, e);
    if (s != CLIO_OK) return s;
    g_ptr_array_add(stages, (plugin_stage *)ps);
  }
  *ret = graph_schema(stages);
  return CLIO_OK;
}
