/* input.h - opens what a source reads: files, globs, '-', and where the source
 * says so zip archives and folders; undoes gzip and zstd under caps; cuts
 * blocks of whole lines or of whole items of a JSON list; hashes. The only
 * place that reads conversation text from disk. */
#ifndef CLIO_CORE_INPUT_H
#define CLIO_CORE_INPUT_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "decode.h"

enum { INPUT_BLOCK_BYTES = 1 << 20 };

typedef struct input input;

/* Whole lines: the lines that start in the number-th MiB of decoded bytes
 * (number counts on across files; a file starts a new block). `bytes` belongs
 * to the block. A line longer than the options' record_max is cut out: it is
 * counted in `too_long` and an empty line stands in its place. Items of a JSON
 * list come as one line each (items.h). */
typedef struct input_block {
  uint64_t number;
  char *bytes;
  size_t length;
  const char *file;    /* as a person would name it; borrowed from the input */
  const char *origin;  /* the file, archive or folder it was found by; borrowed */
  uint64_t first_line; /* 1-based, in its file; of items, the first one's number */
  uint64_t too_long;   /* lines or items cut out for their size */
  uint64_t long_line;  /* 1-based, of the first of them */
  bool again;          /* read before, in an earlier pass */
  bool items;          /* each line is an item of a JSON list */
} input_block;

/* How to read. `members`: NULL-ended patterns of the files that are taken out
 * of a zip archive or a folder; NULL: neither is opened. Borrowed. */
typedef struct input_options {
  uint64_t memory_cap; /* most to hold when the input cannot be read twice */
  uint64_t record_max; /* most bytes of a line or an item */
  decode_caps caps;
  const char *const *members;
  bool items; /* cut the items of a JSON list, not lines */
} input_options;

/* 16 MiB a record; 4 GiB a file, 64 GiB a run, 200:1; lines; 1 GiB held. */
extern const input_options input_default_options;

/* Opens a path, a glob or "-". */
clio_status input_open(const char *spec, const input_options *options, input **ret, error *e);
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

/* What the i-th file was found by, where a source that takes files out of archives
 * or folders is told so (its rows may depend on it); else NULL. */
const char *input_origin(const input *in, size_t i);

/* SHA-256 over all decoded bytes and file borders, 64 hex digits; valid once
 * the end was reached. Bytes read so far and, where known, in all. */
const char *input_sha256(const input *in);
void input_progress(const input *in, uint64_t *ret_done, uint64_t *ret_total);
#endif
