/* replay.h - a fuzz target without libFuzzer: a program that runs it over the
 * files it is given, or over its corpus: each whole, cut short at many places,
 * and with many bytes replaced by hostile ones. */
#ifndef CLIO_FUZZ_REPLAY_H
#define CLIO_FUZZ_REPLAY_H
#include <stddef.h>
#include <stdint.h>

/* The target; with clang and -DCLIO_LIBFUZZER -fsanitize=fuzzer libFuzzer calls it. */
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

/* What main() returns. `corpus`: a folder of tests/fuzz. */
int replay_main(int argc, char **argv, const char *corpus);

/* Ends the process with a message unless it holds. */
void replay_require(int holds, const char *what);
#endif
