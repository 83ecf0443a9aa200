/* cmd_show.c - `clio show OUT`: the released tree in the terminal. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "commands.h"
#include "options.h"
#include "show.h"
#include "text.h"

/* Columns of the terminal; COLUMNS counts where stdout is none. */
static int terminal_columns(void) {
  struct winsize size = {0};
  if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0) return size.ws_col;
  const char *columns = getenv("COLUMNS");
  long n = columns ? strtol(columns, NULL, 10) : 0;
  return n > 0 && n < 1000 ? (int)n : 80;
}

static bool wants_colour(void) {
  const char *no_colour = getenv("NO_COLOR"), *term = getenv("TERM");
  if (no_colour && *no_colour) return false;
  return isatty(STDOUT_FILENO) && term && strcmp(term, "dumb") != 0;
}

/* The file itself, without the trees and levels that were not asked for. */
static void print_json(const show_release *r, const show_style *style) {
  json_object *clusters = NULL, *kept = json_object_new_array();
  json_object_object_get_ex(r->json, "clusters", &clusters);
  int64_t top = 0;
  for (guint i = 0; i < r->nodes->len; i++) {
    const show_node *n = g_ptr_array_index(r->nodes, i);
    if (!n->parent) top = n->level;
    if (style->facet && strcmp(n->facet, style->facet) != 0) continue;
    if (style->depth >= 0 && top - n->level > style->depth) continue;
    json_object_array_add(kept, json_object_get(json_object_array_get_idx(clusters, i)));
  }
  json_object_object_add(r->json, "clusters", kept);
  puts(json_object_to_json_string_ext(r->json, JSON_C_TO_STRING_PRETTY | JSON_C_TO_STRING_SPACED |
                                                   JSON_C_TO_STRING_NOSLASHESCAPE));
}

static int fail(const error *e) {
  g_autofree char *clean = text_for_terminal(e->text, (int64_t)strlen(e->text));
  fprintf(stderr, "clio: %s\n", clean);
  return e->status == CLIO_E_CONFIG ? 2 : status_exit_code(e->status);
}

int cmd_show(int argc, char **argv) {
  show_style style = {.columns = terminal_columns(), .colour = wants_colour(), .depth = -1};
  gboolean json = FALSE;
  g_autofree char *facet = NULL, *column = NULL;
  const GOptionEntry entries[] = {
      {"depth", 0, 0, G_OPTION_ARG_INT, &style.depth, "levels below the root", "N"},
      {"facet", 0, 0, G_OPTION_ARG_STRING, &facet, "only the tree of this facet", "FACET"},
      {"by", 0, 0, G_OPTION_ARG_STRING, &column,
       "under each cluster, its most frequent values of COLUMN", "COLUMN"},
      {"json", 0, 0, G_OPTION_ARG_NONE, &json, "print the clusters as JSON", NULL},
      {NULL, 0, 0, 0, NULL, NULL, NULL}};
  static const char help[] =
      "Draws the tree of clusters that a run released, with counts, shares of the whole and\n"
      "bars; first what was run and the values most frequent in the whole. OUT is the folder\n"
      "given to 'clio run -o'. The numbers are rounded, as released.\n\n"
      "Examples:\n"
      "  clio show out\n"
      "  clio show out --depth 1 --by language\n"
      "  clio show out --json | jq -r '.clusters[].name'\n\n"
      "Exit: 0 done, 1 the release cannot be read, 2 usage, 74 there is none.";
  int code = options_parse("show OUT", help, entries, &argc, &argv, 1, 1);
  if (code >= 0) return code;
  style.facet = facet;
  style.column = column;
  error e = {0};
  show_release *r = show_load(argv[1], &e);
  if (!r) return fail(&e);
  g_autofree char *text = show_draw(r, &style, &e);
  if (text && json)
    print_json(r, &style);
  else if (text)
    fputs(text, stdout);
  show_free(r);
  return text ? 0 : fail(&e);
}
