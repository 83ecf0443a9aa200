/* wire.h - what models behind HTTP share: the parameters they all have, the words
 * for what a provider cannot be told by a field, estimates of tokens, faults of
 * HTTP and of providers turned into outcomes, limits told in headers, vectors.
 * Nothing here does I/O. What a function makes is the call's scratch. */
#ifndef CLIO_LIB_WIRE_H
#define CLIO_LIB_WIRE_H
#include "wire_json.h"
#include "wire_param.h"

/* ---- parameters ---- */

/* A base_url that the host will send to: https, or http to this machine; no user,
 * query or fragment. Else the plan fails. [main] */
clio_status wire_check_url(const clio_host *host, clio_plan *plan, const char *url);

/* `extra` is NULL or the text of a JSON object. Else the plan fails. [main] */
clio_status wire_check_extra(const clio_host *host, clio_plan *plan, const char *extra);

/* base + path, with one slash in between; NULL: no memory. [call] */
const char *wire_url(const clio_host *host, clio_call *call, const char *base, const char *path);

/* The user's headers: each "name: value", and none that is ours or holds a secret. Else
 * the plan fails. [main] */
clio_status wire_check_headers(const clio_host *host, clio_plan *plan, const clio_strlist *users);

/* content-type, then `own` (NULL-ended, or NULL), then the user's. NULL: no memory. [call] */
const char *const *wire_headers(const clio_host *host, clio_call *call, const char *const *own,
                                const clio_strlist *users);

/* ---- the question in words ---- */

/* Texts of the configuration that tell a model what no field of a request can. */
typedef struct wire_words {
  const char *schema;  /* with {schema}: answer in this form; NULL: the form is told by a field */
  const char *prefill; /* with {prefill}: begin with this; NULL: told by a field, or not at all */
} wire_words;

/* Writes, into a string that is open, the prompt from byte `from` up to `to`; with
 * `to` past its end, then what is to be said in words. [call] */
void wire_put_prompt(wire_out *o, const clio_llm_job *job, uint64_t from, uint64_t to,
                     const wire_words *words);

/* The bytes of the prompt that may be cached: job->shared, within the prompt and
 * not inside a character. [any] */
uint64_t wire_shared(const clio_llm_job *job);

/* Does the job have a prefill that counts: one, and no schema? [any] */
int wire_has_prefill(const clio_llm_job *job);

/* ---- tokens ---- */

/* The likely number of tokens of a text by its scripts, and an upper bound that
 * holds for the tokenizers we know. Not exact for any. [any] */
typedef struct wire_tokens {
  int64_t likely, most;
} wire_tokens;
wire_tokens wire_count(const char *text, uint64_t len);

/* Fills in_tokens, in_likely, in_shared and out_tokens for a chat job or the texts.
 * `factor`: how many tokens the model makes of one of ours. `cached`: are the shared
 * bytes marked? `thinking`: tokens beyond the answer's. [any] */
void wire_estimate(const clio_ask *ask, double factor, int cached, int64_t thinking,
                   clio_request *ret);

/* ---- faults ---- */

/* What a reply says was wrong; spans with s = NULL where it says nothing. */
typedef struct wire_error {
  clio_span type, code, param, message;
} wire_error;

/* Reads {"error": {type, code, param, message}}, {"error": "..."}, the same without
 * "error", and {"detail": ...}. Takes NULL. [any] */
void wire_error_of(json_object *root, wire_error *ret);

/* Does the message, in its first 400 bytes, hold the phrase, whatever its case? [any] */
int wire_says(const wire_error *error, const char *phrase);

/* Words by which a provider names a feature; NULL-ended. One with a '\'' in front is
 * an everyday word and counts only in quotes or before a colon. */
typedef struct wire_feature {
  const char *const *words;
} wire_feature;

/* The lowest of the `sent` features that the error names, as a bit; 0: none. [any] */
uint64_t wire_named(const wire_error *error, const wire_feature *features, uint32_t count,
                    uint64_t sent);

/* Sets the outcome of a status that is not 2xx by what HTTP means, heeding
 * x-should-retry (never after 429: a limit that does not pass), and a `why` of status,
 * type and code. [call] */
clio_status wire_fault(const clio_host *host, clio_call *call, const clio_ask *ask,
                       const clio_response *response, const wire_error *error, clio_reply *ret);

/* Sets outcome and why; returns CLIO_OK. `why` is static or scratch. [any] */
clio_status wire_ends(clio_reply *ret, uint32_t outcome, const char *why);

/* ---- headers ---- */

/* The value of a header, or NULL. `name` in small letters. [any] */
const char *wire_header(const clio_response *response, const char *name);

/* x-ratelimit-{limit,remaining,reset}-{requests,tokens}; resets as in "6m0s". [any] */
void wire_rates_openai(const clio_response *response, clio_reply *ret);

/* anthropic-ratelimit-*; resets in RFC 3339, told from the reply's own date. [any] */
void wire_rates_anthropic(const clio_response *response, clio_reply *ret);

/* "6m0s", "1s", "12ms", "1h2m3.5s" in milliseconds; -1: none of these. [any] */
int64_t wire_duration(const char *text);

/* ---- the answer ---- */

/* Sets ret->text to the answer: thoughts in <think> taken off the front, the fence
 * around JSON where the job has a schema, the prefill put before it where it is
 * missing. `continued`: the model was given the prefill to go on from. [call] */
clio_status wire_answer(const clio_host *host, clio_call *call, const clio_llm_job *job,
                        clio_span text, int continued, clio_reply *ret);

/* The model's name in the reply, where it looks like one, into ret->served. [call] */
clio_status wire_served(const clio_host *host, clio_call *call, clio_span name, clio_reply *ret);

/* ---- vectors ---- */

enum { WIRE_DIM_MAX = 1 << 16 };

/* Fills row `row` of `vectors` (dim floats each) from a JSON list of numbers or a text of
 * base64, little-endian floats. NULL, or a static sentence about what is wrong. [any] */
const char *wire_vector(json_object *from, float *vectors, uint64_t row, uint32_t dim);

/* How many numbers the value holds; 0 where it is no vector. [any] */
uint64_t wire_vector_dim(json_object *from);

/* Sets the reply to vectors that were all read: OK, or FATAL where they have another
 * length than was asked for. [call] */
clio_status wire_vectors(const clio_host *host, clio_call *call, const clio_ask *ask,
                         const float *vectors, uint32_t dim, clio_reply *ret);
#endif
