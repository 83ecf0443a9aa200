/* replay_make.c - answers and vectors made of the question's own words, for pipelines that
 * want any answer of the right form. They mean nothing; they depend on the question alone. */
#include <math.h>

#include "replay.h"

/* ---- words ---- */

static int is_word(char c) {
  unsigned char u = (unsigned char)c;
  return u >= 0x80 || (unsigned)((u | 32) - 'a') < 26 || (unsigned)(u - '0') < 10;
}

/* The next word from *at on; its length, 0 at the end. */
static uint64_t next_word(const char *text, uint64_t len, uint64_t *at) {
  while (*at < len && !is_word(text[*at])) (*at)++;
  uint64_t n = 0;
  while (*at + n < len && is_word(text[*at + n])) n++;
  return n;
}

static uint64_t hash_word(const char *word, uint64_t len) { /* FNV-1a, without ASCII's case */
  uint64_t h = 0xcbf29ce484222325u;
  for (uint64_t i = 0; i < len; i++) {
    unsigned char c = (unsigned char)word[i];
    h = (h ^ ((unsigned)((c | 32) - 'a') < 26 ? c | 32 : c)) * 0x100000001b3u;
  }
  return h ^ h >> 29;
}

/* ---- text ---- */

/* One answer being made. */
typedef struct maker {
  wire_out out;
  const char *text; /* the question */
  uint64_t len, words, state;
} maker;

static uint64_t draw(maker *m, uint64_t below) {
  m->state = m->state * 6364136223846793005u + 1442695040888963407u; /* Knuth's MMIX */
  return below ? (m->state >> 33) % below : 0;
}

/* Some words of the question in a row, into a string that is open. */
static void put_words(maker *m, uint64_t count) {
  uint64_t skip = draw(m, m->words > count ? m->words - count : 1), at = 0, n;
  for (uint64_t i = 0; i < skip + count && (n = next_word(m->text, m->len, &at)); i++) {
    if (i > skip) wire_piece(&m->out, " ", 1);
    if (i >= skip) wire_piece(&m->out, m->text + at, n);
    at += n;
  }
  if (m->words == 0) wire_piece(&m->out, "nothing", 7);
}

static void make_value(maker *m, json_object *schema, int depth);

static void make_object(maker *m, json_object *schema, int depth) {
  json_object *properties = wire_get(schema, "properties", json_type_object);
  wire_open(&m->out, '{');
  if (properties) {
    json_object_object_foreach(properties, key, value) {
      wire_key(&m->out, key);
      make_value(m, value, depth + 1);
    }
  }
  wire_close(&m->out, '}');
}

static void make_array(maker *m, json_object *schema, int depth) {
  enum { ITEMS = 3 };
  wire_open(&m->out, '[');
  for (int i = 0; i < ITEMS; i++)
    make_value(m, wire_get(schema, "items", json_type_object), depth + 1);
  wire_close(&m->out, ']');
}

static const char *type_of(json_object *schema) {
  json_object *type = NULL;
  if (!schema || !json_object_object_get_ex(schema, "type", &type)) return "string";
  if (json_object_is_type(type, json_type_array)) type = json_object_array_get_idx(type, 0);
  return json_object_is_type(type, json_type_string) ? json_object_get_string(type) : "string";
}

static void make_value(maker *m, json_object *schema, int depth) {
  json_object *choices = wire_get(schema, "enum", json_type_array), *only = NULL;
  json_object *any = wire_item(wire_get(schema, "anyOf", json_type_array), 0);
  const char *type = type_of(schema);
  size_t n = choices ? json_object_array_length(choices) : 0;
  if (n) only = json_object_array_get_idx(choices, draw(m, n));
  if (n || (schema && json_object_object_get_ex(schema, "const", &only)))
    wire_json(&m->out, json_object_to_json_string_ext(only, JSON_C_TO_STRING_PLAIN));
  else if (any && depth < 16)
    make_value(m, any, depth + 1);
  else if (strcmp(type, "object") == 0 && depth < 16)
    make_object(m, schema, depth);
  else if (strcmp(type, "array") == 0 && depth < 16)
    make_array(m, schema, depth);
  else if (strcmp(type, "integer") == 0 || strcmp(type, "number") == 0)
    wire_int(&m->out, (int64_t)draw(m, 5) + 1);
  else if (strcmp(type, "boolean") == 0)
    wire_bool(&m->out, (int)draw(m, 2));
  else if (strcmp(type, "null") == 0)
    wire_json(&m->out, "null");
  else {
    wire_quote(&m->out);
    put_words(m, 4);
    wire_quote(&m->out);
  }
}

/* ---- the whole answer ---- */

static maker maker_of(const clio_host *host, clio_call *call, const char *text, const char *key) {
  maker m = {.out = {.host = host, .call = call}, .text = text, .len = strlen(text)};
  uint64_t at = 0, n;
  for (; (n = next_word(m.text, m.len, &at)); at += n) m.words++;
  m.state = hash_word(key, strlen(key));
  return m;
}

clio_status replay_make(const clio_host *host, clio_call *call, const clio_llm_job *job,
                        const char *key, clio_reply *ret) {
  maker m = maker_of(host, call, job->prompt, key);
  json_object *schema = NULL;
  json_fault fault;
  if (job->schema) {
    json_reader *reader = json_reader_new(JSON_STRICT_DEPTH);
    if (!reader) return clio_nomem(host, call);
    int ok = json_read(reader, job->schema, strlen(job->schema), &schema, &fault);
    if (ok) make_value(&m, schema, 0);
    json_object_put(schema);
    json_reader_free(reader);
    if (!ok) return wire_ends(ret, CLIO_OUT_INVALID, "the schema is no JSON");
  } else {
    put_words(&m, 8);
  }
  if (m.out.failed) return clio_nomem(host, call);
  CLIO_TRY(wire_answer(host, call, job, clio_span_of(m.out.s, (int64_t)m.out.len), 0, ret));
  ret->out_tokens = wire_count(ret->text, (uint64_t)ret->text_len).likely;
  return wire_ends(ret, CLIO_OUT_OK, NULL);
}

/* ---- vectors ---- */

void replay_embed(const char *text, uint64_t len, float *ret, uint32_t dim) {
  uint64_t at = 0, n;
  double sum = 0;
  for (; (n = next_word(text, len, &at)); at += n) {
    uint64_t h = hash_word(text + at, n);
    ret[h % dim] += h >> 63 ? 1.0f : -1.0f;
  }
  for (uint32_t i = 0; i < dim; i++) sum += (double)ret[i] * ret[i];
  if (sum == 0) ret[0] = 1;
  for (uint32_t i = 0; sum > 0 && i < dim; i++) ret[i] = (float)(ret[i] / sqrt(sum));
}
