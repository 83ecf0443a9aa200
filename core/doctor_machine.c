/* doctor_machine.c - BLAS, processors, memory, locale, and the project in the
 * working folder; see doctor.h. */
#include <cblas.h>
#include <langinfo.h>
#include <locale.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "doctor.h"
#include "util.h"

enum { LEAST_MEMORY_GIB = 1, LEAST_DISK_GIB = 1 };
static const double gib = 1024.0 * 1024 * 1024;

static void look_at_blas(GPtrArray *to) {
  int threads = openblas_get_num_threads();
  doctor_say(to, DOCTOR_OK, "blas", NULL, "OpenBLAS, kernel %s, %d thread%s a call",
             openblas_get_corename(), threads, threads == 1 ? "" : "s");
}

static void look_at_processors(GPtrArray *to) {
  long pages = sysconf(_SC_PHYS_PAGES), page = sysconf(_SC_PAGESIZE);
  double memory = pages > 0 && page > 0 ? (double)pages * (double)page / gib : 0;
  bool enough = memory >= LEAST_MEMORY_GIB;
  doctor_say(to, enough ? DOCTOR_OK : DOCTOR_WARN, "machine",
             enough ? NULL : "run fewer conversations, or say --threads 1",
             "%u processors, %.1f GiB of memory; a run uses up to 3/4 of it",
             g_get_num_processors(), memory);
}

/* What setlocale() would take from the environment. */
static const char *environment_locale(void) {
  static const char *const names[] = {"LC_ALL", "LC_CTYPE", "LANG"};
  for (size_t i = 0; i < G_N_ELEMENTS(names); i++) {
    const char *value = g_getenv(names[i]);
    if (value && *value) return value;
  }
  return "C";
}

static void look_at_locale(GPtrArray *to) {
  const char *codeset = nl_langinfo(CODESET), *wanted = environment_locale();
  g_autofree char *upper = g_ascii_strup(wanted, -1);
  if (g_strcmp0(codeset, "UTF-8") != 0)
    doctor_say(to, DOCTOR_WARN, "locale", "install the locale C.UTF-8 (part of libc-bin)",
               "C.UTF-8 is not there; names in other scripts may be drawn crooked");
  else if (isatty(STDOUT_FILENO) && !strstr(upper, "UTF-8") && !strstr(upper, "UTF8"))
    doctor_say(to, DOCTOR_WARN, "locale", "export LANG=C.UTF-8, if the terminal shows UTF-8",
               "the environment says %s; clio writes UTF-8", wanted);
  else
    doctor_say(to, DOCTOR_OK, "locale", NULL, "UTF-8");
}

/* ---- the project: the working folder, where OUT goes by default ---- */

static void look_at_folder(GPtrArray *to, const char *folder) {
  struct statvfs disk;
  if (access(folder, W_OK | X_OK) != 0) {
    doctor_say(to, DOCTOR_WARN, "project", "go to a folder of your own, or say -o FOLDER/OUT",
               "%s cannot be written to", folder);
    return;
  }
  double room =
      statvfs(folder, &disk) == 0 ? (double)disk.f_bavail * (double)disk.f_frsize / gib : -1;
  bool enough = room < 0 || room >= LEAST_DISK_GIB;
  doctor_say(to, enough ? DOCTOR_OK : DOCTOR_WARN, "project",
             enough ? NULL : "make room, or say -o on another disk",
             "%s can be written to, %.1f GiB free", folder, room < 0 ? 0 : room);
}

/* Is `path` open to nobody but us? */
static void look_at_mode(GPtrArray *to, const char *path, unsigned wanted) {
  struct stat st;
  if (stat(path, &st) != 0) return;
  g_autofree char *cure = g_strdup_printf("chmod %o %s", wanted, path);
  if (st.st_mode & 077)
    doctor_say(to, DOCTOR_FAIL, "key", cure, "%s is open to others (mode %04o)", path,
               (unsigned)st.st_mode & 07777);
  else if (access(path, R_OK) != 0)
    doctor_say(to, DOCTOR_FAIL, "key", cure, "%s cannot be read", path);
  else
    doctor_say(to, DOCTOR_OK, "key", NULL, "%s, mode %04o", path, (unsigned)st.st_mode & 07777);
}

static void look_at_key(GPtrArray *to, const char *folder) {
  g_autofree char *dir = g_build_filename(folder, ".clio", NULL);
  g_autofree char *key = g_build_filename(dir, "key", NULL);
  const char *given = g_getenv("CLIO_PROJECT_KEY");
  if (given && *given)
    doctor_say(to, DOCTOR_OK, "key", NULL, "taken from CLIO_PROJECT_KEY");
  else if (!g_file_test(key, G_FILE_TEST_EXISTS))
    doctor_say(to, DOCTOR_OK, "key", NULL, "none yet; the first run makes %s", key);
  else
    look_at_mode(to, key, 0600);
  if (g_file_test(dir, G_FILE_TEST_IS_DIR)) look_at_mode(to, dir, 0700);
}

void doctor_machine(GPtrArray *to) {
  g_autofree char *folder = g_get_current_dir();
  look_at_blas(to);
  look_at_processors(to);
  look_at_locale(to);
  look_at_folder(to, folder);
  look_at_key(to, folder);
}
