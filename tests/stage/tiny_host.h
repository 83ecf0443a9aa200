/* tiny_host.h - as much of a host as plugins/lib needs outside a stage: scratch memory, random
 * numbers, failures. For one thread. */
#ifndef CLIO_TESTS_TINY_HOST_H
#define CLIO_TESTS_TINY_HOST_H
#include "clio_util.h"

/* The host; its calls and plans take NULL. */
const clio_host *tiny_host(void);

/* Frees all scratch memory and forgets the last failure. */
void tiny_reset(void);

/* The n-th scratch call from now on fails; 0: none. */
void tiny_fail_at(unsigned n);

/* Did it? And what fail() or plan_fail() was told last; "". */
int tiny_failed(void);
const char *tiny_error(void);

/* Adds a constant to every random number, as another seed would. */
void tiny_seed(uint64_t seed);

/* A conversation as the two list views of one row, in static memory: alternating roles of
 * `roles` ("ua" is user, assistant; s system, t tool) and the texts. At most 64 messages. */
void tiny_conversation(const char *roles, const clio_span *texts, clio_view *ret_role,
                       clio_view *ret_content);
#endif
