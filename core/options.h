/* options.h - the command line of one command, on GOption. */
#ifndef CLIO_CORE_OPTIONS_H
#define CLIO_CORE_OPTIONS_H
#include <glib.h>

/* Parses argv in place. `usage`: "run GRAPH"; `help`: what follows the options
 * in --help, with examples. Wants min ... max words after the options. Returns
 * -1 to go on, 0 when --help was printed, 2 for a bad command line (said on
 * stderr). */
int options_parse(const char *usage, const char *help, const GOptionEntry *entries, int *argc,
                  char ***argv, int min, int max);
#endif
