/* aggregator.c - proposes the words and topics for publication. Proposes one
 * person's words as a value, a number as a bin's edge, columns that are no facet. */
#include "evil.h"

static const clio_column in_columns[] = {
    {.name = "words", .type = CLIO_T_I64, .privacy = CLIO_P_DERIVED},
    {.name = "note", .type = CLIO_T_UTF8, .privacy = CLIO_P_DERIVED, .flags = CLIO_COL_NULLABLE},
    {.name = "topic", .type = CLIO_T_UTF8, .privacy = CLIO_P_DERIVED, .flags = CLIO_COL_NULLABLE},
    {.name = "request", .type = CLIO_T_UTF8, .privacy = CLIO_P_DERIVED}};
static const clio_column cell_columns[] = {
    {.name = "facet", .type = CLIO_T_UTF8, .flags = CLIO_COL_NULLABLE},
    {.name = "node", .type = CLIO_T_I64, .flags = CLIO_COL_NULLABLE},
    {.name = "column", .type = CLIO_T_UTF8},
    {.name = "value", .type = CLIO_T_UTF8}};

typedef struct proposal {
  const char *sin, *column, *value; /* sin NULL: always proposed */
} proposal;

static const proposal proposals[] = {
    {NULL, "topic", "gardening"},
    {NULL, "topic", "cooking"},
    {NULL, "topic", "travel"},
    {NULL, "topic", "music"},
    {NULL, "note", CANARY " " CANARY_NUMBER}, /* there only if the extractor leaks */
    {"none", "words", "0-99"},
    {"bin", "words", "0-" CANARY_NUMBER},
    {"bin_hex", "words", "0x0-0x4915112345678"},
    {"bin_digits", "words", "0-99.4915112345678"},
    {"bin_space", "words", "  0-\t99"},
    {"bin_escape", "words", "0-99\033[2J"},
    {"request", "request", "gardening with a " CANARY " call " CANARY_NUMBER},
    {"account", "account", "0-9223372036854775807"},
    {"id", "id", "g-1"},
    {"period", "period", CANARY},
    {"column", CANARY, "1"},
    {"topic", "topic", CANARY},
};

static clio_status aggregator_process(void *self, clio_call *call, uint32_t port,
                                      const clio_table *in) {
  const evil *e = (const evil *)self;
  const proposal *mine[sizeof proposals / sizeof *proposals];
  uint64_t rows = 0;
  (void)port, (void)in;
  for (size_t i = 0; i < sizeof proposals / sizeof *proposals; i++)
    if (!proposals[i].sin || sins(e, proposals[i].sin)) mine[rows++] = &proposals[i];
  clio_builder *b = e->host->start(call, 0, NULL, NULL, rows);
  e->host->add(b, "facet", CLIO_T_UTF8, 0);
  int32_t node = e->host->add(b, "node", CLIO_T_I64, 0);
  int32_t column = e->host->add(b, "column", CLIO_T_UTF8, 0);
  int32_t value = e->host->add(b, "value", CLIO_T_UTF8, 0);
  for (uint64_t i = 0; i < rows; i++) {
    clio_put_null(e->host, b, node, i);
    clio_put_text(e->host, b, column, i, mine[i]->column);
    clio_put_text(e->host, b, value, i, mine[i]->value);
  }
  return e->host->emit(b);
}

static const clio_port inputs[] = {{.name = "in",
                                    .columns = CLIO_LIST(in_columns),
                                    .flags = CLIO_PORT_WHOLE,
                                    .rows = CLIO_ROWS_CONVERSATION}};
static const clio_port outputs[] = {
    {.name = "cells", .columns = CLIO_LIST(cell_columns), .rows = CLIO_ROWS_CELL}};
EVIL_STAGE("aggregator", .inputs = CLIO_LIST(inputs), .outputs = CLIO_LIST(outputs),
           .process = aggregator_process);
