/* embed.c - how well the offline embedders tell topics apart: each embeds the same
 * labelled texts through the SDK's bench, then plain spherical k-means with as many
 * clusters as labels, from the same eight seeds; normalised mutual information
 * with the labels (arithmetic mean of the entropies), the mean over the seeds.
 *
 *   bench/embed FILE.jsonl LABEL LEFT_OUT [STAGE[:KEY=JSON,...]] ...
 *
 * FILE: objects with "text", the field LABEL and perhaps "lang"; rows whose label is
 * LEFT_OUT ("-": none) are not read. Stages: use, lsa, blend (all three when none
 * is named). CLIO_DATA_PATH: the folder that holds models/ and words/. */
#include <json-c/json.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "clio_test.h"
#include "clio_util.h"
#include "linalg.h"
#include "lloyd.h"
#include "plain_host.h"
#include "seeding.h"
#include "text_service.h"

extern const clio_stage use_stage, blend_stage;
extern const clio_plugin clio_plugin_v0_embedder_lsa;

enum { SEEDS = 8, ITERATIONS = 100, LABELS = 4096, THREADS = 2 };

/* The labelled rows of a file. */
typedef struct data {
  char *rows; /* JSON for the bench */
  uint64_t n, labels;
  uint32_t *label;
} data;

static uint32_t data_label(const char **names, uint64_t *count, const char *name) {
  for (uint32_t i = 0; i < *count; i++)
    if (strcmp(names[i], name) == 0) return i;
  names[*count] = strdup(name);
  return (uint32_t)(*count)++;
}

static int data_add(data *d, struct json_object *rows, struct json_object *line, const char *field,
                    const char *left_out, const char **names) {
  struct json_object *text, *label, *lang = NULL;
  if (!json_object_object_get_ex(line, "text", &text) ||
      !json_object_object_get_ex(line, field, &label))
    return 0;
  const char *name = json_object_get_string(label);
  if (strcmp(name, left_out) == 0) return 1;
  if (d->labels == LABELS - 1) return 0;
  struct json_object *row = json_object_new_object();
  json_object_object_add(row, "request", json_object_get(text));
  if (json_object_object_get_ex(line, "lang", &lang)) {
    const char *code = json_object_get_string(lang);
    if (strncmp(code, "eng_", 4) == 0) code = "en";
    json_object_object_add(row, "language", json_object_new_string(code));
  }
  json_object_array_add(rows, row);
  d->label = realloc(d->label, (d->n + 1) * sizeof *d->label);
  d->label[d->n++] = data_label(names, &d->labels, name);
  return 1;
}

static int data_read(const char *path, const char *field, const char *left_out, data *d) {
  static const char *names[LABELS];
  FILE *file = fopen(path, "r");
  char *line = NULL;
  size_t room = 0;
  int good = file != NULL;
  struct json_object *rows = json_object_new_array();
  while (good && getline(&line, &room, file) > 0) {
    struct json_object *object = json_tokener_parse(line);
    good = object && data_add(d, rows, object, field, left_out, names);
    json_object_put(object);
  }
  if (file) fclose(file);
  free(line);
  if (good) d->rows = strdup(json_object_to_json_string_ext(rows, JSON_C_TO_STRING_PLAIN));
  json_object_put(rows);
  return good && d->n > 0;
}

/* ---- normalised mutual information ---- */

static double entropy(const uint64_t *count, uint64_t n, double total) {
  double sum = 0;
  for (uint64_t i = 0; i < n; i++)
    if (count[i]) sum -= (double)count[i] / total * log((double)count[i] / total);
  return sum;
}

static double nmi(const data *d, const int32_t *cluster, uint64_t k) {
  uint64_t *both = calloc(d->labels * k, sizeof *both), *a = calloc(d->labels, sizeof *a);
  uint64_t *b = calloc(k, sizeof *b);
  double n = 0;
  for (uint64_t i = 0; i < d->n; i++) {
    if (cluster[i] < 0) continue;
    both[d->label[i] * k + (uint64_t)cluster[i]]++;
    a[d->label[i]]++;
    b[cluster[i]]++;
    n++;
  }
  double x = entropy(a, d->labels, n), y = entropy(b, k, n);
  double mutual = x + y - entropy(both, d->labels * k, n);
  free(both);
  free(a);
  free(b);
  return x + y > 0 ? 2 * mutual / (x + y) : 0;
}

/* ---- one stage ---- */

static double cluster_once(const data *d, const lloyd_rows *rows, uint64_t seed) {
  work w;
  lloyd l;
  uint64_t k;
  work_init(&w, plain_host(THREADS), NULL);
  float *centre = work_alloc(&w, d->labels, rows->d * sizeof *centre);
  if (!centre || seeding_run(&w, rows, d->labels, rows->n, seed, centre, &k) != CLIO_OK ||
      lloyd_init(&l, &w, rows, d->labels) != CLIO_OK)
    return NAN;
  lloyd_start(&l, centre, k);
  double result = lloyd_run(&l, ITERATIONS, 0) == CLIO_OK ? nmi(d, l.label, l.k) : NAN;
  plain_host_reset();
  return result;
}

static void measure(const data *d, const char *what, const float *x, uint64_t dim) {
  float *scale = malloc(d->n * sizeof *scale);
  for (uint64_t i = 0; i < d->n; i++) scale[i] = linalg_inverse_norm(x + i * dim, dim);
  lloyd_rows rows = {x, scale, d->n, dim};
  double value[SEEDS], sum = 0, square = 0;
  for (uint64_t seed = 0; seed < SEEDS; seed++) sum += value[seed] = cluster_once(d, &rows, seed);
  for (int i = 0; i < SEEDS; i++) square += pow(value[i] - sum / SEEDS, 2);
  printf("nmi=%.4f deviation=%.4f stage=%s\n", sum / SEEDS, sqrt(square / SEEDS), what);
  fflush(stdout);
  free(scale);
}

/* "name:key=json,key=json" */
static clio_test *open_stage(char *spec) {
  char *keys = strchr(spec, ':');
  if (keys) *keys++ = '\0';
  const clio_stage *stage = strcmp(spec, "use") == 0     ? &use_stage
                            : strcmp(spec, "blend") == 0 ? &blend_stage
                            : strcmp(spec, "lsa") == 0   ? clio_plugin_v0_embedder_lsa.stages[0]
                                                         : NULL;
  if (!stage) return NULL;
  clio_test *t = clio_test_open(stage);
  while (keys && *keys) {
    char *value = strchr(keys, '='), *end = strchr(keys, ',');
    if (!value) return NULL;
    *value++ = '\0';
    if (end) *end++ = '\0';
    clio_test_param(t, keys, value);
    keys = end;
  }
  return t;
}

static int run_stage(const data *d, const char *what) {
  char *spec = strdup(what);
  clio_test *t = open_stage(spec);
  free(spec);
  if (!t) return fprintf(stderr, "no such stage: %s\n", what), 0;
  clio_view view;
  clio_test_assets(t, getenv("CLIO_DATA_PATH"));
  clio_test_service(t, CLIO_TEXT_ID, text_service());
  clio_test_threads(t, THREADS);
  clio_test_rows(t, "conversations", "request:utf8? language:utf8?", d->rows);
  double start = bench_wall(), cpu = bench_cpu();
  int good = clio_test_run(t) == CLIO_OK;
  if (!good) fprintf(stderr, "%s: %s\n", what, clio_test_error(t));
  printf("wall_s=%.2f cpu_s=%.2f ", bench_wall() - start, bench_cpu() - cpu);
  const clio_host *host = clio_test_host();
  const clio_table *out = good ? clio_test_out(t, "conversations") : NULL;
  if (good && clio_look(host, out, "vector", CLIO_T_VEC, &view))
    measure(d, what, view.data, view.dim);
  clio_test_close(t);
  return good;
}

int main(int argc, char **argv) {
  static char *const all[] = {"use", "lsa", "blend"};
  data d = {0};
  if (argc < 4) return fputs("usage: bench/embed FILE LABEL LEFT_OUT [STAGE ...]\n", stderr), 2;
  if (!data_read(argv[1], argv[2], argv[3], &d))
    return fprintf(stderr, "%s: cannot be read as labelled texts\n", argv[1]), 1;
  printf("bench=embed file=%s rows=%llu labels=%llu\n", argv[1], (unsigned long long)d.n,
         (unsigned long long)d.labels);
  linalg_init();
  int count = argc > 4 ? argc - 4 : 3, good = 1;
  for (int i = 0; i < count; i++) good &= run_stage(&d, argc > 4 ? argv[4 + i] : all[i]);
  free(d.rows);
  free(d.label);
  return good ? 0 : 1;
}
