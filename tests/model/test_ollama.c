/* test_ollama.c - model/ollama: requests to the byte, replies and errors of the native API,
 * and the context that is too short. */
#include "cases.h"

extern const clio_plugin clio_plugin_v0_model_ollama;

static clio_test *bench(const clio_model **ret_model) {
  *ret_model = clio_plugin_v0_model_ollama.models[0];
  clio_test *t = clio_test_open_model(*ret_model);
  clio_test_param(t, "model", "\"qwen3:8b\"");
  clio_test_param(t, "schema_prompt", "\"JSON: {schema}\"");
  clio_test_param(t, "prefill_prompt", "\"Begin: {prefill}\"");
  return t;
}

#define TAIL(options) \
  "\"truncate\":false,\"shift\":false,\"options\":{" options "},\"keep_alive\":\"10m\"}"

static void test_requests(void) {
  const clio_model *model;
  clio_test *t = bench(&model);
  clio_llm_job job = job_of("q", 50);
  clio_ask ask = clio_test_chat(&job);
  job.system = "s";
  job.temperature = 0.2;
  job.schema = "{\"type\":\"integer\"}";
  clio_test_param(t, "num_ctx", "4096");
  clio_test_param(t, "seed", "7");
  clio_test_param(t, "think", "\"off\"");
  CHECK_BODY(
      t, &ask,
      "{\"model\":\"qwen3:8b\",\"messages\":[{\"role\":\"system\",\"content\":\"s\"},{\"role\":"
      "\"user\",\"content\":\"q\"}],\"stream\":false,\"format\":{\"type\":\"integer\"},\"think\":"
      "false," TAIL("\"num_ctx\":4096,\"num_predict\":50,\"temperature\":0.2,\"seed\":7"));
  const clio_request *r = clio_test_build(t, &ask);
  CHECK_TEXT(r->url, "http://127.0.0.1:11434/api/chat");
  CHECK(r->key_header == NULL && r->out_tokens == 50 && r->in_shared == 0);
  ask.without = feature(model, "format") | feature(model, "think");
  clio_test_param(t, "thinking_tokens", "10");
  CHECK_BODY(
      t, &ask,
      "{\"model\":\"qwen3:8b\",\"messages\":[{\"role\":\"system\",\"content\":\"s\"},{\"role\":"
      "\"user\",\"content\":\"q\\n\\nJSON: "
      "{\\\"type\\\":\\\"integer\\\"}\"}],\"stream\":false," TAIL(
          "\"num_ctx\":4096,\"num_predict\":60,\"temperature\":0.2,\"seed\":7"));
  clio_test_close(t);
}

static void test_beginnings(void) {
  const clio_model *model;
  clio_test *t = bench(&model);
  clio_llm_job job = job_of("q", 9);
  clio_ask ask = clio_test_chat(&job);
  job.prefill = "It";
  CHECK_BODY(t, &ask,
             "{\"model\":\"qwen3:8b\",\"messages\":[{\"role\":\"user\",\"content\":\"q\\n\\nBegin: "
             "It\"}],\"stream\":false," TAIL("\"num_ctx\":8192,\"num_predict\":9"));
  clio_test_param(t, "prefill", "\"message\"");
  clio_test_param(t, "think", "\"high\"");
  clio_test_param(t, "extra", "\"{\\\"keep_alive\\\": null, \\\"raw\\\": true}\"");
  clio_test_param(t, "key", "\"OLLAMA_API_KEY\"");
  clio_test_param(t, "base_url", "\"https://ollama.example/\"");
  CHECK_BODY(
      t, &ask,
      "{\"model\":\"qwen3:8b\",\"messages\":[{\"role\":\"user\",\"content\":\"q\"},{\"role\":"
      "\"assistant\",\"content\":\"It\"}],\"stream\":false,\"think\":\"high\",\"truncate\":false,"
      "\"shift\":false,\"options\":{\"num_ctx\":8192,\"num_predict\":9},\"raw\":true}");
  CHECK_TEXT(clio_test_build(t, &ask)->key_header, "authorization: Bearer ");
  CHECK_TEXT(clio_test_build(t, &ask)->url, "https://ollama.example/api/chat");
  clio_test_close(t);
}

#define SAID(text, rest) \
  "{\"model\":\"qwen3:8b\",\"created_at\":\"x\",\"message\":{\"role\":\"assistant\",\"content\":" \
  "\"" text "\"}," rest "}"
#define COUNTS(in, out) "\"prompt_eval_count\":" in ",\"eval_count\":" out

static const reply_case answers[] = {
    {"stop", 200, "content-type: application/json; charset=utf-8",
     SAID("hello", "\"done_reason\":\"stop\",\"done\":true," COUNTS("30", "4")), CLIO_OUT_OK,
     "hello", NULL, NULL},
    {"length", 200, NULL,
     SAID("hel", "\"done_reason\":\"length\",\"done\":true," COUNTS("30", "9")), CLIO_OUT_LENGTH,
     "hel", "the answer was cut at max_tokens", NULL},
    {"answer cut at the context", 200, NULL,
     SAID("hel", "\"done_reason\":\"length\",\"done\":true," COUNTS("8190", "2")), CLIO_OUT_LENGTH,
     "hel", "the answer was cut at num_ctx; give the model a longer one", NULL},
    {"question cut in silence", 200, NULL,
     SAID("hello", "\"done_reason\":\"stop\",\"done\":true," COUNTS("8192", "4")), CLIO_OUT_INVALID,
     NULL, "the server cut the question at num_ctx; give the model a longer one", NULL},
    {"a line of a stream", 200, NULL, SAID("hel", "\"done\":false"), CLIO_OUT_TRANSIENT, NULL,
     "the answer is not done", NULL},
    {"only loaded", 200, NULL, SAID("", "\"done_reason\":\"load\",\"done\":true"),
     CLIO_OUT_TRANSIENT, NULL, "the answer is not done", NULL},
    {"empty", 200, NULL, SAID("", "\"done_reason\":\"stop\",\"done\":true"), CLIO_OUT_TRANSIENT,
     NULL, "the answer is empty", NULL},
    {"an error after 200", 200, NULL,
     "{\"error\":\"an error was encountered while running the model\"}", CLIO_OUT_TRANSIENT, NULL,
     "the reply is an error with status 200", NULL},
    {"two lines", 200, "content-type: application/x-ndjson",
     SAID("a", "\"done\":false") "\n" SAID("", "\"done\":true"), CLIO_OUT_TRANSIENT, NULL, NULL,
     NULL},
    {"no such model", 404, NULL, "{\"error\":\"model 'qwen3:8b' not found\"}", CLIO_OUT_FATAL, NULL,
     "HTTP 404: the server has no such model; ollama pull it", NULL},
    {"busy", 503, NULL,
     "{\"error\":\"server busy, please try again. maximum pending requests exceeded\"}",
     CLIO_OUT_TRANSIENT, NULL, "HTTP 503: the server failed", NULL},
    {"crashed", 500, NULL, "{\"error\":\"llama runner process has terminated\"}",
     CLIO_OUT_TRANSIENT, NULL, NULL, NULL},
    {"memory", 500, NULL,
     "{\"error\":\"model requires more system memory (9 GiB) than is available\"}", CLIO_OUT_FATAL,
     NULL, NULL, NULL},
    {"long", 400, NULL, "{\"error\":\"the input length exceeds the context length\"}",
     CLIO_OUT_INVALID, NULL, "the question is longer than num_ctx", NULL},
    {"think", 400, NULL, "{\"error\":\"\\\"qwen3:8b\\\" does not support thinking\"}",
     CLIO_OUT_ADAPT, NULL, NULL, "think"},
    {"format", 400, NULL, "{\"error\":\"invalid JSON schema in format\"}", CLIO_OUT_ADAPT, NULL,
     NULL, "format"},
    {"no chat", 400, NULL, "{\"error\":\"\\\"nomic\\\" does not support chat\"}", CLIO_OUT_FATAL,
     NULL, NULL, NULL},
};

static void test_replies(void) {
  const clio_model *model;
  clio_test *t = bench(&model);
  clio_llm_job job = job_of("a question", 50);
  clio_ask ask = clio_test_chat(&job);
  job.schema = "{\"type\":\"integer\"}";
  clio_test_param(t, "think", "\"on\"");
  CHECK_CASES(t, model, &ask, answers);
  CHECK_CASES(t, model, &ask, no_answers);
  CHECK_CASES(t, model, &ask, statuses);
  const clio_reply *r = clio_test_parse(t, &ask, 200, NULL, answers[0].body, -1);
  CHECK(r && r->in_tokens == 30 && r->out_tokens == 4);
  CHECK_TEXT(r ? r->served : NULL, "qwen3:8b");
  CHECK(clio_test_model_torture(t, &ask, 200, NULL, answers[0].body) == CLIO_OK);
  clio_test_close(t);
}

static void test_vectors(void) {
  static const char *const texts[] = {"one", "two"};
  static const int64_t lens[] = {3, 3};
  static const reply_case bad[] = {
      {"one", 200, NULL, "{\"embeddings\":[[1,2]]}", CLIO_OUT_TRANSIENT, NULL,
       "the reply holds another number of vectors", NULL},
      {"two lengths", 200, NULL, "{\"embeddings\":[[1,2],[1]]}", CLIO_OUT_TRANSIENT, NULL,
       "a vector has another length than the rest", NULL},
      {"wrong length", 200, NULL, "{\"embeddings\":[[1],[1]]}", CLIO_OUT_FATAL, NULL,
       "the model's vectors have 1 numbers, and 'dimension' says 2", NULL},
      {"no list", 200, NULL, "{\"embeddings\":[{},3]}", CLIO_OUT_TRANSIENT, NULL,
       "the reply holds no vector", NULL},
      {"wrong model", 400, NULL, "{\"error\":\"this model does not support embeddings\"}",
       CLIO_OUT_FATAL, NULL, NULL, NULL},
  };
  const clio_model *model;
  clio_test *t = bench(&model);
  clio_ask ask = clio_test_embed(texts, lens, 2, 2);
  CHECK_BODY(t, &ask,
             "{\"model\":\"qwen3:8b\",\"input\":[\"one\",\"two\"],\"truncate\":false,\"options\":{"
             "\"num_ctx\":8192},\"keep_alive\":\"10m\"}");
  CHECK_TEXT(clio_test_build(t, &ask)->url, "http://127.0.0.1:11434/api/embed");
  clio_test_param(t, "dimensions", "\"send\"");
  CHECK(strstr(clio_test_build(t, &ask)->body, "\"dimensions\":2") != NULL);
  CHECK_CASES(t, model, &ask, bad);
  CHECK_CASES(t, model, &ask, no_answers);
  const char *body = "{\"model\":\"e\",\"embeddings\":[[0.5,-1],[2,3e-1]],\"prompt_eval_count\":6}";
  const clio_reply *r = clio_test_parse(t, &ask, 200, NULL, body, -1);
  CHECK(r && r->vectors[0] == 0.5f && r->vectors[1] == -1 && r->vectors[2] == 2);
  CHECK(r && r->vectors[3] == 0.3f && r->in_tokens == 6);
  CHECK(clio_test_model_torture(t, &ask, 200, NULL, body) == CLIO_OK);
  clio_test_close(t);
}

int main(void) {
  test_requests();
  test_beginnings();
  test_replies();
  test_vectors();
  return CHECK_DONE();
}
