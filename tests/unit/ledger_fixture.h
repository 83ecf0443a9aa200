/* ledger_fixture.h - what the tests of the ledger share: a folder, a price of a
 * micro-dollar per token, questions by number with answers that follow from them. */
#ifndef CLIO_TESTS_LEDGER_FIXTURE_H
#define CLIO_TESTS_LEDGER_FIXTURE_H
#include <glib.h>
#include <string.h>

#include "ledger.h"
#include "ledger_summary.h"
#include "unit.h"
#include "util.h"

static const rng_key project = {.k0 = 1, .k1 = 2};
static const ledger_budget no_budget = {-1, -1};
static char *folder; /* that holds private/ */
static price_band one_dollar = {
    .up_to = INT64_MAX, .input = 1000000, .output = 1000000, .batch = 1000};
static price dollar = {.id = (char *)"test/dollar@2026-01-01", .count = 1, .bands = &one_dollar};

static inline void begin(void) {
  error e = {0};
  g_free(folder);
  folder = g_dir_make_tmp("ledger-test-XXXXXX", NULL);
  g_autofree char *private = g_build_filename(folder, "private", NULL);
  CU_ASSERT_EQUAL_FATAL(make_dir(private, 0700, &e), CLIO_OK);
}

static inline void end(void) { CU_ASSERT_EQUAL(remove_tree(folder, NULL), CLIO_OK); }

static inline ledger *opened(ledger_budget budget) {
  error e = {0};
  ledger *l = NULL;
  clio_status s = ledger_open(folder, project, budget, &l, &e);
  if (s != CLIO_OK) fprintf(stderr, "%s\n", e.text);
  CU_ASSERT_EQUAL_FATAL(s, CLIO_OK);
  ledger_add_role(l, "small", "test-1");
  return l;
}

static inline void closed(ledger *l) {
  error e = {0};
  CU_ASSERT_EQUAL(ledger_close(l, &e), CLIO_OK);
}

static inline ledger_key key_of(const ledger *l, int n) {
  g_autofree char *text = g_strdup_printf("question %d", n);
  clio_llm_job job = {.prompt = text, .max_tokens = 10, .temperature = 0.2};
  return ledger_key_chat(ledger_secret_in(l), "model/test", "{}", &job);
}

/* Reserves one attempt at a question; in + out tokens cost a micro-dollar each. */
static inline int64_t attempt(ledger *l, const ledger_key *key, int64_t in, int64_t out) {
  int64_t id = 0;
  uint64_t ticket = 0;
  ledger_verdict v = ledger_reserve(l, 0, key, 1, in, out, in + out, &id, &ticket);
  CU_ASSERT_EQUAL_FATAL(v, LEDGER_GO);
  return id;
}

static inline uint64_t pay(ledger *l, int64_t id, int64_t in, int64_t out) {
  ledger_report r = {.fate = LEDGER_PAID, .http_status = 200, .request_id = "r-1"};
  r.usage = (price_usage){.input = in, .output = out};
  r.price = &dollar;
  return ledger_end(l, id, &r);
}

/* Asks, pays and settles question n with an answer that follows from n. */
static inline uint64_t answer(ledger *l, int n) {
  ledger_key key = key_of(l, n);
  ledger_answer got;
  CU_ASSERT_EQUAL(ledger_claim(l, 0, &key, &got), LEDGER_MINE);
  pay(l, attempt(l, &key, 100, 20), 90, 10);
  g_autofree char *text = g_strdup_printf("answer %d", n);
  ledger_answer a = {.outcome = CLIO_OUT_OK, .text = text, .length = (int64_t)strlen(text)};
  return ledger_settle(l, &key, &a);
}

static inline void check_answer(ledger *l, int n) {
  ledger_key key = key_of(l, n);
  ledger_answer got;
  g_autofree char *text = g_strdup_printf("answer %d", n);
  CU_ASSERT_EQUAL_FATAL(ledger_claim(l, 0, &key, &got), LEDGER_ANSWERED);
  CU_ASSERT_STRING_EQUAL(got.text, text);
  CU_ASSERT_EQUAL(got.length, (int64_t)strlen(text));
  CU_ASSERT_EQUAL(got.usage.input, 90);
  CU_ASSERT_EQUAL(got.cost, 100);
  ledger_answer_clear(&got);
}

static inline void wait_for(ledger *l, uint64_t ticket) {
  error e = {0};
  CU_ASSERT_EQUAL(ledger_wait(l, ticket, &e), CLIO_OK);
  CU_ASSERT_TRUE(ledger_durable(l) >= ticket);
}
#endif
