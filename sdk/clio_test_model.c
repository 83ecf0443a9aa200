/* clio_test_model.c - the bench for model plugins; see clio_test_model.h. A model stands in
 * the bench as a stage without ports, so that its parameters are read as a stage's are. */
#include "clio_test_model.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "clio_test_priv.h"

/* What the last call left. */
struct bench_model {
  const clio_model *model;
  clio_stage stage;
  clio_call call;
  clio_request request;
  clio_reply reply;
  void *self;
  char *sent_headers, *body; /* copies handed to parse() */
  const char **headers;
};

/* ---- opening, closing ---- */

clio_test *clio_test_open_model(const clio_model *model) {
  bench_model *m = bench_alloc(sizeof *m);
  m->model = model;
  m->stage = (clio_stage){.struct_size = sizeof m->stage,
                          .kind = "model",
                          .name = model->name,
                          .params = model->params,
                          .config_size = model->config_size,
                          .assets = model->assets};
  clio_test *t = clio_test_open(&m->stage);
  t->model = m;
  return t;
}

static void clear_call(clio_test *t) {
  bench_model *m = t->model;
  bench_call_clear(&m->call);
  free(m->sent_headers);
  free(m->body);
  free(m->headers);
  m->sent_headers = m->body = NULL;
  m->headers = NULL;
  m->call = (clio_call){.t = t};
}

void bench_model_clear(clio_test *t) {
  if (!t->model) return;
  clear_call(t);
  if (t->model->self && t->model->model->destroy) t->model->model->destroy(t->model->self);
  t->model->self = NULL;
}

clio_ask clio_test_chat(const clio_llm_job *job) {
  return (clio_ask){.struct_size = sizeof(clio_ask), .kind = CLIO_ASK_CHAT, .job = job};
}

clio_ask clio_test_embed(const char *const *texts, const int64_t *lens, uint64_t count,
                         uint32_t dim) {
  return (clio_ask){.struct_size = sizeof(clio_ask),
                    .kind = CLIO_ASK_EMBED,
                    .texts = texts,
                    .lens = lens,
                    .count = count,
                    .dim = dim};
}

/* ---- one call ---- */

/* Starts a call: parameters, plan. */
static clio_status begin(clio_test *t, const char *where) {
  bench_model *m = t->model;
  clio_plan plan = {.t = t};
  bench_model_clear(t);
  t->status = CLIO_OK;
  t->error[0] = '\0';
  t->allocs = t->log.used = 0;
  t->alloc_failed = false;
  CLIO_BENCH_TRY(bench_config(t));
  clio_status s = m->model->plan ? m->model->plan(&bench_host, &plan, t->config) : CLIO_OK;
  m->call.where = where;
  return s == CLIO_OK ? s : bench_fail(t, s, "plan: %s", plan.text);
}

/* The end of it: a failure with its message. */
static clio_status end(clio_test *t, clio_status status) {
  clio_call *call = &t->model->call;
  if (status == CLIO_OK) return t->status;
  return bench_fail(t, status, "%s: %s", call->where,
                    call->text[0] ? call->text : "the model failed without a word");
}

static clio_status broken(clio_test *t, const char *what) {
  return bench_fail(t, CLIO_E_INTERNAL, "%s: %s", t->model->call.where, what);
}

clio_status clio_test_model_plan(clio_test *t) { return begin(t, "plan"); }

static void check_ask(const clio_test *t, const clio_ask *ask) {
  if (!(t->model->model->asks & ask->kind)) bench_misuse("the model is not made to be asked this");
}

/* ---- requests ---- */

static bool may_send(const char *url) {
  static const char *const starts[] = {"https://", "http://127.0.0.1", "http://localhost",
                                       "http://[::1]"};
  for (size_t i = 0; i < sizeof starts / sizeof *starts; i++)
    if (url && strncmp(url, starts[i], strlen(starts[i])) == 0) return true;
  return false;
}

static bool headers_fit(const char *const *headers) {
  for (; headers && *headers; headers++) {
    const char *colon = strchr(*headers, ':');
    if (!colon || colon == *headers || strpbrk(*headers, "\r\n")) return false;
  }
  return true;
}

static clio_status check_request(clio_test *t, const clio_request *r) {
  if (!may_send(r->url)) return broken(t, "the address is neither https nor this machine's");
  if (!headers_fit(r->headers)) return broken(t, "a header is not 'name: value'");
  if (!r->body || strlen(r->body) != r->body_len)
    return broken(t, "the body does not end with NUL at body_len");
  json_object *body = json_tokener_parse(r->body);
  json_object_put(body);
  if (!body) return broken(t, "the body is not JSON");
  if (r->in_likely < 1 || r->in_tokens < r->in_likely || r->in_shared > r->in_likely ||
      r->in_shared < 0 || r->out_tokens < 0)
    return broken(t, "the numbers of tokens contradict each other");
  return CLIO_OK;
}

static bool same_request(const clio_request *a, const clio_request *b) {
  return strcmp(a->url, b->url) == 0 && a->body_len == b->body_len &&
         memcmp(a->body, b->body, a->body_len) == 0 && a->in_tokens == b->in_tokens &&
         a->in_likely == b->in_likely && a->out_tokens == b->out_tokens;
}

const clio_request *clio_test_build(clio_test *t, const clio_ask *ask) {
  bench_model *m = t->model;
  clio_request again = {.struct_size = sizeof again};
  check_ask(t, ask);
  if (begin(t, "build") != CLIO_OK) return NULL;
  m->request = (clio_request){.struct_size = sizeof m->request};
  clio_status s = m->model->build(&bench_host, &m->call, t->config, ask, &m->request);
  if (s == CLIO_OK) s = m->model->build(&bench_host, &m->call, t->config, ask, &again);
  if (end(t, s) != CLIO_OK || check_request(t, &m->request) != CLIO_OK) return NULL;
  if (!same_request(&m->request, &again)) broken(t, "the same ask makes another request");
  return t->status == CLIO_OK ? &m->request : NULL;
}

/* ---- replies ---- */

static uint64_t known_features(const clio_model *model) {
  uint64_t bits = 0;
  for (int i = 0; model->features && model->features[i] && i < 64; i++) bits |= (uint64_t)1 << i;
  return bits;
}

/* A text of a word or less may stand in any sentence. */
static bool holds(const char *why, const char *text, size_t len) {
  if (len <= 8) return false;
  for (; strlen(why) >= len; why++)
    if (memcmp(why, text, len) == 0) return true;
  return false;
}

static bool repeats(const char *why, const clio_ask *ask) {
  if (!why) return false;
  if (ask->kind == CLIO_ASK_CHAT) return holds(why, ask->job->prompt, strlen(ask->job->prompt));
  for (uint64_t i = 0; i < ask->count; i++)
    if (holds(why, ask->texts[i], (size_t)ask->lens[i])) return true;
  return false;
}

static clio_status check_vectors(clio_test *t, const clio_ask *ask, const clio_reply *r) {
  if (!r->vectors || r->count != ask->count || (ask->dim && r->dim != ask->dim))
    return broken(t, "OK, with other vectors than were asked for");
  for (uint64_t i = 0; i < (uint64_t)r->count * r->dim; i++)
    if (!isfinite(r->vectors[i])) return broken(t, "a vector holds a number that is not finite");
  return CLIO_OK;
}

static clio_status check_chat(clio_test *t, const clio_ask *ask, const clio_reply *r) {
  const char *prefill = ask->job->schema ? NULL : ask->job->prefill;
  size_t n = prefill ? strlen(prefill) : 0;
  while (n > 0 && strchr(" \t\r\n", prefill[n - 1])) n--;
  if (!r->text) return broken(t, "OK, without a text");
  if (n && strncmp(r->text, prefill, n) != 0)
    return broken(t, "the answer does not begin with the prefill");
  return CLIO_OK;
}

static clio_status check_reply(clio_test *t, const clio_ask *ask, const clio_reply *r) {
  uint64_t known = known_features(t->model->model) & ~ask->without;
  if (r->outcome > CLIO_OUT_FATAL) return broken(t, "no such outcome");
  if (r->text && strlen(r->text) != (size_t)r->text_len)
    return broken(t, "the text does not end with NUL at text_len");
  if ((r->outcome == CLIO_OUT_ADAPT) != (r->without != 0) || r->without & ~known)
    return broken(t, "ADAPT goes with bits of features that were not left out before");
  if (r->outcome != CLIO_OUT_OK && (!r->why || !r->why[0])) return broken(t, "no word about why");
  if (repeats(r->why, ask)) return broken(t, "`why` repeats the question");
  if (r->in_tokens < 0 || r->out_tokens < 0 || r->cached_tokens < 0 || r->cache_write_tokens < 0)
    return broken(t, "a number of tokens is below 0");
  if (r->outcome != CLIO_OUT_OK) return CLIO_OK;
  return ask->kind == CLIO_ASK_CHAT ? check_chat(t, ask, r) : check_vectors(t, ask, r);
}

static void clear_reply(clio_reply *r) {
  *r = (clio_reply){.struct_size = sizeof *r};
  for (int i = 0; i < CLIO_RATES; i++) r->rates[i] = (clio_rate){-1, -1, -1};
}

/* Lines of headers as a list. */
static void split_headers(bench_model *m, const char *headers) {
  uint64_t lines = 1, n = 0;
  m->sent_headers = bench_copy(headers ? headers : "");
  for (const char *p = m->sent_headers; *p; p++) lines += *p == '\n';
  m->headers = bench_alloc((lines + 1) * sizeof *m->headers);
  for (char *line = m->sent_headers; *line;) {
    char *stop = line + strcspn(line, "\n");
    char *next = *stop ? stop + 1 : stop;
    *stop = '\0';
    if (*line) m->headers[n++] = line;
    line = next;
  }
}

const clio_reply *clio_test_parse(clio_test *t, const clio_ask *ask, uint32_t http_status,
                                  const char *headers, const char *body, int64_t len) {
  bench_model *m = t->model;
  uint64_t size = len < 0 ? strlen(body) : (uint64_t)len;
  check_ask(t, ask);
  if (begin(t, "parse") != CLIO_OK) return NULL;
  split_headers(m, headers);
  m->body = bench_alloc(size + 1);
  if (size) memcpy(m->body, body, size);
  clio_response response = {.struct_size = sizeof response,
                            .http_status = http_status,
                            .headers = m->headers,
                            .body = m->body,
                            .body_len = size};
  clear_reply(&m->reply);
  if (end(t, m->model->parse(&bench_host, &m->call, t->config, ask, &response, &m->reply)) !=
      CLIO_OK)
    return NULL;
  return check_reply(t, ask, &m->reply) == CLIO_OK ? &m->reply : NULL;
}

const clio_reply *clio_test_answer(clio_test *t, const clio_ask *ask) {
  bench_model *m = t->model;
  check_ask(t, ask);
  if (begin(t, "create") != CLIO_OK) return NULL;
  if (m->model->create &&
      end(t, m->model->create(&bench_host, &m->call, t->config, &m->self)) != CLIO_OK)
    return NULL;
  m->call.where = "answer";
  clear_reply(&m->reply);
  if (end(t, m->model->answer(m->self, &m->call, ask, &m->reply)) != CLIO_OK) return NULL;
  return check_reply(t, ask, &m->reply) == CLIO_OK ? &m->reply : NULL;
}

/* ---- torture ---- */

enum { TORTURE_BUILD, TORTURE_PARSE, TORTURE_ANSWER, TORTURE_CALLS };

clio_status clio_test_model_torture(clio_test *t, const clio_ask *ask, uint32_t http_status,
                                    const char *headers, const char *body) {
  int first = http_status ? TORTURE_BUILD : TORTURE_ANSWER;
  int last = http_status ? TORTURE_PARSE : TORTURE_ANSWER;
  for (int what = first; what <= last; what++) {
    for (uint64_t n = 1; n < 100000; n++) {
      clio_test_fail_alloc(t, n);
      if (what == TORTURE_BUILD) clio_test_build(t, ask);
      if (what == TORTURE_PARSE) clio_test_parse(t, ask, http_status, headers, body, -1);
      if (what == TORTURE_ANSWER) clio_test_answer(t, ask);
      if (!t->alloc_failed || t->status != CLIO_E_NOMEM) break;
    }
    clio_test_fail_alloc(t, 0);
    if (t->alloc_failed && t->status != CLIO_E_NOMEM) {
      t->status = CLIO_OK;
      return broken(t, "an allocation failed and the model did not say CLIO_E_NOMEM");
    }
    if (t->status != CLIO_OK) return t->status;
  }
  return CLIO_OK;
}
