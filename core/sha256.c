/* sha256.c - see sha256.h. The portable rounds follow FIPS 180-4, section 6.2;
 * the fast ones use the SHA extensions of x86-64, found at run time (never with
 * SHA256_PLAIN, for the test of the others). */
#include "sha256.h"

#include <string.h>
#if defined(__x86_64__) && !defined(SHA256_PLAIN)
#include <cpuid.h>
#include <immintrin.h>
#endif

static const uint32_t round_constant[64] __attribute__((aligned(16))) = {
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
    0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
    0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
    0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
    0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
    0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
    0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
    0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2};

static uint32_t rotate(uint32_t x, int n) { return x >> n | x << (32 - n); }

static uint32_t big_endian(const uint8_t *p) {
  return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

static void schedule(const uint8_t *p, uint32_t w[64]) {
  for (int i = 0; i < 16; i++) w[i] = big_endian(p + 4 * i);
  for (int i = 16; i < 64; i++) {
    uint32_t a = w[i - 15], b = w[i - 2];
    uint32_t s0 = rotate(a, 7) ^ rotate(a, 18) ^ a >> 3;
    uint32_t s1 = rotate(b, 17) ^ rotate(b, 19) ^ b >> 10;
    w[i] = w[i - 16] + s0 + w[i - 7] + s1;
  }
}

static void compress_plain(uint32_t state[8], const uint8_t *p, size_t blocks) {
  for (; blocks; blocks--, p += 64) {
    uint32_t w[64], v[8];
    schedule(p, w);
    memcpy(v, state, sizeof v);
    for (int i = 0; i < 64; i++) {
      uint32_t s1 = rotate(v[4], 6) ^ rotate(v[4], 11) ^ rotate(v[4], 25);
      uint32_t choose = (v[4] & v[5]) ^ (~v[4] & v[6]);
      uint32_t t1 = v[7] + s1 + choose + round_constant[i] + w[i];
      uint32_t s0 = rotate(v[0], 2) ^ rotate(v[0], 13) ^ rotate(v[0], 22);
      uint32_t most = (v[0] & v[1]) ^ (v[0] & v[2]) ^ (v[1] & v[2]);
      memmove(v + 1, v, 7 * sizeof *v);
      v[4] += t1;
      v[0] = t1 + s0 + most;
    }
    for (int i = 0; i < 8; i++) state[i] += v[i];
  }
}

#if defined(__x86_64__) && !defined(SHA256_PLAIN)
/* The instructions keep the eight words in two registers, as ABEF and CDGH. */
__attribute__((target("sha,sse4.1"))) static void compress_fast(uint32_t state[8], const uint8_t *p,
                                                                size_t blocks) {
  const __m128i swap = _mm_set_epi64x(0x0c0d0e0f08090a0bLL, 0x0405060700010203LL);
  __m128i low = _mm_shuffle_epi32(_mm_loadu_si128((const __m128i *)(const void *)state), 0xb1);
  __m128i high =
      _mm_shuffle_epi32(_mm_loadu_si128((const __m128i *)(const void *)(state + 4)), 0x1b);
  __m128i abef = _mm_alignr_epi8(low, high, 8), cdgh = _mm_blend_epi16(high, low, 0xf0);
  for (; blocks; blocks--, p += 64) {
    __m128i w[4], abef_before = abef, cdgh_before = cdgh;
    for (int i = 0; i < 4; i++)
      w[i] = _mm_shuffle_epi8(_mm_loadu_si128((const __m128i *)(const void *)(p + 16 * i)), swap);
#pragma GCC unroll 16
    for (int i = 0; i < 16; i++) {
      __m128i last = w[(i + 3) & 3];
      if (i >= 4) {
        __m128i mixed = _mm_add_epi32(_mm_sha256msg1_epu32(w[i & 3], w[(i + 1) & 3]),
                                      _mm_alignr_epi8(last, w[(i + 2) & 3], 4));
        w[i & 3] = _mm_sha256msg2_epu32(mixed, last);
      }
      __m128i k = _mm_load_si128((const __m128i *)(const void *)(round_constant + 4 * i));
      __m128i sum = _mm_add_epi32(w[i & 3], k);
      cdgh = _mm_sha256rnds2_epu32(cdgh, abef, sum);
      abef = _mm_sha256rnds2_epu32(abef, cdgh, _mm_shuffle_epi32(sum, 0x0e));
    }
    abef = _mm_add_epi32(abef, abef_before);
    cdgh = _mm_add_epi32(cdgh, cdgh_before);
  }
  low = _mm_shuffle_epi32(abef, 0x1b);
  high = _mm_shuffle_epi32(cdgh, 0xb1);
  _mm_storeu_si128((__m128i *)(void *)state, _mm_blend_epi16(low, high, 0xf0));
  _mm_storeu_si128((__m128i *)(void *)(state + 4), _mm_alignr_epi8(high, low, 8));
}

static int has_instructions(void) {
  unsigned a, b, c, d;
  if (!__get_cpuid(1, &a, &b, &c, &d) || !(c & bit_SSE4_1) || !(c & bit_SSSE3)) return 0;
  return __get_cpuid_count(7, 0, &a, &b, &c, &d) && (b & bit_SHA);
}
#endif

static void compress(uint32_t state[8], const uint8_t *p, size_t blocks) {
#if defined(__x86_64__) && !defined(SHA256_PLAIN)
  static int fast = -1; /* found anew by whoever comes first; always the same */
  int mine = __atomic_load_n(&fast, __ATOMIC_RELAXED);
  if (mine < 0) {
    mine = has_instructions();
    __atomic_store_n(&fast, mine, __ATOMIC_RELAXED);
  }
  if (mine) {
    compress_fast(state, p, blocks);
    return;
  }
#endif
  compress_plain(state, p, blocks);
}

void sha256_begin(sha256_sum *sum) {
  static const uint32_t start[8] = {0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
                                    0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19};
  memcpy(sum->state, start, sizeof start);
  sum->length = 0;
}

void sha256_add(sha256_sum *sum, const void *bytes, size_t length) {
  const uint8_t *p = bytes;
  size_t used = (size_t)(sum->length & 63);
  sum->length += length;
  if (used) {
    size_t take = length < 64 - used ? length : 64 - used;
    if (take) memcpy(sum->block + used, p, take);
    p += take;
    length -= take;
    if (used + take < 64) return;
    compress(sum->state, sum->block, 1);
  }
  if (length >= 64) compress(sum->state, p, length / 64);
  if (length & 63) memcpy(sum->block, p + (length & ~(size_t)63), length & 63);
}

void sha256_end(sha256_sum *sum, uint8_t ret[SHA256_BYTES]) {
  static const uint8_t pad[64] = {0x80};
  uint64_t bits = sum->length * 8;
  size_t used = (size_t)(sum->length & 63);
  uint8_t tail[8];
  for (int i = 0; i < 8; i++) tail[i] = (uint8_t)(bits >> (56 - 8 * i));
  sha256_add(sum, pad, used < 56 ? 56 - used : 120 - used);
  sha256_add(sum, tail, sizeof tail);
  for (int i = 0; i < 8; i++)
    for (int k = 0; k < 4; k++) ret[4 * i + k] = (uint8_t)(sum->state[i] >> (24 - 8 * k));
}

void sha256_end_hex(sha256_sum *sum, char ret[SHA256_HEX]) {
  static const char digit[] = "0123456789abcdef";
  uint8_t bytes[SHA256_BYTES];
  sha256_end(sum, bytes);
  for (int i = 0; i < SHA256_BYTES; i++) {
    ret[2 * i] = digit[bytes[i] >> 4];
    ret[2 * i + 1] = digit[bytes[i] & 15];
  }
  ret[SHA256_HEX - 1] = '\0';
}
