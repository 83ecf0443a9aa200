/* config.c - parameters of one stage, filled by its table; see config.h. The
 * values of single types are doc.c's to read; config_read.c reads what is filled. */
#include "config.h"

#include <errno.h>
#include <math.h>
#include <string.h>

#include "graph_parts.h"
#include "json.h"
#include "util.h"

enum { LISTED_MAX = 12, RECORDS_MAX = 256 };

/* One struct being filled: a stage's config, or a record of one of its parameters. */
typedef struct fill {
  const graph *g;
  const graph_stage *gs;
  const char *who;   /* "stage 'x'", "stage 'x': facets 'mood'": in messages */
  const char *takes; /* "extractor/llm", or the name of the records' parameter */
  const clio_params *table;
  const GPtrArray *written; /* doc_node*: key, value, key, value ... */
  diag_pos at;              /* where what is missing is missed */
  void *to;                 /* the struct */
  const clio_param *param;
  diag *d;
  config *c;
  GPtrArray *meant; /* names (char*, borrowed) that misspelt parameters probably are */
  bool is_default;  /* the value is the table's, not the user's */
  bool of_model;    /* the table is a model's */
  bool is_record;
  bool of_default; /* of a record that is the table's */
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
  case CLIO_PT_RECORDS: return g_strdup("a list of mappings, each written out or \"@FILE\"");
  case CLIO_PT_ENUM: {
    g_autofree char *list = g_strjoinv(", ", (char **)p->choices);
    return g_strdup_printf("one of %s", list);
  }
  default: return g_strdup("a text");
  }
}

static void complain(fill *f, const doc_node *node, const char *why) {
  g_autofree char *want = config_wants(f->param);
  g_autofree char *who = g_strdup_printf("%s: %s", f->who, f->param->name);
  doc_complain(node, f->d, false, who, want, why);
  f->failed = true;
}

/* ---- values into fields ---- */

static void put(fill *f, const void *value, size_t size) {
  memcpy((char *)f->to + f->param->offset, value, size);
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
  diag_error(f->d, node->at, "%s: %s: there is no model '%s'%s", f->who, f->param->name, node->text,
             hint);
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
               "%s: %s wants the name of an environment variable, such as OPENAI_API_KEY, "
               "never the secret itself",
               f->who, f->param->name);
}

static void complain_item(fill *f, const doc_node *item, const char *want) {
  g_autofree char *who = g_strdup_printf("%s: an item of %s", f->who, f->param->name);
  doc_complain(item, f->d, false, who, want, NULL);
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
      complain_item(f, item, "a text");
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

/* The content of the file that "@NAME" stands for, or NULL with an error said. */
static char *read_at(fill *f, const doc_node *node, char **ret_path) {
  g_autofree char *path = find_file(f, node->text + 1);
  g_autofree char *why = NULL;
  char *text = read_text(path, &why);
  if (text) {
    *ret_path = g_steal_pointer(&path);
    return text;
  }
  diag_error(f->d, node->at, "%s: %s: cannot read '%s': %s", f->who, f->param->name, path, why);
  f->failed = true;
  return NULL;
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
  g_autofree char *path = NULL;
  char *text = read_at(f, node, &path);
  if (!text) return;
  const char *field = own(f->c, text);
  put(f, &field, sizeof field);
}

/* ---- records ---- */

static void fill_struct(fill *f);

/* "'mood'", where the record says its name; otherwise the number of the item. */
static char *record_label(const doc_node *map, guint i) {
  const doc_node *name = doc_get(map, "name", NULL);
  bool named = name && name->kind == DOC_SCALAR && !name->null && !name->bad;
  return named ? g_strdup_printf("'%s'", name->text) : g_strdup_printf("%u", i + 1);
}

/* `d`: of the file in which `map` stands. */
static void fill_record(fill *f, const doc_node *map, diag *d, guint i, void *to) {
  if (map->kind != DOC_MAP) {
    g_autofree char *who = g_strdup_printf("%s: an item of %s", f->who, f->param->name);
    doc_complain(map, d, false, who, "a mapping, or \"@FILE\"", NULL);
    f->failed = true;
    return;
  }
  g_autofree char *label = record_label(map, i);
  g_autofree char *who = g_strdup_printf("%s: %s %s", f->who, f->param->name, label);
  g_autoptr(GPtrArray) meant = g_ptr_array_new();
  fill record = *f;
  record.who = who;
  record.takes = f->param->name;
  record.table = &f->param->fields;
  record.written = map->items;
  record.at = map->at;
  record.to = to;
  record.d = d;
  record.meant = meant;
  record.is_record = true;
  record.of_default = f->is_default;
  fill_struct(&record);
  f->failed |= record.failed;
}

/* A record in a file of its own; what is wrong there is shown there. */
static void fill_record_file(fill *f, const doc_node *node, guint i, void *to) {
  g_autofree char *path = NULL;
  g_autofree char *text = read_at(f, node, &path);
  if (!text) return;
  diag *d = diag_of_file(f->d, path, text, strlen(text));
  size_t before = diag_errors(d);
  doc_node *map = doc_parse(text, strlen(text), d);
  if (map && diag_errors(d) == before) fill_record(f, map, d, i, to);
  f->failed |= !map || diag_errors(d) > before;
  doc_node_free(map);
}

static void fill_records(fill *f, const doc_node *node) {
  bool list = node->kind == DOC_LIST;
  guint count = list ? node->items->len : 1;
  if (count > RECORDS_MAX) {
    diag_error(f->d, node->at, "%s: %s holds %u items; at most %d", f->who, f->param->name, count,
               RECORDS_MAX);
    f->failed = true;
    return;
  }
  char *items = g_malloc0_n(MAX(count, 1), f->param->record_size);
  own(f->c, items);
  for (guint i = 0; i < count; i++) {
    const doc_node *item = list ? g_ptr_array_index(node->items, i) : node;
    char *to = items + i * f->param->record_size;
    if (item->unset) graph_refuse_unset(f->g, item, f->d);
    if (item->bad || item->unset)
      f->failed = true;
    else if (item->kind == DOC_SCALAR && !item->null && item->text[0] == '@')
      fill_record_file(f, item, i, to);
    else
      fill_record(f, item, f->d, i, to);
  }
  clio_records records = {.items = items, .count = count};
  put(f, &records, sizeof records);
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
  case CLIO_PT_RECORDS: fill_records(f, node); break;
  default: fill_string(f, node); break;
  }
}

/* What the user wrote. */
static void fill_written(fill *f, const doc_node *node) {
  bool is_unset_input = node->unset && f->g->inputs_may_be_unset &&
                        (f->param->flags & CLIO_PARAM_INPUT) && !node->bad;
  f->is_default = f->of_default;
  if (f->param->flags & CLIO_PARAM_DEPRECATED)
    diag_warning(f->d, node->at, "%s: %s is deprecated: %s", f->who, f->param->name,
                 f->param->help ? f->param->help : "leave it out");
  if (is_unset_input) {
    put_string(f, "");
    return;
  }
  size_t before = diag_errors(f->d);
  bool by_parts = f->param->type == CLIO_PT_RECORDS && node->kind != DOC_SCALAR;
  if (!by_parts) graph_refuse_unset(f->g, node, f->d);
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
    diag_error(f->d, f->at, "%s: the default of %s, %s, cannot be read", f->who, f->param->name,
               f->param->def);
  if (node && !bad) {
    place_at(node, f->at);
    fill_value(f, node);
  }
  doc_node_free(node);
}

static void fill_missing(fill *f) {
  const char *help = f->param->help;
  f->failed = true;
  if (g_ptr_array_find(f->meant, f->param->name, NULL)) return;
  diag_error(f->d, f->at, "%s: %s is missing%s%s", f->who, f->param->name, help ? ": " : "",
             help ? help : "");
}

static const doc_node *find_written(const GPtrArray *written, const char *name) {
  for (guint i = 0; i + 1 < written->len; i += 2) {
    const doc_node *key = g_ptr_array_index(written, i);
    if (strcmp(key->text, name) == 0) return g_ptr_array_index(written, i + 1);
  }
  return NULL;
}

static void keep_place(fill *f, const doc_node *node) {
  diag_pos *at = g_new(diag_pos, 1);
  *at = node->at;
  g_hash_table_insert(f->c->places, (char *)f->param->name, at);
}

static void fill_param(fill *f) {
  const doc_node *node = find_written(f->written, f->param->name);
  if (node) {
    if (!f->is_record) keep_place(f, node);
    fill_written(f, node);
  } else if (f->param->def) {
    fill_default(f);
  } else {
    fill_missing(f);
  }
}

/* ---- unknown parameters ---- */

/* Says what is taken, where nothing is near. */
static char *list_params(const fill *f) {
  const clio_params *table = f->table;
  if (table->count == 0) return g_strdup_printf("%s takes no parameters", f->takes);
  if (table->count > LISTED_MAX && !f->is_record)
    return g_strdup_printf("'clio inspect %s' lists them", f->takes);
  g_autoptr(GString) list = g_string_new(NULL);
  for (uint32_t i = 0; i < table->count; i++)
    g_string_append_printf(list, "%s%s", i ? ", " : "", table->items[i].name);
  return g_strdup_printf("%s takes %s", f->takes, list->str);
}

/* The names that the graph itself reads, beside those of the table. */
static const char *const *reserved_names(const fill *f) {
  static const char *const of_stage[] = {"use", "from", "max_bad_rows", "sha256", NULL},
                           *const of_model[] = {"use", "limits", "sha256", NULL},
                           *const none = NULL;
  return f->is_record ? &none : f->of_model ? of_model : of_stage;
}

static void refuse_unknown(fill *f, const doc_node *key) {
  g_autoptr(GPtrArray) names = g_ptr_array_new();
  for (uint32_t i = 0; i < f->table->count; i++)
    g_ptr_array_add(names, (char *)f->table->items[i].name);
  for (const char *const *name = reserved_names(f); *name; name++)
    g_ptr_array_add(names, (char *)*name);
  const char *const *words = (const char *const *)names->pdata;
  g_autofree char *otherwise = list_params(f);
  g_autofree char *hint = graph_hint(key->text, words, names->len, otherwise);
  g_ptr_array_add(f->meant, (char *)diag_suggest(key->text, words, names->len));
  diag_error(f->d, key->at, "%s: unknown parameter '%s'%s", f->who, key->text, hint);
  f->failed = true;
}

static bool is_declared(const clio_params *table, const char *name) {
  for (uint32_t i = 0; i < table->count; i++)
    if (strcmp(table->items[i].name, name) == 0) return true;
  return false;
}

static void fill_struct(fill *f) {
  for (guint i = 0; i + 1 < f->written->len; i += 2) {
    const doc_node *key = g_ptr_array_index(f->written, i);
    if (!is_declared(f->table, key->text)) refuse_unknown(f, key);
  }
  for (uint32_t i = 0; i < f->table->count; i++) {
    f->param = &f->table->items[i];
    fill_param(f);
  }
}

/* ---- doors ---- */

config *config_new(const graph *g, const graph_stage *gs, const plugin_stage *stage, diag *d) {
  config *c = g_new0(config, 1);
  c->data = g_malloc0(MAX(stage->s.config_size, 1));
  c->strings = g_ptr_array_new_with_free_func(g_free);
  c->places = g_hash_table_new_full(g_str_hash, g_str_equal, NULL, g_free);
  g_autoptr(GPtrArray) meant = g_ptr_array_new();
  g_autofree char *who = g_strdup_printf("%s '%s'", gs->what, gs->id);
  g_autofree char *takes = g_strdup_printf("%s/%s", stage->s.kind, stage->s.name);
  fill f = {.g = g,
            .gs = gs,
            .who = who,
            .takes = takes,
            .table = &stage->s.params,
            .written = gs->params,
            .at = gs->at,
            .to = c->data,
            .d = d,
            .c = c,
            .meant = meant,
            .of_model = stage->model != NULL};
  fill_struct(&f);
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
  const doc_node *node = find_written(gs->params, param);
  for (guint i = 0; node && node->kind == DOC_LIST && i < node->items->len; i++) {
    const doc_node *at = g_ptr_array_index(node->items, i);
    const doc_node *name = at->kind == DOC_MAP ? doc_get(at, "name", NULL) : at;
    if (name && name->kind == DOC_SCALAR && strcmp(name->text, item) == 0) return name->at;
  }
  return config_at(c, gs, param);
}
