/* ask.c - the questions about a batch of conversations; see facet.h. The conversation stands
 * before the questions, so that several about one conversation share their beginning. */
#include "facet.h"
#include "transcript.h"

/* Tokens of an answer: of its frame, of a text, of what is chosen or counted. */
enum { FRAME_TOKENS = 40, TEXT_TOKENS = 120, VALUE_TOKENS = 24 };

static clio_span span_of(const char *s) { return clio_span_of(s, (int64_t)strlen(s)); }

/* ---- one question ---- */

static clio_status choices_of(facet_stage *s, clio_call *call, const facet *f, clio_span *ret) {
  prompt_text t = prompt_begin(s->host, call);
  for (uint64_t i = 0; i < f->choices.count; i++) {
    prompt_say(&t, i ? ", \"" : "\"");
    prompt_put(&t, span_of(f->choices.items[i]));
    prompt_say(&t, "\"");
  }
  return prompt_end(&t, ret);
}

static const char *template_of(const facet_config *c, const facet *f) {
  if (facet_is(f, "category")) return c->category_prompt;
  if (facet_is(f, "number")) return c->number_prompt;
  return facet_is(f, "language") ? c->language_prompt : c->text_prompt;
}

static clio_status put_question(facet_stage *s, clio_call *call, const facet *f, prompt_text *to) {
  char min[24], max[24];
  clio_span choices;
  CLIO_TRY(choices_of(s, call, f, &choices));
  snprintf(min, sizeof min, "%lld", (long long)f->min);
  snprintf(max, sizeof max, "%lld", (long long)f->max);
  const prompt_place places[] = {{"name", span_of(f->name)},
                                 {"question", span_of(f->question)},
                                 {"choices", choices},
                                 {"min", span_of(min)},
                                 {"max", span_of(max)}};
  prompt_render(to, template_of(s->config, f), places, sizeof places / sizeof *places);
  return CLIO_OK;
}

/* The questions on the facets [from, to). */
static clio_status questions_of(facet_stage *s, clio_call *call, uint64_t from, uint64_t to,
                                clio_span *ret) {
  prompt_text t = prompt_begin(s->host, call);
  for (uint64_t i = from; i < to; i++) {
    facet f = facet_at(s->config, i);
    if (i > from) prompt_say(&t, "\n");
    CLIO_TRY(put_question(s, call, &f, &t));
  }
  return prompt_end(&t, ret);
}

/* ---- jobs ---- */

/* What the jobs of a batch are made of. */
typedef struct asker {
  facet_stage *s;
  clio_call *call;
  clio_span questions[FACETS_MAX]; /* of each job of a row */
  uint64_t jobs_per_row;
} asker;

static uint32_t max_tokens_of(const facet_stage *s, uint64_t from, uint64_t to) {
  int64_t tokens = FRAME_TOKENS;
  if (s->config->max_tokens > 0) return (uint32_t)s->config->max_tokens;
  for (uint64_t i = from; i < to; i++) {
    facet f = facet_at(s->config, i);
    tokens += facet_is(&f, "text") ? TEXT_TOKENS : VALUE_TOKENS;
  }
  return (uint32_t)tokens;
}

/* The i-th job about a conversation, whose fence is made. */
static clio_status make_job(asker *a, uint64_t i, clio_span fenced, const char *mark,
                            clio_llm_job *job) {
  facet_stage *s = a->s;
  int fused = s->form != NULL;
  facet f = facet_at(s->config, i);
  const prompt_place places[] = {
      {"conversation", fenced}, {"mark", span_of(mark)}, {"questions", a->questions[i]}};
  prompt_text t = prompt_begin(s->host, a->call);
  clio_span prompt;
  prompt_render(&t, s->beginning, places, 3);
  uint64_t shared = fused ? 0 : (uint64_t)t.len;
  prompt_render(&t, s->ending, places, 3);
  CLIO_TRY(prompt_end(&t, &prompt));
  *job = (clio_llm_job){.struct_size = sizeof *job,
                        .max_tokens =
                            fused ? max_tokens_of(s, 0, s->count) : max_tokens_of(s, i, i + 1),
                        .system = s->config->system,
                        .prompt = prompt.s,
                        .schema = fused ? s->form : s->forms[i],
                        .shared = shared,
                        .temperature = s->config->temperature};
  if (!job->schema) job->prefill = f.prefill;
  return CLIO_OK;
}

static clio_status make_jobs(asker *a, const transcript *talk, clio_llm_job *jobs) {
  facet_stage *s = a->s;
  char mark[PROMPT_MARK];
  clio_span fenced;
  CLIO_TRY(prompt_mark(s->host, a->call, &talk->text, 1, mark));
  prompt_text t = prompt_begin(s->host, a->call);
  prompt_fence(&t, "conversation", mark, talk->text);
  CLIO_TRY(prompt_end(&t, &fenced));
  for (uint64_t i = 0; i < a->jobs_per_row; i++) CLIO_TRY(make_job(a, i, fenced, mark, &jobs[i]));
  return CLIO_OK;
}

static clio_status prepare(asker *a) {
  facet_stage *s = a->s;
  if (s->form) return questions_of(s, a->call, 0, s->count, &a->questions[0]);
  for (uint64_t i = 0; i < s->count; i++)
    CLIO_TRY(questions_of(s, a->call, i, i + 1, &a->questions[i]));
  return CLIO_OK;
}

clio_status facet_ask(facet_stage *s, clio_call *call, const clio_table *in, clio_llm_job *jobs,
                      uint32_t *ret_outcome) {
  asker a = {.s = s, .call = call, .jobs_per_row = s->form ? 1 : s->count};
  clio_view role, content;
  CLIO_TRY(clio_get(s->host, call, in, "role", CLIO_T_LIST, &role));
  CLIO_TRY(clio_get(s->host, call, in, "content", CLIO_T_LIST, &content));
  CLIO_TRY(prepare(&a));
  for (uint64_t row = 0; row < content.rows; row++) {
    transcript talk;
    if (s->host->cancelled(call)) return CLIO_E_CANCELLED;
    CLIO_TRY(transcript_make(s->host, call, &role, &content, row, s->config->transcript, &talk));
    ret_outcome[row] = talk.outcome;
    facet_note(&s->counts.cut, talk.outcome == TRANSCRIPT_CUT);
    facet_note(&s->counts.empty, talk.outcome == TRANSCRIPT_EMPTY);
    if (talk.text.s) CLIO_TRY(make_jobs(&a, &talk, jobs + row * a.jobs_per_row));
  }
  return CLIO_OK;
}
