/* test_extractive.c - summarizer/extractive: the request found in messages of
 * many shapes and languages, redacted, cut, or null. */
#include <stdlib.h>

#include "check.h"
#include "clio_test.h"
#include "text_service.h"

extern const clio_plugin clio_plugin_v0_summarizer_extractive;

static clio_test *open_extractive(void) {
  char forms[1024];
  const char *data = getenv("CLIO_DATA_PATH");
  clio_test *t = clio_test_open(clio_plugin_v0_summarizer_extractive.stages[0]);
  snprintf(forms, sizeof forms, "\"@%s/words/request.txt\"", data ? data : "configs");
  clio_test_param(t, "forms", forms);
  clio_test_service(t, CLIO_TEXT_ID, text_service());
  return t;
}

/* The summary of one conversation whose messages are all the user's; both as
 * JSON text. */
static void expect(const char *messages, const char *want) {
  char rows[2048], out[1024];
  int n = messages[0] != '\0';
  for (const char *p = messages; *p; p++) n += p[0] == '"' && p[1] == ',' && p[2] == '"';
  int used = snprintf(rows, sizeof rows, "[{\"content\":[%s],\"role\":[", messages);
  for (int i = 0; i < n; i++)
    used += snprintf(rows + used, sizeof rows - (size_t)used, "%s\"user\"", i ? "," : "");
  snprintf(rows + used, sizeof rows - (size_t)used, "]}]");
  snprintf(out, sizeof out, "[{\"request\":%s}]", want);
  clio_test *t = open_extractive();
  clio_test_rows(t, "conversations", "role:list content:list", rows);
  CHECK_RUN(t);
  CHECK_TEXT(clio_test_json(t, "conversations", NULL), out);
  clio_test_close(t);
}

static void test_requests(void) {
  expect("\"How do I sort a list in Python?\"", "\"How do I sort a list in Python?\"");
  expect("\"Hi there! I hope you are well. Write a poem about the sea in autumn please.\"",
         "\"I hope you are well. Write a poem about the sea in autumn please.\"");
  expect("\"hello\",\"Explain how a heat pump works\"", "\"Explain how a heat pump works\"");
  expect("\"You are an expert lawyer. Draft a contract for renting out my flat.\"",
         "\"Draft a contract for renting out my flat.\"");
  expect("\"Summarize this text:\\n\\nThe cat sat on the mat. It was a very fine mat indeed.\"",
         "\"Summarize this text: The cat sat on the mat.\"");
  expect("\"Why does this loop never end and how do I fix it?\\n```\\nfor (;;) { how(); }\\n```\"",
         "\"Why does this loop never end and how do I fix it?\"");
  expect("\"> quoted words of another\\nPlease answer the question above in one line\"",
         "\"Please answer the question above in one line\"");
}

static void test_languages(void) {
  expect("\"Привет! Напиши про кота.\"", "\"Напиши про кота.\"");
  expect("\"Guten Tag. Kannst du mir erklären, wie eine Wärmepumpe im Winter funktioniert?\"",
         "\"Kannst du mir erklären, wie eine Wärmepumpe im Winter funktioniert?\"");
  expect("\"こんにちは。俳句を書いてください。\"", "\"俳句を書いてください。\"");
  expect("\"你好！请帮我写一封求职信。\"", "\"请帮我写一封求职信。\"");
}

static void test_redacted(void) {
  expect("\"Write a mail to ann@example.org about the meeting on monday morning\"",
         "\"Write a mail to [email] about the meeting on monday morning\"");
  expect("\"Write a   letter\\tto Emily Watson about\\u0007 the broken window\"",
         "\"Write a letter to [person] about the broken window\"");
}

static void test_nothing(void) {
  expect("", "null");
  expect("\"\"", "null");
  expect("\" \\n \"", "null");
  expect("\"hello\"", "\"hello\"");
}

static void test_params(void) {
  clio_test *t = open_extractive();
  clio_test_rows(
      t, "conversations", "role:list content:list",
      "[{\"role\":[\"assistant\",\"user\"],\"content\":[\"How can I help?\","
      "\"Explain the tides of the sea to a child. Use simple words and say why.\"]},"
      "{\"role\":[\"assistant\"],\"content\":[\"Hello\"]},{\"role\":[],\"content\":[]}]");
  clio_test_param(t, "name", "\"task\"");
  clio_test_param(t, "sentences", "1");
  clio_test_param(t, "max_chars", "40");
  for (uint64_t batch = 1; batch < 4; batch++) {
    clio_test_batch(t, batch);
    CHECK_RUN(t);
    CHECK_TEXT(clio_test_json(t, "conversations", NULL),
               "[{\"task\":\"Explain the tides of the sea to a child.\"},\n{\"task\":null},\n"
               "{\"task\":null}]");
  }
  CHECK_TEXT(clio_test_planned(t, "conversations", "task"), "task:utf8?");
  CHECK_TEXT(clio_test_torture(t) == CLIO_OK ? "" : clio_test_error(t), "");
  clio_test_param(t, "forms", "\"verb: write\\nverbs: read\"");
  CHECK_REFUSED(t, CLIO_E_CONFIG,
                "create: parameter 'forms', line 2: it does not begin with a known kind and ':'");
  clio_test_close(t);
}

/* Long and odd messages: nothing to assert but that they pass. */
static void test_hostile(void) {
  static const char *const units[] = {"a",  "a. ",  "?",  "```\\n", "> x\\n",
                                      "日", "how ", "- ", "\\u0001"};
  for (size_t i = 0; i < sizeof units / sizeof *units; i++) {
    size_t size = 200000, used;
    char *rows = malloc(size + 200);
    if (!rows) return;
    used = (size_t)snprintf(rows, 200, "[{\"role\":[\"user\"],\"content\":[\"");
    while (used < size) used += (size_t)snprintf(rows + used, 40, "%s", units[i]);
    snprintf(rows + used, 40, "\"]}]");
    clio_test *t = open_extractive();
    clio_test_rows(t, "conversations", "role:list content:list", rows);
    CHECK_RUN(t);
    clio_test_close(t);
    free(rows);
  }
}

int main(void) {
  if (!text_service()) return 1;
  test_requests();
  test_languages();
  test_redacted();
  test_nothing();
  test_params();
  test_hostile();
  return CHECK_DONE();
}
