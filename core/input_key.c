/* input_key.c - see input_key.h. */
#include "input_key.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "sha256.h"
#include "store.h"

enum { CHUNK = 1 << 20, SETTLED_SECONDS = 2 };

struct input_key {
  GPtrArray *paths, *stamps; /* char* */
  char text[SHA256_HEX];
};

/* What stat says of a file; a change of it that keeps all of these is not seen. */
static char *stamp_of(const struct stat *st) {
  return g_strdup_printf("%lld %lld.%09ld %lld.%09ld %llu %llu", (long long)st->st_size,
                         (long long)st->st_mtim.tv_sec, st->st_mtim.tv_nsec,
                         (long long)st->st_ctim.tv_sec, st->st_ctim.tv_nsec,
                         (unsigned long long)st->st_ino, (unsigned long long)st->st_dev);
}

/* A file written just now may change again within the same tick of its clock. */
static bool is_settled(const struct stat *st) {
  gint64 now = g_get_real_time() / G_USEC_PER_SEC;
  return st->st_mtim.tv_sec + SETTLED_SECONDS < now && st->st_ctim.tv_sec + SETTLED_SECONDS < now;
}

static clio_status hash_open(run *r, int fd, const char *path, uint64_t size, char ret[SHA256_HEX],
                             error *e) {
  g_autofree char *chunk = g_malloc(CHUNK);
  const run_stage *source = &r->stages[r->f->source];
  sha256_sum sum;
  sha256_begin(&sum);
  for (uint64_t done = 0;;) {
    if (run_is_cancelled(r)) return error_set(e, CLIO_E_CANCELLED, "stopped");
    ssize_t n = read(fd, chunk, CHUNK);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return error_errno(e, CLIO_E_IO, errno, "cannot read input %s", path);
    if (!n) break;
    sha256_add(&sum, chunk, (size_t)n);
    done += (uint64_t)n;
    run_progress(r, source, done, size);
  }
  sha256_end_hex(&sum, ret);
  return CLIO_OK;
}

static clio_status hash_file(run *r, const char *path, struct stat *ret_st, char ret[SHA256_HEX],
                             error *e) {
  int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
  if (fd < 0 || fstat(fd, ret_st) != 0) {
    int code = errno;
    if (fd >= 0) close(fd);
    return error_errno(e, CLIO_E_IO, code, "cannot open input %s", path);
  }
  g_autofree char *stamp = stamp_of(ret_st);
  g_autofree char *known = store_known_file(r->store, path, stamp);
  clio_status s = CLIO_OK;
  if (known && strlen(known) == SHA256_HEX - 1)
    memcpy(ret, known, SHA256_HEX);
  else
    s = hash_open(r, fd, path, (uint64_t)ret_st->st_size, ret, e);
  if (s == CLIO_OK && !known && is_settled(ret_st)) store_know_file(r->store, path, stamp, ret);
  close(fd);
  return s;
}

static clio_status add_file(run *r, input_key *k, size_t number, sha256_sum *all, error *e) {
  const char *path = input_path(r->input, number), *origin = input_origin(r->input, number);
  struct stat st;
  char hex[SHA256_HEX];
  g_autofree char *whole = g_canonicalize_filename(path, NULL);
  clio_status s = hash_file(r, whole, &st, hex, e);
  if (s != CLIO_OK) return s;
  sha256_add(all, hex, sizeof hex);
  if (origin) sha256_add(all, origin, strlen(origin) + 1);
  g_ptr_array_add(k->paths, g_strdup(whole));
  g_ptr_array_add(k->stamps, stamp_of(&st));
  return CLIO_OK;
}

clio_status input_key_new(run *r, input_key **ret, error *e) {
  *ret = NULL;
  for (size_t i = 0; i < input_files(r->input); i++)
    if (!input_path(r->input, i)) return CLIO_OK;
  input_key *k = g_new0(input_key, 1);
  k->paths = g_ptr_array_new_with_free_func(g_free);
  k->stamps = g_ptr_array_new_with_free_func(g_free);
  sha256_sum all;
  sha256_begin(&all);
  clio_status s = CLIO_OK;
  for (size_t i = 0; i < input_files(r->input) && s == CLIO_OK; i++) s = add_file(r, k, i, &all, e);
  sha256_end_hex(&all, k->text);
  if (s == CLIO_OK)
    *ret = k;
  else
    input_key_free(k);
  return s;
}

void input_key_free(input_key *k) {
  if (!k) return;
  g_ptr_array_free(k->paths, TRUE);
  g_ptr_array_free(k->stamps, TRUE);
  g_free(k);
}

const char *input_key_text(const input_key *k) { return k->text; }

clio_status input_key_check(const input_key *k, error *e) {
  for (guint i = 0; i < k->paths->len; i++) {
    struct stat st;
    const char *path = k->paths->pdata[i];
    if (stat(path, &st) != 0)
      return error_errno(e, CLIO_E_IO, errno, "cannot look at input %s again", path);
    g_autofree char *stamp = stamp_of(&st);
    if (strcmp(stamp, k->stamps->pdata[i]) != 0)
      return error_set(e, CLIO_E_INPUT,
                       "input %s changed while it was read; run again when nothing writes to it",
                       path);
  }
  return CLIO_OK;
}
