/* graph_parts.h - what the files of the graph reader share: graph.c (top keys,
 * stages), graph_vars.c (variables, secrets), graph_privacy.c. Internal. */
#ifndef CLIO_CORE_GRAPH_PARTS_H
#define CLIO_CORE_GRAPH_PARTS_H
#include "graph.h"

/* A stage or role of that id without anything read yet. `what`: "stage" or "model". */
graph_stage *graph_stage_new(const char *what, const doc_node *id);
void graph_stage_free(void *gs);

/* May `text` be the id of a stage or the name of a role? */
bool graph_is_id(const char *text, size_t length);

/* `use` and `sha256` of a stage or role. */
void graph_read_use(graph_stage *gs, const doc_node *map, diag *d);
void graph_read_sha256(graph_stage *gs, const doc_node *map, diag *d);

/* One key of a role's `limits`: the table that the reader, its messages, the JSON Schema
 * and the manual page go by. `most` G_MAXINT64: no bound; `otherwise`: where it is unset. */
typedef struct graph_limit {
  const char *key, *help;
  size_t offset; /* of an int64_t in graph_model */
  int64_t least, most, otherwise;
} graph_limit;
extern const graph_limit graph_limits[]; /* ends with a NULL key */

/* Fills g->roles from the models section (graph_models.c). */
void graph_models_read(graph *g, diag *d);
void graph_model_free(void *model);

/* Looks for literal API keys in every scalar; what is found is an error and
 * masked in all source lines. */
void graph_refuse_secrets(graph *g, diag *d);

/* Fills g->vars from the vars section and `set`, and puts the values into every
 * scalar outside of vars and privacy. */
void graph_vars_apply(graph *g, const char *const *set, diag *d);

/* May this text be the name of an environment variable that holds a secret? A
 * long word of letters and digits looks like the secret itself. */
bool graph_is_env_name(const char *text);

/* Fills g->privacy with defaults and then from the privacy section. Stages must
 * have been read. */
void graph_privacy_read(graph *g, diag *d);
void graph_privacy_clear(graph_privacy *p);

/* Fills g->limits from the budget section. Models must have been read. */
void graph_budget_read(graph *g, diag *d);
void graph_budget_clear(graph_budget *b);

/* A scalar, or a list of scalars, as an array of borrowed nodes, without what
 * is bad; complains to `d` about anything else. `want`: "a stage, or a list of
 * stages". */
GPtrArray *graph_scalars(const doc_node *node, diag *d, const char *who, const char *want);

/* "; did you mean 'x'?" or, where nothing is near, "; OTHERWISE" (may be NULL).
 * New string. */
char *graph_hint(const char *word, const char *const *candidates, size_t count,
                 const char *otherwise);

/* As graph_hint over the graph's stage ids. */
char *graph_stage_hint(const graph *g, const char *word);
#endif
