/* basic.c - extractor/basic: what can be counted of a conversation without
 * understanding it: the user's messages and how much they wrote. */
#include "clio_util.h"

typedef struct basic {
  const clio_host *host;
} basic;

/* Characters of valid UTF-8: bytes that do not continue one. */
static int64_t count_characters(clio_span text) {
  int64_t n = 0;
  for (int64_t i = 0; i < text.len; i++) n += (text.s[i] & 0xc0) != 0x80;
  return n;
}

static void measure(const clio_view *role, const clio_view *content, uint64_t row,
                    int64_t *ret_turns, int64_t *ret_length) {
  int64_t n = clio_list_count(role, row);
  *ret_turns = *ret_length = 0;
  for (int64_t i = 0; i < n; i++) {
    if (!clio_span_is(clio_list_at(role, row, i), "user")) continue;
    *ret_turns += 1;
    *ret_length += count_characters(clio_list_at(content, row, i));
  }
}

static clio_status basic_process(void *self, clio_call *call, uint32_t port, const clio_table *in) {
  const basic *b = self;
  const clio_host *host = b->host;
  uint64_t n = host->rows(in);
  clio_view role, content;
  (void)port;
  CLIO_TRY(clio_get(host, call, in, "role", CLIO_T_LIST, &role));
  CLIO_TRY(clio_get(host, call, in, "content", CLIO_T_LIST, &content));
  clio_builder *out = host->start(call, 0, in, NULL, n);
  int64_t *turns = host->data(out, host->add(out, "turns", CLIO_T_I64, 0));
  int64_t *length = host->data(out, host->add(out, "length", CLIO_T_I64, 0));
  for (uint64_t i = 0; turns && length && i < n; i++)
    measure(&role, &content, i, &turns[i], &length[i]);
  return host->emit(out);
}

static clio_status basic_create(const clio_host *host, clio_call *call, const void *config,
                                void **ret_self) {
  basic *b = malloc(sizeof *b);
  (void)config;
  if (!b) return clio_nomem(host, call);
  b->host = host;
  *ret_self = b;
  return CLIO_OK;
}

static const clio_column reads[] = {
    {.name = "role", .help = "of each message", .type = CLIO_T_LIST, .privacy = CLIO_P_RAW},
    {.name = "content", .help = "of each message", .type = CLIO_T_LIST, .privacy = CLIO_P_RAW}};
static const clio_port inputs[] = {{.name = "conversations",
                                    .help = "messages",
                                    .columns = CLIO_LIST(reads),
                                    .rows = CLIO_ROWS_CONVERSATION}};

static const clio_column adds[] = {{.name = "turns",
                                    .help = "messages of the user",
                                    .type = CLIO_T_I64,
                                    .privacy = CLIO_P_DERIVED,
                                    .flags = CLIO_COL_FACET},
                                   {.name = "length",
                                    .help = "characters the user wrote",
                                    .type = CLIO_T_I64,
                                    .privacy = CLIO_P_DERIVED,
                                    .flags = CLIO_COL_FACET}};
static const clio_port outputs[] = {{.name = "conversations",
                                     .help = "the same with counts",
                                     .columns = CLIO_LIST(adds),
                                     .flags = CLIO_PORT_PASS,
                                     .rows = CLIO_ROWS_CONVERSATION}};

static const clio_stage stage = {
    .struct_size = sizeof(clio_stage),
    .threads = CLIO_PARALLEL,
    .caps = CLIO_CAP_DECLASSIFY,
    .kind = "extractor",
    .name = "basic",
    .summary = "how often and how much the user wrote",
    .help = "Adds 'turns', the user's messages, and 'length', the characters in them. Both are "
            "numbers; a breakdown shows them in the bins of its aggregator.",
    .inputs = CLIO_LIST(inputs),
    .outputs = CLIO_LIST(outputs),
    .create = basic_create,
    .process = basic_process,
    .destroy = free,
};
static const clio_stage *const stages[] = {&stage, NULL};

CLIO_PLUGIN_DEFINE(extractor_basic) = {CLIO_PLUGIN_INIT,   .id = "clio.extractor.basic",
                                       .version = "0.1.0", .license = "Apache-2.0",
                                       .vendor = "Clio",   .stages = stages};
