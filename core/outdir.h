/* outdir.h - a run's folder as commands see it after the run: is it one, what
 * lies in it, what making it again would cost. Changes nothing but by
 * outdir_purge. Not thread-safe. */
#ifndef CLIO_CORE_OUTDIR_H
#define CLIO_CORE_OUTDIR_H
#include <glib.h>
#include <stdbool.h>

#include "error.h"

/* How much lies under some paths. */
typedef struct outdir_size {
  uint64_t files, bytes; /* bytes that the disk holds, not lengths */
} outdir_size;

/* What the same run would cost with an empty ledger: by the manifest (`known`: there is
 * one), or else by what lies in the ledger. */
typedef struct outdir_cost {
  bool known;
  int64_t conversations, answers; /* answers: of models, in the ledger */
  int64_t tokens, unpriced;       /* of `tokens`, those without a known price */
  double seconds, usd;            /* seconds from its start to its end */
} outdir_cost;

/* Is `out` the folder of a run, finished or crashed? CLIO_E_IO with a sentence
 * when it is not. */
clio_status outdir_check(const char *out, error *e);

/* May a run write into `out`? CLIO_E_CONFIG when it is a file, or a folder that holds other
 * things than a run's. */
clio_status outdir_may_take(const char *out, error *e);

/* What outdir_purge would remove. */
outdir_size outdir_private(const char *out, bool keep_ledger);
outdir_cost outdir_rerun(const char *out);

/* Removes what runs wrote into OUT/private and what a crashed run left beside it; with
 * `keep_ledger` the ledger (ledger.h) stays. The paths of what is no run's, and stays,
 * are added to `left` (char*). Never touches
 * a release, the manifest or the project's .clio/. CLIO_E_IO while another clio
 * works in it. */
clio_status outdir_purge(const char *out, bool keep_ledger, GPtrArray *left, error *e);
#endif
