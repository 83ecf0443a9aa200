/* digest.h - a 128-bit digest over pieces of text, for ids made of content.
 * SipHash-2-4 with 128 bits (Aumasson and Bernstein, 2012, and its authors'
 * reference code for the long output), each piece keyed by the digest so far,
 * so that borders between pieces count. Not a secret: the first key is zero. */
#ifndef CLIO_LIB_DIGEST_H
#define CLIO_LIB_DIGEST_H
#include <stddef.h>
#include <stdint.h>

/* Zero it to start. */
typedef struct digest {
  uint64_t low, high;
} digest;

void digest_add(digest *d, const char *bytes, size_t len);

/* 32 lower-case hex digits and a NUL. */
void digest_hex(const digest *d, char ret_hex[33]);
#endif
