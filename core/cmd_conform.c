/* cmd_conform.c - clio conform: runs the conformance checks over a plugin in a
 * process of their own, and prints what each found. A crash, an exit or a hang is a
 * failure of the check it happened in; the next process goes on behind it. */
#include "clio-build.h"

#include <errno.h>
#include <fcntl.h>
#include <json-c/json.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "commands.h"
#include "conform.h"
#include "registry.h"

enum { TIMEOUT_SECONDS = 30 };

/* The run of all checks. */
typedef struct conform_run {
  conform_report report;
  char **sets;
  int timeout_seconds;
  int current; /* the check that is running, -1: none */
  bool vital;  /* without it, those behind it must be skipped */
  bool done, refused;
} conform_run;

static void found_free(void *p) {
  conform_found *f = p;
  g_free(f->stage);
  g_free(f->check);
  g_free(f->outcome);
  g_free(f->text);
  g_free(f->cure);
  g_free(f);
}

/* ---- what the child says ---- */

static char *take_string(json_object *line, const char *key) {
  json_object *value = NULL;
  if (!json_object_object_get_ex(line, key, &value)) return NULL;
  return g_strdup(json_object_get_string(value));
}

static int take_int(json_object *line, const char *key) {
  json_object *value = NULL;
  if (!json_object_object_get_ex(line, key, &value)) return -1;
  return json_object_get_int(value);
}

static conform_found *last_found(const conform_run *r) {
  return r->report.found->pdata[r->report.found->len - 1];
}

static void take_begin(conform_run *r, json_object *line, int number) {
  conform_found *f = g_new0(conform_found, 1);
  f->stage = take_string(line, "stage");
  f->check = take_string(line, "check");
  json_object *vital = NULL;
  r->vital = json_object_object_get_ex(line, "vital", &vital) && json_object_get_boolean(vital);
  r->current = number;
  g_ptr_array_add(r->report.found, f);
}

static void take_end(conform_run *r, json_object *line) {
  conform_found *f = last_found(r);
  f->outcome = take_string(line, "outcome");
  f->text = take_string(line, "text");
  f->cure = take_string(line, "cure");
  if (r->current == 0 && g_strcmp0(f->outcome, "failed") == 0) r->refused = true;
  r->current = -1;
}

static void take_line(conform_run *r, const char *text) {
  json_object *line = json_tokener_parse(text);
  int begin = take_int(line, "begin");
  if (begin >= 0) take_begin(r, line, begin);
  if (take_int(line, "end") >= 0 && r->report.found->len > 0) take_end(r, line);
  if (!r->report.plugin) {
    r->report.plugin = take_string(line, "plugin");
    r->report.version = take_string(line, "version");
    r->report.license = take_string(line, "license");
  }
  if (json_object_object_get_ex(line, "done", NULL)) r->done = true;
  json_object_put(line);
}

/* Reads lines until the child ends (true) or says nothing for too long. */
static bool listen(conform_run *r, int fd) {
  g_autoptr(GString) buffer = g_string_new(NULL);
  for (;;) {
    struct pollfd ready = {.fd = fd, .events = POLLIN};
    char part[4096];
    int n = poll(&ready, 1, r->timeout_seconds * 1000);
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return false;
    ssize_t got = read(fd, part, sizeof part);
    if (got <= 0) return true;
    g_string_append_len(buffer, part, got);
    for (char *end; (end = memchr(buffer->str, '\n', buffer->len)) != NULL;) {
      *end = '\0';
      take_line(r, buffer->str);
      g_string_erase(buffer, 0, end - buffer->str + 1);
    }
  }
}

/* ---- the child ---- */

/* The check that was running is what failed. */
static void blame(conform_run *r, bool hung, int status) {
  conform_found *f = last_found(r);
  f->outcome = g_strdup("failed");
  if (hung)
    f->text = g_strdup_printf("it did not come back within %d s", r->timeout_seconds);
  else if (WIFSIGNALED(status))
    f->text = g_strdup_printf("it crashed (signal %d, %s)", WTERMSIG(status),
                              g_strsignal(WTERMSIG(status)));
  else
    f->text = g_strdup_printf("it ended the process (exit code %d)", WEXITSTATUS(status));
  f->cure = g_strdup(hung ? "look for a loop that does not end, or a lock that is held"
                          : "run its test built with -fsanitize=address,undefined to see where");
}

/* Runs checks from `first` on. False: no process can be started. */
static bool run_child(conform_run *r, int first, int skip) {
  int fd[2], status = 0;
  if (pipe(fd) != 0) return false;
  fcntl(fd[0], F_SETFD, FD_CLOEXEC);
  fflush(NULL);
  pid_t pid = fork();
  if (pid < 0) return false;
  if (pid == 0) {
    close(fd[0]);
    conform_child(r->report.path, r->sets, first, skip, fd[1]);
  }
  close(fd[1]);
  bool ended = listen(r, fd[0]);
  if (!ended) kill(pid, SIGKILL);
  while (waitpid(pid, &status, 0) < 0 && errno == EINTR) continue;
  close(fd[0]);
  if (r->current >= 0) blame(r, !ended, status);
  return true;
}

/* Goes on behind a check that brought its process down. */
static bool run_all(conform_run *r) {
  int first = 0, skip = -1;
  while (!r->done && !r->refused) {
    r->current = -1;
    guint before = r->report.found->len;
    if (!run_child(r, first, skip)) return false;
    if (r->done || r->refused) break;
    if (r->current <= 0 || r->report.found->len == before) break; /* nothing to go on behind */
    if (r->vital) skip = (r->current - 1) / CONFORM_STRIDE;
    first = r->current + 1;
  }
  return true;
}

/* ---- names ---- */

/* The stages that come with clio, wherever CLIO_PLUGIN_PATH looks. */
static registry *bundled_stages(void) {
  registry *r = NULL;
  error ignored = {0};
  g_autofree char *folder = registry_bundled_folder();
  g_autofree char *before = g_strdup(g_getenv("CLIO_PLUGIN_PATH"));
  g_setenv("CLIO_PLUGIN_PATH", folder, TRUE);
  if (registry_new(&r, &ignored) != CLIO_OK) r = NULL;
  if (before)
    g_setenv("CLIO_PLUGIN_PATH", before, TRUE);
  else
    g_unsetenv("CLIO_PLUGIN_PATH");
  return r;
}

/* One stage of the plugin against ours: of two with one name a graph gets the first that is
 * found. */
static conform_found *judge_name(const char *stage, const registry *ours) {
  conform_found *f = g_new0(conform_found, 1);
  bool taken = ours && registry_has(ours, stage);
  f->stage = g_strdup(stage);
  f->check = g_strdup("name");
  f->outcome = g_strdup(taken ? "failed" : "ok");
  f->text = taken ? g_strdup_printf("clio brings a %s of its own: the one that comes first on the "
                                    "search path hides the other",
                                    stage)
                  : g_strdup_printf("no stage of clio's is called %s", stage);
  if (taken) f->cure = g_strdup("give it a name that no bundled stage has");
  return f;
}

/* Puts a verdict on its name before each stage's own. Our own plugins keep theirs. */
static void judge_names(conform_run *r) {
  if (!r->report.plugin || g_str_has_prefix(r->report.plugin, "clio.")) return;
  registry *ours = bundled_stages();
  const char *last = NULL;
  for (guint i = 0; i < r->report.found->len; i++) {
    const conform_found *f = r->report.found->pdata[i];
    if (!f->stage || g_strcmp0(f->stage, last) == 0) continue;
    last = f->stage;
    g_ptr_array_insert(r->report.found, (gint)i++, judge_name(f->stage, ours));
  }
  registry_free(ours);
}

/* ---- the command ---- */

typedef struct conform_options {
  gboolean json;
  int timeout;
  char **set;
} conform_options;

static void print_report(const conform_report *report, bool as_json) {
  if (!as_json) {
    conform_print(report);
    return;
  }
  g_autofree char *text = conform_to_json(report);
  fputs(text, stdout);
}

static int conform_file(const char *path, const conform_options *o) {
  conform_run r = {.report.path = path, .sets = o->set, .timeout_seconds = MAX(o->timeout, 1)};
  int code = 1;
  r.report.found = g_ptr_array_new_with_free_func(found_free);
  if (run_all(&r)) {
    judge_names(&r);
    print_report(&r.report, o->json);
    code = conform_has_failed(&r.report);
  } else {
    fprintf(stderr, "clio: cannot start a process: %s\n", g_strerror(errno));
  }
  g_ptr_array_free(r.report.found, TRUE);
  g_free(r.report.plugin);
  g_free(r.report.version);
  g_free(r.report.license);
  return code;
}

static int conform(int argc, char **argv) {
  conform_options o = {.timeout = TIMEOUT_SECONDS};
  int code = command_parse(&command_conform, &argc, &argv, &o);
  if (code < 0) code = conform_file(argv[1], &o);
  command_clear(&command_conform, &o);
  return code;
}

/* ---- its description ---- */

static const command_word words[] = {{"FILE", COMMAND_PLUGIN, FALSE}, {NULL, 0, FALSE}};

static const command_option options[] = {
    {"set", 0, COMMAND_ASSIGN, "NAME=VALUE", "run the stage with this parameter",
     offsetof(conform_options, set)},
    {"timeout", 0, COMMAND_NUMBER, "S", "seconds that one check may take; else 30",
     offsetof(conform_options, timeout)},
    {"json", 0, COMMAND_FLAG, NULL, "print JSON", offsetof(conform_options, json)},
    {NULL, 0, 0, NULL, NULL, 0},
};

static const command_note examples[] = {
    {"clio conform ./politeness.so", ""},
    {"clio conform ./politeness.so --set column=request", "a parameter without a default"},
    {NULL, NULL},
};

static const command_note exits[] = {
    {"0", "no check failed"},
    {"1", "a check failed"},
    {"2", "the command line is wrong"},
    {NULL, NULL},
};

const command command_conform = {
    .name = "conform",
    .summary = "run the conformance tests over a plugin",
    .about =
        "Runs a plugin's stages, in a process of their own, through what graphs and other people's "
        "data will do to them, and names the cure of each check that fails: the descriptor, its "
        "parameters, privacy classes, calls of the system that a stage has no use for, a plain run "
        "in "
        "which only what was declared may be read and emitted, no row and one row, nulls, hostile "
        "texts, any batch size, any number of threads, static state, memory that stays behind, "
        "each allocation failing, being stopped. A model is asked for requests and shown replies, "
        "most of them bad.\n\n"
        "A check is skipped, with the reason, where it does not apply, or where a stage wants what "
        "only a graph can give it.",
    .words = words,
    .options = options,
    .examples = examples,
    .exits = exits,
    .run = conform,
};
