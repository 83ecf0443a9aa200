/* http.c - the handle: posting, starting, ending, cancelling requests. What happens inside
 * one request is in http_transfer.c, the loop that drives all in http_loop.c. */
#include <sys/resource.h>

#include "http_parts.h"

enum { STALL_BYTES = 64 };

/* ---- options ---- */

static void set_defaults(http_options *o) {
  if (!o->in_flight) o->in_flight = 1024;
  if (!o->connect_ms) o->connect_ms = 10 * 1000;
  if (!o->stall_ms) o->stall_ms = 60 * 1000;
  if (!o->total_ms) o->total_ms = 600 * 1000;
  if (!o->max_body) o->max_body = (uint64_t)8 << 20;
  if (!o->max_held) o->max_held = (uint64_t)1 << 30;
  if (!o->max_headers) o->max_headers = 128;
  if (!o->header_bytes) o->header_bytes = 64 << 10;
}

/* A connection is an open file; many systems start a process with 1,024 of them. */
static void raise_open_files(uint32_t in_flight) {
  struct rlimit files;
  rlim_t wanted = (rlim_t)in_flight + 512;
  if (getrlimit(RLIMIT_NOFILE, &files) != 0 || files.rlim_cur >= wanted) return;
  files.rlim_cur = MIN(wanted, files.rlim_max);
  setrlimit(RLIMIT_NOFILE, &files);
}

static gpointer init_curl(gpointer unused) {
  (void)unused;
  return GINT_TO_POINTER(curl_global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK);
}

clio_status http_new(const http_options *options, http **ret, error *e) {
  static GOnce once = G_ONCE_INIT;
  if (!g_once(&once, init_curl, NULL))
    return error_set(e, CLIO_E_UNSUPPORTED, "libcurl could not be started");
  http *h = g_new0(http, 1);
  if (options) h->o = *options;
  set_defaults(&h->o);
  const char *named = g_getenv("SSL_CERT_FILE");
  h->ca_file = g_strdup(h->o.ca_file || !named || !*named ? h->o.ca_file : named);
  h->o.ca_file = h->ca_file;
  h->epoll = h->wake = -1;
  g_mutex_init(&h->lock);
  h->idle = g_ptr_array_new();
  raise_open_files(h->o.in_flight);
  clio_status s = http_loop_init(h, e);
  if (s) {
    http_free(h);
    return s;
  }
  h->thread = g_thread_new("clio-http", http_loop, h);
  *ret = h;
  return CLIO_OK;
}

void http_free(http *h) {
  if (!h) return;
  if (h->thread) {
    g_mutex_lock(&h->lock);
    h->stop = true;
    g_mutex_unlock(&h->lock);
    http_wake(h);
    g_thread_join(h->thread);
  }
  for (guint i = 0; i < h->idle->len; i++) curl_easy_cleanup(h->idle->pdata[i]);
  g_ptr_array_unref(h->idle);
  http_loop_clear(h);
  g_queue_clear_full(&h->calls, g_free);
  g_mutex_clear(&h->lock);
  g_free(h->ca_file);
  g_free(h);
}

/* ---- one request's way through ---- */

uint64_t http_post(http *h, const http_request *request, http_done done, void *ctx) {
  transfer *t = transfer_new(h, request, done, ctx);
  g_mutex_lock(&h->lock);
  bool first = g_queue_is_empty(&h->inbox);
  uint64_t id = t->id = ++h->last_id;
  g_queue_push_tail_link(&h->inbox, &t->link);
  g_mutex_unlock(&h->lock);
  if (first && g_thread_self() != h->thread) http_wake(h);
  return id;
}

static transfer *take_posted(http *h) {
  g_mutex_lock(&h->lock);
  GList *link = g_queue_pop_head_link(&h->inbox);
  g_mutex_unlock(&h->lock);
  return link ? link->data : NULL;
}

/* The end of a transfer that curl holds or held; it is gone afterwards. */
static void finish(transfer *t, CURLcode code) {
  http *h = t->h;
  g_queue_unlink(&h->active, &t->link);
  transfer_report(t, code);
  if (t->easy) curl_multi_remove_handle(h->multi, t->easy);
  transfer_detach(t);
  transfer_free(t);
}

static void start(transfer *t) {
  http *h = t->h;
  g_queue_push_tail_link(&h->active, &t->link);
  if (t->refused[0]) {
    t->ends = HTTP_REFUSED;
    finish(t, CURLE_OK);
    return;
  }
  if (!transfer_prepare(t) || curl_multi_add_handle(h->multi, t->easy) != CURLM_OK) {
    t->ends = HTTP_UNSENT;
    t->ends_why = "libcurl has no room for another request";
    finish(t, CURLE_OUT_OF_MEMORY);
    return;
  }
  if (h->sweep_due < 0) h->sweep_due = http_now() + MAX(h->o.stall_ms / 4, 10);
}

void http_start_posted(http *h) {
  for (transfer *t = take_posted(h); t; t = take_posted(h)) start(t);
}

void http_reap(http *h) {
  int left = 0;
  for (CURLMsg *m = curl_multi_info_read(h->multi, &left); m;
       m = curl_multi_info_read(h->multi, &left)) {
    if (m->msg != CURLMSG_DONE) continue;
    transfer *t = NULL;
    curl_easy_getinfo(m->easy_handle, CURLINFO_PRIVATE, &t);
    finish(t, m->data.result);
  }
}

/* ---- ended by us ---- */

static void finish_as(transfer *t, uint32_t end, const char *why) {
  t->ends = end;
  t->ends_why = why;
  finish(t, CURLE_OK);
}

/* Waiting for the first line of an answer is no stall: the model thinks. */
static bool has_stalled(transfer *t, int64_t now) {
  uint64_t moved = t->given + t->received;
  bool sending = t->given > 0 && t->given < t->body_len;
  if (!sending && !t->begun) {
    t->marked_at = now;
    t->marked = moved;
    return false;
  }
  if (now - t->marked_at < t->h->o.stall_ms) return false;
  bool stalled = moved - t->marked < STALL_BYTES;
  t->marked_at = now;
  t->marked = moved;
  return stalled;
}

static transfer *first_ended(http *h) {
  for (GList *l = h->active.head; l; l = l->next) {
    transfer *t = l->data;
    if (t->ends) return t;
  }
  return NULL;
}

/* In two passes: a done function may end other transfers. */
void http_sweep(http *h, int64_t now) {
  for (GList *l = h->active.head; l; l = l->next) {
    transfer *t = l->data;
    if (!has_stalled(t, now)) continue;
    t->ends = HTTP_LOST;
    t->ends_why = t->begun ? "the answer has stalled" : "the server does not read the request";
  }
  for (transfer *t = first_ended(h); t; t = first_ended(h)) finish(t, CURLE_OK);
  h->sweep_due = g_queue_is_empty(&h->active) ? -1 : now + MAX(h->o.stall_ms / 4, 10);
}

static transfer *find(GQueue *queue, uint64_t id) {
  for (GList *l = queue->head; l; l = l->next)
    if (((transfer *)l->data)->id == id) return l->data;
  return NULL;
}

void http_cancel(http *h, uint64_t id) {
  transfer *t = find(&h->active, id);
  if (!t) {
    g_mutex_lock(&h->lock);
    t = find(&h->inbox, id);
    if (t) g_queue_unlink(&h->inbox, &t->link);
    g_mutex_unlock(&h->lock);
    if (t) g_queue_push_tail_link(&h->active, &t->link);
  }
  if (t) finish_as(t, HTTP_CANCELLED, "cancelled");
}

void http_cancel_all(http *h) {
  for (;;) {
    for (transfer *t = take_posted(h); t; t = take_posted(h))
      g_queue_push_tail_link(&h->active, &t->link);
    GList *first = h->active.head;
    if (!first) return;
    finish_as(first->data, HTTP_CANCELLED, "cancelled");
  }
}
