/* names.h - what the shape and the names of a released tree say without any label. */
#ifndef CLIO_VALIDATOR_NAMES_H
#define CLIO_VALIDATOR_NAMES_H
#include "scoresheet.h"

/* Adds to `to`, of the tree of that facet: how many leaves there are, the share of leaves
 * that have a name, of names that another leaf has too (near-duplicates: three quarters of
 * their words are the same, capitals aside), of inner nodes with a single child, and of the
 * conversations that lie in the largest top node and in too small clusters. [call] */
clio_status names_measure(const clio_host *host, clio_call *call, const clio_table *clusters,
                          const char *facet, scoresheet *to);
#endif
