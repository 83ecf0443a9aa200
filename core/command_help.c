/* command_help.c - what --help prints; see command.h. */
#include <string.h>

#include "command.h"
#include "layout.h"

enum { INDENT = 2, OPTION_HANG = 28, NOTE_HANG = 24, CODE_HANG = 7 };

/* "-i, --input INPUT", "    --dot" */
static char *option_label(const command_option *o) {
  g_autofree char *letter = o->letter ? g_strdup_printf("-%c, ", o->letter) : g_strdup("    ");
  return g_strdup_printf("%s--%s%s%s", letter, o->name, o->value ? " " : "",
                         o->value ? o->value : "");
}

static void put_options(const command *c, layout *l) {
  layout_heading(l, "Options");
  for (const command_option *o = c->options; o && o->name; o++) {
    g_autofree char *label = option_label(o);
    layout_item(l, INDENT, OPTION_HANG, label, o->help);
  }
  layout_item(l, INDENT, OPTION_HANG, "-h, --help", "print this help");
}

static void put_examples(const command_note *examples, layout *l) {
  if (!examples) return;
  layout_heading(l, "Examples");
  for (; examples->label; examples++) {
    layout_text(l, INDENT, examples->label);
    if (examples->text[0]) layout_text(l, INDENT * 3, examples->text);
  }
}

static void put_notes(const char *heading, int hang, const command_note *notes, layout *l) {
  if (!notes) return;
  layout_heading(l, heading);
  for (; notes->label; notes++) layout_item(l, INDENT, hang, notes->label, notes->text);
}

static void help_of_command(const command *c, layout *l) {
  g_autofree char *synopsis = command_synopsis(c);
  g_autofree char *usage = g_strconcat("usage: clio ", synopsis, NULL);
  layout_heading(l, usage);
  g_string_append_c(l->out, '\n');
  layout_text(l, 0, c->about);
  put_options(c, l);
  put_examples(c->examples, l);
  put_notes("Exit codes", CODE_HANG, c->exits, l);
  put_notes("Files", NOTE_HANG, c->files, l);
  put_notes("Environment", NOTE_HANG, c->environment, l);
}

static void help_of_clio(layout *l) {
  static const command_note examples[] = {
      {"clio run configs/demo.yaml -o demo", ""}, {"clio show demo", ""}, {NULL, NULL}};
  layout_heading(l, "usage: clio COMMAND [options]");
  g_string_append_c(l->out, '\n');
  layout_text(l, 0,
              "Shows how people use an AI assistant without anyone reading their conversations.");
  layout_heading(l, "Commands");
  for (size_t i = 0; commands[i]; i++)
    layout_item(l, INDENT, INDENT + 10, commands[i]->name, commands[i]->summary);
  put_examples(examples, l);
  put_notes("Exit codes", INDENT + 10, command_exits, l);
  put_notes("Environment", NOTE_HANG, command_environment, l);
  g_string_append_c(l->out, '\n');
  layout_text(l, 0,
              "'clio COMMAND --help' and the manual page clio-COMMAND(1) describe a command; 'clio "
              "--version' prints the version.");
}

char *command_help(const command *c, int columns, gboolean color) {
  layout l = {.out = g_string_new(NULL), .color = color, .width = CLAMP(columns, 40, 100)};
  if (c)
    help_of_command(c, &l);
  else
    help_of_clio(&l);
  return g_string_free(l.out, FALSE);
}
