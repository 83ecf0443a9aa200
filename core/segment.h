/* segment.h - what segment.c (batches on their way) and segment_plan.c (which
 * stages, what leaves, what is taken from an earlier run) share. */
#ifndef CLIO_CORE_SEGMENT_H
#define CLIO_CORE_SEGMENT_H
#include "batch.h"
#include "run.h"
#include "store.h"

/* Where a stage's output leaves the segment. */
typedef struct sink {
  int stage;
  const char **names; /* the columns that later stages read */
  size_t count;
  const char *key; /* borrowed from the cache */
  stored *kept;    /* of an earlier run, or NULL */
  entry *entry;    /* being made, or NULL */
  spool *spool;
} sink;

typedef struct segment {
  run *r;
  bool sampling;
  const flow_stage *source;
  GArray *members; /* int: row-wise stages that run, in order */
  GArray *sinks;   /* sink */
  input *in;       /* or NULL */
  void *self;      /* the source's instance */
  GMutex lock;
  GCond turn;
  uint64_t next_seq, next_commit;
  uint64_t *next_at;   /* per stage: the next block at its turnstile */
  GQueue queue;        /* items of a source without blocks */
  uint64_t source_bad; /* rows that a source without blocks gave up */
  bool source_done, failed;
  error err;
} segment;

/* Finds members and sinks, takes what an earlier run made, and opens what must be
 * made; *ret_done: nothing has to run. */
clio_status segment_plan(segment *s, bool *ret_done, error *e);

/* Seals what was made and enters it, all sinks and the roll at once. */
clio_status segment_seal(segment *s, error *e);

/* Frees what segment_plan made; entries that were not sealed go. */
void segment_unplan(segment *s);
#endif
