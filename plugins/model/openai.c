/* openai.c - model/openai: chat completions and embeddings over the API that OpenAI
 * began and many servers speak. Builds requests; openai_reply.c reads replies.
 * Source: OpenAI's OpenAPI description, and the manuals of the servers named below. */
#include "openai.h"

#include "digest.h"

static const char *const features[] = {[OPENAI_TEMPERATURE] = "temperature",
                                       [OPENAI_MAX_COMPLETION_TOKENS] = "max_completion_tokens",
                                       [OPENAI_MAX_TOKENS] = "max_tokens",
                                       [OPENAI_JSON_SCHEMA] = "json_schema",
                                       [OPENAI_JSON_OBJECT] = "json_object",
                                       [OPENAI_SEED] = "seed",
                                       [OPENAI_STORE] = "store",
                                       [OPENAI_CACHE_KEY] = "prompt_cache_key",
                                       [OPENAI_EFFORT] = "reasoning_effort",
                                       [OPENAI_TIER] = "service_tier",
                                       [OPENAI_BASE64] = "base64",
                                       [OPENAI_DIMENSIONS] = "dimensions",
                                       [OPENAI_SYSTEM] = "system",
                                       [OPENAI_PREFILL] = "prefill",
                                       [OPENAI_FEATURES] = NULL};

/* ---- which parts a request has ---- */

static int is(const char *value, const char *word) { return value && strcmp(value, word) == 0; }

/* OpenAI's own servers, and Azure's: they want max_completion_tokens, others may not know it. */
static int is_first_hand(const char *url) {
  return strncmp(url, "https://api.openai.com/", 23) == 0 || strstr(url, ".openai.azure.com/") ||
         strstr(url, ".services.ai.azure.com/");
}

static uint64_t limit_part(const openai_config *c, uint64_t without) {
  static const uint64_t newer = OPENAI_BIT(OPENAI_MAX_COMPLETION_TOKENS),
                        older = OPENAI_BIT(OPENAI_MAX_TOKENS);
  int first_newer = is(c->limit, "auto") ? is_first_hand(c->base_url) != 0
                                         : is(c->limit, "max_completion_tokens");
  uint64_t first = first_newer ? newer : older, second = first_newer ? older : newer;
  return without & first ? second : first;
}

static uint64_t form_part(const openai_config *c, uint64_t without) {
  if (is(c->structured, "none")) return 0;
  if (is(c->structured, "schema") && !(without & OPENAI_BIT(OPENAI_JSON_SCHEMA)))
    return OPENAI_BIT(OPENAI_JSON_SCHEMA);
  return OPENAI_BIT(OPENAI_JSON_OBJECT);
}

uint64_t openai_parts(const openai_config *c, const clio_ask *ask) {
  const clio_llm_job *job = ask->job;
  uint64_t parts = 0;
  if (ask->kind == CLIO_ASK_EMBED) {
    int third = strncmp(c->model, "text-embedding-3", 16) == 0;
    parts = OPENAI_BIT(OPENAI_BASE64);
    if (ask->dim && (is(c->dimensions, "send") || (is(c->dimensions, "auto") && third)))
      parts |= OPENAI_BIT(OPENAI_DIMENSIONS);
    return parts & ~ask->without;
  }
  parts = OPENAI_BIT(OPENAI_STORE) | limit_part(c, ask->without);
  if (job->schema) parts |= form_part(c, ask->without);
  if (job->temperature >= 0) parts |= OPENAI_BIT(OPENAI_TEMPERATURE);
  if (c->seed >= 0) parts |= OPENAI_BIT(OPENAI_SEED);
  if (wire_shared(job)) parts |= OPENAI_BIT(OPENAI_CACHE_KEY);
  if (c->reasoning_effort) parts |= OPENAI_BIT(OPENAI_EFFORT);
  if (c->service_tier) parts |= OPENAI_BIT(OPENAI_TIER);
  if (job->system) parts |= OPENAI_BIT(OPENAI_SYSTEM);
  if (wire_has_prefill(job) && !is(c->prefill, "words")) parts |= OPENAI_BIT(OPENAI_PREFILL);
  return parts & ~ask->without;
}

enum { CACHE_LEAST = 1024 }; /* tokens below which OpenAI caches nothing */

/* ---- chat ---- */

static void put_message(wire_out *o, const char *role, const char *text) {
  wire_open(o, '{');
  wire_put_text(o, "role", role);
  wire_put_text(o, "content", text);
  wire_close(o, '}');
}

static void put_user(wire_out *o, const openai_config *c, const clio_llm_job *job, uint64_t parts) {
  wire_words words = {.schema = parts & OPENAI_BIT(OPENAI_JSON_SCHEMA) ? NULL : c->schema_prompt,
                      .prefill = parts & OPENAI_BIT(OPENAI_PREFILL) ? NULL : c->prefill_prompt};
  wire_open(o, '{');
  wire_put_text(o, "role", "user");
  wire_key(o, "content");
  wire_quote(o);
  if (job->system && !(parts & OPENAI_BIT(OPENAI_SYSTEM))) {
    wire_piece(o, job->system, strlen(job->system));
    wire_piece(o, "\n\n", 2);
  }
  wire_put_prompt(o, job, 0, UINT64_MAX, &words);
  wire_quote(o);
  wire_close(o, '}');
}

static void put_messages(wire_out *o, const openai_config *c, const clio_llm_job *job,
                         uint64_t parts) {
  if (!wire_key(o, "messages")) return;
  wire_open(o, '[');
  if (parts & OPENAI_BIT(OPENAI_SYSTEM)) put_message(o, "system", job->system);
  put_user(o, c, job, parts);
  if (parts & OPENAI_BIT(OPENAI_PREFILL)) put_message(o, "assistant", job->prefill);
  wire_close(o, ']');
  if (!(parts & OPENAI_BIT(OPENAI_PREFILL)) || !is(c->prefill, "vllm")) return;
  if (wire_key(o, "continue_final_message")) wire_bool(o, 1);
  if (wire_key(o, "add_generation_prompt")) wire_bool(o, 0);
}

static void put_form(wire_out *o, const clio_llm_job *job, uint64_t parts) {
  int strict = (parts & OPENAI_BIT(OPENAI_JSON_SCHEMA)) != 0;
  if (!strict && !(parts & OPENAI_BIT(OPENAI_JSON_OBJECT))) return;
  if (!wire_key(o, "response_format")) return;
  wire_open(o, '{');
  wire_put_text(o, "type", strict ? "json_schema" : "json_object");
  if (strict) {
    wire_key(o, "json_schema");
    wire_open(o, '{');
    wire_put_text(o, "name", "answer");
    wire_key(o, "strict");
    wire_bool(o, 1);
    wire_key(o, "schema");
    wire_json(o, job->schema);
    wire_close(o, '}');
  }
  wire_close(o, '}');
}

/* What questions about the same beginning have in common, so that they meet one cache. */
static void put_cache_key(wire_out *o, const clio_llm_job *job) {
  digest d = {0};
  char hex[33];
  if (job->system) digest_add(&d, job->system, strlen(job->system));
  digest_add(&d, job->prompt, wire_shared(job));
  digest_hex(&d, hex);
  wire_put_text(o, "prompt_cache_key", hex);
}

static void put_chat(wire_out *o, const openai_config *c, const clio_ask *ask) {
  const clio_llm_job *job = ask->job;
  uint64_t parts = openai_parts(c, ask);
  int64_t most = (int64_t)job->max_tokens + c->thinking_tokens;
  wire_put_text(o, "model", c->model);
  put_messages(o, c, job, parts);
  if (parts & OPENAI_BIT(OPENAI_MAX_COMPLETION_TOKENS))
    wire_put_int(o, "max_completion_tokens", most);
  if (parts & OPENAI_BIT(OPENAI_MAX_TOKENS)) wire_put_int(o, "max_tokens", most);
  if (parts & OPENAI_BIT(OPENAI_TEMPERATURE) && wire_key(o, "temperature"))
    wire_real(o, job->temperature);
  put_form(o, job, parts);
  if (parts & OPENAI_BIT(OPENAI_SEED)) wire_put_int(o, "seed", c->seed);
  if (parts & OPENAI_BIT(OPENAI_EFFORT)) wire_put_text(o, "reasoning_effort", c->reasoning_effort);
  if (parts & OPENAI_BIT(OPENAI_TIER)) wire_put_text(o, "service_tier", c->service_tier);
  if (parts & OPENAI_BIT(OPENAI_STORE) && wire_key(o, "store")) wire_bool(o, 0);
  if (parts & OPENAI_BIT(OPENAI_CACHE_KEY)) put_cache_key(o, job);
}

/* ---- embeddings ---- */

static void put_embed(wire_out *o, const openai_config *c, const clio_ask *ask) {
  uint64_t parts = openai_parts(c, ask);
  wire_put_text(o, "model", c->model);
  if (wire_key(o, "input")) {
    wire_open(o, '[');
    for (uint64_t i = 0; i < ask->count; i++) {
      wire_quote(o);
      wire_piece(o, ask->texts[i], (uint64_t)ask->lens[i]);
      wire_quote(o);
    }
    wire_close(o, ']');
  }
  if (parts & OPENAI_BIT(OPENAI_DIMENSIONS)) wire_put_int(o, "dimensions", ask->dim);
  wire_put_text(o, "encoding_format", parts & OPENAI_BIT(OPENAI_BASE64) ? "base64" : "float");
}

/* ---- the model ---- */

static clio_status openai_build(const clio_host *host, clio_call *call, const void *config,
                                const clio_ask *ask, clio_request *ret) {
  const openai_config *c = config;
  int chat = ask->kind == CLIO_ASK_CHAT;
  wire_out o;
  ret->url = wire_url(host, call, c->base_url, chat ? "chat/completions" : "embeddings");
  ret->headers = wire_headers(host, call, NULL, &c->headers);
  if (!ret->url || !ret->headers) return clio_nomem(host, call);
  if (c->key) ret->key_header = is(c->auth, "api-key") ? "api-key: " : "authorization: Bearer ";
  wire_estimate(ask, c->token_factor, 1, c->thinking_tokens, ret);
  if (ret->in_shared < CACHE_LEAST) ret->in_shared = 0;
  CLIO_TRY(wire_begin(&o, host, call, c->extra));
  if (chat)
    put_chat(&o, c, ask);
  else
    put_embed(&o, c, ask);
  return wire_end(&o, ret);
}

static clio_status openai_plan(const clio_host *host, clio_plan *plan, const void *config) {
  const openai_config *c = config;
  CLIO_TRY(wire_check_url(host, plan, c->base_url));
  CLIO_TRY(wire_check_extra(host, plan, c->extra));
  CLIO_TRY(wire_check_headers(host, plan, &c->headers));
  if (!c->key && strncmp(c->base_url, "https://api.openai.com", 22) == 0)
    return host->plan_fail(plan, CLIO_E_CONFIG,
                           "key: api.openai.com wants one; name the environment variable that "
                           "holds it, such as OPENAI_API_KEY");
  return CLIO_OK;
}

static const char *const auths[] = {"bearer", "api-key", NULL};
static const char *const forms[] = {"schema", "object", "none", NULL};
static const char *const prefills[] = {"words", "message", "vllm", NULL};
static const char *const limits[] = {"auto", "max_completion_tokens", "max_tokens", NULL};
static const char *const dimension_choices[] = {"auto", "send", "omit", NULL};
static const clio_param params[] = {
    WIRE_URL(openai_config, "\"https://api.openai.com/v1\"",
             "address of the API, up to and with /v1"),
    CLIO_STR(openai_config, model, NULL, "the model's name; on Azure the deployment's"),
    WIRE_KEY(openai_config, "null"),
    WIRE_PARAM(openai_config, auth, const char *, CLIO_PT_ENUM, "\"bearer\"", 0, 0, auths,
               CLIO_PARAM_ADVANCED | CLIO_PARAM_NO_CACHE_KEY,
               "the header that carries the key: authorization, or api-key (Azure)"),
    CLIO_ENUM(openai_config, structured, "\"schema\"", forms,
              "how an answer's form is told: by JSON Schema, as any JSON object, or in words"),
    CLIO_ENUM(openai_config, prefill, "\"words\"", prefills,
              "how the beginning of an answer is told: in words; as a last message that the "
              "server goes on from (llama.cpp); the same with vLLM's fields for it"),
    WIRE_PARAM(openai_config, limit, const char *, CLIO_PT_ENUM, "\"auto\"", 0, 0, limits,
               CLIO_PARAM_ADVANCED,
               "the field that limits an answer; auto: max_completion_tokens for OpenAI and "
               "Azure, max_tokens for others"),
    WIRE_PARAM(openai_config, dimensions, const char *, CLIO_PT_ENUM, "\"auto\"", 0, 0,
               dimension_choices, CLIO_PARAM_ADVANCED,
               "whether the wanted length of vectors is sent; auto: to text-embedding-3"),
    CLIO_STR(openai_config, reasoning_effort, "null",
             "how much the model thinks: none, minimal, low, medium, high; null: its own"),
    WIRE_PARAM(openai_config, service_tier, const char *, CLIO_PT_STRING, "null", 0, 0, NULL,
               CLIO_PARAM_NO_CACHE_KEY, "auto, default, flex or priority; null: the account's"),
    CLIO_AUTO(openai_config, seed, "\"auto\"", 0, 1LL << 53,
              "number that makes answers repeatable where the server heeds it; auto: none"),
    WIRE_THINKING(openai_config, "0",
                  "tokens that the model may think with, on top of the answer's"),
    WIRE_FACTOR(openai_config, "1"),
    WIRE_EXTRA(openai_config),
    WIRE_HEADERS(openai_config),
    WIRE_PROMPTS(openai_config),
};

static const clio_model model = {
    .struct_size = sizeof(clio_model),
    .caps = CLIO_CAP_LLM | CLIO_CAP_NONDETERMINISTIC,
    .name = "openai",
    .summary = "OpenAI, and every server that speaks its API: chat and embeddings",
    .help = "small: { use: model/openai, model: gpt-5-mini, key: OPENAI_API_KEY }\n\n"
            "vectors: { use: model/openai, model: text-embedding-3-small, key: OPENAI_API_KEY }\n\n"
            "Azure: base_url: https://NAME.openai.azure.com/openai/v1, auth: api-key\n\n"
            "OpenRouter: base_url: https://openrouter.ai/api/v1, key: OPENROUTER_API_KEY\n\n"
            "vLLM: base_url: http://127.0.0.1:8000/v1, prefill: vllm\n\n"
            "llama.cpp: base_url: http://127.0.0.1:8080/v1, prefill: message\n\n"
            "LM Studio: base_url: http://127.0.0.1:1234/v1\n\n"
            "The temperature that a stage asks for is always sent, and store: false. What the "
            "provider turns out not to know is left out from then on. Models that think need "
            "thinking_tokens on top of the answer's, or little is left to answer with.",
    .asks = CLIO_ASK_CHAT | CLIO_ASK_EMBED,
    .embeds_at_once = 32,
    .params = CLIO_LIST(params),
    .config_size = sizeof(openai_config),
    .features = features,
    .plan = openai_plan,
    .build = openai_build,
    .parse = openai_parse,
};
static const clio_model *const models[] = {&model, NULL};

CLIO_PLUGIN_DEFINE(model_openai) = {CLIO_PLUGIN_INIT,   .id = "clio.model.openai",
                                    .version = "0.1.0", .license = "Apache-2.0",
                                    .vendor = "Clio",   .models = models};
