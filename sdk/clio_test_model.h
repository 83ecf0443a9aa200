/* clio_test_model.h - the same bench for a model plugin: its parameters, the request it
 * builds, what it makes of a reply. It sends nothing. It holds the plugin to the ABI's
 * rules: a request is the same each time, an address is one the host would send to, a
 * reply's outcome, text, vectors and `without` are ones the host can take, and no message
 * repeats the question.
 *
 *   clio_test *t = clio_test_open_model(&my_model);
 *   clio_test_param(t, "model", "\"small\"");
 *   clio_llm_job job = {.struct_size = sizeof job, .max_tokens = 50, .prompt = "hi"};
 *   clio_ask ask = clio_test_chat(&job);
 *   puts(clio_test_build(t, &ask)->body);
 *   const clio_reply *r = clio_test_parse(t, &ask, 200, NULL, "{...}", -1);
 *   if (r) puts(r->text); else puts(clio_test_error(t));
 *   clio_test_close(t);
 *
 * clio_test_param, _error, _log, _fail_alloc, _alloc_failed, _service and _close are those
 * of clio_test.h; nothing else of it fits a model. */
#ifndef CLIO_TEST_MODEL_H
#define CLIO_TEST_MODEL_H
#include "clio_test.h"
#ifdef __cplusplus
extern "C" {
#endif

clio_test *clio_test_open_model(const clio_model *model);

/* An ask of one question, or of `count` texts for vectors of `dim` numbers. Borrowed. */
clio_ask clio_test_chat(const clio_llm_job *job);
clio_ask clio_test_embed(const char *const *texts, const int64_t *lens, uint64_t count,
                         uint32_t dim);

/* The parameters and plan(). */
clio_status clio_test_model_plan(clio_test *t);

/* What build(), parse() and answer() made; NULL: it failed, see clio_test_error. All of it
 * lives until the next of these calls. `headers`: "name: value" lines, or NULL. `len` < 0:
 * the body is a string. answer() comes with create() before and destroy() after it. */
const clio_request *clio_test_build(clio_test *t, const clio_ask *ask);
const clio_reply *clio_test_parse(clio_test *t, const clio_ask *ask, uint32_t http_status,
                                  const char *headers, const char *body, int64_t len);
const clio_reply *clio_test_answer(clio_test *t, const clio_ask *ask);

/* Each allocation by the host fails in turn, in build() and parse() or in answer()
 * (http_status 0): CLIO_OK when every such call said CLIO_E_NOMEM. */
clio_status clio_test_model_torture(clio_test *t, const clio_ask *ask, uint32_t http_status,
                                    const char *headers, const char *body);
#ifdef __cplusplus
}
#endif
#endif /* CLIO_TEST_MODEL_H */
