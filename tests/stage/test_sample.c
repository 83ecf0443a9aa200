/* test_sample.c - the test bench itself, on the sample stage: rows in and out,
 * batches, parameters, every broken rule by its sentence, failing allocations. */
#include "check.h"
#include "clio_test.h"

extern const clio_plugin clio_plugin_v0_sample;

static clio_test *open_sample(void) {
  clio_test *t = clio_test_open(clio_plugin_v0_sample.stages[0]);
  clio_test_param(t, "column", "\"request\"");
  clio_test_rows(t, "in", "id:utf8 request:utf8?",
                 "[{\"id\":\"a\",\"request\":\"four\"}, {\"id\":\"b\"},"
                 " {\"id\":\"c\",\"request\":\"h\\u00e9\"}]");
  return t;
}

static void test_rows(void) {
  clio_test *t = open_sample();
  for (uint64_t batch = 1; batch < 5; batch++) {
    clio_test_batch(t, batch);
    CHECK_RUN(t);
    CHECK_TEXT(clio_test_json(t, "out", NULL),
               "[{\"length\":4,\"half\":[2,0]},\n{\"length\":null,\"half\":[0,0]},\n"
               "{\"length\":3,\"half\":[1.5,0]}]");
    CHECK_TEXT(clio_test_json(t, "out", "id length"),
               "[{\"id\":\"a\",\"length\":4},\n{\"id\":\"b\",\"length\":null},\n"
               "{\"id\":\"c\",\"length\":3}]");
  }
  CHECK_TEXT(clio_test_planned(t, "out", "half"), "half:vec2");
  CHECK(clio_test_emits(t, "out") == 1);
  clio_test_close(t);
}

/* A failed row loses what may be null, or is dropped where a cell may not. */
static void test_failed_rows(void) {
  clio_test *t = open_sample();
  uint64_t row = 0;
  clio_test_param(t, "limit", "3");
  clio_test_batch(t, 2);
  CHECK_RUN(t);
  CHECK_TEXT(clio_test_json(t, "out", "id"), "[{\"id\":\"b\"},\n{\"id\":\"c\"}]");
  CHECK(clio_test_failed(t) == 1);
  CHECK_TEXT(clio_test_failure(t, 0, &row), "longer than 3 bytes");
  CHECK(row == 0);
  clio_test_max_bad(t, 0);
  CHECK_REFUSED(t, CLIO_E_INPUT, "process: too many bad rows");
  clio_test_close(t);
}

static void test_params(void) {
  clio_test *t = open_sample();
  clio_test_param(t, "limit", "0");
  CHECK_REFUSED(t, CLIO_E_CONFIG, "parameter 'limit': 0 is outside 1 to 1000");
  clio_test_param(t, "limit", "\"many\"");
  CHECK_REFUSED(t, CLIO_E_CONFIG, "parameter 'limit': want an integer");
  clio_test_param(t, "limit", NULL);
  clio_test_param(t, "sin", "\"pride\"");
  CHECK_REFUSED(t, CLIO_E_CONFIG, "parameter 'sin': no choice 'pride'");
  clio_test_param(t, "sin", NULL);
  clio_test_param(t, "column", NULL);
  CHECK_REFUSED(t, CLIO_E_CONFIG, "parameter 'column' has no default and is not given");
  clio_test_param(t, "column", "\"reqest\"");
  CHECK_REFUSED(t, CLIO_E_CONFIG, "parameter 'column': no column 'reqest' reaches the stage");
  clio_test_close(t);
}

static void test_schemas(void) {
  clio_test *t = open_sample();
  clio_test_rows(t, "in", "id:utf8 request:i64", "[]");
  CHECK_REFUSED(t, CLIO_E_CONFIG, "column 'request' is not text");
  clio_test_rows(t, "in", "id:i64 request:utf8", "[]");
  CHECK_REFUSED(t, CLIO_E_CONFIG, "input 'in': column 'id' is i64, the stage wants utf8");
  clio_test_unplug(t, "in");
  CHECK_REFUSED(t, CLIO_E_CONFIG, "input 'in' is not connected");
  clio_test_close(t);
}

static void test_sins(void) {
  static const struct {
    const char *sin, *text;
    clio_status status;
  } cases[] = {
      {"\"repeat\"", "process: start: pick is not strictly increasing at 1", CLIO_E_INTERNAL},
      {"\"beyond\"", "process: start: pick[2] is row 3 of a base of 3", CLIO_E_INTERNAL},
      {"\"nan\"", "process: emit: column 'half', row 0: a vector holds NaN or infinity",
       CLIO_E_INTERNAL},
      {"\"host\"", "process: add: column 'account' is the host's", CLIO_E_PRIVACY},
      {"\"baseless\"", "process: start: only a source starts conversations without a base",
       CLIO_E_INTERNAL},
      {"\"silent\"", "process: a row-wise stage emits once per batch, not 0 times",
       CLIO_E_INTERNAL},
  };
  clio_test *t = open_sample();
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    clio_test_param(t, "sin", cases[i].sin);
    CHECK_REFUSED(t, cases[i].status, cases[i].text);
  }
  clio_test_close(t);
}

static void test_torture(void) {
  clio_test *t = open_sample();
  CHECK_TEXT(clio_test_torture(t) == CLIO_OK ? "" : clio_test_error(t), "");
  clio_test_close(t);
}

int main(void) {
  test_rows();
  test_failed_rows();
  test_params();
  test_schemas();
  test_sins();
  test_torture();
  return CHECK_DONE();
}
