/* jsonl.c (fuzz) - source/jsonl and the strict JSON under it on bytes of any
 * kind: nothing may crash or leak, what the scanner accepts json-c must read,
 * and no message may hold what stood in the line.
 *
 * With clang and -DCLIO_LIBFUZZER -fsanitize=fuzzer it is a libFuzzer target;
 * else a program that reads the files it is given, or the corpus, whole, cut
 * short at every byte, and with every byte replaced by hostile ones. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "clio_test.h"
#include "json_strict.h"

extern const clio_plugin clio_plugin_v0_source_jsonl;

static void require(int holds, const char *what) {
  if (holds) return;
  fprintf(stderr, "broken: %s\n", what);
  abort();
}

static void check_json(const char *text, size_t len) {
  json_reader *r = json_reader_new(JSON_STRICT_DEPTH);
  json_object *value = NULL;
  json_fault fault = {NULL, 0};
  require(r != NULL, "no memory");
  if (json_read(r, text, len, &value, &fault)) {
    json_slice id = json_member(r, "id");
    require(!id.s || (id.s >= text && id.s + id.len <= text + len), "a slice outside the text");
  } else {
    require(fault.reason && !strstr(fault.reason, "json-c"), "json-c and the scanner disagree");
    require(fault.column >= 1 && fault.column <= len + 1, "a column outside the text");
  }
  json_object_put(value);
  json_reader_free(r);
}

static void check_stage(const char *text) {
  clio_test *t = clio_test_open(clio_plugin_v0_source_jsonl.stages[0]);
  clio_test_param(t, "path", "\"x\"");
  clio_test_param(t, "labels", "[\"topic\"]");
  clio_test_lines(t, "block", text, 64);
  require(clio_test_run(t) == CLIO_OK, clio_test_error(t));
  for (uint64_t i = 0; i < clio_test_failed(t); i++) {
    uint64_t row = 0;
    require(!strstr(clio_test_failure(t, i, &row), "SECRET"), "a message tells what stood there");
  }
  clio_test_close(t);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length) {
  char *text = malloc(length + 1);
  require(text != NULL, "no memory");
  memcpy(text, bytes, length);
  text[length] = '\0';
  check_json(text, length);
  check_stage(text);
  free(text);
  return 0;
}

#ifndef CLIO_LIBFUZZER
static void run_line(uint8_t *line, size_t length) {
  static const char hostile[] = "\"\\{}[]:,\xff\x80\x01 0e-n";
  LLVMFuzzerTestOneInput(line, length);
  for (size_t cut = 0; cut < length; cut++) LLVMFuzzerTestOneInput(line, cut);
  for (size_t i = 0; i < length; i++) {
    uint8_t was = line[i];
    for (size_t k = i % 3; k < sizeof hostile; k += 3) {
      line[i] = (uint8_t)hostile[k];
      LLVMFuzzerTestOneInput(line, length);
    }
    line[i] = was;
  }
}

static unsigned run_file(const char *path) {
  FILE *f = fopen(path, "rb");
  static uint8_t text[1 << 16];
  unsigned lines = 0;
  if (!f) return 0;
  size_t length = fread(text, 1, sizeof text, f);
  fclose(f);
  LLVMFuzzerTestOneInput(text, length);
  for (size_t at = 0; at < length; lines++) {
    uint8_t *end = memchr(text + at, '\n', length - at);
    size_t n = end ? (size_t)(end - text) - at : length - at;
    run_line(text + at, n);
    at += n + 1;
  }
  return lines;
}

int main(int argc, char **argv) {
  const char *src = getenv("CLIO_SRC");
  char corpus[4096];
  unsigned lines = 0;
  snprintf(corpus, sizeof corpus, "%s/tests/fuzz/jsonl-corpus/shapes.jsonl", src ? src : ".");
  for (int i = 1; i < argc; i++) lines += run_file(argv[i]);
  if (argc == 1) lines = run_file(corpus);
  printf("%u lines\n", lines);
  return lines > 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
#endif
