/* replay.c - model/replay: a model that answers from a record, in process. For tests of whole
 * pipelines without a network, and for showing a run again to someone without a key. */
#include "replay.h"

#include "sha2.h"

typedef struct replay_config {
  const char *answers, *otherwise;
} replay_config;

typedef struct replay {
  const clio_host *host;
  const replay_config *config;
  replay_lines lines;
} replay;

/* ---- keys ---- */

static void add_piece(sha2 *sum, const char *piece) {
  if (piece) sha2_add(sum, piece, strlen(piece));
  sha2_add(sum, "", 1);
}

static void key_of(const clio_llm_job *job, char ret[REPLAY_KEY]) {
  sha2 sum;
  sha2_start(&sum);
  add_piece(&sum, job->system);
  add_piece(&sum, job->prompt);
  add_piece(&sum, wire_has_prefill(job) ? job->prefill : NULL);
  add_piece(&sum, job->schema);
  sha2_hex(&sum, ret);
}

static void key_of_text(const char *text, int64_t len, char ret[REPLAY_KEY]) {
  sha2 sum;
  sha2_start(&sum);
  sha2_add(&sum, text, (size_t)len);
  sha2_hex(&sum, ret);
}

/* ---- a question ---- */

static clio_status missing(const replay *r, clio_call *call, const char *key) {
  return clio_failf(r->host, call, CLIO_E_INPUT,
                    "model/replay: no recorded answer for %s; record it, or set otherwise", key);
}

static clio_status answer_line(const replay *r, clio_call *call, const clio_llm_job *job,
                               const replay_line *line, clio_reply *ret) {
  static const char *const why[] = {NULL, "recorded as refused", "recorded as cut",
                                    "recorded as filtered", "recorded as invalid"};
  if (line->in_tokens) ret->in_tokens = line->in_tokens;
  if (line->out_tokens) ret->out_tokens = line->out_tokens;
  if (line->text)
    CLIO_TRY(wire_answer(r->host, call, job, clio_span_of(line->text, (int64_t)strlen(line->text)),
                         0, ret));
  return wire_ends(ret, line->outcome, why[line->outcome]);
}

static clio_status answer_chat(const replay *r, clio_call *call, const clio_llm_job *job,
                               clio_reply *ret) {
  char key[REPLAY_KEY];
  key_of(job, key);
  const replay_line *line = replay_find(&r->lines, key, job->prompt);
  wire_tokens in = wire_count(job->prompt, strlen(job->prompt));
  ret->in_tokens = in.likely;
  if (line && (line->text || line->outcome != CLIO_OUT_OK))
    return answer_line(r, call, job, line, ret);
  if (strcmp(r->config->otherwise, "fail") == 0) return missing(r, call, key);
  if (strcmp(r->config->otherwise, "invalid") == 0)
    return wire_ends(ret, CLIO_OUT_INVALID, "no recorded answer");
  return replay_make(r->host, call, job, key, ret);
}

/* ---- texts ---- */

static clio_status answer_embed(const replay *r, clio_call *call, const clio_ask *ask,
                                clio_reply *ret) {
  enum { DIM = 64 };
  uint32_t dim = ask->dim ? ask->dim : DIM;
  float *vectors = clio_scratch_array(r->host, call, ask->count * dim, sizeof *vectors);
  if (!vectors) return clio_nomem(r->host, call);
  for (uint64_t i = 0; i < ask->count; i++) {
    char key[REPLAY_KEY];
    key_of_text(ask->texts[i], ask->lens[i], key);
    const replay_line *line = replay_find(&r->lines, key, NULL);
    ret->in_tokens += wire_count(ask->texts[i], (uint64_t)ask->lens[i]).likely;
    if (line && line->vector && line->dim == dim)
      memcpy(vectors + i * dim, line->vector, dim * sizeof *vectors);
    else if (strcmp(r->config->otherwise, "fail") == 0)
      return missing(r, call, key);
    else if (strcmp(r->config->otherwise, "make") == 0)
      replay_embed(ask->texts[i], (uint64_t)ask->lens[i], vectors + i * dim, dim);
  }
  return wire_vectors(r->host, call, ask, vectors, dim, ret);
}

/* ---- the model ---- */

static clio_status replay_answer(void *self, clio_call *call, const clio_ask *ask,
                                 clio_reply *ret) {
  const replay *r = self;
  ret->served = "replay";
  return ask->kind == CLIO_ASK_CHAT ? answer_chat(r, call, ask->job, ret)
                                    : answer_embed(r, call, ask, ret);
}

static void replay_destroy(void *self) {
  replay *r = self;
  if (!r) return;
  replay_clear(&r->lines);
  free(r);
}

static clio_status replay_create(const clio_host *host, clio_call *call, const void *config,
                                 void **ret_self) {
  replay *r = calloc(1, sizeof *r);
  if (!r) return clio_nomem(host, call);
  r->host = host;
  r->config = config;
  *ret_self = r;
  return replay_read(host, call, r->config->answers, &r->lines);
}

static const char *const otherwise_choices[] = {"fail", "invalid", "make", NULL};
static const clio_param params[] = {
    CLIO_TEXT(replay_config, answers, "null", "recorded answers, one JSON object a line; see help"),
    CLIO_ENUM(replay_config, otherwise, "\"fail\"", otherwise_choices,
              "what is not recorded: fail, with its key; invalid, no answer; make one of the "
              "question's words, of the wanted form"),
};

static const clio_model model = {
    .struct_size = sizeof(clio_model),
    .threads = CLIO_PARALLEL,
    .name = "replay",
    .summary = "answers from a record, without any network: for tests",
    .help =
        "small: { use: model/replay, answers: '@answers.jsonl', otherwise: make }\n\n"
        "A line is {\"key\": K, \"text\": T}, {\"contains\": S, \"text\": T}, which answers every "
        "prompt that holds S and has no line with its key, or {\"text\": T} for all others; the "
        "first that fits counts. \"outcome\": \"refusal\", \"length\", \"filtered\" or \"invalid\" "
        "may stand beside or instead of the text, \"in\" and \"out\" for tokens. "
        "{\"key\": K, \"vector\": [...]} is for a text to embed. K is the SHA-256, in hex, of "
        "system, prompt, prefill and schema, each with a zero byte after it; for a text to embed, "
        "of the text. Answers that are made mean nothing, but are the same each time.",
    .asks = CLIO_ASK_CHAT | CLIO_ASK_EMBED,
    .embeds_at_once = 256,
    .params = CLIO_LIST(params),
    .config_size = sizeof(replay_config),
    .create = replay_create,
    .answer = replay_answer,
    .destroy = replay_destroy,
};
static const clio_model *const models[] = {&model, NULL};

CLIO_PLUGIN_DEFINE(model_replay) = {CLIO_PLUGIN_INIT,   .id = "clio.model.replay",
                                    .version = "0.1.0", .license = "Apache-2.0",
                                    .vendor = "Clio",   .models = models};
