/* asker.c - a test's extractor: asks a model four things about each conversation at once,
 * which stand behind the text that they share. */
#include <string.h>

#include "clio_util.h"

typedef struct asker_config {
  const char *model;
  int32_t closed;
} asker_config;

static const char schema[] =
    "{\"type\":\"object\",\"additionalProperties\":false,\"required\":[\"a\",\"b\",\"c\",\"d\"],"
    "\"properties\":{\"a\":{\"type\":\"string\"},\"b\":{\"type\":\"string\",\"enum\":[\"x\",\"y\"]}"
    ","
    "\"c\":{\"type\":\"integer\"},\"d\":{\"type\":\"boolean\"}}}";
static const char schema_closed[] =
    "{\"type\":\"object\",\"additionalProperties\":false,\"required\":[\"b\",\"d\"],"
    "\"properties\":{\"b\":{\"type\":\"string\",\"enum\":[\"x\",\"y\"]},\"d\":{\"type\":"
    "\"boolean\"}}}";
static const char question[] = "\n\nWhat is asked for, of which kind, how well, and is it new?";

/* The conversation's messages and the question behind them. */
static char *prompt_of(const clio_host *host, clio_call *call, const clio_view *content,
                       uint64_t row, uint64_t *ret_shared) {
  uint64_t length = 0;
  for (int64_t i = 0; i < clio_list_count(content, row); i++)
    length += (uint64_t)clio_list_at(content, row, i).len + 1;
  char *prompt = clio_scratch_array(host, call, length + sizeof question, 1);
  *ret_shared = length;
  if (!prompt) return NULL;
  char *to = prompt;
  for (int64_t i = 0; i < clio_list_count(content, row); i++) {
    clio_span text = clio_list_at(content, row, i);
    memcpy(to, text.s, (size_t)text.len);
    to[text.len] = '\n';
    to += text.len + 1;
  }
  memcpy(to, question, sizeof question);
  return prompt;
}

static clio_status asker_process(void *self, clio_call *call, uint32_t port, const clio_table *in) {
  const clio_host *host = ((const clio_self *)self)->host;
  const asker_config *config = ((const clio_self *)self)->config;
  const clio_llm *llm = clio_need(host, call, CLIO_LLM_ID, sizeof *llm);
  clio_view content;
  (void)port;
  if (!llm) return CLIO_E_UNSUPPORTED;
  CLIO_TRY(clio_get(host, call, in, "content", CLIO_T_LIST, &content));
  clio_llm_job *jobs = clio_scratch_array(host, call, content.rows, sizeof *jobs);
  if (!jobs) return clio_nomem(host, call);
  for (uint64_t row = 0; row < content.rows; row++) {
    jobs[row] = (clio_llm_job){.struct_size = sizeof *jobs, .max_tokens = 200};
    if (config->closed) jobs[row].max_tokens = 40;
    jobs[row].schema = config->closed ? schema_closed : schema;
    jobs[row].prompt = prompt_of(host, call, &content, row, &jobs[row].shared);
    if (!jobs[row].prompt) return clio_nomem(host, call);
  }
  CLIO_TRY(llm->complete(call, config->model, jobs, content.rows));
  clio_builder *out = host->start(call, 0, in, NULL, content.rows);
  int64_t *answered = host->data(out, host->add(out, "answered", CLIO_T_I64, 0));
  for (uint64_t row = 0; answered && row < content.rows; row++)
    if (jobs[row].outcome == CLIO_OUT_OK && jobs[row].text_len > 0)
      answered[row] = 1;
    else
      CLIO_TRY(host->fail_row(call, row, CLIO_E_INPUT, "the model gave no answer"));
  return host->emit(out);
}

static const clio_param params[] = {
    CLIO_MODEL(asker_config, model, NULL, "the role that is asked"),
    CLIO_BOOL(asker_config, closed, "false", "asks only the two things of a closed set"),
};
static const clio_column reads[] = {
    {.name = "content", .help = "of each message", .type = CLIO_T_LIST, .privacy = CLIO_P_RAW},
};
static const clio_column adds[] = {{.name = "answered",
                                    .help = "1 where there was an answer",
                                    .type = CLIO_T_I64,
                                    .privacy = CLIO_P_DERIVED,
                                    .flags = CLIO_COL_FACET | CLIO_COL_NULLABLE}};
static const clio_port inputs[] = {{.name = "conversations",
                                    .help = "their messages",
                                    .columns = CLIO_LIST(reads),
                                    .rows = CLIO_ROWS_CONVERSATION}};
static const clio_port outputs[] = {{.name = "conversations",
                                     .help = "the same with a mark",
                                     .columns = CLIO_LIST(adds),
                                     .flags = CLIO_PORT_PASS,
                                     .rows = CLIO_ROWS_CONVERSATION}};
static const clio_stage stage = {
    .struct_size = sizeof(clio_stage),
    .threads = CLIO_PARALLEL,
    .caps = CLIO_CAP_DECLASSIFY | CLIO_CAP_LLM,
    .kind = "extractor",
    .name = "asker",
    .summary = "asks four things at once",
    .help = "For tests.",
    .inputs = CLIO_LIST(inputs),
    .outputs = CLIO_LIST(outputs),
    .params = CLIO_LIST(params),
    .config_size = sizeof(asker_config),
    .create = clio_self_create,
    .process = asker_process,
    .destroy = clio_self_destroy,
};
static const clio_stage *const stages[] = {&stage, NULL};
CLIO_EXPORT const clio_plugin clio_plugin_v0 = {CLIO_PLUGIN_INIT, .id = "test.asker",
                                                .version = "1",   .license = "Apache-2.0",
                                                .vendor = "test", .stages = stages};
