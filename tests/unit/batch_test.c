/* batch_test.c - conversations cut behind an answer, as a sampler of answers asks. */
#include <string.h>

#include "batch.h"
#include "unit.h"

enum { ROWS = 4, ITEMS = 10 };

/* Row 0: user, assistant, user, assistant; row 1: system, user; row 2: user,
 * assistant, tool, assistant; row 3: nothing. */
static column *make_list(const char *name, const char *const *items, memory *m) {
  static const int64_t offsets[ROWS + 1] = {0, 4, 6, 10, 10};
  size_t bytes = 0;
  for (int i = 0; i < ITEMS; i++) bytes += strlen(items[i]);
  column *c = column_new(name, CLIO_T_LIST, 0, ROWS, bytes, ITEMS, false, m);
  memcpy(c->offsets, offsets, sizeof offsets);
  for (int i = 0, at = 0; i < ITEMS; i++) {
    memcpy((char *)c->data + at, items[i], strlen(items[i]));
    at += (int)strlen(items[i]);
    c->items[i + 1] = at;
  }
  return c;
}

static clio_table *make(const int64_t upto[ROWS], memory *m) {
  static const char *const role[ITEMS] = {"user",   "assistant", "user", "assistant",
                                          "system", "user",      "user", "assistant",
                                          "tool",   "assistant"};
  static const char *const content[ITEMS] = {"a", "bb", "c", "dd", "e", "f", "g", "hh", "i", "jj"};
  clio_table *t = table_new(CLIO_ROWS_CONVERSATION, ROWS);
  t->keys = keys_new(ROWS);
  column *u = column_new("upto", CLIO_T_I64, 0, ROWS, 0, 0, false, m);
  memcpy(u->data, upto, ROWS * sizeof *upto);
  table_take_column(t, make_list("role", role, m));
  table_take_column(t, make_list("content", content, m));
  table_take_column(t, u);
  return t;
}

static void expect(const int64_t upto[ROWS], const int64_t offsets[ROWS + 1], const char *text) {
  memory m = {0, 0};
  clio_table *t = make(upto, &m), *cut = batch_cut_messages(t, &m);
  const column *c = table_column(cut, "content"), *r = table_column(cut, "role");
  CU_ASSERT_EQUAL(memcmp(c->offsets, offsets, (ROWS + 1) * sizeof *offsets), 0);
  CU_ASSERT_EQUAL(memcmp(r->offsets, offsets, (ROWS + 1) * sizeof *offsets), 0);
  CU_ASSERT_EQUAL(c->items[offsets[ROWS]], (int64_t)strlen(text));
  CU_ASSERT_EQUAL(memcmp(c->data, text, strlen(text)), 0);
  table_unref(t);
  table_unref(cut);
  CU_ASSERT_EQUAL(m.used, 0);
}

static void test_cut(void) {
  expect((int64_t[]){1, 1, 2, 1}, (int64_t[]){0, 2, 4, 8, 8}, "abbefghhijj");
  expect((int64_t[]){2, 9, 1, 9}, (int64_t[]){0, 4, 6, 8, 8}, "abbcddefghh");
  expect((int64_t[]){0, -5, 0, 0}, (int64_t[]){0, 0, 0, 0, 0}, "");
}

int main(void) {
  static const unit_test tests[] = {{"a conversation cut behind an answer", test_cut}};
  return unit_main("batch", tests, G_N_ELEMENTS(tests));
}
