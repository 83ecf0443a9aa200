/* rng.h - keyed hashes and random numbers that are pure functions. */
#ifndef CLIO_CORE_RNG_H
#define CLIO_CORE_RNG_H
#include <stddef.h>
#include <stdint.h>

/* A 128-bit key of SipHash-2-4 (Aumasson and Bernstein, 2012). */
typedef struct rng_key {
  uint64_t k0, k1;
} rng_key;

/* SipHash-2-4 of bytes under key. */
uint64_t rng_siphash(rng_key key, const void *bytes, size_t length);

/* A key for another purpose: derived from `key` and a label, so that hashes of
 * different purposes are unrelated. */
rng_key rng_derive(rng_key key, const char *label);

/* 64 random bits from (seed, stage id, key): SipHash of the key under a key
 * made of seed and stage. */
uint64_t rng_random(int64_t seed, const char *stage, uint64_t key);
#endif
