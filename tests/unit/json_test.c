/* json_test.c - what core/json.c writes, byte for byte. */
#include "json.h"

#include <CUnit/Basic.h>
#include <locale.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static void expect(json *j, const char *want) {
  char *got = json_take(j);
  CU_ASSERT_STRING_EQUAL(got, want);
  g_free(got);
}

static void test_nesting(void) {
  json *j = json_new(false);
  json_object(j);
  json_put_int(j, "rows", INT64_MIN);
  json_key(j, "names");
  json_array(j);
  json_string(j, "a");
  json_string(j, NULL);
  json_object(j);
  json_end(j);
  json_end(j);
  json_put_bool(j, "ok", true);
  json_key(j, "raw");
  json_raw(j, "[1]");
  json_end(j);
  expect(j, "{\"rows\":-9223372036854775808,\"names\":[\"a\",null,{}],\"ok\":true,\"raw\":[1]}");
}

static void test_pretty(void) {
  json *j = json_new(true);
  json_object(j);
  json_put_string(j, "a", "b");
  json_key(j, "c");
  json_array(j);
  json_int(j, 1);
  json_int(j, 2);
  json_end(j);
  json_key(j, "d");
  json_array(j);
  json_end(j);
  json_end(j);
  expect(j, "{\n  \"a\": \"b\",\n  \"c\": [\n    1,\n    2\n  ],\n  \"d\": []\n}\n");
}

static void expect_string(const char *text, size_t length, const char *want) {
  json *j = json_new(false);
  json_string_len(j, text, length);
  expect(j, want);
}

static void test_strings(void) {
  expect_string("q\"b\\s/", 6, "\"q\\\"b\\\\s/\"");
  expect_string("\b\t\n\f\r\x01\x7f", 7, "\"\\b\\t\\n\\f\\r\\u0001\\u007f\"");
  expect_string("a\0b", 3, "\"a\\u0000b\"");
  expect_string("\xc2\x85 \xe2\x80\xa8\xe2\x80\xa9", 9, "\"\\u0085 \\u2028\\u2029\"");
  expect_string("\xc3\xa9\xf0\x9f\x98\x80", 6, "\"\xc3\xa9\xf0\x9f\x98\x80\"");
  expect_string("x\xff\xe2\x82", 4, "\"x\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\"");
}

static void expect_double(double value, const char *want) {
  json *j = json_new(false);
  json_double(j, value);
  expect(j, want);
}

static void test_doubles(void) {
  expect_double(0.1, "0.1");
  expect_double(-0.0, "0");
  expect_double(1e300, "1e+300");
  expect_double(1.0 / 3, "0.3333333333333333");
  expect_double(0.1 + 0.2, "0.30000000000000004");
  expect_double(NAN, "null");
  expect_double(-INFINITY, "null");
  for (int i = 0; i < 1000; i++) {
    double value = ldexp(1.0 + i * 0.000123456789, i - 500);
    json *j = json_new(false);
    json_double(j, value);
    char *text = json_take(j);
    CU_ASSERT_EQUAL(g_ascii_strtod(text, NULL), value);
    g_free(text);
  }
}

static void test_locale(void) {
  if (!setlocale(LC_ALL, "de_DE.UTF-8")) return; /* not installed: nothing to see */
  expect_double(1.5, "1.5");
  setlocale(LC_ALL, "C");
}

int main(void) {
  CU_initialize_registry();
  CU_pSuite suite = CU_add_suite("json", NULL, NULL);
  CU_add_test(suite, "nesting", test_nesting);
  CU_add_test(suite, "pretty", test_pretty);
  CU_add_test(suite, "strings", test_strings);
  CU_add_test(suite, "doubles", test_doubles);
  CU_add_test(suite, "locale", test_locale);
  CU_basic_set_mode(CU_BRM_NORMAL);
  CU_basic_run_tests();
  unsigned failed = CU_get_number_of_failures();
  CU_cleanup_registry();
  return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
