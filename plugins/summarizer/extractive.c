/* extractive.c - summarizer/extractive: the user's request in the user's own
 * words, one or two sentences chosen by form and place, personal information
 * replaced. Offline and without a model; it never invents anything. */
#include <stddef.h>

#include "candidates.h"
#include "sentence.h"

typedef struct extractive_config {
  const char *name, *forms;
  int64_t max_chars, sentences, messages;
} extractive_config;

typedef struct extractive {
  const clio_host *host;
  const extractive_config *config;
  formlist *forms;
} extractive;

static const clio_text *text_of(const clio_host *host, clio_call *call) {
  return clio_need(host, call, CLIO_TEXT_ID, offsetof(clio_text, simhash));
}

/* ---- choosing ---- */

/* The index of the best candidate with a score of at least `least`, of message
 * `message` (any: -1) and not `except`; the first of equals; -1 if there is none. */
static int32_t best_of(const candidate *c, int32_t count, int32_t message, int32_t except,
                       int32_t least) {
  int32_t best = -1;
  for (int32_t i = 0; i < count; i++) {
    if (i == except || c[i].greeting || c[i].score < least) continue;
    if (message >= 0 && c[i].message != message) continue;
    if (best < 0 || c[i].score > c[best].score) best = i;
  }
  return best;
}

enum { SECOND_LEAST = 4, SHORT_WORDS = 7, TOO_SHORT = 4 };

/* The best company for the sentence `best`, or -1. A short one needs it, and one
 * that announces something ('Translate this:') what it announces; a long one only
 * where the other asks too. Of another message only where hardly anything was
 * said. */
static int32_t second_of(const candidate *c, int32_t count, int32_t best) {
  int is_short = c[best].words < SHORT_WORDS;
  int announces = c[best].text.s[c[best].text.len - 1] == ':';
  if (is_short && announces && best + 1 < count && c[best + 1].message == c[best].message)
    return best + 1;
  int32_t second = best_of(c, count, c[best].message, best, is_short ? 0 : SECOND_LEAST);
  if (second < 0 && c[best].words < TOO_SHORT) second = best_of(c, count, -1, best, -4);
  return second;
}

/* The sentences to keep, in the order of the text: ret[0], ret[1], -1 for none. */
static void choose(const candidate *c, int32_t count, int64_t sentences, int32_t ret[2]) {
  int32_t best = best_of(c, count, -1, -1, INT32_MIN), second = -1;
  if (best < 0 && count > 0) best = 0; /* nothing but a greeting */
  if (best >= 0 && sentences > 1) second = second_of(c, count, best);
  int in_order = second < 0 || best < second;
  ret[0] = in_order ? best : second;
  ret[1] = in_order ? second : best;
}

/* ---- writing ---- */

typedef struct line {
  char *s;
  int64_t len;
} line;

/* Appends a sentence with every run of blanks as one. */
static void append(line *l, clio_span s) {
  if (l->len > 0) l->s[l->len++] = ' ';
  for (int64_t i = 0; i < s.len; i++) {
    unsigned char c = (unsigned char)s.s[i];
    int blank = c <= ' ' || c == 0x7F;
    if (!blank)
      l->s[l->len++] = s.s[i];
    else if (l->len > 0 && l->s[l->len - 1] != ' ')
      l->s[l->len++] = ' ';
  }
  while (l->len > 0 && l->s[l->len - 1] == ' ') l->len--;
}

/* The chosen sentences as one line of at most max_chars; the second only where
 * most of it fits. */
static clio_status join(const extractive *x, clio_call *call, const candidate *c,
                        const int32_t chosen[2], line *ret) {
  int64_t room = 2;
  for (int k = 0; k < 2 && chosen[k] >= 0; k++) room += c[chosen[k]].text.len + 1;
  *ret = (line){x->host->scratch(call, (uint64_t)room), 0};
  if (!ret->s) return clio_nomem(x->host, call);
  for (int k = 0; k < 2 && chosen[k] >= 0; k++) append(ret, c[chosen[k]].text);
  ret->len = sentence_cut(ret->s, ret->len, x->config->max_chars);
  return CLIO_OK;
}

/* The summary of one conversation; s = NULL where the user wrote nothing. */
static clio_status summarize(const extractive *x, clio_call *call, const clio_text *text,
                             const clio_view *role, const clio_view *content, uint64_t row,
                             clio_span *ret) {
  candidate found[MAX_CANDIDATES] = {0};
  int32_t count = 0, user = 0, chosen[2];
  int64_t n = clio_list_count(role, row);
  line l;
  *ret = clio_span_of(NULL, 0);
  for (int64_t i = 0; i < n && user < x->config->messages; i++) {
    if (!clio_span_is(clio_list_at(role, row, i), "user")) continue;
    clio_span message = clio_list_at(content, row, i);
    CLIO_TRY(candidates_add(x->host, call, text, x->forms, message, user, found, &count));
    if (count > 0) user++; /* an empty message is none */
  }
  choose(found, count, x->config->sentences, chosen);
  if (chosen[0] < 0) return CLIO_OK;
  CLIO_TRY(join(x, call, found, chosen, &l));
  return text->redact(call, l.s, l.len, &ret->s, &ret->len);
}

/* ---- the stage ---- */

static clio_status extractive_process(void *self, clio_call *call, uint32_t port,
                                      const clio_table *in) {
  const extractive *x = self;
  const clio_host *host = x->host;
  const clio_text *text = text_of(host, call);
  clio_view role, content;
  (void)port;
  if (!text) return CLIO_E_UNSUPPORTED;
  CLIO_TRY(clio_get(host, call, in, "role", CLIO_T_LIST, &role));
  CLIO_TRY(clio_get(host, call, in, "content", CLIO_T_LIST, &content));
  clio_builder *b = host->start(call, 0, in, NULL, role.rows);
  int32_t column = host->add(b, x->config->name, CLIO_T_UTF8, 0);
  for (uint64_t row = 0; row < role.rows; row++) {
    clio_span summary;
    if (host->cancelled(call)) return CLIO_E_CANCELLED;
    CLIO_TRY(summarize(x, call, text, &role, &content, row, &summary));
    clio_put_span(host, b, column, row, summary);
  }
  return host->emit(b);
}

static clio_status extractive_plan(const clio_host *host, clio_plan *plan, const void *config) {
  const extractive_config *c = config;
  const clio_column column = {.name = c->name,
                              .help = "what the user asked for, redacted",
                              .type = CLIO_T_UTF8,
                              .privacy = CLIO_P_DERIVED,
                              .flags = CLIO_COL_NULLABLE};
  return host->plan_output(plan, 0, &column);
}

static void extractive_destroy(void *self) {
  extractive *x = self;
  if (!x) return;
  formlist_free(x->forms);
  free(x);
}

static clio_status extractive_create(const clio_host *host, clio_call *call, const void *config,
                                     void **ret_self) {
  const extractive_config *c = config;
  const clio_text *text = text_of(host, call);
  if (!text) return CLIO_E_UNSUPPORTED;
  extractive *x = calloc(1, sizeof *x);
  if (!x) return clio_nomem(host, call);
  x->host = host;
  x->config = c;
  *ret_self = x;
  return formlist_new(host, call, text, "forms", c->forms, candidate_kinds, &x->forms);
}

static const clio_column reads[] = {
    {.name = "role", .help = "of each message", .type = CLIO_T_LIST, .privacy = CLIO_P_RAW},
    {.name = "content", .help = "of each message", .type = CLIO_T_LIST, .privacy = CLIO_P_RAW}};
static const clio_port inputs[] = {{.name = "conversations",
                                    .help = "messages",
                                    .columns = CLIO_LIST(reads),
                                    .rows = CLIO_ROWS_CONVERSATION}};
static const clio_port outputs[] = {{.name = "conversations",
                                     .help = "the same with the request, named by 'name'",
                                     .flags = CLIO_PORT_PASS,
                                     .rows = CLIO_ROWS_CONVERSATION}};

static const clio_param params[] = {
    CLIO_STR(extractive_config, name, "\"request\"", "the column to add"),
    CLIO_INT(extractive_config, max_chars, "300", 40, 4000, "longest summary, in characters"),
    CLIO_INT(extractive_config, sentences, "2", 1, 2, "most sentences"),
    CLIO_INT(extractive_config, messages, "3", 1, 20, "how many of the user's messages are read"),
    CLIO_TEXT(extractive_config, forms, "\"@words/request.txt\"",
              "forms of requests and greetings"),
};

static const clio_stage stage = {
    .struct_size = sizeof(clio_stage),
    .threads = CLIO_PARALLEL,
    .caps = CLIO_CAP_DECLASSIFY,
    .kind = "summarizer",
    .name = "extractive",
    .summary = "what the user asked for, in one or two of the user's sentences",
    .help = "Adds a text column with the user's request: the sentence of the first messages that "
            "is most likely the request, and the next one where it says more. Greetings, code, "
            "quotations and role-play preambles are passed over. Personal information is "
            "replaced: '[email]', '[person]'. Null where the user wrote nothing.",
    .inputs = CLIO_LIST(inputs),
    .outputs = CLIO_LIST(outputs),
    .params = CLIO_LIST(params),
    .config_size = sizeof(extractive_config),
    .plan = extractive_plan,
    .create = extractive_create,
    .process = extractive_process,
    .destroy = extractive_destroy,
};
static const clio_stage *const stages[] = {&stage, NULL};

CLIO_PLUGIN_DEFINE(summarizer_extractive) = {CLIO_PLUGIN_INIT,   .id = "clio.summarizer.extractive",
                                             .version = "0.1.0", .license = "Apache-2.0",
                                             .vendor = "Clio",   .stages = stages};
