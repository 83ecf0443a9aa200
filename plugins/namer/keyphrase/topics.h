/* topics.h - the few phrases that say what a node's members are about.
 *
 * A phrase's weight grows with how much more often members use it than the
 * node's siblings and the whole do (class-based TF-IDF, Grootendorst 2022, as a
 * log ratio); phrases are then taken greedily by the members they add (weighted
 * maximum coverage, Nemhauser et al. 1978), so that two or three of them speak
 * for as many members as can be. */
#ifndef CLIO_PLUGINS_TOPICS_H
#define CLIO_PLUGINS_TOPICS_H
#include "forms.h"
#include "named_tree.h"

enum { MAX_TOPICS = 6, MAX_CANDIDATES = 160, MAX_SLOTS = 3 };

typedef struct topic {
  uint32_t phrase, df; /* df: members' accounts; a slot's phrase is a stem */
  double weight;
  int is_verb, is_aside; /* is_aside: mostly after a preposition, "in python" */
  uint8_t *covers;       /* by member: uses the phrase */
  const char *text;      /* as members write it, an article before it where they mostly do */
  uint32_t said[PHRASE_MAX], saids; /* a theme's: the stems that its label holds */
  uint64_t bit, parts;              /* a theme's: itself, and those it stands for */
  int is_theme; /* the phrase is a word of its label, covers are of all its words */
} topic;

/* Memory that one node after the other works in: scratch only grows. */
typedef struct node_room {
  uint32_t *number[2]; /* one per phrase or stem, whichever are more */
  uint64_t *stamp;     /* the same */
  uint64_t numbers;
  uint8_t *bytes;
  uint64_t size, used;
} node_room;

/* Room for nodes of up to `members` members. [call] */
clio_status room_new(const phrase_corpus *corpus, uint64_t members, node_room *ret);

/* Empties it for the next node. [any] */
void room_reset(node_room *room);

/* `size` zeroed bytes, one per member; NULL when the room is full. [any] */
uint8_t *room_take(node_room *room, uint64_t size);

/* number[i] zeroed. [any] */
uint32_t *room_numbers(node_room *room, int i);

/* What is known of one node. */
typedef struct node_topics {
  topic *candidate; /* all that have weight, without text */
  uint32_t candidates;
  topic topic[MAX_TOPICS]; /* best first */
  uint32_t topics;
  topic slot[MAX_SLOTS]; /* verbs that follow a form's opening, best first */
  uint32_t slots;
} node_topics;

/* Accounts that speak of each theme, by language. */
typedef struct theme_counts {
  uint32_t accounts[MAX_LANGUAGES][MAX_THEMES];
} theme_counts;

/* What a choice is measured against; arrays by phrase. */
typedef struct contrast {
  const uint32_t *own, *siblings, *whole; /* accounts that use it */
  uint64_t own_rows, siblings_rows, whole_rows;
  const theme_counts *own_themes, *siblings_themes, *whole_themes;
  const uint32_t *single; /* by stem: the phrase of that one word, or PHRASE_NONE */
  uint32_t least;         /* accounts a phrase needs in this node */
  const row_form *forms;
  const clio_members *members; /* of the node, for the text rule */
  uint8_t language;            /* most members' */
  const double *taken;         /* by stem: factor for words that siblings' names hold */
} contrast;

/* Chooses topics for a node whose members mostly write language `l`. [call] */
clio_status topics_choose(const phrase_corpus *corpus, const language *l, const tree_node *node,
                          const contrast *against, node_room *room, node_topics *ret);

/* Counts themes among `rows`, of which each account's stand together. [any] */
void themes_count(const phrase_corpus *corpus, const row_form *forms, const uint64_t *rows,
                  uint64_t count, theme_counts *ret);

/* The phrases of one word: ret[corpus->stems.count]. Scratch. [call] */
clio_status themes_singles(const phrase_corpus *corpus, uint32_t **ret);

/* Chooses verbs among the words that follow the opening of form `opening`. [call] */
clio_status topics_choose_slots(const phrase_corpus *corpus, const language *l,
                                const tree_node *node, const row_form *forms, uint32_t opening,
                                uint32_t least, node_room *room, node_topics *ret);

/* Do two phrases share a content word? [any] */
int topics_share_word(const phrase_corpus *corpus, uint32_t a, uint32_t b);

/* The share of members that at least one of the first `count` topics covers. */
double topics_coverage(const tree_node *node, const topic *topics, uint32_t count);
#endif
