/* embedder.c - `vector`, four numbers of the text's letters. Holds NaN or
 * infinity, or is of another width than it said. */
#include <math.h>

#include "evil.h"

static const clio_column in_columns[] = {
    {.name = "request", .type = CLIO_T_UTF8, .privacy = CLIO_P_DERIVED}};
static const clio_column out_columns[] = {
#ifdef ECHO /* one person's words in every row, for the namer to find there */
    {.name = "echo", .type = CLIO_T_UTF8, .privacy = CLIO_P_DERIVED},
#endif
    {.name = "vector", .type = CLIO_T_VEC, .privacy = CLIO_P_DERIVED, .dim = 4, .of = "request"}};

static clio_status embedder_process(void *self, clio_call *call, uint32_t port,
                                    const clio_table *in) {
  const evil *e = (const evil *)self;
  clio_view text;
  (void)port;
  CLIO_TRY(clio_get(e->host, call, in, "request", CLIO_T_UTF8, &text));
  clio_builder *b = e->host->start(call, 0, in, NULL, text.rows);
  uint32_t dim = sins(e, "narrow") ? 3 : sins(e, "wide") ? 0x40000000u : sins(e, "flat") ? 0 : 4;
  int32_t vector = e->host->add(b, "vector", CLIO_T_VEC, dim);
  float *v = (float *)e->host->data(b, vector);
  for (uint64_t row = 0; v && row < text.rows; row++) {
    clio_span s = clio_utf8(&text, row);
    for (int64_t i = 0; i < s.len; i++) v[row * 4 + ((uint8_t)s.s[i] & 3)] += 1;
  }
  if (v && sins(e, "nan")) v[4 * (text.rows - 1) + 2] = NAN;
  if (v && sins(e, "infinity")) v[0] = -INFINITY;
  return e->host->emit(b);
}

static const clio_port inputs[] = {
    {.name = "in", .columns = CLIO_LIST(in_columns), .rows = CLIO_ROWS_CONVERSATION}};
static const clio_port outputs[] = {{.name = "out",
                                     .columns = CLIO_LIST(out_columns),
                                     .flags = CLIO_PORT_PASS,
                                     .rows = CLIO_ROWS_CONVERSATION}};
EVIL_STAGE("embedder", .inputs = CLIO_LIST(inputs), .outputs = CLIO_LIST(outputs),
           .process = embedder_process);
