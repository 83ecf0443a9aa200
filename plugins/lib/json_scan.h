/* json_scan.h - checks a text against RFC 8259 without building anything. */
#ifndef CLIO_LIB_JSON_SCAN_H
#define CLIO_LIB_JSON_SCAN_H
#include <stddef.h>
#include <stdint.h>

/* A top-level member: its key without quotes, escapes as written, and its
 * value; both as offsets into the text. */
typedef struct json_span {
  size_t key, key_end, value, value_end;
} json_span;

/* The hash of a key and the place of its last occurrence. */
typedef struct json_key_mark {
  uint64_t hash;
  size_t at;
} json_key_mark;

/* One scan. Zero it before the first; arrays are kept from scan to scan. */
typedef struct json_scan {
  const char *text;
  size_t len, at;
  const char *reason; /* NULL: no fault so far */
  size_t fault;       /* its offset */
  unsigned depth, depth_max;
  json_span *members; /* of a top-level object */
  size_t member_count, member_room;
  json_key_mark *keys; /* of the objects that are open */
  size_t key_count, key_room;
} json_scan;

/* 1: the text is one JSON value with white space around it. 0: `reason` and
 * `fault` are set. */
int json_scan_text(json_scan *s, const char *text, size_t len);

/* The place in characters, 1-based, of a byte offset; what follows the first
 * invalid byte is not looked at. */
size_t json_scan_column(const char *text, size_t offset);
void json_scan_clear(json_scan *s);
#endif
