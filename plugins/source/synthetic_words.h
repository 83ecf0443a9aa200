/* synthetic_words.h - the file of topics that source/synthetic makes texts of:
 * its parts, and one template written out. configs/synthetic/topics.txt says
 * how it is written. */
#ifndef CLIO_SOURCE_SYNTHETIC_WORDS_H
#define CLIO_SOURCE_SYNTHETIC_WORDS_H
#include "clio_util.h"

/* A stream of random numbers: SplitMix64 (Steele, Lea and Flood, 2014). */
typedef struct dice {
  uint64_t state;
} dice;
uint64_t dice_roll(dice *d, uint64_t sides); /* 0 to sides - 1 */

/* All lines of one kind in one section: requests, answers, what a word stands for. */
typedef struct word_list {
  clio_span name;
  clio_span *items;
  uint64_t count, room;
} word_list;

typedef struct words_topic {
  clio_span name;
  uint64_t weight, trend, refused;
} words_topic;

/* What one topic has in one language. Topic 0 is '*', for all. */
typedef struct section {
  uint64_t topic, lang;
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
} words;

/* A text being written. It grows as it must; free(bytes). */
typedef struct text {
  char *bytes;
  uint64_t length, room;
  int failed; /* no memory */
} text;

/* Reads the file; `source`, which the words borrow from, must outlive them. On
 * failure `why` says what is wrong in which line. CLIO_E_CONFIG or _NOMEM. */
clio_status words_read(const char *source, words *ret, char why[200]);
void words_clear(words *w);

/* What a topic has in a language, or NULL. */
const section *words_section(const words *w, uint64_t topic, uint64_t lang);

/* A section's list, else that of topic '*' in its language, else NULL. */
const word_list *words_list(const words *w, const section *s, const char *name);

/* Appends one item of a list, chosen and written out with `d`. */
void words_write(const words *w, const section *s, const char *list, dice *d, text *out);
void text_add(text *out, const char *bytes, uint64_t length);
#endif
