/* doctor.h - looks at what a run needs and says what is missing and how to get
 * it: plugins, data files, libraries, the project, the machine, and for a graph
 * its stages and secrets. Reads no input; changes nothing. Not thread-safe. */
#ifndef CLIO_CORE_DOCTOR_H
#define CLIO_CORE_DOCTOR_H
#include <glib.h>

#include "registry.h"

/* FAIL: nothing, or this graph, would not run. WARN: it would, but less well. */
typedef enum { DOCTOR_OK, DOCTOR_WARN, DOCTOR_FAIL } doctor_level;

/* One finding; `cure` NULL where there is nothing to do. */
typedef struct doctor_finding {
  doctor_level level;
  const char *subject; /* "plugins", "data" ...; static */
  char *text, *cure;
} doctor_finding;

/* "ok", "warn", "fail" */
const char *doctor_level_name(doctor_level level);

/* What holds for any graph; `graph` NULL or the file to look at too. A list of
 * doctor_finding*, freed with g_ptr_array_unref. */
GPtrArray *doctor_examine(const char *graph);

/* Parts of it, which append to `to`. */
void doctor_say(GPtrArray *to, doctor_level level, const char *subject, const char *cure,
                const char *format, ...) __attribute__((format(printf, 5, 6)));
void doctor_machine(GPtrArray *to);                              /* doctor_machine.c */
void doctor_graph(GPtrArray *to, registry *r, const char *path); /* doctor_graph.c */
#endif
