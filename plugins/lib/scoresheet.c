/* scoresheet.c - the scores of a validator; see scoresheet.h. */
#include "scoresheet.h"

#define COLUMN(n, t, f, h) \
  { .name = (n), .help = (h), .type = (t), .privacy = CLIO_P_GROUPED, .flags = (f) }
const clio_column scoresheet_columns[7] = {
    COLUMN("metric", CLIO_T_UTF8, 0, "what was measured"),
    COLUMN("slice", CLIO_T_UTF8, CLIO_COL_NULLABLE, "of which part; null: of all"),
    COLUMN("value", CLIO_T_F64, 0, "the measurement"),
    COLUMN("low", CLIO_T_F64, CLIO_COL_NULLABLE, "low end of its 95 % interval"),
    COLUMN("high", CLIO_T_F64, CLIO_COL_NULLABLE, "high end of its 95 % interval"),
    COLUMN("reference", CLIO_T_F64, CLIO_COL_NULLABLE, "a published figure on like data"),
    COLUMN("n", CLIO_T_I64, 0, "how many things it was measured on"),
};

scoresheet scoresheet_new(const clio_host *host, clio_call *call) {
  return (scoresheet){.host = host, .call = call};
}

static int make_room(scoresheet *s) {
  if (s->count < s->room) return 1;
  uint64_t room = s->room ? 2 * s->room : 64;
  score *rows = clio_scratch_array(s->host, s->call, room, sizeof *rows);
  if (!rows) {
    s->status = clio_nomem(s->host, s->call);
    return 0;
  }
  if (s->count) memcpy(rows, s->rows, s->count * sizeof *rows);
  s->rows = rows;
  s->room = room;
  return 1;
}

void scoresheet_add(scoresheet *s, const score *row) {
  if (s->status == CLIO_OK && make_room(s)) s->rows[s->count++] = *row;
}

static char *room_for(scoresheet *s, int64_t bytes) {
  char *text = s->host->scratch(s->call, (uint64_t)bytes + 1);
  if (!text && s->status == CLIO_OK) s->status = clio_nomem(s->host, s->call);
  return text;
}

const char *scoresheet_keep(scoresheet *s, clio_span text) {
  char *copy = room_for(s, text.len);
  if (!copy) return "";
  memcpy(copy, text.s, (size_t)text.len);
  return copy;
}

const char *scoresheet_pair(scoresheet *s, clio_span a, clio_span b) {
  static const char between[] = " > ";
  const size_t gap = sizeof between - 1;
  char *copy = room_for(s, a.len + (int64_t)gap + b.len);
  if (!copy) return "";
  memcpy(copy, a.s, (size_t)a.len);
  memcpy(copy + a.len, between, gap);
  memcpy(copy + a.len + (int64_t)gap, b.s, (size_t)b.len);
  return copy;
}

/* low, high and reference may be null, which only put() can say. */
static void put_or_null(const scoresheet *s, clio_builder *out, int32_t column, double *cells,
                        uint64_t row, int there, double value) {
  if (there)
    cells[row] = value;
  else
    clio_put_null(s->host, out, column, row);
}

clio_status scoresheet_emit(scoresheet *s, uint32_t port) {
  const clio_host *host = s->host;
  if (s->status != CLIO_OK) return s->status;
  clio_builder *out = host->start(s->call, port, NULL, NULL, s->count);
  int32_t at[7];
  double *cells[7] = {NULL};
  for (int i = 0; i < 7; i++) {
    at[i] = host->add(out, scoresheet_columns[i].name, scoresheet_columns[i].type, 0);
    if (scoresheet_columns[i].type == CLIO_T_F64) cells[i] = host->data(out, at[i]);
  }
  int64_t *n = host->data(out, at[6]);
  for (uint64_t i = 0; i < s->count && n && cells[2] && cells[3] && cells[4] && cells[5]; i++) {
    const score *row = &s->rows[i];
    clio_put_text(host, out, at[0], i, row->metric);
    if (row->slice) clio_put_text(host, out, at[1], i, row->slice);
    cells[2][i] = row->value;
    put_or_null(s, out, at[3], cells[3], i, row->has_interval, row->low);
    put_or_null(s, out, at[4], cells[4], i, row->has_interval, row->high);
    put_or_null(s, out, at[5], cells[5], i, row->reference > 0, row->reference);
    n[i] = row->n;
  }
  return host->emit(out);
}
