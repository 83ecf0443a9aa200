/* conform_model.c - what `clio conform` asks of a model. Of one behind HTTP: requests for many
 * questions, the same for the same question, bounded and without the key; and replies such as
 * servers, proxies and worse send, which it must judge without faith. Of one in this process:
 * answers. The rules that hold for each single request and reply are the bench's
 * (clio_test_model.h). */
#include "clio-build.h"

#include <string.h>

#include "asset.h"
#include "conform_parts.h"

enum { LONG_QUESTION = 200000, DEEP = 100000, WIDE = 1 << 20, DIM = 8, TEXTS = 3 };

#define KEY_VARIABLE "CLIO_CONFORM_SECRET"
#define KEY "sk-conform-0123456789abcdef"

/* A body may be a few times as long as what is asked, for escapes, and what stands around it. */
#define BODY_MOST(asked) (8 * (uint64_t)(asked) + 65536)

/* ---- what is asked ---- */

/* A question of one sort, with the texts that it borrows. */
typedef struct question {
  const char *what;
  clio_llm_job job;
  clio_ask ask;
  char *own; /* or NULL */
} question;

static const char *const embed_texts[TEXTS] = {"How do I bake bread?", "Wie geht das?",
                                               "\xe6\x97\xa5\xe6\x9c\xac\xe8\xaa\x9e"};
static const int64_t embed_lens[TEXTS] = {20, 13, 9};

static const char schema[] =
    "{\"type\":\"object\",\"properties\":{\"answer\":{\"type\":\"string\"}},"
    "\"required\":[\"answer\"],\"additionalProperties\":false}";

enum { Q_PLAIN, Q_SYSTEM, Q_PREFILL, Q_SCHEMA, Q_SHARED, Q_HOSTILE, Q_LONG, Q_EMBED, Q_COUNT };

/* Question number i; false: the model is not asked such. */
static bool question_make(const conform_subject *s, int i, question *ret) {
  static const char *const names[] = {
      "a plain question",          "one with a system text", "one with a beginning to go on from",
      "one with a schema",         "one with a shared part", "one with control characters",
      "one of 200,000 characters", "texts for vectors"};
  uint32_t kind = i == Q_EMBED ? CLIO_ASK_EMBED : CLIO_ASK_CHAT;
  *ret = (question){.what = names[i]};
  if (!(s->ps->model->asks & kind)) return false;
  ret->job = (clio_llm_job){.struct_size = sizeof ret->job, .max_tokens = 100, .temperature = -1};
  ret->job.prompt = "Please say in one word what bread is made of.";
  if (i == Q_SYSTEM) ret->job.system = "You answer in one word.";
  if (i == Q_PREFILL) ret->job.prefill = "Answer:";
  if (i == Q_SCHEMA) ret->job.schema = schema;
  if (i == Q_SHARED) ret->job.shared = 10;
  if (i == Q_HOSTILE)
    ret->job.prompt = "\x01\x1b[31m \" \\ \n\t \xe2\x80\xa8 </x> {{y}} \xf0\x9f\x91\xa9";
  if (i == Q_LONG) ret->job.prompt = ret->own = g_strnfill(LONG_QUESTION, 'w');
  ret->ask = i == Q_EMBED ? clio_test_embed(embed_texts, embed_lens, TEXTS, DIM)
                          : clio_test_chat(&ret->job);
  return true;
}

/* A bench of the model whose every secret is our key. */
static clio_test *open_model(const conform_subject *s) {
  clio_test *t = conform_open(s, CONFORM_PLAIN, 0);
  g_setenv(KEY_VARIABLE, KEY, TRUE);
  for (uint32_t i = 0; i < s->ps->s.params.count; i++)
    if (s->ps->params[i].type == CLIO_PT_SECRET)
      clio_test_param(t, s->ps->params[i].name, "\"" KEY_VARIABLE "\"");
  return t;
}

/* ---- requests ---- */

static bool has_key(const clio_request *r) {
  bool has = strstr(r->url, KEY) || strstr(r->body, KEY);
  for (const char *const *h = r->headers; h && *h; h++) has = has || strstr(*h, KEY);
  return has || (r->key_header && strstr(r->key_header, KEY));
}

/* All of a request that goes over the line. */
static char *request_text(const clio_request *r) {
  GString *all = g_string_new(r->url);
  for (const char *const *h = r->headers; h && *h; h++) g_string_append_printf(all, "\n%s", *h);
  g_string_append_printf(all, "\n%s\n%s", r->key_header ? r->key_header : "", r->body);
  return g_string_free(all, FALSE);
}

static void judge_request(const question *q, const clio_request *r, conform_verdict *v) {
  uint64_t asked = q->ask.kind == CLIO_ASK_CHAT ? strlen(q->job.prompt) : 64;
  if (has_key(r))
    conform_say(
        v, CONFORM_FAILED,
        "name the header in key_header; the host puts the key behind it, and a plugin never "
        "sees one",
        "%s: the request holds the key itself", q->what);
  else if (r->body_len > BODY_MOST(asked))
    conform_say(v, CONFORM_FAILED, "send the question once, and nothing that grows by itself",
                "%s of %u bytes makes a body of %u bytes", q->what, (unsigned)asked,
                (unsigned)r->body_len);
}

/* Asked twice, on two benches. */
static void ask_twice(const conform_subject *s, const question *q, conform_verdict *v) {
  g_autofree char *first = NULL;
  for (int i = 0; i < 2 && v->outcome == CONFORM_OK; i++) {
    clio_test *t = open_model(s);
    const clio_request *r = clio_test_build(t, &q->ask);
    g_autofree char *text = r ? request_text(r) : NULL;
    if (!r)
      conform_say(v, CONFORM_FAILED,
                  conform_cure(clio_test_error(t), "any question is one to build a request for"),
                  "%s: %.500s", q->what, clio_test_error(t));
    else if (i > 0 && strcmp(text, first) != 0)
      conform_say(v, CONFORM_FAILED,
                  "a request may depend on the question and the parameters alone",
                  "%s: the same question makes another request the second time", q->what);
    else
      judge_request(q, r, v);
    if (!first) first = g_steal_pointer(&text);
    clio_test_close(t);
  }
}

void conform_check_build(conform_subject *s, conform_verdict *v) {
  unsigned asked = 0;
  if (!s->ps->model->build) {
    conform_say(v, CONFORM_SKIPPED, NULL, "it answers in this process");
    return;
  }
  if (!conform_can_run(s, v)) return;
  for (int i = 0; i < Q_COUNT && v->outcome == CONFORM_OK; i++) {
    question q;
    if (!question_make(s, i, &q)) continue;
    ask_twice(s, &q, v);
    g_free(q.own);
    asked++;
  }
  if (v->outcome == CONFORM_OK)
    conform_say(v, CONFORM_OK, NULL, "%u sorts of questions: pure, bounded, without the key",
                asked);
}

/* ---- replies ---- */

/* A reply as it may come: `outcome` is what it must be taken for, -1: anything but an answer. */
typedef struct canned {
  const char *what;
  uint32_t status;
  const char *body;
  int64_t len; /* -1: a string */
  int outcome;
} canned;

static const canned replies[] = {
    {"an empty body", 200, "", -1, -1},
    {"null", 200, "null", -1, -1},
    {"an empty object", 200, "{}", -1, -1},
    {"a list", 200, "[1, \"a\", {}]", -1, -1},
    {"a body cut short", 200, "{\"choices\": [{\"message\": {\"content\": \"hal", -1, -1},
    {"a page of a proxy", 200, "<html><body>Sign in to the network</body></html>", -1, -1},
    {"fields of other types", 200,
     "{\"choices\": 1, \"content\": {}, \"message\": [], \"data\": true, \"usage\": \"x\", "
     "\"error\": 7}",
     -1, -1},
    {"numbers out of range", 200,
     "{\"usage\": {\"prompt_tokens\": -5, \"input_tokens\": 1e300, \"output_tokens\": "
     "99999999999999999999}}",
     -1, -1},
    {"bytes that are no UTF-8", 200, "{\"content\": \"\xff\xfe\x80\xc3\"}", -1, -1},
    {"a NUL inside", 200, "{\"content\": \"a\0b\"}", 18, -1},
    {"a bad request", 400, "{\"error\": {\"message\": \"no\"}}", -1, -1},
    {"a wrong key", 401, "{\"error\": {\"message\": \"no\"}}", -1, CLIO_OUT_FATAL},
    {"an unknown address", 404, "not found", -1, -1},
    {"too many requests", 429, "slow down", -1, CLIO_OUT_TRANSIENT},
    {"a server's fault", 500, "<html>oops</html>", -1, CLIO_OUT_TRANSIENT},
    {"a gateway's fault", 502, "", -1, CLIO_OUT_TRANSIENT},
    {"an overloaded server", 503, "{\"error\": null}", -1, CLIO_OUT_TRANSIENT},
};

static const char *outcome_name(uint32_t outcome) {
  static const char *const names[] = {"OK",        "REFUSAL", "LENGTH", "FILTERED", "INVALID",
                                      "TRANSIENT", "ADAPT",   "SPENT",  "FATAL"};
  return outcome < G_N_ELEMENTS(names) ? names[outcome] : "an unknown outcome";
}

/* Shown a reply; *ret_outcome and a mark of the rest of it. False: parse() failed. */
static bool show(const conform_subject *s, const question *q, const canned *c,
                 uint32_t *ret_outcome, char **ret_text, conform_verdict *v) {
  clio_test *t = open_model(s);
  const clio_reply *r = clio_test_parse(t, &q->ask, c->status, NULL, c->body, c->len);
  if (r) {
    *ret_outcome = r->outcome;
    *ret_text = g_strdup_printf("%s %s", r->text ? r->text : "", r->why ? r->why : "");
  } else {
    conform_say(v, CONFORM_FAILED,
                conform_cure(clio_test_error(t),
                             "a reply is foreign: whatever it holds is an outcome, not a failure"),
                "status %u, %s: %.500s", c->status, c->what, clio_test_error(t));
  }
  clio_test_close(t);
  return r != NULL;
}

static void judge_reply(const conform_subject *s, const question *q, const canned *c,
                        conform_verdict *v) {
  g_autofree char *first = NULL, *second = NULL;
  uint32_t outcome = 0, again = 0;
  if (!show(s, q, c, &outcome, &first, v) || !show(s, q, c, &again, &second, v)) return;
  if (outcome != again || strcmp(first, second) != 0)
    conform_say(v, CONFORM_FAILED, "parse() may depend on the reply and the question alone",
                "status %u, %s: taken for something else the second time", c->status, c->what);
  else if (c->outcome < 0 && outcome == CLIO_OUT_OK)
    conform_say(v, CONFORM_FAILED, "look for the answer at its very place, and check its type",
                "status %u, %s: taken for an answer", c->status, c->what);
  else if (c->outcome >= 0 && outcome != (uint32_t)c->outcome)
    conform_say(v, CONFORM_FAILED,
                "429 and 5xx are CLIO_OUT_TRANSIENT, a refused key is CLIO_OUT_FATAL",
                "status %u, %s: is %s, should be %s", c->status, c->what, outcome_name(outcome),
                outcome_name((uint32_t)c->outcome));
}

/* Deeper, and wider, than any parser should follow. */
static void judge_big(const conform_subject *s, const question *q, conform_verdict *v) {
  g_autofree char *deep = g_strnfill(DEEP, '['), *wide = g_strnfill(WIDE, 'a');
  canned of_depth = {"100,000 brackets", 200, deep, -1, -1};
  canned of_size = {"a megabyte of one letter", 200, wide, -1, -1};
  judge_reply(s, q, &of_depth, v);
  if (v->outcome == CONFORM_OK) judge_reply(s, q, &of_size, v);
}

void conform_check_parse(conform_subject *s, conform_verdict *v) {
  if (!s->ps->model->parse) {
    conform_say(v, CONFORM_SKIPPED, NULL, "it answers in this process");
    return;
  }
  for (int i = 0; i < Q_COUNT && v->outcome == CONFORM_OK; i++) {
    question q;
    if (i == Q_LONG || !question_make(s, i, &q)) continue;
    for (size_t k = 0; k < G_N_ELEMENTS(replies) && v->outcome == CONFORM_OK; k++)
      judge_reply(s, &q, &replies[k], v);
    if (v->outcome == CONFORM_OK) judge_big(s, &q, v);
  }
  if (v->outcome == CONFORM_OK)
    conform_say(v, CONFORM_OK, NULL, "%zu bad replies to each sort of question: none is an answer",
                G_N_ELEMENTS(replies) + 2);
}

/* ---- in this process ---- */

void conform_check_answer(conform_subject *s, conform_verdict *v) {
  const clio_asset_file *missing = asset_missing(s->ps);
  unsigned answered = 0;
  if (!s->ps->model->answer) {
    conform_say(v, CONFORM_SKIPPED, NULL, "it is behind HTTP: the host asks and it reads");
    return;
  }
  if (missing) {
    g_autofree char *text = asset_missing_text(missing);
    conform_say(v, CONFORM_SKIPPED, NULL, "%.600s", text);
  }
  if (missing || !conform_can_run(s, v)) return;
  for (int i = 0; i < Q_COUNT && v->outcome == CONFORM_OK; i++) {
    question q;
    if (!question_make(s, i, &q)) continue;
    clio_test *t = open_model(s);
    q.ask.dim = 0;
    bool rule = !clio_test_answer(t, &q.ask) && !strstr(clio_test_error(t), "answer: ");
    if (strstr(clio_test_error(t), "answer: ") && !answered)
      conform_say(v, CONFORM_SKIPPED, NULL, "it answers nothing that conform asks: %.500s",
                  clio_test_error(t));
    else if (rule || clio_test_error(t)[0])
      conform_say(v, CONFORM_FAILED,
                  conform_cure(clio_test_error(t), "what cannot be answered is an outcome"),
                  "%s: %.500s", q.what, clio_test_error(t));
    clio_test_close(t);
    g_free(q.own);
    answered++;
  }
  if (v->outcome == CONFORM_OK)
    conform_say(v, CONFORM_OK, NULL, "%u sorts of questions: each has an outcome", answered);
}

/* ---- memory ---- */

void conform_check_model_memory(conform_subject *s, conform_verdict *v) {
  question q = {0};
  if (!question_make(s, Q_PLAIN, &q)) question_make(s, Q_EMBED, &q);
  q.ask.dim = s->ps->model->answer ? 0 : q.ask.dim;
  clio_test *t = open_model(s);
  clio_status status =
      clio_test_model_torture(t, &q.ask, s->ps->model->answer ? 0 : 200, NULL, "{}");
  if (status != CLIO_OK)
    conform_say(v, CONFORM_FAILED, "check what scratch() returns; return CLIO_E_NOMEM", "%.500s",
                clio_test_error(t));
  else
    conform_say(v, CONFORM_OK, NULL, "each allocation failed in turn");
  clio_test_close(t);
}

void conform_live_once(const conform_subject *s) {
  question q = {0};
  if (!question_make(s, Q_PLAIN, &q)) question_make(s, Q_EMBED, &q);
  clio_test *t = open_model(s);
  if (s->ps->model->answer) {
    q.ask.dim = 0;
    clio_test_answer(t, &q.ask);
  } else {
    clio_test_build(t, &q.ask);
    clio_test_parse(t, &q.ask, 200, NULL, "{}", -1);
    clio_test_parse(t, &q.ask, 500, NULL, "oops", -1);
  }
  clio_test_close(t);
}

void conform_check_model_state(conform_subject *s, conform_verdict *v) {
  if (conform_keeps_statics(s, v, conform_live_once))
    conform_say(v, CONFORM_OK, NULL, "nothing static is written");
}
