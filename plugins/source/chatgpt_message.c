/* chatgpt_message.c - see chatgpt_message.h. What a tool gave back, what the
 * model thought and the person's custom instructions are only marked: they are
 * not what the two said to each other. */
#include "chatgpt_message.h"

#include <string.h>

static const char *word(json_object *object, const char *key) {
  json_object *value = conv_member(object, key);
  return conv_is_text(value) ? json_object_get_string(value) : "";
}

/* Shown to nobody: weight 0, or hidden by its metadata. Custom instructions are
 * hidden too and yet shaped the answers. */
static int is_hidden(json_object *message, const char *type) {
  json_object *weight = conv_member(message, "weight");
  json_object *metadata = conv_member(message, "metadata");
  if (strcmp(type, "user_editable_context") == 0) return 0;
  if (weight && json_object_get_double(weight) == 0) return 1;
  return json_object_get_boolean(conv_member(metadata, "is_visually_hidden_from_conversation"));
}

/* The mark for a whole message of that content type, or NULL: its text counts. */
static const char *mark_of_type(const char *type) {
  static const struct {
    const char *type, *mark;
  } marks[] = {{"execution_output", "[tool result]"},
               {"tether_browsing_display", "[tool result]"},
               {"tether_quote", "[tool result]"},
               {"sonic_webpage", "[tool result]"},
               {"system_error", "[tool result]"},
               {"thoughts", "[thinking]"},
               {"reasoning_recap", "[thinking]"},
               {"user_editable_context", "[custom instructions]"},
               {"model_editable_context", "[custom instructions]"}};
  for (size_t i = 0; i < sizeof marks / sizeof *marks; i++)
    if (strcmp(type, marks[i].type) == 0) return marks[i].mark;
  return NULL;
}

/* A part of `parts`: text, a transcript of speech, or something to be marked. */
static void add_part(conv_pieces *all, json_object *part) {
  if (conv_is_text(part)) {
    if (json_object_get_string_len(part) > 0) conv_add(all, conv_text(part));
    return;
  }
  const char *type = word(part, "content_type");
  json_object *text = conv_member(part, "text");
  if (strcmp(type, "audio_transcription") == 0 && conv_is_text(text))
    conv_add(all, conv_text(text));
  else if (strstr(type, "image"))
    conv_add_mark(all, "[image]");
  else if (strstr(type, "audio") || strstr(type, "video"))
    conv_add_mark(all, strstr(type, "video") ? "[video]" : "[audio]");
  else
    conv_add_mark(all, "[attachment]");
}

static void add_content(conv_pieces *all, json_object *content, json_object *parts) {
  json_object *text = conv_member(content, "text");
  size_t n = parts ? json_object_array_length(parts) : 0;
  for (size_t i = 0; i < n; i++) add_part(all, json_object_array_get_idx(parts, i));
  if (!parts && conv_is_text(text) && json_object_get_string_len(text) > 0)
    conv_add(all, conv_text(text));
}

/* Whose message it is, by its author; a tool that is spoken to is no person. */
static const char *role_of(const char *author, const char *mark) {
  static const char *const roles[] = {"user", "assistant", "system", "tool"};
  if (mark && strcmp(mark, "[custom instructions]") == 0) return "system";
  for (size_t i = 0; i < sizeof roles / sizeof *roles; i++)
    if (strcmp(author, roles[i]) == 0) return roles[i];
  return NULL;
}

/* The pieces of the text, by what kind of message it is. */
static void add_pieces(conv_pieces *all, json_object *message, json_object *parts, const char *role,
                       const char *mark) {
  json_object *content = conv_member(message, "content");
  const char *to = word(message, "recipient");
  int call = strcmp(role, "assistant") == 0 && *to && strcmp(to, "all") != 0;
  if (strcmp(role, "tool") == 0)
    conv_add_mark(all, "[tool result]");
  else if (call)
    conv_add_mark(all, "[tool call]");
  else if (mark)
    conv_add_mark(all, mark);
  else
    add_content(all, content, parts);
  if (conv_has_items(conv_member(conv_member(message, "metadata"), "attachments")))
    conv_add_mark(all, "[attachment]");
}

clio_status chatgpt_message(const conv_parser *p, conv_row *row, json_object *message,
                            size_t number, conv_message *ret) {
  json_object *content = conv_member(message, "content");
  const char *type = word(content, "content_type");
  const char *mark = mark_of_type(type);
  if (!message || is_hidden(message, type)) return CLIO_OK;
  const char *role = role_of(word(conv_member(message, "author"), "role"), mark);
  if (!role)
    return conv_bad(row, "the author of message %zu is none of user, assistant, system, tool",
                    number);
  json_object *parts = conv_member(content, "parts");
  if (!json_object_is_type(parts, json_type_array)) parts = NULL;
  size_t room = (parts ? json_object_array_length(parts) : 0) + 2;
  conv_pieces all = {clio_scratch_array(p->host, p->call, room, sizeof(clio_span)), 0};
  if (!all.items) return CLIO_E_NOMEM;
  add_pieces(&all, message, parts, role, mark);
  if (all.count == 0) return CLIO_OK;
  ret->role = role;
  ret->has_sent = conv_time(conv_member(message, "create_time"), &ret->sent);
  if (ret->has_sent < 0) return conv_bad(row, "the time of message %zu is not one", number);
  return conv_join(p, &all, &ret->content);
}
