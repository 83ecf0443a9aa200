/* conform_child.c - the process in which a stranger's plugin is loaded and run: it
 * may crash, hang, print or exit, and the parent (cmd_conform.c) sees which check it
 * was in. Lines of JSON go to the parent:
 *
 *   {"begin":N,"stage":"kind/name","check":"nulls","vital":false}
 *   {"end":N,"outcome":"failed","text":"...","cure":"..."}      outcome: ok failed skipped
 *   {"plugin":"id","version":"1","license":"..."}                once it is open
 *   {"done":true}
 *
 * Check 0 opens the file; check 1 + stage * CONFORM_STRIDE + i is the i-th of a stage. */
#include "clio-build.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "conform.h"
#include "json.h"
#include "util.h"

typedef struct child {
  FILE *to;
  int said; /* file that takes what the plugin prints */
} child;

static void send(const child *c, json *take_j) {
  g_autofree char *line = json_take(take_j);
  fprintf(c->to, "%s\n", line);
  fflush(c->to);
}

/* `vital`: where it brings the process down, those after it have nothing to say. */
static void send_begin(const child *c, int number, const char *stage, const char *check,
                       bool vital) {
  json *j = json_new(false);
  json_object(j);
  json_put_int(j, "begin", number);
  json_put_string(j, "stage", stage);
  json_put_string(j, "check", check);
  json_put_bool(j, "vital", vital);
  json_end(j);
  send(c, j);
}

static void send_end(const child *c, int number, const conform_verdict *v) {
  static const char *const names[] = {"ok", "failed", "skipped"};
  json *j = json_new(false);
  json_object(j);
  json_put_int(j, "end", number);
  json_put_string(j, "outcome", names[v->outcome]);
  json_put_string(j, "text", v->text);
  json_put_string(j, "cure", v->cure);
  json_end(j);
  send(c, j);
}

static void send_plugin(const child *c, const plugin *p) {
  json *j = json_new(false);
  json_object(j);
  json_put_string(j, "plugin", p->p.id);
  json_put_string(j, "version", p->p.version);
  json_put_string(j, "license", p->p.license);
  json_end(j);
  send(c, j);
}

/* What the plugin printed since the last time. */
static bool has_printed(const child *c) {
  struct stat info = {0};
  fflush(stdout);
  fflush(stderr);
  bool printed = fstat(c->said, &info) == 0 && info.st_size > 0;
  if (ftruncate(c->said, 0) != 0 || lseek(c->said, 0, SEEK_SET) < 0) return printed;
  return printed;
}

/* False: the stage cannot be run, and what follows has nothing to say. */
static bool run_check(const child *c, int number, const conform_check *check, conform_subject *s) {
  conform_verdict v = {CONFORM_OK, "", NULL};
  has_printed(c);
  check->run(s, &v);
  if (has_printed(c) && v.outcome == CONFORM_OK && check->vital)
    v = (conform_verdict){CONFORM_FAILED, "it printed to standard output or standard error",
                          "say it with host->log(); a plugin never prints"};
  send_end(c, number, &v);
  return !check->vital || v.outcome == CONFORM_OK;
}

static void skip_check(const child *c, int number) {
  conform_verdict v = {CONFORM_SKIPPED, "the stage could not be run", NULL};
  send_end(c, number, &v);
}

/* The checks of one stage from number `first` on; `broken`: none is run. */
static void check_stage(const child *c, const plugin_stage *ps, char **sets, int base, int first,
                        bool broken) {
  conform_subject s;
  conform_subject_init(&s, ps, sets);
  g_autofree char *use = g_strdup_printf("%s/%s", ps->s.kind, ps->s.name);
  const conform_check *checks = conform_checks(ps);
  bool passed = false; /* the vital check */
  for (int i = 0; checks[i].name; i++) {
    passed = passed || (i > 0 && checks[i - 1].vital);
    if (base + i < first) continue;
    send_begin(c, base + i, use, checks[i].name, !passed);
    if (broken)
      skip_check(c, base + i);
    else
      broken = !run_check(c, base + i, &checks[i], &s);
  }
  conform_subject_clear(&s);
}

static void quieten(child *c, int fd) {
  struct rlimit no_core = {0, 0};
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  setrlimit(RLIMIT_CORE, &no_core);
  c->to = fdopen(fd, "w");
  c->said = memfd_create("clio-conform", MFD_CLOEXEC);
  int nothing = open("/dev/null", O_RDONLY);
  if (!c->to || c->said < 0 || nothing < 0 || dup2(c->said, STDOUT_FILENO) < 0 ||
      dup2(c->said, STDERR_FILENO) < 0 || dup2(nothing, STDIN_FILENO) < 0)
    _exit(1);
}

void conform_child(const char *path, char **sets, int first, int skip, int fd) {
  child c = {0};
  plugin *p = NULL;
  error e = {0};
  conform_verdict v = {CONFORM_OK, "the file is safe to load, its descriptor is sound", NULL};
  quieten(&c, fd);
  if (first == 0) send_begin(&c, 0, NULL, "descriptor", true);
  clio_status status = plugin_open(path, &p, &e);
  if (status != CLIO_OK) {
    v = (conform_verdict){.outcome = CONFORM_FAILED,
                          .cure = "compare with what 'clio new' writes of that kind"};
    g_strlcpy(v.text, e.text, sizeof v.text);
  }
  if (first == 0) send_end(&c, 0, &v);
  if (status != CLIO_OK) _exit(0);
  send_plugin(&c, p);
  for (guint i = 0; i < p->stages->len; i++)
    check_stage(&c, p->stages->pdata[i], sets, 1 + (int)i * CONFORM_STRIDE, first, (int)i == skip);
  fprintf(c.to, "{\"done\":true}\n");
  fflush(c.to);
  _exit(0);
}
