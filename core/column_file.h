/* column_file.h - one column as a file: written once, mapped in place.
 *
 * A 64-byte header (magic, type, dim, rows, the sizes of four sections), then the
 * sections validity, offsets, items and data, each padded to 64 bytes. A column
 * has one form on disk whatever its buffers were, so the SHA-256 over header and
 * sections (padding left out) names its content: it is the file's checksum and
 * what cache keys are made of. */
#ifndef CLIO_CORE_COLUMN_FILE_H
#define CLIO_CORE_COLUMN_FILE_H
#include <stdio.h>

#include "sha256.h"
#include "table.h"

enum { SECTIONS = 4, SECTION_VALID = 0, SECTION_OFFSETS, SECTION_ITEMS, SECTION_DATA };

/* A file being written, section by section, each as long as was said. */
typedef struct column_writer {
  const char *path; /* borrowed */
  FILE *file;
  sha256_sum sum;
  uint64_t in_section, bytes;
  int code; /* errno of what failed; 0: nothing has */
} column_writer;

/* Makes the file (0600; it may not exist) and writes its header. */
clio_status column_writer_open(column_writer *w, const char *path, clio_type type, uint32_t dim,
                               uint64_t rows, const uint64_t size[SECTIONS], error *e);
void column_writer_put(column_writer *w, const void *bytes, uint64_t length);
void column_writer_end_section(column_writer *w);

/* Synced and closed; its checksum. Also after a failure, which it reports. */
clio_status column_writer_close(column_writer *w, char ret_sha256[SHA256_HEX], error *e);

/* Writes a whole column as a new file; leaves its checksum in c->sha256. */
clio_status column_file_write(const char *path, column *c, error *e);

/* The checksum that its file has or would have: c->sha256, filled if it was empty.
 * One thread at a time per column. */
const char *column_content(column *c);

/* Maps a file whose bytes nobody vouches for: every size and offset is checked,
 * and where `sha256` is given the content too. CLIO_E_INPUT: it is no such column. */
clio_status column_file_map(const char *path, const char *name, const char *sha256, column **ret,
                            error *e);
#endif
