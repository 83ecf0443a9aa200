/* wire_ask.c - what goes into a request: addresses, headers, the prompt with what has to
 * be said in words. See wire.h. */
#include <strings.h>

#include "wire.h"

enum { EXTRA_DEPTH = 16 };

/* ---- parameters ---- */

static int is_local(const char *authority, size_t len) {
  static const char *const names[] = {"localhost", "127.0.0.1", "[::1]"};
  for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
    size_t n = strlen(names[i]);
    if (len >= n && memcmp(authority, names[i], n) == 0 && (len == n || authority[n] == ':'))
      return 1;
  }
  return 0;
}

clio_status wire_check_url(const clio_host *host, clio_plan *plan, const char *url) {
  int secure = strncmp(url, "https://", 8) == 0, plain = strncmp(url, "http://", 7) == 0;
  const char *authority = url + (secure ? 8 : 7);
  size_t len = secure || plain ? strcspn(authority, "/") : 0;
  for (const char *p = url; *p; p++)
    if ((unsigned char)*p <= ' ' || (unsigned char)*p >= 0x7f || strchr("?#\\\"", *p))
      return clio_plan_failf(host, plan, CLIO_E_CONFIG,
                             "base_url: holds a '%s' that no address begins with",
                             (unsigned char)*p <= ' ' ? "space" : (char[]){*p, 0});
  if (len == 0)
    return host->plan_fail(plan, CLIO_E_CONFIG, "base_url: does not begin with https://HOST");
  if (memchr(authority, '@', len))
    return host->plan_fail(plan, CLIO_E_CONFIG,
                           "base_url: holds a user name; give a key's variable as key");
  if (secure || is_local(authority, len)) return CLIO_OK;
  return host->plan_fail(plan, CLIO_E_CONFIG,
                         "base_url: http is for servers on this machine only; use https");
}

clio_status wire_check_extra(const clio_host *host, clio_plan *plan, const char *extra) {
  json_object *value = NULL;
  json_fault fault = {"is no object", 1};
  if (!extra) return CLIO_OK;
  json_reader *reader = json_reader_new(EXTRA_DEPTH);
  int ok = reader && json_read(reader, extra, strlen(extra), &value, &fault) &&
           json_object_is_type(value, json_type_object);
  json_object_put(value);
  json_reader_free(reader);
  if (ok) return CLIO_OK;
  return clio_plan_failf(host, plan, CLIO_E_CONFIG,
                         "extra: not the text of a JSON object: %s, at character %zu", fault.reason,
                         fault.column);
}

const char *wire_url(const clio_host *host, clio_call *call, const char *base, const char *path) {
  size_t n = strlen(base), m = strlen(path);
  while (n > 0 && base[n - 1] == '/') n--;
  char *url = host->scratch(call, n + m + 2);
  if (!url) return NULL;
  memcpy(url, base, n);
  url[n] = '/';
  memcpy(url + n + 1, path, m);
  return url;
}

/* ---- headers ---- */

static int is_ours(const char *header, size_t name) {
  static const char *const ours[] = {
      "authorization", "x-api-key",    "api-key",        "proxy-authorization",
      "cookie",        "content-type", "content-length", "transfer-encoding",
      "host",          "connection"};
  for (size_t i = 0; i < sizeof ours / sizeof *ours; i++)
    if (strlen(ours[i]) == name && strncasecmp(header, ours[i], name) == 0) return 1;
  return 0;
}

clio_status wire_check_headers(const clio_host *host, clio_plan *plan, const clio_strlist *users) {
  for (uint64_t i = 0; i < users->count; i++) {
    const char *h = users->items[i];
    size_t name = strspn(h, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_");
    int plain = name > 0 && h[name] == ':';
    for (const char *p = h + name; plain && *p; p++)
      plain = (unsigned char)*p >= ' ' && (unsigned char)*p < 0x7f;
    if (!plain)
      return clio_plan_failf(host, plan, CLIO_E_CONFIG, "headers: number %llu is not 'name: value'",
                             (unsigned long long)i + 1);
    if (is_ours(h, name))
      return clio_plan_failf(host, plan, CLIO_E_CONFIG,
                             "headers: '%.*s' is set by clio; a key's variable is named as key",
                             (int)name, h);
  }
  return CLIO_OK;
}

const char *const *wire_headers(const clio_host *host, clio_call *call, const char *const *own,
                                const clio_strlist *users) {
  uint64_t n = 0, room = 2 + users->count;
  for (const char *const *h = own; h && *h; h++) room++;
  const char **list = clio_scratch_array(host, call, room, sizeof *list);
  if (!list) return NULL;
  list[n++] = "content-type: application/json";
  for (const char *const *h = own; h && *h; h++) list[n++] = *h;
  for (uint64_t i = 0; i < users->count; i++) list[n++] = users->items[i];
  return list;
}

/* ---- the prompt ---- */

int wire_has_prefill(const clio_llm_job *job) {
  return job->prefill && job->prefill[0] && !job->schema;
}

uint64_t wire_shared(const clio_llm_job *job) {
  uint64_t len = strlen(job->prompt), at = job->shared < len ? job->shared : len;
  while (at > 0 && ((unsigned char)job->prompt[at] & 0xc0) == 0x80) at--;
  return at;
}

/* A text of the configuration with `mark` replaced, after an empty line. One pass: what
 * is put in is not looked at again. */
static void put_filled(wire_out *o, const char *text, const char *mark, const char *value) {
  const char *at = strstr(text, mark);
  size_t n = at ? (size_t)(at - text) : strlen(text);
  while (!at && n > 0 && strchr(" \r\n", text[n - 1])) n--;
  wire_piece(o, "\n\n", 2);
  wire_piece(o, text, n);
  if (!at) return;
  wire_piece(o, value, strlen(value));
  const char *rest = at + strlen(mark);
  for (n = strlen(rest); n > 0 && strchr(" \r\n", rest[n - 1]);) n--;
  wire_piece(o, rest, n);
}

void wire_put_prompt(wire_out *o, const clio_llm_job *job, uint64_t from, uint64_t to,
                     const wire_words *words) {
  uint64_t len = strlen(job->prompt);
  wire_piece(o, job->prompt + from, (to < len ? to : len) - from);
  if (to < len) return;
  if (words->schema && job->schema) put_filled(o, words->schema, "{schema}", job->schema);
  if (words->prefill && wire_has_prefill(job))
    put_filled(o, words->prefill, "{prefill}", job->prefill);
}
