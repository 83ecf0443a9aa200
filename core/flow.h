/* flow.h - a graph with its meaning: every stage found, configured and planned,
 * every edge typed and its privacy class checked, before any data is read.
 * flow.c resolves and plans; flow_privacy.c holds the rules about classes and
 * the gate; flow_live.c says which columns must be kept. */
#ifndef CLIO_CORE_FLOW_H
#define CLIO_CORE_FLOW_H
#include "config.h"
#include "graph.h"
#include "registry.h"
#include "schema.h"

/* How a stage runs. */
typedef enum {
  FLOW_SOURCE,    /* emits conversations */
  FLOW_SAMPLER,   /* sees fixed-width columns of all rows, returns a pick */
  FLOW_ROWWISE,   /* one batch in, one batch out */
  FLOW_WHOLE,     /* every row at once */
  FLOW_AFTER_GATE /* reads what the gate released */
} flow_role;

/* Is this a kind of rows that stages behind the gate make for those after them? */
bool flow_made_behind(int kind);

/* A column that a stage reads (of an input port) or adds (to an output port). */
typedef struct flow_use {
  uint32_t port;
  char *column;
} flow_use;
typedef struct flow_add {
  uint32_t port;
  schema_column *column;
} flow_add;

typedef struct flow_stage {
  int index;
  const graph_stage *gs;
  const char *use; /* the chosen "kind/name" */
  const plugin_stage *ps;
  GPtrArray *passed; /* char*: stages of its `use` list before that, and why not they */
  config *cfg;
  flow_role role;
  GArray *from; /* int: stage numbers */
  schema_bundle in, out;
  GArray *uses;       /* flow_use */
  GArray *adds;       /* flow_add */
  clio_privacy reads; /* the most restricted class it reads */
  bool declassifies;  /* makes DERIVED columns of RAW ones, as granted */
  bool broken;        /* while building: cannot be typed, nor what reads it */
  GHashTable *live;   /* conversations columns of `out` that later stages read */
} flow_stage;

/* A role of the graph's models: its backend, found and configured like a stage
 * without ports. */
typedef struct flow_model {
  const graph_model *gm;
  flow_stage *st;
  bool asked;                /* some stage names it */
  const struct price *price; /* of a wire model; NULL: not known */
} flow_model;

/* One tree that will stand before the gate. */
typedef struct flow_tree {
  char *facet, *cluster_column;
  char *text_column; /* what its namer reads; or NULL */
} flow_tree;

typedef struct flow {
  const graph *g;
  GPtrArray *stages;     /* flow_stage*, in the graph's order */
  GArray *order;         /* int: a topological order, ties in the graph's order */
  GPtrArray *models;     /* flow_model*, in the graph's order */
  struct prices *prices; /* or NULL: no wire model is asked */
  int source, sampler;   /* stage numbers; sampler -1: none */
  GArray *gate_from;     /* int: the stages whose bundle the gate reads */
  schema_bundle gate_in;
  GPtrArray *trees;   /* flow_tree*, at the gate */
  GPtrArray *facets;  /* char*: facet columns that an aggregator proposed to read */
  const char *period; /* "day", "week", "month", or NULL: none proposed */
} flow;

/* Types the whole graph; every mistake goes to `d`. Returns NULL when there was
 * one. Where `d` holds errors of graph.c already, only what a stage's parameters
 * alone can show is added. Pure: no input is opened, no secret read. */
flow *flow_build(const graph *g, registry *r, diag *d);
void flow_free(flow *f);

const flow_stage *flow_at(const flow *f, int index);

/* The role of that name; NULL: there is none. */
flow_model *flow_model_of(const flow *f, const char *role);

/* Calls fn for each role that a parameter of the stage names. */
void flow_roles(const flow_stage *st,
                void (*fn)(void *ctx, const clio_param *param, const char *role), void *ctx);

/* Finds and configures every role's backend; checks what stages ask of them
 * (flow_models.c). Called by flow_build. */
void flow_load_models(flow *f, registry *r, bool sound, diag *d);
void flow_check_models(flow *f, diag *d);

void flow_model_free(void *model);

/* Which of several named in `use` was taken, and why not those before it. */
void flow_describe_choice(const flow_stage *st, GString *out);

/* Which stage sends what to which model: one line each. */
void flow_describe_models(const flow *f, GString *out);

/* One stage without meaning yet; takes the first of its `use` that is installed and
 * ready and fills its parameters. False where that failed. Called by flow_build. */
flow_stage *flow_stage_new(const graph_stage *gs, int index);
void flow_stage_free(void *st);
bool flow_load_stage(const flow *f, flow_stage *st, registry *r, diag *d);

/* Calls plan() and collects what it says (flow_plan.c); of a role's backend, the
 * bare call. */
void flow_call_plan(flow *f, flow_stage *st, diag *d);
void flow_plan_stage(flow *f, flow_stage *st, diag *d);

/* Rules about classes, declassification, labels, and what stands before the
 * gate (flow_privacy.c). Called by flow_build. */
void flow_check_privacy(flow *f, flow_stage *st, diag *d);
void flow_check_gate(flow *f, diag *d);

/* Fills `live` of every stage (flow_live.c). Called by flow_build. */
void flow_find_live(flow *f);

/* The schema that reports see, by row kind; NULL for what is never released. */
const schema *flow_released_schema(clio_row_kind kind);

/* The schema of the host's texts table. */
const schema *flow_texts_schema(void);

/* Does `st` read column `name` of input port `port`? */
bool flow_uses(const flow_stage *st, uint32_t port, const char *name);

/* One line per choice among several stages and per declassifying stage. */
char *flow_describe(const flow *f);

/* The graph in DOT. */
char *flow_dot(const flow *f);
#endif
