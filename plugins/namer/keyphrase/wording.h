/* wording.h - names and descriptions: templates filled with topics, and the
 * text rule asked about each until one passes. */
#ifndef CLIO_PLUGINS_WORDING_H
#define CLIO_PLUGINS_WORDING_H
#include "subject.h"

/* Writes node->name, unlike the names of siblings and parent, and passing the
 * text rule; notes in `used` what it holds. [call] */
clio_status wording_name(subject *s);

/* Writes node->description: what members asked, and what else they mention. [call] */
clio_status wording_describe(subject *s);
#endif
