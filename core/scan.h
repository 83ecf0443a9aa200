/* scan.h - lists plugin files from a child process, so that one that crashes,
 * hangs or prints while it is loaded harms nobody. The child is this program
 * again (`--scan -`), or what the environment variable CLIO_SCANNER names. */
#ifndef CLIO_CORE_SCAN_H
#define CLIO_CORE_SCAN_H
#include <glib.h>

#include "error.h"

/* A stage of a listed file. */
typedef struct scan_stage {
  char *kind, *name, *summary;
} scan_stage;

/* What one file turned out to be. */
typedef struct scan_result {
  char *path;
  char *refused; /* why it is no usable plugin, without its path; NULL if it is one */
  char *version, *license;
  GPtrArray *stages; /* scan_stage* */
} scan_result;

/* Lists the files `paths` (char*), one result each, in their order; a file that
 * takes longer than `timeout_ms` is refused. CLIO_E_IO when no child can be
 * started. Free the array; it owns the results. */
clio_status scan_files(const GPtrArray *paths, int timeout_ms, GPtrArray **ret, error *e);
#endif
