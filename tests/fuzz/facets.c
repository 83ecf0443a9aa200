/* facets.c (fuzz) - answers of any bytes to extractor/llm: whatever a model says, what comes out is
 * null or legal (the bench sees to choices), a text is bounded, on one line, and holds no
 * address, and no message repeats the answer. An input is the answer; if its first byte is '1' it
 * is given to facets that are asked alone. */
#include <stdlib.h>
#include <string.h>

#include "clio_test.h"
#include "clio_util.h"
#include "replay.h"
#include "text_service.h"

extern const clio_plugin clio_plugin_v0_extractor_llm;

static const char *answer;
static size_t answer_len;

static clio_status complete(clio_call *call, const char *role, clio_llm_job *jobs, uint64_t n) {
  char *copy = clio_test_host()->scratch(call, answer_len + 1);
  (void)role;
  if (!copy) return CLIO_E_NOMEM;
  memcpy(copy, answer, answer_len);
  for (uint64_t i = 0; i < n; i++) {
    jobs[i].outcome = CLIO_OUT_OK;
    jobs[i].text = copy;
    jobs[i].text_len = (int64_t)answer_len;
  }
  return CLIO_OK;
}
static const clio_llm fake = {sizeof fake, 0, complete, NULL};

static clio_test *bench(int single) {
  clio_test *t = clio_test_open(clio_plugin_v0_extractor_llm.stages[0]);
  clio_test_param(t, "model", "\"m\"");
  clio_test_param(t, "mode", single ? "\"single\"" : "\"fused\"");
  clio_test_param(
      t, "facets",
      "[{\"name\":\"r\",\"question\":\"?\",\"prefill\":\"They\"},"
      "{\"name\":\"c\",\"type\":\"category\",\"choices\":[\"a\",\"b\"],\"question\":\"?\"},"
      "{\"name\":\"n\",\"type\":\"number\",\"question\":\"?\"},"
      "{\"name\":\"l\",\"type\":\"language\",\"question\":\"?\"}]");
  clio_test_param(t, "system", "\"\"");
  clio_test_param(t, "prompt", "\"{{conversation}}{{questions}}\"");
  clio_test_param(t, "text_prompt", "\"{{question}}\"");
  clio_test_param(t, "category_prompt", "\"{{question}}{{choices}}\"");
  clio_test_param(t, "number_prompt", "\"{{question}}{{min}}{{max}}\"");
  clio_test_param(t, "language_prompt", "\"{{question}}\"");
  clio_test_param(t, "max_chars", "60");
  clio_test_service(t, CLIO_LLM_ID, &fake);
  clio_test_service(t, CLIO_TEXT_ID, text_service());
  clio_test_rows(t, "conversations", "role:list content:list",
                 "[{\"role\":[\"user\"],\"content\":[\"hi\"]}]");
  return t;
}

static clio_span cell(clio_test *t, const char *column, clio_view *view) {
  const clio_table *out = clio_test_out(t, "conversations");
  const clio_host *host = clio_test_host();
  replay_require(out && host->view(out, host->find(out, column), view, sizeof *view) == CLIO_OK,
                 "a column is missing");
  return view->type == CLIO_T_UTF8 ? clio_utf8(view, 0) : clio_span_of(NULL, 0);
}

static void check_text(clio_span text) {
  int64_t characters = 0;
  for (int64_t i = 0; i < text.len; i++) {
    unsigned char c = (unsigned char)text.s[i];
    characters += (c & 0xc0) != 0x80;
    replay_require(c >= ' ' && c != 0x7f, "a control character");
  }
  replay_require(characters <= 60 + 40, "a text without bound"); /* marks of redaction are longer */
  replay_require(!text.s || text.len > 0, "an empty text");
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size) {
  clio_view view;
  if (size < 1) return 0;
  answer = (const char *)bytes + 1;
  answer_len = size - 1;
  clio_test *t = bench(bytes[0] == '1');
  replay_require(clio_test_run(t) == CLIO_OK, clio_test_error(t));
  check_text(cell(t, "r", &view));
  cell(t, "n", &view);
  int64_t number = clio_i64(&view, 0);
  replay_require(!clio_valid(&view, 0) || (number >= 1 && number <= 5), "a number out of range");
  replay_require(!strstr(clio_test_log(t), "SECRET"), "a message tells what stood there");
  clio_test_close(t);
  return 0;
}

#ifndef CLIO_LIBFUZZER
int main(int argc, char **argv) { return replay_main(argc, argv, "facets-corpus"); }
#endif
