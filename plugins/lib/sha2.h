/* sha2.h - SHA-256 (FIPS 180-4) of pieces of text, for keys that other programs can
 * compute as well. Where nobody else has to, digest.h is faster. */
#ifndef CLIO_LIB_SHA2_H
#define CLIO_LIB_SHA2_H
#include <stddef.h>
#include <stdint.h>

/* sha2_start, sha2_add any number of times, sha2_hex. */
typedef struct sha2 {
  uint32_t state[8];
  uint64_t length; /* bytes so far */
  uint8_t block[64];
} sha2;
void sha2_start(sha2 *sum);
void sha2_add(sha2 *sum, const void *bytes, size_t len);

/* 64 lower-case hex digits and a NUL. */
void sha2_hex(sha2 *sum, char ret_hex[65]);
#endif
