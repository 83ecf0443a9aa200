/* cache_parts.h - what cache.c and cache_whole.c share; nobody else includes it. */
#ifndef CLIO_CORE_CACHE_PARTS_H
#define CLIO_CORE_CACHE_PARTS_H
#include "cache.h"
#include "input_key.h"
#include "sha256.h"

struct cache {
  char **row_key; /* by stage; filled when asked for */
  /* This program; the word lists; what is said to models that answered wrong. */
  char host[SHA256_HEX], words[SHA256_HEX], repair[SHA256_HEX];
  char project[33]; /* names the project's key without telling it */
  char *accounts;   /* content of the roll, and how long it was then */
  size_t accounts_rows;
  input_key *input;
  bool repeatable;
};

/* What a stage is: plugin, parameters, seed, this program. */
void cache_put_static(const run *r, int stage, cache_key *k);

/* Which rows a conversations table has; what is in a column. */
void cache_put_rows(cache_key *k, const clio_table *t);
void cache_put_column(cache_key *k, const char *word, column *c);
#endif
