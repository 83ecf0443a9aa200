/* cmd_doctor.c - `clio doctor [GRAPH]`: what is missing and how to get it. */
#include <stdio.h>
#include <string.h>

#include "commands.h"
#include "doctor.h"
#include "json.h"
#include "layout.h"

enum { MARK = 6, HANG = 11 };

typedef struct doctor_options {
  gboolean json;
} doctor_options;

static void print_json(const GPtrArray *findings, bool ok) {
  json *j = json_new(true);
  json_object(j);
  json_put_bool(j, "ok", ok);
  json_key(j, "findings");
  json_array(j);
  for (guint i = 0; i < findings->len; i++) {
    const doctor_finding *f = g_ptr_array_index(findings, i);
    json_object(j);
    json_put_string(j, "level", doctor_level_name(f->level));
    json_put_string(j, "subject", f->subject);
    json_put_string(j, "message", f->text);
    json_put_string(j, "cure", f->cure);
    json_end(j);
  }
  json_end(j);
  json_end(j);
  g_autofree char *text = json_take(j);
  fputs(text, stdout);
}

/* The level stands before the first line of a finding, blanks before the rest. */
static void print_finding(const doctor_finding *f, int columns, bool color) {
  static const char *const codes[] = {"\033[32m", "\033[33m", "\033[31m"};
  layout l = {.out = g_string_new(NULL), .color = color, .width = columns - MARK};
  g_autofree char *text =
      f->cure ? g_strdup_printf("%s; to mend it: %s", f->text, f->cure) : g_strdup(f->text);
  layout_item(&l, 0, HANG, f->subject, text);
  g_auto(GStrv) lines = g_strsplit(g_strchomp(l.out->str), "\n", -1);
  for (char **line = lines; *line; line++)
    if (line == lines)
      printf("%s%-*s%s%s\n", color ? codes[f->level] : "", MARK, doctor_level_name(f->level),
             color ? "\033[0m" : "", *line);
    else
      printf("%*s%s\n", MARK, "", *line);
  g_string_free(l.out, TRUE);
}

static int doctor(int argc, char **argv) {
  doctor_options o = {0};
  int code = command_parse(&command_doctor, &argc, &argv, &o);
  if (code >= 0) return code;
  GPtrArray *findings = doctor_examine(argc > 1 ? argv[1] : NULL);
  bool ok = true;
  for (guint i = 0; i < findings->len; i++)
    ok = ok && ((doctor_finding *)g_ptr_array_index(findings, i))->level != DOCTOR_FAIL;
  int columns = MAX(layout_columns(stdout), 40);
  if (o.json)
    print_json(findings, ok);
  else
    for (guint i = 0; i < findings->len; i++)
      print_finding(g_ptr_array_index(findings, i), columns, layout_wants_color(stdout));
  g_ptr_array_unref(findings);
  return ok ? 0 : 1;
}

/* ---- its description ---- */

static const command_word words[] = {{"GRAPH", COMMAND_GRAPH, TRUE}, {NULL, 0, FALSE}};

static const command_option options[] = {
    {"json", 0, COMMAND_FLAG, NULL, "print the findings as JSON", offsetof(doctor_options, json)},
    {NULL, 0, 0, NULL, NULL, 0},
};

static const command_note examples[] = {
    {"clio doctor", ""},
    {"clio doctor graph.yaml", "also: are its stages installed, its secrets set"},
    {"clio doctor --json | jq '.findings[] | select(.level != \"ok\")'", ""},
    {NULL, NULL},
};

static const command_note exits[] = {
    {"0", "nothing fails"},
    {"1", "something does"},
    {"2", "the command line is wrong"},
    {NULL, NULL},
};

const command command_doctor = {
    .name = "doctor",
    .summary = "say what is missing and how to get it",
    .about =
        "Looks at the installed plugins, the data files, optional libraries, BLAS, the machine, "
        "the locale and the project in the working folder; with GRAPH also at the graph's "
        "stages and the environment variables that it names for secrets. Each finding is ok, "
        "warn or fail, and says how to mend it. Reads no conversations, prints no secret.",
    .words = words,
    .options = options,
    .examples = examples,
    .exits = exits,
    .run = doctor,
};
