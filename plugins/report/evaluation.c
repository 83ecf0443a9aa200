/* evaluation.c - report/evaluation: what the validators before it measured, as
 * evaluation.json for programs and evaluation.html for readers. */
#include "evaluation.h"

#include "jsonout.h"
#include "scoresheet.h"

enum { PORT_RUN = 0, PORT_SCORES, PORTS };

typedef struct evaluation {
  const clio_host *host;
  const clio_table *table[PORTS];
} evaluation;

static clio_status read_scores(const evaluation *self, clio_call *call, measured *ret) {
  const clio_host *host = self->host;
  const clio_table *t = self->table[PORT_SCORES];
  ret->rows = host->rows(t);
  CLIO_TRY(clio_get(host, call, t, "metric", CLIO_T_UTF8, &ret->metric));
  CLIO_TRY(clio_get(host, call, t, "slice", CLIO_T_UTF8, &ret->slice));
  CLIO_TRY(clio_get(host, call, t, "value", CLIO_T_F64, &ret->value));
  CLIO_TRY(clio_get(host, call, t, "low", CLIO_T_F64, &ret->low));
  CLIO_TRY(clio_get(host, call, t, "high", CLIO_T_F64, &ret->high));
  CLIO_TRY(clio_get(host, call, t, "reference", CLIO_T_F64, &ret->reference));
  return clio_get(host, call, t, "n", CLIO_T_I64, &ret->n);
}

static void put_text(jsonout *j, const char *key, clio_span text) {
  jsonout_text(j, key, text.s, text.s ? text.len : -1);
}

static void put_real(jsonout *j, const char *key, const clio_view *view, uint64_t row) {
  if (clio_valid(view, row))
    jsonout_real(j, key, clio_f64(view, row));
  else
    jsonout_null(j, key);
}

static clio_status write_json(const evaluation *self, clio_call *call, const released_run *run,
                              const measured *m) {
  jsonout *j = jsonout_open(self->host, call, "evaluation.json");
  if (!j) return clio_nomem(self->host, call);
  jsonout_object(j, NULL);
  jsonout_int(j, "clio", 1);
  put_text(j, "mode", run->mode);
  put_text(j, "public_why", run->public_why);
  put_text(j, "graph_hash", run->graph_hash);
  jsonout_int(j, "seed", run->seed);
  jsonout_int(j, "conversations", run->conversations);
  jsonout_array(j, "scores");
  for (uint64_t i = 0; i < m->rows; i++) {
    jsonout_object(j, NULL);
    put_text(j, "metric", clio_utf8(&m->metric, i));
    put_text(j, "slice", clio_utf8(&m->slice, i));
    put_real(j, "value", &m->value, i);
    put_real(j, "low", &m->low, i);
    put_real(j, "high", &m->high, i);
    put_real(j, "reference", &m->reference, i);
    jsonout_int(j, "n", clio_i64(&m->n, i));
    jsonout_end(j);
  }
  jsonout_end(j);
  jsonout_end(j);
  return jsonout_close(j);
}

/* ---- the stage ---- */

static clio_status evaluation_create(const clio_host *host, clio_call *call, const void *config,
                                     void **ret_self) {
  evaluation *self = calloc(1, sizeof *self);
  (void)config;
  if (!self) return clio_nomem(host, call);
  self->host = host;
  *ret_self = self;
  return CLIO_OK;
}

static clio_status evaluation_process(void *self, clio_call *call, uint32_t port,
                                      const clio_table *in) {
  evaluation *e = self;
  (void)call;
  e->table[port] = e->host->ref(in);
  return CLIO_OK;
}

static clio_status evaluation_finish(void *self, clio_call *call) {
  const evaluation *e = self;
  released_run run;
  measured m;
  CLIO_TRY(released_read_run(e->host, call, e->table[PORT_RUN], &run));
  CLIO_TRY(read_scores(e, call, &m));
  CLIO_TRY(write_json(e, call, &run, &m));
  return evaluation_page(e->host, call, &run, &m);
}

static void evaluation_destroy(void *self) {
  evaluation *e = self;
  if (!e) return;
  for (int port = 0; port < PORTS; port++) e->host->unref(e->table[port]);
  free(e);
}

static const clio_port inputs[] = {
    {.name = "run",
     .help = "the run",
     .columns = CLIO_LIST(released_run_columns),
     .flags = CLIO_PORT_WHOLE,
     .rows = CLIO_ROWS_RUN},
    {.name = "scores",
     .help = "what the validators it reads from measured",
     .columns = CLIO_LIST(scoresheet_columns),
     .flags = CLIO_PORT_WHOLE,
     .rows = CLIO_ROWS_SCORE},
};

static const clio_stage evaluation_stage = {
    .struct_size = sizeof(clio_stage),
    .threads = CLIO_SERIAL,
    .kind = "report",
    .name = "evaluation",
    .summary = "what validators measured, as evaluation.json and evaluation.html",
    .help = "Takes the scores of every validator that it reads from. evaluation.json holds one "
            "object for each: metric, slice (null: of everything), value, low and high of its 95 % "
            "interval, a published figure where there is one, and n. evaluation.html shows the "
            "same to a reader, the confusion as a matrix.",
    .inputs = CLIO_LIST(inputs),
    .create = evaluation_create,
    .process = evaluation_process,
    .finish = evaluation_finish,
    .destroy = evaluation_destroy,
};

static const clio_stage *const stages[] = {&evaluation_stage, NULL};
CLIO_PLUGIN_DEFINE(report_evaluation) = {CLIO_PLUGIN_INIT,   .id = "clio.report.evaluation",
                                         .version = "0.1.0", .license = "Apache-2.0",
                                         .vendor = "Clio",   .stages = stages};
