/* name_templates_test.c - every word that namer/keyphrase puts around topics is
 * on the frame list, so that a name without topics is never refused. The verbs
 * of `do` lines are not held to it: members use them, or the name is not taken. */
#include <CUnit/Basic.h>
#include <glib.h>
#include <stdio.h>

#include "text.h"
#include "words.h"

static words_lists *lists;
static char *templates;

static const char *const keys[] = {"topics ", "such ", "often ",   "some ",  "alone ",
                                   "kind ",   "bare ", "objects ", "verbs ", "verbs_more ",
                                   "tell ",   "most ", "many ",    "other "};

static clio_status check_word(void *ctx, const char *word, int64_t len) {
  if (len == 1 && *word > 'A' && *word < 'z' && word[-1] == '{' && word[1] == '}') return CLIO_OK;
  g_autofree char *folded = text_fold(word, len);
  if (words_is_frame(lists, folded)) return CLIO_OK;
  ++*(int *)ctx;
  printf("\n  not a frame word: '%.*s'", (int)len, word);
  return CLIO_OK;
}

static void every_word_is_a_frame_word(void) {
  int missing = 0, lines_checked = 0;
  g_auto(GStrv) lines = g_strsplit(templates, "\n", -1);
  for (char **line = lines; *line; line++)
    for (size_t k = 0; k < G_N_ELEMENTS(keys); k++) {
      if (!g_str_has_prefix(*line, keys[k])) continue;
      const char *text = *line + strlen(keys[k]);
      CU_ASSERT_EQUAL(text_words(text, (int64_t)strlen(text), check_word, &missing), CLIO_OK);
      lines_checked++;
    }
  CU_ASSERT_EQUAL(missing, 0);
  CU_ASSERT(lines_checked > 50);
}

int main(void) {
  error e = {0};
  const char *data = g_getenv("CLIO_DATA_PATH");
  g_autofree char *dir = g_build_filename(data ? data : "configs", "words", NULL);
  g_autofree char *path = g_build_filename(dir, "name-templates.txt", NULL);
  if (words_lists_load(dir, &lists, &e) != CLIO_OK) return puts(e.text), 1;
  if (!g_file_get_contents(path, &templates, NULL, NULL)) return puts("no templates"), 1;
  if (CU_initialize_registry() != CUE_SUCCESS) return 1;
  CU_pSuite suite = CU_add_suite("name templates", NULL, NULL);
  CU_add_test(suite, "every word is a frame word", every_word_is_a_frame_word);
  CU_basic_run_tests();
  unsigned failed = CU_get_number_of_failures();
  CU_cleanup_registry();
  words_lists_free(lists);
  g_free(templates);
  return failed != 0;
}
