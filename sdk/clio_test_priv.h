/* clio_test_priv.h - what the files of the test bench share. Names start with
 * bench_, so that a test linked with it may use any other. */
#ifndef CLIO_TEST_PRIV_H
#define CLIO_TEST_PRIV_H
#include <json.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

#include "clio_test.h"

/* ---- memory: never NULL; the bench ends the process when there is none ---- */

void *bench_alloc(uint64_t bytes); /* zeroed, 64-byte aligned; free() */
void *bench_regrow(void *old, uint64_t used, uint64_t bytes);
char *bench_copy(const char *text); /* takes NULL */
_Noreturn void bench_misuse(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* A growing text. */
typedef struct bench_text {
  char *s;
  uint64_t used, room;
} bench_text;
void bench_append(bench_text *text, const void *bytes, uint64_t len);

/* ---- tables (clio_test_table.c) ---- */

typedef struct bench_column {
  char *name, *of;
  clio_type type;
  clio_privacy privacy;
  uint32_t dim, flags;
  bool added;          /* by this stage, not shared with a base */
  bool hidden;         /* from the stage, which has not declared it */
  uint64_t rows, next; /* next: first row whose offset is not written */
  uint64_t nulls;
  uint8_t *valid;
  int64_t *offsets, *items;
  uint64_t item_count, item_room;
  char *data;
  uint64_t used, room;
} bench_column;

struct clio_table {
  int32_t refs; /* 0: it is gone, and kept aside so that a use of it can be told */
  clio_table *next_gone;
  clio_test *owner;
  clio_row_kind kind;
  uint64_t rows, first; /* first: number of row 0 in the port's rows */
  uint32_t count;
  bench_column *columns;
};

/* A column of `rows` null cells (UTF8, LIST) or zeros (all others). */
void bench_column_init(bench_column *c, const char *name, clio_type type, uint32_t dim,
                       uint64_t rows);
void bench_column_clear(bench_column *c);
void bench_column_null(bench_column *c, uint64_t row);
bool bench_column_valid(const bench_column *c, uint64_t row);
/* Strings, rows in increasing order; item() may repeat the last row. */
void bench_column_put(bench_column *c, uint64_t row, const char *s, uint64_t len);
void bench_column_list(bench_column *c, uint64_t row);
void bench_column_item(bench_column *c, const char *s, uint64_t len);
/* Ends writing: offsets up to `rows`. */
void bench_column_seal(bench_column *c);
/* The rows `pick` (NULL: all) of a column, as a new one. */
void bench_column_gather(bench_column *to, const bench_column *from, const uint64_t *pick,
                         uint64_t rows);
uint64_t bench_width(clio_type type, uint32_t dim); /* 0: UTF8, LIST */

clio_table *bench_table_new(clio_test *t, clio_row_kind kind, uint64_t rows, uint32_t columns);
clio_table *bench_table_slice(const clio_table *from, uint64_t first, uint64_t rows);
clio_table *bench_table_pick(const clio_table *from, const uint64_t *pick, uint64_t rows);
/* All tables of an output, one after another; NULL and the run failed when
 * their columns differ. */
clio_table *bench_table_join(clio_test *t, clio_table **tables, uint64_t count, const char *port);
const bench_column *bench_table_find(const clio_table *table, const char *name);

uint64_t bench_table_rows(const clio_table *table);
/* The column's number; -1: there is none, or it is hidden. */
int32_t bench_table_number(const clio_table *table, const char *name);
clio_status bench_table_view(const clio_table *table, int32_t column, clio_view *ret,
                             uint64_t size);
const clio_table *bench_table_ref(const clio_table *table);
void bench_table_unref(const clio_table *table);
/* Is it gone? Then the run has failed. */
bool bench_table_gone(const clio_table *table);
/* Frees what is gone. */
void bench_table_sweep(clio_test *t);

/* ---- JSON (clio_test_json.c) ---- */

clio_table *bench_json_table(clio_test *t, clio_row_kind kind, const char *schema,
                             const char *rows);
void bench_json_print(const clio_table *table, const char *columns, bench_text *to);
const char *bench_type_text(clio_type type, uint32_t dim, char *buffer, uint64_t size);

/* ---- parameters (clio_test_param.c) ---- */

/* Fills t->config from the stage's defaults and t->params; the run failed
 * where one does not fit. */
clio_status bench_config(clio_test *t);

/* ---- builder (clio_test_build.c) ---- */

clio_builder *bench_start(clio_call *call, uint32_t port, const clio_table *base,
                          const uint64_t *pick, uint64_t rows);
int32_t bench_add(clio_builder *b, const char *name, clio_type type, uint32_t dim);
void *bench_data(clio_builder *b, int32_t column);
clio_status bench_put(clio_builder *b, int32_t column, uint64_t row, const char *s, int64_t len);
clio_status bench_item(clio_builder *b, int32_t column, uint64_t row, const char *s, int64_t len);
clio_status bench_emit(clio_builder *b);
void bench_builder_free(clio_builder *b);

/* ---- plan (clio_test_plan.c) ---- */

typedef struct bench_planned {
  clio_column *columns; /* strings owned */
  uint32_t count;
} bench_planned;

/* Checks the inputs against what the stage declares, runs plan(). */
clio_status bench_plan(clio_test *t);
void bench_plan_clear(clio_test *t);
/* The declared or planned column of an output port, or NULL. */
const clio_column *bench_plan_find(const clio_test *t, uint32_t port, const char *name);
const clio_columns *bench_plan_input(clio_plan *plan, uint32_t port);
clio_status bench_plan_use(clio_plan *plan, uint32_t port, const char *column);
clio_status bench_plan_output(clio_plan *plan, uint32_t port, const clio_column *column);
clio_status bench_plan_fail(clio_plan *plan, clio_status status, const char *msg);

/* ---- clio.asset/1 (clio_test_asset.c) ---- */

extern const clio_asset bench_asset;
void bench_asset_clear(clio_test *t);

/* ---- the bench itself (clio_test.c, clio_test_host.c) ---- */

typedef struct bench_arena {
  struct bench_arena *next;
  void *memory;
} bench_arena;

struct clio_builder {
  clio_call *call;
  clio_builder *next;
  uint32_t port;
  const clio_table *base;
  uint64_t *pick, rows;
  bench_column *columns;
  uint32_t count;
  clio_status status; /* sticky */
  char text[256];
};

typedef struct bench_failure {
  uint64_t row;
  char *text;
} bench_failure;

typedef struct bench_emitted {
  uint32_t port;
  clio_table *table;
} bench_emitted;

struct clio_call {
  clio_test *t;
  const char *where; /* "create", "process", "finish" */
  const clio_table *in;
  bench_arena *arena;
  clio_builder *builders;
  clio_status broken; /* a failed emit, whatever the stage returns */
  bench_emitted *emitted;
  uint64_t emits;
  bench_failure *failures; /* one for each of failed_rows */
  uint64_t *failed_rows, failed;
  char text[512];
};

struct clio_plan {
  clio_test *t;
  char text[512];
};

typedef struct bench_file {
  char *name;
  bench_text bytes;
  bool closed;
} bench_file;

typedef struct bench_model bench_model;

struct clio_test {
  const clio_stage *stage;
  bench_model *model; /* NULL: it is a stage */
  void *library;
  char **params; /* JSON text by number in the stage's table, or NULL */
  void *config;
  char **strings; /* that config points into */
  uint64_t string_count;
  clio_table **inputs; /* by port, or NULL */
  clio_columns *schemas;
  bool **used;            /* by port and column: declared, named by a parameter, plan_use() */
  bench_planned *planned; /* by output port */
  clio_table ***emitted, **outputs;
  uint64_t *emit_counts;
  uint64_t batch, seed, max_bad, cancel_after;
  uint32_t threads;
  clio_policy policy;
  struct bench_service {
    char *id;
    const void *service;
  } * services;
  uint64_t service_count;
  void (*between)(void *ctx, void *self); /* or NULL */
  void *between_ctx;
  char *asset_folder; /* or NULL */
  bench_file *assets; /* read so far */
  uint64_t asset_count;
  pthread_mutex_t lock; /* all below, and arenas */
  uint64_t allocs, fail_at, host_calls, live_tables, bad;
  clio_table *gone;
  uint64_t gone_bytes;
  bool alloc_failed;
  bench_failure *failures;
  uint64_t failure_count;
  bench_file *files;
  uint64_t file_count;
  bench_text log, json;
  clio_status status;
  char error[1024], planned_text[256];
};

extern const clio_host bench_host;

/* Fails the run: the first error stays. */
clio_status bench_fail(clio_test *t, clio_status status, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
/* Counts a host allocation; false when this is the one that fails. */
bool bench_may_alloc(clio_test *t);
/* Has clio_test_cancel_after stopped the run? bench_stop counts as a call. */
bool bench_stop(clio_test *t);
bool bench_is_stopped(clio_test *t);
/* Feeds every port, then finish(); ends a call (clio_test_feed.c). */
clio_status bench_feed_all(clio_test *t, void *self);
clio_status bench_call_end(clio_call *call, clio_status status);
void bench_call_clear(clio_call *call);
/* Ends what clio_test_model.c has open; nothing for a stage. */
void bench_model_clear(clio_test *t);
/* Returns from the calling function unless the status is CLIO_OK. */
#define CLIO_BENCH_TRY(expr) \
  do { \
    clio_status try_ = (expr); \
    if (try_ != CLIO_OK) return try_; \
  } while (0)
/* An item of a descriptor's list, by its own item_size. */
const clio_port *bench_port(const clio_ports *ports, uint32_t i);
const clio_param *bench_param(const clio_params *params, uint32_t i);
const clio_column *bench_declared(const clio_columns *columns, uint32_t i);
/* A port's number by name; ends the process when the stage has none. */
uint32_t bench_input(const clio_test *t, const char *name);
uint32_t bench_output(const clio_test *t, const char *name);
const char *bench_kind_text(clio_row_kind kind);
#endif
