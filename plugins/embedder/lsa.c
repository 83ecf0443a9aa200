/* lsa.c - embedder/lsa: latent semantic analysis of a text column, learnt from
 * the very texts it embeds. Words and runs of characters within words, weighted
 * by how rare they are, then the leading singular directions: texts that share
 * words, or words that keep the same company, lie close. Needs no model, no
 * network and no word list, and works for every script ICU can cut into words.
 * It does not know that two words mean the same unless these texts show it. */
#include "linalg.h"
#include "semantic.h"

typedef struct lsa_config {
  const char *column, *name;
  int64_t dim, words, ngrams, chars_from, chars_to, min_df, terms, oversample, iterations;
  double chars, max_df, rarity;
  int32_t function_words;
} lsa_config;

typedef struct lsa_self {
  const clio_host *host;
  const lsa_config *config;
} lsa_self;

static clio_status lsa_plan(const clio_host *host, clio_plan *plan, const void *config) {
  const lsa_config *c = config;
  const clio_column *text = clio_planned(host->plan_input(plan, 0), c->column);
  if (!text || text->type != CLIO_T_UTF8)
    return clio_plan_failf(host, plan, CLIO_E_CONFIG,
                           "column '%s' is not a text column; embed one, such as 'request'",
                           c->column);
  if (c->chars > 0 && c->chars_from > c->chars_to)
    return clio_plan_failf(host, plan, CLIO_E_CONFIG,
                           "chars_from is %lld, more than chars_to, which is %lld",
                           (long long)c->chars_from, (long long)c->chars_to);
  CLIO_TRY(host->plan_use(plan, 0, c->column));
  clio_column vector = {.name = c->name,
                        .help = "the text's place among the others, of length 1",
                        .type = CLIO_T_VEC,
                        .privacy = CLIO_P_INHERIT,
                        .dim = (uint32_t)c->dim,
                        .flags = CLIO_COL_NULLABLE,
                        .of = c->column};
  return host->plan_output(plan, 0, &vector);
}

static clio_status lsa_create(const clio_host *host, clio_call *call, const void *config,
                              void **ret_self) {
  lsa_self *self = calloc(1, sizeof *self);
  if (!self) return clio_nomem(host, call);
  *self = (lsa_self){.host = host, .config = config};
  linalg_init();
  *ret_self = self;
  return CLIO_OK;
}

static void lsa_destroy(void *self) { free(self); }

static terms_options lsa_terms(const lsa_config *c, uint64_t rows) {
  terms_options o = {.frame = !c->function_words,
                     .words = (uint32_t)c->words,
                     .ngrams = c->chars < 1 ? (uint32_t)c->ngrams : 0,
                     .chars_from = c->chars > 0 ? (uint32_t)c->chars_from : 0,
                     .chars_to = (uint32_t)c->chars_to,
                     .chars_weight = c->chars,
                     .min_df = c->min_df < 0 ? semantic_min_df(rows) : (uint32_t)c->min_df,
                     .max_df = c->max_df,
                     .rarity = c->rarity,
                     .most = (uint64_t)c->terms};
  return o;
}

/* Rows of unit length where there is a direction; the others become null. */
static clio_status lsa_emit(const work *w, const lsa_config *c, const clio_table *in,
                            const float *us, uint32_t rank) {
  const clio_host *host = w->host;
  uint64_t rows = host->rows(in), dim = (uint64_t)c->dim;
  clio_builder *b = host->start(w->call, 0, in, NULL, rows);
  int32_t column = host->add(b, c->name, CLIO_T_VEC, (uint32_t)dim);
  float *vector = host->data(b, column);
  for (uint64_t row = 0; vector && row < rows; row++) {
    const float *from = us + row * rank;
    float scale = linalg_inverse_norm(from, rank);
    if (scale <= 0) host->put(b, column, row, NULL, -1);
    for (uint32_t i = 0; scale > 0 && i < rank; i++) vector[row * dim + i] = from[i] * scale;
  }
  return host->emit(b);
}

static clio_status lsa_process(void *self, clio_call *call, uint32_t port, const clio_table *in) {
  (void)port;
  const lsa_self *s = self;
  const lsa_config *c = s->config;
  work w;
  clio_view texts;
  svd_options o = {.dim = semantic_rank(s->host->rows(in), (uint32_t)c->dim),
                   .oversample = (uint32_t)c->oversample,
                   .iterations = (uint32_t)c->iterations};
  float *us = NULL;
  const clio_text *text =
      clio_need(s->host, call, CLIO_TEXT_ID, offsetof(clio_text, frame) + sizeof text->frame);
  if (!text) return CLIO_E_UNSUPPORTED;
  CLIO_TRY(clio_get(s->host, call, in, c->column, CLIO_T_UTF8, &texts));
  work_init(&w, s->host, call);
  terms_options terms = lsa_terms(c, texts.rows);
  CLIO_TRY(semantic_vectors(&w, text, &texts, &terms, &o, &us));
  return lsa_emit(&w, c, in, us, o.dim);
}

static const clio_port lsa_inputs[] = {{.name = "conversations",
                                        .help = "all rows, with the text column",
                                        .flags = CLIO_PORT_WHOLE,
                                        .rows = CLIO_ROWS_CONVERSATION}};
static const clio_port lsa_outputs[] = {{.name = "conversations",
                                         .help = "the same rows with their vectors",
                                         .flags = CLIO_PORT_PASS,
                                         .rows = CLIO_ROWS_CONVERSATION}};
static const clio_param lsa_params[] = {
    CLIO_COLUMN(lsa_config, column, "\"request\"", "text column to embed"),
    CLIO_STR(lsa_config, name, "\"vector\"", "the column to add"),
    CLIO_INT(lsa_config, dim, "128", 2, 1024,
             "numbers in a vector; one for 16 texts are used, at least 16, the rest stay 0"),
    CLIO_FLOAT(lsa_config, chars, "0.5", 0, 1,
               "share of runs of characters in a text's weight; 0: words only, 1: no words"),
    CLIO_INT(lsa_config, chars_from, "3", 1, 10, "characters in the shortest run"),
    CLIO_INT(lsa_config, chars_to, "5", 1, 10, "characters in the longest run"),
    CLIO_INT(lsa_config, ngrams, "1", 1, 4, "words in the longest run of words"),
    CLIO_AUTO(
        lsa_config, min_df, "\"auto\"", 1, 1000000,
        "texts a term must be in to count; auto: 5, or 2 of fewer than 500, 1 of fewer than 100"),
    CLIO_FLOAT(lsa_config, max_df, "1", 0.0001, 1,
               "share of the texts past which a term counts for nothing"),
    CLIO_BOOL(lsa_config, function_words, "false",
              "count words like 'how' and 'the' too; then phrasing weighs as much as content"),
    CLIO_FLOAT(lsa_config, rarity, "0.5", 0, 4, "how strongly rare terms outweigh common ones"),
    CLIO_INT(lsa_config, words, "300", 1, 100000, "words of a text that are read, from its start"),
    CLIO_INT(lsa_config, terms, "200000", 100, 4000000,
             "terms kept at most; past that min_df rises"),
    CLIO_INT(lsa_config, oversample, "16", 0, 512, "directions sketched beyond dim"),
    CLIO_INT(lsa_config, iterations, "3", 0, 20, "power iterations; more are more exact"),
};
static const clio_stage lsa_stage = {
    .struct_size = sizeof(clio_stage),
    .threads = CLIO_SERIAL,
    .kind = "embedder",
    .name = "lsa",
    .summary = "latent semantic analysis, learnt from the texts themselves; offline",
    .help = "Cuts each text into words (ICU, every script) and folds them, adds runs of\n"
            "characters within words, weighs them by (1 + ln count) and rarity, and keeps the\n"
            "leading singular directions (randomized SVD: Halko, Martinsson and Tropp 2011).\n"
            "Vectors have length 1; a text that is null or shares no term with another has none.\n"
            "The same texts and seed give the same vectors, whatever the number of threads.",
    .inputs = CLIO_LIST(lsa_inputs),
    .outputs = CLIO_LIST(lsa_outputs),
    .params = CLIO_LIST(lsa_params),
    .config_size = sizeof(lsa_config),
    .plan = lsa_plan,
    .create = lsa_create,
    .process = lsa_process,
    .destroy = lsa_destroy,
};
static const clio_stage *const lsa_stages[] = {&lsa_stage, NULL};
extern CLIO_PLUGIN_DEFINE(embedder_lsa);
CLIO_PLUGIN_DEFINE(embedder_lsa) = {CLIO_PLUGIN_INIT,   .id = "clio.embedder.lsa",
                                    .version = "0.1.0", .license = "Apache-2.0",
                                    .vendor = "Clio",   .stages = lsa_stages};
