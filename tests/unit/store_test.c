/* store_test.c - what is spooled batch by batch is mapped back the same; RAW
 * columns are refused; a second process is kept out. */
#include <glib.h>
#include <glib/gstdio.h>
#include <string.h>

#include "store.h"
#include "unit.h"
#include "util.h"

static schema *planned(clio_privacy class) {
  static const clio_column columns[] = {
      {.name = "n", .type = CLIO_T_I64, .privacy = CLIO_P_DERIVED, .flags = CLIO_COL_NULLABLE},
      {.name = "l", .type = CLIO_T_LIST, .privacy = CLIO_P_DERIVED, .flags = CLIO_COL_NULLABLE},
      {.name = "v", .type = CLIO_T_VEC, .dim = 2, .privacy = CLIO_P_DERIVED}};
  schema *s = schema_new();
  for (size_t i = 0; i < G_N_ELEMENTS(columns); i++) {
    clio_column c = columns[i];
    c.privacy = class;
    schema_column *sc = schema_column_new(&c, 0);
    schema_put(s, sc);
    schema_column_unref(sc);
  }
  return s;
}

/* Rows first ... first + rows - 1 of an endless table that is easy to predict. */
static clio_table *batch_of(uint64_t first, uint64_t rows) {
  clio_table *t = table_new(CLIO_ROWS_CONVERSATION, rows);
  t->keys = keys_new(rows);
  column *n = column_new("n", CLIO_T_I64, 0, rows, 0, 0, true, NULL);
  column *l = column_new("l", CLIO_T_LIST, 0, rows, rows * 3, rows * 2, true, NULL);
  column *v = column_new("v", CLIO_T_VEC, 2, rows, 0, 0, false, NULL);
  int64_t items = 0, bytes = 0;
  for (uint64_t i = 0; i < rows; i++) {
    uint64_t x = first + i;
    t->keys->key[i] = x;
    ((int64_t *)n->data)[i] = (int64_t)x;
    if (x % 5) n->valid[i >> 3] |= (uint8_t)(1u << (i & 7));
    l->valid[i >> 3] |= (uint8_t)(1u << (i & 7));
    for (uint64_t k = 0; k < x % 3; k++) {
      ((char *)l->data)[bytes++] = (char)('a' + x % 26);
      l->items[++items] = bytes;
    }
    l->offsets[i + 1] = items;
    ((float *)v->data)[2 * i] = (float)x;
  }
  table_take_column(t, n);
  table_take_column(t, l);
  table_take_column(t, v);
  return t;
}

static void check_row(const clio_table *t, uint64_t x) {
  const column *n = table_column(t, "n"), *l = table_column(t, "l"), *v = table_column(t, "v");
  CU_ASSERT_EQUAL(t->keys->key[x], x);
  CU_ASSERT_EQUAL(column_is_null(n, x), x % 5 == 0);
  CU_ASSERT_EQUAL(((const int64_t *)n->data)[x], (int64_t)x);
  CU_ASSERT_EQUAL(l->offsets[x + 1] - l->offsets[x], (int64_t)(x % 3));
  for (int64_t i = l->offsets[x]; i < l->offsets[x + 1]; i++)
    CU_ASSERT_EQUAL(((const char *)l->data)[l->items[i]], (char)('a' + x % 26));
  CU_ASSERT_EQUAL(((const float *)v->data)[2 * x], (float)x);
  CU_ASSERT_EQUAL((uintptr_t)v->data % 64, 0);
}

static char *folder;
static const char *const names[] = {"n", "l", "v"};

static void test_spool(void) {
  static const uint64_t sizes[] = {1, 7, 8, 0, 13, 64, 3};
  error e = {0};
  store *s = NULL;
  CU_ASSERT_EQUAL_FATAL(store_open(folder, &s, &e), CLIO_OK);
  schema *columns = planned(CLIO_P_DERIVED);
  spool *sp = NULL;
  CU_ASSERT_EQUAL_FATAL(spool_new(s, "stage", "key", columns, names, 3, &sp, &e), CLIO_OK);
  uint64_t rows = 0;
  for (size_t i = 0; i < G_N_ELEMENTS(sizes); i++) {
    clio_table *t = batch_of(rows, sizes[i]);
    CU_ASSERT_EQUAL(spool_append(sp, t, &e), CLIO_OK);
    rows += sizes[i];
    table_unref(t);
  }
  clio_table *whole = NULL;
  CU_ASSERT_EQUAL_FATAL(spool_seal(sp, &whole, &e), CLIO_OK);
  CU_ASSERT_EQUAL(whole->rows, rows);
  for (uint64_t x = 0; x < rows; x++) check_row(whole, x);
  store *second = NULL;
  CU_ASSERT_EQUAL(store_open(folder, &second, &e), CLIO_E_IO);
  CU_ASSERT_PTR_NOT_NULL(strstr(e.text, "another clio"));
  table_unref(whole);
  schema_free(columns);
  store_close(s);
}

static void test_raw_is_refused(void) {
  error e = {0};
  store *s = NULL;
  spool *sp = NULL;
  CU_ASSERT_EQUAL_FATAL(store_open(folder, &s, &e), CLIO_OK);
  schema *columns = planned(CLIO_P_RAW);
  CU_ASSERT_EQUAL(spool_new(s, "stage", "raw", columns, names, 3, &sp, &e), CLIO_E_PRIVACY);
  CU_ASSERT_PTR_NULL(sp);
  schema_free(columns);
  store_close(s);
}

int main(void) {
  folder = g_dir_make_tmp("clio-store-XXXXXX", NULL);
  static const unit_test tests[] = {{"spool", test_spool}, {"RAW is refused", test_raw_is_refused}};
  int code = unit_main("store", tests, G_N_ELEMENTS(tests));
  error e = {0};
  remove_tree(folder, &e);
  g_free(folder);
  return code;
}
