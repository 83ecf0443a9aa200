/* config.h - one stage's parameters: from the graph's nodes into the config
 * struct that the stage's parameter table describes. Defaults go through the
 * same parser as what the user wrote. */
#ifndef CLIO_CORE_CONFIG_H
#define CLIO_CORE_CONFIG_H
#include "graph.h"
#include "plugin.h"

/* A filled config struct and the strings it points into. */
typedef struct config {
  void *data;         /* stage->config_size bytes */
  GPtrArray *strings; /* owned */
  GHashTable *places; /* parameter name -> diag_pos* of its value as written */
} config;

/* Fills a config for `stage` from gs->params; every mistake of every parameter
 * goes to `d`: unknown (with a suggestion), twice, missing, wrong type, out of
 * range, no such choice, "@file" that cannot be read (path relative to g->dir).
 * Returns NULL when there was any. */
config *config_new(const graph *g, const graph_stage *gs, const plugin_stage *stage, diag *d);
void config_free(config *c);

/* Where the value of `param` was written; the stage's id if it was not. */
diag_pos config_at(const config *c, const graph_stage *gs, const char *param);

/* The resolved parameters as one line of canonical JSON, keys in the table's
 * order, for the manifest and the cache key (`for_key`: without
 * CLIO_PARAM_NO_CACHE_KEY ones; INPUT paths are left out, their content counts
 * elsewhere). Secrets appear as the variable's name. New string. */
char *config_json(const config *c, const plugin_stage *stage, bool for_key);

/* The value of a string parameter by name, or NULL. Borrowed. */
const char *config_string(const config *c, const plugin_stage *stage, const char *param);

/* Calls fn for each column name that a CLIO_PARAM_COLUMN parameter holds. */
void config_columns(const config *c, const plugin_stage *stage,
                    void (*fn)(void *ctx, const char *param, const char *column), void *ctx);
#endif
