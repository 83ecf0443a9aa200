/* test_anthropic.c - model/anthropic: requests to the byte for old and new models, every
 * reply and every error of the Messages API. */
#include "cases.h"

extern const clio_plugin clio_plugin_v0_model_anthropic;

static const char *const schema =
    "{\"type\":\"object\",\"properties\":{\"a\":{\"type\":\"string\"}},\"required\":[\"a\"],"
    "\"additionalProperties\":false}";

static clio_test *bench(const char *name, const clio_model **ret_model) {
  char quoted[64];
  snprintf(quoted, sizeof quoted, "\"%s\"", name);
  *ret_model = clio_plugin_v0_model_anthropic.models[0];
  clio_test *t = clio_test_open_model(*ret_model);
  clio_test_param(t, "model", quoted);
  clio_test_param(t, "schema_prompt", "\"JSON: {schema}\"");
  clio_test_param(t, "prefill_prompt", "\"Begin: {prefill}\"");
  return t;
}

/* ---- requests ---- */

/* What each family gets of the same question: temperature 0.2 and a beginning. */
static void test_families(void) {
  static const struct {
    const char *model, *rest;
  } rows[] = {
      {"claude-3-5-haiku-20241022",
       "\"q\"}]},{\"role\":\"assistant\",\"content\":\"It\"}],\"temperature\":0.2}"},
      {"claude-haiku-4-5",
       "\"q\"}]},{\"role\":\"assistant\",\"content\":\"It\"}],\"temperature\":0.2}"},
      {"claude-sonnet-4-6", "\"q\\n\\nBegin: It \"}]}],\"temperature\":0.2}"},
      {"claude-opus-4-6", "\"q\\n\\nBegin: It \"}]}],\"temperature\":0.2}"},
      {"claude-opus-4-7", "\"q\\n\\nBegin: It \"}]}]}"},
      {"claude-opus-5-5", "\"q\\n\\nBegin: It \"}]}]}"},
      {"claude-haiku-5-5", "\"q\\n\\nBegin: It \"}]}],\"temperature\":0.2}"},
      {"my-gateway", "\"q\"}]},{\"role\":\"assistant\",\"content\":\"It\"}],\"temperature\":0.2}"}};
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
    const clio_model *model;
    clio_test *t = bench(rows[i].model, &model);
    clio_llm_job job = job_of("q", 9);
    clio_ask ask = clio_test_chat(&job);
    char want[512];
    job.prefill = "It ";
    job.temperature = 0.2;
    snprintf(want, sizeof want,
             "{\"model\":\"%s\",\"max_tokens\":9,\"messages\":[{\"role\":\"user\",\"content\":[{"
             "\"type\":\"text\",\"text\":%s",
             rows[i].model, rows[i].rest);
    CHECK_BODY(t, &ask, want);
    clio_test_close(t);
  }
}

#define HEAD(system) \
  "{\"model\":\"claude-haiku-4-5\",\"max_tokens\":50," system \
  "\"messages\":[{\"role\":\"user\",\"content\":"
#define SCHEMA \
  "{\"type\":\"object\",\"properties\":{\"a\":{\"type\":\"string\"}},\"required\":[\"a\"]," \
  "\"additionalProperties\":false}"

/* The three ways to a form, each when the one before was refused. */
static void test_forms(void) {
  const clio_model *model;
  clio_test *t = bench("claude-haiku-4-5", &model);
  clio_llm_job job = job_of("q", 50);
  clio_ask ask = clio_test_chat(&job);
  job.schema = schema;
  job.prefill = "ignored beside a schema";
  CHECK_BODY(t, &ask,
             HEAD("") "[{\"type\":\"text\",\"text\":\"q\"}]}],\"output_config\":{\"format\":{"
                      "\"type\":\"json_schema\",\"schema\":" SCHEMA "}}}");
  ask.without = feature(model, "output_format");
  CHECK_BODY(t, &ask,
             HEAD("") "[{\"type\":\"text\",\"text\":\"q\"}]}],\"tools\":[{\"name\":\"answer\","
                      "\"input_schema\":" SCHEMA ",\"strict\":true}],\"tool_choice\":{\"type\":"
                      "\"tool\",\"name\":\"answer\",\"disable_parallel_tool_use\":true}}");
  ask.without |= feature(model, "strict");
  CHECK_BODY(t, &ask,
             HEAD("") "[{\"type\":\"text\",\"text\":\"q\"}]}],\"tools\":[{\"name\":\"answer\","
                      "\"input_schema\":" SCHEMA "}],\"tool_choice\":{\"type\":"
                      "\"tool\",\"name\":\"answer\",\"disable_parallel_tool_use\":true}}");
  job.schema = "{\"type\":\"array\"}"; /* no tool takes a list */
  CHECK_BODY(
      t, &ask,
      HEAD("") "[{\"type\":\"text\",\"text\":\"q\\n\\nJSON: {\\\"type\\\":\\\"array\\\"}\"}]}]}");
  clio_test_close(t);
}

/* The conversation first and cached, the question last. */
static void test_shared(void) {
  const clio_model *model;
  clio_test *t = bench("claude-haiku-4-5", &model);
  clio_llm_job job = job_of("talk ask", 50);
  clio_ask ask = clio_test_chat(&job);
  job.system = "be brief";
  job.shared = 5;
  clio_test_param(t, "service_tier", "\"standard_only\"");
  CHECK_BODY(t, &ask,
             HEAD("\"system\":\"be brief\",") "[{\"type\":\"text\",\"text\":\"talk \","
                                              "\"cache_control\":{\"type\":\"ephemeral\"}},{"
                                              "\"type\":\"text\",\"text\":\"ask\"}]}],"
                                              "\"service_tier\":\"standard_only\"}");
  clio_test_param(t, "service_tier", NULL);
  clio_test_param(t, "cache", "\"1h\"");
  job.shared = 99; /* all of it; no empty block */
  CHECK_BODY(t, &ask,
             HEAD("\"system\":\"be brief\",") "[{\"type\":\"text\",\"text\":\"talk ask\","
                                              "\"cache_control\":{\"type\":\"ephemeral\",\"ttl\":"
                                              "\"1h\"}}]}]}");
  CHECK(clio_test_build(t, &ask)->in_shared == 0); /* too short to be cached */
  clio_test_param(t, "cache", "\"off\"");
  CHECK_BODY(t, &ask,
             HEAD("\"system\":\"be brief\",") "[{\"type\":\"text\",\"text\":\"talk ask\"}]}]}");
  char *talk = malloc(40001);
  for (int i = 0; i < 40000; i++) talk[i] = "some talk "[i % 10];
  talk[40000] = '\0';
  job.prompt = talk;
  job.shared = 39000;
  clio_test_param(t, "cache", "\"5m\"");
  const clio_request *r = clio_test_build(t, &ask);
  CHECK(r && r->in_shared > 8000 && r->in_shared < r->in_likely);
  job.prompt = "\xc3\xa9t\xc3\xa9";
  job.shared = 1; /* inside a character */
  CHECK_BODY(
      t, &ask,
      HEAD("\"system\":\"be brief\",") "[{\"type\":\"text\",\"text\":\"\xc3\xa9t\xc3\xa9\"}]}]}");
  free(talk);
  clio_test_close(t);
}

static void test_thinking(void) {
  const clio_model *model;
  clio_test *t = bench("claude-haiku-4-5", &model);
  clio_llm_job job = job_of("q", 50);
  clio_ask ask = clio_test_chat(&job);
  job.temperature = 1.5; /* this API ends at 1 */
  clio_test_param(t, "thinking", "\"budget\"");
  CHECK(clio_test_model_plan(t) == CLIO_E_CONFIG);
  CHECK_TEXT(clio_test_error(t),
             "plan: thinking_tokens: a budget for thinking is 1,024 tokens or more");
  clio_test_param(t, "thinking_tokens", "2000");
  CHECK_BODY(t, &ask,
             "{\"model\":\"claude-haiku-4-5\",\"max_tokens\":2050,\"messages\":[{\"role\":\"user\","
             "\"content\":[{\"type\":\"text\",\"text\":\"q\"}]}],\"temperature\":1,\"thinking\":{"
             "\"type\":\"enabled\",\"budget_tokens\":2000}}");
  clio_test_param(t, "model", "\"claude-opus-5-5\"");
  clio_test_param(t, "thinking", "\"adaptive\"");
  clio_test_param(t, "effort", "\"low\"");
  CHECK_BODY(t, &ask,
             "{\"model\":\"claude-opus-5-5\",\"max_tokens\":2050,\"messages\":[{\"role\":\"user\","
             "\"content\":[{\"type\":\"text\",\"text\":\"q\"}]}],\"output_config\":{\"effort\":"
             "\"low\"},\"thinking\":{\"type\":\"adaptive\"}}");
  const clio_request *r = clio_test_build(t, &ask);
  CHECK(r->out_tokens == 2050);
  CHECK_TEXT(r->url, "https://api.anthropic.com/v1/messages");
  CHECK_TEXT(r->headers[1], "anthropic-version: 2023-06-01");
  CHECK_TEXT(r->key_header, "x-api-key: ");
  clio_test_param(t, "auth", "\"bearer\"");
  CHECK_TEXT(clio_test_build(t, &ask)->key_header, "authorization: Bearer ");
  clio_test_close(t);
}

/* ---- replies ---- */

#define MESSAGE(content, stop) \
  "{\"id\":\"msg_1\",\"type\":\"message\",\"role\":\"assistant\",\"model\":\"claude-haiku-4-5-" \
  "x\"," \
  "\"content\":[" content "],\"stop_reason\":" stop ",\"stop_sequence\":null,\"usage\":{" \
  "\"input_tokens\":10,\"cache_creation_input_tokens\":5,\"cache_read_input_tokens\":20," \
  "\"output_tokens\":4}}"
#define TEXT(text) "{\"type\":\"text\",\"text\":\"" text "\"}"

static const reply_case answers[] = {
    {"end_turn", 200, "content-type: application/json", MESSAGE(TEXT("hello"), "\"end_turn\""),
     CLIO_OUT_OK, "hello", NULL, NULL},
    {"two texts", 200, NULL, MESSAGE(TEXT("a") "," TEXT("b"), "\"stop_sequence\""), CLIO_OUT_OK,
     "ab", NULL, NULL},
    {"a text for the list", 200, NULL,
     "{\"type\":\"message\",\"content\":\"hello\",\"stop_reason\":\"end_turn\"}", CLIO_OUT_OK,
     "hello", NULL, NULL},
    {"thoughts", 200, NULL,
     MESSAGE("{\"type\":\"thinking\",\"thinking\":\"hm\",\"signature\":\"x\"}," TEXT("yes"),
             "\"end_turn\""),
     CLIO_OUT_OK, "yes", NULL, NULL},
    {"max_tokens", 200, NULL, MESSAGE(TEXT("hel"), "\"max_tokens\""), CLIO_OUT_LENGTH, "hel",
     "the answer was cut at max_tokens", NULL},
    {"context", 200, NULL, MESSAGE(TEXT("hel"), "\"model_context_window_exceeded\""),
     CLIO_OUT_LENGTH, "hel", "the answer was cut where the model's context ends", NULL},
    {"refusal", 200, NULL, MESSAGE("", "\"refusal\""), CLIO_OUT_REFUSAL, NULL, "the model refused",
     NULL},
    {"refusal with a category", 200, NULL,
     "{\"type\":\"message\",\"content\":[],\"stop_reason\":\"refusal\",\"stop_details\":{\"type\":"
     "\"refusal\","
     "\"category\":\"bio\",\"explanation\":\"it asked for ...\"}}",
     CLIO_OUT_REFUSAL, NULL, "the model refused (bio)", NULL},
    {"pause_turn", 200, NULL, MESSAGE(TEXT("wait"), "\"pause_turn\""), CLIO_OUT_TRANSIENT, NULL,
     "the model paused its turn", NULL},
    {"empty", 200, NULL, MESSAGE("", "\"end_turn\""), CLIO_OUT_TRANSIENT, NULL,
     "the answer is empty", NULL},
    {"error with 200", 200, NULL,
     "{\"type\":\"error\",\"error\":{\"type\":\"overloaded_error\",\"message\":\"Overloaded\"}}",
     CLIO_OUT_TRANSIENT, NULL, "the reply is an error with status 200", NULL},
};

static const reply_case tool_answers[] = {
    {"tool", 200, NULL,
     MESSAGE(TEXT("Here it is") ",{\"type\":\"tool_use\",\"id\":\"t\",\"name\":\"answer\","
                                "\"input\":{\"a\":"
                                "\"x/y \\u00e9\"}}",
             "\"tool_use\""),
     CLIO_OUT_OK, "{\"a\":\"x/y \xc3\xa9\"}", NULL, NULL},
    {"text instead of the tool", 200, NULL, MESSAGE(TEXT("```json\\n{}\\n```"), "\"end_turn\""),
     CLIO_OUT_OK, "{}", NULL, NULL},
};

#define ERROR(type, message) \
  "{\"type\":\"error\",\"error\":{\"type\":\"" type "\",\"message\":\"" message \
  "\"},\"request_id\":\"r\"}"

static const reply_case errors[] = {
    {"rate", 429, "retry-after: 7", ERROR("rate_limit_error", "Number of requests exceeded"),
     CLIO_OUT_TRANSIENT, NULL, "HTTP 429 (rate_limit_error): too many requests", NULL},
    {"spend limit of the month", 429, NULL,
     "{\"type\":\"error\",\"error\":{\"type\":\"rate_limit_error\",\"message\":\"limit\","
     "\"details\":{"
     "\"error_code\":\"enforced_spend_limit_reached\"}}}",
     CLIO_OUT_SPENT, NULL, "HTTP 429 (enforced_spend_limit_reached): too many requests", NULL},
    {"limit of the workspace", 400, NULL,
     ERROR("invalid_request_error", "You have reached your specified workspace API usage limits."),
     CLIO_OUT_SPENT, NULL, NULL, NULL},
    {"balance", 400, NULL,
     ERROR("invalid_request_error", "Your credit balance is too low to access the Anthropic API."),
     CLIO_OUT_SPENT, NULL, NULL, NULL},
    {"billing", 402, NULL, ERROR("billing_error", "no"), CLIO_OUT_SPENT, NULL, NULL, NULL},
    {"key", 401, NULL, ERROR("authentication_error", "invalid x-api-key"), CLIO_OUT_FATAL, NULL,
     "HTTP 401 (authentication_error): the key is missing or not accepted", NULL},
    {"permission", 403, NULL, ERROR("permission_error", "no"), CLIO_OUT_FATAL, NULL, NULL, NULL},
    {"model", 404, NULL, ERROR("not_found_error", "model: claude-9"), CLIO_OUT_FATAL, NULL,
     "HTTP 404 (not_found_error): no such model, or no such address", NULL},
    {"conflict", 409, NULL, ERROR("conflict_error", "no"), CLIO_OUT_TRANSIENT, NULL, NULL, NULL},
    {"size", 413, NULL, ERROR("request_too_large", "Request exceeds the maximum size"),
     CLIO_OUT_INVALID, NULL, NULL, NULL},
    {"api error", 500, NULL, ERROR("api_error", "Internal server error"), CLIO_OUT_TRANSIENT, NULL,
     NULL, NULL},
    {"timeout", 504, NULL, ERROR("timeout_error", "no"), CLIO_OUT_TRANSIENT, NULL, NULL, NULL},
    {"overloaded", 529, NULL, ERROR("overloaded_error", "Overloaded"), CLIO_OUT_TRANSIENT, NULL,
     "HTTP 529 (overloaded_error): the server failed", NULL},
    {"long", 400, NULL,
     ERROR("invalid_request_error", "prompt is too long: 210000 tokens > 200000 maximum"),
     CLIO_OUT_INVALID, NULL, "the question is longer than the model's context", NULL},
    {"long with the answer", 400, NULL,
     ERROR("invalid_request_error",
           "input length and `max_tokens` exceed context limit: 199990 + 50"),
     CLIO_OUT_INVALID, NULL, "the question is longer than the model's context", NULL},
};

static const reply_case adapts[] = {
    {"temperature", 400, NULL,
     ERROR("invalid_request_error", "`temperature` is not supported for this model"),
     CLIO_OUT_ADAPT, NULL, NULL, "temperature"},
    {"temperature beside thinking", 400, NULL,
     ERROR("invalid_request_error", "`temperature` may only be set to 1 when thinking is enabled."),
     CLIO_OUT_ADAPT, NULL, NULL, "temperature"},
    {"format", 400, NULL,
     ERROR("invalid_request_error", "output_config.format: structured outputs are not supported"),
     CLIO_OUT_ADAPT, NULL, NULL, "output_format"},
    {"output_config as a whole", 400, NULL,
     ERROR("invalid_request_error", "output_config: Extra inputs are not permitted"),
     CLIO_OUT_ADAPT, NULL, NULL, "(several)"},
    {"effort", 400, NULL,
     ERROR("invalid_request_error", "output_config.effort: not supported by this model"),
     CLIO_OUT_ADAPT, NULL, NULL, "effort"},
    {"schema", 400, NULL, ERROR("invalid_request_error", "Schema is too complex for compilation"),
     CLIO_OUT_ADAPT, NULL, NULL, "output_format"},
    {"cache", 400, NULL,
     ERROR("invalid_request_error", "messages.0.content.0.text.cache_control: not permitted"),
     CLIO_OUT_ADAPT, NULL, NULL, "cache_control"},
    {"anything else", 400, NULL,
     ERROR("invalid_request_error", "messages: at least one is required"), CLIO_OUT_INVALID, NULL,
     "HTTP 400 (invalid_request_error): the provider does not take this request", NULL},
};

static const reply_case tool_errors[] = {
    {"strict", 400, NULL,
     ERROR("invalid_request_error", "tools.0.custom.strict: Extra inputs are not permitted"),
     CLIO_OUT_ADAPT, NULL, NULL, "strict"},
    {"forced beside thinking", 400, NULL,
     ERROR("invalid_request_error",
           "Thinking may not be enabled when tool_choice forces tool use."),
     CLIO_OUT_ADAPT, NULL, NULL, "tool"},
};

static const reply_case prefill_errors[] = {
    {"prefill", 400, NULL,
     ERROR("invalid_request_error", "This model does not support assistant message prefill. The "
                                    "conversation must end with a user "
                                    "message."),
     CLIO_OUT_ADAPT, NULL, NULL, "prefill"},
    {"prefilling", 400, NULL,
     ERROR("invalid_request_error", "Prefilling assistant messages is not supported"),
     CLIO_OUT_ADAPT, NULL, NULL, "prefill"},
};

static void test_replies(void) {
  const clio_model *model;
  clio_test *t = bench("claude-opus-4-5", &model);
  clio_llm_job job = job_of("talk ask", 50);
  clio_ask ask = clio_test_chat(&job);
  CHECK_CASES(t, model, &ask, answers);
  CHECK_CASES(t, model, &ask, no_answers);
  CHECK_CASES(t, model, &ask, statuses);
  const clio_reply *r = clio_test_parse(t, &ask, 200, NULL, answers[0].body, -1);
  CHECK(r->in_tokens == 35 && r->cached_tokens == 20 && r->cache_write_tokens == 5);
  CHECK(r->out_tokens == 4);
  CHECK_TEXT(r->served, "claude-haiku-4-5-x");
  job.schema = schema;
  job.temperature = 0.2;
  job.shared = 5;
  clio_test_param(t, "effort", "\"low\"");
  CHECK_CASES(t, model, &ask, errors);
  CHECK_CASES(t, model, &ask, adapts);
  ask.without = feature(model, "output_format");
  clio_test_param(t, "thinking", "\"adaptive\"");
  CHECK_CASES(t, model, &ask, tool_answers);
  CHECK_CASES(t, model, &ask, tool_errors);
  CHECK(clio_test_model_torture(t, &ask, 200, NULL, tool_answers[0].body) == CLIO_OK);
  clio_test_close(t);
}

static void test_prefill(void) {
  const clio_model *model;
  clio_test *t = bench("claude-haiku-4-5", &model);
  clio_llm_job job = job_of("q", 9);
  clio_ask ask = clio_test_chat(&job);
  reply_case goes_on = {"goes on",   200,        NULL, MESSAGE(TEXT(" so"), "\"end_turn\""),
                        CLIO_OUT_OK, "It is so", NULL, NULL};
  job.prefill = "It is ";
  CHECK_CASES(t, model, &ask, prefill_errors);
  check_case(t, model, &ask, &goes_on);
  CHECK(clio_test_model_torture(t, &ask, 200, NULL, goes_on.body) == CLIO_OK);
  ask.without = feature(model, "prefill");
  check_case(t, model, &ask, &goes_on);
  clio_test_close(t);
}

static void test_rates(void) {
  const clio_model *model;
  clio_test *t = bench("claude-haiku-4-5", &model);
  clio_llm_job job = job_of("q", 9);
  clio_ask ask = clio_test_chat(&job);
  const clio_reply *r = clio_test_parse(
      t, &ask, 200,
      "date: Tue, 24 Nov 2026 14:00:00 GMT\nanthropic-ratelimit-requests-limit: 50\n"
      "anthropic-ratelimit-requests-remaining: 49\n"
      "anthropic-ratelimit-requests-reset: 2026-11-24T14:00:02Z\n"
      "anthropic-ratelimit-input-tokens-limit: 40000\n"
      "anthropic-ratelimit-input-tokens-remaining: 39000\n"
      "anthropic-ratelimit-input-tokens-reset: 2026-11-24T13:59:00Z\n"
      "anthropic-ratelimit-output-tokens-limit: 99999999999999999999\n"
      "anthropic-ratelimit-output-tokens-remaining: many\n"
      "anthropic-ratelimit-output-tokens-reset: soon",
      answers[0].body, -1);
  const clio_rate *rates = r->rates;
  CHECK(rates[CLIO_RATE_REQUESTS].limit == 50 && rates[CLIO_RATE_REQUESTS].remaining == 49);
  CHECK(rates[CLIO_RATE_REQUESTS].reset_ms == 2000);
  CHECK(rates[CLIO_RATE_IN_TOKENS].remaining == 39000 && rates[CLIO_RATE_IN_TOKENS].reset_ms == 0);
  CHECK(rates[CLIO_RATE_OUT_TOKENS].limit == -1 && rates[CLIO_RATE_OUT_TOKENS].remaining == -1);
  CHECK(rates[CLIO_RATE_OUT_TOKENS].reset_ms == -1);
  clio_test_close(t);
}

int main(void) {
  test_families();
  test_forms();
  test_shared();
  test_thinking();
  test_replies();
  test_prefill();
  test_rates();
  return CHECK_DONE();
}
