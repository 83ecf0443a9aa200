/* config.h - one stage's parameters: from the graph's nodes into the config
 * struct that the stage's parameter table describes. Defaults go through the
 * same parser as what the user wrote.
 *
 * Integers are plain decimals; booleans true and false; a string may be any
 * scalar; nothing in quotes is a number. null is taken only by a parameter
 * whose default is null, and leaves its field zero.
 * TEXT: "@FILE" is the content of that file (UTF-8, at most 1 MiB), looked for
 * beside the graph and then among the installed data; "@@" stands for an '@'
 * that begins a text. PATH is taken as it is, relative to the working folder.
 * RECORDS: a list of mappings, or one; "@FILE" stands for the mapping in that YAML
 * file, found like a text's. Findings there name that file; it takes no variables. */
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
 * range, no such choice, "@file" that cannot be read (path relative to g->dir),
 * a variable without value (see graph.h). Returns NULL when there was any. */
config *config_new(const graph *g, const graph_stage *gs, const plugin_stage *stage, diag *d);
void config_free(config *c); /* takes NULL */

/* Where the value of `param` was written; the stage's id if it was not. */
diag_pos config_at(const config *c, const graph_stage *gs, const char *param);

/* Of a list, where the item with that text was written; else as config_at. */
diag_pos config_at_item(const config *c, const graph_stage *gs, const char *param,
                        const char *item);

/* The resolved parameters as one line of canonical JSON, keys in the table's
 * order: all of them for the manifest; `for_key`, for the cache key, without
 * CLIO_PARAM_NO_CACHE_KEY and without INPUT paths (their content counts
 * elsewhere). Secrets appear as the variable's name. New string. */
char *config_json(const config *c, const plugin_stage *stage, bool for_key);

/* The value of a string parameter by name, or NULL. Borrowed. */
const char *config_string(const config *c, const plugin_stage *stage, const char *param);

/* Sets *ret to the value of an INT or AUTO parameter; false where there is none
 * of that name. */
bool config_int(const config *c, const plugin_stage *stage, const char *param, int64_t *ret);

/* Calls fn for each column name that a CLIO_PARAM_COLUMN parameter holds. */
void config_columns(const config *c, const plugin_stage *stage,
                    void (*fn)(void *ctx, const char *param, const char *column), void *ctx);

/* "a whole number from 1 to 64", "one of a, b" ...: what a parameter takes, as
 * errors and `clio inspect` say it. New string. */
char *config_wants(const clio_param *param);
#endif
