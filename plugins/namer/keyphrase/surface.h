/* surface.h - phrases as people write them: the form most members use, with the
 * article they mostly put before it. */
#ifndef CLIO_PLUGINS_SURFACE_H
#define CLIO_PLUGINS_SURFACE_H
#include "topics.h"

/* A topic in the words of the node's members, or of those that `mask` (by
 * member, may be NULL) marks; then as it stands there, else in its citation form.
 * Verbs get their -ing form where the language asks for it. Scratch. [call] */
clio_status surface_of(const phrase_corpus *corpus, const language *l, const tree_node *node,
                       const topic *t, const uint8_t *mask, const char **ret);

/* A stem as it mostly stands after the opening of form `opening`. [call] */
clio_status surface_in_slots(const phrase_corpus *corpus, const tree_node *node,
                             const row_form *forms, uint32_t opening, uint32_t stem,
                             const char **ret);

/* Does the most common form of a stem in the corpus end in one of `ends`? [any] */
int surface_ends_with(const phrase_corpus *corpus, uint32_t stem, const text_list *ends);

/* Did anyone write the English -ing form of this stem? [any] */
int surface_has_gerund(const phrase_corpus *corpus, uint32_t stem);

/* Makes the first letter small, or large; Latin, Greek and Cyrillic, in place. [any] */
void surface_lower_first(char *text);
void surface_upper_first(char *text);
#endif
