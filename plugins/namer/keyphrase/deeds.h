/* deeds.h - requests as a verb and what it is done to: "write a story, an email
 * and code", "create a list". */
#ifndef CLIO_PLUGINS_DEEDS_H
#define CLIO_PLUGINS_DEEDS_H
#include "topics.h"

enum { MAX_DEEDS = 3, MAX_OBJECTS = 3, DEED_TEXT = 256 };

typedef struct deed {
  uint32_t verb;             /* of the language */
  double share;              /* of the members ask for it */
  topic object[MAX_OBJECTS]; /* most telling first, with text */
  uint32_t objects;
} deed;

typedef struct node_deeds {
  deed deed[MAX_DEEDS]; /* the most asked for first */
  uint32_t count;
} node_deeds;

/* The verbs that ask for most, each with its objects, candidates that stand within
 * a few words after it; no content word twice. A verb without one is left out. `number`: that of
 * `l`. [call] */
clio_status deeds_choose(const phrase_corpus *corpus, const language *l, uint8_t number,
                         const tree_node *node, const row_form *forms, const node_topics *topics,
                         node_room *room, node_deeds *ret);

/* The objects of all deeds, every verb's first one first; returns how many. [any] */
uint32_t deeds_objects(const node_deeds *d, topic ret[MAX_DEEDS * MAX_OBJECTS]);

/* The share of members whose request is among the first `count` deeds and holds
 * one of the first `objects` objects. [any] */
double deeds_coverage(const tree_node *node, const row_form *forms, uint8_t number,
                      const node_deeds *d, uint32_t count, uint32_t objects);

/* A deed with its first `objects` objects, into ret[DEED_TEXT]; small first letter. */
void deeds_text(const language *l, const deed *d, uint32_t objects, char *ret);

/* Appends `count` items to `text` of `size` bytes with the language's joins: the
 * last one as join[last] says, 0 = as the others. Cut where it is too long. */
void deeds_join(const language *l, const clio_span *items, uint32_t count, int last, char *text,
                size_t size);
#endif
