/* wire_cli.c - requests of the models behind HTTP, for a script to send with curl, and what
 * they make of the reply. See tests/e2e/prism.sh.
 *
 *   wire_cli list                      names, one a line
 *   wire_cli build NAME                the address, the key's header, the body: three lines
 *   wire_cli parse NAME STATUS FILE    the outcome's number, and why */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "clio_test_model.h"

extern const clio_plugin clio_plugin_v0_model_openai;
extern const clio_plugin clio_plugin_v0_model_anthropic;

#define SCHEMA \
  "{\"type\":\"object\",\"properties\":{\"kind\":{\"type\":\"string\",\"enum\":[\"a\",\"b\"]}," \
  "\"n\":{\"type\":[\"integer\",\"null\"]}},\"required\":[\"kind\",\"n\"]," \
  "\"additionalProperties\":false}"

/* A request: parameters as pairs, the job, features left out. */
typedef struct wire_case {
  const char *name;
  const clio_plugin *plugin;
  const char *params[12];
  clio_llm_job job;
  uint64_t without;
  int embeds;
} wire_case;

#define JOB(...) \
  { \
    .struct_size = sizeof(clio_llm_job), .max_tokens = 50, .prompt = "A talk. What is it?", \
    __VA_ARGS__ \
  }
#define OPENAI &clio_plugin_v0_model_openai
#define ANTHROPIC &clio_plugin_v0_model_anthropic
static const wire_case cases[] = {
    {"openai/plain", OPENAI, {"model", "\"gpt-5-mini\""}, JOB(.temperature = 0.2), 0, 0},
    {"openai/schema",
     OPENAI,
     {"model", "\"gpt-5-mini\"", "seed", "7", "reasoning_effort", "\"low\"", "service_tier",
      "\"flex\""},
     JOB(.system = "Be \"brief\"", .schema = SCHEMA, .shared = 7, .temperature = -1),
     0,
     0},
    {"openai/object",
     OPENAI,
     {"model", "\"gpt-4o\"", "structured", "\"object\"", "limit", "\"max_tokens\""},
     JOB(.schema = SCHEMA, .temperature = 1),
     0,
     0},
    {"openai/prefill",
     OPENAI,
     {"model", "\"gpt-4o\"", "prefill", "\"message\""},
     JOB(.prefill = "It is", .temperature = 0),
     0,
     0},
    {"openai/least",
     OPENAI,
     {"model", "\"gpt-4o\""},
     JOB(.system = "s", .schema = SCHEMA),
     UINT64_MAX,
     0},
    {"openai/embed", OPENAI, {"model", "\"text-embedding-3-small\""}, JOB(.shared = 0), 0, 1},
    {"anthropic/plain",
     ANTHROPIC,
     {"model", "\"claude-haiku-4-5\""},
     JOB(.temperature = 0.2),
     0,
     0},
    {"anthropic/format",
     ANTHROPIC,
     {"model", "\"claude-opus-4-5\"", "effort", "\"low\""},
     JOB(.system = "Be \"brief\"", .schema = SCHEMA, .shared = 7, .temperature = -1),
     0,
     0},
    {"anthropic/tool",
     ANTHROPIC,
     {"model", "\"claude-3-5-haiku-latest\"", "structured", "\"tool\""},
     JOB(.schema = SCHEMA, .temperature = 1),
     0,
     0},
    {"anthropic/prefill",
     ANTHROPIC,
     {"model", "\"claude-haiku-4-5\""},
     JOB(.prefill = "It is"),
     0,
     0},
    {"anthropic/words",
     ANTHROPIC,
     {"model", "\"claude-opus-5-5\""},
     JOB(.schema = SCHEMA, .temperature = 1),
     UINT64_MAX,
     0},
    {"anthropic/thinking",
     ANTHROPIC,
     {"model", "\"claude-haiku-4-5\"", "thinking", "\"budget\"", "thinking_tokens", "1024"},
     JOB(.temperature = -1),
     0,
     0}};

static const wire_case *case_of(const char *name) {
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
    if (strcmp(cases[i].name, name) == 0) return &cases[i];
  fprintf(stderr, "no case '%s'\n", name);
  exit(2);
}

static clio_test *open_case(const wire_case *c, clio_ask *ret_ask) {
  static const char *const texts[] = {"one \"text\""};
  static const int64_t lens[] = {10};
  clio_test *t = clio_test_open_model(c->plugin->models[0]);
  clio_test_param(t, "key", "\"KEY\"");
  clio_test_param(t, "schema_prompt", "\"Answer in JSON: {schema}\"");
  clio_test_param(t, "prefill_prompt", "\"Begin: {prefill}\"");
  for (size_t i = 0; c->params[i]; i += 2) clio_test_param(t, c->params[i], c->params[i + 1]);
  *ret_ask = c->embeds ? clio_test_embed(texts, lens, 1, 0) : clio_test_chat(&c->job);
  ret_ask->without = c->without;
  return t;
}

static int build(const wire_case *c) {
  clio_ask ask;
  clio_test *t = open_case(c, &ask);
  const clio_request *r = clio_test_build(t, &ask);
  if (r)
    printf("%s\n%s\n%s\n", r->url, r->key_header, r->body);
  else
    fprintf(stderr, "%s: %s\n", c->name, clio_test_error(t));
  clio_test_close(t);
  return r ? 0 : 1;
}

static int parse(const wire_case *c, const char *status, const char *path) {
  static char body[1 << 20];
  clio_ask ask;
  FILE *f = fopen(path, "rb");
  size_t n = f ? fread(body, 1, sizeof body, f) : 0;
  if (f) fclose(f);
  clio_test *t = open_case(c, &ask);
  const clio_reply *r =
      clio_test_parse(t, &ask, (uint32_t)strtoul(status, NULL, 10), NULL, body, (int64_t)n);
  if (r)
    printf("%u %s\n", r->outcome, r->why ? r->why : "");
  else
    fprintf(stderr, "%s: %s\n", c->name, clio_test_error(t));
  clio_test_close(t);
  return r ? 0 : 1;
}

int main(int argc, char **argv) {
  if (argc == 2 && strcmp(argv[1], "list") == 0) {
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) puts(cases[i].name);
    return 0;
  }
  if (argc == 3 && strcmp(argv[1], "build") == 0) return build(case_of(argv[2]));
  if (argc == 5 && strcmp(argv[1], "parse") == 0) return parse(case_of(argv[2]), argv[3], argv[4]);
  fprintf(stderr, "usage: wire_cli list | build NAME | parse NAME STATUS FILE\n");
  return 2;
}
