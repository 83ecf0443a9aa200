/* run.c - one run from the first stage to the released folder; see run.h. */
#include "run.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "cache.h"
#include "llm.h"
#include "log.h"
#include "manifest.h"
#include "members.h"
#include "output.h"
#include "pii.h"
#include "project.h"
#include "release.h"
#include "roll.h"
#include "source.h"
#include "store.h"
#include "util.h"

bool run_is_cancelled(run *r) { return g_atomic_int_get(&r->cancelled) != 0; }

void run_log(run *r, int level, const char *format, ...) {
  (void)r;
  va_list args;
  va_start(args, format);
  char *text = g_strdup_vprintf(format, args);
  va_end(args);
  log_line(level, "%s", text);
  g_free(text);
}

void run_progress(run *r, const run_stage *st, uint64_t done, uint64_t total) {
  (void)r;
  log_progress(st->fs->gs->id, done, total);
}

enum { BAD_SEEN = 100 };

clio_status run_check_bad(const run_stage *st, bool at_end, error *e) {
  uint64_t seen = __atomic_load_n(&st->rows_in, __ATOMIC_RELAXED);
  uint64_t bad =
      __atomic_load_n(&st->bad, __ATOMIC_RELAXED) + __atomic_load_n(&st->failed, __ATOMIC_RELAXED);
  double most = st->fs->gs->max_bad_rows;
  if ((!at_end && seen < BAD_SEEN) || (double)bad <= most * (double)seen) return CLIO_OK;
  bool asks = g_atomic_int_get(&st->asked) & CACHE_ASKED_UNANSWERED;
  return error_set(e, CLIO_E_INPUT,
                   "stage '%s': %" G_GUINT64_FORMAT " of %" G_GUINT64_FORMAT
                   " rows failed, more than max_bad_rows (%g %%) allows; %s, or raise max_bad_rows "
                   "of this stage",
                   st->fs->gs->id, bad, seen, most * 100,
                   asks
                       ? "its model left questions without answer: the same command asks them again"
                       : "mend the input");
}

/* ---- the watch ---- */

typedef struct watch {
  run *r;
  GMutex lock;
  GCond end;
  bool stop;
} watch;

static void find_stalled(const run *r) {
  gint64 now = g_get_monotonic_time();
  for (guint i = 0; i < r->f->stages->len; i++) {
    const run_stage *st = &r->stages[i];
    if (!g_atomic_int_get(&st->running)) continue;
    gint64 silent = (now - __atomic_load_n(&st->last_call, __ATOMIC_RELAXED)) / G_USEC_PER_SEC;
    if (silent <= r->options.stall_seconds) continue;
    log_line(CLIO_LOG_ERROR,
             "stage '%s' (%s) has not called the host for %" G_GINT64_FORMAT
             " s and cannot be stopped from outside; the run ends here (--stall-timeout)",
             st->fs->gs->id, st->fs->use, silent);
    _exit(1);
  }
}

static void *watch_run(void *arg) {
  watch *w = arg;
  g_mutex_lock(&w->lock);
  while (!w->stop) {
    gint64 pause = w->r->llm ? G_USEC_PER_SEC / 4 : G_USEC_PER_SEC;
    g_cond_wait_until(&w->end, &w->lock, g_get_monotonic_time() + pause);
    if (!w->stop) llm_watch(w->r);
    if (!w->stop && w->r->options.stall_seconds > 0) find_stalled(w->r);
  }
  g_mutex_unlock(&w->lock);
  return NULL;
}

/* ---- stages made and ended ---- */

static void remember_inputs(run_stage *st) {
  const flow_stage *fs = st->fs;
  st->planned = g_new0(clio_columns, fs->ps->s.inputs.count + 1);
  for (uint32_t p = 0; p < fs->ps->s.inputs.count; p++) {
    const schema *s = fs->in.kind[fs->ps->inputs[p].rows];
    if (!s) continue;
    clio_column *items = g_new0(clio_column, s->columns->len + 1);
    for (guint i = 0; i < s->columns->len; i++)
      items[i] = ((const schema_column *)s->columns->pdata[i])->c;
    st->planned[p] = (clio_columns){items, s->columns->len, sizeof(clio_column)};
  }
}

static clio_status create_stage(run *r, run_stage *st, error *e) {
  remember_inputs(st);
  const clio_stage *stage = &st->fs->ps->s;
  st->created = true;
  if (!stage->create) return CLIO_OK;
  clio_call call;
  call_begin(&call, r, st);
  clio_status s = stage->create(host_table(), &call, st->fs->cfg->data, &st->self);
  if (s == CLIO_OK && call.err.status != CLIO_OK) s = call.err.status;
  if (s != CLIO_OK) call_error(&call, s, e);
  call_end(&call);
  return s;
}

static clio_status create_stages(run *r, error *e) {
  clio_status s = CLIO_OK;
  for (guint i = 0; i < r->f->stages->len && s == CLIO_OK; i++) {
    const flow_stage *fs = flow_at(r->f, (int)i);
    if (fs->ps->s.caps & CLIO_CAP_EXEC && !r->options.allow_exec)
      return error_set(e, CLIO_E_CONFIG,
                       "stage '%s': %s starts programs; allow that with "
                       "--allow-exec",
                       fs->gs->id, fs->use);
    s = create_stage(r, &r->stages[i], e);
  }
  return s;
}

static void destroy_stages(run *r) {
  for (guint i = 0; r->stages && i < r->f->stages->len; i++) {
    run_stage *st = &r->stages[i];
    if (st->created && st->fs->ps->s.destroy) st->fs->ps->s.destroy(st->self);
    for (uint32_t p = 0; st->planned && p < st->fs->ps->s.inputs.count; p++)
      g_free((void *)st->planned[p].items);
    g_free(st->planned);
    g_free(st->why);
  }
}

/* ---- the steps ---- */

static void say_step(const run *r, const run_stage *st) {
  bool whole = st->made != CLIO_ROWS_NONE;
  clio_row_kind kind = whole ? st->made : CLIO_ROWS_CONVERSATION;
  int64_t count = (int64_t)(whole ? st->made_rows : st->rows_out);
  char *rows = format_count(count);
  g_autofree char *of = format_count_of(count, row_kind_name(kind));
  GString *text = g_string_new(NULL);
  g_string_append_printf(text, "%9s%s", rows, of + strlen(rows));
  if (st->failed) g_string_append_printf(text, ", %" G_GUINT64_FORMAT " failed", st->failed);
  if (st->bad) g_string_append_printf(text, ", %" G_GUINT64_FORMAT " bad", st->bad);
  if (st->dropped) g_string_append_printf(text, ", %" G_GUINT64_FORMAT " dropped", st->dropped);
  if (st->reused)
    g_string_append(text, ", reused");
  else
    g_string_append_printf(text, ", %.1f s", (double)st->microseconds / G_USEC_PER_SEC);
  if (!st->reused && st->why && store_was_used(r->store))
    g_string_append_printf(text, " (%s)", st->why);
  log_step(st->fs->gs->id, "%s", text->str);
  g_string_free(text, TRUE);
  g_free(rows);
}

static clio_status sample(run *r, error *e) {
  if (r->input) input_hold(r->input);
  clio_status s = segment_run(r, true, e);
  if (s == CLIO_OK)
    s = release_check_door(r, r->bundles[r->f->source].table[CLIO_ROWS_CONVERSATION], e);
  if (s == CLIO_OK) s = whole_run(r, r->f->sampler, e);
  if (s != CLIO_OK) return s;
  clio_table *out = r->bundles[r->f->sampler].table[CLIO_ROWS_CONVERSATION];
  const flow_stage *fs = flow_at(r->f, r->f->sampler);
  const char **names = g_new0(const char *, fs->adds->len + 1);
  for (guint i = 0; i < fs->adds->len; i++)
    names[i] = g_array_index(fs->adds, flow_add, i).column->name;
  r->picked = table_keep(out, names, fs->adds->len);
  g_free(names);
  bundle_clear(&r->bundles[r->f->sampler]);
  bundle_clear(&r->bundles[r->f->source]);
  r->warned_lines = G_MAXINT32;
  if (r->input && input_sha256(r->input)) s = input_rewind(r->input, e);
  return s;
}

static clio_status read_conversations(run *r, error *e) {
  clio_status s = r->f->sampler >= 0 ? sample(r, e) : CLIO_OK;
  if (s == CLIO_OK) s = segment_run(r, false, e);
  if (s != CLIO_OK) return s;
  s = run_check_bad(&r->stages[r->f->source], true, e);
  for (guint i = 0; i < r->f->order->len && s == CLIO_OK; i++) {
    const run_stage *st = &r->stages[g_array_index(r->f->order, int, i)];
    bool ran = st->done || st->fs->role == FLOW_SOURCE || st->fs->role == FLOW_SAMPLER;
    if (!ran) continue;
    say_step(r, st);
    s = run_check_bad(st, true, e);
  }
  if (s == CLIO_OK) s = llm_end_step(r, e);
  if (s == CLIO_OK) s = source_say_repeats(r, e);
  r->rss_streamed = peak_memory_mib();
  if (r->input && s == CLIO_OK) r->input_sha256 = cache_input_sha256(r);
  return s == CLIO_OK ? release_settle_policy(r, e) : s;
}

static clio_status run_whole_stages(run *r, error *e) {
  clio_status s = CLIO_OK;
  for (guint i = 0; i < r->f->order->len && s == CLIO_OK; i++) {
    run_stage *st = &r->stages[g_array_index(r->f->order, int, i)];
    if (run_is_cancelled(r)) return error_set(e, CLIO_E_CANCELLED, "stopped");
    if (st->done || (st->fs->role != FLOW_WHOLE && st->fs->role != FLOW_ROWWISE)) continue;
    s = st->fs->role == FLOW_WHOLE ? whole_run(r, st->fs->index, e)
                                   : segment_run_table(r, st->fs->index, e);
    if (s == CLIO_OK) say_step(r, st);
    if (s == CLIO_OK) s = llm_end_step(r, e);
  }
  return s;
}

/* The totals out of the stages' counts. A run that was refused before the gate
 * counted its rows used what passed the door and was not dropped behind it. */
static void sum_counts(run *r) {
  uint64_t lost = 0;
  for (guint i = 0; i < r->f->stages->len; i++) {
    const run_stage *st = &r->stages[i];
    bool behind = st->fs->role == FLOW_ROWWISE;
    r->rows_bad += st->bad;
    if (st->fs->role != FLOW_SAMPLER) r->rows_screened_out += st->dropped;
    if (behind) lost += st->dropped + st->bad;
  }
  if (!r->rows_used) r->rows_used = roll_count(r->roll) - MIN(lost, roll_count(r->roll));
}

/* The run's exact counts, by the names under which they are kept. */
static void list_counts(run *r, const char *names[5], uint64_t *values[5]) {
  static const char *const all[] = {"read", "used", "bad", "sampled out", "screened out"};
  uint64_t *mine[] = {&r->rows_read, &r->rows_used, &r->rows_bad, &r->rows_sampled_out,
                      &r->rows_screened_out};
  memcpy(names, all, sizeof all);
  memcpy(values, mine, sizeof mine);
}

static clio_status keep_records(run *r, error *e) {
  const char *names[5];
  uint64_t *values[5];
  list_counts(r, names, values);
  clio_status s = CLIO_OK;
  for (int i = 0; i < 5 && s == CLIO_OK; i++)
    s = store_put_count(r->store, names[i], (int64_t)*values[i], e);
  return s == CLIO_OK ? cache_finish(r, e) : s;
}

static void recall_counts(run *r) {
  const char *names[5];
  uint64_t *values[5];
  list_counts(r, names, values);
  for (int i = 0; i < 5; i++) *values[i] = (uint64_t)store_count(r->store, names[i]);
}

static clio_status open_log(run *r, error *e) {
  char *path = g_build_filename(r->options.out, "private", "log.jsonl", NULL);
  int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  r->log = fd < 0 ? NULL : fdopen(fd, "w");
  clio_status s = r->log ? CLIO_OK : error_errno(e, CLIO_E_IO, errno, "cannot create %s", path);
  if (r->log) log_to_file(r->log);
  g_free(path);
  return s;
}

static clio_status open_run(run *r, error *e) {
  clio_status s = make_dir(r->options.out, 0755, e);
  if (s == CLIO_OK) s = store_open(r->options.out, r->options.fresh, &r->store, e);
  if (s == CLIO_OK) s = open_log(r, e);
  if (s == CLIO_OK) s = output_new(r->options.out, r->g->privacy.mode, &r->output, e);
  if (s == CLIO_OK) s = project_key(r->options.out, &r->project_key, e);
  if (s == CLIO_OK) s = pii_init(e);
  char *words = g_build_filename(data_dir(), "words", NULL);
  if (s == CLIO_OK) s = words_lists_load(words, &r->words, e);
  g_free(words);
  char *graph_text = manifest_graph(r->g, r->f);
  r->graph_hash = sha256_hex(graph_text, strlen(graph_text));
  g_free(graph_text);
  r->memory.limit = (gint64)r->options.max_memory;
  r->pool = pool_new(r->options.threads);
  r->roll = roll_new(&r->memory);
  release_fill_policies(r);
  r->members = members_new();
  r->ratings = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
  r->bundles = g_new0(bundle, r->f->stages->len + 1);
  r->stages = g_new0(run_stage, r->f->stages->len + 1);
  for (guint i = 0; i < r->f->stages->len; i++) r->stages[i].fs = flow_at(r->f, (int)i);
  return s;
}

void run_close(run *r) {
  llm_close(r, NULL); /* where run_flow did not come so far */
  destroy_stages(r);
  cache_close(r);
  members_forget(r);
  for (guint i = 0; r->bundles && i < r->f->stages->len; i++) bundle_clear(&r->bundles[i]);
  g_free(r->bundles);
  g_free(r->stages);
  table_unref(r->picked);
  pool_free(r->pool);
  roll_free(r->roll);
  if (r->input) input_close(r->input);
  if (r->ratings) g_hash_table_unref(r->ratings);
  output_free(r->output);
  store_close(r->store);
  log_to_file(NULL);
  if (r->log) fclose(r->log);
  words_lists_free(r->words);
  g_free(r->graph_hash);
  g_free(r->input_sha256);
}

static clio_status run_steps(run *r, error *e) {
  clio_status s = read_conversations(r, e);
  if (s == CLIO_OK) s = run_whole_stages(r, e);
  if (s == CLIO_OK && r->plan) {
    sum_counts(r);
    return s;
  }
  if (s == CLIO_OK) s = release_run(r, e);
  sum_counts(r);
  if (s == CLIO_OK) s = keep_records(r, e);
  return s;
}

/* The steps, watched from beside. */
static clio_status run_watched(run *r, error *e) {
  watch w = {.r = r};
  g_mutex_init(&w.lock);
  g_cond_init(&w.end);
  GThread *watcher = g_thread_new("clio-watch", watch_run, &w);
  clio_status s = run_steps(r, e);
  g_mutex_lock(&w.lock);
  w.stop = true;
  g_cond_signal(&w.end);
  g_mutex_unlock(&w.lock);
  g_thread_join(watcher);
  g_mutex_clear(&w.lock);
  g_cond_clear(&w.end);
  return s;
}

/* The models' word on how the run ends: why they stopped it, what they cost. */
static clio_status end_models(run *r, clio_status s, error *e) {
  error why = {0};
  char *line = llm_line(r);
  if (line) run_log(r, CLIO_LOG_INFO, "models: %s", line);
  g_free(line);
  if (s != CLIO_OK && !run_is_cancelled(r) && llm_stopped(r, &why) != CLIO_OK) {
    *e = why;
    s = why.status;
  }
  if (s == CLIO_OK) llm_done(r);
  return s;
}

/* What an earlier run left is looked at first: there may be nothing to do. */
static clio_status run_or_reuse(run *r, error *e) {
  clio_status s = source_open(r, e);
  if (s == CLIO_OK) s = cache_open(r, e);
  r->nothing_to_do = s == CLIO_OK && cache_is_done(r);
  if (r->nothing_to_do) recall_counts(r);
  if (s != CLIO_OK || r->nothing_to_do) return s;
  s = llm_open(r, e);
  if (s == CLIO_OK) s = create_stages(r, e);
  if (s == CLIO_OK) s = run_watched(r, e);
  return end_models(r, s, e);
}

clio_status run_flow(run *r, error *e) {
  gint64 started = g_get_real_time();
  clio_status s = open_run(r, e);
  if (s == CLIO_OK) {
    s = run_or_reuse(r, e);
    if (s != CLIO_OK && run_is_cancelled(r)) {
      error_clear(e);
      s = error_set(e, CLIO_E_CANCELLED, "stopped; the same command goes on from here");
    }
    error second = {0};
    if (s == CLIO_E_PRIVACY) store_forget(r->store, &second);
    clio_status written =
        r->nothing_to_do ? CLIO_OK
                         : manifest_write(r, s == CLIO_OK ? "done" : e->text, started, &second);
    if (s == CLIO_OK && written != CLIO_OK) s = error_set(e, written, "%s", second.text);
    error unwritten = {0};
    clio_status closed = llm_close(r, &unwritten);
    if (s == CLIO_OK && closed != CLIO_OK) s = error_set(e, closed, "%s", unwritten.text);
  }
  return s;
}
