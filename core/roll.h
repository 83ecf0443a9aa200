/* roll.h - the core's own record of every conversation that entered the run:
 * account, organisation, time, and the key that decides what the account cap
 * keeps. Filled at the door from the source's first output, never re-read from
 * a later table; the gate counts from it alone. */
#ifndef CLIO_CORE_ROLL_H
#define CLIO_CORE_ROLL_H
#include "rng.h"
#include "table.h"

/* One conversation. account and org: 63-bit keyed hashes, -1 where absent. */
typedef struct roll_entry {
  uint64_t key;
  int64_t account, org, time; /* time: INT64_MIN where absent */
  uint64_t cap_key;
} roll_entry;

typedef struct roll roll;
/* `m`: what its entries count against, or NULL. */
roll *roll_new(memory *m);
void roll_free(roll *r);

/* Appends in rising key order. False: past the memory limit. Not thread-safe. */
bool roll_append(roll *r, const roll_entry *entries, size_t count);
size_t roll_count(const roll *r);
const roll_entry *roll_at(const roll *r, size_t i);

/* SHA-256 over all entries, hex: what the counts rest on. New string. */
char *roll_content(const roll *r);

/* The entry of a row, or NULL: the row did not come through the door. */
const roll_entry *roll_find(const roll *r, uint64_t key);

/* The account that a row counts for: its pseudonym; without one, and `assumed`,
 * one of its own, made of the conversation's id (two rows of one id are one
 * conversation, and the place in the input means nothing); else the one account
 * of all rows that lack one. Its organisation: without one, its account's own. */
uint64_t roll_account(const roll_entry *entry, bool assumed);
uint64_t roll_org(const roll_entry *entry, bool assumed);

/* How many rows lack an account; has any an organisation? How many distinct
 * accounts are there? */
size_t roll_without_account(const roll *r);
bool roll_has_orgs(const roll *r);
size_t roll_accounts(const roll *r);

/* Notes the ids of rows that were read, sampled or not; how many had an id that
 * an earlier one of them has (without ids: the same messages). They flow on; of
 * those of one account the gate counts the first. */
void roll_note_ids(roll *r, const roll_entry *entries, size_t count);
size_t roll_ids(const roll *r); /* noted */
size_t roll_repeated_ids(roll *r);

/* The door: takes a source's table, gives every row its key (block << 20 |
 * index), replaces the ids by pseudonyms and adds the host's columns. `index`:
 * rows of this block before. ret_entries: as many as the table has rows; free
 * with g_free. Thread-safe. */
clio_status door_pass(const clio_table *t, uint64_t block, uint64_t index, rng_key project_key,
                      memory *m, clio_table **ret, roll_entry **ret_entries, error *e);
#endif
