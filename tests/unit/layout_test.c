/* layout_test.c - wrapping, hanging items and what never reaches a terminal. */
#include "layout.h"

#include <string.h>

#include "text.h"
#include "unit.h"

static layout new_layout(int width, bool color) {
  return (layout){.out = g_string_new(NULL), .width = width, .color = color};
}

static void expect(layout l, const char *want) {
  CU_ASSERT_STRING_EQUAL(l.out->str, want);
  g_auto(GStrv) lines = g_strsplit(l.out->str, "\n", -1);
  for (char **line = lines; *line && !l.color; line++)
    CU_ASSERT_TRUE(text_columns(*line) <= l.width);
  g_string_free(l.out, TRUE);
}

static void test_paragraphs(void) {
  layout l = new_layout(20, false);
  layout_heading(&l, "Head");
  layout_text(&l, 2, "one two three four\nfive six\n\nseven  eight");
  layout_heading(&l, "Next");
  expect(l, "Head\n  one two three four\n  five six\n\n  seven eight\n\nNext\n");
}

static void test_items(void) {
  layout l = new_layout(20, false);
  layout_item(&l, 2, 8, "name", "a text that hangs");
  layout_item(&l, 2, 8, "longer name", "below");
  layout_item(&l, 2, 8, "empty", "");
  expect(l, "  name  a text that\n        hangs\n  longer name\n        below\n  empty \n");
}

static void test_long_words(void) {
  layout l = new_layout(10, false);
  layout_text(&l, 2, "abcdefghijklmnop x");
  layout_text(&l, 2, "\xE4\xBC\x9A\xE8\xA9\xB1\xE4\xBC\x9A\xE8\xA9\xB1\xE4\xBC\x9A");
  expect(l, "  abcdefgh\n  ijklmnop\n  x\n"
            "  \xE4\xBC\x9A\xE8\xA9\xB1\xE4\xBC\x9A\xE8\xA9\xB1\n  \xE4\xBC\x9A\n");
}

static void test_controls(void) {
  layout l = new_layout(40, false);
  layout_item(&l, 0, 4, "a\033[31m", "b\033]0;x\007 \xE2\x80\xAE c\tz\xFF");
  CU_ASSERT_PTR_NULL(strchr(l.out->str, '\033'));
  CU_ASSERT_PTR_NULL(strchr(l.out->str, '\007'));
  CU_ASSERT_PTR_NULL(strstr(l.out->str, "\xE2\x80\xAE"));
  CU_ASSERT_TRUE(g_utf8_validate(l.out->str, -1, NULL));
  g_string_free(l.out, TRUE);
}

static void test_color(void) {
  layout l = new_layout(40, true);
  layout_heading(&l, "H");
  layout_item(&l, 1, 4, "a", "b");
  expect(l, "\033[1mH\033[0m\n \033[1ma\033[0m  b\n");
  CU_ASSERT_FALSE(layout_wants_color(tmpfile()));
}

int main(void) {
  static const unit_test tests[] = {
      {"paragraphs", test_paragraphs}, {"items", test_items}, {"long words", test_long_words},
      {"controls", test_controls},     {"color", test_color},
  };
  return unit_main("layout", tests, G_N_ELEMENTS(tests));
}
