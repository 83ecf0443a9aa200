/* source.h - from a source's parameters to its open input: which parameter is
 * the path, which are limits that the core keeps for it (clio.h,
 * CLIO_PARAM_LIMIT). */
#ifndef CLIO_CORE_SOURCE_H
#define CLIO_CORE_SOURCE_H
#include "run.h"

/* Opens r->input for a source over blocks; leaves it NULL for others. */
clio_status source_open(run *r, error *e);

/* A block as the source sees it: one row of `bytes` and `file`. NULL: no memory. */
clio_table *source_block(run *r, const input_block *b);

/* Counts rows whose id came before (of a source that is not read again, as the
 * run counted that read it), and says so: they flow on. */
clio_status source_say_repeats(run *r, error *e);

/* Says in the log how many records of a block were cut out for their size. */
void source_say_too_long(run *r, const input_block *b);
#endif
