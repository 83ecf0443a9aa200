/* anthropic_reply.c - replies and errors of the Messages API, for model/anthropic. */
#include "anthropic.h"

/* ---- errors ---- */

static const char *const temperature[] = {"temperature", NULL};
static const char *const effort_words[] = {"output_config.effort", "'effort", NULL};
static const char *const strict_words[] = {"'strict", "strict tool use", "tools.0.strict",
                                           "tools.0.custom.strict", NULL};
static const char *const tool_words[] = {"tool_choice", "tools", "tool use", "tools.0.input_schema",
                                         NULL};
static const char *const format_words[] = {
    "output_config.format", "output_format", "json_schema", "output format",
    "structured outputs",   "schema",        NULL};
static const char *const prefill_words[] = {"prefill", "prefilling", "final assistant content",
                                            "must end with a user message", NULL};
static const char *const cache_words[] = {"cache_control", "'ttl", NULL};
static const char *const tier_words[] = {"service_tier", NULL};
static const char *const thinking_words[] = {"thinking", "budget_tokens", NULL};
static const wire_feature named[ANTHROPIC_FEATURES] = {
    [ANTHROPIC_TEMPERATURE] = {temperature}, [ANTHROPIC_EFFORT] = {effort_words},
    [ANTHROPIC_STRICT] = {strict_words},     [ANTHROPIC_TOOL] = {tool_words},
    [ANTHROPIC_FORMAT] = {format_words},     [ANTHROPIC_PREFILL] = {prefill_words},
    [ANTHROPIC_CACHE] = {cache_words},       [ANTHROPIC_TIER] = {tier_words},
    [ANTHROPIC_THINKING] = {thinking_words}};

static int says_any(const wire_error *e, const char *const *phrases) {
  for (; *phrases; phrases++)
    if (wire_says(e, *phrases)) return 1;
  return 0;
}

/* A limit of money: the month's, the workspace's, or the balance. */
static int is_spent(const wire_error *e, uint32_t status) {
  static const char *const phrases[] = {"credit balance is too low",
                                        "spend limit",
                                        "spending limit",
                                        "usage limits",
                                        "usage limit",
                                        NULL};
  if (clio_span_is(e->code, "enforced_spend_limit_reached")) return 1;
  if (clio_span_is(e->type, "billing_error")) return 1;
  return status == 400 && says_any(e, phrases);
}

static int is_too_long(const wire_error *e) {
  static const char *const phrases[] = {"prompt is too long", "exceed context limit",
                                        "context window", "maximum allowed number of output tokens",
                                        NULL};
  return says_any(e, phrases);
}

static clio_status read_error(const clio_host *host, clio_call *call, const anthropic_config *c,
                              const clio_ask *ask, const clio_response *response, json_object *root,
                              clio_reply *ret) {
  wire_error e;
  uint64_t output = ANTHROPIC_BIT(ANTHROPIC_FORMAT) | ANTHROPIC_BIT(ANTHROPIC_EFFORT);
  uint64_t parts = anthropic_parts(c, ask);
  wire_error_of(root, &e);
  CLIO_TRY(wire_fault(host, call, ask, response, &e, ret));
  if (is_spent(&e, response->http_status)) return wire_ends(ret, CLIO_OUT_SPENT, ret->why);
  if (response->http_status != 400 && response->http_status != 422) return CLIO_OK;
  if (is_too_long(&e))
    return wire_ends(ret, CLIO_OUT_INVALID, "the question is longer than the model's context");
  ret->without = wire_named(&e, named, ANTHROPIC_FEATURES, parts);
  if (!ret->without && wire_says(&e, "output_config")) ret->without = parts & output;
  if (ret->without) ret->outcome = CLIO_OUT_ADAPT;
  return CLIO_OK;
}

/* ---- answers ---- */

static void read_usage(json_object *root, clio_reply *ret) {
  json_object *usage = wire_get(root, "usage", json_type_object);
  ret->cached_tokens = wire_get_count(usage, "cache_read_input_tokens");
  ret->cache_write_tokens = wire_get_count(usage, "cache_creation_input_tokens");
  ret->in_tokens =
      wire_get_count(usage, "input_tokens") + ret->cached_tokens + ret->cache_write_tokens;
  ret->out_tokens = wire_get_count(usage, "output_tokens");
}

/* The text of one block: a text, or the input of our tool; s = NULL: neither. */
static clio_span block_text(json_object *block) {
  clio_span type = wire_get_text(block, "type");
  if (clio_span_is(type, "text")) return wire_get_text(block, "text");
  json_object *input = wire_get(block, "input", json_type_object);
  if (!clio_span_is(type, "tool_use") || !input) return clio_span_of(NULL, 0);
  size_t len = 0;
  const char *text = json_object_to_json_string_length(
      input, JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE, &len);
  return clio_span_of(text, text ? (int64_t)len : 0);
}

/* All texts, or where a tool was called its input alone. */
static clio_status read_content(const clio_host *host, clio_call *call, json_object *content,
                                clio_span *ret) {
  size_t n = json_object_array_length(content);
  uint64_t room = 1;
  *ret = clio_span_of(NULL, 0);
  for (size_t i = 0; i < n; i++) {
    json_object *block = wire_item(content, i);
    clio_span text = block_text(block);
    room += (uint64_t)text.len;
    if (!clio_span_is(wire_get_text(block, "type"), "tool_use") || !text.s) continue;
    *ret = text;
    return CLIO_OK;
  }
  char *all = host->scratch(call, room);
  if (!all) return clio_nomem(host, call);
  *ret = clio_span_of(all, 0);
  for (size_t i = 0; i < n; i++) {
    clio_span text = block_text(wire_item(content, i));
    if (text.len) memcpy(all + ret->len, text.s, (size_t)text.len);
    ret->len += text.len;
  }
  return CLIO_OK;
}

static const char *refusal(json_object *root) {
  static const char *const known[][2] = {
      {"cyber", "the model refused (cyber)"},
      {"bio", "the model refused (bio)"},
      {"frontier_llm", "the model refused (frontier_llm)"},
      {"reasoning_extraction", "the model refused (reasoning_extraction)"},
      {"general_harms", "the model refused (general_harms)"}};
  json_object *details = wire_get(root, "stop_details", json_type_object);
  clio_span category = wire_get_text(details, "category");
  for (size_t i = 0; i < sizeof known / sizeof *known; i++)
    if (clio_span_is(category, known[i][0])) return known[i][1];
  return "the model refused";
}

static clio_status read_message(const clio_host *host, clio_call *call, const anthropic_config *c,
                                const clio_ask *ask, json_object *root, clio_reply *ret) {
  json_object *content = wire_get(root, "content", json_type_array);
  clio_span stop = wire_get_text(root, "stop_reason"), text;
  int continued = (anthropic_parts(c, ask) & ANTHROPIC_BIT(ANTHROPIC_PREFILL)) != 0;
  read_usage(root, ret);
  CLIO_TRY(wire_served(host, call, wire_get_text(root, "model"), ret));
  if (clio_span_is(stop, "refusal")) return wire_ends(ret, CLIO_OUT_REFUSAL, refusal(root));
  if (clio_span_is(stop, "pause_turn"))
    return wire_ends(ret, CLIO_OUT_TRANSIENT, "the model paused its turn");
  text = wire_get_text(root, "content"); /* the API's description allows a text, too */
  if (!content && !text.s) return wire_ends(ret, CLIO_OUT_TRANSIENT, "the reply holds no content");
  if (content) CLIO_TRY(read_content(host, call, content, &text));
  CLIO_TRY(wire_answer(host, call, ask->job, text, continued, ret));
  if (clio_span_is(stop, "max_tokens"))
    return wire_ends(ret, CLIO_OUT_LENGTH, "the answer was cut at max_tokens");
  if (clio_span_is(stop, "model_context_window_exceeded"))
    return wire_ends(ret, CLIO_OUT_LENGTH, "the answer was cut where the model's context ends");
  if (text.len > 0) return wire_ends(ret, CLIO_OUT_OK, NULL);
  ret->text = NULL;
  ret->text_len = 0;
  return wire_ends(ret, CLIO_OUT_TRANSIENT, "the answer is empty");
}

clio_status anthropic_parse(const clio_host *host, clio_call *call, const void *config,
                            const clio_ask *ask, const clio_response *response, clio_reply *ret) {
  wire_doc doc;
  int success = response->http_status >= 200 && response->http_status < 300;
  wire_rates_anthropic(response, ret);
  clio_status s = wire_doc_open(host, call, response, &doc);
  if (s == CLIO_OK && !success)
    s = read_error(host, call, config, ask, response, doc.root, ret);
  else if (s == CLIO_OK && !doc.root)
    s = wire_ends(ret, CLIO_OUT_TRANSIENT, doc.why);
  else if (s == CLIO_OK && clio_span_is(wire_get_text(doc.root, "type"), "error"))
    s = wire_ends(ret, CLIO_OUT_TRANSIENT, "the reply is an error with status 200");
  else if (s == CLIO_OK)
    s = read_message(host, call, config, ask, doc.root, ret);
  wire_doc_close(&doc);
  return s;
}
