/* near.h - neighbourhoods of items by k-means, small enough for one question each. */
#ifndef CLIO_HIERARCHIZER_LLM_NEAR_H
#define CLIO_HIERARCHIZER_LLM_NEAR_H
#include "groups.h"

typedef struct near {
  uint32_t *hood; /* by item */
  uint64_t hoods;
  float *centre; /* hoods x d, of length 1 or 0 */
} near;

/* Neighbourhoods of about `size` items, none over twice that. Random numbers are of keys
 * derived from `key`. Memory of the call. [call] */
clio_status near_find(const groups_items *items, uint64_t size, uint64_t key, near *ret);

/* Of the items that `skip` (a byte an item, NULL: none) does not mark, the `most` that are
 * likest to `pole` into ret_item, likest first, ties by index; how many there are. [call] */
clio_status near_items(const groups_items *items, const float *pole, const uint8_t *skip,
                       uint64_t most, uint64_t *ret_item, uint64_t *ret_count);
#endif
