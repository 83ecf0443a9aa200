/* text_test.c - words, folding, simhash, hidden characters, terminal width. */
#include "text.h"

#include <CUnit/Basic.h>
#include <glib.h>
#include <json-c/json.h>
#include <stdio.h>
#include <string.h>
#include <unicode/ubrk.h>
#include <unicode/uchar.h>
#include <unicode/utext.h>

static clio_status join_word(void *ctx, const char *word, int64_t len) {
  GString *out = ctx;
  if (out->len) g_string_append_c(out, '|');
  g_string_append_len(out, word, len);
  return CLIO_OK;
}

static char *words_of(const char *text) {
  GString *out = g_string_new("");
  CU_ASSERT_EQUAL(text_words(text, (int64_t)strlen(text), join_word, out), CLIO_OK);
  return g_string_free(out, FALSE);
}

static void expect_words(const char *text, const char *want) {
  g_autofree char *got = words_of(text);
  if (strcmp(got, want) != 0) fprintf(stderr, "words of '%s': '%s', want '%s'\n", text, got, want);
  CU_ASSERT_STRING_EQUAL(got, want);
}

static void expect_fold(const char *word, const char *want) {
  g_autofree char *got = text_fold(word, (int64_t)strlen(word));
  if (strcmp(got, want) != 0) fprintf(stderr, "fold of '%s': '%s', want '%s'\n", word, got, want);
  CU_ASSERT_STRING_EQUAL(got, want);
}

static void test_words(void) {
  expect_words("", "");
  expect_words("Hello, world!  It's 3.14 -- a_b __ e.g. x-ray",
               "Hello|world|It's|3.14|a_b|e.g|x|ray");
  expect_words("Die Straße ist groß.", "Die|Straße|ist|groß");
  expect_words("Ça va? Да, конечно!", "Ça|va|Да|конечно");
  expect_words("สวัสดีชาวโลก", "สวัสดี|ชาว|โลก");
  expect_words("我们喜欢学习语言", "我们|喜欢|学习|语言");
  expect_words("日本語の勉強が好きです。", "日本語|の|勉強|が|好き|です");
  expect_words("👨‍👩‍👧 family 🎉", "family");
  expect_words("caf\xC3\xA9\xFF bad\xC3(", "café|bad");
  expect_words("don’t_x 1,000.5 a;b", "don’t_x|1,000.5|a|b");
}

/* Text ends with the word; fn's failure stops and comes back. */
static clio_status stop_at_two(void *ctx, const char *word, int64_t len) {
  (void)word;
  (void)len;
  return ++*(int *)ctx == 2 ? CLIO_E_CANCELLED : CLIO_OK;
}

static void test_words_stop(void) {
  int n = 0;
  CU_ASSERT_EQUAL(text_words("a b c", 5, stop_at_two, &n), CLIO_E_CANCELLED);
  CU_ASSERT_EQUAL(n, 2);
  n = 0;
  CU_ASSERT_EQUAL(text_words("я б в", 8, stop_at_two, &n), CLIO_E_CANCELLED);
  CU_ASSERT_EQUAL(n, 2);
}

/* A word callback may ask for words itself. */
static clio_status nested(void *ctx, const char *word, int64_t len) {
  g_autoptr(GString) inner = g_string_new("");
  CU_ASSERT_EQUAL(text_words(word, len, join_word, inner), CLIO_OK);
  return join_word(ctx, inner->str, (int64_t)inner->len);
}

static void test_words_nested(void) {
  g_autoptr(GString) out = g_string_new("");
  const char *text = "один два three четыре";
  CU_ASSERT_EQUAL(text_words(text, (int64_t)strlen(text), nested, out), CLIO_OK);
  CU_ASSERT_STRING_EQUAL(out->str, "один|два|three|четыре");
}

/* The words of ICU alone over the whole text, by the same rule. */
static char *icu_words_of(UBreakIterator *it, const char *text, int64_t len) {
  GString *out = g_string_new("");
  UErrorCode code = U_ZERO_ERROR;
  UText *ut = utext_openUTF8(NULL, text, len, &code);
  ubrk_setUText(it, ut, &code);
  int32_t start = ubrk_first(it);
  for (int32_t end = ubrk_next(it); end != UBRK_DONE; start = end, end = ubrk_next(it)) {
    bool alnum = false;
    for (int64_t i = start; i < end;) alnum |= u_isalnum(text_next_char(text, &i, end));
    if (ubrk_getRuleStatus(it) >= UBRK_WORD_NONE_LIMIT && alnum)
      join_word(out, text + start, end - start);
  }
  utext_close(ut);
  return g_string_free(out, FALSE);
}

/* The path without ICU and the cutting at blanks give ICU's words exactly. */
static void test_words_same_as_icu(void) {
  static const char *const parts[] = {"a",  "B", "1",  "_", ".",  ",",        ":",
                                      "'",  " ", "\n", ";", "-",  "9",        "\t",
                                      "\"", "/", "é",  "я", "日", "\xCC\x81", "’"};
  UErrorCode code = U_ZERO_ERROR;
  UBreakIterator *it = ubrk_open(UBRK_WORD, "", NULL, 0, &code);
  g_autoptr(GRand) rand = g_rand_new_with_seed(7);
  int different = 0;
  for (int round = 0; round < 20000; round++) {
    g_autoptr(GString) text = g_string_new("");
    int kinds = round % 2 ? (int)G_N_ELEMENTS(parts) : 16; /* 16: ASCII only */
    for (int i = g_rand_int_range(rand, 0, 24); i > 0; i--)
      g_string_append(text, parts[g_rand_int_range(rand, 0, kinds)]);
    g_autofree char *got = words_of(text->str);
    g_autofree char *want = icu_words_of(it, text->str, (int64_t)text->len);
    if (strcmp(got, want) != 0 && different++ < 3)
      fprintf(stderr, "'%s': '%s', ICU '%s'\n", text->str, got, want);
  }
  CU_ASSERT_EQUAL(different, 0);
  ubrk_close(it);
}

static void test_fold(void) {
  expect_fold("Running", "run");
  expect_fold("USERS", "user");
  expect_fold("user’s", "user");
  expect_fold("user's", "user");
  expect_fold("Straße", "strass");
  expect_fold("STRASSE", "strass");
  expect_fold("ﬁles", "file");
  expect_fold("конечные", "конечн");
  expect_fold("КОНЕЧНЫХ", "конечн");
  expect_fold("日本語", "日本語");
  expect_fold("ｶﾞﾗｽ", "ガラス");
  expect_fold("İstanbul", "i\xCC\x87stanbul");
  expect_fold("co\xC2\xADoperate", "cooper");
  expect_fold("", "");
  g_autofree char *plain = text_fold_plain("Laufen’S", (int64_t)strlen("Laufen’S"));
  CU_ASSERT_STRING_EQUAL(plain, "laufen's");
  g_autofree char *broken = text_fold_plain("A\xFF", 2);
  CU_ASSERT_STRING_EQUAL(broken, "a\xEF\xBF\xBD");
}

static void test_fold_long(void) {
  g_autofree char *word = g_strnfill(100000, 'S');
  g_autofree char *folded = text_fold(word, 100000);
  CU_ASSERT_EQUAL(strlen(folded), 100000);
  g_autoptr(GString) wide = g_string_new("");
  for (int i = 0; i < 2000; i++) g_string_append(wide, "ﷺ"); /* each becomes 18 units */
  g_autofree char *long_fold = text_fold(wide->str, (int64_t)wide->len);
  CU_ASSERT_TRUE(strlen(long_fold) > 18 * 2000);
  CU_ASSERT_TRUE(text_is_utf8(long_fold, (int64_t)strlen(long_fold), NULL));
}

static uint64_t simhash_of(const char *s) { return text_simhash(s, (int64_t)strlen(s)); }

static void test_simhash(void) {
  CU_ASSERT_EQUAL(simhash_of(""), 0);
  CU_ASSERT_EQUAL(simhash_of(" ... !"), 0);
  const char *a = "please write me a short poem about the sea and the wind in autumn";
  const char *b = "Please write me a short poem about the sea and the winds in Autumn!";
  const char *c = "how do I sort a list of numbers in python without using sorted";
  CU_ASSERT_EQUAL(simhash_of(a), simhash_of(b));
  CU_ASSERT_TRUE(__builtin_popcountll(simhash_of(a) ^ simhash_of(c)) > 10);
  CU_ASSERT_EQUAL(simhash_of("sea"), simhash_of("Sea sea"));
}

static bool control_in(const char *s) { return text_has_control(s, (int64_t)strlen(s)); }

static void test_control(void) {
  CU_ASSERT_FALSE(control_in("plain text\twith tab\nand line: naïve 日本 🎉"));
  CU_ASSERT_TRUE(control_in("a\x1b[31mred"));
  CU_ASSERT_TRUE(control_in("a\rb"));
  CU_ASSERT_TRUE(control_in("a\x7f"));
  CU_ASSERT_TRUE(control_in("a\xC2\x9B"
                            "31m")); /* C1 CSI */
  CU_ASSERT_TRUE(control_in("a\xE2\x80\xAE"
                            "txt")); /* right-to-left override */
  CU_ASSERT_TRUE(control_in("zero\xE2\x80\x8Bwidth"));
  CU_ASSERT_TRUE(control_in("soft\xC2\xADhyphen"));
  CU_ASSERT_TRUE(control_in("\xF3\xA0\x81\x81tag"));
  CU_ASSERT_TRUE(control_in("line\xE2\x80\xA8separator"));
  CU_ASSERT_TRUE(text_has_control("a\0b", 3));
}

static bool mixed(const char *s) { return text_has_mixed_script(s, (int64_t)strlen(s)); }

static void test_mixed_script(void) {
  CU_ASSERT_FALSE(mixed("English и русский, Ελληνικά"));
  CU_ASSERT_FALSE(mixed("東京タワーに行く ラーメン食べ物"));
  CU_ASSERT_FALSE(mixed("AI를 배우는 大韓民國사람"));
  CU_ASSERT_FALSE(mixed("x2 3D v1.0 naïve"));
  CU_ASSERT_TRUE(mixed("p\xD0\xB0ypal"));        /* Cyrillic a */
  CU_ASSERT_TRUE(mixed("this is \xCE\xBFmega")); /* Greek omicron */
  CU_ASSERT_TRUE(mixed("\xD5\xA1\xD0\xB0"));     /* Armenian, Cyrillic */
}

static int run_in(const char *s) { return text_digit_run(s, (int64_t)strlen(s)); }

static void test_digit_run(void) {
  CU_ASSERT_EQUAL(run_in("no digits"), 0);
  CU_ASSERT_EQUAL(run_in("12 345 6"), 3);
  CU_ASSERT_EQUAL(run_in("x1234567y"), 7);
  CU_ASSERT_EQUAL(run_in("٢٠٢٦"), 4);
  CU_ASSERT_EQUAL(run_in("１２３４5"), 5);
}

static void expect_terminal(const char *text, const char *want) {
  g_autofree char *got = text_for_terminal(text, (int64_t)strlen(text));
  CU_ASSERT_STRING_EQUAL(got, want);
}

static void test_terminal(void) {
  expect_terminal("a\tb\nc", "a b c");
  expect_terminal("\x1b]0;title\x07ok\xE2\x80\xAE", "]0;titleok");
  expect_terminal("bad\xFF.", "bad\xEF\xBF\xBD.");
  CU_ASSERT_EQUAL(text_columns("abc"), 3);
  CU_ASSERT_EQUAL(text_columns("日本"), 4);
  CU_ASSERT_EQUAL(text_columns("e\xCC\x81t"), 2);
  CU_ASSERT_EQUAL(text_columns("🎉"), 2);
  CU_ASSERT_EQUAL(text_columns(""), 0);
  CU_ASSERT_EQUAL(text_columns("\xE1\x84\x92\xE1\x85\xA1\xE1\x86\xAB"),
                  2); /* jamo of one syllable */
  CU_ASSERT_EQUAL(text_fit("abcdef", 4), 4);
  CU_ASSERT_EQUAL(text_fit("日本語", 5), 6);
  CU_ASSERT_EQUAL(text_fit("e\xCC\x81x", 1), 3);
  CU_ASSERT_EQUAL(text_fit("👨‍👩‍👧x", 2), 0); /* not inside a family */
  CU_ASSERT_EQUAL(text_fit("abc", 10), 3);
  CU_ASSERT_EQUAL(text_fit("", 3), 0);
}

static void test_utf8(void) {
  int64_t bad = -1;
  CU_ASSERT_TRUE(text_is_utf8("plain ascii that is longer than eight bytes, naïve", 51, &bad));
  CU_ASSERT_FALSE(text_is_utf8("12345678abc\xC0\xAF", 13, &bad));
  CU_ASSERT_EQUAL(bad, 11);
  CU_ASSERT_FALSE(text_is_utf8("\xED\xA0\x80", 3, &bad)); /* a surrogate */
  CU_ASSERT_EQUAL(bad, 0);
  CU_ASSERT_FALSE(text_is_utf8("ab\xE2\x82", 4, &bad)); /* cut short */
  CU_ASSERT_EQUAL(bad, 2);
  CU_ASSERT_FALSE(text_is_utf8("\xF4\x90\x80\x80", 4, NULL));
}

/* One case of the malformed set: repaired as the set says, and nothing in this
 * file falls over it. */
static void check_malformed(struct json_object *row) {
  struct json_object *bytes, *want;
  if (!json_object_object_get_ex(row, "bytes_base64", &bytes) ||
      !json_object_object_get_ex(row, "expected", &want))
    CU_FAIL_FATAL("a malformed-UTF-8 row without bytes_base64 or expected");
  gsize len = 0;
  g_autofree char *raw = (char *)g_base64_decode(json_object_get_string(bytes), &len);
  g_autoptr(GString) repaired = g_string_new("");
  bool valid = true;
  for (int64_t i = 0; i < (int64_t)len;) {
    int32_t c = text_next_char(raw, &i, (int64_t)len);
    valid = valid && c >= 0;
    g_string_append_unichar(repaired, c < 0 ? 0xFFFD : (gunichar)c);
  }
  CU_ASSERT_EQUAL(text_is_utf8(raw, (int64_t)len, NULL), valid);
  CU_ASSERT_EQUAL(repaired->len, (gsize)json_object_get_string_len(want));
  CU_ASSERT_EQUAL(memcmp(repaired->str, json_object_get_string(want), repaired->len), 0);
  g_autofree char *folded = text_fold(raw, (int64_t)len);
  CU_ASSERT_TRUE(text_is_utf8(folded, (int64_t)strlen(folded), NULL));
  text_simhash(raw, (int64_t)len);
}

static void test_malformed_set(void) {
  const char *src = g_getenv("CLIO_SRC"), *shared = g_getenv("CLIO_SHARED");
  g_autofree char *dir =
      shared ? g_strdup(shared) : g_strdup_printf("%s/../shared", src ? src : ".");
  g_autofree char *path = g_build_filename(dir, "data/unicode/utf8-malformed.jsonl", NULL);
  g_autofree char *all = NULL;
  if (!g_file_get_contents(path, &all, NULL, NULL)) {
    g_print(" (set absent, skipped) ");
    return;
  }
  g_auto(GStrv) lines = g_strsplit(all, "\n", -1);
  for (char **line = lines; *line; line++) {
    if (!**line) continue;
    struct json_object *row = json_tokener_parse(*line);
    CU_ASSERT_PTR_NOT_NULL_FATAL(row);
    check_malformed(row);
    json_object_put(row);
  }
}

static gpointer simhash_thread(gpointer text) {
  uint64_t first = simhash_of(text);
  for (int i = 0; i < 200; i++)
    if (simhash_of(text) != first) return GINT_TO_POINTER(1);
  return NULL;
}

static void test_threads(void) {
  GThread *threads[4];
  char text[] = "слова and words และคำ 東京タワー";
  for (int i = 0; i < 4; i++) threads[i] = g_thread_new("text", simhash_thread, text);
  for (int i = 0; i < 4; i++) CU_ASSERT_PTR_NULL(g_thread_join(threads[i]));
}

int main(void) {
  if (CU_initialize_registry() != CUE_SUCCESS) return 1;
  CU_pSuite s = CU_add_suite("text", NULL, NULL);
  CU_add_test(s, "words", test_words);
  CU_add_test(s, "words stop", test_words_stop);
  CU_add_test(s, "words nested", test_words_nested);
  CU_add_test(s, "words as ICU", test_words_same_as_icu);
  CU_add_test(s, "fold", test_fold);
  CU_add_test(s, "fold long", test_fold_long);
  CU_add_test(s, "simhash", test_simhash);
  CU_add_test(s, "control", test_control);
  CU_add_test(s, "mixed script", test_mixed_script);
  CU_add_test(s, "digit run", test_digit_run);
  CU_add_test(s, "terminal", test_terminal);
  CU_add_test(s, "utf8", test_utf8);
  CU_add_test(s, "malformed set", test_malformed_set);
  CU_add_test(s, "threads", test_threads);
  CU_basic_set_mode(CU_BRM_NORMAL);
  CU_basic_run_tests();
  unsigned failed = CU_get_number_of_failures();
  CU_cleanup_registry();
  return failed ? 1 : 0;
}
