/* config_read.c - what a filled config holds: as JSON, for the manifest and the
 * cache key, and by name; see config.h. */
#include "config.h"

#include <string.h>

#include "json.h"

/* `data`: the config struct, or one record of it. */
static const void *field(const void *data, const clio_param *p) {
  return (const char *)data + p->offset;
}

static int64_t int_field(const void *data, const clio_param *p) {
  int64_t value;
  memcpy(&value, field(data, p), sizeof value);
  return value;
}

static const char *string_field(const void *data, const clio_param *p) {
  const char *value;
  memcpy(&value, field(data, p), sizeof value);
  return value;
}

static clio_strlist list_field(const void *data, const clio_param *p) {
  clio_strlist value;
  memcpy(&value, field(data, p), sizeof value);
  return value;
}

static const clio_param *find_declared(const plugin_stage *stage, const char *name) {
  for (uint32_t i = 0; i < stage->s.params.count; i++)
    if (strcmp(stage->params[i].name, name) == 0) return &stage->params[i];
  return NULL;
}

static bool is_string(const clio_param *p) {
  return p->type >= CLIO_PT_STRING && p->type <= CLIO_PT_SECRET;
}

static void write_list(json *j, clio_strlist list) {
  json_array(j);
  for (uint64_t i = 0; i < list.count; i++) json_string(j, list.items[i]);
  json_end(j);
}

static void write_field(json *j, const void *data, const clio_param *p);

static void write_records(json *j, const void *data, const clio_param *p) {
  clio_records records;
  memcpy(&records, field(data, p), sizeof records);
  json_array(j);
  for (uint64_t i = 0; i < records.count; i++) {
    const char *record = (const char *)records.items + i * p->record_size;
    json_object(j);
    for (uint32_t k = 0; k < p->fields.count; k++) {
      json_key(j, p->fields.items[k].name);
      write_field(j, record, &p->fields.items[k]);
    }
    json_end(j);
  }
  json_end(j);
}

static void write_field(json *j, const void *data, const clio_param *p) {
  if (p->type == CLIO_PT_BOOL) {
    int32_t value;
    memcpy(&value, field(data, p), sizeof value);
    json_bool(j, value != 0);
  } else if (p->type == CLIO_PT_FLOAT) {
    double value;
    memcpy(&value, field(data, p), sizeof value);
    json_double(j, value);
  } else if (p->type == CLIO_PT_AUTO && int_field(data, p) == -1) {
    json_string(j, "auto");
  } else if (p->type == CLIO_PT_INT || p->type == CLIO_PT_AUTO) {
    json_int(j, int_field(data, p));
  } else if (p->type == CLIO_PT_STRLIST) {
    write_list(j, list_field(data, p));
  } else if (p->type == CLIO_PT_RECORDS) {
    write_records(j, data, p);
  } else {
    json_string(j, string_field(data, p));
  }
}

char *config_json(const config *c, const plugin_stage *stage, bool for_key) {
  json *j = json_new(false);
  json_object(j);
  for (uint32_t i = 0; i < stage->s.params.count; i++) {
    const clio_param *p = &stage->params[i];
    if (for_key && (p->flags & (CLIO_PARAM_NO_CACHE_KEY | CLIO_PARAM_INPUT))) continue;
    json_key(j, p->name);
    write_field(j, c->data, p);
  }
  json_end(j);
  return json_take(j);
}

const char *config_string(const config *c, const plugin_stage *stage, const char *param) {
  const clio_param *p = find_declared(stage, param);
  return p && is_string(p) ? string_field(c->data, p) : NULL;
}

bool config_int(const config *c, const plugin_stage *stage, const char *param, int64_t *ret) {
  const clio_param *p = find_declared(stage, param);
  if (!p || (p->type != CLIO_PT_INT && p->type != CLIO_PT_AUTO)) return false;
  *ret = int_field(c->data, p);
  return true;
}

void config_columns(const config *c, const plugin_stage *stage,
                    void (*fn)(void *ctx, const char *param, const char *column), void *ctx) {
  for (uint32_t i = 0; i < stage->s.params.count; i++) {
    const clio_param *p = &stage->params[i];
    if (!(p->flags & CLIO_PARAM_COLUMN)) continue;
    if (p->type == CLIO_PT_STRLIST) {
      clio_strlist list = list_field(c->data, p);
      for (uint64_t k = 0; k < list.count; k++) fn(ctx, p->name, list.items[k]);
    } else if (is_string(p) && string_field(c->data, p)) {
      fn(ctx, p->name, string_field(c->data, p));
    }
  }
}
