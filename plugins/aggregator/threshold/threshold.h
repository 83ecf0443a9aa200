/* threshold.h - what the halves of aggregator/threshold share: parameters and
 * their checks against the columns that reach the stage. */
#ifndef CLIO_PLUGINS_THRESHOLD_H
#define CLIO_PLUGINS_THRESHOLD_H
#include <string.h>

#include "clio.h"

enum { MAX_BINS = 64 }; /* in one written list */

typedef struct threshold_config {
  clio_strlist columns, bins;
  const char *period;
  int64_t max_values;
} threshold_config;

/* Is this the name that stands for the conversation's time? [any] */
static inline int threshold_is_period(const char *column) { return strcmp(column, "period") == 0; }

/* The bins written for a column, "1, 2, 3+", or NULL. [any] */
const char *threshold_bins_for(const threshold_config *config, const char *column);

/* The stage's plan(): every named column is a facet and is read, every list of
 * bins is sound; else a sentence with the cure. [main] */
clio_status threshold_plan(const clio_host *host, clio_plan *plan, const void *config);
#endif
