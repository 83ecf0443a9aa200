/* jsonout.c - a JSON writer over clio.output/1; see jsonout.h. */
#include "jsonout.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { BUFFER = 1 << 16, DEPTH = 32 };

struct jsonout {
  const clio_host *host;
  clio_call *call;
  const clio_output *output;
  clio_status status;
  uint32_t file;
  int depth;
  char close[DEPTH]; /* the bracket that ends each open level */
  int empty[DEPTH];  /* nothing written in it yet */
  size_t used;
  char buffer[BUFFER];
};

static void flush(jsonout *j) {
  if (j->status == CLIO_OK && j->used > 0)
    j->status = j->output->write(j->call, j->file, j->buffer, j->used);
  j->used = 0;
}

static void put(jsonout *j, const char *bytes, size_t len) {
  while (len > 0) {
    if (j->used == BUFFER) flush(j);
    size_t part = BUFFER - j->used < len ? BUFFER - j->used : len;
    memcpy(j->buffer + j->used, bytes, part);
    j->used += part;
    bytes += part;
    len -= part;
  }
}

static void put_char(jsonout *j, char c) { put(j, &c, 1); }

static void new_line(jsonout *j, int depth) {
  put_char(j, '\n');
  for (int i = 0; i < depth; i++) put(j, "  ", 2);
}

static void escape(jsonout *j, unsigned char c) {
  static const char hex[] = "0123456789abcdef";
  if (c == '"' || c == '\\') {
    put_char(j, '\\');
    put_char(j, (char)c);
  } else if (c == '\n') {
    put(j, "\\n", 2);
  } else if (c == '\t') {
    put(j, "\\t", 2);
  } else {
    char code[6] = {'\\', 'u', '0', '0', hex[c >> 4], hex[c & 15]};
    put(j, code, sizeof code);
  }
}

static void quote(jsonout *j, const char *utf8, size_t len) {
  put_char(j, '"');
  size_t from = 0;
  for (size_t i = 0; i < len; i++) {
    unsigned char c = (unsigned char)utf8[i];
    if (c >= 0x20 && c != '"' && c != '\\' && c != 0x7f) continue;
    put(j, utf8 + from, i - from);
    escape(j, c);
    from = i + 1;
  }
  put(j, utf8 + from, len - from);
  put_char(j, '"');
}

/* The comma, line and key that come before a value. */
static void begin_value_named(jsonout *j, const char *key, size_t len) {
  if (j->depth > 0) {
    if (!j->empty[j->depth - 1]) put_char(j, ',');
    j->empty[j->depth - 1] = 0;
    new_line(j, j->depth);
  }
  if (!key) return;
  quote(j, key, len);
  put(j, ": ", 2);
}

static void begin_value(jsonout *j, const char *key) {
  begin_value_named(j, key, key ? strlen(key) : 0);
}

static void open_level(jsonout *j, char open, char close) {
  if (j->depth == DEPTH) {
    j->status = j->host->fail(j->call, CLIO_E_INTERNAL, "json nested too deep");
    j->depth--;
  }
  put_char(j, open);
  j->close[j->depth] = close;
  j->empty[j->depth] = 1;
  j->depth++;
}

jsonout *jsonout_open(const clio_host *host, clio_call *call, const char *name) {
  jsonout *j = host->scratch(call, sizeof *j);
  if (!j) return NULL;
  j->host = host;
  j->call = call;
  j->output = host->service(call, CLIO_OUTPUT_ID);
  if (j->output)
    j->status = j->output->open(call, name, &j->file);
  else
    j->status = host->fail(call, CLIO_E_UNSUPPORTED, "this host offers no clio.output/1");
  return j;
}

clio_status jsonout_close(jsonout *j) {
  put_char(j, '\n');
  flush(j);
  if (j->depth != 0 && j->status == CLIO_OK)
    j->status =
        j->host->fail(j->call, CLIO_E_INTERNAL, "json closed before its objects were ended");
  if (j->status != CLIO_OK) return j->status;
  return j->output->close(j->call, j->file);
}

void jsonout_object(jsonout *j, const char *key) {
  begin_value(j, key);
  open_level(j, '{', '}');
}

void jsonout_array(jsonout *j, const char *key) {
  begin_value(j, key);
  open_level(j, '[', ']');
}

void jsonout_array_named(jsonout *j, const char *key, int64_t len) {
  begin_value_named(j, key, (size_t)len);
  open_level(j, '[', ']');
}

void jsonout_end(jsonout *j) {
  if (j->depth == 0) {
    j->status = j->host->fail(j->call, CLIO_E_INTERNAL, "json ended more often than begun");
    return;
  }
  j->depth--;
  if (!j->empty[j->depth]) new_line(j, j->depth);
  put_char(j, j->close[j->depth]);
}

void jsonout_text(jsonout *j, const char *key, const char *utf8, int64_t len) {
  if (len < 0) {
    jsonout_null(j, key);
    return;
  }
  begin_value(j, key);
  quote(j, utf8, (size_t)len);
}

void jsonout_string(jsonout *j, const char *key, const char *utf8) {
  jsonout_text(j, key, utf8, utf8 ? (int64_t)strlen(utf8) : -1);
}

void jsonout_int(jsonout *j, const char *key, int64_t value) {
  char text[24];
  begin_value(j, key);
  put(j, text, (size_t)snprintf(text, sizeof text, "%lld", (long long)value));
}

void jsonout_real(jsonout *j, const char *key, double value) {
  char text[40];
  int len = jsonout_format_real(value, text);
  begin_value(j, key);
  put(j, len ? text : "null", len ? (size_t)len : 4);
}

void jsonout_bool(jsonout *j, const char *key, int value) {
  begin_value(j, key);
  put(j, value ? "true" : "false", value ? 4 : 5);
}

void jsonout_null(jsonout *j, const char *key) {
  begin_value(j, key);
  put(j, "null", 4);
}

static int is_space(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; }

static int is_mark(char c) {
  return c == ',' || c == ':' || c == '{' || c == '}' || c == '[' || c == ']';
}

/* The end of the string or scalar that starts at `at`. */
static int64_t token_end(const char *json, int64_t len, int64_t at) {
  int64_t i = at;
  if (json[i] == '"') {
    for (i++; i < len && json[i] != '"'; i++)
      if (json[i] == '\\') i++;
    return i < len ? i + 1 : len;
  }
  while (i < len && !is_mark(json[i]) && !is_space(json[i])) i++;
  return i > at ? i : at + 1;
}

/* Where the level opened at `at` ends, if nothing is in it; else 0. */
static int64_t empty_level_end(const char *json, int64_t len, int64_t at) {
  for (int64_t i = at + 1; i < len; i++)
    if (!is_space(json[i])) return json[i] == ']' || json[i] == '}' ? i + 1 : 0;
  return 0;
}

/* One token of jsonout_json; returns where the next one starts. */
static int64_t lay_out(jsonout *j, const char *json, int64_t len, int64_t at, int *depth) {
  char c = json[at];
  int64_t end = is_mark(c) ? at + 1 : token_end(json, len, at);
  if (c == '}' || c == ']') new_line(j, --*depth);
  put(j, json + at, (size_t)(end - at));
  if (c == ':') put_char(j, ' ');
  if (c == ',') new_line(j, *depth);
  if (c != '{' && c != '[') return end;
  int64_t closed = empty_level_end(json, len, at);
  if (closed)
    put_char(j, json[closed - 1]);
  else
    new_line(j, ++*depth);
  return closed ? closed : end;
}

void jsonout_json(jsonout *j, const char *key, const char *json, int64_t len) {
  if (len < 0) {
    jsonout_null(j, key);
    return;
  }
  begin_value(j, key);
  int depth = j->depth;
  for (int64_t i = 0; i < len;) i = is_space(json[i]) ? i + 1 : lay_out(j, json, len, i, &depth);
}

int jsonout_format_real(double value, char *ret) {
  if (!isfinite(value)) return 0;
  if (fabs(value) >= 1e12) return snprintf(ret, 40, "%.0f", value < 0 ? -1e12 : 1e12);
  int64_t scaled = llround(value * 1e6);
  int64_t whole = scaled / 1000000, part = llabs(scaled % 1000000);
  int len =
      snprintf(ret, 40, "%s%lld.%06lld", scaled < 0 ? "-" : "", llabs(whole), (long long)part);
  while (ret[len - 1] == '0') len--;
  if (ret[len - 1] == '.') len--;
  ret[len] = '\0';
  return len;
}
