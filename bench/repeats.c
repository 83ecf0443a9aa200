/* repeats.c (bench) - what sampler/random's near-repeats are worth, exactly: how
 * many edited copies of real conversations lie within so many bits of the
 * original's simhash, and how many unrelated pairs do.
 *
 *   bench/repeats FILE.jsonl     conversations as source/jsonl reads them
 *
 * An edit replaces every 100th, 50th, 25th ... word by one that is not there. */
#include "clio-build.h"

#include <glib.h>
#include <json-c/json.h>
#include <stdio.h>
#include <string.h>

#include "text.h"

enum { BITS = 12, EDITS = 5 };
static const int every[EDITS] = {0, 100, 50, 25, 10}; /* 0: another last word alone */

static char *text_of(const char *line) {
  json_object *root = json_tokener_parse(line), *messages = NULL, *content = NULL;
  GString *s = g_string_new(NULL);
  if (root && json_object_object_get_ex(root, "messages", &messages))
    for (size_t i = 0; i < json_object_array_length(messages); i++)
      if (json_object_object_get_ex(json_object_array_get_idx(messages, i), "content", &content))
        g_string_append_printf(s, "%s\n", json_object_get_string(content));
  json_object_put(root);
  return g_string_free(s, FALSE);
}

/* The text with every n-th word changed, or its last one for n = 0. */
static char *edited(const char *text, int n, unsigned salt) {
  g_auto(GStrv) words = g_strsplit_set(text, " \n", -1);
  guint count = g_strv_length(words);
  GString *s = g_string_new(NULL);
  for (guint i = 0; i < count; i++) {
    bool change = n ? (i + salt) % (guint)n == 0 : i + 2 == count;
    if (change)
      g_string_append_printf(s, "zq%uv%u ", salt, i);
    else
      g_string_append_printf(s, "%s ", words[i]);
  }
  return g_string_free(s, FALSE);
}

static void print_edits(const GPtrArray *texts, size_t least, size_t most) {
  size_t seen = 0, found[EDITS][BITS + 1] = {{0}};
  for (guint i = 0; i < texts->len; i++) {
    const char *text = texts->pdata[i];
    g_auto(GStrv) words = g_strsplit_set(text, " \n", -1);
    size_t n = g_strv_length(words);
    if (n < least || n >= most) continue;
    seen++;
    uint64_t h = text_simhash(text, (int64_t)strlen(text));
    for (int k = 0; k < EDITS; k++) {
      g_autofree char *copy = edited(text, every[k], i);
      int d = __builtin_popcountll(h ^ text_simhash(copy, (int64_t)strlen(copy)));
      for (int b = d; b <= BITS; b++) found[k][b]++;
    }
  }
  printf("\n%zu texts of %zu to %zu words: %% of edited copies within so many bits\n%-22s", seen,
         least, most - 1, "");
  for (int b = 0; b <= BITS; b++) printf("%5d", b);
  for (int k = 0; k < EDITS && seen; k++) {
    printf("\n%-22s", every[k] ? "" : "the last word");
    if (every[k]) printf("\revery %3d. word       ", every[k]);
    for (int b = 0; b <= BITS; b++) printf("%5.0f", 100.0 * (double)found[k][b] / (double)seen);
  }
  puts("");
}

static void print_pairs(const GPtrArray *texts) {
  size_t pairs = 0, found[BITS + 1] = {0};
  g_autofree uint64_t *h = g_new0(uint64_t, texts->len + 1);
  for (guint i = 0; i < texts->len; i++)
    h[i] = text_simhash(texts->pdata[i], (int64_t)strlen(texts->pdata[i]));
  for (guint i = 0; i < texts->len; i++)
    for (guint k = 0; k < i; k++, pairs++)
      for (int b = __builtin_popcountll(h[i] ^ h[k]); b <= BITS; b++) found[b]++;
  printf("\n%zu pairs of different conversations, and how many lie within so many bits\n%-22s",
         pairs, "");
  for (int b = 0; b <= BITS; b++) printf("%5zu", found[b]);
  puts("");
}

int main(int argc, char **argv) {
  g_autofree char *bytes = NULL;
  if (argc != 2 || !g_file_get_contents(argv[1], &bytes, NULL, NULL)) {
    fputs("bench/repeats FILE.jsonl\n", stderr);
    return 2;
  }
  g_auto(GStrv) lines = g_strsplit(bytes, "\n", -1);
  g_autoptr(GPtrArray) texts = g_ptr_array_new_with_free_func(g_free);
  for (char **line = lines; *line; line++)
    if (**line) g_ptr_array_add(texts, text_of(*line));
  static const size_t borders[] = {5, 20, 50, 100, 200, 1000, 100000};
  for (size_t i = 0; i + 1 < G_N_ELEMENTS(borders); i++)
    print_edits(texts, borders[i], borders[i + 1]);
  print_pairs(texts);
  return 0;
}
