/* util.c - folders, sizes, files; see util.h. */
#include "util.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <glib.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "sha256.h"

static char *g_exe_dir, *g_data_dir;
static GOnce dirs_once = G_ONCE_INIT;

static void *find_dirs(void *unused) {
  (void)unused;
  char *exe = g_file_read_link("/proc/self/exe", NULL);
  g_exe_dir = exe ? g_path_get_dirname(exe) : g_strdup(".");
  g_free(exe);
  const char *given = g_getenv("CLIO_DATA_PATH");
  char *beside = g_build_filename(g_exe_dir, "configs", "words", NULL);
  if (given && *given)
    g_data_dir = g_strdup(given);
  else if (g_file_test(beside, G_FILE_TEST_IS_DIR))
    g_data_dir = g_path_get_dirname(beside);
  else
    g_data_dir = g_strdup(CLIO_PKGDATADIR);
  g_free(beside);
  return NULL;
}

const char *data_dir(void) {
  g_once(&dirs_once, find_dirs, NULL);
  return g_data_dir;
}

const char *exe_dir(void) {
  g_once(&dirs_once, find_dirs, NULL);
  return g_exe_dir;
}

bool parse_size(const char *text, uint64_t *ret_bytes) {
  char *end = NULL;
  errno = 0;
  guint64 n = g_ascii_strtoull(text, &end, 10);
  if (end == text || errno || *text == '-') return false;
  uint64_t unit = 1;
  switch (g_ascii_toupper(*end)) {
  case 'K':
    unit = 1ull << 10;
    end++;
    break;
  case 'M':
    unit = 1ull << 20;
    end++;
    break;
  case 'G':
    unit = 1ull << 30;
    end++;
    break;
  case 'T':
    unit = 1ull << 40;
    end++;
    break;
  default: break;
  }
  if (*end || (n && unit > UINT64_MAX / n)) return false;
  *ret_bytes = n * unit;
  return true;
}

bool parse_int(const char *text, int64_t min, int64_t max, int64_t *ret) {
  char *end = NULL;
  errno = 0;
  gint64 n = g_ascii_strtoll(text, &end, 10);
  if (end == text || *end || errno || n < min || n > max) return false;
  *ret = n;
  return true;
}

clio_status make_dir(const char *dir, int mode, error *e) {
  if (g_mkdir_with_parents(dir, mode) == 0) return CLIO_OK;
  return error_errno(e, CLIO_E_IO, errno, "cannot make the folder %s", dir);
}

static clio_status remove_entries(const char *path, error *e) {
  DIR *dir = opendir(path);
  if (!dir) return error_errno(e, CLIO_E_IO, errno, "cannot open %s", path);
  clio_status r = CLIO_OK;
  for (struct dirent *entry = readdir(dir); entry && r == CLIO_OK; entry = readdir(dir)) {
    if (!strcmp(entry->d_name, ".") || !strcmp(entry->d_name, "..")) continue;
    char *child = g_build_filename(path, entry->d_name, NULL);
    r = remove_tree(child, e);
    g_free(child);
  }
  closedir(dir);
  return r;
}

clio_status remove_tree(const char *path, error *e) {
  struct stat st;
  if (lstat(path, &st) != 0) {
    if (errno == ENOENT) return CLIO_OK;
    return error_errno(e, CLIO_E_IO, errno, "cannot look at %s", path);
  }
  if (S_ISDIR(st.st_mode)) {
    clio_status r = remove_entries(path, e);
    if (r != CLIO_OK) return r;
  }
  if (remove(path) == 0) return CLIO_OK;
  return error_errno(e, CLIO_E_IO, errno, "cannot remove %s", path);
}

clio_status sync_dir(const char *dir, error *e) {
  int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0) return error_errno(e, CLIO_E_IO, errno, "cannot open the folder %s", dir);
  int failed = fsync(fd) ? errno : 0;
  close(fd);
  if (failed) return error_errno(e, CLIO_E_IO, failed, "cannot sync the folder %s", dir);
  return CLIO_OK;
}

static clio_status write_all(int fd, const char *bytes, size_t length, const char *path, error *e) {
  while (length) {
    ssize_t n = write(fd, bytes, length);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return error_errno(e, CLIO_E_IO, errno, "cannot write %s", path);
    bytes += n;
    length -= (size_t)n;
  }
  if (fsync(fd) != 0) return error_errno(e, CLIO_E_IO, errno, "cannot sync %s", path);
  return CLIO_OK;
}

clio_status write_file(const char *path, const void *bytes, size_t length, int mode, error *e) {
  char *temporary = g_strconcat(path, ".tmp", NULL);
  int fd = open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode);
  clio_status r = fd < 0 ? error_errno(e, CLIO_E_IO, errno, "cannot create %s", temporary)
                         : write_all(fd, bytes, length, temporary, e);
  if (fd >= 0 && close(fd) != 0) r = error_errno(e, CLIO_E_IO, errno, "cannot close %s", temporary);
  if (r == CLIO_OK && rename(temporary, path) != 0)
    r = error_errno(e, CLIO_E_IO, errno, "cannot rename %s to %s", temporary, path);
  if (r == CLIO_OK) {
    char *dir = g_path_get_dirname(path);
    r = sync_dir(dir, e);
    g_free(dir);
  } else if (fd >= 0) {
    unlink(temporary);
  }
  g_free(temporary);
  return r;
}

char *sha256_hex(const void *bytes, size_t length) {
  char *hex = g_malloc(SHA256_HEX);
  sha256_sum sum;
  sha256_begin(&sum);
  sha256_add(&sum, bytes, length);
  sha256_end_hex(&sum, hex);
  return hex;
}

char *format_count(int64_t n) {
  char digits[32];
  int length = snprintf(digits, sizeof digits, "%lld", (long long)n);
  GString *out = g_string_new(NULL);
  for (int i = 0; i < length; i++) {
    bool group = i > 0 && digits[i - 1] != '-' && (length - i) % 3 == 0;
    if (group) g_string_append_c(out, ',');
    g_string_append_c(out, digits[i]);
  }
  return g_string_free(out, FALSE);
}

int64_t peak_memory_mib(void) {
  struct rusage use;
  return getrusage(RUSAGE_SELF, &use) == 0 ? use.ru_maxrss >> 10 : 0;
}

char *format_count_of(int64_t n, const char *many) {
  g_autofree char *count = format_count(n);
  size_t length = strlen(many);
  if (n == 1 && length > 0 && many[length - 1] == 's') length--;
  return g_strdup_printf("%s %.*s", count, (int)length, many);
}
