/* sampler.c - keeps every conversation, whole. Repeats rows, keeps a negative
 * number of messages, asks for text. */
#include "evil.h"

#ifdef READS_TEXT
static const clio_column in_columns[] = {
    {.name = "content", .type = CLIO_T_LIST, .privacy = CLIO_P_RAW}};
#else
static const clio_column in_columns[] = {
    {.name = "outputs", .type = CLIO_T_I64, .privacy = CLIO_P_DERIVED}};
#endif
static const clio_column out_columns[] = {
    {.name = "upto", .type = CLIO_T_I64, .privacy = CLIO_P_DERIVED, .flags = CLIO_COL_NULLABLE}};

static clio_status sampler_process(void *self, clio_call *call, uint32_t port,
                                   const clio_table *in) {
  const evil *e = (const evil *)self;
  uint64_t rows = e->host->rows(in);
  (void)port;
  uint64_t *pick = (uint64_t *)clio_scratch_array(e->host, call, rows, sizeof *pick);
  if (!pick) return clio_nomem(e->host, call);
  for (uint64_t i = 0; i < rows; i++) pick[i] = sins(e, "repeat") ? i / 2 : i;
  clio_builder *b = e->host->start(call, 0, in, pick, rows);
  int32_t column = e->host->add(b, "upto", CLIO_T_I64, 0);
  int64_t *upto = (int64_t *)e->host->data(b, column);
  for (uint64_t i = 0; upto && i < rows; i++) {
    upto[i] = sins(e, "minus")   ? -3
              : sins(e, "most")  ? INT64_MAX
              : sins(e, "least") ? INT64_MIN
                                 : 2;
    if (sins(e, "null")) clio_put_null(e->host, b, column, i);
  }
  return e->host->emit(b);
}

static const clio_port inputs[] = {{.name = "in",
                                    .columns = CLIO_LIST(in_columns),
                                    .flags = CLIO_PORT_WHOLE,
                                    .rows = CLIO_ROWS_CONVERSATION}};
static const clio_port outputs[] = {{.name = "out",
                                     .columns = CLIO_LIST(out_columns),
                                     .flags = CLIO_PORT_PASS,
                                     .rows = CLIO_ROWS_CONVERSATION}};
EVIL_STAGE("sampler", .inputs = CLIO_LIST(inputs), .outputs = CLIO_LIST(outputs),
           .process = sampler_process);
