/* output.c - files that are committed together; see output.h. */
#include "output.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "util.h"

typedef struct output_file {
  char *name;
  FILE *file;
} output_file;

struct output {
  char *out, *dir, *temporary;
  graph_mode mode;
  GArray *files; /* output_file */
  GMutex lock;
};

static void clear_file(void *p) {
  output_file *f = p;
  if (f->file) fclose(f->file);
  g_free(f->name);
}

static clio_status refuse_other_modes(const char *out, graph_mode mode, error *e) {
  for (int m = GRAPH_RELEASE; m <= GRAPH_RESTRICTED; m++) {
    if (m == (int)mode) continue;
    char *other = g_build_filename(out, graph_mode_name((graph_mode)m), NULL);
    bool there = g_file_test(other, G_FILE_TEST_EXISTS);
    g_free(other);
    if (there)
      return error_set(e, CLIO_E_PRIVACY,
                       "%s holds the output of a %s run; a %s run needs a "
                       "folder of its own: choose another -o",
                       out, graph_mode_name((graph_mode)m), graph_mode_name(mode));
  }
  return CLIO_OK;
}

/* Where the names of all files stand that runs have put into place here. */
static char *written_path(const output *o) {
  return g_build_filename(o->out, "private", "results", NULL);
}

static char **written_before(const output *o) {
  g_autofree char *path = written_path(o), *text = NULL;
  if (!g_file_get_contents(path, &text, NULL, NULL)) return g_new0(char *, 1);
  return g_strsplit(text, "\n", -1);
}

/* The files that a run may have left there and may replace; bundled reports' are known
 * also where private/ has been purged. */
static bool is_ours(const char *name, const char *const *written) {
  static const char *const bundled[] = {
      "clusters.json",   "clusters.csv",    "facets.csv",  "findings.json",
      "evaluation.json", "evaluation.html", "report.html", "traces.jsonl",
      "report.md",       "report.sqlite",   NULL};
  return g_strv_contains(bundled, name) || g_strv_contains(written, name);
}

/* Adds this run's names, before any of them is in place. */
static clio_status note_written(const output *o, error *e) {
  g_autofree char *path = written_path(o);
  g_auto(GStrv) before = written_before(o);
  g_autoptr(GString) text = g_string_new(NULL);
  for (char **name = before; *name; name++)
    if (**name) g_string_append_printf(text, "%s\n", *name);
  for (guint i = 0; i < o->files->len; i++) {
    const char *name = g_array_index(o->files, output_file, i).name;
    if (!g_strv_contains((const char *const *)before, name))
      g_string_append_printf(text, "%s\n", name);
  }
  return write_file(path, text->str, text->len, 0600, e);
}

/* The folder is replaced whole: what somebody else put there must not go. */
static clio_status refuse_foreign_files(const output *o, error *e) {
  GDir *dir = g_dir_open(o->dir, 0, NULL);
  g_auto(GStrv) written = written_before(o);
  clio_status r = CLIO_OK;
  for (const char *name; dir && r == CLIO_OK && (name = g_dir_read_name(dir));)
    if (!is_ours(name, (const char *const *)written))
      r = error_set(e, CLIO_E_IO,
                    "%s holds %s, which no run wrote, and the folder is replaced whole; move it "
                    "away, or choose another -o",
                    o->dir, name);
  if (dir) g_dir_close(dir);
  return r;
}

clio_status output_new(const char *out, graph_mode mode, output **ret, error *e) {
  clio_status r = refuse_other_modes(out, mode, e);
  if (r != CLIO_OK) return r;
  output *o = g_new0(output, 1);
  o->out = g_strdup(out);
  o->mode = mode;
  o->dir = g_build_filename(out, graph_mode_name(mode), NULL);
  o->temporary = g_build_filename(out, "private", "release.tmp", NULL);
  o->files = g_array_new(FALSE, TRUE, sizeof(output_file));
  g_array_set_clear_func(o->files, clear_file);
  g_mutex_init(&o->lock);
  r = refuse_foreign_files(o, e);
  if (r == CLIO_OK) r = remove_tree(o->temporary, e);
  if (r == CLIO_OK) r = make_dir(o->temporary, 0700, e);
  if (r == CLIO_OK)
    *ret = o;
  else
    output_free(o);
  return r;
}

void output_free(output *o) {
  if (!o) return;
  g_array_free(o->files, TRUE);
  error ignored = {0};
  remove_tree(o->temporary, &ignored);
  g_mutex_clear(&o->lock);
  g_free(o->out);
  g_free(o->dir);
  g_free(o->temporary);
  g_free(o);
}

const char *output_dir(const output *o) { return o->dir; }

static bool is_plain_name(const char *name) {
  if (!name || !*name || *name == '.' || strlen(name) > 100) return false;
  return strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789._-") == strlen(name);
}

static bool is_taken(const output *o, const char *name) {
  for (guint i = 0; i < o->files->len; i++)
    if (!strcmp(g_array_index(o->files, output_file, i).name, name)) return true;
  return false;
}

static clio_status open_locked(output *o, const char *name, uint32_t *ret_file, error *e) {
  if (!is_plain_name(name))
    return error_set(e, CLIO_E_INTERNAL,
                     "an output file's name is made of a-z, 0-9, '.', '_' and "
                     "'-', and holds no folder");
  if (is_taken(o, name))
    return error_set(e, CLIO_E_CONFIG, "two reports write %s; give one of them another name", name);
  char *path = g_build_filename(o->temporary, name, NULL);
  int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC,
                o->mode == GRAPH_RESTRICTED ? 0600 : 0644);
  output_file f = {.name = g_strdup(name), .file = fd < 0 ? NULL : fdopen(fd, "w")};
  clio_status r = CLIO_OK;
  if (f.file) {
    *ret_file = o->files->len;
    g_array_append_val(o->files, f);
  } else {
    r = error_errno(e, CLIO_E_IO, errno, "cannot create %s", path);
    g_free(f.name);
  }
  g_free(path);
  return r;
}

clio_status output_open(output *o, const char *name, uint32_t *ret_file, error *e) {
  g_mutex_lock(&o->lock);
  clio_status r = open_locked(o, name, ret_file, e);
  g_mutex_unlock(&o->lock);
  return r;
}

static output_file *file_at(output *o, uint32_t file, error *e) {
  if (file < o->files->len && g_array_index(o->files, output_file, file).file)
    return &g_array_index(o->files, output_file, file);
  error_set(e, CLIO_E_INTERNAL, "there is no open output file number %u", file);
  return NULL;
}

clio_status output_write(output *o, uint32_t file, const void *bytes, uint64_t length, error *e) {
  g_mutex_lock(&o->lock);
  output_file *f = file_at(o, file, e);
  clio_status r = f ? CLIO_OK : CLIO_E_INTERNAL;
  if (f && length && fwrite(bytes, 1, length, f->file) != length)
    r = error_errno(e, CLIO_E_IO, errno, "cannot write %s/%s", o->dir, f->name);
  g_mutex_unlock(&o->lock);
  return r;
}

static clio_status close_file(const output *o, output_file *f, error *e) {
  bool ok = fflush(f->file) == 0 && fsync(fileno(f->file)) == 0;
  int code = errno;
  if (fclose(f->file) != 0 && ok) {
    ok = false;
    code = errno;
  }
  f->file = NULL;
  return ok ? CLIO_OK : error_errno(e, CLIO_E_IO, code, "cannot write %s/%s", o->dir, f->name);
}

clio_status output_close(output *o, uint32_t file, error *e) {
  g_mutex_lock(&o->lock);
  output_file *f = file_at(o, file, e);
  clio_status r = f ? close_file(o, f, e) : CLIO_E_INTERNAL;
  g_mutex_unlock(&o->lock);
  return r;
}

/* Swaps the new folder with the old one, or moves it into place. */
static clio_status put_in_place(output *o, error *e) {
  int mode = o->mode == GRAPH_RESTRICTED ? 0700 : 0755;
  if (chmod(o->temporary, (mode_t)mode) != 0)
    return error_errno(e, CLIO_E_IO, errno, "cannot open up %s", o->temporary);
  bool there = g_file_test(o->dir, G_FILE_TEST_EXISTS);
  int failed = there ? renameat2(AT_FDCWD, o->temporary, AT_FDCWD, o->dir, RENAME_EXCHANGE)
                     : rename(o->temporary, o->dir);
  if (failed) return error_errno(e, CLIO_E_IO, errno, "cannot put %s in place", o->dir);
  clio_status r = sync_dir(o->out, e);
  if (r == CLIO_OK && there) r = remove_tree(o->temporary, e);
  return r;
}

clio_status output_commit(output *o, error *e) {
  clio_status r = CLIO_OK;
  for (guint i = 0; i < o->files->len && r == CLIO_OK; i++) {
    output_file *f = &g_array_index(o->files, output_file, i);
    if (f->file)
      r = error_set(e, CLIO_E_INTERNAL,
                    "the output file '%s' was never closed by the stage that "
                    "opened it; its report is broken",
                    f->name);
  }
  if (r == CLIO_OK) r = sync_dir(o->temporary, e);
  if (r == CLIO_OK) r = note_written(o, e);
  return r == CLIO_OK ? put_in_place(o, e) : r;
}

/* ---- what lies there ---- */

static gint by_name(gconstpointer a, gconstpointer b) {
  return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static bool add_content(const output *o, const char *name, GString *to) {
  g_autofree char *path = g_build_filename(o->dir, name, NULL);
  g_autofree char *bytes = NULL;
  gsize length = 0;
  if (!g_file_get_contents(path, &bytes, &length, NULL)) return false;
  g_autofree char *sum = sha256_hex(bytes, length);
  g_string_append_printf(to, "%s %s\n", name, sum);
  return true;
}

char *output_content(const output *o) {
  GDir *dir = g_dir_open(o->dir, 0, NULL);
  if (!dir) return NULL;
  GPtrArray *names = g_ptr_array_new_with_free_func(g_free);
  for (const char *name; (name = g_dir_read_name(dir));) g_ptr_array_add(names, g_strdup(name));
  g_dir_close(dir);
  g_ptr_array_sort(names, by_name);
  GString *text = g_string_new(NULL);
  bool ok = true;
  for (guint i = 0; i < names->len && ok; i++) ok = add_content(o, names->pdata[i], text);
  g_ptr_array_free(names, TRUE);
  return g_string_free(text, !ok);
}
