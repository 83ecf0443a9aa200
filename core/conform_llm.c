/* conform_llm.c - clio.llm/1 for a stage on the bench: nobody is asked. Answers are made up as for
 * `clio plan`, of the form that the question wants; some questions are refused, or get none, so
 * that a stage meets every outcome. All depends on the question alone. */
#include "clio-build.h"

#include <string.h>

#include "conform_parts.h"
#include "plan.h"
#include "rng.h"

enum { REFUSED_OF = 11, REFUSED = 3, UNANSWERED = 7, MOST_TOKENS = 40 };

static uint64_t hash_of(const char *text, size_t length) {
  const rng_key key = {1, 2};
  return text ? rng_siphash(key, text, length) : 0;
}

/* The answer begins with the prefill and lives as long as the call. */
static clio_status give(clio_call *call, clio_llm_job *job, const char *made) {
  const char *start = job->prefill && !job->schema ? job->prefill : "";
  size_t length = strlen(start) + strlen(made);
  char *text = clio_test_host()->scratch(call, length + 1);
  if (!text) return CLIO_E_NOMEM;
  g_snprintf(text, length + 1, "%s%s", start, made);
  job->text = text;
  job->text_len = (int64_t)length;
  job->outcome = CLIO_OUT_OK;
  return CLIO_OK;
}

static clio_status answer(clio_call *call, clio_llm_job *job) {
  uint64_t seed = hash_of(job->prompt, strlen(job->prompt));
  job->text = NULL;
  job->text_len = 0;
  job->outcome = seed % REFUSED_OF == REFUSED ? CLIO_OUT_REFUSAL : CLIO_OUT_INVALID;
  if (seed % REFUSED_OF == REFUSED || seed % REFUSED_OF == UNANSWERED) return CLIO_OK;
  g_autofree char *made = plan_answer(job->schema, MIN(job->max_tokens, MOST_TOKENS), seed);
  return give(call, job, made);
}

static clio_status complete(clio_call *call, const char *role, clio_llm_job *jobs, uint64_t n) {
  clio_status s = CLIO_OK;
  (void)role;
  for (uint64_t i = 0; i < n && s == CLIO_OK; i++)
    s = clio_test_host()->cancelled(call)
            ? CLIO_E_CANCELLED
            : answer(call, (void *)((char *)jobs + i * jobs[0].struct_size));
  return s;
}

static clio_status embed(clio_call *call, const char *role, const char *const *texts,
                         const int64_t *lens, uint64_t n, float *ret, uint32_t dim) {
  (void)role;
  if (clio_test_host()->cancelled(call)) return CLIO_E_CANCELLED;
  for (uint64_t i = 0; i < n; i++) {
    uint64_t seed = hash_of(texts[i], (size_t)lens[i]);
    for (uint32_t k = 0; k < dim; k++)
      ret[i * dim + k] =
          (float)(rng_random((int64_t)(seed >> 1), "embed", k) % 1000) / 1000.0f - 0.5f;
  }
  return CLIO_OK;
}

const clio_llm conform_llm = {
    .struct_size = sizeof(clio_llm), .complete = complete, .embed = embed};
