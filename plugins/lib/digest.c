/* digest.c - see digest.h. */
#include "digest.h"

typedef struct sip {
  uint64_t v0, v1, v2, v3;
} sip;

static uint64_t rotate(uint64_t x, int bits) { return x << bits | x >> (64 - bits); }

static void sip_rounds(sip *s, int n) {
  for (int i = 0; i < n; i++) {
    s->v0 += s->v1;
    s->v2 += s->v3;
    s->v1 = rotate(s->v1, 13) ^ s->v0;
    s->v3 = rotate(s->v3, 16) ^ s->v2;
    s->v0 = rotate(s->v0, 32);
    s->v2 += s->v1;
    s->v0 += s->v3;
    s->v1 = rotate(s->v1, 17) ^ s->v2;
    s->v3 = rotate(s->v3, 21) ^ s->v0;
    s->v2 = rotate(s->v2, 32);
  }
}

/* Up to eight bytes, lowest first, on any machine. */
static uint64_t load(const char *p, size_t n) {
  uint64_t w = 0;
  for (size_t i = 0; i < n; i++) w |= (uint64_t)(unsigned char)p[i] << (8 * i);
  return w;
}

static void sip_word(sip *s, uint64_t w) {
  s->v3 ^= w;
  sip_rounds(s, 2);
  s->v0 ^= w;
}

void digest_add(digest *d, const char *bytes, size_t len) {
  sip s = {d->low ^ 0x736f6d6570736575u, d->high ^ 0x646f72616e646f6du ^ 0xee,
           d->low ^ 0x6c7967656e657261u, d->high ^ 0x7465646279746573u};
  size_t whole = len / 8;
  for (size_t i = 0; i < whole; i++) sip_word(&s, load(bytes + 8 * i, 8));
  sip_word(&s, load(bytes + 8 * whole, len % 8) | (uint64_t)len << 56);
  s.v2 ^= 0xee;
  sip_rounds(&s, 4);
  d->low = s.v0 ^ s.v1 ^ s.v2 ^ s.v3;
  s.v1 ^= 0xdd;
  sip_rounds(&s, 4);
  d->high = s.v0 ^ s.v1 ^ s.v2 ^ s.v3;
}

void digest_hex(const digest *d, char ret_hex[33]) {
  for (int i = 0; i < 32; i++) {
    uint64_t w = i < 16 ? d->low : d->high;
    ret_hex[i] = "0123456789abcdef"[w >> (60 - 4 * (i % 16)) & 15];
  }
  ret_hex[32] = '\0';
}
