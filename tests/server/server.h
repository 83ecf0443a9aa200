/* server.h - the fault server: a provider of language models that answers out of a hash
 * of what it is asked, breaks as it is told, and counts everything. It is the referee of
 * the tests: how often each content was asked and answered, and what was used. */
#ifndef CLIO_TESTS_SERVER_SERVER_H
#define CLIO_TESTS_SERVER_SERVER_H
#include <glib.h>
#include <json-c/json.h>
#include <stdbool.h>
#include <stdint.h>

/* ---- what is asked: answer.c ---- */

enum { DIALECT_NONE = 0, DIALECT_OPENAI, DIALECT_ANTHROPIC, DIALECT_OLLAMA };

typedef struct asked {
  int dialect;
  bool embeds;
  json_object *root, *schema; /* schema: of the answer, or NULL; borrowed from root */
  const char *tool, *model;   /* tool: the one that must be called, or NULL */
  char *words;                /* what the user said last */
  GArray *contents;           /* uint64_t: hash of the content; of each text of an embedding */
  uint64_t hash;              /* of all of it */
  int64_t dim, in_tokens, max_tokens;
} asked;

typedef struct answered {
  GString *body;
  int64_t in_tokens, out_tokens;
} answered;

/* Reads a request by its path and body; false: none of ours. */
bool asked_read(asked *a, const char *path, const char *body, size_t length);
void asked_clear(asked *a);

/* The good answer, or one that `fault` spoils in what it says (faults of kind SPOILT);
 * `obey`: strings are what the
 * user's material says or orders, numbers what a checker wants to see. */
answered answer_make(const asked *a, const char *fault, bool obey);

/* {"error": ...} as the dialect has it. */
GString *answer_error(int dialect, const char *type, const char *code, const char *message);

/* ---- what goes wrong: faults.c ---- */

enum {
  FAULT_STATUS = 1, /* another status, with an error body */
  FAULT_BYTES,      /* 200, and a body that is no answer */
  FAULT_SPOILT,     /* 200 and an answer that says something wrong; it is counted as used */
  FAULT_RAW         /* HTTP itself breaks: raw.h */
};

typedef struct mishap {
  const char *name;
  int kind, status;
  const char *headers; /* "name: value", several parted by '|'; "@date": a date 2 s ahead */
  const char *type, *code, *message;
} mishap;

const mishap *fault_find(const char *name);
void fault_list(void);

/* Which faults come how often; shares sum to at most 1. */
typedef struct plan {
  GPtrArray *faults;
  GArray *shares; /* double */
  uint64_t seed;
  int most; /* of one content in a row, then it is answered; 0: any number */
} plan;

/* "NAME=SHARE", several parted by white space; false on a word that is none. */
bool plan_set(plan *p, const char *text);

/* The fault of the n-th request (from 1) of a content, or NULL: seed, hash and n alone
 * decide. */
const mishap *plan_choose(const plan *p, uint64_t hash, int nth);

/* The bytes of a fault of kind BYTES. `good` is the good answer. */
GString *fault_bytes(const char *name, const GString *good, const char **ret_headers);

/* ---- what is counted: tally.c ---- */

typedef struct count {
  int asked, delivered;
} count;

/* One request as it is counted; enter() begins it, leave() ends it. */
void tally_reset(void);
int tally_enter(const asked *a); /* how often this content was asked, this time included */
void tally_fault(const char *name);
/* `delivered`: a whole answer with usage went out; `processed`: it was worked on. */
void tally_leave(const asked *a, bool processed, bool delivered, int64_t in, int64_t out);
int tally_at_once(void);
/* As JSON; `contents`: with every content's counts. */
char *tally_print(bool contents);
#endif
