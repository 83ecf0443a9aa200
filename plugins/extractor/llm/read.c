/* read.c - what is kept of an answer; see facet.h. A model is foreign, and may do what a
 * conversation told it to: nothing that it says passes unchecked. */
#include <strings.h>

#include "facet.h"
#include "sentence.h"
#include "wire_json.h"

enum { SENTENCES = 2, ANSWER_DEPTH = 8, CLEAN_MOST = 64 << 10 };

void facet_note(uint64_t *counter, uint64_t n) {
  if (n) __atomic_add_fetch(counter, n, __ATOMIC_RELAXED);
}

/* ---- texts ---- */

static int starts_with(clio_span s, const char *words) {
  size_t n = strlen(words);
  return (size_t)s.len >= n && memcmp(s.s, words, n) == 0;
}

static clio_span trim(clio_span s) {
  while (s.len > 0 && strchr(" \t\r\n\"", s.s[0])) s.s++, s.len--;
  while (s.len > 0 && strchr(" \t\r\n\"", s.s[s.len - 1])) s.len--;
  return s;
}

/* Words for: there is no answer. */
static int says_none(clio_span s) {
  static const char *const words[] = {"none", "null", "n/a", "unknown", "not applicable"};
  while (s.len > 0 && s.s[s.len - 1] == '.') s.len--;
  for (size_t i = 0; i < sizeof words / sizeof *words; i++)
    if (strlen(words[i]) == (size_t)s.len && strncasecmp(words[i], s.s, (size_t)s.len) == 0)
      return 1;
  return 0;
}

/* The first two sentences, of at most max_chars characters. */
static int64_t end_of_text(clio_span s, int64_t max_chars) {
  int64_t pos = 0, start, end = 0;
  for (int i = 0; i < SENTENCES && sentence_next(s.s, s.len, &pos, &start, &end); i++) {
  }
  return sentence_cut(s.s, end, max_chars);
}

/* On one line, without what nobody sees; a capital first, so that an answer that goes on from
 * a prefill looks like one that does not. */
static clio_status clean(facet_stage *s, clio_call *call, clio_span text, clio_span *ret) {
  prompt_text t = prompt_begin(s->host, call);
  if (text.len > CLEAN_MOST) text.len = CLEAN_MOST;
  prompt_clean_line(&t, text);
  clio_status status = prompt_end(&t, ret);
  char *first = t.s;
  if (status == CLIO_OK && ret->len > 0 && *first >= 'a' && *first <= 'z') *first -= 'a' - 'A';
  return status;
}

static clio_status read_text(facet_stage *s, clio_call *call, clio_span text, facet_value *ret) {
  const clio_text *service = clio_need(s->host, call, CLIO_TEXT_ID, sizeof *service);
  if (!service) return CLIO_E_UNSUPPORTED;
  CLIO_TRY(clean(s, call, trim(text), &text));
  if (text.len == 0 || says_none(text)) return CLIO_OK;
  int64_t end = end_of_text(text, s->config->max_chars);
  facet_note(&s->counts.shortened, end < text.len);
  CLIO_TRY(service->redact(call, text.s, end, &ret->text.s, &ret->text.len));
  if (ret->text.len > 0) ret->kind = VALUE_TEXT;
  return CLIO_OK;
}

/* ---- closed values ---- */

static void read_choice(const facet *f, clio_span text, facet_value *ret) {
  ret->kind = VALUE_ILLEGAL;
  text = trim(text);
  for (uint64_t i = 0; i < f->choices.count; i++) {
    const char *choice = f->choices.items[i];
    if (strlen(choice) != (size_t)text.len || strncasecmp(choice, text.s, (size_t)text.len) != 0)
      continue;
    ret->kind = VALUE_TEXT;
    ret->text = clio_span_of(choice, text.len);
    if (memcmp(choice, text.s, (size_t)text.len) == 0) return;
  }
}

static void read_language(const facet_stage *s, clio_span text, facet_value *ret) {
  const char *name = languages_find(s->languages, text.s, text.len);
  ret->kind = name ? VALUE_TEXT : VALUE_ILLEGAL;
  if (name) ret->text = clio_span_of(name, (int64_t)strlen(name));
}

static void read_number(const facet *f, json_object *value, facet_value *ret) {
  double d = json_object_get_double(value);
  ret->kind = VALUE_ILLEGAL;
  if (!(d >= (double)f->min && d <= (double)f->max) || (double)(int64_t)d != d) return;
  ret->kind = VALUE_NUMBER;
  ret->number = (int64_t)d;
}

/* ---- answers ---- */

static clio_status read_value(facet_stage *s, clio_call *call, const facet *f, json_object *value,
                              facet_value *ret) {
  int is_number =
      json_object_is_type(value, json_type_int) || json_object_is_type(value, json_type_double);
  if (!value) return CLIO_OK;
  if (facet_is(f, "number") && is_number)
    read_number(f, value, ret);
  else if (facet_is(f, "number") || !json_object_is_type(value, json_type_string))
    ret->kind = VALUE_ILLEGAL;
  else {
    clio_span text = clio_span_of(json_object_get_string(value), json_object_get_string_len(value));
    if (facet_is(f, "text")) return read_text(s, call, text, ret);
    if (facet_is(f, "category")) read_choice(f, text, ret);
    if (facet_is(f, "language")) read_language(s, text, ret);
  }
  facet_note(&s->counts.illegal, ret->kind == VALUE_ILLEGAL);
  return CLIO_OK;
}

/* The answer as an object, NULL where it is none; the caller's to put. */
static clio_status open_answer(facet_stage *s, clio_call *call, const clio_llm_job *job,
                               json_object **ret) {
  json_fault fault;
  *ret = NULL;
  json_reader *reader = json_reader_new(ANSWER_DEPTH);
  if (!reader) return clio_nomem(s->host, call);
  if (!json_read(reader, job->text, (size_t)job->text_len, ret, &fault)) *ret = NULL;
  json_reader_free(reader);
  if (json_object_is_type(*ret, json_type_object)) return CLIO_OK;
  json_object_put(*ret);
  *ret = NULL;
  return CLIO_OK;
}

/* A member as it stands; *ret_there: is there one? */
static json_object *member(json_object *object, const char *key, int *ret_there) {
  json_object *value = NULL;
  *ret_there = object && json_object_object_get_ex(object, key, &value);
  return value;
}

clio_status facet_read_all(facet_stage *s, clio_call *call, const clio_llm_job *job,
                           facet_value *ret) {
  json_object *answer;
  CLIO_TRY(open_answer(s, call, job, &answer));
  clio_status status = CLIO_OK;
  for (uint64_t i = 0; i < s->count && status == CLIO_OK; i++) {
    facet f = facet_at(s->config, i);
    int there;
    json_object *value = member(answer, f.name, &there);
    status = read_value(s, call, &f, value, &ret[i]);
    facet_note(&s->counts.illegal, !there);
  }
  json_object_put(answer);
  return status;
}

/* A plain text, without the prefill that it begins with. */
static clio_status read_plain(facet_stage *s, clio_call *call, const facet *f, clio_span text,
                              facet_value *ret) {
  if (starts_with(text, f->prefill)) {
    text.s += strlen(f->prefill);
    text.len -= (int64_t)strlen(f->prefill);
  }
  return read_text(s, call, text, ret);
}

clio_status facet_read_one(facet_stage *s, clio_call *call, const clio_llm_job *job, uint64_t i,
                           facet_value *ret) {
  facet f = facet_at(s->config, i);
  json_object *answer;
  int there;
  if (!s->forms[i]) return read_plain(s, call, &f, clio_span_of(job->text, job->text_len), ret);
  CLIO_TRY(open_answer(s, call, job, &answer));
  json_object *value = member(answer, "answer", &there);
  clio_status status = read_value(s, call, &f, value, ret);
  facet_note(&s->counts.illegal, !there);
  json_object_put(answer);
  return status;
}
