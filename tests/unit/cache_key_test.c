/* cache_key_test.c - a key changes with any part of it, and the difference is named
 * as a person would. */
#include <glib.h>
#include <string.h>

#include "cache_key.h"
#include "unit.h"

static cache_key *sample(const char *k, const char *seed, const char *column) {
  cache_key *key = cache_key_new();
  cache_key_put(key, "use", "clusterer/kmeans");
  cache_key_put(key, "parameter k", k);
  cache_key_put(key, "seed", seed);
  cache_key_put(key, "column request", column);
  return key;
}

static GHashTable *as_before(const cache_key *k) {
  GHashTable *before = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
  for (size_t i = 0; i < cache_key_count(k); i++)
    g_hash_table_insert(before, g_strdup(cache_key_name(k, i)), g_strdup(cache_key_value(k, i)));
  return before;
}

static void check(cache_key *now, const char *want) {
  cache_key *was = sample("30", "1", "text");
  GHashTable *before = as_before(was);
  g_autofree char *said = cache_key_difference(now, before);
  g_autofree char *a = cache_key_digest(now), *b = cache_key_digest(was);
  CU_ASSERT_EQUAL(strcmp(a, b) == 0, want == NULL);
  CU_ASSERT_EQUAL(g_strcmp0(said, want), 0);
  g_hash_table_unref(before);
  cache_key_free(was);
  cache_key_free(now);
}

static void test_difference(void) {
  check(sample("30", "1", "text"), NULL);
  check(sample("31", "1", "text"), "parameters changed: k");
  check(sample("30", "2", "text"), "seed changed");
  check(sample("30", "1", "other"), "input changed: request");
  check(sample("31", "2", "other"), "parameters changed: k");
  cache_key *more = sample("30", "1", "text");
  cache_key_put_json(more, "parameter", "{\"a\":[1,\"x\"],\"b\":null}");
  check(more, "parameters changed: a, b");
}

static void test_gone(void) {
  cache_key *less = cache_key_new();
  cache_key_put(less, "use", "clusterer/kmeans");
  cache_key_put(less, "seed", "1");
  cache_key_put(less, "column request", "text");
  check(less, "parameters changed: k");
}

/* Long values are kept short, and no two lists of parts read alike. */
static void test_values(void) {
  g_autofree char *huge = g_strnfill(100000, 'x');
  cache_key *k = cache_key_new();
  cache_key_put(k, "parameter text", huge);
  cache_key_put(k, "parameter none", NULL);
  cache_key_put(k, "parameter null", "null");
  CU_ASSERT_TRUE(strlen(cache_key_value(k, 0)) <= 65);
  CU_ASSERT_STRING_NOT_EQUAL(cache_key_value(k, 1), cache_key_value(k, 2));
  cache_key_free(k);
  cache_key *a = cache_key_new(), *b = cache_key_new();
  cache_key_put(a, "ab", "c");
  cache_key_put(b, "a", "bc");
  g_autofree char *da = cache_key_digest(a), *db = cache_key_digest(b);
  CU_ASSERT_STRING_NOT_EQUAL(da, db);
  cache_key_free(a);
  cache_key_free(b);
}

int main(void) {
  static const unit_test tests[] = {
      {"difference", test_difference}, {"a part gone", test_gone}, {"values", test_values}};
  return unit_main("cache_key", tests, G_N_ELEMENTS(tests));
}
