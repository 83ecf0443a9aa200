/* answer.c - what a model said, read with care; see answer.h. */
#include "answer.h"

#include "prompt.h"

enum { DEPTH = 8 };

json_object *answer_object(const clio_llm_job *job) {
  json_object *value = NULL;
  json_fault fault;
  if (job->outcome != CLIO_OUT_OK || !job->text || job->text_len <= 0) return NULL;
  json_reader *reader = json_reader_new(DEPTH);
  if (!reader) return NULL;
  int ok = json_read(reader, job->text, (size_t)job->text_len, &value, &fault);
  json_reader_free(reader);
  if (ok && json_object_is_type(value, json_type_object)) return value;
  json_object_put(value);
  return NULL;
}

json_object *answer_get(json_object *object, const char *key, json_type type) {
  json_object *value = NULL;
  if (!json_object_is_type(object, json_type_object)) return NULL;
  if (!json_object_object_get_ex(object, key, &value)) return NULL;
  return json_object_is_type(value, type) ? value : NULL;
}

/* At most `most` bytes, whole characters. */
static int64_t cut(clio_span text, size_t most) {
  if ((uint64_t)text.len <= most) return text.len;
  int64_t end = (int64_t)most;
  while (end > 0 && ((unsigned char)text.s[end] & 0xC0) == 0x80) end--;
  return end;
}

clio_status answer_line(const clio_host *host, clio_call *call, clio_span text, size_t most,
                        char **ret) {
  prompt_text line = prompt_begin(host, call);
  clio_span clean;
  *ret = NULL;
  if (!text.s || text.len <= 0) return CLIO_OK;
  text.len = cut(text, most);
  prompt_clean_line(&line, text);
  CLIO_TRY(prompt_end(&line, &clean));
  while (clean.len > 0 && clean.s[0] == ' ') clean = clio_span_of(clean.s + 1, clean.len - 1);
  while (clean.len > 0 && clean.s[clean.len - 1] == ' ') clean.len--;
  if (clean.len == 0) return CLIO_OK;
  *ret = host->scratch(call, (uint64_t)clean.len + 1);
  if (!*ret) return clio_nomem(host, call);
  memcpy(*ret, clean.s, (size_t)clean.len);
  return CLIO_OK;
}

clio_status answer_text(const clio_host *host, clio_call *call, json_object *object,
                        const char *key, size_t most, char **ret) {
  json_object *text = answer_get(object, key, json_type_string);
  *ret = NULL;
  if (!text) return CLIO_OK;
  clio_span span = {json_object_get_string(text), json_object_get_string_len(text)};
  return answer_line(host, call, span, most, ret);
}
