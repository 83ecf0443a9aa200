/* archive.c - see archive.h. */
#include "archive.h"

#include <fcntl.h>
#include <string.h>
#include <unistd.h>
#include <zip.h>

struct archive {
  char *name;
  zip_t *zip;
  zip_file_t *file;
  uint64_t packed, size;
};

bool archive_is_zip(const char *path) {
  char head[4] = "";
  int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
  if (fd < 0) return false;
  bool is = read(fd, head, sizeof head) == (ssize_t)sizeof head && memcmp(head, "PK", 2) == 0 &&
            (memcmp(head + 2, "\3\4", 2) == 0 || memcmp(head + 2, "\5\6", 2) == 0);
  close(fd);
  return is;
}

/* The reason that libzip gives, for a person. */
static const char *why(int code) {
  switch (code) {
  case ZIP_ER_NOZIP:
  case ZIP_ER_INCONS:
  case ZIP_ER_EOF: return "is damaged or cut short: its list of members cannot be read";
  case ZIP_ER_CRC: return "is damaged: its checksum is wrong";
  case ZIP_ER_ZLIB: return "is damaged: its compressed data cannot be read";
  case ZIP_ER_COMPNOTSUPP: return "is compressed in a way this clio cannot undo";
  case ZIP_ER_ENCRNOTSUPP:
  case ZIP_ER_NOPASSWD:
  case ZIP_ER_WRONGPASSWD: return "is encrypted; unpack it first, with its password";
  default: return "cannot be read as a zip archive";
  }
}

static clio_status open_zip(const char *path, const char *name, zip_t **ret, error *e) {
  int code = 0;
  *ret = zip_open(path, ZIP_RDONLY, &code);
  if (*ret) return CLIO_OK;
  if (code == ZIP_ER_MEMORY) return error_set(e, CLIO_E_NOMEM, "no memory to open %s", name);
  return error_set(e, CLIO_E_INPUT, "%s %s", name, why(code));
}

/* ---- which members ---- */

static const char *last_part(const char *name) {
  const char *slash = strrchr(name, '/');
  return slash ? slash + 1 : name;
}

bool archive_wants(const char *name, const char *const *patterns) {
  const char *last = last_part(name);
  if (g_str_has_prefix(name, "__MACOSX/") || g_str_has_prefix(last, "._")) return false;
  for (; *patterns; patterns++)
    if (g_pattern_match_simple(*patterns, last)) return true;
  return false;
}

/* Would the name, taken as a path, lead out of the archive? */
static bool leads_out(const char *name) {
  if (name[0] == '/' || strchr(name, '\\') || (name[0] && name[1] == ':')) return true;
  for (const char *at = name; at; at = strchr(at, '/') ? strchr(at, '/') + 1 : NULL)
    if (g_str_has_prefix(at, "..") && (at[2] == '/' || !at[2])) return true;
  return false;
}

static void member_free(gpointer p) {
  archive_member *m = p;
  g_free(m->name);
  g_free(m);
}

static gint by_name(gconstpointer a, gconstpointer b) {
  const archive_member *x = *(archive_member *const *)a, *y = *(archive_member *const *)b;
  int order = strcmp(x->name, y->name);
  return order ? order : (x->index > y->index) - (x->index < y->index);
}

static clio_status add_member(zip_t *zip, const char *path, uint64_t i, const char *const *patterns,
                              GPtrArray *found, error *e) {
  zip_stat_t st;
  zip_stat_init(&st);
  if (zip_stat_index(zip, i, 0, &st) != 0 || !(st.valid & ZIP_STAT_NAME))
    return error_set(e, CLIO_E_INPUT, "%s %s", path, why(ZIP_ER_INCONS));
  if (leads_out(st.name))
    return error_set(e, CLIO_E_INPUT,
                     "%s holds a member whose name leads out of the archive; no export does that, "
                     "and nothing of it is read",
                     path);
  if (!archive_wants(st.name, patterns)) return CLIO_OK;
  if ((st.valid & ZIP_STAT_ENCRYPTION_METHOD) && st.encryption_method != ZIP_EM_NONE)
    return error_set(e, CLIO_E_INPUT, "%s %s", path, why(ZIP_ER_NOPASSWD));
  archive_member *m = g_new0(archive_member, 1);
  m->index = i;
  m->packed = st.valid & ZIP_STAT_COMP_SIZE ? st.comp_size : 0;
  m->name = g_strdup(st.name);
  g_ptr_array_add(found, m);
  return CLIO_OK;
}

static clio_status none_found(zip_t *zip, const char *path, const char *const *patterns, error *e) {
  static const char *const nested[] = {"*.zip", "*.gz", "*.tar", "*.7z", NULL};
  bool archives = false;
  for (zip_int64_t i = 0; i < zip_get_num_entries(zip, 0) && !archives; i++) {
    const char *name = zip_get_name(zip, (zip_uint64_t)i, 0);
    archives = name && archive_wants(name, nested);
  }
  g_autofree char *list = g_strjoinv(" or ", (char **)patterns);
  return error_set(e, CLIO_E_INPUT, "%s holds no %s%s", path, list,
                   archives ? ", but archives, which are not opened; unpack it once" : "");
}

clio_status archive_list(const char *path, const char *const *patterns, GPtrArray **ret, error *e) {
  zip_t *zip = NULL;
  clio_status s = open_zip(path, path, &zip, e);
  if (s != CLIO_OK) return s;
  GPtrArray *found = g_ptr_array_new_with_free_func(member_free);
  zip_int64_t n = zip_get_num_entries(zip, 0);
  for (zip_int64_t i = 0; i < n && s == CLIO_OK; i++)
    s = add_member(zip, path, (uint64_t)i, patterns, found, e);
  if (s == CLIO_OK && found->len == 0) s = none_found(zip, path, patterns, e);
  zip_discard(zip);
  if (s != CLIO_OK) {
    g_ptr_array_unref(found);
    return s;
  }
  g_ptr_array_sort(found, by_name);
  *ret = found;
  return CLIO_OK;
}

/* ---- one member ---- */

clio_status archive_open(const char *path, uint64_t index, const char *name, archive **ret,
                         error *e) {
  zip_t *zip = NULL;
  clio_status s = open_zip(path, name, &zip, e);
  if (s != CLIO_OK) return s;
  zip_stat_t st;
  zip_stat_init(&st);
  zip_file_t *file =
      zip_stat_index(zip, index, 0, &st) == 0 ? zip_fopen_index(zip, index, 0) : NULL;
  if (!file) {
    s = error_set(e, CLIO_E_INPUT, "%s %s", name, why(zip_error_code_zip(zip_get_error(zip))));
    zip_discard(zip);
    return s;
  }
  archive *a = g_new0(archive, 1);
  a->name = g_strdup(name);
  a->zip = zip;
  a->file = file;
  a->packed = st.comp_size;
  a->size = st.size;
  *ret = a;
  return CLIO_OK;
}

void archive_close(archive *a) {
  if (!a) return;
  zip_fclose(a->file);
  zip_discard(a->zip);
  g_free(a->name);
  g_free(a);
}

clio_status archive_read(archive *a, void *bytes, size_t size, size_t *ret_got, error *e) {
  zip_int64_t n = zip_fread(a->file, bytes, size);
  *ret_got = n > 0 ? (size_t)n : 0;
  if (n >= 0) return CLIO_OK;
  int code = zip_error_code_zip(zip_file_get_error(a->file));
  if (code == ZIP_ER_READ)
    return error_set(e, CLIO_E_IO, "cannot read %s: the disk failed", a->name);
  return error_set(e, CLIO_E_INPUT, "%s %s", a->name,
                   code == ZIP_ER_EOF ? "is cut short: its archive ends too early" : why(code));
}

void archive_sizes(const archive *a, uint64_t *ret_packed, uint64_t *ret_size) {
  *ret_packed = a->packed;
  *ret_size = a->size;
}
