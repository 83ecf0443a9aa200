/* registry.h - which stages are installed: the search path, and a listing made
 * by a child process (`clio --scan FILE`), so that a plugin that crashes while
 * it is loaded cannot take the host down. */
#ifndef CLIO_CORE_REGISTRY_H
#define CLIO_CORE_REGISTRY_H
#include <glib.h>

#include "plugin.h"

typedef struct registry registry;

/* One installed stage, from the scan. */
typedef struct registry_entry {
  char *kind, *name, *summary, *path;
  char *version, *license;
} registry_entry;

/* A file on the search path that is no usable plugin, and why. */
typedef struct registry_refusal {
  char *path, *why;
} registry_refusal;

/* Search path: CLIO_PLUGIN_PATH, folders with colons between; an empty part, and
 * the whole where it is not set, stands for the folder of the bundled stages
 * (beside the running binary, or the installed one) and the user's own,
 * $XDG_DATA_HOME/clio/plugins or ~/.local/share/clio/plugins. Folders are
 * searched for KIND/NAME.so, KIND/.libs/NAME.so, NAME.so and .libs/NAME.so.
 * Scans every file in a child; the first of two stages with one name wins and
 * the other is a refusal. */
clio_status registry_new(registry **ret, error *e);
void registry_free(registry *r);

const GPtrArray *registry_entries(const registry *r);  /* registry_entry*, by kind, name */
const GPtrArray *registry_refusals(const registry *r); /* registry_refusal* */

/* Loads the plugin that holds "kind/name" into this process. CLIO_E_CONFIG when
 * it is not installed; `e` says what is, with a suggestion. */
clio_status registry_load(registry *r, const char *use, const plugin_stage **ret, error *e);

/* The folder of the bundled stages. New string. */
char *registry_bundled_folder(void);

/* The folders that are searched. New list. */
char **registry_folders(void);

/* True when "kind/name" is installed. */
bool registry_has(const registry *r, const char *use);

/* The body of `clio --scan FILE`: opens it, prints its listing as JSON. */
int registry_scan_main(const char *path);
#endif
