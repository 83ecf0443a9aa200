/* estimate_test.c - the plan's arithmetic: the paper's table by its own prices, what
 * fused questions, a provider's cache and batches save, which limit decides the time,
 * samples to totals, and tokens of texts. */
#include <glib.h>
#include <stdio.h>
#include <string.h>

#include "estimate.h"
#include "unit.h"

static const estimate_limits no_limits = {.concurrency = 1, .seconds = 1};

static estimate_range exactly(int64_t n) { return (estimate_range){n, n}; }

static prices *parsed(const char *rows) {
  g_autofree char *text = g_strconcat("clio: 1\nprices:\n", rows, NULL);
  diag *d = diag_new("p.yaml", text, strlen(text));
  prices *p = prices_parse(text, strlen(text), d);
  CU_ASSERT_PTR_NOT_NULL_FATAL(p);
  diag_free(d);
  return p;
}

/* ---- the paper's table ---- */

/* Clio's appendix: 100,000 conversations of 1,000 tokens with 300 of instruction and 100 of
 * answer; 1,000 clusters named from 1,000 tokens each, 50 of answer; 100 and 10 nodes above
 * them, 18,000 tokens in and 600 out. Dollars by the prices it was written with. */
static void test_paper(void) {
  prices *p = parsed("  - { models: [haiku], input: 0.25, output: 1.25 }\n"
                     "  - { models: [sonnet], input: 3.00, output: 15.00 }\n");
  const price *haiku = prices_find(p, "x", NULL, "haiku", NULL);
  const price *sonnet = prices_find(p, "x", NULL, "sonnet", NULL);
  estimate_load facets = {.calls = 100000, .parts = 1, .text = exactly(100000000), .price = haiku};
  facets.question = exactly(30000000);
  facets.answer = exactly(10000000);
  estimate_load names = {.calls = 1000, .parts = 1, .text = exactly(1000000), .price = sonnet};
  names.answer = exactly(50000);
  estimate_load tree = {.calls = 110, .parts = 1, .text = exactly(18000), .price = sonnet};
  tree.answer = exactly(600);
  const estimate_load *const all[] = {&facets, &names, &tree};
  static const double dollars[] = {45.00, 3.75, 0.06};
  estimate total = {0};
  for (size_t i = 0; i < G_N_ELEMENTS(all); i++) {
    estimate e = estimate_way(all[i], &no_limits, ESTIMATE_FUSED);
    CU_ASSERT_DOUBLE_EQUAL(money_dollars(e.cost.high), dollars[i], dollars[i] * 0.1);
    CU_ASSERT_EQUAL(e.cost.low, e.cost.high);
    estimate_add(&total, &e);
  }
  CU_ASSERT_DOUBLE_EQUAL(money_dollars(total.cost.high), 48.81, 0.01);
  CU_ASSERT_EQUAL(total.calls, 101110);
  CU_ASSERT_EQUAL(total.in.low, 131018000);
  CU_ASSERT_EQUAL(total.out.low, 10050600);
  prices_free(p);
}

/* ---- ways ---- */

static const char anthropic[] =
    "  - { models: [m], input: 1.00, output: 5.00, cache_read: 0.10, cache_write_5m: 1.25,\n"
    "      cache_write_1h: 2.00, batch: 0.5 }\n";

/* Four facets over 1,000 conversations of 2,000 tokens, three quarters of which stand in
 * texts long enough for the cache. */
static void test_ways(void) {
  prices *p = parsed(anthropic);
  estimate_load l = {.calls = 1000, .parts = 4, .text = exactly(2000000)};
  l.cacheable = exactly(1500000);
  l.question = exactly(400000);
  l.answer = exactly(200000);
  l.price = prices_find(p, "x", NULL, "m", NULL);
  estimate separate = estimate_way(&l, &no_limits, 0);
  CU_ASSERT_EQUAL(separate.calls, 4000);
  CU_ASSERT_EQUAL(separate.in.low, 8400000);
  CU_ASSERT_EQUAL(separate.cost.low, 8400000 + 1000000);
  estimate fused = estimate_way(&l, &no_limits, ESTIMATE_FUSED);
  CU_ASSERT_EQUAL(fused.calls, 1000);
  CU_ASSERT_EQUAL(fused.cost.low, 2400000 + 1000000);
  /* written once at 1.25, read three times at 0.10, the short ones asked anew */
  estimate cached = estimate_way(&l, &no_limits, ESTIMATE_CACHED);
  CU_ASSERT_EQUAL(cached.cost.low, 1875000 + 450000 + 4 * 500000 + 400000 + 1000000);
  CU_ASSERT_EQUAL(cached.in.low, separate.in.low);
  estimate both = estimate_way(&l, &no_limits, ESTIMATE_CACHED | ESTIMATE_FUSED);
  CU_ASSERT_EQUAL(both.cost.low, fused.cost.low);
  estimate batch = estimate_way(&l, &no_limits, ESTIMATE_FUSED | ESTIMATE_BATCH);
  CU_ASSERT_EQUAL(batch.cost.low, fused.cost.low / 2);
  CU_ASSERT_DOUBLE_EQUAL(batch.seconds_high, 86400, 0);
  l.price = NULL;
  estimate total = {0}, unknown = estimate_way(&l, &no_limits, ESTIMATE_FUSED);
  CU_ASSERT_EQUAL(unknown.cost.high, MONEY_UNKNOWN);
  estimate_add(&total, &fused);
  estimate_add(&total, &unknown);
  estimate_add(&total, &fused);
  CU_ASSERT_EQUAL(total.cost.low, MONEY_UNKNOWN);
  CU_ASSERT_EQUAL(total.in.low, 3 * fused.in.low);
  prices_free(p);
}

/* The band is that of one call, not of all of them together. */
static void test_bands(void) {
  prices *p = parsed("  - { models: [m], up_to: 1000, input: 1.00, output: 0 }\n"
                     "  - { models: [m], input: 9.00, output: 0 }\n");
  estimate_load l = {.calls = 1000, .parts = 2, .text = exactly(900000)};
  l.question = exactly(200000);
  l.price = prices_find(p, "x", NULL, "m", NULL);
  CU_ASSERT_EQUAL(estimate_way(&l, &no_limits, 0).cost.low, 2000000);
  CU_ASSERT_EQUAL(estimate_way(&l, &no_limits, ESTIMATE_FUSED).cost.low, 9900000);
  prices_free(p);
}

static double seconds(const estimate_limits *m) {
  estimate_load l = {.calls = 1200, .parts = 1, .text = exactly(600000), .answer = exactly(60000)};
  return estimate_way(&l, m, ESTIMATE_FUSED).seconds_high;
}

static void test_time(void) {
  CU_ASSERT_DOUBLE_EQUAL(seconds(&(estimate_limits){.concurrency = 8, .seconds = 2}), 300, 1e-9);
  CU_ASSERT_DOUBLE_EQUAL(
      seconds(&(estimate_limits){.concurrency = 64, .seconds = 2, .requests = 60}), 1200, 1e-9);
  CU_ASSERT_DOUBLE_EQUAL(
      seconds(&(estimate_limits){.concurrency = 64, .seconds = 2, .in_tokens = 50000}), 720, 1e-9);
  CU_ASSERT_DOUBLE_EQUAL(
      seconds(&(estimate_limits){.concurrency = 64, .seconds = 2, .out_tokens = 8000}), 450, 1e-9);
  CU_ASSERT_DOUBLE_EQUAL(seconds(&(estimate_limits){.concurrency = 100000, .seconds = 2}), 2, 1e-9);
  estimate_load none = {.parts = 1};
  CU_ASSERT_DOUBLE_EQUAL(estimate_way(&none, &no_limits, 0).seconds_high, 0, 0);
}

/* ---- samples and tokens ---- */

static void test_scale(void) {
  int64_t tokens[200];
  for (int i = 0; i < 200; i++) tokens[i] = 500 + (i % 2 ? 100 : -100);
  estimate_range all = estimate_scale(tokens, 200, 200, 0);
  CU_ASSERT_EQUAL(all.low, 100000);
  CU_ASSERT_EQUAL(all.high, 100000);
  estimate_range more = estimate_scale(tokens, 200, 1000000, 0);
  CU_ASSERT_TRUE(more.low > 480000000 && more.low < 490000000);
  CU_ASSERT_TRUE(more.high > 510000000 && more.high < 520000000);
  estimate_range doubted = estimate_scale(tokens, 200, 200, 10);
  CU_ASSERT_EQUAL(doubted.low, 90000);
  CU_ASSERT_EQUAL(doubted.high, 110000);
  CU_ASSERT_EQUAL(estimate_scale(tokens, 0, 100, 10).high, 0);
  estimate_range one = estimate_scale(tokens, 1, 10, 0);
  CU_ASSERT_TRUE(one.low == 0 && one.high == 12000);
}

static void check_tokens(const char *text, int64_t wanted) {
  int64_t got = estimate_tokens(text, (int64_t)strlen(text));
  bool near = got * 100 >= wanted * 75 && got * 100 <= wanted * 125;
  CU_ASSERT_TRUE(near);
  if (!near) fprintf(stderr, "%s: %d, wanted %d\n", text, (int)got, (int)wanted);
}

/* Single sentences, so within a quarter of what gpt-tokenizer 4.0.0 (o200k)
 * counts. */
static void test_tokens(void) {
  CU_ASSERT_EQUAL(estimate_tokens("", 0), 0);
  CU_ASSERT_TRUE(estimate_tokens("\xff\xfe", 2) > 0);
  CU_ASSERT_TRUE(estimate_tokens("caf\xc3", 4) > 0);
  check_tokens("I would like to plan a week in the mountains with my family. Which trails are fit "
               "for children of six and nine, and where could we sleep?",
               31);
  check_tokens("Ich möchte eine Woche mit meiner Familie in den Bergen verbringen. Welche Wege "
               "eignen sich für Kinder, und wo könnten wir übernachten?",
               26);
  check_tokens("Je voudrais passer une semaine à la montagne avec ma famille. Quels sentiers "
               "conviennent aux enfants, et où pourrions-nous dormir ?",
               28);
  check_tokens("Я хотел бы провести неделю в горах с семьёй.", 12);
  check_tokens("家族と一週間、山で過ごしたいです。", 14);
  check_tokens("我想和家人在山里度过一周。", 12);
  check_tokens("أود أن أقضي أسبوعا في الجبال.", 11);
}

static const unit_test tests[] = {
    {"the paper's table", test_paper},     {"ways to ask", test_ways},
    {"bands are of one call", test_bands}, {"which limit decides", test_time},
    {"samples to totals", test_scale},     {"tokens of texts", test_tokens},
};

int main(void) { return unit_main("estimate", tests, G_N_ELEMENTS(tests)); }
