/* roll_test.c - the door: ids become pseudonyms, keys are given, messages are
 * counted; the roll finds its rows. */
#include <glib.h>
#include <string.h>

#include "roll.h"
#include "unit.h"

static void put_text(column *c, uint64_t row, const char *text, int64_t *end) {
  size_t n = text ? strlen(text) : 0;
  if (n) memcpy((char *)c->data + *end, text, n);
  if (text) c->valid[row >> 3] |= (uint8_t)(1u << (row & 7));
  *end += (int64_t)n;
  c->offsets[row + 1] = *end;
}

static column *texts(const char *name, const char *const *text, uint64_t rows) {
  column *c = column_new(name, CLIO_T_UTF8, 0, rows, 256, 0, true, NULL);
  int64_t end = 0;
  for (uint64_t i = 0; i < rows; i++) put_text(c, i, text[i], &end);
  return c;
}

/* Lists of `per_row` items each. */
static column *lists(const char *name, const char *const *item, uint64_t rows, uint64_t per_row) {
  column *c = column_new(name, CLIO_T_LIST, 0, rows, 256, rows * per_row, true, NULL);
  int64_t end = 0;
  for (uint64_t i = 0; i < rows * per_row; i++) {
    size_t n = strlen(item[i]);
    memcpy((char *)c->data + end, item[i], n);
    end += (int64_t)n;
    c->items[i + 1] = end;
  }
  for (uint64_t i = 0; i < rows; i++) c->offsets[i + 1] = (int64_t)((i + 1) * per_row);
  memset(c->valid, 0xff, (rows + 7) / 8);
  return c;
}

static clio_table *source_table(void) {
  static const char *const id[] = {"c1", "c2", NULL}, *const account[] = {"ann", "ann", NULL};
  static const char *const role[] = {"user", "assistant", "user", "user", "assistant", "assistant"};
  static const char *const content[] = {"hello there", "hi", "what is it", "no", "yes", "maybe"};
  clio_table *t = table_new(CLIO_ROWS_CONVERSATION, 3);
  table_take_column(t, texts("id", id, 3));
  table_take_column(t, texts("account", account, 3));
  table_take_column(t, lists("role", role, 3, 2));
  table_take_column(t, lists("content", content, 3, 2));
  return t;
}

static void test_door(void) {
  clio_table *in = source_table(), *out = NULL;
  roll_entry *entry = NULL;
  error e = {0};
  rng_key key = {3, 4};
  CU_ASSERT_EQUAL(door_pass(in, 5, 2, key, NULL, &out, &entry, &e), CLIO_OK);
  CU_ASSERT_EQUAL(out->keys->key[0], ((uint64_t)5 << 20) + 2);
  CU_ASSERT_EQUAL(entry[0].account, entry[1].account);
  CU_ASSERT(entry[0].account >= 0);
  CU_ASSERT_EQUAL(entry[2].account, -1);
  CU_ASSERT_NOT_EQUAL(entry[0].cap_key, entry[1].cap_key);
  CU_ASSERT_NOT_EQUAL(entry[2].cap_key, 0); /* of its messages, where it has no id */
  const column *account = table_column(out, "account"), *outputs = table_column(out, "outputs");
  CU_ASSERT_EQUAL(account->type, CLIO_T_I64); /* the ids themselves are gone */
  CU_ASSERT_TRUE(column_is_null(account, 2));
  static const int64_t want[] = {1, 0, 2};
  for (int i = 0; i < 3; i++) CU_ASSERT_EQUAL(((const int64_t *)outputs->data)[i], want[i]);
  rng_key other = {3, 5};
  roll_entry *elsewhere = NULL;
  clio_table *again = NULL;
  CU_ASSERT_EQUAL(door_pass(in, 5, 2, other, NULL, &again, &elsewhere, &e), CLIO_OK);
  CU_ASSERT_NOT_EQUAL(entry[0].account, elsewhere[0].account); /* another project, another name */
  g_free(entry);
  g_free(elsewhere);
  table_unref(in);
  table_unref(out);
  table_unref(again);
}

static void test_full_block(void) {
  clio_table *in = source_table(), *out = NULL;
  roll_entry *entry = NULL;
  error e = {0};
  CU_ASSERT_EQUAL(door_pass(in, 0, (1 << 20) - 2, (rng_key){1, 1}, NULL, &out, &entry, &e),
                  CLIO_E_INPUT);
  CU_ASSERT_PTR_NULL(out);
  table_unref(in);
}

static void test_roll(void) {
  roll *r = roll_new(NULL);
  roll_entry entries[] = {{.key = 3, .account = 7, .org = -1},
                          {.key = 9, .account = -1, .org = -1},
                          {.key = 12, .account = 7, .org = 2}};
  roll_append(r, entries, 3);
  CU_ASSERT_EQUAL(roll_count(r), 3);
  CU_ASSERT_EQUAL(roll_without_account(r), 1);
  CU_ASSERT_EQUAL(roll_accounts(r), 1);
  CU_ASSERT_TRUE(roll_has_orgs(r));
  CU_ASSERT_EQUAL(roll_find(r, 12)->org, 2);
  CU_ASSERT_PTR_NULL(roll_find(r, 10));
  CU_ASSERT_PTR_NULL(roll_find(r, 99));
  roll_free(r);
}

int main(void) {
  static const unit_test tests[] = {
      {"door", test_door}, {"a block that is full", test_full_block}, {"roll", test_roll}};
  return unit_main("roll", tests, sizeof tests / sizeof *tests);
}
