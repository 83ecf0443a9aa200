/* log.h - what the operator sees on stderr: plain lines, or a progress bar on
 * a terminal. One per process; thread-safe. */
#ifndef CLIO_CORE_LOG_H
#define CLIO_CORE_LOG_H
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

/* Up to which CLIO_LOG_* level lines are printed; `quiet` shows errors only. */
void log_setup(int level, bool quiet);

/* Also appended to this file as JSON lines (log.jsonl of the run); NULL ends. */
void log_to_file(FILE *file);

/* One line, "clio: warning: ...". Control bytes are stripped. */
void log_line(int level, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Moves the bar of `what` (a stage's id) to done of total (0: unknown). On a
 * terminal the bar is redrawn at most ten times a second; elsewhere nothing is
 * printed until log_step. */
void log_progress(const char *what, uint64_t done, uint64_t total);

/* A line that stands where bars are drawn, and keeps them away for a second; nothing where
 * there is no terminal. What does not fit is cut off. */
void log_status(const char *what, const char *text);

/* A step has ended: one plain line, on a terminal in place of its bar. */
void log_step(const char *what, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Is stderr a terminal that may be drawn on; may colour be used on `to`? */
bool log_is_terminal(void);
bool log_use_color(FILE *to);
#endif
