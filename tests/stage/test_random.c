/* test_random.c - sampler/random: sizes, both strategies, cap, repeats, and that
 * neither batches nor the order of rows change what is drawn. */
#include <stdlib.h>

#include "check.h"
#include "clio_test.h"
#include "repeats.h"

extern const clio_plugin clio_plugin_v0_sampler_random;

enum { ROWS = 2000, ROOM = ROWS * 100 };

/* `backwards`: the same rows in the opposite order. */
static clio_test *open_random(int backwards) {
  char *json = malloc(ROOM);
  size_t at = 0;
  if (!json) exit(1);
  json[at++] = '[';
  for (int k = 0; k < ROWS; k++) {
    int i = backwards ? ROWS - 1 - k : k;
    at += (size_t)snprintf(json + at, ROOM - at,
                           "%s{\"n\":%d,\"account\":%d,\"time\":%d,\"outputs\":%d,\"simhash\":%d}",
                           k ? "," : "", i, i % 100, i * 1000, i % 5, i * 7919);
  }
  snprintf(json + at, ROOM - at, "]");
  clio_test *t = clio_test_open(clio_plugin_v0_sampler_random.stages[0]);
  clio_test_rows(t, "conversations", "n:i64 account:i64? time:time? outputs:i64 simhash:i64", json);
  free(json);
  return t;
}

/* The numbers drawn, as a set of ROWS bytes; returns how many. */
static int drawn(clio_test *t, char set[ROWS]) {
  const clio_host *h = clio_test_host();
  clio_view n = {0};
  CHECK_RUN(t);
  const clio_table *out = clio_test_out(t, "sample");
  memset(set, 0, ROWS);
  if (!out || h->view(out, h->find(out, "n"), &n, sizeof n) != CLIO_OK) return -1;
  for (uint64_t i = 0; i < n.rows; i++) set[((const int64_t *)n.data)[i]] = 1;
  return (int)n.rows;
}

static void test_size(void) {
  static char a[ROWS], b[ROWS];
  clio_test *t = open_random(0), *back = open_random(1);
  CHECK(drawn(t, a) == ROWS);
  clio_test_param(t, "size", "500");
  clio_test_param(back, "size", "500");
  CHECK(drawn(t, a) == 500);
  CHECK(drawn(back, b) == 500);
  CHECK(memcmp(a, b, ROWS) == 0);
  clio_test_seed(t, 2);
  CHECK(drawn(t, b) == 500);
  CHECK(memcmp(a, b, ROWS) != 0);
  clio_test_param(t, "size", "5000");
  CHECK(drawn(t, a) == ROWS);
  int low = 0;
  clio_test_param(t, "size", "1000");
  CHECK(drawn(t, a) == 1000);
  for (int i = 0; i < ROWS / 2; i++) low += a[i];
  CHECK(low > 430 && low < 570); /* 3 sigma of a fair draw is 47 */
  clio_test_close(t);
  clio_test_close(back);
}

static void test_cap(void) {
  static char set[ROWS];
  clio_test *t = open_random(0);
  int of[100] = {0};
  clio_test_param(t, "account_cap", "3");
  CHECK(drawn(t, set) == 300);
  for (int i = 0; i < ROWS; i++) of[i % 100] += set[i];
  for (int i = 0; i < 100; i++) CHECK(of[i] == 3);
  clio_test_param(t, "size", "50");
  CHECK(drawn(t, set) == 50);
  clio_test_close(t);
}

/* A share of all answers is drawn, and no row is kept past its answers. */
static void test_outputs(void) {
  static char set[ROWS];
  clio_test *t = open_random(0);
  clio_test_param(t, "strategy", "\"outputs\"");
  CHECK(drawn(t, set) == ROWS * 4 / 5);
  clio_test_param(t, "size", "1000"); /* of 4,000 */
  int n = drawn(t, set), with[5] = {0};
  for (int i = 0; i < ROWS; i++) with[i % 5] += set[i];
  CHECK(n < 1000 && n > 700);
  CHECK(with[0] == 0 && with[1] > 60 && with[1] < 140 && with[4] > 230 && with[4] < 320);
  const clio_host *h = clio_test_host();
  const clio_table *out = clio_test_out(t, "sample");
  clio_view upto = {0}, outputs = {0};
  CHECK(h->view(out, h->find(out, "upto"), &upto, sizeof upto) == CLIO_OK);
  CHECK(h->view(out, h->find(out, "outputs"), &outputs, sizeof outputs) == CLIO_OK);
  for (uint64_t i = 0; i < upto.rows; i++) {
    int64_t u = ((const int64_t *)upto.data)[i], all = ((const int64_t *)outputs.data)[i];
    CHECK(u >= 1 && u <= all);
  }
  CHECK_TEXT(clio_test_planned(t, "sample", "upto"), "upto:i64");
  clio_test_close(t);
}

/* Repeats of one account fall together, of others and of nobody do not. */
static void test_repeats(void) {
  clio_test *t = clio_test_open(clio_plugin_v0_sampler_random.stages[0]);
  clio_test_rows(t, "conversations", "account:i64? time:time? outputs:i64 simhash:i64",
                 "[{\"account\":3,\"outputs\":1,\"simhash\":0},"
                 "{\"account\":3,\"outputs\":1,\"simhash\":0},"
                 "{\"account\":1,\"outputs\":1,\"simhash\":255},"
                 "{\"account\":1,\"outputs\":1,\"simhash\":248},"
                 "{\"account\":1,\"outputs\":1,\"simhash\":240},"
                 "{\"account\":2,\"outputs\":1,\"simhash\":255},"
                 "{\"outputs\":1,\"simhash\":255},{\"outputs\":1,\"simhash\":255}]");
  CHECK_RUN(t);
  CHECK(clio_test_host()->rows(clio_test_out(t, "sample")) == 8);
  clio_test_param(t, "repeats", "\"drop\"");
  clio_test_param(t, "repeat_bits", "3");
  CHECK_RUN(t);
  uint64_t left = clio_test_host()->rows(clio_test_out(t, "sample"));
  CHECK(left == 6 || left == 7); /* 255 and 240 differ in four bits: the draw decides */
  clio_test_param(t, "repeat_bits", "6");
  CHECK_RUN(t);
  CHECK(clio_test_host()->rows(clio_test_out(t, "sample")) == 6);
  clio_test_param(t, "account_cap", "1");
  CHECK_RUN(t);
  CHECK(clio_test_host()->rows(clio_test_out(t, "sample")) == 5);
  CHECK_TEXT(clio_test_torture(t) == CLIO_OK ? "" : clio_test_error(t), "");
  clio_test_close(t);
}

/* The lookup for many rows finds what comparing each with each finds. */
static void compare_many(unsigned bits) {
  enum { N = 3000, MOST = 20000 };
  static sample_row rows[N];
  static uint64_t first[8 << 16], next[8 * MOST];
  memset(rows, 0, sizeof rows);
  uint64_t x = 1, kept = 0, wrong = 0;
  for (int i = 0; i < N; i++) {
    x = x * 6364136223846793005u + 1442695040888963407u;
    rows[i].simhash = i % 3 ? rows[i - 1].simhash ^ (1ull << (x >> 58)) : x;
    for (unsigned b = 1; i % 3 && b < bits; b++) rows[i].simhash ^= 1ull << (x >> (6 * b) & 63);
  }
  repeats_space space = {.most = MOST, .bits = bits, .first = first, .next = next};
  CHECK(repeats_drop(NULL, NULL, &space, rows, N) == CLIO_OK);
  for (int i = 0; i < N; i++) {
    int near = 0;
    for (int k = 0; k < i; k++)
      near |= !rows[k].dropped &&
              (unsigned)__builtin_popcountll(rows[i].simhash ^ rows[k].simhash) <= bits;
    wrong += (uint64_t)(near != rows[i].dropped);
    kept += !rows[i].dropped;
  }
  CHECK(wrong == 0);
  CHECK(kept >= N / 3 && kept < (bits ? N * 3 / 4 : N + 1));
}

static void test_many_repeats(void) {
  for (unsigned bits = 0; bits <= REPEATS_BITS_MAX; bits++) compare_many(bits);
}

/* What many people ask stays, however alike: a thousand accounts, one text. */
static void test_many_accounts(void) {
  clio_test *t = clio_test_open(clio_plugin_v0_sampler_random.stages[0]);
  char *json = malloc(ROOM);
  size_t at = 0;
  if (!json) exit(1);
  for (int i = 0; i < 2000; i++)
    at += (size_t)snprintf(json + at, ROOM - at, "%s{\"account\":%d,\"outputs\":1,\"simhash\":77}",
                           i ? "," : "[", i % 1000);
  snprintf(json + at, ROOM - at, "]");
  clio_test_rows(t, "conversations", "account:i64? time:time? outputs:i64 simhash:i64", json);
  clio_test_param(t, "repeats", "\"drop\"");
  CHECK_RUN(t);
  CHECK(clio_test_host()->rows(clio_test_out(t, "sample")) == 1000);
  free(json);
  clio_test_close(t);
}

static void test_empty(void) {
  clio_test *t = clio_test_open(clio_plugin_v0_sampler_random.stages[0]);
  clio_test_rows(t, "conversations", "account:i64? time:time? outputs:i64 simhash:i64", "[]");
  clio_test_param(t, "size", "10");
  CHECK_RUN(t);
  clio_test_param(t, "size", "0");
  CHECK(clio_test_run(t) == CLIO_E_CONFIG);
  clio_test_close(t);
}

int main(void) {
  test_size();
  test_cap();
  test_outputs();
  test_repeats();
  test_many_repeats();
  test_many_accounts();
  test_empty();
  return CHECK_DONE();
}
