/* level.h - one level of hierarchizer/llm's tree being made of the level below it: propose
 * names, drop those that say the same, give each item its best parent, settle what cannot be,
 * name each parent after its children (Clio paper, appendix G.7). */
#ifndef CLIO_HIERARCHIZER_LLM_LEVEL_H
#define CLIO_HIERARCHIZER_LLM_LEVEL_H
#include "leaves.h"
#include "naming.h"
#include "near.h"

typedef struct llm_config {
  const char *model, *embedder, *facet;
  const char *propose, *merge, *assign, *name, *repair, *criteria;
  int64_t levels, top, neighbourhood, outside, choices, dimension, repairs, vocabulary, members;
  double temperature;
} llm_config;

/* What one run of the stage works with. */
typedef struct llm_run {
  work w;
  const llm_config *config;
  const clio_llm *llm;
  const clio_table *conversations;
  leaves_input in;
  leaves_tree tree;
  vocab vocab;
  naming naming;
  int32_t *above;     /* by leaf: its node of the level that was made last, as an item */
  const char **title; /* by node: what the model is told it is called; never published */
  uint64_t fallbacks; /* answers that were no choice, or none at all */
} llm_run;

/* Items are nodes [first, first + n) of the tree. */
typedef struct level {
  llm_run *r;
  uint64_t number, first, want;
  groups_items items;
  near near;
  const char **proposal; /* names of parents; lines */
  float *place;          /* of each, of length 1 or 0 */
  uint64_t proposals;
  uint32_t *group; /* by item */
  int64_t *from;   /* by group: the proposal it was, or GROUPS_NEW */
  uint64_t groups;
} level;

/* The item's name as the model is told it. [any] */
const char *level_title(const level *l, uint64_t item);

/* Appends "- title: description" lines of these items. [call] */
void level_put_items(const level *l, prompt_text *t, const uint64_t *item, uint64_t count);

/* A prompt of one template, its first two places fenced: they hold foreign text. [call] */
clio_status level_prompt(const level *l, const char *template, prompt_place *places, uint64_t n,
                         const char **ret);

/* 64 random bits for the k-th need of `what` on this level. [any] */
uint64_t level_random(const level *l, uint32_t what, uint64_t k);

/* Fills `proposal`: at least one, at most half again as many as wanted and one for each
 * neighbourhood. [call] */
clio_status level_propose(level *l);

/* Fills `group`, `from`, `groups`. [call] */
clio_status level_assign(level *l);

/* Adds the groups to the tree and names them. [call] */
clio_status level_name(level *l);
#endif
