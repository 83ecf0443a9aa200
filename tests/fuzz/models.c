/* models.c (fuzz) - parse() of the models behind HTTP on replies of any kind: nothing may
 * crash or leak, every reply must be one the host can take (the bench sees to that), and no
 * `why` may tell what stood in the reply.
 *
 * The first three bytes of an input choose the model (o, a, l), what was asked (c: a
 * question, s: one with a schema, p: one with a beginning, e: texts to embed) and the status
 * (2, 4, 5); the rest, after a line end, is the body. */
#include <stdlib.h>
#include <string.h>

#include "clio_test_model.h"
#include "replay.h"

extern const clio_plugin clio_plugin_v0_model_openai;
extern const clio_plugin clio_plugin_v0_model_anthropic;
extern const clio_plugin clio_plugin_v0_model_ollama;

static clio_test *bench(uint8_t which) {
  const clio_plugin *plugin = which == 'a'   ? &clio_plugin_v0_model_anthropic
                              : which == 'l' ? &clio_plugin_v0_model_ollama
                                             : &clio_plugin_v0_model_openai;
  clio_test *t = clio_test_open_model(plugin->models[0]);
  clio_test_param(t, "model", "\"claude-opus-4-5\"");
  clio_test_param(t, "key", "\"KEY\"");
  clio_test_param(t, "schema_prompt", "\"{schema}\"");
  clio_test_param(t, "prefill_prompt", "\"{prefill}\"");
  return t;
}

static const clio_reply *parse(clio_test *t, uint8_t kind, uint32_t status, const char *body,
                               int64_t len) {
  static const char ends[] = {'o', 'n', 'e', 't', 'w', 'o'}; /* without a NUL */
  const char *const texts[] = {ends, ends + 3};
  static const int64_t lens[] = {3, 3};
  clio_llm_job job = {.struct_size = sizeof job,
                      .max_tokens = 9,
                      .system = "be brief",
                      .prompt = "what is SECRET about it",
                      .schema = kind == 's' ? "{\"type\":\"object\"}" : NULL,
                      .prefill = kind == 'p' ? "It is" : NULL,
                      .shared = 4,
                      .temperature = 0.5};
  clio_ask ask = kind == 'e' ? clio_test_embed(texts, lens, 2, 2) : clio_test_chat(&job);
  return clio_test_parse(t, &ask, status, "date: Tue, 24 Nov 2026 14:00:00 GMT", body, len);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length) {
  if (length < 4) return 0;
  uint8_t kind = bytes[0] == 'a' && bytes[1] == 'e' ? 'c' : bytes[1];
  uint32_t status = bytes[2] == '4' ? 400 : bytes[2] == '5' ? 500 : 200;
  clio_test *t = bench(bytes[0]);
  const clio_reply *r = parse(t, kind, status, (const char *)bytes + 4, (int64_t)length - 4);
  replay_require(r != NULL, clio_test_error(t));
  replay_require(!r->why || !strstr(r->why, "SECRET"), "a message tells what stood there");
  clio_test_close(t);
  return 0;
}

#ifndef CLIO_LIBFUZZER
int main(int argc, char **argv) { return replay_main(argc, argv, "models-corpus"); }
#endif
