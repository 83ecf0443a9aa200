/* cmd_show.c - `clio show OUT`: the released tree in the terminal. */
#include <stdio.h>
#include <string.h>

#include "commands.h"
#include "layout.h"
#include "show.h"
#include "text.h"

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

typedef struct show_options {
  int depth;
  char *facet, *column;
  gboolean json;
} show_options;

static int show_out(const char *out, const show_options *o) {
  const show_style style = {.columns = layout_columns(stdout),
                            .colour = layout_wants_color(stdout),
                            .depth = o->depth,
                            .facet = o->facet,
                            .column = o->column};
  error e = {0};
  show_release *r = show_load(out, &e);
  if (!r) return fail(&e);
  g_autofree char *text = show_draw(r, &style, &e);
  if (text && o->json)
    print_json(r, &style);
  else if (text)
    fputs(text, stdout);
  show_free(r);
  return text ? 0 : fail(&e);
}

static int show(int argc, char **argv) {
  show_options o = {.depth = -1};
  int code = command_parse(&command_show, &argc, &argv, &o);
  if (code >= 0) return code;
  code = show_out(argv[1], &o);
  command_clear(&command_show, &o);
  return code;
}

/* ---- its description ---- */

static const command_word words[] = {{"OUT", COMMAND_OUT, FALSE}, {NULL, 0, FALSE}};

static const command_option options[] = {
    {"depth", 0, COMMAND_NUMBER, "N", "levels below the root", offsetof(show_options, depth)},
    {"facet", 0, COMMAND_TEXT, "FACET", "only the tree of this facet",
     offsetof(show_options, facet)},
    {"by", 0, COMMAND_TEXT, "COLUMN", "under each cluster, its most frequent values of COLUMN",
     offsetof(show_options, column)},
    {"json", 0, COMMAND_FLAG, NULL, "print the clusters as JSON", offsetof(show_options, json)},
    {NULL, 0, 0, NULL, NULL, 0},
};

static const command_note examples[] = {
    {"clio show out", ""},
    {"clio show out --depth 1 --by language", ""},
    {"clio show out --json | jq -r '.clusters[].name'", ""},
    {NULL, NULL},
};

static const command_note exits[] = {
    {"0", "done"},
    {"1", "the release cannot be read"},
    {"2", "the command line is wrong"},
    {"74", "there is none"},
    {NULL, NULL},
};

static const command_note files[] = {
    {"OUT/release/clusters.json", "what is drawn; else OUT/public or OUT/restricted"},
    {NULL, NULL}};

const command command_show = {
    .name = "show",
    .summary = "draw a released tree in the terminal",
    .about =
        "Draws the tree of clusters that a run released, with counts, shares of the whole and "
        "bars; first what was run and the values most frequent in the whole. OUT is the folder "
        "given to 'clio run -o'. The numbers are rounded, as released.",
    .words = words,
    .options = options,
    .examples = examples,
    .exits = exits,
    .files = files,
    .run = show,
};
