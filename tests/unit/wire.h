/* wire.h - an HTTP server inside a test: one thread a connection, answers by path. */
#ifndef CLIO_TESTS_UNIT_WIRE_H
#define CLIO_TESTS_UNIT_WIRE_H
#include <glib.h>

/* A request as it came. */
typedef struct wire_request {
  const char *path, *head; /* head: request line and headers, as text */
  const char *body;
  size_t length;
  guint number;     /* of this server, from 1 */
  guint connection; /* from 1 */
} wire_request;

typedef struct wire wire;

/* Writes one answer to fd. True keeps the connection for another request. */
typedef gboolean (*wire_answer)(int fd, const wire_request *request, void *ctx);

/* Listens on a free port of 127.0.0.1. */
wire *wire_new(wire_answer answer, void *ctx);

/* Stops listening, waits for the threads of its connections. */
void wire_free(wire *w);

int wire_port(const wire *w);
guint wire_requests(wire *w);
guint wire_connections(wire *w);

/* A whole answer with a Content-Length. `headers` are whole lines with \r\n, or "". */
gboolean wire_send(int fd, int status, const char *headers, const char *body, size_t length);
#endif
