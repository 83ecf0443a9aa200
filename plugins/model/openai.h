/* openai.h - what the two halves of model/openai share: its parameters, and which parts
 * a request has. */
#ifndef CLIO_MODEL_OPENAI_H
#define CLIO_MODEL_OPENAI_H
#include "wire.h"

typedef struct openai_config {
  const char *base_url, *model, *key, *auth, *structured, *prefill, *limit, *dimensions;
  const char *reasoning_effort, *service_tier, *extra, *schema_prompt, *prefill_prompt;
  clio_strlist headers;
  int64_t seed, thinking_tokens;
  double token_factor;
} openai_config;

/* Bits of the descriptor's features. */
enum {
  OPENAI_TEMPERATURE,
  OPENAI_MAX_COMPLETION_TOKENS,
  OPENAI_MAX_TOKENS,
  OPENAI_JSON_SCHEMA,
  OPENAI_JSON_OBJECT,
  OPENAI_SEED,
  OPENAI_STORE,
  OPENAI_CACHE_KEY,
  OPENAI_EFFORT,
  OPENAI_TIER,
  OPENAI_BASE64,
  OPENAI_DIMENSIONS,
  OPENAI_SYSTEM,
  OPENAI_PREFILL,
  OPENAI_FEATURES
};
#define OPENAI_BIT(feature) ((uint64_t)1 << (feature))

/* The parts that the request for this ask has. Pure. */
uint64_t openai_parts(const openai_config *config, const clio_ask *ask);

/* clio_model.parse */
clio_status openai_parse(const clio_host *host, clio_call *call, const void *config,
                         const clio_ask *ask, const clio_response *response, clio_reply *ret);
#endif
