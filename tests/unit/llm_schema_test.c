/* llm_schema_test.c - what counts as an answer of the wanted form, where it lies in what
 * a model said, and in what words it is told that it is none. */
#include "llm_schema.h"

#include <string.h>

#include "unit.h"

static const char form[] = "{\"type\":\"object\",\"additionalProperties\":false,"
                           "\"required\":[\"task\",\"concern\",\"tags\"],\"properties\":{"
                           "\"task\":{\"type\":[\"string\",\"null\"],\"maxLength\":10},"
                           "\"concern\":{\"type\":\"integer\",\"minimum\":1,\"maximum\":5},"
                           "\"tags\":{\"type\":\"array\",\"maxItems\":2,"
                           "\"items\":{\"type\":\"string\",\"enum\":[\"a\",\"b\"]}}}}";

/* `value`: what of `text` is taken; NULL: none, told as `why`. */
static void expect(const char *schema, const char *text, const char *value, const char *why) {
  char room[LLM_WHY_ROOM];
  const char *told = NULL;
  int64_t start = 0, length = 0, all = (int64_t)strlen(text);
  bool good = llm_schema_check(schema, text, all, &start, &length, room, &told);
  CU_ASSERT_TRUE(start >= 0 && length >= 0 && start + length <= all);
  CU_ASSERT_EQUAL(good, value != NULL);
  if (value) {
    CU_ASSERT_PTR_NULL(told);
    CU_ASSERT_TRUE(length >= (int64_t)strlen(value) &&
                   strncmp(text + start, value, strlen(value)) == 0);
    return;
  }
  CU_ASSERT_PTR_NOT_NULL_FATAL(told);
  CU_ASSERT_STRING_EQUAL(told, why);
}

#define GOOD "{\"task\":\"write\",\"concern\":2,\"tags\":[\"a\"]}"

static void test_taken(void) {
  expect(form, GOOD, GOOD, NULL);
  expect(form, "\n " GOOD "\n", GOOD, NULL);
  expect(form, "Here it is:\n```json\n" GOOD "\n```", GOOD, NULL);
  expect(form, "{\"task\":null,\"concern\":5.0,\"tags\":[]}",
         "{\"task\":null,\"concern\":5.0,\"tags\":[]}", NULL);
  expect("{\"type\":\"array\",\"items\":{\"type\":\"integer\"}}", "so: [1, 2] it is", "[1, 2]",
         NULL);
}

static void test_refused(void) {
  expect(form, "", NULL, "the answer is not JSON");
  expect(form, "I cannot say.", NULL, "the answer is not JSON");
  expect(form, "{\"task\":\"write\",", NULL, "the answer is not JSON");
  expect(form, "[]", NULL, "the answer must be of type object");
  expect(form, "{\"task\":\"x\",\"tags\":[]}", NULL, "'concern' is missing");
  expect(form, "{\"task\":\"x\",\"concern\":\"2\",\"tags\":[]}", NULL,
         "'concern' must be of type integer");
  expect(form, "{\"task\":\"x\",\"concern\":6,\"tags\":[]}", NULL, "'concern' is out of range");
  expect(form, "{\"task\":7,\"concern\":1,\"tags\":[]}", NULL, "'task' is of the wrong type");
  expect(form, "{\"task\":\"longer than ten\",\"concern\":1,\"tags\":[]}", NULL,
         "'task' is too long or too short");
  expect(form, "{\"task\":\"x\",\"concern\":1,\"tags\":[\"c\"]}", NULL,
         "'tags' is not one of the allowed values");
  expect(form, "{\"task\":\"x\",\"concern\":1,\"tags\":[\"a\",\"a\",\"b\"]}", NULL,
         "'tags' has too many or too few items");
  expect(form, "{\"task\":\"x\",\"concern\":1,\"tags\":[],\"secret\":\"said in the answer\"}", NULL,
         "the answer has a property that was not asked for");
}

/* Nested more deeply than any answer may be. */
static void test_deep(void) {
  char text[4096];
  memset(text, '[', sizeof text - 1);
  text[sizeof text - 1] = '\0';
  expect(form, text, NULL, "the answer is not JSON");
}

int main(void) {
  static const unit_test tests[] = {
      {"taken", test_taken}, {"refused", test_refused}, {"deep", test_deep}};
  return unit_main("llm_schema", tests, sizeof tests / sizeof *tests);
}
