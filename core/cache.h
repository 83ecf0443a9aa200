/* cache.h - which results of earlier runs this run takes again, and why not the
 * others. Keys are made of what a stage's result rests on (cache_key.h), results
 * lie in the store.
 *
 * A row-wise stage's key holds its own parts and the keys of the stages before it,
 * down to the input's bytes; a whole-table stage's key holds the content of the
 * columns it reads, so that a column that was made again and came out the same
 * changes nothing behind it. Beside its key a result has *needs*: what the stage
 * asked the host for while it ran (the privacy section, word lists, accounts) must
 * be what it was. Threads, batch size and memory are in no key. [main] */
#ifndef CLIO_CORE_CACHE_H
#define CLIO_CORE_CACHE_H
#include "run.h"
#include "store.h"

/* What a stage asked the host for, in run_stage.asked. */
enum {
  CACHE_ASKED_POLICY = 1,
  CACHE_ASKED_RULE = 2,
  CACHE_ASKED_WORDS = 4,
  CACHE_ASKED_UNANSWERED = 8 /* some questions to models got no answer: not to be taken again */
};

/* Hashes the input, the word lists and this program. The stages must be there. */
clio_status cache_open(run *r, error *e);
void cache_close(run *r);

/* Is the input still what the keys say? */
clio_status cache_check_input(const run *r, error *e);

/* The SHA-256 of the decoded input, as this or an earlier run of the same input read
 * it; NULL: not known. New string. */
char *cache_input_sha256(run *r);
clio_status cache_keep_input_sha256(run *r, error *e);

/* Can what was made of the source be taken again? Not where its input can be read
 * only once, or it reads what nobody can hash. */
bool cache_is_repeatable(const run *r);

/* The key of a row-wise stage's output, of the source's, or, once it has picked, of
 * the sampler's. Borrowed. */
const char *cache_row_key(run *r, int stage);

/* The result kept under `key`, if its needs are met; *ret = NULL and the reason why
 * not in *ret_why (static or NULL). */
clio_status cache_find(run *r, const char *key, stored **ret, const char **ret_why, error *e);

/* Why a stage runs, for its line: what differs from last time, or `otherwise`.
 * `parts`: those of its key, or NULL: of a row-wise stage. */
void cache_explain(run *r, int stage, const cache_key *parts, const char *otherwise);

/* Puts what the stage's result rests on, its counts and its needs into an entry. */
void cache_describe(run *r, int stage, const cache_key *parts, entry *en);

/* Counts of a stage back from an entry; it counts as reused. */
void cache_restore(run *r, int stage, const stored *kept);

/* The parts of a whole-table stage's key, with `in` before it. */
cache_key *cache_whole_parts(run *r, int stage, const bundle *in);

/* The tables that the stage emitted for this input in an earlier run, appended to
 * `emitted`. False: it must run, and its reason is set. */
clio_status cache_take_whole(run *r, int stage, const cache_key *parts, const bundle *in,
                             GPtrArray *emitted, bool *ret_taken, error *e);
clio_status cache_keep_whole(run *r, int stage, const cache_key *parts, const GPtrArray *emitted,
                             error *e);

/* The names of the conversations columns that a stage adds. Free with g_free. */
const char **cache_added(const flow_stage *fs, size_t *ret_count);

/* Is the release there, whole, and made of all that this run would use? */
bool cache_is_done(run *r);

/* Remembers that it is; removes what this run did not use. */
clio_status cache_finish(run *r, error *e);
#endif
