/* reconstruction.c - validator/reconstruction: do the clusters find again what the
 * conversations are known to be about? Base clusters are given the label that their
 * members have most often in one half of the data and scored on the other half, both
 * ways round (Tamkin et al. 2024, appendix on synthetic data, with the mapping learnt
 * from labels in place of a reader). Numbers only; public data only. */
#include "agreement.h"
#include "clio.h"
#include "clio_util.h"
#include "names.h"
#include "released.h"
#include "scoresheet.h"
#include "strmap.h"

typedef struct reconstruction_config {
  const char *label, *cluster, *slice, *baseline;
  clio_strlist without;
  double reference, reference_slice;
} reconstruction_config;

enum { PORT_CONVERSATIONS = 0, PORT_CLUSTERS, PORTS };

typedef struct reconstruction {
  const clio_host *host;
  const reconstruction_config *config;
  const clio_table *table[PORTS];
} reconstruction;

/* One column of names as numbers. */
typedef struct naming {
  strmap map;
  uint32_t *of; /* by row; AGREEMENT_NONE for null */
} naming;

typedef struct work {
  const reconstruction *self;
  clio_call *call;
  uint64_t count; /* rows with a label */
  uint64_t *row;  /* their numbers in the table */
  naming label, slice;
  uint8_t *half;
  uint32_t *predicted;
} work;

/* ---- reading ---- */

static int is_left_out(clio_strlist words, clio_span name) {
  for (uint64_t i = 0; i < words.count; i++)
    if (clio_span_is(name, words.items[i])) return 1;
  return 0;
}

static clio_status read_names(work *w, const char *column, clio_strlist without, naming *ret) {
  const clio_host *host = w->self->host;
  const clio_table *table = w->self->table[PORT_CONVERSATIONS];
  clio_view view;
  uint64_t rows = host->rows(table);
  CLIO_TRY(clio_get(host, w->call, table, column, CLIO_T_UTF8, &view));
  ret->map = strmap_new(host, w->call);
  ret->of = clio_scratch_array(host, w->call, rows + 1, sizeof *ret->of);
  if (!ret->of) return clio_nomem(host, w->call);
  for (uint64_t i = 0; i < rows; i++) {
    clio_span name = clio_utf8(&view, i);
    int counts = name.s && !is_left_out(without, name);
    ret->of[i] = counts ? strmap_add(&ret->map, name.s, name.len) : AGREEMENT_NONE;
    if (counts && ret->of[i] == UINT32_MAX) return clio_nomem(host, w->call);
  }
  return CLIO_OK;
}

/* A membership column, its node numbers made dense; in the order of `w->row`. */
static clio_status read_clusters(const work *w, const char *column, uint32_t **ret,
                                 uint32_t *count) {
  const clio_host *host = w->self->host;
  clio_view view;
  strmap map = strmap_new(host, w->call);
  CLIO_TRY(clio_get(host, w->call, w->self->table[PORT_CONVERSATIONS], column, CLIO_T_I64, &view));
  uint32_t *cluster = clio_scratch_array(host, w->call, w->count + 1, sizeof *cluster);
  if (!cluster) return clio_nomem(host, w->call);
  for (uint64_t i = 0; i < w->count; i++) {
    int64_t node = clio_i64(&view, w->row[i]);
    int none = !clio_valid(&view, w->row[i]);
    cluster[i] = none ? AGREEMENT_NONE : strmap_add(&map, (const char *)&node, sizeof node);
    if (!none && cluster[i] == UINT32_MAX) return clio_nomem(host, w->call);
  }
  *ret = cluster;
  *count = map.count;
  return CLIO_OK;
}

/* Keeps the rows that have a label; the others say nothing. */
static clio_status keep_labelled(work *w) {
  const clio_host *host = w->self->host;
  uint64_t rows = host->rows(w->self->table[PORT_CONVERSATIONS]);
  w->row = clio_scratch_array(host, w->call, rows + 1, sizeof *w->row);
  w->half = clio_scratch_array(host, w->call, rows + 1, sizeof *w->half);
  w->predicted = clio_scratch_array(host, w->call, rows + 1, sizeof *w->predicted);
  if (!w->row || !w->half || !w->predicted) return clio_nomem(host, w->call);
  for (uint64_t i = 0; i < rows; i++) {
    if (w->label.of[i] == AGREEMENT_NONE) continue;
    w->half[w->count] = host->random(w->call, i) & 1;
    w->label.of[w->count] = w->label.of[i];
    if (w->slice.of) w->slice.of[w->count] = w->slice.of[i];
    w->row[w->count++] = i;
  }
  if (w->count) return CLIO_OK;
  return clio_failf(host, w->call, CLIO_E_INPUT, "no conversation has a value in '%s'",
                    w->self->config->label);
}

static clio_status rows_by(const work *w, const char *column, agreement_rows *ret,
                           uint64_t **ret_counts) {
  uint32_t *cluster = NULL, clusters = 0;
  CLIO_TRY(read_clusters(w, column, &cluster, &clusters));
  *ret = (agreement_rows){w->count, clusters, w->label.map.count, cluster, w->label.of, w->half};
  uint64_t cells = ((uint64_t)clusters + 3) * ret->labels;
  *ret_counts = clio_scratch_array(w->self->host, w->call, cells, sizeof **ret_counts);
  return *ret_counts ? CLIO_OK : clio_nomem(w->self->host, w->call);
}

/* ---- scores ---- */

static void put_share(scoresheet *s, const char *metric, const char *slice, uint64_t right,
                      uint64_t of, double reference) {
  score row = {.metric = metric, .slice = slice, .reference = reference, .n = (int64_t)of};
  row.value = of ? (double)right / (double)of : 0;
  agreement_interval(right, of, &row.low, &row.high);
  row.has_interval = of > 0;
  scoresheet_add(s, &row);
}

static void put_plain(scoresheet *s, const char *metric, double value, uint64_t n) {
  score row = {.metric = metric, .value = value, .n = (int64_t)n};
  scoresheet_add(s, &row);
}

static void put_accuracy(const work *w, const agreement_score *a, scoresheet *s) {
  put_share(s, "accuracy", NULL, a->right, a->rows, w->self->config->reference);
  put_share(s, "accuracy of the assigned", NULL, a->right, a->predicted, 0);
  put_share(s, "assigned to a cluster", NULL, a->predicted, a->rows, 0);
  put_plain(s, "macro F1", a->macro_f1, w->label.map.count);
  put_plain(s, "weighted F1", a->weighted_f1, a->rows);
  put_plain(s, "total variation of shares", a->variation, w->label.map.count);
  put_plain(s, "chance", 1.0 / (double)w->label.map.count, w->label.map.count);
}

static void put_clusters(const agreement_rows *rows, uint64_t *counts, scoresheet *s) {
  agreement_clusters c = agreement_of_clusters(rows, counts);
  put_plain(s, "purity", c.purity, c.rows);
  put_plain(s, "NMI", c.nmi, c.rows);
  put_plain(s, "ARI", c.ari, c.rows);
  put_plain(s, "homogeneity", c.homogeneity, c.rows);
  put_plain(s, "completeness", c.completeness, c.rows);
}

/* The same measure over the clusters of another column: what a simpler way reaches. */
static clio_status put_baseline(const work *w, const agreement_score *ours, scoresheet *s) {
  agreement_rows rows;
  uint64_t *counts;
  CLIO_TRY(rows_by(w, w->self->config->baseline, &rows, &counts));
  uint32_t *predicted = clio_scratch_array(w->self->host, w->call, w->count + 1, sizeof *predicted);
  if (!predicted) return clio_nomem(w->self->host, w->call);
  agreement_predict(&rows, counts, predicted);
  agreement_score a = agreement_score_of(&rows, predicted, counts);
  put_share(s, "accuracy of the baseline", NULL, a.right, a.rows, 0);
  put_plain(s, "better than the baseline by",
            (double)ours->right / (double)ours->rows - (double)a.right / (double)a.rows, a.rows);
  put_plain(s, "NMI of the baseline", agreement_of_clusters(&rows, counts).nmi, a.predicted);
  return CLIO_OK;
}

static clio_status put_slices(const work *w, scoresheet *s) {
  const naming *slice = &w->slice;
  uint64_t *right = clio_scratch_array(w->self->host, w->call, slice->map.count + 1, 8);
  uint64_t *of = clio_scratch_array(w->self->host, w->call, slice->map.count + 1, 8);
  if (!right || !of) return clio_nomem(w->self->host, w->call);
  for (uint64_t i = 0; i < w->count; i++) {
    uint32_t k = slice->of[i];
    if (k == AGREEMENT_NONE) continue;
    of[k]++;
    right[k] += w->predicted[i] == w->label.of[i];
  }
  for (uint32_t k = 0; k < slice->map.count; k++)
    put_share(s, "accuracy", scoresheet_keep(s, slice->map.key[k]), right[k], of[k],
              w->self->config->reference_slice);
  return CLIO_OK;
}

/* "TRUTH > SAID" for every pair that occurs. */
static clio_status put_confusion(const work *w, scoresheet *s) {
  uint32_t labels = w->label.map.count;
  uint64_t *cell = clio_scratch_array(w->self->host, w->call, (uint64_t)labels * labels, 8);
  if (!cell) return clio_nomem(w->self->host, w->call);
  for (uint64_t i = 0; i < w->count; i++)
    if (w->predicted[i] != AGREEMENT_NONE)
      cell[(uint64_t)w->label.of[i] * labels + w->predicted[i]]++;
  for (uint32_t truth = 0; truth < labels; truth++)
    for (uint32_t said = 0; said < labels; said++) {
      uint64_t n = cell[(uint64_t)truth * labels + said];
      score row = {.metric = "confusion", .value = (double)n, .n = (int64_t)n};
      if (!n) continue;
      row.slice = scoresheet_pair(s, w->label.map.key[truth], w->label.map.key[said]);
      scoresheet_add(s, &row);
    }
  return CLIO_OK;
}

static clio_status put_all(work *w, scoresheet *s) {
  const reconstruction_config *c = w->self->config;
  agreement_rows rows;
  uint64_t *counts;
  CLIO_TRY(read_names(w, c->label, c->without, &w->label));
  if (c->slice) CLIO_TRY(read_names(w, c->slice, (clio_strlist){NULL, 0}, &w->slice));
  CLIO_TRY(keep_labelled(w));
  CLIO_TRY(rows_by(w, c->cluster, &rows, &counts));
  agreement_predict(&rows, counts, w->predicted);
  agreement_score a = agreement_score_of(&rows, w->predicted, counts);
  put_accuracy(w, &a, s);
  put_clusters(&rows, counts, s);
  if (c->baseline) CLIO_TRY(put_baseline(w, &a, s));
  CLIO_TRY(names_measure(w->self->host, w->call, w->self->table[PORT_CLUSTERS],
                         c->cluster + strlen("cluster_"), s));
  if (c->slice) CLIO_TRY(put_slices(w, s));
  CLIO_TRY(put_confusion(w, s));
  return CLIO_OK;
}

/* ---- the stage ---- */

static clio_status reconstruction_plan(const clio_host *host, clio_plan *plan, const void *config) {
  const reconstruction_config *c = config;
  const clio_columns *columns = host->plan_input(plan, PORT_CONVERSATIONS);
  const char *const text[] = {c->label, c->slice}, *const node[] = {c->cluster, c->baseline};
  for (size_t i = 0; i < 2; i++) {
    const clio_column *names = clio_planned(columns, text[i]);
    const clio_column *nodes = clio_planned(columns, node[i]);
    if (names && names->type != CLIO_T_UTF8)
      return clio_plan_failf(host, plan, CLIO_E_CONFIG, "%s: '%s' holds no text",
                             i ? "slice" : "label", text[i]);
    if (nodes && (nodes->type != CLIO_T_I64 || strncmp(node[i], "cluster_", 8) != 0))
      return clio_plan_failf(host, plan, CLIO_E_CONFIG,
                             "%s: '%s' is no clusterer's column; it is called cluster_FACET",
                             i ? "baseline" : "cluster", node[i]);
  }
  return CLIO_OK;
}

static clio_status reconstruction_create(const clio_host *host, clio_call *call, const void *config,
                                         void **ret_self) {
  reconstruction *self = calloc(1, sizeof *self);
  if (!self) return clio_nomem(host, call);
  self->host = host;
  self->config = config;
  *ret_self = self;
  return CLIO_OK;
}

static clio_status reconstruction_process(void *self, clio_call *call, uint32_t port,
                                          const clio_table *in) {
  reconstruction *r = self;
  (void)call;
  r->table[port] = r->host->ref(in);
  return CLIO_OK;
}

static clio_status reconstruction_finish(void *self, clio_call *call) {
  const reconstruction *r = self;
  work w = {.self = r, .call = call};
  scoresheet sheet = scoresheet_new(r->host, call);
  CLIO_TRY(put_all(&w, &sheet));
  return scoresheet_emit(&sheet, 0);
}

static void reconstruction_destroy(void *self) {
  reconstruction *r = self;
  if (!r) return;
  for (int port = 0; port < PORTS; port++) r->host->unref(r->table[port]);
  free(r);
}

static const clio_port inputs[] = {
    {.name = "conversations",
     .help = "with labels and memberships",
     .flags = CLIO_PORT_WHOLE,
     .rows = CLIO_ROWS_CONVERSATION},
    {.name = "clusters",
     .help = "the released clusters",
     .columns = CLIO_LIST(released_cluster_columns),
     .flags = CLIO_PORT_WHOLE,
     .rows = CLIO_ROWS_CLUSTER},
};
static const clio_port outputs[] = {{.name = "scores",
                                     .help = "accuracy, agreement, names, confusion",
                                     .columns = CLIO_LIST(scoresheet_columns),
                                     .rows = CLIO_ROWS_SCORE}};
static const clio_param params[] = {
    CLIO_COLUMN(reconstruction_config, label, "\"label_topic\"", "column with the true label"),
    CLIO_STRS(reconstruction_config, without, "[]",
              "labels that are none, such as oos; their conversations are not scored"),
    CLIO_COLUMN(reconstruction_config, cluster, "\"cluster_request\"",
                "membership column that is measured"),
    CLIO_COLUMN(reconstruction_config, slice, "null",
                "column by whose values the accuracy is told one by one, such as label_language"),
    CLIO_COLUMN(reconstruction_config, baseline, "null",
                "membership column of a simpler way, to compare with"),
    CLIO_FLOAT(reconstruction_config, reference, "0", 0, 1,
               "a published accuracy on like data, shown beside ours; 0: none"),
    CLIO_FLOAT(reconstruction_config, reference_slice, "0", 0, 1,
               "the same for each slice; 0: none"),
};

static const clio_stage reconstruction_stage = {
    .struct_size = sizeof(clio_stage),
    .threads = CLIO_SERIAL,
    .kind = "validator",
    .name = "reconstruction",
    .summary = "clusters against known labels: accuracy, agreement, confusion",
    .help = "Each base cluster is given the label that is most frequent among its members in one "
            "half of the labelled conversations, and scored on the other half, and the other way "
            "round, so that no conversation helps to name itself. A conversation without cluster "
            "counts as wrong. Beside it stand measures that need no mapping (purity, NMI, ARI), "
            "what can be said of the names, and the confusion matrix. For public data.",
    .inputs = CLIO_LIST(inputs),
    .outputs = CLIO_LIST(outputs),
    .params = CLIO_LIST(params),
    .config_size = sizeof(reconstruction_config),
    .plan = reconstruction_plan,
    .create = reconstruction_create,
    .process = reconstruction_process,
    .finish = reconstruction_finish,
    .destroy = reconstruction_destroy,
};
static const clio_stage *const stages[] = {&reconstruction_stage, NULL};
CLIO_PLUGIN_DEFINE(reconstruction) = {CLIO_PLUGIN_INIT, .id = "clio.validator.reconstruction",
                                      .version = "0.1.0", .license = "Apache-2.0",
                                      .stages = stages};
