/* json.h - writes JSON, and only that: the one place in the core where text is
 * put into quotes. The output depends on the calls alone, never on the locale:
 * strings as RFC 8785 writes them, with DEL, C1 controls, U+2028 and U+2029 as
 * \uXXXX too; invalid UTF-8 becomes U+FFFD; doubles have the fewest of 15, 16 or
 * 17 digits that read back as the same double. Reading JSON is json-c's.
 *
 *   json *j = json_new(false);
 *   json_object(j);
 *   json_key(j, "rows"), json_int(j, 3);
 *   json_key(j, "names"), json_array(j), json_string(j, "a"), json_end(j);
 *   json_end(j);
 *   char *text = json_take(j);     {"rows":3,"names":["a"]}
 *
 * Calls in a wrong order (a value without a key in an object, an end too many)
 * are bugs and abort. Not thread-safe. */
#ifndef CLIO_CORE_JSON_H
#define CLIO_CORE_JSON_H
#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

enum { JSON_DEPTH_MAX = 64 };

typedef struct json json;

/* A writer; `pretty`: an item per line, two spaces per level. */
json *json_new(bool pretty);

/* Ends the writer; returns its text (free with g_free), ending in a newline
 * where it is pretty. Every object and array must have been ended. */
char *json_take(json *j);

/* Opens an object or an array, as a value; json_end closes the innermost. */
void json_object(json *j);
void json_array(json *j);
void json_end(json *j);

/* The key of the next value of an object. */
void json_key(json *j, const char *key);

/* One value. A NULL string is written as null, and so is a double that JSON
 * cannot hold (NaN, infinity). */
void json_string(json *j, const char *utf8);
void json_string_len(json *j, const char *utf8, size_t length);
void json_int(json *j, int64_t value);
void json_double(json *j, double value);
void json_bool(json *j, bool value);
void json_null(json *j);

/* A value that is JSON text already; put in as it stands. */
void json_raw(json *j, const char *text);

/* Key and value in one call. */
void json_put_string(json *j, const char *key, const char *utf8);
void json_put_int(json *j, const char *key, int64_t value);
void json_put_double(json *j, const char *key, double value);
void json_put_bool(json *j, const char *key, bool value);

/* Appends one quoted string, or one number, to `out`, without a writer. */
void json_append_string(GString *out, const char *utf8, size_t length);
void json_append_double(GString *out, double value);
#endif
