/* clio_test_host.c - the bench's clio_host: log, failures, scratch, random
 * numbers, and the services that need no core. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "clio_test_priv.h"

/* ---- counting ---- */

bool bench_may_alloc(clio_test *t) {
  pthread_mutex_lock(&t->lock);
  bool fails = ++t->allocs == t->fail_at;
  if (fails) t->alloc_failed = true;
  pthread_mutex_unlock(&t->lock);
  return !fails;
}

/* ---- messages ---- */

static void host_log(clio_call *call, int32_t level, const char *msg) {
  static const char *const names[] = {"error", "warn", "info", "debug"};
  clio_test *t = call->t;
  const char *name = names[level >= 0 && level <= 3 ? level : 0];
  pthread_mutex_lock(&t->lock);
  if (t->log.used) t->log.used--; /* the closing NUL */
  bench_append(&t->log, name, strlen(name));
  bench_append(&t->log, ": ", 2);
  bench_append(&t->log, msg, strlen(msg));
  bench_append(&t->log, "\n", 2);
  pthread_mutex_unlock(&t->lock);
}

static void host_progress(clio_call *call, uint64_t done, uint64_t total) {
  if (done <= total) return;
  pthread_mutex_lock(&call->t->lock);
  bench_fail(call->t, CLIO_E_INTERNAL, "progress: %llu done of %llu", (unsigned long long)done,
             (unsigned long long)total);
  pthread_mutex_unlock(&call->t->lock);
}

bool bench_is_stopped(clio_test *t) {
  return t->cancel_after && __atomic_load_n(&t->host_calls, __ATOMIC_RELAXED) > t->cancel_after;
}

bool bench_stop(clio_test *t) {
  __atomic_add_fetch(&t->host_calls, 1, __ATOMIC_RELAXED);
  return bench_is_stopped(t);
}

static int32_t host_cancelled(clio_call *call) { return bench_stop(call->t); }

static clio_status host_fail(clio_call *call, clio_status status, const char *msg) {
  pthread_mutex_lock(&call->t->lock);
  if (!call->text[0]) snprintf(call->text, sizeof call->text, "%s", msg);
  pthread_mutex_unlock(&call->t->lock);
  return status;
}

static clio_status host_fail_row(clio_call *call, uint64_t row, clio_status status,
                                 const char *msg) {
  clio_test *t = call->t;
  if (status == CLIO_OK || !msg || !msg[0])
    return host_fail(call, CLIO_E_INTERNAL, "fail_row: wants a failure and a reason");
  call->failed_rows =
      bench_regrow(call->failed_rows, call->failed * sizeof row, (call->failed + 1) * sizeof row);
  call->failures = bench_regrow(call->failures, call->failed * sizeof *call->failures,
                                (call->failed + 1) * sizeof *call->failures);
  call->failed_rows[call->failed] = row;
  call->failures[call->failed].row = row + (call->in ? call->in->first : 0);
  call->failures[call->failed++].text = bench_copy(msg);
  if (__atomic_add_fetch(&t->bad, 1, __ATOMIC_RELAXED) <= t->max_bad) return CLIO_OK;
  return host_fail(call, CLIO_E_INPUT, "too many bad rows");
}

/* ---- memory and chance ---- */

static void *host_scratch(clio_call *call, uint64_t bytes) {
  if (!bench_may_alloc(call->t) || bytes > (1ull << 40)) return NULL;
  bench_arena *arena = bench_alloc(sizeof *arena);
  arena->memory = bench_alloc(bytes);
  pthread_mutex_lock(&call->t->lock);
  arena->next = call->arena;
  call->arena = arena;
  pthread_mutex_unlock(&call->t->lock);
  return arena->memory;
}

/* The finaliser of SplitMix64 (Steele, Lea, Flood 2014). */
static uint64_t mix(uint64_t x) {
  x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9u;
  x = (x ^ (x >> 27)) * 0x94D049BB133111EBu;
  return x ^ (x >> 31);
}

static uint64_t host_random(clio_call *call, uint64_t key) {
  uint64_t stage = 0xCBF29CE484222325u;
  for (const char *s = call->t->stage->name; *s; s++)
    stage = (stage ^ (unsigned char)*s) * 0x100000001B3u;
  return mix(mix(mix(call->t->seed + 0x9E3779B97F4A7C15u) ^ stage) ^ (key + 0x9E3779B97F4A7C15u));
}

/* ---- clio.parallel/1 ---- */

typedef struct bench_loop {
  clio_test *t;
  clio_status (*fn)(void *ctx, uint64_t i);
  void *ctx;
  uint64_t count, next, failed_at;
  clio_status status;
  pthread_mutex_t lock;
} bench_loop;

static void *loop_worker(void *argument) {
  bench_loop *loop = argument;
  for (;;) {
    uint64_t i = __atomic_fetch_add(&loop->next, 1, __ATOMIC_RELAXED);
    if (i >= loop->count) return NULL;
    clio_status status = bench_stop(loop->t) ? CLIO_E_CANCELLED : loop->fn(loop->ctx, i);
    pthread_mutex_lock(&loop->lock);
    if (status != CLIO_OK && (loop->status == CLIO_OK || i < loop->failed_at)) {
      loop->status = status;
      loop->failed_at = i;
    }
    pthread_mutex_unlock(&loop->lock);
  }
}

/* One thread: in falling order when the bench was asked for 0 threads. */
static clio_status loop_alone(const clio_test *t, bench_loop *loop) {
  for (uint64_t k = 0; k < loop->count; k++) {
    uint64_t i = t->threads ? k : loop->count - 1 - k;
    clio_status status = bench_stop(loop->t) ? CLIO_E_CANCELLED : loop->fn(loop->ctx, i);
    if (status != CLIO_OK) loop->status = status;
    if (status == CLIO_E_CANCELLED || (status != CLIO_OK && t->threads)) break;
  }
  return loop->status;
}

static clio_status parallel_each(clio_call *call, uint64_t n,
                                 clio_status (*fn)(void *ctx, uint64_t i), void *ctx) {
  bench_loop loop = {.t = call->t, .fn = fn, .ctx = ctx, .count = n, .failed_at = n};
  uint32_t count = call->t->threads;
  if (count < 2) return loop_alone(call->t, &loop);
  pthread_mutex_init(&loop.lock, NULL);
  pthread_t *threads = bench_alloc(count * sizeof *threads);
  for (uint32_t i = 0; i < count; i++)
    if (pthread_create(&threads[i], NULL, loop_worker, &loop) != 0)
      bench_misuse("cannot start a thread");
  for (uint32_t i = 0; i < count; i++) pthread_join(threads[i], NULL);
  free(threads);
  pthread_mutex_destroy(&loop.lock);
  return loop.status;
}

static clio_status parallel_sum(clio_call *call, int64_t *values, uint64_t n) {
  (void)call;
  (void)values;
  (void)n;
  return CLIO_OK;
}

static const clio_parallel parallel = {sizeof(clio_parallel), 0, parallel_each, parallel_sum};

/* ---- clio.output/1: files in memory ---- */

static bool plain_name(const char *name) {
  size_t good = strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789._-");
  return name[0] && name[0] != '.' && good == strlen(name) && good < 128;
}

static clio_status output_open(clio_call *call, const char *name, uint32_t *ret_file) {
  clio_test *t = call->t;
  if (strcmp(t->stage->kind, "report") != 0 && strcmp(t->stage->kind, "validator") != 0)
    return host_fail(call, CLIO_E_PRIVACY, "output: only reports and validators write files");
  if (!plain_name(name))
    return host_fail(call, CLIO_E_CONFIG, "output: a file's name is of [a-z0-9._-]");
  for (uint64_t i = 0; i < t->file_count; i++)
    if (strcmp(t->files[i].name, name) == 0)
      return host_fail(call, CLIO_E_CONFIG, "output: the same file twice");
  if (!bench_may_alloc(t)) return host_fail(call, CLIO_E_NOMEM, "output: out of memory");
  t->files = bench_regrow(t->files, t->file_count * sizeof *t->files,
                          (t->file_count + 1) * sizeof *t->files);
  t->files[t->file_count].name = bench_copy(name);
  *ret_file = (uint32_t)t->file_count++;
  return CLIO_OK;
}

static clio_status output_write(clio_call *call, uint32_t file, const void *bytes, uint64_t len) {
  clio_test *t = call->t;
  if (file >= t->file_count || t->files[file].closed)
    return host_fail(call, CLIO_E_INTERNAL, "output: the file is not open");
  if (!bench_may_alloc(t)) return host_fail(call, CLIO_E_NOMEM, "output: out of memory");
  bench_append(&t->files[file].bytes, bytes, len);
  return CLIO_OK;
}

static clio_status output_close(clio_call *call, uint32_t file) {
  clio_test *t = call->t;
  if (file >= t->file_count || t->files[file].closed)
    return host_fail(call, CLIO_E_INTERNAL, "output: the file is not open");
  bench_append(&t->files[file].bytes, "", 1);
  t->files[file].bytes.used--;
  t->files[file].closed = true;
  return CLIO_OK;
}

static const clio_output output = {sizeof(clio_output), 0, output_open, output_write, output_close};

static const void *host_service(clio_call *call, const char *id) {
  const clio_test *t = call->t;
  for (uint64_t i = t->service_count; i > 0; i--)
    if (strcmp(t->services[i - 1].id, id) == 0) return t->services[i - 1].service;
  if (strcmp(id, CLIO_PARALLEL_ID) == 0) return &parallel;
  if (strcmp(id, CLIO_OUTPUT_ID) == 0) return &output;
  if (strcmp(id, CLIO_ASSET_ID) == 0) return &bench_asset;
  if (strcmp(id, CLIO_POLICY_ID) == 0) return &t->policy;
  return NULL;
}

/* What plan() was told, again at run time. */
static const clio_columns *host_input(clio_call *call, uint32_t port) {
  clio_plan plan = {.t = call->t};
  return bench_plan_input(&plan, port);
}

const clio_host bench_host = {
    .struct_size = sizeof(clio_host),
    .abi_major = CLIO_ABI_MAJOR,
    .abi_minor = CLIO_ABI_MINOR,
    .log = host_log,
    .progress = host_progress,
    .cancelled = host_cancelled,
    .fail = host_fail,
    .fail_row = host_fail_row,
    .scratch = host_scratch,
    .random = host_random,
    .plan_input = bench_plan_input,
    .plan_use = bench_plan_use,
    .plan_output = bench_plan_output,
    .plan_fail = bench_plan_fail,
    .rows = bench_table_rows,
    .find = bench_table_number,
    .view = bench_table_view,
    .ref = bench_table_ref,
    .unref = bench_table_unref,
    .start = bench_start,
    .add = bench_add,
    .data = bench_data,
    .put = bench_put,
    .item = bench_item,
    .emit = bench_emit,
    .service = host_service,
    .input = host_input,
};
