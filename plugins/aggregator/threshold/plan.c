/* plan.c - checks aggregator/threshold's parameters against the columns that
 * reach it; see threshold.h. */
#include "bins.h"
#include "clio_util.h"
#include "threshold.h"

enum { NAME = 128 };

static int is_countable(clio_type type) {
  return type == CLIO_T_BOOL || type == CLIO_T_UTF8 || type == CLIO_T_I64 || type == CLIO_T_F64 ||
         type == CLIO_T_LIST;
}

static int is_facet(const clio_column *column) {
  return column && (column->flags & CLIO_COL_FACET) && is_countable(column->type);
}

static const clio_column *column_at(const clio_columns *columns, uint32_t i) {
  const char *at = (const char *)columns->items + (size_t)i * columns->item_size;
  return (const clio_column *)(const void *)at;
}

/* How many letters must change to make `b` of `a` (Levenshtein); names longer
 * than the row count as far apart. */
static size_t edit_distance(const char *a, const char *b) {
  size_t row[NAME], n = strlen(b);
  if (n >= NAME) return NAME;
  for (size_t j = 0; j <= n; j++) row[j] = j;
  for (size_t i = 1; a[i - 1]; i++) {
    size_t diagonal = row[0];
    row[0] = i;
    for (size_t j = 1; j <= n; j++) {
      size_t best = diagonal + (a[i - 1] != b[j - 1]);
      diagonal = row[j];
      if (diagonal + 1 < best) best = diagonal + 1;
      if (row[j - 1] + 1 < best) best = row[j - 1] + 1;
      row[j] = best;
    }
  }
  return row[n];
}

/* Refuses a column with the nearest facet, or all of them, as the cure. */
static clio_status fail_column(const clio_host *host, clio_plan *plan, const clio_columns *columns,
                               const char *name) {
  char list[320] = "";
  const char *best = "period";
  for (uint32_t i = 0; i < columns->count; i++) {
    const clio_column *column = column_at(columns, i);
    size_t used = strlen(list);
    if (!is_facet(column)) continue;
    snprintf(list + used, sizeof list - used, "%s, ", column->name);
    if (edit_distance(name, column->name) < edit_distance(name, best)) best = column->name;
  }
  if (edit_distance(name, best) <= strlen(name) / 3 + 1)
    return clio_plan_failf(host, plan, CLIO_E_CONFIG,
                           "columns: '%s' is not a facet; did you mean '%s'?", name, best);
  return clio_plan_failf(host, plan, CLIO_E_CONFIG,
                         "columns: '%s' is not a facet; those that reach this stage are: %speriod",
                         name, list);
}

const char *threshold_bins_for(const threshold_config *config, const char *column) {
  size_t len = strlen(column);
  for (uint64_t i = 0; i < config->bins.count; i++) {
    const char *item = config->bins.items[i];
    if (strncmp(item, column, len) == 0 && item[len] == ':') return item + len + 1;
  }
  return NULL;
}

static clio_status check_bins(const clio_host *host, clio_plan *plan,
                              const threshold_config *config, const clio_columns *columns) {
  bin bins[MAX_BINS];
  for (uint64_t i = 0; i < config->bins.count; i++) {
    const char *item = config->bins.items[i], *colon = strchr(item, ':');
    char name[NAME] = "";
    if (colon && colon - item < NAME) memcpy(name, item, (size_t)(colon - item));
    const clio_column *column = clio_planned(columns, name);
    int real = column && column->type == CLIO_T_F64;
    if (!column || (!real && column->type != CLIO_T_I64))
      return clio_plan_failf(host, plan, CLIO_E_CONFIG,
                             "bins: '%s' does not start with a number column that reaches this "
                             "stage; write it as 'turns: 1, 2, 3-4, 5+'",
                             item);
    if (bins_parse(colon + 1, real, bins, MAX_BINS) < 0)
      return clio_plan_failf(host, plan, CLIO_E_CONFIG,
                             "bins: '%s' is not a list of separate, rising bins; write it as %s",
                             item, real ? "'score: 0-0.5, 0.5-1, 1+'" : "'turns: 1, 2, 3-4, 5+'");
  }
  return CLIO_OK;
}

clio_status threshold_plan(const clio_host *host, clio_plan *plan, const void *config) {
  const threshold_config *c = config;
  const clio_columns *columns = host->plan_input(plan, 0);
  for (uint64_t i = 0; i < c->columns.count; i++) {
    const char *name = c->columns.items[i];
    for (uint64_t k = 0; k < i; k++)
      if (strcmp(name, c->columns.items[k]) == 0)
        return clio_plan_failf(host, plan, CLIO_E_CONFIG, "columns: '%s' is named twice", name);
    const clio_column *column = clio_planned(columns, threshold_is_period(name) ? "time" : name);
    if (!column || (!threshold_is_period(name) && !is_facet(column)))
      return fail_column(host, plan, columns, name);
    CLIO_TRY(host->plan_use(plan, 0, column->name));
  }
  return check_bins(host, plan, c, columns);
}
