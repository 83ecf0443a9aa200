/* keyphrase.c - namer/keyphrase: names and describes clusters offline, in the
 * language of their members, from words and phrases that enough accounts of the
 * cluster share. What the words mean it does not know: templates give them the
 * form a person would, and every text is put to the text rule first. */
#include "clio.h"
#include "clio_util.h"
#include "named_emit.h"
#include "wording.h"

typedef struct keyphrase_config {
  const char *facet, *templates, *themes;
  int64_t members;
} keyphrase_config;

enum { PORT_CONVERSATIONS = 0, PORT_CLUSTERS };
enum { OWN = 0, FAMILY, WHOLE }; /* whose themes are counted */

typedef struct keyphrase_self {
  const clio_host *host;
  const keyphrase_config *config;
  const clio_table *conversations;
} keyphrase_self;

/* ---- planning ---- */

static const clio_column *column_at(const clio_columns *columns, uint32_t i) {
  const char *at = (const char *)columns->items + (size_t)i * columns->item_size;
  return (const clio_column *)(const void *)at;
}

/* The membership column of the tree to name: that of `facet`, or where that is
 * empty the only one. *ret_count: how many there are. */
static const clio_column *membership(const clio_columns *columns, const char *facet,
                                     int *ret_count) {
  const clio_column *found = NULL;
  *ret_count = 0;
  for (uint32_t i = 0; columns && i < columns->count; i++) {
    const clio_column *column = column_at(columns, i);
    if (strncmp(column->name, "cluster_", 8) != 0 || column->type != CLIO_T_I64) continue;
    if (facet[0] && strcmp(column->name + 8, facet) != 0) continue;
    found = column;
    ++*ret_count;
  }
  return found;
}

/* The clusters table is written anew, so all its columns are ours to declare. */
static clio_status plan_clusters(const clio_host *host, clio_plan *plan) {
  const clio_columns *columns = host->plan_input(plan, PORT_CLUSTERS);
  for (uint32_t i = 0; columns && i < columns->count; i++) {
    const clio_column *column = column_at(columns, i);
    if (emit_fills(column->name)) continue;
    CLIO_TRY(host->plan_use(plan, PORT_CLUSTERS, column->name));
    CLIO_TRY(host->plan_output(plan, 0, column));
  }
  return CLIO_OK;
}

static clio_status keyphrase_plan(const clio_host *host, clio_plan *plan, const void *config) {
  const keyphrase_config *c = config;
  int count;
  const clio_columns *columns = host->plan_input(plan, PORT_CONVERSATIONS);
  const clio_column *column = membership(columns, c->facet, &count);
  if (count == 0 && c->facet[0])
    return clio_plan_failf(host, plan, CLIO_E_CONFIG,
                           "facet: no tree '%s' reaches this stage; put a clusterer before it",
                           c->facet);
  if (count == 0)
    return host->plan_fail(plan, CLIO_E_CONFIG,
                           "no tree reaches this stage; put a clusterer before it");
  if (count > 1)
    return host->plan_fail(plan, CLIO_E_CONFIG,
                           "several trees reach this stage; say with 'facet' which one to name");
  if (!column->of || !clio_planned(columns, column->of))
    return clio_plan_failf(host, plan, CLIO_E_CONFIG,
                           "the text that tree '%s' was made from does not reach this stage",
                           column->name + 8);
  CLIO_TRY(host->plan_use(plan, PORT_CONVERSATIONS, column->name));
  CLIO_TRY(host->plan_use(plan, PORT_CONVERSATIONS, column->of));
  return plan_clusters(host, plan);
}

/* ---- naming ---- */

/* Everything one run of the stage works with. */
typedef struct work {
  keyphrase_self *self;
  clio_call *call;
  const clio_text *text;
  const clio_column *column; /* the membership */
  phrase_corpus corpus;
  templates templates;
  row_form *forms;
  tree tree;
  uint32_t least;          /* accounts a word needs */
  uint32_t *family;        /* accounts by phrase, over one node and all its children */
  uint32_t *whole;         /* accounts by phrase, over all rows read */
  uint32_t *single;        /* by stem: the phrase of that one word */
  theme_counts *themes[3]; /* of one node, of its family, of all rows read */
  uint64_t whole_rows;
  node_room room;
  double *taken;
  uint8_t common_language; /* of the whole run */
} work;

/* Who wrote each row; a row without account stands for itself. */
static clio_status read_accounts(work *w, uint64_t rows, int64_t **ret) {
  clio_view view = {0};
  int known = clio_look(w->self->host, w->self->conversations, "account", CLIO_T_I64, &view);
  int64_t *account = clio_scratch_array(w->self->host, w->call, rows, sizeof *account);
  if (!account) return clio_nomem(w->self->host, w->call);
  for (uint64_t row = 0; row < rows; row++)
    account[row] = known && clio_valid(&view, row) ? clio_i64(&view, row) : -1 - (int64_t)row;
  *ret = account;
  return CLIO_OK;
}

static clio_status read_corpus(work *w, const clio_table *clusters) {
  const clio_host *host = w->self->host;
  clio_view member = {0}, texts = {0}, names = {0};
  CLIO_TRY(clio_get(host, w->call, w->self->conversations, w->column->name, CLIO_T_I64, &member));
  CLIO_TRY(clio_get(host, w->call, w->self->conversations, w->column->of, CLIO_T_UTF8, &texts));
  int named = clio_look(host, w->self->conversations, "language", CLIO_T_UTF8, &names);
  CLIO_TRY(tree_read(host, w->call, clusters, w->column->name + 8, &w->tree));
  uint8_t *skip = clio_scratch_array(host, w->call, texts.rows, 1);
  if (!skip) return clio_nomem(host, w->call);
  int64_t *account = NULL;
  CLIO_TRY(tree_sample(host, w->call, &w->tree, &member, (uint64_t)w->self->config->members, skip));
  CLIO_TRY(read_accounts(w, texts.rows, &account));
  CLIO_TRY(phrases_read(host, w->call, w->text, &texts, account, skip, &w->corpus));
  CLIO_TRY(phrases_find(&w->corpus, w->least));
  CLIO_TRY(templates_read(host, w->call, w->self->config->templates, w->self->config->themes,
                          &w->corpus, &w->templates));
  CLIO_TRY(forms_read(&w->corpus, &w->templates, named ? &names : NULL, &w->forms));
  return tree_fill(&w->tree, &w->corpus, &member, skip);
}

/* The language most rows are in; the templates' first one where none is known. */
static uint8_t main_language(const work *w, const uint64_t *rows, uint64_t rows_count) {
  uint64_t count[256] = {0};
  uint8_t best = 0;
  for (uint64_t i = 0; i < rows_count; i++) count[w->forms[rows[i]].language]++;
  for (uint32_t i = 1; i < w->templates.count; i++)
    if (count[i] > count[best]) best = (uint8_t)i;
  return best;
}

static clio_status prepare(work *w) {
  const clio_host *host = w->self->host;
  w->taken = clio_scratch_array(host, w->call, w->corpus.stems.count, sizeof *w->taken);
  if (!w->taken) return clio_nomem(host, w->call);
  uint64_t most = 0;
  for (uint64_t n = 0; n < w->tree.nodes; n++) {
    const tree_node *node = &w->tree.node[n];
    if (node->parent == TREE_NONE) w->whole_rows += node->members;
    if (node->members > most) most = node->members;
  }
  CLIO_TRY(room_new(&w->corpus, most, &w->room));
  w->common_language = main_language(w, w->corpus.order, w->corpus.rows);
  w->whole = clio_scratch_array(host, w->call, w->corpus.phrases, sizeof *w->whole);
  w->family = clio_scratch_array(host, w->call, w->corpus.phrases, sizeof *w->family);
  if (!w->whole || !w->family) return clio_nomem(host, w->call);
  for (int i = 0; i < 3; i++) {
    w->themes[i] = clio_scratch_array(host, w->call, 1, sizeof *w->themes[i]);
    if (!w->themes[i]) return clio_nomem(host, w->call);
  }
  phrases_count(&w->corpus, w->corpus.order, w->corpus.rows, w->room.stamp, w->whole);
  themes_count(&w->corpus, w->forms, w->corpus.order, w->corpus.rows, w->themes[WHOLE]);
  return themes_singles(&w->corpus, &w->single);
}

/* Words that a name holds are worth less to its siblings. */
static void take_words(work *w, const subject *s) {
  uint32_t stems[PHRASE_MAX];
  for (uint32_t t = 0; t < s->used_count; t++) {
    uint32_t words = 0;
    if (s->used[t] != PHRASE_NONE) words = phrases_stems(&w->corpus, s->used[t], stems);
    for (uint32_t i = 0; i < words; i++) w->taken[stems[i]] *= 0.5;
  }
}

static clio_status name_node(work *w, tree_node *node, const uint32_t *parent_df,
                             uint64_t parent_rows) {
  subject s = {.corpus = &w->corpus, .forms = w->forms, .tree = &w->tree, .node = node};
  s.table = w->self->conversations;
  s.text_column = w->self->host->find(s.table, w->column->of);
  s.language_number = main_language(w, node->member, node->members);
  s.language = &w->templates.language[s.language_number];
  s.common = &w->templates.language[w->common_language];
  uint32_t *own = w->room.number[0], share = (uint32_t)(node->members / 25);
  room_reset(&w->room);
  phrases_count(&w->corpus, node->member, node->members, w->room.stamp, own);
  themes_count(&w->corpus, w->forms, node->member, node->members, w->themes[OWN]);
  const clio_members members = {.struct_size = sizeof members,
                                .text_column = s.text_column,
                                .table = s.table,
                                .rows = node->all,
                                .count = node->count};
  const contrast against = {.own = own,
                            .siblings = parent_df,
                            .whole = w->whole,
                            .own_rows = node->members,
                            .siblings_rows = parent_rows,
                            .whole_rows = w->whole_rows,
                            .own_themes = w->themes[OWN],
                            .siblings_themes =
                                w->themes[node->parent == TREE_NONE ? WHOLE : FAMILY],
                            .whole_themes = w->themes[WHOLE],
                            .single = w->single,
                            .least = share > w->least ? share : w->least,
                            .forms = w->forms,
                            .members = &members,
                            .language = s.language_number,
                            .taken = w->taken};
  CLIO_TRY(topics_choose(&w->corpus, s.language, node, &against, &w->room, &s.topics));
  const form *how = templates_form(s.language, "how");
  if (how)
    CLIO_TRY(topics_choose_slots(&w->corpus, s.language, node, w->forms,
                                 (uint32_t)(how - s.language->form), against.least, &w->room,
                                 &s.topics));
  CLIO_TRY(deeds_choose(&w->corpus, s.language, s.language_number, node, w->forms, &s.topics,
                        &w->room, &s.deeds));
  profile_take(&s);
  if (node->wants_name) CLIO_TRY(wording_name(&s));
  if (node->wants_description) CLIO_TRY(wording_describe(&s));
  take_words(w, &s);
  return CLIO_OK;
}

static int by_members(const void *a, const void *b) {
  const tree_node *x = *(const tree_node *const *)a, *y = *(const tree_node *const *)b;
  if (x->members != y->members) return x->members > y->members ? -1 : 1;
  return (x->id > y->id) - (x->id < y->id);
}

/* Names the children of one node as a set, the largest first. */
static clio_status name_family(work *w, int64_t parent) {
  tree_node **child = clio_scratch_array(w->self->host, w->call, w->tree.nodes, sizeof *child);
  if (!child) return clio_nomem(w->self->host, w->call);
  uint64_t count = 0;
  for (uint64_t n = 0; n < w->tree.nodes; n++)
    if (w->tree.node[n].parent == parent) child[count++] = &w->tree.node[n];
  if (count == 0) return CLIO_OK;
  qsort(child, count, sizeof(tree_node *), by_members);
  uint32_t *df = w->whole;
  uint64_t rows = w->whole_rows;
  if (parent != TREE_NONE) {
    const tree_node *p = &w->tree.node[parent];
    rows = p->members;
    df = w->family;
    phrases_count(&w->corpus, p->member, p->members, w->room.stamp, df);
    themes_count(&w->corpus, w->forms, p->member, p->members, w->themes[FAMILY]);
  }
  for (uint32_t i = 0; i < w->corpus.stems.count; i++) w->taken[i] = 1;
  for (uint64_t i = 0; i < count; i++) {
    CLIO_TRY(name_node(w, child[i], df, rows));
    if (w->self->host->cancelled(w->call)) return CLIO_E_CANCELLED;
  }
  return CLIO_OK;
}

/* ---- the stage ---- */

static clio_status keyphrase_create(const clio_host *host, clio_call *call, const void *config,
                                    void **ret_self) {
  templates checked;
  const keyphrase_config *c = config;
  CLIO_TRY(templates_read(host, call, c->templates, c->themes, NULL, &checked));
  keyphrase_self *self = calloc(1, sizeof *self);
  if (!self) return clio_nomem(host, call);
  self->host = host;
  self->config = c;
  *ret_self = self;
  return CLIO_OK;
}

static clio_status name_all(keyphrase_self *self, clio_call *call, const clio_table *clusters) {
  work w = {.self = self, .call = call};
  int count;
  const clio_policy *policy = self->host->service(call, CLIO_POLICY_ID);
  w.least = policy && policy->word_accounts > 1 ? (uint32_t)policy->word_accounts : 2;
  w.text = clio_need(self->host, call, CLIO_TEXT_ID, sizeof(clio_text));
  if (!w.text) return CLIO_E_UNSUPPORTED;
  const clio_columns *columns = self->host->input(call, PORT_CONVERSATIONS);
  w.column = membership(columns, self->config->facet, &count);
  CLIO_TRY(read_corpus(&w, clusters));
  CLIO_TRY(prepare(&w));
  CLIO_TRY(name_family(&w, TREE_NONE));
  for (uint64_t n = 0; n < w.tree.nodes; n++) CLIO_TRY(name_family(&w, (int64_t)n));
  return emit_clusters(self->host, call, clusters, self->host->input(call, PORT_CLUSTERS), &w.tree);
}

static clio_status keyphrase_process(void *state, clio_call *call, uint32_t port,
                                     const clio_table *in) {
  keyphrase_self *self = state;
  if (port == PORT_CLUSTERS) return name_all(self, call, in);
  self->conversations = self->host->ref(in);
  return CLIO_OK;
}

static void keyphrase_destroy(void *state) {
  keyphrase_self *self = state;
  if (!self) return;
  self->host->unref(self->conversations);
  free(self);
}

#define COLUMN(n, h, t, p, fl) \
  { .name = n, .help = h, .type = t, .privacy = p, .flags = fl }

static const clio_column conversation_columns[] = {
    COLUMN("account", "who counts once", CLIO_T_I64, CLIO_P_DERIVED,
           CLIO_COL_OPTIONAL | CLIO_COL_NULLABLE),
    COLUMN("language", "what members write; guessed where absent", CLIO_T_UTF8, CLIO_P_DERIVED,
           CLIO_COL_OPTIONAL | CLIO_COL_NULLABLE),
};

static const clio_column cluster_columns[] = {
    COLUMN("facet", "the tree", CLIO_T_UTF8, CLIO_P_GROUPED, 0),
    COLUMN("node", "the cluster", CLIO_T_I64, CLIO_P_GROUPED, 0),
    COLUMN("level", "0: a leaf", CLIO_T_I64, CLIO_P_GROUPED, 0),
    COLUMN("parent", "null: a top cluster", CLIO_T_I64, CLIO_P_GROUPED,
           CLIO_COL_OPTIONAL | CLIO_COL_NULLABLE),
    COLUMN("name", "kept where not null", CLIO_T_UTF8, CLIO_P_GROUPED,
           CLIO_COL_OPTIONAL | CLIO_COL_NULLABLE),
    COLUMN("description", "kept where not null", CLIO_T_UTF8, CLIO_P_GROUPED,
           CLIO_COL_OPTIONAL | CLIO_COL_NULLABLE),
};

static const clio_column named_columns[] = {
    COLUMN("name", "at most ten words", CLIO_T_UTF8, CLIO_P_GROUPED, CLIO_COL_NULLABLE),
    COLUMN("description", "two sentences", CLIO_T_UTF8, CLIO_P_GROUPED, CLIO_COL_NULLABLE),
};

static const clio_port keyphrase_inputs[] = {
    {.name = "conversations",
     .help = "members, with the text their tree was made from",
     .columns = CLIO_LIST(conversation_columns),
     .flags = CLIO_PORT_WHOLE,
     .rows = CLIO_ROWS_CONVERSATION},
    {.name = "clusters",
     .help = "the nodes to name",
     .columns = CLIO_LIST(cluster_columns),
     .flags = CLIO_PORT_WHOLE,
     .rows = CLIO_ROWS_CLUSTER},
};

static const clio_port keyphrase_outputs[] = {
    {.name = "clusters",
     .help = "the nodes, named",
     .columns = CLIO_LIST(named_columns),
     .rows = CLIO_ROWS_CLUSTER},
};

static const clio_param keyphrase_params[] = {
    CLIO_STR(keyphrase_config, facet, "\"\"", "which tree to name, where several reach this stage"),
    CLIO_TEXT(keyphrase_config, templates, "\"@words/name-templates.txt\"",
              "the words around what members share, by language"),
    CLIO_TEXT(keyphrase_config, themes, "\"@words/name-themes.txt\"",
              "what words speak of, by language; empty: words alone name clusters"),
    CLIO_INT(keyphrase_config, members, "2000", 50, 1000000,
             "members of each leaf that are read, drawn at random"),
};

static const clio_stage keyphrase_stage = {
    .struct_size = sizeof(clio_stage),
    .threads = CLIO_SERIAL,
    .kind = "namer",
    .name = "keyphrase",
    .summary = "names clusters offline from phrases that enough members share",
    .help =
        "Names and describes every cluster that has no name, leaf or parent, in the language most "
        "of its members write. A name says what kind of request they make, told from how their "
        "sentences begin, and the few topics that set them apart from their siblings and together "
        "occur in as many members as can be: words and phrases they share, or themes of which "
        "they use different words (\"oven\", \"dough\": food); it says \"often\" or \"some\" where "
        "these speak for less than half or a quarter. Each content word occurs in texts of at "
        "least privacy.word.accounts accounts of the cluster, and each text passes the gate's text "
        "rule; a cluster that shares nothing gets a name of function words. Words around topics "
        "come from the file `templates`, themes from `themes`.",
    .inputs = CLIO_LIST(keyphrase_inputs),
    .outputs = CLIO_LIST(keyphrase_outputs),
    .params = CLIO_LIST(keyphrase_params),
    .config_size = sizeof(keyphrase_config),
    .plan = keyphrase_plan,
    .create = keyphrase_create,
    .process = keyphrase_process,
    .destroy = keyphrase_destroy,
};

static const clio_stage *const stages[] = {&keyphrase_stage, NULL};
CLIO_PLUGIN_DEFINE(namer_keyphrase) = {CLIO_PLUGIN_INIT,   .id = "clio.namer.keyphrase",
                                       .version = "0.1.0", .license = "Apache-2.0",
                                       .vendor = "Clio",   .stages = stages};
