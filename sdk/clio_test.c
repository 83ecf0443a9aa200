/* clio_test.c - the bench itself: inputs, one run from plan to destroy, the
 * torture, and reading results; see clio_test.h. */
#include "clio_test.h"

#include <dlfcn.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "clio_test_priv.h"

/* ---- memory, misuse ---- */

void bench_misuse(const char *format, ...) {
  va_list args;
  va_start(args, format);
  fputs("clio_test: ", stderr);
  vfprintf(stderr, format, args);
  fputc('\n', stderr);
  va_end(args);
  exit(99);
}

void *bench_alloc(uint64_t bytes) {
  uint64_t room = (bytes + 64) / 64 * 64;
  void *memory = aligned_alloc(64, room);
  if (!memory) bench_misuse("out of memory");
  memset(memory, 0, room);
  return memory;
}

void *bench_regrow(void *old, uint64_t used, uint64_t bytes) {
  void *bigger = bench_alloc(bytes);
  if (used) memcpy(bigger, old, used);
  free(old);
  return bigger;
}

char *bench_copy(const char *text) {
  if (!text) return NULL;
  size_t bytes = strlen(text) + 1;
  return memcpy(bench_alloc(bytes), text, bytes);
}

void bench_append(bench_text *text, const void *bytes, uint64_t len) {
  if (text->used + len > text->room) {
    text->room = (text->used + len) * 2 + 64;
    text->s = bench_regrow(text->s, text->used, text->room);
  }
  if (len) memcpy(text->s + text->used, bytes, len);
  text->used += len;
}

clio_status bench_fail(clio_test *t, clio_status status, const char *format, ...) {
  if (t->status != CLIO_OK) return status;
  va_list args;
  va_start(args, format);
  vsnprintf(t->error, sizeof t->error, format, args);
  va_end(args);
  t->status = status;
  return status;
}

/* ---- descriptors ---- */

const clio_port *bench_port(const clio_ports *ports, uint32_t i) {
  return (const void *)((const char *)ports->items + (size_t)i * ports->item_size);
}

const clio_param *bench_param(const clio_params *params, uint32_t i) {
  return (const void *)((const char *)params->items + (size_t)i * params->item_size);
}

const clio_column *bench_declared(const clio_columns *columns, uint32_t i) {
  return (const void *)((const char *)columns->items + (size_t)i * columns->item_size);
}

static uint32_t port_number(const clio_ports *ports, const char *name) {
  for (uint32_t i = 0; i < ports->count; i++)
    if (strcmp(bench_port(ports, i)->name, name) == 0) return i;
  bench_misuse("the stage has no port '%s'", name);
}

uint32_t bench_input(const clio_test *t, const char *name) {
  return port_number(&t->stage->inputs, name);
}

uint32_t bench_output(const clio_test *t, const char *name) {
  return port_number(&t->stage->outputs, name);
}

const char *bench_kind_text(clio_row_kind kind) {
  static const char *const names[] = {"nothing", "blocks",   "conversations", "clusters", "cells",
                                      "texts",   "findings", "scores",        "the run"};
  return kind < sizeof names / sizeof *names ? names[kind] : "unknown rows";
}

/* ---- opening and closing ---- */

clio_test *clio_test_open(const clio_stage *stage) {
  clio_test *t = bench_alloc(sizeof *t);
  t->stage = stage;
  t->params = bench_alloc(stage->params.count * sizeof *t->params);
  t->inputs = bench_alloc(stage->inputs.count * sizeof *t->inputs);
  t->schemas = bench_alloc(stage->inputs.count * sizeof *t->schemas);
  t->planned = bench_alloc(stage->outputs.count * sizeof *t->planned);
  t->emitted = bench_alloc(stage->outputs.count * sizeof *t->emitted);
  t->outputs = bench_alloc(stage->outputs.count * sizeof *t->outputs);
  t->emit_counts = bench_alloc(stage->outputs.count * sizeof *t->emit_counts);
  t->used = bench_alloc(stage->inputs.count * sizeof *t->used);
  t->batch = 1024;
  t->seed = 1;
  t->threads = 1;
  t->max_bad = UINT64_MAX;
  t->policy = (clio_policy){sizeof(clio_policy), 0, 25, 50, 1, 10, 15, 1, 10, 5, 3, 5, "release"};
  pthread_mutex_init(&t->lock, NULL);
  return t;
}

clio_test *clio_test_open_so(const char *path, const char *use, const char **ret_why) {
  const char *unused;
  if (!ret_why) ret_why = &unused;
  void *library = dlopen(path, RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE);
  const clio_plugin *plugin = library ? dlsym(library, "clio_plugin_v0") : NULL;
  *ret_why = library ? "it has no symbol clio_plugin_v0" : "it cannot be loaded";
  if (!plugin) return NULL;
  *ret_why = "it is no clio plugin of this major version";
  if (plugin->magic != CLIO_MAGIC || plugin->abi_major != CLIO_ABI_MAJOR) return NULL;
  for (const clio_stage *const *stage = plugin->stages; stage && *stage; stage++) {
    size_t kind = strlen((*stage)->kind);
    if (strncmp(use, (*stage)->kind, kind) == 0 && use[kind] == '/' &&
        strcmp(use + kind + 1, (*stage)->name) == 0)
      return clio_test_open(*stage);
  }
  *ret_why = "it holds no stage of that name";
  return NULL;
}

/* What the last run left. */
static void clear_results(clio_test *t) {
  for (uint32_t i = 0; i < t->stage->outputs.count; i++) {
    for (uint64_t k = 0; k < t->emit_counts[i]; k++) bench_table_unref(t->emitted[i][k]);
    bench_table_unref(t->outputs[i]);
    free(t->emitted[i]);
    t->emitted[i] = NULL;
    t->outputs[i] = NULL;
    t->emit_counts[i] = 0;
  }
  for (uint64_t i = 0; i < t->failure_count; i++) free(t->failures[i].text);
  for (uint64_t i = 0; i < t->file_count; i++) {
    free(t->files[i].name);
    free(t->files[i].bytes.s);
  }
  free(t->failures);
  free(t->files);
  bench_table_sweep(t);
  t->failures = NULL;
  t->files = NULL;
  t->failure_count = t->file_count = t->allocs = t->host_calls = t->log.used = t->bad = 0;
  t->alloc_failed = false;
  t->status = CLIO_OK;
  t->error[0] = '\0';
}

void clio_test_close(clio_test *t) {
  if (!t) return;
  bench_model_clear(t);
  clear_results(t);
  bench_plan_clear(t);
  bench_asset_clear(t);
  for (uint32_t i = 0; i < t->stage->inputs.count; i++) bench_table_unref(t->inputs[i]);
  bench_table_sweep(t);
  for (uint32_t i = 0; i < t->stage->params.count; i++) free(t->params[i]);
  for (uint64_t i = 0; i < t->string_count; i++) free(t->strings[i]);
  for (uint64_t i = 0; i < t->service_count; i++) free(t->services[i].id);
  void *owned[] = {t->used,     t->params,  t->inputs, t->schemas,     t->planned,
                   t->emitted,  t->outputs, t->config, t->emit_counts, t->strings,
                   t->services, t->log.s,   t->json.s};
  for (size_t i = 0; i < sizeof owned / sizeof *owned; i++) free(owned[i]);
  pthread_mutex_destroy(&t->lock);
  free(t->model);
  free(t);
}

/* ---- what goes in ---- */

void clio_test_param(clio_test *t, const char *name, const char *json) {
  for (uint32_t i = 0; i < t->stage->params.count; i++) {
    if (strcmp(bench_param(&t->stage->params, i)->name, name) != 0) continue;
    free(t->params[i]);
    t->params[i] = bench_copy(json);
    return;
  }
  bench_misuse("the stage has no parameter '%s'", name);
}

void clio_test_rows(clio_test *t, const char *port, const char *schema, const char *json_rows) {
  uint32_t number = bench_input(t, port);
  clio_row_kind kind = bench_port(&t->stage->inputs, number)->rows;
  bench_table_unref(t->inputs[number]);
  t->inputs[number] = bench_json_table(t, kind, schema, json_rows);
}

void clio_test_unplug(clio_test *t, const char *port) {
  uint32_t number = bench_input(t, port);
  bench_table_unref(t->inputs[number]);
  t->inputs[number] = NULL;
}

/* Where the block that starts at `from` ends: at the first line that starts at
 * or past the next multiple of `block_bytes`. */
static uint64_t block_end(const char *text, uint64_t from, uint64_t length, uint64_t block_bytes) {
  uint64_t bound = (from / block_bytes + 1) * block_bytes;
  if (bound >= length) return length;
  const char *end = memchr(text + bound - 1, '\n', length - bound + 1);
  return end ? (uint64_t)(end - text) + 1 : length;
}

void clio_test_lines(clio_test *t, const char *port, const char *text, uint64_t block_bytes) {
  uint32_t number = bench_input(t, port);
  uint64_t length = strlen(text), blocks = 0, row = 0;
  for (uint64_t at = 0; at < length; blocks++) at = block_end(text, at, length, block_bytes);
  clio_table *table = bench_table_new(t, CLIO_ROWS_BLOCK, blocks, 1);
  bench_column_init(&table->columns[0], "bytes", CLIO_T_UTF8, 0, blocks);
  table->columns[0].privacy = CLIO_P_RAW;
  for (uint64_t at = 0, end; at < length; at = end, row++) {
    end = block_end(text, at, length, block_bytes);
    bench_column_put(&table->columns[0], row, text + at, end - at);
  }
  bench_column_seal(&table->columns[0]);
  bench_table_unref(t->inputs[number]);
  t->inputs[number] = table;
}

void clio_test_batch(clio_test *t, uint64_t rows) { t->batch = rows ? rows : 1; }
void clio_test_threads(clio_test *t, uint32_t count) { t->threads = count; }
void clio_test_seed(clio_test *t, uint64_t seed) { t->seed = seed; }
void clio_test_max_bad(clio_test *t, uint64_t rows) { t->max_bad = rows; }
void clio_test_cancel_after(clio_test *t, uint64_t calls) { t->cancel_after = calls; }
void clio_test_between(clio_test *t, void (*fn)(void *ctx, void *self), void *ctx) {
  t->between = fn;
  t->between_ctx = ctx;
}

void clio_test_fail_alloc(clio_test *t, uint64_t n) { t->fail_at = n; }
int clio_test_alloc_failed(const clio_test *t) { return t->alloc_failed; }
clio_policy *clio_test_policy(clio_test *t) { return &t->policy; }

void clio_test_service(clio_test *t, const char *id, const void *service) {
  t->services = bench_regrow(t->services, t->service_count * sizeof *t->services,
                             (t->service_count + 1) * sizeof *t->services);
  t->services[t->service_count].id = bench_copy(id);
  t->services[t->service_count++].service = service;
}

/* ---- one run ---- */

static clio_status collect(clio_test *t) {
  for (uint32_t i = 0; i < t->stage->outputs.count; i++) {
    const char *name = bench_port(&t->stage->outputs, i)->name;
    if (!t->emit_counts[i]) continue;
    t->outputs[i] = bench_table_join(t, t->emitted[i], t->emit_counts[i], name);
  }
  for (uint64_t i = 0; i < t->file_count; i++)
    if (!t->files[i].closed)
      bench_fail(t, CLIO_E_INTERNAL, "output: file '%s' was not closed", t->files[i].name);
  return t->status;
}

/* Tables that nobody but the bench may hold now. */
static uint64_t known_tables(const clio_test *t) {
  uint64_t known = 0;
  for (uint32_t i = 0; i < t->stage->inputs.count; i++) known += t->inputs[i] != NULL;
  for (uint32_t i = 0; i < t->stage->outputs.count; i++)
    known += t->emit_counts[i] + (t->outputs[i] != NULL);
  return known;
}

clio_status clio_test_plan(clio_test *t) {
  clear_results(t);
  if (bench_config(t) != CLIO_OK) return t->status;
  return bench_plan(t);
}

clio_status clio_test_run(clio_test *t) {
  if (clio_test_plan(t) != CLIO_OK) return t->status;
  void *self = NULL;
  clio_call call = {.t = t, .where = "create"};
  clio_status status = CLIO_OK;
  if (t->stage->create) status = t->stage->create(&bench_host, &call, t->config, &self);
  if (bench_call_end(&call, status) == CLIO_OK) bench_feed_all(t, self);
  if (t->stage->destroy) t->stage->destroy(self);
  if (t->status == CLIO_OK) collect(t);
  if (t->live_tables != known_tables(t))
    bench_fail(t, CLIO_E_INTERNAL, "the stage kept %llu tables past destroy",
               (unsigned long long)(t->live_tables - known_tables(t)));
  return t->status;
}

clio_status clio_test_torture(clio_test *t) {
  clio_status status = CLIO_OK;
  uint64_t n = 0;
  do {
    clio_test_fail_alloc(t, ++n);
    status = clio_test_run(t);
    if (!t->alloc_failed) break;
    if (status == CLIO_E_NOMEM) continue;
    status = CLIO_E_INTERNAL;
    t->status = CLIO_OK;
    bench_fail(t, status, "allocation %llu failed and the stage did not say CLIO_E_NOMEM",
               (unsigned long long)n);
    break;
  } while (n < 1000000);
  clio_test_fail_alloc(t, 0);
  return status;
}

/* ---- what came out ---- */

const char *clio_test_error(const clio_test *t) { return t->error; }
const clio_host *clio_test_host(void) { return &bench_host; }

const clio_table *clio_test_out(const clio_test *t, const char *port) {
  return t->outputs[bench_output(t, port)];
}

uint64_t clio_test_emits(const clio_test *t, const char *port) {
  return t->emit_counts[bench_output(t, port)];
}

const char *clio_test_json(clio_test *t, const char *port, const char *columns) {
  const clio_table *table = clio_test_out(t, port);
  t->json.used = 0;
  if (table) bench_json_print(table, columns, &t->json);
  bench_append(&t->json, "", 1);
  return t->json.s;
}

const char *clio_test_planned(clio_test *t, const char *port, const char *column) {
  const clio_column *c = bench_plan_find(t, bench_output(t, port), column);
  if (!c) return NULL;
  char type[16];
  snprintf(t->planned_text, sizeof t->planned_text, "%s:%s%s%s%s%s", c->name,
           bench_type_text(c->type, c->dim, type, sizeof type),
           c->flags & CLIO_COL_NULLABLE ? "?" : "", c->flags & CLIO_COL_FACET ? "*" : "",
           c->of ? "<" : "", c->of ? c->of : "");
  return t->planned_text;
}

const clio_column *clio_test_column(const clio_test *t, const char *port, uint32_t i) {
  uint32_t number = bench_output(t, port);
  const clio_columns *declared = &bench_port(&t->stage->outputs, number)->columns;
  const bench_planned *planned = &t->planned[number];
  if (i < declared->count) return bench_declared(declared, i);
  return i - declared->count < planned->count ? &planned->columns[i - declared->count] : NULL;
}

uint64_t clio_test_failed(const clio_test *t) { return t->failure_count; }

const char *clio_test_failure(const clio_test *t, uint64_t i, uint64_t *ret_row) {
  if (i >= t->failure_count) return NULL;
  if (ret_row) *ret_row = t->failures[i].row;
  return t->failures[i].text;
}

const char *clio_test_log(const clio_test *t) { return t->log.used ? t->log.s : ""; }

const char *clio_test_file(const clio_test *t, const char *name, uint64_t *ret_length) {
  for (uint64_t i = 0; i < t->file_count; i++) {
    if (strcmp(t->files[i].name, name) != 0 || !t->files[i].closed) continue;
    if (ret_length) *ret_length = t->files[i].bytes.used;
    return t->files[i].bytes.s;
  }
  return NULL;
}

const char *clio_test_file_name(const clio_test *t, uint64_t i) {
  return i < t->file_count ? t->files[i].name : NULL;
}
