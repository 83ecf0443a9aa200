/* spool.c - a conversations table written batch by batch: the sections of each
 * column grow in files without a name and are put together at the end. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "column_file.h"
#include "store_parts.h"

typedef struct spool_column {
  const char *name;
  const schema_column *plan; /* NULL: the hidden keys */
  FILE *part[SECTIONS];
  uint64_t size[SECTIONS];
  int64_t end_text, end_items;
  uint8_t bits;
} spool_column;

struct spool {
  entry *en;
  GArray *columns; /* spool_column */
  uint64_t rows;
};

static void clear_spool_column(void *p) {
  spool_column *c = p;
  for (int i = 0; i < SECTIONS; i++)
    if (c->part[i]) fclose(c->part[i]);
}

/* An unnamed file in the tables' folder: it goes with the process. */
static FILE *open_part(const spool *sp) {
  const char *folder = sp->en->s->tables;
  int fd = open(folder, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
  if (fd < 0 && (errno == EOPNOTSUPP || errno == EISDIR || errno == EINVAL)) {
    g_autofree char *name = g_build_filename(folder, "part-XXXXXX", NULL);
    fd = g_mkstemp(name);
    if (fd >= 0) unlink(name);
  }
  return fd < 0 ? NULL : fdopen(fd, "w+");
}

static clio_type type_of(const spool_column *c) { return c->plan ? c->plan->c.type : CLIO_T_I64; }

static clio_status open_column(spool *sp, const char *name, const schema_column *plan, error *e) {
  spool_column c = {.name = name, .plan = plan};
  clio_type type = type_of(&c);
  bool text = type == CLIO_T_UTF8 || type == CLIO_T_LIST;
  bool want[SECTIONS] = {true, text, type == CLIO_T_LIST, true};
  clio_status r = CLIO_OK;
  for (int i = 0; i < SECTIONS && r == CLIO_OK; i++) {
    if (!want[i]) continue;
    c.part[i] = open_part(sp);
    if (!c.part[i])
      r = error_errno(e, CLIO_E_IO, errno, "cannot create a file in %s", sp->en->s->tables);
  }
  g_array_append_val(sp->columns, c);
  return r;
}

clio_status spool_new(entry *en, const schema *columns, const char *const *names, size_t count,
                      spool **ret, error *e) {
  spool *sp = g_new0(spool, 1);
  sp->en = en;
  sp->columns = g_array_new(FALSE, TRUE, sizeof(spool_column));
  g_array_set_clear_func(sp->columns, clear_spool_column);
  clio_status r = open_column(sp, store_keys_name, NULL, e);
  for (size_t i = 0; i < count && r == CLIO_OK; i++) {
    const schema_column *plan = schema_find(columns, names[i]);
    if (plan && plan->c.privacy == CLIO_P_RAW)
      r = error_set(e, CLIO_E_PRIVACY, "the RAW column '%s' may not be written", names[i]);
    else if (plan)
      r = open_column(sp, plan->name, plan, e);
  }
  if (r == CLIO_OK)
    *ret = sp;
  else
    spool_free(sp);
  return r;
}

void spool_free(spool *sp) {
  if (!sp) return;
  g_array_free(sp->columns, TRUE);
  g_free(sp);
}

/* ---- appending ---- */

static bool write_part(spool_column *c, int section, const void *bytes, uint64_t n) {
  c->size[section] += n;
  return !n || fwrite(bytes, 1, n, c->part[section]) == n;
}

/* Validity bits of a batch that may begin in the middle of a byte. */
static bool write_valid(spool_column *c, const column *from, uint64_t at, uint64_t rows) {
  bool ok = true;
  for (uint64_t i = 0; i < rows; i++) {
    unsigned bit = (unsigned)((at + i) & 7);
    if (!from || !column_is_null(from, i)) c->bits |= (uint8_t)(1u << bit);
    if (bit != 7) continue;
    ok = write_part(c, SECTION_VALID, &c->bits, 1) && ok;
    c->bits = 0;
  }
  return ok;
}

/* Offsets, moved behind what is there already. */
static bool write_offsets(spool_column *c, int section, const int64_t *offsets, uint64_t n,
                          int64_t *end) {
  bool ok = true;
  int64_t shift = *end - offsets[0];
  if (!c->size[section]) ok = write_part(c, section, end, sizeof *end);
  for (uint64_t i = 1; i <= n && ok; i++) {
    int64_t moved = offsets[i] + shift;
    ok = write_part(c, section, &moved, sizeof moved);
  }
  *end = offsets[n] + shift;
  return ok;
}

static bool append_text(spool_column *c, const column *from) {
  uint64_t rows = from->rows;
  int64_t first = from->offsets[0], last = from->offsets[rows];
  bool ok;
  if (from->type == CLIO_T_LIST) {
    ok = write_offsets(c, SECTION_OFFSETS, from->offsets, rows, &c->end_items);
    ok = write_offsets(c, SECTION_ITEMS, from->items + first, (uint64_t)(last - first),
                       &c->end_text) &&
         ok;
    first = from->items[first];
    last = from->items[last];
  } else {
    ok = write_offsets(c, SECTION_OFFSETS, from->offsets, rows, &c->end_text);
  }
  return write_part(c, SECTION_DATA, (const char *)from->data + first, (uint64_t)(last - first)) &&
         ok;
}

static bool append_column(spool_column *c, const column *from, uint64_t at) {
  bool ok = write_valid(c, from, at, from->rows);
  size_t width = type_width(from->type, from->dim);
  if (width) return write_part(c, SECTION_DATA, from->data, from->rows * width) && ok;
  return append_text(c, from) && ok;
}

/* Rows that an optional column was not given. */
static bool append_nulls(spool_column *c, uint64_t at, uint64_t rows) {
  column none = {.type = c->plan->c.type, .dim = c->plan->c.dim, .rows = 1};
  int64_t offsets[2] = {0, 0}, items[1] = {0};
  g_autofree uint8_t *zeros = g_malloc0(type_width(none.type, none.dim) + 1);
  uint8_t null = 0;
  none.valid = &null;
  none.offsets = offsets;
  none.items = items;
  none.data = zeros;
  bool ok = true;
  for (uint64_t i = 0; i < rows && ok; i++) ok = append_column(c, &none, at + i);
  return ok;
}

static bool append_keys(spool_column *c, const clio_table *t, uint64_t at) {
  bool ok = write_valid(c, NULL, at, t->rows);
  return write_part(c, SECTION_DATA, t->keys->key, t->rows * sizeof(uint64_t)) && ok;
}

clio_status spool_append(spool *sp, const clio_table *t, error *e) {
  for (guint i = 0; i < sp->columns->len; i++) {
    spool_column *c = &g_array_index(sp->columns, spool_column, i);
    const column *from = c->plan ? table_column(t, c->name) : NULL;
    bool optional = c->plan && c->plan->c.flags & (CLIO_COL_NULLABLE | CLIO_COL_OPTIONAL);
    if (c->plan && !from && !optional)
      return error_set(e, CLIO_E_INTERNAL, "the column '%s' was lost before the barrier", c->name);
    errno = 0;
    bool ok = !c->plan ? append_keys(c, t, sp->rows)
              : from   ? append_column(c, from, sp->rows)
                       : append_nulls(c, sp->rows, t->rows);
    if (!ok) return error_errno(e, CLIO_E_IO, errno, "cannot write to %s", sp->en->s->tables);
  }
  sp->rows += t->rows;
  return CLIO_OK;
}

/* ---- the end ---- */

static void copy_part(FILE *from, uint64_t n, column_writer *to) {
  unsigned char buffer[65536];
  errno = 0;
  if (!to->code && (fflush(from) != 0 || fseek(from, 0, SEEK_SET) != 0)) to->code = errno;
  for (uint64_t left = n; left && !to->code;) {
    size_t want = left < sizeof buffer ? (size_t)left : sizeof buffer;
    if (fread(buffer, 1, want, from) != want)
      to->code = errno ? errno : EIO;
    else
      column_writer_put(to, buffer, want);
    left -= want;
  }
}

static bool end_sections(spool_column *c, uint64_t rows) {
  int64_t zero = 0;
  bool ok = !(rows & 7) || write_part(c, SECTION_VALID, &c->bits, 1);
  if (c->part[SECTION_OFFSETS] && !c->size[SECTION_OFFSETS])
    ok = write_part(c, SECTION_OFFSETS, &zero, sizeof zero) && ok;
  if (c->part[SECTION_ITEMS] && !c->size[SECTION_ITEMS])
    ok = write_part(c, SECTION_ITEMS, &zero, sizeof zero) && ok;
  return ok;
}

static clio_status write_column(spool *sp, spool_column *c, const char *path,
                                char ret_sha256[SHA256_HEX], uint64_t *ret_bytes, error *e) {
  errno = 0;
  if (!end_sections(c, sp->rows))
    return error_errno(e, CLIO_E_IO, errno, "cannot write to %s", sp->en->s->tables);
  column_writer w;
  clio_status r =
      column_writer_open(&w, path, type_of(c), c->plan ? c->plan->c.dim : 0, sp->rows, c->size, e);
  if (r != CLIO_OK) return r;
  for (int i = 0; i < SECTIONS; i++) {
    if (c->part[i]) copy_part(c->part[i], c->size[i], &w);
    if (c->part[i]) fclose(c->part[i]);
    c->part[i] = NULL;
    column_writer_end_section(&w);
  }
  *ret_bytes = w.bytes;
  return column_writer_close(&w, ret_sha256, e);
}

static void take_mapped(clio_table *t, const spool_column *c, column *mapped) {
  if (c->plan) {
    table_take_column(t, mapped);
    return;
  }
  t->keys = keys_new(t->rows);
  if (t->rows) memcpy(t->keys->key, mapped->data, t->rows * sizeof(uint64_t));
  column_unref(mapped);
}

static clio_status seal_column(spool *sp, spool_column *c, clio_table *t, error *e) {
  g_autofree char *path = store_column_path(sp->en->dir, CLIO_ROWS_CONVERSATION, c->name);
  char sum[SHA256_HEX];
  uint64_t bytes = 0;
  column *mapped = NULL;
  clio_status r = write_column(sp, c, path, sum, &bytes, e);
  if (r == CLIO_OK) r = column_file_map(path, c->name, NULL, &mapped, e);
  if (r != CLIO_OK) return r;
  memcpy(mapped->sha256, sum, sizeof sum);
  entry_note_column(sp->en, CLIO_ROWS_CONVERSATION, c->name, mapped,
                    c->plan ? privacy_name(c->plan->c.privacy) : "HOST", bytes);
  take_mapped(t, c, mapped);
  return CLIO_OK;
}

clio_status spool_seal(spool *sp, clio_table **ret, error *e) {
  entry *en = sp->en;
  clio_table *t = table_new(CLIO_ROWS_CONVERSATION, sp->rows);
  clio_status r = CLIO_OK;
  for (guint i = 0; i < sp->columns->len && r == CLIO_OK; i++)
    r = seal_column(sp, &g_array_index(sp->columns, spool_column, i), t, e);
  en->has[CLIO_ROWS_CONVERSATION] = true;
  en->rows[CLIO_ROWS_CONVERSATION] = sp->rows;
  spool_free(sp);
  if (r == CLIO_OK)
    *ret = t;
  else
    table_unref(t);
  return r;
}
