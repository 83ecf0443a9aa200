/* ledger_test.c - a question is asked once: answers come back as they were settled, in
 * this run and the next, and two threads never ask the same; money is reserved before
 * it is spent; what a dead process left open is unknown, not forgotten; a disk that is
 * full ends it with everything before intact. */
#include <glib.h>
#include <glib/gstdio.h>
#include <signal.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "ledger.h"
#include "ledger_summary.h"
#include "unit.h"
#include "util.h"

static const rng_key project = {.k0 = 1, .k1 = 2};
static const ledger_budget no_budget = {-1, -1};
static char *folder;
static price_band one_dollar = {
    .up_to = INT64_MAX, .input = 1000000, .output = 1000000, .batch = 1000};
static price dollar = {.id = (char *)"test/dollar@2026-01-01", .count = 1, .bands = &one_dollar};

static void begin(void) {
  error e = {0};
  g_free(folder);
  folder = g_dir_make_tmp("ledger-test-XXXXXX", NULL);
  g_autofree char *private = g_build_filename(folder, "private", NULL);
  CU_ASSERT_EQUAL_FATAL(make_dir(private, 0700, &e), CLIO_OK);
}

static void end(void) { CU_ASSERT_EQUAL(remove_tree(folder, NULL), CLIO_OK); }

static ledger *opened(ledger_budget budget) {
  error e = {0};
  ledger *l = NULL;
  clio_status s = ledger_open(folder, project, budget, &l, &e);
  if (s != CLIO_OK) fprintf(stderr, "%s\n", e.text);
  CU_ASSERT_EQUAL_FATAL(s, CLIO_OK);
  ledger_add_role(l, "small", "test-1");
  return l;
}

static void closed(ledger *l) {
  error e = {0};
  CU_ASSERT_EQUAL(ledger_close(l, &e), CLIO_OK);
}

static ledger_key key_of(const ledger *l, int n) {
  g_autofree char *text = g_strdup_printf("question %d", n);
  clio_llm_job job = {.prompt = text, .max_tokens = 10, .temperature = 0.2};
  return ledger_key_chat(ledger_secret_in(l), "model/test", "{}", &job);
}

/* Reserves one attempt at a question; in + out tokens cost a micro-dollar each. */
static int64_t attempt(ledger *l, const ledger_key *key, int64_t in, int64_t out) {
  int64_t id = 0;
  uint64_t ticket = 0;
  ledger_verdict v = ledger_reserve(l, 0, key, 1, in, out, in + out, &id, &ticket);
  CU_ASSERT_EQUAL_FATAL(v, LEDGER_GO);
  return id;
}

static uint64_t pay(ledger *l, int64_t id, int64_t in, int64_t out) {
  ledger_report r = {.fate = LEDGER_PAID, .http_status = 200, .request_id = "r-1"};
  r.usage = (price_usage){.input = in, .output = out};
  r.price = &dollar;
  return ledger_end(l, id, &r);
}

/* Asks, pays and settles question n with an answer that follows from n. */
static uint64_t answer(ledger *l, int n) {
  ledger_key key = key_of(l, n);
  ledger_answer got;
  CU_ASSERT_EQUAL(ledger_claim(l, 0, &key, &got), LEDGER_MINE);
  pay(l, attempt(l, &key, 100, 20), 90, 10);
  g_autofree char *text = g_strdup_printf("answer %d", n);
  ledger_answer a = {.outcome = CLIO_OUT_OK, .text = text, .length = (int64_t)strlen(text)};
  return ledger_settle(l, &key, &a);
}

static void check_answer(ledger *l, int n) {
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

static void wait_for(ledger *l, uint64_t ticket) {
  error e = {0};
  CU_ASSERT_EQUAL(ledger_wait(l, ticket, &e), CLIO_OK);
  CU_ASSERT_TRUE(ledger_durable(l) >= ticket);
}

/* ---- answers ---- */

static void test_answers(void) {
  begin();
  ledger *l = opened(no_budget);
  uint64_t last = 0;
  for (int n = 0; n < 50; n++) last = answer(l, n);
  wait_for(l, last);
  for (int n = 0; n < 50; n++) check_answer(l, n);
  closed(l);
  l = opened(no_budget);
  for (int n = 0; n < 50; n++) check_answer(l, n);
  ledger_key key = key_of(l, 99);
  ledger_answer got;
  CU_ASSERT_FALSE(ledger_find(l, &key, &got));
  ledger_summary s;
  ledger_summarize(l, &s);
  CU_ASSERT_EQUAL(s.all.cached, 50);
  CU_ASSERT_EQUAL(s.all.answered, 0);
  CU_ASSERT_EQUAL(s.all.low, 0);
  CU_ASSERT_EQUAL(s.all.reused_cost, 5000);
  CU_ASSERT_EQUAL(s.account_low, 5000);
  ledger_summary_clear(&s);
  closed(l);
  struct stat st;
  g_autofree char *path = g_build_filename(folder, "private", "ledger.db", NULL);
  CU_ASSERT_EQUAL(stat(path, &st), 0);
  CU_ASSERT_EQUAL(st.st_mode & 0777, 0600);
  end();
}

static void test_kinds(void) {
  begin();
  ledger *l = opened(no_budget);
  static const float floats[] = {0.5f, -1.0f, 3e30f};
  ledger_key refused = key_of(l, 1), vector = key_of(l, 2), empty = key_of(l, 3);
  ledger_answer got, none = {.outcome = CLIO_OUT_REFUSAL}, void_text = {.text = (char *)""};
  ledger_answer three = {.dim = 3, .vector = (float *)floats};
  ledger_claim(l, 0, &refused, &got);
  ledger_claim(l, 0, &vector, &got);
  ledger_claim(l, 0, &empty, &got);
  ledger_settle(l, &refused, &none);
  ledger_settle(l, &empty, &void_text);
  wait_for(l, ledger_settle(l, &vector, &three));
  closed(l);
  l = opened(no_budget);
  CU_ASSERT_EQUAL(ledger_claim(l, 0, &refused, &got), LEDGER_ANSWERED);
  CU_ASSERT_EQUAL(got.outcome, CLIO_OUT_REFUSAL);
  CU_ASSERT_PTR_NULL(got.text);
  ledger_answer_clear(&got);
  CU_ASSERT_EQUAL(ledger_claim(l, 0, &empty, &got), LEDGER_ANSWERED);
  CU_ASSERT_PTR_NOT_NULL_FATAL(got.text);
  CU_ASSERT_STRING_EQUAL(got.text, "");
  ledger_answer_clear(&got);
  CU_ASSERT_EQUAL(ledger_claim(l, 0, &vector, &got), LEDGER_ANSWERED);
  CU_ASSERT_EQUAL_FATAL(got.dim, 3);
  CU_ASSERT_EQUAL(memcmp(got.vector, floats, sizeof floats), 0);
  ledger_answer_clear(&got);
  closed(l);
  end();
}

static const unit_test tests[] = {
    {"answers come back, now and in the next run", test_answers},
    {"refusals, vectors and empty answers", test_kinds},
};

int main(void) { return unit_main("ledger", tests, G_N_ELEMENTS(tests)); }
