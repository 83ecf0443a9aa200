/* jsonl.c - source/jsonl: conversations from files with one JSON object on each
 * line, in blocks of whole lines that the core cuts. */
#include <string.h>

#include "jsonl_line.h"

typedef struct jsonl {
  const clio_host *host;
  const jsonl_config *config;
  const char **labels; /* the fields that become label columns */
} jsonl;

static clio_status jsonl_process(void *self, clio_call *call, uint32_t port, const clio_table *in) {
  const jsonl *j = self;
  conv_parser p = {.host = j->host,
                   .call = call,
                   .config = j->config,
                   .parse = jsonl_parse,
                   .max_depth = j->config->max_depth,
                   .labels = j->labels,
                   .label_count = jsonl_label_count(j->config)};
  (void)port;
  return conv_process(&p, in);
}

static int is_column_word(const char *s) {
  size_t n = strspn(s, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_");
  return n > 0 && n <= 48 && s[n] == '\0';
}

static clio_status jsonl_plan(const clio_host *host, clio_plan *plan, const void *config) {
  const jsonl_config *c = config;
  if (*c->text && strcmp(c->shape, "auto") != 0 && strcmp(c->shape, "text") != 0)
    return clio_plan_failf(host, plan, CLIO_E_CONFIG,
                           "'text' reads single texts, which shape '%s' has none of; leave one out",
                           c->shape);
  for (size_t i = 0; i < jsonl_label_count(c); i++) {
    const char *field = jsonl_label_field(c, i);
    char name[64];
    if (!is_column_word(field))
      return clio_plan_failf(
          host, plan, CLIO_E_CONFIG,
          "label '%s' cannot be a column; use letters, digits and '_', 48 at most", field);
    conv_label_column(field, name);
    clio_column column = {.name = name,
                          .help = "a label that came with the data",
                          .type = CLIO_T_UTF8,
                          .privacy = CLIO_P_DERIVED,
                          .flags = CLIO_COL_NULLABLE | CLIO_COL_FACET};
    CLIO_TRY(host->plan_output(plan, 0, &column));
  }
  return CLIO_OK;
}

static clio_status jsonl_create(const clio_host *host, clio_call *call, const void *config,
                                void **ret_self) {
  jsonl *j = calloc(1, sizeof *j);
  if (!j) return clio_nomem(host, call);
  *ret_self = j;
  j->host = host;
  j->config = config;
  size_t n = jsonl_label_count(config);
  j->labels = calloc(n + 1, sizeof *j->labels);
  if (!j->labels) return clio_nomem(host, call);
  for (size_t i = 0; i < n; i++) j->labels[i] = jsonl_label_field(config, i);
  return CLIO_OK;
}

static void jsonl_destroy(void *self) {
  jsonl *j = self;
  if (j) free(j->labels);
  free(j);
}

static const clio_param params[] = {
    CLIO_INPUT(jsonl_config, path,
               "a file, a pattern such as 'data/*.jsonl', or - for standard "
               "input; plain, gzip or zstd"),
    CLIO_ENUM(jsonl_config, shape, "\"auto\"", jsonl_shape_names,
              "how the lines are built; auto looks at each line"),
    CLIO_STR(jsonl_config, text, "\"\"", "read single texts from this field, not conversations"),
    CLIO_STR(jsonl_config, label, "\"\"",
             "read this field into the column label_FIELD (public mode only)"),
    CLIO_STRS(jsonl_config, labels, "[]",
              "read these fields of 'labels', or of the line, into columns label_NAME (public mode "
              "only)"),
    CONV_LIMITS(jsonl_config),
};

static const clio_stage stage = {
    .struct_size = sizeof(clio_stage),
    .threads = CLIO_PARALLEL,
    .kind = "source",
    .name = "jsonl",
    .summary = "conversations from JSON lines",
    .help =
        "Reads one conversation from each line: {\"id\", \"account_id\", \"org_id\", "
        "\"created_at\", \"messages\": [{\"role\", \"content\", \"created_at\"}], \"metadata\", "
        "\"labels\"}. The shapes of OpenAI chat files, ShareGPT, LMSYS-Chat and WildChat are "
        "recognised line by line; 'text' reads files of single texts. Content may be a string "
        "or a list of parts; what is not text is marked, like [image] or [tool call]. A line "
        "that is not strict JSON, or no conversation, is counted as bad and named by its "
        "number, never by its content.",
    .inputs = CONV_INPUTS,
    .outputs = CONV_OUTPUTS,
    .params = CLIO_LIST(params),
    .config_size = sizeof(jsonl_config),
    .plan = jsonl_plan,
    .create = jsonl_create,
    .process = jsonl_process,
    .destroy = jsonl_destroy,
};
static const clio_stage *const stages[] = {&stage, NULL};

CLIO_PLUGIN_DEFINE(source_jsonl) = {CLIO_PLUGIN_INIT,   .id = "clio.source.jsonl",
                                    .version = "0.1.0", .license = "Apache-2.0",
                                    .vendor = "Clio",   .stages = stages};
