/* bins.h - numeric columns cut into bins, and times into periods, each named by
 * the text that is published. */
#ifndef CLIO_PLUGINS_BINS_H
#define CLIO_PLUGINS_BINS_H
#include "clio.h"
#include "clio_util.h"

enum { BIN_TEXT = 64 }; /* room for a bin's text, its NUL included */

/* The fixed bins. Integers: 0, 1, 2, 3-4, 5-8, 9-16 ... (both ends in the bin).
 * Reals: 0-0.25, 0.25-0.5, 0.5-0.75, 0.75-1, 1-2, 2-4, 4-8 ... (the end not in
 * it). 0, and nothing written, for a number below 0 or not finite. [any] */
int bins_auto_i64(int64_t value, char ret[BIN_TEXT]);
int bins_auto_f64(double value, char ret[BIN_TEXT]);

/* One bin of a list a person wrote. */
typedef struct bin {
  double low, high; /* high: infinity for "8+" */
  char text[BIN_TEXT];
} bin;

/* Reads "1, 2, 3-4, 5+" (reals: "0-0.5, 0.5-1, 1+") into `ret`, at most `room`.
 * Returns how many, or -1 where it is no list of increasing, separate bins;
 * `real` says how ends count. [any] */
int bins_parse(const char *text, int real, bin *ret, int room);

/* The bin that holds `value`, or -1. [any] */
int bins_find(const bin *bins, int count, int real, double value);

/* The first day of the period that holds a time, "2026-11-01": of the day, the
 * week (Monday first) or the month, UTC. `period`: "day", "week", "month". [any] */
void bins_period(int64_t microseconds, const char *period, char ret[BIN_TEXT]);
#endif
