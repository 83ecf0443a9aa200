/* cmd_run.c - `clio run GRAPH`: options, signals, the run, and what is said at
 * its end. */
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "commands.h"
#include "json.h"
#include "load.h"
#include "log.h"
#include "money.h"
#include "outdir.h"
#include "run.h"
#include "scores.h"
#include "util.h"

typedef struct run_words {
  char *input, *out, **set, *max_memory, *max_cost;
  int threads, batch_rows, stall;
  gboolean fresh, restricted, allow_exec, json, quiet;
} run_words;

static run *signalled; /* the run that signals stop */
static volatile sig_atomic_t stop_signal;

static void on_stop(int number) {
  static const char said[] = "\nclio: stopping; once more to abort at once\n";
  if (stop_signal) _exit(128 + number);
  stop_signal = number;
  if (signalled) g_atomic_int_set(&signalled->cancelled, 1);
  ssize_t ignored = write(STDERR_FILENO, said, sizeof said - 1);
  (void)ignored;
}

static void write_plain(const char *text) {
  ssize_t ignored = write(STDERR_FILENO, text, strlen(text));
  (void)ignored;
}

static void on_crash(int number) {
  const char *stage = call_current_stage();
  write_plain("\nclio: error: a crash (");
  write_plain(number == SIGSEGV   ? "SIGSEGV"
              : number == SIGABRT ? "SIGABRT"
              : number == SIGFPE  ? "SIGFPE"
              : number == SIGBUS  ? "SIGBUS"
                                  : "SIGILL");
  write_plain(stage ? ") in stage '" : ") outside any stage");
  if (stage) write_plain(stage);
  write_plain(stage ? "'; the run did not end\n" : "; the run did not end\n");
  signal(number, SIG_DFL);
  raise(number);
}

/* A plugin called exit(): what it did not end is no success. */
static void on_exit_inside(void) {
  const char *stage = call_current_stage();
  if (!signalled) return;
  write_plain("\nclio: error: the process was ended ");
  write_plain(stage ? "by stage '" : "from outside any stage");
  if (stage) write_plain(stage);
  write_plain(stage ? "', which a plugin never does; the run did not end\n" : "\n");
  _exit(1);
}

static void catch_signals(run *r) {
  signalled = r;
  struct sigaction stop = {.sa_handler = on_stop}, crash = {.sa_handler = on_crash};
  sigemptyset(&stop.sa_mask);
  sigemptyset(&crash.sa_mask);
  sigaction(SIGINT, &stop, NULL);
  sigaction(SIGTERM, &stop, NULL);
  signal(SIGPIPE, SIG_IGN);
  atexit(on_exit_inside);
  static const int fatal[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT};
  for (size_t i = 0; i < G_N_ELEMENTS(fatal); i++) sigaction(fatal[i], &crash, NULL);
}

/* Dollars, for the budget; the graph's own may be smaller. */
static int read_max_cost(const run_words *w, run_options *o) {
  o->max_cost = -1;
  if (!w->max_cost || money_parse(w->max_cost, &o->max_cost)) return 0;
  log_line(CLIO_LOG_ERROR, "--max-cost: '%s' is no amount of dollars; say 5 or 0.25", w->max_cost);
  return 2;
}

static int fill_options(const run_words *w, const graph *g, run_options *o) {
  static char out[512];
  snprintf(out, sizeof out, "clio-%s", g->name ? g->name : "run");
  for (char *c = out; *c; c++)
    if (!g_ascii_isalnum(*c) && *c != '_') *c = '-';
  *o = (run_options){.out = w->out ? w->out : out,
                     .threads = w->threads > 0 ? w->threads : (int)g_get_num_processors(),
                     .batch_rows = (uint32_t)(w->batch_rows > 0 ? w->batch_rows : 1024),
                     .stall_seconds = w->stall,
                     .fresh = w->fresh,
                     .restricted = w->restricted,
                     .allow_exec = w->allow_exec,
                     .json = w->json,
                     .quiet = w->quiet};
  long pages = sysconf(_SC_PHYS_PAGES), page = sysconf(_SC_PAGESIZE);
  o->max_memory = pages > 0 && page > 0 ? (uint64_t)pages * (uint64_t)page / 4 * 3 : 0;
  if (w->max_memory && !parse_size(w->max_memory, &o->max_memory)) {
    log_line(CLIO_LOG_ERROR, "--max-memory: '%s' is no size; say 512M or 8G", w->max_memory);
    return 2;
  }
  if (w->threads < 0 || w->threads > 512 || w->batch_rows < 0 || w->batch_rows > 1024 ||
      w->stall < 0) {
    log_line(CLIO_LOG_ERROR, "--threads takes 1 to 512, --batch-rows 1 to 1024 and --stall-timeout "
                             "0 or more");
    return 2;
  }
  if (read_max_cost(w, o) != 0) return 2;
  if (g->privacy.mode == GRAPH_RESTRICTED && !w->restricted) {
    log_line(CLIO_LOG_ERROR, "the graph is restricted: it writes findings about single "
                             "conversations; say --restricted if you are authorised");
    return 2;
  }
  return 0;
}

/* Per stage: was its result an earlier run's, and if not, why? */
static void put_stages(json *j, const run *r) {
  json_key(j, "stages");
  json_array(j);
  for (guint i = 0; i < r->f->stages->len; i++) {
    const run_stage *st = &r->stages[i];
    json_object(j);
    json_put_string(j, "id", st->fs->gs->id);
    json_put_bool(j, "reused", st->reused || r->nothing_to_do);
    json_put_string(j, "why", st->why);
    json_end(j);
  }
  json_end(j);
}

static void print_json(json *j) {
  g_autofree char *text = json_take(j);
  fputs(text, stdout);
}

static void print_summary(const run *r, const run_options *o, const char *dir) {
  json *j = json_new(true);
  json_object(j);
  json_put_string(j, "outcome", "done");
  json_put_int(j, "exit", 0);
  json_put_string(j, "mode", graph_mode_name(r->g->privacy.mode));
  json_put_string(j, "out", o->out);
  json_put_string(j, "results", dir);
  json_put_int(j, "read", (int64_t)r->rows_read);
  json_put_int(j, "used", (int64_t)r->rows_used);
  json_put_int(j, "bad", (int64_t)r->rows_bad);
  json_put_int(j, "sampled_out", (int64_t)r->rows_sampled_out);
  json_put_int(j, "screened_out", (int64_t)r->rows_screened_out);
  json_put_bool(j, "nothing_to_do", r->nothing_to_do);
  put_stages(j, r);
  scores_put(r, j);
  json_end(j);
  print_json(j);
}

/* Why the release counts fewer than were used. */
static void say_uncounted(const run *r) {
  g_autofree char *capped = format_count_of((int64_t)r->rows_over_cap, "conversations");
  g_autofree char *twice = format_count_of((int64_t)r->rows_repeated, "conversations");
  if (r->rows_over_cap)
    log_line(CLIO_LOG_INFO,
             "not counted: %s, since of one account at most %" G_GINT64_FORMAT
             " count in one cluster (privacy.account_cap)",
             capped, r->g->privacy.account_cap);
  if (r->rows_repeated)
    log_line(CLIO_LOG_INFO, "not counted: %s that stand there more than once", twice);
  if (!r->nothing_to_do && r->g->privacy.round_to > 1)
    log_line(CLIO_LOG_INFO, "published counts are rounded to the nearest %" G_GINT64_FORMAT,
             r->g->privacy.round_to);
}

static void say_end(const run *r, const run_options *o, const char *dir) {
  if (o->json) {
    print_summary(r, o, dir);
    return;
  }
  if (r->nothing_to_do)
    log_line(CLIO_LOG_INFO,
             "nothing to do: the same graph and input made what is in %s; --fresh "
             "makes it anew",
             dir);
  char *read = format_count_of((int64_t)r->rows_read, "conversations");
  char *used = format_count((int64_t)r->rows_used);
  log_line(CLIO_LOG_INFO, "%s read, %s used; results in %s", read, used, dir);
  say_uncounted(r);
  log_line(CLIO_LOG_INFO, "look at them with: clio show %s", o->out);
  scores_print(r, stdout);
  g_free(read);
  g_free(used);
}

/* Says which stages were chosen and which turn RAW text into DERIVED columns. */
static void say_start(const flow *f) {
  char *text = flow_describe(f);
  char **lines = g_strsplit(text, "\n", -1);
  for (int i = 0; lines[i]; i++)
    if (*lines[i]) log_line(CLIO_LOG_INFO, "%s", lines[i]);
  g_strfreev(lines);
  g_free(text);
}

/* Says why a run ended early, and what became of an earlier release. */
static void say_failure(const char *dir, const error *e) {
  log_line(CLIO_LOG_ERROR, "%s", e->text);
  if (g_file_test(dir, G_FILE_TEST_IS_DIR))
    log_line(CLIO_LOG_WARN, "%s is the result of an earlier run and stays as it was", dir);
}

/* `findings`: of the graph, or NULL where the graph was good. */
static void print_failure(const error *e, int code, const char *findings) {
  bool refused = e->status == CLIO_E_PRIVACY && !findings;
  bool stopped = e->status == CLIO_E_CANCELLED;
  json *j = json_new(true);
  json_object(j);
  json_put_string(j, "outcome", refused ? "refused" : stopped ? "stopped" : "failed");
  json_put_int(j, "exit", code);
  json_put_string(j, "kind", status_name(e->status));
  json_put_string(j, "error", e->text);
  if (findings) json_key(j, "findings"), json_raw(j, findings);
  json_end(j);
  print_json(j);
}

/* The graph is bad, or could not be read. */
static void print_bad_graph(const loaded *l, const char *path, int code) {
  g_autofree char *findings = loaded_findings(l, path);
  error e = l->failed;
  error_set(&e, CLIO_E_CONFIG, "the graph %s is bad; see 'findings'", path);
  print_failure(&e, code, findings);
}

static int run_graph(const loaded *l, const run_options *o) {
  run r = {.g = l->g, .f = l->f, .options = *o};
  say_start(l->f);
  catch_signals(&r);
  error e = {0};
  clio_status s = run_flow(&r, &e);
  char *dir = g_build_filename(o->out, graph_mode_name(l->g->privacy.mode), NULL);
  if (s == CLIO_OK)
    say_end(&r, o, dir);
  else
    say_failure(dir, &e);
  g_free(dir);
  run_close(&r);
  signalled = NULL;
  int code = s == CLIO_E_CANCELLED && stop_signal ? 128 + stop_signal : status_exit_code(s);
  if (s != CLIO_OK && o->json) print_failure(&e, code, NULL);
  return code;
}

/* What lies in a folder is not ours to write over, nor to purge later. */
static int check_out(const char *out) {
  error e = {0};
  if (outdir_may_take(out, &e) == CLIO_OK) return 0;
  log_line(CLIO_LOG_ERROR, "%s", e.text);
  return 2;
}

static int run_command(int argc, char **argv) {
  run_words w = {.stall = 600};
  int code = command_parse(&command_run, &argc, &argv, &w);
  if (code >= 0) return code;
  log_setup(CLIO_LOG_INFO, w.quiet);
  loaded l = {0};
  run_options o;
  code = load_graph(argv[1], w.input, w.set, false, false, &l);
  if (code != 0 && w.json) print_bad_graph(&l, argv[1], code);
  if (code == 0) code = fill_options(&w, l.g, &o);
  if (code == 0) code = check_out(o.out);
  if (code == 0) code = run_graph(&l, &o);
  loaded_clear(&l);
  command_clear(&command_run, &w);
  return code;
}

/* ---- its description ---- */

static const command_word words[] = {{"GRAPH", COMMAND_GRAPH, FALSE}, {NULL, 0, FALSE}};

static const command_option options[] = {
    {"input", 'i', COMMAND_FILE, "INPUT", "what to read; sets vars.input",
     offsetof(run_words, input)},
    {"out", 'o', COMMAND_OUT, "OUT", "the run's folder (default clio-NAME)",
     offsetof(run_words, out)},
    {"set", 0, COMMAND_ASSIGN, "NAME=VALUE", "set a variable of the graph",
     offsetof(run_words, set)},
    {"threads", 0, COMMAND_NUMBER, "N", "worker threads (default: all processors)",
     offsetof(run_words, threads)},
    {"batch-rows", 0, COMMAND_NUMBER, "N", "most rows of a batch (default 1024)",
     offsetof(run_words, batch_rows)},
    {"max-memory", 0, COMMAND_SIZE, "SIZE",
     "most memory for tables (default: 3/4 of the machine's)", offsetof(run_words, max_memory)},
    {"max-cost", 0, COMMAND_TEXT, "USD",
     "spend at most this on models; the graph's budget may say less",
     offsetof(run_words, max_cost)},
    {"stall-timeout", 0, COMMAND_NUMBER, "SECONDS",
     "end the run when a stage is silent this long (default 600, 0: never)",
     offsetof(run_words, stall)},
    {"fresh", 0, COMMAND_FLAG, NULL, "start anew: reuse nothing of an earlier run",
     offsetof(run_words, fresh)},
    {"restricted", 0, COMMAND_FLAG, NULL, "allow a graph in restricted mode",
     offsetof(run_words, restricted)},
    {"allow-exec", 0, COMMAND_FLAG, NULL, "allow stages that start programs",
     offsetof(run_words, allow_exec)},
    {"json", 0, COMMAND_FLAG, NULL, "print the outcome as JSON on stdout",
     offsetof(run_words, json)},
    {"quiet", 'q', COMMAND_FLAG, NULL, "print errors only", offsetof(run_words, quiet)},
    {NULL, 0, 0, NULL, NULL, 0},
};

static const command_note examples[] = {
    {"clio run configs/demo.yaml", ""},
    {"clio run configs/local.yaml -i conversations.jsonl.zst -o results", ""},
    {"zcat part-*.gz | clio run configs/local.yaml -i - -o results", ""},
    {NULL, NULL},
};

static const command_note exits[] = {
    {"0", "done"},
    {"1", "failed"},
    {"2", "the command line is wrong"},
    {"5", "the budget is spent: raise it, and the same command goes on"},
    {"6", "the gate refused: nothing could be released, or account ids are missing"},
    {"74", "a file could not be read or written"},
    {"78", "the graph is bad"},
    {"130", "interrupted (Ctrl-C)"},
    {"143", "terminated"},
    {NULL, NULL},
};

const command command_run = {
    .name = "run",
    .summary = "run a graph over conversations",
    .about = "Runs GRAPH and writes what may be seen to OUT/release (or OUT/public, "
             "OUT/restricted); OUT/private and OUT/manifest.json are for the operator. The folder "
             "that holds OUT is the project: its .clio/ keeps the key under which account ids are "
             "hashed.",
    .words = words,
    .options = options,
    .examples = examples,
    .exits = exits,
    .files = command_files,
    .run = run_command,
};
