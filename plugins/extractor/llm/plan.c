/* plan.c - extractor/llm, summarizer/llm: is what was declared a set of facets, and which
 * columns does it make? See facet.h. */
#include "facet.h"

enum { NUMBER_MOST = 1000000000, HELP_BYTES = 2048 };

static clio_records records_of(const facet_config *c) {
  return c->facets.count ? c->facets : c->facet;
}

uint64_t facet_count(const facet_config *c) { return records_of(c).count; }

facet facet_at(const facet_config *c, uint64_t i) {
  facet f = ((const facet *)records_of(c).items)[i];
  if (c->name) f.name = c->name;
  return f;
}

int facet_is(const facet *f, const char *type) { return strcmp(f->type, type) == 0; }

int facet_is_fused(const facet_config *c) { return strcmp(c->mode, "fused") == 0; }

int facet_is_plain(const facet *f) { return facet_is(f, "text") && f->prefill && f->prefill[0]; }

/* ---- checks ---- */

/* What one facet's checks need. */
typedef struct check {
  const clio_host *host;
  clio_plan *plan;
  const facet_config *config;
  const char *param; /* "facets" or "facet" */
} check;

static clio_status wrong(const check *c, const facet *f, const char *what) {
  return clio_plan_failf(c->host, c->plan, CLIO_E_CONFIG, "%s: '%.40s': %s", c->param, f->name,
                         what);
}

static int is_name(const char *name) {
  size_t n = strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789_");
  return n > 0 && n <= NAME_MAX_BYTES && !name[n] && name[0] >= 'a' && name[0] <= 'z';
}

static int is_line(const char *text, size_t most) {
  size_t n = strlen(text);
  for (size_t i = 0; i < n; i++)
    if ((unsigned char)text[i] < ' ' || text[i] == 0x7f) return 0;
  return n > 0 && n <= most && text[0] != ' ' && text[n - 1] != ' ';
}

static clio_status check_choices(const check *c, const facet *f) {
  uint64_t n = f->choices.count;
  if (!facet_is(f, "category"))
    return n ? wrong(c, f, "choices are for a facet of type category") : CLIO_OK;
  if (n < 2) return wrong(c, f, "a category wants two or more choices");
  if (n > CHOICES_MAX) return wrong(c, f, "more than 64 choices");
  for (uint64_t i = 0; i < n; i++) {
    if (!is_line(f->choices.items[i], CHOICE_MAX_BYTES))
      return wrong(c, f, "a choice is one line of 1 to 80 bytes");
    for (uint64_t k = 0; k < i; k++)
      if (strcmp(f->choices.items[i], f->choices.items[k]) == 0)
        return wrong(c, f, "a choice stands there twice");
  }
  return CLIO_OK;
}

static clio_status check_facet(const check *c, const facet *f) {
  if (!is_name(f->name))
    return wrong(c, f, "a name is of small letters, digits and '_', at most 40, a letter first");
  if (strspn(f->question, " \t\r\n") == strlen(f->question))
    return wrong(c, f, "the question is empty");
  if (facet_is(f, "number") && (f->min >= f->max || f->min < -NUMBER_MOST || f->max > NUMBER_MOST))
    return wrong(c, f, "a number wants a min below its max");
  if (f->prefill && !facet_is(f, "text")) return wrong(c, f, "a prefill is for a text");
  if (f->criteria && !facet_is(f, "text"))
    return wrong(c, f, "criteria are for a text, whose clusters get names");
  if (f->criteria && strlen(f->criteria) + sizeof PROMPT_NAMES > HELP_BYTES)
    return wrong(c, f, "criteria are longer than 2,000 bytes");
  return check_choices(c, f);
}

static clio_status check_facets(const check *c) {
  uint64_t n = facet_count(c->config);
  int one = c->config->facet.count > 0;
  if (n == 0 || n > FACETS_MAX || (one && n != 1))
    return clio_plan_failf(c->host, c->plan, CLIO_E_CONFIG,
                           one ? "%s: wants one facet" : "%s: wants 1 to 32 facets", c->param);
  for (uint64_t i = 0; i < n; i++) {
    facet f = facet_at(c->config, i);
    CLIO_TRY(check_facet(c, &f));
    if (one && !facet_is(&f, "text"))
      return wrong(c, &f, "a summary is a text; extractor/llm takes the others");
    for (uint64_t k = 0; k < i; k++)
      if (strcmp(facet_at(c->config, k).name, f.name) == 0)
        return wrong(c, &f, "two facets have this name");
  }
  return CLIO_OK;
}

static clio_status check_prompts(const check *c) {
  static const char *const places[] = {"conversation", "questions", "?mark", NULL};
  static const char *const text[] = {"question", "?name", NULL};
  static const char *const category[] = {"question", "choices", "?name", NULL};
  static const char *const number[] = {"question", "min", "max", "?name", NULL};
  const facet_config *f = c->config;
  const struct {
    const char *param, *template;
    const char *const *names;
  } all[] = {{"prompt", f->prompt, places},
             {"text_prompt", f->text_prompt, text},
             {"category_prompt", f->category_prompt, category},
             {"number_prompt", f->number_prompt, number},
             {"language_prompt", f->language_prompt, text}};
  for (size_t i = 0; i < sizeof all / sizeof *all; i++)
    if (all[i].template) /* of the stage that has it */
      CLIO_TRY(prompt_check(c->host, c->plan, all[i].param, all[i].template, all[i].names));
  return CLIO_OK;
}

/* ---- columns ---- */

static clio_status add_column(const check *c, const facet *f, const languages *l) {
  const char *choices[CHOICES_MAX + 1] = {NULL};
  int is_text = facet_is(f, "text");
  char help[HELP_BYTES];
  snprintf(help, sizeof help, PROMPT_NAMES "%s", f->criteria ? f->criteria : "");
  clio_column column = {.name = f->name,
                        .help = f->criteria ? help : f->question,
                        .type = facet_is(f, "number") ? CLIO_T_I64 : CLIO_T_UTF8,
                        .privacy = CLIO_P_DERIVED,
                        .flags = CLIO_COL_NULLABLE | (is_text ? 0 : CLIO_COL_FACET) |
                                 (f->sensitive ? CLIO_COL_SENSITIVE : 0)};
  for (uint64_t i = 0; i < f->choices.count; i++) choices[i] = f->choices.items[i];
  if (facet_is(f, "category")) column.choices = choices;
  if (facet_is(f, "language")) column.choices = l->name;
  return c->host->plan_output(c->plan, 0, &column);
}

clio_status facet_plan(const clio_host *host, clio_plan *plan, const void *config) {
  const facet_config *f = config;
  check c = {host, plan, f, f->facet.count ? "facet" : "facets"};
  CLIO_TRY(check_facets(&c));
  CLIO_TRY(check_prompts(&c));
  languages *l = calloc(1, sizeof *l);
  clio_status s =
      l ? CLIO_OK : host->plan_fail(plan, CLIO_E_NOMEM, "no memory for the list of languages");
  if (l) languages_fill(l);
  for (uint64_t i = 0; i < facet_count(f) && s == CLIO_OK; i++) {
    facet one = facet_at(f, i);
    s = add_column(&c, &one, l);
  }
  free(l);
  return s;
}
