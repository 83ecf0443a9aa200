/* probes.c - a plugin of stages that declare much and do nothing, so that graphs
 * can be checked against ports, types and privacy classes that stay as they
 * are. KIND/good are a whole pipeline; the others each break one rule that
 * `clio check` must see. */
#include "clio.h"

#define ADD(n, t, p, fl) \
  { .name = (n), .type = (t), .privacy = (p), .flags = (fl), .help = "a column" }
#define PORT(n, r, fl, ...) \
  (const clio_port[]) { \
    { \
      .name = (n), .help = "a port", .rows = (r), .flags = (fl), \
      .columns = CLIO_LIST(((const clio_column[]){__VA_ARGS__})) \
    } \
  }
#define ONE(port) \
  { (port), 1, sizeof(clio_port) }

enum {
  I64 = CLIO_T_I64,
  UTF8 = CLIO_T_UTF8,
  LIST = CLIO_T_LIST,
  VEC = CLIO_T_VEC,
  RAW = CLIO_P_RAW,
  DERIVED = CLIO_P_DERIVED,
  GROUPED = CLIO_P_GROUPED,
  RELEASED = CLIO_P_RELEASED,
  INHERIT = CLIO_P_INHERIT
};

static clio_status process(void *self, clio_call *call, uint32_t port, const clio_table *in) {
  (void)self, (void)call, (void)port, (void)in;
  return CLIO_OK;
}

typedef struct path_config {
  const char *path;
} path_config;
static const clio_param path_params[] = {CLIO_INPUT(path_config, path, "the input")};

typedef struct column_config {
  const char *column;
} column_config;
static const clio_param column_params[] = {
    CLIO_COLUMN(column_config, column, NULL, "what to read")};

typedef struct columns_config {
  clio_strlist columns;
} columns_config;
static const clio_param columns_params[] = {CLIO_COLUMNS(columns_config, columns, NULL, "facets")};

#define STAGE(id, k, n, ...) \
  static const clio_stage id = {.struct_size = sizeof(clio_stage), \
                                .kind = (k), \
                                .name = (n), \
                                .summary = "a probe", \
                                .process = process, \
                                __VA_ARGS__}

#define CONVERSATIONS CLIO_ROWS_CONVERSATION
#define LINES ONE(PORT("block", CLIO_ROWS_BLOCK, 0, ADD("bytes", UTF8, RAW, 0)))
#define TEXT ONE(PORT("in", CONVERSATIONS, 0, ADD("content", LIST, RAW, 0)))
#define OUT(...) ONE(PORT("out", CONVERSATIONS, 0, __VA_ARGS__))

/* ---- a whole pipeline ---- */

STAGE(good_source, "source", "good", .inputs = LINES, .params = CLIO_LIST(path_params),
      .config_size = sizeof(path_config),
      .outputs = OUT(ADD("id", UTF8, RAW, 0), ADD("role", LIST, RAW, 0),
                     ADD("content", LIST, RAW, 0)));
STAGE(good_sampler, "sampler", "good",
      .inputs = ONE(PORT("in", CONVERSATIONS, CLIO_PORT_WHOLE,
                         ADD("account", I64, DERIVED, CLIO_COL_OPTIONAL))),
      .outputs = OUT(ADD("upto", I64, DERIVED, CLIO_COL_NULLABLE)));
STAGE(good_extractor, "extractor", "good", .caps = CLIO_CAP_DECLASSIFY, .inputs = TEXT,
      .outputs = OUT(ADD("turns", I64, DERIVED, CLIO_COL_FACET)));
STAGE(good_summarizer, "summarizer", "good", .caps = CLIO_CAP_DECLASSIFY, .inputs = TEXT,
      .outputs = OUT(ADD("request", UTF8, DERIVED, CLIO_COL_NULLABLE)));
STAGE(good_embedder, "embedder", "good", .params = CLIO_LIST(column_params),
      .config_size = sizeof(column_config),
      .inputs = ONE(PORT("in", CONVERSATIONS, 0, ADD("request", UTF8, DERIVED, 0))),
      .outputs = OUT({.name = "vector",
                      .type = CLIO_T_VEC,
                      .privacy = CLIO_P_DERIVED,
                      .dim = 4,
                      .of = "request"}));
STAGE(good_clusterer, "clusterer", "good",
      .inputs = ONE(PORT("in", CONVERSATIONS, CLIO_PORT_WHOLE, ADD("vector", VEC, DERIVED, 0))),
      .outputs = {(const clio_port[]){
                      {.name = "out",
                       .rows = CLIO_ROWS_CONVERSATION,
                       .columns = CLIO_LIST(((const clio_column[]){{.name = "cluster_request",
                                                                    .type = CLIO_T_I64,
                                                                    .privacy = CLIO_P_DERIVED,
                                                                    .flags = CLIO_COL_NULLABLE,
                                                                    .of = "request"}}))},
                      {.name = "clusters",
                       .rows = CLIO_ROWS_CLUSTER,
                       .columns = CLIO_LIST(((const clio_column[]){
                           ADD("facet", UTF8, GROUPED, 0), ADD("node", I64, GROUPED, 0),
                           ADD("level", I64, GROUPED, 0)}))}},
                  2, sizeof(clio_port)});
STAGE(good_hierarchizer, "hierarchizer", "good",
      .inputs = ONE(PORT("clusters", CLIO_ROWS_CLUSTER, 0, ADD("node", I64, GROUPED, 0))),
      .outputs = ONE(PORT("clusters", CLIO_ROWS_CLUSTER, CLIO_PORT_PASS,
                          ADD("parent", I64, GROUPED, CLIO_COL_NULLABLE))));
STAGE(good_namer, "namer", "good",
      .inputs = {(const clio_port[]){{.name = "in",
                                      .rows = CLIO_ROWS_CONVERSATION,
                                      .flags = CLIO_PORT_WHOLE,
                                      .columns = CLIO_LIST(((const clio_column[]){
                                          ADD("cluster_request", I64, DERIVED, 0),
                                          ADD("request", UTF8, DERIVED, 0)}))},
                                     {.name = "clusters", .rows = CLIO_ROWS_CLUSTER}},
                 2, sizeof(clio_port)},
      .outputs = ONE(PORT("clusters", CLIO_ROWS_CLUSTER, CLIO_PORT_PASS,
                          ADD("name", UTF8, GROUPED, CLIO_COL_NULLABLE))));
STAGE(good_aggregator, "aggregator", "good", .params = CLIO_LIST(columns_params),
      .config_size = sizeof(columns_config),
      .inputs = ONE(PORT("in", CONVERSATIONS, CLIO_PORT_WHOLE,
                         ADD("account", I64, DERIVED, CLIO_COL_OPTIONAL))),
      .outputs = ONE(PORT("cells", CLIO_ROWS_CELL, 0, ADD("column", UTF8, GROUPED, 0))));
STAGE(good_auditor, "auditor", "good",
      .inputs = ONE(PORT("texts", CLIO_ROWS_TEXT, 0, ADD("text", UTF8, GROUPED, 0))),
      .outputs = ONE(PORT("texts", CLIO_ROWS_TEXT, CLIO_PORT_PASS,
                          ADD("rating", I64, GROUPED, 0))));
STAGE(good_report, "report", "good",
      .inputs = ONE(PORT("clusters", CLIO_ROWS_CLUSTER, 0, ADD("name", UTF8, RELEASED, 0))));

/* ---- each breaks one rule ---- */

STAGE(peek, "report", "peek", .inputs = TEXT);
STAGE(quiet, "extractor", "quiet", .inputs = TEXT, .outputs = OUT(ADD("mood", UTF8, DERIVED, 0)));
STAGE(inherit, "extractor", "inherit", .inputs = TEXT,
      .outputs = OUT(ADD("echo", UTF8, INHERIT, 0)));
STAGE(inherit_facet, "extractor", "inherit_facet", .inputs = TEXT,
      .outputs = OUT(ADD("mood", UTF8, INHERIT, CLIO_COL_FACET)));
STAGE(grouped, "extractor", "grouped", .inputs = TEXT,
      .outputs = OUT(ADD("mood", UTF8, GROUPED, 0)));
STAGE(clash, "extractor", "clash", .inputs = TEXT, .outputs = OUT(ADD("account", I64, RAW, 0)));
STAGE(twice, "extractor", "twice", .caps = CLIO_CAP_DECLASSIFY, .inputs = TEXT,
      .outputs = OUT(ADD("turns", I64, DERIVED, 0)));
STAGE(typed, "extractor", "typed",
      .inputs = ONE(PORT("in", CONVERSATIONS, 0, ADD("turns", UTF8, DERIVED, 0))),
      .outputs = OUT(ADD("more", I64, DERIVED, 0)));
STAGE(wants, "extractor", "wants",
      .inputs = ONE(PORT("in", CONVERSATIONS, 0, ADD("mood", UTF8, DERIVED, 0))),
      .outputs = OUT(ADD("more", I64, DERIVED, 0)));
STAGE(hoard, "clusterer", "hoard",
      .inputs = ONE(PORT("in", CONVERSATIONS, CLIO_PORT_WHOLE, ADD("content", LIST, RAW, 0))),
      .outputs = OUT(ADD("cluster_content", I64, RAW, CLIO_COL_NULLABLE)));
STAGE(reader, "sampler", "reader",
      .inputs = ONE(PORT("in", CONVERSATIONS, CLIO_PORT_WHOLE, ADD("id", UTF8, RAW, 0))),
      .outputs = OUT(ADD("upto", I64, DERIVED, CLIO_COL_NULLABLE)));
STAGE(eager, "source", "eager", .inputs = LINES,
      .outputs = OUT(ADD("id", UTF8, RAW, 0), ADD("content", LIST, RAW, 0),
                     ADD("mood", UTF8, DERIVED, 0)));
STAGE(labels, "source", "labels", .inputs = LINES,
      .outputs = OUT(ADD("id", UTF8, RAW, 0), ADD("content", LIST, RAW, 0),
                     ADD("label_topic", UTF8, DERIVED, 0)));
STAGE(nameless, "source", "nameless", .inputs = LINES,
      .outputs = OUT(ADD("content", LIST, RAW, 0)));

static clio_status refuse_plan(const clio_host *host, clio_plan *plan, const void *config) {
  (void)config;
  return host->plan_fail(plan, CLIO_E_CONFIG, "it does not like Mondays; try again tomorrow");
}
STAGE(monday, "extractor", "monday", .inputs = TEXT, .plan = refuse_plan,
      .outputs = OUT(ADD("mood", UTF8, RAW, 0)));

static clio_status use_nothing(const clio_host *host, clio_plan *plan, const void *config) {
  (void)config;
  return host->plan_use(plan, 0, "nothing");
}
STAGE(grabs, "extractor", "grabs", .inputs = TEXT, .plan = use_nothing,
      .outputs = OUT(ADD("mood", UTF8, RAW, 0)));

static const clio_asset_file missing_file[] = {{.name = "models/nothing.bin",
                                                .help = "a file that is nowhere",
                                                .origin = "nowhere",
                                                .license = "none",
                                                .cure = "run nothing"}};
STAGE(needy_embedder, "embedder", "needy", .params = CLIO_LIST(column_params),
      .config_size = sizeof(column_config),
      .inputs = ONE(PORT("in", CONVERSATIONS, 0, ADD("request", UTF8, DERIVED, 0))),
      .outputs = OUT({.name = "vector",
                      .type = CLIO_T_VEC,
                      .privacy = CLIO_P_DERIVED,
                      .dim = 4,
                      .of = "request"}),
      .assets = CLIO_LIST(missing_file));

/* Models: one that answers questions over the wire, one that makes vectors here. */
typedef struct ask_config {
  const char *asks, *embeds;
} ask_config;
static const clio_param ask_params[] = {
    CLIO_MODEL(ask_config, asks, "null", "a model for questions"),
    CLIO_EMBED_MODEL(ask_config, embeds, "null", "a model for vectors")};
STAGE(asker, "extractor", "asker", .inputs = TEXT, .params = CLIO_LIST(ask_params),
      .config_size = sizeof(ask_config), .outputs = OUT(ADD("mood", UTF8, RAW, 0)));

typedef struct wire_config {
  const char *base_url, *model, *key;
} wire_config;
static const clio_param wire_params[] = {
    CLIO_STR(wire_config, base_url, "\"https://models.example/v1\"", "where"),
    CLIO_STR(wire_config, model, NULL, "the model's name"),
    CLIO_SECRET(wire_config, key, "null", "the variable that holds the key")};

static clio_status wire_plan(const clio_host *host, clio_plan *plan, const void *config) {
  const wire_config *c = config;
  if (c->model[0]) return CLIO_OK;
  return host->plan_fail(plan, CLIO_E_CONFIG, "model: an empty name; write one");
}

static clio_status wire_build(const clio_host *host, clio_call *call, const void *config,
                              const clio_ask *ask, clio_request *ret) {
  (void)host, (void)call, (void)config, (void)ask, (void)ret;
  return CLIO_E_UNSUPPORTED;
}

static clio_status wire_parse(const clio_host *host, clio_call *call, const void *config,
                              const clio_ask *ask, const clio_response *response, clio_reply *ret) {
  (void)host, (void)call, (void)config, (void)ask, (void)response, (void)ret;
  return CLIO_E_UNSUPPORTED;
}

static clio_status near_answer(void *self, clio_call *call, const clio_ask *ask, clio_reply *ret) {
  (void)self, (void)call, (void)ask, (void)ret;
  return CLIO_E_UNSUPPORTED;
}

static const clio_model wire_model = {.struct_size = sizeof(clio_model),
                                      .threads = CLIO_PARALLEL,
                                      .name = "wire",
                                      .summary = "answers questions elsewhere",
                                      .asks = CLIO_ASK_CHAT,
                                      .params = CLIO_LIST(wire_params),
                                      .config_size = sizeof(wire_config),
                                      .plan = wire_plan,
                                      .build = wire_build,
                                      .parse = wire_parse};
static const clio_model near_model = {.struct_size = sizeof(clio_model),
                                      .threads = CLIO_SERIAL,
                                      .name = "near",
                                      .summary = "makes vectors here",
                                      .asks = CLIO_ASK_EMBED,
                                      .answer = near_answer};
static const clio_model *const models[] = {&wire_model, &near_model, NULL};

static const clio_stage *const stages[] = {&good_source,    &good_sampler,
                                           &good_extractor, &good_summarizer,
                                           &good_embedder,  &needy_embedder,
                                           &good_clusterer, &good_hierarchizer,
                                           &good_namer,     &good_aggregator,
                                           &good_auditor,   &good_report,
                                           &peek,           &quiet,
                                           &inherit,        &inherit_facet,
                                           &grouped,        &clash,
                                           &twice,          &typed,
                                           &wants,          &hoard,
                                           &reader,         &eager,
                                           &labels,         &nameless,
                                           &monday,         &grabs,
                                           &asker,          NULL};

CLIO_PLUGIN_DEFINE(probes) = {CLIO_PLUGIN_INIT,        .id = "clio.test.probes", .version = "1",
                              .license = "Apache-2.0", .vendor = "Clio",         .stages = stages,
                              .models = models};
