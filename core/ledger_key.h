/* ledger_key.h - what a question to a model is known by: HMAC-SHA256 (RFC 2104), under
 * the project's key, of the model, its parameters and the whole question. The text
 * cannot be told from it, nor guessed and compared by who lacks the key. [any] */
#ifndef CLIO_CORE_LEDGER_KEY_H
#define CLIO_CORE_LEDGER_KEY_H
#include "clio.h"
#include "rng.h"
#include "sha256.h"

typedef struct ledger_key {
  uint8_t bytes[SHA256_BYTES];
} ledger_key;

/* A key's two half-done sums. */
typedef struct ledger_secret {
  sha256_sum inner, outer;
} ledger_secret;

/* The secret of the ledger, from the project's key. */
ledger_secret ledger_secret_of(rng_key project);

/* The key of a question. `model`: the plugin's identity and revision, "model/openai
 * 1"; `params`: what of its parameters an answer depends on, as canonical JSON (the
 * model's name and address with it). Not in it: job->shared, which only says what a
 * provider may cache. Every field goes in with its length, so no two questions give
 * the same bytes. */
ledger_key ledger_key_chat(const ledger_secret *secret, const char *model, const char *params,
                           const clio_llm_job *job);

/* The key of one text to embed. */
ledger_key ledger_key_embed(const ledger_secret *secret, const char *model, const char *params,
                            const char *text, int64_t length, uint32_t dim);

/* HMAC-SHA256 of some bytes. */
ledger_key ledger_hmac(const ledger_secret *secret, const void *bytes, size_t length);
#endif
