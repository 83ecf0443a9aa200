/* imports.h - the symbols of a shared object: what it takes from others, and what its own
 * variables are called. The file has passed object_check before. */
#ifndef CLIO_CORE_IMPORTS_H
#define CLIO_CORE_IMPORTS_H
#include <glib.h>
#include <stdint.h>

/* The names of functions and variables that the file leaves undefined, in its own order. New
 * array of strings; empty where the file cannot be read. */
GPtrArray *imports_of(const char *path);

/* The name of the variable that lies at this address of the file (not of memory), or NULL
 * where it has none: an object stripped of its symbols. New string. */
char *imports_variable(const char *path, uint64_t address);

/* The language whose runtime is linked into the file ("Rust", "Go"), static; NULL: C or C++. */
const char *imports_runtime(const char *path);
#endif
