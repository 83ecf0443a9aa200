/* blend.c - embedder/blend: the encoder's vectors, which know meaning, beside
 * latent semantic ones, which know this collection's words. Either alone loses
 * what the other sees: the encoder takes rare words and names for one another,
 * the words alone know no synonyms. */
#include <math.h>
#include <stdbool.h>

#include "linalg.h"
#include "semantic.h"
#include "use.h"
#include "vectors.h"

typedef struct blend_config {
  const char *column, *name, *language;
  int64_t dim, ngrams, block;
  double words, words_other, chars;
} blend_config;

typedef struct blend_self {
  const clio_host *host;
  const blend_config *config;
  vectors v;
} blend_self;

enum { BLEND_RUN = 1024 }; /* rows that one thread takes at a time */

static clio_status blend_plan(const clio_host *host, clio_plan *plan, const void *config) {
  const blend_config *c = config;
  const clio_column *language = clio_planned(host->plan_input(plan, 0), c->language);
  if (language && language->type == CLIO_T_UTF8) CLIO_TRY(host->plan_use(plan, 0, c->language));
  return vectors_plan(host, plan, c->column, c->name, MODEL_DIM + (uint32_t)c->dim);
}

static clio_status blend_create(const clio_host *host, clio_call *call, const void *config,
                                void **ret_self) {
  blend_self *self = calloc(1, sizeof *self);
  *ret_self = self;
  if (!self) return clio_nomem(host, call);
  *self = (blend_self){.host = host, .config = config};
  return vectors_open(host, call, self->config->block, &self->v);
}

static void blend_destroy(void *self) {
  blend_self *s = self;
  if (s) vectors_close(&s->v);
  free(s);
}

/* ---- the encoder's half ---- */

typedef struct blend_meaning {
  const vectors *v;
  const work *w;
  const clio_view *texts;
  float *out;
  uint32_t *tokens;
} blend_meaning;

static clio_status blend_encode(void *ctx, uint64_t block) {
  const blend_meaning *m = ctx;
  uint64_t from, to;
  work_block(m->texts->rows, BLEND_RUN, block, &from, &to);
  return vectors_fill(m->v, m->w->host, m->w->call, m->texts, from, to, m->out + from * MODEL_DIM,
                      MODEL_DIM, m->tokens + from);
}

/* Vectors of all rows; a text without tokens has a row of zeros. */
static clio_status blend_meanings(const blend_self *s, const work *w, const clio_view *texts,
                                  float **ret) {
  blend_meaning m = {.v = &s->v, .w = w, .texts = texts};
  m.out = *ret = work_alloc(w, texts->rows, MODEL_DIM * sizeof *m.out);
  m.tokens = work_alloc(w, texts->rows, sizeof *m.tokens);
  if (!m.out || !m.tokens) return work_nomem(w, "the vectors");
  return work_each(w, work_blocks(texts->rows, BLEND_RUN), blend_encode, &m);
}

/* ---- the words' half ---- */

static clio_status blend_words(const blend_self *s, const work *w, const clio_view *texts,
                               uint32_t rank, float **ret) {
  const blend_config *c = s->config;
  const clio_text *text =
      clio_need(s->host, w->call, CLIO_TEXT_ID, offsetof(clio_text, frame) + sizeof text->frame);
  if (!text) return CLIO_E_UNSUPPORTED;
  terms_options terms = {.frame = 1,
                         .words = 300,
                         .ngrams = (uint32_t)c->ngrams,
                         .chars_from = c->chars > 0 ? 3 : 0,
                         .chars_to = 5,
                         .chars_weight = c->chars,
                         .min_df = semantic_min_df(texts->rows),
                         .max_df = 1,
                         .rarity = 0.5,
                         .most = 200000};
  svd_options svd = {.dim = rank, .oversample = 16, .iterations = 3};
  return semantic_vectors(w, text, texts, &terms, &svd, ret);
}

/* ---- together ---- */

typedef struct blend_parts {
  const float *meaning, *words; /* rows x MODEL_DIM, rows x rank */
  uint32_t rank, dim;
  clio_view language; /* no rows: there is no such column */
} blend_parts;

static double blend_share(const blend_config *c, const blend_parts *p, uint64_t row) {
  clio_span language = clio_span_of(NULL, 0);
  if (p->language.rows) language = clio_utf8(&p->language, row);
  bool other = language.s && !clio_span_is(language, "en") && !clio_span_is(language, "English");
  return other ? c->words_other : c->words;
}

/* Each half of length 1, then the root of its share of the squared length; a half that is missing
 * leaves its share to the other. False: both are missing. */
static bool blend_row(const blend_config *c, const blend_parts *p, uint64_t row, float *to) {
  const float *meaning = p->meaning + row * MODEL_DIM, *words = p->words + row * p->rank;
  float a = linalg_inverse_norm(meaning, MODEL_DIM), b = linalg_inverse_norm(words, p->rank);
  double share = a > 0 ? b > 0 ? blend_share(c, p, row) : 0 : 1;
  a *= (float)sqrt(1 - share);
  b *= (float)sqrt(share);
  for (uint32_t i = 0; i < MODEL_DIM; i++) to[i] = meaning[i] * a;
  for (uint32_t i = 0; i < p->rank; i++) to[MODEL_DIM + i] = words[i] * b;
  return a > 0 || b > 0;
}

static clio_status blend_emit(const work *w, const blend_config *c, const blend_parts *p,
                              const clio_table *in) {
  const clio_host *host = w->host;
  uint64_t rows = host->rows(in);
  clio_builder *b = host->start(w->call, 0, in, NULL, rows);
  int32_t column = host->add(b, c->name, CLIO_T_VEC, p->dim);
  float *vector = host->data(b, column);
  for (uint64_t row = 0; vector && row < rows; row++)
    if (!blend_row(c, p, row, vector + row * p->dim)) clio_put_null(host, b, column, row);
  return host->emit(b);
}

static clio_status blend_process(void *self, clio_call *call, uint32_t port, const clio_table *in) {
  (void)port;
  const blend_self *s = self;
  work w;
  clio_view texts;
  float *meaning = NULL, *words = NULL;
  CLIO_TRY(clio_get(s->host, call, in, s->config->column, CLIO_T_UTF8, &texts));
  work_init(&w, s->host, call);
  blend_parts p = {.rank = semantic_rank(texts.rows, (uint32_t)s->config->dim),
                   .dim = MODEL_DIM + (uint32_t)s->config->dim};
  CLIO_TRY(blend_meanings(s, &w, &texts, &meaning));
  CLIO_TRY(blend_words(s, &w, &texts, p.rank, &words));
  p.meaning = meaning;
  p.words = words;
  clio_look(s->host, in, s->config->language, CLIO_T_UTF8, &p.language);
  return blend_emit(&w, s->config, &p, in);
}

static const clio_port blend_inputs[] = {{.name = "conversations",
                                          .help = "all rows, with the text column",
                                          .flags = CLIO_PORT_WHOLE,
                                          .rows = CLIO_ROWS_CONVERSATION}};
static const clio_port blend_outputs[] = {{.name = "conversations",
                                           .help = "the same rows with their vectors",
                                           .flags = CLIO_PORT_PASS,
                                           .rows = CLIO_ROWS_CONVERSATION}};
static const clio_asset_file blend_assets[] = {VECTORS_ASSET};
static const clio_param blend_params[] = {
    CLIO_COLUMN(blend_config, column, "\"request\"", "text column to embed"),
    CLIO_STR(blend_config, name, "\"vector\"", "the column to add"),
    CLIO_FLOAT(blend_config, words, "0.2", 0, 1,
               "share of the words in a vector's squared length; 0: the encoder alone"),
    CLIO_STR(blend_config, language, "\"language\"",
             "column that tells a text's language, where there is one; null counts as English"),
    CLIO_FLOAT(blend_config, words_other, "0.8", 0, 1,
               "the same for texts not in English ('en', 'English')"),
    CLIO_INT(blend_config, dim, "256", 2, 1024, "numbers for the words"),
    CLIO_INT(blend_config, ngrams, "1", 1, 4, "words in the longest run of words"),
    CLIO_FLOAT(blend_config, chars, "0.5", 0, 1, "share of runs of characters among the words"),
    VECTORS_BLOCK(blend_config),
};
const clio_stage blend_stage = {
    .struct_size = sizeof(clio_stage),
    .threads = CLIO_SERIAL,
    .kind = "embedder",
    .name = "blend",
    .summary = "embedder/use and latent semantic analysis side by side; offline",
    .help = VECTORS_HELP
    "\n\nThese vectors stand beside those of embedder/lsa, which learns from these very texts, "
    "each\n"
    "half with its share of the squared length. A text that only one half knows has that alone.\n"
    "Takes 3 KiB of memory a row beside the vectors.",
    .inputs = CLIO_LIST(blend_inputs),
    .outputs = CLIO_LIST(blend_outputs),
    .params = CLIO_LIST(blend_params),
    .config_size = sizeof(blend_config),
    .plan = blend_plan,
    .create = blend_create,
    .process = blend_process,
    .destroy = blend_destroy,
    .assets = CLIO_LIST(blend_assets),
};
