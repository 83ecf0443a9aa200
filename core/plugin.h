/* plugin.h - one shared object: opened, checked, its descriptors copied into
 * structs of this host's own size. Never closed. */
#ifndef CLIO_CORE_PLUGIN_H
#define CLIO_CORE_PLUGIN_H
#include <glib.h>
#include <stdbool.h>

#include "clio.h"
#include "error.h"

typedef struct plugin plugin;

/* A stage as this host sees it: every struct and list item copied to the
 * host's own layout, so that reading a field a smaller plugin lacks gives zero. */
typedef struct plugin_stage {
  clio_stage s; /* lists point into the arrays below, item_size = sizeof; every
                   function but process is there, if only to do nothing */
  clio_port *inputs, *outputs;
  clio_param *params;
  clio_asset_file *assets;
  const clio_model *model; /* of a model backend, which is listed, described and configured
                              like a stage of kind "model"; NULL for a stage */
  const plugin *owner;
} plugin_stage;

struct plugin {
  clio_plugin p;
  char *path;
  char sha256[65];
  GPtrArray *stages; /* plugin_stage* */
};

/* Opens `path` (RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE) after these checks, each
 * failure its own sentence: a regular file that neither others nor its folder's
 * others may write; an ELF shared object, whole; the symbol; magic; major;
 * minor; struct sizes; every descriptor sane (names, ports, parameter types,
 * offsets inside config_size, defaults that parse, thread mode). */
clio_status plugin_open(const char *path, plugin **ret, error *e);

/* Frees our copies; the shared object stays mapped. Takes NULL. */
void plugin_free(plugin *p);

/* The stage of that kind and name, or NULL. */
const plugin_stage *plugin_find(const plugin *p, const char *kind, const char *name);
#endif
