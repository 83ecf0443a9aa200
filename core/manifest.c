/* manifest.c - writes what ran; see manifest.h. */
#include "manifest.h"

#include <cblas.h>
#include <string.h>

#include "asset.h"
#include "clio-build.h"
#include "json.h"
#include "llm.h"
#include "roll.h"
#include "util.h"

static void put_threshold(json *j, const char *key, const gate_threshold *t) {
  json_key(j, key);
  json_object(j);
  json_put_int(j, "accounts", t->accounts);
  json_put_int(j, "conversations", t->conversations);
  json_put_int(j, "organizations", t->organizations);
  json_end(j);
}

static void put_names(json *j, const char *key, const GPtrArray *nodes) {
  json_key(j, key);
  json_array(j);
  for (guint i = 0; i < nodes->len; i++) json_string(j, ((const doc_node *)nodes->pdata[i])->text);
  json_end(j);
}

static void put_privacy(json *j, const graph_privacy *p) {
  json_key(j, "privacy");
  json_object(j);
  json_put_string(j, "mode", graph_mode_name(p->mode));
  json_put_string(j, "public", p->public_why);
  json_put_string(j, "reason", p->reason);
  json_put_string(j, "assume",
                  p->one_account_per_conversation ? "one_account_per_conversation" : NULL);
  put_names(j, "declassify", p->declassify);
  put_names(j, "sensitive", p->sensitive);
  put_threshold(j, "cluster", &p->cluster);
  put_threshold(j, "cell", &p->cell);
  json_put_int(j, "word_accounts", p->word_accounts);
  json_put_bool(j, "word_exempt_common", p->word_exempt_common);
  json_put_int(j, "account_cap", p->account_cap);
  json_put_int(j, "audit_floor", p->audit_floor);
  json_put_int(j, "round", p->round_to);
  json_end(j);
}

/* The backend of each role, and what of its parameters an answer depends on. */
static void put_models(json *j, const flow *f) {
  json_key(j, "models");
  json_array(j);
  for (guint i = 0; i < f->models->len; i++) {
    const flow_stage *fs = ((const flow_model *)f->models->pdata[i])->st;
    g_autofree char *parameters = config_json(fs->cfg, fs->ps, true);
    json_object(j);
    json_put_string(j, "role", fs->gs->id);
    json_put_string(j, "use", fs->use);
    json_key(j, "parameters");
    json_raw(j, parameters);
    json_end(j);
  }
  json_end(j);
}

char *manifest_graph(const graph *g, const flow *f) {
  json *j = json_new(false);
  json_object(j);
  json_put_int(j, "clio", 1);
  json_put_string(j, "name", g->name);
  json_put_int(j, "seed", g->seed);
  put_privacy(j, &g->privacy);
  if (f->models->len) put_models(j, f);
  json_key(j, "stages");
  json_array(j);
  for (guint i = 0; i < f->stages->len; i++) {
    const flow_stage *fs = flow_at(f, (int)i);
    json_object(j);
    json_put_string(j, "id", fs->gs->id);
    json_put_string(j, "use", fs->use);
    put_names(j, "from", fs->gs->from);
    json_put_double(j, "max_bad_rows", fs->gs->max_bad_rows);
    char *parameters = config_json(fs->cfg, fs->ps, true);
    json_key(j, "parameters");
    json_raw(j, parameters);
    g_free(parameters);
    json_end(j);
  }
  json_end(j);
  json_end(j);
  return json_take(j);
}

/* The data files that the stage's results depend on. */
static void put_assets(json *j, const plugin_stage *ps) {
  json_key(j, "assets");
  json_array(j);
  for (uint32_t i = 0; i < ps->s.assets.count; i++) {
    const asset *a = NULL;
    json_object(j);
    json_put_string(j, "name", ps->assets[i].name);
    json_put_string(j, "sha256",
                    asset_open(ps->assets[i].name, &a, NULL) == CLIO_OK ? a->sha256 : NULL);
    json_put_string(j, "origin", ps->assets[i].origin);
    json_put_string(j, "license", ps->assets[i].license);
    json_end(j);
  }
  json_end(j);
}

static void put_stage(json *j, const run_stage *st) {
  const plugin *p = st->fs->ps->owner;
  json_object(j);
  json_put_string(j, "id", st->fs->gs->id);
  json_put_string(j, "use", st->fs->use);
  json_put_string(j, "file", p->path);
  json_put_string(j, "sha256", p->sha256);
  json_put_string(j, "version", p->p.version);
  json_put_string(j, "license", p->p.license);
  put_assets(j, st->fs->ps);
  json_key(j, "passed_over");
  json_array(j);
  for (guint i = 0; i < st->fs->passed->len; i++) json_string(j, st->fs->passed->pdata[i]);
  json_end(j);
  json_put_int(j, "rows_in", (int64_t)st->rows_in);
  json_put_int(j, "rows_out", (int64_t)st->rows_out);
  json_put_int(j, "failed", (int64_t)st->failed);
  json_put_int(j, "bad", (int64_t)st->bad);
  json_put_int(j, "dropped", (int64_t)st->dropped);
  json_put_double(j, "seconds", (double)st->microseconds / G_USEC_PER_SEC);
  json_put_bool(j, "reused", st->reused);
  json_put_string(j, "why", st->reused ? NULL : st->why);
  json_end(j);
}

static void put_counts(json *j, const run *r) {
  json_key(j, "counts");
  json_object(j);
  json_put_int(j, "read", (int64_t)r->rows_read);
  json_put_int(j, "bad", (int64_t)r->rows_bad);
  json_put_int(j, "sampled_out", (int64_t)r->rows_sampled_out);
  json_put_int(j, "screened_out", (int64_t)r->rows_screened_out);
  json_put_int(j, "used", (int64_t)r->rows_used);
  json_put_int(j, "repeated_ids", (int64_t)r->rows_same_id);
  json_put_int(j, "over_cap", (int64_t)r->rows_over_cap);
  json_put_int(j, "repeated", (int64_t)r->rows_repeated);
  json_put_int(j, "texts_refused", (int64_t)r->texts_refused);
  json_put_int(j, "without_account", (int64_t)roll_without_account(r->roll));
  json_put_int(j, "accounts", (int64_t)roll_accounts(r->roll));
  json_end(j);
}

static void put_time(json *j, const char *key, gint64 microseconds) {
  GDateTime *t = g_date_time_new_from_unix_utc(microseconds / G_USEC_PER_SEC);
  char *text = g_date_time_format_iso8601(t);
  json_put_string(j, key, text);
  g_free(text);
  g_date_time_unref(t);
}

clio_status manifest_write(const run *r, const char *outcome, gint64 started, error *e) {
  json *j = json_new(true);
  json_object(j);
  json_put_int(j, "clio", 1);
  json_put_string(j, "version", PACKAGE_VERSION);
  json_put_string(j, "outcome", outcome);
  put_time(j, "started", started);
  put_time(j, "ended", g_get_real_time());
  json_put_string(j, "graph_file", r->g->file);
  json_put_string(j, "graph_hash", r->graph_hash);
  char *graph_text = manifest_graph(r->g, r->f);
  json_key(j, "graph");
  json_raw(j, graph_text);
  g_free(graph_text);
  json_put_string(j, "input_sha256", r->input_sha256);
  json_put_int(j, "threads", r->options.threads);
  json_put_int(j, "batch_rows", r->options.batch_rows);
  json_put_string(j, "blas", openblas_get_corename());
  put_threshold(j, "cluster", &r->gate_policy.cluster);
  put_threshold(j, "cell", &r->gate_policy.cell);
  put_counts(j, r);
  json_key(j, "stages");
  json_array(j);
  for (guint i = 0; i < r->f->stages->len; i++) put_stage(j, &r->stages[i]);
  json_end(j);
  json_put_int(j, "rss_streamed_mib", r->rss_streamed);
  json_put_int(j, "rss_mib", peak_memory_mib());
  llm_put(j, r);
  json_end(j);
  char *text = json_take(j);
  char *path = g_build_filename(r->options.out, "manifest.json", NULL);
  clio_status s = write_file(path, text, strlen(text), 0600, e);
  g_free(path);
  g_free(text);
  return s;
}
