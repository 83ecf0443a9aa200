/* archive_test.c - items.c and archive.c through input.c: JSON lists cut into
 * items, zip archives and folders opened, what is refused with which words, and
 * a silent FIFO that can be given up. */
#include "clio-build.h"

#include <glib.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zip.h>

#include "input.h"
#include "unit.h"

static const uint64_t MIB = 1 << 20;
static const char *const members[] = {"conversations.json", "conversations-*.json", NULL};
static char *folder;

static char *path_of(const char *name) { return g_build_filename(folder, name, NULL); }

static char *write_text(const char *name, const char *text) {
  char *path = path_of(name);
  CU_ASSERT_FATAL(g_file_set_contents(path, text, -1, NULL));
  return path;
}

static input_options list_options(void) {
  input_options o = input_default_options;
  o.items = true;
  o.members = members;
  return o;
}

/* All blocks as text, "NUMBER@FIRST:ITEMS|", or the error's text. */
static char *read_all(const char *spec, const input_options *o) {
  GString *s = g_string_new(NULL);
  error e = {0};
  input *in = NULL;
  clio_status status = input_open(spec, o, &in, &e);
  for (input_block *b = NULL; status == CLIO_OK;) {
    status = input_next(in, &b, &e);
    if (!b) break;
    g_string_append_printf(s, "%" G_GUINT64_FORMAT "@%" G_GUINT64_FORMAT "%s:", b->number,
                           b->first_line, b->too_long ? "!" : "");
    g_string_append_len(s, b->bytes, (gssize)b->length);
    g_string_append_c(s, '|');
    input_block_free(b);
  }
  input_close(in);
  if (status != CLIO_OK) g_string_assign(s, e.text);
  return g_string_free(s, FALSE);
}

static void expect(const char *spec, const char *wanted) {
  input_options o = list_options();
  g_autofree char *got = read_all(spec, &o);
  CU_ASSERT_STRING_EQUAL(got, wanted);
  if (strcmp(got, wanted) != 0) g_printerr("\ngot '%s'\n", got);
}

static void expect_words(const char *spec, const char *words) {
  input_options o = list_options();
  g_autofree char *got = read_all(spec, &o);
  CU_ASSERT_PTR_NOT_NULL(strstr(got, words));
  if (!strstr(got, words)) g_printerr("\n'%s' lacks '%s'\n", got, words);
}

static void test_items(void) {
  static const struct {
    const char *text, *blocks;
  } good[] = {
      {"[]", ""},
      {" [ ] \n", ""},
      {"\xef\xbb\xbf[1]", "0@1:1\n|"},
      {"[{\"a\":[1,2]},{\"b\":\"],}\\\"[\"} , 7 ]",
       "0@1:{\"a\":[1,2]}\n{\"b\":\"],}\\\"[\"} \n7 \n|"},
      {"[\n  {\n \"a\": 1\n},\n[],\"x\\\\\",null]", "0@1:{  \"a\": 1 }\n[]\n\"x\\\\\"\nnull\n|"},
      {"[{\"a\":\"line\nend\"}]", "0@1:{\"a\":\"line\001end\"}\n|"},
      {"[{} {}, } ]]", ""}};
  static const char *const bad[][2] = {
      {"", "is empty; an export holds a JSON list"},
      {"  ", "is empty; an export holds a JSON list"},
      {"{\"a\":1}", "it does not begin with '[', at byte 0"},
      {"[1,,2]", "an item is missing between two commas, at byte 3"},
      {"[1,]", "an item is missing between two commas, at byte 3"},
      {"[1] x", "text after the list, at byte 4"},
      {"[{\"a\":1},{\"b\"", "is cut short: its JSON list has no end (2 items begun)"},
      {"[\"abc]", "is cut short: its JSON list has no end (1 items begun)"}};
  for (size_t i = 0; i < G_N_ELEMENTS(good); i++) {
    g_autofree char *p = write_text("list.json", good[i].text);
    if (i + 1 == G_N_ELEMENTS(good))
      expect_words(p, "text after the list"); /* the first ']' ends the list */
    else
      expect(p, good[i].blocks);
  }
  for (size_t i = 0; i < G_N_ELEMENTS(bad); i++) {
    g_autofree char *p = write_text("list.json", bad[i][0]);
    expect_words(p, bad[i][1]);
  }
}

/* A list of n items of `length` bytes, one behind the other. */
static char *long_list(size_t n, size_t length) {
  GString *s = g_string_new("[");
  for (size_t i = 0; i < n; i++) {
    g_string_append_printf(s, "%s\"%08zu", i ? "," : "", i);
    for (size_t k = 10; k < length; k++) g_string_append_c(s, 'x');
    g_string_append_c(s, '"');
  }
  g_string_append_c(s, ']');
  return g_string_free(s, FALSE);
}

/* Every block holds the items that start in its MiB, whatever the lengths. */
static void test_blocks(void) {
  static const size_t lengths[] = {10, 1000, 65536, 300001, 1048576, 5000000};
  input_options o = list_options();
  for (size_t i = 0; i < G_N_ELEMENTS(lengths); i++) {
    size_t n = 5 * MIB / lengths[i] + 2, step = lengths[i] + 1, seen = 0;
    g_autofree char *text = long_list(n, lengths[i]), *p = write_text("blocks.json", text);
    error e = {0};
    input *in = NULL;
    CU_ASSERT_EQUAL_FATAL(input_open(p, &o, &in, &e), CLIO_OK);
    for (input_block *b = NULL; input_next(in, &b, &e) == CLIO_OK && b; input_block_free(b)) {
      CU_ASSERT_EQUAL(b->first_line, seen + 1);
      CU_ASSERT_EQUAL(b->number, (1 + seen * step) / MIB);
      CU_ASSERT_EQUAL(b->length % step, 0);
      seen += b->length / step;
      CU_ASSERT_EQUAL((1 + (seen - 1) * step) / MIB, b->number);
      CU_ASSERT(seen == n || (1 + seen * step) / MIB > b->number);
    }
    CU_ASSERT_EQUAL(seen, n);
    CU_ASSERT_STRING_EQUAL(e.text, "");
    g_autofree char *sum = g_compute_checksum_for_string(G_CHECKSUM_SHA256, text, -1);
    CU_ASSERT_STRING_EQUAL(input_sha256(in), sum);
    input_close(in);
  }
}

/* An item past record_max is left out and counted; memory stays bounded. */
static void test_long_item(void) {
  g_autofree char *text = long_list(3, 3 * MIB), *p = write_text("long.json", text);
  input_options o = list_options();
  o.record_max = 2 * MIB;
  g_autofree char *got = read_all(p, &o);
  CU_ASSERT_STRING_EQUAL(got, "0@1!:\n|3@2!:\n|6@3!:\n|");
  o.record_max = 3 * MIB;
  g_autofree char *whole = read_all(p, &o);
  CU_ASSERT_EQUAL(strlen(whole), 9 * MIB + 3 + strlen("0@1:|3@2:|6@3:|"));
}

/* ---- archives ---- */

typedef struct entry {
  const char *name, *text;
  bool secret;
} entry;

static char *write_zip(const char *name, const entry *entries, size_t n) {
  char *p = path_of(name);
  g_unlink(p);
  zip_t *z = zip_open(p, ZIP_CREATE, NULL);
  CU_ASSERT_PTR_NOT_NULL_FATAL(z);
  for (size_t i = 0; i < n; i++) {
    zip_source_t *s = zip_source_buffer(z, entries[i].text, strlen(entries[i].text), 0);
    zip_int64_t at = zip_file_add(z, entries[i].name, s, ZIP_FL_OVERWRITE | ZIP_FL_ENC_UTF_8);
    CU_ASSERT_FATAL(at >= 0);
    if (entries[i].secret)
      CU_ASSERT_EQUAL(zip_file_set_encryption(z, (zip_uint64_t)at, ZIP_EM_AES_256, "pass"), 0);
  }
  CU_ASSERT_EQUAL_FATAL(zip_close(z), 0);
  return p;
}

static void test_zip(void) {
  static const entry two[] = {{"user.json", "{}", false},
                              {"conversations-001.json", "[2]", false},
                              {"conversations-000.json", "[1]", false},
                              {"__MACOSX/._conversations.json", "junk", false}};
  g_autofree char *p = write_zip("export.zip", two, 4);
  expect(p, "0@1:1\n|1@1:2\n|");
  static const entry inside[] = {{"export/conversations.json", "[{\"a\": 1}]", false}};
  g_autofree char *q = write_zip("folder.zip", inside, 1);
  expect(q, "0@1:{\"a\": 1}\n|");
  input_options lines = input_default_options;
  g_autofree char *got = read_all(q, &lines);
  CU_ASSERT_PTR_NOT_NULL(strstr(got, "folder.zip is a zip archive; unpack it first"));
}

static void test_zip_refused(void) {
  static const struct {
    entry e[2];
    const char *words;
  } cases[] = {
      {{{"user.json", "{}", false}, {"x.txt", "", false}},
       "holds no conversations.json or conversations-*.json"},
      {{{"inner.zip", "PK\3\4", false}, {"x.txt", "", false}},
       "but archives, which are not opened; unpack it once"},
      {{{"../conversations.json", "[1]", false}, {"x", "", false}}, "leads out of the archive"},
      {{{"conversations.json", "[1]", false}, {"/etc/x", "", false}}, "leads out of the archive"},
      {{{"conversations.json", "[1]", false}, {"a/../../x", "", false}}, "leads out"},
      {{{"conversations.json", "[1]", true}, {"x", "", false}}, "is encrypted; unpack it first"},
      {{{"conversations.json", "PK\3\4....", false}, {"x", "", false}}, "is a zip archive"},
      {{{"conversations.json", "\x1f\x8b\x08 gzip", false}, {"x", "", false}},
       "is compressed once more inside its archive"},
      {{{"conversations.json", "[1", false}, {"x", "", false}}, "is cut short"}};
  for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
    g_autofree char *p = write_zip("refused.zip", cases[i].e, 2);
    expect_words(p, cases[i].words);
  }
}

/* Cut anywhere, or with any byte changed: an error or the same text, never a crash. */
static void test_zip_damaged(void) {
  g_autofree char *text = long_list(200, 60);
  const entry one[] = {{"conversations.json", text, false}};
  g_autofree char *p = write_zip("whole.zip", one, 1), *q = path_of("damaged.zip"), *bytes = NULL;
  gsize n = 0;
  CU_ASSERT_FATAL(g_file_get_contents(p, &bytes, &n, NULL));
  input_options o = list_options();
  g_autofree char *whole = read_all(p, &o);
  unsigned refused = 0;
  for (gsize i = 0; i < n; i += 7) {
    CU_ASSERT_FATAL(g_file_set_contents(q, bytes, (gssize)i, NULL));
    g_autofree char *cut = read_all(q, &o);
    CU_ASSERT_STRING_NOT_EQUAL(cut, whole);
    bytes[i] = (char)(bytes[i] ^ 0x5a);
    CU_ASSERT_FATAL(g_file_set_contents(q, bytes, (gssize)n, NULL));
    bytes[i] = (char)(bytes[i] ^ 0x5a);
    g_autofree char *changed = read_all(q, &o);
    bool same = strcmp(changed, whole) == 0;
    CU_ASSERT(same || strstr(changed, "damaged.zip"));
    refused += !same;
  }
  CU_ASSERT(refused > 20);
}

static void test_zip_bomb(void) {
  char *zeros = g_malloc(64 * MIB + 1);
  memset(zeros, ' ', 64 * MIB);
  zeros[64 * MIB] = 0;
  const entry one[] = {{"conversations.json", zeros, false}};
  g_autofree char *p = write_zip("bomb.zip", one, 1);
  expect_words(p, "unpacks to more than 200 times its size");
  input_options o = list_options();
  o.caps.ratio = 100000;
  o.caps.file_bytes = 8 * MIB;
  g_autofree char *got = read_all(p, &o);
  CU_ASSERT_PTR_NOT_NULL(strstr(got, "unpacks to more than 8 MiB"));
  g_free(zeros);
}

static void test_folder(void) {
  g_autofree char *empty = path_of("nothing-here"), *dir = path_of("unpacked");
  g_mkdir(empty, 0700);
  g_mkdir(dir, 0700);
  expect_words(empty, "holds no conversations.json or conversations-*.json");
  g_free(write_text("unpacked/conversations-001.json", "[2]"));
  g_free(write_text("unpacked/conversations-000.json", "[1]"));
  g_free(write_text("unpacked/user.json", "{}"));
  expect(dir, "0@1:1\n|1@1:2\n|");
  input_options o = list_options();
  error e = {0};
  input *in = NULL;
  input_block *b = NULL;
  CU_ASSERT_EQUAL_FATAL(input_open(dir, &o, &in, &e), CLIO_OK);
  CU_ASSERT_EQUAL_FATAL(input_next(in, &b, &e), CLIO_OK);
  CU_ASSERT_STRING_EQUAL(b->origin, dir);
  input_block_free(b);
  input_close(in);
}

/* ---- a FIFO that nobody writes to ---- */

static int cancelled;

static gpointer cancel_soon(gpointer unused) {
  g_usleep(150000);
  __atomic_store_n(&cancelled, 1, __ATOMIC_RELAXED);
  return unused;
}

static void test_silent_fifo(void) {
  g_autofree char *p = path_of("silent");
  CU_ASSERT_EQUAL_FATAL(mkfifo(p, 0600), 0);
  input_options o = input_default_options;
  o.caps.cancelled = &cancelled;
  error e = {0};
  input *in = NULL;
  input_block *b = NULL;
  CU_ASSERT_EQUAL_FATAL(input_open(p, &o, &in, &e), CLIO_OK);
  GThread *t = g_thread_new("cancel", cancel_soon, NULL);
  CU_ASSERT_EQUAL(input_next(in, &b, &e), CLIO_E_CANCELLED);
  CU_ASSERT_PTR_NULL(b);
  g_thread_join(t);
  input_close(in);
}

static void remove_folder(const char *path) {
  GDir *d = g_dir_open(path, 0, NULL);
  for (const char *name; d && (name = g_dir_read_name(d));) {
    g_autofree char *p = g_build_filename(path, name, NULL);
    if (g_file_test(p, G_FILE_TEST_IS_DIR))
      remove_folder(p);
    else
      g_unlink(p);
  }
  if (d) g_dir_close(d);
  g_rmdir(path);
}

int main(void) {
  static const unit_test tests[] = {{"items", test_items},
                                    {"blocks", test_blocks},
                                    {"long item", test_long_item},
                                    {"zip", test_zip},
                                    {"zip refused", test_zip_refused},
                                    {"zip damaged", test_zip_damaged},
                                    {"zip bomb", test_zip_bomb},
                                    {"folder", test_folder},
                                    {"silent fifo", test_silent_fifo}};
  folder = g_dir_make_tmp("clio-archive-XXXXXX", NULL);
  int code = unit_main("archive", tests, G_N_ELEMENTS(tests));
  remove_folder(folder);
  g_free(folder);
  return code;
}
