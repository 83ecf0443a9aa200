/* cache_key.c - see cache_key.h. */
#include "cache_key.h"

#include <json-c/json.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "sha256.h"
#include "util.h"

enum { SHORT_MAX = 64 };

typedef struct part {
  char *name, *value; /* a value longer than SHORT_MAX: its SHA-256 */
} part;

struct cache_key {
  GArray *parts; /* part */
};

static void clear_part(void *p) {
  g_free(((part *)p)->name);
  g_free(((part *)p)->value);
}

cache_key *cache_key_new(void) {
  cache_key *k = g_new0(cache_key, 1);
  k->parts = g_array_new(FALSE, TRUE, sizeof(part));
  g_array_set_clear_func(k->parts, clear_part);
  return k;
}

void cache_key_free(cache_key *k) {
  if (!k) return;
  g_array_free(k->parts, TRUE);
  g_free(k);
}

void cache_key_put(cache_key *k, const char *name, const char *value) {
  part p = {.name = g_strdup(name)};
  size_t length = value ? strlen(value) : 0;
  if (!value)
    p.value = g_strdup("null");
  else if (length > SHORT_MAX)
    p.value = sha256_hex(value, length);
  else
    p.value = g_strconcat("=", value, NULL);
  g_array_append_val(k->parts, p);
}

void cache_key_put_int(cache_key *k, const char *name, int64_t value) {
  char text[32];
  snprintf(text, sizeof text, "%lld", (long long)value);
  cache_key_put(k, name, text);
}

void cache_key_put_json(cache_key *k, const char *prefix, const char *json) {
  json_object *o = json_tokener_parse(json);
  if (!o) return;
  json_object_object_foreach(o, name, value) {
    g_autofree char *full = g_strdup_printf("%s %s", prefix, name);
    cache_key_put(k, full, json_object_to_json_string_ext(value, JSON_C_TO_STRING_PLAIN));
  }
  json_object_put(o);
}

void cache_key_put_kept(cache_key *k, const char *name, const char *value) {
  part p = {.name = g_strdup(name), .value = g_strdup(value)};
  g_array_append_val(k->parts, p);
}

void cache_key_append(cache_key *to, const cache_key *from) {
  for (size_t i = 0; i < cache_key_count(from); i++)
    cache_key_put_kept(to, cache_key_name(from, i), cache_key_value(from, i));
}

cache_key *cache_key_copy(const cache_key *k) {
  cache_key *copy = cache_key_new();
  cache_key_append(copy, k);
  return copy;
}

size_t cache_key_count(const cache_key *k) { return k->parts->len; }

const char *cache_key_name(const cache_key *k, size_t i) {
  return g_array_index(k->parts, part, i).name;
}

const char *cache_key_value(const cache_key *k, size_t i) {
  return g_array_index(k->parts, part, i).value;
}

/* Names and values end in NUL, so that no two lists of parts read alike. */
char *cache_key_digest(const cache_key *k) {
  static const char form[] = "clio cache key 1";
  sha256_sum sum;
  sha256_begin(&sum);
  sha256_add(&sum, form, sizeof form);
  for (guint i = 0; i < k->parts->len; i++) {
    const part *p = &g_array_index(k->parts, part, i);
    sha256_add(&sum, p->name, strlen(p->name) + 1);
    sha256_add(&sum, p->value, strlen(p->value) + 1);
  }
  char *hex = g_malloc(SHA256_HEX);
  sha256_end_hex(&sum, hex);
  return hex;
}

/* ---- what differs ---- */

typedef struct kind {
  const char *word;   /* the first of a part's name */
  const char *reason; /* where the rest of the names follows, with a colon */
  bool named;
} kind;

static const kind kinds[] = {
    {"use", "another stage is used", false},
    {"plugin", "plugin changed", false},
    {"asset", "data files changed", true},
    {"parameter", "parameters changed", true},
    {"seed", "seed changed", false},
    {"clio", "clio or its libraries changed", false},
    {"key", "the project's key changed", false},
    {"input", "input changed", false},
    {"from", "input changed", true},
    {"column", "input changed", true},
    {"rows", "other rows", false},
    {"privacy", "privacy changed", true},
    {"words", "word lists changed", false},
    {"accounts", "accounts changed", false},
};

/* The rest of `name` behind "WORD " (or ""), NULL: it is of another kind. */
static const char *rest_of(const char *name, const char *word) {
  size_t n = strlen(word);
  if (strncmp(name, word, n) != 0) return NULL;
  if (!name[n]) return "";
  return name[n] == ' ' ? name + n + 1 : NULL;
}

static gint by_text(gconstpointer a, gconstpointer b) {
  return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* Names of one kind whose value is not what it was, those that are gone too. */
static GPtrArray *changed_names(const cache_key *k, GHashTable *before, const char *word) {
  GPtrArray *names = g_ptr_array_new();
  GHashTable *now = g_hash_table_new(g_str_hash, g_str_equal);
  for (guint i = 0; i < k->parts->len; i++) {
    const part *p = &g_array_index(k->parts, part, i);
    g_hash_table_insert(now, p->name, p->value);
    const char *rest = rest_of(p->name, word), *was = g_hash_table_lookup(before, p->name);
    if (rest && (!was || strcmp(was, p->value) != 0)) g_ptr_array_add(names, (char *)rest);
  }
  GHashTableIter it;
  void *name;
  g_hash_table_iter_init(&it, before);
  while (g_hash_table_iter_next(&it, &name, NULL)) {
    const char *rest = rest_of(name, word);
    if (rest && !g_hash_table_contains(now, name)) g_ptr_array_add(names, (char *)rest);
  }
  g_hash_table_unref(now);
  g_ptr_array_sort(names, by_text);
  return names;
}

char *cache_key_difference(const cache_key *k, GHashTable *before) {
  for (size_t i = 0; i < G_N_ELEMENTS(kinds); i++) {
    GPtrArray *names = changed_names(k, before, kinds[i].word);
    GString *text = names->len ? g_string_new(kinds[i].reason) : NULL;
    for (guint n = 0; text && kinds[i].named && n < names->len; n++)
      g_string_append_printf(text, "%s%s", n ? ", " : ": ", (const char *)names->pdata[n]);
    g_ptr_array_free(names, TRUE);
    if (text) return g_string_free(text, FALSE);
  }
  return NULL;
}
