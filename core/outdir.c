/* outdir.c - a run's folder, looked at and purged; see outdir.h. */
#include "outdir.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <json-c/json.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ledger_summary.h"
#include "util.h"

enum { BLOCK = 512 };

/* ---- is it one ---- */

/* The manifest as JSON, or NULL. */
static json_object *read_manifest(const char *out) {
  g_autofree char *path = g_build_filename(out, "manifest.json", NULL);
  g_autofree char *text = NULL;
  if (!g_file_get_contents(path, &text, NULL, NULL)) return NULL;
  return json_tokener_parse(text);
}

static bool is_manifest(json_object *manifest) {
  json_object *version = NULL, *hash = NULL;
  if (!json_object_is_type(manifest, json_type_object)) return false;
  return json_object_object_get_ex(manifest, "clio", &version) &&
         json_object_object_get_ex(manifest, "graph_hash", &hash);
}

/* What --keep-ledger keeps. */
static const char *const ledger_files[] = {"ledger.db", "ledger.db-wal", "ledger.db-shm",
                                           "ledger.db-intents", NULL};

static bool holds(const char *out, const char *name) {
  g_autofree char *path = g_build_filename(out, "private", name, NULL);
  return g_file_test(path, G_FILE_TEST_EXISTS);
}

clio_status outdir_check(const char *out, error *e) {
  json_object *manifest = read_manifest(out);
  bool finished = is_manifest(manifest);
  json_object_put(manifest);
  bool crashed = holds(out, "lock") && holds(out, "run.db");
  if (finished || crashed || holds(out, ledger_files[0])) return CLIO_OK;
  if (!g_file_test(out, G_FILE_TEST_EXISTS))
    return error_set(e, CLIO_E_IO, "there is no folder '%s'", out);
  g_autofree char *dir = g_build_filename(out, "private", NULL);
  if (access(out, R_OK | X_OK) != 0)
    return error_errno(e, CLIO_E_IO, errno, "cannot look into the folder '%s'", out);
  if (access(dir, R_OK | X_OK) != 0 && errno == EACCES)
    return error_errno(e, CLIO_E_IO, errno, "cannot look into the folder '%s'", dir);
  return error_set(e, CLIO_E_IO,
                   "'%s' is not the folder of a run: it has no manifest.json of clio's, and no "
                   "private/ with a run.db; give the folder named by 'clio run -o'",
                   out);
}

/* Is there nothing in it? Also true of what is no folder, or cannot be read. */
static bool is_empty_folder(const char *path) {
  DIR *dir = opendir(path);
  bool empty = true;
  for (struct dirent *d = dir ? readdir(dir) : NULL; d; d = readdir(dir))
    empty = empty && (!strcmp(d->d_name, ".") || !strcmp(d->d_name, ".."));
  if (dir) closedir(dir);
  return empty;
}

clio_status outdir_may_take(const char *out, error *e) {
  error ignored = {0};
  struct stat st;
  if (stat(out, &st) != 0) return CLIO_OK; /* made, or said to be impossible, later */
  if (!S_ISDIR(st.st_mode))
    return error_set(e, CLIO_E_CONFIG, "'%s' is a file; give a folder with -o", out);
  if (is_empty_folder(out) || holds(out, "lock")) return CLIO_OK;
  if (outdir_check(out, &ignored) == CLIO_OK) return CLIO_OK;
  return error_set(e, CLIO_E_CONFIG,
                   "'%s' is not empty and is no run's folder; give a new one, or an empty one, "
                   "with -o",
                   out);
}

/* ---- how much ---- */

static void measure(const char *path, outdir_size *size) {
  struct stat st;
  if (lstat(path, &st) != 0) return;
  if (!S_ISDIR(st.st_mode)) {
    size->files++;
    size->bytes += (uint64_t)st.st_blocks * BLOCK;
    return;
  }
  DIR *dir = opendir(path);
  if (!dir) return;
  for (struct dirent *entry = readdir(dir); entry; entry = readdir(dir)) {
    if (!strcmp(entry->d_name, ".") || !strcmp(entry->d_name, "..")) continue;
    g_autofree char *child = g_build_filename(path, entry->d_name, NULL);
    measure(child, size);
  }
  closedir(dir);
}

/* What a run writes into private/, beside the ledger. */
static const char *const run_files[] = {"run.db",         "run.db-wal", "run.db-shm",
                                        "run.db-journal", "log.jsonl",  "lock",
                                        "release.tmp",    "results",    NULL};

/* The folder of an entry is called by its key (store.h). */
static bool is_key(const char *name) {
  size_t n = strspn(name, "0123456789abcdef");
  return n >= 16 && name[n] == '\0';
}

/* What a run leaves beside private/ when it dies while it writes there. */
static const char leftover[] = "manifest.json.tmp";

static void measure_names(const char *dir, const char *const *names, outdir_size *size) {
  for (; *names; names++) {
    g_autofree char *path = g_build_filename(dir, *names, NULL);
    measure(path, size);
  }
}

static void measure_tables(const char *dir, outdir_size *size) {
  g_autofree char *tables = g_build_filename(dir, "tables", NULL);
  GDir *entries = g_dir_open(tables, 0, NULL);
  for (const char *name; entries && (name = g_dir_read_name(entries));) {
    g_autofree char *path = g_build_filename(tables, name, NULL);
    if (is_key(name)) measure(path, size);
  }
  if (entries) g_dir_close(entries);
}

outdir_size outdir_private(const char *out, bool keep_ledger) {
  outdir_size size = {0};
  g_autofree char *dir = g_build_filename(out, "private", NULL);
  g_autofree char *beside = g_build_filename(out, leftover, NULL);
  measure_names(dir, run_files, &size);
  measure_tables(dir, &size);
  measure(beside, &size);
  if (!keep_ledger) measure_names(dir, ledger_files, &size);
  return size;
}

/* ---- what it cost ---- */

static json_object *member(json_object *object, const char *key) {
  json_object *value = NULL;
  if (json_object_is_type(object, json_type_object)) json_object_object_get_ex(object, key, &value);
  return value;
}

static gint64 time_of(json_object *manifest, const char *key) {
  json_object *value = member(manifest, key);
  const char *text =
      json_object_is_type(value, json_type_string) ? json_object_get_string(value) : NULL;
  g_autoptr(GDateTime) t = text ? g_date_time_new_from_iso8601(text, NULL) : NULL;
  return t ? g_date_time_to_unix(t) : 0;
}

/* Times of a manifest are whole seconds: a run that took less by them took what
 * its stages took. */
static double seconds_of(json_object *manifest) {
  double seconds = (double)(time_of(manifest, "ended") - time_of(manifest, "started"));
  double stages = 0;
  json_object *list = member(manifest, "stages");
  size_t count = json_object_is_type(list, json_type_array) ? json_object_array_length(list) : 0;
  for (size_t i = 0; i < count; i++)
    stages += json_object_get_double(member(json_object_array_get_idx(list, i), "seconds"));
  return seconds > 0 ? seconds : stages;
}

static int64_t number_in(json_object *object, const char *group, const char *key) {
  return json_object_get_int64(member(member(object, group), key));
}

static double dollars_in(json_object *object, const char *key) {
  return json_object_get_double(member(member(object, "usd"), key));
}

/* Of a run's models: what it paid for and what it took from the ledger
 * (ledger_summary_put). */
static void read_models(json_object *models, outdir_cost *cost) {
  cost->tokens = number_in(models, "tokens", "input") + number_in(models, "tokens", "output") +
                 number_in(models, "tokens", "reused");
  cost->unpriced = number_in(models, "tokens", "without_price");
  cost->usd = dollars_in(models, "low") + dollars_in(models, "reused");
}

outdir_cost outdir_rerun(const char *out) {
  json_object *manifest = read_manifest(out);
  outdir_cost cost = {.known = is_manifest(manifest)};
  ledger_worth worth = ledger_worth_of(out);
  json_object *models = member(manifest, "models");
  if (cost.known) {
    cost.conversations = json_object_get_int64(member(member(manifest, "counts"), "read"));
    cost.seconds = seconds_of(manifest);
  }
  cost.answers = worth.answers;
  if (cost.known && models) {
    read_models(models, &cost);
  } else {
    cost.tokens = worth.tokens;
    cost.unpriced = worth.unpriced;
    cost.usd = money_dollars(worth.cost);
  }
  json_object_put(manifest);
  return cost;
}

/* ---- purging ---- */

/* Taken while we remove: no run may be at work in there. -1: none was. */
static clio_status lock_private(const char *dir, int *ret_fd, error *e) {
  g_autofree char *path = g_build_filename(dir, "lock", NULL);
  *ret_fd = open(path, O_RDWR | O_CLOEXEC | O_NOFOLLOW);
  if (*ret_fd < 0 && errno == ENOENT) return CLIO_OK;
  if (*ret_fd < 0) return error_errno(e, CLIO_E_IO, errno, "cannot open %s", path);
  if (flock(*ret_fd, LOCK_EX | LOCK_NB) == 0) return CLIO_OK;
  close(*ret_fd);
  return error_set(e, CLIO_E_IO, "another clio is at work in %s; wait for it", dir);
}

/* Calls `fn` for each entry of a folder until one fails. */
typedef clio_status (*visit_entry)(void *ctx, const char *path, const char *name, error *e);
static clio_status each_entry(const char *dir, visit_entry fn, void *ctx, error *e) {
  DIR *entries = opendir(dir);
  if (!entries && errno == ENOENT) return CLIO_OK;
  if (!entries) return error_errno(e, CLIO_E_IO, errno, "cannot open %s", dir);
  clio_status s = CLIO_OK;
  for (struct dirent *d = readdir(entries); d && s == CLIO_OK; d = readdir(entries)) {
    if (!strcmp(d->d_name, ".") || !strcmp(d->d_name, "..")) continue;
    g_autofree char *path = g_build_filename(dir, d->d_name, NULL);
    s = fn(ctx, path, d->d_name, e);
  }
  closedir(entries);
  return s;
}

typedef struct purging {
  bool keep_ledger;
  GPtrArray *left; /* paths of what no run made */
} purging;

static clio_status purge_table(void *ctx, const char *path, const char *name, error *e) {
  const purging *p = ctx;
  if (is_key(name)) return remove_tree(path, e);
  g_ptr_array_add(p->left, g_strdup(path));
  return CLIO_OK;
}

static clio_status purge_entry(void *ctx, const char *path, const char *name, error *e) {
  const purging *p = ctx;
  bool of_ledger = g_strv_contains(ledger_files, name);
  if (of_ledger && p->keep_ledger) return CLIO_OK;
  if (of_ledger || g_strv_contains(run_files, name)) return remove_tree(path, e);
  if (strcmp(name, "tables") != 0) {
    g_ptr_array_add(p->left, g_strdup(path));
    return CLIO_OK;
  }
  clio_status s = each_entry(path, purge_table, ctx, e);
  if (s == CLIO_OK && rmdir(path) != 0 && errno != ENOTEMPTY && errno != EEXIST)
    s = error_errno(e, CLIO_E_IO, errno, "cannot remove %s", path);
  return s;
}

static gint by_path(gconstpointer a, gconstpointer b) {
  return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static clio_status purge_private(const char *dir, bool keep_ledger, GPtrArray *left, error *e) {
  purging p = {keep_ledger, left};
  clio_status s = each_entry(dir, purge_entry, &p, e);
  g_ptr_array_sort(left, by_path);
  if (s == CLIO_OK && rmdir(dir) != 0 && errno != ENOTEMPTY && errno != EEXIST && errno != ENOENT)
    s = error_errno(e, CLIO_E_IO, errno, "cannot remove %s", dir);
  return s;
}

clio_status outdir_purge(const char *out, bool keep_ledger, GPtrArray *left, error *e) {
  int lock = -1;
  g_autofree char *dir = g_build_filename(out, "private", NULL);
  g_autofree char *beside = g_build_filename(out, leftover, NULL);
  clio_status s = lock_private(dir, &lock, e);
  if (s != CLIO_OK) return s;
  s = purge_private(dir, keep_ledger, left, e);
  if (s == CLIO_OK) s = remove_tree(beside, e);
  if (lock >= 0) close(lock);
  return s;
}
