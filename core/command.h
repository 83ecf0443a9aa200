/* command.h - a command of the clio program, described once. The command line
 * is parsed by the description; --help, the manual pages and the completions
 * of bash, zsh and fish are written from it. cmd_NAME.c holds one each. */
#ifndef CLIO_CORE_COMMAND_H
#define CLIO_CORE_COMMAND_H
#include <glib.h>
#include <stddef.h>

/* What a word or the value of an option is. In the struct of values it is kept
 * as the type in brackets. */
typedef enum command_kind {
  COMMAND_FLAG,   /* an option without a value [gboolean] */
  COMMAND_TEXT,   /* any text [char *] */
  COMMAND_NUMBER, /* a whole number [int] */
  COMMAND_SIZE,   /* 512M, 8G [char *] */
  COMMAND_ASSIGN, /* NAME=VALUE, as often as wanted [char **] */
  COMMAND_FILE,   /* a file [char *] */
  COMMAND_GRAPH,  /* a graph file [char *] */
  COMMAND_OUT,    /* the folder of a run [char *] */
  COMMAND_STAGE,  /* KIND/NAME of an installed stage [char *] */
  COMMAND_PLUGIN, /* a shared object [char *] */
  COMMAND_KINDS
} command_kind;

/* One option. Lists of these end with a NULL name. */
typedef struct command_option {
  const char *name; /* "max-memory" */
  char letter;      /* 'm', or 0 */
  command_kind kind;
  const char *value; /* "SIZE"; NULL for a flag */
  const char *help;  /* lower case, no full stop */
  size_t at;         /* offsetof() in the struct of values */
} command_option;

/* One word after the options. Lists end with a NULL name. */
typedef struct command_word {
  const char *name; /* "GRAPH" */
  command_kind kind;
  gboolean optional;
} command_word;

/* A label and what is said of it: an example and what it does, an exit code, a
 * file, an environment variable. Lists end with a NULL label. */
typedef struct command_note {
  const char *label, *text;
} command_note;

typedef struct command {
  const char *name, *summary;      /* "run"; "run a graph over conversations" */
  const char *about;               /* paragraphs, an empty line between two */
  const command_word *words;       /* NULL: none */
  const command_option *options;   /* NULL: none but --help */
  const command_note *examples;    /* what is typed; what it does, or "" */
  const command_note *exits;       /* its exit codes, by number */
  const command_note *files;       /* NULL: none of its own */
  const command_note *environment; /* beside command_environment; NULL: none */
  int (*run)(int argc, char **argv);
} command;

/* Every command, NULL-ended, in the order in which they are listed. */
extern const command *const commands[];

/* What holds for all of them. */
extern const command_note command_environment[], command_exits[], command_files[];

/* The command of that name, or NULL. */
const command *command_find(const char *name);

/* "a whole number", "KIND/NAME of an installed stage"; NULL for a flag. */
const char *command_kind_name(command_kind kind);

/* "run GRAPH [options]", "inspect [KIND/NAME] [options]". New string. */
char *command_synopsis(const command *c);

/* Parses argv (argv[0] is the command's name) in place: values of options go to
 * `values`, which keeps what it held where an option is not given; the words
 * stay in argv[1] to argv[argc - 1]. Returns -1 to go on, 0 when --help was
 * printed, 2 for a bad command line (said on stderr). [main] */
int command_parse(const command *c, int *argc, char ***argv, void *values);

/* Frees the texts that command_parse put into `values`, and sets them to NULL. */
void command_clear(const command *c, void *values);

/* What `clio COMMAND --help` prints, and for NULL `clio --help`; `columns` wide,
 * headings in bold when `color`. New string. */
char *command_help(const command *c, int columns, gboolean color);

/* The manual page "clio", "clio-COMMAND" or "clio-graph", in troff's man macros. New string;
 * NULL when there is no such command. */
char *command_man(const char *page);
char *command_man_graph(void); /* graph_man.c */

/* The tables of the completion for "bash", "zsh" or "fish", which
 * core/completion/clio.SHELL goes by. New string; NULL for another shell. */
char *command_completion(const char *shell);
#endif
