/* doctor.c - plugins and data files; see doctor.h. */
#include "clio-build.h"

#include "doctor.h"

#include <stdarg.h>
#include <string.h>

#include "asset.h"
#include "pii.h"
#include "util.h"
#include "words.h"

const char *doctor_level_name(doctor_level level) {
  static const char *const names[] = {"ok", "warn", "fail"};
  return names[level];
}

static void finding_free(void *data) {
  doctor_finding *f = data;
  g_free(f->text);
  g_free(f->cure);
  g_free(f);
}

void doctor_say(GPtrArray *to, doctor_level level, const char *subject, const char *cure,
                const char *format, ...) {
  va_list args;
  va_start(args, format);
  doctor_finding *f = g_new0(doctor_finding, 1);
  *f = (doctor_finding){.level = level, .subject = subject, .text = g_strdup_vprintf(format, args)};
  f->cure = g_strdup(cure);
  va_end(args);
  g_ptr_array_add(to, f);
}

/* ---- plugins ---- */

static guint count_below(const registry *r, const char *folder) {
  const GPtrArray *entries = registry_entries(r);
  guint count = 0;
  for (guint i = 0; i < entries->len; i++) {
    const registry_entry *entry = g_ptr_array_index(entries, i);
    count += g_str_has_prefix(entry->path, folder) ? 1 : 0;
  }
  return count;
}

static void look_at_plugins(GPtrArray *to, const registry *r) {
  g_auto(GStrv) folders = registry_folders();
  for (char **folder = folders; *folder; folder++) {
    guint count = count_below(r, *folder);
    if (count > 0)
      doctor_say(to, DOCTOR_OK, "plugins", NULL, "%u stages in %s", count, *folder);
    else
      doctor_say(to, registry_entries(r)->len ? DOCTOR_WARN : DOCTOR_FAIL, "plugins",
                 "set CLIO_PLUGIN_PATH to the folder of the .so files, or 'make install'",
                 "no stages in %s", *folder);
  }
  const GPtrArray *refusals = registry_refusals(r);
  for (guint i = 0; i < refusals->len; i++) {
    const registry_refusal *refusal = g_ptr_array_index(refusals, i);
    doctor_say(to, DOCTOR_WARN, "plugins", "mend the file, or take it out of the folder",
               "refused %s: %s", refusal->path, refusal->why);
  }
}

/* ---- data ---- */

static const char data_cure[] = "set CLIO_DATA_PATH to clio's configs folder, or 'make install'";

static void look_at_data(GPtrArray *to) {
  g_autofree char *words = g_build_filename(data_dir(), "words", NULL);
  g_autofree char *topics = g_build_filename(data_dir(), "synthetic", "topics.txt", NULL);
  words_lists *lists = NULL;
  error e = {0};
  if (words_lists_load(words, &lists, &e) == CLIO_OK && pii_init(&e) == CLIO_OK)
    doctor_say(to, DOCTOR_OK, "data", NULL, "word lists in %s", words);
  else
    doctor_say(to, DOCTOR_FAIL, "data", data_cure, "%s", e.text);
  words_lists_free(lists);
  if (!g_file_test(topics, G_FILE_TEST_IS_REGULAR))
    doctor_say(to, DOCTOR_WARN, "data", data_cure, "%s is missing; source/synthetic reads it",
               topics);
}

/* Files that single stages need, and that may be left out of an installation. */
static void look_at_assets(GPtrArray *to, const plugin_stage *ps) {
  const clio_asset_file *missing = asset_missing(ps);
  if (missing)
    doctor_say(to, DOCTOR_WARN, "assets", missing->cure, "%s/%s is not ready: %s (%s) is missing",
               ps->s.kind, ps->s.name, missing->name,
               missing->help ? missing->help : "a data file");
  else
    doctor_say(to, DOCTOR_OK, "assets", NULL, "%s/%s has its data files", ps->s.kind, ps->s.name);
}

static void look_at_stages(GPtrArray *to, registry *r) {
  const GPtrArray *entries = registry_entries(r);
  for (guint i = 0; i < entries->len; i++) {
    const registry_entry *entry = g_ptr_array_index(entries, i);
    g_autofree char *use = g_strdup_printf("%s/%s", entry->kind, entry->name);
    const plugin_stage *ps = NULL;
    error e = {0};
    if (registry_load(r, use, &ps, &e) != CLIO_OK)
      doctor_say(to, DOCTOR_WARN, "plugins", NULL, "%s cannot be loaded: %s", use, e.text);
    else if (ps->s.assets.count > 0)
      look_at_assets(to, ps);
  }
}

/* ---- optional libraries ---- */

static void look_at_libraries(GPtrArray *to, const registry *r) {
  if (registry_has(r, "extractor/language"))
    doctor_say(to, DOCTOR_OK, "libraries", NULL, "CLD2: extractor/language is installed");
  else
    doctor_say(to, DOCTOR_WARN, "libraries", "apt-get install libcld2-dev, and build again",
               "CLD2: extractor/language is not installed");
#ifdef HAVE_HS
  doctor_say(to, DOCTOR_OK, "libraries", NULL, "Vectorscan: built in");
#else
  doctor_say(to, DOCTOR_WARN, "libraries", "apt-get install libvectorscan-dev, and build again",
             "Vectorscan: not built in; personal information is looked for more slowly");
#endif
}

GPtrArray *doctor_examine(const char *graph) {
  GPtrArray *to = g_ptr_array_new_with_free_func(finding_free);
  registry *r = NULL;
  error e = {0};
  if (registry_new(&r, &e) != CLIO_OK) {
    doctor_say(to, DOCTOR_FAIL, "plugins", NULL, "%s", e.text);
    return to;
  }
  look_at_plugins(to, r);
  look_at_data(to);
  look_at_stages(to, r);
  look_at_libraries(to, r);
  doctor_machine(to);
  if (graph) doctor_graph(to, r, graph);
  registry_free(r);
  return to;
}
