/* strmap.h - byte strings to dense numbers: the first new string is 0, the next
 * 1, and so on, whatever they hash to. Memory is the call's scratch. */
#ifndef CLIO_PLUGINS_STRMAP_H
#define CLIO_PLUGINS_STRMAP_H
#include "clio.h"
#include "clio_util.h"

typedef struct strmap {
  const clio_host *host;
  clio_call *call;
  uint32_t count;    /* strings held */
  clio_span *key;    /* by number; the bytes are the map's own copy */
  uint32_t capacity; /* room in key; slots are twice that */
  uint32_t *slot;    /* number + 1, 0 = free */
  uint64_t *hash;    /* by number */
  char *block;       /* where copies go */
  uint64_t block_used, block_size;
} strmap;

/* An empty map, without memory yet. [any] */
strmap strmap_new(const clio_host *host, clio_call *call);

/* The number of a string, given it if new; UINT32_MAX when there is no memory. [call] */
uint32_t strmap_add(strmap *map, const char *bytes, int64_t len);

/* The number of a string, or UINT32_MAX if it was never added. [any] */
uint32_t strmap_find(const strmap *map, const char *bytes, int64_t len);
#endif
