/* lines.h - cuts one decoded file into blocks of whole lines, hashes it, drops
 * a byte order mark. Which lines share a block depends on their place in the
 * file alone, never on how much a read returned. */
#ifndef CLIO_CORE_LINES_H
#define CLIO_CORE_LINES_H
#include "decode.h"
#include "input.h"

enum { LINES_DIGEST_BYTES = 32 };

/* One file being cut. Not thread-safe. */
typedef struct lines lines;

/* Takes the decoder. `name` is borrowed by the blocks and must outlive them.
 * The file's first block is number `first_block`; a line longer than
 * `record_max` bytes is cut out. */
lines *lines_new(decoder *take_decoder, const char *name, uint64_t first_block,
                 uint64_t record_max);
void lines_free(lines *l);

/* The next block, or *ret = NULL at the end of the file. The caller frees it. */
clio_status lines_next(lines *l, input_block **ret, error *e);

/* After the end: SHA-256 of the decoded bytes, and the number the next file's
 * first block gets. */
void lines_digest(const lines *l, uint8_t ret_digest[LINES_DIGEST_BYTES]);
uint64_t lines_next_block(const lines *l);

/* Bytes taken from the file so far, still compressed. */
uint64_t lines_raw_bytes(const lines *l);
#endif
