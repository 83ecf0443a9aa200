/* ledger_test.c - a question is asked once: answers come back as they were settled, in
 * this run and the next, and two threads never ask the same; keys are of all that was
 * asked; money is reserved before it is spent. Death and damage are
 * ledger_crash_test.c's. */
#include <sys/stat.h>

#include "ledger_fixture.h"

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

/* Nothing that was asked may be read back from the disk, nor guessed. */
static void test_no_question_is_kept(void) {
  begin();
  ledger *l = opened(no_budget);
  uint64_t last = 0;
  for (int n = 0; n < 20; n++) last = answer(l, n);
  wait_for(l, last);
  static const char *const ends[] = {"", "-wal"};
  int answers = 0;
  for (size_t i = 0; i < G_N_ELEMENTS(ends); i++) {
    g_autofree char *path = g_strdup_printf("%s/private/ledger.db%s", folder, ends[i]);
    g_autofree char *bytes = NULL;
    gsize length = 0;
    CU_ASSERT_TRUE_FATAL(g_file_get_contents(path, &bytes, &length, NULL));
    CU_ASSERT_PTR_NULL(memmem(bytes, length, "question 1", 10));
    answers += memmem(bytes, length, "answer 1", 8) != NULL;
  }
  CU_ASSERT_TRUE(answers > 0);
  closed(l);
  end();
}

/* ---- keys ---- */

static bool same(ledger_key a, ledger_key b) { return memcmp(&a, &b, sizeof a) == 0; }

static void test_keys(void) {
  ledger_secret secret = ledger_secret_of(project), other = ledger_secret_of((rng_key){1, 3});
  clio_llm_job jobs[] = {
      {.prompt = "ab", .system = "c", .max_tokens = 5},
      {.prompt = "a", .system = "bc", .max_tokens = 5},
      {.prompt = "ab", .system = "c", .prefill = "", .max_tokens = 5},
      {.prompt = "ab", .system = "c", .schema = "", .max_tokens = 5},
      {.prompt = "ab", .system = "c", .max_tokens = 6},
      {.prompt = "ab", .system = "c", .max_tokens = 5, .temperature = 0.1},
      {.prompt = "ab", .system = "c", .max_tokens = 5, .temperature = -1},
      {.prompt = "ab", .max_tokens = 5},
      {.prompt = "ab", .system = "", .max_tokens = 5},
  };
  ledger_key keys[G_N_ELEMENTS(jobs) + 4];
  size_t n = G_N_ELEMENTS(jobs);
  for (size_t i = 0; i < n; i++) keys[i] = ledger_key_chat(&secret, "model/a", "{}", &jobs[i]);
  keys[n++] = ledger_key_chat(&secret, "model/a{", "}", &jobs[0]);
  keys[n++] = ledger_key_chat(&other, "model/a", "{}", &jobs[0]);
  keys[n++] = ledger_key_embed(&secret, "model/a", "{}", "ab", 2, 5);
  keys[n++] = ledger_key_embed(&secret, "model/a", "{}", "ab", 2, 6);
  for (size_t i = 0; i < n; i++)
    for (size_t j = 0; j < i; j++) CU_ASSERT_FALSE(same(keys[i], keys[j]));
  jobs[0].shared = 1;
  jobs[0].temperature = -0.0;
  CU_ASSERT_TRUE(same(keys[0], ledger_key_chat(&secret, "model/a", "{}", &jobs[0])));
  jobs[6].temperature = -7;
  CU_ASSERT_TRUE(same(keys[6], ledger_key_chat(&secret, "model/a", "{}", &jobs[6])));
}

/* Against GLib's HMAC. */
static void test_hmac(void) {
  rng_key mine = rng_derive(project, "ledger");
  ledger_secret secret = ledger_secret_of(project);
  uint8_t key[16], text[300];
  for (int i = 0; i < 8; i++) {
    key[i] = (uint8_t)(mine.k0 >> 8 * i);
    key[i + 8] = (uint8_t)(mine.k1 >> 8 * i);
  }
  for (size_t i = 0; i < sizeof text; i++) text[i] = (uint8_t)(i * 7);
  for (size_t length = 0; length < sizeof text; length += 13) {
    uint8_t digest[SHA256_BYTES];
    gsize size = sizeof digest;
    GHmac *hmac = g_hmac_new(G_CHECKSUM_SHA256, key, sizeof key);
    g_hmac_update(hmac, text, (gssize)length);
    g_hmac_get_digest(hmac, digest, &size);
    g_hmac_unref(hmac);
    ledger_key got = ledger_hmac(&secret, text, length);
    CU_ASSERT_EQUAL(memcmp(got.bytes, digest, sizeof digest), 0);
  }
}

/* ---- money ---- */

static ledger_verdict try_reserve(ledger *l, int n, int64_t upper, int64_t *ret_id) {
  ledger_key key = key_of(l, n);
  uint64_t ticket;
  return ledger_reserve(l, 0, &key, 1, upper, 0, upper, ret_id, &ticket);
}

static void finish(ledger *l, int64_t id, ledger_fate fate) {
  ledger_end(l, id, &(ledger_report){.fate = fate, .outcome = CLIO_OUT_TRANSIENT, .why = "test"});
}

static void check_account(ledger *l, int64_t low, int64_t high, int64_t reserved) {
  ledger_summary s;
  ledger_summarize(l, &s);
  CU_ASSERT_EQUAL(s.account_low, low);
  CU_ASSERT_EQUAL(s.account_high, high);
  CU_ASSERT_EQUAL(s.reserved, reserved);
  ledger_summary_clear(&s);
}

static void test_budget(void) {
  begin();
  ledger *l = opened((ledger_budget){1000, -1});
  int64_t a, b, c;
  CU_ASSERT_EQUAL(try_reserve(l, 1, 1001, &a), LEDGER_STOP);
  CU_ASSERT_EQUAL(try_reserve(l, 1, 600, &a), LEDGER_GO);
  CU_ASSERT_EQUAL(try_reserve(l, 2, 600, &b), LEDGER_WAIT);
  CU_ASSERT_EQUAL(try_reserve(l, 2, 400, &b), LEDGER_GO);
  CU_ASSERT_EQUAL(try_reserve(l, 3, 1, &c), LEDGER_WAIT);
  check_account(l, 0, 0, 1000);
  pay(l, a, 90, 10);
  finish(l, b, LEDGER_FREED);
  check_account(l, 100, 100, 0);
  CU_ASSERT_EQUAL(try_reserve(l, 2, 600, &b), LEDGER_GO);
  finish(l, b, LEDGER_LOST);
  check_account(l, 100, 700, 0);
  CU_ASSERT_EQUAL(try_reserve(l, 3, 301, &c), LEDGER_STOP);
  CU_ASSERT_EQUAL(try_reserve(l, 3, 300, &c), LEDGER_GO);
  closed(l); /* as if it had died: the third attempt stays open */
  l = opened((ledger_budget){1000, -1});
  check_account(l, 100, 1000, 0);
  CU_ASSERT_EQUAL(try_reserve(l, 3, 1, &c), LEDGER_STOP);
  CU_ASSERT_EQUAL(try_reserve(l, 3, 0, &c), LEDGER_GO);
  finish(l, c, LEDGER_FREED);
  ledger_done(l);
  closed(l);
  l = opened((ledger_budget){1000, -1});
  check_account(l, 0, 0, 0);
  closed(l);
  end();
}

static void test_tokens(void) {
  begin();
  ledger *l = opened((ledger_budget){-1, 1000});
  int64_t a, b;
  CU_ASSERT_EQUAL(try_reserve(l, 1, 900, &a), LEDGER_GO);
  CU_ASSERT_EQUAL(try_reserve(l, 2, 900, &b), LEDGER_WAIT);
  pay(l, a, 50, 50);
  CU_ASSERT_EQUAL(try_reserve(l, 2, 901, &b), LEDGER_STOP);
  CU_ASSERT_EQUAL(try_reserve(l, 2, 900, &b), LEDGER_GO);
  closed(l);
  end();
}

/* A provider that says nothing of what it counted, and numbers that nobody believes. */
static void test_odd_usage(void) {
  begin();
  ledger *l = opened(no_budget);
  ledger_key one = key_of(l, 1), two = key_of(l, 2), three = key_of(l, 3);
  pay(l, attempt(l, &one, 100, 20), 0, 0);
  check_account(l, 0, 120, 0);
  pay(l, attempt(l, &two, 100, 20), -5, INT64_MAX);
  check_account(l, 1000000000, 1000000120, 0);
  int64_t id;
  uint64_t ticket;
  ledger_reserve(l, 0, &three, 1, 10, 10, MONEY_UNKNOWN, &id, &ticket);
  ledger_report unpriced = {.fate = LEDGER_PAID, .usage = {.input = 7, .output = 3}};
  ledger_end(l, id, &unpriced);
  ledger_summary s;
  ledger_summarize(l, &s);
  CU_ASSERT_EQUAL(s.all.unpriced, 10);
  CU_ASSERT_EQUAL(s.all.low, 1000000000);
  CU_ASSERT_EQUAL(s.all.high, 1000000120);
  CU_ASSERT_EQUAL(s.all.attempts, 3);
  ledger_summary_clear(&s);
  closed(l);
  end();
}

/* One request for several texts: each has its share, and no token gets lost. */
static void test_shares(void) {
  begin();
  ledger *l = opened(no_budget);
  ledger_key keys[3];
  ledger_answer got;
  for (int i = 0; i < 3; i++) {
    keys[i] = key_of(l, i);
    CU_ASSERT_EQUAL(ledger_claim(l, 0, &keys[i], &got), LEDGER_MINE);
  }
  int64_t id, cost = 0, input = 0;
  uint64_t ticket;
  ledger_reserve(l, 0, keys, 3, 1000, 0, 1000, &id, &ticket);
  pay(l, id, 100, 0);
  float one = 1;
  for (int i = 0; i < 3; i++)
    ticket = ledger_settle(l, &keys[i], &(ledger_answer){.dim = 1, .vector = &one});
  wait_for(l, ticket);
  for (int i = 0; i < 3; i++) {
    CU_ASSERT_EQUAL(ledger_claim(l, 0, &keys[i], &got), LEDGER_ANSWERED);
    cost += got.cost;
    input += got.usage.input;
    ledger_answer_clear(&got);
  }
  CU_ASSERT_EQUAL(cost, 100);
  CU_ASSERT_EQUAL(input, 100);
  closed(l);
  end();
}

/* A repair is one more attempt: its cost belongs to the answer too. */
static void test_repairs(void) {
  begin();
  ledger *l = opened(no_budget);
  ledger_key key = key_of(l, 1);
  ledger_answer got, a = {.text = (char *)"good", .length = 4};
  ledger_claim(l, 0, &key, &got);
  pay(l, attempt(l, &key, 100, 20), 90, 10);
  finish(l, attempt(l, &key, 100, 20), LEDGER_LOST);
  pay(l, attempt(l, &key, 150, 20), 130, 10);
  wait_for(l, ledger_settle(l, &key, &a));
  CU_ASSERT_EQUAL(ledger_claim(l, 0, &key, &got), LEDGER_ANSWERED);
  CU_ASSERT_EQUAL(got.cost, 240);
  CU_ASSERT_EQUAL(got.usage.input, 220);
  ledger_answer_clear(&got);
  ledger_summary s;
  ledger_summarize(l, &s);
  CU_ASSERT_EQUAL(s.all.attempts, 3);
  CU_ASSERT_EQUAL(s.all.lost, 1);
  CU_ASSERT_EQUAL(s.all.low, 240);
  CU_ASSERT_EQUAL(s.all.high, 360);
  g_autofree char *line = ledger_summary_line(&s);
  CU_ASSERT_STRING_EQUAL(line, "1 asked, 1 from the ledger, 240 tokens, $0.0002-$0.0004");
  ledger_summary_clear(&s);
  closed(l);
  ledger_worth w = ledger_worth_of(folder);
  CU_ASSERT_TRUE(w.known);
  CU_ASSERT_EQUAL(w.answers, 1);
  CU_ASSERT_EQUAL(w.cost, 240);
  end();
}

/* ---- threads ---- */

enum { THREADS = 6, SHARED_KEYS = 300 };

typedef struct crowd {
  ledger *l;
  gint asked[SHARED_KEYS];
  gint wrong;
} crowd;

/* Asks what is its own first, then waits for the others'. */
static void *one_of_many(void *data) {
  crowd *c = data;
  bool busy[SHARED_KEYS] = {false};
  for (int n = 0; n < SHARED_KEYS; n++) {
    ledger_key key = key_of(c->l, n);
    ledger_answer got;
    ledger_claimed how = ledger_claim(c->l, 0, &key, &got);
    busy[n] = how == LEDGER_BUSY;
    ledger_answer_clear(&got);
    if (how != LEDGER_MINE) continue;
    g_atomic_int_inc(&c->asked[n]);
    int64_t id;
    uint64_t ticket;
    ledger_reserve(c->l, 0, &key, 1, 10, 10, 20, &id, &ticket);
    pay(c->l, id, 10, 10);
    g_autofree char *text = g_strdup_printf("answer %d", n);
    ledger_answer a = {.text = text, .length = (int64_t)strlen(text)};
    if (ledger_wait(c->l, ledger_settle(c->l, &key, &a), NULL) != CLIO_OK)
      g_atomic_int_inc(&c->wrong);
  }
  for (int n = 0; n < SHARED_KEYS; n++) {
    if (!busy[n]) continue;
    ledger_key key = key_of(c->l, n);
    ledger_answer got;
    g_autofree char *text = g_strdup_printf("answer %d", n);
    if (ledger_await(c->l, 0, &key, &got) != LEDGER_ANSWERED || strcmp(got.text, text) != 0)
      g_atomic_int_inc(&c->wrong);
    ledger_answer_clear(&got);
  }
  return NULL;
}

static void test_threads(void) {
  begin();
  crowd c = {.l = opened(no_budget)};
  GThread *threads[THREADS];
  for (int i = 0; i < THREADS; i++) threads[i] = g_thread_new("asks", one_of_many, &c);
  for (int i = 0; i < THREADS; i++) g_thread_join(threads[i]);
  CU_ASSERT_EQUAL(c.wrong, 0);
  for (int n = 0; n < SHARED_KEYS; n++) CU_ASSERT_EQUAL(c.asked[n], 1);
  ledger_summary s;
  ledger_summarize(c.l, &s);
  CU_ASSERT_EQUAL(s.all.answered, SHARED_KEYS);
  CU_ASSERT_EQUAL(s.all.cached, SHARED_KEYS * (THREADS - 1));
  CU_ASSERT_EQUAL(s.all.low, SHARED_KEYS * 20);
  CU_ASSERT_EQUAL(s.reserved, 0);
  ledger_summary_clear(&s);
  closed(c.l);
  end();
}

static void *release_later(void *data) {
  ledger *l = data;
  ledger_key key = key_of(l, 1);
  g_usleep(20000);
  ledger_release(l, &key);
  return NULL;
}

static void test_release(void) {
  begin();
  ledger *l = opened(no_budget);
  ledger_key key = key_of(l, 1);
  ledger_answer got;
  CU_ASSERT_EQUAL(ledger_claim(l, 0, &key, &got), LEDGER_MINE);
  CU_ASSERT_EQUAL(ledger_claim(l, 0, &key, &got), LEDGER_BUSY);
  GThread *thread = g_thread_new("releases", release_later, l);
  CU_ASSERT_EQUAL(ledger_await(l, 0, &key, &got), LEDGER_MINE);
  g_thread_join(thread);
  closed(l);
  end();
}

static const unit_test tests[] = {
    {"answers come back, now and in the next run", test_answers},
    {"refusals, vectors and empty answers", test_kinds},
    {"no question is kept", test_no_question_is_kept},
    {"keys are of all parts and nothing else", test_keys},
    {"keys are HMAC-SHA256", test_hmac},
    {"money is reserved before it is spent", test_budget},
    {"a budget of tokens", test_tokens},
    {"usage that is missing or absurd", test_odd_usage},
    {"several questions in one request", test_shares},
    {"repairs and lost attempts", test_repairs},
    {"threads never ask the same", test_threads},
    {"a claim given back", test_release},
};

int main(void) { return unit_main("ledger", tests, G_N_ELEMENTS(tests)); }
