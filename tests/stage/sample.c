/* sample.c - extractor/sample, a stage for testing the test bench: the length of
 * a text column in bytes. Its parameter `sin` breaks one rule of the ABI. */
#include <math.h>

#include "clio_util.h"

typedef struct sample_config {
  const char *column, *sin;
  int64_t limit;
} sample_config;

typedef struct sample {
  const clio_host *host;
  const sample_config *config;
} sample;

static clio_status sample_plan(const clio_host *host, clio_plan *plan, const void *config) {
  const sample_config *c = config;
  const clio_column *column = clio_planned(host->plan_input(plan, 0), c->column);
  if (!column || column->type != CLIO_T_UTF8)
    return clio_plan_failf(host, plan, CLIO_E_CONFIG, "column '%s' is not text", c->column);
  return host->plan_use(plan, 0, c->column);
}

static clio_status sample_create(const clio_host *host, clio_call *call, const void *config,
                                 void **ret_self) {
  sample *self = calloc(1, sizeof *self);
  if (!self) return clio_nomem(host, call);
  self->host = host;
  self->config = config;
  *ret_self = self;
  return CLIO_OK;
}

static void sample_destroy(void *self) { free(self); }

/* The rows to keep, or the sin of a wrong pick. */
static uint64_t *sample_pick(const sample *s, clio_call *call, uint64_t rows) {
  uint64_t *pick = clio_scratch_array(s->host, call, rows, sizeof *pick);
  for (uint64_t i = 0; pick && i < rows; i++) pick[i] = i;
  if (pick && strcmp(s->config->sin, "repeat") == 0 && rows > 1) pick[1] = 0;
  if (pick && strcmp(s->config->sin, "beyond") == 0) pick[rows - 1] = rows;
  return pick;
}

static clio_status sample_process(void *self, clio_call *call, uint32_t port,
                                  const clio_table *in) {
  (void)port;
  const sample *s = self;
  const char *sin = s->config->sin;
  const clio_host *host = s->host;
  clio_view text;
  CLIO_TRY(clio_get(host, call, in, s->config->column, CLIO_T_UTF8, &text));
  uint64_t *pick = sample_pick(s, call, text.rows);
  if (!pick) return clio_nomem(host, call);
  const clio_table *base = strcmp(sin, "baseless") == 0 ? NULL : in;
  clio_builder *b = host->start(call, 0, base, base ? pick : NULL, text.rows);
  int32_t length = host->add(b, strcmp(sin, "host") == 0 ? "account" : "length", CLIO_T_I64, 0);
  int32_t half = host->add(b, "half", CLIO_T_VEC, 2);
  int64_t *lengths = host->data(b, length);
  float *halves = host->data(b, half);
  for (uint64_t row = 0; lengths && halves && row < text.rows; row++) {
    lengths[row] = clio_utf8(&text, row).len;
    halves[2 * row] = strcmp(sin, "nan") == 0 ? NAN : (float)lengths[row] / 2;
    if (!clio_valid(&text, row)) CLIO_TRY(clio_put_null(host, b, length, row));
    if (lengths[row] > s->config->limit)
      CLIO_TRY(clio_fail_rowf(host, call, row, CLIO_E_INPUT, "longer than %d bytes",
                              (int)s->config->limit));
  }
  return strcmp(sin, "silent") == 0 ? CLIO_OK : host->emit(b);
}

static const clio_column in_columns[] = {{.name = "id", .type = CLIO_T_UTF8}};
static const clio_column out_columns[] = {
    {.name = "length", .type = CLIO_T_I64, .flags = CLIO_COL_NULLABLE},
    {.name = "half", .type = CLIO_T_VEC, .dim = 2}};
static const clio_port inputs[] = {
    {.name = "in", .columns = CLIO_LIST(in_columns), .rows = CLIO_ROWS_CONVERSATION}};
static const clio_port outputs[] = {{.name = "out",
                                     .columns = CLIO_LIST(out_columns),
                                     .flags = CLIO_PORT_PASS,
                                     .rows = CLIO_ROWS_CONVERSATION}};
static const char *const sins[] = {"none", "repeat",   "beyond", "nan",
                                   "host", "baseless", "silent", NULL};
static const clio_param params[] = {
    CLIO_COLUMN(sample_config, column, NULL, "the text to measure"),
    CLIO_ENUM(sample_config, sin, "\"none\"", sins, "which rule to break"),
    CLIO_INT(sample_config, limit, "100", 1, 1000, "longest text"),
};
static const clio_stage stage = {
    .struct_size = sizeof(clio_stage),
    .threads = CLIO_PARALLEL,
    .kind = "extractor",
    .name = "sample",
    .summary = "the length of a text",
    .inputs = CLIO_LIST(inputs),
    .outputs = CLIO_LIST(outputs),
    .params = CLIO_LIST(params),
    .config_size = sizeof(sample_config),
    .plan = sample_plan,
    .create = sample_create,
    .process = sample_process,
    .destroy = sample_destroy,
};
static const clio_stage *const stages[] = {&stage, NULL};
extern CLIO_PLUGIN_DEFINE(sample);
CLIO_PLUGIN_DEFINE(sample) = {
    CLIO_PLUGIN_INIT, .id = "sample", .version = "1", .license = "Apache-2.0", .stages = stages,
};
