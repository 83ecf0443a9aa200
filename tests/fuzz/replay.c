/* replay.c - see replay.h. */
#include "replay.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { FILE_MAX = 1 << 20, STEPS = 400 };

void replay_require(int holds, const char *what) {
  if (holds) return;
  fprintf(stderr, "broken: %s\n", what);
  abort();
}

#ifndef CLIO_LIBFUZZER
/* Long files are cut and changed at every n-th byte only. */
static void run_bytes(uint8_t *bytes, size_t length) {
  static const char hostile[] = "\"\\{}[]:,\xff\x80\x01 0e-n";
  size_t step = length / STEPS + 1;
  LLVMFuzzerTestOneInput(bytes, length);
  for (size_t i = 0; i < length; i += step) {
    uint8_t was = bytes[i];
    LLVMFuzzerTestOneInput(bytes, i);
    for (size_t k = i % 5; k < sizeof hostile; k += 5) {
      bytes[i] = (uint8_t)hostile[k];
      LLVMFuzzerTestOneInput(bytes, length);
    }
    bytes[i] = was;
  }
}

static unsigned run_file(const char *path) {
  FILE *f = fopen(path, "rb");
  uint8_t *bytes = malloc(FILE_MAX);
  size_t length = f && bytes ? fread(bytes, 1, FILE_MAX, f) : 0;
  if (length) run_bytes(bytes, length);
  if (f) fclose(f);
  free(bytes);
  return length > 0;
}

static unsigned run_folder(const char *folder) {
  unsigned files = 0;
  DIR *d = opendir(folder);
  for (struct dirent *e; d && (e = readdir(d));) {
    char path[4096];
    if (e->d_name[0] == '.') continue;
    int n = snprintf(path, sizeof path, "%s/%s", folder, e->d_name);
    if (n > 0 && (size_t)n < sizeof path) files += run_file(path);
  }
  if (d) closedir(d);
  return files;
}

int replay_main(int argc, char **argv, const char *corpus) {
  const char *src = getenv("CLIO_SRC");
  char folder[4096];
  unsigned files = 0;
  snprintf(folder, sizeof folder, "%s/tests/fuzz/%s", src ? src : ".", corpus);
  for (int i = 1; i < argc; i++) files += run_file(argv[i]);
  if (argc == 1) files = run_folder(folder);
  printf("%u files\n", files);
  return files > 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
#endif
