/* tiny_host.c - see tiny_host.h. */
#include "tiny_host.h"

enum { MESSAGES = 64 };

typedef struct block {
  struct block *next;
  char pad[48]; /* what follows is 64-byte aligned where malloc's is */
} block;

static block *blocks;
static unsigned calls, fail_at;
static int failed;
static uint64_t seed_of;
static char error[512];

static void *tiny_scratch(clio_call *call, uint64_t bytes) {
  (void)call;
  failed |= ++calls == fail_at;
  if (calls == fail_at) return NULL;
  block *b = calloc(1, sizeof *b + bytes);
  if (!b) abort();
  b->next = blocks;
  blocks = b;
  return b + 1;
}

static uint64_t tiny_random(clio_call *call, uint64_t key) {
  (void)call;
  uint64_t x = key + seed_of + 0x9e3779b97f4a7c15u; /* splitmix64 */
  x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9u;
  x = (x ^ x >> 27) * 0x94d049bb133111ebu;
  return x ^ x >> 31;
}

static clio_status tiny_fail(clio_call *call, clio_status status, const char *msg) {
  (void)call;
  snprintf(error, sizeof error, "%s", msg);
  return status;
}

static clio_status tiny_plan_fail(clio_plan *plan, clio_status status, const char *msg) {
  (void)plan;
  return tiny_fail(NULL, status, msg);
}

const clio_host *tiny_host(void) {
  static const clio_host host = {.struct_size = sizeof host,
                                 .scratch = tiny_scratch,
                                 .random = tiny_random,
                                 .fail = tiny_fail,
                                 .plan_fail = tiny_plan_fail};
  return &host;
}

void tiny_reset(void) {
  while (blocks) {
    block *next = blocks->next;
    free(blocks);
    blocks = next;
  }
  calls = 0;
  failed = 0;
  error[0] = '\0';
}

void tiny_fail_at(unsigned n) {
  fail_at = n ? calls + n : 0;
  failed = 0;
}
int tiny_failed(void) { return failed; }
const char *tiny_error(void) { return error; }
void tiny_seed(uint64_t seed) { seed_of = seed; }

static const char *role_of(char c) {
  return c == 'u' ? "user" : c == 'a' ? "assistant" : c == 's' ? "system" : "tool";
}

/* A list column of one row; its bytes in scratch. */
static void list_of(const clio_span *texts, int64_t n, int64_t *offsets, int64_t *items,
                    clio_view *ret) {
  int64_t total = 0;
  for (int64_t i = 0; i < n; i++) total += texts[i].len;
  char *bytes = tiny_scratch(NULL, (uint64_t)total + 1);
  offsets[0] = items[0] = 0;
  offsets[1] = n;
  for (int64_t i = 0; i < n; i++) {
    if (texts[i].len) memcpy(bytes + items[i], texts[i].s, (size_t)texts[i].len);
    items[i + 1] = items[i] + texts[i].len;
  }
  *ret = (clio_view){
      .type = CLIO_T_LIST, .rows = 1, .data = bytes, .offsets = offsets, .items = items};
}

void tiny_conversation(const char *roles, const clio_span *texts, clio_view *ret_role,
                       clio_view *ret_content) {
  static int64_t offsets[2][2], items[2][MESSAGES + 1];
  clio_span words[MESSAGES];
  int64_t n = (int64_t)strlen(roles);
  if (n > MESSAGES) abort();
  for (int64_t i = 0; i < n; i++) {
    const char *word = role_of(roles[i]);
    words[i] = clio_span_of(word, (int64_t)strlen(word));
  }
  list_of(words, n, offsets[0], items[0], ret_role);
  list_of(texts, n, offsets[1], items[1], ret_content);
}
