/* jsonl_line.c - see jsonl_line.h. A table says where each shape keeps what;
 * our own names for account, organisation and time are taken in every shape. */
#include "jsonl_line.h"

#include <string.h>

const char *const jsonl_shape_names[] = {"auto",  "clio",     "openai", "sharegpt",
                                         "lmsys", "wildchat", "text",   NULL};

/* Where a shape keeps what; of several names the first that is there counts. */
typedef struct shape {
  const char *name, *messages, *role, *content;
  const char *ids[3], *accounts[3], *times[3];
} shape;

enum { CLIO, OPENAI, SHAREGPT, LMSYS, WILDCHAT, TEXT };
static const shape shapes[] = {
    {"clio", "messages", "role", "content", {"id"}, {"account_id"}, {"created_at"}},
    {"openai",
     "messages",
     "role",
     "content",
     {"id"},
     {"account_id", "user"},
     {"created_at", "created"}},
    {"sharegpt",
     "conversations",
     "from",
     "value",
     {"id"},
     {"account_id"},
     {"created_at", "timestamp"}},
    {"lmsys",
     "conversation",
     "role",
     "content",
     {"conversation_id", "id"},
     {"account_id"},
     {"created_at", "tstamp", "timestamp"}},
    {"wildchat",
     "conversation",
     "role",
     "content",
     {"conversation_hash", "conversation_id", "id"},
     {"account_id", "hashed_ip"},
     {"created_at", "timestamp"}},
    {"text", "", "", "", {"id"}, {"account_id"}, {"created_at", "timestamp"}},
};

static const jsonl_config *config_of(const conv_parser *p) { return p->config; }

/* ---- which shape ---- */

static const shape *shape_named(const char *name) {
  for (size_t i = 0; i < sizeof shapes / sizeof *shapes; i++)
    if (strcmp(shapes[i].name, name) == 0) return &shapes[i];
  return NULL;
}

static const shape *shape_seen(json_object *root) {
  if (conv_member(root, "messages")) {
    int ours = conv_member(root, "id") || conv_member(root, "account_id");
    return &shapes[ours ? CLIO : OPENAI];
  }
  if (conv_member(root, "conversations")) return &shapes[SHAREGPT];
  if (!conv_member(root, "conversation")) return NULL;
  int wild = conv_member(root, "conversation_hash") || conv_member(root, "hashed_ip");
  return &shapes[wild ? WILDCHAT : LMSYS];
}

static const shape *shape_of(const jsonl_config *c, json_object *root) {
  if (*c->text) return &shapes[TEXT];
  return strcmp(c->shape, "auto") == 0 ? shape_seen(root) : shape_named(c->shape);
}

/* ---- single fields ---- */

/* A string or a whole number as it is written; empty and null are none. */
static clio_status take_id(const conv_parser *p, conv_row *row, const char *key, clio_span *ret) {
  json_object *value = conv_member(row->root, key);
  if (!value) return CLIO_OK;
  if (conv_is_text(value)) {
    if (json_object_get_string_len(value) > 0) *ret = conv_text(value);
    return CLIO_OK;
  }
  json_slice number = json_member(p->reader, key);
  if (!json_is_whole(number))
    return conv_bad(row, "%s is neither a string nor a whole number", key);
  *ret = clio_span_of(number.s, (int64_t)number.len);
  return CLIO_OK;
}

static clio_status take_first_id(const conv_parser *p, conv_row *row, const char *const keys[3],
                                 clio_span *ret) {
  for (int i = 0; i < 3 && keys[i] && !ret->s; i++) CLIO_TRY(take_id(p, row, keys[i], ret));
  return CLIO_OK;
}

#define TIME_CURE "give RFC 3339 (2026-11-01T09:30:00Z) or seconds since 1970"

static clio_status take_time(conv_row *row, const shape *s) {
  for (int i = 0; i < 3 && s->times[i] && !row->has_time; i++) {
    int got = conv_time(conv_member(row->root, s->times[i]), &row->time);
    if (got < 0) return conv_bad(row, "%s is not a time; " TIME_CURE, s->times[i]);
    row->has_time = got;
  }
  if (!row->has_time && row->message_count && row->messages[0].has_sent) {
    row->has_time = 1;
    row->time = row->messages[0].sent;
  }
  return CLIO_OK;
}

/* ---- messages ---- */

static clio_status take_message(const conv_parser *p, conv_row *row, const shape *s, size_t i,
                                json_object *m) {
  conv_message *ret = &row->messages[i];
  if (!json_object_is_type(m, json_type_object))
    return conv_bad(row, "message %zu is no object", i + 1);
  json_object *role = conv_member(m, s->role);
  if (!conv_is_text(role)) return conv_bad(row, "message %zu has no %s", i + 1, s->role);
  ret->role = jsonl_role(json_object_get_string(role));
  if (!ret->role)
    return conv_bad(row, "the %s of message %zu is none of user, assistant, system, tool", s->role,
                    i + 1);
  clio_status got = jsonl_content(p, m, s->content, &ret->content);
  if (got == CLIO_E_INPUT) return conv_bad(row, "message %zu has no text in %s", i + 1, s->content);
  if (got != CLIO_OK) return got;
  json_object *when = conv_member(m, "created_at");
  if (!when) when = conv_member(m, "timestamp");
  ret->has_sent = conv_time(when, &ret->sent);
  return ret->has_sent < 0 ? conv_bad(row, "the time of message %zu is not one; " TIME_CURE, i + 1)
                           : CLIO_OK;
}

static clio_status take_messages(const conv_parser *p, conv_row *row, const shape *s) {
  json_object *list = conv_member(row->root, s->messages);
  if (!list) return conv_bad(row, "no %s", s->messages);
  if (!json_object_is_type(list, json_type_array))
    return conv_bad(row, "%s is no list", s->messages);
  size_t n = json_object_array_length(list);
  if (n == 0) return conv_bad(row, "%s is empty", s->messages);
  row->messages = clio_scratch_array(p->host, p->call, n, sizeof *row->messages);
  if (!row->messages) return CLIO_E_NOMEM;
  row->message_count = n;
  for (size_t i = 0; i < n; i++)
    CLIO_TRY(take_message(p, row, s, i, json_object_array_get_idx(list, i)));
  return CLIO_OK;
}

/* A single text is a conversation of one message of the user. */
static clio_status take_text(const conv_parser *p, conv_row *row) {
  const char *field = *config_of(p)->text ? config_of(p)->text : "text";
  json_object *text = conv_member(row->root, field);
  if (!conv_is_text(text)) return conv_bad(row, "no text in %s", field);
  row->messages = clio_scratch_array(p->host, p->call, 1, sizeof *row->messages);
  if (!row->messages) return CLIO_E_NOMEM;
  row->message_count = 1;
  row->messages[0].role = "user";
  row->messages[0].content = conv_text(text);
  return CLIO_OK;
}

/* WildChat of some years keeps the address with the messages only. */
static void take_message_account(conv_row *row, const shape *s) {
  json_object *list = conv_member(row->root, s->messages);
  for (size_t i = 0; i < row->message_count && !row->account.s; i++) {
    json_object *ip = conv_member(json_object_array_get_idx(list, i), "hashed_ip");
    if (conv_is_text(ip) && json_object_get_string_len(ip) > 0) row->account = conv_text(ip);
  }
}

/* ---- the rest ---- */

size_t jsonl_label_count(const jsonl_config *c) { return (size_t)c->labels.count + !!*c->label; }

const char *jsonl_label_field(const jsonl_config *c, size_t i) {
  return i < c->labels.count ? c->labels.items[i] : c->label;
}

/* A list or an object is no label. */
static clio_span label_text(json_object *value) {
  int nested =
      json_object_is_type(value, json_type_object) || json_object_is_type(value, json_type_array);
  if (conv_is_text(value)) return conv_text(value);
  const char *text = value && !nested ? json_object_get_string(value) : NULL;
  return clio_span_of(text, text ? (int64_t)strlen(text) : 0);
}

/* A label stands in `labels`, or else beside the messages. */
static clio_status take_labels(const conv_parser *p, conv_row *row) {
  size_t n = jsonl_label_count(config_of(p));
  json_object *labels = conv_member(row->root, "labels");
  if (n == 0) return CLIO_OK;
  row->labels = clio_scratch_array(p->host, p->call, n, sizeof *row->labels);
  if (!row->labels) return CLIO_E_NOMEM;
  for (size_t i = 0; i < n; i++) {
    const char *field = jsonl_label_field(config_of(p), i);
    json_object *value = conv_member(labels, field);
    if (!value) value = conv_member(row->root, field);
    row->labels[i] = label_text(value);
  }
  return CLIO_OK;
}

static void take_metadata(const conv_parser *p, conv_row *row) {
  json_slice m = json_member(p->reader, "metadata");
  if (m.s && conv_member(row->root, "metadata")) row->metadata = clio_span_of(m.s, (int64_t)m.len);
}

/* ---- lines that are none ---- */

/* Commas or the like, and no bracket or quote in front. */
static int is_like_csv(const char *line, size_t len) {
  if (len == 0 || strchr("{[\"", line[0])) return 0;
  return memchr(line, ',', len) || memchr(line, ';', len) || memchr(line, '\t', len);
}

/* What a line that is no JSON looks like to a person, and what to do; "" where that is not plain.
 */
static const char *looks_like(const char *line, size_t len, const char *why) {
  while (len > 0 && strchr(" \t\r", *line)) line++, len--;
  if (strstr(why, "UTF-8")) return "; a Latin-1 file is made UTF-8 by: iconv -f latin1 -t utf-8";
  if (len > 0 && strchr("{[", *line) && strstr(why, "too early"))
    return "; if one JSON document goes on over several lines, put each conversation on one: "
           "jq -c . FILE, or of a list jq -c '.[]' FILE";
  if (is_like_csv(line, len))
    return "; it looks like CSV: make one JSON object of each conversation, with \"messages\"";
  return "";
}

static clio_status read_line(const conv_parser *p, const char *line, size_t len, conv_row *row) {
  clio_status s = conv_read_object(p, line, len, row);
  if (s != CLIO_E_INPUT || strncmp(row->why, "not JSON", 8) != 0) return s;
  const char *hint = looks_like(line, len, row->why);
  size_t used = strlen(row->why);
  snprintf(row->why + used, sizeof row->why - used, "%s", hint);
  return s;
}

clio_status jsonl_parse(const conv_parser *p, const char *line, size_t len, conv_row *ret_row) {
  CLIO_TRY(read_line(p, line, len, ret_row));
  const shape *s = shape_of(config_of(p), ret_row->root);
  if (!s) return conv_bad(ret_row, "unknown shape: none of messages, conversation, conversations");
  CLIO_TRY(s == &shapes[TEXT] ? take_text(p, ret_row) : take_messages(p, ret_row, s));
  CLIO_TRY(take_first_id(p, ret_row, s->ids, &ret_row->id));
  CLIO_TRY(take_first_id(p, ret_row, s->accounts, &ret_row->account));
  CLIO_TRY(take_id(p, ret_row, "org_id", &ret_row->org));
  if (s == &shapes[WILDCHAT]) take_message_account(ret_row, s);
  CLIO_TRY(take_time(ret_row, s));
  CLIO_TRY(take_labels(p, ret_row));
  take_metadata(p, ret_row);
  if (!ret_row->id.s) conv_make_id(ret_row);
  return CLIO_OK;
}
