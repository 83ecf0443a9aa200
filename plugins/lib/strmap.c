/* strmap.c - byte strings to dense numbers; see strmap.h. Open addressing with
 * linear probing, at most half full. */
#include "strmap.h"

enum { FIRST_CAPACITY = 64, FIRST_BLOCK = 1 << 10, LAST_BLOCK = 1 << 16 };

strmap strmap_new(const clio_host *host, clio_call *call) {
  return (strmap){.host = host, .call = call};
}

/* FNV-1a with a final mix; never seen outside, so it need not resist anyone
 * but a crafted input, which only makes us slow. */
static uint64_t hash_of(const char *bytes, int64_t len) {
  uint64_t h = 0xcbf29ce484222325u;
  for (int64_t i = 0; i < len; i++) h = (h ^ (unsigned char)bytes[i]) * 0x100000001b3u;
  h ^= h >> 32;
  h *= 0xd6e8feb86659fd93u;
  return h ^ (h >> 32);
}

/* The slot that holds the string, or the free one where it would go. */
static uint64_t slot_of(const strmap *map, uint64_t hash, const char *bytes, int64_t len) {
  uint64_t mask = 2 * (uint64_t)map->capacity - 1, at = hash & mask;
  for (; map->slot[at]; at = (at + 1) & mask) {
    uint32_t number = map->slot[at] - 1;
    clio_span key = map->key[number];
    if (map->hash[number] == hash && key.len == len && memcmp(key.s, bytes, (size_t)len) == 0)
      break;
  }
  return at;
}

static int grow(strmap *map) {
  uint32_t capacity = map->capacity ? map->capacity * 2 : FIRST_CAPACITY;
  if (capacity >= 1u << 30) return 0;
  clio_span *key = clio_scratch_array(map->host, map->call, capacity, sizeof *key);
  uint64_t *hash = clio_scratch_array(map->host, map->call, capacity, sizeof *hash);
  uint32_t *slot = clio_scratch_array(map->host, map->call, 2 * (uint64_t)capacity, sizeof *slot);
  if (!key || !hash || !slot) return 0;
  if (map->count > 0) {
    memcpy(key, map->key, map->count * sizeof *key);
    memcpy(hash, map->hash, map->count * sizeof *hash);
  }
  map->key = key;
  map->hash = hash;
  map->slot = slot;
  map->capacity = capacity;
  for (uint32_t i = 0; i < map->count; i++)
    slot[slot_of(map, hash[i], key[i].s, key[i].len)] = i + 1;
  return 1;
}

static char *keep(strmap *map, const char *bytes, int64_t len) {
  uint64_t need = (uint64_t)len + 1;
  if (map->block_used + need > map->block_size) {
    uint64_t size = map->block_size ? 2 * map->block_size : FIRST_BLOCK;
    if (size > LAST_BLOCK) size = LAST_BLOCK;
    if (size < need) size = need;
    map->block = map->host->scratch(map->call, size);
    map->block_used = 0;
    map->block_size = map->block ? size : 0;
    if (!map->block) return NULL;
  }
  char *copy = map->block + map->block_used;
  map->block_used += need;
  if (len > 0) memcpy(copy, bytes, (size_t)len);
  return copy;
}

uint32_t strmap_add(strmap *map, const char *bytes, int64_t len) {
  if (map->count == map->capacity && !grow(map)) return UINT32_MAX;
  uint64_t hash = hash_of(bytes, len), at = slot_of(map, hash, bytes, len);
  if (map->slot[at]) return map->slot[at] - 1;
  char *copy = keep(map, bytes, len);
  if (!copy) return UINT32_MAX;
  map->key[map->count] = clio_span_of(copy, len);
  map->hash[map->count] = hash;
  map->slot[at] = ++map->count;
  return map->count - 1;
}

uint32_t strmap_find(const strmap *map, const char *bytes, int64_t len) {
  if (map->capacity == 0) return UINT32_MAX;
  uint64_t at = slot_of(map, hash_of(bytes, len), bytes, len);
  return map->slot[at] ? map->slot[at] - 1 : UINT32_MAX;
}
