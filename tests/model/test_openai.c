/* test_openai.c - model/openai: requests to the byte, every reply and every error that its
 * servers are known to give. */
#include "cases.h"

extern const clio_plugin clio_plugin_v0_model_openai;

static const char *const schema =
    "{\"type\":\"object\",\"properties\":{\"a\":{\"type\":\"string\"}},\"required\":[\"a\"],"
    "\"additionalProperties\":false}";

static clio_test *bench(const clio_model **ret_model) {
  *ret_model = clio_plugin_v0_model_openai.models[0];
  clio_test *t = clio_test_open_model(*ret_model);
  clio_test_param(t, "model", "\"gpt-5-mini\"");
  clio_test_param(t, "key", "\"OPENAI_API_KEY\"");
  clio_test_param(t, "schema_prompt", "\"JSON: {schema} only\\n\"");
  clio_test_param(t, "prefill_prompt", "\"Begin: {prefill}\\n\"");
  return t;
}

/* ---- requests ---- */

static void test_plain(void) {
  const clio_model *model;
  clio_test *t = bench(&model);
  clio_llm_job job = job_of("Say \"hi\"\n\ttwice \\ \x01\x7f \xc3\xa9\xf0\x9f\x98\x80", 50);
  clio_ask ask = clio_test_chat(&job);
  CHECK_BODY(t, &ask,
             "{\"model\":\"gpt-5-mini\",\"messages\":[{\"role\":\"user\",\"content\":\"Say "
             "\\\"hi\\\"\\n\\ttwice \\\\ \\u0001\x7f \xc3\xa9\xf0\x9f\x98\x80\"}],"
             "\"max_completion_tokens\":50,\"store\":false}");
  const clio_request *r = clio_test_build(t, &ask);
  CHECK_TEXT(r->url, "https://api.openai.com/v1/chat/completions");
  CHECK_TEXT(r->headers[0], "content-type: application/json");
  CHECK(r->headers[1] == NULL);
  CHECK_TEXT(r->key_header, "authorization: Bearer ");
  CHECK(r->out_tokens == 50 && r->in_shared == 0);
  clio_test_close(t);
}

static void test_everything(void) {
  const clio_model *model;
  clio_test *t = bench(&model);
  clio_llm_job job = job_of("conversation question", 50);
  clio_ask ask = clio_test_chat(&job);
  job.system = "be brief";
  job.schema = schema;
  job.prefill = "ignored beside a schema";
  job.temperature = 0.2;
  job.shared = 13;
  clio_test_param(t, "seed", "7");
  clio_test_param(t, "reasoning_effort", "\"low\"");
  clio_test_param(t, "service_tier", "\"flex\"");
  clio_test_param(t, "thinking_tokens", "100");
  clio_test_param(t, "extra", "\"{\\\"top_p\\\": 0.5, \\\"store\\\": null, \\\"seed\\\": 9}\"");
  clio_test_param(t, "headers", "[\"x-title: clio\"]");
  clio_test_param(t, "auth", "\"api-key\"");
  clio_test_param(t, "base_url", "\"https://me.openai.azure.com/openai/v1/\"");
  CHECK_BODY(t, &ask,
             "{\"model\":\"gpt-5-mini\",\"messages\":[{\"role\":\"system\",\"content\":\"be "
             "brief\"},{\"role\":\"user\",\"content\":\"conversation question\"}],"
             "\"max_completion_tokens\":150,\"temperature\":0.2,\"response_format\":{\"type\":"
             "\"json_schema\",\"json_schema\":{\"name\":\"answer\",\"strict\":true,\"schema\":"
             "{\"type\":\"object\",\"properties\":{\"a\":{\"type\":\"string\"}},\"required\":["
             "\"a\"],\"additionalProperties\":false}}},\"reasoning_effort\":\"low\","
             "\"service_tier\":\"flex\",\"prompt_cache_key\":\"f798d5f3be48a292776c784da2b04eca\","
             "\"top_p\":0.5,\"seed\":9}");
  const clio_request *r = clio_test_build(t, &ask);
  CHECK_TEXT(r->url, "https://me.openai.azure.com/openai/v1/chat/completions");
  CHECK_TEXT(r->headers[1], "x-title: clio");
  CHECK_TEXT(r->key_header, "api-key: ");
  CHECK(r->out_tokens == 150 && r->in_shared == 0); /* too little to be cached */
  clio_test_close(t);
}

/* What a provider refused is left out, one after the other. */
static void test_without(void) {
  const clio_model *model;
  clio_test *t = bench(&model);
  clio_llm_job job = job_of("q", 9);
  clio_ask ask = clio_test_chat(&job);
  job.system = "s";
  job.schema = "{\"type\":\"integer\"}";
  job.temperature = 1;
  ask.without = feature(model, "json_schema") | feature(model, "max_completion_tokens") |
                feature(model, "store");
  CHECK_BODY(
      t, &ask,
      "{\"model\":\"gpt-5-mini\",\"messages\":[{\"role\":\"system\",\"content\":\"s\"},"
      "{\"role\":\"user\",\"content\":\"q\\n\\nJSON: {\\\"type\\\":\\\"integer\\\"} only\"}"
      "],\"max_tokens\":9,\"temperature\":1,\"response_format\":{\"type\":\"json_object\"}}");
  ask.without |= feature(model, "json_object") | feature(model, "max_tokens") |
                 feature(model, "temperature") | feature(model, "system");
  CHECK_BODY(t, &ask,
             "{\"model\":\"gpt-5-mini\",\"messages\":[{\"role\":\"user\",\"content\":\"s\\n\\nq"
             "\\n\\nJSON: {\\\"type\\\":\\\"integer\\\"} only\"}]}");
  clio_test_close(t);
}

/* Local servers: max_tokens, no key, and the three ways to say how an answer begins. */
static void test_local(void) {
  const clio_model *model;
  clio_test *t = bench(&model);
  clio_llm_job job = job_of("q", 9);
  clio_ask ask = clio_test_chat(&job);
  job.prefill = "It is";
  clio_test_param(t, "key", NULL);
  clio_test_param(t, "base_url", "\"http://127.0.0.1:8080/v1\"");
  CHECK_BODY(t, &ask,
             "{\"model\":\"gpt-5-mini\",\"messages\":[{\"role\":\"user\",\"content\":\"q\\n\\n"
             "Begin: It is\"}],\"max_tokens\":9,\"store\":false}");
  CHECK(clio_test_build(t, &ask)->key_header == NULL);
  clio_test_param(t, "prefill", "\"vllm\"");
  CHECK_BODY(t, &ask,
             "{\"model\":\"gpt-5-mini\",\"messages\":[{\"role\":\"user\",\"content\":\"q\"},"
             "{\"role\":\"assistant\",\"content\":\"It is\"}],\"continue_final_message\":true,"
             "\"add_generation_prompt\":false,\"max_tokens\":9,\"store\":false}");
  clio_test_param(t, "prefill", "\"message\"");
  clio_test_param(t, "limit", "\"max_completion_tokens\"");
  CHECK_BODY(t, &ask,
             "{\"model\":\"gpt-5-mini\",\"messages\":[{\"role\":\"user\",\"content\":\"q\"},"
             "{\"role\":\"assistant\",\"content\":\"It is\"}],\"max_completion_tokens\":9,"
             "\"store\":false}");
  clio_test_close(t);
}

static void test_embed_request(void) {
  static const char *const texts[] = {"one", "tw\"o"};
  static const int64_t lens[] = {3, 4};
  const clio_model *model;
  clio_test *t = bench(&model);
  clio_ask ask = clio_test_embed(texts, lens, 2, 256);
  clio_test_param(t, "model", "\"text-embedding-3-small\"");
  CHECK_BODY(t, &ask,
             "{\"model\":\"text-embedding-3-small\",\"input\":[\"one\",\"tw\\\"o\"],"
             "\"dimensions\":256,\"encoding_format\":\"base64\"}");
  CHECK_TEXT(clio_test_build(t, &ask)->url, "https://api.openai.com/v1/embeddings");
  ask.without = feature(model, "base64") | feature(model, "dimensions");
  CHECK_BODY(t, &ask,
             "{\"model\":\"text-embedding-3-small\",\"input\":[\"one\",\"tw\\\"o\"],"
             "\"encoding_format\":\"float\"}");
  clio_test_close(t);
}

static void refused(clio_test *t, const char *param, const char *value, const char *why) {
  clio_test_param(t, param, value);
  CHECK(clio_test_model_plan(t) == CLIO_E_CONFIG);
  CHECK_TEXT(clio_test_error(t), why);
  clio_test_param(t, param, NULL);
}

static void test_plan(void) {
  const clio_model *model;
  clio_test *t = bench(&model);
  CHECK(clio_test_model_plan(t) == CLIO_OK);
  refused(t, "base_url", "\"http://gpu.example/v1\"",
          "plan: base_url: http is for servers on this machine only; use https");
  refused(t, "base_url", "\"http://127.0.0.1.evil.example/v1\"",
          "plan: base_url: http is for servers on this machine only; use https");
  refused(t, "base_url", "\"https://me:secret@x.example\"",
          "plan: base_url: holds a user name; give a key's variable as key");
  refused(t, "base_url", "\"api.openai.com\"", "plan: base_url: does not begin with https://HOST");
  refused(t, "base_url", "\"https://x.example/v1?key=1\"",
          "plan: base_url: holds a '?' that no address begins with");
  refused(t, "extra", "\"[1]\"",
          "plan: extra: not the text of a JSON object: is no object, at character 1");
  refused(t, "headers", "[\"Authorization: Bearer x\"]",
          "plan: headers: 'Authorization' is set by clio; a key's variable is named as key");
  refused(t, "headers", "[\"x: a\\r\\nb: c\"]", "plan: headers: number 1 is not 'name: value'");
  refused(t, "key", NULL,
          "plan: key: api.openai.com wants one; name the environment variable that holds it, such "
          "as OPENAI_API_KEY");
  clio_test_close(t);
}

/* ---- replies ---- */

#define CHOICE(message, finish) \
  "{\"id\":\"x\",\"object\":\"chat.completion\",\"model\":\"gpt-5-mini-2025\",\"choices\":[{" \
  "\"index\":0,\"message\":" message ",\"finish_reason\":" finish \
  "}],\"usage\":{\"prompt_tokens\":30,\"completion_tokens\":4,\"total_tokens\":34," \
  "\"prompt_tokens_details\":{\"cached_tokens\":20,\"cache_write_tokens\":5}}}"
#define SAYS(text, finish) CHOICE("{\"role\":\"assistant\",\"content\":\"" text "\"}", finish)

static const reply_case answers[] = {
    {"stop", 200, "content-type: application/json; charset=utf-8", SAYS("hello", "\"stop\""),
     CLIO_OUT_OK, "hello", NULL, NULL},
    {"no finish reason", 200, NULL, SAYS("hello", "null"), CLIO_OUT_OK, "hello", NULL, NULL},
    {"unknown finish reason", 200, NULL, SAYS("hello", "\"eos\""), CLIO_OUT_OK, "hello", NULL,
     NULL},
    {"escapes", 200, NULL, SAYS("a\\n\\u00e9\\u0000b\\ud800", "\"stop\""), CLIO_OUT_OK,
     "a\n\xc3\xa9 b\xef\xbf\xbd", NULL, NULL},
    {"length", 200, NULL, SAYS("hel", "\"length\""), CLIO_OUT_LENGTH, "hel",
     "the answer was cut at max_tokens", NULL},
    {"all was thought", 200, NULL, SAYS("", "\"length\""), CLIO_OUT_LENGTH, "", NULL, NULL},
    {"empty", 200, NULL, SAYS("", "\"stop\""), CLIO_OUT_TRANSIENT, NULL, "the answer is empty",
     NULL},
    {"refusal", 200, NULL,
     CHOICE("{\"role\":\"assistant\",\"content\":null,\"refusal\":\"I can't\"}", "\"stop\""),
     CLIO_OUT_REFUSAL, NULL, "the model refused", NULL},
    {"no refusal", 200, NULL,
     CHOICE("{\"role\":\"assistant\",\"content\":\"yes\",\"refusal\":null}", "\"stop\""),
     CLIO_OUT_OK, "yes", NULL, NULL},
    {"filtered", 200, NULL, SAYS("", "\"content_filter\""), CLIO_OUT_FILTERED, NULL,
     "the provider's filter withheld the answer", NULL},
    {"tool", 200, NULL,
     CHOICE("{\"role\":\"assistant\",\"content\":null,\"tool_calls\":[]}", "\"tool_calls\""),
     CLIO_OUT_INVALID, NULL, "the model called a tool instead of answering", NULL},
    {"parts (Mistral)", 200, NULL,
     CHOICE(
         "{\"content\":[{\"type\":\"thinking\",\"text\":\"hm\"},{\"type\":\"text\",\"text\":\"a\"},"
         "{\"type\":\"text\",\"text\":\"b\"}]}",
         "\"stop\""),
     CLIO_OUT_OK, "ab", NULL, NULL},
    {"thoughts in the text", 200, NULL, SAYS("<think>\\nwell\\n</think>yes", "\"stop\""),
     CLIO_OUT_OK, "yes", NULL, NULL},
    {"provider failed (OpenRouter)", 200, NULL, SAYS("half", "\"error\""), CLIO_OUT_TRANSIENT, NULL,
     NULL, NULL},
    {"error with 200 (OpenRouter)", 200, NULL, "{\"error\":{\"code\":502,\"message\":\"down\"}}",
     CLIO_OUT_TRANSIENT, NULL, "the reply is an error with status 200", NULL},
    {"no credit with 200 (OpenRouter)", 200, NULL, "{\"error\":{\"code\":402,\"message\":\"no\"}}",
     CLIO_OUT_SPENT, NULL, NULL, NULL},
    {"no choice", 200, NULL, "{\"choices\":[]}", CLIO_OUT_TRANSIENT, NULL,
     "the reply holds no choice", NULL},
};

#define ERROR(message, type, param, code) \
  "{\"error\":{\"message\":\"" message "\",\"type\":" type ",\"param\":" param ",\"code\":" code \
  "}}"

static const reply_case errors[] = {
    {"quota", 429, NULL,
     ERROR("You exceeded your current quota", "\"insufficient_quota\"", "null",
           "\"insufficient_quota\""),
     CLIO_OUT_SPENT, NULL, "HTTP 429 (insufficient_quota): too many requests", NULL},
    {"rate", 429, "retry-after: 3",
     ERROR("Rate limit reached", "\"requests\"", "null", "\"rate_limit_exceeded\""),
     CLIO_OUT_TRANSIENT, NULL, "HTTP 429 (rate_limit_exceeded): too many requests", NULL},
    {"key", 401, NULL,
     ERROR("Incorrect API key provided: sk-abc", "\"invalid_request_error\"", "null",
           "\"invalid_api_key\""),
     CLIO_OUT_FATAL, NULL, "HTTP 401 (invalid_api_key): the key is missing or not accepted", NULL},
    {"model", 404, NULL,
     ERROR("The model `x` does not exist", "\"invalid_request_error\"", "null",
           "\"model_not_found\""),
     CLIO_OUT_FATAL, NULL, NULL, NULL},
    {"filter (Azure)", 400, NULL,
     ERROR("The response was filtered", "null", "\"prompt\"", "\"content_filter\""),
     CLIO_OUT_FILTERED, NULL, NULL, NULL},
    {"flagged (OpenRouter)", 403, NULL,
     "{\"error\":{\"code\":403,\"message\":\"flagged\",\"metadata\":{\"reasons\":[\"x\"]}}}",
     CLIO_OUT_FILTERED, NULL, NULL, NULL},
    {"context", 400, NULL,
     ERROR("This model's maximum context length is 4096 tokens. However, your messages and "
           "'max_tokens' want more",
           "\"invalid_request_error\"", "\"messages\"", "\"context_length_exceeded\""),
     CLIO_OUT_INVALID, NULL, "the question is longer than the model's context", NULL},
    {"context (vLLM)", 400, NULL,
     "{\"object\":\"error\",\"message\":\"This model's maximum context length is 32 tokens.\","
     "\"type\":\"BadRequestError\",\"param\":null,\"code\":400}",
     CLIO_OUT_INVALID, NULL, "the question is longer than the model's context", NULL},
    {"context (llama.cpp)", 400, NULL,
     "{\"error\":{\"code\":400,\"message\":\"the request exceeds the available context size\","
     "\"type\":\"exceed_context_size_error\",\"n_prompt_tokens\":9000,\"n_ctx\":4096}}",
     CLIO_OUT_INVALID, NULL, "the question is longer than the model's context", NULL},
    {"limit too large", 400, NULL,
     ERROR("max_tokens is too large: 9. This model supports at most 4 completion tokens",
           "\"invalid_request_error\"", "\"max_tokens\"", "null"),
     CLIO_OUT_INVALID, NULL, NULL, NULL},
};

static const reply_case adapts[] = {
    {"temperature", 400, NULL,
     ERROR("Unsupported value: 'temperature' does not support 0.2 with this model.",
           "\"invalid_request_error\"", "\"temperature\"", "\"unsupported_value\""),
     CLIO_OUT_ADAPT, NULL, NULL, "temperature"},
    {"newer limit", 400, NULL,
     ERROR("Unrecognized request argument supplied: max_completion_tokens",
           "\"invalid_request_error\"", "null", "null"),
     CLIO_OUT_ADAPT, NULL, NULL, "max_completion_tokens"},
    {"schema", 400, NULL,
     ERROR("Invalid parameter: 'response_format' of type 'json_schema' is not supported",
           "\"invalid_request_error\"", "null", "null"),
     CLIO_OUT_ADAPT, NULL, NULL, "json_schema"},
    {"schema (DeepSeek)", 400, NULL,
     ERROR("This response_format type is unavailable now", "\"invalid_request_error\"", "null",
           "\"invalid_request_error\""),
     CLIO_OUT_ADAPT, NULL, NULL, "json_schema"},
    {"grammar (llama.cpp)", 400, NULL,
     "{\"error\":{\"code\":400,\"message\":\"Failed to parse grammar\",\"type\":"
     "\"invalid_request_error\"}}",
     CLIO_OUT_ADAPT, NULL, NULL, "json_schema"},
    {"store (Mistral)", 422, NULL,
     "{\"detail\":[{\"type\":\"extra_forbidden\",\"loc\":[\"body\",\"store\"],\"msg\":\"Extra "
     "inputs "
     "are not permitted\"}]}",
     CLIO_OUT_ADAPT, NULL, NULL, "store"},
    {"store, as a word", 400, NULL,
     ERROR("we could not store your request", "null", "null", "null"), CLIO_OUT_INVALID, NULL, NULL,
     NULL},
    {"cache key", 400, NULL,
     ERROR("Unknown parameter: 'prompt_cache_key'.", "\"invalid_request_error\"",
           "\"prompt_cache_key\"", "\"unknown_parameter\""),
     CLIO_OUT_ADAPT, NULL, NULL, "prompt_cache_key"},
    {"system (Gemma)", 400, NULL,
     "{\"object\":\"error\",\"message\":\"System role not "
     "supported\",\"type\":\"BadRequestError\"}",
     CLIO_OUT_ADAPT, NULL, NULL, "system"},
    {"not sent, so not left out", 400, NULL,
     ERROR("Unknown parameter: 'seed'", "null", "\"seed\"", "null"), CLIO_OUT_INVALID, NULL, NULL,
     NULL},
    {"no model (LM Studio)", 400, NULL, "{\"error\":\"No models loaded. Please load a model\"}",
     CLIO_OUT_FATAL, NULL, NULL, NULL},
    {"key (Gemini)", 400, NULL,
     ERROR("API key not valid. Please pass a valid API key.", "null", "null", "null"),
     CLIO_OUT_FATAL, NULL, NULL, NULL},
    {"loading (llama.cpp)", 503, NULL,
     "{\"error\":{\"code\":503,\"message\":\"Loading model\",\"type\":\"unavailable_error\"}}",
     CLIO_OUT_TRANSIENT, NULL, "HTTP 503 (unavailable_error): the server failed", NULL},
    {"overloaded (TEI)", 429, NULL,
     "{\"error\":\"Model is overloaded\",\"error_type\":\"overloaded\"}", CLIO_OUT_TRANSIENT, NULL,
     "HTTP 429 (overloaded): too many requests", NULL},
    {"a code out of the question", 400, NULL,
     ERROR("no", "\"conversation\"", "null", "\"conversation\""), CLIO_OUT_INVALID, NULL,
     "HTTP 400: the provider does not take this request", NULL},
    {"a code that is a sentence", 400, NULL, ERROR("no", "null", "null", "\"my mother said\""),
     CLIO_OUT_INVALID, NULL, "HTTP 400: the provider does not take this request", NULL},
};

static void test_replies(void) {
  const clio_model *model;
  clio_test *t = bench(&model);
  clio_llm_job job = job_of("conversation question", 50);
  clio_ask ask = clio_test_chat(&job);
  CHECK_CASES(t, model, &ask, answers);
  CHECK_CASES(t, model, &ask, no_answers);
  CHECK_CASES(t, model, &ask, statuses);
  const clio_reply *r = clio_test_parse(t, &ask, 200, NULL, answers[0].body, -1);
  CHECK(r->in_tokens == 30 && r->out_tokens == 4 && r->cached_tokens == 20);
  CHECK(r->cache_write_tokens == 5);
  CHECK_TEXT(r->served, "gpt-5-mini-2025");
  job.system = "be brief";
  job.schema = schema;
  job.temperature = 0.2;
  job.shared = 13;
  CHECK_CASES(t, model, &ask, errors);
  CHECK_CASES(t, model, &ask, adapts);
  r = clio_test_parse(t, &ask, 200, NULL, SAYS("```json\\n{\\\"a\\\":\\\"b\\\"}\\n```", "\"stop\""),
                      -1);
  CHECK_TEXT(r->text, "{\"a\":\"b\"}");
  clio_test_close(t);
}

static const char *answer(clio_test *t, const clio_ask *ask, const char *body) {
  const clio_reply *r = clio_test_parse(t, ask, 200, NULL, body, -1);
  return r ? r->text : clio_test_error(t);
}

static void test_prefill(void) {
  const clio_model *model;
  clio_test *t = bench(&model);
  clio_llm_job job = job_of("q", 9);
  clio_ask ask = clio_test_chat(&job);
  job.prefill = "It is ";
  CHECK_TEXT(answer(t, &ask, SAYS("It is so", "\"stop\"")), "It is so");
  CHECK_TEXT(answer(t, &ask, SAYS("\\nso", "\"stop\"")), "It is so");
  clio_test_param(t, "prefill", "\"message\"");
  CHECK_TEXT(answer(t, &ask, SAYS("so", "\"stop\"")), "It is so");
  CHECK_TEXT(answer(t, &ask, SAYS(" so", "\"stop\"")), "It is so");
  CHECK_TEXT(answer(t, &ask, SAYS("It is so", "\"stop\"")), "It is so");
  job.prefill = "un";
  CHECK_TEXT(answer(t, &ask, SAYS("fit", "\"stop\"")), "unfit");
  clio_test_close(t);
}

static void test_rates(void) {
  const clio_model *model;
  clio_test *t = bench(&model);
  clio_llm_job job = job_of("q", 9);
  clio_ask ask = clio_test_chat(&job);
  const clio_reply *r =
      clio_test_parse(t, &ask, 200,
                      "x-ratelimit-limit-requests: 500\nx-ratelimit-remaining-requests: 499\n"
                      "x-ratelimit-reset-requests: 120ms\nx-ratelimit-limit-tokens: 30000\n"
                      "x-ratelimit-remaining-tokens: -5\nx-ratelimit-reset-tokens: 6m0s",
                      answers[0].body, -1);
  CHECK(r->rates[CLIO_RATE_REQUESTS].limit == 500 && r->rates[CLIO_RATE_REQUESTS].remaining == 499);
  CHECK(r->rates[CLIO_RATE_REQUESTS].reset_ms == 120);
  CHECK(r->rates[CLIO_RATE_IN_TOKENS].limit == 30000 &&
        r->rates[CLIO_RATE_IN_TOKENS].remaining == -1);
  CHECK(r->rates[CLIO_RATE_IN_TOKENS].reset_ms == 360000);
  CHECK(r->rates[CLIO_RATE_OUT_TOKENS].limit == -1);
  clio_test_close(t);
}

/* ---- vectors ---- */

#define VECTORS(data) \
  "{\"object\":\"list\",\"model\":\"e\",\"data\":[" data "],\"usage\":{\"prompt_tokens\":4}}"
#define AT(index, vector) "{\"object\":\"embedding\",\"index\":" index ",\"embedding\":" vector "}"

static const reply_case bad_vectors[] = {
    {"missing", 200, NULL, VECTORS(AT("0", "[1,2]")), CLIO_OUT_TRANSIENT, NULL,
     "the reply holds another number of vectors", NULL},
    {"twice", 200, NULL, VECTORS(AT("0", "[1,2]") "," AT("0", "[1,2]")), CLIO_OUT_TRANSIENT, NULL,
     "the vectors' indexes are not 0, 1, 2 ...", NULL},
    {"no index", 200, NULL, VECTORS("{\"embedding\":[1,2]},{\"embedding\":[1,2]}"),
     CLIO_OUT_TRANSIENT, NULL, NULL, NULL},
    {"past the end", 200, NULL, VECTORS(AT("0", "[1,2]") "," AT("2", "[1,2]")), CLIO_OUT_TRANSIENT,
     NULL, NULL, NULL},
    {"of two lengths", 200, NULL, VECTORS(AT("0", "[1,2]") "," AT("1", "[1,2,3]")),
     CLIO_OUT_TRANSIENT, NULL, "a vector has another length than the rest", NULL},
    {"another length", 200, NULL, VECTORS(AT("0", "[1,2,3]") "," AT("1", "[1,2,3]")),
     CLIO_OUT_FATAL, NULL, "the model's vectors have 3 numbers, and 'dimension' says 2", NULL},
    {"no numbers", 200, NULL, VECTORS(AT("0", "[1,null]") "," AT("1", "[1,2]")), CLIO_OUT_TRANSIENT,
     NULL, "a vector holds what is no number", NULL},
    {"too large", 200, NULL, VECTORS(AT("0", "[1,1e39]") "," AT("1", "[1,2]")), CLIO_OUT_TRANSIENT,
     NULL, "a vector holds a number that is not finite", NULL},
    {"empty", 200, NULL, VECTORS(AT("0", "[]") "," AT("1", "[]")), CLIO_OUT_TRANSIENT, NULL,
     "the reply holds no vector", NULL},
    {"NaN in base64", 200, NULL, VECTORS(AT("0", "\"AADAfwAAAEA=\"") "," AT("1", "[1,2]")),
     CLIO_OUT_TRANSIENT, NULL, "a vector holds a number that is not finite", NULL},
    {"cut base64", 200, NULL, VECTORS(AT("0", "\"AACAPwAAAE\"") "," AT("1", "[1,2]")),
     CLIO_OUT_TRANSIENT, NULL, "the reply holds no vector", NULL},
    {"no base64", 200, NULL, VECTORS(AT("0", "\"AA!APwAAAEA=\"") "," AT("1", "[1,2]")),
     CLIO_OUT_TRANSIENT, NULL, "a vector is not base64", NULL},
};

static void test_vectors(void) {
  static const char *const texts[] = {"one", "two"};
  static const int64_t lens[] = {3, 3};
  const clio_model *model;
  clio_test *t = bench(&model);
  clio_ask ask = clio_test_embed(texts, lens, 2, 2);
  CHECK_CASES(t, model, &ask, bad_vectors);
  CHECK_CASES(t, model, &ask, no_answers);
  CHECK_CASES(t, model, &ask, statuses);
  const char *body = VECTORS(AT("1", "\"AACAPwAAAEA=\"") "," AT("0", "[-0.5,3]"));
  const clio_reply *r = clio_test_parse(t, &ask, 200, NULL, body, -1);
  CHECK(r && r->vectors[0] == -0.5f && r->vectors[1] == 3 && r->vectors[2] == 1 &&
        r->vectors[3] == 2);
  CHECK(r && r->in_tokens == 4);
  CHECK(clio_test_model_torture(t, &ask, 200, NULL, body) == CLIO_OK);
  reply_case zero = {"zeros stay", 200,  NULL, VECTORS(AT("0", "[0,0]") "," AT("1", "[1,2]")),
                     CLIO_OUT_OK,  NULL, NULL, NULL};
  check_case(t, model, &ask, &zero);
  reply_case dims = {
      "matryoshka",   400,  NULL, "{\"error\":{\"message\":\"does not support 'dimensions'\"}}",
      CLIO_OUT_ADAPT, NULL, NULL, "dimensions"};
  clio_test_param(t, "dimensions", "\"send\"");
  check_case(t, model, &ask, &dims);
  clio_test_close(t);
}

static void test_memory(void) {
  const clio_model *model;
  clio_test *t = bench(&model);
  clio_llm_job job = job_of("conversation question", 50);
  clio_ask ask = clio_test_chat(&job);
  job.prefill = "It";
  job.temperature = 0.5;
  CHECK(clio_test_model_torture(t, &ask, 200, NULL, answers[0].body) == CLIO_OK);
  CHECK(clio_test_model_torture(t, &ask, 400, NULL, errors[0].body) == CLIO_OK);
  CHECK(clio_test_model_torture(t, &ask, 200, NULL, "{") == CLIO_OK);
  CHECK_TEXT(clio_test_error(t), "");
  clio_test_close(t);
}

int main(void) {
  test_plain();
  test_everything();
  test_without();
  test_local();
  test_embed_request();
  test_plan();
  test_replies();
  test_prefill();
  test_rates();
  test_vectors();
  test_memory();
  return CHECK_DONE();
}
