/* jsonout.h - writes one JSON file through clio.output/1, two spaces a level.
 *
 * For reports and validators. The bytes depend only on what is written: no
 * locale, no float rounding mode, no hash order. The first failure sticks and
 * is what jsonout_close returns, so calls need no check in between. */
#ifndef CLIO_PLUGINS_JSONOUT_H
#define CLIO_PLUGINS_JSONOUT_H
#include "clio.h"

/* A file being written; lives until the call returns. */
typedef struct jsonout jsonout;

/* Opens `name` in the mode's folder. NULL when there is no memory; any other
 * failure shows in jsonout_close. [call] */
jsonout *jsonout_open(const clio_host *host, clio_call *call, const char *name);

/* Ends the file with a newline and closes it. Every object and array must have
 * been ended. [call] */
clio_status jsonout_close(jsonout *j);

/* Below, `key` is the member's name inside an object and NULL inside an array
 * or at the top. All [call]. */
void jsonout_object(jsonout *j, const char *key);
void jsonout_array(jsonout *j, const char *key);
/* As jsonout_array and jsonout_object, with a key that is not NUL-ended. */
void jsonout_array_named(jsonout *j, const char *key, int64_t len);
/* Ends the innermost object or array. */
void jsonout_end(jsonout *j);

/* A string; len < 0 writes null. Bytes must be valid UTF-8. */
void jsonout_text(jsonout *j, const char *key, const char *utf8, int64_t len);
void jsonout_string(jsonout *j, const char *key, const char *utf8);
void jsonout_int(jsonout *j, const char *key, int64_t value);
/* At most six digits after the point; not finite writes null. */
void jsonout_real(jsonout *j, const char *key, double value);
void jsonout_bool(jsonout *j, const char *key, int value);
void jsonout_null(jsonout *j, const char *key);
/* JSON text from a trusted writer, laid out anew; len < 0 writes null. */
void jsonout_json(jsonout *j, const char *key, const char *json, int64_t len);

/* Writes `value` with at most six digits after the point into `ret` of at least
 * 40 bytes and returns the length: "0.25", "-3", "1200". Held to +-1e12; 0 for
 * what is not finite. Locale-free. [any] */
int jsonout_format_real(double value, char *ret);
#endif
