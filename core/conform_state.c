/* conform_state.c - the checks 'state' and 'leaks': does a stage keep anything outside self? Its
 * static memory is compared around a run; another instance runs in between the calls of one; and
 * the heap is measured over many lives. */
#include "clio-build.h"

#include <link.h>
#include <malloc.h>
#include <string.h>

#include "conform_parts.h"
#include "imports.h"

enum {
  OTHER_ROWS = 23,
  OTHER_SEED = 2,
  LIVES = 16,
  FEW_LIVES = 2,
  SLOW_MICROSECONDS = 50000,
  WINDOWS = 3,
  LEAK_BYTES = 8
};

/* ---- static memory ---- */

/* A piece of a plugin's writable memory: at `address` of the file. */
typedef struct piece {
  const uint8_t *start;
  uint8_t *copy;
  size_t size;
  uint64_t address;
} piece;

typedef struct image {
  const char *path;
  GArray *pieces;
} image;

static void piece_clear(void *data) { g_free(((piece *)data)->copy); }

/* A copy of memory as it lies there. AddressSanitizer puts guards between variables, which may be
 * read here and nowhere else: byte by byte, so that no memcpy() of its own is called. */
__attribute__((no_sanitize("address"))) static uint8_t *copy_raw(const uint8_t *start,
                                                                 size_t size) {
  const volatile uint8_t *from = start;
  uint8_t *copy = g_malloc(size);
  for (size_t i = 0; i < size; i++) copy[i] = from[i];
  return copy;
}

static void add_piece(image *m, const struct dl_phdr_info *info, uint64_t from, uint64_t to) {
  if (from >= to) return;
  piece p = {.start = (const uint8_t *)(uintptr_t)(info->dlpi_addr + from),
             .size = (size_t)(to - from),
             .address = from};
  p.copy = copy_raw(p.start, p.size);
  g_array_append_val(m->pieces, p);
}

/* A segment without what the linker has made read-only since. */
static void add_segment(image *m, const struct dl_phdr_info *info, const ElfW(Phdr) * segment) {
  uint64_t from = segment->p_vaddr, to = from + segment->p_memsz;
  for (int i = 0; i < info->dlpi_phnum; i++) {
    const ElfW(Phdr) *relro = &info->dlpi_phdr[i];
    uint64_t start = relro->p_vaddr, end = start + relro->p_memsz;
    if (relro->p_type != PT_GNU_RELRO || start < from || end > to) continue;
    add_piece(m, info, from, start);
    from = end;
  }
  add_piece(m, info, from, to);
}

static int add_object(struct dl_phdr_info *info, size_t size, void *ctx) {
  image *m = ctx;
  (void)size;
  if (strcmp(info->dlpi_name, m->path) != 0) return 0;
  for (int i = 0; i < info->dlpi_phnum; i++)
    if (info->dlpi_phdr[i].p_type == PT_LOAD && (info->dlpi_phdr[i].p_flags & PF_W))
      add_segment(m, info, &info->dlpi_phdr[i]);
  return 1;
}

static GArray *image_take(const char *path) {
  image m = {path, g_array_new(FALSE, FALSE, sizeof(piece))};
  g_array_set_clear_func(m.pieces, piece_clear);
  dl_iterate_phdr(add_object, &m);
  return m.pieces;
}

/* The name of the first variable that has changed; NULL: none has. What compilers put there
 * for measurements begins with "__". New string. */
static char *changed_variable(const GArray *pieces, const char *path) {
  for (guint i = 0; i < pieces->len; i++) {
    const piece *p = &g_array_index(pieces, piece, i);
    g_autofree uint8_t *now = copy_raw(p->start, p->size);
    for (size_t k = 0; k < p->size; k++) {
      if (now[k] == p->copy[k]) continue;
      char *name = imports_variable(path, p->address + k);
      if (!name) return g_strdup("of a name that was stripped");
      if (strncmp(name, "__", 2) != 0) return name;
      g_free(name);
    }
  }
  return NULL;
}

static void run_other(const conform_subject *s, conform_mood mood, uint64_t rows) {
  g_autofree char *outcome = conform_run_once(s, mood, rows);
  (void)outcome;
}

/* What is filled in once, by the first lives, is not counted. */
bool conform_keeps_statics(const conform_subject *s, conform_verdict *v,
                           void (*life)(const conform_subject *s)) {
  const char *path = s->ps->owner->path;
  life(s);
  GArray *before = image_take(path);
  life(s);
  g_autofree char *name = changed_variable(before, path);
  g_array_free(before, TRUE);
  if (name)
    conform_say(v, CONFORM_FAILED,
                "keep it in self, which create() makes: instances and threads share what is static",
                "a run writes to its static variable '%s'", name);
  return !name;
}

static void live_with_both(const conform_subject *s) {
  run_other(s, CONFORM_PLAIN, CONFORM_ROWS);
  run_other(s, CONFORM_PLAIN, OTHER_ROWS);
}

/* ---- two instances at once ---- */

/* A value of a numeric parameter near its default, and another one. False: it has none. */
static bool other_value(const clio_param *p, char ret[G_ASCII_DTOSTR_BUF_SIZE]) {
  bool whole = p->type == CLIO_PT_INT || p->type == CLIO_PT_AUTO;
  if ((!whole && p->type != CLIO_PT_FLOAT) || !p->def) return false;
  double value = g_ascii_strtod(p->def, NULL);
  double up = whole ? value + 1 : value + (p->max - value) / 2;
  double down = whole ? value - 1 : value - (value - p->min) / 2;
  double other = up <= p->max ? up : down;
  if (other < p->min || other > p->max || other == value) return false;
  g_ascii_formatd(ret, G_ASCII_DTOSTR_BUF_SIZE, whole ? "%.0f" : "%.6g", other);
  return true;
}

/* A run of a second instance, with other rows, parameters and seed, between two calls of the
 * first. */
static void run_between(void *subject, void *self) {
  const conform_subject *s = subject;
  clio_test *t = conform_open(s, CONFORM_PLAIN, OTHER_ROWS);
  (void)self;
  clio_test_seed(t, OTHER_SEED);
  for (uint32_t i = 0; i < s->ps->s.params.count; i++) {
    const clio_param *p = &s->ps->params[i];
    char value[G_ASCII_DTOSTR_BUF_SIZE];
    if (g_hash_table_contains(s->params, p->name) || !other_value(p, value)) continue;
    clio_test_param(t, p->name, value);
    if (clio_test_plan(t) != CLIO_OK) clio_test_param(t, p->name, NULL);
  }
  clio_test_run(t);
  clio_test_close(t);
}

static char *run_with_another(conform_subject *s, bool between) {
  clio_test *t = conform_open_cut(s, CONFORM_PLAIN, CONFORM_ROWS, 700);
  clio_test_batch(t, 7);
  if (between) clio_test_between(t, run_between, s);
  char *outcome = conform_outcome_of(t, s, clio_test_run(t));
  clio_test_close(t);
  return outcome;
}

void conform_check_state(conform_subject *s, conform_verdict *v) {
  if (!conform_keeps_statics(s, v, live_with_both)) return;
  g_autofree char *alone = run_with_another(s, false);
  g_autofree char *again = run_with_another(s, false);
  if (strcmp(alone, again) != 0) {
    conform_say(v, CONFORM_SKIPPED, NULL, "two runs alone differ; see 'batches'");
    return;
  }
  g_autofree char *beside = run_with_another(s, true);
  if (strcmp(alone, beside) == 0)
    conform_say(v, CONFORM_OK, NULL, "nothing static is written; two instances do not meet");
  else
    conform_say(v, CONFORM_FAILED,
                "keep what create() and process() make in self: a graph may hold the stage twice",
                "another result where a second instance runs in between");
}

/* ---- what stays ---- */

static size_t heap_bytes(void) {
  struct mallinfo2 info = mallinfo2();
  return info.uordblks + info.hblkhd;
}

static void live(const conform_subject *s) {
  if (s->ps->model)
    conform_live_once(s);
  else
    run_other(s, CONFORM_PLAIN, CONFORM_ROWS);
}

/* Some lives, on a thread of their own: what a thread's cache of freed blocks holds counts as in
 * use, and goes back when the thread ends. */
typedef struct lives {
  const conform_subject *s;
  int count;
} lives;

static void *live_all(void *ctx) {
  const lives *l = ctx;
  for (int i = 0; i < l->count; i++) live(l->s);
  return NULL;
}

static void live_often(const conform_subject *s, int count) {
  lives l = {s, count};
  g_thread_join(g_thread_new("lives", live_all, &l));
}

/* Each window of lives must end with more memory in use than it began with; the first lives fill
 * caches of libraries. */
void conform_check_leaks(conform_subject *s, conform_verdict *v) {
  size_t grown[WINDOWS] = {0}, before = 0;
  bool leaks = true;
  gint64 start = g_get_monotonic_time();
  live(s);
  int count = g_get_monotonic_time() - start > SLOW_MICROSECONDS ? FEW_LIVES : LIVES;
  live_often(s, count);
  for (int w = 0; w < WINDOWS; w++) {
    before = heap_bytes();
    live_often(s, count);
    size_t after = heap_bytes();
    grown[w] = after > before ? after - before : 0;
    leaks = leaks && grown[w] >= (size_t)count * LEAK_BYTES;
  }
  if (before == 0)
    conform_say(v, CONFORM_SKIPPED, NULL, "the heap cannot be measured here (a sanitizer is on)");
  else if (leaks)
    conform_say(
        v, CONFORM_FAILED,
        "free in destroy() what create() and process() allocate; 'make check-asan' of a "
        "folder that 'clio new' wrote shows where",
        "memory stays behind: about %zu bytes with each instance that was run and destroyed",
        grown[WINDOWS - 1] / (size_t)count);
  else
    conform_say(v, CONFORM_OK, NULL, "%d instances run and destroyed, nothing stays behind",
                count * (WINDOWS + 1));
}
