/* decode.h - reads one open file, or one member of a zip archive, and undoes
 * gzip or zstd on the way, under caps. The format is told by the first bytes,
 * never by the name. It knows nothing of lines, blocks or hashes (lines.h). */
#ifndef CLIO_CORE_DECODE_H
#define CLIO_CORE_DECODE_H
#include <stddef.h>
#include <stdint.h>

#include "archive.h"
#include "error.h"

/* What a compressed file may become. Plain files have no cap: their size on
 * disk is the size they have. `ratio` is decoded over compressed bytes and
 * counts once a MiB has been decoded. */
typedef struct decode_caps {
  uint64_t file_bytes;
  uint64_t run_bytes; /* over all compressed files of a run */
  uint64_t ratio;
  const int *cancelled; /* not 0: give up waiting for a pipe; or NULL */
} decode_caps;

/* One file being read. Not thread-safe. */
typedef struct decoder decoder;

/* Starts on `take_fd`, which it closes at the end or on failure. `name` is for
 * messages. `run_decoded` counts decoded bytes of compressed files over the
 * run; it and `caps` must outlive the decoder. Fails with CLIO_E_INPUT on a
 * format that has to be unpacked or converted first (zip, xz, UTF-16 ...). */
clio_status decode_new(int take_fd, const char *name, const decode_caps *caps,
                       uint64_t *run_decoded, decoder **ret, error *e);

/* The same for a member of a zip archive, which is read to its end as plain
 * text: an archive in an archive is refused. Takes the archive. */
clio_status decode_new_member(archive *take_archive, const char *name, const decode_caps *caps,
                              uint64_t *run_decoded, decoder **ret, error *e);
void decode_free(decoder *d);

/* Up to `size` decoded bytes; *ret_got = 0 only at the end. CLIO_E_INPUT: the
 * data are damaged, cut short or past a cap. CLIO_E_IO: reading failed.
 * CLIO_E_CANCELLED: caps->cancelled became true while a pipe was silent. */
clio_status decode_read(decoder *d, void *bytes, size_t size, size_t *ret_got, error *e);

/* Bytes taken from the file so far, still compressed. */
uint64_t decode_raw_bytes(const decoder *d);
#endif
