/* wire_fault.c - what went wrong, from the status and the body of a reply; see wire.h.
 * Foreign words reach a message only where they look like a code and stand nowhere in
 * the question. */
#include <ctype.h>
#include <strings.h>

#include "wire.h"

enum { SAYS_MAX = 400, CODE_MAX = 48, WHY_MAX = 256 };

clio_status wire_ends(clio_reply *ret, uint32_t outcome, const char *why) {
  ret->outcome = outcome;
  ret->why = why;
  return CLIO_OK;
}

/* ---- the error of a body ---- */

/* {"detail": [{"loc": ["body", "store"], "msg": ...}]}, as FastAPI has it. */
static void read_detail(json_object *root, wire_error *ret) {
  json_object *detail = NULL;
  if (!json_object_object_get_ex(root, "detail", &detail)) return;
  if (!json_object_is_type(detail, json_type_array)) {
    ret->message = wire_get_text(root, "detail");
    return;
  }
  json_object *first = wire_item(detail, 0), *loc = wire_get(first, "loc", json_type_array);
  size_t n = loc ? json_object_array_length(loc) : 0;
  json_object *last = n ? json_object_array_get_idx(loc, n - 1) : NULL;
  ret->type = wire_get_text(first, "type");
  ret->message = wire_get_text(first, "msg");
  if (json_object_is_type(last, json_type_string))
    ret->param = clio_span_of(json_object_get_string(last), json_object_get_string_len(last));
}

void wire_error_of(json_object *root, wire_error *ret) {
  *ret = (wire_error){0};
  json_object *error = wire_get(root, "error", json_type_object);
  json_object *from = error ? error : root;
  if (!from) return;
  ret->message = wire_get_text(from, "message");
  if (!error && !ret->message.s) ret->message = wire_get_text(root, "error");
  ret->type = wire_get_text(from, "type");
  if (!error && !ret->type.s) ret->type = wire_get_text(root, "error_type");
  ret->code = wire_get_text(from, "code");
  ret->param = wire_get_text(from, "param");
  json_object *details = wire_get(from, "details", json_type_object);
  if (!ret->code.s) ret->code = wire_get_text(details, "error_code");
  if (!ret->message.s) read_detail(root, ret);
}

/* ---- words in a message ---- */

static int is_word(unsigned char c) { return isalnum(c) || c == '_'; }

/* Is the everyday word at [at, end) named, not merely said? */
static int is_named(clio_span m, int64_t at, int64_t end) {
  int before = at > 0 ? (unsigned char)m.s[at - 1] : 0;
  int after = end < m.len ? (unsigned char)m.s[end] : 0;
  return (before && strchr("'\"`", before)) || (after && strchr("'\"`:", after));
}

static int finds(clio_span m, const char *word) {
  int everyday = word[0] == '\'';
  const char *w = word + everyday;
  int64_t n = (int64_t)strlen(w);
  if (m.len > SAYS_MAX) m.len = SAYS_MAX;
  for (int64_t i = 0; m.s && i + n <= m.len; i++) {
    if (strncasecmp(m.s + i, w, (size_t)n) != 0) continue;
    if (i > 0 && is_word((unsigned char)m.s[i - 1])) continue;
    if (i + n < m.len && is_word((unsigned char)m.s[i + n])) continue;
    if (!everyday || is_named(m, i, i + n)) return 1;
  }
  return 0;
}

int wire_says(const wire_error *error, const char *phrase) { return finds(error->message, phrase); }

static int names(const wire_error *error, const wire_feature *feature) {
  for (const char *const *word = feature->words; word && *word; word++) {
    const char *plain = *word + (**word == '\'');
    clio_span head = error->param;
    int64_t n = (int64_t)strlen(plain);
    if (head.s && head.len >= n && strncasecmp(head.s, plain, (size_t)n) == 0 &&
        (head.len == n || !is_word((unsigned char)head.s[n])))
      return 1;
    if (finds(error->message, *word)) return 1;
  }
  return 0;
}

uint64_t wire_named(const wire_error *error, const wire_feature *features, uint32_t count,
                    uint64_t sent) {
  for (uint32_t i = 0; i < count; i++)
    if ((sent >> i) & 1 && names(error, &features[i])) return (uint64_t)1 << i;
  return 0;
}

/* ---- the status ---- */

/* `text` need not end with NUL. */
static int holds(const char *text, int64_t len, clio_span word) {
  for (int64_t i = 0; i + word.len <= len; i++)
    if (memcmp(text + i, word.s, (size_t)word.len) == 0) return 1;
  return 0;
}

static int holds_word(const char *text, clio_span word) {
  return text && holds(text, (int64_t)strlen(text), word);
}

/* May a foreign word be repeated: is it a code, and none of the question's words? */
static int is_code(const clio_ask *ask, clio_span word) {
  if (!word.s || word.len == 0 || word.len > CODE_MAX) return 0;
  for (int64_t i = 0; i < word.len; i++)
    if (!is_word((unsigned char)word.s[i]) && !strchr("-.", word.s[i])) return 0;
  const clio_llm_job *job = ask->kind == CLIO_ASK_CHAT ? ask->job : NULL;
  if (job && (holds_word(job->prompt, word) || holds_word(job->system, word))) return 0;
  for (uint64_t i = 0; !job && i < ask->count; i++)
    if (holds(ask->texts[i], ask->lens[i], word)) return 0;
  return 1;
}

static const char *meaning(uint32_t status) {
  switch (status) {
  case 400:
  case 422: return "the provider does not take this request";
  case 401: return "the key is missing or not accepted";
  case 402: return "the account has no credit left";
  case 403: return "the key may not use this model or address";
  case 404: return "no such model, or no such address";
  case 405: return "the address takes no such request";
  case 413: return "the request is too large";
  case 429: return "too many requests";
  default: break;
  }
  if (status >= 300 && status < 400)
    return "the server redirects; give its own address as base_url";
  return status >= 500 ? "the server failed" : "the provider refused";
}

static uint32_t outcome_of(uint32_t status) {
  switch (status) {
  case 402: return CLIO_OUT_SPENT;
  case 401:
  case 403:
  case 404:
  case 405: return CLIO_OUT_FATAL;
  case 408:
  case 409:
  case 421:
  case 424:
  case 425:
  case 429: return CLIO_OUT_TRANSIENT;
  default: break;
  }
  if (status >= 500 || status < 200) return CLIO_OUT_TRANSIENT;
  return status < 400 ? CLIO_OUT_FATAL : CLIO_OUT_INVALID;
}

clio_status wire_fault(const clio_host *host, clio_call *call, const clio_ask *ask,
                       const clio_response *response, const wire_error *error, clio_reply *ret) {
  const char *again = wire_header(response, "x-should-retry");
  uint32_t status = response->http_status, outcome = outcome_of(status);
  clio_span code = is_code(ask, error->code) ? error->code : error->type;
  char *why = host->scratch(call, WHY_MAX);
  if (!why) return clio_nomem(host, call);
  if (is_code(ask, code))
    snprintf(why, WHY_MAX, "HTTP %u (%.*s): %s", status, (int)code.len, code.s, meaning(status));
  else
    snprintf(why, WHY_MAX, "HTTP %u: %s", status, meaning(status));
  int retry = again && strcmp(again, "true") == 0, never = again && strcmp(again, "false") == 0;
  if (retry && outcome != CLIO_OUT_SPENT) outcome = CLIO_OUT_TRANSIENT;
  if (never && outcome == CLIO_OUT_TRANSIENT)
    outcome = status == 429 ? CLIO_OUT_SPENT : CLIO_OUT_INVALID;
  return wire_ends(ret, outcome, why);
}
