/* raw.h - answers that break HTTP, written to a socket by hand: what a server library
 * would not let us do. Used by the fault server and by the unit tests. */
#ifndef CLIO_TESTS_SERVER_RAW_H
#define CLIO_TESTS_SERVER_RAW_H
#include <stdbool.h>
#include <stddef.h>

/* Is there a fault of this name? Their names: raw_names(), NULL-ended. */
bool raw_knows(const char *fault);
const char *const *raw_names(void);

/* Plays `fault` on a connection whose request has been read; `body` is what a good answer
 * would hold. Blocks while it plays, at most `ms` milliseconds where it would go on for
 * ever. The caller closes the socket afterwards and serves nothing more on it. True when
 * every byte of the good answer went out (a client that closes early may still have it). */
bool raw_play(int fd, const char *fault, const char *body, size_t length, int ms);

/* All bytes, or false when the other side is gone. Never a signal. */
bool raw_write(int fd, const void *bytes, size_t length);
#endif
