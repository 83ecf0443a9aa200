/* lexicon.c - the shipped word lists, read apart from core/words.c. */
#include <string.h>

#include "oracle.h"
#include "text.h"

static bool is_plain(const char *word) {
  size_t n = strspn(word, "abcdefghijklmnopqrstuvwxyz");
  return n > 1 && word[n] == 0;
}

static void add_word(char *line, GHashTable *set, GPtrArray *plain) {
  char *word = g_strstrip(line);
  if (word[0] == 0 || word[0] == '#') return;
  bool known = !g_hash_table_add(set, text_fold(word, (int64_t)strlen(word)));
  if (!known && is_plain(word)) g_ptr_array_add(plain, g_strdup(word));
}

static void read_list(const char *path, GHashTable *set, GPtrArray *plain) {
  g_autofree char *all = NULL;
  if (!g_file_get_contents(path, &all, NULL, NULL)) return;
  g_auto(GStrv) line = g_strsplit(all, "\n", -1);
  for (int i = 0; line[i]; i++) add_word(line[i], set, plain);
}

static int by_bytes(gconstpointer a, gconstpointer b) {
  return strcmp(*(char *const *)a, *(char *const *)b);
}

/* In order of the files' names: the words found first must not hang on the disk. */
static void read_folder(const char *dir, lexicon *lex) {
  g_autoptr(GDir) folder = g_dir_open(dir, 0, NULL);
  g_autoptr(GPtrArray) names = g_ptr_array_new_with_free_func(g_free);
  const char *name;
  while (folder && (name = g_dir_read_name(folder))) g_ptr_array_add(names, g_strdup(name));
  g_ptr_array_sort(names, by_bytes);
  for (guint i = 0; i < names->len; i++) {
    name = names->pdata[i];
    g_autofree char *path = g_build_filename(dir, name, NULL);
    if (g_str_has_prefix(name, "frame-")) read_list(path, lex->frame, lex->plain);
    if (g_str_has_prefix(name, "common-")) read_list(path, lex->common, lex->everyday);
  }
}

lexicon *lexicon_load(const char *dir, error *e) {
  lexicon *lex = g_new0(lexicon, 1);
  lex->frame = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
  lex->common = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
  lex->plain = g_ptr_array_new_with_free_func(g_free);
  lex->everyday = g_ptr_array_new_with_free_func(g_free);
  read_folder(dir, lex);
  g_ptr_array_sort(lex->plain, by_bytes);
  g_ptr_array_sort(lex->everyday, by_bytes);
  if (lex->plain->len >= 20 && words_lists_load(dir, &lex->for_gate, e) == CLIO_OK) return lex;
  error_set(e, CLIO_E_INPUT, "the oracle finds %u frame words in %s; it needs 20", lex->plain->len,
            dir);
  lexicon_free(lex);
  return NULL;
}

void lexicon_free(lexicon *lex) {
  g_hash_table_destroy(lex->frame);
  g_hash_table_destroy(lex->common);
  g_ptr_array_free(lex->plain, TRUE);
  g_ptr_array_free(lex->everyday, TRUE);
  if (lex->for_gate) words_lists_free(lex->for_gate);
  g_free(lex);
}
