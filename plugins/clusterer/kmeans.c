/* kmeans.c - clusterer/kmeans: spherical k-means over a vector column. Seeds
 * with k-means++ on a sample, iterates exactly (lib/lloyd.h), dissolves clusters
 * too small to be released, leaves rows that fit nowhere unassigned, and numbers
 * the clusters by size. It names nothing and builds no tree. */
#include "kmeans_fit.h"
#include "linalg.h"

typedef struct kmeans_self {
  const clio_host *host;
  const kmeans_config *config;
} kmeans_self;

enum { KMEANS_NAME = 128 };

/* ---- names of columns ---- */

/* The tree's name: the parameter, or the text column the vector was made of. */
static const char *kmeans_facet(const kmeans_config *c, const clio_column *vector) {
  if (c->facet && c->facet[0]) return c->facet;
  return vector->of ? vector->of : c->column;
}

static clio_status kmeans_plan(const clio_host *host, clio_plan *plan, const void *config) {
  const kmeans_config *c = config;
  char name[KMEANS_NAME];
  const clio_column *vector = clio_planned(host->plan_input(plan, 0), c->column);
  if (!vector || vector->type != CLIO_T_VEC)
    return clio_plan_failf(host, plan, CLIO_E_CONFIG,
                           "column '%s' is not a vector; put an embedder before this stage",
                           c->column);
  const char *facet = kmeans_facet(c, vector);
  if (strlen(facet) > KMEANS_NAME / 2)
    return clio_plan_failf(host, plan, CLIO_E_CONFIG, "facet '%s' is longer than %d bytes", facet,
                           KMEANS_NAME / 2);
  CLIO_TRY(host->plan_use(plan, 0, c->column));
  snprintf(name, sizeof name, "cluster_%s", facet);
  clio_column cluster = {.name = name,
                         .help = "number of the conversation's cluster; null: unassigned",
                         .type = CLIO_T_I64,
                         .privacy = CLIO_P_INHERIT,
                         .flags = CLIO_COL_NULLABLE,
                         .of = vector->of};
  CLIO_TRY(host->plan_output(plan, 0, &cluster));
  snprintf(name, sizeof name, "distance_%s", facet);
  clio_column distance = {.name = name,
                          .help = "1 - cosine to the cluster's centroid",
                          .type = CLIO_T_F64,
                          .privacy = CLIO_P_INHERIT,
                          .flags = CLIO_COL_NULLABLE,
                          .of = vector->of};
  CLIO_TRY(host->plan_output(plan, 0, &distance));
  clio_column centroid = {.name = "centroid",
                          .help = "direction of the cluster's mean, of length 1",
                          .type = CLIO_T_VEC,
                          .privacy = CLIO_P_GROUPED,
                          .dim = vector->dim,
                          .flags = CLIO_COL_NULLABLE,
                          .of = vector->of};
  return host->plan_output(plan, 1, &centroid);
}

static clio_status kmeans_create(const clio_host *host, clio_call *call, const void *config,
                                 void **ret_self) {
  kmeans_self *self = calloc(1, sizeof *self);
  if (!self) return clio_nomem(host, call);
  *self = (kmeans_self){.host = host, .config = config};
  linalg_init();
  *ret_self = self;
  return CLIO_OK;
}

static void kmeans_destroy(void *self) { free(self); }

/* ---- emitting ---- */

static clio_status kmeans_emit_rows(const work *w, const clio_table *in, const char *facet,
                                    const kmeans_result *r) {
  const clio_host *host = w->host;
  char name[KMEANS_NAME];
  uint64_t rows = host->rows(in);
  clio_builder *b = host->start(w->call, 0, in, NULL, rows);
  snprintf(name, sizeof name, "cluster_%s", facet);
  int32_t cluster = host->add(b, name, CLIO_T_I64, 0);
  snprintf(name, sizeof name, "distance_%s", facet);
  int32_t distance = host->add(b, name, CLIO_T_F64, 0);
  int64_t *node = host->data(b, cluster);
  double *far = host->data(b, distance);
  for (uint64_t i = 0; node && far && i < rows; i++)
    if (r->label[i] >= 0) {
      node[i] = r->label[i];
      far[i] = 1 - (double)r->fit[i];
    } else {
      host->put(b, cluster, i, NULL, -1);
      host->put(b, distance, i, NULL, -1);
    }
  return host->emit(b);
}

static clio_status kmeans_emit_clusters(const work *w, const char *facet, uint32_t dim,
                                        const kmeans_result *r) {
  const clio_host *host = w->host;
  clio_builder *b = host->start(w->call, 1, NULL, NULL, r->k);
  int32_t name = host->add(b, "facet", CLIO_T_UTF8, 0);
  int32_t node = host->add(b, "node", CLIO_T_I64, 0);
  host->add(b, "level", CLIO_T_I64, 0);
  int32_t parent = host->add(b, "parent", CLIO_T_I64, 0);
  int32_t centroid = host->add(b, "centroid", CLIO_T_VEC, dim);
  host->add(b, "name", CLIO_T_UTF8, 0);
  host->add(b, "description", CLIO_T_UTF8, 0);
  int64_t *number = host->data(b, node);
  float *centre = host->data(b, centroid);
  for (uint64_t j = 0; number && centre && j < r->k; j++) {
    number[j] = (int64_t)j;
    memcpy(centre + j * dim, r->centre + j * dim, dim * sizeof *centre);
    clio_put_text(host, b, name, j, facet);
    clio_put_null(host, b, parent, j);
  }
  return host->emit(b);
}

static clio_status kmeans_process(void *self, clio_call *call, uint32_t port,
                                  const clio_table *in) {
  (void)port;
  const kmeans_self *s = self;
  const kmeans_config *c = s->config;
  const clio_column *planned = clio_planned(s->host->input(call, 0), c->column);
  clio_view vectors;
  work w;
  kmeans_result result = {0};
  CLIO_TRY(clio_get(s->host, call, in, c->column, CLIO_T_VEC, &vectors));
  work_init(&w, s->host, call);
  CLIO_TRY(kmeans_fit(&w, c, &vectors, &result));
  const char *facet = kmeans_facet(c, planned);
  clio_logf(s->host, call, CLIO_LOG_INFO, "facet '%s': %llu clusters", facet,
            (unsigned long long)result.k);
  CLIO_TRY(kmeans_emit_rows(&w, in, facet, &result));
  return kmeans_emit_clusters(&w, facet, vectors.dim, &result);
}

static const clio_column kmeans_clusters[] = {
    {.name = "facet", .help = "the tree's name", .type = CLIO_T_UTF8, .privacy = CLIO_P_GROUPED},
    {.name = "node", .help = "0, 1 ... by size", .type = CLIO_T_I64, .privacy = CLIO_P_GROUPED},
    {.name = "level", .help = "0: a leaf", .type = CLIO_T_I64, .privacy = CLIO_P_GROUPED},
    {.name = "parent",
     .help = "null until a hierarchizer gives one",
     .type = CLIO_T_I64,
     .privacy = CLIO_P_GROUPED,
     .flags = CLIO_COL_NULLABLE},
    {.name = "name",
     .help = "null until a namer gives one",
     .type = CLIO_T_UTF8,
     .privacy = CLIO_P_GROUPED,
     .flags = CLIO_COL_NULLABLE},
    {.name = "description",
     .help = "null until a namer gives one",
     .type = CLIO_T_UTF8,
     .privacy = CLIO_P_GROUPED,
     .flags = CLIO_COL_NULLABLE},
};
static const clio_port kmeans_inputs[] = {{.name = "conversations",
                                           .help = "all rows, with the vector column",
                                           .flags = CLIO_PORT_WHOLE,
                                           .rows = CLIO_ROWS_CONVERSATION}};
static const clio_port kmeans_outputs[] = {
    {.name = "conversations",
     .help = "the same rows with cluster_FACET and distance_FACET",
     .flags = CLIO_PORT_PASS,
     .rows = CLIO_ROWS_CONVERSATION},
    {.name = "clusters",
     .help = "one leaf for each cluster",
     .columns = CLIO_LIST(kmeans_clusters),
     .rows = CLIO_ROWS_CLUSTER}};
static const clio_param kmeans_params[] = {
    CLIO_AUTO(kmeans_config, k, "\"auto\"", 2, 100000,
              "clusters; auto: 2, or rows / max(100, 3 * cluster.conversations) if that is more"),
    CLIO_COLUMN(kmeans_config, column, "\"vector\"", "vector column to cluster"),
    CLIO_STR(kmeans_config, facet, "null",
             "name of the tree; null: the text column the vector was made of"),
    CLIO_AUTO(kmeans_config, min_size, "\"auto\"", 0, 1000000000,
              "rows below which a cluster is dissolved; auto: cluster.conversations"),
    CLIO_FLOAT(kmeans_config, floor, "0.35", -1, 1,
               "cosine to the centroid below which a row stays unassigned"),
    CLIO_FLOAT(kmeans_config, outliers, "0.15", 0, 1,
               "share of the rows, the worst, that may stay unassigned for it"),
    CLIO_AUTO(kmeans_config, restarts, "\"auto\"", 1, 1000,
              "starts, of which the best counts; auto: 8, 3 or 1, fewer for larger inputs"),
    CLIO_INT(kmeans_config, iterations, "50", 1, 10000, "iterations at most"),
    CLIO_FLOAT(kmeans_config, tolerance, "0.001", 0, 1,
               "share of the rows that may still change their cluster at the end"),
    CLIO_AUTO(kmeans_config, sample, "\"auto\"", 2, 10000000,
              "rows looked at for seeding; auto: 12 for each cluster, at least 4096"),
};
static const clio_stage kmeans_stage = {
    .struct_size = sizeof(clio_stage),
    .threads = CLIO_SERIAL,
    .kind = "clusterer",
    .name = "kmeans",
    .summary = "spherical k-means",
    .help = "Exact Lloyd iterations on blocked matrix products with Hamerly's bounds, seeded by\n"
            "greedy k-means++ on a sample. A cluster that loses all rows takes the row that fits\n"
            "worst elsewhere; ties go to the lower number. Clusters below min_size could never be\n"
            "released: they are dissolved, smallest first, each row into the nearest other\n"
            "cluster. Rows without a vector, or below the floor, stay unassigned. The same rows\n"
            "and seed give the same clusters, whatever the number of threads.",
    .inputs = CLIO_LIST(kmeans_inputs),
    .outputs = CLIO_LIST(kmeans_outputs),
    .params = CLIO_LIST(kmeans_params),
    .config_size = sizeof(kmeans_config),
    .plan = kmeans_plan,
    .create = kmeans_create,
    .process = kmeans_process,
    .destroy = kmeans_destroy,
};
static const clio_stage *const kmeans_stages[] = {&kmeans_stage, NULL};
extern CLIO_PLUGIN_DEFINE(clusterer_kmeans);
CLIO_PLUGIN_DEFINE(clusterer_kmeans) = {CLIO_PLUGIN_INIT,   .id = "clio.clusterer.kmeans",
                                        .version = "0.1.0", .license = "Apache-2.0",
                                        .vendor = "Clio",   .stages = kmeans_stages};
