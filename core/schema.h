/* schema.h - what columns a table has, before any data: names, types, privacy
 * classes, who made them. Built once by flow.c, then read only. */
#ifndef CLIO_CORE_SCHEMA_H
#define CLIO_CORE_SCHEMA_H
#include "table.h"

/* One column as planned. Strings and choices are owned. */
typedef struct schema_column {
  clio_column c; /* class settled: never INHERIT; strings point below */
  char *name, *help, *of;
  char **choices;
  GHashTable *choice_set; /* or NULL */
  int origin;             /* number of the stage that made it; -1: the host */
} schema_column;

/* The columns of one table kind. */
typedef struct schema {
  GPtrArray *columns; /* schema_column*, shared by reference count */
} schema;

schema_column *schema_column_new(const clio_column *c, int origin);
void schema_column_unref(schema_column *c);
schema *schema_new(void);
void schema_free(schema *s);
schema *schema_copy(const schema *s);
const schema_column *schema_find(const schema *s, const char *name);

/* Adds (taking a reference) or replaces by name. */
void schema_put(schema *s, const schema_column *c);

/* At most one schema per row kind. */
typedef struct schema_bundle {
  schema *kind[ROW_KINDS];
} schema_bundle;
void schema_bundle_clear(schema_bundle *b);
void schema_bundle_copy(schema_bundle *to, const schema_bundle *from);

/* The names of all columns, for suggestions. Free with g_free (not deep). */
const char **schema_names(const schema *s, size_t *ret_count);

const char *privacy_name(clio_privacy p);
#endif
