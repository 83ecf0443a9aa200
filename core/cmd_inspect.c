/* cmd_inspect.c - `clio inspect`: what is installed, one stage in full, or the
 * graph language as JSON Schema. */
#include <stdio.h>

#include "commands.h"
#include "graph_schema.h"
#include "inspect.h"

enum { TERMINAL_COLUMNS = 80 };

static int fail(const error *e) {
  fprintf(stderr, "clio: %s\n", e->text);
  return status_exit_code(e->status);
}

static int print_layout(layout *l) {
  fputs(l->out->str, stdout);
  g_string_free(l->out, TRUE);
  return 0;
}

static layout new_layout(void) {
  return (layout){
      .out = g_string_new(NULL), .color = layout_wants_color(stdout), .width = TERMINAL_COLUMNS};
}

static int print_json(char *text) {
  fputs(text, stdout);
  g_free(text);
  return 0;
}

/* To a program the list alone goes to stdout; what was refused is still said. */
static int print_list(const registry *r, const char *kind, bool as_json) {
  const GPtrArray *refusals = registry_refusals(r);
  if (!as_json) {
    layout l = new_layout();
    inspect_list(r, kind, &l);
    return print_layout(&l);
  }
  for (guint i = 0; i < refusals->len; i++) {
    const registry_refusal *refusal = g_ptr_array_index(refusals, i);
    layout l = {.out = g_string_new(NULL), .width = TERMINAL_COLUMNS};
    g_autofree char *text = g_strdup_printf("clio: refused %s: %s", refusal->path, refusal->why);
    layout_text(&l, 0, text);
    fputs(l.out->str, stderr);
    g_string_free(l.out, TRUE);
  }
  return print_json(inspect_list_json(r, kind));
}

static int print_schema(registry *r) {
  char *schema = NULL;
  error e = {0};
  return graph_schema_of(r, &schema, &e) == CLIO_OK ? print_json(schema) : fail(&e);
}

static int print_stage(registry *r, const char *use, bool as_json) {
  const plugin_stage *ps = NULL;
  error e = {0};
  if (registry_load(r, use, &ps, &e) != CLIO_OK) return fail(&e);
  if (as_json) return print_json(inspect_stage_json(ps));
  layout l = new_layout();
  inspect_stage(ps, &l);
  return print_layout(&l);
}

typedef struct inspect_options {
  gboolean schema, json;
} inspect_options;

static int inspect_words(registry *r, const inspect_options *o, const char *use) {
  if (o->schema) return print_schema(r);
  bool is_stage = use && !inspect_has_kind(r, use);
  return is_stage ? print_stage(r, use, o->json) : print_list(r, use, o->json);
}

static int inspect(int argc, char **argv) {
  inspect_options o = {0};
  int code = command_parse(&command_inspect, &argc, &argv, &o);
  if (code >= 0) return code;
  if (o.schema && argc > 1) {
    fprintf(stderr, "clio: --schema covers every stage; leave out the name\n");
    return 2;
  }
  registry *r = NULL;
  error e = {0};
  if (registry_new(&r, &e) != CLIO_OK) return fail(&e);
  code = inspect_words(r, &o, argc > 1 ? argv[1] : NULL);
  registry_free(r);
  return code;
}

/* ---- its description ---- */

static const command_word words[] = {{"KIND[/NAME]", COMMAND_STAGE, TRUE}, {NULL, 0, FALSE}};

static const command_option options[] = {
    {"schema", 0, COMMAND_FLAG, NULL, "print a JSON Schema of graphs, with every installed stage",
     offsetof(inspect_options, schema)},
    {"json", 0, COMMAND_FLAG, NULL, "print JSON", offsetof(inspect_options, json)},
    {NULL, 0, 0, NULL, NULL, 0},
};

static const command_note examples[] = {
    {"clio inspect", ""},
    {"clio inspect embedder", "the stages of one kind"},
    {"clio inspect embedder/lsa", ""},
    {"clio inspect --schema > clio.schema.json", "completion and checks in an editor"},
    {NULL, NULL},
};

static const command_note exits[] = {
    {"0", "done"},
    {"2", "the command line is wrong"},
    {"78", "there is no such stage"},
    {NULL, NULL},
};

const command command_inspect = {
    .name = "inspect",
    .summary = "list installed stages, or describe one",
    .about =
        "Lists the installed stages and the plugin files that were refused; with KIND the stages "
        "of that kind; with KIND/NAME prints a stage's ports, columns, privacy classes and "
        "parameters.",
    .words = words,
    .options = options,
    .examples = examples,
    .exits = exits,
    .run = inspect,
};
