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
  snprintf(json, sizeof json, "[{\"text\": \"%s\"}]", words);
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

#define REST "\\nlang: en\\nthen: x\\nsay: x\\nno: x\\n"
static void test_broken(void) {
  static const struct {
    const char *words, *why;
  } cases[] = {
      {"topic: Bread", "line 1: the first topic is '*'"},
      {"\\nnonsense", "line 2: want 'NAME: ...'"},
      {"topic: *\\nask: x", "line 2: a line before the first language of its topic"},
      {"lang: en", "line 1: a language before the first topic"},
      {"topic: *\\nlang: en\\nthen: x\\ntopic: A\\nlang: de",
       "line 4: topic 'A' in 'en': it lacks ask, then, say or no"},
      {"topic: *; weight 0", "line 1: weight is 1 to 1000, trend 1 to 10000"},
      {"topic: *; concern 6", "line 1: concern is 1 to 5"},
      {"refused: 3", "line 1: a line before the first topic"},
      {"topic: *\\nrefused: 101", "line 2: refused is 0 to 100, in percent"},
      {"topic: *\\ntopic: A\\ntopic: A; weight 2", "line 3: settings a second time for topic 'A'"},
      {"topic: *" REST "topic: A\\nsubs: a | b\\n3: x", "line 8: the topic has no subtopic '3'"},
      {"topic: *" REST "topic: A\\nthing big: x", "line 7: a kind behind 'thing'"},
      {"topic: *\\nlang: en\\nthen: x", "line 3: no topic beside '*'"},
      {"topic: *" REST "topic: A\\nask: x\\ntopic: B; weight 2\\nmore: x",
       "line 8: topic 'B' in 'en': it lacks ask, then, say or no"},
      {"topic: *\\ntopic: C" REST "topic: *\\nthen: x\\ntopic: C\\nask: x\\nlang: de",
       "line 11: topic 'C' in 'de': topic '*' does not have this language"},
      {"topic: *\\ntopic: C\\ntopic: *" REST "topic: A\\nask: x",
       "line 9: there is no text in any language for topic 'C'"},
      {"topic: *\\nlang: en\\nthen: x\\ntopic: A\\nask: y",
       "line 4: topic 'A' in 'en': it lacks ask, then, say or no"},
      {"topic: *\\nlang: en\\nthen: {x\\nsay: x\\nno: x\\ntopic: A\\nask: y",
       "line 3: topic '*' in 'en': a '{' without '}', or a {NAME} that is no list"},
      {"topic: *" REST "topic: A\\nask: {x}",
       "line 7: topic 'A' in 'en': a '{' without '}', or a {NAME} that is no list"},
      {"topic: *" REST "topic: A\\nask: {x}\\nx: {x}",
       "line 7: topic 'A' in 'en': a '{' without '}', or a {NAME} that is no list"},
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    clio_test *t = open_with(cases[i].words);
    char want[200];
    snprintf(want, sizeof want, "create: words: %s", cases[i].why);
    CHECK_REFUSED(t, CLIO_E_CONFIG, want);
    clio_test_close(t);
  }
}

/* Of several files the error says which. */
static void test_files(void) {
  clio_test *t = clio_test_open(clio_plugin_v0_source_synthetic.stages[0]);
  clio_test_param(t, "words", "[{\"text\": \"topic: *\"}, {\"text\": \"\\n\\nnonsense\"}]");
  CHECK_REFUSED(t, CLIO_E_CONFIG, "create: words: file 2, line 3: want 'NAME: ...'");
  clio_test_param(t, "words", "[]");
  CHECK_REFUSED(t, CLIO_E_CONFIG, "create: words: line 0: no topic beside '*'");
  clio_test_close(t);
}

static int count(const char *json, const char *word) {
  int n = 0;
  for (const char *p = json; (p = strstr(p, word)); p += strlen(word)) n++;
  return n;
}

/* The value of a row of a JSON list of strings and nulls; NULL past the last. */
static const char *row_of(const char **at, char value[80]) {
  const char *p = *at + strcspn(*at, "n\"]"), *end;
  if (*p != 'n' && *p != '"') return NULL;
  end = *p == 'n' ? p + 4 : strchr(p + 1, '"') + 1;
  snprintf(value, 80, "%.*s", (int)(end - p), p);
  *at = end;
  return value;
}

/* A world for what is planted and prescribed: three harmless topics and a worrying one. */
static const char planted[] =
    "topic: *\\ntopic: Bread; weight 5\\nsubs: rye | wheat\\ntopic: Jam\\ntopic: Bears\\n"
    "topic: Theft; weight 9; concern 4\\nrefused: 60\\nlang: xx\\ntopic: *\\nthen: More?\\n"
    "say: Fine.\\nno: No.\\nyes: Done.\\ncare: Careful.\\npii phone: Ring {9}{9}.\\n"
    "canary: Code {secret}.\\ninject name: Write {secret}.\\ncampaign: Praise {secret}.\\n"
    "topic: Bread\\n1: Bake rye {a|b|c}.\\n2: Bake wheat {b|c}.\\ntopic: Jam\\nask: Cook.\\n"
    "topic: Bears\\nask: Sew.\\ntopic: Theft\\nask: Steal.";

static clio_test *open_planted(const char *conversations) {
  clio_test *t = open_with(planted);
  clio_test_param(t, "conversations", conversations);
  clio_test_param(t, "labels", "true");
  return t;
}

/* Ten of a hundred are meant: of 20,000 conversations 2,000 with a standard deviation of 42. */
static void test_mix(void) {
  clio_test *t = open_planted("20000");
  clio_test_param(
      t, "mix", "[{\"topic\": \"Bears\", \"share\": 0.02}, {\"topic\": \"Jam\", \"share\": 0.1}]");
  CHECK_RUN(t);
  const char *topics = clio_test_json(t, "conversations", "label_topic");
  int bears = count(topics, "\"Bears\""), jam = count(topics, "\"Jam\"");
  CHECK(bears > 400 - 80 && bears < 400 + 80);
  CHECK(jam > 2000 - 170 && jam < 2000 + 170);
  CHECK(count(topics, "\"Theft\"") == 0 && count(topics, "\"Bread\"") == 20000 - bears - jam);
  const char *subs = clio_test_json(t, "conversations", "label_subtopic");
  int rye = count(subs, "\"rye\""), wheat = count(subs, "\"wheat\"");
  CHECK(rye + wheat == 20000 - bears - jam && rye > wheat * 9 / 10 && wheat > rye * 9 / 10);
  clio_test_param(t, "mix",
                  "[{\"topic\": \"Bears\", \"share\": 0.25}, "
                  "{\"topic\": \"Theft\", \"share\": 0.75}]");
  CHECK_RUN(t);
  topics = clio_test_json(t, "conversations", "label_topic");
  bears = count(topics, "\"Bears\"");
  CHECK(bears > 5000 - 250 && bears < 5000 + 250 && count(topics, "\"Theft\"") == 20000 - bears);
  clio_test_param(t, "mix", "[{\"topic\": \"Cars\", \"share\": 0.5}]");
  CHECK_REFUSED(t, CLIO_E_CONFIG, "create: mix: no topic 'Cars'");
  clio_test_param(t, "mix",
                  "[{\"topic\": \"Jam\", \"share\": 0.5}, {\"topic\": \"Jam\", \"share\": 0.1}]");
  CHECK_REFUSED(t, CLIO_E_CONFIG, "create: mix: twice the topic 'Jam'");
  clio_test_close(t);
}

static void test_concerning(void) {
  clio_test *t = open_planted("5000");
  clio_test_param(t, "concerning", "\"concerning\"");
  CHECK_RUN(t);
  CHECK(count(clio_test_json(t, "conversations", "label_topic"), "\"Theft\"") == 5000);
  CHECK(count(clio_test_json(t, "conversations", "label_concerning"), "true") == 5000);
  CHECK(count(clio_test_json(t, "conversations", "label_concern"), ":4}") == 5000);
  const char *refusal = clio_test_json(t, "conversations", "label_refusal");
  int right = count(refusal, "\"right\""), under = count(refusal, "\"under\"");
  CHECK(right > 2800 && right < 3200 && under > 320 && under < 480);
  CHECK(count(refusal, "\"safe\"") == 5000 - right - under);
  CHECK(count(clio_test_json(t, "conversations", "label_refused"), "true") == right);
  CHECK(count(clio_test_json(t, "conversations", "content"), "\"Done.\"") >= under);
  clio_test_param(t, "concerning", "\"both\"");
  CHECK_RUN(t);
  int theft = count(clio_test_json(t, "conversations", "label_topic"), "\"Theft\"");
  CHECK(theft > 2600 && theft < 3000); /* 9 of 16 are 2,812 */
  refusal = clio_test_json(t, "conversations", "label_refusal");
  int over = count(refusal, "\"over\"");
  CHECK(over > 3 && over < 40);
  clio_test_close(t);
}

/* Every canary is written by one account, every account that has one writes one only. */
static void check_canaries(clio_test *t, int want) {
  char canaries[64][80], accounts[64][80], one[80], who[80];
  int n = 0, seen = 0;
  const char *labels = clio_test_json(t, "conversations", "label_canary");
  char *copy = malloc(strlen(labels) + 1);
  if (!copy) abort();
  memcpy(copy, labels, strlen(labels) + 1);
  const char *at = copy, *account = clio_test_json(t, "conversations", "account");
  CHECK(strlen(copy) > 100 && account);
  for (at = strchr(at, '['), account = strchr(account, '['); at && account;) {
    at = strchr(at, ':');
    account = strchr(account, ':');
    if (!at || !account) break;
    at++;
    account++;
    if (!row_of(&at, one) || !row_of(&account, who)) break;
    if (one[0] == 'n') continue;
    int k = 0;
    while (k < n && strcmp(canaries[k], one) != 0) k++;
    seen++;
    if (k == n && n < 64) {
      for (int i = 0; i < n; i++) CHECK(strcmp(accounts[i], who) != 0);
      memcpy(canaries[n], one, 80);
      memcpy(accounts[n++], who, 80);
    }
    CHECK(strcmp(accounts[k], who) == 0);
  }
  CHECK(n == want && seen > want);
  free(copy);
}

static void test_planted(void) {
  clio_test *t = open_planted("6000");
  clio_test_param(t, "accounts", "200");
  clio_test_param(t, "canaries", "40");
  clio_test_param(t, "injections", "70");
  clio_test_param(t, "campaigns", "3");
  clio_test_param(t, "campaign_size", "90");
  clio_test_param(t, "pii", "0.25");
  CHECK_RUN(t);
  check_canaries(t, 40);
  CHECK(count(clio_test_json(t, "conversations", "label_injection"), "\"name\"") == 70);
  const char *campaigns = clio_test_json(t, "conversations", "label_campaign");
  CHECK(count(campaigns, "\"campaign-000000\"") == 90 && count(campaigns, "\"campaign-0") == 270);
  const char *one = clio_test_json(t, "conversations", "label_subtopic label_campaign");
  int rye = count(one, "\"rye\",\"label_campaign\":\"campaign-000000\"");
  int wheat = count(one, "\"wheat\",\"label_campaign\":\"campaign-000000\"");
  int none = count(one, "null,\"label_campaign\":\"campaign-000000\"");
  CHECK(rye == 90 || wheat == 90 || none == 90); /* it stays with its subtopic */
  const char *text = clio_test_json(t, "conversations", "content");
  CHECK(count(text, "Praise ") == 270 && count(text, "Write ") == 70 && count(text, "Code ") > 40);
  int rings = count(text, "Ring ");
  int phones = count(clio_test_json(t, "conversations", "label_pii"), "\"phone\"");
  CHECK(phones > 1350 && phones < 1650 && rings == phones);
  const char *places = clio_test_json(t, "conversations", "label_pii_place");
  int later = count(places, "\"later\"");
  CHECK(later > 100 && count(places, "\"first\"") == phones - later);
  clio_test_param(t, "conversations", "379");
  CHECK_REFUSED(t, CLIO_E_CONFIG,
                "conversations: fewer than canaries, injections and those of campaigns");
  clio_test_param(t, "accounts", "39");
  CHECK_REFUSED(t, CLIO_E_CONFIG, "canaries: more than accounts");
  clio_test_close(t);
}

/* ---- the files we ship ---- */

static const char *const shipped[] = {"en", "es", "fr", "pt", "ca", "ru", "uk", "ja", "zh",
                                      "tr", "af", "ar", "hi", "hy", "ka", "de", NULL};

static clio_test *open_shipped(void) {
  const char *src = getenv("CLIO_SRC");
  static char json[20 * 4200];
  size_t end = 0;
  if (!src) src = ".";
  end += (size_t)snprintf(json, 4200, "[{\"text\": \"@%s/configs/synthetic/topics.txt\"}", src);
  for (size_t i = 0; shipped[i]; i++)
    end += (size_t)snprintf(json + end, 4200, ", {\"text\": \"@%s/configs/synthetic/%s.txt\"}", src,
                            shipped[i]);
  snprintf(json + end, 2, "]");
  clio_test *t = clio_test_open(clio_plugin_v0_source_synthetic.stages[0]);
  clio_test_param(t, "words", json);
  clio_test_param(t, "labels", "true");
  return t;
}

/* Twenty topics that are harmless and eighteen that are not, a heavy tail, trends. */
static void test_shipped(void) {
  clio_test *t = open_shipped();
  CHECK_RUN(t);
  const char *langs = clio_test_json(t, "conversations", "label_language");
  for (size_t i = 0; shipped[i]; i++) {
    char quoted[16];
    snprintf(quoted, sizeof quoted, "\"%s\"", shipped[i]);
    CHECK(count(langs, quoted) > (i ? 80 : 1000));
  }
  const char *accounts = clio_test_json(t, "conversations", "account");
  CHECK(count(accounts, "account-000000\"") > 60);
  CHECK(count(accounts, "account-001000\"") < 20);
  CHECK(count(clio_test_json(t, "conversations", "org"), "null") > 300);
  const char *topics = clio_test_json(t, "conversations", "label_topic");
  CHECK(count(topics, "\"Cooking and recipes\"") > 300 && count(topics, "\"Gardening\"") > 50);
  CHECK(count(topics, "\"Teddy bears\"") > 10 && count(topics, "\"Illegal drugs\"") == 0);
  CHECK(count(clio_test_json(t, "conversations", "label_subtopic"), "null") == 0);
  clio_test_param(t, "topics", "3");
  clio_test_param(t, "languages", "2");
  CHECK_RUN(t);
  CHECK(count(clio_test_json(t, "conversations", "label_topic"), "\"Cooking") == 0);
  CHECK(count(clio_test_json(t, "conversations", "label_language"), "\"fr\"") == 0);
  clio_test_close(t);
}

int main(void) {
  test_small();
  test_stable();
  test_broken();
  test_files();
  test_mix();
  test_concerning();
  test_planted();
  test_shipped();
  clio_test *t = open_with(small);
  clio_test_param(t, "conversations", "5");
  CHECK_TEXT(clio_test_torture(t) == CLIO_OK ? "" : clio_test_error(t), "");
  clio_test_close(t);
  return CHECK_DONE();
}
