/* inspect.h - describes installed stages for people (80 columns) and for
 * programs (JSON), from their descriptors alone. Prints nothing itself. */
#ifndef CLIO_CORE_INSPECT_H
#define CLIO_CORE_INSPECT_H
#include "layout.h"
#include "registry.h"

/* All installed stages by kind, then the files that were refused and why. */
void inspect_list(const registry *r, layout *l);

/* Everything a stage's descriptor and its file say. */
void inspect_stage(const plugin_stage *ps, layout *l);

/* A JSON list of the installed stages. New string. */
char *inspect_list_json(const registry *r);

/* One stage as a JSON object. New string. */
char *inspect_stage_json(const plugin_stage *ps);

/* "serial", "parallel", "exclusive". */
const char *inspect_threads(uint32_t threads);

/* The capabilities: bit, name, what it means. */
typedef struct inspect_cap {
  uint64_t bit;
  const char *name, *meaning;
} inspect_cap;
extern const inspect_cap inspect_caps[];
extern const size_t inspect_caps_count;
#endif
