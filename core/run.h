/* run.h - one run: what every part of the engine shares. The life of a batch
 * is told in core/README.md. */
#ifndef CLIO_CORE_RUN_H
#define CLIO_CORE_RUN_H
#include <stdio.h>

#include "host.h"
#include "input.h"
#include "rng.h"
#include "words.h"

typedef struct roll roll;
typedef struct store store;
typedef struct cache cache;
typedef struct llm llm;
typedef struct output output;
typedef struct members_cache members_cache;

/* What the command line says. */
typedef struct run_options {
  const char *out;
  int threads;
  uint32_t batch_rows;
  uint64_t max_memory;
  int64_t stall_seconds;
  int64_t max_cost; /* micro-dollars; -1: no limit */
  bool fresh, restricted, allow_exec, json, quiet;
} run_options;

/* A text's lowest rating so far and who gave it. */
typedef struct run_rating {
  int32_t rating;
  const char *auditor; /* a stage's "kind/name", borrowed */
} run_rating;

struct run {
  const graph *g;
  const flow *f;
  run_options options;
  memory memory;
  pool *pool;
  gint cancelled;     /* not 0: being stopped */
  clio_policy policy; /* for clio.policy/1, organizations settled */
  gate_policy gate_policy;
  rng_key project_key;
  words_lists *words;
  members_cache *members; /* of clio.text/1's rule() */
  run_stage *stages;      /* as many as f->stages */
  input *input;           /* of a line source, or NULL */
  roll *roll;
  store *store;
  cache *cache;
  struct plan *plan; /* not NULL: nobody is asked, and the run ends before the gate (llm_plan.c) */
  llm *llm;          /* or NULL: no stage asks a model */
  output *output;
  GHashTable *ratings; /* SHA-256 hex of the text -> run_rating* */
  char *graph_hash;
  char *input_sha256;
  bundle *bundles;    /* what each stage put out */
  clio_table *picked; /* the sampler's table, or NULL */
  uint64_t rows_read, rows_used, rows_bad, rows_sampled_out, rows_screened_out;
  uint64_t rows_over_cap, rows_repeated, texts_refused;
  bool nothing_to_do;    /* the release is there, and made of all that this run has */
  uint64_t rows_same_id; /* rows with an id that came before */
  int64_t rss_streamed;  /* MiB: the process's peak when reading had ended */
  gint64 warned_lines;   /* bad lines named so far */
  FILE *log;             /* private/log.jsonl */
};

/* Runs the whole flow into options.out. The exit code is in `e`'s status, by
 * status_exit_code. */
clio_status run_flow(run *r, error *e);

/* Frees what run_flow filled in; until then its counts and stages can be read. */
void run_close(run *r);

/* A segment (segment.c): from the source, through the row-wise stages that
 * read it, to the barrier. `sampling`: stop at the door. */
clio_status segment_run(run *r, bool sampling, error *e);

/* A row-wise stage that reads a whole table (segment.c). */
clio_status segment_run_table(run *r, int stage, error *e);

/* A whole-table stage, fed from the bundles (whole.c). */
clio_status whole_run(run *r, int stage, error *e);

/* The merged input of a stage. */
clio_status run_input(run *r, const flow_stage *fs, bundle *ret, error *e);

/* The tables made of what the gate releases; then the stages behind it
 * (release.c). */
clio_status release_run(run *r, error *e);

/* Is the run being stopped? */
bool run_is_cancelled(run *r);

/* One plain line on stderr, or the progress bar moved, for stage `st`. */
void run_progress(run *r, const run_stage *st, uint64_t done, uint64_t total);
void run_log(run *r, int level, const char *format, ...) __attribute__((format(printf, 3, 4)));

/* Checks a stage's failed and bad rows against its max_bad_rows. */
clio_status run_check_bad(const run_stage *st, bool at_end, error *e);
#endif
