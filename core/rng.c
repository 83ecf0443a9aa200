/* rng.c - SipHash-2-4 and what is made of it; see rng.h. */
#include "rng.h"

#include <string.h>

typedef struct sip {
  uint64_t a, b, c, d;
} sip;

static uint64_t rotate(uint64_t x, int n) { return x << n | x >> (64 - n); }

static void sip_round(sip *s) {
  s->a += s->b;
  s->b = rotate(s->b, 13) ^ s->a;
  s->a = rotate(s->a, 32);
  s->c += s->d;
  s->d = rotate(s->d, 16) ^ s->c;
  s->a += s->d;
  s->d = rotate(s->d, 21) ^ s->a;
  s->c += s->b;
  s->b = rotate(s->b, 17) ^ s->c;
  s->c = rotate(s->c, 32);
}

static void sip_word(sip *s, uint64_t m) {
  s->d ^= m;
  sip_round(s);
  sip_round(s);
  s->a ^= m;
}

static uint64_t load_le(const unsigned char *p, size_t n) {
  uint64_t x = 0;
  for (size_t i = 0; i < n; i++) x |= (uint64_t)p[i] << (8 * i);
  return x;
}

uint64_t rng_siphash(rng_key key, const void *bytes, size_t length) {
  sip s = {key.k0 ^ 0x736f6d6570736575u, key.k1 ^ 0x646f72616e646f6du, key.k0 ^ 0x6c7967656e657261u,
           key.k1 ^ 0x7465646279746573u};
  const unsigned char *p = bytes;
  size_t whole = length & ~(size_t)7;
  for (size_t i = 0; i < whole; i += 8) sip_word(&s, load_le(p + i, 8));
  uint64_t last = (length ? load_le(p + whole, length - whole) : 0) | (uint64_t)length << 56;
  sip_word(&s, last);
  s.c ^= 0xff;
  for (int i = 0; i < 4; i++) sip_round(&s);
  return s.a ^ s.b ^ s.c ^ s.d;
}

rng_key rng_derive(rng_key key, const char *label) {
  size_t n = strlen(label);
  rng_key other = {rng_siphash(key, label, n), 0};
  rng_key swapped = {key.k1, ~key.k0};
  other.k1 = rng_siphash(swapped, label, n);
  return other;
}

uint64_t rng_random(int64_t seed, const char *stage, uint64_t key) {
  rng_key base = rng_derive((rng_key){(uint64_t)seed, 0x636c696f72616e64u}, stage);
  unsigned char bytes[8];
  for (int i = 0; i < 8; i++) bytes[i] = (unsigned char)(key >> (8 * i));
  return rng_siphash(base, bytes, sizeof bytes);
}
