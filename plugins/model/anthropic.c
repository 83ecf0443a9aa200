/* anthropic.c - model/anthropic: Anthropic's Messages API. Builds requests;
 * anthropic_reply.c reads replies. Source: the API's reference and its migration guides. */
#include "anthropic.h"

static const char *const features[] = {
    [ANTHROPIC_TEMPERATURE] = "temperature", [ANTHROPIC_EFFORT] = "effort",
    [ANTHROPIC_STRICT] = "strict",           [ANTHROPIC_TOOL] = "tool",
    [ANTHROPIC_FORMAT] = "output_format",    [ANTHROPIC_PREFILL] = "prefill",
    [ANTHROPIC_CACHE] = "cache_control",     [ANTHROPIC_TIER] = "service_tier",
    [ANTHROPIC_THINKING] = "thinking",       [ANTHROPIC_FEATURES] = NULL};

/* ---- which parts a request has ---- */

enum {
  PREFILL = ANTHROPIC_BIT(ANTHROPIC_PREFILL),
  SAMPLING = ANTHROPIC_BIT(ANTHROPIC_TEMPERATURE),
  FORMS = ANTHROPIC_BIT(ANTHROPIC_FORMAT) | ANTHROPIC_BIT(ANTHROPIC_STRICT),
  EFFORT = ANTHROPIC_BIT(ANTHROPIC_EFFORT)
};

/* The first that fits. Prefill ended with the 4.6 models, sampling with Opus 4.7. */
static const anthropic_family families[] = {
    {"claude-3-haiku", FORMS | EFFORT, 2048, 1.1},
    {"claude-3", FORMS | EFFORT, 1024, 1.1},
    {"claude-opus-4-2", FORMS | EFFORT, 1024, 1.1}, /* 4.0, named by its date */
    {"claude-sonnet-4-2", FORMS | EFFORT, 1024, 1.1},
    {"claude-opus-4-0", FORMS | EFFORT, 1024, 1.1},
    {"claude-sonnet-4-0", FORMS | EFFORT, 1024, 1.1},
    {"claude-opus-4-1", EFFORT, 1024, 1.1},
    {"claude-sonnet-4-5", EFFORT, 1024, 1.15},
    {"claude-haiku-4-5", EFFORT, 4096, 1.15},
    {"claude-opus-4-5", 0, 4096, 1.15},
    {"claude-opus-4-6", PREFILL, 4096, 1.15},
    {"claude-opus-4-", PREFILL | SAMPLING, 4096, 1.35},
    {"claude-opus-", PREFILL | SAMPLING, 4096, 1.35},
    {"claude-haiku-", PREFILL, 4096, 1.35},
    {"claude-", PREFILL, 1024, 1.35},
    {"", 0, 1024, 1.2}};

const anthropic_family *anthropic_family_of(const char *model) {
  const anthropic_family *f = families;
  while (strncmp(model, f->prefix, strlen(f->prefix)) != 0) f++;
  return f;
}

static int is(const char *value, const char *word) { return value && strcmp(value, word) == 0; }

/* Can a schema be a tool's input: is it an object? */
static int is_object_schema(const char *schema) {
  json_object *root = NULL;
  json_fault fault;
  json_reader *reader = json_reader_new(JSON_STRICT_DEPTH);
  int ok = reader && json_read(reader, schema, strlen(schema), &root, &fault) &&
           clio_span_is(wire_get_text(root, "type"), "object");
  json_object_put(root);
  json_reader_free(reader);
  return ok;
}

static uint64_t form_parts(const anthropic_config *c, const char *schema, uint64_t without) {
  if (is(c->structured, "none")) return 0;
  if (!is(c->structured, "tool") && !(without & ANTHROPIC_BIT(ANTHROPIC_FORMAT)))
    return ANTHROPIC_BIT(ANTHROPIC_FORMAT);
  if (is(c->structured, "format") || without & ANTHROPIC_BIT(ANTHROPIC_TOOL)) return 0;
  if (!is_object_schema(schema)) return 0;
  return ANTHROPIC_BIT(ANTHROPIC_TOOL) | ANTHROPIC_BIT(ANTHROPIC_STRICT);
}

uint64_t anthropic_parts(const anthropic_config *c, const clio_ask *ask) {
  const clio_llm_job *job = ask->job;
  uint64_t without = ask->without | anthropic_family_of(c->model)->refuses, parts = 0;
  if (job->schema) parts = form_parts(c, job->schema, without);
  if (job->temperature >= 0) parts |= ANTHROPIC_BIT(ANTHROPIC_TEMPERATURE);
  if (c->effort) parts |= ANTHROPIC_BIT(ANTHROPIC_EFFORT);
  if (wire_has_prefill(job)) parts |= ANTHROPIC_BIT(ANTHROPIC_PREFILL);
  if (wire_shared(job) && !is(c->cache, "off")) parts |= ANTHROPIC_BIT(ANTHROPIC_CACHE);
  if (c->service_tier) parts |= ANTHROPIC_BIT(ANTHROPIC_TIER);
  if (!is(c->thinking, "model")) parts |= ANTHROPIC_BIT(ANTHROPIC_THINKING);
  return parts & ~without;
}

/* ---- the request ---- */

static void put_block(wire_out *o, const clio_llm_job *job, uint64_t from, uint64_t to,
                      const wire_words *words, const char *cache) {
  wire_open(o, '{');
  wire_put_text(o, "type", "text");
  wire_key(o, "text");
  wire_quote(o);
  wire_put_prompt(o, job, from, to, words);
  wire_quote(o);
  if (cache) {
    wire_key(o, "cache_control");
    wire_open(o, '{');
    wire_put_text(o, "type", "ephemeral");
    if (is(cache, "1h")) wire_put_text(o, "ttl", "1h");
    wire_close(o, '}');
  }
  wire_close(o, '}');
}

/* The user's turn: the part that questions share, marked for the cache, and the rest.
 * A block may not be empty. */
static void put_user(wire_out *o, const anthropic_config *c, const clio_llm_job *job,
                     uint64_t parts) {
  uint64_t form = ANTHROPIC_BIT(ANTHROPIC_FORMAT) | ANTHROPIC_BIT(ANTHROPIC_TOOL);
  wire_words words = {.schema = parts & form ? NULL : c->schema_prompt,
                      .prefill =
                          parts & ANTHROPIC_BIT(ANTHROPIC_PREFILL) ? NULL : c->prefill_prompt};
  uint64_t shared = parts & ANTHROPIC_BIT(ANTHROPIC_CACHE) ? wire_shared(job) : 0;
  int whole = shared == strlen(job->prompt);
  wire_open(o, '[');
  if (shared && !whole) put_block(o, job, 0, shared, &words, c->cache);
  put_block(o, job, whole ? 0 : shared, UINT64_MAX, &words, shared && whole ? c->cache : NULL);
  wire_close(o, ']');
}

static void put_messages(wire_out *o, const anthropic_config *c, const clio_llm_job *job,
                         uint64_t parts) {
  if (!wire_key(o, "messages")) return;
  wire_open(o, '[');
  wire_open(o, '{');
  wire_put_text(o, "role", "user");
  wire_key(o, "content");
  put_user(o, c, job, parts);
  wire_close(o, '}');
  if (parts & ANTHROPIC_BIT(ANTHROPIC_PREFILL)) {
    size_t n = strlen(job->prefill);
    while (n > 0 && strchr(" \t\r\n", job->prefill[n - 1])) n--; /* the API takes none at the end */
    wire_open(o, '{');
    wire_put_text(o, "role", "assistant");
    wire_key(o, "content");
    wire_quote(o);
    wire_piece(o, job->prefill, n);
    wire_quote(o);
    wire_close(o, '}');
  }
  wire_close(o, ']');
}

static void put_output(wire_out *o, const anthropic_config *c, const clio_llm_job *job,
                       uint64_t parts) {
  if (!(parts & (ANTHROPIC_BIT(ANTHROPIC_FORMAT) | ANTHROPIC_BIT(ANTHROPIC_EFFORT)))) return;
  if (!wire_key(o, "output_config")) return;
  wire_open(o, '{');
  if (parts & ANTHROPIC_BIT(ANTHROPIC_EFFORT)) wire_put_text(o, "effort", c->effort);
  if (parts & ANTHROPIC_BIT(ANTHROPIC_FORMAT)) {
    wire_key(o, "format");
    wire_open(o, '{');
    wire_put_text(o, "type", "json_schema");
    wire_key(o, "schema");
    wire_json(o, job->schema);
    wire_close(o, '}');
  }
  wire_close(o, '}');
}

static void put_tool(wire_out *o, const clio_llm_job *job, uint64_t parts) {
  if (!(parts & ANTHROPIC_BIT(ANTHROPIC_TOOL))) return;
  if (wire_key(o, "tools")) {
    wire_open(o, '[');
    wire_open(o, '{');
    wire_put_text(o, "name", "answer");
    wire_key(o, "input_schema");
    wire_json(o, job->schema);
    if (parts & ANTHROPIC_BIT(ANTHROPIC_STRICT) && wire_key(o, "strict")) wire_bool(o, 1);
    wire_close(o, '}');
    wire_close(o, ']');
  }
  if (!wire_key(o, "tool_choice")) return;
  wire_open(o, '{');
  wire_put_text(o, "type", "tool");
  wire_put_text(o, "name", "answer");
  wire_key(o, "disable_parallel_tool_use");
  wire_bool(o, 1);
  wire_close(o, '}');
}

static void put_thinking(wire_out *o, const anthropic_config *c) {
  if (!wire_key(o, "thinking")) return;
  wire_open(o, '{');
  if (is(c->thinking, "off")) wire_put_text(o, "type", "disabled");
  if (is(c->thinking, "adaptive")) wire_put_text(o, "type", "adaptive");
  if (is(c->thinking, "budget")) {
    wire_put_text(o, "type", "enabled");
    wire_put_int(o, "budget_tokens", c->thinking_tokens);
  }
  wire_close(o, '}');
}

static clio_status anthropic_build(const clio_host *host, clio_call *call, const void *config,
                                   const clio_ask *ask, clio_request *ret) {
  static const char *const own[] = {"anthropic-version: 2023-06-01", NULL};
  const anthropic_config *c = config;
  const clio_llm_job *job = ask->job;
  const anthropic_family *family = anthropic_family_of(c->model);
  uint64_t parts = anthropic_parts(c, ask);
  wire_out o;
  ret->url = wire_url(host, call, c->base_url, "messages");
  ret->headers = wire_headers(host, call, own, &c->headers);
  if (!ret->url || !ret->headers) return clio_nomem(host, call);
  if (c->key) ret->key_header = is(c->auth, "bearer") ? "authorization: Bearer " : "x-api-key: ";
  wire_estimate(ask, c->token_factor * family->factor,
                (parts & ANTHROPIC_BIT(ANTHROPIC_CACHE)) != 0, c->thinking_tokens, ret);
  if (ret->in_shared < family->cache_least) ret->in_shared = 0;
  CLIO_TRY(wire_begin(&o, host, call, c->extra));
  wire_put_text(&o, "model", c->model);
  wire_put_int(&o, "max_tokens", (int64_t)job->max_tokens + c->thinking_tokens);
  if (job->system) wire_put_text(&o, "system", job->system);
  put_messages(&o, c, job, parts);
  if (parts & ANTHROPIC_BIT(ANTHROPIC_TEMPERATURE) && wire_key(&o, "temperature"))
    wire_real(&o, job->temperature < 1 ? job->temperature : 1);
  put_output(&o, c, job, parts);
  put_tool(&o, job, parts);
  if (parts & ANTHROPIC_BIT(ANTHROPIC_THINKING)) put_thinking(&o, c);
  if (parts & ANTHROPIC_BIT(ANTHROPIC_TIER)) wire_put_text(&o, "service_tier", c->service_tier);
  return wire_end(&o, ret);
}

/* ---- the model ---- */

static clio_status anthropic_plan(const clio_host *host, clio_plan *plan, const void *config) {
  const anthropic_config *c = config;
  CLIO_TRY(wire_check_url(host, plan, c->base_url));
  CLIO_TRY(wire_check_extra(host, plan, c->extra));
  CLIO_TRY(wire_check_headers(host, plan, &c->headers));
  if (is(c->thinking, "budget") && c->thinking_tokens < 1024)
    return host->plan_fail(plan, CLIO_E_CONFIG,
                           "thinking_tokens: a budget for thinking is 1,024 tokens or more");
  return CLIO_OK;
}

static const char *const auths[] = {"x-api-key", "bearer", NULL};
static const char *const forms[] = {"auto", "format", "tool", "none", NULL};
static const char *const thoughts[] = {"model", "off", "adaptive", "budget", NULL};
static const char *const caches[] = {"5m", "1h", "off", NULL};
static const clio_param params[] = {
    WIRE_URL(anthropic_config, "\"https://api.anthropic.com/v1\"",
             "address of the API, up to and with /v1"),
    CLIO_STR(anthropic_config, model, NULL, "the model's name"),
    WIRE_KEY(anthropic_config, "\"ANTHROPIC_API_KEY\""),
    WIRE_PARAM(anthropic_config, auth, const char *, CLIO_PT_ENUM, "\"x-api-key\"", 0, 0, auths,
               CLIO_PARAM_ADVANCED | CLIO_PARAM_NO_CACHE_KEY,
               "the header that carries the key: x-api-key, or authorization"),
    CLIO_ENUM(anthropic_config, structured, "\"auto\"", forms,
              "how an answer's form is told: as the output's format, as a tool's input, in words; "
              "auto: the first of these that the model takes"),
    CLIO_STR(anthropic_config, effort, "null",
             "how much the model spends on an answer: low, medium, high; null: its own"),
    CLIO_ENUM(anthropic_config, thinking, "\"model\"", thoughts,
              "whether it thinks first: as the model does by itself, off, adaptive, or within a "
              "budget of thinking_tokens"),
    WIRE_THINKING(anthropic_config, "0",
                  "tokens that the model may think with, on top of the answer's"),
    WIRE_PARAM(anthropic_config, cache, const char *, CLIO_PT_ENUM, "\"5m\"", 0, 0, caches,
               CLIO_PARAM_NO_CACHE_KEY,
               "how long a beginning that several questions share is cached: 5m or 1h; off"),
    WIRE_PARAM(anthropic_config, service_tier, const char *, CLIO_PT_STRING, "null", 0, 0, NULL,
               CLIO_PARAM_ADVANCED | CLIO_PARAM_NO_CACHE_KEY,
               "auto or standard_only; null: the account's"),
    WIRE_FACTOR(anthropic_config, "1"),
    WIRE_EXTRA(anthropic_config),
    WIRE_HEADERS(anthropic_config),
    WIRE_PROMPTS(anthropic_config),
};

static const clio_model model = {
    .struct_size = sizeof(clio_model),
    .caps = CLIO_CAP_LLM | CLIO_CAP_NONDETERMINISTIC,
    .name = "anthropic",
    .summary = "Anthropic's Messages API: chat",
    .help =
        "small: { use: model/anthropic, model: claude-haiku-4-5, key: ANTHROPIC_API_KEY }\n\n"
        "A graph's models name roles; a stage says which it asks. Answers of a wanted form come "
        "by output_config, by a forced tool, or in words, whichever the model takes; how an "
        "answer must begin is said as a last message or in words. What the model refuses "
        "(temperature from Opus 4.7 on, a last message from 4.6 on) is left out. A conversation "
        "that several questions are about comes first and is cached. Refusals are outcomes: "
        "counted, shown, never asked again. llama.cpp's server speaks this API too: base_url: "
        "http://127.0.0.1:8080/v1, key: null.",
    .asks = CLIO_ASK_CHAT,
    .params = CLIO_LIST(params),
    .config_size = sizeof(anthropic_config),
    .features = features,
    .plan = anthropic_plan,
    .build = anthropic_build,
    .parse = anthropic_parse,
};
static const clio_model *const models[] = {&model, NULL};

CLIO_PLUGIN_DEFINE(model_anthropic) = {CLIO_PLUGIN_INIT,   .id = "clio.model.anthropic",
                                       .version = "0.1.0", .license = "Apache-2.0",
                                       .vendor = "Clio",   .models = models};
