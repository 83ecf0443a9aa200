/* cmd_inspect.c - `clio inspect`: what is installed, one stage in full, or the
 * graph language as JSON Schema. */
#include <stdio.h>

#include "commands.h"
#include "graph_schema.h"
#include "inspect.h"
#include "options.h"

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
static int print_list(const registry *r, bool as_json) {
  const GPtrArray *refusals = registry_refusals(r);
  if (!as_json) {
    layout l = new_layout();
    inspect_list(r, &l);
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
  return print_json(inspect_list_json(r));
}

static int print_schema(registry *r) {
  const GPtrArray *entries = registry_entries(r);
  g_autoptr(GPtrArray) stages = g_ptr_array_new();
  for (guint i = 0; i < entries->len; i++) {
    const registry_entry *entry = g_ptr_array_index(entries, i);
    g_autofree char *use = g_strdup_printf("%s/%s", entry->kind, entry->name);
    const plugin_stage *ps = NULL;
    error e = {0};
    if (registry_load(r, use, &ps, &e) != CLIO_OK) return fail(&e);
    g_ptr_array_add(stages, (plugin_stage *)ps);
  }
  return print_json(graph_schema(stages));
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

int cmd_inspect(int argc, char **argv) {
  gboolean as_schema = FALSE, as_json = FALSE;
  const GOptionEntry entries[] = {{"schema", 0, 0, G_OPTION_ARG_NONE, &as_schema,
                                   "print a JSON Schema of graphs, with every installed stage",
                                   NULL},
                                  {"json", 0, 0, G_OPTION_ARG_NONE, &as_json, "print JSON", NULL},
                                  {NULL, 0, 0, 0, NULL, NULL, NULL}};
  static const char help[] =
      "Lists the installed stages and the plugin files that were refused; with KIND/NAME\n"
      "prints a stage's ports, columns, privacy classes and parameters.\n\n"
      "Examples:\n"
      "  clio inspect\n"
      "  clio inspect embedder/lsa\n"
      "  clio inspect --schema > clio.schema.json\n\n"
      "Exit: 0 done, 78 there is no such stage.";
  int code = options_parse("inspect [KIND/NAME]", help, entries, &argc, &argv, 0, 1);
  if (code >= 0) return code;
  if (as_schema && argc > 1) {
    fprintf(stderr, "clio: --schema covers every stage; leave out the name\n");
    return 2;
  }
  registry *r = NULL;
  error e = {0};
  if (registry_new(&r, &e) != CLIO_OK) return fail(&e);
  if (as_schema)
    code = print_schema(r);
  else if (argc > 1)
    code = print_stage(r, argv[1], as_json);
  else
    code = print_list(r, as_json);
  registry_free(r);
  return code;
}
