/* llm.c - hierarchizer/llm: a tree over named clusters, level by level, by a language model
 * (Clio paper, appendix G.7). Whatever the model says, what comes out is a tree: each node
 * has one parent, each parent two children or more, each level about the size it should. */
#include "answer.h"
#include "level.h"
#include "levels.h"
#include "linalg.h"

typedef struct llm_self {
  const clio_host *host;
  const llm_config *config;
  const clio_table *clusters;
} llm_self;

enum { TITLE_BYTES = 200, ALL_WORDS = 6 };

/* ---- planning ---- */

static clio_status plan_prompts(const clio_host *host, clio_plan *plan, const llm_config *c) {
  static const char *const propose[] = {"groups", "?outside",  "?wanted", "?least",
                                        "?most",  "?criteria", NULL};
  static const char *const merge[] = {"names", "?wanted", "?criteria", NULL};
  static const char *const assign[] = {"group", "choices", NULL};
  static const char *const name[] = {"groups", "?outside", "?words", "?criteria", NULL};
  static const char *const repair[] = {"problems", NULL};
  CLIO_TRY(prompt_check(host, plan, "propose", c->propose, propose));
  CLIO_TRY(prompt_check(host, plan, "merge", c->merge, merge));
  CLIO_TRY(prompt_check(host, plan, "assign", c->assign, assign));
  CLIO_TRY(prompt_check(host, plan, "name", c->name, name));
  return prompt_check(host, plan, "repair", c->repair, repair);
}

static clio_status llm_plan(const clio_host *host, clio_plan *plan, const void *config) {
  const llm_config *c = config;
  const clio_column *member = NULL;
  CLIO_TRY(leaves_plan(host, plan, c->facet, &member));
  if (!member->of || !clio_planned(host->plan_input(plan, LEAVES_CONVERSATIONS), member->of))
    return clio_plan_failf(host, plan, CLIO_E_CONFIG,
                           "the text that tree '%s' was made from does not reach this stage; names "
                           "are held against it",
                           member->name + strlen("cluster_"));
  if (!clio_planned(host->plan_input(plan, LEAVES_CLUSTERS), "name"))
    return host->plan_fail(plan, CLIO_E_CONFIG,
                           "the clusters have no names; put a namer before this stage");
  if (c->embedder && c->dimension == 0)
    return host->plan_fail(plan, CLIO_E_CONFIG,
                           "dimension: say how long the vectors of the embedder are");
  CLIO_TRY(plan_prompts(host, plan, c));
  CLIO_TRY(host->plan_use(plan, LEAVES_CONVERSATIONS, member->of));
  return host->plan_use(plan, LEAVES_CLUSTERS, "name");
}

/* ---- reading ---- */

/* What leaves are called; one without a name by the words its conversations share. */
static clio_status read_titles(llm_run *r) {
  uint64_t leaves = r->tree.leaves;
  vocab_group *rows = NULL;
  r->title = work_alloc(&r->w, r->tree.room, sizeof *r->title);
  r->above = work_alloc(&r->w, leaves, sizeof *r->above);
  if (!r->title || !r->above) return work_nomem(&r->w, "the tree");
  for (uint64_t i = 0; i < leaves; i++) r->above[i] = (int32_t)i;
  CLIO_TRY(vocab_split(&r->vocab, r->in.leaf, r->above, leaves, &rows));
  for (uint64_t i = 0; i < leaves; i++) {
    clio_span name = {NULL, 0};
    if (r->in.has_name) name = clio_utf8(&r->in.name, r->in.leaf_row[i]);
    char *title;
    CLIO_TRY(answer_line(r->w.host, r->w.call, name, TITLE_BYTES, &title));
    r->title[i] = title;
    if (title) continue;
    vocab_count(&r->vocab, rows[i].member, rows[i].members);
    r->title[i] = vocab_list(&r->vocab, ALL_WORDS);
    if (!r->title[i]) return work_nomem(&r->w, "the tree");
  }
  return CLIO_OK;
}

static clio_status read_all(llm_run *r, const llm_self *s, const clio_table *conversations) {
  const llm_config *c = r->config;
  r->llm = clio_need(r->w.host, r->w.call, CLIO_LLM_ID, sizeof *r->llm);
  if (!r->llm) return CLIO_E_UNSUPPORTED;
  CLIO_TRY(leaves_read(&r->w, s->clusters, conversations, c->facet, &r->in, &r->tree));
  const char *text = r->in.member->of;
  CLIO_TRY(vocab_read(&r->w, conversations, text, r->in.leaf, (uint64_t)c->members, &r->vocab));
  r->naming = (naming){.w = &r->w,
                       .vocab = &r->vocab,
                       .conversations = conversations,
                       .text_column = r->w.host->find(conversations, text),
                       .role = c->model,
                       .repair = c->repair,
                       .temperature = c->temperature,
                       .repairs = c->repairs};
  const clio_columns *columns = r->w.host->input(r->w.call, LEAVES_CONVERSATIONS);
  CLIO_TRY(naming_criteria(&r->naming, columns, text, c->criteria));
  return read_titles(r);
}

/* ---- levels ---- */

static void scale_places(float *place, uint64_t n, uint64_t d) {
  for (uint64_t i = 0; i < n; i++)
    linalg_scale(place + i * d, linalg_inverse_norm(place + i * d, d), d);
}

/* Where items lie: their names' and descriptions' vectors, or their centroids. */
static clio_status place_items(level *l) {
  llm_run *r = l->r;
  const llm_config *c = r->config;
  uint64_t n = l->items.n, d = c->embedder ? (uint64_t)c->dimension : r->tree.d;
  float *place = work_alloc(&r->w, n, d * sizeof *place);
  const char **text = work_alloc(&r->w, n, sizeof *text);
  int64_t *length = work_alloc(&r->w, n, sizeof *length);
  if (!place || !text || !length) return work_nomem(&r->w, "the tree");
  l->items = (groups_items){.w = &r->w, .place = place, .n = n, .d = d};
  for (uint64_t i = 0; i < n && c->embedder; i++) {
    prompt_text line = prompt_begin(r->w.host, r->w.call);
    clio_span whole;
    level_put_items(l, &line, &i, 1);
    CLIO_TRY(prompt_end(&line, &whole));
    text[i] = whole.s;
    length[i] = whole.len;
  }
  if (c->embedder)
    CLIO_TRY(r->llm->embed(r->w.call, c->embedder, text, length, n, place, (uint32_t)d));
  else
    memcpy(place, r->tree.centroid + l->first * d, n * d * sizeof *place);
  scale_places(place, n, d);
  return CLIO_OK;
}

static clio_status make_level(level *l) {
  CLIO_TRY(place_items(l));
  CLIO_TRY(level_propose(l));
  CLIO_TRY(level_assign(l));
  return l->groups < 2 ? CLIO_OK : level_name(l);
}

static clio_status grow(llm_run *r) {
  levels_shape shape = levels_plan(r->config->top, r->config->levels, r->tree.leaves);
  uint64_t first = 0, n = r->tree.leaves;
  for (uint64_t number = 1; number < shape.levels; number++) {
    level l = {.r = r, .number = number, .first = first, .items = {.w = &r->w, .n = n}};
    l.want = levels_size(&shape, number, n);
    if (l.want < 2) break;
    CLIO_TRY(make_level(&l));
    if (l.groups < 2) break;
    first += n;
    n = l.groups;
    r->w.host->progress(r->w.call, number, shape.levels - 1);
  }
  return CLIO_OK;
}

/* ---- the stage ---- */

static clio_status build(llm_self *s, clio_call *call, const clio_table *conversations) {
  llm_run *r = s->host->scratch(call, sizeof *r);
  if (!r) return clio_nomem(s->host, call);
  work_init(&r->w, s->host, call);
  r->config = s->config;
  CLIO_TRY(read_all(r, s, conversations));
  CLIO_TRY(grow(r));
  if (r->tree.nodes > r->tree.leaves) naming_report(&r->naming, "names of parents");
  if (r->fallbacks)
    clio_logf(s->host, call, CLIO_LOG_INFO,
              "%llu answers were no legal choice, or none; the nearest one was taken",
              (unsigned long long)r->fallbacks);
  return leaves_emit(&r->tree, &r->in);
}

static clio_status llm_process(void *self, clio_call *call, uint32_t port, const clio_table *in) {
  llm_self *s = self;
  if (port == LEAVES_CONVERSATIONS) return build(s, call, in);
  s->clusters = s->host->ref(in);
  return CLIO_OK;
}

static clio_status llm_create(const clio_host *host, clio_call *call, const void *config,
                              void **ret_self) {
  llm_self *self = calloc(1, sizeof *self);
  if (!self) return clio_nomem(host, call);
  *self = (llm_self){.host = host, .config = config};
  linalg_init();
  *ret_self = self;
  return CLIO_OK;
}

static void llm_destroy(void *self) {
  llm_self *s = self;
  if (!s) return;
  s->host->unref(s->clusters);
  free(s);
}

static const clio_param params[] = {
    CLIO_MODEL(llm_config, model, NULL, "the role of models that is asked"),
    CLIO_EMBED_MODEL(llm_config, embedder, "null",
                     "the role that makes vectors of names and descriptions; null: clusters lie "
                     "where their centroids do"),
    CLIO_INT(llm_config, dimension, "0", 0, 8192, "length of the embedder's vectors"),
    CLIO_STR(llm_config, facet, "null", "which tree; null: the only one that arrives"),
    CLIO_AUTO(llm_config, levels, "\"auto\"", 1, 20,
              "levels, leaves included; auto: 1 for up to 10 leaves, else about one for each "
              "tenfold"),
    CLIO_AUTO(llm_config, top, "\"auto\"", 2, 10000,
              "nodes of the top level; auto: the square root of the leaves, at most 10"),
    CLIO_INT(llm_config, neighbourhood, "40", 2, 1000,
             "clusters for which names are proposed at once"),
    CLIO_INT(llm_config, outside, "10", 0, 1000, "nearest other clusters that are shown"),
    CLIO_INT(llm_config, choices, "100", 2, 10000,
             "parents among which one cluster's is chosen; of more, the nearest"),
    CLIO_INT(llm_config, vocabulary, "100", 0, 1000,
             "words shared by enough accounts that are offered for names; 0: none"),
    CLIO_INT(llm_config, repairs, "2", 0, 10, "times that a refused text is asked for again"),
    CLIO_INT(llm_config, members, "2000", 50, 1000000,
             "members of each leaf whose words are read, drawn at random"),
    CLIO_FLOAT(llm_config, temperature, "1", 0, 2, "the model's temperature"),
    CLIO_TEXT(llm_config, propose, "\"@prompts/hierarchy-propose.txt\"",
              "asks for names of parents of {{groups}}, set against {{outside}}"),
    CLIO_TEXT(llm_config, merge, "\"@prompts/hierarchy-merge.txt\"",
              "asks which of {{names}} to keep, about {{wanted}}"),
    CLIO_TEXT(llm_config, assign, "\"@prompts/hierarchy-assign.txt\"",
              "asks for the best parent of {{group}} among {{choices}}"),
    CLIO_TEXT(llm_config, name, "\"@prompts/hierarchy-name.txt\"",
              "asks for a name after the children in {{groups}}"),
    CLIO_TEXT(llm_config, criteria, "\"@prompts/name-criteria.txt\"", "what a good name is"),
    CLIO_TEXT(llm_config, repair, "\"@prompts/name-repair.txt\"",
              "what is added where the text rule refused an answer, with the place {{problems}}"),
};

static const clio_stage stage = {
    .struct_size = sizeof(clio_stage),
    .threads = CLIO_SERIAL,
    .caps = CLIO_CAP_LLM,
    .kind = "hierarchizer",
    .name = "llm",
    .summary = "a tree over named clusters by a language model",
    .help =
        "Level by level, until the top has the wanted size: clusters are grouped into\n"
        "neighbourhoods of about 40; for each the model proposes names of parents, also seeing\n"
        "what lies nearest outside; names that say the same are dropped; each cluster is given\n"
        "its best parent, from a list in an order of chance; each parent is named after its\n"
        "children. An answer that is no legal choice counts as the nearest one. A parent that\n"
        "would have a single child, or is one too many, is joined with the nearest; one that has\n"
        "too much is parted. Names are put to the text rule and asked for again as in namer/llm;\n"
        "what never passes is null: put namer/keyphrase behind.\n\n"
        "    names: { use: namer/llm, from: clusters, model: large }\n"
        "    more:  { use: namer/keyphrase, from: names }\n"
        "    tree:  { use: hierarchizer/llm, from: more, model: large }\n"
        "    rest:  { use: namer/keyphrase, from: tree }",
    .inputs = {leaves_inputs, LEAVES_INPUTS, sizeof(clio_port)},
    .outputs = {leaves_outputs, 1, sizeof(clio_port)},
    .params = CLIO_LIST(params),
    .config_size = sizeof(llm_config),
    .plan = llm_plan,
    .create = llm_create,
    .process = llm_process,
    .destroy = llm_destroy,
};
static const clio_stage *const stages[] = {&stage, NULL};

extern CLIO_PLUGIN_DEFINE(hierarchizer_llm);
CLIO_PLUGIN_DEFINE(hierarchizer_llm) = {CLIO_PLUGIN_INIT,   .id = "clio.hierarchizer.llm",
                                        .version = "0.1.0", .license = "Apache-2.0",
                                        .vendor = "Clio",   .stages = stages};
