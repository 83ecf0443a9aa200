/* clusterer.c - four clusters by the first letter of the request. Lies about
 * counts, gives the canary a cluster of its own, names clusters that are not. */
#include "evil.h"

enum { NODES = 4, CANARY_NODE = 4 };

static const clio_column in_columns[] = {
    {.name = "vector", .type = CLIO_T_VEC, .privacy = CLIO_P_DERIVED},
    {.name = "request", .type = CLIO_T_UTF8, .privacy = CLIO_P_DERIVED}};
static const clio_column node_columns[] = {
    {.name = "facet", .type = CLIO_T_UTF8},
    {.name = "node", .type = CLIO_T_I64},
    {.name = "level", .type = CLIO_T_I64},
    {.name = "conversations", .type = CLIO_T_I64, .flags = CLIO_COL_NULLABLE},
    {.name = "accounts", .type = CLIO_T_I64, .flags = CLIO_COL_NULLABLE}};

static clio_status clusterer_plan(const clio_host *host, clio_plan *plan, const void *config) {
  const char *sin = ((const evil_config *)config)->sin;
  clio_column member = {.name = "cluster_request",
                        .type = CLIO_T_I64,
                        .privacy = CLIO_P_DERIVED,
                        .flags = CLIO_COL_NULLABLE,
                        .of = "request"};
  clio_column parent = {
      .name = "parent", .type = CLIO_T_I64, .privacy = CLIO_P_GROUPED, .flags = CLIO_COL_NULLABLE};
  if (strcmp(sin, "member_bool") == 0) member.type = CLIO_T_BOOL;
  if (strcmp(sin, "member_text") == 0) member.type = CLIO_T_UTF8;
  if (strcmp(sin, "parent_text") == 0) parent.type = CLIO_T_UTF8;
  CLIO_TRY(host->plan_output(plan, 0, &member));
  return host->plan_output(plan, 1, &parent);
}

static int64_t clusterer_node(const evil *e, clio_span text) {
  int64_t node = text.len == 0      ? 0
                 : text.s[0] == 'g' ? 0
                 : text.s[0] == 'c' ? 1
                 : text.s[0] == 't' ? 2
                                    : 3;
  if (sins(e, "ghost")) return node + 40;
  if (sins(e, "below")) return -1 - node;
  return node;
}

static clio_status clusterer_members(const evil *e, clio_call *call, const clio_table *in,
                                     const clio_view *text) {
  clio_builder *b = e->host->start(call, 0, in, NULL, text->rows);
  if (sins(e, "member_bool") || sins(e, "member_text")) {
    int32_t c =
        e->host->add(b, "cluster_request", sins(e, "member_bool") ? CLIO_T_BOOL : CLIO_T_UTF8, 0);
    for (uint64_t row = 0; sins(e, "member_text") && row < text->rows; row++)
      clio_put_text(e->host, b, c, row, "0");
    return e->host->emit(b);
  }
  int32_t member = e->host->add(b, "cluster_request", CLIO_T_I64, 0);
  int64_t *nodes = (int64_t *)e->host->data(b, member);
  for (uint64_t row = 0; nodes && row < text->rows; row++)
    nodes[row] = clusterer_node(e, clio_utf8(text, row));
  for (uint64_t row = 0; nodes && sins(e, "single_out") && row < text->rows; row++) {
    if (evil_holds_canary(clio_utf8(text, row))) nodes[row] = CANARY_NODE;
  }
  return e->host->emit(b);
}

static clio_status clusterer_nodes(const evil *e, clio_call *call) {
  uint64_t rows = NODES + (sins(e, "single_out") ? 1 : 0);
  clio_builder *b = e->host->start(call, 1, NULL, NULL, sins(e, "huge") ? UINT64_MAX / 8 : rows);
  int32_t facet = e->host->add(b, "facet", CLIO_T_UTF8, 0);
  int64_t *node = (int64_t *)e->host->data(b, e->host->add(b, "node", CLIO_T_I64, 0));
  int64_t *level = (int64_t *)e->host->data(b, e->host->add(b, "level", CLIO_T_I64, 0));
  int64_t *counts = (int64_t *)e->host->data(b, e->host->add(b, "conversations", CLIO_T_I64, 0));
  int64_t *people = (int64_t *)e->host->data(b, e->host->add(b, "accounts", CLIO_T_I64, 0));
  if (!node || !level || !counts || !people) return e->host->emit(b);
  for (uint64_t i = 0; i < rows; i++) {
    clio_put_text(e->host, b, facet, i, "request");
    node[i] = sins(e, "twins") && i == 1 ? 0 : sins(e, "negative") ? -5 : (int64_t)i;
    level[i] = sins(e, "high") ? INT64_MAX : 0;
    counts[i] = people[i] = sins(e, "lie") ? 1000000 : 0;
  }
  if (sins(e, "parent_text")) {
    int32_t parent = e->host->add(b, "parent", CLIO_T_UTF8, 0);
    for (uint64_t i = 0; i < rows; i++) clio_put_text(e->host, b, parent, i, "0");
  }
  return e->host->emit(b);
}

static clio_status clusterer_process(void *self, clio_call *call, uint32_t port,
                                     const clio_table *in) {
  const evil *e = (const evil *)self;
  clio_view text;
  (void)port;
  CLIO_TRY(clio_get(e->host, call, in, "request", CLIO_T_UTF8, &text));
  if (sins(e, "silent")) return CLIO_OK;
  CLIO_TRY(clusterer_members(e, call, in, &text));
  CLIO_TRY(clusterer_nodes(e, call));
  return sins(e, "twice") ? clusterer_nodes(e, call) : CLIO_OK;
}

static const clio_port inputs[] = {{.name = "in",
                                    .columns = CLIO_LIST(in_columns),
                                    .flags = CLIO_PORT_WHOLE,
                                    .rows = CLIO_ROWS_CONVERSATION}};
static const clio_port outputs[] = {
    {.name = "members", .flags = CLIO_PORT_PASS, .rows = CLIO_ROWS_CONVERSATION},
    {.name = "clusters", .columns = CLIO_LIST(node_columns), .rows = CLIO_ROWS_CLUSTER}};
EVIL_STAGE("clusterer", .inputs = CLIO_LIST(inputs), .outputs = CLIO_LIST(outputs),
           .plan = clusterer_plan, .process = clusterer_process);
