/* http_parts.h - what the files of http share: the handle and one transfer. */
#ifndef CLIO_CORE_HTTP_PARTS_H
#define CLIO_CORE_HTTP_PARTS_H
#include <curl/curl.h>
#include <glib.h>

#include "http.h"

/* One request, from http_post to its done function. Its maker fills it; from then on it
 * belongs to the loop thread. */
typedef struct transfer {
  GList link; /* in the inbox, then among the active */
  http *h;
  uint64_t id;
  CURL *easy; /* while active */
  struct curl_slist *headers;
  char *url, *body;
  uint64_t body_len, given; /* of the body: its length, what curl has taken */
  uint64_t max_body;
  int64_t total_ms;
  http_done done;
  void *ctx;
  GString *answer;   /* decoded bytes so far */
  GPtrArray *lines;  /* headers of the last answer, names in small letters */
  uint64_t received; /* header and body bytes; for caps and stalls */
  uint32_t header_count, header_bytes;
  bool begun; /* a final status line came */
  int64_t posted, marked_at;
  uint64_t marked;      /* bytes moved when last looked at */
  uint32_t ends;        /* HTTP_*: how we ended it ourselves; 0: not */
  const char *ends_why; /* with it; static */
  char refused[160];    /* what is wrong with the request, or "" */
  char curl_error[CURL_ERROR_SIZE];
} transfer;

/* A function that waits for its time, or for its turn (due 0). */
typedef struct waiter {
  int64_t due;
  uint64_t id;
  http_fn fn;
  void *ctx;
} waiter;

struct http {
  http_options o;
  char *ca_file;
  GThread *thread;
  CURLM *multi;
  int epoll, wake;
  /* Shared, under the lock. */
  GMutex lock;
  GQueue inbox; /* of transfers */
  GQueue calls; /* of waiters */
  bool stop;
  uint64_t last_id;
  /* The loop thread's. */
  GQueue active;   /* of transfers */
  GPtrArray *idle; /* easy handles, set up */
  GSequence *timers;
  int64_t curl_due, sweep_due; /* -1: none */
  uint64_t held;
};

/* A transfer with copies of all of the request; `refused` says what is wrong with it. */
transfer *transfer_new(http *h, const http_request *request, http_done done, void *ctx);

/* Frees it and wipes the key. */
void transfer_free(transfer *t);

/* Sets up its easy handle; false when curl cannot. */
bool transfer_prepare(transfer *t);

/* Gives its easy handle back to the idle ones. */
void transfer_detach(transfer *t);

/* Calls its done function with how it ended: `code` is curl's word, `ends` overrides it. */
void transfer_report(transfer *t, CURLcode code);

/* An easy handle with everything set that is the same for all requests. */
CURL *easy_new(http *h);

/* Starts what was posted; called by the loop. */
void http_start_posted(http *h);

/* Hands out what curl has finished. */
void http_reap(http *h);

/* Ends what has moved too little; sets when to look again. */
void http_sweep(http *h, int64_t now);

/* Cancels everything, what is posted meanwhile too. */
void http_cancel_all(http *h);

/* The loop thread's main function, and making and freeing what it needs. */
void *http_loop(void *h);
clio_status http_loop_init(http *h, error *e);
void http_loop_clear(http *h);

/* Wakes the loop out of its wait. */
void http_wake(http *h);
#endif
