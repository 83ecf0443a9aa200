/* test_replay.c - model/replay: recorded answers by key, by a part of the prompt, for all; and
 * answers that are made. */
#include <math.h>

#include "cases.h"

extern const clio_plugin clio_plugin_v0_model_replay;

static clio_test *bench(const char *answers, const char *otherwise) {
  clio_test *t = clio_test_open_model(clio_plugin_v0_model_replay.models[0]);
  clio_test_param(t, "answers", answers);
  clio_test_param(t, "otherwise", otherwise);
  return t;
}

static const char *answer(clio_test *t, const clio_ask *ask) {
  const clio_reply *r = clio_test_answer(t, ask);
  if (!r) return clio_test_error(t);
  return r->text ? r->text : r->why;
}

/* printf 'be brief\0what is it?\0\0\0' | sha256sum */
#define KEY "d8ca3ab7bb1cacc59aecf5c8b4ef4ab2625165efcc72b8d1c0a93db4d06754c0"

static void test_record(void) {
  clio_test *t = bench("\"{\\\"contains\\\":\\\"tax\\\",\\\"outcome\\\":\\\"refusal\\\"}\\n\\n"
                       "{\\\"key\\\":\\\"" KEY
                       "\\\",\\\"text\\\":\\\"a thing\\\",\\\"in\\\":7,\\\"out\\\":3}\\n"
                       "{\\\"text\\\":\\\"cut\\\",\\\"outcome\\\":\\\"length\\\"}\"",
                       "\"fail\"");
  clio_llm_job job = job_of("what is it?", 50);
  clio_ask ask = clio_test_chat(&job);
  job.system = "be brief";
  const clio_reply *r = clio_test_answer(t, &ask);
  CHECK_TEXT(r ? r->text : clio_test_error(t), "a thing");
  CHECK(r && r->outcome == CLIO_OUT_OK && r->in_tokens == 7 && r->out_tokens == 3);
  job.prompt = "my tax form";
  CHECK_TEXT(answer(t, &ask), "recorded as refused");
  job.prompt = "another question";
  r = clio_test_answer(t, &ask);
  CHECK(r && r->outcome == CLIO_OUT_LENGTH && strcmp(r->text, "cut") == 0);
  job.prefill = "It is";
  CHECK_TEXT(answer(t, &ask), "It is cut");
  CHECK(clio_test_model_torture(t, &ask, 0, NULL, NULL) == CLIO_OK);
  clio_test_close(t);
}

static void test_missing(void) {
  clio_test *t = bench("null", "\"fail\"");
  clio_llm_job job = job_of("what is it?", 50);
  clio_ask ask = clio_test_chat(&job);
  job.system = "be brief";
  CHECK_TEXT(answer(t, &ask),
             "answer: model/replay: no recorded answer for " KEY "; record it, or set otherwise");
  clio_test_param(t, "otherwise", "\"invalid\"");
  CHECK_TEXT(answer(t, &ask), "no recorded answer");
  clio_test_close(t);
}

static void test_bad_record(void) {
  static const char *const rows[][2] = {
      {"\"{}\"", "create: answers: line 1: neither a text, nor a vector, nor an outcome"},
      {"\"\\n{\"", "create: answers: line 2: ends too early"},
      {"\"{\\\"key\\\":\\\"ab\\\",\\\"text\\\":\\\"x\\\"}\"",
       "create: answers: line 1: a key has 64 hexadecimal digits"},
      {"\"{\\\"outcome\\\":\\\"good\\\"}\"",
       "create: answers: line 1: an outcome is ok, refusal, length, filtered or invalid"},
      {"\"{\\\"vector\\\":[1]}\"", "create: answers: line 1: a vector goes with a key"},
      {"\"{\\\"key\\\":\\\"" KEY "\\\",\\\"text\\\":\\\"x\\\"}\\n{\\\"key\\\":\\\"" KEY
       "\\\",\\\"text\\\":\\\"y\\\"}\"",
       "create: answers: two lines with the key " KEY}};
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
    clio_test *t = bench(rows[i][0], "\"fail\"");
    clio_llm_job job = job_of("q", 9);
    clio_ask ask = clio_test_chat(&job);
    CHECK_TEXT(answer(t, &ask), rows[i][1]);
    clio_test_close(t);
  }
}

static void test_made(void) {
  clio_test *t = bench("null", "\"make\"");
  clio_llm_job job = job_of("How do I \"plan\" a trip to the mountains in late October?", 50);
  clio_ask ask = clio_test_chat(&job);
  char first[256];
  job.prefill = "The user asks";
  snprintf(first, sizeof first, "%s", answer(t, &ask));
  CHECK(strncmp(first, "The user asks ", 14) == 0 && strlen(first) > 20);
  CHECK_TEXT(answer(t, &ask), first);
  job.prompt = "How do I \"plan\" a trip to the mountains in late November?";
  CHECK(strcmp(answer(t, &ask), first) != 0);
  job.schema =
      "{\"type\":\"object\",\"properties\":{\"kind\":{\"type\":\"string\",\"enum\":[\"x\"]},\"n\":{"
      "\"type\":[\"null\",\"integer\"]},\"list\":{\"type\":\"array\",\"items\":{\"type\":"
      "\"object\","
      "\"properties\":{\"yes\":{\"type\":\"boolean\",\"enum\":[true]}}}},\"name\":{\"type\":"
      "\"string\",\"enum\":[\"a\\\"b\"]}}}";
  CHECK_TEXT(answer(t, &ask),
             "{\"kind\":\"x\",\"n\":null,\"list\":[{\"yes\":true},{\"yes\":true},{\"yes\":true}],"
             "\"name\":\"a\\\"b\"}");
  CHECK(clio_test_model_torture(t, &ask, 0, NULL, NULL) == CLIO_OK);
  job.schema = "{\"type\":\"string\"}";
  job.prompt = "?!";
  CHECK_TEXT(answer(t, &ask), "\"nothing\"");
  clio_test_close(t);
}

static double cosine(const float *a, const float *b, uint32_t dim) {
  double sum = 0;
  for (uint32_t i = 0; i < dim; i++) sum += (double)a[i] * b[i];
  return sum;
}

static void test_vectors(void) {
  static const char *const texts[] = {"a trip to the hills", "trip: to the HILLS!", "tax law", ""};
  static const int64_t lens[] = {19, 19, 7, 0};
  clio_test *t = bench("null", "\"make\"");
  clio_ask ask = clio_test_embed(texts, lens, 4, 128);
  const clio_reply *r = clio_test_answer(t, &ask);
  CHECK(r && r->count == 4 && r->dim == 128);
  const float *v = r->vectors;
  CHECK(fabs(cosine(v, v, 128) - 1) < 1e-6 && cosine(v, v + 128, 128) > 0.8);
  CHECK(fabs(cosine(v, v + 256, 128)) < 0.5 && v[384] == 1);
  clio_test_close(t);
  /* printf abc | sha256sum */
  t = bench(
      "\"{\\\"key\\\":\\\"ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad\\\","
      "\\\"vector\\\":[0.5,-2]}\"",
      "\"fail\"");
  const char *const abc[] = {"abc"};
  const int64_t three[] = {3};
  ask = clio_test_embed(abc, three, 1, 2);
  r = clio_test_answer(t, &ask);
  CHECK(r && r->vectors[0] == 0.5f && r->vectors[1] == -2);
  CHECK(clio_test_model_torture(t, &ask, 0, NULL, NULL) == CLIO_OK);
  clio_test_close(t);
}

int main(void) {
  test_record();
  test_missing();
  test_bad_record();
  test_made();
  test_vectors();
  return CHECK_DONE();
}
