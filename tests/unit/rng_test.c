/* rng_test.c - SipHash against its authors' vectors; random numbers are pure. */
#include <string.h>

#include "rng.h"
#include "unit.h"

/* From the reference implementation: key 00 01 ... 0f, input 00 01 ... n-1. */
static void test_siphash_vectors(void) {
  static const struct {
    size_t length;
    uint64_t hash;
  } vectors[] = {{0, 0x726fdb47dd0e0e31u},
                 {1, 0x74f839c593dc67fdu},
                 {7, 0xab0200f58b01d137u},
                 {8, 0x93f5f5799a932462u},
                 {15, 0xa129ca6149be45e5u}};
  rng_key key = {0x0706050403020100u, 0x0f0e0d0c0b0a0908u};
  unsigned char in[64];
  for (size_t i = 0; i < sizeof in; i++) in[i] = (unsigned char)i;
  for (size_t i = 0; i < sizeof vectors / sizeof *vectors; i++)
    CU_ASSERT_EQUAL(rng_siphash(key, in, vectors[i].length), vectors[i].hash);
}

static void test_keys_differ(void) {
  rng_key key = {1, 2};
  rng_key a = rng_derive(key, "account"), b = rng_derive(key, "organization");
  CU_ASSERT_NOT_EQUAL(a.k0, b.k0);
  CU_ASSERT_NOT_EQUAL(a.k1, b.k1);
  rng_key again = rng_derive(key, "account");
  CU_ASSERT_EQUAL(memcmp(&a, &again, sizeof a), 0);
}

static void test_random_is_pure(void) {
  CU_ASSERT_EQUAL(rng_random(1, "sample", 7), rng_random(1, "sample", 7));
  CU_ASSERT_NOT_EQUAL(rng_random(1, "sample", 7), rng_random(2, "sample", 7));
  CU_ASSERT_NOT_EQUAL(rng_random(1, "sample", 7), rng_random(1, "clusters", 7));
  int high = 0;
  for (uint64_t i = 0; i < 10000; i++) high += (int)(rng_random(1, "s", i) >> 63);
  CU_ASSERT(high > 4800 && high < 5200);
}

int main(void) {
  static const unit_test tests[] = {{"siphash vectors", test_siphash_vectors},
                                    {"derived keys differ", test_keys_differ},
                                    {"random is pure", test_random_is_pure}};
  return unit_main("rng", tests, sizeof tests / sizeof *tests);
}
