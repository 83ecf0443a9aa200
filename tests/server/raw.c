/* raw.c - see raw.h. One function a fault. */
#include "raw.h"

#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

typedef struct play {
  int fd, ms;
  const char *body;
  size_t length;
} play;

static double seconds(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static void pause_ms(int ms) {
  struct timespec t = {ms / 1000, (long)(ms % 1000) * 1000000L};
  nanosleep(&t, NULL);
}

bool raw_write(int fd, const void *bytes, size_t length) {
  const char *p = bytes;
  while (length > 0) {
    ssize_t n = send(fd, p, length, MSG_NOSIGNAL);
    if (n <= 0) return false;
    p += n;
    length -= (size_t)n;
  }
  return true;
}

static bool text(int fd, const char *line) { return raw_write(fd, line, strlen(line)); }

static bool head(const play *p, size_t length) {
  char line[256];
  snprintf(line, sizeof line,
           "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %zu\r\n\r\n",
           length);
  return text(p->fd, line);
}

/* close() will then send RST, and what was not read is lost. */
static void reset(int fd) {
  struct linger hard = {.l_onoff = 1, .l_linger = 0};
  setsockopt(fd, SOL_SOCKET, SO_LINGER, &hard, sizeof hard);
}

/* Waits until the client hangs up or the time is over. */
static void hold(const play *p) {
  double until = seconds() + p->ms * 1e-3;
  char sink[4096];
  while (seconds() < until) {
    ssize_t n = recv(p->fd, sink, sizeof sink, MSG_DONTWAIT);
    if (n == 0) return;
    pause_ms(5);
  }
}

static bool play_reset_before(const play *p) {
  reset(p->fd);
  return false;
}

static bool play_close_before(const play *p) {
  (void)p;
  return false;
}

static bool play_reset_middle(const play *p) {
  head(p, p->length);
  raw_write(p->fd, p->body, p->length / 2);
  pause_ms(20);
  reset(p->fd);
  return false;
}

static bool play_half_close(const play *p) {
  head(p, p->length);
  raw_write(p->fd, p->body, p->length / 2);
  shutdown(p->fd, SHUT_WR);
  hold(p);
  return false;
}

static bool play_stall_before(const play *p) {
  hold(p);
  return false;
}

static bool play_stall_headers(const play *p) {
  text(p->fd, "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n");
  hold(p);
  return false;
}

static bool play_stall_body(const play *p) {
  head(p, p->length);
  raw_write(p->fd, p->body, p->length / 2);
  hold(p);
  return false;
}

static bool play_slow_loris(const play *p) {
  double until = seconds() + p->ms * 1e-3;
  head(p, p->length + 100000);
  while (seconds() < until && text(p->fd, " ")) pause_ms(100);
  return false;
}

static bool play_length_large(const play *p) {
  head(p, p->length + 100);
  raw_write(p->fd, p->body, p->length);
  return false;
}

static bool play_length_small(const play *p) {
  head(p, p->length / 2);
  raw_write(p->fd, p->body, p->length);
  return false;
}

static bool play_trailing_garbage(const play *p) {
  bool whole = head(p, p->length) && raw_write(p->fd, p->body, p->length);
  text(p->fd, "HTTP/1.1 500 Oh\r\n\r\ngarbage");
  return whole;
}

static bool play_chunked_endless(const play *p) {
  double until = seconds() + p->ms * 1e-3;
  text(p->fd, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
  while (seconds() < until && text(p->fd, "400\r\n")) {
    char chunk[1024];
    memset(chunk, ' ', sizeof chunk);
    if (!raw_write(p->fd, chunk, sizeof chunk) || !text(p->fd, "\r\n")) break;
  }
  return false;
}

static bool play_chunked_broken(const play *p) {
  text(p->fd, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\nzz\r\n");
  return false;
}

static bool play_not_http(const play *p) {
  text(p->fd, "SSH-2.0-OpenSSH_9.2\r\n");
  return false;
}

static bool play_headers_many(const play *p) {
  text(p->fd, "HTTP/1.1 200 OK\r\n");
  for (int i = 0; i < 5000; i++)
    if (!text(p->fd, "x-a: b\r\n")) return false;
  text(p->fd, "Content-Length: 0\r\n\r\n");
  return false;
}

static bool play_headers_long(const play *p) {
  char part[1024];
  memset(part, 'a', sizeof part);
  text(p->fd, "HTTP/1.1 200 OK\r\nx-long: ");
  for (int i = 0; i < 90; i++)
    if (!raw_write(p->fd, part, sizeof part)) return false;
  text(p->fd, "\r\nContent-Length: 0\r\n\r\n");
  return false;
}

static bool play_interim_endless(const play *p) {
  double until = seconds() + p->ms * 1e-3;
  while (seconds() < until && text(p->fd, "HTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\n"))
    pause_ms(1);
  return false;
}

static bool play_body_huge(const play *p) {
  char part[65536];
  memset(part, ' ', sizeof part);
  head(p, (size_t)100 << 20);
  for (int i = 0; i < 1600; i++)
    if (!raw_write(p->fd, part, sizeof part)) break;
  return false;
}

static const struct {
  const char *name;
  bool (*play)(const play *);
} faults[] = {
    {"reset_before", play_reset_before},
    {"close_before", play_close_before},
    {"reset_middle", play_reset_middle},
    {"half_close", play_half_close},
    {"stall_before", play_stall_before},
    {"stall_headers", play_stall_headers},
    {"stall_body", play_stall_body},
    {"slow_loris", play_slow_loris},
    {"length_large", play_length_large},
    {"length_small", play_length_small},
    {"trailing_garbage", play_trailing_garbage},
    {"chunked_endless", play_chunked_endless},
    {"chunked_broken", play_chunked_broken},
    {"not_http", play_not_http},
    {"headers_many", play_headers_many},
    {"headers_long", play_headers_long},
    {"interim_endless", play_interim_endless},
    {"body_huge", play_body_huge},
};
enum { FAULTS = sizeof faults / sizeof faults[0] };

const char *const *raw_names(void) {
  static const char *names[FAULTS + 1];
  for (size_t i = 0; i < FAULTS; i++) names[i] = faults[i].name;
  return names;
}

bool raw_knows(const char *fault) {
  for (size_t i = 0; i < FAULTS; i++)
    if (!strcmp(fault, faults[i].name)) return true;
  return false;
}

bool raw_play(int fd, const char *fault, const char *body, size_t length, int ms) {
  const play p = {fd, ms, body, length};
  for (size_t i = 0; i < FAULTS; i++)
    if (!strcmp(fault, faults[i].name)) return faults[i].play(&p);
  return false;
}
