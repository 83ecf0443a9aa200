/* ward.c - hierarchizer/ward: a tree over the leaves of one facet, by Ward's
 * linkage of their centroids weighted by their conversations, along the leading
 * principal directions of each level (ward_tree.c says why). Levels shrink by
 * a constant factor, as in the Clio paper: n(l) / n(l-1) = (top / leaves)^(1 /
 * (levels - 1)). No inner node has a single child. It names nothing: a namer
 * after it names leaves and parents alike. */
#include "linalg.h"
#include "ward_tree.h"

typedef struct ward_config {
  const char *facet;
  int64_t levels, top;
} ward_config;

/* What is kept between the two inputs. */
typedef struct ward_self {
  const clio_host *host;
  const ward_config *config;
  const clio_table *clusters;
} ward_self;

static clio_status ward_plan(const clio_host *host, clio_plan *plan, const void *config) {
  const ward_config *c = config;
  return leaves_plan(host, plan, c->facet, NULL);
}

static clio_status ward_create(const clio_host *host, clio_call *call, const void *config,
                               void **ret_self) {
  ward_self *self = calloc(1, sizeof *self);
  if (!self) return clio_nomem(host, call);
  *self = (ward_self){.host = host, .config = config};
  linalg_init();
  *ret_self = self;
  return CLIO_OK;
}

static void ward_destroy(void *self) {
  ward_self *s = self;
  if (!s) return;
  s->host->unref(s->clusters);
  free(s);
}

static clio_status ward_build(ward_self *s, clio_call *call, const clio_table *conversations) {
  work w;
  leaves_tree tree;
  leaves_input in;
  work_init(&w, s->host, call);
  CLIO_TRY(leaves_read(&w, s->clusters, conversations, s->config->facet, &in, &tree));
  levels_shape shape = levels_plan(s->config->top, s->config->levels, tree.leaves);
  CLIO_TRY(ward_grow(&tree, &shape));
  return leaves_emit(&tree, &in);
}

static clio_status ward_process(void *self, clio_call *call, uint32_t port, const clio_table *in) {
  ward_self *s = self;
  if (port == LEAVES_CONVERSATIONS) return ward_build(s, call, in);
  s->clusters = s->host->ref(in);
  return CLIO_OK;
}

static const clio_param ward_params[] = {
    CLIO_STR(ward_config, facet, "null", "which tree; null: the only one that arrives"),
    CLIO_AUTO(ward_config, levels, "\"auto\"", 1, 20,
              "levels, leaves included; auto: 1 for up to 10 leaves, else about one for each "
              "tenfold"),
    CLIO_AUTO(ward_config, top, "\"auto\"", 2, 10000,
              "nodes of the top level; auto: the square root of the leaves, at most 10"),
};
static const clio_stage ward_stage = {
    .struct_size = sizeof(clio_stage),
    .threads = CLIO_SERIAL,
    .kind = "hierarchizer",
    .name = "ward",
    .summary = "a tree over the clusters by Ward's linkage of their centroids",
    .help = "Merges leaves bottom-up so that the sum of squares grows least, each weighted by its\n"
            "conversations, and cuts at level sizes that shrink by a constant factor. Each level\n"
            "of n nodes is linked along the n - 1 directions in which its nodes' centroids differ\n"
            "most: over all directions they are nearly orthogonal and would chain. A node that\n"
            "would have a single child is joined with the node next to it, so that every inner\n"
            "node has at least two; a level that would leave a single node is not made.",
    .inputs = {leaves_inputs, LEAVES_INPUTS, sizeof(clio_port)},
    .outputs = {leaves_outputs, 1, sizeof(clio_port)},
    .params = CLIO_LIST(ward_params),
    .config_size = sizeof(ward_config),
    .plan = ward_plan,
    .create = ward_create,
    .process = ward_process,
    .destroy = ward_destroy,
};
static const clio_stage *const ward_stages[] = {&ward_stage, NULL};
extern CLIO_PLUGIN_DEFINE(hierarchizer_ward);
CLIO_PLUGIN_DEFINE(hierarchizer_ward) = {CLIO_PLUGIN_INIT,   .id = "clio.hierarchizer.ward",
                                         .version = "0.1.0", .license = "Apache-2.0",
                                         .vendor = "Clio",   .stages = ward_stages};
