/* ledger_intent.c - what is about to be sent, in a file that is mapped: written before a
 * request leaves, without a system call, and there when the process dies the next moment
 * (but not the machine: that the database's own record is for, a few milliseconds
 * later). A slot is free again once the database has the attempt. The next ledger_open
 * enters what it finds, so that no request is ever forgotten. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "ledger_parts.h"
#include "util.h"

enum { SLOTS = 8192 };

struct ledger_slot {
  uint64_t sum; /* of the rest; 0: free. Written last */
  int64_t id, run, role, count, started, tokens, upper;
  ledger_key key;
};

static uint64_t sum_of(const ledger_slot *s) {
  static const rng_key plain = {0x636c696f, 1};
  uint64_t sum = rng_siphash(plain, &s->id, sizeof *s - offsetof(ledger_slot, id));
  return sum ? sum : 1;
}

/* Slots that hold an attempt, into the database; those that it has already are kept as
 * they are there. */
static bool enter_slots(ledger *l) {
  static const char sql[] =
      "INSERT OR IGNORE INTO attempts(id, run, role, questions, started, state, upper_tokens,"
      " upper) VALUES(?,?,?,?,?,0,?,nullif(?,-1))";
  bool ok = true;
  for (int i = 0; i < SLOTS && ok; i++) {
    const ledger_slot *s = &l->slots[i];
    if (s->sum == 0 || s->sum != sum_of(s)) continue;
    ok = db_run(l->db, sql, "iiiiiii", s->id, s->run, s->role, s->count, s->started, s->tokens,
                s->upper);
  }
  return ok;
}

clio_status ledger_open_intents(ledger *l, error *e) {
  g_autofree char *path = g_strconcat(l->path, "-intents", NULL);
  size_t size = SLOTS * sizeof(ledger_slot);
  int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
  int code = fd < 0 ? errno : posix_fallocate(fd, 0, (off_t)size);
  void *map = code ? MAP_FAILED : mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  if (!code && map == MAP_FAILED) code = errno;
  if (fd >= 0) close(fd);
  if (code) return error_errno(e, CLIO_E_IO, code, "cannot write %s", path);
  l->slots = map;
  l->free_slots = g_array_sized_new(FALSE, FALSE, sizeof(int), SLOTS);
  for (int i = SLOTS - 1; i >= 0; i--) g_array_append_val(l->free_slots, i);
  return enter_slots(l) ? CLIO_OK : ledger_db_error(l->db, l->path, "write to", e);
}

void ledger_clear_intents(ledger *l) {
  memset(l->slots, 0, SLOTS * sizeof(ledger_slot));
  l->entered = true;
}

void ledger_close_intents(ledger *l) {
  if (!l->slots) return;
  munmap(l->slots, SLOTS * sizeof(ledger_slot));
  g_array_unref(l->free_slots);
  g_autofree char *path = g_strconcat(l->path, "-intents", NULL);
  if (!l->broken && l->entered) unlink(path);
}

int ledger_intend(ledger *l, const ledger_op *op) {
  if (l->free_slots->len == 0) return -1;
  int at = g_array_index(l->free_slots, int, l->free_slots->len - 1);
  g_array_set_size(l->free_slots, l->free_slots->len - 1);
  ledger_slot *s = &l->slots[at];
  *s = (ledger_slot){.id = op->id,
                     .run = l->run,
                     .role = op->role,
                     .count = op->count,
                     .started = op->when,
                     .tokens = op->in,
                     .upper = op->upper,
                     .key = op->key};
  __atomic_store_n(&s->sum, sum_of(s), __ATOMIC_RELEASE);
  return at;
}

void ledger_forget_intent(ledger *l, int at) {
  if (at < 0) return;
  l->slots[at].sum = 0;
  g_array_append_val(l->free_slots, at);
}
