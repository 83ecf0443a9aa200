/* command_man.c - the manual pages clio(1) and clio-COMMAND(1), from the
 * commands' descriptions; see command.h. clio-graph(5) is graph_man.c's. */
#include <string.h>

#include "command.h"
#include "roff.h"

static void put_notes(GString *out, const char *heading, const command_note *notes) {
  if (!notes || !notes->label) return;
  if (heading) roff_section(out, heading);
  for (; notes->label; notes++) roff_item(out, notes->label, notes->text);
}

static void put_examples(GString *out, const command_note *examples) {
  if (!examples) return;
  roff_section(out, "EXAMPLES");
  for (const command_note *e = examples; e->label; e++)
    roff_example(out, e == examples, e->label, e->text);
}

static void put_options(GString *out, const command *c) {
  roff_section(out, "OPTIONS");
  for (const command_option *o = c->options; o && o->name; o++) {
    g_autofree char *typed = o->letter ? g_strdup_printf("-%c, --%s", o->letter, o->name)
                                       : g_strconcat("--", o->name, NULL);
    const char *kind = command_kind_name(o->kind);
    g_autofree char *text =
        kind ? g_strdup_printf("%s; %s is %s", o->help, o->value, kind) : g_strdup(o->help);
    roff_option(out, typed, o->value, text);
  }
  roff_item(out, "-h, --help", "print a summary of this page");
}

/* The words that stand for something the reader gives, and what they are. */
static void put_words(GString *out, const command *c) {
  for (const command_word *w = c->words; w && w->name; w++) {
    g_autofree char *text =
        g_strdup_printf("%s%s", command_kind_name(w->kind), w->optional ? "; may be left out" : "");
    roff_item(out, w->name, text);
  }
}

static char *page_of_command(const command *c) {
  GString *out = g_string_new(NULL);
  g_autofree char *page = g_strconcat("clio-", c->name, NULL);
  g_autofree char *synopsis = command_synopsis(c);
  g_autofree char *typed = g_strconcat("clio ", synopsis, NULL);
  roff_head(out, page, 1, c->summary);
  roff_section(out, "SYNOPSIS");
  roff_text(out, typed);
  roff_section(out, "DESCRIPTION");
  roff_text(out, c->about);
  put_words(out, c);
  put_options(out, c);
  put_examples(out, c->examples);
  put_notes(out, "EXIT STATUS", c->exits);
  put_notes(out, "FILES", c->files);
  put_notes(out, "ENVIRONMENT", c->environment ? c->environment : command_environment);
  if (c->environment) put_notes(out, NULL, command_environment);
  roff_section(out, "SEE ALSO");
  roff_page(out, "clio", 1, FALSE);
  roff_page(out, "clio-graph", 5, TRUE);
  return g_string_free(out, FALSE);
}

static char *page_of_clio(void) {
  GString *out = g_string_new(NULL);
  roff_head(out, "clio", 1,
            "show how people use an AI assistant without anyone reading their conversations");
  roff_section(out, "SYNOPSIS");
  roff_text(out, "clio COMMAND [options]");
  roff_section(out, "DESCRIPTION");
  roff_text(out, "Clio runs a graph of stages over conversations: it screens and samples them, "
                 "extracts facets, writes a redacted summary of each request, clusters and names "
                 "them, and releases a tree of clusters that no small group can be read out of.");
  roff_section(out, "COMMANDS");
  for (size_t i = 0; commands[i]; i++) roff_item(out, commands[i]->name, commands[i]->summary);
  roff_section(out, "OPTIONS");
  roff_item(out, "-h, --help", "print a summary of this page; after a command, of the command");
  roff_item(out, "--version", "print the version");
  put_notes(out, "EXIT STATUS", command_exits);
  put_notes(out, "FILES", command_files);
  put_notes(out, "ENVIRONMENT", command_environment);
  roff_section(out, "SEE ALSO");
  for (size_t i = 0; commands[i]; i++) {
    g_autofree char *page = g_strconcat("clio-", commands[i]->name, NULL);
    roff_page(out, page, 1, FALSE);
  }
  roff_page(out, "clio-graph", 5, TRUE);
  return g_string_free(out, FALSE);
}

char *command_man(const char *page) {
  if (strcmp(page, "clio") == 0) return page_of_clio();
  if (strcmp(page, "clio-graph") == 0) return command_man_graph();
  const command *c = g_str_has_prefix(page, "clio-") ? command_find(page + strlen("clio-")) : NULL;
  return c ? page_of_command(c) : NULL;
}
