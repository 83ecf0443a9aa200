/* graph.c (fuzz) - the graph reader on bytes of any kind: nothing may crash,
 * leak or hang, and what it says must be fit for a terminal and be JSON.
 *
 * With clang and -DCLIO_LIBFUZZER -fsanitize=fuzzer it is a libFuzzer target;
 * else a program that reads the files (or the files of the folders) it is
 * given, which `make check` runs over the corpus. */
#include "clio-build.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config.h"

typedef struct any_config {
  int64_t number;
  double share;
  const char *word, *text;
  clio_strlist list;
} any_config;

static const clio_param params[] = {
    CLIO_AUTO(any_config, number, "\"auto\"", 0, 100, "h"),
    CLIO_FLOAT(any_config, share, "0.5", 0, 1, "h"),
    CLIO_STR(any_config, word, "null", "h"),
    CLIO_STR(any_config, text, "\"\"", "h"),
    CLIO_COLUMNS(any_config, list, "[]", "h"),
};
static const plugin_stage stage = {
    .s = {.kind = "extractor",
          .name = "any",
          .params = CLIO_LIST(params),
          .config_size = sizeof(any_config)},
    .params = (clio_param *)params,
};

static void require(bool holds, const char *what) {
  if (holds) return;
  fprintf(stderr, "broken: %s\n", what);
  abort();
}

/* Whatever stood in the file, no control byte may reach the terminal. */
static void check_printed(const diag *d) {
  char *out = NULL;
  size_t size = 0;
  FILE *to = open_memstream(&out, &size);
  diag_print(d, to, false);
  fclose(to);
  for (size_t i = 0; i < size; i++)
    require((unsigned char)out[i] >= 0x20 || out[i] == '\n', "a control byte was printed");
  require(g_utf8_validate_len(out, size, NULL), "invalid UTF-8 was printed");
  free(out);
}

static void check_configs(const graph *g, diag *d) {
  for (guint i = 0; i < g->stages->len; i++) {
    config *c = config_new(g, g_ptr_array_index(g->stages, i), &stage, d);
    if (!c) continue;
    g_free(config_json(c, &stage, true));
    config_free(c);
  }
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length) {
  static const char *const set[] = {"input=file", "n=1", NULL};
  graph *g = NULL;
  diag *d = NULL;
  error e = {0};
  clio_status status = graph_parse("fuzz.yaml", ".", (const char *)bytes, length, set, &g, &d, &e);
  require((status == CLIO_OK) == (diag_errors(d) == 0), "the status and the errors disagree");
  if (g) check_configs(g, d);
  check_printed(d);
  g_autofree char *json = diag_json(d);
  require(g_utf8_validate(json, -1, NULL), "the JSON is invalid UTF-8");
  graph_free(g);
  diag_free(d);
  return 0;
}

#ifndef CLIO_LIBFUZZER
static unsigned run_path(const char *path) {
  unsigned runs = 0;
  GDir *dir = g_dir_open(path, 0, NULL);
  if (dir) {
    for (const char *name; (name = g_dir_read_name(dir));) {
      g_autofree char *inner = g_build_filename(path, name, NULL);
      runs += run_path(inner);
    }
    g_dir_close(dir);
    return runs;
  }
  g_autofree char *text = NULL;
  gsize length = 0;
  if (!g_file_get_contents(path, &text, &length, NULL)) return 0;
  LLVMFuzzerTestOneInput((const uint8_t *)text, length);
  /* Every file cut short at every one of its first bytes is one more case. */
  for (gsize cut = 0; cut < MIN(length, 400); cut++)
    LLVMFuzzerTestOneInput((const uint8_t *)text, cut);
  return 1;
}

int main(int argc, char **argv) {
  const char *src = g_getenv("CLIO_SRC");
  g_autofree char *corpus = g_build_filename(src ? src : ".", "tests/graph", NULL);
  unsigned runs = 0;
  for (int i = 1; i < argc; i++) runs += run_path(argv[i]);
  if (argc == 1) runs = run_path(corpus);
  printf("%u files\n", runs);
  return runs > 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
#endif
