/* output.h - the mode's folder: files are written beside it and put in its
 * place together, or not at all. The only door for what reports write. */
#ifndef CLIO_CORE_OUTPUT_H
#define CLIO_CORE_OUTPUT_H
#include "clio.h"
#include "error.h"
#include "graph.h"

typedef struct output output;

/* For OUT in that mode. Refuses (CLIO_E_PRIVACY) an OUT that holds another
 * mode's output: what was made under other rules must not be taken for this. */
clio_status output_new(const char *out, graph_mode mode, output **ret, error *e);
void output_free(output *o);

/* The bodies of clio.output/1. Thread-safe. */
clio_status output_open(output *o, const char *name, uint32_t *ret_file, error *e);
clio_status output_write(output *o, uint32_t file, const void *bytes, uint64_t length, error *e);
clio_status output_close(output *o, uint32_t file, error *e);

/* Syncs all files and puts the folder in place. */
clio_status output_commit(output *o, error *e);

/* The names and SHA-256 of all that lies in the mode's folder, in order of names;
 * NULL: it is not there or cannot be read. New string. */
char *output_content(const output *o);

/* The mode's folder, "OUT/release". */
const char *output_dir(const output *o);
#endif
