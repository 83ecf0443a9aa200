/* sha256.h - SHA-256 (FIPS 180-4) of bytes as they come, with the processor's
 * own instructions where it has them: what inputs, column files and cache keys
 * are known by. No allocation, no errors. */
#ifndef CLIO_CORE_SHA256_H
#define CLIO_CORE_SHA256_H
#include <stddef.h>
#include <stdint.h>

enum { SHA256_BYTES = 32, SHA256_HEX = 65 };

typedef struct sha256_sum {
  uint32_t state[8];
  uint64_t length; /* bytes so far */
  uint8_t block[64];
} sha256_sum;

/* begin, add any number of times, end. One sum belongs to one thread. */
void sha256_begin(sha256_sum *sum);
void sha256_add(sha256_sum *sum, const void *bytes, size_t length);
void sha256_end(sha256_sum *sum, uint8_t ret[SHA256_BYTES]);

/* The same, ended as lower-case hex with a NUL. */
void sha256_end_hex(sha256_sum *sum, char ret[SHA256_HEX]);
#endif
