/* items.h - cuts one decoded file that is a JSON list into blocks of whole
 * items, one on each line, so that a source sees the same as from lines.h. A
 * list of any size streams in bounded memory. Only brackets, commas and quotes
 * are looked at: whether an item is JSON is the source's matter. */
#ifndef CLIO_CORE_ITEMS_H
#define CLIO_CORE_ITEMS_H
#include "lines.h"

/* One file being cut. Not thread-safe. */
typedef struct items items;

/* As lines_new. An item longer than `record_max` is cut out, as lines are. */
items *items_new(decoder *take_decoder, const char *name, uint64_t first_block,
                 uint64_t record_max);
void items_free(items *it);

/* The next block: the items that start in the b-th MiB, each ended with LF; a
 * line end within an item becomes a space, within a string a control
 * character, which no JSON holds. first_line counts items from 1. *ret = NULL
 * at the end. CLIO_E_INPUT: no list, cut short, or text behind it. */
clio_status items_next(items *it, input_block **ret, error *e);

/* After the end: as lines_digest and lines_next_block. */
void items_digest(const items *it, uint8_t ret_digest[LINES_DIGEST_BYTES]);
uint64_t items_next_block(const items *it);
uint64_t items_raw_bytes(const items *it);
#endif
