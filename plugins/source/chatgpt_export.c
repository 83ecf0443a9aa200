/* chatgpt_export.c - source/chatgpt_export: the conversations.json of a ChatGPT
 * data export, bare, in its zip archive or in a folder. The core cuts the list,
 * so an export of any size streams.
 *
 * A conversation is a tree: every edit and every regenerated answer is a branch.
 * What is read is the branch that was last open: from current_node up to the
 * root. The others are not read. */
#include <string.h>

#include "chatgpt_message.h"

typedef struct chatgpt_config {
  const char *path;
  int64_t max_record, max_unpacked, max_ratio, max_depth;
} chatgpt_config;

typedef struct chatgpt {
  const clio_host *host;
  const chatgpt_config *config;
} chatgpt;

/* ---- the branch ---- */

static json_object *node_named(json_object *mapping, json_object *name) {
  return conv_is_text(name) ? conv_member(mapping, json_object_get_string(name)) : NULL;
}

static json_object *last_child(json_object *mapping, json_object *node) {
  json_object *children = conv_member(node, "children");
  if (!conv_has_items(children)) return NULL;
  size_t last = json_object_array_length(children) - 1;
  return node_named(mapping, json_object_array_get_idx(children, last));
}

/* The first node, in the order of the file, that has no parent among the nodes. */
static json_object *root_of(json_object *mapping) {
  json_object_object_foreach(mapping, key, node) {
    (void)key;
    if (!node_named(mapping, conv_member(node, "parent"))) return node;
  }
  return NULL;
}

/* The end of the branch: current_node, or without one, as in old exports, the
 * last child of the last child ... of the root. `most` steps, in case the
 * children run in a circle. */
static json_object *branch_end(json_object *root, json_object *mapping, size_t most) {
  json_object *at = node_named(mapping, conv_member(root, "current_node"));
  if (at) return at;
  at = root_of(mapping);
  for (json_object *next = at; next && most > 0; most--) {
    at = next;
    next = last_child(mapping, at);
  }
  return at;
}

/* The branch from its root on, in *ret_path; its length, or -1: parents run in a
 * circle. `most`: how many nodes there are. */
static int64_t find_branch(json_object *root, json_object *mapping, json_object **ret_path,
                           size_t most) {
  size_t n = 0;
  for (json_object *at = branch_end(root, mapping, most); at;
       at = node_named(mapping, conv_member(at, "parent"))) {
    if (n == most) return -1;
    ret_path[n++] = at;
  }
  for (size_t i = 0; i < n / 2; i++) {
    json_object *swap = ret_path[i];
    ret_path[i] = ret_path[n - 1 - i];
    ret_path[n - 1 - i] = swap;
  }
  return (int64_t)n;
}

/* ---- the messages ---- */

/* One answer comes as several messages (thoughts, calls, text): they are joined,
 * so that answers are counted as they are elsewhere. */
static clio_status add_message(const conv_parser *p, conv_row *row, const conv_message *m) {
  conv_message *last = row->message_count ? &row->messages[row->message_count - 1] : NULL;
  if (!last || strcmp(m->role, "assistant") != 0 || strcmp(last->role, "assistant") != 0) {
    row->messages[row->message_count++] = *m;
    return CLIO_OK;
  }
  clio_span both[] = {last->content, m->content};
  conv_pieces pieces = {both, 2};
  return conv_join(p, &pieces, &last->content);
}

static clio_status take_messages(const conv_parser *p, conv_row *row) {
  json_object *mapping = conv_member(row->root, "mapping");
  if (!json_object_is_type(mapping, json_type_object))
    return conv_bad(row, "no mapping; is this ChatGPT's conversations.json?");
  size_t most = (size_t)json_object_object_length(mapping);
  json_object **path = clio_scratch_array(p->host, p->call, most, sizeof *path);
  row->messages = clio_scratch_array(p->host, p->call, most, sizeof *row->messages);
  if (!path || !row->messages) return CLIO_E_NOMEM;
  int64_t n = find_branch(row->root, mapping, path, most);
  if (n < 0) return conv_bad(row, "the parents of its messages run in a circle");
  for (int64_t i = 0; i < n; i++) {
    conv_message m = {0};
    CLIO_TRY(chatgpt_message(p, row, conv_member(path[i], "message"), (size_t)i + 1, &m));
    if (m.role) CLIO_TRY(add_message(p, row, &m));
  }
  return row->message_count ? CLIO_OK : conv_bad(row, "no message on the open branch");
}

/* ---- the rest ---- */

static void take_id(conv_row *row) {
  static const char *const keys[] = {"conversation_id", "id"};
  for (size_t i = 0; i < 2 && !row->id.s; i++) {
    json_object *value = conv_member(row->root, keys[i]);
    if (conv_is_text(value) && json_object_get_string_len(value) > 0) row->id = conv_text(value);
  }
}

/* Title and model, as JSON of their own; it lives as long as the row. */
static clio_status take_metadata(conv_row *row) {
  static const char *const keys[] = {"title", "default_model_slug", "gizmo_id", "is_archived"};
  json_object *metadata = json_object_new_object();
  if (!metadata) return CLIO_E_NOMEM;
  for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
    json_object *value = conv_member(row->root, keys[i]);
    if (value) json_object_object_add(metadata, keys[i], json_object_get(value));
  }
  json_object_object_add(row->root, "clio.metadata", metadata);
  const char *text = json_object_to_json_string_ext(metadata, JSON_C_TO_STRING_NOSLASHESCAPE);
  if (!text) return CLIO_E_NOMEM;
  row->metadata = clio_span_of(text, (int64_t)strlen(text));
  return CLIO_OK;
}

static clio_status parse(const conv_parser *p, const char *line, size_t len, conv_row *row) {
  CLIO_TRY(conv_read_object(p, line, len, row));
  CLIO_TRY(take_messages(p, row));
  row->has_time = conv_time(conv_member(row->root, "create_time"), &row->time);
  if (row->has_time < 0) return conv_bad(row, "create_time is not a time");
  take_id(row);
  conv_make_id(row);
  row->account = p->file;
  return take_metadata(row);
}

/* ---- the stage ---- */

static clio_status chatgpt_process(void *self, clio_call *call, uint32_t port,
                                   const clio_table *in) {
  const chatgpt *c = self;
  conv_parser p = {.host = c->host,
                   .call = call,
                   .config = c->config,
                   .parse = parse,
                   .max_depth = c->config->max_depth};
  (void)port;
  return conv_process(&p, in);
}

static clio_status chatgpt_create(const clio_host *host, clio_call *call, const void *config,
                                  void **ret_self) {
  chatgpt *c = calloc(1, sizeof *c);
  if (!c) return clio_nomem(host, call);
  *c = (chatgpt){host, config};
  *ret_self = c;
  return CLIO_OK;
}

static const char *const members[] = {"conversations.json", "conversations-*.json", NULL};
static const clio_param params[] = {
    CLIO_INPUT_ITEMS(chatgpt_config, path, members,
                     "the export: its zip archive, its folder, or the conversations.json in it; a "
                     "pattern for several people's, or -"),
    CONV_LIMITS(chatgpt_config),
};

static const clio_stage stage = {
    .struct_size = sizeof(clio_stage),
    .threads = CLIO_PARALLEL,
    .kind = "source",
    .name = "chatgpt_export",
    .summary = "conversations from a ChatGPT data export",
    .help =
        "Reads conversations.json (and conversations-*.json) of the archive that ChatGPT sends "
        "when a person asks for their data. Of each conversation the branch that was last open is "
        "read; other branches are not. Text is kept; images, speech, attachments, tool calls and "
        "results, thinking and custom instructions are marked, like [image]; hidden and empty "
        "messages are left out. An export names no account: it is one person's, so the account of "
        "its conversations is the export itself (the archive, the folder, or the file, as it was "
        "given), and several people's exports are read with a pattern, exports/*.zip. The archive "
        "is never unpacked to disk; one that is encrypted, damaged, or holds archives is refused.",
    .inputs = CONV_INPUTS,
    .outputs = CONV_OUTPUTS,
    .params = CLIO_LIST(params),
    .config_size = sizeof(chatgpt_config),
    .create = chatgpt_create,
    .process = chatgpt_process,
    .destroy = free,
};
static const clio_stage *const stages[] = {&stage, NULL};

CLIO_PLUGIN_DEFINE(source_chatgpt_export) = {CLIO_PLUGIN_INIT,   .id = "clio.source.chatgpt_export",
                                             .version = "0.1.0", .license = "Apache-2.0",
                                             .vendor = "Clio",   .stages = stages};
