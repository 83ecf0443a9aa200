/* match.c - screener/match: keeps or drops conversations by the words in them or
 * by the value of a column. It makes no column; what it drops is counted as
 * screened out. */
#include <stdatomic.h>
#include <string.h>

#include "patterns.h"

typedef struct match_config {
  const char *match, *drop, *in;
  const char *column;
  clio_strlist values;
  double min, max;
  int32_t except;
} match_config;

typedef struct match {
  const clio_host *host;
  const match_config *config;
  patterns *match, *drop;
  atomic_ullong undecided; /* conversations that took too many steps */
} match;

static const double NO_MIN = -1e300, NO_MAX = 1e300;

static int reads_text(const match_config *c) { return *c->match || *c->drop; }
static int has_range(const match_config *c) { return c->min > NO_MIN || c->max < NO_MAX; }

/* ---- words ---- */

/* What one call needs. */
typedef struct screening {
  match *m;
  clio_call *call;
  const clio_text *text;
  patterns_search *search;
  clio_view role, content, column;
} screening;

static int counts_message(const match_config *c, clio_span role) {
  return strcmp(c->in, "any") == 0 || clio_span_is(role, c->in);
}

/* *ret as patterns_find: over all messages that count. */
static clio_status find_in_row(screening *s, const patterns *p, uint64_t row, int *ret) {
  const match *m = s->m;
  *ret = 0;
  for (int64_t i = 0; i < clio_list_count(&s->role, row) && *ret != 1; i++) {
    int found = 0;
    if (!counts_message(m->config, clio_list_at(&s->role, row, i))) continue;
    CLIO_TRY(patterns_find(p, s->search, m->host, s->call, s->text,
                           clio_list_at(&s->content, row, i), &found));
    if (found) *ret = found;
  }
  return CLIO_OK;
}

/* ---- the value of a column ---- */

static int is_listed(const clio_strlist *values, clio_span value) {
  for (uint64_t i = 0; i < values->count; i++)
    if (clio_span_is(value, values->items[i])) return 1;
  return 0;
}

/* The cell as text, for columns that are not text. */
static clio_span cell_text(const clio_view *v, uint64_t row, char ret_buffer[32]) {
  if (v->type == CLIO_T_UTF8) return clio_utf8(v, row);
  if (v->type == CLIO_T_BOOL)
    return clio_bool(v, row) ? clio_span_of("true", 4) : clio_span_of("false", 5);
  int n = snprintf(ret_buffer, 32, "%lld", (long long)clio_i64(v, row));
  return clio_span_of(ret_buffer, n);
}

static int names_cell(const match_config *c, const clio_view *v, uint64_t row) {
  char buffer[32];
  if (!clio_valid(v, row)) return 0;
  if (has_range(c)) {
    double value = v->type == CLIO_T_F64 ? clio_f64(v, row) : (double)clio_i64(v, row);
    return value >= c->min && value <= c->max;
  }
  if (v->type != CLIO_T_LIST) return is_listed(&c->values, cell_text(v, row, buffer));
  for (int64_t i = 0; i < clio_list_count(v, row); i++)
    if (is_listed(&c->values, clio_list_at(v, row, i))) return 1;
  return 0;
}

/* ---- one conversation ---- */

static clio_status is_kept(screening *s, uint64_t row, int *ret) {
  match *m = s->m;
  const match_config *c = m->config;
  int wanted = 1, unwanted = 0;
  *ret = !c->column || names_cell(c, &s->column, row) != c->except;
  if (!*ret) return CLIO_OK;
  if (patterns_any(m->match)) CLIO_TRY(find_in_row(s, m->match, row, &wanted));
  if (patterns_any(m->drop) && wanted == 1) CLIO_TRY(find_in_row(s, m->drop, row, &unwanted));
  *ret = wanted == 1 && unwanted == 0;
  if (wanted < 0 || unwanted < 0) atomic_fetch_add(&m->undecided, 1);
  return CLIO_OK;
}

/* ---- the stage ---- */

static clio_status open_views(screening *s, const clio_table *in) {
  const match *m = s->m;
  const clio_host *host = m->host;
  if (m->config->column)
    CLIO_TRY(clio_get(host, s->call, in, m->config->column, CLIO_T_ANY, &s->column));
  if (!reads_text(m->config)) return CLIO_OK;
  CLIO_TRY(clio_get(host, s->call, in, "role", CLIO_T_LIST, &s->role));
  CLIO_TRY(clio_get(host, s->call, in, "content", CLIO_T_LIST, &s->content));
  if (!patterns_need_words(m->match) && !patterns_need_words(m->drop)) return CLIO_OK;
  s->text = clio_need(host, s->call, CLIO_TEXT_ID, offsetof(clio_text, redact));
  return s->text ? CLIO_OK : CLIO_E_UNSUPPORTED;
}

static clio_status screen(screening *s, const clio_table *in) {
  const clio_host *host = s->m->host;
  uint64_t rows = host->rows(in), kept = 0;
  uint64_t *pick = clio_scratch_array(host, s->call, rows, sizeof *pick);
  if (!pick || !s->search) return clio_nomem(host, s->call);
  CLIO_TRY(open_views(s, in));
  for (uint64_t row = 0; row < rows; row++) {
    int keep = 0;
    if (host->cancelled(s->call)) return CLIO_E_CANCELLED;
    CLIO_TRY(is_kept(s, row, &keep));
    if (keep) pick[kept++] = row;
  }
  return host->emit(host->start(s->call, 0, in, pick, kept));
}

static clio_status match_process(void *self, clio_call *call, uint32_t port, const clio_table *in) {
  screening s = {.m = self, .call = call};
  (void)port;
  s.search = patterns_search_new();
  clio_status status = screen(&s, in);
  patterns_search_free(s.search);
  return status;
}

static clio_status match_finish(void *self, clio_call *call) {
  match *m = self;
  unsigned long long n = atomic_load(&m->undecided);
  if (n)
    clio_logf(m->host, call, CLIO_LOG_WARN,
              "%llu conversations were left out because a regular expression took too many steps "
              "on them; make it simpler",
              n);
  return CLIO_OK;
}

/* ---- what is asked for ---- */

static clio_status check_list(const clio_host *host, clio_plan *plan, const char *name,
                              const char *text) {
  char why[256];
  if (patterns_check(text, why, sizeof why)) return CLIO_OK;
  return clio_plan_failf(host, plan, CLIO_E_CONFIG, "%s: %s", name, why);
}

static int may_be(const clio_column *column, const char *value) {
  if (!column->choices) return 1;
  for (size_t i = 0; column->choices[i]; i++)
    if (strcmp(column->choices[i], value) == 0) return 1;
  return 0;
}

static clio_status check_column(const clio_host *host, clio_plan *plan, const match_config *c) {
  const clio_column *column = clio_planned(host->plan_input(plan, 0), c->column);
  if (!column) return CLIO_OK; /* the host says so */
  int number = column->type == CLIO_T_I64 || column->type == CLIO_T_F64;
  if (has_range(c) && c->values.count)
    return clio_plan_failf(host, plan, CLIO_E_CONFIG,
                           "values: give values or min and max, not both");
  if (!has_range(c) && !c->values.count)
    return clio_plan_failf(host, plan, CLIO_E_CONFIG,
                           "column: say which of its values count, with values, or min and max");
  if (has_range(c) && !number)
    return clio_plan_failf(host, plan, CLIO_E_CONFIG,
                           "column: '%s' holds no numbers; min and max are for those", c->column);
  int listed = column->type == CLIO_T_UTF8 || column->type == CLIO_T_BOOL ||
               column->type == CLIO_T_LIST || column->type == CLIO_T_I64;
  if (!has_range(c) && !listed)
    return clio_plan_failf(host, plan, CLIO_E_CONFIG,
                           "column: '%s' is of a type that values cannot name", c->column);
  for (uint64_t i = 0; i < c->values.count; i++)
    if (!may_be(column, c->values.items[i]))
      return clio_plan_failf(host, plan, CLIO_E_CONFIG,
                             "values: '%s' is none of the values of '%s'", c->values.items[i],
                             c->column);
  return CLIO_OK;
}

static clio_status match_plan(const clio_host *host, clio_plan *plan, const void *config) {
  const match_config *c = config;
  CLIO_TRY(check_list(host, plan, "match", c->match));
  CLIO_TRY(check_list(host, plan, "drop", c->drop));
  if (!c->column && (has_range(c) || c->values.count))
    return clio_plan_failf(host, plan, CLIO_E_CONFIG,
                           "values, min and max are about a column; name it with 'column'");
  if (!c->column && !reads_text(c))
    return clio_plan_failf(host, plan, CLIO_E_CONFIG,
                           "nothing to look for; give 'match', 'drop' or 'column'");
  if (c->column) CLIO_TRY(check_column(host, plan, c));
  if (!reads_text(c)) return CLIO_OK;
  CLIO_TRY(host->plan_use(plan, 0, "role"));
  return host->plan_use(plan, 0, "content");
}

static clio_status match_create(const clio_host *host, clio_call *call, const void *config,
                                void **ret_self) {
  match *m = calloc(1, sizeof *m);
  if (!m) return clio_nomem(host, call);
  *ret_self = m;
  m->host = host;
  m->config = config;
  CLIO_TRY(patterns_new(host, call, m->config->match, &m->match));
  return patterns_new(host, call, m->config->drop, &m->drop);
}

static void match_destroy(void *self) {
  match *m = self;
  if (!m) return;
  patterns_free(m->match);
  patterns_free(m->drop);
  free(m);
}

static const clio_port inputs[] = {{.name = "conversations",
                                    .help = "their text, or the column that is named",
                                    .rows = CLIO_ROWS_CONVERSATION}};
static const clio_port outputs[] = {{.name = "conversations",
                                     .help = "those that are kept",
                                     .flags = CLIO_PORT_PASS,
                                     .rows = CLIO_ROWS_CONVERSATION}};

static const char *const roles[] = {"any", "user", "assistant", "system", "tool", NULL};
static const clio_param params[] = {
    CLIO_TEXT(match_config, match, "\"\"",
              "keep only conversations that hold one of these: words, phrases or /regex/, one a "
              "line"),
    CLIO_TEXT(match_config, drop, "\"\"", "drop conversations that hold one of these"),
    CLIO_ENUM(match_config, in, "\"any\"", roles, "whose messages are searched"),
    CLIO_COLUMN(match_config, column, "null",
                "keep only conversations with certain values of this column"),
    CLIO_STRS(match_config, values, "[]", "those values"),
    CLIO_FLOAT(match_config, min, "-1e300", -1e300, 1e300, "the least of those values"),
    CLIO_FLOAT(match_config, max, "1e300", -1e300, 1e300, "the largest of those values"),
    CLIO_BOOL(match_config, except, "false",
              "drop the conversations with those values of the column, and keep the others"),
};

static const clio_stage stage = {
    .struct_size = sizeof(clio_stage),
    .threads = CLIO_PARALLEL,
    .kind = "screener",
    .name = "match",
    .summary = "keeps or drops conversations by words or by a column",
    .help =
        "A conversation is kept if one of its messages holds something of 'match' (where that is "
        "given), none holds anything of 'drop', and 'column' has one of the values (or, with "
        "'except', none of them; an unknown value is none). Words and phrases are compared word by "
        "word without regard to case, width and endings, within one message; /REGEX/ is Perl's, "
        "with the letters i, m, s behind it, within a bound of steps: a conversation on which that "
        "is passed is left out, and said. \"@FILE\" reads a list from a file; '#' begins a remark.",
    .inputs = CLIO_LIST(inputs),
    .outputs = CLIO_LIST(outputs),
    .params = CLIO_LIST(params),
    .config_size = sizeof(match_config),
    .plan = match_plan,
    .create = match_create,
    .process = match_process,
    .finish = match_finish,
    .destroy = match_destroy,
};
static const clio_stage *const stages[] = {&stage, NULL};

CLIO_PLUGIN_DEFINE(screener_match) = {CLIO_PLUGIN_INIT,   .id = "clio.screener.match",
                                      .version = "0.1.0", .license = "Apache-2.0",
                                      .vendor = "Clio",   .stages = stages};
