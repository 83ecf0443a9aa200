/* log.c - lines and bars on stderr; see log.h. */
#include "log.h"

#include <glib.h>
#include <stdarg.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "clio.h"
#include "json.h"
#include "text.h"

static GMutex lock;
static int log_level = CLIO_LOG_INFO;
static FILE *log_file;
static bool bar_drawn;
static gint64 bar_time;

void log_setup(int level, bool quiet) { log_level = quiet ? CLIO_LOG_ERROR : level; }

void log_to_file(FILE *file) {
  g_mutex_lock(&lock);
  log_file = file;
  g_mutex_unlock(&lock);
}

bool log_is_terminal(void) {
  const char *term = g_getenv("TERM");
  return isatty(STDERR_FILENO) && term && strcmp(term, "dumb") != 0;
}

bool log_use_color(FILE *to) {
  const char *no = g_getenv("NO_COLOR"), *term = g_getenv("TERM");
  if (no && *no) return false;
  return isatty(fileno(to)) && term && strcmp(term, "dumb") != 0;
}

static void clear_bar(void) {
  if (!bar_drawn) return;
  fputs("\r\033[K", stderr);
  bar_drawn = false;
}

static const char *level_name(int level) {
  static const char *const names[] = {"error", "warning", "info", "debug"};
  return level >= 0 && level < 4 ? names[level] : "info";
}

static void write_record(int level, const char *text) {
  if (!log_file) return;
  json *j = json_new(false);
  json_object(j);
  json_put_string(j, "level", level_name(level));
  json_put_string(j, "message", text);
  json_end(j);
  char *line = json_take(j);
  fprintf(log_file, "%s\n", line);
  fflush(log_file);
  g_free(line);
}

void log_line(int level, const char *format, ...) {
  va_list args;
  va_start(args, format);
  char *raw = g_strdup_vprintf(format, args);
  va_end(args);
  char *text = text_for_terminal(raw, (int64_t)strlen(raw));
  g_mutex_lock(&lock);
  write_record(level, text);
  if (level <= log_level) {
    clear_bar();
    if (level <= CLIO_LOG_WARN)
      fprintf(stderr, "clio: %s: %s\n", level_name(level), text);
    else
      fprintf(stderr, "clio: %s\n", text);
  }
  g_mutex_unlock(&lock);
  g_free(text);
  g_free(raw);
}

static int terminal_width(void) {
  struct winsize size;
  if (ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 20) return size.ws_col;
  return 80;
}

enum { BAR_INTERVAL = 100000, BAR_MIN = 10, BAR_MAX = 40 };

static void draw_bar(const char *what, uint64_t done, uint64_t total) {
  int width = terminal_width() - 40;
  width = CLAMP(width, BAR_MIN, BAR_MAX);
  double share = total ? (double)done / (double)total : 0;
  int full = (int)(share * width);
  GString *bar = g_string_new(NULL);
  for (int i = 0; i < width; i++) g_string_append(bar, i < full ? "\u2588" : "\u2591");
  if (total)
    fprintf(stderr, "\r\033[K%-16.16s %s %3.0f %%", what, bar->str, share * 100);
  else
    fprintf(stderr, "\r\033[K%-16.16s %" G_GUINT64_FORMAT, what, done);
  fflush(stderr);
  g_string_free(bar, TRUE);
  bar_drawn = true;
}

void log_progress(const char *what, uint64_t done, uint64_t total) {
  if (log_level < CLIO_LOG_INFO || !log_is_terminal()) return;
  g_mutex_lock(&lock);
  gint64 now = g_get_monotonic_time();
  if (now - bar_time >= BAR_INTERVAL) {
    bar_time = now;
    draw_bar(what, done, total);
  }
  g_mutex_unlock(&lock);
}

void log_step(const char *what, const char *format, ...) {
  va_list args;
  va_start(args, format);
  char *text = g_strdup_vprintf(format, args);
  va_end(args);
  g_mutex_lock(&lock);
  char *record = g_strdup_printf("%s: %s", what, text);
  write_record(CLIO_LOG_INFO, record);
  g_free(record);
  if (log_level >= CLIO_LOG_INFO) {
    clear_bar();
    fprintf(stderr, "%-16s %s\n", what, text);
  }
  g_mutex_unlock(&lock);
  g_free(text);
}
