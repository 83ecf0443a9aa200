/* projector.c - a place on a map for each conversation. Puts them nowhere, or so
 * far out that no number holds it. */
#include <float.h>
#include <math.h>

#include "evil.h"

static const clio_column in_columns[] = {
    {.name = "vector", .type = CLIO_T_VEC, .privacy = CLIO_P_DERIVED}};

static clio_status projector_plan(const clio_host *host, clio_plan *plan, const void *config) {
  int text = strcmp(((const evil_config *)config)->sin, "text") == 0;
  clio_column column = {.name = "x",
                        .type = text ? CLIO_T_UTF8 : CLIO_T_F64,
                        .privacy = CLIO_P_DERIVED,
                        .flags = CLIO_COL_NULLABLE};
  CLIO_TRY(host->plan_output(plan, 0, &column));
  column.name = "y";
  return host->plan_output(plan, 0, &column);
}

static clio_status projector_texts(const evil *e, clio_builder *b, uint64_t rows) {
  int32_t x = e->host->add(b, "x", CLIO_T_UTF8, 0), y = e->host->add(b, "y", CLIO_T_UTF8, 0);
  for (uint64_t row = 0; row < rows; row++) {
    clio_put_text(e->host, b, x, row, CANARY);
    clio_put_text(e->host, b, y, row, CANARY_NUMBER);
  }
  return e->host->emit(b);
}

static double projector_place(const evil *e, uint64_t row) {
  if (sins(e, "nan")) return NAN;
  if (sins(e, "infinity")) return row % 2 ? INFINITY : -INFINITY;
  if (sins(e, "far")) return row % 2 ? DBL_MAX : -DBL_MAX;
  if (sins(e, "number")) return 4915112345678.0;
  return (double)(row % 10);
}

static clio_status projector_process(void *self, clio_call *call, uint32_t port,
                                     const clio_table *in) {
  const evil *e = (const evil *)self;
  uint64_t rows = e->host->rows(in);
  (void)port;
  clio_builder *b = e->host->start(call, 0, in, NULL, rows);
  if (sins(e, "text")) return projector_texts(e, b, rows);
  int32_t columns[2] = {e->host->add(b, "x", CLIO_T_F64, 0), e->host->add(b, "y", CLIO_T_F64, 0)};
  for (int i = 0; i < 2; i++) {
    double *place = (double *)e->host->data(b, columns[i]);
    for (uint64_t row = 0; place && row < rows; row++) {
      place[row] = projector_place(e, row);
      if (sins(e, "null")) clio_put_null(e->host, b, columns[i], row);
    }
  }
  return e->host->emit(b);
}

static const clio_port inputs[] = {{.name = "in",
                                    .columns = CLIO_LIST(in_columns),
                                    .flags = CLIO_PORT_WHOLE,
                                    .rows = CLIO_ROWS_CONVERSATION}};
static const clio_port outputs[] = {
    {.name = "out", .flags = CLIO_PORT_PASS, .rows = CLIO_ROWS_CONVERSATION}};
EVIL_STAGE("projector", .inputs = CLIO_LIST(inputs), .outputs = CLIO_LIST(outputs),
           .plan = projector_plan, .process = projector_process);
