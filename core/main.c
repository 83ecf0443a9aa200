/* main.c - the clio program: finds the command and calls it. */
#include <cblas.h>
#include <locale.h>
#include <stdio.h>
#include <string.h>

#include "clio-build.h"
#include "commands.h"
#include "diag.h"
#include "layout.h"
#include "registry.h"
#include "text.h"

/* Text for make and for the shells' completions, not listed by --help. */
static int print_hidden(char *text, const char *what) {
  if (!text) {
    fprintf(stderr, "clio: there is no such thing: '%s'\n", what);
    return 2;
  }
  fputs(text, stdout);
  g_free(text);
  return 0;
}

/* The installed stages, one a line; NULL unless `what` is "stages". */
static char *complete_stages(const char *what) {
  registry *r = NULL;
  error e = {0};
  if (strcmp(what, "stages") != 0 || registry_new(&r, &e) != CLIO_OK) return NULL;
  const GPtrArray *entries = registry_entries(r);
  GString *out = g_string_new(NULL);
  for (guint i = 0; i < entries->len; i++) {
    const registry_entry *entry = g_ptr_array_index(entries, i);
    g_string_append_printf(out, "%s/%s\n", entry->kind, entry->name);
  }
  registry_free(r);
  return g_string_free(out, FALSE);
}

static int print_help(FILE *to, int code) {
  g_autofree char *text = command_help(NULL, layout_columns(to), layout_wants_color(to));
  fputs(text, to);
  return code;
}

static int unknown(const char *name) {
  const char *names[64];
  size_t count = 0;
  for (; commands[count] && count < G_N_ELEMENTS(names); count++)
    names[count] = commands[count]->name;
  const char *near = diag_suggest(name, names, count);
  g_autofree char *clean = text_for_terminal(name, (int64_t)strlen(name));
  fprintf(stderr, "clio: there is no command '%s'%s%s%s; 'clio --help' lists them\n", clean,
          near ? "; did you mean '" : "", near ? near : "", near ? "'?" : "");
  return 2;
}

/* Options of clio itself; -1: it is none. */
static int own_option(const char *name, const char *value) {
  if (!strcmp(name, "--help") || !strcmp(name, "-h") || !strcmp(name, "help"))
    return print_help(stdout, 0);
  if (!strcmp(name, "--version")) {
    printf("clio %s\n", PACKAGE_VERSION);
    return 0;
  }
  if (!value) return -1;
  if (!strcmp(name, "--scan")) return registry_scan_main(value);
  if (!strcmp(name, "--man")) return print_hidden(command_man(value), value);
  if (!strcmp(name, "--complete")) return print_hidden(complete_stages(value), value);
  if (!strcmp(name, "--completion")) return print_hidden(command_completion(value), value);
  return -1;
}

int main(int argc, char **argv) {
  setlocale(LC_CTYPE, "C.UTF-8");
  openblas_set_num_threads(1);
  if (argc < 2) return print_help(stderr, 2);
  int code = own_option(argv[1], argc == 3 ? argv[2] : NULL);
  if (code >= 0) return code;
  const command *c = command_find(argv[1]);
  return c ? c->run(argc - 1, argv + 1) : unknown(argv[1]);
}
