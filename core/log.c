/* log.c - lines and bars on stderr; see log.h. */
#include "log.h"

#include <glib.h>
#include <limits.h>
#include <stdarg.h>
#include <string.h>
#include <unistd.h>

#include "clio.h"
#include "json.h"
#include "layout.h"
#include "text.h"
#include "util.h"

#define NAMED "clio:"

static GMutex lock;
static int log_level = CLIO_LOG_INFO;
static FILE *log_file;
static bool bar_drawn;
static gint64 bar_time, status_until;

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

static const char *level_color(int level) {
  return level == CLIO_LOG_ERROR ? "\033[1;31m" : "\033[1;35m";
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

/* "clio: warning: ...", wrapped at words on a terminal. */
static void put_line(int level, const char *text) {
  bool loud = level <= CLIO_LOG_WARN, color = loud && log_use_color(stderr);
  g_autofree char *marked = loud ? g_strdup_printf("%s: %s", level_name(level), text) : NULL;
  layout l = {.out = g_string_new(NULL), .width = INT_MAX / 2};
  if (isatty(STDERR_FILENO)) l.width = layout_columns(stderr) - 1;
  layout_item(&l, 0, (int)strlen(NAMED) + 1, NAMED, marked ? marked : text);
  if (color) {
    gsize at = strlen(NAMED) + 1, end = at + strlen(level_name(level)) + 1;
    g_string_insert(l.out, (gssize)end, "\033[0m");
    g_string_insert(l.out, (gssize)at, level_color(level));
  }
  fputs(l.out->str, stderr);
  g_string_free(l.out, TRUE);
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
    put_line(level, text);
  }
  g_mutex_unlock(&lock);
  g_free(text);
  g_free(raw);
}

enum { BAR_INTERVAL = 100000, BAR_MIN = 10, BAR_MAX = 40, BAR_WORDS = 44, LABEL = 16 };

/* When the bar of this stage was first drawn, and how far it was then: rate and
 * remaining time are of what was done since. */
static struct {
  char what[64];
  gint64 since;
  uint64_t from;
} bar;

static void bar_begin(const char *what, uint64_t done, gint64 now) {
  if (strncmp(bar.what, what, sizeof bar.what - 1) == 0 && done >= bar.from) return;
  g_strlcpy(bar.what, what, sizeof bar.what);
  bar.since = now;
  bar.from = done;
}

/* "  1,234/s" and, where the end is known, "  0:12 left". */
static char *bar_speed(uint64_t done, uint64_t total, gint64 now) {
  double seconds = (double)(now - bar.since) / G_USEC_PER_SEC;
  double rate = seconds > 0.5 ? (double)(done - bar.from) / seconds : 0;
  if (rate < 1) return g_strdup("");
  g_autofree char *count = format_count((int64_t)rate);
  if (!total || done > total) return g_strdup_printf("  %s/s", count);
  int64_t left = (int64_t)((double)(total - done) / rate + 0.5);
  return g_strdup_printf("  %s/s  %lld:%02lld left", count, (long long)(left / 60),
                         (long long)(left % 60));
}

static void draw_bar(const char *what, uint64_t done, uint64_t total, gint64 now) {
  bar_begin(what, done, now);
  int columns = MAX(layout_columns(stderr), 24);
  int width = CLAMP(columns - BAR_WORDS - LABEL, BAR_MIN, BAR_MAX);
  double share = total ? MIN((double)done / (double)total, 1) : 0;
  g_autofree char *speed = bar_speed(done, total, now), *count = format_count((int64_t)done);
  g_autoptr(GString) line = g_string_new(NULL);
  g_string_append_printf(line, "%-*.*s ", LABEL, LABEL, what);
  for (int i = 0; total && i < width; i++)
    g_string_append(line, i < (int)(share * width) ? "\u2588" : "\u2591");
  if (total)
    g_string_append_printf(line, " %3.0f %%%s", share * 100, speed);
  else
    g_string_append_printf(line, "%s%s", count, speed);
  fprintf(stderr, "\r\033[K%.*s", (int)text_fit(line->str, columns - 1), line->str);
  fflush(stderr);
  bar_drawn = true;
}

void log_progress(const char *what, uint64_t done, uint64_t total) {
  if (log_level < CLIO_LOG_INFO || !log_is_terminal()) return;
  g_mutex_lock(&lock);
  gint64 now = g_get_monotonic_time();
  if (now - bar_time >= BAR_INTERVAL && now >= status_until) {
    bar_time = now;
    draw_bar(what, done, total, now);
  }
  g_mutex_unlock(&lock);
}

void log_status(const char *what, const char *text) {
  if (log_level < CLIO_LOG_INFO || !log_is_terminal()) return;
  g_mutex_lock(&lock);
  int columns = MAX(layout_columns(stderr), 24);
  g_autofree char *line = g_strdup_printf("%-*.*s %s", LABEL, LABEL, what, text);
  fprintf(stderr, "\r\033[K%.*s", (int)text_fit(line, columns - 1), line);
  fflush(stderr);
  bar_drawn = true;
  bar_time = g_get_monotonic_time();
  status_until = bar_time + G_USEC_PER_SEC;
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
