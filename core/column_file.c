/* column_file.c - see column_file.h. */
#include "column_file.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

static const char magic[8] = {'C', 'L', 'I', 'O', 'C', 'O', 'L', '1'};

/* What a column file begins with; 64 bytes. */
typedef struct file_header {
  char magic[8];
  uint32_t type, dim;
  uint64_t rows, size[SECTIONS], reserved;
} file_header;

static uint64_t padded(uint64_t n) { return (n + 63) & ~(uint64_t)63; }

static file_header header_of(clio_type type, uint32_t dim, uint64_t rows,
                             const uint64_t size[SECTIONS]) {
  file_header h = {.type = type, .dim = type == CLIO_T_VEC ? dim : 0, .rows = rows};
  memcpy(h.magic, magic, sizeof magic);
  memcpy(h.size, size, sizeof h.size);
  return h;
}

/* ---- writing ---- */

/* A write that fails leaves the first reason in w->code. */
static void write_bytes(column_writer *w, const void *bytes, size_t length) {
  if (!w->code && length && fwrite(bytes, 1, length, w->file) != length)
    w->code = errno ? errno : EIO;
}

clio_status column_writer_open(column_writer *w, const char *path, clio_type type, uint32_t dim,
                               uint64_t rows, const uint64_t size[SECTIONS], error *e) {
  *w = (column_writer){.path = path};
  int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  w->file = fd < 0 ? NULL : fdopen(fd, "w");
  if (!w->file) return error_errno(e, CLIO_E_IO, errno, "cannot create %s", path);
  file_header h = header_of(type, dim, rows, size);
  sha256_begin(&w->sum);
  sha256_add(&w->sum, &h, sizeof h);
  write_bytes(w, &h, sizeof h);
  return CLIO_OK;
}

void column_writer_put(column_writer *w, const void *bytes, uint64_t length) {
  sha256_add(&w->sum, bytes, length);
  write_bytes(w, bytes, length);
  w->in_section += length;
  w->bytes += length;
}

void column_writer_end_section(column_writer *w) {
  static const unsigned char zeros[64];
  write_bytes(w, zeros, (size_t)(padded(w->in_section) - w->in_section));
  w->in_section = 0;
}

clio_status column_writer_close(column_writer *w, char ret_sha256[SHA256_HEX], error *e) {
  if (!w->code && (fflush(w->file) != 0 || fsync(fileno(w->file)) != 0)) w->code = errno;
  if (fclose(w->file) != 0 && !w->code) w->code = errno;
  w->file = NULL;
  sha256_end_hex(&w->sum, ret_sha256);
  return w->code ? error_errno(e, CLIO_E_IO, w->code, "cannot write %s", w->path) : CLIO_OK;
}

/* ---- a column in memory ---- */

static void measure(const column *c, uint64_t size[SECTIONS]) {
  size[SECTION_VALID] = (c->rows + 7) / 8;
  size_t width = type_width(c->type, c->dim);
  if (width) {
    size[SECTION_DATA] = c->rows * width;
    return;
  }
  uint64_t end = (uint64_t)c->offsets[c->rows];
  size[SECTION_OFFSETS] = (c->rows + 1) * sizeof(int64_t);
  if (c->type == CLIO_T_LIST) {
    size[SECTION_ITEMS] = (end + 1) * sizeof(int64_t);
    end = (uint64_t)c->items[end];
  }
  size[SECTION_DATA] = end;
}

/* The validity bytes [first, first + n): all ones where there is no bitmap, and
 * no bit behind the last row. */
static void valid_bytes(const column *c, uint64_t first, size_t n, uint8_t *ret) {
  if (c->valid)
    memcpy(ret, c->valid + first, n);
  else
    memset(ret, 0xff, n);
  if (c->rows & 7 && first + n == (c->rows + 7) / 8)
    ret[n - 1] &= (uint8_t)((1u << (c->rows & 7)) - 1);
}

typedef void take_fn(void *ctx, const void *bytes, uint64_t length);

static void feed_valid(const column *c, take_fn *take, void *ctx) {
  uint8_t part[4096];
  for (uint64_t at = 0, all = (c->rows + 7) / 8; at < all; at += sizeof part) {
    size_t n = all - at < sizeof part ? (size_t)(all - at) : sizeof part;
    valid_bytes(c, at, n, part);
    take(ctx, part, n);
  }
}

static void take_put(void *ctx, const void *bytes, uint64_t length) {
  column_writer_put(ctx, bytes, length);
}

static void take_sum(void *ctx, const void *bytes, uint64_t length) {
  sha256_add(ctx, bytes, length);
}

clio_status column_file_write(const char *path, column *c, error *e) {
  uint64_t size[SECTIONS] = {0};
  measure(c, size);
  column_writer w;
  clio_status r = column_writer_open(&w, path, c->type, c->dim, c->rows, size, e);
  if (r != CLIO_OK) return r;
  const void *section[SECTIONS] = {NULL, c->offsets, c->items, c->data};
  feed_valid(c, take_put, &w);
  column_writer_end_section(&w);
  for (int i = 1; i < SECTIONS; i++) {
    if (size[i]) column_writer_put(&w, section[i], size[i]);
    column_writer_end_section(&w);
  }
  return column_writer_close(&w, c->sha256, e);
}

const char *column_content(column *c) {
  if (*c->sha256) return c->sha256;
  uint64_t size[SECTIONS] = {0};
  measure(c, size);
  file_header h = header_of(c->type, c->dim, c->rows, size);
  sha256_sum sum;
  sha256_begin(&sum);
  sha256_add(&sum, &h, sizeof h);
  feed_valid(c, take_sum, &sum);
  const void *section[SECTIONS] = {NULL, c->offsets, c->items, c->data};
  for (int i = 1; i < SECTIONS; i++)
    if (size[i]) sha256_add(&sum, section[i], size[i]);
  sha256_end_hex(&sum, c->sha256);
  return c->sha256;
}

/* ---- mapping ---- */

/* Far above any table, far below an overflow of what is computed with them. */
static const uint64_t ROWS_MAX = (uint64_t)1 << 40, SIZE_MAX_FILE = (uint64_t)1 << 56;
enum { DIM_MAX = 1 << 16 };

static bool is_known_type(clio_type type) { return type > CLIO_T_ANY && type <= CLIO_T_TIME; }

static bool sizes_fit(const file_header *h, uint64_t file_size) {
  uint64_t all = sizeof *h;
  for (int i = 0; i < SECTIONS; i++) {
    if (h->size[i] > SIZE_MAX_FILE) return false;
    all += padded(h->size[i]);
  }
  if (all != file_size || h->size[SECTION_VALID] != (h->rows + 7) / 8) return false;
  size_t width = type_width(h->type, h->dim);
  if (width)
    return h->size[SECTION_DATA] == h->rows * width && !h->size[SECTION_OFFSETS] &&
           !h->size[SECTION_ITEMS];
  if (h->size[SECTION_OFFSETS] != (h->rows + 1) * sizeof(int64_t)) return false;
  uint64_t items = h->size[SECTION_ITEMS];
  return h->type == CLIO_T_LIST ? items >= sizeof(int64_t) && items % sizeof(int64_t) == 0 : !items;
}

static bool is_header(const file_header *h, uint64_t file_size) {
  if (memcmp(h->magic, magic, sizeof magic) != 0 || h->reserved) return false;
  if (!is_known_type(h->type) || h->rows > ROWS_MAX || h->dim > DIM_MAX) return false;
  return (h->type == CLIO_T_VEC) == (h->dim > 0) && sizes_fit(h, file_size);
}

/* From 0 to `end`, never falling. */
static bool rises(const int64_t *offset, uint64_t count, uint64_t end) {
  if (offset[0] != 0 || (uint64_t)offset[count - 1] != end) return false;
  for (uint64_t i = 1; i < count; i++)
    if (offset[i] < offset[i - 1]) return false;
  return true;
}

static bool offsets_fit(const column *c, const file_header *h) {
  if (!c->offsets) return true;
  uint64_t end = h->size[SECTION_DATA], items = h->size[SECTION_ITEMS] / sizeof(int64_t);
  if (c->items && !rises(c->items, items, end)) return false;
  return rises(c->offsets, c->rows + 1, c->items ? items - 1 : end);
}

static void place_sections(column *c, const file_header *h) {
  uint8_t *at = (uint8_t *)c->map + sizeof *h, *section[SECTIONS];
  for (int i = 0; i < SECTIONS; i++) {
    section[i] = at;
    at += padded(h->size[i]);
  }
  c->valid = h->size[SECTION_VALID] ? section[SECTION_VALID] : NULL;
  c->offsets = h->size[SECTION_OFFSETS] ? (int64_t *)(void *)section[SECTION_OFFSETS] : NULL;
  c->items = h->size[SECTION_ITEMS] ? (int64_t *)(void *)section[SECTION_ITEMS] : NULL;
  c->data = section[SECTION_DATA];
}

static clio_status map_file(const char *path, void **ret, size_t *ret_size, error *e) {
  int fd = open(path, O_RDONLY | O_CLOEXEC);
  if (fd < 0) return error_errno(e, CLIO_E_IO, errno, "cannot open %s", path);
  struct stat st;
  int code = fstat(fd, &st) == 0 ? 0 : errno;
  void *map = MAP_FAILED;
  bool whole = !code && S_ISREG(st.st_mode) && st.st_size >= (off_t)sizeof(file_header);
  if (whole) map = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
  if (whole && map == MAP_FAILED) code = errno;
  close(fd);
  if (code) return error_errno(e, CLIO_E_IO, code, "cannot map %s", path);
  if (!whole) return error_set(e, CLIO_E_INPUT, "%s is no column file", path);
  *ret = map;
  *ret_size = (size_t)st.st_size;
  return CLIO_OK;
}

clio_status column_file_map(const char *path, const char *name, const char *sha256, column **ret,
                            error *e) {
  void *map = NULL;
  size_t size = 0;
  clio_status r = map_file(path, &map, &size, e);
  if (r != CLIO_OK) return r;
  const file_header *h = map;
  column *c = g_new0(column, 1);
  c->refs = 1;
  c->name = g_strdup(name);
  c->map = map;
  c->map_size = size;
  bool sound = is_header(h, size);
  if (sound) {
    c->type = h->type;
    c->dim = h->dim;
    c->rows = h->rows;
    place_sections(c, h);
    sound = offsets_fit(c, h) && (!sha256 || strcmp(column_content(c), sha256) == 0);
  }
  if (sound) {
    *ret = c;
    return CLIO_OK;
  }
  column_unref(c);
  return error_set(e, CLIO_E_INPUT, "%s is damaged", path);
}
