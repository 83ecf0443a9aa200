/* test_synthetic.c - source/synthetic: the shipped topics can be read and give
 * what they promise; broken files are named by line. */
#include <stdlib.h>

#include "check.h"
#include "clio_test.h"

extern const clio_plugin clio_plugin_v0_source_synthetic;

static const char small[] =
    "topic: *\\nlang: xx\\nhello: Hey, | \\nthen: More {thing}?\\nsay: Fine.\\nno: No.\\n"
    "pii: I am {who}.\\nwho: Anna | Tom\\nthing: jam | honey\\n"
    "topic: Bread; weight 2; trend 100\\nlang: xx\\nask: How is {thing} {made{| again}|baked}?\\n"
    "topic: Locks; weight 1; trend 100\\nrefused: 100\\nlang: xx\\nask: Open {thing}\\nthing: it";

static clio_test *open_with(const char *words) {
  char json[2000];
  clio_test *t = clio_test_open(clio_plugin_v0_source_synthetic.stages[0]);
  snprintf(json, sizeof json, "\"%s\"", words);
  clio_test_param(t, "words", json);
  return t;
}

static void test_small(void) {
  clio_test *t = open_with(small);
  clio_test_param(t, "conversations", "2500");
  clio_test_param(t, "accounts", "10");
  clio_test_param(t, "labels", "true");
  CHECK_RUN(t);
  CHECK(clio_test_emits(t, "conversations") == 3);
  CHECK(clio_test_host()->rows(clio_test_out(t, "conversations")) == 2500);
  const char *json = clio_test_json(t, "conversations", "content label_topic");
  CHECK(strstr(json, "How is jam made again?") && strstr(json, "Hey, How is honey baked?"));
  CHECK(strstr(json, "I am Anna.") && strstr(json, "\"More honey?\",\"Fine.\""));
  CHECK(strstr(json, "Open it\",\"No.\"") && !strstr(json, "Open it\",\"Fine.\""));
  CHECK(!strchr(json + 2, '|') && strstr(json, "\"label_topic\":\"Bread\""));
  clio_test_param(t, "labels", "false");
  CHECK_RUN(t);
  CHECK(clio_test_host()->find(clio_test_out(t, "conversations"), "label_topic") < 0);
  clio_test_close(t);
}

/* The first thousand are the same, however many follow; another seed is another world. */
static void test_stable(void) {
  clio_test *t = open_with(small);
  clio_test_param(t, "conversations", "1");
  CHECK_RUN(t);
  char one[2000], other[2000];
  snprintf(one, sizeof one, "%s", clio_test_json(t, "conversations", NULL));
  clio_test_param(t, "conversations", "1100");
  CHECK_RUN(t);
  CHECK(strncmp(one, clio_test_json(t, "conversations", NULL), strlen(one) - 1) == 0);
  clio_test_seed(t, 99);
  clio_test_param(t, "conversations", "1");
  CHECK_RUN(t);
  snprintf(other, sizeof other, "%s", clio_test_json(t, "conversations", NULL));
  CHECK(strcmp(one, other) != 0);
  clio_test_close(t);
}

static void test_broken(void) {
  static const struct {
    const char *words, *why;
  } cases[] = {
      {"topic: Bread", "line 1: the first topic is '*'"},
      {"\\nnonsense", "line 2: want 'NAME: ...'"},
      {"topic: *\\nask: x", "line 2: a line before the first language of its topic"},
      {"lang: en", "line 1: a language before the first topic"},
      {"topic: *\\nlang: en\\ntopic: A\\nlang: de",
       "line 4: topic '*' does not have this language"},
      {"topic: *; weight 0", "line 1: weight is 1 to 1000, trend 1 to 10000"},
      {"topic: *\\nlang: en\\nthen: x", "no topic beside '*'"},
      {"topic: *\\nlang: en\\nthen: x\\ntopic: A\\nlang: en\\nask: y",
       "topic 'A' in 'en': it lacks ask, then, say or no"},
      {"topic: *\\nlang: en\\nthen: {x\\nsay: x\\nno: x\\ntopic: A\\nlang: en\\nask: y",
       "topic '*' in 'en': a '{' without '}', or a {NAME} that is no list"},
      {"topic: *\\nlang: en\\nthen: {x}\\nsay: x\\nno: x\\ntopic: A\\nlang: en\\nask: y",
       "topic '*' in 'en': a '{' without '}', or a {NAME} that is no list"},
      {"topic: *\\nlang: en\\nthen: {x}\\nx: {x}\\nsay: x\\nno: x\\ntopic: A\\nlang: en\\nask: y",
       "topic '*' in 'en': a '{' without '}', or a {NAME} that is no list"},
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    clio_test *t = open_with(cases[i].words);
    char want[200];
    snprintf(want, sizeof want, "create: words: %s", cases[i].why);
    CHECK_REFUSED(t, CLIO_E_CONFIG, want);
    clio_test_close(t);
  }
}

static int count(const char *json, const char *word) {
  int n = 0;
  for (const char *p = json; (p = strstr(p, word)); p += strlen(word)) n++;
  return n;
}

/* The file we ship: 20 topics, six languages, a heavy tail, trends. */
static void test_shipped(void) {
  const char *src = getenv("CLIO_SRC");
  char json[4200];
  snprintf(json, sizeof json, "\"@%s/configs/synthetic/topics.txt\"", src ? src : ".");
  clio_test *t = clio_test_open(clio_plugin_v0_source_synthetic.stages[0]);
  clio_test_param(t, "words", json);
  clio_test_param(t, "labels", "true");
  CHECK_RUN(t);
  const char *langs = clio_test_json(t, "conversations", "label_language");
  static const char *const codes[] = {"\"en\"", "\"es\"", "\"de\"", "\"fr\"", "\"ru\"", "\"ja\""};
  for (size_t i = 0; i < sizeof codes / sizeof *codes; i++)
    CHECK(count(langs, codes[i]) > (i ? 300 : 2000));
  const char *accounts = clio_test_json(t, "conversations", "account");
  CHECK(count(accounts, "account-000000\"") > 60);
  CHECK(count(accounts, "account-001000\"") < 20);
  CHECK(count(clio_test_json(t, "conversations", "org"), "null") > 300);
  const char *topics = clio_test_json(t, "conversations", "label_topic");
  CHECK(count(topics, "\"Cooking and recipes\"") > 300 && count(topics, "\"Gardening\"") > 50);
  clio_test_param(t, "topics", "3");
  clio_test_param(t, "languages", "2");
  CHECK_RUN(t);
  CHECK(count(clio_test_json(t, "conversations", "label_topic"), "\"Cooking") == 0);
  CHECK(count(clio_test_json(t, "conversations", "label_language"), "\"de\"") == 0);
  clio_test_close(t);
}

int main(void) {
  test_small();
  test_stable();
  test_broken();
  test_shipped();
  clio_test *t = open_with(small);
  clio_test_param(t, "conversations", "5");
  CHECK_TEXT(clio_test_torture(t) == CLIO_OK ? "" : clio_test_error(t), "");
  clio_test_close(t);
  return CHECK_DONE();
}
