/* replay.h - what the parts of model/replay share. */
#ifndef CLIO_MODEL_REPLAY_H
#define CLIO_MODEL_REPLAY_H
#include "wire.h"

enum { REPLAY_KEY = 65 };

/* One line of the recorded answers. Strings are its own. */
typedef struct replay_line {
  char key[REPLAY_KEY]; /* "" : answers what holds `contains`, or anything */
  char *contains, *text;
  float *vector;
  uint32_t dim, outcome;
  int64_t in_tokens, out_tokens;
} replay_line;

typedef struct replay_lines {
  replay_line *items; /* those with a key first, by key */
  uint64_t count, room, keyed;
} replay_lines;

/* Reads the recorded answers; NULL or "" is none. Fails the call with a line's number. [call] */
clio_status replay_read(const clio_host *host, clio_call *call, const char *text,
                        replay_lines *ret);
void replay_clear(replay_lines *lines);

/* The line that answers what has this key and text, or NULL: by key, else the first that
 * fits. [any] */
const replay_line *replay_find(const replay_lines *lines, const char *key, const char *text);

/* An answer made of the question: of its form where it has a schema, its words in their
 * order. The same each time. [call] */
clio_status replay_make(const clio_host *host, clio_call *call, const clio_llm_job *job,
                        const char *key, clio_reply *ret);

/* A vector of length 1 that texts with the same words share in part. [any] */
void replay_embed(const char *text, uint64_t len, float *ret, uint32_t dim);
#endif
