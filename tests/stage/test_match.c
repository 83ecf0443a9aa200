/* test_match.c - screener/match: words, phrases, expressions, whose messages,
 * columns; what it refuses before any data; steps without end. */
#include <stdlib.h>

#include "check.h"
#include "clio_test.h"
#include "text_service.h"

extern const clio_plugin clio_plugin_v0_screener_match;

static const char schema[] =
    "id:utf8 role:list content:list language:utf8? turns:i64 refusal:bool?";
static const char rows[] =
    "[{\"id\":\"a\",\"role\":[\"user\",\"assistant\"],\"content\":[\"I want a Refund!\",\"No.\"],"
    "\"language\":\"en\",\"turns\":1,\"refusal\":true},"
    "{\"id\":\"b\",\"role\":[\"user\",\"assistant\"],\"content\":[\"hello\",\"refunds are given\"],"
    "\"language\":\"de\",\"turns\":4,\"refusal\":false},"
    "{\"id\":\"c\",\"role\":[\"user\"],\"content\":[\"my order number is 12345\"],\"turns\":9},"
    "{\"id\":\"d\",\"role\":[\"user\",\"user\"],\"content\":[\"where is my order\",\"NUMBER 7\"],"
    "\"language\":\"fr\",\"turns\":2,\"refusal\":false},"
    "{\"id\":\"e\",\"role\":[],\"content\":[],\"language\":\"en\",\"turns\":0}]";

typedef struct setting {
  const char *name, *json;
} setting;

static clio_test *open_match(const setting *settings) {
  clio_test *t = clio_test_open(clio_plugin_v0_screener_match.stages[0]);
  for (; settings->name; settings++) clio_test_param(t, settings->name, settings->json);
  clio_test_rows(t, "conversations", schema, rows);
  clio_test_service(t, CLIO_TEXT_ID, text_service());
  return t;
}

/* The ids that are kept, as one word. */
static void expect(const setting *settings, const char *kept) {
  char got[16] = "";
  for (uint64_t batch = 1; batch <= 5; batch += 4) {
    clio_test *t = open_match(settings);
    clio_test_batch(t, batch);
    CHECK_RUN(t);
    const char *at = clio_test_json(t, "conversations", "id");
    size_t n = 0;
    while ((at = strstr(at, "\"id\":\""))) got[n++] = (at += 6)[0];
    got[n] = '\0';
    if (strcmp(got, kept) != 0) fprintf(stderr, "of %s %s:\n", settings->name, settings->json);
    CHECK_TEXT(got, kept);
    clio_test_close(t);
  }
}

#define SET(...) ((const setting[]){__VA_ARGS__, {NULL, NULL}})

static void test_words(void) {
  expect(SET({"match", "\"refund\""}), "ab");
  expect(SET({"match", "\"REFUND\""}, {"in", "\"user\""}), "a");
  expect(SET({"match", "\"refund\""}, {"in", "\"assistant\""}), "b");
  expect(SET({"match", "\"refund\""}, {"in", "\"tool\""}), "");
  expect(SET({"drop", "\"refund\""}), "cde");
  expect(SET({"match", "\"order\""}, {"drop", "\"refund\\n12345\""}), "d");
  expect(SET({"match", "\"order number\""}), "c"); /* not over two messages */
  expect(SET({"match", "\"# remark\\n\\n  order number \\r\\nhello\""}), "bc");
  expect(SET({"match", "\"fund\""}), ""); /* words, not parts of them */
}

static void test_regex(void) {
  expect(SET({"match", "\"/\\\\d{5}/\""}), "c");
  expect(SET({"match", "\"/number/\""}), "c");
  expect(SET({"match", "\"/number/i\""}), "cd");
  expect(SET({"match", "\"/^no\\\\.$/i\""}), "a");
  expect(SET({"drop", "\"/./\""}), "e");
  expect(SET({"match", "\"/etc\""}), ""); /* no second slash: a word */
  expect(SET({"match", "\"/or/der/\\nhello\""}), "b");
}

static void test_columns(void) {
  expect(SET({"column", "\"language\""}, {"values", "[\"en\",\"fr\"]"}), "ade");
  expect(SET({"column", "\"language\""}, {"values", "\"en\""}, {"except", "true"}), "bcd");
  expect(SET({"column", "\"turns\""}, {"min", "2"}), "bcd");
  expect(SET({"column", "\"turns\""}, {"min", "2"}, {"max", "4"}), "bd");
  expect(SET({"column", "\"turns\""}, {"max", "1"}, {"except", "true"}), "bcd");
  expect(SET({"column", "\"turns\""}, {"values", "[\"9\"]"}), "c");
  expect(SET({"column", "\"refusal\""}, {"values", "\"true\""}), "a");
  expect(SET({"column", "\"role\""}, {"values", "\"assistant\""}), "ab");
  expect(SET({"column", "\"turns\""}, {"min", "2"}, {"match", "\"order\""}), "cd");
}

static void refuse(const setting *settings, const char *why) {
  clio_test *t = open_match(settings);
  CHECK_REFUSED(t, CLIO_E_CONFIG, why);
  clio_test_close(t);
}

static void test_refused(void) {
  refuse(SET({"in", "\"any\""}), "nothing to look for; give 'match', 'drop' or 'column'");
  refuse(SET({"match", "\"good\\n/ba(d/\""}),
         "match: line 2, column 5 of the regular expression: missing closing parenthesis");
  refuse(SET({"drop", "\"/[z-a]/\""}),
         "drop: line 1, column 4 of the regular expression: range out of order in character class");
  refuse(SET({"match", "\"***\""}),
         "match: line 1 holds no word; write signs as a regular expression, /.../");
  refuse(SET({"match", "\"# nothing\""}), "match: the list holds nothing but remarks");
  refuse(SET({"values", "[\"x\"]"}),
         "values, min and max are about a column; name it with 'column'");
  refuse(SET({"column", "\"language\""}),
         "column: say which of its values count, with values, or min and max");
  refuse(SET({"column", "\"language\""}, {"min", "1"}),
         "column: 'language' holds no numbers; min and max are for those");
  refuse(SET({"column", "\"turns\""}, {"min", "1"}, {"values", "\"1\""}),
         "values: give values or min and max, not both");
}

/* An expression that would go on for ever is given up; the conversation is left
 * out, by match and by drop, and that is said. */
static void test_steps(void) {
  static const char *const names[] = {"match", "drop"};
  for (size_t i = 0; i < 2; i++) {
    clio_test *t = clio_test_open(clio_plugin_v0_screener_match.stages[0]);
    clio_test_param(t, names[i], "\"/^(([a-z])+.)+[A-Z]([a-z])+$/\"");
    clio_test_rows(
        t, "conversations", "id:utf8 role:list content:list",
        "[{\"id\":\"x\",\"role\":[\"user\"],\"content\":["
        "\"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\"]}]");
    CHECK_RUN(t);
    CHECK_TEXT(clio_test_json(t, "conversations", "id"), "[]");
    CHECK(strstr(clio_test_log(t), "1 conversations were left out because a regular expression"));
    clio_test_close(t);
  }
}

static void test_memory(void) {
  clio_test *t = open_match(SET({"match", "\"refund\\n/x/\""}, {"drop", "\"order\""}));
  CHECK(clio_test_torture(t) == CLIO_OK);
  clio_test_close(t);
}

int main(void) {
  if (!text_service()) return 1;
  test_words();
  test_regex();
  test_columns();
  test_refused();
  test_steps();
  test_memory();
  return CHECK_DONE();
}
