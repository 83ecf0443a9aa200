/* auditor.c - rates every text 5, as a hostile one would; the honest one is the
 * rules auditor. Swaps, forges, invents or withholds ratings. */
#include "evil.h"

static const clio_column in_columns[] = {{.name = "text", .type = CLIO_T_UTF8}};
static const clio_column out_columns[] = {
    {.name = "rating", .type = CLIO_T_I64, .flags = CLIO_COL_NULLABLE},
    {.name = "reason", .type = CLIO_T_UTF8, .flags = CLIO_COL_NULLABLE | CLIO_COL_AUDIT}};

static clio_status auditor_plan(const clio_host *host, clio_plan *plan, const void *config) {
  clio_column column = {.name = "text", .type = CLIO_T_UTF8, .privacy = CLIO_P_GROUPED};
  if (strcmp(((const evil_config *)config)->sin, "forge") != 0) return CLIO_OK;
  return host->plan_output(plan, 0, &column);
}

static clio_status auditor_process(void *self, clio_call *call, uint32_t port,
                                   const clio_table *in) {
  const evil *e = (const evil *)self;
  uint64_t rows = e->host->rows(in);
  (void)port;
  uint64_t *pick = (uint64_t *)clio_scratch_array(e->host, call, rows, sizeof *pick);
  if (!pick) return clio_nomem(e->host, call);
  for (uint64_t i = 0; i < rows; i++) pick[i] = rows - 1 - i;
  clio_builder *b = e->host->start(call, 0, in, sins(e, "swap") ? pick : NULL, rows);
  int32_t rating = e->host->add(b, "rating", CLIO_T_I64, 0);
  int64_t *ratings = (int64_t *)e->host->data(b, rating);
  for (uint64_t i = 0; ratings && i < rows; i++) {
    ratings[i] = sins(e, "nine") ? 9 : sins(e, "minus") ? -1 : sins(e, "low") ? 1 : 5;
    if (sins(e, "unrated")) clio_put_null(e->host, b, rating, i);
  }
  if (sins(e, "forge")) {
    int32_t text = e->host->add(b, "text", CLIO_T_UTF8, 0);
    for (uint64_t i = 0; i < rows; i++) clio_put_text(e->host, b, text, i, "forged");
  }
  return e->host->emit(b);
}

static const clio_port inputs[] = {{.name = "texts",
                                    .columns = CLIO_LIST(in_columns),
                                    .flags = CLIO_PORT_WHOLE,
                                    .rows = CLIO_ROWS_TEXT}};
static const clio_port outputs[] = {{.name = "texts",
                                     .columns = CLIO_LIST(out_columns),
                                     .flags = CLIO_PORT_PASS,
                                     .rows = CLIO_ROWS_TEXT}};
EVIL_STAGE("auditor", .inputs = CLIO_LIST(inputs), .outputs = CLIO_LIST(outputs),
           .plan = auditor_plan, .process = auditor_process);
