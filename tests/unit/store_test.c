/* store_test.c - what is spooled batch by batch is mapped back the same; an entry
 * comes back whole with its counts, needs and roll, or not at all; RAW columns are
 * refused; a second process is kept out. */
#include <fcntl.h>
#include <glib.h>
#include <glib/gstdio.h>
#include <string.h>
#include <unistd.h>

#include "db.h"
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

static store *opened(bool fresh) {
  error e = {0};
  store *s = NULL;
  CU_ASSERT_EQUAL_FATAL(store_open(folder, fresh, &s, &e), CLIO_OK);
  return s;
}

static entry *begun(store *s, const char *key) {
  error e = {0};
  entry *en = NULL;
  CU_ASSERT_EQUAL_FATAL(entry_new(s, key, &en, &e), CLIO_OK);
  return en;
}

/* Batches of odd sizes spooled into an entry; the rows. */
static clio_table *spooled(entry *en) {
  static const uint64_t sizes[] = {1, 7, 8, 0, 13, 64, 3};
  error e = {0};
  schema *columns = planned(CLIO_P_DERIVED);
  spool *sp = NULL;
  CU_ASSERT_EQUAL_FATAL(spool_new(en, columns, names, 3, &sp, &e), CLIO_OK);
  uint64_t rows = 0;
  for (size_t i = 0; i < G_N_ELEMENTS(sizes); i++) {
    clio_table *t = batch_of(rows, sizes[i]);
    CU_ASSERT_EQUAL(spool_append(sp, t, &e), CLIO_OK);
    rows += sizes[i];
    table_unref(t);
  }
  clio_table *whole = NULL;
  CU_ASSERT_EQUAL_FATAL(spool_seal(sp, &whole, &e), CLIO_OK);
  schema_free(columns);
  return whole;
}

static void check_rows(const clio_table *t) {
  CU_ASSERT_EQUAL_FATAL(t->rows, 96);
  for (uint64_t x = 0; x < t->rows; x++) check_row(t, x);
}

static roll *small_roll(int64_t account) {
  roll *r = roll_new(NULL);
  roll_entry entries[] = {
      {.key = 1, .account = account, .org = -1, .time = INT64_MIN, .cap_key = 9},
      {.key = 5, .account = -1, .org = 3, .time = -7, .cap_key = UINT64_MAX}};
  roll_append(r, entries, G_N_ELEMENTS(entries));
  return r;
}

static void commit(store *s, entry *en, const char *key) {
  error e = {0};
  roll *r = small_roll(77);
  clio_table *t = spooled(en);
  entry_put_count(en, "basic", "rows_in", 96);
  entry_put_need(en, "words", "=abc");
  cache_key *parts = cache_key_new();
  cache_key_put(parts, "parameter k", "30");
  entry_put_parts(en, "basic", parts);
  cache_key_free(parts);
  CU_ASSERT_EQUAL(entries_commit(s, &en, 1, r, key, &e), CLIO_OK);
  roll_free(r);
  table_unref(t);
  entry_free(en);
}

static stored *loaded(store *s, const char *key, bool want_damaged) {
  error e = {0};
  stored *st = NULL;
  bool damaged = false;
  CU_ASSERT_EQUAL(entry_load(s, key, &st, &damaged, &e), CLIO_OK);
  CU_ASSERT_EQUAL(damaged, want_damaged);
  return st;
}

static void test_spool(void) {
  store *s = opened(true);
  entry *en = begun(s, "key");
  clio_table *whole = spooled(en);
  check_rows(whole);
  store *second = NULL;
  error e = {0};
  CU_ASSERT_EQUAL(store_open(folder, false, &second, &e), CLIO_E_IO);
  CU_ASSERT_PTR_NOT_NULL(strstr(e.text, "another clio"));
  table_unref(whole);
  entry_free(en);
  store_close(s);
}

static void test_raw_is_refused(void) {
  error e = {0};
  store *s = opened(true);
  spool *sp = NULL;
  entry *en = begun(s, "raw");
  schema *columns = planned(CLIO_P_RAW);
  CU_ASSERT_EQUAL(spool_new(en, columns, names, 3, &sp, &e), CLIO_E_PRIVACY);
  CU_ASSERT_PTR_NULL(sp);
  schema_free(columns);
  entry_free(en);
  store_close(s);
}

static bool need_is(void *ctx, const char *name, const char *value) {
  *(bool *)ctx = !strcmp(name, "words") && !strcmp(value, "=abc");
  return *(bool *)ctx;
}

static void test_comes_back(void) {
  store *s = opened(true);
  commit(s, begun(s, "back"), "head");
  store_close(s);
  s = opened(false);
  CU_ASSERT_TRUE(store_was_used(s));
  stored *st = loaded(s, "back", false);
  CU_ASSERT_PTR_NOT_NULL_FATAL(st);
  check_rows(st->table[CLIO_ROWS_CONVERSATION]);
  CU_ASSERT_EQUAL(stored_count(st, "basic", "rows_in"), 96);
  CU_ASSERT_EQUAL(stored_count(st, "basic", "bad"), 0);
  bool seen = false;
  CU_ASSERT_TRUE(entry_needs(s, "back", need_is, &seen));
  CU_ASSERT_TRUE(seen);
  GHashTable *parts = store_parts(s, "basic");
  CU_ASSERT_PTR_NOT_NULL_FATAL(parts);
  CU_ASSERT_STRING_EQUAL(g_hash_table_lookup(parts, "parameter k"), "=30");
  CU_ASSERT_PTR_NULL(store_parts(s, "unknown"));
  g_hash_table_unref(parts);
  stored_free(st);
  store_close(s);
}

static void test_roll_comes_back(void) {
  store *s = opened(true);
  commit(s, begun(s, "rolled"), "head");
  roll *r = roll_new(NULL), *same = small_roll(77);
  CU_ASSERT_FALSE(store_load_roll(s, "another head", r));
  CU_ASSERT_TRUE(store_load_roll(s, "head", r));
  CU_ASSERT_EQUAL(roll_count(r), roll_count(same));
  CU_ASSERT_EQUAL(memcmp(roll_at(r, 0), roll_at(same, 0), 2 * sizeof(roll_entry)), 0);
  CU_ASSERT_EQUAL(roll_without_account(r), 1);
  roll_free(r);
  roll_free(same);
  store_close(s);
}

/* One byte of a file turned; cut: the file's last bytes gone. */
static void spoil(const char *key, const char *file, bool cut) {
  g_autofree char *path = g_build_filename(folder, "private", "tables", key, file, NULL);
  int fd = open(path, O_RDWR);
  CU_ASSERT_TRUE_FATAL(fd >= 0);
  char byte = 0;
  if (cut) CU_ASSERT_EQUAL(ftruncate(fd, lseek(fd, 0, SEEK_END) - 64), 0);
  CU_ASSERT_EQUAL(pread(fd, &byte, 1, 300), 1);
  byte ^= 1;
  CU_ASSERT_EQUAL(pwrite(fd, &byte, 1, 300), 1);
  close(fd);
}

static void test_damage_is_seen(void) {
  static const char *const files[] = {"n", "l", "v", "#keys"};
  for (size_t i = 0; i < 2 * G_N_ELEMENTS(files); i++) {
    store *s = opened(true);
    commit(s, begun(s, "bad"), "head");
    spoil("bad", files[i / 2], i % 2);
    CU_ASSERT_PTR_NULL(loaded(s, "bad", true));
    CU_ASSERT_PTR_NULL(loaded(s, "bad", false)); /* it is gone now */
    store_close(s);
  }
}

static bool is_folder(const char *key) {
  g_autofree char *path = g_build_filename(folder, "private", "tables", key, NULL);
  return g_file_test(path, G_FILE_TEST_IS_DIR);
}

static void test_half_made_goes(void) {
  store *s = opened(true);
  entry *en = begun(s, "half");
  table_unref(spooled(en)); /* as if killed here: files written, not entered */
  CU_ASSERT_TRUE(is_folder("half"));
  CU_ASSERT_PTR_NULL(loaded(s, "half", false));
  store_close(s);
  s = opened(false);
  CU_ASSERT_FALSE(is_folder("half"));
  store_close(s);
  entry_free(en);
}

static void test_prune(void) {
  error e = {0};
  store *s = opened(true);
  commit(s, begun(s, "old"), "head");
  commit(s, begun(s, "used"), "head");
  store_close(s);
  s = opened(false);
  stored_free(loaded(s, "used", false));
  CU_ASSERT_EQUAL(store_prune(s, &e), CLIO_OK);
  CU_ASSERT_FALSE(is_folder("old"));
  CU_ASSERT_TRUE(is_folder("used"));
  CU_ASSERT_EQUAL(store_forget(s, &e), CLIO_OK);
  CU_ASSERT_PTR_NULL(loaded(s, "used", false));
  CU_ASSERT_PTR_NULL(store_parts(s, "basic"));
  store_close(s);
}

/* A catalogue of another form is thrown away, not misread. */
static void test_other_form(void) {
  store *s = opened(true);
  commit(s, begun(s, "old"), "head");
  store_close(s);
  g_autofree char *path = g_build_filename(folder, "private", "run.db", NULL);
  const char *why = NULL;
  sqlite3 *db = db_open(path, &why);
  CU_ASSERT_TRUE(db && db_script(db, "PRAGMA user_version=1"));
  sqlite3_close(db);
  s = opened(false);
  CU_ASSERT_FALSE(store_was_used(s));
  CU_ASSERT_FALSE(is_folder("old"));
  store_close(s);
}

int main(void) {
  folder = g_dir_make_tmp("clio-store-XXXXXX", NULL);
  static const unit_test tests[] = {{"spool", test_spool},
                                    {"RAW is refused", test_raw_is_refused},
                                    {"an entry comes back", test_comes_back},
                                    {"the roll comes back", test_roll_comes_back},
                                    {"damage is seen", test_damage_is_seen},
                                    {"half-made goes", test_half_made_goes},
                                    {"prune and forget", test_prune},
                                    {"another form", test_other_form}};
  int code = unit_main("store", tests, G_N_ELEMENTS(tests));
  error e = {0};
  remove_tree(folder, &e);
  g_free(folder);
  return code;
}
