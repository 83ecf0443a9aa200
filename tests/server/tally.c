/* tally.c - what the fault server counts; see server.h. */
#include <string.h>

#include "server.h"

static GMutex lock;
static GHashTable *contents; /* hash -> count */
static GHashTable *faults;   /* name -> number */
static struct {
  int64_t requests, delivered, lost, in_tokens, out_tokens, lost_in, lost_out;
  int at_once, most_at_once;
} sums;

static void make(void) {
  if (contents) return;
  contents = g_hash_table_new_full(g_int64_hash, g_int64_equal, g_free, g_free);
  faults = g_hash_table_new(g_str_hash, g_str_equal);
}

void tally_reset(void) {
  g_mutex_lock(&lock);
  make();
  g_hash_table_remove_all(contents);
  g_hash_table_remove_all(faults);
  int at_once = sums.at_once;
  memset(&sums, 0, sizeof sums);
  sums.at_once = at_once;
  g_mutex_unlock(&lock);
}

static count *count_of(uint64_t hash) {
  count *c = g_hash_table_lookup(contents, &hash);
  if (c) return c;
  c = g_new0(count, 1);
  g_hash_table_insert(contents, g_memdup2(&hash, sizeof hash), c);
  return c;
}

int tally_enter(const asked *a) {
  int most = 0;
  g_mutex_lock(&lock);
  make();
  sums.requests++;
  sums.at_once++;
  sums.most_at_once = MAX(sums.most_at_once, sums.at_once);
  for (guint i = 0; i < a->contents->len; i++) {
    count *c = count_of(g_array_index(a->contents, uint64_t, i));
    c->asked++;
    most = MAX(most, c->asked);
  }
  g_mutex_unlock(&lock);
  return most;
}

void tally_fault(const char *name) {
  g_mutex_lock(&lock);
  make();
  int n = GPOINTER_TO_INT(g_hash_table_lookup(faults, name));
  g_hash_table_insert(faults, (gpointer)name, GINT_TO_POINTER(n + 1));
  g_mutex_unlock(&lock);
}

void tally_leave(const asked *a, bool processed, bool delivered, int64_t in, int64_t out) {
  g_mutex_lock(&lock);
  sums.at_once--;
  if (delivered) {
    sums.delivered++;
    sums.in_tokens += in;
    sums.out_tokens += out;
    for (guint i = 0; i < a->contents->len; i++)
      count_of(g_array_index(a->contents, uint64_t, i))->delivered++;
  } else if (processed) {
    sums.lost++;
    sums.lost_in += in;
    sums.lost_out += out;
  }
  g_mutex_unlock(&lock);
}

int tally_at_once(void) {
  g_mutex_lock(&lock);
  int n = sums.at_once;
  g_mutex_unlock(&lock);
  return n;
}

static void put(json_object *to, const char *name, int64_t n) {
  json_object_object_add(to, name, json_object_new_int64(n));
}

/* Contents that were answered more than once, and how often too often. */
static void put_contents(json_object *to, bool each) {
  GHashTableIter i;
  gpointer key, value;
  int64_t once = 0, again = 0;
  json_object *list = each ? json_object_new_object() : NULL;
  g_hash_table_iter_init(&i, contents);
  while (g_hash_table_iter_next(&i, &key, &value)) {
    const count *c = value;
    once += c->delivered > 0;
    again += MAX(c->delivered - 1, 0);
    if (!list) continue;
    char name[24];
    g_snprintf(name, sizeof name, "%016" G_GINT64_MODIFIER "x", *(guint64 *)key);
    json_object *pair = json_object_new_array();
    json_object_array_add(pair, json_object_new_int(c->asked));
    json_object_array_add(pair, json_object_new_int(c->delivered));
    json_object_object_add(list, name, pair);
  }
  put(to, "contents", g_hash_table_size(contents));
  put(to, "answered", once);
  put(to, "answered_again", again);
  if (list) json_object_object_add(to, "each", list);
}

static json_object *faults_json(void) {
  json_object *o = json_object_new_object();
  g_autoptr(GList) names = g_list_sort(g_hash_table_get_keys(faults), (GCompareFunc)strcmp);
  for (GList *n = names; n; n = n->next)
    put(o, n->data, GPOINTER_TO_INT(g_hash_table_lookup(faults, n->data)));
  return o;
}

char *tally_print(bool each) {
  json_object *o = json_object_new_object();
  g_mutex_lock(&lock);
  make();
  put(o, "requests", sums.requests);
  put(o, "delivered", sums.delivered);
  put(o, "in_tokens", sums.in_tokens);
  put(o, "out_tokens", sums.out_tokens);
  put(o, "lost", sums.lost);
  put(o, "lost_in_tokens", sums.lost_in);
  put(o, "lost_out_tokens", sums.lost_out);
  put(o, "at_once", sums.at_once);
  put(o, "most_at_once", sums.most_at_once);
  put_contents(o, each);
  json_object_object_add(o, "faults", faults_json());
  g_mutex_unlock(&lock);
  char *text = g_strdup_printf("%s\n", json_object_to_json_string_ext(o, JSON_C_TO_STRING_PLAIN));
  json_object_put(o);
  return text;
}
