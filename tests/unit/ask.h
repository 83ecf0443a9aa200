/* ask.h - one request of http.h, waited for; in tests. */
#ifndef CLIO_TESTS_UNIT_ASK_H
#define CLIO_TESTS_UNIT_ASK_H
#include <glib.h>

#include "http.h"

/* The key that the requests carry. */
extern const char ask_secret[];

/* A reply, copied. */
typedef struct outcome {
  GMutex lock;
  GCond cond;
  int calls;
  uint32_t end, status;
  char *body, *why, *header; /* header: x-test */
  uint64_t length;
  bool left;
  double seconds;
} outcome;

void outcome_clear(outcome *o);

/* A request with a body of 25 bytes and the key. */
http_request post_to(const char *url);

/* Sends it and waits. Asserts that no message of it holds key, query or content. */
outcome ask_with(http *h, const http_request *r);
#endif
