/* show.h - a release, read back from its clusters.json and drawn as a tree for
 * a terminal. Everything it prints is stripped of control bytes. */
#ifndef CLIO_CORE_SHOW_H
#define CLIO_CORE_SHOW_H
#include <glib.h>
#include <json-c/json.h>
#include <stdbool.h>

#include "error.h"

/* One cluster, or the root. Strings are borrowed from the JSON. */
typedef struct show_node {
  const char *id, *facet, *parent, *name; /* parent NULL: a root; name NULL: root or rest */
  int64_t conversations, level;
  bool is_rest;
  json_object *facets; /* column -> [{value, count, ratio}], or NULL */
  GPtrArray *children; /* of show_node *, as printed */
} show_node;

/* What was run, and its trees. */
typedef struct show_release {
  json_object *json; /* the whole file */
  const char *mode, *assume, *public_why, *caveat;
  int64_t conversations, accounts, suppressed;
  int64_t least_accounts, least_conversations; /* of a cluster; 0: not told */
  GPtrArray *nodes;                            /* of show_node *, in the file's order; owned */
} show_release;

/* How it is drawn. */
typedef struct show_style {
  int columns; /* of the terminal */
  bool colour;
  int depth;          /* levels below the root, -1: all */
  const char *facet;  /* only this tree; NULL: every tree */
  const char *column; /* each node's most frequent values of it; NULL: none */
} show_style;

/* Reads OUT's clusters.json: OUT/release, OUT/public or OUT/restricted,
 * whichever comes first, or OUT itself, or the file. NULL, with what to try in
 * `e`, where there is none or it is not one of ours. [any] */
show_release *show_load(const char *out, error *e);
void show_free(show_release *r);

/* The header and the trees as text. New string. NULL, with those there are in
 * `e`, where style->facet or style->column names none. [any] */
char *show_draw(const show_release *r, const show_style *style, error *e);
#endif
