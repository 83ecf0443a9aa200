/* project.h - the project: the folder that holds OUT. Its .clio/ keeps the key
 * under which ids are hashed, and a registry of releases, so that two releases
 * cannot be told apart by the rows of a few accounts (GATE.md, "Refuse"). */
#ifndef CLIO_CORE_PROJECT_H
#define CLIO_CORE_PROJECT_H
#include "run.h"

/* The project's key: CLIO_PROJECT_KEY (32 hex digits or more), else
 * .clio/key of the folder that holds `out`, made on first use (0600). */
clio_status project_key(const char *out, rng_key *ret, error *e);

/* Refuses (CLIO_E_PRIVACY) when an earlier release of this project differs from
 * this one by the conversations of 1 ... cluster.accounts - 1 accounts, by the larger
 * threshold of the two: each release keeps what it promised. */
clio_status project_check_release(run *r, const gate_input *in, error *e);

/* Enters this release. */
clio_status project_record(run *r, const gate_input *in, error *e);
#endif
