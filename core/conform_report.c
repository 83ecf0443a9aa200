/* conform_report.c - what `clio conform` found, as lines for a terminal and as JSON. */
#include "clio-build.h"

#include <stdio.h>
#include <string.h>

#include "conform.h"
#include "json.h"
#include "layout.h"
#include "text.h"

enum { CHECK_WIDTH = 10 };

bool conform_has_failed(const conform_report *r) {
  for (guint i = 0; i < r->found->len; i++)
    if (g_strcmp0(((const conform_found *)r->found->pdata[i])->outcome, "failed") == 0) return true;
  return r->found->len == 0;
}

char *conform_to_json(const conform_report *r) {
  json *j = json_new(true);
  json_object(j);
  json_put_string(j, "file", r->path);
  json_put_string(j, "plugin", r->plugin);
  json_put_string(j, "version", r->version);
  json_put_bool(j, "ok", !conform_has_failed(r));
  json_key(j, "checks"), json_array(j);
  for (guint i = 0; i < r->found->len; i++) {
    const conform_found *f = r->found->pdata[i];
    json_object(j);
    json_put_string(j, "stage", f->stage);
    json_put_string(j, "check", f->check);
    json_put_string(j, "outcome", f->outcome);
    json_put_string(j, "text", f->text);
    json_put_string(j, "cure", f->cure);
    json_end(j);
  }
  json_end(j);
  json_end(j);
  return json_take(j);
}

static void print_found(const conform_found *f, bool color) {
  bool failed = strcmp(f->outcome, "failed") == 0, ok = strcmp(f->outcome, "ok") == 0;
  g_autofree char *text = text_for_terminal(f->text, (int64_t)strlen(f->text));
  const char *on = !color ? "" : failed ? "\033[31m" : ok ? "\033[32m" : "\033[2m";
  printf("  %s%-7s%s  %-*s  %s\n", on, f->outcome, color ? "\033[0m" : "", CHECK_WIDTH, f->check,
         text);
  if (f->cure) printf("  %*s  cure: %s\n", 7 + 2 + CHECK_WIDTH, "", f->cure);
}

void conform_print(const conform_report *r) {
  bool color = layout_wants_color(stdout);
  guint failed = 0, skipped = 0;
  const char *stage = NULL;
  g_autofree char *path = text_for_terminal(r->path, (int64_t)strlen(r->path));
  printf("%s", path);
  if (r->plugin) printf(": %s %s, %s", r->plugin, r->version, r->license);
  printf("\n");
  for (guint i = 0; i < r->found->len; i++) {
    const conform_found *f = r->found->pdata[i];
    if (f->stage && g_strcmp0(f->stage, stage) != 0) printf("%s\n", f->stage);
    stage = f->stage;
    print_found(f, color);
    failed += strcmp(f->outcome, "failed") == 0;
    skipped += strcmp(f->outcome, "skipped") == 0;
  }
  if (failed)
    printf("%u of %u checks failed\n", failed, r->found->len);
  else
    printf("conforms: %u checks, %u of them skipped\n", r->found->len, skipped);
}
