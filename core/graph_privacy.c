/* graph_privacy.c - the privacy section: defaults, thresholds and their floors
 * (GATE.md), and the rule that every value of it stands in the file. See
 * graph_parts.h. */
#include <string.h>

#include "graph_parts.h"

/* Below these no release is made, whatever a graph says. */
enum { FLOOR_ACCOUNTS = 5, FLOOR_CONVERSATIONS = 10 };

typedef struct section {
  graph *g;
  diag *d;
  const doc_node *map;
} section;

static const char *const mode_names[] = {"release", "public", "restricted"};

const char *graph_mode_name(graph_mode mode) { return mode_names[mode]; }

void graph_privacy_clear(graph_privacy *p) {
  g_free(p->public_why);
  g_free(p->reason);
  if (p->declassify) g_ptr_array_unref(p->declassify);
  if (p->sensitive) g_ptr_array_unref(p->sensitive);
}

static void set_defaults(graph_privacy *p) {
  *p = (graph_privacy){
      .mode = GRAPH_RELEASE,
      .declassify = g_ptr_array_new(),
      .sensitive = g_ptr_array_new(),
      .cluster = {.accounts = 25, .conversations = 50, .organizations = -1},
      .cell = {.accounts = 10, .conversations = 15, .organizations = 1},
      .word_accounts = 10,
      .account_cap = 5,
      .audit_floor = 3,
      .round_to = 5,
  };
}

/* ---- no variables ---- */

static void refuse_variables(const graph *g, const doc_node *node, diag *d) {
  if (node->kind != DOC_SCALAR) {
    for (guint i = 0; i < node->items->len; i++)
      refuse_variables(g, g_ptr_array_index(node->items, i), d);
    return;
  }
  if (!strstr(node->text, "${")) return;
  diag_privacy(d, doc_locate(g->text, g->length, node->at, "${"),
               "privacy takes no variables; write the value itself, where a reader sees it");
  ((doc_node *)node)->bad = true;
}

/* ---- values ---- */

static bool is_empty(const doc_node *node) { return node->kind == DOC_SCALAR && node->null; }

static void unknown_key(const section *s, const doc_node *key, const char *path,
                        const char *const *keys, size_t count) {
  g_autofree char *list = g_strjoinv(", ", (char **)keys);
  g_autofree char *otherwise = g_strdup_printf("known here: %s", list);
  g_autofree char *hint = graph_hint(key->text, keys, count, otherwise);
  diag_error(s->d, key->at, "%s: unknown key '%s'%s", path, key->text, hint);
}

/* Every key of `map` must be one of `keys` (NULL-ended). False if `map` is none. */
static bool check_keys(const section *s, const doc_node *map, const char *path,
                       const char *const *keys) {
  if (map->kind != DOC_MAP) {
    doc_complain(map, s->d, false, path, "a map", NULL);
    return false;
  }
  size_t count = g_strv_length((char **)keys);
  for (guint i = 0; i < doc_entries(map); i++) {
    const doc_node *key = doc_key(map, i);
    if (!g_strv_contains(keys, key->text)) unknown_key(s, key, path, keys, count);
  }
  return true;
}

/* A positive integer under `key` of `map`, if it is written. */
static void read_count(const section *s, const doc_node *map, const char *path, const char *key,
                       int64_t *ret) {
  const doc_node *node = doc_get(map, key, NULL);
  if (!node) return;
  g_autofree char *who = path ? g_strdup_printf("%s.%s", path, key) : g_strdup(key);
  const char *why = NULL;
  int64_t value = 0;
  if (doc_int(node, &value, &why) && value >= 1)
    *ret = value;
  else
    doc_complain(node, s->d, false, who, "a whole number of 1 or more", why);
}

/* A word out of a closed set; its number, or -1. */
static int read_choice(const section *s, const char *key, const doc_node *node,
                       const char *const *choices) {
  g_autofree char *list = g_strjoinv(", ", (char **)choices);
  g_autofree char *want =
      choices[1] ? g_strdup_printf("one of %s", list) : g_strdup_printf("%s or null", list);
  if (node->kind != DOC_SCALAR || node->null || node->bad) {
    doc_complain(node, s->d, false, key, want, NULL);
    return -1;
  }
  size_t count = 0;
  for (; choices[count]; count++)
    if (strcmp(choices[count], node->text) == 0) return (int)count;
  const char *near = diag_suggest(node->text, choices, count);
  g_autofree char *why = near ? g_strdup_printf("did you mean '%s'?", near) : NULL;
  doc_complain(node, s->d, false, key, want, why);
  return -1;
}

/* A text under `key`; NULL where it is null or not written. */
static char *read_text(const section *s, const char *key) {
  const doc_node *node = doc_get(s->map, key, NULL);
  if (!node || is_empty(node) || node->bad) return NULL;
  if (node->kind == DOC_SCALAR) {
    char *text = g_strstrip(g_strdup(node->text));
    if (text[0] == '\0') g_clear_pointer(&text, g_free);
    return text;
  }
  doc_complain(node, s->d, false, key, "a sentence", NULL);
  return NULL;
}

/* ---- keys ---- */

static void below_floor(const section *s, const doc_node *map, const char *path, const char *key,
                        int64_t value, int64_t floor) {
  if (s->g->privacy.mode != GRAPH_RELEASE || value >= floor || !map) return;
  const doc_node *node = doc_get(map, key, NULL);
  diag_privacy(s->d, node ? node->at : map->at,
               "%s.%s is %" G_GINT64_FORMAT "; no release is made with fewer than %" G_GINT64_FORMAT
               " %s",
               path, key, (gint64)value, (gint64)floor, key);
}

static void read_threshold(const section *s, const char *path, bool has_auto, gate_threshold *ret) {
  static const char *const keys[] = {"accounts", "conversations", "organizations", NULL};
  const doc_node *map = doc_get(s->map, path, NULL);
  if (!map || is_empty(map) || !check_keys(s, map, path, keys)) return;
  read_count(s, map, path, "accounts", &ret->accounts);
  read_count(s, map, path, "conversations", &ret->conversations);
  const doc_node *orgs = doc_get(map, "organizations", NULL);
  bool is_auto = has_auto && orgs && orgs->kind == DOC_SCALAR && strcmp(orgs->text, "auto") == 0;
  int64_t ignored;
  const char *why;
  if (has_auto && orgs && !is_auto && !doc_int(orgs, &ignored, &why))
    doc_complain(orgs, s->d, false, "cluster.organizations", "a whole number of 1 or more, or auto",
                 why);
  else if (!is_auto)
    read_count(s, map, path, "organizations", &ret->organizations);
  below_floor(s, map, path, "accounts", ret->accounts, FLOOR_ACCOUNTS);
  below_floor(s, map, path, "conversations", ret->conversations, FLOOR_CONVERSATIONS);
}

static void read_word(const section *s) {
  static const char *const keys[] = {"accounts", "exempt", NULL};
  static const char *const exempt[] = {"frame", "common", NULL};
  const doc_node *map = doc_get(s->map, "word", NULL);
  if (!map || is_empty(map) || !check_keys(s, map, "word", keys)) return;
  graph_privacy *p = &s->g->privacy;
  read_count(s, map, "word", "accounts", &p->word_accounts);
  const doc_node *node = doc_get(map, "exempt", NULL);
  if (node) p->word_exempt_common = read_choice(s, "word.exempt", node, exempt) == 1;
  below_floor(s, map, "word", "accounts", p->word_accounts, FLOOR_ACCOUNTS);
}

static void read_mode(const section *s) {
  graph_privacy *p = &s->g->privacy;
  p->public_why = read_text(s, "public");
  p->reason = read_text(s, "reason");
  const doc_node *node = doc_get(s->map, "mode", NULL);
  if (!node) return;
  static const char *const modes[] = {"release", "public", "restricted", NULL};
  int mode = read_choice(s, "mode", node, modes);
  if (mode >= 0) p->mode = (graph_mode)mode;
  if (p->mode == GRAPH_PUBLIC && !p->public_why)
    diag_privacy(s->d, node->at,
                 "mode public wants 'public: TEXT' that says which data set this is and why it is "
                 "public");
  if (p->mode == GRAPH_RESTRICTED && !p->reason)
    diag_privacy(s->d, node->at,
                 "mode restricted wants 'reason: TEXT' that says who authorised it and what for");
}

static void read_assume(const section *s) {
  static const char *const choices[] = {"one_account_per_conversation", NULL};
  const doc_node *node = doc_get(s->map, "assume", NULL);
  if (!node || is_empty(node)) return;
  s->g->privacy.one_account_per_conversation = read_choice(s, "assume", node, choices) == 0;
}

static void read_audit_floor(const section *s) {
  const doc_node *node = doc_get(s->map, "audit_floor", NULL);
  const char *why = NULL;
  int64_t value = 0;
  if (!node) return;
  if (doc_int(node, &value, &why) && value >= 1 && value <= 5)
    s->g->privacy.audit_floor = value;
  else
    doc_complain(node, s->d, false, "audit_floor", "a rating from 1 to 5", why);
}

static void read_round(const section *s) {
  graph_privacy *p = &s->g->privacy;
  read_count(s, s->map, NULL, "round", &p->round_to);
  if (p->round_to > 1 || p->mode == GRAPH_PUBLIC) return;
  diag_privacy(s->d, doc_get(s->map, "round", NULL)->at,
               "round: 1 publishes exact counts, which only mode public may; write 5");
}

/* A list of stage ids or column names, each once. */
static void read_names(const section *s, const char *key, const char *want, GPtrArray **ret) {
  const doc_node *node = doc_get(s->map, key, NULL);
  if (!node || is_empty(node)) return;
  g_autoptr(GHashTable) seen = g_hash_table_new(g_str_hash, g_str_equal);
  g_autoptr(GPtrArray) all = graph_scalars(node, s->d, key, want);
  for (guint i = 0; i < all->len; i++) {
    doc_node *item = g_ptr_array_index(all, i);
    if (g_hash_table_add(seen, item->text))
      g_ptr_array_add(*ret, item);
    else
      diag_error(s->d, item->at, "%s: '%s' is named twice", key, item->text);
  }
}

static void check_declassify(const section *s) {
  GPtrArray *ids = s->g->privacy.declassify;
  for (guint i = 0; i < ids->len;) {
    const doc_node *node = g_ptr_array_index(ids, i);
    if (graph_find(s->g, node->text, NULL)) {
      i++;
      continue;
    }
    g_autofree char *hint = graph_stage_hint(s->g, node->text);
    diag_error(s->d, node->at, "declassify: there is no stage '%s'%s", node->text, hint);
    g_ptr_array_remove_index(ids, i);
  }
}

/* A cluster is shown with its cells, so it is never smaller than they may be. The gate would raise
 * the threshold without a word. */
static void check_order(const section *s) {
  const graph_privacy *p = &s->g->privacy;
  const struct {
    const char *key;
    int64_t cluster, cell;
  } pairs[] = {{"accounts", p->cluster.accounts, p->cell.accounts},
               {"conversations", p->cluster.conversations, p->cell.conversations},
               {"organizations", p->cluster.organizations, p->cell.organizations}};
  const doc_node *cluster = doc_get(s->map, "cluster", NULL), *cell = doc_get(s->map, "cell", NULL);
  for (size_t i = 0; p->mode != GRAPH_PUBLIC && i < G_N_ELEMENTS(pairs); i++) {
    const doc_node *at = cluster ? doc_get(cluster, pairs[i].key, NULL) : NULL;
    if (!at && cell) at = doc_get(cell, pairs[i].key, NULL);
    if (!at || pairs[i].cluster < 0 || pairs[i].cluster >= pairs[i].cell) continue;
    diag_privacy(s->d, at->at,
                 "cluster.%s is %" G_GINT64_FORMAT " and cell.%s is %" G_GINT64_FORMAT
                 ": a cluster cannot be smaller than a cell of it may be; raise cluster.%s, or "
                 "lower cell.%s",
                 pairs[i].key, (gint64)pairs[i].cluster, pairs[i].key, (gint64)pairs[i].cell,
                 pairs[i].key, pairs[i].key);
  }
}

/* Would this threshold hide anything? Default ones say nothing of what the graph wants. */
static bool is_wanted(const doc_node *map, const char *key, const gate_threshold *t) {
  return doc_get(map, key, NULL) && (t->accounts > 1 || t->conversations > 1);
}

char *graph_privacy_note(const graph *g) {
  const doc_node *map = doc_get(g->root, "privacy", NULL);
  const graph_privacy *p = &g->privacy;
  if (p->mode != GRAPH_PUBLIC || !map) return NULL;
  bool word = doc_get(map, "word", NULL) && p->word_accounts > 1;
  if (!word && !is_wanted(map, "cluster", &p->cluster) && !is_wanted(map, "cell", &p->cell))
    return NULL;
  return g_strdup("thresholds: mode public shows everything: privacy.cluster, cell and word hide "
                  "nothing; stages that form clusters still go by cluster");
}

void graph_privacy_read(graph *g, diag *d) {
  static const char *const keys[] = {"mode",        "public",      "reason", "assume", "declassify",
                                     "sensitive",   "cluster",     "cell",   "word",   "round",
                                     "account_cap", "audit_floor", NULL};
  set_defaults(&g->privacy);
  const doc_node *key = NULL;
  section s = {.g = g, .d = d, .map = doc_get(g->root, "privacy", &key)};
  if (key) g->privacy.at = key->at;
  if (!s.map || is_empty(s.map)) return;
  refuse_variables(g, s.map, d);
  if (!check_keys(&s, s.map, "privacy", keys)) return;
  read_mode(&s);
  read_assume(&s);
  read_threshold(&s, "cluster", true, &g->privacy.cluster);
  read_threshold(&s, "cell", false, &g->privacy.cell);
  check_order(&s);
  read_word(&s);
  read_count(&s, s.map, NULL, "account_cap", &g->privacy.account_cap);
  read_audit_floor(&s);
  read_round(&s);
  read_names(&s, "declassify", "a list of stage ids", &g->privacy.declassify);
  read_names(&s, "sensitive", "a list of column names", &g->privacy.sensitive);
  check_declassify(&s);
}
