/* wording.h - names and descriptions: templates filled with topics, and the
 * text rule asked about each until one passes. */
#ifndef CLIO_PLUGINS_WORDING_H
#define CLIO_PLUGINS_WORDING_H
#include "topics.h"

/* What is known of a node when it is named. */
typedef struct subject {
  const phrase_corpus *corpus;
  const language *language;
  const row_form *forms;
  const tree *tree;
  tree_node *node;
  uint8_t language_number;
  node_topics topics;
  uint32_t used[MAX_TOPICS], used_count; /* phrases that the name holds */
  const clio_table *table;               /* of the members, for the text rule */
  int32_t text_column;
} subject;

/* Writes node->name, unlike the names of siblings and parent, and passing the
 * text rule; notes in `used` what it holds. [call] */
clio_status wording_name(subject *s);

/* Writes node->description: what members asked, and what else they mention. [call] */
clio_status wording_describe(subject *s);
#endif
