/* graph_cases.c - a graph in, its exact diagnostics out. For every NAME.yaml or
 * NAME.json of a folder: parse it, fill the parameters of each stage that uses
 * extractor/probe or source/probe (tables below), print the findings, compare
 * them with NAME.expect byte for byte. Lines of a case that begin with '#!' are
 * for this program:
 *
 *   #! set name=value    as --set
 *   #! check             as clio check: an input may be missing
 *
 *   graph_cases FOLDER            runs the cases
 *   graph_cases FOLDER --update   writes the .expect files; read them then
 *
 * Cases that a graph reader alone cannot judge (ports, types, privacy classes)
 * are flow_cases.sh's. */
#include "clio-build.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "config.h"

typedef struct probe_part {
  const char *name, *mode, *question;
  int64_t least;
} probe_part;

typedef struct probe_config {
  int32_t strict;
  int64_t size, count, k;
  double share;
  const char *name, *mode, *prompt, *path, *key, *role, *old;
  clio_strlist columns;
  clio_records parts;
} probe_config;

static const char *const modes[] = {"fast", "careful", NULL};
static const clio_param part_params[] = {
    CLIO_STR(probe_part, name, NULL, "what it is called"),
    CLIO_ENUM(probe_part, mode, "\"fast\"", modes, "how"),
    CLIO_TEXT(probe_part, question, "null", "what is asked"),
    CLIO_INT(probe_part, least, "1", 1, 5, "the least"),
};
static const clio_param probe_params[] = {
    CLIO_BOOL(probe_config, strict, "false", "refuse odd rows"),
    CLIO_INT(probe_config, size, "10", 1, 100, "how many"),
    CLIO_INT(probe_config, count, "0", 0, 1e18, "no upper limit"),
    CLIO_AUTO(probe_config, k, "\"auto\"", 2, 64, "clusters"),
    CLIO_FLOAT(probe_config, share, "0.5", 0, 1, "a share"),
    CLIO_STR(probe_config, name, "null", "a name"),
    CLIO_ENUM(probe_config, mode, "\"fast\"", modes, "how"),
    CLIO_TEXT(probe_config, prompt, "null", "a prompt"),
    CLIO_PARAM_(probe_config, path, const char *, CLIO_PT_PATH, "null", 0, 0, NULL, 0, "a file"),
    CLIO_PARAM_(probe_config, key, const char *, CLIO_PT_SECRET, "null", 0, 0, NULL, 0, "a key"),
    CLIO_PARAM_(probe_config, role, const char *, CLIO_PT_STRING, "null", 0, 0, NULL,
                CLIO_PARAM_MODEL, "a model's role"),
    CLIO_PARAM_(probe_config, old, const char *, CLIO_PT_STRING, "null", 0, 0, NULL,
                CLIO_PARAM_DEPRECATED, "use name"),
    CLIO_COLUMNS(probe_config, columns, "[]", "columns"),
    CLIO_RECORDS(probe_config, parts, "null", probe_part, part_params, "parts"),
};

typedef struct input_config {
  const char *path;
} input_config;
static const clio_param input_params[] = {CLIO_INPUT(input_config, path, "the input file")};

#define STAGE(k, n, params_, config_) \
  { \
    .s = {.kind = (k), .name = (n), .params = CLIO_LIST(params_), .config_size = sizeof(config_)}, \
    .params = (clio_param *)(params_) \
  }
static const plugin_stage probes[] = {
    STAGE("extractor", "probe", probe_params, probe_config),
    STAGE("source", "probe", input_params, input_config),
    {.s = {.kind = "sampler", .name = "probe"}},
};

static void fill_configs(const graph *g, diag *d) {
  for (guint i = 0; i < g->stages->len; i++) {
    const graph_stage *gs = g_ptr_array_index(g->stages, i);
    if (gs->use->len == 0) continue;
    const doc_node *use = g_ptr_array_index(gs->use, 0);
    for (size_t k = 0; k < G_N_ELEMENTS(probes); k++) {
      g_autofree char *name = g_strdup_printf("%s/%s", probes[k].s.kind, probes[k].s.name);
      if (strcmp(name, use->text) == 0) config_free(config_new(g, gs, &probes[k], d));
    }
  }
}

/* The '#!' lines of a case. */
static void read_directives(const char *text, GPtrArray *ret_set, bool *ret_check) {
  g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
  for (char **line = lines; *line; line++) {
    if (g_str_has_prefix(*line, "#! set ")) g_ptr_array_add(ret_set, g_strdup(*line + 7));
    if (strcmp(*line, "#! check") == 0) *ret_check = true;
  }
  g_ptr_array_add(ret_set, NULL);
}

/* The findings of one case as they are printed. */
static char *run_case(const char *name, const char *text, size_t length) {
  g_autoptr(GPtrArray) set = g_ptr_array_new_with_free_func(g_free);
  bool check = false;
  read_directives(text, set, &check);
  graph *g = NULL;
  diag *d = NULL;
  error e = {0};
  clio_status status =
      graph_parse(name, ".", text, length, (const char *const *)set->pdata, &g, &d, &e);
  bool agrees = (status == CLIO_OK) == (diag_errors(d) == 0);
  if (g) g->inputs_may_be_unset = check;
  if (g) fill_configs(g, d);
  char *out = NULL;
  size_t size = 0;
  FILE *to = open_memstream(&out, &size);
  diag_print(d, to, false);
  if (!agrees) fprintf(to, "(the status does not say so)\n");
  if (status == CLIO_OK && diag_errors(d) == 0) fprintf(to, "(no errors)\n");
  fclose(to);
  graph_free(g);
  diag_free(d);
  return out;
}

static bool is_case(const char *name) {
  return g_str_has_suffix(name, ".yaml") || g_str_has_suffix(name, ".json");
}

static int compare_names(const void *a, const void *b) {
  return strcmp(*(char *const *)a, *(char *const *)b);
}

static GPtrArray *list_cases(const char *folder) {
  GPtrArray *names = g_ptr_array_new_with_free_func(g_free);
  DIR *dir = opendir(folder);
  if (!dir) return names;
  for (struct dirent *entry; (entry = readdir(dir));)
    if (is_case(entry->d_name)) g_ptr_array_add(names, g_strdup(entry->d_name));
  closedir(dir);
  g_ptr_array_sort(names, compare_names);
  return names;
}

/* Every error's sentence, without its place and what it quotes. */
static void collect_sentences(GHashTable *sentences, const char *out) {
  g_auto(GStrv) lines = g_strsplit(out, "\n", -1);
  for (char **line = lines; *line; line++) {
    const char *at = strstr(*line, ": error: ");
    if (!at) continue;
    g_autoptr(GRegex) quoted = g_regex_new("'[^']*'|\"[^\"]*\"|[0-9]+", 0, 0, NULL);
    g_hash_table_add(sentences, g_regex_replace_literal(quoted, at, -1, 0, "", 0, NULL));
  }
}

static bool check_case(const char *name, bool update, GHashTable *sentences) {
  g_autofree char *stem = g_strndup(name, strlen(name) - 5);
  g_autofree char *expect = g_strconcat(stem, ".expect", NULL);
  g_autofree char *text = NULL, *want = NULL;
  gsize length = 0;
  if (!g_file_get_contents(name, &text, &length, NULL)) return false;
  char *got = run_case(name, text, length);
  collect_sentences(sentences, got);
  if (update) g_file_set_contents(expect, got, -1, NULL);
  bool same = g_file_get_contents(expect, &want, NULL, NULL) && strcmp(want, got) == 0;
  if (!same) printf("FAIL %s\n--- expected\n%s--- got\n%s", name, want ? want : "(no file)\n", got);
  free(got);
  return same;
}

int main(int argc, char **argv) {
  enum { SENTENCES_WANTED = 40 };
  const char *src = getenv("CLIO_SRC");
  g_autofree char *folder =
      argc > 1 ? g_strdup(argv[1]) : g_build_filename(src ? src : ".", "tests/graph/cases", NULL);
  bool update = argc > 2 && strcmp(argv[2], "--update") == 0;
  g_setenv("CLIO_CASE_TEXT", "from the environment", TRUE);
  g_setenv("CLIO_CASE_TOKEN", "secret", TRUE);
  g_unsetenv("CLIO_CASE_NONE");
  g_unsetenv("CLIO_DATA_PATH");
  if (chdir(folder) != 0) { /* so that no folder's name is in a message */
    perror(folder);
    return EXIT_FAILURE;
  }
  g_autoptr(GPtrArray) names = list_cases(".");
  g_autoptr(GHashTable) sentences = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
  guint failed = 0;
  for (guint i = 0; i < names->len; i++)
    failed += !check_case(g_ptr_array_index(names, i), update, sentences);
  guint distinct = g_hash_table_size(sentences);
  printf("%u cases, %u failed, %u different error messages\n", names->len, failed, distinct);
  return names->len > 0 && failed == 0 && distinct >= SENTENCES_WANTED ? EXIT_SUCCESS
                                                                       : EXIT_FAILURE;
}
