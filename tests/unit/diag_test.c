/* diag_test.c - order, duplicates, excerpts, masks, colours, JSON, suggestions. */
#include "clio-build.h"

#include "diag.h"

#include <glib.h>
#include <string.h>

#include "unit.h"

static char *printed(const diag *d, bool color) {
  char *out = NULL;
  size_t size = 0;
  FILE *to = open_memstream(&out, &size);
  diag_print(d, to, color);
  fclose(to);
  return out;
}

static void expect(diag *d, bool color, const char *want) {
  char *got = printed(d, color);
  CU_ASSERT_STRING_EQUAL(got, want);
  free(got);
  diag_free(d);
}

static diag *new_diag(const char *text) { return diag_new("f.yaml", text, strlen(text)); }

static void test_order(void) {
  diag *d = new_diag("one\ntwo\n");
  diag_error(d, (diag_pos){2, 1, 3}, "second %d", 2);
  diag_warning(d, (diag_pos){1, 2, 1}, "first");
  diag_error(d, (diag_pos){2, 1, 3}, "second %d", 2);
  diag_privacy(d, (diag_pos){2, 1, 3}, "third");
  diag_error(d, (diag_pos){0}, "whole");
  CU_ASSERT_EQUAL(diag_errors(d), 3);
  CU_ASSERT_EQUAL(diag_warnings(d), 1);
  expect(d, false,
         "f.yaml: error: whole\n"
         "f.yaml:1:2: warning: first\n    1 | one\n      |  ^\n"
         "f.yaml:2:1: error: second 2\n    2 | two\n      | ^~~\n"
         "f.yaml:2:1: error: third\n    2 | two\n      | ^~~\n");
}

static void test_last_line(void) {
  diag *d = new_diag("a\nbc");
  diag_error(d, (diag_pos){2, 3, 0}, "end");
  diag_error(d, (diag_pos){9, 1, 1}, "past the end");
  expect(d, false,
         "f.yaml:2:3: error: end\n    2 | bc\n      |   ^\nf.yaml:9:1: error: past the end\n");
}

static void test_columns(void) {
  diag *d = new_diag("\xE4\xBC\x9A\xE8\xA9\xB1: x\te\xCC\x81 y\r\n");
  diag_error(d, (diag_pos){1, 2, 1}, "wide");
  diag_error(d, (diag_pos){1, 10, 1}, "after combining");
  expect(d, false,
         "f.yaml:1:2: error: wide\n    1 | \xE4\xBC\x9A\xE8\xA9\xB1: x e\xCC\x81 y\n      |   ^~\n"
         "f.yaml:1:10: error: after combining\n    1 | \xE4\xBC\x9A\xE8\xA9\xB1: x e\xCC\x81 y\n"
         "      |           ^\n");
}

static void test_controls(void) {
  diag *d = new_diag("a\x1b[31mb\xFF\xE2\x80\xAE\n");
  diag_error(d, (diag_pos){1, 1, 1}, "say \x1b]0;t\x07 and\nmore");
  expect(d, false, "f.yaml:1:1: error: say ?]0;t? and more\n    1 | a?[31mb??\n      | ^\n");
}

static void test_mask(void) {
  diag *d = new_diag("key: abcdef # k\n");
  diag_mask(d, (diag_pos){1, 6, 6});
  diag_error(d, (diag_pos){1, 1, 3}, "bad");
  expect(d, false, "f.yaml:1:1: error: bad\n    1 | key: ****** # k\n      | ^~~\n");
}

static void test_color(void) {
  diag *d = new_diag("ab\n");
  diag_warning(d, (diag_pos){1, 2, 1}, "w");
  expect(d, true,
         "\033[1mf.yaml:1:2:\033[0m \033[1;35mwarning:\033[0m \033[1mw\033[0m\n"
         "    1 | ab\n      | \033[1;32m ^\033[0m\n");
}

static void test_json(void) {
  diag *d = new_diag("ab\n");
  diag_privacy(d, (diag_pos){1, 2, 1}, "no \"x\"; y; z");
  diag_warning(d, (diag_pos){1, 1, 1}, "w");
  char *got = diag_json(d);
  CU_ASSERT_STRING_EQUAL(
      got, "[{\"file\":\"f.yaml\",\"line\":1,\"column\":1,\"severity\":\"warning\","
           "\"kind\":\"graph\",\"message\":\"w\",\"hint\":null},"
           "{\"file\":\"f.yaml\",\"line\":1,\"column\":2,\"severity\":\"error\","
           "\"kind\":\"privacy\",\"message\":\"no \\\"x\\\"; y; z\",\"hint\":\"y; z\"}]");
  g_free(got);
  diag_free(d);
}

static void expect_suggestion(const char *word, const char *want) {
  static const char *const words[] = {"column", "columns", "from", "use", "k", "size", "sizes"};
  const char *got = diag_suggest(word, words, G_N_ELEMENTS(words));
  if (want) CU_ASSERT_PTR_NOT_NULL(got);
  CU_ASSERT_EQUAL(g_strcmp0(got, want), 0);
}

static void test_suggest(void) {
  expect_suggestion("colum", "column");
  expect_suggestion("columms", "columns");
  expect_suggestion("COLUMN", "column");
  expect_suggestion("form", "from"); /* a swap is one step */
  expect_suggestion("fm", NULL);
  expect_suggestion("us", "use");
  expect_suggestion("siez", "size");
  expect_suggestion("siz", "size"); /* of equally near ones the first */
  expect_suggestion("x", NULL);
  expect_suggestion("clmn", NULL); /* two steps, but a short word */
  expect_suggestion("clumnz", "column");
  expect_suggestion("", NULL);
  char longest[200];
  memset(longest, 'a', sizeof longest - 1);
  longest[sizeof longest - 1] = '\0';
  expect_suggestion(longest, NULL);
}

int main(void) {
  static const unit_test tests[] = {
      {"order", test_order},       {"last line", test_last_line}, {"columns", test_columns},
      {"controls", test_controls}, {"mask", test_mask},           {"color", test_color},
      {"json", test_json},         {"suggest", test_suggest},
  };
  return unit_main("diag", tests, G_N_ELEMENTS(tests));
}
