/* test_jsonin.c - strict JSON (a table of what json-c alone gets wrong, and the
 * public JSONTestSuite where it is), times, digests. Exits 77 when the suite is
 * not there and all else went well. */
#include <dirent.h>
#include <stdlib.h>

#include "check.h"
#include "digest.h"
#include "json_strict.h"
#include "timestamp.h"

/* The fault of a text as "REASON @COLUMN", "" if it is good. */
static const char *fault_of(const char *text, size_t len) {
  static char said[128];
  json_reader *r = json_reader_new(JSON_STRICT_DEPTH);
  json_object *value = NULL;
  json_fault f;
  int ok = json_read(r, text, len, &value, &f);
  snprintf(said, sizeof said, ok ? "" : "%s @%zu", ok ? "" : f.reason, ok ? 0 : f.column);
  json_object_put(value);
  json_reader_free(r);
  return said;
}

static void test_faults(void) {
  static const struct {
    const char *text, *fault;
  } cases[] = {
      {"{\"a\" 1}", "expected ':' @6"},
      {"{\"a\":1,}", "expected a key in double quotes @8"},
      {"{'a':1}", "expected a key in double quotes @2"},
      {"{\"a\":NaN}", "expected a value @6"},
      {"{\"a\":-Infinity}", "expected a digit @7"},
      {"[1 2]", "expected ',' or ']' @4"},
      {"{\"a\":1 \"b\":2}", "expected ',' or '}' @8"},
      {"[01]", "a number cannot start with 0 @2"},
      {"[1.]", "expected a digit after '.' @4"},
      {"[1e]", "expected a digit in the exponent @4"},
      {"[\"a\tb\"]", "control character in a string @4"},
      {"[\"\\x\"]", "unknown escape @4"},
      {"[\"\\u12g4\"]", "\\u needs four hexadecimal digits @7"},
      {"[\"\xff\"]", "invalid UTF-8 @3"},
      {"[\"\xc0\x80\"]", "invalid UTF-8 @3"},
      {"[\"\xed\xa0\x80\"]", "invalid UTF-8 @3"},
      {"[\"\xf4\x90\x80\x80\"]", "invalid UTF-8 @3"},
      {"[\"h\xc3\xa9\" x]", "expected ',' or ']' @7"},
      {"{\"a\":1,\"b\":2,\"a\":3}", "the same key twice in one object @14"},
      {"{\"a\":1,\"\\u0061\":3}", "the same key twice in one object @8"},
      {"{\"\xf0\x9f\x98\x80\":1,\"\\ud83d\\ude00\":3}", "the same key twice in one object @8"},
      {"{\"a\":{\"b\":1,\"b\":2}}", "the same key twice in one object @13"},
      {"{\"a\":{\"b\":1},\"b\":2}", ""},
      {"{\"a\":[", "ends too early @7"},
      {"", "ends too early @1"},
      {"\"abc", "ends too early @5"},
      {"1 2", "text after the value @3"},
      {"\xef\xbb\xbf{}", "expected a value @1"},
      {" {\"a\" : [ true , false , null , -0.5e+3 ] } ", ""},
      {"18446744073709551616", ""},
      {"\"\\ud800\"", ""},
      {"12", ""},
      {"null", ""},
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
    CHECK_TEXT(fault_of(cases[i].text, strlen(cases[i].text)), cases[i].fault);
  CHECK_TEXT(fault_of("[\"\0\"]", 5), "control character in a string @3");
}

static void test_depth(void) {
  char text[200];
  memset(text, '[', 65);
  memset(text + 65, ']', 65);
  CHECK_TEXT(fault_of(text, 130), "nested deeper than max_depth allows @65");
  CHECK_TEXT(fault_of(text + 1, 128), "");
}

/* A lone surrogate becomes U+FFFD, a pair one character, \u0000 a zero byte. */
static void test_escapes(void) {
  static const struct {
    const char *text, *value;
    int len;
  } cases[] = {{"\"\\ud800x\"", "\xef\xbf\xbdx", 4},
               {"\"\\udc00\"", "\xef\xbf\xbd", 3},
               {"\"\\ud83d\\ude00\"", "\xf0\x9f\x98\x80", 4},
               {"\"a\\u0000b\"", "a\0b", 3}};
  json_reader *r = json_reader_new(JSON_STRICT_DEPTH);
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    json_object *value = NULL;
    json_fault f;
    CHECK(json_read(r, cases[i].text, strlen(cases[i].text), &value, &f));
    CHECK(json_object_get_string_len(value) == cases[i].len);
    CHECK(memcmp(json_object_get_string(value), cases[i].value, (size_t)cases[i].len) == 0);
    json_object_put(value);
  }
  json_reader_free(r);
}

static void test_members(void) {
  static const char text[] = "{\"id\": 18446744073709551616, \"m\":{\"id\":[1, 2]},\"e\":\"x\"}";
  json_reader *r = json_reader_new(JSON_STRICT_DEPTH);
  json_object *value = NULL;
  json_fault f;
  CHECK(json_read(r, text, sizeof text - 1, &value, &f));
  json_slice id = json_member(r, "id"), m = json_member(r, "m");
  CHECK(id.len == 20 && memcmp(id.s, "18446744073709551616", 20) == 0);
  CHECK(m.len == 13 && memcmp(m.s, "{\"id\":[1, 2]}", 13) == 0);
  CHECK(!json_member(r, "none").s);
  CHECK(json_is_whole(id) && !json_is_whole(m));
  CHECK(!json_is_whole((json_slice){"-", 1}) && !json_is_whole((json_slice){"1.0", 3}));
  json_object_put(value);
  json_reader_free(r);
}

/* A wide object is no quadratic work. */
static void test_wide(void) {
  size_t n = 200000, at = 1;
  char *text = malloc(n * 16 + 16);
  if (!text) exit(1);
  text[0] = '{';
  for (size_t i = 0; i < n; i++)
    at += (size_t)snprintf(text + at, 16, "%s\"%zu\":1", i ? "," : "", i % (n - 1));
  text[at++] = '}';
  CHECK(strncmp(fault_of(text, at), "the same key twice", 18) == 0);
  free(text);
}

static const char *time_of(const char *text) {
  static char said[TIMESTAMP_TEXT];
  int64_t micros = 0;
  if (!timestamp_parse(text, strlen(text), &micros)) return "no time";
  timestamp_format(micros, said);
  return said;
}

static void test_times(void) {
  static const struct {
    const char *text, *time;
  } cases[] = {{"2026-11-01T09:30:00Z", "2026-11-01T09:30:00Z"},
               {"2026-11-01T09:30:00.25+02:00", "2026-11-01T07:30:00.250000Z"},
               {"2026-11-01 09:30:00-0530", "2026-11-01T15:00:00Z"},
               {"2026-11-01t09:30z", "2026-11-01T09:30:00Z"},
               {"2023-04-09 00:02:53+00", "2023-04-09T00:02:53Z"},
               {"2023-04-09T00:02:53", "2023-04-09T00:02:53Z"},
               {"2024-02-29", "2024-02-29T00:00:00Z"},
               {"1969-12-31T23:59:59.999999Z", "1969-12-31T23:59:59.999999Z"},
               {"0001-01-01T00:00:00Z", "0001-01-01T00:00:00Z"},
               {"9999-12-31T23:59:59Z", "9999-12-31T23:59:59Z"},
               {"2016-12-31T23:59:60Z", "2017-01-01T00:00:00Z"},
               {"2023-02-29", "no time"},
               {"0000-01-01T00:00:00Z", "no time"},
               {"2026-13-01", "no time"},
               {"2026-11-01T24:00:00Z", "no time"},
               {"2026-11-01T09:30:00 Z", "no time"},
               {"2026-11-01T09:30:00.Z", "no time"},
               {"2026-11-01T09:30:00+2", "no time"},
               {"yesterday", "no time"},
               {"", "no time"}};
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
    CHECK_TEXT(time_of(cases[i].text), cases[i].time);
}

static void test_epochs(void) {
  const int64_t want = 1681059773123456;
  int64_t got = 0;
  CHECK(timestamp_from_double(1681059773.123456, &got) && llabs(got - want) <= 1);
  CHECK(timestamp_from_int(1681059773, &got) && got == want / 1000000 * 1000000);
  CHECK(timestamp_from_int(1681059773123, &got) && got == want / 1000 * 1000);
  CHECK(timestamp_from_int(want, &got) && got == want);
  CHECK(timestamp_from_int(want * 1000 + 7, &got) && got == want);
  CHECK(timestamp_from_int(-86400, &got) && got == -86400000000);
  CHECK(!timestamp_from_int(INT64_MAX, &got) && !timestamp_from_int(INT64_MIN, &got));
  CHECK(!timestamp_from_double(1e300, &got) && !timestamp_from_double(-1e300, &got));
}

/* The first is SipHash-2-4-128 of no bytes under a zero key. */
static void test_digest(void) {
  char a[33], b[33];
  digest d = {0, 0}, e = {0, 0}, f = {0, 0};
  digest_add(&d, "", 0);
  digest_add(&e, "ab", 2);
  digest_add(&e, "c", 1);
  digest_add(&f, "a", 1);
  digest_add(&f, "bc", 2);
  digest_hex(&e, a);
  digest_hex(&f, b);
  CHECK(strcmp(a, b) != 0);
  CHECK(strlen(a) == 32 && strspn(a, "0123456789abcdef") == 32);
  CHECK(d.low != 0 && d.high != 0 && d.low != d.high);
}

static char *read_file(const char *path, size_t *ret_len) {
  FILE *f = fopen(path, "rb");
  char *text = malloc(1 << 20);
  if (!f || !text) exit(1);
  *ret_len = fread(text, 1, 1 << 20, f);
  fclose(f);
  return text;
}

/* RFC 8259 leaves duplicate keys open and the suite wants them read; we refuse. */
static int is_ours(const char *name) { return strncmp(name, "y_object_duplicated_key", 23) == 0; }

/* y_ must be read, n_ refused, i_ survived. */
static int test_suite(void) {
  const char *shared = getenv("CLIO_SHARED"), *src = getenv("CLIO_SRC");
  char folder[4000], path[8192];
  if (shared)
    snprintf(folder, sizeof folder, "%s/data/json-test-suite", shared);
  else
    snprintf(folder, sizeof folder, "%s/../shared/data/json-test-suite", src ? src : ".");
  DIR *d = opendir(folder);
  if (!d) return 0;
  int files = 0;
  for (struct dirent *f; (f = readdir(d));) {
    if (f->d_name[1] != '_') continue;
    size_t len;
    snprintf(path, sizeof path, "%s/%s", folder, f->d_name);
    char *text = read_file(path, &len);
    const char *fault = fault_of(text, len);
    int good = f->d_name[0] == 'y' && !is_ours(f->d_name), bad = f->d_name[0] == 'n';
    int wrong = (good && *fault) || ((bad || is_ours(f->d_name)) && !*fault);
    if (wrong) fprintf(stderr, "%s: '%s'\n", f->d_name, fault);
    check_failures += wrong;
    files++;
    free(text);
  }
  closedir(d);
  CHECK(files > 300);
  return 1;
}

int main(void) {
  test_faults();
  test_depth();
  test_escapes();
  test_members();
  test_wide();
  test_times();
  test_epochs();
  test_digest();
  int ran = test_suite();
  if (!ran) fprintf(stderr, "the JSONTestSuite is not there; skipped\n");
  return check_failures ? 1 : ran ? 0 : 77;
}
