/* input.c - see input.h: which files, in which order, twice if need be. What
 * is inside one file is decode.c's, lines.c's and items.c's matter. */
#include "clio-build.h"

#include "input.h"

#include <errno.h>
#include <fcntl.h>
#include <glib.h>
#include <glob.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "items.h"
#include "text.h"

/* One file of the input. `held`: its blocks, kept for a second pass because it
 * cannot be read again. */
typedef struct input_file {
  char *path; /* NULL: standard input */
  char *name, *origin;
  bool is_member; /* number `member` of the zip archive at `path` */
  uint64_t member;
  bool again; /* can be opened and read again */
  bool hashed;
  uint64_t size; /* on disk; what was read, where that cannot be known */
  uint8_t digest[LINES_DIGEST_BYTES];
  GPtrArray *held;
} input_file;

struct input {
  input_options options;
  GPtrArray *files;
  guint at;     /* the file being read */
  lines *lines; /* of that file, or items; both NULL between files */
  items *items;
  guint replayed; /* held blocks of that file given out */
  uint64_t next_block, done;
  bool hold;
  bool again; /* this is not the first pass */
  bool complete;
  uint64_t held_bytes, run_decoded;
  char sha256[65];
};

const input_options input_default_options = {
    .memory_cap = 1 << 30,
    .record_max = 16 << 20,
    .caps = {.file_bytes = 4ull << 30, .run_bytes = 64ull << 30, .ratio = 200}};

static void file_free(gpointer p) {
  input_file *f = p;
  if (f->held) g_ptr_array_unref(f->held);
  g_free(f->path);
  g_free(f->name);
  g_free(f->origin);
  g_free(f);
}

static void block_free(gpointer p) { input_block_free(p); }

void input_block_free(input_block *b) {
  if (!b) return;
  g_free(b->bytes);
  g_free(b);
}

/* ---- which files ---- */

static input_file *new_file(input *in, const char *path, const char *name, const char *origin) {
  input_file *f = g_new0(input_file, 1);
  f->path = g_strdup(path);
  f->name = g_strdup(name);
  f->origin = g_strdup(origin);
  g_ptr_array_add(in->files, f);
  return f;
}

static clio_status add_archive(input *in, const char *path, const char *origin, error *e) {
  GPtrArray *members = NULL;
  clio_status s = archive_list(path, in->options.members, &members, e);
  if (s != CLIO_OK) return s;
  for (guint i = 0; i < members->len; i++) {
    const archive_member *m = members->pdata[i];
    g_autofree char *shown = text_for_terminal(m->name, (int64_t)strlen(m->name));
    g_autofree char *name = g_strdup_printf("%s: %s", path, shown);
    input_file *f = new_file(in, path, name, origin);
    f->is_member = f->again = true;
    f->member = m->index;
    f->size = m->packed;
  }
  g_ptr_array_unref(members);
  return CLIO_OK;
}

/* One file that is no folder; `origin`: what was asked for, the folder perhaps. */
static clio_status add_file(input *in, const char *path, const char *origin, error *e) {
  struct stat st;
  if (stat(path, &st) != 0 || access(path, R_OK) != 0)
    return error_errno(e, CLIO_E_IO, errno, "cannot open input %s", path);
  if (in->options.members && S_ISREG(st.st_mode) && archive_is_zip(path))
    return add_archive(in, path, origin, e);
  input_file *f = new_file(in, path, path, origin);
  f->again = S_ISREG(st.st_mode);
  f->size = f->again ? (uint64_t)st.st_size : 0;
  return CLIO_OK;
}

static gint by_bytes(gconstpointer a, gconstpointer b) {
  return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* The files of a folder that the source wants; folders in it are not entered. */
static clio_status add_folder(input *in, const char *path, error *e) {
  GDir *dir = g_dir_open(path, 0, NULL);
  if (!dir) return error_errno(e, CLIO_E_IO, errno, "cannot open input %s", path);
  GPtrArray *found = g_ptr_array_new_with_free_func(g_free);
  for (const char *name; (name = g_dir_read_name(dir));)
    if (archive_wants(name, in->options.members))
      g_ptr_array_add(found, g_build_filename(path, name, NULL));
  g_dir_close(dir);
  g_ptr_array_sort(found, by_bytes);
  clio_status s = CLIO_OK;
  for (guint i = 0; i < found->len && s == CLIO_OK; i++) s = add_file(in, found->pdata[i], path, e);
  g_autofree char *list = g_strjoinv(" or ", (char **)in->options.members);
  if (found->len == 0) s = error_set(e, CLIO_E_INPUT, "folder %s holds no %s", path, list);
  g_ptr_array_unref(found);
  return s;
}

static clio_status add_path(input *in, const char *path, error *e) {
  struct stat st;
  if (stat(path, &st) != 0 || !S_ISDIR(st.st_mode)) return add_file(in, path, path, e);
  if (in->options.members) return add_folder(in, path, e);
  return error_set(e, CLIO_E_INPUT,
                   "input %s is a folder; name its files, for example '%s%s*.jsonl'", path, path,
                   g_str_has_suffix(path, "/") ? "" : "/");
}

static void add_stdin(input *in) { new_file(in, NULL, "standard input", "standard input"); }

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
    s = add_path(in, found.gl_pathv[i], e);
  globfree(&found);
  return s;
}

/* A file whose very name holds a '*' is that file. */
static bool is_pattern(const char *spec) {
  struct stat st;
  return strpbrk(spec, "*?[") && stat(spec, &st) != 0;
}

clio_status input_open(const char *spec, const input_options *options, input **ret, error *e) {
  if (!*spec)
    return error_set(e, CLIO_E_INPUT, "the input's name is empty; give a file with -i FILE");
  input *in = g_new0(input, 1);
  in->files = g_ptr_array_new_with_free_func(file_free);
  in->options = *options;
  clio_status s = CLIO_OK;
  if (strcmp(spec, "-") == 0)
    add_stdin(in);
  else if (is_pattern(spec))
    s = add_glob(in, spec, e);
  else
    s = add_path(in, spec, e);
  if (s != CLIO_OK) {
    input_close(in);
    return s;
  }
  *ret = in;
  return CLIO_OK;
}

static void close_cutter(input *in) {
  lines_free(in->lines);
  items_free(in->items);
  in->lines = NULL;
  in->items = NULL;
}

void input_close(input *in) {
  if (!in) return;
  close_cutter(in);
  g_ptr_array_unref(in->files);
  g_free(in);
}

/* ---- reading ---- */

/* O_NONBLOCK: opening a FIFO does not wait for its writer; the decoder does,
 * and can be stopped. */
static clio_status open_decoder(input *in, const input_file *f, decoder **ret, error *e) {
  if (f->is_member) {
    archive *a = NULL;
    clio_status s = archive_open(f->path, f->member, f->name, &a, e);
    if (s != CLIO_OK) return s;
    return decode_new_member(a, f->name, &in->options.caps, &in->run_decoded, ret, e);
  }
  int fd = f->path ? open(f->path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK)
                   : fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 3);
  if (fd < 0) return error_errno(e, CLIO_E_IO, errno, "cannot open input %s", f->name);
  return decode_new(fd, f->name, &in->options.caps, &in->run_decoded, ret, e);
}

static clio_status open_file(input *in, input_file *f, error *e) {
  decoder *d = NULL;
  clio_status s = open_decoder(in, f, &d, e);
  if (s != CLIO_OK) return s;
  if (in->options.items)
    in->items = items_new(d, f->name, in->next_block, in->options.record_max);
  else
    in->lines = lines_new(d, f->name, in->next_block, in->options.record_max);
  return CLIO_OK;
}

static bool is_open(const input *in) { return in->lines || in->items; }

static uint64_t raw_bytes(const input *in) {
  return in->items ? items_raw_bytes(in->items) : lines_raw_bytes(in->lines);
}

static clio_status close_file(input *in, input_file *f, error *e) {
  uint8_t digest[LINES_DIGEST_BYTES];
  if (in->items)
    items_digest(in->items, digest);
  else
    lines_digest(in->lines, digest);
  in->next_block = in->items ? items_next_block(in->items) : lines_next_block(in->lines);
  in->done += raw_bytes(in);
  if (!f->again) f->size = raw_bytes(in);
  close_cutter(in);
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
  if (in->held_bytes > in->options.memory_cap)
    return error_set(e, CLIO_E_NOMEM,
                     "%s must be read twice and does not fit into the %" G_GUINT64_FORMAT
                     " MiB that may be held; write it to a file first, or raise --max-memory",
                     f->name, in->options.memory_cap >> 20);
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
  clio_status s = is_open(in) ? CLIO_OK : open_file(in, f, e);
  if (s == CLIO_OK) s = in->items ? items_next(in->items, ret, e) : lines_next(in->lines, ret, e);
  if (s != CLIO_OK) return s;
  if (!*ret) return close_file(in, f, e);
  (*ret)->origin = f->origin;
  (*ret)->again = in->again;
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
  close_cutter(in);
  in->at = in->replayed = 0;
  in->next_block = in->done = in->run_decoded = 0;
  in->again = true;
  return CLIO_OK;
}

const char *input_origin(const input *in, size_t i) {
  const input_file *f = in->files->pdata[i];
  return in->options.members ? f->origin : NULL;
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
  *ret_done = in->done + (is_open(in) ? raw_bytes(in) : 0);
  *ret_total = known ? total : 0;
}
