/* command_complete.c - completion for bash, zsh and fish, from the commands'
 * descriptions; see command.h. What is written here are tables: which options
 * and words there are, of which kinds. How a shell completes a value of a kind
 * stands in core/completion/clio.SHELL, and make joins the two. */
#include <string.h>

#include "command.h"

/* The word by which the scripts call a kind. */
static const char *kind_word(command_kind kind) {
  static const char *const words[COMMAND_KINDS] = {
      [COMMAND_TEXT] = "text",   [COMMAND_NUMBER] = "text", [COMMAND_SIZE] = "text",
      [COMMAND_ASSIGN] = "text", [COMMAND_FILE] = "file",   [COMMAND_GRAPH] = "graph",
      [COMMAND_OUT] = "out",     [COMMAND_STAGE] = "stage", [COMMAND_PLUGIN] = "plugin",
  };
  return kind < COMMAND_KINDS ? words[kind] : NULL;
}

/* Text inside single quotes of a shell; of fish and zsh specs also without the
 * signs that end a part of one. */
static char *quoted(const char *text, const char *taken) {
  GString *s = g_string_new("'");
  for (; *text; text++) {
    if (*text == '\'')
      g_string_append(s, "'\\''");
    else if (strchr(taken, *text))
      g_string_append_printf(s, "\\%c", *text);
    else
      g_string_append_c(s, *text);
  }
  g_string_append_c(s, '\'');
  return g_string_free(s, FALSE);
}

/* ---- bash ---- */

static void bash_commands(GString *out) {
  g_string_append(out, "_clio_commands='");
  for (size_t i = 0; commands[i]; i++)
    g_string_append_printf(out, "%s%s", i ? " " : "", commands[i]->name);
  g_string_append(out, "'\n");
}

static void bash_options(GString *out) {
  g_string_append(out, "\n_clio_options() {\n  case $1 in\n");
  for (size_t i = 0; commands[i]; i++) {
    g_string_append_printf(out, "  %s) echo '", commands[i]->name);
    for (const command_option *o = commands[i]->options; o && o->name; o++) {
      if (o->letter) g_string_append_printf(out, "-%c ", o->letter);
      g_string_append_printf(out, "--%s ", o->name);
    }
    g_string_append(out, "-h --help' ;;\n");
  }
  g_string_append(out, "  esac\n}\n");
}

static void bash_value_kinds(GString *out) {
  g_string_append(out, "\n_clio_value_kind() {\n  case $1:$2 in\n");
  for (size_t i = 0; commands[i]; i++)
    for (const command_option *o = commands[i]->options; o && o->name; o++) {
      if (o->kind == COMMAND_FLAG) continue;
      g_string_append_printf(out, "  %s:--%s", commands[i]->name, o->name);
      if (o->letter) g_string_append_printf(out, " | %s:-%c", commands[i]->name, o->letter);
      g_string_append_printf(out, ") echo %s ;;\n", kind_word(o->kind));
    }
  g_string_append(out, "  esac\n}\n");
}

static void bash_word_kinds(GString *out) {
  g_string_append(out, "\n_clio_word_kind() {\n  case $1:$2 in\n");
  for (size_t i = 0; commands[i]; i++) {
    int n = 1;
    for (const command_word *w = commands[i]->words; w && w->name; w++, n++)
      g_string_append_printf(out, "  %s:%d) echo %s ;;\n", commands[i]->name, n,
                             kind_word(w->kind));
  }
  g_string_append(out, "  esac\n}\n");
}

static char *bash_script(void) {
  GString *out = g_string_new("# bash completion for clio. Written by clio; do not edit.\n\n");
  bash_commands(out);
  bash_options(out);
  bash_value_kinds(out);
  bash_word_kinds(out);
  return g_string_free(out, FALSE);
}

/* ---- zsh ---- */

static void zsh_option(GString *out, const command_option *o) {
  g_autofree char *help = quoted(o->help, "[]:");
  help[strlen(help) - 1] = '\0'; /* both quotes go: the text stands inside others */
  const char *many = o->kind == COMMAND_ASSIGN ? "*" : "";
  if (o->letter)
    g_string_append_printf(out, "    '(-%c --%s)'{-%c,--%s}'[%s]", o->letter, o->name, o->letter,
                           o->name, help + 1);
  else
    g_string_append_printf(out, "    '%s--%s[%s]", many, o->name, help + 1);
  if (o->kind == COMMAND_FLAG)
    g_string_append(out, "' \\\n");
  else
    g_string_append_printf(out, ":%s:_clio_%s' \\\n", o->value, kind_word(o->kind));
}

static void zsh_command(GString *out, const command *c) {
  g_string_append_printf(out, "  %s) _arguments -s \\\n", c->name);
  for (const command_option *o = c->options; o && o->name; o++) zsh_option(out, o);
  int n = 1;
  for (const command_word *w = c->words; w && w->name; w++, n++)
    g_string_append_printf(out, "    '%d:%s:_clio_%s' \\\n", n, w->name, kind_word(w->kind));
  g_string_append(out, "    '(-h --help)'{-h,--help}'[print help]' ;;\n");
}

static char *zsh_script(void) {
  GString *out = g_string_new("#compdef clio\n# zsh completion for clio. Written by clio; do not "
                              "edit.\n\ntypeset -ga _clio_commands=(\n");
  for (size_t i = 0; commands[i]; i++) {
    g_autofree char *about = g_strdup_printf("%s:%s", commands[i]->name, commands[i]->summary);
    g_autofree char *entry = quoted(about, "");
    g_string_append_printf(out, "  %s\n", entry);
  }
  g_string_append(out, ")\n\n_clio_command() {\n  case $words[1] in\n");
  for (size_t i = 0; commands[i]; i++) zsh_command(out, commands[i]);
  g_string_append(out, "  esac\n}\n");
  return g_string_free(out, FALSE);
}

/* ---- fish ---- */

/* How fish is told what a value is: files are its own, the rest are functions. */
static void fish_value(GString *out, command_kind kind, gboolean option) {
  if (kind == COMMAND_FLAG) return;
  const char *word = kind_word(kind);
  if (option) g_string_append(out, strcmp(word, "file") == 0 ? " -r -F" : " -x");
  if (!option && strcmp(word, "file") == 0) g_string_append(out, " -F");
  if (strcmp(word, "text") != 0 && strcmp(word, "file") != 0)
    g_string_append_printf(out, " -a '(__clio_%s)'", word);
}

static void fish_command(GString *out, const command *c) {
  g_autofree char *about = quoted(c->summary, "");
  g_string_append_printf(out, "\ncomplete -c clio -n __fish_use_subcommand -a %s -d %s\n", c->name,
                         about);
  for (const command_option *o = c->options; o && o->name; o++) {
    g_autofree char *help = quoted(o->help, "");
    g_string_append_printf(out, "complete -c clio -n '__fish_seen_subcommand_from %s'", c->name);
    if (o->letter) g_string_append_printf(out, " -s %c", o->letter);
    g_string_append_printf(out, " -l %s -d %s", o->name, help);
    fish_value(out, o->kind, TRUE);
    g_string_append_c(out, '\n');
  }
  for (const command_word *w = c->words; w && w->name; w++) {
    g_string_append_printf(out, "complete -c clio -n '__fish_seen_subcommand_from %s'", c->name);
    fish_value(out, w->kind, FALSE);
    g_string_append_c(out, '\n');
  }
}

static char *fish_script(void) {
  GString *out = g_string_new(
      "# fish completion for clio. Written by clio; do not edit.\n\ncomplete -c clio -f\n"
      "complete -c clio -n __fish_use_subcommand -l version -d 'print the version'\n"
      "complete -c clio -s h -l help -d 'print help'\n");
  for (size_t i = 0; commands[i]; i++) fish_command(out, commands[i]);
  return g_string_free(out, FALSE);
}

char *command_completion(const char *shell) {
  if (strcmp(shell, "bash") == 0) return bash_script();
  if (strcmp(shell, "zsh") == 0) return zsh_script();
  return strcmp(shell, "fish") == 0 ? fish_script() : NULL;
}
