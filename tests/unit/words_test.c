/* words_test.c - the gate's text rule: support of words and runs, what is exempt,
 * forms that are never printed, and the shipped lists themselves. */
#include "words.h"

#include <CUnit/Basic.h>
#include <glib.h>
#include <glib/gstdio.h>
#include <stdio.h>
#include <string.h>

#include "text.h"

enum { ROWS = 64 };

static words_lists *lists; /* the shipped ones */

/* Members 0 ... rows - 1, one account and one organisation each. */
typedef struct corpus {
  const char *text[ROWS];
  int64_t len[ROWS];
  uint64_t account[ROWS], org[ROWS];
  uint32_t row[ROWS];
  size_t rows;
} corpus;

static void add(corpus *c, const char *text, size_t times) {
  for (size_t i = 0; i < times; i++, c->rows++) {
    c->text[c->rows] = text;
    c->len[c->rows] = text ? (int64_t)strlen(text) : 0;
    c->account[c->rows] = 100 + c->rows;
    c->org[c->rows] = 500 + c->rows;
    c->row[c->rows] = (uint32_t)c->rows;
  }
}

static const words_rule name_rule = {.accounts = 3, .organizations = 1, .max_words = 10};

static const char *check_rows(const corpus *c, const words_rule *rule, const uint32_t *row,
                              size_t rows, const char *text) {
  words_index *index = words_index_new(c->rows, c->text, c->len, c->account, c->org);
  const char *why = words_check(index, lists, rule, row, rows, text);
  words_index_free(index);
  return why;
}

static const char *check(const corpus *c, const char *text) {
  return check_rows(c, &name_rule, c->row, c->rows, text);
}

static void expect_pass(const corpus *c, const char *text) {
  const char *why = check(c, text);
  if (why) fprintf(stderr, "'%s' refused: %s\n", text, why);
  CU_ASSERT_PTR_NULL(why);
}

static void expect_refused(const corpus *c, const char *text, const char *part) {
  const char *why = check(c, text);
  CU_ASSERT_PTR_NOT_NULL_FATAL(why);
  if (!strstr(why, part)) fprintf(stderr, "'%s': %s; want %s\n", text, why, part);
  CU_ASSERT_PTR_NOT_NULL(strstr(why, part));
}

static void test_support(void) {
  corpus c = {0};
  add(&c, "plant roses in a garden", 3);
  add(&c, "prune maples", 2);
  add(&c, NULL, 1);
  expect_pass(&c, "Planting of Rose GARDENS");
  expect_refused(&c, "maple", "too few accounts");
  expect_refused(&c, "garden tulips", "too few accounts");
  add(&c, "maples", 1);
  expect_pass(&c, "maple");
  c.account[4] = c.account[3]; /* two rows of one account count once */
  expect_refused(&c, "maple", "too few accounts");
}

/* Only this node's members count. */
static void test_members(void) {
  corpus c = {0};
  add(&c, "roses", 3);
  add(&c, "tulips", 3);
  uint32_t last[] = {2, 3, 4, 5};
  CU_ASSERT_PTR_NULL(check_rows(&c, &name_rule, last, 4, "tulips"));
  CU_ASSERT_PTR_NOT_NULL(check_rows(&c, &name_rule, last, 4, "roses"));
  CU_ASSERT_PTR_NULL(check_rows(&c, &name_rule, c.row, 6, "roses and tulips"));
  CU_ASSERT_PTR_NOT_NULL(check_rows(&c, &name_rule, last, 0, "tulips"));
}

static void test_organizations(void) {
  corpus c = {0};
  add(&c, "roses", 5);
  for (size_t i = 0; i < 4; i++) c.org[i] = 1;
  words_rule rule = name_rule;
  rule.organizations = 2;
  CU_ASSERT_PTR_NULL(check_rows(&c, &rule, c.row, 5, "roses"));
  rule.organizations = 3;
  const char *why = check_rows(&c, &rule, c.row, 5, "roses");
  CU_ASSERT_PTR_NOT_NULL_FATAL(why);
  CU_ASSERT_PTR_NOT_NULL(strstr(why, "organisations"));
}

static void test_exempt(void) {
  corpus c = {0};
  add(&c, "roses", 3);
  expect_pass(&c, "Users asking for help with questions about roses");
  expect_refused(&c, "improve roses", "too few accounts");
  words_rule common = name_rule;
  common.exempt_common = true;
  CU_ASSERT_PTR_NULL(check_rows(&c, &common, c.row, c.rows, "improve roses"));
  CU_ASSERT_PTR_NOT_NULL(check_rows(&c, &common, c.row, c.rows, "diabetes roses"));
}

/* A run of four words must be written by enough, or by none. */
static void test_runs(void) {
  corpus c = {0};
  add(&c, "red roses", 3);
  add(&c, "climb walls", 3);
  expect_pass(&c, "red roses climb walls"); /* words of all, run of none */
  add(&c, "my red roses climb walls", 1);
  expect_refused(&c, "red roses climb walls", "run of four words");
  expect_refused(&c, "walls and red roses climb walls", "run of four words");
  expect_pass(&c, "roses climb walls");
  add(&c, "Red rose climbs wall!", 1);
  expect_refused(&c, "red roses climb walls", "run of four words");
  add(&c, "red roses climb walls", 1);
  expect_pass(&c, "red roses climb walls");
  /* frame words are part of a run too */
  add(&c, "help me about this matter", 1);
  expect_refused(&c, "help me about this", "run of four words");
}

/* What stands after a NUL byte is a member's text too. */
static void test_nul(void) {
  static const char text[] = "hello\0red roses climb walls";
  corpus c = {0};
  add(&c, "red roses", 3);
  add(&c, "climb walls", 3);
  add(&c, text, 1);
  c.len[6] = sizeof text - 1;
  expect_refused(&c, "red roses climb walls", "run of four words");
}

static void test_other_scripts(void) {
  corpus c = {0};
  add(&c, "как вырастить розы в саду", 3);
  add(&c, "バラの育て方", 3);
  add(&c, "café naïve", 3);
  expect_pass(&c, "Вопросы о розах");
  expect_pass(&c, "バラの育て方");
  expect_pass(&c, "cafe\xcc\x81 nai\xcc\x88ve"); /* composed alike */
  expect_refused(&c, "тюльпаны", "too few accounts");
}

static void test_forms(void) {
  corpus c = {0};
  add(&c, "write to ann example com www http 12345 1234 123 roses red one two a b c d x y z", 4);
  expect_pass(&c, "roses 123");
  expect_refused(&c, "roses 1234", "digits");
  expect_refused(&c, "roses \xd9\xa1\xd9\xa2\xd9\xa3\xd9\xa4", "digits");
  expect_refused(&c, "roses ①②③④", "digits");
  expect_refused(&c, "roses\x01", "control");
  expect_refused(&c, "roses\tred", "control");
  expect_refused(&c, "roses\nred", "control");
  expect_refused(&c, "ro\xe2\x80\x8bses", "invisible");
  expect_refused(&c, "roses \xe2\x80\xae", "invisible");
  expect_refused(&c, "r\xd0\xbeses", "mixed scripts");
  expect_refused(&c, "ann@example.com", "personal");
  expect_refused(&c, "http://example.com", "personal");
  expect_refused(&c, "write to @ann", "personal");
  expect_refused(&c, "\xff", "UTF-8");
}

/* What is no word is compared with nothing, and so must not be there. */
static void test_leftovers(void) {
  corpus c = {0};
  add(&c, "roses and more", 3);
  expect_refused(&c, "", "no word");
  expect_refused(&c, " - !", "no word");
  expect_refused(&c, "roses 🇯🇴🇭🇳", "symbol");
  expect_refused(&c, "roses ❶", "symbol");
  expect_refused(&c, "roses \xee\x80\x80", "symbol");   /* private use */
  expect_refused(&c, "roses Ⓙⓞⓗⓝ", "too few accounts"); /* letters, once folded */
  expect_pass(&c, "Roses, (and) \"more\" - roses?");
}

static void test_length(void) {
  corpus c = {0};
  add(&c, "rose", 3);
  expect_pass(&c, "rose rose rose");
  add(&c, "rose rose rose rose rose rose rose rose rose rose rose", 3);
  expect_pass(&c, "rose rose rose rose rose rose rose rose rose rose");
  expect_refused(&c, "rose rose rose rose rose rose rose rose rose rose rose", "too many words");
}

/* ---- the lists ---- */

static bool is_frame(const char *word) {
  g_autofree char *folded = text_fold(word, (int64_t)strlen(word));
  return words_is_frame(lists, folded);
}

static bool is_common(const char *word) {
  g_autofree char *folded = text_fold(word, (int64_t)strlen(word));
  return words_is_common(lists, folded);
}

static void test_shipped_lists(void) {
  /* clang-format off */
  static const char *const frame[] = {
      "the", "Users", "asking", "help", "questions", "Nutzer", "Fragen", "demandes", "usuarios",
      "pedidos", "utenti", "gebruikers", "verzoeke", "usuaris", "pytania", "kullanıcılar",
      "Пользователи", "запити", "المستخدمين", "प्रश्न",
      "ユーザー", "用户", "사용자들이", "օգտատերեր",
      "მომხმარებლები"};
  /* clang-format on */
  for (size_t i = 0; i < G_N_ELEMENTS(frame); i++) {
    if (!is_frame(frame[i])) fprintf(stderr, "not on a frame list: %s\n", frame[i]);
    CU_ASSERT_TRUE(is_frame(frame[i]));
  }
  CU_ASSERT_TRUE(is_common("translate") && is_common("recipes"));
}

/* Words that fold to a name, place, group or condition in some language. */
static void test_lists_are_clean(void) {
  /* clang-format off */
  static const char *const never[] = {
      "Ali",   "Ana",    "Ben",       "Chi",    "Dan",    "Ella",   "Elle",  "Han",     "Jan",
      "Jo",    "Kim",    "Lara",      "Les",    "Li",     "Ma",     "Mai",   "Max",     "May",
      "Mia",   "Min",    "Mina",      "Nas",    "Nell",   "Ona",    "Per",   "Rana",    "Sam",
      "Sana",  "Sara",   "Sue",       "Tal",    "Tam",    "Tom",    "Uma",   "Una",     "Will",
      "AIDS",  "ADD",    "ALS",       "cancer", "die",    "dead",   "hep",   "HIV",     "ill",
      "pain",  "US",     "UK",        "EU",     "UN",     "Eden",   "Lima",  "Mali",    "Nice",
      "Paris", "Roma",   "war",       "sin",    "son",    "rat",    "gift",  "bomb",    "suicide",
      "Jew",   "Muslim", "Islam",     "gay",    "police", "doctor", "wife",  "husband", "mother",
      "IBM", "Google", "password1", "علي", "محمد", "Иван", "Путин", "李", "王",
      "김",    "이",     "田中"};
  /* clang-format on */
  for (size_t i = 0; i < G_N_ELEMENTS(never); i++) {
    bool listed = is_frame(never[i]) || is_common(never[i]);
    if (listed) fprintf(stderr, "on a list: %s\n", never[i]);
    CU_ASSERT_FALSE(listed);
  }
}

static void write_list(const char *dir, const char *name, const char *text) {
  g_autofree char *path = g_build_filename(dir, name, NULL);
  CU_ASSERT_TRUE(g_file_set_contents(path, text, -1, NULL));
}

static void expect_load_error(const char *dir, const char *part) {
  words_lists *loaded = NULL;
  error e = {0};
  CU_ASSERT_NOT_EQUAL(words_lists_load(dir, &loaded, &e), CLIO_OK);
  CU_ASSERT_PTR_NULL(loaded);
  if (!strstr(e.text, part)) fprintf(stderr, "%s; want %s\n", e.text, part);
  CU_ASSERT_PTR_NOT_NULL(strstr(e.text, part));
}

static void test_load(void) {
  g_autofree char *dir = g_dir_make_tmp("clio-words-XXXXXX", NULL);
  g_autofree char *nowhere = g_build_filename(dir, "nowhere", NULL);
  g_autofree char *frame = g_build_filename(dir, "frame-xx.txt", NULL);
  expect_load_error(nowhere, "cannot read the word lists");
  expect_load_error(dir, "no word list");
  write_list(dir, "frame-xx.txt", "# all of it\n  Asking # as in\n\nabout\n");
  write_list(dir, "notes.txt", "roses\n");
  words_lists *loaded = NULL;
  error e = {0};
  CU_ASSERT_EQUAL_FATAL(words_lists_load(dir, &loaded, &e), CLIO_OK);
  CU_ASSERT_TRUE(words_is_frame(loaded, "ask") && words_is_frame(loaded, "about"));
  CU_ASSERT_FALSE(words_is_frame(loaded, "as") || words_is_frame(loaded, "rose"));
  CU_ASSERT_FALSE(words_is_common(loaded, "ask"));
  words_lists_free(loaded);
  write_list(dir, "frame-xx.txt", "caf\xe9\n");
  expect_load_error(dir, "is not UTF-8");
  g_autoptr(GString) many = g_string_new(NULL);
  for (int i = 0; i < 401; i++) g_string_append_printf(many, "w%d\n", i);
  write_list(dir, "frame-xx.txt", many->str);
  expect_load_error(dir, "more than 400 words");
  g_remove(frame);
  g_autofree char *notes = g_build_filename(dir, "notes.txt", NULL);
  g_remove(notes);
  g_rmdir(dir);
}

int main(void) {
  const char *data = g_getenv("CLIO_DATA_PATH");
  g_autofree char *dir = g_build_filename(data ? data : "configs", "words", NULL);
  error e = {0};
  if (words_lists_load(dir, &lists, &e) != CLIO_OK) {
    fprintf(stderr, "%s\n", e.text);
    return 1;
  }
  if (CU_initialize_registry() != CUE_SUCCESS) return 1;
  CU_pSuite s = CU_add_suite("words", NULL, NULL);
  CU_add_test(s, "support", test_support);
  CU_add_test(s, "members", test_members);
  CU_add_test(s, "organisations", test_organizations);
  CU_add_test(s, "exempt", test_exempt);
  CU_add_test(s, "runs", test_runs);
  CU_add_test(s, "nul", test_nul);
  CU_add_test(s, "other scripts", test_other_scripts);
  CU_add_test(s, "forms", test_forms);
  CU_add_test(s, "leftovers", test_leftovers);
  CU_add_test(s, "length", test_length);
  CU_add_test(s, "shipped lists", test_shipped_lists);
  CU_add_test(s, "lists are clean", test_lists_are_clean);
  CU_add_test(s, "load", test_load);
  CU_basic_set_mode(CU_BRM_NORMAL);
  CU_basic_run_tests();
  unsigned failed = CU_get_number_of_failures();
  CU_cleanup_registry();
  words_lists_free(lists);
  return failed ? 1 : 0;
}
