/* random.c - sampler/random: which conversations are used. It never sees text:
 * only account, time, number of outputs and simhash of every row. What is drawn
 * depends on those of each row and the seed, not on the order of rows.
 *
 * Strategy `conversations` draws conversations, each with the same chance.
 * Strategy `outputs` draws answers of the model and keeps the conversations
 * they stand in, each up to its last drawn answer: long conversations come more
 * often (Clio, arXiv 2412.13678, section 2.1). */
#include "repeats.h"

typedef struct random_config {
  int64_t size;
  const char *strategy;
  int64_t account_cap;
  const char *repeats;
  int64_t repeat_bits;
} random_config;

typedef struct sampler {
  const clio_host *host;
  const random_config *config;
} sampler;

/* What is known of the rows, and what is decided about them. */
typedef struct draw {
  const clio_host *host;
  clio_call *call;
  uint64_t n;
  clio_view account, time, outputs, simhash;
  sample_row *rows; /* in row order */
  int64_t *upto;    /* answers kept, 0: the row is not used */
} draw;

static uint64_t mix(uint64_t x) { /* the finalizer of SplitMix64 */
  x += 0x9e3779b97f4a7c15u;
  x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9u;
  x = (x ^ x >> 27) * 0x94d049bb133111ebu;
  return x ^ x >> 31;
}

static int draws_outputs(const random_config *c) { return strcmp(c->strategy, "outputs") == 0; }

/* ---- a random number for each row ---- */

static int by_content(const void *a, const void *b) {
  const sample_row *x = a, *y = b;
  if (x->random != y->random) return x->random < y->random ? -1 : 1;
  if (x->account != y->account) return x->account < y->account ? -1 : 1;
  return x->row < y->row ? -1 : x->row > y->row;
}

static int by_row(const void *a, const void *b) {
  const sample_row *x = a, *y = b;
  return x->row < y->row ? -1 : x->row > y->row;
}

/* Rows that look the same are told apart by their rank among themselves. */
static void number_rows(const draw *d) {
  for (uint64_t i = 0; i < d->n; i++) {
    sample_row *r = &d->rows[i];
    uint64_t time = (uint64_t)clio_i64(&d->time, i), outputs = (uint64_t)clio_i64(&d->outputs, i);
    r->row = i;
    r->account = clio_i64(&d->account, i);
    r->has_account = clio_valid(&d->account, i);
    r->simhash = (uint64_t)clio_i64(&d->simhash, i);
    r->random = mix(mix(mix(time) ^ r->simhash) ^ outputs);
  }
  qsort(d->rows, d->n, sizeof *d->rows, by_content);
  uint64_t rank = 0, last = 0;
  for (uint64_t i = 0; i < d->n; i++) {
    uint64_t look = d->rows[i].random;
    rank = i && look == last ? rank + 1 : 0;
    last = look;
    d->rows[i].random = d->host->random(d->call, look + mix(rank));
  }
}

/* ---- limits within one account ---- */

static int by_account(const void *a, const void *b) {
  const sample_row *x = a, *y = b;
  if (x->has_account != y->has_account) return x->has_account ? -1 : 1;
  if (x->account != y->account) return x->account < y->account ? -1 : 1;
  if (x->random != y->random) return x->random < y->random ? -1 : 1;
  return x->row < y->row ? -1 : x->row > y->row;
}

/* Of one account's rows, in random order: the first of each group of repeats,
 * then the first `cap` of those. */
static clio_status limit_account(const draw *d, const random_config *c, repeats_space *space,
                                 sample_row *rows, uint64_t n) {
  if (strcmp(c->repeats, "drop") == 0) CLIO_TRY(repeats_drop(d->host, d->call, space, rows, n));
  int64_t left = c->account_cap;
  for (uint64_t i = 0; i < n && c->account_cap > 0; i++) {
    if (rows[i].dropped) continue;
    rows[i].dropped = left <= 0;
    left--;
  }
  return CLIO_OK;
}

/* Rows without an account are nobody's repeats and under nobody's cap. */
static clio_status limit_accounts(const draw *d, const random_config *c) {
  if (c->account_cap == 0 && strcmp(c->repeats, "keep") == 0) return CLIO_OK;
  qsort(d->rows, d->n, sizeof *d->rows, by_account);
  repeats_space space = {.most = d->n, .bits = (unsigned)c->repeat_bits};
  uint64_t end;
  for (uint64_t i = 0; i < d->n && d->rows[i].has_account; i = end) {
    for (end = i + 1; end < d->n && d->rows[end].has_account; end++)
      if (d->rows[end].account != d->rows[i].account) break;
    if (d->host->cancelled(d->call)) return CLIO_E_CANCELLED;
    CLIO_TRY(limit_account(d, c, &space, d->rows + i, end - i));
  }
  return CLIO_OK;
}

/* ---- drawing ---- */

/* How many units a row puts into the draw, and the random number of each. */
static int64_t units_of(const draw *d, const random_config *c, const sample_row *r) {
  if (r->dropped) return 0;
  return draws_outputs(c) ? clio_i64(&d->outputs, r->row) : 1;
}

static uint64_t unit_random(const sample_row *r, int64_t unit) {
  return mix(r->random ^ mix((uint64_t)unit));
}

static int by_value(const void *a, const void *b) {
  const uint64_t *x = a, *y = b;
  return *x < *y ? -1 : *x > *y;
}

/* The largest random number still drawn. Two units with equal ones, which 64
 * bits make unlikely, are both drawn. */
static clio_status find_limit(const draw *d, const random_config *c, uint64_t *ret_limit) {
  uint64_t total = 0, at = 0;
  *ret_limit = UINT64_MAX;
  for (uint64_t i = 0; i < d->n; i++) total += (uint64_t)units_of(d, c, &d->rows[i]);
  if (c->size < 0 || (uint64_t)c->size >= total) return CLIO_OK;
  uint64_t *values = clio_scratch_array(d->host, d->call, total, sizeof *values);
  if (!values) return clio_nomem(d->host, d->call);
  for (uint64_t i = 0; i < d->n; i++)
    for (int64_t u = 0; u < units_of(d, c, &d->rows[i]); u++)
      values[at++] = unit_random(&d->rows[i], u);
  qsort(values, total, sizeof *values, by_value);
  *ret_limit = values[c->size - 1];
  return CLIO_OK;
}

static clio_status draw_units(draw *d, const random_config *c) {
  uint64_t limit;
  CLIO_TRY(find_limit(d, c, &limit));
  for (uint64_t i = 0; i < d->n; i++) {
    const sample_row *r = &d->rows[i];
    for (int64_t u = units_of(d, c, r); u > 0 && d->upto[r->row] == 0; u--)
      if (unit_random(r, u - 1) <= limit) d->upto[r->row] = u;
  }
  return CLIO_OK;
}

/* ---- the stage ---- */

static clio_status emit(const draw *d, const random_config *c, const clio_table *in) {
  uint64_t used = 0;
  uint64_t *pick = clio_scratch_array(d->host, d->call, d->n, sizeof *pick);
  if (!pick) return clio_nomem(d->host, d->call);
  for (uint64_t i = 0; i < d->n; i++)
    if (d->upto[i] > 0) pick[used++] = i;
  clio_builder *out = d->host->start(d->call, 0, in, pick, used);
  if (draws_outputs(c)) {
    int64_t *upto = d->host->data(out, d->host->add(out, "upto", CLIO_T_I64, 0));
    for (uint64_t i = 0; upto && i < used; i++) upto[i] = d->upto[pick[i]];
  }
  return d->host->emit(out);
}

static clio_status random_process(void *self, clio_call *call, uint32_t port,
                                  const clio_table *in) {
  const sampler *s = self;
  draw d = {.host = s->host, .call = call, .n = s->host->rows(in)};
  (void)port;
  CLIO_TRY(clio_get(d.host, call, in, "account", CLIO_T_I64, &d.account));
  CLIO_TRY(clio_get(d.host, call, in, "time", CLIO_T_TIME, &d.time));
  CLIO_TRY(clio_get(d.host, call, in, "outputs", CLIO_T_I64, &d.outputs));
  CLIO_TRY(clio_get(d.host, call, in, "simhash", CLIO_T_I64, &d.simhash));
  d.rows = clio_scratch_array(d.host, call, d.n, sizeof *d.rows);
  d.upto = clio_scratch_array(d.host, call, d.n, sizeof *d.upto);
  if (!d.rows || !d.upto) return clio_nomem(d.host, call);
  number_rows(&d);
  CLIO_TRY(limit_accounts(&d, s->config));
  qsort(d.rows, d.n, sizeof *d.rows, by_row);
  CLIO_TRY(draw_units(&d, s->config));
  return emit(&d, s->config, in);
}

static clio_status random_plan(const clio_host *host, clio_plan *plan, const void *config) {
  static const clio_column upto = {
      .name = "upto",
      .help = "the transcript is kept up to this answer of the model, counted from 1",
      .type = CLIO_T_I64,
      .privacy = CLIO_P_DERIVED};
  return draws_outputs(config) ? host->plan_output(plan, 0, &upto) : CLIO_OK;
}

static clio_status random_create(const clio_host *host, clio_call *call, const void *config,
                                 void **ret_self) {
  sampler *s = calloc(1, sizeof *s);
  if (!s) return clio_nomem(host, call);
  s->host = host;
  s->config = config;
  *ret_self = s;
  return CLIO_OK;
}

#define DERIVED(n, t, f, h) \
  { .name = (n), .help = (h), .type = (t), .privacy = CLIO_P_DERIVED, .flags = (f) }
static const clio_column columns[] = {
    DERIVED("account", CLIO_T_I64, CLIO_COL_NULLABLE, "pseudonym of the account"),
    DERIVED("time", CLIO_T_TIME, CLIO_COL_NULLABLE, "when the conversation began"),
    DERIVED("outputs", CLIO_T_I64, 0, "answers of the model"),
    DERIVED("simhash", CLIO_T_I64, 0, "64-bit simhash of the text"),
};
static const clio_port inputs[] = {{.name = "conversations",
                                    .help = "fixed-width columns of every conversation",
                                    .columns = CLIO_LIST(columns),
                                    .flags = CLIO_PORT_WHOLE,
                                    .rows = CLIO_ROWS_CONVERSATION}};
static const clio_port outputs[] = {{.name = "sample",
                                     .help = "the conversations that are used",
                                     .flags = CLIO_PORT_PASS,
                                     .rows = CLIO_ROWS_CONVERSATION}};

static const char *const strategies[] = {"conversations", "outputs", NULL};
static const char *const repeats[] = {"keep", "drop", NULL};
static const clio_param params[] = {
    CLIO_AUTO(random_config, size, "\"auto\"", 1, 1e15,
              "how many conversations, or answers, to draw; auto: all"),
    CLIO_ENUM(random_config, strategy, "\"conversations\"", strategies,
              "draw conversations, or answers of the model and keep the conversations they stand "
              "in up to the last one drawn"),
    CLIO_INT(random_config, account_cap, "0", 0, 1e15,
             "conversations of one account that may be drawn; 0: no limit"),
    CLIO_ENUM(random_config, repeats, "\"keep\"", repeats,
              "drop: of an account's near-identical conversations only one may be drawn"),
    CLIO_INT(random_config, repeat_bits, "6", 0, REPEATS_BITS_MAX,
             "in how many of the simhash's 64 bits near-identical conversations may differ"),
};

static const clio_stage stage = {
    .struct_size = sizeof(clio_stage),
    .threads = CLIO_SERIAL,
    .kind = "sampler",
    .name = "random",
    .summary = "a random sample of conversations",
    .help = "Draws without replacement. First, with 'repeats: drop', repeats within an account "
            "are set aside (simhashes of all messages that differ in few bits; never across "
            "accounts: what many people ask is the very thing to see), then what is over the "
            "account's cap, then "
            "'size' is drawn of the rest. Rows without an account are never repeats and under no "
            "cap. The same seed and rows give the same sample, in whatever order they come.",
    .inputs = CLIO_LIST(inputs),
    .outputs = CLIO_LIST(outputs),
    .params = CLIO_LIST(params),
    .config_size = sizeof(random_config),
    .plan = random_plan,
    .create = random_create,
    .process = random_process,
    .destroy = free,
};
static const clio_stage *const stages[] = {&stage, NULL};

CLIO_PLUGIN_DEFINE(sampler_random) = {CLIO_PLUGIN_INIT,   .id = "clio.sampler.random",
                                      .version = "0.1.0", .license = "Apache-2.0",
                                      .vendor = "Clio",   .stages = stages};
