/* seeding.h - starting centres for k-means: greedy k-means++ (Arthur and
 * Vassilvitskii, SODA 2007; several candidates a step, the best kept) on a
 * sample of the rows, since on all of them it costs more than k-means itself. */
#ifndef CLIO_LIB_SEEDING_H
#define CLIO_LIB_SEEDING_H
#include "lloyd.h"

/* Up to k centres of length 1 into ret_centre (k x d); *ret_k of them: fewer
 * when the sample has fewer different rows. `sample`: rows looked at, at most.
 * Random numbers are host->random of keys derived from `key`. Work:
 * sample * k * d * (2 + ln k) multiplications. [call] */
clio_status seeding_run(const work *w, const lloyd_rows *rows, uint64_t k, uint64_t sample,
                        uint64_t key, float *ret_centre, uint64_t *ret_k);
#endif
