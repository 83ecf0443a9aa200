/* main.c - the oracle's command line.
 *
 *   oracle [-n TABLES] [-s SEED] [-u UNION] [-v] [-q] [-p]   the gate
 *   oracle -t [-n TABLES]                          itself: can it fail?
 *
 * Table number i is made from seed SEED + i alone, so `-n 1 -s SEED -v -p`
 * shows one again. Exit 0: nothing found. 1: something. 2: usage. */
#include "clio-build.h"

#include <inttypes.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "oracle_run.h"

static clio_status apply_gate(const subject *s, const sample *t, gate_release **ret, error *e) {
  (void)s;
  return gate_apply(&t->in, ret, e);
}

static void free_gate(gate_release *r) {
  if (r) gate_release_free(r);
}

static clio_status apply_model(const subject *s, const sample *t, gate_release **ret, error *e) {
  clio_status status = model_apply(t, s->fault, ret);
  return status == CLIO_OK ? status : error_set(e, status, "nothing can be released");
}

static double ratio(int64_t a, int64_t b) { return b ? (double)a / (double)b : 0; }

static void print_findings(const findings *f) {
  for (guint i = 0; i < f->code->len; i++)
    printf("%s %s %" PRId64, i ? "," : "", (const char *)f->code->pdata[i],
           g_array_index(f->count, int64_t, i));
  printf("\n");
}

static int run_gate(const run_options *o, uint64_t seed, int64_t tables, int show) {
  subject gate = {apply_gate, free_gate, FAULT_NONE};
  run_stats s = {0};
  findings f;
  findings_init(&f, show);
  clock_t start = clock();
  for (int64_t i = 0; i < tables; i++) examine(&gate, seed + (uint64_t)i, o, &s, &f);
  if (tables > 1) check_malformed(o, seed, &f);
  printf("%" PRId64 " tables, %" PRId64 " refused, %" PRId64 " nodes, %" PRId64
         " programs, %" PRId64 " targets, %" PRId64 " bounded below yet free above\n",
         s.tables, s.refused, s.nodes, s.attack.programs, s.attack.targets, s.attack.bounded);
  printf("shown/safe %.3f; same as the model in %.1f %% of %" PRId64 " families; %.1f s\n",
         ratio(s.cells.shown, s.cells.safe), 100 * ratio(s.cells.agreeing, s.cells.families),
         s.cells.families, (double)(clock() - start) / CLOCKS_PER_SEC);
  printf("failed: %" PRId64 " tables;", s.failed);
  print_findings(&f);
  int rc = f.total > 0;
  findings_clear(&f);
  return rc;
}

/* The model as it should be must pass, and with any fault must not. */
static int run_self(const run_options *o, uint64_t seed, int64_t tables) {
  int rc = 0;
  for (int fault = 0; fault < FAULTS; fault++) {
    subject toy = {apply_model, model_release_free, (model_fault)fault};
    run_stats s = {0};
    findings f;
    findings_init(&f, fault == FAULT_NONE ? 5 : 0);
    for (int64_t i = 0; i < tables; i++) examine(&toy, seed + (uint64_t)i, o, &s, &f);
    bool right = (s.failed == 0) == (fault == FAULT_NONE);
    printf("%-26s %4" PRId64 " of %" PRId64 " tables caught%s;",
           model_fault_name((model_fault)fault), s.failed, s.tables, right ? "" : " (WRONG)");
    print_findings(&f);
    findings_clear(&f);
    if (!right) rc = 1;
  }
  return rc;
}

/* Does the gate take thresholds below the compiled floors? Then smaller tables
 * do, which are nearer the edge. */
static bool takes_low(const lexicon *lex) {
  for (uint64_t seed = 1; seed < 20; seed++) {
    sample *t = sample_random(seed, lex, true);
    gate_release *r = NULL;
    error e = {0};
    bool took = gate_apply(&t->in, &r, &e) == CLIO_OK;
    free_gate(r);
    sample_free(t);
    if (took) return true;
  }
  return false;
}

int main(int argc, char **argv) {
  int option, show = 3, self = 0;
  int64_t tables = 0;
  uint64_t seed = 1;
  run_options o = {.max_union = 3, .same_cells = true};
  while ((option = getopt(argc, argv, "n:s:u:tvpq")) != -1) {
    if (option == 'n')
      tables = strtoll(optarg, NULL, 10);
    else if (option == 's')
      seed = strtoull(optarg, NULL, 10);
    else if (option == 'u')
      o.max_union = (int)strtol(optarg, NULL, 10);
    else if (option == 't')
      self = 1;
    else if (option == 'v')
      show = 100;
    else if (option == 'q')
      show = 0;
    else if (option == 'p')
      o.print = true;
    else
      return 2;
  }
  const char *data = getenv("CLIO_DATA_PATH");
  g_autofree char *dir = g_build_filename(data ? data : "configs", "words", NULL);
  error e = {0};
  lexicon *lex = lexicon_load(dir, &e);
  if (!lex) {
    fprintf(stderr, "oracle: %s\n", e.text);
    return 1;
  }
  o.lex = lex;
  o.low = self || takes_low(lex);
  int rc = self ? run_self(&o, seed, tables ? tables : 150)
                : run_gate(&o, seed, tables ? tables : 2000, show);
  lexicon_free(lex);
  return rc;
}
