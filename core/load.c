/* load.c - reads, resolves and types a graph for a command; see load.h. */
#include "load.h"

#include <stdio.h>

#include "log.h"

static const char **with_input(const char *input, char **set) {
  guint n = set ? g_strv_length(set) : 0;
  const char **all = g_new0(const char *, n + 2);
  for (guint i = 0; i < n; i++) all[i] = set[i];
  if (input) all[n] = g_strconcat("input=", input, NULL);
  return all;
}

static void print_findings(const diag *d, bool as_json) {
  if (!as_json) {
    diag_print(d, stderr, log_use_color(stderr));
    return;
  }
  char *text = diag_json(d);
  puts(text);
  g_free(text);
}

/* Conversations where a graph should be: their text must not be quoted back. */
static bool looks_like_conversations(const char *path) {
  char head[4096];
  FILE *file = fopen(path, "r");
  size_t n = file ? fread(head, 1, sizeof head - 1, file) : 0;
  if (file) fclose(file);
  head[n] = '\0';
  const char *first = head + strspn(head, " \t\r\n[");
  if (*first != '{' || strstr(head, "\"stages\"")) return false;
  return strstr(head, "\"messages\"") || strstr(head, "\"conversation") ||
         strstr(head, "\"content\"") || strstr(head, "\"text\"");
}

int load_graph(const char *path, const char *input, char **set, bool inputs_may_be_unset, bool json,
               loaded *ret) {
  error e = {0};
  if (looks_like_conversations(path)) {
    log_line(CLIO_LOG_ERROR,
             "%s holds conversations, not a graph; name the graph first and give "
             "the conversations with -i",
             path);
    return 78;
  }
  const char **all = with_input(input, set);
  clio_status s = graph_read(path, all, &ret->g, &ret->d, &e);
  if (input) g_free((void *)all[set ? g_strv_length(set) : 0]);
  g_free(all);
  if (!ret->d) {
    log_line(CLIO_LOG_ERROR, "%s", e.text);
    return status_exit_code(s);
  }
  if (registry_new(&ret->r, &e) != CLIO_OK) {
    log_line(CLIO_LOG_ERROR, "%s", e.text);
    return 1;
  }
  if (ret->g) ret->g->inputs_may_be_unset = inputs_may_be_unset;
  if (ret->g) ret->f = flow_build(ret->g, ret->r, ret->d);
  bool failed = !ret->f || diag_errors(ret->d);
  if (failed || diag_warnings(ret->d)) print_findings(ret->d, json);
  return failed ? 78 : 0;
}

void loaded_clear(loaded *l) {
  flow_free(l->f);
  if (l->r) registry_free(l->r);
  if (l->d) diag_free(l->d);
  if (l->g) graph_free(l->g);
}
