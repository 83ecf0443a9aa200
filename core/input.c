/* input.c - see input.h: which files, in which order, twice if need be. What
 * is inside one file is lines.c's and decode.c's matter. */
#include "clio-build.h"

#include "input.h"

#include <errno.h>
#include <fcntl.h>
#include <glib.h>
#include <glob.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lines.h"

/* One file of the input. `held`: its blocks, kept for a second pass because it
 * cannot be read again. */
typedef struct input_file {
  char *path; /* NULL: standard input */
  const char *name;
  bool again; /* can be opened and read again */
  bool hashed;
  uint64_t size; /* on disk; what was read, where that cannot be known */
  uint8_t digest[LINES_DIGEST_BYTES];
  GPtrArray *held;
} input_file;

struct input {
  GPtrArray *files;
  guint at;       /* the file being read */
  lines *lines;   /* of that file; NULL between files */
  guint replayed; /* held blocks of that file given out */
  uint64_t next_block, done;
  bool hold;
  bool again; /* this is not the first pass */
  bool complete;
  uint64_t held_bytes, memory_cap, run_decoded;
  char sha256[65];
};

static void file_free(gpointer p) {
  input_file *f = p;
  if (f->held) g_ptr_array_unref(f->held);
  g_free(f->path);
  g_free(f);
}

static void block_free(gpointer p) { input_block_free(p); }

void input_block_free(input_block *b) {
  if (!b) return;
  g_free(b->bytes);
  g_free(b);
}

/* ---- which files ---- */

static clio_status add_file(input *in, const char *path, error *e) {
  struct stat st;
  if (stat(path, &st) != 0) return error_errno(e, CLIO_E_IO, errno, "cannot open input %s", path);
  if (S_ISDIR(st.st_mode))
    return error_set(e, CLIO_E_INPUT,
                     "input %s is a folder; name its files, for example '%s%s*.jsonl'", path, path,
                     g_str_has_suffix(path, "/") ? "" : "/");
  if (access(path, R_OK) != 0)
    return error_errno(e, CLIO_E_IO, errno, "cannot open input %s", path);
  input_file *f = g_new0(input_file, 1);
  f->path = g_strdup(path);
  f->name = f->path;
  f->again = S_ISREG(st.st_mode);
  f->size = f->again ? (uint64_t)st.st_size : 0;
  g_ptr_array_add(in->files, f);
  return CLIO_OK;
}

static void add_stdin(input *in) {
  input_file *f = g_new0(input_file, 1);
  f->name = "standard input";
  g_ptr_array_add(in->files, f);
}

static gint by_bytes(gconstpointer a, gconstpointer b) {
  return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* Not in the locale's order: the order of files numbers the blocks. */
static clio_status add_glob(input *in, const char *pattern, error *e) {
  glob_t found;
  int r = glob(pattern, GLOB_NOSORT, NULL, &found);
  if (r == GLOB_NOMATCH) return error_set(e, CLIO_E_IO, "no file matches input %s", pattern);
  if (r != 0)
    return error_set(e, r == GLOB_NOSPACE ? CLIO_E_NOMEM : CLIO_E_IO, "cannot look up input %s: %s",
                     pattern, r == GLOB_NOSPACE ? "out of memory" : "a folder cannot be read");
  qsort(found.gl_pathv, found.gl_pathc, sizeof *found.gl_pathv, by_bytes);
  clio_status s = CLIO_OK;
  for (size_t i = 0; i < found.gl_pathc && s == CLIO_OK; i++)
    s = add_file(in, found.gl_pathv[i], e);
  globfree(&found);
  return s;
}

/* A file whose very name holds a '*' is that file. */
static bool is_pattern(const char *spec) {
  struct stat st;
  return strpbrk(spec, "*?[") && stat(spec, &st) != 0;
}

clio_status input_open(const char *spec, uint64_t memory_cap, input **ret, error *e) {
  if (!*spec)
    return error_set(e, CLIO_E_INPUT, "the input's name is empty; give a file with -i FILE");
  input *in = g_new0(input, 1);
  in->files = g_ptr_array_new_with_free_func(file_free);
  in->memory_cap = memory_cap;
  clio_status s = CLIO_OK;
  if (strcmp(spec, "-") == 0)
    add_stdin(in);
  else if (is_pattern(spec))
    s = add_glob(in, spec, e);
  else
    s = add_file(in, spec, e);
  if (s != CLIO_OK) {
    input_close(in);
    return s;
  }
  *ret = in;
  return CLIO_OK;
}

void input_close(input *in) {
  if (!in) return;
  lines_free(in->lines);
  g_ptr_array_unref(in->files);
  g_free(in);
}

/* ---- reading ---- */

static clio_status open_file(input *in, input_file *f, error *e) {
  int fd = f->path ? open(f->path, O_RDONLY | O_CLOEXEC | O_NOCTTY)
                   : fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 3);
  if (fd < 0) return error_errno(e, CLIO_E_IO, errno, "cannot open input %s", f->name);
  decoder *d = NULL;
  clio_status s = decode_new(fd, f->name, &decode_default_caps, &in->run_decoded, &d, e);
  if (s != CLIO_OK) return s;
  in->lines = lines_new(d, f->name, in->next_block);
  return CLIO_OK;
}

static clio_status close_file(input *in, input_file *f, error *e) {
  uint8_t digest[LINES_DIGEST_BYTES];
  lines_digest(in->lines, digest);
  in->next_block = lines_next_block(in->lines);
  in->done += lines_raw_bytes(in->lines);
  if (!f->again) f->size = lines_raw_bytes(in->lines);
  lines_free(in->lines);
  in->lines = NULL;
  in->at++;
  if (f->hashed && memcmp(f->digest, digest, sizeof digest) != 0)
    return error_set(e, CLIO_E_INPUT,
                     "input %s changed between the first and the second reading; run again when "
                     "nothing writes to it",
                     f->name);
  memcpy(f->digest, digest, sizeof digest);
  f->hashed = true;
  return CLIO_OK;
}

/* Keeps a copy of a block that cannot be read again. */
static clio_status hold_block(input *in, input_file *f, const input_block *b, error *e) {
  in->held_bytes += sizeof *b + b->length;
  if (in->held_bytes > in->memory_cap)
    return error_set(e, CLIO_E_NOMEM,
                     "%s must be read twice and does not fit into the %" G_GUINT64_FORMAT
                     " MiB that may be held; write it to a file first, or raise --max-memory",
                     f->name, in->memory_cap >> 20);
  input_block *copy = g_memdup2(b, sizeof *b);
  copy->bytes = g_try_malloc(b->length + 1);
  if (!copy->bytes) {
    g_free(copy);
    return error_set(e, CLIO_E_NOMEM, "no memory to hold %s for its second reading", f->name);
  }
  memcpy(copy->bytes, b->bytes, b->length);
  if (!f->held) f->held = g_ptr_array_new_with_free_func(block_free);
  g_ptr_array_add(f->held, copy);
  return CLIO_OK;
}

/* The next block of an open file; *ret = NULL: the file has ended. */
static clio_status read_block(input *in, input_file *f, input_block **ret, error *e) {
  clio_status s = in->lines ? CLIO_OK : open_file(in, f, e);
  if (s == CLIO_OK) s = lines_next(in->lines, ret, e);
  if (s != CLIO_OK) return s;
  if (!*ret) return close_file(in, f, e);
  if (f->again || !in->hold) return CLIO_OK;
  s = hold_block(in, f, *ret, e);
  if (s == CLIO_OK) return CLIO_OK;
  input_block_free(*ret);
  *ret = NULL;
  return s;
}

/* The same from memory, in a second pass. */
static clio_status replay_block(input *in, input_file *f, input_block **ret, error *e) {
  if (!f->held || in->replayed == f->held->len) {
    in->at++;
    in->replayed = 0;
    in->done += f->size;
    return CLIO_OK;
  }
  const input_block *b = f->held->pdata[in->replayed++];
  input_block *copy = g_memdup2(b, sizeof *b);
  copy->bytes = g_try_malloc(b->length + 1);
  if (!copy->bytes) {
    g_free(copy);
    return error_set(e, CLIO_E_NOMEM, "no memory to read %s again", f->name);
  }
  memcpy(copy->bytes, b->bytes, b->length);
  *ret = copy;
  return CLIO_OK;
}

/* One file: its digest, which is what sha256sum prints of a plain file.
 * Several: the digest of their digests, so that borders count. */
static void finish_hash(input *in) {
  in->complete = true;
  GChecksum *all = g_checksum_new(G_CHECKSUM_SHA256);
  for (guint i = 0; i < in->files->len; i++) {
    const input_file *f = in->files->pdata[i];
    g_checksum_update(all, f->digest, sizeof f->digest);
  }
  g_strlcpy(in->sha256, g_checksum_get_string(all), sizeof in->sha256);
  g_checksum_free(all);
  if (in->files->len != 1) return;
  const input_file *only = in->files->pdata[0];
  for (size_t i = 0; i < sizeof only->digest; i++)
    g_snprintf(in->sha256 + 2 * i, 3, "%02x", only->digest[i]);
}

clio_status input_next(input *in, input_block **ret, error *e) {
  *ret = NULL;
  while (in->at < in->files->len) {
    input_file *f = in->files->pdata[in->at];
    clio_status s =
        in->again && !f->again ? replay_block(in, f, ret, e) : read_block(in, f, ret, e);
    if (s != CLIO_OK || *ret) return s;
  }
  if (!in->complete) finish_hash(in);
  return CLIO_OK;
}

void input_hold(input *in) { in->hold = true; }

clio_status input_rewind(input *in, error *e) {
  for (guint i = 0; i < in->files->len; i++) {
    const input_file *f = in->files->pdata[i];
    if (!f->again && !(in->hold && in->complete))
      return error_set(e, CLIO_E_UNSUPPORTED, "%s cannot be read twice; write it to a file first",
                       f->name);
  }
  lines_free(in->lines);
  in->lines = NULL;
  in->at = in->replayed = 0;
  in->next_block = in->done = in->run_decoded = 0;
  in->again = true;
  return CLIO_OK;
}

size_t input_files(const input *in) { return in->files->len; }

const char *input_path(const input *in, size_t i) {
  const input_file *f = in->files->pdata[i];
  return f->again ? f->path : NULL;
}

const char *input_sha256(const input *in) { return in->complete ? in->sha256 : NULL; }

void input_progress(const input *in, uint64_t *ret_done, uint64_t *ret_total) {
  uint64_t total = 0;
  bool known = true;
  for (guint i = 0; i < in->files->len; i++) {
    const input_file *f = in->files->pdata[i];
    total += f->size;
    known = known && (f->again || f->hashed);
  }
  *ret_done = in->done + (in->lines ? lines_raw_bytes(in->lines) : 0);
  *ret_total = known ? total : 0;
}
