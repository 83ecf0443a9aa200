/* host.c - calls into stages and the reading half of the host table. */
#include "host.h"

#include <string.h>

#include "log.h"
#include "run.h"
#include "text.h"

enum { ARENA_BLOCK = 64 * 1024 };

static void stamp(clio_call *call) {
  __atomic_store_n(&call->stage->last_call, g_get_monotonic_time(), __ATOMIC_RELAXED);
}

static _Thread_local const char *current_stage;

const char *call_current_stage(void) { return current_stage; }

void call_begin(clio_call *call, run *r, run_stage *stage) {
  memset(call, 0, sizeof *call);
  call->run = r;
  call->stage = stage;
  g_mutex_init(&call->lock);
  call->blocks = g_ptr_array_new();
  call->block_sizes = g_array_new(FALSE, FALSE, sizeof(uint64_t));
  call->failed_rows = g_array_new(FALSE, FALSE, sizeof(uint64_t));
  call->emitted = g_array_new(FALSE, FALSE, sizeof(host_emitted));
  call->builders = g_ptr_array_new_with_free_func(builder_free);
  g_atomic_int_inc(&stage->running);
  call->outer = current_stage;
  current_stage = stage->fs->gs->id;
  stamp(call);
}

void call_end(clio_call *call) {
  g_ptr_array_free(call->builders, TRUE);
  for (guint i = 0; i < call->blocks->len; i++)
    memory_free(&call->run->memory, call->blocks->pdata[i],
                g_array_index(call->block_sizes, uint64_t, i));
  g_ptr_array_free(call->blocks, TRUE);
  g_array_free(call->block_sizes, TRUE);
  g_array_free(call->failed_rows, TRUE);
  for (guint i = 0; i < call->emitted->len; i++)
    table_unref(g_array_index(call->emitted, host_emitted, i).table);
  g_array_free(call->emitted, TRUE);
  g_mutex_clear(&call->lock);
  if (!call->paused) call_pause(call);
}

void call_pause(clio_call *call) {
  current_stage = call->outer;
  g_atomic_int_add(&call->stage->running, -1);
  call->paused = true;
}

void call_resume(clio_call *call) {
  g_atomic_int_inc(&call->stage->running);
  call->outer = current_stage;
  current_stage = call->stage->fs->gs->id;
  call->paused = false;
  stamp(call);
}

clio_status call_error(const clio_call *call, clio_status r, error *e) {
  const char *id = call->stage->fs->gs->id;
  if (call->err.status != CLIO_OK) r = call->err.status;
  const char *why = call->err.status != CLIO_OK ? call->err.text : NULL;
  const char *what = call->stage->fs->gs->what;
  if (why) return error_set(e, r, "%s '%s': %s", what, id, why);
  return error_set(e, r, "%s '%s': %s failed without saying why (%s)", what, id,
                   call->stage->fs->use, status_name(r));
}

clio_table *call_take(clio_call *call, clio_row_kind rows) {
  for (guint i = 0; i < call->emitted->len; i++) {
    host_emitted *m = &g_array_index(call->emitted, host_emitted, i);
    if (!m->table || m->table->kind != rows) continue;
    clio_table *t = m->table;
    g_array_remove_index(call->emitted, i);
    return t;
  }
  return NULL;
}

/* While a run is planned, answers of models are made up: what stages say of them is no news. */
static void host_log(clio_call *call, int32_t level, const char *msg) {
  stamp(call);
  if (call->run->plan && level != CLIO_LOG_ERROR) level = CLIO_LOG_DEBUG;
  char *clean = text_for_terminal(msg ? msg : "", (int64_t)strlen(msg ? msg : ""));
  run_log(call->run, level, "%s: %s", call->stage->fs->gs->id, clean);
  g_free(clean);
}

static void host_progress(clio_call *call, uint64_t done, uint64_t total) {
  stamp(call);
  run_progress(call->run, call->stage, done, total);
}

static int32_t host_cancelled(clio_call *call) {
  stamp(call);
  return run_is_cancelled(call->run);
}

clio_status host_fail(clio_call *call, clio_status status, const char *msg) {
  stamp(call);
  if (status >= 0) status = CLIO_E_INTERNAL;
  g_mutex_lock(&call->lock);
  error_set(&call->err, status, "%s", msg && *msg ? msg : "failed");
  g_mutex_unlock(&call->lock);
  return status;
}

enum { WARNED_LINES_MAX = 10 };

static void warn_of_line(clio_call *call, uint64_t row, const char *msg) {
  gint64 n = __atomic_add_fetch(&call->run->warned_lines, 1, __ATOMIC_RELAXED);
  if (n > WARNED_LINES_MAX) return;
  run_log(call->run, CLIO_LOG_WARN, "%s:%s%" G_GUINT64_FORMAT ": %s",
          call->file ? call->file : "input", call->items ? " item " : "", call->first_line + row,
          msg);
  if (n == WARNED_LINES_MAX)
    run_log(call->run, CLIO_LOG_WARN, "more bad lines follow; they are counted, not printed");
}

static clio_status host_fail_row(clio_call *call, uint64_t row, clio_status status,
                                 const char *msg) {
  stamp(call);
  (void)status;
  run_stage *st = call->stage;
  if (st->fs->role == FLOW_SOURCE) {
    call->bad_lines++;
    char *clean = text_for_terminal(msg ? msg : "bad line", msg ? (int64_t)strlen(msg) : 8);
    warn_of_line(call, row, clean);
    g_free(clean);
  } else {
    if (call->in && row >= call->in->rows)
      return host_fail(call, CLIO_E_INTERNAL, "fail_row: there is no such row");
    g_array_append_val(call->failed_rows, row);
  }
  return run_is_cancelled(call->run) ? CLIO_E_CANCELLED : CLIO_OK;
}

void *host_scratch(clio_call *call, uint64_t bytes) {
  uint64_t size = (bytes + 63) & ~(uint64_t)63;
  if (size < bytes) return NULL;
  g_mutex_lock(&call->lock);
  stamp(call);
  if (size > call->free_bytes) {
    uint64_t block = size > ARENA_BLOCK ? size : ARENA_BLOCK;
    uint8_t *p = memory_alloc(&call->run->memory, block);
    if (p) {
      g_ptr_array_add(call->blocks, p);
      g_array_append_val(call->block_sizes, block);
      call->free_at = p;
      call->free_bytes = block;
    }
  }
  void *p = NULL;
  if (size <= call->free_bytes) {
    p = call->free_at;
    call->free_at += size;
    call->free_bytes -= size;
  }
  g_mutex_unlock(&call->lock);
  return p;
}

static uint64_t host_random(clio_call *call, uint64_t key) {
  return rng_random(call->run->g->seed, call->stage->fs->gs->id, key);
}

static uint64_t host_rows(const clio_table *t) { return t ? t->rows : 0; }

static int32_t host_find(const clio_table *t, const char *name) {
  return t && name ? table_find(t, name) : -1;
}

static clio_status host_view(const clio_table *t, int32_t col, clio_view *ret, uint64_t ret_size) {
  if (!t || col < 0 || (guint)col >= t->columns->len || !ret) return CLIO_E_INTERNAL;
  const column *c = t->columns->pdata[col];
  clio_view v = {.type = c->type,
                 .dim = c->dim,
                 .rows = c->rows,
                 .valid = c->valid,
                 .offsets = c->offsets,
                 .items = c->items,
                 .data = c->data};
  memset(ret, 0, ret_size);
  memcpy(ret, &v, ret_size < sizeof v ? ret_size : sizeof v);
  return CLIO_OK;
}

static const clio_table *host_ref(const clio_table *t) { return table_ref(t); }

static const clio_columns *host_input(clio_call *call, uint32_t port) {
  const run_stage *st = call->stage;
  if (port >= st->fs->ps->s.inputs.count || !st->planned) return NULL;
  return st->planned[port].items ? &st->planned[port] : NULL;
}

const clio_host *host_table(void) {
  static const clio_host table = {
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
      .plan_input = host_plan_input,
      .plan_use = host_plan_use,
      .plan_output = host_plan_output,
      .plan_fail = host_plan_fail,
      .rows = host_rows,
      .find = host_find,
      .view = host_view,
      .ref = host_ref,
      .unref = table_unref,
      .start = host_start,
      .add = host_add,
      .data = host_data,
      .put = host_put,
      .item = host_item,
      .emit = host_emit,
      .service = host_service,
      .input = host_input,
  };
  return &table;
}
