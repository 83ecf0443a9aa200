/* ledger_parts.h - what the files of the ledger share. Nobody else includes it.
 *
 *   ledger.c          opening; claims, attempts, the account
 *   ledger_write.c    the thread that writes
 *   ledger_intent.c   what is about to be sent, for the case of a death
 *   ledger_read.c     answers looked up
 *   ledger_summary.c  what it came to */
#ifndef CLIO_CORE_LEDGER_PARTS_H
#define CLIO_CORE_LEDGER_PARTS_H
#include "db.h"
#include "ledger.h"
#include "ledger_summary.h"

/* A question that somebody is asking now, or whose answer is not on disk yet. */
typedef struct ledger_claim_entry {
  ledger_key key;
  uint32_t role;
  bool settled;
  int64_t attempt; /* the last one; 0: none */
  price_usage usage;
  int64_t cost;
} ledger_claim_entry;

/* An attempt that has not ended. */
typedef struct ledger_attempt {
  uint32_t role, count;
  int64_t tokens, upper; /* reserved */
  ledger_key *keys;
} ledger_attempt;

typedef struct ledger_slot ledger_slot;

typedef enum { OP_ROLE, OP_OPEN, OP_END, OP_ANSWER, OP_DAMAGED, OP_DONE } ledger_op_kind;

/* One write in the queue; what of it is used depends on the kind. */
typedef struct ledger_op {
  ledger_op_kind kind;
  uint64_t ticket;
  int64_t id, when; /* of a role, attempt or damaged row; microseconds UTC */
  uint32_t role, count, outcome, dim;
  int32_t fate, http_status;
  ledger_key key;
  int64_t in, out, upper, cost;
  price_usage usage;
  char *text, *other;      /* OPEN: -; ROLE: role, model; END: request id, why */
  char *price, *price_row; /* END: its id and row, or NULL */
  int slot;                /* OPEN: of the file of intents */
  void *bytes;             /* ANSWER */
  int64_t length;
} ledger_op;

typedef struct ledger_role {
  char *name, *model;
  ledger_tally tally;
} ledger_role;

struct ledger {
  char *path;
  ledger_secret secret;
  ledger_budget budget;
  int64_t run;

  GMutex lock;          /* of all that follows up to `reader` */
  GCond work;           /* there is something to write */
  GCond changed;        /* something was committed, released, or broke */
  GPtrArray *roles;     /* ledger_role* */
  GHashTable *claims;   /* ledger_key* -> ledger_claim_entry* */
  GHashTable *attempts; /* int64_t* -> ledger_attempt* */
  int64_t next_attempt;
  int64_t spent, unknown, reserved; /* micro-dollars of the account */
  int64_t spent_tokens, unknown_tokens, reserved_tokens;
  GPtrArray *queue; /* ledger_op* */
  bool entered;     /* what an earlier run left in the slots is in the database */
  ledger_slot *slots;
  GArray *free_slots; /* int */
  uint64_t next_ticket, durable;
  bool closing, broken;
  error why;

  GMutex read_lock; /* of these two */
  sqlite3 *reader;
  sqlite3_stmt *find;

  GThread *thread; /* the writing one; these are its own while it runs */
  sqlite3 *db;
  sqlite3_stmt *put_role, *put_price, *put_open, *put_end, *put_answer, *drop_answer, *put_done;
};

/* Hashes and compares ledger_key*. */
guint ledger_key_hash(gconstpointer key);
gboolean ledger_key_equal(gconstpointer a, gconstpointer b);

/* "cannot WHAT PATH: WHY; what to do" */
clio_status ledger_db_error(sqlite3 *db, const char *path, const char *what, error *e);

/* Puts an operation (a copy, whose pointers it takes) into the queue. The lock is held.
 * Its ticket. */
uint64_t ledger_enqueue(ledger *l, const ledger_op *op);

/* Statements of the writing connection, and the thread. */
clio_status ledger_start_writing(ledger *l, error *e);

/* Writes what is queued, ends the thread, frees the statements. */
void ledger_stop_writing(ledger *l);

/* Maps the file of intents and enters what a dead process left there; to be cleared when
 * those are on disk. Closing removes it where nothing failed. */
clio_status ledger_open_intents(ledger *l, error *e);
void ledger_clear_intents(ledger *l);
void ledger_close_intents(ledger *l);

/* Notes an attempt (OP_OPEN) there, at once; its slot, or -1 where all are taken. Forgets it
 * again. The lock is held. */
int ledger_intend(ledger *l, const ledger_op *op);
void ledger_forget_intent(ledger *l, int at);

/* The reading connection. */
clio_status ledger_start_reading(ledger *l, error *e);
void ledger_stop_reading(ledger *l);

/* The checksum of an answer's row. */
int64_t ledger_row_sum(const ledger *l, const ledger_key *key, uint32_t outcome, uint32_t dim,
                       const void *bytes, int64_t length);

/* Counts an answer of this run; the lock is held. */
void ledger_count_answer(ledger *l, uint32_t role, const ledger_answer *a, bool cached);

/* to += what (input, output, parts of input). */
void ledger_add_usage(price_usage *to, const price_usage *what);
#endif
