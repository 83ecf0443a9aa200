/* batch.h - one batch of conversations and its passage through a stage. */
#ifndef CLIO_CORE_BATCH_H
#define CLIO_CORE_BATCH_H
#include "run.h"

/* Rows of one batch at one stage. */
typedef struct batch_count {
  uint64_t rows_in, rows_out, failed, bad, dropped;
} batch_count;

/* At most --batch-rows conversations and a few MiB of text, with what each
 * stage made of them (NULL until it has). */
typedef struct batch {
  clio_table **out;   /* by stage number */
  batch_count *count; /* by stage number */
  guint stages;
} batch;

void batch_free(void *b);

/* Cuts a table that came through the door into batches of at most --batch-rows
 * rows and about `bytes` bytes of text (one row at least), appended to `ret`. Each
 * holds it as the output of the source and of the sampler. */
clio_status batch_split(run *r, const clio_table *t, uint64_t bytes, GPtrArray *ret, error *e);

/* A batch that holds `t` as the output of the given stages (taking `t`). */
batch *batch_new(run *r, clio_table *t, const int *stages, size_t count);

/* Runs one row-wise stage on a batch: joins its inputs, hands it the declared
 * columns, checks what it emitted, drops failed rows where it must. [any] */
clio_status batch_through(run *r, batch *b, int stage, error *e);

/* Adds a batch's counts to the stages', where it is committed: in block order, so
 * that where max_bad_rows stops a run does not depend on threads. */
void batch_count_in(run *r, const batch *b);

/* What a stage may return for a table of conversations it was given: rows it
 * was given, each at most once. */
clio_status batch_check_rows(const flow_stage *fs, const clio_table *in, const clio_table *out,
                             error *e);

/* How many answers a sampler keeps of each conversation, `upto`, is not negative. */
clio_status batch_check_upto(const flow_stage *fs, const clio_table *out, error *e);

/* Conversations cut behind the `upto`-th answer of the model, where there is such a
 * column. */
clio_table *batch_cut_messages(const clio_table *t, memory *m);

/* The columns that `fs` declared to read of input `port`. Free with g_free. */
const char **batch_used_columns(const flow_stage *fs, uint32_t port, size_t *ret_count);

/* For qsort of const char * arrays. */
int batch_compare_names(const void *a, const void *b);
#endif
