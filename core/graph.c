/* graph.c - a document becomes a graph: its top keys, its stages, and who reads
 * from whom; see graph.h. Variables are graph_vars.c's, the privacy section is
 * graph_privacy.c's. */
#include "graph.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "graph_parts.h"
#include "plugin_check.h"

enum { GRAPH_VERSION = 1, NAME_MAX_LENGTH = 80, ID_MAX_LENGTH = 64, STAGES_MAX = 1000 };

static const char *const top_keys[] = {"clio",   "name",    "seed",   "vars",  "models",
                                       "stages", "privacy", "budget", "ledger"};

/* ---- helpers ---- */

char *graph_hint(const char *word, const char *const *candidates, size_t count,
                 const char *otherwise) {
  const char *near = diag_suggest(word, candidates, count);
  if (near) return g_strdup_printf("; did you mean '%s'?", near);
  return otherwise ? g_strdup_printf("; %s", otherwise) : g_strdup("");
}

char *graph_stage_hint(const graph *g, const char *word) {
  g_autoptr(GPtrArray) ids = g_ptr_array_new();
  for (guint i = 0; i < g->stages->len; i++)
    g_ptr_array_add(ids, ((graph_stage *)g_ptr_array_index(g->stages, i))->id);
  return graph_hint(word, (const char *const *)ids->pdata, ids->len, NULL);
}

static void add_scalar(GPtrArray *to, doc_node *node, diag *d, const char *who, const char *want) {
  if (node->kind != DOC_SCALAR || node->null || node->text[0] == '\0')
    doc_complain(node, d, false, who, want, NULL);
  else if (!node->bad)
    g_ptr_array_add(to, node);
}

GPtrArray *graph_scalars(const doc_node *node, diag *d, const char *who, const char *want) {
  GPtrArray *all = g_ptr_array_new();
  if (node->kind != DOC_LIST) {
    add_scalar(all, (doc_node *)node, d, who, want);
    return all;
  }
  g_autofree char *item = g_strdup_printf("%s: an item", who);
  for (guint i = 0; i < node->items->len; i++)
    add_scalar(all, g_ptr_array_index(node->items, i), d, item, "a word");
  return all;
}

/* Lower-case letters, digits, '_' and '-', the first a letter. */
bool graph_is_id(const char *text, size_t length) {
  if (length == 0 || length > ID_MAX_LENGTH || !g_ascii_islower(text[0])) return false;
  for (size_t i = 0; i < length; i++)
    if (!g_ascii_islower(text[i]) && !g_ascii_isdigit(text[i]) && !strchr("_-", text[i]))
      return false;
  return true;
}

graph_stage *graph_find(const graph *g, const char *id, size_t *ret_index) {
  for (guint i = 0; i < g->stages->len; i++) {
    graph_stage *gs = g_ptr_array_index(g->stages, i);
    if (strcmp(gs->id, id) != 0) continue;
    if (ret_index) *ret_index = i;
    return gs;
  }
  return NULL;
}

/* ---- use ---- */

static bool check_use(const graph_stage *gs, const doc_node *node, diag *d) {
  const char *slash = strchr(node->text, '/');
  if (!slash) {
    diag_error(d, node->at, "%s '%s': use wants KIND/NAME, such as embedder/lsa, not '%s'",
               gs->what, gs->id, node->text);
    return false;
  }
  g_autofree char *kind = g_strndup(node->text, (size_t)(slash - node->text));
  bool is_model = !strcmp(kind, "model"), wants_model = !strcmp(gs->what, "model");
  if (is_model != wants_model) {
    diag_error(d, node->at, "%s '%s': %s", gs->what, gs->id,
               wants_model ? "under models, use wants model/NAME, such as model/openai"
                           : "a model is no stage; declare it under models, and name it in the "
                             "stages that ask it");
    return false;
  }
  if (!is_model && !g_strv_contains(plugin_kinds, kind)) {
    g_autofree char *list = g_strjoinv(", ", (char **)plugin_kinds);
    g_autofree char *otherwise = g_strdup_printf("kinds are %s", list);
    g_autofree char *hint =
        graph_hint(kind, plugin_kinds, g_strv_length((char **)plugin_kinds), otherwise);
    diag_error(d, node->at, "stage '%s': there is no kind of stage '%s'%s", gs->id, kind, hint);
    return false;
  }
  if (graph_is_id(slash + 1, strlen(slash + 1))) return true;
  diag_error(d, node->at,
             "%s '%s': '%s' after the '/' is no name; names are lower-case letters, digits, "
             "'_' and '-'",
             gs->what, gs->id, slash + 1);
  return false;
}

/* Of several, the first that is installed is taken; they must be alike. */
static void check_alternative(const graph_stage *gs, const doc_node *node, diag *d) {
  const doc_node *first = g_ptr_array_index(gs->use, 0);
  size_t kind = strcspn(first->text, "/") + 1;
  if (strncmp(first->text, node->text, kind) != 0)
    diag_error(d, node->at,
               "%s '%s': '%s' and '%s' are of two kinds; a list under use holds stages of one",
               gs->what, gs->id, first->text, node->text);
  for (guint i = 0; i < gs->use->len; i++)
    if (strcmp(((doc_node *)g_ptr_array_index(gs->use, i))->text, node->text) == 0)
      diag_error(d, node->at, "%s '%s': '%s' is listed twice under use", gs->what, gs->id,
                 node->text);
}

void graph_read_use(graph_stage *gs, const doc_node *map, diag *d) {
  const doc_node *node = doc_get(map, "use", NULL);
  g_autofree char *who = g_strdup_printf("%s '%s': use", gs->what, gs->id);
  if (!node) {
    diag_error(d, gs->at, "%s '%s' has no use; add 'use: %s/NAME'", gs->what, gs->id,
               strcmp(gs->what, "model") == 0 ? "model" : "KIND");
    return;
  }
  if (node->kind == DOC_LIST && node->items->len == 0)
    diag_error(d, node->at, "%s '%s': use is an empty list; write KIND/NAME", gs->what, gs->id);
  g_autoptr(GPtrArray) all = graph_scalars(node, d, who, "KIND/NAME, or a list of them");
  for (guint i = 0; i < all->len; i++) {
    doc_node *item = g_ptr_array_index(all, i);
    if (!check_use(gs, item, d)) continue;
    if (gs->use->len > 0) check_alternative(gs, item, d);
    g_ptr_array_add(gs->use, item);
  }
}

/* ---- the other reserved names ---- */

static void read_bad_rows(graph_stage *gs, const doc_node *map, diag *d) {
  const doc_node *node = doc_get(map, "max_bad_rows", NULL);
  if (!node) return;
  const char *why = NULL;
  double share = 0;
  if (doc_double(node, &share, &why) && share >= 0 && share <= 1) {
    gs->max_bad_rows = share;
    return;
  }
  g_autofree char *who = g_strdup_printf("stage '%s': max_bad_rows", gs->id);
  if (share > 1) why = "write 0.05 for 5 %";
  doc_complain(node, d, false, who, "a share from 0 to 1", why);
}

void graph_read_sha256(graph_stage *gs, const doc_node *map, diag *d) {
  const doc_node *node = doc_get(map, "sha256", NULL);
  if (!node) return;
  gs->sha256_at = node->at;
  if (node->kind == DOC_SCALAR && strlen(node->text) == 64 &&
      strspn(node->text, "0123456789abcdef") == 64) {
    gs->sha256 = g_strdup(node->text);
    return;
  }
  g_autofree char *who = g_strdup_printf("%s '%s': sha256", gs->what, gs->id);
  doc_complain(node, d, false, who, "64 hexadecimal digits in lower case",
               "'clio inspect KIND/NAME' prints them");
}

static bool is_reserved(const char *key) {
  static const char *const reserved[] = {"use", "from", "max_bad_rows", "sha256", NULL};
  return g_strv_contains(reserved, key);
}

/* ---- stages ---- */

graph_stage *graph_stage_new(const char *what, const doc_node *id) {
  graph_stage *gs = g_new0(graph_stage, 1);
  gs->what = what;
  gs->id = g_strdup(id->text);
  gs->at = id->at;
  gs->use = g_ptr_array_new();
  gs->from = g_ptr_array_new();
  gs->params = g_ptr_array_new();
  gs->max_bad_rows = 0.01;
  return gs;
}

void graph_stage_free(void *data) {
  graph_stage *gs = data;
  g_ptr_array_unref(gs->use);
  g_ptr_array_unref(gs->from);
  g_ptr_array_unref(gs->params);
  g_free(gs->id);
  g_free(gs->sha256);
  g_free(gs);
}

static void read_stage_map(graph *g, graph_stage *gs, const doc_node *map, diag *d) {
  for (guint i = 0; i < doc_entries(map); i++) {
    const doc_node *key = doc_key(map, i), *value = doc_value(map, i);
    if (is_reserved(key->text)) {
      graph_refuse_unset(g, value, d);
      continue;
    }
    g_ptr_array_add(gs->params, (doc_node *)key);
    g_ptr_array_add(gs->params, (doc_node *)value);
  }
  graph_read_use(gs, map, d);
  read_bad_rows(gs, map, d);
  graph_read_sha256(gs, map, d);
}

static void read_stage(graph *g, const doc_node *key, const doc_node *value, diag *d) {
  if (!graph_is_id(key->text, strlen(key->text))) {
    diag_error(d, key->at,
               "'%s' cannot be a stage's id; ids are lower-case letters, digits, '_' and '-', "
               "the first a letter",
               key->text);
    return;
  }
  graph_stage *gs = graph_stage_new("stage", key);
  g_ptr_array_add(g->stages, gs);
  if (value->kind == DOC_MAP) {
    read_stage_map(g, gs, value, d);
    return;
  }
  g_autofree char *who = g_strdup_printf("stage '%s'", gs->id);
  doc_complain(value, d, false, who, "a map such as { use: KIND/NAME, from: ID }", NULL);
}

static void read_stages(graph *g, diag *d) {
  const doc_node *key = NULL, *map = doc_get(g->root, "stages", &key);
  if (!map) {
    diag_error(d, (diag_pos){0},
               "the graph has no stages; add 'stages:' with a source and what "
               "follows from it");
    return;
  }
  if (map->kind != DOC_MAP) {
    doc_complain(map, d, false, "stages", "a map of ids and stages", NULL);
    return;
  }
  if (doc_entries(map) == 0)
    diag_error(d, map->at, "stages is empty; add a source and what follows from it");
  if (doc_entries(map) > STAGES_MAX) {
    diag_error(d, key->at, "the graph has %u stages; %d are the most", doc_entries(map),
               STAGES_MAX);
    return;
  }
  for (guint i = 0; i < doc_entries(map); i++) read_stage(g, doc_key(map, i), doc_value(map, i), d);
}

/* ---- from ---- */

/* Would a stage with that id be there if it were spelt right? Then its own error
 * says enough. */
static bool is_written(const graph *g, const char *id) {
  return doc_get(doc_get(g->root, "stages", NULL), id, NULL) != NULL;
}

static void add_from(const graph *g, graph_stage *gs, doc_node *node, diag *d) {
  for (guint i = 0; i < gs->from->len; i++) {
    if (strcmp(((doc_node *)g_ptr_array_index(gs->from, i))->text, node->text) != 0) continue;
    diag_error(d, node->at, "stage '%s': '%s' is named twice under from", gs->id, node->text);
    return;
  }
  if (strcmp(node->text, gs->id) == 0) {
    diag_error(d, node->at, "stage '%s' reads from itself", gs->id);
  } else if (graph_find(g, node->text, NULL)) {
    g_ptr_array_add(gs->from, node);
  } else if (!is_written(g, node->text)) {
    g_autofree char *hint = graph_stage_hint(g, node->text);
    diag_error(d, node->at, "stage '%s': there is no stage '%s' to read from%s", gs->id, node->text,
               hint);
  }
}

static void read_from(const graph *g, graph_stage *gs, diag *d) {
  const doc_node *map = doc_get(doc_get(g->root, "stages", NULL), gs->id, NULL);
  const doc_node *node = doc_get(map, "from", NULL);
  if (!node) return;
  g_autofree char *who = g_strdup_printf("stage '%s': from", gs->id);
  g_autoptr(GPtrArray) all = graph_scalars(node, d, who, "a stage's id, or a list of them");
  for (guint i = 0; i < all->len; i++) add_from(g, gs, g_ptr_array_index(all, i), d);
}

/* ---- circles ---- */

typedef enum { UNSEEN, OPEN, DONE } visit_state;

typedef struct walk {
  const graph *g;
  diag *d;
  visit_state *state;
  GArray *path; /* size_t: the stages that are open, first to last */
} walk;

static graph_stage *stage_at(const graph *g, size_t i) { return g_ptr_array_index(g->stages, i); }

static void report_circle(const walk *w, const doc_node *closing, size_t to) {
  g_autoptr(GString) names = g_string_new(NULL);
  bool inside = false;
  for (guint i = 0; i < w->path->len; i++) {
    size_t index = g_array_index(w->path, size_t, i);
    inside |= index == to;
    if (inside) g_string_append_printf(names, "%s <- ", stage_at(w->g, index)->id);
  }
  diag_error(w->d, closing->at, "stages read from each other in a circle: %s%s", names->str,
             stage_at(w->g, to)->id);
}

/* The next stage that the innermost open one reads from and that was not seen;
 * false if there is none. An edge that closes a circle is reported and cut. */
static bool next_unseen(const walk *w, size_t *ret) {
  graph_stage *gs = stage_at(w->g, g_array_index(w->path, size_t, w->path->len - 1));
  for (guint i = 0; i < gs->from->len;) {
    const doc_node *node = g_ptr_array_index(gs->from, i);
    size_t to = 0;
    graph_find(w->g, node->text, &to);
    if (w->state[to] == UNSEEN) {
      *ret = to;
      return true;
    }
    if (w->state[to] == OPEN) {
      report_circle(w, node, to);
      g_ptr_array_remove_index(gs->from, i);
    } else {
      i++;
    }
  }
  return false;
}

static void walk_from(const walk *w, size_t start) {
  g_array_append_val(w->path, start);
  w->state[start] = OPEN;
  while (w->path->len > 0) {
    size_t next;
    if (next_unseen(w, &next)) {
      w->state[next] = OPEN;
      g_array_append_val(w->path, next);
    } else {
      w->state[g_array_index(w->path, size_t, w->path->len - 1)] = DONE;
      g_array_set_size(w->path, w->path->len - 1);
    }
  }
}

static void cut_circles(const graph *g, diag *d) {
  walk w = {.g = g, .d = d, .path = g_array_new(FALSE, FALSE, sizeof(size_t))};
  w.state = g_new0(visit_state, g->stages->len);
  for (size_t i = 0; i < g->stages->len; i++)
    if (w.state[i] == UNSEEN) walk_from(&w, i);
  g_free(w.state);
  g_array_unref(w.path);
}

/* ---- top keys ---- */

static void check_top_keys(const graph *g, diag *d) {
  for (guint i = 0; i < doc_entries(g->root); i++) {
    const doc_node *key = doc_key(g->root, i);
    bool known = false;
    for (size_t k = 0; k < G_N_ELEMENTS(top_keys); k++) known |= !strcmp(top_keys[k], key->text);
    if (known) continue;
    g_autofree char *hint =
        graph_hint(key->text, top_keys, G_N_ELEMENTS(top_keys),
                   "a graph has clio, name, seed, vars, models, stages, privacy, budget, ledger");
    diag_error(d, key->at, "unknown key '%s'%s", key->text, hint);
  }
}

static void check_version(const graph *g, diag *d) {
  const doc_node *node = doc_get(g->root, "clio", NULL);
  int64_t version = 0;
  const char *why = NULL;
  if (!node)
    diag_error(d, (diag_pos){0}, "the graph's version is missing; begin the file with 'clio: 1'");
  else if (!doc_int(node, &version, &why))
    doc_complain(node, d, false, "clio", "the graph's version, 1", why);
  else if (version != GRAPH_VERSION)
    diag_error(d, node->at, "this graph is of version %s; this clio reads version %d", node->text,
               GRAPH_VERSION);
}

static bool is_name(const char *text) {
  if (g_utf8_strlen(text, -1) > NAME_MAX_LENGTH || text[0] == '\0') return false;
  if (text[0] == '.' || strpbrk(text, "/\\")) return false;
  for (const char *p = text; *p; p = g_utf8_next_char(p))
    if (!g_unichar_isprint(g_utf8_get_char(p))) return false;
  return true;
}

/* The file's name without folder and ending, where the graph has none. */
static char *default_name(const char *file) {
  char *base = g_path_get_basename(file);
  char *dot = strrchr(base, '.');
  if (dot && dot != base) *dot = '\0';
  return base;
}

static const char name_wanted[] =
    "a short text of one line (80 characters at most) without '/', '\\' or a point at its start, "
    "for the run's folder is called after it";

static void read_name(graph *g, diag *d) {
  const doc_node *node = doc_get(g->root, "name", NULL);
  bool written = node && !(node->kind == DOC_SCALAR && node->null);
  if (written && node->kind == DOC_SCALAR && is_name(node->text))
    g->name = g_strdup(node->text);
  else
    g->name = default_name(g->file);
  if (written && (node->kind != DOC_SCALAR || !is_name(node->text)))
    doc_complain(node, d, false, "name", name_wanted, NULL);
}

static void read_seed(graph *g, diag *d) {
  const doc_node *node = doc_get(g->root, "seed", NULL);
  int64_t seed = 0;
  const char *why = NULL;
  g->seed = 1;
  if (!node) return;
  if (doc_int(node, &seed, &why) && seed >= 0)
    g->seed = seed;
  else
    doc_complain(node, d, false, "seed", "a whole number of 0 or more", why);
}

/* A section for others: its shape is checked here, its meaning elsewhere. */
static const doc_node *read_section(const graph *g, const char *key, diag *d) {
  const doc_node *node = doc_get(g->root, key, NULL);
  if (!node || (node->kind == DOC_SCALAR && node->null)) return NULL;
  if (node->kind == DOC_MAP) return node;
  doc_complain(node, d, false, key, "a map", NULL);
  return NULL;
}

/* Variables without value are errors everywhere but in stages' parameters. */
static void refuse_unset_outside(const graph *g, diag *d) {
  for (guint i = 0; i < doc_entries(g->root); i++) {
    const char *key = doc_key(g->root, i)->text;
    if (strcmp(key, "stages") != 0) graph_refuse_unset(g, doc_value(g->root, i), d);
  }
}

static void read_all(graph *g, const char *const *set, diag *d) {
  graph_refuse_secrets(g, d);
  graph_vars_apply(g, set, d);
  refuse_unset_outside(g, d);
  check_top_keys(g, d);
  check_version(g, d);
  read_name(g, d);
  read_seed(g, d);
  g->models = read_section(g, "models", d);
  g->budget = read_section(g, "budget", d);
  g->ledger = read_section(g, "ledger", d);
  graph_models_read(g, d);
  read_stages(g, d);
  for (guint i = 0; i < g->stages->len; i++) read_from(g, stage_at(g, i), d);
  cut_circles(g, d);
  graph_privacy_read(g, d);
  graph_budget_read(g, d);
}

/* ---- doors ---- */

clio_status graph_parse(const char *name, const char *dir, const char *text, size_t length,
                        const char *const *set, graph **ret, diag **ret_diag, error *e) {
  (void)e;
  static const char bom[] = "\xEF\xBB\xBF";
  if (length >= 3 && memcmp(text, bom, 3) == 0) {
    text += 3;
    length -= 3;
  }
  diag *d = diag_new(name, text, length);
  *ret_diag = d;
  *ret = NULL;
  doc_node *root = doc_parse(text, length, d);
  if (root && root->kind != DOC_MAP) {
    doc_complain(root, d, false, "a graph", "a map of keys, such as 'clio: 1' and 'stages:'", NULL);
    g_clear_pointer(&root, doc_node_free);
  }
  if (!root) return CLIO_E_CONFIG;
  graph *g = g_new0(graph, 1);
  g->file = g_strdup(name);
  g->dir = g_strdup(dir);
  g->text = g_strndup(text, length);
  g->length = length;
  g->root = root;
  g->stages = g_ptr_array_new_with_free_func(graph_stage_free);
  g->roles = g_ptr_array_new_with_free_func(graph_model_free);
  g->vars = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
  read_all(g, set, d);
  *ret = g;
  return diag_errors(d) > 0 ? CLIO_E_CONFIG : CLIO_OK;
}

/* At most one byte more than a graph may have, so that a wrong file is not read
 * whole. */
static clio_status read_file(const char *path, GString *text, error *e) {
  FILE *file = fopen(path, "rbe");
  if (!file) return error_errno(e, CLIO_E_IO, errno, "cannot open the graph '%s'", path);
  g_string_set_size(text, DOC_BYTES_MAX + 1);
  errno = 0;
  size_t got = fread(text->str, 1, DOC_BYTES_MAX + 1, file);
  int code = ferror(file) ? errno : 0;
  fclose(file);
  g_string_truncate(text, got);
  if (code) return error_errno(e, CLIO_E_IO, code, "cannot read the graph '%s'", path);
  return CLIO_OK;
}

clio_status graph_read(const char *path, const char *const *set, graph **ret, diag **ret_diag,
                       error *e) {
  *ret = NULL;
  *ret_diag = NULL;
  g_autoptr(GString) text = g_string_new(NULL);
  clio_status status = read_file(path, text, e);
  if (status != CLIO_OK) return status;
  g_autofree char *dir = g_path_get_dirname(path);
  return graph_parse(path, dir, text->str, text->len, set, ret, ret_diag, e);
}

void graph_free(graph *g) {
  if (!g) return;
  graph_privacy_clear(&g->privacy);
  graph_budget_clear(&g->limits);
  g_ptr_array_unref(g->stages);
  g_ptr_array_unref(g->roles);
  g_hash_table_unref(g->vars);
  doc_node_free(g->root);
  g_free(g->file);
  g_free(g->dir);
  g_free(g->text);
  g_free(g->name);
  g_free(g);
}
