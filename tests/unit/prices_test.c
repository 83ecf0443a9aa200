/* prices_test.c - money is whole and rounded up; rows hold from their day, by length of
 * the question, the most literal name first; what is unknown stays unknown; every
 * mistake in a file is told with its place; the file we ship reads clean. */
#include <glib.h>
#include <string.h>

#include "graph_budget.h"
#include "prices.h"
#include "unit.h"
#include "util.h"

/* ---- money ---- */

static void test_money(void) {
  int64_t micro = 0;
  CU_ASSERT_TRUE(money_parse("5", &micro) && micro == 5000000);
  CU_ASSERT_TRUE(money_parse("0.0025", &micro) && micro == 2500);
  CU_ASSERT_TRUE(money_parse("12.345678", &micro) && micro == 12345678);
  CU_ASSERT_TRUE(money_parse("999999999.999999", &micro) && micro == MONEY_MAX - 1);
  static const char *const bad[] = {"",    ".5",  "5.", "-1", "+1",        "1e3",
                                    "0x1", "1,5", "1 ", "$1", "0.0000001", "1000000000"};
  for (size_t i = 0; i < G_N_ELEMENTS(bad); i++) CU_ASSERT_FALSE(money_parse(bad[i], &micro));
  CU_ASSERT_FALSE(money_parse("99999999999999999999999999999999999999", &micro));
  CU_ASSERT_EQUAL(money_add(MONEY_MAX, 1), MONEY_MAX);
  CU_ASSERT_EQUAL(money_add(INT64_MAX, INT64_MAX), MONEY_MAX);
  CU_ASSERT_EQUAL(money_round(money_product(1, 1)), 1);
  CU_ASSERT_EQUAL(money_round(money_product(1000000, 7)), 7);
  CU_ASSERT_EQUAL(money_round(money_product(INT64_MAX, MONEY_MAX)), MONEY_MAX);
}

static void check_format(int64_t micro, const char *want) {
  g_autofree char *text = money_format(micro);
  CU_ASSERT_STRING_EQUAL(text, want);
}

static void test_format(void) {
  check_format(0, "$0.00");
  check_format(1, "$0.000001");
  check_format(99, "$0.000099");
  check_format(100, "$0.0001");
  check_format(31200, "$0.0312");
  check_format(999999, "$1.00");
  check_format(48810000, "$48.81");
  check_format(1234567890, "$1234.57");
  check_format(MONEY_UNKNOWN, "unknown");
}

/* ---- rows ---- */

static const char file[] =
    "clio: 1\n"
    "prices:\n"
    "  - { provider: acme, host: api.acme.test, models: [one], from: 2026-01-01, input: 1.00,\n"
    "      output: 5.00, cache_read: 0.10, cache_write_5m: 1.25, cache_write_1h: 2.00, batch: 0.5 "
    "}\n"
    "  - { provider: acme, host: api.acme.test, models: [one], from: 2026-06-01, input: 0.50,\n"
    "      output: 2.50 }\n"
    "  - { provider: acme, models: [two], from: 2026-01-01, up_to: 1000, input: 0.10, output: 0.50 "
    "}\n"
    "  - { provider: acme, models: [two], from: 2026-01-01, input: 0.50, output: 2.50 }\n"
    "  - { provider: acme, models: [\"tw*\"], input: 9.00, output: 9.00 }\n"
    "  - { models: [\"*\"], host: localhost, free: true }\n";

static prices *parsed(const char *text) {
  diag *d = diag_new("p.yaml", text, strlen(text));
  prices *p = prices_parse(text, strlen(text), d);
  if (!p) diag_print(d, stderr, false);
  diag_free(d);
  return p;
}

static const char *found(const prices *p, const char *host, const char *model, const char *day) {
  const price *pr = prices_find(p, "acme", host, model, day);
  return pr ? pr->id : "unknown";
}

static void test_find(void) {
  prices *p = parsed(file);
  CU_ASSERT_PTR_NOT_NULL_FATAL(p);
  const char *api = "api.acme.test";
  CU_ASSERT_STRING_EQUAL(found(p, api, "one", "2025-12-31"), "unknown");
  CU_ASSERT_STRING_EQUAL(found(p, api, "one", "2026-01-01"), "acme@api.acme.test/one@2026-01-01");
  CU_ASSERT_STRING_EQUAL(found(p, api, "one", "2026-05-31"), "acme@api.acme.test/one@2026-01-01");
  CU_ASSERT_STRING_EQUAL(found(p, api, "one", "2026-06-01"), "acme@api.acme.test/one@2026-06-01");
  CU_ASSERT_STRING_EQUAL(found(p, api, "one", NULL), "acme@api.acme.test/one@2026-06-01");
  CU_ASSERT_STRING_EQUAL(found(p, "other.test", "one", NULL), "unknown");
  CU_ASSERT_STRING_EQUAL(found(p, NULL, "one", NULL), "unknown");
  CU_ASSERT_STRING_EQUAL(found(p, NULL, "two", NULL), "acme/two@2026-01-01");
  CU_ASSERT_STRING_EQUAL(found(p, NULL, "two", "2025-01-01"), "acme/tw*@0001-01-01");
  CU_ASSERT_STRING_EQUAL(found(p, NULL, "twenty", NULL), "acme/tw*@0001-01-01");
  CU_ASSERT_STRING_EQUAL(found(p, NULL, "two-20260131", NULL), "acme/two@2026-01-01");
  CU_ASSERT_STRING_EQUAL(found(p, NULL, "two-2026-01-31", NULL), "acme/two@2026-01-01");
  CU_ASSERT_STRING_EQUAL(found(p, api, "one-thinking", NULL), "unknown");
  CU_ASSERT_STRING_EQUAL(found(p, api, "", NULL), "unknown");
  const price *local = prices_find(p, "openai", "localhost", "anything", NULL);
  CU_ASSERT_PTR_NOT_NULL_FATAL(local);
  CU_ASSERT_TRUE(local->free);
  CU_ASSERT_EQUAL(price_cost(local, &(price_usage){0}), 0);
  CU_ASSERT_EQUAL(price_upper(local, 1000, 1000, 0), 0);
  prices_free(p);
}

static void test_cost(void) {
  prices *p = parsed(file);
  CU_ASSERT_PTR_NOT_NULL_FATAL(p);
  const price *one = prices_find(p, "acme", "api.acme.test", "one", "2026-02-01");
  price_usage u = {.input = 1000, .output = 100};
  CU_ASSERT_EQUAL(price_cost(one, &u), 1500);
  u.batch = true;
  CU_ASSERT_EQUAL(price_cost(one, &u), 750);
  /* 400 at 1.00, 300 at 0.10, 200 at 1.25, 100 at 2.00, 1 at 5.00: 885 micro-dollars */
  price_usage cached = {
      .input = 1000, .cache_read = 300, .cache_write_5m = 200, .cache_write_1h = 100, .output = 1};
  CU_ASSERT_EQUAL(price_cost(one, &cached), 885);
  CU_ASSERT_EQUAL(price_cost(one, &(price_usage){.cache_read = 1}), 1);
  CU_ASSERT_EQUAL(price_cost(NULL, &u), MONEY_UNKNOWN);
  CU_ASSERT_EQUAL(price_cost(one, &(price_usage){0}), MONEY_UNKNOWN);
  /* nothing it can do costs more than its upper bound */
  CU_ASSERT_EQUAL(price_upper(one, 1000, 100, 0), 1750);
  CU_ASSERT_EQUAL(price_upper(one, 1000, 100, PRICE_CACHES_1H), 2500);
  CU_ASSERT_EQUAL(price_upper(one, 1000, 100, PRICE_BATCH), 875);
  CU_ASSERT_EQUAL(price_upper(NULL, 1000, 100, 0), MONEY_UNKNOWN);
  const price *two = prices_find(p, "acme", NULL, "two", NULL);
  CU_ASSERT_EQUAL(price_cost(two, &(price_usage){.input = 1000, .output = 100}), 150);
  CU_ASSERT_EQUAL(price_cost(two, &(price_usage){.input = 1001, .output = 100}), 751);
  CU_ASSERT_EQUAL(price_upper(two, 1001, 100, 0), 751);
  CU_ASSERT_EQUAL(price_cost(two, &(price_usage){.input = INT64_MAX, .output = INT64_MAX}),
                  MONEY_MAX);
  prices_free(p);
}

/* ---- mistakes ---- */

static void check_findings(const char *text, const char *want) {
  diag *d = diag_new("p.yaml", text, strlen(text));
  prices *p = prices_parse(text, strlen(text), d);
  CU_ASSERT_PTR_NULL(p);
  prices_free(p);
  char *out = NULL;
  size_t size = 0;
  FILE *to = open_memstream(&out, &size);
  diag_print(d, to, false);
  fclose(to);
  g_autoptr(GString) lines = g_string_new(NULL);
  g_auto(GStrv) all = g_strsplit(out, "\n", -1);
  for (char **line = all; *line; line++)
    if (g_str_has_prefix(*line, "p.yaml:")) g_string_append_printf(lines, "%s\n", *line);
  CU_ASSERT_STRING_EQUAL(lines->str, want);
  if (strcmp(lines->str, want) != 0) fprintf(stderr, "got:\n%swanted:\n%s", lines->str, want);
  free(out);
  diag_free(d);
}

#define HEAD "clio: 1\nprices:\n"

static void test_mistakes(void) {
  check_findings("prices: []\n", "p.yaml: error: the form's number is missing; begin the file with "
                                 "'clio: 1'\n");
  check_findings("clio: 2\nprices: 3\nextra: 1\n",
                 "p.yaml:1:7: error: clio wants the form's number, 1, not '2'\n"
                 "p.yaml:2:9: error: prices wants a list, not '3'\n"
                 "p.yaml:3:1: error: a file of prices: unknown key 'extra'; known here: clio, "
                 "prices\n");
  check_findings(HEAD "  - { models: [a], inptu: 1, output: 2 }\n",
                 "p.yaml:3:5: error: a price has no input; write dollars per million tokens, or "
                 "free: true\n"
                 "p.yaml:3:20: error: a price: unknown key 'inptu'; did you mean 'input'?\n");
  check_findings(HEAD "  - { models: [a], input: -1, output: \"2\", from: 2026-02-30, batch: 2 }\n",
                 "p.yaml:3:27: error: input wants dollars per million tokens with at most six "
                 "digits behind the point, such as 0.25, not '-1'\n"
                 "p.yaml:3:39: error: output wants dollars per million tokens with at most six "
                 "digits behind the point, such as 0.25, not \"2\"\n"
                 "p.yaml:3:50: error: from wants the first day of the price, such as 2026-11-24, "
                 "not '2026-02-30'\n"
                 "p.yaml:3:69: error: batch wants the share of the price that a batch costs, 0 to "
                 "1, not '2'\n");
  check_findings(HEAD "  - { models: [a], input: 1, up_to: 10 }\n",
                 "p.yaml:3:16: error: 'a' has no price for questions of more than 10 tokens; add a "
                 "row of the same day without up_to\n");
  check_findings(HEAD
                 "  - { models: [a, a], input: 1 }\n  - { models: [b], free: true, input: 1 }\n"
                 "  - { input: 1 }\n  - 7\n",
                 "p.yaml:3:19: error: 'a' has two prices from 0001-01-01 on, of the same length of "
                 "question; remove one\n"
                 "p.yaml:4:32: error: what is free has no 'input'; remove one of the two\n"
                 "p.yaml:5:5: error: a price has no models; write models: [NAME]\n"
                 "p.yaml:6:5: error: prices: an item wants a map such as { models: [NAME], input: "
                 "1.00 }, not '7'\n");
}

/* ---- the shipped file ---- */

static void check_shipped(const prices *p, const char *provider, const char *host,
                          const char *model, int64_t in, int64_t cost) {
  const price *pr = prices_find(p, provider, host, model, "2026-11-24");
  price_usage u = {.input = in, .output = 100};
  CU_ASSERT_EQUAL(price_cost(pr, &u), cost);
}

static void test_shipped(void) {
  prices *p = NULL;
  diag *d = NULL;
  error e = {0};
  CU_ASSERT_EQUAL_FATAL(prices_read(NULL, &p, &d, &e), CLIO_OK);
  CU_ASSERT_EQUAL(diag_errors(d), 0);
  const char *a = "api.anthropic.com", *o = "api.openai.com";
  check_shipped(p, "anthropic", a, "claude-haiku-4-5-20251001", 1000, 1500);
  check_shipped(p, "anthropic", a, "claude-haiku-5-5", 100000, 10050);
  check_shipped(p, "anthropic", a, "claude-haiku-5-5", 100001, 50251);
  check_shipped(p, "openai", o, "gpt-6-luna", 1000, 150);
  check_shipped(p, "openai", o, "gpt-6-luna", 300000, 60075);
  check_shipped(p, "openai", o, "text-embedding-3-small", 1000, 20);
  check_shipped(p, "ollama", "127.0.0.1", "any:8b", 1000, 0);
  check_shipped(p, "ollama", "far.test", "any:8b", 1000, MONEY_UNKNOWN);
  check_shipped(p, "openai", "localhost", "gpt-6-luna", 1000, MONEY_UNKNOWN);
  check_shipped(p, "anthropic", a, "claude-haiku-9", 1000, MONEY_UNKNOWN);
  CU_ASSERT_EQUAL(strlen(prices_hash(p)), 64);
  diag_free(d);
  prices_free(p);
  CU_ASSERT_EQUAL(prices_read("/nowhere/prices.yaml", &p, &d, &e), CLIO_E_IO);
  CU_ASSERT_PTR_NULL(d);
}

/* ---- a graph's budget ---- */

static graph *graph_of(const char *budget, const char *dir, diag **ret) {
  g_autofree char *text = g_strdup_printf("clio: 1\nmodels: { small: { use: model/x }, own: { use: "
                                          "model/x } }\nbudget: %s\nstages: { a: { use: source/x } "
                                          "}\n",
                                          budget);
  graph *g = NULL;
  error e = {0};
  CU_ASSERT_EQUAL_FATAL(graph_parse("g.yaml", dir, text, strlen(text), NULL, &g, ret, &e), CLIO_OK);
  return g;
}

static void test_limits(void) {
  diag *d = NULL;
  graph *g = graph_of("{ max_cost: 2.50, max_tokens: 7, free: own }", ".", &d);
  CU_ASSERT_EQUAL(graph_budget_limits(g, -1).cost, 2500000);
  CU_ASSERT_EQUAL(graph_budget_limits(g, -1).tokens, 7);
  CU_ASSERT_EQUAL(graph_budget_limits(g, 9000000).cost, 2500000);
  CU_ASSERT_EQUAL(graph_budget_limits(g, 0).cost, 0);
  prices *p = graph_budget_prices(g, d);
  CU_ASSERT_PTR_NOT_NULL_FATAL(p);
  CU_ASSERT_EQUAL(graph_budget_price(g, p, "own", "openai", "any", "x"), &price_nothing);
  CU_ASSERT_PTR_NULL(graph_budget_price(g, p, "small", "openai", "any", "x"));
  CU_ASSERT_PTR_NOT_NULL(
      graph_budget_price(g, p, "small", "openai", "api.openai.com", "gpt-5-mini"));
  CU_ASSERT_EQUAL(diag_errors(d), 0);
  graph_budget_refuse(g, "small", "x", d);
  g_autofree char *said = diag_json(d);
  CU_ASSERT_PTR_NOT_NULL(strstr(said, "\"line\":3,\"column\":21,"));
  CU_ASSERT_PTR_NOT_NULL(strstr(said, "budget.max_cost cannot be held: the price of 'x' (model "
                                      "'small') is not known; give it in a file"));
  prices_free(p);
  graph_free(g);
  diag_free(d);
  g = graph_of("null", ".", &d);
  CU_ASSERT_EQUAL(graph_budget_limits(g, -1).cost, -1);
  CU_ASSERT_EQUAL(graph_budget_limits(g, 5).cost, 5);
  graph_budget_refuse(g, "small", "x", d);
  CU_ASSERT_EQUAL(diag_errors(d), 0);
  graph_free(g);
  diag_free(d);
}

static void check_own_file(const char *text, const char *want) {
  g_autofree char *dir = g_dir_make_tmp("prices-test-XXXXXX", NULL);
  g_autofree char *path = g_build_filename(dir, "mine.yaml", NULL);
  if (text) g_file_set_contents(path, text, -1, NULL);
  diag *d = NULL;
  graph *g = graph_of("{ prices: mine.yaml }", dir, &d);
  prices *p = graph_budget_prices(g, d);
  g_autofree char *said = diag_json(d);
  bool as_wanted = want ? strstr(said, want) != NULL
                        : graph_budget_price(g, p, "small", "openai", "any", "x") != NULL;
  CU_ASSERT_TRUE(as_wanted);
  CU_ASSERT_EQUAL(diag_errors(d), want ? 1 : 0);
  prices_free(p);
  graph_free(g);
  diag_free(d);
  CU_ASSERT_EQUAL(remove_tree(dir, NULL), CLIO_OK);
}

static void test_own_file(void) {
  check_own_file(HEAD "  - { models: [x], input: 1, output: 1 }\n", NULL);
  check_own_file(NULL, "cannot read the prices: ");
  check_own_file(HEAD "  - { models: [x], input: y, free: 3 }\n", "mine.yaml:3:27: error: ");
  check_own_file(HEAD "  - { models: [x], input: y, free: 3 }\n", "(and 1 more in that file)");
}

static const unit_test tests[] = {
    {"money is exact", test_money},           {"money for people", test_format},
    {"the row that counts", test_find},       {"what a request costs", test_cost},
    {"mistakes have a place", test_mistakes}, {"the shipped file", test_shipped},
    {"a graph's budget", test_limits},        {"a file of one's own", test_own_file},
};

int main(void) { return unit_main("prices", tests, G_N_ELEMENTS(tests)); }
