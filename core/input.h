/* input.h - opens what a source reads: files, globs, '-'; undoes gzip and zstd
 * under caps; cuts blocks of whole lines; hashes. The only place that reads
 * conversation text from disk. */
#ifndef CLIO_CORE_INPUT_H
#define CLIO_CORE_INPUT_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "error.h"

enum { INPUT_BLOCK_BYTES = 1 << 20 };

typedef struct input input;

/* Whole lines: the lines that start in the number-th MiB of decoded bytes
 * (number counts on across files; a file starts a new block). `bytes` belongs
 * to the block. A line longer than INPUT_LINE_MAX is cut out: it is counted in
 * `too_long` and an empty line stands in its place. */
enum { INPUT_LINE_MAX = 16 << 20 };
typedef struct input_block {
  uint64_t number;
  char *bytes;
  size_t length;
  const char *file;    /* as a person would name it; borrowed from the input */
  uint64_t first_line; /* 1-based, in its file */
  uint64_t too_long;   /* lines cut out for their size */
} input_block;

/* Opens a path, a glob or "-". `memory_cap`: how much may be held when the
 * input cannot be read twice (stdin, FIFO). */
clio_status input_open(const char *spec, uint64_t memory_cap, input **ret, error *e);
void input_close(input *in);

/* The next block, or *ret = NULL at the end. The caller frees it. */
clio_status input_next(input *in, input_block **ret, error *e);
void input_block_free(input_block *b);

/* Back to the first block, for a second pass. What cannot be read twice has
 * been held in memory since the first pass (`hold` before the first
 * input_next); past memory_cap input_next fails with the cure. */
void input_hold(input *in);
clio_status input_rewind(input *in, error *e);

/* Its files in the order of reading. The path of one that can be read again; NULL:
 * standard input, a FIFO. */
size_t input_files(const input *in);
const char *input_path(const input *in, size_t i);

/* SHA-256 over all decoded bytes and file borders, 64 hex digits; valid once
 * the end was reached. Bytes read so far and, where known, in all. */
const char *input_sha256(const input *in);
void input_progress(const input *in, uint64_t *ret_done, uint64_t *ret_total);
#endif
