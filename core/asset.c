/* asset.c - finds, maps and hashes bundled data files; see asset.h. A mapping is
 * kept until the process ends, because plugins keep pointers into it. */
#include "asset.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "util.h"

static GMutex open_lock;
static GHashTable *opened; /* name -> asset*, under open_lock */

bool asset_is_name(const char *name) {
  static const char *const letters = "abcdefghijklmnopqrstuvwxyz0123456789._-";
  if (!name || !name[0]) return false;
  for (const char *part = name;; part++) {
    size_t length = strspn(part, letters);
    if (length == 0 || part[0] == '.') return false;
    part += length;
    if (!*part) return true;
    if (*part != '/') return false;
  }
}

char *asset_path(const char *name) { return g_build_filename(data_dir(), name, NULL); }

bool asset_is_there(const char *name) {
  if (!asset_is_name(name)) return false;
  g_autofree char *path = asset_path(name);
  struct stat st;
  return stat(path, &st) == 0 && S_ISREG(st.st_mode) && st.st_size > 0;
}

static clio_status map_file(asset *a, error *e) {
  struct stat st;
  int fd = open(a->path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (fd < 0) return error_errno(e, CLIO_E_IO, errno, "cannot open the data file %s", a->path);
  clio_status s = CLIO_OK;
  void *bytes = MAP_FAILED;
  if (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode) || st.st_size <= 0)
    s = error_set(e, CLIO_E_IO, "the data file %s is empty or no file", a->path);
  else
    bytes = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
  if (s == CLIO_OK && bytes == MAP_FAILED)
    s = error_errno(e, CLIO_E_IO, errno, "cannot map the data file %s", a->path);
  close(fd);
  if (s != CLIO_OK) return s;
  a->bytes = bytes;
  a->size = (uint64_t)st.st_size;
  g_autofree char *hash = sha256_hex(bytes, (size_t)st.st_size);
  g_strlcpy(a->sha256, hash, sizeof a->sha256);
  return CLIO_OK;
}

static clio_status open_locked(const char *name, const asset **ret, error *e) {
  if (!opened) opened = g_hash_table_new(g_str_hash, g_str_equal);
  asset *a = g_hash_table_lookup(opened, name);
  if (!a) {
    a = g_new0(asset, 1);
    a->name = g_strdup(name);
    a->path = asset_path(name);
    clio_status s = map_file(a, e);
    if (s != CLIO_OK) {
      g_free(a->name);
      g_free(a->path);
      g_free(a);
      return s;
    }
    g_hash_table_insert(opened, a->name, a);
  }
  *ret = a;
  return CLIO_OK;
}

clio_status asset_open(const char *name, const asset **ret, error *e) {
  if (!asset_is_name(name))
    return error_set(e, CLIO_E_CONFIG, "'%s' is no name of a data file", name ? name : "");
  g_mutex_lock(&open_lock);
  clio_status s = open_locked(name, ret, e);
  g_mutex_unlock(&open_lock);
  return s;
}

const clio_asset_file *asset_missing(const plugin_stage *ps) {
  for (uint32_t i = 0; i < ps->s.assets.count; i++)
    if (!asset_is_there(ps->assets[i].name)) return &ps->assets[i];
  return NULL;
}

char *asset_missing_text(const clio_asset_file *file) {
  return g_strdup_printf("its data file %s is missing; %s", file->name, file->cure);
}

clio_status asset_identity(const plugin_stage *ps, char **ret, error *e) {
  GString *out = g_string_new(NULL);
  clio_status s = CLIO_OK;
  for (uint32_t i = 0; i < ps->s.assets.count && s == CLIO_OK; i++) {
    const asset *a = NULL;
    s = asset_open(ps->assets[i].name, &a, e);
    if (s == CLIO_OK) g_string_append_printf(out, "%s %s\n", a->name, a->sha256);
  }
  *ret = g_string_free(out, s != CLIO_OK);
  return s;
}
