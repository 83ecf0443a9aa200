/* synthetic_words.h - the texts that source/synthetic makes conversations of:
 * topics, their requests and answers in several languages, and one template
 * written out. configs/synthetic/topics.txt says how they are written. */
#ifndef CLIO_SOURCE_SYNTHETIC_WORDS_H
#define CLIO_SOURCE_SYNTHETIC_WORDS_H
#include "clio_util.h"

/* A stream of random numbers: SplitMix64 (Steele, Lea and Flood, 2014). */
typedef struct dice {
  uint64_t state;
} dice;
uint64_t dice_roll(dice *d, uint64_t sides); /* 0 to sides - 1 */

/* One sentence or word. The tag is what stands behind the line's name: the
 * kind in "pii email", the subtopic's number of a request; else s is NULL. */
typedef struct word_item {
  clio_span text, tag;
  uint32_t file, line;
} word_item;

/* All lines of one kind in one section: requests, answers, what a word stands for. */
typedef struct word_list {
  clio_span name;
  word_item *items;
  uint64_t count, room;
} word_list;

typedef struct words_topic {
  clio_span name, subs; /* subs: "a | b | c" */
  uint64_t weight, trend, refused, concern;
} words_topic;

/* What one topic has in one language. Topic 0 is '*', for all. */
typedef struct section {
  uint64_t topic, lang;
  uint32_t file, line; /* where it begins */
  word_list *lists;
  uint64_t count, room;
} section;

typedef struct words {
  words_topic *topics;
  uint64_t topic_count, topic_room;
  clio_span *langs;
  uint64_t lang_count, lang_room;
  section *sections;
  uint64_t section_count, section_room;
  uint64_t *index; /* of topic and language: 1 + the section's number, 0: none */
} words;

/* A text being written. It grows as it must; free(bytes). */
typedef struct text {
  char *bytes;
  uint64_t length, room;
  int failed; /* no memory */
} text;

/* Whose dice and words a template is written out with. */
typedef struct teller {
  dice *own, *slots;  /* slots: for {NAME}; own: for {a|b} */
  const char *secret; /* what {secret} stands for */
} teller;

/* Reads the files, one after the other; the words borrow from their texts. On
 * failure `why` says what is wrong in which line. CLIO_E_CONFIG or _NOMEM. */
clio_status words_read(const char *const *files, uint64_t count, words *ret, char why[240]);
void words_clear(words *w);

/* What a topic has in a language, or NULL. */
const section *words_section(const words *w, uint64_t topic, uint64_t lang);

/* A section's list, else that of topic '*' in its language, else NULL. */
const word_list *words_list(const words *w, const section *s, const char *name);
const word_list *words_find(const words *w, const section *s, clio_span name);

/* The k-th part between bars that are in no brackets; s = NULL past the last. */
clio_span words_part(clio_span all, uint64_t k);

/* The subtopic of that number, "1" to "9"; s = NULL: there is none. */
clio_span words_sub(const words_topic *topic, clio_span digit);

/* Appends a template, written out with the teller's dice. Without teller and text:
 * checks every choice. 0: a bracket without its other half, a name that is no list,
 * or nested too deep. */
int words_template(const words *w, const section *s, clio_span t, const teller *by, text *out);

/* Appends one item of a list, chosen by the teller's slot dice; NULL: no such list. */
const word_item *words_write(const words *w, const section *s, const char *list, const teller *by,
                             text *out);
void text_add(text *out, const char *bytes, uint64_t length);

/* What hurried people do to the text from `start` on: letters change places, or
 * capitals and the last full stop go (ASCII). */
void text_mistype(text *t, uint64_t start, dice *d);
void text_lower(text *t, uint64_t start);
#endif
