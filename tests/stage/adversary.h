/* adversary.h - models that misbehave, for tests of stages that ask one: a clio.llm/1 that
 * answers as it is told to, and the prompts such a stage needs. */
#ifndef CLIO_TESTS_ADVERSARY_H
#define CLIO_TESTS_ADVERSARY_H
#include <stdint.h>

#include "clio_test.h"

/* What the model does. ECHO repeats a line of the material, in all fields. CANARY says the
 * canary in all fields. OBEY does what the material says after "name it: ". LONG says 50,000
 * characters. NONSENSE is no JSON, SHAPE is JSON of another form, EMPTY an empty list, MANY a
 * list of 500, SAME always says one thing, ODD numbers wrongly, SILENT refuses. MIXED does any
 * of these, by a hash of the question. FAIR is a model that does its work. */
enum {
  ADVERSARY_ECHO,
  ADVERSARY_CANARY,
  ADVERSARY_OBEY,
  ADVERSARY_LONG,
  ADVERSARY_NONSENSE,
  ADVERSARY_SHAPE,
  ADVERSARY_EMPTY,
  ADVERSARY_MANY,
  ADVERSARY_SAME,
  ADVERSARY_ODD,
  ADVERSARY_SILENT,
  ADVERSARY_FAIR,
  ADVERSARY_MIXED,
  ADVERSARY_MODES
};

#define ADVERSARY_SECRET "Zebulon Quackenbush"

/* Sets the mode; 0 questions asked. */
void adversary_set(int mode, uint64_t seed);

/* The service. Static. */
const clio_llm *adversary_llm(void);

/* Questions asked since adversary_set(), and how many of them a repair. */
uint64_t adversary_asked(void), adversary_repairs(void);

/* The prompts of the i-th question of the last call; NULL past the end. */
const char *adversary_prompt(uint64_t i);

/* Gives a bench the shipped prompt as its parameter. */
void adversary_give_prompt(clio_test *t, const char *param, const char *file);

/* Frees what answers took. */
void adversary_clear(void);
#endif
