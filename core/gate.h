/* gate.h - the one place where anything becomes publishable (GATE.md).
 *
 * The gate reads the roll, the trees, the facet columns, the members' texts
 * and the ratings, and nothing else; whatever a plugin says about counts never
 * reaches it. It holds no clock, no path, no thread. Everything it returns may
 * be printed. Single-threaded; pure. */
#ifndef CLIO_CORE_GATE_H
#define CLIO_CORE_GATE_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "error.h"
#include "words.h"

/* Thresholds for one kind of thing: each is a least number of distinct ones. */
typedef struct gate_threshold {
  int64_t accounts, conversations, organizations;
} gate_threshold;

/* The graph's privacy section as the gate uses it. */
typedef struct gate_policy {
  gate_threshold cluster, cell;
  int64_t word_accounts;
  bool word_exempt_common; /* word.exempt: common instead of frame */
  int64_t account_cap;     /* conversations of one account that count in a leaf */
  int64_t audit_floor;     /* 1-5; texts rated below are refused */
  int64_t round_to;        /* published counts; 1 = exact */
  bool publish_all;        /* public mode: thresholds are 1, points printed */
} gate_policy;

/* The roll: one entry per conversation that entered the run, parallel arrays of
 * `rows`. `account` is a pseudonym; a row without account has had the graph's
 * assumption applied already (all 'null' rows one account, or one each), so
 * the array holds none. `org`: a row without one holds its account's own
 * pseudonym under another domain, so it holds none either. `cap_key` is the
 * keyed hash of the conversation's id, which decides what the account cap
 * keeps, per account and leaf of the first tree; the rows that tree leaves
 * unassigned are, per account, one more leaf. */
typedef struct gate_roll {
  size_t rows;
  const uint64_t *account, *org, *cap_key;
  bool has_orgs; /* the input has organisation ids */
} gate_roll;

/* A node of a proposed tree. Strings are borrowed; NULL where there is none.
 * A rating of 0 means: nobody rated this text. */
typedef struct gate_node {
  int32_t parent; /* index into nodes, -1: a top node */
  int32_t level;  /* 0 = leaf */
  const char *name, *description;
  int32_t name_rating, description_rating;
  const char *name_auditor, *description_auditor; /* who gave the lowest rating */
} gate_node;

/* A proposed tree over the roll's rows. `leaf[r]`: index of row r's leaf node,
 * or -1 (unassigned). `text[r]`, `text_len[r]`: the member's text that the
 * namer read, NULL where null. x, y may be NULL. */
typedef struct gate_tree {
  const char *facet;
  size_t nodes;
  const gate_node *node;
  const int32_t *leaf;
  const char *const *text;
  const int64_t *text_len;
  const double *x, *y;
} gate_tree;

/* A facet: a breakdown column with its values already cut to names. Row r has
 * the values code[offset[r]] ... code[offset[r+1]-1], or, where `offset` is
 * NULL, the single code[r] (-1 = unknown). A list facet is treated as one
 * yes/no facet per value. `closed`: the values come from a declared closed set
 * or are bins; else each is free text and must pass the text rule and a rating. */
typedef struct gate_facet {
  const char *name;
  size_t values;
  const char *const *value;
  const int32_t *value_rating; /* free text: 0 = unrated; NULL when closed */
  const int32_t *code;
  const int64_t *offset;
  bool closed, sensitive, is_period;
} gate_facet;

typedef struct gate_input {
  gate_policy policy;
  gate_roll roll;
  size_t trees, facets;
  const gate_tree *tree;
  const gate_facet *facet;
  const words_lists *words;
} gate_input;

/* What may be printed of one value of one facet at one node. */
typedef struct gate_cell {
  int32_t facet, value; /* indices into gate_input.facet and its values */
  int64_t count;        /* rounded */
  int64_t exact;        /* for private/ and the oracle only; never printed */
} gate_cell;

/* What may be printed of one node. Strings are owned by the release. */
typedef struct gate_printed {
  char *id;       /* "facet-level-rank", "facet-root", "facet-level-rest[-PARENT'S RANK]" */
  int32_t tree;   /* index into gate_input.tree */
  int32_t node;   /* index into that tree's nodes; -1: the root or a rest */
  int32_t parent; /* index into gate_release.node, -1: the root */
  int32_t level;
  bool is_root, is_rest;
  char *name, *description;        /* NULL: root, rest; refused: "(withheld)" and "" */
  int32_t rating;                  /* the lowest of the texts printed; 0: none printed */
  const char *auditor;             /* borrowed from the input, or NULL */
  int64_t conversations;           /* rounded */
  int64_t accounts, organizations; /* lower bound of the band; 0 for a rest; organizations 1
                                      where the input has no organisation ids */
  int64_t exact;                   /* for private/ and the oracle only */
  bool has_position;
  double x, y;     /* in the projector's coordinates, snapped to a grid of at most
                      256 x 256 points over the nodes of the tree */
  gate_cell *cell; /* by facet, then count descending, then value */
  size_t cells;
} gate_printed;

typedef struct gate_release {
  gate_printed *node; /* by facet's bytes; root first, then level (0 first), rank; a rest
                         after the ranked of its level */
  size_t nodes;
  int64_t conversations, accounts; /* of the whole run: rounded; a band */
  int64_t suppressed;              /* conversations in all rest nodes, rounded */
  int64_t over_cap;                /* exact, for the manifest */
  int64_t repeated;                /* rows of conversations that an earlier row is; exact */
  int64_t texts_refused;           /* exact, for the manifest */
  double rest_share;               /* of the first tree, for run's warning */
} gate_release;

/* Applies GATE.md steps 1-6 (and 7 through words.h). On refusal returns
 * CLIO_E_PRIVACY with the reason, without any count, id or text, in `e`. */
clio_status gate_apply(const gate_input *in, gate_release **ret, error *e);
void gate_release_free(gate_release *r);

/* The lower bound of the published band that n falls in: 0, 1, 3, 5, 10 ... */
int64_t gate_band(int64_t n);

/* n rounded to the nearest multiple, halves up. */
int64_t gate_round(int64_t n, int64_t multiple);
#endif
