/* main.c - the clio program: finds the command and calls it. */
#include <cblas.h>
#include <locale.h>
#include <stdio.h>
#include <string.h>

#include "clio-build.h"
#include "commands.h"
#include "diag.h"
#include "registry.h"

typedef struct command {
  const char *name, *summary;
  int (*run)(int argc, char **argv);
} command;

static const command commands[] = {
    {"run", "run a graph over conversations", cmd_run},
    {"check", "type a graph without reading any data", cmd_check},
    {"inspect", "list installed stages, or describe one", cmd_inspect},
    {"show", "draw a released tree in the terminal", cmd_show},
};

enum { COMMANDS = sizeof commands / sizeof *commands };

static int usage(FILE *to, int code) {
  fputs("usage: clio COMMAND [options]\n\n"
        "Shows how people use an AI assistant without anyone reading their conversations.\n\n"
        "Commands:\n",
        to);
  for (size_t i = 0; i < COMMANDS; i++)
    fprintf(to, "  %-8s  %s\n", commands[i].name, commands[i].summary);
  fputs("\nExamples:\n"
        "  clio run configs/demo.yaml -o demo\n"
        "  clio show demo\n\n"
        "'clio COMMAND --help' describes a command; 'clio --version' prints the version.\n",
        to);
  return code;
}

static int unknown(const char *name) {
  const char *names[COMMANDS];
  for (size_t i = 0; i < COMMANDS; i++) names[i] = commands[i].name;
  const char *near = diag_suggest(name, names, COMMANDS);
  fprintf(stderr, "clio: there is no such command%s%s%s\n", near ? "; did you mean '" : "",
          near ? near : "", near ? "'?" : "");
  return usage(stderr, 2);
}

int main(int argc, char **argv) {
  setlocale(LC_CTYPE, "C.UTF-8");
  openblas_set_num_threads(1);
  if (argc < 2) return usage(stderr, 2);
  const char *name = argv[1];
  if (!strcmp(name, "--scan") && argc == 3) return registry_scan_main(argv[2]);
  if (!strcmp(name, "--version")) {
    printf("clio %s\n", PACKAGE_VERSION);
    return 0;
  }
  if (!strcmp(name, "--help") || !strcmp(name, "-h") || !strcmp(name, "help"))
    return usage(stdout, 0);
  for (size_t i = 0; i < COMMANDS; i++)
    if (!strcmp(commands[i].name, name)) return commands[i].run(argc - 1, argv + 1);
  return unknown(name);
}
