/* filling.h - templates filled with lists of words. */
#ifndef CLIO_PLUGINS_FILLING_H
#define CLIO_PLUGINS_FILLING_H
#include "subject.h"

enum { FILLED_TEXT = 512 };

/* What goes into a template: {T} topics joined by "and", {O} by "or"; {K} kinds
 * of question, by "and"; {B} verbs, {D} verbs with objects, {V} verbs after an
 * opening, by "or"; {v} the latter parted by commas. */
typedef struct filling {
  clio_span topic[MAX_TOPICS], slot[MAX_SLOTS], kind[MAX_KINDS], verb[MAX_NAME_VERBS];
  clio_span deed[MAX_DEEDS];
  uint32_t topics, slots, kinds, verbs, deeds;
} filling;

/* Writes the template, its first letter large, into ret[FILLED_TEXT]; too long
 * is cut. White space around an empty list is closed up. [any] */
void filling_write(const language *l, clio_span template, const filling *f, char *ret);
#endif
