/* llm.c - screener/llm: keeps conversations by a yes-or-no question that a model answers
 * about each (Clio paper, appendix G.2). It makes no column; what it drops is counted as
 * screened out. */
#include <stdatomic.h>

#include "answer.h"
#include "transcript.h"

typedef struct llm_config {
  const char *model, *question, *prompt, *keep, *unanswered;
  int64_t tokens;
  double temperature;
} llm_config;

enum { ANSWER_TOKENS = 40 };

typedef struct llm_self {
  const clio_host *host;
  const llm_config *config;
  atomic_ullong asked, unanswered, empty, cut;
} llm_self;

static const char answer_schema[] =
    "{\"type\":\"object\",\"properties\":{\"answer\":{\"type\":\"string\",\"enum\":[\"yes\","
    "\"no\"]}},\"required\":[\"answer\"],\"additionalProperties\":false}";

/* ---- questions ---- */

/* One batch. */
typedef struct screening {
  llm_self *self;
  clio_call *call;
  clio_view role, content;
  clio_llm_job *job;
  uint64_t *row, jobs; /* of each job */
} screening;

static clio_status put_prompt(screening *s, clio_span text, const char **ret) {
  const clio_host *host = s->self->host;
  const llm_config *c = s->self->config;
  prompt_text fenced = prompt_begin(host, s->call), whole = prompt_begin(host, s->call);
  prompt_place place[] = {{"conversation", {NULL, 0}},
                          {"question", {c->question, (int64_t)strlen(c->question)}}};
  char mark[PROMPT_MARK];
  clio_span prompt;
  CLIO_TRY(prompt_mark(host, s->call, &text, 1, mark));
  prompt_fence(&fenced, "conversation", mark, text);
  CLIO_TRY(prompt_end(&fenced, &place[0].text));
  prompt_render(&whole, c->prompt, place, 2);
  CLIO_TRY(prompt_end(&whole, &prompt));
  *ret = prompt.s;
  return CLIO_OK;
}

/* A conversation without a text is asked of nobody, and counts as unanswered. */
static clio_status add_row(screening *s, uint64_t row) {
  llm_self *self = s->self;
  transcript made;
  CLIO_TRY(transcript_make(self->host, s->call, &s->role, &s->content, row, self->config->tokens,
                           &made));
  if (!made.text.s) {
    atomic_fetch_add(&self->empty, 1);
    return CLIO_OK;
  }
  if (made.outcome == TRANSCRIPT_CUT) atomic_fetch_add(&self->cut, 1);
  clio_llm_job *job = &s->job[s->jobs];
  *job = (clio_llm_job){.struct_size = sizeof *job,
                        .max_tokens = ANSWER_TOKENS,
                        .schema = answer_schema,
                        .temperature = self->config->temperature};
  CLIO_TRY(put_prompt(s, made.text, &job->prompt));
  s->row[s->jobs++] = row;
  return CLIO_OK;
}

static int is_answer(json_object *answer, const char *word) {
  json_object *said = answer_get(answer, "answer", json_type_string);
  return said && strcmp(json_object_get_string(said), word) == 0;
}

/* Is the conversation kept, by the model's answer or for want of one? */
static int is_kept(llm_self *self, const clio_llm_job *job) {
  const llm_config *c = self->config;
  json_object *answer = job ? answer_object(job) : NULL;
  int known = is_answer(answer, "yes") || is_answer(answer, "no");
  int kept = known ? is_answer(answer, c->keep) : strcmp(c->unanswered, "keep") == 0;
  json_object_put(answer);
  if (job && !known) atomic_fetch_add(&self->unanswered, 1);
  return kept;
}

static clio_status screen(screening *s, const clio_table *in) {
  llm_self *self = s->self;
  const clio_host *host = self->host;
  const clio_llm *llm = clio_need(host, s->call, CLIO_LLM_ID, sizeof *llm);
  uint64_t rows = host->rows(in), kept = 0, next = 0;
  uint64_t *pick = clio_scratch_array(host, s->call, rows, sizeof *pick);
  s->job = clio_scratch_array(host, s->call, rows, sizeof *s->job);
  s->row = clio_scratch_array(host, s->call, rows, sizeof *s->row);
  if (!llm) return CLIO_E_UNSUPPORTED;
  if (!pick || !s->job || !s->row) return clio_nomem(host, s->call);
  for (uint64_t row = 0; row < rows; row++) {
    if (host->cancelled(s->call)) return CLIO_E_CANCELLED;
    CLIO_TRY(add_row(s, row));
  }
  if (s->jobs > 0) CLIO_TRY(llm->complete(s->call, self->config->model, s->job, s->jobs));
  atomic_fetch_add(&self->asked, s->jobs);
  for (uint64_t row = 0; row < rows; row++) {
    int asked = next < s->jobs && s->row[next] == row;
    if (is_kept(self, asked ? &s->job[next] : NULL)) pick[kept++] = row;
    next += asked ? 1 : 0;
  }
  return host->emit(host->start(s->call, 0, in, pick, kept));
}

/* ---- the stage ---- */

static clio_status llm_process(void *state, clio_call *call, uint32_t port, const clio_table *in) {
  screening s = {.self = state, .call = call};
  const clio_host *host = s.self->host;
  (void)port;
  CLIO_TRY(clio_get(host, call, in, "role", CLIO_T_LIST, &s.role));
  CLIO_TRY(clio_get(host, call, in, "content", CLIO_T_LIST, &s.content));
  return screen(&s, in);
}

static clio_status llm_finish(void *state, clio_call *call) {
  llm_self *s = state;
  unsigned long long open = atomic_load(&s->unanswered), empty = atomic_load(&s->empty);
  unsigned long long cut = atomic_load(&s->cut), asked = atomic_load(&s->asked);
  int keeps = strcmp(s->config->unanswered, "keep") == 0;
  if (open || empty)
    clio_logf(s->host, call, CLIO_LOG_WARN,
              "%llu of %llu conversations got no yes or no and %llu had no text to ask about; all "
              "were %s",
              open, asked, empty, keeps ? "kept" : "left out");
  if (cut) clio_logf(s->host, call, CLIO_LOG_INFO, "%llu conversations were shown shortened", cut);
  return CLIO_OK;
}

static clio_status llm_plan(const clio_host *host, clio_plan *plan, const void *config) {
  const llm_config *c = config;
  static const char *const places[] = {"conversation", "question", NULL};
  if (!c->question[strspn(c->question, " \n\t")])
    return host->plan_fail(plan, CLIO_E_CONFIG,
                           "question: it is empty; ask something that yes or no answers");
  return prompt_check(host, plan, "prompt", c->prompt, places);
}

static clio_status llm_create(const clio_host *host, clio_call *call, const void *config,
                              void **ret_self) {
  llm_self *self = calloc(1, sizeof *self);
  if (!self) return clio_nomem(host, call);
  self->host = host;
  self->config = config;
  *ret_self = self;
  return CLIO_OK;
}

static const clio_column reads[] = {
    {.name = "role", .help = "who said it", .type = CLIO_T_LIST, .privacy = CLIO_P_RAW},
    {.name = "content", .help = "what was said", .type = CLIO_T_LIST, .privacy = CLIO_P_RAW},
};
static const clio_port inputs[] = {{.name = "conversations",
                                    .help = "whole conversations",
                                    .columns = CLIO_LIST(reads),
                                    .rows = CLIO_ROWS_CONVERSATION}};
static const clio_port outputs[] = {{.name = "conversations",
                                     .help = "those that are kept",
                                     .flags = CLIO_PORT_PASS,
                                     .rows = CLIO_ROWS_CONVERSATION}};

static const char *const answers[] = {"yes", "no", NULL};
static const char *const without[] = {"drop", "keep", NULL};
static const clio_param params[] = {
    CLIO_MODEL(llm_config, model, NULL, "the role of models that is asked"),
    CLIO_TEXT(llm_config, question, NULL,
              "what is asked about each conversation, such as 'Is this about an election?'"),
    CLIO_ENUM(llm_config, keep, "\"yes\"", answers, "which answer keeps a conversation"),
    CLIO_ENUM(llm_config, unanswered, "\"drop\"", without,
              "what becomes of a conversation about which the model says neither"),
    CLIO_TEXT(llm_config, prompt, "\"@prompts/screen.txt\"",
              "the words around it, with the places {{conversation}} and {{question}}"),
    CLIO_INT(llm_config, tokens, "8000", TRANSCRIPT_LEAST, 1000000,
             "tokens of a conversation that are shown; of longer ones beginning and end"),
    CLIO_FLOAT(llm_config, temperature, "0.2", 0, 2, "the model's temperature"),
};

static const clio_stage stage = {
    .struct_size = sizeof(clio_stage),
    .threads = CLIO_PARALLEL,
    .caps = CLIO_CAP_LLM,
    .kind = "screener",
    .name = "llm",
    .summary = "keeps conversations by a yes-or-no question to a model",
    .help = "Asks the role 'model' one question about each conversation and keeps those with the "
            "wanted answer. The whole conversation is shown to the model, as data between lines "
            "that cannot be forged. A conversation without a clear answer (refused, withheld, no "
            "yes or no, no text) is dropped, or kept where 'unanswered' says so, and counted.\n\n"
            "    about: { use: screener/llm, from: sample, model: small, question: 'Is this about "
            "an election?' }",
    .inputs = CLIO_LIST(inputs),
    .outputs = CLIO_LIST(outputs),
    .params = CLIO_LIST(params),
    .config_size = sizeof(llm_config),
    .plan = llm_plan,
    .create = llm_create,
    .process = llm_process,
    .finish = llm_finish,
    .destroy = free,
};
static const clio_stage *const stages[] = {&stage, NULL};

extern CLIO_PLUGIN_DEFINE(screener_llm);
CLIO_PLUGIN_DEFINE(screener_llm) = {CLIO_PLUGIN_INIT,   .id = "clio.screener.llm",
                                    .version = "0.1.0", .license = "Apache-2.0",
                                    .vendor = "Clio",   .stages = stages};
