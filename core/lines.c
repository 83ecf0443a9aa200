/* lines.c - see lines.h. A window holds the decoded bytes from the next
 * block's first byte on; a block ends with the first line end at or after the
 * last byte of its MiB. */
#include "lines.h"

#include <glib.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

enum { READ_BYTES = 256 << 10 };

struct lines {
  decoder *decoder;
  const char *name;
  GChecksum *sum;
  char *window;
  size_t length, room;
  bool ended;      /* the decoder has no more */
  bool started;    /* the byte order mark has been looked for */
  uint64_t offset; /* of the window's first byte in the decoded file */
  uint64_t line;   /* 1-based, of the window's first byte */
  uint64_t first_block, record_max;
};

lines *lines_new(decoder *take_decoder, const char *name, uint64_t first_block,
                 uint64_t record_max) {
  lines *l = g_new0(lines, 1);
  l->decoder = take_decoder;
  l->name = name;
  l->sum = g_checksum_new(G_CHECKSUM_SHA256);
  l->line = 1;
  l->first_block = first_block;
  l->record_max = record_max;
  return l;
}

void lines_free(lines *l) {
  if (!l) return;
  decode_free(l->decoder);
  g_checksum_free(l->sum);
  g_free(l->window);
  g_free(l);
}

void lines_digest(const lines *l, uint8_t ret_digest[LINES_DIGEST_BYTES]) {
  gsize n = LINES_DIGEST_BYTES;
  GChecksum *copy = g_checksum_copy(l->sum);
  g_checksum_get_digest(copy, ret_digest, &n);
  g_checksum_free(copy);
}

uint64_t lines_next_block(const lines *l) {
  return l->first_block + (l->offset + INPUT_BLOCK_BYTES - 1) / INPUT_BLOCK_BYTES;
}

uint64_t lines_raw_bytes(const lines *l) { return decode_raw_bytes(l->decoder); }

/* Appends what one read gives; sets `ended` instead when there is no more. */
static clio_status window_read(lines *l, error *e) {
  if (l->room - l->length < READ_BYTES) {
    size_t room = MAX(l->room * 2, (size_t)INPUT_BLOCK_BYTES + 2 * READ_BYTES);
    char *bigger = g_try_realloc(l->window, room);
    if (!bigger) return error_set(e, CLIO_E_NOMEM, "no memory to read %s", l->name);
    l->window = bigger;
    l->room = room;
  }
  size_t got = 0;
  clio_status s = decode_read(l->decoder, l->window + l->length, READ_BYTES, &got, e);
  if (s != CLIO_OK) return s;
  g_checksum_update(l->sum, (const guchar *)l->window + l->length, (gssize)got);
  l->length += got;
  l->ended = got == 0;
  return CLIO_OK;
}

static clio_status window_fill(lines *l, size_t wanted, error *e) {
  clio_status s = CLIO_OK;
  while (s == CLIO_OK && l->length < wanted && !l->ended) s = window_read(l, e);
  return s;
}

static void window_drop(lines *l, size_t n) {
  l->length -= n;
  memmove(l->window, l->window + n, l->length);
  l->offset += n;
}

static clio_status drop_byte_order_mark(lines *l, error *e) {
  clio_status s = window_fill(l, 3, e);
  if (s != CLIO_OK) return s;
  l->started = true;
  if (l->length < 3 || memcmp(l->window, "\xef\xbb\xbf", 3) != 0) return CLIO_OK;
  window_drop(l, 3);
  l->offset = 0;
  return CLIO_OK;
}

static uint64_t count_line_ends(const char *bytes, size_t n) {
  uint64_t ends = 0;
  for (size_t i = 0; i < n; i++) ends += bytes[i] == '\n';
  return ends;
}

/* Reads on without keeping, until the line that has outgrown record_max
 * ends; the window then starts with the next line. `kept`: bytes of the window
 * before that line, which the caller has copied. */
static clio_status skip_line(lines *l, size_t kept, error *e) {
  window_drop(l, kept);
  for (;;) {
    const char *end = l->length ? memchr(l->window, '\n', l->length) : NULL;
    window_drop(l, end ? (size_t)(end - l->window) + 1 : l->length);
    if (end || l->ended) return CLIO_OK;
    clio_status s = window_read(l, e);
    if (s != CLIO_OK) return s;
  }
}

/* Finds the end of the block's last line, which starts at `last`: *ret_end is
 * the window index past its LF or past the file's last byte; SIZE_MAX when the
 * line is too long. The search starts at `from`. */
static clio_status find_end(lines *l, size_t last, size_t from, size_t *ret_end, error *e) {
  for (;;) {
    const char *lf = from < l->length ? memchr(l->window + from, '\n', l->length - from) : NULL;
    size_t end = lf ? (size_t)(lf - l->window) : l->length;
    if (end - last > l->record_max) {
      *ret_end = SIZE_MAX;
      return CLIO_OK;
    }
    if (lf || l->ended) {
      *ret_end = lf ? end + 1 : end;
      return CLIO_OK;
    }
    from = l->length;
    clio_status s = window_read(l, e);
    if (s != CLIO_OK) return s;
  }
}

static clio_status copy_block(const lines *l, size_t n, bool too_long, input_block **ret,
                              error *e) {
  input_block *b = g_new0(input_block, 1);
  b->bytes = g_try_malloc(n + 1);
  if (!b->bytes) {
    g_free(b);
    return error_set(e, CLIO_E_NOMEM, "no memory to read %s", l->name);
  }
  memcpy(b->bytes, l->window, n);
  if (too_long) b->bytes[n] = '\n';
  b->length = n + too_long;
  b->number = l->first_block + l->offset / INPUT_BLOCK_BYTES;
  b->file = l->name;
  b->first_line = l->line;
  b->too_long = too_long;
  if (too_long) b->long_line = l->line + count_line_ends(l->window, n);
  *ret = b;
  return CLIO_OK;
}

/* The start of the line that holds window byte `at`. */
static size_t line_start(const lines *l, size_t at) {
  while (at > 0 && l->window[at - 1] != '\n') at--;
  return at;
}

clio_status lines_next(lines *l, input_block **ret, error *e) {
  *ret = NULL;
  clio_status s = l->started ? CLIO_OK : drop_byte_order_mark(l, e);
  size_t border = INPUT_BLOCK_BYTES - l->offset % INPUT_BLOCK_BYTES;
  if (s == CLIO_OK) s = window_fill(l, border, e);
  if (s != CLIO_OK || l->length == 0) return s;
  size_t from = MIN(border, l->length) - 1, last = line_start(l, from), end = 0;
  s = find_end(l, last, from, &end, e);
  if (s != CLIO_OK) return s;
  bool too_long = end == SIZE_MAX;
  s = copy_block(l, too_long ? last : end, too_long, ret, e);
  if (s != CLIO_OK) return s;
  l->line += count_line_ends((*ret)->bytes, (*ret)->length);
  if (!too_long) {
    window_drop(l, end);
    return CLIO_OK;
  }
  s = skip_line(l, last, e);
  if (s == CLIO_OK) return CLIO_OK;
  input_block_free(*ret);
  *ret = NULL;
  return s;
}
