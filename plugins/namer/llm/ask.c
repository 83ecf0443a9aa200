/* ask.c - what namer/llm asks a model; see ask.h. */
#include "ask.h"

enum { SHOWN_BYTES = 400, CANDIDATES = 8 };

/* ---- what is read ---- */

static clio_status read_leaves(llm_run *r, const clio_view *member, int32_t **ret) {
  int32_t *leaf = work_alloc(&r->w, member->rows, sizeof *leaf);
  if (!leaf) return work_nomem(&r->w, "the clusters");
  for (uint64_t row = 0; row < member->rows; row++) {
    int64_t at = clio_valid(member, row) ? tree_find(&r->tree, clio_i64(member, row)) : TREE_NONE;
    leaf[row] = (int32_t)at;
  }
  *ret = leaf;
  return CLIO_OK;
}

clio_status ask_read(llm_run *r, const clio_table *conversations, const clio_table *clusters) {
  const clio_host *host = r->w.host;
  const clio_policy *policy = host->service(r->w.call, CLIO_POLICY_ID);
  const clio_column *vectors = r->vectors;
  clio_view member;
  int32_t *leaf = NULL;
  CLIO_TRY(clio_get(host, r->w.call, conversations, r->column->name, CLIO_T_I64, &member));
  CLIO_TRY(tree_read(host, r->w.call, clusters, r->column->name + 8, &r->tree));
  CLIO_TRY(read_leaves(r, &member, &leaf));
  CLIO_TRY(vocab_read(&r->w, conversations, r->column->of, leaf, (uint64_t)r->config->members,
                      &r->vocab));
  CLIO_TRY(tree_fill(&r->tree, &r->vocab.corpus, &member, r->vocab.skip));
  r->contrast = (contrast){&r->w, &r->vocab, &r->tree, {0}, {0}, leaf, member.rows};
  clio_look(host, clusters, "centroid", CLIO_T_VEC, &r->contrast.centroids);
  if (vectors) clio_look(host, conversations, vectors->name, CLIO_T_VEC, &r->contrast.vectors);
  r->sample = (sample){.vocab = &r->vocab};
  int open = policy && strcmp(policy->mode, "public") == 0;
  r->sample.per_account = open || !policy ? UINT64_MAX : (uint64_t)policy->account_cap;
  return clio_get(host, r->w.call, conversations, r->column->of, CLIO_T_UTF8, &r->sample.texts);
}

/* ---- what the model is shown ---- */

/* A group's conversations, one a line, in a text of their own. */
static clio_status put_rows(llm_run *r, const uint64_t *row, uint64_t count, clio_span *ret) {
  prompt_text t = prompt_begin(r->w.host, r->w.call);
  for (uint64_t i = 0; i < count; i++) {
    clio_span text = clio_utf8(&r->sample.texts, row[i]);
    if (text.len > SHOWN_BYTES) text.len = SHOWN_BYTES;
    while (text.len > 0 && text.len == SHOWN_BYTES &&
           ((unsigned char)text.s[text.len] & 0xC0) == 0x80)
      text.len--;
    prompt_say(&t, "- ");
    prompt_data_line(&t, text);
    prompt_say(&t, "\n");
  }
  return prompt_end(&t, ret);
}

static clio_status inside_text(llm_run *r, int64_t at, clio_span *ret) {
  const tree_node *node = &r->tree.node[at];
  uint64_t shown = 0, key = ((uint64_t)node->id + 1) * 0x9E3779B97F4A7C15u;
  sample_row *rows = work_alloc(&r->w, node->members, sizeof *rows);
  uint64_t *row = work_alloc(&r->w, (uint64_t)r->config->inside, sizeof *row);
  if (!rows || !row) return work_nomem(&r->w, "a sample");
  for (uint64_t i = 0; i < node->members; i++) {
    uint64_t at_row = node->member[i];
    rows[i] = (sample_row){.account = r->vocab.account[at_row],
                           .order = r->w.host->random(r->w.call, key + at_row),
                           .row = at_row};
  }
  r->sample.most = (uint64_t)r->config->inside;
  CLIO_TRY(sample_take(&r->sample, rows, node->members, row, &shown));
  return put_rows(r, row, shown, ret);
}

static clio_status outside_text(llm_run *r, int64_t at, clio_span *ret) {
  uint64_t count = 0, shown = 0, most = (uint64_t)r->config->outside;
  sample_row *rows = NULL;
  uint64_t *row = work_alloc(&r->w, most, sizeof *row);
  *ret = clio_span_of("", 0);
  if (!row) return work_nomem(&r->w, "a contrast");
  if (most == 0) return CLIO_OK;
  CLIO_TRY(contrast_rows(&r->contrast, at, CANDIDATES * most, &rows, &count));
  r->sample.most = most;
  CLIO_TRY(sample_take(&r->sample, rows, count, row, &shown));
  return put_rows(r, row, shown, ret);
}

/* One question as it is put together. */
typedef struct draft {
  int64_t *at; /* places in the tree */
  clio_span *inside;
  uint64_t count;
  clio_span outside;
} draft;

/* "Group 2", its conversations, the words it may be named with. */
static clio_status put_group(llm_run *r, prompt_text *t, const draft *d, uint64_t i,
                             const char *mark) {
  const tree_node *node = &r->tree.node[d->at[i]];
  prompt_say(t, "Group %llu:\n", (unsigned long long)i + 1);
  prompt_fence(t, "conversations", mark, d->inside[i]);
  prompt_say(t, "\n");
  if (r->config->vocabulary == 0) return CLIO_OK;
  vocab_count(&r->vocab, node->member, node->members);
  char *words = vocab_list(&r->vocab, (uint32_t)r->config->vocabulary);
  if (!words) return work_nomem(&r->w, "a question");
  prompt_say(t, "Words that many in group %llu use: ", (unsigned long long)i + 1);
  prompt_data_line(t, clio_span_of(words, (int64_t)strlen(words)));
  prompt_say(t, "\n");
  return CLIO_OK;
}

static clio_status put_draft(llm_run *r, const draft *d, const char **ret) {
  const clio_host *host = r->w.host;
  prompt_text groups = prompt_begin(host, r->w.call), outside = prompt_begin(host, r->w.call);
  prompt_text whole = prompt_begin(host, r->w.call);
  prompt_place place[] = {{"groups", {NULL, 0}}, {"outside", {NULL, 0}}, {"criteria", {NULL, 0}}};
  char mark[PROMPT_MARK];
  clio_span *all = work_alloc(&r->w, d->count + 1, sizeof *all), text;
  if (!all) return work_nomem(&r->w, "a question");
  memcpy(all, d->inside, d->count * sizeof *all);
  all[d->count] = d->outside;
  CLIO_TRY(prompt_mark(host, r->w.call, all, d->count + 1, mark));
  for (uint64_t i = 0; i < d->count; i++) CLIO_TRY(put_group(r, &groups, d, i, mark));
  if (d->outside.len > 0) prompt_fence(&outside, "outside", mark, d->outside);
  CLIO_TRY(prompt_end(&groups, &place[0].text));
  CLIO_TRY(prompt_end(&outside, &place[1].text));
  place[2].text = r->naming.criteria;
  prompt_render(&whole, r->config->prompt, place, 3);
  CLIO_TRY(prompt_end(&whole, &text));
  *ret = text.s;
  return CLIO_OK;
}

/* ---- which are named together ---- */

static int is_wanting(const tree_node *node) {
  return node->count > 0 && (node->wants_name || node->wants_description);
}

static clio_status add_question(llm_run *r, draft *d) {
  naming_question *q = &r->question[r->questions++];
  *q = (naming_question){.count = d->count};
  q->node = work_alloc(&r->w, d->count, sizeof *q->node);
  if (!q->node) return work_nomem(&r->w, "a question");
  for (uint64_t i = 0; i < d->count; i++) q->node[i] = &r->node[d->at[i]];
  d->outside = clio_span_of("", 0);
  if (d->count == 1) CLIO_TRY(outside_text(r, d->at[0], &d->outside));
  return put_draft(r, d, &q->prompt);
}

/* The children of one node in one question where they fit, else each in its own, set
 * against what lies nearest outside. */
static clio_status ask_family(llm_run *r, int64_t parent) {
  draft d = {.at = work_alloc(&r->w, r->tree.nodes, sizeof *d.at)};
  int64_t bytes = 0;
  if (!d.at) return work_nomem(&r->w, "a question");
  for (uint64_t n = 0; n < r->tree.nodes; n++)
    if (r->tree.node[n].parent == parent && is_wanting(&r->tree.node[n]))
      d.at[d.count++] = (int64_t)n;
  d.inside = work_alloc(&r->w, d.count, sizeof *d.inside);
  if (!d.inside) return work_nomem(&r->w, "a question");
  for (uint64_t i = 0; i < d.count; i++) {
    CLIO_TRY(inside_text(r, d.at[i], &d.inside[i]));
    bytes += d.inside[i].len;
    if (r->w.host->cancelled(r->w.call)) return CLIO_E_CANCELLED;
  }
  if (d.count > 1 && d.count <= (uint64_t)r->config->together && bytes <= r->config->bytes)
    return add_question(r, &d);
  for (uint64_t i = 0; i < d.count; i++) {
    draft one = {.at = d.at + i, .inside = d.inside + i, .count = 1};
    CLIO_TRY(add_question(r, &one));
  }
  return CLIO_OK;
}

clio_status ask_prepare(llm_run *r, const clio_table *conversations) {
  r->node = work_alloc(&r->w, r->tree.nodes, sizeof *r->node);
  r->question = work_alloc(&r->w, r->tree.nodes, sizeof *r->question);
  if (!r->node || !r->question) return work_nomem(&r->w, "the clusters");
  for (uint64_t n = 0; n < r->tree.nodes; n++) {
    const tree_node *t = &r->tree.node[n];
    r->node[n] = (naming_node){.rows = {t->member, t->members, t->all, t->count},
                               .family = t->parent,
                               .wants_name = t->wants_name,
                               .wants_description = t->wants_description};
  }
  const llm_config *c = r->config;
  r->naming = (naming){.w = &r->w,
                       .vocab = &r->vocab,
                       .conversations = conversations,
                       .text_column = r->w.host->find(conversations, r->column->of),
                       .role = c->model,
                       .repair = c->repair,
                       .temperature = c->temperature,
                       .repairs = c->repairs};
  CLIO_TRY(naming_criteria(&r->naming, r->columns, r->column->of, c->criteria));
  CLIO_TRY(ask_family(r, TREE_NONE));
  for (uint64_t n = 0; n < r->tree.nodes; n++) CLIO_TRY(ask_family(r, (int64_t)n));
  return CLIO_OK;
}
