/* archive.h - zip archives: which members there are, one of them read as a
 * stream. Through libzip; nothing is ever written to disk, so a member's name
 * is only looked at, never used as a path. Other kinds of archive are refused
 * (decode.h tells them apart). */
#ifndef CLIO_CORE_ARCHIVE_H
#define CLIO_CORE_ARCHIVE_H
#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

#include "error.h"

/* One member, open for reading. Not thread-safe. */
typedef struct archive archive;

/* A member found in an archive's list. */
typedef struct archive_member {
  uint64_t index;
  uint64_t packed; /* its compressed size */
  char *name;
} archive_member;

/* Does the file start like a zip archive? False where it cannot be read. */
bool archive_is_zip(const char *path);

/* Does a file or member of that name match one of the NULL-ended patterns? The
 * last part of the name counts; what macOS adds (__MACOSX, ._NAME) does not. */
bool archive_wants(const char *name, const char *const *patterns);

/* The members that match, in the order of their names' bytes; *ret holds
 * archive_member, freed with g_ptr_array_unref. CLIO_E_INPUT: the archive is
 * damaged, a member's name is absolute or leads out of the archive, a wanted
 * member is encrypted, or none is wanted. */
clio_status archive_list(const char *path, const char *const *patterns, GPtrArray **ret, error *e);

/* Opens a member of the list. `name` is for messages. */
clio_status archive_open(const char *path, uint64_t index, const char *name, archive **ret,
                         error *e);
void archive_close(archive *a); /* takes NULL */

/* Up to `size` bytes; *ret_got = 0 at the end, where the checksum is compared. */
clio_status archive_read(archive *a, void *bytes, size_t size, size_t *ret_got, error *e);

/* What the archive's list says of the member's sizes. */
void archive_sizes(const archive *a, uint64_t *ret_packed, uint64_t *ret_size);
#endif
