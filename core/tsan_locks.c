/* tsan_locks.c - GLib's locks as ThreadSanitizer can see them.
 *
 * GLib builds its mutexes on futexes of its own, which ThreadSanitizer does not know: every access
 * under a GMutex would be reported as a race. In a build with --enable-sanitize=thread these
 * functions take the place of GLib's for our own code (a program's symbols come before a library's)
 * and stand on pthreads. In every other build this file is empty. */
#if defined(__SANITIZE_THREAD__)
#include <errno.h>
#include <glib.h>
#include <pthread.h>
#include <stdlib.h>
#include <time.h>

static pthread_mutex_t making = PTHREAD_MUTEX_INITIALIZER;

/* What stands behind a zeroed GMutex or GCond: made at its first use. */
static void *behind(gpointer *place, size_t size, void (*init)(void *)) {
  void *p = __atomic_load_n(place, __ATOMIC_ACQUIRE);
  if (p) return p;
  pthread_mutex_lock(&making);
  p = __atomic_load_n(place, __ATOMIC_ACQUIRE);
  if (!p) {
    p = malloc(size);
    if (!p) abort();
    init(p);
    __atomic_store_n(place, p, __ATOMIC_RELEASE);
  }
  pthread_mutex_unlock(&making);
  return p;
}

static void init_mutex(void *p) { pthread_mutex_init(p, NULL); }

static void init_cond(void *p) {
  pthread_condattr_t monotonic;
  pthread_condattr_init(&monotonic);
  pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
  pthread_cond_init(p, &monotonic);
  pthread_condattr_destroy(&monotonic);
}

static pthread_mutex_t *mutex_of(GMutex *m) {
  return behind((gpointer *)m, sizeof(pthread_mutex_t), init_mutex);
}

static pthread_cond_t *cond_of(GCond *c) {
  return behind((gpointer *)c, sizeof(pthread_cond_t), init_cond);
}

static void clear(gpointer *place, int (*destroy)(void *)) {
  void *p = *place;
  if (p) destroy(p);
  free(p);
  *place = NULL;
}

static int destroy_mutex(void *p) { return pthread_mutex_destroy(p); }
static int destroy_cond(void *p) { return pthread_cond_destroy(p); }

void g_mutex_init(GMutex *m) { *(gpointer *)m = NULL; }
void g_mutex_clear(GMutex *m) { clear((gpointer *)m, destroy_mutex); }
void g_mutex_lock(GMutex *m) { pthread_mutex_lock(mutex_of(m)); }
void g_mutex_unlock(GMutex *m) { pthread_mutex_unlock(mutex_of(m)); }
void g_cond_init(GCond *c) { *(gpointer *)c = NULL; }
void g_cond_clear(GCond *c) { clear((gpointer *)c, destroy_cond); }
void g_cond_wait(GCond *c, GMutex *m) { pthread_cond_wait(cond_of(c), mutex_of(m)); }
void g_cond_signal(GCond *c) { pthread_cond_signal(cond_of(c)); }
void g_cond_broadcast(GCond *c) { pthread_cond_broadcast(cond_of(c)); }

gboolean g_cond_wait_until(GCond *c, GMutex *m, gint64 end) {
  struct timespec at = {.tv_sec = end / G_USEC_PER_SEC, .tv_nsec = end % G_USEC_PER_SEC * 1000};
  return pthread_cond_timedwait(cond_of(c), mutex_of(m), &at) != ETIMEDOUT;
}

static pthread_mutex_t once_lock = PTHREAD_MUTEX_INITIALIZER;

/* One after the other, which is enough for a test. */
gpointer g_once_impl(GOnce *once, GThreadFunc fn, gpointer arg) {
  static __thread int depth;
  if (depth++ == 0) pthread_mutex_lock(&once_lock);
  if (g_atomic_int_get(&once->status) != G_ONCE_STATUS_READY) {
    once->retval = fn(arg);
    g_atomic_int_set(&once->status, G_ONCE_STATUS_READY);
  }
  if (--depth == 0) pthread_mutex_unlock(&once_lock);
  return once->retval;
}
#else
typedef int clio_no_tsan; /* a file of C holds something */
#endif
