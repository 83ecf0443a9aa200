/* screener.c - keeps every conversation. Repeats, reorders or invents rows. */
#include "evil.h"

static const clio_column in_columns[] = {
    {.name = "account", .type = CLIO_T_I64, .privacy = CLIO_P_DERIVED, .flags = CLIO_COL_NULLABLE}};

static clio_status screener_process(void *self, clio_call *call, uint32_t port,
                                    const clio_table *in) {
  const evil *e = (const evil *)self;
  uint64_t rows = e->host->rows(in);
  (void)port;
  uint64_t *pick = (uint64_t *)clio_scratch_array(e->host, call, rows, sizeof *pick);
  if (!pick) return clio_nomem(e->host, call);
  for (uint64_t i = 0; i < rows; i++) pick[i] = i;
  if (sins(e, "repeat")) pick[1] = 0;
  if (sins(e, "reorder")) pick[0] = 1, pick[1] = 0;
  if (sins(e, "beyond")) pick[rows - 1] = rows;
  if (sins(e, "count")) rows = UINT64_MAX;
  return e->host->emit(e->host->start(call, 0, in, pick, rows));
}

static const clio_port inputs[] = {
    {.name = "in", .columns = CLIO_LIST(in_columns), .rows = CLIO_ROWS_CONVERSATION}};
static const clio_port outputs[] = {
    {.name = "out", .flags = CLIO_PORT_PASS, .rows = CLIO_ROWS_CONVERSATION}};
EVIL_STAGE("screener", .inputs = CLIO_LIST(inputs), .outputs = CLIO_LIST(outputs),
           .process = screener_process);
