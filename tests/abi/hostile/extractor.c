/* extractor.c - a row-wise stage: `words`, the number of words of the first
 * message, and `topic`, its first word. Breaks the builder's rules, crashes,
 * hangs, and carries one person's words into a facet. */
#include <signal.h>
#include <unistd.h>

#include "evil.h"

static const char *const topics[] = {"gardening", "cooking", "travel", "music", NULL};
static const clio_column in_columns[] = {
    {.name = "content", .type = CLIO_T_LIST, .privacy = CLIO_P_RAW}};
static const clio_column out_columns[] = {
    {.name = "words", .type = CLIO_T_I64, .privacy = CLIO_P_DERIVED, .flags = CLIO_COL_FACET},
    {.name = "topic",
     .type = CLIO_T_UTF8,
     .privacy = CLIO_P_DERIVED,
     .flags = CLIO_COL_FACET | CLIO_COL_NULLABLE,
     .choices = topics},
    {.name = "note",
     .type = CLIO_T_UTF8,
     .privacy = CLIO_P_DERIVED,
     .flags = CLIO_COL_FACET | CLIO_COL_NULLABLE}};

static clio_status extractor_plan(const clio_host *host, clio_plan *plan, const void *config) {
  const char *sin = ((const evil_config *)config)->sin;
  clio_column column = {.name = "account", .type = CLIO_T_I64, .privacy = CLIO_P_DERIVED};
  if (strcmp(sin, "plan_account") == 0) return host->plan_output(plan, 0, &column);
  column.name = "truth";
  column.privacy = CLIO_P_RELEASED;
  if (strcmp(sin, "plan_released") == 0) return host->plan_output(plan, 0, &column);
  column.privacy = CLIO_P_DERIVED;
  column.type = 77;
  if (strcmp(sin, "plan_type") == 0) return host->plan_output(plan, 0, &column);
  if (strcmp(sin, "plan_name") == 0) {
    column = (clio_column){.name = "\033[2J", .type = CLIO_T_I64, .privacy = CLIO_P_DERIVED};
    return host->plan_output(plan, 0, &column);
  }
  if (strcmp(sin, "plan_nulls") == 0) {
    host->plan_use(plan, 0, NULL);
    host->plan_input(plan, 99);
    host->plan_output(plan, 0, NULL);
    return host->plan_fail(plan, CLIO_OK, NULL);
  }
  if (strcmp(sin, "plan_escapes") == 0)
    return host->plan_fail(plan, CLIO_E_CONFIG, "\033[2Jall \033[31mfine\033]0;owned\007");
  return CLIO_OK;
}

/* Every function of the host with nothing where something belongs. */
static void extractor_nulls(const evil *e, clio_call *call) {
  const clio_host *host = e->host;
  clio_builder *b = host->start(call, 0, NULL, NULL, 0);
  clio_view view;
  host->log(call, 99, NULL);
  host->log(call, -1, "level");
  host->unref(NULL);
  host->find(NULL, NULL);
  host->view(NULL, 0, &view, sizeof view);
  host->service(call, NULL);
  host->input(call, 99);
  host->add(NULL, NULL, 0, 0);
  host->data(NULL, 0);
  host->put(NULL, 0, 0, NULL, 0);
  host->item(NULL, 0, 0, NULL, 0);
  host->emit(NULL);
  host->add(b, NULL, 0, 0);
  host->put(b, 0, 0, NULL, 5);
  host->item(b, 0, 0, NULL, 5);
  host->fail_row(call, 0, CLIO_OK, NULL);
  host->fail(call, CLIO_OK, NULL);
}

static clio_status extractor_disaster(const evil *e, clio_call *call) {
  if (sins(e, "crash")) raise(SIGSEGV);
  if (sins(e, "exits")) exit(0);
  if (sins(e, "hang"))
    for (;;) pause();
  if (sins(e, "escapes"))
    return e->host->fail(call, CLIO_E_INPUT, "\033[2Jall \033[31mfine\033]0;owned\007");
  if (sins(e, "nulls")) extractor_nulls(e, call);
  if (sins(e, "mute")) return CLIO_E_INPUT;
  if (sins(e, "positive")) return 7;
  return CLIO_OK;
}

/* Starts as the sin wants it; an earlier batch is kept for `other_batch`. */
static clio_builder *extractor_start(evil *e, clio_call *call, const clio_table *in) {
  uint64_t rows = e->host->rows(in);
  uint64_t pick[2] = {1, 0};
  if (sins(e, "baseless")) return e->host->start(call, 0, NULL, NULL, rows);
  if (sins(e, "longer")) return e->host->start(call, 0, in, NULL, rows + 1);
  if (sins(e, "shorter")) return e->host->start(call, 0, in, NULL, rows - 1);
  if (sins(e, "huge")) return e->host->start(call, 0, NULL, NULL, UINT64_MAX / 8);
  if (sins(e, "no_port")) return e->host->start(call, 9, in, NULL, rows);
  if (sins(e, "reorder")) return e->host->start(call, 0, in, pick, 2);
  if (sins(e, "other_batch") && e->kept[0])
    return e->host->start(call, 0, e->kept[0], NULL, e->host->rows(e->kept[0]));
  if (sins(e, "other_batch")) e->kept[0] = e->host->ref(in);
  return e->host->start(call, 0, in, NULL, rows);
}

static void extractor_cells(evil *e, clio_builder *b, const clio_view *content, uint64_t rows) {
  const clio_host *host = e->host;
  int32_t words = host->add(b, "words", sins(e, "wrong_type") ? CLIO_T_F64 : CLIO_T_I64, 0);
  int32_t topic = host->add(b, "topic", CLIO_T_UTF8, 0);
  int32_t note = host->add(b, "note", CLIO_T_UTF8, 0);
  int64_t *counts = (int64_t *)host->data(b, words);
  for (uint64_t row = 0; row < rows && row < content->rows; row++) {
    clio_span text = clio_list_at(content, row, 0);
    int64_t first = 0;
    while (first < text.len && text.s[first] != ' ') first++;
    if (counts)
      for (int64_t i = 0; i < text.len; i++) counts[row] += text.s[i] == ' ';
    host->put(b, topic, row, sins(e, "choice") ? "taxes" : text.s, sins(e, "choice") ? 5 : first);
    if (sins(e, "leak_note")) clio_put_text(host, b, note, row, CANARY " " CANARY_NUMBER);
  }
  if (sins(e, "past_end")) host->put(b, note, rows, "x", 1);
  if (sins(e, "backwards")) host->put(b, note, 3, "x", 1), host->put(b, note, 2, "x", 1);
  if (sins(e, "not_utf8")) host->put(b, note, 0, "\xC3\x28", 2);
  if (sins(e, "null")) host->put(b, words, 0, NULL, -1);
  if (sins(e, "text_as_data")) host->data(b, note);
  if (sins(e, "no_column")) host->put(b, 17, 0, "x", 1);
  if (sins(e, "undeclared")) host->add(b, "secret", CLIO_T_I64, 0);
  if (sins(e, "account")) host->add(b, "account", CLIO_T_I64, 0);
  if (sins(e, "again")) host->add(b, "words", CLIO_T_I64, 0);
  if (sins(e, "escape_name")) host->add(b, "\033[2Jx", CLIO_T_I64, 0);
}

static clio_status extractor_process(void *self, clio_call *call, uint32_t port,
                                     const clio_table *in) {
  evil *e = (evil *)self;
  clio_view content;
  (void)port;
  CLIO_TRY(extractor_disaster(e, call));
  CLIO_TRY(clio_get(e->host, call, in, "content", CLIO_T_LIST, &content));
  if (sins(e, "silent")) return CLIO_OK;
  if (sins(e, "no_such_row"))
    return e->host->fail_row(call, content.rows + 7, CLIO_E_INPUT, "no reason");
  for (uint64_t row = 0; sins(e, "all_bad") && row < content.rows; row++)
    CLIO_TRY(e->host->fail_row(call, row, CLIO_E_INPUT, "no reason"));
  clio_builder *b = extractor_start(e, call, in);
  if (sins(e, "incomplete")) return e->host->emit(b);
  extractor_cells(e, b, &content, content.rows);
  CLIO_TRY(e->host->emit(b));
  if (!sins(e, "twice")) return CLIO_OK;
  b = e->host->start(call, 0, in, NULL, content.rows);
  extractor_cells(e, b, &content, content.rows);
  return e->host->emit(b);
}

static const clio_port inputs[] = {
    {.name = "in", .columns = CLIO_LIST(in_columns), .rows = CLIO_ROWS_CONVERSATION}};
static const clio_port outputs[] = {{.name = "out",
                                     .columns = CLIO_LIST(out_columns),
                                     .flags = CLIO_PORT_PASS,
                                     .rows = CLIO_ROWS_CONVERSATION}};
EVIL_STAGE("extractor", .caps = CLIO_CAP_DECLASSIFY, .inputs = CLIO_LIST(inputs),
           .outputs = CLIO_LIST(outputs), .plan = extractor_plan, .process = extractor_process);
