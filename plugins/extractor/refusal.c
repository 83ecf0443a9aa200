/* refusal.c - extractor/refusal: did the assistant refuse? By forms of speech near
 * the start of its answers, in several languages; no model. What counts as a
 * refusal is a list (words/refusal.txt). */
#include <stddef.h>

#include "formlist.h"
#include "sentence.h"

typedef struct refusal_config {
  const char *which, *forms;
  int64_t opening;
} refusal_config;

typedef struct refusal {
  const clio_host *host;
  const refusal_config *config;
  formlist *forms;
} refusal;

static const char *const kinds[] = {"refuse", "cannot",  "deed",   "blame",
                                    "help",   "instead", "unless", NULL};
enum {
  REFUSE = 1u << 0,
  CANNOT = 1u << 1,
  DEED = 1u << 2,
  BLAME = 1u << 3,
  HELP = 1u << 4,
  INSTEAD = 1u << 5,
  UNLESS = 1u << 6
};

/* How much of an answer is read for help that follows a reproach. */
enum { READ_CHARS = 2000, READ_SENTENCES = 24, READ_WORDS = 120 };

static const clio_text *text_of(const clio_host *host, clio_call *call) {
  return clio_need(host, call, CLIO_TEXT_ID, offsetof(clio_text, simhash));
}

/* ---- one answer ---- */

static int refuses(uint32_t found) {
  if (found & UNLESS) return 0;
  return (found & REFUSE) || (found & (CANNOT | DEED)) == (CANNOT | DEED);
}

/* A numbered or bulleted item: the answer goes on with a list. */
static int is_item(clio_span s) {
  if (s.len > 1 && strchr("-*", s.s[0]) && s.s[1] == ' ') return 1;
  return s.len > 2 && s.s[0] >= '1' && s.s[0] <= '9' && (s.s[1] == '.' || s.s[1] == ')');
}

/* Does this answer refuse? */
static clio_status judge(const refusal *r, clio_call *call, const clio_text *text, clio_span answer,
                         int *ret) {
  int blamed = 0, helped = 0, diverted = 0, number = 0;
  int64_t pos = 0, start, end;
  answer.len = sentence_cut(answer.s, answer.len, READ_CHARS);
  *ret = 0;
  while (number < READ_SENTENCES && sentence_next(answer.s, answer.len, &pos, &start, &end)) {
    clio_span s = clio_span_of(answer.s + start, end - start);
    folded words;
    CLIO_TRY(formlist_fold(r->host, call, text, s, READ_WORDS, &words));
    if (words.count == 0 && !is_item(s)) continue;
    uint32_t found = formlist_match(r->forms, &words, NULL);
    if (number < r->config->opening && refuses(found)) {
      *ret = 1;
      return CLIO_OK;
    }
    blamed = blamed || (number == 0 && found & BLAME && !(found & UNLESS));
    diverted = diverted || found & INSTEAD;
    helped = helped || found & HELP || is_item(s);
    number++;
  }
  *ret = blamed && (!helped || diverted);
  return CLIO_OK;
}

/* ---- one conversation ---- */

/* *ret: 1 refused, 0 did not, -1 no assistant message that counts. */
static clio_status judge_row(const refusal *r, clio_call *call, const clio_text *text,
                             const clio_view *role, const clio_view *content, uint64_t row,
                             int *ret) {
  int64_t n = clio_list_count(role, row);
  int first = strcmp(r->config->which, "first") == 0, last = strcmp(r->config->which, "last") == 0;
  *ret = -1;
  for (int64_t i = 0; i < n; i++) {
    int64_t at = last ? n - 1 - i : i;
    if (!clio_span_is(clio_list_at(role, row, at), "assistant")) continue;
    CLIO_TRY(judge(r, call, text, clio_list_at(content, row, at), ret));
    if (*ret || first || last) return CLIO_OK;
  }
  return CLIO_OK;
}

/* ---- the stage ---- */

static clio_status refusal_process(void *self, clio_call *call, uint32_t port,
                                   const clio_table *in) {
  const refusal *r = self;
  const clio_host *host = r->host;
  const clio_text *text = text_of(host, call);
  clio_view role, content;
  (void)port;
  if (!text) return CLIO_E_UNSUPPORTED;
  CLIO_TRY(clio_get(host, call, in, "role", CLIO_T_LIST, &role));
  CLIO_TRY(clio_get(host, call, in, "content", CLIO_T_LIST, &content));
  clio_builder *b = host->start(call, 0, in, NULL, role.rows);
  int32_t column = host->add(b, "refusal", CLIO_T_BOOL, 0);
  uint8_t *cells = host->data(b, column);
  for (uint64_t row = 0; cells && row < role.rows; row++) {
    int refused;
    if (host->cancelled(call)) return CLIO_E_CANCELLED;
    CLIO_TRY(judge_row(r, call, text, &role, &content, row, &refused));
    cells[row] = refused > 0;
    if (refused < 0) CLIO_TRY(clio_put_null(host, b, column, row));
  }
  return host->emit(b);
}

static void refusal_destroy(void *self) {
  refusal *r = self;
  if (!r) return;
  formlist_free(r->forms);
  free(r);
}

static clio_status refusal_create(const clio_host *host, clio_call *call, const void *config,
                                  void **ret_self) {
  const refusal_config *c = config;
  const clio_text *text = text_of(host, call);
  if (!text) return CLIO_E_UNSUPPORTED;
  refusal *r = calloc(1, sizeof *r);
  if (!r) return clio_nomem(host, call);
  r->host = host;
  r->config = c;
  *ret_self = r;
  return formlist_new(host, call, text, "forms", c->forms, kinds, &r->forms);
}

static const clio_column reads[] = {
    {.name = "role", .help = "of each message", .type = CLIO_T_LIST, .privacy = CLIO_P_RAW},
    {.name = "content", .help = "of each message", .type = CLIO_T_LIST, .privacy = CLIO_P_RAW}};
static const clio_port inputs[] = {{.name = "conversations",
                                    .help = "messages",
                                    .columns = CLIO_LIST(reads),
                                    .rows = CLIO_ROWS_CONVERSATION}};

static const clio_column adds[] = {{.name = "refusal",
                                    .help = "the assistant refused; null without an answer",
                                    .type = CLIO_T_BOOL,
                                    .privacy = CLIO_P_DERIVED,
                                    .flags = CLIO_COL_FACET | CLIO_COL_NULLABLE}};
static const clio_port outputs[] = {{.name = "conversations",
                                     .help = "the same with the facet",
                                     .columns = CLIO_LIST(adds),
                                     .flags = CLIO_PORT_PASS,
                                     .rows = CLIO_ROWS_CONVERSATION}};

static const char *const which_choices[] = {"any", "first", "last", NULL};
static const clio_param params[] = {
    CLIO_ENUM(refusal_config, which, "\"any\"", which_choices, "which of its answers must refuse"),
    CLIO_TEXT(refusal_config, forms, "\"@words/refusal.txt\"", "forms of refusals"),
    CLIO_INT(refusal_config, opening, "3", 1, 20,
             "sentences of an answer in which a refusal is looked for"),
};

static const clio_stage stage = {
    .struct_size = sizeof(clio_stage),
    .threads = CLIO_PARALLEL,
    .caps = CLIO_CAP_DECLASSIFY,
    .kind = "extractor",
    .name = "refusal",
    .summary = "whether the assistant refused",
    .help = "Adds the facet 'refusal': true where an answer refuses, in whole or for a part, by "
            "its first sentences. English, German, French, Spanish, Portuguese, Italian, Dutch, "
            "Polish, Russian, Ukrainian, Turkish, Arabic, Hindi, Chinese, Japanese, Korean.",
    .inputs = CLIO_LIST(inputs),
    .outputs = CLIO_LIST(outputs),
    .params = CLIO_LIST(params),
    .config_size = sizeof(refusal_config),
    .create = refusal_create,
    .process = refusal_process,
    .destroy = refusal_destroy,
};
static const clio_stage *const stages[] = {&stage, NULL};

CLIO_PLUGIN_DEFINE(extractor_refusal) = {CLIO_PLUGIN_INIT,   .id = "clio.extractor.refusal",
                                         .version = "0.1.0", .license = "Apache-2.0",
                                         .vendor = "Clio",   .stages = stages};
