/* inspect_json.c - `clio inspect --json`; see inspect.h. Keys are there always,
 * null where there is nothing to say. */
#include <string.h>

#include "asset.h"
#include "config.h"
#include "inspect.h"
#include "json.h"
#include "param.h"
#include "schema.h"

char *inspect_list_json(const registry *r, const char *kind) {
  const GPtrArray *entries = registry_entries(r);
  json *j = json_new(true);
  json_array(j);
  for (guint i = 0; i < entries->len; i++) {
    const registry_entry *e = g_ptr_array_index(entries, i);
    if (kind && strcmp(kind, e->kind) != 0) continue;
    json_object(j);
    json_put_string(j, "kind", e->kind);
    json_put_string(j, "name", e->name);
    json_put_string(j, "summary", e->summary);
    json_put_string(j, "version", e->version);
    json_put_string(j, "license", e->license);
    json_put_string(j, "file", e->path);
    json_end(j);
  }
  json_end(j);
  return json_take(j);
}

static void put_choices(json *j, const char *const *choices) {
  json_key(j, "choices");
  if (!choices) {
    json_null(j);
    return;
  }
  json_array(j);
  for (; *choices; choices++) json_string(j, *choices);
  json_end(j);
}

static void put_column(json *j, const clio_column *c) {
  json_object(j);
  json_put_string(j, "name", c->name);
  json_put_string(j, "type", type_name(c->type));
  json_put_int(j, "dim", c->dim);
  json_put_string(j, "class", privacy_name(c->privacy));
  json_put_bool(j, "optional", c->flags & CLIO_COL_OPTIONAL);
  json_put_bool(j, "nullable", c->flags & CLIO_COL_NULLABLE);
  json_put_bool(j, "facet", c->flags & CLIO_COL_FACET);
  json_put_bool(j, "sensitive", c->flags & CLIO_COL_SENSITIVE);
  json_put_bool(j, "audit", c->flags & CLIO_COL_AUDIT);
  json_put_string(j, "of", c->of);
  put_choices(j, c->choices);
  json_put_string(j, "help", c->help);
  json_end(j);
}

static void put_port(json *j, const clio_port *p) {
  json_object(j);
  json_put_string(j, "name", p->name);
  json_put_string(j, "rows", row_kind_name(p->rows));
  json_put_bool(j, "optional", p->flags & CLIO_PORT_OPTIONAL);
  json_put_bool(j, "whole", p->flags & CLIO_PORT_WHOLE);
  json_put_bool(j, "pass", p->flags & CLIO_PORT_PASS);
  json_put_string(j, "help", p->help);
  json_key(j, "columns");
  json_array(j);
  for (uint32_t i = 0; i < p->columns.count; i++) put_column(j, &p->columns.items[i]);
  json_end(j);
  json_end(j);
}

static void put_ports(json *j, const char *key, const clio_ports *ports) {
  json_key(j, key);
  json_array(j);
  for (uint32_t i = 0; i < ports->count; i++) put_port(j, &ports->items[i]);
  json_end(j);
}

static void put_range(json *j, const clio_param *p) {
  bool ranged = p->type == CLIO_PT_INT || p->type == CLIO_PT_FLOAT || p->type == CLIO_PT_AUTO;
  json_key(j, "min");
  if (ranged)
    json_double(j, p->min);
  else
    json_null(j);
  json_key(j, "max");
  if (ranged)
    json_double(j, p->max);
  else
    json_null(j);
}

static void put_fields(json *j, const clio_params *fields);

static void put_param(json *j, const clio_param *p) {
  json_object(j);
  json_put_string(j, "name", p->name);
  json_put_string(j, "type", param_type_name(p->type));
  json_put_bool(j, "required", !p->def);
  json_key(j, "default");
  json_raw(j, p->def ? p->def : "null");
  put_range(j, p);
  put_choices(j, p->type == CLIO_PT_ENUM ? p->choices : NULL);
  json_put_string(j, "unit", p->unit);
  json_put_bool(j, "input", p->flags & CLIO_PARAM_INPUT);
  json_put_bool(j, "column", p->flags & CLIO_PARAM_COLUMN);
  json_put_bool(j, "model", p->flags & CLIO_PARAM_MODEL);
  json_put_bool(j, "advanced", p->flags & CLIO_PARAM_ADVANCED);
  json_put_bool(j, "deprecated", p->flags & CLIO_PARAM_DEPRECATED);
  json_put_bool(j, "cache_key", !(p->flags & (CLIO_PARAM_NO_CACHE_KEY | CLIO_PARAM_INPUT)));
  json_put_string(j, "help", p->help);
  if (p->type == CLIO_PT_RECORDS) put_fields(j, &p->fields);
  json_end(j);
}

static void put_fields(json *j, const clio_params *fields) {
  json_key(j, "fields");
  json_array(j);
  for (uint32_t i = 0; i < fields->count; i++) put_param(j, &fields->items[i]);
  json_end(j);
}

static void put_plugin(json *j, const plugin *owner) {
  const clio_plugin *p = &owner->p;
  g_autofree char *abi = g_strdup_printf("%u.%u", p->abi_major, p->abi_minor);
  json_key(j, "plugin");
  json_object(j);
  json_put_string(j, "id", p->id);
  json_put_string(j, "version", p->version);
  json_put_string(j, "license", p->license);
  json_put_string(j, "vendor", p->vendor);
  json_put_string(j, "url", p->url);
  json_put_string(j, "abi", abi);
  json_put_string(j, "file", owner->path);
  json_put_string(j, "sha256", owner->sha256);
  json_end(j);
}

static void put_assets(json *j, const plugin_stage *ps) {
  json_key(j, "assets");
  json_array(j);
  for (uint32_t i = 0; i < ps->s.assets.count; i++) {
    const clio_asset_file *file = &ps->assets[i];
    g_autofree char *path = asset_path(file->name);
    json_object(j);
    json_put_string(j, "name", file->name);
    json_put_string(j, "help", file->help);
    json_put_string(j, "origin", file->origin);
    json_put_string(j, "license", file->license);
    json_put_string(j, "file", path);
    json_put_bool(j, "installed", asset_is_there(file->name));
    json_put_string(j, "cure", file->cure);
    json_end(j);
  }
  json_end(j);
}

char *inspect_stage_json(const plugin_stage *ps) {
  json *j = json_new(true);
  json_object(j);
  json_put_string(j, "kind", ps->s.kind);
  json_put_string(j, "name", ps->s.name);
  json_put_string(j, "summary", ps->s.summary);
  json_put_string(j, "help", ps->s.help);
  put_plugin(j, ps->owner);
  json_put_string(j, "threads", inspect_threads(ps->s.threads));
  json_key(j, "capabilities");
  json_array(j);
  for (size_t i = 0; i < inspect_caps_count; i++)
    if (ps->s.caps & inspect_caps[i].bit) json_string(j, inspect_caps[i].name);
  json_end(j);
  put_assets(j, ps);
  if (ps->model) {
    json_put_bool(j, "local", ps->model->answer != NULL);
    json_put_bool(j, "chat", ps->model->asks & CLIO_ASK_CHAT);
    json_put_bool(j, "embed", ps->model->asks & CLIO_ASK_EMBED);
  }
  put_ports(j, "inputs", &ps->s.inputs);
  put_ports(j, "outputs", &ps->s.outputs);
  json_key(j, "parameters");
  json_array(j);
  for (uint32_t i = 0; i < ps->s.params.count; i++) put_param(j, &ps->params[i]);
  json_end(j);
  json_end(j);
  return json_take(j);
}
