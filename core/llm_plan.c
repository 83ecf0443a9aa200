/* llm_plan.c - the models of a run that asks nobody (`clio plan`): every question is built
 * by its model's plugin, noted with its tokens (plan.h), and answered with something made
 * up; texts get vectors that follow from them alone. */
#include <math.h>
#include <string.h>

#include "llm_parts.h"
#include "plan.h"

enum { CACHE_MIN = 1024, TYPICAL_SECONDS = 2, FREE_TEXT = 100 };

void llm_plan_open(llm *l, llm_role *role) {
  const graph_model *gm = role->m->gm;
  const flow_stage *st = role->m->st;
  const char *model = config_string(st->cfg, st->ps, "model");
  estimate_limits limits = {.requests = gm->requests_per_minute,
                            .in_tokens = gm->input_tokens_per_minute,
                            .out_tokens = gm->output_tokens_per_minute,
                            .concurrency = gm->in_flight,
                            .seconds = TYPICAL_SECONDS};
  plan_add_role(l->r->plan, gm->written->id, model ? model : st->use, role->m->price, &limits,
                CACHE_MIN);
}

/* The request that would be sent; false: the plugin could make none. */
static bool build(llm_role *m, const clio_ask *ask, clio_request *ret) {
  clio_call inner;
  call_begin(&inner, m->r, &m->stage);
  *ret = (clio_request){.struct_size = sizeof *ret};
  clio_status s = m->model->build(host_table(), &inner, m->config, ask, ret);
  bool built = s == CLIO_OK && inner.err.status == CLIO_OK;
  if (built && ret->in_likely <= 0) ret->in_likely = ret->in_tokens;
  call_end(&inner);
  return built;
}

/* Stages that ask several things about one text; what others ask is one thing. */
static bool asks_of_rows(const clio_call *call) {
  const char *use = call->stage->fs->use;
  return g_str_has_prefix(use, "extractor/") || g_str_has_prefix(use, "summarizer/");
}

static uint64_t hash_of(const char *bytes, size_t length) {
  static const rng_key plain = {0x706c616e, 1};
  return rng_siphash(plain, bytes, length);
}

static clio_status plan_one(clio_call *call, llm_role *m, clio_llm_job *job) {
  clio_request built;
  clio_ask ask = {.struct_size = sizeof ask, .kind = CLIO_ASK_CHAT, .job = job, .count = 1};
  if (!build(m, &ask, &built)) return llm_give(call, job, CLIO_OUT_INVALID, NULL, 0);
  uint64_t seed = hash_of(job->prompt, strlen(job->prompt));
  int64_t most = job->max_tokens;
  g_autofree char *answer = plan_answer(job->schema, job->schema ? 0 : MIN(FREE_TEXT, most), seed);
  int64_t length = (int64_t)strlen(answer);
  plan_question q = {.stage = call->stage->fs->gs->id,
                     .role = m->m->gm->written->id,
                     .parts = asks_of_rows(call) ? plan_parts(job->schema) : 1,
                     .in = built.in_likely,
                     .out = MIN(most, estimate_tokens(answer, length)),
                     .out_most = most};
  if (job->shared > 0) {
    q.shared =
        built.in_shared > 0 ? built.in_shared : estimate_tokens(job->prompt, (int64_t)job->shared);
    q.shared = MIN(q.shared, q.in);
    q.shared_hash = hash_of(job->prompt, job->shared);
  }
  plan_note(m->r->plan, &q);
  return llm_give(call, job, CLIO_OUT_OK, answer, length);
}

clio_status llm_plan_complete(clio_call *call, llm_role *m, clio_llm_job *jobs, uint64_t n) {
  clio_status s = CLIO_OK;
  for (uint64_t i = 0; i < n && s == CLIO_OK; i++) {
    if (run_is_cancelled(m->r)) return CLIO_E_CANCELLED;
    s = plan_one(call, m, llm_job(jobs, i));
    __atomic_store_n(&call->stage->last_call, g_get_monotonic_time(), __ATOMIC_RELAXED);
  }
  return s;
}

/* A direction that follows from the text. */
static void make_vector(float *ret, uint32_t dim, const char *text, int64_t length) {
  uint64_t seed = hash_of(text, (size_t)length);
  for (uint32_t i = 0; i < dim; i++)
    ret[i] = (float)((double)(rng_random((int64_t)seed, "vector", i) >> 11) * 0x1p-52 - 1);
}

clio_status llm_plan_embed(clio_call *call, llm_role *m, const char *const *texts,
                           const int64_t *lens, uint64_t n, float *ret, uint32_t dim) {
  uint64_t most = MAX(m->model->embeds_at_once, 1);
  for (uint64_t i = 0; i < n; i += most) {
    if (run_is_cancelled(m->r)) return CLIO_E_CANCELLED;
    clio_request built;
    clio_ask ask = {.struct_size = sizeof ask, .kind = CLIO_ASK_EMBED, .texts = texts + i};
    ask.lens = lens + i;
    ask.count = MIN(most, n - i);
    ask.dim = dim;
    if (!build(m, &ask, &built)) continue;
    for (uint64_t k = i; k < i + ask.count; k++) make_vector(ret + k * dim, dim, texts[k], lens[k]);
    plan_note(m->r->plan, &(plan_question){.stage = call->stage->fs->gs->id,
                                           .role = m->m->gm->written->id,
                                           .parts = 1,
                                           .in = built.in_likely});
  }
  return CLIO_OK;
}
