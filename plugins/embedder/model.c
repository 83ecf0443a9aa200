/* model.c - embedder/model: each text's vector by a model of the graph's `models`,
 * whoever serves it. The host batches, sends, and remembers what was asked. */
#include <math.h>

#include "clio_util.h"

enum { DIM_MAX = 8192 };

typedef struct model_config {
  const char *model, *column, *name;
  int64_t dimension;
  int32_t normalize;
} model_config;

static clio_status model_plan(const clio_host *host, clio_plan *plan, const void *config) {
  const model_config *c = config;
  const clio_column *text = clio_planned(host->plan_input(plan, 0), c->column);
  if (!text || text->type != CLIO_T_UTF8)
    return clio_plan_failf(host, plan, CLIO_E_CONFIG,
                           "column: '%s' is not a text column; embed one, such as 'request'",
                           c->column);
  CLIO_TRY(host->plan_use(plan, 0, c->column));
  clio_column vector = {.name = c->name,
                        .help = "the text's meaning as a direction",
                        .type = CLIO_T_VEC,
                        .privacy = CLIO_P_INHERIT,
                        .dim = (uint32_t)c->dimension,
                        .flags = CLIO_COL_NULLABLE,
                        .of = c->column};
  return host->plan_output(plan, 0, &vector);
}

/* The texts there are, and the rows they stand in. */
typedef struct model_texts {
  const char **text;
  int64_t *length;
  uint64_t *row;
  uint64_t count;
} model_texts;

static clio_status model_gather(const clio_host *host, clio_call *call, const clio_view *column,
                                model_texts *ret) {
  ret->text = clio_scratch_array(host, call, column->rows, sizeof *ret->text);
  ret->length = clio_scratch_array(host, call, column->rows, sizeof *ret->length);
  ret->row = clio_scratch_array(host, call, column->rows, sizeof *ret->row);
  if (!ret->text || !ret->length || !ret->row) return clio_nomem(host, call);
  for (uint64_t row = 0; row < column->rows; row++) {
    clio_span text = clio_utf8(column, row);
    if (!text.len) continue;
    ret->text[ret->count] = text.s;
    ret->length[ret->count] = text.len;
    ret->row[ret->count++] = row;
  }
  return CLIO_OK;
}

/* To length 1. False where there is no direction: the text got no vector. */
static int model_scale(float *v, int64_t dim, int normalize) {
  double sum = 0;
  for (int64_t k = 0; k < dim; k++) sum += (double)v[k] * (double)v[k];
  if (!(sum > 0) || !isfinite(sum)) return 0;
  for (int64_t k = 0; normalize && k < dim; k++) v[k] = (float)((double)v[k] / sqrt(sum));
  return 1;
}

static clio_status model_process(void *self, clio_call *call, uint32_t port, const clio_table *in) {
  (void)port;
  const clio_self *s = self;
  const clio_host *host = s->host;
  const model_config *c = s->config;
  const clio_llm *llm = clio_need(host, call, CLIO_LLM_ID, sizeof *llm);
  clio_view column;
  model_texts t = {0};
  if (!llm) return CLIO_E_UNSUPPORTED;
  CLIO_TRY(clio_get(host, call, in, c->column, CLIO_T_UTF8, &column));
  CLIO_TRY(model_gather(host, call, &column, &t));
  float *got = clio_scratch_array(host, call, t.count * (uint64_t)c->dimension, sizeof *got);
  if (!got) return clio_nomem(host, call);
  CLIO_TRY(llm->embed(call, c->model, t.text, t.length, t.count, got, (uint32_t)c->dimension));
  clio_builder *b = host->start(call, 0, in, NULL, column.rows);
  int32_t out = host->add(b, c->name, CLIO_T_VEC, (uint32_t)c->dimension);
  float *vector = host->data(b, out);
  uint64_t next = 0;
  for (uint64_t row = 0; vector && row < column.rows; row++) {
    int mine = next < t.count && t.row[next] == row;
    float *v = got + next * (uint64_t)c->dimension;
    int there = mine && model_scale(v, c->dimension, c->normalize);
    if (there)
      memcpy(vector + row * (uint64_t)c->dimension, v, (size_t)c->dimension * sizeof *v);
    else
      clio_put_null(host, b, out, row);
    if (mine && !there)
      CLIO_TRY(host->fail_row(call, row, CLIO_E_INPUT, "the model gave no vector"));
    next += mine ? 1 : 0;
  }
  return host->emit(b);
}

static const clio_port model_inputs[] = {
    {.name = "conversations", .help = "rows with the text column", .rows = CLIO_ROWS_CONVERSATION}};
static const clio_port model_outputs[] = {{.name = "conversations",
                                           .help = "the same rows with their vectors",
                                           .flags = CLIO_PORT_PASS,
                                           .rows = CLIO_ROWS_CONVERSATION}};
static const clio_param model_params[] = {
    CLIO_EMBED_MODEL(model_config, model, NULL, "the role of models that makes the vectors"),
    CLIO_COLUMN(model_config, column, "\"request\"", "text column to embed"),
    CLIO_STR(model_config, name, "\"vector\"", "the column to add"),
    CLIO_INT(model_config, dimension, NULL, 1, DIM_MAX,
             "length of the model's vectors: 512 of model/use, 1536 of text-embedding-3-small"),
    CLIO_BOOL(model_config, normalize, "true", "scale every vector to length 1")};

static const clio_stage model_stage = {
    .struct_size = sizeof(clio_stage),
    .threads = CLIO_PARALLEL,
    .caps = CLIO_CAP_LLM,
    .kind = "embedder",
    .name = "model",
    .summary = "vectors by a model of the graph's models",
    .help =
        "Asks the role 'model' for one vector per text; equal texts are asked for once, and what\n"
        "was asked in an earlier run is taken from the ledger. A text that is null or empty, or\n"
        "that got no answer, has no vector.\n\n"
        "    models: { vectors: { use: model/use } }\n"
        "    stages:\n"
        "      vectors: { use: embedder/model, from: request, model: vectors, dimension: 512 }",
    .inputs = CLIO_LIST(model_inputs),
    .outputs = CLIO_LIST(model_outputs),
    .params = CLIO_LIST(model_params),
    .config_size = sizeof(model_config),
    .plan = model_plan,
    .create = clio_self_create,
    .process = model_process,
    .destroy = clio_self_destroy,
};
static const clio_stage *const model_stages[] = {&model_stage, NULL};
extern CLIO_PLUGIN_DEFINE(embedder_model);
CLIO_PLUGIN_DEFINE(embedder_model) = {CLIO_PLUGIN_INIT,   .id = "clio.embedder.model",
                                      .version = "0.1.0", .license = "Apache-2.0",
                                      .vendor = "Clio",   .stages = model_stages};
