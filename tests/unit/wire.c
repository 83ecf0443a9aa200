/* wire.c - see wire.h. */
#include "wire.h"

#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

#include "../server/raw.h"

struct wire {
  int fd, port;
  wire_answer answer;
  void *ctx;
  GThread *accepts;
  GMutex lock;
  GCond idle;
  guint requests, connections, open;
  GHashTable *fds; /* of the open connections */
  gboolean stopped;
};

typedef struct visit {
  wire *w;
  int fd;
  guint connection;
} visit;

/* Reads until `all` holds a whole request; its length, 0 at the end. */
static size_t read_request(int fd, GString *all) {
  char part[16384];
  for (;;) {
    const char *end = strstr(all->str, "\r\n\r\n");
    if (end) {
      const char *line = strcasestr(all->str, "\r\ncontent-length:");
      size_t need = (size_t)(end - all->str) + 4;
      if (line && line < end) need += g_ascii_strtoull(line + 17, NULL, 10);
      if (all->len >= need) return need;
    }
    ssize_t n = recv(fd, part, sizeof part, 0);
    if (n <= 0) return 0;
    g_string_append_len(all, part, n);
  }
}

static gboolean serve_one(const visit *v, GString *all, size_t length) {
  char *end = strstr(all->str, "\r\n\r\n");
  size_t head = (size_t)(end - all->str) + 4;
  g_autofree char *text = g_strndup(all->str, head);
  g_autofree char *body = g_strndup(all->str + head, length - head);
  const char *space = strchr(text, ' ');
  const char *after = space ? strchr(space + 1, ' ') : NULL;
  g_autofree char *path = after ? g_strndup(space + 1, (gsize)(after - space - 1)) : g_strdup("");
  g_string_erase(all, 0, (gssize)length);
  g_mutex_lock(&v->w->lock);
  guint number = ++v->w->requests;
  g_mutex_unlock(&v->w->lock);
  const wire_request r = {path, text, body, length - head, number, v->connection};
  return v->w->answer(v->fd, &r, v->w->ctx);
}

static gpointer visit_main(gpointer ctx) {
  visit *v = ctx;
  GString *all = g_string_new(NULL);
  size_t length = read_request(v->fd, all);
  while (length > 0 && serve_one(v, all, length)) length = read_request(v->fd, all);
  g_string_free(all, TRUE);
  g_mutex_lock(&v->w->lock);
  g_hash_table_remove(v->w->fds, GINT_TO_POINTER(v->fd));
  close(v->fd);
  v->w->open--;
  g_cond_signal(&v->w->idle);
  g_mutex_unlock(&v->w->lock);
  g_free(v);
  return NULL;
}

static void welcome(wire *w, int fd) {
  int one = 1;
  setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
  visit *v = g_new(visit, 1);
  g_mutex_lock(&w->lock);
  w->open++;
  g_hash_table_add(w->fds, GINT_TO_POINTER(fd));
  *v = (visit){w, fd, ++w->connections};
  g_mutex_unlock(&w->lock);
  g_thread_unref(g_thread_new("wire", visit_main, v));
}

static gpointer accept_main(gpointer ctx) {
  wire *w = ctx;
  for (int fd = accept(w->fd, NULL, NULL); fd >= 0; fd = accept(w->fd, NULL, NULL)) welcome(w, fd);
  return NULL;
}

wire *wire_new(wire_answer answer, void *ctx) {
  wire *w = g_new0(wire, 1);
  struct sockaddr_in a = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  socklen_t length = sizeof a;
  w->answer = answer;
  w->ctx = ctx;
  w->fd = socket(AF_INET, SOCK_STREAM, 0);
  g_mutex_init(&w->lock);
  g_cond_init(&w->idle);
  w->fds = g_hash_table_new(NULL, NULL);
  if (bind(w->fd, (struct sockaddr *)&a, sizeof a) != 0 || listen(w->fd, 1024) != 0 ||
      getsockname(w->fd, (struct sockaddr *)&a, &length) != 0)
    g_error("no port to listen on");
  w->port = ntohs(a.sin_port);
  w->accepts = g_thread_new("wire-accept", accept_main, w);
  return w;
}

void wire_free(wire *w) {
  shutdown(w->fd, SHUT_RDWR);
  g_thread_join(w->accepts);
  g_mutex_lock(&w->lock);
  GHashTableIter i;
  gpointer fd;
  g_hash_table_iter_init(&i, w->fds);
  while (g_hash_table_iter_next(&i, &fd, NULL)) shutdown(GPOINTER_TO_INT(fd), SHUT_RDWR);
  while (w->open > 0) g_cond_wait(&w->idle, &w->lock);
  g_mutex_unlock(&w->lock);
  close(w->fd);
  g_hash_table_unref(w->fds);
  g_mutex_clear(&w->lock);
  g_cond_clear(&w->idle);
  g_free(w);
}

int wire_port(const wire *w) { return w->port; }

guint wire_requests(wire *w) {
  g_mutex_lock(&w->lock);
  guint n = w->requests;
  g_mutex_unlock(&w->lock);
  return n;
}

guint wire_connections(wire *w) {
  g_mutex_lock(&w->lock);
  guint n = w->connections;
  g_mutex_unlock(&w->lock);
  return n;
}

gboolean wire_send(int fd, int status, const char *headers, const char *body, size_t length) {
  g_autoptr(GString) all = g_string_new(NULL);
  g_string_printf(all, "HTTP/1.1 %d Status\r\n%sContent-Length: %zu\r\n\r\n", status, headers,
                  length);
  g_string_append_len(all, body, (gssize)length);
  return raw_write(fd, all->str, all->len);
}
