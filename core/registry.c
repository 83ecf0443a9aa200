/* registry.c - the search path, what is installed on it, and loading a stage by
 * its name; see registry.h. Listing itself is scan.c's. */
#include "clio-build.h"

#include "registry.h"

#include <stdlib.h>
#include <string.h>

#include "diag.h"
#include "plugin_check.h"
#include "scan.h"

enum { SCAN_TIMEOUT_MS = 10000 };

struct registry {
  GPtrArray *entries;  /* registry_entry*, by kind, name */
  GPtrArray *refusals; /* registry_refusal* */
  GHashTable *loaded;  /* path -> plugin* */
};

/* ---- where to look ---- */

/* The folder of the running program; libtool may have put it into .libs. */
static char *program_folder(void) {
  g_autofree char *exe = g_file_read_link("/proc/self/exe", NULL);
  if (!exe) return NULL;
  g_autofree char *folder = g_path_get_dirname(exe);
  g_autofree char *last = g_path_get_basename(folder);
  return strcmp(last, ".libs") == 0 ? g_path_get_dirname(folder) : g_steal_pointer(&folder);
}

/* Where `make install` of a plugin puts it: the user's own folder. */
static char *user_folder(void) {
  return g_build_filename(g_get_user_data_dir(), "clio", "plugins", NULL);
}

char *registry_bundled_folder(void) {
  g_autofree char *program = program_folder();
  g_autofree char *built = program ? g_build_filename(program, "plugins", NULL) : NULL;
  bool uninstalled = built && g_file_test(built, G_FILE_TEST_IS_DIR);
  return g_strdup(uninstalled ? built : CLIO_PKGLIBDIR);
}

/* The folder of the bundled stages, then the user's own if it is there. */
static void add_default_folders(GPtrArray *folders) {
  g_autofree char *own = user_folder();
  g_ptr_array_add(folders, registry_bundled_folder());
  if (g_file_test(own, G_FILE_TEST_IS_DIR)) g_ptr_array_add(folders, g_steal_pointer(&own));
}

/* An empty part of CLIO_PLUGIN_PATH stands for the default folders. */
char **registry_folders(void) {
  GPtrArray *folders = g_ptr_array_new();
  const char *named = g_getenv("CLIO_PLUGIN_PATH");
  g_auto(GStrv) parts = g_strsplit(named ? named : "", ":", -1);
  if (!parts[0]) add_default_folders(folders);
  for (char **part = parts; *part; part++) {
    if ((*part)[0])
      g_ptr_array_add(folders, g_strdup(*part));
    else
      add_default_folders(folders);
  }
  g_ptr_array_add(folders, NULL);
  return (char **)g_ptr_array_free(folders, FALSE);
}

static int by_text(gconstpointer a, gconstpointer b) {
  return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* The .so files right inside a folder, sorted, to the end of `paths`. */
static void find_files(const char *folder, GPtrArray *paths) {
  GDir *dir = g_dir_open(folder, 0, NULL);
  if (!dir) return;
  g_autoptr(GPtrArray) found = g_ptr_array_new();
  for (const char *name; (name = g_dir_read_name(dir)) != NULL;)
    if (g_str_has_suffix(name, ".so")) g_ptr_array_add(found, g_build_filename(folder, name, NULL));
  g_dir_close(dir);
  g_ptr_array_sort(found, by_text);
  for (guint i = 0; i < found->len; i++) g_ptr_array_add(paths, found->pdata[i]);
}

/* Those of the folder, then those libtool has put into its .libs. */
static void find_both(const char *folder, GPtrArray *paths) {
  g_autofree char *libs = g_build_filename(folder, ".libs", NULL);
  find_files(folder, paths);
  find_files(libs, paths);
}

/* ---- what was found ---- */

static void entry_free(void *data) {
  registry_entry *entry = data;
  g_free(entry->kind);
  g_free(entry->name);
  g_free(entry->summary);
  g_free(entry->path);
  g_free(entry->version);
  g_free(entry->license);
  g_free(entry);
}

static void refusal_free(void *data) {
  registry_refusal *refusal = data;
  g_free(refusal->path);
  g_free(refusal->why);
  g_free(refusal);
}

static void plugin_drop(void *data) { plugin_free(data); }

static void refuse(registry *r, const char *path, char *take_why) {
  registry_refusal *refusal = g_new0(registry_refusal, 1);
  refusal->path = g_strdup(path);
  refusal->why = take_why;
  g_ptr_array_add(r->refusals, refusal);
}

static const registry_entry *find_entry(const registry *r, const char *use) {
  for (guint i = 0; i < r->entries->len; i++) {
    const registry_entry *entry = r->entries->pdata[i];
    size_t kind = strlen(entry->kind);
    if (strncmp(use, entry->kind, kind) == 0 && use[kind] == '/' &&
        strcmp(use + kind + 1, entry->name) == 0)
      return entry;
  }
  return NULL;
}

static void add_stage(registry *r, const scan_result *file, const scan_stage *stage) {
  g_autofree char *use = g_strdup_printf("%s/%s", stage->kind, stage->name);
  const registry_entry *first = find_entry(r, use);
  if (first) {
    refuse(r, file->path,
           g_strdup_printf("plugin '%s': its stage '%s' is hidden by '%s', which comes first",
                           file->path, use, first->path));
    return;
  }
  registry_entry *entry = g_new0(registry_entry, 1);
  entry->kind = g_strdup(stage->kind);
  entry->name = g_strdup(stage->name);
  entry->summary = g_strdup(stage->summary);
  entry->path = g_strdup(file->path);
  entry->version = g_strdup(file->version);
  entry->license = g_strdup(file->license);
  g_ptr_array_add(r->entries, entry);
}

static int by_name(gconstpointer a, gconstpointer b) {
  const registry_entry *x = *(registry_entry *const *)a, *y = *(registry_entry *const *)b;
  int kind = strcmp(x->kind, y->kind);
  return kind ? kind : strcmp(x->name, y->name);
}

static clio_status list_files(registry *r, const GPtrArray *paths, error *e) {
  GPtrArray *results = NULL;
  clio_status status = scan_files(paths, SCAN_TIMEOUT_MS, &results, e);
  if (status != CLIO_OK) return status;
  for (guint i = 0; i < results->len; i++) {
    const scan_result *file = results->pdata[i];
    if (file->refused) refuse(r, file->path, g_strdup(file->refused));
    for (guint k = 0; k < file->stages->len; k++) add_stage(r, file, file->stages->pdata[k]);
  }
  g_ptr_array_free(results, TRUE);
  g_ptr_array_sort(r->entries, by_name);
  return CLIO_OK;
}

static void find_below(const char *folder, const char *name, GPtrArray *paths) {
  g_autofree char *sub = g_build_filename(folder, name, NULL);
  find_both(sub, paths);
}

/* The plugin files of one folder of the search path, of its folders KIND, and of model. */
static void find_in(registry *r, const char *folder, GPtrArray *paths) {
  if (!g_file_test(folder, G_FILE_TEST_IS_DIR))
    refuse(r, folder, g_strdup_printf("plugin folder '%s' is not there", folder));
  find_both(folder, paths);
  for (const char *const *kind = plugin_kinds; *kind; kind++) find_below(folder, *kind, paths);
  find_below(folder, "model", paths);
}

clio_status registry_new(registry **ret, error *e) {
  if (g_getenv("CLIO_SCANNING"))
    return error_set(
        e, CLIO_E_INTERNAL,
        "listing plugins: this program lists them from within a listing; let it answer "
        "to --scan, or set CLIO_SCANNER to one that does");
  registry *r = g_new0(registry, 1);
  r->entries = g_ptr_array_new_with_free_func(entry_free);
  r->refusals = g_ptr_array_new_with_free_func(refusal_free);
  r->loaded = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, plugin_drop);
  g_autoptr(GPtrArray) paths = g_ptr_array_new_with_free_func(g_free);
  g_auto(GStrv) folders = registry_folders();
  for (char **folder = folders; *folder; folder++) find_in(r, *folder, paths);
  clio_status status = list_files(r, paths, e);
  if (status == CLIO_OK)
    *ret = r;
  else
    registry_free(r);
  return status;
}

void registry_free(registry *r) {
  if (!r) return;
  g_ptr_array_free(r->entries, TRUE);
  g_ptr_array_free(r->refusals, TRUE);
  g_hash_table_destroy(r->loaded);
  g_free(r);
}

const GPtrArray *registry_entries(const registry *r) { return r->entries; }
const GPtrArray *registry_refusals(const registry *r) { return r->refusals; }
bool registry_has(const registry *r, const char *use) { return find_entry(r, use) != NULL; }

/* ---- loading by name ---- */

/* A refused file whose name is that of the stage: KIND/NAME.so or KIND/.libs/NAME.so. */
static const registry_refusal *refused_file(const registry *r, const char *use) {
  const char *slash = strchr(use, '/');
  if (!slash) return NULL;
  g_autofree char *file = g_strdup_printf("%s.so", slash + 1);
  for (guint i = 0; i < r->refusals->len; i++) {
    const registry_refusal *refusal = r->refusals->pdata[i];
    g_autofree char *base = g_path_get_basename(refusal->path);
    if (strcmp(base, file) == 0) return refusal;
  }
  return NULL;
}

/* "kind/a, kind/b" of the installed stages of that kind; NULL if there is none. */
static char *list_kind(const registry *r, const char *use) {
  size_t kind = strcspn(use, "/");
  GString *list = g_string_new(NULL);
  for (guint i = 0; i < r->entries->len; i++) {
    const registry_entry *entry = r->entries->pdata[i];
    if (strlen(entry->kind) != kind || strncmp(entry->kind, use, kind) != 0) continue;
    g_string_append_printf(list, "%s%s/%s", list->len ? ", " : "", entry->kind, entry->name);
  }
  return g_string_free(list, list->len == 0);
}

/* "A, B": where it was looked for. New string. */
static char *list_folders(void) {
  g_auto(GStrv) folders = registry_folders();
  return g_strjoinv(", ", folders);
}

static clio_status not_installed(const registry *r, const char *use, error *e) {
  const registry_refusal *refusal = refused_file(r, use);
  if (refusal) return error_set(e, CLIO_E_CONFIG, "'%s' is not installed: %s", use, refusal->why);
  g_autoptr(GPtrArray) names = g_ptr_array_new_with_free_func(g_free);
  for (guint i = 0; i < r->entries->len; i++) {
    const registry_entry *entry = r->entries->pdata[i];
    g_ptr_array_add(names, g_strdup_printf("%s/%s", entry->kind, entry->name));
  }
  const char *near = diag_suggest(use, (const char *const *)names->pdata, names->len);
  g_autofree char *folders = list_folders();
  if (near)
    return error_set(e, CLIO_E_CONFIG, "'%s' is not installed in %s; did you mean '%s'?", use,
                     folders, near);
  g_autofree char *list = list_kind(r, use);
  if (list)
    return error_set(e, CLIO_E_CONFIG, "'%s' is not installed in %s; installed are %s", use,
                     folders, list);
  return error_set(e, CLIO_E_CONFIG,
                   "neither '%s' nor any other of its kind is installed in %s; CLIO_PLUGIN_PATH "
                   "names other folders",
                   use, folders);
}

clio_status registry_load(registry *r, const char *use, const plugin_stage **ret, error *e) {
  const registry_entry *entry = find_entry(r, use);
  if (!entry) return not_installed(r, use, e);
  plugin *p = g_hash_table_lookup(r->loaded, entry->path);
  if (!p) {
    clio_status status = plugin_open(entry->path, &p, e);
    if (status != CLIO_OK) return status;
    g_hash_table_insert(r->loaded, g_strdup(entry->path), p);
  }
  *ret = plugin_find(p, entry->kind, entry->name);
  if (*ret) return CLIO_OK;
  return error_set(e, CLIO_E_CONFIG, "plugin '%s' changed while it was being listed; run it again",
                   entry->path);
}
