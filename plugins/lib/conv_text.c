/* conv_text.c - the small things of conv.h: members of JSON objects, times, ids,
 * the text of a message put together from pieces and marks. */
#include <string.h>

#include "conv.h"
#include "digest.h"
#include "timestamp.h"

clio_status conv_bad(conv_row *row, const char *format, ...) {
  va_list args;
  va_start(args, format);
  clio_format_(row->why, sizeof row->why, format, args);
  va_end(args);
  return CLIO_E_INPUT;
}

clio_status conv_read_object(const conv_parser *p, const char *line, size_t len, conv_row *row) {
  json_fault fault;
  if (!json_read(p->reader, line, len, &row->root, &fault))
    return conv_bad(row, "not JSON: %s at column %zu", fault.reason, fault.column);
  if (json_object_is_type(row->root, json_type_array))
    return conv_bad(row, "a list, not a conversation; put one conversation on each line "
                         "(jq -c '.[]' FILE does)");
  if (!json_object_is_type(row->root, json_type_object)) return conv_bad(row, "no JSON object");
  return CLIO_OK;
}

json_object *conv_member(json_object *object, const char *key) {
  json_object *value = NULL;
  return json_object_object_get_ex(object, key, &value) ? value : NULL;
}

int conv_is_text(json_object *value) { return json_object_is_type(value, json_type_string); }

clio_span conv_text(json_object *string) {
  return clio_span_of(json_object_get_string(string), json_object_get_string_len(string));
}

int conv_has_items(json_object *value) {
  return json_object_is_type(value, json_type_array) && json_object_array_length(value) > 0;
}

int conv_time(json_object *value, int64_t *ret_micros) {
  int ok = 0;
  if (!value) return 0;
  if (conv_is_text(value))
    ok = timestamp_parse(json_object_get_string(value), (size_t)json_object_get_string_len(value),
                         ret_micros);
  if (json_object_is_type(value, json_type_int))
    ok = timestamp_from_int(json_object_get_int64(value), ret_micros);
  if (json_object_is_type(value, json_type_double))
    ok = timestamp_from_double(json_object_get_double(value), ret_micros);
  return ok ? 1 : -1;
}

void conv_make_id(conv_row *row) {
  digest d = {0, 0};
  if (row->id.s) return;
  for (size_t i = 0; i < row->message_count; i++) {
    const conv_message *m = &row->messages[i];
    digest_add(&d, m->role, strlen(m->role));
    digest_add(&d, m->content.s, (size_t)m->content.len);
  }
  digest_hex(&d, row->digest_id);
  row->id = clio_span_of(row->digest_id, 32);
}

/* ---- the text of a message ---- */

void conv_add(conv_pieces *p, clio_span piece) { p->items[p->count++] = piece; }

void conv_add_mark(conv_pieces *p, const char *mark) {
  conv_add(p, clio_span_of(mark, (int64_t)strlen(mark)));
}

clio_status conv_join(const conv_parser *p, const conv_pieces *all, clio_span *ret) {
  int64_t total = 0;
  if (all->count == 1) {
    *ret = all->items[0];
    return CLIO_OK;
  }
  for (size_t i = 0; i < all->count; i++) total += all->items[i].len + 1;
  char *text = p->host->scratch(p->call, (uint64_t)total + 1), *at = text;
  if (!text) return CLIO_E_NOMEM;
  for (size_t i = 0; i < all->count; i++) {
    if (i) *at++ = '\n';
    memcpy(at, all->items[i].s, (size_t)all->items[i].len);
    at += all->items[i].len;
  }
  *ret = clio_span_of(text, at - text);
  return CLIO_OK;
}

const char *conv_mark_of(const char *type) {
  static const struct {
    const char *type, *mark;
  } marks[] = {{"image", "[image]"},
               {"image_url", "[image]"},
               {"input_image", "[image]"},
               {"image_asset_pointer", "[image]"},
               {"audio", "[audio]"},
               {"input_audio", "[audio]"},
               {"video", "[video]"},
               {"tool_use", "[tool call]"},
               {"tool_call", "[tool call]"},
               {"function_call", "[tool call]"},
               {"server_tool_use", "[tool call]"},
               {"tool_result", "[tool result]"},
               {"tool_call_response", "[tool result]"},
               {"thinking", "[thinking]"},
               {"redacted_thinking", "[thinking]"},
               {"reasoning", "[thinking]"}};
  for (size_t i = 0; i < sizeof marks / sizeof *marks; i++)
    if (type && strcmp(type, marks[i].type) == 0) return marks[i].mark;
  return "[attachment]";
}
