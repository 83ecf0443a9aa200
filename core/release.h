/* release.h - between the stages and the gate: the texts that auditors rate,
 * the gate's input made of the core's own columns and the roll, and the
 * released tables that reports read. */
#ifndef CLIO_CORE_RELEASE_H
#define CLIO_CORE_RELEASE_H
#include "run.h"

/* The distinct strings of a bundle that would be published, as a texts table.
 * NULL: `e` is set. */
clio_table *release_make_texts(run *r, const bundle *b, error *e);

/* Remembers the ratings of a texts table that an auditor emitted: per exact
 * text the lowest. */
clio_status release_take_ratings(run *r, const flow_stage *fs, const clio_table *texts, error *e);

/* Fills the policies from the graph; `organizations: auto` by what is in the
 * roll so far. */
void release_fill_policies(run *r);

/* Refuses `t`, all rows of the input as a sampler is about to see them, when none
 * has an account id and the graph assumes nothing: no sample of them could pass.
 * The same refusal comes at the end of an input that is not sampled, for before
 * its last row nobody can know. NULL, or without the column: CLIO_OK. */
clio_status release_check_door(const run *r, const clio_table *t, error *e);

/* The same as release_fill_policies when the source has been read; refuses an input whose accounts
 * are missing. */
clio_status release_settle_policy(run *r, error *e);

/* A proposed breakdown, cut to codes, and the memory behind it (facets.c). */
typedef struct facet_set {
  GArray *facets; /* gate_facet */
  GPtrArray *owned;
} facet_set;
clio_status facets_make(run *r, const clio_table *conversations, const clio_table *cells,
                        facet_set *ret, error *e);
void facets_clear(facet_set *f);

/* The lowest rating of a text so far; 0 and NULL: nobody rated it. */
int32_t release_rating(const run *r, const char *text, const char **ret_auditor);

/* The released tables (tables.c). `numbers`: per tree the proposed node numbers
 * (int64_t) by the gate's index; printed in public mode only. */
clio_status tables_make(run *r, const gate_input *in, const gate_release *rel,
                        const GArray *numbers[], bundle *ret, error *e);

/* Puts a bundle to one stage and takes what it emits (whole.c). */
clio_status whole_run_on(run *r, int stage, const bundle *in, error *e);
#endif
