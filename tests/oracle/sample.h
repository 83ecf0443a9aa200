/* sample.h - random gate inputs, and what they are made with. */
#ifndef CLIO_ORACLE_SAMPLE_H
#define CLIO_ORACLE_SAMPLE_H
#include <glib.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "gate.h"

/* ---- random numbers (random.c): splitmix64, the same everywhere ---- */
typedef struct dice {
  uint64_t state;
} dice;
uint64_t dice_next(dice *d);
double dice_unit(dice *d);                /* [0, 1) */
int dice_int(dice *d, int low, int high); /* both ends included */
bool dice_chance(dice *d, double p);
int dice_of(dice *d, int count, const int *choices);
uint64_t hash64(uint64_t x);

/* ---- words the generator and T4 need (lexicon.c) ---- */

/* The frame lists and the everyday words, read here and not through words.c.
 * `for_gate` is what gate_apply wants. */
typedef struct lexicon {
  GHashTable *frame, *common; /* folded words */
  GPtrArray *plain;           /* frame words in a-z, for making names */
  GPtrArray *everyday;        /* the same of the everyday words; may be empty */
  words_lists *for_gate;
} lexicon;
lexicon *lexicon_load(const char *dir, error *e);
void lexicon_free(lexicon *lex);

/* ---- tables (sample*.c) ---- */

/* One gate input with all it points to. */
typedef struct sample {
  uint64_t seed;
  gate_input in;
  GPtrArray *owned; /* every allocation, freed together */
  const lexicon *lex;
  bool has_texts;
  bool unique_names; /* all nodes have a name, and no two the same */
} sample;
sample *sample_empty(uint64_t seed, const lexicon *lex);
void *sample_alloc(sample *t, size_t count, size_t size);
char *sample_text(sample *t, const char *format, ...) __attribute__((format(printf, 2, 3)));
void sample_free(sample *t);

/* A random table. `low`: thresholds below the compiled floors are allowed. */
sample *sample_random(uint64_t seed, const lexicon *lex, bool low);

/* Parts of sample_random. sample_make_nodes: the shape of tree `index`, nameless,
 * with no rows yet. sample_make_facets needs the leaves of the first tree and
 * the accounts; sample_make_names all of the roll and the tree's leaves. */
gate_tree *sample_make_nodes(sample *t, dice *d, int index);
void sample_make_facets(sample *t, dice *d, double unknown);
void sample_make_texts(sample *t, dice *d);
void sample_make_names(sample *t, dice *d, int index);

#endif
