/* templates.h - the words put around topics: reads the data file that
 * configs/words/name-templates.txt documents. Patterns are kept as stems of the
 * corpus, so reading it needs one; what no text holds is dropped. */
#ifndef CLIO_PLUGINS_TEMPLATES_H
#define CLIO_PLUGINS_TEMPLATES_H
#include "phrases.h"

/* A list of strings, as written. */
typedef struct text_list {
  clio_span *item;
  uint32_t count, room;
} text_list;

/* A pattern: stems in a row. */
typedef struct pattern {
  uint32_t *stem, words;
} pattern;

typedef struct pattern_list {
  pattern *item;
  uint32_t count, room;
} pattern_list;

enum { CLASS_QUESTION = 0, CLASS_REQUEST, CLASS_OTHER, CLASSES };

/* A kind of conversation. Templates are NULL spans where not given. */
typedef struct form {
  clio_span id;
  uint32_t class;
  pattern_list open;
  clio_span kind, verbs, verbs_more, tell;
} form;

/* The names of one kind of cluster, by how many of its members hold a topic. */
enum { NAME_QUESTION = 0, NAME_DO, NAME_REQUEST, NAME_OTHER, NAME_MIXED, NAME_LANGUAGES, NAMES };
typedef struct name_set {
  clio_span objects, topics, such, often, some, alone, bare, tell;
} name_set;

/* A request: the verb as shown, and the words that ask for it. */
typedef struct request_verb {
  clio_span shown;
  pattern_list open;
} request_verb;

/* What many words speak of ("baking", "oven": food): what it is called, the widest
 * word first. Its words are bits of language.theme_of. */
typedef struct theme {
  text_list label;
  int is_made;    /* one writes or makes it: a verb may stand before its label */
  uint64_t parts; /* of a wide theme: the themes it stands for; 0: it has words */
} theme;

enum { MAX_LANGUAGES = 64, MAX_FORMS = 32, MAX_VERBS = 64, MAX_THEMES = 64 };

/* Lists of words; the last one is what `do` lines hold. */
enum {
  MARK_STOP = 0,
  MARK_ARTICLE,
  MARK_DEFINITE,
  MARK_POSSESSIVE,
  MARK_NOUN_AFTER,
  MARK_VERB_AFTER,
  MARK_WEAK,
  MARK_INNER,
  MARK_TAIL,
  MARK_PREPOSITION,
  MARK_ASKS,
  MARKS
};

typedef struct language {
  clio_span code, name;
  text_list verb_ends, drop_ends, plural_ends, citation, other;
  clio_span join[3];    /* between items, before the last: and, or */
  uint8_t *mark[MARKS]; /* by stem: is it on the list? */
  pattern_list lead;
  form form[MAX_FORMS];
  name_set name_set[NAMES];
  request_verb verb[MAX_VERBS];
  theme theme[MAX_THEMES];
  uint64_t *theme_of; /* by stem: bit t for each theme t it speaks of; NULL: no themes */
  uint32_t forms, verbs, themes;
  int gerund;                 /* topics that are verbs get their -ing form */
  clio_span most, many, some; /* a description's second sentence */
} language;

typedef struct templates {
  language *language;
  uint32_t count;
} templates;

/* Reads `text` for this corpus, and `themes`, which may be NULL, for the languages
 * it names. Fails, naming the line, on what it does not know. `corpus` NULL: only
 * checks. Scratch. [call] */
clio_status templates_read(const clio_host *host, clio_call *call, const char *text,
                           const char *themes, const phrase_corpus *corpus, templates *ret);

/* The themes of `themes`, and the wide ones that stand for any of them. [any] */
uint64_t templates_widen(const language *l, uint64_t themes);

/* The form of that id, or NULL. [any] */
const form *templates_form(const language *l, const char *id);
#endif
