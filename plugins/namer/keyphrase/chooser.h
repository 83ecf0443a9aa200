/* chooser.h - one node's topics while they are chosen; of topics.c and themes.c. */
#ifndef CLIO_PLUGINS_CHOOSER_H
#define CLIO_PLUGINS_CHOOSER_H
#include "topics.h"

/* How often, and where, members use a candidate. */
typedef struct candidate {
  topic topic;
  double lift, first; /* lift: log ratio against siblings and whole, 0 to 1 */
  uint64_t uses, free_right, compound, after_noun, after_verb,
      after_preposition; /* compound: a content word before */
} candidate;

typedef struct chooser {
  const phrase_corpus *corpus;
  const language *language;
  const tree_node *node;
  const contrast *against;
  node_room *room;
  candidate *item;
  uint32_t count;
  uint32_t *place; /* by phrase: candidate + 1 */
} chooser;

/* How much more often the node uses something than its siblings and the whole do,
 * of the accounts that do: a log ratio, 0 to 1. [any] */
double topics_lift(const contrast *a, uint32_t own, uint32_t siblings_own, uint32_t whole_own);

/* Adds to the candidates, which are words and phrases, the themes that can be called
 * by words of the members; what these say better loses its weight. [call] */
clio_status themes_add(chooser *c);
#endif
