/* test_basic.c - extractor/basic: turns and characters, of the user alone. */
#include "check.h"
#include "clio_test.h"

extern const clio_plugin clio_plugin_v0_extractor_basic;

int main(void) {
  clio_test *t = clio_test_open(clio_plugin_v0_extractor_basic.stages[0]);
  clio_test_rows(t, "conversations", "role:list content:list",
                 "[{\"role\":[\"system\",\"user\",\"assistant\",\"user\"],"
                 "\"content\":[\"be kind\",\"h\\u00e9llo\",\"yes\",\"\\ud83d\\ude00\"]},"
                 "{\"role\":[\"system\"],\"content\":[\"x\"]},{\"role\":[],\"content\":[]}]");
  for (uint64_t batch = 1; batch < 4; batch++) {
    clio_test_batch(t, batch);
    CHECK_RUN(t);
    CHECK_TEXT(clio_test_json(t, "conversations", NULL),
               "[{\"turns\":2,\"length\":6},\n{\"turns\":0,\"length\":0},\n"
               "{\"turns\":0,\"length\":0}]");
  }
  CHECK_TEXT(clio_test_planned(t, "conversations", "turns"), "turns:i64*");
  CHECK_TEXT(clio_test_torture(t) == CLIO_OK ? "" : clio_test_error(t), "");
  clio_test_close(t);
  return CHECK_DONE();
}
