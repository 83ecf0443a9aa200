/* anthropic.h - what the two halves of model/anthropic share: its parameters, what models
 * are known to refuse, and which parts a request has. */
#ifndef CLIO_MODEL_ANTHROPIC_H
#define CLIO_MODEL_ANTHROPIC_H
#include "wire.h"

typedef struct anthropic_config {
  const char *base_url, *model, *key, *auth, *structured, *effort, *thinking, *cache;
  const char *service_tier, *extra, *schema_prompt, *prefill_prompt;
  clio_strlist headers;
  int64_t thinking_tokens;
  double token_factor;
} anthropic_config;

/* Bits of the descriptor's features. A message that names several is taken to mean the
 * first: forcing a tool goes before thinking, effort before the form beside it. */
enum {
  ANTHROPIC_TEMPERATURE,
  ANTHROPIC_EFFORT,
  ANTHROPIC_STRICT,
  ANTHROPIC_TOOL,
  ANTHROPIC_FORMAT,
  ANTHROPIC_PREFILL,
  ANTHROPIC_CACHE,
  ANTHROPIC_TIER,
  ANTHROPIC_THINKING,
  ANTHROPIC_FEATURES
};
#define ANTHROPIC_BIT(feature) ((uint64_t)1 << (feature))

/* What is known of a family of models, by how its name begins. A starting point: what
 * else they refuse is learnt from their errors. */
typedef struct anthropic_family {
  const char *prefix;
  uint64_t refuses;    /* ANTHROPIC_BIT() */
  int64_t cache_least; /* tokens below which nothing is cached */
  double factor;       /* tokens for each by our estimate */
} anthropic_family;
const anthropic_family *anthropic_family_of(const char *model);

/* The parts that the request for this ask has. Pure. */
uint64_t anthropic_parts(const anthropic_config *config, const clio_ask *ask);

/* clio_model.parse */
clio_status anthropic_parse(const clio_host *host, clio_call *call, const void *config,
                            const clio_ask *ask, const clio_response *response, clio_reply *ret);
#endif
