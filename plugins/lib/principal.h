/* principal.h - principal coordinates of a few weighted points: where they lie
 * along the directions in which they differ most. */
#ifndef CLIO_LIB_PRINCIPAL_H
#define CLIO_LIB_PRINCIPAL_H
#include "linkage.h"

/* Takes the weighted mean from the points, projects them on their `p` leading
 * principal directions, and makes each of length 1: ret is n x p. A point on the
 * mean becomes 0, as do directions past the rank. Work: the smaller of n and d,
 * cubed. [call] */
clio_status principal_directions(const work *w, const linkage_points *points, uint64_t p,
                                 float *ret);
#endif
