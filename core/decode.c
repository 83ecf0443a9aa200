/* decode.c - see decode.h. gzip through zlib (several members in one file are
 * one text), zstd through libzstd (several frames likewise), members of zip
 * archives through archive.h. */
#include "clio-build.h"

#include "decode.h"

#include <errno.h>
#include <glib.h>
#include <poll.h>
#include <stdbool.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>
#include <zstd.h>
#include <zstd_errors.h>

enum {
  RAW_BYTES = 256 << 10,
  RATIO_FROM = 1 << 20,
  ZSTD_WINDOW_LOG = 27,
  SNIFF_BYTES = 6,
  WAIT_MS = 100
};

typedef enum format { FORMAT_PLAIN, FORMAT_GZIP, FORMAT_ZSTD, FORMAT_MEMBER } format;

struct decoder {
  int fd;           /* -1: a member of an archive */
  bool waits;       /* a pipe or terminal, where reading may block */
  archive *archive; /* or NULL */
  char *name;
  const decode_caps *caps;
  uint64_t *run_decoded;
  format format;
  bool raw_end;   /* read() has said so */
  bool part_open; /* inside a gzip member or zstd frame */
  bool padding;   /* zeros after the last gzip member */
  uint64_t raw_bytes, used, decoded;
  size_t start, end; /* unread part of raw */
  z_stream z;
  ZSTD_DStream *zstd;
  uint8_t raw[RAW_BYTES];
};

/* What we tell apart by its first bytes and do not read ourselves. */
static const struct {
  const char *magic;
  size_t length;
  const char *what, *cure;
} foreign[] = {
    {"PK\3\4", 4, "a zip archive",
     "unpack it first, or: unzip -p FILE | clio run GRAPH -i -; an "
     "export of ChatGPT or Claude is read by configs/chatgpt.yaml and configs/claude.yaml"},
    {"\xfd"
     "7zXZ",
     5, "xz-compressed", "unpack it first, or: xz -dc FILE | clio run GRAPH -i -"},
    {"BZh", 3, "bzip2-compressed", "unpack it first, or: bzip2 -dc FILE | clio run GRAPH -i -"},
    {"PAR1", 4, "a Parquet file", "convert it to JSON lines first"},
    {"\xff\xfe", 2, "UTF-16 text", "convert it first: iconv -f UTF-16 -t UTF-8 FILE"},
    {"\xfe\xff", 2, "UTF-16 text", "convert it first: iconv -f UTF-16 -t UTF-8 FILE"},
};

static bool starts_with(const decoder *d, const char *magic, size_t length) {
  return d->end - d->start >= length && memcmp(d->raw + d->start, magic, length) == 0;
}

/* Waits until a pipe has something to say, in small steps, so that Ctrl-C ends
 * the wait. A FIFO that nobody writes to yet says nothing. */
static clio_status wait_readable(const decoder *d, error *e) {
  struct pollfd p = {.fd = d->fd, .events = POLLIN};
  while (d->waits && poll(&p, 1, WAIT_MS) <= 0)
    if (d->caps->cancelled && __atomic_load_n(d->caps->cancelled, __ATOMIC_RELAXED))
      return error_set(e, CLIO_E_CANCELLED, "stopped while waiting for %s", d->name);
  return CLIO_OK;
}

static clio_status read_some(decoder *d, void *bytes, size_t size, size_t *ret_got, error *e) {
  ssize_t n;
  do {
    clio_status s = wait_readable(d, e);
    if (s != CLIO_OK) return s;
    n = read(d->fd, bytes, size);
  } while (n < 0 && (errno == EINTR || errno == EAGAIN));
  if (n < 0) return error_errno(e, CLIO_E_IO, errno, "cannot read %s", d->name);
  d->raw_bytes += (uint64_t)n;
  if (n == 0) d->raw_end = true;
  *ret_got = (size_t)n;
  return CLIO_OK;
}

/* Makes raw non-empty unless the file has ended. */
static clio_status refill(decoder *d, error *e) {
  if (d->start < d->end || d->raw_end) return CLIO_OK;
  d->start = d->end = 0;
  return read_some(d, d->raw, sizeof d->raw, &d->end, e);
}

/* A pipe may hand out a byte at a time. */
static clio_status read_first_bytes(decoder *d, error *e) {
  while (d->end < SNIFF_BYTES && !d->raw_end) {
    size_t got = 0;
    clio_status s = read_some(d, d->raw + d->end, sizeof d->raw - d->end, &got, e);
    if (s != CLIO_OK) return s;
    d->end += got;
  }
  return CLIO_OK;
}

static clio_status start_gzip(decoder *d, error *e) {
  d->format = FORMAT_GZIP;
  if (inflateInit2(&d->z, 15 + 16) != Z_OK)
    return error_set(e, CLIO_E_NOMEM, "no memory to unpack %s", d->name);
  return CLIO_OK;
}

static clio_status start_zstd(decoder *d, error *e) {
  d->format = FORMAT_ZSTD;
  d->zstd = ZSTD_createDStream();
  if (!d->zstd ||
      ZSTD_isError(ZSTD_DCtx_setParameter(d->zstd, ZSTD_d_windowLogMax, ZSTD_WINDOW_LOG)))
    return error_set(e, CLIO_E_NOMEM, "no memory to unpack %s", d->name);
  return CLIO_OK;
}

static clio_status detect(decoder *d, error *e) {
  if (starts_with(d, "\x1f\x8b", 2)) return start_gzip(d, e);
  if (starts_with(d, "\x28\xb5\x2f\xfd", 4)) return start_zstd(d, e);
  for (size_t i = 0; i < G_N_ELEMENTS(foreign); i++)
    if (starts_with(d, foreign[i].magic, foreign[i].length))
      return error_set(e, CLIO_E_INPUT, "%s is %s; %s", d->name, foreign[i].what, foreign[i].cure);
  return CLIO_OK;
}

static decoder *decoder_named(const char *name, const decode_caps *caps, uint64_t *run_decoded) {
  decoder *d = g_new0(decoder, 1);
  d->fd = -1;
  d->name = g_strdup(name);
  d->caps = caps;
  d->run_decoded = run_decoded;
  return d;
}

static clio_status give(decoder *d, clio_status s, decoder **ret) {
  if (s == CLIO_OK)
    *ret = d;
  else
    decode_free(d);
  return s;
}

clio_status decode_new(int take_fd, const char *name, const decode_caps *caps,
                       uint64_t *run_decoded, decoder **ret, error *e) {
  decoder *d = decoder_named(name, caps, run_decoded);
  struct stat st;
  d->fd = take_fd;
  d->waits = fstat(take_fd, &st) == 0 && !S_ISREG(st.st_mode);
  clio_status s = read_first_bytes(d, e);
  if (s == CLIO_OK) s = detect(d, e);
  return give(d, s, ret);
}

void decode_free(decoder *d) {
  if (!d) return;
  if (d->format == FORMAT_GZIP) inflateEnd(&d->z);
  ZSTD_freeDStream(d->zstd);
  if (d->fd >= 0) close(d->fd);
  archive_close(d->archive);
  g_free(d->name);
  g_free(d);
}

uint64_t decode_raw_bytes(const decoder *d) {
  if (d->format != FORMAT_MEMBER) return d->raw_bytes;
  uint64_t packed = 0, size = 0;
  archive_sizes(d->archive, &packed, &size);
  return size ? (uint64_t)((double)packed * ((double)d->decoded / (double)size)) : packed;
}

static clio_status read_plain(decoder *d, void *bytes, size_t size, size_t *ret_got, error *e) {
  if (d->start == d->end) return d->raw_end ? CLIO_OK : read_some(d, bytes, size, ret_got, e);
  *ret_got = MIN(size, d->end - d->start);
  memcpy(bytes, d->raw + d->start, *ret_got);
  d->start += *ret_got;
  return CLIO_OK;
}

static clio_status cut_short(const decoder *d, error *e) {
  return error_set(e, CLIO_E_INPUT,
                   "%s is cut short: its compressed data end too early; copy it again", d->name);
}

static clio_status damaged(const decoder *d, const char *why, error *e) {
  return error_set(e, CLIO_E_INPUT, "%s is damaged: %s, at compressed byte %" G_GUINT64_FORMAT,
                   d->name, why, d->used);
}

/* Between gzip members: another one, zeros to the end (tape padding), or junk. */
static clio_status next_member(decoder *d, error *e) {
  if (d->raw[d->start] == 0) d->padding = true;
  if (!d->padding) {
    d->part_open = true;
    return inflateReset(&d->z) == Z_OK ? CLIO_OK : damaged(d, "zlib cannot go on", e);
  }
  for (; d->start < d->end; d->start++, d->used++)
    if (d->raw[d->start] != 0) return damaged(d, "data after the last gzip member", e);
  return CLIO_OK;
}

/* One step: takes some raw bytes, may give some decoded ones. */
static clio_status step_gzip(decoder *d, void *bytes, size_t size, size_t *ret_got, error *e) {
  if (!d->part_open) {
    clio_status s = next_member(d, e);
    if (s != CLIO_OK || !d->part_open) return s;
  }
  d->z.next_in = d->raw + d->start;
  d->z.avail_in = (uInt)(d->end - d->start);
  d->z.next_out = bytes;
  d->z.avail_out = (uInt)MIN(size, (size_t)1 << 30);
  size_t before = d->z.avail_out;
  int r = inflate(&d->z, Z_NO_FLUSH);
  size_t taken = d->end - d->start - d->z.avail_in;
  d->start += taken;
  d->used += taken;
  *ret_got = before - d->z.avail_out;
  if (r == Z_STREAM_END) d->part_open = false;
  if (r == Z_MEM_ERROR) return error_set(e, CLIO_E_NOMEM, "no memory to unpack %s", d->name);
  if (r != Z_OK && r != Z_STREAM_END && r != Z_BUF_ERROR)
    return damaged(d, d->z.msg ? d->z.msg : "not gzip data", e);
  return CLIO_OK;
}

static clio_status step_zstd(decoder *d, void *bytes, size_t size, size_t *ret_got, error *e) {
  ZSTD_inBuffer in = {d->raw + d->start, d->end - d->start, 0};
  ZSTD_outBuffer out = {bytes, size, 0};
  size_t r = ZSTD_decompressStream(d->zstd, &out, &in);
  d->start += in.pos;
  d->used += in.pos;
  *ret_got = out.pos;
  if (!ZSTD_isError(r)) {
    d->part_open = r != 0;
    return CLIO_OK;
  }
  if (ZSTD_getErrorCode(r) == ZSTD_error_frameParameter_windowTooLarge)
    return error_set(e, CLIO_E_INPUT,
                     "%s needs a zstd window of more than %d MiB; compress it again without --long",
                     d->name, 1 << (ZSTD_WINDOW_LOG - 20));
  return damaged(d, ZSTD_getErrorName(r), e);
}

static clio_status check_caps(const decoder *d, error *e) {
  if (d->decoded > RATIO_FROM && d->decoded / d->caps->ratio > d->used)
    return error_set(e, CLIO_E_INPUT,
                     "%s unpacks to more than %" G_GUINT64_FORMAT
                     " times its size, like a decompression bomb; if it is what it should be, "
                     "unpack it first or raise the source's max_ratio",
                     d->name, d->caps->ratio);
  if (d->decoded > d->caps->file_bytes)
    return error_set(e, CLIO_E_INPUT,
                     "%s unpacks to more than %" G_GUINT64_FORMAT
                     " MiB; if it is what it should be, unpack it first or raise the source's "
                     "max_unpacked",
                     d->name, d->caps->file_bytes >> 20);
  if (*d->run_decoded > d->caps->run_bytes)
    return error_set(e, CLIO_E_INPUT,
                     "with %s the compressed files unpack to more than %" G_GUINT64_FORMAT
                     " GiB; unpack some first or raise the source's max_unpacked",
                     d->name, d->caps->run_bytes >> 30);
  return CLIO_OK;
}

static clio_status count_decoded(decoder *d, size_t got, size_t *ret_got, error *e) {
  d->decoded += got;
  *d->run_decoded += got;
  *ret_got = got;
  return check_caps(d, e);
}

static clio_status read_packed(decoder *d, void *bytes, size_t size, size_t *ret_got, error *e) {
  size_t got = 0;
  while (got == 0) {
    bool pending = d->part_open; /* output may be held back though all input is taken */
    clio_status s = refill(d, e);
    if (s != CLIO_OK) return s;
    size_t had = d->end - d->start;
    if (had == 0 && !pending) break;
    s = d->format == FORMAT_GZIP ? step_gzip(d, bytes, size, &got, e)
                                 : step_zstd(d, bytes, size, &got, e);
    if (s != CLIO_OK) return s;
    if (had == 0 && got == 0) break;
  }
  if (got == 0 && d->part_open) return cut_short(d, e);
  return count_decoded(d, got, ret_got, e);
}

static clio_status read_member(decoder *d, void *bytes, size_t size, size_t *ret_got, error *e) {
  if (d->start < d->end) { /* what detect() looked at */
    *ret_got = MIN(size, d->end - d->start);
    memcpy(bytes, d->raw + d->start, *ret_got);
    d->start += *ret_got;
    return CLIO_OK;
  }
  size_t got = 0;
  clio_status s = archive_read(d->archive, bytes, size, &got, e);
  return s == CLIO_OK ? count_decoded(d, got, ret_got, e) : s;
}

clio_status decode_new_member(archive *take_archive, const char *name, const decode_caps *caps,
                              uint64_t *run_decoded, decoder **ret, error *e) {
  decoder *d = decoder_named(name, caps, run_decoded);
  uint64_t size = 0;
  d->format = FORMAT_MEMBER;
  d->archive = take_archive;
  archive_sizes(d->archive, &d->used, &size);
  clio_status s = CLIO_OK;
  for (size_t got = 1; s == CLIO_OK && got && d->end < SNIFF_BYTES; d->end += got)
    s = archive_read(d->archive, d->raw + d->end, SNIFF_BYTES - d->end, &got, e);
  if (s == CLIO_OK) s = count_decoded(d, d->end, &(size_t){0}, e);
  bool nested = starts_with(d, "\x1f\x8b", 2) || starts_with(d, "\x28\xb5\x2f\xfd", 4);
  if (s == CLIO_OK && nested)
    s = error_set(e, CLIO_E_INPUT,
                  "%s is compressed once more inside its archive; unpack the archive first", name);
  if (s == CLIO_OK) s = detect(d, e);
  return give(d, s, ret);
}

clio_status decode_read(decoder *d, void *bytes, size_t size, size_t *ret_got, error *e) {
  *ret_got = 0;
  if (d->format == FORMAT_MEMBER) return read_member(d, bytes, size, ret_got, e);
  return d->format == FORMAT_PLAIN ? read_plain(d, bytes, size, ret_got, e)
                                   : read_packed(d, bytes, size, ret_got, e);
}
