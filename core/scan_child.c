/* scan_child.c - the child's side of a listing, the body of `clio --scan FILE`;
 * the protocol stands in scan.c. */
#include "clio-build.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include "json.h"
#include "plugin.h"
#include "registry.h"

/* The listing of one file as a line of JSON. */
static char *list_file(const char *path, bool *ret_good) {
  error e = {0};
  plugin *p = NULL;
  json *j = json_new(false);
  *ret_good = plugin_open(path, &p, &e) == CLIO_OK;
  json_object(j);
  json_put_string(j, "path", path);
  if (!*ret_good) json_put_string(j, "refused", e.text);
  if (*ret_good) {
    json_put_string(j, "id", p->p.id);
    json_put_string(j, "version", p->p.version);
    json_put_string(j, "license", p->p.license);
    json_put_string(j, "sha256", p->sha256);
    json_key(j, "stages"), json_array(j);
    for (guint i = 0; i < p->stages->len; i++) {
      const plugin_stage *ps = p->stages->pdata[i];
      json_object(j);
      json_put_string(j, "kind", ps->s.kind);
      json_put_string(j, "name", ps->s.name);
      json_put_string(j, "summary", ps->s.summary);
      json_end(j);
    }
    json_end(j);
  }
  json_end(j);
  plugin_free(p);
  return json_take(j);
}

/* Standard output for us alone: what a plugin prints goes to standard error. */
static FILE *take_stdout(void) {
  int fd = fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 3);
  if (fd < 0 || dup2(STDERR_FILENO, STDOUT_FILENO) < 0) return NULL;
  return fdopen(fd, "w");
}

static int scan_list(FILE *out) {
  g_autoptr(GString) all = g_string_new(NULL);
  char part[4096];
  for (ssize_t n; (n = read(STDIN_FILENO, part, sizeof part)) > 0;)
    g_string_append_len(all, part, n);
  int number = 0;
  for (const char *path = all->str; path < all->str + all->len; path += strlen(path) + 1) {
    bool good = false;
    fprintf(out, "{\"begin\":%d}\n", number++);
    fflush(out);
    g_autofree char *line = list_file(path, &good);
    fprintf(out, "%s\n", line);
    fflush(out);
  }
  return 0;
}

int registry_scan_main(const char *path) {
  struct rlimit no_core = {0, 0};
  FILE *out = take_stdout();
  if (!out) return 1;
  setrlimit(RLIMIT_CORE, &no_core);
  if (strcmp(path, "-") == 0) {
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    return scan_list(out);
  }
  bool good = false;
  g_autofree char *line = list_file(path, &good);
  fprintf(out, "%s\n", line);
  fclose(out);
  return good ? 0 : 1;
}
