/* summarizer.c - `request`, the first message as it stands. Without the
 * capability to declassify it is refused before any data. */
#include "evil.h"

#ifndef CAPS
#define CAPS CLIO_CAP_DECLASSIFY
#endif

static const clio_column in_columns[] = {
    {.name = "content", .type = CLIO_T_LIST, .privacy = CLIO_P_RAW}};
static const clio_column out_columns[] = {
    {.name = "request", .type = CLIO_T_UTF8, .privacy = CLIO_P_DERIVED}};

static clio_status summarizer_process(void *self, clio_call *call, uint32_t port,
                                      const clio_table *in) {
  const evil *e = (const evil *)self;
  clio_view content;
  (void)port;
  CLIO_TRY(clio_get(e->host, call, in, "content", CLIO_T_LIST, &content));
  clio_builder *b = e->host->start(call, 0, in, NULL, content.rows);
  int32_t request = e->host->add(b, "request", CLIO_T_UTF8, 0);
  for (uint64_t row = 0; row < content.rows; row++)
    clio_put_span(e->host, b, request, row, clio_list_at(&content, row, 0));
  return e->host->emit(b);
}

static const clio_port inputs[] = {
    {.name = "in", .columns = CLIO_LIST(in_columns), .rows = CLIO_ROWS_CONVERSATION}};
static const clio_port outputs[] = {{.name = "out",
                                     .columns = CLIO_LIST(out_columns),
                                     .flags = CLIO_PORT_PASS,
                                     .rows = CLIO_ROWS_CONVERSATION}};
EVIL_STAGE("summarizer", .caps = CAPS, .inputs = CLIO_LIST(inputs), .outputs = CLIO_LIST(outputs),
           .process = summarizer_process);
