/* cmd_plan.c - `clio plan GRAPH`: the run without its models. Everything else is done, in a
 * folder that is removed at the end; what the models would be asked is counted and told. */
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "commands.h"
#include "json.h"
#include "load.h"
#include "log.h"
#include "plan.h"
#include "run.h"
#include "util.h"

typedef struct plan_options {
  char *input, **set;
  int threads;
  gboolean json, quiet;
} plan_options;

static run *planned; /* the run that signals stop */

static void on_stop(int number) {
  (void)number;
  if (planned) g_atomic_int_set(&planned->cancelled, 1);
}

static void catch_stop(run *r) {
  struct sigaction stop = {.sa_handler = on_stop};
  sigemptyset(&stop.sa_mask);
  planned = r;
  sigaction(SIGINT, &stop, NULL);
  sigaction(SIGTERM, &stop, NULL);
}

static void tell_json(const run *r, const char *path, const error *e) {
  json *j = json_new(true);
  json_object(j);
  json_put_string(j, "graph", path);
  json_put_int(j, "conversations", (int64_t)r->rows_used);
  json_put_string(j, "stopped", e->status == CLIO_OK ? NULL : e->text);
  json_key(j, "plan");
  plan_put(j, r->plan);
  json_end(j);
  g_autofree char *text = json_take(j);
  fputs(text, stdout);
}

static void tell(const run *r) {
  g_autofree char *rows = format_count((int64_t)r->rows_used), *text = plan_text(r->plan);
  printf("%s conversations would be used; nobody was asked, so answers are assumed\n\n%s", rows,
         text);
}

static int plan_in(const char *dir, const loaded *l, const plan_options *o) {
  g_autofree char *out = g_build_filename(dir, "plan", NULL);
  run r = {.g = l->g, .f = l->f, .plan = plan_new()};
  r.options = (run_options){.out = out,
                            .threads = o->threads > 0 ? o->threads : (int)g_get_num_processors(),
                            .batch_rows = 1024,
                            .max_memory = UINT64_MAX >> 1,
                            .max_cost = -1,
                            .restricted = true,
                            .quiet = o->quiet};
  error e = {0};
  catch_stop(&r);
  clio_status s = run_flow(&r, &e);
  if (s != CLIO_OK) log_line(CLIO_LOG_ERROR, "the plan ends here: %s", e.text);
  if (o->json)
    tell_json(&r, l->g->file, &e);
  else if (s == CLIO_OK)
    tell(&r);
  planned = NULL;
  plan *p = r.plan;
  run_close(&r);
  plan_free(p);
  return status_exit_code(s);
}

static int plan_graph(const loaded *l, const plan_options *o) {
  g_autoptr(GError) failed = NULL;
  g_autofree char *dir = g_dir_make_tmp("clio-plan-XXXXXX", &failed);
  error e = {0};
  if (!dir) {
    log_line(CLIO_LOG_ERROR, "cannot make a folder for the plan: %s", failed->message);
    return status_exit_code(CLIO_E_IO);
  }
  int code = plan_in(dir, l, o);
  if (remove_tree(dir, &e) != CLIO_OK) log_line(CLIO_LOG_ERROR, "%s", e.text);
  return e.status == CLIO_OK ? code : status_exit_code(e.status);
}

static int plan_command(int argc, char **argv) {
  plan_options o = {0};
  int code = command_parse(&command_plan, &argc, &argv, &o);
  if (code >= 0) return code;
  log_setup(CLIO_LOG_INFO, o.quiet);
  loaded l = {0};
  code = load_graph(argv[1], o.input, o.set, false, false, &l);
  if (code == 0) code = plan_graph(&l, &o);
  loaded_clear(&l);
  command_clear(&command_plan, &o);
  return code;
}

/* ---- its description ---- */

static const command_word words[] = {{"GRAPH", COMMAND_GRAPH, FALSE}, {NULL, 0, FALSE}};

static const command_option options[] = {
    {"input", 'i', COMMAND_FILE, "INPUT", "what to read; sets vars.input",
     offsetof(plan_options, input)},
    {"set", 0, COMMAND_ASSIGN, "NAME=VALUE", "set a variable of the graph",
     offsetof(plan_options, set)},
    {"threads", 0, COMMAND_NUMBER, "N", "worker threads (default: all processors)",
     offsetof(plan_options, threads)},
    {"json", 0, COMMAND_FLAG, NULL, "print the plan as JSON", offsetof(plan_options, json)},
    {"quiet", 'q', COMMAND_FLAG, NULL, "print the plan and errors only",
     offsetof(plan_options, quiet)},
    {NULL, 0, 0, NULL, NULL, 0},
};

static const command_note examples[] = {
    {"clio plan graph.yaml -i conversations.jsonl", ""},
    {"clio plan graph.yaml -i conversations.jsonl --json | jq .plan.usd.high", ""},
    {NULL, NULL},
};

static const command_note exits[] = {
    {"0", "done"},
    {"1", "failed"},
    {"2", "the command line is wrong"},
    {"6", "the run would be refused: account ids are missing"},
    {"74", "a file could not be read or written"},
    {"78", "the graph is bad"},
    {NULL, NULL},
};

const command command_plan = {
    .name = "plan",
    .summary = "say what a run would ask of its models, and what it would cost",
    .about =
        "Does what 'clio run' does up to the gate, in a folder that is removed at the end, but "
        "asks no model and no network and needs no key: every question is built and counted, "
        "and answered with something made up. Prints calls, tokens, money and time of each "
        "stage, low and high, by the prices of today and the limits of the graph, and what "
        "other ways to ask the same would cost. Tokens are reckoned by the characters of the "
        "text, give or take 10 %; a call is taken to last 2 s. A model without a known price "
        "has tokens and no money.",
    .words = words,
    .options = options,
    .examples = examples,
    .exits = exits,
    .run = plan_command,
};
