/* fault.c - a library to preload: the n-th call that would write below a folder
 * fails. For faults.sh.
 *
 *   FAULT_UNDER   files below this folder count
 *   FAULT_CALL    write, sync, open or rename
 *   FAULT_AT      which of these calls fails (1 is the first); 0: none
 *   FAULT_ERRNO   with what (a number)
 *   FAULT_ONWARD  set: all later ones fail too
 *   FAULT_TOLD    a file that the number of calls is written to at the end */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define PUBLIC __attribute__((visibility("default")))
#define REAL(name) (__extension__(__typeof__(&name)) dlsym(RTLD_NEXT, #name))

static unsigned long calls;

static int is_under(const char *path) {
  const char *folder = getenv("FAULT_UNDER");
  return folder && path && strncmp(path, folder, strlen(folder)) == 0;
}

static int fd_is_under(int fd) {
  char link[64], path[4096];
  int kept = errno;
  snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
  ssize_t n = readlink(link, path, sizeof path - 1);
  errno = kept;
  if (n < 0) return 0;
  path[n] = '\0';
  return is_under(path);
}

static int fails(const char *call) {
  const char *mine = getenv("FAULT_CALL"), *at = getenv("FAULT_AT"), *why = getenv("FAULT_ERRNO");
  if (!mine || strcmp(mine, call) != 0) return 0;
  unsigned long n = __atomic_add_fetch(&calls, 1, __ATOMIC_RELAXED);
  unsigned long wanted = at ? strtoul(at, NULL, 10) : 0;
  int now = wanted && (n == wanted || (n > wanted && getenv("FAULT_ONWARD")));
  if (now) errno = why ? (int)strtol(why, NULL, 10) : EIO;
  return now;
}

__attribute__((destructor)) static void tell(void) {
  const char *path = getenv("FAULT_TOLD");
  FILE *file = path && calls ? REAL(fopen)(path, "w") : NULL;
  if (!file) return;
  fprintf(file, "%lu\n", calls);
  fclose(file);
}

/* ---- write ---- */

PUBLIC ssize_t write(int fd, const void *bytes, size_t length) {
  if (fd_is_under(fd) && fails("write")) return -1;
  return REAL(write)(fd, bytes, length);
}

PUBLIC ssize_t pwrite64(int fd, const void *bytes, size_t length, off64_t at) {
  if (fd_is_under(fd) && fails("write")) return -1;
  return REAL(pwrite64)(fd, bytes, length, at);
}

PUBLIC ssize_t pwrite(int fd, const void *bytes, size_t length, off_t at) {
  if (fd_is_under(fd) && fails("write")) return -1;
  return REAL(pwrite)(fd, bytes, length, at);
}

PUBLIC int ftruncate64(int fd, off64_t length) {
  if (fd_is_under(fd) && fails("write")) return -1;
  return REAL(ftruncate64)(fd, length);
}

PUBLIC size_t fwrite(const void *bytes, size_t size, size_t count, FILE *file) {
  if (fd_is_under(fileno(file)) && fails("write")) return 0;
  return REAL(fwrite)(bytes, size, count, file);
}

PUBLIC int fflush(FILE *file) {
  if (file && fd_is_under(fileno(file)) && fails("write")) return EOF;
  return REAL(fflush)(file);
}

/* ---- sync ---- */

PUBLIC int fsync(int fd) {
  if (fd_is_under(fd) && fails("sync")) return -1;
  return REAL(fsync)(fd);
}

PUBLIC int fdatasync(int fd) {
  if (fd_is_under(fd) && fails("sync")) return -1;
  return REAL(fdatasync)(fd);
}

/* ---- open ---- */

static int writes(int flags) { return (flags & O_ACCMODE) != O_RDONLY; }

#define OPEN(name) \
  PUBLIC int name(const char *path, int flags, ...) { \
    va_list args; \
    va_start(args, flags); \
    mode_t mode = flags & (O_CREAT | O_TMPFILE) ? va_arg(args, mode_t) : 0; \
    va_end(args); \
    if (writes(flags) && is_under(path) && fails("open")) return -1; \
    return REAL(name)(path, flags, mode); \
  }
OPEN(open)
OPEN(open64)

PUBLIC int mkdir(const char *path, mode_t mode) {
  if (is_under(path) && fails("open")) return -1;
  return REAL(mkdir)(path, mode);
}

/* ---- rename ---- */

PUBLIC int rename(const char *from, const char *to) {
  if (is_under(to) && fails("rename")) return -1;
  return REAL(rename)(from, to);
}

PUBLIC int renameat2(int from_dir, const char *from, int to_dir, const char *to, unsigned flags) {
  if (is_under(to) && fails("rename")) return -1;
  return REAL(renameat2)(from_dir, from, to_dir, to, flags);
}
