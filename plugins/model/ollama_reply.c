/* ollama_reply.c - replies and errors of Ollama, for model/ollama. */
#include "ollama.h"

/* ---- errors: {"error": "a sentence"} ---- */

static const char *const format_words[] = {"format", "grammar", "json schema", NULL};
static const char *const think_words[] = {"thinking", "think", NULL};
static const char *const prefill_words[] = {"prefill", "last message", NULL};
static const char *const dimension_words[] = {"dimensions", NULL};
static const wire_feature named[OLLAMA_FEATURES] = {[OLLAMA_FORMAT] = {format_words},
                                                    [OLLAMA_THINK] = {think_words},
                                                    [OLLAMA_PREFILL] = {prefill_words},
                                                    [OLLAMA_DIMENSIONS] = {dimension_words}};

static int says_any(const wire_error *e, const char *const *phrases) {
  for (; *phrases; phrases++)
    if (wire_says(e, *phrases)) return 1;
  return 0;
}

static int is_too_long(const wire_error *e) {
  static const char *const phrases[] = {"context length",          "context size",
                                        "context window",          "exceeds the context",
                                        "exceeds maximum context", NULL};
  return says_any(e, phrases);
}

/* The model cannot do what it is asked, whatever the question. */
static int is_wrong_model(const wire_error *e) {
  static const char *const phrases[] = {"does not support chat",       "does not support generate",
                                        "does not support embeddings", "does not support embedding",
                                        "requires more system memory", NULL};
  return says_any(e, phrases);
}

static clio_status read_error(const clio_host *host, clio_call *call, const ollama_config *c,
                              const clio_ask *ask, const clio_response *response, json_object *root,
                              clio_reply *ret) {
  wire_error e;
  uint32_t status = response->http_status;
  wire_error_of(root, &e);
  CLIO_TRY(wire_fault(host, call, ask, response, &e, ret));
  if (status == 404 && e.message.s)
    return wire_ends(ret, CLIO_OUT_FATAL, "HTTP 404: the server has no such model; ollama pull it");
  if (status < 400 || (status > 400 && status < 500 && status != 422)) return CLIO_OK;
  if (is_too_long(&e))
    return wire_ends(ret, CLIO_OUT_INVALID, "the question is longer than num_ctx");
  if (is_wrong_model(&e))
    return wire_ends(ret, CLIO_OUT_FATAL, "the model cannot do this, or needs more memory");
  ret->without = wire_named(&e, named, OLLAMA_FEATURES, ollama_parts(c, ask));
  if (ret->without && status < 500) ret->outcome = CLIO_OUT_ADAPT;
  if (ret->outcome != CLIO_OUT_ADAPT) ret->without = 0;
  return CLIO_OK;
}

/* ---- chat ---- */

static clio_status read_chat(const clio_host *host, clio_call *call, const ollama_config *c,
                             const clio_ask *ask, json_object *root, clio_reply *ret) {
  json_object *message = wire_get(root, "message", json_type_object);
  json_object *done = wire_get(root, "done", json_type_boolean);
  clio_span reason = wire_get_text(root, "done_reason"), text = wire_get_text(message, "content");
  int continued = (ollama_parts(c, ask) & OLLAMA_BIT(OLLAMA_PREFILL)) != 0;
  ret->in_tokens = wire_get_count(root, "prompt_eval_count");
  ret->out_tokens = wire_get_count(root, "eval_count");
  if (!message) return wire_ends(ret, CLIO_OUT_TRANSIENT, "the reply holds no message");
  if (!done || !json_object_get_boolean(done) || clio_span_is(reason, "load"))
    return wire_ends(ret, CLIO_OUT_TRANSIENT, "the answer is not done");
  if (ret->in_tokens >= c->num_ctx)
    return wire_ends(ret, CLIO_OUT_INVALID,
                     "the server cut the question at num_ctx; give the model a longer one");
  CLIO_TRY(wire_answer(host, call, ask->job, text, continued, ret));
  if (clio_span_is(reason, "length"))
    return wire_ends(ret, CLIO_OUT_LENGTH,
                     ret->in_tokens + ret->out_tokens >= c->num_ctx
                         ? "the answer was cut at num_ctx; give the model a longer one"
                         : "the answer was cut at max_tokens");
  if (text.len > 0) return wire_ends(ret, CLIO_OUT_OK, NULL);
  ret->text = NULL;
  ret->text_len = 0;
  return wire_ends(ret, CLIO_OUT_TRANSIENT, "the answer is empty");
}

/* ---- embeddings ---- */

static clio_status read_embed(const clio_host *host, clio_call *call, const clio_ask *ask,
                              json_object *root, clio_reply *ret) {
  json_object *list = wire_get(root, "embeddings", json_type_array);
  ret->in_tokens = wire_get_count(root, "prompt_eval_count");
  if (!list || json_object_array_length(list) != ask->count || ask->count == 0)
    return wire_ends(ret, CLIO_OUT_TRANSIENT, "the reply holds another number of vectors");
  uint64_t dim = wire_vector_dim(json_object_array_get_idx(list, 0));
  if (dim == 0 || dim > WIRE_DIM_MAX)
    return wire_ends(ret, CLIO_OUT_TRANSIENT, "the reply holds no vector");
  float *vectors = clio_scratch_array(host, call, ask->count * dim, sizeof *vectors);
  if (!vectors) return clio_nomem(host, call);
  for (uint64_t i = 0; i < ask->count; i++) {
    const char *why = wire_vector(json_object_array_get_idx(list, i), vectors, i, (uint32_t)dim);
    if (why) return wire_ends(ret, CLIO_OUT_TRANSIENT, why);
  }
  return wire_vectors(host, call, ask, vectors, (uint32_t)dim, ret);
}

/* ---- both ---- */

static clio_status read_success(const clio_host *host, clio_call *call, const ollama_config *c,
                                const clio_ask *ask, const wire_doc *doc, clio_reply *ret) {
  if (!doc->root) return wire_ends(ret, CLIO_OUT_TRANSIENT, doc->why);
  if (wire_get_text(doc->root, "error").s)
    return wire_ends(ret, CLIO_OUT_TRANSIENT, "the reply is an error with status 200");
  CLIO_TRY(wire_served(host, call, wire_get_text(doc->root, "model"), ret));
  return ask->kind == CLIO_ASK_CHAT ? read_chat(host, call, c, ask, doc->root, ret)
                                    : read_embed(host, call, ask, doc->root, ret);
}

clio_status ollama_parse(const clio_host *host, clio_call *call, const void *config,
                         const clio_ask *ask, const clio_response *response, clio_reply *ret) {
  wire_doc doc;
  uint32_t status = response->http_status;
  clio_status s = wire_doc_open(host, call, response, &doc);
  if (s == CLIO_OK)
    s = status >= 200 && status < 300
            ? read_success(host, call, config, ask, &doc, ret)
            : read_error(host, call, config, ask, response, doc.root, ret);
  wire_doc_close(&doc);
  return s;
}
