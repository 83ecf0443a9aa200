/* graph_vars.c - variables: what vars, --set and the environment put into a
 * graph's scalars; and the watch against secrets written into it. See
 * graph_parts.h. Text that was put in is never looked at again, so a value
 * cannot smuggle in a variable. */
#include <string.h>

#include "graph_parts.h"

/* ---- secrets ---- */

/* The beginnings of well-known keys, and how many characters must follow. */
static const struct {
  const char *prefix;
  size_t rest;
} key_forms[] = {
    {"sk-", 20},  {"sk_live_", 16}, {"rk_live_", 16}, {"ghp_", 20},        {"gho_", 20},
    {"ghs_", 20}, {"glpat-", 16},   {"xoxb-", 16},    {"github_pat_", 20}, {"xoxp-", 16},
    {"AKIA", 16}, {"ASIA", 16},     {"AIza", 30},     {"hf_", 20},         {"gsk_", 20},
    {"xai-", 20}, {"pplx-", 20},    {"r8_", 20},      {"eyJ", 40},
};

static bool is_word_char(char c) { return g_ascii_isalnum(c) || c == '_' || c == '-'; }

/* Does a key start here? Keys hold several digits, which tells them from words
 * that begin alike. */
static bool key_starts(const char *p) {
  for (size_t i = 0; i < G_N_ELEMENTS(key_forms); i++) {
    if (!g_str_has_prefix(p, key_forms[i].prefix)) continue;
    const char *q = p + strlen(key_forms[i].prefix);
    size_t length = 0, digits = 0;
    for (; is_word_char(q[length]); length++) digits += g_ascii_isdigit(q[length]) != 0;
    if (length >= key_forms[i].rest && digits >= 3) return true;
  }
  return g_str_has_prefix(p, "-----BEGIN ") && strstr(p, "PRIVATE KEY");
}

static bool holds_key(const char *text) {
  for (const char *p = text; *p; p++)
    if ((p == text || !is_word_char(p[-1])) && key_starts(p)) return true;
  return false;
}

bool graph_is_env_name(const char *text) {
  if (!g_ascii_isalpha(text[0]) && text[0] != '_') return false;
  bool digit = false, underscore = false;
  size_t n = 0;
  for (; text[n]; n++) {
    if (!g_ascii_isalnum(text[n]) && text[n] != '_') return false;
    digit |= g_ascii_isdigit(text[n]) != 0;
    underscore |= text[n] == '_';
  }
  return n < 20 || underscore || !digit;
}

/* Is the value of a key of that name a secret? */
static bool names_secret(const char *key) {
  static const char *const names[] = {"key", "api_key", "apikey", "token", "secret", "password"};
  for (size_t i = 0; i < G_N_ELEMENTS(names); i++)
    if (g_ascii_strcasecmp(key, names[i]) == 0) return true;
  return false;
}

static void refuse_secret(doc_node *node, diag *d, const char *what) {
  diag_mask(d, node->at);
  if (!node->bad)
    diag_error(d, node->at,
               "%s; put it into an environment variable and give that variable's name, such as "
               "OPENAI_API_KEY",
               what);
  node->bad = true;
}

/* `key`: the key of the map that the node is the value of, or NULL; `strict`:
 * the value of a key called `token` and the like must be a variable's name. */
static void scan_secrets(doc_node *node, const char *key, bool strict, diag *d) {
  if (node->kind == DOC_SCALAR) {
    if (holds_key(node->text)) {
      refuse_secret(node, d, "this looks like a secret key");
    } else if (strict && key && names_secret(key) && !node->null && !strstr(node->text, "${") &&
               !graph_is_env_name(node->text)) {
      g_autofree char *what = g_strdup_printf("'%s' holds a secret itself", key);
      refuse_secret(node, d, what);
    }
    return;
  }
  const char *name = NULL;
  for (guint i = 0; i < node->items->len; i++) {
    doc_node *item = g_ptr_array_index(node->items, i);
    bool is_key = node->kind == DOC_MAP && i % 2 == 0;
    if (is_key) name = item->text;
    scan_secrets(item, is_key ? NULL : name, strict, d);
  }
}

void graph_refuse_secrets(graph *g, diag *d) {
  for (guint i = 0; i < doc_entries(g->root); i++) {
    const char *key = doc_key(g->root, i)->text;
    bool strict = strcmp(key, "models") == 0 || strcmp(key, "vars") == 0;
    scan_secrets((doc_node *)doc_value(g->root, i), NULL, strict, d);
  }
}

/* ---- declared variables ---- */

typedef struct variable {
  const doc_node *key; /* where it is declared */
  char *value;         /* NULL: declared null, not set */
  bool plain, used, bad;
} variable;

typedef struct scope {
  const graph *g;
  diag *d;
  GPtrArray *names;  /* char*, borrowed, in the order declared; for suggestions */
  GHashTable *table; /* name -> variable*; NULL inside the vars section itself */
} scope;

static void variable_free(void *data) {
  variable *v = data;
  g_free(v->value);
  g_free(v);
}

static bool is_variable_name(const char *text) {
  if (!g_ascii_isalpha(text[0]) && text[0] != '_') return false;
  for (const char *p = text; *p; p++)
    if (!is_word_char(*p)) return false;
  return true;
}

/* ---- ${...} ---- */

/* The scalar that is being filled, and the result so far. */
typedef struct filling {
  doc_node *node;
  GString *out;
  bool whole; /* the scalar is one reference and nothing else */
} filling;

static diag_pos reference_place(const scope *s, const doc_node *node, const char *name) {
  g_autofree char *written = g_strdup_printf("${%s}", name);
  return doc_locate(s->g->text, s->g->length, node->at, written);
}

static void fill_env(const scope *s, filling *f, const char *name) {
  g_autofree char *written = g_strdup_printf("env:%s", name);
  diag_pos at = reference_place(s, f->node, written);
  static const char *const secret[] = {"KEY", "TOKEN", "SECRET", "PASSWORD"};
  const char *value = g_getenv(name);
  bool hidden = value && holds_key(value);
  for (size_t i = 0; i < G_N_ELEMENTS(secret); i++) hidden |= strstr(name, secret[i]) != NULL;
  f->node->bad = hidden || !value;
  if (hidden)
    diag_error(s->d, at,
               "${env:%s} would put a secret into the graph and its manifest; give the name %s "
               "alone to a parameter that takes a secret",
               name, name);
  else if (!value)
    diag_error(s->d, at, "environment variable '%s' is not set", name);
  else
    g_string_append(f->out, value);
  if (f->whole) f->node->plain = true;
}

static void fill_unknown(const scope *s, filling *f, const char *name) {
  diag_pos at = reference_place(s, f->node, name);
  f->node->bad = true;
  if (!s->table) {
    diag_error(s->d, at,
               "a variable cannot take its value from another; only ${env:NAME} can "
               "stand here");
    return;
  }
  g_autofree char *hint = graph_hint(name, (const char *const *)s->names->pdata, s->names->len,
                                     "declare it under vars");
  diag_error(s->d, at, "unknown variable '%s'%s", name, hint);
}

static void fill_variable(const scope *s, filling *f, const char *name) {
  variable *v = s->table ? g_hash_table_lookup(s->table, name) : NULL;
  if (!v) {
    fill_unknown(s, f, name);
    return;
  }
  v->used = true;
  if (v->bad) {
    f->node->bad = true;
  } else if (!v->value) {
    g_free(f->node->unset);
    f->node->unset = g_strdup(name);
  } else {
    g_string_append(f->out, v->value);
    if (f->whole) f->node->plain = v->plain;
  }
}

/* One reference that starts at `p` ("${"); returns what follows it. */
static const char *fill_reference(const scope *s, filling *f, const char *p) {
  const char *close = strchr(p, '}');
  if (!close) {
    diag_error(s->d, doc_locate(s->g->text, s->g->length, f->node->at, "${"),
               "'${' has no closing '}'; write '$${' for the characters themselves");
    f->node->bad = true;
    return p + strlen(p);
  }
  g_autofree char *name = g_strndup(p + 2, (size_t)(close - p - 2));
  f->whole = p == f->node->text && close[1] == '\0';
  bool is_env = g_str_has_prefix(name, "env:");
  if (is_env && is_variable_name(name + 4)) {
    fill_env(s, f, name + 4);
  } else if (!is_env && is_variable_name(name)) {
    fill_variable(s, f, name);
  } else {
    diag_error(s->d, reference_place(s, f->node, name),
               "'${%s}' names no variable; write ${name} or ${env:NAME}, and '$${' for the "
               "characters themselves",
               name);
    f->node->bad = true;
  }
  return close + 1;
}

static void fill_scalar(const scope *s, doc_node *node) {
  if (node->bad || !strstr(node->text, "${")) return;
  filling f = {.node = node, .out = g_string_new(NULL)};
  for (const char *p = node->text; *p;) {
    if (g_str_has_prefix(p, "$${")) {
      g_string_append(f.out, "${");
      p += 3;
    } else if (g_str_has_prefix(p, "${")) {
      p = fill_reference(s, &f, p);
    } else {
      g_string_append_c(f.out, *p++);
    }
  }
  if (node->unset) g_string_truncate(f.out, 0);
  node->null = node->unset != NULL;
  g_free(node->text);
  node->text = g_string_free(f.out, FALSE);
}

static void fill_node(const scope *s, doc_node *node) {
  if (node->kind == DOC_SCALAR) {
    fill_scalar(s, node);
    return;
  }
  guint step = node->kind == DOC_MAP ? 2 : 1;
  for (guint i = step - 1; i < node->items->len; i += step)
    fill_node(s, g_ptr_array_index(node->items, i));
}

/* ---- vars and --set ---- */

static void declare(scope *s, const doc_node *key, doc_node *value) {
  if (!is_variable_name(key->text)) {
    diag_error(s->d, key->at, "a variable's name is letters, digits, '_' and '-', not '%s'",
               key->text);
    return;
  }
  variable *v = g_new0(variable, 1);
  v->key = key;
  g_hash_table_insert(s->table, key->text, v);
  g_ptr_array_add(s->names, key->text);
  if (value->kind != DOC_SCALAR) {
    diag_error(s->d, value->at, "variable '%s' holds %s; it can hold a single value only",
               key->text, value->kind == DOC_LIST ? "a list" : "a map");
    v->bad = true;
    return;
  }
  scope outside = {.g = s->g, .d = s->d, .names = s->names};
  fill_scalar(&outside, value);
  v->bad = value->bad;
  v->plain = value->plain;
  v->value = value->null ? NULL : g_strdup(value->text);
}

static void declare_all(scope *s, const doc_node *vars) {
  if (!vars || (vars->kind == DOC_SCALAR && vars->null)) return;
  if (vars->kind != DOC_MAP) {
    doc_complain(vars, s->d, false, "vars", "a map of names and values", NULL);
    return;
  }
  for (guint i = 0; i < doc_entries(vars); i++)
    declare(s, doc_key(vars, i), (doc_node *)doc_value(vars, i));
}

/* Why --set cannot give this name a value. */
static void refuse_set(const scope *s, diag_pos at, const char *name) {
  static const char *const keys[] = {"clio",   "name",   "seed",  "models",
                                     "stages", "budget", "ledger"};
  if (strcmp(name, "privacy") == 0 || g_str_has_prefix(name, "privacy.")) {
    diag_privacy(s->d, at,
                 "--set %s: privacy is never set from the command line; write it in the graph, "
                 "where a reader sees it",
                 name);
    return;
  }
  if (strcmp(name, "input") == 0) {
    diag_error(s->d, at,
               "-i gives a value to the variable 'input', and this graph has none; add "
               "'vars: { input: null }' and let the source take '${input}'");
    return;
  }
  g_autofree char *hint = graph_hint(name, (const char *const *)s->names->pdata, s->names->len,
                                     "declare it under vars");
  for (size_t i = 0; i < G_N_ELEMENTS(keys); i++)
    if (strcmp(name, keys[i]) == 0) {
      g_free(hint);
      hint = g_strdup_printf("; it is a key of the graph, and --set reaches variables only: "
                             "declare one under vars and let the key take it");
    }
  diag_error(s->d, at, "--set %s: the graph declares no such variable%s", name, hint);
}

static void set_all(const scope *s, const char *const *set, diag_pos at) {
  for (; set && *set; set++) {
    const char *equals = strchr(*set, '=');
    if (!equals || equals == *set) {
      diag_error(s->d, (diag_pos){0}, "--set %s: write --set name=value", *set);
      continue;
    }
    g_autofree char *name = g_strndup(*set, (size_t)(equals - *set));
    variable *v = g_hash_table_lookup(s->table, name);
    if (!v) {
      refuse_set(s, at, name);
      continue;
    }
    g_free(v->value);
    v->value = g_strdup(equals + 1);
    v->plain = true;
    v->bad = holds_key(v->value);
    if (v->bad)
      diag_error(s->d, v->key->at,
                 "--set %s: this looks like a secret key, and would stand in the manifest; put it "
                 "into an environment variable and give that variable's name",
                 name);
  }
}

static void keep_values(graph *g, const scope *s) {
  for (guint i = 0; i < s->names->len; i++) {
    const char *name = g_ptr_array_index(s->names, i);
    const variable *v = g_hash_table_lookup(s->table, name);
    g_hash_table_insert(g->vars, g_strdup(name), g_strdup(v->value));
    if (!v->used) diag_warning(s->d, v->key->at, "variable '%s' is declared and never used", name);
  }
}

void graph_vars_apply(graph *g, const char *const *set, diag *d) {
  const doc_node *key = NULL, *vars = doc_get(g->root, "vars", &key);
  scope s = {.g = g, .d = d, .names = g_ptr_array_new()};
  s.table = g_hash_table_new_full(g_str_hash, g_str_equal, NULL, variable_free);
  declare_all(&s, vars);
  set_all(&s, set, key ? key->at : (diag_pos){0});
  for (guint i = 0; i < doc_entries(g->root); i++) {
    const char *name = doc_key(g->root, i)->text;
    if (strcmp(name, "vars") == 0 || strcmp(name, "privacy") == 0) continue;
    fill_node(&s, (doc_node *)doc_value(g->root, i));
  }
  keep_values(g, &s);
  g_hash_table_unref(s.table);
  g_ptr_array_unref(s.names);
}

/* ---- variables without a value ---- */

void graph_refuse_unset(const graph *g, const doc_node *node, diag *d) {
  if (node->kind != DOC_SCALAR) {
    for (guint i = 0; i < node->items->len; i++)
      graph_refuse_unset(g, g_ptr_array_index(node->items, i), d);
    return;
  }
  if (!node->unset || node->bad) return;
  g_autofree char *written = g_strdup_printf("${%s}", node->unset);
  diag_pos at = doc_locate(g->text, g->length, node->at, written);
  if (strcmp(node->unset, "input") == 0)
    diag_error(d, at, "no input was given; name a file with -i FILE");
  else
    diag_error(d, at, "variable '%s' has no value; give it one with --set %s=VALUE", node->unset,
               node->unset);
  ((doc_node *)node)->bad = true;
}
