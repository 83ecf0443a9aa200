/* ollama.c - model/ollama: the native API of Ollama, chat and embeddings. Not its copy of
 * OpenAI's, which cannot set the context's length and cuts long questions in silence.
 * Builds requests; ollama_reply.c reads replies. Source: Ollama's docs/api.md. */
#include "ollama.h"

static const char *const features[] = {[OLLAMA_FORMAT] = "format",
                                       [OLLAMA_THINK] = "think",
                                       [OLLAMA_PREFILL] = "prefill",
                                       [OLLAMA_DIMENSIONS] = "dimensions",
                                       [OLLAMA_FEATURES] = NULL};

static int is(const char *value, const char *word) { return value && strcmp(value, word) == 0; }

uint64_t ollama_parts(const ollama_config *c, const clio_ask *ask) {
  uint64_t parts = 0;
  if (ask->kind == CLIO_ASK_EMBED)
    return ask->dim && is(c->dimensions, "send") ? OLLAMA_BIT(OLLAMA_DIMENSIONS) & ~ask->without
                                                 : 0;
  if (ask->job->schema && !is(c->structured, "none")) parts |= OLLAMA_BIT(OLLAMA_FORMAT);
  if (!is(c->think, "model")) parts |= OLLAMA_BIT(OLLAMA_THINK);
  if (wire_has_prefill(ask->job) && is(c->prefill, "message")) parts |= OLLAMA_BIT(OLLAMA_PREFILL);
  return parts & ~ask->without;
}

/* ---- chat ---- */

static void put_message(wire_out *o, const char *role, const char *text) {
  wire_open(o, '{');
  wire_put_text(o, "role", role);
  wire_put_text(o, "content", text);
  wire_close(o, '}');
}

static void put_messages(wire_out *o, const ollama_config *c, const clio_llm_job *job,
                         uint64_t parts) {
  int form = parts & OLLAMA_BIT(OLLAMA_FORMAT) && is(c->structured, "schema");
  wire_words words = {.schema = form ? NULL : c->schema_prompt,
                      .prefill = parts & OLLAMA_BIT(OLLAMA_PREFILL) ? NULL : c->prefill_prompt};
  if (!wire_key(o, "messages")) return;
  wire_open(o, '[');
  if (job->system) put_message(o, "system", job->system);
  wire_open(o, '{');
  wire_put_text(o, "role", "user");
  wire_key(o, "content");
  wire_quote(o);
  wire_put_prompt(o, job, 0, UINT64_MAX, &words);
  wire_quote(o);
  wire_close(o, '}');
  if (parts & OLLAMA_BIT(OLLAMA_PREFILL)) put_message(o, "assistant", job->prefill);
  wire_close(o, ']');
}

static void put_options(wire_out *o, const ollama_config *c, const clio_llm_job *job) {
  if (!wire_key(o, "options")) return;
  wire_open(o, '{');
  wire_put_int(o, "num_ctx", c->num_ctx);
  if (job) wire_put_int(o, "num_predict", (int64_t)job->max_tokens + c->thinking_tokens);
  if (job && job->temperature >= 0) {
    wire_key(o, "temperature");
    wire_real(o, job->temperature);
  }
  if (job && c->seed >= 0) wire_put_int(o, "seed", c->seed);
  wire_close(o, '}');
}

static void put_flag(wire_out *o, const char *key, int value) {
  if (wire_key(o, key)) wire_bool(o, value);
}

/* truncate and shift: newer servers then say that a question is too long. */
static void put_chat(wire_out *o, const ollama_config *c, const clio_ask *ask) {
  const clio_llm_job *job = ask->job;
  uint64_t parts = ollama_parts(c, ask);
  put_messages(o, c, job, parts);
  put_flag(o, "stream", 0);
  if (parts & OLLAMA_BIT(OLLAMA_FORMAT) && wire_key(o, "format"))
    wire_json(o, is(c->structured, "schema") ? job->schema : "\"json\"");
  if (parts & OLLAMA_BIT(OLLAMA_THINK) && wire_key(o, "think")) {
    if (is(c->think, "on") || is(c->think, "off"))
      wire_bool(o, is(c->think, "on"));
    else
      wire_text(o, c->think);
  }
  put_flag(o, "truncate", 0);
  put_flag(o, "shift", 0);
  put_options(o, c, job);
}

/* ---- embeddings ---- */

static void put_embed(wire_out *o, const ollama_config *c, const clio_ask *ask) {
  if (wire_key(o, "input")) {
    wire_open(o, '[');
    for (uint64_t i = 0; i < ask->count; i++) {
      wire_quote(o);
      wire_piece(o, ask->texts[i], (uint64_t)ask->lens[i]);
      wire_quote(o);
    }
    wire_close(o, ']');
  }
  put_flag(o, "truncate", 0);
  if (ollama_parts(c, ask) & OLLAMA_BIT(OLLAMA_DIMENSIONS)) wire_put_int(o, "dimensions", ask->dim);
  put_options(o, c, NULL);
}

/* ---- the model ---- */

static clio_status ollama_build(const clio_host *host, clio_call *call, const void *config,
                                const clio_ask *ask, clio_request *ret) {
  const ollama_config *c = config;
  int chat = ask->kind == CLIO_ASK_CHAT;
  wire_out o;
  ret->url = wire_url(host, call, c->base_url, chat ? "api/chat" : "api/embed");
  ret->headers = wire_headers(host, call, NULL, &c->headers);
  if (!ret->url || !ret->headers) return clio_nomem(host, call);
  if (c->key) ret->key_header = "authorization: Bearer ";
  wire_estimate(ask, c->token_factor, 0, c->thinking_tokens, ret);
  CLIO_TRY(wire_begin(&o, host, call, c->extra));
  wire_put_text(&o, "model", c->model);
  if (chat)
    put_chat(&o, c, ask);
  else
    put_embed(&o, c, ask);
  wire_put_text(&o, "keep_alive", c->keep_alive);
  return wire_end(&o, ret);
}

static clio_status ollama_plan(const clio_host *host, clio_plan *plan, const void *config) {
  const ollama_config *c = config;
  CLIO_TRY(wire_check_url(host, plan, c->base_url));
  CLIO_TRY(wire_check_extra(host, plan, c->extra));
  return wire_check_headers(host, plan, &c->headers);
}

static const char *const forms[] = {"schema", "object", "none", NULL};
static const char *const prefills[] = {"words", "message", NULL};
static const char *const thoughts[] = {"model", "off", "on", "low", "medium", "high", NULL};
static const char *const dimension_choices[] = {"send", "omit", NULL};
static const clio_param params[] = {
    WIRE_URL(ollama_config, "\"http://127.0.0.1:11434\"", "address of the server"),
    CLIO_STR(ollama_config, model, NULL, "the model's name, as ollama list has it"),
    CLIO_INT(ollama_config, num_ctx, "8192", 512, 1 << 20,
             "tokens of context, for the question and the answer; more takes more memory"),
    CLIO_ENUM(ollama_config, structured, "\"schema\"", forms,
              "how an answer's form is told: by JSON Schema, as any JSON object, or in words"),
    CLIO_ENUM(ollama_config, prefill, "\"words\"", prefills,
              "how the beginning of an answer is told: in words, or as a last message that the "
              "server goes on from (not with every model's template)"),
    CLIO_ENUM(ollama_config, think, "\"model\"", thoughts,
              "whether a model that can think does so; model: its own way"),
    WIRE_THINKING(ollama_config, "0",
                  "tokens that the model may think with, on top of the answer's"),
    CLIO_AUTO(ollama_config, seed, "\"auto\"", 0, INT32_MAX,
              "number that makes answers repeatable; auto: none"),
    WIRE_PARAM(ollama_config, keep_alive, const char *, CLIO_PT_STRING, "\"10m\"", 0, 0, NULL,
               CLIO_PARAM_ADVANCED | CLIO_PARAM_NO_CACHE_KEY,
               "how long the server keeps the model in memory after a request"),
    WIRE_PARAM(ollama_config, dimensions, const char *, CLIO_PT_ENUM, "\"omit\"", 0, 0,
               dimension_choices, CLIO_PARAM_ADVANCED,
               "whether the wanted length of vectors is sent"),
    WIRE_KEY(ollama_config, "null"),
    WIRE_FACTOR(ollama_config, "1.15"),
    WIRE_EXTRA(ollama_config),
    WIRE_HEADERS(ollama_config),
    WIRE_PROMPTS(ollama_config),
};

static const clio_model model = {
    .struct_size = sizeof(clio_model),
    .caps = CLIO_CAP_LLM | CLIO_CAP_NONDETERMINISTIC,
    .name = "ollama",
    .summary = "a local model behind Ollama: chat and embeddings",
    .help = "small: { use: model/ollama, model: 'qwen3:8b', num_ctx: 16384, think: 'off' }\n\n"
            "vectors: { use: model/ollama, model: nomic-embed-text }\n\n"
            "Through the native API, because only it can set num_ctx. A question that does not fit "
            "is not answered and says so: a longer num_ctx, or shorter conversations in the stage, "
            "cures it. Set OLLAMA_NUM_PARALLEL on the server to the role's limits.in_flight.",
    .asks = CLIO_ASK_CHAT | CLIO_ASK_EMBED,
    .embeds_at_once = 32,
    .params = CLIO_LIST(params),
    .config_size = sizeof(ollama_config),
    .features = features,
    .plan = ollama_plan,
    .build = ollama_build,
    .parse = ollama_parse,
};
static const clio_model *const models[] = {&model, NULL};

CLIO_PLUGIN_DEFINE(model_ollama) = {CLIO_PLUGIN_INIT,   .id = "clio.model.ollama",
                                    .version = "0.1.0", .license = "Apache-2.0",
                                    .vendor = "Clio",   .models = models};
