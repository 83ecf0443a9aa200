/* subject.h - one node on its way to a name: its members, what they do, and
 * what they are about. */
#ifndef CLIO_PLUGINS_SUBJECT_H
#define CLIO_PLUGINS_SUBJECT_H
#include "deeds.h"
#include "topics.h"

enum { MAX_KINDS = 3, MAX_NAME_VERBS = 4, MAX_USED = MAX_DEEDS * MAX_OBJECTS };

/* Shares of a node's members. */
typedef struct profile {
  double form[MAX_FORMS], class[CLASSES], verb[MAX_VERBS];
  double own_language; /* of those whose language is known */
} profile;

typedef struct subject {
  const phrase_corpus *corpus;
  const language *language, *common; /* the members', and the whole run's */
  const row_form *forms;
  const tree *tree;
  tree_node *node;
  uint8_t language_number;
  profile profile;
  node_topics topics;
  node_deeds deeds;
  const clio_table *table; /* of the members, for the text rule */
  int32_t text_column;
  uint32_t used[MAX_USED], used_count; /* phrases that the name holds */
} subject;

/* Fills s->profile. [any] */
void profile_take(subject *s);

/* The names to choose from: NAME_QUESTION ... [any] */
int profile_names(const subject *s);

/* The form that most members use, if it speaks for all; else NULL. [any] */
const form *profile_main_form(const subject *s);

/* The fewest kinds of question that stand for most of the questions; 0 where
 * `most` do not. [any] */
uint32_t profile_kinds(const subject *s, uint32_t most, clio_span ret[MAX_KINDS]);

/* The fewest verbs that stand for most of what is asked to be done, at most
 * `most` of them. [any] */
uint32_t profile_verbs(const subject *s, uint32_t most, clio_span ret[MAX_NAME_VERBS]);
#endif
