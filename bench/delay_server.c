/* delay_server.c - one thread, epoll, and a queue of due answers in the order they came,
 * since all wait equally long; see delay_server.h. */
#include "delay_server.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/signal.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { FILES = 16384, ROOM = 16384, DUE = 1 << 16, BODY = 1024 };

typedef struct peer {
  char *in;
  size_t have;
  uint32_t life; /* so that an answer due to a closed connection is dropped */
} peer;

typedef struct due {
  double at;
  int fd;
  uint32_t life;
} due;

static peer peers[FILES];
static due queue[DUE];
static unsigned head, tail;
static char answer[BODY + 256];
static size_t answer_length;
static int epoll_fd;

static double seconds(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static void make_answer(void) {
  int n = snprintf(
      answer, sizeof answer,
      "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n", BODY);
  memset(answer + n, ' ', BODY);
  memcpy(answer + n, "{}", 2);
  answer_length = (size_t)n + BODY;
}

static void hang_up(int fd) {
  peers[fd].life++;
  peers[fd].have = 0;
  close(fd);
}

/* Length of the whole request at the start of the buffer, or 0. */
static size_t whole_request(const peer *p) {
  const char *end = memmem(p->in, p->have, "\r\n\r\n", 4);
  if (!end) return 0;
  size_t head_length = (size_t)(end - p->in) + 4;
  const char *line = p->in;
  while ((line = memchr(line, '\n', head_length - (size_t)(line - p->in))) != NULL) {
    line++;
    if (strncasecmp(line, "content-length:", 15) == 0) {
      size_t need = head_length + strtoul(line + 15, NULL, 10);
      return p->have >= need ? need : 0;
    }
  }
  return head_length;
}

static void take(int fd, double delay) {
  peer *p = &peers[fd];
  for (size_t n = whole_request(p); n > 0; n = whole_request(p)) {
    memmove(p->in, p->in + n, p->have - n);
    p->have -= n;
    queue[tail++ % DUE] = (due){seconds() + delay, fd, p->life};
  }
}

static void welcome(int listener) {
  const int one = 1;
  for (;;) {
    int fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK);
    if (fd < 0 || fd >= FILES) return;
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    if (!peers[fd].in) peers[fd].in = malloc(ROOM);
    struct epoll_event ev = {.events = EPOLLIN, .data.fd = fd};
    epoll_ctl(epoll_fd, EPOLL_CTL_ADD, fd, &ev);
  }
}

static void receive(int fd, double delay) {
  peer *p = &peers[fd];
  ssize_t n = read(fd, p->in + p->have, ROOM - p->have);
  if (n > 0) {
    p->have += (size_t)n;
    take(fd, delay);
  } else if (n == 0 || errno != EAGAIN) {
    hang_up(fd);
  }
}

static void send_due(void) {
  double now = seconds();
  for (; head != tail && queue[head % DUE].at <= now; head++) {
    const due *d = &queue[head % DUE];
    if (peers[d->fd].life != d->life) continue;
    if (send(d->fd, answer, answer_length, MSG_NOSIGNAL) < 0) hang_up(d->fd);
  }
}

static void serve(int listener, double delay) {
  struct epoll_event ev = {.events = EPOLLIN, .data.fd = listener}, events[256];
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  make_answer();
  epoll_fd = epoll_create1(0);
  epoll_ctl(epoll_fd, EPOLL_CTL_ADD, listener, &ev);
  for (;;) {
    double left = head == tail ? 0.2 : queue[head % DUE].at - seconds();
    int n = epoll_wait(epoll_fd, events, 256, left > 0 ? (int)(left * 1000) + 1 : 0);
    for (int i = 0; i < n; i++) {
      if (events[i].data.fd == listener)
        welcome(listener);
      else
        receive(events[i].data.fd, delay);
    }
    send_due();
  }
}

pid_t delay_server_start(int delay_ms, int *ret_port) {
  struct sockaddr_in a = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  struct rlimit files = {FILES - 1, FILES - 1};
  socklen_t length = sizeof a;
  int listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
  if (bind(listener, (struct sockaddr *)&a, sizeof a) != 0 || listen(listener, 4096) != 0 ||
      getsockname(listener, (struct sockaddr *)&a, &length) != 0)
    return -1;
  *ret_port = ntohs(a.sin_port);
  pid_t pid = fork();
  if (pid != 0) {
    close(listener);
    return pid;
  }
  setrlimit(RLIMIT_NOFILE, &files);
  serve(listener, delay_ms * 1e-3);
  _exit(0);
}
