/* llm.c - namer/llm: names and describes clusters by a language model, which sees some of
 * the conversations in each and some just outside it (Clio paper, appendix G.5). What it says
 * is put to the text rule; what that refuses twice more is left to another namer. */
#include "ask.h"
#include "named_emit.h"

enum { PORT_CONVERSATIONS = 0, PORT_CLUSTERS };

typedef struct llm_self {
  const clio_host *host;
  const llm_config *config;
  const clio_table *conversations;
} llm_self;

/* ---- planning ---- */

static const clio_column *column_at(const clio_columns *columns, uint32_t i) {
  const char *at = (const char *)columns->items + (size_t)i * columns->item_size;
  return (const clio_column *)(const void *)at;
}

/* The membership column of the tree to name: that of `facet`, or where that is
 * empty the only one. *ret_count: how many there are. */
static const clio_column *membership(const clio_columns *columns, const char *facet,
                                     int *ret_count) {
  const clio_column *found = NULL;
  *ret_count = 0;
  for (uint32_t i = 0; columns && i < columns->count; i++) {
    const clio_column *column = column_at(columns, i);
    if (strncmp(column->name, "cluster_", 8) != 0 || column->type != CLIO_T_I64) continue;
    if (facet[0] && strcmp(column->name + 8, facet) != 0) continue;
    found = column;
    ++*ret_count;
  }
  return found;
}

/* The vectors that were made of the same text, or NULL. */
static const clio_column *vectors_of(const clio_columns *columns, const char *text) {
  for (uint32_t i = 0; columns && i < columns->count; i++) {
    const clio_column *column = column_at(columns, i);
    if (column->type == CLIO_T_VEC && column->of && strcmp(column->of, text) == 0) return column;
  }
  return NULL;
}

/* The clusters table is written anew, so all its columns are ours to declare. */
static clio_status plan_clusters(const clio_host *host, clio_plan *plan) {
  const clio_columns *columns = host->plan_input(plan, PORT_CLUSTERS);
  for (uint32_t i = 0; columns && i < columns->count; i++) {
    const clio_column *column = column_at(columns, i);
    if (emit_fills(column->name)) continue;
    CLIO_TRY(host->plan_use(plan, PORT_CLUSTERS, column->name));
    CLIO_TRY(host->plan_output(plan, 0, column));
  }
  return CLIO_OK;
}

static clio_status plan_prompts(const clio_host *host, clio_plan *plan, const llm_config *c) {
  static const char *const prompt[] = {"groups", "?outside", "?criteria", NULL};
  static const char *const repair[] = {"problems", NULL};
  CLIO_TRY(prompt_check(host, plan, "prompt", c->prompt, prompt));
  return prompt_check(host, plan, "repair", c->repair, repair);
}

static clio_status llm_plan(const clio_host *host, clio_plan *plan, const void *config) {
  const llm_config *c = config;
  int count;
  const clio_columns *columns = host->plan_input(plan, PORT_CONVERSATIONS);
  const clio_column *column = membership(columns, c->facet, &count);
  if (count == 0)
    return clio_plan_failf(host, plan, CLIO_E_CONFIG,
                           "%s reaches this stage; put a clusterer before it",
                           c->facet[0] ? "facet: no tree of that name" : "no tree");
  if (count > 1)
    return host->plan_fail(plan, CLIO_E_CONFIG,
                           "several trees reach this stage; say with 'facet' which one to name");
  if (!column->of || !clio_planned(columns, column->of))
    return clio_plan_failf(host, plan, CLIO_E_CONFIG,
                           "the text that tree '%s' was made from does not reach this stage",
                           column->name + 8);
  const clio_column *vectors = vectors_of(columns, column->of);
  CLIO_TRY(plan_prompts(host, plan, c));
  CLIO_TRY(host->plan_use(plan, PORT_CONVERSATIONS, column->name));
  CLIO_TRY(host->plan_use(plan, PORT_CONVERSATIONS, column->of));
  if (vectors) CLIO_TRY(host->plan_use(plan, PORT_CONVERSATIONS, vectors->name));
  return plan_clusters(host, plan);
}

/* ---- the stage ---- */

static clio_status name_all(llm_self *self, clio_call *call, const clio_table *clusters) {
  const clio_host *host = self->host;
  llm_run *r = host->scratch(call, sizeof *r);
  int count;
  if (!r) return clio_nomem(host, call);
  work_init(&r->w, host, call);
  r->config = self->config;
  const clio_columns *columns = host->input(call, PORT_CONVERSATIONS);
  r->columns = columns;
  r->column = membership(columns, r->config->facet, &count);
  r->vectors = vectors_of(columns, r->column->of);
  CLIO_TRY(ask_read(r, self->conversations, clusters));
  CLIO_TRY(ask_prepare(r, self->conversations));
  CLIO_TRY(naming_run(&r->naming, r->question, r->questions));
  for (uint64_t n = 0; n < r->tree.nodes; n++) {
    r->tree.node[n].name = (char *)(uintptr_t)r->node[n].name;
    r->tree.node[n].description = (char *)(uintptr_t)r->node[n].description;
  }
  naming_report(&r->naming, "names of clusters");
  return emit_clusters(host, call, clusters, host->input(call, PORT_CLUSTERS), &r->tree);
}

static clio_status llm_process(void *state, clio_call *call, uint32_t port, const clio_table *in) {
  llm_self *self = state;
  if (port == PORT_CLUSTERS) return name_all(self, call, in);
  self->conversations = self->host->ref(in);
  return CLIO_OK;
}

static clio_status llm_create(const clio_host *host, clio_call *call, const void *config,
                              void **ret_self) {
  llm_self *self = calloc(1, sizeof *self);
  if (!self) return clio_nomem(host, call);
  *self = (llm_self){.host = host, .config = config};
  *ret_self = self;
  return CLIO_OK;
}

static void llm_destroy(void *state) {
  llm_self *self = state;
  if (!self) return;
  self->host->unref(self->conversations);
  free(self);
}

#define COLUMN(n, h, t, p, fl) \
  { .name = n, .help = h, .type = t, .privacy = p, .flags = fl }

static const clio_column conversation_columns[] = {
    COLUMN("account", "who is shown a few times only", CLIO_T_I64, CLIO_P_DERIVED,
           CLIO_COL_OPTIONAL | CLIO_COL_NULLABLE),
};

static const clio_column cluster_columns[] = {
    COLUMN("facet", "the tree", CLIO_T_UTF8, CLIO_P_GROUPED, 0),
    COLUMN("node", "the cluster", CLIO_T_I64, CLIO_P_GROUPED, 0),
    COLUMN("level", "0: a leaf", CLIO_T_I64, CLIO_P_GROUPED, 0),
    COLUMN("parent", "null: a top cluster", CLIO_T_I64, CLIO_P_GROUPED,
           CLIO_COL_OPTIONAL | CLIO_COL_NULLABLE),
    COLUMN("name", "kept where not null", CLIO_T_UTF8, CLIO_P_GROUPED,
           CLIO_COL_OPTIONAL | CLIO_COL_NULLABLE),
    COLUMN("description", "kept where not null", CLIO_T_UTF8, CLIO_P_GROUPED,
           CLIO_COL_OPTIONAL | CLIO_COL_NULLABLE),
};

static const clio_column named_columns[] = {
    COLUMN("name", "at most ten words; null: none passed", CLIO_T_UTF8, CLIO_P_GROUPED,
           CLIO_COL_NULLABLE),
    COLUMN("description", "two sentences; null: none passed", CLIO_T_UTF8, CLIO_P_GROUPED,
           CLIO_COL_NULLABLE),
};

static const clio_port inputs[] = {
    {.name = "conversations",
     .help = "members, with the text their tree was made from, and its vectors if there are any",
     .columns = CLIO_LIST(conversation_columns),
     .flags = CLIO_PORT_WHOLE,
     .rows = CLIO_ROWS_CONVERSATION},
    {.name = "clusters",
     .help = "the nodes to name",
     .columns = CLIO_LIST(cluster_columns),
     .flags = CLIO_PORT_WHOLE,
     .rows = CLIO_ROWS_CLUSTER},
};
static const clio_port outputs[] = {
    {.name = "clusters",
     .help = "the nodes, named where an answer passed",
     .columns = CLIO_LIST(named_columns),
     .rows = CLIO_ROWS_CLUSTER},
};

static const clio_param params[] = {
    CLIO_MODEL(llm_config, model, NULL, "the role of models that names"),
    CLIO_STR(llm_config, facet, "\"\"", "which tree to name, where several reach this stage"),
    CLIO_TEXT(llm_config, prompt, "\"@prompts/name.txt\"",
              "the question, with the places {{groups}}, {{outside}}, {{criteria}}"),
    CLIO_TEXT(llm_config, criteria, "\"@prompts/name-criteria.txt\"", "what a good name is"),
    CLIO_TEXT(llm_config, repair, "\"@prompts/name-repair.txt\"",
              "what is added where the text rule refused an answer, with the place {{problems}}"),
    CLIO_INT(llm_config, inside, "50", 1, 1000, "conversations of a cluster that are shown"),
    CLIO_INT(llm_config, outside, "50", 0, 1000, "conversations nearest to it that are shown"),
    CLIO_INT(llm_config, together, "5", 1, 50, "children of one node named in one question"),
    CLIO_INT(llm_config, bytes, "40000", 1000, 10000000,
             "conversations in one question, in bytes; siblings past that are asked about alone"),
    CLIO_INT(llm_config, vocabulary, "100", 0, 1000,
             "words shared by enough accounts that are offered for names; 0: none"),
    CLIO_INT(llm_config, repairs, "2", 0, 10, "times that a refused text is asked for again"),
    CLIO_INT(llm_config, members, "2000", 50, 1000000,
             "members of each leaf that are read, drawn at random"),
    CLIO_FLOAT(llm_config, temperature, "1", 0, 2, "the model's temperature"),
};

static const clio_stage stage = {
    .struct_size = sizeof(clio_stage),
    .threads = CLIO_SERIAL,
    .caps = CLIO_CAP_LLM,
    .kind = "namer",
    .name = "llm",
    .summary = "names clusters by a language model, within the text rule",
    .help =
        "Names and describes every cluster that has no name. The model sees some members' texts, "
        "drawn at random, few of each account and no text nearly twice, and the nearest from "
        "outside; children of one node are named together where they fit, so that they differ. "
        "Each text is put to the gate's text rule; a refused one is asked for again with the "
        "reason and the words at fault, and stays null after that: put namer/keyphrase behind, "
        "which names what is left.\n\n"
        "    names: { use: namer/llm, from: clusters, model: large }\n"
        "    rest:  { use: namer/keyphrase, from: names }",
    .inputs = CLIO_LIST(inputs),
    .outputs = CLIO_LIST(outputs),
    .params = CLIO_LIST(params),
    .config_size = sizeof(llm_config),
    .plan = llm_plan,
    .create = llm_create,
    .process = llm_process,
    .destroy = llm_destroy,
};
static const clio_stage *const stages[] = {&stage, NULL};

extern CLIO_PLUGIN_DEFINE(namer_llm);
CLIO_PLUGIN_DEFINE(namer_llm) = {CLIO_PLUGIN_INIT,   .id = "clio.namer.llm",
                                 .version = "0.1.0", .license = "Apache-2.0",
                                 .vendor = "Clio",   .stages = stages};
