/* builder.c - the writing half of the host table: start, add, data, put, item,
 * emit. Every rule of the ABI about what a stage may emit is checked here; an
 * error sticks to the builder until emit, which reports it. */
#include <math.h>
#include <string.h>

#include "host.h"
#include "run.h"
#include "text.h"

/* A column being written. Text grows in `text` until emit. */
typedef struct build_column {
  column *c;
  const schema_column *plan;
  GString *text;
  GArray *items;  /* int64_t: ends of list items */
  memory *memory; /* that text and items count against, and how much of it */
  int64_t charged;
  uint64_t next; /* first row that has not been put */
  bool open;     /* LIST: row `next - 1` may take more items */

} build_column;

struct clio_builder {
  clio_call *call;
  uint32_t port;
  clio_row_kind rows_kind;
  const clio_table *base;
  uint64_t *pick;
  uint64_t rows;
  GArray *columns; /* build_column */
  error err;
};

static void clear_column(void *p) {
  build_column *b = p;
  column_unref(b->c);
  memory_charge(b->memory, -b->charged);
  if (b->text) g_string_free(b->text, TRUE);
  if (b->items) g_array_free(b->items, TRUE);
}

void builder_free(void *p) {
  clio_builder *b = p;
  if (!b) return;
  g_array_free(b->columns, TRUE);
  g_free(b->pick);
  table_unref(b->base);
  g_free(b);
}

#define BROKEN(b, ...) error_set(&(b)->err, CLIO_E_INTERNAL, __VA_ARGS__)

static void check_pick(clio_builder *b, const uint64_t *pick) {
  for (uint64_t i = 0; i < b->rows; i++) {
    if (pick[i] >= b->base->rows) {
      BROKEN(b, "start: pick names row %" G_GUINT64_FORMAT " of %" G_GUINT64_FORMAT, pick[i],
             b->base->rows);
      return;
    }
    if (i && pick[i] <= pick[i - 1]) {
      BROKEN(b, "start: pick must be strictly increasing; it may drop rows, never repeat or "
                "reorder them");
      return;
    }
  }
  b->pick = g_new(uint64_t, b->rows ? b->rows : 1);
  memcpy(b->pick, pick, b->rows * sizeof *pick);
}

/* Rows of one emitted table; far above any batch, far below an overflow. */
static const uint64_t ROWS_MAX = (uint64_t)1 << 40;

static void check_start(clio_builder *b, const uint64_t *pick) {
  const flow_stage *fs = b->call->stage->fs;
  if (b->port >= fs->ps->s.outputs.count) {
    BROKEN(b, "start: there is no output %u", b->port);
    return;
  }
  b->rows_kind = fs->ps->outputs[b->port].rows;
  if (!b->base && b->rows_kind == CLIO_ROWS_CONVERSATION && fs->role != FLOW_SOURCE) {
    BROKEN(b, "start: only a source may start conversations; give the input table as base");
  } else if (b->base && b->base->kind != b->rows_kind) {
    BROKEN(b, "start: base holds %s, and the output holds %s", row_kind_name(b->base->kind),
           row_kind_name(b->rows_kind));
  } else if (b->base && !pick && b->rows != b->base->rows) {
    BROKEN(b,
           "start: %" G_GUINT64_FORMAT " rows asked for, and base has %" G_GUINT64_FORMAT
           "; without pick they must be equal",
           b->rows, b->base->rows);
  } else if (!b->base && pick) {
    BROKEN(b, "start: pick without base");
  } else if (!b->base && b->rows > ROWS_MAX) {
    BROKEN(b,
           "start: %" G_GUINT64_FORMAT " rows asked for; a table holds at most %" G_GUINT64_FORMAT,
           b->rows, ROWS_MAX);
  } else if (pick && b->rows > b->base->rows) {
    BROKEN(b, "start: pick of %" G_GUINT64_FORMAT " rows, and base has %" G_GUINT64_FORMAT, b->rows,
           b->base->rows);
  } else if (pick) {
    check_pick(b, pick);
  }
}

clio_builder *host_start(clio_call *call, uint32_t port, const clio_table *base,
                         const uint64_t *pick, uint64_t rows) {
  clio_builder *b = g_new0(clio_builder, 1);
  b->call = call;
  b->port = port;
  b->base = table_ref(base);
  b->rows = rows;
  b->columns = g_array_new(FALSE, TRUE, sizeof(build_column));
  g_array_set_clear_func(b->columns, clear_column);
  check_start(b, pick);
  g_ptr_array_add(call->builders, b);
  return b;
}

static const schema_column *planned(const clio_builder *b, const char *name) {
  const GArray *adds = b->call->stage->fs->adds;
  for (guint i = 0; i < adds->len; i++) {
    const flow_add *a = &g_array_index(adds, flow_add, i);
    if (a->port == b->port && !strcmp(a->column->name, name)) return a->column;
  }
  return NULL;
}

static bool is_host_column(const char *name) {
  static const char *const names[] = {"account", "org", "time", "outputs", "simhash"};
  for (size_t i = 0; i < G_N_ELEMENTS(names); i++)
    if (!strcmp(names[i], name)) return true;
  return false;
}

static const schema_column *check_add(clio_builder *b, const char *name, clio_type type,
                                      uint32_t dim) {
  const schema_column *plan = planned(b, name);
  bool source = b->call->stage->fs->role == FLOW_SOURCE;
  if (!plan && is_host_column(name) && !source)
    BROKEN(b, "add: the column '%s' belongs to the host", name);
  else if (!plan)
    BROKEN(b, "add: the column '%s' was not declared", name);
  else if (plan->c.type != type)
    BROKEN(b, "add: the column '%s' was declared %s, not %s", name, type_name(plan->c.type),
           type_name(type));
  else if (type == CLIO_T_VEC && (!dim || (plan->c.dim && plan->c.dim != dim)))
    BROKEN(b, "add: the column '%s' was declared with %u dimensions, not %u", name, plan->c.dim,
           dim);
  for (guint i = 0; i < b->columns->len; i++)
    if (!strcmp(g_array_index(b->columns, build_column, i).plan->name, name))
      BROKEN(b, "add: the column '%s' is added twice", name);
  return b->err.status == CLIO_OK ? plan : NULL;
}

int32_t host_add(clio_builder *b, const char *name, clio_type type, uint32_t dim) {
  if (!b || b->err.status != CLIO_OK) return -1;
  const schema_column *plan = check_add(b, name ? name : "", type, dim);
  if (!plan) return -1;
  memory *m = &b->call->run->memory;
  build_column col = {.plan = plan, .memory = m};
  bool text = type == CLIO_T_UTF8 || type == CLIO_T_LIST;
  bool nullable = text || plan->c.flags & CLIO_COL_NULLABLE;
  col.c = column_new(name, type, dim, b->rows, 0, 0, nullable, m);
  if (!col.c) {
    error_set(&b->err, CLIO_E_NOMEM, "no memory for the column '%s'", name);
    return -1;
  }
  if (text) col.text = g_string_new(NULL);
  if (type == CLIO_T_LIST) col.items = g_array_new(FALSE, FALSE, sizeof(int64_t));
  if (!text && nullable) memset(col.c->valid, 0xff, (b->rows + 7) / 8);
  g_array_append_val(b->columns, col);
  return (int32_t)b->columns->len - 1;
}

static build_column *at(clio_builder *b, int32_t col) {
  if (!b || b->err.status != CLIO_OK) return NULL;
  if (col >= 0 && (guint)col < b->columns->len)
    return &g_array_index(b->columns, build_column, (guint)col);
  BROKEN(b, "there is no column number %d in this builder", col);
  return NULL;
}

void *host_data(clio_builder *b, int32_t col) {
  build_column *bc = at(b, col);
  if (!bc) return NULL;
  if (!bc->text) return bc->c->data;
  BROKEN(b, "data: the column '%s' is text; use put", bc->plan->name);
  return NULL;
}

/* Rows between the last one put and `row` stay null: their offsets repeat. */
static bool skip_to(clio_builder *b, build_column *bc, uint64_t row) {
  if (row >= b->rows) {
    BROKEN(b, "put: '%s' has no row %" G_GUINT64_FORMAT, bc->plan->name, row);
    return false;
  }
  if (row < bc->next) {
    BROKEN(b, "put: rows of '%s' must come in increasing order", bc->plan->name);
    return false;
  }
  int64_t end = bc->items ? (int64_t)bc->items->len : (int64_t)bc->text->len;
  while (bc->next <= row) bc->c->offsets[++bc->next] = end;
  bc->open = true;
  return true;
}

enum { ROOM_MIN = 4096 };

/* Text and items grow by doubling, as what holds them does. */
static bool make_room(clio_builder *b, build_column *bc, int64_t len) {
  int64_t items = bc->items ? (int64_t)(bc->items->len + 1) * (int64_t)sizeof(int64_t) : 0;
  int64_t want = (int64_t)bc->text->len + len + items;
  if (want <= bc->charged) return true;
  int64_t room = MAX(MAX(want, 2 * bc->charged), ROOM_MIN);
  if (!memory_charge(bc->memory, room - bc->charged)) {
    error_set(&b->err, CLIO_E_NOMEM, "no memory for the text of the column '%s'", bc->plan->name);
    return false;
  }
  bc->charged = room;
  return true;
}

static bool append_text(clio_builder *b, build_column *bc, const char *utf8, int64_t len) {
  if (!utf8 && len) {
    BROKEN(b, "put: no text given for '%s'", bc->plan->name);
    return false;
  }
  if (!text_is_utf8(utf8, len, NULL)) {
    BROKEN(b, "put: a value of '%s' is not UTF-8", bc->plan->name);
    return false;
  }
  if (!make_room(b, bc, len)) return false;
  g_string_append_len(bc->text, utf8, len);
  return true;
}

static void set_valid(column *c, uint64_t row) { c->valid[row >> 3] |= (uint8_t)(1u << (row & 7)); }

static clio_status put_null(clio_builder *b, build_column *bc, uint64_t row) {
  if (row >= b->rows)
    return BROKEN(b, "put: '%s' has no row %" G_GUINT64_FORMAT, bc->plan->name, row);
  if (!bc->c->valid)
    return BROKEN(b, "put: the column '%s' was declared without nulls", bc->plan->name);
  if (!bc->text) bc->c->valid[row >> 3] &= (uint8_t) ~(1u << (row & 7));
  return CLIO_OK;
}

clio_status host_put(clio_builder *b, int32_t col, uint64_t row, const char *utf8, int64_t len) {
  build_column *bc = at(b, col);
  if (!bc) return CLIO_E_INTERNAL;
  if (len < 0) return put_null(b, bc, row);
  if (!bc->text)
    return BROKEN(b, "put: the column '%s' is %s; use data", bc->plan->name,
                  type_name(bc->c->type));
  if (bc->items && len)
    return BROKEN(b, "put: the column '%s' is a list; use item", bc->plan->name);
  if (!skip_to(b, bc, row)) return CLIO_E_INTERNAL;
  set_valid(bc->c, row);
  if (bc->items) return CLIO_OK;
  if (!append_text(b, bc, utf8, len)) return CLIO_E_INTERNAL;
  bc->c->offsets[row + 1] = (int64_t)bc->text->len;
  return CLIO_OK;
}

clio_status host_item(clio_builder *b, int32_t col, uint64_t row, const char *utf8, int64_t len) {
  build_column *bc = at(b, col);
  if (!bc) return CLIO_E_INTERNAL;
  if (!bc->items) return BROKEN(b, "item: the column '%s' is no list", bc->plan->name);
  bool more = bc->open && row + 1 == bc->next;
  if (!more && !skip_to(b, bc, row)) return CLIO_E_INTERNAL;
  if (len < 0 || !append_text(b, bc, utf8, len)) return BROKEN(b, "item: no text");
  int64_t end = (int64_t)bc->text->len;
  g_array_append_val(bc->items, end);
  bc->c->offsets[row + 1] = (int64_t)bc->items->len;
  set_valid(bc->c, row);
  return CLIO_OK;
}

/* ---- emit ---- */

/* Moves the gathered text of a column into its buffers. */
static bool settle_text(clio_builder *b, build_column *bc) {
  column *c = bc->c;
  int64_t end = bc->items ? (int64_t)bc->items->len : (int64_t)bc->text->len;
  while (bc->next < b->rows) c->offsets[++bc->next] = end;
  memory *m = &b->call->run->memory;
  column *full = column_new(c->name, c->type, 0, c->rows, bc->text->len,
                            bc->items ? bc->items->len : 0, true, m);
  if (!full) {
    error_set(&b->err, CLIO_E_NOMEM, "no memory for the column '%s'", c->name);
    return false;
  }
  memcpy(full->data, bc->text->str, bc->text->len);
  memcpy(full->offsets, c->offsets, (c->rows + 1) * sizeof(int64_t));
  memcpy(full->valid, c->valid, (c->rows + 7) / 8);
  if (bc->items) {
    full->items[0] = 0;
    if (bc->items->len) memcpy(full->items + 1, bc->items->data, bc->items->len * sizeof(int64_t));
  }
  column_unref(c);
  bc->c = full;
  return true;
}

static void check_vectors(clio_builder *b, const build_column *bc) {
  const column *c = bc->c;
  const float *v = c->data;
  for (uint64_t row = 0; row < c->rows; row++) {
    if (column_is_null(c, row)) continue;
    for (uint32_t i = 0; i < c->dim; i++)
      if (!isfinite(v[row * c->dim + i])) {
        BROKEN(b, "emit: '%s' holds a NaN or infinity in row %" G_GUINT64_FORMAT, c->name, row);
        return;
      }
  }
}

static void check_choices(clio_builder *b, const build_column *bc) {
  const column *c = bc->c;
  if (!bc->plan->choice_set || c->type != CLIO_T_UTF8) return;
  for (uint64_t row = 0; row < c->rows; row++) {
    int64_t len;
    const char *text = column_text(c, row, &len);
    if (!text) continue;
    char *value = g_strndup(text, (gsize)len);
    bool known = g_hash_table_contains(bc->plan->choice_set, value);
    g_free(value);
    if (known) continue;
    BROKEN(b,
           "emit: '%s' holds a value in row %" G_GUINT64_FORMAT
           " that is not among its declared choices",
           c->name, row);
    return;
  }
}

static int compare_rows(const void *a, const void *b) {
  uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
  return (x > y) - (x < y);
}

/* A column declared without nulls may lack a value only where the row failed;
 * such rows are dropped when the call is committed. */
static void check_nulls(clio_builder *b, const build_column *bc) {
  if (!bc->c->valid || bc->plan->c.flags & CLIO_COL_NULLABLE) return;
  bool dropped = b->call->stage->fs->role == FLOW_ROWWISE;
  GArray *failed = b->call->failed_rows;
  g_array_sort(failed, compare_rows);
  for (uint64_t row = 0; row < b->rows; row++) {
    if (!column_is_null(bc->c, row)) continue;
    const uint64_t *in = b->pick ? &b->pick[row] : &row;
    if (dropped && g_array_binary_search(failed, in, compare_rows, NULL)) continue;
    BROKEN(b, "emit: '%s' is null in row %" G_GUINT64_FORMAT ", and it was declared without nulls",
           bc->c->name, row);
    return;
  }
}

static void check_complete(clio_builder *b) {
  const GArray *adds = b->call->stage->fs->adds;
  for (guint i = 0; i < adds->len; i++) {
    const flow_add *a = &g_array_index(adds, flow_add, i);
    bool optional = a->column->c.flags & (CLIO_COL_OPTIONAL | CLIO_COL_NULLABLE);
    if (a->port != b->port || optional) continue;
    bool there = b->base && table_find(b->base, a->column->name) >= 0;
    for (guint k = 0; k < b->columns->len && !there; k++)
      there = g_array_index(b->columns, build_column, k).plan == a->column;
    if (!there) BROKEN(b, "emit: the declared column '%s' was not added", a->column->name);
  }
}

static void check_columns(clio_builder *b) {
  for (guint i = 0; i < b->columns->len && b->err.status == CLIO_OK; i++) {
    build_column *bc = &g_array_index(b->columns, build_column, i);
    if (bc->text && !settle_text(b, bc)) return;
    if (bc->c->type == CLIO_T_VEC) check_vectors(b, bc);
    check_choices(b, bc);
    check_nulls(b, bc);
  }
  check_complete(b);
}

static clio_table *make_table(clio_builder *b) {
  clio_table *t;
  const clio_table *base = b->base && b->base->full ? b->base->full : b->base;
  if (base && b->pick) {
    t = table_gather(base, b->pick, b->rows, &b->call->run->memory);
    if (!t) {
      error_set(&b->err, CLIO_E_NOMEM, "no memory to gather %" G_GUINT64_FORMAT " rows", b->rows);
      return NULL;
    }
  } else {
    t = table_new(b->rows_kind, b->rows);
    for (guint i = 0; base && i < base->columns->len; i++)
      table_take_column(t, column_ref(base->columns->pdata[i]));
    if (base) t->keys = keys_ref(base->keys);
  }
  for (guint i = 0; i < b->columns->len; i++)
    table_take_column(t, column_ref(g_array_index(b->columns, build_column, i).c));
  return t;
}

clio_status host_emit(clio_builder *b) {
  if (!b) return CLIO_E_INTERNAL;
  clio_call *call = b->call;
  if (b->err.status == CLIO_OK) check_columns(b);
  clio_table *t = b->err.status == CLIO_OK ? make_table(b) : NULL;
  clio_status r = b->err.status;
  uint32_t port = b->port;
  if (r != CLIO_OK) host_fail(call, r, b->err.text);
  g_ptr_array_remove(call->builders, b);
  if (r != CLIO_OK) return r;
  if (run_is_cancelled(call->run)) {
    table_unref(t);
    return CLIO_E_CANCELLED;
  }
  if (call->on_emit) return call->on_emit(call, t, call->emit_ctx);
  host_emitted m = {port, t};
  g_array_append_val(call->emitted, m);
  return CLIO_OK;
}
