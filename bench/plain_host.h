/* plain_host.h - the least of a clio_host that numeric code needs, for
 * measurements: threads made anew for each loop, memory from calloc, no limits. */
#ifndef CLIO_BENCH_PLAIN_HOST_H
#define CLIO_BENCH_PLAIN_HOST_H
#include "clio.h"

/* A host whose loops run on that many threads (1 to 64). Memory is freed by
 * plain_host_reset(). Not for use from several threads at once. */
const clio_host *plain_host(unsigned threads);
void plain_host_reset(void);

/* Seconds since some start: on the clock, and of all processors used. */
double bench_wall(void);
double bench_cpu(void);
#endif
