/* namer.c - names each leaf after its members' first word, each parent plainly.
 * Names a cluster with one member's words, number, or a terminal's controls. */
#include "evil.h"

#ifndef TEXT
#define TEXT "request"
#endif
#ifndef MEMBER_TYPE
#define MEMBER_TYPE CLIO_T_I64
#endif

static const clio_column member_columns[] = {
    {.name = TEXT, .type = CLIO_T_UTF8, .privacy = CLIO_P_DERIVED},
    {.name = "cluster_request",
     .type = MEMBER_TYPE,
     .privacy = CLIO_P_DERIVED,
     .flags = CLIO_COL_NULLABLE}};
static const clio_column node_columns[] = {{.name = "node", .type = CLIO_T_I64},
                                           {.name = "level", .type = CLIO_T_I64}};
static const clio_column out_columns[] = {
    {.name = "name", .type = CLIO_T_UTF8, .flags = CLIO_COL_NULLABLE},
    {.name = "description", .type = CLIO_T_UTF8, .flags = CLIO_COL_NULLABLE}};

/* The first word of the first member of a leaf. */
static clio_span namer_word(const clio_view *text, const clio_view *member, int64_t node) {
  for (uint64_t row = 0; row < text->rows; row++) {
    if (!clio_valid(member, row) || clio_i64(member, row) != node) continue;
    clio_span s = clio_utf8(text, row);
    int64_t len = 0;
    while (len < s.len && s.s[len] != ' ') len++;
    return clio_span_of(s.s, len);
  }
  return clio_span_of("nothing", 7);
}

static void namer_name(const evil *e, const clio_view *text, clio_span word, char *ret,
                       size_t size) {
  int64_t canary = evil_canary_row(text);
  clio_span raw = canary >= 0 ? clio_utf8(text, (uint64_t)canary) : clio_span_of("", 0);
  snprintf(ret, size, "Asking about %.*s", (int)word.len, word.s);
  if (sins(e, "raw")) snprintf(ret, size, "%.*s", (int)raw.len, raw.s);
  if (sins(e, "word")) snprintf(ret, size, "%.*s " CANARY, (int)word.len, word.s);
  if (sins(e, "number")) snprintf(ret, size, "%.*s " CANARY_NUMBER, (int)word.len, word.s);
  if (sins(e, "spaced")) snprintf(ret, size, "%.*s 491 511 234 567 8", (int)word.len, word.s);
  if (sins(e, "escapes")) snprintf(ret, size, "\033[2J%.*s\007", (int)word.len, word.s);
  if (sins(e, "bidi")) snprintf(ret, size, "\xE2\x80\xAE%.*s", (int)word.len, word.s);
  if (sins(e, "long"))
    snprintf(ret, size,
             "asking asking asking asking asking asking asking asking asking asking %.*s",
             (int)word.len, word.s);
  if (sins(e, "split")) snprintf(ret, size, "%.*s qu\xE2\x80\x8Bokka", (int)word.len, word.s);
}

/* Puts a name to the text rule with members that are none. */
static clio_status namer_ask(const evil *e, clio_call *call) {
  const clio_text *text = (const clio_text *)clio_need(e->host, call, CLIO_TEXT_ID, sizeof *text);
  uint64_t rows[2] = {1, sins(e, "rule_rows") ? 1u << 30 : 0};
  clio_members members = {sizeof members, e->host->find(e->kept[0], TEXT), e->kept[0], rows, 2};
  const char *reason = NULL;
  if (!text) return CLIO_E_UNSUPPORTED;
  if (sins(e, "rule_column")) members.text_column = 99;
  if (sins(e, "rule_type")) members.text_column = e->host->find(e->kept[0], "cluster_request");
  if (sins(e, "rule_table")) members.table = e->kept[1], members.text_column = 0;
  if (sins(e, "rule_null")) members.rows = NULL;
  return text->rule(call, sins(e, "rule_nothing") ? NULL : &members, 1, "x", 1, &reason);
}

static clio_status namer_emit(const evil *e, clio_call *call) {
  const clio_table *members = e->kept[0], *nodes = e->kept[1];
  clio_view text, member, node, level;
  if (strncmp(e->config->sin, "rule_", 5) == 0) CLIO_TRY(namer_ask(e, call));
  CLIO_TRY(clio_get(e->host, call, members, TEXT, CLIO_T_UTF8, &text));
  CLIO_TRY(clio_get(e->host, call, members, "cluster_request", CLIO_T_I64, &member));
  CLIO_TRY(clio_get(e->host, call, nodes, "node", CLIO_T_I64, &node));
  CLIO_TRY(clio_get(e->host, call, nodes, "level", CLIO_T_I64, &level));
  clio_builder *b = e->host->start(call, 0, nodes, NULL, node.rows);
  int32_t name = e->host->add(b, "name", CLIO_T_UTF8, 0);
  int32_t description = e->host->add(b, "description", CLIO_T_UTF8, 0);
  for (uint64_t row = 0; row < node.rows; row++) {
    char made[512];
    namer_name(e, &text, namer_word(&text, &member, clio_i64(&node, row)), made, sizeof made);
    int sinful = !sins(e, "none") && !sins(e, "described");
    int plain = clio_i64(&level, row) > 0 && !sinful;
    clio_put_text(e->host, b, name, row, plain ? "Asking for help" : made);
    if (sins(e, "described"))
      clio_put_text(e->host, b, description, row, "Users asking about " CANARY);
  }
  return e->host->emit(b);
}

static clio_status namer_finish(void *self, clio_call *call) {
  return namer_emit((const evil *)self, call);
}

static const clio_port inputs[] = {{.name = "members",
                                    .columns = CLIO_LIST(member_columns),
                                    .flags = CLIO_PORT_WHOLE,
                                    .rows = CLIO_ROWS_CONVERSATION},
                                   {.name = "clusters",
                                    .columns = CLIO_LIST(node_columns),
                                    .flags = CLIO_PORT_WHOLE,
                                    .rows = CLIO_ROWS_CLUSTER}};
static const clio_port outputs[] = {{.name = "clusters",
                                     .columns = CLIO_LIST(out_columns),
                                     .flags = CLIO_PORT_PASS,
                                     .rows = CLIO_ROWS_CLUSTER}};
EVIL_STAGE("namer", .inputs = CLIO_LIST(inputs), .outputs = CLIO_LIST(outputs),
           .process = evil_keep, .finish = namer_finish);
