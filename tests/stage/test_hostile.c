/* test_hostile.c - what comes from outside and means harm, or only trouble: every
 * file of the JSON test suite, every malformed UTF-8 sequence and every naughty
 * string of the shared data, each with a pinned outcome, and depth without end.
 * Skips what is not there. */
#include <dirent.h>
#include <stdlib.h>

#include "check.h"
#include "clio_test.h"
#include "jsonl_line.h"

enum { FILE_MAX = 1 << 20 };
static char bytes[FILE_MAX];
static json_reader *reader;

static const char *shared(void) {
  static char path[2048];
  const char *set = getenv("CLIO_SHARED"), *src = getenv("CLIO_SRC");
  snprintf(path, sizeof path, "%s", set ? set : "");
  if (!set) snprintf(path, sizeof path, "%s/../shared", src ? src : ".");
  return path;
}

static size_t read_file(const char *folder, const char *name) {
  char path[4096];
  snprintf(path, sizeof path, "%s/data/%s/%s", shared(), folder, name);
  FILE *f = fopen(path, "rb");
  if (!f) return 0;
  size_t n = fread(bytes, 1, sizeof bytes, f);
  fclose(f);
  return n;
}

/* What source/jsonl says of a line: "" where it is a conversation. */
static const char *verdict(const char *line, size_t n) {
  static char why[sizeof((conv_row *)0)->why];
  static jsonl_config config = {.path = "x", .shape = "auto", .text = "", .label = ""};
  conv_parser p = {.config = &config, .reader = reader};
  conv_row row = {0};
  clio_status s = jsonl_parse(&p, line, n, &row);
  snprintf(why, sizeof why, "%s", s == CLIO_OK ? "" : row.why);
  json_object_put(row.root);
  return why;
}

static int is_one_of(const char *name, const char *const *list) {
  for (; *list; list++)
    if (strcmp(name, *list) == 0) return 1;
  return 0;
}

/* RFC 8259 leaves these to the reader. We take numbers of any size and lone
 * surrogate escapes (they become U+FFFD); not what is no UTF-8, nor depth. */
static const char *const taken[] = {"i_number_double_huge_neg_exp.json",
                                    "i_number_huge_exp.json",
                                    "i_number_neg_int_huge_exp.json",
                                    "i_number_pos_double_huge_exp.json",
                                    "i_number_real_neg_overflow.json",
                                    "i_number_real_pos_overflow.json",
                                    "i_number_real_underflow.json",
                                    "i_number_too_big_neg_int.json",
                                    "i_number_too_big_pos_int.json",
                                    "i_number_very_big_negative_int.json",
                                    "i_object_key_lone_2nd_surrogate.json",
                                    "i_string_1st_surrogate_but_2nd_missing.json",
                                    "i_string_1st_valid_surrogate_2nd_invalid.json",
                                    "i_string_incomplete_surrogate_and_escape_valid.json",
                                    "i_string_incomplete_surrogate_pair.json",
                                    "i_string_incomplete_surrogates_escape_valid.json",
                                    "i_string_invalid_lonely_surrogate.json",
                                    "i_string_invalid_surrogate.json",
                                    "i_string_inverted_surrogates_U+1D11E.json",
                                    "i_string_lone_second_surrogate.json",
                                    NULL};

/* Valid by the suite, refused here: which of two members is meant? */
static const char *const twice[] = {"y_object_duplicated_key.json",
                                    "y_object_duplicated_key_and_value.json", NULL};

static int want_json(const char *name) {
  if (name[0] == 'i') return is_one_of(name, taken);
  return name[0] == 'y' && !is_one_of(name, twice);
}

static void check_suite_file(const char *name) {
  size_t n = read_file("json-test-suite", name);
  const char *why = verdict(bytes, n);
  int refused = strncmp(why, "not JSON: ", 10) == 0;
  if (refused == want_json(name) || !*why) fprintf(stderr, "of %s: %s\n", name, why);
  CHECK(refused != want_json(name));
  CHECK(*why);
  if (is_one_of(name, twice)) CHECK(strstr(why, "the same key twice in one object"));
}

/* How many files of the suite there are; 0: none is here. */
static unsigned test_suite(void) {
  char path[4096];
  unsigned n = 0;
  snprintf(path, sizeof path, "%s/data/json-test-suite", shared());
  DIR *d = opendir(path);
  for (struct dirent *e; d && (e = readdir(d));) {
    if (!strchr("ynI i", e->d_name[0]) || e->d_name[1] != '_') continue;
    check_suite_file(e->d_name);
    n++;
  }
  if (d) closedir(d);
  return n;
}

/* Standard base64. */
static size_t decode64(const char *s, char *ret) {
  static const char set[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  unsigned v = 0, bits = 0;
  size_t n = 0;
  for (; *s && *s != '='; s++) {
    v = v << 6 | (unsigned)(strchr(set, *s) - set);
    bits += 6;
    if (bits < 8) continue;
    bits -= 8;
    ret[n++] = (char)(v >> bits & 0xff);
  }
  return n;
}

/* One case: the bytes, which have quotes around them, as the text of a field. */
static void check_utf8(json_object *one) {
  char line[1024] = "{\"x\":", *at = line + 5;
  at += decode64(json_object_get_string(json_object_object_get(one, "bytes_base64")), at);
  *at++ = '}';
  const char *why = verdict(line, (size_t)(at - line));
  int valid = json_object_get_boolean(json_object_object_get(one, "valid"));
  int bad = strstr(why, "invalid UTF-8") != NULL;
  int control = strstr(why, "control character") != NULL;
  if (valid == bad) fprintf(stderr, "of %s\n", json_object_get_string(one));
  CHECK(valid != bad);
  CHECK(bad || control || strncmp(why, "unknown shape", 13) == 0);
}

static unsigned test_utf8(void) {
  size_t n = read_file("unicode", "utf8-malformed.jsonl");
  unsigned count = 0;
  static char text[FILE_MAX];
  memcpy(text, bytes, n);
  for (size_t at = 0; at < n; count++) {
    char *end = memchr(text + at, '\n', n - at);
    size_t len = end ? (size_t)(end - text) - at : n - at;
    json_object *one = NULL;
    json_fault fault;
    CHECK(json_read(reader, text + at, len, &one, &fault));
    check_utf8(one);
    json_object_put(one);
    at += len + 1;
  }
  return count;
}

/* Deep nesting costs nothing and says where. */
static void test_depth(void) {
  memset(bytes, '[', 100000);
  CHECK_TEXT(verdict(bytes, 100000), "not JSON: nested deeper than max_depth allows at column 65");
  for (size_t i = 0; i < 500000; i += 5) memcpy(bytes + i, "{\"a\":", 5);
  CHECK_TEXT(verdict(bytes, 500000), "not JSON: nested deeper than max_depth allows at column 321");
  json_reader *deep = json_reader_new(JSON_STRICT_DEPTH_MAX);
  json_object *value = NULL;
  json_fault fault;
  memset(bytes, '[', 1000);
  memset(bytes + 1000, ']', 1000);
  CHECK(json_read(deep, bytes, 2000, &value, &fault));
  json_object_put(value);
  json_reader_free(deep);
}

int main(void) {
  reader = json_reader_new(JSON_STRICT_DEPTH);
  if (!reader) return 1;
  test_depth();
  unsigned suite = test_suite(), utf8 = test_utf8();
  json_reader_free(reader);
  printf("%u files of the JSON test suite, %u UTF-8 cases\n", suite, utf8);
  if (check_failures) return 1;
  return suite && utf8 ? 0 : 77;
}
