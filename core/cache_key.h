/* cache_key.h - what a result rests on, as named parts: their digest is the key
 * under which the result is kept, and their difference from last time is the
 * reason why it must be made again. */
#ifndef CLIO_CORE_CACHE_KEY_H
#define CLIO_CORE_CACHE_KEY_H
#include <glib.h>
#include <stdint.h>

typedef struct cache_key cache_key;

cache_key *cache_key_new(void);
void cache_key_free(cache_key *k); /* takes NULL */

/* Adds a part; order counts. NULL is a value of its own. A name's first word says
 * what kind of thing it is (see cache_key_difference). */
void cache_key_put(cache_key *k, const char *name, const char *value);
void cache_key_put_int(cache_key *k, const char *name, int64_t value);

/* Each property of a JSON object as a part "PREFIX NAME". */
void cache_key_put_json(cache_key *k, const char *prefix, const char *json);

/* All parts of `from` behind those of `to`; a copy. */
void cache_key_append(cache_key *to, const cache_key *from);
cache_key *cache_key_copy(const cache_key *k);

/* A value as cache_key_value gave it. */
void cache_key_put_kept(cache_key *k, const char *name, const char *value);

size_t cache_key_count(const cache_key *k);
const char *cache_key_name(const cache_key *k, size_t i);

/* The value as it is kept for comparison: short, never NULL. */
const char *cache_key_value(const cache_key *k, size_t i);

/* SHA-256 over all parts, hex. New string. */
char *cache_key_digest(const cache_key *k);

/* "parameters changed: k, seed", "plugin changed", "input changed: request" ...: the
 * first kind of part that differs from `before` (name -> value); the kinds and their
 * order are cache_key.c's. NULL: nothing differs. New string. */
char *cache_key_difference(const cache_key *k, GHashTable *before);
#endif
