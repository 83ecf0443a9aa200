/* json_strict.h - JSON as RFC 8259 has it, read with json-c. json-c alone takes
 * duplicate keys, single quotes, NaN, control characters, invalid UTF-8 and
 * numbers it cannot hold; so a scanner reads the text first, refuses all that,
 * knows where, and remembers where the top-level members stand. A lone
 * surrogate escape is allowed and becomes U+FFFD. */
#ifndef CLIO_LIB_JSON_STRICT_H
#define CLIO_LIB_JSON_STRICT_H
#include <json-c/json.h>
#include <stddef.h>
#include <stdint.h>

enum { JSON_STRICT_DEPTH = 64, JSON_STRICT_DEPTH_MAX = 1000, JSON_STRICT_BYTES = 1 << 30 };

/* What is wrong with a text. `reason` is a static sentence without any of it. */
typedef struct json_fault {
  const char *reason;
  size_t column; /* 1-based, in characters */
} json_fault;

/* A piece of the text; s = NULL: none. */
typedef struct json_slice {
  const char *s;
  size_t len;
} json_slice;

/* A reader, for any number of texts nested at most `depth` deep (cut at
 * JSON_STRICT_DEPTH_MAX). Not thread-safe; NULL: no memory. */
typedef struct json_reader json_reader;
json_reader *json_reader_new(unsigned depth);
void json_reader_free(json_reader *r);

/* Reads one value. 1: *ret is the caller's to put (NULL for a JSON null).
 * 0: *ret_fault says why not. Integers past 64 bits are clamped by json-c: where
 * a number is an id, take its slice. */
int json_read(json_reader *r, const char *text, size_t len, json_object **ret,
              json_fault *ret_fault);

/* After json_read of an object: a top-level member's value as it is written,
 * in the text that was read. */
json_slice json_member(const json_reader *r, const char *key);

/* Is the slice a whole number: -?digits? */
int json_is_whole(json_slice number);
#endif
