/* scan.c - the parent's side of a listing; see scan.h. The child (scan_child.c)
 * takes the paths from its standard input, NUL between them, and writes a line of
 * JSON before and after each: {"begin":3} and {"path":…,"stages":[…]} or
 * {"path":…,"refused":…}. */
#include "clio-build.h"

#include "scan.h"

#include <errno.h>
#include <fcntl.h>
#include <json-c/json.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

enum { LINE_MAX_BYTES = 1 << 20 };

extern char **environ;

/* ---- one child ---- */

typedef struct child {
  pid_t pid;
  int fd; /* its standard output */
  GString *buffer;
  size_t used; /* of the buffer, by lines taken */
} child;

/* The paths from `first` on, `count` of them, as a file without a name. */
static int paths_file(const GPtrArray *paths, guint first, guint count) {
  int fd = memfd_create("clio-scan", MFD_CLOEXEC);
  if (fd < 0) return -1;
  for (guint i = first; i < first + count; i++) {
    const char *path = paths->pdata[i];
    size_t left = strlen(path) + 1;
    while (left > 0) {
      ssize_t n = write(fd, path, left);
      if (n <= 0) {
        close(fd);
        return -1;
      }
      path += n;
      left -= (size_t)n;
    }
  }
  lseek(fd, 0, SEEK_SET);
  return fd;
}

static char *scanner_path(void) {
  const char *named = g_getenv("CLIO_SCANNER");
  return named ? g_strdup(named) : g_file_read_link("/proc/self/exe", NULL);
}

/* The environment, with a mark against scanning again, and one BLAS thread: a
 * pool of them costs more to start than the listing. */
static char **child_environ(void) {
  char **env = g_strdupv(environ);
  env = g_environ_setenv(env, "CLIO_SCANNING", "1", TRUE);
  return g_environ_setenv(env, "OPENBLAS_NUM_THREADS", "1", TRUE);
}

static int spawn(const char *exe, int in, int out, pid_t *ret_pid) {
  posix_spawn_file_actions_t files;
  posix_spawnattr_t attributes;
  sigset_t all, none;
  char *argv[] = {(char *)(uintptr_t)exe, (char *)(uintptr_t) "--scan", (char *)(uintptr_t) "-",
                  NULL};
  g_auto(GStrv) env = child_environ();
  sigfillset(&all);
  sigemptyset(&none);
  posix_spawn_file_actions_init(&files);
  posix_spawn_file_actions_adddup2(&files, in, STDIN_FILENO);
  posix_spawn_file_actions_adddup2(&files, out, STDOUT_FILENO);
  posix_spawn_file_actions_addopen(&files, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
  posix_spawnattr_init(&attributes);
  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK);
  posix_spawnattr_setsigdefault(&attributes, &all);
  posix_spawnattr_setsigmask(&attributes, &none);
  int code = posix_spawn(ret_pid, exe, &files, &attributes, argv, env);
  posix_spawnattr_destroy(&attributes);
  posix_spawn_file_actions_destroy(&files);
  return code;
}

static clio_status child_start(child *c, const GPtrArray *paths, guint first, guint count,
                               error *e) {
  int out[2] = {-1, -1}, code = 0;
  g_autofree char *exe = scanner_path();
  int in = paths_file(paths, first, count);
  if (in < 0 || pipe2(out, O_CLOEXEC) != 0)
    code = errno;
  else
    code = exe ? spawn(exe, in, out[1], &c->pid) : ENOENT;
  if (in >= 0) close(in);
  if (out[1] >= 0) close(out[1]);
  if (code != 0) {
    if (out[0] >= 0) close(out[0]);
    return error_errno(e, CLIO_E_IO, code, "listing plugins: cannot run '%s'", exe ? exe : "self");
  }
  c->fd = out[0];
  c->buffer = g_string_new(NULL);
  c->used = 0;
  return CLIO_OK;
}

/* Ends the child: kills it if it has not answered; what wait() says of it. */
static int child_end(child *c, bool late) {
  int status = 0;
  if (late) kill(c->pid, SIGKILL);
  while (waitpid(c->pid, &status, 0) < 0 && errno == EINTR) continue;
  close(c->fd);
  g_string_free(c->buffer, TRUE);
  return status;
}

typedef enum { LINE_GOOD, LINE_END, LINE_LATE } line_state;

/* The next line, valid until the next call. */
static line_state child_line(child *c, int timeout_ms, const char **ret) {
  gint64 deadline = g_get_monotonic_time() + (gint64)timeout_ms * 1000;
  g_string_erase(c->buffer, 0, (gssize)c->used);
  c->used = 0;
  for (;;) {
    char *end = memchr(c->buffer->str, '\n', c->buffer->len);
    if (end) {
      *end = '\0';
      c->used = (size_t)(end - c->buffer->str) + 1;
      *ret = c->buffer->str;
      return LINE_GOOD;
    }
    gint64 left = (deadline - g_get_monotonic_time()) / 1000;
    struct pollfd ready = {.fd = c->fd, .events = POLLIN};
    if (left <= 0 || c->buffer->len > LINE_MAX_BYTES) return LINE_LATE;
    if (poll(&ready, 1, (int)left) <= 0) continue;
    char part[4096];
    ssize_t n = read(c->fd, part, sizeof part);
    if (n == 0) return LINE_END;
    if (n > 0) g_string_append_len(c->buffer, part, n);
  }
}

/* ---- results ---- */

static void stage_free(void *data) {
  scan_stage *stage = data;
  g_free(stage->kind);
  g_free(stage->name);
  g_free(stage->summary);
  g_free(stage);
}

static void result_free(void *data) {
  scan_result *result = data;
  g_free(result->path);
  g_free(result->refused);
  g_free(result->version);
  g_free(result->license);
  g_ptr_array_free(result->stages, TRUE);
  g_free(result);
}

static scan_result *result_new(const char *path) {
  scan_result *result = g_new0(scan_result, 1);
  result->path = g_strdup(path);
  result->stages = g_ptr_array_new_with_free_func(stage_free);
  return result;
}

static char *take_string(struct json_object *from, const char *key) {
  struct json_object *value = NULL;
  if (!json_object_object_get_ex(from, key, &value)) return NULL;
  return g_strdup(json_object_get_string(value));
}

static void result_parse(scan_result *result, const char *line) {
  struct json_object *listing = json_tokener_parse(line), *stages = NULL;
  result->refused = take_string(listing, "refused");
  result->version = take_string(listing, "version");
  result->license = take_string(listing, "license");
  json_object_object_get_ex(listing, "stages", &stages);
  for (size_t i = 0; stages && i < json_object_array_length(stages); i++) {
    struct json_object *from = json_object_array_get_idx(stages, i);
    scan_stage *stage = g_new0(scan_stage, 1);
    stage->kind = take_string(from, "kind");
    stage->name = take_string(from, "name");
    stage->summary = take_string(from, "summary");
    g_ptr_array_add(result->stages, stage);
  }
  if (!listing) result->refused = g_strdup("its listing could not be read");
  json_object_put(listing);
}

/* Why a child that was at this file did not come to its end. */
static char *why_lost(const char *path, line_state state, int status, int timeout_ms) {
  if (state == LINE_LATE)
    return g_strdup_printf("plugin '%s': did not answer within %d s while being listed", path,
                           (timeout_ms + 999) / 1000);
  if (WIFSIGNALED(status))
    return g_strdup_printf("plugin '%s': crashed while being listed (signal %d, %s)", path,
                           WTERMSIG(status), g_strsignal(WTERMSIG(status)));
  return g_strdup_printf("plugin '%s': ended the process while being listed (exit code %d)", path,
                         WEXITSTATUS(status));
}

/* Lists up to `count` files from `first` on; *ret_done of them have a result. A
 * file at which the child was lost gets one only if it was alone in it. */
static clio_status scan_some(const GPtrArray *paths, guint first, guint count, int timeout_ms,
                             GPtrArray *results, guint *ret_done, error *e) {
  child c;
  clio_status status = child_start(&c, paths, first, count, e);
  if (status != CLIO_OK) return status;
  guint done = 0;
  bool begun = false;
  const char *line = NULL;
  line_state state = LINE_GOOD;
  while (done < count && (state = child_line(&c, timeout_ms, &line)) == LINE_GOOD) {
    if (g_str_has_prefix(line, "{\"begin\":")) {
      begun = true;
      continue;
    }
    scan_result *result = result_new(paths->pdata[first + done++]);
    result_parse(result, line);
    g_ptr_array_add(results, result);
  }
  int ended = child_end(&c, state == LINE_LATE);
  if (!begun && done < count)
    return error_set(e, CLIO_E_IO, "listing plugins: the scanner does not answer to --scan");
  if (done < count && count == 1) {
    scan_result *result = result_new(paths->pdata[first]);
    result->refused = why_lost(result->path, state, ended, timeout_ms);
    g_ptr_array_add(results, result);
    done++;
  }
  *ret_done = done;
  return CLIO_OK;
}

/* All files share one child. Where it is lost, the file it was at is tried again
 * alone, so that none is blamed for another, and the rest goes on. */
clio_status scan_files(const GPtrArray *paths, int timeout_ms, GPtrArray **ret, error *e) {
  GPtrArray *results = g_ptr_array_new_with_free_func(result_free);
  clio_status status = CLIO_OK;
  while (results->len < paths->len && status == CLIO_OK) {
    guint done = 0, left = paths->len - results->len;
    status = scan_some(paths, results->len, left, timeout_ms, results, &done, e);
    if (status == CLIO_OK && done < left)
      status = scan_some(paths, results->len, 1, timeout_ms, results, &done, e);
  }
  if (status == CLIO_OK)
    *ret = results;
  else
    g_ptr_array_free(results, TRUE);
  return status;
}
