/* wire_answer.c - the answer as the stage wants it, and vectors; see wire.h. */
#include <math.h>

#include "wire.h"

/* ---- text ---- */

static int is_space(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; }

static clio_span trimmed(clio_span t) {
  int64_t start = 0, end = t.len;
  while (start < end && is_space(t.s[start])) start++;
  while (end > start && is_space(t.s[end - 1])) end--;
  return clio_span_of(t.s + start, end - start);
}

static int begins(clio_span t, const char *with) {
  size_t n = strlen(with);
  return (size_t)t.len >= n && memcmp(t.s, with, n) == 0;
}

/* Where `what` stands in the text; -1: nowhere. */
static int64_t find_in(clio_span t, const char *what) {
  int64_t n = (int64_t)strlen(what);
  for (int64_t i = 0; i + n <= t.len; i++)
    if (memcmp(t.s + i, what, (size_t)n) == 0) return i;
  return -1;
}

/* Models whose server does not part thoughts from answers begin with <think>. */
static clio_span without_thoughts(clio_span t) {
  clio_span inner = trimmed(t);
  if (!begins(inner, "<think>")) return t;
  int64_t end = find_in(inner, "</think>");
  if (end < 0) return clio_span_of(inner.s, 0);
  return clio_span_of(inner.s + end + 8, inner.len - end - 8);
}

/* ```json ... ``` around the whole of it. */
static clio_span without_fence(clio_span t) {
  clio_span inner = trimmed(t);
  if (!begins(inner, "```")) return inner;
  int64_t line = find_in(inner, "\n");
  if (line < 0) return inner;
  clio_span rest = clio_span_of(inner.s + line + 1, inner.len - line - 1);
  int64_t end = find_in(rest, "```");
  return trimmed(clio_span_of(rest.s, end < 0 ? rest.len : end));
}

/* Puts the prefill before an answer that lacks it. Where the model went on from it, it
 * was sent without its last spaces; where it was told in words, a space may be missing. */
static clio_span with_prefill(const clio_host *host, clio_call *call, const char *prefill,
                              clio_span t, int continued) {
  clio_span inner = trimmed(t), all = clio_span_of(prefill, (int64_t)strlen(prefill));
  clio_span start = trimmed(all);
  int64_t head = start.s + start.len - all.s; /* without the last spaces */
  if (begins(inner, prefill)) return inner;
  if (!continued && inner.len >= head && memcmp(inner.s, prefill, (size_t)head) == 0) return inner;
  if (!continued) t = inner;
  const char *glue = prefill + head;
  if (continued && t.len > 0 && is_space(t.s[0])) glue = "";
  if (!continued && !*glue) glue = " ";
  uint64_t room = (uint64_t)(head + t.len) + strlen(glue) + 1;
  char *joined = host->scratch(call, room);
  if (!joined) return clio_span_of(NULL, 0);
  int n = snprintf(joined, room, "%.*s%s", (int)head, prefill, glue);
  if (t.len) memcpy(joined + n, t.s, (size_t)t.len);
  return clio_span_of(joined, n + t.len);
}

clio_status wire_answer(const clio_host *host, clio_call *call, const clio_llm_job *job,
                        clio_span text, int continued, clio_reply *ret) {
  if (!text.s) text = clio_span_of("", 0);
  text = continued ? text : without_thoughts(text);
  if (job->schema) text = without_fence(text);
  if (wire_has_prefill(job)) {
    text = with_prefill(host, call, job->prefill, text, continued);
    if (!text.s) return clio_nomem(host, call);
  }
  ret->text = wire_keep(host, call, text);
  if (!ret->text) return clio_nomem(host, call);
  ret->text_len = text.len;
  return CLIO_OK;
}

clio_status wire_served(const clio_host *host, clio_call *call, clio_span name, clio_reply *ret) {
  if (!name.s || name.len == 0 || name.len > 128) return CLIO_OK;
  for (int64_t i = 0; i < name.len; i++)
    if (name.s[i] <= ' ' || (unsigned char)name.s[i] >= 0x7f) return CLIO_OK;
  ret->served = wire_keep(host, call, name);
  return ret->served ? CLIO_OK : clio_nomem(host, call);
}

/* ---- vectors ---- */

static int base64_digit(char c) {
  if (c >= 'A' && c <= 'Z') return c - 'A';
  if (c >= 'a' && c <= 'z') return c - 'a' + 26;
  if (c >= '0' && c <= '9') return c - '0' + 52;
  return c == '+' ? 62 : c == '/' ? 63 : -1;
}

/* The bytes that a base64 text stands for; 0 where its length is impossible. */
static uint64_t base64_bytes(const char *s, uint64_t len) {
  if (len == 0 || len % 4) return 0;
  return len / 4 * 3 - (s[len - 1] == '=') - (s[len - 2] == '=');
}

static const char *floats_from_base64(const char *s, uint64_t len, float *ret) {
  uint64_t n = base64_bytes(s, len), at = 0;
  uint32_t bits = 0, word = 0;
  for (uint64_t i = 0; i < len && at < n; i++) {
    int digit = s[i] == '=' && i + 2 >= len ? 0 : base64_digit(s[i]);
    if (digit < 0) return "a vector is not base64";
    bits = bits << 6 | (uint32_t)digit;
    for (int out = 0; i % 4 == 3 && out < 3 && at < n; out++, at++) {
      word |= (bits >> (16 - 8 * out) & 0xff) << (at % 4 * 8);
      if (at % 4 != 3) continue;
      memcpy(&ret[at / 4], &word, sizeof word); /* the words were put together by value */
      word = 0;
    }
  }
  return NULL;
}

uint64_t wire_vector_dim(json_object *from) {
  if (json_object_is_type(from, json_type_array)) return json_object_array_length(from);
  if (!json_object_is_type(from, json_type_string)) return 0;
  uint64_t bytes =
      base64_bytes(json_object_get_string(from), (uint64_t)json_object_get_string_len(from));
  return bytes % 4 ? 0 : bytes / 4;
}

static const char *floats_from_list(json_object *list, float *ret, uint32_t dim) {
  for (uint32_t i = 0; i < dim; i++) {
    json_object *number = json_object_array_get_idx(list, i);
    if (!json_object_is_type(number, json_type_double) &&
        !json_object_is_type(number, json_type_int))
      return "a vector holds what is no number";
    ret[i] = (float)json_object_get_double(number);
  }
  return NULL;
}

const char *wire_vector(json_object *from, float *vectors, uint64_t row, uint32_t dim) {
  const char *why = NULL;
  float *ret = vectors + row * dim;
  if (dim == 0 || wire_vector_dim(from) != dim) return "a vector has another length than the rest";
  if (json_object_is_type(from, json_type_array))
    why = floats_from_list(from, ret, dim);
  else
    why = floats_from_base64(json_object_get_string(from),
                             (uint64_t)json_object_get_string_len(from), ret);
  for (uint32_t i = 0; !why && i < dim; i++)
    if (!isfinite(ret[i])) why = "a vector holds a number that is not finite";
  return why;
}

clio_status wire_vectors(const clio_host *host, clio_call *call, const clio_ask *ask,
                         const float *vectors, uint32_t dim, clio_reply *ret) {
  if (ask->dim && ask->dim != dim) {
    char *why = host->scratch(call, 96);
    if (!why) return clio_nomem(host, call);
    snprintf(why, 96, "the model's vectors have %u numbers, and 'dimension' says %u", dim,
             ask->dim);
    return wire_ends(ret, CLIO_OUT_FATAL, why);
  }
  ret->vectors = vectors;
  ret->count = (uint32_t)ask->count;
  ret->dim = dim;
  return wire_ends(ret, CLIO_OUT_OK, NULL);
}
