/* wire_json.h - JSON of requests and replies: written compactly into scratch memory,
 * read strictly. */
#ifndef CLIO_LIB_WIRE_JSON_H
#define CLIO_LIB_WIRE_JSON_H
#include "clio_util.h"
#include "json_strict.h"

/* ---- writing ---- */

/* A text being written. Failures stick and show in wire_end. */
typedef struct wire_out {
  const clio_host *host;
  clio_call *call;
  char *s;
  uint64_t len, room;
  int failed;  /* no memory */
  int after;   /* the next value follows another */
  int in_text; /* a string is open */
  unsigned depth;
  json_object *extra; /* the user's own fields, which go before ours */
} wire_out;

/* Starts an object. `extra`: text of a JSON object whose members go into it, or NULL;
 * a member that is null only keeps ours of that name out. [call] */
clio_status wire_begin(wire_out *o, const clio_host *host, clio_call *call, const char *extra);

/* Ends it, with what is left of `extra`; sets body and body_len. To be called after
 * every wire_begin. [call] */
clio_status wire_end(wire_out *o, clio_request *ret);

/* A member's key. In the outermost object: 0, and nothing is written, where `extra` has
 * that key; the value must then be left out. [call] */
int wire_key(wire_out *o, const char *key);

/* Values. `open` and `close` take '{' '[' and '}' ']'. wire_json takes the text of one
 * JSON value that was checked before. Reals have at most six decimals. [call] */
void wire_open(wire_out *o, char bracket);
void wire_close(wire_out *o, char bracket);
void wire_text(wire_out *o, const char *text);
void wire_int(wire_out *o, int64_t value);
void wire_real(wire_out *o, double value);
void wire_bool(wire_out *o, int value);
void wire_json(wire_out *o, const char *json);

/* A string in pieces: wire_quote, wire_piece ..., wire_quote. Bytes are UTF-8. [call] */
void wire_quote(wire_out *o);
void wire_piece(wire_out *o, const char *text, uint64_t len);

/* Members of a text or a number; left out where text is NULL. [call] */
void wire_put_text(wire_out *o, const char *key, const char *text);
void wire_put_int(wire_out *o, const char *key, int64_t value);

/* ---- reading ---- */

/* A reply's body. `root` is NULL where it is no JSON object, and `why` says so. */
typedef struct wire_doc {
  json_reader *reader;
  json_object *root;
  const char *why; /* static or scratch; nothing of the body */
} wire_doc;

/* Reads the body: an object, by RFC 8259 to the letter, said to be JSON if its type is
 * said. CLIO_OK whether it is or not. To be closed in every case. [call] */
clio_status wire_doc_open(const clio_host *host, clio_call *call, const clio_response *response,
                          wire_doc *ret);
void wire_doc_close(wire_doc *doc);

/* A member of that type, or NULL; takes NULL and what is no object. [any] */
json_object *wire_get(json_object *object, const char *key, json_type type);

/* An item of a list, an object; NULL past its end. [any] */
json_object *wire_item(json_object *list, size_t i);

/* A text member, s = NULL where there is none; a count, 0 to 2^53, else 0. [any] */
clio_span wire_get_text(json_object *object, const char *key);
int64_t wire_get_count(json_object *object, const char *key);

/* A copy in scratch memory, NUL-ended, with a space for each NUL in it; NULL: no
 * memory. [call] */
char *wire_keep(const clio_host *host, clio_call *call, clio_span text);
#endif
