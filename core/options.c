/* options.c - parses one command's options; see options.h. */
#include "options.h"

#include <stdio.h>

static int complain(const char *usage, const char *what) {
  fprintf(stderr, "clio: %s\nusage: clio %s [options]; 'clio %.*s --help' says more\n", what, usage,
          (int)(g_strstr_len(usage, -1, " ") ? g_strstr_len(usage, -1, " ") - usage : 32), usage);
  return 2;
}

static int count_words(const char *usage, int words, int min, int max) {
  if (words < min) return complain(usage, "an argument is missing");
  if (words > max) return complain(usage, "too many arguments");
  return -1;
}

int options_parse(const char *usage, const char *help, const GOptionEntry *entries, int *argc,
                  char ***argv, int min, int max) {
  gboolean want_help = FALSE;
  const GOptionEntry own[] = {
      {"help", 'h', 0, G_OPTION_ARG_NONE, &want_help, "print this help", NULL},
      {NULL, 0, 0, 0, NULL, NULL, NULL}};
  GOptionContext *context = g_option_context_new(NULL);
  g_option_context_set_help_enabled(context, FALSE);
  g_option_context_add_main_entries(context, entries, NULL);
  g_option_context_add_main_entries(context, own, NULL);
  GError *failed = NULL;
  int code = -1;
  if (!g_option_context_parse(context, argc, argv, &failed)) {
    code = complain(usage, failed->message);
    g_error_free(failed);
  } else if (want_help) {
    char *text = g_option_context_get_help(context, TRUE, NULL);
    const char *options = g_strstr_len(text, -1, "\n\n");
    printf("usage: clio %s [options]%s\n%s\n", usage, options ? options : "\n", help);
    g_free(text);
    code = 0;
  } else {
    code = count_words(usage, *argc - 1, min, max);
  }
  g_option_context_free(context);
  return code;
}
