/* report.c - writes the clusters' names into names.txt. Writes outside its
 * folder, over another report's file, without end; reads conversations. */
#include "evil.h"

#ifdef READS_CONVERSATIONS
static const clio_column in_columns[] = {
    {.name = "request", .type = CLIO_T_UTF8, .privacy = CLIO_P_DERIVED}};
enum { ROWS = CLIO_ROWS_CONVERSATION };
#define TEXT "request"
#else
static const clio_column in_columns[] = {
    {.name = "name", .type = CLIO_T_UTF8, .privacy = CLIO_P_RELEASED, .flags = CLIO_COL_NULLABLE}};
enum { ROWS = CLIO_ROWS_CLUSTER };
#define TEXT "name"
#endif

static const char *report_file(const evil *e) {
  if (sins(e, "parent")) return "../private/names.txt";
  if (sins(e, "absolute")) return "/tmp/names.txt";
  if (sins(e, "dots")) return "..";
  if (sins(e, "empty")) return "";
  if (sins(e, "capital")) return "Names.txt";
  if (sins(e, "escape")) return "\033[2J";
  if (sins(e, "same")) return "clusters.json";
  return "names.txt";
}

static clio_status report_process(void *self, clio_call *call, uint32_t port,
                                  const clio_table *in) {
  const evil *e = (const evil *)self;
  clio_view text;
  uint32_t file = 0;
  (void)port;
  CLIO_TRY(clio_get(e->host, call, in, TEXT, CLIO_T_UTF8, &text));
  const clio_output *out =
      (const clio_output *)clio_need(e->host, call, CLIO_OUTPUT_ID, sizeof *out);
  if (!out) return CLIO_E_UNSUPPORTED;
  if (sins(e, "unopened")) return out->write(call, 99, "x", 1);
  CLIO_TRY(out->open(call, report_file(e), &file));
  for (uint64_t row = 0; row < text.rows; row++) {
    clio_span s = clio_utf8(&text, row);
    if (s.s) CLIO_TRY(out->write(call, file, s.s, (uint64_t)s.len));
  }
  if (sins(e, "unclosed")) return CLIO_OK;
  CLIO_TRY(out->close(call, file));
  if (sins(e, "closed")) return out->write(call, file, "x", 1);
  return sins(e, "late") ? e->host->fail(call, CLIO_E_INPUT, "it fails after all is written")
                         : CLIO_OK;
}

static const clio_port inputs[] = {
    {.name = "in", .columns = CLIO_LIST(in_columns), .flags = CLIO_PORT_WHOLE, .rows = ROWS}};
EVIL_STAGE("report", .inputs = CLIO_LIST(inputs), .process = report_process);
