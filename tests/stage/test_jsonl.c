/* test_jsonl.c - source/jsonl: every shape, every kind of bad line. */
#include <stdlib.h>

#include "check.h"
#include "clio_test.h"

extern const clio_plugin clio_plugin_v0_source_jsonl;

static clio_test *open_jsonl(const char *lines) {
  clio_test *t = clio_test_open(clio_plugin_v0_source_jsonl.stages[0]);
  clio_test_param(t, "path", "\"x.jsonl\"");
  clio_test_lines(t, "block", lines, 1 << 20);
  return t;
}

/* What one text gives, with a parameter or two. */
static void expect(const char *lines, const char *columns, const char *want) {
  clio_test *t = open_jsonl(lines);
  CHECK_RUN(t);
  CHECK_TEXT(clio_test_json(t, "conversations", columns), want);
  CHECK(clio_test_failed(t) == 0);
  clio_test_close(t);
}

static void test_clio(void) {
  expect(
      "{\"id\":\"c1\",\"account_id\":\"a1\",\"org_id\":7,\"created_at\":\"2026-11-01T00:00:00Z\","
      "\"messages\":[{\"role\":\"user\",\"content\":\"hi\",\"created_at\":1793491200},"
      "{\"role\":\"assistant\",\"content\":\"ho\"}],\"metadata\":{\"n\": 18446744073709551616},"
      "\"labels\":{\"t\":1}}\n",
      NULL,
      "[{\"id\":\"c1\",\"account\":\"a1\",\"org\":\"7\",\"time\":1793491200000000,"
      "\"role\":[\"user\",\"assistant\"],\"content\":[\"hi\",\"ho\"],"
      "\"sent\":[\"2026-11-01T00:00:00Z\",\"\"],"
      "\"metadata\":\"{\\\"n\\\": 18446744073709551616}\"}]");
  expect("{\"id\":\"c1\",\"account_id\":null,\"org_id\":\"\",\"created_at\":null,\"metadata\":null,"
         "\"messages\":[{\"role\":\"human\",\"content\":\"hi\"}]}",
         NULL,
         "[{\"id\":\"c1\",\"account\":null,\"org\":null,\"time\":null,\"role\":[\"user\"],"
         "\"content\":[\"hi\"],\"sent\":null,\"metadata\":null}]");
}

/* Without an id the same messages get the same one, others another. */
static void test_openai(void) {
  static const char same[] = "{\"messages\":[{\"role\":\"system\",\"content\":\"s\"},"
                             "{\"role\":\"user\",\"content\":\"hi\"}],\"user\":\"u-1\"}\n";
  static const char other[] = "{\"messages\":[{\"role\":\"user\",\"content\":\"hi\"}]}\n";
  char lines[1024];
  snprintf(lines, sizeof lines, "%s%s%s", same, other, same);
  clio_test *t = open_jsonl(lines);
  CHECK_RUN(t);
  CHECK_TEXT(clio_test_json(t, "conversations", "account role"),
             "[{\"account\":\"u-1\",\"role\":[\"system\",\"user\"]},\n"
             "{\"account\":null,\"role\":[\"user\"]},\n"
             "{\"account\":\"u-1\",\"role\":[\"system\",\"user\"]}]");
  const char *ids = clio_test_json(t, "conversations", "id");
  const char *one = strstr(ids, "\"id\":\"") + 6, *two = strstr(one, "\"id\":\"") + 6;
  const char *three = strstr(two, "\"id\":\"") + 6;
  CHECK(strspn(one, "0123456789abcdef") == 32);
  CHECK(strncmp(one, three, 32) == 0 && strncmp(one, two, 32) != 0);
  clio_test_close(t);
}

static void test_others(void) {
  expect("{\"id\":\"s\",\"conversations\":[{\"from\":\"human\",\"value\":\"hi\"},"
         "{\"from\":\"gpt\",\"value\":\"ho\"},{\"from\":\"bard\",\"value\":\"hum\"}]}",
         "id role content",
         "[{\"id\":\"s\",\"role\":[\"user\",\"assistant\",\"assistant\"],"
         "\"content\":[\"hi\",\"ho\",\"hum\"]}]");
  expect("{\"conversation_id\":\"l\",\"model\":\"m\",\"tstamp\":1681059773.5,\"conversation\":"
         "[{\"content\":\"hi\",\"role\":\"user\"}],\"turn\":1}",
         "id time role content",
         "[{\"id\":\"l\",\"time\":1681059773500000,\"role\":[\"user\"],\"content\":[\"hi\"]}]");
  expect("{\"conversation_hash\":\"w\",\"hashed_ip\":\"ip\",\"timestamp\":\"2023-04-09 "
         "00:02:53+00:00\",\"conversation\":[{\"content\":\"hi\",\"role\":\"user\"}]}\n"
         "{\"conversation_hash\":\"w2\",\"conversation\":[{\"content\":\"hi\",\"role\":\"user\","
         "\"hashed_ip\":\"ip2\",\"timestamp\":\"2023-04-09T00:02:53\"}]}",
         "id account time",
         "[{\"id\":\"w\",\"account\":\"ip\",\"time\":1680998573000000},\n"
         "{\"id\":\"w2\",\"account\":\"ip2\",\"time\":1680998573000000}]");
}

static void test_texts(void) {
  clio_test *t = open_jsonl("{\"id\":\"1\",\"utterance\":\"a card\",\"intent\":\"cards\","
                            "\"labels\":{\"n\":5,\"deep\":{}}}\n{\"utterance\":\"b\"}");
  clio_test_param(t, "text", "\"utterance\"");
  clio_test_param(t, "label", "\"intent\"");
  clio_test_param(t, "labels", "[\"n\",\"deep\"]");
  CHECK_RUN(t);
  CHECK_TEXT(clio_test_json(t, "conversations", "role content label_intent label_n label_deep"),
             "[{\"role\":[\"user\"],\"content\":[\"a card\"],\"label_intent\":\"cards\","
             "\"label_n\":\"5\",\"label_deep\":null},\n"
             "{\"role\":[\"user\"],\"content\":[\"b\"],\"label_intent\":null,\"label_n\":null,"
             "\"label_deep\":null}]");
  CHECK_TEXT(clio_test_planned(t, "conversations", "label_intent"), "label_intent:utf8?*");
  clio_test_param(t, "labels", "[\"a b\"]");
  CHECK_REFUSED(t, CLIO_E_CONFIG,
                "label 'a b' cannot be a column; use letters, digits and '_', 48 at most");
  clio_test_param(t, "labels", NULL);
  clio_test_param(t, "shape", "\"lmsys\"");
  CHECK_REFUSED(t, CLIO_E_CONFIG,
                "'text' reads single texts, which shape 'lmsys' has none of; leave one out");
  clio_test_close(t);
}

static void test_parts(void) {
  expect("{\"id\":\"p\",\"messages\":["
         "{\"role\":\"user\",\"content\":[{\"type\":\"text\",\"text\":\"look\"},\"here\","
         "{\"type\":\"image_url\",\"image_url\":{\"url\":\"data:\"}},{\"type\":\"input_text\","
         "\"text\":\"now\"},{\"type\":\"file\"},{\"type\":\"thinking\",\"thinking\":\"hm\"}]},"
         "{\"role\":\"assistant\",\"content\":null,\"tool_calls\":[{}]},"
         "{\"role\":\"tool\",\"content\":[]},"
         "{\"role\":\"assistant\",\"content\":null,\"refusal\":\"No.\"},"
         "{\"role\":\"assistant\",\"content\":\"so\",\"function_call\":{\"name\":\"f\"}},"
         "{\"role\":\"user\",\"content\":\"see\",\"attachments\":[{}]},"
         "{\"role\":\"user\",\"content\":[{\"type\":\"tool_result\",\"text\":\"secret\"}]}]}",
         "role content",
         "[{\"role\":[\"user\",\"assistant\",\"tool\",\"assistant\",\"assistant\",\"user\","
         "\"user\"],\"content\":[\"look\\nhere\\n[image]\\nnow\\n[attachment]\\n[thinking]\","
         "\"[tool call]\",\"\",\"No.\",\"so\\n[tool call]\",\"see\\n[attachment]\","
         "\"[tool result]\"]}]");
}

static void test_lines(void) {
  static const char line[] = "{\"id\":\"%d\",\"messages\":[{\"role\":\"user\",\"content\":\"x\"}]}";
  char one[200], lines[1000];
  snprintf(one, sizeof one, "%s", line);
  snprintf(lines, sizeof lines, "\n%s\r\n  \t\r\n%s\n\n%s", one, one, one);
  expect(lines, "content",
         "[{\"content\":[\"x\"]},\n{\"content\":[\"x\"]},\n{\"content\":[\"x\"]}]");
  expect("{\"id\":\"u\",\"messages\":[{\"role\":\"user\",\"content\":\"a\xe2\x80\xa8"
         "b\xc2\x85"
         "c \\ud800 \\ud83d\\ude00\"}]}\n",
         "content",
         "[{\"content\":[\"a\xe2\x80\xa8"
         "b\xc2\x85"
         "c \xef\xbf\xbd \xf0\x9f\x98\x80\"]}]");
}

static void test_bad_lines(void) {
  static const struct {
    const char *line, *why;
  } cases[] = {
      {"{\"id\":\"secret\" 5}", "not JSON: expected ',' or '}' at column 16"},
      {"{\"id\" 1}", "not JSON: expected ':' at column 7"},
      {"{\"id\":\"a\",\"id\":\"b\"}", "not JSON: the same key twice in one object at column 11"},
      {"{\"id\":\"\xff\"}", "not JSON: invalid UTF-8 at column 8; a Latin-1 file is made UTF-8 by: "
                            "iconv -f latin1 -t utf-8"},
      {"id,text,when",
       "not JSON: expected a value at column 1; it looks like CSV: make one JSON object of each "
       "conversation, with \"messages\""},
      {"  {",
       "not JSON: ends too early at column 4; if one JSON document goes on over several lines, put "
       "each conversation on one: jq -c . FILE, or of a list jq -c '.[]' FILE"},
      {"[{\"id\":1}]", "a list, not a conversation; put one conversation on each line (jq -c '.[]' "
                       "FILE does)"},
      {"\"secret\"", "no JSON object"},
      {"null", "no JSON object"},
      {"{}", "unknown shape: none of messages, conversation, conversations"},
      {"{\"messages\":[]}", "messages is empty"},
      {"{\"messages\":\"secret\"}", "messages is no list"},
      {"{\"conversations\":[3]}", "message 1 is no object"},
      {"{\"messages\":[{\"content\":\"x\"}]}", "message 1 has no role"},
      {"{\"messages\":[{\"role\":\"secret\",\"content\":\"x\"}]}",
       "the role of message 1 is none of user, assistant, system, tool"},
      {"{\"messages\":[{\"role\":\"user\"}]}", "message 1 has no text in content"},
      {"{\"messages\":[{\"role\":\"user\",\"content\":5}]}", "message 1 has no text in content"},
      {"{\"messages\":[{\"role\":\"user\",\"content\":\"x\"}],\"created_at\":\"secret\"}",
       "created_at is not a time; give RFC 3339 (2026-11-01T09:30:00Z) or seconds since 1970"},
      {"{\"messages\":[{\"role\":\"user\",\"content\":\"x\",\"created_at\":true}]}",
       "the time of message 1 is not one; give RFC 3339 (2026-11-01T09:30:00Z) or seconds since "
       "1970"},
      {"{\"messages\":[{\"role\":\"user\",\"content\":\"x\"}],\"account_id\":{}}",
       "account_id is neither a string nor a whole number"},
      {"{\"messages\":[{\"role\":\"user\",\"content\":\"x\"}],\"org_id\":1.5}",
       "org_id is neither a string nor a whole number"},
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    char lines[1000];
    uint64_t row = 0;
    snprintf(lines, sizeof lines,
             "\n{\"text\":0,\"messages\":[{\"role\":\"ai\",\"content\":\"\"}]}\n%s", cases[i].line);
    clio_test *t = open_jsonl(lines);
    CHECK_RUN(t);
    CHECK(clio_test_failed(t) == 1);
    CHECK_TEXT(clio_test_failure(t, 0, &row), cases[i].why);
    CHECK(row == 2);
    CHECK_TEXT(clio_test_json(t, "conversations", "content"), "[{\"content\":[\"\"]}]");
    clio_test_close(t);
  }
}

static void test_shapes_asked(void) {
  clio_test *t = open_jsonl("{\"id\":\"a\",\"text\":\"t\",\"conversation\":"
                            "[{\"role\":\"user\",\"content\":\"c\"}]}");
  clio_test_param(t, "shape", "\"text\"");
  CHECK_RUN(t);
  CHECK_TEXT(clio_test_json(t, "conversations", "content"), "[{\"content\":[\"t\"]}]");
  clio_test_param(t, "shape", "\"clio\"");
  CHECK_RUN(t);
  CHECK_TEXT(clio_test_failure(t, 0, NULL), "no messages");
  clio_test_close(t);
}

/* Many lines: the same rows whatever the blocks, at most 1,024 to a table. */
static void test_many(void) {
  enum { LINES = 3000 };
  char *lines = malloc(LINES * 80), *first = malloc(LINES * 400);
  size_t at = 0;
  if (!lines || !first) exit(1);
  for (int i = 0; i < LINES; i++)
    at += (size_t)snprintf(lines + at, 80,
                           "{\"id\":%d,\"messages\":[{\"role\":\"user\",\"content\":\"x\"}]}\n", i);
  clio_test *t = open_jsonl(lines);
  CHECK_RUN(t);
  CHECK(clio_test_emits(t, "conversations") == 3);
  snprintf(first, LINES * 400, "%s", clio_test_json(t, "conversations", NULL));
  clio_test_lines(t, "block", lines, 1000);
  CHECK_RUN(t);
  CHECK(strcmp(clio_test_json(t, "conversations", NULL), first) == 0);
  clio_test_close(t);
  free(first);
  free(lines);
}

static void test_torture(void) {
  clio_test *t = open_jsonl("{\"id\":1,\"labels\":{\"a\":\"b\"},\"messages\":[{\"role\":\"user\","
                            "\"content\":[\"x\",\"y\"]}]}\nbad\n");
  clio_test_param(t, "labels", "\"a\"");
  CHECK_TEXT(clio_test_torture(t) == CLIO_OK ? "" : clio_test_error(t), "");
  clio_test_lines(t, "block", "", 1 << 20);
  CHECK_RUN(t);
  CHECK_TEXT(clio_test_json(t, "conversations", NULL), "");
  clio_test_close(t);
}

int main(void) {
  test_clio();
  test_openai();
  test_others();
  test_texts();
  test_parts();
  test_lines();
  test_bad_lines();
  test_shapes_asked();
  test_many();
  test_torture();
  return CHECK_DONE();
}
