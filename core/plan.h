/* plan.h - what a run would ask of its models, noted question by question by a run that
 * asks nobody, and told as calls, tokens, money and time per stage and role, with what
 * other ways to ask would cost (estimate.h). plan_answer stands in for the models: an
 * answer of the wanted form, made up, so that later stages have something to ask about. */
#ifndef CLIO_CORE_PLAN_H
#define CLIO_CORE_PLAN_H
#include <glib.h>

#include "estimate.h"

typedef struct json json;
typedef struct plan plan;

/* An empty plan; freed with plan_free, which takes NULL. */
plan *plan_new(void);
void plan_free(plan *p);

/* A role that may be asked: its model's name at the provider, its price (NULL: not known;
 * must outlive the plan), its limits, and how many tokens a text must have for the
 * provider's cache (0: it has none). [main] */
void plan_add_role(plan *p, const char *role, const char *model, const price *pr,
                   const estimate_limits *limits, int64_t cache_min);

/* One question. */
typedef struct plan_question {
  const char *stage, *role;
  int32_t parts;         /* things asked at once about the text: facets of one answer; 1 */
  int64_t in;            /* likely tokens of all of it */
  int64_t shared;        /* of those, the text that several questions may be about; 0: none */
  uint64_t shared_hash;  /* the same for the same text */
  int64_t out, out_most; /* tokens of the answer: likely, and allowed */
} plan_question;

/* Notes it. Roles that were not added are passed over. [any] */
void plan_note(plan *p, const plan_question *q);

/* `rows` of the input were looked at, of `all`: calls and tokens of the stages whose
 * questions grow with the rows (`stage` for each) are scaled. [main] */
void plan_scale(plan *p, const char *stage, int64_t rows, int64_t all);

/* All stages together. */
estimate plan_total(const plan *p);

/* As lines for people, and as the value of a key of JSON. New string. */
char *plan_text(const plan *p);
void plan_put(json *j, const plan *p);

/* How many things a schema asks at once: its properties; 1 where it has none. */
int32_t plan_parts(const char *schema);

/* An answer that satisfies `schema` (NULL: a few sentences), about `tokens` tokens long
 * where its form leaves that open, and the same for the same seed. Not NULL; new string. */
char *plan_answer(const char *schema, int64_t tokens, uint64_t seed);
#endif
