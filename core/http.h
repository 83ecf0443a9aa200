/* http.h - POST requests over libcurl, many at once, on one thread of its own. Knows
 * nothing of models, retries or limits: it sends what it is given and says how that
 * ended, above all whether the server may have worked on it. Certificates are always
 * verified, redirects never followed; plain http only to this machine. */
#ifndef CLIO_CORE_HTTP_H
#define CLIO_CORE_HTTP_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "error.h"

typedef struct http http;

/* Zero means the default that stands beside it. */
typedef struct http_options {
  uint32_t in_flight;    /* 1024: open at once at most; sizes caches, is not enforced */
  int64_t connect_ms;    /* 10 s: name, connection and TLS */
  int64_t stall_ms;      /* 60 s in which less than 64 bytes of the request went out, or of an
                            answer that has begun came in. Waiting for its first line is no stall */
  int64_t total_ms;      /* 600 s: of one request */
  uint64_t max_body;     /* 8 MiB: decoded bytes of one answer */
  uint64_t max_held;     /* 1 GiB: of all answers that are coming in */
  uint32_t max_headers;  /* 128 header lines of one answer, interim answers among them */
  uint32_t header_bytes; /* 64 KiB of them */
  bool http2;            /* offers HTTP/2 over TLS, many requests on a connection */
  const char *ca_file;   /* certificates to trust instead of the system's; copied. NULL: what
                            SSL_CERT_FILE names, if it is set */
} http_options;

/* Everything is copied by http_post. */
typedef struct http_request {
  const char *url;            /* http or https, without user or password */
  const char *const *headers; /* "name: value", NULL-ended, or NULL */
  const char *key_header;     /* "authorization: Bearer ": the key follows; NULL: no key is sent */
  const char *key;            /* the secret; its copies are wiped, and no message ever holds it */
  const char *body;
  uint64_t body_len;
  uint64_t max_body; /* 0: the option's */
  int64_t total_ms;  /* 0: the option's */
} http_request;

/* How a request ended. */
enum {
  HTTP_WHOLE = 0, /* there is a whole answer, of whatever status */
  HTTP_UNSENT,    /* no byte of its body left: the server has surely not worked on it */
  HTTP_LOST,      /* it left, wholly or in part, and no whole answer came: it may have been
                     worked on, and be paid for */
  HTTP_TOO_BIG,   /* the answer was past a cap; it was worked on */
  HTTP_REFUSED,   /* we did not send it: a certificate that does not verify, plain http to
                     another machine, a malformed request, a proxy that wants a login */
  HTTP_CANCELLED  /* by http_cancel or http_free; `left` says whether it had gone out */
};

/* Lives until the done function returns. */
typedef struct http_reply {
  uint32_t end;               /* HTTP_* above */
  uint32_t status;            /* 429 ...; 0 where no status line came */
  const char *const *headers; /* "name: value", names in small letters, NULL-ended; foreign bytes */
  const char *body;           /* decoded, NUL-ended, never NULL; foreign bytes */
  uint64_t body_len;
  const char *why; /* how it failed, one sentence without query, key or content; NULL if WHOLE */
  bool left;       /* some of its body had gone out */
  double seconds;  /* from http_post to now */
} http_reply;

/* Called exactly once for every request, on the loop thread, never inside http_post. */
typedef void (*http_done)(void *ctx, const http_reply *);
typedef void (*http_fn)(void *ctx);

/* Starts the loop thread. Raises the soft limit of open files to what `in_flight` needs.
 * `options` may be NULL. [any] */
clio_status http_new(const http_options *options, http **ret, error *e);

/* Ends every request with HTTP_CANCELLED and every function that waits unrun, joins the
 * thread. Takes NULL. Not from the loop thread; nothing else may use `h` by then. */
void http_free(http *h);

/* Sends a request; returns its id, never 0. What is wrong with it is said to `done` too. [any] */
uint64_t http_post(http *h, const http_request *request, http_done done, void *ctx);

/* Ends a request; `done` has been called when it returns. Fine if it has ended. [loop] */
void http_cancel(http *h, uint64_t id);

/* Runs fn on the loop thread, soon; in order. [any] */
void http_call(http *h, http_fn fn, void *ctx);

/* Runs fn on the loop thread in `ms` milliseconds or a little later; returns an id for
 * http_forget, never 0. [loop] */
uint64_t http_after(http *h, int64_t ms, http_fn fn, void *ctx);

/* Drops a timer that has not run. [loop] */
void http_forget(http *h, uint64_t id);

/* Milliseconds of the monotonic clock. [any] */
int64_t http_now(void);

/* The value of a header by its small-letter name, or NULL. */
const char *http_header(const http_reply *, const char *name);

/* May a request go to this address? False and a sentence if not: no https and not this
 * machine (127.0.0.0/8, ::1, localhost), user or password in it, no address at all. [any] */
bool http_url_allowed(const char *url, error *e);

/* An address as it may be shown: without query, fragment, user. New string (g_free). [any] */
char *http_url_shown(const char *url);
#endif
