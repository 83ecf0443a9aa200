/* command.c - parses a command line by the command's description, on GOption;
 * see command.h. */
#include "command.h"

#include <stdio.h>
#include <string.h>

#include "layout.h"
#include "text.h"

const char *command_kind_name(command_kind kind) {
  static const char *const names[COMMAND_KINDS] = {
      [COMMAND_TEXT] = "any text",
      [COMMAND_NUMBER] = "a whole number",
      [COMMAND_SIZE] = "a size, like 512M or 8G",
      [COMMAND_ASSIGN] = "a name, '=', a value; may be given more than once",
      [COMMAND_FILE] = "a file",
      [COMMAND_GRAPH] = "a graph, YAML or JSON",
      [COMMAND_OUT] = "the folder of a run",
      [COMMAND_STAGE] = "the KIND/NAME of an installed stage",
      [COMMAND_PLUGIN] = "a shared object",
  };
  return kind < COMMAND_KINDS ? names[kind] : NULL;
}

const command *command_find(const char *name) {
  for (size_t i = 0; commands[i]; i++)
    if (strcmp(commands[i]->name, name) == 0) return commands[i];
  return NULL;
}

char *command_synopsis(const command *c) {
  GString *s = g_string_new(c->name);
  for (const command_word *w = c->words; w && w->name; w++)
    g_string_append_printf(s, w->optional ? " [%s]" : " %s", w->name);
  g_string_append(s, " [options]");
  return g_string_free(s, FALSE);
}

static GOptionArg arg_of(command_kind kind) {
  switch (kind) {
  case COMMAND_FLAG: return G_OPTION_ARG_NONE;
  case COMMAND_NUMBER: return G_OPTION_ARG_INT;
  case COMMAND_ASSIGN: return G_OPTION_ARG_FILENAME_ARRAY;
  default: return G_OPTION_ARG_FILENAME; /* the bytes as they stand */
  }
}

/* GOption's entries, with --help; free the array. */
static GArray *entries_of(const command *c, void *values, gboolean *want_help) {
  GArray *entries = g_array_new(TRUE, TRUE, sizeof(GOptionEntry));
  for (const command_option *o = c->options; o && o->name; o++) {
    GOptionEntry e = {.long_name = o->name,
                      .short_name = o->letter,
                      .arg = arg_of(o->kind),
                      .arg_data = (char *)values + o->at,
                      .description = o->help,
                      .arg_description = o->value};
    g_array_append_val(entries, e);
  }
  GOptionEntry help = {.long_name = "help", .short_name = 'h', .arg_data = want_help};
  g_array_append_val(entries, help);
  return entries;
}

static int complain(const command *c, const char *what) {
  g_autofree char *synopsis = command_synopsis(c),
                  *clean = text_for_terminal(what, (int64_t)strlen(what));
  fprintf(stderr, "clio: %s\nusage: clio %s; 'clio %s --help' says more\n", clean, synopsis,
          c->name);
  return 2;
}

static int count_words(const command *c, int words) {
  int least = 0, most = 0;
  for (const command_word *w = c->words; w && w->name; w++, most++) least += !w->optional;
  if (words > most) return complain(c, "too many arguments");
  if (words >= least) return -1;
  g_autofree char *what = g_strdup_printf("an argument is missing: %s", c->words[words].name);
  return complain(c, what);
}

static int print_help(const command *c) {
  g_autofree char *text = command_help(c, layout_columns(stdout), layout_wants_color(stdout));
  fputs(text, stdout);
  return 0;
}

int command_parse(const command *c, int *argc, char ***argv, void *values) {
  gboolean want_help = FALSE;
  g_autoptr(GArray) entries = entries_of(c, values, &want_help);
  GOptionContext *context = g_option_context_new(NULL);
  g_option_context_set_help_enabled(context, FALSE);
  g_option_context_add_main_entries(context, (const GOptionEntry *)(void *)entries->data, NULL);
  g_autoptr(GError) failed = NULL;
  int code = -1;
  if (!g_option_context_parse(context, argc, argv, &failed))
    code = complain(c, failed->message);
  else if (want_help)
    code = print_help(c);
  else
    code = count_words(c, *argc - 1);
  g_option_context_free(context);
  if (code >= 0) command_clear(c, values);
  return code;
}

void command_clear(const command *c, void *values) {
  for (const command_option *o = c->options; o && o->name; o++) {
    void *at = (char *)values + o->at;
    if (o->kind == COMMAND_FLAG || o->kind == COMMAND_NUMBER) continue;
    if (o->kind == COMMAND_ASSIGN)
      g_clear_pointer((char ***)at, g_strfreev);
    else
      g_clear_pointer((char **)at, g_free);
  }
}
