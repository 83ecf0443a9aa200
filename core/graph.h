/* graph.h - a graph file as it was written: parsed, variables put in, checked
 * for shape, not yet for meaning (flow.h does that). YAML, and JSON by the same
 * door (doc.h); every node keeps its place.
 *
 * A variable that is declared null and was not set leaves its scalar `unset`.
 * Anywhere but in a stage's parameters that is an error at once; in a parameter
 * config_new reports it, except that with `inputs_may_be_unset` (which `clio
 * check` sets between graph_read and config_new) a parameter flagged
 * CLIO_PARAM_INPUT may stay unset and its field is an empty string. */
#ifndef CLIO_CORE_GRAPH_H
#define CLIO_CORE_GRAPH_H
#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

#include "diag.h"
#include "doc.h"
#include "error.h"
#include "gate.h"

/* One stage as written. What was wrong with it was reported and is left out: a
 * stage whose `use` is empty cannot be looked at further; `from` names stages
 * that exist, each once, and never closes a circle. */
typedef struct graph_stage {
  const char *what; /* "stage", or "model" of a role under models */
  char *id;
  diag_pos at;         /* of the id */
  GPtrArray *use;      /* doc_node* scalars, "kind/name", in order of preference */
  GPtrArray *from;     /* doc_node* scalars: stage ids */
  GPtrArray *params;   /* doc_node*: key, value, key, value ... without reserved names */
  double max_bad_rows; /* share, 0-1; default 0.01 */
  char *sha256;        /* pin of the plugin file, or NULL */
  diag_pos sha256_at;
} graph_stage;

/* One role of `models`: `written` is read like a stage without `from`. What the
 * provider allows, and what to do while it does not; 0: no such limit. */
typedef struct graph_model {
  graph_stage *written;
  int64_t requests_per_minute, input_tokens_per_minute, output_tokens_per_minute;
  int64_t in_flight; /* most requests at once; default 64 */
  int64_t timeout;   /* seconds of one request; default 600 */
  int64_t give_up;   /* seconds without a good answer after which the run stops; default 600 */
  int64_t attempts;  /* most attempts at one question; default 8 */
  int64_t repairs;   /* further questions after an answer of the wrong form; default 1 */
  bool http2;
} graph_model;

typedef enum { GRAPH_RELEASE, GRAPH_PUBLIC, GRAPH_RESTRICTED } graph_mode;
const char *graph_mode_name(graph_mode mode);

/* The privacy section with defaults filled in. Where organizations is "auto"
 * it is -1 here and settled when the input has been read. */
typedef struct graph_privacy {
  graph_mode mode;
  char *public_why, *reason;
  bool one_account_per_conversation; /* assume: */
  GPtrArray *declassify;             /* doc_node* scalars: stage ids */
  GPtrArray *sensitive;              /* doc_node* scalars: facet columns */
  gate_threshold cluster, cell;
  int64_t word_accounts, account_cap, audit_floor, round_to;
  bool word_exempt_common;
  diag_pos at;
} graph_privacy;

/* The budget section (graph_budget.h). */
typedef struct graph_budget {
  int64_t max_cost, max_tokens; /* micro-dollars, tokens; -1: no limit */
  char *prices;                 /* a file, as written; NULL: the shipped one */
  GPtrArray *free;              /* doc_node* scalars: roles; or NULL */
  diag_pos max_cost_at, prices_at;
} graph_budget;

typedef struct graph {
  char *file; /* as given */
  char *dir;  /* its folder, for "@file" */
  char *text; /* the whole file */
  size_t length;
  char *name;
  int64_t seed;
  graph_privacy privacy;
  graph_budget limits;
  GPtrArray *stages;                        /* graph_stage*, in the order written */
  GPtrArray *roles;                         /* graph_model*, likewise */
  GHashTable *vars;                         /* name -> value (char*; NULL: declared null) */
  const doc_node *models, *budget, *ledger; /* or NULL; for later issues */
  doc_node *root;
  bool inputs_may_be_unset; /* false; see above */
} graph;

/* A line about thresholds that are written and hide nothing (mode public); NULL: there is nothing
 * to say. New string. */
char *graph_privacy_note(const graph *g);

/* Reads `path`. `set`: "key=value" strings of --set and -i (as "input=..."),
 * NULL-ended or NULL. Findings of shape go to `*ret_diag`, which is made here,
 * also on success, and is freed by the caller. Returns
 * CLIO_E_CONFIG when the diag holds errors (and still sets *ret if enough was
 * read to go on checking), CLIO_E_IO with `e` set when the file cannot be read
 * (then *ret_diag is NULL). */
clio_status graph_read(const char *path, const char *const *set, graph **ret, diag **ret_diag,
                       error *e);

/* The same from memory; `name` is what errors call it, `dir` where "@file"s are. */
clio_status graph_parse(const char *name, const char *dir, const char *text, size_t length,
                        const char *const *set, graph **ret, diag **ret_diag, error *e);
void graph_free(graph *g);

/* Reports every scalar of `node` that is unset, with the cure. */
void graph_refuse_unset(const graph *g, const doc_node *node, diag *d);

/* The stage with that id, or NULL; its number in g->stages through ret_index. */
graph_stage *graph_find(const graph *g, const char *id, size_t *ret_index);
#endif
