/* wire_json.c - see wire_json.h. */
#include "wire_json.h"

#include "jsonout.h"

enum { EXTRA_DEPTH = 16, BODY_START = 4096 };

/* ---- writing ---- */

static void out_bytes(wire_out *o, const char *bytes, uint64_t len) {
  if (o->failed) return;
  if (len > o->room - o->len) {
    uint64_t room = o->room ? o->room : BODY_START;
    while (room - o->len < len + len / 4) room *= 2;
    char *bigger = o->host->scratch(o->call, room);
    if (!bigger) {
      o->failed = 1;
      return;
    }
    if (o->len) memcpy(bigger, o->s, o->len);
    o->s = bigger;
    o->room = room;
  }
  if (len) memcpy(o->s + o->len, bytes, len);
  o->len += len;
}

static void out_char(wire_out *o, char c) { out_bytes(o, &c, 1); }

static void out_start(wire_out *o) {
  if (o->after) out_char(o, ',');
  o->after = 1;
}

void wire_open(wire_out *o, char bracket) {
  out_start(o);
  out_char(o, bracket);
  o->after = 0;
  o->depth++;
}

void wire_close(wire_out *o, char bracket) {
  out_char(o, bracket);
  o->after = 1;
  o->depth--;
}

/* The length of the run from `at` on that goes into a string as it is: eight bytes at a
 * time, each without a control, a quote and a backslash. */
static uint64_t plain_run(const char *text, uint64_t at, uint64_t len) {
  const uint64_t ones = 0x0101010101010101u, tops = 0x8080808080808080u;
  uint64_t i = at, w;
  for (; len - i >= sizeof w; i += sizeof w) {
    memcpy(&w, text + i, sizeof w);
    uint64_t quote = w ^ (ones * '"'), slash = w ^ (ones * '\\');
    uint64_t low = (w - ones * 0x20) & ~w;
    if ((low | ((quote - ones) & ~quote) | ((slash - ones) & ~slash)) & tops) break;
  }
  while (i < len && (unsigned char)text[i] >= 0x20 && text[i] != '"' && text[i] != '\\') i++;
  return i - at;
}

void wire_piece(wire_out *o, const char *text, uint64_t len) {
  static const char from[] = "\"\\\b\f\n\r\t", to[] = "\"\\bfnrt";
  for (uint64_t i = 0; i < len; i++) {
    uint64_t run = plain_run(text, i, len);
    out_bytes(o, text + i, run);
    i += run;
    if (i == len) return;
    unsigned char c = (unsigned char)text[i];
    const char *known = c ? strchr(from, c) : NULL;
    char escape[8] = {'\\', known ? to[known - from] : 'u'};
    if (!known) snprintf(escape, sizeof escape, "\\u%04x", c);
    out_bytes(o, escape, known ? 2 : 6);
  }
}

void wire_quote(wire_out *o) {
  if (!o->in_text) out_start(o);
  o->in_text = !o->in_text;
  out_char(o, '"');
}

void wire_text(wire_out *o, const char *text) {
  wire_quote(o);
  wire_piece(o, text, strlen(text));
  wire_quote(o);
}

void wire_json(wire_out *o, const char *json) {
  out_start(o);
  out_bytes(o, json, strlen(json));
}

void wire_int(wire_out *o, int64_t value) {
  char digits[24];
  snprintf(digits, sizeof digits, "%lld", (long long)value);
  wire_json(o, digits);
}

void wire_real(wire_out *o, double value) {
  char digits[40];
  wire_json(o, jsonout_format_real(value, digits) ? digits : "null");
}

void wire_bool(wire_out *o, int value) { wire_json(o, value ? "true" : "false"); }

int wire_key(wire_out *o, const char *key) {
  if (o->depth == 1 && o->extra && json_object_object_get_ex(o->extra, key, NULL)) return 0;
  wire_text(o, key);
  out_char(o, ':');
  o->after = 0;
  return 1;
}

void wire_put_text(wire_out *o, const char *key, const char *text) {
  if (text && wire_key(o, key)) wire_text(o, text);
}

void wire_put_int(wire_out *o, const char *key, int64_t value) {
  if (wire_key(o, key)) wire_int(o, value);
}

/* ---- the whole body ---- */

static json_object *read_extra(const char *extra) {
  json_object *value = NULL;
  json_fault fault;
  json_reader *reader = json_reader_new(EXTRA_DEPTH);
  if (reader && !json_read(reader, extra, strlen(extra), &value, &fault)) value = NULL;
  json_reader_free(reader);
  if (json_object_is_type(value, json_type_object)) return value;
  json_object_put(value);
  return NULL;
}

clio_status wire_begin(wire_out *o, const clio_host *host, clio_call *call, const char *extra) {
  *o = (wire_out){.host = host, .call = call};
  if (extra && !(o->extra = read_extra(extra)))
    return host->fail(call, CLIO_E_CONFIG, "parameter 'extra' is no JSON object");
  wire_open(o, '{');
  return CLIO_OK;
}

clio_status wire_end(wire_out *o, clio_request *ret) {
  json_object *extra = o->extra;
  o->extra = NULL;
  if (extra) {
    json_object_object_foreach(extra, key, value) {
      if (!value || !wire_key(o, key)) continue;
      wire_json(o, json_object_to_json_string_ext(value, JSON_C_TO_STRING_PLAIN |
                                                             JSON_C_TO_STRING_NOSLASHESCAPE));
    }
    json_object_put(extra);
  }
  wire_close(o, '}');
  out_char(o, '\0');
  if (o->failed) return clio_nomem(o->host, o->call);
  ret->body = o->s;
  ret->body_len = o->len - 1;
  return CLIO_OK;
}

/* ---- reading ---- */

static int is_json_type(const char *type) {
  for (const char *p = type; *p && *p != ';'; p++)
    if (strncmp(p, "json", 4) == 0 || strncmp(p, "JSON", 4) == 0) return 1;
  return 0;
}

static int is_blank(const clio_response *r) {
  for (uint64_t i = 0; i < r->body_len; i++)
    if (!strchr(" \t\r\n", r->body[i]) || !r->body[i]) return 0;
  return 1;
}

static const char *not_json(const clio_host *host, clio_call *call, const json_fault *fault) {
  char *why = host->scratch(call, 160);
  if (why)
    snprintf(why, 160, "the reply is not JSON: %s, at character %zu", fault->reason, fault->column);
  return why;
}

clio_status wire_doc_open(const clio_host *host, clio_call *call, const clio_response *response,
                          wire_doc *ret) {
  json_fault fault;
  *ret = (wire_doc){0};
  for (const char *const *h = response->headers; h && *h; h++)
    if (strncmp(*h, "content-type:", 13) == 0 && !is_json_type(*h + 13))
      ret->why = "the reply's content type is not JSON";
  if (is_blank(response)) ret->why = "the reply is empty";
  if (ret->why) return CLIO_OK;
  ret->reader = json_reader_new(JSON_STRICT_DEPTH);
  if (!ret->reader) return clio_nomem(host, call);
  if (!json_read(ret->reader, response->body, response->body_len, &ret->root, &fault)) {
    ret->why = not_json(host, call, &fault);
    return ret->why ? CLIO_OK : clio_nomem(host, call);
  }
  if (json_object_is_type(ret->root, json_type_object)) return CLIO_OK;
  json_object_put(ret->root);
  ret->root = NULL;
  ret->why = "the reply is not a JSON object";
  return CLIO_OK;
}

void wire_doc_close(wire_doc *doc) {
  json_object_put(doc->root);
  json_reader_free(doc->reader);
  *doc = (wire_doc){0};
}

json_object *wire_get(json_object *object, const char *key, json_type type) {
  json_object *value = NULL;
  if (!json_object_is_type(object, json_type_object)) return NULL;
  if (!json_object_object_get_ex(object, key, &value)) return NULL;
  return json_object_is_type(value, type) ? value : NULL;
}

json_object *wire_item(json_object *list, size_t i) {
  if (!json_object_is_type(list, json_type_array) || i >= json_object_array_length(list))
    return NULL;
  json_object *item = json_object_array_get_idx(list, i);
  return json_object_is_type(item, json_type_object) ? item : NULL;
}

clio_span wire_get_text(json_object *object, const char *key) {
  json_object *value = wire_get(object, key, json_type_string);
  if (!value) return clio_span_of(NULL, 0);
  return clio_span_of(json_object_get_string(value), json_object_get_string_len(value));
}

int64_t wire_get_count(json_object *object, const char *key) {
  json_object *value = wire_get(object, key, json_type_int);
  int64_t n = value ? json_object_get_int64(value) : 0;
  return n < 0 || n > (int64_t)1 << 53 ? 0 : n;
}

char *wire_keep(const clio_host *host, clio_call *call, clio_span text) {
  char *copy = host->scratch(call, (uint64_t)text.len + 1);
  if (!copy) return NULL;
  for (int64_t i = 0; i < text.len; i++) copy[i] = text.s[i] ? text.s[i] : ' ';
  return copy;
}
