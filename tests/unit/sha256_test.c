/* sha256_test.c - both ways of computing SHA-256 agree with GLib's, at every length
 * around a block and however the bytes are cut. */
#include <glib.h>
#include <string.h>

#include "sha256.h"
#include "unit.h"

/* The portable rounds, under names of their own. */
void plain_begin(sha256_sum *sum);
void plain_add(sha256_sum *sum, const void *bytes, size_t length);
void plain_end(sha256_sum *sum, uint8_t ret[SHA256_BYTES]);
void plain_end_hex(sha256_sum *sum, char ret[SHA256_HEX]);
#define SHA256_PLAIN
#define sha256_begin plain_begin
#define sha256_add plain_add
#define sha256_end plain_end
#define sha256_end_hex plain_end_hex
#include "sha256.c"
#undef sha256_begin
#undef sha256_add
#undef sha256_end
#undef sha256_end_hex

enum { LENGTHS = 600 };
static uint8_t bytes[LENGTHS];

static void check_length(size_t n) {
  g_autofree char *want = g_compute_checksum_for_data(G_CHECKSUM_SHA256, bytes, n);
  char fast[SHA256_HEX], plain[SHA256_HEX];
  sha256_sum a, b;
  sha256_begin(&a);
  plain_begin(&b);
  for (size_t at = 0; at < n;) {
    size_t take = MIN(1 + (at * 31 + n) % 150, n - at);
    sha256_add(&a, bytes + at, take);
    plain_add(&b, bytes + at, take);
    at += take;
  }
  sha256_end_hex(&a, fast);
  plain_end_hex(&b, plain);
  CU_ASSERT_STRING_EQUAL(fast, want);
  CU_ASSERT_STRING_EQUAL(plain, want);
}

static void test_lengths(void) {
  for (size_t i = 0; i < LENGTHS; i++) bytes[i] = (uint8_t)(i * 2654435761u >> 7);
  for (size_t n = 0; n < LENGTHS; n++) check_length(n);
}

static void test_known(void) {
  sha256_sum sum;
  char hex[SHA256_HEX];
  sha256_begin(&sum);
  sha256_add(&sum, "abc", 3);
  sha256_end_hex(&sum, hex);
  CU_ASSERT_STRING_EQUAL(hex, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

int main(void) {
  static const unit_test tests[] = {{"lengths", test_lengths}, {"known", test_known}};
  return unit_main("sha256", tests, G_N_ELEMENTS(tests));
}
