/* named_emit.c - the clusters table with names and descriptions filled in; see named_emit.h.
 * A column that is there cannot be added to its base once more, so the table is
 * written anew. */
#include "named_emit.h"

typedef struct emission {
  const clio_host *host;
  clio_call *call;
  const clio_table *clusters;
  clio_builder *builder;
} emission;

static uint64_t cell_bytes(const clio_view *view) {
  switch (view->type) {
  case CLIO_T_BOOL: return 1;
  case CLIO_T_VEC: return view->dim * sizeof(float);
  default: return 8;
  }
}

static void copy_cell(emission *e, int32_t column, const clio_view *view, uint64_t row) {
  if (!clio_valid(view, row)) {
    clio_put_null(e->host, e->builder, column, row);
  } else if (view->type == CLIO_T_UTF8) {
    clio_put_span(e->host, e->builder, column, row, clio_utf8(view, row));
  } else if (view->type == CLIO_T_LIST) {
    e->host->put(e->builder, column, row, "", 0);
    for (int64_t i = 0; i < clio_list_count(view, row); i++) {
      clio_span item = clio_list_at(view, row, i);
      e->host->item(e->builder, column, row, item.s, item.len);
    }
  }
}

static void copy_column(emission *e, const char *name) {
  clio_view view = {0};
  if (!clio_look(e->host, e->clusters, name, CLIO_T_ANY, &view)) return;
  int32_t column = e->host->add(e->builder, name, view.type, view.dim);
  if (view.type != CLIO_T_UTF8 && view.type != CLIO_T_LIST) {
    void *data = e->host->data(e->builder, column);
    if (data && view.rows > 0) memcpy(data, view.data, view.rows * cell_bytes(&view));
  }
  for (uint64_t row = 0; row < view.rows; row++) copy_cell(e, column, &view, row);
}

/* What was there, and what was written where nothing was. */
static clio_status fill_column(emission *e, const tree *t, const char *name, int is_name) {
  clio_view old = {0};
  int known = clio_look(e->host, e->clusters, name, CLIO_T_UTF8, &old);
  uint64_t rows = e->host->rows(e->clusters);
  const char **fresh = clio_scratch_array(e->host, e->call, rows, sizeof *fresh);
  if (!fresh) return clio_nomem(e->host, e->call);
  for (uint64_t n = 0; n < t->nodes; n++)
    fresh[t->node[n].table_row] = is_name ? t->node[n].name : t->node[n].description;
  int32_t column = e->host->add(e->builder, name, CLIO_T_UTF8, 0);
  for (uint64_t row = 0; row < rows; row++) {
    if (known && clio_valid(&old, row))
      copy_cell(e, column, &old, row);
    else
      clio_put_text(e->host, e->builder, column, row, fresh[row]);
  }
  return CLIO_OK;
}

int emit_fills(const char *column) {
  return strcmp(column, "name") == 0 || strcmp(column, "description") == 0;
}

clio_status emit_clusters(const clio_host *host, clio_call *call, const clio_table *clusters,
                          const clio_columns *columns, const tree *t) {
  emission e = {host, call, clusters, host->start(call, 0, NULL, NULL, host->rows(clusters))};
  for (uint32_t i = 0; i < columns->count; i++) {
    const char *at = (const char *)columns->items + (size_t)i * columns->item_size;
    const clio_column *column = (const clio_column *)(const void *)at;
    if (!emit_fills(column->name)) copy_column(&e, column->name);
  }
  CLIO_TRY(fill_column(&e, t, "name", 1));
  CLIO_TRY(fill_column(&e, t, "description", 0));
  return host->emit(e.builder);
}
