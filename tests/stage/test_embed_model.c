/* test_embed_model.c - embedder/model: which texts it asks for, in what order, and what
 * becomes of those without an answer; and model/use, which can answer it. */
#include <math.h>
#include <stdlib.h>

#include "check.h"
#include "clio_test.h"
#include "clio_test_model.h"

extern const clio_plugin clio_plugin_v0_embedder_model;
extern const clio_plugin clio_plugin_v0_embedder_use;

enum { DIM = 3 };
static uint64_t asked;

/* A model whose vector is the text's first letter and its length; none for "silent". */
static clio_status fake_embed(clio_call *call, const char *role, const char *const *texts,
                              const int64_t *lens, uint64_t n, float *ret, uint32_t dim) {
  (void)call;
  CHECK_TEXT(role, "vec");
  CHECK(dim == DIM);
  for (uint64_t i = 0; i < n; i++) {
    CHECK(lens[i] > 0);
    if (texts[i][0] == 's') continue;
    ret[i * dim] = (float)(texts[i][0] - 'a' + 1);
    ret[i * dim + 1] = (float)lens[i];
  }
  asked += n;
  return CLIO_OK;
}
static const clio_llm fake = {sizeof fake, 0, NULL, fake_embed};

static clio_test *open_stage(const char *normalize) {
  clio_test *t = clio_test_open(clio_plugin_v0_embedder_model.stages[0]);
  clio_test_param(t, "model", "\"vec\"");
  clio_test_param(t, "dimension", "3");
  clio_test_param(t, "normalize", normalize);
  clio_test_service(t, CLIO_LLM_ID, &fake);
  clio_test_rows(t, "conversations", "request:utf8?",
                 "[{\"request\":\"abc\"},{\"request\":null},{\"request\":\"\"},"
                 "{\"request\":\"silent\"},{\"request\":\"bb\"}]");
  return t;
}

static void test_rows(void) {
  for (uint64_t batch = 1; batch <= 5; batch += 4) {
    clio_test *t = open_stage("false");
    clio_test_batch(t, batch);
    asked = 0;
    CHECK_RUN(t);
    CHECK(asked == 3);
    CHECK_TEXT(clio_test_json(t, "conversations", "vector"),
               "[{\"vector\":[1,3,0]},\n{\"vector\":null},\n{\"vector\":null},\n"
               "{\"vector\":null},\n{\"vector\":[2,2,0]}]");
    CHECK_TEXT(clio_test_planned(t, "conversations", "vector"), "vector:vec3?<request");
    clio_test_close(t);
  }
}

static void test_length(void) {
  clio_test *t = open_stage("true");
  CHECK_RUN(t);
  clio_view v;
  const clio_host *host = clio_test_host();
  const clio_table *out = clio_test_out(t, "conversations");
  CHECK(host->view(out, host->find(out, "vector"), &v, sizeof v) == CLIO_OK);
  const float *first = v.data;
  CHECK(fabsf(first[0] * first[0] + first[1] * first[1] - 1.0F) < 1e-6F);
  clio_test_close(t);
}

static void test_torture(void) {
  clio_test *t = open_stage("true");
  CHECK(clio_test_torture(t) == CLIO_OK);
  clio_test_close(t);
}

/* The encoder's own stage and the model give the same vector. */
static void test_use(void) {
  const char *folder = getenv("CLIO_DATA_PATH");
  const char *texts[] = {"how do I bake bread", "my card was declined"};
  const int64_t lens[] = {19, 20};
  clio_ask ask = clio_test_embed(texts, lens, 2, 512);
  clio_test *t = clio_test_open_model(clio_plugin_v0_embedder_use.models[0]);
  clio_test_assets(t, folder);
  const clio_reply *r = clio_test_answer(t, &ask);
  if (!r) {
    printf("model/use not tried: %s\n", clio_test_error(t));
    clio_test_close(t);
    return;
  }
  double same = 0, cross = 0;
  for (int k = 0; k < 512; k++) {
    same += (double)r->vectors[k] * (double)r->vectors[k];
    cross += (double)r->vectors[k] * (double)r->vectors[512 + k];
  }
  CHECK(r->outcome == CLIO_OUT_OK && r->count == 2 && r->dim == 512 && r->in_tokens > 4);
  CHECK(fabs(same - 1) < 1e-4);
  CHECK(cross < 0.5);
  clio_test_close(t);
}

int main(void) {
  test_rows();
  test_length();
  test_torture();
  test_use();
  return CHECK_DONE();
}
