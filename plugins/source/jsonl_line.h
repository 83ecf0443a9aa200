/* jsonl_line.h - one line of JSON becomes one conversation, whichever of the
 * known shapes it has. No tables and no blocks here (jsonl.c). */
#ifndef CLIO_SOURCE_JSONL_LINE_H
#define CLIO_SOURCE_JSONL_LINE_H
#include <stdarg.h>

#include "clio_util.h"
#include "json_strict.h"

typedef struct jsonl_config {
  const char *path, *shape, *text, *label;
  clio_strlist labels;
} jsonl_config;

/* Every name `shape` may have, NULL-ended. */
extern const char *const jsonl_shape_names[];

/* One message. `role` is user, assistant, system or tool. */
typedef struct jsonl_message {
  const char *role;
  clio_span content;
  int64_t sent; /* microseconds */
  int has_sent;
} jsonl_message;

/* One conversation. Spans point into the line, the JSON objects or scratch, and
 * live as long as those. s = NULL: null. */
typedef struct jsonl_row {
  json_object *root; /* the row's own: json_object_put it */
  clio_span id, account, org, metadata;
  int64_t time;
  int has_time;
  jsonl_message *messages;
  size_t message_count;
  clio_span *labels; /* in the order of the label columns */
  char digest_id[33];
  char why[160]; /* what is wrong with the line; nothing of its content */
} jsonl_row;

/* What reading lines needs, for one call into the stage. */
typedef struct jsonl_parser {
  const clio_host *host;
  clio_call *call;
  const jsonl_config *config;
  json_reader *reader;
} jsonl_parser;

/* How many label columns there are, and the field each is read from. */
size_t jsonl_label_count(const jsonl_config *c);
const char *jsonl_label_field(const jsonl_config *c, size_t i);

/* CLIO_OK: *ret_row is filled. CLIO_E_INPUT: the line is bad, ret_row->why says
 * why. CLIO_E_NOMEM. ret_row->root must be put in every case. */
clio_status jsonl_parse(const jsonl_parser *p, const char *line, size_t len, jsonl_row *ret_row);

/* In jsonl_content.c: role and text of one message.
 * The role as we name it, or NULL when it is none that we know. */
const char *jsonl_role(const char *role);

/* The text of a message: a string, a list of parts with all that is not text
 * marked ([image], [tool call] ...), a model's refusal, tool calls. Returns
 * CLIO_E_INPUT when there is nothing of the kind, CLIO_E_NOMEM. */
clio_status jsonl_content(const jsonl_parser *p, json_object *message, const char *key,
                          clio_span *ret);
#endif
