/* conv.h - what the sources that read JSON share: one conversation as it was
 * read, batches of them written as tables, lines of a block taken one by one.
 * How a line becomes a conversation is the source's own (conv_parse). */
#ifndef CLIO_LIB_CONV_H
#define CLIO_LIB_CONV_H
#include <stdarg.h>

#include "clio_util.h"
#include "json_strict.h"

/* One message. `role` is user, assistant, system or tool. */
typedef struct conv_message {
  const char *role;
  clio_span content;
  int64_t sent; /* microseconds */
  int has_sent;
} conv_message;

/* One conversation. Spans point into the line, the JSON objects or scratch, and
 * live as long as those. s = NULL: null. */
typedef struct conv_row {
  json_object *root; /* the row's own: json_object_put it */
  clio_span id, account, org, metadata;
  int64_t time;
  int has_time;
  conv_message *messages;
  size_t message_count;
  clio_span *labels; /* in the order of the label columns */
  char digest_id[33];
  char why[256]; /* what is wrong with the line; nothing of its content */
} conv_row;

/* What reading lines needs, for one call into the stage. */
typedef struct conv_parser conv_parser;

/* CLIO_OK: *ret_row is filled. CLIO_E_INPUT: the line is bad, ret_row->why says
 * why. CLIO_E_NOMEM. ret_row->root is put by the caller in every case. */
typedef clio_status (*conv_parse)(const conv_parser *p, const char *line, size_t len,
                                  conv_row *ret_row);

/* Filled by the source but for `reader` and `file`. */
struct conv_parser {
  const clio_host *host;
  clio_call *call;
  const void *config;
  conv_parse parse;
  int64_t max_depth; /* of the JSON */
  const char *const *labels;
  size_t label_count;
  json_reader *reader;
  clio_span file; /* where the block comes from; s = NULL: not told */
};

/* A source's process(): every line of the blocks `in` through p->parse, emitted
 * in batches; bad lines go to fail_row. */
clio_status conv_process(conv_parser *p, const clio_table *in);

/* The name of a label's column, "label_FIELD". */
void conv_label_column(const char *field, char ret_name[64]);

/* ---- for parsers ---- */

/* Says what is wrong with the line, never what stands in it; CLIO_E_INPUT. */
clio_status conv_bad(conv_row *row, const char *format, ...) CLIO_PRINTF(2, 3);

/* Reads the line into row->root and sees that it is an object. */
clio_status conv_read_object(const conv_parser *p, const char *line, size_t len, conv_row *row);

/* A member of an object, or NULL (also for JSON null); its text; its span. */
json_object *conv_member(json_object *object, const char *key);
int conv_is_text(json_object *value);
clio_span conv_text(json_object *string);

/* 1: *ret_micros is set; 0: null or absent; -1: not a time. Takes RFC 3339 and
 * seconds since 1970. */
int conv_time(json_object *value, int64_t *ret_micros);

/* Gives a row without an id one that is made of its messages. */
void conv_make_id(conv_row *row);

/* Pieces of a message's text, joined with line ends. `items` has room for all. */
typedef struct conv_pieces {
  clio_span *items;
  size_t count;
} conv_pieces;
void conv_add(conv_pieces *p, clio_span piece);
void conv_add_mark(conv_pieces *p, const char *mark);
clio_status conv_join(const conv_parser *p, const conv_pieces *all, clio_span *ret);

/* Has the value items: is it a list that is not empty? */
int conv_has_items(json_object *value);

/* The mark for a part that is not text, by its type: "[image]", "[tool call]"
 * (the paper's appendix G.2); "[attachment]" for an unknown one. */
const char *conv_mark_of(const char *type);

/* ---- for the descriptors ---- */

/* What each of these sources reads and makes. */
extern const clio_port conv_inputs[1], conv_outputs[1];
#define CONV_INPUTS \
  { conv_inputs, 1, sizeof(clio_port) }
#define CONV_OUTPUTS \
  { conv_outputs, 1, sizeof(clio_port) }

/* The limits that a user may have to raise: of struct S, int64_t fields. */
#define CONV_LIMITS(S) \
  CLIO_LIMIT(S, max_record, "16", 1, 1024, \
             "MiB of one conversation as it is written; longer ones are left out and counted"), \
      CLIO_LIMIT(S, max_unpacked, "4", 1, 1 << 20, "GiB that one compressed file may unpack to"), \
      CLIO_LIMIT(S, max_ratio, "200", 2, 1 << 20, \
                 "how many times its size a compressed file may unpack to"), \
      CLIO_INT(S, max_depth, "64", 4, 1000, "how deep the JSON of one conversation may be nested")
#endif
