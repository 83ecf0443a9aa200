/* use.c - embedder/use: each text's vector by the Universal Sentence Encoder Lite,
 * batch by batch. A row's vector depends on its text alone. */
#include "use.h"

#include "vectors.h"

typedef struct use_config {
  const char *column, *name;
  int64_t block;
} use_config;

typedef struct use_self {
  const clio_host *host;
  const use_config *config;
  vectors v;
} use_self;

static clio_status use_plan(const clio_host *host, clio_plan *plan, const void *config) {
  const use_config *c = config;
  return vectors_plan(host, plan, c->column, c->name, MODEL_DIM);
}

static clio_status use_create(const clio_host *host, clio_call *call, const void *config,
                              void **ret_self) {
  use_self *self = calloc(1, sizeof *self);
  *ret_self = self;
  if (!self) return clio_nomem(host, call);
  *self = (use_self){.host = host, .config = config};
  return vectors_open(host, call, self->config->block, &self->v);
}

static void use_destroy(void *self) {
  use_self *s = self;
  if (s) vectors_close(&s->v);
  free(s);
}

static clio_status use_process(void *self, clio_call *call, uint32_t port, const clio_table *in) {
  (void)port;
  const use_self *s = self;
  const clio_host *host = s->host;
  clio_view texts;
  CLIO_TRY(clio_get(host, call, in, s->config->column, CLIO_T_UTF8, &texts));
  uint32_t *tokens = clio_scratch_array(host, call, texts.rows, sizeof *tokens);
  if (!tokens) return clio_nomem(host, call);
  clio_builder *b = host->start(call, 0, in, NULL, texts.rows);
  int32_t column = host->add(b, s->config->name, CLIO_T_VEC, MODEL_DIM);
  float *vector = host->data(b, column);
  if (vector)
    CLIO_TRY(vectors_fill(&s->v, host, call, &texts, 0, texts.rows, vector, MODEL_DIM, tokens));
  for (uint64_t row = 0; vector && row < texts.rows; row++)
    if (!tokens[row]) clio_put_null(host, b, column, row);
  return host->emit(b);
}

static const clio_port use_inputs[] = {
    {.name = "conversations", .help = "rows with the text column", .rows = CLIO_ROWS_CONVERSATION}};
static const clio_port use_outputs[] = {{.name = "conversations",
                                         .help = "the same rows with their vectors",
                                         .flags = CLIO_PORT_PASS,
                                         .rows = CLIO_ROWS_CONVERSATION}};
static const clio_asset_file use_assets[] = {VECTORS_ASSET};
static const clio_param use_params[] = {
    CLIO_COLUMN(use_config, column, "\"request\"", "text column to embed"),
    CLIO_STR(use_config, name, "\"vector\"", "the column to add"),
    VECTORS_BLOCK(use_config),
};
const clio_stage use_stage = {
    .struct_size = sizeof(clio_stage),
    .threads = CLIO_PARALLEL,
    .kind = "embedder",
    .name = "use",
    .summary = "Universal Sentence Encoder Lite: meaning, for English; offline",
    .help = VECTORS_HELP
    "\n\nStreams: a batch takes what 'block' says and 2 KiB a row. A text that is null or empty\n"
    "has no vector.",
    .inputs = CLIO_LIST(use_inputs),
    .outputs = CLIO_LIST(use_outputs),
    .params = CLIO_LIST(use_params),
    .config_size = sizeof(use_config),
    .plan = use_plan,
    .create = use_create,
    .process = use_process,
    .destroy = use_destroy,
    .assets = CLIO_LIST(use_assets),
};
