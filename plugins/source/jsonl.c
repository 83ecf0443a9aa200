/* jsonl.c - source/jsonl: conversations from files with one JSON object on each
 * line, in blocks of whole lines that the core cuts. */
#include <string.h>

#include "jsonl_line.h"
#include "timestamp.h"

enum { BATCH_ROWS = 1024, BATCH_BYTES = 4 << 20, POLL_LINES = 256 };

typedef struct jsonl {
  const clio_host *host;
  const jsonl_config *config;
} jsonl;

/* Conversations read and not yet emitted. */
typedef struct batch {
  jsonl_parser parser;
  jsonl_row *rows; /* BATCH_ROWS of them, in scratch; made ids point into them */
  size_t count, bytes;
} batch;

static void batch_clear(batch *b) {
  for (size_t i = 0; i < b->count; i++) json_object_put(b->rows[i].root);
  if (b->count) memset(b->rows, 0, b->count * sizeof *b->rows);
  b->count = b->bytes = 0;
}

/* ---- writing ---- */

/* A column of text of the batch: one span of each row. */
typedef clio_span (*pick_span)(const jsonl_row *row, size_t which);
static clio_span pick_id(const jsonl_row *row, size_t which) { return (void)which, row->id; }
static clio_span pick_account(const jsonl_row *row, size_t which) {
  return (void)which, row->account;
}
static clio_span pick_org(const jsonl_row *row, size_t which) { return (void)which, row->org; }
static clio_span pick_metadata(const jsonl_row *row, size_t which) {
  return (void)which, row->metadata;
}
static clio_span pick_label(const jsonl_row *row, size_t which) { return row->labels[which]; }

static void write_text(const batch *b, clio_builder *out, const char *name, pick_span pick,
                       size_t which) {
  const clio_host *host = b->parser.host;
  int32_t column = host->add(out, name, CLIO_T_UTF8, 0);
  for (size_t i = 0; i < b->count; i++) {
    clio_span span = pick(&b->rows[i], which);
    if (span.s) host->put(out, column, i, span.s, span.len);
  }
}

static void write_time(const batch *b, clio_builder *out) {
  const clio_host *host = b->parser.host;
  int32_t column = host->add(out, "time", CLIO_T_TIME, 0);
  int64_t *micros = host->data(out, column);
  for (size_t i = 0; micros && i < b->count; i++) {
    if (b->rows[i].has_time)
      micros[i] = b->rows[i].time;
    else
      clio_put_null(host, out, column, i);
  }
}

/* When each message was sent, RFC 3339, empty where that is unknown; null for a
 * conversation that does not say. */
static void write_sent(const batch *b, clio_builder *out) {
  const clio_host *host = b->parser.host;
  int32_t column = host->add(out, "sent", CLIO_T_LIST, 0);
  for (size_t i = 0; i < b->count; i++) {
    const jsonl_row *row = &b->rows[i];
    int any = 0;
    for (size_t m = 0; m < row->message_count; m++) any |= row->messages[m].has_sent;
    for (size_t m = 0; any && m < row->message_count; m++) {
      char text[TIMESTAMP_TEXT] = "";
      if (row->messages[m].has_sent) timestamp_format(row->messages[m].sent, text);
      host->item(out, column, i, text, (int64_t)strlen(text));
    }
  }
}

static void write_messages(const batch *b, clio_builder *out) {
  const clio_host *host = b->parser.host;
  int32_t role = host->add(out, "role", CLIO_T_LIST, 0);
  int32_t content = host->add(out, "content", CLIO_T_LIST, 0);
  for (size_t i = 0; i < b->count; i++)
    for (size_t m = 0; m < b->rows[i].message_count; m++) {
      const jsonl_message *one = &b->rows[i].messages[m];
      host->item(out, role, i, one->role, (int64_t)strlen(one->role));
      host->item(out, content, i, one->content.s, one->content.len);
    }
}

static void label_column(const char *field, char ret_name[64]) {
  snprintf(ret_name, 64, "label_%s", field);
}

static clio_status batch_emit(batch *b) {
  const clio_host *host = b->parser.host;
  if (b->count == 0) return CLIO_OK;
  clio_builder *out = host->start(b->parser.call, 0, NULL, NULL, b->count);
  write_text(b, out, "id", pick_id, 0);
  write_text(b, out, "account", pick_account, 0);
  write_text(b, out, "org", pick_org, 0);
  write_time(b, out);
  write_messages(b, out);
  write_sent(b, out);
  write_text(b, out, "metadata", pick_metadata, 0);
  for (size_t i = 0; i < jsonl_label_count(b->parser.config); i++) {
    char name[64];
    label_column(jsonl_label_field(b->parser.config, i), name);
    write_text(b, out, name, pick_label, i);
  }
  clio_status s = host->emit(out);
  batch_clear(b);
  return s;
}

/* ---- reading ---- */

static int is_blank(const char *line, size_t len) {
  for (size_t i = 0; i < len; i++)
    if (!strchr(" \t\r", line[i]) || !line[i]) return 0;
  return 1;
}

static clio_status add_line(batch *b, const char *line, size_t len, uint64_t number) {
  if (b->count == BATCH_ROWS || (b->count && b->bytes + len > BATCH_BYTES)) CLIO_TRY(batch_emit(b));
  jsonl_row *row = &b->rows[b->count];
  clio_status s = jsonl_parse(&b->parser, line, len, row);
  if (s == CLIO_OK) {
    b->count++;
    b->bytes += len;
    return CLIO_OK;
  }
  char why[sizeof row->why];
  memcpy(why, row->why, sizeof why);
  json_object_put(row->root);
  memset(row, 0, sizeof *row);
  const clio_host *host = b->parser.host;
  return s == CLIO_E_INPUT ? host->fail_row(b->parser.call, number, s, why)
                           : clio_nomem(host, b->parser.call);
}

/* Lines are counted from 0, blank ones too. */
static clio_status read_block(batch *b, clio_span block) {
  uint64_t number = 0;
  for (int64_t at = 0; at < block.len; number++) {
    const char *line = block.s + at;
    const char *end = memchr(line, '\n', (size_t)(block.len - at));
    size_t len = end ? (size_t)(end - line) : (size_t)(block.len - at);
    at += (int64_t)len + 1;
    if (number % POLL_LINES == 0 && b->parser.host->cancelled(b->parser.call))
      return CLIO_E_CANCELLED;
    if (!is_blank(line, len)) CLIO_TRY(add_line(b, line, len, number));
  }
  return batch_emit(b);
}

/* ---- the stage ---- */

static clio_status jsonl_process(void *self, clio_call *call, uint32_t port, const clio_table *in) {
  const jsonl *j = self;
  clio_view bytes;
  (void)port;
  CLIO_TRY(clio_get(j->host, call, in, "bytes", CLIO_T_UTF8, &bytes));
  batch b = {.parser = {j->host, call, j->config, json_reader_new()}};
  b.rows = clio_scratch_array(j->host, call, BATCH_ROWS, sizeof *b.rows);
  clio_status s = b.rows && b.parser.reader ? CLIO_OK : clio_nomem(j->host, call);
  for (uint64_t i = 0; s == CLIO_OK && i < bytes.rows; i++)
    s = read_block(&b, clio_utf8(&bytes, i));
  batch_clear(&b);
  json_reader_free(b.parser.reader);
  return s;
}

static int is_column_word(const char *s) {
  size_t n = strspn(s, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_");
  return n > 0 && n <= 48 && s[n] == '\0';
}

static clio_status jsonl_plan(const clio_host *host, clio_plan *plan, const void *config) {
  const jsonl_config *c = config;
  if (*c->text && strcmp(c->shape, "auto") != 0 && strcmp(c->shape, "text") != 0)
    return clio_plan_failf(host, plan, CLIO_E_CONFIG,
                           "'text' reads single texts, which shape '%s' has none of; leave one out",
                           c->shape);
  for (size_t i = 0; i < jsonl_label_count(c); i++) {
    const char *field = jsonl_label_field(c, i);
    char name[64];
    if (!is_column_word(field))
      return clio_plan_failf(
          host, plan, CLIO_E_CONFIG,
          "label '%s' cannot be a column; use letters, digits and '_', 48 at most", field);
    label_column(field, name);
    clio_column column = {.name = name,
                          .help = "a label that came with the data",
                          .type = CLIO_T_UTF8,
                          .privacy = CLIO_P_DERIVED,
                          .flags = CLIO_COL_NULLABLE | CLIO_COL_FACET};
    CLIO_TRY(host->plan_output(plan, 0, &column));
  }
  return CLIO_OK;
}

static clio_status jsonl_create(const clio_host *host, clio_call *call, const void *config,
                                void **ret_self) {
  jsonl *j = calloc(1, sizeof *j);
  if (!j) return clio_nomem(host, call);
  j->host = host;
  j->config = config;
  *ret_self = j;
  return CLIO_OK;
}

static const clio_column block_columns[] = {
    {.name = "bytes", .help = "whole lines", .type = CLIO_T_UTF8, .privacy = CLIO_P_RAW}};
static const clio_port inputs[] = {{.name = "block",
                                    .help = "lines of the input",
                                    .columns = CLIO_LIST(block_columns),
                                    .rows = CLIO_ROWS_BLOCK}};

#define RAW(n, t, f, h) \
  { .name = (n), .help = (h), .type = (t), .privacy = CLIO_P_RAW, .flags = (f) }
static const clio_column columns[] = {
    RAW("id", CLIO_T_UTF8, 0, "the conversation's id; made of its messages where it has none"),
    RAW("account", CLIO_T_UTF8, CLIO_COL_NULLABLE, "who had the conversation"),
    RAW("org", CLIO_T_UTF8, CLIO_COL_NULLABLE, "the account's organisation"),
    RAW("time", CLIO_T_TIME, CLIO_COL_NULLABLE, "when it began"),
    RAW("role", CLIO_T_LIST, 0, "user, assistant, system or tool, for each message"),
    RAW("content", CLIO_T_LIST, 0, "the text of each message"),
    RAW("sent", CLIO_T_LIST, CLIO_COL_NULLABLE, "when each message was sent, RFC 3339"),
    RAW("metadata", CLIO_T_UTF8, CLIO_COL_NULLABLE, "JSON as it stands in the input"),
};
static const clio_port outputs[] = {{.name = "conversations",
                                     .help = "one row per line",
                                     .columns = CLIO_LIST(columns),
                                     .rows = CLIO_ROWS_CONVERSATION}};

static const clio_param params[] = {
    CLIO_INPUT(jsonl_config, path,
               "a file, a pattern such as 'data/*.jsonl', or - for standard "
               "input; plain, gzip or zstd"),
    CLIO_ENUM(jsonl_config, shape, "\"auto\"", jsonl_shape_names,
              "how the lines are built; auto looks at each line"),
    CLIO_STR(jsonl_config, text, "\"\"", "read single texts from this field, not conversations"),
    CLIO_STR(jsonl_config, label, "\"\"",
             "read this field into the column label_FIELD (public mode only)"),
    CLIO_STRS(jsonl_config, labels, "[]",
              "read these fields of 'labels', or of the line, into columns label_NAME (public mode "
              "only)"),
};

static const clio_stage stage = {
    .struct_size = sizeof(clio_stage),
    .threads = CLIO_PARALLEL,
    .kind = "source",
    .name = "jsonl",
    .summary = "conversations from JSON lines",
    .help =
        "Reads one conversation from each line: {\"id\", \"account_id\", \"org_id\", "
        "\"created_at\", \"messages\": [{\"role\", \"content\", \"created_at\"}], \"metadata\", "
        "\"labels\"}. The shapes of OpenAI chat files, ShareGPT, LMSYS-Chat and WildChat are "
        "recognised line by line; 'text' reads files of single texts. Content may be a string "
        "or a list of parts; what is not text is marked, like [image] or [tool call]. A line "
        "that is not strict JSON, or no conversation, is counted as bad and named by its "
        "number, never by its content.",
    .inputs = CLIO_LIST(inputs),
    .outputs = CLIO_LIST(outputs),
    .params = CLIO_LIST(params),
    .config_size = sizeof(jsonl_config),
    .plan = jsonl_plan,
    .create = jsonl_create,
    .process = jsonl_process,
    .destroy = free,
};
static const clio_stage *const stages[] = {&stage, NULL};

CLIO_PLUGIN_DEFINE(source_jsonl) = {CLIO_PLUGIN_INIT,   .id = "clio.source.jsonl",
                                    .version = "0.1.0", .license = "Apache-2.0",
                                    .vendor = "Clio",   .stages = stages};
