/* load.c - reads, resolves and types a graph for a command; see load.h. */
#include "load.h"

#include <stdio.h>
#include <string.h>

#include "json.h"
#include "log.h"

static const char **with_input(const char *input, char **set) {
  guint n = set ? g_strv_length(set) : 0;
  const char **all = g_new0(const char *, n + 2);
  for (guint i = 0; i < n; i++) all[i] = set[i];
  if (input) all[n] = g_strconcat("input=", input, NULL);
  return all;
}

/* Does the file have a key of a graph, `clio` or `stages`, at a line's beginning or, as
 * JSON, at its own? What has none may be conversations, and is not quoted back. */
static bool looks_like_graph(const char *path) {
  enum { HEAD = 64 * 1024 };
  g_autofree char *head = g_malloc0(HEAD + 1);
  FILE *file = fopen(path, "r");
  size_t n = file ? fread(head, 1, HEAD, file) : 0;
  if (file) fclose(file);
  if (n == 0) return true; /* graph.c says what is wrong with it */
  bool braced = head[strspn(head, " \t\r\n")] == '{';
  const char *key = braced ? "\"(clio|stages)\"\\s*:" : "^\\s*[\"']?(clio|stages)[\"']?\\s*:";
  return g_regex_match_simple(key, head, G_REGEX_MULTILINE | G_REGEX_RAW, 0);
}

/* What kept the graph from being looked at, in place of findings. */
static int fail(loaded *l, bool silent) {
  if (!silent) log_line(CLIO_LOG_ERROR, "%s", l->failed.text);
  return status_exit_code(l->failed.status);
}

int load_graph(const char *path, const char *input, char **set, bool inputs_may_be_unset,
               bool silent, loaded *ret) {
  if (!looks_like_graph(path)) {
    error_set(&ret->failed, CLIO_E_CONFIG,
              "%s is no graph: it has no line 'clio: 1' and no 'stages:'; name the graph first and "
              "give conversations with -i",
              path);
    return fail(ret, silent);
  }
  const char **all = with_input(input, set);
  graph_read(path, all, &ret->g, &ret->d, &ret->failed);
  if (input) g_free((void *)all[set ? g_strv_length(set) : 0]);
  g_free(all);
  if (!ret->d || registry_new(&ret->r, &ret->failed) != CLIO_OK) return fail(ret, silent);
  error_clear(&ret->failed);
  if (ret->g) ret->g->inputs_may_be_unset = inputs_may_be_unset;
  if (ret->g) ret->f = flow_build(ret->g, ret->r, ret->d);
  bool failed = !ret->f || diag_errors(ret->d);
  if (!silent && (failed || diag_warnings(ret->d)))
    diag_print(ret->d, stderr, log_use_color(stderr));
  return failed ? 78 : 0;
}

char *loaded_findings(const loaded *l, const char *path) {
  if (l->failed.status == CLIO_OK) return diag_json(l->d);
  json *j = json_new(false);
  json_array(j);
  json_object(j);
  json_put_string(j, "file", path);
  json_put_int(j, "line", 0);
  json_put_int(j, "column", 0);
  json_put_string(j, "severity", "error");
  json_put_string(j, "kind", status_name(l->failed.status));
  json_put_string(j, "message", l->failed.text);
  const char *hint = strstr(l->failed.text, "; ");
  json_put_string(j, "hint", hint ? hint + 2 : NULL);
  json_end(j);
  json_end(j);
  return json_take(j);
}

void loaded_clear(loaded *l) {
  flow_free(l->f);
  if (l->r) registry_free(l->r);
  if (l->d) diag_free(l->d);
  if (l->g) graph_free(l->g);
}
