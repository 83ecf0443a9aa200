/* json.c - a JSON writer over GString; see json.h. */
#include "json.h"

#include <math.h>
#include <string.h>

typedef enum { IN_ARRAY, IN_OBJECT } json_level;

struct json {
  GString *out;
  bool pretty;
  bool keyed; /* a key was written, its value comes next */
  unsigned depth;
  struct {
    json_level kind;
    bool filled; /* holds an item already */
  } level[JSON_DEPTH_MAX];
};

json *json_new(bool pretty) {
  json *j = g_new0(json, 1);
  j->out = g_string_new(NULL);
  j->pretty = pretty;
  return j;
}

char *json_take(json *j) {
  g_assert(j->depth == 0 && !j->keyed);
  if (j->pretty) g_string_append_c(j->out, '\n');
  char *text = g_string_free(j->out, FALSE);
  g_free(j);
  return text;
}

static void json_newline(json *j) {
  if (!j->pretty) return;
  g_string_append_c(j->out, '\n');
  for (unsigned i = 0; i < j->depth; i++) g_string_append(j->out, "  ");
}

/* The comma and the new line before an item of the innermost level. */
static void json_separate(json *j) {
  if (j->depth == 0) return;
  if (j->level[j->depth - 1].filled) g_string_append_c(j->out, ',');
  j->level[j->depth - 1].filled = true;
  json_newline(j);
}

static void json_before_value(json *j) {
  bool in_object = j->depth > 0 && j->level[j->depth - 1].kind == IN_OBJECT;
  g_assert(in_object == j->keyed);
  if (!in_object) json_separate(j);
  j->keyed = false;
}

static void json_open(json *j, json_level kind) {
  json_before_value(j);
  g_assert(j->depth < JSON_DEPTH_MAX);
  g_string_append_c(j->out, kind == IN_OBJECT ? '{' : '[');
  j->level[j->depth].kind = kind;
  j->level[j->depth].filled = false;
  j->depth++;
}

void json_object(json *j) { json_open(j, IN_OBJECT); }
void json_array(json *j) { json_open(j, IN_ARRAY); }

void json_end(json *j) {
  g_assert(j->depth > 0 && !j->keyed);
  j->depth--;
  if (j->level[j->depth].filled) json_newline(j);
  g_string_append_c(j->out, j->level[j->depth].kind == IN_OBJECT ? '}' : ']');
}

void json_key(json *j, const char *key) {
  g_assert(j->depth > 0 && j->level[j->depth - 1].kind == IN_OBJECT && !j->keyed);
  json_separate(j);
  json_append_string(j->out, key, strlen(key));
  g_string_append(j->out, j->pretty ? ": " : ":");
  j->keyed = true;
}

void json_string(json *j, const char *utf8) {
  if (!utf8) {
    json_null(j);
    return;
  }
  json_string_len(j, utf8, strlen(utf8));
}

void json_string_len(json *j, const char *utf8, size_t length) {
  json_before_value(j);
  json_append_string(j->out, utf8, length);
}

void json_int(json *j, int64_t value) {
  json_before_value(j);
  g_string_append_printf(j->out, "%" G_GINT64_FORMAT, (gint64)value);
}

void json_double(json *j, double value) {
  json_before_value(j);
  json_append_double(j->out, value);
}

void json_bool(json *j, bool value) { json_raw(j, value ? "true" : "false"); }
void json_null(json *j) { json_raw(j, "null"); }

void json_raw(json *j, const char *text) {
  json_before_value(j);
  g_string_append(j->out, text);
}

void json_put_string(json *j, const char *key, const char *utf8) {
  json_key(j, key);
  json_string(j, utf8);
}

void json_put_int(json *j, const char *key, int64_t value) {
  json_key(j, key);
  json_int(j, value);
}

void json_put_double(json *j, const char *key, double value) {
  json_key(j, key);
  json_double(j, value);
}

void json_put_bool(json *j, const char *key, bool value) {
  json_key(j, key);
  json_bool(j, value);
}

static void append_char(GString *out, gunichar c) {
  switch (c) {
  case '"': g_string_append(out, "\\\""); return;
  case '\\': g_string_append(out, "\\\\"); return;
  case '\b': g_string_append(out, "\\b"); return;
  case '\t': g_string_append(out, "\\t"); return;
  case '\n': g_string_append(out, "\\n"); return;
  case '\f': g_string_append(out, "\\f"); return;
  case '\r': g_string_append(out, "\\r"); return;
  default: break;
  }
  bool control = c < 0x20 || (c >= 0x7F && c <= 0x9F);
  if (control || c == 0x2028 || c == 0x2029)
    g_string_append_printf(out, "\\u%04x", c);
  else
    g_string_append_unichar(out, c);
}

void json_append_string(GString *out, const char *utf8, size_t length) {
  g_string_append_c(out, '"');
  const char *end = utf8 + length;
  for (const char *p = utf8; p < end;) {
    gunichar c = *p ? g_utf8_get_char_validated(p, end - p) : 0;
    bool bad = c == (gunichar)-1 || c == (gunichar)-2;
    append_char(out, bad ? 0xFFFD : c);
    p = bad ? p + 1 : g_utf8_next_char(p);
  }
  g_string_append_c(out, '"');
}

void json_append_double(GString *out, double value) {
  if (!isfinite(value)) {
    g_string_append(out, "null");
    return;
  }
  if (value == 0) value = 0; /* no -0 */
  static const char *const formats[] = {"%.15g", "%.16g", "%.17g"};
  char text[G_ASCII_DTOSTR_BUF_SIZE];
  for (size_t i = 0; i < G_N_ELEMENTS(formats); i++) {
    g_ascii_formatd(text, sizeof text, formats[i], value);
    if (g_ascii_strtod(text, NULL) == value) break;
  }
  g_string_append(out, text);
}
