/* jsonl_line.h - one line of JSON becomes one conversation, whichever of the
 * known shapes it has. No tables and no blocks here (jsonl.c). */
#ifndef CLIO_SOURCE_JSONL_LINE_H
#define CLIO_SOURCE_JSONL_LINE_H
#include "conv.h"

typedef struct jsonl_config {
  const char *path, *shape, *text, *label;
  clio_strlist labels;
  int64_t max_record, max_unpacked, max_ratio, max_depth;
} jsonl_config;

/* Every name `shape` may have, NULL-ended. */
extern const char *const jsonl_shape_names[];

/* How many label columns there are, and the field each is read from. */
size_t jsonl_label_count(const jsonl_config *c);
const char *jsonl_label_field(const jsonl_config *c, size_t i);

/* One line; as conv_parse. */
clio_status jsonl_parse(const conv_parser *p, const char *line, size_t len, conv_row *ret_row);

/* In jsonl_content.c: role and text of one message.
 * The role as we name it, or NULL when it is none that we know. */
const char *jsonl_role(const char *role);

/* The text of a message: a string, a list of parts with all that is not text
 * marked ([image], [tool call] ...), a model's refusal, tool calls. Returns
 * CLIO_E_INPUT when there is nothing of the kind, CLIO_E_NOMEM. */
clio_status jsonl_content(const conv_parser *p, json_object *message, const char *key,
                          clio_span *ret);
#endif
