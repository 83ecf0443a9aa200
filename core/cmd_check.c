/* cmd_check.c - `clio check GRAPH`: types the whole graph without data,
 * secrets or network. */
#include <stdio.h>
#include <string.h>

#include "commands.h"
#include "json.h"
#include "load.h"

typedef struct check_options {
  gboolean dot, json;
  char *input, **set;
} check_options;

static void put_stages(json *j, const flow *f) {
  json_key(j, "stages");
  json_array(j);
  for (guint i = 0; f && i < f->stages->len; i++) {
    const flow_stage *fs = flow_at(f, (int)i);
    json_object(j);
    json_put_string(j, "id", fs->gs->id);
    json_put_string(j, "use", fs->use);
    json_put_bool(j, "declassifies", fs->declassifies);
    json_end(j);
  }
  json_end(j);
}

static void print_json(const loaded *l, const char *path, bool ok) {
  g_autofree char *findings = loaded_findings(l, path);
  json *j = json_new(true);
  json_object(j);
  json_put_string(j, "graph", path);
  json_put_bool(j, "ok", ok);
  json_put_string(j, "mode", l->g ? graph_mode_name(l->g->privacy.mode) : NULL);
  put_stages(j, ok ? l->f : NULL);
  json_key(j, "findings");
  json_raw(j, findings);
  json_end(j);
  g_autofree char *text = json_take(j);
  fputs(text, stdout);
}

static void print_plain(const loaded *l) {
  char *text = flow_describe(l->f);
  fputs(text, stdout);
  g_free(text);
  printf("%s: ok, %u stages, %s mode\n", l->g->file, l->f->stages->len,
         graph_mode_name(l->g->privacy.mode));
}

static int check(int argc, char **argv) {
  check_options o = {0};
  int code = command_parse(&command_check, &argc, &argv, &o);
  if (code >= 0) return code;
  if (o.dot && o.json) {
    fprintf(stderr, "clio: --dot and --json exclude each other: one of them is printed\n");
    command_clear(&command_check, &o);
    return 2;
  }
  loaded l = {0};
  code = load_graph(argv[1], o.input, o.set, true, o.json, &l);
  if (o.json) {
    print_json(&l, argv[1], code == 0);
  } else if (code == 0 && o.dot) {
    g_autofree char *dot = flow_dot(l.f);
    fputs(dot, stdout);
  } else if (code == 0) {
    print_plain(&l);
  }
  loaded_clear(&l);
  command_clear(&command_check, &o);
  return code;
}

/* ---- its description ---- */

static const command_word words[] = {{"GRAPH", COMMAND_GRAPH, FALSE}, {NULL, 0, FALSE}};

static const command_option options[] = {
    {"input", 'i', COMMAND_FILE, "INPUT", "set vars.input", offsetof(check_options, input)},
    {"set", 0, COMMAND_ASSIGN, "NAME=VALUE", "set a variable of the graph",
     offsetof(check_options, set)},
    {"dot", 0, COMMAND_FLAG, NULL, "print the graph in DOT", offsetof(check_options, dot)},
    {"json", 0, COMMAND_FLAG, NULL, "print what was found as JSON", offsetof(check_options, json)},
    {NULL, 0, 0, NULL, NULL, 0},
};

static const command_note examples[] = {
    {"clio check configs/local.yaml", ""},
    {"clio check --dot graph.yaml | dot -Tsvg > graph.svg", ""},
    {"clio check --json graph.yaml | jq -r '.findings[].message'", ""},
    {NULL, NULL},
};

static const command_note exits[] = {
    {"0", "the graph is good"},
    {"2", "the command line is wrong"},
    {"74", "it cannot be read"},
    {"78", "it is bad"},
    {NULL, NULL},
};

const command command_check = {
    .name = "check",
    .summary = "type a graph without reading any data",
    .about =
        "Types every stage, port, column and privacy class of GRAPH; reads no data, no secret "
        "and no network. All mistakes are said at once, each with its place and a cure. Prints "
        "one line per stage that turns RAW text into DERIVED columns.",
    .words = words,
    .options = options,
    .examples = examples,
    .exits = exits,
    .run = check,
};
