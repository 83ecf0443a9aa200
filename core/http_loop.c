/* http_loop.c - the thread that moves the bytes: epoll over curl's sockets and a wake-up
 * descriptor, curl's timer, our own timers, functions that others want run here. */
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "http_parts.h"

enum { EVENTS = 256, LONGEST_WAIT = 60000 };

int64_t http_now(void) { return g_get_monotonic_time() / 1000; }

void http_wake(http *h) {
  const uint64_t one = 1;
  while (write(h->wake, &one, sizeof one) < 0 && errno == EINTR) {
  }
}

/* ---- what curl asks of a loop ---- */

/* `known` is set once the socket is in the epoll set. */
static int on_socket(CURL *easy, curl_socket_t fd, int what, void *ctx, void *known) {
  (void)easy;
  http *h = ctx;
  struct epoll_event ev = {.data.fd = fd};
  if (what == CURL_POLL_REMOVE) {
    epoll_ctl(h->epoll, EPOLL_CTL_DEL, fd, &ev);
    return 0;
  }
  ev.events = (what & CURL_POLL_IN ? (uint32_t)EPOLLIN : 0) |
              (what & CURL_POLL_OUT ? (uint32_t)EPOLLOUT : 0);
  if (epoll_ctl(h->epoll, known ? EPOLL_CTL_MOD : EPOLL_CTL_ADD, fd, &ev) != 0)
    epoll_ctl(h->epoll, known ? EPOLL_CTL_ADD : EPOLL_CTL_MOD, fd, &ev);
  if (!known) curl_multi_assign(h->multi, fd, h);
  return 0;
}

static int on_timer(CURLM *multi, long ms, void *ctx) {
  (void)multi;
  http *h = ctx;
  h->curl_due = ms < 0 ? -1 : http_now() + ms;
  return 0;
}

static void feed_curl(http *h, curl_socket_t fd, uint32_t events) {
  int running = 0, mask = 0;
  if (events & (EPOLLIN | EPOLLHUP | EPOLLERR)) mask |= CURL_CSELECT_IN;
  if (events & EPOLLOUT) mask |= CURL_CSELECT_OUT;
  curl_multi_socket_action(h->multi, fd, mask, &running);
}

static void run_curl_timer(http *h) {
  int running = 0;
  if (h->curl_due < 0 || h->curl_due > http_now()) return;
  h->curl_due = -1;
  curl_multi_socket_action(h->multi, CURL_SOCKET_TIMEOUT, 0, &running);
}

/* ---- timers and calls ---- */

static gint by_due(gconstpointer a, gconstpointer b, gpointer unused) {
  (void)unused;
  const waiter *x = a, *y = b;
  if (x->due != y->due) return x->due < y->due ? -1 : 1;
  return (x->id > y->id) - (x->id < y->id);
}

static uint64_t next_id(http *h) {
  g_mutex_lock(&h->lock);
  uint64_t id = ++h->last_id;
  g_mutex_unlock(&h->lock);
  return id;
}

uint64_t http_after(http *h, int64_t ms, http_fn fn, void *ctx) {
  waiter *w = g_new(waiter, 1);
  *w = (waiter){.due = http_now() + MAX(ms, 0), .id = next_id(h), .fn = fn, .ctx = ctx};
  g_sequence_insert_sorted(h->timers, w, by_due, NULL);
  return w->id;
}

void http_forget(http *h, uint64_t id) {
  GSequenceIter *i = g_sequence_get_begin_iter(h->timers);
  for (; !g_sequence_iter_is_end(i); i = g_sequence_iter_next(i)) {
    const waiter *w = g_sequence_get(i);
    if (w->id != id) continue;
    g_sequence_remove(i);
    return;
  }
}

void http_call(http *h, http_fn fn, void *ctx) {
  waiter *w = g_new(waiter, 1);
  *w = (waiter){.fn = fn, .ctx = ctx};
  g_mutex_lock(&h->lock);
  bool first = g_queue_is_empty(&h->calls);
  g_queue_push_tail(&h->calls, w);
  g_mutex_unlock(&h->lock);
  if (first) http_wake(h);
}

static waiter *take_call(http *h) {
  g_mutex_lock(&h->lock);
  waiter *w = g_queue_pop_head(&h->calls);
  g_mutex_unlock(&h->lock);
  return w;
}

/* Those that were there when it began: a function that calls for itself again does not
 * keep the sockets waiting. */
static void run_calls(http *h) {
  g_mutex_lock(&h->lock);
  guint n = g_queue_get_length(&h->calls);
  g_mutex_unlock(&h->lock);
  for (; n > 0; n--) {
    waiter *w = take_call(h);
    w->fn(w->ctx);
    g_free(w);
  }
}

static waiter *first_timer(http *h) {
  GSequenceIter *i = g_sequence_get_begin_iter(h->timers);
  return g_sequence_iter_is_end(i) ? NULL : g_sequence_get(i);
}

static void run_timers(http *h) {
  int64_t now = http_now();
  for (waiter *w = first_timer(h); w && w->due <= now; w = first_timer(h)) {
    waiter due = *w;
    g_sequence_remove(g_sequence_get_begin_iter(h->timers));
    due.fn(due.ctx);
  }
}

/* ---- the loop ---- */

static int64_t earlier(int64_t a, int64_t b) { return b >= 0 && b < a ? b : a; }

static int wait_ms(http *h) {
  int64_t now = http_now(), until = now + LONGEST_WAIT;
  const waiter *w = first_timer(h);
  until = earlier(until, h->curl_due);
  until = earlier(until, h->sweep_due);
  if (w) until = earlier(until, w->due);
  g_mutex_lock(&h->lock);
  bool busy = h->stop || !g_queue_is_empty(&h->inbox) || !g_queue_is_empty(&h->calls);
  g_mutex_unlock(&h->lock);
  return busy ? 0 : (int)MAX(until - now, 0);
}

static bool is_stopped(http *h) {
  g_mutex_lock(&h->lock);
  bool stop = h->stop;
  g_mutex_unlock(&h->lock);
  return stop;
}

static void drain_wake(http *h) {
  uint64_t count;
  while (read(h->wake, &count, sizeof count) < 0 && errno == EINTR) {
  }
}

static void step(http *h) {
  struct epoll_event events[EVENTS];
  int n = epoll_wait(h->epoll, events, EVENTS, wait_ms(h));
  for (int i = 0; i < n; i++) {
    if (events[i].data.fd == h->wake)
      drain_wake(h);
    else
      feed_curl(h, events[i].data.fd, events[i].events);
  }
  run_curl_timer(h);
  http_reap(h);
  if (h->sweep_due >= 0 && h->sweep_due <= http_now()) http_sweep(h, http_now());
  run_timers(h);
  run_calls(h);
  http_start_posted(h);
}

/* Signals are for the other threads; a broken pipe is an error code here. */
void *http_loop(void *ctx) {
  http *h = ctx;
  sigset_t all;
  sigfillset(&all);
  pthread_sigmask(SIG_BLOCK, &all, NULL);
  while (!is_stopped(h)) step(h);
  http_cancel_all(h);
  return NULL;
}

/* ---- making and freeing ---- */

static void set_up_multi(http *h) {
  long connections = (long)h->o.in_flight + 16;
  curl_multi_setopt(h->multi, CURLMOPT_SOCKETFUNCTION, on_socket);
  curl_multi_setopt(h->multi, CURLMOPT_SOCKETDATA, h);
  curl_multi_setopt(h->multi, CURLMOPT_TIMERFUNCTION, on_timer);
  curl_multi_setopt(h->multi, CURLMOPT_TIMERDATA, h);
  curl_multi_setopt(h->multi, CURLMOPT_MAXCONNECTS, connections);
  /* Below what is in flight, libcurl opens a connection for nearly every request more. */
  curl_multi_setopt(h->multi, CURLMOPT_MAX_CONCURRENT_STREAMS, MAX(connections, 100L));
  curl_multi_setopt(h->multi, CURLMOPT_PIPELINING,
                    h->o.http2 ? (long)CURLPIPE_MULTIPLEX : (long)CURLPIPE_NOTHING);
}

clio_status http_loop_init(http *h, error *e) {
  h->curl_due = h->sweep_due = -1;
  h->timers = g_sequence_new(g_free);
  h->epoll = epoll_create1(EPOLL_CLOEXEC);
  h->wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  if (h->epoll < 0 || h->wake < 0)
    return error_errno(e, CLIO_E_IO, errno, "the loop for model requests could not be made");
  struct epoll_event ev = {.events = EPOLLIN, .data.fd = h->wake};
  epoll_ctl(h->epoll, EPOLL_CTL_ADD, h->wake, &ev);
  h->multi = curl_multi_init();
  if (!h->multi) return error_set(e, CLIO_E_NOMEM, "libcurl could not be set up");
  set_up_multi(h);
  return CLIO_OK;
}

void http_loop_clear(http *h) {
  if (h->multi) curl_multi_cleanup(h->multi);
  if (h->timers) g_sequence_free(h->timers);
  if (h->epoll >= 0) close(h->epoll);
  if (h->wake >= 0) close(h->wake);
}
