/* util.h - small leaves that many core files need: folders, sizes, files. */
#ifndef CLIO_CORE_UTIL_H
#define CLIO_CORE_UTIL_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "error.h"

/* The folder of word lists, prompts and shipped graphs: CLIO_DATA_PATH, else
 * configs/ beside the running binary (uninstalled), else the installed one.
 * Static. [any] */
const char *data_dir(void);

/* The folder that the running binary lies in. Static. [any] */
const char *exe_dir(void);

/* Reads "512M", "2G", "65536" into bytes. False when it is no size. */
bool parse_size(const char *text, uint64_t *ret_bytes);

/* Reads a whole decimal integer in [min, max]. */
bool parse_int(const char *text, int64_t min, int64_t max, int64_t *ret);

/* Makes `dir` (and parents) with `mode`; fine if it is there. */
clio_status make_dir(const char *dir, int mode, error *e);

/* Removes a file or a folder with all that is in it; fine if it is not there. */
clio_status remove_tree(const char *path, error *e);

/* Writes a file whole: temporary name in the same folder, fsync, rename, fsync
 * of the folder. */
clio_status write_file(const char *path, const void *bytes, size_t length, int mode, error *e);

/* fsyncs a folder, so that renames in it last. */
clio_status sync_dir(const char *dir, error *e);

/* Lower-case hex SHA-256 of bytes; new string. */
char *sha256_hex(const void *bytes, size_t length);

/* The most memory the process has had so far, in MiB. */
int64_t peak_memory_mib(void);

/* Thousands separated by commas; for people. New string. */
char *format_count(int64_t n);

/* "1 conversation", "6,000 conversations"; `many` ends in s. New string. */
char *format_count_of(int64_t n, const char *many);
#endif
