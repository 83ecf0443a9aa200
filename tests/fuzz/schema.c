/* schema.c (fuzz) - answers of any bytes against a form: what is taken lies inside the
 * answer, and what is told of one that is not repeats nothing of it. See replay.h. */
#include <stdio.h>
#include <string.h>

#include "llm_schema.h"
#include "replay.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size) {
  static const char form[] =
      "{\"type\":\"object\",\"additionalProperties\":false,\"required\":[\"a\"],\"properties\":{"
      "\"a\":{\"type\":[\"string\",\"null\"],\"maxLength\":5},"
      "\"b\":{\"type\":\"array\",\"maxItems\":3,\"items\":{\"type\":\"number\",\"maximum\":9}}}}";
  char room[LLM_WHY_ROOM];
  const char *why = NULL;
  int64_t start = -1, length = -1;
  bool good =
      llm_schema_check(form, (const char *)bytes, (int64_t)size, &start, &length, room, &why);
  replay_require(start >= 0 && length >= 0 && (uint64_t)start + (uint64_t)length <= size,
                 "what is taken lies outside");
  replay_require(good == (why == NULL), "the verdict and its reason disagree");
  replay_require(!why || strlen(why) < LLM_WHY_ROOM, "a reason without end");
  return 0;
}

#ifndef CLIO_LIBFUZZER
int main(int argc, char **argv) { return replay_main(argc, argv, "schema-corpus"); }
#endif
