/* cases.h - replies as rows of a table: what came, and what a model plugin makes of it. */
#ifndef CLIO_TESTS_MODEL_CASES_H
#define CLIO_TESTS_MODEL_CASES_H
#include <inttypes.h>
#include <stdlib.h>

#include "check.h"
#include "clio_test_model.h"

typedef struct reply_case {
  const char *name;
  uint32_t status;
  const char *headers, *body;
  uint32_t outcome;
  const char *text;    /* exactly; NULL: none */
  const char *why;     /* exactly; NULL: not looked at */
  const char *without; /* the feature left out from now on; NULL: none */
} reply_case;

static inline const char *feature_name(const clio_model *model, uint64_t bits) {
  for (int i = 0; model->features && model->features[i]; i++)
    if (bits == (uint64_t)1 << i) return model->features[i];
  return bits ? "(several)" : NULL;
}

/* The bit of a feature by its name. */
static inline uint64_t feature(const clio_model *model, const char *name) {
  for (int i = 0; model->features[i]; i++)
    if (strcmp(model->features[i], name) == 0) return (uint64_t)1 << i;
  fprintf(stderr, "no feature '%s'\n", name);
  exit(1);
}

static inline int same_text(const char *a, const char *b) {
  return a == b || (a && b && strcmp(a, b) == 0);
}

static inline void check_case(clio_test *t, const clio_model *model, const clio_ask *ask,
                              const reply_case *c) {
  const clio_reply *r = clio_test_parse(t, ask, c->status, c->headers, c->body, -1);
  if (!r) {
    fprintf(stderr, "%s: %s\n", c->name, clio_test_error(t));
    check_failures++;
    return;
  }
  const char *without = feature_name(model, r->without);
  if (r->outcome == c->outcome && same_text(r->text, c->text) && same_text(without, c->without) &&
      (!c->why || same_text(r->why, c->why)))
    return;
  fprintf(stderr, "%s:\n  got  %u, %s, %s, %s\n  want %u, %s, %s, %s\n", c->name, r->outcome,
          r->text ? r->text : "(no text)", r->why ? r->why : "(no why)",
          without ? without : "(nothing left out)", c->outcome, c->text ? c->text : "(no text)",
          c->why ? c->why : "(any why)", c->without ? c->without : "(nothing left out)");
  check_failures++;
}

static inline void check_cases(clio_test *t, const clio_model *model, const clio_ask *ask,
                               const reply_case *cases, size_t count) {
  for (size_t i = 0; i < count; i++) check_case(t, model, ask, &cases[i]);
}
#define CHECK_CASES(t, model, ask, cases) \
  check_cases(t, model, ask, cases, sizeof(cases) / sizeof *(cases))

/* The request's body is exactly this. */
#define CHECK_BODY(t, ask, want) \
  do { \
    const clio_request *request_ = clio_test_build(t, ask); \
    CHECK_TEXT(request_ ? request_->body : clio_test_error(t), want); \
  } while (0)

static inline clio_llm_job job_of(const char *prompt, uint32_t max_tokens) {
  return (clio_llm_job){.struct_size = sizeof(clio_llm_job),
                        .max_tokens = max_tokens,
                        .prompt = prompt,
                        .temperature = -1};
}

/* What is no answer of any provider, whatever it is asked: worth another attempt. */
static const reply_case no_answers[] = {
    {"empty", 200, NULL, "", CLIO_OUT_TRANSIENT, NULL, "the reply is empty", NULL},
    {"blank", 200, NULL, " \r\n", CLIO_OUT_TRANSIENT, NULL, "the reply is empty", NULL},
    {"captive portal", 200, "content-type: text/html", "<html>Log in</html>", CLIO_OUT_TRANSIENT,
     NULL, "the reply's content type is not JSON", NULL},
    {"html without a type", 200, NULL, "<html>", CLIO_OUT_TRANSIENT, NULL,
     "the reply is not JSON: expected a value, at character 1", NULL},
    {"wrong type", 200, "content-type: text/plain", "{}", CLIO_OUT_TRANSIENT, NULL,
     "the reply's content type is not JSON", NULL},
    {"byte order mark", 200, NULL, "\xef\xbb\xbf{}", CLIO_OUT_TRANSIENT, NULL, NULL, NULL},
    {"truncated", 200, "content-type: application/json", "{\"choices\":[{\"mess",
     CLIO_OUT_TRANSIENT, NULL, "the reply is not JSON: ends too early, at character 19", NULL},
    {"trailing", 200, NULL, "{} {}", CLIO_OUT_TRANSIENT, NULL,
     "the reply is not JSON: text after the value, at character 4", NULL},
    {"twice", 200, NULL, "{\"a\":1,\"a\":2}", CLIO_OUT_TRANSIENT, NULL,
     "the reply is not JSON: the same key twice in one object, at character 8", NULL},
    {"nan", 200, NULL, "{\"a\":NaN}", CLIO_OUT_TRANSIENT, NULL, NULL, NULL},
    {"not utf-8", 200, NULL, "{\"a\":\"\xff\"}", CLIO_OUT_TRANSIENT, NULL, NULL, NULL},
    {"a list", 200, NULL, "[]", CLIO_OUT_TRANSIENT, NULL, "the reply is not a JSON object", NULL},
    {"nothing in it", 200, NULL, "{}", CLIO_OUT_TRANSIENT, NULL, NULL, NULL},
    {"wrong types", 200, NULL,
     "{\"choices\":[3],\"content\":4,\"message\":5,\"data\":{},\"embeddings\":7,\"usage\":[],"
     "\"model\":1}",
     CLIO_OUT_TRANSIENT, NULL, NULL, NULL},
};

/* What HTTP itself means, without a body that anyone could read. */
static const reply_case statuses[] = {
    {"302", 302, NULL, "", CLIO_OUT_FATAL, NULL,
     "HTTP 302: the server redirects; give its own address as base_url", NULL},
    {"400", 400, NULL, "<html>", CLIO_OUT_INVALID, NULL,
     "HTTP 400: the provider does not take this request", NULL},
    {"401", 401, NULL, "", CLIO_OUT_FATAL, NULL, "HTTP 401: the key is missing or not accepted",
     NULL},
    {"402", 402, NULL, "", CLIO_OUT_SPENT, NULL, "HTTP 402: the account has no credit left", NULL},
    {"403", 403, NULL, "", CLIO_OUT_FATAL, NULL, NULL, NULL},
    {"404", 404, NULL, "", CLIO_OUT_FATAL, NULL, "HTTP 404: no such model, or no such address",
     NULL},
    {"408", 408, NULL, "", CLIO_OUT_TRANSIENT, NULL, NULL, NULL},
    {"409", 409, NULL, "", CLIO_OUT_TRANSIENT, NULL, NULL, NULL},
    {"413", 413, NULL, "", CLIO_OUT_INVALID, NULL, "HTTP 413: the request is too large", NULL},
    {"429", 429, NULL, "", CLIO_OUT_TRANSIENT, NULL, "HTTP 429: too many requests", NULL},
    {"500", 500, NULL, "oops", CLIO_OUT_TRANSIENT, NULL, "HTTP 500: the server failed", NULL},
    {"502", 502, NULL, "<html>", CLIO_OUT_TRANSIENT, NULL, NULL, NULL},
    {"503", 503, NULL, "", CLIO_OUT_TRANSIENT, NULL, NULL, NULL},
    {"504", 504, NULL, "", CLIO_OUT_TRANSIENT, NULL, NULL, NULL},
    {"529", 529, NULL, "", CLIO_OUT_TRANSIENT, NULL, NULL, NULL},
    {"500, not again", 500, "x-should-retry: false", "", CLIO_OUT_INVALID, NULL, NULL, NULL},
    {"429, not again", 429, "x-should-retry: false", "", CLIO_OUT_SPENT, NULL, NULL, NULL},
    {"400, again", 400, "x-should-retry: true", "", CLIO_OUT_TRANSIENT, NULL, NULL, NULL},
};
#endif
