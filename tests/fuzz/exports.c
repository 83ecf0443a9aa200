/* exports.c (fuzz) - source/chatgpt_export and source/claude_export on bytes of
 * any kind: nothing may crash, leak or hang, every row has messages, and no
 * message may hold what stood in the item. */
#include <stdlib.h>
#include <string.h>

#include "clio_test.h"
#include "replay.h"

extern const clio_plugin clio_plugin_v0_source_chatgpt_export;
extern const clio_plugin clio_plugin_v0_source_claude_export;

static void check_rows(clio_test *t) {
  const clio_host *host = clio_test_host();
  const clio_table *out = clio_test_out(t, "conversations");
  clio_view role, content;
  uint64_t rows = out ? host->rows(out) : 0;
  if (!rows) return;
  replay_require(host->view(out, host->find(out, "role"), &role, sizeof role) == CLIO_OK, "role");
  replay_require(host->view(out, host->find(out, "content"), &content, sizeof content) == CLIO_OK,
                 "content");
  for (uint64_t i = 0; i < rows; i++) {
    replay_require(role.offsets[i + 1] > role.offsets[i], "a conversation without a message");
    replay_require(role.offsets[i + 1] == content.offsets[i + 1], "lists of different lengths");
  }
}

static void check_stage(const clio_plugin *plugin, const char *text) {
  clio_test *t = clio_test_open(plugin->stages[0]);
  clio_test_param(t, "path", "\"x\"");
  clio_test_lines(t, "block", text, 64);
  replay_require(clio_test_run(t) == CLIO_OK, clio_test_error(t));
  check_rows(t);
  for (uint64_t i = 0; i < clio_test_failed(t); i++) {
    uint64_t row = 0;
    replay_require(!strstr(clio_test_failure(t, i, &row), "SECRET"), "a message tells what stood");
  }
  clio_test_close(t);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length) {
  char *text = malloc(length + 1);
  replay_require(text != NULL, "no memory");
  memcpy(text, bytes, length);
  text[length] = '\0';
  check_stage(&clio_plugin_v0_source_chatgpt_export, text);
  check_stage(&clio_plugin_v0_source_claude_export, text);
  free(text);
  return 0;
}

#ifndef CLIO_LIBFUZZER
int main(int argc, char **argv) { return replay_main(argc, argv, "exports-corpus"); }
#endif
