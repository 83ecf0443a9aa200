/* claude_export.c - source/claude_export: the conversations.json of a Claude data
 * export, bare, in its zip archive or in a folder. The core cuts the list, so an
 * export of any size streams. */
#include <string.h>

#include "conv.h"

typedef struct claude_config {
  const char *path;
  int64_t max_record, max_unpacked, max_ratio, max_depth;
} claude_config;

typedef struct claude {
  const clio_host *host;
  const claude_config *config;
} claude;

/* ---- one message ---- */

/* Text, or the mark of what is none: thinking, a tool's call or result. */
static void add_part(conv_pieces *all, json_object *part) {
  json_object *type = conv_member(part, "type"), *text = conv_member(part, "text");
  const char *name = conv_is_text(type) ? json_object_get_string(type) : "";
  if (strcmp(name, "text") == 0 && conv_is_text(text)) {
    if (json_object_get_string_len(text) > 0) conv_add(all, conv_text(text));
  } else if (strcmp(name, "token_budget") != 0) { /* the model's bookkeeping */
    conv_add_mark(all, conv_mark_of(name));
  }
}

/* Where `content` has parts they count; old exports have `text` alone. */
static void add_pieces(conv_pieces *all, json_object *m, json_object *content, size_t parts) {
  for (size_t i = 0; i < parts; i++) add_part(all, json_object_array_get_idx(content, i));
  json_object *text = conv_member(m, "text");
  if (all->count == 0 && conv_is_text(text) && json_object_get_string_len(text) > 0)
    conv_add(all, conv_text(text));
  if (conv_has_items(conv_member(m, "attachments")) || conv_has_items(conv_member(m, "files")))
    conv_add_mark(all, "[attachment]");
}

static clio_status take_message(const conv_parser *p, conv_row *row, json_object *m,
                                size_t number) {
  json_object *sender = conv_member(m, "sender"), *content = conv_member(m, "content");
  const char *who = conv_is_text(sender) ? json_object_get_string(sender) : "";
  int human = strcmp(who, "human") == 0;
  if (!human && strcmp(who, "assistant") != 0)
    return conv_bad(row, "the sender of message %zu is neither human nor assistant", number);
  size_t parts = conv_has_items(content) ? json_object_array_length(content) : 0;
  conv_pieces all = {clio_scratch_array(p->host, p->call, parts + 2, sizeof(clio_span)), 0};
  if (!all.items) return CLIO_E_NOMEM;
  add_pieces(&all, m, content, parts);
  if (all.count == 0) return CLIO_OK;
  conv_message *ret = &row->messages[row->message_count];
  ret->role = human ? "user" : "assistant";
  ret->has_sent = conv_time(conv_member(m, "created_at"), &ret->sent);
  if (ret->has_sent < 0) return conv_bad(row, "the time of message %zu is not one", number);
  row->message_count++;
  return conv_join(p, &all, &ret->content);
}

static clio_status take_messages(const conv_parser *p, conv_row *row) {
  json_object *list = conv_member(row->root, "chat_messages");
  if (!json_object_is_type(list, json_type_array))
    return conv_bad(row, "no chat_messages; is this Claude's conversations.json?");
  size_t n = json_object_array_length(list);
  row->messages = clio_scratch_array(p->host, p->call, n, sizeof *row->messages);
  if (!row->messages) return CLIO_E_NOMEM;
  for (size_t i = 0; i < n; i++)
    CLIO_TRY(take_message(p, row, json_object_array_get_idx(list, i), i + 1));
  return row->message_count ? CLIO_OK : conv_bad(row, "no message holds anything");
}

/* ---- the rest ---- */

static clio_span text_member(json_object *object, const char *key) {
  json_object *value = conv_member(object, key);
  int has = conv_is_text(value) && json_object_get_string_len(value) > 0;
  return has ? conv_text(value) : clio_span_of(NULL, 0);
}

/* The conversation's name, as JSON of its own; it lives as long as the row. */
static clio_status take_metadata(conv_row *row) {
  json_object *name = conv_member(row->root, "name"), *metadata = json_object_new_object();
  if (!metadata) return CLIO_E_NOMEM;
  if (name) json_object_object_add(metadata, "name", json_object_get(name));
  json_object_object_add(row->root, "clio.metadata", metadata);
  const char *text = json_object_to_json_string_ext(metadata, JSON_C_TO_STRING_NOSLASHESCAPE);
  if (!text) return CLIO_E_NOMEM;
  row->metadata = clio_span_of(text, (int64_t)strlen(text));
  return CLIO_OK;
}

static clio_status parse(const conv_parser *p, const char *line, size_t len, conv_row *row) {
  CLIO_TRY(conv_read_object(p, line, len, row));
  CLIO_TRY(take_messages(p, row));
  row->has_time = conv_time(conv_member(row->root, "created_at"), &row->time);
  if (row->has_time < 0) return conv_bad(row, "created_at is not a time");
  row->id = text_member(row->root, "uuid");
  conv_make_id(row);
  row->account = text_member(conv_member(row->root, "account"), "uuid");
  if (!row->account.s) row->account = p->file;
  return take_metadata(row);
}

/* ---- the stage ---- */

static clio_status claude_process(void *self, clio_call *call, uint32_t port,
                                  const clio_table *in) {
  const claude *c = self;
  conv_parser p = {.host = c->host,
                   .call = call,
                   .config = c->config,
                   .parse = parse,
                   .max_depth = c->config->max_depth};
  (void)port;
  return conv_process(&p, in);
}

static clio_status claude_create(const clio_host *host, clio_call *call, const void *config,
                                 void **ret_self) {
  claude *c = calloc(1, sizeof *c);
  if (!c) return clio_nomem(host, call);
  *c = (claude){host, config};
  *ret_self = c;
  return CLIO_OK;
}

static const char *const members[] = {"conversations.json", "conversations-*.json", NULL};
static const clio_param params[] = {
    CLIO_INPUT_ITEMS(claude_config, path, members,
                     "the export: its zip archive, its folder, or the conversations.json in it; a "
                     "pattern for several, or -"),
    CONV_LIMITS(claude_config),
};

static const clio_stage stage = {
    .struct_size = sizeof(clio_stage),
    .threads = CLIO_PARALLEL,
    .kind = "source",
    .name = "claude_export",
    .summary = "conversations from a Claude data export",
    .help =
        "Reads conversations.json of the archive that Claude sends when a person or an "
        "organisation's owner asks for their data. Text is kept; thinking, tool calls and results, "
        "attachments and files are marked, like [attachment], and what was extracted from them is "
        "not read. The account is the conversation's own; where it has none, the export itself "
        "(the archive, the folder, or the file, as it was given). The archive is never unpacked to "
        "disk; one that is encrypted, damaged, or holds archives is refused.",
    .inputs = CONV_INPUTS,
    .outputs = CONV_OUTPUTS,
    .params = CLIO_LIST(params),
    .config_size = sizeof(claude_config),
    .create = claude_create,
    .process = claude_process,
    .destroy = free,
};
static const clio_stage *const stages[] = {&stage, NULL};

CLIO_PLUGIN_DEFINE(source_claude_export) = {CLIO_PLUGIN_INIT,   .id = "clio.source.claude_export",
                                            .version = "0.1.0", .license = "Apache-2.0",
                                            .vendor = "Clio",   .stages = stages};
