/* llm.c - extractor/llm: facets of conversations by a language model, any number of them as they
 * are declared; summarizer/llm: one text facet by the same means. */
#include "facet.h"
#include "transcript.h"

/* ---- one batch ---- */

/* The batch being worked on. */
typedef struct batch {
  facet_stage *s;
  clio_call *call;
  uint64_t rows, jobs_per_row;
  clio_llm_job *jobs;
  uint32_t *outcome;   /* TRANSCRIPT_* of each row */
  facet_value *values; /* rows x facets */
} batch;

static clio_status batch_open(batch *b, const clio_table *in) {
  const clio_host *host = b->s->host;
  b->rows = host->rows(in);
  b->jobs_per_row = b->s->form ? 1 : b->s->count;
  b->jobs = clio_scratch_array(host, b->call, b->rows * b->jobs_per_row, sizeof *b->jobs);
  b->outcome = clio_scratch_array(host, b->call, b->rows, sizeof *b->outcome);
  b->values = clio_scratch_array(host, b->call, b->rows * b->s->count, sizeof *b->values);
  return b->jobs && b->outcome && b->values ? CLIO_OK : clio_nomem(host, b->call);
}

/* Asks the questions there are: those of rows that have none are not among them. */
static clio_status batch_ask(batch *b) {
  const clio_host *host = b->s->host;
  const clio_llm *llm = clio_need(host, b->call, CLIO_LLM_ID, sizeof *llm);
  uint64_t n = 0, all = b->rows * b->jobs_per_row;
  if (!llm) return CLIO_E_UNSUPPORTED;
  clio_llm_job *asked = clio_scratch_array(host, b->call, all, sizeof *asked);
  if (!asked) return clio_nomem(host, b->call);
  for (uint64_t i = 0; i < all; i++)
    if (b->jobs[i].prompt) asked[n++] = b->jobs[i];
  CLIO_TRY(llm->complete(b->call, b->s->config->model, asked, n));
  for (uint64_t i = all; i-- > 0;)
    if (b->jobs[i].prompt) b->jobs[i] = asked[--n];
  return CLIO_OK;
}

/* How the questions of a row ended. */
typedef struct ended {
  uint64_t answered, refused;
} ended;

static clio_status batch_read_job(batch *b, uint64_t row, uint64_t i, ended *e) {
  const clio_llm_job *job = &b->jobs[row * b->jobs_per_row + i];
  facet_value *values = b->values + row * b->s->count;
  int refused = job->outcome == CLIO_OUT_REFUSAL || job->outcome == CLIO_OUT_FILTERED;
  int cut = job->outcome == CLIO_OUT_LENGTH && !job->schema;
  int answered = job->text && (job->outcome == CLIO_OUT_OK || cut);
  e->refused += (uint64_t)refused;
  e->answered += (uint64_t)answered;
  facet_note(&b->s->counts.asked, 1);
  facet_note(&b->s->counts.refused, (uint64_t)refused);
  facet_note(&b->s->counts.unanswered, !refused && !answered);
  if (!answered) return CLIO_OK;
  return b->s->form ? facet_read_all(b->s, b->call, job, values)
                    : facet_read_one(b->s, b->call, job, i, &values[i]);
}

/* A row is failed where nothing was answered and nothing refused. */
static clio_status batch_read(batch *b) {
  const clio_host *host = b->s->host;
  for (uint64_t row = 0; row < b->rows; row++) {
    ended e = {0, 0};
    if (b->outcome[row] == TRANSCRIPT_EMPTY) continue;
    if (b->outcome[row] == TRANSCRIPT_TOO_LONG) {
      CLIO_TRY(host->fail_row(b->call, row, CLIO_E_INPUT,
                              "the conversation cannot be cut to the length of 'transcript'"));
      continue;
    }
    for (uint64_t i = 0; i < b->jobs_per_row; i++) CLIO_TRY(batch_read_job(b, row, i, &e));
    if (e.answered == 0 && e.refused == 0)
      CLIO_TRY(host->fail_row(b->call, row, CLIO_E_INPUT, "the model gave no answer"));
  }
  return CLIO_OK;
}

static void write_column(const batch *b, clio_builder *out, uint64_t i) {
  const clio_host *host = b->s->host;
  facet f = facet_at(b->s->config, i);
  int is_number = facet_is(&f, "number");
  int32_t column = host->add(out, f.name, is_number ? CLIO_T_I64 : CLIO_T_UTF8, 0);
  int64_t *numbers = is_number ? host->data(out, column) : NULL;
  for (uint64_t row = 0; row < b->rows; row++) {
    const facet_value *v = &b->values[row * b->s->count + i];
    if (v->kind == VALUE_NUMBER && numbers)
      numbers[row] = v->number;
    else if (v->kind == VALUE_TEXT)
      clio_put_span(host, out, column, row, v->text);
    else
      clio_put_null(host, out, column, row);
  }
}

static clio_status facet_process(void *self, clio_call *call, uint32_t port, const clio_table *in) {
  facet_stage *s = self;
  batch b = {.s = s, .call = call};
  (void)port;
  CLIO_TRY(batch_open(&b, in));
  CLIO_TRY(facet_ask(s, call, in, b.jobs, b.outcome));
  CLIO_TRY(batch_ask(&b));
  CLIO_TRY(batch_read(&b));
  clio_builder *out = s->host->start(call, 0, in, NULL, b.rows);
  for (uint64_t i = 0; i < s->count; i++) write_column(&b, out, i);
  return s->host->emit(out);
}

/* What the operator is told: how many of what was not as it should be. */
static clio_status facet_finish(void *self, clio_call *call) {
  const facet_stage *s = self;
  const facet_counts *n = &s->counts;
  const struct {
    uint64_t count;
    const char *what;
  } all[] = {{n->refused, "questions refused"},
             {n->unanswered, "questions without an answer"},
             {n->illegal, "answers outside what is legal"},
             {n->shortened, "texts shortened"},
             {n->cut, "conversations cut in their middle to fit 'transcript'"},
             {n->empty, "conversations without a text"}};
  char text[400];
  size_t used = 0;
  for (size_t i = 0; i < sizeof all / sizeof *all; i++)
    if (all[i].count)
      used += (size_t)snprintf(text + used, sizeof text - used, ", %llu %s",
                               (unsigned long long)all[i].count, all[i].what);
  int bad = n->refused + n->unanswered + n->illegal > 0;
  if (used)
    clio_logf(s->host, call, bad ? CLIO_LOG_WARN : CLIO_LOG_INFO, "%llu questions%s",
              (unsigned long long)n->asked, text);
  return CLIO_OK;
}

/* ---- a stage's life ---- */

static void facet_destroy(void *self) {
  facet_stage *s = self;
  if (!s) return;
  for (uint64_t i = 0; i < FACETS_MAX; i++) free(s->forms[i]);
  free(s->form);
  free(s->beginning);
  free(s->languages);
  free(s);
}

/* The forms; 0 where there was no memory. */
static int make_forms(facet_stage *s) {
  if (facet_is_fused(s->config)) return (s->form = facet_form_of_all(s->config)) != NULL;
  for (uint64_t i = 0; i < s->count; i++) {
    facet f = facet_at(s->config, i);
    if (facet_is_plain(&f)) continue;
    s->forms[i] = facet_form_of_one(&f);
    if (!s->forms[i]) return 0;
  }
  return 1;
}

static clio_status facet_create(const clio_host *host, clio_call *call, const void *config,
                                void **ret_self) {
  const facet_config *c = config;
  facet_stage *s = calloc(1, sizeof *s);
  if (!s) return clio_nomem(host, call);
  *ret_self = s;
  s->host = host;
  s->config = c;
  s->count = facet_count(c);
  int64_t before = prompt_find(c->prompt, "questions");
  s->beginning = facet_copy(c->prompt, (size_t)before);
  s->ending = c->prompt + before;
  s->languages = malloc(sizeof *s->languages);
  if (!s->beginning || !s->languages || !make_forms(s)) return clio_nomem(host, call);
  languages_fill(s->languages);
  return CLIO_OK;
}

/* ---- descriptors ---- */

static const clio_column reads[] = {
    {.name = "role", .help = "of each message", .type = CLIO_T_LIST, .privacy = CLIO_P_RAW},
    {.name = "content", .help = "of each message", .type = CLIO_T_LIST, .privacy = CLIO_P_RAW}};
static const clio_port inputs[] = {{.name = "conversations",
                                    .help = "messages",
                                    .columns = CLIO_LIST(reads),
                                    .rows = CLIO_ROWS_CONVERSATION}};
static const clio_port outputs[] = {{.name = "conversations",
                                     .help = "the same with a column for each facet",
                                     .flags = CLIO_PORT_PASS,
                                     .rows = CLIO_ROWS_CONVERSATION}};

static const char *const types[] = {"text", "category", "number", "language", NULL};
static const clio_param facet_params[] = {
    CLIO_STR(facet, name, NULL, "the column's name: small letters, digits and '_'"),
    CLIO_STR(facet, question, NULL, "what is asked about each conversation"),
    CLIO_ENUM(facet, type, "\"text\"", types,
              "a text to cluster by; or to break down by: one of the choices, a whole number from "
              "min to max, the full name of a language"),
    CLIO_STRS(facet, choices, "[]", "of a category: the answers there are"),
    CLIO_INT(facet, min, "1", -1e9, 1e9, "of a number: the least"),
    CLIO_INT(facet, max, "5", -1e9, 1e9, "of a number: the greatest"),
    CLIO_STR(facet, prefill, "null",
             "of a text: how its answer begins where each facet is asked alone; it is taken off "
             "again"),
    CLIO_STR(facet, criteria, "null",
             "of a text: what names of its clusters should be like, besides what namer/llm and "
             "hierarchizer/llm ask of every name"),
    CLIO_BOOL(facet, sensitive, "false",
              "the gate also hides that all of a cluster's conversations share a value"),
};

static const char *const modes[] = {"fused", "single", NULL};
#define ASKING \
  CLIO_FLOAT(facet_config, temperature, "0.2", -1, 2, \
             "of the model; below 0: its own, where it takes none"), \
      CLIO_AUTO(facet_config, max_tokens, "\"auto\"", 16, 16384, \
                "most tokens of an answer; auto: by the facets that are asked for"), \
      CLIO_INT(facet_config, transcript, "8000", TRANSCRIPT_LEAST, 1000000, \
               "most tokens of a conversation; a longer one is cut in its middle, and says so"), \
      CLIO_INT(facet_config, max_chars, "300", 40, 4000, "longest text, in characters"), \
      CLIO_TEXT(facet_config, system, "\"@prompts/facets-system.txt\"", \
                "what the model is told beforehand"), \
      CLIO_TEXT(facet_config, prompt, "\"@prompts/facets.txt\"", \
                "the prompt; with {{conversation}}, {{questions}} and perhaps {{mark}}")
#define TEXT_PROMPT \
  CLIO_TEXT(facet_config, text_prompt, "\"@prompts/facet-text.txt\"", \
            "how a text is asked for; with {{question}}, perhaps {{name}}")

static const clio_param extractor_params[] = {
    CLIO_MODEL(facet_config, model, NULL, "the role of models that is asked"),
    CLIO_RECORDS(facet_config, facets, NULL, facet, facet_params,
                 "what is asked of each conversation: records, or files of records such as "
                 "\"@facets/concern.yaml\""),
    CLIO_ENUM(facet_config, mode, "\"fused\"", modes,
              "fused: one question for all facets of a conversation; single: one for each, which "
              "costs the conversation once more for each unless the provider's cache pays"),
    ASKING,
    TEXT_PROMPT,
    CLIO_TEXT(facet_config, category_prompt, "\"@prompts/facet-category.txt\"",
              "how a choice is asked for; with {{question}}, {{choices}}, perhaps {{name}}"),
    CLIO_TEXT(facet_config, number_prompt, "\"@prompts/facet-number.txt\"",
              "how a number is asked for; with {{question}}, {{min}}, {{max}}, perhaps {{name}}"),
    CLIO_TEXT(facet_config, language_prompt, "\"@prompts/facet-language.txt\"",
              "how a language is asked for; with {{question}}, perhaps {{name}}"),
};
static const clio_param summarizer_params[] = {
    CLIO_MODEL(facet_config, model, NULL, "the role of models that is asked"),
    CLIO_RECORDS(facet_config, facet, "[\"@facets/request.yaml\"]", facet, facet_params,
                 "what is asked of each conversation: one record of type text"),
    CLIO_STR(facet_config, name, "null", "the column to add; null: the facet's name"),
    CLIO_ENUM(facet_config, mode, "\"single\"", modes,
              "single: plain text after the facet's prefill; fused: a text in JSON"),
    ASKING,
    TEXT_PROMPT,
};

#define BOTH \
  .struct_size = sizeof(clio_stage), .threads = CLIO_PARALLEL, \
  .caps = CLIO_CAP_LLM | CLIO_CAP_DECLASSIFY, .inputs = CLIO_LIST(inputs), \
  .outputs = CLIO_LIST(outputs), .config_size = sizeof(facet_config), .plan = facet_plan, \
  .create = facet_create, .process = facet_process, .finish = facet_finish, \
  .destroy = facet_destroy

static const clio_stage extractor = {
    BOTH,
    .kind = "extractor",
    .name = "llm",
    .summary = "facets of conversations by a language model",
    .help =
        "Asks the role 'model' about each conversation and adds a column for each facet:\n\n"
        "facets: { use: extractor/llm, from: sample, model: small, facets: "
        "[\"@facets/request.yaml\", \"@facets/concern.yaml\", { name: tone, type: category, "
        "choices: [warm, neutral, cold], question: In what tone does the person write? }] }\n\n"
        "Texts are cut to two sentences and redacted; values that are not among the choices, out "
        "of range or no language are null, and counted. A conversation is data inside a fence "
        "that cannot be guessed; a long one is cut in its middle, which is said and counted. Where "
        "the model refuses, the cells are null and the manifest counts it; without any answer the "
        "row is counted as failed.",
    .params = CLIO_LIST(extractor_params),
};
static const clio_stage summarizer = {
    BOTH,
    .kind = "summarizer",
    .name = "llm",
    .summary = "what the person asked for, by a language model",
    .help = "Adds one text column, by default 'request', as extractor/llm does; stands where "
            "summarizer/extractive stood:\n\n"
            "request: { use: summarizer/llm, from: sample, model: small }",
    .params = CLIO_LIST(summarizer_params),
};
static const clio_stage *const stages[] = {&extractor, &summarizer, NULL};

CLIO_PLUGIN_DEFINE(extractor_llm) = {CLIO_PLUGIN_INIT,   .id = "clio.extractor.llm",
                                     .version = "0.1.0", .license = "Apache-2.0",
                                     .vendor = "Clio",   .stages = stages};
