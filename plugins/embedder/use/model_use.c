/* model_use.c - model/use: the same encoder as a backend of the graph's `models`, so
 * that stages that ask a role for embeddings work without a server. */
#include <string.h>

#include "use.h"
#include "vectors.h"

typedef struct model_config {
  int64_t block;
} model_config;

typedef struct model_self {
  const clio_host *host;
  vectors v;
} model_self;

static clio_status model_create(const clio_host *host, clio_call *call, const void *config,
                                void **ret_self) {
  const model_config *c = config;
  model_self *self = calloc(1, sizeof *self);
  *ret_self = self;
  if (!self) return clio_nomem(host, call);
  self->host = host;
  return vectors_open(host, call, c->block, &self->v);
}

static void model_destroy(void *self) {
  model_self *s = self;
  if (s) vectors_close(&s->v);
  free(s);
}

/* The texts of a question as one column. */
static clio_status as_column(const clio_host *host, clio_call *call, const clio_ask *ask,
                             clio_view *ret) {
  uint64_t bytes = 0;
  int64_t *offsets = clio_scratch_array(host, call, ask->count + 1, sizeof *offsets);
  if (!offsets) return clio_nomem(host, call);
  for (uint64_t i = 0; i < ask->count; i++) {
    bytes += (uint64_t)ask->lens[i];
    offsets[i + 1] = (int64_t)bytes;
  }
  char *data = host->scratch(call, bytes + 1);
  if (!data) return clio_nomem(host, call);
  for (uint64_t i = 0; i < ask->count; i++)
    memcpy(data + offsets[i], ask->texts[i], (size_t)ask->lens[i]);
  *ret = (clio_view){.type = CLIO_T_UTF8, .rows = ask->count, .offsets = offsets, .data = data};
  return CLIO_OK;
}

static clio_status model_answer(void *self, clio_call *call, const clio_ask *ask, clio_reply *ret) {
  const model_self *s = self;
  const clio_host *host = s->host;
  clio_view texts;
  CLIO_TRY(as_column(host, call, ask, &texts));
  float *out = clio_scratch_array(host, call, ask->count * MODEL_DIM, sizeof *out);
  uint32_t *tokens = clio_scratch_array(host, call, ask->count, sizeof *tokens);
  if (!out || !tokens) return clio_nomem(host, call);
  CLIO_TRY(vectors_fill(&s->v, host, call, &texts, 0, texts.rows, out, MODEL_DIM, tokens));
  ret->outcome = CLIO_OUT_OK;
  ret->vectors = out;
  ret->count = (uint32_t)ask->count;
  ret->dim = MODEL_DIM;
  for (uint64_t i = 0; i < ask->count; i++) ret->in_tokens += tokens[i];
  return CLIO_OK;
}

static const clio_asset_file model_assets[] = {VECTORS_ASSET};
static const clio_param model_params[] = {VECTORS_BLOCK(model_config)};
const clio_model use_model = {
    .struct_size = sizeof(clio_model),
    .threads = CLIO_PARALLEL,
    .name = "use",
    .summary = "Universal Sentence Encoder Lite as a model: embeddings of 512 numbers; offline",
    .help = VECTORS_HELP "\n\n    models: { vectors: { use: model/use } }",
    .asks = CLIO_ASK_EMBED,
    .embeds_at_once = 256,
    .params = CLIO_LIST(model_params),
    .config_size = sizeof(model_config),
    .create = model_create,
    .answer = model_answer,
    .destroy = model_destroy,
    .assets = CLIO_LIST(model_assets),
};
