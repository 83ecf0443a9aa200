/* service.c - the services that plugins ask for by name: clio.parallel/1,
 * clio.output/1, clio.text/1, clio.policy/1, clio.asset/1. clio.llm/1 is llm.c's. */
#include <string.h>

#include "asset.h"
#include "cache.h"
#include "host.h"
#include "llm.h"
#include "members.h"
#include "output.h"
#include "pii.h"
#include "run.h"
#include "text.h"

/* ---- clio.parallel/1 ---- */

typedef struct each_ctx {
  clio_call *call;
  clio_status (*fn)(void *ctx, uint64_t i);
  void *ctx;
} each_ctx;

static clio_status each_one(void *p, uint64_t i) {
  each_ctx *e = p;
  if (run_is_cancelled(e->call->run)) return CLIO_E_CANCELLED;
  __atomic_store_n(&e->call->stage->last_call, g_get_monotonic_time(), __ATOMIC_RELAXED);
  return e->fn(e->ctx, i);
}

static clio_status parallel_each(clio_call *call, uint64_t n,
                                 clio_status (*fn)(void *ctx, uint64_t i), void *ctx) {
  each_ctx e = {call, fn, ctx};
  return pool_run(call->run->pool, n, each_one, &e);
}

static clio_status parallel_sum(clio_call *call, int64_t *values, uint64_t n) {
  (void)values;
  (void)n;
  return run_is_cancelled(call->run) ? CLIO_E_CANCELLED : CLIO_OK;
}

/* ---- clio.output/1 ---- */

static clio_status out_open(clio_call *call, const char *name, uint32_t *ret_file) {
  error e = {0};
  clio_status r = output_open(call->run->output, name, ret_file, &e);
  return r == CLIO_OK ? r : host_fail(call, r, e.text);
}

static clio_status out_write(clio_call *call, uint32_t file, const void *bytes, uint64_t length) {
  error e = {0};
  clio_status r = output_write(call->run->output, file, bytes, length, &e);
  return r == CLIO_OK ? r : host_fail(call, r, e.text);
}

static clio_status out_close(clio_call *call, uint32_t file) {
  error e = {0};
  clio_status r = output_close(call->run->output, file, &e);
  return r == CLIO_OK ? r : host_fail(call, r, e.text);
}

/* ---- clio.text/1 ---- */

static clio_status svc_words(clio_call *call, const char *utf8, int64_t len,
                             clio_status (*fn)(void *ctx, const char *word, int64_t len),
                             void *ctx) {
  (void)call;
  return text_words(utf8, len, fn, ctx);
}

/* Moves a GLib string into the call's memory. */
static clio_status give(clio_call *call, char *text, int64_t len, const char **ret,
                        int64_t *ret_len) {
  char *copy = text ? host_scratch(call, (uint64_t)len + 1) : NULL;
  if (copy) {
    memcpy(copy, text, (size_t)len);
    *ret = copy;
    *ret_len = len;
  }
  g_free(text);
  return copy ? CLIO_OK : CLIO_E_NOMEM;
}

static clio_status svc_fold(clio_call *call, const char *word, int64_t len, const char **ret,
                            int64_t *ret_len) {
  char *folded = text_fold(word, len);
  return give(call, folded, folded ? (int64_t)strlen(folded) : 0, ret, ret_len);
}

static clio_status svc_redact(clio_call *call, const char *utf8, int64_t len, const char **ret,
                              int64_t *ret_len) {
  int64_t n = 0;
  char *clean = pii_redact(utf8, len, &n);
  return give(call, clean, n, ret, ret_len);
}

static clio_status svc_pii(clio_call *call, const char *utf8, int64_t len,
                           clio_status (*fn)(void *ctx, uint32_t kind, int64_t start, int64_t end),
                           void *ctx) {
  (void)call;
  return pii_scan(utf8, len, fn, ctx);
}

static uint64_t svc_simhash(clio_call *call, const char *utf8, int64_t len) {
  (void)call;
  return text_simhash(utf8, len);
}

static void note_asked(clio_call *call, int what) { g_atomic_int_or(&call->stage->asked, what); }

static int32_t svc_frame(clio_call *call, const char *folded, int64_t len) {
  note_asked(call, CACHE_ASKED_WORDS);
  char *word = g_strndup(folded, (gsize)len);
  bool yes = words_is_frame(call->run->words, word);
  g_free(word);
  return yes;
}

static clio_status svc_rule(clio_call *call, const clio_members *members, int32_t is_name,
                            const char *utf8, int64_t len, const char **ret_reason) {
  note_asked(call, CACHE_ASKED_RULE);
  char *text = g_strndup(utf8, (gsize)len);
  clio_status r = members_rule(call, members, is_name != 0, text, ret_reason);
  g_free(text);
  return r;
}

/* ---- clio.asset/1 ---- */

static clio_status svc_map(clio_call *call, const char *name, const void **ret_bytes,
                           uint64_t *ret_len) {
  const plugin_stage *ps = call->stage->fs->ps;
  error e = {0};
  for (uint32_t i = 0; name && i < ps->s.assets.count; i++) {
    const asset *a = NULL;
    if (strcmp(ps->assets[i].name, name) != 0) continue;
    if (asset_open(name, &a, &e) != CLIO_OK) return host_fail(call, e.status, e.text);
    *ret_bytes = a->bytes;
    *ret_len = a->size;
    return CLIO_OK;
  }
  return host_fail(call, CLIO_E_CONFIG, "asked for a data file that its `assets` do not name");
}

const void *host_service(clio_call *call, const char *id) {
  static const clio_parallel parallel = {sizeof parallel, 0, parallel_each, parallel_sum};
  static const clio_output files = {sizeof files, 0, out_open, out_write, out_close};
  static const clio_text text = {sizeof text, 0,           svc_words, svc_fold, svc_redact,
                                 svc_pii,     svc_simhash, svc_rule,  svc_frame};
  static const clio_asset files_of_ours = {sizeof files_of_ours, 0, svc_map};
  if (!id) return NULL;
  if (!strcmp(id, CLIO_ASSET_ID)) return &files_of_ours;
  if (!strcmp(id, CLIO_LLM_ID)) {
    bool may = call->stage->fs->ps->s.caps & CLIO_CAP_LLM;
    return may && call->run->llm ? llm_service() : NULL;
  }
  if (!strcmp(id, CLIO_PARALLEL_ID)) return &parallel;
  if (!strcmp(id, CLIO_TEXT_ID)) return &text;
  if (!strcmp(id, CLIO_POLICY_ID)) {
    note_asked(call, CACHE_ASKED_POLICY);
    return &call->run->policy;
  }
  const char *kind = call->stage->fs->ps->s.kind;
  bool writes = !strcmp(kind, "report") || !strcmp(kind, "validator");
  if (!strcmp(id, CLIO_OUTPUT_ID)) return writes ? &files : NULL;
  return NULL;
}
