/* ledger_key.c - see ledger_key.h. */
#include "ledger_key.h"

#include <string.h>

enum { BLOCK_BYTES = 64, INNER = 0x36, OUTER = 0x5c };

static sha256_sum begin_padded(const uint8_t *key, size_t length, uint8_t pad) {
  uint8_t block[BLOCK_BYTES];
  memset(block, pad, sizeof block);
  for (size_t i = 0; i < length; i++) block[i] ^= key[i];
  sha256_sum sum;
  sha256_begin(&sum);
  sha256_add(&sum, block, sizeof block);
  return sum;
}

static void put_u64(uint8_t *to, uint64_t value) {
  for (int i = 0; i < 8; i++) to[i] = (uint8_t)(value >> 8 * i);
}

ledger_secret ledger_secret_of(rng_key project) {
  rng_key mine = rng_derive(project, "ledger");
  uint8_t key[16];
  put_u64(key, mine.k0);
  put_u64(key + 8, mine.k1);
  return (ledger_secret){.inner = begin_padded(key, sizeof key, INNER),
                         .outer = begin_padded(key, sizeof key, OUTER)};
}

static ledger_key end_hmac(const ledger_secret *secret, sha256_sum *inner) {
  ledger_key key;
  uint8_t digest[SHA256_BYTES];
  sha256_end(inner, digest);
  sha256_sum outer = secret->outer;
  sha256_add(&outer, digest, sizeof digest);
  sha256_end(&outer, key.bytes);
  return key;
}

ledger_key ledger_hmac(const ledger_secret *secret, const void *bytes, size_t length) {
  sha256_sum inner = secret->inner;
  sha256_add(&inner, bytes, length);
  return end_hmac(secret, &inner);
}

/* ---- fields: a length, or "not there", then the bytes ---- */

static void add_u64(sha256_sum *sum, uint64_t value) {
  uint8_t bytes[8];
  put_u64(bytes, value);
  sha256_add(sum, bytes, sizeof bytes);
}

static void add_bytes(sha256_sum *sum, const char *bytes, size_t length) {
  add_u64(sum, length);
  sha256_add(sum, bytes, length);
}

static void add_text(sha256_sum *sum, const char *text) {
  if (text)
    add_bytes(sum, text, strlen(text));
  else
    add_u64(sum, UINT64_MAX);
}

/* 0.0 and -0.0 ask the same, and so do all temperatures below 0. */
static void add_double(sha256_sum *sum, double value) {
  uint64_t bits;
  if (value < 0) value = -1;
  if (value == 0) value = 0;
  memcpy(&bits, &value, sizeof bits);
  add_u64(sum, bits);
}

static sha256_sum begin_question(const ledger_secret *secret, const char *kind, const char *model,
                                 const char *params) {
  sha256_sum sum = secret->inner;
  add_text(&sum, kind);
  add_text(&sum, model);
  add_text(&sum, params);
  return sum;
}

ledger_key ledger_key_chat(const ledger_secret *secret, const char *model, const char *params,
                           const clio_llm_job *job) {
  sha256_sum sum = begin_question(secret, "chat 1", model, params);
  add_text(&sum, job->system);
  add_text(&sum, job->prompt);
  add_text(&sum, job->prefill);
  add_text(&sum, job->schema);
  add_u64(&sum, job->max_tokens);
  add_double(&sum, job->temperature);
  return end_hmac(secret, &sum);
}

ledger_key ledger_key_embed(const ledger_secret *secret, const char *model, const char *params,
                            const char *text, int64_t length, uint32_t dim) {
  sha256_sum sum = begin_question(secret, "embed 1", model, params);
  add_bytes(&sum, text, (size_t)length);
  add_u64(&sum, dim);
  return end_hmac(secret, &sum);
}
