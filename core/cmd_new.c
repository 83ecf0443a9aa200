/* cmd_new.c - clio new: writes a stage of one's own, of any kind the core can run, from the files
 * of sdk/template: a plugin that builds, passes its test and runs in a graph as it stands. */
#include "clio-build.h"

#include <errno.h>
#include <glib.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "commands.h"
#include "diag.h"
#include "util.h"

enum { STAGE_NAME_MAX = 40 };

/* What differs between the kinds beside their own folder of the template. */
typedef struct kind_info {
  const char *kind, *declassify, *sample, *about;
  bool names_column; /* the stage's name is that of a column it adds */
} kind_info;

static const kind_info kinds[] = {
    {"source", "request", "sample.tsv", "A source: reads a format and makes conversations of it.",
     false},
    {"sampler", "request", "sample.jsonl",
     "A sampler: decides, without seeing text, which conversations are read.", false},
    {"screener", "request", "sample.jsonl",
     "A screener: lets conversations through, or drops them.", false},
    {"summarizer", "text", "sample.jsonl",
     "A summarizer: makes the text of a conversation that is clustered.", true},
    {"extractor", "facet, request", "sample.jsonl",
     "An extractor: adds a facet, one value for each conversation.", true},
    {"embedder", "request", "sample.jsonl", "An embedder: makes a vector of a text.", false},
    {"clusterer", "request", "sample.jsonl",
     "A clusterer: puts conversations with vectors near each other together.", false},
    {"hierarchizer", "request", "sample.jsonl", "A hierarchizer: builds a tree on the clusters.",
     false},
    {"namer", "request", "sample.jsonl",
     "A namer: gives clusters the names that readers see, if the gate lets them pass.", false},
    {"aggregator", "refusal, request", "sample.jsonl",
     "An aggregator: proposes which values of which facets are counted for each cluster.", false},
    {"auditor", "request", "sample.jsonl",
     "An auditor: rates the texts that would be published, before the gate.", false},
    {"projector", "request", "sample.jsonl", "A projector: gives conversations places on a map.",
     false},
    {"validator", "request", "sample.jsonl",
     "A validator: measures the result against what is known of public data.", false},
    {"report", "request", "sample.jsonl", "A report: writes what was released to a file.", false},
    {"model", "request", "sample.jsonl",
     "A model: makes requests of questions, and answers of a provider's replies.", false},
};

/* Columns and words of the graph that a column may not be called after. */
static const char *const taken_columns[] = {"account", "content", "id",      "length",  "metadata",
                                            "org",     "outputs", "period",  "refusal", "request",
                                            "role",    "sent",    "simhash", "time",    "turns",
                                            "vector",  "x",       "y",       "language"};

/* Where the SDK lies: the template's folder, and the folder of clio.pc. */
typedef struct sdk_place {
  char *template, *pkgconfig;
} sdk_place;

/* ---- what was asked for ---- */

static const kind_info *find_kind(const char *kind, error *e) {
  for (size_t i = 0; i < G_N_ELEMENTS(kinds); i++)
    if (strcmp(kinds[i].kind, kind) == 0) return &kinds[i];
  if (strcmp(kind, "detector") == 0) {
    error_set(e, CLIO_E_UNSUPPORTED,
              "this clio carries no findings from a detector to a report yet, so a new one could "
              "not be run; for numbers about public data write a validator");
    return NULL;
  }
  const char *names[G_N_ELEMENTS(kinds) + 1] = {NULL};
  for (size_t i = 0; i < G_N_ELEMENTS(kinds); i++) names[i] = kinds[i].kind;
  const char *near = diag_suggest(kind, names, G_N_ELEMENTS(kinds));
  g_autofree char *all = g_strjoinv(", ", (char **)(uintptr_t)names);
  if (near)
    error_set(e, CLIO_E_CONFIG, "there is no kind '%.40s'; did you mean '%s'?", kind, near);
  else
    error_set(e, CLIO_E_CONFIG, "there is no kind '%.40s'; the kinds are %s", kind, all);
  return NULL;
}

static clio_status check_stage_name(const kind_info *k, const char *name, error *e) {
  static const char letters[] = "abcdefghijklmnopqrstuvwxyz0123456789_";
  g_autofree char *better = g_ascii_strdown(name, -1);
  g_strcanon(better, letters, '_');
  bool fits = name[0] >= 'a' && name[0] <= 'z' && name[strspn(name, letters)] == '\0';
  if (!fits && better[0] >= 'a' && better[0] <= 'z' && strlen(better) <= STAGE_NAME_MAX)
    return error_set(e, CLIO_E_CONFIG,
                     "a stage is called by a small letter, then small letters, digits and '_'; "
                     "try %s/%s",
                     k->kind, better);
  if (!fits || strlen(name) > STAGE_NAME_MAX)
    return error_set(e, CLIO_E_CONFIG,
                     "a stage is called by a small letter, then small letters, digits and '_', at "
                     "most %d",
                     STAGE_NAME_MAX);
  for (size_t i = 0; k->names_column && i < G_N_ELEMENTS(taken_columns); i++)
    if (strcmp(taken_columns[i], name) == 0)
      return error_set(e, CLIO_E_CONFIG,
                       "the new %s adds a column called '%s', and there is one of that name "
                       "already; choose another",
                       k->kind, name);
  return CLIO_OK;
}

/* ---- where the template is ---- */

/* A variable of an uninstalled SDK's .pc file; NULL where there is none. */
static char *read_variable(const char *text, const char *name) {
  g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
  size_t length = strlen(name);
  for (char **line = lines; *line; line++)
    if (strncmp(*line, name, length) == 0 && (*line)[length] == '=')
      return g_strdup(*line + length + 1);
  return NULL;
}

/* The folder as it was configured; where it was moved with the program, beside it. */
static char *installed_folder(const char *configured, const char *beside) {
  if (g_file_test(configured, G_FILE_TEST_IS_DIR)) return g_strdup(configured);
  return g_build_filename(exe_dir(), "..", beside, NULL);
}

/* An uninstalled clio has clio-uninstalled.pc beside it. */
static sdk_place find_sdk(void) {
  sdk_place place = {0};
  g_autofree char *pc = g_build_filename(exe_dir(), "clio-uninstalled.pc", NULL);
  g_autofree char *text = NULL;
  if (g_file_get_contents(pc, &text, NULL, NULL)) place.template = read_variable(text, "template");
  if (place.template) {
    place.pkgconfig = g_strdup(exe_dir());
  } else {
    place.template = installed_folder(CLIO_PKGDATADIR "/template", "share/clio/template");
    place.pkgconfig = installed_folder(CLIO_PKGCONFIGDIR, "lib/pkgconfig");
  }
  return place;
}

static void sdk_clear(sdk_place *place) {
  g_free(place->template);
  g_free(place->pkgconfig);
}

/* ---- writing ---- */

/* The folder being written and what stands for each @WORD@. */
typedef struct scaffold {
  const kind_info *kind;
  const char *name, *folder, *template;
  char *sdk, *program;
} scaffold;

/* A path as it must stand in a Makefile. */
static char *make_escape(const char *path) {
  GString *out = g_string_new(path);
  g_string_replace(out, "$", "$$", 0);
  g_string_replace(out, "#", "\\#", 0);
  return g_string_free(out, FALSE);
}

static clio_status read_part(const scaffold *s, const char *kind, const char *file, char **ret,
                             error *e) {
  g_autofree char *path = g_build_filename(s->template, kind ? kind : "", file, NULL);
  if (g_file_get_contents(path, ret, NULL, NULL)) return CLIO_OK;
  return error_set(e, CLIO_E_IO,
                   "the template '%s' cannot be read; this clio was installed without its SDK",
                   path);
}

/* Puts another file of the template into the place of `word`. */
static clio_status include(const scaffold *s, GString *text, const char *word, const char *kind,
                           const char *file, error *e) {
  g_autofree char *part = NULL;
  if (!strstr(text->str, word)) return CLIO_OK;
  clio_status status = read_part(s, kind, file, &part, e);
  if (status == CLIO_OK) g_string_replace(text, word, g_strchomp(part), 0);
  return status;
}

static clio_status expand(const scaffold *s, GString *text, error *e) {
  const char *const words[][2] = {{"@NAME@", s->name},
                                  {"@KIND@", s->kind->kind},
                                  {"@ABOUT@", s->kind->about},
                                  {"@SAMPLE@", s->kind->sample},
                                  {"@DECLASSIFY@", s->kind->declassify},
                                  {"@SDK@", s->sdk},
                                  {"@CLIO@", s->program}};
  clio_status status = include(s, text, "@CHECK@", NULL, "check.in", e);
  if (status == CLIO_OK) status = include(s, text, "@PLUGIN@", NULL, "plugin.in", e);
  if (status == CLIO_OK) status = include(s, text, "@STAGES@", s->kind->kind, "graph.in", e);
  for (size_t i = 0; i < G_N_ELEMENTS(words) && status == CLIO_OK; i++)
    g_string_replace(text, words[i][0], words[i][1], 0);
  return status;
}

/* Writes one file of the new folder from one of the template. */
static clio_status write_part(const scaffold *s, const char *kind, const char *from, const char *to,
                              error *e) {
  g_autofree char *part = NULL;
  clio_status status = read_part(s, kind, from, &part, e);
  if (status != CLIO_OK) return status;
  g_autoptr(GString) text = g_string_new(part);
  g_autofree char *path = g_build_filename(s->folder, to, NULL);
  status = expand(s, text, e);
  if (status == CLIO_OK) status = write_file(path, text->str, text->len, 0644, e);
  return status;
}

static clio_status write_all(const scaffold *s, error *e) {
  g_autofree char *source = g_strdup_printf("%s.c", s->name);
  g_autofree char *test = g_strdup_printf("%s_test.c", s->name);
  bool own_sample = strcmp(s->kind->kind, "source") == 0;
  const char *kind = s->kind->kind;
  clio_status status = write_part(s, kind, "stage.c.in", source, e);
  if (status == CLIO_OK) status = write_part(s, kind, "test.c.in", test, e);
  if (status == CLIO_OK) status = write_part(s, NULL, "graph.in", "graph.yaml", e);
  if (status == CLIO_OK) status = write_part(s, NULL, "make.in", "Makefile", e);
  if (status == CLIO_OK) status = write_part(s, NULL, "readme.in", "README.md", e);
  if (status == CLIO_OK) status = write_part(s, NULL, "ignore.in", ".gitignore", e);
  if (status == CLIO_OK)
    status = write_part(s, own_sample ? kind : NULL, s->kind->sample, s->kind->sample, e);
  return status;
}

/* The folder must be new: what is there is never touched. */
static clio_status make_folder(const char *folder, error *e) {
  if (mkdir(folder, 0755) == 0) return CLIO_OK;
  if (errno == EEXIST)
    return error_set(e, CLIO_E_CONFIG,
                     "'%s' is there already and is left as it is; choose another name, or another "
                     "folder with -o",
                     folder);
  return error_errno(e, CLIO_E_IO, errno, "cannot make the folder '%s'", folder);
}

static clio_status scaffold_write(const kind_info *k, const char *name, const char *folder,
                                  error *e) {
  sdk_place place = find_sdk();
  g_autofree char *program = g_build_filename(exe_dir(), "clio", NULL);
  scaffold s = {.kind = k, .name = name, .folder = folder, .template = place.template};
  s.sdk = make_escape(place.pkgconfig);
  s.program = make_escape(program);
  clio_status status = make_folder(folder, e);
  if (status == CLIO_OK) {
    error ignored = {0};
    status = write_all(&s, e);
    if (status != CLIO_OK) remove_tree(folder, &ignored);
  }
  g_free(s.sdk);
  g_free(s.program);
  sdk_clear(&place);
  return status;
}

/* ---- the command ---- */

static int report_failure(const error *e, clio_status status) {
  fprintf(stderr, "clio: %s\n", e->text);
  return status == CLIO_E_IO ? 74 : status == CLIO_E_CONFIG ? 2 : 1;
}

static int new_stage(const char *use, const char *folder) {
  const char *slash = strchr(use, '/');
  error e = {0};
  if (!slash || strchr(slash + 1, '/')) {
    fprintf(stderr, "clio: what shall it be? write KIND/NAME, such as extractor/politeness\n");
    return 2;
  }
  g_autofree char *kind = g_strndup(use, (gsize)(slash - use));
  const char *name = slash + 1;
  const kind_info *k = find_kind(kind, &e);
  if (!k) return report_failure(&e, e.status);
  clio_status status = check_stage_name(k, name, &e);
  if (!folder) folder = name;
  if (status == CLIO_OK) status = scaffold_write(k, name, folder, &e);
  if (status != CLIO_OK) return report_failure(&e, status);
  fprintf(stderr,
          "clio: %s/%s is in %s; next:\n"
          "  cd %s && make && make check\n"
          "  make conform\n"
          "  make run\n",
          k->kind, name, folder, folder);
  return 0;
}

typedef struct new_options {
  char *out;
} new_options;

static int new_command(int argc, char **argv) {
  new_options o = {0};
  int code = command_parse(&command_new, &argc, &argv, &o);
  if (code < 0) code = new_stage(argv[1], o.out);
  command_clear(&command_new, &o);
  return code;
}

/* ---- its description ---- */

static const command_word command_words[] = {{"KIND/NAME", COMMAND_TEXT, FALSE}, {NULL, 0, FALSE}};

static const command_option options[] = {
    {"out", 'o', COMMAND_OUT, "DIR", "the folder to make; else NAME, in this one",
     offsetof(new_options, out)},
    {NULL, 0, 0, NULL, NULL, 0},
};

static const command_note examples[] = {
    {"clio new extractor/politeness", "then: cd politeness && make && make check"},
    {"clio new report/markdown -o plugins/markdown", ""},
    {NULL, NULL},
};

static const command_note exits[] = {
    {"0", "done"},
    {"1", "this clio cannot run stages of that kind yet"},
    {"2", "there is no such kind, the name will not do, or the folder is there"},
    {"74", "a file could not be written"},
    {NULL, NULL},
};

const command command_new = {
    .name = "new",
    .summary = "write a plugin of your own to start from",
    .about =
        "Writes a plugin of one stage that works as it stands: its source, a test, a Makefile, "
        "a graph, and a few lines of data to run it on. A folder that is there is left "
        "alone.\n\n"
        "Kinds: source, sampler, screener, summarizer, extractor, embedder, clusterer, "
        "hierarchizer, namer, aggregator, auditor, projector, validator, report, model.",
    .words = command_words,
    .options = options,
    .examples = examples,
    .exits = exits,
    .run = new_command,
};
