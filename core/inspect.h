/* inspect.h - describes installed stages for people (80 columns) and for
 * programs (JSON), from their descriptors alone. Prints nothing itself. */
#ifndef CLIO_CORE_INSPECT_H
#define CLIO_CORE_INSPECT_H
#include "layout.h"
#include "registry.h"

/* The installed stages by kind, then the files that were refused and why; only
 * the stages of `kind` where it is not NULL. */
void inspect_list(const registry *r, const char *kind, layout *l);

/* Is a stage of that kind installed? */
bool inspect_has_kind(const registry *r, const char *kind);

/* Everything a stage's descriptor and its file say. */
void inspect_stage(const plugin_stage *ps, layout *l);

/* The same stages as a JSON list. New string. */
char *inspect_list_json(const registry *r, const char *kind);

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
