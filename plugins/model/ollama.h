/* ollama.h - what the two halves of model/ollama share. */
#ifndef CLIO_MODEL_OLLAMA_H
#define CLIO_MODEL_OLLAMA_H
#include "wire.h"

typedef struct ollama_config {
  const char *base_url, *model, *key, *structured, *prefill, *think, *keep_alive, *dimensions;
  const char *extra, *schema_prompt, *prefill_prompt;
  clio_strlist headers;
  int64_t num_ctx, seed, thinking_tokens;
  double token_factor;
} ollama_config;

/* Bits of the descriptor's features. */
enum { OLLAMA_FORMAT, OLLAMA_THINK, OLLAMA_PREFILL, OLLAMA_DIMENSIONS, OLLAMA_FEATURES };
#define OLLAMA_BIT(feature) ((uint64_t)1 << (feature))

/* The parts that the request for this ask has. Pure. */
uint64_t ollama_parts(const ollama_config *config, const clio_ask *ask);

/* clio_model.parse */
clio_status ollama_parse(const clio_host *host, clio_call *call, const void *config,
                         const clio_ask *ask, const clio_response *response, clio_reply *ret);
#endif
