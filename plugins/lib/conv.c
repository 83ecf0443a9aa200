/* conv.c - see conv.h: batches of conversations, written as tables. */
#include "conv.h"

#include <string.h>

#include "timestamp.h"

enum { BATCH_ROWS = 1024, BATCH_BYTES = 4 << 20, POLL_LINES = 256 };

/* Conversations read and not yet emitted. */
typedef struct batch {
  const conv_parser *parser;
  conv_row *rows; /* BATCH_ROWS of them, in scratch; made ids point into them */
  size_t count, bytes;
} batch;

static void batch_clear(batch *b) {
  for (size_t i = 0; i < b->count; i++) json_object_put(b->rows[i].root);
  if (b->count) memset(b->rows, 0, b->count * sizeof *b->rows);
  b->count = b->bytes = 0;
}

/* ---- writing ---- */

/* A column of text of the batch: one span of each row. */
typedef clio_span (*pick_span)(const conv_row *row, size_t which);
static clio_span pick_id(const conv_row *row, size_t which) { return (void)which, row->id; }
static clio_span pick_account(const conv_row *row, size_t which) {
  return (void)which, row->account;
}
static clio_span pick_org(const conv_row *row, size_t which) { return (void)which, row->org; }
static clio_span pick_metadata(const conv_row *row, size_t which) {
  return (void)which, row->metadata;
}
static clio_span pick_label(const conv_row *row, size_t which) { return row->labels[which]; }

static void write_text(const batch *b, clio_builder *out, const char *name, pick_span pick,
                       size_t which) {
  const clio_host *host = b->parser->host;
  int32_t column = host->add(out, name, CLIO_T_UTF8, 0);
  for (size_t i = 0; i < b->count; i++) {
    clio_span span = pick(&b->rows[i], which);
    if (span.s) host->put(out, column, i, span.s, span.len);
  }
}

static void write_time(const batch *b, clio_builder *out) {
  const clio_host *host = b->parser->host;
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
  const clio_host *host = b->parser->host;
  int32_t column = host->add(out, "sent", CLIO_T_LIST, 0);
  for (size_t i = 0; i < b->count; i++) {
    const conv_row *row = &b->rows[i];
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
  const clio_host *host = b->parser->host;
  int32_t role = host->add(out, "role", CLIO_T_LIST, 0);
  int32_t content = host->add(out, "content", CLIO_T_LIST, 0);
  for (size_t i = 0; i < b->count; i++)
    for (size_t m = 0; m < b->rows[i].message_count; m++) {
      const conv_message *one = &b->rows[i].messages[m];
      host->item(out, role, i, one->role, (int64_t)strlen(one->role));
      host->item(out, content, i, one->content.s, one->content.len);
    }
}

static clio_status batch_emit(batch *b) {
  const clio_host *host = b->parser->host;
  if (b->count == 0) return CLIO_OK;
  clio_builder *out = host->start(b->parser->call, 0, NULL, NULL, b->count);
  write_text(b, out, "id", pick_id, 0);
  write_text(b, out, "account", pick_account, 0);
  write_text(b, out, "org", pick_org, 0);
  write_time(b, out);
  write_messages(b, out);
  write_sent(b, out);
  write_text(b, out, "metadata", pick_metadata, 0);
  for (size_t i = 0; i < b->parser->label_count; i++) {
    char name[64];
    conv_label_column(b->parser->labels[i], name);
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
  conv_row *row = &b->rows[b->count];
  clio_status s = b->parser->parse(b->parser, line, len, row);
  if (s == CLIO_OK) {
    b->count++;
    b->bytes += len;
    return CLIO_OK;
  }
  char why[sizeof row->why];
  memcpy(why, row->why, sizeof why);
  json_object_put(row->root);
  memset(row, 0, sizeof *row);
  const clio_host *host = b->parser->host;
  return s == CLIO_E_INPUT ? host->fail_row(b->parser->call, number, s, why)
                           : clio_nomem(host, b->parser->call);
}

/* Lines are counted from 0, blank ones too. */
static clio_status read_block(batch *b, clio_span block) {
  uint64_t number = 0;
  for (int64_t at = 0; at < block.len; number++) {
    const char *line = block.s + at;
    const char *end = memchr(line, '\n', (size_t)(block.len - at));
    size_t len = end ? (size_t)(end - line) : (size_t)(block.len - at);
    at += (int64_t)len + 1;
    if (number % POLL_LINES == 0 && b->parser->host->cancelled(b->parser->call))
      return CLIO_E_CANCELLED;
    if (!is_blank(line, len)) CLIO_TRY(add_line(b, line, len, number));
  }
  return batch_emit(b);
}

void conv_label_column(const char *field, char ret_name[64]) {
  snprintf(ret_name, 64, "label_%s", field);
}

clio_status conv_process(conv_parser *p, const clio_table *in) {
  clio_view bytes, file;
  CLIO_TRY(clio_get(p->host, p->call, in, "bytes", CLIO_T_UTF8, &bytes));
  clio_look(p->host, in, "file", CLIO_T_UTF8, &file);
  p->reader = json_reader_new((unsigned)p->max_depth);
  batch b = {.parser = p};
  b.rows = clio_scratch_array(p->host, p->call, BATCH_ROWS, sizeof *b.rows);
  clio_status s = b.rows && p->reader ? CLIO_OK : clio_nomem(p->host, p->call);
  for (uint64_t i = 0; s == CLIO_OK && i < bytes.rows; i++) {
    if (i < file.rows) p->file = clio_utf8(&file, i);
    s = read_block(&b, clio_utf8(&bytes, i));
  }
  batch_clear(&b);
  json_reader_free(p->reader);
  p->reader = NULL;
  return s;
}

/* ---- what such a source reads and makes ---- */

static const clio_column block_columns[] = {
    {.name = "bytes", .help = "whole lines", .type = CLIO_T_UTF8, .privacy = CLIO_P_RAW},
    {.name = "file",
     .help = "the file, archive or folder they come from",
     .type = CLIO_T_UTF8,
     .privacy = CLIO_P_RAW,
     .flags = CLIO_COL_OPTIONAL}};
const clio_port conv_inputs[1] = {{.name = "block",
                                   .help = "lines or items of the input",
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
const clio_port conv_outputs[1] = {{.name = "conversations",
                                    .help = "one row per line or item",
                                    .columns = CLIO_LIST(columns),
                                    .rows = CLIO_ROWS_CONVERSATION}};
