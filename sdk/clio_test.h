/* clio_test.h - a test bench for one stage: a whole clio_host in memory, fed
 * with JSON rows, read back as JSON rows. It holds the builder to every rule
 * of the ABI and shows a stage only the columns that it declared, named or asked
 * for, so that a stage that passes here meets no surprise in the core.
 *
 *   clio_test *t = clio_test_open(&my_stage);           // or clio_test_open_so("x.so", "kind/x")
 *   clio_test_param(t, "column", "\"request\"");        // JSON text
 *   clio_test_rows(t, "in", "id:utf8 request:utf8?",    // port, schema, rows
 *                  "[{\"id\":\"a\",\"request\":\"hi\"}, {\"id\":\"b\"}]");
 *   if (clio_test_run(t) != CLIO_OK) puts(clio_test_error(t));
 *   puts(clio_test_json(t, "out", NULL));               // [{"length":2},\n{"length":null}]
 *   if (clio_test_torture(t) != CLIO_OK) puts(clio_test_error(t));
 *   clio_test_close(t);
 *
 * Not thread-safe: one bench per thread. Needs json-c and pthreads. Running out
 * of real memory, or a wrong use of the bench itself, ends the process with a
 * message. */
#ifndef CLIO_TEST_H
#define CLIO_TEST_H
#include "clio.h"
#ifdef __cplusplus
extern "C" {
#endif

typedef struct clio_test clio_test;

/* A bench for a stage linked into the test (compile it with -DCLIO_STATIC). */
clio_test *clio_test_open(const clio_stage *stage);

/* A bench for "kind/name" of a shared object. NULL when it cannot be opened;
 * *ret_why (may be NULL) then says why, static. */
clio_test *clio_test_open_so(const char *path, const char *use, const char **ret_why);
void clio_test_close(clio_test *t);

/* ---- what goes in; all stays for further runs ---- */

/* A parameter, as JSON text. A word out of range or of a wrong type fails the
 * next run, as in a graph. NULL takes it back to the default. */
void clio_test_param(clio_test *t, const char *name, const char *json);

/* The rows of an input port: a JSON array of objects. `schema`: the columns,
 * "name:type" with type bool i64 f64 time utf8 list or vecN, then `?` for
 * nullable, `*` for FACET, `<column` for what it was made `of`: "id:utf8
 * vector:vec4<request language:utf8?*". A missing or null value is a null cell;
 * a time is microseconds. Classes are the usual ones of these names. */
void clio_test_rows(clio_test *t, const char *port, const char *schema, const char *json_rows);

/* Whole lines for a BLOCK port, cut as the core cuts them: one row `bytes` per
 * process(), block b = the lines that start in the b-th `block_bytes`. */
void clio_test_lines(clio_test *t, const char *port, const char *text, uint64_t block_bytes);

/* Takes a port's rows away again (an optional input that is not connected). */
void clio_test_unplug(clio_test *t, const char *port);

void clio_test_batch(clio_test *t, uint64_t rows); /* streamed ports; default 1,024 */

/* Threads of clio.parallel/1, and of process() where the stage is CLIO_PARALLEL and
 * works in batches; default 1; 0: one, with the blocks of clio.parallel/1 in falling
 * order. */
void clio_test_threads(clio_test *t, uint32_t count);
void clio_test_seed(clio_test *t, uint64_t seed);
void clio_test_max_bad(clio_test *t, uint64_t rows); /* fail_row: then CLIO_E_INPUT */

/* The run is stopped after so many calls of cancelled(), emit and blocks of
 * clio.parallel/1, which from then on say so; 0: never. */
void clio_test_cancel_after(clio_test *t, uint64_t host_calls);

/* Called with self after create() and after each process(), from the thread that runs the
 * bench: to run another instance in between, or to look at self. NULL: nothing is. */
void clio_test_between(clio_test *t, void (*fn)(void *ctx, void *self), void *ctx);

/* What clio.policy/1 shows; write to it. */
clio_policy *clio_test_policy(clio_test *t);

/* Offers another service, say a clio_text of your own. Borrowed. */
void clio_test_service(clio_test *t, const char *id, const void *service);

/* The data folder of clio.asset/1; NULL (the default): no file is there. Copied. */
void clio_test_assets(clio_test *t, const char *folder);

/* ---- running ---- */

/* plan, create, process for every input, finish, destroy; then the outputs are
 * checked against what was declared and planned. Clears what the last run left. */
clio_status clio_test_run(clio_test *t);

/* Only plan(): parameters and schemas. */
clio_status clio_test_plan(clio_test *t);

/* The n-th allocation by the host (scratch, start, add, data, emit) fails in the
 * next runs; 0: none does. */
void clio_test_fail_alloc(clio_test *t, uint64_t n);

/* Did the last run meet the allocation that fails? */
int clio_test_alloc_failed(const clio_test *t);

/* Runs with n = 1, 2, 3 ... failing until a run meets no failure. CLIO_OK when
 * every failed run said CLIO_E_NOMEM and the last one succeeded. Run it under
 * the address sanitizer to see leaks. */
clio_status clio_test_torture(clio_test *t);

/* ---- what came out ---- */

/* Why the last run failed; "" if it did not. */
const char *clio_test_error(const clio_test *t);

/* An output port's rows, all emissions one after another; NULL if it emitted
 * none. Lives until the next run. Read it with clio_test_host(). */
const clio_table *clio_test_out(const clio_test *t, const char *port);
const clio_host *clio_test_host(void);

/* The same as JSON: one object a line. `columns`: names with a space between;
 * NULL: those the stage added. Lives until the next call. "" if it emitted none. */
const char *clio_test_json(clio_test *t, const char *port, const char *columns);

/* How often the port was emitted. */
uint64_t clio_test_emits(const clio_test *t, const char *port);

/* The planned output column as text, "vector:vec64<request", NULL if none. */
const char *clio_test_planned(clio_test *t, const char *port, const char *column);

/* The i-th declared or planned column of an output port; NULL past the end. Lives
 * until the next run. */
const clio_column *clio_test_column(const clio_test *t, const char *port, uint32_t i);

/* Rows given to fail_row; the i-th: *ret_row (of the port's rows, or the line of
 * the text) and its message. NULL past the end. */
uint64_t clio_test_failed(const clio_test *t);
const char *clio_test_failure(const clio_test *t, uint64_t i, uint64_t *ret_row);

/* Everything logged, one message a line: "warn: ...". */
const char *clio_test_log(const clio_test *t);

/* A file written through clio.output/1 and closed; NULL if there is none. */
const char *clio_test_file(const clio_test *t, const char *name, uint64_t *ret_length);

/* The i-th file opened, in order; NULL past the end. */
const char *clio_test_file_name(const clio_test *t, uint64_t i);

#ifdef __cplusplus
}
#endif
#endif /* CLIO_TEST_H */
