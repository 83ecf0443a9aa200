/* doc.h - a YAML (or JSON) file as a tree of nodes with their places, in the
 * small part of YAML that graphs use: no anchors, aliases, tags, duplicate
 * keys, second documents, nor depth over DOC_DEPTH_MAX. Read from libyaml's
 * events and not through its document API, which resolves aliases and forgets
 * where they stood. Knows nothing of graphs. Nodes are not thread-safe. */
#ifndef CLIO_CORE_DOC_H
#define CLIO_CORE_DOC_H
#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

#include "diag.h"

enum { DOC_DEPTH_MAX = 32, DOC_BYTES_MAX = 1 << 20 };

/* A YAML node with its place. Scalars hold their text after ${...} was put in;
 * `plain` is false for quoted ones, which are always strings. `null`: a plain
 * null, ~ or empty scalar. `unset`: the scalar takes this declared variable,
 * which has no value; then it is null too. `bad`: an error about this node was
 * reported already; whoever reads it stays silent. */
typedef enum { DOC_SCALAR, DOC_LIST, DOC_MAP } doc_kind;
typedef struct doc_node {
  doc_kind kind;
  diag_pos at;
  char *text; /* DOC_SCALAR */
  bool plain, null, bad;
  GPtrArray *items; /* DOC_LIST: doc_node*; DOC_MAP: key, value, key, value ... */
  char *unset;
} doc_node;

/* Reads one document. Every finding goes to `d`. Returns the tree, also where
 * there were errors that leave it whole; NULL when the text is not YAML, holds
 * what no graph may hold, or is empty. */
doc_node *doc_parse(const char *text, size_t length, diag *d);
void doc_node_free(doc_node *node); /* takes NULL */

/* The value of `key` in a map, or NULL; the key's own node through ret_key
 * (which may be NULL). */
const doc_node *doc_get(const doc_node *map, const char *key, const doc_node **ret_key);

/* Number of entries of a map; its i-th key and value. */
guint doc_entries(const doc_node *map);
const doc_node *doc_key(const doc_node *map, guint i);
const doc_node *doc_value(const doc_node *map, guint i);

/* A scalar's value as a type. False if it is not one; then *ret_why is a
 * static sentence with the cure, or NULL. Integers are plain, decimal, without
 * underscores or leading zeros; booleans are true and false. */
bool doc_int(const doc_node *node, int64_t *ret, const char **ret_why);
bool doc_double(const doc_node *node, double *ret, const char **ret_why);
bool doc_bool(const doc_node *node, bool *ret, const char **ret_why);

/* "WHO wants WANT, not 'ten'; WHY". Silent about a node that is bad. `why` may
 * be NULL; `privacy`: a finding of that kind. */
void doc_complain(const doc_node *node, diag *d, bool privacy, const char *who, const char *want,
                  const char *why);

/* "'ten'", "a list", "null" ...: a node in a message, short. New string. */
char *doc_shown(const doc_node *node);

/* The text of `word` inside the source of a scalar, for the caret; the whole
 * scalar if it is not found. */
diag_pos doc_locate(const char *text, size_t length, diag_pos scalar, const char *word);
#endif
