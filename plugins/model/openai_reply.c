/* openai_reply.c - replies and errors of the servers that model/openai speaks to. Where
 * they differ from OpenAI's, the server is named. */
#include "openai.h"

/* ---- errors ---- */

static const char *const temperature[] = {"temperature", NULL};
static const char *const max_completion[] = {"max_completion_tokens", NULL};
static const char *const max_tokens[] = {"max_tokens", NULL};
static const char *const schema_words[] = {"json_schema", "response_format",   "response format",
                                           "grammar",     "structured output", "structured outputs",
                                           "json schema", "guided_json",       NULL};
static const char *const object_words[] = {"json_object", "response_format", "response format",
                                           "json mode", NULL};
static const char *const seed_words[] = {"'seed", NULL};
static const char *const store_words[] = {"'store", NULL};
static const char *const cache_words[] = {"prompt_cache_key", NULL};
static const char *const effort_words[] = {"reasoning_effort", "reasoning.effort", NULL};
static const char *const tier_words[] = {"service_tier", "service tier", NULL};
static const char *const base64_words[] = {"encoding_format", "base64", NULL};
static const char *const dimension_words[] = {"'dimensions", "matryoshka", NULL};
static const char *const system_words[] = {"system role", "'system", NULL};
static const char *const prefill_words[] = {
    "continue_final_message", "add_generation_prompt", "prefill",
    "last message",           "final message",         NULL};
static const wire_feature named[OPENAI_FEATURES] = {
    [OPENAI_TEMPERATURE] = {temperature},  [OPENAI_MAX_COMPLETION_TOKENS] = {max_completion},
    [OPENAI_MAX_TOKENS] = {max_tokens},    [OPENAI_JSON_SCHEMA] = {schema_words},
    [OPENAI_JSON_OBJECT] = {object_words}, [OPENAI_SEED] = {seed_words},
    [OPENAI_STORE] = {store_words},        [OPENAI_CACHE_KEY] = {cache_words},
    [OPENAI_EFFORT] = {effort_words},      [OPENAI_TIER] = {tier_words},
    [OPENAI_BASE64] = {base64_words},      [OPENAI_DIMENSIONS] = {dimension_words},
    [OPENAI_SYSTEM] = {system_words},      [OPENAI_PREFILL] = {prefill_words}};

static int is_coded(const wire_error *e, const char *code) {
  return clio_span_is(e->code, code) || clio_span_is(e->type, code);
}

static int says_any(const wire_error *e, const char *const *phrases) {
  for (; *phrases; phrases++)
    if (wire_says(e, *phrases)) return 1;
  return 0;
}

static int is_spent(const wire_error *e) {
  return is_coded(e, "insufficient_quota") || is_coded(e, "billing_hard_limit_reached") ||
         is_coded(e, "billing_not_active");
}

/* Azure and OpenAI: the filter withheld the question. OpenRouter: 403 with reasons. */
static int is_filtered(const wire_error *e, json_object *root, uint32_t status) {
  json_object *meta =
      wire_get(wire_get(root, "error", json_type_object), "metadata", json_type_object);
  if (status == 403 && (wire_get(meta, "reasons", json_type_array) ||
                        wire_get(meta, "flagged_input", json_type_string)))
    return 1;
  return is_coded(e, "content_filter") || is_coded(e, "content_policy_violation") ||
         is_coded(e, "invalid_prompt");
}

static int is_too_long(const wire_error *e) {
  static const char *const phrases[] = {"maximum context length",
                                        "context window",
                                        "context size",
                                        "context length",
                                        "maximum input length",
                                        "too many tokens",
                                        "too large",
                                        "must have less than",
                                        NULL};
  return is_coded(e, "context_length_exceeded") || is_coded(e, "exceed_context_size_error") ||
         is_coded(e, "string_above_max_length") || says_any(e, phrases);
}

/* What no other question would be spared: a wrong key told as 400 (Gemini), a wrong model
 * (OpenRouter, LM Studio). */
static int is_hopeless(const wire_error *e) {
  static const char *const phrases[] = {"API key not valid", "not a valid model ID",
                                        "no models loaded", "model not found", NULL};
  return is_coded(e, "model_not_found") || is_coded(e, "invalid_api_key") || says_any(e, phrases);
}

static clio_status read_error(const clio_host *host, clio_call *call, const openai_config *c,
                              const clio_ask *ask, const clio_response *response, json_object *root,
                              clio_reply *ret) {
  wire_error e;
  uint32_t status = response->http_status;
  wire_error_of(root, &e);
  CLIO_TRY(wire_fault(host, call, ask, response, &e, ret));
  if (is_spent(&e)) return wire_ends(ret, CLIO_OUT_SPENT, ret->why);
  if (is_filtered(&e, root, status)) return wire_ends(ret, CLIO_OUT_FILTERED, ret->why);
  if (status != 400 && status != 422 && status != 413 && status != 500 && status != 501)
    return CLIO_OK;
  if (is_too_long(&e))
    return wire_ends(ret, CLIO_OUT_INVALID, "the question is longer than the model's context");
  ret->without = wire_named(&e, named, OPENAI_FEATURES, openai_parts(c, ask));
  if (ret->without) return wire_ends(ret, CLIO_OUT_ADAPT, ret->why);
  if (status < 500 && is_hopeless(&e)) ret->outcome = CLIO_OUT_FATAL;
  return CLIO_OK;
}

/* ---- chat ---- */

static void read_usage(json_object *root, clio_reply *ret) {
  json_object *usage = wire_get(root, "usage", json_type_object);
  json_object *details = wire_get(usage, "prompt_tokens_details", json_type_object);
  ret->in_tokens = wire_get_count(usage, "prompt_tokens");
  ret->out_tokens = wire_get_count(usage, "completion_tokens");
  ret->cached_tokens = wire_get_count(details, "cached_tokens");
  ret->cache_write_tokens = wire_get_count(details, "cache_write_tokens");
}

/* The content: a text, or (Mistral) a list of parts of which those of type text count. */
static clio_status read_content(const clio_host *host, clio_call *call, json_object *message,
                                clio_span *ret) {
  json_object *parts = wire_get(message, "content", json_type_array);
  *ret = wire_get_text(message, "content");
  if (!parts) return CLIO_OK;
  uint64_t room = 1;
  size_t n = json_object_array_length(parts);
  for (size_t i = 0; i < n; i++) room += (uint64_t)wire_get_text(wire_item(parts, i), "text").len;
  char *all = host->scratch(call, room);
  if (!all) return clio_nomem(host, call);
  *ret = clio_span_of(all, 0);
  for (size_t i = 0; i < n; i++) {
    clio_span part = wire_get_text(wire_item(parts, i), "text");
    if (!clio_span_is(wire_get_text(wire_item(parts, i), "type"), "text") || !part.s) continue;
    memcpy(all + ret->len, part.s, (size_t)part.len);
    ret->len += part.len;
  }
  return CLIO_OK;
}

static clio_status read_choice(const clio_host *host, clio_call *call, const openai_config *c,
                               const clio_ask *ask, json_object *choice, clio_reply *ret) {
  json_object *message = wire_get(choice, "message", json_type_object);
  clio_span finish = wire_get_text(choice, "finish_reason"), text;
  int continued = (openai_parts(c, ask) & OPENAI_BIT(OPENAI_PREFILL)) != 0;
  if (!message) return wire_ends(ret, CLIO_OUT_TRANSIENT, "the reply holds no message");
  if (wire_get_text(message, "refusal").len > 0)
    return wire_ends(ret, CLIO_OUT_REFUSAL, "the model refused");
  if (clio_span_is(finish, "content_filter"))
    return wire_ends(ret, CLIO_OUT_FILTERED, "the provider's filter withheld the answer");
  if (clio_span_is(finish, "error"))
    return wire_ends(ret, CLIO_OUT_TRANSIENT, "the provider broke the answer off");
  CLIO_TRY(read_content(host, call, message, &text));
  CLIO_TRY(wire_answer(host, call, ask->job, text, continued, ret));
  if (clio_span_is(finish, "length"))
    return wire_ends(ret, CLIO_OUT_LENGTH, "the answer was cut at max_tokens");
  if (text.len > 0) return wire_ends(ret, CLIO_OUT_OK, NULL);
  ret->text = NULL;
  ret->text_len = 0;
  if (clio_span_is(finish, "tool_calls") || clio_span_is(finish, "function_call"))
    return wire_ends(ret, CLIO_OUT_INVALID, "the model called a tool instead of answering");
  return wire_ends(ret, CLIO_OUT_TRANSIENT, "the answer is empty");
}

static clio_status read_chat(const clio_host *host, clio_call *call, const openai_config *c,
                             const clio_ask *ask, json_object *root, clio_reply *ret) {
  json_object *choice = wire_item(wire_get(root, "choices", json_type_array), 0);
  read_usage(root, ret);
  if (!choice) return wire_ends(ret, CLIO_OUT_TRANSIENT, "the reply holds no choice");
  return read_choice(host, call, c, ask, choice, ret);
}

/* ---- embeddings ---- */

/* Puts each item at its index; every index once. */
static const char *place_vectors(json_object *data, uint64_t count, uint32_t dim, uint8_t *seen,
                                 float *vectors) {
  for (uint64_t i = 0; i < count; i++) {
    json_object *item = wire_item(data, i), *vector = NULL;
    json_object *index = wire_get(item, "index", json_type_int);
    int64_t at = index ? json_object_get_int64(index) : -1;
    if (at < 0 || (uint64_t)at >= count || seen[at])
      return "the vectors' indexes are not 0, 1, 2 ...";
    seen[at] = 1;
    if (!json_object_object_get_ex(item, "embedding", &vector)) return "a vector is missing";
    const char *why = wire_vector(vector, vectors, (uint64_t)at, dim);
    if (why) return why;
  }
  return NULL;
}

static clio_status read_embed(const clio_host *host, clio_call *call, const clio_ask *ask,
                              json_object *root, clio_reply *ret) {
  json_object *data = wire_get(root, "data", json_type_array), *first = NULL;
  read_usage(root, ret);
  if (!data || json_object_array_length(data) != ask->count)
    return wire_ends(ret, CLIO_OUT_TRANSIENT, "the reply holds another number of vectors");
  json_object_object_get_ex(wire_item(data, 0), "embedding", &first);
  uint64_t dim = wire_vector_dim(first);
  if (dim == 0 || dim > WIRE_DIM_MAX)
    return wire_ends(ret, CLIO_OUT_TRANSIENT, "the reply holds no vector");
  float *vectors = clio_scratch_array(host, call, ask->count * dim, sizeof *vectors);
  uint8_t *seen = clio_scratch_array(host, call, ask->count, 1);
  if (!vectors || !seen) return clio_nomem(host, call);
  const char *why = place_vectors(data, ask->count, (uint32_t)dim, seen, vectors);
  if (why) return wire_ends(ret, CLIO_OUT_TRANSIENT, why);
  return wire_vectors(host, call, ask, vectors, (uint32_t)dim, ret);
}

/* ---- both ---- */

static clio_status read_success(const clio_host *host, clio_call *call, const openai_config *c,
                                const clio_ask *ask, const wire_doc *doc, clio_reply *ret) {
  if (!doc->root) return wire_ends(ret, CLIO_OUT_TRANSIENT, doc->why);
  json_object *error = wire_get(doc->root, "error", json_type_object);
  if (error) /* OpenRouter: what went wrong behind it */
    return wire_ends(ret,
                     wire_get_count(error, "code") == 402 ? CLIO_OUT_SPENT : CLIO_OUT_TRANSIENT,
                     "the reply is an error with status 200");
  CLIO_TRY(wire_served(host, call, wire_get_text(doc->root, "model"), ret));
  return ask->kind == CLIO_ASK_CHAT ? read_chat(host, call, c, ask, doc->root, ret)
                                    : read_embed(host, call, ask, doc->root, ret);
}

clio_status openai_parse(const clio_host *host, clio_call *call, const void *config,
                         const clio_ask *ask, const clio_response *response, clio_reply *ret) {
  wire_doc doc;
  uint32_t status = response->http_status;
  wire_rates_openai(response, ret);
  clio_status s = wire_doc_open(host, call, response, &doc);
  if (s == CLIO_OK)
    s = status >= 200 && status < 300
            ? read_success(host, call, config, ask, &doc, ret)
            : read_error(host, call, config, ask, response, doc.root, ret);
  wire_doc_close(&doc);
  return s;
}
