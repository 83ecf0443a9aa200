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

static const char *text_or_null(json_object *value) {
  return json_object_is_type(value, json_type_string) ? json_object_get_string(value) : NULL;
}

/* A part's text, or the mark that stands for it. */
static clio_span part_text(json_object *part) {
  if (json_object_is_type(part, json_type_string)) return conv_text(part);
  json_object *text = conv_member(part, "text");
  if (json_object_is_type(text, json_type_object)) text = conv_member(text, "value");
  const char *type = text_or_null(conv_member(part, "type"));
  if (json_object_is_type(text, json_type_string) && (!type || strstr(type, "text")))
    return conv_text(text);
  const char *mark = conv_mark_of(type);
  return clio_span_of(mark, (int64_t)strlen(mark));
}

/* Beside the content: what a model refused with, tool calls, attached files. */
static void add_beside(conv_pieces *all, json_object *message) {
  json_object *refusal = conv_member(message, "refusal");
  if (json_object_is_type(refusal, json_type_string)) conv_add(all, conv_text(refusal));
  int calls = conv_has_items(conv_member(message, "tool_calls"));
  if (calls || json_object_is_type(conv_member(message, "function_call"), json_type_object))
    conv_add(all, clio_span_of("[tool call]", 11));
  if (conv_has_items(conv_member(message, "attachments")) ||
      conv_has_items(conv_member(message, "files")))
    conv_add(all, clio_span_of("[attachment]", 12));
}

clio_status jsonl_content(const conv_parser *p, json_object *message, const char *key,
                          clio_span *ret) {
  json_object *content = NULL;
  json_bool there = json_object_object_get_ex(message, key, &content);
  size_t parts =
      json_object_is_type(content, json_type_array) ? json_object_array_length(content) : 0;
  clio_span few[4];
  conv_pieces all = {few, 0};
  if (parts) all.items = clio_scratch_array(p->host, p->call, parts + 4, sizeof *few);
  if (!all.items) return CLIO_E_NOMEM;
  if (json_object_is_type(content, json_type_string))
    conv_add(&all, conv_text(content));
  else if (!json_object_is_type(content, json_type_array) && content)
    return CLIO_E_INPUT;
  for (size_t i = 0; i < parts; i++)
    conv_add(&all, part_text(json_object_array_get_idx(content, i)));
  add_beside(&all, message);
  if (all.count == 0 && !there) return CLIO_E_INPUT;
  *ret = clio_span_of("", 0);
  return all.count ? conv_join(p, &all, ret) : CLIO_OK;
}
