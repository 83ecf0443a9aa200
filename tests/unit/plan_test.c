/* plan_test.c - questions noted one by one come to the paper's table; facets asked one by
 * one and all at once are told in the other ways too; answers made up for a plan satisfy
 * their schema and repeat. */
#include <glib.h>
#include <json-c/json.h>
#include <string.h>

#include "plan.h"
#include "unit.h"

/* Of core/json.h, whose names are json-c's too. */
json *json_new(bool pretty);
char *json_take(json *j);

static const estimate_limits limits = {.concurrency = 100, .seconds = 2, .requests = 4000};

static prices *parsed(const char *rows) {
  g_autofree char *text = g_strconcat("clio: 1\nprices:\n", rows, NULL);
  diag *d = diag_new("p.yaml", text, strlen(text));
  prices *p = prices_parse(text, strlen(text), d);
  CU_ASSERT_PTR_NOT_NULL_FATAL(p);
  diag_free(d);
  return p;
}

/* `n` questions about a text each. */
static void note(plan *p, const char *stage, const char *role, int n, plan_question q) {
  q.stage = stage;
  q.role = role;
  q.parts = MAX(q.parts, 1);
  for (int i = 0; i < n; i++) {
    if (q.shared) q.shared_hash++;
    plan_note(p, &q);
  }
}

static void check_dollars(int64_t low, int64_t high, double wanted) {
  CU_ASSERT_TRUE(money_dollars(low) <= wanted && money_dollars(high) >= wanted);
  CU_ASSERT_DOUBLE_EQUAL(money_dollars(low + high) / 2, wanted, wanted * 0.1);
}

/* 200 of 100,000 conversations were looked at; the clusters were all. */
static void test_paper(void) {
  prices *pr = parsed("  - { models: [haiku], input: 0.25, output: 1.25 }\n"
                      "  - { models: [sonnet], input: 3.00, output: 15.00 }\n");
  plan *p = plan_new();
  plan_add_role(p, "small", "haiku", prices_find(pr, "x", NULL, "haiku", NULL), &limits, 0);
  plan_add_role(p, "large", "sonnet", prices_find(pr, "x", NULL, "sonnet", NULL), &limits, 0);
  note(p, "facets", "small", 200, (plan_question){.in = 1300, .out = 100, .out_most = 100});
  note(p, "names", "large", 1000, (plan_question){.in = 1000, .out = 50, .out_most = 50});
  note(p, "tree", "large", 60, (plan_question){.in = 300, .out = 10, .out_most = 10});
  note(p, "tree", "nobody", 60, (plan_question){.in = 300, .out = 10});
  plan_scale(p, "facets", 200, 100000);
  estimate total = plan_total(p);
  CU_ASSERT_EQUAL(total.calls, 101060);
  check_dollars(total.cost.low, total.cost.high, 48.81);
  g_autofree char *text = plan_text(p);
  CU_ASSERT_PTR_NOT_NULL(strstr(text, "facets         small (haiku)                    100,000"));
  CU_ASSERT_PTR_NOT_NULL(strstr(text, "$40.50-$49.50"));
  CU_ASSERT_PTR_NOT_NULL(strstr(text, "33 min"));
  plan_free(p);
  prices_free(pr);
}

/* ---- ways ---- */

static const char rows[] = "  - { models: [m], input: 1.00, output: 5.00, cache_read: 0.10,\n"
                           "      cache_write_5m: 1.25, batch: 0.5 }\n";

static json_object *told(const plan *p) {
  json *j = json_new(false);
  plan_put(j, p);
  g_autofree char *text = json_take(j);
  return json_tokener_parse(text);
}

/* "stages/0/ways/fused/usd/high" as a number; -1: not there, or null. */
static double number_at(json_object *root, const char *path) {
  json_object *found = NULL;
  g_autofree char *pointer = g_strconcat("/", path, NULL);
  if (json_pointer_get(root, pointer, &found) != 0 || !found) return -1;
  return json_object_get_double(found);
}

static plan *facets_plan(const prices *pr, int32_t parts, int questions, int64_t shared) {
  plan *p = plan_new();
  plan_add_role(p, "small", "m", pr ? prices_find(pr, "x", NULL, "m", NULL) : NULL, &limits, 1024);
  plan_question q = {.parts = parts, .in = shared + 100 * parts, .shared = shared};
  q.out = 50 * parts;
  q.out_most = q.out;
  for (int i = 0; i < questions; i++) {
    q.shared_hash = 0;
    note(p, "facets", "small", 1000, q);
  }
  return p;
}

/* Four facets of 1,000 conversations of 2,000 tokens, asked at once and one by one: the
 * other ways of the one are the way of the other. */
static void test_ways(void) {
  prices *pr = parsed(rows);
  plan *fused = facets_plan(pr, 4, 1, 2000), *separate = facets_plan(pr, 1, 4, 2000);
  json_object *one = told(fused), *four = told(separate);
  static const char *const paths[] = {"separate", "cached", "fused", "batch"};
  for (size_t i = 0; i < G_N_ELEMENTS(paths); i++) {
    g_autofree char *path = g_strdup_printf("stages/0/ways/%s/usd/high", paths[i]);
    CU_ASSERT_TRUE(number_at(one, path) > 0);
    CU_ASSERT_DOUBLE_EQUAL(number_at(one, path), number_at(four, path), 1e-9);
  }
  /* 2.4 M in, 0.2 M out; 8.4 M in; 2 M written, 6 M read, 0.4 M asked: and a tenth more */
  CU_ASSERT_DOUBLE_EQUAL(number_at(one, "usd/high"), 2.64 + 1.1, 1e-6);
  CU_ASSERT_DOUBLE_EQUAL(number_at(one, "stages/0/ways/separate/usd/high"), 9.24 + 1.1, 1e-6);
  CU_ASSERT_DOUBLE_EQUAL(number_at(four, "usd/high"), 2.75 + 0.66 + 0.44 + 1.1, 1e-6);
  CU_ASSERT_DOUBLE_EQUAL(number_at(one, "stages/0/ways/batch/usd/high"), 1.87, 1e-6);
  CU_ASSERT_EQUAL((int)number_at(one, "calls"), 1000);
  CU_ASSERT_EQUAL((int)number_at(four, "calls"), 4000);
  json_object_put(one);
  json_object_put(four);
  plan_free(fused);
  plan_free(separate);
  /* texts too short for the cache, a model without a price, nothing at all */
  plan *brief = facets_plan(pr, 4, 1, 1000), *unknown = facets_plan(NULL, 4, 1, 2000);
  json_object *none = told(brief), *unpriced = told(unknown);
  CU_ASSERT_DOUBLE_EQUAL(number_at(none, "stages/0/ways/cached/usd/high"), -1, 0);
  CU_ASSERT_DOUBLE_EQUAL(number_at(unpriced, "usd/high"), -1, 0);
  CU_ASSERT_EQUAL((int)number_at(unpriced, "tokens_in/high"), 2640000);
  g_autofree char *text = plan_text(unknown);
  CU_ASSERT_PTR_NOT_NULL(strstr(text, "unknown"));
  CU_ASSERT_PTR_NULL(strstr(text, "$"));
  json_object_put(none);
  json_object_put(unpriced);
  plan_free(brief);
  plan_free(unknown);
  plan *empty = plan_new();
  g_autofree char *nothing = plan_text(empty);
  CU_ASSERT_STRING_EQUAL(nothing, "no model is asked: the run costs nothing\n");
  plan_free(empty);
  prices_free(pr);
}

/* ---- answers ---- */

static const char schema[] =
    "{\"type\":\"object\",\"additionalProperties\":false,\"required\":[\"task\",\"language\","
    "\"concern\",\"flag\",\"names\",\"maybe\"],\"properties\":{\"task\":{\"type\":\"string\"},"
    "\"language\":{\"type\":\"string\",\"enum\":[\"en\",\"de\"]},\"concern\":{\"type\":"
    "\"integer\"},\"flag\":{\"type\":\"boolean\"},\"names\":{\"type\":\"array\",\"items\":{"
    "\"type\":\"string\"}},\"maybe\":{\"type\":[\"null\",\"string\"]}}}";

static void test_answers(void) {
  g_autofree char *a = plan_answer(schema, 20, 1), *b = plan_answer(schema, 20, 1);
  g_autofree char *c = plan_answer(schema, 20, 2), *d = plan_answer(NULL, 60, 1);
  CU_ASSERT_STRING_EQUAL(a, b);
  CU_ASSERT_STRING_NOT_EQUAL(a, c);
  json_object *got = json_tokener_parse(a);
  CU_ASSERT_EQUAL(json_object_object_length(got), 6);
  json_object *value = NULL;
  json_object_object_get_ex(got, "language", &value);
  const char *language = json_object_get_string(value);
  CU_ASSERT_TRUE(!strcmp(language, "en") || !strcmp(language, "de"));
  json_object_object_get_ex(got, "names", &value);
  CU_ASSERT_TRUE(json_object_is_type(value, json_type_array));
  json_object_object_get_ex(got, "concern", &value);
  CU_ASSERT_TRUE(json_object_is_type(value, json_type_int));
  json_object_object_get_ex(got, "task", &value);
  int64_t tokens =
      estimate_tokens(json_object_get_string(value), json_object_get_string_len(value));
  CU_ASSERT_TRUE(tokens >= 20 && tokens < 25);
  json_object_put(got);
  tokens = estimate_tokens(d, (int64_t)strlen(d));
  CU_ASSERT_TRUE(tokens >= 60 && tokens < 65);
  static const char *const odd[] = {
      "", "{", "3", "[]", "{\"type\":7}", "{\"enum\":[]}", "{\"type\":\"null\"}", "{\"anyOf\":[]}"};
  for (size_t i = 0; i < G_N_ELEMENTS(odd); i++) {
    g_autofree char *made = plan_answer(odd[i], 0, 1);
    CU_ASSERT_PTR_NOT_NULL(made);
  }
}

static const unit_test tests[] = {
    {"the paper's table", test_paper},
    {"other ways to ask", test_ways},
    {"answers made up", test_answers},
};

int main(void) { return unit_main("plan", tests, G_N_ELEMENTS(tests)); }
