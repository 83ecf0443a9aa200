/* llm.c - auditor/llm: a model rates every text that would be published by how few people
 * it could point to (Clio paper, appendix G.6). It fails closed: a text without a rating
 * that can be trusted is rated 1. Auditors by model were deceived before (arXiv 2603.09781);
 * the gate's own rules stand beside it. */
#include "answer.h"
#include "prompt.h"

typedef struct llm_config {
  const char *model, *prompt;
  int64_t together;
  double temperature;
} llm_config;

enum { LOWEST = 1, HIGHEST = 5, ANSWER_TOKENS = 120, REASON_BYTES = 300, NUMBERS = 900000 };

static const char answer_schema[] =
    "{\"type\":\"object\",\"properties\":{\"ratings\":{\"type\":\"array\",\"items\":{\"type\":"
    "\"object\",\"properties\":{\"number\":{\"type\":\"integer\"},\"reason\":{\"type\":"
    "\"string\"},\"rating\":{\"type\":\"integer\",\"minimum\":1,\"maximum\":5}},\"required\":"
    "[\"number\",\"reason\",\"rating\"],\"additionalProperties\":false}}},\"required\":"
    "[\"ratings\"],\"additionalProperties\":false}";
static const char no_rating[] = "the model gave no rating";

/* One text. Its number cannot be guessed from its place, so that an answer out of step is
 * seen to be. */
typedef struct rated {
  clio_span text;
  int64_t number, rating; /* rating 0: none yet */
  const char *reason;
} rated;

typedef struct audit {
  const clio_host *host;
  clio_call *call;
  const llm_config *config;
  const clio_llm *llm;
  rated *text;
  uint64_t texts;
} audit;

/* ---- questions ---- */

static int is_taken(rated *const *text, uint64_t count, int64_t number) {
  for (uint64_t i = 0; i < count; i++)
    if (text[i]->number == number) return 1;
  return 0;
}

static void put_numbers(audit *a, rated *const *text, uint64_t count) {
  for (uint64_t i = 0; i < count; i++) {
    uint64_t key = (uint64_t)(text[i] - a->text);
    int64_t number = (int64_t)(a->host->random(a->call, key) % NUMBERS) + NUMBERS / 9;
    while (is_taken(text, i, number)) number++;
    text[i]->number = number;
  }
}

static clio_status put_prompt(audit *a, rated *const *text, uint64_t count, const char **ret) {
  prompt_text fenced = prompt_begin(a->host, a->call), whole = prompt_begin(a->host, a->call);
  prompt_place place = {.name = "texts"};
  char mark[PROMPT_MARK];
  clio_span inside, prompt, *all = clio_scratch_array(a->host, a->call, count, sizeof *all);
  if (!all) return clio_nomem(a->host, a->call);
  for (uint64_t i = 0; i < count; i++) all[i] = text[i]->text;
  CLIO_TRY(prompt_mark(a->host, a->call, all, count, mark));
  for (uint64_t i = 0; i < count; i++) {
    prompt_text line = prompt_begin(a->host, a->call);
    prompt_data_line(&line, all[i]);
    CLIO_TRY(prompt_end(&line, &inside));
    prompt_say(&fenced, "Text %lld:\n", (long long)text[i]->number);
    prompt_fence(&fenced, "text", mark, inside);
    prompt_say(&fenced, "\n");
  }
  CLIO_TRY(prompt_end(&fenced, &place.text));
  prompt_render(&whole, a->config->prompt, &place, 1);
  CLIO_TRY(prompt_end(&whole, &prompt));
  *ret = prompt.s;
  return CLIO_OK;
}

/* ---- answers ---- */

/* The only entry of that number; NULL where there is none, or more than one. */
static json_object *find_entry(json_object *ratings, int64_t number) {
  json_object *found = NULL;
  size_t length = ratings ? json_object_array_length(ratings) : 0;
  for (size_t i = 0; i < length; i++) {
    json_object *entry = json_object_array_get_idx(ratings, i);
    json_object *at = answer_get(entry, "number", json_type_int);
    if (!at || json_object_get_int64(at) != number) continue;
    if (found) return NULL;
    found = entry;
  }
  return found;
}

static clio_status take_entry(audit *a, rated *text, json_object *entry) {
  json_object *said = answer_get(entry, "rating", json_type_int);
  int64_t rating = said ? json_object_get_int64(said) : 0;
  char *reason = NULL;
  if (rating < LOWEST || rating > HIGHEST) return CLIO_OK;
  CLIO_TRY(answer_text(a->host, a->call, entry, "reason", REASON_BYTES, &reason));
  text->rating = rating;
  text->reason = reason;
  return CLIO_OK;
}

/* Takes an answer only if it is about these texts and no others. */
static clio_status take_answer(audit *a, rated *const *text, uint64_t count,
                               const clio_llm_job *job) {
  json_object *answer = answer_object(job);
  json_object *ratings = answer_get(answer, "ratings", json_type_array);
  int whole = ratings && json_object_array_length(ratings) == count;
  clio_status status = CLIO_OK;
  for (uint64_t i = 0; i < count && whole && status == CLIO_OK; i++)
    status = take_entry(a, text[i], find_entry(ratings, text[i]->number));
  json_object_put(answer);
  return status;
}

/* Asks about all texts without a rating, so many in each question. */
static clio_status ask(audit *a, uint64_t together) {
  rated **open = clio_scratch_array(a->host, a->call, a->texts, sizeof *open);
  clio_llm_job *job = clio_scratch_array(a->host, a->call, a->texts, sizeof *job);
  uint64_t count = 0, jobs = 0;
  if (!open || !job) return clio_nomem(a->host, a->call);
  for (uint64_t i = 0; i < a->texts; i++)
    if (a->text[i].text.s && a->text[i].rating == 0) open[count++] = &a->text[i];
  for (uint64_t from = 0; from < count; from += together) {
    uint64_t n = count - from < together ? count - from : together;
    if (a->host->cancelled(a->call)) return CLIO_E_CANCELLED;
    put_numbers(a, open + from, n);
    job[jobs] = (clio_llm_job){.struct_size = sizeof *job,
                               .max_tokens = (uint32_t)n * ANSWER_TOKENS,
                               .schema = answer_schema,
                               .temperature = a->config->temperature};
    CLIO_TRY(put_prompt(a, open + from, n, &job[jobs].prompt));
    jobs++;
  }
  if (jobs == 0) return CLIO_OK;
  CLIO_TRY(a->llm->complete(a->call, a->config->model, job, jobs));
  for (uint64_t j = 0; j < jobs; j++) {
    uint64_t from = j * together, n = count - from < together ? count - from : together;
    CLIO_TRY(take_answer(a, open + from, n, &job[j]));
  }
  return CLIO_OK;
}

/* ---- the stage ---- */

static clio_status emit(audit *a, const clio_table *in) {
  clio_builder *b = a->host->start(a->call, 0, in, NULL, a->texts);
  int32_t reason = a->host->add(b, "reason", CLIO_T_UTF8, 0);
  int64_t *rating = a->host->data(b, a->host->add(b, "rating", CLIO_T_I64, 0));
  uint64_t open = 0;
  for (uint64_t i = 0; rating && i < a->texts; i++) {
    const rated *t = &a->text[i];
    int none = t->text.s && t->rating == 0;
    open += none ? 1 : 0;
    rating[i] = none ? LOWEST : t->text.s ? t->rating : HIGHEST;
    clio_put_text(a->host, b, reason, i, none ? no_rating : t->reason);
  }
  if (open)
    clio_logf(a->host, a->call, CLIO_LOG_WARN,
              "%llu of %llu texts got no rating and count as %d, the lowest",
              (unsigned long long)open, (unsigned long long)a->texts, LOWEST);
  return a->host->emit(b);
}

static clio_status llm_process(void *state, clio_call *call, uint32_t port, const clio_table *in) {
  const clio_self *s = state;
  audit a = {.host = s->host, .call = call, .config = s->config};
  clio_view texts;
  (void)port;
  a.llm = clio_need(s->host, call, CLIO_LLM_ID, sizeof *a.llm);
  if (!a.llm) return CLIO_E_UNSUPPORTED;
  CLIO_TRY(clio_get(s->host, call, in, "text", CLIO_T_UTF8, &texts));
  a.texts = texts.rows;
  a.text = clio_scratch_array(s->host, call, a.texts, sizeof *a.text);
  if (!a.text) return clio_nomem(s->host, call);
  for (uint64_t i = 0; i < a.texts; i++) a.text[i].text = clio_utf8(&texts, i);
  CLIO_TRY(ask(&a, (uint64_t)a.config->together));
  if (a.config->together > 1) CLIO_TRY(ask(&a, 1));
  return emit(&a, in);
}

static clio_status llm_plan(const clio_host *host, clio_plan *plan, const void *config) {
  const llm_config *c = config;
  static const char *const places[] = {"texts", NULL};
  return prompt_check(host, plan, "prompt", c->prompt, places);
}

static const clio_column reads[] = {{.name = "text",
                                     .help = "a string that would be published",
                                     .type = CLIO_T_UTF8,
                                     .privacy = CLIO_P_GROUPED}};
static const clio_port inputs[] = {{.name = "texts",
                                    .help = "every name, description and free value",
                                    .columns = CLIO_LIST(reads),
                                    .flags = CLIO_PORT_WHOLE,
                                    .rows = CLIO_ROWS_TEXT}};
static const clio_column adds[] = {{.name = "rating",
                                    .help = "1 one person or a few ... 5 general",
                                    .type = CLIO_T_I64,
                                    .privacy = CLIO_P_GROUPED},
                                   {.name = "reason",
                                    .help = "the model's, in a sentence",
                                    .type = CLIO_T_UTF8,
                                    .privacy = CLIO_P_GROUPED,
                                    .flags = CLIO_COL_NULLABLE | CLIO_COL_AUDIT}};
static const clio_port outputs[] = {{.name = "texts",
                                     .help = "the same, rated",
                                     .columns = CLIO_LIST(adds),
                                     .flags = CLIO_PORT_PASS,
                                     .rows = CLIO_ROWS_TEXT}};

static const clio_param params[] = {
    CLIO_MODEL(llm_config, model, NULL, "the role of models that rates"),
    CLIO_TEXT(llm_config, prompt, "\"@prompts/audit.txt\"",
              "the scale and the task, with the place {{texts}}"),
    CLIO_INT(llm_config, together, "1", 1, 50,
             "texts in one question; more cost less, but a text may sway the rating of another"),
    CLIO_FLOAT(llm_config, temperature, "0.05", 0, 2, "the model's temperature"),
};

static const clio_stage stage = {
    .struct_size = sizeof(clio_stage),
    .threads = CLIO_SERIAL,
    .caps = CLIO_CAP_LLM,
    .kind = "auditor",
    .name = "llm",
    .summary = "rates texts by a model's judgement of whom they could point to",
    .help = "Asks the role 'model' to rate every text from 1, a person or a few, over 2, an "
            "organisation or small community, 3, a few thousand people, and 4, somebody with much "
            "context, to 5, general. A text that gets no valid rating (refused, unanswered, "
            "another number) counts as 1, so the gate refuses it. Of several auditors the lowest "
            "rating counts: put auditor/rules before it.\n\n"
            "    rules: { use: auditor/rules, from: cells }\n"
            "    audit: { use: auditor/llm, from: rules, model: large }",
    .inputs = CLIO_LIST(inputs),
    .outputs = CLIO_LIST(outputs),
    .params = CLIO_LIST(params),
    .config_size = sizeof(llm_config),
    .plan = llm_plan,
    .create = clio_self_create,
    .process = llm_process,
    .destroy = clio_self_destroy,
};
static const clio_stage *const stages[] = {&stage, NULL};

extern CLIO_PLUGIN_DEFINE(auditor_llm);
CLIO_PLUGIN_DEFINE(auditor_llm) = {CLIO_PLUGIN_INIT,   .id = "clio.auditor.llm",
                                   .version = "0.1.0", .license = "Apache-2.0",
                                   .vendor = "Clio",   .stages = stages};
