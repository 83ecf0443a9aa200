/* jsonl_content.c - the role and the text of one message. What is not text is
 * marked by a word in brackets, so that a reader of the transcript knows that
 * something was there (the paper's appendix G.2). */
#include <string.h>

#include "jsonl_line.h"

const char *jsonl_role(const char *role) {
  static const struct {
    const char *name, *ours;
  } roles[] = {{"user", "user"},          {"human", "user"},
               {"prompter", "user"},      {"assistant", "assistant"},
               {"gpt", "assistant"},      {"chatgpt", "assistant"},
               {"bard", "assistant"},     {"bing", "assistant"},
               {"claude", "assistant"},   {"gemini", "assistant"},
               {"model", "assistant"},    {"bot", "assistant"},
               {"ai", "assistant"},       {"system", "system"},
               {"developer", "system"},   {"tool", "tool"},
               {"function", "tool"},      {"observation", "tool"},
               {"function_call", "tool"}, {"function_response", "tool"}};
  for (size_t i = 0; i < sizeof roles / sizeof *roles; i++)
    if (strcmp(role, roles[i].name) == 0) return roles[i].ours;
  return NULL;
}

/* The mark for a part that is not text, by its type. */
static const char *mark_of(const char *type) {
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

static clio_span span_of(json_object *string) {
  return clio_span_of(json_object_get_string(string), json_object_get_string_len(string));
}

static json_object *member(json_object *object, const char *key) {
  json_object *value = NULL;
  return json_object_object_get_ex(object, key, &value) ? value : NULL;
}

static const char *text_or_null(json_object *value) {
  return json_object_is_type(value, json_type_string) ? json_object_get_string(value) : NULL;
}

/* A part's text, or the mark that stands for it. */
static clio_span part_text(json_object *part) {
  if (json_object_is_type(part, json_type_string)) return span_of(part);
  json_object *text = member(part, "text");
  if (json_object_is_type(text, json_type_object)) text = member(text, "value");
  const char *type = text_or_null(member(part, "type"));
  if (json_object_is_type(text, json_type_string) && (!type || strstr(type, "text")))
    return span_of(text);
  const char *mark = mark_of(type);
  return clio_span_of(mark, (int64_t)strlen(mark));
}

/* Pieces of a message's text, joined with line ends. */
typedef struct pieces {
  clio_span *items;
  size_t count;
} pieces;

static void add(pieces *p, clio_span piece) { p->items[p->count++] = piece; }

static clio_status join(const jsonl_parser *p, const pieces *all, clio_span *ret) {
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

static int has_items(json_object *value) {
  return json_object_is_type(value, json_type_array) && json_object_array_length(value) > 0;
}

/* Beside the content: what a model refused with, tool calls, attached files. */
static void add_beside(pieces *all, json_object *message) {
  json_object *refusal = member(message, "refusal");
  if (json_object_is_type(refusal, json_type_string)) add(all, span_of(refusal));
  int calls = has_items(member(message, "tool_calls"));
  if (calls || json_object_is_type(member(message, "function_call"), json_type_object))
    add(all, clio_span_of("[tool call]", 11));
  if (has_items(member(message, "attachments")) || has_items(member(message, "files")))
    add(all, clio_span_of("[attachment]", 12));
}

clio_status jsonl_content(const jsonl_parser *p, json_object *message, const char *key,
                          clio_span *ret) {
  json_object *content = NULL;
  json_bool there = json_object_object_get_ex(message, key, &content);
  size_t parts =
      json_object_is_type(content, json_type_array) ? json_object_array_length(content) : 0;
  clio_span few[4];
  pieces all = {few, 0};
  if (parts) all.items = clio_scratch_array(p->host, p->call, parts + 4, sizeof *few);
  if (!all.items) return CLIO_E_NOMEM;
  if (json_object_is_type(content, json_type_string))
    add(&all, span_of(content));
  else if (!json_object_is_type(content, json_type_array) && content)
    return CLIO_E_INPUT;
  for (size_t i = 0; i < parts; i++) add(&all, part_text(json_object_array_get_idx(content, i)));
  add_beside(&all, message);
  if (all.count == 0 && !there) return CLIO_E_INPUT;
  *ret = clio_span_of("", 0);
  return all.count ? join(p, &all, ret) : CLIO_OK;
}
