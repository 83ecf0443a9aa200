/* store.c - column files and the catalogue; see store.h.
 *
 * A column file: a 64-byte header (magic, type, dim, rows, the sizes of four
 * sections), then the sections validity, offsets, items and data, each padded
 * to 64 bytes, so that a mapped file is a column in place. */
#include "store.h"

#include <errno.h>
#include <fcntl.h>
#include <sqlite3.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "util.h"

static const char catalogue_sql[] =
    "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;"
    "CREATE TABLE IF NOT EXISTS tables(key TEXT PRIMARY KEY, stage TEXT, kind TEXT, rows INTEGER);"
    "CREATE TABLE IF NOT EXISTS columns(key TEXT, name TEXT, type TEXT, dim INTEGER, class TEXT,"
    " bytes INTEGER, sha256 TEXT, PRIMARY KEY(key, name));"
    "CREATE TABLE IF NOT EXISTS roll(key INTEGER PRIMARY KEY, account INTEGER, org INTEGER,"
    " time INTEGER, cap_key INTEGER);"
    "CREATE TABLE IF NOT EXISTS counts(name TEXT PRIMARY KEY, value INTEGER);";

struct store {
  char *dir, *tables;
  sqlite3 *db;
  int lock;
};

enum { SECTIONS = 4, VALID = 0, OFFSETS, ITEMS, DATA };

/* What a column file begins with; 64 bytes. */
typedef struct file_header {
  char magic[8];
  uint32_t type, dim;
  uint64_t rows, size[SECTIONS], reserved;
} file_header;

typedef struct spool_column {
  const char *name;
  const schema_column *plan; /* NULL: the hidden keys */
  FILE *part[SECTIONS];
  uint64_t size[SECTIONS];
  int64_t end_text, end_items;
  uint8_t bits;
} spool_column;

struct spool {
  store *s;
  char *stage, *key, *dir;
  GArray *columns; /* spool_column */
  uint64_t rows;
};

static clio_status db_error(store *s, const char *what, error *e) {
  return error_set(e, CLIO_E_IO, "cannot %s in %s/run.db: %s", what, s->dir, sqlite3_errmsg(s->db));
}

static clio_status lock_dir(store *s, error *e) {
  char *path = g_build_filename(s->dir, "lock", NULL);
  s->lock = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  clio_status r = CLIO_OK;
  if (s->lock < 0)
    r = error_errno(e, CLIO_E_IO, errno, "cannot create %s", path);
  else if (flock(s->lock, LOCK_EX | LOCK_NB) != 0)
    r = error_set(e, CLIO_E_IO, "another clio is writing to %s; wait for it or choose another -o",
                  s->dir);
  g_free(path);
  return r;
}

clio_status store_open(const char *out, store **ret, error *e) {
  store *s = g_new0(store, 1);
  s->lock = -1;
  s->dir = g_build_filename(out, "private", NULL);
  s->tables = g_build_filename(s->dir, "tables", NULL);
  clio_status r = make_dir(s->dir, 0700, e);
  if (r == CLIO_OK && chmod(s->dir, 0700) != 0)
    r = error_errno(e, CLIO_E_IO, errno, "cannot protect %s", s->dir);
  if (r == CLIO_OK) r = lock_dir(s, e);
  if (r == CLIO_OK) r = remove_tree(s->tables, e);
  if (r == CLIO_OK) r = make_dir(s->tables, 0700, e);
  char *db = g_build_filename(s->dir, "run.db", NULL);
  if (r == CLIO_OK && sqlite3_open(db, &s->db) != SQLITE_OK) r = db_error(s, "open", e);
  if (r == CLIO_OK && chmod(db, 0600) != 0)
    r = error_errno(e, CLIO_E_IO, errno, "cannot protect %s", db);
  if (r == CLIO_OK && sqlite3_exec(s->db, catalogue_sql, NULL, NULL, NULL) != SQLITE_OK)
    r = db_error(s, "make the catalogue", e);
  static const char clear_sql[] = "DELETE FROM tables; DELETE FROM columns; DELETE FROM roll;"
                                  "DELETE FROM counts;";
  if (r == CLIO_OK && sqlite3_exec(s->db, clear_sql, NULL, NULL, NULL) != SQLITE_OK)
    r = db_error(s, "clear the catalogue", e);
  g_free(db);
  if (r == CLIO_OK)
    *ret = s;
  else
    store_close(s);
  return r;
}

clio_status store_forget(store *s, error *e) {
  clio_status r = remove_tree(s->tables, e);
  return r == CLIO_OK ? make_dir(s->tables, 0700, e) : r;
}

void store_close(store *s) {
  if (!s) return;
  sqlite3_close(s->db);
  if (s->lock >= 0) close(s->lock);
  g_free(s->dir);
  g_free(s->tables);
  g_free(s);
}

/* ---- spools ---- */

static void clear_spool_column(void *p) {
  spool_column *c = p;
  for (int i = 0; i < SECTIONS; i++)
    if (c->part[i]) fclose(c->part[i]);
}

/* An unnamed file in the tables' folder: it goes with the process. */
static FILE *open_part(const spool *sp) {
  int fd = open(sp->s->tables, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
  if (fd < 0) {
    char *name = g_build_filename(sp->s->tables, "part-XXXXXX", NULL);
    fd = g_mkstemp(name);
    if (fd >= 0) unlink(name);
    g_free(name);
  }
  return fd < 0 ? NULL : fdopen(fd, "w+");
}

static clio_status open_column(spool *sp, const char *name, const schema_column *plan, error *e) {
  spool_column c = {.name = name, .plan = plan};
  clio_type type = plan ? plan->c.type : CLIO_T_I64;
  bool text = type == CLIO_T_UTF8 || type == CLIO_T_LIST;
  bool want[SECTIONS] = {plan != NULL, text, type == CLIO_T_LIST, true};
  clio_status r = CLIO_OK;
  for (int i = 0; i < SECTIONS; i++) {
    if (!want[i]) continue;
    c.part[i] = open_part(sp);
    if (!c.part[i])
      r = error_errno(e, CLIO_E_IO, errno, "cannot create a file in %s", sp->s->tables);
  }
  g_array_append_val(sp->columns, c);
  return r;
}

clio_status spool_new(store *s, const char *stage, const char *key, const schema *columns,
                      const char *const *names, size_t count, spool **ret, error *e) {
  spool *sp = g_new0(spool, 1);
  sp->s = s;
  sp->stage = g_strdup(stage);
  sp->key = g_strdup(key);
  sp->dir = g_build_filename(s->tables, key, NULL);
  sp->columns = g_array_new(FALSE, TRUE, sizeof(spool_column));
  g_array_set_clear_func(sp->columns, clear_spool_column);
  clio_status r = make_dir(sp->dir, 0700, e);
  if (r == CLIO_OK) r = open_column(sp, ".key", NULL, e);
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
  g_free(sp->stage);
  g_free(sp->key);
  g_free(sp->dir);
  g_free(sp);
}

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
    ok = write_part(c, VALID, &c->bits, 1) && ok;
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

static bool append_column(spool_column *c, const column *from, uint64_t at) {
  uint64_t rows = from->rows;
  bool ok = write_valid(c, from, at, rows);
  size_t width = type_width(from->type, from->dim);
  if (width) return write_part(c, DATA, from->data, rows * width) && ok;
  int64_t first = from->offsets[0], last = from->offsets[rows];
  if (from->type == CLIO_T_LIST) {
    ok = write_offsets(c, OFFSETS, from->offsets, rows, &c->end_items) && ok;
    ok = write_offsets(c, ITEMS, from->items + first, (uint64_t)(last - first), &c->end_text) && ok;
    first = from->items[first];
    last = from->items[last];
  } else {
    ok = write_offsets(c, OFFSETS, from->offsets, rows, &c->end_text) && ok;
  }
  return write_part(c, DATA, (const char *)from->data + first, (uint64_t)(last - first)) && ok;
}

clio_status spool_append(spool *sp, const clio_table *t, error *e) {
  for (guint i = 0; i < sp->columns->len; i++) {
    spool_column *c = &g_array_index(sp->columns, spool_column, i);
    const column *from = c->plan ? table_column(t, c->name) : NULL;
    if (c->plan && !from)
      return error_set(e, CLIO_E_INTERNAL, "stage '%s' lost the column '%s'", sp->stage, c->name);
    bool ok = c->plan ? append_column(c, from, sp->rows)
                      : write_part(c, DATA, t->keys->key, t->rows * sizeof(uint64_t));
    if (!ok) return error_errno(e, CLIO_E_IO, errno, "cannot write to %s", sp->s->tables);
  }
  sp->rows += t->rows;
  return CLIO_OK;
}

static uint64_t padded(uint64_t n) { return (n + 63) & ~(uint64_t)63; }

static bool copy_part(FILE *from, uint64_t n, FILE *to, GChecksum *sum) {
  static const unsigned char zeros[64];
  unsigned char buffer[65536];
  if (!from) return true;
  if (fflush(from) != 0 || fseek(from, 0, SEEK_SET) != 0) return false;
  for (uint64_t left = n; left;) {
    size_t want = left < sizeof buffer ? (size_t)left : sizeof buffer;
    if (fread(buffer, 1, want, from) != want || fwrite(buffer, 1, want, to) != want) return false;
    g_checksum_update(sum, buffer, (gssize)want);
    left -= want;
  }
  size_t pad = (size_t)(padded(n) - n);
  return !pad || fwrite(zeros, 1, pad, to) == pad;
}

static void end_sections(spool_column *c, uint64_t rows) {
  int64_t zero = 0;
  if (c->part[VALID] && rows & 7) write_part(c, VALID, &c->bits, 1);
  if (c->part[OFFSETS] && !c->size[OFFSETS]) write_part(c, OFFSETS, &zero, sizeof zero);
  if (c->part[ITEMS] && !c->size[ITEMS]) write_part(c, ITEMS, &zero, sizeof zero);
}

static clio_status catalogue_column(spool *sp, const spool_column *c, const file_header *h,
                                    const char *sha256, error *e) {
  sqlite3_stmt *stmt = NULL;
  static const char sql[] = "INSERT OR REPLACE INTO columns VALUES(?,?,?,?,?,?,?)";
  bool ok = sqlite3_prepare_v2(sp->s->db, sql, -1, &stmt, NULL) == SQLITE_OK;
  uint64_t bytes = 0;
  for (int i = 0; i < SECTIONS; i++) bytes += h->size[i];
  if (ok) {
    sqlite3_bind_text(stmt, 1, sp->key, -1, SQLITE_STATIC);
    sqlite3_bind_text(stmt, 2, c->name, -1, SQLITE_STATIC);
    sqlite3_bind_text(stmt, 3, type_name(h->type), -1, SQLITE_STATIC);
    sqlite3_bind_int64(stmt, 4, h->dim);
    sqlite3_bind_text(stmt, 5, c->plan ? privacy_name(c->plan->c.privacy) : "HOST", -1,
                      SQLITE_STATIC);
    sqlite3_bind_int64(stmt, 6, (sqlite3_int64)bytes);
    sqlite3_bind_text(stmt, 7, sha256, -1, SQLITE_STATIC);
    ok = sqlite3_step(stmt) == SQLITE_DONE;
  }
  sqlite3_finalize(stmt);
  return ok ? CLIO_OK : db_error(sp->s, "enter a column", e);
}

static clio_status write_column_file(spool *sp, spool_column *c, const char *path, error *e) {
  end_sections(c, sp->rows);
  file_header h = {.magic = "CLIOCOL1", .rows = sp->rows};
  h.type = c->plan ? c->plan->c.type : CLIO_T_I64;
  h.dim = c->plan ? c->plan->c.dim : 0;
  memcpy(h.size, c->size, sizeof h.size);
  FILE *to = fopen(path, "wx");
  if (!to) return error_errno(e, CLIO_E_IO, errno, "cannot create %s", path);
  GChecksum *sum = g_checksum_new(G_CHECKSUM_SHA256);
  g_checksum_update(sum, (const guchar *)&h, sizeof h);
  bool ok = fwrite(&h, sizeof h, 1, to) == 1;
  for (int i = 0; i < SECTIONS && ok; i++) ok = copy_part(c->part[i], c->size[i], to, sum);
  ok = ok && fflush(to) == 0 && fsync(fileno(to)) == 0;
  int code = errno;
  if (fclose(to) != 0) ok = false;
  clio_status r = ok ? catalogue_column(sp, c, &h, g_checksum_get_string(sum), e)
                     : error_errno(e, CLIO_E_IO, code, "cannot write %s", path);
  g_checksum_free(sum);
  return r;
}

static clio_status map_column(const char *path, const char *name, column **ret, error *e) {
  int fd = open(path, O_RDONLY | O_CLOEXEC);
  off_t size = fd < 0 ? -1 : lseek(fd, 0, SEEK_END);
  void *map = MAP_FAILED;
  if (size >= (off_t)sizeof(file_header))
    map = mmap(NULL, (size_t)size, PROT_READ, MAP_PRIVATE, fd, 0);
  int code = errno;
  if (fd >= 0) close(fd);
  if (map == MAP_FAILED) return error_errno(e, CLIO_E_IO, code, "cannot map %s", path);
  const file_header *h = map;
  column *c = g_new0(column, 1);
  c->refs = 1;
  c->name = g_strdup(name);
  c->type = h->type;
  c->dim = h->dim;
  c->rows = h->rows;
  c->map = map;
  c->map_size = (size_t)size;
  uint8_t *at = (uint8_t *)map + sizeof *h;
  void *section[SECTIONS];
  for (int i = 0; i < SECTIONS; i++) {
    section[i] = h->size[i] ? at : NULL;
    at += padded(h->size[i]);
  }
  c->valid = section[VALID];
  c->offsets = section[OFFSETS];
  c->items = section[ITEMS];
  c->data = section[DATA] ? section[DATA] : (void *)at;
  *ret = c;
  return CLIO_OK;
}

static clio_status catalogue_table(spool *sp, error *e) {
  char *sql = sqlite3_mprintf("INSERT OR REPLACE INTO tables VALUES(%Q,%Q,'conversations',%lld)",
                              sp->key, sp->stage, (long long)sp->rows);
  bool ok = sql && sqlite3_exec(sp->s->db, sql, NULL, NULL, NULL) == SQLITE_OK;
  sqlite3_free(sql);
  return ok ? CLIO_OK : db_error(sp->s, "enter a table", e);
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

clio_status spool_seal(spool *sp, clio_table **ret, error *e) {
  clio_table *t = table_new(CLIO_ROWS_CONVERSATION, sp->rows);
  clio_status r = CLIO_OK;
  for (guint i = 0; i < sp->columns->len && r == CLIO_OK; i++) {
    spool_column *c = &g_array_index(sp->columns, spool_column, i);
    char *path = g_build_filename(sp->dir, c->name, NULL);
    column *mapped = NULL;
    r = write_column_file(sp, c, path, e);
    if (r == CLIO_OK) r = map_column(path, c->name, &mapped, e);
    if (r == CLIO_OK) take_mapped(t, c, mapped);
    g_free(path);
  }
  if (r == CLIO_OK) r = sync_dir(sp->dir, e);
  if (r == CLIO_OK) r = catalogue_table(sp, e);
  spool_free(sp);
  if (r == CLIO_OK)
    *ret = t;
  else
    table_unref(t);
  return r;
}

clio_status store_put_count(store *s, const char *name, int64_t value, error *e) {
  char *sql =
      sqlite3_mprintf("INSERT OR REPLACE INTO counts VALUES(%Q,%lld)", name, (long long)value);
  bool ok = sql && sqlite3_exec(s->db, sql, NULL, NULL, NULL) == SQLITE_OK;
  sqlite3_free(sql);
  return ok ? CLIO_OK : db_error(s, "enter a count", e);
}

static bool put_entry(sqlite3_stmt *stmt, const roll_entry *entry) {
  sqlite3_bind_int64(stmt, 1, (sqlite3_int64)entry->key);
  if (entry->account >= 0) sqlite3_bind_int64(stmt, 2, entry->account);
  if (entry->org >= 0) sqlite3_bind_int64(stmt, 3, entry->org);
  if (entry->time != INT64_MIN) sqlite3_bind_int64(stmt, 4, entry->time);
  sqlite3_bind_int64(stmt, 5, (sqlite3_int64)entry->cap_key);
  bool ok = sqlite3_step(stmt) == SQLITE_DONE;
  sqlite3_reset(stmt);
  sqlite3_clear_bindings(stmt);
  return ok;
}

clio_status store_put_roll(store *s, const roll *r, error *e) {
  sqlite3_stmt *stmt = NULL;
  bool ok = sqlite3_exec(s->db, "BEGIN", NULL, NULL, NULL) == SQLITE_OK;
  ok = ok && sqlite3_prepare_v2(s->db, "INSERT INTO roll VALUES(?,?,?,?,?)", -1, &stmt, NULL) ==
                 SQLITE_OK;
  for (size_t i = 0; ok && i < roll_count(r); i++) ok = put_entry(stmt, roll_at(r, i));
  sqlite3_finalize(stmt);
  ok = ok && sqlite3_exec(s->db, "COMMIT", NULL, NULL, NULL) == SQLITE_OK;
  return ok ? CLIO_OK : db_error(s, "write the roll", e);
}
