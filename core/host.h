/* host.h - the host side of the ABI: one call into a stage, the function table
 * that plugins get, and the builder. host.c holds calls, reading and limits;
 * builder.c writing; service.c the services; flow_plan.c the plan half. */
#ifndef CLIO_CORE_HOST_H
#define CLIO_CORE_HOST_H
#include "flow.h"
#include "pool.h"
#include "table.h"

typedef struct run run;

/* One stage at run time. Counters through atomics. */
typedef struct run_stage {
  const flow_stage *fs;
  void *self;
  bool created, done; /* done: the source's segment has carried it out */
  uint64_t rows_in, rows_out, failed, bad, dropped;
  gint64 last_call;      /* monotonic microseconds of the last host call */
  gint running;          /* calls under way */
  clio_columns *planned; /* per input port, for host->input */
  clio_row_kind made;    /* what a whole-table stage emitted last, for its line */
  uint64_t made_rows;
  gint64 microseconds; /* time in its calls, summed over workers */
  gint asked;          /* CACHE_ASKED_*: what its result rests on beside its input */
  bool reused;         /* its result is an earlier run's */
  char *why;           /* why it is not; NULL until that is known */
} run_stage;

/* A table that a stage emitted. */
typedef struct host_emitted {
  uint32_t port;
  clio_table *table;
} host_emitted;

struct clio_call {
  run *run;
  run_stage *stage;
  GMutex lock; /* guards err and arena: fail() and scratch() are [any] */
  error err;
  GPtrArray *blocks; /* scratch memory */
  uint8_t *free_at;
  uint64_t free_bytes;
  GArray *block_sizes;  /* uint64_t, beside blocks */
  const clio_table *in; /* the table of this process() */
  GArray *failed_rows;  /* uint64_t, sorted when used */
  GArray *emitted;      /* host_emitted */
  GPtrArray *builders;  /* not emitted yet */
  /* A source's lines, for its messages. */
  const char *file;
  uint64_t first_line, bad_lines;
  bool items;        /* they are items of a JSON list */
  const char *outer; /* the stage that this thread was in before */
  bool paused;
  /* Takes each emitted table at once instead of collecting; or NULL. */
  clio_status (*on_emit)(clio_call *, clio_table *, void *ctx);
  void *emit_ctx;
};

/* The table of host functions; static. */
const clio_host *host_table(void);

/* A call into `stage`. call_end frees what it holds; emitted tables that were
 * not taken are dropped. */
void call_begin(clio_call *call, run *r, run_stage *stage);
void call_end(clio_call *call);

/* A call that is kept open leaves its thread to what that did before, and is taken up
 * again, maybe by another thread. A paused call may be ended. */
void call_pause(clio_call *call);
void call_resume(clio_call *call);

/* The call's error as one for people: "stage 'x': ...". */
clio_status call_error(const clio_call *call, clio_status r, error *e);

/* The stage that the calling thread is in, for a fatal signal's message; NULL. */
const char *call_current_stage(void);

/* Takes the emitted table of that row kind out of the call, or NULL. */
clio_table *call_take(clio_call *call, clio_row_kind rows);

/* Scratch memory of a call. [any] */
void *host_scratch(clio_call *call, uint64_t bytes);
clio_status host_fail(clio_call *call, clio_status status, const char *msg);

/* The writing half of the table (builder.c). */
clio_builder *host_start(clio_call *, uint32_t port, const clio_table *base, const uint64_t *pick,
                         uint64_t rows);
int32_t host_add(clio_builder *, const char *column, clio_type type, uint32_t dim);
void *host_data(clio_builder *, int32_t col);
clio_status host_put(clio_builder *, int32_t col, uint64_t row, const char *utf8, int64_t len);
clio_status host_item(clio_builder *, int32_t col, uint64_t row, const char *utf8, int64_t len);
clio_status host_emit(clio_builder *);
void builder_free(void *builder);

/* The plan half (flow_plan.c). */
const clio_columns *host_plan_input(clio_plan *, uint32_t port);
clio_status host_plan_use(clio_plan *, uint32_t port, const char *column);
clio_status host_plan_output(clio_plan *, uint32_t port, const clio_column *);
clio_status host_plan_fail(clio_plan *, clio_status, const char *msg);

/* Services by id (service.c). */
const void *host_service(clio_call *, const char *id);
#endif
