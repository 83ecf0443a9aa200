/* input_key.h - what an input's bytes are, known before they are parsed: so that
 * an input that has not changed need not be read again. */
#ifndef CLIO_CORE_INPUT_KEY_H
#define CLIO_CORE_INPUT_KEY_H
#include "run.h"

typedef struct input_key input_key;

/* Hashes every file of r->input as it lies on disk; a regular file that stat says
 * is the one hashed last time (path, size, both times, inode, device) is taken at
 * its word. *ret = NULL: something of it can be read only once. */
clio_status input_key_new(run *r, input_key **ret, error *e);
void input_key_free(input_key *k); /* takes NULL */

/* SHA-256 over the files' SHA-256. */
const char *input_key_text(const input_key *k);

/* CLIO_E_INPUT when a file is no longer what it was when it was hashed. */
clio_status input_key_check(const input_key *k, error *e);
#endif
