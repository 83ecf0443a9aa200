/* threshold.c - aggregator/threshold: proposes which values of which columns to
 * publish, and from which period on: those held by enough conversations of
 * enough accounts over the whole run.
 *
 * It counts only to leave out what could never be printed; the numbers that are
 * printed are counted anew by the core, per cluster, and suppressed there. */
#include "threshold.h"
#include "bins.h"
#include "clio.h"
#include "clio_util.h"
#include "strmap.h"

typedef struct threshold_self {
  const clio_host *host;
  const threshold_config *config;
} threshold_self;

/* ---- counting one column ---- */

/* What one row says: an account holds a value. */
typedef struct holding {
  int64_t account;
  uint32_t value;
} holding;

typedef struct tally {
  clio_span value;
  uint64_t conversations, accounts;
} tally;

/* One column being counted. */
typedef struct counter {
  threshold_self *self;
  clio_call *call;
  const char *column;
  const clio_view *view, *account;
  strmap values;
  holding *held;
  uint64_t count, room;
} counter;

static clio_status hold(counter *c, uint64_t row, const char *text, int64_t len) {
  uint32_t value = strmap_add(&c->values, text, len);
  if (value == UINT32_MAX || c->count == c->room) return clio_nomem(c->self->host, c->call);
  int64_t account = -1 - (int64_t)row; /* a row without account stands for itself */
  if (c->account->data && clio_valid(c->account, row)) account = clio_i64(c->account, row);
  c->held[c->count++] = (holding){account, value};
  return CLIO_OK;
}

/* The bin of a number, into `text`; 0 where it falls in none. */
static int name_number(const counter *c, const bin *bins, int count, uint64_t row, char *text) {
  int real = c->view->type == CLIO_T_F64;
  double value = real ? clio_f64(c->view, row) : (double)clio_i64(c->view, row);
  if (count == 0)
    return real ? bins_auto_f64(value, text) : bins_auto_i64(clio_i64(c->view, row), text);
  int at = bins_find(bins, count, real, value);
  if (at >= 0) memcpy(text, bins[at].text, BIN_TEXT);
  return at >= 0;
}

static clio_status hold_numbers(counter *c) {
  bin bins[MAX_BINS];
  char text[BIN_TEXT];
  const char *written = threshold_bins_for(c->self->config, c->column);
  int count = written ? bins_parse(written, c->view->type == CLIO_T_F64, bins, MAX_BINS) : 0;
  for (uint64_t row = 0; row < c->view->rows; row++) {
    if (!clio_valid(c->view, row) || !name_number(c, bins, count, row, text)) continue;
    CLIO_TRY(hold(c, row, text, (int64_t)strlen(text)));
  }
  return CLIO_OK;
}

static clio_status hold_row(counter *c, uint64_t row) {
  char text[BIN_TEXT];
  clio_span span = {0};
  switch (c->view->type) {
  case CLIO_T_BOOL:
    return clio_bool(c->view, row) ? hold(c, row, "true", 4) : hold(c, row, "false", 5);
  case CLIO_T_TIME:
    bins_period(clio_i64(c->view, row), c->self->config->period, text);
    return hold(c, row, text, (int64_t)strlen(text));
  case CLIO_T_LIST:
    for (int64_t i = 0; i < clio_list_count(c->view, row); i++) {
      span = clio_list_at(c->view, row, i);
      CLIO_TRY(hold(c, row, span.s, span.len));
    }
    return CLIO_OK;
  default: span = clio_utf8(c->view, row); return hold(c, row, span.s, span.len);
  }
}

static clio_status hold_column(counter *c) {
  const clio_host *host = c->self->host;
  c->room = c->view->rows;
  if (c->view->type == CLIO_T_LIST && c->view->rows > 0)
    c->room = (uint64_t)(c->view->offsets[c->view->rows] - c->view->offsets[0]);
  c->held = clio_scratch_array(host, c->call, c->room, sizeof *c->held);
  if (!c->held) return clio_nomem(host, c->call);
  if (c->view->type == CLIO_T_I64 || c->view->type == CLIO_T_F64) return hold_numbers(c);
  for (uint64_t row = 0; row < c->view->rows; row++)
    if (clio_valid(c->view, row)) CLIO_TRY(hold_row(c, row));
  return CLIO_OK;
}

static int by_value_then_account(const void *a, const void *b) {
  const holding *x = a, *y = b;
  if (x->value != y->value) return x->value < y->value ? -1 : 1;
  return (x->account > y->account) - (x->account < y->account);
}

/* Most accounts first, then most conversations, then the lower bytes. */
static int by_weight(const void *a, const void *b) {
  const tally *x = a, *y = b;
  if (x->accounts != y->accounts) return x->accounts > y->accounts ? -1 : 1;
  if (x->conversations != y->conversations) return x->conversations > y->conversations ? -1 : 1;
  int64_t shared = x->value.len < y->value.len ? x->value.len : y->value.len;
  int order = shared > 0 ? memcmp(x->value.s, y->value.s, (size_t)shared) : 0;
  return order ? order : (x->value.len > y->value.len) - (x->value.len < y->value.len);
}

static clio_status tally_values(counter *c, tally **ret) {
  tally *t = clio_scratch_array(c->self->host, c->call, c->values.count, sizeof *t);
  if (!t) return clio_nomem(c->self->host, c->call);
  qsort(c->held, c->count, sizeof *c->held, by_value_then_account);
  for (uint64_t i = 0; i < c->count; i++) {
    tally *of = &t[c->held[i].value];
    int same = i > 0 && c->held[i].value == c->held[i - 1].value;
    of->value = c->values.key[c->held[i].value];
    of->conversations++;
    of->accounts += !same || c->held[i].account != c->held[i - 1].account;
  }
  qsort(t, c->values.count, sizeof *t, by_weight);
  *ret = t;
  return CLIO_OK;
}

/* ---- proposing ---- */

/* The proposals so far; grown in scratch. */
typedef struct proposals {
  uint64_t count, room;
  clio_span *value;
  const char **column;
} proposals;

static int propose(threshold_self *self, clio_call *call, proposals *p, const char *column,
                   clio_span value) {
  if (p->count == p->room) {
    uint64_t room = p->room ? 2 * p->room : 64;
    clio_span *values = clio_scratch_array(self->host, call, room, sizeof *values);
    const char **columns = clio_scratch_array(self->host, call, room, sizeof *columns);
    if (!values || !columns) return 0;
    if (p->count > 0) memcpy(values, p->value, p->count * sizeof *values);
    if (p->count > 0) memcpy(columns, p->column, p->count * sizeof *columns);
    *p = (proposals){p->count, room, values, columns};
  }
  p->value[p->count] = value;
  p->column[p->count++] = column;
  return 1;
}

static clio_status propose_column(threshold_self *self, clio_call *call, const clio_table *in,
                                  const char *column, proposals *p) {
  clio_view view = {0}, account = {0};
  clio_type type = threshold_is_period(column) ? CLIO_T_TIME : CLIO_T_ANY;
  CLIO_TRY(clio_get(self->host, call, in, type == CLIO_T_TIME ? "time" : column, type, &view));
  clio_look(self->host, in, "account", CLIO_T_I64, &account);
  counter c = {self, call, column, &view, &account, strmap_new(self->host, call), NULL, 0, 0};
  tally *t = NULL;
  CLIO_TRY(hold_column(&c));
  CLIO_TRY(tally_values(&c, &t));
  const clio_policy *policy = self->host->service(call, CLIO_POLICY_ID);
  uint64_t accounts = policy ? (uint64_t)policy->cell_accounts : 1;
  uint64_t conversations = policy ? (uint64_t)policy->cell_conversations : 1;
  uint64_t limit = view.type == CLIO_T_UTF8 || view.type == CLIO_T_LIST
                       ? (uint64_t)self->config->max_values
                       : c.values.count;
  for (uint64_t i = 0; i < c.values.count && i < limit; i++) {
    if (t[i].accounts < accounts || t[i].conversations < conversations) continue;
    if (!propose(self, call, p, column, t[i].value)) return clio_nomem(self->host, call);
  }
  return CLIO_OK;
}

static clio_status emit(threshold_self *self, clio_call *call, const proposals *p) {
  const clio_host *host = self->host;
  clio_builder *b = host->start(call, 0, NULL, NULL, p->count);
  host->add(b, "facet", CLIO_T_UTF8, 0);
  int32_t node = host->add(b, "node", CLIO_T_I64, 0);
  int32_t column = host->add(b, "column", CLIO_T_UTF8, 0);
  int32_t value = host->add(b, "value", CLIO_T_UTF8, 0);
  for (uint64_t i = 0; i < p->count; i++) {
    clio_put_null(host, b, node, i);
    clio_put_text(host, b, column, i, p->column[i]);
    clio_put_span(host, b, value, i, p->value[i]);
  }
  return host->emit(b);
}

/* ---- the stage ---- */

static clio_status threshold_create(const clio_host *host, clio_call *call, const void *config,
                                    void **ret_self) {
  threshold_self *self = calloc(1, sizeof *self);
  if (!self) return clio_nomem(host, call);
  self->host = host;
  self->config = config;
  *ret_self = self;
  return CLIO_OK;
}

static clio_status threshold_process(void *state, clio_call *call, uint32_t port,
                                     const clio_table *in) {
  (void)port;
  threshold_self *self = state;
  proposals p = {0};
  for (uint64_t i = 0; i < self->config->columns.count; i++)
    CLIO_TRY(propose_column(self, call, in, self->config->columns.items[i], &p));
  return emit(self, call, &p);
}

static void threshold_destroy(void *state) { free(state); }

static const char *const periods[] = {"day", "week", "month", NULL};

static const clio_column threshold_reads[] = {
    {.name = "account",
     .help = "who counts once",
     .type = CLIO_T_I64,
     .privacy = CLIO_P_DERIVED,
     .flags = CLIO_COL_OPTIONAL | CLIO_COL_NULLABLE},
};

static const clio_column threshold_adds[] = {
    {.name = "facet",
     .help = "null: every tree",
     .type = CLIO_T_UTF8,
     .privacy = CLIO_P_GROUPED,
     .flags = CLIO_COL_NULLABLE},
    {.name = "node",
     .help = "null: every cluster",
     .type = CLIO_T_I64,
     .privacy = CLIO_P_GROUPED,
     .flags = CLIO_COL_NULLABLE},
    {.name = "column",
     .help = "the column broken down",
     .type = CLIO_T_UTF8,
     .privacy = CLIO_P_GROUPED},
    {.name = "value",
     .help = "a value, bin or first day",
     .type = CLIO_T_UTF8,
     .privacy = CLIO_P_GROUPED},
};

static const clio_port threshold_inputs[] = {
    {.name = "conversations",
     .help = "conversations with their facets",
     .columns = CLIO_LIST(threshold_reads),
     .flags = CLIO_PORT_WHOLE,
     .rows = CLIO_ROWS_CONVERSATION},
};

static const clio_port threshold_outputs[] = {
    {.name = "cells",
     .help = "the values to publish",
     .columns = CLIO_LIST(threshold_adds),
     .rows = CLIO_ROWS_CELL},
};

static const clio_param threshold_params[] = {
    CLIO_STRS(threshold_config, columns, NULL,
              "facets to break clusters down by; 'period' stands for the time"),
    CLIO_ENUM(threshold_config, period, "\"month\"", periods,
              "how long one period is, UTC; weeks start on Monday"),
    CLIO_INT(threshold_config, max_values, "20", 1, 1000,
             "values of a text column proposed at most: those of most accounts"),
    CLIO_STRS(threshold_config, bins, "[]",
              "bins of number columns, as 'turns: 1, 2, 3-4, 5+'; others are cut at powers of two"),
};

static const clio_stage threshold_stage = {
    .struct_size = sizeof(clio_stage),
    .threads = CLIO_SERIAL,
    .kind = "aggregator",
    .name = "threshold",
    .summary = "breaks clusters down by facet values that enough accounts hold",
    .help = "Proposes, for every cluster, the values of the named columns that at least "
            "privacy.cell's accounts and conversations of the whole run hold. Whole numbers fall "
            "into the bins 0, 1, 2, 3-4, 5-8, 9-16 and so on, other numbers into quarters up to 1 "
            "and powers of two from there (the upper end not in the bin); numbers below 0 are not "
            "shown. The core counts every cell itself and hides what a small group could be read "
            "out of.",
    .inputs = CLIO_LIST(threshold_inputs),
    .outputs = CLIO_LIST(threshold_outputs),
    .params = CLIO_LIST(threshold_params),
    .config_size = sizeof(threshold_config),
    .plan = threshold_plan,
    .create = threshold_create,
    .process = threshold_process,
    .destroy = threshold_destroy,
};

static const clio_stage *const stages[] = {&threshold_stage, NULL};
CLIO_PLUGIN_DEFINE(aggregator_threshold) = {CLIO_PLUGIN_INIT,   .id = "clio.aggregator.threshold",
                                            .version = "0.1.0", .license = "Apache-2.0",
                                            .vendor = "Clio",   .stages = stages};
