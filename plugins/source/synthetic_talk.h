/* synthetic_talk.h - a plot written out as messages. */
#ifndef CLIO_SOURCE_SYNTHETIC_TALK_H
#define CLIO_SOURCE_SYNTHETIC_TALK_H
#include "synthetic_plot.h"

/* The message being written, and what takes it when it is whole. */
typedef struct talk {
  const words *words;
  text text;
  void (*put)(void *to, const char *role, const text *message);
  void *to;
} talk;

/* What only the texts decided. `s` is NULL where there is none. */
typedef struct truth {
  clio_span subtopic, pii, injection; /* the kinds of the last two */
  int canary;
} truth;

/* Hands on every message of the conversation, user and assistant in turn. The plot's
 * dice are rolled on. */
truth talk_tell(talk *t, plot *p);
#endif
