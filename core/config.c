/* config.c - parameters of one stage, filled by its table; see config.h. The
 * values of single types are doc.c's to read. */
#include "config.h"

#include <errno.h>
#include <math.h>
#include <string.h>

#include "graph_parts.h"
#include "json.h"
#include "util.h"

enum { LISTED_MAX = 12 };

typedef struct fill {
  const graph *g;
  const graph_stage *gs;
  const plugin_stage *stage;
  const clio_param *param;
  diag *d;
  config *c;
  GPtrArray *meant; /* names (char*, borrowed) that misspelt parameters probably are */
  bool is_default;  /* the value is the table's, not the user's */
  bool failed;
} fill;

/* ---- what a parameter takes ---- */

/* Limits beyond what a double counts exactly are no limits. */
static bool has_min(const clio_param *p) { return p->min > -9e15; }
static bool has_max(const clio_param *p) { return p->max < 9e15; }
static bool has_range(const clio_param *p) { return has_min(p) || has_max(p); }

static char *range_text(const clio_param *p) {
  char low[G_ASCII_DTOSTR_BUF_SIZE], high[G_ASCII_DTOSTR_BUF_SIZE];
  if (!has_range(p)) return g_strdup("");
  g_ascii_formatd(low, sizeof low, "%.15g", p->min);
  g_ascii_formatd(high, sizeof high, "%.15g", p->max);
  if (!has_max(p)) return g_strdup_printf(" of %s or more", low);
  if (!has_min(p)) return g_strdup_printf(" of %s or less", high);
  return g_strdup_printf(" from %s to %s", low, high);
}

char *config_wants(const clio_param *p) {
  g_autofree char *range = range_text(p);
  switch (p->type) {
  case CLIO_PT_BOOL: return g_strdup("true or false");
  case CLIO_PT_INT: return g_strdup_printf("a whole number%s", range);
  case CLIO_PT_AUTO: return g_strdup_printf("a whole number%s, or auto", range);
  case CLIO_PT_FLOAT: return g_strdup_printf("a number%s", range);
  case CLIO_PT_TEXT: return g_strdup("a text, or \"@FILE\"");
  case CLIO_PT_PATH: return g_strdup("a file's path");
  case CLIO_PT_SECRET: return g_strdup("the name of an environment variable");
  case CLIO_PT_STRLIST: return g_strdup("a text, or a list of texts");
  case CLIO_PT_ENUM: {
    g_autofree char *list = g_strjoinv(", ", (char **)p->choices);
    return g_strdup_printf("one of %s", list);
  }
  default: return g_strdup("a text");
  }
}

static void complain(fill *f, const doc_node *node, const char *why) {
  g_autofree char *want = config_wants(f->param);
  g_autofree char *who = g_strdup_printf("%s '%s': %s", f->gs->what, f->gs->id, f->param->name);
  doc_complain(node, f->d, false, who, want, why);
  f->failed = true;
}

/* ---- values into fields ---- */

static void put(fill *f, const void *value, size_t size) {
  memcpy((char *)f->c->data + f->param->offset, value, size);
}

static const char *own(config *c, char *text) {
  g_ptr_array_add(c->strings, text);
  return text;
}

static void put_string(fill *f, const char *text) {
  const char *copy = own(f->c, g_strdup(text));
  put(f, &copy, sizeof copy);
}

static bool in_range(const clio_param *p, double value) {
  return !has_range(p) || (value >= p->min && value <= p->max);
}

static void fill_bool(fill *f, const doc_node *node) {
  bool value = false;
  const char *why = NULL;
  if (!doc_bool(node, &value, &why)) {
    complain(f, node, why);
    return;
  }
  int32_t field = value;
  put(f, &field, sizeof field);
}

static void fill_int(fill *f, const doc_node *node) {
  int64_t value = -1;
  const char *why = NULL;
  bool is_auto = f->param->type == CLIO_PT_AUTO && node->kind == DOC_SCALAR && !node->null &&
                 strcmp(node->text, "auto") == 0;
  if (!is_auto && (!doc_int(node, &value, &why) || !in_range(f->param, (double)value)))
    complain(f, node, why);
  else
    put(f, &value, sizeof value);
}

static void fill_float(fill *f, const doc_node *node) {
  double value = 0;
  const char *why = NULL;
  if (!doc_double(node, &value, &why) || !in_range(f->param, value))
    complain(f, node, why);
  else
    put(f, &value, sizeof value);
}

static void fill_enum(fill *f, const doc_node *node) {
  if (node->kind != DOC_SCALAR) {
    complain(f, node, NULL);
    return;
  }
  const char *const *choices = f->param->choices;
  if (g_strv_contains(choices, node->text)) {
    put_string(f, node->text);
    return;
  }
  const char *near = diag_suggest(node->text, choices, g_strv_length((char **)choices));
  g_autofree char *why = near ? g_strdup_printf("did you mean '%s'?", near) : NULL;
  complain(f, node, why);
}

/* The names of g->models, for a parameter that takes a role. */
static void check_role(fill *f, const doc_node *node) {
  if (!(f->param->flags & CLIO_PARAM_MODEL) || f->is_default) return;
  if (doc_get(f->g->models, node->text, NULL)) return;
  g_autoptr(GPtrArray) roles = g_ptr_array_new();
  for (guint i = 0; f->g->models && i < doc_entries(f->g->models); i++)
    g_ptr_array_add(roles, doc_key(f->g->models, i)->text);
  g_autofree char *hint = graph_hint(node->text, (const char *const *)roles->pdata, roles->len,
                                     "declare it under models");
  diag_error(f->d, node->at, "%s '%s': %s: there is no model '%s'%s", f->gs->what, f->gs->id,
             f->param->name, node->text, hint);
  f->failed = true;
}

static void fill_string(fill *f, const doc_node *node) {
  if (node->kind != DOC_SCALAR) {
    complain(f, node, NULL);
    return;
  }
  check_role(f, node);
  put_string(f, node->text);
}

static void fill_path(fill *f, const doc_node *node) {
  if (node->kind != DOC_SCALAR || node->text[0] == '\0')
    complain(f, node, NULL);
  else
    put_string(f, node->text);
}

static void fill_secret(fill *f, const doc_node *node) {
  if (node->kind == DOC_SCALAR && graph_is_env_name(node->text)) {
    put_string(f, node->text);
    return;
  }
  f->failed = true;
  if (node->kind != DOC_SCALAR) {
    complain(f, node, NULL);
    return;
  }
  /* What stands there may be the secret itself: it is not repeated. */
  diag_mask(f->d, node->at);
  if (!node->bad)
    diag_error(f->d, node->at,
               "%s '%s': %s wants the name of an environment variable, such as OPENAI_API_KEY, "
               "never the secret itself",
               f->gs->what, f->gs->id, f->param->name);
}

static void complain_item(fill *f, const doc_node *item) {
  g_autofree char *who =
      g_strdup_printf("%s '%s': an item of %s", f->gs->what, f->gs->id, f->param->name);
  doc_complain(item, f->d, false, who, "a text", NULL);
  f->failed = true;
}

static void fill_strlist(fill *f, const doc_node *node) {
  if (node->kind == DOC_MAP) {
    complain(f, node, NULL);
    return;
  }
  guint count = node->kind == DOC_LIST ? node->items->len : 1;
  const char **items = g_new0(const char *, count + 1);
  g_ptr_array_add(f->c->strings, items);
  for (guint i = 0; i < count; i++) {
    const doc_node *item = node->kind == DOC_LIST ? g_ptr_array_index(node->items, i) : node;
    if (item->kind != DOC_SCALAR || item->null || item->bad) {
      complain_item(f, item);
      continue;
    }
    check_role(f, item);
    items[i] = own(f->c, g_strdup(item->text));
  }
  clio_strlist list = {.items = items, .count = count};
  put(f, &list, sizeof list);
}

/* ---- "@file" ---- */

static char *find_file(const fill *f, const char *name) {
  if (g_path_is_absolute(name)) return g_strdup(name);
  g_autofree char *near = g_build_filename(f->g->dir, name, NULL);
  if (!f->is_default && g_file_test(near, G_FILE_TEST_EXISTS)) return g_steal_pointer(&near);
  char *installed = g_build_filename(data_dir(), name, NULL);
  if (f->is_default || g_file_test(installed, G_FILE_TEST_EXISTS)) return installed;
  g_free(installed);
  return g_steal_pointer(&near);
}

/* The content of a file, or NULL with the reason. */
static char *read_text(const char *path, char **ret_why) {
  g_autoptr(GError) failure = NULL;
  g_autofree char *text = NULL;
  gsize length = 0;
  if (!g_file_test(path, G_FILE_TEST_EXISTS))
    *ret_why = g_strdup("there is no such file");
  else if (!g_file_test(path, G_FILE_TEST_IS_REGULAR))
    *ret_why = g_strdup("it is no regular file");
  else if (!g_file_get_contents(path, &text, &length, &failure))
    *ret_why = g_strdup(failure->message);
  else if (length > DOC_BYTES_MAX)
    *ret_why = g_strdup("it is larger than 1 MiB");
  else if (!g_utf8_validate_len(text, length, NULL))
    *ret_why = g_strdup("it is no UTF-8 text");
  return *ret_why ? NULL : g_steal_pointer(&text);
}

static void fill_text(fill *f, const doc_node *node) {
  if (node->kind != DOC_SCALAR || node->text[0] != '@') {
    fill_string(f, node);
    return;
  }
  if (node->text[1] == '@') {
    put_string(f, node->text + 1);
    return;
  }
  g_autofree char *path = find_file(f, node->text + 1);
  char *why = NULL;
  char *text = read_text(path, &why);
  if (text) {
    const char *field = own(f->c, text);
    put(f, &field, sizeof field);
    return;
  }
  diag_error(f->d, node->at, "%s '%s': %s: cannot read '%s': %s", f->gs->what, f->gs->id,
             f->param->name, path, why);
  g_free(why);
  f->failed = true;
}

/* ---- one parameter ---- */

static bool is_null(const doc_node *node) { return node->kind == DOC_SCALAR && node->null; }

static bool null_is_default(const clio_param *p) { return p->def && strcmp(p->def, "null") == 0; }

static void fill_value(fill *f, const doc_node *node) {
  switch (f->param->type) {
  case CLIO_PT_BOOL: fill_bool(f, node); break;
  case CLIO_PT_INT:
  case CLIO_PT_AUTO: fill_int(f, node); break;
  case CLIO_PT_FLOAT: fill_float(f, node); break;
  case CLIO_PT_ENUM: fill_enum(f, node); break;
  case CLIO_PT_TEXT: fill_text(f, node); break;
  case CLIO_PT_PATH: fill_path(f, node); break;
  case CLIO_PT_SECRET: fill_secret(f, node); break;
  case CLIO_PT_STRLIST: fill_strlist(f, node); break;
  default: fill_string(f, node); break;
  }
}

/* What the user wrote. */
static void fill_written(fill *f, const doc_node *node) {
  bool is_unset_input = node->unset && f->g->inputs_may_be_unset &&
                        (f->param->flags & CLIO_PARAM_INPUT) && !node->bad;
  f->is_default = false;
  if (f->param->flags & CLIO_PARAM_DEPRECATED)
    diag_warning(f->d, node->at, "%s '%s': %s is deprecated: %s", f->gs->what, f->gs->id,
                 f->param->name, f->param->help ? f->param->help : "leave it out");
  if (is_unset_input) {
    put_string(f, "");
    return;
  }
  size_t before = diag_errors(f->d);
  graph_refuse_unset(f->g, node, f->d);
  if (node->bad || diag_errors(f->d) > before)
    f->failed = true;
  else if (!is_null(node))
    fill_value(f, node);
  else if (!null_is_default(f->param))
    complain(f, node, NULL);
}

/* Findings about a default are shown at the stage that asks for it. */
static void place_at(doc_node *node, diag_pos at) {
  node->at = at;
  for (guint i = 0; node->items && i < node->items->len; i++)
    place_at(g_ptr_array_index(node->items, i), at);
}

/* A default as a node; NULL where it is null, or no JSON (*ret_bad). */
static doc_node *parse_default(const clio_param *p, bool *ret_bad) {
  *ret_bad = false;
  if (null_is_default(p)) return NULL;
  diag *d = diag_new(p->name, p->def, strlen(p->def));
  doc_node *node = doc_parse(p->def, strlen(p->def), d);
  *ret_bad = !node || diag_errors(d) > 0;
  diag_free(d);
  return node;
}

/* What the table says. plugin_open has seen that it parses. */
static void fill_default(fill *f) {
  bool bad = false;
  doc_node *node = parse_default(f->param, &bad);
  f->is_default = true;
  f->failed |= bad;
  if (bad)
    diag_error(f->d, f->gs->at, "%s '%s': the default of %s, %s, cannot be read", f->gs->what,
               f->gs->id, f->param->name, f->param->def);
  if (node && !bad) {
    place_at(node, f->gs->at);
    fill_value(f, node);
  }
  doc_node_free(node);
}

static void fill_missing(fill *f) {
  const char *help = f->param->help;
  f->failed = true;
  if (g_ptr_array_find(f->meant, f->param->name, NULL)) return;
  diag_error(f->d, f->gs->at, "%s '%s': %s is missing%s%s", f->gs->what, f->gs->id, f->param->name,
             help ? ": " : "", help ? help : "");
}

static const doc_node *find_param(const graph_stage *gs, const char *name) {
  for (guint i = 0; i + 1 < gs->params->len; i += 2) {
    const doc_node *key = g_ptr_array_index(gs->params, i);
    if (strcmp(key->text, name) == 0) return g_ptr_array_index(gs->params, i + 1);
  }
  return NULL;
}

static void fill_param(fill *f) {
  const doc_node *node = find_param(f->gs, f->param->name);
  if (node) {
    diag_pos *at = g_new(diag_pos, 1);
    *at = node->at;
    g_hash_table_insert(f->c->places, (char *)f->param->name, at);
    fill_written(f, node);
  } else if (f->param->def) {
    fill_default(f);
  } else {
    fill_missing(f);
  }
}

/* ---- unknown parameters ---- */

/* Says what the stage takes, where nothing is near. */
static char *list_params(const fill *f) {
  const clio_params *params = &f->stage->s.params;
  const char *kind = f->stage->s.kind, *name = f->stage->s.name;
  if (params->count == 0) return g_strdup_printf("%s/%s takes no parameters", kind, name);
  if (params->count > LISTED_MAX)
    return g_strdup_printf("'clio inspect %s/%s' lists them", kind, name);
  g_autoptr(GString) list = g_string_new(NULL);
  for (uint32_t i = 0; i < params->count; i++)
    g_string_append_printf(list, "%s%s", i ? ", " : "", f->stage->params[i].name);
  return g_strdup_printf("%s/%s takes %s", kind, name, list->str);
}

static void refuse_unknown(fill *f, const doc_node *key) {
  static const char *const reserved[] = {"use", "from", "max_bad_rows", "sha256"},
                           *const of_model[] = {"use", "limits", "sha256"};
  bool model = f->stage->model != NULL;
  g_autoptr(GPtrArray) names = g_ptr_array_new();
  for (uint32_t i = 0; i < f->stage->s.params.count; i++)
    g_ptr_array_add(names, (char *)f->stage->params[i].name);
  for (size_t i = 0; !model && i < G_N_ELEMENTS(reserved); i++)
    g_ptr_array_add(names, (char *)reserved[i]);
  for (size_t i = 0; model && i < G_N_ELEMENTS(of_model); i++)
    g_ptr_array_add(names, (char *)of_model[i]);
  const char *const *words = (const char *const *)names->pdata;
  g_autofree char *otherwise = list_params(f);
  g_autofree char *hint = graph_hint(key->text, words, names->len, otherwise);
  g_ptr_array_add(f->meant, (char *)diag_suggest(key->text, words, names->len));
  diag_error(f->d, key->at, "%s '%s': unknown parameter '%s'%s", f->gs->what, f->gs->id, key->text,
             hint);
  f->failed = true;
}

static const clio_param *find_declared(const plugin_stage *stage, const char *name) {
  for (uint32_t i = 0; i < stage->s.params.count; i++)
    if (strcmp(stage->params[i].name, name) == 0) return &stage->params[i];
  return NULL;
}

/* ---- doors ---- */

config *config_new(const graph *g, const graph_stage *gs, const plugin_stage *stage, diag *d) {
  config *c = g_new0(config, 1);
  c->data = g_malloc0(MAX(stage->s.config_size, 1));
  c->strings = g_ptr_array_new_with_free_func(g_free);
  c->places = g_hash_table_new_full(g_str_hash, g_str_equal, NULL, g_free);
  g_autoptr(GPtrArray) meant = g_ptr_array_new();
  fill f = {.g = g, .gs = gs, .stage = stage, .d = d, .c = c, .meant = meant};
  for (guint i = 0; i + 1 < gs->params->len; i += 2) {
    const doc_node *key = g_ptr_array_index(gs->params, i);
    if (!find_declared(stage, key->text)) refuse_unknown(&f, key);
  }
  for (uint32_t i = 0; i < stage->s.params.count; i++) {
    f.param = &stage->params[i];
    fill_param(&f);
  }
  if (f.failed) g_clear_pointer(&c, config_free);
  return c;
}

void config_free(config *c) {
  if (!c) return;
  g_free(c->data);
  g_ptr_array_unref(c->strings);
  g_hash_table_unref(c->places);
  g_free(c);
}

diag_pos config_at(const config *c, const graph_stage *gs, const char *param) {
  const diag_pos *at = c ? g_hash_table_lookup(c->places, param) : NULL;
  return at ? *at : gs->at;
}

diag_pos config_at_item(const config *c, const graph_stage *gs, const char *param,
                        const char *item) {
  const doc_node *node = find_param(gs, param);
  for (guint i = 0; node && node->kind == DOC_LIST && i < node->items->len; i++) {
    const doc_node *at = g_ptr_array_index(node->items, i);
    if (at->kind == DOC_SCALAR && strcmp(at->text, item) == 0) return at->at;
  }
  return config_at(c, gs, param);
}

/* ---- reading a filled config ---- */

static const void *field(const config *c, const clio_param *p) {
  return (const char *)c->data + p->offset;
}

static int64_t int_field(const config *c, const clio_param *p) {
  int64_t value;
  memcpy(&value, field(c, p), sizeof value);
  return value;
}

static const char *string_field(const config *c, const clio_param *p) {
  const char *value;
  memcpy(&value, field(c, p), sizeof value);
  return value;
}

static clio_strlist list_field(const config *c, const clio_param *p) {
  clio_strlist value;
  memcpy(&value, field(c, p), sizeof value);
  return value;
}

static bool is_string(const clio_param *p) {
  return p->type >= CLIO_PT_STRING && p->type <= CLIO_PT_SECRET;
}

static void write_list(json *j, clio_strlist list) {
  json_array(j);
  for (uint64_t i = 0; i < list.count; i++) json_string(j, list.items[i]);
  json_end(j);
}

static void write_field(json *j, const config *c, const clio_param *p) {
  if (p->type == CLIO_PT_BOOL) {
    int32_t value;
    memcpy(&value, field(c, p), sizeof value);
    json_bool(j, value != 0);
  } else if (p->type == CLIO_PT_FLOAT) {
    double value;
    memcpy(&value, field(c, p), sizeof value);
    json_double(j, value);
  } else if (p->type == CLIO_PT_AUTO && int_field(c, p) == -1) {
    json_string(j, "auto");
  } else if (p->type == CLIO_PT_INT || p->type == CLIO_PT_AUTO) {
    json_int(j, int_field(c, p));
  } else if (p->type == CLIO_PT_STRLIST) {
    write_list(j, list_field(c, p));
  } else {
    json_string(j, string_field(c, p));
  }
}

char *config_json(const config *c, const plugin_stage *stage, bool for_key) {
  json *j = json_new(false);
  json_object(j);
  for (uint32_t i = 0; i < stage->s.params.count; i++) {
    const clio_param *p = &stage->params[i];
    if (for_key && (p->flags & (CLIO_PARAM_NO_CACHE_KEY | CLIO_PARAM_INPUT))) continue;
    json_key(j, p->name);
    write_field(j, c, p);
  }
  json_end(j);
  return json_take(j);
}

const char *config_string(const config *c, const plugin_stage *stage, const char *param) {
  const clio_param *p = find_declared(stage, param);
  return p && is_string(p) ? string_field(c, p) : NULL;
}

bool config_int(const config *c, const plugin_stage *stage, const char *param, int64_t *ret) {
  const clio_param *p = find_declared(stage, param);
  if (!p || (p->type != CLIO_PT_INT && p->type != CLIO_PT_AUTO)) return false;
  *ret = int_field(c, p);
  return true;
}

void config_columns(const config *c, const plugin_stage *stage,
                    void (*fn)(void *ctx, const char *param, const char *column), void *ctx) {
  for (uint32_t i = 0; i < stage->s.params.count; i++) {
    const clio_param *p = &stage->params[i];
    if (!(p->flags & CLIO_PARAM_COLUMN)) continue;
    if (p->type == CLIO_PT_STRLIST) {
      clio_strlist list = list_field(c, p);
      for (uint64_t k = 0; k < list.count; k++) fn(ctx, p->name, list.items[k]);
    } else if (is_string(p) && string_field(c, p)) {
      fn(ctx, p->name, string_field(c, p));
    }
  }
}
